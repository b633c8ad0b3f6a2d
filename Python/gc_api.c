/* Containers: allocation, tracking, and questions about the tracked objects.

   In front of a container lies its PyGC_Head; in front of that, for types with a managed dict
   or managed weak references, two more words.  _PyType_PreHeaderSize() gives the sum.

   Written from the C API reference ("Supporting Cyclic Garbage Collection").  */

#include "Python.h"
#include "pycore_breaker.h"     // _PY_GC_SCHEDULED_BIT
#include "pycore_errors.h"      // _PyErr_NoMemory()
#include "pycore_gc.h"          // struct _gc_heap
#include "pycore_gc_list.h"     // gc_list_first()
#include "pycore_object.h"      // _PyObject_GC_TRACK()
#include "pycore_pystate.h"     // _PyThreadState_GET()

/* ---- Allocation --------------------------------------------------------- */

void
_PyObject_GC_Link(PyObject *op)
{
    PyGC_Head *g = _Py_AS_GC(op);
    PyThreadState *tstate = _PyThreadState_GET();
    struct gc_generation *youngest = &tstate->heap->gc.generations[0];
    assert(((uintptr_t)g & (sizeof(uintptr_t) - 1)) == 0);
    g->_gc_next = 0;
    g->_gc_prev = 0;
    youngest->count++;
#ifndef LADON_GC_STRESS
    if (youngest->count <= youngest->threshold) {
        return;
    }
#endif
    if (youngest->threshold != 0 && tstate->interp->gc.enabled
        && !tstate->heap->gc.collecting) {
        _Py_set_eval_breaker_bit(tstate, _PY_GC_SCHEDULED_BIT);
    }
}

/* `size` bytes with the pre-header in front; the pre-header is zero.  NULL with MemoryError. */
static PyObject *
alloc_container(PyTypeObject *type, size_t size)
{
    size_t presize = _PyType_PreHeaderSize(type);
    if (size > (size_t)PY_SSIZE_T_MAX - presize) {
        return PyErr_NoMemory();
    }
    char *mem = PyObject_Malloc(size + presize);
    if (mem == NULL) {
        return PyErr_NoMemory();
    }
    memset(mem, 0, presize);
    PyObject *op = (PyObject *)(mem + presize);
    _PyObject_GC_Link(op);
    return op;
}

PyObject *
_PyObject_GC_New(PyTypeObject *type)
{
    PyObject *op = alloc_container(type, (size_t)type->tp_basicsize);
    if (op == NULL) {
        return NULL;
    }
    _PyObject_Init(op, type);
    return op;
}

PyVarObject *
_PyObject_GC_NewVar(PyTypeObject *type, Py_ssize_t nitems)
{
    if (nitems < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    size_t size = _PyObject_VAR_SIZE(type, nitems);
    PyVarObject *op = (PyVarObject *)alloc_container(type, size);
    if (op == NULL) {
        return NULL;
    }
    _PyObject_InitVar(op, type, nitems);
    return op;
}

PyObject *
PyUnstable_Object_GC_NewWithExtraData(PyTypeObject *type, size_t extra_size)
{
    size_t size = (size_t)type->tp_basicsize;
    if (extra_size > (size_t)PY_SSIZE_T_MAX - size) {
        return PyErr_NoMemory();
    }
    PyObject *op = alloc_container(type, size + extra_size);
    if (op == NULL) {
        return NULL;
    }
    memset(op, 0, size + extra_size);
    _PyObject_Init(op, type);
    return op;
}

PyVarObject *
_PyObject_GC_Resize(PyVarObject *op, Py_ssize_t nitems)
{
    PyTypeObject *type = Py_TYPE(op);
    size_t size = _PyObject_VAR_SIZE(type, nitems);
    size_t presize = _PyType_PreHeaderSize(type);
    _PyObject_ASSERT((PyObject *)op, !_PyObject_GC_IS_TRACKED((PyObject *)op));
    if (size > (size_t)PY_SSIZE_T_MAX - presize) {
        return (PyVarObject *)PyErr_NoMemory();
    }
    char *mem = PyObject_Realloc((char *)op - presize, size + presize);
    if (mem == NULL) {
        return (PyVarObject *)PyErr_NoMemory();
    }
    op = (PyVarObject *)(mem + presize);
    Py_SET_SIZE(op, nitems);
    return op;
}

void
PyObject_GC_Del(void *op)
{
    PyObject *obj = op;
    size_t presize = _PyType_PreHeaderSize(Py_TYPE(obj));
    if (_PyObject_GC_IS_TRACKED(obj)) {
        _PyObject_GC_UNTRACK(obj);
#ifdef Py_DEBUG
        PyObject *exc = PyErr_GetRaisedException();
        if (PyErr_WarnExplicitFormat(PyExc_ResourceWarning, "gc", 0, "gc", NULL,
                                     "Object of type %s is not untracked before destruction",
                                     Py_TYPE(obj)->tp_name) < 0) {
            PyErr_WriteUnraisable(NULL);
        }
        PyErr_SetRaisedException(exc);
#endif
    }
    struct gc_generation *youngest = &_PyThreadState_GET()->heap->gc.generations[0];
    if (youngest->count > 0) {
        youngest->count--;
    }
    PyObject_Free((char *)op - presize);
}

/* ---- Tracking ----------------------------------------------------------- */

void
PyObject_GC_Track(void *op)
{
    PyObject *obj = op;
    if (_PyObject_GC_IS_TRACKED(obj)) {
        _PyObject_ASSERT_FAILED_MSG(obj, "object already tracked by the garbage collector");
    }
    _PyObject_GC_TRACK(obj);
}

void
PyObject_GC_UnTrack(void *op)
{
    PyObject *obj = op;
    /* Deallocators call this a second time when a subclass already did. */
    if (_PyObject_GC_IS_TRACKED(obj)) {
        _PyObject_GC_UNTRACK(obj);
    }
}

int
PyObject_GC_IsTracked(PyObject *op)
{
    return _PyObject_IS_GC(op) && _PyObject_GC_IS_TRACKED(op);
}

int
PyObject_GC_IsFinalized(PyObject *op)
{
    return _PyObject_IS_GC(op)
           && (_Py_AS_GC(op)->_gc_prev & _PyGC_PREV_MASK_FINALIZED) != 0;
}

int
PyObject_IS_GC(PyObject *op)
{
    return _PyObject_IS_GC(op);
}

/* ---- On and off --------------------------------------------------------- */

Py_ssize_t
PyGC_Collect(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!tstate->interp->gc.enabled) {
        return 0;
    }
    return _PyGC_CollectGeneration(tstate, NUM_GENERATIONS - 1);
}

static int
set_enabled(int on)
{
    struct _gc_state *state = &_PyInterpreterState_GET()->gc;
    int old = state->enabled;
    state->enabled = on;
    return old;
}

int
PyGC_Enable(void)
{
    return set_enabled(1);
}

int
PyGC_Disable(void)
{
    return set_enabled(0);
}

int
PyGC_IsEnabled(void)
{
    return _PyInterpreterState_GET()->gc.enabled;
}

/* ---- Walks over the tracked objects ------------------------------------- */

/* Call `callback` for each tracked object until it returns 0.  It may not run Python code
   that makes or frees containers other than by the order of the lists. */
void
PyUnstable_GC_VisitObjects(gcvisitobjects_t callback, void *arg)
{
    PyThreadState *tstate = _PyThreadState_GET();
    struct _gc_heap *gc = &tstate->heap->gc;
    int enabled = tstate->interp->gc.enabled;
    tstate->interp->gc.enabled = 0;
    for (int i = 0; i <= NUM_GENERATIONS; i++) {
        PyGC_Head *list = i < NUM_GENERATIONS ? &gc->generations[i].head : &gc->permanent;
        PyGC_Head *g = gc_list_first(list);
        while (g != list) {
            PyObject *op = Py_NewRef(_Py_FROM_GC(g));
            int go_on = callback(op, arg);
            g = gc_list_next(g);
            Py_DECREF(op);
            if (!go_on) {
                goto done;
            }
        }
    }
done:
    tstate->interp->gc.enabled = enabled;
}

void
_PyGC_Freeze(struct _heap *heap)
{
    for (int i = 0; i < NUM_GENERATIONS; i++) {
        gc_list_merge(&heap->gc.generations[i].head, &heap->gc.permanent);
        heap->gc.generations[i].count = 0;
    }
}

void
_PyGC_Unfreeze(struct _heap *heap)
{
    gc_list_merge(&heap->gc.permanent, &heap->gc.generations[NUM_GENERATIONS - 1].head);
}

ptrdiff_t
_PyGC_CountFrozen(struct _heap *heap)
{
    return gc_list_size(&heap->gc.permanent);
}

static int
visit_is_one_of(PyObject *op, void *arg)
{
    PyObject *objs = arg;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(objs); i++) {
        if (PyTuple_GET_ITEM(objs, i) == op) {
            return 1;
        }
    }
    return 0;
}

static int
add_referrers(PyGC_Head *list, PyObject *objs, PyObject *result)
{
    for (PyGC_Head *g = gc_list_first(list); g != list; g = gc_list_next(g)) {
        PyObject *op = _Py_FROM_GC(g);
        if (op == objs || op == result) {
            continue;
        }
        if (Py_TYPE(op)->tp_traverse(op, visit_is_one_of, objs)
            && PyList_Append(result, op) < 0) {
            return -1;
        }
    }
    return 0;
}

PyObject *
_PyGC_GetReferrers(PyThreadState *tstate, PyObject *objs)
{
    PyObject *result = PyList_New(0);
    if (result == NULL) {
        return NULL;
    }
    struct _gc_heap *gc = &tstate->heap->gc;
    for (int i = 0; i < NUM_GENERATIONS; i++) {
        if (add_referrers(&gc->generations[i].head, objs, result) < 0) {
            Py_DECREF(result);
            return NULL;
        }
    }
    return result;
}

PyObject *
_PyGC_GetObjects(PyThreadState *tstate, int generation)
{
    PyObject *result = PyList_New(0);
    if (result == NULL) {
        return NULL;
    }
    struct _gc_heap *gc = &tstate->heap->gc;
    for (int i = 0; i < NUM_GENERATIONS; i++) {
        if (generation >= 0 && i != generation) {
            continue;
        }
        PyGC_Head *list = &gc->generations[i].head;
        for (PyGC_Head *g = gc_list_first(list); g != list; g = gc_list_next(g)) {
            PyObject *op = _Py_FROM_GC(g);
            if (op != result && PyList_Append(result, op) < 0) {
                Py_DECREF(result);
                return NULL;
            }
        }
    }
    return result;
}
