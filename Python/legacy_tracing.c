/* sys.settrace and sys.setprofile, as two tools of monitoring.
 *
 * Tool 7 (trace) and tool 6 (profile) get callbacks that are C objects (legacy_handler); each
 * turns its event into a call of the thread's C trace function.  Events are set for the
 * interpreter as soon as one of its threads traces; a callback in another thread finds no function
 * and returns.
 *
 *     event of monitoring                    trace              profile
 *     PY_START, PY_RESUME                    call               call
 *     PY_THROW                               call               call (the exception)
 *     PY_RETURN, PY_YIELD                    return             return
 *     PY_UNWIND                              return (None)      return (None)
 *     RAISE, STOP_ITERATION                  exception          -
 *     LINE; JUMP, BRANCH back on a line      line               -
 *     INSTRUCTION                            opcode             -
 *     CALL, C_RETURN, C_RAISE                -                  c_call, c_return, c_exception
 *
 * Written from the library reference (sys.settrace, sys.setprofile), the C API reference (Profiling
 * and Tracing), PEP 669, and observed behaviour. */

#include "Python.h"
#include "pycore_ceval.h"       // _PyEval_SetTrace()
#include "pycore_errors.h"      // _PyErr_*
#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_frame_jump.h"  // _PyEval_SetOpcodeTrace()
#include "pycore_instruments.h" // events
#include "pycore_lifecycle.h"   // _PySys_Audit()
#include "pycore_object.h"      // _Py_SHARED

typedef struct _legacy_handler {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    int event;                  /* PyTrace_* */
} legacy_handler;

static void
handler_dealloc(PyObject *self)
{
    PyObject_Free(self);
}

_Py_SHARED PyTypeObject _PyLegacyEventHandler_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "sys.legacy_event_handler",
    .tp_basicsize = sizeof(legacy_handler),
    .tp_dealloc = handler_dealloc,
    .tp_vectorcall_offset = offsetof(legacy_handler, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL
                | Py_TPFLAGS_DISALLOW_INSTANTIATION,
};

/* ---- profile ------------------------------------------------------------- */

/* Calls the thread's profile function: None (new reference) or NULL. */
static PyObject *
call_profile(legacy_handler *self, PyObject *arg)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->c_profilefunc == NULL) {
        Py_RETURN_NONE;
    }
    PyFrameObject *frame = PyEval_GetFrame();
    if (frame == NULL) {
        PyErr_SetString(PyExc_SystemError, "Missing frame when calling profile function.");
        return NULL;
    }
    Py_INCREF(frame);
    int err = tstate->c_profilefunc(tstate->c_profileobj, frame, self->event, arg);
    Py_DECREF(frame);
    if (err) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* (code, offset): no argument for the function. */
static PyObject *
profile_start(legacy_handler *self, PyObject *const *Py_UNUSED(args), size_t Py_UNUSED(nargsf),
              PyObject *Py_UNUSED(kwnames))
{
    return call_profile(self, Py_None);
}

/* (code, offset, value or exception) */
static PyObject *
profile_value(legacy_handler *self, PyObject *const *args, size_t Py_UNUSED(nargsf),
               PyObject *Py_UNUSED(kwnames))
{
    return call_profile(self, args[2]);
}

static PyObject *
profile_unwind(legacy_handler *self, PyObject *const *Py_UNUSED(args), size_t Py_UNUSED(nargsf),
               PyObject *Py_UNUSED(kwnames))
{
    return call_profile(self, NULL);
}

/* (code, offset, callable, first argument): functions in C only; methods are shown bound. */
static PyObject *
profile_call(legacy_handler *self, PyObject *const *args, size_t Py_UNUSED(nargsf),
             PyObject *Py_UNUSED(kwnames))
{
    PyObject *callable = args[2];
    if (PyCFunction_Check(callable)) {
        return call_profile(self, callable);
    }
    if (Py_IS_TYPE(callable, &PyMethodDescr_Type)) {
        PyObject *obj = args[3];
        if (obj == &_PyInstrumentation_MISSING) {
            Py_RETURN_NONE;
        }
        PyObject *meth = Py_TYPE(callable)->tp_descr_get(callable, obj, (PyObject *)Py_TYPE(obj));
        if (meth == NULL) {
            return NULL;
        }
        PyObject *res = call_profile(self, meth);
        Py_DECREF(meth);
        return res;
    }
    Py_RETURN_NONE;
}

/* ---- trace --------------------------------------------------------------- */

static PyObject *
call_trace(legacy_handler *self, PyObject *arg)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->c_tracefunc == NULL) {
        Py_RETURN_NONE;
    }
    PyFrameObject *frame = PyEval_GetFrame();
    if (frame == NULL) {
        PyErr_SetString(PyExc_SystemError, "Missing frame when calling trace function.");
        return NULL;
    }
    Py_INCREF(frame);
    int err = tstate->c_tracefunc(tstate->c_traceobj, frame, self->event, arg);
    Py_DECREF(frame);
    if (err) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
trace_start(legacy_handler *self, PyObject *const *Py_UNUSED(args), size_t Py_UNUSED(nargsf),
            PyObject *Py_UNUSED(kwnames))
{
    return call_trace(self, Py_None);
}

static PyObject *
trace_return(legacy_handler *self, PyObject *const *args, size_t Py_UNUSED(nargsf),
             PyObject *Py_UNUSED(kwnames))
{
    return call_trace(self, args[2]);
}

static PyObject *
trace_unwind(legacy_handler *self, PyObject *const *Py_UNUSED(args), size_t Py_UNUSED(nargsf),
             PyObject *Py_UNUSED(kwnames))
{
    return call_trace(self, NULL);
}

/* (code, offset, exception): the function gets (type, value, traceback). */
static PyObject *
trace_exception(legacy_handler *self, PyObject *const *args, size_t Py_UNUSED(nargsf),
                PyObject *Py_UNUSED(kwnames))
{
    PyObject *exc = args[2];
    PyObject *tb = PyException_GetTraceback(exc);
    PyObject *info = PyTuple_Pack(3, (PyObject *)Py_TYPE(exc), exc, tb == NULL ? Py_None : tb);
    Py_XDECREF(tb);
    if (info == NULL) {
        return NULL;
    }
    PyObject *res = call_trace(self, info);
    Py_DECREF(info);
    return res;
}

static PyObject *
trace_line_event(PyThreadState *tstate, PyFrameObject *frame, int line)
{
    if (!frame->f_trace_lines) {
        Py_RETURN_NONE;
    }
    if (line < 0) {
        Py_RETURN_NONE;
    }
    Py_INCREF(frame);
    frame->f_lineno = line;
    int err = tstate->c_tracefunc(tstate->c_traceobj, frame, PyTrace_LINE, Py_None);
    frame->f_lineno = 0;
    Py_DECREF(frame);
    if (err) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* (code, line) */
static PyObject *
trace_line(legacy_handler *Py_UNUSED(self), PyObject *const *args, size_t Py_UNUSED(nargsf),
           PyObject *Py_UNUSED(kwnames))
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->c_tracefunc == NULL) {
        Py_RETURN_NONE;
    }
    int line = _PyLong_AsInt(args[1]);
    PyFrameObject *frame = PyEval_GetFrame();
    if (frame == NULL) {
        PyErr_SetString(PyExc_SystemError, "Missing frame when calling trace function.");
        return NULL;
    }
    return trace_line_event(tstate, frame, line);
}

/* (code, offset, destination): a jump back within a line begins that line again. */
static PyObject *
trace_jump(legacy_handler *Py_UNUSED(self), PyObject *const *args, size_t Py_UNUSED(nargsf),
           PyObject *Py_UNUSED(kwnames))
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->c_tracefunc == NULL) {
        Py_RETURN_NONE;
    }
    PyCodeObject *code = (PyCodeObject *)args[0];
    int from = _PyLong_AsInt(args[1]);
    int to = _PyLong_AsInt(args[2]);
    if (to > from) {
        return Py_NewRef(&_PyInstrumentation_DISABLE);      /* forwards: never of interest */
    }
    int from_line = PyCode_Addr2Line(code, from);
    int to_line = PyCode_Addr2Line(code, to);
    if (from_line != to_line) {
        return Py_NewRef(&_PyInstrumentation_DISABLE);      /* LINE will say so */
    }
    PyFrameObject *frame = PyEval_GetFrame();
    if (frame == NULL) {
        PyErr_SetString(PyExc_SystemError, "Missing frame when calling trace function.");
        return NULL;
    }
    return trace_line_event(tstate, frame, to_line);
}

static PyObject *
trace_instruction(legacy_handler *self, PyObject *const *Py_UNUSED(args), size_t Py_UNUSED(nargsf),
                  PyObject *Py_UNUSED(kwnames))
{
    PyFrameObject *frame = PyEval_GetFrame();
    if (frame == NULL) {
        PyErr_SetString(PyExc_SystemError, "Missing frame when calling trace function.");
        return NULL;
    }
    if (!frame->f_trace_opcodes) {
        Py_RETURN_NONE;
    }
    return call_trace(self, Py_None);
}

/* ---- setting up ---------------------------------------------------------- */

#define EVENT(NAME) (1u << PY_MONITORING_EVENT_##NAME)

static const struct {
    int tool;
    uint32_t events;            /* bits of the events it is for */
    vectorcallfunc func;
    int what;                   /* PyTrace_* */
} handlers[] = {
    {PY_MONITORING_SYS_PROFILE_ID, EVENT(PY_START) | EVENT(PY_RESUME),
     (vectorcallfunc)profile_start, PyTrace_CALL},
    {PY_MONITORING_SYS_PROFILE_ID, EVENT(PY_THROW), (vectorcallfunc)profile_value, PyTrace_CALL},
    {PY_MONITORING_SYS_PROFILE_ID, EVENT(PY_RETURN) | EVENT(PY_YIELD),
     (vectorcallfunc)profile_value, PyTrace_RETURN},
    {PY_MONITORING_SYS_PROFILE_ID, EVENT(PY_UNWIND), (vectorcallfunc)profile_unwind,
     PyTrace_RETURN},
    {PY_MONITORING_SYS_PROFILE_ID, EVENT(CALL), (vectorcallfunc)profile_call, PyTrace_C_CALL},
    {PY_MONITORING_SYS_PROFILE_ID, EVENT(C_RETURN), (vectorcallfunc)profile_call,
     PyTrace_C_RETURN},
    {PY_MONITORING_SYS_PROFILE_ID, EVENT(C_RAISE), (vectorcallfunc)profile_call,
     PyTrace_C_EXCEPTION},
    {PY_MONITORING_SYS_TRACE_ID, EVENT(PY_START) | EVENT(PY_RESUME) | EVENT(PY_THROW),
     (vectorcallfunc)trace_start, PyTrace_CALL},
    {PY_MONITORING_SYS_TRACE_ID, EVENT(PY_RETURN) | EVENT(PY_YIELD), (vectorcallfunc)trace_return,
     PyTrace_RETURN},
    {PY_MONITORING_SYS_TRACE_ID, EVENT(PY_UNWIND), (vectorcallfunc)trace_unwind, PyTrace_RETURN},
    {PY_MONITORING_SYS_TRACE_ID, EVENT(RAISE) | EVENT(STOP_ITERATION),
     (vectorcallfunc)trace_exception, PyTrace_EXCEPTION},
    {PY_MONITORING_SYS_TRACE_ID, EVENT(LINE), (vectorcallfunc)trace_line, PyTrace_LINE},
    {PY_MONITORING_SYS_TRACE_ID, EVENT(JUMP) | EVENT(BRANCH), (vectorcallfunc)trace_jump,
     PyTrace_LINE},
    {PY_MONITORING_SYS_TRACE_ID, EVENT(INSTRUCTION), (vectorcallfunc)trace_instruction,
     PyTrace_OPCODE},
};

#define PROFILE_EVENTS \
    (EVENT(PY_START) | EVENT(PY_RESUME) | EVENT(PY_RETURN) | EVENT(PY_YIELD) | EVENT(CALL) | \
     EVENT(PY_UNWIND) | EVENT(PY_THROW))
#define TRACE_EVENTS \
    (EVENT(PY_START) | EVENT(PY_RESUME) | EVENT(PY_RETURN) | EVENT(PY_YIELD) | EVENT(RAISE) | \
     EVENT(LINE) | EVENT(JUMP) | EVENT(BRANCH) | EVENT(PY_UNWIND) | EVENT(PY_THROW) | \
     EVENT(STOP_ITERATION))

static int
init_handlers(PyThreadState *tstate)
{
    if (tstate->interp->instruments.legacy_initialized) {
        return 0;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(handlers); i++) {
        legacy_handler *h = PyObject_New(legacy_handler, &_PyLegacyEventHandler_Type);
        if (h == NULL) {
            return -1;
        }
        h->vectorcall = handlers[i].func;
        h->event = handlers[i].what;
        for (int e = 0; e < PY_MONITORING_EVENTS; e++) {
            if (handlers[i].events & (1u << e)) {
                Py_XDECREF(_PyMonitoring_RegisterCallback(tstate, handlers[i].tool, e,
                                                          (PyObject *)h));
            }
        }
        Py_DECREF(h);
    }
    tstate->interp->instruments.legacy_initialized = 1;
    return 0;
}

int
_PyEval_SetProfile(PyThreadState *tstate, Py_tracefunc func, PyObject *arg)
{
    PyThreadState *current = _PyThreadState_GET();
    if (_PySys_Audit(current, "sys.setprofile", NULL) < 0) {
        return -1;
    }
    if (init_handlers(current) < 0) {
        return -1;
    }
    tstate->interp->ceval.profile_threads += (func != NULL) - (tstate->c_profilefunc != NULL);
    PyObject *old = tstate->c_profileobj;
    tstate->c_profilefunc = func;
    tstate->c_profileobj = Py_XNewRef(arg);
    Py_XDECREF(old);
    uint32_t events = tstate->interp->ceval.profile_threads ? PROFILE_EVENTS : 0;
    return _PyMonitoring_SetEvents(current, PY_MONITORING_SYS_PROFILE_ID, events);
}

int
_PyEval_SetTrace(PyThreadState *tstate, Py_tracefunc func, PyObject *arg)
{
    PyThreadState *current = _PyThreadState_GET();
    if (_PySys_Audit(current, "sys.settrace", NULL) < 0) {
        return -1;
    }
    if (init_handlers(current) < 0) {
        return -1;
    }
    tstate->interp->ceval.trace_threads += (func != NULL) - (tstate->c_tracefunc != NULL);
    PyObject *old = tstate->c_traceobj;
    tstate->c_tracefunc = func;
    tstate->c_traceobj = Py_XNewRef(arg);
    Py_XDECREF(old);
    uint32_t events = 0;
    if (tstate->interp->ceval.trace_threads) {
        events = TRACE_EVENTS;
        /* Frames that asked for opcodes before anybody traced. */
        _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
        for (; frame != NULL; frame = _PyFrame_GetFirstComplete(frame->previous)) {
            if (frame->frame_obj != NULL && frame->frame_obj->f_trace_opcodes) {
                events |= EVENT(INSTRUCTION);
            }
        }
    }
    return _PyMonitoring_SetEvents(current, PY_MONITORING_SYS_TRACE_ID, events);
}

/* Opcode events are wanted by a frame: from now on, while anybody traces. */
int
_PyEval_SetOpcodeTrace(PyFrameObject *Py_UNUSED(f))
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!tstate->interp->ceval.trace_threads) {
        return 0;
    }
    return _PyMonitoring_SetEvents(tstate, PY_MONITORING_SYS_TRACE_ID,
                                   TRACE_EVENTS | EVENT(INSTRUCTION));
}
