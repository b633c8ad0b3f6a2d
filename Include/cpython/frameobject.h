/* Frame objects made from C, and the move between fast locals and f_locals.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_FRAMEOBJECT_H
#  error "do not include this file directly, include frameobject.h"
#endif

#ifndef Py_CPYTHON_FRAMEOBJECT_H
#define Py_CPYTHON_FRAMEOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(void) PyFrame_FastToLocals(PyFrameObject *);
PyAPI_FUNC(int) PyFrame_FastToLocalsWithError(PyFrameObject *);
PyAPI_FUNC(void) PyFrame_LocalsToFast(PyFrameObject *, int);
PyAPI_FUNC(Py_NEWREF PyFrameObject *) PyFrame_New(PyThreadState *, PyCodeObject *, PyObject *,
    PyObject *);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(int) _PyFrame_IsEntryFrame(PyFrameObject *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_FRAMEOBJECT_H */
