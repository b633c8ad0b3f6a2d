/* The PickleBuffer type (PEP 574).
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CPYTHON_PICKLEBUFOBJECT_H
#define Py_CPYTHON_PICKLEBUFOBJECT_H

#ifndef Py_LIMITED_API

#include "../object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyPickleBuffer_Type;

#define PyPickleBuffer_Check(op) Py_IS_TYPE((op), &PyPickleBuffer_Type)

PyAPI_FUNC(Py_NEWREF PyObject *) PyPickleBuffer_FromObject(PyObject *);
PyAPI_FUNC(const Py_buffer *) PyPickleBuffer_GetBuffer(PyObject *);
PyAPI_FUNC(int) PyPickleBuffer_Release(PyObject *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_LIMITED_API */

#endif  /* !Py_CPYTHON_PICKLEBUFOBJECT_H */
