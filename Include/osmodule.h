/* Paths.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_OSMODULE_H
#define Py_OSMODULE_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03060000
PyAPI_FUNC(Py_NEWREF PyObject *) PyOS_FSPath(PyObject *);
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_OSMODULE_H */
