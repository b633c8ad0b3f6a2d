/* bytes and bytearray: the operations that their methods share.
 *
 * Everything works on a struct _bytes_view.  The view is taken after all arguments have been
 * converted: no Python code runs while it is in use, except in join, which holds buffers.
 *
 * Written from the library reference (Bytes and Bytearray Operations).
 */
#include "Python.h"
#include "pycore_bytes_methods.h"
#include "pycore_bytesobject.h"
#include "pycore_stringops.h"

#define PIECE(whole, s, i, j) make_piece((whole), (s) + (i), (j) - (i))
#define IS_SPACE(c) Py_ISSPACE(c)
#define IS_BREAK(c) ((c) == '\n' || (c) == '\r')

/* A piece of `whole`: exact bytes are their own full slice. */
static PyObject *
make_piece(PyObject *whole, const Py_UCS1 *s, Py_ssize_t n)
{
    if (PyByteArray_Check(whole)) {
        return PyByteArray_FromStringAndSize((const char *)s, n);
    }
    if (PyBytes_CheckExact(whole) && n == PyBytes_GET_SIZE(whole)) {
        return Py_NewRef(whole);
    }
    return PyBytes_FromStringAndSize((const char *)s, n);
}

#define CHAR Py_UCS1
#define OP(x) bytes_##x
#define FIND _PyUCS1_Find
#define RFIND _PyUCS1_RFind
#include "../stringops/split.h"

static const Py_UCS1 *
ucs1(const char *s)
{
    return (const Py_UCS1 *)s;
}

PyObject *
_PyBytes_Slice(const struct _bytes_view *v, Py_ssize_t i, Py_ssize_t j)
{
    assert(0 <= i && i <= j && j <= v->n);
    return make_piece(v->self, ucs1(v->s) + i, j - i);
}

/* A new object of n bytes, not filled in. */
static PyObject *
make_room(const struct _bytes_view *v, Py_ssize_t n, char **data)
{
    PyObject *res = v->make(NULL, n);
    if (res != NULL) {
        *data = v->is_bytearray ? PyByteArray_AS_STRING(res) : PyBytes_AS_STRING(res);
    }
    return res;
}

/* --- Predicates and case --------------------------------------------------------------------- */

static int
test_title(const struct _bytes_view *v)
{
    int cased = 0, previous_cased = 0;
    for (Py_ssize_t i = 0; i < v->n; i++) {
        unsigned char c = (unsigned char)v->s[i];
        if (Py_ISUPPER(c) ? previous_cased : Py_ISLOWER(c) && !previous_cased) {
            return 0;
        }
        previous_cased = Py_ISALPHA(c) != 0;
        cased |= previous_cased;
    }
    return cased;
}

int
_PyBytes_Test(const struct _bytes_view *v, enum _bytes_predicate what)
{
    static const unsigned masks[] = {
        [_PyBytes_IS_ALPHA] = PY_CTF_ALPHA, [_PyBytes_IS_ALNUM] = PY_CTF_ALNUM,
        [_PyBytes_IS_DIGIT] = PY_CTF_DIGIT, [_PyBytes_IS_SPACE] = PY_CTF_SPACE,
        [_PyBytes_IS_LOWER] = PY_CTF_UPPER, [_PyBytes_IS_UPPER] = PY_CTF_LOWER,
    };
    if (what == _PyBytes_IS_TITLE) {
        return test_title(v);
    }
    int found = 0;
    for (Py_ssize_t i = 0; i < v->n; i++) {
        unsigned char c = (unsigned char)v->s[i];
        switch (what) {
        case _PyBytes_IS_ASCII:
            if (c >= 128) {
                return 0;
            }
            break;
        case _PyBytes_IS_LOWER:
        case _PyBytes_IS_UPPER:
            /* no letter of the other case, and at least one letter */
            if (_Py_ctype_table[c] & masks[what]) {
                return 0;
            }
            found |= Py_ISALPHA(c) != 0;
            break;
        default:
            if (!(_Py_ctype_table[c] & masks[what])) {
                return 0;
            }
            found = 1;
        }
    }
    return found || what == _PyBytes_IS_ASCII;
}

PyObject *
_PyBytes_ChangeCase(const struct _bytes_view *v, enum _bytes_case how)
{
    char *out;
    PyObject *res = make_room(v, v->n, &out);
    if (res == NULL) {
        return NULL;
    }
    int after_letter = 0;
    for (Py_ssize_t i = 0; i < v->n; i++) {
        unsigned char c = (unsigned char)v->s[i];
        int upper;
        switch (how) {
        case _PyBytes_LOWER: upper = 0; break;
        case _PyBytes_UPPER: upper = 1; break;
        case _PyBytes_TITLE: upper = !after_letter; break;
        case _PyBytes_CAPITALIZE: upper = i == 0; break;
        default: upper = Py_ISLOWER(c); break;
        }
        after_letter = Py_ISALPHA(c) != 0;
        out[i] = (char)(upper ? Py_TOUPPER(c) : Py_TOLOWER(c));
    }
    return res;
}

/* --- Padding and tabs ------------------------------------------------------------------------- */

PyObject *
_PyBytes_Pad(const struct _bytes_view *v, Py_ssize_t left, Py_ssize_t right, char fill)
{
    left = Py_MAX(left, 0);
    right = Py_MAX(right, 0);
    if (left == 0 && right == 0) {
        return _PyBytes_Slice(v, 0, v->n);
    }
    if (left > PY_SSIZE_T_MAX - v->n || right > PY_SSIZE_T_MAX - v->n - left) {
        PyErr_SetString(PyExc_OverflowError, "padded string is too long");
        return NULL;
    }
    char *out;
    PyObject *res = make_room(v, left + v->n + right, &out);
    if (res != NULL) {
        memset(out, fill, (size_t)left);
        memcpy(out + left, v->s, (size_t)v->n);
        memset(out + left + v->n, fill, (size_t)right);
    }
    return res;
}

PyObject *
_PyBytes_ZFill(const struct _bytes_view *v, Py_ssize_t width)
{
    Py_ssize_t fill = width - v->n;
    PyObject *res = _PyBytes_Pad(v, fill, 0, '0');
    if (res != NULL && fill > 0 && v->n > 0 && (v->s[0] == '+' || v->s[0] == '-')) {
        char *out = v->is_bytearray ? PyByteArray_AS_STRING(res) : PyBytes_AS_STRING(res);
        out[0] = v->s[0];
        out[fill] = '0';
    }
    return res;
}

PyObject *
_PyBytes_ExpandTabs(const struct _bytes_view *v, int tabsize)
{
    char *out = NULL;
    PyObject *res = NULL;
    /* the first round measures, the second writes */
    for (int round = 0; round < 2; round++) {
        Py_ssize_t size = 0, column = 0;
        for (Py_ssize_t i = 0; i < v->n; i++) {
            char c = v->s[i];
            Py_ssize_t step = 1;
            if (c == '\t') {
                step = tabsize > 0 ? tabsize - column % tabsize : 0;
            }
            if (step > PY_SSIZE_T_MAX - size) {
                PyErr_SetString(PyExc_OverflowError, "result too long");
                return NULL;
            }
            if (out != NULL) {
                memset(out + size, c == '\t' ? ' ' : c, (size_t)step);
            }
            size += step;
            column = c == '\n' || c == '\r' ? 0 : column + step;
        }
        if (round == 0) {
            res = make_room(v, size, &out);
            if (res == NULL) {
                return NULL;
            }
        }
    }
    return res;
}

/* --- strip ------------------------------------------------------------------------------------ */

PyObject *
_PyBytes_Strip(const struct _bytes_view *v, int which, const Py_buffer *chars)
{
    Py_ssize_t i = 0, j = v->n;
#define STRIPPED(c) \
    (chars != NULL ? chars->len > 0 && memchr(chars->buf, (c), (size_t)chars->len) != NULL \
                   : Py_ISSPACE((unsigned char)(c)) != 0)
    if (which <= 0) {
        while (i < j && STRIPPED(v->s[i])) {
            i++;
        }
    }
    if (which >= 0) {
        while (j > i && STRIPPED(v->s[j - 1])) {
            j--;
        }
    }
#undef STRIPPED
    return _PyBytes_Slice(v, i, j);
}

/* --- split and partition ---------------------------------------------------------------------- */

/* sep is a bytes-like object, or None for white space. */
PyObject *
_PyBytes_SplitBy(const struct _bytes_view *v, PyObject *sep, Py_ssize_t max, int backwards)
{
    if (max < 0) {
        max = PY_SSIZE_T_MAX;
    }
    if (sep == Py_None) {
        return backwards ? bytes_rsplit_space(v->self, ucs1(v->s), v->n, max)
                         : bytes_split_space(v->self, ucs1(v->s), v->n, max);
    }
    Py_buffer buf;
    if (PyObject_GetBuffer(sep, &buf, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    PyObject *res = NULL;
    if (buf.len == 0) {
        PyErr_SetString(PyExc_ValueError, "empty separator");
    }
    else {
        /* taken anew: asking for the buffer may have run Python code */
        struct _bytes_view w = _PyBytes_View(v->self);
        res = backwards
            ? bytes_rsplit_by(w.self, ucs1(w.s), w.n, buf.buf, buf.len, max)
            : bytes_split_by(w.self, ucs1(w.s), w.n, buf.buf, buf.len, max);
    }
    PyBuffer_Release(&buf);
    return res;
}

PyObject *
_PyBytes_SplitLines(const struct _bytes_view *v, int keepends)
{
    return bytes_splitlines(v->self, ucs1(v->s), v->n, keepends);
}

/* sep_obj is what the tuple holds in the middle (a copy for a bytearray). */
PyObject *
_PyBytes_Partition(const struct _bytes_view *v, const Py_buffer *sep, PyObject *sep_obj,
                   int direction)
{
    if (sep->len == 0) {
        PyErr_SetString(PyExc_ValueError, "empty separator");
        return NULL;
    }
    Py_ssize_t pos = direction > 0 ? _PyUCS1_Find(ucs1(v->s), v->n, sep->buf, sep->len)
                                   : _PyUCS1_RFind(ucs1(v->s), v->n, sep->buf, sep->len);
    PyObject *parts[3] = {NULL, NULL, NULL}, *res = NULL;
    if (pos < 0) {
        for (int i = 0; i < 3; i++) {
            int whole = i == (direction > 0 ? 0 : 2);
            parts[i] = whole ? _PyBytes_Slice(v, 0, v->n) : v->make(NULL, 0);
        }
    }
    else {
        parts[0] = _PyBytes_Slice(v, 0, pos);
        parts[1] = v->is_bytearray ? v->make(sep->buf, sep->len) : Py_NewRef(sep_obj);
        parts[2] = _PyBytes_Slice(v, pos + sep->len, v->n);
    }
    if (parts[0] != NULL && parts[1] != NULL && parts[2] != NULL) {
        res = PyTuple_Pack(3, parts[0], parts[1], parts[2]);
    }
    for (int i = 0; i < 3; i++) {
        Py_XDECREF(parts[i]);
    }
    return res;
}

/* --- replace ---------------------------------------------------------------------------------- */

PyObject *
_PyBytes_Replace(const struct _bytes_view *v, const Py_buffer *old, const Py_buffer *new_,
                 Py_ssize_t max)
{
    if (max < 0) {
        max = PY_SSIZE_T_MAX;
    }
    Py_ssize_t count = 0;
    if (max > 0 && old->len <= v->n && !(old->len == 0 && new_->len == 0)) {
        count = _PyUCS1_Count(ucs1(v->s), v->n, old->buf, old->len, max);
    }
    if (count == 0) {
        return _PyBytes_Slice(v, 0, v->n);
    }
    Py_ssize_t grow = new_->len - old->len;
    if (grow > 0 && count > (PY_SSIZE_T_MAX - v->n) / grow) {
        PyErr_SetString(PyExc_OverflowError, "replace bytes is too long");
        return NULL;
    }
    char *out;
    PyObject *res = make_room(v, v->n + count * grow, &out);
    if (res == NULL) {
        return NULL;
    }
    const char *in = v->s, *end = v->s + v->n;
    for (Py_ssize_t k = 0; k < count; k++) {
        /* with an empty pattern one byte goes through between two insertions */
        Py_ssize_t step = old->len == 0 ? k > 0
                          : _PyUCS1_Find(ucs1(in), end - in, old->buf, old->len);
        assert(step >= 0 && step <= end - in);
        memcpy(out, in, (size_t)step);
        out += step;
        memcpy(out, new_->buf, (size_t)new_->len);
        out += new_->len;
        in += step + old->len;
    }
    memcpy(out, in, (size_t)(end - in));
    return res;
}

/* --- translate, maketrans --------------------------------------------------------------------- */

/* Drop the bytes that are marked, map the others (map NULL: unchanged). */
static PyObject *
translate_with(const struct _bytes_view *v, const unsigned char *map, const char *drop)
{
    char *out;
    PyObject *res = make_room(v, v->n, &out);
    if (res == NULL) {
        return NULL;
    }
    Py_ssize_t n = 0;
    int changed = 0;
    for (Py_ssize_t i = 0; i < v->n; i++) {
        unsigned char c = (unsigned char)v->s[i];
        if (!drop[c]) {
            unsigned char to = map != NULL ? map[c] : c;
            changed |= to != c;
            out[n++] = (char)to;
        }
    }
    if (!changed && n == v->n && PyBytes_CheckExact(v->self)) {
        Py_DECREF(res);
        return Py_NewRef(v->self);
    }
    if (n != v->n) {
        if (v->is_bytearray) {
            if (PyByteArray_Resize(res, n) < 0) {
                Py_CLEAR(res);
            }
        }
        else {
            _PyBytes_Resize(&res, n);
        }
    }
    return res;
}

PyObject *
_PyBytes_Translate(const struct _bytes_view *v, PyObject *table, PyObject *deletechars)
{
    Py_buffer map = {0}, del = {0};
    PyObject *res = NULL;
    if (table != Py_None) {
        if (PyObject_GetBuffer(table, &map, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        if (map.len != 256) {
            PyErr_SetString(PyExc_ValueError, "translation table must be 256 characters long");
            goto done;
        }
    }
    char drop[256] = {0};
    if (deletechars != NULL) {
        if (PyObject_GetBuffer(deletechars, &del, PyBUF_SIMPLE) < 0) {
            goto done;
        }
        for (Py_ssize_t i = 0; i < del.len; i++) {
            drop[((unsigned char *)del.buf)[i]] = 1;
        }
    }
    struct _bytes_view w = _PyBytes_View(v->self);
    res = translate_with(&w, map.buf, drop);

done:
    PyBuffer_Release(&map);
    PyBuffer_Release(&del);
    return res;
}

PyObject *
_PyBytes_MakeTrans(const Py_buffer *from, const Py_buffer *to)
{
    if (from->len != to->len) {
        PyErr_SetString(PyExc_ValueError, "maketrans arguments must have same length");
        return NULL;
    }
    PyObject *res = PyBytes_FromStringAndSize(NULL, 256);
    if (res != NULL) {
        unsigned char *map = (unsigned char *)PyBytes_AS_STRING(res);
        for (int i = 0; i < 256; i++) {
            map[i] = (unsigned char)i;
        }
        for (Py_ssize_t i = 0; i < from->len; i++) {
            map[((unsigned char *)from->buf)[i]] = ((unsigned char *)to->buf)[i];
        }
    }
    return res;
}

/* --- join ------------------------------------------------------------------------------------- */

/* Lengths of the items and their buffers; the total, or -1 with an exception.  *got is the number
   of buffers taken. */
static Py_ssize_t
join_measure(PyObject *seq, Py_ssize_t count, Py_ssize_t gap, Py_buffer *bufs, Py_ssize_t *got)
{
    Py_ssize_t total = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (PySequence_Fast_GET_SIZE(seq) != count) {
            PyErr_SetString(PyExc_RuntimeError, "sequence changed size during iteration");
            return -1;
        }
        PyObject *item = PySequence_Fast_GET_ITEM(seq, i);
        if (PyBytes_CheckExact(item)) {
            bufs[i].obj = Py_NewRef(item);
            bufs[i].buf = PyBytes_AS_STRING(item);
            bufs[i].len = PyBytes_GET_SIZE(item);
        }
        else if (PyObject_GetBuffer(item, &bufs[i], PyBUF_SIMPLE) < 0) {
            PyErr_Format(PyExc_TypeError,
                         "sequence item %zd: expected a bytes-like object, %.80s found",
                         i, Py_TYPE(item)->tp_name);
            return -1;
        }
        *got = i + 1;
        Py_ssize_t add = bufs[i].len;
        if (i > 0) {
            add = gap > PY_SSIZE_T_MAX - add ? PY_SSIZE_T_MAX : add + gap;
        }
        if (add > PY_SSIZE_T_MAX - total) {
            PyErr_SetString(PyExc_OverflowError, "join() result is too long");
            return -1;
        }
        total += add;
    }
    return total;
}

static PyObject *
join_sequence(const struct _bytes_view *v, PyObject *seq)
{
    Py_ssize_t count = PySequence_Fast_GET_SIZE(seq);
    if (count == 0) {
        return v->make(NULL, 0);
    }
    if (count == 1 && !v->is_bytearray) {
        PyObject *item = PySequence_Fast_GET_ITEM(seq, 0);
        if (PyBytes_CheckExact(item)) {
            return Py_NewRef(item);
        }
    }
    Py_buffer *bufs = PyMem_New(Py_buffer, count);
    if (bufs == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *res = NULL;
    Py_ssize_t got = 0;
    Py_ssize_t total = join_measure(seq, count, v->n, bufs, &got);
    if (total >= 0) {
        struct _bytes_view w = _PyBytes_View(v->self);
        char *out;
        /* an exporter that shrank the separator meanwhile only leaves a smaller gap */
        Py_ssize_t gap = Py_MIN(w.n, v->n);
        res = make_room(v, total - (v->n - gap) * (count - 1), &out);
        for (Py_ssize_t i = 0; res != NULL && i < count; i++) {
            if (i > 0) {
                memcpy(out, w.s, (size_t)gap);
                out += gap;
            }
            memcpy(out, bufs[i].buf, (size_t)bufs[i].len);
            out += bufs[i].len;
        }
    }
    for (Py_ssize_t i = 0; i < got; i++) {
        if (PyBytes_CheckExact(bufs[i].obj)) {
            Py_DECREF(bufs[i].obj);
        }
        else {
            PyBuffer_Release(&bufs[i]);
        }
    }
    PyMem_Free(bufs);
    return res;
}

PyObject *
_PyBytes_JoinView(const struct _bytes_view *v, PyObject *iterable)
{
    PyObject *seq = PySequence_Fast(iterable, "can only join an iterable");
    if (seq == NULL) {
        return NULL;
    }
    struct _bytes_view w = _PyBytes_View(v->self);
    PyObject *res = join_sequence(&w, seq);
    Py_DECREF(seq);
    return res;
}

PyObject *
_PyBytes_Join(PyObject *sep, PyObject *x)
{
    assert(sep != NULL && PyBytes_Check(sep) && x != NULL);
    struct _bytes_view v = _PyBytes_View(sep);
    return _PyBytes_JoinView(&v, x);
}

/* --- Arguments of find and the like ----------------------------------------------------------- */

int
_PyBytes_ParseSub(PyObject *sub, Py_buffer *buffer, char *byte)
{
    memset(buffer, 0, sizeof(*buffer));
    if (PyObject_CheckBuffer(sub)) {
        return PyObject_GetBuffer(sub, buffer, PyBUF_SIMPLE);
    }
    if (!PyIndex_Check(sub)) {
        PyErr_Format(PyExc_TypeError,
                     "argument should be integer or bytes-like object, not '%.200s'",
                     Py_TYPE(sub)->tp_name);
        return -1;
    }
    Py_ssize_t value = PyNumber_AsSsize_t(sub, NULL);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (value < 0 || value > 255) {
        PyErr_SetString(PyExc_ValueError, "byte must be in range(0, 256)");
        return -1;
    }
    *byte = (char)value;
    buffer->buf = byte;
    buffer->len = 1;
    return 0;
}

int
_PyText_ParseSubSlice(const char *name, PyObject *const *args, Py_ssize_t nargs, PyObject **sub,
                      Py_ssize_t *start, Py_ssize_t *end)
{
    if (nargs < 1 || nargs > 3) {
        PyErr_Format(PyExc_TypeError, "%s() takes at %s %d argument%s (%zd given)", name,
                     nargs < 1 ? "least" : "most", nargs < 1 ? 1 : 3, nargs < 1 ? "" : "s", nargs);
        return -1;
    }
    *sub = args[0];
    *start = 0;
    *end = PY_SSIZE_T_MAX;
    /* None leaves the default */
    if (nargs > 1 && args[1] != Py_None && !_PyEval_SliceIndex(args[1], start)) {
        return -1;
    }
    if (nargs > 2 && args[2] != Py_None && !_PyEval_SliceIndex(args[2], end)) {
        return -1;
    }
    return 0;
}

int
_PyBytes_Contains(PyObject *self, PyObject *arg)
{
    Py_buffer sub = {0};
    char byte;
    if (PyIndex_Check(arg)) {
        Py_ssize_t value = PyNumber_AsSsize_t(arg, NULL);
        if (value == -1 && PyErr_Occurred()) {
            /* a buffer with a broken __index__ is still a buffer */
            PyErr_Clear();
            if (PyObject_GetBuffer(arg, &sub, PyBUF_SIMPLE) < 0) {
                return -1;
            }
        }
        else if (value < 0 || value > 255) {
            PyErr_SetString(PyExc_ValueError, "byte must be in range(0, 256)");
            return -1;
        }
        else {
            byte = (char)value;
            sub.buf = &byte;
            sub.len = 1;
        }
    }
    else if (PyObject_GetBuffer(arg, &sub, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    struct _bytes_view v = _PyBytes_View(self);
    Py_ssize_t pos = _PyUCS1_Find(ucs1(v.s), v.n, sub.buf, sub.len);
    PyBuffer_Release(&sub);
    return pos >= 0;
}

/* Does self[start:end] begin (direction < 0) or end with sub?  -1 with an exception. */
static int
tail_match(PyObject *self, PyObject *sub, Py_ssize_t start, Py_ssize_t end, int direction)
{
    Py_buffer buf;
    if (PyObject_GetBuffer(sub, &buf, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    struct _bytes_view v = _PyBytes_View(self);
    _PyBytes_Clip(&start, &end, v.n);
    int res = 0;
    if (end - start >= buf.len) {
        Py_ssize_t at = direction < 0 ? start : end - buf.len;
        res = memcmp(v.s + at, buf.buf, (size_t)buf.len) == 0;
    }
    PyBuffer_Release(&buf);
    return res;
}

PyObject *
_PyBytes_TailMatchAny(PyObject *self, PyObject *subs, Py_ssize_t start, Py_ssize_t end,
                      int direction)
{
    int res = 0;
    if (PyTuple_Check(subs)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(subs) && res == 0; i++) {
            res = tail_match(self, PyTuple_GET_ITEM(subs, i), start, end, direction);
        }
    }
    else {
        res = tail_match(self, subs, start, end, direction);
        if (res < 0 && PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError,
                         "%s first arg must be bytes or a tuple of bytes, not %s",
                         direction < 0 ? "startswith" : "endswith", Py_TYPE(subs)->tp_name);
        }
    }
    return res < 0 ? NULL : PyBool_FromLong(res);
}
