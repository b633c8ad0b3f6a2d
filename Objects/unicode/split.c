/* str: split, partition, join, strip, padding, tabs, repetition.
 *
 * The splitting loops are the template Objects/stringops/split.h, once per kind.  A piece that is
 * the whole string is the string itself.
 *
 * Written from the library and C API references.
 */
#include "Python.h"
#include "pycore_bytesobject.h"     // _PyBytes_Repeat
#include "pycore_global_objects.h"  // _PyUnicode_LATIN1_CHAR
#include "pycore_stringops.h"
#include "pycore_unicode.h"

#define PIECE(whole, s, i, j) PyUnicode_Substring((whole), (i), (j))
#define IS_SPACE(c) Py_UNICODE_ISSPACE(c)
#define IS_BREAK(c) Py_UNICODE_ISLINEBREAK(c)

#define CHAR Py_UCS1
#define OP(x) ucs1_##x
#define FIND _PyUCS1_Find
#define RFIND _PyUCS1_RFind
#include "../stringops/split.h"
#undef CHAR
#undef OP
#undef FIND
#undef RFIND

#define CHAR Py_UCS2
#define OP(x) ucs2_##x
#define FIND _PyUCS2_Find
#define RFIND _PyUCS2_RFind
#include "../stringops/split.h"
#undef CHAR
#undef OP
#undef FIND
#undef RFIND

#define CHAR Py_UCS4
#define OP(x) ucs4_##x
#define FIND _PyUCS4_Find
#define RFIND _PyUCS4_RFind
#include "../stringops/split.h"

/* Call the instance for the kind of view v. */
#define BY_KIND(v, func, ...) \
    ((v).kind == 1 ? ucs1_##func(__VA_ARGS__) \
     : (v).kind == 2 ? ucs2_##func(__VA_ARGS__) : ucs4_##func(__VA_ARGS__))

/* --- split --------------------------------------------------------------------------------- */

static PyObject *
list_of_one(PyObject *str)
{
    PyObject *item = _PyUnicode_Unchanged(str);
    if (item == NULL) {
        return NULL;
    }
    PyObject *list = PyList_New(1);
    if (list == NULL) {
        Py_DECREF(item);
        return NULL;
    }
    PyList_SET_ITEM(list, 0, item);
    return list;
}

static PyObject *
split_by(PyObject *str, PyObject *sep, Py_ssize_t max, int backwards)
{
    struct _unicode_view v = _PyUnicode_View(str), w = _PyUnicode_View(sep);
    if (w.length == 0) {
        PyErr_SetString(PyExc_ValueError, "empty separator");
        return NULL;
    }
    if (w.kind > v.kind || w.length > v.length) {
        return list_of_one(str);
    }
    void *owned = NULL;
    if (w.kind < v.kind) {
        owned = _PyUnicode_Widened(w.kind, w.data, w.length, v.kind);
        if (owned == NULL) {
            return NULL;
        }
        w.data = owned;
    }
    PyObject *res = backwards
        ? BY_KIND(v, rsplit_by, str, v.data, v.length, w.data, w.length, max)
        : BY_KIND(v, split_by, str, v.data, v.length, w.data, w.length, max);
    PyMem_Free(owned);
    return res;
}

/* sep is a str, or None for white space; anything else raises TypeError. */
static PyObject *
split_any(PyObject *str, PyObject *sep, Py_ssize_t max, int backwards)
{
    if (max < 0) {
        max = PY_SSIZE_T_MAX;
    }
    if (sep == Py_None) {
        struct _unicode_view v = _PyUnicode_View(str);
        return backwards ? BY_KIND(v, rsplit_space, str, v.data, v.length, max)
                         : BY_KIND(v, split_space, str, v.data, v.length, max);
    }
    if (!PyUnicode_Check(sep)) {
        PyErr_Format(PyExc_TypeError, "must be str or None, not %.100s", Py_TYPE(sep)->tp_name);
        return NULL;
    }
    return split_by(str, sep, max, backwards);
}

PyObject *
_PyUnicode_SplitAny(PyObject *str, PyObject *sep, Py_ssize_t max)
{
    return split_any(str, sep, max, 0);
}

PyObject *
_PyUnicode_RSplitAny(PyObject *str, PyObject *sep, Py_ssize_t max)
{
    return split_any(str, sep, max, 1);
}

static PyObject *
split_api(PyObject *str, PyObject *sep, Py_ssize_t max, int backwards)
{
    if (_PyUnicode_EnsureStr(str) < 0 || (sep != NULL && _PyUnicode_EnsureStr(sep) < 0)) {
        return NULL;
    }
    return split_any(str, sep != NULL ? sep : Py_None, max, backwards);
}

/* List of the pieces; sep NULL means white space. */
PyObject *
PyUnicode_Split(PyObject *str, PyObject *sep, Py_ssize_t maxsplit)
{
    return split_api(str, sep, maxsplit, 0);
}

PyObject *
PyUnicode_RSplit(PyObject *str, PyObject *sep, Py_ssize_t maxsplit)
{
    return split_api(str, sep, maxsplit, 1);
}

PyObject *
PyUnicode_Splitlines(PyObject *str, int keepends)
{
    if (_PyUnicode_EnsureStr(str) < 0) {
        return NULL;
    }
    struct _unicode_view v = _PyUnicode_View(str);
    return BY_KIND(v, splitlines, str, v.data, v.length, keepends);
}

/* The tuple (before, sep, after) around the first or last separator. */
static PyObject *
partition(PyObject *str, PyObject *sep, int direction)
{
    if (_PyUnicode_EnsureStr(str) < 0 || _PyUnicode_EnsureStr(sep) < 0) {
        return NULL;
    }
    Py_ssize_t m = PyUnicode_GET_LENGTH(sep);
    if (m == 0) {
        PyErr_SetString(PyExc_ValueError, "empty separator");
        return NULL;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(str);
    Py_ssize_t pos = _PyUnicode_FindSlice(str, sep, 0, n, direction);
    if (pos == -2) {
        return NULL;
    }
    PyObject *empty = _PyUnicode_GetEmpty();
    if (pos < 0) {
        PyObject *whole = _PyUnicode_Unchanged(str);
        if (whole == NULL) {
            return NULL;
        }
        PyObject *res = direction > 0 ? PyTuple_Pack(3, whole, empty, empty)
                                      : PyTuple_Pack(3, empty, empty, whole);
        Py_DECREF(whole);
        return res;
    }
    PyObject *res = NULL;
    PyObject *before = PyUnicode_Substring(str, 0, pos);
    PyObject *after = PyUnicode_Substring(str, pos + m, n);
    if (before != NULL && after != NULL) {
        res = PyTuple_Pack(3, before, sep, after);
    }
    Py_XDECREF(before);
    Py_XDECREF(after);
    return res;
}

PyObject *
PyUnicode_Partition(PyObject *str, PyObject *sep)
{
    return partition(str, sep, 1);
}

PyObject *
PyUnicode_RPartition(PyObject *str, PyObject *sep)
{
    return partition(str, sep, -1);
}

/* --- join ------------------------------------------------------------------------------------ */

/* Length and widest character of the joined text; -1 with an exception. */
static int
measure_join(PyObject *sep, PyObject *const *items, Py_ssize_t count,
             Py_ssize_t *size, Py_UCS4 *maxchar)
{
    Py_ssize_t gap = PyUnicode_GET_LENGTH(sep), total = 0;
    Py_UCS4 max = gap > 0 && count > 1 ? PyUnicode_MAX_CHAR_VALUE(sep) : 0x7f;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = items[i];
        if (!PyUnicode_Check(item)) {
            PyErr_Format(PyExc_TypeError, "sequence item %zd: expected str instance, %.80s found",
                         i, Py_TYPE(item)->tp_name);
            return -1;
        }
        max = Py_MAX(max, PyUnicode_MAX_CHAR_VALUE(item));
        Py_ssize_t add = PyUnicode_GET_LENGTH(item);
        if (i > 0) {
            if (gap > PY_SSIZE_T_MAX - add) {
                add = PY_SSIZE_T_MAX;
            }
            else {
                add += gap;
            }
        }
        if (add > PY_SSIZE_T_MAX - total) {
            PyErr_SetString(PyExc_OverflowError, "join() result is too long for a Python string");
            return -1;
        }
        total += add;
    }
    *size = total;
    *maxchar = max;
    return 0;
}

/* Lays out strs of one byte per character. */
static void
join_bytes(char *out, const char *gap, Py_ssize_t gap_length, PyObject *const *items,
           Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        if (i > 0 && gap_length > 0) {
            if (gap_length == 1) {
                *out = *gap;
            }
            else {
                memcpy(out, gap, (size_t)gap_length);
            }
            out += gap_length;
        }
        assert(PyUnicode_KIND(items[i]) == 1);
        size_t n = (size_t)PyUnicode_GET_LENGTH(items[i]);
        memcpy(out, PyUnicode_DATA(items[i]), n);
        out += n;
    }
}

/* The items joined by separator (NULL: a space); new reference. */
PyObject *
_PyUnicode_JoinArray(PyObject *separator, PyObject *const *items, Py_ssize_t count)
{
    if (count == 0) {
        return _PyUnicode_GetEmpty();
    }
    if (count == 1 && PyUnicode_CheckExact(items[0])) {
        return Py_NewRef(items[0]);
    }
    if (separator == NULL) {
        separator = _PyUnicode_LATIN1_CHAR(' ');
    }
    else if (!PyUnicode_Check(separator)) {
        PyErr_Format(PyExc_TypeError, "separator: expected str instance, %.80s found",
                     Py_TYPE(separator)->tp_name);
        return NULL;
    }
    Py_ssize_t size, out = 0;
    Py_UCS4 maxchar;
    if (measure_join(separator, items, count, &size, &maxchar) < 0) {
        return NULL;
    }
    PyObject *res = PyUnicode_New(size, maxchar);
    if (res == NULL || size == 0) {
        return res;
    }
    int kind = (int)PyUnicode_KIND(res);
    void *data = PyUnicode_DATA(res);
    struct _unicode_view gap = _PyUnicode_View(separator);
    if (kind == 1) {        /* then all are */
        join_bytes(data, gap.data, gap.length, items, count);
        return res;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (i > 0 && gap.length > 0) {
            _PyUnicode_CopyKind(kind, data, out, gap.kind, gap.data, 0, gap.length);
            out += gap.length;
        }
        struct _unicode_view v = _PyUnicode_View(items[i]);
        _PyUnicode_CopyKind(kind, data, out, v.kind, v.data, 0, v.length);
        out += v.length;
    }
    assert(out == size);
    return res;
}

PyObject *
PyUnicode_Join(PyObject *separator, PyObject *seq)
{
    PyObject *fast = PySequence_Fast(seq, "can only join an iterable");
    if (fast == NULL) {
        return NULL;
    }
    PyObject *res = _PyUnicode_JoinArray(separator, PySequence_Fast_ITEMS(fast),
                                         PySequence_Fast_GET_SIZE(fast));
    Py_DECREF(fast);
    return res;
}

/* --- strip ----------------------------------------------------------------------------------- */

/* A set of characters: a bit map for the first 256, the str itself for the rest. */
struct charset {
    uint64_t low[4];
    PyObject *chars;
    int wide;                   /* some member is >= 256 */
};

static void
charset_init(struct charset *set, PyObject *chars)
{
    struct _unicode_view v = _PyUnicode_View(chars);
    memset(set, 0, sizeof(*set));
    set->chars = chars;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch < 256) {
            set->low[ch >> 6] |= UINT64_C(1) << (ch & 63);
        }
        else {
            set->wide = 1;
        }
    }
}

static int
charset_has(const struct charset *set, Py_UCS4 ch)
{
    if (ch < 256) {
        return (int)(set->low[ch >> 6] >> (ch & 63)) & 1;
    }
    return set->wide && PyUnicode_FindChar(set->chars, ch, 0, PY_SSIZE_T_MAX, 1) >= 0;
}

/* str without the characters of the str `chars` at its ends. */
PyObject *
_PyUnicode_XStrip(PyObject *self, int striptype, PyObject *chars)
{
    struct _unicode_view v = _PyUnicode_View(self);
    struct charset set;
    charset_init(&set, chars);
    Py_ssize_t i = 0, j = v.length;
    if (striptype != _PyUnicode_STRIP_RIGHT) {
        while (i < j && charset_has(&set, PyUnicode_READ(v.kind, v.data, i))) {
            i++;
        }
    }
    if (striptype != _PyUnicode_STRIP_LEFT) {
        while (j > i && charset_has(&set, PyUnicode_READ(v.kind, v.data, j - 1))) {
            j--;
        }
    }
    return PyUnicode_Substring(self, i, j);
}

static PyObject *
strip_space(PyObject *self, int which)
{
    struct _unicode_view v = _PyUnicode_View(self);
    Py_ssize_t i = 0, j = v.length;
    if (which != _PyUnicode_STRIP_RIGHT) {
        while (i < j && Py_UNICODE_ISSPACE(PyUnicode_READ(v.kind, v.data, i))) {
            i++;
        }
    }
    if (which != _PyUnicode_STRIP_LEFT) {
        while (j > i && Py_UNICODE_ISSPACE(PyUnicode_READ(v.kind, v.data, j - 1))) {
            j--;
        }
    }
    return PyUnicode_Substring(self, i, j);
}

PyObject *
_PyUnicode_Strip(PyObject *str, int which, PyObject *chars)
{
    static const char *const names[] = {"lstrip", "rstrip", "strip"};
    assert(0 <= which && which <= 2);
    if (chars == Py_None) {
        return strip_space(str, which);
    }
    if (!PyUnicode_Check(chars)) {
        PyErr_Format(PyExc_TypeError, "%s arg must be None or str", names[which]);
        return NULL;
    }
    return _PyUnicode_XStrip(str, which, chars);
}

/* --- Padding, tabs, repetition ---------------------------------------------------------------- */

PyObject *
_PyUnicode_Pad(PyObject *str, Py_ssize_t left, Py_ssize_t right, Py_UCS4 fill)
{
    left = Py_MAX(left, 0);
    right = Py_MAX(right, 0);
    if (left == 0 && right == 0) {
        return _PyUnicode_Unchanged(str);
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(str);
    if (left > PY_SSIZE_T_MAX - n || right > PY_SSIZE_T_MAX - (left + n)) {
        PyErr_SetString(PyExc_OverflowError, "padded string is too long");
        return NULL;
    }
    PyObject *res = PyUnicode_New(left + n + right, Py_MAX(PyUnicode_MAX_CHAR_VALUE(str), fill));
    if (res != NULL) {
        _PyUnicode_FastFill(res, 0, left, fill);
        _PyUnicode_FastFill(res, left + n, right, fill);
        _PyUnicode_FastCopyCharacters(res, left, str, 0, n);
    }
    return res;
}

PyObject *
_PyUnicode_ZFill(PyObject *str, Py_ssize_t width)
{
    Py_ssize_t fill = width - PyUnicode_GET_LENGTH(str);
    PyObject *res = _PyUnicode_Pad(str, fill, 0, '0');
    if (res == NULL || fill <= 0 || PyUnicode_GET_LENGTH(str) == 0) {
        return res;
    }
    Py_UCS4 ch = PyUnicode_READ_CHAR(res, fill);
    if (ch == '+' || ch == '-') {
        int kind = (int)PyUnicode_KIND(res);
        PyUnicode_WRITE(kind, PyUnicode_DATA(res), 0, ch);
        PyUnicode_WRITE(kind, PyUnicode_DATA(res), fill, '0');
    }
    return res;
}

/* Length of the text with its tabs expanded, or -1 when too long. */
static Py_ssize_t
expanded_length(const struct _unicode_view *v, int tabsize)
{
    Py_ssize_t size = 0, column = 0;
    for (Py_ssize_t i = 0; i < v->length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v->kind, v->data, i);
        Py_ssize_t step = 1;
        if (ch == '\t') {
            step = tabsize > 0 ? tabsize - column % tabsize : 0;
        }
        if (step > PY_SSIZE_T_MAX - size) {
            return -1;
        }
        size += step;
        column = ch == '\n' || ch == '\r' ? 0 : column + step;
    }
    return size;
}

PyObject *
_PyUnicode_ExpandTabs(PyObject *str, int tabsize)
{
    if (PyUnicode_FindChar(str, '\t', 0, PY_SSIZE_T_MAX, 1) < 0) {
        return _PyUnicode_Unchanged(str);
    }
    struct _unicode_view v = _PyUnicode_View(str);
    Py_ssize_t size = expanded_length(&v, tabsize);
    if (size < 0) {
        PyErr_SetString(PyExc_OverflowError, "new string is too long");
        return NULL;
    }
    PyObject *res = PyUnicode_New(size, PyUnicode_MAX_CHAR_VALUE(str));
    if (res == NULL || size == 0) {
        return res;
    }
    void *data = PyUnicode_DATA(res);
    Py_ssize_t out = 0, column = 0;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch == '\t') {
            Py_ssize_t step = tabsize > 0 ? tabsize - column % tabsize : 0;
            _PyUnicode_FastFill(res, out, step, ' ');
            out += step;
            column += step;
        }
        else {
            PyUnicode_WRITE(v.kind, data, out, ch);
            out++;
            column = ch == '\n' || ch == '\r' ? 0 : column + 1;
        }
    }
    assert(out == size);
    return res;
}

PyObject *
_PyUnicode_Repeat(PyObject *str, Py_ssize_t n)
{
    if (n < 1) {
        return _PyUnicode_GetEmpty();
    }
    if (n == 1) {
        return _PyUnicode_Unchanged(str);
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(str);
    if (length > PY_SSIZE_T_MAX / n) {
        PyErr_SetString(PyExc_OverflowError, "repeated string is too long");
        return NULL;
    }
    PyObject *res = PyUnicode_New(length * n, PyUnicode_MAX_CHAR_VALUE(str));
    if (res == NULL || length == 0) {
        return res;
    }
    if (length == 1) {
        _PyUnicode_FastFill(res, 0, n, PyUnicode_READ_CHAR(str, 0));
        return res;
    }
    int kind = (int)PyUnicode_KIND(str);
    _PyBytes_Repeat(PyUnicode_DATA(res), length * n * kind,
                    PyUnicode_DATA(str), length * kind);
    return res;
}
