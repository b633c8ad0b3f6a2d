/* Internal interface of bytes, and what bytes and bytearray share. */
#ifndef Py_INTERNAL_BYTESOBJECT_H
#define Py_INTERNAL_BYTESOBJECT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* --- Objects/bytesobject.c ------------------------------------------------------------------- */

/* Position of sub in str[start:], -1 if absent (offset is added to what is found). */
PyAPI_FUNC(Py_ssize_t) _PyBytes_Find(const char *haystack, Py_ssize_t len_haystack,
                                const char *needle, Py_ssize_t len_needle, Py_ssize_t offset);
PyAPI_FUNC(Py_ssize_t) _PyBytes_ReverseFind(const char *haystack, Py_ssize_t len_haystack,
                                       const char *needle, Py_ssize_t len_needle,
                                       Py_ssize_t offset);
/* Fill dest[:len_dest] with repetitions of src[:len_src]; len_dest is a multiple of len_src. */
PyAPI_FUNC(void) _PyBytes_Repeat(char *dest, Py_ssize_t len_dest, const char *src,
                                 Py_ssize_t len_src);
/* What the method __bytes__ returns: new reference to bytes, or NULL; without an exception if there
   is no such method. */
extern PyObject *_PyObject_CallBytes(PyObject *v);
/* Bytes of the items of a sequence or iterable of integers. */
extern PyObject *_PyBytes_FromIterable(PyObject *x);

#endif
