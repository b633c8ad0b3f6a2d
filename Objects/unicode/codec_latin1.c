/* str: ASCII and Latin-1.
 *
 * Decoding is copying; encoding is copying of what fits below the limit (128 or 256), the rest goes
 * to the error handlers in runs.
 *
 * Written from the C API and library references.
 */
#include "Python.h"
#include "pycore_bytesobject.h"
#include "pycore_object.h"
#include "pycore_unicode.h"

PyObject *
PyUnicode_DecodeLatin1(const char *s, Py_ssize_t size, const char *Py_UNUSED(errors))
{
    return _PyUnicode_FromUCS1((const Py_UCS1 *)s, size);
}

PyObject *
PyUnicode_DecodeASCII(const char *s, Py_ssize_t size, const char *errors)
{
    assert(size >= 0);
    Py_ssize_t run = _PyUnicode_AsciiRun(s, s + size);
    if (run == size) {
        return _PyUnicode_FromASCII(s, size);
    }
    struct _unicode_decoder d;
    _PyUnicode_DecoderInit(&d, "ascii", s, size, errors);
    d.writer.overallocate = 1;
    const char *p = s;
    for (;;) {
        if (run > 0 && _PyUnicodeWriter_WriteASCIIString(&d.writer, p, run) < 0) {
            goto error;
        }
        p += run;
        if (p == d.end) {
            return _PyUnicode_DecoderFinish(&d);
        }
        p = _PyUnicode_DecoderError(&d, p, p + 1, "ordinal not in range(128)");
        if (p == NULL) {
            goto error;
        }
        run = _PyUnicode_AsciiRun(p, d.end);
    }

error:
    _PyUnicode_DecoderClear(&d);
    return NULL;
}

/* --- Encoding --------------------------------------------------------------------------------- */

/* The callback's replacement: bytes as they are, text if it is below the limit. */
static char *
write_replacement(struct _unicode_encoder *e, _PyBytesWriter *w, char *p, Py_ssize_t from,
                  Py_ssize_t to, Py_UCS4 limit, const char *reason, Py_ssize_t *newpos)
{
    PyObject *rep = _PyUnicode_EncoderError(e, reason, from, to, newpos);
    if (rep == NULL) {
        return NULL;
    }
    if (PyBytes_Check(rep)) {
        p = _PyBytesWriter_WriteBytes(w, p, PyBytes_AS_STRING(rep), PyBytes_GET_SIZE(rep));
    }
    else if (PyUnicode_MAX_CHAR_VALUE(rep) < limit) {
        assert(PyUnicode_KIND(rep) == 1);
        p = _PyBytesWriter_WriteBytes(w, p, PyUnicode_DATA(rep), PyUnicode_GET_LENGTH(rep));
    }
    else {
        _PyUnicode_RaiseEncodeError(e, reason, from, to);
        p = NULL;
    }
    Py_DECREF(rep);
    return p;
}

/* Write what stands for the unencodable str[from:to]. */
static char *
write_unencodable(struct _unicode_encoder *e, _PyBytesWriter *w, char *p, Py_ssize_t from,
                  Py_ssize_t to, Py_UCS4 limit, Py_ssize_t *newpos)
{
    const char *reason = limit == 256 ? "ordinal not in range(256)" : "ordinal not in range(128)";
    *newpos = to;
    switch (_PyUnicode_EncoderHandler(e)) {
    case _Py_ERROR_STRICT:
        _PyUnicode_RaiseEncodeError(e, reason, from, to);
        return NULL;
    case _Py_ERROR_IGNORE:
        return p;
    case _Py_ERROR_REPLACE:
        p = _PyBytesWriter_Prepare(w, p, to - from);
        if (p != NULL) {
            memset(p, '?', (size_t)(to - from));
            p += to - from;
        }
        return p;
    case _Py_ERROR_BACKSLASHREPLACE:
        p = _PyBytesWriter_Prepare(w, p, _PyUnicode_BackslashSize(e->str, from, to));
        return p != NULL ? _PyUnicode_BackslashForms(e->str, from, to, p) : NULL;
    case _Py_ERROR_XMLCHARREFREPLACE:
        p = _PyBytesWriter_Prepare(w, p, _PyUnicode_XmlSize(e->str, from, to));
        return p != NULL ? _PyUnicode_XmlForms(e->str, from, to, p) : NULL;
    case _Py_ERROR_SURROGATEESCAPE:
        p = _PyBytesWriter_Prepare(w, p, to - from);
        if (p == NULL) {
            return NULL;
        }
        for (; from < to; from++) {
            Py_UCS4 ch = PyUnicode_READ_CHAR(e->str, from);
            if (ch < 0xdc80 || ch > 0xdcff) {
                break;
            }
            *p++ = (char)(ch - 0xdc00);
        }
        if (from == to) {
            return p;
        }
        break;
    default:
        break;
    }
    return write_replacement(e, w, p, from, to, limit, reason, newpos);
}

static PyObject *
encode_below(PyObject *str, const char *errors, Py_UCS4 limit)
{
    struct _unicode_view v = _PyUnicode_View(str);
    struct _unicode_encoder e;
    _PyUnicode_EncoderInit(&e, limit == 256 ? "latin-1" : "ascii", str, errors);
    _PyBytesWriter w;
    _PyBytesWriter_Init(&w);
    w.overallocate = 1;
    char *p = _PyBytesWriter_Alloc(&w, 0);
    if (p == NULL) {
        goto error;
    }
    Py_ssize_t pos = 0;
    while (pos < v.length) {
        Py_ssize_t stop = pos;
        while (stop < v.length && PyUnicode_READ(v.kind, v.data, stop) < limit) {
            stop++;
        }
        p = _PyBytesWriter_Prepare(&w, p, stop - pos);
        if (p == NULL) {
            goto error;
        }
        _PyUnicode_CopyKind(1, p, 0, v.kind, v.data, pos, stop - pos);
        p += stop - pos;
        pos = stop;
        if (pos == v.length) {
            break;
        }
        while (stop < v.length && PyUnicode_READ(v.kind, v.data, stop) >= limit) {
            stop++;
        }
        p = write_unencodable(&e, &w, p, pos, stop, limit, &pos);
        if (p == NULL) {
            goto error;
        }
    }
    _PyUnicode_EncoderClear(&e);
    return _PyBytesWriter_Finish(&w, p);

error:
    _PyUnicode_EncoderClear(&e);
    _PyBytesWriter_Dealloc(&w);
    return NULL;
}

PyObject *
_PyUnicode_AsLatin1String(PyObject *str, const char *errors)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (PyUnicode_KIND(str) == PyUnicode_1BYTE_KIND) {
        return PyBytes_FromStringAndSize(PyUnicode_DATA(str), PyUnicode_GET_LENGTH(str));
    }
    return encode_below(str, errors, 256);
}

PyObject *
PyUnicode_AsLatin1String(PyObject *str)
{
    return _PyUnicode_AsLatin1String(str, NULL);
}

PyObject *
_PyUnicode_AsASCIIString(PyObject *str, const char *errors)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (PyUnicode_IS_ASCII(str)) {
        return PyBytes_FromStringAndSize(PyUnicode_DATA(str), PyUnicode_GET_LENGTH(str));
    }
    return encode_below(str, errors, 128);
}

PyObject *
PyUnicode_AsASCIIString(PyObject *str)
{
    return _PyUnicode_AsASCIIString(str, NULL);
}
