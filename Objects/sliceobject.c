/* slice, and the Ellipsis object.
 * Written from the library reference, the C API reference ("Slice Objects") and observed
 * behaviour. */
#include "Python.h"
#include "structmember.h"       // T_OBJECT
#include "pycore_freelist.h"
#include "pycore_long.h"
#include "pycore_object.h"
#include "pycore_private_api.h"
#include "pycore_pystate.h"
#include "pycore_strings.h"

#include "sig/sliceobject.sig.h"

/* ---- Ellipsis --------------------------------------------------------------------------- */

static PyObject *
ellipsis_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) || (kwargs != NULL && PyDict_GET_SIZE(kwargs))) {
        PyErr_SetString(PyExc_TypeError, "EllipsisType takes no arguments");
        return NULL;
    }
    return Py_NewRef(Py_Ellipsis);
}

static void
ellipsis_dealloc(PyObject *ellipsis)
{
    /* Code of older Pythons may count it down to nothing. */
    _Py_SetImmortal(ellipsis);
}

static PyObject *
ellipsis_repr(PyObject *Py_UNUSED(op))
{
    return PyUnicode_FromString("Ellipsis");
}

static PyObject *
ellipsis_reduce(PyObject *Py_UNUSED(op), PyObject *Py_UNUSED(ignored))
{
    return PyUnicode_FromString("Ellipsis");
}

static PyMethodDef ellipsis_methods[] = {
    {"__reduce__", ellipsis_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

_Py_SHARED PyTypeObject PyEllipsis_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "ellipsis",
    .tp_dealloc = ellipsis_dealloc,
    .tp_repr = ellipsis_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_methods = ellipsis_methods,
    .tp_new = ellipsis_new,
};

_Py_SHARED PyObject _Py_EllipsisObject = _PyObject_HEAD_INIT(&PyEllipsis_Type);

/* ---- making slices -------------------------------------------------------------------------- */

/* Takes over two references. */
static PySliceObject *
slice_new_steal(PyObject *start, PyObject *stop, PyObject *step)
{
    PySliceObject *op = _Py_FREELIST_POP(PySliceObject, _PyThreadState_GET(), slices);
    if (op == NULL) {
        op = PyObject_GC_New(PySliceObject, &PySlice_Type);
        if (op == NULL) {
            Py_DECREF(start);
            Py_DECREF(stop);
            return NULL;
        }
    }
    else {
        _Py_NewReference((PyObject *)op);
    }
    op->start = start;
    op->stop = stop;
    op->step = Py_NewRef(step);
    _PyObject_GC_TRACK((PyObject *)op);
    return op;
}

PyObject *
PySlice_New(PyObject *start, PyObject *stop, PyObject *step)
{
    start = start != NULL ? start : Py_None;
    stop = stop != NULL ? stop : Py_None;
    step = step != NULL ? step : Py_None;
    return (PyObject *)slice_new_steal(Py_NewRef(start), Py_NewRef(stop), step);
}

/* slice(start, stop) taking over both references (used by BINARY_SLICE). */
PyObject *
_PyBuildSlice_ConsumeRefs(PyObject *start, PyObject *stop)
{
    assert(start != NULL && stop != NULL);
    return (PyObject *)slice_new_steal(start, stop, Py_None);
}

PyObject *
_PySlice_FromIndices(Py_ssize_t istart, Py_ssize_t istop)
{
    PyObject *start = PyLong_FromSsize_t(istart);
    PyObject *stop = start != NULL ? PyLong_FromSsize_t(istop) : NULL;
    if (stop == NULL) {
        Py_XDECREF(start);
        return NULL;
    }
    return (PyObject *)slice_new_steal(start, stop, Py_None);
}

/* ---- indices --------------------------------------------------------------------------------- */

/* The old form: no clipping below, out of range above is an error without exception. */
int
PySlice_GetIndices(PyObject *_r, Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop,
                   Py_ssize_t *step)
{
    PySliceObject *r = (PySliceObject *)_r;
    *step = 1;
    if (r->step != Py_None) {
        if (!PyLong_Check(r->step)) {
            return -1;
        }
        *step = PyLong_AsSsize_t(r->step);
    }
    *start = *step < 0 ? length - 1 : 0;
    if (r->start != Py_None) {
        if (!PyLong_Check(r->start)) {
            return -1;
        }
        *start = PyLong_AsSsize_t(r->start);
        *start += *start < 0 ? length : 0;
    }
    *stop = *step < 0 ? -1 : length;
    if (r->stop != Py_None) {
        if (!PyLong_Check(r->stop)) {
            return -1;
        }
        *stop = PyLong_AsSsize_t(r->stop);
        *stop += *stop < 0 ? length : 0;
    }
    if (*stop > length || *start >= length || *step == 0) {
        return -1;
    }
    return 0;
}

/* C values of the three parts, clipped to Py_ssize_t: 0, or -1 with an error set. */
int
PySlice_Unpack(PyObject *_r, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t *step)
{
    PySliceObject *r = (PySliceObject *)_r;
    if (r->step == Py_None) {
        *step = 1;
    }
    else {
        if (!_PyEval_SliceIndex(r->step, step)) {
            return -1;
        }
        if (*step == 0) {
            PyErr_SetString(PyExc_ValueError, "slice step cannot be zero");
            return -1;
        }
        /* so that -step does not overflow */
        if (*step < -PY_SSIZE_T_MAX) {
            *step = -PY_SSIZE_T_MAX;
        }
    }
    if (r->start == Py_None) {
        *start = *step < 0 ? PY_SSIZE_T_MAX : 0;
    }
    else if (!_PyEval_SliceIndex(r->start, start)) {
        return -1;
    }
    if (r->stop == Py_None) {
        *stop = *step < 0 ? PY_SSIZE_T_MIN : PY_SSIZE_T_MAX;
    }
    else if (!_PyEval_SliceIndex(r->stop, stop)) {
        return -1;
    }
    return 0;
}

/* Clips to a sequence of that length; returns the number of items. */
Py_ssize_t
PySlice_AdjustIndices(Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t step)
{
    assert(step != 0 && step >= -PY_SSIZE_T_MAX);
    Py_ssize_t low = step < 0 ? -1 : 0;
    Py_ssize_t high = step < 0 ? length - 1 : length;
    Py_ssize_t *const both[] = {start, stop};
    for (int i = 0; i < 2; i++) {
        Py_ssize_t *p = both[i];
        if (*p < 0) {
            *p += length;
            if (*p < 0) {
                *p = low;
            }
        }
        else if (*p >= length) {
            *p = high;
        }
    }
    if (step < 0) {
        return *stop < *start ? (*start - *stop - 1) / -step + 1 : 0;
    }
    return *start < *stop ? (*stop - *start - 1) / step + 1 : 0;
}

#undef PySlice_GetIndicesEx
int
PySlice_GetIndicesEx(PyObject *_r, Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop,
                     Py_ssize_t *step, Py_ssize_t *slicelength)
{
    if (PySlice_Unpack(_r, start, stop, step) < 0) {
        return -1;
    }
    *slicelength = PySlice_AdjustIndices(length, start, stop, *step);
    return 0;
}

/* ---- slice.indices() with ints of any size --------------------------------------------------- */

/* A part as an int object: new reference, or NULL with an error. */
static PyObject *
evaluate_index(PyObject *v)
{
    if (PyIndex_Check(v)) {
        return PyNumber_Index(v);
    }
    PyErr_SetString(PyExc_TypeError,
                    "slice indices must be integers or None or have an __index__ method");
    return NULL;
}

/* One of start and stop, clipped to [lower, upper]; `v` None gives the default. */
static PyObject *
clip_part(PyObject *v, PyObject *length, PyObject *lower, PyObject *upper, PyObject *dflt)
{
    if (v == Py_None) {
        return Py_NewRef(dflt);
    }
    PyObject *index = evaluate_index(v);
    if (index == NULL) {
        return NULL;
    }
    int negative = _PyLong_Sign(index) < 0;
    if (negative) {
        Py_SETREF(index, PyNumber_Add(index, length));
        if (index == NULL) {
            return NULL;
        }
    }
    PyObject *bound = negative ? lower : upper;
    int cmp = PyObject_RichCompareBool(index, bound, negative ? Py_LT : Py_GT);
    if (cmp < 0) {
        Py_DECREF(index);
        return NULL;
    }
    if (cmp) {
        Py_SETREF(index, Py_NewRef(bound));
    }
    return index;
}

/* Start, stop and step as int objects for a sequence of `length`: 0, or -1 with an error. */
int
_PySlice_GetLongIndices(PySliceObject *self, PyObject *length, PyObject **start_ptr,
                        PyObject **stop_ptr, PyObject **step_ptr)
{
    PyObject *start = NULL, *stop = NULL, *lower = NULL, *upper = NULL;
    PyObject *step = self->step == Py_None ? Py_NewRef(_PyLong_GetOne())
                                           : evaluate_index(self->step);
    if (step == NULL) {
        return -1;
    }
    int negative = _PyLong_Sign(step) < 0;
    if (_PyLong_Sign(step) == 0) {
        PyErr_SetString(PyExc_ValueError, "slice step cannot be zero");
        goto error;
    }
    if (negative) {
        lower = PyLong_FromLong(-1);
        upper = PyNumber_Subtract(length, _PyLong_GetOne());
    }
    else {
        lower = Py_NewRef(_PyLong_GetZero());
        upper = Py_NewRef(length);
    }
    if (lower == NULL || upper == NULL) {
        goto error;
    }
    start = clip_part(self->start, length, lower, upper, negative ? upper : lower);
    stop = start != NULL ? clip_part(self->stop, length, lower, upper, negative ? lower : upper)
                         : NULL;
    if (stop == NULL) {
        goto error;
    }
    Py_DECREF(lower);
    Py_DECREF(upper);
    *start_ptr = start;
    *stop_ptr = stop;
    *step_ptr = step;
    return 0;
error:
    Py_XDECREF(lower);
    Py_XDECREF(upper);
    Py_XDECREF(start);
    Py_DECREF(step);
    return -1;
}

/*sig @nosignature slice.indices(self, length, /)

S.indices(len) -> (start, stop, stride)

Assuming a sequence of length len, calculate the start and stop
indices, and the stride length of the extended slice described by
S. Out of bounds indices are clipped in a manner consistent with the
handling of normal slices.
*/
static PyObject *
slice_indices_impl(PySliceObject *self, PyObject *len)
{
    PyObject *length = PyNumber_Index(len);
    if (length == NULL) {
        return NULL;
    }
    PyObject *parts[3], *result = NULL;
    if (_PyLong_Sign(length) < 0) {
        PyErr_SetString(PyExc_ValueError, "length should not be negative");
    }
    else if (_PySlice_GetLongIndices(self, length, &parts[0], &parts[1], &parts[2]) == 0) {
        result = PyTuple_Pack(3, parts[0], parts[1], parts[2]);
        for (int i = 0; i < 3; i++) {
            Py_DECREF(parts[i]);
        }
    }
    Py_DECREF(length);
    return result;
}

/* ---- the type -------------------------------------------------------------------------------- */

static PyObject *
slice_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    if (!_PyArg_NoKeywords("slice", kwargs)) {
        return NULL;
    }
    PyObject *start = NULL, *stop = NULL, *step = NULL;
    if (!PyArg_UnpackTuple(args, "slice", 1, 3, &start, &stop, &step)) {
        return NULL;
    }
    if (stop == NULL) {         /* slice(stop) */
        stop = start;
        start = NULL;
    }
    return PySlice_New(start, stop, step);
}

static void
slice_dealloc(PySliceObject *r)
{
    PyObject_GC_UnTrack(r);
    Py_DECREF(r->step);
    Py_DECREF(r->start);
    Py_DECREF(r->stop);
    if (!_Py_FREELIST_PUSH_GC(_PyThreadState_GET(), slices, r)) {
        PyObject_GC_Del(r);
    }
}

static int
slice_traverse(PySliceObject *v, visitproc visit, void *arg)
{
    Py_VISIT(v->start);
    Py_VISIT(v->stop);
    Py_VISIT(v->step);
    return 0;
}

static PyObject *
slice_repr(PySliceObject *r)
{
    return PyUnicode_FromFormat("slice(%R, %R, %R)", r->start, r->stop, r->step);
}

static PyObject *
slice_as_tuple(PySliceObject *r)
{
    return PyTuple_Pack(3, r->start, r->stop, r->step);
}

static PyObject *
slice_richcompare(PyObject *v, PyObject *w, int op)
{
    if (!PySlice_Check(v) || !PySlice_Check(w)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (v == w) {
        return PyBool_FromLong(op == Py_EQ || op == Py_LE || op == Py_GE);
    }
    PyObject *t1 = slice_as_tuple((PySliceObject *)v);
    PyObject *t2 = t1 != NULL ? slice_as_tuple((PySliceObject *)w) : NULL;
    PyObject *result = t2 != NULL ? PyObject_RichCompare(t1, t2, op) : NULL;
    Py_XDECREF(t1);
    Py_XDECREF(t2);
    return result;
}

static Py_hash_t
slice_hash(PySliceObject *v)
{
    PyObject *tuple = slice_as_tuple(v);
    if (tuple == NULL) {
        return -1;
    }
    Py_hash_t hash = PyObject_Hash(tuple);
    Py_DECREF(tuple);
    return hash;
}

static PyObject *
slice_reduce(PySliceObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("O(OOO)", Py_TYPE(self), self->start, self->stop, self->step);
}

static PyMethodDef slice_methods[] = {
    SLICE_INDICES_METHODDEF
    {"__reduce__", (PyCFunction)slice_reduce, METH_NOARGS,
     "Return state information for pickling."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef slice_members[] = {
    {"start", T_OBJECT, offsetof(PySliceObject, start), READONLY, NULL},
    {"stop", T_OBJECT, offsetof(PySliceObject, stop), READONLY, NULL},
    {"step", T_OBJECT, offsetof(PySliceObject, step), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(slice_doc,
"slice(stop)\n"
"slice(start, stop[, step])\n"
"\n"
"Create a slice object.  This is used for extended slicing (e.g. a[0:10:2]).");

_Py_SHARED PyTypeObject PySlice_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "slice",
    .tp_basicsize = sizeof(PySliceObject),
    .tp_dealloc = (destructor)slice_dealloc,
    .tp_repr = (reprfunc)slice_repr,
    .tp_hash = (hashfunc)slice_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = slice_doc,
    .tp_traverse = (traverseproc)slice_traverse,
    .tp_richcompare = slice_richcompare,
    .tp_methods = slice_methods,
    .tp_members = slice_members,
    .tp_new = slice_new,
};
