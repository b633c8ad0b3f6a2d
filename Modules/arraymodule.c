/* The module array: arrays of numbers or characters of one C type.
 *
 * An array object has its items in one block from PyMem, `allocated` items long; compiled
 * extension code reaches them through the layout of arrayobject.  A descriptor per type code
 * knows how to turn an item into an object and back.
 *
 * Invariants: the block is not moved and the length not changed while `exports` > 0 (somebody
 * holds a buffer).  Converting an object may run any code, even code that shrinks the array: an
 * item is converted into a local `union item` first, and stored after the index was checked.
 *
 * Written from the library reference (array) and observed behaviour; the machine format codes of
 * pickles are those of 3.x's pickles.
 */
#define PY_SSIZE_T_CLEAN            // for y#
#include "Python.h"
#include "pycore_ceval.h"           // _PyEval_GetBuiltin
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_signature.h"
#include "pycore_strings.h"
#include "structmember.h"           // PyMemberDef
#include "array/array.h"

#include <stdbool.h>

typedef struct {
    PyObject_VAR_HEAD
    char *items;
    Py_ssize_t allocated;
    const struct descriptor *descr;
    PyObject *weakreflist;
    Py_ssize_t exports;
} arrayobject;

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    arrayobject *array;         /* owned; NULL at the end */
} arrayiterator;

typedef struct {
    PyTypeObject *array_type;
    PyTypeObject *iterator_type;
} array_state;

static struct PyModuleDef array_module;

static inline array_state *
get_state(PyObject *module)
{
    array_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* The state of the module that made the type of an array or of a subclass. */
static array_state *
state_of_type(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &array_module);
    assert(module != NULL);
    return get_state(module);
}

#define state_of(self) state_of_type(Py_TYPE(self))

#include "sig/arraymodule.sig.h"

/* --- Storage ---------------------------------------------------------------------------------- */

static inline char *
item_at(arrayobject *self, Py_ssize_t i)
{
    assert(i >= 0 && i <= Py_SIZE(self));
    return self->items + i * self->descr->itemsize;
}

static inline PyObject *
get_item(arrayobject *self, Py_ssize_t i)
{
    assert(i < Py_SIZE(self));
    return self->descr->get(item_at(self, i));
}

static inline Py_ssize_t
byte_size(arrayobject *self)
{
    return Py_SIZE(self) * self->descr->itemsize;
}

static int
check_resizable(arrayobject *self)
{
    if (self->exports > 0) {
        PyErr_SetString(PyExc_BufferError,
                        "cannot resize an array that is exporting buffers");
        return -1;
    }
    return 0;
}

/* Change the length; new items have no value yet.  0, or -1 with an exception. */
static int
resize(arrayobject *self, Py_ssize_t length)
{
    assert(length >= 0);
    if (length == Py_SIZE(self)) {
        return 0;
    }
    if (check_resizable(self) < 0) {
        return -1;
    }
    if (length <= self->allocated && length >= self->allocated / 2 && self->items != NULL) {
        Py_SET_SIZE(self, length);
        return 0;
    }
    if (length == 0) {
        PyMem_Free(self->items);
        self->items = NULL;
        self->allocated = 0;
        Py_SET_SIZE(self, 0);
        return 0;
    }
    /* Room in proportion: appending is linear in all. */
    Py_ssize_t spare = (length >> 4) + (Py_SIZE(self) < 8 ? 3 : 7);
    if (length > (PY_SSIZE_T_MAX - 64) / self->descr->itemsize - spare) {
        PyErr_NoMemory();
        return -1;
    }
    char *items = PyMem_Realloc(self->items,
                                (size_t)(length + spare) * (size_t)self->descr->itemsize);
    if (items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->items = items;
    self->allocated = length + spare;
    Py_SET_SIZE(self, length);
    return 0;
}

/* A new array with items that have no value yet; NULL with MemoryError. */
static PyObject *
new_array(PyTypeObject *type, Py_ssize_t length, const struct descriptor *descr)
{
    assert(length >= 0);
    if (length > PY_SSIZE_T_MAX / descr->itemsize) {
        return PyErr_NoMemory();
    }
    arrayobject *self = (arrayobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->descr = descr;
    self->allocated = length;
    self->weakreflist = NULL;
    self->exports = 0;
    self->items = NULL;
    if (length > 0) {
        self->items = PyMem_Malloc((size_t)length * (size_t)descr->itemsize);
        if (self->items == NULL) {
            Py_DECREF(self);
            return PyErr_NoMemory();
        }
    }
    Py_SET_SIZE(self, length);
    return (PyObject *)self;
}

/* Copy whole items; nothing may be copied from NULL. */
static void
copy_items(char *to, const char *from, Py_ssize_t n, int itemsize)
{
    if (n > 0) {
        memmove(to, from, (size_t)n * (size_t)itemsize);
    }
}

/* self[i] = v, if the index still exists after v was converted. */
static int
set_item(arrayobject *self, Py_ssize_t i, PyObject *v)
{
    union item item;
    if (self->descr->convert(v, &item) < 0) {
        return -1;
    }
    if (i >= Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "array assignment index out of range");
        return -1;
    }
    memcpy(item_at(self, i), item.bytes, (size_t)self->descr->itemsize);
    return 0;
}

/* Insert v before index `where`, which is clipped after v was converted. */
static int
insert_item(arrayobject *self, Py_ssize_t where, PyObject *v)
{
    union item item;
    if (self->descr->convert(v, &item) < 0) {
        return -1;
    }
    Py_ssize_t n = Py_SIZE(self);
    if (n == PY_SSIZE_T_MAX) {
        PyErr_NoMemory();
        return -1;
    }
    if (resize(self, n + 1) < 0) {
        return -1;
    }
    if (where < 0) {
        where = Py_MAX(where + n, 0);
    }
    where = Py_MIN(where, n);
    copy_items(item_at(self, where) + self->descr->itemsize, item_at(self, where), n - where,
               self->descr->itemsize);
    memcpy(item_at(self, where), item.bytes, (size_t)self->descr->itemsize);
    return 0;
}

static int
append_item(arrayobject *self, PyObject *v)
{
    return insert_item(self, PY_SSIZE_T_MAX, v);
}

/* Remove items [low, high). */
static int
delete_range(arrayobject *self, Py_ssize_t low, Py_ssize_t high)
{
    assert(0 <= low && low <= high && high <= Py_SIZE(self));
    if (check_resizable(self) < 0) {
        return -1;
    }
    if (low < high) {
        copy_items(item_at(self, low), item_at(self, high), Py_SIZE(self) - high,
                   self->descr->itemsize);
        return resize(self, Py_SIZE(self) - (high - low));
    }
    return 0;
}

/* Append whole items from memory that does not belong to self. */
static int
append_bytes(arrayobject *self, const char *bytes, Py_ssize_t n)
{
    int itemsize = self->descr->itemsize;
    if (n % itemsize != 0) {
        PyErr_SetString(PyExc_ValueError, "bytes length not a multiple of item size");
        return -1;
    }
    Py_ssize_t old = Py_SIZE(self), added = n / itemsize;
    if (added == 0) {
        return 0;
    }
    if (old > PY_SSIZE_T_MAX - added || old + added > PY_SSIZE_T_MAX / itemsize) {
        PyErr_NoMemory();
        return -1;
    }
    if (resize(self, old + added) < 0) {
        return -1;
    }
    copy_items(item_at(self, old), bytes, added, itemsize);
    return 0;
}

/* --- Life ------------------------------------------------------------------------------------- */

static int
array_traverse(arrayobject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
array_dealloc(arrayobject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    PyMem_Free(self->items);
    type->tp_free(self);
    Py_DECREF(type);
}

/* Why `initial` cannot fill an array of characters or numbers: -1 with TypeError, else 0. */
static int
check_initial(array_state *state, PyObject *initial, int typecode)
{
    const char *what = NULL;
    if (typecode == 'u') {
        return 0;
    }
    if (PyUnicode_Check(initial)) {
        what = "str";
    }
    else if (PyObject_TypeCheck(initial, state->array_type)
             && ((arrayobject *)initial)->descr->typecode == 'u')
    {
        what = "unicode array";
    }
    if (what == NULL) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "cannot use a %s to initialize an array with typecode '%c'",
                 what, typecode);
    return -1;
}

/* Give the items from `start` on the characters of str.  0, or -1 with an exception. */
static int
fill_from_str(arrayobject *self, Py_ssize_t start, PyObject *str)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(str);
    assert(self->descr->typecode == 'u' && start + n <= Py_SIZE(self));
    if (n == 0) {
        return 0;
    }
    return PyUnicode_AsUCS4(str, (Py_UCS4 *)item_at(self, start), n, 0) != NULL ? 0 : -1;
}

static int
append_str(arrayobject *self, PyObject *str)
{
    Py_ssize_t old = Py_SIZE(self), n = PyUnicode_GET_LENGTH(str);
    if (old > PY_SSIZE_T_MAX - n) {
        PyErr_NoMemory();
        return -1;
    }
    if (resize(self, old + n) < 0) {
        return -1;
    }
    return fill_from_str(self, old, str);
}

/* Give the new items of self the values of a list or tuple. */
static int
fill_from_sequence(arrayobject *self, PyObject *sequence)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        PyObject *v = PySequence_GetItem(sequence, i);
        if (v == NULL || set_item(self, i, v) < 0) {
            Py_XDECREF(v);
            return -1;
        }
        Py_DECREF(v);
    }
    return 0;
}

static int
append_iterable(arrayobject *self, PyObject *iterable)
{
    PyObject *it = PyObject_GetIter(iterable), *v;
    if (it == NULL) {
        return -1;
    }
    while ((v = PyIter_Next(it)) != NULL) {
        int failed = append_item(self, v);
        Py_DECREF(v);
        if (failed < 0) {
            break;
        }
    }
    Py_DECREF(it);
    return PyErr_Occurred() ? -1 : 0;
}

static int
append_buffer(arrayobject *self, PyObject *object)
{
    Py_buffer view;
    if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) != 0) {
        return -1;
    }
    int result = -1;
    if (view.itemsize != 1) {
        PyErr_SetString(PyExc_TypeError, "a bytes-like object is required");
    }
    else {
        result = append_bytes(self, view.buf, view.len);
    }
    PyBuffer_Release(&view);
    return result;
}

/* The number of items that `initial` will give where that is certain, else 0. */
static Py_ssize_t
certain_length(PyObject *initial)
{
    return PyList_Check(initial) || PyTuple_Check(initial) ? PySequence_Fast_GET_SIZE(initial)
           : PyUnicode_Check(initial) ? PyUnicode_GET_LENGTH(initial) : 0;
}

/* Fill a new array, which has certain_length() items without a value. */
static int
fill(array_state *state, arrayobject *self, PyObject *initial)
{
    if (PyList_Check(initial) || PyTuple_Check(initial)) {
        return fill_from_sequence(self, initial);
    }
    if (PyBytes_Check(initial) || PyByteArray_Check(initial)) {
        return append_buffer(self, initial);
    }
    if (PyUnicode_Check(initial)) {
        return fill_from_str(self, 0, initial);
    }
    if (PyObject_TypeCheck(initial, state->array_type)
        && ((arrayobject *)initial)->descr == self->descr)
    {
        arrayobject *other = (arrayobject *)initial;
        return append_bytes(self, other->items, byte_size(other));
    }
    return append_iterable(self, initial);
}

static PyObject *
make_array(array_state *state, PyTypeObject *type, int typecode, PyObject *initial)
{
    if (initial != NULL && check_initial(state, initial, typecode) < 0) {
        return NULL;
    }
    const struct descriptor *descr = _PyArray_FindDescriptor(typecode);
    if (descr == NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)");
        return NULL;
    }
    PyObject *self = new_array(type, initial != NULL ? certain_length(initial) : 0, descr);
    if (self == NULL || initial == NULL) {
        return self;
    }
    if (fill(state, (arrayobject *)self, initial) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return self;
}

static PyObject *
array_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    array_state *state = state_of_type(type);
    int typecode;
    PyObject *initial = NULL;
    if (type == state->array_type || type->tp_init == state->array_type->tp_init) {
        if (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0) {
            PyErr_SetString(PyExc_TypeError, "array.array() takes no keyword arguments");
            return NULL;
        }
    }
    if (!PyArg_ParseTuple(args, "C|O:array", &typecode, &initial)
        || PySys_Audit("array.__new__", "CO", typecode, initial ? initial : Py_None) < 0)
    {
        return NULL;
    }
    return make_array(state, type, typecode, initial);
}

static PyObject *
array_repr(arrayobject *self)
{
    const char *name = _PyType_Name(Py_TYPE(self));
    if (Py_SIZE(self) == 0) {
        return PyUnicode_FromFormat("%s('%c')", name, self->descr->typecode);
    }
    PyObject *value = self->descr->typecode == 'u' ? array_array_tounicode_impl(self)
                                                   : array_array_tolist_impl(self);
    if (value == NULL) {
        return NULL;
    }
    PyObject *result = PyUnicode_FromFormat("%s('%c', %R)", name, self->descr->typecode, value);
    Py_DECREF(value);
    return result;
}

/* --- Comparison ------------------------------------------------------------------------------- */

/* Two objects, new references; -1 with an exception if one cannot be made. */
static int
get_both(arrayobject *a, arrayobject *b, Py_ssize_t i, PyObject **v, PyObject **w)
{
    *v = get_item(a, i);
    *w = *v != NULL ? get_item(b, i) : NULL;
    if (*w == NULL) {
        Py_CLEAR(*v);
        return -1;
    }
    return 0;
}

/* The first index where the arrays differ, the shorter length if there is none, -1 on error. */
static Py_ssize_t
first_difference(arrayobject *a, arrayobject *b)
{
    Py_ssize_t n = Py_MIN(Py_SIZE(a), Py_SIZE(b)), i = 0;
    if (a->descr == b->descr && (a->descr->is_integer || a->descr->typecode == 'u')) {
        int itemsize = a->descr->itemsize;
        while (i < n && memcmp(item_at(a, i), item_at(b, i), (size_t)itemsize) == 0) {
            i++;
        }
        return i;
    }
    for (; i < n; i++) {        /* numbers: comparing them runs no foreign code */
        PyObject *v, *w;
        if (get_both(a, b, i, &v, &w) < 0) {
            return -1;
        }
        int equal = PyObject_RichCompareBool(v, w, Py_EQ);
        Py_DECREF(v);
        Py_DECREF(w);
        if (equal <= 0) {
            return equal < 0 ? -1 : i;
        }
    }
    return n;
}

static PyObject *
array_richcompare(PyObject *v, PyObject *w, int op)
{
    array_state *state = state_of(v);
    if (!PyObject_TypeCheck(v, state->array_type) || !PyObject_TypeCheck(w, state->array_type)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    arrayobject *a = (arrayobject *)v, *b = (arrayobject *)w;
    if (Py_SIZE(a) != Py_SIZE(b) && (op == Py_EQ || op == Py_NE)) {
        return PyBool_FromLong(op == Py_NE);
    }
    Py_ssize_t i = first_difference(a, b);
    if (i < 0) {
        return NULL;
    }
    if (i == Py_SIZE(a) || i == Py_SIZE(b)) {
        Py_RETURN_RICHCOMPARE(Py_SIZE(a), Py_SIZE(b), op);
    }
    if (op == Py_EQ || op == Py_NE) {
        return PyBool_FromLong(op == Py_NE);
    }
    PyObject *x, *y;
    if (get_both(a, b, i, &x, &y) < 0) {
        return NULL;
    }
    PyObject *result = PyObject_RichCompare(x, y, op);
    Py_DECREF(x);
    Py_DECREF(y);
    return result;
}

/* The index of the first item from `start` on that equals v, before `stop`; -1 if there is none,
 * -2 with an exception. */
static Py_ssize_t
find_item(arrayobject *self, PyObject *v, Py_ssize_t start, Py_ssize_t stop)
{
    for (Py_ssize_t i = start; i < stop && i < Py_SIZE(self); i++) {
        PyObject *item = get_item(self, i);
        if (item == NULL) {
            return -2;
        }
        int equal = PyObject_RichCompareBool(item, v, Py_EQ);
        Py_DECREF(item);
        if (equal != 0) {
            return equal < 0 ? -2 : i;
        }
    }
    return -1;
}

/* --- As a sequence ---------------------------------------------------------------------------- */

static Py_ssize_t
array_length(arrayobject *self)
{
    return Py_SIZE(self);
}

static PyObject *
array_item(arrayobject *self, Py_ssize_t i)
{
    if (i < 0 || i >= Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "array index out of range");
        return NULL;
    }
    return get_item(self, i);
}

static int
array_ass_item(arrayobject *self, Py_ssize_t i, PyObject *v)
{
    if (i < 0 || i >= Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "array assignment index out of range");
        return -1;
    }
    return v != NULL ? set_item(self, i, v) : delete_range(self, i, i + 1);
}

static int
array_contains(arrayobject *self, PyObject *v)
{
    Py_ssize_t i = find_item(self, v, 0, PY_SSIZE_T_MAX);
    return i == -2 ? -1 : i >= 0;
}

static PyObject *
array_concat(arrayobject *self, PyObject *other)
{
    array_state *state = state_of(self);
    if (!PyObject_TypeCheck(other, state->array_type)) {
        PyErr_Format(PyExc_TypeError, "can only append array (not \"%.200s\") to array",
                     Py_TYPE(other)->tp_name);
        return NULL;
    }
    arrayobject *b = (arrayobject *)other;
    if (self->descr != b->descr) {
        PyErr_BadArgument();
        return NULL;
    }
    if (Py_SIZE(self) > PY_SSIZE_T_MAX - Py_SIZE(b)) {
        return PyErr_NoMemory();
    }
    arrayobject *result = (arrayobject *)new_array(state->array_type, Py_SIZE(self) + Py_SIZE(b),
                                                   self->descr);
    if (result != NULL) {
        int itemsize = self->descr->itemsize;
        copy_items(result->items, self->items, Py_SIZE(self), itemsize);
        copy_items(item_at(result, Py_SIZE(self)), b->items, Py_SIZE(b), itemsize);
    }
    return (PyObject *)result;
}

/* Repeat the first n items of an array of n * count items. */
static void
repeat_items(arrayobject *self, Py_ssize_t n, Py_ssize_t count)
{
    Py_ssize_t done = n, total = n * count;
    assert(total == Py_SIZE(self));
    while (done < total) {
        Py_ssize_t part = Py_MIN(done, total - done);
        copy_items(item_at(self, done), self->items, part, self->descr->itemsize);
        done += part;
    }
}

static PyObject *
array_repeat(arrayobject *self, Py_ssize_t count)
{
    Py_ssize_t n = Py_SIZE(self);
    count = n > 0 ? Py_MAX(count, 0) : 0;
    if (count > 0 && n > PY_SSIZE_T_MAX / count) {
        return PyErr_NoMemory();
    }
    arrayobject *result = (arrayobject *)new_array(state_of(self)->array_type, n * count,
                                                   self->descr);
    if (result != NULL && count > 0) {
        copy_items(result->items, self->items, n, self->descr->itemsize);
        repeat_items(result, n, count);
    }
    return (PyObject *)result;
}

static PyObject *
array_inplace_repeat(arrayobject *self, Py_ssize_t count)
{
    Py_ssize_t n = Py_SIZE(self);
    count = Py_MAX(count, 0);
    if (n > 0) {
        if (count > 0 && n > PY_SSIZE_T_MAX / count / self->descr->itemsize) {
            return PyErr_NoMemory();
        }
        if (resize(self, n * count) < 0) {
            return NULL;
        }
        if (count > 0) {
            repeat_items(self, n, count);
        }
    }
    return Py_NewRef(self);
}

/* Append the items of an array or of any iterable. */
static int
extend(arrayobject *self, PyObject *other)
{
    array_state *state = state_of(self);
    if (!PyObject_TypeCheck(other, state->array_type)) {
        return append_iterable(self, other);
    }
    arrayobject *b = (arrayobject *)other;
    if (self->descr != b->descr) {
        PyErr_SetString(PyExc_TypeError, "can only extend with array of same kind");
        return -1;
    }
    Py_ssize_t old = Py_SIZE(self), added = Py_SIZE(b);     /* b may be self */
    if (old > PY_SSIZE_T_MAX - added) {
        PyErr_NoMemory();
        return -1;
    }
    if (added > 0) {
        if (resize(self, old + added) < 0) {
            return -1;
        }
        copy_items(item_at(self, old), b->items, added, self->descr->itemsize);
    }
    return 0;
}

static PyObject *
array_inplace_concat(arrayobject *self, PyObject *other)
{
    if (!PyObject_TypeCheck(other, state_of(self)->array_type)) {
        PyErr_Format(PyExc_TypeError, "can only extend array with array (not \"%.200s\")",
                     Py_TYPE(other)->tp_name);
        return NULL;
    }
    return extend(self, other) < 0 ? NULL : Py_NewRef(self);
}

/* --- Slices ----------------------------------------------------------------------------------- */

static PyObject *
array_subscript(arrayobject *self, PyObject *key)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return array_item(self, i < 0 ? i + Py_SIZE(self) : i);
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "array indices must be integers");
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    arrayobject *result = (arrayobject *)new_array(state_of(self)->array_type, n, self->descr);
    if (result == NULL) {
        return NULL;
    }
    int itemsize = self->descr->itemsize;
    if (step == 1) {
        copy_items(result->items, self->items + start * itemsize, n, itemsize);
    }
    else {
        /* start + i * step does not overflow for i < n */
        for (Py_ssize_t i = 0; i < n; i++) {
            memcpy(item_at(result, i), item_at(self, start + i * step), (size_t)itemsize);
        }
    }
    return (PyObject *)result;
}

/* Make [start, start + n) as long as `needed` and copy items there; start is within the array. */
static int
replace_range(arrayobject *self, Py_ssize_t start, Py_ssize_t n, const char *items,
              Py_ssize_t needed)
{
    Py_ssize_t length = Py_SIZE(self), rest = length - start - n;
    int itemsize = self->descr->itemsize;
    /* No change at all is refused as well while there are buffers of the array. */
    if ((needed == 0 || n != needed) && check_resizable(self) < 0) {
        return -1;
    }
    if (needed < n) {
        copy_items(item_at(self, start + needed), item_at(self, start + n), rest, itemsize);
    }
    if (length > PY_SSIZE_T_MAX - needed) {
        PyErr_NoMemory();
        return -1;
    }
    if (resize(self, length - n + needed) < 0) {
        return -1;
    }
    if (needed > n) {
        copy_items(item_at(self, start + needed), item_at(self, start + n), rest, itemsize);
    }
    if (needed > 0) {
        copy_items(item_at(self, start), items, needed, itemsize);
    }
    return 0;
}

/* Remove n items, every step-th one from start. */
static int
delete_slice(arrayobject *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    if (n == 0) {
        return check_resizable(self);
    }
    if (step < 0) {
        start += step * (n - 1);
        step = -step;
    }
    if (check_resizable(self) < 0) {
        return -1;
    }
    int itemsize = self->descr->itemsize;
    for (Py_ssize_t i = 0; i < n; i++) {
        /* The items between this hole and the next move down by the holes so far. */
        Py_ssize_t hole = start + i * step;
        Py_ssize_t end = i + 1 < n ? hole + step : Py_SIZE(self);
        copy_items(item_at(self, hole - i), item_at(self, hole + 1), end - hole - 1, itemsize);
    }
    return resize(self, Py_SIZE(self) - n);
}

/* self[slice] = items of another array (or of none: value is NULL). */
static int
assign_slice(arrayobject *self, PyObject *key, arrayobject *other)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) {
        return -1;
    }
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    Py_ssize_t needed = other != NULL ? Py_SIZE(other) : 0;
    if (step == 1) {
        return replace_range(self, start, n, other != NULL ? other->items : NULL, needed);
    }
    if (needed == 0) {
        return delete_slice(self, start, step, n);
    }
    if (needed != n) {
        PyErr_Format(PyExc_ValueError,
                     "attempt to assign array of size %zd to extended slice of size %zd",
                     needed, n);
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        memcpy(item_at(self, start + i * step), item_at(other, i),
               (size_t)self->descr->itemsize);
    }
    return 0;
}

static int
array_ass_subscript(arrayobject *self, PyObject *key, PyObject *value)
{
    array_state *state = state_of(self);
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return -1;
        }
        return array_ass_item(self, i < 0 ? i + Py_SIZE(self) : i, value);
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "array indices must be integers");
        return -1;
    }
    if (value == NULL) {
        return assign_slice(self, key, NULL);
    }
    if (!PyObject_TypeCheck(value, state->array_type)) {
        PyErr_Format(PyExc_TypeError, "can only assign array (not \"%.200s\") to array slice",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    arrayobject *other = (arrayobject *)value;
    if (other->descr != self->descr) {
        PyErr_BadArgument();
        return -1;
    }
    if (other != self) {
        return assign_slice(self, key, other);
    }
    other = (arrayobject *)new_array(state->array_type, Py_SIZE(self), self->descr);
    if (other == NULL) {
        return -1;
    }
    copy_items(other->items, self->items, Py_SIZE(self), self->descr->itemsize);
    int result = assign_slice(self, key, other);
    Py_DECREF(other);
    return result;
}

/* --- Methods of sequences --------------------------------------------------------------------- */

/*sig array.array.append(self, v, /) -> None

Append new value v to the end of the array.
*/
static int
array_array_append_impl(arrayobject *self, PyObject *v)
{
    return append_item(self, v);
}

/*sig array.array.extend(self, bb, /) -> None

Append items to the end of the array.
*/
static int
array_array_extend_impl(arrayobject *self, PyObject *bb)
{
    return extend(self, bb);
}

/*sig array.array.insert(self, i: ssize, v, /) -> None

Insert a new item v into the array before position i.
*/
static int
array_array_insert_impl(arrayobject *self, Py_ssize_t i, PyObject *v)
{
    return insert_item(self, i, v);
}

/*sig array.array.pop(self, i: ssize = -1, /)

Return the i-th element and delete it from the array.

i defaults to -1.
*/
static PyObject *
array_array_pop_impl(arrayobject *self, Py_ssize_t i)
{
    if (Py_SIZE(self) == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from empty array");
        return NULL;
    }
    if (i < 0) {
        i += Py_SIZE(self);
    }
    if (i < 0 || i >= Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "pop index out of range");
        return NULL;
    }
    PyObject *item = get_item(self, i);
    if (item != NULL && delete_range(self, i, i + 1) < 0) {
        Py_CLEAR(item);
    }
    return item;
}

/*sig array.array.remove(self, v, /) -> None

Remove the first occurrence of v in the array.
*/
static int
array_array_remove_impl(arrayobject *self, PyObject *v)
{
    Py_ssize_t i = find_item(self, v, 0, PY_SSIZE_T_MAX);
    if (i < 0) {
        if (i == -1) {
            PyErr_SetString(PyExc_ValueError, "array.remove(x): x not in array");
        }
        return -1;
    }
    /* The comparison may have shortened the array. */
    return i < Py_SIZE(self) ? delete_range(self, i, i + 1) : 0;
}

/*sig array.array.index(self, v, start: slice_index_int = 0, stop: slice_index_int = sys.maxsize, /)

Return index of first occurrence of v in the array.

Raise ValueError if the value is not present.
*/
static PyObject *
array_array_index_impl(arrayobject *self, PyObject *v, Py_ssize_t start, Py_ssize_t stop)
{
    if (start < 0) {
        start = Py_MAX(start + Py_SIZE(self), 0);
    }
    if (stop < 0) {
        stop += Py_SIZE(self);
    }
    Py_ssize_t i = find_item(self, v, start, stop);
    if (i >= 0) {
        return PyLong_FromSsize_t(i);
    }
    if (i == -1) {
        PyErr_SetString(PyExc_ValueError, "array.index(x): x not in array");
    }
    return NULL;
}

/*sig array.array.count(self, v, /)

Return number of occurrences of v in the array.
*/
static PyObject *
array_array_count_impl(arrayobject *self, PyObject *v)
{
    Py_ssize_t count = 0, i = -1;
    while ((i = find_item(self, v, i + 1, PY_SSIZE_T_MAX)) >= 0) {
        count++;
    }
    return i == -1 ? PyLong_FromSsize_t(count) : NULL;
}

/*sig array.array.reverse(self) -> None

Reverse the order of the items in the array.
*/
static int
array_array_reverse_impl(arrayobject *self)
{
    int itemsize = self->descr->itemsize;
    union item item;
    for (Py_ssize_t low = 0, high = Py_SIZE(self) - 1; low < high; low++, high--) {
        memcpy(item.bytes, item_at(self, low), (size_t)itemsize);
        memcpy(item_at(self, low), item_at(self, high), (size_t)itemsize);
        memcpy(item_at(self, high), item.bytes, (size_t)itemsize);
    }
    return 0;
}

/*sig array.array.__copy__(self)

Return a copy of the array.
*/
static PyObject *
array_array___copy___impl(arrayobject *self)
{
    arrayobject *copy = (arrayobject *)new_array(state_of(self)->array_type, Py_SIZE(self),
                                                 self->descr);
    if (copy != NULL) {
        copy_items(copy->items, self->items, Py_SIZE(self), self->descr->itemsize);
    }
    return (PyObject *)copy;
}

/*sig array.array.__deepcopy__(self, unused, /)

Return a copy of the array.
*/
static PyObject *
array_array___deepcopy___impl(arrayobject *self, PyObject *Py_UNUSED(unused))
{
    return array_array___copy___impl(self);
}

/* --- Conversions ------------------------------------------------------------------------------ */

/*sig array.array.tolist(self)

Convert array to an ordinary list with the same items.
*/
static PyObject *
array_array_tolist_impl(arrayobject *self)
{
    PyObject *list = PyList_New(Py_SIZE(self));
    for (Py_ssize_t i = 0; list != NULL && i < Py_SIZE(self); i++) {
        PyObject *item = get_item(self, i);
        if (item == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, item);
    }
    return list;
}

/*sig array.array.fromlist(self, list, /) -> None

Append items to array from list.
*/
static int
array_array_fromlist_impl(arrayobject *self, PyObject *list)
{
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "arg must be list");
        return -1;
    }
    Py_ssize_t old = Py_SIZE(self), n = PyList_GET_SIZE(list);
    if (n == 0) {
        return 0;
    }
    if (old > PY_SSIZE_T_MAX - n || resize(self, old + n) < 0) {
        if (!PyErr_Occurred()) {
            PyErr_NoMemory();
        }
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *v = Py_NewRef(PyList_GET_ITEM(list, i));
        int failed = set_item(self, old + i, v);
        Py_DECREF(v);
        if (failed == 0 && PyList_GET_SIZE(list) != n) {
            PyErr_SetString(PyExc_RuntimeError, "list changed size during iteration");
            failed = -1;
        }
        if (failed < 0) {
            if (Py_SIZE(self) > old && self->exports == 0) {
                resize(self, old);
            }
            return -1;
        }
    }
    return 0;
}

/*sig array.array.tobytes(self)

Convert the array to an array of machine values and return the bytes representation.
*/
static PyObject *
array_array_tobytes_impl(arrayobject *self)
{
    return PyBytes_FromStringAndSize(self->items, byte_size(self));
}

/*sig array.array.frombytes(self, buffer, /) -> None

Appends items from the string, interpreting it as an array of machine values,
as if it had been read from a file using the fromfile() method.
*/
static int
array_array_frombytes_impl(arrayobject *self, PyObject *buffer)
{
    return append_buffer(self, buffer);
}

/*sig array.array.tounicode(self)

Extends this array with data from the unicode string ustr.

Convert the array to a unicode string.  The array must be a unicode type array;
otherwise a ValueError is raised.  Use array.tobytes().decode() to obtain a
unicode string from an array of some other type.
*/
static PyObject *
array_array_tounicode_impl(arrayobject *self)
{
    if (self->descr->typecode != 'u') {
        PyErr_SetString(PyExc_ValueError,
                        "tounicode() may only be called on unicode type arrays");
        return NULL;
    }
    return _PyArray_StrOfChars(self->items, Py_SIZE(self));
}

/*sig array.array.fromunicode(self, ustr: unicode, /) -> None

Extends this array with data from the unicode string ustr.

The array must be a unicode type array; otherwise a ValueError is raised.
Use array.frombytes(ustr.encode(...)) to append Unicode data to an array of
some other type.
*/
static int
array_array_fromunicode_impl(arrayobject *self, PyObject *ustr)
{
    if (self->descr->typecode != 'u') {
        PyErr_SetString(PyExc_ValueError,
                        "fromunicode() may only be called on unicode type arrays");
        return -1;
    }
    return append_str(self, ustr);
}

#define FILE_BLOCK (64 * 1024)      /* bytes written at once */

/*sig array.array.tofile(self, f, /) -> None

Write all items (as machine values) to the file object f.
*/
static int
array_array_tofile_impl(arrayobject *self, PyObject *f)
{
    for (Py_ssize_t start = 0; start < byte_size(self); start += FILE_BLOCK) {
        PyObject *part = PyBytes_FromStringAndSize(
            self->items + start, Py_MIN(byte_size(self) - start, FILE_BLOCK));
        if (part == NULL) {
            return -1;
        }
        PyObject *result = PyObject_CallMethodOneArg(f, &_Py_ID(write), part);
        Py_DECREF(part);
        if (result == NULL) {
            return -1;
        }
        Py_DECREF(result);
    }
    return 0;
}

/*sig array.array.fromfile(self, f, n: ssize, /) -> None

Read n objects from the file object f and append them to the end of the array.
*/
static int
array_array_fromfile_impl(arrayobject *self, PyObject *f, Py_ssize_t n)
{
    if (n < 0) {
        PyErr_SetString(PyExc_ValueError, "negative count");
        return -1;
    }
    if (n > PY_SSIZE_T_MAX / self->descr->itemsize) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t size = n * self->descr->itemsize;
    PyObject *bytes = _PyObject_CallMethod(f, &_Py_ID(read), "n", size);
    if (bytes == NULL) {
        return -1;
    }
    if (!PyBytes_Check(bytes)) {
        PyErr_SetString(PyExc_TypeError, "read() didn't return bytes");
        Py_DECREF(bytes);
        return -1;
    }
    bool enough = PyBytes_GET_SIZE(bytes) == size;
    int result = append_bytes(self, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    if (result == 0 && !enough) {
        PyErr_SetString(PyExc_EOFError, "read() didn't return enough bytes");
        return -1;
    }
    return result;
}

/*sig array.array.byteswap(self) -> None

Byteswap all items of the array.

If the items in the array are not 1, 2, 4, or 8 bytes in size, RuntimeError is
raised.
*/
static int
array_array_byteswap_impl(arrayobject *self)
{
    int itemsize = self->descr->itemsize;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        char *p = item_at(self, i);
        for (int low = 0, high = itemsize - 1; low < high; low++, high--) {
            char c = p[low];
            p[low] = p[high];
            p[high] = c;
        }
    }
    return 0;
}

/*sig array.array.buffer_info(self)

Return a tuple (address, length) giving the current memory address and the
length in items of the buffer used to hold array's contents.

The length should be multiplied by the itemsize attribute to calculate
the buffer length in bytes.
*/
static PyObject *
array_array_buffer_info_impl(arrayobject *self)
{
    PyObject *address = PyLong_FromVoidPtr(self->items);
    return address != NULL ? Py_BuildValue("Nn", address, Py_SIZE(self)) : NULL;
}

/*sig array.array.__sizeof__(self)

Size of the array in memory, in bytes.
*/
static PyObject *
array_array___sizeof___impl(arrayobject *self)
{
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize;
    return PyLong_FromSize_t(size + (size_t)self->allocated * (size_t)self->descr->itemsize);
}

/* --- Pickles ---------------------------------------------------------------------------------- */

static const struct {
    unsigned char size;
    bool is_signed, is_big;
} formats[FORMAT_COUNT] = {
    [UNSIGNED_INT8] = {1, false, false}, [SIGNED_INT8] = {1, true, false},
    [UNSIGNED_INT16_LE] = {2, false, false}, [UNSIGNED_INT16_BE] = {2, false, true},
    [SIGNED_INT16_LE] = {2, true, false}, [SIGNED_INT16_BE] = {2, true, true},
    [UNSIGNED_INT32_LE] = {4, false, false}, [UNSIGNED_INT32_BE] = {4, false, true},
    [SIGNED_INT32_LE] = {4, true, false}, [SIGNED_INT32_BE] = {4, true, true},
    [UNSIGNED_INT64_LE] = {8, false, false}, [UNSIGNED_INT64_BE] = {8, false, true},
    [SIGNED_INT64_LE] = {8, true, false}, [SIGNED_INT64_BE] = {8, true, true},
    [FLOAT_LE] = {4, true, false}, [FLOAT_BE] = {4, true, true},
    [DOUBLE_LE] = {8, true, false}, [DOUBLE_BE] = {8, true, true},
    [UTF16_LE] = {2, false, false}, [UTF16_BE] = {2, false, true},
    [UTF32_LE] = {4, false, false}, [UTF32_BE] = {4, false, true},
};

/* One number out of the bytes of a foreign machine. */
static PyObject *
unpack_number(enum format format, const char *p)
{
    bool little = !formats[format].is_big;
    switch (format) {
    case FLOAT_LE:
    case FLOAT_BE: {
        double value = PyFloat_Unpack4(p, little);
        return value == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(value);
    }
    case DOUBLE_LE:
    case DOUBLE_BE: {
        double value = PyFloat_Unpack8(p, little);
        return value == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(value);
    }
    default:
        return _PyLong_FromByteArray((const unsigned char *)p, formats[format].size, little,
                                     formats[format].is_signed);
    }
}

/* What the bytes of a foreign machine hold: a str, or a list of numbers; new reference. */
static PyObject *
unpack(enum format format, PyObject *bytes)
{
    const char *p = PyBytes_AS_STRING(bytes);
    Py_ssize_t length = PyBytes_GET_SIZE(bytes), size = formats[format].size;
    if (length % size != 0) {
        PyErr_SetString(PyExc_ValueError, "string length not a multiple of item size");
        return NULL;
    }
    int order = formats[format].is_big ? 1 : -1;
    if (format == UTF16_LE || format == UTF16_BE) {
        return PyUnicode_DecodeUTF16(p, length, "strict", &order);
    }
    if (format == UTF32_LE || format == UTF32_BE) {
        return PyUnicode_DecodeUTF32(p, length, "strict", &order);
    }
    PyObject *list = PyList_New(length / size);
    for (Py_ssize_t i = 0; list != NULL && i < length / size; i++) {
        PyObject *item = unpack_number(format, p + i * size);
        if (item == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, item);
    }
    return list;
}

/* The type code for integers of a format: the type code of the pickle may have been smaller. */
static int
typecode_for(enum format format, int typecode)
{
    if (format >= FLOAT_LE) {
        return typecode;
    }
    for (size_t i = 0; i < ARRAY_TYPECODES; i++) {
        const struct descriptor *descr = &_PyArray_Descriptors[i];
        if (descr->is_integer && descr->itemsize == formats[format].size
            && descr->is_signed == formats[format].is_signed)
        {
            typecode = descr->typecode;
        }
    }
    return typecode;
}

/*sig array._array_reconstructor(module, arraytype, typecode: codepoint,
                             mformat_code: int, items, /)

Internal. Used for pickling support.
*/
static PyObject *
array__array_reconstructor_impl(PyObject *module, PyObject *arraytype, int typecode,
                                int mformat_code, PyObject *items)
{
    array_state *state = get_state(module);
    if (!PyType_Check(arraytype)) {
        PyErr_Format(PyExc_TypeError, "first argument must be a type object, not %.200s",
                     Py_TYPE(arraytype)->tp_name);
        return NULL;
    }
    PyTypeObject *type = (PyTypeObject *)arraytype;
    if (!PyType_IsSubtype(type, state->array_type)) {
        PyErr_Format(PyExc_TypeError, "%.200s is not a subtype of %.200s", type->tp_name,
                     state->array_type->tp_name);
        return NULL;
    }
    const struct descriptor *descr = _PyArray_FindDescriptor(typecode);
    if (descr == NULL) {
        PyErr_SetString(PyExc_ValueError, "second argument must be a valid type code");
        return NULL;
    }
    if (mformat_code < 0 || mformat_code >= FORMAT_COUNT) {
        PyErr_SetString(PyExc_ValueError, "third argument must be a valid machine format code.");
        return NULL;
    }
    if (!PyBytes_Check(items)) {
        PyErr_Format(PyExc_TypeError, "fourth argument should be bytes, not %.200s",
                     Py_TYPE(items)->tp_name);
        return NULL;
    }
    if ((enum format)mformat_code == descr->format) {
        return make_array(state, type, typecode, items);
    }
    PyObject *values = unpack((enum format)mformat_code, items);
    if (values == NULL) {
        return NULL;
    }
    PyObject *result = make_array(state, type,
                                  typecode_for((enum format)mformat_code, typecode), values);
    Py_DECREF(values);
    return result;
}

/* The instance's __dict__, or None; new reference, NULL with an exception. */
static PyObject *
instance_dict(arrayobject *self)
{
    PyObject *dict;
    if (_PyObject_LookupAttr((PyObject *)self, &_Py_ID(__dict__), &dict) < 0) {
        return NULL;
    }
    return dict != NULL ? dict : Py_NewRef(Py_None);
}

/* What rebuilds an array from a list: (type, (typecode, list), dict). */
static PyObject *
reduce_to_list(arrayobject *self, PyObject *dict)
{
    PyObject *list = array_array_tolist_impl(self);
    return list != NULL ? Py_BuildValue("O(CN)O", Py_TYPE(self), self->descr->typecode, list, dict)
                        : NULL;
}

static PyObject *
reduce_to_bytes(arrayobject *self, PyObject *dict)
{
    PyObject *module = PyType_GetModuleByDef(Py_TYPE(self), &array_module);
    PyObject *function = PyObject_GetAttr(module, &_Py_ID(_array_reconstructor));
    PyObject *bytes = function != NULL ? array_array_tobytes_impl(self) : NULL;
    if (bytes == NULL) {
        Py_XDECREF(function);
        return NULL;
    }
    return Py_BuildValue("N(OCiN)O", function, Py_TYPE(self), self->descr->typecode,
                         (int)self->descr->format, bytes, dict);
}

/*sig array.array.__reduce_ex__(self, value, /)

Return state information for pickling.
*/
static PyObject *
array_array___reduce_ex___impl(arrayobject *self, PyObject *value)
{
    if (!PyLong_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__reduce_ex__ argument should be an integer");
        return NULL;
    }
    long protocol = PyLong_AsLong(value);
    if (protocol == -1 && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *dict = instance_dict(self);
    if (dict == NULL) {
        return NULL;
    }
    PyObject *result = protocol < 3 ? reduce_to_list(self, dict) : reduce_to_bytes(self, dict);
    Py_DECREF(dict);
    return result;
}

/* --- The buffer ------------------------------------------------------------------------------- */

static int
array_getbuffer(arrayobject *self, Py_buffer *view, int flags)
{
    if (view == NULL) {
        PyErr_SetString(PyExc_BufferError,
                        "array_buffer_getbuf: view==NULL argument is obsolete");
        return -1;
    }
    view->buf = self->items != NULL ? (void *)self->items : (void *)"";
    view->obj = Py_NewRef(self);
    view->len = byte_size(self);
    view->readonly = 0;
    view->ndim = 1;
    view->itemsize = self->descr->itemsize;
    view->suboffsets = NULL;
    view->shape = (flags & PyBUF_ND) == PyBUF_ND ? &((PyVarObject *)self)->ob_size : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &view->itemsize : NULL;
    view->format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT
                   ? (char *)self->descr->buffer_format : NULL;
    view->internal = NULL;
    self->exports++;
    return 0;
}

static void
array_releasebuffer(arrayobject *self, Py_buffer *Py_UNUSED(view))
{
    assert(self->exports > 0);
    self->exports--;
}

/* --- Iterators -------------------------------------------------------------------------------- */

static PyObject *
array_iter(arrayobject *self)
{
    arrayiterator *it = PyObject_GC_New(arrayiterator, state_of(self)->iterator_type);
    if (it != NULL) {
        it->index = 0;
        it->array = (arrayobject *)Py_NewRef(self);
        PyObject_GC_Track(it);
    }
    return (PyObject *)it;
}

static PyObject *
arrayiter_next(arrayiterator *it)
{
    if (it->array == NULL) {
        return NULL;
    }
    if (it->index < Py_SIZE(it->array)) {
        return get_item(it->array, it->index++);
    }
    Py_CLEAR(it->array);
    return NULL;
}

static int
arrayiter_traverse(arrayiterator *it, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(it));
    Py_VISIT(it->array);
    return 0;
}

static void
arrayiter_dealloc(arrayiterator *it)
{
    PyTypeObject *type = Py_TYPE(it);
    PyObject_GC_UnTrack(it);
    Py_XDECREF(it->array);
    PyObject_GC_Del(it);
    Py_DECREF(type);
}

/*sig array.arrayiterator.__reduce__(self)

Return state information for pickling.
*/
static PyObject *
array_arrayiterator___reduce___impl(arrayiterator *self)
{
    /* Looking up a name may run code that ends the iterator: read it afterwards. */
    PyObject *function = _PyEval_GetBuiltin(&_Py_ID(iter));
    if (function == NULL) {
        return NULL;
    }
    return self->array != NULL ? Py_BuildValue("N(O)n", function, self->array, self->index)
                               : Py_BuildValue("N(())", function);
}

/*sig array.arrayiterator.__setstate__(self, state, /) -> None

Set state information for unpickling.
*/
static int
array_arrayiterator___setstate___impl(arrayiterator *self, PyObject *state)
{
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (self->array != NULL) {
        self->index = Py_MIN(Py_MAX(index, 0), Py_SIZE(self->array));
    }
    return 0;
}

static PyMethodDef arrayiter_methods[] = {
    ARRAY_ARRAYITERATOR___REDUCE___METHODDEF
    ARRAY_ARRAYITERATOR___SETSTATE___METHODDEF
    {NULL}
};

static PyType_Slot arrayiter_slots[] = {
    {Py_tp_dealloc, arrayiter_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, arrayiter_traverse},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, arrayiter_next},
    {Py_tp_methods, arrayiter_methods},
    {0, NULL}
};

static PyType_Spec arrayiter_spec = {
    .name = "array.arrayiterator",
    .basicsize = sizeof(arrayiterator),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = arrayiter_slots,
};

/* --- The type --------------------------------------------------------------------------------- */

static PyObject *
array_get_typecode(arrayobject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromOrdinal((unsigned char)self->descr->typecode);
}

static PyObject *
array_get_itemsize(arrayobject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(self->descr->itemsize);
}

static PyGetSetDef array_getset[] = {
    {"typecode", (getter)array_get_typecode, NULL,
     "the typecode character used to create the array", NULL},
    {"itemsize", (getter)array_get_itemsize, NULL,
     "the size, in bytes, of one array item", NULL},
    {NULL}
};

static PyMemberDef array_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(arrayobject, weakreflist), READONLY},
    {NULL}
};

static PyMethodDef array_methods[] = {
    ARRAY_ARRAY_APPEND_METHODDEF
    ARRAY_ARRAY_BUFFER_INFO_METHODDEF
    ARRAY_ARRAY_BYTESWAP_METHODDEF
    ARRAY_ARRAY___COPY___METHODDEF
    ARRAY_ARRAY_COUNT_METHODDEF
    ARRAY_ARRAY___DEEPCOPY___METHODDEF
    ARRAY_ARRAY_EXTEND_METHODDEF
    ARRAY_ARRAY_FROMFILE_METHODDEF
    ARRAY_ARRAY_FROMLIST_METHODDEF
    ARRAY_ARRAY_FROMBYTES_METHODDEF
    ARRAY_ARRAY_FROMUNICODE_METHODDEF
    ARRAY_ARRAY_INDEX_METHODDEF
    ARRAY_ARRAY_INSERT_METHODDEF
    ARRAY_ARRAY_POP_METHODDEF
    ARRAY_ARRAY___REDUCE_EX___METHODDEF
    ARRAY_ARRAY_REMOVE_METHODDEF
    ARRAY_ARRAY_REVERSE_METHODDEF
    ARRAY_ARRAY_TOFILE_METHODDEF
    ARRAY_ARRAY_TOLIST_METHODDEF
    ARRAY_ARRAY_TOBYTES_METHODDEF
    ARRAY_ARRAY_TOUNICODE_METHODDEF
    ARRAY_ARRAY___SIZEOF___METHODDEF
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL}
};

PyDoc_STRVAR(array_doc,
"array(typecode [, initializer]) -> array\n"
"\n"
"Return a new array whose items are restricted by typecode, and\n"
"initialized from the optional initializer value, which must be a list,\n"
"string or iterable over elements of the appropriate type.\n"
"\n"
"Arrays represent basic values and behave very much like lists, except\n"
"the type of objects stored in them is constrained. The type is specified\n"
"at object creation time by using a type code, which is a single character.\n"
"The following type codes are defined:\n"
"\n"
"    Type code   C Type             Minimum size in bytes\n"
"    'b'         signed integer     1\n"
"    'B'         unsigned integer   1\n"
"    'u'         Unicode character  2 (see note)\n"
"    'h'         signed integer     2\n"
"    'H'         unsigned integer   2\n"
"    'i'         signed integer     2\n"
"    'I'         unsigned integer   2\n"
"    'l'         signed integer     4\n"
"    'L'         unsigned integer   4\n"
"    'q'         signed integer     8 (see note)\n"
"    'Q'         unsigned integer   8 (see note)\n"
"    'f'         floating point     4\n"
"    'd'         floating point     8\n"
"\n"
"NOTE: The 'u' typecode corresponds to Python's unicode character. On\n"
"narrow builds this is 2-bytes on wide builds this is 4-bytes.\n"
"\n"
"NOTE: The 'q' and 'Q' type codes are only available if the platform\n"
"C compiler used to build Python supports 'long long', or, on Windows,\n"
"'__int64'.\n"
"\n"
"Methods:\n"
"\n"
"append() -- append a new item to the end of the array\n"
"buffer_info() -- return information giving the current memory info\n"
"byteswap() -- byteswap all the items of the array\n"
"count() -- return number of occurrences of an object\n"
"extend() -- extend array by appending multiple elements from an iterable\n"
"fromfile() -- read items from a file object\n"
"fromlist() -- append items from the list\n"
"frombytes() -- append items from the string\n"
"index() -- return index of first occurrence of an object\n"
"insert() -- insert a new item into the array at a provided position\n"
"pop() -- remove and return item (default last)\n"
"remove() -- remove first occurrence of an object\n"
"reverse() -- reverse the order of the items in the array\n"
"tofile() -- write all items to a file object\n"
"tolist() -- return the array converted to an ordinary list\n"
"tobytes() -- return the array converted to a string\n"
"\n"
"Attributes:\n"
"\n"
"typecode -- the typecode character used to create the array\n"
"itemsize -- the length in bytes of one array item\n");

static PyType_Slot array_slots[] = {
    {Py_tp_dealloc, array_dealloc},
    {Py_tp_repr, array_repr},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_doc, (void *)array_doc},
    {Py_tp_richcompare, array_richcompare},
    {Py_tp_iter, array_iter},
    {Py_tp_methods, array_methods},
    {Py_tp_members, array_members},
    {Py_tp_getset, array_getset},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_new, array_new},
    {Py_tp_traverse, array_traverse},
    {Py_sq_length, array_length},
    {Py_sq_concat, array_concat},
    {Py_sq_repeat, array_repeat},
    {Py_sq_item, array_item},
    {Py_sq_ass_item, array_ass_item},
    {Py_sq_contains, array_contains},
    {Py_sq_inplace_concat, array_inplace_concat},
    {Py_sq_inplace_repeat, array_inplace_repeat},
    {Py_mp_length, array_length},
    {Py_mp_subscript, array_subscript},
    {Py_mp_ass_subscript, array_ass_subscript},
    {Py_bf_getbuffer, array_getbuffer},
    {Py_bf_releasebuffer, array_releasebuffer},
    {0, NULL}
};

static PyType_Spec array_spec = {
    .name = "array.array",
    .basicsize = sizeof(arrayobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE
             | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_SEQUENCE,
    .slots = array_slots,
};

/* --- The module ------------------------------------------------------------------------------- */

static int
array_module_traverse(PyObject *module, visitproc visit, void *arg)
{
    array_state *state = get_state(module);
    Py_VISIT(state->array_type);
    Py_VISIT(state->iterator_type);
    return 0;
}

static int
array_module_clear(PyObject *module)
{
    array_state *state = get_state(module);
    Py_CLEAR(state->array_type);
    Py_CLEAR(state->iterator_type);
    return 0;
}

static void
array_module_free(void *module)
{
    array_module_clear((PyObject *)module);
}

/* collections.abc.MutableSequence.register(array) */
static int
register_as_sequence(PyTypeObject *type)
{
    PyObject *abc = PyImport_ImportModule("collections.abc");
    PyObject *sequence = abc != NULL ? PyObject_GetAttrString(abc, "MutableSequence") : NULL;
    Py_XDECREF(abc);
    if (sequence == NULL) {
        return -1;
    }
    PyObject *result = PyObject_CallMethod(sequence, "register", "O", type);
    Py_DECREF(sequence);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

static int
add_typecodes(PyObject *module)
{
    char codes[ARRAY_TYPECODES + 1];
    for (size_t i = 0; i < ARRAY_TYPECODES; i++) {
        codes[i] = _PyArray_Descriptors[i].typecode;
    }
    codes[ARRAY_TYPECODES] = '\0';
    return PyModule_AddStringConstant(module, "typecodes", codes);
}

static int
array_exec(PyObject *module)
{
    array_state *state = get_state(module);
    state->array_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &array_spec, NULL);
    if (state->array_type == NULL) {
        return -1;
    }
    state->iterator_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &arrayiter_spec, NULL);
    if (state->iterator_type == NULL
        || PyModule_AddObjectRef(module, "ArrayType", (PyObject *)state->array_type) < 0
        || PyModule_AddType(module, state->array_type) < 0
        || register_as_sequence(state->array_type) < 0)
    {
        return -1;
    }
    return add_typecodes(module);
}

static PyMethodDef array_functions[] = {
    ARRAY__ARRAY_RECONSTRUCTOR_METHODDEF
    {NULL}
};

static PyModuleDef_Slot array_module_slots[] = {
    {Py_mod_exec, array_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(array_module_doc,
"This module defines an object type which can efficiently represent\n"
"an array of basic values: characters, integers, floating point\n"
"numbers.  Arrays are sequence types and behave very much like lists,\n"
"except that the type of objects stored in them is constrained.\n");

static _Py_SHARED struct PyModuleDef array_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "array",
    .m_doc = array_module_doc,
    .m_size = sizeof(array_state),
    .m_methods = array_functions,
    .m_slots = array_module_slots,
    .m_traverse = array_module_traverse,
    .m_clear = array_module_clear,
    .m_free = array_module_free,
};

PyMODINIT_FUNC
PyInit_array(void)
{
    return PyModuleDef_Init(&array_module);
}
