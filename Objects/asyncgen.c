/* Asynchronous generators' awaitables: what __anext__, asend, athrow and aclose return.
 *
 * Inside an asynchronous generator a `yield` wraps its value (_PyAsyncGenWrappedValue), so that
 * it can be told from a value that passes through from an `await`.  The awaitables unwrap it and
 * raise StopIteration(value) towards the awaiting coroutine.
 *
 *     state          asend                          athrow, aclose
 *     AWAIT_INIT     not iterated yet               same
 *     AWAIT_ITER     the generator is running it    same
 *     AWAIT_CLOSED   finished; any use is an error  same
 *
 * Written from PEP 525, the language reference (asynchronous generator-iterator methods), and
 * observed behaviour. */

#include "Python.h"
#include "pycore_asyncgen.h"    // prototypes
#include "pycore_errors.h"      // _PyErr_*
#include "pycore_freelist.h"    // asyncgen_values, asyncgen_asends
#include "pycore_frame.h"       // FRAME_COMPLETED
#include "pycore_genobject.h"   // types
#include "pycore_object.h"      // _PyObject_GC_TRACK()

enum await_state { AWAIT_INIT, AWAIT_ITER, AWAIT_CLOSED };

typedef struct {
    PyObject_HEAD
    PyObject *agw_val;          /* the value yielded */
} _PyAsyncGenWrappedValue;

typedef struct {
    PyObject_HEAD
    PyAsyncGenObject *ags_gen;
    PyObject *ags_sendval;      /* NULL: None */
    enum await_state ags_state;
} PyAsyncGenASend;

typedef struct {
    PyObject_HEAD
    PyAsyncGenObject *agt_gen;
    PyObject *agt_args;         /* tuple of 1 to 3, or NULL: aclose() */
    enum await_state agt_state;
} PyAsyncGenAThrow;

#define IS_WRAPPED(o) Py_IS_TYPE((o), &_PyAsyncGenWrappedValue_Type)

/* ---- hooks --------------------------------------------------------------- */

/* On first use of a generator: the thread's hooks (sys.set_asyncgen_hooks).  0 or -1. */
static int
init_hooks(PyAsyncGenObject *o)
{
    if (o->ag_hooks_inited) {
        return 0;
    }
    o->ag_hooks_inited = 1;
    PyThreadState *tstate = _PyThreadState_GET();
    o->ag_origin_or_finalizer = Py_XNewRef(tstate->async_gen_finalizer);
    PyObject *firstiter = tstate->async_gen_firstiter;
    if (firstiter != NULL) {
        Py_INCREF(firstiter);
        PyObject *res = PyObject_CallOneArg(firstiter, (PyObject *)o);
        Py_DECREF(firstiter);
        if (res == NULL) {
            return -1;
        }
        Py_DECREF(res);
    }
    return 0;
}

/* ---- the wrapped value --------------------------------------------------- */

PyObject *
_PyAsyncGenValueWrapperNew(PyThreadState *tstate, PyObject *value)
{
    assert(value != NULL);
    _PyAsyncGenWrappedValue *o = _Py_FREELIST_POP(_PyAsyncGenWrappedValue, tstate, asyncgen_values);
    if (o != NULL) {
        _Py_NewReference((PyObject *)o);
    }
    else {
        o = PyObject_GC_New(_PyAsyncGenWrappedValue, &_PyAsyncGenWrappedValue_Type);
        if (o == NULL) {
            return NULL;
        }
    }
    o->agw_val = Py_NewRef(value);
    _PyObject_GC_TRACK((PyObject *)o);
    return (PyObject *)o;
}

static void
wrapped_value_dealloc(_PyAsyncGenWrappedValue *o)
{
    _PyObject_GC_UNTRACK((PyObject *)o);
    Py_CLEAR(o->agw_val);
    if (!_Py_FREELIST_PUSH_GC(_PyThreadState_GET(), asyncgen_values, o)) {
        PyObject_GC_Del(o);
    }
}

static int
wrapped_value_traverse(_PyAsyncGenWrappedValue *o, visitproc visit, void *arg)
{
    Py_VISIT(o->agw_val);
    return 0;
}

_Py_SHARED PyTypeObject _PyAsyncGenWrappedValue_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "async_generator_wrapped_value",
    .tp_basicsize = sizeof(_PyAsyncGenWrappedValue),
    .tp_dealloc = (destructor)wrapped_value_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)wrapped_value_traverse,
};

/* Consumes result (may be NULL): a wrapped value becomes StopIteration(value), anything else
 * passes through.  The end of the generator is noted. */
static PyObject *
unwrap_value(PyAsyncGenObject *gen, PyObject *result)
{
    if (result == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetNone(PyExc_StopAsyncIteration);
        }
        if (PyErr_ExceptionMatches(PyExc_StopAsyncIteration)
            || PyErr_ExceptionMatches(PyExc_GeneratorExit)) {
            gen->ag_closed = 1;
        }
        gen->ag_running_async = 0;
        return NULL;
    }
    if (IS_WRAPPED(result)) {
        _PyGen_SetStopIterationValue(((_PyAsyncGenWrappedValue *)result)->agw_val);
        Py_DECREF(result);
        gen->ag_running_async = 0;
        return NULL;
    }
    return result;
}

/* ---- asend, __anext__ ---------------------------------------------------- */

static PyObject *
new_asend(PyAsyncGenObject *gen, PyObject *sendval)
{
    if (init_hooks(gen) < 0) {
        return NULL;
    }
    PyAsyncGenASend *o = _Py_FREELIST_POP(PyAsyncGenASend, _PyThreadState_GET(), asyncgen_asends);
    if (o != NULL) {
        _Py_NewReference((PyObject *)o);
    }
    else {
        o = PyObject_GC_New(PyAsyncGenASend, &_PyAsyncGenASend_Type);
        if (o == NULL) {
            return NULL;
        }
    }
    o->ags_gen = (PyAsyncGenObject *)Py_NewRef(gen);
    o->ags_sendval = Py_XNewRef(sendval);
    o->ags_state = AWAIT_INIT;
    _PyObject_GC_TRACK((PyObject *)o);
    return (PyObject *)o;
}

PyObject *
_PyAsyncGen_ANext(PyAsyncGenObject *o)
{
    return new_asend(o, NULL);
}

PyObject *
_PyAsyncGen_ASend(PyAsyncGenObject *o, PyObject *arg)
{
    return new_asend(o, arg);
}

static void
asend_dealloc(PyAsyncGenASend *o)
{
    _PyObject_GC_UNTRACK((PyObject *)o);
    Py_CLEAR(o->ags_gen);
    Py_CLEAR(o->ags_sendval);
    if (!_Py_FREELIST_PUSH_GC(_PyThreadState_GET(), asyncgen_asends, o)) {
        PyObject_GC_Del(o);
    }
}

static int
asend_traverse(PyAsyncGenASend *o, visitproc visit, void *arg)
{
    Py_VISIT((PyObject *)o->ags_gen);
    Py_VISIT(o->ags_sendval);
    return 0;
}

static PyObject *
asend_send(PyAsyncGenASend *o, PyObject *arg)
{
    if (o->ags_state == AWAIT_CLOSED) {
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited __anext__()/asend()");
        return NULL;
    }
    if (o->ags_state == AWAIT_INIT) {
        if (o->ags_gen->ag_running_async) {
            PyErr_SetString(PyExc_RuntimeError,
                            "anext(): asynchronous generator is already running");
            return NULL;
        }
        if (arg == NULL || Py_IsNone(arg)) {
            arg = o->ags_sendval;
        }
        o->ags_state = AWAIT_ITER;
    }
    o->ags_gen->ag_running_async = 1;
    PyObject *result = _PyGen_Send((PyGenObject *)o->ags_gen, arg);
    result = unwrap_value(o->ags_gen, result);
    if (result == NULL) {
        o->ags_state = AWAIT_CLOSED;
    }
    return result;
}

static PyObject *
asend_iternext(PyAsyncGenASend *o)
{
    return asend_send(o, NULL);
}

static PyObject *
asend_throw(PyAsyncGenASend *o, PyObject *const *args, Py_ssize_t nargs)
{
    if (o->ags_state == AWAIT_CLOSED) {
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited __anext__()/asend()");
        return NULL;
    }
    PyObject *result = _PyGen_ThrowArgs((PyGenObject *)o->ags_gen, args, nargs);
    result = unwrap_value(o->ags_gen, result);
    if (result == NULL) {
        o->ags_state = AWAIT_CLOSED;
    }
    return result;
}

static PyObject *
asend_close(PyAsyncGenASend *o, PyObject *Py_UNUSED(ignored))
{
    o->ags_state = AWAIT_CLOSED;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(send__doc__,
"send(arg) -> send 'arg' into generator,\n"
"return next yielded value or raise StopIteration.");
PyDoc_STRVAR(close__doc__, "close() -> raise GeneratorExit inside generator.");
PyDoc_STRVAR(throw__doc__,
"throw(value)\n"
"throw(type[,value[,tb]])\n"
"\n"
"Raise exception in generator, return next yielded value or raise\n"
"StopIteration.\n"
"the (type, val, tb) signature is deprecated, \n"
"and may be removed in a future version of Python.");

static PyMethodDef asend_methods[] = {
    {"send", (PyCFunction)asend_send, METH_O, send__doc__},
    {"throw", (PyCFunction)(void (*)(void))asend_throw, METH_FASTCALL, throw__doc__},
    {"close", (PyCFunction)asend_close, METH_NOARGS, close__doc__},
    {NULL, NULL, 0, NULL},
};

static PyAsyncMethods await_self = {
    .am_await = PyObject_SelfIter,
};

_Py_SHARED PyTypeObject _PyAsyncGenASend_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "async_generator_asend",
    .tp_basicsize = sizeof(PyAsyncGenASend),
    .tp_dealloc = (destructor)asend_dealloc,
    .tp_as_async = &await_self,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)asend_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)asend_iternext,
    .tp_methods = asend_methods,
};

/* ---- athrow, aclose ------------------------------------------------------ */

static PyObject *
new_athrow(PyAsyncGenObject *gen, PyObject *args)
{
    if (init_hooks(gen) < 0) {
        return NULL;
    }
    PyAsyncGenAThrow *o = PyObject_GC_New(PyAsyncGenAThrow, &_PyAsyncGenAThrow_Type);
    if (o == NULL) {
        return NULL;
    }
    o->agt_gen = (PyAsyncGenObject *)Py_NewRef(gen);
    o->agt_args = Py_XNewRef(args);
    o->agt_state = AWAIT_INIT;
    _PyObject_GC_TRACK((PyObject *)o);
    return (PyObject *)o;
}

PyObject *
_PyAsyncGen_AClose(PyAsyncGenObject *o, PyObject *Py_UNUSED(ignored))
{
    return new_athrow(o, NULL);
}

PyObject *
_PyAsyncGen_AThrow(PyAsyncGenObject *o, PyObject *args)
{
    if (PyTuple_GET_SIZE(args) > 1
        && PyErr_WarnEx(PyExc_DeprecationWarning,
                        "the (type, exc, tb) signature of athrow() is deprecated, "
                        "use the single-arg signature instead.", 1) < 0) {
        return NULL;
    }
    return new_athrow(o, args);
}

static void
athrow_dealloc(PyAsyncGenAThrow *o)
{
    _PyObject_GC_UNTRACK((PyObject *)o);
    Py_CLEAR(o->agt_gen);
    Py_CLEAR(o->agt_args);
    PyObject_GC_Del(o);
}

static int
athrow_traverse(PyAsyncGenAThrow *o, visitproc visit, void *arg)
{
    Py_VISIT((PyObject *)o->agt_gen);
    Py_VISIT(o->agt_args);
    return 0;
}

/* The generator yielded although it should end. */
static PyObject *
ignored_exit(PyAsyncGenAThrow *o)
{
    o->agt_gen->ag_running_async = 0;
    o->agt_state = AWAIT_CLOSED;
    PyErr_SetString(PyExc_RuntimeError, "async generator ignored GeneratorExit");
    return NULL;
}

/* An exception is pending.  For aclose() the normal ones mean success. */
static PyObject *
athrow_ended(PyAsyncGenAThrow *o)
{
    o->agt_gen->ag_running_async = 0;
    o->agt_state = AWAIT_CLOSED;
    if (o->agt_args == NULL && (PyErr_ExceptionMatches(PyExc_StopAsyncIteration)
                                || PyErr_ExceptionMatches(PyExc_GeneratorExit))) {
        PyErr_Clear();
        PyErr_SetNone(PyExc_StopIteration);
    }
    return NULL;
}

static PyObject *
athrow_start(PyAsyncGenAThrow *o, PyObject *arg)
{
    PyAsyncGenObject *gen = o->agt_gen;
    if (gen->ag_running_async) {
        o->agt_state = AWAIT_CLOSED;
        PyErr_SetString(PyExc_RuntimeError,
                        o->agt_args == NULL
                        ? "aclose(): asynchronous generator is already running"
                        : "athrow(): asynchronous generator is already running");
        return NULL;
    }
    if (gen->ag_closed) {
        o->agt_state = AWAIT_CLOSED;
        PyErr_SetNone(PyExc_StopAsyncIteration);
        return NULL;
    }
    if (!Py_IsNone(arg)) {
        PyErr_SetString(PyExc_RuntimeError,
                        "can't send non-None value to a just-started coroutine");
        return NULL;
    }
    PyObject *typ, *val = NULL, *tb = NULL;
    if (o->agt_args != NULL && !PyArg_UnpackTuple(o->agt_args, "athrow", 1, 3, &typ, &val, &tb)) {
        return NULL;
    }
    o->agt_state = AWAIT_ITER;
    gen->ag_running_async = 1;
    PyObject *retval;
    if (o->agt_args == NULL) {
        gen->ag_closed = 1;
        /* Not into what it awaits: its handlers may await themselves. */
        retval = _PyGen_Throw((PyGenObject *)gen, 0, PyExc_GeneratorExit, NULL, NULL);
        if (retval != NULL && IS_WRAPPED(retval)) {
            Py_DECREF(retval);
            return ignored_exit(o);
        }
    }
    else {
        retval = _PyGen_Throw((PyGenObject *)gen, 0, typ, val, tb);
        retval = unwrap_value(gen, retval);
    }
    return retval != NULL ? retval : athrow_ended(o);
}

static PyObject *
athrow_send(PyAsyncGenAThrow *o, PyObject *arg)
{
    PyAsyncGenObject *gen = o->agt_gen;
    if (o->agt_state == AWAIT_CLOSED) {
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited aclose()/athrow()");
        return NULL;
    }
    if (((PyGenObject *)gen)->gi_frame_state >= FRAME_COMPLETED) {
        o->agt_state = AWAIT_CLOSED;
        PyErr_SetNone(PyExc_StopIteration);
        return NULL;
    }
    if (o->agt_state == AWAIT_INIT) {
        return athrow_start(o, arg);
    }
    PyObject *retval = _PyGen_Send((PyGenObject *)gen, arg);
    if (o->agt_args != NULL) {
        return unwrap_value(gen, retval);
    }
    if (retval == NULL) {
        return athrow_ended(o);
    }
    if (IS_WRAPPED(retval)) {
        Py_DECREF(retval);
        return ignored_exit(o);
    }
    return retval;
}

static PyObject *
athrow_iternext(PyAsyncGenAThrow *o)
{
    return athrow_send(o, Py_None);
}

static PyObject *
athrow_throw(PyAsyncGenAThrow *o, PyObject *const *args, Py_ssize_t nargs)
{
    if (o->agt_state == AWAIT_CLOSED) {
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited aclose()/athrow()");
        return NULL;
    }
    PyObject *retval = _PyGen_ThrowArgs((PyGenObject *)o->agt_gen, args, nargs);
    if (o->agt_args != NULL) {
        return unwrap_value(o->agt_gen, retval);
    }
    if (retval != NULL && IS_WRAPPED(retval)) {
        Py_DECREF(retval);
        return ignored_exit(o);
    }
    if (retval == NULL && (PyErr_ExceptionMatches(PyExc_StopAsyncIteration)
                           || PyErr_ExceptionMatches(PyExc_GeneratorExit))) {
        PyErr_Clear();
        PyErr_SetNone(PyExc_StopIteration);
    }
    return retval;
}

static PyObject *
athrow_close(PyAsyncGenAThrow *o, PyObject *Py_UNUSED(ignored))
{
    o->agt_state = AWAIT_CLOSED;
    Py_RETURN_NONE;
}

static PyMethodDef athrow_methods[] = {
    {"send", (PyCFunction)athrow_send, METH_O, send__doc__},
    {"throw", (PyCFunction)(void (*)(void))athrow_throw, METH_FASTCALL, throw__doc__},
    {"close", (PyCFunction)athrow_close, METH_NOARGS, close__doc__},
    {NULL, NULL, 0, NULL},
};

_Py_SHARED PyTypeObject _PyAsyncGenAThrow_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "async_generator_athrow",
    .tp_basicsize = sizeof(PyAsyncGenAThrow),
    .tp_dealloc = (destructor)athrow_dealloc,
    .tp_as_async = &await_self,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)athrow_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)athrow_iternext,
    .tp_methods = athrow_methods,
};
