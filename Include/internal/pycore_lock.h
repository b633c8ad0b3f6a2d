#ifndef Py_INTERNAL_LOCK_H
#define Py_INTERNAL_LOCK_H
/* Small mutex, and the process-wide locks with their order (Python/lock.c).

   A _PyMutex is one 32-bit word (0 free, 1 held, 2 held and waited for) on which a waiter sleeps
   in the kernel.  It is not recursive, has no owner, and all-zero is its free state.

   A process lock guards one group of fields of _PyRuntime and lies beside them.  Its rank is
   its place in the order: whoever holds a lock may take only locks of higher rank.  Debug
   builds assert it.  None is held while Python code runs or while a GIL is waited for. */

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include <stdint.h>

typedef struct {
    uint32_t word;              /* accessed only by atomics */
} _PyMutex;

/* ORDER LOCKS: lock.c has the table of the locks in this order.  The value is also the
   bit number in the OS thread's set of held locks. */
enum _process_lock_rank {
    _Py_LOCK_NONE,
    _Py_LOCK_INTERPRETERS,      /* interpreters.lock: lists of interpreters and threads */
    _Py_LOCK_TYPES,             /* types_lock: process arena, static types; recursive */
    _Py_LOCK_EXTENSIONS,        /* imports.extensions_lock */
    _Py_LOCK_XIDREGISTRY,       /* xidregistry.lock */
    _Py_LOCK_AUDIT,             /* audit.lock */
    _Py_LOCK_CHANNELS,          /* channels.lock */
    _Py_LOCK_USERS,             /* users.lock: C library's lists of users and groups */
    _Py_LOCK_PERF,              /* perf.lock */
    _Py_LOCK_TRACES,            /* tracemalloc.lock */
    _Py_LOCK_MEMORY,            /* memory.lock (innermost) */
    _Py_LOCK_COUNT
};

struct _PyProcessLock {
    _PyMutex mutex;
    uint32_t rank;              /* enum _process_lock_rank, by the initialiser of _PyRuntime */
    int depth;                  /* how often its holder took it (only `types` recurs) */
    void *holder;               /* OS-thread record of the holder, or NULL; atomic */
};

#define _PyProcessLock_INIT(RANK) {.rank = (RANK)}

/* ---- lock.c ---- */

extern void _PyMutex_LockSlow(_PyMutex *m);
extern void _PyMutex_UnlockSlow(_PyMutex *m);

static inline void
_PyMutex_Lock(_PyMutex *m)
{
    uint32_t unlocked = 0;
    if (!__atomic_compare_exchange_n(&m->word, &unlocked, 1, 0,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        _PyMutex_LockSlow(m);
    }
}

/* Take the lock if it is free.  Returns 1 if taken. */
static inline int
_PyMutex_TryLock(_PyMutex *m)
{
    uint32_t unlocked = 0;
    return __atomic_compare_exchange_n(&m->word, &unlocked, 1, 0,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void
_PyMutex_Unlock(_PyMutex *m)
{
    if (__atomic_exchange_n(&m->word, 0, __ATOMIC_RELEASE) == 2) {
        _PyMutex_UnlockSlow(m);
    }
}

static inline int
_PyMutex_IsLocked(_PyMutex *m)
{
    return __atomic_load_n(&m->word, __ATOMIC_RELAXED) != 0;
}

/* Take and give back a process lock.  Its holder may take the types lock again; any other
   recursion is a fatal error. */
extern void _PyProcessLock_Lock(struct _PyProcessLock *lock);
extern void _PyProcessLock_Unlock(struct _PyProcessLock *lock);
/* True if the calling OS thread holds the lock. */
extern int _PyProcessLock_IsHeld(struct _PyProcessLock *lock);
/* True if the calling OS thread holds no process lock at all (always true in release builds). */
extern int _PyProcessLock_NoneHeld(void);
/* fork(): take all locks in order; give them back (parent); make all of them free (child). */
extern void _PyProcessLocks_BeforeFork(void);
extern void _PyProcessLocks_AfterForkParent(void);
extern void _PyProcessLocks_AfterForkChild(void);

#endif  /* !Py_INTERNAL_LOCK_H */
