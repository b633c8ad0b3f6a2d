/* range and its iterators.
 *
 * A range holds start, stop, step and length as int objects.  Iteration uses C longs when all
 * values fit (PyRangeIter_Type), int objects otherwise (PyLongRangeIter_Type).
 * Written from the library reference and observed behaviour of 3.12. */
#include "Python.h"
#include "structmember.h"       // T_OBJECT_EX
#include "pycore_abstract.h"
#include "pycore_freelist.h"
#include "pycore_long.h"
#include "pycore_object.h"
#include "pycore_private_api.h"
#include "pycore_pystate.h"
#include "pycore_range.h"
#include "pycore_strings.h"
#include "pycore_tuple.h"       // _PyTuple_ITEMS()

typedef struct {
    PyObject_HEAD
    PyObject *start;
    PyObject *stop;
    PyObject *step;
    PyObject *length;
} rangeobject;

/* ---- making --------------------------------------------------------------------------------- */

/* Number of values for a nonzero step: new reference, or NULL with an error. */
static PyObject *
compute_length(PyObject *start, PyObject *stop, PyObject *step)
{
    int overflow;
    long lo = PyLong_AsLongAndOverflow(start, &overflow), hi, st;
    if (!overflow) {
        hi = PyLong_AsLongAndOverflow(stop, &overflow);
        if (!overflow) {
            st = PyLong_AsLongAndOverflow(step, &overflow);
            if (!overflow) {
                unsigned long n = 0;
                if (st > 0 && lo < hi) {
                    n = 1UL + ((unsigned long)hi - 1UL - (unsigned long)lo) / (unsigned long)st;
                }
                else if (st < 0 && lo > hi) {
                    n = 1UL + ((unsigned long)lo - 1UL - (unsigned long)hi) /
                              (0UL - (unsigned long)st);
                }
                return PyLong_FromUnsignedLong(n);
            }
        }
    }
    PyObject *one = _PyLong_GetOne(), *result = NULL;
    int up = _PyLong_Sign(step) > 0;
    PyObject *low = up ? start : stop, *high = up ? stop : start;
    int empty = PyObject_RichCompareBool(low, high, Py_GE);
    if (empty != 0) {
        return empty < 0 ? NULL : PyLong_FromLong(0);
    }
    PyObject *width = up ? Py_NewRef(step) : PyNumber_Negative(step);
    PyObject *diff = width != NULL ? PyNumber_Subtract(high, low) : NULL;
    PyObject *span = diff != NULL ? PyNumber_Subtract(diff, one) : NULL;
    PyObject *count = span != NULL ? PyNumber_FloorDivide(span, width) : NULL;
    if (count != NULL) {
        result = PyNumber_Add(count, one);
    }
    Py_XDECREF(width);
    Py_XDECREF(diff);
    Py_XDECREF(span);
    Py_XDECREF(count);
    return result;
}

/* Takes over the three references. */
static rangeobject *
make_range(PyTypeObject *type, PyObject *start, PyObject *stop, PyObject *step)
{
    PyObject *length = compute_length(start, stop, step);
    rangeobject *obj = NULL;
    if (length != NULL) {
        obj = _Py_FREELIST_POP(rangeobject, _PyThreadState_GET(), ranges);
        if (obj != NULL) {
            _Py_NewReference((PyObject *)obj);
        }
        else {
            obj = PyObject_New(rangeobject, type);
        }
    }
    if (obj == NULL) {
        Py_XDECREF(length);
        Py_DECREF(start);
        Py_DECREF(stop);
        Py_DECREF(step);
        return NULL;
    }
    obj->start = start;
    obj->stop = stop;
    obj->step = step;
    obj->length = length;
    return obj;
}

/* The step as int, nonzero: new reference, or NULL with an error. */
static PyObject *
validate_step(PyObject *step)
{
    if (step == NULL) {
        return Py_NewRef(_PyLong_GetOne());
    }
    step = PyNumber_Index(step);
    if (step != NULL && _PyLong_Sign(step) == 0) {
        PyErr_SetString(PyExc_ValueError, "range() arg 3 must not be zero");
        Py_CLEAR(step);
    }
    return step;
}

static PyObject *
range_from_array(PyTypeObject *type, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *start, *stop, *step;
    switch (nargs) {
    case 1:
        stop = PyNumber_Index(args[0]);
        if (stop == NULL) {
            return NULL;
        }
        return (PyObject *)make_range(type, Py_NewRef(_PyLong_GetZero()), stop,
                                      Py_NewRef(_PyLong_GetOne()));
    case 2:
    case 3:
        start = PyNumber_Index(args[0]);
        if (start == NULL) {
            return NULL;
        }
        stop = PyNumber_Index(args[1]);
        if (stop == NULL) {
            Py_DECREF(start);
            return NULL;
        }
        step = validate_step(nargs == 3 ? args[2] : NULL);
        if (step == NULL) {
            Py_DECREF(start);
            Py_DECREF(stop);
            return NULL;
        }
        return (PyObject *)make_range(type, start, stop, step);
    case 0:
        PyErr_SetString(PyExc_TypeError, "range expected at least 1 argument, got 0");
        return NULL;
    default:
        PyErr_Format(PyExc_TypeError, "range expected at most 3 arguments, got %zd", nargs);
        return NULL;
    }
}

static PyObject *
range_new(PyTypeObject *type, PyObject *args, PyObject *kw)
{
    if (!_PyArg_NoKeywords("range", kw)) {
        return NULL;
    }
    return range_from_array(type, _PyTuple_ITEMS(args), PyTuple_GET_SIZE(args));
}

static PyObject *
range_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (!_PyArg_NoKwnames("range", kwnames)) {
        return NULL;
    }
    return range_from_array((PyTypeObject *)type, args, PyVectorcall_NARGS(nargsf));
}

static void
range_dealloc(rangeobject *obj)
{
    Py_DECREF(obj->start);
    Py_DECREF(obj->stop);
    Py_DECREF(obj->step);
    Py_DECREF(obj->length);
    if (!_Py_FREELIST_PUSH(_PyThreadState_GET(), ranges, obj)) {
        PyObject_Free(obj);
    }
}

/* ---- items ----------------------------------------------------------------------------------- */

/* start + i * step: new reference, or NULL with an error. */
static PyObject *
compute_item(rangeobject *r, PyObject *i)
{
    PyObject *incr = PyNumber_Multiply(i, r->step);
    if (incr == NULL) {
        return NULL;
    }
    PyObject *result = PyNumber_Add(r->start, incr);
    Py_DECREF(incr);
    return result;
}

static PyObject *
item_or_index_error(rangeobject *r, PyObject *i)
{
    int negative = _PyLong_Sign(i) < 0;
    i = negative ? PyNumber_Add(r->length, i) : Py_NewRef(i);
    if (i == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    int out = _PyLong_Sign(i) < 0 ? 1 : PyObject_RichCompareBool(i, r->length, Py_GE);
    if (out == 0) {
        result = compute_item(r, i);
    }
    else if (out > 0) {
        PyErr_SetString(PyExc_IndexError, "range object index out of range");
    }
    Py_DECREF(i);
    return result;
}

static PyObject *
range_item(rangeobject *r, Py_ssize_t i)
{
    PyObject *index = PyLong_FromSsize_t(i);
    if (index == NULL) {
        return NULL;
    }
    PyObject *result = item_or_index_error(r, index);
    Py_DECREF(index);
    return result;
}

static PyObject *
compute_slice(rangeobject *r, PySliceObject *slice)
{
    PyObject *start, *stop, *step;
    if (_PySlice_GetLongIndices(slice, r->length, &start, &stop, &step) < 0) {
        return NULL;
    }
    PyObject *substep = PyNumber_Multiply(r->step, step);
    PyObject *substart = substep != NULL ? compute_item(r, start) : NULL;
    PyObject *substop = substart != NULL ? compute_item(r, stop) : NULL;
    Py_DECREF(start);
    Py_DECREF(stop);
    Py_DECREF(step);
    if (substop == NULL) {
        Py_XDECREF(substep);
        Py_XDECREF(substart);
        return NULL;
    }
    return (PyObject *)make_range(Py_TYPE(r), substart, substop, substep);
}

static PyObject *
range_subscript(rangeobject *self, PyObject *item)
{
    if (_PyIndex_Check(item)) {
        PyObject *i = PyNumber_Index(item);
        if (i == NULL) {
            return NULL;
        }
        PyObject *result = item_or_index_error(self, i);
        Py_DECREF(i);
        return result;
    }
    if (PySlice_Check(item)) {
        return compute_slice(self, (PySliceObject *)item);
    }
    PyErr_Format(PyExc_TypeError, "range indices must be integers or slices, not %.200s",
                 Py_TYPE(item)->tp_name);
    return NULL;
}

static Py_ssize_t
range_length(rangeobject *r)
{
    return PyLong_AsSsize_t(r->length);
}

static int
range_bool(rangeobject *self)
{
    return PyObject_IsTrue(self->length);
}

/* ---- search ---------------------------------------------------------------------------------- */

/* For an exact int: 1, 0, or -1 with an error. */
static int
range_contains_long(rangeobject *r, PyObject *ob)
{
    int up = _PyLong_Sign(r->step) > 0;
    int from = PyObject_RichCompareBool(ob, r->start, up ? Py_GE : Py_LE);
    if (from <= 0) {
        return from;
    }
    int to = PyObject_RichCompareBool(ob, r->stop, up ? Py_LT : Py_GT);
    if (to <= 0) {
        return to;
    }
    PyObject *diff = PyNumber_Subtract(ob, r->start);
    PyObject *rest = diff != NULL ? PyNumber_Remainder(diff, r->step) : NULL;
    int result = rest != NULL ? _PyLong_Sign(rest) == 0 : -1;
    Py_XDECREF(diff);
    Py_XDECREF(rest);
    return result;
}

static int
range_contains(rangeobject *r, PyObject *ob)
{
    if (PyLong_CheckExact(ob) || PyBool_Check(ob)) {
        return range_contains_long(r, ob);
    }
    return (int)_PySequence_IterSearch((PyObject *)r, ob, PY_ITERSEARCH_CONTAINS);
}

static PyObject *
range_count(rangeobject *r, PyObject *ob)
{
    if (PyLong_CheckExact(ob) || PyBool_Check(ob)) {
        int result = range_contains_long(r, ob);
        return result < 0 ? NULL : PyLong_FromLong(result);
    }
    Py_ssize_t count = _PySequence_IterSearch((PyObject *)r, ob, PY_ITERSEARCH_COUNT);
    return count == -1 ? NULL : PyLong_FromSsize_t(count);
}

static PyObject *
range_index(rangeobject *r, PyObject *ob)
{
    if (!PyLong_CheckExact(ob) && !PyBool_Check(ob)) {
        Py_ssize_t index = _PySequence_IterSearch((PyObject *)r, ob, PY_ITERSEARCH_INDEX);
        return index == -1 ? NULL : PyLong_FromSsize_t(index);
    }
    int contains = range_contains_long(r, ob);
    if (contains < 0) {
        return NULL;
    }
    if (!contains) {
        PyErr_Format(PyExc_ValueError, "%R is not in range", ob);
        return NULL;
    }
    PyObject *diff = PyNumber_Subtract(ob, r->start);
    if (diff == NULL) {
        return NULL;
    }
    PyObject *index = PyNumber_FloorDivide(diff, r->step);
    Py_DECREF(diff);
    return index;
}

/* ---- comparison, hash, text ------------------------------------------------------------------ */

/* 1, 0, or -1 with an error: equal as sequences. */
static int
range_equals(rangeobject *r0, rangeobject *r1)
{
    if (r0 == r1) {
        return 1;
    }
    int cmp = PyObject_RichCompareBool(r0->length, r1->length, Py_EQ);
    if (cmp != 1) {
        return cmp;
    }
    if (_PyLong_Sign(r0->length) == 0) {
        return 1;
    }
    cmp = PyObject_RichCompareBool(r0->start, r1->start, Py_EQ);
    if (cmp != 1) {
        return cmp;
    }
    cmp = PyObject_RichCompareBool(r0->length, _PyLong_GetOne(), Py_EQ);
    if (cmp != 0) {
        return cmp;
    }
    return PyObject_RichCompareBool(r0->step, r1->step, Py_EQ);
}

static PyObject *
range_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyRange_Check(other) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int result = range_equals((rangeobject *)self, (rangeobject *)other);
    return result < 0 ? NULL : PyBool_FromLong((op == Py_EQ) == result);
}

/* Hash of (length, start or None, step or None), so that equal ranges agree. */
static Py_hash_t
range_hash(rangeobject *r)
{
    PyObject *start = Py_None, *step = Py_None;
    int empty = _PyLong_Sign(r->length) == 0;
    if (!empty) {
        start = r->start;
        int one = PyObject_RichCompareBool(r->length, _PyLong_GetOne(), Py_EQ);
        if (one < 0) {
            return -1;
        }
        step = one ? Py_None : r->step;
    }
    PyObject *t = PyTuple_Pack(3, r->length, start, step);
    if (t == NULL) {
        return -1;
    }
    Py_hash_t result = PyObject_Hash(t);
    Py_DECREF(t);
    return result;
}

static PyObject *
range_repr(rangeobject *r)
{
    Py_ssize_t istep = PyNumber_AsSsize_t(r->step, NULL);
    if (istep == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (istep == 1) {
        return PyUnicode_FromFormat("range(%R, %R)", r->start, r->stop);
    }
    return PyUnicode_FromFormat("range(%R, %R, %R)", r->start, r->stop, r->step);
}

static PyObject *
range_reduce(rangeobject *r, PyObject *Py_UNUSED(args))
{
    return Py_BuildValue("(O(OOO))", Py_TYPE(r), r->start, r->stop, r->step);
}

/* ---- iterators ------------------------------------------------------------------------------- */

static PyObject *
new_range_iter(long start, long step, long len)
{
    _PyRangeIterObject *it = _Py_FREELIST_POP(_PyRangeIterObject, _PyThreadState_GET(),
                                              range_iters);
    if (it != NULL) {
        _Py_NewReference((PyObject *)it);
    }
    else {
        it = PyObject_New(_PyRangeIterObject, &PyRangeIter_Type);
        if (it == NULL) {
            return NULL;
        }
    }
    it->start = start;
    it->step = step;
    it->len = len;
    return (PyObject *)it;
}

static void
rangeiter_dealloc(PyObject *it)
{
    if (!_Py_FREELIST_PUSH(_PyThreadState_GET(), range_iters, it)) {
        PyObject_Free(it);
    }
}

static PyObject *
rangeiter_next(_PyRangeIterObject *r)
{
    if (r->len <= 0) {
        return NULL;
    }
    long result = r->start;
    r->start = (long)((unsigned long)result + (unsigned long)r->step);
    r->len--;
    return PyLong_FromLong(result);
}

static PyObject *
rangeiter_len(_PyRangeIterObject *r, PyObject *Py_UNUSED(args))
{
    return PyLong_FromLong(r->len);
}

static PyObject *
builtin_iter(void)
{
    return PyObject_GetItem(_PyInterpreterState_GET()->builtins, &_Py_ID(iter));
}

/* (iter, (range(start, stop, step),), None); takes over the three references (NULL: an error). */
static PyObject *
reduce_iter(PyObject *start, PyObject *stop, PyObject *step)
{
    if (start == NULL || stop == NULL || step == NULL) {
        Py_XDECREF(start);
        Py_XDECREF(stop);
        Py_XDECREF(step);
        return NULL;
    }
    PyObject *range = (PyObject *)make_range(&PyRange_Type, start, stop, step);
    PyObject *iter = range != NULL ? builtin_iter() : NULL;
    if (iter == NULL) {
        Py_XDECREF(range);
        return NULL;
    }
    return Py_BuildValue("N(N)O", iter, range, Py_None);
}

static PyObject *
rangeiter_reduce(_PyRangeIterObject *r, PyObject *Py_UNUSED(args))
{
    unsigned long stop = (unsigned long)r->start + (unsigned long)r->len * (unsigned long)r->step;
    return reduce_iter(PyLong_FromLong(r->start), PyLong_FromLong((long)stop),
                       PyLong_FromLong(r->step));
}

static PyObject *
rangeiter_setstate(_PyRangeIterObject *r, PyObject *state)
{
    long index = PyLong_AsLong(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    index = index < 0 ? 0 : index > r->len ? r->len : index;
    r->start = (long)((unsigned long)r->start + (unsigned long)index * (unsigned long)r->step);
    r->len -= index;
    Py_RETURN_NONE;
}

#define LEN_DOC "Private method returning an estimate of len(list(it))."
#define REDUCE_DOC "Return state information for pickling."
#define SETSTATE_DOC "Set state information for unpickling."

static PyMethodDef rangeiter_methods[] = {
    {"__length_hint__", (PyCFunction)rangeiter_len, METH_NOARGS, LEN_DOC},
    {"__reduce__", (PyCFunction)rangeiter_reduce, METH_NOARGS, REDUCE_DOC},
    {"__setstate__", (PyCFunction)rangeiter_setstate, METH_O, SETSTATE_DOC},
    {NULL, NULL, 0, NULL},
};

_Py_SHARED PyTypeObject PyRangeIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "range_iterator",
    .tp_basicsize = sizeof(_PyRangeIterObject),
    .tp_dealloc = rangeiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)rangeiter_next,
    .tp_methods = rangeiter_methods,
};

/* Over int objects. */
typedef struct {
    PyObject_HEAD
    PyObject *start;
    PyObject *step;
    PyObject *len;
} longrangeiterobject;

static PyObject *
longrangeiter_len(longrangeiterobject *r, PyObject *Py_UNUSED(args))
{
    return Py_NewRef(r->len);
}

static PyObject *
longrangeiter_reduce(longrangeiterobject *r, PyObject *Py_UNUSED(args))
{
    PyObject *product = PyNumber_Multiply(r->len, r->step);
    if (product == NULL) {
        return NULL;
    }
    PyObject *stop = PyNumber_Add(r->start, product);
    Py_DECREF(product);
    return reduce_iter(Py_NewRef(r->start), stop, Py_NewRef(r->step));
}

static PyObject *
longrangeiter_setstate(longrangeiterobject *r, PyObject *state)
{
    if (!PyLong_CheckExact(state)) {
        PyErr_Format(PyExc_TypeError, "state must be an int, not %.200s", Py_TYPE(state)->tp_name);
        return NULL;
    }
    PyObject *zero = _PyLong_GetZero();
    int low = PyObject_RichCompareBool(state, zero, Py_LT);
    if (low < 0) {
        return NULL;
    }
    if (low) {
        state = zero;
    }
    else {
        int high = PyObject_RichCompareBool(r->len, state, Py_LT);
        if (high < 0) {
            return NULL;
        }
        if (high) {
            state = r->len;
        }
    }
    PyObject *product = PyNumber_Multiply(state, r->step);
    PyObject *start = product != NULL ? PyNumber_Add(r->start, product) : NULL;
    PyObject *len = start != NULL ? PyNumber_Subtract(r->len, state) : NULL;
    Py_XDECREF(product);
    if (len == NULL) {
        Py_XDECREF(start);
        return NULL;
    }
    Py_SETREF(r->start, start);
    Py_SETREF(r->len, len);
    Py_RETURN_NONE;
}

static void
longrangeiter_dealloc(longrangeiterobject *r)
{
    Py_XDECREF(r->start);
    Py_XDECREF(r->step);
    Py_XDECREF(r->len);
    PyObject_Free(r);
}

static PyObject *
longrangeiter_next(longrangeiterobject *r)
{
    if (_PyLong_Sign(r->len) <= 0) {
        return NULL;
    }
    PyObject *new_start = PyNumber_Add(r->start, r->step);
    PyObject *new_len = new_start != NULL ? PyNumber_Subtract(r->len, _PyLong_GetOne()) : NULL;
    if (new_len == NULL) {
        Py_XDECREF(new_start);
        return NULL;
    }
    PyObject *result = r->start;
    r->start = new_start;
    Py_SETREF(r->len, new_len);
    return result;
}

static PyMethodDef longrangeiter_methods[] = {
    {"__length_hint__", (PyCFunction)longrangeiter_len, METH_NOARGS, LEN_DOC},
    {"__reduce__", (PyCFunction)longrangeiter_reduce, METH_NOARGS, REDUCE_DOC},
    {"__setstate__", (PyCFunction)longrangeiter_setstate, METH_O, SETSTATE_DOC},
    {NULL, NULL, 0, NULL},
};

_Py_SHARED PyTypeObject PyLongRangeIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "longrange_iterator",
    .tp_basicsize = sizeof(longrangeiterobject),
    .tp_dealloc = (destructor)longrangeiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)longrangeiter_next,
    .tp_methods = longrangeiter_methods,
};

/* Takes over the three references (NULL: an error). */
static PyObject *
new_long_range_iter(PyObject *start, PyObject *step, PyObject *len)
{
    longrangeiterobject *it = NULL;
    if (start != NULL && step != NULL && len != NULL) {
        it = PyObject_New(longrangeiterobject, &PyLongRangeIter_Type);
    }
    if (it == NULL) {
        Py_XDECREF(start);
        Py_XDECREF(step);
        Py_XDECREF(len);
        return NULL;
    }
    it->start = start;
    it->step = step;
    it->len = len;
    return (PyObject *)it;
}

/* 1 if start, step, length and the value behind the last one are C longs (set), else 0. */
static int
fits_long(rangeobject *r, long *start, long *step, long *len)
{
    int o1, o2, o3, o4;
    *start = PyLong_AsLongAndOverflow(r->start, &o1);
    *step = PyLong_AsLongAndOverflow(r->step, &o2);
    *len = PyLong_AsLongAndOverflow(r->length, &o3);
    (void)PyLong_AsLongAndOverflow(r->stop, &o4);
    long span, end;
    return !o1 && !o2 && !o3 && !o4 && !__builtin_mul_overflow(*len, *step, &span) &&
           !__builtin_add_overflow(*start, span, &end);
}

static PyObject *
range_iter(PyObject *seq)
{
    rangeobject *r = (rangeobject *)seq;
    long start, step, len;
    if (fits_long(r, &start, &step, &len)) {
        return new_range_iter(start, step, len);
    }
    return new_long_range_iter(Py_NewRef(r->start), Py_NewRef(r->step), Py_NewRef(r->length));
}

static PyObject *
range_reverse(PyObject *seq, PyObject *Py_UNUSED(ignored))
{
    rangeobject *range = (rangeobject *)seq;
    long start, step, len;
    if (fits_long(range, &start, &step, &len) && step != LONG_MIN) {
        long last = len > 0 ? start + (len - 1) * step : start;
        return new_range_iter(last, -step, len);
    }
    PyObject *index = PyNumber_Subtract(range->length, _PyLong_GetOne());
    PyObject *last = index != NULL ? compute_item(range, index) : NULL;
    Py_XDECREF(index);
    if (last == NULL) {
        return NULL;
    }
    return new_long_range_iter(last, PyNumber_Negative(range->step), Py_NewRef(range->length));
}

/* ---- the type -------------------------------------------------------------------------------- */

static PyMethodDef range_methods[] = {
    {"__reversed__", range_reverse, METH_NOARGS, "Return a reverse iterator."},
    {"__reduce__", (PyCFunction)range_reduce, METH_NOARGS, NULL},
    {"count", (PyCFunction)range_count, METH_O,
     "rangeobject.count(value) -> integer -- return number of occurrences of value"},
    {"index", (PyCFunction)range_index, METH_O,
     "rangeobject.index(value) -> integer -- return index of value.\n"
     "Raise ValueError if the value is not present."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef range_members[] = {
    {"start", T_OBJECT_EX, offsetof(rangeobject, start), READONLY, NULL},
    {"stop", T_OBJECT_EX, offsetof(rangeobject, stop), READONLY, NULL},
    {"step", T_OBJECT_EX, offsetof(rangeobject, step), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyNumberMethods range_as_number = {
    .nb_bool = (inquiry)range_bool,
};

static PySequenceMethods range_as_sequence = {
    .sq_length = (lenfunc)range_length,
    .sq_item = (ssizeargfunc)range_item,
    .sq_contains = (objobjproc)range_contains,
};

static PyMappingMethods range_as_mapping = {
    .mp_length = (lenfunc)range_length,
    .mp_subscript = (binaryfunc)range_subscript,
};

PyDoc_STRVAR(range_doc,
"range(stop) -> range object\n"
"range(start, stop[, step]) -> range object\n"
"\n"
"Return an object that produces a sequence of integers from start (inclusive)\n"
"to stop (exclusive) by step.  range(i, j) produces i, i+1, i+2, ..., j-1.\n"
"start defaults to 0, and stop is omitted!  range(4) produces 0, 1, 2, 3.\n"
"These are exactly the valid indices for a list of 4 elements.\n"
"When step is given, it specifies the increment (or decrement).");

_Py_SHARED PyTypeObject PyRange_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "range",
    .tp_basicsize = sizeof(rangeobject),
    .tp_dealloc = (destructor)range_dealloc,
    .tp_repr = (reprfunc)range_repr,
    .tp_as_number = &range_as_number,
    .tp_as_sequence = &range_as_sequence,
    .tp_as_mapping = &range_as_mapping,
    .tp_hash = (hashfunc)range_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_SEQUENCE,
    .tp_doc = range_doc,
    .tp_richcompare = range_richcompare,
    .tp_iter = range_iter,
    .tp_methods = range_methods,
    .tp_members = range_members,
    .tp_new = range_new,
    .tp_vectorcall = range_vectorcall,
};
