/* memoryview, and the managed buffer that views share.
 *
 * Protocol.  A managed buffer holds the one Py_buffer that the exporter gave; every memoryview made
 * from it (by slicing, casting, copying) counts in mbuf->exports.  When the last one is released,
 * the exporter gets its buffer back.  A view itself can export buffers; while it has any
 * (view->exports) it cannot be released.
 *
 * States of a view: usable; released (flag RELEASED: no access to the memory, the object is inert).
 * Shape, strides and suboffsets of a view lie in its ob_array, 3 * ndim numbers.
 * The flags C, FORTRAN, SCALAR and PIL describe shape and strides and follow every change of them.
 *
 * Items are read and written here for the native single-character formats of the struct module;
 * other formats are only compared, through the module struct.
 *
 * Written from PEP 3118, the C API and library references.
 */
#include "Python.h"
#include "pycore_global_objects.h"  // _PyLong_SMALL
#include "pycore_memoryobject.h"
#include "pycore_object.h"
#include "pycore_signature.h"
#include "pycore_strhex.h"

#include <stdbool.h>

/* Iterator over a one-dimensional view. */
typedef struct {
    PyObject_HEAD
    Py_ssize_t it_index;
    PyMemoryViewObject *it_seq;     /* strong; NULL when the iterator is exhausted */
    Py_ssize_t it_length;
    char it_format;                 /* native format character of the items */
} memoryiterobject;

#include "sig/memoryobject.sig.h"

#define MV(op) ((PyMemoryViewObject *)(op))
#define VIEW(self) (&MV(self)->view)

#define HAS(self, FLAG) ((MV(self)->flags & _Py_MEMORYVIEW_##FLAG) != 0)

/* Is the view, or the memory behind it, gone?  Raises ValueError. */
static int
check_released(PyMemoryViewObject *self)
{
    if ((self->flags & _Py_MEMORYVIEW_RELEASED)
        || (self->mbuf->flags & _Py_MANAGED_BUFFER_RELEASED))
    {
        PyErr_SetString(PyExc_ValueError, "operation forbidden on released memoryview object");
        return -1;
    }
    return 0;
}

static int
check_restricted(PyMemoryViewObject *self)
{
    if (self->flags & _Py_MEMORYVIEW_RESTRICTED) {
        PyErr_SetString(PyExc_ValueError, "cannot create new view on restricted memoryview");
        return -1;
    }
    return 0;
}

/* --- Managed buffer --------------------------------------------------------------------------- */

static _PyManagedBufferObject *
mbuf_alloc(void)
{
    _PyManagedBufferObject *mbuf = PyObject_GC_New(_PyManagedBufferObject,
                                                   &_PyManagedBuffer_Type);
    if (mbuf != NULL) {
        mbuf->flags = 0;
        mbuf->exports = 0;
        mbuf->master.obj = NULL;
        _PyObject_GC_TRACK((PyObject *)mbuf);
    }
    return mbuf;
}

/* A managed buffer of base, got through bufferproc or the buffer protocol (NULL). */
static _PyManagedBufferObject *
mbuf_from_object(PyObject *base, int flags, getbufferproc bufferproc)
{
    _PyManagedBufferObject *mbuf = mbuf_alloc();
    if (mbuf == NULL) {
        return NULL;
    }
    int res = bufferproc != NULL ? bufferproc(base, &mbuf->master, flags)
                                 : PyObject_GetBuffer(base, &mbuf->master, flags);
    if (res < 0) {
        mbuf->master.obj = NULL;
        Py_DECREF(mbuf);
        return NULL;
    }
    return mbuf;
}

static void
mbuf_release(_PyManagedBufferObject *self)
{
    if (self->flags & _Py_MANAGED_BUFFER_RELEASED) {
        return;
    }
    self->flags |= _Py_MANAGED_BUFFER_RELEASED;
    _PyObject_GC_UNTRACK((PyObject *)self);
    PyBuffer_Release(&self->master);
}

static void
mbuf_dealloc(PyObject *op)
{
    _PyManagedBufferObject *self = (_PyManagedBufferObject *)op;
    assert(self->exports == 0);
    mbuf_release(self);
    if (self->flags & _Py_MANAGED_BUFFER_FREE_FORMAT) {
        PyMem_Free(self->master.format);
    }
    PyObject_GC_Del(self);
}

static int
mbuf_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((_PyManagedBufferObject *)self)->master.obj);
    return 0;
}

static int
mbuf_clear(PyObject *op)
{
    _PyManagedBufferObject *self = (_PyManagedBufferObject *)op;
    assert(self->exports >= 0);
    mbuf_release(self);
    return 0;
}

_Py_SHARED PyTypeObject _PyManagedBuffer_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "managedbuffer",
    .tp_basicsize = sizeof(_PyManagedBufferObject),
    .tp_dealloc = mbuf_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = mbuf_traverse,
    .tp_clear = mbuf_clear,
};

/* --- Shape ------------------------------------------------------------------------------------ */

/* Set the flags that follow from shape, strides and suboffsets. */
static void
set_form_flags(PyMemoryViewObject *self)
{
    const Py_buffer *v = &self->view;
    int flags = 0;
    if (v->ndim == 0) {
        flags = _Py_MEMORYVIEW_SCALAR | _Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN;
    }
    else if (v->ndim == 1) {
        if (v->shape[0] == 1 || v->strides[0] == v->itemsize) {
            flags = _Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN;
        }
    }
    else {
        flags |= PyBuffer_IsContiguous(v, 'C') ? _Py_MEMORYVIEW_C : 0;
        flags |= PyBuffer_IsContiguous(v, 'F') ? _Py_MEMORYVIEW_FORTRAN : 0;
    }
    if (v->suboffsets != NULL) {
        flags |= _Py_MEMORYVIEW_PIL;
        flags &= ~(_Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN);
    }
    self->flags = (self->flags & (_Py_MEMORYVIEW_RELEASED | _Py_MEMORYVIEW_RESTRICTED)) | flags;
}

/* Strides of a contiguous array in the given order ('C' or 'F'). */
static void
contiguous_strides(int ndim, const Py_ssize_t *shape, Py_ssize_t itemsize, char order,
                   Py_ssize_t *strides)
{
    Py_ssize_t step = itemsize;
    for (int k = 0; k < ndim; k++) {
        int i = order == 'F' ? k : ndim - 1 - k;
        strides[i] = step;
        step *= shape[i];
    }
}

/* A view object for ndim dimensions, not registered with a managed buffer yet. */
static PyMemoryViewObject *
memory_alloc(int ndim)
{
    PyMemoryViewObject *self = PyObject_GC_NewVar(PyMemoryViewObject, &PyMemoryView_Type,
                                                  3 * ndim);
    if (self != NULL) {
        self->mbuf = NULL;
        self->hash = -1;
        self->flags = 0;
        self->exports = 0;
        self->view = (Py_buffer){.ndim = ndim};
        self->view.shape = self->ob_array;
        self->view.strides = self->ob_array + ndim;
        self->view.suboffsets = self->ob_array + 2 * ndim;
        self->weakreflist = NULL;
        _PyObject_GC_TRACK((PyObject *)self);
    }
    return self;
}

/* Describe `src`, with missing information filled in. */
static void
describe(PyMemoryViewObject *self, const Py_buffer *src)
{
    Py_buffer *v = &self->view;
    v->obj = src->obj;
    v->buf = src->buf;
    v->len = src->len;
    v->itemsize = src->itemsize;
    v->readonly = src->readonly;
    v->format = src->format != NULL ? src->format : "B";
    v->internal = src->internal;
    if (src->ndim == 0) {
        v->shape = v->strides = v->suboffsets = NULL;
    }
    else {
        for (int i = 0; i < src->ndim; i++) {
            /* without a shape there is one dimension of single items, which may have no size
               (a structure of ctypes without fields) */
            v->shape[i] = src->shape != NULL ? src->shape[i]
                          : src->itemsize > 0 ? src->len / src->itemsize : 0;
        }
        if (src->strides != NULL) {
            memcpy(v->strides, src->strides, (size_t)src->ndim * sizeof(Py_ssize_t));
        }
        else {
            contiguous_strides(src->ndim, v->shape, v->itemsize, 'C', v->strides);
        }
        if (src->suboffsets != NULL) {
            memcpy(v->suboffsets, src->suboffsets, (size_t)src->ndim * sizeof(Py_ssize_t));
        }
        else {
            v->suboffsets = NULL;
        }
    }
    set_form_flags(self);
}

/* A new view of mbuf that shows src (NULL: all of it). */
static PyObject *
mbuf_add_view(_PyManagedBufferObject *mbuf, const Py_buffer *src)
{
    if (src == NULL) {
        src = &mbuf->master;
    }
    if (src->ndim > PyBUF_MAX_NDIM) {
        PyErr_SetString(PyExc_ValueError,
                        "memoryview: number of dimensions must not exceed "
                        Py_STRINGIFY(PyBUF_MAX_NDIM));
        return NULL;
    }
    PyMemoryViewObject *self = memory_alloc(src->ndim);
    if (self == NULL) {
        return NULL;
    }
    describe(self, src);
    self->mbuf = (_PyManagedBufferObject *)Py_NewRef(mbuf);
    mbuf->exports++;
    return (PyObject *)self;
}

/* --- Creation --------------------------------------------------------------------------------- */

PyObject *
PyMemoryView_FromMemory(char *mem, Py_ssize_t size, int flags)
{
    assert(mem != NULL && (flags == PyBUF_READ || flags == PyBUF_WRITE));
    _PyManagedBufferObject *mbuf = mbuf_alloc();
    if (mbuf == NULL) {
        return NULL;
    }
    int readonly = flags != PyBUF_WRITE;
    PyObject *res = NULL;
    if (PyBuffer_FillInfo(&mbuf->master, NULL, mem, size, readonly, PyBUF_FULL_RO) == 0) {
        res = mbuf_add_view(mbuf, NULL);
    }
    Py_DECREF(mbuf);
    return res;
}

/* A view of *info, which has to stay valid; info->obj is not held. */
PyObject *
PyMemoryView_FromBuffer(const Py_buffer *info)
{
    if (info->buf == NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "PyMemoryView_FromBuffer(): info->buf must not be NULL");
        return NULL;
    }
    _PyManagedBufferObject *mbuf = mbuf_alloc();
    if (mbuf == NULL) {
        return NULL;
    }
    mbuf->master = *info;
    mbuf->master.obj = NULL;
    PyObject *res = mbuf_add_view(mbuf, NULL);
    Py_DECREF(mbuf);
    return res;
}

static PyObject *
view_of(PyObject *v, int flags, getbufferproc bufferproc)
{
    _PyManagedBufferObject *mbuf = mbuf_from_object(v, flags, bufferproc);
    if (mbuf == NULL) {
        return NULL;
    }
    PyObject *res = mbuf_add_view(mbuf, NULL);
    Py_DECREF(mbuf);
    return res;
}

PyObject *
_PyMemoryView_FromBufferProc(PyObject *v, int flags, getbufferproc bufferproc)
{
    return view_of(v, flags, bufferproc);
}

static PyObject *
from_object_and_flags(PyObject *v, int flags)
{
    if (PyMemoryView_Check(v)) {
        PyMemoryViewObject *mv = MV(v);
        if (check_released(mv) < 0 || check_restricted(mv) < 0) {
            return NULL;
        }
        return mbuf_add_view(mv->mbuf, &mv->view);
    }
    if (PyObject_CheckBuffer(v)) {
        return view_of(v, flags, NULL);
    }
    PyErr_Format(PyExc_TypeError, "memoryview: a bytes-like object is required, not '%.200s'",
                 Py_TYPE(v)->tp_name);
    return NULL;
}

PyObject *
PyMemoryView_FromObject(PyObject *v)
{
    return from_object_and_flags(v, PyBUF_FULL_RO);
}

/*sig memoryview.__new__(type, object)

Create a new memoryview object which references the given object.
*/
static PyObject *
memory_new_impl(PyTypeObject *Py_UNUSED(type), PyObject *object)
{
    return PyMemoryView_FromObject(object);
}

/*sig @classmethod memoryview._from_flags(type, object, flags: int)

Create a new memoryview object which references the given object.
*/
static PyObject *
memory__from_flags_impl(PyTypeObject *Py_UNUSED(type), PyObject *object, int flags)
{
    return from_object_and_flags(object, flags);
}

/* --- Copying ---------------------------------------------------------------------------------- */

/* Address of element i of the first dimension at ptr. */
static char *
element(char *ptr, Py_ssize_t stride, const Py_ssize_t *suboffset, Py_ssize_t i)
{
    ptr += i * stride;
    if (suboffset != NULL && *suboffset >= 0) {
        ptr = *(char **)ptr + *suboffset;
    }
    return ptr;
}

/* Copy an array of ndim >= 1 dimensions; the last ones are copied as blocks where they lie
   together. */
static void
copy_array(const Py_ssize_t *shape, int ndim, Py_ssize_t itemsize,
           char *dest, const Py_ssize_t *dstrides, const Py_ssize_t *dsub,
           char *src, const Py_ssize_t *sstrides, const Py_ssize_t *ssub)
{
    assert(ndim >= 1);
    if (ndim == 1 && dsub == NULL && ssub == NULL
        && dstrides[0] == itemsize && sstrides[0] == itemsize)
    {
        memmove(dest, src, (size_t)(shape[0] * itemsize));
        return;
    }
    for (Py_ssize_t i = 0; i < shape[0]; i++) {
        char *d = element(dest, dstrides[0], dsub, i), *s = element(src, sstrides[0], ssub, i);
        if (ndim == 1) {
            memcpy(d, s, (size_t)itemsize);
        }
        else {
            copy_array(shape + 1, ndim - 1, itemsize, d, dstrides + 1,
                       dsub != NULL ? dsub + 1 : NULL, s, sstrides + 1,
                       ssub != NULL ? ssub + 1 : NULL);
        }
    }
}

/* Copy src, which has shape and strides, to contiguous memory in the given order. */
static void
copy_out(char *dest, const Py_buffer *src, char order)
{
    Py_ssize_t strides[PyBUF_MAX_NDIM];
    if (src->ndim == 0) {
        memcpy(dest, src->buf, (size_t)src->itemsize);
        return;
    }
    contiguous_strides(src->ndim, src->shape, src->itemsize, order, strides);
    copy_array(src->shape, src->ndim, src->itemsize, dest, strides, NULL, src->buf, src->strides,
               src->suboffsets);
}

/* Copy the memory of src to buf; order 'C', 'F' or 'A' (as it lies, else C).  0, or -1 with an
   exception. */
int
PyBuffer_ToContiguous(void *buf, const Py_buffer *src, Py_ssize_t len, char order)
{
    assert(order == 'C' || order == 'F' || order == 'A');
    if (len != src->len) {
        PyErr_SetString(PyExc_ValueError, "PyBuffer_ToContiguous: len != view->len");
        return -1;
    }
    if (PyBuffer_IsContiguous(src, order)) {
        memcpy(buf, src->buf, (size_t)len);
        return 0;
    }
    Py_buffer full = *src;
    Py_ssize_t strides[PyBUF_MAX_NDIM];
    assert(src->ndim >= 1 && src->ndim <= PyBUF_MAX_NDIM && src->shape != NULL);
    if (full.strides == NULL) {
        contiguous_strides(full.ndim, full.shape, full.itemsize, 'C', strides);
        full.strides = strides;
    }
    copy_out(buf, &full, order == 'F' ? 'F' : 'C');
    return 0;
}

/* A contiguous view of obj; the memory is copied if it is not contiguous (read only then). */
PyObject *
PyMemoryView_GetContiguous(PyObject *obj, int buffertype, char order)
{
    assert(buffertype == PyBUF_READ || buffertype == PyBUF_WRITE);
    assert(order == 'C' || order == 'F' || order == 'A');
    PyMemoryViewObject *mv = MV(PyMemoryView_FromObject(obj));
    if (mv == NULL) {
        return NULL;
    }
    Py_buffer *view = &mv->view;
    if (buffertype == PyBUF_WRITE && view->readonly) {
        PyErr_SetString(PyExc_BufferError, "underlying buffer is not writable");
        Py_DECREF(mv);
        return NULL;
    }
    if (PyBuffer_IsContiguous(view, order)) {
        return (PyObject *)mv;
    }
    if (buffertype == PyBUF_WRITE) {
        PyErr_SetString(PyExc_BufferError,
                        "writable contiguous buffer requested for a non-contiguous object.");
        Py_DECREF(mv);
        return NULL;
    }
    PyObject *res = NULL, *bytes = PyBytes_FromStringAndSize(NULL, view->len);
    _PyManagedBufferObject *mbuf = NULL;
    if (bytes == NULL) {
        goto done;
    }
    order = order == 'F' ? 'F' : 'C';
    copy_out(PyBytes_AS_STRING(bytes), view, order);
    mbuf = mbuf_from_object(bytes, PyBUF_FULL_RO, NULL);
    if (mbuf == NULL) {
        goto done;
    }
    /* the same format and shape over the new memory; the format string belongs to the copy */
    size_t n = strlen(view->format) + 1;
    char *format = PyMem_Malloc(n);
    if (format == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    memcpy(format, view->format, n);
    mbuf->master.format = format;
    mbuf->flags |= _Py_MANAGED_BUFFER_FREE_FORMAT;
    Py_ssize_t strides[PyBUF_MAX_NDIM];
    Py_buffer shown = mbuf->master;
    contiguous_strides(view->ndim, view->shape, view->itemsize, order, strides);
    shown.itemsize = view->itemsize;
    shown.ndim = view->ndim;
    shown.shape = view->shape;
    shown.strides = strides;
    shown.suboffsets = NULL;
    res = mbuf_add_view(mbuf, &shown);

done:
    Py_XDECREF(mbuf);
    Py_XDECREF(bytes);
    Py_DECREF(mv);
    return res;
}

/* --- Release ---------------------------------------------------------------------------------- */

static int
release_view(PyMemoryViewObject *self)
{
    if (self->flags & _Py_MEMORYVIEW_RELEASED) {
        return 0;
    }
    if (self->exports > 0) {
        PyErr_Format(PyExc_BufferError, "memoryview has %zd exported buffer%s",
                     self->exports, self->exports == 1 ? "" : "s");
        return -1;
    }
    self->flags |= _Py_MEMORYVIEW_RELEASED;
    if (self->mbuf != NULL) {
        assert(self->mbuf->exports > 0);
        if (--self->mbuf->exports == 0) {
            mbuf_release(self->mbuf);
        }
    }
    return 0;
}

/*sig memoryview.release(self) -> None

Release the underlying buffer exposed by the memoryview object.
*/
static int
memory_release_impl(PyMemoryViewObject *self)
{
    return release_view(self);
}

/*sig @nosignature memoryview.__enter__(self)

*/
static PyObject *
memory___enter___impl(PyMemoryViewObject *self)
{
    return check_released(self) < 0 ? NULL : Py_NewRef(self);
}

/*sig @nosignature memoryview.__exit__(self, *args) -> None

*/
static int
memory___exit___impl(PyMemoryViewObject *self, PyObject *Py_UNUSED(args))
{
    return release_view(self);
}

static void
memory_dealloc(PyObject *op)
{
    PyMemoryViewObject *self = MV(op);
    assert(self->exports == 0);
    _PyObject_GC_UNTRACK(op);
    (void)release_view(self);
    Py_CLEAR(self->mbuf);
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    PyObject_GC_Del(self);
}

static int
memory_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(MV(self)->mbuf);
    return 0;
}

static int
memory_clear(PyObject *op)
{
    PyMemoryViewObject *self = MV(op);
    if (self->exports == 0) {
        (void)release_view(self);
        Py_CLEAR(self->mbuf);
    }
    return 0;
}

/* --- Buffer protocol -------------------------------------------------------------------------- */

#define REQUESTED(flags, what) (((flags) & (what)) == (what))

static int
memory_getbuffer(PyObject *op, Py_buffer *view, int flags)
{
    PyMemoryViewObject *self = MV(op);
    if (check_released(self) < 0 || check_restricted(self) < 0) {
        return -1;
    }
    *view = self->view;
    view->obj = NULL;
    const char *problem =
        REQUESTED(flags, PyBUF_WRITABLE) && view->readonly
            ? "memoryview: underlying buffer is not writable"
        : REQUESTED(flags, PyBUF_C_CONTIGUOUS) && !HAS(self, C)
            ? "memoryview: underlying buffer is not C-contiguous"
        : REQUESTED(flags, PyBUF_F_CONTIGUOUS) && !HAS(self, FORTRAN)
            ? "memoryview: underlying buffer is not Fortran contiguous"
        : REQUESTED(flags, PyBUF_ANY_CONTIGUOUS) && !HAS(self, C) && !HAS(self, FORTRAN)
            ? "memoryview: underlying buffer is not contiguous"
        : !REQUESTED(flags, PyBUF_INDIRECT) && HAS(self, PIL)
            ? "memoryview: underlying buffer requires suboffsets"
        : !REQUESTED(flags, PyBUF_STRIDES) && !HAS(self, C)
            ? "memoryview: underlying buffer is not C-contiguous"
        : !REQUESTED(flags, PyBUF_ND) && REQUESTED(flags, PyBUF_FORMAT)
            ? "memoryview: cannot cast to unsigned bytes if the format flag is present" : NULL;
    if (problem != NULL) {
        PyErr_SetString(PyExc_BufferError, problem);
        return -1;
    }
    if (!REQUESTED(flags, PyBUF_FORMAT)) {
        view->format = NULL;        /* means "B" */
    }
    if (!REQUESTED(flags, PyBUF_STRIDES)) {
        view->strides = NULL;
    }
    if (!REQUESTED(flags, PyBUF_ND)) {
        view->ndim = 1;             /* plain bytes */
        view->shape = NULL;
    }
    view->obj = Py_NewRef(op);
    self->exports++;
    return 0;
}

static void
memory_releasebuffer(PyObject *self, Py_buffer *Py_UNUSED(view))
{
    MV(self)->exports--;
    assert(MV(self)->exports >= 0);
}

/* --- Native formats --------------------------------------------------------------------------- */

/* The character of a native single-character format, 0 for any other format. */
static char
native_char(const char *format)
{
    if (format[0] == '@') {
        format++;
    }
    return format[0] != '\0' && format[1] == '\0' && strchr("cbB?hHiIlLqQnNfdeP", format[0])
           ? format[0] : '\0';
}

static Py_ssize_t
native_size(char c)
{
    switch (c) {
    case 'c': case 'b': case 'B': return 1;
    case '?': return sizeof(bool);
    case 'h': case 'H': case 'e': return sizeof(short);
    case 'i': case 'I': return sizeof(int);
    case 'l': case 'L': return sizeof(long);
    case 'q': case 'Q': return sizeof(long long);
    case 'n': case 'N': return sizeof(Py_ssize_t);
    case 'f': return sizeof(float);
    case 'd': return sizeof(double);
    case 'P': return sizeof(void *);
    default: return -1;
    }
}

#define LOAD(TYPE, VAR) TYPE VAR; memcpy(&VAR, ptr, sizeof(VAR))

/* The item at ptr as an object; `format` is only for the message. */
static PyObject *
unpack_item(const char *ptr, char c, const char *format)
{
    switch (c) {
    case 'B': return _PyLong_SMALL(*(const unsigned char *)ptr);
    case 'b': return PyLong_FromLong(*(const signed char *)ptr);
    case 'c': return PyBytes_FromStringAndSize(ptr, 1);
    case '?': {
        LOAD(unsigned char, x);
        return PyBool_FromLong(x != 0);
    }
    case 'h': { LOAD(short, x); return PyLong_FromLong(x); }
    case 'H': { LOAD(unsigned short, x); return PyLong_FromLong(x); }
    case 'i': { LOAD(int, x); return PyLong_FromLong(x); }
    case 'I': { LOAD(unsigned int, x); return PyLong_FromUnsignedLong(x); }
    case 'l': { LOAD(long, x); return PyLong_FromLong(x); }
    case 'L': { LOAD(unsigned long, x); return PyLong_FromUnsignedLong(x); }
    case 'q': { LOAD(long long, x); return PyLong_FromLongLong(x); }
    case 'Q': { LOAD(unsigned long long, x); return PyLong_FromUnsignedLongLong(x); }
    case 'n': { LOAD(Py_ssize_t, x); return PyLong_FromSsize_t(x); }
    case 'N': { LOAD(size_t, x); return PyLong_FromSize_t(x); }
    case 'f': { LOAD(float, x); return PyFloat_FromDouble(x); }
    case 'd': { LOAD(double, x); return PyFloat_FromDouble(x); }
    case 'e': {
        double x = PyFloat_Unpack2(ptr, PY_LITTLE_ENDIAN);
        return x == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(x);
    }
    case 'P': { LOAD(void *, x); return PyLong_FromVoidPtr(x); }
    default:
        PyErr_Format(PyExc_NotImplementedError, "memoryview: format %s not supported", format);
        return NULL;
    }
}

/* An integer argument as long long or unsigned long long; -1 with an exception. */
static int
integer_value(PyObject *item, int is_signed, long long *s, unsigned long long *u)
{
    PyObject *n = _PyNumber_Index(item);
    if (n == NULL) {
        return -1;
    }
    if (is_signed) {
        *s = PyLong_AsLongLong(n);
    }
    else {
        *u = PyLong_AsUnsignedLongLong(n);
    }
    Py_DECREF(n);
    return PyErr_Occurred() ? -1 : 0;
}

#define STORE(TYPE, VALUE) do { TYPE x = (TYPE)(VALUE); memcpy(ptr, &x, sizeof(x)); } while (0)
#define STORE_SIGNED(TYPE, MIN, MAX) \
    if (s < (MIN) || s > (MAX)) { \
        goto out_of_range; \
    } \
    STORE(TYPE, s); \
    return 0
#define STORE_UNSIGNED(TYPE, MAX) \
    if (u > (MAX)) { \
        goto out_of_range; \
    } \
    STORE(TYPE, u); \
    return 0

/* Store item at ptr; 0, or -1 with TypeError, ValueError or what the conversion raised. */
static int
pack_item(char *ptr, PyObject *item, char c, const char *format)
{
    long long s = 0;
    unsigned long long u = 0;
    double d;
    if (strchr("bhilqn", c) != NULL && c != '\0' && integer_value(item, 1, &s, &u) < 0) {
        goto failed;
    }
    if (strchr("BHILQN", c) != NULL && c != '\0' && integer_value(item, 0, &s, &u) < 0) {
        goto failed;
    }
    switch (c) {
    case 'b': STORE_SIGNED(signed char, SCHAR_MIN, SCHAR_MAX);
    case 'h': STORE_SIGNED(short, SHRT_MIN, SHRT_MAX);
    case 'i': STORE_SIGNED(int, INT_MIN, INT_MAX);
    case 'l': STORE_SIGNED(long, LONG_MIN, LONG_MAX);
    case 'n': STORE_SIGNED(Py_ssize_t, PY_SSIZE_T_MIN, PY_SSIZE_T_MAX);
    case 'q': STORE(long long, s); return 0;
    case 'B': STORE_UNSIGNED(unsigned char, UCHAR_MAX);
    case 'H': STORE_UNSIGNED(unsigned short, USHRT_MAX);
    case 'I': STORE_UNSIGNED(unsigned int, UINT_MAX);
    case 'L': STORE_UNSIGNED(unsigned long, ULONG_MAX);
    case 'N': STORE_UNSIGNED(size_t, SIZE_MAX);
    case 'Q': STORE(unsigned long long, u); return 0;
    case 'f': case 'd': case 'e':
        d = PyFloat_AsDouble(item);
        if (d == -1.0 && PyErr_Occurred()) {
            goto failed;
        }
        if (c == 'f') {
            STORE(float, d);
        }
        else if (c == 'd') {
            STORE(double, d);
        }
        else if (PyFloat_Pack2(d, ptr, PY_LITTLE_ENDIAN) < 0) {
            goto failed;
        }
        return 0;
    case '?': {
        int truth = PyObject_IsTrue(item);
        if (truth < 0) {
            return -1;
        }
        STORE(bool, truth);
        return 0;
    }
    case 'c':
        if (!PyBytes_Check(item)) {
            PyErr_Format(PyExc_TypeError, "memoryview: invalid type for format '%s'", format);
            return -1;
        }
        if (PyBytes_GET_SIZE(item) != 1) {
            goto out_of_range;
        }
        *ptr = PyBytes_AS_STRING(item)[0];
        return 0;
    case 'P': {
        PyObject *n = _PyNumber_Index(item);
        void *p = n != NULL ? PyLong_AsVoidPtr(n) : NULL;
        Py_XDECREF(n);
        if (p == NULL && PyErr_Occurred()) {
            goto failed;
        }
        STORE(void *, p);
        return 0;
    }
    default:
        PyErr_Format(PyExc_NotImplementedError, "memoryview: format %s not supported", format);
        return -1;
    }

failed:
    if (PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError, "memoryview: invalid type for format '%s'", format);
        return -1;
    }
    if (!PyErr_ExceptionMatches(PyExc_OverflowError) && !PyErr_ExceptionMatches(PyExc_ValueError)) {
        return -1;
    }
    PyErr_Clear();

out_of_range:
    PyErr_Format(PyExc_ValueError, "memoryview: invalid value for format '%s'", format);
    return -1;
}

/* The item at ptr of a view. */
static PyObject *
view_item(const Py_buffer *v, const char *ptr)
{
    return unpack_item(ptr, native_char(v->format), v->format);
}

/* --- Cast ------------------------------------------------------------------------------------- */

/* Constant strings for the formats, since a view does not own its format. */
static const char *
static_format(char c, int with_at)
{
    static const char formats[][3] = {
        "@c", "@b", "@B", "@?", "@h", "@H", "@i", "@I", "@l", "@L", "@q", "@Q", "@n", "@N", "@f",
        "@d", "@e", "@P",
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(formats); i++) {
        if (formats[i][1] == c) {
            return formats[i] + !with_at;
        }
    }
    Py_UNREACHABLE();
}

static int
is_byte_char(char c)
{
    return c == 'b' || c == 'B' || c == 'c';
}

/* Give the one-dimensional C-contiguous self another format. */
static int
cast_to_1d(PyMemoryViewObject *self, PyObject *format)
{
    Py_buffer *v = &self->view;
    PyObject *ascii = PyUnicode_AsASCIIString(format);
    if (ascii == NULL) {
        return -1;
    }
    const char *text = PyBytes_AS_STRING(ascii);
    char source = native_char(v->format), target = native_char(text);
    int with_at = text[0] == '@';
    Py_DECREF(ascii);
    if (target == '\0') {
        PyErr_SetString(PyExc_ValueError,
                        "memoryview: destination format must be a native single character format "
                        "prefixed with an optional '@'");
        return -1;
    }
    /* A source of any other format ('\0') is no byte format. */
    if (!is_byte_char(source) && !is_byte_char(target)) {
        PyErr_SetString(PyExc_TypeError, "memoryview: cannot cast between two non-byte formats");
        return -1;
    }
    Py_ssize_t itemsize = native_size(target);
    if (v->len % itemsize) {
        PyErr_SetString(PyExc_TypeError, "memoryview: length is not a multiple of itemsize");
        return -1;
    }
    v->format = (char *)static_format(target, with_at);
    v->itemsize = itemsize;
    v->ndim = 1;
    v->shape = self->ob_array;
    v->strides = self->ob_array + 1;
    v->suboffsets = NULL;
    v->shape[0] = v->len / itemsize;
    v->strides[0] = itemsize;
    set_form_flags(self);
    return 0;
}

/* Read the shape argument; the product of its elements, or -1 with an exception. */
static Py_ssize_t
read_shape(PyObject *seq, int ndim, Py_ssize_t itemsize, Py_ssize_t *shape)
{
    Py_ssize_t size = itemsize;
    for (int i = 0; i < ndim; i++) {
        PyObject *item = PySequence_Fast_GET_ITEM(seq, i);
        if (!PyLong_Check(item)) {
            PyErr_SetString(PyExc_TypeError,
                            "memoryview.cast(): elements of shape must be integers");
            return -1;
        }
        Py_ssize_t x = PyLong_AsSsize_t(item);
        if (x == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (x <= 0) {
            PyErr_SetString(PyExc_ValueError,
                            "memoryview.cast(): elements of shape must be integers > 0");
            return -1;
        }
        if (x > PY_SSIZE_T_MAX / size) {
            PyErr_SetString(PyExc_ValueError, "memoryview.cast(): product(shape) > SSIZE_MAX");
            return -1;
        }
        size *= x;
        shape[i] = x;
    }
    return size;
}

/* Give the one-dimensional self a shape of ndim dimensions; it was allocated for as many. */
static int
cast_to_nd(PyMemoryViewObject *self, PyObject *shape, int ndim)
{
    Py_buffer *v = &self->view;
    v->ndim = ndim;
    v->shape = ndim > 0 ? self->ob_array : NULL;
    v->strides = ndim > 0 ? self->ob_array + ndim : NULL;
    v->suboffsets = NULL;
    Py_ssize_t len = v->itemsize;
    if (ndim > 0) {
        len = read_shape(shape, ndim, v->itemsize, v->shape);
        if (len < 0) {
            return -1;
        }
        contiguous_strides(ndim, v->shape, v->itemsize, 'C', v->strides);
    }
    if (len != v->len) {
        PyErr_SetString(PyExc_TypeError,
                        "memoryview: product(shape) * itemsize != buffer size");
        return -1;
    }
    set_form_flags(self);
    return 0;
}

/* A view of self's memory with room for at least ndim dimensions. */
static PyMemoryViewObject *
incomplete_view(PyMemoryViewObject *self, int ndim)
{
    Py_buffer plain = self->view;
    plain.ndim = 1;
    plain.shape = plain.strides = plain.suboffsets = NULL;
    PyMemoryViewObject *mv = memory_alloc(Py_MAX(ndim, 1));
    if (mv == NULL) {
        return NULL;
    }
    mv->view.ndim = 1;
    describe(mv, &plain);
    mv->mbuf = (_PyManagedBufferObject *)Py_NewRef(self->mbuf);
    self->mbuf->exports++;
    return mv;
}

static int
has_zero_in_shape(const Py_buffer *v)
{
    for (int i = 0; i < v->ndim; i++) {
        if (v->shape[i] == 0) {
            return 1;
        }
    }
    return 0;
}

/*sig memoryview.cast(self, format: unicode, shape = NULL)

Cast a memoryview to a new format or shape.
*/
static PyObject *
memory_cast_impl(PyMemoryViewObject *self, PyObject *format, PyObject *shape)
{
    if (check_released(self) < 0 || check_restricted(self) < 0) {
        return NULL;
    }
    if (!HAS(self, C)) {
        PyErr_SetString(PyExc_TypeError,
                        "memoryview: casts are restricted to C-contiguous views");
        return NULL;
    }
    if ((shape != NULL || self->view.ndim != 1) && has_zero_in_shape(&self->view)) {
        PyErr_SetString(PyExc_TypeError,
                        "memoryview: cannot cast view with zeros in shape or strides");
        return NULL;
    }
    int ndim = 1;
    if (shape != NULL) {
        if (!PyList_Check(shape) && !PyTuple_Check(shape)) {
            PyErr_SetString(PyExc_TypeError, "shape must be a list or a tuple");
            return NULL;
        }
        Py_ssize_t n = PySequence_Fast_GET_SIZE(shape);
        if (n > PyBUF_MAX_NDIM) {
            PyErr_SetString(PyExc_ValueError,
                            "memoryview: number of dimensions must not exceed "
                            Py_STRINGIFY(PyBUF_MAX_NDIM));
            return NULL;
        }
        ndim = (int)n;
        if (self->view.ndim != 1 && ndim != 1) {
            PyErr_SetString(PyExc_TypeError,
                            "memoryview: cast must be 1D -> ND or ND -> 1D");
            return NULL;
        }
    }
    PyMemoryViewObject *mv = incomplete_view(self, ndim);
    if (mv == NULL) {
        return NULL;
    }
    if (cast_to_1d(mv, format) < 0 || (shape != NULL && cast_to_nd(mv, shape, ndim) < 0)) {
        Py_DECREF(mv);
        return NULL;
    }
    return (PyObject *)mv;
}

/*sig memoryview.toreadonly(self)

Return a readonly version of the memoryview.
*/
static PyObject *
memory_toreadonly_impl(PyMemoryViewObject *self)
{
    if (check_released(self) < 0 || check_restricted(self) < 0) {
        return NULL;
    }
    PyObject *mv = mbuf_add_view(self->mbuf, &self->view);
    if (mv != NULL) {
        VIEW(mv)->readonly = 1;
    }
    return mv;
}

/* --- Conversion ------------------------------------------------------------------------------- */

static PyObject *
list_of(const Py_buffer *v, char *ptr, int dim)
{
    if (dim == v->ndim) {
        return view_item(v, ptr);
    }
    PyObject *list = PyList_New(v->shape[dim]);
    for (Py_ssize_t i = 0; list != NULL && i < v->shape[dim]; i++) {
        const Py_ssize_t *sub = v->suboffsets != NULL ? v->suboffsets + dim : NULL;
        PyObject *item = list_of(v, element(ptr, v->strides[dim], sub, i), dim + 1);
        if (item == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, item);
    }
    return list;
}

/*sig memoryview.tolist(self)

Return the data in the buffer as a list of elements.
*/
static PyObject *
memory_tolist_impl(PyMemoryViewObject *self)
{
    if (check_released(self) < 0) {
        return NULL;
    }
    if (native_char(self->view.format) == '\0') {
        PyErr_Format(PyExc_NotImplementedError, "memoryview: format %s not supported",
                     self->view.format);
        return NULL;
    }
    return list_of(&self->view, self->view.buf, 0);
}

/*sig memoryview.tobytes(self, order: utf8_none = c"NULL" py"'C'")

Return the data in the buffer as a byte string.

Order can be 'C', 'F' or 'A': the elements in C or Fortran order, or as they lie in memory if that
is contiguous.
*/
static PyObject *
memory_tobytes_impl(PyMemoryViewObject *self, const char *order)
{
    char ord = 'C';
    if (check_released(self) < 0) {
        return NULL;
    }
    if (order != NULL) {
        if (strcmp(order, "C") != 0 && strcmp(order, "F") != 0 && strcmp(order, "A") != 0) {
            PyErr_SetString(PyExc_ValueError, "order must be 'C', 'F' or 'A'");
            return NULL;
        }
        ord = order[0];
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, self->view.len);
    if (bytes != NULL && self->view.len > 0
        && PyBuffer_ToContiguous(PyBytes_AS_STRING(bytes), &self->view, self->view.len, ord) < 0)
    {
        Py_CLEAR(bytes);
    }
    return bytes;
}

/*sig memoryview.hex(self, sep = NULL, bytes_per_sep: int = 1)

Return the data in the buffer as a str of hexadecimal numbers.

A separator of one ASCII character goes between groups of bytes_per_sep bytes; groups are counted
from the right, or from the left when the number is negative.

>>> data = memoryview(b'\x10\x2f\xa0')
>>> data.hex()
'102fa0'
>>> data.hex(':')
'10:2f:a0'
>>> data.hex(' ', 2)
'10 2fa0'
>>> data.hex(' ', -2)
'102f a0'
*/
static PyObject *
memory_hex_impl(PyMemoryViewObject *self, PyObject *sep, int bytes_per_sep)
{
    if (check_released(self) < 0) {
        return NULL;
    }
    if (HAS(self, C)) {
        /* len() of the separator may run code: keep the memory until then */
        self->exports++;
        PyObject *res = _Py_strhex_with_sep(self->view.buf, self->view.len, sep, bytes_per_sep);
        self->exports--;
        return res;
    }
    PyObject *bytes = memory_tobytes_impl(self, NULL);
    if (bytes == NULL) {
        return NULL;
    }
    PyObject *res = _Py_strhex_with_sep(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes), sep,
                                        bytes_per_sep);
    Py_DECREF(bytes);
    return res;
}

/* --- Indexing --------------------------------------------------------------------------------- */

/* Address of element index of dimension dim at ptr, or NULL with IndexError. */
static char *
lookup_dimension(const Py_buffer *v, char *ptr, int dim, Py_ssize_t index)
{
    Py_ssize_t n = v->shape[dim];
    if (index < 0) {
        index += n;
    }
    if (index < 0 || index >= n) {
        PyErr_Format(PyExc_IndexError, "index out of bounds on dimension %d", dim + 1);
        return NULL;
    }
    return element(ptr, v->strides[dim], v->suboffsets != NULL ? v->suboffsets + dim : NULL,
                   index);
}

/* Address of the item at a tuple of indices. */
static char *
ptr_from_tuple(const Py_buffer *v, PyObject *tuple)
{
    Py_ssize_t n = PyTuple_GET_SIZE(tuple);
    if (n > v->ndim) {
        PyErr_Format(PyExc_TypeError, "cannot index %d-dimension view with %zd-element tuple",
                     v->ndim, n);
        return NULL;
    }
    char *ptr = v->buf;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_ssize_t index = PyNumber_AsSsize_t(PyTuple_GET_ITEM(tuple, i), PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) {
            return NULL;
        }
        ptr = lookup_dimension(v, ptr, (int)i, index);
        if (ptr == NULL) {
            return NULL;
        }
    }
    return ptr;
}

static int
all_indices(PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (!PyIndex_Check(PyTuple_GET_ITEM(tuple, i))) {
            return 0;
        }
    }
    return 1;
}

static int
all_slices(PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (!PySlice_Check(PyTuple_GET_ITEM(tuple, i))) {
            return 0;
        }
    }
    return PyTuple_GET_SIZE(tuple) > 0;
}

static PyObject *
item_at(PyMemoryViewObject *self, Py_ssize_t index)
{
    Py_buffer *v = &self->view;
    if (check_released(self) < 0) {
        return NULL;
    }
    char c = native_char(v->format);
    if (c == '\0') {
        return unpack_item(NULL, c, v->format);     /* raises */
    }
    if (v->ndim == 0) {
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return NULL;
    }
    if (v->ndim > 1) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "multi-dimensional sub-views are not implemented");
        return NULL;
    }
    char *ptr = lookup_dimension(v, v->buf, 0, index);
    return ptr != NULL ? unpack_item(ptr, c, v->format) : NULL;
}

static PyObject *
memory_item(PyObject *self, Py_ssize_t index)
{
    return item_at(MV(self), index);
}

/* Restrict the first dimension to a slice. */
static int
slice_first_dimension(Py_buffer *v, PyObject *key)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) {
        return -1;
    }
    Py_ssize_t n = PySlice_AdjustIndices(v->shape[0], &start, &stop, step);
    /* The first dimension's suboffset counts only behind the pointer that its stride leads to. */
    v->buf = (char *)v->buf + v->strides[0] * start;
    v->shape[0] = n;
    v->strides[0] *= step;
    return 0;
}

/* Bytes of a view after a change of its shape. */
static void
set_length(Py_buffer *v)
{
    Py_ssize_t len = 1;
    for (int i = 0; i < v->ndim; i++) {
        len *= v->shape[i];
    }
    v->len = len * v->itemsize;
}

static PyObject *
memory_subscript(PyObject *op, PyObject *key)
{
    PyMemoryViewObject *self = MV(op);
    Py_buffer *v = &self->view;
    if (check_released(self) < 0) {
        return NULL;
    }
    if (v->ndim == 0) {
        if (PyTuple_Check(key) && PyTuple_GET_SIZE(key) == 0) {
            return view_item(v, v->buf);
        }
        if (key == Py_Ellipsis) {
            return Py_NewRef(op);
        }
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return NULL;
    }
    if (PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return item_at(self, index);
    }
    if (PySlice_Check(key)) {
        if (check_restricted(self) < 0) {
            return NULL;
        }
        PyMemoryViewObject *sliced = MV(mbuf_add_view(self->mbuf, v));
        if (sliced == NULL) {
            return NULL;
        }
        if (slice_first_dimension(&sliced->view, key) < 0) {
            Py_DECREF(sliced);
            return NULL;
        }
        set_length(&sliced->view);
        set_form_flags(sliced);
        return (PyObject *)sliced;
    }
    if (PyTuple_Check(key) && all_indices(key)) {
        if (PyTuple_GET_SIZE(key) < v->ndim) {
            PyErr_SetString(PyExc_NotImplementedError, "sub-views are not implemented");
            return NULL;
        }
        char *ptr = ptr_from_tuple(v, key);
        if (ptr == NULL) {
            return NULL;
        }
        /* an __index__ may have released the view */
        return check_released(self) < 0 ? NULL : view_item(v, ptr);
    }
    if (PyTuple_Check(key) && all_slices(key)) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "multi-dimensional slicing is not implemented");
        return NULL;
    }
    PyErr_SetString(PyExc_TypeError, "memoryview: invalid slice key");
    return NULL;
}

/* --- Assignment ------------------------------------------------------------------------------- */

/* Same items and shape, so that one can be copied to the other? */
static int
same_structure(const Py_buffer *dest, const Py_buffer *src)
{
    const char *df = dest->format, *sf = src->format != NULL ? src->format : "B";
    df += *df == '@';
    sf += *sf == '@';
    int same = strcmp(df, sf) == 0 && dest->itemsize == src->itemsize && dest->ndim == src->ndim;
    for (int i = 0; same && i < dest->ndim; i++) {
        same = dest->shape[i] == src->shape[i];
        if (dest->shape[i] == 0) {
            break;
        }
    }
    if (!same) {
        PyErr_SetString(PyExc_ValueError, "memoryview assignment: lvalue and rvalue have "
                                          "different structures");
    }
    return same;
}

/* Copy the one-dimensional src to dest; the memory may overlap. */
static int
copy_single(const Py_buffer *dest, const Py_buffer *src)
{
    assert(dest->ndim == 1);
    if (!same_structure(dest, src)) {
        return -1;
    }
    Py_ssize_t n = dest->shape[0], size = n * dest->itemsize;
    if (n == 0) {
        return 0;
    }
    char *temp = PyMem_Malloc((size_t)size);
    if (temp == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t packed = dest->itemsize;
    copy_array(dest->shape, 1, packed, temp, &packed, NULL, src->buf, src->strides,
               src->suboffsets);
    copy_array(dest->shape, 1, packed, dest->buf, dest->strides, dest->suboffsets, temp, &packed,
               NULL);
    PyMem_Free(temp);
    return 0;
}

static int
assign_slice(PyMemoryViewObject *self, PyObject *key, PyObject *value)
{
    Py_buffer *v = &self->view, src;
    if (PyObject_GetBuffer(value, &src, PyBUF_FULL_RO) < 0) {
        return -1;
    }
    /* work on copies of the numbers that a slice changes */
    Py_buffer dest = *v;
    Py_ssize_t numbers[3] = {v->shape[0], v->strides[0], v->suboffsets ? v->suboffsets[0] : -1};
    dest.shape = &numbers[0];
    dest.strides = &numbers[1];
    if (dest.suboffsets != NULL) {
        dest.suboffsets = &numbers[2];
    }
    int res = -1;
    if (slice_first_dimension(&dest, key) == 0 && check_released(self) == 0) {
        set_length(&dest);
        res = copy_single(&dest, &src);
    }
    PyBuffer_Release(&src);
    return res;
}

/* Store value at ptr; the conversion must not release the memory. */
static int
assign_item(PyMemoryViewObject *self, char *ptr, PyObject *value)
{
    Py_buffer *v = &self->view;
    char temp[16];
    const char *format = v->format + (v->format[0] == '@');
    char c = native_char(format);
    if (c == '\0') {
        return pack_item(NULL, value, c, format);    /* raises */
    }
    if (pack_item(temp, value, c, format) < 0 || check_released(self) < 0) {
        return -1;
    }
    memcpy(ptr, temp, (size_t)native_size(c));
    return 0;
}

static int
memory_ass_subscript(PyObject *op, PyObject *key, PyObject *value)
{
    PyMemoryViewObject *self = MV(op);
    Py_buffer *v = &self->view;
    if (check_released(self) < 0) {
        return -1;
    }
    const char *format = v->format + (v->format[0] == '@');
    if (format[0] == '\0' || format[1] != '\0') {
        PyErr_Format(PyExc_NotImplementedError, "memoryview: unsupported format %s", v->format);
        return -1;
    }
    if (v->readonly) {
        PyErr_SetString(PyExc_TypeError, "cannot modify read-only memory");
        return -1;
    }
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "cannot delete memory");
        return -1;
    }
    if (v->ndim == 0) {
        if (key == Py_Ellipsis || (PyTuple_Check(key) && PyTuple_GET_SIZE(key) == 0)) {
            return assign_item(self, v->buf, value);
        }
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return -1;
    }
    if (PyIndex_Check(key)) {
        if (v->ndim > 1) {
            PyErr_SetString(PyExc_NotImplementedError, "sub-views are not implemented");
            return -1;
        }
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (check_released(self) < 0) {
            return -1;
        }
        char *ptr = lookup_dimension(v, v->buf, 0, index);
        return ptr != NULL ? assign_item(self, ptr, value) : -1;
    }
    if (PySlice_Check(key)) {
        if (v->ndim > 1) {
            PyErr_SetString(PyExc_NotImplementedError, "memoryview slice assignments are "
                                                       "currently restricted to ndim = 1");
            return -1;
        }
        return assign_slice(self, key, value);
    }
    if (PyTuple_Check(key) && all_indices(key)) {
        if (PyTuple_GET_SIZE(key) < v->ndim) {
            PyErr_SetString(PyExc_NotImplementedError, "sub-views are not implemented");
            return -1;
        }
        char *ptr = ptr_from_tuple(v, key);
        return ptr != NULL && check_released(self) == 0 ? assign_item(self, ptr, value) : -1;
    }
    if (PyTuple_Check(key) && all_slices(key)) {
        PyErr_SetString(PyExc_NotImplementedError, "memoryview slice assignments are currently "
                                                   "restricted to ndim = 1");
        return -1;
    }
    PyErr_SetString(PyExc_TypeError, "memoryview: invalid slice key");
    return -1;
}

static Py_ssize_t
memory_length(PyObject *op)
{
    if (check_released(MV(op)) < 0) {
        return -1;
    }
    if (VIEW(op)->ndim == 0) {
        PyErr_SetString(PyExc_TypeError, "0-dim memory has no length");
        return -1;
    }
    return VIEW(op)->shape[0];
}

/* --- Comparison ------------------------------------------------------------------------------- */

/* How to read the items of one side. */
struct reader {
    const char *format;
    char native;                /* 0: use unpack_from */
    PyObject *unpack_from;      /* bound method of a struct.Struct, or NULL */
    PyObject *window;           /* memoryview over `item` that is handed to it */
    char *item;                 /* PyMem block of itemsize bytes */
    Py_ssize_t itemsize;
};

static void
reader_clear(struct reader *r)
{
    Py_CLEAR(r->unpack_from);
    Py_CLEAR(r->window);
    PyMem_Free(r->item);
}

/* 1: ready; 0: the format is not known to struct; -1 with an exception. */
static int
reader_init(struct reader *r, const Py_buffer *v)
{
    *r = (struct reader){.format = v->format != NULL ? v->format : "B", .itemsize = v->itemsize};
    r->native = native_char(r->format);
    if (r->native != '\0') {
        return 1;
    }
    PyObject *module = PyImport_ImportModule("struct");
    if (module == NULL) {
        return -1;
    }
    int res = -1;
    PyObject *error = PyObject_GetAttrString(module, "error");
    PyObject *st = PyObject_CallMethod(module, "Struct", "s", r->format);
    if (st == NULL) {
        if (error != NULL && PyErr_ExceptionMatches(error)) {
            PyErr_Clear();
            res = 0;
        }
        goto done;
    }
    r->unpack_from = PyObject_GetAttrString(st, "unpack_from");
    r->item = PyMem_Malloc((size_t)Py_MAX(r->itemsize, 1));
    if (r->item == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    r->window = PyMemoryView_FromMemory(r->item, r->itemsize, PyBUF_READ);
    res = r->unpack_from != NULL && r->window != NULL ? 1 : -1;

done:
    Py_XDECREF(st);
    Py_XDECREF(error);
    Py_DECREF(module);
    return res;
}

static PyObject *
reader_get(struct reader *r, const char *ptr)
{
    if (r->native != '\0') {
        return unpack_item(ptr, r->native, r->format);
    }
    memcpy(r->item, ptr, (size_t)r->itemsize);
    PyObject *tuple = PyObject_CallOneArg(r->unpack_from, r->window);
    if (tuple != NULL && PyTuple_GET_SIZE(tuple) == 1) {
        Py_SETREF(tuple, Py_NewRef(PyTuple_GET_ITEM(tuple, 0)));
    }
    return tuple;
}

/* Are the items equal?  -1 with an exception. */
static int
items_equal(struct reader *a, const char *p, struct reader *b, const char *q)
{
    if (a->native != '\0' && a->native == b->native && strchr("fde?", a->native) == NULL) {
        return memcmp(p, q, (size_t)a->itemsize) == 0;
    }
    PyObject *x = reader_get(a, p), *y = x != NULL ? reader_get(b, q) : NULL;
    int res = y != NULL ? PyObject_RichCompareBool(x, y, Py_EQ) : -1;
    if (res == 1 && x == y && PyFloat_Check(x)) {
        res = PyFloat_AS_DOUBLE(x) == PyFloat_AS_DOUBLE(y);
    }
    Py_XDECREF(x);
    Py_XDECREF(y);
    return res;
}

static int
arrays_equal(const Py_buffer *a, char *p, struct reader *ra, const Py_buffer *b, char *q,
             struct reader *rb, int dim)
{
    if (dim == a->ndim) {
        return items_equal(ra, p, rb, q);
    }
    int res = 1;
    for (Py_ssize_t i = 0; res == 1 && i < a->shape[dim]; i++) {
        res = arrays_equal(a, element(p, a->strides[dim],
                                      a->suboffsets != NULL ? a->suboffsets + dim : NULL, i), ra,
                           b, element(q, b->strides[dim],
                                      b->suboffsets != NULL ? b->suboffsets + dim : NULL, i), rb,
                           dim + 1);
    }
    return res;
}

static int
same_shape(const Py_buffer *a, const Py_buffer *b)
{
    if (a->ndim != b->ndim) {
        return 0;
    }
    for (int i = 0; i < a->ndim; i++) {
        if (a->shape[i] != b->shape[i]) {
            return 0;
        }
        if (a->shape[i] == 0) {
            break;
        }
    }
    return 1;
}

static int
buffers_equal(const Py_buffer *a, const Py_buffer *b)
{
    if (!same_shape(a, b)) {
        return 0;
    }
    struct reader ra = {0}, rb = {0};
    int res = reader_init(&ra, a);
    if (res == 1) {
        res = reader_init(&rb, b);
    }
    if (res == 1) {
        res = arrays_equal(a, a->buf, &ra, b, b->buf, &rb, 0);
    }
    reader_clear(&ra);
    reader_clear(&rb);
    return res;
}

static PyObject *
memory_richcompare(PyObject *v, PyObject *w, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyMemoryView_Check(v)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_buffer other = {0};
    const Py_buffer *b;
    int equal;
    if (HAS(v, RELEASED) || (MV(v)->mbuf->flags & _Py_MANAGED_BUFFER_RELEASED)) {
        equal = v == w;
        goto done;
    }
    if (PyMemoryView_Check(w)) {
        if (HAS(w, RELEASED) || (MV(w)->mbuf->flags & _Py_MANAGED_BUFFER_RELEASED)) {
            equal = v == w;
            goto done;
        }
        b = VIEW(w);
    }
    else {
        if (PyObject_GetBuffer(w, &other, PyBUF_FULL_RO) < 0) {
            PyErr_Clear();
            Py_RETURN_NOTIMPLEMENTED;
        }
        b = &other;
    }
    /* comparing may run code: the memory has to stay */
    MV(v)->exports++;
    if (b != &other) {
        MV(w)->exports++;
    }
    equal = buffers_equal(VIEW(v), b);
    MV(v)->exports--;
    if (b != &other) {
        MV(w)->exports--;
    }
    PyBuffer_Release(&other);

done:
    return equal < 0 ? NULL : PyBool_FromLong(equal == (op == Py_EQ));
}

static Py_hash_t
memory_hash(PyObject *op)
{
    PyMemoryViewObject *self = MV(op);
    if (self->hash != -1) {
        return self->hash;
    }
    if (check_released(self) < 0) {
        return -1;
    }
    Py_buffer *v = &self->view;
    if (!v->readonly) {
        PyErr_SetString(PyExc_ValueError, "cannot hash writable memoryview object");
        return -1;
    }
    if (!is_byte_char(native_char(v->format))) {
        PyErr_SetString(PyExc_ValueError, "memoryview: hashing is restricted to formats 'B', "
                                          "'b' or 'c'");
        return -1;
    }
    if (v->obj != NULL) {
        /* the exporter has to be hashable too; its hash may run code */
        self->exports++;
        Py_hash_t hash = PyObject_Hash(v->obj);
        self->exports--;
        if (hash == -1) {
            return -1;
        }
    }
    if (HAS(self, C)) {
        self->hash = _Py_HashBytes(v->buf, v->len);
        return self->hash;
    }
    char *copy = PyMem_Malloc((size_t)Py_MAX(v->len, 1));
    if (copy == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    copy_out(copy, v, 'C');
    self->hash = _Py_HashBytes(copy, v->len);
    PyMem_Free(copy);
    return self->hash;
}

static PyObject *
memory_repr(PyObject *op)
{
    return PyUnicode_FromFormat(HAS(op, RELEASED) ? "<released memory at %p>" : "<memory at %p>",
                                op);
}

/* --- Attributes ------------------------------------------------------------------------------- */

static PyObject *
tuple_of(int ndim, const Py_ssize_t *values)
{
    PyObject *tuple = PyTuple_New(values != NULL ? ndim : 0);
    for (int i = 0; tuple != NULL && values != NULL && i < ndim; i++) {
        PyObject *x = PyLong_FromSsize_t(values[i]);
        if (x == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        PyTuple_SET_ITEM(tuple, i, x);
    }
    return tuple;
}

#define GETTER(NAME, EXPR) \
static PyObject * \
memory_get_##NAME(PyObject *op, void *Py_UNUSED(closure)) \
{ \
    PyMemoryViewObject *self = MV(op); \
    Py_buffer *v = &self->view; \
    if (check_released(self) < 0) { \
        return NULL; \
    } \
    (void)v; \
    return EXPR; \
}

GETTER(obj, Py_NewRef(v->obj != NULL ? v->obj : Py_None))
GETTER(nbytes, PyLong_FromSsize_t(v->len))
GETTER(format, PyUnicode_FromString(v->format))
GETTER(itemsize, PyLong_FromSsize_t(v->itemsize))
GETTER(ndim, PyLong_FromLong(v->ndim))
GETTER(shape, tuple_of(v->ndim, v->shape))
GETTER(strides, tuple_of(v->ndim, v->strides))
GETTER(suboffsets, tuple_of(v->ndim, v->suboffsets))
GETTER(readonly, PyBool_FromLong(v->readonly))
GETTER(c_contiguous, PyBool_FromLong(HAS(self, C)))
GETTER(f_contiguous, PyBool_FromLong(HAS(self, FORTRAN)))
GETTER(contiguous, PyBool_FromLong(HAS(self, C) || HAS(self, FORTRAN)))

static PyGetSetDef memory_getsetlist[] = {
    {"obj", memory_get_obj, NULL, PyDoc_STR("The underlying object of the memoryview.")},
    {"nbytes", memory_get_nbytes, NULL,
     PyDoc_STR("The number of bytes that the items would take in a contiguous array.")},
    {"readonly", memory_get_readonly, NULL, PyDoc_STR("Whether the memory is read only.")},
    {"itemsize", memory_get_itemsize, NULL, PyDoc_STR("The size in bytes of each item.")},
    {"format", memory_get_format, NULL, PyDoc_STR("The format of an item, in struct style.")},
    {"ndim", memory_get_ndim, NULL, PyDoc_STR("The number of dimensions.")},
    {"shape", memory_get_shape, NULL, PyDoc_STR("The number of items in each dimension.")},
    {"strides", memory_get_strides, NULL,
     PyDoc_STR("The distance in bytes of the items in each dimension.")},
    {"suboffsets", memory_get_suboffsets, NULL, PyDoc_STR("Used for arrays of pointers.")},
    {"c_contiguous", memory_get_c_contiguous, NULL,
     PyDoc_STR("Whether the memory is C contiguous.")},
    {"f_contiguous", memory_get_f_contiguous, NULL,
     PyDoc_STR("Whether the memory is Fortran contiguous.")},
    {"contiguous", memory_get_contiguous, NULL, PyDoc_STR("Whether the memory is contiguous.")},
    {NULL}
};

static PyMethodDef memory_methods[] = {
    MEMORY_RELEASE_METHODDEF
    MEMORY_TOBYTES_METHODDEF
    MEMORY_HEX_METHODDEF
    MEMORY_TOLIST_METHODDEF
    MEMORY_CAST_METHODDEF
    MEMORY_TOREADONLY_METHODDEF
    MEMORY__FROM_FLAGS_METHODDEF
    MEMORY___ENTER___METHODDEF
    MEMORY___EXIT___METHODDEF
    {NULL}
};

/* --- Iterator --------------------------------------------------------------------------------- */

static void
memoryiter_dealloc(PyObject *self)
{
    _PyObject_GC_UNTRACK(self);
    Py_XDECREF(((memoryiterobject *)self)->it_seq);
    PyObject_GC_Del(self);
}

static int
memoryiter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((memoryiterobject *)self)->it_seq);
    return 0;
}

static PyObject *
memoryiter_next(PyObject *self)
{
    memoryiterobject *it = (memoryiterobject *)self;
    PyMemoryViewObject *seq = it->it_seq;
    if (seq == NULL) {
        return NULL;
    }
    if (it->it_index < it->it_length) {
        if (check_released(seq) < 0) {
            return NULL;
        }
        char *ptr = lookup_dimension(&seq->view, seq->view.buf, 0, it->it_index++);
        return ptr != NULL ? unpack_item(ptr, it->it_format, seq->view.format) : NULL;
    }
    it->it_seq = NULL;
    Py_DECREF(seq);
    return NULL;
}

_Py_SHARED PyTypeObject _PyMemoryIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "memory_iterator",
    .tp_basicsize = sizeof(memoryiterobject),
    .tp_dealloc = memoryiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = memoryiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = memoryiter_next,
};

static PyObject *
memory_iter(PyObject *seq)
{
    PyMemoryViewObject *self = MV(seq);
    if (check_released(self) < 0) {
        return NULL;
    }
    if (self->view.ndim == 0) {
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return NULL;
    }
    if (self->view.ndim > 1) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "multi-dimensional sub-views are not implemented");
        return NULL;
    }
    char c = native_char(self->view.format);
    if (c == '\0') {
        PyErr_Format(PyExc_NotImplementedError, "memoryview: format %s not supported",
                     self->view.format);
        return NULL;
    }
    memoryiterobject *it = PyObject_GC_New(memoryiterobject, &_PyMemoryIter_Type);
    if (it != NULL) {
        it->it_index = 0;
        it->it_seq = (PyMemoryViewObject *)Py_NewRef(seq);
        it->it_length = self->view.shape[0];
        it->it_format = c;
        _PyObject_GC_TRACK((PyObject *)it);
    }
    return (PyObject *)it;
}

/* --- The type --------------------------------------------------------------------------------- */

static PyMappingMethods memory_as_mapping = {
    .mp_length = memory_length,
    .mp_subscript = memory_subscript,
    .mp_ass_subscript = memory_ass_subscript,
};

static PySequenceMethods memory_as_sequence = {
    .sq_length = memory_length,
    .sq_item = memory_item,
};

static PyBufferProcs memory_as_buffer = {
    .bf_getbuffer = memory_getbuffer,
    .bf_releasebuffer = memory_releasebuffer,
};

_Py_SHARED PyTypeObject PyMemoryView_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "memoryview",
    .tp_basicsize = offsetof(PyMemoryViewObject, ob_array),
    .tp_itemsize = sizeof(Py_ssize_t),
    .tp_dealloc = memory_dealloc,
    .tp_repr = memory_repr,
    .tp_as_sequence = &memory_as_sequence,
    .tp_as_mapping = &memory_as_mapping,
    .tp_hash = memory_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_as_buffer = &memory_as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_SEQUENCE,
    .tp_doc = memory_new__doc__,
    .tp_traverse = memory_traverse,
    .tp_clear = memory_clear,
    .tp_richcompare = memory_richcompare,
    .tp_weaklistoffset = offsetof(PyMemoryViewObject, weakreflist),
    .tp_iter = memory_iter,
    .tp_methods = memory_methods,
    .tp_getset = memory_getsetlist,
    .tp_new = memory_new,
};
