/* Layout of complex objects, and arithmetic on the C value.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_COMPLEXOBJECT_H
#  error "do not include this file directly, include complexobject.h"
#endif

#ifndef Py_CPYTHON_COMPLEXOBJECT_H
#define Py_CPYTHON_COMPLEXOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    double real;
    double imag;
} Py_complex;

typedef struct {
    PyObject_HEAD
    Py_complex cval;
} PyComplexObject;

PyAPI_FUNC(Py_complex) PyComplex_AsCComplex(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyComplex_FromCComplex(Py_complex);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(double) _Py_c_abs(Py_complex);
PyAPI_FUNC(Py_complex) _Py_c_diff(Py_complex, Py_complex);
PyAPI_FUNC(Py_complex) _Py_c_neg(Py_complex);
PyAPI_FUNC(Py_complex) _Py_c_pow(Py_complex, Py_complex);
PyAPI_FUNC(Py_complex) _Py_c_prod(Py_complex, Py_complex);
PyAPI_FUNC(Py_complex) _Py_c_quot(Py_complex, Py_complex);
PyAPI_FUNC(Py_complex) _Py_c_sum(Py_complex, Py_complex);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_COMPLEXOBJECT_H */
