/* The C API of evaluation: running code objects, what the running frame sees, recursion limits.
 *
 * Written from the C API reference (Reflection, The Very High Level Layer, Recursion Control). */

#include "Python.h"
#include "pycore_ceval.h"       // _PyEval_Vector()
#include "pycore_errors.h"      // _PyErr_SetString()
#include "pycore_frame.h"       // _PyThreadState_GetFrame()
#include "pycore_instruments.h" // events
#include "pycore_lifecycle.h"   // _Py_MakeLateParts()
#include "pycore_moduleobject.h" // _PyModule_GetDict()
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_strings.h"     // _Py_ID()

/* ---- recursion ----------------------------------------------------------- */

/* The C stack is used up, or this is a stack we know nothing about. */
int
_Py_CheckRecursiveCall(PyThreadState *tstate, const char *where)
{
    const struct _PyOSThread *os = _PyThreadState_IMPL(tstate)->os_thread;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    if (os != NULL && os->stack_base != NULL
        && here - ((uintptr_t)os->stack_base - os->stack_size) < os->stack_size) {
        /* Inside the recorded stack, in its last part: a little more for error handling. */
        if (tstate->recursion_headroom
            && here > (uintptr_t)os->stack_soft_low
                      - (os->stack_size - os->stack_soft_size) / 4 * 3) {
            return 0;
        }
    }
    else if (tstate->c_recursion_remaining >= (tstate->recursion_headroom ? -50 : 0)) {
        return 0;
    }
    if (tstate->recursion_headroom) {
        Py_FatalError("Cannot recover from stack overflow.");
    }
    tstate->recursion_headroom++;
    _PyErr_Format(tstate, PyExc_RecursionError, "maximum recursion depth exceeded%s", where);
    tstate->recursion_headroom--;
    tstate->c_recursion_remaining++;
    return -1;
}

int
Py_EnterRecursiveCall(const char *where)
{
    return _Py_EnterRecursiveCall(where);
}

void
Py_LeaveRecursiveCall(void)
{
    _Py_LeaveRecursiveCall();
}

int
Py_GetRecursionLimit(void)
{
    return _PyInterpreterState_GET()->ceval.recursion_limit;
}

/* Applies to all threads of the interpreter; the depth that each has stays as it is. */
void
Py_SetRecursionLimit(int new_limit)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    interp->ceval.recursion_limit = new_limit;
    for (PyThreadState *p = interp->threads.head; p != NULL; p = p->next) {
        int depth = p->py_recursion_limit - p->py_recursion_remaining;
        p->py_recursion_limit = new_limit;
        p->py_recursion_remaining = new_limit - depth;
    }
}

/* ---- running code -------------------------------------------------------- */

/* The builtins that code with these globals sees: borrowed, or NULL with an exception. */
PyObject *
_PyEval_BuiltinsFromGlobals(PyThreadState *tstate, PyObject *globals)
{
    PyObject *builtins = PyDict_GetItemWithError(globals, &_Py_ID(__builtins__));
    if (builtins != NULL) {
        return PyModule_Check(builtins) ? _PyModule_GetDict(builtins) : builtins;
    }
    if (_PyErr_Occurred(tstate)) {
        return NULL;
    }
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    return frame != NULL ? frame->f_builtins : tstate->interp->builtins;
}

/* Runs a module-like code object; locals NULL means globals.  New reference or NULL. */
PyObject *
PyEval_EvalCode(PyObject *co, PyObject *globals, PyObject *locals)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (globals == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError, "PyEval_EvalCode: NULL globals");
        return NULL;
    }
    PyFunctionObject *func = (PyFunctionObject *)PyFunction_New(co, globals);
    if (func == NULL) {
        return NULL;
    }
    PyObject *res = _PyEval_Vector(tstate, func, locals == NULL ? globals : locals, NULL, 0, NULL);
    Py_DECREF(func);
    return res;
}

/* The old way to run a function's code with arguments. */
PyObject *
PyEval_EvalCodeEx(PyObject *co, PyObject *globals, PyObject *locals, PyObject *const *args,
                  int argcount, PyObject *const *kws, int kwcount, PyObject *const *defs,
                  int defcount, PyObject *kwdefs, PyObject *closure)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *res = NULL, *kwnames = NULL, *defaults = NULL;
    PyObject **all = NULL;
    PyFunctionObject *func = (PyFunctionObject *)PyFunction_New(co, globals);
    if (func == NULL) {
        return NULL;
    }
    if (defcount > 0) {
        defaults = PyTuple_New(defcount);
        if (defaults == NULL) {
            goto done;
        }
        for (int i = 0; i < defcount; i++) {
            PyTuple_SET_ITEM(defaults, i, Py_NewRef(defs[i]));
        }
        func->func_defaults = Py_NewRef(defaults);
    }
    func->func_kwdefaults = Py_XNewRef(kwdefs);
    func->func_closure = Py_XNewRef(closure);
    if (kwcount > 0) {
        kwnames = PyTuple_New(kwcount);
        all = PyMem_New(PyObject *, argcount + kwcount);
        if (kwnames == NULL || all == NULL) {
            _PyErr_NoMemory(tstate);
            goto done;
        }
        for (int i = 0; i < argcount; i++) {
            all[i] = args[i];
        }
        for (int i = 0; i < kwcount; i++) {
            PyTuple_SET_ITEM(kwnames, i, Py_NewRef(kws[2 * i]));
            all[argcount + i] = kws[2 * i + 1];
        }
        args = all;
    }
    if (locals == NULL && !(((PyCodeObject *)co)->co_flags & CO_OPTIMIZED)) {
        locals = globals;
    }
    res = _PyEval_Vector(tstate, func, locals, args, (size_t)argcount, kwnames);
done:
    PyMem_Free(all);
    Py_XDECREF(kwnames);
    Py_XDECREF(defaults);
    Py_DECREF(func);
    return res;
}

PyObject *
PyEval_EvalFrame(PyFrameObject *f)
{
    return PyEval_EvalFrameEx(f, 0);
}

PyObject *
PyEval_EvalFrameEx(PyFrameObject *f, int throwflag)
{
    return _PyEval_EvalFrame(_PyThreadState_GET(), f->f_frame, throwflag);
}

/* ---- what the running frame sees ----------------------------------------- */

PyFrameObject *
PyEval_GetFrame(void)
{
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(_PyThreadState_GET());
    if (frame == NULL) {
        return NULL;
    }
    PyFrameObject *f = _PyFrame_GetFrameObject(frame);
    if (f == NULL) {
        PyErr_Clear();
    }
    return f;
}

PyObject *
_PyEval_GetBuiltins(PyThreadState *tstate)
{
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    return frame != NULL ? frame->f_builtins : tstate->interp->builtins;
}

PyObject *
PyEval_GetBuiltins(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (_Py_LatePartsWait(tstate->interp) && _Py_MakeLateParts(tstate) < 0) {
        _PyErr_Clear(tstate);   /* the dict is there; the rest is tried again */
    }
    return _PyEval_GetBuiltins(tstate);
}

/* A builtin by name: new reference, or NULL with AttributeError. */
PyObject *
_PyEval_GetBuiltin(PyObject *name)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *value = PyObject_GetItem(_PyEval_GetBuiltins(tstate), name);
    if (value == NULL && _PyErr_ExceptionMatches(tstate, PyExc_KeyError)) {
        _PyErr_SetObject(tstate, PyExc_AttributeError, name);
    }
    return value;
}

PyObject *
_PyEval_GetBuiltinId(_Py_Identifier *name)
{
    PyObject *str = _PyUnicode_FromId(name);
    return str == NULL ? NULL : _PyEval_GetBuiltin(str);
}

PyObject *
PyEval_GetLocals(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    if (frame == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError, "frame does not exist");
        return NULL;
    }
    if (_PyFrame_FastToLocalsWithError(frame) < 0) {
        return NULL;
    }
    assert(frame->f_locals != NULL);
    return frame->f_locals;
}

/* What locals() shows: like PyEval_GetLocals, and the names of an inlined comprehension while it
 * runs.  New reference. */
PyObject *
_PyEval_GetFrameLocals(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    if (frame == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError, "frame does not exist");
        return NULL;
    }
    return _PyFrame_GetLocals(frame, 1);
}

PyObject *
PyEval_GetGlobals(void)
{
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(_PyThreadState_GET());
    return frame == NULL ? NULL : frame->f_globals;
}

int
PyEval_MergeCompilerFlags(PyCompilerFlags *cf)
{
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(_PyThreadState_GET());
    int result = cf->cf_flags != 0;
    if (frame != NULL) {
        int flags = _PyFrame_GetCode(frame)->co_flags & PyCF_MASK;
        if (flags) {
            result = 1;
            cf->cf_flags |= flags;
        }
    }
    return result;
}

const char *
PyEval_GetFuncName(PyObject *func)
{
    if (PyMethod_Check(func)) {
        return PyEval_GetFuncName(PyMethod_GET_FUNCTION(func));
    }
    if (PyFunction_Check(func)) {
        return PyUnicode_AsUTF8(((PyFunctionObject *)func)->func_name);
    }
    if (PyCFunction_Check(func)) {
        return ((PyCFunctionObject *)func)->m_ml->ml_name;
    }
    return Py_TYPE(func)->tp_name;
}

const char *
PyEval_GetFuncDesc(PyObject *func)
{
    if (PyMethod_Check(func) || PyFunction_Check(func) || PyCFunction_Check(func)) {
        return "()";
    }
    return " object";
}

/* ---- slice indices (for extension code) ---------------------------------- */

int
_PyEval_SliceIndexNotNone(PyObject *v, Py_ssize_t *pi)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!PyIndex_Check(v)) {
        _PyErr_SetString(tstate, PyExc_TypeError,
                         "slice indices must be integers or have an __index__ method");
        return 0;
    }
    Py_ssize_t x = PyNumber_AsSsize_t(v, NULL);     /* clips */
    if (x == -1 && _PyErr_Occurred(tstate)) {
        return 0;
    }
    *pi = x;
    return 1;
}

int
_PyEval_SliceIndex(PyObject *v, Py_ssize_t *pi)
{
    if (Py_IsNone(v)) {
        return 1;
    }
    if (!PyIndex_Check(v)) {
        PyErr_SetString(PyExc_TypeError,
                        "slice indices must be integers or None or have an __index__ method");
        return 0;
    }
    return _PyEval_SliceIndexNotNone(v, pi);
}

/* ---- tracing ------------------------------------------------------------- */

void
PyEval_SetProfile(Py_tracefunc func, PyObject *arg)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (_PyEval_SetProfile(tstate, func, arg) < 0) {
        _PyErr_WriteUnraisableMsg("in PyEval_SetProfile", NULL);
    }
}

void
PyEval_SetTrace(Py_tracefunc func, PyObject *arg)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (_PyEval_SetTrace(tstate, func, arg) < 0) {
        _PyErr_WriteUnraisableMsg("in PyEval_SetTrace", NULL);
    }
}

void
PyEval_SetProfileAllThreads(Py_tracefunc func, PyObject *arg)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    for (PyThreadState *ts = interp->threads.head; ts != NULL; ts = ts->next) {
        if (_PyEval_SetProfile(ts, func, arg) < 0) {
            _PyErr_WriteUnraisableMsg("in PyEval_SetProfileAllThreads", NULL);
        }
    }
}

void
PyEval_SetTraceAllThreads(Py_tracefunc func, PyObject *arg)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    for (PyThreadState *ts = interp->threads.head; ts != NULL; ts = ts->next) {
        if (_PyEval_SetTrace(ts, func, arg) < 0) {
            _PyErr_WriteUnraisableMsg("in PyEval_SetTraceAllThreads", NULL);
        }
    }
}

/* sys.call_tracing: calls func with tracing switched on, whatever it is now. */
PyObject *
_PyEval_CallTracing(PyObject *func, PyObject *args)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int save_tracing = tstate->tracing;
    tstate->tracing = 0;
    PyObject *result = PyObject_Call(func, args, NULL);
    tstate->tracing = save_tracing;
    return result;
}

/* ---- hooks of coroutines and asynchronous generators (sys) --------------- */

int
_PyEval_SetCoroutineOriginTrackingDepth(int depth)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (depth < 0) {
        _PyErr_SetString(tstate, PyExc_ValueError, "depth must be >= 0");
        return -1;
    }
    tstate->coroutine_origin_tracking_depth = depth;
    return 0;
}

int
_PyEval_GetCoroutineOriginTrackingDepth(void)
{
    return _PyThreadState_GET()->coroutine_origin_tracking_depth;
}

/* The hooks are borrowed from the caller; NULL: none.  0, or -1 with an exception. */
int
_PyEval_SetAsyncGenFirstiter(PyObject *firstiter)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (PySys_Audit("sys.set_asyncgen_hook_firstiter", NULL) < 0) {
        return -1;
    }
    Py_XSETREF(tstate->async_gen_firstiter, Py_XNewRef(firstiter));
    return 0;
}

int
_PyEval_SetAsyncGenFinalizer(PyObject *finalizer)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (PySys_Audit("sys.set_asyncgen_hook_finalizer", NULL) < 0) {
        return -1;
    }
    Py_XSETREF(tstate->async_gen_finalizer, Py_XNewRef(finalizer));
    return 0;
}
