/* pycore_seqiter.h - iterators over built-in sequences by index, for the core only.
 *
 * list, tuple, str, bytes and bytearray have an iterator type each, whose tp_iternext knows the
 * sequence; struct, life cycle and pickling are the same for all and lie in Objects/iterobject.c.
 */
#ifndef Py_INTERNAL_SEQITER_H
#define Py_INTERNAL_SEQITER_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

typedef struct {
    PyObject_HEAD
    Py_ssize_t it_index;        /* of the next item */
    PyObject *it_seq;           /* owned; NULL when the iterator is exhausted */
} _PySeqIterObject;

/* That of ASCII strings; the others' types are public (PyListIter_Type, ...). */
extern PyTypeObject _PyUnicodeASCIIIter_Type;

/* New iterator of that type, at the first item of seq (which is not checked). */
extern PyObject *_PySeqIter_New(PyTypeObject *type, PyObject *seq);
extern void _PySeqIter_Dealloc(PyObject *self);
extern int _PySeqIter_Traverse(PyObject *self, visitproc visit, void *arg);

/* Drops the sequence: the end is final, even if it grows later.  Always returns NULL. */
extern PyObject *_PySeqIter_Exhaust(_PySeqIterObject *it);

/* The value of __reduce__ with that built-in function (iter, reversed). */
extern PyObject *_PySeqIter_Reduce(_PySeqIterObject *it, PyObject *builtin);

/* The same of any iterator, as iter(list of what is left): `copy`, an iterator that is taken over,
   is run to its end.  New reference, or NULL with an exception. */
extern PyObject *_PyIter_ReduceToList(PyObject *copy);

/* __length_hint__, __reduce__ and __setstate__ of the iterators that go forward; that of bytearray
   has a text signature. */
extern PyMethodDef _PySeqIter_Methods[];
extern PyMethodDef _PyByteArrayIter_Methods[];

#define _PySEQITER_LENGTH_HINT_DOC \
    PyDoc_STR("Private method returning an estimate of len(list(it)).")
#define _PySEQITER_REDUCE_DOC PyDoc_STR("Return state information for pickling.")
#define _PySEQITER_SETSTATE_DOC PyDoc_STR("Set state information for unpickling.")

#endif /* !Py_INTERNAL_SEQITER_H */
