/* bufferedpair.c - BufferedRWPair: a BufferedReader and a BufferedWriter over two raw streams.
 *
 * Every method is the method of one of the two.  close() closes the writer first, then the reader,
 * whatever happens.
 *
 * Written from the documentation of io and observed behaviour.
 */
#include "_iomodule.h"

typedef struct {
    PyObject_HEAD
    PyObject *reader;       /* BufferedReader; both NULL: not initialised */
    PyObject *writer;       /* BufferedWriter */
    PyObject *dict;
    PyObject *weakreflist;
} rwpair;

static inline rwpair *
rwpair_cast(PyObject *op)
{
    return (rwpair *)op;
}

#include "sig/bufferedpair.sig.h"

/*sig _io.BufferedRWPair.__init__(self, reader, writer,
        buffer_size: ssize = c"IO_DEFAULT_BUFFER_SIZE" py"DEFAULT_BUFFER_SIZE", /)

A buffered reader and writer object together.

A buffered reader object and buffered writer object put together to
form a sequential IO object that can read and write. This is typically
used with a socket or two-way pipe.

reader and writer are RawIOBase objects that are readable and
writeable respectively. If the buffer_size is omitted it defaults to
DEFAULT_BUFFER_SIZE.
*/
static int
rwpair_init_impl(rwpair *self, PyObject *reader, PyObject *writer, Py_ssize_t buffer_size)
{
    if (_PyIOBase_CheckReadable(reader) < 0
        || _PyIOBase_CheckWritable(writer) < 0)
    {
        return -1;
    }
    PyObject *in = PyObject_CallFunction((PyObject *)&_PyBufferedReader_Type, "On", reader,
                                         buffer_size);
    if (in == NULL) {
        return -1;
    }
    PyObject *out = PyObject_CallFunction((PyObject *)&_PyBufferedWriter_Type, "On", writer,
                                          buffer_size);
    if (out == NULL) {
        Py_DECREF(in);
        return -1;
    }
    Py_XSETREF(self->reader, in);
    Py_XSETREF(self->writer, out);
    return 0;
}

static int
rwpair_traverse(PyObject *op, visitproc visit, void *arg)
{
    rwpair *self = rwpair_cast(op);
    Py_VISIT(self->reader);
    Py_VISIT(self->writer);
    Py_VISIT(self->dict);
    return 0;
}

static int
rwpair_clear(PyObject *op)
{
    rwpair *self = rwpair_cast(op);
    Py_CLEAR(self->reader);
    Py_CLEAR(self->writer);
    Py_CLEAR(self->dict);
    return 0;
}

static void
rwpair_dealloc(PyObject *op)
{
    /* The two streams close themselves; the pair's finaliser would only do that earlier. */
    PyObject_GC_UnTrack(op);
    if (rwpair_cast(op)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    rwpair_clear(op);
    Py_TYPE(op)->tp_free(op);
}

/* Call method `name` of `stream` with the arguments of a VARARGS method. */
static PyObject *
forward(PyObject *stream, PyObject *name, PyObject *args)
{
    if (stream == NULL) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on uninitialized object");
        return NULL;
    }
    PyObject *method = PyObject_GetAttr(stream, name);
    if (method == NULL) {
        return NULL;
    }
    PyObject *res = args == NULL ? PyObject_CallNoArgs(method)
                                 : PyObject_CallObject(method, args);
    Py_DECREF(method);
    return res;
}

#define TO_READER(NAME) \
    static PyObject * \
    rwpair_ ## NAME(PyObject *op, PyObject *args) \
    { \
        return forward(rwpair_cast(op)->reader, &_Py_ID(NAME), args); \
    }

#define TO_WRITER(NAME) \
    static PyObject * \
    rwpair_ ## NAME(PyObject *op, PyObject *args) \
    { \
        return forward(rwpair_cast(op)->writer, &_Py_ID(NAME), args); \
    }

TO_READER(read)
TO_READER(peek)
TO_READER(read1)
TO_READER(readinto)
TO_READER(readinto1)
TO_READER(readable)
TO_WRITER(write)
TO_WRITER(flush)
TO_WRITER(writable)

static PyObject *
rwpair_close(PyObject *op, PyObject *Py_UNUSED(args))
{
    rwpair *self = rwpair_cast(op);
    PyObject *res = forward(self->writer, &_Py_ID(close), NULL);
    PyObject *exc = PyErr_GetRaisedException();
    Py_XDECREF(res);
    res = forward(self->reader, &_Py_ID(close), NULL);
    if (exc != NULL) {
        _PyErr_ChainExceptions1(exc);
        Py_CLEAR(res);
    }
    return res;
}

static PyObject *
rwpair_isatty(PyObject *op, PyObject *Py_UNUSED(args))
{
    rwpair *self = rwpair_cast(op);
    PyObject *res = forward(self->writer, &_Py_ID(isatty), NULL);
    if (res != Py_False) {
        return res;     /* true, or an error */
    }
    Py_DECREF(res);
    return forward(self->reader, &_Py_ID(isatty), NULL);
}

static PyObject *
rwpair_closed_get(PyObject *op, void *Py_UNUSED(context))
{
    rwpair *self = rwpair_cast(op);
    if (self->writer == NULL) {
        PyErr_SetString(PyExc_RuntimeError,
                        "the BufferedRWPair object is being garbage-collected");
        return NULL;
    }
    return PyObject_GetAttr(self->writer, &_Py_ID(closed));
}

static const PyMethodDef rwpair_methods[] = {
    {"read", rwpair_read, METH_VARARGS},
    {"peek", rwpair_peek, METH_VARARGS},
    {"read1", rwpair_read1, METH_VARARGS},
    {"readinto", rwpair_readinto, METH_VARARGS},
    {"readinto1", rwpair_readinto1, METH_VARARGS},
    {"write", rwpair_write, METH_VARARGS},
    {"flush", rwpair_flush, METH_NOARGS},
    {"readable", rwpair_readable, METH_NOARGS},
    {"writable", rwpair_writable, METH_NOARGS},
    {"close", rwpair_close, METH_NOARGS},
    {"isatty", rwpair_isatty, METH_NOARGS},
    {NULL, NULL}
};

static const PyMemberDef rwpair_members[] = {
    {NULL}
};

static const PyGetSetDef rwpair_getset[] = {
    {"closed", rwpair_closed_get, NULL, NULL},
    {NULL}
};

_Py_SHARED PyTypeObject _PyBufferedRWPair_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.BufferedRWPair",
    .tp_basicsize = sizeof(rwpair),
    .tp_dealloc = rwpair_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | _Py_TPFLAGS_LIKE_HEAPTYPE,
    .tp_doc = rwpair_init__doc__,
    .tp_traverse = rwpair_traverse,
    .tp_clear = rwpair_clear,
    .tp_weaklistoffset = offsetof(rwpair, weakreflist),
    .tp_methods = (PyMethodDef *)rwpair_methods,
    .tp_members = (PyMemberDef *)rwpair_members,
    .tp_getset = (PyGetSetDef *)rwpair_getset,
    .tp_base = &_PyBufferedIOBase_Type,
    .tp_dictoffset = offsetof(rwpair, dict),
    .tp_init = rwpair_init,
};
