/* OSError and the subclasses that errno values map to.
 *
 * OSError(errno, strerror[, filename[, winerror[, filename2]]]) picks the subclass in tp_new,
 * so the arguments are parsed there.  A subclass that overrides __init__ but not __new__ may be
 * called with arguments of its own: then parsing waits for OSError.__init__.
 * Written from the library reference (OS exceptions), PEP 3151 and observed behaviour of 3.12. */

#include "Python.h"
#include "pycore_exceptions.h"      // _PyExc_LIFE

#include <errno.h>

#define OSERROR_FIELDS(X) X(myerrno) X(strerror) X(filename) X(filename2)
_PyExc_LIFE(OSError, PyOSErrorObject, OSERROR_FIELDS)

static inline PyOSErrorObject *
os_error(PyObject *op)
{
    assert(PyObject_TypeCheck(op, &_PyExc_OSError));
    return (PyOSErrorObject *)op;
}

/* ORDER ERRNO: PEP 3151. */
static const struct {
    int number;
    PyTypeObject *type;
} errno_types[] = {
    {EAGAIN, &_PyExc_BlockingIOError},
    {EALREADY, &_PyExc_BlockingIOError},
    {EINPROGRESS, &_PyExc_BlockingIOError},
    {EWOULDBLOCK, &_PyExc_BlockingIOError},
    {EPIPE, &_PyExc_BrokenPipeError},
#ifdef ESHUTDOWN
    {ESHUTDOWN, &_PyExc_BrokenPipeError},
#endif
    {ECHILD, &_PyExc_ChildProcessError},
    {ECONNABORTED, &_PyExc_ConnectionAbortedError},
    {ECONNREFUSED, &_PyExc_ConnectionRefusedError},
    {ECONNRESET, &_PyExc_ConnectionResetError},
    {EEXIST, &_PyExc_FileExistsError},
    {ENOENT, &_PyExc_FileNotFoundError},
    {EISDIR, &_PyExc_IsADirectoryError},
    {ENOTDIR, &_PyExc_NotADirectoryError},
    {EINTR, &_PyExc_InterruptedError},
    {EACCES, &_PyExc_PermissionError},
    {EPERM, &_PyExc_PermissionError},
#ifdef ENOTCAPABLE
    {ENOTCAPABLE, &_PyExc_PermissionError},
#endif
    {ESRCH, &_PyExc_ProcessLookupError},
    {ETIMEDOUT, &_PyExc_TimeoutError},
};

/* The type for an errno object; anything that is no known int gives OSError. */
static PyTypeObject *
type_for_errno(PyObject *number)
{
    if (!PyLong_Check(number)) {
        return &_PyExc_OSError;
    }
    int overflow;
    long value = PyLong_AsLongAndOverflow(number, &overflow);
    assert(!PyErr_Occurred());
    if (overflow == 0) {
        for (size_t i = 0; i < Py_ARRAY_LENGTH(errno_types); i++) {
            if (errno_types[i].number == value) {
                return errno_types[i].type;
            }
        }
    }
    return &_PyExc_OSError;
}

/* The parts of the arguments, borrowed; NULL where not given. */
struct os_args {
    PyObject *number;
    PyObject *message;
    PyObject *filename;
    PyObject *filename2;
};

static void
parse_args(PyObject *args, struct os_args *parsed)
{
    assert(PyTuple_Check(args));
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    memset(parsed, 0, sizeof(*parsed));
    if (n < 2 || n > 5) {
        return;
    }
    parsed->number = PyTuple_GET_ITEM(args, 0);
    parsed->message = PyTuple_GET_ITEM(args, 1);
    if (n > 2) {
        parsed->filename = PyTuple_GET_ITEM(args, 2);
    }
    if (n > 4) {                        /* item 3 is winerror, for Windows only */
        parsed->filename2 = PyTuple_GET_ITEM(args, 4);
    }
}

/* Fill in the instance: 0, or -1 with an exception.  `args` is kept, without file names. */
static int
set_up(PyOSErrorObject *self, PyObject *args, const struct os_args *parsed)
{
    PyObject *kept = NULL;
    assert(self->written == -1 || self->myerrno != NULL);
    PyObject *filename = parsed->filename;
    if (filename != NULL && filename != Py_None) {
        if (Py_IS_TYPE(self, &_PyExc_BlockingIOError) && PyNumber_Check(filename)) {
            /* The third argument can be the number of characters written. */
            self->written = PyNumber_AsSsize_t(filename, PyExc_ValueError);
            if (self->written == -1 && PyErr_Occurred()) {
                return -1;
            }
        }
        else {
            Py_XSETREF(self->filename, Py_NewRef(filename));
            if (parsed->filename2 != NULL && parsed->filename2 != Py_None) {
                Py_XSETREF(self->filename2, Py_NewRef(parsed->filename2));
            }
            /* For compatibility, file names are no part of args. */
            kept = PyTuple_GetSlice(args, 0, 2);
            if (kept == NULL) {
                return -1;
            }
        }
    }
    Py_XSETREF(self->myerrno, Py_XNewRef(parsed->number));
    Py_XSETREF(self->strerror, Py_XNewRef(parsed->message));
    Py_XSETREF(self->args, kept != NULL ? kept : Py_NewRef(args));
    return 0;
}

static int OSError_init(PyObject *op, PyObject *args, PyObject *kwargs);
static PyObject *OSError_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);

/* Whether parsing must wait for __init__; see the top of this file. */
static int
parses_in_init(PyTypeObject *type)
{
    return type->tp_init != OSError_init && type->tp_new == OSError_new;
}

static PyObject *
OSError_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    struct os_args parsed = {0};
    int later = parses_in_init(type);
    if (!later) {
        if (!_PyArg_NoKeywords(type->tp_name, kwargs)) {
            return NULL;
        }
        parse_args(args, &parsed);
        if (type == &_PyExc_OSError && parsed.number != NULL) {
            type = type_for_errno(parsed.number);
        }
    }
    PyOSErrorObject *self = (PyOSErrorObject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->written = -1;
    if (later) {
        self->args = PyTuple_New(0);
    }
    if (later ? self->args == NULL : set_up(self, args, &parsed) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static int
OSError_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PyTypeObject *type = Py_TYPE(op);
    if (!parses_in_init(type)) {
        return 0;               /* OSError_new did everything */
    }
    if (!_PyArg_NoKeywords(type->tp_name, kwargs)) {
        return -1;
    }
    struct os_args parsed;
    parse_args(args, &parsed);
    return set_up(os_error(op), args, &parsed);
}

static PyObject *
OSError_str(PyObject *op)
{
    PyOSErrorObject *self = os_error(op);
    PyObject *number = self->myerrno != NULL ? self->myerrno : Py_None;
    PyObject *message = self->strerror != NULL ? self->strerror : Py_None;
    if (self->filename != NULL) {
        if (self->filename2 != NULL) {
            return PyUnicode_FromFormat("[Errno %S] %S: %R -> %R", number, message,
                                        self->filename, self->filename2);
        }
        return PyUnicode_FromFormat("[Errno %S] %S: %R", number, message, self->filename);
    }
    if (self->myerrno != NULL && self->strerror != NULL) {
        return PyUnicode_FromFormat("[Errno %S] %S", number, message);
    }
    return _PyBaseException_Str(op);
}

/* The arguments that make an equal instance: those of args with the file names again. */
static PyObject *
full_args(PyOSErrorObject *self)
{
    PyObject *args = self->args;
    assert(args != NULL && PyTuple_Check(args));
    if (PyTuple_GET_SIZE(args) != 2 || self->filename == NULL) {
        return Py_NewRef(args);
    }
    if (self->filename2 == NULL) {
        return PyTuple_Pack(3, PyTuple_GET_ITEM(args, 0), PyTuple_GET_ITEM(args, 1),
                            self->filename);
    }
    return PyTuple_Pack(5, PyTuple_GET_ITEM(args, 0), PyTuple_GET_ITEM(args, 1), self->filename,
                        Py_None, self->filename2);
}

static PyObject *
OSError_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyOSErrorObject *self = os_error(op);
    PyObject *args = full_args(self);
    if (args == NULL) {
        return NULL;
    }
    PyObject *result = self->dict != NULL
        ? PyTuple_Pack(3, (PyObject *)Py_TYPE(op), args, self->dict)
        : PyTuple_Pack(2, (PyObject *)Py_TYPE(op), args);
    Py_DECREF(args);
    return result;
}

static PyObject *
OSError_get_written(PyObject *op, void *Py_UNUSED(closure))
{
    PyOSErrorObject *self = os_error(op);
    if (self->written == -1) {
        PyErr_SetString(PyExc_AttributeError, "characters_written");
        return NULL;
    }
    return PyLong_FromSsize_t(self->written);
}

static int
OSError_set_written(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    PyOSErrorObject *self = os_error(op);
    if (value == NULL) {
        if (self->written == -1) {
            PyErr_SetString(PyExc_AttributeError, "characters_written");
            return -1;
        }
        self->written = -1;
        return 0;
    }
    Py_ssize_t written = PyNumber_AsSsize_t(value, PyExc_ValueError);
    if (written == -1 && PyErr_Occurred()) {
        return -1;
    }
    self->written = written;
    return 0;
}

#define FIELD(NAME, FIELD, DOC) \
    {NAME, T_OBJECT, offsetof(PyOSErrorObject, FIELD), 0, PyDoc_STR(DOC)}

static PyMemberDef OSError_members[] = {
    FIELD("errno", myerrno, "POSIX exception code"),
    FIELD("strerror", strerror, "exception strerror"),
    FIELD("filename", filename, "exception filename"),
    FIELD("filename2", filename2, "second exception filename"),
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef OSError_getset[] = {
    {"characters_written", OSError_get_written, OSError_set_written, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef OSError_methods[] = {
    {"__reduce__", OSError_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

_Py_SHARED PyTypeObject _PyExc_OSError = {
    _PyExc_TYPE_HEAD(OSError, PyOSErrorObject, _PyExc_Exception, OSError,
                     "Base class for I/O related errors."),
    .tp_str = OSError_str,
    .tp_methods = OSError_methods,
    .tp_members = OSError_members,
    .tp_getset = OSError_getset,
    .tp_init = OSError_init,
    .tp_new = OSError_new,
};
PyObject *PyExc_OSError = (PyObject *)&_PyExc_OSError;
PyObject *PyExc_EnvironmentError = (PyObject *)&_PyExc_OSError;
PyObject *PyExc_IOError = (PyObject *)&_PyExc_OSError;

#define OS_SUBCLASS(NAME, BASE, DOC) \
    _PyExc_SIMPLE(NAME, PyOSErrorObject, BASE, OSError, OSError_init, NULL, DOC)

OS_SUBCLASS(BlockingIOError, OSError, "I/O operation would block.");
OS_SUBCLASS(ConnectionError, OSError, "Connection error.");
OS_SUBCLASS(ChildProcessError, OSError, "Child process error.");
OS_SUBCLASS(BrokenPipeError, ConnectionError, "Broken pipe.");
OS_SUBCLASS(ConnectionAbortedError, ConnectionError, "Connection aborted.");
OS_SUBCLASS(ConnectionRefusedError, ConnectionError, "Connection refused.");
OS_SUBCLASS(ConnectionResetError, ConnectionError, "Connection reset.");
OS_SUBCLASS(FileExistsError, OSError, "File already exists.");
OS_SUBCLASS(FileNotFoundError, OSError, "File not found.");
OS_SUBCLASS(IsADirectoryError, OSError, "Operation doesn't work on directories.");
OS_SUBCLASS(NotADirectoryError, OSError, "Operation only works on directories.");
OS_SUBCLASS(InterruptedError, OSError, "Interrupted by signal.");
OS_SUBCLASS(PermissionError, OSError, "Not enough permissions.");
OS_SUBCLASS(ProcessLookupError, OSError, "Process not found.");
OS_SUBCLASS(TimeoutError, OSError, "Timeout expired.");
