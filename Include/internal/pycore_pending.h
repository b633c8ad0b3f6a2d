#ifndef Py_INTERNAL_PENDING_H
#define Py_INTERNAL_PENDING_H
/* Pending calls: C functions queued by any thread, run by the eval breaker (ceval_gil.c).

   An interpreter has one queue (`interp->pending`, run by any of its threads); the runtime
   has one for Py_AddPendingCall() (`_PyRuntime.pending_main`, run by the main thread in the
   main interpreter). Each has its own mutex, held only to add or take an entry. */

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_lock.h"        // _PyMutex

#define NPENDINGCALLS 32

struct _pending_call {
    int (*func)(void *);
    void *arg;
};

struct _pending_state {
    _PyMutex mutex;             /* guards the ring */
    int closed;                 /* the interpreter ends: nothing more is accepted */
    int count;                  /* queued calls; atomic for readers without the lock */
    int first;                  /* index of the oldest one */
    int busy;                   /* a thread is running the calls */
    struct _pending_call calls[NPENDINGCALLS];   /* ring */
};

#endif  /* !Py_INTERNAL_PENDING_H */
