/* task.c - _asyncio.Task: a future that runs a coroutine, step by step.
 *
 * While a task is not done, one of these is true:
 *
 *   it waits: task->waiter is the future that the coroutine awaits, and the wakeup of the task is
 *       among its callbacks;
 *   a step is scheduled: the loop has a TaskStepMethWrapper, or the wakeup, in its queue;
 *   it runs: a step is on the C stack.
 *
 * Written from the library reference (asyncio Tasks), PEP 492, and observed behaviour.
 */
#include "asyncio.h"
#include "pycore_genobject.h"   // _PyGen_FetchStopIterationValue()
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"

/* What the loop calls for the next step. */
typedef struct {
    PyObject_HEAD
    Task *task;                 /* NULL only in one that Python code has made */
    PyObject *exception;        /* thrown into the coroutine, or NULL */
} TaskStep;

static PyObject *task_wakeup(Task *self, PyObject *future);

#include "sig/task.sig.h"

/* --- Scheduling ------------------------------------------------------------------------------- */

static _Py_SHARED PyMethodDef wakeup_method = {"task_wakeup", (PyCFunction)task_wakeup, METH_O,
                                               NULL};

/* Have the loop do a step soon, with the exception (or NULL) thrown.  0, or -1 with one. */
static int
schedule_step(asyncio_state *state, Task *self, PyObject *exception)
{
    assert(self->future.loop != NULL && self->context != NULL);
    TaskStep *step = PyObject_GC_New(TaskStep, state->task_step_type);
    if (step == NULL) {
        return -1;
    }
    step->task = (Task *)Py_NewRef(self);
    step->exception = Py_XNewRef(exception);
    PyObject_GC_Track(step);
    int error = asyncio_call_soon(state, self->future.loop, (PyObject *)step, NULL, self->context);
    Py_DECREF(step);
    return error;
}

/* Have the loop throw a RuntimeError into the coroutine.  0, or -1 with another exception. */
static int
schedule_error(asyncio_state *state, Task *self, const char *format, PyObject *yielded)
{
    PyObject *text = PyUnicode_FromFormat(format, self, yielded);
    PyObject *exception = text != NULL ? PyObject_CallOneArg(PyExc_RuntimeError, text) : NULL;
    int error = exception != NULL ? schedule_step(state, self, exception) : -1;
    Py_XDECREF(exception);
    Py_XDECREF(text);
    return error;
}

/* --- What a coroutine yields ------------------------------------------------------------------ */

/* future.cancel(msg=message): 1, 0, or -1 with an exception. */
static int
cancel_waiter(asyncio_state *state, PyObject *future, PyObject *message)
{
    PyObject *args[] = {future, message != NULL ? message : Py_None};
    PyObject *answer = PyObject_VectorcallMethod(
        &_Py_ID(cancel), args, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, state->msg_names);
    int cancelled = answer != NULL ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(answer);
    return cancelled;
}

/* The wakeup is among the callbacks of the future: wait, or cancel it if the task was cancelled
 * while it ran. */
static int
start_waiting(asyncio_state *state, Task *self, PyObject *future)
{
    Py_XSETREF(self->waiter, Py_NewRef(future));
    if (!self->must_cancel) {
        return 0;
    }
    PyObject *message = Py_XNewRef(self->future.cancel_message);
    int cancelled = cancel_waiter(state, future, message);
    Py_XDECREF(message);
    if (cancelled > 0) {
        self->must_cancel = 0;
    }
    return cancelled < 0 ? -1 : 0;
}

static const char other_loop[] = "Task %R got Future %R attached to a different loop";
static const char not_awaited[] = "yield was used instead of yield from in task %R with %R";

/* The coroutine awaits one of our futures. */
static int
wait_for_future(asyncio_state *state, Task *self, Future *future)
{
    if (self->future.loop != future->loop) {
        return schedule_error(state, self, other_loop, (PyObject *)future);
    }
    if (!future->blocking) {
        return schedule_error(state, self, not_awaited, (PyObject *)future);
    }
    future->blocking = 0;
    PyObject *wakeup = PyCFunction_New(&wakeup_method, (PyObject *)self);
    if (wakeup == NULL) {
        return -1;
    }
    int error = asyncio_future_add_callback(future, wakeup, self->context);
    Py_DECREF(wakeup);
    return error ? -1 : start_waiting(state, self, (PyObject *)future);
}

/* The loop of a foreign future: a new reference, or NULL with an exception. */
static PyObject *
loop_of(PyObject *future)
{
    PyObject *method;
    if (_PyObject_LookupAttr(future, &_Py_ID(get_loop), &method) < 0) {
        return NULL;
    }
    if (method == NULL) {
        return PyObject_GetAttr(future, &_Py_ID(_loop));
    }
    PyObject *loop = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    return loop;
}

/* The coroutine awaits a future of another class, whose _asyncio_future_blocking is given. */
static int
wait_for_foreign(asyncio_state *state, Task *self, PyObject *future, PyObject *blocking)
{
    PyObject *loop = loop_of(future);
    if (loop == NULL) {
        return -1;
    }
    Py_DECREF(loop);
    if (loop != self->future.loop) {
        return schedule_error(state, self, other_loop, future);
    }
    int awaited = PyObject_IsTrue(blocking);
    if (awaited <= 0) {
        return awaited < 0 ? -1 : schedule_error(state, self, not_awaited, future);
    }
    if (PyObject_SetAttr(future, &_Py_ID(_asyncio_future_blocking), Py_False) < 0) {
        return -1;
    }
    PyObject *wakeup = PyCFunction_New(&wakeup_method, (PyObject *)self);
    if (wakeup == NULL) {
        return -1;
    }
    PyObject *context = Py_NewRef(self->context);
    PyObject *args[] = {future, wakeup, context};
    PyObject *none = PyObject_VectorcallMethod(
        &_Py_ID(add_done_callback), args, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET,
        state->context_names);
    Py_DECREF(wakeup);
    Py_DECREF(context);
    if (none == NULL) {
        return -1;
    }
    Py_DECREF(none);
    return start_waiting(state, self, future);
}

/* Do what the value means that the coroutine has yielded.  0, or -1 with an exception. */
static int
handle_yielded(asyncio_state *state, Task *self, PyObject *yielded)
{
    if (yielded == (PyObject *)self) {
        return schedule_error(state, self, "Task cannot await on itself: %R", yielded);
    }
    if (future_is_ours(state, yielded)) {
        return wait_for_future(state, self, (Future *)yielded);
    }
    if (yielded == Py_None) {
        return schedule_step(state, self, NULL);
    }
    PyObject *blocking;
    if (_PyObject_LookupAttr(yielded, &_Py_ID(_asyncio_future_blocking), &blocking) < 0) {
        return -1;
    }
    if (blocking != NULL && blocking != Py_None) {
        int error = wait_for_foreign(state, self, yielded, blocking);
        Py_DECREF(blocking);
        return error;
    }
    Py_XDECREF(blocking);
    if (PyGen_CheckExact(yielded)) {
        return schedule_error(state, self,
                              "yield was used instead of yield from for generator in task %R "
                              "with %R", yielded);
    }
    PyObject *text = PyUnicode_FromFormat("Task got bad yield: %R", yielded);
    PyObject *exception = text != NULL ? PyObject_CallOneArg(PyExc_RuntimeError, text) : NULL;
    int error = exception != NULL ? schedule_step(state, self, exception) : -1;
    Py_XDECREF(exception);
    Py_XDECREF(text);
    return error;
}

/* --- A step ----------------------------------------------------------------------------------- */

/* The coroutine has returned a value. */
static int
finish_with_value(Task *self, PyObject *value)
{
    if (self->must_cancel) {
        /* Cancelled while it ran its last step. */
        self->must_cancel = 0;
        PyObject *message = Py_XNewRef(self->future.cancel_message);
        int cancelled = asyncio_future_cancel(&self->future, message);
        Py_XDECREF(message);
        return cancelled < 0 ? -1 : 0;
    }
    return asyncio_future_set_result(&self->future, value);
}

/* The coroutine has raised the exception that is set.  0, or -1 with an exception. */
static int
finish_with_exception(asyncio_state *state, Task *self)
{
    PyObject *exception = PyErr_GetRaisedException();
    assert(exception != NULL);
    PyObject *cancelled_error = asyncio_import(state, IMPORT_CANCELLED_ERROR);
    int error = -1;
    if (cancelled_error == NULL) {
        /* The one that is set now. */
    }
    else if (PyErr_GivenExceptionMatches(exception, cancelled_error)) {
        Py_XSETREF(self->future.cancelled_exc, Py_NewRef(exception));
        error = asyncio_future_cancel(&self->future, NULL) < 0 ? -1 : 0;
    }
    else {
        error = asyncio_future_set_exception(&self->future, exception);
        if (!error && (PyErr_GivenExceptionMatches(exception, PyExc_KeyboardInterrupt)
                       || PyErr_GivenExceptionMatches(exception, PyExc_SystemExit)))
        {
            PyErr_SetRaisedException(exception);
            return -1;
        }
    }
    Py_DECREF(exception);
    return error;
}

/* coro.send(None), or coro.throw(exception) if that is not NULL. */
static PySendResult
resume(PyObject *coro, PyObject *exception, PyObject **result)
{
    if (exception == NULL) {
        return PyIter_Send(coro, Py_None, result);
    }
    *result = PyObject_CallMethodOneArg(coro, &_Py_ID(throw), exception);
    if (*result != NULL) {
        return PYGEN_NEXT;
    }
    return _PyGen_FetchStopIterationValue(result) == 0 ? PYGEN_RETURN : PYGEN_ERROR;
}

/* The step of a task that is the current one already: exception is thrown, or NULL.
 * 0, or -1 with an exception that is not the task's. */
static int
run_step(asyncio_state *state, Task *self, PyObject *exception)
{
    if (self->coro == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "uninitialized Task object");
        return -1;
    }
    PyObject *result, *coro = Py_NewRef(self->coro);
    PySendResult kind = resume(coro, exception, &result);
    Py_DECREF(coro);
    if (kind == PYGEN_ERROR) {
        return finish_with_exception(state, self);
    }
    assert(result != NULL);
    int error = kind == PYGEN_RETURN ? finish_with_value(self, result)
                                     : handle_yielded(state, self, result);
    Py_DECREF(result);
    return error;
}

/* Before a step: the exception to throw, a new reference, which is a CancelledError if the task
 * was cancelled; *thrown is NULL if there is none.  0, or -1 with an exception. */
static int
prepare_step(asyncio_state *state, Task *self, PyObject *exception, PyObject **thrown)
{
    *thrown = NULL;
    if (self->future.state != FUTURE_PENDING) {
        PyObject *type = asyncio_import(state, IMPORT_INVALID_STATE_ERROR);
        if (type != NULL) {
            PyErr_Format(type, "_step(): already done: %R %R", self,
                         exception != NULL ? exception : Py_None);
        }
        return -1;
    }
    if (self->must_cancel) {
        PyObject *cancelled_error = asyncio_import(state, IMPORT_CANCELLED_ERROR);
        if (cancelled_error == NULL) {
            return -1;
        }
        if (exception == NULL || !PyErr_GivenExceptionMatches(exception, cancelled_error)) {
            *thrown = asyncio_future_cancelled_error(&self->future);
            if (*thrown == NULL) {
                return -1;
            }
        }
        self->must_cancel = 0;
    }
    if (*thrown == NULL) {
        *thrown = Py_XNewRef(exception);
    }
    Py_CLEAR(self->waiter);
    return 0;
}

/* A step from the loop.  0, or -1 with an exception for the loop. */
static int
task_step(asyncio_state *state, Task *self, PyObject *exception)
{
    PyObject *loop = Py_XNewRef(self->future.loop);
    PyObject *thrown;
    if (loop == NULL) {
        return asyncio_future_check(&self->future);
    }
    if (prepare_step(state, self, exception, &thrown) < 0) {
        Py_DECREF(loop);
        return -1;
    }
    int error = asyncio_enter_task(state, loop, (PyObject *)self);
    if (!error) {
        error = run_step(state, self, thrown);
        PyObject *raised = PyErr_GetRaisedException();
        if (asyncio_leave_task(state, loop, (PyObject *)self) < 0) {
            error = -1;
        }
        _PyErr_ChainExceptions1(raised);
    }
    Py_XDECREF(thrown);
    Py_DECREF(loop);
    return error;
}

/* The callback of the future that the task waits for. */
static PyObject *
task_wakeup(Task *self, PyObject *future)
{
    asyncio_state *state = FUTURE_STATE(self);
    PyObject *result;
    assert(!PyErr_Occurred());
    if (future_is_ours(state, future) && ((Future *)future)->loop != NULL) {
        result = asyncio_future_take_result((Future *)future);
    }
    else {
        result = PyObject_CallMethodNoArgs(future, &_Py_ID(result));
    }
    PyObject *exception = result == NULL ? PyErr_GetRaisedException() : NULL;
    Py_XDECREF(result);
    int error = task_step(state, self, exception);
    Py_XDECREF(exception);
    return error ? NULL : Py_NewRef(Py_None);
}

/* --- TaskStepMethWrapper ---------------------------------------------------------------------- */

static PyObject *
taskstep_call(TaskStep *step, PyObject *args, PyObject *kwargs)
{
    const char *problem = NULL;
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0) {
        problem = "function takes no keyword arguments";
    }
    else if (PyTuple_GET_SIZE(args) != 0) {
        problem = "function takes no positional arguments";
    }
    else if (step->task == NULL) {
        problem = "function without a task";
    }
    if (problem != NULL) {
        PyErr_SetString(PyExc_TypeError, problem);
        return NULL;
    }
    int error = task_step(FUTURE_STATE(step->task), step->task, step->exception);
    return error ? NULL : Py_NewRef(Py_None);
}

static PyObject *
taskstep_get_self(TaskStep *step, void *Py_UNUSED(closure))
{
    return Py_NewRef(step->task != NULL ? (PyObject *)step->task : Py_None);
}

static int
taskstep_traverse(TaskStep *step, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(step));
    Py_VISIT(step->task);
    Py_VISIT(step->exception);
    return 0;
}

static int
taskstep_clear(TaskStep *step)
{
    Py_CLEAR(step->task);
    Py_CLEAR(step->exception);
    return 0;
}

static void
taskstep_dealloc(TaskStep *step)
{
    PyTypeObject *type = Py_TYPE(step);
    PyObject_GC_UnTrack(step);
    taskstep_clear(step);
    PyObject_GC_Del(step);
    Py_DECREF(type);
}

/* --- Life ------------------------------------------------------------------------------------- */

static int
check_coroutine(asyncio_state *state, PyObject *coro)
{
    if (PyCoro_CheckExact(coro)) {
        return 0;
    }
    PyObject *iscoroutine = asyncio_import(state, IMPORT_ISCOROUTINE);
    PyObject *answer = iscoroutine != NULL ? PyObject_CallOneArg(iscoroutine, coro) : NULL;
    int truth = answer != NULL ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(answer);
    if (truth == 0) {
        PyErr_Format(PyExc_TypeError, "a coroutine was expected, got %R", coro);
    }
    return truth > 0 ? 0 : -1;
}

/* The name of a task: an exact str, or the number of one without a name.  NULL: an exception. */
static PyObject *
new_name(asyncio_state *state, PyObject *name)
{
    if (name == Py_None) {
        return PyLong_FromUnsignedLongLong(++state->task_number);
    }
    return PyObject_Str(name);
}

static PyObject *
task_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return asyncio_future_new(type, args, kwargs);
}

/* The first step at once, before the task is known to the loop. */
static int
eager_step(asyncio_state *state, Task *self)
{
    if (PySet_Add(state->eager_tasks, (PyObject *)self) < 0) {
        return -1;
    }
    PyObject *context = Py_NewRef(self->context);
    int error = PyContext_Enter(context);
    if (!error) {
        error = run_step(state, self, NULL);
        PyObject *raised = PyErr_GetRaisedException();
        if (PyContext_Exit(context) < 0) {
            error = -1;
        }
        _PyErr_ChainExceptions1(raised);
    }
    Py_DECREF(context);
    PyObject *raised = PyErr_GetRaisedException();
    if (PySet_Discard(state->eager_tasks, (PyObject *)self) < 0) {
        error = -1;
    }
    _PyErr_ChainExceptions1(raised);
    return error;
}

/* Do the first step now, as the current task of the loop.  0, or -1 with an exception. */
static int
start_eagerly(asyncio_state *state, Task *self)
{
    PyObject *loop = Py_NewRef(self->future.loop);
    PyObject *former = asyncio_swap_task(state, loop, (PyObject *)self);
    int error = former != NULL ? eager_step(state, self) : -1;
    if (former != NULL) {
        PyObject *raised = PyErr_GetRaisedException();
        PyObject *own = asyncio_swap_task(state, loop, former);
        if (own == NULL) {
            error = -1;
        }
        Py_XDECREF(own);
        Py_DECREF(former);
        _PyErr_ChainExceptions1(raised);
    }
    Py_DECREF(loop);
    if (error) {
        return -1;
    }
    if (self->future.state != FUTURE_PENDING) {
        Py_CLEAR(self->coro);
        return 0;
    }
    return asyncio_register_task(state, (PyObject *)self);
}

/* 1 if the loop runs, 0 if not, -1 with an exception. */
static int
loop_is_running(PyObject *loop)
{
    Py_INCREF(loop);
    PyObject *answer = PyObject_CallMethodNoArgs(loop, &_Py_ID(is_running));
    Py_DECREF(loop);
    int running = answer != NULL ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(answer);
    return running;
}

/*sig _asyncio.Task.__init__(self, coro, *, loop=None, name=None, context=None,
                             eager_start: bool = False)

A coroutine wrapped in a Future.
*/
static int
_asyncio_Task___init___impl(Task *self, PyObject *coro, PyObject *loop, PyObject *name,
                            PyObject *context, int eager_start)
{
    asyncio_state *state = FUTURE_STATE(self);
    self->log_destroy_pending = 0;      /* until it is complete */
    if (asyncio_future_init(&self->future, loop) < 0 || check_coroutine(state, coro) < 0) {
        return -1;
    }
    PyObject *own_context = context == Py_None ? PyContext_CopyCurrent() : Py_NewRef(context);
    PyObject *own_name = own_context != NULL ? new_name(state, name) : NULL;
    if (own_name == NULL) {
        Py_XDECREF(own_context);
        return -1;
    }
    Py_CLEAR(self->waiter);
    Py_XSETREF(self->context, own_context);
    Py_XSETREF(self->name, own_name);
    Py_XSETREF(self->coro, Py_NewRef(coro));
    self->must_cancel = 0;
    self->num_cancels = 0;
    self->log_destroy_pending = 1;
    if (eager_start) {
        int running = loop_is_running(self->future.loop);
        if (running != 0) {
            return running < 0 ? -1 : start_eagerly(state, self);
        }
    }
    if (schedule_step(state, self, NULL) < 0) {
        return -1;
    }
    return asyncio_register_task(state, (PyObject *)self);
}

static int
task_traverse(Task *self, visitproc visit, void *arg)
{
    Py_VISIT(self->waiter);
    Py_VISIT(self->coro);
    Py_VISIT(self->name);
    Py_VISIT(self->context);
    return asyncio_future_traverse(&self->future, visit, arg);
}

static int
task_clear(Task *self)
{
    Py_CLEAR(self->waiter);
    Py_CLEAR(self->coro);
    Py_CLEAR(self->name);
    Py_CLEAR(self->context);
    return asyncio_future_clear(&self->future);
}

static void
task_finalize(Task *self)
{
    if (self->future.loop != NULL && self->future.state == FUTURE_PENDING
        && self->log_destroy_pending)
    {
        PyObject *saved = PyErr_GetRaisedException();
        PyObject *message = PyUnicode_FromString("Task was destroyed but it is pending!");
        asyncio_future_report(&self->future, &_Py_ID(task), message, NULL);
        Py_XDECREF(message);
        PyErr_SetRaisedException(saved);
    }
    asyncio_future_finalize(&self->future);
}

static void
task_dealloc(Task *self)
{
    if (PyObject_CallFinalizerFromDealloc((PyObject *)self) < 0) {
        return;
    }
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, task_dealloc)
    if (self->future.weakreflist != NULL) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    task_clear(self);
    Py_CLEAR(self->future.module);
    type->tp_free(self);
    Py_DECREF(type);
    Py_TRASHCAN_END
}

/* --- Methods ---------------------------------------------------------------------------------- */

/*sig _asyncio.Task._make_cancelled_error(self)

Create the CancelledError to raise if the Task is cancelled.

This should only be called once when handling a cancellation since
it erases the context exception value.
*/
static PyObject *
_asyncio_Task__make_cancelled_error_impl(Task *self)
{
    return asyncio_future_cancelled_error(&self->future);
}

/*sig _asyncio.Task.cancel(self, msg=None) -> bool

Request that this task cancel itself.

This arranges for a CancelledError to be thrown into the
wrapped coroutine on the next cycle through the event loop.
The coroutine then has a chance to clean up or even deny
the request using try/except/finally.

Unlike Future.cancel, this does not guarantee that the
task will be cancelled: the exception might be caught and
acted upon, delaying cancellation of the task or preventing
cancellation completely.  The task may also return a value or
raise a different exception.

Immediately after this method is called, Task.cancelled() will
not return True (unless the task was already cancelled).  A
task will be marked as cancelled when the wrapped coroutine
terminates with a CancelledError exception (even if cancel()
was not called).

This also increases the task's count of cancellation requests.
*/
static int
_asyncio_Task_cancel_impl(Task *self, PyObject *msg)
{
    self->future.log_traceback = 0;
    if (self->future.state != FUTURE_PENDING) {
        return 0;
    }
    self->num_cancels++;
    if (self->waiter != NULL) {
        PyObject *waiter = Py_NewRef(self->waiter);
        int cancelled = cancel_waiter(FUTURE_STATE(self), waiter, msg);
        Py_DECREF(waiter);
        if (cancelled != 0) {
            /* The waiter stays: it may be a task that ignores this, to be cancelled again. */
            return cancelled;
        }
    }
    self->must_cancel = 1;
    Py_XSETREF(self->future.cancel_message, Py_NewRef(msg));
    return 1;
}

/*sig _asyncio.Task.cancelling(self) -> int

Return the count of the task's cancellation requests.

This count is incremented when .cancel() is called
and may be decremented using .uncancel().
*/
static int
_asyncio_Task_cancelling_impl(Task *self)
{
    return self->num_cancels;
}

/*sig _asyncio.Task.uncancel(self) -> int

Decrement the task's count of cancellation requests.

This should be used by tasks that catch CancelledError
and wish to continue indefinitely until they are cancelled again.

Returns the remaining number of cancellation requests.
*/
static int
_asyncio_Task_uncancel_impl(Task *self)
{
    if (self->num_cancels > 0) {
        self->num_cancels--;
    }
    return self->num_cancels;
}

/*sig _asyncio.Task.get_stack(self, cls: defining_class, *, limit=None)

Return the list of stack frames for this task's coroutine.

If the coroutine is not done, this returns the stack where it is
suspended.  If the coroutine has completed successfully or was
cancelled, this returns an empty list.  If the coroutine was
terminated by an exception, this returns the list of traceback
frames.

The frames are always ordered from oldest to newest.

The optional limit gives the maximum number of frames to
return; by default all available frames are returned.  Its
meaning differs depending on whether a stack or a traceback is
returned: the newest frames of a stack are returned, but the
oldest frames of a traceback are returned.  (This matches the
behavior of the traceback module.)

For reasons beyond our control, only one stack frame is
returned for a suspended coroutine.
*/
static PyObject *
_asyncio_Task_get_stack_impl(Task *self, PyTypeObject *Py_UNUSED(cls), PyObject *limit)
{
    PyObject *function = asyncio_import(FUTURE_STATE(self), IMPORT_TASK_GET_STACK);
    return function != NULL ? PyObject_CallFunctionObjArgs(function, self, limit, NULL) : NULL;
}

/*sig _asyncio.Task.print_stack(self, cls: defining_class, *, limit=None, file=None)

Print the stack or traceback for this task's coroutine.

This produces output similar to that of the traceback module,
for the frames retrieved by get_stack().  The limit argument
is passed to get_stack().  The file argument is an I/O stream
to which the output is written; by default output is written
to sys.stderr.
*/
static PyObject *
_asyncio_Task_print_stack_impl(Task *self, PyTypeObject *Py_UNUSED(cls), PyObject *limit,
                               PyObject *file)
{
    PyObject *function = asyncio_import(FUTURE_STATE(self), IMPORT_TASK_PRINT_STACK);
    return function != NULL ? PyObject_CallFunctionObjArgs(function, self, limit, file, NULL)
                            : NULL;
}

/*sig _asyncio.Task.set_result(self, result, /)
*/
static PyObject *
_asyncio_Task_set_result_impl(Task *Py_UNUSED(self), PyObject *Py_UNUSED(result))
{
    PyErr_SetString(PyExc_RuntimeError, "Task does not support set_result operation");
    return NULL;
}

/*sig _asyncio.Task.set_exception(self, exception, /)
*/
static PyObject *
_asyncio_Task_set_exception_impl(Task *Py_UNUSED(self), PyObject *Py_UNUSED(exception))
{
    PyErr_SetString(PyExc_RuntimeError, "Task does not support set_exception operation");
    return NULL;
}

/*sig _asyncio.Task.get_coro(self)
*/
static PyObject *
_asyncio_Task_get_coro_impl(Task *self)
{
    return Py_NewRef(self->coro != NULL ? self->coro : Py_None);
}

/*sig _asyncio.Task.get_context(self)
*/
static PyObject *
_asyncio_Task_get_context_impl(Task *self)
{
    return Py_NewRef(self->context != NULL ? self->context : Py_None);
}

/*sig _asyncio.Task.get_name(self)
*/
static PyObject *
_asyncio_Task_get_name_impl(Task *self)
{
    if (self->name != NULL && PyLong_CheckExact(self->name)) {
        PyObject *name = PyUnicode_FromFormat("Task-%S", self->name);
        if (name == NULL) {
            return NULL;
        }
        Py_SETREF(self->name, name);
    }
    return Py_NewRef(self->name != NULL ? self->name : Py_None);
}

/*sig _asyncio.Task.set_name(self, value, /) -> None
*/
static int
_asyncio_Task_set_name_impl(Task *self, PyObject *value)
{
    PyObject *name = PyObject_Str(value);
    if (name == NULL) {
        return -1;
    }
    Py_XSETREF(self->name, name);
    return 0;
}

static PyObject *
task_repr(Task *self)
{
    if (asyncio_future_check(&self->future) < 0) {
        return NULL;
    }
    PyObject *repr = asyncio_import(FUTURE_STATE(self), IMPORT_TASK_REPR);
    return repr != NULL ? PyObject_CallOneArg(repr, (PyObject *)self) : NULL;
}

/* --- Attributes ------------------------------------------------------------------------------- */

static PyObject *
task_get_coro(Task *self, void *Py_UNUSED(closure))
{
    return _asyncio_Task_get_coro_impl(self);
}

static PyObject *
task_get_waiter(Task *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(self->waiter != NULL ? self->waiter : Py_None);
}

static PyObject *
task_get_must_cancel(Task *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(self->must_cancel);
}

static PyObject *
task_get_log_destroy_pending(Task *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(self->log_destroy_pending);
}

static int
task_set_log_destroy_pending(Task *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    int truth = PyObject_IsTrue(value);
    if (truth < 0) {
        return -1;
    }
    self->log_destroy_pending = truth;
    return 0;
}

/* --- Types ------------------------------------------------------------------------------------ */

static PyMethodDef task_methods[] = {
    _ASYNCIO_TASK__MAKE_CANCELLED_ERROR_METHODDEF
    _ASYNCIO_TASK_CANCEL_METHODDEF
    _ASYNCIO_TASK_CANCELLING_METHODDEF
    _ASYNCIO_TASK_UNCANCEL_METHODDEF
    _ASYNCIO_TASK_GET_STACK_METHODDEF
    _ASYNCIO_TASK_PRINT_STACK_METHODDEF
    _ASYNCIO_TASK_SET_RESULT_METHODDEF
    _ASYNCIO_TASK_SET_EXCEPTION_METHODDEF
    _ASYNCIO_TASK_GET_CORO_METHODDEF
    _ASYNCIO_TASK_GET_CONTEXT_METHODDEF
    _ASYNCIO_TASK_GET_NAME_METHODDEF
    _ASYNCIO_TASK_SET_NAME_METHODDEF
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL}
};

static PyGetSetDef task_getset[] = {
    {"_log_destroy_pending", (getter)task_get_log_destroy_pending,
     (setter)task_set_log_destroy_pending},
    {"_must_cancel", (getter)task_get_must_cancel},
    {"_coro", (getter)task_get_coro},
    {"_fut_waiter", (getter)task_get_waiter},
    {NULL}
};

static PyType_Slot task_slots[] = {
    {Py_tp_dealloc, task_dealloc},
    {Py_tp_doc, (void *)_asyncio_Task___init____doc__},
    {Py_tp_traverse, task_traverse},
    {Py_tp_clear, task_clear},
    {Py_tp_repr, task_repr},
    {Py_tp_methods, task_methods},
    {Py_tp_getset, task_getset},
    {Py_tp_init, _asyncio_Task___init__},
    {Py_tp_new, task_new},
    {Py_tp_iter, asyncio_future_iter},
    {Py_am_await, asyncio_future_iter},
    {Py_tp_finalize, task_finalize},
    {0, NULL}
};

static PyType_Spec task_spec = {
    .name = "_asyncio.Task",
    .basicsize = sizeof(Task),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = task_slots,
};

static PyGetSetDef taskstep_getset[] = {
    {"__self__", (getter)taskstep_get_self},
    {NULL}
};

static PyType_Slot taskstep_slots[] = {
    {Py_tp_dealloc, taskstep_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_call, taskstep_call},
    {Py_tp_traverse, taskstep_traverse},
    {Py_tp_clear, taskstep_clear},
    {Py_tp_getset, taskstep_getset},
    {0, NULL}
};

static PyType_Spec taskstep_spec = {
    .name = "_asyncio.TaskStepMethWrapper",
    .basicsize = sizeof(TaskStep),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = taskstep_slots,
};

/* Give a descriptor, which is stolen, to the class, if its name is not taken. */
static int
add_descriptor(PyTypeObject *type, const char *name, PyObject *descriptor)
{
    PyObject *key = descriptor != NULL ? PyUnicode_InternFromString(name) : NULL;
    int error = key == NULL || PyDict_SetDefault(type->tp_dict, key, descriptor) == NULL ? -1 : 0;
    Py_XDECREF(key);
    Py_XDECREF(descriptor);
    return error;
}

/* Task has the methods and attributes of Future as its own: messages name the class. */
static int
add_future_rows(PyTypeObject *type)
{
    for (PyMethodDef *row = asyncio_future_methods; row->ml_name != NULL; row++) {
        if ((row->ml_flags & METH_CLASS) == 0
            && add_descriptor(type, row->ml_name, PyDescr_NewMethod(type, row)) < 0)
        {
            return -1;
        }
    }
    for (PyGetSetDef *row = asyncio_future_getset; row->name != NULL; row++) {
        if (add_descriptor(type, row->name, PyDescr_NewGetSet(type, row)) < 0) {
            return -1;
        }
    }
    PyType_Modified(type);
    return 0;
}

int
asyncio_add_task_types(PyObject *module, asyncio_state *state)
{
    assert(state->future_type != NULL);
    state->task_step_type =
        (PyTypeObject *)PyType_FromModuleAndSpec(module, &taskstep_spec, NULL);
    if (state->task_step_type == NULL) {
        return -1;
    }
    state->task_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &task_spec,
                                                                (PyObject *)state->future_type);
    if (state->task_type == NULL || add_future_rows(state->task_type) < 0) {
        return -1;
    }
    return PyModule_AddType(module, state->task_type);
}
