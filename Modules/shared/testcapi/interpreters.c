/* _testcapi: threads made by C, pending calls, further interpreters.
 *
 * Written from the C API reference ("Initialization, Finalization, and Threads").
 */
#include "wrap.h"
#include "parts.h"

#include <pthread.h>
#include <signal.h>

/* ---- threads ---- */

/* A thread that C has made, calling `callable`; `lock` is held until it is done.  It is in C's
 * memory, which no interpreter takes away. */
struct c_thread {
    PyObject *callable;
    PyThread_type_lock lock;
};

static void
run_in_thread(void *argument)
{
    struct c_thread *thread = argument;
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *result = PyObject_CallNoArgs(thread->callable);
    if (result == NULL) {
        PyErr_WriteUnraisable(thread->callable);
    }
    Py_XDECREF(result);
    Py_CLEAR(thread->callable);
    PyGILState_Release(state);
    PyThread_release_lock(thread->lock);
}

/* Starts a thread that calls `callable`; NULL with an exception. */
static struct c_thread *
start_thread(PyObject *callable)
{
    struct c_thread *thread = calloc(1, sizeof(*thread));
    if (thread == NULL || (thread->lock = PyThread_allocate_lock()) == NULL) {
        free(thread);
        PyErr_NoMemory();
        return NULL;
    }
    PyThread_acquire_lock(thread->lock, WAIT_LOCK);
    thread->callable = Py_NewRef(callable);
    if (PyThread_start_new_thread(run_in_thread, thread) == PYTHREAD_INVALID_THREAD_ID) {
        Py_DECREF(callable);
        PyThread_release_lock(thread->lock);
        PyThread_free_lock(thread->lock);
        free(thread);
        PyErr_SetString(PyExc_RuntimeError, "unable to start the thread");
        return NULL;
    }
    return thread;
}

/* Waits until the thread is done, and forgets it. */
static void
wait_for_thread(struct c_thread *thread)
{
    Py_BEGIN_ALLOW_THREADS
    PyThread_acquire_lock(thread->lock, WAIT_LOCK);
    PyThread_release_lock(thread->lock);
    Py_END_ALLOW_THREADS
    PyThread_free_lock(thread->lock);
    free(thread);
}

static PyObject *
call_in_temporary_c_thread(PyObject *module, PyObject *args)
{
    testcapi_state *state = PyModule_GetState(module);
    PyObject *callable;
    int wait = 1;
    if (!PyArg_ParseTuple(args, "O|p:call_in_temporary_c_thread", &callable, &wait)) {
        return NULL;
    }
    if (state->thread != NULL) {
        PyErr_SetString(PyExc_RuntimeError, "another temporary thread has not been joined");
        return NULL;
    }
    struct c_thread *thread = start_thread(callable);
    if (thread == NULL) {
        return NULL;
    }
    if (wait) {
        wait_for_thread(thread);
    }
    else {
        state->thread = thread;
    }
    Py_RETURN_NONE;
}

static PyObject *
join_temporary_c_thread(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    testcapi_state *state = PyModule_GetState(module);
    struct c_thread *thread = state->thread;
    if (thread == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "there is no temporary thread");
        return NULL;
    }
    state->thread = NULL;
    wait_for_thread(thread);
    Py_RETURN_NONE;
}

/* Calls `callable` three times in this thread, and between that in two others. */
static PyObject *
call_in_threads(PyObject *callable)
{
    for (int i = 0; i < 3; i++) {
        PyObject *result = PyObject_CallNoArgs(callable);
        if (result == NULL) {
            return NULL;
        }
        Py_DECREF(result);
        if (i < 2) {
            struct c_thread *thread = start_thread(callable);
            if (thread == NULL) {
                return NULL;
            }
            wait_for_thread(thread);
        }
    }
    Py_RETURN_NONE;
}

static PyObject *
expect_current_thread_state(void)
{
    if (PyThreadState_Get() != PyGILState_GetThisThreadState()) {
        PyErr_SetString(PyExc_AssertionError, "PyGILState has another thread state");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
get_thread_state_without_gil(void)
{
    Py_BEGIN_ALLOW_THREADS
    (void)PyThreadState_Get();          /* fatal */
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* ---- threads that Python never hears of ---- */

static void *
wait_for_mutex(void *argument)
{
    pthread_mutex_t *mutex = argument;
    pthread_mutex_lock(mutex);
    pthread_mutex_unlock(mutex);
    return NULL;
}

static PyObject *
_spawn_pthread_waiter(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    testcapi_state *state = PyModule_GetState(module);
    if (state->has_pthread) {
        PyErr_SetString(PyExc_RuntimeError, "there is a thread already");
        return NULL;
    }
    pthread_mutex_init(&state->mutex, NULL);
    pthread_mutex_lock(&state->mutex);
    if (pthread_create(&state->pthread, NULL, wait_for_mutex, &state->mutex) != 0) {
        pthread_mutex_unlock(&state->mutex);
        pthread_mutex_destroy(&state->mutex);
        PyErr_SetString(PyExc_RuntimeError, "pthread_create() failed");
        return NULL;
    }
    state->has_pthread = 1;
    Py_RETURN_NONE;
}

static PyObject *
_end_spawned_pthread(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    testcapi_state *state = PyModule_GetState(module);
    if (!state->has_pthread) {
        PyErr_SetString(PyExc_RuntimeError, "there is no thread");
        return NULL;
    }
    pthread_mutex_unlock(&state->mutex);
    pthread_join(state->pthread, NULL);
    pthread_mutex_destroy(&state->mutex);
    state->has_pthread = 0;
    Py_RETURN_NONE;
}

/* ---- pending calls and signals ---- */

static int
call_pending(void *argument)
{
    PyObject *callable = argument;
    PyObject *result = PyObject_CallNoArgs(callable);
    Py_DECREF(callable);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

/* Whether there was room for the call; it is added by a thread that does not hold the GIL. */
static PyObject *
add_pending_call(PyObject *callable)
{
    int result;
    Py_INCREF(callable);
    Py_BEGIN_ALLOW_THREADS
    result = Py_AddPendingCall(call_pending, callable);
    Py_END_ALLOW_THREADS
    if (result < 0) {
        Py_DECREF(callable);
    }
    return PyBool_FromLong(result == 0);
}

/* The signal arrives just before None is sent to the generator. */
static PyObject *
interrupt_and_send_none(PyObject *generator)
{
    raise(SIGINT);
    return PyObject_CallMethod(generator, "send", "O", Py_None);
}

/* ---- further interpreters ---- */

/* Runs `code` in the interpreter of `interpreter`, ends that and goes back to `caller`. */
static PyObject *
run_and_end(PyThreadState *caller, PyThreadState *interpreter, const char *code)
{
    assert(PyThreadState_Get() == interpreter);
    int result = PyRun_SimpleStringFlags(code, NULL);
    Py_EndInterpreter(interpreter);
    PyThreadState_Swap(caller);
    return PyLong_FromLong(result);
}

static PyObject *
run_in_new_interpreter(const char *code)
{
    PyThreadState *caller = PyThreadState_Swap(NULL);
    PyThreadState *interpreter = Py_NewInterpreter();
    if (interpreter == NULL) {
        PyThreadState_Swap(caller);
        PyErr_SetString(PyExc_RuntimeError, "sub-interpreter creation failed");
        return NULL;
    }
    return run_and_end(caller, interpreter, code);
}

static PyObject *
run_in_subinterp_with_config(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {
        "code", "use_main_obmalloc", "allow_fork", "allow_exec", "allow_threads",
        "allow_daemon_threads", "check_multi_interp_extensions", "gil", NULL
    };
    const char *code;
    PyInterpreterConfig config = _PyInterpreterConfig_LEGACY_INIT;
    if (!PyArg_ParseTupleAndKeywords(
            args, kwargs, "s|$ppppppi:run_in_subinterp_with_config", KEYWORDS(names), &code,
            &config.use_main_obmalloc, &config.allow_fork, &config.allow_exec,
            &config.allow_threads, &config.allow_daemon_threads,
            &config.check_multi_interp_extensions, &config.gil)) {
        return NULL;
    }
    PyThreadState *caller = PyThreadState_Swap(NULL);
    PyThreadState *interpreter = NULL;
    PyStatus status = Py_NewInterpreterFromConfig(&interpreter, &config);
    if (PyStatus_Exception(status)) {
        assert(interpreter == NULL);
        PyThreadState_Swap(caller);
        PyErr_Format(PyExc_RuntimeError, "sub-interpreter creation failed: %s",
                     status.err_msg == NULL ? "exit" : status.err_msg);
        return NULL;
    }
    return run_and_end(caller, interpreter, code);
}

/* ---- data for other interpreters ---- */

#define XID_NAME "_testcapi.crossinterp_data"

static void
free_crossinterp_data(PyObject *capsule)
{
    _PyCrossInterpreterData *data = PyCapsule_GetPointer(capsule, XID_NAME);
    _PyCrossInterpreterData_Release(data);
    PyMem_Free(data);
}

static PyObject *
crossinterp_data(PyObject *object)
{
    _PyCrossInterpreterData *data = PyMem_Calloc(1, sizeof(*data));
    if (data == NULL) {
        return PyErr_NoMemory();
    }
    if (_PyObject_GetCrossInterpreterData(object, data) < 0) {
        PyMem_Free(data);
        return NULL;
    }
    PyObject *capsule = PyCapsule_New(data, XID_NAME, free_crossinterp_data);
    if (capsule == NULL) {
        _PyCrossInterpreterData_Release(data);
        PyMem_Free(data);
    }
    return capsule;
}

static PyObject *
object_of_crossinterp_data(PyObject *capsule)
{
    _PyCrossInterpreterData *data = PyCapsule_GetPointer(capsule, XID_NAME);
    return data == NULL ? NULL : _PyCrossInterpreterData_NewObject(data);
}

#define INTERPRETER_CALLS(X) \
    X(1, _test_thread_state, object, call_in_threads, P) \
    X(0, test_current_tstate_matches, object, expect_current_thread_state) \
    X(0, crash_no_current_thread, object, get_thread_state_without_gil) \
    X(1, _pending_threadfunc, object, add_pending_call, P) \
    X(1, raise_SIGINT_then_send_None, object, interrupt_and_send_none, P) \
    X(1, run_in_subinterp, object, run_in_new_interpreter, s) \
    X(1, get_crossinterp_data, object, crossinterp_data, P) \
    X(1, restore_crossinterp_data, object, object_of_crossinterp_data, P)

INTERPRETER_CALLS(WRAP)

static PyMethodDef interpreter_methods[] = {
    INTERPRETER_CALLS(WRAP_ROW)
    VARARGS_ROW(call_in_temporary_c_thread),
    NOARGS_ROW(join_temporary_c_thread),
    NOARGS_ROW(_spawn_pthread_waiter),
    NOARGS_ROW(_end_spawned_pthread),
    KEYWORDS_ROW(run_in_subinterp_with_config),
    {NULL}
};

int
_TestCapi_AddInterpreters(PyObject *module)
{
    return PyModule_AddFunctions(module, interpreter_methods);
}
