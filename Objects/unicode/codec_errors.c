/* str: what the codecs do when something cannot be decoded or encoded.
 *
 * A codec keeps one struct _unicode_decoder or _unicode_encoder per run.  The common handlers
 * (strict, ignore, replace, backslashreplace, surrogateescape) are done here without making an
 * exception object; any other is looked up in the registry once per run and called with one
 * exception object that is reused.
 *
 * Invariants: d->start <= position <= d->end always.  d->input is the object that the exception
 * showed last: as long as a handler leaves it there, the caller's buffer stays the input; when a
 * handler substitutes another one, that is the input and d->input keeps it alive.
 *
 * Written from the library reference (codecs, "Error Handlers") and PEP 293, PEP 383.
 */
#include "Python.h"
#include "pycore_object.h"
#include "pycore_unicode.h"

_Py_error_handler
_Py_GetErrorHandler(const char *errors)
{
    static const struct {
        const char *name;
        _Py_error_handler handler;
    } known[] = {
        {"strict", _Py_ERROR_STRICT},
        {"surrogateescape", _Py_ERROR_SURROGATEESCAPE},
        {"replace", _Py_ERROR_REPLACE},
        {"ignore", _Py_ERROR_IGNORE},
        {"backslashreplace", _Py_ERROR_BACKSLASHREPLACE},
        {"surrogatepass", _Py_ERROR_SURROGATEPASS},
        {"xmlcharrefreplace", _Py_ERROR_XMLCHARREFREPLACE},
    };
    if (errors == NULL) {
        return _Py_ERROR_STRICT;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(known); i++) {
        if (strcmp(errors, known[i].name) == 0) {
            return known[i].handler;
        }
    }
    return _Py_ERROR_OTHER;
}

/* --- Decoding -------------------------------------------------------------------------------- */

void
_PyUnicode_DecoderInit(struct _unicode_decoder *d, const char *encoding,
                       const char *s, Py_ssize_t size, const char *errors)
{
    assert(size >= 0);
    d->encoding = encoding;
    d->errors = errors;
    d->start = s;
    d->end = s + size;
    d->handler = _Py_ERROR_UNKNOWN;
    d->callback = NULL;
    d->exc = NULL;
    d->input = NULL;
    _PyUnicodeWriter_Init(&d->writer);
}

static void
drop_error_state(struct _unicode_decoder *d)
{
    Py_CLEAR(d->callback);
    Py_CLEAR(d->exc);
    Py_CLEAR(d->input);
}

void
_PyUnicode_DecoderClear(struct _unicode_decoder *d)
{
    drop_error_state(d);
    _PyUnicodeWriter_Dealloc(&d->writer);
}

PyObject *
_PyUnicode_DecoderFinish(struct _unicode_decoder *d)
{
    drop_error_state(d);
    return _PyUnicodeWriter_Finish(&d->writer);
}

/* Make or update d->exc for the span; -1 with an exception. */
static int
describe_decode_error(struct _unicode_decoder *d, const char *from, const char *to,
                      const char *reason)
{
    Py_ssize_t i = from - d->start, j = to - d->start;
    if (d->exc == NULL) {
        d->exc = PyUnicodeDecodeError_Create(d->encoding, d->start, d->end - d->start, i, j,
                                             reason);
        if (d->exc == NULL) {
            return -1;
        }
        Py_XSETREF(d->input, PyUnicodeDecodeError_GetObject(d->exc));
        return d->input != NULL ? 0 : -1;
    }
    if (PyUnicodeDecodeError_SetStart(d->exc, i) < 0
        || PyUnicodeDecodeError_SetEnd(d->exc, j) < 0
        || PyUnicodeDecodeError_SetReason(d->exc, reason) < 0)
    {
        return -1;
    }
    return 0;
}

/* Take what the handler left in exc.object as the input: the copy of what the caller gave, whose
   own memory the handler may have caused to be freed, or something else. */
static int
refresh_input(struct _unicode_decoder *d)
{
    PyObject *input = PyUnicodeDecodeError_GetObject(d->exc);
    if (input == NULL) {
        return -1;
    }
    assert(PyBytes_Check(input));
    d->start = PyBytes_AS_STRING(input);
    d->end = d->start + PyBytes_GET_SIZE(input);
    Py_XSETREF(d->input, input);
    return 0;
}

static const char *
ask_decode_handler(struct _unicode_decoder *d, const char *from, const char *to,
                   const char *reason)
{
    if (d->callback == NULL) {
        d->callback = PyCodec_LookupError(d->errors);
        if (d->callback == NULL) {
            return NULL;
        }
    }
    if (describe_decode_error(d, from, to, reason) < 0) {
        return NULL;
    }
    PyObject *res = PyObject_CallOneArg(d->callback, d->exc);
    if (res == NULL) {
        return NULL;
    }
    Py_ssize_t pos;
    PyObject *text;
    if (!PyTuple_Check(res)
        || !PyArg_ParseTuple(res, "Un;decoding error handler must return (str, int) tuple",
                             &text, &pos))
    {
        if (!PyTuple_Check(res)) {
            PyErr_SetString(PyExc_TypeError,
                            "decoding error handler must return (str, int) tuple");
        }
        Py_DECREF(res);
        return NULL;
    }
    if (refresh_input(d) < 0) {
        Py_DECREF(res);
        return NULL;
    }
    Py_ssize_t size = d->end - d->start;
    Py_ssize_t where = pos < 0 ? pos + size : pos;
    if (where < 0 || where > size) {
        PyErr_Format(PyExc_IndexError, "position %zd from error handler out of bounds", where);
        Py_DECREF(res);
        return NULL;
    }
    int failed = _PyUnicodeWriter_WriteStr(&d->writer, text) < 0;
    Py_DECREF(res);
    return failed ? NULL : d->start + where;
}

static int
write_backslash_bytes(_PyUnicodeWriter *w, const char *from, const char *to)
{
    for (; from < to; from++) {
        char form[4] = {'\\', 'x', Py_hexdigits[(unsigned char)*from >> 4],
                        Py_hexdigits[(unsigned char)*from & 15]};
        if (_PyUnicodeWriter_WriteASCIIString(w, form, 4) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
all_high(const char *from, const char *to)
{
    for (; from < to; from++) {
        if (!((unsigned char)*from & 0x80)) {
            return 0;
        }
    }
    return 1;
}

const char *
_PyUnicode_DecoderError(struct _unicode_decoder *d, const char *from, const char *to,
                        const char *reason)
{
    assert(d->start <= from && from <= to && to <= d->end);
    if (d->handler == _Py_ERROR_UNKNOWN) {
        d->handler = _Py_GetErrorHandler(d->errors);
    }
    switch (d->handler) {
    case _Py_ERROR_STRICT:
        if (describe_decode_error(d, from, to, reason) == 0) {
            PyErr_SetObject((PyObject *)Py_TYPE(d->exc), d->exc);
        }
        return NULL;
    case _Py_ERROR_IGNORE:
        return to;
    case _Py_ERROR_REPLACE:
        return _PyUnicodeWriter_WriteChar(&d->writer, Py_UNICODE_REPLACEMENT_CHARACTER) < 0
               ? NULL : to;
    case _Py_ERROR_BACKSLASHREPLACE:
        return write_backslash_bytes(&d->writer, from, to) < 0 ? NULL : to;
    case _Py_ERROR_SURROGATEESCAPE:
        if (!all_high(from, to)) {
            break;
        }
        for (const char *p = from; p < to; p++) {
            if (_PyUnicodeWriter_WriteChar(&d->writer, 0xdc00 + (unsigned char)*p) < 0) {
                return NULL;
            }
        }
        return to;
    default:
        break;
    }
    return ask_decode_handler(d, from, to, reason);
}

/* --- Encoding -------------------------------------------------------------------------------- */

void
_PyUnicode_EncoderInit(struct _unicode_encoder *e, const char *encoding, PyObject *str,
                       const char *errors)
{
    e->encoding = encoding;
    e->errors = errors;
    e->str = str;
    e->handler = _Py_ERROR_UNKNOWN;
    e->callback = NULL;
    e->exc = NULL;
}

void
_PyUnicode_EncoderClear(struct _unicode_encoder *e)
{
    Py_CLEAR(e->callback);
    Py_CLEAR(e->exc);
}

_Py_error_handler
_PyUnicode_EncoderHandler(struct _unicode_encoder *e)
{
    if (e->handler == _Py_ERROR_UNKNOWN) {
        e->handler = _Py_GetErrorHandler(e->errors);
    }
    return e->handler;
}

static int
describe_encode_error(struct _unicode_encoder *e, const char *reason, Py_ssize_t from,
                      Py_ssize_t to)
{
    if (e->exc == NULL) {
        e->exc = PyObject_CallFunction(PyExc_UnicodeEncodeError, "sOnns",
                                       e->encoding, e->str, from, to, reason);
        return e->exc != NULL ? 0 : -1;
    }
    if (PyUnicodeEncodeError_SetStart(e->exc, from) < 0
        || PyUnicodeEncodeError_SetEnd(e->exc, to) < 0
        || PyUnicodeEncodeError_SetReason(e->exc, reason) < 0)
    {
        return -1;
    }
    return 0;
}

void
_PyUnicode_RaiseEncodeError(struct _unicode_encoder *e, const char *reason, Py_ssize_t from,
                            Py_ssize_t to)
{
    if (describe_encode_error(e, reason, from, to) == 0) {
        PyErr_SetObject((PyObject *)Py_TYPE(e->exc), e->exc);
    }
}

PyObject *
_PyUnicode_EncoderError(struct _unicode_encoder *e, const char *reason, Py_ssize_t from,
                        Py_ssize_t to, Py_ssize_t *newpos)
{
    assert(0 <= from && from < to && to <= PyUnicode_GET_LENGTH(e->str));
    if (e->callback == NULL) {
        e->callback = PyCodec_LookupError(e->errors);
        if (e->callback == NULL) {
            return NULL;
        }
    }
    if (describe_encode_error(e, reason, from, to) < 0) {
        return NULL;
    }
    PyObject *res = PyObject_CallOneArg(e->callback, e->exc);
    if (res == NULL) {
        return NULL;
    }
    const char *message = "encoding error handler must return (str/bytes, int) tuple";
    PyObject *text;
    if (!PyTuple_Check(res)) {
        PyErr_SetString(PyExc_TypeError, message);
        Py_DECREF(res);
        return NULL;
    }
    if (!PyArg_ParseTuple(res, "On;encoding error handler must return (str/bytes, int) tuple",
                          &text, newpos))
    {
        Py_DECREF(res);
        return NULL;
    }
    if (!PyUnicode_Check(text) && !PyBytes_Check(text)) {
        PyErr_SetString(PyExc_TypeError, message);
        Py_DECREF(res);
        return NULL;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(e->str);
    if (*newpos < 0) {
        *newpos += length;
    }
    if (*newpos < 0 || *newpos > length) {
        PyErr_Format(PyExc_IndexError, "position %zd from error handler out of bounds", *newpos);
        Py_DECREF(res);
        return NULL;
    }
    Py_INCREF(text);
    Py_DECREF(res);
    return text;
}

/* --- \x and &#...; forms ---------------------------------------------------------------------- */

Py_ssize_t
_PyUnicode_BackslashSize(PyObject *str, Py_ssize_t from, Py_ssize_t to)
{
    Py_ssize_t size = 0;
    for (Py_ssize_t i = from; i < to; i++) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(str, i);
        size += ch < 0x100 ? 4 : ch < 0x10000 ? 6 : 10;
    }
    return size;
}

char *
_PyUnicode_BackslashForms(PyObject *str, Py_ssize_t from, Py_ssize_t to, char *p)
{
    for (Py_ssize_t i = from; i < to; i++) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(str, i);
        int digits = ch < 0x100 ? 2 : ch < 0x10000 ? 4 : 8;
        *p++ = '\\';
        *p++ = digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
        while (digits-- > 0) {
            *p++ = Py_hexdigits[(ch >> (4 * digits)) & 15];
        }
    }
    return p;
}

static int
decimal_digits(Py_UCS4 ch)
{
    int digits = 1;
    while (ch >= 10) {
        ch /= 10;
        digits++;
    }
    return digits;
}

Py_ssize_t
_PyUnicode_XmlSize(PyObject *str, Py_ssize_t from, Py_ssize_t to)
{
    Py_ssize_t size = 0;
    for (Py_ssize_t i = from; i < to; i++) {
        size += 3 + decimal_digits(PyUnicode_READ_CHAR(str, i));
    }
    return size;
}

char *
_PyUnicode_XmlForms(PyObject *str, Py_ssize_t from, Py_ssize_t to, char *p)
{
    for (Py_ssize_t i = from; i < to; i++) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(str, i);
        int digits = decimal_digits(ch);
        *p++ = '&';
        *p++ = '#';
        for (int k = digits - 1; k >= 0; k--) {
            p[k] = (char)('0' + ch % 10);
            ch /= 10;
        }
        p += digits;
        *p++ = ';';
    }
    return p;
}
