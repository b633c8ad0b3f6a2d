/* Functions as specialised calls see them.  Owner: Objects/funcobject.c. */
#ifndef Py_INTERNAL_FUNCTION_H
#define Py_INTERNAL_FUNCTION_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* A number that stands for this function with its code and defaults as they are now, given at
 * need; 0: none to be had.  Whoever changes the function resets func_version (and, with the
 * code, func_entry) to 0. */
extern uint32_t _PyFunction_GetVersionForCurrentState(PyFunctionObject *func);

/* True if a call with `argcount` positional arguments fills the parameters one to one. */
static inline int
_PyFunction_IsSimple(PyFunctionObject *func, int argcount)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    return (code->co_flags & (CO_VARARGS | CO_VARKEYWORDS | CO_OPTIMIZED)) == CO_OPTIMIZED
           && code->co_kwonlyargcount == 0 && code->co_argcount == argcount;
}

/* The same for a function that can be __init__: what it returns comes at once. */
static inline int
_PyFunction_IsSimpleInit(PyFunctionObject *func, int argcount)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    return _PyFunction_IsSimple(func, argcount)
           && !(code->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR));
}

#endif /* !Py_INTERNAL_FUNCTION_H */
