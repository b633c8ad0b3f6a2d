/* Memory domains and their allocators.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYMEM_H
#  error "do not include this file directly, include pymem.h"
#endif

#ifndef Py_CPYTHON_PYMEM_H
#define Py_CPYTHON_PYMEM_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    PYMEM_DOMAIN_RAW,  /* PyMem_RawMalloc() */
    PYMEM_DOMAIN_MEM,  /* PyMem_Malloc() */
    PYMEM_DOMAIN_OBJ   /* PyObject_Malloc() */
} PyMemAllocatorDomain;

typedef enum {
    PYMEM_ALLOCATOR_NOT_SET = 0,
    PYMEM_ALLOCATOR_DEFAULT = 1,
    PYMEM_ALLOCATOR_DEBUG = 2,
    PYMEM_ALLOCATOR_MALLOC = 3,
    PYMEM_ALLOCATOR_MALLOC_DEBUG = 4,
    PYMEM_ALLOCATOR_PYMALLOC = 5,
    PYMEM_ALLOCATOR_PYMALLOC_DEBUG = 6
} PyMemAllocatorName;

/* One allocator: ctx is passed to each function. */
typedef struct {
    void *ctx;  /* passed to each function */
    void *(*malloc)(void *, size_t);
    void *(*calloc)(void *, size_t, size_t);
    void *(*realloc)(void *, void *, size_t);
    void (*free)(void *, void *);
} PyMemAllocatorEx;

PyAPI_FUNC(void) PyMem_GetAllocator(PyMemAllocatorDomain, PyMemAllocatorEx *);
PyAPI_FUNC(void *) PyMem_RawCalloc(size_t, size_t);
PyAPI_FUNC(void) PyMem_RawFree(void *);
PyAPI_FUNC(void *) PyMem_RawMalloc(size_t);
PyAPI_FUNC(void *) PyMem_RawRealloc(void *, size_t);
PyAPI_FUNC(void) PyMem_SetAllocator(PyMemAllocatorDomain, PyMemAllocatorEx *);
PyAPI_FUNC(void) PyMem_SetupDebugHooks(void);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(const char *) _PyMem_GetCurrentAllocatorName(void);
PyAPI_FUNC(char *) _PyMem_RawStrdup(const char *);
PyAPI_FUNC(wchar_t *) _PyMem_RawWcsdup(const wchar_t *);
PyAPI_FUNC(char *) _PyMem_Strdup(const char *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_PYMEM_H */
