/* _multibytecodec: the engine of the East Asian codecs: errors, increments, streams.
 *
 *   codec object        what getcodec() of a codec module returns: a struct multibyte_codec
 *   encoder             a pending character (which may combine with the next) and a state
 *   decoder             pending bytes (the start of a character) and a state
 *   reader, writer      a decoder, an encoder, on a stream
 *
 * A codec converts one character at a time (multibytecodec.h); all that happens between characters
 * is here.  The error handlers strict, ignore and replace are done without an exception object.
 *
 * Written from the documentation of codecs and observed behaviour.
 */
#define PY_SSIZE_T_CLEAN
#include "Python.h"
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef
#include "multibytecodec.h"

#include <stddef.h>

#define MAX_PENDING_BYTES 8
#define MAX_PENDING_TEXT 2

typedef struct {
    PyTypeObject *codec_type;
} module_state;

typedef struct {
    PyObject_HEAD
    const struct multibyte_codec *codec;
} MultibyteCodec;

/* What the four incremental types begin with. */
typedef struct {
    PyObject_HEAD
    PyObject *codec_object;         /* keeps the codec */
    const struct multibyte_codec *codec;
    PyObject *errors;               /* str */
    PyObject *stream;               /* reader and writer, else NULL */
    multibyte_state state;
    int pending_count;
    union {
        unsigned char bytes[MAX_PENDING_BYTES];     /* decoder, reader */
        Py_UCS4 text[MAX_PENDING_TEXT];             /* encoder, writer */
    } pending;
} Incremental;

typedef Incremental Encoder, Decoder, Reader, Writer;

static struct PyModuleDef multibytecodec_module;

#include "sig/_multibytecodec.sig.h"

/* ---- errors ---------------------------------------------------------------------------------- */

enum handling { STRICT, IGNORE, REPLACE, OTHER };

static enum handling
handling_of(const char *errors)
{
    return errors == NULL || strcmp(errors, "strict") == 0 ? STRICT
        : strcmp(errors, "ignore") == 0 ? IGNORE
        : strcmp(errors, "replace") == 0 ? REPLACE : OTHER;
}

/* Call the registered handler with the exception.  Return its (replacement, position), or NULL;
 * *position is then within 0..size. */
static PyObject *
call_handler(const char *errors, PyObject *exc, int encoding, Py_ssize_t size, Py_ssize_t *position)
{
    PyObject *handler = PyCodec_LookupError(errors);
    if (handler == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallOneArg(handler, exc);
    Py_DECREF(handler);
    if (result == NULL) {
        return NULL;
    }
    if (!PyTuple_Check(result) || PyTuple_GET_SIZE(result) != 2
            || !(PyUnicode_Check(PyTuple_GET_ITEM(result, 0))
                 || (encoding && PyBytes_Check(PyTuple_GET_ITEM(result, 0))))
            || !PyLong_Check(PyTuple_GET_ITEM(result, 1))) {
        PyErr_Format(PyExc_TypeError, "%s error handler must return (str, int) tuple",
                     encoding ? "encoding" : "decoding");
        goto error;
    }
    Py_ssize_t at = PyLong_AsSsize_t(PyTuple_GET_ITEM(result, 1));
    if (at == -1 && PyErr_Occurred()) {
        PyErr_Clear();              /* out of bounds, too */
    }
    else if (at < 0) {
        at += size;
    }
    if (at < 0 || at > size) {
        PyErr_Format(PyExc_IndexError, "position %zd from error handler out of bounds", at);
        goto error;
    }
    *position = at;
    return result;

error:
    Py_DECREF(result);
    return NULL;
}

/* ---- encoding -------------------------------------------------------------------------------- */

/* Text on its way to bytes. */
struct encoding {
    const struct multibyte_codec *codec;
    multibyte_state *state;
    const char *errors;
    PyObject *text;
    Py_ssize_t pos;
    int last;                       /* no text will follow */
    char *out;                      /* PyMem memory */
    Py_ssize_t size, allocated;
};

/* Append bytes.  Return 0, or -1. */
static int
put_bytes(struct encoding *e, const char *bytes, Py_ssize_t size)
{
    if (size > e->allocated - e->size) {
        if (size > PY_SSIZE_T_MAX / 2 - e->size) {
            PyErr_NoMemory();
            return -1;
        }
        Py_ssize_t allocated = (e->size + size) + (e->size + size) / 2 + MULTIBYTE_MAX_OUT;
        char *out = PyMem_Realloc(e->out, allocated);
        if (out == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        e->out = out;
        e->allocated = allocated;
    }
    if (size > 0) {             /* else there may be no block yet */
        memcpy(e->out + e->size, bytes, size);
        e->size += size;
    }
    return 0;
}

static int encode_text(struct encoding *);

/* Append the encoded replacement; what cannot be encoded in it is an error.  Return 0, or -1. */
static int
put_replacement(struct encoding *e, PyObject *text)
{
    struct encoding inner = *e;
    inner.errors = NULL;
    inner.text = text;
    inner.pos = 0;
    inner.last = 1;
    int result = encode_text(&inner);
    e->out = inner.out;
    e->size = inner.size;
    e->allocated = inner.allocated;
    return result;
}

/* Append a question mark as the codec writes it. */
static int
put_question_mark(struct encoding *e)
{
    struct multibyte_input in = {.text = {'?'}, .count = 1, .last = 1};
    unsigned char out[MULTIBYTE_MAX_OUT];
    int used;
    int size = e->codec->encode(e->codec, e->state, &in, out, &used);
    return size > 0 ? put_bytes(e, (char *)out, size) : put_bytes(e, "?", 1);
}

/* The character at pos cannot be encoded: do what errors says.  Return 0, or -1. */
static int
encode_error(struct encoding *e)
{
    enum handling handling = handling_of(e->errors);
    if (handling == IGNORE || handling == REPLACE) {
        e->pos++;
        return handling == IGNORE ? 0 : put_question_mark(e);
    }
    PyObject *exc = PyObject_CallFunction(PyExc_UnicodeEncodeError, "sOnns", e->codec->name,
                                          e->text, e->pos, e->pos + 1,
                                          "illegal multibyte sequence");
    if (exc == NULL) {
        return -1;
    }
    if (handling == STRICT) {
        PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
        Py_DECREF(exc);
        return -1;
    }
    Py_ssize_t position;
    PyObject *result = call_handler(e->errors, exc, 1, PyUnicode_GET_LENGTH(e->text), &position);
    Py_DECREF(exc);
    if (result == NULL) {
        return -1;
    }
    PyObject *text = PyTuple_GET_ITEM(result, 0);
    int failed = PyBytes_Check(text)
        ? put_bytes(e, PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text)) : put_replacement(e, text);
    Py_DECREF(result);
    e->pos = position;
    return failed;
}

/* Encode from pos until the end, or until a character that needs the next one.  Return 0, or -1. */
static int
encode_text(struct encoding *e)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(e->text);
    while (e->pos < length) {
        struct multibyte_input in = {.count = length - e->pos > 1 ? 2 : 1, .last = e->last};
        in.text[0] = PyUnicode_READ_CHAR(e->text, e->pos);
        if (in.count == 2) {
            in.text[1] = PyUnicode_READ_CHAR(e->text, e->pos + 1);
        }
        unsigned char out[MULTIBYTE_MAX_OUT];
        int used = 1;
        int size = e->codec->encode(e->codec, e->state, &in, out, &used);
        assert(size <= MULTIBYTE_MAX_OUT);
        if (size == MULTIBYTE_NEEDS_NEXT) {
            break;
        }
        if (size == MULTIBYTE_ILLEGAL) {
            if (encode_error(e) < 0) {
                return -1;
            }
            continue;
        }
        if (put_bytes(e, (char *)out, size) < 0) {
            return -1;
        }
        e->pos += used;
    }
    return 0;
}

/* Encode the text with the state; if it is the last, return to the initial state.  *consumed: how
 * many characters were encoded.  Return new bytes, or NULL. */
static PyObject *
encode_whole(const struct multibyte_codec *codec, multibyte_state *state, PyObject *text,
             const char *errors, int last, Py_ssize_t *consumed)
{
    struct encoding e = {.codec = codec, .state = state, .errors = errors, .text = text,
                         .last = last};
    PyObject *result = NULL;
    if (encode_text(&e) < 0) {
        goto done;
    }
    if (last && codec->reset != NULL) {
        unsigned char out[MULTIBYTE_MAX_OUT];
        int size = codec->reset(state, out);
        if (put_bytes(&e, (char *)out, size) < 0) {
            goto done;
        }
    }
    *consumed = e.pos;
    result = PyBytes_FromStringAndSize(e.out, e.size);

done:
    PyMem_Free(e.out);
    return result;
}

/* ---- decoding -------------------------------------------------------------------------------- */

/* Bytes on their way to text. */
struct decoding {
    const struct multibyte_codec *codec;
    multibyte_state *state;
    const char *errors;
    const unsigned char *bytes;
    Py_ssize_t size, pos;
    int last;                       /* no bytes will follow */
    int at_end;                     /* an incomplete character was an error */
    _PyUnicodeWriter out;
};

/* The bytes pos..end are wrong: do what errors says.  Return 0, or -1. */
static int
decode_error(struct decoding *d, Py_ssize_t end, const char *reason)
{
    enum handling handling = handling_of(d->errors);
    if (handling == IGNORE || handling == REPLACE) {
        d->pos = end;
        return handling == IGNORE ? 0 : _PyUnicodeWriter_WriteChar(&d->out, 0xFFFD);
    }
    PyObject *exc = PyObject_CallFunction(PyExc_UnicodeDecodeError, "sy#nns", d->codec->name,
                                          d->bytes, d->size, d->pos, end, reason);
    if (exc == NULL) {
        return -1;
    }
    if (handling == STRICT) {
        PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
        Py_DECREF(exc);
        return -1;
    }
    PyObject *result = call_handler(d->errors, exc, 0, d->size, &d->pos);
    Py_DECREF(exc);
    if (result == NULL) {
        return -1;
    }
    int failed = _PyUnicodeWriter_WriteStr(&d->out, PyTuple_GET_ITEM(result, 0));
    Py_DECREF(result);
    return failed;
}

/* Decode from pos until the end, or until an incomplete character if more may come. */
static int
decode_bytes(struct decoding *d)
{
    while (d->pos < d->size) {
        Py_UCS4 text[2];
        int count = 0;
        Py_ssize_t used = d->codec->decode(d->codec, d->state, d->bytes + d->pos,
                                           d->size - d->pos, text, &count);
        assert(used <= d->size - d->pos && -used <= d->size - d->pos && count <= 2);
        if (used == MULTIBYTE_TOO_FEW) {
            if (!d->last) {
                break;
            }
            d->at_end = 1;
            if (decode_error(d, d->size, "incomplete multibyte sequence") < 0) {
                return -1;
            }
        }
        else if (used < 0) {
            if (decode_error(d, d->pos - used, "illegal multibyte sequence") < 0) {
                return -1;
            }
        }
        else {
            d->pos += used;
            for (int i = 0; i < count; i++) {
                if (_PyUnicodeWriter_WriteChar(&d->out, text[i]) < 0) {
                    return -1;
                }
            }
        }
    }
    return 0;
}

/* Return a new str, or NULL.  *consumed: the bytes that were decoded; *at_end: whether the last
 * bytes were an incomplete character, which was an error. */
static PyObject *
decode_whole(const struct multibyte_codec *codec, multibyte_state *state,
             const unsigned char *bytes, Py_ssize_t size, const char *errors, int last,
             Py_ssize_t *consumed, int *at_end)
{
    struct decoding d = {.codec = codec, .state = state, .errors = errors, .bytes = bytes,
                         .size = size, .last = last};
    _PyUnicodeWriter_Init(&d.out);
    d.out.overallocate = 1;
    int failed = decode_bytes(&d);
    *at_end = d.at_end;
    *consumed = d.pos;
    if (failed < 0) {
        _PyUnicodeWriter_Dealloc(&d.out);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&d.out);
}

static void
init_state(const struct multibyte_codec *codec, multibyte_state *state, int decoding)
{
    memset(state, 0, sizeof(*state));
    if (codec->init != NULL) {
        codec->init(state, decoding);
    }
}

/* ---- the codec object ------------------------------------------------------------------------ */

/*sig MultibyteCodec.encode(self, input, errors: utf8_none = None)

Return an encoded string version of `input'.

'errors' may be given to set a different error handling scheme. Default is
'strict' meaning that encoding errors raise a UnicodeEncodeError. Other possible
values are 'ignore', 'replace' and 'xmlcharrefreplace' as well as any other name
registered with codecs.register_error that can handle UnicodeEncodeErrors.
*/
static PyObject *
multibytecodec_encode_impl(MultibyteCodec *self, PyObject *input, const char *errors)
{
    PyObject *text = PyUnicode_Check(input) ? Py_NewRef(input) : PyObject_Str(input);
    if (text == NULL) {
        return NULL;
    }
    multibyte_state state;
    init_state(self->codec, &state, 0);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), consumed;
    PyObject *bytes = encode_whole(self->codec, &state, text, errors, 1, &consumed);
    Py_DECREF(text);
    return bytes ? Py_BuildValue("(Nn)", bytes, length) : NULL;
}

/*sig MultibyteCodec.decode(self, input: buffer, errors: utf8_none = None)

Decodes 'input'.

'errors' may be given to set a different error handling scheme. Default is
'strict' meaning that encoding errors raise a UnicodeDecodeError. Other possible
values are 'ignore' and 'replace' as well as any other name registered with
codecs.register_error that is able to handle UnicodeDecodeErrors."
*/
static PyObject *
multibytecodec_decode_impl(MultibyteCodec *self, Py_buffer *input, const char *errors)
{
    multibyte_state state;
    init_state(self->codec, &state, 1);
    Py_ssize_t consumed;
    int at_end;
    PyObject *text = decode_whole(self->codec, &state, input->buf, input->len, errors, 1,
                                  &consumed, &at_end);
    return text ? Py_BuildValue("(Nn)", text, input->len) : NULL;
}

static PyMethodDef multibytecodec_methods[] = {
    MULTIBYTECODEC_ENCODE_METHODDEF
    MULTIBYTECODEC_DECODE_METHODDEF
    {NULL}
};

static int
multibytecodec_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
multibytecodec_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot multibytecodec_type_slots[] = {
    {Py_tp_dealloc, multibytecodec_dealloc},
    {Py_tp_traverse, multibytecodec_traverse},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_methods, multibytecodec_methods},
    {0, NULL}
};

static PyType_Spec multibytecodec_spec = {
    .name = "_multibytecodec.MultibyteCodec",
    .basicsize = sizeof(MultibyteCodec),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = multibytecodec_type_slots,
};

/* ---- what the incremental types share -------------------------------------------------------- */

/* Return the name of the error handler, NULL on an error. */
static const char *
errors_of(Incremental *self)
{
    return PyUnicode_AsUTF8(self->errors);
}

static PyObject *
incremental_get_errors(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(((Incremental *)self)->errors);
}

static int
incremental_set_errors(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    if (!PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "errors must be a string");
        return -1;
    }
    if (PyUnicode_AsUTF8(value) == NULL) {
        return -1;
    }
    Py_SETREF(((Incremental *)self)->errors, Py_NewRef(value));
    return 0;
}

static PyGetSetDef incremental_getset[] = {
    {"errors", incremental_get_errors, incremental_set_errors, "how to treat errors", NULL},
    {NULL}
};

static PyMemberDef stream_members[] = {
    {"stream", T_OBJECT, offsetof(Incremental, stream), READONLY, NULL},
    {NULL}
};

static int
incremental_traverse(PyObject *op, visitproc visit, void *arg)
{
    Incremental *self = (Incremental *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->codec_object);
    Py_VISIT(self->stream);
    return 0;
}

static void
incremental_dealloc(PyObject *op)
{
    Incremental *self = (Incremental *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    Py_XDECREF(self->codec_object);
    Py_XDECREF(self->errors);
    Py_XDECREF(self->stream);
    type->tp_free(op);
    Py_DECREF(type);
}

/* Set *self's codec from the attribute "codec" of its type.  Return 0, or -1. */
static int
find_codec(Incremental *self, PyTypeObject *type)
{
    PyObject *codec = PyObject_GetAttrString((PyObject *)type, "codec");
    if (codec == NULL) {
        return -1;
    }
    PyObject *module = PyType_GetModuleByDef(type, &multibytecodec_module);
    assert(module != NULL);
    module_state *state = PyModule_GetState(module);
    if (!Py_IS_TYPE(codec, state->codec_type)) {
        PyErr_SetString(PyExc_TypeError, "codec is unexpected type");
        Py_DECREF(codec);
        return -1;
    }
    self->codec_object = codec;
    self->codec = ((MultibyteCodec *)codec)->codec;
    return 0;
}

/* Return a new object of one of the four types. */
static PyObject *
incremental_create(PyTypeObject *type, PyObject *stream, const char *errors, int decoding)
{
    PyObject *op = type->tp_alloc(type, 0);
    if (op == NULL) {
        return NULL;
    }
    Incremental *self = (Incremental *)op;
    self->stream = Py_XNewRef(stream);
    self->errors = PyUnicode_FromString(errors);
    if (self->errors == NULL || find_codec(self, type) < 0) {
        Py_DECREF(op);
        return NULL;
    }
    init_state(self->codec, &self->state, decoding);
    return op;
}

/* Nothing to do: the codecs' base classes in Lib/encodings call it. */
static int
incremental_init(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return 0;
}

/* Encode the pending text and the input.  Return new bytes, or NULL (the object is unchanged save
 * the state). */
static PyObject *
encode_more(Incremental *self, PyObject *input, int last)
{
    const char *errors = errors_of(self);
    PyObject *text = PyUnicode_Check(input) ? Py_NewRef(input) : PyObject_Str(input);
    if (errors == NULL || text == NULL) {
        Py_XDECREF(text);
        return NULL;
    }
    if (self->pending_count > 0) {
        PyObject *before = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, self->pending.text,
                                                     self->pending_count);
        Py_SETREF(text, before ? PyUnicode_Concat(before, text) : NULL);
        Py_XDECREF(before);
        if (text == NULL) {
            return NULL;
        }
    }
    Py_ssize_t consumed;
    PyObject *errors_object = Py_NewRef(self->errors);      /* a handler may set another */
    PyObject *bytes = encode_whole(self->codec, &self->state, text, errors, last, &consumed);
    Py_DECREF(errors_object);
    if (bytes != NULL) {
        self->pending_count = (int)(PyUnicode_GET_LENGTH(text) - consumed);
        assert(self->pending_count <= MAX_PENDING_TEXT);
        for (int i = 0; i < self->pending_count; i++) {
            self->pending.text[i] = PyUnicode_READ_CHAR(text, consumed + i);
        }
    }
    Py_DECREF(text);
    return bytes;
}

/* Decode the pending bytes and these.  Return a new str, or NULL: the bytes that were pending stay
 * so if the end was the error, and are lost otherwise. */
static PyObject *
decode_more(Incremental *self, const char *bytes, Py_ssize_t size, int last)
{
    const char *errors = errors_of(self);
    if (errors == NULL) {
        return NULL;
    }
    char *joined = NULL;
    if (self->pending_count > 0) {
        if (size > PY_SSIZE_T_MAX - MAX_PENDING_BYTES) {
            return PyErr_NoMemory();
        }
        joined = PyMem_Malloc(self->pending_count + size);
        if (joined == NULL) {
            return PyErr_NoMemory();
        }
        memcpy(joined, self->pending.bytes, self->pending_count);
        if (size > 0) {
            memcpy(joined + self->pending_count, bytes, size);
        }
        bytes = joined;
        size += self->pending_count;
    }
    Py_ssize_t consumed;
    int at_end;
    PyObject *errors_object = Py_NewRef(self->errors);
    PyObject *text = decode_whole(self->codec, &self->state, (const unsigned char *)bytes, size,
                                  errors, last, &consumed, &at_end);
    Py_DECREF(errors_object);
    if (text != NULL || !at_end) {
        self->pending_count = 0;
    }
    if (text != NULL && size - consumed > MAX_PENDING_BYTES) {
        PyErr_SetString(PyExc_UnicodeError, "pending buffer overflow");
        Py_CLEAR(text);
    }
    if (text != NULL) {
        self->pending_count = (int)(size - consumed);
        if (self->pending_count > 0) {
            memcpy(self->pending.bytes, bytes + consumed, self->pending_count);
        }
    }
    PyMem_Free(joined);
    return text;
}

/* ---- the encoder ----------------------------------------------------------------------------- */

static PyObject *
encoder_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    char *names[] = {"errors", NULL};
    const char *errors = "strict";
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|s:IncrementalEncoder", names, &errors)) {
        return NULL;
    }
    return incremental_create(type, NULL, errors, 0);
}

/*sig Encoder.encode(self, input, final: bool = False)
*/
static PyObject *
encoder_encode_impl(Encoder *self, PyObject *input, int final)
{
    return encode_more(self, input, final);
}

/* The state as an integer: little-endian the number of bytes of pending text in UTF-8, that text,
 * the state's bytes. */
/*sig Encoder.getstate(self)
*/
static PyObject *
encoder_getstate_impl(Encoder *self)
{
    unsigned char bytes[1 + 4 * MAX_PENDING_TEXT + sizeof(multibyte_state)];
    Py_ssize_t size = 0;
    if (self->pending_count > 0) {
        PyObject *text = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, self->pending.text,
                                                   self->pending_count);
        const char *utf8 = text ? PyUnicode_AsUTF8AndSize(text, &size) : NULL;
        if (utf8 == NULL) {
            Py_XDECREF(text);
            return NULL;
        }
        assert(size <= 4 * MAX_PENDING_TEXT);
        memcpy(bytes + 1, utf8, size);
        Py_DECREF(text);
    }
    bytes[0] = (unsigned char)size;
    memcpy(bytes + 1 + size, self->state.c, sizeof(self->state.c));
    return _PyLong_FromByteArray(bytes, 1 + size + sizeof(self->state.c), 1, 0);
}

/*sig Encoder.setstate(self, state: type[&PyLong_Type], /)
*/
static PyObject *
encoder_setstate_impl(Encoder *self, PyObject *state)
{
    unsigned char bytes[1 + 4 * MAX_PENDING_TEXT + sizeof(multibyte_state)];
    if (_PyLong_AsByteArray((PyLongObject *)state, bytes, sizeof(bytes), 1, 0) < 0) {
        return NULL;
    }
    if (bytes[0] > 4 * MAX_PENDING_TEXT) {
        PyErr_SetString(PyExc_UnicodeError, "pending buffer too large");
        return NULL;
    }
    PyObject *text = PyUnicode_DecodeUTF8((char *)bytes + 1, bytes[0], "strict");
    if (text == NULL) {
        return NULL;
    }
    if (PyUnicode_GET_LENGTH(text) > MAX_PENDING_TEXT) {
        PyErr_SetString(PyExc_UnicodeError, "pending buffer too large");
        Py_DECREF(text);
        return NULL;
    }
    self->pending_count = (int)PyUnicode_GET_LENGTH(text);
    for (int i = 0; i < self->pending_count; i++) {
        self->pending.text[i] = PyUnicode_READ_CHAR(text, i);
    }
    Py_DECREF(text);
    memcpy(self->state.c, bytes + 1 + bytes[0], sizeof(self->state.c));
    Py_RETURN_NONE;
}

/*sig Encoder.reset(self)
*/
static PyObject *
encoder_reset_impl(Encoder *self)
{
    if (self->codec->reset != NULL) {
        unsigned char out[MULTIBYTE_MAX_OUT];
        (void)self->codec->reset(&self->state, out);
    }
    self->pending_count = 0;
    Py_RETURN_NONE;
}

static PyMethodDef encoder_methods[] = {
    ENCODER_ENCODE_METHODDEF
    ENCODER_GETSTATE_METHODDEF
    ENCODER_SETSTATE_METHODDEF
    ENCODER_RESET_METHODDEF
    {NULL}
};

/* ---- the decoder ----------------------------------------------------------------------------- */

static PyObject *
decoder_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    char *names[] = {"errors", NULL};
    const char *errors = "strict";
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|s:IncrementalDecoder", names, &errors)) {
        return NULL;
    }
    return incremental_create(type, NULL, errors, 1);
}

/*sig Decoder.decode(self, input: buffer, final: bool = False)
*/
static PyObject *
decoder_decode_impl(Decoder *self, Py_buffer *input, int final)
{
    return decode_more(self, input->buf, input->len, final);
}

/*sig Decoder.getstate(self)
*/
static PyObject *
decoder_getstate_impl(Decoder *self)
{
    PyObject *state = _PyLong_FromByteArray(self->state.c, sizeof(self->state.c), 1, 0);
    if (state == NULL) {
        return NULL;
    }
    return Py_BuildValue("(y#N)", self->pending.bytes, (Py_ssize_t)self->pending_count, state);
}

/*sig Decoder.setstate(self, state: tuple, /)
*/
static PyObject *
decoder_setstate_impl(Decoder *self, PyObject *state)
{
    PyObject *pending, *number;
    unsigned char bytes[sizeof(multibyte_state)];
    if (!PyArg_ParseTuple(state, "SO!;setstate(): illegal state argument", &pending,
                          &PyLong_Type, &number)
            || _PyLong_AsByteArray((PyLongObject *)number, bytes, sizeof(bytes), 1, 0) < 0) {
        return NULL;
    }
    if (PyBytes_GET_SIZE(pending) > MAX_PENDING_BYTES) {
        PyErr_SetString(PyExc_UnicodeError, "pending buffer too large");
        return NULL;
    }
    self->pending_count = (int)PyBytes_GET_SIZE(pending);
    memcpy(self->pending.bytes, PyBytes_AS_STRING(pending), self->pending_count);
    memcpy(self->state.c, bytes, sizeof(bytes));
    Py_RETURN_NONE;
}

/*sig Decoder.reset(self)
*/
static PyObject *
decoder_reset_impl(Decoder *self)
{
    init_state(self->codec, &self->state, 1);
    self->pending_count = 0;
    Py_RETURN_NONE;
}

static PyMethodDef decoder_methods[] = {
    DECODER_DECODE_METHODDEF
    DECODER_GETSTATE_METHODDEF
    DECODER_SETSTATE_METHODDEF
    DECODER_RESET_METHODDEF
    {NULL}
};

/* ---- the reader ------------------------------------------------------------------------------ */

/* A StreamReader or StreamWriter; `format` names it. */
static PyObject *
stream_new(PyTypeObject *type, PyObject *args, PyObject *kwargs, const char *format, int decodes)
{
    char *names[] = {"stream", "errors", NULL};
    PyObject *stream;
    const char *errors = "strict";
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, format, names, &stream, &errors)) {
        return NULL;
    }
    return incremental_create(type, stream, errors, decodes);
}

static PyObject *
reader_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return stream_new(type, args, kwargs, "O|s:StreamReader", 1);
}

/* Call the stream's method for so many bytes (size < 0: all).  Return new bytes, or NULL. */
static PyObject *
read_stream(Reader *self, const char *method, Py_ssize_t size)
{
    PyObject *bytes = size < 0 ? PyObject_CallMethod(self->stream, method, NULL)
                               : PyObject_CallMethod(self->stream, method, "n", size);
    if (bytes != NULL && !PyBytes_Check(bytes)) {
        PyErr_Format(PyExc_TypeError, "stream function returned a non-bytes object (%.100s)",
                     Py_TYPE(bytes)->tp_name);
        Py_CLEAR(bytes);
    }
    return bytes;
}

/* Read and decode until there is a character or the stream ends.  Return a new str, or NULL. */
static PyObject *
read_text(Reader *self, const char *method, Py_ssize_t size)
{
    if (size == 0) {
        return PyUnicode_New(0, 0);
    }
    for (;;) {
        PyObject *bytes = read_stream(self, method, size);
        if (bytes == NULL) {
            return NULL;
        }
        int last = size < 0 || PyBytes_GET_SIZE(bytes) == 0;
        PyObject *text = decode_more(self, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes),
                                     last);
        Py_DECREF(bytes);
        if (text == NULL || last || PyUnicode_GET_LENGTH(text) > 0) {
            return text;
        }
        Py_DECREF(text);
        size = 1;                   /* one more byte of the character */
    }
}

/* The argument of the three methods: None or an integer.  Return 0, or -1. */
static int
read_size(PyObject *argument, Py_ssize_t *size)
{
    *size = -1;
    if (argument == Py_None) {
        return 0;
    }
    if (!PyLong_Check(argument)) {
        PyErr_SetString(PyExc_TypeError, "arg 1 must be an integer");
        return -1;
    }
    *size = PyLong_AsSsize_t(argument);
    return *size == -1 && PyErr_Occurred() ? -1 : 0;
}

/*sig Reader.read(self, sizeobj = None, /)
*/
static PyObject *
reader_read_impl(Reader *self, PyObject *sizeobj)
{
    Py_ssize_t size;
    return read_size(sizeobj, &size) < 0 ? NULL : read_text(self, "read", size);
}

/*sig Reader.readline(self, sizeobj = None, /)
*/
static PyObject *
reader_readline_impl(Reader *self, PyObject *sizeobj)
{
    Py_ssize_t size;
    return read_size(sizeobj, &size) < 0 ? NULL : read_text(self, "readline", size);
}

/*sig Reader.readlines(self, sizehintobj = None, /)
*/
static PyObject *
reader_readlines_impl(Reader *self, PyObject *sizehintobj)
{
    Py_ssize_t size;
    if (read_size(sizehintobj, &size) < 0) {
        return NULL;
    }
    PyObject *text = read_text(self, "read", size);
    if (text == NULL) {
        return NULL;
    }
    PyObject *lines = PyUnicode_Splitlines(text, 1);
    Py_DECREF(text);
    return lines;
}

/*sig Reader.reset(self)
*/
static PyObject *
reader_reset_impl(Reader *self)
{
    return decoder_reset_impl(self);
}

static PyMethodDef reader_methods[] = {
    READER_READ_METHODDEF
    READER_READLINE_METHODDEF
    READER_READLINES_METHODDEF
    READER_RESET_METHODDEF
    {NULL}
};

/* ---- the writer ------------------------------------------------------------------------------ */

static PyObject *
writer_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return stream_new(type, args, kwargs, "O|s:StreamWriter", 0);
}

/* Write bytes (stolen, may be NULL) to the stream.  Return 0, or -1. */
static int
write_stream(Writer *self, PyObject *bytes)
{
    if (bytes == NULL) {
        return -1;
    }
    PyObject *result = PyObject_CallMethod(self->stream, "write", "O", bytes);
    Py_DECREF(bytes);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

/*sig Writer.write(self, strobj, /)
*/
static PyObject *
writer_write_impl(Writer *self, PyObject *strobj)
{
    if (write_stream(self, encode_more(self, strobj, 0)) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig Writer.writelines(self, lines, /)
*/
static PyObject *
writer_writelines_impl(Writer *self, PyObject *lines)
{
    if (!PySequence_Check(lines)) {
        PyErr_SetString(PyExc_TypeError, "arg must be a sequence object");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PySequence_Size(lines); i++) {
        PyObject *line = PySequence_GetItem(lines, i);
        int failed = line == NULL || write_stream(self, encode_more(self, line, 0)) < 0;
        Py_XDECREF(line);
        if (failed) {
            return NULL;
        }
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig Writer.reset(self)
*/
static PyObject *
writer_reset_impl(Writer *self)
{
    if (self->pending_count == 0) {
        Py_RETURN_NONE;
    }
    PyObject *empty = PyUnicode_New(0, 0);
    PyObject *bytes = empty ? encode_more(self, empty, 1) : NULL;
    Py_XDECREF(empty);
    if (write_stream(self, bytes) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef writer_methods[] = {
    WRITER_WRITE_METHODDEF
    WRITER_WRITELINES_METHODDEF
    WRITER_RESET_METHODDEF
    {NULL}
};

/* ---- the module ------------------------------------------------------------------------------ */

#define INCREMENTAL_FLAGS (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE \
                           | Py_TPFLAGS_IMMUTABLETYPE)

static PyType_Slot encoder_type_slots[] = {
    {Py_tp_dealloc, incremental_dealloc},
    {Py_tp_traverse, incremental_traverse},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_methods, encoder_methods},
    {Py_tp_getset, incremental_getset},
    {Py_tp_init, incremental_init},
    {Py_tp_new, encoder_new},
    {0, NULL}
};

static PyType_Spec encoder_spec = {
    .name = "_multibytecodec.MultibyteIncrementalEncoder",
    .basicsize = sizeof(Incremental),
    .flags = INCREMENTAL_FLAGS,
    .slots = encoder_type_slots,
};

static PyType_Slot decoder_type_slots[] = {
    {Py_tp_dealloc, incremental_dealloc},
    {Py_tp_traverse, incremental_traverse},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_methods, decoder_methods},
    {Py_tp_getset, incremental_getset},
    {Py_tp_init, incremental_init},
    {Py_tp_new, decoder_new},
    {0, NULL}
};

static PyType_Spec decoder_spec = {
    .name = "_multibytecodec.MultibyteIncrementalDecoder",
    .basicsize = sizeof(Incremental),
    .flags = INCREMENTAL_FLAGS,
    .slots = decoder_type_slots,
};

static PyType_Slot reader_type_slots[] = {
    {Py_tp_dealloc, incremental_dealloc},
    {Py_tp_traverse, incremental_traverse},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_methods, reader_methods},
    {Py_tp_getset, incremental_getset},
    {Py_tp_init, incremental_init},
    {Py_tp_new, reader_new},
    {Py_tp_members, stream_members},
    {0, NULL}
};

static PyType_Spec reader_spec = {
    .name = "_multibytecodec.MultibyteStreamReader",
    .basicsize = sizeof(Incremental),
    .flags = INCREMENTAL_FLAGS,
    .slots = reader_type_slots,
};

static PyType_Slot writer_type_slots[] = {
    {Py_tp_dealloc, incremental_dealloc},
    {Py_tp_traverse, incremental_traverse},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_methods, writer_methods},
    {Py_tp_getset, incremental_getset},
    {Py_tp_init, incremental_init},
    {Py_tp_new, writer_new},
    {Py_tp_members, stream_members},
    {0, NULL}
};

static PyType_Spec writer_spec = {
    .name = "_multibytecodec.MultibyteStreamWriter",
    .basicsize = sizeof(Incremental),
    .flags = INCREMENTAL_FLAGS,
    .slots = writer_type_slots,
};

/* Return a new codec object for the description in a capsule. */
static PyObject *
create_codec(PyObject *module, PyObject *capsule)
{
    if (!PyCapsule_IsValid(capsule, MULTIBYTE_CODEC_CAPSULE)) {
        PyErr_SetString(PyExc_ValueError, "argument type invalid");
        return NULL;
    }
    module_state *state = PyModule_GetState(module);
    MultibyteCodec *self = PyObject_GC_New(MultibyteCodec, state->codec_type);
    if (self == NULL) {
        return NULL;
    }
    self->codec = PyCapsule_GetPointer(capsule, MULTIBYTE_CODEC_CAPSULE);
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static PyMethodDef module_methods[] = {
    {"__create_codec", create_codec, METH_O, "__create_codec($module, arg, /)\n--\n\n"},
    {NULL}
};

static int
module_exec(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    state->codec_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &multibytecodec_spec,
                                                                 NULL);
    if (state->codec_type == NULL) {
        return -1;
    }
    PyType_Spec *specs[] = {&encoder_spec, &decoder_spec, &reader_spec, &writer_spec};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(specs); i++) {
        PyObject *type = PyType_FromModuleAndSpec(module, specs[i], NULL);
        int failed = type == NULL || PyModule_AddType(module, (PyTypeObject *)type) < 0;
        Py_XDECREF(type);
        if (failed) {
            return -1;
        }
    }
    return 0;
}

static int
module_traverse(PyObject *module, visitproc visit, void *arg)
{
    module_state *state = PyModule_GetState(module);
    Py_VISIT(state->codec_type);
    return 0;
}

static int
module_clear(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    Py_CLEAR(state->codec_type);
    return 0;
}

static void
module_free(void *module)
{
    (void)module_clear((PyObject *)module);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef multibytecodec_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_multibytecodec",
    .m_size = sizeof(module_state),
    .m_methods = module_methods,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC
PyInit__multibytecodec(void)
{
    return PyModuleDef_Init(&multibytecodec_module);
}
