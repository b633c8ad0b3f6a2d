/* Arenas: blocks carved from chunks, all released together, plus owned references.

   Invariant: `chunk` is the newest ordinary chunk, and bytes [used, size) of it are free.  A block
   that is too large for a chunk gets one of its own, linked behind the current chunk. */

#include "Python.h"
#include "pycore_pyarena.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ALIGNMENT = 16,
    CHUNK_SIZE = 32 * 1024,
    FIRST_CHUNK_SIZE = 4 * 1024,
    FIRST_OBJECTS = 64,
};

struct chunk {
    struct chunk *next;             // older chunk
    size_t size;                    // bytes of data
    size_t used;                    // bytes handed out
    _Alignas(16) char data[];
};

struct _arena {
    struct chunk *chunk;            // newest ordinary chunk, head of the list
    PyObject **objects;             // owned references
    size_t nobjects;
    size_t objects_allocated;
};

static struct chunk *
chunk_new(size_t size)
{
    struct chunk *chunk = PyMem_Malloc(offsetof(struct chunk, data) + size);
    if (chunk == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    chunk->next = NULL;
    chunk->size = size;
    chunk->used = 0;
    return chunk;
}

PyArena *
_PyArena_New(void)
{
    PyArena *arena = PyMem_Malloc(sizeof(*arena));
    if (arena == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    arena->chunk = chunk_new(FIRST_CHUNK_SIZE);
    if (arena->chunk == NULL) {
        PyMem_Free(arena);
        return NULL;
    }
    arena->objects = NULL;
    arena->nobjects = arena->objects_allocated = 0;
    return arena;
}

void
_PyArena_Free(PyArena *arena)
{
    assert(arena != NULL);
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    for (size_t i = 0; i < arena->nobjects; i++) {
        Py_DECREF(arena->objects[i]);
    }
    PyErr_Restore(type, value, traceback);
    PyMem_Free(arena->objects);
    for (struct chunk *chunk = arena->chunk, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        PyMem_Free(chunk);
    }
    PyMem_Free(arena);
}

static void *
malloc_slow(PyArena *arena, size_t size)
{
    if (size > CHUNK_SIZE / 4) {
        struct chunk *big = chunk_new(size);
        if (big == NULL) {
            return NULL;
        }
        big->used = size;
        big->next = arena->chunk->next;
        arena->chunk->next = big;
        return big->data;
    }
    struct chunk *chunk = chunk_new(CHUNK_SIZE);
    if (chunk == NULL) {
        return NULL;
    }
    chunk->next = arena->chunk;
    arena->chunk = chunk;
    chunk->used = size;
    return chunk->data;
}

void *
_PyArena_Malloc(PyArena *arena, size_t size)
{
    assert(arena != NULL);
    if (size > PY_SSIZE_T_MAX - ALIGNMENT - sizeof(struct chunk)) {
        PyErr_NoMemory();
        return NULL;
    }
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct chunk *chunk = arena->chunk;
    assert(chunk->used <= chunk->size);
    if (chunk->size - chunk->used < size) {
        return malloc_slow(arena, size);
    }
    void *block = chunk->data + chunk->used;
    assert(((uintptr_t)block & (ALIGNMENT - 1)) == 0);
    chunk->used += size;
    return block;
}

int
_PyArena_AddPyObject(PyArena *arena, PyObject *obj)
{
    assert(arena != NULL && obj != NULL);
    if (arena->nobjects == arena->objects_allocated) {
        size_t wanted = arena->objects_allocated ? 2 * arena->objects_allocated : FIRST_OBJECTS;
        PyObject **objects = PyMem_Realloc(arena->objects, wanted * sizeof(*objects));
        if (objects == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        arena->objects = objects;
        arena->objects_allocated = wanted;
    }
    arena->objects[arena->nobjects++] = obj;
    return 0;
}
