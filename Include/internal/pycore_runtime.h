/* _PyRuntime: the state of the process.
 *
 * One object with a static initialiser; nothing is allocated to make it, the main
 * interpreter or its first thread state.  Written by the runtime's start and afterwards only
 * under the lock, or with the atomics, that the field's comment names.
 * Written from InternalDocs/interpreters.rst. */
#ifndef Py_INTERNAL_RUNTIME_H
#define Py_INTERNAL_RUNTIME_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_interp.h"      // PyInterpreterState by value
#include "pycore_lock.h"        // struct _PyProcessLock
#include "pycore_runtime_parts.h"   // signals, crossinterp registry, ...

/* Chains of the table of interpreters by id.  Ids are given in sequence: each chain of two
   thousand that follow each other has two at the most. */
#define _Py_INTERPRETER_BUCKETS 1024

typedef struct pyruntimestate {
    /* ---- life ---- */
    int preinitializing;        /* Py_PreInitialize is at work */
    int preinitialized;         /* preconfiguration is done */
    int core_initialized;       /* the main interpreter runs frozen code */
    int initialized;            /* Py_Initialize is done */
    PyThreadState *finalizing;  /* the thread in Py_Finalize, or NULL; atomic */
    unsigned long main_thread;  /* ident of the main OS thread; changed by fork */
    /* how often the runtime was initialised; statics made once ask it */
    uint64_t init_count;

    /* ---- interpreters ---- */
    struct {
        /* What is above is read at every turn; the words below are written by all threads. */
        _Alignas(64) struct _PyProcessLock lock;    /* guards head, next_id, free lists, lists of
                                                       threads, references by id */
        PyInterpreterState *head;       /* newest first */
        int64_t next_id;
        PyInterpreterState *free;       /* type-stable memory of ended interpreters */
        _PyThreadStateImpl *free_threads;   /* the same for thread states */
        uint64_t next_generation;       /* atomic */
        int64_t leaked_blocks;          /* blocks left behind by ended heaps; atomic */
        /* the runtime ends: no more interpreters; guarded by the lock */
        int closed;
        int64_t leaked_references;      /* Py_DEBUG: their counted references; under lock */
        int64_t untrimmed;              /* bytes that ended heaps gave back to the C library since
                                           that last gave memory back to the system; atomic */
        /* those of the list again, in chains by their id; guarded by the lock */
        PyInterpreterState *by_id[_Py_INTERPRETER_BUCKETS];
    } interpreters;
    /* The main interpreter; another after fork from a subinterpreter.  Read at every turn. */
    _Alignas(64) PyInterpreterState *main;

    /* ---- process memory ---- */
    struct _heap process_heap;      /* the process arena; written under types_lock */
    struct _process_memory memory;  /* arena bit map, orphans, raw allocators; see pycore_heap.h */

    /* ---- types, strings, hashes ---- */
    /* guards readying of shared types, module indexes, the process arena */
    struct _PyProcessLock types_lock;
    struct types_runtime_state types;
    int hash_secret_set;            /* _Py_HashSecret was chosen */
    Py_ssize_t next_unicode_id;     /* index of the next new _Py_Identifier; atomic */

    /* ---- modules ---- */
    struct _imports_runtime_state imports;
    struct _sys_runtime_state sys;
    struct _site_runtime_state site;    /* written by the main interpreter's start */

    /* ---- signals, audit, cross-interpreter data, configuration ---- */
    struct _signals_runtime_state signals;
    struct _xidregistry xidregistry;
    struct _channels_runtime_state channels;
    struct _readline_runtime_state readline;
    struct _syslog_runtime_state syslog;
    struct _users_runtime_state users;
    struct _audit_runtime_state audit;
    PyPreConfig preconfig;          /* set by preinitialisation */
    struct _path_config path_config;    /* Py_SetProgramName and friends */
    struct _perf_runtime_state perf;
    struct _tracemalloc_runtime_state tracemalloc;
    struct _faulthandler_runtime_state faulthandler;
    struct _pending_state pending_main; /* Py_AddPendingCall: run by the main thread */
    PyThreadState *main_tstate; /* attached state of the main OS thread, or NULL; written by that
                                   thread, read by signal handlers; atomic */
    Py_OpenCodeHookFunction open_code_hook;
    void *open_code_userdata;

    /* ---- the main interpreter, by value ---- */
    PyInterpreterState _main_interpreter;
} _PyRuntimeState;

extern _PyRuntimeState _PyRuntime;

static inline PyThreadState *
_PyRuntimeState_GetFinalizing(_PyRuntimeState *runtime)
{
    return __atomic_load_n(&runtime->finalizing, __ATOMIC_RELAXED);
}

static inline void
_PyRuntimeState_SetFinalizing(_PyRuntimeState *runtime, PyThreadState *tstate)
{
    __atomic_store_n(&runtime->finalizing, tstate, __ATOMIC_RELAXED);
}

#endif /* !Py_INTERNAL_RUNTIME_H */
