/* The module _asyncio: Future and Task of asyncio in C, and which loop and task run now.
 *
 * The running loop is a matter of the thread and lies in the dict of its thread state.  The tasks
 * lie in three containers of the module, one module in each interpreter, which the Python part of
 * asyncio uses too: _current_tasks, _scheduled_tasks and _eager_tasks.
 *
 * Futures: asyncio/future.c; tasks: asyncio/task.c.
 *
 * Written from the library reference (asyncio), the documentation of these functions and observed
 * behaviour.
 */
#include "Python.h"
#include "asyncio/asyncio.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"

static inline asyncio_state *
get_state(PyObject *module)
{
    asyncio_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

#include "sig/_asynciomodule.sig.h"

/* --- What comes from Python ------------------------------------------------------------------- */

static const struct {
    const char *module;
    const char *name;
} imports[IMPORTS] = {
    [IMPORT_CANCELLED_ERROR] = {"asyncio.exceptions", "CancelledError"},
    [IMPORT_INVALID_STATE_ERROR] = {"asyncio.exceptions", "InvalidStateError"},
    [IMPORT_GET_EVENT_LOOP_POLICY] = {"asyncio.events", "get_event_loop_policy"},
    [IMPORT_ISCOROUTINE] = {"asyncio.coroutines", "iscoroutine"},
    [IMPORT_FUTURE_REPR] = {"asyncio.base_futures", "_future_repr"},
    [IMPORT_TASK_REPR] = {"asyncio.base_tasks", "_task_repr"},
    [IMPORT_TASK_GET_STACK] = {"asyncio.base_tasks", "_task_get_stack"},
    [IMPORT_TASK_PRINT_STACK] = {"asyncio.base_tasks", "_task_print_stack"},
    [IMPORT_EXTRACT_STACK] = {"traceback", "extract_stack"},
};

/* A function or class of the Python part, borrowed from the state; NULL with an exception. */
PyObject *
asyncio_import(asyncio_state *state, enum import which)
{
    assert(which < IMPORTS);
    if (state->imports[which] == NULL) {
        PyObject *value = _PyImport_GetModuleAttrString(imports[which].module,
                                                        imports[which].name);
        if (value == NULL) {
            return NULL;
        }
        Py_XSETREF(state->imports[which], value);
    }
    return state->imports[which];
}

/* loop.call_soon(function[, arg][, context=context]); arg and context may be NULL.
 * 0, or -1 with an exception. */
int
asyncio_call_soon(asyncio_state *state, PyObject *loop, PyObject *function, PyObject *arg,
                  PyObject *context)
{
    PyObject *args[4] = {loop, function};
    size_t nargs = 2;
    if (arg != NULL) {
        args[nargs++] = arg;
    }
    args[nargs] = context;
    /* They may be fields of a future that goes through __init__() again in the call. */
    Py_INCREF(loop);
    Py_XINCREF(context);
    PyObject *handle = PyObject_VectorcallMethod(
        &_Py_ID(call_soon), args, nargs | PY_VECTORCALL_ARGUMENTS_OFFSET,
        context != NULL ? state->context_names : NULL);
    Py_DECREF(loop);
    Py_XDECREF(context);
    Py_XDECREF(handle);
    return handle != NULL ? 0 : -1;
}

/* --- The running loop ------------------------------------------------------------------------- */

static PyObject *
thread_dict(void)
{
    PyObject *dict = PyThreadState_GetDict();
    if (dict == NULL && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_RuntimeError, "thread-local storage is not available");
    }
    return dict;
}

/* The running loop of this thread, borrowed, or NULL, with an exception if there is an error. */
PyObject *
asyncio_running_loop(void)
{
    PyObject *dict = thread_dict();
    if (dict == NULL) {
        return NULL;
    }
    PyObject *loop = PyDict_GetItemWithError(dict, &_Py_ID(__asyncio_running_event_loop__));
    return loop != Py_None ? loop : NULL;
}

static PyObject *
running_loop_or_error(void)
{
    PyObject *loop = asyncio_running_loop();
    if (loop == NULL && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_RuntimeError, "no running event loop");
    }
    return loop;
}

/* What get_event_loop() returns: a new reference, or NULL with an exception. */
PyObject *
asyncio_event_loop(asyncio_state *state)
{
    PyObject *loop = asyncio_running_loop();
    if (loop != NULL || PyErr_Occurred()) {
        return Py_XNewRef(loop);
    }
    PyObject *get_policy = asyncio_import(state, IMPORT_GET_EVENT_LOOP_POLICY);
    PyObject *policy = get_policy != NULL ? PyObject_CallNoArgs(get_policy) : NULL;
    if (policy == NULL) {
        return NULL;
    }
    loop = PyObject_CallMethodNoArgs(policy, &_Py_ID(get_event_loop));
    Py_DECREF(policy);
    return loop;
}

/*sig _asyncio._get_running_loop(module)

Return the running event loop or None.

This is a low-level function intended to be used by event loops.
This function is thread-specific.
*/
static PyObject *
_asyncio__get_running_loop_impl(PyObject *Py_UNUSED(module))
{
    PyObject *loop = asyncio_running_loop();
    if (loop == NULL && PyErr_Occurred()) {
        return NULL;
    }
    return Py_NewRef(loop != NULL ? loop : Py_None);
}

/*sig _asyncio._set_running_loop(module, loop, /) -> None

Set the running event loop.

This is a low-level function intended to be used by event loops.
This function is thread-specific.
*/
static int
_asyncio__set_running_loop_impl(PyObject *Py_UNUSED(module), PyObject *loop)
{
    PyObject *dict = thread_dict();
    if (dict == NULL) {
        return -1;
    }
    return PyDict_SetItem(dict, &_Py_ID(__asyncio_running_event_loop__), loop);
}

/*sig _asyncio.get_running_loop(module)

Return the running event loop.  Raise a RuntimeError if there is none.

This function is thread-specific.
*/
static PyObject *
_asyncio_get_running_loop_impl(PyObject *Py_UNUSED(module))
{
    return Py_XNewRef(running_loop_or_error());
}

/*sig _asyncio.get_event_loop(module)

Return an asyncio event loop.

When called from a coroutine or a callback (e.g. scheduled with
call_soon or similar API), this function will always return the
running event loop.

If there is no running event loop set, the function will return
the result of `get_event_loop_policy().get_event_loop()` call.
*/
static PyObject *
_asyncio_get_event_loop_impl(PyObject *module)
{
    return asyncio_event_loop(get_state(module));
}

/* --- The current task ------------------------------------------------------------------------- */

/* The current task of a loop, borrowed, and the loop's hash; NULL if there is none, with an
 * exception (and the hash -1) if there is an error. */
static PyObject *
current_task(asyncio_state *state, PyObject *loop, Py_hash_t *hash)
{
    *hash = PyObject_Hash(loop);
    if (*hash == -1) {
        return NULL;
    }
    PyObject *task = _PyDict_GetItem_KnownHash(state->current_tasks, loop, *hash);
    if (task == NULL && PyErr_Occurred()) {
        *hash = -1;
    }
    return task;
}

int
asyncio_enter_task(asyncio_state *state, PyObject *loop, PyObject *task)
{
    Py_hash_t hash;
    PyObject *current = current_task(state, loop, &hash);
    if (hash == -1) {
        return -1;
    }
    if (current != NULL) {
        Py_INCREF(current);
        PyErr_Format(PyExc_RuntimeError, "Cannot enter into task %R while another task %R is being "
                                         "executed.", task, current);
        Py_DECREF(current);
        return -1;
    }
    return _PyDict_SetItem_KnownHash(state->current_tasks, loop, task, hash);
}

int
asyncio_leave_task(asyncio_state *state, PyObject *loop, PyObject *task)
{
    Py_hash_t hash;
    PyObject *current = current_task(state, loop, &hash);
    if (hash == -1) {
        return -1;
    }
    if (current != task) {
        current = Py_NewRef(current != NULL ? current : Py_None);
        PyErr_Format(PyExc_RuntimeError, "Leaving task %R does not match the current task %R.",
                     task, current);
        Py_DECREF(current);
        return -1;
    }
    return _PyDict_DelItem_KnownHash(state->current_tasks, loop, hash);
}

/* Make task (or none: Py_None) the current one of the loop.  The former one or None, a new
 * reference; NULL with an exception. */
PyObject *
asyncio_swap_task(asyncio_state *state, PyObject *loop, PyObject *task)
{
    Py_hash_t hash;
    PyObject *former = current_task(state, loop, &hash);
    if (hash == -1) {
        return NULL;
    }
    former = Py_NewRef(former != NULL ? former : Py_None);
    int error = task == Py_None
                ? _PyDict_DelItem_KnownHash(state->current_tasks, loop, hash)
                : _PyDict_SetItem_KnownHash(state->current_tasks, loop, task, hash);
    if (error) {
        Py_CLEAR(former);
    }
    return former;
}

/*sig _asyncio._enter_task(module, loop, task) -> None

Enter into task execution or resume suspended task.

Task belongs to loop.

Returns None.
*/
static int
_asyncio__enter_task_impl(PyObject *module, PyObject *loop, PyObject *task)
{
    return asyncio_enter_task(get_state(module), loop, task);
}

/*sig _asyncio._leave_task(module, loop, task) -> None

Leave task execution or suspend a task.

Task belongs to loop.

Returns None.
*/
static int
_asyncio__leave_task_impl(PyObject *module, PyObject *loop, PyObject *task)
{
    return asyncio_leave_task(get_state(module), loop, task);
}

/*sig _asyncio._swap_current_task(module, loop, task)

Temporarily swap in the supplied task and return the original one (or None).

This is intended for use during eager coroutine execution.
*/
static PyObject *
_asyncio__swap_current_task_impl(PyObject *module, PyObject *loop, PyObject *task)
{
    return asyncio_swap_task(get_state(module), loop, task);
}

/*sig _asyncio.current_task(module, loop=None)

Return a currently executed task.
*/
static PyObject *
_asyncio_current_task_impl(PyObject *module, PyObject *loop)
{
    if (loop == Py_None) {
        loop = running_loop_or_error();
        if (loop == NULL) {
            return NULL;
        }
    }
    Py_hash_t hash;
    Py_INCREF(loop);
    PyObject *task = current_task(get_state(module), loop, &hash);
    if (hash != -1) {
        task = Py_NewRef(task != NULL ? task : Py_None);
    }
    Py_DECREF(loop);
    return task;
}

/* --- All tasks -------------------------------------------------------------------------------- */

int
asyncio_register_task(asyncio_state *state, PyObject *task)
{
    PyObject *none = PyObject_CallMethodOneArg(state->scheduled_tasks, &_Py_ID(add), task);
    Py_XDECREF(none);
    return none != NULL ? 0 : -1;
}

/*sig _asyncio._register_task(module, task) -> None

Register a new task in asyncio as executed by loop.

Returns None.
*/
static int
_asyncio__register_task_impl(PyObject *module, PyObject *task)
{
    return asyncio_register_task(get_state(module), task);
}

/*sig _asyncio._unregister_task(module, task) -> None

Unregister a task.

Returns None.
*/
static int
_asyncio__unregister_task_impl(PyObject *module, PyObject *task)
{
    PyObject *none = PyObject_CallMethodOneArg(get_state(module)->scheduled_tasks,
                                               &_Py_ID(discard), task);
    Py_XDECREF(none);
    return none != NULL ? 0 : -1;
}

/*sig _asyncio._register_eager_task(module, task) -> None

Register a new task in asyncio as executed by loop.

Returns None.
*/
static int
_asyncio__register_eager_task_impl(PyObject *module, PyObject *task)
{
    return PySet_Add(get_state(module)->eager_tasks, task);
}

/*sig _asyncio._unregister_eager_task(module, task) -> None

Unregister a task.

Returns None.
*/
static int
_asyncio__unregister_eager_task_impl(PyObject *module, PyObject *task)
{
    return PySet_Discard(get_state(module)->eager_tasks, task) < 0 ? -1 : 0;
}

/* --- The module ------------------------------------------------------------------------------- */

static int
asyncio_traverse(PyObject *module, visitproc visit, void *arg)
{
    asyncio_state *state = get_state(module);
    Py_VISIT(state->future_type);
    Py_VISIT(state->task_type);
    Py_VISIT(state->future_iter_type);
    Py_VISIT(state->task_step_type);
    Py_VISIT(state->current_tasks);
    Py_VISIT(state->scheduled_tasks);
    Py_VISIT(state->eager_tasks);
    Py_VISIT(state->context_names);
    Py_VISIT(state->msg_names);
    for (int i = 0; i < IMPORTS; i++) {
        Py_VISIT(state->imports[i]);
    }
    return 0;
}

static int
asyncio_clear(PyObject *module)
{
    asyncio_state *state = get_state(module);
    Py_CLEAR(state->future_type);
    Py_CLEAR(state->task_type);
    Py_CLEAR(state->future_iter_type);
    Py_CLEAR(state->task_step_type);
    Py_CLEAR(state->current_tasks);
    Py_CLEAR(state->scheduled_tasks);
    Py_CLEAR(state->eager_tasks);
    Py_CLEAR(state->context_names);
    Py_CLEAR(state->msg_names);
    for (int i = 0; i < IMPORTS; i++) {
        Py_CLEAR(state->imports[i]);
    }
    return 0;
}

static void
asyncio_free(void *module)
{
    asyncio_clear((PyObject *)module);
}

static PyObject *
new_weak_set(void)
{
    PyObject *type = _PyImport_GetModuleAttrString("weakref", "WeakSet");
    PyObject *result = type != NULL ? PyObject_CallNoArgs(type) : NULL;
    Py_XDECREF(type);
    return result;
}

static int
asyncio_exec(PyObject *module)
{
    asyncio_state *state = get_state(module);
    if (asyncio_add_future_types(module, state) < 0 || asyncio_add_task_types(module, state) < 0
        || (state->context_names = PyTuple_Pack(1, &_Py_ID(context))) == NULL
        || (state->msg_names = PyTuple_Pack(1, &_Py_ID(msg))) == NULL
        || (state->current_tasks = PyDict_New()) == NULL
        || (state->eager_tasks = PySet_New(NULL)) == NULL
        || (state->scheduled_tasks = new_weak_set()) == NULL)
    {
        return -1;
    }
    return PyModule_AddObjectRef(module, "_scheduled_tasks", state->scheduled_tasks) < 0
           || PyModule_AddObjectRef(module, "_eager_tasks", state->eager_tasks) < 0
           || PyModule_AddObjectRef(module, "_current_tasks", state->current_tasks) < 0 ? -1 : 0;
}

static _Py_SHARED PyMethodDef asyncio_methods[] = {
    _ASYNCIO_CURRENT_TASK_METHODDEF
    _ASYNCIO_GET_EVENT_LOOP_METHODDEF
    _ASYNCIO_GET_RUNNING_LOOP_METHODDEF
    _ASYNCIO__GET_RUNNING_LOOP_METHODDEF
    _ASYNCIO__SET_RUNNING_LOOP_METHODDEF
    _ASYNCIO__REGISTER_TASK_METHODDEF
    _ASYNCIO__REGISTER_EAGER_TASK_METHODDEF
    _ASYNCIO__UNREGISTER_TASK_METHODDEF
    _ASYNCIO__UNREGISTER_EAGER_TASK_METHODDEF
    _ASYNCIO__ENTER_TASK_METHODDEF
    _ASYNCIO__LEAVE_TASK_METHODDEF
    _ASYNCIO__SWAP_CURRENT_TASK_METHODDEF
    {NULL, NULL, 0, NULL}
};

static _Py_SHARED PyModuleDef_Slot asyncio_slots[] = {
    {Py_mod_exec, asyncio_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

_Py_SHARED struct PyModuleDef _asyncio_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_asyncio",
    .m_doc = "Accelerator module for asyncio",
    .m_size = sizeof(asyncio_state),
    .m_methods = asyncio_methods,
    .m_slots = asyncio_slots,
    .m_traverse = asyncio_traverse,
    .m_clear = asyncio_clear,
    .m_free = asyncio_free,
};

PyMODINIT_FUNC
PyInit__asyncio(void)
{
    return PyModuleDef_Init(&_asyncio_module);
}
