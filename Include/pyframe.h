/* Frame objects as a debugger sees them.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYFRAME_H
#define Py_PYFRAME_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(Py_NEWREF PyCodeObject *) PyFrame_GetCode(PyFrameObject *);
PyAPI_FUNC(int) PyFrame_GetLineNumber(PyFrameObject *);

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/pyframe.h"
#endif

#endif  /* !Py_PYFRAME_H */
