/* listobject.c - the list type.
 *
 * Invariants of a list are in pycore_list.h.  The array grows by an eighth at a time, so that n
 * appends cost O(n).  Releasing items runs code that may use the list: functions that remove
 * items first make the list valid without them, then release.  While it is sorted a list is
 * empty with allocated == -1 (listsort.c).
 *
 * Written from the library reference (Sequence Types), the C API reference (List Objects) and
 * observed messages.
 */
#include "Python.h"
#include "pycore_freelist.h"    // free lists "lists", "list_iters"
#include "pycore_list.h"
#include "pycore_object.h"      // _PyObject_GC_TRACK()
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_seqiter.h"     // _PySeqIter_Methods
#include "pycore_strings.h"     // _Py_ID()

#include <stdbool.h>

#include "sig/listobject.sig.h"

/* -------------------------------------------------------------------------------- the array */

/* Makes Py_SIZE n, with room for it, leaving new slots undefined.  Slots that fall away must
   have been emptied.  0, or -1 with MemoryError and nothing changed. */
static int
list_resize(PyListObject *self, Py_ssize_t n)
{
    Py_ssize_t allocated = self->allocated;
    if (allocated >= n && n >= allocated / 2) {
        assert(self->ob_item != NULL || n == 0);
        Py_SET_SIZE(self, n);
        return 0;
    }
    Py_ssize_t room = n == 0 ? 0 : (n + (n >> 3) + 6) & ~(Py_ssize_t)3;
    /* A jump by more than the reserve means extend(): no reserve then. */
    if (n - Py_SIZE(self) > room - n) {
        room = (n + 3) & ~(Py_ssize_t)3;
    }
    PyObject **items = NULL;
    if ((size_t)room <= (size_t)PY_SSIZE_T_MAX / sizeof(PyObject *)) {
        items = PyMem_Realloc(self->ob_item, (size_t)room * sizeof(PyObject *));
    }
    if (items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (room == 0) {
        PyMem_Free(items);
        items = NULL;
    }
    self->ob_item = items;
    Py_SET_SIZE(self, n);
    self->allocated = room;
    return 0;
}

/* An array of exactly n slots for an empty list. */
static int
list_preallocate(PyListObject *self, Py_ssize_t n)
{
    assert(self->ob_item == NULL && n > 0);
    PyObject **items = NULL;
    if ((size_t)n <= (size_t)PY_SSIZE_T_MAX / sizeof(PyObject *)) {
        items = PyMem_Malloc((size_t)n * sizeof(PyObject *));
    }
    if (items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->ob_item = items;
    self->allocated = n;
    return 0;
}

/* ------------------------------------------------------------------------- birth and death */

/* New list of n items, all NULL; to be filled in before Python code sees it. */
PyObject *
PyList_New(Py_ssize_t n)
{
    if (n < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyListObject *op = _Py_FREELIST_POP(PyListObject, _PyThreadState_GET(), lists);
    if (op != NULL) {
        _PyObject_InitVar((PyVarObject *)op, &PyList_Type, 0);
    }
    else {
        op = PyObject_GC_New(PyListObject, &PyList_Type);
        if (op == NULL) {
            return NULL;
        }
        Py_SET_SIZE(op, 0);
    }
    op->ob_item = NULL;
    op->allocated = 0;
    if (n > 0) {
        if ((size_t)n <= (size_t)PY_SSIZE_T_MAX / sizeof(PyObject *)) {
            op->ob_item = PyMem_Calloc((size_t)n, sizeof(PyObject *));
        }
        if (op->ob_item == NULL) {
            Py_DECREF(op);
            return PyErr_NoMemory();
        }
        op->allocated = n;
        Py_SET_SIZE(op, n);
    }
    _PyObject_GC_TRACK((PyObject *)op);
    return (PyObject *)op;
}

/* New list with room for n items, but without any. */
static PyObject *
list_new_prealloc(Py_ssize_t n)
{
    PyObject *op = PyList_New(0);
    if (op != NULL && n > 0 && list_preallocate((PyListObject *)op, n) < 0) {
        Py_CLEAR(op);
    }
    return op;
}

PyObject *
_PyList_FromArraySteal(PyObject *const *src, Py_ssize_t n)
{
    PyObject *op = list_new_prealloc(n);
    if (op == NULL) {
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_DECREF(src[i]);
        }
        return NULL;
    }
    if (n > 0) {
        memcpy(_PyList_ITEMS(op), src, (size_t)n * sizeof(PyObject *));
        Py_SET_SIZE(op, n);
    }
    return op;
}

static void
list_dealloc(PyObject *self)
{
    PyListObject *op = (PyListObject *)self;
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, list_dealloc)
    if (op->ob_item != NULL) {
        for (Py_ssize_t i = Py_SIZE(op); --i >= 0; ) {
            Py_XDECREF(op->ob_item[i]);
        }
        PyMem_Free(op->ob_item);
    }
    if (!PyList_CheckExact(self)
        || !_Py_FREELIST_PUSH_GC(_PyThreadState_GET(), lists, self))
    {
        Py_TYPE(self)->tp_free(self);
    }
    Py_TRASHCAN_END
}

static int
list_traverse(PyObject *self, visitproc visit, void *arg)
{
    for (Py_ssize_t i = Py_SIZE(self); --i >= 0; ) {
        Py_VISIT(_PyList_ITEMS(self)[i]);
    }
    return 0;
}

/* Empties the list. */
static int
list_empty(PyObject *self)
{
    PyListObject *op = (PyListObject *)self;
    PyObject **items = op->ob_item;
    if (items == NULL) {
        return 0;
    }
    Py_ssize_t n = Py_SIZE(op);
    Py_SET_SIZE(op, 0);
    op->ob_item = NULL;
    op->allocated = 0;
    while (--n >= 0) {
        Py_XDECREF(items[n]);
    }
    PyMem_Free(items);
    return 0;
}

void
_PyList_DebugMallocStats(FILE *out)
{
    _PyDebugAllocatorStats(out, "free PyListObject",
                           _PyThreadState_GET()->heap->freelists.lists.count,
                           sizeof(PyListObject));
}

/* ------------------------------------------------------------------------------------ C API */

#define REQUIRE_LIST(OP, FAIL)                          \
    do {                                                \
        if ((OP) == NULL || !PyList_Check(OP)) {        \
            PyErr_BadInternalCall();                    \
            return (FAIL);                              \
        }                                               \
    } while (0)

static inline bool
valid_index(Py_ssize_t i, Py_ssize_t n)
{
    return (size_t)i < (size_t)n;
}

Py_ssize_t
PyList_Size(PyObject *op)
{
    REQUIRE_LIST(op, -1);
    return Py_SIZE(op);
}

/* Borrowed; IndexError. */
PyObject *
PyList_GetItem(PyObject *op, Py_ssize_t i)
{
    REQUIRE_LIST(op, NULL);
    if (!valid_index(i, Py_SIZE(op))) {
        PyErr_SetString(PyExc_IndexError, "list index out of range");
        return NULL;
    }
    return _PyList_ITEMS(op)[i];
}

/* Steals the reference, also when it fails. */
int
PyList_SetItem(PyObject *op, Py_ssize_t i, PyObject *newitem)
{
    if (!PyList_Check(op)) {
        Py_XDECREF(newitem);
        PyErr_BadInternalCall();
        return -1;
    }
    if (!valid_index(i, Py_SIZE(op))) {
        Py_XDECREF(newitem);
        PyErr_SetString(PyExc_IndexError, "list assignment index out of range");
        return -1;
    }
    Py_XSETREF(_PyList_ITEMS(op)[i], newitem);
    return 0;
}

static int
insert_at(PyListObject *self, Py_ssize_t where, PyObject *value)
{
    Py_ssize_t n = Py_SIZE(self);
    if (list_resize(self, n + 1) < 0) {
        return -1;
    }
    where = where < 0 ? Py_MAX(where + n, 0) : Py_MIN(where, n);
    PyObject **items = self->ob_item;
    memmove(items + where + 1, items + where, (size_t)(n - where) * sizeof(PyObject *));
    items[where] = Py_NewRef(value);
    return 0;
}

int
PyList_Insert(PyObject *op, Py_ssize_t where, PyObject *newitem)
{
    REQUIRE_LIST(op, -1);
    return insert_at((PyListObject *)op, where, newitem);
}

int
_PyList_AppendTakeRefListResize(PyListObject *self, PyObject *newitem)
{
    Py_ssize_t n = Py_SIZE(self);
    if (list_resize(self, n + 1) < 0) {
        Py_DECREF(newitem);
        return -1;
    }
    self->ob_item[n] = newitem;
    return 0;
}

int
PyList_Append(PyObject *op, PyObject *newitem)
{
    if (!PyList_Check(op) || newitem == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    return _PyList_AppendTakeRef((PyListObject *)op, Py_NewRef(newitem));
}

static PyObject *
list_slice(PyObject *self, Py_ssize_t low, Py_ssize_t high)
{
    Py_ssize_t n = high - low;
    assert(0 <= low && low <= Py_SIZE(self) && high <= Py_SIZE(self));
    if (n <= 0) {
        return PyList_New(0);
    }
    PyObject *slice = list_new_prealloc(n);
    if (slice == NULL) {
        return NULL;
    }
    PyObject **src = _PyList_ITEMS(self) + low, **dest = _PyList_ITEMS(slice);
    for (Py_ssize_t i = 0; i < n; i++) {
        dest[i] = Py_NewRef(src[i]);
    }
    Py_SET_SIZE(slice, n);
    return slice;
}

PyObject *
PyList_GetSlice(PyObject *op, Py_ssize_t low, Py_ssize_t high)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    low = Py_MIN(Py_MAX(low, 0), Py_SIZE(op));
    high = Py_MIN(Py_MAX(high, low), Py_SIZE(op));
    return list_slice(op, low, high);
}

/* self[low:high] = value (NULL: deletes). */
static int
assign_slice(PyListObject *self, Py_ssize_t low, Py_ssize_t high, PyObject *value)
{
    PyObject *fast = NULL, **src = NULL;
    Py_ssize_t n = 0;
    if (value != NULL) {
        fast = (PyObject *)self == value ? list_slice(value, 0, Py_SIZE(value))
                                         : PySequence_Fast(value, "can only assign an iterable");
        if (fast == NULL) {
            return -1;
        }
        n = PySequence_Fast_GET_SIZE(fast);
        src = PySequence_Fast_ITEMS(fast);
    }
    Py_ssize_t size = Py_SIZE(self);
    low = Py_MIN(Py_MAX(low, 0), size);
    high = Py_MIN(Py_MAX(high, low), size);
    Py_ssize_t gone = high - low, diff = n - gone;
    int err = -1;
    if (size + diff == 0) {
        Py_XDECREF(fast);
        return list_empty((PyObject *)self);
    }
    /* The released items are kept until the list is valid again. */
    PyObject *few[8], **recycle = few;
    if (gone > (Py_ssize_t)Py_ARRAY_LENGTH(few)) {
        recycle = PyMem_New(PyObject *, gone);
        if (recycle == NULL) {
            PyErr_NoMemory();
            goto done;
        }
    }
    PyObject **items = self->ob_item;
    size_t tail = (size_t)(size - high) * sizeof(PyObject *);
    if (gone > 0) {
        memcpy(recycle, items + low, (size_t)gone * sizeof(PyObject *));
    }
    if (diff > 0) {
        if (list_resize(self, size + diff) < 0) {
            gone = 0;
            goto done;
        }
        items = self->ob_item;
        memmove(items + high + diff, items + high, tail);
    }
    else if (diff < 0) {
        memmove(items + high + diff, items + high, tail);
        if (list_resize(self, size + diff) < 0) {
            /* It cannot be made smaller: the size alone does. */
            PyErr_Clear();
            Py_SET_SIZE(self, size + diff);
        }
        items = self->ob_item;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        items[low + i] = Py_XNewRef(src[i]);
    }
    err = 0;
done:
    while (--gone >= 0) {
        Py_XDECREF(recycle[gone]);
    }
    if (recycle != few) {
        PyMem_Free(recycle);
    }
    Py_XDECREF(fast);
    return err;
}

int
PyList_SetSlice(PyObject *op, Py_ssize_t low, Py_ssize_t high, PyObject *value)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return assign_slice((PyListObject *)op, low, high, value);
}

int
PyList_Sort(PyObject *op)
{
    REQUIRE_LIST(op, -1);
    return _PyList_Sort((PyListObject *)op, NULL, 0);
}

static void
reverse_items(PyObject *self)
{
    PyObject **items = _PyList_ITEMS(self);
    for (Py_ssize_t i = 0, j = Py_SIZE(self) - 1; i < j; i++, j--) {
        PyObject *t = items[i];
        items[i] = items[j];
        items[j] = t;
    }
}

int
PyList_Reverse(PyObject *op)
{
    REQUIRE_LIST(op, -1);
    reverse_items(op);
    return 0;
}

PyObject *
PyList_AsTuple(PyObject *op)
{
    REQUIRE_LIST(op, NULL);
    PyObject *tuple = PyTuple_New(Py_SIZE(op));
    if (tuple != NULL) {
        for (Py_ssize_t i = 0; i < Py_SIZE(op); i++) {
            PyTuple_SET_ITEM(tuple, i, Py_NewRef(_PyList_ITEMS(op)[i]));
        }
    }
    return tuple;
}

/* -------------------------------------------------------------------------------- extending */

/* Appends the items of a list or tuple (which may be the list itself). */
static int
extend_fast(PyListObject *self, PyObject *fast)
{
    Py_ssize_t n = PySequence_Fast_GET_SIZE(fast), size = Py_SIZE(self);
    if (n == 0) {
        return 0;
    }
    if (self->ob_item == NULL && size == 0) {
        /* An even number keeps the block sizes few. */
        if (list_preallocate(self, n + (n & 1)) < 0) {
            return -1;
        }
        Py_SET_SIZE(self, n);
    }
    else if (list_resize(self, size + n) < 0) {
        return -1;
    }
    /* After the resize: self and fast may be one object. */
    PyObject **src = PySequence_Fast_ITEMS(fast), **dest = self->ob_item + size;
    for (Py_ssize_t i = 0; i < n; i++) {
        dest[i] = Py_XNewRef(src[i]);
    }
    return 0;
}

static int
extend_iterator(PyListObject *self, PyObject *iterable)
{
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) {
        return -1;
    }
    Py_ssize_t hint = PyObject_LengthHint(iterable, 8);
    if (hint < 0) {
        Py_DECREF(it);
        return -1;
    }
    Py_ssize_t size = Py_SIZE(self);
    if (size > PY_SSIZE_T_MAX - hint) {
        /* Overflow: the hint is a lie, or the appends will fail. */
    }
    else if (self->ob_item == NULL) {
        if (hint > 0 && list_preallocate(self, hint + (hint & 1)) < 0) {
            goto error;
        }
    }
    else {
        if (list_resize(self, size + hint) < 0) {
            goto error;
        }
        Py_SET_SIZE(self, size);
    }
    iternextfunc next = Py_TYPE(it)->tp_iternext;
    for (;;) {
        PyObject *item = next(it);
        if (item == NULL) {
            if (PyErr_Occurred()) {
                if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
                    goto error;
                }
                PyErr_Clear();
            }
            break;
        }
        if (_PyList_AppendTakeRef(self, item) < 0) {
            goto error;
        }
    }
    /* Too much foreseen: give it back. */
    if (Py_SIZE(self) < self->allocated && list_resize(self, Py_SIZE(self)) < 0) {
        goto error;
    }
    Py_DECREF(it);
    return 0;
error:
    Py_DECREF(it);
    return -1;
}

static int
list_extend_any(PyListObject *self, PyObject *iterable)
{
    if (PyList_CheckExact(iterable) || PyTuple_CheckExact(iterable)
        || (PyObject *)self == iterable)
    {
        return extend_fast(self, iterable);
    }
    return extend_iterator(self, iterable);
}

/* list.extend() for C: None, or NULL with an exception. */
PyObject *
_PyList_Extend(PyListObject *self, PyObject *iterable)
{
    if (list_extend_any(self, iterable) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* --------------------------------------------------------------------------------- sequence */

static Py_ssize_t
list_length(PyObject *self)
{
    return Py_SIZE(self);
}

static int
list_contains(PyObject *self, PyObject *value)
{
    int equal = 0;
    for (Py_ssize_t i = 0; equal == 0 && i < Py_SIZE(self); i++) {
        PyObject *item = Py_NewRef(_PyList_ITEMS(self)[i]);
        equal = PyObject_RichCompareBool(item, value, Py_EQ);
        Py_DECREF(item);
    }
    return equal;
}

static PyObject *
list_item(PyObject *self, Py_ssize_t i)
{
    if (!valid_index(i, Py_SIZE(self))) {
        PyErr_SetString(PyExc_IndexError, "list index out of range");
        return NULL;
    }
    return Py_NewRef(_PyList_ITEMS(self)[i]);
}

static int
list_ass_item(PyObject *self, Py_ssize_t i, PyObject *value)
{
    if (!valid_index(i, Py_SIZE(self))) {
        PyErr_SetString(PyExc_IndexError, "list assignment index out of range");
        return -1;
    }
    if (value == NULL) {
        return assign_slice((PyListObject *)self, i, i + 1, NULL);
    }
    Py_SETREF(_PyList_ITEMS(self)[i], Py_NewRef(value));
    return 0;
}

static PyObject *
list_concat(PyObject *self, PyObject *other)
{
    if (!PyList_Check(other)) {
        PyErr_Format(PyExc_TypeError, "can only concatenate list (not \"%.200s\") to list",
                     Py_TYPE(other)->tp_name);
        return NULL;
    }
    Py_ssize_t n = Py_SIZE(self), m = Py_SIZE(other);
    assert((size_t)n + (size_t)m < PY_SSIZE_T_MAX);
    PyObject *sum = list_new_prealloc(n + m);
    if (sum == NULL) {
        return NULL;
    }
    PyObject **dest = _PyList_ITEMS(sum);
    for (Py_ssize_t i = 0; i < n; i++) {
        *dest++ = Py_NewRef(_PyList_ITEMS(self)[i]);
    }
    for (Py_ssize_t i = 0; i < m; i++) {
        *dest++ = Py_NewRef(_PyList_ITEMS(other)[i]);
    }
    Py_SET_SIZE(sum, n + m);
    return sum;
}

static PyObject *
list_repeat(PyObject *self, Py_ssize_t times)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0 || times <= 0) {
        return PyList_New(0);
    }
    if (n > PY_SSIZE_T_MAX / times) {
        return PyErr_NoMemory();
    }
    PyObject *product = list_new_prealloc(n * times);
    if (product == NULL) {
        return NULL;
    }
    PyObject **dest = _PyList_ITEMS(product);
    for (Py_ssize_t k = 0; k < times; k++) {
        for (Py_ssize_t i = 0; i < n; i++) {
            *dest++ = Py_NewRef(_PyList_ITEMS(self)[i]);
        }
    }
    Py_SET_SIZE(product, n * times);
    return product;
}

static PyObject *
list_inplace_repeat(PyObject *self, Py_ssize_t times)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0 || times == 1) {
        return Py_NewRef(self);
    }
    if (times < 1) {
        list_empty(self);
        return Py_NewRef(self);
    }
    if (n > PY_SSIZE_T_MAX / times) {
        return PyErr_NoMemory();
    }
    if (list_resize((PyListObject *)self, n * times) < 0) {
        return NULL;
    }
    PyObject **items = _PyList_ITEMS(self);
    for (Py_ssize_t i = n; i < n * times; i++) {
        items[i] = Py_NewRef(items[i - n]);
    }
    return Py_NewRef(self);
}

static PyObject *
list_inplace_concat(PyObject *self, PyObject *other)
{
    return list_extend_any((PyListObject *)self, other) < 0 ? NULL : Py_NewRef(self);
}

static PyObject *
list_subscript(PyObject *self, PyObject *item)
{
    if (PyIndex_Check(item)) {
        Py_ssize_t i = PyNumber_AsSsize_t(item, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return list_item(self, i < 0 ? i + Py_SIZE(self) : i);
    }
    if (!PySlice_Check(item)) {
        PyErr_Format(PyExc_TypeError, "list indices must be integers or slices, not %.200s",
                     Py_TYPE(item)->tp_name);
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(item, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if (n <= 0) {
        return PyList_New(0);
    }
    if (step == 1) {
        return list_slice(self, start, stop);
    }
    PyObject *result = list_new_prealloc(n);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0, at = start; i < n; i++, at += step) {
        _PyList_ITEMS(result)[i] = Py_NewRef(_PyList_ITEMS(self)[at]);
    }
    Py_SET_SIZE(result, n);
    return result;
}

/* del self[start:stop:step] for n > 0 items. */
static int
delete_stepped(PyListObject *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    if (step < 0) {
        start += step * (n - 1);
        step = -step;
    }
    PyObject **garbage = PyMem_New(PyObject *, n);
    if (garbage == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    PyObject **items = self->ob_item;
    Py_ssize_t size = Py_SIZE(self), to = start;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_ssize_t at = start + i * step;
        Py_ssize_t next = i + 1 < n ? at + step : size;
        garbage[i] = items[at];
        /* What lies up to the next one to go moves down. */
        memmove(items + to, items + at + 1, (size_t)(next - at - 1) * sizeof(PyObject *));
        to += next - at - 1;
    }
    assert(to == size - n);
    Py_SET_SIZE(self, to);
    int err = list_resize(self, to);
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_DECREF(garbage[i]);
    }
    PyMem_Free(garbage);
    return err;
}

/* self[start:stop:step] = value */
static int
assign_stepped(PyListObject *self, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t step,
               PyObject *value)
{
    PyObject *fast = value == (PyObject *)self
                         ? list_slice(value, 0, Py_SIZE(value))
                         : PySequence_Fast(value, "must assign iterable to extended slice");
    if (fast == NULL) {
        return -1;
    }
    /* Reading the value may have changed the list. */
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    Py_ssize_t m = PySequence_Fast_GET_SIZE(fast);
    if (n != m) {
        PyErr_Format(PyExc_ValueError,
                     "attempt to assign sequence of size %zd to extended slice of size %zd", m,
                     n);
        Py_DECREF(fast);
        return -1;
    }
    if (n == 0) {
        Py_DECREF(fast);
        return 0;
    }
    PyObject **garbage = PyMem_New(PyObject *, n);
    if (garbage == NULL) {
        Py_DECREF(fast);
        PyErr_NoMemory();
        return -1;
    }
    PyObject **src = PySequence_Fast_ITEMS(fast);
    for (Py_ssize_t i = 0, at = start; i < n; i++, at += step) {
        garbage[i] = self->ob_item[at];
        self->ob_item[at] = Py_NewRef(src[i]);
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_DECREF(garbage[i]);
    }
    PyMem_Free(garbage);
    Py_DECREF(fast);
    return 0;
}

static int
list_ass_subscript(PyObject *self, PyObject *item, PyObject *value)
{
    if (PyIndex_Check(item)) {
        Py_ssize_t i = PyNumber_AsSsize_t(item, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return -1;
        }
        return list_ass_item(self, i < 0 ? i + Py_SIZE(self) : i, value);
    }
    if (!PySlice_Check(item)) {
        PyErr_Format(PyExc_TypeError, "list indices must be integers or slices, not %.200s",
                     Py_TYPE(item)->tp_name);
        return -1;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(item, &start, &stop, &step) < 0) {
        return -1;
    }
    Py_ssize_t first = start, last = stop;
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &first, &last, step);
    if (step == 1) {
        return assign_slice((PyListObject *)self, first, last, value);
    }
    if (value != NULL) {
        return assign_stepped((PyListObject *)self, start, stop, step, value);
    }
    return n <= 0 ? 0 : delete_stepped((PyListObject *)self, first, step, n);
}

/* ---------------------------------------------------------------------- repr and comparison */

static int
write_items(_PyUnicodeWriter *writer, PyObject *self)
{
    /* repr() may change the list. */
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        if (i > 0 && _PyUnicodeWriter_WriteASCIIString(writer, ", ", 2) < 0) {
            return -1;
        }
        PyObject *item = Py_NewRef(_PyList_ITEMS(self)[i]);
        PyObject *s = PyObject_Repr(item);
        Py_DECREF(item);
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
list_repr(PyObject *self)
{
    if (Py_SIZE(self) == 0) {
        return PyUnicode_FromString("[]");
    }
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("[...]") : NULL;
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    /* "[" + "1" + ", 2" * (len - 1) + "]" */
    writer.min_length = 1 + 1 + (2 + 1) * (Py_SIZE(self) - 1) + 1;
    int err = _PyUnicodeWriter_WriteChar(&writer, '[');
    if (err == 0) {
        err = write_items(&writer, self);
    }
    if (err == 0) {
        writer.overallocate = 0;
        err = _PyUnicodeWriter_WriteChar(&writer, ']');
    }
    Py_ReprLeave(self);
    if (err < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

static PyObject *
list_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyList_Check(self) || !PyList_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (Py_SIZE(self) != Py_SIZE(other) && (op == Py_EQ || op == Py_NE)) {
        return PyBool_FromLong(op == Py_NE);
    }
    /* Comparing may change both lists: their sizes are read anew each time. */
    Py_ssize_t i = 0;
    for (; i < Py_SIZE(self) && i < Py_SIZE(other); i++) {
        PyObject *x = _PyList_ITEMS(self)[i], *y = _PyList_ITEMS(other)[i];
        if (x == y) {
            continue;
        }
        Py_INCREF(x);
        Py_INCREF(y);
        int equal = PyObject_RichCompareBool(x, y, Py_EQ);
        Py_DECREF(x);
        Py_DECREF(y);
        if (equal < 0) {
            return NULL;
        }
        if (equal == 0) {
            break;
        }
    }
    if (i >= Py_SIZE(self) || i >= Py_SIZE(other)) {
        Py_RETURN_RICHCOMPARE(Py_SIZE(self), Py_SIZE(other), op);
    }
    if (op == Py_EQ || op == Py_NE) {
        return PyBool_FromLong(op == Py_NE);
    }
    PyObject *x = Py_NewRef(_PyList_ITEMS(self)[i]), *y = Py_NewRef(_PyList_ITEMS(other)[i]);
    PyObject *result = PyObject_RichCompare(x, y, op);
    Py_DECREF(x);
    Py_DECREF(y);
    return result;
}

/* ---------------------------------------------------------------------------------- methods */

/*sig list.insert(self, index: ssize, object, /)

Insert object before index.
*/
static PyObject *
list_insert_impl(PyListObject *self, Py_ssize_t index, PyObject *object)
{
    if (insert_at(self, index, object) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig list.clear(self)

Remove all items from list.
*/
static PyObject *
list_clear_impl(PyListObject *self)
{
    list_empty((PyObject *)self);
    Py_RETURN_NONE;
}

/*sig list.copy(self)

Return a shallow copy of the list.
*/
static PyObject *
list_copy_impl(PyListObject *self)
{
    return list_slice((PyObject *)self, 0, Py_SIZE(self));
}

/*sig list.append(self, object, /)

Append object to the end of the list.
*/
static PyObject *
list_append_impl(PyListObject *self, PyObject *object)
{
    if (_PyList_AppendTakeRef(self, Py_NewRef(object)) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig list.extend(self, iterable, /)

Extend list by appending elements from the iterable.
*/
static PyObject *
list_extend_impl(PyListObject *self, PyObject *iterable)
{
    return _PyList_Extend(self, iterable);
}

/*sig list.pop(self, index: ssize = -1, /)

Remove and return item at index (default last).

Raises IndexError if list is empty or index is out of range.
*/
static PyObject *
list_pop_impl(PyListObject *self, Py_ssize_t index)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from empty list");
        return NULL;
    }
    if (index < 0) {
        index += n;
    }
    if (!valid_index(index, n)) {
        PyErr_SetString(PyExc_IndexError, "pop index out of range");
        return NULL;
    }
    PyObject **items = self->ob_item, *item = items[index];
    memmove(items + index, items + index + 1, (size_t)(n - 1 - index) * sizeof(PyObject *));
    if (n == 1) {
        Py_SET_SIZE(self, 0);
        PyMem_Free(self->ob_item);
        self->ob_item = NULL;
        self->allocated = 0;
    }
    else if (list_resize(self, n - 1) < 0) {
        /* The array stays as large as it is. */
        PyErr_Clear();
        Py_SET_SIZE(self, n - 1);
    }
    return item;
}

/*sig list.reverse(self)

Reverse *IN PLACE*.
*/
static PyObject *
list_reverse_impl(PyListObject *self)
{
    reverse_items((PyObject *)self);
    Py_RETURN_NONE;
}

/*sig list.sort(self, *, key: object = None, reverse: bool = False)

Sort the list in ascending order and return None.

The sort is in-place (i.e. the list itself is modified) and stable (i.e. the
order of two equal elements is maintained).

If a key function is given, apply it once to each list item and sort them,
ascending or descending, according to their function values.

The reverse flag can be set to sort in descending order.
*/
static PyObject *
list_sort_impl(PyListObject *self, PyObject *key, int reverse)
{
    if (_PyList_Sort(self, key, reverse) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* Index of the first item in start..stop that is equal to value; -1 none, -2 exception. */
static Py_ssize_t
find_item(PyListObject *self, PyObject *value, Py_ssize_t start, Py_ssize_t stop)
{
    for (Py_ssize_t i = start; i < stop && i < Py_SIZE(self); i++) {
        PyObject *item = Py_NewRef(self->ob_item[i]);
        int equal = PyObject_RichCompareBool(item, value, Py_EQ);
        Py_DECREF(item);
        if (equal != 0) {
            return equal > 0 ? i : -2;
        }
    }
    return -1;
}

/*sig list.index(self, value, start: slice_index_int = 0, stop: slice_index_int = sys.maxsize, /)

Return first index of value.

Raises ValueError if the value is not present.
*/
static PyObject *
list_index_impl(PyListObject *self, PyObject *value, Py_ssize_t start, Py_ssize_t stop)
{
    Py_ssize_t n = Py_SIZE(self);
    start = start < 0 ? Py_MAX(start + n, 0) : start;
    stop = stop < 0 ? stop + n : stop;
    Py_ssize_t i = find_item(self, value, start, stop);
    if (i == -1) {
        PyErr_Format(PyExc_ValueError, "%R is not in list", value);
    }
    return i < 0 ? NULL : PyLong_FromSsize_t(i);
}

/*sig list.count(self, value, /)

Return number of occurrences of value.
*/
static PyObject *
list_count_impl(PyListObject *self, PyObject *value)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        PyObject *item = self->ob_item[i];
        if (item == value) {
            count++;
            continue;
        }
        Py_INCREF(item);
        int equal = PyObject_RichCompareBool(item, value, Py_EQ);
        Py_DECREF(item);
        if (equal < 0) {
            return NULL;
        }
        count += equal;
    }
    return PyLong_FromSsize_t(count);
}

/*sig list.remove(self, value, /)

Remove first occurrence of value.

Raises ValueError if the value is not present.
*/
static PyObject *
list_remove_impl(PyListObject *self, PyObject *value)
{
    Py_ssize_t i = find_item(self, value, 0, PY_SSIZE_T_MAX);
    if (i == -2 || (i >= 0 && assign_slice(self, i, i + 1, NULL) < 0)) {
        return NULL;
    }
    if (i == -1) {
        PyErr_SetString(PyExc_ValueError, "list.remove(x): x not in list");
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig list.__init__(self, iterable = c"NULL" py"()", /)

Built-in mutable sequence.

If no argument is given, the constructor creates a new empty list.
The argument must be an iterable if specified.
*/
static int
list___init___impl(PyListObject *self, PyObject *iterable)
{
    assert(0 <= Py_SIZE(self) && (Py_SIZE(self) <= self->allocated || self->allocated == -1));
    list_empty((PyObject *)self);
    return iterable == NULL ? 0 : list_extend_any(self, iterable);
}

static PyObject *
list_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0) {
        PyErr_SetString(PyExc_TypeError, "list() takes no keyword arguments");
        return NULL;
    }
    if (nargs > 1) {
        PyErr_Format(PyExc_TypeError, "list expected at most 1 argument, got %zd", nargs);
        return NULL;
    }
    PyObject *list = type == (PyObject *)&PyList_Type
                         ? PyList_New(0)
                         : PyType_GenericAlloc((PyTypeObject *)type, 0);
    if (list != NULL && nargs == 1 && list_extend_any((PyListObject *)list, args[0]) < 0) {
        Py_CLEAR(list);
    }
    return list;
}

/*sig list.__sizeof__(self)

Return the size of the list in memory, in bytes.
*/
static PyObject *
list___sizeof___impl(PyListObject *self)
{
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize
                  + (size_t)Py_MAX(self->allocated, 0) * sizeof(PyObject *);
    return PyLong_FromSize_t(size);
}

static PyObject *list_iter(PyObject *self);
static PyObject *list_reviter(PyListObject *self);

/*sig list.__reversed__(self)

Return a reverse iterator over the list.
*/
static PyObject *
list___reversed___impl(PyListObject *self)
{
    return list_reviter(self);
}

static const PyMethodDef list_methods[] = {
    {"__getitem__", list_subscript, METH_O | METH_COEXIST,
     PyDoc_STR("__getitem__($self, index, /)\n--\n\nReturn self[index].")},
    LIST___REVERSED___METHODDEF
    LIST___SIZEOF___METHODDEF
    LIST_CLEAR_METHODDEF
    LIST_COPY_METHODDEF
    LIST_APPEND_METHODDEF
    LIST_INSERT_METHODDEF
    LIST_EXTEND_METHODDEF
    LIST_POP_METHODDEF
    LIST_REMOVE_METHODDEF
    LIST_INDEX_METHODDEF
    LIST_COUNT_METHODDEF
    LIST_REVERSE_METHODDEF
    LIST_SORT_METHODDEF
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL, NULL}
};

static _Py_SHARED PySequenceMethods list_as_sequence = {
    .sq_length = list_length,
    .sq_concat = list_concat,
    .sq_repeat = list_repeat,
    .sq_item = list_item,
    .sq_ass_item = list_ass_item,
    .sq_contains = list_contains,
    .sq_inplace_concat = list_inplace_concat,
    .sq_inplace_repeat = list_inplace_repeat,
};

static _Py_SHARED PyMappingMethods list_as_mapping = {
    .mp_length = list_length,
    .mp_subscript = list_subscript,
    .mp_ass_subscript = list_ass_subscript,
};

_Py_SHARED PyTypeObject PyList_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "list",
    .tp_basicsize = sizeof(PyListObject),
    .tp_dealloc = list_dealloc,
    .tp_repr = list_repr,
    .tp_as_sequence = &list_as_sequence,
    .tp_as_mapping = &list_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
                | Py_TPFLAGS_LIST_SUBCLASS | _Py_TPFLAGS_MATCH_SELF | Py_TPFLAGS_SEQUENCE,
    .tp_doc = list___init____doc__,
    .tp_traverse = list_traverse,
    .tp_clear = list_empty,
    .tp_richcompare = list_richcompare,
    .tp_iter = list_iter,
    .tp_methods = (PyMethodDef *)list_methods,
    .tp_init = list___init__,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = list_vectorcall,
};

/* -------------------------------------------------------------------------------- iterators */

/* Backwards: it_index is the index of the next item, -1 when exhausted. */
typedef _PyListIterObject listreviterobject;

static PyObject *
list_iter(PyObject *self)
{
    _PyListIterObject *it = _Py_FREELIST_POP(_PyListIterObject, _PyThreadState_GET(),
                                             list_iters);
    if (it != NULL) {
        _PyObject_Init((PyObject *)it, &PyListIter_Type);
    }
    else {
        it = PyObject_GC_New(_PyListIterObject, &PyListIter_Type);
        if (it == NULL) {
            return NULL;
        }
    }
    it->it_index = 0;
    it->it_seq = (PyListObject *)Py_NewRef(self);
    _PyObject_GC_TRACK((PyObject *)it);
    return (PyObject *)it;
}

static PyObject *
list_reviter(PyListObject *self)
{
    listreviterobject *it = PyObject_GC_New(listreviterobject, &PyListRevIter_Type);
    if (it == NULL) {
        return NULL;
    }
    it->it_index = Py_SIZE(self) - 1;
    it->it_seq = (PyListObject *)Py_NewRef((PyObject *)self);
    _PyObject_GC_TRACK((PyObject *)it);
    return (PyObject *)it;
}

static void
listiter_dealloc(PyObject *self)
{
    _PyObject_GC_UNTRACK(self);
    Py_XDECREF(((_PyListIterObject *)self)->it_seq);
    if (!Py_IS_TYPE(self, &PyListIter_Type)
        || !_Py_FREELIST_PUSH_GC(_PyThreadState_GET(), list_iters, self))
    {
        PyObject_GC_Del(self);
    }
}

static PyObject *
listiter_next(PyObject *self)
{
    _PyListIterObject *it = (_PyListIterObject *)self;
    PyListObject *seq = it->it_seq;
    if (seq == NULL) {
        return NULL;
    }
    if (it->it_index < Py_SIZE(seq)) {
        return Py_NewRef(seq->ob_item[it->it_index++]);
    }
    return _PySeqIter_Exhaust((_PySeqIterObject *)it);
}

static PyObject *
listreviter_next(PyObject *self)
{
    _PyListIterObject *it = (_PyListIterObject *)self;
    PyListObject *seq = it->it_seq;
    if (seq == NULL) {
        return NULL;
    }
    Py_ssize_t i = it->it_index;
    if (i >= 0 && i < Py_SIZE(seq)) {
        it->it_index--;
        return Py_NewRef(seq->ob_item[i]);
    }
    return _PySeqIter_Exhaust((_PySeqIterObject *)it);
}

static PyObject *
listreviter_len(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    _PyListIterObject *it = (_PyListIterObject *)self;
    Py_ssize_t left = it->it_index + 1;
    if (it->it_seq == NULL || Py_SIZE(it->it_seq) < left) {
        left = 0;
    }
    return PyLong_FromSsize_t(left);
}

static PyObject *
listreviter_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PySeqIter_Reduce((_PySeqIterObject *)self, &_Py_ID(reversed));
}

static PyObject *
listreviter_setstate(PyObject *self, PyObject *state)
{
    _PyListIterObject *it = (_PyListIterObject *)self;
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (it->it_seq != NULL) {
        it->it_index = Py_MIN(Py_MAX(index, -1), Py_SIZE(it->it_seq) - 1);
    }
    Py_RETURN_NONE;
}

static const PyMethodDef listreviter_methods[] = {
    {"__length_hint__", listreviter_len, METH_NOARGS, _PySEQITER_LENGTH_HINT_DOC},
    {"__reduce__", listreviter_reduce, METH_NOARGS, _PySEQITER_REDUCE_DOC},
    {"__setstate__", listreviter_setstate, METH_O, _PySEQITER_SETSTATE_DOC},
    {NULL, NULL}
};

_Py_SHARED PyTypeObject PyListIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "list_iterator",
    .tp_basicsize = sizeof(_PyListIterObject),
    .tp_dealloc = listiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = _PySeqIter_Traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = listiter_next,
    .tp_methods = _PySeqIter_Methods,
};

_Py_SHARED PyTypeObject PyListRevIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "list_reverseiterator",
    .tp_basicsize = sizeof(listreviterobject),
    .tp_dealloc = listiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = _PySeqIter_Traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = listreviter_next,
    .tp_methods = (PyMethodDef *)listreviter_methods,
};
