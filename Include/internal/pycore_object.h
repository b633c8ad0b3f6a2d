/* Objects inside the core: shared data, immortality, GC links, managed dicts.
 *
 * Two kinds of immortal (InternalDocs/objects.rst):
 *   shared                static data in section "pyshared" or the process arena, immutable,
 *                         visible to all interpreters; test: _Py_IsShared() in pycore_shared.h
 *   interpreter-immortal  in one heap, goes with it; the count is immortal because the API says so
 * Written from PEP 683, PEP 442 and the fact tables (layouts, macros). */
#ifndef Py_INTERNAL_OBJECT_H
#define Py_INTERNAL_OBJECT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_gc.h"          // PyGC_Head and its masks
#include "pycore_pystate.h"     // _PyInterpreterState_GET()

#include <assert.h>

/* Places a definition with an object header into the shared, writable section: code compiled
 * for older Pythons adds to and subtracts from counts blindly.  Nothing else writes there,
 * but for the cached hashes of str, bytes and frozenset. */
#ifndef _Py_SHARED
#define _Py_SHARED __attribute__((section("pyshared"), used))
#endif

/* A static object of a GC type has an empty PyGC_Head in front:
 *     _Py_SHARED struct { PyGC_Head gc; PyTupleObject ob; } x = {...}; */

#define _PyObject_HEAD_INIT(TYPE)       \
    {                                   \
        {_Py_IMMORTAL_REFCNT},          \
        (TYPE)                          \
    }
#define _PyVarObject_HEAD_INIT(TYPE, SIZE)  \
    {                                       \
        _PyObject_HEAD_INIT(TYPE), (SIZE)   \
    }

/* ---- counts -------------------------------------------------------------- */

#ifdef Py_REF_DEBUG
/* Objects/object.c.  The sum of the counts of the current heap changes by n. */
extern void _Py_AddRefTotal(Py_ssize_t n);
extern Py_ssize_t _Py_GetGlobalRefTotal(void);
#endif

static inline void
_Py_SetImmortal(PyObject *op)
{
#ifdef Py_REF_DEBUG
    if (!_Py_IsImmortal(op)) {
        _Py_AddRefTotal(-op->ob_refcnt);
    }
#endif
    op->ob_refcnt = _Py_IMMORTAL_REFCNT;
}

/* Makes an object, and what it consists of, shared: immortal and untracked.  For the exact
 * types str, bytes, int, float, tuple, frozenset, dict, code and the descriptors that readying
 * makes; the caller is between _PyHeap_EnterShared and _PyHeap_LeaveShared.  Objects/object.c */
extern void _PyObject_MakeShared(PyObject *op);

static inline void
_Py_DECREF_SPECIALIZED(PyObject *op, const destructor destruct)
{
    if (_Py_IsImmortal(op)) {
        return;
    }
    assert(op->ob_refcnt > 0);
    _Py_COUNT_DOWN(op);
    if (--op->ob_refcnt == 0) {
        destruct(op);
    }
}

static inline void
_Py_DECREF_NO_DEALLOC(PyObject *op)
{
    if (_Py_IsImmortal(op)) {
        return;
    }
    _Py_COUNT_DOWN(op);
    op->ob_refcnt--;
    assert(op->ob_refcnt > 0);
}

extern void _Py_NewReference(PyObject *op);
extern void _Py_NewReferenceNoTotal(PyObject *op);

/* _Py_NewReference(), without a call where there is nothing to check. */
static inline void
_PyObject_Revive(PyObject *op)
{
#ifdef Py_DEBUG
    _Py_NewReference(op);
#else
    op->ob_refcnt = 1;
#endif
}

/* ---- the trashcan (object.h), without calls in the usual case ------------- */

/* Deallocators nested deeper than this put their object aside. */
#define _Py_TRASHCAN_UNWIND_LEVEL 50

static inline int
_PyTrash_BeginInline(PyThreadState *tstate, PyObject *op)
{
    if (__builtin_expect(tstate->trash.delete_nesting < _Py_TRASHCAN_UNWIND_LEVEL, 1)) {
        tstate->trash.delete_nesting++;
        return 0;
    }
    return _PyTrash_begin(tstate, op);
}

static inline void
_PyTrash_EndInline(PyThreadState *tstate)
{
    assert(tstate->trash.delete_nesting > 0);
    if (tstate->trash.delete_nesting == 1 && tstate->trash.delete_later != NULL) {
        _PyTrash_end(tstate);
    }
    else {
        tstate->trash.delete_nesting--;
    }
}

#undef Py_TRASHCAN_BEGIN
#undef Py_TRASHCAN_END
#define Py_TRASHCAN_BEGIN(op, dealloc) \
    do { \
        PyThreadState *_tstate = NULL; \
        if (Py_TYPE(op)->tp_dealloc == (destructor)(dealloc)) { \
            _tstate = _PyThreadState_GET(); \
            if (_PyTrash_BeginInline(_tstate, _PyObject_CAST(op))) { \
                break; \
            } \
        }
#define Py_TRASHCAN_END \
        if (_tstate != NULL) { \
            _PyTrash_EndInline(_tstate); \
        } \
    } while (0);

/* ---- birth --------------------------------------------------------------- */

static inline void
_PyObject_Init(PyObject *op, PyTypeObject *type)
{
    assert(op != NULL);
    Py_SET_TYPE(op, type);
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        Py_INCREF(type);
    }
    _PyObject_Revive(op);
}

static inline void
_PyObject_InitVar(PyVarObject *op, PyTypeObject *type, Py_ssize_t size)
{
    _PyObject_Init((PyObject *)op, type);
    Py_SET_SIZE(op, size);
}

/* ---- collector ------------------------------------------------------------ */

static inline PyGC_Head *
_Py_AS_GC(PyObject *op)
{
    return (PyGC_Head *)((char *)op - sizeof(PyGC_Head));
}

static inline PyObject *
_Py_FROM_GC(PyGC_Head *gc)
{
    return (PyObject *)((char *)gc + sizeof(PyGC_Head));
}

/* True if the object has a PyGC_Head in front (static types do not). */
static inline int
_PyObject_IS_GC(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    return PyType_IS_GC(type) && (type->tp_is_gc == NULL || type->tp_is_gc(op));
}

static inline int
_PyObject_GC_IS_TRACKED(PyObject *op)
{
    return _Py_AS_GC(op)->_gc_next != 0;
}

#define _PyObject_GC_MAY_BE_TRACKED(op) \
    (PyObject_IS_GC(op) && (!PyTuple_CheckExact(op) || _PyObject_GC_IS_TRACKED(op)))

/* Links of the lists of the collector; `_gc_prev` keeps its two flag bits. */
#define _PyGCHead_NEXT(g) ((PyGC_Head *)((g)->_gc_next))
#define _PyGCHead_SET_NEXT(g, p) ((g)->_gc_next = (uintptr_t)(p))
#define _PyGCHead_PREV(g) ((PyGC_Head *)((g)->_gc_prev & _PyGC_PREV_MASK))
#define _PyGCHead_SET_PREV(g, p) \
    ((g)->_gc_prev = ((g)->_gc_prev & ~_PyGC_PREV_MASK) | (uintptr_t)(p))
static inline int
_PyGC_IS_FINALIZED(PyGC_Head *gc)
{
    return (gc->_gc_prev & _PyGC_PREV_MASK_FINALIZED) != 0;
}
#define _PyGC_SET_FINALIZED(o) (_Py_AS_GC(o)->_gc_prev |= _PyGC_PREV_MASK_FINALIZED)

/* Links the object into the youngest generation of the heap that allocations go to. */
static inline void
_PyObject_GC_TRACK(PyObject *op)
{
    assert(!_PyObject_GC_IS_TRACKED(op));
    PyGC_Head *gc = _Py_AS_GC(op);
    assert((gc->_gc_prev & _PyGC_PREV_MASK_COLLECTING) == 0);
    PyGC_Head *generation0 = &_PyThreadState_GET()->heap->gc.generations[0].head;
    PyGC_Head *last = (PyGC_Head *)(generation0->_gc_prev);
    _PyGCHead_SET_NEXT(last, gc);
    _PyGCHead_SET_PREV(gc, last);
    _PyGCHead_SET_NEXT(gc, generation0);
    generation0->_gc_prev = (uintptr_t)gc;
}

static inline void
_PyObject_GC_UNTRACK(PyObject *op)
{
    assert(_PyObject_GC_IS_TRACKED(op));
    PyGC_Head *gc = _Py_AS_GC(op);
    PyGC_Head *prev = _PyGCHead_PREV(gc);
    PyGC_Head *next = _PyGCHead_NEXT(gc);
    _PyGCHead_SET_NEXT(prev, next);
    _PyGCHead_SET_PREV(next, prev);
    gc->_gc_next = 0;
    gc->_gc_prev &= _PyGC_PREV_MASK_FINALIZED;
}

/* ---- managed dict and weak references in front of the object ---------------- */

#define MANAGED_WEAKREF_OFFSET  (((Py_ssize_t)sizeof(PyWeakReference *)) * -4)
#define MANAGED_DICT_OFFSET     (((Py_ssize_t)sizeof(PyObject *)) * -3)

#define _PyType_IS_GC(type) PyType_HasFeature((type), Py_TPFLAGS_HAVE_GC)

/* Bytes in front of an object of this type: collector head, dict and weak reference words. */
static inline size_t
_PyType_PreHeaderSize(PyTypeObject *type)
{
    return (_PyType_IS_GC(type) ? sizeof(PyGC_Head) : 0) +
           (PyType_HasFeature(type, Py_TPFLAGS_PREHEADER) ? 2 * sizeof(PyObject *) : 0);
}

static inline PyObject **
_PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(PyObject *op)
{
    return (PyObject **)((char *)op + Py_TYPE(op)->tp_weaklistoffset);
}

/* ---- owner checks (debug builds) ------------------------------------------- */

#ifdef Py_DEBUG
/* Aborts, naming both interpreters and the type, if `op` lies in another heap than the
 * running thread's.  Blocks of unknown origin are not judged.  Objects/heap_process.c */
#  define _PyObject_ASSERT_OWNER(op) _PyObject_CheckOwner((PyObject *)(op))
#else
#  define _PyObject_ASSERT_OWNER(op) ((void)0)
#endif

/* ---- attributes -------------------------------------------------------------- */

/* Objects/object.c.  1 found (*pvalue a new reference), 0 missing (AttributeError silenced), -1
   error. */
extern int _PyObject_LookupAttr(PyObject *op, PyObject *name, PyObject **pvalue);
extern PyObject *_PyObject_LookupSpecial(PyObject *self, PyObject *attr);
extern int _PyObject_IsAbstract(PyObject *op);
extern int _PyObject_GetMethod(PyObject *obj, PyObject *name, PyObject **method);
extern PyObject *_PyObject_NextNotImplemented(PyObject *self);
extern PyObject *_PyObject_FunctionStr(PyObject *op);
extern int _PyObject_SetManagedDict(PyObject *obj, PyObject *dict);
extern void _Py_PrintReferences(PyInterpreterState *interp, FILE *fp);

/* -- start and end (Objects/object.c) -- */
/* Makes the shared static types ready: once per process. */
extern PyStatus _PyTypes_InitTypes(PyThreadState *tstate);
extern void _PyTypes_FiniTypes(PyInterpreterState *interp);

#endif /* !Py_INTERNAL_OBJECT_H */
