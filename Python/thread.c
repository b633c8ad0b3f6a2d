/* PyThread_*: OS threads, locks, thread-specific storage.  POSIX threads and semaphores.

   A PyThread_type_lock is a semaphore of value 1 in raw memory: it may be released by another
   thread than the one that took it.  Time-outs run on the monotonic clock.

   Nothing here needs a thread state, but for PyThread_GetInfo().

   Written from PEP 539, the C API reference and pthreads(7), sem_overview(7).  */

#include "Python.h"
#include "pycore_private_api.h" // _PyStructSequence_NewType()
#include "pycore_pystate.h"     // _PyInterpreterState_GET()
#include "pycore_thread.h"      // _PyThread_Start()

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MIN_STACK_SIZE ((size_t)32 << 10)

/* ---- Threads ------------------------------------------------------------ */

void
PyThread_init_thread(void)
{
    /* Nothing to set up. */
}

unsigned long
PyThread_get_thread_ident(void)
{
    return (unsigned long)pthread_self();
}

unsigned long
PyThread_get_thread_native_id(void)
{
    return (unsigned long)syscall(SYS_gettid);
}

struct start_args {
    void (*func)(void *);
    void *arg;
};

static void *
thread_main(void *raw)
{
    struct start_args args = *(struct start_args *)raw;
    PyMem_RawFree(raw);
    args.func(args.arg);
    return NULL;
}

/* Stack size for new threads of the current interpreter: what was set, or 0 for the system's. */
size_t
PyThread_get_stacksize(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyInterpreterState *interp = tstate != NULL ? tstate->interp : _PyInterpreterState_Main();
    return interp->threads.stacksize;
}

/* 0; -1: invalid size; -2: not supported. */
int
PyThread_set_stacksize(size_t size)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (size == 0) {
        interp->threads.stacksize = 0;
        return 0;
    }
    if (size < MIN_STACK_SIZE) {
        return -1;
    }
    pthread_attr_t attrs;
    if (pthread_attr_init(&attrs) != 0) {
        return -1;
    }
    int rc = pthread_attr_setstacksize(&attrs, size);
    pthread_attr_destroy(&attrs);
    if (rc != 0) {
        return -1;
    }
    interp->threads.stacksize = size;
    return 0;
}

int
_PyThread_Start(void (*func)(void *), void *arg, pthread_t *thread, int joinable)
{
    struct start_args *args = PyMem_RawMalloc(sizeof(*args));
    if (args == NULL) {
        return -1;
    }
    args->func = func;
    args->arg = arg;
    pthread_attr_t attrs;
    if (pthread_attr_init(&attrs) != 0) {
        PyMem_RawFree(args);
        return -1;
    }
    size_t size = PyThread_get_stacksize();
    int rc = size != 0 ? pthread_attr_setstacksize(&attrs, size * _Py_STACK_FACTOR) : 0;
    if (rc == 0) {
        rc = pthread_create(thread, &attrs, thread_main, args);
    }
    pthread_attr_destroy(&attrs);
    if (rc != 0) {
        PyMem_RawFree(args);
        return -1;
    }
    if (!joinable) {
        pthread_detach(*thread);
    }
    return 0;
}

unsigned long
PyThread_start_new_thread(void (*func)(void *), void *arg)
{
    pthread_t thread;
    if (_PyThread_Start(func, arg, &thread, 0) < 0) {
        return PYTHREAD_INVALID_THREAD_ID;
    }
    return (unsigned long)thread;
}

void
PyThread_exit_thread(void)
{
    pthread_exit(NULL);
}

/* ---- Locks -------------------------------------------------------------- */

PyThread_type_lock
PyThread_allocate_lock(void)
{
    sem_t *lock = PyMem_RawMalloc(sizeof(sem_t));
    if (lock != NULL && sem_init(lock, 0, 1) != 0) {
        PyMem_RawFree(lock);
        lock = NULL;
    }
    return (PyThread_type_lock)lock;
}

void
PyThread_free_lock(PyThread_type_lock lock)
{
    if (lock != NULL) {
        sem_destroy((sem_t *)lock);
        PyMem_RawFree(lock);
    }
}

/* `microseconds` < 0: wait for ever; 0: do not wait.  With `intr_flag` a signal ends the wait with
   PY_LOCK_INTR. */
PyLockStatus
PyThread_acquire_lock_timed(PyThread_type_lock lock, PY_TIMEOUT_T microseconds, int intr_flag)
{
    sem_t *sem = (sem_t *)lock;
    assert(microseconds <= PY_TIMEOUT_MAX);
    if (sem_trywait(sem) == 0) {
        return PY_LOCK_ACQUIRED;
    }
    if (microseconds == 0) {
        return PY_LOCK_FAILURE;
    }
    struct timespec deadline = {0, 0};
    if (microseconds > 0) {
        _PyTime_t timeout = _PyTime_FromMicrosecondsClamp(microseconds);
        _PyTime_AsTimespec_clamp(_PyDeadline_Init(timeout), &deadline);
    }
    for (;;) {
        int rc = microseconds > 0 ? sem_clockwait(sem, CLOCK_MONOTONIC, &deadline)
                                  : sem_wait(sem);
        if (rc == 0) {
            return PY_LOCK_ACQUIRED;
        }
        if (errno == ETIMEDOUT) {
            return PY_LOCK_FAILURE;
        }
        if (errno != EINTR) {
            Py_FatalError("waiting for a lock failed");
        }
        if (intr_flag) {
            return PY_LOCK_INTR;
        }
    }
}

int
PyThread_acquire_lock(PyThread_type_lock lock, int waitflag)
{
    return PyThread_acquire_lock_timed(lock, waitflag ? -1 : 0, 0);
}

void
PyThread_release_lock(PyThread_type_lock lock)
{
    if (sem_post((sem_t *)lock) != 0) {
        Py_FatalError("releasing a lock failed");
    }
}

/* The lock is as new, in the child of a fork: its waiters are gone, and whatever state they left in
   its memory is overwritten.  Returns 0, or -1 with errno set. */
int
_PyThread_at_fork_reinit(PyThread_type_lock *lock)
{
    assert(*lock != NULL);
    return sem_init((sem_t *)*lock, 0, 1);
}

/* Take a lock with the GIL released meanwhile; signals are handled and the wait goes on,
   unless their handler raises: then PY_LOCK_INTR with the exception set.  `timeout` in
   nanoseconds, < 0: for ever. */
PyLockStatus
_PyThread_AcquireLockWithSignals(PyThread_type_lock lock, _PyTime_t timeout)
{
    _PyTime_t deadline = timeout > 0 ? _PyDeadline_Init(timeout) : 0;
    for (;;) {
        _PyTime_t microseconds = timeout < 0 ? -1
            : _PyTime_AsMicroseconds(timeout, _PyTime_ROUND_CEILING);
        /* Try without giving up the GIL first. */
        PyLockStatus status = PyThread_acquire_lock_timed(lock, 0, 0);
        if (status == PY_LOCK_FAILURE && microseconds != 0) {
            Py_BEGIN_ALLOW_THREADS
            status = PyThread_acquire_lock_timed(lock, microseconds, 1);
            Py_END_ALLOW_THREADS
        }
        if (status != PY_LOCK_INTR) {
            return status;
        }
        if (Py_MakePendingCalls() < 0) {
            return PY_LOCK_INTR;
        }
        if (timeout > 0) {
            timeout = _PyDeadline_Get(deadline);
            if (timeout < 0) {
                timeout = 0;
            }
        }
    }
}

/* ---- Thread-specific storage (PEP 539) ---------------------------------- */

Py_tss_t *
PyThread_tss_alloc(void)
{
    Py_tss_t *key = PyMem_RawMalloc(sizeof(Py_tss_t));
    if (key != NULL) {
        *key = (Py_tss_t)Py_tss_NEEDS_INIT;
    }
    return key;
}

void
PyThread_tss_free(Py_tss_t *key)
{
    if (key != NULL) {
        PyThread_tss_delete(key);
        PyMem_RawFree(key);
    }
}

int
PyThread_tss_is_created(Py_tss_t *key)
{
    assert(key != NULL);
    return key->_is_initialized;
}

int
PyThread_tss_create(Py_tss_t *key)
{
    assert(key != NULL);
    if (key->_is_initialized) {
        return 0;
    }
    if (pthread_key_create(&key->_key, NULL) != 0) {
        return -1;
    }
    key->_is_initialized = 1;
    return 0;
}

void
PyThread_tss_delete(Py_tss_t *key)
{
    assert(key != NULL);
    if (key->_is_initialized) {
        pthread_key_delete(key->_key);
        key->_is_initialized = 0;
    }
}

int
PyThread_tss_set(Py_tss_t *key, void *value)
{
    assert(key != NULL);
    return pthread_setspecific(key->_key, value) == 0 ? 0 : -1;
}

void *
PyThread_tss_get(Py_tss_t *key)
{
    assert(key != NULL);
    return pthread_getspecific(key->_key);
}

/* The older API, with keys that are ints. */

int
PyThread_create_key(void)
{
    pthread_key_t key;
    if (pthread_key_create(&key, NULL) != 0) {
        return -1;
    }
    if (key > INT_MAX) {
        pthread_key_delete(key);
        errno = ENOMEM;
        return -1;
    }
    return (int)key;
}

void
PyThread_delete_key(int key)
{
    pthread_key_delete((pthread_key_t)key);
}

void
PyThread_delete_key_value(int key)
{
    pthread_setspecific((pthread_key_t)key, NULL);
}

int
PyThread_set_key_value(int key, void *value)
{
    return pthread_setspecific((pthread_key_t)key, value) == 0 ? 0 : -1;
}

void *
PyThread_get_key_value(int key)
{
    return pthread_getspecific((pthread_key_t)key);
}

void
PyThread_ReInitTLS(void)
{
    /* POSIX keys survive fork(). */
}
