/* bufferedio.c - BufferedReader, BufferedWriter and BufferedRandom over a raw stream.
 *
 * One buffer serves both directions, one at a time:
 *
 *   reading   buf[pos:end] was read from the raw stream and not yet given out; buf[0:pos] is kept
 *             for short seeks backwards.  The raw stream stands end - pos behind the reader.
 *   writing   buf[dirty:wend] was accepted and not yet written.  The raw stream stands
 *             wend - dirty before the writer.
 *
 * Never both: before writing, read-ahead is given back by seeking the raw stream; before reading,
 * what is dirty is flushed.  raw_pos caches the raw stream's absolute position, -1 if not known.
 *
 * Methods of several steps run under `lock`: it is taken with the GIL released, and a second entry
 * by the thread that holds it (a signal handler, a raw stream that calls back) is a RuntimeError.
 *
 * Raw results: n >= 0, RAW_ERROR with an exception, RAW_BLOCKED for None (it would block).
 *
 * Written from the documentation of io and observed behaviour.
 */
#include "_iomodule.h"

#include <errno.h>

enum { RAW_ERROR = -1, RAW_BLOCKED = -2 };

typedef struct {
    PyObject_HEAD
    PyObject *raw;              /* NULL: not initialised, or detached */
    char *buf;                  /* size bytes; NULL after close() and before __init__() */
    Py_ssize_t size;
    Py_ssize_t pos, end;        /* read-ahead */
    Py_ssize_t dirty, wend;     /* what is to write */
    off_t raw_pos;              /* position of raw, or -1 */
    bool ok;                    /* __init__() succeeded, not detached */
    bool detached;
    bool readable;
    bool writable;
    char finalizing;
    PyThread_type_lock lock;
    unsigned long owner;        /* thread that holds lock, 0 if nobody does */
    PyObject *dict;
    PyObject *weakreflist;
} buffered;

static inline buffered *
buffered_cast(PyObject *op)
{
    return (buffered *)op;
}

#include "sig/bufferedio.sig.h"

PyObject *
_PyBuffered_Raw(PyObject *self)
{
    return buffered_cast(self)->ok ? buffered_cast(self)->raw : NULL;
}

/* ---- state, lock -------------------------------------------------------------------------- */

static int
check_ok(buffered *self)
{
    if (self->ok) {
        assert(self->raw != NULL);
        return 0;
    }
    PyErr_SetString(PyExc_ValueError, self->detached ? "raw stream has been detached"
                                                     : "I/O operation on uninitialized object");
    return -1;
}

/* 1, 0, or -1 with an exception.  An exact FileIO is asked directly. */
static int
buffered_closed(buffered *self)
{
    if (check_ok(self) < 0) {
        return -1;
    }
    if (Py_IS_TYPE(self->raw, &_PyFileIO_Type)) {
        return _PyFileIO_IsClosed(self->raw);
    }
    return _PyIO_AttrTrue(self->raw, &_Py_ID(closed));
}

/* 0 if self is initialised and open; else -1 with an exception. */
static int
check_open(buffered *self, const char *message)
{
    if (check_ok(self) < 0) {
        return -1;
    }
    int closed = self->buf == NULL ? 1 : buffered_closed(self);
    if (closed > 0) {
        PyErr_SetString(PyExc_ValueError, message);
    }
    return closed == 0 ? 0 : -1;
}

/* Wait for the lock.  At the end of the interpreter a daemon thread may hold it for ever. */
static int
wait_for_lock(buffered *self)
{
    if (self->owner == PyThread_get_thread_ident()) {
        PyErr_Format(PyExc_RuntimeError, "reentrant call inside %R", self);
        return -1;
    }
    PyLockStatus status;
    bool ending = _Py_IsFinalizing();
    Py_BEGIN_ALLOW_THREADS
    if (!ending) {
        status = PyThread_acquire_lock(self->lock, 1) ? PY_LOCK_ACQUIRED : PY_LOCK_FAILURE;
    }
    else {
        status = PyThread_acquire_lock_timed(self->lock, 1000000, 0);
    }
    Py_END_ALLOW_THREADS
    if (status != PY_LOCK_ACQUIRED) {
        PyObject *repr = PyObject_ASCII((PyObject *)self);
        const char *text = repr == NULL ? NULL : PyUnicode_AsUTF8(repr);
        char message[300];
        PyOS_snprintf(message, sizeof(message), "could not acquire lock for %.100s at interpreter "
                      "shutdown, possibly due to daemon threads", text == NULL ? "a stream" : text);
        Py_FatalError(message);
    }
    return 0;
}

static int
enter(buffered *self)
{
    if (!PyThread_acquire_lock(self->lock, 0) && wait_for_lock(self) < 0) {
        return -1;
    }
    self->owner = PyThread_get_thread_ident();
    return 0;
}

static void
leave(buffered *self)
{
    assert(self->owner == PyThread_get_thread_ident());
    self->owner = 0;
    PyThread_release_lock(self->lock);
}

/* Enter an open stream.  While the thread waited, another may have closed it. */
static int
enter_open(buffered *self, const char *message)
{
    if (check_open(self, message) < 0 || enter(self) < 0) {
        return -1;
    }
    if (self->ok && self->buf != NULL) {
        return 0;
    }
    leave(self);
    return check_open(self, message) < 0 ? -1 : enter_open(self, message);
}

/* ---- the raw stream ----------------------------------------------------------------------- */

/* raw.name(), or raw.name if it is an attribute.  Another thread may detach the raw stream
   meanwhile, so it is held. */
static PyObject *
ask_raw(buffered *self, PyObject *name, bool attribute)
{
    if (check_ok(self) < 0) {
        return NULL;
    }
    PyObject *raw = Py_NewRef(self->raw);
    PyObject *res = attribute ? PyObject_GetAttr(raw, name) : PyObject_CallMethodNoArgs(raw, name);
    Py_DECREF(raw);
    return res;
}

/* A position that the raw stream returned (stolen, may be NULL), or -1 with an exception. */
static off_t
check_position(buffered *self, PyObject *res)
{
    if (res == NULL) {
        return -1;
    }
    off_t n = _PyIO_AsOff(res, PyExc_ValueError);
    Py_DECREF(res);
    if (n < 0) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_OSError, "Raw stream returned invalid position %zd",
                         (Py_ssize_t)n);
        }
        return -1;
    }
    self->raw_pos = n;
    return n;
}

static off_t
raw_tell(buffered *self)
{
    self->raw_pos = -1;
    return check_position(self, ask_raw(self, &_Py_ID(tell), false));
}

static off_t
raw_seek(buffered *self, off_t target, int whence)
{
    self->raw_pos = -1;
    return check_position(self, PyObject_CallMethod(self->raw, "seek", "ni", (Py_ssize_t)target,
                                                    whence));
}

/* A count that the raw stream returned (stolen), at most `limit`. */
static Py_ssize_t
check_count(buffered *self, PyObject *res, Py_ssize_t limit, bool reading)
{
    if (res == NULL) {
        return RAW_ERROR;
    }
    if (res == Py_None) {
        Py_DECREF(res);
        return RAW_BLOCKED;
    }
    Py_ssize_t n = PyNumber_AsSsize_t(res, PyExc_ValueError);
    Py_DECREF(res);
    if (n == -1 && PyErr_Occurred()) {
        if (reading) {
            _PyErr_FormatFromCause(PyExc_OSError, "raw readinto() failed");
        }
        else {
            _PyErr_FormatFromCause(PyExc_OSError, "raw write() returned invalid length -1 "
                                   "(should have been between 0 and %zd)", limit);
        }
        return RAW_ERROR;
    }
    if (n < 0 || n > limit) {
        PyErr_Format(PyExc_OSError, "raw %s() returned invalid length %zd "
                     "(should have been between 0 and %zd)", reading ? "readinto" : "write", n,
                     limit);
        return RAW_ERROR;
    }
    if (n > 0 && self->raw_pos >= 0) {
        self->raw_pos += n;
    }
    return n;
}

/* Call raw.method(view of start[:n]), again after EINTR.  The view is released afterwards, so
   that a raw stream that keeps it cannot reach memory that is gone. */
static Py_ssize_t
raw_transfer(buffered *self, bool reading, char *start, Py_ssize_t n)
{
    PyObject *method = reading ? &_Py_ID(readinto) : &_Py_ID(write), *res;
    PyObject *view = PyMemoryView_FromMemory(start, n, reading ? PyBUF_WRITE : PyBUF_READ);
    if (view == NULL) {
        return RAW_ERROR;
    }
    do {
        res = PyObject_CallMethodOneArg(self->raw, method, view);
    } while (res == NULL && _PyIO_TrapEINTR());
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *released = PyObject_CallMethodNoArgs(view, &_Py_ID(release));
    Py_DECREF(view);
    if (released == NULL) {
        _PyIO_ChainException(exc);
        Py_XDECREF(res);
        return RAW_ERROR;
    }
    Py_DECREF(released);
    PyErr_SetRaisedException(exc);
    return check_count(self, res, n, reading);
}

static Py_ssize_t
raw_read(buffered *self, char *start, Py_ssize_t n)
{
    return raw_transfer(self, true, start, n);
}

static Py_ssize_t
raw_write(buffered *self, const char *start, Py_ssize_t n)
{
    return raw_transfer(self, false, (char *)start, n);
}

/* ---- steps, all under the lock ------------------------------------------------------------ */

static inline Py_ssize_t
available(buffered *self)
{
    assert(0 <= self->pos && self->pos <= self->end && self->end <= self->size);
    return self->end - self->pos;
}

static inline Py_ssize_t
to_write(buffered *self)
{
    assert(0 <= self->dirty && self->dirty <= self->wend && self->wend <= self->size);
    return self->wend - self->dirty;
}

static void
drop_read_ahead(buffered *self)
{
    self->pos = self->end = 0;
}

/* Fill the buffer, which is used up: what a raw read gives. */
static Py_ssize_t
fill_buffer(buffered *self)
{
    assert(to_write(self) == 0);
    drop_read_ahead(self);
    Py_ssize_t n = raw_read(self, self->buf, self->size);
    if (n > 0) {
        self->end = n;
    }
    return n;
}

/* Write what is dirty: 0, or -1 with an exception; then the rest stays dirty. */
static int
flush_dirty(buffered *self)
{
    while (to_write(self) > 0) {
        Py_ssize_t n = raw_write(self, self->buf + self->dirty, to_write(self));
        if (n == RAW_ERROR) {
            return -1;
        }
        if (n == RAW_BLOCKED) {
            _PyIO_RaiseBlocking(0);
            return -1;
        }
        self->dirty += n;
        /* A short write may come from a signal. */
        if (to_write(self) > 0 && PyErr_CheckSignals() < 0) {
            return -1;
        }
    }
    self->dirty = self->wend = 0;
    return 0;
}

/* Bring the raw stream to the reader's position, and forget the read-ahead. */
static int
give_back(buffered *self)
{
    Py_ssize_t n = available(self);
    if (n > 0 && raw_seek(self, -n, 1) < 0) {
        return -1;
    }
    drop_read_ahead(self);
    return 0;
}

/* Prepare for reading. */
static int
start_reading(buffered *self)
{
    return self->writable ? flush_dirty(self) : 0;
}

/* Take up to n bytes of read-ahead. */
static Py_ssize_t
take(buffered *self, char *out, Py_ssize_t n)
{
    n = Py_MIN(n, available(self));
    memcpy(out, self->buf + self->pos, n);
    self->pos += n;
    return n;
}

/* Flush and, for a stream that reads too, give back the read-ahead. */
static int
flush_and_rewind(buffered *self)
{
    if (flush_dirty(self) < 0) {
        return -1;
    }
    return self->readable ? give_back(self) : 0;
}

/* ---- reading ------------------------------------------------------------------------------ */

/* Read into out[:n] until it is full, the end, or a block; with `once` at most one raw read.
   Returns the count, RAW_BLOCKED if there was nothing before a block, RAW_ERROR. */
static Py_ssize_t
read_into(buffered *self, char *out, Py_ssize_t n, bool once)
{
    Py_ssize_t done = take(self, out, n);
    if (done == n || (once && done > 0 && n - done <= self->size)) {
        return done;
    }
    if (start_reading(self) < 0) {
        return RAW_ERROR;
    }
    while (done < n) {
        Py_ssize_t left = n - done, got;
        if (left > self->size) {
            drop_read_ahead(self);
            /* whole buffers go directly; what is over goes through the buffer */
            got = raw_read(self, out + done, once ? left : left - left % self->size);
        }
        else {
            got = fill_buffer(self);
        }
        if (got <= 0) {
            if (got == RAW_ERROR || (got == RAW_BLOCKED && done == 0)) {
                return got;
            }
            break;
        }
        done += self->end > 0 ? take(self, out + done, left) : got;
        if (once) {
            break;
        }
    }
    return done;
}

/* bytes of read_into(): None when blocked. */
static PyObject *
read_bytes(buffered *self, Py_ssize_t n, bool once)
{
    PyObject *result = PyBytes_FromStringAndSize(NULL, n);
    if (result == NULL) {
        return NULL;
    }
    Py_ssize_t got = read_into(self, PyBytes_AS_STRING(result), n, once);
    if (got < 0) {
        Py_DECREF(result);
        return got == RAW_BLOCKED ? Py_NewRef(Py_None) : NULL;
    }
    if (got < n) {
        _PyBytes_Resize(&result, got);
    }
    return result;
}

/* head (stolen) followed by raw.readall(). */
static PyObject *
read_rest_at_once(PyObject *readall, PyObject *head)
{
    PyObject *rest = PyObject_CallNoArgs(readall);
    if (rest == NULL || (rest != Py_None && !PyBytes_Check(rest))) {
        if (rest != NULL) {
            PyErr_SetString(PyExc_TypeError, "readall() should return bytes");
            Py_DECREF(rest);
        }
        Py_DECREF(head);
        return NULL;
    }
    if (PyBytes_GET_SIZE(head) == 0) {
        Py_DECREF(head);
        return rest;
    }
    if (rest != Py_None) {
        PyBytes_Concat(&head, rest);
    }
    Py_DECREF(rest);
    return head;
}

/* head (stolen) followed by raw.read() until there is no more. */
static PyObject *
read_rest_by_chunks(buffered *self, PyObject *head)
{
    PyObject *chunks = PyList_New(0), *result = NULL, *data = NULL;
    if (chunks == NULL || PyList_Append(chunks, head) < 0) {
        goto done;
    }
    Py_ssize_t total = PyBytes_GET_SIZE(head);
    for (;;) {
        data = PyObject_CallMethodNoArgs(self->raw, &_Py_ID(read));
        if (data == NULL) {
            goto done;
        }
        if (data != Py_None && !PyBytes_Check(data)) {
            PyErr_SetString(PyExc_TypeError, "read() should return bytes");
            goto done;
        }
        if (data == Py_None || PyBytes_GET_SIZE(data) == 0) {
            break;
        }
        if (PyList_Append(chunks, data) < 0) {
            goto done;
        }
        total += PyBytes_GET_SIZE(data);
        if (self->raw_pos >= 0) {
            self->raw_pos += PyBytes_GET_SIZE(data);
        }
        Py_CLEAR(data);
    }
    if (total == 0) {
        result = Py_NewRef(data);       /* None, or empty bytes */
    }
    else {
        PyObject *empty = PyBytes_FromStringAndSize(NULL, 0);
        result = empty == NULL ? NULL : _PyBytes_Join(empty, chunks);
        Py_XDECREF(empty);
    }
done:
    Py_XDECREF(data);
    Py_XDECREF(chunks);
    Py_DECREF(head);
    return result;
}

static PyObject *
read_all(buffered *self)
{
    PyObject *readall, *result;
    PyObject *head = PyBytes_FromStringAndSize(self->buf + self->pos, available(self));
    if (head == NULL) {
        return NULL;
    }
    /* flushing first brings the raw stream to where reading goes on */
    drop_read_ahead(self);
    if (start_reading(self) < 0
        || _PyObject_LookupAttr(self->raw, &_Py_ID(readall), &readall) < 0)
    {
        Py_DECREF(head);
        return NULL;
    }
    if (readall == NULL) {
        return read_rest_by_chunks(self, head);
    }
    self->raw_pos = -1;
    result = read_rest_at_once(readall, head);
    Py_DECREF(readall);
    return result;
}

/*sig _io._Buffered.read(self, size: ssize_none = -1, /)

*/
static PyObject *
buffered_read_impl(buffered *self, Py_ssize_t size)
{
    if (check_ok(self) < 0) {
        return NULL;
    }
    if (size < -1) {
        PyErr_SetString(PyExc_ValueError, "read length must be non-negative or -1");
        return NULL;
    }
    if (enter_open(self, "read of closed file") < 0) {
        return NULL;
    }
    PyObject *result = size < 0 ? read_all(self) : read_bytes(self, size, false);
    leave(self);
    return result;
}

/*sig _io._Buffered.read1(self, size: ssize = -1, /)

*/
static PyObject *
buffered_read1_impl(buffered *self, Py_ssize_t size)
{
    if (check_open(self, "read of closed file") < 0) {
        return NULL;
    }
    if (size < 0) {
        size = self->size;
    }
    if (size == 0) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    if (enter_open(self, "read of closed file") < 0) {
        return NULL;
    }
    PyObject *result;
    Py_ssize_t ready = available(self);
    if (ready > 0) {
        result = read_bytes(self, Py_MIN(ready, size), true);
    }
    else if (start_reading(self) < 0) {
        result = NULL;
    }
    else {
        /* one raw read, straight into the result */
        drop_read_ahead(self);
        result = PyBytes_FromStringAndSize(NULL, size);
        Py_ssize_t n = result == NULL ? RAW_ERROR
                                      : raw_read(self, PyBytes_AS_STRING(result), size);
        if (n == RAW_ERROR) {
            Py_CLEAR(result);
        }
        else if (n < size) {
            _PyBytes_Resize(&result, n == RAW_BLOCKED ? 0 : n);
        }
    }
    leave(self);
    return result;
}

static PyObject *
readinto_generic(buffered *self, Py_buffer *buffer, bool once)
{
    if (enter_open(self, "readinto of closed file") < 0) {
        return NULL;
    }
    Py_ssize_t n = read_into(self, buffer->buf, buffer->len, once);
    leave(self);
    if (n < 0) {
        return n == RAW_BLOCKED ? Py_NewRef(Py_None) : NULL;
    }
    return PyLong_FromSsize_t(n);
}

/*sig _io._Buffered.readinto(self, buffer: wbuffer, /)

*/
static PyObject *
buffered_readinto_impl(buffered *self, Py_buffer *buffer)
{
    return readinto_generic(self, buffer, false);
}

/*sig _io._Buffered.readinto1(self, buffer: wbuffer, /)

*/
static PyObject *
buffered_readinto1_impl(buffered *self, Py_buffer *buffer)
{
    return readinto_generic(self, buffer, true);
}

/*sig _io._Buffered.peek(self, size: ssize = 0, /)

*/
static PyObject *
buffered_peek_impl(buffered *self, Py_ssize_t Py_UNUSED(size))
{
    if (enter_open(self, "peek of closed file") < 0) {
        return NULL;
    }
    PyObject *result = NULL;
    if (start_reading(self) == 0) {
        Py_ssize_t n = available(self) > 0 ? 1 : fill_buffer(self);
        if (n != RAW_ERROR) {
            result = PyBytes_FromStringAndSize(self->buf + self->pos, available(self));
        }
    }
    leave(self);
    return result;
}

/* Append s[:n] to *line, which may be NULL: 0, or -1 with an exception and *line NULL. */
static int
append_bytes(PyObject **line, const char *s, Py_ssize_t n)
{
    if (*line == NULL) {
        *line = PyBytes_FromStringAndSize(s, n);
        return *line == NULL ? -1 : 0;
    }
    PyObject *old = *line;
    Py_ssize_t have = PyBytes_GET_SIZE(old);
    if (n > PY_SSIZE_T_MAX - have) {
        Py_CLEAR(*line);
        PyErr_NoMemory();
        return -1;
    }
    /* what has other references, as the objects of single bytes, cannot be resized */
    if (Py_REFCNT(old) == 1) {
        if (_PyBytes_Resize(line, have + n) < 0) {
            return -1;
        }
    }
    else {
        *line = PyBytes_FromStringAndSize(NULL, have + n);
        if (*line != NULL) {
            memcpy(PyBytes_AS_STRING(*line), PyBytes_AS_STRING(old), have);
        }
        Py_DECREF(old);
        if (*line == NULL) {
            return -1;
        }
    }
    memcpy(PyBytes_AS_STRING(*line) + have, s, n);
    return 0;
}

/* Append the read-ahead up to a line end or the limit to *line.  1: the line is complete; 0: more
   may follow; -1 with an exception. */
static int
take_line(buffered *self, PyObject **line, Py_ssize_t limit)
{
    Py_ssize_t have = *line == NULL ? 0 : PyBytes_GET_SIZE(*line), n = available(self);
    if (limit >= 0) {
        n = Py_MIN(n, limit - have);
    }
    const char *start = self->buf + self->pos, *hit = n > 0 ? memchr(start, '\n', n) : NULL;
    if (hit != NULL) {
        n = hit - start + 1;
    }
    if (n > 0 && append_bytes(line, start, n) < 0) {
        return -1;
    }
    self->pos += n;
    return hit != NULL || (limit >= 0 && have + n == limit);
}

static PyObject *
read_line(buffered *self, Py_ssize_t limit)
{
    if (check_open(self, "readline of closed file") < 0) {
        return NULL;
    }
    if (limit == 0) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    PyObject *line = NULL;
    /* the common case needs no lock: nothing here runs Python code */
    Py_ssize_t n = available(self);
    if (n > 0 && self->owner == 0 && to_write(self) == 0) {
        int complete = take_line(self, &line, limit);
        if (complete != 0) {
            return complete < 0 ? NULL : line;
        }
    }
    if (enter_open(self, "readline of closed file") < 0) {
        Py_XDECREF(line);
        return NULL;
    }
    int complete = start_reading(self) < 0 ? -1 : 0;
    while (complete == 0) {
        if (available(self) == 0) {
            n = fill_buffer(self);
            if (n <= 0) {
                complete = n == RAW_ERROR ? -1 : 1;
                break;
            }
        }
        complete = take_line(self, &line, limit);
    }
    leave(self);
    if (complete < 0) {
        Py_CLEAR(line);
    }
    else if (line == NULL) {
        line = PyBytes_FromStringAndSize(NULL, 0);
    }
    return line;
}

/*sig _io._Buffered.readline(self, size: ssize_none = -1, /)

*/
static PyObject *
buffered_readline_impl(buffered *self, Py_ssize_t size)
{
    return check_ok(self) < 0 ? NULL : read_line(self, size < 0 ? -1 : size);
}

static PyObject *
buffered_iternext(PyObject *op)
{
    buffered *self = buffered_cast(op);
    if (check_ok(self) < 0) {
        return NULL;
    }
    PyObject *line;
    if (Py_IS_TYPE(op, &_PyBufferedReader_Type)
        || Py_IS_TYPE(op, &_PyBufferedRandom_Type))
    {
        line = read_line(self, -1);
    }
    else {
        line = PyObject_CallMethodNoArgs(op, &_Py_ID(readline));
        if (line != NULL && !PyBytes_Check(line)) {
            PyErr_Format(PyExc_OSError,
                         "readline() should have returned a bytes object, not '%.200s'",
                         Py_TYPE(line)->tp_name);
            Py_CLEAR(line);
        }
    }
    if (line != NULL && PyBytes_GET_SIZE(line) == 0) {
        Py_CLEAR(line);
    }
    return line;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* Buffer up to n bytes: the count. */
static Py_ssize_t
put(buffered *self, const char *data, Py_ssize_t n)
{
    n = Py_MIN(n, self->size - self->wend);
    memcpy(self->buf + self->wend, data, n);
    self->wend += n;
    return n;
}

/* The raw stream blocks with `left` of `total` bytes unwritten: keep what the buffer holds. 0 if
   that is all, else -1 with BlockingIOError. */
static int
keep_blocked(buffered *self, const char *data, Py_ssize_t left, Py_ssize_t total)
{
    Py_ssize_t pending = to_write(self);
    memmove(self->buf, self->buf + self->dirty, pending);
    self->dirty = 0;
    self->wend = pending;
    left -= put(self, data, left);
    if (left > 0) {
        _PyIO_RaiseBlocking(total - left);
        return -1;
    }
    return 0;
}

/* Accept data[:n]: 0, or -1 with an exception. */
static int
write_data(buffered *self, const char *data, Py_ssize_t n)
{
    Py_ssize_t left = n;
    if (n <= self->size - self->wend) {
        put(self, data, n);
        return 0;
    }
    if (flush_dirty(self) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_BlockingIOError)) {
            return -1;
        }
        PyErr_Clear();
        return keep_blocked(self, data, n, n);
    }
    while (left > self->size) {
        Py_ssize_t done = raw_write(self, data, left);
        if (done == RAW_ERROR) {
            return -1;
        }
        if (done == RAW_BLOCKED) {
            return keep_blocked(self, data, left, n);
        }
        data += done;
        left -= done;
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
    }
    left -= put(self, data, left);
    assert(left == 0);
    return 0;
}

/*sig _io.BufferedWriter.write(self, buffer: buffer, /)

*/
static PyObject *
writer_write_impl(buffered *self, Py_buffer *buffer)
{
    if (check_ok(self) < 0 || enter(self) < 0) {
        return NULL;
    }
    /* Looked at under the lock: another thread may close the stream meanwhile. */
    PyObject *result = NULL;
    if (check_open(self, "write to closed file") == 0 && give_back(self) == 0
        && write_data(self, buffer->buf, buffer->len) == 0)
    {
        result = PyLong_FromSsize_t(buffer->len);
    }
    leave(self);
    return result;
}

/*sig _io._Buffered.flush(self)

*/
static PyObject *
buffered_flush_impl(buffered *self)
{
    if (enter_open(self, "flush of closed file") < 0) {
        return NULL;
    }
    int status = flush_and_rewind(self);
    leave(self);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

/*sig _io.BufferedReader.flush(self)

*/
static PyObject *
reader_flush_impl(buffered *self)
{
    return ask_raw(self, &_Py_ID(flush), false);
}

/* ---- positions ---------------------------------------------------------------------------- */

/*sig _io._Buffered.tell(self)

*/
static PyObject *
buffered_tell_impl(buffered *self)
{
    if (check_ok(self) < 0) {
        return NULL;
    }
    off_t pos = raw_tell(self);
    if (pos < 0) {
        return NULL;
    }
    pos += to_write(self) - available(self);
    return PyLong_FromSsize_t(pos < 0 ? 0 : pos);
}

/* Move inside the read-ahead: the new position, -1 if that is not possible. */
static off_t
seek_in_buffer(buffered *self, off_t target, int whence)
{
    if (whence > 1 || !self->readable || self->end == 0 || to_write(self) > 0) {
        return -1;
    }
    off_t raw = self->raw_pos >= 0 ? self->raw_pos : raw_tell(self);
    if (raw < 0) {
        PyErr_Clear();      /* the raw stream's seek() will complain */
        return -1;
    }
    off_t here = raw - available(self);
    off_t offset = whence == 0 ? target - here : target;
    if (offset < -self->pos || offset > available(self)) {
        return -1;
    }
    self->pos += offset;
    return here + offset;
}

/*sig _io._Buffered.seek(self, target, whence: int = 0, /)

*/
static PyObject *
buffered_seek_impl(buffered *self, PyObject *target, int whence)
{
    if (check_ok(self) < 0) {
        return NULL;
    }
    if (whence < 0 || whence > 2) {
#if defined(SEEK_HOLE) && defined(SEEK_DATA)
        if (whence != SEEK_HOLE && whence != SEEK_DATA)
#endif
        {
            PyErr_Format(PyExc_ValueError, "whence value %d unsupported", whence);
            return NULL;
        }
    }
    if (check_open(self, "seek of closed file") < 0
        || _PyIOBase_CheckSeekable(self->raw) < 0)
    {
        return NULL;
    }
    off_t offset = _PyIO_AsOff(target, PyExc_ValueError);
    if (offset == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (enter_open(self, "seek of closed file") < 0) {
        return NULL;
    }
    off_t pos = seek_in_buffer(self, offset, whence);
    if (pos < 0) {
        pos = -1;
        if (flush_dirty(self) == 0) {
            if (whence == 1) {
                offset -= available(self);
            }
            pos = raw_seek(self, offset, whence);
            if (pos >= 0) {
                drop_read_ahead(self);
            }
        }
    }
    leave(self);
    return pos < 0 ? NULL : PyLong_FromSsize_t(pos);
}

/*sig _io._Buffered.truncate(self, cls: defining_class, pos = None, /)

*/
static PyObject *
buffered_truncate_impl(buffered *self, PyTypeObject *Py_UNUSED(cls), PyObject *pos)
{
    if (check_open(self, "truncate of closed file") < 0) {
        return NULL;
    }
    if (!self->writable) {
        return _PyIO_Unsupported("truncate");
    }
    if (enter_open(self, "truncate of closed file") < 0) {
        return NULL;
    }
    PyObject *result = NULL;
    if (flush_and_rewind(self) == 0) {
        result = PyObject_CallMethodOneArg(self->raw, &_Py_ID(truncate), pos);
        /* The raw stream may have moved. */
        if (result != NULL && raw_tell(self) < 0) {
            PyErr_Clear();
        }
    }
    leave(self);
    return result;
}

/* ---- answers of the raw stream -------------------------------------------------------------- */

/*sig _io._Buffered.seekable(self)

*/
static PyObject *
buffered_seekable_impl(buffered *self)
{
    return ask_raw(self, &_Py_ID(seekable), false);
}

/*sig _io._Buffered.readable(self)

*/
static PyObject *
buffered_readable_impl(buffered *self)
{
    return ask_raw(self, &_Py_ID(readable), false);
}

/*sig _io._Buffered.writable(self)

*/
static PyObject *
buffered_writable_impl(buffered *self)
{
    return ask_raw(self, &_Py_ID(writable), false);
}

/*sig _io._Buffered.fileno(self)

*/
static PyObject *
buffered_fileno_impl(buffered *self)
{
    return ask_raw(self, &_Py_ID(fileno), false);
}

/*sig _io._Buffered.isatty(self)

*/
static PyObject *
buffered_isatty_impl(buffered *self)
{
    return ask_raw(self, &_Py_ID(isatty), false);
}

static PyObject *
buffered_closed_get(PyObject *op, void *Py_UNUSED(context))
{
    return ask_raw(buffered_cast(op), &_Py_ID(closed), true);
}

static PyObject *
buffered_name_get(PyObject *op, void *Py_UNUSED(context))
{
    return ask_raw(buffered_cast(op), &_Py_ID(name), true);
}

static PyObject *
buffered_mode_get(PyObject *op, void *Py_UNUSED(context))
{
    return ask_raw(buffered_cast(op), &_Py_ID(mode), true);
}

static PyObject *
buffered_repr(PyObject *op)
{
    const char *type_name = Py_TYPE(op)->tp_name;
    PyObject *name, *result = NULL;
    if (_PyObject_LookupAttr(op, &_Py_ID(name), &name) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_ValueError)) {
            return NULL;
        }
        PyErr_Clear();      /* detached, or not initialised */
    }
    if (name == NULL) {
        return PyUnicode_FromFormat("<%s>", type_name);
    }
    int status = Py_ReprEnter(op);
    if (status == 0) {
        result = PyUnicode_FromFormat("<%s name=%R>", type_name, name);
        Py_ReprLeave(op);
    }
    else if (status > 0) {
        PyErr_Format(PyExc_RuntimeError, "reentrant call inside %s.__repr__", type_name);
    }
    Py_DECREF(name);
    return result;
}

/*sig _io._Buffered.__sizeof__(self)

*/
static PyObject *
buffered_sizeof_impl(buffered *self)
{
    size_t size = _PyObject_SIZE(Py_TYPE(self));
    return PyLong_FromSize_t(size + (self->buf != NULL ? (size_t)self->size : 0));
}

/* ---- life --------------------------------------------------------------------------------- */

/* Common part of the __init__() methods; raw was found fit. */
static int
buffered_setup(buffered *self, PyObject *raw, Py_ssize_t size, bool readable, bool writable)
{
    if (size <= 0) {
        PyErr_SetString(PyExc_ValueError, "buffer size must be strictly positive");
        return -1;
    }
    if (self->lock == NULL) {
        self->lock = PyThread_allocate_lock();
        if (self->lock == NULL) {
            PyErr_SetString(PyExc_RuntimeError, "can't allocate read lock");
            return -1;
        }
    }
    /* a second __init__() waits for methods that are under way */
    if (enter(self) < 0) {
        return -1;
    }
    char *buf = PyMem_Malloc(size);
    if (buf == NULL) {
        PyErr_NoMemory();
        leave(self);
        return -1;
    }
    PyMem_Free(self->buf);
    PyObject *old_raw = self->raw;
    self->buf = buf;
    self->size = size;
    self->pos = self->end = self->dirty = self->wend = 0;
    self->raw_pos = -1;
    self->readable = readable;
    self->writable = writable;
    self->raw = Py_NewRef(raw);
    self->detached = false;
    self->ok = true;
    leave(self);
    Py_XDECREF(old_raw);
    return 0;
}

/*sig _io.BufferedReader.__init__(self, raw,
        buffer_size: ssize = c"IO_DEFAULT_BUFFER_SIZE" py"DEFAULT_BUFFER_SIZE")

Create a new buffered reader using the given readable raw IO object.
*/
static int
reader_init_impl(buffered *self, PyObject *raw, Py_ssize_t buffer_size)
{
    self->ok = false;
    self->detached = false;
    if (_PyIOBase_CheckReadable(raw) < 0) {
        return -1;
    }
    return buffered_setup(self, raw, buffer_size, true, false);
}

/*sig _io.BufferedWriter.__init__(self, raw,
        buffer_size: ssize = c"IO_DEFAULT_BUFFER_SIZE" py"DEFAULT_BUFFER_SIZE")

A buffer for a writeable sequential RawIO object.

The constructor creates a BufferedWriter for the given writeable raw
stream. If the buffer_size is not given, it defaults to
DEFAULT_BUFFER_SIZE.
*/
static int
writer_init_impl(buffered *self, PyObject *raw, Py_ssize_t buffer_size)
{
    self->ok = false;
    self->detached = false;
    if (_PyIOBase_CheckWritable(raw) < 0) {
        return -1;
    }
    return buffered_setup(self, raw, buffer_size, false, true);
}

/*sig _io.BufferedRandom.__init__(self, raw,
        buffer_size: ssize = c"IO_DEFAULT_BUFFER_SIZE" py"DEFAULT_BUFFER_SIZE")

A buffered interface to random access streams.

The constructor creates a reader and writer for a seekable stream,
raw, given in the first argument. If the buffer_size is omitted it
defaults to DEFAULT_BUFFER_SIZE.
*/
static int
random_init_impl(buffered *self, PyObject *raw, Py_ssize_t buffer_size)
{
    self->ok = false;
    self->detached = false;
    if (_PyIOBase_CheckSeekable(raw) < 0
        || _PyIOBase_CheckReadable(raw) < 0 || _PyIOBase_CheckWritable(raw) < 0)
    {
        return -1;
    }
    return buffered_setup(self, raw, buffer_size, true, true);
}

/*sig _io._Buffered.detach(self)

*/
static PyObject *
buffered_detach_impl(buffered *self)
{
    if (check_ok(self) < 0) {
        return NULL;
    }
    PyObject *res = PyObject_CallMethodNoArgs((PyObject *)self, &_Py_ID(flush));
    if (res == NULL) {
        return NULL;
    }
    Py_DECREF(res);
    /* under the lock, so that no other method still uses the raw stream */
    if (check_ok(self) < 0 || enter(self) < 0) {
        return NULL;
    }
    PyObject *raw = NULL;
    if (check_ok(self) == 0) {
        raw = self->raw;
        self->raw = NULL;
        self->ok = false;
        self->detached = true;
    }
    leave(self);
    return raw;
}

/*sig _io._Buffered._dealloc_warn(self, source, /)

*/
static PyObject *
buffered_dealloc_warn_impl(buffered *self, PyObject *source)
{
    if (self->ok) {
        PyObject *res = PyObject_CallMethodOneArg(self->raw, &_Py_ID(_dealloc_warn), source);
        if (res == NULL) {
            PyErr_Clear();
        }
        Py_XDECREF(res);
    }
    Py_RETURN_NONE;
}

/*sig _io._Buffered.close(self)

*/
static PyObject *
buffered_close_impl(buffered *self)
{
    if (check_ok(self) < 0 || enter(self) < 0) {
        return NULL;
    }
    int closed = buffered_closed(self);
    if (closed == 0 && self->finalizing) {
        Py_DECREF(buffered_dealloc_warn_impl(self, (PyObject *)self));
    }
    leave(self);
    if (closed != 0) {
        if (closed > 0) {
            PyMem_Free(self->buf);
            self->buf = NULL;
            self->pos = self->end = self->dirty = self->wend = 0;
        }
        return closed < 0 ? NULL : Py_NewRef(Py_None);
    }
    /* flush() may be overridden, so it runs without the lock. */
    PyObject *res = PyObject_CallMethodNoArgs((PyObject *)self, &_Py_ID(flush));
    PyObject *exc = PyErr_GetRaisedException();
    Py_XDECREF(res);
    if (check_ok(self) < 0 || enter(self) < 0) {
        _PyIO_ChainException(exc);
        return NULL;
    }
    res = PyObject_CallMethodNoArgs(self->raw, &_Py_ID(close));
    PyMem_Free(self->buf);
    self->buf = NULL;
    self->pos = self->end = self->dirty = self->wend = 0;
    if (exc != NULL) {
        Py_CLEAR(res);
        _PyErr_ChainExceptions1(exc);
    }
    leave(self);
    return res;
}

static int
buffered_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(buffered_cast(op)->raw);
    Py_VISIT(buffered_cast(op)->dict);
    return 0;
}

static int
buffered_clear(PyObject *op)
{
    buffered *self = buffered_cast(op);
    self->ok = false;
    Py_CLEAR(self->raw);
    Py_CLEAR(self->dict);
    return 0;
}

static void
buffered_dealloc(PyObject *op)
{
    buffered *self = buffered_cast(op);
    self->finalizing = 1;
    if (_PyIOBase_Finalize(op) < 0) {
        return;
    }
    PyObject_GC_UnTrack(op);
    self->ok = false;
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    buffered_clear(op);
    PyMem_Free(self->buf);
    if (self->lock != NULL) {
        PyThread_free_lock(self->lock);
    }
    Py_TYPE(op)->tp_free(op);
}

/* ---- the types ---------------------------------------------------------------------------- */

#define COMMON_METHODS \
    BUFFERED_DETACH_METHODDEF \
    BUFFERED_CLOSE_METHODDEF \
    BUFFERED_SEEKABLE_METHODDEF \
    BUFFERED_FILENO_METHODDEF \
    BUFFERED_ISATTY_METHODDEF \
    BUFFERED_DEALLOC_WARN_METHODDEF \
    BUFFERED_SEEK_METHODDEF \
    BUFFERED_TELL_METHODDEF \
    BUFFERED_TRUNCATE_METHODDEF \
    BUFFERED_SIZEOF_METHODDEF \
    {"__reduce__", _PyIO_CannotPickle, METH_VARARGS}, \
    {"__reduce_ex__", _PyIO_CannotPickle, METH_VARARGS},

#define READER_METHODS \
    BUFFERED_READABLE_METHODDEF \
    BUFFERED_READ_METHODDEF \
    BUFFERED_PEEK_METHODDEF \
    BUFFERED_READ1_METHODDEF \
    BUFFERED_READINTO_METHODDEF \
    BUFFERED_READINTO1_METHODDEF \
    BUFFERED_READLINE_METHODDEF

#define WRITER_METHODS \
    BUFFERED_WRITABLE_METHODDEF \
    BUFFERED_FLUSH_METHODDEF \
    WRITER_WRITE_METHODDEF

static const PyMethodDef reader_methods[] = {
    COMMON_METHODS
    READER_METHODS
    READER_FLUSH_METHODDEF
    {NULL, NULL}
};

static const PyMethodDef writer_methods[] = {
    COMMON_METHODS
    WRITER_METHODS
    {NULL, NULL}
};

static const PyMethodDef random_methods[] = {
    COMMON_METHODS
    READER_METHODS
    WRITER_METHODS
    {NULL, NULL}
};

static const PyMemberDef buffered_members[] = {
    {"raw", T_OBJECT, offsetof(buffered, raw), READONLY},
    {"_finalizing", T_BOOL, offsetof(buffered, finalizing), 0},
    {NULL}
};

static const PyGetSetDef buffered_getset[] = {
    {"closed", buffered_closed_get, NULL, NULL},
    {"name", buffered_name_get, NULL, NULL},
    {"mode", buffered_mode_get, NULL, NULL},
    {NULL}
};

#define BUFFERED_FLAGS (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC \
                        | _Py_TPFLAGS_LIKE_HEAPTYPE)

_Py_SHARED PyTypeObject _PyBufferedReader_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.BufferedReader",
    .tp_basicsize = sizeof(buffered),
    .tp_dealloc = buffered_dealloc,
    .tp_repr = buffered_repr,
    .tp_flags = BUFFERED_FLAGS,
    .tp_doc = reader_init__doc__,
    .tp_traverse = buffered_traverse,
    .tp_clear = buffered_clear,
    .tp_weaklistoffset = offsetof(buffered, weakreflist),
    .tp_iternext = buffered_iternext,
    .tp_methods = (PyMethodDef *)reader_methods,
    .tp_members = (PyMemberDef *)buffered_members,
    .tp_getset = (PyGetSetDef *)buffered_getset,
    .tp_base = &_PyBufferedIOBase_Type,
    .tp_dictoffset = offsetof(buffered, dict),
    .tp_init = reader_init,
};

_Py_SHARED PyTypeObject _PyBufferedWriter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.BufferedWriter",
    .tp_basicsize = sizeof(buffered),
    .tp_dealloc = buffered_dealloc,
    .tp_repr = buffered_repr,
    .tp_flags = BUFFERED_FLAGS,
    .tp_doc = writer_init__doc__,
    .tp_traverse = buffered_traverse,
    .tp_clear = buffered_clear,
    .tp_weaklistoffset = offsetof(buffered, weakreflist),
    .tp_methods = (PyMethodDef *)writer_methods,
    .tp_members = (PyMemberDef *)buffered_members,
    .tp_getset = (PyGetSetDef *)buffered_getset,
    .tp_base = &_PyBufferedIOBase_Type,
    .tp_dictoffset = offsetof(buffered, dict),
    .tp_init = writer_init,
};

_Py_SHARED PyTypeObject _PyBufferedRandom_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.BufferedRandom",
    .tp_basicsize = sizeof(buffered),
    .tp_dealloc = buffered_dealloc,
    .tp_repr = buffered_repr,
    .tp_flags = BUFFERED_FLAGS,
    .tp_doc = random_init__doc__,
    .tp_traverse = buffered_traverse,
    .tp_clear = buffered_clear,
    .tp_weaklistoffset = offsetof(buffered, weakreflist),
    .tp_iternext = buffered_iternext,
    .tp_methods = (PyMethodDef *)random_methods,
    .tp_members = (PyMemberDef *)buffered_members,
    .tp_getset = (PyGetSetDef *)buffered_getset,
    .tp_base = &_PyBufferedIOBase_Type,
    .tp_dictoffset = offsetof(buffered, dict),
    .tp_init = random_init,
};
