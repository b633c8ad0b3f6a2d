/* Operations that instructions share or that are too long for them: unpacking, slices,
 * formatting, merging, super(), awaiting, exceptions, with, pattern matching.
 *
 * Helpers of instructions: objects are borrowed, results are new references or NULL with an
 * exception, ints are 0 or -1 with an exception.
 * Written from the language reference (expressions, compound statements), PEP 448, PEP 492,
 * PEP 525, PEP 634, PEP 654, and the messages of 3.12. */

#include "Python.h"
#include "pycore_ceval.h"       // prototypes
#include "pycore_errors.h"      // _PyErr_Format()
#include "opcode.h"             // NB_ADD
#include "pycore_genobject.h"   // _PyCoro_GetAwaitableIter()
#include "pycore_instruments.h" // events of exceptions that end iterations
#include "pycore_object.h"      // _PyObject_LookupSpecial()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PySuper_Lookup()

/* ---- binary operations --------------------------------------------------- */

static PyObject *
number_power(PyObject *a, PyObject *b)
{
    return PyNumber_Power(a, b, Py_None);
}

static PyObject *
number_inplace_power(PyObject *a, PyObject *b)
{
    return PyNumber_InPlacePower(a, b, Py_None);
}

const binaryfunc _PyEval_BinaryOps[26] = {
    [NB_ADD] = PyNumber_Add,
    [NB_AND] = PyNumber_And,
    [NB_FLOOR_DIVIDE] = PyNumber_FloorDivide,
    [NB_LSHIFT] = PyNumber_Lshift,
    [NB_MATRIX_MULTIPLY] = PyNumber_MatrixMultiply,
    [NB_MULTIPLY] = PyNumber_Multiply,
    [NB_REMAINDER] = PyNumber_Remainder,
    [NB_OR] = PyNumber_Or,
    [NB_POWER] = number_power,
    [NB_RSHIFT] = PyNumber_Rshift,
    [NB_SUBTRACT] = PyNumber_Subtract,
    [NB_TRUE_DIVIDE] = PyNumber_TrueDivide,
    [NB_XOR] = PyNumber_Xor,
    [NB_INPLACE_ADD] = PyNumber_InPlaceAdd,
    [NB_INPLACE_AND] = PyNumber_InPlaceAnd,
    [NB_INPLACE_FLOOR_DIVIDE] = PyNumber_InPlaceFloorDivide,
    [NB_INPLACE_LSHIFT] = PyNumber_InPlaceLshift,
    [NB_INPLACE_MATRIX_MULTIPLY] = PyNumber_InPlaceMatrixMultiply,
    [NB_INPLACE_MULTIPLY] = PyNumber_InPlaceMultiply,
    [NB_INPLACE_REMAINDER] = PyNumber_InPlaceRemainder,
    [NB_INPLACE_OR] = PyNumber_InPlaceOr,
    [NB_INPLACE_POWER] = number_inplace_power,
    [NB_INPLACE_RSHIFT] = PyNumber_InPlaceRshift,
    [NB_INPLACE_SUBTRACT] = PyNumber_InPlaceSubtract,
    [NB_INPLACE_TRUE_DIVIDE] = PyNumber_InPlaceTrueDivide,
    [NB_INPLACE_XOR] = PyNumber_InPlaceXor,
};

/* ---- sequences ----------------------------------------------------------- */

static void
close_downto(_PyStackRef *sp, int n)
{
    for (int i = 0; i < n; i++) {
        PyStackRef_CLOSE(sp[i]);
    }
}

/* The starred part of an assignment and what follows it; the items before it are stored. */
static int
unpack_rest(PyThreadState *tstate, PyObject *it, int before, int after, _PyStackRef *sp)
{
    PyObject *list = PySequence_List(it);
    if (list == NULL) {
        return -1;
    }
    Py_ssize_t size = PyList_GET_SIZE(list);
    if (size < after) {
        _PyErr_Format(tstate, PyExc_ValueError,
                      "not enough values to unpack (expected at least %d, got %zd)",
                      before + after, before + size);
        Py_DECREF(list);
        return -1;
    }
    *--sp = PyStackRef_FromPyObjectSteal(list);
    for (int j = 0; j < after; j++) {       /* the references move out of the list */
        *--sp = PyStackRef_FromPyObjectSteal(PyList_GET_ITEM(list, size - after + j));
    }
    Py_SET_SIZE(list, size - after);
    return 0;
}

/* Iterates v into the stack downwards from sp: `before` items, then (after >= 0) a list and
 * `after` items.  On failure nothing is left on the stack. */
int
_PyEval_UnpackIterable(PyThreadState *tstate, PyObject *v, int before, int after,
                       _PyStackRef *sp)
{
    PyObject *it = PyObject_GetIter(v);
    if (it == NULL) {
        if (_PyErr_ExceptionMatches(tstate, PyExc_TypeError) && Py_TYPE(v)->tp_iter == NULL
            && !PySequence_Check(v)) {
            _PyErr_Format(tstate, PyExc_TypeError, "cannot unpack non-iterable %.200s object",
                          Py_TYPE(v)->tp_name);
        }
        return -1;
    }
    int i = 0;
    PyObject *w;
    for (; i < before; i++) {
        w = PyIter_Next(it);
        if (w == NULL) {
            if (!_PyErr_Occurred(tstate)) {
                if (after == -1) {
                    _PyErr_Format(tstate, PyExc_ValueError,
                                  "not enough values to unpack (expected %d, got %d)", before, i);
                }
                else {
                    _PyErr_Format(tstate, PyExc_ValueError,
                                  "not enough values to unpack (expected at least %d, got %d)",
                                  before + after, i);
                }
            }
            goto error;
        }
        *--sp = PyStackRef_FromPyObjectSteal(w);
    }
    if (after >= 0) {
        if (unpack_rest(tstate, it, before, after, sp) < 0) {
            goto error;
        }
    }
    else {
        w = PyIter_Next(it);
        if (w != NULL) {
            Py_DECREF(w);
            _PyErr_Format(tstate, PyExc_ValueError, "too many values to unpack (expected %d)",
                          before);
            goto error;
        }
        if (_PyErr_Occurred(tstate)) {
            goto error;
        }
    }
    Py_DECREF(it);
    return 0;

error:
    close_downto(sp, i);
    Py_DECREF(it);
    return -1;
}

PyObject *
_PyEval_GetSlice(PyObject *container, PyObject *start, PyObject *stop)
{
    PyObject *slice = PySlice_New(start, stop, NULL);
    if (slice == NULL) {
        return NULL;
    }
    PyObject *res = PyObject_GetItem(container, slice);
    Py_DECREF(slice);
    return res;
}

int
_PyEval_SetSlice(PyObject *container, PyObject *start, PyObject *stop, PyObject *value)
{
    PyObject *slice = PySlice_New(start, stop, NULL);
    if (slice == NULL) {
        return -1;
    }
    int err = PyObject_SetItem(container, slice, value);
    Py_DECREF(slice);
    return err;
}

/* conversion: FVC_* */
PyObject *
_PyEval_FormatValue(PyObject *value, PyObject *spec, int conversion)
{
    PyObject *converted;
    switch (conversion) {
    case FVC_NONE:
        converted = Py_NewRef(value);
        break;
    case FVC_STR:
        converted = PyObject_Str(value);
        break;
    case FVC_REPR:
        converted = PyObject_Repr(value);
        break;
    default:
        converted = PyObject_ASCII(value);
        break;
    }
    if (converted == NULL) {
        return NULL;
    }
    if (PyUnicode_CheckExact(converted) && spec == NULL) {
        return converted;
    }
    PyObject *res = PyObject_Format(converted, spec);
    Py_DECREF(converted);
    return res;
}

int
_PyEval_ListExtend(PyThreadState *tstate, PyObject *list, PyObject *iterable)
{
    PyObject *none = _PyList_Extend((PyListObject *)list, iterable);
    if (none == NULL) {
        if (_PyErr_ExceptionMatches(tstate, PyExc_TypeError) && Py_TYPE(iterable)->tp_iter == NULL
            && !PySequence_Check(iterable)) {
            _PyErr_Clear(tstate);
            _PyErr_Format(tstate, PyExc_TypeError,
                          "Value after * must be an iterable, not %.200s",
                          Py_TYPE(iterable)->tp_name);
        }
        return -1;
    }
    Py_DECREF(none);
    return 0;
}

int
_PyEval_DictUpdate(PyThreadState *tstate, PyObject *dict, PyObject *update)
{
    if (PyDict_Update(dict, update) < 0) {
        if (_PyErr_ExceptionMatches(tstate, PyExc_AttributeError)) {
            _PyErr_Format(tstate, PyExc_TypeError, "'%.200s' object is not a mapping",
                          Py_TYPE(update)->tp_name);
        }
        return -1;
    }
    return 0;
}

int
_PyEval_DictMerge(PyThreadState *tstate, PyObject *callable, PyObject *dict, PyObject *update)
{
    if (_PyDict_MergeEx(dict, update, 2) < 0) {
        _PyEval_FormatKwargsError(tstate, callable, update);
        return -1;
    }
    return 0;
}

/* ---- super().name -------------------------------------------------------- */

/* oparg & 1: a method call follows; oparg & 2: super() was written with two arguments.  *bound
 * is set if the result is a function that self is to be passed to. */
PyObject *
_PyEval_LoadSuperAttr(PyThreadState *Py_UNUSED(tstate), PyObject *super, PyObject *cls,
                      PyObject *self, PyObject *name, int oparg, int *bound)
{
    if (super == (PyObject *)&PySuper_Type && PyType_Check(cls)) {
        int method = 0;
        PyObject *v = _PySuper_Lookup((PyTypeObject *)cls, self, name,
                                      (oparg & 1) ? &method : NULL);
        *bound = method;
        return v;
    }
    *bound = 0;
    PyObject *stack[3] = {NULL, cls, self};
    PyObject *obj = PyObject_Vectorcall(super, stack + 1,
                                        ((oparg & 2) ? 2 : 0) | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                        NULL);
    if (obj == NULL) {
        return NULL;
    }
    PyObject *v = PyObject_GetAttr(obj, name);
    Py_DECREF(obj);
    return v;
}

/* ---- iteration, await ---------------------------------------------------- */

PyObject *
_PyEval_GetYieldFromIter(PyThreadState *tstate, PyCodeObject *code, PyObject *iterable)
{
    if (PyCoro_CheckExact(iterable)) {
        if (!(code->co_flags & (CO_COROUTINE | CO_ITERABLE_COROUTINE))) {
            _PyErr_SetString(tstate, PyExc_TypeError,
                             "cannot 'yield from' a coroutine object in a non-coroutine generator");
            return NULL;
        }
        return Py_NewRef(iterable);
    }
    if (PyGen_CheckExact(iterable)) {
        return Py_NewRef(iterable);
    }
    return PyObject_GetIter(iterable);
}

/* tp_iternext returned NULL: true if that is an error; StopIteration is cleared. */
int
_PyEval_IterationFailed(PyThreadState *tstate, _PyInterpreterFrame *frame)
{
    if (!_PyErr_Occurred(tstate)) {
        return 0;
    }
    if (!_PyErr_ExceptionMatches(tstate, PyExc_StopIteration)) {
        return 1;
    }
    if (_PyInstrument_Wanted(tstate, PY_MONITORING_EVENT_RAISE)
        && _Py_call_instrumentation_exc(tstate, PY_MONITORING_EVENT_RAISE, frame,
                                        frame->instr_ptr) < 0) {
        return 1;
    }
    _PyErr_Clear(tstate);
    return 0;
}

PySendResult
_PyEval_Send(PyThreadState *tstate, _PyInterpreterFrame *frame, PyObject *receiver,
             PyObject *value, PyObject **result)
{
    PyTypeObject *tp = Py_TYPE(receiver);
    if (tp->tp_as_async != NULL && tp->tp_as_async->am_send != NULL) {
        return tp->tp_as_async->am_send(receiver, value, result);
    }
    PyObject *v;
    if (Py_IsNone(value) && PyIter_Check(receiver)) {
        v = tp->tp_iternext(receiver);
    }
    else {
        v = PyObject_CallMethodOneArg(receiver, &_Py_ID(send), value);
    }
    *result = v;
    if (v != NULL) {
        return PYGEN_NEXT;
    }
    if (_PyErr_Occurred(tstate) && _PyErr_ExceptionMatches(tstate, PyExc_StopIteration)
        && _PyInstrument_Wanted(tstate, PY_MONITORING_EVENT_RAISE)
        && _Py_call_instrumentation_exc(tstate, PY_MONITORING_EVENT_RAISE, frame,
                                        frame->instr_ptr) < 0) {
        return PYGEN_ERROR;
    }
    if (_PyGen_FetchStopIterationValue(result) < 0) {
        return PYGEN_ERROR;
    }
    return PYGEN_RETURN;
}

static PyObject *
bad_awaitable(PyThreadState *tstate, PyTypeObject *tp, int where)
{
    if (tp->tp_as_async == NULL || tp->tp_as_async->am_await == NULL) {
        if (where == 1) {
            _PyErr_Format(tstate, PyExc_TypeError,
                          "'async with' received an object from __aenter__ that does not "
                          "implement __await__: %.100s", tp->tp_name);
        }
        else if (where == 2) {
            _PyErr_Format(tstate, PyExc_TypeError,
                          "'async with' received an object from __aexit__ that does not "
                          "implement __await__: %.100s", tp->tp_name);
        }
    }
    return NULL;
}

PyObject *
_PyEval_GetAwaitable(PyThreadState *tstate, PyObject *iterable, int where)
{
    PyObject *iter = _PyCoro_GetAwaitableIter(iterable);
    if (iter == NULL) {
        return bad_awaitable(tstate, Py_TYPE(iterable), where);
    }
    if (PyCoro_CheckExact(iter)) {
        PyObject *yf = _PyGen_yf((PyGenObject *)iter);
        if (yf != NULL) {       /* somebody is awaiting it already */
            Py_DECREF(yf);
            Py_DECREF(iter);
            _PyErr_SetString(tstate, PyExc_RuntimeError, "coroutine is being awaited already");
            return NULL;
        }
    }
    return iter;
}

PyObject *
_PyEval_GetAIter(PyThreadState *tstate, PyObject *iterable)
{
    PyTypeObject *tp = Py_TYPE(iterable);
    if (tp->tp_as_async == NULL || tp->tp_as_async->am_aiter == NULL) {
        _PyErr_Format(tstate, PyExc_TypeError,
                      "'async for' requires an object with __aiter__ method, got %.100s",
                      tp->tp_name);
        return NULL;
    }
    PyObject *iter = tp->tp_as_async->am_aiter(iterable);
    if (iter == NULL) {
        return NULL;
    }
    PyTypeObject *it = Py_TYPE(iter);
    if (it->tp_as_async == NULL || it->tp_as_async->am_anext == NULL) {
        _PyErr_Format(tstate, PyExc_TypeError,
                      "'async for' received an object from __aiter__ that does not implement "
                      "__anext__: %.100s", it->tp_name);
        Py_DECREF(iter);
        return NULL;
    }
    return iter;
}

PyObject *
_PyEval_GetANext(PyThreadState *tstate, PyObject *aiter)
{
    PyTypeObject *tp = Py_TYPE(aiter);
    if (PyAsyncGen_CheckExact(aiter)) {
        return tp->tp_as_async->am_anext(aiter);
    }
    if (tp->tp_as_async == NULL || tp->tp_as_async->am_anext == NULL) {
        _PyErr_Format(tstate, PyExc_TypeError,
                      "'async for' requires an iterator with __anext__ method, got %.100s",
                      tp->tp_name);
        return NULL;
    }
    PyObject *next = tp->tp_as_async->am_anext(aiter);
    if (next == NULL) {
        return NULL;
    }
    PyObject *awaitable = _PyCoro_GetAwaitableIter(next);
    if (awaitable == NULL) {
        _PyErr_FormatFromCause(PyExc_TypeError,
                               "'async for' received an invalid object from __anext__: %.100s",
                               Py_TYPE(next)->tp_name);
    }
    Py_DECREF(next);
    return awaitable;
}

/* ---- exceptions ---------------------------------------------------------- */

#define NOT_EXCEPTION "catching classes that do not inherit from BaseException is not allowed"
#define STAR_GROUP    "catching ExceptionGroup with except* is not allowed. Use except instead."

int
_PyEval_CheckExceptTypeValid(PyThreadState *tstate, PyObject *type)
{
    if (PyTuple_Check(type)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(type); i++) {
            if (!PyExceptionClass_Check(PyTuple_GET_ITEM(type, i))) {
                _PyErr_SetString(tstate, PyExc_TypeError, NOT_EXCEPTION);
                return -1;
            }
        }
    }
    else if (!PyExceptionClass_Check(type)) {
        _PyErr_SetString(tstate, PyExc_TypeError, NOT_EXCEPTION);
        return -1;
    }
    return 0;
}

int
_PyEval_CheckExceptStarTypeValid(PyThreadState *tstate, PyObject *type)
{
    if (_PyEval_CheckExceptTypeValid(tstate, type) < 0) {
        return -1;
    }
    Py_ssize_t n = PyTuple_Check(type) ? PyTuple_GET_SIZE(type) : 1;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *t = PyTuple_Check(type) ? PyTuple_GET_ITEM(type, i) : type;
        int group = PyObject_IsSubclass(t, PyExc_BaseExceptionGroup);
        if (group < 0) {
            return -1;
        }
        if (group) {
            _PyErr_SetString(tstate, PyExc_TypeError, STAR_GROUP);
            return -1;
        }
    }
    return 0;
}

int
_PyEval_ExceptionMatches(PyThreadState *tstate, PyObject *exc, PyObject *type)
{
    assert(PyExceptionInstance_Check(exc));
    if (_PyEval_CheckExceptTypeValid(tstate, type) < 0) {
        return -1;
    }
    return PyErr_GivenExceptionMatches(exc, type);
}

/* except*: splits exc into what matches and the rest, either may be None.  A plain exception
 * that matches is wrapped into a group. */
int
_PyEval_ExceptionGroupMatch(PyThreadState *tstate, PyObject *exc, PyObject *type,
                            PyObject **match, PyObject **rest)
{
    if (_PyEval_CheckExceptStarTypeValid(tstate, type) < 0) {
        return -1;
    }
    if (Py_IsNone(exc)) {
        *match = Py_NewRef(Py_None);
        *rest = Py_NewRef(Py_None);
        return 0;
    }
    if (PyErr_GivenExceptionMatches(exc, type)) {
        if (PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_BaseExceptionGroup)) {
            *match = Py_NewRef(exc);
        }
        else {
            PyObject *args = PyTuple_Pack(1, exc);
            if (args == NULL) {
                return -1;
            }
            PyObject *group = PyObject_CallFunction(PyExc_BaseExceptionGroup, "sO", "", args);
            Py_DECREF(args);
            if (group == NULL) {
                return -1;
            }
            PyObject *tb = PyException_GetTraceback(exc);
            if (tb != NULL) {
                int err = PyException_SetTraceback(group, tb);
                Py_DECREF(tb);
                if (err < 0) {
                    Py_DECREF(group);
                    return -1;
                }
            }
            *match = group;
        }
        *rest = Py_NewRef(Py_None);
        return 0;
    }
    if (PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_BaseExceptionGroup)) {
        PyObject *pair = PyObject_CallMethodOneArg(exc, &_Py_ID(split), type);
        if (pair == NULL) {
            return -1;
        }
        if (!PyTuple_CheckExact(pair)) {
            _PyErr_Format(tstate, PyExc_TypeError, "%.200s.split must return a tuple, not %.200s",
                          Py_TYPE(exc)->tp_name, Py_TYPE(pair)->tp_name);
            Py_DECREF(pair);
            return -1;
        }
        if (PyTuple_GET_SIZE(pair) < 2) {       /* longer tuples are accepted */
            _PyErr_Format(tstate, PyExc_TypeError,
                          "%.200s.split must return a 2-tuple, got tuple of size %zd",
                          Py_TYPE(exc)->tp_name, PyTuple_GET_SIZE(pair));
            Py_DECREF(pair);
            return -1;
        }
        *match = Py_NewRef(PyTuple_GET_ITEM(pair, 0));
        *rest = Py_NewRef(PyTuple_GET_ITEM(pair, 1));
        Py_DECREF(pair);
        return 0;
    }
    *match = Py_NewRef(Py_None);
    *rest = Py_NewRef(exc);
    return 0;
}

/* An instance of the class that a raise statement names: consumes type. */
static PyObject *
instantiate(PyThreadState *tstate, PyObject *type)
{
    PyObject *value = PyObject_CallNoArgs(type);
    if (value != NULL && !PyExceptionInstance_Check(value)) {
        _PyErr_Format(tstate, PyExc_TypeError,
                      "calling %R should have returned an instance of BaseException, not %R",
                      type, Py_TYPE(value));
        Py_CLEAR(value);
    }
    Py_DECREF(type);
    return value;
}

static int
raise_again(PyThreadState *tstate)
{
    PyObject *exc = _PyErr_GetTopmostException(tstate)->exc_value;
    if (exc == NULL || Py_IsNone(exc)) {
        _PyErr_SetString(tstate, PyExc_RuntimeError, "No active exception to reraise");
        return 0;
    }
    _PyErr_SetRaisedException(tstate, Py_NewRef(exc));
    return 1;
}

int
_PyEval_Raise(PyThreadState *tstate, PyObject *exc, PyObject *cause)
{
    if (exc == NULL) {
        assert(cause == NULL);
        return raise_again(tstate);
    }
    if (PyExceptionClass_Check(exc)) {
        exc = instantiate(tstate, exc);
        if (exc == NULL) {
            Py_XDECREF(cause);
            return 0;
        }
    }
    else if (!PyExceptionInstance_Check(exc)) {
        _PyErr_SetString(tstate, PyExc_TypeError, "exceptions must derive from BaseException");
        goto done;
    }
    if (cause != NULL) {
        if (PyExceptionClass_Check(cause)) {
            cause = instantiate(tstate, cause);
            if (cause == NULL) {
                goto done;
            }
        }
        else if (Py_IsNone(cause)) {
            cause = NULL;
        }
        else if (!PyExceptionInstance_Check(cause)) {
            _PyErr_SetString(tstate, PyExc_TypeError,
                             "exception causes must derive from BaseException");
            goto done;
        }
        PyException_SetCause(exc, cause);       /* takes the reference over */
        cause = NULL;
    }
    _PyErr_SetObject(tstate, (PyObject *)Py_TYPE(exc), exc);
done:
    Py_XDECREF(cause);
    Py_DECREF(exc);
    return 0;
}

/* ---- with ---------------------------------------------------------------- */

/* Looks __exit__ up and calls __enter__: its result, and the bound __exit__ in *exit. */
PyObject *
_PyEval_BeforeWith(PyThreadState *tstate, PyObject *manager, int is_async, PyObject **exit)
{
    PyObject *enter = _PyObject_LookupSpecial(
        manager, is_async ? &_Py_ID(__aenter__) : &_Py_ID(__enter__));
    if (enter == NULL) {
        if (!_PyErr_Occurred(tstate)) {
            _PyErr_Format(tstate, PyExc_TypeError,
                          is_async
                              ? "'%.200s' object does not support the asynchronous context "
                                "manager protocol"
                              : "'%.200s' object does not support the context manager protocol",
                          Py_TYPE(manager)->tp_name);
        }
        return NULL;
    }
    *exit = _PyObject_LookupSpecial(manager, is_async ? &_Py_ID(__aexit__) : &_Py_ID(__exit__));
    if (*exit == NULL) {
        if (!_PyErr_Occurred(tstate)) {
            _PyErr_Format(tstate, PyExc_TypeError,
                          is_async
                              ? "'%.200s' object does not support the asynchronous context "
                                "manager protocol (missed __aexit__ method)"
                              : "'%.200s' object does not support the context manager protocol "
                                "(missed __exit__ method)",
                          Py_TYPE(manager)->tp_name);
        }
        Py_DECREF(enter);
        return NULL;
    }
    PyObject *res = PyObject_CallNoArgs(enter);
    Py_DECREF(enter);
    if (res == NULL) {
        Py_CLEAR(*exit);
    }
    return res;
}

/* ---- pattern matching ---------------------------------------------------- */

/* The values of the keys of a mapping pattern as a tuple, or None if one is missing. */
PyObject *
_PyEval_MatchKeys(PyThreadState *tstate, PyObject *map, PyObject *keys)
{
    assert(PyTuple_CheckExact(keys));
    Py_ssize_t n = PyTuple_GET_SIZE(keys);
    if (n == 0) {
        return PyTuple_New(0);
    }
    PyObject *seen = NULL, *dummy = NULL, *values = NULL, *get = NULL;
    /* get(key, dummy), not map[key]: defaultdicts must not grow. */
    get = PyObject_GetAttr(map, &_Py_ID(get));
    seen = PySet_New(NULL);
    dummy = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
    values = PyTuple_New(n);
    if (get == NULL || seen == NULL || dummy == NULL || values == NULL) {
        goto fail;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *key = PyTuple_GET_ITEM(keys, i);
        int known = PySet_Contains(seen, key);
        if (known || PySet_Add(seen, key) < 0) {
            if (!_PyErr_Occurred(tstate)) {
                _PyErr_Format(tstate, PyExc_ValueError,
                              "mapping pattern checks duplicate key (%R)", key);
            }
            goto fail;
        }
        PyObject *args[3] = {NULL, key, dummy};
        PyObject *value = PyObject_Vectorcall(get, args + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                              NULL);
        if (value == NULL) {
            goto fail;
        }
        if (value == dummy) {
            Py_DECREF(value);
            Py_SETREF(values, Py_NewRef(Py_None));
            break;
        }
        PyTuple_SET_ITEM(values, i, value);
    }
    Py_DECREF(get);
    Py_DECREF(seen);
    Py_DECREF(dummy);
    return values;

fail:
    Py_XDECREF(get);
    Py_XDECREF(seen);
    Py_XDECREF(dummy);
    Py_XDECREF(values);
    return NULL;
}

/* One attribute of a class pattern; NULL without an exception if there is none. */
static PyObject *
match_class_attr(PyThreadState *tstate, PyObject *subject, PyObject *type, PyObject *name,
                 PyObject *seen)
{
    int known = PySet_Contains(seen, name);
    if (known || PySet_Add(seen, name) < 0) {
        if (!_PyErr_Occurred(tstate)) {
            _PyErr_Format(tstate, PyExc_TypeError,
                          "%s() got multiple sub-patterns for attribute %R",
                          ((PyTypeObject *)type)->tp_name, name);
        }
        return NULL;
    }
    PyObject *attr = PyObject_GetAttr(subject, name);
    if (attr == NULL && _PyErr_ExceptionMatches(tstate, PyExc_AttributeError)) {
        _PyErr_Clear(tstate);
    }
    return attr;
}

/* Adds the positional sub-patterns' attributes to `attrs`.  1; 0: no match; -1: error. */
static int
match_positional(PyThreadState *tstate, PyObject *subject, PyObject *type, Py_ssize_t nargs,
                 PyObject *seen, PyObject *attrs)
{
    int match_self = 0;
    int res = -1;
    PyObject *match_args = NULL;
    if (_PyObject_LookupAttr(type, &_Py_ID(__match_args__), &match_args) < 0) {
        return -1;
    }
    if (match_args != NULL) {
        if (!PyTuple_CheckExact(match_args)) {
            _PyErr_Format(tstate, PyExc_TypeError, "%s.__match_args__ must be a tuple (got %s)",
                          ((PyTypeObject *)type)->tp_name, Py_TYPE(match_args)->tp_name);
            goto done;
        }
    }
    else {
        match_args = PyTuple_New(0);
        if (match_args == NULL) {
            return -1;
        }
        match_self = PyType_HasFeature((PyTypeObject *)type, _Py_TPFLAGS_MATCH_SELF);
    }
    Py_ssize_t allowed = match_self ? 1 : PyTuple_GET_SIZE(match_args);
    if (allowed < nargs) {
        _PyErr_Format(tstate, PyExc_TypeError,
                      "%s() accepts %zd positional sub-pattern%s (%zd given)",
                      ((PyTypeObject *)type)->tp_name, allowed, allowed == 1 ? "" : "s", nargs);
        goto done;
    }
    if (match_self) {
        res = PyList_Append(attrs, subject) < 0 ? -1 : 1;
        goto done;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        PyObject *name = PyTuple_GET_ITEM(match_args, i);
        if (!PyUnicode_CheckExact(name)) {
            _PyErr_Format(tstate, PyExc_TypeError,
                          "__match_args__ elements must be strings (got %s)",
                          Py_TYPE(name)->tp_name);
            goto done;
        }
        PyObject *attr = match_class_attr(tstate, subject, type, name, seen);
        if (attr == NULL) {
            res = _PyErr_Occurred(tstate) ? -1 : 0;
            goto done;
        }
        int err = PyList_Append(attrs, attr);
        Py_DECREF(attr);
        if (err < 0) {
            goto done;
        }
    }
    res = 1;
done:
    Py_DECREF(match_args);
    return res;
}

static int
match_keywords(PyThreadState *tstate, PyObject *subject, PyObject *type, PyObject *names,
               PyObject *seen, PyObject *attrs)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
        PyObject *attr = match_class_attr(tstate, subject, type, PyTuple_GET_ITEM(names, i), seen);
        if (attr == NULL) {
            return _PyErr_Occurred(tstate) ? -1 : 0;
        }
        int err = PyList_Append(attrs, attr);
        Py_DECREF(attr);
        if (err < 0) {
            return -1;
        }
    }
    return 1;
}

/* The attributes of a class pattern as a tuple, or None. */
PyObject *
_PyEval_MatchClass(PyThreadState *tstate, PyObject *subject, PyObject *type, Py_ssize_t nargs,
                   PyObject *names)
{
    if (!PyType_Check(type)) {
        _PyErr_Format(tstate, PyExc_TypeError, "called match pattern must be a class");
        return NULL;
    }
    assert(PyTuple_CheckExact(names));
    int res = PyObject_IsInstance(subject, type);
    if (res <= 0) {
        return res < 0 ? NULL : Py_NewRef(Py_None);
    }
    PyObject *seen = PySet_New(NULL);
    PyObject *attrs = PyList_New(0);
    PyObject *out = NULL;
    if (seen != NULL && attrs != NULL) {
        res = nargs ? match_positional(tstate, subject, type, nargs, seen, attrs) : 1;
        if (res > 0) {
            res = match_keywords(tstate, subject, type, names, seen, attrs);
        }
        if (res > 0) {
            out = PyList_AsTuple(attrs);
        }
        else if (res == 0) {
            out = Py_NewRef(Py_None);
        }
    }
    Py_XDECREF(seen);
    Py_XDECREF(attrs);
    return out;
}
