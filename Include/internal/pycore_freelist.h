/* Free lists: dead objects of one type kept for the next allocation.
 *
 * They hang on the heap (tstate->heap), so that an object never wanders from one heap to
 * another, and are emptied by a full collection and when the heap ends.  A freed object's
 * first word links to the next one; its memory is still an allocated block of the heap.
 *
 *     PyFloatObject *op = _Py_FREELIST_POP(PyFloatObject, tstate, floats);
 *     if (op == NULL) { op = PyObject_Malloc(sizeof(*op)); ... }
 *     ...
 *     if (!_Py_FREELIST_PUSH(tstate, floats, op)) PyObject_Free(op);
 *
 * A popped object still has its type and contents, except for the first word (the
 * reference count): _Py_NewReference() must be called.
 * Push only blocks of the current heap: _Py_FREELIST_PUSH checks the owner. */
#ifndef Py_INTERNAL_FREELIST_H
#define Py_INTERNAL_FREELIST_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_heap.h"        // struct _heap, _PyHeap_Owns(); includes pycore_freelist_state.h

static inline void *
_PyFreeList_Pop(struct _Py_freelist *fl)
{
    void *op = fl->head;
    if (op != NULL) {
        fl->head = *(void **)op;
        fl->count--;
    }
    return op;
}

static inline int
_PyFreeList_Push(struct _heap *heap, struct _Py_freelist *fl, int limit, void *block, void *op)
{
    if (fl->count >= limit || !_PyHeap_OwnsBlock(heap, block)) {
        return 0;
    }
    *(void **)op = fl->head;
    fl->head = op;
    fl->count++;
    return 1;
}

#define _Py_FREELIST_POP(TYPE, tstate, NAME) \
    ((TYPE *)_PyFreeList_Pop(&(tstate)->heap->freelists.NAME))

/* 1 if the object was taken, 0 if the caller must free it.  For types without a GC head. */
#define _Py_FREELIST_PUSH(tstate, NAME, op) \
    _PyFreeList_Push((tstate)->heap, &(tstate)->heap->freelists.NAME, \
                     _Py_FREELIST_LIMIT_##NAME, (op), (op))

/* The same for objects that have a PyGC_Head in front (untracked by then). */
#define _Py_FREELIST_PUSH_GC(tstate, NAME, op) \
    _PyFreeList_Push((tstate)->heap, &(tstate)->heap->freelists.NAME, \
                     _Py_FREELIST_LIMIT_##NAME, (char *)(op) - sizeof(PyGC_Head), (op))

/* Objects/object.c: gives all kept objects of this heap back. */
extern void _PyFreeLists_Clear(struct _heap *heap);

#endif /* !Py_INTERNAL_FREELIST_H */
