/* gather.c - itertools: accumulate, batched, chain, pairwise, zip_longest. */
#include "itertools.h"

/* ------------------------------------------------------------------------------ accumulate */

typedef struct {
    PyObject_HEAD
    PyObject *total;            /* NULL before the first item */
    PyObject *it;
    PyObject *binop;            /* NULL: addition */
    PyObject *initial;          /* not yet returned initial value, or NULL */
} accumulateobject;

ITERTOOL_REFS(accumulate, accumulateobject, 4)

static PyObject *
accumulate_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static const char *const kwlist[] = {"iterable", "func", "initial", NULL};
    PyObject *iterable, *binop = Py_None, *initial = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "O|O$O:accumulate", (char **)kwlist, &iterable,
                                     &binop, &initial))
    {
        return NULL;
    }
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) {
        return NULL;
    }
    accumulateobject *lz = (accumulateobject *)type->tp_alloc(type, 0);
    if (lz == NULL) {
        Py_DECREF(it);
        return NULL;
    }
    lz->it = it;
    lz->total = NULL;
    lz->binop = binop == Py_None ? NULL : Py_NewRef(binop);
    lz->initial = initial == Py_None ? NULL : Py_NewRef(initial);
    return (PyObject *)lz;
}

static PyObject *
accumulate_next(PyObject *self)
{
    accumulateobject *lz = (accumulateobject *)self;
    if (lz->initial != NULL) {
        PyObject *first = lz->initial;
        lz->initial = NULL;
        Py_XSETREF(lz->total, Py_NewRef(first));
        return first;
    }
    PyObject *item = next_item(lz->it);
    if (item == NULL) {
        return NULL;
    }
    if (lz->total == NULL) {
        lz->total = Py_NewRef(item);
        return item;
    }
    PyObject *total;
    if (lz->binop == NULL) {
        total = PyNumber_Add(lz->total, item);
    }
    else {
        PyObject *args[2] = {lz->total, item};
        total = PyObject_Vectorcall(lz->binop, args, 2, NULL);
    }
    Py_DECREF(item);
    if (total == NULL) {
        return NULL;
    }
    Py_SETREF(lz->total, Py_NewRef(total));
    return total;
}

/* chain((value,), it); new reference. */
static PyObject *
chain_before(itertools_state *state, PyObject *value, PyObject *it)
{
    PyObject *tuple = PyTuple_Pack(1, value);
    if (tuple == NULL) {
        return NULL;
    }
    PyObject *chain = PyObject_CallFunctionObjArgs((PyObject *)state->chain_type, tuple, it,
                                                   NULL);
    Py_DECREF(tuple);
    return chain;
}

static PyObject *
accumulate_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    accumulateobject *lz = (accumulateobject *)self;
    itertools_state *state = itertools_state_of(Py_TYPE(self));
    if (state == NULL || _PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    PyObject *binop = lz->binop == NULL ? Py_None : lz->binop;
    if (lz->initial != NULL) {
        /* The initial value becomes the first item. */
        assert(lz->total == NULL);
        PyObject *it = chain_before(state, lz->initial, lz->it);
        return it == NULL ? NULL : Py_BuildValue("O(NO)O", Py_TYPE(self), it, binop, Py_None);
    }
    if (lz->total == Py_None) {
        /* A total of None cannot be told from none in a state: start with it, skip it. */
        PyObject *chain = chain_before(state, lz->total, lz->it);
        if (chain == NULL) {
            return NULL;
        }
        PyObject *it = PyObject_CallFunction((PyObject *)Py_TYPE(self), "NO", chain, binop);
        return it == NULL ? NULL : Py_BuildValue("O(NiO)", state->islice_type, it, 1, Py_None);
    }
    return Py_BuildValue("O(OO)O", Py_TYPE(self), lz->it, binop,
                         lz->total == NULL ? Py_None : lz->total);
}

static PyObject *
accumulate_setstate(PyObject *self, PyObject *state)
{
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    Py_XSETREF(((accumulateobject *)self)->total, state == Py_None ? NULL : Py_NewRef(state));
    Py_RETURN_NONE;
}

static const PyMethodDef accumulate_methods[] = {
    {"__reduce__", accumulate_reduce, METH_NOARGS, REDUCE_DOC},
    {"__setstate__", accumulate_setstate, METH_O, SETSTATE_DOC},
    {NULL, NULL}
};

PyDoc_STRVAR(accumulate_doc,
"accumulate(iterable, func=None, *, initial=None)\n--\n\n\
Return series of accumulated sums (or other binary function results).");

static const PyType_Slot accumulate_slots[] = {
    ITERTOOL_SLOTS(accumulate),
    {Py_tp_methods, (void *)accumulate_methods},
    {0, NULL}
};

ITERTOOL_SPEC(accumulate, accumulateobject, Py_TPFLAGS_BASETYPE);

/* --------------------------------------------------------------------------------- batched */

typedef struct {
    PyObject_HEAD
    PyObject *it;               /* NULL when exhausted */
    Py_ssize_t batch_size;
} batchedobject;

ITERTOOL_REFS(batched, batchedobject, 1)

static PyObject *
batched_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static const char *const kwlist[] = {"iterable", "n", NULL};
    PyObject *iterable;
    Py_ssize_t n;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "On:batched", (char **)kwlist, &iterable, &n)) {
        return NULL;
    }
    if (n < 1) {
        PyErr_SetString(PyExc_ValueError, "n must be at least one");
        return NULL;
    }
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) {
        return NULL;
    }
    batchedobject *bo = (batchedobject *)type->tp_alloc(type, 0);
    if (bo == NULL) {
        Py_DECREF(it);
        return NULL;
    }
    bo->it = it;
    bo->batch_size = n;
    return (PyObject *)bo;
}

static PyObject *
batched_next(PyObject *self)
{
    batchedobject *bo = (batchedobject *)self;
    if (bo->it == NULL) {
        return NULL;
    }
    /* The size is a bound only: a huge one must not cost memory in advance. */
    Py_ssize_t room = Py_MIN(bo->batch_size, 1024), n = 0;
    PyObject *it = Py_NewRef(bo->it), *result = PyTuple_New(room);
    while (result != NULL && n < bo->batch_size) {
        PyObject *item = next_item(it);
        if (item == NULL) {
            break;
        }
        if (n == room) {
            room = room > bo->batch_size / 2 ? bo->batch_size : room * 2;
            if (_PyTuple_Resize(&result, room) < 0) {
                Py_DECREF(item);
                break;
            }
        }
        PyTuple_SET_ITEM(result, n++, item);
    }
    Py_DECREF(it);
    if (result == NULL) {
        return NULL;
    }
    if (n < bo->batch_size) {
        /* The end, or an exception. */
        if (ended_by_error() || n == 0) {
            Py_CLEAR(bo->it);
            Py_DECREF(result);
            return NULL;
        }
        _PyTuple_Resize(&result, n);
    }
    return result;
}

PyDoc_STRVAR(batched_doc,
"batched(iterable, n)\n--\n\n\
Batch data into tuples of length n. The last batch may be shorter than n.\n\
\n\
Loops over the input iterable and accumulates data into tuples\n\
up to size n.  The input is consumed lazily, just enough to\n\
fill a batch.  The result is yielded as soon as a batch is full\n\
or when the input iterable is exhausted.\n\
\n\
    >>> for batch in batched('ABCDEFG', 3):\n\
    ...     print(batch)\n\
    ...\n\
    ('A', 'B', 'C')\n\
    ('D', 'E', 'F')\n\
    ('G',)");

static const PyType_Slot batched_slots[] = {
    ITERTOOL_SLOTS(batched),
    {0, NULL}
};

ITERTOOL_SPEC(batched, batchedobject, Py_TPFLAGS_BASETYPE);

/* ----------------------------------------------------------------------------------- chain */

typedef struct {
    PyObject_HEAD
    PyObject *source;           /* iterator over iterables; NULL when exhausted */
    PyObject *active;           /* iterator that runs now, or NULL */
} chainobject;

ITERTOOL_REFS(chain, chainobject, 2)

/* Steals `source`. */
static PyObject *
chain_on(PyTypeObject *type, PyObject *source)
{
    chainobject *lz = (chainobject *)type->tp_alloc(type, 0);
    if (lz == NULL) {
        Py_DECREF(source);
        return NULL;
    }
    lz->source = source;
    lz->active = NULL;
    return (PyObject *)lz;
}

static PyObject *
chain_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (_PyItertools_NoKeywords(type, "chain", kwds) < 0) {
        return NULL;
    }
    PyObject *source = PyObject_GetIter(args);
    return source == NULL ? NULL : chain_on(type, source);
}

static PyObject *
chain_from_iterable(PyObject *type, PyObject *arg)
{
    PyObject *source = PyObject_GetIter(arg);
    return source == NULL ? NULL : chain_on((PyTypeObject *)type, source);
}

static PyObject *
chain_next(PyObject *self)
{
    chainobject *lz = (chainobject *)self;
    while (lz->source != NULL) {
        if (lz->active == NULL) {
            PyObject *iterable = PyIter_Next(lz->source);
            if (iterable == NULL) {
                Py_CLEAR(lz->source);
                return NULL;
            }
            lz->active = PyObject_GetIter(iterable);
            Py_DECREF(iterable);
            if (lz->active == NULL) {
                Py_CLEAR(lz->source);
                return NULL;
            }
        }
        PyObject *item = next_item(lz->active);
        if (item != NULL) {
            return item;
        }
        if (ended_by_error()) {
            return NULL;
        }
        Py_CLEAR(lz->active);
    }
    return NULL;
}

static PyObject *
chain_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    chainobject *lz = (chainobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (lz->source == NULL) {
        return Py_BuildValue("O()", Py_TYPE(self));
    }
    if (lz->active == NULL) {
        return Py_BuildValue("O()(O)", Py_TYPE(self), lz->source);
    }
    return Py_BuildValue("O()(OO)", Py_TYPE(self), lz->source, lz->active);
}

static PyObject *
chain_setstate(PyObject *self, PyObject *state)
{
    chainobject *lz = (chainobject *)self;
    PyObject *source, *active = NULL;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state is not a tuple");
        return NULL;
    }
    if (!PyArg_ParseTuple(state, "O|O", &source, &active)) {
        return NULL;
    }
    if (!PyIter_Check(source) || (active != NULL && !PyIter_Check(active))) {
        PyErr_SetString(PyExc_TypeError, "Arguments must be iterators.");
        return NULL;
    }
    Py_XSETREF(lz->source, Py_NewRef(source));
    Py_XSETREF(lz->active, Py_XNewRef(active));
    Py_RETURN_NONE;
}

static const PyMethodDef chain_methods[] = {
    {"from_iterable", chain_from_iterable, METH_O | METH_CLASS,
     PyDoc_STR("from_iterable($type, iterable, /)\n--\n\n"
               "Alternative chain() constructor taking a single iterable argument that evaluates "
               "lazily.")},
    {"__reduce__", chain_reduce, METH_NOARGS, REDUCE_DOC},
    {"__setstate__", chain_setstate, METH_O, SETSTATE_DOC},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL, NULL}
};

PyDoc_STRVAR(chain_doc,
"chain(*iterables) --> chain object\n\
\n\
Return a chain object whose .__next__() method returns elements from the\n\
first iterable until it is exhausted, then elements from the next\n\
iterable, until all of the iterables are exhausted.");

static const PyType_Slot chain_slots[] = {
    ITERTOOL_SLOTS(chain),
    {Py_tp_methods, (void *)chain_methods},
    {0, NULL}
};

ITERTOOL_SPEC(chain, chainobject, Py_TPFLAGS_BASETYPE);

/* -------------------------------------------------------------------------------- pairwise */

typedef struct {
    PyObject_HEAD
    PyObject *it;               /* NULL when exhausted */
    PyObject *old;              /* the last item, or NULL */
} pairwiseobject;

ITERTOOL_REFS(pairwise, pairwiseobject, 2)

static PyObject *
pairwise_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *iterable;
    if (_PyItertools_NoKeywords(type, "pairwise", kwds) < 0
        || !PyArg_UnpackTuple(args, "pairwise", 1, 1, &iterable))
    {
        return NULL;
    }
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) {
        return NULL;
    }
    pairwiseobject *po = (pairwiseobject *)type->tp_alloc(type, 0);
    if (po == NULL) {
        Py_DECREF(it);
        return NULL;
    }
    po->it = it;
    po->old = NULL;
    return (PyObject *)po;
}

static PyObject *
pairwise_next(PyObject *self)
{
    pairwiseobject *po = (pairwiseobject *)self;
    if (po->it == NULL) {
        return NULL;
    }
    /* The source may call us again, so nothing is borrowed from the object. */
    PyObject *it = Py_NewRef(po->it), *old = Py_XNewRef(po->old);
    if (old == NULL) {
        old = next_item(it);
        if (old == NULL) {
            Py_CLEAR(po->it);
            Py_DECREF(it);
            return NULL;
        }
        Py_XSETREF(po->old, Py_NewRef(old));
        if (po->it == NULL) {
            Py_CLEAR(po->old);
            Py_DECREF(it);
            Py_DECREF(old);
            return NULL;
        }
    }
    PyObject *new = next_item(it);
    Py_DECREF(it);
    if (new == NULL) {
        Py_CLEAR(po->it);
        Py_CLEAR(po->old);
        Py_DECREF(old);
        return NULL;
    }
    PyObject *result = PyTuple_Pack(2, old, new);
    Py_DECREF(old);
    Py_XSETREF(po->old, new);
    return result;
}

PyDoc_STRVAR(pairwise_doc,
"pairwise(iterable, /)\n--\n\n\
Return an iterator of overlapping pairs taken from the input iterator.\n\
\n\
    s -> (s0,s1), (s1,s2), (s2, s3), ...");

static const PyType_Slot pairwise_slots[] = {
    ITERTOOL_SLOTS(pairwise),
    {0, NULL}
};

ITERTOOL_SPEC(pairwise, pairwiseobject, Py_TPFLAGS_BASETYPE);

/* ----------------------------------------------------------------------------- zip_longest */

typedef struct {
    PyObject_HEAD
    PyObject *iters;            /* tuple; exhausted ones are NULL in it */
    PyObject *fillvalue;
    PyObject *result;           /* tuple to be used again if nobody has it */
    Py_ssize_t numactive;       /* iterators that are not exhausted */
    Py_ssize_t size;
} zip_longestobject;

ITERTOOL_REFS(zip_longest, zip_longestobject, 3)

static PyObject *
zip_longest_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *fillvalue = Py_None;
    if (kwds != NULL && PyDict_CheckExact(kwds) && PyDict_GET_SIZE(kwds) > 0) {
        fillvalue = PyDict_GetItemString(kwds, "fillvalue");
        if (fillvalue == NULL || PyDict_GET_SIZE(kwds) > 1) {
            PyErr_SetString(PyExc_TypeError, "zip_longest() got an unexpected keyword argument");
            return NULL;
        }
    }
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    PyObject *iters = PyTuple_New(n);
    for (Py_ssize_t i = 0; iters != NULL && i < n; i++) {
        PyObject *it = PyObject_GetIter(PyTuple_GET_ITEM(args, i));
        if (it == NULL) {
            Py_CLEAR(iters);
            break;
        }
        PyTuple_SET_ITEM(iters, i, it);
    }
    PyObject *result = iters == NULL ? NULL : PyTuple_New(n);
    if (result == NULL) {
        Py_XDECREF(iters);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTuple_SET_ITEM(result, i, Py_NewRef(Py_None));
    }
    zip_longestobject *lz = (zip_longestobject *)type->tp_alloc(type, 0);
    if (lz == NULL) {
        Py_DECREF(iters);
        Py_DECREF(result);
        return NULL;
    }
    lz->iters = iters;
    lz->size = n;
    lz->numactive = n;
    lz->result = result;
    lz->fillvalue = Py_NewRef(fillvalue);
    return (PyObject *)lz;
}

/* Item i of the next tuple, owned; NULL when all have ended or with an exception. */
static PyObject *
zip_longest_item(zip_longestobject *lz, Py_ssize_t i)
{
    PyObject *it = PyTuple_GET_ITEM(lz->iters, i);
    if (it == NULL) {
        return Py_NewRef(lz->fillvalue);
    }
    Py_INCREF(it);
    PyObject *item = PyIter_Next(it);
    if (item != NULL) {
        Py_DECREF(it);
        return item;
    }
    /* Unless it was dropped meanwhile by a call from within. */
    if (PyTuple_GET_ITEM(lz->iters, i) == it) {
        PyTuple_SET_ITEM(lz->iters, i, NULL);
        Py_DECREF(it);
        lz->numactive--;
    }
    Py_DECREF(it);
    if (PyErr_Occurred()) {
        lz->numactive = 0;
        return NULL;
    }
    return lz->numactive <= 0 ? NULL : Py_NewRef(lz->fillvalue);
}

static PyObject *
zip_longest_next(PyObject *self)
{
    zip_longestobject *lz = (zip_longestobject *)self;
    if (lz->size == 0 || lz->numactive <= 0) {
        return NULL;
    }
    PyObject *result = lz->result;
    bool reuse = Py_REFCNT(result) == 1;
    if (reuse) {
        Py_INCREF(result);
    }
    else {
        result = PyTuple_New(lz->size);
        if (result == NULL) {
            return NULL;
        }
    }
    for (Py_ssize_t i = 0; i < lz->size; i++) {
        PyObject *item = zip_longest_item(lz, i);
        if (item == NULL) {
            Py_DECREF(result);
            return NULL;
        }
        PyObject *old = PyTuple_GET_ITEM(result, i);
        PyTuple_SET_ITEM(result, i, item);
        Py_XDECREF(old);
    }
    /* The collector may have untracked it while it held atoms. */
    if (reuse && !PyObject_GC_IsTracked(result)) {
        PyObject_GC_Track(result);
    }
    return result;
}

static PyObject *
zip_longest_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    zip_longestobject *lz = (zip_longestobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    /* Exhausted iterators become empty tuples. */
    PyObject *args = PyTuple_New(PyTuple_GET_SIZE(lz->iters));
    if (args == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(lz->iters); i++) {
        PyObject *it = PyTuple_GET_ITEM(lz->iters, i);
        PyTuple_SET_ITEM(args, i, it == NULL ? PyTuple_New(0) : Py_NewRef(it));
    }
    return Py_BuildValue("ONO", Py_TYPE(self), args, lz->fillvalue);
}

static PyObject *
zip_longest_setstate(PyObject *self, PyObject *state)
{
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    Py_XSETREF(((zip_longestobject *)self)->fillvalue, Py_NewRef(state));
    Py_RETURN_NONE;
}

static const PyMethodDef zip_longest_methods[] = {
    {"__reduce__", zip_longest_reduce, METH_NOARGS, REDUCE_DOC},
    {"__setstate__", zip_longest_setstate, METH_O, SETSTATE_DOC},
    {NULL, NULL}
};

PyDoc_STRVAR(zip_longest_doc,
"zip_longest(iter1 [,iter2 [...]], [fillvalue=None]) --> zip_longest object\n\
\n\
Return a zip_longest object whose .__next__() method returns a tuple where\n\
the i-th element comes from the i-th iterable argument.  The .__next__()\n\
method continues until the longest iterable in the argument sequence\n\
is exhausted and then it raises StopIteration.  When the shorter iterables\n\
are exhausted, the fillvalue is substituted in their place.  The fillvalue\n\
defaults to None or can be specified by a keyword argument.\n\
");

static const PyType_Slot zip_longest_slots[] = {
    ITERTOOL_SLOTS(zip_longest),
    {Py_tp_methods, (void *)zip_longest_methods},
    {0, NULL}
};

ITERTOOL_SPEC(zip_longest, zip_longestobject, Py_TPFLAGS_BASETYPE);
