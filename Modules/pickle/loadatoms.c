/* pickle: numbers, strings, bytes and buffers are read.
 *
 * A size in a pickle is a claim.  Memory for more than PIECE bytes from a file is only made
 * as they arrive; in memory there is nothing to be read behind the end.
 *
 * Written from the library reference (pickletools) and observed behaviour for damaged pickles.
 */
#include "pickle.h"
#include "pycore_strings.h"     // _Py_ID

#include <errno.h>
#include <stdlib.h>

#define PIECE (64 * 1024 * 1024)

/* --- Numbers as text -------------------------------------------------------------------------- */

/* A line as a C string. */
struct text {
    char *start;
    Py_ssize_t size;            /* of the line, with its end */
    char small[64];
};

/* Read a line that is not empty: 0, or -1 with an exception.  It must be freed. */
static int
fetch_text(struct loading *u, struct text *text)
{
    const char *line;
    text->size = _PyPickle_FetchLine(u, &line);
    if (text->size < 0) {
        return -1;
    }
    if (text->size < 2) {
        return _PyPickle_Truncated(u);
    }
    text->start = text->small;
    if ((size_t)text->size >= sizeof(text->small)) {
        text->start = PyMem_Malloc((size_t)text->size + 1);
        if (text->start == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    memcpy(text->start, line, (size_t)text->size);
    text->start[text->size] = '\0';
    return 0;
}

static void
free_text(struct text *text)
{
    if (text->start != text->small) {
        PyMem_Free(text->start);
    }
}

/* An int or bool: new reference, or NULL with an exception. */
static PyObject *
int_of_text(const struct text *text)
{
    char *end;
    errno = 0;
    long value = strtol(text->start, &end, 0);
    if (errno == 0 && (*end == '\n' || *end == '\0')) {
        /* Bools have a leading zero, ints have not. */
        return text->size == 3 && (value == 0 || value == 1) ? PyBool_FromLong(value)
                                                             : PyLong_FromLong(value);
    }
    PyObject *number = PyLong_FromString(text->start, NULL, 0);
    if (number == NULL) {
        PyErr_SetString(PyExc_ValueError, "could not convert string to int");
    }
    return number;
}

int
_PyPickle_LoadInt(struct loading *u)
{
    struct text text;
    if (fetch_text(u, &text) < 0) {
        return -1;
    }
    PyObject *number = int_of_text(&text);
    free_text(&text);
    return push(u, number);
}

int
_PyPickle_LoadLong(struct loading *u)
{
    struct text text;
    if (fetch_text(u, &text) < 0) {
        return -1;
    }
    if (text.start[text.size - 2] == 'L') {
        text.start[text.size - 2] = '\0';
    }
    PyObject *number = PyLong_FromString(text.start, NULL, 0);
    free_text(&text);
    return push(u, number);
}

int
_PyPickle_LoadFloat(struct loading *u)
{
    struct text text;
    char *end;
    PyObject *number = NULL;
    if (fetch_text(u, &text) < 0) {
        return -1;
    }
    double value = PyOS_string_to_double(text.start, &end, PyExc_OverflowError);
    if (value == -1.0 && PyErr_Occurred()) {
        /* number stays NULL */
    }
    else if (*end != '\n' && *end != '\0') {
        PyErr_SetString(PyExc_ValueError, "could not convert string to float");
    }
    else {
        number = PyFloat_FromDouble(value);
    }
    free_text(&text);
    return push(u, number);
}

int
_PyPickle_FetchIndex(struct loading *u, Py_ssize_t *index, bool for_top)
{
    struct text text;
    if (fetch_text(u, &text) < 0) {
        return -1;
    }
    bool is_empty = u->stack->used <= u->stack->fence;
    PyObject *number = for_top && is_empty ? (_PyPickle_Underflow(u), NULL)
                                           : PyLong_FromString(text.start, NULL, 10);
    free_text(&text);
    if (number == NULL) {
        return -1;
    }
    *index = PyLong_AsSsize_t(number);
    Py_DECREF(number);
    return *index == -1 && PyErr_Occurred() ? -1 : 0;
}

/* --- Binary numbers --------------------------------------------------------------------------- */

int
_PyPickle_LoadCountedLong(struct loading *u, int bytes)
{
    const char *at = fetch(u, bytes);
    if (at == NULL) {
        return -1;
    }
    Py_ssize_t size = bytes == 1 ? (Py_ssize_t)get_little(at, 1) : (int32_t)get_little(at, 4);
    if (size < 0) {
        PyErr_SetString(u->state->UnpicklingError, "LONG pickle has negative byte count");
        return -1;
    }
    if (size == 0) {
        return push(u, PyLong_FromLong(0));
    }
    at = fetch(u, size);
    return at == NULL ? -1 : push(u, _PyLong_FromByteArray((const unsigned char *)at,
                                                           (size_t)size, 1, 1));
}

int
_PyPickle_LoadBinFloat(struct loading *u)
{
    const char *at = fetch(u, 8);
    if (at == NULL) {
        return -1;
    }
    double value = PyFloat_Unpack8(at, 0);
    return value == -1.0 && PyErr_Occurred() ? -1 : push(u, PyFloat_FromDouble(value));
}

/* --- Strings ---------------------------------------------------------------------------------- */

/* Decode by any codec, which may be foreign code: all arguments are copied. */
static PyObject *
decode_copy(const char *data, Py_ssize_t size, const char *encoding, const char *errors)
{
    PyObject *bytes = PyBytes_FromStringAndSize(data, size), *result = NULL;
    PyObject *names = bytes != NULL ? Py_BuildValue("(ss)", encoding, errors) : NULL;
    if (names != NULL) {
        encoding = PyUnicode_AsUTF8(PyTuple_GET_ITEM(names, 0));
        errors = PyUnicode_AsUTF8(PyTuple_GET_ITEM(names, 1));
        if (encoding != NULL && errors != NULL) {
            result = PyUnicode_FromEncodedObject(bytes, encoding, errors);
        }
        Py_DECREF(names);
    }
    Py_XDECREF(bytes);
    return result;
}

/* str of Python 2 as the caller wants it. */
static int
push_old_string(struct loading *u, const char *data, Py_ssize_t size)
{
    if (strcmp(u->encoding, "bytes") == 0) {
        return push(u, PyBytes_FromStringAndSize(data, size));
    }
    if (strcmp(u->encoding, "ASCII") == 0 && strcmp(u->errors, "strict") == 0) {
        return push(u, PyUnicode_DecodeASCII(data, size, NULL));
    }
    return push(u, decode_copy(data, size, u->encoding, u->errors));
}

int
_PyPickle_LoadString(struct loading *u)
{
    const char *line;
    Py_ssize_t size = _PyPickle_FetchLine(u, &line);
    if (size < 0) {
        return -1;
    }
    size--;
    if (size < 2 || line[0] != line[size - 1] || (line[0] != '"' && line[0] != '\'')) {
        PyErr_SetString(u->state->UnpicklingError, "the STRING opcode argument must be quoted");
        return -1;
    }
    PyObject *bytes = PyBytes_DecodeEscape(line + 1, size - 2, NULL, 0, NULL);
    if (bytes == NULL) {
        return -1;
    }
    int result = push_old_string(u, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    return result;
}

/* A size of so many bytes: -1 with an exception. */
static Py_ssize_t
fetch_size(struct loading *u, int bytes, const char *what)
{
    const char *at = fetch(u, bytes);
    if (at == NULL) {
        return -1;
    }
    size_t size = get_little(at, bytes);
    if (size > (size_t)PY_SSIZE_T_MAX) {
        PyErr_Format(PyExc_OverflowError, "%s exceeds system's maximum size of %zd bytes", what,
                     PY_SSIZE_T_MAX);
        return -1;
    }
    return (Py_ssize_t)size;
}

int
_PyPickle_LoadCountedString(struct loading *u, int bytes)
{
    Py_ssize_t size = fetch_size(u, bytes, "BINSTRING");
    const char *at = size >= 0 ? fetch(u, size) : NULL;
    return at != NULL ? push_old_string(u, at, size) : -1;
}

int
_PyPickle_LoadUnicode(struct loading *u)
{
    const char *line;
    Py_ssize_t size = _PyPickle_FetchLine(u, &line);
    return size < 0 ? -1 : push(u, PyUnicode_DecodeRawUnicodeEscape(line, size - 1, NULL));
}

int
_PyPickle_LoadCountedUnicode(struct loading *u, int bytes)
{
    Py_ssize_t size = fetch_size(u, bytes, "BINUNICODE");
    const char *at = size >= 0 ? fetch(u, size) : NULL;
    return at != NULL ? push(u, PyUnicode_DecodeUTF8(at, size, "surrogatepass")) : -1;
}

/* --- Bytes ------------------------------------------------------------------------------------ */

/* Can so many bytes still come?  0, or -1 with UnpicklingError. */
static int
check_left(struct loading *u, Py_ssize_t size)
{
    const struct input *in = &u->in;
    return in->read == NULL && size > in->view.len - in->next ? _PyPickle_Truncated(u) : 0;
}

int
_PyPickle_LoadCountedBytes(struct loading *u, int bytes)
{
    Py_ssize_t size = fetch_size(u, bytes, "BINBYTES");
    if (size < 0 || check_left(u, size) < 0) {
        return -1;
    }
    PyObject *object = NULL;
    for (Py_ssize_t got = 0, next; object == NULL || got < size; got = next) {
        next = Py_MIN(size, got < PIECE ? PIECE : 2 * got);
        if (object == NULL) {
            object = PyBytes_FromStringAndSize(NULL, next);
        }
        else if (Py_REFCNT(object) > 1) {
            PyErr_SetString(PyExc_BufferError, "readinto() has kept a view of its buffer");
            Py_CLEAR(object);
        }
        else {
            _PyBytes_Resize(&object, next);
        }
        if (object == NULL) {
            return -1;
        }
        if (_PyPickle_FetchInto(u, object, PyBytes_AS_STRING(object) + got, next - got) < 0) {
            Py_DECREF(object);
            return -1;
        }
    }
    return push(u, object);
}

int
_PyPickle_LoadByteArray(struct loading *u)
{
    Py_ssize_t size = fetch_size(u, 8, "BYTEARRAY8");
    PyObject *object = size >= 0 && check_left(u, size) == 0
                       ? PyByteArray_FromStringAndSize(NULL, 0) : NULL;
    if (object == NULL) {
        return -1;
    }
    for (Py_ssize_t got = 0, next; got < size; got = next) {
        next = Py_MIN(size, got < PIECE ? PIECE : 2 * got);
        if (PyByteArray_Resize(object, next) < 0
            || _PyPickle_FetchInto(u, object, PyByteArray_AS_STRING(object) + got, next - got) < 0)
        {
            Py_DECREF(object);
            return -1;
        }
    }
    return push(u, object);
}

/* --- Buffers ---------------------------------------------------------------------------------- */

int
_PyPickle_LoadNextBuffer(struct loading *u)
{
    PyObject *error = u->state->UnpicklingError;
    if (u->buffers == NULL) {
        PyErr_SetString(error, "pickle stream refers to out-of-band data but no *buffers* "
                               "argument was given");
        return -1;
    }
    PyObject *buffers = Py_NewRef(u->buffers);
    PyObject *buffer = PyIter_Next(buffers);
    Py_DECREF(buffers);
    if (buffer == NULL && !PyErr_Occurred()) {
        PyErr_SetString(error, "not enough out-of-band buffers");
    }
    return push(u, buffer);
}

int
_PyPickle_LoadReadOnlyBuffer(struct loading *u)
{
    PyObject *buffer = pop(u);
    PyObject *view = buffer != NULL ? PyMemoryView_FromObject(buffer) : NULL;
    if (view == NULL) {
        Py_XDECREF(buffer);
        return -1;
    }
    if (PyMemoryView_GET_BUFFER(view)->readonly) {
        Py_DECREF(view);
        return push(u, buffer);
    }
    Py_DECREF(buffer);
    PyObject *frozen = PyObject_CallMethodNoArgs(view, &_Py_ID(toreadonly));
    Py_DECREF(view);
    return push(u, frozen);
}
