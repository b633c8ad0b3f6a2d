/* The current thread state and what follows from it: inline functions.
 * Struct headers: pycore_tstate.h, pycore_interp.h, pycore_runtime.h. */
#ifndef Py_INTERNAL_PYSTATE_H
#define Py_INTERNAL_PYSTATE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_runtime.h"     // _PyRuntime; brings pycore_interp.h

/* The attached thread state of this OS thread, or NULL: one load. */
extern _Py_thread_local PyThreadState *_Py_tss_tstate;
/* The record of this OS thread; `ident` is 0 until _PyOSThread_Get() filled it in. */
extern _Py_thread_local struct _PyOSThread _Py_os_thread;
extern struct _PyOSThread *_PyOSThread_Get(void);

static inline PyThreadState *
_PyThreadState_GET(void)
{
    return _Py_tss_tstate;
}

static inline PyInterpreterState *
_PyInterpreterState_GET(void)
{
    assert(_Py_tss_tstate != NULL);
    return _Py_tss_tstate->interp;
}

static inline _PyThreadStateImpl *
_PyThreadState_IMPL(PyThreadState *tstate)
{
    return (_PyThreadStateImpl *)tstate;
}

static inline PyInterpreterState *
_PyInterpreterState_Main(void)
{
    return __atomic_load_n(&_PyRuntime.main, __ATOMIC_RELAXED);
}

static inline int
_Py_IsMainInterpreter(PyInterpreterState *interp)
{
    return interp == _PyInterpreterState_Main();
}

static inline int
_Py_IsMainThread(void)
{
    return PyThread_get_thread_ident() == __atomic_load_n(&_PyRuntime.main_thread,
                                                          __ATOMIC_RELAXED);
}

static inline const PyConfig *
_PyInterpreterState_GetConfigRef(PyInterpreterState *interp)
{
    return &interp->config;
}

_Py_NO_RETURN extern void _Py_FatalError_TstateNULL(const char *func);

static inline void
_Py_EnsureFuncTstateNotNULL(const char *func, PyThreadState *tstate)
{
    if (tstate == NULL) {
        _Py_FatalError_TstateNULL(func);
    }
}
#define _Py_EnsureTstateNotNULL(tstate) _Py_EnsureFuncTstateNotNULL(__func__, (tstate))

/* -- Python/pystate.c: thread states -- */
extern PyStatus _PyRuntime_Initialize(void);
extern void _PyRuntime_Finalize(void);
extern PyStatus _PyRuntimeState_Init(_PyRuntimeState *runtime);
extern void _PyRuntimeState_Fini(_PyRuntimeState *runtime);
/* A new state of the interpreter, bound to no OS thread yet; NULL: out of memory. */
extern PyThreadState *_PyThreadState_New(PyInterpreterState *interp);
/* Binds it to the calling OS thread. */
extern void _PyThreadState_Bind(PyThreadState *tstate);
extern int _PyThreadState_BindIfLive(PyThreadState *tstate, uint64_t generation);
/* The live state of the interpreter that this OS thread used last, or NULL. */
extern PyThreadState *_PyThreadState_BoundHere(PyInterpreterState *interp);
/* _PyThreadState_Swap(runtime, newts): pycore_private_api.h */
extern void _PyThreadState_DeleteCurrent(PyThreadState *tstate);
/* Unlinks and clears all thread states of the interpreter but `tstate`. */
extern void _PyThreadState_DeleteExcept(PyThreadState *tstate);
extern void _PyThreadState_Attach(PyThreadState *tstate);
extern void _PyThreadState_Detach(PyThreadState *tstate);
/* Blocks this OS thread for ever (never pthread_exit: foreign frames would unwind). */
_Py_NO_RETURN extern void _PyThread_Park(void);
/* Gives back the memory of a state that nothing refers to. */
extern void _PyThreadState_Free(PyThreadState *tstate);

/* -- Python/interpstate.c: interpreter states -- */
/* A new interpreter with its first thread state not yet bound: status says what failed.
 * `config` NULL: the main interpreter. */
extern PyStatus _PyInterpreterState_New(PyThreadState *tstate, const PyInterpreterConfig *config,
                                        PyInterpreterState **pinterp);
/* Drops everything the interpreter of `tstate` holds; `tstate` is attached. */
extern void _PyInterpreterState_Clear(PyThreadState *tstate);
/* In a forked child: forgets all other interpreters without running anything. */
extern void _PyInterpreterState_DeleteExceptMain(_PyRuntimeState *runtime);
extern PyInterpreterState *_PyInterpreterState_LookUpID(int64_t id);
/* The same without an error, under the interpreters lock. */
extern PyInterpreterState *_PyInterpreterState_Find(int64_t id);
extern Py_ssize_t _PyInterpreterState_ListIDs(int64_t **pids);
/* A thread that is to run something in an interpreter found by its id, and has done so. */
extern PyInterpreterState *_PyInterpreterState_BeginRun(int64_t id);
extern void _PyInterpreterState_EndRun(PyInterpreterState *interp);
extern int _PyInterpreterState_IsRunningByID(int64_t id);
/* Ends: of one that is idle; of all but main; may this thread end it? */
extern int _PyInterpreterState_EndByID(int64_t id);
extern void _PyInterpreterState_EndAll(PyThreadState *tstate);
extern int _PyInterpreterState_MayEnd(PyInterpreterState *interp);
extern int _PyInterpreterState_IncrefID(int64_t id);
extern int64_t _PyInterpreterID_AsInt64(PyObject *requested_id);
extern void _PyInterpreterState_DecrefID(int64_t id);
extern int _PyInterpreterState_IDInitref(PyInterpreterState *interp);
extern int _PyInterpreterState_IDIncref(PyInterpreterState *interp);
extern void _PyInterpreterState_IDDecref(PyInterpreterState *interp);
extern int _PyInterpreterState_SetRunningMain(PyInterpreterState *interp);
extern void _PyInterpreterState_SetNotRunningMain(PyInterpreterState *interp);
extern int _PyInterpreterState_IsRunningMain(PyInterpreterState *interp);

#endif /* !Py_INTERNAL_PYSTATE_H */
