/* Generators and coroutines: a frame inside an object, run in instalments.
 *
 * gi_frame_state (enum _framestate)
 *     FRAME_CREATED     has not run; its next instruction is the POP_TOP after RETURN_GENERATOR
 *     FRAME_SUSPENDED   stopped at a YIELD_VALUE; a resumption pushes the value sent
 *     FRAME_EXECUTING   on a thread's chain of frames; gi_exc_state is on its exception stack
 *     FRAME_CLEARED     finished: the frame holds nothing but the code object
 * The loop itself moves a generator from executing to suspended (a yield) or cleared (a return or
 * an exception).  Python code resumes generators without coming here (SEND, FOR_ITER).
 *
 * Asynchronous generators' own objects are in asyncgen.c.
 * Written from the language reference (yield expressions, coroutines), PEP 342, PEP 380, PEP 479,
 * PEP 492, PEP 525, the C API reference, and observed behaviour. */

#include "Python.h"
#include "pycore_asyncgen.h"    // _PyAsyncGen_InitHooks()
#include "pycore_ceval.h"       // _PyEval_EvalFrame()
#include "pycore_errors.h"      // _PyErr_ClearExcState()
#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_genobject.h"   // prototypes
#include "pycore_object.h"      // _PyObject_GC_UNTRACK()
#include "pycore_opcode.h"      // RESUME
#include "pycore_strings.h"     // _Py_ID()
#include "structmember.h"       // PyMemberDef

static PyCodeObject *
gen_code(PyGenObject *gen)
{
    return _PyFrame_GetCode(_PyGen_GetFrame(gen));
}

/* "generator", "coroutine" or "async generator". */
static const char *
gen_kind(PyGenObject *gen)
{
    return PyCoro_CheckExact(gen) ? "coroutine"
           : PyAsyncGen_CheckExact(gen) ? "async generator" : "generator";
}

/* ---- running ------------------------------------------------------------- */

/* Runs gen until its next yield.  arg: the value sent, or NULL (next()); exc: an exception is set
 * and is thrown in.  A finished generator gives PYGEN_ERROR without exception for next(). */
static PySendResult
gen_run(PyGenObject *gen, PyObject *arg, PyObject **presult, int exc, int closing)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _PyInterpreterFrame *frame = _PyGen_GetFrame(gen);
    *presult = NULL;
    if (gen->gi_frame_state == FRAME_CREATED && arg != NULL && !Py_IsNone(arg)) {
        PyErr_Format(PyExc_TypeError, "can't send non-None value to a just-started %s",
                     gen_kind(gen));
        return PYGEN_ERROR;
    }
    if (gen->gi_frame_state == FRAME_EXECUTING) {
        PyErr_Format(PyExc_ValueError, "%s already executing", gen_kind(gen));
        return PYGEN_ERROR;
    }
    if (gen->gi_frame_state >= FRAME_COMPLETED) {
        if (PyCoro_CheckExact(gen) && !closing) {
            PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited coroutine");
        }
        else if (arg != NULL && !exc) {
            *presult = Py_NewRef(Py_None);      /* finished, asked by send() */
            return PYGEN_RETURN;
        }
        return PYGEN_ERROR;
    }
    assert(gen->gi_frame_state < FRAME_EXECUTING);
    frame->localsplus[frame->stacktop++] = PyStackRef_FromPyObjectNew(arg != NULL ? arg : Py_None);
    gen->gi_exc_state.previous_item = tstate->exc_info;
    tstate->exc_info = &gen->gi_exc_state;
    if (exc) {
        assert(_PyErr_Occurred(tstate));
        /* Only what the generator itself handles is the context; the caller's is not. */
        PyObject *handled = gen->gi_exc_state.exc_value;
        if (handled != NULL && !Py_IsNone(handled)) {
            _PyErr_ChainStackItem(NULL);
        }
    }
    gen->gi_frame_state = FRAME_EXECUTING;
    PyObject *result = _PyEval_EvalFrame(tstate, frame, exc);
    assert(gen->gi_exc_state.previous_item == NULL);
    assert(gen->gi_frame_state != FRAME_EXECUTING);
    if (result == NULL) {
        assert(_PyErr_Occurred(tstate));
        return PYGEN_ERROR;
    }
    *presult = result;
    return gen->gi_frame_state == FRAME_SUSPENDED ? PYGEN_NEXT : PYGEN_RETURN;
}

static PySendResult
gen_am_send(PyGenObject *gen, PyObject *arg, PyObject **result)
{
    PySendResult res = gen_run(gen, arg, result, 0, 0);
    if (res == PYGEN_ERROR && !PyErr_Occurred()) {
        *result = Py_NewRef(Py_None);
        return PYGEN_RETURN;
    }
    return res;
}

/* Runs gen; a return becomes StopIteration (StopAsyncIteration). */
static PyObject *
gen_send_ex(PyGenObject *gen, PyObject *arg, int exc, int closing)
{
    PyObject *result;
    if (gen_run(gen, arg, &result, exc, closing) == PYGEN_RETURN) {
        if (PyAsyncGen_CheckExact(gen)) {
            assert(Py_IsNone(result));
            PyErr_SetNone(PyExc_StopAsyncIteration);
        }
        else if (Py_IsNone(result)) {
            PyErr_SetNone(PyExc_StopIteration);
        }
        else {
            _PyGen_SetStopIterationValue(result);
        }
        Py_CLEAR(result);
    }
    return result;
}

PyObject *
_PyGen_Send(PyGenObject *gen, PyObject *arg)
{
    return gen_send_ex(gen, arg, 0, 0);
}

static PyObject *
gen_iternext(PyGenObject *gen)
{
    assert(PyGen_CheckExact(gen) || PyCoro_CheckExact(gen));
    PyObject *result;
    if (gen_run(gen, NULL, &result, 0, 0) == PYGEN_RETURN) {
        if (!Py_IsNone(result)) {
            _PyGen_SetStopIterationValue(result);
        }
        Py_CLEAR(result);
    }
    return result;
}

/* StopIteration(value), also for values that the constructor would take apart.  0 or -1. */
int
_PyGen_SetStopIterationValue(PyObject *value)
{
    if (value == NULL || (!PyTuple_Check(value) && !PyExceptionInstance_Check(value))) {
        PyErr_SetObject(PyExc_StopIteration, value);
        return 0;
    }
    PyObject *e = PyObject_CallOneArg(PyExc_StopIteration, value);
    if (e == NULL) {
        return -1;
    }
    PyErr_SetObject(PyExc_StopIteration, e);
    Py_DECREF(e);
    return 0;
}

/* The value of a pending StopIteration (cleared), None if nothing is pending; -1 otherwise. */
int
_PyGen_FetchStopIterationValue(PyObject **pvalue)
{
    PyObject *value = NULL;
    if (PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyObject *exc = PyErr_GetRaisedException();
        value = Py_XNewRef(((PyStopIterationObject *)exc)->value);
        Py_DECREF(exc);
    }
    else if (PyErr_Occurred()) {
        *pvalue = NULL;
        return -1;
    }
    *pvalue = value == NULL ? Py_NewRef(Py_None) : value;
    return 0;
}

PyObject *
_PyGen_yf(PyGenObject *gen)
{
    if (gen->gi_frame_state != FRAME_SUSPENDED) {
        return NULL;
    }
    _PyInterpreterFrame *frame = _PyGen_GetFrame(gen);
    const _Py_CODEUNIT *next = _PyCode_UNITS(gen_code(gen)) + _PyInterpreterFrame_LASTI(frame) + 1;
    if (next->op.code != RESUME || (next->op.arg & 3) < 2) {
        return NULL;        /* an ordinary yield */
    }
    PyObject *yf = PyStackRef_Materialize(&frame->localsplus[frame->stacktop - 1]);
    return Py_XNewRef(yf);
}

/* ---- throw and close ----------------------------------------------------- */

/* Closes what a generator delegates to.  0, or -1 with an exception. */
static int
close_iter(PyObject *yf)
{
    PyObject *retval;
    if (PyGen_CheckExact(yf) || PyCoro_CheckExact(yf)) {
        if (_Py_EnterRecursiveCall(" while closing a generator")) {
            return -1;
        }
        retval = _PyGen_Close((PyGenObject *)yf);
        _Py_LeaveRecursiveCall();
        if (retval == NULL) {
            return -1;
        }
    }
    else {
        PyObject *meth;
        if (_PyObject_LookupAttr(yf, &_Py_ID(close), &meth) < 0) {
            PyErr_WriteUnraisable(yf);
        }
        if (meth == NULL) {
            return 0;
        }
        retval = PyObject_CallNoArgs(meth);
        Py_DECREF(meth);
        if (retval == NULL) {
            return -1;
        }
    }
    Py_DECREF(retval);
    return 0;
}

PyObject *
_PyGen_Close(PyGenObject *gen)
{
    if (gen->gi_frame_state == FRAME_CREATED) {
        gen->gi_frame_state = FRAME_CLEARED;
        _PyFrame_ClearExceptCode(_PyGen_GetFrame(gen));
        Py_RETURN_NONE;
    }
    if (gen->gi_frame_state >= FRAME_COMPLETED) {
        Py_RETURN_NONE;
    }
    PyObject *yf = _PyGen_yf(gen);
    int err = 0;
    if (yf != NULL) {
        int8_t state = gen->gi_frame_state;
        gen->gi_frame_state = FRAME_EXECUTING;
        err = close_iter(yf);
        gen->gi_frame_state = state;
        Py_DECREF(yf);
    }
    if (err == 0) {
        PyErr_SetNone(PyExc_GeneratorExit);
    }
    PyObject *retval = gen_send_ex(gen, Py_None, 1, 1);
    if (retval != NULL) {
        Py_DECREF(retval);
        PyErr_Format(PyExc_RuntimeError, "%s ignored GeneratorExit", gen_kind(gen));
        return NULL;
    }
    if (PyErr_ExceptionMatches(PyExc_StopIteration)
        || PyErr_ExceptionMatches(PyExc_GeneratorExit)) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    return NULL;
}

/* Makes the arguments of throw() the pending exception.  0, or -1 with a TypeError. */
static int
set_thrown(PyObject *typ, PyObject *val, PyObject *tb)
{
    if (tb == Py_None) {
        tb = NULL;
    }
    else if (tb != NULL && !PyTraceBack_Check(tb)) {
        PyErr_SetString(PyExc_TypeError, "throw() third argument must be a traceback object");
        return -1;
    }
    Py_INCREF(typ);
    Py_XINCREF(val);
    Py_XINCREF(tb);
    if (PyExceptionClass_Check(typ)) {
        PyErr_NormalizeException(&typ, &val, &tb);
    }
    else if (PyExceptionInstance_Check(typ)) {
        if (val != NULL && !Py_IsNone(val)) {
            PyErr_SetString(PyExc_TypeError, "instance exception may not have a separate value");
            goto fail;
        }
        Py_XSETREF(val, typ);
        typ = Py_NewRef((PyObject *)Py_TYPE(val));
        if (tb == NULL) {
            tb = PyException_GetTraceback(val);
        }
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "exceptions must be classes or instances deriving from BaseException, not %s",
                     Py_TYPE(typ)->tp_name);
        goto fail;
    }
    PyErr_Restore(typ, val, tb);
    return 0;
fail:
    Py_DECREF(typ);
    Py_XDECREF(val);
    Py_XDECREF(tb);
    return -1;
}

static PyObject *
throw_here(PyGenObject *gen, PyObject *typ, PyObject *val, PyObject *tb)
{
    if (set_thrown(typ, val, tb) < 0) {
        return NULL;
    }
    return gen_send_ex(gen, Py_None, 1, 0);
}

/* Throws into what gen delegates to, with gen's frame visible on the stack. */
static PyObject *
throw_into(PyGenObject *gen, PyObject *yf, int close_on_genexit, PyObject *typ, PyObject *val,
           PyObject *tb, int *no_method)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _PyInterpreterFrame *frame = _PyGen_GetFrame(gen);
    PyObject *meth = NULL, *ret;
    *no_method = 0;
    int is_gen = PyGen_CheckExact(yf) || PyCoro_CheckExact(yf);
    if (!is_gen) {
        if (_PyObject_LookupAttr(yf, &_Py_ID(throw), &meth) < 0) {
            return NULL;
        }
        if (meth == NULL) {
            *no_method = 1;
            return NULL;
        }
    }
    int8_t state = gen->gi_frame_state;
    _PyCFrame *cframe = tstate->cframe;
    _PyInterpreterFrame *previous = cframe->current_frame;
    frame->previous = previous;
    cframe->current_frame = frame;
    gen->gi_frame_state = FRAME_EXECUTING;
    if (is_gen) {
        ret = NULL;
        if (!_Py_EnterRecursiveCallTstate(tstate, " while throwing into a generator")) {
            ret = _PyGen_Throw((PyGenObject *)yf, close_on_genexit, typ, val, tb);
            _Py_LeaveRecursiveCallTstate(tstate);
        }
    }
    else {
        ret = PyObject_CallFunctionObjArgs(meth, typ, val, tb, NULL);
    }
    gen->gi_frame_state = state;
    cframe->current_frame = previous;
    frame->previous = NULL;
    Py_XDECREF(meth);
    return ret;
}

PyObject *
_PyGen_Throw(PyGenObject *gen, int close_on_genexit, PyObject *typ, PyObject *val, PyObject *tb)
{
    PyObject *yf = _PyGen_yf(gen);
    if (yf == NULL) {
        return throw_here(gen, typ, val, tb);
    }
    if (close_on_genexit && PyErr_GivenExceptionMatches(typ, PyExc_GeneratorExit)) {
        /* Asynchronous generators must be able to await in their handlers, so aclose() does
         * not ask for this. */
        int8_t state = gen->gi_frame_state;
        gen->gi_frame_state = FRAME_EXECUTING;
        int err = close_iter(yf);
        gen->gi_frame_state = state;
        Py_DECREF(yf);
        if (err < 0) {
            return gen_send_ex(gen, Py_None, 1, 0);
        }
        return throw_here(gen, typ, val, tb);
    }
    int no_method;
    PyObject *ret = throw_into(gen, yf, close_on_genexit, typ, val, tb, &no_method);
    Py_DECREF(yf);
    if (no_method) {
        return throw_here(gen, typ, val, tb);
    }
    if (ret == NULL) {
        /* The other one finished: its StopIteration (or error) arrives in gen, where
         * CLEANUP_THROW looks at it. */
        ret = gen_send_ex(gen, Py_None, 1, 0);
    }
    return ret;
}

PyObject *
_PyGen_ThrowArgs(PyGenObject *gen, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("throw", nargs, 1, 3)) {
        return NULL;
    }
    if (nargs > 1
        && PyErr_WarnEx(PyExc_DeprecationWarning,
                        "the (type, exc, tb) signature of throw() is deprecated, "
                        "use the single-arg signature instead.", 1) < 0) {
        return NULL;
    }
    return _PyGen_Throw(gen, 1, args[0], nargs > 1 ? args[1] : NULL, nargs > 2 ? args[2] : NULL);
}

/* ---- life ---------------------------------------------------------------- */

static int
gen_traverse(PyGenObject *gen, visitproc visit, void *arg)
{
    Py_VISIT(gen->gi_name);
    Py_VISIT(gen->gi_qualname);
    if (gen->gi_frame_state < FRAME_CLEARED) {
        int err = _PyFrame_Traverse(_PyGen_GetFrame(gen), visit, arg);
        if (err) {
            return err;
        }
    }
    else {
        Py_VISIT(gen_code(gen));
    }
    Py_VISIT(gen->gi_exc_state.exc_value);
    Py_VISIT(gen->gi_origin_or_finalizer);
    return 0;
}

void
_PyGen_Finalize(PyObject *self)
{
    PyGenObject *gen = (PyGenObject *)self;
    if (gen->gi_frame_state >= FRAME_COMPLETED) {
        return;
    }
    PyObject *exc = PyErr_GetRaisedException();
    if (PyAsyncGen_CheckExact(self)) {
        PyObject *finalizer = gen->gi_origin_or_finalizer;
        if (finalizer != NULL && !gen->gi_closed) {
            PyObject *res = PyObject_CallOneArg(finalizer, self);
            if (res == NULL) {
                PyErr_WriteUnraisable(self);
            }
            Py_XDECREF(res);
            PyErr_SetRaisedException(exc);
            return;
        }
    }
    if (gen_code(gen)->co_flags & CO_COROUTINE && gen->gi_frame_state == FRAME_CREATED) {
        _PyErr_WarnUnawaitedCoroutine(self);
        if (PyErr_Occurred()) {
            PyErr_WriteUnraisable(self);
        }
    }
    else {
        PyObject *res = _PyGen_Close(gen);
        if (res == NULL) {
            if (PyErr_Occurred()) {
                PyErr_WriteUnraisable(self);
            }
        }
        else {
            Py_DECREF(res);
        }
    }
    PyErr_SetRaisedException(exc);
}

static void
gen_dealloc(PyGenObject *gen)
{
    PyObject *self = (PyObject *)gen;
    _PyObject_GC_UNTRACK(self);
    if (gen->gi_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    _PyObject_GC_TRACK(self);
    if (PyObject_CallFinalizerFromDealloc(self) < 0) {
        return;                     /* resurrected */
    }
    _PyObject_GC_UNTRACK(self);
    if (PyAsyncGen_CheckExact(gen)) {
        /* The finalizer hook; cleared here because tp_traverse needs it until now. */
        Py_CLEAR(gen->gi_origin_or_finalizer);
    }
    if (PyCoro_CheckExact(gen)) {
        Py_CLEAR(((PyCoroObject *)gen)->cr_origin_or_finalizer);
    }
    _PyInterpreterFrame *frame = _PyGen_GetFrame(gen);
    if (gen->gi_frame_state < FRAME_CLEARED) {
        gen->gi_frame_state = FRAME_CLEARED;
        frame->previous = NULL;
        _PyFrame_ClearExceptCode(frame);
    }
    PyCodeObject *code = frame->f_code;
    frame->f_code = NULL;
    _PyErr_ClearExcState(&gen->gi_exc_state);
    Py_CLEAR(gen->gi_name);
    Py_CLEAR(gen->gi_qualname);
    PyObject_GC_Del(gen);
    Py_XDECREF(code);
}

static PyObject *
make_gen(PyTypeObject *type, PyFunctionObject *func)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    PyGenObject *gen = PyObject_GC_NewVar(PyGenObject, type,
                                          code->co_nlocalsplus + code->co_stacksize);
    if (gen == NULL) {
        return NULL;
    }
    gen->gi_frame_state = FRAME_CLEARED;
    /* The caller fills the frame in; until then there is only a code object. */
    _PyGen_GetFrame(gen)->f_code = (PyCodeObject *)Py_NewRef(code);
    gen->gi_weakreflist = NULL;
    gen->gi_exc_state.exc_value = NULL;
    gen->gi_exc_state.previous_item = NULL;
    gen->gi_origin_or_finalizer = NULL;
    gen->gi_hooks_inited = 0;
    gen->gi_closed = 0;
    gen->gi_running_async = 0;
    gen->gi_name = Py_NewRef(func->func_name);
    gen->gi_qualname = Py_NewRef(func->func_qualname);
    _PyObject_GC_TRACK((PyObject *)gen);
    return (PyObject *)gen;
}

PyObject *
_PyCoro_ComputeOrigin(int depth, _PyInterpreterFrame *current)
{
    _PyInterpreterFrame *frame = _PyFrame_GetFirstComplete(current);
    int n = 0;
    for (; frame != NULL && n < depth; n++) {
        frame = _PyFrame_GetFirstComplete(frame->previous);
    }
    PyObject *origin = PyTuple_New(n);
    if (origin == NULL) {
        return NULL;
    }
    frame = _PyFrame_GetFirstComplete(current);
    for (int i = 0; i < n; i++) {
        PyCodeObject *code = _PyFrame_GetCode(frame);
        int line = PyUnstable_InterpreterFrame_GetLine(frame);
        PyObject *info = Py_BuildValue("OiO", code->co_filename, line, code->co_name);
        if (info == NULL) {
            Py_DECREF(origin);
            return NULL;
        }
        PyTuple_SET_ITEM(origin, i, info);
        frame = _PyFrame_GetFirstComplete(frame->previous);
    }
    return origin;
}

PyObject *
_Py_MakeCoro(PyFunctionObject *func)
{
    int flags = ((PyCodeObject *)func->func_code)->co_flags
                & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR);
    assert(flags);
    PyObject *gen;
    if (flags == CO_GENERATOR) {
        gen = make_gen(&PyGen_Type, func);
    }
    else if (flags == CO_ASYNC_GENERATOR) {
        gen = make_gen(&PyAsyncGen_Type, func);
    }
    else {
        assert(flags == CO_COROUTINE);
        gen = make_gen(&PyCoro_Type, func);
        PyThreadState *tstate = _PyThreadState_GET();
        int depth = tstate->coroutine_origin_tracking_depth;
        if (gen != NULL && depth > 0) {
            PyObject *origin = _PyCoro_ComputeOrigin(depth, tstate->cframe->current_frame);
            if (origin == NULL) {
                Py_DECREF(gen);
                return NULL;
            }
            ((PyCoroObject *)gen)->cr_origin_or_finalizer = origin;
        }
    }
    if (gen != NULL) {
        /* RETURN_GENERATOR copies a frame with its own reference over this. */
        _PyInterpreterFrame *frame = _PyGen_GetFrame((PyGenObject *)gen);
        Py_DECREF(frame->f_code);
    }
    return gen;
}

/* A generator for a frame object that was made by PyFrame_New; consumes f. */
static PyObject *
gen_new_with_qualname(PyTypeObject *type, PyFrameObject *f, PyObject *name, PyObject *qualname)
{
    PyCodeObject *code = _PyFrame_GetCode(f->f_frame);
    PyGenObject *gen = PyObject_GC_NewVar(PyGenObject, type,
                                          code->co_nlocalsplus + code->co_stacksize);
    if (gen == NULL) {
        Py_DECREF(f);
        return NULL;
    }
    _PyInterpreterFrame *frame = _PyGen_GetFrame(gen);
    assert(f->f_frame->owner == FRAME_OWNED_BY_FRAME_OBJECT && f->f_frame->frame_obj == NULL);
    _PyFrame_Copy(f->f_frame, frame);
    gen->gi_frame_state = FRAME_CREATED;
    f->f_frame = frame;
    frame->owner = FRAME_OWNED_BY_GENERATOR;
    frame->frame_obj = f;           /* takes the caller's reference */
    gen->gi_weakreflist = NULL;
    gen->gi_exc_state.exc_value = NULL;
    gen->gi_exc_state.previous_item = NULL;
    gen->gi_origin_or_finalizer = NULL;
    gen->gi_hooks_inited = 0;
    gen->gi_closed = 0;
    gen->gi_running_async = 0;
    gen->gi_name = Py_NewRef(name != NULL ? name : code->co_name);
    gen->gi_qualname = Py_NewRef(qualname != NULL ? qualname : code->co_qualname);
    _PyObject_GC_TRACK((PyObject *)gen);
    return (PyObject *)gen;
}

PyObject *
PyGen_NewWithQualName(PyFrameObject *f, PyObject *name, PyObject *qualname)
{
    return gen_new_with_qualname(&PyGen_Type, f, name, qualname);
}

PyObject *
PyGen_New(PyFrameObject *f)
{
    return gen_new_with_qualname(&PyGen_Type, f, NULL, NULL);
}

PyObject *
PyCoro_New(PyFrameObject *f, PyObject *name, PyObject *qualname)
{
    PyObject *coro = gen_new_with_qualname(&PyCoro_Type, f, name, qualname);
    PyThreadState *tstate = _PyThreadState_GET();
    if (coro != NULL && tstate->coroutine_origin_tracking_depth > 0) {
        PyObject *origin = _PyCoro_ComputeOrigin(tstate->coroutine_origin_tracking_depth,
                                                 tstate->cframe->current_frame);
        if (origin == NULL) {
            Py_DECREF(coro);
            return NULL;
        }
        ((PyCoroObject *)coro)->cr_origin_or_finalizer = origin;
    }
    return coro;
}

PyObject *
PyAsyncGen_New(PyFrameObject *f, PyObject *name, PyObject *qualname)
{
    return gen_new_with_qualname(&PyAsyncGen_Type, f, name, qualname);
}

PyCodeObject *
PyGen_GetCode(PyGenObject *gen)
{
    return (PyCodeObject *)Py_NewRef(gen_code(gen));
}

/* ---- attributes ---------------------------------------------------------- */

static PyObject *
gen_repr(PyGenObject *gen)
{
    return PyUnicode_FromFormat("<generator object %S at %p>", gen->gi_qualname, gen);
}

static PyObject *
coro_repr(PyGenObject *gen)
{
    return PyUnicode_FromFormat("<coroutine object %S at %p>", gen->gi_qualname, gen);
}

static PyObject *
asyncgen_repr(PyGenObject *gen)
{
    return PyUnicode_FromFormat("<async_generator object %S at %p>", gen->gi_qualname, gen);
}

static PyObject *
gen_get_name(PyGenObject *gen, void *Py_UNUSED(closure))
{
    return Py_NewRef(gen->gi_name);
}

static int
gen_set_name(PyGenObject *gen, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL || !PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__name__ must be set to a string object");
        return -1;
    }
    Py_XSETREF(gen->gi_name, Py_NewRef(value));
    return 0;
}

static PyObject *
gen_get_qualname(PyGenObject *gen, void *Py_UNUSED(closure))
{
    return Py_NewRef(gen->gi_qualname);
}

static int
gen_set_qualname(PyGenObject *gen, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL || !PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__qualname__ must be set to a string object");
        return -1;
    }
    Py_XSETREF(gen->gi_qualname, Py_NewRef(value));
    return 0;
}

static PyObject *
gen_get_yieldfrom(PyGenObject *gen, void *Py_UNUSED(closure))
{
    PyObject *yf = _PyGen_yf(gen);
    return yf != NULL ? yf : Py_NewRef(Py_None);
}

static PyObject *
gen_get_running(PyGenObject *gen, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(gen->gi_frame_state == FRAME_EXECUTING);
}

static PyObject *
gen_get_suspended(PyGenObject *gen, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(gen->gi_frame_state == FRAME_SUSPENDED);
}

static PyObject *
get_frame(PyGenObject *gen, const char *name)
{
    if (PySys_Audit("object.__getattr__", "Os", gen, name) < 0) {
        return NULL;
    }
    if (gen->gi_frame_state == FRAME_CLEARED) {
        Py_RETURN_NONE;
    }
    return Py_XNewRef((PyObject *)_PyFrame_GetFrameObject(_PyGen_GetFrame(gen)));
}

static PyObject *
gen_get_frame(PyGenObject *gen, void *Py_UNUSED(closure))
{
    return get_frame(gen, "gi_frame");
}

static PyObject *
coro_get_frame(PyGenObject *gen, void *Py_UNUSED(closure))
{
    return get_frame(gen, "cr_frame");
}

static PyObject *
asyncgen_get_frame(PyGenObject *gen, void *Py_UNUSED(closure))
{
    return get_frame(gen, "ag_frame");
}

static PyObject *
get_code(PyGenObject *gen, const char *name)
{
    if (PySys_Audit("object.__getattr__", "Os", gen, name) < 0) {
        return NULL;
    }
    return Py_NewRef((PyObject *)gen_code(gen));
}

static PyObject *
gen_get_code(PyGenObject *gen, void *Py_UNUSED(closure))
{
    return get_code(gen, "gi_code");
}

static PyObject *
coro_get_code(PyGenObject *gen, void *Py_UNUSED(closure))
{
    return get_code(gen, "cr_code");
}

static PyObject *
asyncgen_get_code(PyGenObject *gen, void *Py_UNUSED(closure))
{
    return get_code(gen, "ag_code");
}

PyDoc_STRVAR(sizeof__doc__, "gen.__sizeof__() -> size of gen in memory, in bytes");

static PyObject *
gen_sizeof(PyGenObject *gen, PyObject *Py_UNUSED(ignored))
{
    PyCodeObject *code = gen_code(gen);
    Py_ssize_t res = (Py_ssize_t)(offsetof(PyGenObject, gi_iframe)
                                  + offsetof(_PyInterpreterFrame, localsplus));
    res += (code->co_nlocalsplus + code->co_stacksize) * (Py_ssize_t)sizeof(_PyStackRef);
    return PyLong_FromSsize_t(res);
}

static PyObject *
gen_throw(PyGenObject *gen, PyObject *const *args, Py_ssize_t nargs)
{
    return _PyGen_ThrowArgs(gen, args, nargs);
}

static PyObject *
gen_send(PyGenObject *gen, PyObject *arg)
{
    return gen_send_ex(gen, arg, 0, 0);
}

static PyObject *
gen_close(PyGenObject *gen, PyObject *Py_UNUSED(ignored))
{
    return _PyGen_Close(gen);
}

PyDoc_STRVAR(gen_send__doc__,
"send(arg) -> send 'arg' into generator,\n"
"return next yielded value or raise StopIteration.");
PyDoc_STRVAR(gen_close__doc__, "close() -> raise GeneratorExit inside generator.");
PyDoc_STRVAR(gen_throw__doc__,
"throw(value)\n"
"throw(type[,value[,tb]])\n"
"\n"
"Raise exception in generator, return next yielded value or raise\n"
"StopIteration.\n"
"the (type, val, tb) signature is deprecated, \n"
"and may be removed in a future version of Python.");

static PyGetSetDef gen_getset[] = {
    {"__name__", (getter)gen_get_name, (setter)gen_set_name, PyDoc_STR("name of the generator"),
     NULL},
    {"__qualname__", (getter)gen_get_qualname, (setter)gen_set_qualname,
     PyDoc_STR("qualified name of the generator"), NULL},
    {"gi_yieldfrom", (getter)gen_get_yieldfrom, NULL,
     PyDoc_STR("object being iterated by yield from, or None"), NULL},
    {"gi_running", (getter)gen_get_running, NULL, NULL, NULL},
    {"gi_frame", (getter)gen_get_frame, NULL, NULL, NULL},
    {"gi_suspended", (getter)gen_get_suspended, NULL, NULL, NULL},
    {"gi_code", (getter)gen_get_code, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef gen_methods[] = {
    {"send", (PyCFunction)gen_send, METH_O, gen_send__doc__},
    {"throw", (PyCFunction)(void (*)(void))gen_throw, METH_FASTCALL, gen_throw__doc__},
    {"close", (PyCFunction)gen_close, METH_NOARGS, gen_close__doc__},
    {"__sizeof__", (PyCFunction)gen_sizeof, METH_NOARGS, sizeof__doc__},
    {NULL, NULL, 0, NULL},
};

static PyAsyncMethods gen_as_async = {
    .am_send = (sendfunc)gen_am_send,
};

#define GEN_BASICSIZE \
    (offsetof(PyGenObject, gi_iframe) + offsetof(_PyInterpreterFrame, localsplus))

_Py_SHARED PyTypeObject PyGen_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "generator",
    .tp_basicsize = GEN_BASICSIZE,
    .tp_itemsize = sizeof(_PyStackRef),
    .tp_dealloc = (destructor)gen_dealloc,
    .tp_as_async = &gen_as_async,
    .tp_repr = (reprfunc)gen_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)gen_traverse,
    .tp_weaklistoffset = offsetof(PyGenObject, gi_weakreflist),
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)gen_iternext,
    .tp_methods = gen_methods,
    .tp_getset = gen_getset,
    .tp_finalize = _PyGen_Finalize,
};

/* ---- coroutines ---------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyCoroObject *cw_coroutine;
} PyCoroWrapper;

static int
gen_is_coroutine(PyObject *o)
{
    return PyGen_CheckExact(o) && (gen_code((PyGenObject *)o)->co_flags & CO_ITERABLE_COROUTINE);
}

PyObject *
_PyCoro_GetAwaitableIter(PyObject *o)
{
    if (PyCoro_CheckExact(o) || gen_is_coroutine(o)) {
        return Py_NewRef(o);
    }
    PyTypeObject *ot = Py_TYPE(o);
    if (ot->tp_as_async == NULL || ot->tp_as_async->am_await == NULL) {
        PyErr_Format(PyExc_TypeError, "object %.100s can't be used in 'await' expression",
                     ot->tp_name);
        return NULL;
    }
    PyObject *res = ot->tp_as_async->am_await(o);
    if (res == NULL) {
        return NULL;
    }
    if (PyCoro_CheckExact(res) || gen_is_coroutine(res)) {
        PyErr_SetString(PyExc_TypeError, "__await__() returned a coroutine");
        Py_CLEAR(res);
    }
    else if (!PyIter_Check(res)) {
        PyErr_Format(PyExc_TypeError, "__await__() returned non-iterator of type '%.100s'",
                     Py_TYPE(res)->tp_name);
        Py_CLEAR(res);
    }
    return res;
}

static PyObject *
coro_await(PyCoroObject *coro)
{
    PyCoroWrapper *cw = PyObject_GC_New(PyCoroWrapper, &_PyCoroWrapper_Type);
    if (cw == NULL) {
        return NULL;
    }
    cw->cw_coroutine = (PyCoroObject *)Py_NewRef(coro);
    _PyObject_GC_TRACK((PyObject *)cw);
    return (PyObject *)cw;
}

PyDoc_STRVAR(coro_send__doc__,
"send(arg) -> send 'arg' into coroutine,\n"
"return next iterated value or raise StopIteration.");
PyDoc_STRVAR(coro_throw__doc__,
"throw(value)\n"
"throw(type[,value[,traceback]])\n"
"\n"
"Raise exception in coroutine, return next iterated value or raise\n"
"StopIteration.\n"
"the (type, val, tb) signature is deprecated, \n"
"and may be removed in a future version of Python.");
PyDoc_STRVAR(coro_close__doc__, "close() -> raise GeneratorExit inside coroutine.");

static PyGetSetDef coro_getset[] = {
    {"__name__", (getter)gen_get_name, (setter)gen_set_name, PyDoc_STR("name of the coroutine"),
     NULL},
    {"__qualname__", (getter)gen_get_qualname, (setter)gen_set_qualname,
     PyDoc_STR("qualified name of the coroutine"), NULL},
    {"cr_await", (getter)gen_get_yieldfrom, NULL,
     PyDoc_STR("object being awaited on, or None"), NULL},
    {"cr_running", (getter)gen_get_running, NULL, NULL, NULL},
    {"cr_frame", (getter)coro_get_frame, NULL, NULL, NULL},
    {"cr_code", (getter)coro_get_code, NULL, NULL, NULL},
    {"cr_suspended", (getter)gen_get_suspended, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static _Py_SHARED PyMemberDef coro_members[] = {
    {"cr_origin", T_OBJECT, offsetof(PyCoroObject, cr_origin_or_finalizer), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyMethodDef coro_methods[] = {
    {"send", (PyCFunction)gen_send, METH_O, coro_send__doc__},
    {"throw", (PyCFunction)(void (*)(void))gen_throw, METH_FASTCALL, coro_throw__doc__},
    {"close", (PyCFunction)gen_close, METH_NOARGS, coro_close__doc__},
    {"__sizeof__", (PyCFunction)gen_sizeof, METH_NOARGS, sizeof__doc__},
    {NULL, NULL, 0, NULL},
};

static PyAsyncMethods coro_as_async = {
    .am_await = (unaryfunc)coro_await,
    .am_send = (sendfunc)gen_am_send,
};

_Py_SHARED PyTypeObject PyCoro_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "coroutine",
    .tp_basicsize = GEN_BASICSIZE,
    .tp_itemsize = sizeof(_PyStackRef),
    .tp_dealloc = (destructor)gen_dealloc,
    .tp_as_async = &coro_as_async,
    .tp_repr = (reprfunc)coro_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)gen_traverse,
    .tp_weaklistoffset = offsetof(PyCoroObject, cr_weakreflist),
    .tp_methods = coro_methods,
    .tp_members = coro_members,
    .tp_getset = coro_getset,
    .tp_finalize = _PyGen_Finalize,
};

static void
coro_wrapper_dealloc(PyCoroWrapper *cw)
{
    _PyObject_GC_UNTRACK((PyObject *)cw);
    Py_CLEAR(cw->cw_coroutine);
    PyObject_GC_Del(cw);
}

static PyObject *
coro_wrapper_iternext(PyCoroWrapper *cw)
{
    return gen_iternext((PyGenObject *)cw->cw_coroutine);
}

static PyObject *
coro_wrapper_send(PyCoroWrapper *cw, PyObject *arg)
{
    return gen_send_ex((PyGenObject *)cw->cw_coroutine, arg, 0, 0);
}

static PyObject *
coro_wrapper_throw(PyCoroWrapper *cw, PyObject *const *args, Py_ssize_t nargs)
{
    return _PyGen_ThrowArgs((PyGenObject *)cw->cw_coroutine, args, nargs);
}

static PyObject *
coro_wrapper_close(PyCoroWrapper *cw, PyObject *Py_UNUSED(ignored))
{
    return _PyGen_Close((PyGenObject *)cw->cw_coroutine);
}

static int
coro_wrapper_traverse(PyCoroWrapper *cw, visitproc visit, void *arg)
{
    Py_VISIT((PyObject *)cw->cw_coroutine);
    return 0;
}

static PyMethodDef coro_wrapper_methods[] = {
    {"send", (PyCFunction)coro_wrapper_send, METH_O, coro_send__doc__},
    {"throw", (PyCFunction)(void (*)(void))coro_wrapper_throw, METH_FASTCALL, coro_throw__doc__},
    {"close", (PyCFunction)coro_wrapper_close, METH_NOARGS, coro_close__doc__},
    {NULL, NULL, 0, NULL},
};

_Py_SHARED PyTypeObject _PyCoroWrapper_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "coroutine_wrapper",
    .tp_basicsize = sizeof(PyCoroWrapper),
    .tp_dealloc = (destructor)coro_wrapper_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = PyDoc_STR("A wrapper object implementing __await__ for coroutines."),
    .tp_traverse = (traverseproc)coro_wrapper_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)coro_wrapper_iternext,
    .tp_methods = coro_wrapper_methods,
};

/* ---- the type of asynchronous generators --------------------------------- */

PyDoc_STRVAR(asend__doc__, "asend(v) -> send 'v' in generator.");
PyDoc_STRVAR(aclose__doc__, "aclose() -> raise GeneratorExit inside generator.");
PyDoc_STRVAR(athrow__doc__,
"athrow(value)\n"
"athrow(type[,value[,tb]])\n"
"\n"
"raise exception in generator.\n"
"the (type, val, tb) signature is deprecated, \n"
"and may be removed in a future version of Python.");

static PyGetSetDef asyncgen_getset[] = {
    {"__name__", (getter)gen_get_name, (setter)gen_set_name,
     PyDoc_STR("name of the async generator"), NULL},
    {"__qualname__", (getter)gen_get_qualname, (setter)gen_set_qualname,
     PyDoc_STR("qualified name of the async generator"), NULL},
    {"ag_await", (getter)gen_get_yieldfrom, NULL,
     PyDoc_STR("object being awaited on, or None"), NULL},
    {"ag_frame", (getter)asyncgen_get_frame, NULL, NULL, NULL},
    {"ag_code", (getter)asyncgen_get_code, NULL, NULL, NULL},
    {"ag_suspended", (getter)gen_get_suspended, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static _Py_SHARED PyMemberDef asyncgen_members[] = {
    {"ag_running", T_BOOL, offsetof(PyAsyncGenObject, ag_running_async), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyMethodDef asyncgen_methods[] = {
    {"asend", (PyCFunction)_PyAsyncGen_ASend, METH_O, asend__doc__},
    {"athrow", (PyCFunction)_PyAsyncGen_AThrow, METH_VARARGS, athrow__doc__},
    {"aclose", (PyCFunction)_PyAsyncGen_AClose, METH_NOARGS, aclose__doc__},
    {"__sizeof__", (PyCFunction)gen_sizeof, METH_NOARGS, sizeof__doc__},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL, NULL, 0, NULL},
};

static PyAsyncMethods asyncgen_as_async = {
    .am_aiter = PyObject_SelfIter,
    .am_anext = (unaryfunc)_PyAsyncGen_ANext,
    .am_send = (sendfunc)gen_am_send,
};

_Py_SHARED PyTypeObject PyAsyncGen_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "async_generator",
    .tp_basicsize = GEN_BASICSIZE,
    .tp_itemsize = sizeof(_PyStackRef),
    .tp_dealloc = (destructor)gen_dealloc,
    .tp_as_async = &asyncgen_as_async,
    .tp_repr = (reprfunc)asyncgen_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)gen_traverse,
    .tp_weaklistoffset = offsetof(PyAsyncGenObject, ag_weakreflist),
    .tp_methods = asyncgen_methods,
    .tp_members = asyncgen_members,
    .tp_getset = asyncgen_getset,
    .tp_finalize = _PyGen_Finalize,
};
