/* float inside the core.  Written from the design notes and the fact tables. */
#ifndef Py_INTERNAL_FLOAT_H
#define Py_INTERNAL_FLOAT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* -- floatobject.c -- */
extern void _PyFloat_ExactDealloc(PyObject *op);

/* -- floattext.c -- */
extern PyObject *_PyFloat_Repr(PyObject *v);
extern PyObject *_PyFloat_FromHex(PyObject *type, PyObject *string);
extern PyObject *_PyFloat_Hex(PyObject *self, PyObject *ignored);
extern const char _PyFloat_FromHex__doc__[];
extern const char _PyFloat_Hex__doc__[];

/* -- Python/formatter_unicode.c -- */
extern int _PyComplex_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj,
                                           PyObject *format_spec, Py_ssize_t start,
                                           Py_ssize_t end);
extern int _PyFloat_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj,
                                         PyObject *format_spec, Py_ssize_t start, Py_ssize_t end);

#endif /* !Py_INTERNAL_FLOAT_H */
