/* Objects/memoryobject.c inside the core. */
#ifndef Py_INTERNAL_MEMORYOBJECT_H
#define Py_INTERNAL_MEMORYOBJECT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

extern PyTypeObject _PyMemoryIter_Type;

/* A memoryview of the buffer that bufferproc gives for v. */
extern PyObject *_PyMemoryView_FromBufferProc(PyObject *v, int flags, getbufferproc bufferproc);

#endif
