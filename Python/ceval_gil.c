/* The GIL, the eval breaker, pending calls.

   Protocol of the lock.  A thread that wants the GIL waits on `released`.  When that takes
   longer than the switch interval and nobody else got the lock meanwhile, it sets the drop
   request in the holder's eval breaker. The holder sees the bit in its loop, releases the
   lock, and then waits on `switched` until another thread has taken it, so that it cannot
   snatch it back: hand-over is fair.  A thread that releases the lock in order to block does
   not wait for the switch.

   A waiter may find that there is nothing to wait for any more: its interpreter is being
   ended by another thread, or is gone and its memory is in use again (the generation
   differs). Then it parks for ever.  The mutex and the conditions of a GIL are therefore
   never destroyed: interpreter states are type-stable, and a recycled one finds them usable.

   Breaker bits are set by anybody who can be sure that the state's memory stays (it is
   type-stable) and are cleared only by the thread itself, before it looks at what the bit
   announces.

   Signals and Py_AddPendingCall() concern the main OS thread: the bit goes to the state
   attached there (_PyRuntime.main_tstate).  If none is attached, attaching looks at the flags
   itself.

   Written from the C API reference, PEP 684 and InternalDocs/interpreters.rst.  */

#include "Python.h"
#include "pycore_breaker.h"     // _PY_GIL_DROP_REQUEST_BIT
#include "pycore_errors.h"      // _PyErr_SetNone()
#include "pycore_gil.h"         // struct _gil_state
#include "pycore_lock.h"        // _PyProcessLock_Lock()
#include "pycore_private_api.h" // _PyErr_CheckSignalsTstate()
#include "pycore_pystate.h"     // _PyThreadState_GET()

#include <errno.h>
#include <time.h>

/* ---- The lock ----------------------------------------------------------- */

static int
init_lock(struct _gil_state *gil)
{
    if (!gil->initialized) {
        pthread_condattr_t attr;
        if (pthread_mutex_init(&gil->mutex, NULL) != 0) {
            return -1;
        }
        if (pthread_condattr_init(&attr) != 0) {
            return -1;
        }
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        int rc = pthread_cond_init(&gil->released, &attr)
                 || pthread_cond_init(&gil->switched, &attr);
        pthread_condattr_destroy(&attr);
        if (rc) {
            return -1;
        }
        gil->initialized = 1;
    }
    /* Threads of the interpreter that was here before may still look at it. */
    pthread_mutex_lock(&gil->mutex);
    gil->locked = 0;
    gil->holder = NULL;
    gil->interval = _Py_GIL_DEFAULT_INTERVAL;
    gil->switches = 0;
    pthread_mutex_unlock(&gil->mutex);
    return 0;
}

int
_PyEval_InitGIL(PyInterpreterState *interp, struct _gil_state *shared)
{
    interp->own_gil_used = shared == NULL;
    if (shared != NULL) {
        assert(shared->initialized);
        interp->gil = shared;
        return 0;
    }
    interp->gil = &interp->own_gil;
    return init_lock(&interp->own_gil);
}

void
_PyEval_FiniGIL(PyInterpreterState *interp)
{
    struct _gil_state *gil = interp->gil;
    if (gil == NULL || !interp->own_gil_used) {
        return;
    }
    pthread_mutex_lock(&gil->mutex);
    gil->locked = 0;
    gil->holder = NULL;
    pthread_cond_broadcast(&gil->released);
    pthread_cond_broadcast(&gil->switched);
    pthread_mutex_unlock(&gil->mutex);
}

static void
deadline_after(struct timespec *ts, unsigned long microseconds)
{
    clock_gettime(CLOCK_MONOTONIC, ts);
    ts->tv_sec += (time_t)(microseconds / 1000000);
    ts->tv_nsec += (long)(microseconds % 1000000) * 1000;
    if (ts->tv_nsec >= 1000000000) {
        ts->tv_sec++;
        ts->tv_nsec -= 1000000000;
    }
}

int
_PyThreadState_MustExit(PyThreadState *tstate)
{
    PyThreadState *ending = __atomic_load_n(&tstate->interp->finalizing, __ATOMIC_RELAXED);
    if (ending == NULL) {
        ending = _PyRuntimeState_GetFinalizing(&_PyRuntime);
    }
    if (ending == NULL || ending == tstate) {
        return 0;
    }
    return ending->thread_id != PyThread_get_thread_ident();
}

static int
is_stale(PyThreadState *tstate, uint64_t generation)
{
    return __atomic_load_n(&_PyThreadState_IMPL(tstate)->generation, __ATOMIC_RELAXED)
               != generation
           || _PyThreadState_MustExit(tstate);
}

void
_PyEval_TakeGIL(PyThreadState *tstate, uint64_t generation)
{
    int err = errno;
    assert(_PyProcessLock_NoneHeld());
    if (is_stale(tstate, generation)) {
        _PyThread_Park();
    }
    /* The state may be recycled from here on: `interp` never becomes NULL, `gil` may. */
    PyInterpreterState *interp = __atomic_load_n(&tstate->interp, __ATOMIC_RELAXED);
    struct _gil_state *gil = __atomic_load_n(&interp->gil, __ATOMIC_RELAXED);
    if (gil == NULL) {
        _PyThread_Park();
    }
    pthread_mutex_lock(&gil->mutex);
    gil->waiters++;
    while (gil->locked) {
        unsigned long switches = gil->switches;
        struct timespec deadline;
        deadline_after(&deadline, gil->interval);
        int rc = pthread_cond_timedwait(&gil->released, &gil->mutex, &deadline);
        if (is_stale(tstate, generation)) {
            break;
        }
        if (rc == ETIMEDOUT && gil->locked && gil->switches == switches) {
            assert(gil->holder != NULL);
            _Py_set_eval_breaker_bit(gil->holder, _PY_GIL_DROP_REQUEST_BIT);
        }
    }
    gil->waiters--;
    if (is_stale(tstate, generation)) {
        /* Nobody must wait for this thread to switch; nor may a wake-up get lost. */
        pthread_cond_broadcast(&gil->switched);
        pthread_cond_signal(&gil->released);
        pthread_mutex_unlock(&gil->mutex);
        _PyThread_Park();
    }
    assert(!gil->locked);
    __atomic_store_n(&gil->locked, 1, __ATOMIC_RELAXED);
    if (gil->holder != tstate) {
        gil->holder = tstate;
        gil->switches++;
    }
    pthread_cond_signal(&gil->switched);
    pthread_mutex_unlock(&gil->mutex);
    errno = err;
}

void
_PyEval_DropGIL(PyThreadState *tstate, int force)
{
    struct _gil_state *gil = tstate->interp->gil;
    assert(_PyProcessLock_NoneHeld());
    pthread_mutex_lock(&gil->mutex);
    assert(gil->locked && gil->holder == tstate);
    __atomic_store_n(&gil->locked, 0, __ATOMIC_RELAXED);
    _Py_unset_eval_breaker_bit(tstate, _PY_GIL_DROP_REQUEST_BIT);
    pthread_cond_signal(&gil->released);
    if (force) {
        while (gil->holder == tstate && gil->waiters > 0 && !_PyThreadState_MustExit(tstate)) {
            pthread_cond_wait(&gil->switched, &gil->mutex);
        }
    }
    pthread_mutex_unlock(&gil->mutex);
}

int
_PyEval_ReInitGIL(PyThreadState *tstate)
{
    struct _gil_state *gil = tstate->interp->gil;
    unsigned long interval = gil->interval;
    gil->initialized = 0;       /* its waiters stayed behind in the parent */
    gil->waiters = 0;
    if (init_lock(gil) < 0) {
        return -1;
    }
    gil->interval = interval;
    gil->locked = 1;
    gil->holder = tstate;
    return 0;
}

int
_PyEval_HoldIfIdle(PyInterpreterState *interp)
{
    struct _gil_state *gil = interp->gil;
    if (gil == NULL) {
        return 0;
    }
    pthread_mutex_lock(&gil->mutex);
    PyThreadState *tstate = _PyThreadState_GET();
    if (gil->locked && (tstate == NULL || gil->holder != tstate)) {
        pthread_mutex_unlock(&gil->mutex);
        return 0;
    }
    return 1;
}

void
_PyEval_Unhold(PyInterpreterState *interp)
{
    pthread_mutex_unlock(&interp->gil->mutex);
}

void
_PyEval_SetSwitchInterval(unsigned long microseconds)
{
    struct _gil_state *gil = _PyInterpreterState_GET()->gil;
    pthread_mutex_lock(&gil->mutex);
    gil->interval = microseconds != 0 ? microseconds : 1;
    pthread_mutex_unlock(&gil->mutex);
}

unsigned long
_PyEval_GetSwitchInterval(void)
{
    return _PyInterpreterState_GET()->gil->interval;
}

/* ---- Attach and detach by the public names ------------------------------ */

int
PyEval_ThreadsInitialized(void)
{
    return _PyRuntime.main->gil != NULL && _PyRuntime.main->gil->initialized;
}

void
PyEval_InitThreads(void)
{
    /* The GIL exists as soon as the runtime does. */
}

void
PyEval_AcquireLock(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _Py_EnsureTstateNotNULL(tstate);
    _PyEval_TakeGIL(tstate, _PyThreadState_IMPL(tstate)->generation);
}

void
PyEval_ReleaseLock(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _Py_EnsureTstateNotNULL(tstate);
    _PyEval_DropGIL(tstate, 0);
}

void
PyEval_AcquireThread(PyThreadState *tstate)
{
    _Py_EnsureTstateNotNULL(tstate);
    if (_PyThreadState_GET() != NULL) {
        _Py_FatalErrorFunc(__func__, "non-NULL old thread state");
    }
    _PyThreadState_Attach(tstate);
}

void
PyEval_ReleaseThread(PyThreadState *tstate)
{
    if (_PyThreadState_GET() != tstate) {
        _Py_FatalErrorFunc(__func__, "wrong thread state");
    }
    _PyThreadState_Detach(tstate);
}

PyThreadState *
PyEval_SaveThread(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    _Py_EnsureTstateNotNULL(tstate);
    _PyThreadState_Detach(tstate);
    return tstate;
}

void
PyEval_RestoreThread(PyThreadState *tstate)
{
    _Py_EnsureTstateNotNULL(tstate);
    _PyThreadState_Attach(tstate);
}

/* ---- Breaker bits of many states ---------------------------------------- */

void
_Py_set_eval_breaker_bit_all(PyInterpreterState *interp, uintptr_t bit)
{
    _PyProcessLock_Lock(&_PyRuntime.interpreters.lock);
    for (PyThreadState *p = interp->threads.head; p != NULL; p = p->next) {
        _Py_set_eval_breaker_bit(p, bit);
    }
    _PyProcessLock_Unlock(&_PyRuntime.interpreters.lock);
}

void
_Py_unset_eval_breaker_bit_all(PyInterpreterState *interp, uintptr_t bit)
{
    _PyProcessLock_Lock(&_PyRuntime.interpreters.lock);
    for (PyThreadState *p = interp->threads.head; p != NULL; p = p->next) {
        _Py_unset_eval_breaker_bit(p, bit);
    }
    _PyProcessLock_Unlock(&_PyRuntime.interpreters.lock);
}

/* Tell the state attached on the main OS thread; safe in a signal handler. */
static void
notify_main_thread(uintptr_t bit)
{
    PyThreadState *tstate = __atomic_load_n(&_PyRuntime.main_tstate, __ATOMIC_SEQ_CST);
    if (tstate != NULL) {
        _Py_set_eval_breaker_bit(tstate, bit);
    }
}

/* A signal arrived (called in the signal handler; `interp` is main). */
void
_PyEval_SignalReceived(PyInterpreterState *Py_UNUSED(interp))
{
    notify_main_thread(_PY_SIGNALS_PENDING_BIT);
}

/* Some thread of the interpreter has a new async_exc. */
void
_PyEval_SignalAsyncExc(PyInterpreterState *interp)
{
    _Py_set_eval_breaker_bit_all(interp, _PY_ASYNC_EXCEPTION_BIT);
}

/* ---- Pending calls ------------------------------------------------------ */

/* 0, or -1 when the queue is full or closed. */
static int
push_call(struct _pending_state *pending, int (*func)(void *), void *arg)
{
    int rc = -1;
    _PyMutex_Lock(&pending->mutex);
    if (pending->count < NPENDINGCALLS && !pending->closed) {
        int i = (pending->first + pending->count) % NPENDINGCALLS;
        pending->calls[i] = (struct _pending_call){func, arg};
        __atomic_store_n(&pending->count, pending->count + 1, __ATOMIC_SEQ_CST);
        rc = 0;
    }
    _PyMutex_Unlock(&pending->mutex);
    return rc;
}

/* Take the oldest call; 0 if there is none. */
static int
pop_call(struct _pending_state *pending, struct _pending_call *call)
{
    int found = 0;
    _PyMutex_Lock(&pending->mutex);
    if (pending->count > 0) {
        *call = pending->calls[pending->first];
        pending->first = (pending->first + 1) % NPENDINGCALLS;
        __atomic_store_n(&pending->count, pending->count - 1, __ATOMIC_RELEASE);
        found = 1;
    }
    _PyMutex_Unlock(&pending->mutex);
    return found;
}

static inline int
has_calls(struct _pending_state *pending)
{
    return __atomic_load_n(&pending->count, __ATOMIC_SEQ_CST) > 0;
}

/* Queue a call for an interpreter, or (main_only) for the main thread in the main interpreter.
   Any thread may call this, without a GIL.  Returns 0, or -1 if the queue is full. */
int
_PyEval_AddPendingCall(PyInterpreterState *interp, int (*func)(void *), void *arg,
                       int main_only)
{
    if (main_only) {
        int rc = push_call(&_PyRuntime.pending_main, func, arg);
        notify_main_thread(_PY_CALLS_TO_DO_BIT);
        return rc;
    }
    int rc = push_call(&interp->pending, func, arg);
    _Py_set_eval_breaker_bit_all(interp, _PY_CALLS_TO_DO_BIT);
    return rc;
}

/* Queue a call for the interpreter with this id: 0, or -1 if there is none that accepts calls. */
int
_PyEval_AddPendingCallToID(int64_t id, int (*func)(void *), void *arg)
{
    int rc = -1;
    _PyProcessLock_Lock(&_PyRuntime.interpreters.lock);
    PyInterpreterState *interp = _PyInterpreterState_Find(id);
    if (interp != NULL
        && __atomic_load_n(&interp->stage, __ATOMIC_ACQUIRE) < _INTERP_FINALIZING) {
        rc = push_call(&interp->pending, func, arg);
        for (PyThreadState *p = interp->threads.head; p != NULL && rc == 0; p = p->next) {
            _Py_set_eval_breaker_bit(p, _PY_CALLS_TO_DO_BIT);
        }
    }
    _PyProcessLock_Unlock(&_PyRuntime.interpreters.lock);
    return rc;
}

int
Py_AddPendingCall(int (*func)(void *), void *arg)
{
    return _PyEval_AddPendingCall(_PyInterpreterState_Main(), func, arg, 1);
}

static int
is_main_thread_of_main(PyThreadState *tstate)
{
    return _Py_IsMainInterpreter(tstate->interp) && _Py_IsMainThread();
}

/* Run at most as many calls as the queue holds: one that queues itself again has its turn later.
   Returns 0, or -1 when a call failed (the others stay queued). */
static int
run_calls(PyThreadState *tstate, struct _pending_state *pending)
{
    if (pending->busy || !has_calls(pending)) {
        return 0;
    }
    pending->busy = 1;
    int rc = 0;
    struct _pending_call call;
    for (int i = 0; i < NPENDINGCALLS && pop_call(pending, &call); i++) {
        rc = call.func(call.arg);
        if (rc != 0) {
            rc = -1;
            break;
        }
    }
    pending->busy = 0;
    if (has_calls(pending)) {
        _Py_set_eval_breaker_bit(tstate, _PY_CALLS_TO_DO_BIT);
    }
    return rc;
}

static int
make_pending_calls(PyThreadState *tstate)
{
    _Py_unset_eval_breaker_bit(tstate, _PY_CALLS_TO_DO_BIT);
    if (run_calls(tstate, &tstate->interp->pending) < 0) {
        return -1;
    }
    if (is_main_thread_of_main(tstate)) {
        return run_calls(tstate, &_PyRuntime.pending_main);
    }
    return 0;
}

/* Run the calls that are still queued when an interpreter ends; nothing is accepted afterwards. */
void
_Py_FinishPendingCalls(PyThreadState *tstate)
{
    struct _pending_state *pending = &tstate->interp->pending;
    _PyMutex_Lock(&pending->mutex);
    pending->closed = 1;
    _PyMutex_Unlock(&pending->mutex);
    while (has_calls(pending) || (is_main_thread_of_main(tstate)
                                  && has_calls(&_PyRuntime.pending_main))) {
        if (make_pending_calls(tstate) < 0) {
            _PyErr_WriteUnraisableMsg("on a pending call at interpreter shutdown", NULL);
        }
    }
}

static int
handle_signals(PyThreadState *tstate)
{
    _Py_unset_eval_breaker_bit(tstate, _PY_SIGNALS_PENDING_BIT);
    if (!_Py_IsMainThread()) {
        return 0;
    }
    if (_PyErr_CheckSignalsTstate(tstate) < 0) {
        /* Other signals may be waiting. */
        _Py_set_eval_breaker_bit(tstate, _PY_SIGNALS_PENDING_BIT);
        return -1;
    }
    return 0;
}

int
Py_MakePendingCalls(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    assert(tstate != NULL);
    if (_Py_IsMainThread() && handle_signals(tstate) < 0) {
        return -1;
    }
    return make_pending_calls(tstate);
}

int
_PyEval_MakePendingCalls(PyThreadState *tstate)
{
    if (_Py_IsMainThread() && handle_signals(tstate) < 0) {
        return -1;
    }
    return make_pending_calls(tstate);
}

/* ---- The breaker -------------------------------------------------------- */

int
_Py_HandlePending(PyThreadState *tstate)
{
    assert(tstate == _PyThreadState_GET());
    uintptr_t bits = __atomic_load_n(&tstate->eval_breaker, __ATOMIC_RELAXED);
    if ((bits & _PY_SIGNALS_PENDING_BIT) && handle_signals(tstate) < 0) {
        return -1;
    }
    if ((bits & _PY_CALLS_TO_DO_BIT) && make_pending_calls(tstate) < 0) {
        return -1;
    }
    if (bits & _PY_GC_SCHEDULED_BIT) {
        _Py_unset_eval_breaker_bit(tstate, _PY_GC_SCHEDULED_BIT);
        _Py_RunGC(tstate);
    }
    if (bits & _PY_GIL_DROP_REQUEST_BIT) {
        _PyThreadState_Yield(tstate);
    }
    if (bits & _PY_ASYNC_EXCEPTION_BIT) {
        _Py_unset_eval_breaker_bit(tstate, _PY_ASYNC_EXCEPTION_BIT);
        PyObject *exc = __atomic_exchange_n(&tstate->async_exc, NULL, __ATOMIC_ACQ_REL);
        if (exc != NULL) {
            _PyErr_SetNone(tstate, exc);
            Py_DECREF(exc);
            return -1;
        }
    }
    return 0;
}

/* Called by attaching: what was announced while no state was attached here. */
void
_PyEval_CheckMissedEvents(PyThreadState *tstate, int on_main_thread)
{
    uintptr_t bits = 0;
    if (has_calls(&tstate->interp->pending)) {
        bits |= _PY_CALLS_TO_DO_BIT;
    }
    if (on_main_thread) {
        if (__atomic_load_n(&_PyRuntime.signals.is_tripped, __ATOMIC_SEQ_CST)) {
            bits |= _PY_SIGNALS_PENDING_BIT;
        }
        if (_Py_IsMainInterpreter(tstate->interp) && has_calls(&_PyRuntime.pending_main)) {
            bits |= _PY_CALLS_TO_DO_BIT;
        }
    }
    if (bits != 0) {
        _Py_set_eval_breaker_bit(tstate, bits);
    }
}
