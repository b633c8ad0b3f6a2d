#ifndef Py_INTERNAL_ATEXIT_H
#define Py_INTERNAL_ATEXIT_H
/* Exit callbacks (Modules/atexitmodule.c); state: struct _atexit_state. */
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

extern PyStatus _PyAtExit_Init(PyInterpreterState *interp);
/* Call and forget the Python callbacks of the interpreter, last registered first; then its C
   callbacks. */
extern void _PyAtExit_Call(PyInterpreterState *interp);
/* Forget callbacks that were not called. */
extern void _PyAtExit_Fini(PyInterpreterState *interp);

typedef void (*atexit_datacallbackfunc)(void *);
/* Call func(data) when the interpreter ends, in it.  Returns 0, or -1 with MemoryError. */
PyAPI_FUNC(int) PyUnstable_AtExit(PyInterpreterState *interp, atexit_datacallbackfunc func,
                                  void *data);

#endif  /* !Py_INTERNAL_ATEXIT_H */
