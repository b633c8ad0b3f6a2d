/* stringio.c - StringIO: a text stream in memory.
 *
 * Two forms.  While text is only appended, it goes to a str writer (`appending`), and pos and
 * length are its end.  The first other operation turns that into an array of code points,
 * buf[0:length], and pos may lie anywhere, also behind the end: writing there fills the gap
 * with NUL characters.  Newlines are translated when text is written; the contents are what read()
 * gives.
 *
 * Written from the documentation of io and observed behaviour.
 */
#include "_iomodule.h"

typedef struct {
    PyObject_HEAD
    Py_UCS4 *buf;               /* NULL while appending */
    Py_ssize_t size;            /* room in buf */
    Py_ssize_t length;
    Py_ssize_t pos;
    _PyUnicodeWriter writer;    /* valid while appending */
    bool ok;                    /* __init__() succeeded */
    bool closed;
    bool appending;
    bool read_universal;        /* lines end at \n, \r and \r\n */
    bool read_translate;        /* ... which are made \n when written */
    PyObject *decoder;          /* IncrementalNewlineDecoder, or NULL */
    PyObject *read_newline;     /* str argument, or NULL for None */
    PyObject *write_newline;    /* what \n becomes; NULL: it stays */
    PyObject *dict;
    PyObject *weakreflist;
} stringio;

static inline stringio *
stringio_cast(PyObject *op)
{
    return (stringio *)op;
}

#include "sig/stringio.sig.h"

/* ---- the buffer --------------------------------------------------------------------------- */

static int
check_open(stringio *self)
{
    if (!self->ok) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on uninitialized object");
        return -1;
    }
    if (self->closed) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on closed file");
        return -1;
    }
    assert(!self->appending || (self->buf == NULL && self->pos == self->length));
    return 0;
}

static void
start_appending(stringio *self)
{
    assert(!self->appending && self->length == 0);
    PyMem_Free(self->buf);
    self->buf = NULL;
    self->size = 0;
    _PyUnicodeWriter_Init(&self->writer);
    self->writer.overallocate = 1;
    self->appending = true;
}

static void
stop_appending(stringio *self)
{
    if (self->appending) {
        _PyUnicodeWriter_Dealloc(&self->writer);
        self->appending = false;
    }
}

/* Room for `size` code points in buf. */
static int
make_room(stringio *self, Py_ssize_t size)
{
    assert(!self->appending);
    if (size <= self->size) {
        return 0;
    }
    Py_ssize_t more = (size >> 3) + 8, limit = PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(Py_UCS4);
    if (size > limit) {
        PyErr_SetString(PyExc_OverflowError, "new buffer size too large");
        return -1;
    }
    Py_ssize_t room = size < limit - more ? size + more : size;
    Py_UCS4 *p = PyMem_Realloc(self->buf, room * sizeof(Py_UCS4));
    if (p == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->buf = p;
    self->size = room;
    return 0;
}

/* The text collected by the writer, which goes on from it. */
static PyObject *
appended_text(stringio *self)
{
    assert(self->appending);
    PyObject *text = _PyUnicodeWriter_Finish(&self->writer);
    _PyUnicodeWriter_Init(&self->writer);
    self->writer.overallocate = 1;
    if (text == NULL || _PyUnicodeWriter_WriteStr(&self->writer, text) < 0) {
        stop_appending(self);
        self->pos = self->length = 0;
        Py_CLEAR(text);
    }
    return text;
}

/* Go over to the array. */
static int
use_array(stringio *self)
{
    if (!self->appending) {
        return 0;
    }
    PyObject *text = _PyUnicodeWriter_Finish(&self->writer);
    self->appending = false;
    Py_ssize_t n = text == NULL ? 0 : PyUnicode_GET_LENGTH(text);
    if (text == NULL || make_room(self, n) < 0
        || (n > 0 && PyUnicode_AsUCS4(text, self->buf, self->size, 0) == NULL))
    {
        Py_XDECREF(text);
        self->pos = self->length = 0;
        return -1;
    }
    Py_DECREF(text);
    assert(n == self->length);
    return 0;
}

static PyObject *
make_str(const Py_UCS4 *s, Py_ssize_t n)
{
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, s, n);
}

/* Write text at pos, newlines translated. */
static int
write_text(stringio *self, PyObject *text)
{
    PyObject *out;
    if (self->decoder != NULL) {
        out = _PyIncrementalNewlineDecoder_Decode(self->decoder, text, 1);
    }
    else {
        out = Py_NewRef(text);
    }
    if (out != NULL && self->write_newline != NULL) {
        PyObject *newline = PyUnicode_FromString("\n");
        PyObject *translated = newline == NULL
            ? NULL : PyUnicode_Replace(out, newline, self->write_newline, -1);
        Py_XDECREF(newline);
        Py_SETREF(out, translated);
    }
    if (out == NULL) {
        return -1;
    }
    int result = -1;
    Py_ssize_t n = PyUnicode_GET_LENGTH(out);
    if (n > PY_SSIZE_T_MAX - self->pos) {
        PyErr_SetString(PyExc_OverflowError, "new position too large");
        goto done;
    }
    Py_ssize_t end = self->pos + n;
    if (self->appending) {
        if (_PyUnicodeWriter_WriteStr(&self->writer, out) < 0) {
            goto done;
        }
    }
    else if (n > 0) {
        if (make_room(self, end) < 0) {
            goto done;
        }
        if (self->pos > self->length) {
            memset(self->buf + self->length, 0, (self->pos - self->length) * sizeof(Py_UCS4));
        }
        if (PyUnicode_AsUCS4(out, self->buf + self->pos, n, 0) == NULL) {
            goto done;
        }
    }
    if (n > 0) {
        self->pos = end;
        self->length = Py_MAX(self->length, end);
    }
    result = 0;
done:
    Py_DECREF(out);
    return result;
}

/* The line at pos, at most `limit` characters if that is not negative. */
static PyObject *
take_line(stringio *self, Py_ssize_t limit)
{
    assert(!self->appending);
    if (self->pos >= self->length) {
        return PyUnicode_New(0, 0);
    }
    Py_ssize_t consumed, end = self->length;
    if (limit >= 0 && limit < end - self->pos) {
        end = self->pos + limit;
    }
    PyObject *ending = self->read_newline;
    if (ending != NULL && PyUnicode_GET_LENGTH(ending) == 0) {
        ending = NULL;
    }
    Py_ssize_t stop = _PyIO_FindLineEnding(self->read_translate, self->read_universal, ending,
                                           PyUnicode_4BYTE_KIND, self->buf, self->pos, end,
                                           &consumed);
    if (stop < 0) {
        stop = end;
    }
    PyObject *line = make_str(self->buf + self->pos, stop - self->pos);
    if (line != NULL) {
        self->pos = stop;
    }
    return line;
}

/* ---- methods ------------------------------------------------------------------------------ */

/*sig _io.StringIO.getvalue(self)

Retrieve the entire contents of the object.
*/
static PyObject *
stringio_getvalue_impl(stringio *self)
{
    if (check_open(self) < 0) {
        return NULL;
    }
    return self->appending ? appended_text(self) : make_str(self->buf, self->length);
}

/*sig _io.StringIO.tell(self)

Tell the current file position.
*/
static PyObject *
stringio_tell_impl(stringio *self)
{
    return check_open(self) < 0 ? NULL : PyLong_FromSsize_t(self->pos);
}

/*sig _io.StringIO.read(self, size: ssize_none = -1, /)

Read at most size characters, returned as a string.

If the argument is negative or omitted, read until EOF
is reached. Return an empty string at EOF.
*/
static PyObject *
stringio_read_impl(stringio *self, Py_ssize_t size)
{
    if (check_open(self) < 0) {
        return NULL;
    }
    Py_ssize_t n = self->pos < self->length ? self->length - self->pos : 0;
    if (size >= 0 && size < n) {
        n = size;
    }
    if (n == 0) {
        return PyUnicode_New(0, 0);
    }
    if (use_array(self) < 0) {
        return NULL;
    }
    PyObject *text = make_str(self->buf + self->pos, n);
    if (text != NULL) {
        self->pos += n;
    }
    return text;
}

/*sig _io.StringIO.readline(self, size: ssize_none = -1, /)

Read until newline or EOF.

Returns an empty string if EOF is hit immediately.
*/
static PyObject *
stringio_readline_impl(stringio *self, Py_ssize_t size)
{
    return check_open(self) < 0 || use_array(self) < 0 ? NULL : take_line(self, size);
}

static PyObject *
stringio_iternext(PyObject *op)
{
    stringio *self = stringio_cast(op);
    if (check_open(self) < 0 || use_array(self) < 0) {
        return NULL;
    }
    PyObject *line;
    if (Py_IS_TYPE(op, &_PyStringIO_Type)) {
        line = take_line(self, -1);
    }
    else {
        line = _PyIO_CallReadLine(op);
    }
    if (line != NULL && PyUnicode_GET_LENGTH(line) == 0) {
        Py_CLEAR(line);
    }
    return line;
}

/*sig _io.StringIO.truncate(self, pos = None, /)

Truncate size to pos.

The pos argument defaults to the current file position, as
returned by tell().  The current file position is unchanged.
Returns the new absolute position.
*/
static PyObject *
stringio_truncate_impl(stringio *self, PyObject *pos_arg)
{
    Py_ssize_t pos = self->pos;
    if (!_Py_convert_optional_to_ssize_t(pos_arg, &pos) || check_open(self) < 0) {
        return NULL;
    }
    if (pos < 0) {
        PyErr_Format(PyExc_ValueError, "Negative size value %zd", pos);
        return NULL;
    }
    if (pos < self->length) {
        if (use_array(self) < 0) {
            return NULL;
        }
        self->length = pos;
    }
    return PyLong_FromSsize_t(pos);
}

/*sig _io.StringIO.seek(self, pos: ssize, whence: int = 0, /)

Change stream position.

Seek to character offset pos relative to position indicated by whence:
    0  Start of stream (the default).  pos should be >= 0;
    1  Current position - pos must be 0;
    2  End of stream - pos must be 0.
Returns the new absolute position.
*/
static PyObject *
stringio_seek_impl(stringio *self, Py_ssize_t pos, int whence)
{
    if (check_open(self) < 0) {
        return NULL;
    }
    if (whence != 0 && whence != 1 && whence != 2) {
        PyErr_Format(PyExc_ValueError, "Invalid whence (%i, should be 0, 1 or 2)", whence);
        return NULL;
    }
    if (whence == 0 && pos < 0) {
        PyErr_Format(PyExc_ValueError, "Negative seek position %zd", pos);
        return NULL;
    }
    if (whence != 0 && pos != 0) {
        PyErr_SetString(PyExc_OSError, "Can't do nonzero cur-relative seeks");
        return NULL;
    }
    Py_ssize_t target = whence == 0 ? pos : whence == 1 ? self->pos : self->length;
    if (target != self->pos && use_array(self) < 0) {
        return NULL;
    }
    self->pos = target;
    return PyLong_FromSsize_t(target);
}

/*sig _io.StringIO.write(self, s, /)

Write string to file.

Returns the number of characters written, which is always equal to
the length of the string.
*/
static PyObject *
stringio_write_impl(stringio *self, PyObject *s)
{
    if (check_open(self) < 0) {
        return NULL;
    }
    if (!PyUnicode_Check(s)) {
        PyErr_Format(PyExc_TypeError, "string argument expected, got '%s'", Py_TYPE(s)->tp_name);
        return NULL;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    return n > 0 && write_text(self, s) < 0 ? NULL : PyLong_FromSsize_t(n);
}

/*sig _io.StringIO.close(self)

Close the IO object.

Attempting any further operation after the object is closed
will raise a ValueError.

This method has no effect if the file is already closed.
*/
static PyObject *
stringio_close_impl(stringio *self)
{
    self->closed = true;
    stop_appending(self);
    PyMem_Free(self->buf);
    self->buf = NULL;
    self->size = self->length = self->pos = 0;
    Py_RETURN_NONE;
}

static PyObject *
always_true(stringio *self)
{
    return check_open(self) < 0 ? NULL : Py_NewRef(Py_True);
}

/*sig _io.StringIO.readable(self)

Returns True if the IO object can be read.
*/
static PyObject *
stringio_readable_impl(stringio *self)
{
    return always_true(self);
}

/*sig _io.StringIO.writable(self)

Returns True if the IO object can be written.
*/
static PyObject *
stringio_writable_impl(stringio *self)
{
    return always_true(self);
}

/*sig _io.StringIO.seekable(self)

Returns True if the IO object can be seeked.
*/
static PyObject *
stringio_seekable_impl(stringio *self)
{
    return always_true(self);
}

static PyObject *
stringio_closed_get(PyObject *op, void *Py_UNUSED(context))
{
    stringio *self = stringio_cast(op);
    if (!self->ok) {
        check_open(self);
        return NULL;
    }
    return PyBool_FromLong(self->closed);
}

static PyObject *
stringio_line_buffering_get(PyObject *op, void *Py_UNUSED(context))
{
    return check_open(stringio_cast(op)) < 0 ? NULL : Py_NewRef(Py_False);
}

static PyObject *
stringio_newlines_get(PyObject *op, void *Py_UNUSED(context))
{
    stringio *self = stringio_cast(op);
    if (check_open(self) < 0) {
        return NULL;
    }
    return self->decoder == NULL ? Py_NewRef(Py_None)
                                 : PyObject_GetAttr(self->decoder, &_Py_ID(newlines));
}

/* ---- life --------------------------------------------------------------------------------- */

static PyObject *
stringio_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    return type->tp_alloc(type, 0);
}

/* Take over the argument newline (str or None): 0 or -1. */
static int
set_newline(stringio *self, PyObject *newline)
{
    const char *s = NULL;
    if (newline != Py_None) {
        if (!PyUnicode_Check(newline)) {
            PyErr_Format(PyExc_TypeError, "newline must be str or None, not %.200s",
                         Py_TYPE(newline)->tp_name);
            return -1;
        }
        s = PyUnicode_AsUTF8(newline);
        if (s == NULL) {
            return -1;
        }
        if (strcmp(s, "") != 0 && strcmp(s, "\n") != 0 && strcmp(s, "\r") != 0
            && strcmp(s, "\r\n") != 0)
        {
            PyErr_Format(PyExc_ValueError, "illegal newline value: %R", newline);
            return -1;
        }
    }
    self->read_universal = s == NULL || s[0] == '\0';
    self->read_translate = s == NULL;
    /* As in 3.12 a null character ends the argument. */
    PyObject *ending = s == NULL ? NULL : PyUnicode_FromString(s);
    if (s != NULL && ending == NULL) {
        return -1;
    }
    Py_XSETREF(self->write_newline, s != NULL && s[0] == '\r' ? Py_NewRef(ending) : NULL);
    Py_XSETREF(self->read_newline, ending);
    Py_CLEAR(self->decoder);
    if (self->read_universal) {
        self->decoder = PyObject_CallFunctionObjArgs((PyObject *)&_PyIncrementalNewlineDecoder_Type,
                                                     Py_None,
                                                     self->read_translate ? Py_True : Py_False,
                                                     NULL);
        if (self->decoder == NULL) {
            return -1;
        }
    }
    return 0;
}

/*sig _io.StringIO.__init__(self, initial_value = c"NULL" py"''", newline = c"NULL" py"'\\n'")

Text I/O implementation using an in-memory buffer.

The initial_value argument sets the value of object.  The newline
argument is like the one of TextIOWrapper's constructor.
*/
static int
stringio_init_impl(stringio *self, PyObject *initial_value, PyObject *newline)
{
    PyObject *line_end = newline == NULL ? PyUnicode_FromString("\n") : Py_NewRef(newline);
    if (line_end == NULL) {
        return -1;
    }
    self->ok = false;
    int status = set_newline(self, line_end);
    Py_DECREF(line_end);
    if (status < 0) {
        return -1;
    }
    if (initial_value != NULL && initial_value != Py_None && !PyUnicode_Check(initial_value)) {
        PyErr_Format(PyExc_TypeError, "initial_value must be str or None, not %.200s",
                     Py_TYPE(initial_value)->tp_name);
        return -1;
    }
    stop_appending(self);
    self->closed = false;
    self->pos = self->length = 0;
    if (initial_value != NULL && initial_value != Py_None
        && PyUnicode_GET_LENGTH(initial_value) > 0)
    {
        /* the position is at the start, so this is not appending */
        if (write_text(self, initial_value) < 0) {
            return -1;
        }
        self->pos = 0;
    }
    else {
        start_appending(self);
    }
    self->ok = true;
    return 0;
}

static int
stringio_traverse(PyObject *op, visitproc visit, void *arg)
{
    stringio *self = stringio_cast(op);
    Py_VISIT(self->decoder);
    Py_VISIT(self->read_newline);
    Py_VISIT(self->write_newline);
    Py_VISIT(self->dict);
    return 0;
}

static int
stringio_clear(PyObject *op)
{
    stringio *self = stringio_cast(op);
    /* without its decoder the object would translate differently */
    self->ok = false;
    Py_CLEAR(self->decoder);
    Py_CLEAR(self->read_newline);
    Py_CLEAR(self->write_newline);
    Py_CLEAR(self->dict);
    return 0;
}

static void
stringio_dealloc(PyObject *op)
{
    stringio *self = stringio_cast(op);
    PyObject_GC_UnTrack(op);
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    stop_appending(self);
    PyMem_Free(self->buf);
    self->buf = NULL;
    stringio_clear(op);
    Py_TYPE(op)->tp_free(op);
}

/* ---- pickling ----------------------------------------------------------------------------- */

/* (contents, newline or None, position, __dict__ or None) */
static PyObject *
stringio_getstate(PyObject *op, PyObject *Py_UNUSED(args))
{
    stringio *self = stringio_cast(op);
    PyObject *value = stringio_getvalue_impl(self);
    if (value == NULL) {
        return NULL;
    }
    PyObject *dict = self->dict == NULL ? Py_NewRef(Py_None) : PyDict_Copy(self->dict);
    if (dict == NULL) {
        Py_DECREF(value);
        return NULL;
    }
    return Py_BuildValue("NOnN", value, self->read_newline == NULL ? Py_None : self->read_newline,
                         self->pos, dict);
}

/* The contents as they are, without translating newlines once more. */
static int
restore_contents(stringio *self, PyObject *text)
{
    if (text == Py_None) {
        return 0;
    }
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "initial_value must be str or None, not %.200s",
                     Py_TYPE(text)->tp_name);
        return -1;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(text);
    if (use_array(self) < 0 || make_room(self, n) < 0
        || (n > 0 && PyUnicode_AsUCS4(text, self->buf, n, 0) == NULL))
    {
        return -1;
    }
    self->length = n;
    self->pos = 0;
    return 0;
}

static PyObject *
stringio_setstate(PyObject *op, PyObject *state)
{
    stringio *self = stringio_cast(op);
    if (!PyTuple_Check(state) || PyTuple_GET_SIZE(state) < 4) {
        PyErr_Format(PyExc_TypeError, "%.200s.__setstate__ argument should be 4-tuple, got %.200s",
                     Py_TYPE(op)->tp_name, Py_TYPE(state)->tp_name);
        return NULL;
    }
    PyObject *text = PyTuple_GET_ITEM(state, 0), *newline = PyTuple_GET_ITEM(state, 1);
    PyObject *position = PyTuple_GET_ITEM(state, 2), *dict = PyTuple_GET_ITEM(state, 3);
    if (self->closed) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on closed file");
        return NULL;
    }
    if (stringio_init_impl(self, NULL, newline) < 0 || restore_contents(self, text) < 0) {
        return NULL;
    }
    if (!PyLong_Check(position)) {
        PyErr_Format(PyExc_TypeError, "third item of state must be an integer, got %.200s",
                     Py_TYPE(position)->tp_name);
        return NULL;
    }
    Py_ssize_t pos = PyLong_AsSsize_t(position);
    if (pos == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (pos < 0) {
        PyErr_SetString(PyExc_ValueError, "position value cannot be negative");
        return NULL;
    }
    if (pos != self->pos && use_array(self) < 0) {
        return NULL;
    }
    self->pos = pos;
    if (dict != Py_None) {
        if (!PyDict_Check(dict)) {
            PyErr_Format(PyExc_TypeError, "fourth item of state should be a dict, got a %.200s",
                         Py_TYPE(dict)->tp_name);
            return NULL;
        }
        if (self->dict == NULL) {
            self->dict = Py_NewRef(dict);
        }
        else if (PyDict_Update(self->dict, dict) < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

/* ---- the type ------------------------------------------------------------------------------ */

static const PyMethodDef stringio_methods[] = {
    STRINGIO_CLOSE_METHODDEF
    STRINGIO_GETVALUE_METHODDEF
    STRINGIO_READ_METHODDEF
    STRINGIO_READLINE_METHODDEF
    STRINGIO_TELL_METHODDEF
    STRINGIO_TRUNCATE_METHODDEF
    STRINGIO_SEEK_METHODDEF
    STRINGIO_WRITE_METHODDEF
    STRINGIO_SEEKABLE_METHODDEF
    STRINGIO_READABLE_METHODDEF
    STRINGIO_WRITABLE_METHODDEF
    {"__getstate__", stringio_getstate, METH_NOARGS},
    {"__setstate__", stringio_setstate, METH_O},
    {NULL, NULL}
};

static const PyGetSetDef stringio_getset[] = {
    {"closed", stringio_closed_get, NULL, NULL},
    {"newlines", stringio_newlines_get, NULL, NULL},
    {"line_buffering", stringio_line_buffering_get, NULL, NULL},
    {NULL}
};

static const PyMemberDef stringio_members[] = {
    {NULL}
};

_Py_SHARED PyTypeObject _PyStringIO_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.StringIO",
    .tp_basicsize = sizeof(stringio),
    .tp_dealloc = stringio_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | _Py_TPFLAGS_LIKE_HEAPTYPE,
    .tp_doc = stringio_init__doc__,
    .tp_traverse = stringio_traverse,
    .tp_clear = stringio_clear,
    .tp_weaklistoffset = offsetof(stringio, weakreflist),
    .tp_iternext = stringio_iternext,
    .tp_methods = (PyMethodDef *)stringio_methods,
    .tp_members = (PyMemberDef *)stringio_members,
    .tp_getset = (PyGetSetDef *)stringio_getset,
    .tp_base = &_PyTextIOBase_Type,
    .tp_dictoffset = offsetof(stringio, dict),
    .tp_init = stringio_init,
    .tp_new = stringio_new,
};
