/* The int type: arbitrary precision.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_LONGOBJECT_H
#define Py_LONGOBJECT_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyLong_Type;

#define PyLong_Check(op) PyType_FastSubclass(Py_TYPE(op), Py_TPFLAGS_LONG_SUBCLASS)
#define PyLong_CheckExact(op) Py_IS_TYPE((op), &PyLong_Type)

PyAPI_FUNC(double) PyLong_AsDouble(PyObject *);
PyAPI_FUNC(long) PyLong_AsLong(PyObject *);
PyAPI_FUNC(long) PyLong_AsLongAndOverflow(PyObject *, int *);
PyAPI_FUNC(long long) PyLong_AsLongLong(PyObject *);
PyAPI_FUNC(long long) PyLong_AsLongLongAndOverflow(PyObject *, int *);
PyAPI_FUNC(size_t) PyLong_AsSize_t(PyObject *);
PyAPI_FUNC(Py_ssize_t) PyLong_AsSsize_t(PyObject *);
PyAPI_FUNC(unsigned long) PyLong_AsUnsignedLong(PyObject *);
PyAPI_FUNC(long unsigned long) PyLong_AsUnsignedLongLong(PyObject *);
PyAPI_FUNC(long unsigned long) PyLong_AsUnsignedLongLongMask(PyObject *);
PyAPI_FUNC(unsigned long) PyLong_AsUnsignedLongMask(PyObject *);
PyAPI_FUNC(void *) PyLong_AsVoidPtr(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyLong_FromDouble(double);
PyAPI_FUNC(Py_NEWREF PyObject *) PyLong_FromLong(long);
PyAPI_FUNC(Py_NEWREF PyObject *) PyLong_FromLongLong(long long);
PyAPI_FUNC(Py_NEWREF PyObject *) PyLong_FromSize_t(size_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyLong_FromSsize_t(Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyLong_FromString(const char *, char **, int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyLong_FromUnsignedLong(unsigned long);
PyAPI_FUNC(Py_NEWREF PyObject *) PyLong_FromUnsignedLongLong(long unsigned long);
PyAPI_FUNC(Py_NEWREF PyObject *) PyLong_FromVoidPtr(void *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyLong_GetInfo(void);

PyAPI_FUNC(long) PyOS_strtol(const char *, char **, int);
PyAPI_FUNC(unsigned long) PyOS_strtoul(const char *, char **, int);

#define PyLong_AS_LONG(op) PyLong_AsLong(op)

/* pid_t is an int here. */
#define _Py_PARSE_PID "i"
#define PyLong_FromPid PyLong_FromLong
#define PyLong_AsPid PyLong_AsLong

/* Formats of argument parsing for intptr_t and uintptr_t. */
#define _Py_PARSE_INTPTR "l"
#define _Py_PARSE_UINTPTR "k"

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/longobject.h"
#endif

#endif  /* !Py_LONGOBJECT_H */
