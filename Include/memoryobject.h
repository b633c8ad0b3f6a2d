/* The memoryview type.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_MEMORYOBJECT_H
#define Py_MEMORYOBJECT_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyMemoryView_Type;

#define PyMemoryView_Check(op) Py_IS_TYPE((op), &PyMemoryView_Type)

PyAPI_FUNC(Py_NEWREF PyObject *) PyMemoryView_FromObject(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyMemoryView_GetContiguous(PyObject *, int, char);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03030000
PyAPI_FUNC(Py_NEWREF PyObject *) PyMemoryView_FromMemory(char *, Py_ssize_t, int);
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030b0000
PyAPI_FUNC(Py_NEWREF PyObject *) PyMemoryView_FromBuffer(const Py_buffer *);
#endif

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/memoryobject.h"
#endif

#endif  /* !Py_MEMORYOBJECT_H */
