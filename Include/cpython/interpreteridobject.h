/* Objects that stand for an interpreter's number.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_INTERPRETERIDOBJECT_H
#  error "do not include this file directly, include interpreteridobject.h"
#endif

#ifndef Py_CPYTHON_INTERPRETERIDOBJECT_H
#define Py_CPYTHON_INTERPRETERIDOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) _PyInterpreterID_Type;
/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(PyInterpreterState *) _PyInterpreterID_LookUp(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyInterpreterID_New(int64_t);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyInterpreterState_GetIDObject(PyInterpreterState *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_INTERPRETERIDOBJECT_H */
