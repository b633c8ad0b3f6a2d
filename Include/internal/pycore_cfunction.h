/* pycore_cfunction.h - a call of a C function by its METH_ convention, for the core only.
 *
 * Functions (methodobject.c) and methods of C types (descrobject.c) have one vectorcall function
 * for each convention.  Both make it from _Py_CallConvention() with a constant convention, so that
 * each is compiled to the checks and the call that it needs.
 *
 * Written from the C API reference (METH_ conventions), PEP 590, PEP 573 and observed messages.
 */
#ifndef Py_INTERNAL_CFUNCTION_H
#define Py_INTERNAL_CFUNCTION_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_ceval.h"       // _Py_EnterRecursiveCallTstate()
#include "pycore_tuple.h"       // _PyTuple_FromArray()

/* The flags of a method definition that say how its function is called. */
#define _Py_METH_CONVENTION \
    (METH_VARARGS | METH_FASTCALL | METH_NOARGS | METH_O | METH_KEYWORDS | METH_METHOD)

/* Raises TypeError "callable takes what"; with given >= 0, "(given given)" follows.  NULL. */
extern PyObject *_Py_BadCFunctionCall(PyObject *callable, const char *what, Py_ssize_t given);

/* The call behind the checks; args and kwnames are NULL where the convention has none. */
static inline Py_ALWAYS_INLINE PyObject *
_Py_CallCFunction(PyCFunction function, int convention, PyObject *self, PyTypeObject *cls,
                  PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    void (*meth)(void) = (void (*)(void))function;
    switch (convention) {
        case METH_NOARGS:
            return function(self, NULL);
        case METH_O:
            return function(self, args[0]);
        case METH_FASTCALL:
            return ((_PyCFunctionFast)meth)(self, args, nargs);
        case METH_FASTCALL | METH_KEYWORDS:
            return ((_PyCFunctionFastWithKeywords)meth)(self, args, nargs, kwnames);
        case METH_METHOD | METH_FASTCALL | METH_KEYWORDS:
            return ((PyCMethod)meth)(self, cls, args, (size_t)nargs, kwnames);
        default:
            Py_UNREACHABLE();
    }
}

/* Calls the function of `callable` (which messages name) with arguments as vectorcall has them,
 * one level of recursion deeper.  Keywords and the number of arguments are checked as the
 * convention, a constant, wants it.  cls counts for METH_METHOD only. */
static inline Py_ALWAYS_INLINE PyObject *
_Py_CallConvention(PyThreadState *tstate, PyObject *callable, PyCFunction function,
                   int convention, PyObject *self, PyTypeObject *cls, PyObject *const *args,
                   Py_ssize_t nargs, PyObject *kwnames)
{
    bool keywords = kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0;
    if (!(convention & METH_KEYWORDS) && keywords) {
        return _Py_BadCFunctionCall(callable, "no keyword arguments", -1);
    }
    if (convention == METH_NOARGS && nargs != 0) {
        return _Py_BadCFunctionCall(callable, "no arguments", nargs);
    }
    if (convention == METH_O && nargs != 1) {
        return _Py_BadCFunctionCall(callable, "exactly one argument", nargs);
    }
    if (_Py_EnterRecursiveCallTstate(tstate, " while calling a Python object")) {
        return NULL;
    }
    PyObject *result = _Py_CallCFunction(function, convention, self, cls, args, nargs, kwnames);
    _Py_LeaveRecursiveCallTstate(tstate);
    return result;
}

#endif /* !Py_INTERNAL_CFUNCTION_H */
