/* Raising, fetching and chaining exceptions inside the core.
 *
 * The pending exception of a thread is tstate->current_exception, always a complete
 * instance.  The exceptions being handled form a stack of _PyErr_StackItem, innermost first, in
 * tstate->exc_info; an item's exc_value is an instance or NULL (None is accepted).
 * Functions that take tstate need it to be the attached thread. */
#ifndef Py_INTERNAL_ERRORS_H
#define Py_INTERNAL_ERRORS_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_private_api.h" // _PyErr_SetString() and the other exported ones

#include <assert.h>

/* -- Python/errors.c -- */

/* The type of the pending exception, borrowed, or NULL. */
static inline PyObject *
_PyErr_Occurred(PyThreadState *tstate)
{
    assert(tstate != NULL);
    PyObject *exc = tstate->current_exception;
    return exc == NULL ? NULL : (PyObject *)Py_TYPE(exc);
}

/* Takes the pending exception out of the thread: new reference or NULL. */
static inline PyObject *
_PyErr_GetRaisedException(PyThreadState *tstate)
{
    PyObject *exc = tstate->current_exception;
    tstate->current_exception = NULL;
    return exc;
}

/* Makes `exc` (stolen; NULL for none) the pending exception. */
extern void _PyErr_SetRaisedException(PyThreadState *tstate, PyObject *exc);

static inline void
_PyErr_ClearExcState(_PyErr_StackItem *exc_state)
{
    Py_CLEAR(exc_state->exc_value);
}

extern PyObject *_PyErr_FormatV(PyThreadState *tstate, PyObject *exception, const char *format,
                                va_list vargs);
extern void _PyErr_BadInternalCallTstate(PyThreadState *tstate, const char *file, int line);
/* SyntaxError attributes: columns are 1-based here, -1 for none. */
extern void _PyErr_SetSyntaxLocation(PyThreadState *tstate, PyObject *filename, int lineno,
                                     int col_offset, int end_lineno, int end_col_offset);
/* The type of the argument of sys.unraisablehook: borrowed, or NULL with an exception. */
extern PyTypeObject *_PyErr_GetUnraisableHookArgsType(PyThreadState *tstate);
/* What sys.__unraisablehook__ does: None (new reference) or NULL with an exception. */
extern PyObject *_PyErr_WriteUnraisableDefaultHook(PyObject *args);

/* -- Objects/exceptions.c -- */
extern PyStatus _PyExc_InitTypes(PyThreadState *tstate);
/* Per interpreter: spare MemoryErrors and ExceptionGroup. */
extern PyStatus _PyExc_InitState(PyThreadState *tstate);
/* Adds the names of all exceptions to the dict of builtins: 0, or -1 with an exception. */
extern int _PyBuiltins_AddExceptions(PyObject *builtins_module);
extern void _PyExc_FiniState(PyInterpreterState *interp);
/* A MemoryError that needs no memory if the interpreter is initialised: new reference or NULL. */
extern PyObject *_PyExc_NewMemoryError(PyThreadState *tstate);
/* The static exception types, NULL-terminated, bases first. */
extern PyTypeObject *const _PyExc_StaticTypes[];
/* The BaseExceptionGroup subclass of this interpreter that holds only Exceptions: borrowed. */
extern PyObject *_PyExc_GetExceptionGroupType(PyInterpreterState *interp);

/* -- Python/suggestions.c -- */
/* ". Did you mean: ...?" for a name that an AttributeError, NameError or ImportError did not find:
   new reference, or NULL (with an exception only for lack of memory). */
extern PyObject *_Py_Offer_Suggestions(PyObject *exception);
/* Cost of editing one UTF-8 string to the other, or -1 with an exception. */
extern Py_ssize_t _Py_UTF8_Edit_Cost(PyObject *a, PyObject *b, Py_ssize_t max_cost);

#endif /* !Py_INTERNAL_ERRORS_H */
