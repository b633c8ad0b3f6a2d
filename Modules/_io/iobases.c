/* iobases.c - _BufferedIOBase and _TextIOBase: what buffered and text streams promise.
 *
 * Written from the documentation of io and observed behaviour.
 */
#include "_iomodule.h"

#include "sig/iobases.sig.h"

/* ---- _BufferedIOBase ---------------------------------------------------------------------- */

/*sig _io._BufferedIOBase.detach(self, cls: defining_class)

Disconnect this buffer from its underlying raw stream and return it.

After the raw stream has been detached, the buffer is in an unusable
state.
*/
static PyObject *
bufferediobase_detach_impl(PyObject *Py_UNUSED(self), PyTypeObject *Py_UNUSED(cls))
{
    return _PyIO_Unsupported("detach");
}

/*sig _io._BufferedIOBase.read(self, cls: defining_class, size: int = -1, /)

Read and return up to n bytes.

If the size argument is omitted, None, or negative, read and
return all data until EOF.

If the size argument is positive, and the underlying raw stream is
not 'interactive', multiple raw reads may be issued to satisfy
the byte count (unless EOF is reached first).
However, for interactive raw streams (as well as sockets and pipes),
at most one raw read will be issued, and a short result does not
imply that EOF is imminent.

Return an empty bytes object on EOF.

Return None if the underlying raw stream was open in non-blocking
mode and no data is available at the moment.
*/
static PyObject *
bufferediobase_read_impl(PyObject *Py_UNUSED(self), PyTypeObject *Py_UNUSED(cls),
                         int Py_UNUSED(size))
{
    return _PyIO_Unsupported("read");
}

/*sig _io._BufferedIOBase.read1(self, cls: defining_class, size: int = -1, /)

Read and return up to size bytes, with at most one read() call to the underlying raw stream.

Return an empty bytes object on EOF.
A short result does not imply that EOF is imminent.
*/
static PyObject *
bufferediobase_read1_impl(PyObject *Py_UNUSED(self), PyTypeObject *Py_UNUSED(cls),
                          int Py_UNUSED(size))
{
    return _PyIO_Unsupported("read1");
}

/*sig _io._BufferedIOBase.write(self, cls: defining_class, b, /)

Write buffer b to the IO stream.

Return the number of bytes written, which is always
the length of b in bytes.

Raise BlockingIOError if the buffer is full and the
underlying raw stream cannot accept more data at the moment.
*/
static PyObject *
bufferediobase_write_impl(PyObject *Py_UNUSED(self), PyTypeObject *Py_UNUSED(cls),
                          PyObject *Py_UNUSED(b))
{
    return _PyIO_Unsupported("write");
}

/* readinto() and readinto1() by read() and read1(). */
static PyObject *
readinto_by(PyObject *self, Py_buffer *buffer, PyObject *method)
{
    PyObject *size = PyLong_FromSsize_t(buffer->len);
    if (size == NULL) {
        return NULL;
    }
    PyObject *data = PyObject_CallMethodOneArg(self, method, size);
    Py_DECREF(size);
    if (data == NULL) {
        return NULL;
    }
    Py_ssize_t n = -1;
    if (!PyBytes_Check(data)) {
        PyErr_SetString(PyExc_TypeError, "read() should return bytes");
    }
    else if (PyBytes_GET_SIZE(data) > buffer->len) {
        PyErr_Format(PyExc_ValueError, "read() returned too much data: %zd bytes requested, "
                     "%zd returned", buffer->len, PyBytes_GET_SIZE(data));
    }
    else {
        n = PyBytes_GET_SIZE(data);
        memcpy(buffer->buf, PyBytes_AS_STRING(data), n);
    }
    Py_DECREF(data);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

/*sig _io._BufferedIOBase.readinto(self, buffer: wbuffer, /)

*/
static PyObject *
bufferediobase_readinto_impl(PyObject *self, Py_buffer *buffer)
{
    return readinto_by(self, buffer, &_Py_ID(read));
}

/*sig _io._BufferedIOBase.readinto1(self, buffer: wbuffer, /)

*/
static PyObject *
bufferediobase_readinto1_impl(PyObject *self, Py_buffer *buffer)
{
    return readinto_by(self, buffer, &_Py_ID(read1));
}

static const PyMethodDef bufferediobase_methods[] = {
    BUFFEREDIOBASE_DETACH_METHODDEF
    BUFFEREDIOBASE_READ_METHODDEF
    BUFFEREDIOBASE_READ1_METHODDEF
    BUFFEREDIOBASE_READINTO_METHODDEF
    BUFFEREDIOBASE_READINTO1_METHODDEF
    BUFFEREDIOBASE_WRITE_METHODDEF
    {NULL, NULL}
};

PyDoc_STRVAR(bufferediobase_doc,
"Base class for buffered IO objects.\n"
"\n"
"The main difference with RawIOBase is that the read() method\n"
"supports omitting the size argument, and does not have a default\n"
"implementation that defers to readinto().\n"
"\n"
"In addition, read(), readinto() and write() may raise\n"
"BlockingIOError if the underlying raw stream is in non-blocking\n"
"mode and not ready; unlike their raw counterparts, they will never\n"
"return None.\n"
"\n"
"A typical implementation should not inherit from a RawIOBase\n"
"implementation, but wrap one.\n");

_Py_SHARED PyTypeObject _PyBufferedIOBase_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io._BufferedIOBase",
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_LIKE_HEAPTYPE,
    .tp_doc = bufferediobase_doc,
    .tp_methods = (PyMethodDef *)bufferediobase_methods,
    .tp_base = &_PyIOBase_Type,
};

/* ---- _TextIOBase -------------------------------------------------------------------------- */

/*sig _io._TextIOBase.detach(self, cls: defining_class)

Separate the underlying buffer from the TextIOBase and return it.

After the underlying buffer has been detached, the TextIO is in an unusable state.
*/
static PyObject *
textiobase_detach_impl(PyObject *Py_UNUSED(self), PyTypeObject *Py_UNUSED(cls))
{
    return _PyIO_Unsupported("detach");
}

/*sig _io._TextIOBase.read(self, cls: defining_class, size: int = -1, /)

Read at most size characters from stream.

Read from underlying buffer until we have size characters or we hit EOF.
If size is negative or omitted, read until EOF.
*/
static PyObject *
textiobase_read_impl(PyObject *Py_UNUSED(self), PyTypeObject *Py_UNUSED(cls), int Py_UNUSED(size))
{
    return _PyIO_Unsupported("read");
}

/*sig _io._TextIOBase.readline(self, cls: defining_class, size: int = -1, /)

Read until newline or EOF.

Return an empty string if EOF is hit immediately.
If size is specified, at most size characters will be read.
*/
static PyObject *
textiobase_readline_impl(PyObject *Py_UNUSED(self), PyTypeObject *Py_UNUSED(cls),
                         int Py_UNUSED(size))
{
    return _PyIO_Unsupported("readline");
}

/*sig _io._TextIOBase.write(self, cls: defining_class, s: utf8, /)

Write string s to stream.

Return the number of characters written
(which is always equal to the length of the string).
*/
static PyObject *
textiobase_write_impl(PyObject *Py_UNUSED(self), PyTypeObject *Py_UNUSED(cls),
                      const char *Py_UNUSED(s))
{
    return _PyIO_Unsupported("write");
}

static PyObject *
textiobase_none_get(PyObject *Py_UNUSED(self), void *Py_UNUSED(context))
{
    Py_RETURN_NONE;
}

static const PyMethodDef textiobase_methods[] = {
    TEXTIOBASE_DETACH_METHODDEF
    TEXTIOBASE_READ_METHODDEF
    TEXTIOBASE_READLINE_METHODDEF
    TEXTIOBASE_WRITE_METHODDEF
    {NULL, NULL}
};

static const PyGetSetDef textiobase_getset[] = {
    {"encoding", textiobase_none_get, NULL,
     "Encoding of the text stream.\n\nSubclasses should override.\n"},
    {"newlines", textiobase_none_get, NULL,
     "Line endings translated so far.\n\nOnly line endings translated during reading are "
     "considered.\n\nSubclasses should override.\n"},
    {"errors", textiobase_none_get, NULL,
     "The error setting of the decoder or encoder.\n\nSubclasses should override.\n"},
    {NULL}
};

PyDoc_STRVAR(textiobase_doc,
"Base class for text I/O.\n"
"\n"
"This class provides a character and line based interface to stream\n"
"I/O. There is no readinto method because Python's character strings\n"
"are immutable.\n");

_Py_SHARED PyTypeObject _PyTextIOBase_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io._TextIOBase",
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_LIKE_HEAPTYPE,
    .tp_doc = textiobase_doc,
    .tp_methods = (PyMethodDef *)textiobase_methods,
    .tp_getset = (PyGetSetDef *)textiobase_getset,
    .tp_base = &_PyIOBase_Type,
};
