/* The type of list[int] and its like.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_GENERICALIASOBJECT_H
#define Py_GENERICALIASOBJECT_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(Py_NEWREF PyObject *) Py_GenericAlias(PyObject *, PyObject *);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03090000
PyAPI_DATA(PyTypeObject) Py_GenericAliasType;
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_GENERICALIASOBJECT_H */
