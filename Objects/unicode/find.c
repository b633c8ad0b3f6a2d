/* str: find, count, contains, startswith/endswith and replace.
 *
 * A needle whose kind is wider than the text's cannot occur.  A narrower one is widened once, then
 * the search of that width runs (Objects/stringops/search.h).
 *
 * Written from the C API and library references.
 */
#include "Python.h"
#include "pycore_stringops.h"
#include "pycore_unicode.h"

/* A needle in the text's kind.  `owned` is the widened copy, or NULL. */
struct needle {
    const void *data;
    Py_ssize_t length;
    void *owned;
};

static int
needle_init(struct needle *needle, PyObject *sub, int kind)
{
    needle->data = PyUnicode_DATA(sub);
    needle->length = PyUnicode_GET_LENGTH(sub);
    needle->owned = NULL;
    int sub_kind = (int)PyUnicode_KIND(sub);
    assert(sub_kind <= kind);
    if (sub_kind != kind) {
        needle->owned = _PyUnicode_Widened(sub_kind, needle->data, needle->length, kind);
        if (needle->owned == NULL) {
            return -1;
        }
        needle->data = needle->owned;
    }
    return 0;
}

static void
clip(Py_ssize_t *start, Py_ssize_t *end, Py_ssize_t length)
{
    if (*end > length) {
        *end = length;
    }
    else if (*end < 0) {
        *end = Py_MAX(*end + length, 0);
    }
    if (*start < 0) {
        *start = Py_MAX(*start + length, 0);
    }
}

static Py_ssize_t
find_char(int kind, const void *data, Py_ssize_t n, Py_UCS4 ch, int direction)
{
    switch (kind) {
    case 1:
        return ch > 0xff ? -1 : direction > 0 ? _PyUCS1_FindChar(data, n, (Py_UCS1)ch)
                                              : _PyUCS1_RFindChar(data, n, (Py_UCS1)ch);
    case 2:
        return ch > 0xffff ? -1 : direction > 0 ? _PyUCS2_FindChar(data, n, (Py_UCS2)ch)
                                                : _PyUCS2_RFindChar(data, n, (Py_UCS2)ch);
    default:
        return direction > 0 ? _PyUCS4_FindChar(data, n, ch) : _PyUCS4_RFindChar(data, n, ch);
    }
}

static Py_ssize_t
find_in(int kind, const void *s, Py_ssize_t n, const void *p, Py_ssize_t m, int direction)
{
    switch (kind) {
    case 1: return direction > 0 ? _PyUCS1_Find(s, n, p, m) : _PyUCS1_RFind(s, n, p, m);
    case 2: return direction > 0 ? _PyUCS2_Find(s, n, p, m) : _PyUCS2_RFind(s, n, p, m);
    default: return direction > 0 ? _PyUCS4_Find(s, n, p, m) : _PyUCS4_RFind(s, n, p, m);
    }
}

static Py_ssize_t
count_in(int kind, const void *s, Py_ssize_t n, const void *p, Py_ssize_t m, Py_ssize_t max)
{
    switch (kind) {
    case 1: return _PyUCS1_Count(s, n, p, m, max);
    case 2: return _PyUCS2_Count(s, n, p, m, max);
    default: return _PyUCS4_Count(s, n, p, m, max);
    }
}

static const void *
at(const struct _unicode_view *v, Py_ssize_t i)
{
    return (const char *)v->data + i * v->kind;
}

Py_ssize_t
_PyUnicode_FindSlice(PyObject *str, PyObject *sub, Py_ssize_t start, Py_ssize_t end,
                     int direction)
{
    struct _unicode_view v = _PyUnicode_View(str);
    clip(&start, &end, v.length);
    Py_ssize_t m = PyUnicode_GET_LENGTH(sub);
    if (end - start < m || (int)PyUnicode_KIND(sub) > v.kind) {
        return -1;
    }
    Py_ssize_t found;
    if (m == 1) {
        found = find_char(v.kind, at(&v, start), end - start, PyUnicode_READ_CHAR(sub, 0),
                          direction);
    }
    else {
        struct needle needle;
        if (needle_init(&needle, sub, v.kind) < 0) {
            return -2;
        }
        found = find_in(v.kind, at(&v, start), end - start, needle.data, m, direction);
        PyMem_Free(needle.owned);
    }
    return found < 0 ? -1 : found + start;
}

/* Position of substr in str[start:end], -1 if absent, -2 with an exception. */
Py_ssize_t
PyUnicode_Find(PyObject *str, PyObject *substr, Py_ssize_t start, Py_ssize_t end, int direction)
{
    if (_PyUnicode_EnsureStr(str) < 0 || _PyUnicode_EnsureStr(substr) < 0) {
        return -2;
    }
    return _PyUnicode_FindSlice(str, substr, start, end, direction);
}

Py_ssize_t
PyUnicode_FindChar(PyObject *str, Py_UCS4 ch, Py_ssize_t start, Py_ssize_t end, int direction)
{
    struct _unicode_view v = _PyUnicode_View(str);
    clip(&start, &end, v.length);
    if (end - start < 1) {
        return -1;
    }
    Py_ssize_t found = find_char(v.kind, at(&v, start), end - start, ch, direction);
    return found < 0 ? -1 : found + start;
}

Py_ssize_t
_PyUnicode_CountSlice(PyObject *str, PyObject *sub, Py_ssize_t start, Py_ssize_t end)
{
    struct _unicode_view v = _PyUnicode_View(str);
    clip(&start, &end, v.length);
    if (end - start < PyUnicode_GET_LENGTH(sub) || (int)PyUnicode_KIND(sub) > v.kind) {
        return 0;
    }
    struct needle needle;
    if (needle_init(&needle, sub, v.kind) < 0) {
        return -1;
    }
    Py_ssize_t count = count_in(v.kind, at(&v, start), end - start, needle.data, needle.length,
                                PY_SSIZE_T_MAX);
    PyMem_Free(needle.owned);
    return count;
}

/* Non-overlapping occurrences of substr in str[start:end]; -1 with an exception. */
Py_ssize_t
PyUnicode_Count(PyObject *str, PyObject *substr, Py_ssize_t start, Py_ssize_t end)
{
    if (_PyUnicode_EnsureStr(str) < 0 || _PyUnicode_EnsureStr(substr) < 0) {
        return -1;
    }
    return _PyUnicode_CountSlice(str, substr, start, end);
}

/* 1, 0, or -1 with TypeError. */
int
PyUnicode_Contains(PyObject *str, PyObject *substr)
{
    if (!PyUnicode_Check(substr)) {
        PyErr_Format(PyExc_TypeError, "'in <string>' requires string as left operand, not %.100s",
                     Py_TYPE(substr)->tp_name);
        return -1;
    }
    if (_PyUnicode_EnsureStr(str) < 0) {
        return -1;
    }
    Py_ssize_t found = _PyUnicode_FindSlice(str, substr, 0, PY_SSIZE_T_MAX, 1);
    return found == -2 ? -1 : found >= 0;
}

int
_PyUnicode_TailMatch(PyObject *str, PyObject *sub, Py_ssize_t start, Py_ssize_t end,
                     int direction)
{
    struct _unicode_view v = _PyUnicode_View(str), w = _PyUnicode_View(sub);
    clip(&start, &end, v.length);
    if (end - start < w.length) {
        return 0;
    }
    if (w.length == 0) {
        return 1;
    }
    if (w.kind > v.kind) {
        return 0;
    }
    Py_ssize_t offset = direction > 0 ? end - w.length : start;
    if (w.kind == v.kind) {
        return memcmp(at(&v, offset), w.data, (size_t)(w.length * w.kind)) == 0;
    }
    for (Py_ssize_t i = 0; i < w.length; i++) {
        if (PyUnicode_READ(v.kind, v.data, offset + i) != PyUnicode_READ(w.kind, w.data, i)) {
            return 0;
        }
    }
    return 1;
}

/* Does str[start:end] start (direction < 0) or end (> 0) with substr?  -1 with an exception. */
Py_ssize_t
PyUnicode_Tailmatch(PyObject *str, PyObject *substr, Py_ssize_t start, Py_ssize_t end,
                    int direction)
{
    if (_PyUnicode_EnsureStr(str) < 0 || _PyUnicode_EnsureStr(substr) < 0) {
        return -1;
    }
    return _PyUnicode_TailMatch(str, substr, start, end, direction);
}

/* --- replace ---------------------------------------------------------------------------------- */

/* Replace single characters by single characters: the length stays. */
static PyObject *
replace_char(PyObject *str, Py_UCS4 from, Py_UCS4 to, Py_ssize_t maxcount)
{
    struct _unicode_view v = _PyUnicode_View(str);
    Py_ssize_t pos = find_char(v.kind, v.data, v.length, from, 1);
    if (pos < 0) {
        return _PyUnicode_Unchanged(str);
    }
    PyObject *res = PyUnicode_New(v.length, Py_MAX(PyUnicode_MAX_CHAR_VALUE(str), to));
    if (res == NULL) {
        return NULL;
    }
    int kind = (int)PyUnicode_KIND(res);
    void *data = PyUnicode_DATA(res);
    _PyUnicode_CopyKind(kind, data, 0, v.kind, v.data, 0, v.length);
    while (maxcount-- > 0) {
        PyUnicode_WRITE(kind, data, pos, to);
        pos++;
        Py_ssize_t step = find_char(v.kind, at(&v, pos), v.length - pos, from, 1);
        if (step < 0) {
            break;
        }
        pos += step;
    }
    return res;
}

/* new_ between all characters (and at both ends), as often as maxcount says. */
static void
interleave(int kind, void *dest, const struct _unicode_view *v, const struct _unicode_view *new_,
           Py_ssize_t count)
{
    assert(count >= 1 && count <= v->length + 1);
    Py_ssize_t out = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        _PyUnicode_CopyKind(kind, dest, out, new_->kind, new_->data, 0, new_->length);
        out += new_->length;
        if (i < v->length) {
            _PyUnicode_CopyKind(kind, dest, out, v->kind, v->data, i, 1);
            out++;
        }
    }
    if (count < v->length) {
        _PyUnicode_CopyKind(kind, dest, out, v->kind, v->data, count, v->length - count);
    }
}

static void
substitute(int kind, void *dest, const struct _unicode_view *v, const struct needle *old,
           const struct _unicode_view *new_, Py_ssize_t count)
{
    Py_ssize_t in = 0, out = 0;
    while (count-- > 0) {
        Py_ssize_t step = find_in(v->kind, at(v, in), v->length - in, old->data, old->length, 1);
        assert(step >= 0);
        _PyUnicode_CopyKind(kind, dest, out, v->kind, v->data, in, step);
        out += step;
        in += step + old->length;
        _PyUnicode_CopyKind(kind, dest, out, new_->kind, new_->data, 0, new_->length);
        out += new_->length;
    }
    _PyUnicode_CopyKind(kind, dest, out, v->kind, v->data, in, v->length - in);
}

/* A str built too wide is copied to its proper width; steals and returns a reference. */
static PyObject *
narrowed(PyObject *str)
{
    if (str == NULL || PyUnicode_IS_ASCII(str)) {
        return str;
    }
    struct _unicode_view v = _PyUnicode_View(str);
    if (_PyUnicode_MaxCharOf(v.kind, v.data, v.length) == PyUnicode_MAX_CHAR_VALUE(str)) {
        return str;
    }
    PyObject *exact = PyUnicode_FromKindAndData(v.kind, v.data, v.length);
    Py_DECREF(str);
    return exact;
}

static PyObject *
replace_found(PyObject *str, const struct needle *old, PyObject *new_, Py_ssize_t count)
{
    struct _unicode_view v = _PyUnicode_View(str), to = _PyUnicode_View(new_);
    Py_ssize_t grow = to.length - old->length;
    if (grow > 0 && count > (PY_SSIZE_T_MAX - v.length) / grow) {
        PyErr_SetString(PyExc_OverflowError, "replace string is too long");
        return NULL;
    }
    Py_UCS4 maxchar = Py_MAX(PyUnicode_MAX_CHAR_VALUE(str), PyUnicode_MAX_CHAR_VALUE(new_));
    Py_ssize_t size = v.length + grow * count;
    if (size == 0) {
        return _PyUnicode_GetEmpty();
    }
    PyObject *res = PyUnicode_New(size, maxchar);
    if (res == NULL) {
        return NULL;
    }
    int kind = (int)PyUnicode_KIND(res);
    if (old->length == 0) {
        interleave(kind, PyUnicode_DATA(res), &v, &to, count);
    }
    else {
        substitute(kind, PyUnicode_DATA(res), &v, old, &to, count);
    }
    return narrowed(res);
}

/* str with the first maxcount (< 0: all) occurrences of old replaced; all are str. */
PyObject *
_PyUnicode_ReplaceN(PyObject *str, PyObject *old, PyObject *new_, Py_ssize_t maxcount)
{
    if (maxcount < 0) {
        maxcount = PY_SSIZE_T_MAX;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(str), m = PyUnicode_GET_LENGTH(old);
    if (maxcount == 0 || n < m || old == new_ || PyUnicode_KIND(old) > PyUnicode_KIND(str)) {
        return _PyUnicode_Unchanged(str);
    }
    if (m == 1 && PyUnicode_GET_LENGTH(new_) == 1) {
        return narrowed(replace_char(str, PyUnicode_READ_CHAR(old, 0),
                                     PyUnicode_READ_CHAR(new_, 0), maxcount));
    }
    struct needle needle;
    if (needle_init(&needle, old, (int)PyUnicode_KIND(str)) < 0) {
        return NULL;
    }
    struct _unicode_view v = _PyUnicode_View(str);
    Py_ssize_t count = count_in(v.kind, v.data, v.length, needle.data, m, maxcount);
    PyObject *res = count == 0 ? _PyUnicode_Unchanged(str)
                               : replace_found(str, &needle, new_, count);
    PyMem_Free(needle.owned);
    return res;
}

PyObject *
PyUnicode_Replace(PyObject *str, PyObject *substr, PyObject *replstr, Py_ssize_t maxcount)
{
    if (_PyUnicode_EnsureStr(str) < 0 || _PyUnicode_EnsureStr(substr) < 0
        || _PyUnicode_EnsureStr(replstr) < 0)
    {
        return NULL;
    }
    return _PyUnicode_ReplaceN(str, substr, replstr, maxcount);
}
