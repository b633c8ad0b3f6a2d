/* asyncio: what the files of the module _asyncio share.
 *
 *   loop        the event loop: any object with get_debug(), call_soon(), call_exception_handler()
 *   callback    (function, context) that a future hands to loop.call_soon() when it is done
 *   step        one send() or throw() into the coroutine of a task, up to its next await
 *   wakeup      the step that a task does because the future it waited for is done
 *
 * Nearly every call leads to foreign code, the loop's methods first of all, and that may call
 * __init__() of the same future again: what is called or passed on is held by a reference.
 */
#ifndef LADON_ASYNCIO_H
#define LADON_ASYNCIO_H

#include "Python.h"

#include <stdbool.h>

/* What the Python part of asyncio provides, imported at the first use: asyncio imports _asyncio
 * while it is being made itself. */
enum import {
    IMPORT_CANCELLED_ERROR,
    IMPORT_INVALID_STATE_ERROR,
    IMPORT_GET_EVENT_LOOP_POLICY,
    IMPORT_ISCOROUTINE,
    IMPORT_FUTURE_REPR,
    IMPORT_TASK_REPR,
    IMPORT_TASK_GET_STACK,
    IMPORT_TASK_PRINT_STACK,
    IMPORT_EXTRACT_STACK,
    IMPORTS
};

typedef struct {
    PyTypeObject *future_type, *task_type, *future_iter_type, *task_step_type;
    PyObject *current_tasks;        /* dict: loop -> task */
    PyObject *scheduled_tasks;      /* WeakSet of tasks */
    PyObject *eager_tasks;          /* set of tasks that run their first, eager step */
    PyObject *context_names;        /* ("context",): names of keyword arguments */
    PyObject *msg_names;            /* ("msg",) */
    PyObject *imports[IMPORTS];     /* NULL where there was no use so far */
    unsigned long long task_number; /* of the last task made without a name */
} asyncio_state;

enum future_state {
    FUTURE_PENDING,
    FUTURE_CANCELLED,
    FUTURE_FINISHED,
};

typedef struct {
    PyObject_HEAD
    PyObject *loop;             /* NULL until __init__() */
    PyObject *callback0;        /* the first callback and its context, or NULL */
    PyObject *context0;
    PyObject *callbacks;        /* list of the further ones, (function, context), or NULL */
    PyObject *exception;        /* at most one of exception and result is not NULL */
    PyObject *exception_tb;     /* the traceback that the exception came with, or NULL */
    PyObject *result;
    PyObject *source_tb;        /* where it was made, in debug mode, or NULL */
    PyObject *cancel_message;   /* or NULL */
    PyObject *cancelled_exc;    /* CancelledError that ended the coroutine of a task, or NULL */
    int state;                  /* enum future_state */
    unsigned int log_traceback : 1;     /* nobody has asked for the exception so far */
    unsigned int blocking : 1;          /* yielded by await, and not yet seen by the task */
    PyObject *weakreflist;
    PyObject *dict;
    PyObject *module;           /* _asyncio; set by __new__() */
} Future;

typedef struct {
    Future future;
    PyObject *waiter;           /* the future that it waits for, or NULL */
    PyObject *coro;             /* NULL until __init__(), and after an eager step to the end */
    PyObject *name;             /* str, or the int of "Task-N" while nobody has asked; or NULL */
    PyObject *context;
    int num_cancels;
    int must_cancel;            /* the next step throws CancelledError */
    int log_destroy_pending;
} Task;

extern struct PyModuleDef _asyncio_module;

/* The state of the module that a future belongs to. */
#define FUTURE_STATE(FUT) ((asyncio_state *)PyModule_GetState(((Future *)(FUT))->module))

/* Of the class itself, not of one derived from it: nothing is overridden. */
static inline bool
future_is_ours(asyncio_state *state, PyObject *op)
{
    return Py_IS_TYPE(op, state->future_type) || Py_IS_TYPE(op, state->task_type);
}

/* In _asynciomodule.c. */
PyObject *asyncio_import(asyncio_state *state, enum import which);
PyObject *asyncio_running_loop(void);
PyObject *asyncio_event_loop(asyncio_state *state);
int asyncio_call_soon(asyncio_state *state, PyObject *loop, PyObject *function, PyObject *arg,
                      PyObject *context);
int asyncio_enter_task(asyncio_state *state, PyObject *loop, PyObject *task);
int asyncio_leave_task(asyncio_state *state, PyObject *loop, PyObject *task);
PyObject *asyncio_swap_task(asyncio_state *state, PyObject *loop, PyObject *task);
int asyncio_register_task(asyncio_state *state, PyObject *task);

/* In future.c. */
extern PyMethodDef asyncio_future_methods[];
extern PyGetSetDef asyncio_future_getset[];
PyObject *asyncio_future_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
PyObject *asyncio_future_iter(Future *self);
int asyncio_add_future_types(PyObject *module, asyncio_state *state);
int asyncio_future_init(Future *self, PyObject *loop);
int asyncio_future_check(Future *self);
int asyncio_future_cancel(Future *self, PyObject *msg);
int asyncio_future_set_result(Future *self, PyObject *result);
int asyncio_future_set_exception(Future *self, PyObject *exception);
PyObject *asyncio_future_take_result(Future *self);
int asyncio_future_add_callback(Future *self, PyObject *function, PyObject *context);
PyObject *asyncio_future_cancelled_error(Future *self);
int asyncio_future_traverse(Future *self, visitproc visit, void *arg);
int asyncio_future_clear(Future *self);
void asyncio_future_report(Future *self, PyObject *subject_key, PyObject *message,
                           PyObject *exception);
void asyncio_future_finalize(Future *self);

/* In task.c. */
int asyncio_add_task_types(PyObject *module, asyncio_state *state);

#endif /* !LADON_ASYNCIO_H */
