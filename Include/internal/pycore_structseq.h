/* Struct sequences of the core: shared static types. */
#ifndef Py_INTERNAL_STRUCTSEQ_H
#define Py_INTERNAL_STRUCTSEQ_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* -- Objects/structseq.c -- */
/* Makes a zeroed static PyTypeObject (in section "pyshared") a shared struct sequence type, once
 * per process: when the main interpreter starts, before other threads may read it.  `flags` are
 * added to the usual ones.  0, or -1 with an error set. */
extern int _PyStructSequence_InitBuiltin(PyThreadState *tstate, PyTypeObject *type,
                                         PyStructSequence_Desc *desc, unsigned long flags);

#endif /* !Py_INTERNAL_STRUCTSEQ_H */
