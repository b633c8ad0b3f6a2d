/* Warnings with an explicit place.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_WARNINGS_H
#  error "do not include this file directly, include warnings.h"
#endif

#ifndef Py_CPYTHON_WARNINGS_H
#define Py_CPYTHON_WARNINGS_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) PyErr_WarnExplicitFormat(PyObject *, const char *, int, const char *,
    PyObject *, const char *, ...);
PyAPI_FUNC(int) PyErr_WarnExplicitObject(PyObject *, PyObject *, PyObject *, int, PyObject *,
    PyObject *);

#define PyErr_Warn(category, msg) PyErr_WarnEx((category), (msg), 1)

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_WARNINGS_H */
