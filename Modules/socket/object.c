/* object.c - the type _socket.socket.
 *
 * A socket owns its descriptor from __init__() until close(), detach() or its end, which warns if
 * the socket was not closed.  Descriptors are not inherited by programs that are executed.
 * See socket.h for what this was written from.
 */
#include "socket.h"
#include "pycore_fileutils.h"   // _Py_set_inheritable()
#include "pycore_object.h"      // _Py_SHARED

#include <poll.h>
#include <structmember.h>

#define DEFAULT_BACKLOG 128

/* Flags that socket() takes with the type. */
#define TYPE_FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)

/* ------------------------------------------------------------------------ birth and death */

/* Makes the object own `fd`, with the module's default timeout.  0, or -1 with OSError; the
   descriptor is the caller's then.  A second __init__() leaves the first descriptor open, as in
   3.12. */
static int
socket_own(PySocketSockObject *s, int fd, int family, int type, int proto)
{
    _PyTime_t timeout = (type & SOCK_NONBLOCK) != 0 ? 0 : s->state->default_timeout;
    assert(fd >= 0);
    assert(s->state != NULL);
    if (timeout >= 0 && (type & SOCK_NONBLOCK) == 0 && _PySocket_SetBlocking(fd, 0) < 0) {
        return -1;
    }
    s->sock_fd = fd;
    s->sock_family = family;
    s->sock_type = type & ~TYPE_FLAGS;
    s->sock_proto = proto;
    s->sock_timeout = timeout;
    return 0;
}

static PyObject *
socket_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    PyObject *module = PyType_GetModuleByDef(type, &_PySocket_Module);
    if (module == NULL) {
        return NULL;
    }
    PySocketSockObject *s = (PySocketSockObject *)type->tp_alloc(type, 0);
    if (s != NULL) {
        s->sock_fd = -1;
        s->sock_timeout = _PyTime_FromSeconds(-1);
        s->errorhandler = socket_error;
        s->state = get_socket_state(module);
    }
    return (PyObject *)s;
}

PyObject *
_PySocket_New(socket_state *state, int fd, int family, int type, int proto)
{
    PyObject *s = socket_new(state->sock_type, NULL, NULL);
    if (s == NULL || socket_own((PySocketSockObject *)s, fd, family, type, proto) < 0) {
        Py_CLEAR(s);
        close(fd);
    }
    return s;
}

/* What the system knows of a descriptor, for those of the three that are -1.  0, or -1 with an
   exception. */
static int
detect(int fd, int *family, int *type, int *proto)
{
    socket_address address;
    address.length = sizeof(address.storage);
    memset(&address.storage, 0, sizeof(address.storage));
    if (getsockname(fd, &address.sa, &address.length) < 0) {
        if (*family == -1 || errno == EBADF || errno == ENOTSOCK) {
            socket_error();
            return -1;
        }
    }
    else if (*family == -1) {
        *family = address.sa.sa_family;
    }
    socklen_t size = sizeof(int);
    if ((*type == -1 && getsockopt(fd, SOL_SOCKET, SO_TYPE, type, &size) < 0)
        || (*proto == -1 && getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, proto, &size) < 0)) {
        socket_error();
        return -1;
    }
    return 0;
}

static int
init_from_descriptor(PySocketSockObject *s, PyObject *object, int family, int type, int proto)
{
    int fd = _PyLong_AsInt(object);
    if (fd == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (fd < 0) {
        PyErr_SetString(PyExc_ValueError, "negative file descriptor");
        return -1;
    }
    if (detect(fd, &family, &type, &proto) < 0) {
        return -1;
    }
    return socket_own(s, fd, family, type, proto);
}

/* Converter for "O&". */
static int
int_converter(PyObject *object, void *result)
{
    int value = _PyLong_AsInt(object);
    if (value == -1 && PyErr_Occurred()) {
        return 0;
    }
    *(int *)result = value;
    return 1;
}

static int
socket_init(PySocketSockObject *s, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"family", "type", "proto", "fileno", NULL};
    int family = -1, type = -1, proto = -1, fd;
    PyObject *fileno = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O&O&O&O:socket", (char **)names,
                                     int_converter, &family, int_converter, &type,
                                     int_converter, &proto, &fileno)
        || PySys_Audit("socket.__new__", "Oiii", s, family, type, proto) < 0) {
        return -1;
    }
    if (fileno != NULL && fileno != Py_None) {
        return init_from_descriptor(s, fileno, family, type, proto);
    }
    family = family == -1 ? AF_INET : family;
    type = type == -1 ? SOCK_STREAM : type;
    proto = proto == -1 ? 0 : proto;
    UNLOCKED(fd = socket(family, type | SOCK_CLOEXEC, proto));
    if (fd < 0) {
        socket_error();
        return -1;
    }
    if (socket_own(s, fd, family, type, proto) < 0) {
        close(fd);
        return -1;
    }
    return 0;
}

/* Closes the descriptor once: 0, or errno. */
static int
socket_shut(PySocketSockObject *s)
{
    int fd = s->sock_fd, err = 0;
    if (fd >= 0) {
        s->sock_fd = -1;
        Py_BEGIN_ALLOW_THREADS
        err = close(fd) < 0 ? errno : 0;
        Py_END_ALLOW_THREADS
    }
    return err;
}

static void
socket_finalize(PySocketSockObject *s)
{
    if (s->sock_fd < 0) {
        return;
    }
    PyObject *pending = PyErr_GetRaisedException();
    if (PyErr_ResourceWarning((PyObject *)s, 1, "unclosed %R", s) < 0
        && PyErr_ExceptionMatches(PyExc_Warning)) {
        PyErr_WriteUnraisable((PyObject *)s);
    }
    (void)socket_shut(s);
    PyErr_SetRaisedException(pending);
}

static int
socket_traverse(PySocketSockObject *s, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(s));
    return 0;
}

static void
socket_dealloc(PySocketSockObject *s)
{
    if (PyObject_CallFinalizerFromDealloc((PyObject *)s) < 0) {
        return;
    }
    PyTypeObject *type = Py_TYPE(s);
    PyObject_GC_UnTrack(s);
    type->tp_free(s);
    Py_DECREF(type);
}

static PyObject *
socket_repr(PySocketSockObject *s)
{
    return PyUnicode_FromFormat("<socket object, fd=%d, family=%d, type=%d, proto=%d>",
                                s->sock_fd, s->sock_family, s->sock_type, s->sock_proto);
}

static const char close_doc[] =
"close()\n\n"
"Close the socket, which cannot be used afterwards.";

static PyObject *
socket_close(PySocketSockObject *s, PyObject *Py_UNUSED(ignored))
{
    int err = socket_shut(s);
    if (err != 0 && err != ECONNRESET) {        /* reset by the other end: it is closed */
        errno = err;
        return socket_error();
    }
    Py_RETURN_NONE;
}

static const char detach_doc[] =
"detach()\n\n"
"Make the socket one that is closed, without closing its file descriptor, which is returned.";

static PyObject *
socket_detach(PySocketSockObject *s, PyObject *Py_UNUSED(ignored))
{
    PyObject *fd = PyLong_FromLong(s->sock_fd);
    if (fd != NULL) {
        s->sock_fd = -1;
    }
    return fd;
}

static const char fileno_doc[] =
"fileno() -> integer\n\n"
"Return the file descriptor of the socket; -1 if it is closed.";

static PyObject *
socket_fileno(PySocketSockObject *s, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(s->sock_fd);
}

/* ------------------------------------------------------------------------------- timeouts */

static PyObject *
set_timeout(PySocketSockObject *s, _PyTime_t timeout)
{
    if (_PySocket_SetBlocking(s->sock_fd, timeout < 0) < 0) {
        return NULL;
    }
    s->sock_timeout = timeout;
    Py_RETURN_NONE;
}

static const char setblocking_doc[] =
"setblocking(flag)\n\n"
"setblocking(True) is settimeout(None), setblocking(False) is settimeout(0.0).";

static PyObject *
socket_setblocking(PySocketSockObject *s, PyObject *arg)
{
    int blocking = PyObject_IsTrue(arg);
    return blocking < 0 ? NULL : set_timeout(s, _PyTime_FromSeconds(blocking ? -1 : 0));
}

static const char getblocking_doc[] =
"getblocking()\n\n"
"Return whether operations of the socket may wait.";

static PyObject *
socket_getblocking(PySocketSockObject *s, PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(s->sock_timeout != 0);
}

static const char settimeout_doc[] =
"settimeout(timeout)\n\n"
"Set how many seconds operations of the socket may take: a number, or None to let them wait for\n"
"ever.  With 0 they never wait.";

static PyObject *
socket_settimeout(PySocketSockObject *s, PyObject *arg)
{
    _PyTime_t timeout;
    return _PySocket_ParseTimeout(arg, &timeout) < 0 ? NULL : set_timeout(s, timeout);
}

static const char gettimeout_doc[] =
"gettimeout() -> timeout\n\n"
"Return how many seconds operations of the socket may take; None if they may wait for ever.";

static PyObject *
socket_gettimeout(PySocketSockObject *s, PyObject *Py_UNUSED(ignored))
{
    return _PySocket_MakeTimeout(s->sock_timeout);
}

static PyObject *
socket_get_timeout(PySocketSockObject *s, void *Py_UNUSED(closure))
{
    return _PySocket_MakeTimeout(s->sock_timeout);
}

/* ----------------------------------------------------------------------- connections */

static const char bind_doc[] =
"bind(address)\n\n"
"Give the socket an address of this machine.  Its form depends on the address family.";

static PyObject *
socket_bind(PySocketSockObject *s, PyObject *arg)
{
    socket_address address;
    int rc;
    if (_PySocket_ParseAddress(s, arg, "bind", &address) < 0
        || PySys_Audit("socket.bind", "OO", s, arg) < 0) {
        return NULL;
    }
    int fd = s->sock_fd;
    UNLOCKED(rc = bind(fd, &address.sa, address.length));
    return socket_done(rc);
}

static const char listen_doc[] =
"listen([backlog])\n\n"
"Let others connect to the socket.  As many as `backlog` (at least 0; a suitable number if it is\n"
"missing) may wait to be accepted before further ones are refused.";

static PyObject *
socket_listen(PySocketSockObject *s, PyObject *args)
{
    int backlog = Py_MIN(SOMAXCONN, DEFAULT_BACKLOG), rc;
    if (!PyArg_ParseTuple(args, "|i:listen", &backlog)) {
        return NULL;
    }
    int fd = s->sock_fd;
    UNLOCKED(rc = listen(fd, Py_MAX(backlog, 0)));
    return socket_done(rc);
}

typedef struct {
    socket_address *address;
    socklen_t room;
} accept_call;

static Py_ssize_t
attempt_accept(int fd, void *arg)
{
    accept_call *call = arg;
    call->address->length = call->room;
    return accept4(fd, &call->address->sa, &call->address->length, SOCK_CLOEXEC);
}

static const char accept_doc[] =
"_accept() -> (integer, address info)\n\n"
"Wait until somebody connects to the socket.  Return the descriptor of the connection and the\n"
"address of the other end.";

static PyObject *
socket_accept(PySocketSockObject *s, PyObject *Py_UNUSED(ignored))
{
    socket_address address;
    if (_PySocket_PrepareAddress(s, &address) < 0) {
        return NULL;
    }
    accept_call call = {&address, address.length};
    int fd = (int)_PySocket_Call(s, POLLIN, _PySocket_Deadline(s), attempt_accept, &call);
    if (fd < 0) {
        return NULL;
    }
    PyObject *other = _PySocket_MakeAddress(s->sock_fd, s->sock_proto, &address);
    PyObject *result = other != NULL ? Py_BuildValue("iN", fd, other) : NULL;
    if (result == NULL) {
        close(fd);
    }
    return result;
}

/* As _PySocket_Connect(), to an address object. */
static int
connect_to(PySocketSockObject *s, PyObject *arg, const char *caller, int *timed_out)
{
    socket_address address;
    if (_PySocket_ParseAddress(s, arg, caller, &address) < 0
        || PySys_Audit("socket.connect", "OO", s, arg) < 0) {
        return -1;
    }
    return _PySocket_Connect(s, &address, timed_out);
}

static const char connect_doc[] =
"connect(address)\n\n"
"Connect the socket to an address.  Its form depends on the address family.";

static PyObject *
socket_connect(PySocketSockObject *s, PyObject *arg)
{
    int timed_out, err = connect_to(s, arg, "connect", &timed_out);
    if (err == 0) {
        Py_RETURN_NONE;
    }
    if (err > 0 && timed_out) {
        _PySocket_TimedOut();
    }
    else if (err > 0) {
        errno = err;
        socket_error();
    }
    return NULL;
}

static const char connect_ex_doc[] =
"connect_ex(address) -> errno\n\n"
"As connect(), but return an error number for errors of the connection, 0 if there is none.";

static PyObject *
socket_connect_ex(PySocketSockObject *s, PyObject *arg)
{
    int timed_out, err = connect_to(s, arg, "connect_ex", &timed_out);
    return err < 0 ? NULL : PyLong_FromLong(err);
}

static const char shutdown_doc[] =
"shutdown(flag)\n\n"
"End receiving (SHUT_RD), sending (SHUT_WR) or both (SHUT_RDWR).";

static PyObject *
socket_shutdown(PySocketSockObject *s, PyObject *arg)
{
    int how = _PyLong_AsInt(arg), rc;
    if (how == -1 && PyErr_Occurred()) {
        return NULL;
    }
    int fd = s->sock_fd;
    UNLOCKED(rc = shutdown(fd, how));
    return socket_done(rc);
}

/* The address that getsockname() or getpeername() gives. */
static PyObject *
own_address(PySocketSockObject *s, int (*ask)(int, struct sockaddr *, socklen_t *))
{
    socket_address address;
    int rc;
    if (_PySocket_PrepareAddress(s, &address) < 0) {
        return NULL;
    }
    int fd = s->sock_fd;
    UNLOCKED(rc = ask(fd, &address.sa, &address.length));
    return rc < 0 ? socket_error() : _PySocket_MakeAddress(fd, s->sock_proto, &address);
}

static int
ask_sockname(int fd, struct sockaddr *address, socklen_t *length)
{
    return getsockname(fd, address, length);
}

static int
ask_peername(int fd, struct sockaddr *address, socklen_t *length)
{
    return getpeername(fd, address, length);
}

static const char getsockname_doc[] =
"getsockname() -> address info\n\n"
"Return the address of this end.  Its form depends on the address family.";

static PyObject *
socket_getsockname(PySocketSockObject *s, PyObject *Py_UNUSED(ignored))
{
    return own_address(s, ask_sockname);
}

static const char getpeername_doc[] =
"getpeername() -> address info\n\n"
"Return the address of the other end.  Its form depends on the address family.";

static PyObject *
socket_getpeername(PySocketSockObject *s, PyObject *Py_UNUSED(ignored))
{
    return own_address(s, ask_peername);
}

/* -------------------------------------------------------------------------------- the type */

#define ROW(NAME, FLAGS) \
    {#NAME, (PyCFunction)(void (*)(void))_PySocket_ ## NAME, FLAGS, _PySocket_ ## NAME ## _doc},

static _Py_SHARED PyMethodDef socket_methods[] = {
    {"_accept", (PyCFunction)socket_accept, METH_NOARGS, accept_doc},
    {"bind", (PyCFunction)socket_bind, METH_O, bind_doc},
    {"close", (PyCFunction)socket_close, METH_NOARGS, close_doc},
    {"connect", (PyCFunction)socket_connect, METH_O, connect_doc},
    {"connect_ex", (PyCFunction)socket_connect_ex, METH_O, connect_ex_doc},
    {"detach", (PyCFunction)socket_detach, METH_NOARGS, detach_doc},
    {"fileno", (PyCFunction)socket_fileno, METH_NOARGS, fileno_doc},
    {"getblocking", (PyCFunction)socket_getblocking, METH_NOARGS, getblocking_doc},
    {"getpeername", (PyCFunction)socket_getpeername, METH_NOARGS, getpeername_doc},
    {"getsockname", (PyCFunction)socket_getsockname, METH_NOARGS, getsockname_doc},
    {"gettimeout", (PyCFunction)socket_gettimeout, METH_NOARGS, gettimeout_doc},
    {"listen", (PyCFunction)socket_listen, METH_VARARGS, listen_doc},
    {"setblocking", (PyCFunction)socket_setblocking, METH_O, setblocking_doc},
    {"settimeout", (PyCFunction)socket_settimeout, METH_O, settimeout_doc},
    {"shutdown", (PyCFunction)socket_shutdown, METH_O, shutdown_doc},
    SOCKET_METHODS(ROW)
    {NULL, NULL, 0, NULL}
};

static _Py_SHARED PyMemberDef socket_members[] = {
    {"family", T_INT, offsetof(PySocketSockObject, sock_family), READONLY, "the socket family"},
    {"type", T_INT, offsetof(PySocketSockObject, sock_type), READONLY, "the socket type"},
    {"proto", T_INT, offsetof(PySocketSockObject, sock_proto), READONLY, "the socket protocol"},
    {NULL, 0, 0, 0, NULL}
};

static _Py_SHARED PyGetSetDef socket_getset[] = {
    {"timeout", (getter)socket_get_timeout, NULL, "the socket timeout", NULL},
    {NULL, NULL, NULL, NULL, NULL}
};

static const char socket_doc[] =
"socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object\n"
"socket(family=-1, type=-1, proto=-1, fileno=None) -> socket object\n\n"
"Open a socket: one end of a connection.  Its file descriptor is not inherited by programs that\n"
"are executed.  With a fileno the socket takes over that descriptor; what is not given of\n"
"family, type and proto is found out.";

static _Py_SHARED PyType_Slot socket_slots[] = {
    {Py_tp_new, socket_new},
    {Py_tp_init, socket_init},
    {Py_tp_finalize, socket_finalize},
    {Py_tp_dealloc, socket_dealloc},
    {Py_tp_traverse, socket_traverse},
    {Py_tp_repr, socket_repr},
    {Py_tp_doc, (void *)socket_doc},
    {Py_tp_methods, socket_methods},
    {Py_tp_members, socket_members},
    {Py_tp_getset, socket_getset},
    {0, NULL}
};

static _Py_SHARED PyType_Spec socket_spec = {
    .name = "_socket.socket",
    .basicsize = sizeof(PySocketSockObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = socket_slots,
};

PyTypeObject *
_PySocket_MakeType(PyObject *module)
{
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &socket_spec, NULL);
}
