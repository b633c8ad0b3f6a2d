/* Layout of bytearray objects and unchecked access.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_BYTEARRAYOBJECT_H
#  error "do not include this file directly, include bytearrayobject.h"
#endif

#ifndef Py_CPYTHON_BYTEARRAYOBJECT_H
#define Py_CPYTHON_BYTEARRAYOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

/* ob_bytes is the allocation, ob_start the first byte in use: deleting from the front
   moves ob_start. ob_exports counts the views that forbid a resize. */
typedef struct {
    PyObject_VAR_HEAD
    Py_ssize_t ob_alloc;    /* bytes allocated */
    char *ob_bytes;         /* the allocation */
    char *ob_start;         /* first byte in use */
    Py_ssize_t ob_exports;  /* views that forbid a resize */
} PyByteArrayObject;

PyAPI_DATA(char) _PyByteArray_empty_string[1];

#define _PyByteArray_CAST(op) \
    (assert(PyByteArray_Check(op)), _Py_CAST(PyByteArrayObject *, (op)))

static inline Py_ssize_t
PyByteArray_GET_SIZE(PyObject *op)
{
    return Py_SIZE(_PyByteArray_CAST(op));
}
#define PyByteArray_GET_SIZE(self) PyByteArray_GET_SIZE(_PyObject_CAST(self))

/* Never NULL: an empty bytearray gives an empty C string. */
static inline char *
PyByteArray_AS_STRING(PyObject *op)
{
    return Py_SIZE(op) ? _PyByteArray_CAST(op)->ob_start : _PyByteArray_empty_string;
}
#define PyByteArray_AS_STRING(self) PyByteArray_AS_STRING(_PyObject_CAST(self))

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_BYTEARRAYOBJECT_H */
