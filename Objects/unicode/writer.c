/* str: _PyUnicodeWriter, which builds a string piece by piece.
 *
 * Invariants: `buffer` is NULL (nothing written), or a str whose characters [0, pos) are set.
 * kind, maxchar, data and size describe the buffer; `size` is 0 while the buffer is only borrowed
 * text (`readonly`: one str was written and nothing since), so that every write asks for room and
 * gets a private copy.  The result costs no copy when one str is all that was written.
 *
 * Written from the public layout and the names of the functions.
 */
#include "Python.h"
#include "pycore_unicode.h"

/* A buffer that had to grow gets this part of its size on top when overallocate is set. */
#define OVERALLOCATE_DIVISOR 4

static void
adopt(_PyUnicodeWriter *w)
{
    w->maxchar = PyUnicode_MAX_CHAR_VALUE(w->buffer);
    w->data = PyUnicode_DATA(w->buffer);
    if (w->readonly) {
        w->kind = 0;            /* forces PrepareKind to make the copy too */
        w->size = 0;
    }
    else {
        w->kind = (int)PyUnicode_KIND(w->buffer);
        w->size = PyUnicode_GET_LENGTH(w->buffer);
    }
}

void
_PyUnicodeWriter_Init(_PyUnicodeWriter *w)
{
    memset(w, 0, sizeof(*w));
}

/* Room for length more characters up to maxchar; 0, or -1 with MemoryError. */
int
_PyUnicodeWriter_PrepareInternal(_PyUnicodeWriter *w, Py_ssize_t length, Py_UCS4 maxchar)
{
    assert(length >= 0 && maxchar <= _PyUnicode_MAX);
    if (length > PY_SSIZE_T_MAX - w->pos) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t need = w->pos + length;
    maxchar = Py_MAX(maxchar, w->min_char);
    if (w->buffer != NULL) {
        maxchar = Py_MAX(maxchar, w->maxchar);
    }
    Py_ssize_t size = w->size;
    if (w->buffer == NULL || need > size) {
        size = need;
        if (w->overallocate && size <= PY_SSIZE_T_MAX - size / OVERALLOCATE_DIVISOR) {
            size += size / OVERALLOCATE_DIVISOR;
        }
        size = Py_MAX(size, w->min_length);
    }
    if (w->buffer != NULL && !w->readonly && maxchar <= w->maxchar) {
        if (size == w->size) {
            return 0;
        }
        if (PyUnicode_Resize(&w->buffer, size) < 0) {
            return -1;
        }
        adopt(w);
        return 0;
    }
    if (size == 0) {
        size = 1;               /* the empty string is shared and cannot be a buffer */
    }
    PyObject *fresh = PyUnicode_New(size, maxchar);
    if (fresh == NULL) {
        return -1;
    }
    if (w->buffer != NULL) {
        _PyUnicode_CopyKind((int)PyUnicode_KIND(fresh), PyUnicode_DATA(fresh), 0,
                            (int)PyUnicode_KIND(w->buffer), PyUnicode_DATA(w->buffer), 0, w->pos);
        Py_DECREF(w->buffer);
    }
    w->buffer = fresh;
    w->readonly = 0;
    adopt(w);
    assert(w->pos + length <= w->size);
    return 0;
}

/* Make the buffer at least `kind` wide; 0 or -1. */
int
_PyUnicodeWriter_PrepareKindInternal(_PyUnicodeWriter *w, int kind)
{
    assert(w->kind < kind);
    Py_UCS4 maxchar = kind == 1 ? 0xff : kind == 2 ? 0xffff : 0x10ffff;
    return _PyUnicodeWriter_PrepareInternal(w, 0, maxchar);
}

int
_PyUnicodeWriter_WriteChar(_PyUnicodeWriter *w, Py_UCS4 ch)
{
    assert(ch <= _PyUnicode_MAX);
    if (_PyUnicodeWriter_Prepare(w, 1, ch) < 0) {
        return -1;
    }
    PyUnicode_WRITE(w->kind, w->data, w->pos, ch);
    w->pos++;
    return 0;
}

int
_PyUnicodeWriter_WriteStr(_PyUnicodeWriter *w, PyObject *str)
{
    assert(PyUnicode_Check(str));
    Py_ssize_t n = PyUnicode_GET_LENGTH(str);
    if (n == 0) {
        return 0;
    }
    Py_UCS4 maxchar = PyUnicode_MAX_CHAR_VALUE(str);
    if (maxchar > w->maxchar || n > w->size - w->pos) {
        if (w->buffer == NULL && !w->overallocate && PyUnicode_CheckExact(str)) {
            w->readonly = 1;
            w->buffer = Py_NewRef(str);
            adopt(w);
            w->pos = n;
            return 0;
        }
        if (_PyUnicodeWriter_PrepareInternal(w, n, maxchar) < 0) {
            return -1;
        }
    }
    _PyUnicode_CopyKind(w->kind, w->data, w->pos,
                        (int)PyUnicode_KIND(str), PyUnicode_DATA(str), 0, n);
    w->pos += n;
    return 0;
}

int
_PyUnicodeWriter_WriteSubstring(_PyUnicodeWriter *w, PyObject *str,
                                Py_ssize_t start, Py_ssize_t end)
{
    assert(0 <= start && start <= end && end <= PyUnicode_GET_LENGTH(str));
    if (start == 0 && end == PyUnicode_GET_LENGTH(str)) {
        return _PyUnicodeWriter_WriteStr(w, str);
    }
    if (start == end) {
        return 0;
    }
    Py_UCS4 maxchar = PyUnicode_MAX_CHAR_VALUE(str);
    if (maxchar > w->maxchar) {
        maxchar = _PyUnicode_FindMaxChar(str, start, end);
    }
    else {
        maxchar = w->maxchar;
    }
    if (_PyUnicodeWriter_Prepare(w, end - start, maxchar) < 0) {
        return -1;
    }
    _PyUnicode_CopyKind(w->kind, w->data, w->pos,
                        (int)PyUnicode_KIND(str), PyUnicode_DATA(str), start, end - start);
    w->pos += end - start;
    return 0;
}

/* len -1 means up to the NUL. */
int
_PyUnicodeWriter_WriteASCIIString(_PyUnicodeWriter *w, const char *ascii, Py_ssize_t len)
{
    if (len == -1) {
        len = (Py_ssize_t)strlen(ascii);
    }
    assert(_PyUnicode_MaxCharOf(1, ascii, len) < 0x80);
    return _PyUnicodeWriter_WriteLatin1String(w, ascii, len);
}

int
_PyUnicodeWriter_WriteLatin1String(_PyUnicodeWriter *w, const char *s, Py_ssize_t len)
{
    if (len == 0) {
        return 0;
    }
    Py_UCS4 maxchar = _PyUnicode_MaxCharOf(1, s, len);
    if (_PyUnicodeWriter_Prepare(w, len, maxchar) < 0) {
        return -1;
    }
    _PyUnicode_CopyKind(w->kind, w->data, w->pos, 1, s, 0, len);
    w->pos += len;
    return 0;
}

/* The str written so far; new reference, the writer is empty afterwards. */
PyObject *
_PyUnicodeWriter_Finish(_PyUnicodeWriter *w)
{
    PyObject *str = w->buffer;
    w->buffer = NULL;
    if (w->pos == 0) {
        Py_XDECREF(str);
        return _PyUnicode_GetEmpty();
    }
    if (w->readonly) {
        assert(PyUnicode_GET_LENGTH(str) == w->pos);
        return str;
    }
    int kind = (int)PyUnicode_KIND(str);
    Py_UCS4 maxchar = PyUnicode_MAX_CHAR_VALUE(str);
    if (w->pos == 1 || (maxchar > 0x7f && w->min_char > 0x7f)
        || (maxchar > 0x7f && _PyUnicode_MaxCharOf(kind, PyUnicode_DATA(str), w->pos) < maxchar))
    {
        /* one character is shared; a buffer made too wide is narrowed */
        PyObject *exact = PyUnicode_FromKindAndData(kind, PyUnicode_DATA(str), w->pos);
        Py_DECREF(str);
        return exact;
    }
    if (PyUnicode_GET_LENGTH(str) != w->pos && PyUnicode_Resize(&str, w->pos) < 0) {
        Py_DECREF(str);
        return NULL;
    }
    assert(_PyUnicode_CheckConsistency(str, 1));
    return str;
}

void
_PyUnicodeWriter_Dealloc(_PyUnicodeWriter *w)
{
    Py_CLEAR(w->buffer);
}
