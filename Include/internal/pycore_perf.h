/* Names of Python functions for the Linux profiler perf (Python/perftrampoline.c, perfmap.c). */
#ifndef Py_INTERNAL_PERF_H
#define Py_INTERNAL_PERF_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* Give each code object that runs machine code of its own: 0, or -1 with an exception. */
extern int _PyPerfTrampoline_Activate(PyThreadState *tstate);
/* Run frames by the core's loop alone again; what runs goes on. */
extern void _PyPerfTrampoline_Deactivate(PyInterpreterState *interp);
extern int _PyPerfTrampoline_IsActive(PyInterpreterState *interp);
/* Free the machine code of an interpreter that runs no more code. */
extern void _PyPerfTrampoline_Fini(PyInterpreterState *interp);

/* In a forked child: go on with a map of its own, which begins with what is in its parent's. */
extern void _PyPerfMap_AfterForkChild(void);

#endif  /* !Py_INTERNAL_PERF_H */
