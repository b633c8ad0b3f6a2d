/* _iomodule.c - module _io: open() and its kin, the module's state, and the helpers of the folder.
 *
 * open() stacks the layers: FileIO at the bottom, a Buffered type unless buffering is 0, and a
 * TextIOWrapper in text mode.  When a layer cannot be made, the top one made so far is closed, and
 * the error of making stays the current exception.
 *
 * Written from the documentation of io and observed behaviour.
 */
#include "_iomodule.h"
#include "pycore_lifecycle.h"   // _PyIO_NewOpen()

#include <errno.h>

#include "sig/_iomodule.sig.h"

/* ---- helpers ---------------------------------------------------------------------------- */

/* io.UnsupportedOperation of this interpreter, borrowed; NULL with an error. */
static PyObject *
unsupported_operation(PyInterpreterState *interp)
{
    if (interp->io_unsupported == NULL) {
        interp->io_unsupported = PyObject_CallFunction(
            (PyObject *)&PyType_Type, "s(OO){ss}", "UnsupportedOperation", PyExc_OSError,
            PyExc_ValueError, "__module__", "io");
    }
    return interp->io_unsupported;
}

PyObject *
_PyIO_Unsupported(const char *message)
{
    PyObject *type = unsupported_operation(_PyInterpreterState_GET());
    if (type != NULL) {
        PyErr_SetString(type, message);
    }
    return NULL;
}

int
_PyIO_TrapEINTR(void)
{
    if (!PyErr_ExceptionMatches(PyExc_OSError)) {
        return 0;
    }
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *number = ((PyOSErrorObject *)exc)->myerrno;
    if (number != NULL && PyLong_CheckExact(number)) {
        int overflow;
        if (PyLong_AsLongAndOverflow(number, &overflow) == EINTR) {
            Py_DECREF(exc);
            return 1;
        }
    }
    PyErr_SetRaisedException(exc);
    return 0;
}

void
_PyIO_RaiseBlocking(Py_ssize_t written)
{
    PyObject *exc = PyObject_CallFunction(PyExc_BlockingIOError, "isn", EAGAIN,
                                          "write could not complete without blocking", written);
    if (exc != NULL) {
        PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
        Py_DECREF(exc);
    }
}

off_t
_PyIO_AsOff(PyObject *o, PyObject *exc)
{
    static_assert(sizeof(off_t) == sizeof(Py_ssize_t), "offsets are parsed as sizes");
    return PyNumber_AsSsize_t(o, exc);
}

void
_PyIO_ChainException(PyObject *exc)
{
    if (exc != NULL) {
        _PyErr_ChainExceptions1(exc);
    }
}

int
_PyIO_AttrTrue(PyObject *o, PyObject *name)
{
    PyObject *value = PyObject_GetAttr(o, name);
    if (value == NULL) {
        return -1;
    }
    int result = PyObject_IsTrue(value);
    Py_DECREF(value);
    return result;
}

PyObject *
_PyIO_CannotPickle(PyObject *self, PyObject *Py_UNUSED(args))
{
    const char *name = strrchr(Py_TYPE(self)->tp_name, '.');
    PyErr_Format(PyExc_TypeError, "cannot pickle '%.100s' instances",
                 name == NULL ? Py_TYPE(self)->tp_name : name + 1);
    return NULL;
}

/* ---- the types ------------------------------------------------------------------------- */

/* All types, bases first.  _BytesIOBuffer is a name of the module, too. */
static PyTypeObject *const io_types[] = {
    &_PyIOBase_Type, &_PyRawIOBase_Type, &_PyBufferedIOBase_Type, &_PyTextIOBase_Type,
    &_PyIncrementalNewlineDecoder_Type, &_PyBytesIOBuffer_Type, &_PyFileIO_Type, &_PyBytesIO_Type,
    &_PyBufferedReader_Type, &_PyBufferedWriter_Type, &_PyBufferedRWPair_Type,
    &_PyBufferedRandom_Type, &_PyStringIO_Type, &_PyTextIOWrapper_Type,
};

/* Needed before a stream is made; costs a few loads when another interpreter did it. */
static int
make_types_ready(PyThreadState *tstate)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(io_types); i++) {
        if (_PyStaticType_InitBuiltin(tstate, io_types[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- open ------------------------------------------------------------------------------- */

/* What a mode string asks for. */
struct open_mode {
    bool creating, reading, writing, appending, updating;
    bool text, binary;
};

static int
parse_mode(const char *mode, struct open_mode *m)
{
    memset(m, 0, sizeof(*m));
    for (const char *p = mode; *p != '\0'; p++) {
        bool *field;
        switch (*p) {
        case 'x': field = &m->creating; break;
        case 'r': field = &m->reading; break;
        case 'w': field = &m->writing; break;
        case 'a': field = &m->appending; break;
        case '+': field = &m->updating; break;
        case 't': field = &m->text; break;
        case 'b': field = &m->binary; break;
        default: field = NULL;
        }
        if (field == NULL || *field) {
            PyErr_Format(PyExc_ValueError, "invalid mode: '%s'", mode);
            return -1;
        }
        *field = true;
    }
    if (m->text && m->binary) {
        PyErr_SetString(PyExc_ValueError, "can't have text and binary mode at once");
        return -1;
    }
    if (m->creating + m->reading + m->writing + m->appending > 1) {
        PyErr_SetString(PyExc_ValueError,
                        "must have exactly one of create/read/write/append mode");
        return -1;
    }
    return 0;
}

static int
check_binary_arguments(const char *encoding, const char *errors, const char *newline)
{
    const char *name = encoding != NULL ? "an encoding"
                       : errors != NULL ? "an errors" : newline != NULL ? "a newline" : NULL;
    if (name != NULL) {
        PyErr_Format(PyExc_ValueError, "binary mode doesn't take %s argument", name);
        return -1;
    }
    return 0;
}

/* Size of the buffer above `raw`: what the file system likes. */
static Py_ssize_t
preferred_buffering(PyObject *raw)
{
    PyObject *size = PyObject_GetAttr(raw, &_Py_ID(_blksize));
    if (size == NULL) {
        return -1;
    }
    Py_ssize_t n = PyLong_AsSsize_t(size);
    Py_DECREF(size);
    if (n == -1 && PyErr_Occurred()) {
        return -1;
    }
    return n;
}

/* Close `stream` (stolen) because of the current exception, which goes on. */
static void
close_after_error(PyObject *stream)
{
    PyObject *exc = PyErr_GetRaisedException();
    assert(exc != NULL);
    PyObject *res = PyObject_CallMethodNoArgs(stream, &_Py_ID(close));
    Py_XDECREF(res);
    _PyErr_ChainExceptions1(exc);
    Py_DECREF(stream);
}

/* The layers above `raw` (stolen). */
static PyObject *
stack_layers(PyObject *raw, const struct open_mode *m, const char *mode, int buffering,
             const char *encoding, const char *errors, const char *newline)
{
    PyObject *top = raw, *layer;
    bool line_buffering = false;
    int isatty = 0;
    if (buffering < 0) {
        PyObject *res = PyObject_CallMethodNoArgs(raw, &_Py_ID(isatty));
        if (res == NULL) {
            goto error;
        }
        isatty = PyObject_IsTrue(res);
        Py_DECREF(res);
        if (isatty < 0) {
            goto error;
        }
    }
    if (buffering == 1 || isatty) {
        buffering = -1;
        line_buffering = true;
    }
    if (buffering < 0) {
        Py_ssize_t n = preferred_buffering(raw);
        if (n < 0 && PyErr_Occurred()) {
            goto error;
        }
        buffering = (int)Py_MIN(n, INT_MAX);
    }
    if (buffering < 0) {
        PyErr_SetString(PyExc_ValueError, "invalid buffering size");
        goto error;
    }
    if (buffering == 0) {
        if (!m->binary) {
            PyErr_SetString(PyExc_ValueError, "can't have unbuffered text I/O");
            goto error;
        }
        return raw;
    }
    PyTypeObject *type = m->updating ? &_PyBufferedRandom_Type
                         : m->reading ? &_PyBufferedReader_Type : &_PyBufferedWriter_Type;
    layer = PyObject_CallFunction((PyObject *)type, "Oi", raw, buffering);
    if (layer == NULL) {
        goto error;
    }
    Py_DECREF(raw);
    top = layer;
    if (m->binary) {
        return top;
    }
    layer = PyObject_CallFunction((PyObject *)&_PyTextIOWrapper_Type, "OsssO", top, encoding,
                                  errors, newline, line_buffering ? Py_True : Py_False);
    if (layer == NULL) {
        goto error;
    }
    Py_DECREF(top);
    top = layer;
    PyObject *text = PyUnicode_FromString(mode);
    if (text == NULL || PyObject_SetAttr(top, &_Py_ID(mode), text) < 0) {
        Py_XDECREF(text);
        goto error;
    }
    Py_DECREF(text);
    return top;
error:
    close_after_error(top);
    return NULL;
}

/*sig _io.open(module, file, mode: utf8 = 'r', buffering: int = -1,
               encoding: utf8_none = None, errors: utf8_none = None, newline: utf8_none = None,
               closefd: bool = True, opener = None)

Open file and return a stream.  Raise OSError upon failure.

file is either a text or byte string giving the name (and the path
if the file isn't in the current working directory) of the file to
be opened or an integer file descriptor of the file to be wrapped.
(If a file descriptor is given, it is closed when the returned I/O
object is closed, unless closefd is set to False.)

mode is an optional string: 'r' reads (the default), 'w' writes and
truncates first, 'x' creates a new file and fails if it exists, 'a'
appends; 'b' selects binary mode, 't' text mode (the default), and
'+' opens for updating.

buffering is 0 for none (binary mode only), 1 for line buffering
(text mode only), or the size of the buffer.  By default the buffer
has the block size of the device, and interactive text files are
line buffered.

encoding and errors tell how text is coded, see the codecs module;
without encoding, it is locale.getencoding().

newline controls line endings in text mode.  None translates '\r',
'\r\n' and '\n' to '\n' on input and '\n' to os.linesep on output.
With '' lines end at any of the three and are left untranslated.
With '\n', '\r' or '\r\n' input lines end only there and '\n' is
written as that string.

If closefd is False, the file descriptor stays open when the file is
closed.  A custom opener is called with (file, flags) and returns an
open file descriptor.

The result is a TextIOWrapper in text mode; in binary mode it is a
BufferedReader, BufferedWriter or BufferedRandom, or a FileIO if
buffering is 0.
*/
static PyObject *
io_open_impl(PyObject *module, PyObject *file, const char *mode, int buffering,
             const char *encoding, const char *errors, const char *newline, int closefd,
             PyObject *opener)
{
    if (module == NULL && make_types_ready(_PyThreadState_GET()) < 0) {
        return NULL;            /* builtins.open exists before its module, see _PyIO_NewOpen() */
    }
    PyObject *path = PyNumber_Check(file) ? Py_NewRef(file) : PyOS_FSPath(file);
    if (path == NULL) {
        return NULL;
    }
    struct open_mode m;
    PyObject *result = NULL;
    if (parse_mode(mode, &m) < 0
        || (m.binary && check_binary_arguments(encoding, errors, newline) < 0))
    {
        goto done;
    }
    if (m.binary && buffering == 1) {
        if (PyErr_WarnEx(PyExc_RuntimeWarning, "line buffering (buffering=1) isn't supported in "
                         "binary mode, the default buffer size will be used", 1) < 0)
        {
            goto done;
        }
    }
    char rawmode[6], *p = rawmode;
    /* FileIO complains if there is none of these */
    if (m.creating || m.reading || m.writing || m.appending) {
        *p++ = m.creating ? 'x' : m.reading ? 'r' : m.writing ? 'w' : 'a';
    }
    if (m.updating) {
        *p++ = '+';
    }
    *p = '\0';
    PyObject *raw = PyObject_CallFunction((PyObject *)&_PyFileIO_Type, "OsOO", path, rawmode,
                                          closefd ? Py_True : Py_False, opener);
    if (raw != NULL) {
        result = stack_layers(raw, &m, mode, buffering, encoding, errors, newline);
    }
done:
    Py_DECREF(path);
    return result;
}

/* ---- standard streams: without the module -------------------------------------------------- */

PyObject *
_PyIO_OpenStandard(PyThreadState *tstate, int fd, int writing, int buffering)
{
    PyObject *file = PyLong_FromLong(fd);
    if (file == NULL || make_types_ready(tstate) < 0) {
        Py_XDECREF(file);
        return NULL;
    }
    PyObject *stream = io_open_impl(NULL, file, writing ? "wb" : "rb", buffering, NULL, NULL, NULL,
                                    0, Py_None);
    Py_DECREF(file);
    return stream;
}

/*sig _io.open_code(module, path: unicode)

Opens the provided file with the intent to import the contents.

This may perform extra validation beyond open(), but is otherwise interchangeable
with calling open(path, 'rb').
*/
static PyObject *
io_open_code_impl(PyObject *Py_UNUSED(module), PyObject *path)
{
    return PyFile_OpenCodeObject(path);
}

/*sig _io.text_encoding(module, encoding, stacklevel: int = 2, /)

A helper function to choose the text encoding.

When encoding is not None, this function returns it.
Otherwise, this function returns the default text encoding
(i.e. "locale" or "utf-8" depends on UTF-8 mode).

This function emits an EncodingWarning if encoding is None and
sys.flags.warn_default_encoding is true.

This can be used in APIs with an encoding=None parameter.
However, please consider using encoding="utf-8" for new APIs.
*/
static PyObject *
io_text_encoding_impl(PyObject *Py_UNUSED(module), PyObject *encoding, int stacklevel)
{
    if (encoding != NULL && encoding != Py_None) {
        return Py_NewRef(encoding);
    }
    if (_Py_GetConfig()->warn_default_encoding
        && PyErr_WarnEx(PyExc_EncodingWarning, "'encoding' argument not specified", stacklevel) < 0)
    {
        return NULL;
    }
    return PyUnicode_FromString(Py_UTF8Mode ? "utf-8" : "locale");
}

/* ---- the module -------------------------------------------------------------------------- */

static const PyMethodDef io_methods[] = {
    IO_OPEN_METHODDEF
    IO_TEXT_ENCODING_METHODDEF
    IO_OPEN_CODE_METHODDEF
    {NULL, NULL}
};

static int
add_types(PyObject *module)
{
    if (make_types_ready(_PyThreadState_GET()) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(io_types); i++) {
        if (PyModule_AddType(module, io_types[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* The function `open` before its module: making an interpreter does not make _io.  New
   reference. */
PyObject *
_PyIO_NewOpen(void)
{
    return PyCFunction_NewEx((PyMethodDef *)&io_methods[0], NULL, &_Py_ID(_io));
}

/* builtins.open becomes this module's open. */
static int
adopt_open(PyObject *module)
{
    PyObject *open = _PyInterpreterState_GET()->builtin_open;
    if (open == NULL || PyCFunction_GET_SELF(open) != NULL) {
        return 0;           /* a second instance of the module has its own */
    }
    ((PyCFunctionObject *)open)->m_self = Py_NewRef(module);
    return PyModule_AddObjectRef(module, "open", open);
}

static int
io_exec(PyObject *module)
{
    PyObject *unsupported = unsupported_operation(_PyInterpreterState_GET());
    if (unsupported == NULL ||
        PyModule_AddIntConstant(module, "DEFAULT_BUFFER_SIZE", IO_DEFAULT_BUFFER_SIZE) < 0 ||
        PyModule_AddObjectRef(module, "UnsupportedOperation", unsupported) < 0 ||
        PyModule_AddObjectRef(module, "BlockingIOError", PyExc_BlockingIOError) < 0 ||
        add_types(module) < 0) {
        return -1;
    }
    return adopt_open(module);
}

PyDoc_STRVAR(io_doc,
"The io module provides the Python interfaces to stream handling. The\n"
"builtin open function is defined in this module.\n"
"\n"
"At the top of the I/O hierarchy is the abstract base class IOBase. It\n"
"defines the basic interface to a stream. RawIOBase reads and writes raw\n"
"bytes; FileIO is its subclass for files of the operating system.\n"
"BufferedIOBase buffers a raw stream: BufferedReader, BufferedWriter,\n"
"BufferedRWPair and BufferedRandom; BytesIO is a stream of bytes in memory.\n"
"TextIOBase codes text: TextIOWrapper above a buffered stream, and StringIO\n"
"in memory.\n"
"\n"
"Argument names are not part of the specification, and only the arguments\n"
"of open() are intended to be used as keyword arguments.\n"
"\n"
"data:\n"
"\n"
"DEFAULT_BUFFER_SIZE\n"
"\n"
"   An int containing the default buffer size used by the module's buffered\n"
"   I/O classes. open() uses the file's blksize (as obtained by os.stat) if\n"
"   possible.\n");

static const PyModuleDef_Slot io_slots[] = {
    {Py_mod_exec, io_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

_Py_SHARED struct PyModuleDef _PyIO_Module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_io",
    .m_doc = io_doc,
    .m_methods = (PyMethodDef *)io_methods,
    .m_slots = (PyModuleDef_Slot *)io_slots,
};

PyMODINIT_FUNC
PyInit__io(void)
{
    return PyModuleDef_Init(&_PyIO_Module);
}
