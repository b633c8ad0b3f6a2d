/* The thread-specific storage key, so that it can be defined statically.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYTHREAD_H
#  error "do not include this file directly, include pythread.h"
#endif

#ifndef Py_CPYTHON_PYTHREAD_H
#define Py_CPYTHON_PYTHREAD_H

#include <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PYTHREAD_INVALID_THREAD_ID ((unsigned long)-1)

struct _Py_tss_t {
    int _is_initialized;
    pthread_key_t _key;
};

#define Py_tss_NEEDS_INIT {0, 0}

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(int) _PyThread_at_fork_reinit(PyThread_type_lock *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_PYTHREAD_H */
