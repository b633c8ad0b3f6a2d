/* transfer.c - sending and receiving bytes: recv(), send() and their kin.
 *
 * Buffers of the caller stay exported while the GIL is released.
 * See socket.h for what this was written from.
 */
#include "socket.h"

#include <poll.h>

/* One transfer, for attempts. */
typedef struct {
    void *data;
    size_t size;
    int flags;
    socket_address *address;    /* NULL, or the other end's: filled or read */
    socklen_t room;             /* of an address that is filled */
} transfer;

static Py_ssize_t
attempt_recv(int fd, void *arg)
{
    transfer *t = arg;
    if (t->address == NULL) {
        return recv(fd, t->data, t->size, t->flags);
    }
    t->address->length = t->room;
    return recvfrom(fd, t->data, t->size, t->flags, &t->address->sa, &t->address->length);
}

static Py_ssize_t
attempt_send(int fd, void *arg)
{
    transfer *t = arg;
    if (t->address == NULL) {
        return send(fd, t->data, t->size, t->flags);
    }
    return sendto(fd, t->data, t->size, t->flags, &t->address->sa, t->address->length);
}

/* ------------------------------------------------------------------------------- receiving */

/* Receives into memory; *sender, if `sender` is not NULL, is the sender's address, new.  The number
   of bytes, or -1 with an exception.  Nothing is asked of the system for no bytes without a
   sender. */
static Py_ssize_t
receive(PySocketSockObject *s, void *data, Py_ssize_t size, int flags, PyObject **sender)
{
    socket_address address;
    transfer t = {.data = data, .size = (size_t)size, .flags = flags};
    assert(size >= 0);
    if (sender == NULL) {
        return size == 0 ? 0
                         : _PySocket_Call(s, POLLIN, _PySocket_Deadline(s), attempt_recv, &t);
    }
    if (_PySocket_PrepareAddress(s, &address) < 0) {
        return -1;
    }
    t.address = &address;
    t.room = address.length;
    Py_ssize_t n = _PySocket_Call(s, POLLIN, _PySocket_Deadline(s), attempt_recv, &t);
    if (n < 0) {
        return -1;
    }
    *sender = _PySocket_MakeAddress(s->sock_fd, s->sock_proto, &address);
    return *sender != NULL ? n : -1;
}

/* As receive(), into a new bytes object; NULL with an exception. */
static PyObject *
receive_bytes(PySocketSockObject *s, Py_ssize_t size, int flags, PyObject **sender,
              const char *name)
{
    if (size < 0) {
        return PyErr_Format(PyExc_ValueError, "negative buffersize in %s", name);
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes == NULL) {
        return NULL;
    }
    Py_ssize_t n = receive(s, PyBytes_AS_STRING(bytes), size, flags, sender);
    if (n < 0) {
        Py_DECREF(bytes);
        return NULL;
    }
    assert(n <= size);
    if (n != size) {
        (void)_PyBytes_Resize(&bytes, n);       /* NULL if it fails */
    }
    return bytes;
}

const char _PySocket_recv_doc[] =
"recv(buffersize[, flags]) -> data\n\n"
"Receive up to buffersize bytes.  For the flags see recv(2).  Wait until there is at least one\n"
"byte; return no bytes if the other end is closed and all its data was read.";

PyObject *
_PySocket_recv(PySocketSockObject *s, PyObject *args)
{
    Py_ssize_t size;
    int flags = 0;
    if (!PyArg_ParseTuple(args, "n|i:recv", &size, &flags)) {
        return NULL;
    }
    return receive_bytes(s, size, flags, NULL, "recv");
}

const char _PySocket_recvfrom_doc[] =
"recvfrom(buffersize[, flags]) -> (data, address info)\n\n"
"As recv(), but return the sender's address too.";

PyObject *
_PySocket_recvfrom(PySocketSockObject *s, PyObject *args)
{
    Py_ssize_t size;
    int flags = 0;
    PyObject *sender = NULL;
    if (!PyArg_ParseTuple(args, "n|i:recvfrom", &size, &flags)) {
        return NULL;
    }
    PyObject *bytes = receive_bytes(s, size, flags, &sender, "recvfrom");
    if (bytes == NULL) {
        Py_XDECREF(sender);
        return NULL;
    }
    return Py_BuildValue("NN", bytes, sender);
}

/* The arguments of recv_into() and recvfrom_into(), whose format and messages differ. */
typedef struct {
    const char *format;
    const char *negative;
    const char *too_large;
} into_texts;

/* Receives into the caller's buffer: the number of bytes, or -1 with an exception. */
static Py_ssize_t
receive_into(PySocketSockObject *s, PyObject *args, PyObject *kwargs, const into_texts *texts,
             PyObject **sender)
{
    static const char *const names[] = {"buffer", "nbytes", "flags", NULL};
    Py_buffer view;
    Py_ssize_t size = 0, n = -1;
    int flags = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, texts->format, (char **)names, &view, &size,
                                     &flags)) {
        return -1;
    }
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, texts->negative);
    }
    else if (size > view.len) {
        PyErr_SetString(PyExc_ValueError, texts->too_large);
    }
    else {
        n = receive(s, view.buf, size != 0 ? size : view.len, flags, sender);
    }
    PyBuffer_Release(&view);
    return n;
}

const char _PySocket_recv_into_doc[] =
"recv_into(buffer, [nbytes[, flags]]) -> nbytes_read\n\n"
"As recv(), but put the data into a buffer: as much as it can hold if nbytes is 0 or missing.";

PyObject *
_PySocket_recv_into(PySocketSockObject *s, PyObject *args, PyObject *kwargs)
{
    static const into_texts texts = {
        "w*|ni:recv_into", "negative buffersize in recv_into",
        "buffer too small for requested bytes"
    };
    Py_ssize_t n = receive_into(s, args, kwargs, &texts, NULL);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

const char _PySocket_recvfrom_into_doc[] =
"recvfrom_into(buffer[, nbytes[, flags]]) -> (nbytes, address info)\n\n"
"As recv_into(), but return the sender's address too.";

PyObject *
_PySocket_recvfrom_into(PySocketSockObject *s, PyObject *args, PyObject *kwargs)
{
    static const into_texts texts = {
        "w*|ni:recvfrom_into", "negative buffersize in recvfrom_into",
        "nbytes is greater than the length of the buffer"
    };
    PyObject *sender = NULL;
    Py_ssize_t n = receive_into(s, args, kwargs, &texts, &sender);
    if (n < 0) {
        Py_XDECREF(sender);
        return NULL;
    }
    return Py_BuildValue("nN", n, sender);
}

/* --------------------------------------------------------------------------------- sending */

const char _PySocket_send_doc[] =
"send(data[, flags]) -> count\n\n"
"Send bytes and return how many were sent, which may be fewer than there are.  For the flags\n"
"see send(2).";

PyObject *
_PySocket_send(PySocketSockObject *s, PyObject *args)
{
    Py_buffer view;
    int flags = 0;
    if (!PyArg_ParseTuple(args, "y*|i:send", &view, &flags)) {
        return NULL;
    }
    transfer t = {.data = view.buf, .size = (size_t)view.len, .flags = flags};
    Py_ssize_t n = _PySocket_Call(s, POLLOUT, _PySocket_Deadline(s), attempt_send, &t);
    PyBuffer_Release(&view);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

/* The socket's timeout is for all of it.  0, or -1 with an exception. */
static int
send_all(PySocketSockObject *s, transfer *t)
{
    _PyTime_t deadline = _PySocket_Deadline(s);
    for (;;) {
        Py_ssize_t n = _PySocket_Call(s, POLLOUT, deadline, attempt_send, t);
        if (n < 0) {
            return -1;
        }
        assert((size_t)n <= t->size);
        t->data = (char *)t->data + n;
        t->size -= (size_t)n;
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
        if (t->size == 0) {
            return 0;
        }
        if (deadline != 0 && _PyDeadline_Get(deadline) <= 0) {
            _PySocket_TimedOut();
            return -1;
        }
    }
}

const char _PySocket_sendall_doc[] =
"sendall(data[, flags])\n\n"
"Send all of the bytes.  After an error one cannot tell how many were sent.";

PyObject *
_PySocket_sendall(PySocketSockObject *s, PyObject *args)
{
    Py_buffer view;
    int flags = 0;
    if (!PyArg_ParseTuple(args, "y*|i:sendall", &view, &flags)) {
        return NULL;
    }
    transfer t = {.data = view.buf, .size = (size_t)view.len, .flags = flags};
    int rc = send_all(s, &t);
    PyBuffer_Release(&view);
    return rc < 0 ? NULL : Py_NewRef(Py_None);
}

const char _PySocket_sendto_doc[] =
"sendto(data[, flags], address) -> count\n\n"
"As send(), to an address.";

PyObject *
_PySocket_sendto(PySocketSockObject *s, PyObject *args)
{
    Py_buffer view;
    PyObject *to;
    socket_address address;
    int flags = 0;
    Py_ssize_t count = PyTuple_GET_SIZE(args), n = -1;
    if (count < 2 || count > 3) {
        return PyErr_Format(PyExc_TypeError, "sendto() takes 2 or 3 arguments (%zd given)",
                            count);
    }
    if (count == 2 ? !PyArg_ParseTuple(args, "y*O:sendto", &view, &to)
                   : !PyArg_ParseTuple(args, "y*iO:sendto", &view, &flags, &to)) {
        return NULL;
    }
    transfer t = {.data = view.buf, .size = (size_t)view.len, .flags = flags,
                  .address = &address};
    if (_PySocket_ParseAddress(s, to, "sendto", &address) == 0
        && PySys_Audit("socket.sendto", "OO", s, to) == 0) {
        n = _PySocket_Call(s, POLLOUT, _PySocket_Deadline(s), attempt_send, &t);
    }
    PyBuffer_Release(&view);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}
