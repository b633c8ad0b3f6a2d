#ifndef Py_INTERNAL_LOCK_H
#define Py_INTERNAL_LOCK_H
/* Small mutex, and the process-wide locks with their order (Python/lock.c).

   A _PyMutex is one 32-bit word (0 free, 1 held, 2 held and waited for) on which a waiter sleeps
   in the kernel.  It is not recursive, has no owner, and all-zero is its free state.

   A process lock guards one group of fields of _PyRuntime.  The order is the order of the
   members of struct _process_locks: whoever holds a lock may take only later ones.  Debug
   builds assert it.  None is held while Python code runs or while a GIL is waited for;
   taking one never needs a GIL. */

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include <stdint.h>

typedef struct {
    uint32_t word;              /* accessed only by atomics of lock.c */
} _PyMutex;

/* Place of each lock in the order, and bit number in the OS thread's set of held locks.
   ORDER LOCKS: same order as the members of struct _process_locks. */
enum _process_lock_rank {
    _Py_LOCK_INTERPRETERS,
    _Py_LOCK_TYPES,
    _Py_LOCK_EXTENSIONS,
    _Py_LOCK_CHANNELS,
    _Py_LOCK_MESSAGES,
    _Py_LOCK_HOOKS,
    _Py_LOCK_PARSERS,
    _Py_LOCK_PENDING,
    _Py_LOCK_THREADS,
    _Py_LOCK_HEAPS,
    _Py_LOCK_COUNT
};

typedef struct {
    _PyMutex mutex;
    int depth;                  /* recursion depth of the holder (only `types` recurs) */
    void *holder;               /* OS-thread record of the holder, or NULL */
} _PyProcessLock;

struct _process_locks {         /* ORDER LOCKS */
    _PyProcessLock interpreters;    /* lists of interpreters and of their threads; state pools */
    _PyProcessLock types;           /* process arena, static types, definition indexes; recursive */
    _PyProcessLock extensions;      /* table of single-phase extension definitions */
    _PyProcessLock channels;        /* registries of channels and queues */
    _PyProcessLock messages;        /* registry of cross-interpreter types */
    _PyProcessLock hooks;           /* audit hooks, Py_AtExit callbacks */
    _PyProcessLock parsers;         /* one-time set-up of _PyArg_Parser and the like */
    _PyProcessLock pending;         /* queues of pending calls */
    _PyProcessLock threads;         /* OS-thread records, TSS keys */
    _PyProcessLock heaps;           /* arenas: map, cache, orphans (innermost) */
};

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

/* Take and give back a process lock; `rank` is its place in the order.  A second lock of `types`
   by its holder counts up; any other recursion is a fatal error. */
extern void _PyProcessLock_Lock(enum _process_lock_rank rank);
extern void _PyProcessLock_Unlock(enum _process_lock_rank rank);
/* True if the calling OS thread holds the lock. */
extern int _PyProcessLock_IsHeld(enum _process_lock_rank rank);
/* True if the calling OS thread holds no process lock at all. */
extern int _PyProcessLock_NoneHeld(void);
/* fork(): take all locks in order; give them back (parent); make all of them free (child). */
extern void _PyProcessLocks_BeforeFork(void);
extern void _PyProcessLocks_AfterForkParent(void);
extern void _PyProcessLocks_AfterForkChild(void);

#endif  /* !Py_INTERNAL_LOCK_H */
