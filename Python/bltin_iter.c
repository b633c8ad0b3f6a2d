/* The iterators filter, map and zip.
 *
 * They keep no results: each step calls the iterators below.  zip reuses its result tuple when
 * nobody else holds it.
 * Written from the library reference (Built-in Functions), PEP 618, and observed behaviour. */

#include "Python.h"
#include "pycore_bltin.h"       // builtins
#include "pycore_ceval.h"       // _PyIter_NextNested()
#include "pycore_object.h"      // _PyObject_GC_TRACK()
#include "pycore_signature.h"   // _PyArg_NoKeywords()

/* A tuple of iterators over the arguments from `first` on: new reference or NULL. */
static PyObject *
iterators(PyObject *args, Py_ssize_t first)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args) - first;
    PyObject *iters = PyTuple_New(n);
    for (Py_ssize_t i = 0; iters != NULL && i < n; i++) {
        PyObject *it = PyObject_GetIter(PyTuple_GET_ITEM(args, first + i));
        if (it == NULL) {
            Py_CLEAR(iters);
            break;
        }
        PyTuple_SET_ITEM(iters, i, it);
    }
    return iters;
}

/* ---- filter -------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *func;             /* None or bool: the items' own truth */
    PyObject *it;
} filterobject;

static PyObject *
filter_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *func, *seq;
    if ((type == &PyFilter_Type || type->tp_init == PyFilter_Type.tp_init)
        && !_PyArg_NoKeywords("filter", kwds)) {
        return NULL;
    }
    if (!PyArg_UnpackTuple(args, "filter", 2, 2, &func, &seq)) {
        return NULL;
    }
    PyObject *it = PyObject_GetIter(seq);
    if (it == NULL) {
        return NULL;
    }
    filterobject *lz = (filterobject *)type->tp_alloc(type, 0);
    if (lz == NULL) {
        Py_DECREF(it);
        return NULL;
    }
    lz->func = Py_NewRef(func);
    lz->it = it;
    return (PyObject *)lz;
}

static void
filter_dealloc(filterobject *lz)
{
    PyObject_GC_UnTrack(lz);
    Py_TRASHCAN_BEGIN(lz, filter_dealloc);
    Py_XDECREF(lz->func);
    Py_XDECREF(lz->it);
    Py_TYPE(lz)->tp_free(lz);
    Py_TRASHCAN_END;
}

static int
filter_traverse(filterobject *lz, visitproc visit, void *arg)
{
    Py_VISIT(lz->it);
    Py_VISIT(lz->func);
    return 0;
}

static PyObject *
filter_next(filterobject *lz)
{
    PyObject *it = lz->it;
    int plain = lz->func == Py_None || lz->func == (PyObject *)&PyBool_Type;
    PyObject *item;
    while ((item = _PyIter_NextNested(it)) != NULL) {
        int ok;
        if (plain) {
            ok = PyObject_IsTrue(item);
        }
        else {
            PyObject *good = PyObject_CallOneArg(lz->func, item);
            ok = good == NULL ? -1 : PyObject_IsTrue(good);
            Py_XDECREF(good);
        }
        if (ok > 0) {
            return item;
        }
        Py_DECREF(item);
        if (ok < 0) {
            return NULL;
        }
    }
    return NULL;
}

PyDoc_STRVAR(reduce_doc, "Return state information for pickling.");

static PyObject *
filter_reduce(filterobject *lz, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("O(OO)", Py_TYPE(lz), lz->func, lz->it);
}

static PyMethodDef filter_methods[] = {
    {"__reduce__", (PyCFunction)filter_reduce, METH_NOARGS, reduce_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(filter_doc,
"filter(function or None, iterable) --> filter object\n\n"
"Return an iterator yielding those items of iterable for which function(item)\n"
"is true. If function is None, return the items that are true.");

_Py_SHARED PyTypeObject PyFilter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "filter",
    .tp_basicsize = sizeof(filterobject),
    .tp_dealloc = (destructor)filter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = filter_doc,
    .tp_traverse = (traverseproc)filter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)filter_next,
    .tp_methods = filter_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = filter_new,
    .tp_free = PyObject_GC_Del,
};

/* ---- map ----------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *iters;            /* tuple */
    PyObject *func;
} mapobject;

static PyObject *
map_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if ((type == &PyMap_Type || type->tp_init == PyMap_Type.tp_init)
        && !_PyArg_NoKeywords("map", kwds)) {
        return NULL;
    }
    if (PyTuple_GET_SIZE(args) < 2) {
        PyErr_SetString(PyExc_TypeError, "map() must have at least two arguments.");
        return NULL;
    }
    PyObject *iters = iterators(args, 1);
    if (iters == NULL) {
        return NULL;
    }
    mapobject *lz = (mapobject *)type->tp_alloc(type, 0);
    if (lz == NULL) {
        Py_DECREF(iters);
        return NULL;
    }
    lz->iters = iters;
    lz->func = Py_NewRef(PyTuple_GET_ITEM(args, 0));
    return (PyObject *)lz;
}

static void
map_dealloc(mapobject *lz)
{
    PyObject_GC_UnTrack(lz);
    Py_XDECREF(lz->iters);
    Py_XDECREF(lz->func);
    Py_TYPE(lz)->tp_free(lz);
}

static int
map_traverse(mapobject *lz, visitproc visit, void *arg)
{
    Py_VISIT(lz->iters);
    Py_VISIT(lz->func);
    return 0;
}

#define SMALL_MAP 6

static PyObject *
map_next(mapobject *lz)
{
    PyObject *small[SMALL_MAP];
    PyObject **stack = small;
    PyObject *result = NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(lz->iters);
    Py_ssize_t got = 0;
    if (n > SMALL_MAP) {
        stack = PyMem_New(PyObject *, n);
        if (stack == NULL) {
            return PyErr_NoMemory();
        }
    }
    for (; got < n; got++) {
        PyObject *it = PyTuple_GET_ITEM(lz->iters, got);
        stack[got] = _PyIter_NextNested(it);
        if (stack[got] == NULL) {
            goto done;
        }
    }
    result = PyObject_Vectorcall(lz->func, stack, (size_t)n, NULL);
done:
    for (Py_ssize_t i = 0; i < got; i++) {
        Py_DECREF(stack[i]);
    }
    if (stack != small) {
        PyMem_Free(stack);
    }
    return result;
}

static PyObject *
map_reduce(mapobject *lz, PyObject *Py_UNUSED(ignored))
{
    Py_ssize_t n = PyTuple_GET_SIZE(lz->iters);
    PyObject *args = PyTuple_New(n + 1);
    if (args == NULL) {
        return NULL;
    }
    PyTuple_SET_ITEM(args, 0, Py_NewRef(lz->func));
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTuple_SET_ITEM(args, i + 1, Py_NewRef(PyTuple_GET_ITEM(lz->iters, i)));
    }
    return Py_BuildValue("ON", Py_TYPE(lz), args);
}

static PyMethodDef map_methods[] = {
    {"__reduce__", (PyCFunction)map_reduce, METH_NOARGS, reduce_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(map_doc,
"map(func, *iterables) --> map object\n\n"
"Make an iterator that computes the function using arguments from\n"
"each of the iterables.  Stops when the shortest iterable is exhausted.");

_Py_SHARED PyTypeObject PyMap_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "map",
    .tp_basicsize = sizeof(mapobject),
    .tp_dealloc = (destructor)map_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = map_doc,
    .tp_traverse = (traverseproc)map_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)map_next,
    .tp_methods = map_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = map_new,
    .tp_free = PyObject_GC_Del,
};

/* ---- zip ----------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *ittuple;          /* tuple of iterators */
    PyObject *result;           /* the tuple that the last step returned */
    int strict;
    void *unused;               /* 3.12's size, which sys.getsizeof() shows */
} zipobject;

static int
zip_keywords(PyObject *kwds, int *strict)
{
    *strict = 0;
    if (kwds == NULL) {
        return 0;
    }
    PyObject *empty = PyTuple_New(0);
    if (empty == NULL) {
        return -1;
    }
    static char *const names[] = {"strict", NULL};
    int ok = PyArg_ParseTupleAndKeywords(empty, kwds, "|$p:zip", (char **)names, strict);
    Py_DECREF(empty);
    return ok ? 0 : -1;
}

static PyObject *
zip_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    int strict;
    if (zip_keywords(kwds, &strict) < 0) {
        return NULL;
    }
    PyObject *iters = iterators(args, 0);
    if (iters == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(iters);
    PyObject *result = PyTuple_New(n);
    zipobject *lz = result == NULL ? NULL : (zipobject *)type->tp_alloc(type, 0);
    if (lz == NULL) {
        Py_DECREF(iters);
        Py_XDECREF(result);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTuple_SET_ITEM(result, i, Py_NewRef(Py_None));
    }
    lz->ittuple = iters;
    lz->result = result;
    lz->strict = strict;
    return (PyObject *)lz;
}

static void
zip_dealloc(zipobject *lz)
{
    PyObject_GC_UnTrack(lz);
    Py_XDECREF(lz->ittuple);
    Py_XDECREF(lz->result);
    Py_TYPE(lz)->tp_free(lz);
}

static int
zip_traverse(zipobject *lz, visitproc visit, void *arg)
{
    Py_VISIT(lz->ittuple);
    Py_VISIT(lz->result);
    return 0;
}

static void
zip_length_error(Py_ssize_t i, const char *how)
{
    PyErr_Format(PyExc_ValueError, "zip() argument %zd is %s than argument%s%zd",
                 i + 1, how, i == 1 ? " " : "s 1-", i);
}

/* strict: iterator i ended; all others must end too. */
static void
zip_check_ends(zipobject *lz, Py_ssize_t i)
{
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
            return;
        }
        PyErr_Clear();
    }
    if (i > 0) {
        zip_length_error(i, "shorter");
        return;
    }
    for (i = 1; i < PyTuple_GET_SIZE(lz->ittuple); i++) {
        PyObject *it = PyTuple_GET_ITEM(lz->ittuple, i);
        PyObject *item = _PyIter_NextNested(it);
        if (item != NULL) {
            Py_DECREF(item);
            zip_length_error(i, "longer");
            return;
        }
        if (PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
                return;
            }
            PyErr_Clear();
        }
    }
}

static PyObject *
zip_next(zipobject *lz)
{
    Py_ssize_t n = PyTuple_GET_SIZE(lz->ittuple);
    if (n == 0) {
        return NULL;
    }
    PyObject *result = lz->result;
    int reuse = Py_REFCNT(result) == 1;
    if (reuse) {
        Py_INCREF(result);
    }
    else {
        result = PyTuple_New(n);
        if (result == NULL) {
            return NULL;
        }
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *it = PyTuple_GET_ITEM(lz->ittuple, i);
        PyObject *item = _PyIter_NextNested(it);
        if (item == NULL) {
            Py_DECREF(result);
            if (lz->strict) {
                zip_check_ends(lz, i);
            }
            return NULL;
        }
        PyObject *old = PyTuple_GET_ITEM(result, i);
        PyTuple_SET_ITEM(result, i, item);
        Py_XDECREF(old);
    }
    /* The collector may have found that the old contents needed no tracking. */
    if (reuse && !_PyObject_GC_IS_TRACKED(result)) {
        _PyObject_GC_TRACK(result);
    }
    return result;
}

static PyObject *
zip_reduce(zipobject *lz, PyObject *Py_UNUSED(ignored))
{
    if (lz->strict) {
        return PyTuple_Pack(3, Py_TYPE(lz), lz->ittuple, Py_True);
    }
    return PyTuple_Pack(2, Py_TYPE(lz), lz->ittuple);
}

PyDoc_STRVAR(setstate_doc, "Set state information for unpickling.");

static PyObject *
zip_setstate(zipobject *lz, PyObject *state)
{
    int strict = PyObject_IsTrue(state);
    if (strict < 0) {
        return NULL;
    }
    lz->strict = strict;
    Py_RETURN_NONE;
}

static PyMethodDef zip_methods[] = {
    {"__reduce__", (PyCFunction)zip_reduce, METH_NOARGS, reduce_doc},
    {"__setstate__", (PyCFunction)zip_setstate, METH_O, setstate_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(zip_doc,
"zip(*iterables, strict=False) --> Yield tuples until an input is exhausted.\n\n"
"   >>> list(zip('abcdefg', range(3), range(4)))\n"
"   [('a', 0, 0), ('b', 1, 1), ('c', 2, 2)]\n\n"
"The zip object yields n-length tuples, where n is the number of iterables\n"
"passed as positional arguments to zip().  The i-th element in every tuple\n"
"comes from the i-th iterable argument to zip().  This continues until the\n"
"shortest argument is exhausted.\n\n"
"If strict is true and one of the arguments is exhausted before the others,\n"
"raise a ValueError.");

_Py_SHARED PyTypeObject PyZip_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "zip",
    .tp_basicsize = sizeof(zipobject),
    .tp_dealloc = (destructor)zip_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = zip_doc,
    .tp_traverse = (traverseproc)zip_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)zip_next,
    .tp_methods = zip_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = zip_new,
    .tp_free = PyObject_GC_Del,
};
