/* picklebufobject.c - PickleBuffer: marks a buffer that pickle may hand over out of band (PEP 574).
 *
 * Written from PEP 574, the C API reference ("Pickle buffer objects") and observed messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _PyObject_GC_UNTRACK()

typedef struct {
    PyObject_HEAD
    Py_buffer view;             /* the underlying buffer; obj NULL after release() */
    PyObject *weakreflist;
} PyPickleBufferObject;

#include "sig/picklebufobject.sig.h"

#define PB(op) ((PyPickleBufferObject *)(op))

PyObject *
PyPickleBuffer_FromObject(PyObject *base)
{
    PyTypeObject *type = &PyPickleBuffer_Type;
    PyPickleBufferObject *self = PB(type->tp_alloc(type, 0));
    if (self == NULL) {
        return NULL;
    }
    self->view.obj = NULL;
    self->weakreflist = NULL;
    if (PyObject_GetBuffer(base, &self->view, PyBUF_FULL_RO) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/* The buffer of a PickleBuffer, owned by it; NULL with an exception. */
const Py_buffer *
PyPickleBuffer_GetBuffer(PyObject *obj)
{
    if (!PyPickleBuffer_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "expected PickleBuffer, %.200s found",
                     Py_TYPE(obj)->tp_name);
        return NULL;
    }
    if (PB(obj)->view.obj == NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "operation forbidden on released PickleBuffer object");
        return NULL;
    }
    return &PB(obj)->view;
}

int
PyPickleBuffer_Release(PyObject *obj)
{
    if (!PyPickleBuffer_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "expected PickleBuffer, %.200s found",
                     Py_TYPE(obj)->tp_name);
        return -1;
    }
    PyBuffer_Release(&PB(obj)->view);
    return 0;
}

/*sig @nosignature PickleBuffer.__new__(type, object, /)

Wrapper for potentially out-of-band buffers
*/
static PyObject *
picklebuf_new_impl(PyTypeObject *type, PyObject *object)
{
    PyPickleBufferObject *self = PB(type->tp_alloc(type, 0));
    if (self == NULL) {
        return NULL;
    }
    self->view.obj = NULL;
    self->weakreflist = NULL;
    if (PyObject_GetBuffer(object, &self->view, PyBUF_FULL_RO) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static int
picklebuf_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(PB(self)->view.obj);
    return 0;
}

static int
picklebuf_clear(PyObject *self)
{
    PyBuffer_Release(&PB(self)->view);
    return 0;
}

static void
picklebuf_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    if (PB(self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    PyBuffer_Release(&PB(self)->view);
    Py_TYPE(self)->tp_free(self);
}

/* Its own buffer is the underlying one, asked for again. */
static int
picklebuf_getbuf(PyObject *self, Py_buffer *view, int flags)
{
    if (PB(self)->view.obj == NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "operation forbidden on released PickleBuffer object");
        return -1;
    }
    return PyObject_GetBuffer(PB(self)->view.obj, view, flags);
}

static void
picklebuf_releasebuf(PyObject *Py_UNUSED(self), Py_buffer *Py_UNUSED(view))
{
    /* Never called: view->obj is the underlying object. */
}

static _Py_SHARED PyBufferProcs picklebuf_as_buffer = {
    .bf_getbuffer = picklebuf_getbuf,
    .bf_releasebuffer = picklebuf_releasebuf,
};

/*sig PickleBuffer.raw(self)

Return a memoryview of the raw memory underlying this buffer.
Will raise BufferError is the buffer isn't contiguous.
*/
static PyObject *
picklebuf_raw_impl(PyPickleBufferObject *self)
{
    if (self->view.obj == NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "operation forbidden on released PickleBuffer object");
        return NULL;
    }
    if (self->view.suboffsets != NULL || !PyBuffer_IsContiguous(&self->view, 'A')) {
        PyErr_SetString(PyExc_BufferError,
                        "cannot extract raw buffer from non-contiguous buffer");
        return NULL;
    }
    PyObject *m = PyMemoryView_FromObject((PyObject *)self);
    if (m == NULL) {
        return NULL;
    }
    /* One-dimensional bytes, whatever the format was. */
    PyMemoryViewObject *mv = (PyMemoryViewObject *)m;
    assert(mv->view.suboffsets == NULL);
    mv->view.format = (char *)"B";
    mv->view.ndim = 1;
    mv->view.itemsize = 1;
    mv->view.strides = &mv->view.itemsize;
    mv->view.shape = &mv->view.len;
    mv->flags = _Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN;
    return m;
}

/*sig PickleBuffer.release(self) -> None

Release the underlying buffer exposed by the PickleBuffer object.
*/
static int
picklebuf_release_impl(PyPickleBufferObject *self)
{
    PyBuffer_Release(&self->view);
    return 0;
}

static _Py_SHARED PyMethodDef picklebuf_methods[] = {
    PICKLEBUF_RAW_METHODDEF
    PICKLEBUF_RELEASE_METHODDEF
    {NULL}
};

_Py_SHARED PyTypeObject PyPickleBuffer_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "pickle.PickleBuffer",
    .tp_doc = picklebuf_new__doc__,
    .tp_basicsize = sizeof(PyPickleBufferObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_new = picklebuf_new,
    .tp_dealloc = picklebuf_dealloc,
    .tp_traverse = picklebuf_traverse,
    .tp_clear = picklebuf_clear,
    .tp_weaklistoffset = offsetof(PyPickleBufferObject, weakreflist),
    .tp_as_buffer = &picklebuf_as_buffer,
    .tp_methods = picklebuf_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_free = PyObject_GC_Del,
};
