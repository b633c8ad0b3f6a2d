/* fileio.c - FileIO: a raw stream over a file descriptor.
 *
 * States: fd < 0 is closed.  closefd says whether close() closes the descriptor.  `seekable` is -1
 * until the first question.  Every call that may block releases the GIL; EINTR is retried in
 * _Py_read() and _Py_write(), after signal handlers ran.
 *
 * Written from the documentation of io, the POSIX pages of the calls, and observed behaviour.
 */
#include "_iomodule.h"
#include "pycore_fileutils.h"   // _Py_read, _Py_write, _Py_set_inheritable

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    PyObject_HEAD
    int fd;                         /* -1: closed */
    unsigned int created : 1;       /* mode x */
    unsigned int readable : 1;
    unsigned int writable : 1;
    unsigned int appending : 1;     /* mode a */
    signed int seekable : 2;        /* -1: not known yet */
    unsigned int closefd : 1;       /* close() closes fd */
    char finalizing;                /* set by the finaliser before it calls close() */
    int blksize;                    /* preferred size of transfers */
    PyObject *weakreflist;
    PyObject *dict;
} fileio;

static inline fileio *
fileio_cast(PyObject *op)
{
    return (fileio *)op;
}

#include "sig/fileio.sig.h"

bool
_PyFileIO_IsClosed(PyObject *self)
{
    return fileio_cast(self)->fd < 0;
}

static PyObject *
raise_closed(void)
{
    PyErr_SetString(PyExc_ValueError, "I/O operation on closed file");
    return NULL;
}

static PyObject *
raise_wrong_mode(const char *action)
{
    char message[64];
    PyOS_snprintf(message, sizeof(message), "File not open for %s", action);
    return _PyIO_Unsupported(message);
}

/* ---- opening ------------------------------------------------------------------------------ */

static PyObject *
fileio_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    fileio *self = (fileio *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->fd = -1;
        self->seekable = -1;
        self->closefd = 1;
    }
    return (PyObject *)self;
}

/* close(2) of the descriptor: 0, or -1 with an exception. */
static int
close_descriptor(fileio *self)
{
    int err = 0;
    if (self->fd >= 0) {
        int fd = self->fd;
        self->fd = -1;
        Py_BEGIN_ALLOW_THREADS
        err = close(fd) < 0 ? errno : 0;
        Py_END_ALLOW_THREADS
    }
    if (err != 0) {
        errno = err;
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

/* Sets the mode fields of self and returns the flags for open(2), or -1 with ValueError. */
static int
parse_mode(fileio *self, const char *mode)
{
    int flags = 0;
    bool have_mode = false, plus = false;
    for (const char *p = mode; *p != '\0'; p++) {
        if (*p == 'b') {
            continue;
        }
        if (strchr("xrwa+", *p) == NULL) {
            PyErr_Format(PyExc_ValueError, "invalid mode: %.200s", mode);
            return -1;
        }
        bool *seen = *p == '+' ? &plus : &have_mode;
        if (*seen) {
            have_mode = false;
            break;
        }
        *seen = true;
        switch (*p) {
        case 'x':
            self->created = 1;
            self->writable = 1;
            flags |= O_EXCL | O_CREAT;
            break;
        case 'r':
            self->readable = 1;
            break;
        case 'w':
            self->writable = 1;
            flags |= O_CREAT | O_TRUNC;
            break;
        case 'a':
            self->writable = 1;
            self->appending = 1;
            flags |= O_APPEND | O_CREAT;
            break;
        default:
            self->readable = self->writable = 1;
        }
    }
    if (!have_mode) {
        PyErr_SetString(PyExc_ValueError, "Must have exactly one of create/read/write/append mode "
                                          "and at most one plus");
        return -1;
    }
    flags |= self->readable && self->writable ? O_RDWR : self->readable ? O_RDONLY : O_WRONLY;
    return flags | O_CLOEXEC;
}

/* A descriptor from the user's opener, or -1 with an exception. */
static int
call_opener(PyObject *opener, PyObject *name, int flags)
{
    PyObject *res = PyObject_CallFunction(opener, "Oi", name, flags);
    if (res == NULL) {
        return -1;
    }
    if (!PyLong_Check(res)) {
        PyErr_SetString(PyExc_TypeError, "expected integer from opener");
        Py_DECREF(res);
        return -1;
    }
    int fd = _PyLong_AsInt(res);
    Py_DECREF(res);
    if (fd < 0) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_ValueError, "opener returned %d", fd);
        }
        return -1;
    }
    return _Py_set_inheritable(fd, 0, NULL) < 0 ? (close(fd), -1) : fd;
}

/* open(2), retried after signals: a descriptor, or -1 with an exception. */
static int
open_path(PyObject *name, const char *path, int flags)
{
    int fd, err;
    do {
        Py_BEGIN_ALLOW_THREADS
        fd = open(path, flags, 0666);
        err = errno;
        Py_END_ALLOW_THREADS
        if (fd < 0 && err == EINTR && PyErr_CheckSignals() < 0) {
            return -1;
        }
    } while (fd < 0 && err == EINTR);
    if (fd < 0) {
        errno = err;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name);
    }
    return fd;
}

/* Look at the open file: no directories; take its block size. */
static int
inspect_file(fileio *self, PyObject *name)
{
    struct stat st;
    int res, err;
    Py_BEGIN_ALLOW_THREADS
    res = fstat(self->fd, &st);
    err = errno;
    Py_END_ALLOW_THREADS
    self->blksize = IO_DEFAULT_BUFFER_SIZE;
    if (res == 0) {
        if (S_ISDIR(st.st_mode)) {
            err = EISDIR;
            res = -1;
        }
        else if (st.st_blksize > 1) {
            self->blksize = (int)Py_MIN(st.st_blksize, INT_MAX);
        }
    }
    if (res < 0 && (err == EBADF || err == EISDIR)) {
        errno = err;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, err == EISDIR ? name : NULL);
        return -1;
    }
    return 0;
}

static PyObject *seek_to(fileio *self, PyObject *pos, int whence, bool ignore_pipe);

/*sig _io.FileIO.__init__(self, file, mode: utf8 = 'r', closefd: bool = True, opener = None)

Open a file.

The mode can be 'r' (default), 'w', 'x' or 'a' for reading,
writing, exclusive creation or appending.  The file will be created if it
doesn't exist when opened for writing or appending; it will be truncated
when opened for writing.  A FileExistsError will be raised if it already
exists when opened for creating. Opening a file for creating implies
writing so this mode behaves in a similar way to 'w'.Add a '+' to the mode
to allow simultaneous reading and writing. A custom opener can be used by
passing a callable as *opener*. The underlying file descriptor for the file
object is then obtained by calling opener with (*name*, *flags*).
*opener* must return an open file descriptor (passing os.open as *opener*
results in functionality similar to passing None).
*/
static int
fileio_init_impl(fileio *self, PyObject *file, const char *mode, int closefd, PyObject *opener)
{
    if (self->fd >= 0) {
        /* a second __init__() */
        if (!self->closefd) {
            self->fd = -1;
        }
        else if (close_descriptor(self) < 0) {
            return -1;
        }
    }
    self->created = self->readable = self->writable = self->appending = 0;
    self->seekable = -1;
    self->closefd = closefd != 0;

    PyObject *path = NULL;
    int fd = -1;
    bool given = false;
    if (PyIndex_Check(file)) {
        fd = _PyLong_AsInt(file);
        given = fd >= 0 || !PyErr_Occurred();
        if (given && fd < 0) {
            PyErr_SetString(PyExc_ValueError, "negative file descriptor");
            return -1;
        }
        PyErr_Clear();      /* a number that is no int is no path either: one message for both */
    }
    if (!given && !PyUnicode_FSConverter(file, &path)) {
        return -1;
    }
    int result = -1, flags = parse_mode(self, mode);
    if (flags < 0 || PySys_Audit("open", "Osi", file, mode, flags) < 0) {
        goto done;
    }
    if (given) {
        self->fd = fd;
    }
    else if (!closefd) {
        PyErr_SetString(PyExc_ValueError, "Cannot use closefd=False with file name");
        goto done;
    }
    else {
        self->fd = opener == Py_None ? open_path(file, PyBytes_AS_STRING(path), flags)
                                     : call_opener(opener, file, flags);
        if (self->fd < 0) {
            self->fd = -1;
            goto done;
        }
    }
    if (inspect_file(self, file) < 0
        || PyObject_SetAttr((PyObject *)self, &_Py_ID(name), file) < 0)
    {
        goto error;
    }
    if (self->appending) {
        /* tell() shall be right from the start; a pipe has no position */
        PyObject *pos = seek_to(self, NULL, SEEK_END, true);
        if (pos == NULL) {
            goto error;
        }
        Py_DECREF(pos);
    }
    result = 0;
    goto done;
error:
    if (given) {
        self->fd = -1;      /* the caller's descriptor stays open */
    }
    else {
        PyObject *exc = PyErr_GetRaisedException();
        if (close_descriptor(self) < 0) {
            PyErr_Clear();
        }
        PyErr_SetRaisedException(exc);
    }
done:
    Py_XDECREF(path);
    return result;
}

/* ---- closing ------------------------------------------------------------------------------ */

static PyObject *
fileio_dealloc_warn(PyObject *op, PyObject *source)
{
    fileio *self = fileio_cast(op);
    if (self->fd >= 0 && self->closefd) {
        PyObject *exc = PyErr_GetRaisedException();
        if (PyErr_ResourceWarning(source, 1, "unclosed file %R", source) < 0) {
            /* The warning became an error, or failed: there is nobody to raise it to. */
            if (PyErr_ExceptionMatches(PyExc_Warning)) {
                PyErr_WriteUnraisable(op);
            }
        }
        PyErr_SetRaisedException(exc);
    }
    Py_RETURN_NONE;
}

/*sig _io.FileIO.close(self)

Close the file.

A closed file cannot be used for further I/O operations.  close() may be
called more than once without error.
*/
static PyObject *
fileio_close_impl(fileio *self)
{
    PyObject *res = PyObject_CallMethodOneArg((PyObject *)&_PyRawIOBase_Type, &_Py_ID(close),
                                              (PyObject *)self);
    if (!self->closefd) {
        self->fd = -1;
        return res;
    }
    PyObject *exc = res == NULL ? PyErr_GetRaisedException() : NULL;
    if (self->finalizing) {
        Py_DECREF(fileio_dealloc_warn((PyObject *)self, (PyObject *)self));
    }
    int status = close_descriptor(self);
    if (exc != NULL) {
        _PyErr_ChainExceptions1(exc);
    }
    if (status < 0) {
        Py_CLEAR(res);
    }
    return res;
}

static int
fileio_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(fileio_cast(op)->dict);
    return 0;
}

static int
fileio_clear(PyObject *op)
{
    Py_CLEAR(fileio_cast(op)->dict);
    return 0;
}

static void
fileio_dealloc(PyObject *op)
{
    fileio *self = fileio_cast(op);
    self->finalizing = 1;
    if (_PyIOBase_Finalize(op) < 0) {
        return;
    }
    PyObject_GC_UnTrack(op);
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    Py_CLEAR(self->dict);
    Py_TYPE(op)->tp_free(op);
}

/* ---- questions ---------------------------------------------------------------------------- */

/*sig _io.FileIO.fileno(self)

Return the underlying file descriptor (an integer).
*/
static PyObject *
fileio_fileno_impl(fileio *self)
{
    return self->fd < 0 ? raise_closed() : PyLong_FromLong(self->fd);
}

/*sig _io.FileIO.readable(self)

True if file was opened in a read mode.
*/
static PyObject *
fileio_readable_impl(fileio *self)
{
    return self->fd < 0 ? raise_closed() : PyBool_FromLong(self->readable);
}

/*sig _io.FileIO.writable(self)

True if file was opened in a write mode.
*/
static PyObject *
fileio_writable_impl(fileio *self)
{
    return self->fd < 0 ? raise_closed() : PyBool_FromLong(self->writable);
}

/*sig _io.FileIO.seekable(self)

True if file supports random-access.
*/
static PyObject *
fileio_seekable_impl(fileio *self)
{
    if (self->fd < 0) {
        return raise_closed();
    }
    if (self->seekable < 0) {
        PyObject *pos = seek_to(self, NULL, SEEK_CUR, false);
        if (pos == NULL) {
            PyErr_Clear();
        }
        self->seekable = pos != NULL;
        Py_XDECREF(pos);
    }
    return PyBool_FromLong(self->seekable != 0);
}

/*sig _io.FileIO.isatty(self)

True if the file is connected to a TTY device.
*/
static PyObject *
fileio_isatty_impl(fileio *self)
{
    if (self->fd < 0) {
        return raise_closed();
    }
    int res;
    Py_BEGIN_ALLOW_THREADS
    res = isatty(self->fd);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(res);
}

static const char *
mode_text(fileio *self)
{
    if (self->created) {
        return self->readable ? "xb+" : "xb";
    }
    if (self->appending) {
        return self->readable ? "ab+" : "ab";
    }
    if (self->readable) {
        return self->writable ? "rb+" : "rb";
    }
    return "wb";
}

static PyObject *
fileio_repr(PyObject *op)
{
    fileio *self = fileio_cast(op);
    const char *type_name = Py_TYPE(op)->tp_name;
    if (self->fd < 0) {
        return PyUnicode_FromFormat("<%s [closed]>", type_name);
    }
    PyObject *name, *result = NULL;
    if (_PyObject_LookupAttr(op, &_Py_ID(name), &name) < 0) {
        return NULL;
    }
    const char *closefd = self->closefd ? "True" : "False";
    if (name == NULL) {
        return PyUnicode_FromFormat("<%s fd=%d mode='%s' closefd=%s>", type_name, self->fd,
                                    mode_text(self), closefd);
    }
    int status = Py_ReprEnter(op);
    if (status == 0) {
        result = PyUnicode_FromFormat("<%s name=%R mode='%s' closefd=%s>", type_name, name,
                                      mode_text(self), closefd);
        Py_ReprLeave(op);
    }
    else if (status > 0) {
        PyErr_Format(PyExc_RuntimeError, "reentrant call inside %s.__repr__", type_name);
    }
    Py_DECREF(name);
    return result;
}

static PyObject *
fileio_closed_get(PyObject *op, void *Py_UNUSED(context))
{
    return PyBool_FromLong(fileio_cast(op)->fd < 0);
}

static PyObject *
fileio_closefd_get(PyObject *op, void *Py_UNUSED(context))
{
    return PyBool_FromLong(fileio_cast(op)->closefd);
}

static PyObject *
fileio_mode_get(PyObject *op, void *Py_UNUSED(context))
{
    return PyUnicode_FromString(mode_text(fileio_cast(op)));
}

/* ---- reading ------------------------------------------------------------------------------ */

/* _Py_read() that says "would block" with -2 and no exception. */
static Py_ssize_t
read_once(fileio *self, void *buffer, size_t count)
{
    Py_ssize_t n = _Py_read(self->fd, buffer, count);
    int err = errno;
    if (n < 0 && err == EAGAIN && PyErr_ExceptionMatches(PyExc_BlockingIOError)) {
        PyErr_Clear();
        return -2;
    }
    return n;
}

/*sig _io.FileIO.readinto(self, buffer: wbuffer, /)

Same as RawIOBase.readinto().
*/
static PyObject *
fileio_readinto_impl(fileio *self, Py_buffer *buffer)
{
    if (self->fd < 0) {
        return raise_closed();
    }
    if (!self->readable) {
        return raise_wrong_mode("reading");
    }
    Py_ssize_t n = read_once(self, buffer->buf, buffer->len);
    if (n < 0) {
        return n == -2 ? Py_NewRef(Py_None) : NULL;
    }
    return PyLong_FromSsize_t(n);
}

/* The bytes from here to the end as the file system tells, plus one to see the end; or a small
   size for what has no size. */
static size_t
size_to_read(fileio *self)
{
    struct stat st;
    off_t pos;
    int res;
    Py_BEGIN_ALLOW_THREADS
    pos = lseek(self->fd, 0, SEEK_CUR);
    res = fstat(self->fd, &st);
    Py_END_ALLOW_THREADS
    if (res == 0 && pos >= 0 && st.st_size >= pos && st.st_size - pos < PY_SSIZE_T_MAX) {
        return (size_t)(st.st_size - pos) + 1;
    }
    return IO_DEFAULT_BUFFER_SIZE;
}

/* Next size of the result of readall(): grows by an eighth at least, 8 KiB at least. */
static size_t
grown_size(size_t size)
{
    return size + (size > 65536 ? size >> 3 : 256 + size) + IO_DEFAULT_BUFFER_SIZE;
}

/*sig _io.FileIO.readall(self)

Read all data from the file, returned as bytes.

In non-blocking mode, returns as much as is immediately available,
or None if no data is available.  Return an empty bytes object at EOF.
*/
static PyObject *
fileio_readall_impl(fileio *self)
{
    if (self->fd < 0) {
        return raise_closed();
    }
    size_t size = size_to_read(self), have = 0;
    PyObject *result = PyBytes_FromStringAndSize(NULL, size);
    if (result == NULL) {
        return NULL;
    }
    for (;;) {
        if (have == size) {
            size = grown_size(size);
            if (size > PY_SSIZE_T_MAX) {
                PyErr_SetString(PyExc_OverflowError,
                                "unbounded read returned more bytes than a Python bytes object "
                                "can hold");
                Py_DECREF(result);
                return NULL;
            }
            if (_PyBytes_Resize(&result, size) < 0) {
                return NULL;
            }
        }
        Py_ssize_t n = read_once(self, PyBytes_AS_STRING(result) + have, size - have);
        if (n == 0 || (n == -2 && have > 0)) {
            break;
        }
        if (n < 0) {
            Py_DECREF(result);
            return n == -2 ? Py_NewRef(Py_None) : NULL;
        }
        have += n;
    }
    assert(have <= size);
    if (have < size) {
        _PyBytes_Resize(&result, have);
    }
    return result;
}

/*sig _io.FileIO.read(self, size: ssize_none = -1, /)

Read at most size bytes, returned as bytes.

Only makes one system call, so less data may be returned than requested.
In non-blocking mode, returns None if no data is available.
Return an empty bytes object at EOF.
*/
static PyObject *
fileio_read_impl(fileio *self, Py_ssize_t size)
{
    if (self->fd < 0) {
        return raise_closed();
    }
    if (!self->readable) {
        return raise_wrong_mode("reading");
    }
    if (size < 0) {
        return fileio_readall_impl(self);
    }
    size = Py_MIN(size, INT_MAX & ~4095);
    PyObject *result = PyBytes_FromStringAndSize(NULL, size);
    if (result == NULL) {
        return NULL;
    }
    Py_ssize_t n = read_once(self, PyBytes_AS_STRING(result), size);
    if (n < 0) {
        Py_DECREF(result);
        return n == -2 ? Py_NewRef(Py_None) : NULL;
    }
    if (n != size) {
        _PyBytes_Resize(&result, n);
    }
    return result;
}

/* ---- writing and positions ---------------------------------------------------------------- */

/*sig _io.FileIO.write(self, b: buffer, /)

Write buffer b to file, return number of bytes written.

Only makes one system call, so not all of the data may be written.
The number of bytes actually written is returned.  In non-blocking mode,
returns None if the write would block.
*/
static PyObject *
fileio_write_impl(fileio *self, Py_buffer *b)
{
    if (self->fd < 0) {
        return raise_closed();
    }
    if (!self->writable) {
        return raise_wrong_mode("writing");
    }
    Py_ssize_t n = _Py_write(self->fd, b->buf, b->len);
    int err = errno;
    if (n < 0) {
        if (err == EAGAIN && PyErr_ExceptionMatches(PyExc_BlockingIOError)) {
            PyErr_Clear();
            Py_RETURN_NONE;
        }
        return NULL;
    }
    return PyLong_FromSsize_t(n);
}

/* lseek to `pos` (an int, NULL: 0): the position as int, or NULL with an exception. */
static PyObject *
seek_to(fileio *self, PyObject *pos, int whence, bool ignore_pipe)
{
    off_t offset = 0, res;
    if (pos != NULL) {
        offset = PyLong_AsSsize_t(pos);
        if (offset == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    Py_BEGIN_ALLOW_THREADS
    res = lseek(self->fd, offset, whence);
    Py_END_ALLOW_THREADS
    if (self->seekable < 0) {
        self->seekable = res >= 0;
    }
    if (res < 0) {
        if (!ignore_pipe || errno != ESPIPE) {
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        res = 0;
    }
    return PyLong_FromSsize_t(res);
}

/*sig _io.FileIO.seek(self, pos, whence: int = 0, /)

Move to new file position and return the file position.

Argument offset is a byte count.  Optional argument whence defaults to
SEEK_SET or 0 (offset from start of file, offset should be >= 0); other values
are SEEK_CUR or 1 (move relative to current position, positive or negative),
and SEEK_END or 2 (move relative to end of file, usually negative, although
many platforms allow seeking beyond the end of a file).

Note that not all file objects are seekable.
*/
static PyObject *
fileio_seek_impl(fileio *self, PyObject *pos, int whence)
{
    return self->fd < 0 ? raise_closed() : seek_to(self, pos, whence, false);
}

/*sig _io.FileIO.tell(self)

Current file position.

Can raise OSError for non seekable files.
*/
static PyObject *
fileio_tell_impl(fileio *self)
{
    return self->fd < 0 ? raise_closed() : seek_to(self, NULL, SEEK_CUR, false);
}

/*sig _io.FileIO.truncate(self, size = None, /)

Truncate the file to at most size bytes and return the truncated size.

Size defaults to the current file position, as returned by tell().
The current file position is changed to the value of size.
*/
static PyObject *
fileio_truncate_impl(fileio *self, PyObject *size)
{
    if (self->fd < 0) {
        return raise_closed();
    }
    if (!self->writable) {
        return raise_wrong_mode("writing");
    }
    PyObject *result = size == Py_None ? seek_to(self, NULL, SEEK_CUR, false) : Py_NewRef(size);
    if (result == NULL) {
        return NULL;
    }
    off_t length = PyLong_AsSsize_t(result);
    int res;
    if (length == -1 && PyErr_Occurred()) {
        Py_DECREF(result);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    errno = 0;
    res = ftruncate(self->fd, length);
    Py_END_ALLOW_THREADS
    if (res < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        Py_CLEAR(result);
    }
    return result;
}

/* ---- the type ---------------------------------------------------------------------------- */

static const PyMethodDef fileio_methods[] = {
    FILEIO_READ_METHODDEF
    FILEIO_READALL_METHODDEF
    FILEIO_READINTO_METHODDEF
    FILEIO_WRITE_METHODDEF
    FILEIO_SEEK_METHODDEF
    FILEIO_TELL_METHODDEF
    FILEIO_TRUNCATE_METHODDEF
    FILEIO_CLOSE_METHODDEF
    FILEIO_SEEKABLE_METHODDEF
    FILEIO_READABLE_METHODDEF
    FILEIO_WRITABLE_METHODDEF
    FILEIO_FILENO_METHODDEF
    FILEIO_ISATTY_METHODDEF
    {"_dealloc_warn", fileio_dealloc_warn, METH_O},
    {"__reduce__", _PyIO_CannotPickle, METH_VARARGS},
    {"__reduce_ex__", _PyIO_CannotPickle, METH_VARARGS},
    {NULL, NULL}
};

static const PyGetSetDef fileio_getset[] = {
    {"closed", fileio_closed_get, NULL, "True if the file is closed"},
    {"closefd", fileio_closefd_get, NULL,
     "True if the file descriptor will be closed by close()."},
    {"mode", fileio_mode_get, NULL, "String giving the file mode"},
    {NULL}
};

static const PyMemberDef fileio_members[] = {
    {"_blksize", T_INT, offsetof(fileio, blksize), 0},
    {"_finalizing", T_BOOL, offsetof(fileio, finalizing), 0},
    {NULL}
};

_Py_SHARED PyTypeObject _PyFileIO_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.FileIO",
    .tp_basicsize = sizeof(fileio),
    .tp_dealloc = fileio_dealloc,
    .tp_repr = fileio_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | _Py_TPFLAGS_LIKE_HEAPTYPE,
    .tp_doc = fileio_init__doc__,
    .tp_traverse = fileio_traverse,
    .tp_clear = fileio_clear,
    .tp_weaklistoffset = offsetof(fileio, weakreflist),
    .tp_methods = (PyMethodDef *)fileio_methods,
    .tp_members = (PyMemberDef *)fileio_members,
    .tp_getset = (PyGetSetDef *)fileio_getset,
    .tp_base = &_PyRawIOBase_Type,
    .tp_dictoffset = offsetof(fileio, dict),
    .tp_init = fileio_init,
    .tp_new = fileio_new,
};
