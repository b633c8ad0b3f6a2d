/* Tracking of memory blocks that do not come from the allocators of the core.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_TRACEMALLOC_H
#define Py_TRACEMALLOC_H

#include "pytypedefs.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef Py_LIMITED_API
#ifndef Py_LIMITED_API
PyAPI_FUNC(int) PyTraceMalloc_Track(unsigned int, uintptr_t, size_t);
PyAPI_FUNC(int) PyTraceMalloc_Untrack(unsigned int, uintptr_t);
#endif

/* Private to the core, but part of the binary interface. */
#ifndef Py_LIMITED_API
PyAPI_FUNC(void) _PyTraceMalloc_ClearTraces(void);
PyAPI_FUNC(size_t) _PyTraceMalloc_GetMemory(void);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyTraceMalloc_GetObjectTraceback(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyTraceMalloc_GetTraceback(unsigned int, uintptr_t);
PyAPI_FUNC(int) _PyTraceMalloc_GetTracebackLimit(void);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyTraceMalloc_GetTracedMemory(void);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyTraceMalloc_GetTraces(void);
PyAPI_FUNC(int) _PyTraceMalloc_Init(void);
PyAPI_FUNC(int) _PyTraceMalloc_IsTracing(void);
PyAPI_FUNC(void) _PyTraceMalloc_ResetPeak(void);
PyAPI_FUNC(int) _PyTraceMalloc_Start(int);
PyAPI_FUNC(void) _PyTraceMalloc_Stop(void);
#endif
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_TRACEMALLOC_H */
