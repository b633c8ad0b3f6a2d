/* pycore_list.h - inside of lists, for the core only.
 *
 * A list owns an array `ob_item` of `allocated` slots, the first Py_SIZE of which hold owned
 * references; 0 <= Py_SIZE <= allocated, and ob_item is NULL iff allocated is 0.
 */
#ifndef Py_INTERNAL_LIST_H
#define Py_INTERNAL_LIST_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* Appends when the array is full.  Consumes the reference, also on failure (-1). */
extern int _PyList_AppendTakeRefListResize(PyListObject *self, PyObject *newitem);

/* Appends, consuming the reference to `newitem`.  0, or -1 with an exception. */
static inline int
_PyList_AppendTakeRef(PyListObject *self, PyObject *newitem)
{
    assert(self != NULL && newitem != NULL);
    assert(PyList_Check((PyObject *)self));
    Py_ssize_t len = Py_SIZE(self);
    if (len < self->allocated) {
        self->ob_item[len] = newitem;
        Py_SET_SIZE(self, len + 1);
        return 0;
    }
    return _PyList_AppendTakeRefListResize(self, newitem);
}

/* New list that takes over the n references of `src`; on failure they are released. */
extern PyObject *_PyList_FromArraySteal(PyObject *const *src, Py_ssize_t n);

/* Objects/listsort.c: list.sort().  0, or -1 with an exception; the list is a permutation of what
   it was in any case. */
extern int _PyList_Sort(PyListObject *self, PyObject *keyfunc, int reverse);

typedef struct {
    PyObject_HEAD
    Py_ssize_t it_index;
    PyListObject *it_seq;       /* owned; NULL when the iterator is exhausted */
} _PyListIterObject;

#define _PyList_ITEMS(op) (((PyListObject *)(op))->ob_item)

#endif /* !Py_INTERNAL_LIST_H */
