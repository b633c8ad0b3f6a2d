/* Python/pystrhex.c: bytes to hexadecimal str or bytes; new references. */
#ifndef Py_INTERNAL_STRHEX_H
#define Py_INTERNAL_STRHEX_H

#if !defined(Py_BUILD_CORE) && !defined(Py_BUILD_CORE_MODULE)
#  error "this header requires Py_BUILD_CORE or Py_BUILD_CORE_MODULE"
#endif

#include "Python.h"

PyAPI_FUNC(PyObject *) _Py_strhex(const char *argbuf, const Py_ssize_t arglen);
PyAPI_FUNC(PyObject *) _Py_strhex_bytes(const char *argbuf, const Py_ssize_t arglen);
PyAPI_FUNC(PyObject *) _Py_strhex_with_sep(const char *argbuf, const Py_ssize_t arglen,
                                           PyObject *sep, const int bytes_per_group);
PyAPI_FUNC(PyObject *) _Py_strhex_bytes_with_sep(const char *argbuf, const Py_ssize_t arglen,
                                                 PyObject *sep, const int bytes_per_group);

#endif
