/* Running Python code from C, and printing exceptions.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYTHONRUN_H
#define Py_PYTHONRUN_H

#include "object.h"
#include "compile.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(Py_NEWREF PyObject *) Py_CompileString(const char *, const char *, int);

PyAPI_FUNC(void) PyErr_Display(PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(void) PyErr_Print(void);
PyAPI_FUNC(void) PyErr_PrintEx(int);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030c0000
PyAPI_FUNC(void) PyErr_DisplayException(PyObject *);
#endif

PyAPI_DATA(int) (*PyOS_InputHook)(void);

/* Bytes of C stack that a stack check leaves. */
#define PYOS_STACK_MARGIN 2048

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/pythonrun.h"
#endif

#endif  /* !Py_PYTHONRUN_H */
