/* iobase.c - _IOBase and _RawIOBase: the common behaviour of streams in terms of a few methods.
 *
 * _IOBase knows only whether it was closed itself (the attribute __IOBase_closed); subclasses
 * answer the property `closed` their own way, so the checks read that property.  Dropping the last
 * reference closes a stream: the finaliser calls close() with `_finalizing` set to True, which is
 * the sign for the layers to warn about resources that were left open.
 *
 * Written from the documentation of io and observed behaviour.
 */
#include "_iomodule.h"

typedef struct {
    PyObject_HEAD
    PyObject *dict;
    PyObject *weakreflist;
} iobase;

#include "sig/iobase.sig.h"

/* 1 if _IOBase.close() ran for self, 0 if not, -1 with an exception. */
static int
iobase_is_closed(PyObject *self)
{
    PyObject *value;
    int found = _PyObject_LookupAttr(self, &_Py_ID(__IOBase_closed), &value);
    Py_XDECREF(value);
    return found;
}

/* ---- checks ----------------------------------------------------------------------------- */

int
_PyIOBase_CheckClosed(PyObject *self)
{
    PyObject *value;
    int closed = _PyObject_LookupAttr(self, &_Py_ID(closed), &value);
    if (closed > 0) {
        closed = PyObject_IsTrue(value);
        Py_DECREF(value);
        if (closed > 0) {
            PyErr_SetString(PyExc_ValueError, "I/O operation on closed file.");
        }
    }
    return closed == 0 ? 0 : -1;
}

static int
check_capability(PyObject *self, PyObject *method, const char *message)
{
    PyObject *res = PyObject_CallMethodNoArgs(self, method);
    if (res == NULL) {
        return -1;
    }
    Py_DECREF(res);
    if (res != Py_True) {
        _PyIO_Unsupported(message);
        return -1;
    }
    return 0;
}

int
_PyIOBase_CheckReadable(PyObject *self)
{
    return check_capability(self, &_Py_ID(readable), "File or stream is not readable.");
}

int
_PyIOBase_CheckWritable(PyObject *self)
{
    return check_capability(self, &_Py_ID(writable), "File or stream is not writable.");
}

int
_PyIOBase_CheckSeekable(PyObject *self)
{
    return check_capability(self, &_Py_ID(seekable), "File or stream is not seekable.");
}

static PyObject *
iobase_check_closed(PyObject *self, PyObject *Py_UNUSED(args))
{
    return _PyIOBase_CheckClosed(self) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
iobase_check_readable(PyObject *self, PyObject *Py_UNUSED(args))
{
    return _PyIOBase_CheckReadable(self) < 0 ? NULL : Py_NewRef(Py_True);
}

static PyObject *
iobase_check_writable(PyObject *self, PyObject *Py_UNUSED(args))
{
    return _PyIOBase_CheckWritable(self) < 0 ? NULL : Py_NewRef(Py_True);
}

static PyObject *
iobase_check_seekable(PyObject *self, PyObject *Py_UNUSED(args))
{
    return _PyIOBase_CheckSeekable(self) < 0 ? NULL : Py_NewRef(Py_True);
}

/* ---- what a stream without abilities answers ---------------------------------------------- */

/*sig _io._IOBase.seek(self, cls: defining_class, offset: int,
                       whence: int = c"0" py"os.SEEK_SET", /)

Change the stream position to the given byte offset.

  offset
    The stream position, relative to 'whence'.
  whence
    The relative position to seek from.

The offset is interpreted relative to the position indicated by whence.
Values for whence are:

* os.SEEK_SET or 0 -- start of stream (the default); offset should be zero or positive
* os.SEEK_CUR or 1 -- current stream position; offset may be negative
* os.SEEK_END or 2 -- end of stream; offset is usually negative

Return the new absolute position.
*/
static PyObject *
iobase_seek_impl(PyObject *Py_UNUSED(self), PyTypeObject *Py_UNUSED(cls), int Py_UNUSED(offset),
                 int Py_UNUSED(whence))
{
    return _PyIO_Unsupported("seek");
}

/*sig _io._IOBase.tell(self)

Return current stream position.
*/
static PyObject *
iobase_tell_impl(PyObject *self)
{
    return PyObject_CallMethod(self, "seek", "ii", 0, 1);
}

/*sig _io._IOBase.truncate(self, cls: defining_class, size = None, /)

Truncate file to size bytes.

File pointer is left unchanged. Size defaults to the current IO position
as reported by tell(). Return the new size.
*/
static PyObject *
iobase_truncate_impl(PyObject *Py_UNUSED(self), PyTypeObject *Py_UNUSED(cls),
                     PyObject *Py_UNUSED(size))
{
    return _PyIO_Unsupported("truncate");
}

/*sig _io._IOBase.seekable(self)

Return whether object supports random access.

If False, seek(), tell() and truncate() will raise OSError.
This method may need to do a test seek().
*/
static PyObject *
iobase_seekable_impl(PyObject *Py_UNUSED(self))
{
    Py_RETURN_FALSE;
}

/*sig _io._IOBase.readable(self)

Return whether object was opened for reading.

If False, read() will raise OSError.
*/
static PyObject *
iobase_readable_impl(PyObject *Py_UNUSED(self))
{
    Py_RETURN_FALSE;
}

/*sig _io._IOBase.writable(self)

Return whether object was opened for writing.

If False, write() will raise OSError.
*/
static PyObject *
iobase_writable_impl(PyObject *Py_UNUSED(self))
{
    Py_RETURN_FALSE;
}

/*sig _io._IOBase.fileno(self, cls: defining_class)

Return underlying file descriptor if one exists.

Raise OSError if the IO object does not use a file descriptor.
*/
static PyObject *
iobase_fileno_impl(PyObject *Py_UNUSED(self), PyTypeObject *Py_UNUSED(cls))
{
    return _PyIO_Unsupported("fileno");
}

/*sig _io._IOBase.isatty(self)

Return whether this is an 'interactive' stream.

Return False if it can't be determined.
*/
static PyObject *
iobase_isatty_impl(PyObject *self)
{
    if (_PyIOBase_CheckClosed(self) < 0) {
        return NULL;
    }
    Py_RETURN_FALSE;
}

/* ---- closing ----------------------------------------------------------------------------- */

/*sig _io._IOBase.flush(self)

Flush write buffers, if applicable.

Read-only and non-blocking streams do nothing.
*/
static PyObject *
iobase_flush_impl(PyObject *self)
{
    int closed = iobase_is_closed(self);
    if (closed > 0) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on closed file.");
    }
    return closed != 0 ? NULL : Py_NewRef(Py_None);
}

/*sig _io._IOBase.close(self)

Flush and close the IO object.

This method has no effect if the file is already closed.
*/
static PyObject *
iobase_close_impl(PyObject *self)
{
    int closed = iobase_is_closed(self);
    if (closed != 0) {
        return closed < 0 ? NULL : Py_NewRef(Py_None);
    }
    PyObject *res = PyObject_CallMethodNoArgs(self, &_Py_ID(flush));
    PyObject *exc = PyErr_GetRaisedException();
    int status = PyObject_SetAttr(self, &_Py_ID(__IOBase_closed), Py_True);
    if (exc != NULL) {
        assert(res == NULL);
        _PyErr_ChainExceptions1(exc);
        return NULL;
    }
    if (status < 0) {
        Py_CLEAR(res);
    }
    return res;
}

static PyObject *
iobase_closed_get(PyObject *self, void *Py_UNUSED(context))
{
    int closed = iobase_is_closed(self);
    return closed < 0 ? NULL : PyBool_FromLong(closed);
}

/* Close an object that was left open.  Errors are shown in development mode only. */
static void
iobase_finalize(PyObject *self)
{
    PyObject *saved = PyErr_GetRaisedException(), *value;
    int closed = 0;
    if (_PyObject_LookupAttr(self, &_Py_ID(closed), &value) < 0) {
        PyErr_Clear();
    }
    else if (value != NULL) {
        closed = PyObject_IsTrue(value);
        Py_DECREF(value);
        if (closed < 0) {
            PyErr_Clear();
        }
    }
    if (closed == 0) {
        if (PyObject_SetAttr(self, &_Py_ID(_finalizing), Py_True) < 0) {
            PyErr_Clear();
        }
        PyObject *res = PyObject_CallMethodNoArgs(self, &_Py_ID(close));
        if (res == NULL) {
            if (_Py_GetConfig()->dev_mode) {
                PyErr_WriteUnraisable(self);
            }
            else {
                PyErr_Clear();
            }
        }
        Py_XDECREF(res);
    }
    PyErr_SetRaisedException(saved);
}

int
_PyIOBase_Finalize(PyObject *self)
{
    assert(PyObject_IS_GC(self));
    if (PyObject_CallFinalizerFromDealloc(self) == 0) {
        return 0;
    }
    if (_PyType_HasFeature(Py_TYPE(self), Py_TPFLAGS_HEAPTYPE)) {
        Py_INCREF(Py_TYPE(self));   /* the class's deallocator, which called,
                  is going to release it */
    }
    return -1;
}

PyObject *
_PyIO_CallReadLine(PyObject *stream)
{
    PyObject *line = PyObject_CallMethodNoArgs(stream, &_Py_ID(readline));
    if (line != NULL && !PyUnicode_Check(line)) {
        PyErr_Format(PyExc_OSError, "readline() should have returned a str object, "
                     "not '%.200s'", Py_TYPE(line)->tp_name);
        Py_CLEAR(line);
    }
    return line;
}

static PyObject *
iobase_enter(PyObject *self, PyObject *Py_UNUSED(args))
{
    return _PyIOBase_CheckClosed(self) < 0 ? NULL : Py_NewRef(self);
}

static PyObject *
iobase_exit(PyObject *self, PyObject *Py_UNUSED(args))
{
    return PyObject_CallMethodNoArgs(self, &_Py_ID(close));
}

/* ---- lines ------------------------------------------------------------------------------- */

/* How much to read next without going beyond the line end: by what peek() (may be NULL) shows, at
   most `limit` if that is not negative.  -1 with an exception. */
static Py_ssize_t
read_ahead(PyObject *peek, Py_ssize_t limit)
{
    if (peek == NULL) {
        return 1;
    }
    PyObject *ahead;
    do {
        ahead = PyObject_CallFunction(peek, "i", 1);
    } while (ahead == NULL && _PyIO_TrapEINTR());
    if (ahead == NULL) {
        return -1;
    }
    if (!PyBytes_Check(ahead)) {
        PyErr_Format(PyExc_OSError, "peek() should have returned a bytes object, not '%.200s'",
                     Py_TYPE(ahead)->tp_name);
        Py_DECREF(ahead);
        return -1;
    }
    Py_ssize_t n = PyBytes_GET_SIZE(ahead);
    if (limit >= 0 && n > limit) {
        n = limit;
    }
    const char *s = PyBytes_AS_STRING(ahead), *end = memchr(s, '\n', n);
    n = end != NULL ? end - s + 1 : n;
    Py_DECREF(ahead);
    return n > 0 ? n : 1;
}

/*sig _io._IOBase.readline(self, size: ssize_none = -1, /)

Read and return a line from the stream.

If size is specified, at most size bytes will be read.

The line terminator is always b'\n' for binary files; for text
files, the newlines argument to open can be used to select the line
terminator(s) recognized.
*/
static PyObject *
iobase_readline_impl(PyObject *self, Py_ssize_t size)
{
    PyObject *peek, *line = NULL, *result = NULL;
    if (_PyObject_LookupAttr(self, &_Py_ID(peek), &peek) < 0) {
        return NULL;
    }
    line = PyByteArray_FromStringAndSize(NULL, 0);
    if (line == NULL) {
        goto done;
    }
    while (size < 0 || PyByteArray_GET_SIZE(line) < size) {
        Py_ssize_t have = PyByteArray_GET_SIZE(line);
        Py_ssize_t want = read_ahead(peek, size < 0 ? -1 : size - have);
        if (want < 0) {
            goto done;
        }
        PyObject *b = PyObject_CallMethod(self, "read", "n", want);
        if (b == NULL) {
            if (_PyIO_TrapEINTR()) {
                continue;
            }
            goto done;
        }
        if (!PyBytes_Check(b)) {
            PyErr_Format(PyExc_OSError, "read() should have returned a bytes object, not '%.200s'",
                         Py_TYPE(b)->tp_name);
            Py_DECREF(b);
            goto done;
        }
        Py_ssize_t n = PyBytes_GET_SIZE(b);
        if (n > 0) {
            if (PyByteArray_Resize(line, have + n) < 0) {
                Py_DECREF(b);
                goto done;
            }
            memcpy(PyByteArray_AS_STRING(line) + have, PyBytes_AS_STRING(b), n);
        }
        bool at_end = n == 0 || PyBytes_AS_STRING(b)[n - 1] == '\n';
        Py_DECREF(b);
        if (at_end) {
            break;
        }
    }
    result = PyBytes_FromStringAndSize(PyByteArray_AS_STRING(line), PyByteArray_GET_SIZE(line));
done:
    Py_XDECREF(peek);
    Py_XDECREF(line);
    return result;
}

static PyObject *
iobase_iter(PyObject *self)
{
    return _PyIOBase_CheckClosed(self) < 0 ? NULL : Py_NewRef(self);
}

static PyObject *
iobase_iternext(PyObject *self)
{
    PyObject *line = PyObject_CallMethodNoArgs(self, &_Py_ID(readline));
    if (line == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyObject_Size(line);
    if (n <= 0) {
        Py_DECREF(line);        /* an error, or the end */
        return NULL;
    }
    return line;
}

/*sig _io._IOBase.readlines(self, hint: ssize_none = -1, /)

Return a list of lines from the stream.

hint can be specified to control the number of lines read: no more
lines will be read if the total size (in bytes/characters) of all
lines so far exceeds hint.
*/
static PyObject *
iobase_readlines_impl(PyObject *self, Py_ssize_t hint)
{
    PyObject *lines = PyList_New(0), *it = NULL, *line;
    if (lines == NULL) {
        return NULL;
    }
    if (hint <= 0) {
        /* list.extend, so that a stream with its own __iter__ is asked */
        PyObject *res = PyObject_CallMethodOneArg(lines, &_Py_ID(extend), self);
        if (res == NULL) {
            goto error;
        }
        Py_DECREF(res);
        return lines;
    }
    it = PyObject_GetIter(self);
    if (it == NULL) {
        goto error;
    }
    Py_ssize_t total = 0;
    while ((line = PyIter_Next(it)) != NULL) {
        Py_ssize_t n = PyList_Append(lines, line) < 0 ? -1 : PyObject_Size(line);
        Py_DECREF(line);
        if (n < 0) {
            goto error;
        }
        if (n > hint - total) {
            break;
        }
        total += n;
    }
    if (PyErr_Occurred()) {
        goto error;
    }
    Py_DECREF(it);
    return lines;
error:
    Py_XDECREF(it);
    Py_DECREF(lines);
    return NULL;
}

/*sig _io._IOBase.writelines(self, lines, /)

Write a list of lines to stream.

Line separators are not added, so it is usual for each of the
lines provided to have a line separator at the end.
*/
static PyObject *
iobase_writelines_impl(PyObject *self, PyObject *lines)
{
    if (_PyIOBase_CheckClosed(self) < 0) {
        return NULL;
    }
    PyObject *it = PyObject_GetIter(lines), *line;
    if (it == NULL) {
        return NULL;
    }
    while ((line = PyIter_Next(it)) != NULL) {
        PyObject *res;
        do {
            res = PyObject_CallMethodOneArg(self, &_Py_ID(write), line);
        } while (res == NULL && _PyIO_TrapEINTR());
        Py_DECREF(line);
        if (res == NULL) {
            break;
        }
        Py_DECREF(res);
    }
    Py_DECREF(it);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

/* ---- the type ---------------------------------------------------------------------------- */

static int
iobase_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((iobase *)self)->dict);
    return 0;
}

static int
iobase_clear(PyObject *self)
{
    Py_CLEAR(((iobase *)self)->dict);
    return 0;
}

static void
iobase_dealloc(PyObject *self)
{
    if (_PyIOBase_Finalize(self) < 0) {
        return;
    }
    PyObject_GC_UnTrack(self);
    if (((iobase *)self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_CLEAR(((iobase *)self)->dict);
    Py_TYPE(self)->tp_free(self);
}

static const PyMethodDef iobase_methods[] = {
    IOBASE_SEEK_METHODDEF
    IOBASE_TELL_METHODDEF
    IOBASE_TRUNCATE_METHODDEF
    IOBASE_FLUSH_METHODDEF
    IOBASE_CLOSE_METHODDEF
    IOBASE_SEEKABLE_METHODDEF
    IOBASE_READABLE_METHODDEF
    IOBASE_WRITABLE_METHODDEF
    {"_checkClosed", iobase_check_closed, METH_NOARGS},
    {"_checkSeekable", iobase_check_seekable, METH_NOARGS},
    {"_checkReadable", iobase_check_readable, METH_NOARGS},
    {"_checkWritable", iobase_check_writable, METH_NOARGS},
    IOBASE_FILENO_METHODDEF
    IOBASE_ISATTY_METHODDEF
    {"__enter__", iobase_enter, METH_NOARGS},
    {"__exit__", iobase_exit, METH_VARARGS},
    IOBASE_READLINE_METHODDEF
    IOBASE_READLINES_METHODDEF
    IOBASE_WRITELINES_METHODDEF
    {NULL, NULL}
};

static const PyGetSetDef iobase_getset[] = {
    {"__dict__", PyObject_GenericGetDict, NULL, NULL},
    {"closed", iobase_closed_get, NULL, NULL},
    {NULL}
};

static const PyMemberDef iobase_members[] = {
    {NULL}
};

PyDoc_STRVAR(iobase_doc,
"The abstract base class for all I/O classes.\n"
"\n"
"This class provides dummy implementations for many methods that\n"
"derived classes can override selectively; the default implementations\n"
"represent a file that cannot be read, written or seeked.\n"
"\n"
"Even though IOBase does not declare read, readinto, or write because\n"
"their signatures will vary, implementations and clients should\n"
"consider those methods part of the interface. Also, implementations\n"
"may raise UnsupportedOperation when operations they do not support are\n"
"called.\n"
"\n"
"Calling any method but close() on a closed stream raises ValueError.\n"
"A stream is an iterator over its lines and a context manager that\n"
"closes it at the end.\n");

_Py_SHARED PyTypeObject _PyIOBase_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io._IOBase",
    .tp_basicsize = sizeof(iobase),
    .tp_dealloc = iobase_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | _Py_TPFLAGS_LIKE_HEAPTYPE,
    .tp_doc = iobase_doc,
    .tp_traverse = iobase_traverse,
    .tp_clear = iobase_clear,
    .tp_weaklistoffset = offsetof(iobase, weakreflist),
    .tp_iter = iobase_iter,
    .tp_iternext = iobase_iternext,
    .tp_methods = (PyMethodDef *)iobase_methods,
    .tp_members = (PyMemberDef *)iobase_members,
    .tp_getset = (PyGetSetDef *)iobase_getset,
    .tp_dictoffset = offsetof(iobase, dict),
    .tp_finalize = iobase_finalize,
};

/* ---- _RawIOBase --------------------------------------------------------------------------- */

/*sig _io._RawIOBase.read(self, size: ssize = -1, /)

*/
static PyObject *
rawiobase_read_impl(PyObject *self, Py_ssize_t size)
{
    if (size < 0) {
        return PyObject_CallMethodNoArgs(self, &_Py_ID(readall));
    }
    PyObject *buffer = PyByteArray_FromStringAndSize(NULL, size);
    if (buffer == NULL) {
        return NULL;
    }
    memset(PyByteArray_AS_STRING(buffer), 0, size);
    PyObject *res = PyObject_CallMethodOneArg(self, &_Py_ID(readinto), buffer);
    PyObject *result = NULL;
    if (res == NULL || res == Py_None) {
        Py_DECREF(buffer);
        return res;
    }
    Py_ssize_t n = PyNumber_AsSsize_t(res, PyExc_ValueError);
    Py_DECREF(res);
    if (n != -1 || !PyErr_Occurred()) {
        if (n < 0 || n > PyByteArray_GET_SIZE(buffer)) {
            PyErr_Format(PyExc_ValueError, "readinto() returned %zd outside buffer size %zd", n,
                         PyByteArray_GET_SIZE(buffer));
        }
        else {
            result = PyBytes_FromStringAndSize(PyByteArray_AS_STRING(buffer), n);
        }
    }
    Py_DECREF(buffer);
    return result;
}

/*sig _io._RawIOBase.readall(self)

Read until EOF, using multiple read() call.
*/
static PyObject *
rawiobase_readall_impl(PyObject *self)
{
    PyObject *chunks = PyList_New(0), *result = NULL;
    if (chunks == NULL) {
        return NULL;
    }
    for (;;) {
        PyObject *data = PyObject_CallMethod(self, "read", "i", IO_DEFAULT_BUFFER_SIZE);
        if (data == NULL) {
            if (_PyIO_TrapEINTR()) {
                continue;
            }
            goto done;
        }
        if (data == Py_None) {
            if (PyList_GET_SIZE(chunks) == 0) {
                result = data;
                goto done;
            }
            Py_DECREF(data);
            break;
        }
        if (!PyBytes_Check(data)) {
            Py_DECREF(data);
            PyErr_SetString(PyExc_TypeError, "read() should return bytes");
            goto done;
        }
        bool at_end = PyBytes_GET_SIZE(data) == 0;
        int status = at_end ? 0 : PyList_Append(chunks, data);
        Py_DECREF(data);
        if (status < 0) {
            goto done;
        }
        if (at_end) {
            break;
        }
    }
    PyObject *empty = PyBytes_FromStringAndSize(NULL, 0);
    if (empty != NULL) {
        result = _PyBytes_Join(empty, chunks);
        Py_DECREF(empty);
    }
done:
    Py_DECREF(chunks);
    return result;
}

static PyObject *
rawiobase_not_implemented(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args))
{
    PyErr_SetNone(PyExc_NotImplementedError);
    return NULL;
}

static const PyMethodDef rawiobase_methods[] = {
    RAWIOBASE_READ_METHODDEF
    RAWIOBASE_READALL_METHODDEF
    {"readinto", rawiobase_not_implemented, METH_VARARGS},
    {"write", rawiobase_not_implemented, METH_VARARGS},
    {NULL, NULL}
};

_Py_SHARED PyTypeObject _PyRawIOBase_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io._RawIOBase",
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_LIKE_HEAPTYPE,
    .tp_doc = "Base class for raw binary I/O.",
    .tp_methods = (PyMethodDef *)rawiobase_methods,
    .tp_base = &_PyIOBase_Type,
};
