/* Calling objects: vectorcall, tp_call, and what turns one's arguments into the other's.
 *
 * A callable whose type has Py_TPFLAGS_HAVE_VECTORCALL takes an array of arguments, keyword
 * values behind the positional ones and their names in a tuple; other callables take a tuple
 * and a dict.  Every call ends in _Py_CheckFunctionResult(): a result and an exception exclude
 * each other, also for extension modules.
 * Written from the C API reference (call protocol), PEP 590 and the messages of CPython 3.12. */

#include "Python.h"
#include "pycore_call.h"        // _PyObject_VectorcallTstate()
#include "pycore_ceval.h"       // _Py_EnterRecursiveCallTstate()
#include "pycore_dict.h"        // _PyDict_FromItems()
#include "pycore_errors.h"      // _PyErr_Occurred()
#include "pycore_object.h"      // _PyObject_GetMethod()


/* ---------------------------------------------------------------------- results */

static PyObject *
null_error(PyThreadState *tstate)
{
    if (!_PyErr_Occurred(tstate)) {
        _PyErr_SetString(tstate, PyExc_SystemError, "null argument to internal routine");
    }
    return NULL;
}

/* The result if it agrees with the exception state, else NULL with SystemError.  Either the
   callable or `where` names who is to blame. */
PyObject *
_Py_CheckFunctionResult(PyThreadState *tstate, PyObject *callable, PyObject *result,
                        const char *where)
{
    assert((callable != NULL) != (where != NULL));
    if (result != NULL) {
        if (__builtin_expect(!_PyErr_Occurred(tstate), 1)) {
            return result;
        }
        Py_DECREF(result);
        if (callable != NULL) {
            return _PyErr_FormatFromCauseTstate(
                tstate, PyExc_SystemError, "%R returned a result with an exception set",
                callable);
        }
        return _PyErr_FormatFromCauseTstate(
            tstate, PyExc_SystemError, "%s returned a result with an exception set", where);
    }
    if (!_PyErr_Occurred(tstate)) {
        if (callable != NULL) {
            _PyErr_Format(tstate, PyExc_SystemError,
                          "%R returned NULL without setting an exception", callable);
        }
        else {
            _PyErr_Format(tstate, PyExc_SystemError,
                          "%s returned NULL without setting an exception", where);
        }
    }
    return NULL;
}

int
_Py_CheckSlotResult(PyObject *obj, const char *slot_name, int success)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!success && !_PyErr_Occurred(tstate)) {
        _Py_FatalErrorFormat(__func__, "Slot %s of type %s failed without setting an exception",
                             slot_name, Py_TYPE(obj)->tp_name);
    }
    if (success && _PyErr_Occurred(tstate)) {
        _Py_FatalErrorFormat(__func__, "Slot %s of type %s succeeded with an exception set",
                             slot_name, Py_TYPE(obj)->tp_name);
    }
    return 1;
}


/* ------------------------------------------------------------- keywords as dict */

/* A new dict of keyword arguments. */
PyObject *
_PyStack_AsDict(PyObject *const *values, PyObject *kwnames)
{
    assert(kwnames != NULL);
    Py_ssize_t n = PyTuple_GET_SIZE(kwnames);
    PyObject *dict = PyDict_New();
    for (Py_ssize_t i = 0; dict != NULL && i < n; i++) {
        if (PyDict_SetItem(dict, PyTuple_GET_ITEM(kwnames, i), values[i]) < 0) {
            Py_CLEAR(dict);
        }
    }
    return dict;
}

PyObject *const *
_PyStack_UnpackDict(PyThreadState *tstate, PyObject *const *args, Py_ssize_t nargs,
                    PyObject *kwargs, PyObject **p_kwnames)
{
    assert(nargs >= 0 && kwargs != NULL && PyDict_Check(kwargs));
    Py_ssize_t nkwargs = PyDict_GET_SIZE(kwargs);
    Py_ssize_t maxnargs = PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(args[0]) - 1;
    if (nargs > maxnargs - nkwargs) {
        _PyErr_NoMemory(tstate);
        return NULL;
    }
    /* One more in front for PY_VECTORCALL_ARGUMENTS_OFFSET. */
    PyObject **stack = PyMem_Malloc((size_t)(1 + nargs + nkwargs) * sizeof(args[0]));
    if (stack == NULL) {
        _PyErr_NoMemory(tstate);
        return NULL;
    }
    PyObject *kwnames = PyTuple_New(nkwargs);
    if (kwnames == NULL) {
        PyMem_Free(stack);
        return NULL;
    }
    stack++;
    for (Py_ssize_t i = 0; i < nargs; i++) {
        stack[i] = Py_NewRef(args[i]);
    }
    PyObject *key, *value;
    Py_ssize_t pos = 0, i = 0;
    int all_strings = 1;
    while (PyDict_Next(kwargs, &pos, &key, &value)) {
        all_strings &= PyUnicode_Check(key);
        PyTuple_SET_ITEM(kwnames, i, Py_NewRef(key));
        stack[nargs + i] = Py_NewRef(value);
        i++;
    }
    assert(i == nkwargs);
    if (!all_strings) {
        _PyErr_SetString(tstate, PyExc_TypeError, "keywords must be strings");
        _PyStack_UnpackDict_Free(stack, nargs, kwnames);
        return NULL;
    }
    *p_kwnames = kwnames;
    return stack;
}

void
_PyStack_UnpackDict_Free(PyObject *const *stack, Py_ssize_t nargs, PyObject *kwnames)
{
    Py_ssize_t n = nargs + PyTuple_GET_SIZE(kwnames);
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_DECREF(stack[i]);
    }
    PyMem_Free((PyObject **)stack - 1);
    Py_DECREF(kwnames);
}


/* ------------------------------------------------------------------- core calls */

#undef PyVectorcall_NARGS
Py_ssize_t
PyVectorcall_NARGS(size_t n)
{
    return _PyVectorcall_NARGS(n);
}

#undef PyVectorcall_Function
vectorcallfunc
PyVectorcall_Function(PyObject *callable)
{
    return _PyVectorcall_FunctionInline(callable);
}

/* "mod.mod(...)" for a module that has a function of its own name, or NULL without an error. */
static PyObject *
suggest_member(PyObject *module)
{
    PyObject *suggestion = NULL, *member = NULL;
    PyObject *name = PyModule_GetNameObject(module);
    if (name != NULL) {
        (void)_PyObject_LookupAttr(module, name, &member);
    }
    if (member != NULL && PyCallable_Check(member)) {
        suggestion = PyUnicode_FromFormat("%U.%U(...)", name, name);
    }
    Py_XDECREF(member);
    Py_XDECREF(name);
    PyErr_Clear();
    return suggestion;
}

static void
not_callable(PyThreadState *tstate, PyObject *callable)
{
    PyObject *suggestion = PyModule_Check(callable) ? suggest_member(callable) : NULL;
    if (suggestion != NULL) {
        _PyErr_Format(tstate, PyExc_TypeError,
                      "'%.200s' object is not callable. Did you mean: '%U'?",
                      Py_TYPE(callable)->tp_name, suggestion);
        Py_DECREF(suggestion);
        return;
    }
    _PyErr_Format(tstate, PyExc_TypeError, "'%.200s' object is not callable",
                  Py_TYPE(callable)->tp_name);
}

/* tp_call with a tuple and a dict or NULL. */
static PyObject *
call_slot(PyThreadState *tstate, PyObject *callable, PyObject *args, PyObject *kwargs)
{
    ternaryfunc call = Py_TYPE(callable)->tp_call;
    if (call == NULL) {
        not_callable(tstate, callable);
        return NULL;
    }
    if (_Py_EnterRecursiveCallTstate(tstate, " while calling a Python object")) {
        return NULL;
    }
    PyObject *result = call(callable, args, kwargs);
    _Py_LeaveRecursiveCallTstate(tstate);
    return _Py_CheckFunctionResult(tstate, callable, result, NULL);
}

/* A call by tp_call with arguments in an array; keywords are NULL, a tuple of names, or a dict. */
PyObject *
_PyObject_MakeTpCall(PyThreadState *tstate, PyObject *callable, PyObject *const *args,
                     Py_ssize_t nargs, PyObject *keywords)
{
    assert(nargs >= 0 && (nargs == 0 || args != NULL));
    assert(keywords == NULL || PyTuple_Check(keywords) || PyDict_Check(keywords));
    if (Py_TYPE(callable)->tp_call == NULL) {
        return call_slot(tstate, callable, NULL, NULL);     /* for its message */
    }
    PyObject *tuple = PyTuple_New(nargs);
    if (tuple == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(args[i]));
    }
    PyObject *kwdict = keywords, *own_dict = NULL;
    if (keywords != NULL && !PyDict_Check(keywords)) {
        kwdict = NULL;
        if (PyTuple_GET_SIZE(keywords) != 0) {
            kwdict = own_dict = _PyStack_AsDict(args + nargs, keywords);
            if (own_dict == NULL) {
                Py_DECREF(tuple);
                return NULL;
            }
        }
    }
    PyObject *result = call_slot(tstate, callable, tuple, kwdict);
    Py_DECREF(tuple);
    Py_XDECREF(own_dict);
    return result;
}

PyObject *
_PyObject_FastCallDictTstate(PyThreadState *tstate, PyObject *callable, PyObject *const *args,
                             size_t nargsf, PyObject *kwargs)
{
    assert(callable != NULL);
    assert(kwargs == NULL || PyDict_Check(kwargs));
    Py_ssize_t nargs = _PyVectorcall_NARGS(nargsf);
    vectorcallfunc function = _PyVectorcall_FunctionInline(callable);
    if (function == NULL) {
        return _PyObject_MakeTpCall(tstate, callable, args, nargs, kwargs);
    }
    PyObject *result;
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        result = function(callable, args, nargsf, NULL);
    }
    else {
        PyObject *kwnames;
        PyObject *const *stack = _PyStack_UnpackDict(tstate, args, nargs, kwargs, &kwnames);
        if (stack == NULL) {
            return NULL;
        }
        result = function(callable, stack, (size_t)nargs | PY_VECTORCALL_ARGUMENTS_OFFSET,
                          kwnames);
        _PyStack_UnpackDict_Free(stack, nargs, kwnames);
    }
    return _Py_CheckFunctionResult(tstate, callable, result, NULL);
}

PyObject *
PyObject_VectorcallDict(PyObject *callable, PyObject *const *args, size_t nargsf,
                        PyObject *kwargs)
{
    return _PyObject_FastCallDictTstate(_PyThreadState_GET(), callable, args, nargsf, kwargs);
}

#undef PyObject_Vectorcall
PyObject *
PyObject_Vectorcall(PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    return _PyObject_VectorcallTstate(_PyThreadState_GET(), callable, args, nargsf, kwnames);
}

PyObject *
_PyObject_FastCall(PyObject *func, PyObject *const *args, Py_ssize_t nargs)
{
    return _PyObject_FastCallTstate(_PyThreadState_GET(), func, args, nargs);
}

PyObject *
PyObject_CallNoArgs(PyObject *func)
{
    return _PyObject_CallNoArgs(func);
}

PyObject *
PyObject_CallOneArg(PyObject *func, PyObject *arg)
{
    assert(arg != NULL);
    PyObject *stack[2] = {NULL, arg};       /* a place in front for the callee */
    return _PyObject_VectorcallTstate(_PyThreadState_GET(), func, stack + 1,
                                      1 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

static PyObject *
vectorcall_with_tuple(PyThreadState *tstate, vectorcallfunc function, PyObject *callable,
                      PyObject *tuple, PyObject *kwargs)
{
    assert(PyTuple_Check(tuple));
    Py_ssize_t nargs = PyTuple_GET_SIZE(tuple);
    PyObject *const *items = ((PyTupleObject *)tuple)->ob_item;
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        return function(callable, items, (size_t)nargs, NULL);
    }
    PyObject *kwnames;
    PyObject *const *stack = _PyStack_UnpackDict(tstate, items, nargs, kwargs, &kwnames);
    if (stack == NULL) {
        return NULL;
    }
    PyObject *result = function(callable, stack, (size_t)nargs | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                kwnames);
    _PyStack_UnpackDict_Free(stack, nargs, kwnames);
    return result;
}

/* A tp_call for types that have vectorcall. */
PyObject *
PyVectorcall_Call(PyObject *callable, PyObject *tuple, PyObject *kwargs)
{
    PyThreadState *tstate = _PyThreadState_GET();
    vectorcallfunc function = NULL;
    Py_ssize_t offset = Py_TYPE(callable)->tp_vectorcall_offset;
    if (offset > 0) {           /* the flag may be missing: a subclass overrides __call__ */
        memcpy(&function, (char *)callable + offset, sizeof(function));
    }
    if (function == NULL) {
        _PyErr_Format(tstate, PyExc_TypeError, "'%.200s' object does not support vectorcall",
                      Py_TYPE(callable)->tp_name);
        return NULL;
    }
    PyObject *result = vectorcall_with_tuple(tstate, function, callable, tuple, kwargs);
    return _Py_CheckFunctionResult(tstate, callable, result, NULL);
}

PyObject *
_PyObject_Call(PyThreadState *tstate, PyObject *callable, PyObject *args, PyObject *kwargs)
{
    assert(!_PyErr_Occurred(tstate));
    assert(PyTuple_Check(args));
    assert(kwargs == NULL || PyDict_Check(kwargs));
    vectorcallfunc function = _PyVectorcall_FunctionInline(callable);
    if (function == NULL) {
        return call_slot(tstate, callable, args, kwargs);
    }
    PyObject *result = vectorcall_with_tuple(tstate, function, callable, args, kwargs);
    return _Py_CheckFunctionResult(tstate, callable, result, NULL);
}

PyObject *
PyObject_Call(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    return _PyObject_Call(_PyThreadState_GET(), callable, args, kwargs);
}

PyObject *
PyObject_CallObject(PyObject *callable, PyObject *args)
{
    PyThreadState *tstate = _PyThreadState_GET();
    assert(!_PyErr_Occurred(tstate));
    if (args == NULL) {
        return _PyObject_CallNoArgsTstate(tstate, callable);
    }
    if (!PyTuple_Check(args)) {
        _PyErr_SetString(tstate, PyExc_TypeError, "argument list must be a tuple");
        return NULL;
    }
    return _PyObject_Call(tstate, callable, args, NULL);
}

PyObject *
PyEval_CallObjectWithKeywords(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (args != NULL && !PyTuple_Check(args)) {
        _PyErr_SetString(tstate, PyExc_TypeError, "argument list must be a tuple");
        return NULL;
    }
    if (kwargs != NULL && !PyDict_Check(kwargs)) {
        _PyErr_SetString(tstate, PyExc_TypeError, "keyword list must be a dictionary");
        return NULL;
    }
    if (args == NULL) {
        return _PyObject_FastCallDictTstate(tstate, callable, NULL, 0, kwargs);
    }
    return _PyObject_Call(tstate, callable, args, kwargs);
}

/* callable(obj, *args, **kwargs) */
PyObject *
_PyObject_Call_Prepend(PyThreadState *tstate, PyObject *callable, PyObject *obj, PyObject *args,
                       PyObject *kwargs)
{
    assert(PyTuple_Check(args));
    PyObject *small_stack[_PY_FASTCALL_SMALL_STACK];
    PyObject **stack = small_stack;
    Py_ssize_t argcount = PyTuple_GET_SIZE(args);
    if (argcount + 1 > (Py_ssize_t)Py_ARRAY_LENGTH(small_stack)) {
        stack = PyMem_Malloc((size_t)(argcount + 1) * sizeof(PyObject *));
        if (stack == NULL) {
            return _PyErr_NoMemory(tstate);
        }
    }
    stack[0] = obj;
    memcpy(&stack[1], ((PyTupleObject *)args)->ob_item, (size_t)argcount * sizeof(PyObject *));
    PyObject *result = _PyObject_FastCallDictTstate(tstate, callable, stack,
                                                    (size_t)argcount + 1, kwargs);
    if (stack != small_stack) {
        PyMem_Free(stack);
    }
    return result;
}


/* ------------------------------------------------- arguments by a format string */

/* Calls with the values that the format describes; a single tuple is unpacked. */
static PyObject *
call_with_format(PyThreadState *tstate, PyObject *callable, const char *format, va_list va,
                 int is_size_t)
{
    if (callable == NULL) {
        return null_error(tstate);
    }
    if (format == NULL || *format == '\0') {
        return _PyObject_CallNoArgsTstate(tstate, callable);
    }
    PyObject *small_stack[_PY_FASTCALL_SMALL_STACK];
    Py_ssize_t nargs;
    PyObject **stack = is_size_t
        ? _Py_VaBuildStack_SizeT(small_stack, Py_ARRAY_LENGTH(small_stack), format, va, &nargs)
        : _Py_VaBuildStack(small_stack, Py_ARRAY_LENGTH(small_stack), format, va, &nargs);
    if (stack == NULL) {
        return NULL;
    }
    PyObject *result;
    if (nargs == 1 && PyTuple_Check(stack[0])) {
        PyObject *args = stack[0];
        result = _PyObject_VectorcallTstate(tstate, callable, ((PyTupleObject *)args)->ob_item,
                                            (size_t)PyTuple_GET_SIZE(args), NULL);
    }
    else {
        result = _PyObject_VectorcallTstate(tstate, callable, stack, (size_t)nargs, NULL);
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        Py_DECREF(stack[i]);
    }
    if (stack != small_stack) {
        PyMem_Free(stack);
    }
    return result;
}

/* Calls an attribute; gives up the reference to it. */
static PyObject *
call_attribute(PyThreadState *tstate, PyObject *callable, const char *format, va_list va,
               int is_size_t)
{
    if (callable == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    if (!PyCallable_Check(callable)) {
        _PyErr_Format(tstate, PyExc_TypeError, "attribute of type '%.200s' is not callable",
                      Py_TYPE(callable)->tp_name);
    }
    else {
        result = call_with_format(tstate, callable, format, va, is_size_t);
    }
    Py_DECREF(callable);
    return result;
}

#undef PyObject_CallFunction
#undef PyObject_CallMethod

/* The public function and its form for code with PY_SSIZE_T_CLEAN. */
#define CALL_FUNCTION(NAME, IS_SIZE_T)                                          \
    PyObject *                                                                  \
    NAME(PyObject *callable, const char *format, ...)                           \
    {                                                                           \
        va_list va;                                                             \
        va_start(va, format);                                                   \
        PyObject *result = call_with_format(_PyThreadState_GET(), callable, format, va, \
                                            IS_SIZE_T);                         \
        va_end(va);                                                             \
        return result;                                                          \
    }

CALL_FUNCTION(PyObject_CallFunction, 0)
CALL_FUNCTION(_PyObject_CallFunction_SizeT, 1)
CALL_FUNCTION(PyEval_CallFunction, 0)

/* Methods: `TYPE` is the type of the name, `GET` an expression for the attribute. */
#define CALL_METHOD(FUNCTION, TYPE, GET, IS_SIZE_T)                             \
    PyObject *                                                                  \
    FUNCTION(PyObject *obj, TYPE name, const char *format, ...)                 \
    {                                                                           \
        PyThreadState *tstate = _PyThreadState_GET();                           \
        if (obj == NULL || name == NULL) {                                      \
            return null_error(tstate);                                          \
        }                                                                       \
        va_list va;                                                             \
        va_start(va, format);                                                   \
        PyObject *result = call_attribute(tstate, GET, format, va, IS_SIZE_T);  \
        va_end(va);                                                             \
        return result;                                                          \
    }

CALL_METHOD(PyObject_CallMethod, const char *, PyObject_GetAttrString(obj, name), 0)
CALL_METHOD(_PyObject_CallMethod_SizeT, const char *, PyObject_GetAttrString(obj, name), 1)
CALL_METHOD(PyEval_CallMethod, const char *, PyObject_GetAttrString(obj, name), 0)
CALL_METHOD(_PyObject_CallMethod, PyObject *, PyObject_GetAttr(obj, name), 1)
CALL_METHOD(_PyObject_CallMethodId, _Py_Identifier *, _PyObject_GetAttrId(obj, name), 0)
CALL_METHOD(_PyObject_CallMethodId_SizeT, _Py_Identifier *, _PyObject_GetAttrId(obj, name), 1)


/* ---------------------------------------------- arguments as objects up to a NULL */

/* Calls with `base` (unless NULL) and the objects of the argument list. */
static PyObject *
call_with_objects(PyThreadState *tstate, PyObject *base, PyObject *callable, va_list vargs)
{
    if (callable == NULL) {
        return null_error(tstate);
    }
    va_list countva;
    va_copy(countva, vargs);
    Py_ssize_t nargs = base != NULL;
    while (va_arg(countva, PyObject *) != NULL) {
        nargs++;
    }
    va_end(countva);

    PyObject *small_stack[_PY_FASTCALL_SMALL_STACK];
    PyObject **stack = small_stack;
    if (nargs > (Py_ssize_t)Py_ARRAY_LENGTH(small_stack)) {
        stack = PyMem_Malloc((size_t)nargs * sizeof(stack[0]));
        if (stack == NULL) {
            return _PyErr_NoMemory(tstate);
        }
    }
    Py_ssize_t i = 0;
    if (base != NULL) {
        stack[i++] = base;
    }
    while (i < nargs) {
        stack[i++] = va_arg(vargs, PyObject *);
    }
    PyObject *result = _PyObject_VectorcallTstate(tstate, callable, stack, (size_t)nargs, NULL);
    if (stack != small_stack) {
        PyMem_Free(stack);
    }
    return result;
}

PyObject *
PyObject_CallFunctionObjArgs(PyObject *callable, ...)
{
    va_list vargs;
    va_start(vargs, callable);
    PyObject *result = call_with_objects(_PyThreadState_GET(), NULL, callable, vargs);
    va_end(vargs);
    return result;
}

/* obj.name(...), without making a bound method where possible. */
static PyObject *
call_method_with_objects(PyObject *obj, PyObject *name, va_list vargs)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (obj == NULL || name == NULL) {
        return null_error(tstate);
    }
    PyObject *callable = NULL;
    int unbound = _PyObject_GetMethod(obj, name, &callable);
    if (callable == NULL) {
        return NULL;
    }
    PyObject *result = call_with_objects(tstate, unbound ? obj : NULL, callable, vargs);
    Py_DECREF(callable);
    return result;
}

PyObject *
PyObject_CallMethodObjArgs(PyObject *obj, PyObject *name, ...)
{
    va_list vargs;
    va_start(vargs, name);
    PyObject *result = call_method_with_objects(obj, name, vargs);
    va_end(vargs);
    return result;
}

PyObject *
_PyObject_CallMethodIdObjArgs(PyObject *obj, _Py_Identifier *name, ...)
{
    PyObject *oname = _PyUnicode_FromId(name);      /* borrowed */
    if (oname == NULL) {
        return NULL;
    }
    va_list vargs;
    va_start(vargs, name);
    PyObject *result = call_method_with_objects(obj, oname, vargs);
    va_end(vargs);
    return result;
}

/* args[0].name(*args[1:]) with keywords as for PyObject_Vectorcall(). */
PyObject *
PyObject_VectorcallMethod(PyObject *name, PyObject *const *args, size_t nargsf,
                          PyObject *kwnames)
{
    assert(name != NULL && args != NULL && _PyVectorcall_NARGS(nargsf) >= 1);
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *callable = NULL;
    int unbound = _PyObject_GetMethod(args[0], name, &callable);
    if (callable == NULL) {
        return NULL;
    }
    if (unbound) {
        /* self stays at args[0], so the place in front of it is not ours to promise. */
        nargsf &= ~PY_VECTORCALL_ARGUMENTS_OFFSET;
    }
    else {
        /* The place of self may be used, if args[-1] was. */
        args++;
        nargsf--;
    }
    PyObject *result = _PyObject_VectorcallTstate(tstate, callable, args, nargsf, kwnames);
    Py_DECREF(callable);
    return result;
}
