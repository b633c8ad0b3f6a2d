/* What an interpreter knows about code objects, apart from the objects themselves.
 * See pycore_code.h for the accessors; nobody else reads these fields. */
#ifndef Py_INTERNAL_CODE_STATE_H
#define Py_INTERNAL_CODE_STATE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

struct _PyExecutable;

/* What one interpreter knows about one code object.  Owned by that interpreter's heap. */
struct _PyCodeRecord {
    struct _PyExecutable *executable;   /* running form, or NULL while cold */
    uint16_t warmth;                    /* entries and back edges seen while cold */
    /* nonzero: making one failed or is pointless (body that runs once) */
    uint16_t no_executable;
    uint32_t version;                   /* code version for call specialisation; 0: none assigned */
    PyObject *weakreflist;              /* weak references made in this interpreter */
    PyObject *code_bytes;               /* cached co_code, or NULL */
    PyObject *varnames;                 /* cached co_varnames, or NULL */
    PyObject *cellvars;                 /* cached co_cellvars, or NULL */
    PyObject *freevars;                 /* cached co_freevars, or NULL */
    void **extra;                       /* co_extra values, or NULL */
    Py_ssize_t n_extra;                 /* number of values in `extra` */
    struct _PyCodeMonitoring *monitoring;   /* events and per-line data; owner instrumentation.c */
};

/* Records of shared code, by index.  `records` grows by doubling; entries are NULL until needed. */
struct _code_state {
    struct _PyCodeRecord **records;     /* PyMem_Calloc'ed; freed with the interpreter */
    Py_ssize_t n_records;               /* its length */
    /* next function/code version above the shared range; 0: used up */
    uint32_t next_version;
    Py_ssize_t n_extra_freefuncs;       /* PyUnstable_Eval_RequestCodeExtraIndex */
    freefunc extra_freefuncs[255];      /* MAX_CO_EXTRA_USERS */
};

#endif /* !Py_INTERNAL_CODE_STATE_H */
