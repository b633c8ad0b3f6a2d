/* bytearray: a mutable array of bytes.
 *
 * Structure: `ob_bytes` is a PyMem block of ob_alloc bytes, `ob_start` a position in it: removing
 * at the front only moves ob_start.  ob_size bytes and a NUL follow ob_start.
 *
 * Invariants: ob_bytes is NULL when nothing was ever stored, then ob_size is 0; else
 * ob_start + ob_size + 1 <= ob_bytes + ob_alloc.  While ob_exports > 0 the size cannot change.
 *
 * Written from the C API and library references.
 */
#define PY_SSIZE_T_CLEAN            // "#" in formats means Py_ssize_t
#include "Python.h"
#include "pycore_bytes_methods.h"
#include "pycore_bytesobject.h"
#include "pycore_ceval.h"           // _PyEval_GetBuiltin
#include "pycore_global_objects.h"
#include "pycore_interp.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_seqiter.h"
#include "pycore_signature.h"
#include "pycore_stringops.h"
#include "pycore_strings.h"         // _Py_ID

#include "sig/bytearrayobject.sig.h"

/* What PyByteArray_AS_STRING gives for an empty object; exported for the macro's sake. */
char _PyByteArray_empty_string[] = "";

#define BA(op) ((PyByteArrayObject *)(op))

/* --- Buffer ----------------------------------------------------------------------------------- */

static int
bytearray_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    if (view == NULL) {
        PyErr_SetString(PyExc_BufferError,
                        "bytearray_getbuffer: view==NULL argument is obsolete");
        return -1;
    }
    if (PyBuffer_FillInfo(view, self, PyByteArray_AS_STRING(self), PyByteArray_GET_SIZE(self), 0,
                          flags) < 0)
    {
        return -1;
    }
    BA(self)->ob_exports++;
    return 0;
}

static void
bytearray_releasebuffer(PyObject *self, Py_buffer *Py_UNUSED(view))
{
    BA(self)->ob_exports--;
    assert(BA(self)->ob_exports >= 0);
}

static int
check_resizable(PyObject *self)
{
    if (BA(self)->ob_exports > 0) {
        PyErr_SetString(PyExc_BufferError,
                        "Existing exports of data: object cannot be re-sized");
        return -1;
    }
    return 0;
}

/* --- Creation and size ------------------------------------------------------------------------ */

PyObject *
PyByteArray_FromObject(PyObject *input)
{
    return PyObject_CallOneArg((PyObject *)&PyByteArray_Type, input);
}

/* bytes NULL gives an object of size bytes that are not set. */
PyObject *
PyByteArray_FromStringAndSize(const char *bytes, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError,
                        "Negative size passed to PyByteArray_FromStringAndSize");
        return NULL;
    }
    if (size == PY_SSIZE_T_MAX) {
        return PyErr_NoMemory();
    }
    PyByteArrayObject *op = PyObject_New(PyByteArrayObject, &PyByteArray_Type);
    if (op == NULL) {
        return NULL;
    }
    op->ob_bytes = NULL;
    op->ob_alloc = 0;
    op->ob_exports = 0;
    Py_SET_SIZE(op, 0);
    if (size > 0) {
        op->ob_bytes = PyMem_Malloc((size_t)size + 1);
        if (op->ob_bytes == NULL) {
            op->ob_start = NULL;
            Py_DECREF(op);
            return PyErr_NoMemory();
        }
        if (bytes != NULL) {
            memcpy(op->ob_bytes, bytes, (size_t)size);
        }
        op->ob_bytes[size] = '\0';
        op->ob_alloc = size + 1;
        Py_SET_SIZE(op, size);
    }
    op->ob_start = op->ob_bytes;
    return (PyObject *)op;
}

Py_ssize_t
PyByteArray_Size(PyObject *self)
{
    assert(self != NULL && PyByteArray_Check(self));
    return PyByteArray_GET_SIZE(self);
}

char *
PyByteArray_AsString(PyObject *self)
{
    assert(self != NULL && PyByteArray_Check(self));
    return PyByteArray_AS_STRING(self);
}

/* The allocation for `size` bytes (with the NUL); growing leaves some room. */
static Py_ssize_t
new_allocation(const PyByteArrayObject *self, Py_ssize_t size)
{
    if (size < self->ob_alloc) {       /* the final NUL needs a byte too */
        /* a large decrease frees memory */
        return size < self->ob_alloc / 2 ? size + 1 : self->ob_alloc;
    }
    if (size <= self->ob_alloc + self->ob_alloc / 8 && size <= PY_SSIZE_T_MAX - size / 8 - 8) {
        return size + (size >> 3) + (size < 9 ? 3 : 6);
    }
    return size + 1;
}

/* Change the size; new bytes are not set.  0, or -1 with BufferError or MemoryError. */
int
PyByteArray_Resize(PyObject *self, Py_ssize_t requested)
{
    assert(self != NULL && PyByteArray_Check(self) && requested >= 0);
    PyByteArrayObject *obj = BA(self);
    Py_ssize_t size = Py_SIZE(self), offset = obj->ob_start - obj->ob_bytes;
    if (requested == size) {
        return 0;
    }
    if (check_resizable(self) < 0) {
        return -1;
    }
    if (requested == PY_SSIZE_T_MAX) {
        PyErr_NoMemory();
        return -1;
    }
    if (requested + offset + 1 <= obj->ob_alloc && requested >= obj->ob_alloc / 2) {
        Py_SET_SIZE(self, requested);       /* fits where it is */
        obj->ob_start[requested] = '\0';
        return 0;
    }
    Py_ssize_t alloc = new_allocation(obj, requested);
    char *fresh;
    if (offset > 0) {
        fresh = PyMem_Malloc((size_t)alloc);
        if (fresh != NULL) {
            memcpy(fresh, PyByteArray_AS_STRING(self), (size_t)Py_MIN(requested, size));
            PyMem_Free(obj->ob_bytes);
        }
    }
    else {
        fresh = PyMem_Realloc(obj->ob_bytes, (size_t)alloc);
    }
    if (fresh == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    obj->ob_bytes = obj->ob_start = fresh;
    obj->ob_alloc = alloc;
    Py_SET_SIZE(self, requested);
    fresh[requested] = '\0';
    return 0;
}

/* a + b of two bytes-like objects as a bytearray. */
PyObject *
PyByteArray_Concat(PyObject *a, PyObject *b)
{
    Py_buffer va = {0}, vb = {0};
    PyObject *res = NULL;
    if (PyObject_GetBuffer(a, &va, PyBUF_SIMPLE) < 0
        || PyObject_GetBuffer(b, &vb, PyBUF_SIMPLE) < 0)
    {
        PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s",
                     Py_TYPE(b)->tp_name, Py_TYPE(a)->tp_name);
        goto done;
    }
    if (va.len > PY_SSIZE_T_MAX - vb.len) {
        PyErr_NoMemory();
        goto done;
    }
    res = PyByteArray_FromStringAndSize(NULL, va.len + vb.len);
    if (res != NULL) {
        memcpy(PyByteArray_AS_STRING(res), va.buf, (size_t)va.len);
        memcpy(PyByteArray_AS_STRING(res) + va.len, vb.buf, (size_t)vb.len);
    }

done:
    PyBuffer_Release(&va);
    PyBuffer_Release(&vb);
    return res;
}

static void
bytearray_dealloc(PyObject *self)
{
    if (BA(self)->ob_exports > 0) {
        PyErr_SetString(PyExc_SystemError, "deallocated bytearray object has exported buffers");
        PyErr_Print();
    }
    PyMem_Free(BA(self)->ob_bytes);
    Py_TYPE(self)->tp_free(self);
}

/* --- Sequence --------------------------------------------------------------------------------- */

static Py_ssize_t
bytearray_length(PyObject *self)
{
    return Py_SIZE(self);
}

static PyObject *
bytearray_iconcat(PyObject *self, PyObject *other)
{
    Py_buffer vo;
    if (PyObject_GetBuffer(other, &vo, PyBUF_SIMPLE) < 0) {
        PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s",
                     Py_TYPE(other)->tp_name, Py_TYPE(self)->tp_name);
        return NULL;
    }
    Py_ssize_t size = Py_SIZE(self);
    PyObject *res = NULL;
    if (size > PY_SSIZE_T_MAX - vo.len) {
        PyErr_NoMemory();
    }
    else if (PyByteArray_Resize(self, size + vo.len) == 0) {
        memcpy(PyByteArray_AS_STRING(self) + size, vo.buf, (size_t)vo.len);
        res = Py_NewRef(self);
    }
    PyBuffer_Release(&vo);
    return res;
}

static PyObject *
bytearray_repeat(PyObject *self, Py_ssize_t count)
{
    count = Py_MAX(count, 0);
    Py_ssize_t n = Py_SIZE(self);
    if (count > 0 && n > PY_SSIZE_T_MAX / count) {
        return PyErr_NoMemory();
    }
    PyObject *res = PyByteArray_FromStringAndSize(NULL, n * count);
    if (res != NULL && n * count > 0) {
        _PyBytes_Repeat(PyByteArray_AS_STRING(res), n * count, PyByteArray_AS_STRING(self), n);
    }
    return res;
}

static PyObject *
bytearray_irepeat(PyObject *self, Py_ssize_t count)
{
    count = Py_MAX(count, 0);
    if (count == 1) {
        return Py_NewRef(self);
    }
    Py_ssize_t n = Py_SIZE(self);
    if (count > 0 && n > PY_SSIZE_T_MAX / count) {
        return PyErr_NoMemory();
    }
    if (PyByteArray_Resize(self, n * count) < 0) {
        return NULL;
    }
    if (n * count > 0) {
        char *s = PyByteArray_AS_STRING(self);
        _PyBytes_Repeat(s, n * count, s, n);
    }
    return Py_NewRef(self);
}

static PyObject *
bytearray_getitem(PyObject *self, Py_ssize_t i)
{
    if (i < 0 || i >= Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "bytearray index out of range");
        return NULL;
    }
    return _PyLong_SMALL((unsigned char)PyByteArray_AS_STRING(self)[i]);
}

static PyObject *
bytearray_subscript(PyObject *self, PyObject *index)
{
    if (PyIndex_Check(index)) {
        Py_ssize_t i = PyNumber_AsSsize_t(index, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return bytearray_getitem(self, i < 0 ? i + Py_SIZE(self) : i);
    }
    if (!PySlice_Check(index)) {
        PyErr_Format(PyExc_TypeError, "bytearray indices must be integers or slices, not %.200s",
                     Py_TYPE(index)->tp_name);
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(index, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    const char *s = PyByteArray_AS_STRING(self);
    if (n <= 0) {
        return PyByteArray_FromStringAndSize("", 0);
    }
    if (step == 1) {
        return PyByteArray_FromStringAndSize(s + start, n);
    }
    PyObject *res = PyByteArray_FromStringAndSize(NULL, n);
    if (res != NULL) {
        char *out = PyByteArray_AS_STRING(res);
        for (Py_ssize_t i = 0; i < n; i++) {
            out[i] = s[start + i * step];
        }
    }
    return res;
}

/* self[lo:hi] = bytes[:n]; 0 or -1 with an exception. */
static int
set_linear(PyObject *self, Py_ssize_t lo, Py_ssize_t hi, const char *bytes, Py_ssize_t n)
{
    PyByteArrayObject *obj = BA(self);
    Py_ssize_t size = Py_SIZE(self), growth = n - (hi - lo);
    assert(0 <= lo && lo <= hi && hi <= size);
    if (growth < 0) {
        if (check_resizable(self) < 0) {
            return -1;
        }
        if (lo == 0) {
            obj->ob_start -= growth;        /* cut at the front without moving */
            Py_SET_SIZE(self, size + growth);
        }
        else {
            char *s = PyByteArray_AS_STRING(self);
            memmove(s + lo + n, s + hi, (size_t)(size - hi));
            if (PyByteArray_Resize(self, size + growth) < 0) {
                /* shrinking a block failed: the shorter text is complete all the same */
                PyErr_Clear();
                Py_SET_SIZE(self, size + growth);
                obj->ob_start[Py_SIZE(self)] = '\0';
            }
        }
    }
    else if (growth > 0) {
        if (size > PY_SSIZE_T_MAX - growth) {
            PyErr_NoMemory();
            return -1;
        }
        if (PyByteArray_Resize(self, size + growth) < 0) {
            return -1;
        }
        char *s = PyByteArray_AS_STRING(self);
        memmove(s + hi + growth, s + hi, (size_t)(size - hi));
    }
    if (n > 0) {
        memcpy(PyByteArray_AS_STRING(self) + lo, bytes, (size_t)n);
    }
    return 0;
}

static int
set_item(PyObject *self, Py_ssize_t i, PyObject *value)
{
    int byte = 0;
    /* converted first: __index__ may change the size */
    if (value != NULL) {
        Py_ssize_t n = PyNumber_AsSsize_t(value, NULL);
        if (n == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (n < 0 || n > 255) {
            PyErr_SetString(PyExc_ValueError, "byte must be in range(0, 256)");
            return -1;
        }
        byte = (int)n;
    }
    if (i < 0 || i >= Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "bytearray index out of range");
        return -1;
    }
    if (value == NULL) {
        return set_linear(self, i, i + 1, NULL, 0);
    }
    PyByteArray_AS_STRING(self)[i] = (char)byte;
    return 0;
}

/* Delete every step-th byte of n. */
static int
delete_stride(PyObject *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    if (n == 0) {
        return 0;
    }
    if (check_resizable(self) < 0) {
        return -1;
    }
    if (step < 0) {
        start += step * (n - 1);
        step = -step;
    }
    char *s = PyByteArray_AS_STRING(self);
    Py_ssize_t size = Py_SIZE(self), out = start;
    for (Py_ssize_t i = 0, at = start; i < n; i++, at += step) {
        Py_ssize_t next = i + 1 < n ? at + step : size;
        memmove(s + out, s + at + 1, (size_t)(next - at - 1));
        out += next - at - 1;
    }
    return PyByteArray_Resize(self, size - n);
}

/* self[slice] = bytes[:n], or deletion when bytes is NULL. */
static int
set_slice(PyObject *self, PyObject *slice, const char *bytes, Py_ssize_t needed)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return -1;
    }
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if ((step < 0 && start < stop) || (step > 0 && start > stop)) {
        stop = start;
    }
    if (step == 1) {
        return set_linear(self, start, stop, bytes, needed);
    }
    if (needed == 0) {
        return delete_stride(self, start, step, n);
    }
    if (needed != n) {
        PyErr_Format(PyExc_ValueError,
                     "attempt to assign bytes of size %zd to extended slice of size %zd",
                     needed, n);
        return -1;
    }
    char *s = PyByteArray_AS_STRING(self);
    for (Py_ssize_t i = 0; i < n; i++) {
        s[start + i * step] = bytes[i];
    }
    return 0;
}

static int
bytearray_ass_subscript(PyObject *self, PyObject *index, PyObject *values)
{
    if (PyIndex_Check(index)) {
        Py_ssize_t i = PyNumber_AsSsize_t(index, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return -1;
        }
        return set_item(self, i < 0 ? i + Py_SIZE(self) : i, values);
    }
    if (!PySlice_Check(index)) {
        PyErr_Format(PyExc_TypeError, "bytearray indices must be integers or slices, not %.200s",
                     Py_TYPE(index)->tp_name);
        return -1;
    }
    if (values == NULL) {
        return set_slice(self, index, NULL, 0);
    }
    if (values == self || !PyByteArray_Check(values)) {
        if (PyNumber_Check(values) || PyUnicode_Check(values)) {
            PyErr_SetString(PyExc_TypeError, "can assign only bytes, buffers, or iterables of "
                                             "ints in range(0, 256)");
            return -1;
        }
        /* a copy, so that the source cannot change while it is used */
        PyObject *copy = PyByteArray_FromObject(values);
        if (copy == NULL) {
            return -1;
        }
        int res = bytearray_ass_subscript(self, index, copy);
        Py_DECREF(copy);
        return res;
    }
    return set_slice(self, index, PyByteArray_AS_STRING(values), Py_SIZE(values));
}

static int
bytearray_setitem(PyObject *self, Py_ssize_t i, PyObject *value)
{
    return set_item(self, i, value);
}

/* --- Methods of bytearray alone --------------------------------------------------------------- */

PyObject *
_PyByteArray_Append(PyObject *self, int value)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "cannot add more objects to bytearray");
        return NULL;
    }
    if (PyByteArray_Resize(self, n + 1) < 0) {
        return NULL;
    }
    PyByteArray_AS_STRING(self)[n] = (char)value;
    Py_RETURN_NONE;
}

PyObject *
_PyByteArray_Insert(PyObject *self, Py_ssize_t index, int value)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "cannot add more objects to bytearray");
        return NULL;
    }
    if (index < 0) {
        index = Py_MAX(index + n, 0);
    }
    index = Py_MIN(index, n);
    char byte = (char)value;
    if (set_linear(self, index, index, &byte, 1) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyObject *
_PyByteArray_Pop(PyObject *self, Py_ssize_t index)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from empty bytearray");
        return NULL;
    }
    if (index < 0) {
        index += n;
    }
    if (index < 0 || index >= n) {
        PyErr_SetString(PyExc_IndexError, "pop index out of range");
        return NULL;
    }
    unsigned char value = (unsigned char)PyByteArray_AS_STRING(self)[index];
    if (set_linear(self, index, index + 1, NULL, 0) < 0) {
        return NULL;
    }
    return _PyLong_SMALL(value);
}

PyObject *
_PyByteArray_Remove(PyObject *self, int value)
{
    Py_ssize_t i = _PyUCS1_FindChar((const Py_UCS1 *)PyByteArray_AS_STRING(self), Py_SIZE(self),
                                    (Py_UCS1)value);
    if (i < 0) {
        PyErr_SetString(PyExc_ValueError, "value not found in bytearray");
        return NULL;
    }
    if (set_linear(self, i, i + 1, NULL, 0) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyObject *
_PyByteArray_Extend(PyObject *self, PyObject *iterable)
{
    if (iterable == self) {
        /* a copy: its own export would keep the object from growing */
        PyObject *copy = PyByteArray_FromStringAndSize(PyByteArray_AS_STRING(self), Py_SIZE(self));
        PyObject *res = copy != NULL ? _PyByteArray_Extend(self, copy) : NULL;
        Py_XDECREF(copy);
        return res;
    }
    if (PyObject_CheckBuffer(iterable)) {
        Py_buffer buf;
        if (PyObject_GetBuffer(iterable, &buf, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        Py_ssize_t n = Py_SIZE(self), len = buf.len;
        int failed = -1;
        if (n > PY_SSIZE_T_MAX - len) {
            PyErr_NoMemory();
        }
        else {
            failed = set_linear(self, n, n, buf.buf, len);
        }
        PyBuffer_Release(&buf);
        if (failed < 0) {
            return NULL;
        }
        Py_RETURN_NONE;
    }
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError, "can't extend bytearray with %.100s",
                         Py_TYPE(iterable)->tp_name);
        }
        return NULL;
    }
    /* The hint is not needed, but its errors are the caller's. */
    if (PyObject_LengthHint(iterable, 0) < 0) {
        Py_DECREF(it);
        return NULL;
    }
    PyObject *tail = PyByteArray_FromStringAndSize(NULL, 0), *item = NULL;
    while (tail != NULL && (item = PyIter_Next(it)) != NULL) {
        int value;
        PyObject *ok = NULL;
        if (_PyBytes_GetByte(item, &value) == 0) {
            ok = _PyByteArray_Append(tail, value);
        }
        Py_DECREF(item);
        if (ok == NULL) {
            Py_CLEAR(tail);
            break;
        }
    }
    Py_DECREF(it);
    if (tail == NULL || PyErr_Occurred()) {
        Py_XDECREF(tail);
        return NULL;
    }
    Py_ssize_t n = Py_SIZE(self);
    int failed = set_linear(self, n, n, PyByteArray_AS_STRING(tail), Py_SIZE(tail));
    Py_DECREF(tail);
    if (failed < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyObject *
_PyByteArray_Reverse(PyObject *self)
{
    char *s = PyByteArray_AS_STRING(self);
    for (Py_ssize_t i = 0, j = Py_SIZE(self) - 1; i < j; i++, j--) {
        char c = s[i];
        s[i] = s[j];
        s[j] = c;
    }
    Py_RETURN_NONE;
}

PyObject *
_PyByteArray_ReduceEx(PyObject *self, int proto)
{
    PyObject *state = _PyObject_GetState(self);
    if (state == NULL) {
        return NULL;
    }
    const char *s = PyByteArray_AS_STRING(self);
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0) {
        return Py_BuildValue("(O()N)", Py_TYPE(self), state);
    }
    if (proto < 3) {
        /* a str, because older protocols have no bytes */
        PyObject *text = PyUnicode_DecodeLatin1(s, n, NULL);
        if (text == NULL) {
            Py_DECREF(state);
            return NULL;
        }
        return Py_BuildValue("(O(Ns)N)", Py_TYPE(self), text, "latin-1", state);
    }
    return Py_BuildValue("(O(y#)N)", Py_TYPE(self), s, n, state);
}

/* --- bytearray() ------------------------------------------------------------------------------ */

/* Store the bytes of the iterable x, item by item. */
static int
fill_from_iterable(PyObject *self, PyObject *x)
{
    PyObject *it = PyObject_GetIter(x);
    if (it == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError, "cannot convert '%.200s' object to bytearray",
                         Py_TYPE(x)->tp_name);
        }
        return -1;
    }
    PyObject *item;
    while ((item = PyIter_Next(it)) != NULL) {
        int value;
        int failed = _PyBytes_GetByte(item, &value);
        Py_DECREF(item);
        PyObject *ok = failed < 0 ? NULL : _PyByteArray_Append(self, value);
        if (ok == NULL) {
            Py_DECREF(it);
            return -1;
        }
    }
    Py_DECREF(it);
    return PyErr_Occurred() ? -1 : 0;
}

static int
fill_from_str(PyObject *self, PyObject *str, const char *encoding, const char *errors)
{
    PyObject *encoded = PyUnicode_AsEncodedString(str, encoding, errors);
    if (encoded == NULL) {
        return -1;
    }
    assert(PyBytes_Check(encoded));
    int res = set_linear(self, 0, Py_SIZE(self), PyBytes_AS_STRING(encoded),
                         PyBytes_GET_SIZE(encoded));
    Py_DECREF(encoded);
    return res;
}

static int
fill_from_buffer(PyObject *self, PyObject *x)
{
    Py_buffer view;
    if (PyObject_GetBuffer(x, &view, PyBUF_FULL_RO) < 0) {
        return -1;
    }
    int res = PyByteArray_Resize(self, view.len);
    if (res == 0 && view.len > 0) {
        res = PyBuffer_ToContiguous(PyByteArray_AS_STRING(self), &view, view.len, 'C');
    }
    PyBuffer_Release(&view);
    return res;
}

/*sig @nosignature bytearray.__init__(self, source = NULL, encoding: utf8 = NULL,
                                     errors: utf8 = NULL)

bytearray(iterable_of_ints) -> bytearray
bytearray(string, encoding[, errors]) -> bytearray
bytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer
bytearray(int) -> bytes array of size given by the parameter initialized with null bytes
bytearray() -> empty bytes array

Construct a mutable bytearray object from:
  - an iterable yielding integers in range(256)
  - a text string encoded using the specified encoding
  - a bytes or a buffer object
  - any object implementing the buffer API.
  - an integer
*/
static int
bytearray_init_impl(PyObject *self, PyObject *source, const char *encoding, const char *errors)
{
    if (Py_SIZE(self) != 0 && PyByteArray_Resize(self, 0) < 0) {
        return -1;
    }
    if (source != NULL && PyUnicode_Check(source)) {
        if (encoding == NULL) {
            PyErr_SetString(PyExc_TypeError, "string argument without an encoding");
            return -1;
        }
        return fill_from_str(self, source, encoding, errors);
    }
    if (encoding != NULL || errors != NULL) {
        PyErr_SetString(PyExc_TypeError, encoding != NULL ? "encoding without a string argument"
                                                          : "errors without a string argument");
        return -1;
    }
    if (source == NULL) {
        return 0;
    }
    if (PyIndex_Check(source)) {
        Py_ssize_t n = PyNumber_AsSsize_t(source, PyExc_OverflowError);
        if (n == -1 && PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
                return -1;
            }
            PyErr_Clear();      /* a broken __index__: look at the object as a buffer */
        }
        else {
            if (n < 0) {
                PyErr_SetString(PyExc_ValueError, "negative count");
                return -1;
            }
            if (n > 0) {
                if (PyByteArray_Resize(self, n) < 0) {
                    return -1;
                }
                memset(PyByteArray_AS_STRING(self), 0, (size_t)n);
            }
            return 0;
        }
    }
    if (PyObject_CheckBuffer(source)) {
        return fill_from_buffer(self, source);
    }
    return fill_from_iterable(self, source);
}

/* --- repr, comparison ------------------------------------------------------------------------- */

static PyObject *
bytearray_repr(PyObject *self)
{
    PyObject *bytes = PyBytes_FromStringAndSize(PyByteArray_AS_STRING(self), Py_SIZE(self));
    if (bytes == NULL) {
        return NULL;
    }
    PyObject *text = PyBytes_Repr(bytes, 1);
    Py_DECREF(bytes);
    if (text == NULL) {
        return NULL;
    }
    PyObject *res = PyUnicode_FromFormat("%s(%U)", _PyType_Name(Py_TYPE(self)), text);
    Py_DECREF(text);
    return res;
}

static PyObject *
bytearray_str(PyObject *self)
{
    if (_PyInterpreterState_GET()->config.bytes_warning
        && PyErr_WarnEx(PyExc_BytesWarning, "str() on a bytearray instance", 1) < 0)
    {
        return NULL;
    }
    return bytearray_repr(self);
}

static PyObject *
bytearray_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyObject_CheckBuffer(self) || !PyObject_CheckBuffer(other)) {
        if (_PyInterpreterState_GET()->config.bytes_warning && (op == Py_EQ || op == Py_NE)
            && (PyUnicode_Check(self) || PyUnicode_Check(other))
            && PyErr_WarnEx(PyExc_BytesWarning, "Comparison between bytearray and string", 1) < 0)
        {
            return NULL;
        }
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_buffer a, b;
    if (PyObject_GetBuffer(self, &a, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (PyObject_GetBuffer(other, &b, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        PyBuffer_Release(&a);
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_ssize_t n = a.len, m = b.len;
    int order = 0;
    if (n == m || (op != Py_EQ && op != Py_NE)) {
        order = memcmp(a.buf, b.buf, (size_t)Py_MIN(n, m));
    }
    if (order == 0) {
        order = (n > m) - (n < m);
    }
    PyBuffer_Release(&a);
    PyBuffer_Release(&b);
    Py_RETURN_RICHCOMPARE(order, 0, op);
}

static PyObject *
bytearray_mod(PyObject *v, PyObject *w)
{
    if (!PyByteArray_Check(v)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    /* an export keeps the format from moving while arguments are converted */
    BA(v)->ob_exports++;
    PyObject *res = _PyBytes_FormatEx(PyByteArray_AS_STRING(v), Py_SIZE(v), w, 1);
    BA(v)->ob_exports--;
    return res;
}

/* --- Iterator --------------------------------------------------------------------------------- */

static PyObject *
bytearrayiter_next(PyObject *self)
{
    _PySeqIterObject *it = (_PySeqIterObject *)self;
    PyObject *seq = it->it_seq;
    if (seq == NULL) {
        return NULL;
    }
    if (it->it_index < Py_SIZE(seq)) {
        return _PyLong_SMALL((unsigned char)PyByteArray_AS_STRING(seq)[it->it_index++]);
    }
    return _PySeqIter_Exhaust(it);
}

_Py_SHARED PyTypeObject PyByteArrayIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bytearray_iterator",
    .tp_basicsize = sizeof(_PySeqIterObject),
    .tp_dealloc = _PySeqIter_Dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = _PySeqIter_Traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = bytearrayiter_next,
    .tp_methods = _PyByteArrayIter_Methods,
};

static PyObject *
bytearray_iter(PyObject *seq)
{
    return _PySeqIter_New(&PyByteArrayIter_Type, seq);
}

/* --- The type --------------------------------------------------------------------------------- */

static PySequenceMethods bytearray_as_sequence = {
    .sq_length = bytearray_length,
    .sq_concat = PyByteArray_Concat,
    .sq_repeat = bytearray_repeat,
    .sq_item = bytearray_getitem,
    .sq_ass_item = bytearray_setitem,
    .sq_contains = _PyBytes_Contains,
    .sq_inplace_concat = bytearray_iconcat,
    .sq_inplace_repeat = bytearray_irepeat,
};

static PyMappingMethods bytearray_as_mapping = {
    .mp_length = bytearray_length,
    .mp_subscript = bytearray_subscript,
    .mp_ass_subscript = bytearray_ass_subscript,
};

static PyNumberMethods bytearray_as_number = {
    .nb_remainder = bytearray_mod,
};

static PyBufferProcs bytearray_as_buffer = {
    .bf_getbuffer = bytearray_getbuffer,
    .bf_releasebuffer = bytearray_releasebuffer,
};

_Py_SHARED PyTypeObject PyByteArray_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bytearray",
    .tp_basicsize = sizeof(PyByteArrayObject),
    .tp_dealloc = bytearray_dealloc,
    .tp_repr = bytearray_repr,
    .tp_as_number = &bytearray_as_number,
    .tp_as_sequence = &bytearray_as_sequence,
    .tp_as_mapping = &bytearray_as_mapping,
    .tp_str = bytearray_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_as_buffer = &bytearray_as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = bytearray_init__doc__,
    .tp_richcompare = bytearray_richcompare,
    .tp_iter = bytearray_iter,
    .tp_methods = (PyMethodDef *)_PyByteArray_methods,
    .tp_init = bytearray_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_Del,
};
