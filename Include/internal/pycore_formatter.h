/* Python/formatter_unicode.c: format() of the built-in types, written to a _PyUnicodeWriter.
   All take the spec as format_spec[start:end] and return 0, or -1 with an exception. */
#ifndef Py_INTERNAL_FORMATTER_H
#define Py_INTERNAL_FORMATTER_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

PyAPI_FUNC(int) _PyLong_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj,
                                        PyObject *format_spec, Py_ssize_t start, Py_ssize_t end);
PyAPI_FUNC(int) _PyFloat_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj,
                                         PyObject *format_spec, Py_ssize_t start, Py_ssize_t end);
extern int _PyComplex_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj,
                                           PyObject *format_spec, Py_ssize_t start,
                                           Py_ssize_t end);

#endif
