/* The methods of asynchronous generators and what they share with generators.
 * Owner: Objects/asyncgen.c (methods), Objects/genobject.c (the rest). */
#ifndef Py_INTERNAL_ASYNCGEN_H
#define Py_INTERNAL_ASYNCGEN_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* Results are new references or NULL with an exception. */
extern PyObject *_PyAsyncGen_ANext(PyAsyncGenObject *o);
extern PyObject *_PyAsyncGen_ASend(PyAsyncGenObject *o, PyObject *arg);
extern PyObject *_PyAsyncGen_AClose(PyAsyncGenObject *o, PyObject *ignored);
extern PyObject *_PyAsyncGen_AThrow(PyAsyncGenObject *o, PyObject *args);

extern PyObject *_PyGen_Send(PyGenObject *gen, PyObject *arg);
extern PyObject *_PyGen_Close(PyGenObject *gen);
extern PyObject *_PyGen_Throw(PyGenObject *gen, int close_on_genexit, PyObject *typ,
                              PyObject *val, PyObject *tb);
/* The arguments of a throw() method, with the deprecation of three of them. */
extern PyObject *_PyGen_ThrowArgs(PyGenObject *gen, PyObject *const *args, Py_ssize_t nargs);

#endif /* !Py_INTERNAL_ASYNCGEN_H */
