/* Calls: binding arguments to the parameters of a function, frames for calls, and the errors.
 *
 * Arguments arrive as stack references that the binder consumes one by one: a slot that has
 * been moved into the frame is set to PyStackRef_NULL, and whatever is left at the end is
 * released.  C callers' arguments are turned into references first.
 *
 * Written from the language reference (calls, function definitions), PEP 570, PEP 3102, PEP 590,
 * and the messages of 3.12. */

#include "Python.h"
#include "pycore_ceval.h"       // prototypes
#include "pycore_errors.h"      // _PyErr_Format()
#include "pycore_executable.h"  // cached entry
#include "pycore_object.h"      // _PyObject_FunctionStr()
#include "pycore_strings.h"     // _Py_STR()
#include "pycore_tuple.h"       // _PyTuple_FromArraySteal()

/* ---- messages ------------------------------------------------------------ */

/* 'a', 'a' and 'b', 'a', 'b', and 'c' : from a list of reprs. */
static PyObject *
join_names(PyObject *names)
{
    Py_ssize_t n = PyList_GET_SIZE(names);
    assert(n > 0);
    if (n == 1) {
        return Py_NewRef(PyList_GET_ITEM(names, 0));
    }
    PyObject *last = PyList_GET_ITEM(names, n - 1);
    if (n == 2) {
        return PyUnicode_FromFormat("%U and %U", PyList_GET_ITEM(names, 0), last);
    }
    PyObject *comma = PyUnicode_FromString(", ");
    PyObject *front = PyList_GetSlice(names, 0, n - 1);
    PyObject *res = NULL;
    if (comma != NULL && front != NULL) {
        PyObject *head = PyUnicode_Join(comma, front);
        if (head != NULL) {
            res = PyUnicode_FromFormat("%U, and %U", head, last);
            Py_DECREF(head);
        }
    }
    Py_XDECREF(comma);
    Py_XDECREF(front);
    return res;
}

/* Missing arguments among the locals start <= i < end. */
static void
missing_arguments(PyThreadState *tstate, PyFunctionObject *func, const _PyStackRef *locals,
                  int start, int end, int count, const char *kind)
{
    PyCodeObject *co = (PyCodeObject *)func->func_code;
    PyObject *names = PyList_New(0);
    if (names == NULL) {
        return;
    }
    for (int i = start; i < end; i++) {
        if (PyStackRef_IsNull(locals[i])) {
            PyObject *repr = PyObject_Repr(PyTuple_GET_ITEM(co->co_localsplusnames, i));
            int err = repr == NULL ? -1 : PyList_Append(names, repr);
            Py_XDECREF(repr);
            if (err < 0) {
                Py_DECREF(names);
                return;
            }
        }
    }
    assert(PyList_GET_SIZE(names) == count);
    PyObject *list = join_names(names);
    Py_DECREF(names);
    if (list != NULL) {
        _PyErr_Format(tstate, PyExc_TypeError, "%U() missing %i required %s argument%s: %U",
                      func->func_qualname, count, kind, count == 1 ? "" : "s", list);
        Py_DECREF(list);
    }
}

static void
too_many_positional(PyThreadState *tstate, PyFunctionObject *func, const _PyStackRef *locals,
                    Py_ssize_t given)
{
    PyCodeObject *co = (PyCodeObject *)func->func_code;
    int kwonly_given = 0;
    for (int i = co->co_argcount; i < co->co_argcount + co->co_kwonlyargcount; i++) {
        kwonly_given += !PyStackRef_IsNull(locals[i]);
    }
    Py_ssize_t defaults = func->func_defaults == NULL ? 0 : PyTuple_GET_SIZE(func->func_defaults);
    int plural;
    PyObject *takes;
    if (defaults != 0) {
        plural = 1;
        takes = PyUnicode_FromFormat("from %zd to %zd", co->co_argcount - defaults,
                                     (Py_ssize_t)co->co_argcount);
    }
    else {
        plural = co->co_argcount != 1;
        takes = PyUnicode_FromFormat("%zd", (Py_ssize_t)co->co_argcount);
    }
    PyObject *kwonly;
    if (kwonly_given) {
        kwonly = PyUnicode_FromFormat(" positional argument%s (and %d keyword-only argument%s)",
                                      given != 1 ? "s" : "", kwonly_given,
                                      kwonly_given != 1 ? "s" : "");
    }
    else {
        kwonly = PyUnicode_FromString("");
    }
    if (takes != NULL && kwonly != NULL) {
        _PyErr_Format(tstate, PyExc_TypeError,
                      "%U() takes %U positional argument%s but %zd%U %s given",
                      func->func_qualname, takes, plural ? "s" : "", given, kwonly,
                      given == 1 && !kwonly_given ? "was" : "were");
    }
    Py_XDECREF(takes);
    Py_XDECREF(kwonly);
}

/* Are some of the keywords names of positional-only parameters?  1 with an exception set, 0, or
 * -1 with another exception. */
static int
positional_only_as_keyword(PyThreadState *tstate, PyFunctionObject *func, PyObject *kwnames)
{
    PyCodeObject *co = (PyCodeObject *)func->func_code;
    PyObject *names = PyList_New(0);
    int res = -1;
    if (names == NULL) {
        return -1;
    }
    for (int k = 0; k < co->co_posonlyargcount; k++) {
        PyObject *name = PyTuple_GET_ITEM(co->co_localsplusnames, k);
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(kwnames); i++) {
            int same = PyObject_RichCompareBool(name, PyTuple_GET_ITEM(kwnames, i), Py_EQ);
            if (same < 0 || (same && PyList_Append(names, name) < 0)) {
                goto done;
            }
        }
    }
    res = 0;
    if (PyList_GET_SIZE(names) > 0) {
        PyObject *comma = PyUnicode_FromString(", ");
        PyObject *list = comma == NULL ? NULL : PyUnicode_Join(comma, names);
        Py_XDECREF(comma);
        if (list == NULL) {
            res = -1;
            goto done;
        }
        _PyErr_Format(tstate, PyExc_TypeError,
                      "%U() got some positional-only arguments passed as keyword arguments: '%U'",
                      func->func_qualname, list);
        Py_DECREF(list);
        res = 1;
    }
done:
    Py_DECREF(names);
    return res;
}

/* ---- binding ------------------------------------------------------------- */

/* The parameter that a keyword names, or the number of parameters; -1 with an exception. */
static int
find_parameter(PyCodeObject *co, PyObject *keyword, int total)
{
    PyObject **names = &PyTuple_GET_ITEM(co->co_localsplusnames, 0);
    for (int j = co->co_posonlyargcount; j < total; j++) {
        if (names[j] == keyword) {
            return j;
        }
    }
    for (int j = co->co_posonlyargcount; j < total; j++) {
        int same = PyObject_RichCompareBool(keyword, names[j], Py_EQ);
        if (same != 0) {
            return same < 0 ? -1 : j;
        }
    }
    return total;
}

static int
bind_keywords(PyThreadState *tstate, PyFunctionObject *func, _PyStackRef *locals,
              _PyStackRef *values, PyObject *kwnames, PyObject *kwdict)
{
    PyCodeObject *co = (PyCodeObject *)func->func_code;
    int total = co->co_argcount + co->co_kwonlyargcount;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(kwnames); i++) {
        PyObject *keyword = PyTuple_GET_ITEM(kwnames, i);
        if (!PyUnicode_Check(keyword)) {
            _PyErr_Format(tstate, PyExc_TypeError, "%U() keywords must be strings",
                          func->func_qualname);
            return -1;
        }
        int j = find_parameter(co, keyword, total);
        if (j < 0) {
            return -1;
        }
        if (j < total) {
            if (!PyStackRef_IsNull(locals[j])) {
                _PyErr_Format(tstate, PyExc_TypeError,
                              "%U() got multiple values for argument '%S'",
                              func->func_qualname, keyword);
                return -1;
            }
            locals[j] = values[i];
            values[i] = PyStackRef_NULL;
        }
        else if (kwdict == NULL) {
            if (co->co_posonlyargcount && positional_only_as_keyword(tstate, func, kwnames)) {
                return -1;
            }
            _PyErr_Format(tstate, PyExc_TypeError, "%U() got an unexpected keyword argument '%S'",
                          func->func_qualname, keyword);
            return -1;
        }
        else {
            PyObject *value = PyStackRef_Materialize(&values[i]);
            if (value == NULL || PyDict_SetItem(kwdict, keyword, value) < 0) {
                return -1;
            }
            PyStackRef_CLEAR(values[i]);
        }
    }
    return 0;
}

static int
bind_defaults(PyThreadState *tstate, PyFunctionObject *func, _PyStackRef *locals, Py_ssize_t given)
{
    PyCodeObject *co = (PyCodeObject *)func->func_code;
    if (given < co->co_argcount) {
        PyObject *defaults = func->func_defaults;
        int n = defaults == NULL ? 0 : (int)PyTuple_GET_SIZE(defaults);
        int required = co->co_argcount - n;
        int missing = 0;
        for (int i = (int)given; i < required; i++) {
            missing += PyStackRef_IsNull(locals[i]);
        }
        if (missing) {
            missing_arguments(tstate, func, locals, 0, required, missing, "positional");
            return -1;
        }
        for (int i = required > given ? required : (int)given; i < co->co_argcount; i++) {
            if (i >= 0 && PyStackRef_IsNull(locals[i])) {
                locals[i] = PyStackRef_FromPyObjectNew(PyTuple_GET_ITEM(defaults, i - required));
            }
        }
    }
    int missing = 0;
    int total = co->co_argcount + co->co_kwonlyargcount;
    for (int i = co->co_argcount; i < total; i++) {
        if (!PyStackRef_IsNull(locals[i])) {
            continue;
        }
        PyObject *value = NULL;
        if (func->func_kwdefaults != NULL) {
            value = PyDict_GetItemWithError(func->func_kwdefaults,
                                            PyTuple_GET_ITEM(co->co_localsplusnames, i));
            if (value == NULL && _PyErr_Occurred(tstate)) {
                return -1;
            }
        }
        if (value != NULL) {
            locals[i] = PyStackRef_FromPyObjectNew(value);
        }
        else {
            missing++;
        }
    }
    if (missing) {
        missing_arguments(tstate, func, locals, co->co_argcount, total, missing, "keyword-only");
        return -1;
    }
    return 0;
}

/* Fills the parameters of a frame whose locals are all NULL.  Consumes args: `given` positional
 * ones, then the values of kwnames (or NULL).  0, or -1 with an exception; the frame may be
 * partly filled then. */
static int
bind_arguments(PyThreadState *tstate, PyFunctionObject *func, _PyStackRef *locals,
               _PyStackRef *args, Py_ssize_t given, PyObject *kwnames)
{
    PyCodeObject *co = (PyCodeObject *)func->func_code;
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    int total = co->co_argcount + co->co_kwonlyargcount;
    Py_ssize_t n = given < co->co_argcount ? given : co->co_argcount;
    PyObject *kwdict = NULL;
    int res = -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        locals[i] = args[i];
        args[i] = PyStackRef_NULL;
    }
    if (co->co_flags & CO_VARKEYWORDS) {
        kwdict = PyDict_New();
        if (kwdict == NULL) {
            goto done;
        }
        locals[total + ((co->co_flags & CO_VARARGS) != 0)] = PyStackRef_FromPyObjectSteal(kwdict);
    }
    if (co->co_flags & CO_VARARGS) {
        PyObject **rest = PyStackRef_Objects(args + n, given - n);
        if (rest == NULL) {
            goto done;
        }
        PyObject *tuple = _PyTuple_FromArraySteal(rest, given - n);
        for (Py_ssize_t i = n; i < given; i++) {
            args[i] = PyStackRef_NULL;
        }
        if (tuple == NULL) {
            goto done;
        }
        locals[total] = PyStackRef_FromPyObjectSteal(tuple);
    }
    if (nkw && bind_keywords(tstate, func, locals, args + given, kwnames, kwdict) < 0) {
        goto done;
    }
    if (given > co->co_argcount && !(co->co_flags & CO_VARARGS)) {
        too_many_positional(tstate, func, locals, given);
        goto done;
    }
    res = 0;
    if (given < co->co_argcount || co->co_kwonlyargcount) {
        res = bind_defaults(tstate, func, locals, given);
    }
done:
    _PyStackRef_CloseArray(args, given + nkw);
    return res;
}

/* ---- frames -------------------------------------------------------------- */

_PyInterpreterFrame *
_PyFrame_PushFunction(PyThreadState *tstate, PyFunctionObject *func, int first_null)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    size_t size = (size_t)_PyFrame_NumSlotsForCodeObject(code);
    _PyInterpreterFrame *frame;
    /* Without a chunk both pointers are NULL. */
    if (size < (size_t)(tstate->datastack_limit - tstate->datastack_top)) {
        frame = (_PyInterpreterFrame *)tstate->datastack_top;
        tstate->datastack_top += size;
    }
    else {
        frame = _PyThreadState_PushFrame(tstate, size);
        if (frame == NULL) {
            _PyErr_NoMemory(tstate);
            return NULL;
        }
    }
    _PyFrame_Initialize(frame, func, NULL, code, first_null);
    if (func->func_entry != NULL) {
        assert(func->func_entry_tag == (uint64_t)(uintptr_t)code);
        frame->code_base = frame->instr_ptr = (const _Py_CODEUNIT *)func->func_entry;
    }
    return frame;
}

/* Drops a frame that never ran. */
static void
abandon_frame(PyThreadState *tstate, _PyInterpreterFrame *frame)
{
    _PyEval_FrameClearAndPop(tstate, frame);
}

/* Consumes func, locals (may be NULL) and args. */
static _PyInterpreterFrame *
push_and_bind(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals, _PyStackRef *args,
              Py_ssize_t given, PyObject *kwnames)
{
    PyCodeObject *co = (PyCodeObject *)func->func_code;
    int simple = kwnames == NULL && given == co->co_argcount && co->co_kwonlyargcount == 0
                 && !(co->co_flags & (CO_VARARGS | CO_VARKEYWORDS));
    _PyInterpreterFrame *frame = _PyFrame_PushFunction(tstate, func, simple ? (int)given : 0);
    if (frame == NULL) {
        Py_DECREF(func);
        Py_XDECREF(locals);
        _PyStackRef_CloseArray(args, given + (kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames)));
        return NULL;
    }
    frame->f_locals = locals;
    if (simple) {
        memcpy(frame->localsplus, args, (size_t)given * sizeof(_PyStackRef));
        return frame;
    }
    if (bind_arguments(tstate, func, frame->localsplus, args, given, kwnames) < 0) {
        abandon_frame(tstate, frame);
        return NULL;
    }
    return frame;
}

/* The namespace of a call without one of its own: code that is not optimised runs in globals. */
static PyObject *
default_locals(PyFunctionObject *func)
{
    PyCodeObject *co = (PyCodeObject *)func->func_code;
    return co->co_flags & CO_OPTIMIZED ? NULL : Py_NewRef(func->func_globals);
}

_PyInterpreterFrame *
_PyEvalFramePushAndInit(PyThreadState *tstate, PyFunctionObject *func, _PyStackRef *args,
                        Py_ssize_t nargs, PyObject *kwnames)
{
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    return push_and_bind(tstate, func, default_locals(func), args, nargs - nkw,
                         nkw ? kwnames : NULL);
}

#define SMALL_ARGS 10

_PyInterpreterFrame *
_PyEvalFramePushAndInit_Ex(PyThreadState *tstate, PyFunctionObject *func, PyObject *args,
                           PyObject *kwargs)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    Py_ssize_t nkw = kwargs == NULL ? 0 : PyDict_GET_SIZE(kwargs);
    _PyStackRef small[SMALL_ARGS];
    _PyStackRef *stack = small;
    PyObject *kwnames = NULL;
    _PyInterpreterFrame *frame = NULL;
    if (n + nkw > SMALL_ARGS) {
        stack = PyMem_New(_PyStackRef, n + nkw);
        if (stack == NULL) {
            _PyErr_NoMemory(tstate);
            Py_DECREF(func);
            return NULL;
        }
    }
    if (nkw > 0) {
        PyObject *key, *value;
        Py_ssize_t pos = 0, i = 0;
        while (PyDict_Next(kwargs, &pos, &key, &value)) {
            if (!PyUnicode_Check(key)) {
                _PyErr_SetString(tstate, PyExc_TypeError, "keywords must be strings");
                Py_DECREF(func);
                goto done;
            }
        }
        kwnames = PyTuple_New(nkw);
        if (kwnames == NULL) {
            Py_DECREF(func);
            goto done;
        }
        pos = 0;
        while (i < nkw && PyDict_Next(kwargs, &pos, &key, &value)) {
            PyTuple_SET_ITEM(kwnames, i, Py_NewRef(key));
            stack[n + i++] = PyStackRef_FromPyObjectNew(value);
        }
        assert(i == nkw);
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        stack[i] = PyStackRef_FromPyObjectNew(PyTuple_GET_ITEM(args, i));
    }
    frame = push_and_bind(tstate, func, default_locals(func), stack, n, kwnames);
done:
    if (stack != small) {
        PyMem_Free(stack);
    }
    Py_XDECREF(kwnames);
    return frame;
}

/* Calls a Python function from C: new reference or NULL. */
PyObject *
_PyEval_Vector(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals,
               PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t n = PyVectorcall_NARGS(nargsf);
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    _PyStackRef small[SMALL_ARGS];
    _PyStackRef *stack = small;
    if (n + nkw > SMALL_ARGS) {
        stack = PyMem_New(_PyStackRef, n + nkw);
        if (stack == NULL) {
            return _PyErr_NoMemory(tstate);
        }
    }
    for (Py_ssize_t i = 0; i < n + nkw; i++) {
        stack[i] = PyStackRef_FromPyObjectNew(args[i]);
    }
    _PyInterpreterFrame *frame = push_and_bind(
        tstate, (PyFunctionObject *)Py_NewRef(func), Py_XNewRef(locals), stack, n,
        nkw ? kwnames : NULL);
    if (stack != small) {
        PyMem_Free(stack);
    }
    if (frame == NULL) {
        return NULL;
    }
    return _PyEval_EvalFrame(tstate, frame, 0);
}

/* The vectorcall of function objects. */
PyObject *
_PyFunction_Vectorcall(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    assert(PyFunction_Check(func));
    PyThreadState *tstate = _PyThreadState_GET();
    PyFunctionObject *f = (PyFunctionObject *)func;
    PyCodeObject *co = (PyCodeObject *)f->func_code;
    return _PyEval_Vector(tstate, f, co->co_flags & CO_OPTIMIZED ? NULL : f->func_globals,
                          args, nargsf, kwnames);
}

/* ---- calls of other objects ---------------------------------------------- */

PyObject *
_PyEval_CallObject(PyThreadState *Py_UNUSED(tstate), PyObject *callable, _PyStackRef *args,
                   Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject **items = PyStackRef_Objects(args, nargs);
    if (items == NULL) {
        return NULL;
    }
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    return PyObject_Vectorcall(callable, items,
                               (size_t)(nargs - nkw) | PY_VECTORCALL_ARGUMENTS_OFFSET,
                               kwnames);
}

PyObject *
_PyEval_CallO(PyThreadState *tstate, PyCFunction meth, PyObject *self, _PyStackRef arg)
{
    if (_Py_EnterRecursiveCallTstate(tstate, " while calling a Python object")) {
        return NULL;
    }
    PyObject *res = meth(self, PyStackRef_AsPyObjectBorrow(arg));
    _Py_LeaveRecursiveCallTstate(tstate);
    assert((res != NULL) ^ (_PyErr_Occurred(tstate) != NULL));
    return res;
}

/* The descriptor of list.append: its name begins with an a like no other one-argument method's
 * of list. */
int
_PyEval_IsListAppend(PyObject *func)
{
    if (!Py_IS_TYPE(func, &PyMethodDescr_Type)) {
        return 0;
    }
    PyMethodDescrObject *descr = (PyMethodDescrObject *)func;
    return descr->d_common.d_type == &PyList_Type && descr->d_method->ml_flags == METH_O
           && strcmp(descr->d_method->ml_name, "append") == 0;
}

PyObject *
_PyEval_StarArgsTuple(PyThreadState *tstate, PyObject *func, PyObject *iterable)
{
    if (PyTuple_CheckExact(iterable)) {
        return Py_NewRef(iterable);
    }
    if (Py_TYPE(iterable)->tp_iter == NULL && !PySequence_Check(iterable)) {
        _PyErr_Clear(tstate);
        PyObject *funcstr = _PyObject_FunctionStr(func);
        if (funcstr != NULL) {
            _PyErr_Format(tstate, PyExc_TypeError,
                          "%U argument after * must be an iterable, not %.200s",
                          funcstr, Py_TYPE(iterable)->tp_name);
            Py_DECREF(funcstr);
        }
        return NULL;
    }
    return PySequence_Tuple(iterable);
}

void
_PyEval_FormatKwargsError(PyThreadState *tstate, PyObject *func, PyObject *kwargs)
{
    if (_PyErr_ExceptionMatches(tstate, PyExc_AttributeError)) {
        _PyErr_Clear(tstate);
        PyObject *funcstr = _PyObject_FunctionStr(func);
        if (funcstr != NULL) {
            _PyErr_Format(tstate, PyExc_TypeError,
                          "%U argument after ** must be a mapping, not %.200s",
                          funcstr, Py_TYPE(kwargs)->tp_name);
            Py_DECREF(funcstr);
        }
        return;
    }
    if (!_PyErr_ExceptionMatches(tstate, PyExc_KeyError)) {
        return;
    }
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    PyObject *args = ((PyBaseExceptionObject *)exc)->args;
    if (!PyTuple_Check(args) || PyTuple_GET_SIZE(args) != 1) {
        _PyErr_SetRaisedException(tstate, exc);
        return;
    }
    PyObject *funcstr = _PyObject_FunctionStr(func);
    if (funcstr != NULL) {
        _PyErr_Format(tstate, PyExc_TypeError, "%U got multiple values for keyword argument '%S'",
                      funcstr, PyTuple_GET_ITEM(args, 0));
        Py_DECREF(funcstr);
    }
    Py_DECREF(exc);
}
