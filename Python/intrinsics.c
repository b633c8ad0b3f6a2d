/* The functions behind CALL_INTRINSIC_1 and CALL_INTRINSIC_2.
 *
 * Written from the dis documentation of 3.12, the language reference (import statement, expression
 * statements in interactive mode), PEP 479, PEP 654, PEP 695. */

#include "Python.h"
#include "pycore_errors.h"      // _PyErr_SetString()
#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_genobject.h"   // _PyAsyncGenValueWrapperNew()
#include "pycore_intrinsics.h"  // tables
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_typevarobject.h"   // _Py_make_typevar()

static PyObject *
no_intrinsic_1(PyThreadState *tstate, PyObject *Py_UNUSED(value))
{
    _PyErr_SetString(tstate, PyExc_SystemError, "invalid intrinsic function");
    return NULL;
}

/* The value of an expression statement in an interactive session. */
static PyObject *
print_expr(PyThreadState *tstate, PyObject *value)
{
    PyObject *hook = PySys_GetObject("displayhook");
    if (hook == NULL) {
        _PyErr_SetString(tstate, PyExc_RuntimeError, "lost sys.displayhook");
        return NULL;
    }
    Py_INCREF(hook);
    PyObject *res = PyObject_CallOneArg(hook, value);
    Py_DECREF(hook);
    return res;
}

/* ---- from module import * ------------------------------------------------ */

/* A name in __all__ or __dict__ is not a str. */
static void
bad_name(PyThreadState *tstate, PyObject *v, PyObject *name, int from_dict)
{
    PyObject *modname;
    if (_PyObject_LookupAttr(v, &_Py_ID(__name__), &modname) < 0) {
        return;
    }
    if (modname == NULL || !PyUnicode_Check(modname)) {
        _PyErr_Format(tstate, PyExc_TypeError, "module __name__ must be a string, not %.100s",
                      modname == NULL ? "NoneType" : Py_TYPE(modname)->tp_name);
    }
    else {
        _PyErr_Format(tstate, PyExc_TypeError, "%s in %U.%s must be str, not %.100s",
                      from_dict ? "Key" : "Item", modname, from_dict ? "__dict__" : "__all__",
                      Py_TYPE(name)->tp_name);
    }
    Py_XDECREF(modname);
}

static int
import_all_from(PyThreadState *tstate, PyObject *locals, PyObject *v)
{
    PyObject *all, *dict;
    int skip_underscored = 0;
    if (_PyObject_LookupAttr(v, &_Py_ID(__all__), &all) < 0) {
        return -1;
    }
    if (all == NULL) {
        if (_PyObject_LookupAttr(v, &_Py_ID(__dict__), &dict) < 0) {
            return -1;
        }
        if (dict == NULL) {
            _PyErr_SetString(tstate, PyExc_ImportError,
                             "from-import-* object has no __dict__ and no __all__");
            return -1;
        }
        all = PyMapping_Keys(dict);
        Py_DECREF(dict);
        if (all == NULL) {
            return -1;
        }
        skip_underscored = 1;
    }
    int err = 0;
    for (Py_ssize_t pos = 0; err == 0; pos++) {
        PyObject *name = PySequence_GetItem(all, pos);
        if (name == NULL) {
            if (_PyErr_ExceptionMatches(tstate, PyExc_IndexError)) {
                _PyErr_Clear(tstate);
                break;
            }
            err = -1;
            break;
        }
        if (!PyUnicode_Check(name)) {
            bad_name(tstate, v, name, skip_underscored);
            Py_DECREF(name);
            err = -1;
            break;
        }
        if (skip_underscored && PyUnicode_GET_LENGTH(name) > 0
            && PyUnicode_READ_CHAR(name, 0) == '_') {
            Py_DECREF(name);
            continue;
        }
        PyObject *value = PyObject_GetAttr(v, name);
        if (value == NULL) {
            err = -1;
        }
        else if (PyDict_CheckExact(locals)) {
            err = PyDict_SetItem(locals, name, value);
        }
        else {
            err = PyObject_SetItem(locals, name, value);
        }
        Py_DECREF(name);
        Py_XDECREF(value);
    }
    Py_DECREF(all);
    return err;
}

static PyObject *
import_star(PyThreadState *tstate, PyObject *from)
{
    _PyInterpreterFrame *frame = tstate->cframe->current_frame;
    if (_PyFrame_FastToLocalsWithError(frame) < 0) {
        return NULL;
    }
    PyObject *locals = frame->f_locals;
    if (locals == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError, "no locals found during 'import *'");
        return NULL;
    }
    int err = import_all_from(tstate, locals, from);
    _PyFrame_LocalsToFast(frame, 0);
    if (err < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* ---- generators ---------------------------------------------------------- */

/* PEP 479: a StopIteration that leaves a generator becomes RuntimeError.  Returns the exception
 * to raise. */
static PyObject *
stopiteration_error(PyThreadState *tstate, PyObject *exc)
{
    _PyInterpreterFrame *frame = tstate->cframe->current_frame;
    assert(frame->owner == FRAME_OWNED_BY_GENERATOR && PyExceptionInstance_Check(exc));
    int flags = _PyFrame_GetCode(frame)->co_flags;
    const char *msg = NULL;
    if (PyErr_GivenExceptionMatches(exc, PyExc_StopIteration)) {
        msg = flags & CO_ASYNC_GENERATOR ? "async generator raised StopIteration"
              : flags & CO_COROUTINE ? "coroutine raised StopIteration"
              : "generator raised StopIteration";
    }
    else if ((flags & CO_ASYNC_GENERATOR)
             && PyErr_GivenExceptionMatches(exc, PyExc_StopAsyncIteration)) {
        msg = "async generator raised StopAsyncIteration";
    }
    if (msg == NULL) {
        return Py_NewRef(exc);
    }
    PyObject *message = PyUnicode_FromString(msg);
    if (message == NULL) {
        return NULL;
    }
    PyObject *error = PyObject_CallOneArg(PyExc_RuntimeError, message);
    Py_DECREF(message);
    if (error != NULL) {
        assert(PyExceptionInstance_Check(error));
        PyException_SetCause(error, Py_NewRef(exc));
        /* The traceback does not pass on: it is that of the cause. */
        PyException_SetContext(error, Py_NewRef(exc));
    }
    return error;
}

/* ---- small operations ---------------------------------------------------- */

static PyObject *
unary_positive(PyThreadState *Py_UNUSED(tstate), PyObject *value)
{
    return PyNumber_Positive(value);
}

static PyObject *
list_to_tuple(PyThreadState *Py_UNUSED(tstate), PyObject *list)
{
    assert(PyList_Check(list));
    return PyList_AsTuple(list);
}

static PyObject *
make_typevar(PyThreadState *Py_UNUSED(tstate), PyObject *name)
{
    assert(PyUnicode_Check(name));
    return _Py_make_typevar(name, NULL, NULL);
}

const intrinsic_func1_info _PyIntrinsics_UnaryFunctions[MAX_INTRINSIC_1 + 1] = {
    [INTRINSIC_1_INVALID] = {no_intrinsic_1, "INTRINSIC_1_INVALID"},
    [INTRINSIC_PRINT] = {print_expr, "INTRINSIC_PRINT"},
    [INTRINSIC_IMPORT_STAR] = {import_star, "INTRINSIC_IMPORT_STAR"},
    [INTRINSIC_STOPITERATION_ERROR] = {stopiteration_error, "INTRINSIC_STOPITERATION_ERROR"},
    [INTRINSIC_ASYNC_GEN_WRAP] = {_PyAsyncGenValueWrapperNew, "INTRINSIC_ASYNC_GEN_WRAP"},
    [INTRINSIC_UNARY_POSITIVE] = {unary_positive, "INTRINSIC_UNARY_POSITIVE"},
    [INTRINSIC_LIST_TO_TUPLE] = {list_to_tuple, "INTRINSIC_LIST_TO_TUPLE"},
    [INTRINSIC_TYPEVAR] = {make_typevar, "INTRINSIC_TYPEVAR"},
    [INTRINSIC_PARAMSPEC] = {_Py_make_paramspec, "INTRINSIC_PARAMSPEC"},
    [INTRINSIC_TYPEVARTUPLE] = {_Py_make_typevartuple, "INTRINSIC_TYPEVARTUPLE"},
    [INTRINSIC_SUBSCRIPT_GENERIC] = {_Py_subscript_generic, "INTRINSIC_SUBSCRIPT_GENERIC"},
    [INTRINSIC_TYPEALIAS] = {_Py_make_typealias, "INTRINSIC_TYPEALIAS"},
};

static PyObject *
no_intrinsic_2(PyThreadState *tstate, PyObject *Py_UNUSED(value1), PyObject *Py_UNUSED(value2))
{
    _PyErr_SetString(tstate, PyExc_SystemError, "invalid intrinsic function");
    return NULL;
}

static PyObject *
prep_reraise_star(PyThreadState *Py_UNUSED(tstate), PyObject *orig, PyObject *excs)
{
    assert(PyList_Check(excs));
    return PyUnstable_Exc_PrepReraiseStar(orig, excs);
}

static PyObject *
make_typevar_with_bound(PyThreadState *Py_UNUSED(tstate), PyObject *name, PyObject *evaluate_bound)
{
    return _Py_make_typevar(name, evaluate_bound, NULL);
}

static PyObject *
make_typevar_with_constraints(PyThreadState *Py_UNUSED(tstate), PyObject *name,
                              PyObject *evaluate_constraints)
{
    return _Py_make_typevar(name, NULL, evaluate_constraints);
}

static PyObject *
set_function_type_params(PyThreadState *Py_UNUSED(tstate), PyObject *func, PyObject *type_params)
{
    assert(PyFunction_Check(func) && PyTuple_Check(type_params));
    PyFunctionObject *f = (PyFunctionObject *)func;
    Py_XSETREF(f->func_typeparams, Py_NewRef(type_params));
    return Py_NewRef(func);
}

const intrinsic_func2_info _PyIntrinsics_BinaryFunctions[MAX_INTRINSIC_2 + 1] = {
    [INTRINSIC_2_INVALID] = {no_intrinsic_2, "INTRINSIC_2_INVALID"},
    [INTRINSIC_PREP_RERAISE_STAR] = {prep_reraise_star, "INTRINSIC_PREP_RERAISE_STAR"},
    [INTRINSIC_TYPEVAR_WITH_BOUND] = {make_typevar_with_bound, "INTRINSIC_TYPEVAR_WITH_BOUND"},
    [INTRINSIC_TYPEVAR_WITH_CONSTRAINTS] = {make_typevar_with_constraints,
                                            "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS"},
    [INTRINSIC_SET_FUNCTION_TYPE_PARAMS] = {set_function_type_params,
                                            "INTRINSIC_SET_FUNCTION_TYPE_PARAMS"},
};
