/* _testcapi: memory allocators: failing ones, and misuse that the debug allocator finds.
 *
 * Written from the C API reference ("Memory Management") and from what the tests expect.
 */
#include "wrap.h"
#include "parts.h"

/* ---- allocators that fail ---- */

enum {DOMAINS = 3};
static const PyMemAllocatorDomain domains[DOMAINS] = {
    PYMEM_DOMAIN_RAW, PYMEM_DOMAIN_MEM, PYMEM_DOMAIN_OBJ,
};

/* One for all domains, in C's own memory: the hooks are between it and Python's. */
struct failing {
    long count;                 /* allocations so far */
    long start;                 /* the first to fail */
    long stop;                  /* the first not to fail any more; 0: all fail */
    struct failing_domain {
        struct failing *shared;
        PyMemAllocatorEx inner;
    } domains[DOMAINS];
};

static int
fails(struct failing *shared)
{
    shared->count++;
    return shared->count > shared->start && (shared->stop <= 0 || shared->count <= shared->stop);
}

static void *
failing_malloc(void *ctx, size_t size)
{
    struct failing_domain *domain = ctx;
    return fails(domain->shared) ? NULL : domain->inner.malloc(domain->inner.ctx, size);
}

static void *
failing_calloc(void *ctx, size_t count, size_t size)
{
    struct failing_domain *domain = ctx;
    return fails(domain->shared) ? NULL : domain->inner.calloc(domain->inner.ctx, count, size);
}

static void *
failing_realloc(void *ctx, void *block, size_t size)
{
    struct failing_domain *domain = ctx;
    return fails(domain->shared) ? NULL : domain->inner.realloc(domain->inner.ctx, block, size);
}

static void
failing_free(void *ctx, void *block)
{
    struct failing_domain *domain = ctx;
    domain->inner.free(domain->inner.ctx, block);
}

/* The hooks that are in place, or NULL. */
static struct failing *
active_hooks(void)
{
    PyMemAllocatorEx allocator;
    PyMem_GetAllocator(PYMEM_DOMAIN_RAW, &allocator);
    return allocator.malloc == failing_malloc ? ((struct failing_domain *)allocator.ctx)->shared
                                              : NULL;
}

static PyObject *
set_nomemory(PyObject *Py_UNUSED(module), PyObject *args)
{
    long start, stop = 0;
    if (!PyArg_ParseTuple(args, "l|l:set_nomemory", &start, &stop)) {
        return NULL;
    }
    struct failing *hooks = active_hooks();
    if (hooks != NULL) {
        hooks->count = 0;
        hooks->start = start;
        hooks->stop = stop;
        Py_RETURN_NONE;
    }
    hooks = calloc(1, sizeof(*hooks));
    if (hooks == NULL) {
        return PyErr_NoMemory();
    }
    hooks->start = start;
    hooks->stop = stop;
    for (int i = 0; i < DOMAINS; i++) {
        hooks->domains[i].shared = hooks;
        PyMem_GetAllocator(domains[i], &hooks->domains[i].inner);
        PyMemAllocatorEx allocator = {
            &hooks->domains[i], failing_malloc, failing_calloc, failing_realloc, failing_free
        };
        PyMem_SetAllocator(domains[i], &allocator);
    }
    Py_RETURN_NONE;
}

static PyObject *
remove_hooks(void)
{
    struct failing *hooks = active_hooks();
    if (hooks != NULL) {
        for (int i = 0; i < DOMAINS; i++) {
            PyMem_SetAllocator(domains[i], &hooks->domains[i].inner);
        }
        free(hooks);
    }
    Py_RETURN_NONE;
}

/* ---- misuse ---- */

static PyObject *
overflow_buffer(void)
{
    char *volatile block = PyMem_Malloc(16);
    if (block == NULL) {
        return PyErr_NoMemory();
    }
    block[16] = 'x';
    PyMem_Free(block);
    Py_RETURN_NONE;
}

static PyObject *
free_in_other_domain(void)
{
    void *block = PyMem_Malloc(16);
    if (block == NULL) {
        return PyErr_NoMemory();
    }
    PyMem_RawFree(block);
    Py_RETURN_NONE;
}

static PyObject *
allocate_without_gil(void *(*allocate)(size_t), void (*release)(void *))
{
    void *block;
    Py_BEGIN_ALLOW_THREADS
    block = allocate(10);
    Py_END_ALLOW_THREADS
    release(block);
    Py_RETURN_NONE;
}

#define mem_without_gil() allocate_without_gil(PyMem_Malloc, PyMem_Free)
#define object_without_gil() allocate_without_gil(PyObject_Malloc, PyObject_Free)

/* ---- _PyObject_IsFreed() ---- */

/* None, or the module's exception if the object does not count as freed. */
static PyObject *
expect_freed(PyObject *module, PyObject *object)
{
    if (_PyObject_IsFreed(object)) {
        Py_RETURN_NONE;
    }
    PyObject *error = PyObject_GetAttrString(module, "error");
    if (error != NULL) {
        PyErr_SetString(error, "object is not seen as freed");
        Py_DECREF(error);
    }
    return NULL;
}

static PyObject *
check_pyobject_null_is_freed(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return expect_freed(module, NULL);
}

/* A block of `size` bytes, of which only the reference count is written. */
static PyObject *
expect_block_freed(PyObject *module, size_t size)
{
    PyObject *object = PyObject_Malloc(size);
    if (object == NULL) {
        return PyErr_NoMemory();
    }
    Py_SET_REFCNT(object, 1);
    PyObject *result = expect_freed(module, object);
    PyObject_Free(object);
    return result;
}

static PyObject *
check_pyobject_uninitialized_is_freed(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return expect_block_freed(module, sizeof(PyObject));
}

static PyObject *
check_pyobject_forbidden_bytes_is_freed(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return expect_block_freed(module, offsetof(PyObject, ob_type));
}

static PyObject *
check_pyobject_freed_is_freed(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    PyObject *object = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
    if (object == NULL) {
        return NULL;
    }
    Py_TYPE(object)->tp_dealloc(object);
    return expect_freed(module, object);
}

/* ---- others ---- */

static PyObject *
allocators_name(void)
{
    const char *name = _PyMem_GetCurrentAllocatorName();
    if (name == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "cannot get allocators name");
        return NULL;
    }
    return PyUnicode_FromString(name);
}

/* Empty blocks are blocks, each with an address of its own. */
static PyObject *
test_empty_blocks(void)
{
    void *blocks[] = {
        PyMem_RawMalloc(0), PyMem_Malloc(0), PyObject_Malloc(0),
        PyMem_RawCalloc(0, 0), PyMem_Calloc(0, 0), PyObject_Calloc(0, 0),
    };
    void (*const release[])(void *) = {PyMem_RawFree, PyMem_Free, PyObject_Free};
    int missing = 0;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(blocks); i++) {
        missing |= blocks[i] == NULL;
        release[i % DOMAINS](blocks[i]);
    }
    if (missing) {
        PyErr_SetString(PyExc_AssertionError, "malloc(0) or calloc(0, 0) is NULL");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
track(PyObject *Py_UNUSED(module), PyObject *args)
{
    unsigned int domain;
    PyObject *address;
    Py_ssize_t size;
    int release_gil = 0;
    if (!PyArg_ParseTuple(args, "IOn|i", &domain, &address, &size, &release_gil)) {
        return NULL;
    }
    uintptr_t block = (uintptr_t)PyLong_AsVoidPtr(address);
    if (PyErr_Occurred()) {
        return NULL;
    }
    int result;
    if (release_gil) {
        Py_BEGIN_ALLOW_THREADS
        result = PyTraceMalloc_Track(domain, block, size);
        Py_END_ALLOW_THREADS
    }
    else {
        result = PyTraceMalloc_Track(domain, block, size);
    }
    if (result < 0) {
        PyErr_SetString(PyExc_RuntimeError, "PyTraceMalloc_Track error");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
untrack(PyObject *Py_UNUSED(module), PyObject *args)
{
    unsigned int domain;
    PyObject *address;
    if (!PyArg_ParseTuple(args, "IO", &domain, &address)) {
        return NULL;
    }
    uintptr_t block = (uintptr_t)PyLong_AsVoidPtr(address);
    if (PyErr_Occurred()) {
        return NULL;
    }
    if (PyTraceMalloc_Untrack(domain, block) < 0) {
        PyErr_SetString(PyExc_RuntimeError, "PyTraceMalloc_Untrack error");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
traceback_of_block(Py_ssize_t domain, PyObject *address)
{
    uintptr_t block = (uintptr_t)PyLong_AsVoidPtr(address);
    return PyErr_Occurred() ? NULL : _PyTraceMalloc_GetTraceback((unsigned int)domain, block);
}

#define MEMORY_CALLS(X) \
    X(2, tracemalloc_get_traceback, object, traceback_of_block, n, P) \
    X(0, remove_mem_hooks, object, remove_hooks) \
    X(0, pymem_buffer_overflow, object, overflow_buffer) \
    X(0, pymem_api_misuse, object, free_in_other_domain) \
    X(0, pymem_malloc_without_gil, object, mem_without_gil) \
    X(0, pyobject_malloc_without_gil, object, object_without_gil) \
    X(0, pymem_getallocatorsname, object, allocators_name) \
    X(0, test_pymem_alloc0, object, test_empty_blocks)

MEMORY_CALLS(WRAP)

static PyMethodDef memory_methods[] = {
    MEMORY_CALLS(WRAP_ROW)
    NOARGS_ROW(check_pyobject_null_is_freed),
    NOARGS_ROW(check_pyobject_uninitialized_is_freed),
    NOARGS_ROW(check_pyobject_forbidden_bytes_is_freed),
    NOARGS_ROW(check_pyobject_freed_is_freed),
    VARARGS_ROW(set_nomemory),
    {"tracemalloc_track", track, METH_VARARGS, NULL},
    {"tracemalloc_untrack", untrack, METH_VARARGS, NULL},
    {NULL}
};

int
_TestCapi_AddMemory(PyObject *module)
{
    return PyModule_AddFunctions(module, memory_methods);
}
