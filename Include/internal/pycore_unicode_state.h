/* State that the str type keeps: in the runtime, in a heap and in an interpreter.
 *
 * Glossary
 *   interned table  open-addressing set of borrowed pointers to the interned run-time strings of
 *                   one heap; a string leaves it when it is deallocated
 *   identifier      C static `_Py_Identifier`; its index is given out once per process, the string
 *                   behind an index lives in each interpreter
 */
#ifndef Py_INTERNAL_UNICODE_STATE_H
#define Py_INTERNAL_UNICODE_STATE_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

struct _PyUnicode_Name_CAPI;

/* In the heap: the interned strings.  Written by the holder of the heap's GIL only. */
struct _Py_unicode_interned {
    PyObject **slots;       /* mask + 1 entries: NULL (never used), the tombstone, or a str */
    size_t mask;            /* number of slots - 1; slots count is a power of two */
    size_t used;            /* slots that hold a string */
    size_t fill;            /* used + tombstones; fill <= 2/3 of the slots */
};

/* In the runtime: only ever changed by an atomic add. */
struct _Py_unicode_runtime_state {
    Py_ssize_t next_id_index;       /* next index for a _Py_Identifier */
};

/* In the interpreter: written by the holder of its GIL. */
struct _Py_unicode_state {
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
