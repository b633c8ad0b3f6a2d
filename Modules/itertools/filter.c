/* filter.c - itertools: compress, dropwhile, takewhile, filterfalse, starmap, islice. */
#include "itertools.h"

/* -------------------------------------------------------------------------------- compress */

typedef struct {
    PyObject_HEAD
    PyObject *data;
    PyObject *selectors;
} compressobject;

ITERTOOL_REFS(compress, compressobject, 2)

static PyObject *
compress_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static const char *const kwlist[] = {"data", "selectors", NULL};
    PyObject *seq1, *seq2;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "OO:compress", (char **)kwlist, &seq1, &seq2)) {
        return NULL;
    }
    PyObject *data = PyObject_GetIter(seq1);
    if (data == NULL) {
        return NULL;
    }
    PyObject *selectors = PyObject_GetIter(seq2);
    compressobject *lz = selectors == NULL ? NULL : (compressobject *)type->tp_alloc(type, 0);
    if (lz == NULL) {
        Py_DECREF(data);
        Py_XDECREF(selectors);
        return NULL;
    }
    lz->data = data;
    lz->selectors = selectors;
    return (PyObject *)lz;
}

static PyObject *
compress_next(PyObject *self)
{
    compressobject *lz = (compressobject *)self;
    for (;;) {
        /* Data first: that is the order in which side effects are seen. */
        PyObject *datum = next_item(lz->data);
        if (datum == NULL) {
            return NULL;
        }
        PyObject *selector = next_item(lz->selectors);
        if (selector == NULL) {
            Py_DECREF(datum);
            return NULL;
        }
        int ok = PyObject_IsTrue(selector);
        Py_DECREF(selector);
        if (ok > 0) {
            return datum;
        }
        Py_DECREF(datum);
        if (ok < 0) {
            return NULL;
        }
    }
}

static PyObject *
compress_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    compressobject *lz = (compressobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    return Py_BuildValue("O(OO)", Py_TYPE(self), lz->data, lz->selectors);
}

static const PyMethodDef compress_methods[] = {
    {"__reduce__", compress_reduce, METH_NOARGS, REDUCE_DOC},
    {NULL, NULL}
};

PyDoc_STRVAR(compress_doc,
"compress(data, selectors)\n--\n\n\
Return data elements corresponding to true selector elements.\n\
\n\
Forms a shorter iterator from selected data elements using the selectors to\n\
choose the data elements.");

static const PyType_Slot compress_slots[] = {
    ITERTOOL_SLOTS(compress),
    {Py_tp_methods, (void *)compress_methods},
    {0, NULL}
};

ITERTOOL_SPEC(compress, compressobject, Py_TPFLAGS_BASETYPE);

/* ---------------------------------------------------------- function and iterator: four types */

/* dropwhile: done = items are passed on without a look; takewhile: done = the end; the others do
   not use it. */
typedef struct {
    PyObject_HEAD
    PyObject *func;
    PyObject *it;
    long done;
} funciterobject;

ITERTOOL_REFS(dropwhile, funciterobject, 2)
ITERTOOL_REFS(takewhile, funciterobject, 2)
ITERTOOL_REFS(filterfalse, funciterobject, 2)
ITERTOOL_REFS(starmap, funciterobject, 2)

static PyObject *
funciter_new(PyTypeObject *type, PyObject *args, PyObject *kwds, const char *name)
{
    PyObject *func, *seq;
    if (_PyItertools_NoKeywords(type, name, kwds) < 0
        || !PyArg_UnpackTuple(args, name, 2, 2, &func, &seq))
    {
        return NULL;
    }
    PyObject *it = PyObject_GetIter(seq);
    if (it == NULL) {
        return NULL;
    }
    funciterobject *lz = (funciterobject *)type->tp_alloc(type, 0);
    if (lz == NULL) {
        Py_DECREF(it);
        return NULL;
    }
    lz->func = Py_NewRef(func);
    lz->it = it;
    lz->done = 0;
    return (PyObject *)lz;
}

/* Truth of func(item); -1 with an exception. */
static int
call_predicate(PyObject *func, PyObject *item)
{
    PyObject *good = PyObject_CallOneArg(func, item);
    if (good == NULL) {
        return -1;
    }
    int ok = PyObject_IsTrue(good);
    Py_DECREF(good);
    return ok;
}

static PyObject *
funciter_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    funciterobject *lz = (funciterobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    return Py_BuildValue("O(OO)", Py_TYPE(self), lz->func, lz->it);
}

static PyObject *
funciter_reduce_done(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    funciterobject *lz = (funciterobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    return Py_BuildValue("O(OO)l", Py_TYPE(self), lz->func, lz->it, lz->done);
}

static PyObject *
funciter_setstate(PyObject *self, PyObject *state)
{
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    int done = PyObject_IsTrue(state);
    if (done < 0) {
        return NULL;
    }
    ((funciterobject *)self)->done = done;
    Py_RETURN_NONE;
}

static const PyMethodDef whileiter_methods[] = {
    {"__reduce__", funciter_reduce_done, METH_NOARGS, REDUCE_DOC},
    {"__setstate__", funciter_setstate, METH_O, SETSTATE_DOC},
    {NULL, NULL}
};

static const PyMethodDef funciter_methods[] = {
    {"__reduce__", funciter_reduce, METH_NOARGS, REDUCE_DOC},
    {NULL, NULL}
};

static PyObject *
dropwhile_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return funciter_new(type, args, kwds, "dropwhile");
}

static PyObject *
dropwhile_next(PyObject *self)
{
    funciterobject *lz = (funciterobject *)self;
    for (;;) {
        PyObject *item = next_item(lz->it);
        if (item == NULL || lz->done) {
            return item;
        }
        int drop = call_predicate(lz->func, item);
        if (drop == 0) {
            lz->done = 1;
            return item;
        }
        Py_DECREF(item);
        if (drop < 0) {
            return NULL;
        }
    }
}

PyDoc_STRVAR(dropwhile_doc,
"dropwhile(predicate, iterable, /)\n--\n\n\
Drop items from the iterable while predicate(item) is true.\n\
\n\
Afterwards, return every element until the iterable is exhausted.");

static const PyType_Slot dropwhile_slots[] = {
    ITERTOOL_SLOTS(dropwhile),
    {Py_tp_methods, (void *)whileiter_methods},
    {0, NULL}
};

ITERTOOL_SPEC(dropwhile, funciterobject, Py_TPFLAGS_BASETYPE);

static PyObject *
takewhile_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return funciter_new(type, args, kwds, "takewhile");
}

static PyObject *
takewhile_next(PyObject *self)
{
    funciterobject *lz = (funciterobject *)self;
    if (lz->done) {
        return NULL;
    }
    PyObject *item = next_item(lz->it);
    if (item == NULL) {
        return NULL;
    }
    int take = call_predicate(lz->func, item);
    if (take > 0) {
        return item;
    }
    Py_DECREF(item);
    if (take == 0) {
        lz->done = 1;
    }
    return NULL;
}

PyDoc_STRVAR(takewhile_doc,
"takewhile(predicate, iterable, /)\n--\n\n\
Return successive entries from an iterable as long as the predicate evaluates to true for each \
entry.");

static const PyType_Slot takewhile_slots[] = {
    ITERTOOL_SLOTS(takewhile),
    {Py_tp_methods, (void *)whileiter_methods},
    {0, NULL}
};

ITERTOOL_SPEC(takewhile, funciterobject, Py_TPFLAGS_BASETYPE);

static PyObject *
filterfalse_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return funciter_new(type, args, kwds, "filterfalse");
}

static PyObject *
filterfalse_next(PyObject *self)
{
    funciterobject *lz = (funciterobject *)self;
    for (;;) {
        PyObject *item = next_item(lz->it);
        if (item == NULL) {
            return NULL;
        }
        bool plain = lz->func == Py_None || lz->func == (PyObject *)&PyBool_Type;
        int ok = plain ? PyObject_IsTrue(item) : call_predicate(lz->func, item);
        if (ok == 0) {
            return item;
        }
        Py_DECREF(item);
        if (ok < 0) {
            return NULL;
        }
    }
}

PyDoc_STRVAR(filterfalse_doc,
"filterfalse(function, iterable, /)\n--\n\n\
Return those items of iterable for which function(item) is false.\n\
\n\
If function is None, return the items that are false.");

static const PyType_Slot filterfalse_slots[] = {
    ITERTOOL_SLOTS(filterfalse),
    {Py_tp_methods, (void *)funciter_methods},
    {0, NULL}
};

ITERTOOL_SPEC(filterfalse, funciterobject, Py_TPFLAGS_BASETYPE);

static PyObject *
starmap_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return funciter_new(type, args, kwds, "starmap");
}

static PyObject *
starmap_next(PyObject *self)
{
    funciterobject *lz = (funciterobject *)self;
    PyObject *args = next_item(lz->it);
    if (args == NULL) {
        return NULL;
    }
    if (!PyTuple_CheckExact(args)) {
        Py_SETREF(args, PySequence_Tuple(args));
        if (args == NULL) {
            return NULL;
        }
    }
    PyObject *result = PyObject_Call(lz->func, args, NULL);
    Py_DECREF(args);
    return result;
}

PyDoc_STRVAR(starmap_doc,
"starmap(function, iterable, /)\n--\n\n\
Return an iterator whose values are returned from the function evaluated with an argument tuple \
taken from the given sequence.");

static const PyType_Slot starmap_slots[] = {
    ITERTOOL_SLOTS(starmap),
    {Py_tp_methods, (void *)funciter_methods},
    {0, NULL}
};

ITERTOOL_SPEC(starmap, funciterobject, Py_TPFLAGS_BASETYPE);

/* ---------------------------------------------------------------------------------- islice */

typedef struct {
    PyObject_HEAD
    PyObject *it;               /* NULL when exhausted */
    Py_ssize_t next;            /* index of the next item to pass on */
    Py_ssize_t stop;            /* -1: no bound */
    Py_ssize_t step;
    Py_ssize_t cnt;             /* items read so far */
} isliceobject;

ITERTOOL_REFS(islice, isliceobject, 1)

/* An index argument: None keeps *result; -1 for what is no index. */
static void
islice_index(PyObject *arg, Py_ssize_t *result)
{
    if (arg != NULL && arg != Py_None) {
        *result = PyNumber_AsSsize_t(arg, PyExc_OverflowError);
        if (*result == -1) {
            PyErr_Clear();
        }
    }
}

static PyObject *
islice_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *seq, *a1 = NULL, *a2 = NULL, *a3 = NULL;
    if (_PyItertools_NoKeywords(type, "islice", kwds) < 0
        || !PyArg_UnpackTuple(args, "islice", 2, 4, &seq, &a1, &a2, &a3))
    {
        return NULL;
    }
    Py_ssize_t start = 0, stop = -1, step = 1;
    static const char bad_stop[] = "Stop argument for islice() must be None or an integer: "
                                   "0 <= x <= sys.maxsize.";
    static const char bad_index[] = "Indices for islice() must be None or an integer: "
                                    "0 <= x <= sys.maxsize.";
    static const char bad_step[] = "Step for islice() must be a positive integer or None.";
    PyObject *stop_arg = a2 == NULL ? a1 : a2;
    if (a2 != NULL) {
        islice_index(a1, &start);
    }
    islice_index(stop_arg, &stop);
    islice_index(a3, &step);
    const char *bad = NULL;
    if (stop == -1 && stop_arg != Py_None) {
        bad = bad_stop;
    }
    else if (start < 0 || stop < -1) {
        bad = bad_index;
    }
    else if (step < 1) {
        bad = bad_step;
    }
    if (bad != NULL) {
        PyErr_SetString(PyExc_ValueError, bad);
        return NULL;
    }
    PyObject *it = PyObject_GetIter(seq);
    if (it == NULL) {
        return NULL;
    }
    isliceobject *lz = (isliceobject *)type->tp_alloc(type, 0);
    if (lz == NULL) {
        Py_DECREF(it);
        return NULL;
    }
    lz->it = it;
    lz->next = start;
    lz->stop = stop;
    lz->step = step;
    lz->cnt = 0;
    return (PyObject *)lz;
}

static PyObject *
islice_next(PyObject *self)
{
    isliceobject *lz = (isliceobject *)self;
    PyObject *it = lz->it, *item;
    Py_ssize_t stop = lz->stop;
    if (it == NULL) {
        return NULL;
    }
    /* Items that are skipped. */
    while (lz->cnt < lz->next) {
        item = next_item(it);
        if (item == NULL) {
            goto empty;
        }
        Py_DECREF(item);
        lz->cnt++;
    }
    if (stop != -1 && lz->cnt >= stop) {
        goto empty;
    }
    item = next_item(it);
    if (item == NULL) {
        goto empty;
    }
    lz->cnt++;
    /* next + step may overflow; without a stop, wrap to the largest index. */
    Py_ssize_t old = lz->next;
    lz->next = old > PY_SSIZE_T_MAX - lz->step ? PY_SSIZE_T_MAX : old + lz->step;
    if (stop != -1 && lz->next > stop) {
        lz->next = stop;
    }
    return item;
empty:
    Py_CLEAR(lz->it);
    return NULL;
}

static PyObject *
islice_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    isliceobject *lz = (isliceobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (lz->it == NULL) {
        PyObject *empty = PyList_New(0);
        PyObject *iter = empty == NULL ? NULL : PyObject_GetIter(empty);
        Py_XDECREF(empty);
        return iter == NULL ? NULL : Py_BuildValue("O(Nn)n", Py_TYPE(self), iter,
                                                   (Py_ssize_t)0, (Py_ssize_t)0);
    }
    PyObject *stop = lz->stop == -1 ? Py_NewRef(Py_None) : PyLong_FromSsize_t(lz->stop);
    if (stop == NULL) {
        return NULL;
    }
    return Py_BuildValue("O(OnNn)n", Py_TYPE(self), lz->it, lz->next, stop, lz->step, lz->cnt);
}

static PyObject *
islice_setstate(PyObject *self, PyObject *state)
{
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    Py_ssize_t cnt = PyLong_AsSsize_t(state);
    if (cnt == -1 && PyErr_Occurred()) {
        return NULL;
    }
    ((isliceobject *)self)->cnt = cnt;
    Py_RETURN_NONE;
}

static const PyMethodDef islice_methods[] = {
    {"__reduce__", islice_reduce, METH_NOARGS, REDUCE_DOC},
    {"__setstate__", islice_setstate, METH_O, SETSTATE_DOC},
    {NULL, NULL}
};

PyDoc_STRVAR(islice_doc,
"islice(iterable, stop) --> islice object\n\
islice(iterable, start, stop[, step]) --> islice object\n\
\n\
Return an iterator whose next() method returns selected values from an\n\
iterable.  If start is specified, will skip all preceding elements;\n\
otherwise, start defaults to zero.  Step defaults to one.  If\n\
specified as another value, step determines how many values are\n\
skipped between successive calls.  Works like a slice() on a list\n\
but returns an iterator.");

static const PyType_Slot islice_slots[] = {
    ITERTOOL_SLOTS(islice),
    {Py_tp_methods, (void *)islice_methods},
    {0, NULL}
};

ITERTOOL_SPEC(islice, isliceobject, Py_TPFLAGS_BASETYPE);
