/* pycore_tuple.h - inside of tuples, for the core only.  The empty tuple is one shared object. */
#ifndef Py_INTERNAL_TUPLE_H
#define Py_INTERNAL_TUPLE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#define _PyTuple_ITEMS(op) (((PyTupleObject *)(op))->ob_item)

/* New tuple of n new references. */
extern PyObject *_PyTuple_FromArray(PyObject *const *src, Py_ssize_t n);
/* New tuple that takes over the n references of `src`; on failure they are released. */
extern PyObject *_PyTuple_FromArraySteal(PyObject *const *src, Py_ssize_t n);

typedef struct {
    PyObject_HEAD
    Py_ssize_t it_index;
    PyTupleObject *it_seq;      /* owned; NULL when the iterator is exhausted */
} _PyTupleIterObject;

#endif /* !Py_INTERNAL_TUPLE_H */
