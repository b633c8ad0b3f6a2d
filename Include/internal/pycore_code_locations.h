/* Positions of instructions, see Objects/code_locations.c.  All results are new references. */
#ifndef Py_INTERNAL_CODE_LOCATIONS_H
#define Py_INTERNAL_CODE_LOCATIONS_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_object.h"      // _Py_SHARED

extern PyTypeObject _PyLineIterator;
extern PyTypeObject _PyPositionsIterator;

extern PyObject *_PyCode_LineIterator(PyCodeObject *co);
extern PyObject *_PyCode_PositionsIterator(PyCodeObject *co);
extern PyObject *_PyCode_MakeLnotab(PyCodeObject *co);
extern PyObject *_PyCode_StripColumns(PyObject *linetable);

#endif
