/* Iterators over ranges that fit C longs, as the evaluation loop steps them.
 * Owner: Objects/rangeobject.c. */
#ifndef Py_INTERNAL_RANGE_H
#define Py_INTERNAL_RANGE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

typedef struct {
    PyObject_HEAD
    long start;         /* the next value */
    long step;
    long len;           /* values that are left */
} _PyRangeIterObject;

#endif /* !Py_INTERNAL_RANGE_H */
