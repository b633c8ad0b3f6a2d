/* What the shared modules for hashing share: data to hash, and locks.
 *
 * Big data is hashed without the GIL.  From then on the object has a lock; one without a lock is
 * only used by threads that keep the GIL, so nobody is at work on it when it gets its lock.
 */
#ifndef LADON_HASHLIB_H
#define LADON_HASHLIB_H

#include "Python.h"

/* Data of so many bytes and more is hashed without the GIL. */
#define HASH_GIL_FREE_SIZE 2048

/* Hash n bytes into a state: 0, or -1 without an exception (the GIL may not be held). */
typedef int (*hash_function)(void *state, const void *data, size_t n);

/* Data to hash: a contiguous buffer of bytes, not a str.  -1 with an exception. */
static inline int
hash_get_data(PyObject *obj, Py_buffer *view)
{
    if (PyUnicode_Check(obj)) {
        PyErr_SetString(PyExc_TypeError, "Strings must be encoded before hashing");
        return -1;
    }
    if (!PyObject_CheckBuffer(obj)) {
        PyErr_SetString(PyExc_TypeError, "object supporting the buffer API required");
        return -1;
    }
    if (PyObject_GetBuffer(obj, view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    if (view->ndim > 1) {
        PyErr_SetString(PyExc_BufferError, "Buffer must be single dimension");
        PyBuffer_Release(view);
        return -1;
    }
    return 0;
}

/* Begin to use an object's state under the GIL, which hash_enter() may give up for a time; until
   hash_leave() nothing else may. */
static inline void
hash_enter(PyThread_type_lock lock)
{
    if (lock != NULL && !PyThread_acquire_lock(lock, NOWAIT_LOCK)) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(lock, WAIT_LOCK);
        Py_END_ALLOW_THREADS
    }
}

static inline void
hash_leave(PyThread_type_lock lock)
{
    if (lock != NULL) {
        PyThread_release_lock(lock);
    }
}

/* Hash a buffer into the state of an object that has *lock: what `update` returns. */
static inline int
hash_buffer(const Py_buffer *view, void *state, PyThread_type_lock *lock, hash_function update)
{
    int result;
    assert(view->len >= 0);
    if (view->len >= HASH_GIL_FREE_SIZE && *lock == NULL) {
        *lock = PyThread_allocate_lock();       /* without one: hashed under the GIL */
    }
    if (view->len >= HASH_GIL_FREE_SIZE && *lock != NULL) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(*lock, WAIT_LOCK);
        result = update(state, view->buf, (size_t)view->len);
        PyThread_release_lock(*lock);
        Py_END_ALLOW_THREADS
    }
    else {
        PyThread_type_lock held = *lock;
        hash_enter(held);
        result = update(state, view->buf, (size_t)view->len);
        hash_leave(held);
    }
    return result;
}

#endif
