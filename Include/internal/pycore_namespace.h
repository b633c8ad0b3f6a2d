/* types.SimpleNamespace for the core (Objects/namespaceobject.c). */
#ifndef Py_INTERNAL_NAMESPACE_H
#define Py_INTERNAL_NAMESPACE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

PyAPI_DATA(PyTypeObject) _PyNamespace_Type;

/* A namespace with a copy of the dict (may be NULL): new reference, or NULL with an error. */
PyAPI_FUNC(PyObject *) _PyNamespace_New(PyObject *kwds);

#endif /* !Py_INTERNAL_NAMESPACE_H */
