/* Traceback objects.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_TRACEBACK_H
#define Py_TRACEBACK_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) PyTraceBack_Here(PyFrameObject *);
PyAPI_FUNC(int) PyTraceBack_Print(PyObject *, PyObject *);

PyAPI_DATA(PyTypeObject) PyTraceBack_Type;

#define PyTraceBack_Check(v) Py_IS_TYPE((v), &PyTraceBack_Type)

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/traceback.h"
#endif

#endif  /* !Py_TRACEBACK_H */
