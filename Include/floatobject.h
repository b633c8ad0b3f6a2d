/* The float type: a C double.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_FLOATOBJECT_H
#define Py_FLOATOBJECT_H

#include "object.h"
#include "pymath.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyFloat_Type;

#define PyFloat_Check(op) PyObject_TypeCheck((op), &PyFloat_Type)
#define PyFloat_CheckExact(op) Py_IS_TYPE((op), &PyFloat_Type)

PyAPI_FUNC(double) PyFloat_AsDouble(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyFloat_FromDouble(double);
PyAPI_FUNC(Py_NEWREF PyObject *) PyFloat_FromString(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyFloat_GetInfo(void);
PyAPI_FUNC(double) PyFloat_GetMax(void);
PyAPI_FUNC(double) PyFloat_GetMin(void);

#define Py_RETURN_NAN return PyFloat_FromDouble(Py_NAN)
/* Infinity with the sign of a number. */
#define Py_RETURN_INF(sign) \
    do { \
        if (copysign(1., sign) == 1.) { \
            return PyFloat_FromDouble(Py_HUGE_VAL); \
        } \
        else { \
            return PyFloat_FromDouble(-Py_HUGE_VAL); \
        } \
    } while (0)

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/floatobject.h"
#endif

#endif  /* !Py_FLOATOBJECT_H */
