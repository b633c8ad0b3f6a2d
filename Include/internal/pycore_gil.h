#ifndef Py_INTERNAL_GIL_H
#define Py_INTERNAL_GIL_H
/* The GIL (Python/ceval_gil.c): struct only.

   `interp->gil` points to the lock that the interpreter's threads must hold: its own
   `interp->gil_storage` or that of the interpreter whose lock it shares (main). */

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include <pthread.h>
#include <stdint.h>

struct _gil_state {
    pthread_mutex_t mutex;          /* guards everything below */
    pthread_cond_t released;        /* signalled when `locked` becomes 0 */
    pthread_cond_t switched;        /* signalled when somebody else has taken it */
    int initialized;                /* mutex and conditions exist */
    int locked;                     /* 1: held; atomic for readers without the mutex */
    struct _ts *holder;             /* holding state while locked, else the last one */
    unsigned long interval;         /* microseconds a waiter waits before it asks */
    unsigned long switches;         /* how often the lock changed hands */
    unsigned long waiters;          /* threads in take_gil */
};

#define _Py_GIL_DEFAULT_INTERVAL 5000

struct _is;
struct _ts;

/* ---- ceval_gil.c ---- */

/* Give the interpreter a GIL: its own, or the one of `shared`.  Returns 0, or -1 when the
   system refuses a mutex. */
extern int _PyEval_InitGIL(struct _is *interp, struct _gil_state *shared);
/* The interpreter's own GIL is used no more: wakes whoever waits for it (to park). */
extern void _PyEval_FiniGIL(struct _is *interp);
/* Wait for the GIL of the state's interpreter.  Parks for ever if the state is no longer the one of
   that generation, or its interpreter ends. */
extern void _PyEval_TakeGIL(struct _ts *tstate, uint64_t generation);
/* Give it up.  `force`: wait until another thread has it, if one was waiting. */
extern void _PyEval_DropGIL(struct _ts *tstate, int force);
/* In a forked child: a fresh GIL, held by `tstate`. */
extern int _PyEval_ReInitGIL(struct _ts *tstate);
/* Keep everybody from taking the GIL of an interpreter in which nobody runs (or only the calling
   thread), until _PyEval_Unhold(): 1; 0 if another thread runs there. */
extern int _PyEval_HoldIfIdle(struct _is *interp);
extern void _PyEval_Unhold(struct _is *interp);
/* True if `tstate` may not run any more: its interpreter is being ended by another thread. */
extern int _PyThreadState_MustExit(struct _ts *tstate);

#endif  /* !Py_INTERNAL_GIL_H */
