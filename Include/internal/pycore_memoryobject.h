/* memoryview inside the core: views made by the type machinery (PEP 688). */
#ifndef Py_INTERNAL_MEMORYOBJECT_H
#define Py_INTERNAL_MEMORYOBJECT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* A memoryview of `v` whose buffer comes from `bufferproc`: new reference or NULL.
 * Objects/memoryobject.c */
extern PyObject *_PyMemoryView_FromBufferProc(PyObject *v, int flags, getbufferproc bufferproc);

#endif /* !Py_INTERNAL_MEMORYOBJECT_H */
