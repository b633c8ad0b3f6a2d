/* types.UnionType for the core (Objects/unionobject.c). */
#ifndef Py_INTERNAL_UNIONOBJECT_H
#define Py_INTERNAL_UNIONOBJECT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

extern PyTypeObject _PyUnion_Type;
#define _PyUnion_Check(op) Py_IS_TYPE((op), &_PyUnion_Type)

/* a | b of types: new reference (NotImplemented if one is no type), or NULL with an error. */
extern PyObject *_Py_union_type_or(PyObject *, PyObject *);
/* The members, borrowed. */
extern PyObject *_Py_union_args(PyObject *self);

#endif /* !Py_INTERNAL_UNIONOBJECT_H */
