/* _PyBytesWriter: builds bytes (or a bytearray) through a plain char pointer.
 *
 * Invariants: the bytes written so far lie between the start of the buffer (the small buffer in the
 * struct, or the payload of `buffer`) and the pointer that the caller holds.  `min_size` is the sum
 * of what was asked for, and never more than `allocated`.  Every function that may move the buffer
 * takes the caller's pointer and returns the new one, or NULL with MemoryError.
 *
 * Written from the public layout and the names of the functions.
 */
#include "Python.h"
#include "pycore_bytesobject.h"

/* A buffer that has to grow gets this part of its size on top. */
#define OVERALLOCATE_DIVISOR 4

void
_PyBytesWriter_Init(_PyBytesWriter *w)
{
    memset(w, 0, offsetof(_PyBytesWriter, small_buffer));
}

void
_PyBytesWriter_Dealloc(_PyBytesWriter *w)
{
    Py_CLEAR(w->buffer);
}

static char *
buffer_start(_PyBytesWriter *w)
{
    if (w->use_small_buffer) {
        assert(w->buffer == NULL);
        return w->small_buffer;
    }
    return w->use_bytearray ? PyByteArray_AS_STRING(w->buffer) : PyBytes_AS_STRING(w->buffer);
}

static int
buffer_resize(_PyBytesWriter *w, Py_ssize_t size)
{
    return w->use_bytearray ? PyByteArray_Resize(w->buffer, size)
                            : _PyBytes_Resize(&w->buffer, size);
}

static PyObject *
buffer_new(_PyBytesWriter *w, const char *s, Py_ssize_t size)
{
    return w->use_bytearray ? PyByteArray_FromStringAndSize(s, size)
                            : PyBytes_FromStringAndSize(s, size);
}

/* Make the buffer at least `size` bytes large. */
void *
_PyBytesWriter_Resize(_PyBytesWriter *w, void *str, Py_ssize_t size)
{
    assert(size >= w->allocated);
    Py_ssize_t pos = (char *)str - buffer_start(w);
    assert(0 <= pos && pos <= w->allocated);
    if (w->overallocate && size <= PY_SSIZE_T_MAX - size / OVERALLOCATE_DIVISOR) {
        size += size / OVERALLOCATE_DIVISOR;
    }
    if (!w->use_small_buffer) {
        if (buffer_resize(w, size) < 0) {
            return NULL;
        }
    }
    else {
        PyObject *buffer = buffer_new(w, NULL, size);
        if (buffer == NULL) {
            return NULL;
        }
        w->buffer = buffer;
        w->use_small_buffer = 0;
        memcpy(buffer_start(w), w->small_buffer, (size_t)pos);
    }
    w->allocated = size;
    return buffer_start(w) + pos;
}

/* Room for size more bytes. */
void *
_PyBytesWriter_Prepare(_PyBytesWriter *w, void *str, Py_ssize_t size)
{
    assert(size >= 0);
    if (size > PY_SSIZE_T_MAX - w->min_size) {
        PyErr_NoMemory();
        return NULL;
    }
    w->min_size += size;
    if (w->min_size > w->allocated) {
        return _PyBytesWriter_Resize(w, str, w->min_size);
    }
    return str;
}

/* Begin: a buffer of at least size bytes; returns its start. */
void *
_PyBytesWriter_Alloc(_PyBytesWriter *w, Py_ssize_t size)
{
    assert(size >= 0 && w->min_size == 0 && w->buffer == NULL);
    w->use_small_buffer = 1;
    w->allocated = (Py_ssize_t)sizeof(w->small_buffer);
    return _PyBytesWriter_Prepare(w, w->small_buffer, size);
}

/* The result, new reference; the writer is empty afterwards. */
PyObject *
_PyBytesWriter_Finish(_PyBytesWriter *w, void *str)
{
    Py_ssize_t size = (char *)str - buffer_start(w);
    assert(0 <= size && size <= w->allocated);
    if (w->use_small_buffer) {
        return buffer_new(w, w->small_buffer, size);
    }
    PyObject *result;
    if (size == 0 && !w->use_bytearray) {
        Py_CLEAR(w->buffer);
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    if (size != w->allocated && buffer_resize(w, size) < 0) {
        Py_CLEAR(w->buffer);
        return NULL;
    }
    result = w->buffer;
    w->buffer = NULL;
    return result;
}

void *
_PyBytesWriter_WriteBytes(_PyBytesWriter *w, void *ptr, const void *bytes, Py_ssize_t size)
{
    char *str = _PyBytesWriter_Prepare(w, ptr, size);
    if (str == NULL) {
        return NULL;
    }
    memcpy(str, bytes, (size_t)size);
    return str + size;
}
