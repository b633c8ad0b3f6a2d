/* More access to frame objects. Their layout is private.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYFRAME_H
#  error "do not include this file directly, include pyframe.h"
#endif

#ifndef Py_CPYTHON_PYFRAME_H
#define Py_CPYTHON_PYFRAME_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyFrame_Type;

#define PyFrame_Check(op) Py_IS_TYPE((op), &PyFrame_Type)

struct _PyInterpreterFrame;

PyAPI_FUNC(Py_NEWREF PyFrameObject *) PyFrame_GetBack(PyFrameObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyFrame_GetBuiltins(PyFrameObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyFrame_GetGenerator(PyFrameObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyFrame_GetGlobals(PyFrameObject *);
PyAPI_FUNC(int) PyFrame_GetLasti(PyFrameObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyFrame_GetLocals(PyFrameObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyFrame_GetVar(PyFrameObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyFrame_GetVarString(PyFrameObject *, const char *);

PyAPI_FUNC(Py_NEWREF PyObject *) PyUnstable_InterpreterFrame_GetCode(
    struct _PyInterpreterFrame *);
PyAPI_FUNC(int) PyUnstable_InterpreterFrame_GetLasti(struct _PyInterpreterFrame *);
PyAPI_FUNC(int) PyUnstable_InterpreterFrame_GetLine(struct _PyInterpreterFrame *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_PYFRAME_H */
