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
    struct _PyInterpreterFrame *current_frame;
    struct _PyCFrame *previous;
} _PyCFrame;

/* The exceptions being handled, innermost first. */
typedef struct _err_stackitem {
    PyObject *exc_value;
    struct _err_stackitem *previous_item;
} _PyErr_StackItem;

/* A piece of the stack that frames are allocated on. */
typedef struct _stack_chunk {
    struct _stack_chunk *previous;
    size_t size;
    size_t top;
    PyObject *data[1];
} _PyStackChunk;

struct _py_trashcan {
    int delete_nesting;      /* deallocations on the C stack */
    PyObject *delete_later;  /* objects put aside */
};

/* The public part. The core's own thread state starts with this struct and goes on. */
struct _ts {
    PyThreadState *prev;
    PyThreadState *next;
    PyInterpreterState *interp;
    struct {
        unsigned int initialized : 1;
        unsigned int bound : 1;
        unsigned int unbound : 1;
        unsigned int bound_gilstate : 1;
        unsigned int active : 1;
        unsigned int finalizing : 1;
        unsigned int cleared : 1;
        unsigned int finalized : 1;
    } _status;
    int py_recursion_remaining;
    int py_recursion_limit;
    int c_recursion_remaining;
    int recursion_headroom;
    int tracing;
    int what_event;
    _PyCFrame *cframe;
    Py_tracefunc c_profilefunc;
    Py_tracefunc c_tracefunc;
    PyObject *c_profileobj;
    PyObject *c_traceobj;
    PyObject *current_exception;
    _PyErr_StackItem *exc_info;
    PyObject *dict;
    int gilstate_counter;
    PyObject *async_exc;
    unsigned long thread_id;
    unsigned long native_thread_id;
    struct _py_trashcan trash;
    void (*on_delete)(void *);
    void *on_delete_data;
    int coroutine_origin_tracking_depth;
    PyObject *async_gen_firstiter;
    PyObject *async_gen_finalizer;
    PyObject *context;
    uint64_t context_ver;
    uint64_t id;
    _PyStackChunk *datastack_chunk;
    PyObject **datastack_top;
    PyObject **datastack_limit;
    _PyErr_StackItem exc_state;
    _PyCFrame root_cframe;
    /* What follows is ours. */
    struct _heap *heap;      /* where this thread's allocations go */
    uintptr_t eval_breaker;  /* why to call _Py_HandlePending(); see pycore_breaker.h */
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
    void *data;
    PyObject *obj;
    int64_t interp;
    xid_newobjectfunc new_object;
    xid_freefunc free;
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
    PyInterpreterState *, const size_t , PyObject *, xid_newobjectfunc);
PyAPI_FUNC(crossinterpdatafunc) _PyCrossInterpreterData_Lookup(PyObject *);
PyAPI_FUNC(PyObject *) _PyCrossInterpreterData_NewObject(_PyCrossInterpreterData *);
PyAPI_FUNC(int) _PyCrossInterpreterData_RegisterClass(PyTypeObject *, crossinterpdatafunc);
PyAPI_FUNC(int) _PyCrossInterpreterData_Release(_PyCrossInterpreterData *);
PyAPI_FUNC(int) _PyCrossInterpreterData_UnregisterClass(PyTypeObject *);
PyAPI_FUNC(PyInterpreterState *) _PyGILState_GetInterpreterStateUnsafe(void);
PyAPI_FUNC(const PyConfig *) _PyInterpreterState_GetConfig(PyInterpreterState *);
PyAPI_FUNC(int) _PyInterpreterState_GetConfigCopy(struct PyConfig *);
PyAPI_FUNC(_PyFrameEvalFunction) _PyInterpreterState_GetEvalFrameFunc(PyInterpreterState *);
PyAPI_FUNC(PyObject *) _PyInterpreterState_GetMainModule(PyInterpreterState *);
PyAPI_FUNC(int) _PyInterpreterState_HasFeature(PyInterpreterState *, unsigned long);
PyAPI_FUNC(void) _PyInterpreterState_RequireIDRef(PyInterpreterState *, int);
PyAPI_FUNC(int) _PyInterpreterState_RequiresIDRef(PyInterpreterState *);
PyAPI_FUNC(int) _PyInterpreterState_SetConfig(const struct PyConfig *);
PyAPI_FUNC(void) _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState *,
    _PyFrameEvalFunction);
PyAPI_FUNC(int) _PyObject_CheckCrossInterpreterData(PyObject *);
PyAPI_FUNC(int) _PyObject_GetCrossInterpreterData(PyObject *, _PyCrossInterpreterData *);
PyAPI_FUNC(PyObject *) _PyThread_CurrentExceptions(void);
PyAPI_FUNC(PyObject *) _PyThread_CurrentFrames(void);
PyAPI_FUNC(PyObject *) _PyThreadState_GetDict(PyThreadState *);
PyAPI_FUNC(PyThreadState *) _PyThreadState_Prealloc(PyInterpreterState *);
PyAPI_FUNC(PyThreadState *) _PyThreadState_UncheckedGet(void);

#define _PyInterpreterState_Get PyInterpreterState_Get

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_PYSTATE_H */
