/* textio.c - TextIOWrapper: life, writing, attributes (see textio.h and textio_read.c), and
 * _TextIOBase.
 *
 * Written text is encoded at once and collected in `pending`; it goes to the buffer when there is
 * more than a chunk of it, before anything that reads or seeks, and by flush().  The encoders of
 * UTF-8, ASCII and Latin-1 have no state and are called as C functions; others are objects.
 *
 * Written from the documentation of io and codecs and observed behaviour.
 */
#include "textio.h"
#include "pycore_lifecycle.h"   // _PyIO_NewText()
#include "pycore_fileutils.h"   // _Py_GetLocaleEncodingObject

#include "sig/textio.sig.h"

/* ---- checks -------------------------------------------------------------------------------- */

int
_PyTextIO_CheckAttached(textio *self)
{
    if (self->ok) {
        assert(self->buffer != NULL);
        return 0;
    }
    PyErr_SetString(PyExc_ValueError, self->detached ? "underlying buffer has been detached"
                                                     : "I/O operation on uninitialized object");
    return -1;
}

/* The FileIO at the bottom of an unmodified stack of types, or NULL. */
static PyObject *
plain_file(textio *self)
{
    PyTypeObject *type = Py_TYPE(self->buffer);
    if (!Py_IS_TYPE((PyObject *)self, &_PyTextIOWrapper_Type)
        || (type != &_PyBufferedReader_Type && type != &_PyBufferedWriter_Type
            && type != &_PyBufferedRandom_Type))
    {
        return NULL;
    }
    PyObject *raw = _PyBuffered_Raw(self->buffer);
    return raw != NULL && Py_IS_TYPE(raw, &_PyFileIO_Type) ? raw : NULL;
}

int
_PyTextIO_CheckOpen(textio *self)
{
    if (_PyTextIO_CheckAttached(self) < 0) {
        return -1;
    }
    PyObject *raw = plain_file(self);
    if (raw == NULL) {
        return _PyIOBase_CheckClosed((PyObject *)self);
    }
    if (_PyFileIO_IsClosed(raw)) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on closed file.");
        return -1;
    }
    return 0;
}

/* ---- encoders and decoders ------------------------------------------------------------------ */

/* NULL, "", "\n", "\r" and "\r\n" are line ends. */
static int
check_newline(const char *newline)
{
    if (newline != NULL && strcmp(newline, "") != 0 && strcmp(newline, "\n") != 0
        && strcmp(newline, "\r") != 0 && strcmp(newline, "\r\n") != 0)
    {
        PyErr_Format(PyExc_ValueError, "illegal newline value: %s", newline);
        return -1;
    }
    return 0;
}

static int
set_newline(textio *self, const char *newline)
{
    PyObject *line_end = NULL;
    if (newline != NULL && newline[0] != '\0') {
        line_end = PyUnicode_FromString(newline);
        if (line_end == NULL) {
            return -1;
        }
    }
    Py_XSETREF(self->read_newline, line_end);
    self->read_universal = line_end == NULL;
    self->read_translate = newline == NULL;
    self->write_translate = newline == NULL || newline[0] != '\0';
    bool kept = newline == NULL || strcmp(newline, "\n") == 0 || newline[0] == '\0';
    Py_XSETREF(self->write_newline, kept ? NULL : Py_NewRef(line_end));
    return 0;
}

/* Whether buffer.readable() (...) is true: 1, 0, -1. */
static int
ask_buffer(textio *self, PyObject *method)
{
    PyObject *res = PyObject_CallMethodNoArgs(self->buffer, method);
    if (res == NULL) {
        return -1;
    }
    int result = PyObject_IsTrue(res);
    Py_DECREF(res);
    return result;
}

static int
make_decoder(textio *self, PyObject *codec_info, const char *errors)
{
    int readable = ask_buffer(self, &_Py_ID(readable));
    if (readable <= 0) {
        return readable;
    }
    PyObject *decoder = _PyCodecInfo_GetIncrementalDecoder(codec_info, errors);
    if (decoder == NULL) {
        return -1;
    }
    if (self->read_universal) {
        PyObject *outer = PyObject_CallFunctionObjArgs(
            (PyObject *)&_PyIncrementalNewlineDecoder_Type, decoder,
            self->read_translate ? Py_True : Py_False, NULL);
        Py_DECREF(decoder);
        if (outer == NULL) {
            return -1;
        }
        decoder = outer;
    }
    Py_XSETREF(self->decoder, decoder);
    return 0;
}

/* The core's function for a codec, by the codec's own name; or NULL. */
static encode_func
core_encoder(PyObject *name)
{
    return _PyUnicode_EqualToASCIIString(name, "utf-8") ? _PyUnicode_AsUTF8String
           : _PyUnicode_EqualToASCIIString(name, "ascii") ? _PyUnicode_AsASCIIString
           : _PyUnicode_EqualToASCIIString(name, "iso8859-1") ? _PyUnicode_AsLatin1String : NULL;
}

static encode_func
direct_encoder(PyObject *codec_info)
{
    PyObject *name;
    if (_PyObject_LookupAttr(codec_info, &_Py_ID(name), &name) < 0) {
        PyErr_Clear();
        return NULL;
    }
    encode_func f = name != NULL && PyUnicode_Check(name) ? core_encoder(name) : NULL;
    Py_XDECREF(name);
    return f;
}

static int
make_encoder(textio *self, PyObject *codec_info, const char *errors)
{
    int writable = ask_buffer(self, &_Py_ID(writable));
    if (writable <= 0) {
        return writable;
    }
    PyObject *encoder = _PyCodecInfo_GetIncrementalEncoder(codec_info, errors);
    if (encoder == NULL) {
        return -1;
    }
    Py_XSETREF(self->encoder, encoder);
    self->encode = direct_encoder(codec_info);
    return 0;
}

int
_PyTextIO_ResetEncoder(textio *self, bool at_start)
{
    assert(self->encoder != NULL);
    PyObject *res = at_start
        ? PyObject_CallMethodNoArgs(self->encoder, &_Py_ID(reset))
        : PyObject_CallMethod(self->encoder, "setstate", "i", 0);
    Py_XDECREF(res);
    return res == NULL ? -1 : 0;
}

/* No byte order mark in the middle of a stream.  As in 3.12, UTF-16 and UTF-32 get none in a stream
   that has no positions either: the bytes are in the machine's order. */
static int
place_encoder(textio *self)
{
    if (self->encoder == NULL) {
        return 0;
    }
    if (!self->seekable) {
        const char *name = PyUnicode_AsUTF8(self->encoding);    /* in any spelling */
        if (name == NULL) {
            return -1;
        }
        bool wide = (*name == 'u' || *name == 'U')
                    && (strstr(name, "16") != NULL || strstr(name, "32") != NULL);
        return wide ? _PyTextIO_ResetEncoder(self, false) : 0;
    }
    PyObject *pos = PyObject_CallMethodNoArgs(self->buffer, &_Py_ID(tell));
    if (pos == NULL) {
        return -1;
    }
    int at_start = PyObject_Not(pos);
    Py_DECREF(pos);
    return at_start < 0 ? -1 : at_start ? 0 : _PyTextIO_ResetEncoder(self, false);
}

/* In development mode, error handlers must exist. */
static int
check_errors(PyObject *errors)
{
    const char *name = PyUnicode_AsUTF8(errors);
    if (name == NULL) {
        return -1;
    }
    if (strlen(name) != (size_t)PyUnicode_GET_LENGTH(errors)
        && PyUnicode_FindChar(errors, 0, 0, PyUnicode_GET_LENGTH(errors), 1) >= 0)
    {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return -1;
    }
    if (!_Py_GetConfig()->dev_mode || strcmp(name, "strict") == 0) {
        return 0;
    }
    PyObject *handler = PyCodec_LookupError(name);
    Py_XDECREF(handler);
    return handler == NULL ? -1 : 0;
}

/* ---- life ----------------------------------------------------------------------------------- */

static void
drop_everything(textio *self)
{
    self->ok = false;
    Py_CLEAR(self->buffer);
    Py_CLEAR(self->encoding);
    Py_CLEAR(self->errors);
    Py_CLEAR(self->encoder);
    Py_CLEAR(self->decoder);
    Py_CLEAR(self->read_newline);
    Py_CLEAR(self->write_newline);
    Py_CLEAR(self->decoded);
    Py_CLEAR(self->snap_input);
    PyMem_Free(self->pending);
    self->pending = NULL;
    self->npending = self->pending_size = 0;
    self->used = 0;
    self->encode = NULL;
    self->codec_waits = false;
}

/* The str for the attribute `encoding`; *lookup says "locale" was meant. */
static PyObject *
choose_encoding(const char *encoding)
{
    if (encoding == NULL) {
        if (_Py_GetConfig()->warn_default_encoding
            && PyErr_WarnEx(PyExc_EncodingWarning, "'encoding' argument not specified", 1) < 0)
        {
            return NULL;
        }
        if (Py_UTF8Mode) {
            return Py_NewRef(&_Py_STR(utf_8));
        }
    }
    if (encoding == NULL || strcmp(encoding, "locale") == 0) {
        return _Py_GetLocaleEncodingObject();
    }
    return PyUnicode_FromString(encoding);
}

/* Encoder and decoder for self->encoding and self->errors. */
static int
set_codec(textio *self)
{
    const char *encoding = PyUnicode_AsUTF8(self->encoding);
    const char *errors = PyUnicode_AsUTF8(self->errors);
    if (encoding == NULL || errors == NULL) {
        return -1;
    }
    PyObject *codec_info = _PyCodec_LookupTextEncoding(encoding, "codecs.open()");
    if (codec_info == NULL) {
        return -1;
    }
    int status = make_decoder(self, codec_info, errors) < 0
                 || make_encoder(self, codec_info, errors) < 0 ? -1 : 0;
    Py_DECREF(codec_info);
    return status;
}

/* If the core can encode without them, encoder and decoder may be put off: 1 (done), 0 or -1. */
static int
put_codec_off(textio *self)
{
    encode_func f = core_encoder(self->encoding);
    int writable = f == NULL ? 0 : ask_buffer(self, &_Py_ID(writable));
    if (f == NULL || writable < 0) {
        return writable;
    }
    self->encode = writable ? f : NULL;
    self->codec_waits = true;
    return 1;
}

int
_PyTextIO_MakeCodec(textio *self)
{
    if (!self->codec_waits) {
        return 0;
    }
    if (set_codec(self) < 0 || place_encoder(self) < 0) {
        return -1;              /* tried again at the next call */
    }
    self->codec_waits = false;
    return 0;
}

/* The work of __init__().  With `codec_waits`, see put_codec_off(). */
static int
textio_setup(textio *self, PyObject *buffer, const char *encoding, PyObject *errors,
             const char *newline, int line_buffering, int write_through, int codec_waits)
{
    drop_everything(self);
    self->detached = false;
    if (errors != Py_None && !PyUnicode_Check(errors)) {
        PyErr_Format(PyExc_TypeError, "TextIOWrapper() argument 'errors' must be str or None, "
                     "not %.50s", Py_TYPE(errors)->tp_name);
        return -1;
    }
    if (check_newline(newline) < 0) {
        return -1;
    }
    self->errors = Py_NewRef(errors == Py_None ? &_Py_ID(strict) : errors);
    self->encoding = choose_encoding(encoding);
    if (self->encoding == NULL || check_errors(self->errors) < 0) {
        goto error;
    }
    self->buffer = Py_NewRef(buffer);
    self->line_buffering = line_buffering != 0;
    self->write_through = write_through != 0;
    self->chunk_size = IO_DEFAULT_BUFFER_SIZE;
    self->bytes_per_char = 0.0;
    if (set_newline(self, newline) < 0) {
        goto error;
    }
    int put_off = codec_waits ? put_codec_off(self) : 0;
    if (put_off < 0 || (!put_off && set_codec(self) < 0)) {
        goto error;
    }
    int seekable = ask_buffer(self, &_Py_ID(seekable));
    if (seekable < 0) {
        goto error;
    }
    self->seekable = self->telling = seekable != 0;
    PyObject *read1;
    if (_PyObject_LookupAttr(buffer, &_Py_ID(read1), &read1) < 0) {
        goto error;
    }
    self->has_read1 = read1 != NULL;
    Py_XDECREF(read1);
    if (place_encoder(self) < 0) {
        goto error;
    }
    self->ok = true;
    return 0;
error:
    drop_everything(self);
    return -1;
}

/*sig _io.TextIOWrapper.__init__(self, buffer, encoding: utf8_none = None, errors = None,
        newline: utf8_none = None, line_buffering: bool = False, write_through: bool = False)

Character and line based layer over a BufferedIOBase object, buffer.

encoding gives the name of the encoding that the stream will be
decoded or encoded with. It defaults to locale.getencoding().

errors determines the strictness of encoding and decoding (see
help(codecs.Codec) or the documentation for codecs.register) and
defaults to "strict".

newline controls how line endings are handled. It can be None, '',
'\n', '\r', and '\r\n'.  It works as follows:

* On input, if newline is None, universal newlines mode is
  enabled. Lines in the input can end in '\n', '\r', or '\r\n', and
  these are translated into '\n' before being returned to the
  caller. If it is '', universal newline mode is enabled, but line
  endings are returned to the caller untranslated. If it has any of
  the other legal values, input lines are only terminated by the given
  string, and the line ending is returned to the caller untranslated.

* On output, if newline is None, any '\n' characters written are
  translated to the system default line separator, os.linesep. If
  newline is '' or '\n', no translation takes place. If newline is any
  of the other legal values, any '\n' characters written are translated
  to the given string.

If line_buffering is True, a call to flush is implied when a call to
write contains a newline character.
*/
static int
textio_init_impl(textio *self, PyObject *buffer, const char *encoding, PyObject *errors,
                 const char *newline, int line_buffering, int write_through)
{
    return textio_setup(self, buffer, encoding, errors, newline, line_buffering, write_through, 0);
}

PyObject *
_PyIO_NewText(PyObject *buffer, PyObject *encoding, PyObject *errors, int line_buffering,
              int write_through, int codec_waits)
{
    const char *name = PyUnicode_AsUTF8(encoding);
    PyObject *self = name == NULL ? NULL
        : PyType_GenericAlloc(&_PyTextIOWrapper_Type, 0);
    if (self != NULL && textio_setup(textio_cast(self), buffer, name, errors, "\n", line_buffering,
                                     write_through, codec_waits) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

static int
textio_traverse(PyObject *op, visitproc visit, void *arg)
{
    textio *self = textio_cast(op);
    Py_VISIT(self->buffer);
    Py_VISIT(self->encoding);
    Py_VISIT(self->errors);
    Py_VISIT(self->encoder);
    Py_VISIT(self->decoder);
    Py_VISIT(self->read_newline);
    Py_VISIT(self->write_newline);
    Py_VISIT(self->decoded);
    Py_VISIT(self->snap_input);
    Py_VISIT(self->dict);
    return 0;
}

static int
textio_clear(PyObject *op)
{
    drop_everything(textio_cast(op));
    Py_CLEAR(textio_cast(op)->dict);
    return 0;
}

static void
textio_dealloc(PyObject *op)
{
    textio *self = textio_cast(op);
    self->finalizing = 1;
    if (_PyIOBase_Finalize(op) < 0) {
        return;
    }
    PyObject_GC_UnTrack(op);
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    textio_clear(op);
    Py_TYPE(op)->tp_free(op);
}

/*sig _io.TextIOWrapper.detach(self)

*/
static PyObject *
textio_detach_impl(textio *self)
{
    if (_PyTextIO_CheckAttached(self) < 0) {
        return NULL;
    }
    PyObject *res = PyObject_CallMethodNoArgs((PyObject *)self, &_Py_ID(flush));
    if (res == NULL) {
        return NULL;
    }
    Py_DECREF(res);
    if (_PyTextIO_CheckAttached(self) < 0) {
        return NULL;
    }
    PyObject *buffer = self->buffer;
    self->buffer = NULL;
    self->detached = true;
    self->ok = false;
    return buffer;
}

/*sig _io.TextIOWrapper.close(self)

*/
static PyObject *
textio_close_impl(textio *self)
{
    if (_PyTextIO_CheckAttached(self) < 0) {
        return NULL;
    }
    int closed = _PyIO_AttrTrue((PyObject *)self, &_Py_ID(closed));
    if (closed != 0) {
        return closed < 0 ? NULL : Py_NewRef(Py_None);
    }
    PyObject *res;
    if (self->finalizing) {
        res = PyObject_CallMethodOneArg(self->buffer, &_Py_ID(_dealloc_warn), (PyObject *)self);
        if (res == NULL) {
            PyErr_Clear();
        }
        Py_XDECREF(res);
    }
    res = PyObject_CallMethodNoArgs((PyObject *)self, &_Py_ID(flush));
    PyObject *exc = PyErr_GetRaisedException();
    Py_XDECREF(res);
    if (self->buffer == NULL) {
        if (exc == NULL) {
            _PyTextIO_CheckAttached(self);
        }
        _PyIO_ChainException(exc);
        return NULL;
    }
    res = PyObject_CallMethodNoArgs(self->buffer, &_Py_ID(close));
    if (exc != NULL) {
        _PyErr_ChainExceptions1(exc);
        Py_CLEAR(res);
    }
    return res;
}

/* ---- writing -------------------------------------------------------------------------------- */

int
_PyTextIO_WritePending(textio *self)
{
    if (self->npending == 0) {
        return 0;
    }
    assert(self->pending != NULL && self->npending <= self->pending_size);
    PyObject *bytes = PyBytes_FromStringAndSize(self->pending, self->npending), *res;
    if (bytes == NULL) {
        return -1;
    }
    self->npending = 0;
    do {
        res = PyObject_CallMethodOneArg(self->buffer, &_Py_ID(write), bytes);
    } while (res == NULL && _PyIO_TrapEINTR());
    Py_DECREF(bytes);
    Py_XDECREF(res);
    return res == NULL ? -1 : 0;
}

/* Add n encoded bytes to what is pending. */
static int
add_pending(textio *self, const char *data, Py_ssize_t n)
{
    if (self->npending > 0 && n > self->chunk_size - self->npending
        && _PyTextIO_WritePending(self) < 0)
    {
        return -1;
    }
    if (n > self->pending_size - self->npending) {
        Py_ssize_t have = self->npending;
        Py_ssize_t size = Py_MAX(have + n, Py_MIN(self->chunk_size, 2 * (have + n) + 64));
        char *p = PyMem_Realloc(self->pending, size);
        if (p == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        self->pending = p;
        self->pending_size = size;
    }
    if (n > 0) {
        memcpy(self->pending + self->npending, data, n);
        self->npending += n;
    }
    return 0;
}

/* text encoded: new bytes. */
static PyObject *
encode_text(textio *self, PyObject *text)
{
    PyObject *bytes;
    if (self->encode != NULL) {
        const char *errors = PyUnicode_AsUTF8(self->errors);
        return errors == NULL ? NULL : self->encode(text, errors);
    }
    bytes = PyObject_CallMethodOneArg(self->encoder, &_Py_ID(encode), text);
    if (bytes != NULL && !PyBytes_Check(bytes)) {
        PyErr_Format(PyExc_TypeError, "encoder should return a bytes object, not '%.200s'",
                     Py_TYPE(bytes)->tp_name);
        Py_CLEAR(bytes);
    }
    return bytes;
}

/* Encode text into what is pending. */
static int
encode_pending(textio *self, PyObject *text)
{
    if (self->encode != NULL && PyUnicode_IS_ASCII(text)) {
        /* the direct encodings all contain ASCII */
        return add_pending(self, PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text));
    }
    PyObject *bytes = encode_text(self, text);
    if (bytes == NULL) {
        return -1;
    }
    /* an encoder or error handler may have detached the buffer */
    int status = _PyTextIO_CheckAttached(self);
    if (status == 0) {
        status = add_pending(self, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes));
    }
    Py_DECREF(bytes);
    return status;
}

static bool
contains(PyObject *text, Py_UCS4 c)
{
    return PyUnicode_FindChar(text, c, 0, PyUnicode_GET_LENGTH(text), 1) >= 0;
}

/* Text was written: what was decoded before no longer follows the position. */
static int
forget_reading(textio *self)
{
    if (self->decoded != NULL || self->snap_input != NULL) {
        _PyTextIO_DropDecoded(self);
        Py_CLEAR(self->snap_input);
    }
    if (self->decoder != NULL) {
        PyObject *res = PyObject_CallMethodNoArgs(self->decoder, &_Py_ID(reset));
        Py_XDECREF(res);
        return res == NULL ? -1 : 0;
    }
    return 0;
}

static PyObject *
call_buffer_flush(textio *self)
{
    return PyObject_CallMethodNoArgs(self->buffer, &_Py_ID(flush));
}

/* text with '\n' as it is to be written. New reference. */
static PyObject *
translate_newlines(textio *self, PyObject *text, bool has_newline)
{
    if (!has_newline || !self->write_translate || self->write_newline == NULL) {
        return Py_NewRef(text);
    }
    PyObject *newline = PyUnicode_FromString("\n");
    if (newline == NULL) {
        return NULL;
    }
    PyObject *result = PyUnicode_Replace(text, newline, self->write_newline, -1);
    Py_DECREF(newline);
    return result;
}

/*sig _io.TextIOWrapper.write(self, text: unicode, /)

*/
static PyObject *
textio_write_impl(textio *self, PyObject *text)
{
    if (_PyTextIO_CheckOpen(self) < 0) {
        return NULL;
    }
    if (self->encoder == NULL && self->encode == NULL) {
        return _PyIO_Unsupported("not writable");
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    bool has_newline = (self->line_buffering || self->write_newline != NULL)
                       && contains(text, '\n');
    bool flush = self->line_buffering && (has_newline || contains(text, '\r'));
    PyObject *out = translate_newlines(self, text, has_newline);
    if (out == NULL) {
        return NULL;
    }
    int status = encode_pending(self, out);
    Py_DECREF(out);
    if (status == 0 && (self->write_through || flush || self->npending >= self->chunk_size)) {
        status = _PyTextIO_WritePending(self);
    }
    if (status < 0) {
        return NULL;
    }
    if (flush) {
        PyObject *res = call_buffer_flush(self);
        if (res == NULL) {
            return NULL;
        }
        Py_DECREF(res);
    }
    return forget_reading(self) < 0 ? NULL : PyLong_FromSsize_t(length);
}

/*sig _io.TextIOWrapper.flush(self)

*/
static PyObject *
textio_flush_impl(textio *self)
{
    if (_PyTextIO_CheckOpen(self) < 0) {
        return NULL;
    }
    self->telling = self->seekable;
    return _PyTextIO_WritePending(self) < 0 ? NULL : call_buffer_flush(self);
}

/*sig _io.TextIOWrapper.truncate(self, pos = None, /)

*/
static PyObject *
textio_truncate_impl(textio *self, PyObject *pos)
{
    if (_PyTextIO_CheckAttached(self) < 0) {
        return NULL;
    }
    PyObject *res = PyObject_CallMethodNoArgs((PyObject *)self, &_Py_ID(flush));
    if (res == NULL) {
        return NULL;
    }
    Py_DECREF(res);
    return PyObject_CallMethodOneArg(self->buffer, &_Py_ID(truncate), pos);
}

/* ---- reconfigure ----------------------------------------------------------------------------- */

/* A flag of reconfigure(): None keeps `old`.  -1 with an exception. */
static int
new_flag(PyObject *value, int old)
{
    if (value == Py_None) {
        return old;
    }
    int flag = _PyLong_AsInt(value);
    return flag == -1 && PyErr_Occurred() ? -1 : flag != 0;
}

/* Change encoding and error handler; None keeps them. */
static int
change_encoding(textio *self, PyObject *encoding, PyObject *errors, bool newline_changed)
{
    if (encoding == Py_None && errors == Py_None && !newline_changed) {
        return 0;
    }
    PyObject *new_encoding, *new_errors;
    if (encoding == Py_None) {
        new_encoding = Py_NewRef(self->encoding);
        new_errors = Py_NewRef(errors == Py_None ? self->errors : errors);
    }
    else {
        if (_PyUnicode_EqualToASCIIString(encoding, "locale")) {
            new_encoding = _Py_GetLocaleEncodingObject();
            if (new_encoding == NULL) {
                return -1;
            }
        }
        else {
            new_encoding = Py_NewRef(encoding);
        }
        new_errors = Py_NewRef(errors == Py_None ? &_Py_ID(strict) : errors);
    }
    int status = -1;
    const char *name = PyUnicode_AsUTF8(new_encoding), *handler = PyUnicode_AsUTF8(new_errors);
    PyObject *codec_info = NULL;
    if (name != NULL && handler != NULL && check_errors(new_errors) == 0) {
        codec_info = _PyCodec_LookupTextEncoding(name, "codecs.open()");
    }
    if (codec_info != NULL && make_decoder(self, codec_info, handler) == 0
        && make_encoder(self, codec_info, handler) == 0)
    {
        self->codec_waits = false;
        Py_XSETREF(self->encoding, Py_NewRef(new_encoding));
        Py_XSETREF(self->errors, Py_NewRef(new_errors));
        status = place_encoder(self);
    }
    Py_XDECREF(codec_info);
    Py_DECREF(new_encoding);
    Py_DECREF(new_errors);
    return status;
}

static int
check_str_or_none(PyObject *value, const char *name)
{
    if (value != Py_None && !PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "reconfigure() argument '%s' must be str or None, not %.50s",
                     name, Py_TYPE(value)->tp_name);
        return -1;
    }
    return 0;
}

/*sig _io.TextIOWrapper.reconfigure(self, *, encoding = None, errors = None,
                                    newline = c"NULL" py"None",
                                    line_buffering = None, write_through = None)

Reconfigure the text stream with new parameters.

This also does an implicit stream flush.
*/
static PyObject *
textio_reconfigure_impl(textio *self, PyObject *encoding, PyObject *errors, PyObject *newline,
                        PyObject *line_buffering, PyObject *write_through)
{
    if (check_str_or_none(encoding, "encoding") < 0 || check_str_or_none(errors, "errors") < 0) {
        return NULL;
    }
    const char *line_end = NULL;
    if (self->decoded != NULL
        && (encoding != Py_None || errors != Py_None || newline != NULL))
    {
        return _PyIO_Unsupported("It is not possible to set the encoding or "
                                 "newline of stream after the first read");
    }
    if (newline != NULL && newline != Py_None) {
        if (check_str_or_none(newline, "newline") < 0) {
            return NULL;
        }
        line_end = PyUnicode_AsUTF8(newline);
        if (line_end == NULL || check_newline(line_end) < 0) {
            return NULL;
        }
    }
    int lines = new_flag(line_buffering, self->line_buffering);
    int through = lines < 0 ? -1 : new_flag(write_through, self->write_through);
    if (through < 0) {
        return NULL;
    }
    PyObject *res = PyObject_CallMethodNoArgs((PyObject *)self, &_Py_ID(flush));
    if (res == NULL) {
        return NULL;
    }
    Py_DECREF(res);
    if (_PyTextIO_CheckAttached(self) < 0) {
        return NULL;
    }
    _PyTextIO_DropDecoded(self);
    Py_CLEAR(self->snap_input);
    if ((newline != NULL && set_newline(self, line_end) < 0)
        || change_encoding(self, encoding, errors, newline != NULL) < 0)
    {
        return NULL;
    }
    self->line_buffering = (char)lines;
    self->write_through = (char)through;
    Py_RETURN_NONE;
}

/* ---- reading and positions ------------------------------------------------------------------- */

/*sig _io.TextIOWrapper.read(self, size: ssize_none = -1, /)

*/
static PyObject *
textio_read_impl(textio *self, Py_ssize_t size)
{
    return _PyTextIO_CheckOpen(self) < 0 ? NULL : _PyTextIO_Read(self, size);
}

/*sig _io.TextIOWrapper.readline(self, size: ssize = -1, /)

*/
static PyObject *
textio_readline_impl(textio *self, Py_ssize_t size)
{
    return _PyTextIO_CheckOpen(self) < 0 ? NULL : _PyTextIO_ReadLine(self, size);
}

static PyObject *
textio_iternext(PyObject *op)
{
    textio *self = textio_cast(op);
    if (_PyTextIO_CheckAttached(self) < 0) {
        return NULL;
    }
    self->telling = false;
    PyObject *line;
    if (Py_IS_TYPE(op, &_PyTextIOWrapper_Type)) {
        line = _PyTextIO_CheckOpen(self) < 0 ? NULL : _PyTextIO_ReadLine(self, -1);
    }
    else {
        line = _PyIO_CallReadLine(op);
    }
    if (line != NULL && PyUnicode_GET_LENGTH(line) == 0) {
        Py_CLEAR(line);
        Py_CLEAR(self->snap_input);
        self->telling = self->seekable;
    }
    return line;
}

/*sig _io.TextIOWrapper.tell(self)

Return the stream position as an opaque number.

The return value of tell() can be given as input to seek(), to restore a
previous stream position.
*/
static PyObject *
textio_tell_impl(textio *self)
{
    return _PyTextIO_CheckOpen(self) < 0 ? NULL : _PyTextIO_Tell(self);
}

/*sig _io.TextIOWrapper.seek(self, cookie, whence: int = c"SEEK_SET" py"os.SEEK_SET", /)

Set the stream position, and return the new stream position.

  cookie
    Zero or an opaque number returned by tell().
  whence
    The relative position to seek from.

Four operations are supported, given by the following argument
combinations:

- seek(0, SEEK_SET): Rewind to the start of the stream.
- seek(cookie, SEEK_SET): Restore a previous position;
  'cookie' must be a number returned by tell().
- seek(0, SEEK_END): Fast-forward to the end of the stream.
- seek(0, SEEK_CUR): Leave the current stream position unchanged.

Any other argument combinations are invalid,
and may raise exceptions.
*/
static PyObject *
textio_seek_impl(textio *self, PyObject *cookie, int whence)
{
    return _PyTextIO_CheckOpen(self) < 0 ? NULL : _PyTextIO_Seek(self, cookie, whence);
}

/* ---- answers of the buffer ------------------------------------------------------------------- */

/* buffer.name(), or buffer.name if it is an attribute.  Held, because it may get detached. */
static PyObject *
ask(textio *self, PyObject *name, bool attribute)
{
    if (_PyTextIO_CheckAttached(self) < 0) {
        return NULL;
    }
    PyObject *buffer = Py_NewRef(self->buffer);
    PyObject *res = attribute ? PyObject_GetAttr(buffer, name)
                              : PyObject_CallMethodNoArgs(buffer, name);
    Py_DECREF(buffer);
    return res;
}

/*sig _io.TextIOWrapper.fileno(self)

*/
static PyObject *
textio_fileno_impl(textio *self)
{
    return ask(self, &_Py_ID(fileno), false);
}

/*sig _io.TextIOWrapper.seekable(self)

*/
static PyObject *
textio_seekable_impl(textio *self)
{
    return ask(self, &_Py_ID(seekable), false);
}

/*sig _io.TextIOWrapper.readable(self)

*/
static PyObject *
textio_readable_impl(textio *self)
{
    return ask(self, &_Py_ID(readable), false);
}

/*sig _io.TextIOWrapper.writable(self)

*/
static PyObject *
textio_writable_impl(textio *self)
{
    return ask(self, &_Py_ID(writable), false);
}

/*sig _io.TextIOWrapper.isatty(self)

*/
static PyObject *
textio_isatty_impl(textio *self)
{
    return ask(self, &_Py_ID(isatty), false);
}

static PyObject *
textio_name_get(PyObject *op, void *Py_UNUSED(context))
{
    return ask(textio_cast(op), &_Py_ID(name), true);
}

static PyObject *
textio_closed_get(PyObject *op, void *Py_UNUSED(context))
{
    return ask(textio_cast(op), &_Py_ID(closed), true);
}

static PyObject *
textio_newlines_get(PyObject *op, void *Py_UNUSED(context))
{
    textio *self = textio_cast(op);
    if (_PyTextIO_CheckAttached(self) < 0) {
        return NULL;
    }
    PyObject *res = NULL;
    if (self->decoder != NULL
        && _PyObject_LookupAttr(self->decoder, &_Py_ID(newlines), &res) < 0)
    {
        return NULL;
    }
    return res == NULL ? Py_NewRef(Py_None) : res;
}

static PyObject *
textio_errors_get(PyObject *op, void *Py_UNUSED(context))
{
    textio *self = textio_cast(op);
    if (self->errors == NULL) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on uninitialized object");
        return NULL;
    }
    return Py_NewRef(self->errors);
}

static PyObject *
textio_chunk_size_get(PyObject *op, void *Py_UNUSED(context))
{
    textio *self = textio_cast(op);
    return _PyTextIO_CheckAttached(self) < 0 ? NULL : PyLong_FromSsize_t(self->chunk_size);
}

static int
textio_chunk_size_set(PyObject *op, PyObject *value, void *Py_UNUSED(context))
{
    textio *self = textio_cast(op);
    if (_PyTextIO_CheckAttached(self) < 0) {
        return -1;
    }
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    Py_ssize_t n = PyNumber_AsSsize_t(value, PyExc_ValueError);
    if (n == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (n <= 0) {
        PyErr_SetString(PyExc_ValueError, "a strictly positive integer is required");
        return -1;
    }
    self->chunk_size = n;
    return 0;
}

/* " name=repr" of an attribute, "" without it; NULL with an exception. */
static PyObject *
repr_part(PyObject *op, PyObject *attr)
{
    PyObject *value;
    if (_PyObject_LookupAttr(op, attr, &value) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_ValueError)) {
            return NULL;
        }
        PyErr_Clear();      /* detached */
    }
    if (value == NULL) {
        return PyUnicode_New(0, 0);
    }
    PyObject *part = PyUnicode_FromFormat(" %U=%R", attr, value);
    Py_DECREF(value);
    return part;
}

static PyObject *
textio_repr(PyObject *op)
{
    textio *self = textio_cast(op);
    if (self->encoding == NULL) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on uninitialized object");
        return NULL;
    }
    int status = Py_ReprEnter(op);
    if (status != 0) {
        if (status > 0) {
            PyErr_Format(PyExc_RuntimeError, "reentrant call inside %s.__repr__",
                         Py_TYPE(op)->tp_name);
        }
        return NULL;
    }
    PyObject *name = repr_part(op, &_Py_ID(name)), *mode = NULL, *result = NULL;
    if (name != NULL) {
        mode = repr_part(op, &_Py_ID(mode));
    }
    if (mode != NULL) {
        result = PyUnicode_FromFormat("<_io.TextIOWrapper%U%U encoding=%R>", name, mode,
                                      self->encoding);
    }
    Py_XDECREF(name);
    Py_XDECREF(mode);
    Py_ReprLeave(op);
    return result;
}

/* ---- the type -------------------------------------------------------------------------------- */

static const PyMethodDef textio_methods[] = {
    TEXTIO_DETACH_METHODDEF
    TEXTIO_RECONFIGURE_METHODDEF
    TEXTIO_WRITE_METHODDEF
    TEXTIO_READ_METHODDEF
    TEXTIO_READLINE_METHODDEF
    TEXTIO_FLUSH_METHODDEF
    TEXTIO_CLOSE_METHODDEF
    TEXTIO_FILENO_METHODDEF
    TEXTIO_SEEKABLE_METHODDEF
    TEXTIO_READABLE_METHODDEF
    TEXTIO_WRITABLE_METHODDEF
    TEXTIO_ISATTY_METHODDEF
    TEXTIO_SEEK_METHODDEF
    TEXTIO_TELL_METHODDEF
    TEXTIO_TRUNCATE_METHODDEF
    {"__reduce__", _PyIO_CannotPickle, METH_VARARGS},
    {"__reduce_ex__", _PyIO_CannotPickle, METH_VARARGS},
    {NULL, NULL}
};

static const PyMemberDef textio_members[] = {
    {"encoding", T_OBJECT, offsetof(textio, encoding), READONLY},
    {"buffer", T_OBJECT, offsetof(textio, buffer), READONLY},
    {"line_buffering", T_BOOL, offsetof(textio, line_buffering), READONLY},
    {"write_through", T_BOOL, offsetof(textio, write_through), READONLY},
    {"_finalizing", T_BOOL, offsetof(textio, finalizing), 0},
    {NULL}
};

static const PyGetSetDef textio_getset[] = {
    {"name", textio_name_get, NULL, NULL},
    {"closed", textio_closed_get, NULL, NULL},
    {"newlines", textio_newlines_get, NULL, NULL},
    {"errors", textio_errors_get, NULL, NULL},
    {"_CHUNK_SIZE", textio_chunk_size_get, textio_chunk_size_set, NULL},
    {NULL}
};

_Py_SHARED PyTypeObject _PyTextIOWrapper_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.TextIOWrapper",
    .tp_basicsize = sizeof(textio),
    .tp_dealloc = textio_dealloc,
    .tp_repr = textio_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | _Py_TPFLAGS_LIKE_HEAPTYPE,
    .tp_doc = textio_init__doc__,
    .tp_traverse = textio_traverse,
    .tp_clear = textio_clear,
    .tp_weaklistoffset = offsetof(textio, weakreflist),
    .tp_iternext = textio_iternext,
    .tp_methods = (PyMethodDef *)textio_methods,
    .tp_members = (PyMemberDef *)textio_members,
    .tp_getset = (PyGetSetDef *)textio_getset,
    .tp_base = &_PyTextIOBase_Type,
    .tp_dictoffset = offsetof(textio, dict),
    .tp_init = textio_init,
};
