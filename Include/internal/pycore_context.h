/* Contexts and context variables (Python/context.c). */
#ifndef Py_INTERNAL_CONTEXT_H
#define Py_INTERNAL_CONTEXT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_hamt.h"        // PyHamtObject

struct _pycontextobject {
    PyObject_HEAD
    PyContext *ctx_prev;        /* what was current when this one was entered (owned) */
    PyHamtObject *ctx_vars;     /* ContextVar -> value; replaced, never changed */
    PyObject *ctx_weakreflist;
    int ctx_entered;
};

struct _pycontextvarobject {
    PyObject_HEAD
    PyObject *var_name;
    PyObject *var_default;      /* or NULL */
    PyObject *var_cached;       /* borrowed: the value in thread tsid while its version is tsver */
    uint64_t var_cached_tsid;
    uint64_t var_cached_tsver;
    Py_hash_t var_hash;
};

struct _pycontexttokenobject {
    PyObject_HEAD
    PyContext *tok_ctx;
    PyContextVar *tok_var;
    PyObject *tok_oldval;       /* NULL: the variable had no value */
    int tok_used;
};

extern PyTypeObject _PyContextTokenMissing_Type;

/* Gives Token its attribute MISSING; before the type is made ready.  0, or -1 with an error. */
extern __attribute__((weak)) int _PyContext_PrepareTypes(PyThreadState *tstate);

#endif /* !Py_INTERNAL_CONTEXT_H */
