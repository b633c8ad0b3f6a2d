/* The list type.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_LISTOBJECT_H
#define Py_LISTOBJECT_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyListIter_Type;
PyAPI_DATA(PyTypeObject) PyListRevIter_Type;
PyAPI_DATA(PyTypeObject) PyList_Type;

#define PyList_Check(op) PyType_FastSubclass(Py_TYPE(op), Py_TPFLAGS_LIST_SUBCLASS)
#define PyList_CheckExact(op) Py_IS_TYPE((op), &PyList_Type)

PyAPI_FUNC(int) PyList_Append(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyList_AsTuple(PyObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) PyList_GetItem(PyObject *, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyList_GetSlice(PyObject *, Py_ssize_t, Py_ssize_t);
PyAPI_FUNC(int) PyList_Insert(PyObject *, Py_ssize_t, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyList_New(Py_ssize_t);
PyAPI_FUNC(int) PyList_Reverse(PyObject *);
PyAPI_FUNC(int) PyList_SetItem(PyObject *, Py_ssize_t, Py_STEALS PyObject *);
PyAPI_FUNC(int) PyList_SetSlice(PyObject *, Py_ssize_t, Py_ssize_t, PyObject *);
PyAPI_FUNC(Py_ssize_t) PyList_Size(PyObject *);
PyAPI_FUNC(int) PyList_Sort(PyObject *);

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/listobject.h"
#endif

#endif  /* !Py_LISTOBJECT_H */
