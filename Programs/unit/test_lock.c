/* Unit tests of the small mutex, process locks, the GIL, states and pending calls. */

#include "Python.h"
#include "pycore_breaker.h"
#include "pycore_gil.h"
#include "pycore_lock.h"
#include "pycore_private_api.h"
#include "pycore_initconfig.h"
#include "pycore_pystate.h"

#include "unit.h"

#include <pthread.h>
#include <unistd.h>

#define THREADS 4

static struct {
    _PyMutex mutex;
    long counter;
    PyInterpreterState *interp;
    long inside;            /* threads that hold the GIL: 0 or 1 */
    long errors;
    PyThreadState *doomed;
} shared;

static void
run_threads(void *(*func)(void *), int count)
{
    pthread_t thread[THREADS];
    for (int i = 0; i < count; i++) {
        pthread_create(&thread[i], NULL, func, NULL);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(thread[i], NULL);
    }
}

static void *
add_with_mutex(void *arg)
{
    for (int i = 0; i < 50000; i++) {
        _PyMutex_Lock(&shared.mutex);
        shared.counter++;
        _PyMutex_Unlock(&shared.mutex);
    }
    return arg;
}

static void
test_mutex(struct unit_result *result)
{
    shared.counter = 0;
    run_threads(add_with_mutex, THREADS);
    CHECK(shared.counter == THREADS * 50000);
    CHECK(!_PyMutex_IsLocked(&shared.mutex));
    CHECK(_PyMutex_TryLock(&shared.mutex));
    CHECK(!_PyMutex_TryLock(&shared.mutex));
    _PyMutex_Unlock(&shared.mutex);
}

static void
test_process_locks(struct unit_result *result)
{
    CHECK(_PyProcessLock_NoneHeld());
    _PyProcessLock_Lock(&_PyRuntime.types_lock);
    _PyProcessLock_Lock(&_PyRuntime.types_lock);
    CHECK(_PyRuntime.types_lock.depth == 2);
    _PyProcessLock_Lock(&_PyRuntime.memory.lock);
    CHECK(_PyProcessLock_IsHeld(&_PyRuntime.memory.lock));
    _PyProcessLock_Unlock(&_PyRuntime.memory.lock);
    _PyProcessLock_Unlock(&_PyRuntime.types_lock);
    CHECK(_PyProcessLock_IsHeld(&_PyRuntime.types_lock));
    _PyProcessLock_Unlock(&_PyRuntime.types_lock);
    CHECK(_PyProcessLock_NoneHeld());
    _PyProcessLocks_BeforeFork();
    CHECK(!_PyProcessLock_NoneHeld());
    _PyProcessLocks_AfterForkParent();
    CHECK(_PyProcessLock_NoneHeld());
}

static PyThreadState *
main_interpreter(void)
{
    PyInterpreterState *interp;
    PyStatus status = _PyRuntime_Initialize();
    if (!_PyStatus_EXCEPTION(status)) {
        status = _PyInterpreterState_New(NULL, NULL, &interp);
    }
    if (_PyStatus_EXCEPTION(status)) {
        exit(2);
    }
    PyThreadState *tstate = _PyThreadState_New(interp);
    _PyThreadState_Bind(tstate);
    PyThreadState_Swap(tstate);
    shared.interp = interp;
    return tstate;
}

static void *
use_gil(void *arg)
{
    PyThreadState *tstate = PyThreadState_New(shared.interp);
    PyEval_RestoreThread(tstate);
    for (int i = 0; i < 3000; i++) {
        if (__atomic_add_fetch(&shared.inside, 1, __ATOMIC_SEQ_CST) != 1) {
            shared.errors++;
        }
        shared.counter++;
        __atomic_sub_fetch(&shared.inside, 1, __ATOMIC_SEQ_CST);
        if (i % 3 == 0) {
            PyEval_RestoreThread(PyEval_SaveThread());
        }
        else {
            _PyThreadState_Yield(tstate);
        }
    }
    _PyThreadState_DeleteCurrent(tstate);
    return arg;
}

static void
test_gil(struct unit_result *result)
{
    PyThreadState *tstate = main_interpreter();
    shared.counter = shared.errors = 0;
    PyEval_SaveThread();
    run_threads(use_gil, THREADS);
    PyEval_RestoreThread(tstate);
    CHECK(shared.errors == 0);
    CHECK(shared.counter == THREADS * 3000);
    CHECK(shared.interp->threads.head == tstate && tstate->next == NULL);
    PyInterpreterState_Delete(tstate->interp);
    CHECK(PyInterpreterState_Head() == NULL);
}

static void *
spin_until_asked(void *arg)
{
    PyThreadState *tstate = PyThreadState_New(shared.interp);
    PyEval_RestoreThread(tstate);
    for (long i = 0; i < 100; i++) {
        while (!_Py_eval_breaker_bit_is_set(tstate, _PY_GIL_DROP_REQUEST_BIT)
               && __atomic_load_n(&shared.inside, __ATOMIC_RELAXED) < 2) {
        }
        __atomic_add_fetch(&shared.counter, 1, __ATOMIC_RELAXED);
        _PyThreadState_Yield(tstate);
    }
    __atomic_add_fetch(&shared.inside, 1, __ATOMIC_RELAXED);
    _PyThreadState_DeleteCurrent(tstate);
    return arg;
}

/* Two busy threads hand the GIL over when asked, in turns. */
static void
test_drop_request(struct unit_result *result)
{
    PyThreadState *tstate = main_interpreter();
    _PyEval_SetSwitchInterval(200);
    CHECK(_PyEval_GetSwitchInterval() == 200);
    shared.counter = 0;
    shared.inside = 1;
    unsigned long switches = shared.interp->gil->switches;
    PyEval_SaveThread();
    run_threads(spin_until_asked, 2);
    PyEval_RestoreThread(tstate);
    CHECK(shared.counter == 200);
    CHECK(shared.interp->gil->switches - switches >= 200);
    PyInterpreterState_Delete(tstate->interp);
    shared.inside = 0;
}

static void
test_gilstate(struct unit_result *result)
{
    PyThreadState *main = main_interpreter();
    CHECK(PyGILState_Check());
    PyGILState_STATE outer = PyGILState_Ensure();
    CHECK(outer == PyGILState_LOCKED);
    PyGILState_Release(outer);
    PyEval_SaveThread();
    CHECK(!PyGILState_Check());
    CHECK(PyGILState_GetThisThreadState() == main);
    outer = PyGILState_Ensure();
    CHECK(outer == PyGILState_UNLOCKED && PyThreadState_Get() == main);
    PyGILState_Release(outer);
    CHECK(!PyGILState_Check());
    /* The state of another interpreter that was detached last wins. */
    PyInterpreterConfig config = {.check_multi_interp_extensions = 1,
                                  .gil = PyInterpreterConfig_OWN_GIL};
    PyInterpreterState *other;
    PyStatus status = _PyInterpreterState_New(NULL, &config, &other);
    CHECK(!_PyStatus_EXCEPTION(status));
    PyThreadState *sub = PyThreadState_New(other);
    CHECK(PyThreadState_Swap(sub) == NULL);
    PyEval_SaveThread();
    outer = PyGILState_Ensure();
    CHECK(PyThreadState_Get() == sub);
    PyGILState_Release(outer);
    PyThreadState_Swap(sub);
    PyInterpreterState_Delete(other);
    CHECK(PyGILState_GetThisThreadState() == main);
    PyThreadState_Swap(main);
    PyInterpreterState_Delete(main->interp);
    CHECK(PyGILState_GetThisThreadState() == NULL);
}

/* One thread with more states than its record holds inside itself, attached in turns. */
static void
test_many_states(struct unit_result *result)
{
    PyThreadState *main = main_interpreter();
    PyThreadState *states[3 * _Py_OS_THREAD_INLINE_STATES];
    const int count = (int)Py_ARRAY_LENGTH(states);
    for (int i = 0; i < count; i++) {
        states[i] = PyThreadState_New(main->interp);
        for (int k = 0; k <= i; k++) {
            PyThreadState_Swap(states[(k * 5) % (i + 1)]);
            CHECK(PyThreadState_Get() == states[(k * 5) % (i + 1)]);
            CHECK(_Py_os_thread.nbound <= _Py_os_thread.capacity);
            CHECK(_Py_os_thread.nbound == i + 2);
        }
    }
    PyThreadState_Swap(main);
    for (int i = 0; i < count; i++) {
        PyThreadState_Delete(states[i]);
        CHECK(_Py_os_thread.nbound == count - i);
        CHECK(_Py_os_thread.nbound <= _Py_os_thread.capacity);
    }
    PyInterpreterState_Delete(main->interp);
}

static void *
wait_for_gil(void *arg)
{
    PyThreadState *tstate = PyThreadState_New(shared.interp);
    __atomic_store_n(&shared.doomed, tstate, __ATOMIC_RELEASE);
    PyEval_RestoreThread(tstate);       /* never comes back */
    shared.errors++;
    return arg;
}

static unsigned long
waiters_of(PyInterpreterState *interp)
{
    pthread_mutex_lock(&interp->gil->mutex);
    unsigned long waiters = interp->gil->waiters;
    pthread_mutex_unlock(&interp->gil->mutex);
    return waiters;
}

/* The interpreter ends while a thread waits for its GIL; its memory is used again; the thread
   parks. */
static void
test_park(struct unit_result *result)
{
    PyThreadState *main = main_interpreter();
    PyInterpreterConfig config = {.check_multi_interp_extensions = 1,
                                  .gil = PyInterpreterConfig_OWN_GIL};
    PyInterpreterState *other;
    PyStatus status = _PyInterpreterState_New(main, &config, &other);
    CHECK(!_PyStatus_EXCEPTION(status));
    PyThreadState *sub = PyThreadState_New(other);
    PyThreadState_Swap(sub);
    shared.errors = 0;
    shared.doomed = NULL;
    shared.interp = other;
    pthread_t thread;
    pthread_create(&thread, NULL, wait_for_gil, NULL);
    pthread_detach(thread);
    while (__atomic_load_n(&shared.doomed, __ATOMIC_ACQUIRE) == NULL
           || waiters_of(other) == 0) {
        usleep(1000);
    }
    PyInterpreterState_Delete(other);
    PyInterpreterState *again;
    status = _PyInterpreterState_New(main, &config, &again);
    CHECK(!_PyStatus_EXCEPTION(status));
    CHECK(again == other);
    sub = PyThreadState_New(again);
    PyThreadState_Swap(sub);
    usleep(20000);
    CHECK(waiters_of(again) == 0);
    PyEval_SaveThread();
    usleep(20000);
    PyEval_RestoreThread(sub);
    CHECK(shared.errors == 0);
    PyInterpreterState_Delete(again);
    PyThreadState_Swap(main);
    PyInterpreterState_Delete(main->interp);
}

static int
note_call(void *arg)
{
    *(int *)arg += 1;
    return 0;
}

static void
test_pending(struct unit_result *result)
{
    PyThreadState *tstate = main_interpreter();
    int ran = 0;
    CHECK(Py_AddPendingCall(note_call, &ran) == 0);
    CHECK(_PyEval_AddPendingCall(tstate->interp, note_call, &ran, 0) == 0);
    CHECK(_Py_eval_breaker_bit_is_set(tstate, _PY_CALLS_TO_DO_BIT));
    CHECK(_Py_HandlePending(tstate) == 0);
    CHECK(ran == 2);
    CHECK(!_Py_eval_breaker_bit_is_set(tstate, _PY_CALLS_TO_DO_BIT));
    int queued = 0;
    while (Py_AddPendingCall(note_call, &ran) == 0) {
        queued++;
    }
    CHECK(queued == 32);
    CHECK(Py_MakePendingCalls() == 0 && ran == 34);
    /* Queued while detached: found when attaching. */
    PyEval_SaveThread();
    CHECK(Py_AddPendingCall(note_call, &ran) == 0);
    PyEval_RestoreThread(tstate);
    CHECK(_Py_eval_breaker_bit_is_set(tstate, _PY_CALLS_TO_DO_BIT));
    CHECK(_Py_HandlePending(tstate) == 0 && ran == 35);
    PyInterpreterState_Delete(tstate->interp);
}

static const struct unit_test tests[] = {
    {"mutex", test_mutex},
    {"process locks", test_process_locks},
    {"GIL excludes", test_gil},
    {"GIL is handed over", test_drop_request},
    {"PyGILState", test_gilstate},
    {"more states than fit in a record", test_many_states},
    {"late threads park", test_park},
    {"pending calls", test_pending},
};

UNIT_MAIN(tests)
