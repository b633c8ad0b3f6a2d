/* future.c - _asyncio.Future, and the iterator that `await future` runs.
 *
 * The first callback lies in the future itself, as most futures have one at most; the further ones
 * are in a list that nobody else sees.
 *
 * Written from the library reference (asyncio Futures) and observed behaviour.
 */
#include "asyncio.h"
#include "pycore_genobject.h"   // _PyGen_SetStopIterationValue()
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"
#include "structmember.h"       // PyMemberDef

#include <stddef.h>

typedef struct {
    PyObject_HEAD
    Future *future;             /* NULL at the end */
} FutureIter;

#include "sig/future.sig.h"

/* --- States ----------------------------------------------------------------------------------- */

/* Raise `which`(text), an exception of asyncio. */
static void
set_error(asyncio_state *state, enum import which, const char *text)
{
    PyObject *type = asyncio_import(state, which);
    if (type != NULL) {
        PyErr_SetString(type, text);
    }
}

/* 0 if __init__() was called, else -1 with RuntimeError. */
int
asyncio_future_check(Future *self)
{
    if (self->loop == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "Future object is not initialized.");
        return -1;
    }
    return 0;
}

/* 0 if a result or an exception may be set, else -1 with an exception. */
static int
check_pending(Future *self)
{
    if (asyncio_future_check(self) < 0) {
        return -1;
    }
    if (self->state != FUTURE_PENDING) {
        set_error(FUTURE_STATE(self), IMPORT_INVALID_STATE_ERROR, "invalid state");
        return -1;
    }
    return 0;
}

/* The future is done: hand all callbacks to the loop.  0, or -1 with an exception: the callbacks
 * that are left are dropped. */
static int
schedule_callbacks(Future *self)
{
    assert(self->state != FUTURE_PENDING);
    PyObject *first = self->callback0, *context = self->context0, *rest = self->callbacks;
    if (first == NULL && rest == NULL) {
        return 0;
    }
    asyncio_state *state = FUTURE_STATE(self);
    PyObject *loop = Py_NewRef(self->loop);
    self->callback0 = self->context0 = self->callbacks = NULL;
    int error = 0;
    if (first != NULL) {
        error = asyncio_call_soon(state, loop, first, (PyObject *)self, context);
    }
    for (Py_ssize_t i = 0; rest != NULL && !error && i < PyList_GET_SIZE(rest); i++) {
        PyObject *pair = PyList_GET_ITEM(rest, i);
        assert(PyTuple_CheckExact(pair) && PyTuple_GET_SIZE(pair) == 2);
        error = asyncio_call_soon(state, loop, PyTuple_GET_ITEM(pair, 0), (PyObject *)self,
                                  PyTuple_GET_ITEM(pair, 1));
    }
    Py_DECREF(loop);
    Py_XDECREF(first);
    Py_XDECREF(context);
    Py_XDECREF(rest);
    return error;
}

int
asyncio_future_set_result(Future *self, PyObject *result)
{
    if (check_pending(self) < 0) {
        return -1;
    }
    assert(self->exception == NULL);
    self->state = FUTURE_FINISHED;
    Py_XSETREF(self->result, Py_NewRef(result));
    return schedule_callbacks(self);
}

/* The exception that is meant by an exception or its class: a new reference, or NULL with
 * TypeError. */
static PyObject *
exception_instance(PyObject *exception)
{
    PyObject *result = PyExceptionClass_Check(exception) ? PyObject_CallNoArgs(exception)
                                                         : Py_NewRef(exception);
    if (result == NULL) {
        return NULL;
    }
    const char *problem = NULL;
    if (!PyExceptionInstance_Check(result)) {
        problem = "invalid exception object";
    }
    else if (Py_IS_TYPE(result, (PyTypeObject *)PyExc_StopIteration)) {
        problem = "StopIteration interacts badly with generators and cannot be raised into a "
                  "Future";
    }
    if (problem != NULL) {
        PyErr_SetString(PyExc_TypeError, problem);
        Py_CLEAR(result);
    }
    return result;
}

int
asyncio_future_set_exception(Future *self, PyObject *exception)
{
    if (check_pending(self) < 0) {
        return -1;
    }
    exception = exception_instance(exception);
    /* The class may have set a result meanwhile. */
    if (exception == NULL || check_pending(self) < 0) {
        Py_XDECREF(exception);
        return -1;
    }
    assert(self->result == NULL);
    self->state = FUTURE_FINISHED;
    Py_XSETREF(self->exception, exception);
    Py_XSETREF(self->exception_tb, PyException_GetTraceback(exception));
    self->log_traceback = 1;
    return schedule_callbacks(self);
}

/* Cancel a future that is not done.  1; 0 if it is done; -1 with an exception. */
int
asyncio_future_cancel(Future *self, PyObject *msg)
{
    self->log_traceback = 0;
    if (self->state != FUTURE_PENDING) {
        return 0;
    }
    self->state = FUTURE_CANCELLED;
    Py_XSETREF(self->cancel_message, Py_XNewRef(msg));
    return schedule_callbacks(self) < 0 ? -1 : 1;
}

/* The CancelledError to raise, a new reference; NULL with an exception. */
PyObject *
asyncio_future_cancelled_error(Future *self)
{
    PyObject *exception = self->cancelled_exc;
    if (exception != NULL) {
        self->cancelled_exc = NULL;
        return exception;
    }
    PyObject *type = asyncio_import(FUTURE_STATE(self), IMPORT_CANCELLED_ERROR);
    if (type == NULL) {
        return NULL;
    }
    PyObject *msg = self->cancel_message;
    if (msg == NULL || msg == Py_None) {
        return PyObject_CallNoArgs(type);
    }
    Py_INCREF(msg);
    exception = PyObject_CallOneArg(type, msg);
    Py_DECREF(msg);
    return exception;
}

static void
raise_cancelled_error(Future *self)
{
    PyObject *exception = asyncio_future_cancelled_error(self);
    if (exception != NULL) {
        PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
        Py_DECREF(exception);
    }
}

/* What result() returns or raises: a new reference, or NULL with an exception. */
PyObject *
asyncio_future_take_result(Future *self)
{
    if (self->state == FUTURE_CANCELLED) {
        raise_cancelled_error(self);
        return NULL;
    }
    if (self->state == FUTURE_PENDING) {
        set_error(FUTURE_STATE(self), IMPORT_INVALID_STATE_ERROR, "Result is not set.");
        return NULL;
    }
    assert((self->exception == NULL) != (self->result == NULL));
    self->log_traceback = 0;
    if (self->exception == NULL) {
        return Py_NewRef(self->result);
    }
    /* The first time with the traceback that the exception came with, then with none. */
    PyObject *exception = Py_NewRef(self->exception);
    PyObject *tb = self->exception_tb;
    self->exception_tb = NULL;
    if (PyException_SetTraceback(exception, tb != NULL ? tb : Py_None) == 0) {
        PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    }
    Py_XDECREF(tb);
    Py_DECREF(exception);
    return NULL;
}

/* --- Callbacks -------------------------------------------------------------------------------- */

/* Call function(self), in the context, as soon as the future is done.  0, or -1 with an
 * exception. */
int
asyncio_future_add_callback(Future *self, PyObject *function, PyObject *context)
{
    assert(self->loop != NULL);
    if (self->state != FUTURE_PENDING) {
        return asyncio_call_soon(FUTURE_STATE(self), self->loop, function, (PyObject *)self,
                                 context);
    }
    if (self->callback0 == NULL && self->callbacks == NULL) {
        self->callback0 = Py_NewRef(function);
        assert(self->context0 == NULL);
        self->context0 = Py_NewRef(context);
        return 0;
    }
    assert((self->callback0 == NULL) == (self->context0 == NULL));
    if (self->callbacks == NULL) {
        self->callbacks = PyList_New(0);
    }
    PyObject *pair = self->callbacks != NULL ? PyTuple_Pack(2, function, context) : NULL;
    if (pair == NULL) {
        return -1;
    }
    int error = PyList_Append(self->callbacks, pair);
    Py_DECREF(pair);
    return error;
}

/*sig _asyncio.Future.add_done_callback(self, cls: defining_class, fn, /, *, context: object = NULL)

Add a callback to be run when the future becomes done.

The callback is called with a single argument - the future object. If
the future is already done when this is called, the callback is
scheduled with call_soon.
*/
static PyObject *
_asyncio_Future_add_done_callback_impl(Future *self, PyTypeObject *Py_UNUSED(cls), PyObject *fn,
                                       PyObject *context)
{
    if (self->loop == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "uninitialized Future object");
        return NULL;
    }
    context = context != NULL ? Py_NewRef(context) : PyContext_CopyCurrent();
    if (context == NULL) {
        return NULL;
    }
    int error = asyncio_future_add_callback(self, fn, context);
    Py_DECREF(context);
    return error ? NULL : Py_NewRef(Py_None);
}

/* The callbacks of the list that differ from fn; NULL with an exception.  The comparison is
 * foreign code, which may change the list. */
static PyObject *
other_callbacks(PyObject *callbacks, PyObject *fn)
{
    PyObject *others = PyList_New(0);
    for (Py_ssize_t i = 0; others != NULL && i < PyList_GET_SIZE(callbacks); i++) {
        PyObject *pair = Py_NewRef(PyList_GET_ITEM(callbacks, i));
        int equal = PyObject_RichCompareBool(PyTuple_GET_ITEM(pair, 0), fn, Py_EQ);
        if (equal < 0 || (equal == 0 && PyList_Append(others, pair) < 0)) {
            Py_CLEAR(others);
        }
        Py_DECREF(pair);
    }
    return others;
}

/* Remove fn from the callbacks behind the first; the number removed, or -1 with an exception. */
static Py_ssize_t
remove_further_callbacks(Future *self, PyObject *fn)
{
    PyObject *callbacks = Py_XNewRef(self->callbacks);
    if (callbacks == NULL) {
        return 0;
    }
    Py_ssize_t removed = -1;
    PyObject *others = other_callbacks(callbacks, fn);
    if (others != NULL) {
        removed = PyList_GET_SIZE(callbacks) - PyList_GET_SIZE(others);
        if (removed != 0 && self->callbacks == callbacks) {
            Py_SETREF(self->callbacks, PyList_GET_SIZE(others) != 0 ? Py_NewRef(others) : NULL);
        }
        Py_DECREF(others);
    }
    Py_DECREF(callbacks);
    return removed;
}

/*sig _asyncio.Future.remove_done_callback(self, cls: defining_class, fn, /)

Remove all instances of a callback from the "call when done" list.

Returns the number of callbacks removed.
*/
static PyObject *
_asyncio_Future_remove_done_callback_impl(Future *self, PyTypeObject *Py_UNUSED(cls), PyObject *fn)
{
    if (asyncio_future_check(self) < 0) {
        return NULL;
    }
    Py_ssize_t removed = 0;
    PyObject *first = Py_XNewRef(self->callback0);
    if (first != NULL) {
        int equal = PyObject_RichCompareBool(first, fn, Py_EQ);
        Py_DECREF(first);
        if (equal < 0) {
            return NULL;
        }
        if (equal && self->callback0 == first) {
            Py_CLEAR(self->callback0);
            Py_CLEAR(self->context0);
            removed = 1;
        }
    }
    Py_ssize_t further = remove_further_callbacks(self, fn);
    return further >= 0 ? PyLong_FromSsize_t(removed + further) : NULL;
}

/* --- Life ------------------------------------------------------------------------------------- */

PyObject *
asyncio_future_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    PyObject *module = PyType_GetModuleByDef(type, &_asyncio_module);
    if (module == NULL) {
        return NULL;
    }
    Future *self = (Future *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->module = Py_NewRef(module);
    }
    return (PyObject *)self;
}

/* Make it as new, also if it was used before.  What it held goes away at the end: that may run any
 * code. */
static void
future_reset(Future *self)
{
    PyObject **fields[] = {
        &self->loop, &self->callback0, &self->context0, &self->callbacks, &self->exception,
        &self->exception_tb, &self->result, &self->source_tb, &self->cancel_message,
        &self->cancelled_exc,
    };
    PyObject *held[Py_ARRAY_LENGTH(fields)];
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fields); i++) {
        held[i] = *fields[i];
        *fields[i] = NULL;
    }
    self->state = FUTURE_PENDING;
    self->log_traceback = self->blocking = 0;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fields); i++) {
        Py_XDECREF(held[i]);
    }
}

/* __init__() of futures and tasks.  0, or -1 with an exception. */
int
asyncio_future_init(Future *self, PyObject *loop)
{
    assert(self->module != NULL);
    asyncio_state *state = FUTURE_STATE(self);
    future_reset(self);
    loop = loop == Py_None ? asyncio_event_loop(state) : Py_NewRef(loop);
    if (loop == NULL) {
        return -1;
    }
    Py_XSETREF(self->loop, Py_NewRef(loop));
    PyObject *flag = PyObject_CallMethodNoArgs(loop, &_Py_ID(get_debug));
    Py_DECREF(loop);
    int debug = flag != NULL ? PyObject_IsTrue(flag) : -1;
    Py_XDECREF(flag);
    if (debug <= 0 || _Py_IsFinalizing()) {
        return debug < 0 ? -1 : 0;
    }
    PyObject *extract_stack = asyncio_import(state, IMPORT_EXTRACT_STACK);
    PyObject *stack = extract_stack != NULL ? PyObject_CallNoArgs(extract_stack) : NULL;
    if (stack == NULL) {
        return -1;
    }
    Py_XSETREF(self->source_tb, stack);
    return 0;
}

/*sig _asyncio.Future.__init__(self, *, loop=None)

This class is *almost* compatible with concurrent.futures.Future.

    Differences:

    - result() and exception() do not take a timeout argument and
      raise an exception when the future isn't done yet.

    - Callbacks registered with add_done_callback() are always called
      via the event loop's call_soon_threadsafe().

    - This class is not compatible with the wait() and as_completed()
      methods in the concurrent.futures package.
*/
static int
_asyncio_Future___init___impl(Future *self, PyObject *loop)
{
    return asyncio_future_init(self, loop);
}

int
asyncio_future_traverse(Future *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->loop);
    Py_VISIT(self->callback0);
    Py_VISIT(self->context0);
    Py_VISIT(self->callbacks);
    Py_VISIT(self->exception);
    Py_VISIT(self->exception_tb);
    Py_VISIT(self->result);
    Py_VISIT(self->source_tb);
    Py_VISIT(self->cancel_message);
    Py_VISIT(self->cancelled_exc);
    Py_VISIT(self->dict);
    Py_VISIT(self->module);
    return 0;
}

/* The module stays: methods need it, and it does not hold futures after its own tp_clear. */
int
asyncio_future_clear(Future *self)
{
    future_reset(self);
    Py_CLEAR(self->dict);
    return 0;
}

static void
future_dealloc(Future *self)
{
    if (PyObject_CallFinalizerFromDealloc((PyObject *)self) < 0) {
        return;
    }
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, future_dealloc)
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    asyncio_future_clear(self);
    Py_CLEAR(self->module);
    type->tp_free(self);
    Py_DECREF(type);
    Py_TRASHCAN_END
}

/* Tell the loop's exception handler about the future: {subject_key: self, 'message': message,
 * 'exception': exception (if not NULL), ...}.  Errors are unraisable. */
void
asyncio_future_report(Future *self, PyObject *subject_key, PyObject *message,
                      PyObject *exception)
{
    PyObject *context = message != NULL ? PyDict_New() : NULL;
    if (context == NULL
        || (exception != NULL && PyDict_SetItem(context, &_Py_ID(exception), exception) < 0)
        || PyDict_SetItem(context, &_Py_ID(message), message) < 0
        || PyDict_SetItem(context, subject_key, (PyObject *)self) < 0
        || (self->source_tb != NULL
            && PyDict_SetItem(context, &_Py_ID(source_traceback), self->source_tb) < 0))
    {
        PyErr_WriteUnraisable((PyObject *)self);
    }
    else {
        PyObject *loop = Py_NewRef(self->loop);
        PyObject *none = PyObject_CallMethodOneArg(loop, &_Py_ID(call_exception_handler), context);
        if (none == NULL) {
            PyErr_WriteUnraisable(loop);
        }
        Py_XDECREF(none);
        Py_DECREF(loop);
    }
    Py_XDECREF(context);
}

void
asyncio_future_finalize(Future *self)
{
    if (!self->log_traceback) {
        return;
    }
    assert(self->exception != NULL && self->loop != NULL);
    self->log_traceback = 0;
    PyObject *saved = PyErr_GetRaisedException();
    PyObject *message = PyUnicode_FromFormat("%s exception was never retrieved",
                                             _PyType_Name(Py_TYPE(self)));
    asyncio_future_report(self, &_Py_ID(future), message, self->exception);
    Py_XDECREF(message);
    PyErr_SetRaisedException(saved);
}

/* --- Methods ---------------------------------------------------------------------------------- */

/*sig _asyncio.Future.result(self)

Return the result this future represents.

If the future has been cancelled, raises CancelledError.  If the
future's result isn't yet available, raises InvalidStateError.  If
the future is done and has an exception set, this exception is raised.
*/
static PyObject *
_asyncio_Future_result_impl(Future *self)
{
    if (self->loop == NULL) {
        set_error(FUTURE_STATE(self), IMPORT_INVALID_STATE_ERROR,
                  "Future object is not initialized.");
        return NULL;
    }
    return asyncio_future_take_result(self);
}

/*sig _asyncio.Future.exception(self, cls: defining_class)

Return the exception that was set on this future.

The exception (or None if no exception was set) is returned only if
the future is done.  If the future has been cancelled, raises
CancelledError.  If the future isn't done yet, raises
InvalidStateError.
*/
static PyObject *
_asyncio_Future_exception_impl(Future *self, PyTypeObject *Py_UNUSED(cls))
{
    if (self->loop == NULL || self->state == FUTURE_PENDING) {
        set_error(FUTURE_STATE(self), IMPORT_INVALID_STATE_ERROR,
                  self->loop == NULL ? "Future object is not initialized."
                                     : "Exception is not set.");
        return NULL;
    }
    if (self->state == FUTURE_CANCELLED) {
        raise_cancelled_error(self);
        return NULL;
    }
    self->log_traceback = 0;
    return Py_NewRef(self->exception != NULL ? self->exception : Py_None);
}

/*sig _asyncio.Future.set_result(self, cls: defining_class, result, /) -> None

Mark the future done and set its result.

If the future is already done when this method is called, raises
InvalidStateError.
*/
static int
_asyncio_Future_set_result_impl(Future *self, PyTypeObject *Py_UNUSED(cls), PyObject *result)
{
    return asyncio_future_set_result(self, result);
}

/*sig _asyncio.Future.set_exception(self, cls: defining_class, exception, /) -> None

Mark the future done and set an exception.

If the future is already done when this method is called, raises
InvalidStateError.
*/
static int
_asyncio_Future_set_exception_impl(Future *self, PyTypeObject *Py_UNUSED(cls),
                                   PyObject *exception)
{
    return asyncio_future_set_exception(self, exception);
}

/*sig _asyncio.Future.cancel(self, cls: defining_class, msg=None) -> bool

Cancel the future and schedule callbacks.

If the future is already done or cancelled, return False.  Otherwise,
change the future's state to cancelled, schedule the callbacks and
return True.
*/
static int
_asyncio_Future_cancel_impl(Future *self, PyTypeObject *Py_UNUSED(cls), PyObject *msg)
{
    if (asyncio_future_check(self) < 0) {
        return -1;
    }
    return asyncio_future_cancel(self, msg);
}

/*sig _asyncio.Future.cancelled(self) -> bool

Return True if the future was cancelled.
*/
static int
_asyncio_Future_cancelled_impl(Future *self)
{
    return self->state == FUTURE_CANCELLED;
}

/*sig _asyncio.Future.done(self) -> bool

Return True if the future is done.

Done means either that a result / exception are available, or that the
future was cancelled.
*/
static int
_asyncio_Future_done_impl(Future *self)
{
    return self->state != FUTURE_PENDING;
}

/*sig _asyncio.Future.get_loop(self, cls: defining_class)

Return the event loop the Future is bound to.
*/
static PyObject *
_asyncio_Future_get_loop_impl(Future *self, PyTypeObject *Py_UNUSED(cls))
{
    return asyncio_future_check(self) < 0 ? NULL : Py_NewRef(self->loop);
}

/*sig _asyncio.Future._make_cancelled_error(self)

Create the CancelledError to raise if the Future is cancelled.

This should only be called once when handling a cancellation since
it erases the context exception value.
*/
static PyObject *
_asyncio_Future__make_cancelled_error_impl(Future *self)
{
    return asyncio_future_cancelled_error(self);
}

static PyObject *
future_repr(Future *self)
{
    if (asyncio_future_check(self) < 0) {
        return NULL;
    }
    PyObject *repr = asyncio_import(FUTURE_STATE(self), IMPORT_FUTURE_REPR);
    return repr != NULL ? PyObject_CallOneArg(repr, (PyObject *)self) : NULL;
}

/* --- Attributes ------------------------------------------------------------------------------- */

static PyObject *
or_none(PyObject *value)
{
    return Py_NewRef(value != NULL ? value : Py_None);
}

static int
check_deletion(PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    return 0;
}

static PyObject *
future_get_state(Future *self, void *Py_UNUSED(closure))
{
    if (asyncio_future_check(self) < 0) {
        return NULL;
    }
    switch ((enum future_state)self->state) {
    case FUTURE_PENDING:
        return Py_NewRef(&_Py_ID(PENDING));
    case FUTURE_CANCELLED:
        return Py_NewRef(&_Py_ID(CANCELLED));
    case FUTURE_FINISHED:
        return Py_NewRef(&_Py_ID(FINISHED));
    }
    Py_UNREACHABLE();
}

static PyObject *
future_get_blocking(Future *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(self->loop != NULL && self->blocking);
}

static int
future_set_blocking(Future *self, PyObject *value, void *Py_UNUSED(closure))
{
    int truth;
    if (asyncio_future_check(self) < 0 || check_deletion(value) < 0
        || (truth = PyObject_IsTrue(value)) < 0)
    {
        return -1;
    }
    self->blocking = (unsigned int)truth;
    return 0;
}

static PyObject *
future_get_log_traceback(Future *self, void *Py_UNUSED(closure))
{
    return asyncio_future_check(self) < 0 ? NULL : PyBool_FromLong(self->log_traceback);
}

static int
future_set_log_traceback(Future *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (check_deletion(value) < 0) {
        return -1;
    }
    int truth = PyObject_IsTrue(value);
    if (truth > 0) {
        PyErr_SetString(PyExc_ValueError, "_log_traceback can only be set to False");
    }
    if (truth != 0) {
        return -1;
    }
    self->log_traceback = 0;
    return 0;
}

static PyObject *
future_get_loop(Future *self, void *Py_UNUSED(closure))
{
    return or_none(self->loop);
}

static PyObject *
future_get_callbacks(Future *self, void *Py_UNUSED(closure))
{
    if (asyncio_future_check(self) < 0) {
        return NULL;
    }
    PyObject *rest = self->callbacks;
    if (self->callback0 == NULL) {
        return rest != NULL ? PyList_GetSlice(rest, 0, PyList_GET_SIZE(rest)) : or_none(NULL);
    }
    PyObject *list = PyList_New(0);
    PyObject *first = list != NULL ? PyTuple_Pack(2, self->callback0, self->context0) : NULL;
    if (first == NULL || PyList_Append(list, first) < 0
        || (rest != NULL && PyList_SetSlice(list, 1, 1, rest) < 0))
    {
        Py_CLEAR(list);
    }
    Py_XDECREF(first);
    return list;
}

static PyObject *
future_get_result(Future *self, void *Py_UNUSED(closure))
{
    return asyncio_future_check(self) < 0 ? NULL : or_none(self->result);
}

static PyObject *
future_get_exception(Future *self, void *Py_UNUSED(closure))
{
    return asyncio_future_check(self) < 0 ? NULL : or_none(self->exception);
}

static PyObject *
future_get_source_traceback(Future *self, void *Py_UNUSED(closure))
{
    return or_none(self->source_tb);
}

static PyObject *
future_get_cancel_message(Future *self, void *Py_UNUSED(closure))
{
    return or_none(self->cancel_message);
}

static int
future_set_cancel_message(Future *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (check_deletion(value) < 0) {
        return -1;
    }
    Py_XSETREF(self->cancel_message, Py_NewRef(value));
    return 0;
}

/* --- The iterator of await -------------------------------------------------------------------- */

PyObject *
asyncio_future_iter(Future *self)
{
    if (asyncio_future_check(self) < 0) {
        return NULL;
    }
    FutureIter *it = PyObject_GC_New(FutureIter, FUTURE_STATE(self)->future_iter_type);
    if (it == NULL) {
        return NULL;
    }
    it->future = (Future *)Py_NewRef(self);
    PyObject_GC_Track(it);
    return (PyObject *)it;
}

static PySendResult
futureiter_am_send(FutureIter *it, PyObject *Py_UNUSED(value), PyObject **result)
{
    Future *future = it->future;
    *result = NULL;
    if (future == NULL) {
        *result = Py_NewRef(Py_None);
        return PYGEN_RETURN;
    }
    if (future->state != FUTURE_PENDING) {
        it->future = NULL;
        *result = asyncio_future_take_result(future);
        Py_DECREF(future);
        return *result != NULL ? PYGEN_RETURN : PYGEN_ERROR;
    }
    if (future->blocking) {
        PyErr_SetString(PyExc_RuntimeError, "await wasn't used with future");
        return PYGEN_ERROR;
    }
    future->blocking = 1;
    *result = Py_NewRef(future);
    return PYGEN_NEXT;
}

static PyObject *
futureiter_iternext(FutureIter *it)
{
    PyObject *result;
    if (futureiter_am_send(it, Py_None, &result) == PYGEN_RETURN) {
        if (result != Py_None) {
            _PyGen_SetStopIterationValue(result);
        }
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
futureiter_send(FutureIter *it, PyObject *Py_UNUSED(value))
{
    PyObject *result = futureiter_iternext(it);
    if (result == NULL && !PyErr_Occurred()) {
        PyErr_SetNone(PyExc_StopIteration);
    }
    return result;
}

static PyObject *
futureiter_close(FutureIter *it, PyObject *Py_UNUSED(ignored))
{
    Py_CLEAR(it->future);
    Py_RETURN_NONE;
}

/* Raise what the arguments of throw() say, or TypeError. */
static void
raise_thrown(PyObject *type, PyObject *value, PyObject *tb)
{
    if (tb == Py_None) {
        tb = NULL;
    }
    if (value == Py_None) {
        value = NULL;
    }
    if (tb != NULL && !PyTraceBack_Check(tb)) {
        PyErr_SetString(PyExc_TypeError, "throw() third argument must be a traceback");
    }
    else if (PyExceptionClass_Check(type)) {
        PyErr_Restore(Py_NewRef(type), Py_XNewRef(value), Py_XNewRef(tb));
    }
    else if (!PyExceptionInstance_Check(type)) {
        PyErr_SetString(PyExc_TypeError, "exceptions must be classes deriving BaseException or "
                                         "instances of such a class");
    }
    else if (value != NULL) {
        PyErr_SetString(PyExc_TypeError, "instance exception may not have a separate value");
    }
    else {
        tb = tb != NULL ? Py_NewRef(tb) : PyException_GetTraceback(type);
        PyErr_Restore(Py_NewRef(PyExceptionInstance_Class(type)), Py_NewRef(type), tb);
    }
}

static PyObject *
futureiter_throw(FutureIter *it, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("throw", nargs, 1, 3)) {
        return NULL;
    }
    if (nargs > 1 && PyErr_WarnEx(PyExc_DeprecationWarning,
                                  "the (type, exc, tb) signature of throw() is deprecated, "
                                  "use the single-arg signature instead.", 1) < 0)
    {
        return NULL;
    }
    Py_CLEAR(it->future);
    raise_thrown(args[0], nargs > 1 ? args[1] : NULL, nargs > 2 ? args[2] : NULL);
    return NULL;
}

static int
futureiter_traverse(FutureIter *it, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(it));
    Py_VISIT(it->future);
    return 0;
}

static int
futureiter_clear(FutureIter *it)
{
    Py_CLEAR(it->future);
    return 0;
}

static void
futureiter_dealloc(FutureIter *it)
{
    PyTypeObject *type = Py_TYPE(it);
    PyObject_GC_UnTrack(it);
    Py_XDECREF(it->future);
    PyObject_GC_Del(it);
    Py_DECREF(type);
}

/* --- Types ------------------------------------------------------------------------------------ */

_Py_SHARED PyMethodDef asyncio_future_methods[] = {
    _ASYNCIO_FUTURE_RESULT_METHODDEF
    _ASYNCIO_FUTURE_EXCEPTION_METHODDEF
    _ASYNCIO_FUTURE_SET_RESULT_METHODDEF
    _ASYNCIO_FUTURE_SET_EXCEPTION_METHODDEF
    _ASYNCIO_FUTURE_ADD_DONE_CALLBACK_METHODDEF
    _ASYNCIO_FUTURE_REMOVE_DONE_CALLBACK_METHODDEF
    _ASYNCIO_FUTURE_CANCEL_METHODDEF
    _ASYNCIO_FUTURE_CANCELLED_METHODDEF
    _ASYNCIO_FUTURE_DONE_METHODDEF
    _ASYNCIO_FUTURE_GET_LOOP_METHODDEF
    _ASYNCIO_FUTURE__MAKE_CANCELLED_ERROR_METHODDEF
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL}
};

_Py_SHARED PyGetSetDef asyncio_future_getset[] = {
    {"_state", (getter)future_get_state},
    {"_asyncio_future_blocking", (getter)future_get_blocking, (setter)future_set_blocking},
    {"_loop", (getter)future_get_loop},
    {"_callbacks", (getter)future_get_callbacks},
    {"_result", (getter)future_get_result},
    {"_exception", (getter)future_get_exception},
    {"_log_traceback", (getter)future_get_log_traceback, (setter)future_set_log_traceback},
    {"_source_traceback", (getter)future_get_source_traceback},
    {"_cancel_message", (getter)future_get_cancel_message, (setter)future_set_cancel_message},
    {NULL}
};

static PyMemberDef future_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Future, weakreflist), READONLY},
    {"__dictoffset__", T_PYSSIZET, offsetof(Future, dict), READONLY},
    {NULL}
};

static PyType_Slot future_slots[] = {
    {Py_tp_dealloc, future_dealloc},
    {Py_tp_doc, (void *)_asyncio_Future___init____doc__},
    {Py_tp_traverse, asyncio_future_traverse},
    {Py_tp_clear, asyncio_future_clear},
    {Py_tp_repr, future_repr},
    {Py_tp_iter, asyncio_future_iter},
    {Py_tp_methods, asyncio_future_methods},
    {Py_tp_members, future_members},
    {Py_tp_getset, asyncio_future_getset},
    {Py_tp_init, _asyncio_Future___init__},
    {Py_tp_new, asyncio_future_new},
    {Py_tp_finalize, asyncio_future_finalize},
    {Py_am_await, asyncio_future_iter},
    {0, NULL}
};

static PyType_Spec future_spec = {
    .name = "_asyncio.Future",
    .basicsize = sizeof(Future),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = future_slots,
};

static PyMethodDef futureiter_methods[] = {
    {"send", (PyCFunction)futureiter_send, METH_O, NULL},
    {"throw", _PyCFunction_CAST(futureiter_throw), METH_FASTCALL, NULL},
    {"close", (PyCFunction)futureiter_close, METH_NOARGS, NULL},
    {NULL}
};

static PyType_Slot futureiter_slots[] = {
    {Py_tp_dealloc, futureiter_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, futureiter_traverse},
    {Py_tp_clear, futureiter_clear},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, futureiter_iternext},
    {Py_tp_methods, futureiter_methods},
    {Py_am_send, futureiter_am_send},
    {0, NULL}
};

static PyType_Spec futureiter_spec = {
    .name = "_asyncio.FutureIter",
    .basicsize = sizeof(FutureIter),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = futureiter_slots,
};

int
asyncio_add_future_types(PyObject *module, asyncio_state *state)
{
    state->future_iter_type =
        (PyTypeObject *)PyType_FromModuleAndSpec(module, &futureiter_spec, NULL);
    if (state->future_iter_type == NULL) {
        return -1;
    }
    state->future_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &future_spec, NULL);
    return state->future_type != NULL ? PyModule_AddType(module, state->future_type) : -1;
}
