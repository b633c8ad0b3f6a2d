/* The two truth values.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_BOOLOBJECT_H
#define Py_BOOLOBJECT_H

#include "object.h"
#include "longobject.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyBool_Type;
PyAPI_DATA(PyLongObject) _Py_FalseStruct;
PyAPI_DATA(PyLongObject) _Py_TrueStruct;

#define PyBool_Check(x) Py_IS_TYPE((x), &PyBool_Type)

PyAPI_FUNC(int) Py_IsFalse(PyObject *);
PyAPI_FUNC(int) Py_IsTrue(PyObject *);

PyAPI_FUNC(Py_NEWREF PyObject *) PyBool_FromLong(long);

#define Py_False (_PyObject_CAST(&_Py_FalseStruct))
#define Py_True (_PyObject_CAST(&_Py_TrueStruct))

#define Py_IsTrue(x) Py_Is((x), Py_True)
#define Py_IsFalse(x) Py_Is((x), Py_False)

#define Py_RETURN_TRUE return Py_True
#define Py_RETURN_FALSE return Py_False

#ifdef __cplusplus
}
#endif

#endif  /* !Py_BOOLOBJECT_H */
