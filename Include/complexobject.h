/* The complex type: two C doubles.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_COMPLEXOBJECT_H
#define Py_COMPLEXOBJECT_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyComplex_Type;

#define PyComplex_Check(op) PyObject_TypeCheck((op), &PyComplex_Type)
#define PyComplex_CheckExact(op) Py_IS_TYPE((op), &PyComplex_Type)

PyAPI_FUNC(Py_NEWREF PyObject *) PyComplex_FromDoubles(double, double);
PyAPI_FUNC(double) PyComplex_ImagAsDouble(PyObject *);
PyAPI_FUNC(double) PyComplex_RealAsDouble(PyObject *);

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/complexobject.h"
#endif

#endif  /* !Py_COMPLEXOBJECT_H */
