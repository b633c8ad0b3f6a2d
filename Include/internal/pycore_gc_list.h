#ifndef Py_INTERNAL_GC_LIST_H
#define Py_INTERNAL_GC_LIST_H
/* Lists of the collector: circular, doubly linked, with a sentinel (Python/gc.c, gc_api.c). */

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_object.h"      // _PyGCHead_SET_PREV()

static inline void
gc_list_init(PyGC_Head *list)
{
    list->_gc_next = (uintptr_t)list;
    list->_gc_prev = (uintptr_t)list;
}

static inline int
gc_list_is_empty(const PyGC_Head *list)
{
    return list->_gc_next == (uintptr_t)list;
}

static inline PyGC_Head *
gc_list_first(const PyGC_Head *list)
{
    return (PyGC_Head *)list->_gc_next;
}

static inline PyGC_Head *
gc_list_next(const PyGC_Head *g)
{
    return (PyGC_Head *)g->_gc_next;
}

/* Move a linked object to the end of a list. */
static inline void
gc_list_move(PyGC_Head *g, PyGC_Head *list)
{
    PyGC_Head *prev = _PyGCHead_PREV(g);
    PyGC_Head *next = _PyGCHead_NEXT(g);
    _PyGCHead_SET_NEXT(prev, next);
    _PyGCHead_SET_PREV(next, prev);
    PyGC_Head *last = (PyGC_Head *)list->_gc_prev;
    _PyGCHead_SET_PREV(g, last);
    _PyGCHead_SET_NEXT(last, g);
    list->_gc_prev = (uintptr_t)g;
    _PyGCHead_SET_NEXT(g, list);
}

/* Append all of `from` to `to`; `from` is empty afterwards. */
static inline void
gc_list_merge(PyGC_Head *from, PyGC_Head *to)
{
    assert(from != to);
    if (!gc_list_is_empty(from)) {
        PyGC_Head *to_last = (PyGC_Head *)to->_gc_prev;
        PyGC_Head *from_first = gc_list_first(from);
        PyGC_Head *from_last = (PyGC_Head *)from->_gc_prev;
        _PyGCHead_SET_NEXT(to_last, from_first);
        _PyGCHead_SET_PREV(from_first, to_last);
        _PyGCHead_SET_NEXT(from_last, to);
        to->_gc_prev = (uintptr_t)from_last;
    }
    gc_list_init(from);
}

static inline Py_ssize_t
gc_list_size(const PyGC_Head *list)
{
    Py_ssize_t n = 0;
    for (PyGC_Head *g = gc_list_first(list); g != list; g = gc_list_next(g)) {
        n++;
    }
    return n;
}

/* True if the links of the list agree. */
static inline int
gc_list_check(PyGC_Head *list)
{
    PyGC_Head *prev = list;
    for (PyGC_Head *g = gc_list_first(list); g != list; g = gc_list_next(g)) {
        if (_PyGCHead_PREV(g) != prev) {
            return 0;
        }
        prev = g;
    }
    return (PyGC_Head *)list->_gc_prev == prev;
}

#endif  /* !Py_INTERNAL_GC_LIST_H */
