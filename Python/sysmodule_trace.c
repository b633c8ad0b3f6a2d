/* sys: settrace and setprofile, hooks of async generators, origin tracking of coroutines.
 *
 * A Python trace function is reached through a C function of type Py_tracefunc, installed by
 * _PyEval_SetTrace(); what follows from that (instrumented executables) is Python/legacy_tracing.c.
 * Written from the library reference (sys), PEP 525 and observed behaviour of 3.12. */
#include "Python.h"
#include "pycore_ceval.h"
#include "frameobject.h"        // PyFrame_LocalsToFast()
#include "pycore_private_api.h"
#include "pycore_frame.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_strings.h"
#include "pycore_structseq.h"
#include "pycore_sysmodule.h"

#include "sig/sysmodule_trace.sig.h"

/* ---- trampolines -------------------------------------------------------------------- */

/* ORDER TRACE: PyTrace_CALL, EXCEPTION, LINE, RETURN, C_CALL, C_EXCEPTION, C_RETURN, OPCODE */
static PyObject *
event_name(int what)
{
    PyObject *const names[8] = {
        &_Py_ID(call), &_Py_ID(exception), &_Py_ID(line), &_Py_ID(return),
        &_Py_ID(c_call), &_Py_ID(c_exception), &_Py_ID(c_return), &_Py_ID(opcode),
    };
    assert(what >= 0 && what < 8);
    return names[what];
}

/* callback(frame, event, arg): new reference, or NULL with an error set.  The frame's own entry in
   the traceback is made where the instruction that has the event fails.  If the callback looked at
   f_locals, what it changed there is written back. */
static PyObject *
call_trampoline(PyThreadState *tstate, PyObject *callback, PyFrameObject *frame, int what,
                PyObject *arg)
{
    (void)tstate;
    PyObject *args[3] = {(PyObject *)frame, event_name(what), arg != NULL ? arg : Py_None};
    PyObject *result = PyObject_Vectorcall(callback, args, 3, NULL);
    PyFrame_LocalsToFast(frame, 1);
    return result;
}

static int
profile_trampoline(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *result = call_trampoline(tstate, self, frame, what, arg);
    if (result == NULL) {
        _PyEval_SetProfile(tstate, NULL, NULL);
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

/* A call event asks the global function, the others the frame's own one. */
static int
trace_trampoline(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    PyObject *callback = what == PyTrace_CALL ? self : frame->f_trace;
    if (callback == NULL) {
        return 0;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *result = call_trampoline(tstate, callback, frame, what, arg);
    if (result == NULL) {
        _PyEval_SetTrace(tstate, NULL, NULL);
        Py_CLEAR(frame->f_trace);
        return -1;
    }
    if (result != Py_None) {
        Py_XSETREF(frame->f_trace, result);
    }
    else {
        Py_DECREF(result);
    }
    return 0;
}

/* ---- functions ---------------------------------------------------------------------------- */

/*sig @nosignature sys.settrace(module, function, /) -> None

settrace(function)

Set the global debug tracing function.

It will be called on each function call.  See the debugger chapter
in the library manual.
*/
static int
sys_settrace_impl(PyObject *module, PyObject *function)
{
    (void)module;
    PyThreadState *tstate = _PyThreadState_GET();
    return function == Py_None ? _PyEval_SetTrace(tstate, NULL, NULL)
                               : _PyEval_SetTrace(tstate, trace_trampoline, function);
}

/*sig @nosignature sys.setprofile(module, function, /) -> None

setprofile(function)

Set the profiling function.

It will be called on each function call and return.  See the profiler
chapter in the library manual.
*/
static int
sys_setprofile_impl(PyObject *module, PyObject *function)
{
    (void)module;
    PyThreadState *tstate = _PyThreadState_GET();
    return function == Py_None ? _PyEval_SetProfile(tstate, NULL, NULL)
                               : _PyEval_SetProfile(tstate, profile_trampoline, function);
}

/*sig sys._settraceallthreads(module, arg: object, /)

Set the global debug tracing function in all running threads belonging to the current interpreter.

It will be called on each function call. See the debugger chapter
in the library manual.
*/
static PyObject *
sys__settraceallthreads_impl(PyObject *module, PyObject *arg)
{
    (void)module;
    if (arg == Py_None) {
        PyEval_SetTraceAllThreads(NULL, NULL);
    }
    else {
        PyEval_SetTraceAllThreads(trace_trampoline, arg);
    }
    Py_RETURN_NONE;
}

/*sig sys._setprofileallthreads(module, arg: object, /)

Set the profiling function in all running threads belonging to the current interpreter.

It will be called on each function call and return.  See the profiler chapter
in the library manual.
*/
static PyObject *
sys__setprofileallthreads_impl(PyObject *module, PyObject *arg)
{
    (void)module;
    if (arg == Py_None) {
        PyEval_SetProfileAllThreads(NULL, NULL);
    }
    else {
        PyEval_SetProfileAllThreads(profile_trampoline, arg);
    }
    Py_RETURN_NONE;
}

/*sig sys.gettrace(module)

Return the global debug tracing function set with sys.settrace.

See the debugger chapter in the library manual.
*/
static PyObject *
sys_gettrace_impl(PyObject *module)
{
    (void)module;
    PyObject *function = _PyThreadState_GET()->c_traceobj;
    return Py_NewRef(function != NULL ? function : Py_None);
}

/*sig sys.getprofile(module)

Return the profiling function set with sys.setprofile.

See the profiler chapter in the library manual.
*/
static PyObject *
sys_getprofile_impl(PyObject *module)
{
    (void)module;
    PyObject *function = _PyThreadState_GET()->c_profileobj;
    return Py_NewRef(function != NULL ? function : Py_None);
}

/*sig sys.call_tracing(module, func, args: tuple, /)

Call func(*args), while tracing is enabled.

The tracing state is saved, and restored afterwards.  This is intended
to be called from a debugger from a checkpoint, to recursively debug
some other code.
*/
static PyObject *
sys_call_tracing_impl(PyObject *module, PyObject *func, PyObject *args)
{
    (void)module;
    return _PyEval_CallTracing(func, args);
}

/* ---- coroutines and async generators --------------------------------------------------------- */

/*sig sys.set_coroutine_origin_tracking_depth(module, depth: int) -> None

Enable or disable origin tracking for coroutine objects in this thread.

Coroutine objects will track 'depth' frames of traceback information
about where they came from, available in their cr_origin attribute.

Set a depth of 0 to disable.
*/
static int
sys_set_coroutine_origin_tracking_depth_impl(PyObject *module, int depth)
{
    (void)module;
    return _PyEval_SetCoroutineOriginTrackingDepth(depth);
}

/*sig sys.get_coroutine_origin_tracking_depth(module) -> int

Check status of origin tracking for coroutine objects in this thread.
*/
static int
sys_get_coroutine_origin_tracking_depth_impl(PyObject *module)
{
    (void)module;
    return _PyEval_GetCoroutineOriginTrackingDepth();
}

_Py_SHARED static PyTypeObject AsyncGenHooksType;

static PyStructSequence_Field asyncgen_hooks_fields[] = {
    {"firstiter", "Hook to intercept first iteration"},
    {"finalizer", "Hook to intercept finalization"},
    {NULL, NULL},
};

static PyStructSequence_Desc asyncgen_hooks_desc = {
    "asyncgen_hooks",
    "asyncgen_hooks\n\nA named tuple providing information about asynchronous\n"
    "generators hooks.  The attributes are read only.",
    asyncgen_hooks_fields,
    2,
};

int
_PySys_InitAsyncGenHooks(PyThreadState *tstate)
{
    return _PyStructSequence_InitBuiltin(tstate, &AsyncGenHooksType, &asyncgen_hooks_desc, 0);
}

static int
check_hook(PyObject *hook, const char *name)
{
    if (hook != NULL && hook != Py_None && !PyCallable_Check(hook)) {
        PyErr_Format(PyExc_TypeError, "callable %s expected, got %.50s", name,
                     Py_TYPE(hook)->tp_name);
        return -1;
    }
    return 0;
}

/*sig @nosignature sys.set_asyncgen_hooks(module, firstiter=NULL, finalizer=NULL) -> None

set_asyncgen_hooks([firstiter][, finalizer])

Set a finalizer for async generators objects.

Both hooks may be None, which removes them; a hook left out stays.
*/
static int
sys_set_asyncgen_hooks_impl(PyObject *module, PyObject *firstiter, PyObject *finalizer)
{
    (void)module;
    if (check_hook(finalizer, "finalizer") < 0 || check_hook(firstiter, "firstiter") < 0) {
        return -1;
    }
    if (finalizer != NULL &&
        _PyEval_SetAsyncGenFinalizer(finalizer == Py_None ? NULL : finalizer) < 0) {
        return -1;
    }
    if (firstiter != NULL &&
        _PyEval_SetAsyncGenFirstiter(firstiter == Py_None ? NULL : firstiter) < 0) {
        return -1;
    }
    return 0;
}

/*sig sys.get_asyncgen_hooks(module)

Return the installed asynchronous generators hooks.

This returns a namedtuple of the form (firstiter, finalizer).
*/
static PyObject *
sys_get_asyncgen_hooks_impl(PyObject *module)
{
    (void)module;
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *result = PyStructSequence_New(&AsyncGenHooksType);
    if (result == NULL) {
        return NULL;
    }
    PyObject *firstiter = tstate->async_gen_firstiter, *finalizer = tstate->async_gen_finalizer;
    PyStructSequence_SetItem(result, 0, Py_NewRef(firstiter != NULL ? firstiter : Py_None));
    PyStructSequence_SetItem(result, 1, Py_NewRef(finalizer != NULL ? finalizer : Py_None));
    return result;
}

PyMethodDef _PySys_trace_methods[] = {
    SYS_SETTRACE_METHODDEF
    SYS_SETPROFILE_METHODDEF
    SYS__SETTRACEALLTHREADS_METHODDEF
    SYS__SETPROFILEALLTHREADS_METHODDEF
    SYS_GETTRACE_METHODDEF
    SYS_GETPROFILE_METHODDEF
    SYS_CALL_TRACING_METHODDEF
    SYS_SET_COROUTINE_ORIGIN_TRACKING_DEPTH_METHODDEF
    SYS_GET_COROUTINE_ORIGIN_TRACKING_DEPTH_METHODDEF
    SYS_SET_ASYNCGEN_HOOKS_METHODDEF
    SYS_GET_ASYNCGEN_HOOKS_METHODDEF
    {NULL, NULL, 0, NULL},
};
