/* Files seen from C: reading and writing through the methods of file objects, and the
 * "standard printer" that serves as sys.stderr until the real streams exist.
 * Written from the C API reference ("File Objects") and observed behaviour. */
#include "Python.h"
#include "pycore_fileutils.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_private_api.h"
#include "pycore_strings.h"

#include <errno.h>
#include <unistd.h>

/* ---- files ------------------------------------------------------------------------------ */

/* io.open(fd, ...): new reference, or NULL with an error. */
PyObject *
PyFile_FromFd(int fd, const char *name, const char *mode, int buffering, const char *encoding,
              const char *errors, const char *newline, int closefd)
{
    (void)name;
    PyObject *io = PyImport_ImportModule("io");
    if (io == NULL) {
        return NULL;
    }
    PyObject *stream = PyObject_CallMethod(io, "open", "isisssO", fd, mode, buffering, encoding,
                                           errors, newline, closefd ? Py_True : Py_False);
    Py_DECREF(io);
    return stream;
}

/* io.open_code or the embedder's hook: new reference, or NULL. */
PyObject *
PyFile_OpenCodeObject(PyObject *path)
{
    if (!PyUnicode_Check(path)) {
        PyErr_Format(PyExc_TypeError, "'path' must be 'str', not '%.200s'", Py_TYPE(path)->tp_name);
        return NULL;
    }
    Py_OpenCodeHookFunction hook = _PyRuntime.open_code_hook;
    if (hook != NULL) {
        return hook(path, _PyRuntime.open_code_userdata);
    }
    PyObject *io = PyImport_ImportModule("_io");
    if (io == NULL) {
        return NULL;
    }
    PyObject *stream = PyObject_CallMethod(io, "open", "Os", path, "rb");
    Py_DECREF(io);
    return stream;
}

PyObject *
PyFile_OpenCode(const char *utf8path)
{
    PyObject *path = PyUnicode_FromString(utf8path);
    if (path == NULL) {
        return NULL;
    }
    PyObject *stream = PyFile_OpenCodeObject(path);
    Py_DECREF(path);
    return stream;
}

/* Only once, before the hook is used: 0, or -1. */
int
PyFile_SetOpenCodeHook(Py_OpenCodeHookFunction hook, void *userdata)
{
    if (Py_IsInitialized() && PySys_Audit("setopencodehook", NULL) < 0) {
        return -1;
    }
    if (_PyRuntime.open_code_hook != NULL) {
        if (Py_IsInitialized()) {
            PyErr_SetString(PyExc_SystemError, "failed to change existing open_code hook");
        }
        return -1;
    }
    _PyRuntime.open_code_hook = hook;
    _PyRuntime.open_code_userdata = userdata;
    return 0;
}

/* Drops a final newline; n < 0 makes an empty line an EOFError. */
static PyObject *
strip_newline(PyObject *line)
{
    if (PyBytes_Check(line)) {
        Py_ssize_t len = PyBytes_GET_SIZE(line);
        if (len == 0) {
            Py_DECREF(line);
            PyErr_SetString(PyExc_EOFError, "EOF when reading a line");
            return NULL;
        }
        if (PyBytes_AS_STRING(line)[len - 1] == '\n') {
            Py_SETREF(line, PyBytes_FromStringAndSize(PyBytes_AS_STRING(line), len - 1));
        }
        return line;
    }
    Py_ssize_t len = PyUnicode_GET_LENGTH(line);
    if (len == 0) {
        Py_DECREF(line);
        PyErr_SetString(PyExc_EOFError, "EOF when reading a line");
        return NULL;
    }
    if (PyUnicode_READ_CHAR(line, len - 1) == '\n') {
        Py_SETREF(line, PyUnicode_Substring(line, 0, len - 1));
    }
    return line;
}

/* p.readline(n); n == 0: whole line; n < 0: without its newline, EOFError at the end. */
PyObject *
PyFile_GetLine(PyObject *f, int n)
{
    if (f == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *result = n <= 0 ? PyObject_CallMethodNoArgs(f, &_Py_ID(readline))
                              : PyObject_CallMethod(f, "readline", "i", n);
    if (result != NULL && !PyBytes_Check(result) && !PyUnicode_Check(result)) {
        Py_DECREF(result);
        PyErr_SetString(PyExc_TypeError, "object.readline() returned non-string");
        return NULL;
    }
    return result != NULL && n < 0 ? strip_newline(result) : result;
}

/* f.write(str(v)) or, without Py_PRINT_RAW, f.write(repr(v)): 0, or -1. */
int
PyFile_WriteObject(PyObject *v, PyObject *f, int flags)
{
    if (f == NULL) {
        PyErr_SetString(PyExc_TypeError, "writeobject with NULL file");
        return -1;
    }
    PyObject *writer = PyObject_GetAttr(f, &_Py_ID(write));
    if (writer == NULL) {
        return -1;
    }
    PyObject *value = (flags & Py_PRINT_RAW) ? PyObject_Str(v) : PyObject_Repr(v);
    PyObject *result = value != NULL ? PyObject_CallOneArg(writer, value) : NULL;
    Py_XDECREF(value);
    Py_DECREF(writer);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

int
PyFile_WriteString(const char *s, PyObject *f)
{
    if (f == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "null file for PyFile_WriteString");
        }
        return -1;
    }
    if (PyErr_Occurred()) {
        return -1;
    }
    PyObject *v = PyUnicode_FromString(s);
    if (v == NULL) {
        return -1;
    }
    int err = PyFile_WriteObject(v, f, Py_PRINT_RAW);
    Py_DECREF(v);
    return err;
}

/* The descriptor of an int or of an object with fileno(): -1 with an error set. */
int
PyObject_AsFileDescriptor(PyObject *o)
{
    int fd;
    PyObject *meth;
    if (PyLong_Check(o)) {
        fd = _PyLong_AsInt(o);
    }
    else if (_PyObject_LookupAttr(o, &_Py_ID(fileno), &meth) < 0) {
        return -1;
    }
    else if (meth != NULL) {
        PyObject *fno = PyObject_CallNoArgs(meth);
        Py_DECREF(meth);
        if (fno == NULL) {
            return -1;
        }
        if (!PyLong_Check(fno)) {
            PyErr_SetString(PyExc_TypeError, "fileno() returned a non-integer");
            Py_DECREF(fno);
            return -1;
        }
        fd = _PyLong_AsInt(fno);
        Py_DECREF(fno);
    }
    else {
        PyErr_SetString(PyExc_TypeError, "argument must be an int, or have a fileno() method.");
        return -1;
    }
    if (fd == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (fd < 0) {
        PyErr_Format(PyExc_ValueError, "file descriptor cannot be a negative integer (%i)", fd);
        return -1;
    }
    return fd;
}

/* Converter for PyArg_Parse*(): 1, or 0 with an error set. */
int
_PyLong_FileDescriptor_Converter(PyObject *o, void *ptr)
{
    int fd = PyObject_AsFileDescriptor(o);
    if (fd == -1) {
        return 0;
    }
    *(int *)ptr = fd;
    return 1;
}

/* Like fgets(), but CR and CR LF end a line too and become LF.  *size, if wanted, gets the length
 * of the line, which may hold NUL characters. */
char *
_Py_UniversalNewlineFgetsWithSize(char *buf, int n, FILE *stream, PyObject *fobj, size_t *size)
{
    if (fobj != NULL) {
        errno = ENXIO;
        return NULL;
    }
    char *p = buf;
    int ch = 0;
    while (--n > 0 && (ch = getc(stream)) != EOF) {
        if (ch == '\r') {
            int next = getc(stream);
            if (next != '\n' && next != EOF) {
                ungetc(next, stream);
            }
            ch = '\n';
        }
        *p++ = (char)ch;
        if (ch == '\n') {
            break;
        }
    }
    *p = '\0';
    if (p == buf) {
        return NULL;
    }
    if (size != NULL) {
        *size = (size_t)(p - buf);
    }
    return buf;
}

char *
Py_UniversalNewlineFgets(char *buf, int n, FILE *stream, PyObject *fobj)
{
    return _Py_UniversalNewlineFgetsWithSize(buf, n, stream, fobj, NULL);
}

/* ---- the standard printer -------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    int fd;
} PyStdPrinter_Object;

PyObject *
PyFile_NewStdPrinter(int fd)
{
    if (fd != fileno(stdout) && fd != fileno(stderr)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyStdPrinter_Object *self = PyObject_New(PyStdPrinter_Object, &PyStdPrinter_Type);
    if (self != NULL) {
        self->fd = fd;
    }
    return (PyObject *)self;
}

static PyObject *
stdprinter_write(PyObject *self, PyObject *arg)
{
    int fd = ((PyStdPrinter_Object *)self)->fd;
    if (fd < 0) {
        Py_RETURN_NONE;         /* a program without terminal: nothing to write on */
    }
    if (!PyUnicode_Check(arg)) {
        PyErr_Format(PyExc_TypeError, "write() argument must be str, not %.200s",
                     Py_TYPE(arg)->tp_name);
        return NULL;
    }
    PyObject *bytes = _PyUnicode_AsUTF8String(arg, "backslashreplace");
    if (bytes == NULL) {
        return NULL;
    }
    const char *p = PyBytes_AS_STRING(bytes);
    Py_ssize_t left = PyBytes_GET_SIZE(bytes), total = 0;
    while (left > 0) {
        Py_ssize_t n = _Py_write(fd, p, (size_t)left);
        if (n < 0) {
            int full = errno == EAGAIN;
            Py_DECREF(bytes);
            if (full) {
                PyErr_Clear();
                Py_RETURN_NONE;
            }
            return NULL;
        }
        p += n;
        left -= n;
        total += n;
    }
    Py_DECREF(bytes);
    return PyLong_FromSsize_t(total);
}

static PyObject *
stdprinter_fileno(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(((PyStdPrinter_Object *)self)->fd);
}

static PyObject *
stdprinter_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<stdprinter(fd=%d) object at %p>",
                                ((PyStdPrinter_Object *)self)->fd, self);
}

static PyObject *
stdprinter_noop(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
    Py_RETURN_NONE;
}

static PyObject *
stdprinter_isatty(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    int fd = ((PyStdPrinter_Object *)self)->fd;
    return PyBool_FromLong(fd >= 0 && isatty(fd));
}

static PyObject *
stdprinter_closed(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    Py_RETURN_FALSE;
}

static PyObject *
stdprinter_encoding(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    Py_RETURN_NONE;
}

static PyMethodDef stdprinter_methods[] = {
    {"close", stdprinter_noop, METH_NOARGS, ""},
    {"flush", stdprinter_noop, METH_NOARGS, ""},
    {"fileno", stdprinter_fileno, METH_NOARGS, ""},
    {"isatty", stdprinter_isatty, METH_NOARGS, ""},
    {"write", stdprinter_write, METH_O, ""},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef stdprinter_getsetlist[] = {
    {"closed", stdprinter_closed, NULL, "True if the file is closed", NULL},
    {"encoding", stdprinter_encoding, NULL, "Encoding of the file", NULL},
    {"mode", stdprinter_encoding, NULL, "String giving the file mode", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

_Py_SHARED PyTypeObject PyStdPrinter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "stderrprinter",
    .tp_basicsize = sizeof(PyStdPrinter_Object),
    .tp_repr = stdprinter_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_methods = stdprinter_methods,
    .tp_getset = stdprinter_getsetlist,
};
