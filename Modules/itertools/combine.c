/* combine.c - itertools: product, combinations, combinations_with_replacement, permutations.
 *
 * All four keep a pool of items, a row of indices into it and the last result.  The result tuple
 * is used again if nobody has it.  States of an iterator:
 *
 *     result NULL, not stopped      before the first result
 *     result set,  not stopped      running; `indices` belongs to `result`
 *     stopped                       exhausted, or the arguments allow no result at all
 */
#include "itertools.h"

/* The result tuple to change: `*result` itself, or a copy if somebody else has it.  New
   references are in the object's field in any case.  0, or -1 with an exception. */
static int
writable_result(PyObject **result, Py_ssize_t n)
{
    PyObject *old = *result;
    if (Py_REFCNT(old) > 1) {
        PyObject *copy = PyTuple_New(n);
        if (copy == NULL) {
            return -1;
        }
        for (Py_ssize_t i = 0; i < n; i++) {
            PyTuple_SET_ITEM(copy, i, Py_NewRef(PyTuple_GET_ITEM(old, i)));
        }
        *result = copy;
        Py_DECREF(old);
    }
    else if (n > 0 && !PyObject_GC_IsTracked(old)) {
        /* The collector may have untracked it while it held atoms. */
        PyObject_GC_Track(old);
    }
    return 0;
}

static inline void
set_result(PyObject *result, Py_ssize_t i, PyObject *item)
{
    PyObject *old = PyTuple_GET_ITEM(result, i);
    PyTuple_SET_ITEM(result, i, Py_NewRef(item));
    Py_DECREF(old);
}

/* Tuple of n C indices. */
static PyObject *
index_tuple(const Py_ssize_t *indices, Py_ssize_t n)
{
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple != NULL && i < n; i++) {
        PyObject *index = PyLong_FromSsize_t(indices[i]);
        if (index == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        PyTuple_SET_ITEM(tuple, i, index);
    }
    return tuple;
}

/* Reads n indices of a state tuple, each forced into low..high(i).  0 or -1. */
static int
read_index(PyObject *tuple, Py_ssize_t i, Py_ssize_t low, Py_ssize_t high, Py_ssize_t *index)
{
    Py_ssize_t value = PyLong_AsSsize_t(PyTuple_GET_ITEM(tuple, i));
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    *index = Py_MAX(Py_MIN(value, high), low);
    return 0;
}

static PyObject *
sizeof_with(PyObject *self, Py_ssize_t indices)
{
    return PyLong_FromSsize_t(Py_TYPE(self)->tp_basicsize
                              + indices * (Py_ssize_t)sizeof(Py_ssize_t));
}

static int
invalid_state(void)
{
    PyErr_SetString(PyExc_ValueError, "invalid arguments");
    return -1;
}

/* --------------------------------------------------------------------------------- product */

typedef struct {
    PyObject_HEAD
    PyObject *pools;            /* tuple of tuples */
    PyObject *result;
    Py_ssize_t *indices;        /* owned; one for each pool */
    int stopped;
} productobject;

static int
product_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((productobject *)self)->pools);
    Py_VISIT(((productobject *)self)->result);
    return 0;
}

static int
product_clear(PyObject *self)
{
    Py_CLEAR(((productobject *)self)->pools);
    Py_CLEAR(((productobject *)self)->result);
    return 0;
}

static void
product_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    product_clear(self);
    PyMem_Free(((productobject *)self)->indices);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
product_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static const char *const kwlist[] = {"repeat", NULL};
    Py_ssize_t repeat = 1;
    if (kwds != NULL) {
        PyObject *empty = PyTuple_New(0);
        if (empty == NULL) {
            return NULL;
        }
        int ok = PyArg_ParseTupleAndKeywords(empty, kwds, "|n:product", (char **)kwlist,
                                             &repeat);
        Py_DECREF(empty);
        if (!ok) {
            return NULL;
        }
        if (repeat < 0) {
            PyErr_SetString(PyExc_ValueError, "repeat argument cannot be negative");
            return NULL;
        }
    }
    Py_ssize_t nargs = repeat == 0 ? 0 : PyTuple_GET_SIZE(args);
    if (nargs > 0 && (size_t)repeat > PY_SSIZE_T_MAX / sizeof(Py_ssize_t) / (size_t)nargs) {
        PyErr_SetString(PyExc_OverflowError, "repeat argument too large");
        return NULL;
    }
    Py_ssize_t npools = nargs * repeat;
    PyObject *pools = NULL;
    Py_ssize_t *indices = PyMem_New(Py_ssize_t, npools);
    if (indices == NULL) {
        return PyErr_NoMemory();
    }
    memset(indices, 0, (size_t)npools * sizeof(Py_ssize_t));
    pools = PyTuple_New(npools);
    if (pools == NULL) {
        goto error;
    }
    for (Py_ssize_t i = 0; i < npools; i++) {
        PyObject *pool = i < nargs ? PySequence_Tuple(PyTuple_GET_ITEM(args, i))
                                   : Py_NewRef(PyTuple_GET_ITEM(pools, i - nargs));
        if (pool == NULL) {
            goto error;
        }
        PyTuple_SET_ITEM(pools, i, pool);
    }
    productobject *lz = (productobject *)type->tp_alloc(type, 0);
    if (lz == NULL) {
        goto error;
    }
    lz->pools = pools;
    lz->indices = indices;
    lz->result = NULL;
    lz->stopped = 0;
    return (PyObject *)lz;
error:
    PyMem_Free(indices);
    Py_XDECREF(pools);
    return NULL;
}

/* The tuple for the present indices; NULL and `stopped` if a pool is empty. */
static int
product_first(productobject *lz)
{
    Py_ssize_t n = PyTuple_GET_SIZE(lz->pools);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (PyTuple_GET_SIZE(PyTuple_GET_ITEM(lz->pools, i)) == 0) {
            lz->stopped = 1;
            return -1;
        }
    }
    PyObject *result = PyTuple_New(n);
    if (result == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *pool = PyTuple_GET_ITEM(lz->pools, i);
        PyTuple_SET_ITEM(result, i, Py_NewRef(PyTuple_GET_ITEM(pool, lz->indices[i])));
    }
    Py_XSETREF(lz->result, result);
    return 0;
}

static PyObject *
product_next(PyObject *self)
{
    productobject *lz = (productobject *)self;
    if (lz->stopped) {
        return NULL;
    }
    if (lz->result == NULL) {
        return product_first(lz) < 0 ? NULL : Py_NewRef(lz->result);
    }
    Py_ssize_t n = PyTuple_GET_SIZE(lz->pools), i = n - 1;
    if (writable_result(&lz->result, n) < 0) {
        return NULL;
    }
    /* Like an odometer: the rightmost wheel turns, and carries to the left. */
    for (; i >= 0; i--) {
        PyObject *pool = PyTuple_GET_ITEM(lz->pools, i);
        lz->indices[i]++;
        bool wrapped = lz->indices[i] == PyTuple_GET_SIZE(pool);
        if (wrapped) {
            lz->indices[i] = 0;
        }
        set_result(lz->result, i, PyTuple_GET_ITEM(pool, lz->indices[i]));
        if (!wrapped) {
            break;
        }
    }
    if (i < 0) {
        lz->stopped = 1;
        return NULL;
    }
    return Py_NewRef(lz->result);
}

static PyObject *
product_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    productobject *lz = (productobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (lz->stopped) {
        return Py_BuildValue("O(())", Py_TYPE(self));
    }
    if (lz->result == NULL) {
        return Py_BuildValue("OO", Py_TYPE(self), lz->pools);
    }
    PyObject *indices = index_tuple(lz->indices, PyTuple_GET_SIZE(lz->pools));
    return indices == NULL ? NULL : Py_BuildValue("OON", Py_TYPE(self), lz->pools, indices);
}

static PyObject *
product_setstate(PyObject *self, PyObject *state)
{
    productobject *lz = (productobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(lz->pools);
    if (!PyTuple_Check(state) || PyTuple_GET_SIZE(state) != n) {
        invalid_state();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_ssize_t size = PyTuple_GET_SIZE(PyTuple_GET_ITEM(lz->pools, i));
        if (size == 0) {
            lz->stopped = 1;
            Py_RETURN_NONE;
        }
        if (read_index(state, i, 0, size - 1, &lz->indices[i]) < 0) {
            return NULL;
        }
    }
    return product_first(lz) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
product_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return sizeof_with(self, PyTuple_GET_SIZE(((productobject *)self)->pools));
}

static const PyMethodDef product_methods[] = {
    {"__reduce__", product_reduce, METH_NOARGS, REDUCE_DOC},
    {"__setstate__", product_setstate, METH_O, SETSTATE_DOC},
    {"__sizeof__", product_sizeof, METH_NOARGS, SIZEOF_DOC},
    {NULL, NULL}
};

PyDoc_STRVAR(product_doc,
"product(*iterables, repeat=1) --> product object\n\
\n\
Cartesian product of input iterables.  Equivalent to nested for-loops.\n\n\
For example, product(A, B) returns the same as:  ((x,y) for x in A for y in B).\n\
The leftmost iterators are in the outermost for-loop, so the output tuples\n\
cycle in a manner similar to an odometer (with the rightmost element changing\n\
on every iteration).\n\n\
To compute the product of an iterable with itself, specify the number\n\
of repetitions with the optional repeat keyword argument. For example,\n\
product(A, repeat=4) means the same as product(A, A, A, A).\n\n\
product('ab', range(3)) --> ('a',0) ('a',1) ('a',2) ('b',0) ('b',1) ('b',2)\n\
product((0,1), (0,1), (0,1)) --> (0,0,0) (0,0,1) (0,1,0) (0,1,1) (1,0,0) ...");

static const PyType_Slot product_slots[] = {
    ITERTOOL_SLOTS(product),
    {Py_tp_methods, (void *)product_methods},
    {0, NULL}
};

ITERTOOL_SPEC(product, productobject, Py_TPFLAGS_BASETYPE);

/* ---------------------------------------------------------------------------- combinations */

typedef struct {
    PyObject_HEAD
    PyObject *pool;             /* tuple */
    PyObject *result;
    Py_ssize_t *indices;        /* owned; r of them */
    Py_ssize_t r;
    int stopped;
} combinationsobject;

static int
combinations_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((combinationsobject *)self)->pool);
    Py_VISIT(((combinationsobject *)self)->result);
    return 0;
}

static int
combinations_clear(PyObject *self)
{
    Py_CLEAR(((combinationsobject *)self)->pool);
    Py_CLEAR(((combinationsobject *)self)->result);
    return 0;
}

static void
combinations_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    combinations_clear(self);
    PyMem_Free(((combinationsobject *)self)->indices);
    type->tp_free(self);
    Py_DECREF(type);
}

/* Constructor of both kinds: with `replacement` all indices start at 0. */
static PyObject *
combinations_make(PyTypeObject *type, PyObject *args, PyObject *kwds, const char *format,
                  bool replacement)
{
    static const char *const kwlist[] = {"iterable", "r", NULL};
    PyObject *iterable;
    Py_ssize_t r;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, format, (char **)kwlist, &iterable, &r)) {
        return NULL;
    }
    PyObject *pool = PySequence_Tuple(iterable);
    if (pool == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(pool), *indices = NULL;
    if (r < 0) {
        PyErr_SetString(PyExc_ValueError, "r must be non-negative");
        goto error;
    }
    indices = PyMem_New(Py_ssize_t, r);
    if (indices == NULL) {
        PyErr_NoMemory();
        goto error;
    }
    for (Py_ssize_t i = 0; i < r; i++) {
        indices[i] = replacement ? 0 : i;
    }
    combinationsobject *co = (combinationsobject *)type->tp_alloc(type, 0);
    if (co == NULL) {
        goto error;
    }
    co->pool = pool;
    co->indices = indices;
    co->result = NULL;
    co->r = r;
    co->stopped = replacement ? n == 0 && r > 0 : r > n;
    return (PyObject *)co;
error:
    PyMem_Free(indices);
    Py_DECREF(pool);
    return NULL;
}

static PyObject *
combinations_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return combinations_make(type, args, kwds, "On:combinations", false);
}

/* The tuple for the present indices. */
static int
combinations_first(combinationsobject *co)
{
    PyObject *result = PyTuple_New(co->r);
    if (result == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < co->r; i++) {
        PyTuple_SET_ITEM(result, i, Py_NewRef(PyTuple_GET_ITEM(co->pool, co->indices[i])));
    }
    Py_XSETREF(co->result, result);
    return 0;
}

static PyObject *
combinations_step(combinationsobject *co, bool replacement)
{
    if (co->stopped) {
        return NULL;
    }
    if (co->result == NULL) {
        return combinations_first(co) < 0 ? NULL : Py_NewRef(co->result);
    }
    Py_ssize_t n = PyTuple_GET_SIZE(co->pool), r = co->r, i = r - 1;
    /* The rightmost index that can still grow. */
    while (i >= 0 && co->indices[i] == (replacement ? n - 1 : i + n - r)) {
        i--;
    }
    if (i < 0) {
        co->stopped = 1;
        return NULL;
    }
    if (writable_result(&co->result, r) < 0) {
        return NULL;
    }
    Py_ssize_t index = co->indices[i] + 1;
    for (; i < r; i++) {
        co->indices[i] = index;
        set_result(co->result, i, PyTuple_GET_ITEM(co->pool, index));
        if (!replacement) {
            index++;
        }
    }
    return Py_NewRef(co->result);
}

static PyObject *
combinations_next(PyObject *self)
{
    return combinations_step((combinationsobject *)self, false);
}

static PyObject *
combinations_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    combinationsobject *co = (combinationsobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (co->stopped) {
        return Py_BuildValue("O(()n)", Py_TYPE(self), co->r);
    }
    if (co->result == NULL) {
        return Py_BuildValue("O(On)", Py_TYPE(self), co->pool, co->r);
    }
    PyObject *indices = index_tuple(co->indices, co->r);
    return indices == NULL ? NULL
                           : Py_BuildValue("O(On)N", Py_TYPE(self), co->pool, co->r, indices);
}

static PyObject *
combinations_set(combinationsobject *co, PyObject *state, bool replacement)
{
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(co->pool), r = co->r;
    if (!PyTuple_Check(state) || PyTuple_GET_SIZE(state) != r || (n == 0 && r > 0)) {
        invalid_state();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < r; i++) {
        Py_ssize_t high = replacement ? n - 1 : Py_MAX(i + n - r, 0);
        if (read_index(state, i, 0, high, &co->indices[i]) < 0) {
            return NULL;
        }
    }
    return combinations_first(co) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
combinations_setstate(PyObject *self, PyObject *state)
{
    return combinations_set((combinationsobject *)self, state, false);
}

static PyObject *
combinations_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return sizeof_with(self, ((combinationsobject *)self)->r);
}

static const PyMethodDef combinations_methods[] = {
    {"__reduce__", combinations_reduce, METH_NOARGS, REDUCE_DOC},
    {"__setstate__", combinations_setstate, METH_O, SETSTATE_DOC},
    {"__sizeof__", combinations_sizeof, METH_NOARGS, SIZEOF_DOC},
    {NULL, NULL}
};

PyDoc_STRVAR(combinations_doc,
"combinations(iterable, r)\n--\n\n\
Return successive r-length combinations of elements in the iterable.\n\
\n\
combinations(range(4), 3) --> (0,1,2), (0,1,3), (0,2,3), (1,2,3)");

static const PyType_Slot combinations_slots[] = {
    ITERTOOL_SLOTS(combinations),
    {Py_tp_methods, (void *)combinations_methods},
    {0, NULL}
};

ITERTOOL_SPEC(combinations, combinationsobject, Py_TPFLAGS_BASETYPE);

/* ---------------------------------------------------------- combinations_with_replacement */

#define combinations_with_replacement_dealloc combinations_dealloc
#define combinations_with_replacement_traverse combinations_traverse
#define combinations_with_replacement_clear combinations_clear

static PyObject *
combinations_with_replacement_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return combinations_make(type, args, kwds, "On:combinations_with_replacement", true);
}

static PyObject *
combinations_with_replacement_next(PyObject *self)
{
    return combinations_step((combinationsobject *)self, true);
}

static PyObject *
combinations_with_replacement_setstate(PyObject *self, PyObject *state)
{
    return combinations_set((combinationsobject *)self, state, true);
}

static const PyMethodDef cwr_methods[] = {
    {"__reduce__", combinations_reduce, METH_NOARGS, REDUCE_DOC},
    {"__setstate__", combinations_with_replacement_setstate, METH_O, SETSTATE_DOC},
    {"__sizeof__", combinations_sizeof, METH_NOARGS, SIZEOF_DOC},
    {NULL, NULL}
};

PyDoc_STRVAR(combinations_with_replacement_doc,
"combinations_with_replacement(iterable, r)\n--\n\n\
Return successive r-length combinations of elements in the iterable allowing individual \
elements to have successive repeats.\n\
\n\
combinations_with_replacement('ABC', 2) --> ('A','A'), ('A','B'), ('A','C'), ('B','B'), \
('B','C'), ('C','C')");

static const PyType_Slot combinations_with_replacement_slots[] = {
    ITERTOOL_SLOTS(combinations_with_replacement),
    {Py_tp_methods, (void *)cwr_methods},
    {0, NULL}
};

ITERTOOL_SPEC(combinations_with_replacement, combinationsobject, Py_TPFLAGS_BASETYPE);

/* ---------------------------------------------------------------------------- permutations */

/* cycles[i] counts down how often indices[i] is still exchanged with its right neighbours. */
typedef struct {
    PyObject_HEAD
    PyObject *pool;             /* tuple of n */
    PyObject *result;
    Py_ssize_t *indices;        /* owned; n of them, the first r are the result */
    Py_ssize_t *cycles;         /* owned; r of them */
    Py_ssize_t r;
    int stopped;
} permutationsobject;

static int
permutations_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((permutationsobject *)self)->pool);
    Py_VISIT(((permutationsobject *)self)->result);
    return 0;
}

static int
permutations_clear(PyObject *self)
{
    Py_CLEAR(((permutationsobject *)self)->pool);
    Py_CLEAR(((permutationsobject *)self)->result);
    return 0;
}

static void
permutations_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    permutations_clear(self);
    PyMem_Free(((permutationsobject *)self)->indices);
    PyMem_Free(((permutationsobject *)self)->cycles);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
permutations_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static const char *const kwlist[] = {"iterable", "r", NULL};
    PyObject *iterable, *robj = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "O|O:permutations", (char **)kwlist, &iterable,
                                     &robj))
    {
        return NULL;
    }
    PyObject *pool = PySequence_Tuple(iterable);
    if (pool == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(pool), r = n, *indices = NULL, *cycles = NULL;
    if (robj != Py_None) {
        if (!PyLong_Check(robj)) {
            PyErr_SetString(PyExc_TypeError, "Expected int as r");
            goto error;
        }
        r = PyLong_AsSsize_t(robj);
        if (r == -1 && PyErr_Occurred()) {
            goto error;
        }
    }
    if (r < 0) {
        PyErr_SetString(PyExc_ValueError, "r must be non-negative");
        goto error;
    }
    indices = PyMem_New(Py_ssize_t, n);
    cycles = PyMem_New(Py_ssize_t, r);
    if (indices == NULL || cycles == NULL) {
        PyErr_NoMemory();
        goto error;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        indices[i] = i;
    }
    for (Py_ssize_t i = 0; i < r; i++) {
        cycles[i] = n - i;
    }
    permutationsobject *po = (permutationsobject *)type->tp_alloc(type, 0);
    if (po == NULL) {
        goto error;
    }
    po->pool = pool;
    po->indices = indices;
    po->cycles = cycles;
    po->result = NULL;
    po->r = r;
    po->stopped = r > n;
    return (PyObject *)po;
error:
    PyMem_Free(indices);
    PyMem_Free(cycles);
    Py_DECREF(pool);
    return NULL;
}

static int
permutations_first(permutationsobject *po)
{
    PyObject *result = PyTuple_New(po->r);
    if (result == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < po->r; i++) {
        PyTuple_SET_ITEM(result, i, Py_NewRef(PyTuple_GET_ITEM(po->pool, po->indices[i])));
    }
    Py_XSETREF(po->result, result);
    return 0;
}

static PyObject *
permutations_next(PyObject *self)
{
    permutationsobject *po = (permutationsobject *)self;
    if (po->stopped) {
        return NULL;
    }
    if (po->result == NULL) {
        return permutations_first(po) < 0 ? NULL : Py_NewRef(po->result);
    }
    Py_ssize_t n = PyTuple_GET_SIZE(po->pool), r = po->r, *indices = po->indices, i;
    if (n == 0) {
        po->stopped = 1;
        return NULL;
    }
    if (writable_result(&po->result, r) < 0) {
        return NULL;
    }
    for (i = r - 1; i >= 0; i--) {
        if (--po->cycles[i] == 0) {
            /* Place i has had all its values: rotate indices[i:] back. */
            Py_ssize_t index = indices[i];
            memmove(indices + i, indices + i + 1, (size_t)(n - 1 - i) * sizeof(*indices));
            indices[n - 1] = index;
            po->cycles[i] = n - i;
        }
        else {
            Py_ssize_t j = n - po->cycles[i], index = indices[i];
            indices[i] = indices[j];
            indices[j] = index;
            for (Py_ssize_t k = i; k < r; k++) {
                set_result(po->result, k, PyTuple_GET_ITEM(po->pool, indices[k]));
            }
            break;
        }
    }
    if (i < 0) {
        po->stopped = 1;
        return NULL;
    }
    return Py_NewRef(po->result);
}

static PyObject *
permutations_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    permutationsobject *po = (permutationsobject *)self;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (po->stopped) {
        return Py_BuildValue("O(()n)", Py_TYPE(self), po->r);
    }
    if (po->result == NULL) {
        return Py_BuildValue("O(On)", Py_TYPE(self), po->pool, po->r);
    }
    PyObject *indices = index_tuple(po->indices, PyTuple_GET_SIZE(po->pool));
    PyObject *cycles = indices == NULL ? NULL : index_tuple(po->cycles, po->r);
    if (cycles == NULL) {
        Py_XDECREF(indices);
        return NULL;
    }
    return Py_BuildValue("O(On)(NN)", Py_TYPE(self), po->pool, po->r, indices, cycles);
}

static PyObject *
permutations_setstate(PyObject *self, PyObject *state)
{
    permutationsobject *po = (permutationsobject *)self;
    PyObject *indices, *cycles;
    if (_PyItertools_WarnPickle() < 0) {
        return NULL;
    }
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state is not a tuple");
        return NULL;
    }
    if (!PyArg_ParseTuple(state, "O!O!", &PyTuple_Type, &indices, &PyTuple_Type, &cycles)) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(po->pool);
    if (PyTuple_GET_SIZE(indices) != n || PyTuple_GET_SIZE(cycles) != po->r || po->r > n) {
        invalid_state();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        if (read_index(indices, i, 0, n - 1, &po->indices[i]) < 0) {
            return NULL;
        }
    }
    for (Py_ssize_t i = 0; i < po->r; i++) {
        if (read_index(cycles, i, 1, n - i, &po->cycles[i]) < 0) {
            return NULL;
        }
    }
    return permutations_first(po) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
permutations_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    permutationsobject *po = (permutationsobject *)self;
    return sizeof_with(self, PyTuple_GET_SIZE(po->pool) + po->r);
}

static const PyMethodDef permutations_methods[] = {
    {"__reduce__", permutations_reduce, METH_NOARGS, REDUCE_DOC},
    {"__setstate__", permutations_setstate, METH_O, SETSTATE_DOC},
    {"__sizeof__", permutations_sizeof, METH_NOARGS, SIZEOF_DOC},
    {NULL, NULL}
};

PyDoc_STRVAR(permutations_doc,
"permutations(iterable, r=None)\n--\n\n\
Return successive r-length permutations of elements in the iterable.\n\
\n\
permutations(range(3), 2) --> (0,1), (0,2), (1,0), (1,2), (2,0), (2,1)");

static const PyType_Slot permutations_slots[] = {
    ITERTOOL_SLOTS(permutations),
    {Py_tp_methods, (void *)permutations_methods},
    {0, NULL}
};

ITERTOOL_SPEC(permutations, permutationsobject, Py_TPFLAGS_BASETYPE);
