/* options.c - getsockopt() and setsockopt().
 *
 * An option is a number or a buffer.  Those of AF_VSOCK sockets are 64-bit numbers.
 * See socket.h for what this was written from.
 */
#include "socket.h"

#define MAX_OPTION 1024

const char _PySocket_getsockopt_doc[] =
"getsockopt(level, option[, buffersize]) -> value\n\n"
"Return an option of the socket, see getsockopt(2): a number, or bytes if buffersize is given\n"
"and not 0.";

PyObject *
_PySocket_getsockopt(PySocketSockObject *s, PyObject *args)
{
    int level, option, size = 0, number = 0;
    if (!PyArg_ParseTuple(args, "ii|i:getsockopt", &level, &option, &size)) {
        return NULL;
    }
    if (s->sock_family == AF_VSOCK) {
        uint64_t wide = 0;
        socklen_t length = sizeof(wide);
        if (size != 0) {
            PyErr_SetString(PyExc_OSError, "getsockopt string buffer not allowed");
            return NULL;
        }
        if (getsockopt(s->sock_fd, level, option, &wide, &length) < 0) {
            return socket_error();
        }
        return PyLong_FromUnsignedLong(wide);
    }
    if (size == 0) {
        socklen_t length = sizeof(number);
        if (getsockopt(s->sock_fd, level, option, &number, &length) < 0) {
            return socket_error();
        }
        return PyLong_FromLong(number);
    }
    if (size < 0 || size > MAX_OPTION) {
        PyErr_SetString(PyExc_OSError, "getsockopt buflen out of range");
        return NULL;
    }
    char buf[MAX_OPTION];
    socklen_t length = (socklen_t)size;
    if (getsockopt(s->sock_fd, level, option, buf, &length) < 0) {
        return socket_error();
    }
    assert(length <= (socklen_t)size);
    return PyBytes_FromStringAndSize(buf, (Py_ssize_t)length);
}

const char _PySocket_setsockopt_doc[] =
"setsockopt(level, option, value: int)\n"
"setsockopt(level, option, value: buffer)\n"
"setsockopt(level, option, None, optlen: int)\n\n"
"Set an option of the socket, see setsockopt(2).  None and a length stand for the null pointer\n"
"with that length.";

/* setsockopt() with a number, or a buffer if the object is no number that fits. */
static PyObject *
set_option(PySocketSockObject *s, int level, int option, PyObject *value)
{
    if (PyIndex_Check(value)) {
        int number = _PyLong_AsInt(value);
        if (number != -1 || !PyErr_Occurred()) {
            return socket_done(setsockopt(s->sock_fd, level, option, &number, sizeof(number)));
        }
        PyErr_Clear();
    }
    Py_buffer view;
    if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    int rc = setsockopt(s->sock_fd, level, option, view.buf, (socklen_t)view.len);
    PyObject *result = socket_done(rc);
    PyBuffer_Release(&view);
    return result;
}

PyObject *
_PySocket_setsockopt(PySocketSockObject *s, PyObject *args)
{
    int level, option;
    unsigned int length;
    unsigned long long wide;
    PyObject *value;
    if (s->sock_family == AF_VSOCK) {
        if (!PyArg_ParseTuple(args, "iiK:setsockopt", &level, &option, &wide)) {
            return NULL;
        }
        return socket_done(setsockopt(s->sock_fd, level, option, &wide, sizeof(wide)));
    }
    if (PyTuple_GET_SIZE(args) == 4 && PyTuple_GET_ITEM(args, 2) == Py_None) {
        if (PyArg_ParseTuple(args, "iiOI:setsockopt", &level, &option, &value, &length)) {
            return socket_done(setsockopt(s->sock_fd, level, option, NULL, length));
        }
        PyErr_Clear();          /* as for any four arguments */
    }
    if (!PyArg_ParseTuple(args, "iiO:setsockopt", &level, &option, &value)) {
        return NULL;
    }
    return set_option(s, level, option, value);
}
