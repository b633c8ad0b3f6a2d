/* socketmodule.c - the module _socket: its state, exceptions and capsule, functions without a
 * subject of their own.
 *
 * The rest is in Modules/socket/ by subject; see socket.h there.  The default timeout belongs to an
 * interpreter.
 */
#include "socket/socket.h"
#include "pycore_fileutils.h"   // _Py_dup()
#include "pycore_object.h"      // _Py_SHARED

/* The layouts that modules compiled for CPython 3.12 expect. */
static_assert(sizeof(PySocketSockObject) == 56, "layout of sockets");
static_assert(offsetof(PySocketSockObject, sock_timeout) == 40, "layout of sockets");
static_assert(sizeof(PySocketModule_APIObject) == 24, "layout of the capsule's contents");

static const char socketpair_doc[] =
"socketpair([family[, type [, proto]]]) -> (socket object, socket object)\n\n"
"Create two sockets that are connected.  The arguments are those of socket(), but the family is\n"
"AF_UNIX if it is missing.";

static PyObject *
socket_socketpair(PyObject *module, PyObject *args)
{
    int family = AF_UNIX, type = SOCK_STREAM, proto = 0, fds[2], rc;
    socket_state *state = get_socket_state(module);
    if (!PyArg_ParseTuple(args, "|iii:socketpair", &family, &type, &proto)) {
        return NULL;
    }
    UNLOCKED(rc = socketpair(family, type | SOCK_CLOEXEC, proto, fds));
    if (rc < 0) {
        return socket_error();
    }
    PyObject *first = _PySocket_New(state, fds[0], family, type, proto);
    if (first == NULL) {
        close(fds[1]);
        return NULL;
    }
    PyObject *second = _PySocket_New(state, fds[1], family, type, proto), *result = NULL;
    if (second != NULL) {
        result = PyTuple_Pack(2, first, second);
        Py_DECREF(second);
    }
    Py_DECREF(first);
    return result;
}

/* A descriptor; -1 with an exception or if it is -1. */
static int
parse_descriptor(PyObject *object)
{
    long value = PyLong_AsLong(object);
    if (value > INT_MAX || value < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C int");
        return -1;
    }
    return (int)value;
}

static const char dup_doc[] =
"dup(integer) -> integer\n\n"
"Duplicate the file descriptor of a socket.";

static PyObject *
socket_dup(PyObject *Py_UNUSED(module), PyObject *arg)
{
    int fd = parse_descriptor(arg);
    if (fd == -1 && PyErr_Occurred()) {
        return NULL;
    }
    int copy = _Py_dup(fd);
    return copy < 0 ? NULL : PyLong_FromLong(copy);
}

static const char close_doc[] =
"close(integer) -> None\n\n"
"Close the file descriptor of a socket.";

static PyObject *
socket_close(PyObject *Py_UNUSED(module), PyObject *arg)
{
    int fd = parse_descriptor(arg), rc;
    if (fd == -1 && PyErr_Occurred()) {
        return NULL;
    }
    UNLOCKED(rc = close(fd));
    return socket_done(rc < 0 && errno == ECONNRESET ? 0 : rc);
}

static const char getdefaulttimeout_doc[] =
"getdefaulttimeout() -> timeout\n\n"
"Return the timeout that new sockets have, in seconds; None if they have none.";

static PyObject *
socket_getdefaulttimeout(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return _PySocket_MakeTimeout(get_socket_state(module)->default_timeout);
}

static const char setdefaulttimeout_doc[] =
"setdefaulttimeout(timeout)\n\n"
"Set the timeout that new sockets have, in seconds; None for none.";

static PyObject *
socket_setdefaulttimeout(PyObject *module, PyObject *arg)
{
    _PyTime_t timeout;
    if (_PySocket_ParseTimeout(arg, &timeout) < 0) {
        return NULL;
    }
    get_socket_state(module)->default_timeout = timeout;
    Py_RETURN_NONE;
}

static _Py_SHARED PyMethodDef socket_functions[] = {
    {"socketpair", socket_socketpair, METH_VARARGS, socketpair_doc},
    {"dup", socket_dup, METH_O, dup_doc},
    {"close", socket_close, METH_O, close_doc},
    {"getdefaulttimeout", socket_getdefaulttimeout, METH_NOARGS, getdefaulttimeout_doc},
    {"setdefaulttimeout", socket_setdefaulttimeout, METH_O, setdefaulttimeout_doc},
    {NULL, NULL, 0, NULL}
};

static const PyMethodDef *const further_functions[] = {
    _PySocket_NameFunctions, _PySocket_ConvertFunctions, _PySocket_MessageFunctions,
};

/* --------------------------------------------------------------------------- the module */

static void
free_capi(PyObject *capsule)
{
    PySocketModule_APIObject *api = PyCapsule_GetPointer(capsule, PySocket_CAPSULE_NAME);
    Py_XDECREF(api->Sock_Type);
    Py_XDECREF(api->error);
    Py_XDECREF(api->timeout_error);
    PyMem_Free(api);
}

static int
add_capi(PyObject *module, PyTypeObject *type)
{
    PySocketModule_APIObject *api = PyMem_Malloc(sizeof(*api));
    if (api == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    PyObject *capsule = PyCapsule_New(api, PySocket_CAPSULE_NAME, free_capi);
    if (capsule == NULL) {
        PyMem_Free(api);
        return -1;
    }
    api->Sock_Type = (PyTypeObject *)Py_NewRef(type);
    api->error = Py_NewRef(PyExc_OSError);
    api->timeout_error = Py_NewRef(PyExc_TimeoutError);
    int rc = PyModule_AddObjectRef(module, PySocket_CAPI_NAME, capsule);
    Py_DECREF(capsule);
    return rc;
}

static int
add_exceptions(PyObject *module, socket_state *state)
{
    state->herror = PyErr_NewException("socket.herror", PyExc_OSError, NULL);
    if (state->herror == NULL || PyModule_AddObjectRef(module, "herror", state->herror) < 0) {
        return -1;
    }
    state->gaierror = PyErr_NewException("socket.gaierror", PyExc_OSError, NULL);
    if (state->gaierror == NULL
        || PyModule_AddObjectRef(module, "gaierror", state->gaierror) < 0) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "error", PyExc_OSError) < 0 ? -1
         : PyModule_AddObjectRef(module, "timeout", PyExc_TimeoutError);
}

static int
add_type(PyObject *module, socket_state *state)
{
    state->sock_type = _PySocket_MakeType(module);
    if (state->sock_type == NULL
        || PyModule_AddObjectRef(module, "socket", (PyObject *)state->sock_type) < 0
        || PyModule_AddObjectRef(module, "SocketType", (PyObject *)state->sock_type) < 0) {
        return -1;
    }
    return add_capi(module, state->sock_type);
}

static int
socket_exec(PyObject *module)
{
    socket_state *state = get_socket_state(module);
    state->default_timeout = _PyTime_FromSeconds(-1);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(further_functions); i++) {
        if (PyModule_AddFunctions(module, (PyMethodDef *)further_functions[i]) < 0) {
            return -1;
        }
    }
    if (add_exceptions(module, state) < 0 || add_type(module, state) < 0
        || _PySocket_AddConstants(module) < 0) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "has_ipv6", Py_True);
}

static int
socket_module_traverse(PyObject *module, visitproc visit, void *arg)
{
    socket_state *state = get_socket_state(module);
    Py_VISIT(state->sock_type);
    Py_VISIT(state->herror);
    Py_VISIT(state->gaierror);
    return 0;
}

static int
socket_module_clear(PyObject *module)
{
    socket_state *state = get_socket_state(module);
    Py_CLEAR(state->sock_type);
    Py_CLEAR(state->herror);
    Py_CLEAR(state->gaierror);
    return 0;
}

static void
socket_module_free(void *module)
{
    (void)socket_module_clear(module);
}

static _Py_SHARED PyModuleDef_Slot socket_module_slots[] = {
    {Py_mod_exec, socket_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

_Py_SHARED struct PyModuleDef _PySocket_Module = {
    PyModuleDef_HEAD_INIT,
    .m_name = PySocket_MODULE_NAME,
    .m_doc = "The operations of sockets, for the module socket.",
    .m_size = sizeof(socket_state),
    .m_methods = socket_functions,
    .m_slots = socket_module_slots,
    .m_traverse = socket_module_traverse,
    .m_clear = socket_module_clear,
    .m_free = socket_module_free,
};

PyMODINIT_FUNC
PyInit__socket(void)
{
    return PyModuleDef_Init(&_PySocket_Module);
}
