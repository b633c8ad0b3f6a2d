#ifndef Py_INTERNAL_THREAD_H
#define Py_INTERNAL_THREAD_H
/* Threads and locks inside the core (Python/thread.c). */
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "cpython/pytime.h"     // _PyTime_t

#include <pthread.h>

/* With a sanitizer frames are several times as large: sizes of C stacks that are meant for plain
   code are multiplied. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#  define _Py_STACK_FACTOR 4
#else
#  define _Py_STACK_FACTOR 1
#endif

/* Run func(arg) in a new OS thread with the interpreter's stack size.  Returns 0, or -1 when
   the system refuses. */
extern int _PyThread_Start(void (*func)(void *), void *arg, pthread_t *thread, int joinable);
/* Take a lock without the GIL while waiting; nanoseconds, < 0: for ever.  PY_LOCK_INTR: a
   signal handler raised. */
extern PyLockStatus _PyThread_AcquireLockWithSignals(PyThread_type_lock lock, _PyTime_t timeout);

#endif  /* !Py_INTERNAL_THREAD_H */
