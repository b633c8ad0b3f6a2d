/* compare_digest() of _operator and _hashlib: equality without a hint of where values differ. */
#ifndef LADON_COMPARE_DIGEST_H
#define LADON_COMPARE_DIGEST_H

#include "Python.h"

#include <stdbool.h>

/* Equality of byte strings in a time that depends on the length of `b` only. */
static inline bool
same_bytes(const unsigned char *a, Py_ssize_t na, const unsigned char *b, Py_ssize_t nb)
{
    volatile unsigned char differs = na != nb;
    const volatile unsigned char *left = na == nb ? a : b, *right = b;
    for (Py_ssize_t i = 0; i < nb; i++) {
        differs |= (unsigned char)(left[i] ^ right[i]);
    }
    return differs == 0;
}

/* Whether two str of ASCII, or two buffers, are equal: True, False or NULL with an exception. */
static inline PyObject *
compare_digest(PyObject *a, PyObject *b)
{
    if (PyUnicode_Check(a) && PyUnicode_Check(b)) {
        if (!PyUnicode_IS_ASCII(a) || !PyUnicode_IS_ASCII(b)) {
            PyErr_SetString(PyExc_TypeError,
                            "comparing strings with non-ASCII characters is not supported");
            return NULL;
        }
        return PyBool_FromLong(same_bytes(PyUnicode_DATA(a), PyUnicode_GET_LENGTH(a),
                                          PyUnicode_DATA(b), PyUnicode_GET_LENGTH(b)));
    }
    if (!PyObject_CheckBuffer(a) && !PyObject_CheckBuffer(b)) {
        PyErr_Format(PyExc_TypeError,
                     "unsupported operand types(s) or combination of types: '%.100s' and "
                     "'%.100s'", Py_TYPE(a)->tp_name, Py_TYPE(b)->tp_name);
        return NULL;
    }
    Py_buffer va, vb;
    if (PyObject_GetBuffer(a, &va, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    if (PyObject_GetBuffer(b, &vb, PyBUF_SIMPLE) < 0) {
        PyBuffer_Release(&va);
        return NULL;
    }
    bool same = same_bytes(va.buf, va.len, vb.buf, vb.len);
    PyBuffer_Release(&va);
    PyBuffer_Release(&vb);
    return PyBool_FromLong(same);
}

#endif
