/* What the modules over compression libraries (zlib, _bz2, _lzma) have in common: output that
 * grows, input that waits for its turn, and the lock of an object.
 *
 * The GIL is released while a library runs; the lock of the object keeps other threads from the
 * library's stream until then.
 *
 *   output       one bytes object, doubled when it is full and cut to what was written at the end
 *   input_rest   input that a decompressor has got and its library has not taken
 *   decompressor what a decompressor of 3.12 is beside its library's stream
 *
 * Invariant: when no step runs, input is kept only if `eof` and `needs_input` are false.
 */
#ifndef LADON_COMPRESSION_H
#define LADON_COMPRESSION_H

#include "Python.h"

#include <limits.h>
#include <stdbool.h>

/* --- Output ----------------------------------------------------------------------------------- */

typedef struct {
    PyObject *bytes;            // owned; NULL: no room so far
    Py_ssize_t limit;           // of its size; -1: none
    Py_ssize_t room;            // for output_finish(): bytes at the end that were not written
} output;

#define OUTPUT_INITIAL (16 * 1024)

/* Give a full output more room, at first `initial` bytes: their number (at most UINT_MAX, as some
 * libraries count) with *next at them, 0 if the limit is reached, or -1 with MemoryError. */
static inline Py_ssize_t
output_more(output *out, Py_ssize_t initial, char **next)
{
    assert(initial > 0 && initial <= (Py_ssize_t)UINT_MAX);
    Py_ssize_t size = out->bytes != NULL ? PyBytes_GET_SIZE(out->bytes) : 0;
    if (out->limit >= 0 && size >= out->limit) {
        return 0;
    }
    Py_ssize_t more = size == 0 ? initial : Py_MIN(size, (Py_ssize_t)UINT_MAX);
    if (out->limit >= 0) {
        more = Py_MIN(more, out->limit - size);
    }
    if (more > PY_SSIZE_T_MAX - size) {
        Py_CLEAR(out->bytes);
        PyErr_NoMemory();
        return -1;
    }
    if (out->bytes == NULL) {
        out->bytes = PyBytes_FromStringAndSize(NULL, more);
    }
    else {
        _PyBytes_Resize(&out->bytes, size + more);
    }
    if (out->bytes == NULL) {
        return -1;
    }
    *next = PyBytes_AS_STRING(out->bytes) + size;
    return more;
}

/* The bytes written: new reference, or NULL with MemoryError.  The output is empty then. */
static inline PyObject *
output_finish(output *out)
{
    PyObject *bytes = out->bytes;
    out->bytes = NULL;
    if (bytes == NULL) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    assert(out->room >= 0 && out->room <= PyBytes_GET_SIZE(bytes));
    _PyBytes_Resize(&bytes, PyBytes_GET_SIZE(bytes) - out->room);
    return bytes;
}

/* --- Input ------------------------------------------------------------------------------------ */

/* A library that counts in unsigned int gets the next part of the input: its length. */
static inline unsigned int
next_part(Py_ssize_t *remaining)
{
    unsigned int part = (unsigned int)Py_MIN((size_t)*remaining, UINT_MAX);
    *remaining -= (Py_ssize_t)part;
    return part;
}

/* A new bytes object of two parts, or NULL with MemoryError. */
static inline PyObject *
join_parts(const void *first, Py_ssize_t n, const void *second, Py_ssize_t m)
{
    if (m > PY_SSIZE_T_MAX - n) {
        return PyErr_NoMemory();
    }
    PyObject *both = PyBytes_FromStringAndSize(NULL, n + m);
    if (both != NULL) {
        if (n > 0) {
            memcpy(PyBytes_AS_STRING(both), first, (size_t)n);
        }
        if (m > 0) {
            memcpy(PyBytes_AS_STRING(both) + n, second, (size_t)m);
        }
    }
    return both;
}

typedef struct {
    PyObject *bytes;            // owned; NULL: nothing is kept
    Py_ssize_t start;           // what is before it was taken
} input_rest;

/* The input for the next step, what is kept and then new data: 0, or -1 with MemoryError. */
static inline int
input_join(input_rest *kept, const Py_buffer *data, const char **next, Py_ssize_t *length)
{
    if (kept->bytes == NULL) {
        *next = data->buf;
        *length = data->len;
        return 0;
    }
    const char *old = PyBytes_AS_STRING(kept->bytes) + kept->start;
    Py_ssize_t size = PyBytes_GET_SIZE(kept->bytes) - kept->start;
    if (data->len > 0) {
        PyObject *both = join_parts(old, size, data->buf, data->len);
        if (both == NULL) {
            return -1;
        }
        Py_SETREF(kept->bytes, both);
        kept->start = 0;
    }
    *next = PyBytes_AS_STRING(kept->bytes) + kept->start;
    *length = PyBytes_GET_SIZE(kept->bytes) - kept->start;
    return 0;
}

/* Keep what a step has left of the input that input_join() gave: 0, or -1 with MemoryError. */
static inline int
input_keep(input_rest *kept, const char *next, Py_ssize_t rest)
{
    if (rest == 0) {
        Py_CLEAR(kept->bytes);
    }
    else if (kept->bytes != NULL) {
        kept->start = PyBytes_GET_SIZE(kept->bytes) - rest;
        assert(next == PyBytes_AS_STRING(kept->bytes) + kept->start);
    }
    else {
        kept->bytes = PyBytes_FromStringAndSize(next, rest);
        kept->start = 0;
        return kept->bytes != NULL ? 0 : -1;
    }
    return 0;
}

/* --- Locks ------------------------------------------------------------------------------------ */

/* The lock of a new object, or NULL with MemoryError. */
static inline PyThread_type_lock
new_lock(void)
{
    PyThread_type_lock lock = PyThread_allocate_lock();
    if (lock == NULL) {
        PyErr_SetString(PyExc_MemoryError, "Unable to allocate lock");
    }
    return lock;
}

static inline void
free_lock(PyThread_type_lock lock)
{
    if (lock != NULL) {
        PyThread_free_lock(lock);
    }
}

static inline void
take_lock(PyThread_type_lock lock)
{
    if (!PyThread_acquire_lock(lock, NOWAIT_LOCK)) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(lock, WAIT_LOCK);
        Py_END_ALLOW_THREADS
    }
}

/* --- Decompressors ---------------------------------------------------------------------------- */

typedef struct {
    PyThread_type_lock lock;
    input_rest kept;
    PyObject *unused_data;      // bytes behind the end of the stream; never NULL
    char eof, needs_input;
} decompressor;

/* How a step of a library ends. */
enum step {
    STEP_FAILED = -1,           // with an exception
    STEP_DONE,                  // it needs input if it has none
    STEP_FULL,                  // there may be more output without input
    STEP_END,                   // of the stream
};

/* Decompress *rest bytes at *next until the end of input, stream or limit; leave the rest in both,
 * and out->room. */
typedef enum step (*step_function)(void *self, const char **next, Py_ssize_t *rest, output *out);

/* 0, or -1 with MemoryError.  Zero bytes before; decompressor_free() in either case. */
static inline int
decompressor_init(decompressor *d)
{
    d->needs_input = 1;
    d->unused_data = PyBytes_FromStringAndSize(NULL, 0);
    d->lock = d->unused_data != NULL ? new_lock() : NULL;
    return d->lock != NULL ? 0 : -1;
}

static inline void
decompressor_free(decompressor *d)
{
    free_lock(d->lock);
    Py_XDECREF(d->kept.bytes);
    Py_XDECREF(d->unused_data);
}

/* The step with input and output: new reference to the output, or NULL with an exception, which
 * loses the input.  The lock is taken. */
static inline PyObject *
decompressor_run(decompressor *d, step_function step, void *self, const char *next,
                 Py_ssize_t rest, Py_ssize_t limit)
{
    output out = {.limit = limit};
    enum step end = step(self, &next, &rest, &out);
    if (end == STEP_FAILED) {
        goto error;
    }
    d->eof = end == STEP_END;
    d->needs_input = end == STEP_DONE && rest == 0;
    if (end == STEP_END && rest > 0) {
        PyObject *unused = PyBytes_FromStringAndSize(next, rest);
        if (unused == NULL) {
            goto error;
        }
        Py_SETREF(d->unused_data, unused);
    }
    if (input_keep(&d->kept, next, d->eof ? 0 : rest) < 0) {
        d->needs_input = 1;
        goto error;
    }
    return output_finish(&out);
error:
    Py_CLEAR(d->kept.bytes);
    Py_XDECREF(out.bytes);
    return NULL;
}

/* The method decompress() of a decompressor: data and what is kept, to at most max_length bytes
 * (negative: any number).  New reference, or NULL with an exception. */
static inline PyObject *
decompressor_decompress(decompressor *d, step_function step, void *self, const Py_buffer *data,
                        Py_ssize_t max_length, const char *at_end)
{
    PyObject *result = NULL;
    const char *next;
    Py_ssize_t length;
    take_lock(d->lock);
    if (d->eof) {
        PyErr_SetString(PyExc_EOFError, at_end);
    }
    else if (input_join(&d->kept, data, &next, &length) == 0) {
        result = decompressor_run(d, step, self, next, length, max_length);
    }
    PyThread_release_lock(d->lock);
    return result;
}

/* --- Modules ---------------------------------------------------------------------------------- */

/* Make a type of a module and add it: 0, or -1 with an exception. */
static inline int
add_type(PyObject *module, const PyType_Spec *spec)
{
    PyObject *type = PyType_FromModuleAndSpec(module, (PyType_Spec *)spec, NULL);
    int result = type != NULL ? PyModule_AddType(module, (PyTypeObject *)type) : -1;
    Py_XDECREF(type);
    return result;
}

#endif /* LADON_COMPRESSION_H */
