/* newlinedecoder.c - IncrementalNewlineDecoder, and the search for line ends in decoded text.
 *
 * The decoder stands behind another decoder (or takes str itself).  A '\r' at the end of a piece is
 * held back (`pending_cr`) until the next piece tells whether '\n' follows, so that "\r\n" is
 * never torn apart.  getstate() puts pending_cr into the low bit of the inner decoder's flags.
 *
 * Written from the documentation of io and observed behaviour.
 */
#include "_iomodule.h"

enum { SEEN_CR = 1, SEEN_LF = 2, SEEN_CRLF = 4, SEEN_ALL = 7 };

typedef struct {
    PyObject_HEAD
    PyObject *decoder;      /* inner decoder or None; NULL: __init__ was not called */
    PyObject *errors;       /* strong str */
    unsigned int pending_cr : 1;
    unsigned int translate : 1;
    unsigned int seen : 3;  /* SEEN_x */
} nldecoder;

#include "sig/newlinedecoder.sig.h"

/*sig _io.IncrementalNewlineDecoder.__init__(self, decoder, translate: bool,
                                             errors = c"NULL" py"'strict'")

Codec used when reading a file in universal newlines mode.

It wraps another incremental decoder, translating \r\n and \r into \n.
It also records the types of newlines encountered.  When used with
translate=False, it ensures that the newline sequence is returned in
one piece. When used with decoder=None, it expects unicode strings as
decode input and translates newlines without first invoking an external
decoder.
*/
static int
nldecoder_init_impl(nldecoder *self, PyObject *decoder, int translate, PyObject *errors)
{
    Py_XSETREF(self->errors, Py_NewRef(errors == NULL ? &_Py_ID(strict) : errors));
    Py_XSETREF(self->decoder, Py_NewRef(decoder));
    self->translate = translate != 0;
    self->seen = 0;
    self->pending_cr = 0;
    return 0;
}

static int
nldecoder_traverse(PyObject *op, visitproc visit, void *arg)
{
    nldecoder *self = (nldecoder *)op;
    Py_VISIT(self->decoder);
    Py_VISIT(self->errors);
    return 0;
}

static int
nldecoder_clear(PyObject *op)
{
    nldecoder *self = (nldecoder *)op;
    Py_CLEAR(self->decoder);
    Py_CLEAR(self->errors);
    return 0;
}

static void
nldecoder_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    nldecoder_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static int
check_decoded(PyObject *text)
{
    if (text == NULL) {
        return -1;
    }
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "decoder should return a string result, not '%.200s'",
                     Py_TYPE(text)->tp_name);
        Py_DECREF(text);
        return -1;
    }
    return 0;
}

static int
check_init(nldecoder *self)
{
    if (self->decoder == NULL) {
        PyErr_SetString(PyExc_ValueError, "IncrementalNewlineDecoder.__init__() not called");
        return -1;
    }
    return 0;
}

/* Note the line ends in `text`, and copy it with all of them made '\n' to `out` if that is not
   NULL (room for the text, same kind).  Returns the length of the copy. */
static Py_ssize_t
scan_newlines(nldecoder *self, int kind, const void *text, Py_ssize_t n, void *out)
{
    Py_ssize_t o = 0;
    unsigned int seen = self->seen;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, text, i);
        if (c == '\n') {
            seen |= SEEN_LF;
        }
        else if (c == '\r') {
            if (i + 1 < n && PyUnicode_READ(kind, text, i + 1) == '\n') {
                seen |= SEEN_CRLF;
                i++;
                if (out == NULL) {
                    o++;
                }
            }
            else {
                seen |= SEEN_CR;
            }
            c = '\n';
        }
        if (out != NULL) {
            PyUnicode_WRITE(kind, out, o, c);
        }
        o++;
    }
    self->seen = seen;
    return o;
}

/* The text without a final '\r' that may be the first half of a line end. Steals `text`. */
static PyObject *
hold_back_cr(nldecoder *self, PyObject *text, int final)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(text);
    if (self->pending_cr && (final || n > 0)) {
        PyObject *cr = PyUnicode_FromOrdinal('\r');
        PyObject *joined = cr == NULL ? NULL : PyUnicode_Concat(cr, text);
        Py_XDECREF(cr);
        Py_DECREF(text);
        if (joined == NULL) {
            return NULL;
        }
        self->pending_cr = 0;
        text = joined;
        n++;
    }
    if (!final && n > 0 && PyUnicode_READ_CHAR(text, n - 1) == '\r') {
        PyObject *shorter = PyUnicode_Substring(text, 0, n - 1);
        Py_DECREF(text);
        if (shorter == NULL) {
            return NULL;
        }
        self->pending_cr = 1;
        text = shorter;
    }
    return text;
}

PyObject *
_PyIncrementalNewlineDecoder_Decode(PyObject *op, PyObject *input, int final)
{
    nldecoder *self = (nldecoder *)op;
    if (check_init(self) < 0) {
        return NULL;
    }
    PyObject *text;
    if (self->decoder != Py_None) {
        text = PyObject_CallMethodObjArgs(self->decoder, &_Py_ID(decode), input,
                                          final ? Py_True : Py_False, NULL);
    }
    else {
        text = Py_NewRef(input);
    }
    if (check_decoded(text) < 0) {
        return NULL;
    }
    text = hold_back_cr(self, text, final);
    if (text == NULL || PyUnicode_GET_LENGTH(text) == 0) {
        return text;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(text);
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    if (PyUnicode_FindChar(text, '\r', 0, n, 1) < 0) {
        /* nothing to translate; the first line feed is worth remembering */
        if (!(self->seen & SEEN_LF) && PyUnicode_FindChar(text, '\n', 0, n, 1) >= 0) {
            self->seen |= SEEN_LF;
        }
        return text;
    }
    if (!self->translate) {
        if (self->seen != SEEN_ALL) {
            scan_newlines(self, kind, data, n, NULL);
        }
        return text;
    }
    void *out = PyMem_Malloc((size_t)kind * n);
    if (out == NULL) {
        Py_DECREF(text);
        return PyErr_NoMemory();
    }
    Py_ssize_t length = scan_newlines(self, kind, data, n, out);
    assert(length <= n);
    Py_SETREF(text, PyUnicode_FromKindAndData(kind, out, length));
    PyMem_Free(out);
    return text;
}

/*sig _io.IncrementalNewlineDecoder.decode(self, input, final: bool = False)

*/
static PyObject *
nldecoder_decode_impl(nldecoder *self, PyObject *input, int final)
{
    return _PyIncrementalNewlineDecoder_Decode((PyObject *)self, input, final);
}

/*sig _io.IncrementalNewlineDecoder.getstate(self)

*/
static PyObject *
nldecoder_getstate_impl(nldecoder *self)
{
    if (check_init(self) < 0) {
        return NULL;
    }
    unsigned long long flags = 0;
    PyObject *buffer = NULL;
    if (self->decoder == Py_None) {
        buffer = PyBytes_FromStringAndSize(NULL, 0);
    }
    else {
        PyObject *state = PyObject_CallMethodNoArgs(self->decoder, &_Py_ID(getstate));
        if (state == NULL) {
            return NULL;
        }
        if (!PyTuple_Check(state)) {
            PyErr_SetString(PyExc_TypeError, "illegal decoder state");
        }
        else if (PyArg_ParseTuple(state, "OK;illegal decoder state", &buffer, &flags)) {
            Py_INCREF(buffer);
        }
        else {
            buffer = NULL;
        }
        Py_DECREF(state);
    }
    if (buffer == NULL) {
        return NULL;
    }
    return Py_BuildValue("NK", buffer, flags << 1 | self->pending_cr);
}

/*sig _io.IncrementalNewlineDecoder.setstate(self, state, /)

*/
static PyObject *
nldecoder_setstate_impl(nldecoder *self, PyObject *state)
{
    PyObject *buffer;
    unsigned long long flags;
    if (check_init(self) < 0) {
        return NULL;
    }
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state argument must be a tuple");
        return NULL;
    }
    if (!PyArg_ParseTuple(state, "OK;setstate(): illegal state argument", &buffer, &flags)) {
        return NULL;
    }
    self->pending_cr = flags & 1;
    if (self->decoder != Py_None) {
        return PyObject_CallMethod(self->decoder, "setstate", "((OK))", buffer, flags >> 1);
    }
    Py_RETURN_NONE;
}

/*sig _io.IncrementalNewlineDecoder.reset(self)

*/
static PyObject *
nldecoder_reset_impl(nldecoder *self)
{
    if (check_init(self) < 0) {
        return NULL;
    }
    self->seen = 0;
    self->pending_cr = 0;
    if (self->decoder != Py_None) {
        return PyObject_CallMethodNoArgs(self->decoder, &_Py_ID(reset));
    }
    Py_RETURN_NONE;
}

static PyObject *
nldecoder_newlines_get(PyObject *op, void *Py_UNUSED(context))
{
    nldecoder *self = (nldecoder *)op;
    if (check_init(self) < 0) {
        return NULL;
    }
    switch (self->seen) {
    case SEEN_CR: return PyUnicode_FromString("\r");
    case SEEN_LF: return PyUnicode_FromString("\n");
    case SEEN_CRLF: return PyUnicode_FromString("\r\n");
    case SEEN_CR | SEEN_LF: return Py_BuildValue("ss", "\r", "\n");
    case SEEN_CR | SEEN_CRLF: return Py_BuildValue("ss", "\r", "\r\n");
    case SEEN_LF | SEEN_CRLF: return Py_BuildValue("ss", "\n", "\r\n");
    case SEEN_ALL: return Py_BuildValue("sss", "\r", "\n", "\r\n");
    default: Py_RETURN_NONE;
    }
}

/* ---- line ends ---------------------------------------------------------------------------- */

/* Index of c in the text from i on, or -1. */
static Py_ssize_t
find_char(int kind, const void *data, Py_ssize_t i, Py_ssize_t end, Py_UCS4 c)
{
    if (kind == PyUnicode_1BYTE_KIND) {
        const Py_UCS1 *base = data, *hit = i < end ? memchr(base + i, (int)c, end - i) : NULL;
        return hit == NULL ? -1 : hit - base;
    }
    for (; i < end; i++) {
        if (PyUnicode_READ(kind, data, i) == c) {
            return i;
        }
    }
    return -1;
}

static Py_ssize_t
find_universal(int kind, const void *data, Py_ssize_t i, Py_ssize_t end)
{
    for (; i < end; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        if (c == '\n') {
            return i + 1;
        }
        if (c == '\r') {
            return i + 1 < end && PyUnicode_READ(kind, data, i + 1) == '\n' ? i + 2 : i + 1;
        }
    }
    return -1;
}

Py_ssize_t
_PyIO_FindLineEnding(bool translated, bool universal, PyObject *ending, int kind,
                     const void *data, Py_ssize_t start, Py_ssize_t end, Py_ssize_t *consumed)
{
    assert(start <= end);
    *consumed = end;
    if (translated || (!universal && ending == NULL)) {
        Py_ssize_t i = find_char(kind, data, start, end, '\n');
        return i < 0 ? -1 : i + 1;
    }
    if (universal) {
        return find_universal(kind, data, start, end);
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(ending), i = start;
    Py_UCS4 first = PyUnicode_READ_CHAR(ending, 0);
    assert(n == 1 || n == 2);
    while ((i = find_char(kind, data, i, end, first)) >= 0) {
        if (n == 1) {
            return i + 1;
        }
        if (i + 1 == end) {
            *consumed = i;      /* half an ending */
            return -1;
        }
        if (PyUnicode_READ(kind, data, i + 1) == PyUnicode_READ_CHAR(ending, 1)) {
            return i + 2;
        }
        i++;
    }
    return -1;
}

/* ---- the type ---------------------------------------------------------------------------- */

static const PyMethodDef nldecoder_methods[] = {
    NLDECODER_DECODE_METHODDEF
    NLDECODER_GETSTATE_METHODDEF
    NLDECODER_SETSTATE_METHODDEF
    NLDECODER_RESET_METHODDEF
    {NULL, NULL}
};

static const PyGetSetDef nldecoder_getset[] = {
    {"newlines", nldecoder_newlines_get, NULL, NULL},
    {NULL}
};

_Py_SHARED PyTypeObject _PyIncrementalNewlineDecoder_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.IncrementalNewlineDecoder",
    .tp_basicsize = sizeof(nldecoder),
    .tp_dealloc = nldecoder_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | _Py_TPFLAGS_LIKE_HEAPTYPE,
    .tp_doc = nldecoder_init__doc__,
    .tp_traverse = nldecoder_traverse,
    .tp_clear = nldecoder_clear,
    .tp_methods = (PyMethodDef *)nldecoder_methods,
    .tp_getset = (PyGetSetDef *)nldecoder_getset,
    .tp_init = nldecoder_init,
};
