/* iter(sequence) and iter(callable, sentinel); the awaitable of anext(it, default).
 * Written from the library reference (iter, anext), the C API reference and observed behaviour. */
#include "Python.h"
#include "pycore_ceval.h"
#include "pycore_genobject.h"
#include "pycore_object.h"
#include "pycore_private_api.h"
#include "pycore_pystate.h"
#include "pycore_seqiter.h"
#include "pycore_strings.h"

/* builtins.iter, looked up when pickling: new reference, or NULL with an error. */
static PyObject *
builtin_iter(void)
{
    return PyObject_GetItem(_PyInterpreterState_GET()->builtins, &_Py_ID(iter));
}

/* ---- what iterators by index share (pycore_seqiter.h) -------------------------------------- */

PyObject *
_PySeqIter_New(PyTypeObject *type, PyObject *seq)
{
    _PySeqIterObject *it = PyObject_GC_New(_PySeqIterObject, type);
    if (it == NULL) {
        return NULL;
    }
    it->it_index = 0;
    it->it_seq = Py_NewRef(seq);
    _PyObject_GC_TRACK((PyObject *)it);
    return (PyObject *)it;
}

void
_PySeqIter_Dealloc(PyObject *self)
{
    _PyObject_GC_UNTRACK(self);
    Py_XDECREF(((_PySeqIterObject *)self)->it_seq);
    PyObject_GC_Del(self);
}

int
_PySeqIter_Traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((_PySeqIterObject *)self)->it_seq);
    return 0;
}

PyObject *
_PySeqIter_Exhaust(_PySeqIterObject *it)
{
    assert(it->it_seq != NULL);
    Py_CLEAR(it->it_seq);
    return NULL;
}

/* The length of a built-in sequence, whatever a subclass says. */
static Py_ssize_t
builtin_length(PyObject *seq)
{
    return PyUnicode_Check(seq) ? PyUnicode_GET_LENGTH(seq) : Py_SIZE(seq);
}

static PyObject *
seqiter_length_hint(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    _PySeqIterObject *it = (_PySeqIterObject *)self;
    Py_ssize_t left = it->it_seq == NULL ? 0 : builtin_length(it->it_seq) - it->it_index;
    return PyLong_FromSsize_t(Py_MAX(left, 0));
}

PyObject *
_PySeqIter_Reduce(_PySeqIterObject *it, PyObject *builtin)
{
    /* The function first: the lookup may run code that exhausts the iterator. */
    PyObject *function = _PyEval_GetBuiltin(builtin);
    if (function == NULL) {
        return NULL;
    }
    if (it->it_seq != NULL) {
        return Py_BuildValue("N(O)n", function, it->it_seq, it->it_index);
    }
    Py_DECREF(function);
    PyTypeObject *type = Py_TYPE(it);
    const char *format = type == &PyListIter_Type || type == &PyListRevIter_Type ? "N([])"
        : type == &PyUnicodeIter_Type || type == &_PyUnicodeASCIIIter_Type ? "N(s)" : "N(())";
    return Py_BuildValue(format, _PyEval_GetBuiltin(&_Py_ID(iter)), "");
}

PyObject *
_PyIter_ReduceToList(PyObject *copy)
{
    PyObject *list = PySequence_List(copy);
    Py_DECREF(copy);
    return list == NULL ? NULL
           : Py_BuildValue("N(N)", _PyEval_GetBuiltin(&_Py_ID(iter)), list);
}

static PyObject *
seqiter_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PySeqIter_Reduce((_PySeqIterObject *)self, &_Py_ID(iter));
}

static PyObject *
seqiter_setstate(PyObject *self, PyObject *state)
{
    _PySeqIterObject *it = (_PySeqIterObject *)self;
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (it->it_seq != NULL) {
        it->it_index = Py_MIN(Py_MAX(index, 0), builtin_length(it->it_seq));
    }
    Py_RETURN_NONE;
}

#define METHODS(REDUCE_DOC) {                                                               \
    {"__length_hint__", seqiter_length_hint, METH_NOARGS, _PySEQITER_LENGTH_HINT_DOC},      \
    {"__reduce__", seqiter_reduce, METH_NOARGS, REDUCE_DOC},                                \
    {"__setstate__", seqiter_setstate, METH_O, _PySEQITER_SETSTATE_DOC},                    \
    {NULL}                                                                                  \
}

_Py_SHARED PyMethodDef _PySeqIter_Methods[] = METHODS(_PySEQITER_REDUCE_DOC);
_Py_SHARED PyMethodDef _PyByteArrayIter_Methods[] =
    METHODS(PyDoc_STR("__reduce__($self, /)\n--\n\n") _PySEQITER_REDUCE_DOC);

/* ---- sequences of any type ---------------------------------------------------------------- */

PyObject *
PySeqIter_New(PyObject *seq)
{
    if (!PySequence_Check(seq)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return _PySeqIter_New(&PySeqIter_Type, seq);
}

static PyObject *
iter_iternext(PyObject *iterator)
{
    _PySeqIterObject *it = (_PySeqIterObject *)iterator;
    PyObject *seq = it->it_seq;
    if (seq == NULL) {
        return NULL;
    }
    if (it->it_index == PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "iter index too large");
        return NULL;
    }
    PyObject *result = PySequence_GetItem(seq, it->it_index);
    if (result != NULL) {
        it->it_index++;
        return result;
    }
    if (PyErr_ExceptionMatches(PyExc_IndexError) ||
        PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyErr_Clear();
        return _PySeqIter_Exhaust(it);
    }
    return NULL;
}

static PyObject *
iter_len(_PySeqIterObject *it, PyObject *Py_UNUSED(ignored))
{
    if (it->it_seq == NULL) {
        return PyLong_FromLong(0);
    }
    if (!_PyObject_HasLen(it->it_seq)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_ssize_t size = PySequence_Size(it->it_seq);
    if (size == -1) {
        return NULL;
    }
    return PyLong_FromSsize_t(size > it->it_index ? size - it->it_index : 0);
}

static PyObject *
iter_reduce(_PySeqIterObject *it, PyObject *Py_UNUSED(ignored))
{
    PyObject *iter = builtin_iter();
    if (iter == NULL) {
        return NULL;
    }
    /* The lookup may have run code that exhausted the iterator. */
    return it->it_seq != NULL ? Py_BuildValue("N(O)n", iter, it->it_seq, it->it_index)
                              : Py_BuildValue("N(())", iter);
}

static PyObject *
iter_setstate(_PySeqIterObject *it, PyObject *state)
{
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (it->it_seq != NULL) {
        it->it_index = index < 0 ? 0 : index;
    }
    Py_RETURN_NONE;
}

static PyMethodDef seqiter_methods[] = {
    {"__length_hint__", (PyCFunction)iter_len, METH_NOARGS, _PySEQITER_LENGTH_HINT_DOC},
    {"__reduce__", (PyCFunction)iter_reduce, METH_NOARGS, _PySEQITER_REDUCE_DOC},
    {"__setstate__", (PyCFunction)iter_setstate, METH_O, _PySEQITER_SETSTATE_DOC},
    {NULL, NULL, 0, NULL},
};

_Py_SHARED PyTypeObject PySeqIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "iterator",
    .tp_basicsize = sizeof(_PySeqIterObject),
    .tp_dealloc = _PySeqIter_Dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = _PySeqIter_Traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = iter_iternext,
    .tp_methods = seqiter_methods,
};

/* ---- callables ----------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *it_callable;      /* strong; NULL when exhausted */
    PyObject *it_sentinel;      /* strong; NULL when exhausted */
} calliterobject;

PyObject *
PyCallIter_New(PyObject *callable, PyObject *sentinel)
{
    calliterobject *it = PyObject_GC_New(calliterobject, &PyCallIter_Type);
    if (it == NULL) {
        return NULL;
    }
    it->it_callable = Py_NewRef(callable);
    it->it_sentinel = Py_NewRef(sentinel);
    _PyObject_GC_TRACK((PyObject *)it);
    return (PyObject *)it;
}

static void
calliter_dealloc(calliterobject *it)
{
    PyObject_GC_UnTrack(it);
    Py_XDECREF(it->it_callable);
    Py_XDECREF(it->it_sentinel);
    PyObject_GC_Del(it);
}

static int
calliter_traverse(calliterobject *it, visitproc visit, void *arg)
{
    Py_VISIT(it->it_callable);
    Py_VISIT(it->it_sentinel);
    return 0;
}

static void
calliter_exhaust(calliterobject *it)
{
    Py_CLEAR(it->it_callable);
    Py_CLEAR(it->it_sentinel);
}

static PyObject *
calliter_iternext(calliterobject *it)
{
    if (it->it_callable == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallNoArgs(it->it_callable);
    if (result != NULL && it->it_sentinel != NULL) {
        int stop = PyObject_RichCompareBool(it->it_sentinel, result, Py_EQ);
        if (stop == 0) {
            return result;
        }
        if (stop > 0) {
            calliter_exhaust(it);
        }
    }
    else if (result == NULL && PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyErr_Clear();
        calliter_exhaust(it);
    }
    Py_XDECREF(result);
    return NULL;
}

static PyObject *
calliter_reduce(calliterobject *it, PyObject *Py_UNUSED(ignored))
{
    PyObject *iter = builtin_iter();
    if (iter == NULL) {
        return NULL;
    }
    if (it->it_callable != NULL && it->it_sentinel != NULL) {
        return Py_BuildValue("N(OO)", iter, it->it_callable, it->it_sentinel);
    }
    return Py_BuildValue("N(())", iter);
}

static PyMethodDef calliter_methods[] = {
    {"__reduce__", (PyCFunction)calliter_reduce, METH_NOARGS,
     "Return state information for pickling."},
    {NULL, NULL, 0, NULL},
};

_Py_SHARED PyTypeObject PyCallIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "callable_iterator",
    .tp_basicsize = sizeof(calliterobject),
    .tp_dealloc = (destructor)calliter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)calliter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)calliter_iternext,
    .tp_methods = calliter_methods,
};

/* ---- anext(it, default) ---------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *wrapped;          /* awaitable of __anext__() */
    PyObject *default_value;
} anextawaitableobject;

PyObject *
PyAnextAwaitable_New(PyObject *awaitable, PyObject *default_value)
{
    anextawaitableobject *anext = PyObject_GC_New(anextawaitableobject, &_PyAnextAwaitable_Type);
    if (anext == NULL) {
        return NULL;
    }
    anext->wrapped = Py_NewRef(awaitable);
    anext->default_value = Py_NewRef(default_value);
    _PyObject_GC_TRACK((PyObject *)anext);
    return (PyObject *)anext;
}

static void
anextawaitable_dealloc(anextawaitableobject *obj)
{
    PyObject_GC_UnTrack(obj);
    Py_XDECREF(obj->wrapped);
    Py_XDECREF(obj->default_value);
    PyObject_GC_Del(obj);
}

static int
anextawaitable_traverse(anextawaitableobject *obj, visitproc visit, void *arg)
{
    Py_VISIT(obj->wrapped);
    Py_VISIT(obj->default_value);
    return 0;
}

/* The iterator that awaiting uses: new reference, or NULL with an error. */
static PyObject *
anextawaitable_getiter(anextawaitableobject *obj)
{
    PyObject *awaitable = _PyCoro_GetAwaitableIter(obj->wrapped);
    if (awaitable == NULL) {
        return NULL;
    }
    if (Py_TYPE(awaitable)->tp_iternext == NULL) {
        /* A coroutine: its iterator is what __await__() gives. */
        unaryfunc getter = Py_TYPE(awaitable)->tp_as_async->am_await;
        Py_SETREF(awaitable, getter(awaitable));
        if (awaitable == NULL) {
            return NULL;
        }
        if (!PyIter_Check(awaitable)) {
            PyErr_SetString(PyExc_TypeError, "__await__ must return an iterable");
            Py_DECREF(awaitable);
            return NULL;
        }
    }
    return awaitable;
}

/* A StopAsyncIteration turns into the default value; other errors pass. */
static PyObject *
default_if_stopped(anextawaitableobject *obj)
{
    if (PyErr_ExceptionMatches(PyExc_StopAsyncIteration)) {
        PyErr_Clear();
        _PyGen_SetStopIterationValue(obj->default_value);
    }
    return NULL;
}

static PyObject *
anextawaitable_iternext(anextawaitableobject *obj)
{
    PyObject *awaitable = anextawaitable_getiter(obj);
    if (awaitable == NULL) {
        return NULL;
    }
    PyObject *result = _PyIter_NextNested(awaitable);
    Py_DECREF(awaitable);
    return result != NULL ? result : default_if_stopped(obj);
}

static PyObject *
anextawaitable_proxy(anextawaitableobject *obj, const char *method, PyObject *arg)
{
    PyObject *awaitable = anextawaitable_getiter(obj);
    if (awaitable == NULL) {
        return NULL;
    }
    PyObject *meth = PyObject_GetAttrString(awaitable, method);
    Py_DECREF(awaitable);
    if (meth == NULL) {
        return NULL;
    }
    PyObject *ret = PyObject_CallObject(meth, arg);
    Py_DECREF(meth);
    return ret != NULL ? ret : default_if_stopped(obj);
}

static PyObject *
anextawaitable_send(anextawaitableobject *obj, PyObject *args)
{
    return anextawaitable_proxy(obj, "send", args);
}

static PyObject *
anextawaitable_throw(anextawaitableobject *obj, PyObject *args)
{
    return anextawaitable_proxy(obj, "throw", args);
}

static PyObject *
anextawaitable_close(anextawaitableobject *obj, PyObject *args)
{
    return anextawaitable_proxy(obj, "close", args);
}

static PyMethodDef anextawaitable_methods[] = {
    {"send", (PyCFunction)anextawaitable_send, METH_VARARGS,
     "send(arg) -> send 'arg' into the wrapped iterator,\n"
     "return next yielded value or raise StopIteration."},
    {"throw", (PyCFunction)anextawaitable_throw, METH_VARARGS,
     "throw(value)\nthrow(typ[,val[,tb]])\n\n"
     "raise exception in the wrapped iterator, return next yielded value\n"
     "or raise StopIteration."},
    {"close", (PyCFunction)anextawaitable_close, METH_VARARGS,
     "close() -> raise GeneratorExit inside generator."},
    {NULL, NULL, 0, NULL},
};

static PyAsyncMethods anextawaitable_as_async = {
    .am_await = PyObject_SelfIter,
};

_Py_SHARED PyTypeObject _PyAnextAwaitable_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "anext_awaitable",
    .tp_basicsize = sizeof(anextawaitableobject),
    .tp_dealloc = (destructor)anextawaitable_dealloc,
    .tp_as_async = &anextawaitable_as_async,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)anextawaitable_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)anextawaitable_iternext,
    .tp_methods = anextawaitable_methods,
};
