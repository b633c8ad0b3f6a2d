/* Calling objects inside the core: the fast paths in line. */
#ifndef Py_INTERNAL_CALL_H
#define Py_INTERNAL_CALL_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_private_api.h" // _PyObject_Call()
#include "pycore_pystate.h"     // _PyThreadState_GET()

#include <assert.h>
#include <string.h>

/* Up to this many arguments are collected on the C stack. */
#define _PY_FASTCALL_SMALL_STACK 5

/* -- Objects/call.c -- */

/* f(*stack, **kwargs) with a dict: what PyObject_VectorcallDict() does. */
extern PyObject *_PyObject_FastCallDictTstate(PyThreadState *tstate, PyObject *callable,
                                              PyObject *const *args, size_t nargsf,
                                              PyObject *kwargs);
/* The arguments of f(*args, **kwargs) as one array (args are new references, room for one more
   in front), the names of the keywords in *p_kwnames; NULL with an exception. */
extern PyObject *const *_PyStack_UnpackDict(PyThreadState *tstate, PyObject *const *args,
                                            Py_ssize_t nargs, PyObject *kwargs,
                                            PyObject **p_kwnames);
extern void _PyStack_UnpackDict_Free(PyObject *const *stack, Py_ssize_t nargs,
                                     PyObject *kwnames);
/* Checks (debug builds) that a slot function set an exception exactly if it failed: 1. */
extern int _Py_CheckSlotResult(PyObject *obj, const char *slot_name, int success);

static inline vectorcallfunc
_PyVectorcall_FunctionInline(PyObject *callable)
{
    assert(callable != NULL);
    PyTypeObject *type = Py_TYPE(callable);
    if (!PyType_HasFeature(type, Py_TPFLAGS_HAVE_VECTORCALL)) {
        return NULL;
    }
    assert(type->tp_vectorcall_offset > 0);
    vectorcallfunc function;
    memcpy(&function, (char *)callable + type->tp_vectorcall_offset, sizeof(function));
    return function;
}

/* PyObject_Vectorcall() with the thread state at hand. */
static inline PyObject *
_PyObject_VectorcallTstate(PyThreadState *tstate, PyObject *callable, PyObject *const *args,
                           size_t nargsf, PyObject *kwnames)
{
    assert(kwnames == NULL || PyTuple_Check(kwnames));
    assert(args != NULL || _PyVectorcall_NARGS(nargsf) == 0);
    vectorcallfunc function = _PyVectorcall_FunctionInline(callable);
    if (function == NULL) {
        return _PyObject_MakeTpCall(tstate, callable, args, _PyVectorcall_NARGS(nargsf), kwnames);
    }
    PyObject *result = function(callable, args, nargsf, kwnames);
    return _Py_CheckFunctionResult(tstate, callable, result, NULL);
}

static inline PyObject *
_PyObject_CallNoArgsTstate(PyThreadState *tstate, PyObject *func)
{
    return _PyObject_VectorcallTstate(tstate, func, NULL, 0, NULL);
}

static inline PyObject *
_PyObject_CallNoArgs(PyObject *func)
{
    return _PyObject_CallNoArgsTstate(_PyThreadState_GET(), func);
}

static inline PyObject *
_PyObject_FastCallTstate(PyThreadState *tstate, PyObject *func, PyObject *const *args,
                         Py_ssize_t nargs)
{
    return _PyObject_VectorcallTstate(tstate, func, args, (size_t)nargs, NULL);
}

#endif /* !Py_INTERNAL_CALL_H */
