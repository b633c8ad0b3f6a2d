/* Python/codecs.c: life of the codec registry in an interpreter (struct _codecs_state). */
#ifndef Py_INTERNAL_CODECS_H
#define Py_INTERNAL_CODECS_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

extern void _PyCodec_Fini(PyInterpreterState *interp);

#endif
