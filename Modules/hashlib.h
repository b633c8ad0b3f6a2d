/* What the hash modules _md5, _sha1, _sha3 and _blake2 share.
 *
 * Objects are used under the GIL; only hashing the initial data of an object that nobody else can
 * see yet lets other threads run.
 */
#ifndef LADON_HASHLIB_H
#define LADON_HASHLIB_H

#include "Python.h"

/* Initial data above this many bytes is hashed without the GIL. */
#define HASH_GIL_FREE_SIZE 2048

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

/* Hash data (NULL: none) into a state that only the caller knows; 0, or -1 with an exception. */
static inline int
hash_initial(PyObject *data, void *state, void (*update)(void *, const unsigned char *, size_t))
{
    Py_buffer view;
    if (data == NULL) {
        return 0;
    }
    if (hash_get_data(data, &view) < 0) {
        return -1;
    }
    if (view.len >= HASH_GIL_FREE_SIZE) {
        Py_BEGIN_ALLOW_THREADS
        update(state, view.buf, (size_t)view.len);
        Py_END_ALLOW_THREADS
    }
    else {
        update(state, view.buf, (size_t)view.len);
    }
    PyBuffer_Release(&view);
    return 0;
}

/* Hash data into the state of an object; 0, or -1 with an exception. */
static inline int
hash_more(PyObject *data, void *state, void (*update)(void *, const unsigned char *, size_t))
{
    Py_buffer view;
    if (hash_get_data(data, &view) < 0) {
        return -1;
    }
    update(state, view.buf, (size_t)view.len);
    PyBuffer_Release(&view);
    return 0;
}

/* --- Hashes of 64-byte blocks and 32-bit words, with the length at the end (MD5, SHA-1) --- */

#define HASH_BLOCK 64

struct hash32 {
    uint32_t h[5];
    uint64_t length;                    /* bytes hashed */
    unsigned char block[HASH_BLOCK];    /* length % 64 bytes wait here */
};

typedef void (*hash32_compress)(struct hash32 *state, const unsigned char *block);

static inline void
hash32_update(struct hash32 *state, const unsigned char *p, size_t n, hash32_compress compress)
{
    size_t waiting = state->length % HASH_BLOCK;
    state->length += n;
    if (waiting > 0) {
        size_t take = Py_MIN(HASH_BLOCK - waiting, n);
        memcpy(state->block + waiting, p, take);
        p += take;
        n -= take;
        if (waiting + take < HASH_BLOCK) {
            return;
        }
        compress(state, state->block);
    }
    for (; n >= HASH_BLOCK; p += HASH_BLOCK, n -= HASH_BLOCK) {
        compress(state, p);
    }
    if (n > 0) {
        memcpy(state->block, p, n);
    }
}

/* Hash the padding: a bit, zeros, and 8 bytes that hold the length in bits. */
static inline void
hash32_finish(struct hash32 *state, const unsigned char length[8], hash32_compress compress)
{
    size_t waiting = state->length % HASH_BLOCK;
    state->block[waiting++] = 0x80;
    if (waiting > HASH_BLOCK - 8) {
        memset(state->block + waiting, 0, HASH_BLOCK - waiting);
        compress(state, state->block);
        waiting = 0;
    }
    memset(state->block + waiting, 0, HASH_BLOCK - 8 - waiting);
    memcpy(state->block + HASH_BLOCK - 8, length, 8);
    compress(state, state->block);
}

#endif
