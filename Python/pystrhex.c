/* Bytes as hexadecimal text, with an optional separator between groups of bytes.
 *
 * bytes_per_sep > 0 counts groups from the right end, < 0 from the left; 0 means no separator.
 * Written from the documentation of bytes.hex().
 */
#include "Python.h"
#include "pycore_strhex.h"

/* The separator's character; -1 for none, -2 with an exception. */
static int
separator(PyObject *sep, Py_UCS4 limit)
{
    if (sep == NULL) {
        return -1;
    }
    Py_ssize_t n = PyObject_Size(sep);
    if (n < 0) {
        return -2;
    }
    if (n != 1) {
        PyErr_SetString(PyExc_ValueError, "sep must be length 1.");
        return -2;
    }
    Py_UCS4 ch;
    if (PyUnicode_Check(sep)) {
        ch = PyUnicode_READ_CHAR(sep, 0);
    }
    else if (PyBytes_Check(sep)) {
        ch = (unsigned char)PyBytes_AS_STRING(sep)[0];
    }
    else {
        PyErr_SetString(PyExc_TypeError, "sep must be str or bytes.");
        return -2;
    }
    if (ch > limit) {
        PyErr_SetString(PyExc_ValueError, "sep must be ASCII.");
        return -2;
    }
    return (int)ch;
}

static PyObject *
strhex(const char *s, Py_ssize_t len, PyObject *sep, int bytes_per_sep, int as_bytes)
{
    assert(len >= 0);
    int ch = separator(sep, as_bytes ? 255 : 127);     /* as 3.12 does */
    if (ch == -2) {
        return NULL;
    }
    Py_ssize_t group = bytes_per_sep < 0 ? -(Py_ssize_t)bytes_per_sep : bytes_per_sep;
    Py_ssize_t seps = ch >= 0 && group > 0 && len > 0 ? (len - 1) / group : 0;
    if (len > (PY_SSIZE_T_MAX - seps) / 2) {
        return PyErr_NoMemory();
    }
    Py_ssize_t size = 2 * len + seps;
    PyObject *res = as_bytes ? PyBytes_FromStringAndSize(NULL, size) : PyUnicode_New(size, 127);
    if (res == NULL || size == 0) {
        return res;
    }
    char *out = as_bytes ? PyBytes_AS_STRING(res) : PyUnicode_DATA(res);
    /* bytes to go until the next separator */
    Py_ssize_t left = seps == 0 ? len : bytes_per_sep < 0 ? group : len - seps * group;
    for (Py_ssize_t i = 0; i < len; i++) {
        if (left == 0) {
            *out++ = (char)ch;
            left = group;
        }
        left--;
        unsigned char c = (unsigned char)s[i];
        *out++ = Py_hexdigits[c >> 4];
        *out++ = Py_hexdigits[c & 15];
    }
    return res;
}

PyObject *
_Py_strhex(const char *argbuf, const Py_ssize_t arglen)
{
    return strhex(argbuf, arglen, NULL, 0, 0);
}

PyObject *
_Py_strhex_bytes(const char *argbuf, const Py_ssize_t arglen)
{
    return strhex(argbuf, arglen, NULL, 0, 1);
}

PyObject *
_Py_strhex_with_sep(const char *argbuf, const Py_ssize_t arglen, PyObject *sep,
                    const int bytes_per_group)
{
    return strhex(argbuf, arglen, sep, bytes_per_group, 0);
}

PyObject *
_Py_strhex_bytes_with_sep(const char *argbuf, const Py_ssize_t arglen, PyObject *sep,
                          const int bytes_per_group)
{
    return strhex(argbuf, arglen, sep, bytes_per_group, 1);
}
