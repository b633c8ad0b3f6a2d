/* Private operations on int objects.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_LONGOBJECT_H
#  error "do not include this file directly, include longobject.h"
#endif

#ifndef Py_CPYTHON_LONGOBJECT_H
#define Py_CPYTHON_LONGOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(Py_NEWREF PyObject *) PyLong_FromUnicodeObject(PyObject *, int);

PyAPI_FUNC(Py_ssize_t) PyUnstable_Long_CompactValue(const PyLongObject *);
PyAPI_FUNC(int) PyUnstable_Long_IsCompact(const PyLongObject *);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(int) _PyLong_AsByteArray(PyLongObject *, unsigned char *, size_t, int, int);
PyAPI_FUNC(int) _PyLong_AsInt(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyLong_DivmodNear(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyLong_Format(PyObject *, int);
PyAPI_FUNC(double) _PyLong_Frexp(PyLongObject *, Py_ssize_t *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyLong_FromByteArray(const unsigned char *, size_t, int, int);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyLong_FromBytes(const char *, Py_ssize_t, int);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyLong_GCD(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyLong_Lshift(PyObject *, size_t);
PyAPI_FUNC(size_t) _PyLong_NumBits(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyLong_Rshift(PyObject *, size_t);
PyAPI_FUNC(int) _PyLong_Sign(PyObject *);
PyAPI_FUNC(int) _PyLong_Size_t_Converter(PyObject *, void *);
PyAPI_FUNC(int) _PyLong_UnsignedInt_Converter(PyObject *, void *);
PyAPI_FUNC(int) _PyLong_UnsignedLongLong_Converter(PyObject *, void *);
PyAPI_FUNC(int) _PyLong_UnsignedLong_Converter(PyObject *, void *);
PyAPI_FUNC(int) _PyLong_UnsignedShort_Converter(PyObject *, void *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_LONGOBJECT_H */
