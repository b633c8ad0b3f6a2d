/* The immutable bytes type.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_BYTESOBJECT_H
#define Py_BYTESOBJECT_H

#include "object.h"
#include <stdarg.h>

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyBytesIter_Type;
PyAPI_DATA(PyTypeObject) PyBytes_Type;

#define PyBytes_Check(op) PyType_FastSubclass(Py_TYPE(op), Py_TPFLAGS_BYTES_SUBCLASS)
#define PyBytes_CheckExact(op) Py_IS_TYPE((op), &PyBytes_Type)

PyAPI_FUNC(char *) PyBytes_AsString(PyObject *);
PyAPI_FUNC(int) PyBytes_AsStringAndSize(PyObject *, char **, Py_ssize_t *);
PyAPI_FUNC(void) PyBytes_Concat(PyObject **, PyObject *);
PyAPI_FUNC(void) PyBytes_ConcatAndDel(PyObject **, Py_STEALS PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyBytes_DecodeEscape(const char *, Py_ssize_t, const char *,
    Py_ssize_t, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyBytes_FromFormat(const char *, ...);
PyAPI_FUNC(Py_NEWREF PyObject *) PyBytes_FromFormatV(const char *, va_list);
PyAPI_FUNC(Py_NEWREF PyObject *) PyBytes_FromObject(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyBytes_FromString(const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyBytes_FromStringAndSize(const char *, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyBytes_Repr(PyObject *, int);
PyAPI_FUNC(Py_ssize_t) PyBytes_Size(PyObject *);

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/bytesobject.h"
#endif

#endif  /* !Py_BYTESOBJECT_H */
