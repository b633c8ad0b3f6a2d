/* Type parameters and aliases of PEP 695, as the intrinsics make them.
 * Results are new references or NULL with an exception.  Owner: Objects/typevarobject.c. */
#ifndef Py_INTERNAL_TYPEVAROBJECT_H
#define Py_INTERNAL_TYPEVAROBJECT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

extern PyTypeObject _PyTypeVar_Type;
extern PyTypeObject _PyTypeVarTuple_Type;
extern PyTypeObject _PyParamSpec_Type;
extern PyTypeObject _PyParamSpecArgs_Type;
extern PyTypeObject _PyParamSpecKwargs_Type;
extern PyTypeObject _PyTypeAlias_Type;

/* Generic of this interpreter: borrowed, or NULL with an exception. */
extern PyObject *_Py_GetGenericType(PyInterpreterState *interp);

/* A TypeVar whose bound or constraints are computed by calling a function when asked for. */
extern PyObject *_Py_make_typevar(PyObject *name, PyObject *evaluate_bound,
                                  PyObject *evaluate_constraints);
extern PyObject *_Py_make_paramspec(PyThreadState *tstate, PyObject *name);
extern PyObject *_Py_make_typevartuple(PyThreadState *tstate, PyObject *name);
/* (name, type parameters or None, function that computes the value) */
extern PyObject *_Py_make_typealias(PyThreadState *tstate, PyObject *args);
/* Generic[params] */
extern PyObject *_Py_subscript_generic(PyThreadState *tstate, PyObject *params);

#endif /* !Py_INTERNAL_TYPEVAROBJECT_H */
