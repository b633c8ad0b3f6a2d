/* State that the str type keeps in an interpreter.
 *
 * Glossary
 *   identifier      C static `_Py_Identifier`; its index is given out once per process, the string
 *                   behind an index lives in each interpreter
 */
#ifndef Py_INTERNAL_UNICODE_STATE_H
#define Py_INTERNAL_UNICODE_STATE_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

struct _PyUnicode_Name_CAPI;

/* In the interpreter: written by the holder of its GIL. */
struct _unicode_state {
    struct {
        char *encoding;             /* filesystem encoding, normalised name; PyMem_RawMalloc */
        int utf8;                   /* encoding == "utf-8" */
        char *errors;               /* filesystem error handler name; PyMem_RawMalloc */
        int error_handler;          /* a _Py_error_handler */
    } fs_codec;                     /* encoding is NULL until start-up has chosen it */
    struct _PyUnicode_Name_CAPI *ucnhash_capi;  /* borrowed from unicodedata's capsule, or NULL */
    struct {
        PyObject **array;           /* strong references, by identifier index */
        Py_ssize_t size;            /* entries allocated */
    } ids;
};

#endif
