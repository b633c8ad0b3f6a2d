#ifndef Py_INTERNAL_SHARED_H
#define Py_INTERNAL_SHARED_H
/* Shared objects: static ones (section "pyshared") and those in the process arena. */

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_runtime.h"     // _PyRuntime

/* Bounds of the section, by the linker.  Weak: a program without shared statics links too. */
extern char __start_pyshared[] __attribute__((weak));
extern char __stop_pyshared[] __attribute__((weak));

/* True if the address lies in the process arena. */
static inline int
_PyProcessArena_Contains(const void *ptr)
{
    const struct _process_arena *process = &_PyRuntime.memory.process;
    return (uintptr_t)ptr - process->base < process->end - process->base;
}

/* True if `op` is a shared object: visible to every interpreter, immutable. */
static inline int
_Py_IsShared(const void *op)
{
    return ((uintptr_t)op - (uintptr_t)__start_pyshared
                < (uintptr_t)__stop_pyshared - (uintptr_t)__start_pyshared
            || _PyProcessArena_Contains(op));
}

/* Debug builds: abort if `op` belongs to the heap of another interpreter (heap_process.c). */
extern void _PyObject_CheckOwner(PyObject *op);

#endif  /* !Py_INTERNAL_SHARED_H */
