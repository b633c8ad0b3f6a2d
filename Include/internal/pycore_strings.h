/* Static strings: &_Py_ID(name) is the one str "name" of the process.
 *
 * Tools/build/generate_static_objects.py collects the names from the sources and defines one
 * symbol for each in gen/static_objects.c.  They are ASCII, interned for ever and shared by all
 * interpreters. */
#ifndef Py_INTERNAL_STRINGS_H
#define Py_INTERNAL_STRINGS_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* The static str with that text, as an lvalue; for use inside functions. */
#define _Py_ID(NAME)                            \
    (*__extension__({                           \
        extern PyASCIIObject _Py_id_ ## NAME;   \
        (PyObject *)&_Py_id_ ## NAME;           \
    }))

/* For tables at file scope: a declaration, and then the address as a constant. */
#define _Py_ID_DECLARE(NAME) extern PyASCIIObject _Py_id_ ## NAME
#define _Py_ID_ADDRESS(NAME) ((PyObject *)&_Py_id_ ## NAME)

/* The same for texts that are no identifiers: _Py_DECLARE_STR(name, "text") names one. */
#define _Py_STR(NAME)                           \
    (*__extension__({                           \
        extern PyASCIIObject _Py_str_ ## NAME;  \
        (PyObject *)&_Py_str_ ## NAME;          \
    }))

/* Read by the generator; expands to nothing. */
#define _Py_DECLARE_STR(NAME, TEXT)

/* The static str with these bytes, borrowed, or NULL.  Also knows the one-character ASCII strings
 * and the empty one. */
extern PyObject *_Py_static_string_lookup(const char *data, size_t size);

#endif /* !Py_INTERNAL_STRINGS_H */
