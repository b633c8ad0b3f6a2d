/* Parts of the module builtins that have files of their own.  Owner: Python/bltinmodule.c. */
#ifndef Py_INTERNAL_BLTIN_H
#define Py_INTERNAL_BLTIN_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* -- Python/bltin_class.c -- */
extern const char _PyBuiltin_BuildClass__doc__[];
extern PyObject *_PyBuiltin_BuildClass(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                                       PyObject *kwnames);

/* -- Python/bltin_io.c -- */
extern const char _PyBuiltin_Print__doc__[];
extern PyObject *_PyBuiltin_Print(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                                  PyObject *kwnames);
extern const char _PyBuiltin_Input__doc__[];
extern PyObject *_PyBuiltin_Input(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

/* -- Objects/iterobject.c -- */
extern PyObject *PyAnextAwaitable_New(PyObject *awaitable, PyObject *default_value);

/* -- Python/ceval_api.c -- */
extern PyObject *_PyEval_GetFrameLocals(void);

#endif /* !Py_INTERNAL_BLTIN_H */
