/* The shared static objects that are not types: small ints, one-character strings, empty
 * containers and all strings that the core names.  Defined in gen/static_objects.c, which
 * Tools/build/generate_static_objects.py makes from the sources. */
#ifndef Py_INTERNAL_GLOBAL_OBJECTS_H
#define Py_INTERNAL_GLOBAL_OBJECTS_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#define _PY_NSMALLPOSINTS   257     /* 0..256 */
#define _PY_NSMALLNEGINTS   5       /* -5..-1 */

struct _Py_static_objects {
    PyLongObject small_ints[_PY_NSMALLNEGINTS + _PY_NSMALLPOSINTS];
    /* PyBytesObject of no byte, and of one byte each with its final NUL. */
    PyBytesObject bytes_empty;
    struct {
        PyBytesObject ob;
        char eos;
    } bytes_characters[256];
    /* One-character strings: ASCII, then U+0080..U+00FF with their UTF-8 form. */
    struct {
        PyASCIIObject ob;
        uint8_t data[2];
    } ascii[128];
    struct {
        PyCompactUnicodeObject ob;
        uint8_t data[2];
    } latin1[128];
    struct {
        PyASCIIObject ob;
        uint8_t data[1];
    } str_empty;
    uintptr_t tuple_empty_gc[2];        /* empty PyGC_Head of what follows */
    PyTupleObject tuple_empty;
};

extern struct _Py_static_objects _Py_static_objects;

#define _Py_SINGLETON(NAME) (_Py_static_objects.NAME)

/* Small int as a PyObject *, for -5 <= i <= 256. */
#define _PyLong_SMALL(I) ((PyObject *)&_Py_SINGLETON(small_ints)[_PY_NSMALLNEGINTS + (I)])

/* The one-character str of a latin-1 code point. */
#define _PyUnicode_LATIN1_CHAR(CH)                                          \
    ((CH) < 128 ? (PyObject *)&_Py_SINGLETON(ascii)[(CH)]                   \
                : (PyObject *)&_Py_SINGLETON(latin1)[(CH) - 128])

#define _PyBytes_CHAR(CH) ((PyObject *)&_Py_SINGLETON(bytes_characters)[(unsigned char)(CH)])
#define _PyBytes_EMPTY    ((PyObject *)&_Py_SINGLETON(bytes_empty))
#define _PyUnicode_EMPTY  ((PyObject *)&_Py_SINGLETON(str_empty))
#define _PyTuple_EMPTY    ((PyObject *)&_Py_SINGLETON(tuple_empty))

#endif /* !Py_INTERNAL_GLOBAL_OBJECTS_H */
