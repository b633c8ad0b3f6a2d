/* Unions of types (PEP 604) inside the core. */
#ifndef Py_INTERNAL_UNIONOBJECT_H
#define Py_INTERNAL_UNIONOBJECT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

extern PyTypeObject _PyUnion_Type;
#define _PyUnion_Check(op) Py_IS_TYPE((op), &_PyUnion_Type)

/* X | Y for types: new reference, NotImplemented, or NULL. */
extern PyObject *_Py_union_type_or(PyObject *self, PyObject *other);
extern PyObject *_Py_union_args(PyObject *self);    /* borrowed tuple */
/* Parameters substituted in a generic alias: Objects/genericaliasobject.c */
extern PyObject *_Py_make_parameters(PyObject *args);
extern PyObject *_Py_subs_parameters(PyObject *self, PyObject *args, PyObject *parameters,
                                     PyObject *item);
#define _PyGenericAlias_Check(op) PyObject_TypeCheck((op), &Py_GenericAliasType)

#endif /* !Py_INTERNAL_UNIONOBJECT_H */
