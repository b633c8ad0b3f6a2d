/* Parts of the module sys (Python/sysmodule*.c), and its C API for the core. */
#ifndef Py_INTERNAL_SYSMODULE_H
#define Py_INTERNAL_SYSMODULE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#ifdef Py_DEBUG
#  define _Py_ABIFLAGS "d"
#else
#  define _Py_ABIFLAGS ""
#endif

/* -- sysmodule.c -- */
extern const char _PySys_doc[];
extern PyObject *_PySys_GetAttr(PyThreadState *tstate, PyObject *name);     /* borrowed */
extern int _PySys_SetAttr(PyObject *name, PyObject *value);
extern int _PySys_AddMethods(PyThreadState *tstate, PyMethodDef *methods);
extern size_t _PySys_GetSizeOf(PyObject *op);

/* -- sysmodule_info.c: struct sequences and tables -- */
extern int _PySys_InitInfo(PyThreadState *tstate, PyObject *sysdict);
extern PyObject *_PySys_MakeFlags(PyThreadState *tstate);

/* -- sysmodule_io.c: audit hooks, writing to sys.stdout and sys.stderr -- */
extern PyMethodDef _PySys_io_methods[];
extern int _PySys_Audit(PyThreadState *tstate, const char *event, const char *format, ...);

/* -- sysmodule_trace.c: settrace, setprofile, hooks of async generators -- */
extern PyMethodDef _PySys_trace_methods[];
/* Make the type of the hooks ready, before there are threads.  0, or -1 with an exception. */
extern int _PySys_InitAsyncGenHooks(PyThreadState *tstate);

#endif /* !Py_INTERNAL_SYSMODULE_H */
