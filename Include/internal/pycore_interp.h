/* The interpreter state: everything that one isolated interpreter owns.
 *
 * State is embedded by value, grouped by subject; each subject's header declares its
 * struct.  Written only by the thread that holds this interpreter's GIL, unless a field
 * says otherwise.  The memory of an interpreter state is type-stable: see Python/pystate.c.
 * Layout is ours; extension code sees an opaque type.
 * Written from InternalDocs/interpreters.rst. */
#ifndef Py_INTERNAL_INTERP_H
#define Py_INTERNAL_INTERP_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_tstate.h"          // _PyThreadStateImpl
#include "pycore_heap.h"            // struct _heap
#include "pycore_gil.h"             // struct _gil_state
#include "pycore_gc.h"              // struct _gc_state
#include "pycore_pending.h"         // struct _pending_state
#include "pycore_type_state.h"      // struct types_state
#include "pycore_code_state.h"      // struct _code_state
#include "pycore_dict_state.h"      // struct _Py_dict_state
#include "pycore_unicode_state.h"   // struct _unicode_state
#include "pycore_ast_state.h"       // struct ast_state
#include "pycore_instruments_state.h"   // struct _instruments_state
#include "pycore_interp_parts.h"    // the small ones

/* Stages of an interpreter; only ever grow.  Read by other threads with acquire. */
enum _interp_stage {
    _INTERP_FREE = 0,               /* on the free list of interpreter states */
    _INTERP_BUILDING,               /* Py_NewInterpreterFromConfig is at work */
    _INTERP_READY,                  /* runs code, accepts threads and messages */
    _INTERP_EXITING,                /* runs its exit functions; no new threads or forks */
    _INTERP_FINALIZING,             /* no new threads, callbacks or messages */
    _INTERP_CLEARED                 /* modules and cycles are gone; heap is being counted */
};

/* Feature flags (PyInterpreterConfig and Py_RTFLAGS_*), as in 3.12. */
#ifndef Py_RTFLAGS_USE_MAIN_OBMALLOC
#define Py_RTFLAGS_USE_MAIN_OBMALLOC (1UL << 5)
#define Py_RTFLAGS_MULTI_INTERP_EXTENSIONS (1UL << 8)
#define Py_RTFLAGS_THREADS (1UL << 10)
#define Py_RTFLAGS_DAEMON_THREADS (1UL << 11)
#define Py_RTFLAGS_FORK (1UL << 15)
#define Py_RTFLAGS_EXEC (1UL << 16)
#endif

struct _is {
    PyInterpreterState *next;       /* list _PyRuntime.interpreters.head; guarded by its lock */
    PyInterpreterState *prev;       /* its neighbour towards the head, or NULL; likewise */
    PyInterpreterState *next_in_bucket;     /* of _PyRuntime.interpreters.by_id; likewise */
    int64_t id;                     /* unique in the process; 0 is the first main */
    uint64_t generation;            /* changes when the memory is used again */
    int stage;                      /* enum _interp_stage, atomic */
    int64_t id_refcount;            /* InterpreterID objects; guarded by the interpreters lock */
    int requires_idref;             /* ends when id_refcount drops to 0; guarded likewise */
    int runners;                    /* threads that are to run something in it; guarded likewise */
    unsigned long ending;           /* ident of the thread that is to end it, or 0; likewise */
    unsigned long feature_flags;    /* Py_RTFLAGS_* */
    PyThreadState *finalizing;      /* the thread that ends it, or NULL; atomic */

    struct _pythreads_state threads;    /* thread states of this interpreter */

    /* ---- memory ---- */
    struct _heap *heap;             /* own (&heap_storage) or the main interpreter's */
    struct _heap heap_storage;
    struct _gc_state gc;

    /* ---- the lock and what other threads ask for ---- */
    struct _gil_state *gil;         /* own (&own_gil) or the main interpreter's */
    struct _gil_state own_gil;
    int own_gil_used;               /* gil == &own_gil */
    struct _pending_state pending;  /* Py_AddPendingCall for this interpreter */
    struct _ceval_state ceval;

    /* ---- configuration ---- */
    PyConfig config;                /* strings owned by PyMem_RawMalloc */
    int config_inherited;           /* strings belong to the main interpreter's config */

    /* ---- modules ---- */
    struct _import_state imports;
    PyObject *sysdict;              /* dict of sys, strong */
    PyObject *builtins;             /* dict of builtins, strong */
    PyObject *builtins_copy;        /* as it was at start; for finalisation */
    PyObject *sys_module;           /* strong */
    PyObject *builtins_module;      /* strong */
    PyObject *builtin_open;         /* builtins.open, strong; its module _io comes later */
    PyObject *dict;                 /* PyInterpreterState_GetDict */
    struct _site_state site;
    struct _streams_state streams;  /* sys.stdin/stdout/stderr */
    PyObject *io_unsupported;       /* io.UnsupportedOperation, made with the first module _io */
    void *lent_items;               /* Python/channels.c: received messages whose object comes back
                                       to this interpreter, linked by their first word; atomic */
    unsigned int lent_count;        /* how many came back so far; atomic */

    /* ---- subjects ---- */
    struct types_state types;
    struct _code_state code_state;
    struct _Py_dict_state dict_state;
    struct _unicode_state unicode;
    struct _long_state long_state;
    struct _func_state func_state;
    struct _exc_state exc_state;
    struct _warnings_state warnings;
    struct _codecs_state codecs;
    struct _atexit_state atexit;
    struct ast_state ast;
    struct _context_state context_state;
    struct _instruments_state instruments;

    /* ---- hooks ---- */
    _PyFrameEvalFunction eval_frame;    /* PEP 523; NULL: the loop of the core */
    struct _perf_trampolines *perf_trampolines; /* Python/perftrampoline.c; NULL: never active */
    PyObject *audit_hooks;          /* list or NULL */
    PyObject *before_forkers;       /* os.register_at_fork */
    PyObject *after_forkers_parent;
    PyObject *after_forkers_child;

    /* The interpreter's first thread state; later ones are allocated apart. */
    _PyThreadStateImpl first_thread;
    int first_thread_used;          /* first_thread is taken; guarded by the runtime's lock */
};

#endif /* !Py_INTERNAL_INTERP_H */
