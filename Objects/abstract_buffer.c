/* The buffer protocol (PEP 3118).
 *
 * A Py_buffer describes memory: shape and strides may be NULL for one dimension of bytes,
 * suboffsets is NULL unless there are pointers to follow.  Copies between layouts walk all
 * indices in order, first or last dimension fastest ('C', 'F').
 * Written from the C API reference (buffer protocol), PEP 3118 and the messages of 3.12. */

#include "Python.h"
#include "pycore_abstract.h"    // _PyAbstract_NullError()


int
PyObject_CheckBuffer(PyObject *obj)
{
    PyBufferProcs *procs = Py_TYPE(obj)->tp_as_buffer;
    return procs != NULL && procs->bf_getbuffer != NULL;
}

int
PyObject_GetBuffer(PyObject *obj, Py_buffer *view, int flags)
{
    if (flags != PyBUF_SIMPLE && (flags == PyBUF_READ || flags == PyBUF_WRITE)) {
        PyErr_BadInternalCall();    /* flags of PyMemoryView_FromMemory() */
        return -1;
    }
    PyBufferProcs *procs = Py_TYPE(obj)->tp_as_buffer;
    if (procs == NULL || procs->bf_getbuffer == NULL) {
        PyErr_Format(PyExc_TypeError, "a bytes-like object is required, not '%.100s'",
                     Py_TYPE(obj)->tp_name);
        return -1;
    }
    int res = procs->bf_getbuffer(obj, view, flags);
    assert((res < 0) == (PyErr_Occurred() != NULL));
    return res;
}

void
PyBuffer_Release(Py_buffer *view)
{
    PyObject *obj = view->obj;
    if (obj == NULL) {
        return;
    }
    PyBufferProcs *procs = Py_TYPE(obj)->tp_as_buffer;
    if (procs != NULL && procs->bf_releasebuffer != NULL) {
        procs->bf_releasebuffer(obj, view);
    }
    view->obj = NULL;
    Py_DECREF(obj);
}

int
PyBuffer_FillInfo(Py_buffer *view, PyObject *obj, void *buf, Py_ssize_t len, int readonly,
                  int flags)
{
    if (view == NULL) {
        PyErr_SetString(PyExc_BufferError, "PyBuffer_FillInfo: view==NULL argument is obsolete");
        return -1;
    }
    if (flags != PyBUF_SIMPLE) {
        if (flags == PyBUF_READ || flags == PyBUF_WRITE) {
            PyErr_BadInternalCall();
            return -1;
        }
        if ((flags & PyBUF_WRITABLE) == PyBUF_WRITABLE && readonly == 1) {
            PyErr_SetString(PyExc_BufferError, "Object is not writable.");
            return -1;
        }
    }
    view->obj = Py_XNewRef(obj);
    view->buf = buf;
    view->len = len;
    view->readonly = readonly;
    view->itemsize = 1;
    view->format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT ? "B" : NULL;
    view->ndim = 1;
    view->shape = (flags & PyBUF_ND) == PyBUF_ND ? &view->len : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &view->itemsize : NULL;
    view->suboffsets = NULL;
    view->internal = NULL;
    return 0;
}


/* ------------------------------------------------------------- the older functions */

/* Address and length of a contiguous buffer that stays valid as long as the object is not
   changed: these functions cannot release it later. */
static int
as_memory(PyObject *obj, int flags, void **buffer, Py_ssize_t *buffer_len)
{
    if (obj == NULL || buffer == NULL || buffer_len == NULL) {
        _PyAbstract_NullError();
        return -1;
    }
    Py_buffer view;
    if (PyObject_GetBuffer(obj, &view, flags) != 0) {
        return -1;
    }
    *buffer = view.buf;
    *buffer_len = view.len;
    PyBuffer_Release(&view);
    return 0;
}

int
PyObject_CheckReadBuffer(PyObject *obj)
{
    Py_buffer view;
    PyBufferProcs *procs = Py_TYPE(obj)->tp_as_buffer;
    if (procs == NULL || procs->bf_getbuffer == NULL) {
        return 0;
    }
    if (procs->bf_getbuffer(obj, &view, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        return 0;
    }
    PyBuffer_Release(&view);
    return 1;
}

int
PyObject_AsCharBuffer(PyObject *obj, const char **buffer, Py_ssize_t *buffer_len)
{
    return as_memory(obj, PyBUF_SIMPLE, (void **)buffer, buffer_len);
}

int
PyObject_AsReadBuffer(PyObject *obj, const void **buffer, Py_ssize_t *buffer_len)
{
    return as_memory(obj, PyBUF_SIMPLE, (void **)buffer, buffer_len);
}

int
PyObject_AsWriteBuffer(PyObject *obj, void **buffer, Py_ssize_t *buffer_len)
{
    if (obj == NULL || buffer == NULL || buffer_len == NULL) {
        _PyAbstract_NullError();
        return -1;
    }
    Py_buffer view;
    PyBufferProcs *procs = Py_TYPE(obj)->tp_as_buffer;
    if (procs == NULL || procs->bf_getbuffer == NULL
        || procs->bf_getbuffer(obj, &view, PyBUF_WRITABLE) != 0)
    {
        PyErr_SetString(PyExc_TypeError, "expected a writable bytes-like object");
        return -1;
    }
    *buffer = view.buf;
    *buffer_len = view.len;
    PyBuffer_Release(&view);
    return 0;
}


/* ------------------------------------------------------------------------- layout */

/* Whether strides are those of an array without gaps, the given dimension order last to
   first: `step` is -1 from the last dimension down ('C'), +1 from the first up ('F'). */
static int
has_dense_strides(const Py_buffer *view, int first, int step)
{
    if (view->len == 0) {
        return 1;
    }
    assert(view->strides != NULL);
    Py_ssize_t expected = view->itemsize;
    for (int n = 0, i = first; n < view->ndim; n++, i += step) {
        Py_ssize_t dim = view->shape != NULL ? view->shape[i] : view->len / view->itemsize;
        if (dim > 1 && view->strides[i] != expected) {
            return 0;
        }
        expected *= dim;
    }
    return 1;
}

static int
is_c_contiguous(const Py_buffer *view)
{
    return view->strides == NULL || has_dense_strides(view, view->ndim - 1, -1);
}

static int
is_f_contiguous(const Py_buffer *view)
{
    if (view->strides == NULL) {        /* C order, which is the same for one long dimension */
        if (view->ndim <= 1) {
            return 1;
        }
        int long_dimensions = 0;
        for (int i = 0; i < view->ndim; i++) {
            long_dimensions += view->shape[i] > 1;
        }
        return long_dimensions <= 1;
    }
    return has_dense_strides(view, 0, 1);
}

int
PyBuffer_IsContiguous(const Py_buffer *view, char order)
{
    if (view->suboffsets != NULL) {
        return 0;
    }
    switch (order) {
    case 'C':
        return is_c_contiguous(view);
    case 'F':
        return is_f_contiguous(view);
    case 'A':
        return is_c_contiguous(view) || is_f_contiguous(view);
    default:
        return 0;
    }
}

void *
PyBuffer_GetPointer(const Py_buffer *view, const Py_ssize_t *indices)
{
    char *pointer = view->buf;
    for (int i = 0; i < view->ndim; i++) {
        pointer += view->strides[i] * indices[i];
        if (view->suboffsets != NULL && view->suboffsets[i] >= 0) {
            pointer = *(char **)pointer + view->suboffsets[i];
        }
    }
    return pointer;
}

/* The next index with the first dimension fastest. */
void
_Py_add_one_to_index_F(int nd, Py_ssize_t *index, const Py_ssize_t *shape)
{
    for (int k = 0; k < nd; k++) {
        if (index[k] < shape[k] - 1) {
            index[k]++;
            break;
        }
        index[k] = 0;
    }
}

/* The next index with the last dimension fastest. */
void
_Py_add_one_to_index_C(int nd, Py_ssize_t *index, const Py_ssize_t *shape)
{
    for (int k = nd - 1; k >= 0; k--) {
        if (index[k] < shape[k] - 1) {
            index[k]++;
            break;
        }
        index[k] = 0;
    }
}

Py_ssize_t
PyBuffer_SizeFromFormat(const char *format)
{
    PyObject *calcsize = NULL, *text = NULL, *res = NULL;
    Py_ssize_t itemsize = -1;
    PyObject *module = PyImport_ImportModule("struct");
    if (module == NULL) {
        return -1;
    }
    calcsize = PyObject_GetAttrString(module, "calcsize");
    Py_DECREF(module);
    if (calcsize != NULL) {
        text = PyUnicode_FromString(format);
    }
    if (text != NULL) {
        res = PyObject_CallOneArg(calcsize, text);
    }
    if (res != NULL) {
        itemsize = PyLong_AsSsize_t(res);
    }
    Py_XDECREF(calcsize);
    Py_XDECREF(text);
    Py_XDECREF(res);
    return itemsize;
}

/* Copies `len` bytes from contiguous memory (in 'C' or 'F' order) into the view. */
int
PyBuffer_FromContiguous(const Py_buffer *view, const void *buf, Py_ssize_t len, char fort)
{
    if (len > view->len) {
        len = view->len;
    }
    if (PyBuffer_IsContiguous(view, fort)) {
        memcpy(view->buf, buf, (size_t)len);
        return 0;
    }
    assert(view->ndim > 0 && view->shape != NULL && view->itemsize > 0);
    Py_ssize_t *indices = PyMem_Calloc((size_t)view->ndim, sizeof(Py_ssize_t));
    if (indices == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    const char *source = buf;
    for (Py_ssize_t n = len / view->itemsize; n > 0; n--) {
        memcpy(PyBuffer_GetPointer(view, indices), source, (size_t)view->itemsize);
        source += view->itemsize;
        if (fort == 'F') {
            _Py_add_one_to_index_F(view->ndim, indices, view->shape);
        }
        else {
            _Py_add_one_to_index_C(view->ndim, indices, view->shape);
        }
    }
    PyMem_Free(indices);
    return 0;
}

void
PyBuffer_FillContiguousStrides(int nd, Py_ssize_t *shape, Py_ssize_t *strides, int itemsize,
                               char fort)
{
    Py_ssize_t size = itemsize;
    if (nd == 1) {
        strides[0] = size;
        return;
    }
    for (int n = 0; n < nd; n++) {
        int k = fort == 'F' ? n : nd - 1 - n;
        strides[k] = size;
        size *= shape[k];
    }
}

/* Copies the items of one view to another of the same shape. */
static int
copy_items(const Py_buffer *dest, const Py_buffer *src)
{
    Py_ssize_t *indices = PyMem_Calloc((size_t)src->ndim, sizeof(Py_ssize_t));
    if (indices == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t elements = 1;
    for (int i = 0; i < src->ndim; i++) {
        elements *= src->shape[i];
    }
    while (elements-- > 0) {
        memcpy(PyBuffer_GetPointer(dest, indices), PyBuffer_GetPointer(src, indices),
               (size_t)src->itemsize);
        _Py_add_one_to_index_C(src->ndim, indices, src->shape);
    }
    PyMem_Free(indices);
    return 0;
}

int
PyObject_CopyData(PyObject *dest, PyObject *src)
{
    Py_buffer view_dest, view_src;
    if (!PyObject_CheckBuffer(dest) || !PyObject_CheckBuffer(src)) {
        PyErr_SetString(PyExc_TypeError, "both destination and source must be bytes-like objects");
        return -1;
    }
    if (PyObject_GetBuffer(dest, &view_dest, PyBUF_FULL) != 0) {
        return -1;
    }
    if (PyObject_GetBuffer(src, &view_src, PyBUF_FULL_RO) != 0) {
        PyBuffer_Release(&view_dest);
        return -1;
    }
    int res = 0;
    if (view_dest.len < view_src.len) {
        PyErr_SetString(PyExc_BufferError, "destination is too small to receive data from source");
        res = -1;
    }
    else if ((PyBuffer_IsContiguous(&view_dest, 'C') && PyBuffer_IsContiguous(&view_src, 'C'))
             || (PyBuffer_IsContiguous(&view_dest, 'F') && PyBuffer_IsContiguous(&view_src, 'F')))
    {
        memcpy(view_dest.buf, view_src.buf, (size_t)view_src.len);
    }
    else {
        res = copy_items(&view_dest, &view_src);
    }
    PyBuffer_Release(&view_dest);
    PyBuffer_Release(&view_src);
    return res;
}
