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

/* Debug builds: nobody writes to shared objects unannounced (Objects/shared_check.c).  The first
 * takes the copy that later states are compared with; the types lock is held between Begin and
 * End. */
#ifdef Py_DEBUG
extern void _PyShared_Remember(void);
extern void _PyShared_BeginWrite(void);
extern void _PyShared_EndWrite(void);
extern void _PyShared_Check(void);
#else
#  define _PyShared_Remember() ((void)0)
#  define _PyShared_BeginWrite() ((void)0)
#  define _PyShared_EndWrite() ((void)0)
#  define _PyShared_Check() ((void)0)
#endif

#endif  /* !Py_INTERNAL_SHARED_H */
