/* Thread states inside the core.
 *
 * PyThreadState's first 288 bytes are 3.12's, what follows is ours (cpython/pystate.h:
 * heap, eval_breaker, ...); _PyThreadStateImpl adds what is embedded by value and would
 * need internal types.  Every PyThreadState is the head of a _PyThreadStateImpl.
 *
 * Owned by the OS thread it is bound to; other threads may only change eval_breaker and
 * async_exc, by the atomic operations of pycore_breaker.h and under the runtime's lock.
 * Stages: InternalDocs/interpreters.rst. */
#ifndef Py_INTERNAL_TSTATE_H
#define Py_INTERNAL_TSTATE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include <assert.h>

struct _heap;

/* ORDER STAGE: each stage may only be followed by the next, or go back from attached to
   suspended. */
enum _tstate_stage {
    _TSTATE_FREE = 0,           /* on the free list of thread states */
    _TSTATE_ALLOCATED,          /* belongs to an interpreter, not to an OS thread yet */
    _TSTATE_BOUND,              /* on an OS thread's stack of states, never attached so far */
    _TSTATE_ATTACHED,           /* current on its thread; holds the GIL */
    _TSTATE_SUSPENDED,          /* detached */
    _TSTATE_CLEARED,            /* PyThreadState_Clear was called */
    _TSTATE_DELETED             /* unlinked; memory goes to the free list */
};

/* The data stack's first chunk: large enough for a start-up's nesting, small enough for
 * thousands of interpreters. */
#define _Py_FIRST_DATA_STACK_CHUNK 4096

struct _PyOSThread;

typedef struct _PyThreadStateImpl {
    PyThreadState base;
    enum _tstate_stage stage;       /* written by the owning thread; atomic */
    uint64_t generation;            /* changes when the memory is used again */
    struct _PyOSThread *os_thread;  /* record of the thread it is bound to, or NULL */
    struct _PyThreadStateImpl *next_free;   /* link of the free list */
    const char *import_context;     /* full name of the extension module being loaded, or NULL */
    int gilstate_made;              /* made by PyGILState_Ensure */
    int daemon_parked;              /* parked for ever: its interpreter is gone */
    union {
        struct _stack_chunk chunk;
        char bytes[_Py_FIRST_DATA_STACK_CHUNK];
    } first_chunk;                  /* data stack, first chunk */
    struct _stack_chunk *spare_chunk;       /* one chunk kept for the next need, or NULL */
} _PyThreadStateImpl;

/* The record of one OS thread: thread-local, outside every heap, never looked at by others.
 * `bound` is the stack of states bound to this thread, the one used last on top.  An entry is live
 * while the state still has the generation that was noted; a state that was deleted (or moved to
 * another thread) by somebody else leaves a stale entry behind. */
#define _Py_OS_THREAD_INLINE_STATES 6

struct _PyBoundState {
    _PyThreadStateImpl *state;
    uint64_t generation;
};

struct _PyOSThread {
    struct _PyBoundState *bound;    /* inline_bound, or a longer PyMem_RawMalloc'ed array */
    int nbound;                     /* entries in use */
    int capacity;                   /* 0: record is unused */
    uint32_t locks_held;            /* bit per process lock held, by rank (pycore_lock.h) */
    void *stack_base;               /* recorded C stack: highest address, or NULL if unknown */
    size_t stack_size;
    /* above the part kept free for error handling and foreign code */
    char *stack_soft_low;
    size_t stack_soft_size;         /* from there to stack_base; 0 if unknown */
    unsigned long ident;            /* pthread_self; 0: record is unused */
    unsigned long native_id;        /* gettid */
    struct _PyBoundState inline_bound[_Py_OS_THREAD_INLINE_STATES];
};

#endif /* !Py_INTERNAL_TSTATE_H */
