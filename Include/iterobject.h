/* Iterators over sequences, and over calls of a function.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_ITEROBJECT_H
#define Py_ITEROBJECT_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyCallIter_Type;
PyAPI_DATA(PyTypeObject) PySeqIter_Type;

#define PySeqIter_Check(op) Py_IS_TYPE((op), &PySeqIter_Type)
#define PyCallIter_Check(op) Py_IS_TYPE((op), &PyCallIter_Type)

PyAPI_FUNC(Py_NEWREF PyObject *) PyCallIter_New(PyObject *, PyObject *);

PyAPI_FUNC(Py_NEWREF PyObject *) PySeqIter_New(PyObject *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_ITEROBJECT_H */
