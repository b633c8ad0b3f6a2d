/* Specialisation of calls, by the kind of the callable and its calling convention.
 *
 * Python functions are recognised by their version, which changes with code and defaults;
 * C functions by the flags of their method definition, tested again at every call.
 * Written from PEP 590, PEP 659, and the descriptions of the instructions in bytecodes.c. */

#include "Python.h"
#include "pycore_ceval.h"       // _PyBuiltin_Len()
#include "pycore_function.h"    // _PyFunction_GetVersionForCurrentState()
#include "pycore_opcode.h"      // codes
#include "pycore_specialize.h"  // prototypes
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PyType_Lookup()

/* True if calls with `nargs` positional arguments fill all parameters one to one. */
static int
python_function(PyThreadState *tstate, PyFunctionObject *func, _Py_CODEUNIT *unit, int nargs,
                int bound)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    if (tstate->interp->eval_frame != NULL || func->vectorcall != _PyFunction_Vectorcall
        || !_PyFunction_IsSimple(func, code->co_argcount)) {
        return 0;
    }
    int opcode = 0;
    if (code->co_argcount == nargs) {
        opcode = bound ? CALL_BOUND_METHOD_EXACT_ARGS : CALL_PY_EXACT_ARGS;
    }
    else if (!bound && func->func_defaults != NULL && nargs < code->co_argcount
             && nargs + PyTuple_GET_SIZE(func->func_defaults) >= code->co_argcount
             && PyTuple_GET_SIZE(func->func_defaults) <= code->co_argcount) {
        opcode = CALL_PY_WITH_DEFAULTS;
    }
    uint32_t version = opcode ? _PyFunction_GetVersionForCurrentState(func) : 0;
    if (version == 0) {
        return 0;
    }
    _Py_WriteCache32(unit + 2, version);
    return opcode;
}

/* A class whose instances are object.__new__()'s, made ready by a simple Python __init__. */
static int
python_class(PyThreadState *tstate, PyTypeObject *tp, _Py_CODEUNIT *unit, int nargs)
{
    if (!PyType_HasFeature(tp, Py_TPFLAGS_HEAPTYPE)
        || PyType_HasFeature(tp, Py_TPFLAGS_IS_ABSTRACT)
        || tp->tp_new != PyBaseObject_Type.tp_new || tp->tp_init != _PyType_slot_tp_init
        || tp->tp_alloc != PyType_GenericAlloc || tp->tp_itemsize != 0
        || tp->tp_vectorcall != NULL || tstate->interp->eval_frame != NULL) {
        return 0;
    }
    PyObject *init = _PyType_Lookup(tp, &_Py_ID(__init__));
    unsigned int version = _PyType_GetVersionTag(tp);
    if (init == NULL || !PyFunction_Check(init) || version == 0
        || !_PyFunction_IsSimpleInit((PyFunctionObject *)init, nargs + 1)) {
        return 0;
    }
    _Py_WriteCache32(unit + 2, version);
    return CALL_PY_CLASS;
}

static int
class_call(PyThreadState *tstate, PyTypeObject *tp, _Py_CODEUNIT *unit, int nargs,
           PyObject *kwnames, int no_self)
{
    if (nargs == 1 && kwnames == NULL && no_self) {
        if (tp == &PyUnicode_Type) {
            return CALL_NO_KW_STR_1;
        }
        if (tp == &PyType_Type) {
            return CALL_NO_KW_TYPE_1;
        }
        if (tp == &PyTuple_Type) {
            return CALL_NO_KW_TUPLE_1;
        }
    }
    /* Not with a metaclass of its own: it may say what calling the class means. */
    if (!Py_IS_TYPE(tp, &PyType_Type)) {
        return 0;
    }
    if (PyType_HasFeature(tp, Py_TPFLAGS_IMMUTABLETYPE) && tp->tp_vectorcall != NULL) {
        return CALL_BUILTIN_CLASS;
    }
    return no_self && kwnames == NULL ? python_class(tstate, tp, unit, nargs) : 0;
}

static int
c_function(PyObject *func, int nargs, PyObject *kwnames, int no_self)
{
    PyCFunction meth = PyCFunction_GET_FUNCTION(func);
    switch (PyCFunction_GET_FLAGS(func)) {
    case METH_O:
        if (nargs != 1 || kwnames != NULL) {
            return 0;
        }
        return no_self && meth == _PyBuiltin_Len ? CALL_NO_KW_LEN : CALL_NO_KW_BUILTIN_O;
    case METH_FASTCALL:
        if (kwnames != NULL) {
            return 0;
        }
        if (no_self && nargs == 2
            && meth == (PyCFunction)(void (*)(void))_PyBuiltin_IsInstance) {
            return CALL_NO_KW_ISINSTANCE;
        }
        return CALL_NO_KW_BUILTIN_FAST;
    case METH_FASTCALL | METH_KEYWORDS:
        return CALL_BUILTIN_FAST_WITH_KEYWORDS;
    default:
        return 0;
    }
}

static int
method_descriptor(PyObject *func, int nargs, PyObject *kwnames, int no_self)
{
    switch (((PyMethodDescrObject *)func)->d_method->ml_flags) {
    case METH_NOARGS:
        return nargs == 1 && kwnames == NULL ? CALL_NO_KW_METHOD_DESCRIPTOR_NOARGS : 0;
    case METH_O:
        if (nargs != 2 || kwnames != NULL) {
            return 0;
        }
        return !no_self && _PyEval_IsListAppend(func) ? CALL_NO_KW_LIST_APPEND
                                                      : CALL_NO_KW_METHOD_DESCRIPTOR_O;
    case METH_FASTCALL:
        return nargs >= 1 && kwnames == NULL ? CALL_NO_KW_METHOD_DESCRIPTOR_FAST : 0;
    case METH_FASTCALL | METH_KEYWORDS:
        return nargs >= 1 ? CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS : 0;
    default:
        return 0;
    }
}

/* nargs counts self, if the method was loaded with it (then no_self is false). */
void
_Py_Specialize_Call(PyThreadState *tstate, PyObject *callable, const _Py_CODEUNIT *instr, int nargs,
                    PyObject *kwnames, int no_self)
{
    _Py_CODEUNIT *unit = (_Py_CODEUNIT *)instr;
    int opcode = 0;
    if (PyFunction_Check(callable)) {
        opcode = kwnames != NULL ? 0
                 : python_function(tstate, (PyFunctionObject *)callable, unit, nargs, 0);
    }
    else if (PyCFunction_CheckExact(callable)) {
        opcode = c_function(callable, nargs, kwnames, no_self);
    }
    else if (Py_IS_TYPE(callable, &PyMethodDescr_Type)) {
        opcode = method_descriptor(callable, nargs, kwnames, no_self);
    }
    else if (PyType_Check(callable)) {
        opcode = class_call(tstate, (PyTypeObject *)callable, unit, nargs, kwnames, no_self);
    }
    else if (Py_IS_TYPE(callable, &PyMethod_Type) && kwnames == NULL && no_self) {
        PyObject *func = ((PyMethodObject *)callable)->im_func;
        opcode = !PyFunction_Check(func) ? 0
                 : python_function(tstate, (PyFunctionObject *)func, unit, nargs + 1, 1);
    }
    if (opcode) {
        _PyAdaptive_Success(unit, opcode);
    }
    else {
        _PyAdaptive_Failure(unit);
    }
}
