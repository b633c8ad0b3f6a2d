/* The tuple type.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_TUPLEOBJECT_H
#define Py_TUPLEOBJECT_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyTupleIter_Type;
PyAPI_DATA(PyTypeObject) PyTuple_Type;

#define PyTuple_Check(op) PyType_FastSubclass(Py_TYPE(op), Py_TPFLAGS_TUPLE_SUBCLASS)
#define PyTuple_CheckExact(op) Py_IS_TYPE((op), &PyTuple_Type)

PyAPI_FUNC(Py_BORROWED PyObject *) PyTuple_GetItem(PyObject *, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyTuple_GetSlice(PyObject *, Py_ssize_t, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyTuple_New(Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyTuple_Pack(Py_ssize_t, ...);
PyAPI_FUNC(int) PyTuple_SetItem(PyObject *, Py_ssize_t, Py_STEALS PyObject *);
PyAPI_FUNC(Py_ssize_t) PyTuple_Size(PyObject *);

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/tupleobject.h"
#endif

#endif  /* !Py_TUPLEOBJECT_H */
