/* The small mutex and the process-wide locks.

   A waiter spins briefly (critical sections are a few dozen instructions), then marks the
   word as waited for (2) and sleeps on it.  An unlock that finds the mark wakes one sleeper;
   that one takes the lock with the mark set, since it cannot know whether others sleep.

   Every process lock has a rank; the OS thread's record has a bit for each rank held.  Debug builds
   abort when a lock is taken while one of the same or a higher rank is held.

   fork() takes all process locks in the order of their rank, so that the child finds what
   they guard in order; the child then makes them free, since their holder may not exist
   there.

   Written from futex(2) and InternalDocs/interpreters.rst.  */

#include "Python.h"
#include "pycore_lock.h"        // _PyMutex
#include "pycore_pystate.h"     // _PyRuntime, _Py_os_thread

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SPINS 40

void
_PyMutex_LockSlow(_PyMutex *m)
{
    for (int i = 0; i < SPINS; i++) {
        __builtin_ia32_pause();
        if (_PyMutex_TryLock(m)) {
            return;
        }
    }
    while (__atomic_exchange_n(&m->word, 2, __ATOMIC_ACQUIRE) != 0) {
        syscall(SYS_futex, &m->word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
    }
}

void
_PyMutex_UnlockSlow(_PyMutex *m)
{
    syscall(SYS_futex, &m->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* ---- Process locks ------------------------------------------------------ */

/* The lock of each rank.  ORDER LOCKS. */
static struct _PyProcessLock *
lock_of_rank(int rank)
{
    switch (rank) {
    case _Py_LOCK_INTERPRETERS:
        return &_PyRuntime.interpreters.lock;
    case _Py_LOCK_TYPES:
        return &_PyRuntime.types_lock;
    case _Py_LOCK_EXTENSIONS:
        return &_PyRuntime.imports.extensions_lock;
    case _Py_LOCK_XIDREGISTRY:
        return &_PyRuntime.xidregistry.lock;
    case _Py_LOCK_AUDIT:
        return &_PyRuntime.audit.lock;
    case _Py_LOCK_CHANNELS:
        return &_PyRuntime.channels.lock;
    case _Py_LOCK_USERS:
        return &_PyRuntime.users.lock;
    case _Py_LOCK_PERF:
        return &_PyRuntime.perf.lock;
    case _Py_LOCK_TRACES:
        return &_PyRuntime.tracemalloc.lock;
    default:
        assert(rank == _Py_LOCK_MEMORY);
        return &_PyRuntime.memory.lock;
    }
}

int
_PyProcessLock_IsHeld(struct _PyProcessLock *lock)
{
    return __atomic_load_n(&lock->holder, __ATOMIC_RELAXED) == &_Py_os_thread;
}

int
_PyProcessLock_NoneHeld(void)
{
    return _Py_os_thread.locks_held == 0;
}

static void
note_taken(struct _PyProcessLock *lock)
{
    uint32_t bit = (uint32_t)1 << lock->rank;
    assert(lock->rank > _Py_LOCK_NONE && lock->rank < _Py_LOCK_COUNT);
    __atomic_store_n(&lock->holder, &_Py_os_thread, __ATOMIC_RELAXED);
    lock->depth = 1;
    _Py_os_thread.locks_held |= bit;
}

void
_PyProcessLock_Lock(struct _PyProcessLock *lock)
{
    if (_PyProcessLock_IsHeld(lock)) {
        if (lock->rank != _Py_LOCK_TYPES) {
            _Py_FatalErrorFunc(__func__, "process lock is not recursive");
        }
        lock->depth++;
        return;
    }
    /* Order: nothing of this rank or above may be held. */
    assert((_Py_os_thread.locks_held >> lock->rank) == 0);
    _PyMutex_Lock(&lock->mutex);
    note_taken(lock);
}

void
_PyProcessLock_Unlock(struct _PyProcessLock *lock)
{
    assert(_PyProcessLock_IsHeld(lock));
    assert(lock->depth > 0);
    if (--lock->depth > 0) {
        return;
    }
    _Py_os_thread.locks_held &= ~((uint32_t)1 << lock->rank);
    __atomic_store_n(&lock->holder, NULL, __ATOMIC_RELAXED);
    _PyMutex_Unlock(&lock->mutex);
}

void
_PyProcessLocks_BeforeFork(void)
{
    for (int rank = _Py_LOCK_NONE + 1; rank < _Py_LOCK_COUNT; rank++) {
        _PyProcessLock_Lock(lock_of_rank(rank));
    }
}

void
_PyProcessLocks_AfterForkParent(void)
{
    for (int rank = _Py_LOCK_COUNT - 1; rank > _Py_LOCK_NONE; rank--) {
        _PyProcessLock_Unlock(lock_of_rank(rank));
    }
}

void
_PyProcessLocks_AfterForkChild(void)
{
    for (int rank = _Py_LOCK_NONE + 1; rank < _Py_LOCK_COUNT; rank++) {
        struct _PyProcessLock *lock = lock_of_rank(rank);
        __atomic_store_n(&lock->mutex.word, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&lock->holder, NULL, __ATOMIC_RELAXED);
        lock->depth = 0;
    }
    _Py_os_thread.locks_held = 0;
}
