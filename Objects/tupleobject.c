/* tupleobject.c - the tuple type.
 *
 * A tuple holds its items in itself.  It never changes once it has been given away; C code may
 * fill in a tuple that nobody else has (reference count 1).  The empty tuple is one shared
 * object.  Dead exact tuples of up to 20 items are kept for reuse, by size.
 *
 * Written from the library reference (Sequence Types), the C API reference (Tuple Objects), the
 * xxHash specification (the hash has its structure) and observed messages.
 */
#include "Python.h"
#include "pycore_ceval.h"           // _Py_EnterRecursiveCallTstate()
#include "pycore_freelist.h"        // free lists "tuples", "tuple_iters"
#include "pycore_global_objects.h"  // _PyTuple_EMPTY
#include "pycore_object.h"          // _PyObject_GC_TRACK()
#include "pycore_pystate.h"         // _PyThreadState_GET()
#include "pycore_seqiter.h"         // _PySeqIter_Methods
#include "pycore_shared.h"          // _Py_IsShared()
#include "pycore_strings.h"         // _Py_ID()
#include "pycore_tuple.h"

#include "sig/tupleobject.sig.h"

static inline PyObject **
items_of(PyObject *tuple)
{
    assert(PyTuple_Check(tuple));
    return ((PyTupleObject *)tuple)->ob_item;
}

/* ------------------------------------------------------------------------ birth and death */

/* New untracked tuple of n > 0 items, contents undefined. */
static PyTupleObject *
tuple_alloc(Py_ssize_t n)
{
    assert(n > 0);
    if (n <= _Py_TUPLE_MAXSAVESIZE) {
        PyTupleObject *op = _PyFreeList_Pop(
            &_PyThreadState_GET()->heap->freelists.tuples[n - 1]);
        if (op != NULL) {
            _PyObject_InitVar((PyVarObject *)op, &PyTuple_Type, n);
            return op;
        }
    }
    if ((size_t)n > ((size_t)PY_SSIZE_T_MAX - sizeof(PyTupleObject)) / sizeof(PyObject *)) {
        return (PyTupleObject *)PyErr_NoMemory();
    }
    return PyObject_GC_NewVar(PyTupleObject, &PyTuple_Type, n);
}

/* New tuple of n items, all NULL; to be filled in before anybody sees it. */
PyObject *
PyTuple_New(Py_ssize_t n)
{
    if (n == 0) {
        return _PyTuple_EMPTY;
    }
    if (n < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyTupleObject *op = tuple_alloc(n);
    if (op == NULL) {
        return NULL;
    }
    memset(op->ob_item, 0, (size_t)n * sizeof(PyObject *));
    _PyObject_GC_TRACK((PyObject *)op);
    return (PyObject *)op;
}

static void
tuple_dealloc(PyObject *self)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0 && _Py_IsShared(self)) {
        /* Only blind decrements by old extension code can get the empty tuple here. */
        _Py_SetImmortal(self);
        return;
    }
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, tuple_dealloc)
    PyObject **items = items_of(self);
    for (Py_ssize_t i = n; --i >= 0; ) {
        Py_XDECREF(items[i]);
    }
    struct _heap *heap = _PyThreadState_GET()->heap;
    if (!PyTuple_CheckExact(self) || n == 0 || n > _Py_TUPLE_MAXSAVESIZE
        || !_PyFreeList_Push(heap, &heap->freelists.tuples[n - 1], _Py_FREELIST_LIMIT_tuples,
                             (char *)self - sizeof(PyGC_Head), self))
    {
        Py_TYPE(self)->tp_free(self);
    }
    Py_TRASHCAN_END
}

static int
tuple_traverse(PyObject *self, visitproc visit, void *arg)
{
    for (Py_ssize_t i = Py_SIZE(self); --i >= 0; ) {
        Py_VISIT(items_of(self)[i]);
    }
    return 0;
}

/* New tuple of new references to n objects. */
PyObject *
_PyTuple_FromArray(PyObject *const *src, Py_ssize_t n)
{
    if (n == 0) {
        return _PyTuple_EMPTY;
    }
    PyTupleObject *op = tuple_alloc(n);
    if (op == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        op->ob_item[i] = Py_NewRef(src[i]);
    }
    _PyObject_GC_TRACK((PyObject *)op);
    return (PyObject *)op;
}

PyObject *
_PyTuple_FromArraySteal(PyObject *const *src, Py_ssize_t n)
{
    if (n == 0) {
        return _PyTuple_EMPTY;
    }
    PyTupleObject *op = tuple_alloc(n);
    if (op == NULL) {
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_DECREF(src[i]);
        }
        return NULL;
    }
    memcpy(op->ob_item, src, (size_t)n * sizeof(PyObject *));
    _PyObject_GC_TRACK((PyObject *)op);
    return (PyObject *)op;
}

/* New tuple of new references to the n arguments that follow. */
PyObject *
PyTuple_Pack(Py_ssize_t n, ...)
{
    if (n == 0) {
        return _PyTuple_EMPTY;
    }
    PyTupleObject *op = tuple_alloc(n);
    if (op == NULL) {
        return NULL;
    }
    va_list args;
    va_start(args, n);
    for (Py_ssize_t i = 0; i < n; i++) {
        op->ob_item[i] = Py_NewRef(va_arg(args, PyObject *));
    }
    va_end(args);
    _PyObject_GC_TRACK((PyObject *)op);
    return (PyObject *)op;
}

/* ------------------------------------------------------------------------------------ C API */

Py_ssize_t
PyTuple_Size(PyObject *op)
{
    if (!PyTuple_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return Py_SIZE(op);
}

/* Borrowed; IndexError. */
PyObject *
PyTuple_GetItem(PyObject *op, Py_ssize_t i)
{
    if (!PyTuple_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (i < 0 || i >= Py_SIZE(op)) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return items_of(op)[i];
}

/* Steals the reference, also when it fails. */
int
PyTuple_SetItem(PyObject *op, Py_ssize_t i, PyObject *newitem)
{
    if (!PyTuple_Check(op) || Py_REFCNT(op) != 1) {
        Py_XDECREF(newitem);
        PyErr_BadInternalCall();
        return -1;
    }
    if (i < 0 || i >= Py_SIZE(op)) {
        Py_XDECREF(newitem);
        PyErr_SetString(PyExc_IndexError, "tuple assignment index out of range");
        return -1;
    }
    Py_XSETREF(items_of(op)[i], newitem);
    return 0;
}

static PyObject *
tuple_slice(PyObject *self, Py_ssize_t low, Py_ssize_t high)
{
    low = Py_MAX(low, 0);
    high = Py_MIN(high, Py_SIZE(self));
    high = Py_MAX(high, low);
    if (low == 0 && high == Py_SIZE(self) && PyTuple_CheckExact(self)) {
        return Py_NewRef(self);
    }
    return _PyTuple_FromArray(items_of(self) + low, high - low);
}

PyObject *
PyTuple_GetSlice(PyObject *op, Py_ssize_t low, Py_ssize_t high)
{
    if (op == NULL || !PyTuple_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return tuple_slice(op, low, high);
}

/* Untracks an exact tuple that holds nothing the collector cares for. */
void
_PyTuple_MaybeUntrack(PyObject *op)
{
    if (!PyTuple_CheckExact(op) || !_PyObject_GC_IS_TRACKED(op)) {
        return;
    }
    for (Py_ssize_t i = 0; i < Py_SIZE(op); i++) {
        PyObject *item = items_of(op)[i];
        /* A tuple that is being filled stays. */
        if (item == NULL || _PyObject_GC_MAY_BE_TRACKED(item)) {
            return;
        }
    }
    _PyObject_GC_UNTRACK(op);
}

/* Changes the size of a tuple that only the caller has.  On failure *pv becomes NULL and the
   tuple is released. */
int
_PyTuple_Resize(PyObject **pv, Py_ssize_t newsize)
{
    PyObject *v = *pv;
    if (v == NULL || !Py_IS_TYPE(v, &PyTuple_Type)
        || (Py_SIZE(v) != 0 && Py_REFCNT(v) != 1))
    {
        *pv = NULL;
        Py_XDECREF(v);
        PyErr_BadInternalCall();
        return -1;
    }
    Py_ssize_t oldsize = Py_SIZE(v);
    if (oldsize == newsize) {
        return 0;
    }
    if (newsize == 0 || oldsize == 0) {
        *pv = PyTuple_New(newsize);
        Py_DECREF(v);
        return *pv == NULL ? -1 : 0;
    }
    if (_PyObject_GC_IS_TRACKED(v)) {
        _PyObject_GC_UNTRACK(v);
    }
    for (Py_ssize_t i = newsize; i < oldsize; i++) {
        Py_CLEAR(items_of(v)[i]);
    }
    PyTupleObject *resized = PyObject_GC_Resize(PyTupleObject, v, newsize);
    if (resized == NULL) {
        *pv = NULL;
        Py_SET_SIZE(v, Py_MIN(oldsize, newsize));
        Py_DECREF(v);
        return -1;
    }
    for (Py_ssize_t i = oldsize; i < newsize; i++) {
        resized->ob_item[i] = NULL;
    }
    *pv = (PyObject *)resized;
    _PyObject_GC_TRACK((PyObject *)resized);
    return 0;
}

void
_PyTuple_DebugMallocStats(FILE *out)
{
    struct _heap *heap = _PyThreadState_GET()->heap;
    for (int n = 1; n <= _Py_TUPLE_MAXSAVESIZE; n++) {
        char name[64];
        PyOS_snprintf(name, sizeof(name), "free %d-sized PyTupleObject", n);
        _PyDebugAllocatorStats(out, name, heap->freelists.tuples[n - 1].count,
                               sizeof(PyTupleObject) + (size_t)(n - 1) * sizeof(PyObject *));
    }
}

/* -------------------------------------------------------------------- hash, comparison, repr */

/* The lanes of xxHash, one for each item. */
#define XXPRIME_1 ((Py_uhash_t)11400714785074694791ULL)
#define XXPRIME_2 ((Py_uhash_t)14029467366897019727ULL)
#define XXPRIME_5 ((Py_uhash_t)2870177450012600261ULL)

/* Hash of an item.  Tuples nest without any code between the levels, so the depth is checked
   here. */
static Py_hash_t
item_hash(PyObject *item)
{
    if (!PyTuple_CheckExact(item)) {
        return PyObject_Hash(item);
    }
    PyThreadState *tstate = _PyThreadState_GET();
    if (_Py_EnterRecursiveCallTstate(tstate, " while hashing a tuple")) {
        return -1;
    }
    Py_hash_t hash = PyObject_Hash(item);
    _Py_LeaveRecursiveCallTstate(tstate);
    return hash;
}

static Py_hash_t
tuple_hash(PyObject *self)
{
    Py_ssize_t n = Py_SIZE(self);
    Py_uhash_t acc = XXPRIME_5;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_uhash_t lane = (Py_uhash_t)item_hash(items_of(self)[i]);
        if (lane == (Py_uhash_t)-1) {
            return -1;
        }
        acc += lane * XXPRIME_2;
        acc = (acc << 31) | (acc >> 33);
        acc *= XXPRIME_1;
    }
    /* The offset makes hash(()) what it has been since 3.8. */
    acc += (Py_uhash_t)n ^ (XXPRIME_5 ^ 3527539UL);
    return acc == (Py_uhash_t)-1 ? 1546275796 : (Py_hash_t)acc;
}

static PyObject *
tuple_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyTuple_Check(self) || !PyTuple_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_ssize_t n = Py_SIZE(self), m = Py_SIZE(other), i = 0;
    for (; i < n && i < m; i++) {
        int equal = PyObject_RichCompareBool(items_of(self)[i], items_of(other)[i], Py_EQ);
        if (equal < 0) {
            return NULL;
        }
        if (!equal) {
            break;
        }
    }
    if (i >= n || i >= m) {
        Py_RETURN_RICHCOMPARE(n, m, op);
    }
    if (op == Py_EQ || op == Py_NE) {
        return PyBool_FromLong(op == Py_NE);
    }
    return PyObject_RichCompare(items_of(self)[i], items_of(other)[i], op);
}

static int
write_items(_PyUnicodeWriter *writer, PyObject *self)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        if (i > 0 && _PyUnicodeWriter_WriteASCIIString(writer, ", ", 2) < 0) {
            return -1;
        }
        PyObject *s = PyObject_Repr(items_of(self)[i]);
        if (s == NULL) {
            return -1;
        }
        int err = _PyUnicodeWriter_WriteStr(writer, s);
        Py_DECREF(s);
        if (err < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
tuple_repr(PyObject *self)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0) {
        return PyUnicode_FromString("()");
    }
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("(...)") : NULL;
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    /* "(" + "1" + ", 2" * (n - 1) + ",)" */
    writer.min_length = 1 + 1 + (2 + 1) * (n - 1) + (n == 1) + 1;
    int err = _PyUnicodeWriter_WriteChar(&writer, '(');
    if (err == 0) {
        err = write_items(&writer, self);
    }
    if (err == 0) {
        writer.overallocate = 0;
        err = n == 1 ? _PyUnicodeWriter_WriteASCIIString(&writer, ",)", 2)
                     : _PyUnicodeWriter_WriteChar(&writer, ')');
    }
    Py_ReprLeave(self);
    if (err < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

/* -------------------------------------------------------------------------------- sequence */

static Py_ssize_t
tuple_length(PyObject *self)
{
    return Py_SIZE(self);
}

static int
tuple_contains(PyObject *self, PyObject *value)
{
    int equal = 0;
    for (Py_ssize_t i = 0; equal == 0 && i < Py_SIZE(self); i++) {
        equal = PyObject_RichCompareBool(items_of(self)[i], value, Py_EQ);
    }
    return equal;
}

static PyObject *
tuple_item(PyObject *self, Py_ssize_t i)
{
    if (i < 0 || i >= Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return Py_NewRef(items_of(self)[i]);
}

static PyObject *
tuple_concat(PyObject *self, PyObject *other)
{
    if (Py_SIZE(self) == 0 && PyTuple_CheckExact(other)) {
        return Py_NewRef(other);
    }
    if (!PyTuple_Check(other)) {
        PyErr_Format(PyExc_TypeError, "can only concatenate tuple (not \"%.200s\") to tuple",
                     Py_TYPE(other)->tp_name);
        return NULL;
    }
    Py_ssize_t n = Py_SIZE(self), m = Py_SIZE(other);
    if (m == 0 && PyTuple_CheckExact(self)) {
        return Py_NewRef(self);
    }
    if (n + m == 0) {
        return _PyTuple_EMPTY;
    }
    assert((size_t)n + (size_t)m < PY_SSIZE_T_MAX);
    PyTupleObject *sum = tuple_alloc(n + m);
    if (sum == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        sum->ob_item[i] = Py_NewRef(items_of(self)[i]);
    }
    for (Py_ssize_t i = 0; i < m; i++) {
        sum->ob_item[n + i] = Py_NewRef(items_of(other)[i]);
    }
    _PyObject_GC_TRACK((PyObject *)sum);
    return (PyObject *)sum;
}

static PyObject *
tuple_repeat(PyObject *self, Py_ssize_t times)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0 || times == 1) {
        if (PyTuple_CheckExact(self)) {
            return Py_NewRef(self);
        }
    }
    if (n == 0 || times <= 0) {
        return _PyTuple_EMPTY;
    }
    if (n > PY_SSIZE_T_MAX / times) {
        return PyErr_NoMemory();
    }
    PyTupleObject *product = tuple_alloc(n * times);
    if (product == NULL) {
        return NULL;
    }
    PyObject **dest = product->ob_item;
    for (Py_ssize_t k = 0; k < times; k++) {
        for (Py_ssize_t i = 0; i < n; i++) {
            *dest++ = Py_NewRef(items_of(self)[i]);
        }
    }
    _PyObject_GC_TRACK((PyObject *)product);
    return (PyObject *)product;
}

static PyObject *
tuple_subscript(PyObject *self, PyObject *item)
{
    if (PyIndex_Check(item)) {
        Py_ssize_t i = PyNumber_AsSsize_t(item, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return tuple_item(self, i < 0 ? i + Py_SIZE(self) : i);
    }
    if (!PySlice_Check(item)) {
        PyErr_Format(PyExc_TypeError, "tuple indices must be integers or slices, not %.200s",
                     Py_TYPE(item)->tp_name);
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(item, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if (n <= 0) {
        return _PyTuple_EMPTY;
    }
    if (step == 1) {
        return tuple_slice(self, start, stop);
    }
    PyTupleObject *result = tuple_alloc(n);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0, at = start; i < n; i++, at += step) {
        result->ob_item[i] = Py_NewRef(items_of(self)[at]);
    }
    _PyObject_GC_TRACK((PyObject *)result);
    return (PyObject *)result;
}

/* ---------------------------------------------------------------------------------- methods */

static PyObject *tuple_from_iterable(PyTypeObject *type, PyObject *iterable);

/*sig tuple.__new__(type, iterable=(), /)

Built-in immutable sequence.

If no argument is given, the constructor returns an empty tuple.
If iterable is specified the tuple is initialized from iterable's items.

If the argument is a tuple, the return value is the same object.
*/
static PyObject *
tuple_new_impl(PyTypeObject *type, PyObject *iterable)
{
    return tuple_from_iterable(type, iterable);
}

static PyObject *
tuple_from_iterable(PyTypeObject *type, PyObject *iterable)
{
    PyObject *exact = iterable == NULL ? _PyTuple_EMPTY : PySequence_Tuple(iterable);
    if (exact == NULL || type == &PyTuple_Type) {
        return exact;
    }
    assert(PyType_IsSubtype(type, &PyTuple_Type));
    Py_ssize_t n = Py_SIZE(exact);
    PyObject *self = type->tp_alloc(type, n);
    if (self != NULL) {
        for (Py_ssize_t i = 0; i < n; i++) {
            items_of(self)[i] = Py_NewRef(items_of(exact)[i]);
        }
    }
    Py_DECREF(exact);
    return self;
}

static PyObject *
tuple_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0) {
        PyErr_SetString(PyExc_TypeError, "tuple() takes no keyword arguments");
        return NULL;
    }
    if (nargs > 1) {
        PyErr_Format(PyExc_TypeError, "tuple expected at most 1 argument, got %zd", nargs);
        return NULL;
    }
    return tuple_from_iterable((PyTypeObject *)type, nargs == 0 ? NULL : args[0]);
}

/*sig tuple.index(self, value, start: slice_index_int = 0, stop: slice_index_int = sys.maxsize, /)

Return first index of value.

Raises ValueError if the value is not present.
*/
static PyObject *
tuple_index_impl(PyObject *self, PyObject *value, Py_ssize_t start, Py_ssize_t stop)
{
    Py_ssize_t n = Py_SIZE(self);
    start = start < 0 ? Py_MAX(start + n, 0) : start;
    stop = stop < 0 ? stop + n : Py_MIN(stop, n);
    for (Py_ssize_t i = start; i < stop; i++) {
        int equal = PyObject_RichCompareBool(items_of(self)[i], value, Py_EQ);
        if (equal != 0) {
            return equal > 0 ? PyLong_FromSsize_t(i) : NULL;
        }
    }
    PyErr_SetString(PyExc_ValueError, "tuple.index(x): x not in tuple");
    return NULL;
}

/*sig tuple.count(self, value, /)

Return number of occurrences of value.
*/
static PyObject *
tuple_count_impl(PyObject *self, PyObject *value)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int equal = PyObject_RichCompareBool(items_of(self)[i], value, Py_EQ);
        if (equal < 0) {
            return NULL;
        }
        count += equal;
    }
    return PyLong_FromSsize_t(count);
}

/*sig tuple.__getnewargs__(self)

*/
static PyObject *
tuple___getnewargs___impl(PyObject *self)
{
    PyObject *copy = _PyTuple_FromArray(items_of(self), Py_SIZE(self));
    return copy == NULL ? NULL : Py_BuildValue("(N)", copy);
}

static const PyMethodDef tuple_methods[] = {
    TUPLE___GETNEWARGS___METHODDEF
    TUPLE_INDEX_METHODDEF
    TUPLE_COUNT_METHODDEF
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL, NULL}
};

static PyObject *tuple_iter(PyObject *self);

static _Py_SHARED PySequenceMethods tuple_as_sequence = {
    .sq_length = tuple_length,
    .sq_concat = tuple_concat,
    .sq_repeat = tuple_repeat,
    .sq_item = tuple_item,
    .sq_contains = tuple_contains,
};

static _Py_SHARED PyMappingMethods tuple_as_mapping = {
    .mp_length = tuple_length,
    .mp_subscript = tuple_subscript,
};

_Py_SHARED PyTypeObject PyTuple_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "tuple",
    .tp_basicsize = sizeof(PyTupleObject) - sizeof(PyObject *),
    .tp_itemsize = sizeof(PyObject *),
    .tp_dealloc = tuple_dealloc,
    .tp_repr = tuple_repr,
    .tp_as_sequence = &tuple_as_sequence,
    .tp_as_mapping = &tuple_as_mapping,
    .tp_hash = tuple_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
                | Py_TPFLAGS_TUPLE_SUBCLASS | _Py_TPFLAGS_MATCH_SELF | Py_TPFLAGS_SEQUENCE,
    .tp_doc = tuple_new__doc__,
    .tp_traverse = tuple_traverse,
    .tp_richcompare = tuple_richcompare,
    .tp_iter = tuple_iter,
    .tp_methods = (PyMethodDef *)tuple_methods,
    .tp_new = tuple_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = tuple_vectorcall,
};

/* --------------------------------------------------------------------------------- iterator */

static PyObject *
tuple_iter(PyObject *self)
{
    _PyTupleIterObject *it = _Py_FREELIST_POP(_PyTupleIterObject, _PyThreadState_GET(),
                                              tuple_iters);
    if (it != NULL) {
        _PyObject_Init((PyObject *)it, &PyTupleIter_Type);
    }
    else {
        it = PyObject_GC_New(_PyTupleIterObject, &PyTupleIter_Type);
        if (it == NULL) {
            return NULL;
        }
    }
    it->it_index = 0;
    it->it_seq = (PyTupleObject *)Py_NewRef(self);
    _PyObject_GC_TRACK((PyObject *)it);
    return (PyObject *)it;
}

static void
tupleiter_dealloc(PyObject *self)
{
    _PyObject_GC_UNTRACK(self);
    Py_XDECREF(((_PyTupleIterObject *)self)->it_seq);
    if (!_Py_FREELIST_PUSH_GC(_PyThreadState_GET(), tuple_iters, self)) {
        PyObject_GC_Del(self);
    }
}

static PyObject *
tupleiter_next(PyObject *self)
{
    _PyTupleIterObject *it = (_PyTupleIterObject *)self;
    PyTupleObject *seq = it->it_seq;
    if (seq == NULL) {
        return NULL;
    }
    if (it->it_index < Py_SIZE(seq)) {
        return Py_NewRef(seq->ob_item[it->it_index++]);
    }
    return _PySeqIter_Exhaust((_PySeqIterObject *)it);
}

_Py_SHARED PyTypeObject PyTupleIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "tuple_iterator",
    .tp_basicsize = sizeof(_PyTupleIterObject),
    .tp_dealloc = tupleiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = _PySeqIter_Traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = tupleiter_next,
    .tp_methods = _PySeqIter_Methods,
};
