/* types.GenericAlias for the core (Objects/genericaliasobject.c). */
#ifndef Py_INTERNAL_GENERICALIAS_H
#define Py_INTERNAL_GENERICALIAS_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

extern PyTypeObject _Py_GenericAliasIterType;

#define _PyGenericAlias_Check(op) PyObject_TypeCheck((op), &Py_GenericAliasType)

/* The type variables in a tuple of arguments: new tuple, or NULL with an error. */
extern PyObject *_Py_make_parameters(PyObject *args);
/* The new arguments of alias[item]: new tuple, or NULL with an error. */
extern PyObject *_Py_subs_parameters(PyObject *self, PyObject *args, PyObject *parameters,
                                     PyObject *item);
/* Writes a type as it appears in annotations: 0, or -1 with an error. */
extern int _Py_typing_type_repr(_PyUnicodeWriter *writer, PyObject *p);

#endif /* !Py_INTERNAL_GENERICALIAS_H */
