/* Tracing of memory blocks (Python/tracemalloc.c) as the allocators see it. */
#ifndef Py_INTERNAL_TRACEMALLOC_H
#define Py_INTERNAL_TRACEMALLOC_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_runtime.h"     // _PyRuntime

static inline int
_PyTraceMalloc_IsOn(void)
{
    return __atomic_load_n(&_PyRuntime.tracemalloc.tracing, __ATOMIC_RELAXED);
}

/* While memory is traced: the calls of an allocator, and a trace for their result.  NULL when
   the allocator, or the memory for the trace, fails. */
extern void *_PyTraceMalloc_Malloc(PyMemAllocatorEx *alloc, size_t size);
extern void *_PyTraceMalloc_Calloc(PyMemAllocatorEx *alloc, size_t nelem, size_t elsize);
extern void *_PyTraceMalloc_Realloc(PyMemAllocatorEx *alloc, void *ptr, size_t size);
extern void _PyTraceMalloc_Free(PyMemAllocatorEx *alloc, void *ptr);

/* Say on stderr where the block was allocated, for a fatal error. */
extern void _PyTraceMalloc_Dump(const void *ptr);

#endif  /* !Py_INTERNAL_TRACEMALLOC_H */
