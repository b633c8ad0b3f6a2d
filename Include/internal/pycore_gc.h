#ifndef Py_INTERNAL_GC_H
#define Py_INTERNAL_GC_H
/* Structs of the cycle collector (Python/gc*.c).

   Glossary: a *container* is an object whose type has Py_TPFLAGS_HAVE_GC; its PyGC_Head lies
   in front of it.  *Tracked* means: linked in one of the lists of its heap.  The lists belong to
   the heap (struct _gc_heap, in struct _heap), since interpreters that share a heap share
   its objects; what a program sets through the module gc belongs to the interpreter
   (struct _gc_state, in PyInterpreterState).

   Layout of PyGC_Head: interface of 3.12.  Outside a collection `_gc_next` and `_gc_prev` are
   the links of a circular list; `_gc_next == 0` means untracked.  The two low bits of `_gc_prev`
   are flags; during a collection its other bits hold the count of outside references. */

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uintptr_t _gc_next;
    uintptr_t _gc_prev;
} PyGC_Head;

#define _PyGC_PREV_MASK_FINALIZED   ((uintptr_t)1)  /* tp_finalize was called */
#define _PyGC_PREV_MASK_COLLECTING  ((uintptr_t)2)  /* in the generation being collected */
#define _PyGC_PREV_SHIFT            2
#define _PyGC_PREV_MASK             (((uintptr_t)-1) << _PyGC_PREV_SHIFT)
#define _PyGC_NEXT_MASK_UNREACHABLE ((uintptr_t)1)  /* only inside the collector */

#define NUM_GENERATIONS 3

/* Values of the `debug` flags of gc.set_debug(). */
#define _PyGC_DEBUG_STATS         1
#define _PyGC_DEBUG_COLLECTABLE   2
#define _PyGC_DEBUG_UNCOLLECTABLE 4
#define _PyGC_DEBUG_SAVEALL       32
#define _PyGC_DEBUG_LEAK \
    (_PyGC_DEBUG_COLLECTABLE | _PyGC_DEBUG_UNCOLLECTABLE | _PyGC_DEBUG_SAVEALL)

struct gc_generation {
    PyGC_Head head;             /* sentinel of the circular list */
    int threshold;              /* collect when count exceeds it; 0: never */
    int count;                  /* 0: allocations minus frees; 1, 2: collections of the younger */
};

struct gc_generation_stats {
    ptrdiff_t collections;
    ptrdiff_t collected;
    ptrdiff_t uncollectable;
};

/* Part of struct _heap (`heap->gc`): written by the holder of the heap's GIL. */
struct _gc_heap {
    struct gc_generation generations[NUM_GENERATIONS];
    PyGC_Head permanent;                /* sentinel of the objects set aside by gc.freeze() */
    struct gc_generation_stats stats[NUM_GENERATIONS];
    int ready;                          /* the sentinels are linked; false: never collect */
    int collecting;                     /* a collection runs; no other may start */
    ptrdiff_t long_lived_total;         /* survivors of the last full collection */
    ptrdiff_t long_lived_pending;       /* survivors of generation 1 since then */
};

/* Part of PyInterpreterState (`interp->gc`). */
struct _gc_state {
    int enabled;                /* gc.enable()/gc.disable() */
    int debug;                  /* _PyGC_DEBUG_* */
    struct _object *garbage;    /* list gc.garbage, owned; NULL until the first use */
    struct _object *callbacks;  /* list gc.callbacks, owned; NULL until the first use */
};

struct _heap;
struct _is;
struct _ts;

/* ---- gc.c ---- */

/* Link the sentinels of a fresh heap. */
extern void _PyGC_InitHeap(struct _heap *heap);
/* Take every object out of the lists: the heap ends and their memory with it. */
extern void _PyGC_FiniHeap(struct _heap *heap);
extern void _PyGC_InitInterpreter(struct _is *interp);
/* Make gc.garbage and gc.callbacks.  Returns 0, or -1 with an exception. */
extern int _PyGC_Init(struct _is *interp);
/* Warn about uncollectable objects when the interpreter ends (gc.DEBUG_* decide how). */
extern void _PyGC_DumpShutdownStats(struct _is *interp);
/* Drop gc.garbage and gc.callbacks; an own heap forgets its lists. */
extern void _PyGC_Fini(struct _is *interp);
/* Full collection without callbacks, for the end of an interpreter. */
extern ptrdiff_t _PyGC_CollectNoFail(struct _ts *tstate);
/* Collect `generation` and all younger ones; number of objects found, -1 with an exception when
   a callback or clearing fails. */
extern ptrdiff_t _PyGC_CollectGeneration(struct _ts *tstate, int generation);
/* Note one more container; asks for a collection when it is time. */
extern void _PyObject_GC_Link(struct _object *op);
extern void _PyGC_Freeze(struct _heap *heap);
extern void _PyGC_Unfreeze(struct _heap *heap);
extern ptrdiff_t _PyGC_CountFrozen(struct _heap *heap);
/* New lists of all containers that directly refer to one of `objs` (a tuple); of the tracked
   ones of a generation (-1: all).  NULL with an exception. */
extern struct _object *_PyGC_GetReferrers(struct _ts *tstate, struct _object *objs);
extern struct _object *_PyGC_GetObjects(struct _ts *tstate, int generation);

#endif  /* !Py_INTERNAL_GC_H */
