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

#endif  /* !Py_INTERNAL_GIL_H */
