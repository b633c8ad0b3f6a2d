/* Layout of the thread state, tracing, frame evaluation hook, data that crosses
   interpreters.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYSTATE_H
#  error "do not include this file directly, include pystate.h"
#endif

#ifndef Py_CPYTHON_PYSTATE_H
#define Py_CPYTHON_PYSTATE_H

#include "cpython/initconfig.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Feature flags of an interpreter. */
#define Py_RTFLAGS_USE_MAIN_OBMALLOC (1UL << 5)
#define Py_RTFLAGS_MULTI_INTERP_EXTENSIONS (1UL << 8)
#define Py_RTFLAGS_THREADS (1UL << 10)
#define Py_RTFLAGS_DAEMON_THREADS (1UL << 11)
#define Py_RTFLAGS_FORK (1UL << 15)
#define Py_RTFLAGS_EXEC (1UL << 16)

/* ---- Tracing ---- */

typedef int (*Py_tracefunc)(PyObject *, PyFrameObject *, int, PyObject *);

/* What a trace function is told of. */
#define PyTrace_CALL        0
#define PyTrace_EXCEPTION   1
#define PyTrace_LINE        2
#define PyTrace_RETURN      3
#define PyTrace_C_CALL      4
#define PyTrace_C_EXCEPTION 5
#define PyTrace_C_RETURN    6
#define PyTrace_OPCODE      7

/* ---- Thread state ---- */

/* The innermost frame of a C activation of the evaluation loop. */
typedef struct _PyCFrame {
    struct _PyInterpreterFrame *current_frame;  /* innermost frame */
    struct _PyCFrame *previous;                 /* the C activation outside this one */
} _PyCFrame;

/* The exceptions being handled, innermost first. */
typedef struct _err_stackitem {
    PyObject *exc_value;                   /* the exception handled, None or NULL for none */
    struct _err_stackitem *previous_item;  /* outside */
} _PyErr_StackItem;

/* A piece of the stack that frames are allocated on. */
typedef struct _stack_chunk {
    struct _stack_chunk *previous;  /* the chunk below */
    size_t size;                    /* bytes */
    size_t top;                     /* words in use when the chunk above was begun */
    PyObject *data[1];              /* the words */
} _PyStackChunk;

struct _py_trashcan {
    int delete_nesting;      /* deallocations on the C stack */
    PyObject *delete_later;  /* objects put aside */
};

/* CPython's layout first; the core's own thread state starts with this struct and goes on. */
struct _ts {
    PyThreadState *prev;                /* of the interpreter's list */
    PyThreadState *next;                /* of the interpreter's list */
    PyInterpreterState *interp;         /* the interpreter that it belongs to */
    struct {
        unsigned int initialized : 1;   /* fields are set */
        unsigned int bound : 1;         /* has an OS thread */
        unsigned int unbound : 1;       /* had one */
        unsigned int bound_gilstate : 1;  /* is the one that PyGILState finds */
        unsigned int active : 1;        /* is the current one of its OS thread */
        unsigned int finalizing : 1;    /* runs clean-up */
        unsigned int cleared : 1;       /* PyThreadState_Clear() was called */
        unsigned int finalized : 1;     /* is about to be freed */
    } _status;
    int py_recursion_remaining;         /* Python calls left */
    int py_recursion_limit;             /* sys.getrecursionlimit() */
    int c_recursion_remaining;          /* C calls left */
    int recursion_headroom;             /* nesting of the overflow error's own handling */
    int tracing;                        /* > 0 inside a trace or profile function */
    int what_event;                     /* event being traced */
    _PyCFrame *cframe;                  /* innermost C activation of evaluation */
    Py_tracefunc c_profilefunc;         /* PyEval_SetProfile() */
    Py_tracefunc c_tracefunc;           /* PyEval_SetTrace() */
    PyObject *c_profileobj;             /* argument of c_profilefunc */
    PyObject *c_traceobj;               /* argument of c_tracefunc */
    PyObject *current_exception;        /* the exception being raised, or NULL */
    _PyErr_StackItem *exc_info;         /* exceptions being handled */
    PyObject *dict;                     /* PyThreadState_GetDict(), or NULL */
    int gilstate_counter;               /* nesting of PyGILState_Ensure() */
    PyObject *async_exc;                /* to be raised here soon, or NULL */
    unsigned long thread_id;            /* threading.get_ident() */
    unsigned long native_thread_id;     /* threading.get_native_id() */
    struct _py_trashcan trash;          /* objects whose deallocation waits */
    void (*on_delete)(void *);          /* called when the thread state is cleared */
    void *on_delete_data;               /* argument of on_delete */
    int coroutine_origin_tracking_depth;  /* sys.set_coroutine_origin_tracking_depth() */
    PyObject *async_gen_firstiter;      /* sys.set_asyncgen_hooks() */
    PyObject *async_gen_finalizer;      /* sys.set_asyncgen_hooks() */
    PyObject *context;                  /* current context, or NULL */
    uint64_t context_ver;               /* changes with every switch of context */
    uint64_t id;                        /* number, unique in the interpreter */
    _PyStackChunk *datastack_chunk;     /* chunk that frames are allocated in */
    PyObject **datastack_top;           /* next free word */
    PyObject **datastack_limit;         /* end of the chunk */
    _PyErr_StackItem exc_state;         /* bottom of exc_info */
    _PyCFrame root_cframe;              /* bottom of cframe */
    /* What follows is ours. */
    struct _heap *heap;                 /* where this thread's allocations go */
    uintptr_t eval_breaker;             /* why to call _Py_HandlePending(); see pycore_breaker.h */
};

/* Levels of C recursion that a thread may use. */
#define C_RECURSION_LIMIT 1500

/* ---- Frame evaluation (PEP 523) ---- */

typedef PyObject *(*_PyFrameEvalFunction)(PyThreadState *, struct _PyInterpreterFrame *, int);

/* ---- Data that crosses interpreters ---- */

typedef struct _xid _PyCrossInterpreterData;
typedef PyObject *(*xid_newobjectfunc)(_PyCrossInterpreterData *);
typedef void (*xid_freefunc)(void *);

/* data is what the object comes to, independent of any interpreter; obj the object itself,
   kept alive in interpreter number interp; free releases data. */
struct _xid {
    void *data;                    /* the value */
    PyObject *obj;                 /* kept alive, or NULL */
    int64_t interp;                /* number of the interpreter it came from */
    xid_newobjectfunc new_object;  /* makes an object of it in the current interpreter */
    xid_freefunc free;             /* releases data, or NULL */
};

typedef int (*crossinterpdatafunc)(PyThreadState *, PyObject *, _PyCrossInterpreterData *);

/* ---- Functions ---- */

PyAPI_FUNC(int) PyGILState_Check(void);

PyAPI_FUNC(PyInterpreterState *) PyInterpreterState_Head(void);
PyAPI_FUNC(PyInterpreterState *) PyInterpreterState_Main(void);
PyAPI_FUNC(PyInterpreterState *) PyInterpreterState_Next(PyInterpreterState *);
PyAPI_FUNC(PyThreadState *) PyInterpreterState_ThreadHead(PyInterpreterState *);

PyAPI_FUNC(void) PyThreadState_DeleteCurrent(void);
PyAPI_FUNC(void) PyThreadState_EnterTracing(PyThreadState *);
PyAPI_FUNC(void) PyThreadState_LeaveTracing(PyThreadState *);
PyAPI_FUNC(PyThreadState *) PyThreadState_Next(PyThreadState *);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(const PyConfig *) _Py_GetConfig(void);
PyAPI_FUNC(void) _PyCrossInterpreterData_Clear(PyInterpreterState *, _PyCrossInterpreterData *);
PyAPI_FUNC(void) _PyCrossInterpreterData_Init(_PyCrossInterpreterData *, PyInterpreterState *,
    void *, PyObject *, xid_newobjectfunc);
PyAPI_FUNC(int) _PyCrossInterpreterData_InitWithSize(_PyCrossInterpreterData *,
    PyInterpreterState *, const size_t, PyObject *, xid_newobjectfunc);
PyAPI_FUNC(crossinterpdatafunc) _PyCrossInterpreterData_Lookup(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyCrossInterpreterData_NewObject(_PyCrossInterpreterData *);
PyAPI_FUNC(int) _PyCrossInterpreterData_RegisterClass(PyTypeObject *, crossinterpdatafunc);
PyAPI_FUNC(int) _PyCrossInterpreterData_Release(_PyCrossInterpreterData *);
PyAPI_FUNC(int) _PyCrossInterpreterData_UnregisterClass(PyTypeObject *);
PyAPI_FUNC(PyInterpreterState *) _PyGILState_GetInterpreterStateUnsafe(void);
PyAPI_FUNC(const PyConfig *) _PyInterpreterState_GetConfig(PyInterpreterState *);
PyAPI_FUNC(int) _PyInterpreterState_GetConfigCopy(struct PyConfig *);
PyAPI_FUNC(_PyFrameEvalFunction) _PyInterpreterState_GetEvalFrameFunc(PyInterpreterState *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyInterpreterState_GetMainModule(PyInterpreterState *);
PyAPI_FUNC(int) _PyInterpreterState_HasFeature(PyInterpreterState *, unsigned long);
PyAPI_FUNC(void) _PyInterpreterState_RequireIDRef(PyInterpreterState *, int);
PyAPI_FUNC(int) _PyInterpreterState_RequiresIDRef(PyInterpreterState *);
PyAPI_FUNC(int) _PyInterpreterState_SetConfig(const struct PyConfig *);
PyAPI_FUNC(void) _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState *,
    _PyFrameEvalFunction);
PyAPI_FUNC(int) _PyObject_CheckCrossInterpreterData(PyObject *);
PyAPI_FUNC(int) _PyObject_GetCrossInterpreterData(PyObject *, _PyCrossInterpreterData *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyThread_CurrentExceptions(void);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyThread_CurrentFrames(void);
PyAPI_FUNC(Py_BORROWED PyObject *) _PyThreadState_GetDict(PyThreadState *);
PyAPI_FUNC(PyThreadState *) _PyThreadState_Prealloc(PyInterpreterState *);
PyAPI_FUNC(PyThreadState *) _PyThreadState_UncheckedGet(void);

#define _PyInterpreterState_Get PyInterpreterState_Get

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_PYSTATE_H */
