/* The cycle collector.

   It finds groups of containers that only their own members refer to.  The objects of the
   generations to collect make up the list `young`:

   1. Each gets its reference count noted in the upper bits of `_gc_prev` and the flag
      COLLECTING; then tp_traverse of each subtracts the references that come from within the
      list.  What has references left is referred to from outside.
   2. One walk along the list sorts it.  An object with references left is reachable: what it
      refers to is reachable too, and gets a count of 1 if it is still ahead, or is fetched back
      to the end of the list if it was already put aside.  An object without references is put
      aside, on `unreachable`, for the time being.  At the end of the walk nothing put aside is
      reachable.

   Links during the walk: `_gc_prev` of objects ahead holds counts, so `young` is singly
   linked there; it is restored as the walk passes.  Objects on `unreachable` have both links,
   and the low bit of `_gc_next` set, which tells them from those ahead.

   After that, with COLLECTING set on just the unreachable ones: objects with tp_del and what
   they reach go to gc.garbage; weak references are cleared and their callbacks run;
   finalizers run (PEP 442); the sort is repeated, since finalizers may have resurrected some;
   what is still unreachable has its tp_clear called.

   The lists belong to the heap.  No collection crosses heaps; shared objects are never tracked.

   A collection starts only from the eval breaker, gc.collect() or the end of an interpreter.

   Written from PEP 442, the documentation of the gc module and the C API reference ("Supporting
   Cyclic Garbage Collection").  */

#include "Python.h"
#include "pycore_breaker.h"     // _PY_GC_SCHEDULED_BIT
#include "pycore_errors.h"      // _PyErr_Occurred()
#include "pycore_freelist.h"    // _PyFreeLists_Clear()
#include "pycore_gc.h"          // struct _gc_heap
#include "pycore_gc_list.h"     // gc_list_append()
#include "pycore_object.h"      // _Py_AS_GC()
#include "pycore_pystate.h"     // _PyThreadState_GET()

#define FROM_GC(g) _Py_FROM_GC(g)

/* ---- Counts kept in _gc_prev -------------------------------------------- */

static inline Py_ssize_t
gc_refs(const PyGC_Head *g)
{
    return (Py_ssize_t)(g->_gc_prev >> _PyGC_PREV_SHIFT);
}

static inline void
gc_set_refs(PyGC_Head *g, Py_ssize_t refs)
{
    g->_gc_prev = (g->_gc_prev & ~_PyGC_PREV_MASK) | ((uintptr_t)refs << _PyGC_PREV_SHIFT);
}

static inline int
gc_is_collecting(const PyGC_Head *g)
{
    return (g->_gc_prev & _PyGC_PREV_MASK_COLLECTING) != 0;
}

static inline void
gc_clear_collecting(PyGC_Head *g)
{
    g->_gc_prev &= ~_PyGC_PREV_MASK_COLLECTING;
}

/* ---- Finding the unreachable -------------------------------------------- */

static void
note_counts(PyGC_Head *young)
{
    for (PyGC_Head *g = gc_list_first(young); g != young; g = gc_list_next(g)) {
        PyObject *op = FROM_GC(g);
        uintptr_t finalized = g->_gc_prev & _PyGC_PREV_MASK_FINALIZED;
        _PyObject_ASSERT(op, Py_REFCNT(op) > 0);
        g->_gc_prev = finalized | _PyGC_PREV_MASK_COLLECTING
                      | ((uintptr_t)Py_REFCNT(op) << _PyGC_PREV_SHIFT);
    }
}

static int
visit_subtract(PyObject *op, void *Py_UNUSED(arg))
{
    if (_PyObject_IS_GC(op)) {
        PyGC_Head *g = _Py_AS_GC(op);
        if (gc_is_collecting(g)) {
            _PyObject_ASSERT_WITH_MSG(op, gc_refs(g) > 0, "refcount is too small");
            g->_gc_prev -= (uintptr_t)1 << _PyGC_PREV_SHIFT;
        }
    }
    return 0;
}

static void
subtract_inner_references(PyGC_Head *young)
{
    for (PyGC_Head *g = gc_list_first(young); g != young; g = gc_list_next(g)) {
        PyObject *op = FROM_GC(g);
        (void)Py_TYPE(op)->tp_traverse(op, visit_subtract, NULL);
    }
}

/* `op` is referred to by a reachable object. */
static int
visit_reachable(PyObject *op, void *arg)
{
    PyGC_Head *young = arg;
    if (!_PyObject_IS_GC(op)) {
        return 0;
    }
    PyGC_Head *g = _Py_AS_GC(op);
    if (!gc_is_collecting(g)) {
        return 0;       /* of another generation, untracked, or already passed */
    }
    if (g->_gc_next & _PyGC_NEXT_MASK_UNREACHABLE) {
        /* It was put aside: fetch it back to the end of the list, where the walk will find it. */
        PyGC_Head *prev = (PyGC_Head *)(g->_gc_prev & _PyGC_PREV_MASK);
        PyGC_Head *next = (PyGC_Head *)(g->_gc_next & ~_PyGC_NEXT_MASK_UNREACHABLE);
        prev->_gc_next = g->_gc_next;       /* keeps the mark */
        _PyGCHead_SET_PREV(next, prev);
        PyGC_Head *tail = (PyGC_Head *)young->_gc_prev;
        tail->_gc_next = (uintptr_t)g;
        g->_gc_next = (uintptr_t)young;
        young->_gc_prev = (uintptr_t)g;
        gc_set_refs(g, 1);
    }
    else if (gc_refs(g) == 0) {
        gc_set_refs(g, 1);
    }
    return 0;
}

/* Sort `young`: what is unreachable moves to `unreachable`, marked in _gc_next; the rest gets its
   links back and loses COLLECTING. */
static void
sort_out(PyGC_Head *young, PyGC_Head *unreachable)
{
    PyGC_Head *prev = young;
    PyGC_Head *g = gc_list_first(young);
    while (g != young) {
        if (gc_refs(g) > 0) {
            PyObject *op = FROM_GC(g);
            (void)Py_TYPE(op)->tp_traverse(op, visit_reachable, young);
            _PyGCHead_SET_PREV(g, prev);
            gc_clear_collecting(g);
            prev = g;
        }
        else {
            prev->_gc_next = g->_gc_next;
            if (g->_gc_next == (uintptr_t)young) {
                young->_gc_prev = (uintptr_t)prev;
            }
            PyGC_Head *last = (PyGC_Head *)unreachable->_gc_prev;
            last->_gc_next = (uintptr_t)g | _PyGC_NEXT_MASK_UNREACHABLE;
            _PyGCHead_SET_PREV(g, last);
            g->_gc_next = (uintptr_t)unreachable | _PyGC_NEXT_MASK_UNREACHABLE;
            unreachable->_gc_prev = (uintptr_t)g;
        }
        g = (PyGC_Head *)prev->_gc_next;
    }
    young->_gc_prev = (uintptr_t)prev;
    unreachable->_gc_next &= ~_PyGC_NEXT_MASK_UNREACHABLE;
}

static void
remove_marks(PyGC_Head *unreachable)
{
    PyGC_Head *g = gc_list_first(unreachable);
    while (g != unreachable) {
        g->_gc_next &= ~_PyGC_NEXT_MASK_UNREACHABLE;
        g = gc_list_next(g);
    }
}

/* Split `young` (any consistent list) into reachable (stays) and unreachable (appended to the
   empty list `unreachable`, with COLLECTING set). */
static void
find_unreachable(PyGC_Head *young, PyGC_Head *unreachable)
{
    gc_list_init(unreachable);
    note_counts(young);
    subtract_inner_references(young);
    sort_out(young, unreachable);
    remove_marks(unreachable);
    assert(gc_list_check(young) && gc_list_check(unreachable));
}

/* Tuples and dicts that hold nothing a cycle could go through need not be looked at again. */
static void
untrack_atomic(PyGC_Head *list, int dicts)
{
    PyGC_Head *next;
    for (PyGC_Head *g = gc_list_first(list); g != list; g = next) {
        PyObject *op = FROM_GC(g);
        next = gc_list_next(g);
        if (PyTuple_CheckExact(op)) {
            _PyTuple_MaybeUntrack(op);
        }
        else if (dicts && PyDict_CheckExact(op)) {
            _PyDict_MaybeUntrack(op);
        }
    }
}

/* ---- Objects with tp_del ------------------------------------------------ */

static int
visit_move(PyObject *op, void *arg)
{
    if (_PyObject_IS_GC(op)) {
        PyGC_Head *g = _Py_AS_GC(op);
        if (gc_is_collecting(g)) {
            gc_clear_collecting(g);
            gc_list_move(g, arg);
        }
    }
    return 0;
}

/* Move objects with tp_del, and all that they reach, from `unreachable` to `finalizers`. */
static void
move_legacy_finalizers(PyGC_Head *unreachable, PyGC_Head *finalizers)
{
    PyGC_Head *next;
    for (PyGC_Head *g = gc_list_first(unreachable); g != unreachable; g = next) {
        next = gc_list_next(g);
        if (Py_TYPE(FROM_GC(g))->tp_del != NULL) {
            gc_clear_collecting(g);
            gc_list_move(g, finalizers);
        }
    }
    for (PyGC_Head *g = gc_list_first(finalizers); g != finalizers; g = gc_list_next(g)) {
        PyObject *op = FROM_GC(g);
        (void)Py_TYPE(op)->tp_traverse(op, visit_move, finalizers);
    }
}

static int
append_garbage(PyInterpreterState *interp, PyObject *op)
{
    struct _gc_state *state = &interp->gc;
    if (state->garbage == NULL) {
        state->garbage = PyList_New(0);
        if (state->garbage == NULL) {
            return -1;
        }
    }
    return PyList_Append(state->garbage, op);
}

/* Show objects with tp_del in gc.garbage, then put all of the list back into `old`. */
static void
keep_legacy_finalizers(PyInterpreterState *interp, PyGC_Head *finalizers, PyGC_Head *old)
{
    int all = interp->gc.debug & _PyGC_DEBUG_SAVEALL;
    for (PyGC_Head *g = gc_list_first(finalizers); g != finalizers; g = gc_list_next(g)) {
        PyObject *op = FROM_GC(g);
        if ((all || Py_TYPE(op)->tp_del != NULL) && append_garbage(interp, op) < 0) {
            PyErr_Clear();
            break;
        }
    }
    gc_list_merge(finalizers, old);
}

/* ---- Weak references ---------------------------------------------------- */

/* Clear the weak references to an unreachable object.  Those that have a callback and are not
   garbage themselves are kept (new references) on `calls`. */
static void
clear_weakrefs_of(PyObject *op, PyGC_Head *calls)
{
    PyWeakReference **list;
    list = (PyWeakReference **)_PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(op);
    PyWeakReference *wr;
    while ((wr = *list) != NULL) {
        assert(wr->wr_object == op);
        _PyWeakref_ClearRef(wr);
        assert(wr->wr_object == Py_None);
        PyGC_Head *g = _Py_AS_GC((PyObject *)wr);
        if (wr->wr_callback == NULL || gc_is_collecting(g)) {
            continue;       /* no callback, or it dies with the object */
        }
        Py_INCREF(wr);
        gc_list_move(g, calls);
    }
}

/* Clear all weak references to unreachable objects, then call the callbacks.  The
   referents are intact, but nobody can get at them any more.  Returns how many callbacks ran. */
static int
handle_weakrefs(PyGC_Head *unreachable, PyGC_Head *old)
{
    PyGC_Head calls;
    int ran = 0;
    gc_list_init(&calls);
    for (PyGC_Head *g = gc_list_first(unreachable); g != unreachable; g = gc_list_next(g)) {
        PyObject *op = FROM_GC(g);
        if (PyWeakref_Check(op)) {
            /* Garbage itself: its callback must not see objects that were cleared. */
            _PyWeakref_ClearRef((PyWeakReference *)op);
        }
        if (Py_TYPE(op)->tp_weaklistoffset != 0) {
            clear_weakrefs_of(op, &calls);
        }
    }
    while (!gc_list_is_empty(&calls)) {
        PyGC_Head *g = gc_list_first(&calls);
        PyObject *op = FROM_GC(g);
        PyObject *callback = ((PyWeakReference *)op)->wr_callback;
        assert(callback != NULL);
        PyObject *result = PyObject_CallOneArg(callback, op);
        if (result == NULL) {
            PyErr_WriteUnraisable(callback);
        }
        else {
            Py_DECREF(result);
        }
        Py_DECREF(op);
        if (gc_list_first(&calls) == g) {
            gc_list_move(g, old);       /* it lives on */
        }
        ran++;
    }
    return ran;
}

/* ---- Finalizers and clearing -------------------------------------------- */

/* Call tp_finalize of each object that was not finalized before. */
static void
finalize_garbage(PyThreadState *tstate, PyGC_Head *unreachable)
{
    PyGC_Head seen;
    gc_list_init(&seen);
    while (!gc_list_is_empty(unreachable)) {
        PyGC_Head *g = gc_list_first(unreachable);
        PyObject *op = FROM_GC(g);
        destructor finalize = Py_TYPE(op)->tp_finalize;
        gc_list_move(g, &seen);
        if (finalize != NULL && !_PyGC_FINALIZED(op)) {
            _PyGC_SET_FINALIZED(op);
            Py_INCREF(op);
            finalize(op);
            assert(!_PyErr_Occurred(tstate));
            Py_DECREF(op);
        }
    }
    (void)tstate;
    gc_list_merge(&seen, unreachable);
}

/* Break the cycles by tp_clear.  An object that survives it goes to `old`. */
static void
clear_garbage(PyThreadState *tstate, PyGC_Head *garbage, PyGC_Head *old)
{
    PyInterpreterState *interp = tstate->interp;
    while (!gc_list_is_empty(garbage)) {
        PyGC_Head *g = gc_list_first(garbage);
        PyObject *op = FROM_GC(g);
        _PyObject_ASSERT_WITH_MSG(op, Py_REFCNT(op) > 0, "refcount is too small");
        if (interp->gc.debug & _PyGC_DEBUG_SAVEALL) {
            if (append_garbage(interp, op) < 0) {
                _PyErr_Clear(tstate);
            }
        }
        else {
            inquiry clear = Py_TYPE(op)->tp_clear;
            if (clear != NULL) {
                Py_INCREF(op);
                (void)clear(op);
                if (_PyErr_Occurred(tstate)) {
                    _PyErr_WriteUnraisableMsg("in tp_clear of", (PyObject *)Py_TYPE(op));
                }
                Py_DECREF(op);
            }
        }
        if (gc_list_first(garbage) == g) {
            gc_clear_collecting(g);
            gc_list_move(g, old);
        }
    }
}

/* ---- One collection ----------------------------------------------------- */

static void
debug_list(const char *label, PyGC_Head *list)
{
    for (PyGC_Head *g = gc_list_first(list); g != list; g = gc_list_next(g)) {
        PyObject *op = FROM_GC(g);
        PySys_FormatStderr("gc: %s <%s %p>\n", label, Py_TYPE(op)->tp_name, op);
    }
}

static _PyTime_t
show_start(struct _gc_heap *gc, int generation)
{
    PySys_FormatStderr("gc: collecting generation %d...\n", generation);
    PySys_FormatStderr("gc: objects in each generation: %zd %zd %zd\n",
                       gc_list_size(&gc->generations[0].head),
                       gc_list_size(&gc->generations[1].head),
                       gc_list_size(&gc->generations[2].head));
    PySys_FormatStderr("gc: objects in permanent generation: %zd\n",
                       gc_list_size(&gc->permanent));
    return _PyTime_GetPerfCounter();
}

static void
show_end(Py_ssize_t found, Py_ssize_t uncollectable, _PyTime_t start)
{
    double seconds = _PyTime_AsSecondsDouble(_PyTime_GetPerfCounter() - start);
    PySys_WriteStderr("gc: done, %zd unreachable, %zd uncollectable, %.4fs elapsed\n",
                      found, uncollectable, seconds);
}

/* Merge the generations to collect; returns the list, and in *old where survivors go. */
static PyGC_Head *
prepare_young(struct _gc_heap *gc, int generation, PyGC_Head **old)
{
    if (generation + 1 < NUM_GENERATIONS) {
        gc->generations[generation + 1].count++;
        *old = &gc->generations[generation + 1].head;
    }
    PyGC_Head *young = &gc->generations[generation].head;
    for (int i = 0; i <= generation; i++) {
        gc->generations[i].count = 0;
        if (i < generation) {
            gc_list_merge(&gc->generations[i].head, young);
        }
    }
    if (generation == NUM_GENERATIONS - 1) {
        *old = young;
    }
    return young;
}

/* The survivors move on to the older generation. */
static void
promote(struct _gc_heap *gc, int generation, PyGC_Head *young, PyGC_Head *old)
{
    untrack_atomic(young, generation == NUM_GENERATIONS - 1);
    if (young != old) {
        if (generation == NUM_GENERATIONS - 2) {
            gc->long_lived_pending += gc_list_size(young);
        }
        gc_list_merge(young, old);
    }
    else {
        gc->long_lived_pending = 0;
        gc->long_lived_total = gc_list_size(young);
    }
}

/* The collection proper; nothing here touches gc.callbacks.  *n_uncollectable may be NULL. */
static Py_ssize_t
collect(PyThreadState *tstate, int generation, Py_ssize_t *n_uncollectable)
{
    PyInterpreterState *interp = tstate->interp;
    struct _heap *heap = interp->heap;
    struct _gc_heap *gc = &heap->gc;
    int debug = interp->gc.debug;
    _PyTime_t start = 0;
    assert(gc->collecting && !_PyErr_Occurred(tstate));
    assert(generation >= 0 && generation < NUM_GENERATIONS);

    if (debug & _PyGC_DEBUG_STATS) {
        start = show_start(gc, generation);
    }
    PyGC_Head *old = NULL, unreachable, finalizers, still_unreachable;
    PyGC_Head *young = prepare_young(gc, generation, &old);
    find_unreachable(young, &unreachable);
    promote(gc, generation, young, old);

    gc_list_init(&finalizers);
    move_legacy_finalizers(&unreachable, &finalizers);
    if (debug & _PyGC_DEBUG_COLLECTABLE) {
        debug_list("collectable", &unreachable);
    }
    Py_ssize_t found = handle_weakrefs(&unreachable, old);
    finalize_garbage(tstate, &unreachable);

    /* What the finalizers brought back to life stays. */
    find_unreachable(&unreachable, &still_unreachable);
    gc_list_merge(&unreachable, old);
    found += gc_list_size(&still_unreachable);
    clear_garbage(tstate, &still_unreachable, old);

    Py_ssize_t uncollectable = gc_list_size(&finalizers);
    if (debug & _PyGC_DEBUG_UNCOLLECTABLE) {
        debug_list("uncollectable", &finalizers);
    }
    keep_legacy_finalizers(interp, &finalizers, old);
    if (debug & _PyGC_DEBUG_STATS) {
        show_end(found, uncollectable, start);
    }
    if (generation == NUM_GENERATIONS - 1) {
        _PyFreeLists_Clear(heap);
    }
    if (_PyErr_Occurred(tstate)) {
        _PyErr_WriteUnraisableMsg("in garbage collection", NULL);
    }
    if (n_uncollectable != NULL) {
        *n_uncollectable = uncollectable;
    }
    struct gc_generation_stats *stats = &gc->stats[generation];
    stats->collections++;
    stats->collected += found;
    stats->uncollectable += uncollectable;
    return found;
}

/* ---- gc.callbacks ------------------------------------------------------- */

static void
call_callbacks(PyThreadState *tstate, const char *phase, int generation,
               Py_ssize_t collected, Py_ssize_t uncollectable)
{
    PyObject *callbacks = tstate->interp->gc.callbacks;
    if (callbacks == NULL || PyList_GET_SIZE(callbacks) == 0) {
        return;
    }
    PyObject *info = Py_BuildValue("{sisnsn}", "generation", generation,
                                   "collected", collected, "uncollectable", uncollectable);
    PyObject *name = PyUnicode_FromString(phase);
    if (info == NULL || name == NULL) {
        PyErr_WriteUnraisable(NULL);
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(callbacks); i++) {
        PyObject *callback = Py_NewRef(PyList_GET_ITEM(callbacks, i));
        PyObject *args[] = {name, info};
        PyObject *result = PyObject_Vectorcall(callback, args, 2, NULL);
        if (result == NULL) {
            PyErr_WriteUnraisable(callback);
        }
        else {
            Py_DECREF(result);
        }
        Py_DECREF(callback);
    }

done:
    Py_XDECREF(info);
    Py_XDECREF(name);
}

ptrdiff_t
_PyGC_CollectGeneration(PyThreadState *tstate, int generation)
{
    struct _gc_heap *gc = &tstate->interp->heap->gc;
    if (gc->collecting || !gc->ready) {
        return 0;
    }
    assert(tstate->heap == tstate->interp->heap);
    Py_ssize_t uncollectable = 0;
    PyObject *exc = PyErr_GetRaisedException();
    gc->collecting = 1;
    call_callbacks(tstate, "start", generation, 0, 0);
    Py_ssize_t found = collect(tstate, generation, &uncollectable);
    call_callbacks(tstate, "stop", generation, found, uncollectable);
    gc->collecting = 0;
    PyErr_SetRaisedException(exc);
    return found;
}

/* The oldest generation that is due, or -1.  The oldest of all waits until the new survivors are a
   quarter of the old ones, so that the total work stays linear. */
static int
due_generation(struct _gc_heap *gc)
{
    for (int i = NUM_GENERATIONS - 1; i >= 0; i--) {
        struct gc_generation *generation = &gc->generations[i];
        if (generation->threshold == 0 || generation->count <= generation->threshold) {
            continue;
        }
        if (i == NUM_GENERATIONS - 1
            && gc->long_lived_pending < gc->long_lived_total / 4) {
            continue;
        }
        return i;
    }
    return -1;
}

void
_Py_RunGC(PyThreadState *tstate)
{
    struct _gc_heap *gc = &tstate->interp->heap->gc;
    if (!tstate->interp->gc.enabled || tstate->heap != tstate->interp->heap) {
        return;
    }
    int generation = due_generation(gc);
#ifdef LADON_GC_STRESS
    generation = NUM_GENERATIONS - 1;
#endif
    if (generation >= 0) {
        _PyGC_CollectGeneration(tstate, generation);
    }
}

ptrdiff_t
_PyGC_CollectNoFail(PyThreadState *tstate)
{
    struct _gc_heap *gc = &tstate->interp->heap->gc;
    if (gc->collecting || !gc->ready) {
        return 0;
    }
    PyObject *exc = PyErr_GetRaisedException();
    gc->collecting = 1;
    Py_ssize_t found = collect(tstate, NUM_GENERATIONS - 1, NULL);
    gc->collecting = 0;
    PyErr_SetRaisedException(exc);
    return found;
}

/* ---- Life --------------------------------------------------------------- */

void
_PyGC_InitHeap(struct _heap *heap)
{
    struct _gc_heap *gc = &heap->gc;
    /* Allocations of the process heap never start a collection. */
    static const int thresholds[NUM_GENERATIONS] = {700, 10, 10};
    for (int i = 0; i < NUM_GENERATIONS; i++) {
        gc_list_init(&gc->generations[i].head);
        gc->generations[i].threshold = heap->kind == _Py_HEAP_OWN ? thresholds[i] : 0;
        gc->generations[i].count = 0;
    }
    gc_list_init(&gc->permanent);
    gc->ready = heap->kind == _Py_HEAP_OWN;
}

static void
forget_list(PyGC_Head *list)
{
    while (!gc_list_is_empty(list)) {
        _PyObject_GC_UNTRACK(FROM_GC(gc_list_first(list)));
    }
}

void
_PyGC_FiniHeap(struct _heap *heap)
{
    for (int i = 0; i < NUM_GENERATIONS; i++) {
        forget_list(&heap->gc.generations[i].head);
    }
    forget_list(&heap->gc.permanent);
    heap->gc.ready = 0;
}

/* Switches automatic collection on: the interpreter has its types. */
void
_PyGC_InitInterpreter(PyInterpreterState *interp)
{
    interp->gc.enabled = 1;
    interp->gc.debug = 0;
}

int
_PyGC_Init(PyInterpreterState *interp)
{
    struct _gc_state *state = &interp->gc;
    if (state->garbage == NULL) {
        state->garbage = PyList_New(0);
        if (state->garbage == NULL) {
            return -1;
        }
    }
    if (state->callbacks == NULL) {
        state->callbacks = PyList_New(0);
        if (state->callbacks == NULL) {
            return -1;
        }
    }
    return 0;
}

void
_PyGC_DumpShutdownStats(PyInterpreterState *interp)
{
    struct _gc_state *state = &interp->gc;
    if ((state->debug & _PyGC_DEBUG_SAVEALL) || state->garbage == NULL
        || PyList_GET_SIZE(state->garbage) == 0) {
        return;
    }
    const char *message = state->debug & _PyGC_DEBUG_UNCOLLECTABLE
        ? "gc: %zd uncollectable objects at shutdown"
        : "gc: %zd uncollectable objects at shutdown; "
          "use gc.set_debug(gc.DEBUG_UNCOLLECTABLE) to list them";
    /* Modules are gone: the registry is NULL, and __main__ has no file name. */
    PyObject *text = PyUnicode_FromFormat(message, PyList_GET_SIZE(state->garbage));
    PyObject *name = PyUnicode_FromString("gc");
    if (text == NULL || name == NULL
        || PyErr_WarnExplicitObject(PyExc_ResourceWarning, text, name, 0, name, NULL) < 0)
    {
        PyErr_WriteUnraisable(NULL);
    }
    Py_XDECREF(text);
    Py_XDECREF(name);
    if (state->debug & _PyGC_DEBUG_UNCOLLECTABLE) {
        PyObject *repr = PyObject_Repr(state->garbage);
        if (repr == NULL) {
            PyErr_WriteUnraisable(state->garbage);
            return;
        }
        PySys_FormatStderr("      %U\n", repr);
        Py_DECREF(repr);
    }
}

void
_PyGC_Fini(PyInterpreterState *interp)
{
    Py_CLEAR(interp->gc.garbage);
    Py_CLEAR(interp->gc.callbacks);
}
