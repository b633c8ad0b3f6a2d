/* pycore_set.h - inside of sets, for the core only. */
#ifndef Py_INTERNAL_SET_H
#define Py_INTERNAL_SET_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* Fills the table of a static frozenset at runtime init, before it is published.  `items` are
   shared objects.  0, or -1 with an exception. */
extern int _PyFrozenSet_InitShared(PyObject *set, PyObject *const *items, Py_ssize_t n);

#endif /* !Py_INTERNAL_SET_H */
