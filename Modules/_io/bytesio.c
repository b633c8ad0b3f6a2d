/* bytesio.c - BytesIO: a binary stream in memory.
 *
 * The contents are the first `length` bytes of the bytes object `buf`.  While buf has other
 * references (the initial value, or a result of getvalue()) it is shared and copied before any
 * change; alone, it is changed in place and may be longer than the contents.  pos may lie
 * behind the end: writing there fills the gap with zeros.  While getbuffer() views exist (exports),
 * nothing may move or resize buf.
 *
 * Written from the documentation of io and observed behaviour.
 */
#include "_iomodule.h"

typedef struct {
    PyObject_HEAD
    PyObject *buf;          /* bytes; NULL: closed */
    Py_ssize_t pos;
    Py_ssize_t length;
    PyObject *dict;
    PyObject *weakreflist;
    Py_ssize_t exports;     /* live views */
} bytesio;

typedef struct {
    PyObject_HEAD
    bytesio *source;        /* strong */
} bytesiobuf;

static inline bytesio *
bytesio_cast(PyObject *op)
{
    return (bytesio *)op;
}

#include "sig/bytesio.sig.h"

/* ---- the buffer --------------------------------------------------------------------------- */

static int
check_open(bytesio *self)
{
    if (self->buf == NULL) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on closed file.");
        return -1;
    }
    assert(PyBytes_CheckExact(self->buf));
    assert(self->length <= PyBytes_GET_SIZE(self->buf));
    return 0;
}

static int
check_exports(bytesio *self)
{
    if (self->exports > 0) {
        PyErr_SetString(PyExc_BufferError,
                        "Existing exports of data: object cannot be re-sized");
        return -1;
    }
    return 0;
}

static inline bool
is_shared(bytesio *self)
{
    return Py_REFCNT(self->buf) != 1;
}

/* Make buf a private copy with room for `size` bytes. */
static int
make_private(bytesio *self, Py_ssize_t size)
{
    assert(size >= self->length && self->exports == 0);
    PyObject *copy = PyBytes_FromStringAndSize(NULL, size);
    if (copy == NULL) {
        return -1;
    }
    memcpy(PyBytes_AS_STRING(copy), PyBytes_AS_STRING(self->buf), self->length);
    Py_SETREF(self->buf, copy);
    return 0;
}

/* Room for `size` bytes in a private buf. */
static int
make_room(bytesio *self, Py_ssize_t size)
{
    Py_ssize_t have = PyBytes_GET_SIZE(self->buf), room = size;
    if (size > have) {
        /* an eighth more for what follows, if the step is not a big one */
        Py_ssize_t more = (size >> 3) + (size < 9 ? 3 : 6);
        room = size - have < have && more < PY_SSIZE_T_MAX - size ? size + more : size;
    }
    if (is_shared(self)) {
        return make_private(self, Py_MAX(room, self->length));
    }
    if (size <= have) {
        return 0;
    }
    if (room > PY_SSIZE_T_MAX - (Py_ssize_t)sizeof(PyBytesObject)) {
        PyErr_NoMemory();
        return -1;
    }
    /* _PyBytes_Resize() drops the object when it fails */
    PyObject *kept = self->buf;
    if (_PyBytes_Resize(&kept, room) < 0) {
        self->buf = PyBytes_FromStringAndSize(NULL, 0);
        self->length = self->pos = 0;
        return -1;
    }
    self->buf = kept;
    return 0;
}

/* Write data[:n] at pos. */
static int
write_data(bytesio *self, const char *data, Py_ssize_t n)
{
    if (n == 0) {
        return 0;
    }
    if (n > PY_SSIZE_T_MAX - self->pos) {
        PyErr_SetString(PyExc_OverflowError, "new buffer size too large");
        return -1;
    }
    Py_ssize_t end = self->pos + n;
    if (make_room(self, end) < 0) {
        return -1;
    }
    char *s = PyBytes_AS_STRING(self->buf);
    if (self->pos > self->length) {
        memset(s + self->length, 0, self->pos - self->length);
    }
    memcpy(s + self->pos, data, n);
    self->pos = end;
    self->length = Py_MAX(self->length, end);
    return 0;
}

/* 0 or -1; a bytes-like object is written. */
static Py_ssize_t
write_object(bytesio *self, PyObject *b)
{
    if (check_open(self) < 0 || check_exports(self) < 0) {
        return -1;
    }
    Py_buffer view;
    if (PyObject_GetBuffer(b, &view, PyBUF_CONTIG_RO) < 0) {
        return -1;
    }
    Py_ssize_t n = -1;
    /* getting the buffer may have run code that closed or exported us */
    if (check_open(self) == 0 && check_exports(self) == 0
        && write_data(self, view.buf, view.len) == 0)
    {
        n = view.len;
    }
    PyBuffer_Release(&view);
    return n;
}

/* Bytes from pos to the end. */
static inline Py_ssize_t
left(bytesio *self)
{
    return self->pos < self->length ? self->length - self->pos : 0;
}

/* The next n bytes. */
static PyObject *
take(bytesio *self, Py_ssize_t n)
{
    assert(n >= 0 && n <= left(self));
    if (n > 1 && self->pos == 0 && n == PyBytes_GET_SIZE(self->buf) && self->exports == 0) {
        self->pos = n;
        return Py_NewRef(self->buf);
    }
    const char *s = n == 0 ? NULL : PyBytes_AS_STRING(self->buf) + self->pos;
    self->pos += n;
    return PyBytes_FromStringAndSize(s, n);
}

/* Length of the line at pos, at most `limit` if that is not negative. */
static Py_ssize_t
line_length(bytesio *self, Py_ssize_t limit)
{
    Py_ssize_t n = left(self);
    if (limit >= 0 && limit < n) {
        n = limit;
    }
    if (n == 0) {
        return 0;
    }
    const char *s = PyBytes_AS_STRING(self->buf) + self->pos, *hit = memchr(s, '\n', n);
    return hit == NULL ? n : hit - s + 1;
}

/* ---- methods ------------------------------------------------------------------------------ */

static PyObject *
always_true(bytesio *self)
{
    return check_open(self) < 0 ? NULL : Py_NewRef(Py_True);
}

/*sig _io.BytesIO.readable(self)

Returns True if the IO object can be read.
*/
static PyObject *
bytesio_readable_impl(bytesio *self)
{
    return always_true(self);
}

/*sig _io.BytesIO.writable(self)

Returns True if the IO object can be written.
*/
static PyObject *
bytesio_writable_impl(bytesio *self)
{
    return always_true(self);
}

/*sig _io.BytesIO.seekable(self)

Returns True if the IO object can be seeked.
*/
static PyObject *
bytesio_seekable_impl(bytesio *self)
{
    return always_true(self);
}

/*sig _io.BytesIO.flush(self)

Does nothing.
*/
static PyObject *
bytesio_flush_impl(bytesio *self)
{
    return check_open(self) < 0 ? NULL : Py_NewRef(Py_None);
}

/*sig _io.BytesIO.isatty(self)

Always returns False.

BytesIO objects are not connected to a TTY-like device.
*/
static PyObject *
bytesio_isatty_impl(bytesio *self)
{
    return check_open(self) < 0 ? NULL : Py_NewRef(Py_False);
}

/*sig _io.BytesIO.tell(self)

Current file position, an integer.
*/
static PyObject *
bytesio_tell_impl(bytesio *self)
{
    return check_open(self) < 0 ? NULL : PyLong_FromSsize_t(self->pos);
}

/*sig _io.BytesIO.getbuffer(self, cls: defining_class)

Get a read-write view over the contents of the BytesIO object.
*/
static PyObject *
bytesio_getbuffer_impl(bytesio *self, PyTypeObject *Py_UNUSED(cls))
{
    if (check_open(self) < 0) {
        return NULL;
    }
    PyTypeObject *type = &_PyBytesIOBuffer_Type;
    bytesiobuf *source = (bytesiobuf *)type->tp_alloc(type, 0);
    if (source == NULL) {
        return NULL;
    }
    source->source = (bytesio *)Py_NewRef(self);
    PyObject *view = PyMemoryView_FromObject((PyObject *)source);
    Py_DECREF(source);
    return view;
}

/*sig _io.BytesIO.getvalue(self)

Retrieve the entire contents of the BytesIO object.
*/
static PyObject *
bytesio_getvalue_impl(bytesio *self)
{
    if (check_open(self) < 0) {
        return NULL;
    }
    if (self->exports > 0 || self->length <= 1) {
        return PyBytes_FromStringAndSize(PyBytes_AS_STRING(self->buf), self->length);
    }
    if (self->length != PyBytes_GET_SIZE(self->buf)) {
        if (is_shared(self)) {
            if (make_private(self, self->length) < 0) {
                return NULL;
            }
        }
        else {
            PyObject *kept = self->buf;
            if (_PyBytes_Resize(&kept, self->length) < 0) {
                self->buf = PyBytes_FromStringAndSize(NULL, 0);
                self->length = self->pos = 0;
                return NULL;
            }
            self->buf = kept;
        }
    }
    return Py_NewRef(self->buf);
}

/*sig _io.BytesIO.read(self, size: ssize_none = -1, /)

Read at most size bytes, returned as a bytes object.

If the size argument is negative, read until EOF is reached.
Return an empty bytes object at EOF.
*/
static PyObject *
bytesio_read_impl(bytesio *self, Py_ssize_t size)
{
    if (check_open(self) < 0) {
        return NULL;
    }
    Py_ssize_t n = left(self);
    return take(self, size < 0 || size > n ? n : size);
}

/*sig _io.BytesIO.read1(self, size: ssize_none = -1, /)

Read at most size bytes, returned as a bytes object.

If the size argument is negative or omitted, read until EOF is reached.
Return an empty bytes object at EOF.
*/
static PyObject *
bytesio_read1_impl(bytesio *self, Py_ssize_t size)
{
    return bytesio_read_impl(self, size);
}

/*sig _io.BytesIO.readline(self, size: ssize_none = -1, /)

Next line from the file, as a bytes object.

Retain newline.  A non-negative size argument limits the maximum
number of bytes to return (an incomplete line may be returned then).
Return an empty bytes object at EOF.
*/
static PyObject *
bytesio_readline_impl(bytesio *self, Py_ssize_t size)
{
    return check_open(self) < 0 ? NULL : take(self, line_length(self, size));
}

/*sig _io.BytesIO.readlines(self, size: ssize_none = c"0" py"None", /)

List of bytes objects, each a line from the file.

Call readline() repeatedly and return a list of the lines so read.
The optional size argument, if given, is an approximate bound on the
total number of bytes in the lines returned.
*/
static PyObject *
bytesio_readlines_impl(bytesio *self, Py_ssize_t size)
{
    if (check_open(self) < 0) {
        return NULL;
    }
    PyObject *lines = PyList_New(0);
    Py_ssize_t total = 0, n;
    while (lines != NULL && (n = line_length(self, -1)) > 0) {
        PyObject *line = take(self, n);
        if (line == NULL || PyList_Append(lines, line) < 0) {
            Py_CLEAR(lines);
        }
        Py_XDECREF(line);
        total += n;
        if (size > 0 && total >= size) {
            break;
        }
    }
    return lines;
}

/*sig _io.BytesIO.readinto(self, buffer: wbuffer, /)

Read bytes into buffer.

Returns number of bytes read (0 for EOF), or None if the object
is set not to block and has no data to read.
*/
static PyObject *
bytesio_readinto_impl(bytesio *self, Py_buffer *buffer)
{
    if (check_open(self) < 0) {
        return NULL;
    }
    Py_ssize_t n = Py_MIN(left(self), buffer->len);
    if (n > 0) {
        memmove(buffer->buf, PyBytes_AS_STRING(self->buf) + self->pos, n);
        self->pos += n;
    }
    return PyLong_FromSsize_t(n);
}

/*sig _io.BytesIO.truncate(self, size = None, /)

Truncate the file to at most size bytes.

Size defaults to the current file position, as returned by tell().
The current file position is unchanged.  Returns the new size.
*/
static PyObject *
bytesio_truncate_impl(bytesio *self, PyObject *size_arg)
{
    Py_ssize_t size = self->pos;
    if (!_Py_convert_optional_to_ssize_t(size_arg, &size) || check_open(self) < 0
        || check_exports(self) < 0)
    {
        return NULL;
    }
    if (size < 0) {
        PyErr_Format(PyExc_ValueError, "negative size value %zd", size);
        return NULL;
    }
    if (size < self->length) {
        self->length = size;
        if (is_shared(self)) {
            if (make_private(self, size) < 0) {
                return NULL;
            }
        }
        else if (size < PyBytes_GET_SIZE(self->buf) / 2) {
            PyObject *kept = self->buf;
            if (_PyBytes_Resize(&kept, size) < 0) {
                self->buf = PyBytes_FromStringAndSize(NULL, 0);
                self->length = self->pos = 0;
                return NULL;
            }
            self->buf = kept;
        }
    }
    return PyLong_FromSsize_t(size);
}

static PyObject *
bytesio_iternext(PyObject *op)
{
    bytesio *self = bytesio_cast(op);
    if (check_open(self) < 0) {
        return NULL;
    }
    Py_ssize_t n = line_length(self, -1);
    return n == 0 ? NULL : take(self, n);
}

/*sig _io.BytesIO.seek(self, pos: ssize, whence: int = 0, /)

Change stream position.

Seek to byte offset pos relative to position indicated by whence:
     0  Start of stream (the default).  pos should be >= 0;
     1  Current position - pos may be negative;
     2  End of stream - pos usually negative.
Returns the new absolute position.
*/
static PyObject *
bytesio_seek_impl(bytesio *self, Py_ssize_t pos, int whence)
{
    if (check_open(self) < 0) {
        return NULL;
    }
    if (pos < 0 && whence == 0) {
        PyErr_Format(PyExc_ValueError, "negative seek value %zd", pos);
        return NULL;
    }
    if (whence < 0 || whence > 2) {
        PyErr_Format(PyExc_ValueError, "invalid whence (%i, should be 0, 1 or 2)", whence);
        return NULL;
    }
    Py_ssize_t base = whence == 0 ? 0 : whence == 1 ? self->pos : self->length;
    if (pos > PY_SSIZE_T_MAX - base) {
        PyErr_SetString(PyExc_OverflowError, "new position too large");
        return NULL;
    }
    self->pos = Py_MAX(base + pos, 0);
    return PyLong_FromSsize_t(self->pos);
}

/*sig _io.BytesIO.write(self, b, /)

Write bytes to file.

Return the number of bytes written.
*/
static PyObject *
bytesio_write_impl(bytesio *self, PyObject *b)
{
    Py_ssize_t n = write_object(self, b);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

/*sig _io.BytesIO.writelines(self, lines, /)

Write lines to the file.

Note that newlines are not added.  lines can be any iterable object
producing bytes-like objects. This is equivalent to calling write() for
each element.
*/
static PyObject *
bytesio_writelines_impl(bytesio *self, PyObject *lines)
{
    if (check_open(self) < 0) {
        return NULL;
    }
    PyObject *it = PyObject_GetIter(lines), *line;
    if (it == NULL) {
        return NULL;
    }
    while ((line = PyIter_Next(it)) != NULL) {
        Py_ssize_t n = write_object(self, line);
        Py_DECREF(line);
        if (n < 0) {
            break;
        }
    }
    Py_DECREF(it);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

/*sig _io.BytesIO.close(self)

Disable all I/O operations.
*/
static PyObject *
bytesio_close_impl(bytesio *self)
{
    if (check_exports(self) < 0) {
        return NULL;
    }
    Py_CLEAR(self->buf);
    self->length = 0;
    Py_RETURN_NONE;
}

static PyObject *
bytesio_closed_get(PyObject *op, void *Py_UNUSED(context))
{
    return PyBool_FromLong(bytesio_cast(op)->buf == NULL);
}

/* ---- pickling ----------------------------------------------------------------------------- */

/* (contents, position, __dict__ or None) */
static PyObject *
bytesio_getstate(PyObject *op, PyObject *Py_UNUSED(args))
{
    bytesio *self = bytesio_cast(op);
    PyObject *value = bytesio_getvalue_impl(self);
    if (value == NULL) {
        return NULL;
    }
    PyObject *dict = self->dict == NULL ? Py_NewRef(Py_None) : PyDict_Copy(self->dict);
    if (dict == NULL) {
        Py_DECREF(value);
        return NULL;
    }
    return Py_BuildValue("NnN", value, self->pos, dict);
}

static int bytesio_init_impl(bytesio *self, PyObject *initial_bytes);

static PyObject *
bytesio_setstate(PyObject *op, PyObject *state)
{
    bytesio *self = bytesio_cast(op);
    if (!PyTuple_Check(state) || PyTuple_GET_SIZE(state) < 3) {
        PyErr_Format(PyExc_TypeError, "%.200s.__setstate__ argument should be 3-tuple, got %.200s",
                     Py_TYPE(op)->tp_name, Py_TYPE(state)->tp_name);
        return NULL;
    }
    if (check_open(self) < 0 || check_exports(self) < 0) {
        return NULL;
    }
    if (bytesio_init_impl(self, PyTuple_GET_ITEM(state, 0)) < 0) {
        return NULL;
    }
    PyObject *position = PyTuple_GET_ITEM(state, 1), *dict = PyTuple_GET_ITEM(state, 2);
    if (!PyLong_Check(position)) {
        PyErr_Format(PyExc_TypeError, "second item of state must be an integer, not %.200s",
                     Py_TYPE(position)->tp_name);
        return NULL;
    }
    Py_ssize_t pos = PyLong_AsSsize_t(position);
    if (pos == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (pos < 0) {
        PyErr_SetString(PyExc_ValueError, "position value cannot be negative");
        return NULL;
    }
    self->pos = pos;
    if (dict != Py_None) {
        if (!PyDict_Check(dict)) {
            PyErr_Format(PyExc_TypeError, "third item of state should be a dict, got a %.200s",
                         Py_TYPE(dict)->tp_name);
            return NULL;
        }
        if (self->dict == NULL) {
            self->dict = Py_NewRef(dict);
        }
        else if (PyDict_Update(self->dict, dict) < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

static PyObject *
bytesio_sizeof(PyObject *op, PyObject *Py_UNUSED(args))
{
    bytesio *self = bytesio_cast(op);
    size_t size = _PyObject_SIZE(Py_TYPE(op));
    if (self->buf != NULL && !is_shared(self)) {
        PyObject *res = PyObject_CallMethod(self->buf, "__sizeof__", NULL);
        if (res == NULL) {
            return NULL;
        }
        size += PyLong_AsSize_t(res);
        Py_DECREF(res);
    }
    return PyLong_FromSize_t(size);
}

/* ---- life --------------------------------------------------------------------------------- */

static PyObject *
bytesio_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    bytesio *self = (bytesio *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->buf = PyBytes_FromStringAndSize(NULL, 0);
        if (self->buf == NULL) {
            Py_CLEAR(self);
        }
    }
    return (PyObject *)self;
}

/*sig _io.BytesIO.__init__(self, initial_bytes = c"NULL" py"b''")

Buffered I/O implementation using an in-memory bytes buffer.
*/
static int
bytesio_init_impl(bytesio *self, PyObject *initial_bytes)
{
    if (check_exports(self) < 0) {
        return -1;
    }
    self->length = self->pos = 0;
    if (initial_bytes != NULL && PyBytes_CheckExact(initial_bytes)) {
        Py_XSETREF(self->buf, Py_NewRef(initial_bytes));
        self->length = PyBytes_GET_SIZE(initial_bytes);
        return 0;
    }
    PyObject *empty = PyBytes_FromStringAndSize(NULL, 0);
    if (empty == NULL) {
        return -1;
    }
    Py_XSETREF(self->buf, empty);
    if (initial_bytes != NULL && initial_bytes != Py_None) {
        if (write_object(self, initial_bytes) < 0) {
            return -1;
        }
        self->pos = 0;
    }
    return 0;
}

static int
bytesio_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(bytesio_cast(op)->dict);
    return 0;
}

static int
bytesio_clear(PyObject *op)
{
    bytesio *self = bytesio_cast(op);
    Py_CLEAR(self->dict);
    if (self->exports == 0) {
        Py_CLEAR(self->buf);
    }
    return 0;
}

static void
bytesio_dealloc(PyObject *op)
{
    bytesio *self = bytesio_cast(op);
    PyObject_GC_UnTrack(op);
    if (self->exports > 0) {
        PyErr_SetString(PyExc_SystemError, "deallocated BytesIO object has exported buffers");
        PyErr_Print();
    }
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    Py_CLEAR(self->buf);
    Py_CLEAR(self->dict);
    Py_TYPE(op)->tp_free(op);
}

static const PyMethodDef bytesio_methods[] = {
    BYTESIO_READABLE_METHODDEF
    BYTESIO_SEEKABLE_METHODDEF
    BYTESIO_WRITABLE_METHODDEF
    BYTESIO_CLOSE_METHODDEF
    BYTESIO_FLUSH_METHODDEF
    BYTESIO_ISATTY_METHODDEF
    BYTESIO_TELL_METHODDEF
    BYTESIO_WRITE_METHODDEF
    BYTESIO_WRITELINES_METHODDEF
    BYTESIO_READ1_METHODDEF
    BYTESIO_READINTO_METHODDEF
    BYTESIO_READLINE_METHODDEF
    BYTESIO_READLINES_METHODDEF
    BYTESIO_READ_METHODDEF
    BYTESIO_GETBUFFER_METHODDEF
    BYTESIO_GETVALUE_METHODDEF
    BYTESIO_SEEK_METHODDEF
    BYTESIO_TRUNCATE_METHODDEF
    {"__getstate__", bytesio_getstate, METH_NOARGS},
    {"__setstate__", bytesio_setstate, METH_O},
    {"__sizeof__", bytesio_sizeof, METH_NOARGS},
    {NULL, NULL}
};

static const PyGetSetDef bytesio_getset[] = {
    {"closed", bytesio_closed_get, NULL, "True if the file is closed."},
    {NULL}
};

static const PyMemberDef bytesio_members[] = {
    {NULL}
};

_Py_SHARED PyTypeObject _PyBytesIO_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.BytesIO",
    .tp_basicsize = sizeof(bytesio),
    .tp_dealloc = bytesio_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | _Py_TPFLAGS_LIKE_HEAPTYPE,
    .tp_doc = bytesio_init__doc__,
    .tp_traverse = bytesio_traverse,
    .tp_clear = bytesio_clear,
    .tp_weaklistoffset = offsetof(bytesio, weakreflist),
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = bytesio_iternext,
    .tp_methods = (PyMethodDef *)bytesio_methods,
    .tp_members = (PyMemberDef *)bytesio_members,
    .tp_getset = (PyGetSetDef *)bytesio_getset,
    .tp_base = &_PyBufferedIOBase_Type,
    .tp_dictoffset = offsetof(bytesio, dict),
    .tp_init = bytesio_init,
    .tp_new = bytesio_new,
};

/* ---- _BytesIOBuffer: what a getbuffer() view holds on to ------------------------------------- */

static int
bytesiobuf_getbuffer(PyObject *op, Py_buffer *view, int flags)
{
    if (view == NULL) {
        PyErr_SetString(PyExc_BufferError,
                        "bytesiobuf_getbuffer: view==NULL argument is obsolete");
        return -1;
    }
    bytesio *b = ((bytesiobuf *)op)->source;
    if (b->buf == NULL) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on closed file.");
        return -1;
    }
    if (b->exports == 0 && is_shared(b) && make_private(b, b->length) < 0) {
        return -1;
    }
    if (PyBuffer_FillInfo(view, op, PyBytes_AS_STRING(b->buf), b->length, 0, flags) < 0) {
        return -1;
    }
    b->exports++;
    return 0;
}

static void
bytesiobuf_releasebuffer(PyObject *op, Py_buffer *Py_UNUSED(view))
{
    assert(((bytesiobuf *)op)->source->exports > 0);
    ((bytesiobuf *)op)->source->exports--;
}

static int
bytesiobuf_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((bytesiobuf *)op)->source);
    return 0;
}

static void
bytesiobuf_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_CLEAR(((bytesiobuf *)op)->source);
    Py_TYPE(op)->tp_free(op);
}

static _Py_SHARED PyBufferProcs bytesiobuf_as_buffer = {
    .bf_getbuffer = bytesiobuf_getbuffer,
    .bf_releasebuffer = bytesiobuf_releasebuffer,
};

_Py_SHARED PyTypeObject _PyBytesIOBuffer_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io._BytesIOBuffer",
    .tp_basicsize = sizeof(bytesiobuf),
    .tp_as_buffer = &bytesiobuf_as_buffer,
    .tp_dealloc = bytesiobuf_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | _Py_TPFLAGS_LIKE_HEAPTYPE
             | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = bytesiobuf_traverse,
};
