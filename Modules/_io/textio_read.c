/* textio_read.c - TextIOWrapper: chunks of decoded text, lines, and positions.
 *
 * Reading asks the buffer for a chunk and decodes it whole; `decoded[used:]` waits to be given out.
 * A position inside decoded text has no byte offset of its own.  tell() therefore returns a cookie:
 * an offset where the decoder can start from a state without buffered bytes, the flags of that
 * state, how many bytes to feed it from there, and how many characters of the result to skip.  It
 * is found by decoding the input of the last chunk (snap_input) again.
 *
 * Written from the documentation of io and codecs and observed behaviour.
 */
#include "textio.h"

/* ---- chunks ------------------------------------------------------------------------------- */

void
_PyTextIO_DropDecoded(textio *self)
{
    Py_CLEAR(self->decoded);
    self->used = 0;
}

static void
set_snapshot(textio *self, PyObject *input, int flags)
{
    Py_XSETREF(self->snap_input, input);
    self->snap_flags = flags;
}

/* Characters ready to be given out. */
static inline Py_ssize_t
ready(textio *self)
{
    return self->decoded == NULL ? 0 : PyUnicode_GET_LENGTH(self->decoded) - self->used;
}

/* Up to n of the ready characters, all if n < 0: a new str. */
static PyObject *
take(textio *self, Py_ssize_t n)
{
    Py_ssize_t have = ready(self);
    assert(have >= 0);
    if (n < 0 || n > have) {
        n = have;
    }
    if (self->decoded == NULL) {
        return PyUnicode_New(0, 0);
    }
    PyObject *text = PyUnicode_Substring(self->decoded, self->used, self->used + n);
    if (text != NULL) {
        self->used += n;
    }
    return text;
}

static PyObject *
decode(textio *self, PyObject *input, int final)
{
    PyObject *text;
    if (Py_IS_TYPE(self->decoder, &_PyIncrementalNewlineDecoder_Type)) {
        return _PyIncrementalNewlineDecoder_Decode(self->decoder, input, final);
    }
    text = PyObject_CallMethodObjArgs(self->decoder, &_Py_ID(decode), input,
                                      final ? Py_True : Py_False, NULL);
    if (text != NULL && !PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "decoder should return a string result, not '%.200s'",
                     Py_TYPE(text)->tp_name);
        Py_CLEAR(text);
    }
    return text;
}

/* State of the decoder: its buffered bytes (new reference) and flags; NULL with an exception. */
static PyObject *
decoder_state(PyObject *decoder, int *flags)
{
    PyObject *state = PyObject_CallMethodNoArgs(decoder, &_Py_ID(getstate)), *bytes = NULL;
    if (state == NULL) {
        return NULL;
    }
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "illegal decoder state");
    }
    else if (PyArg_ParseTuple(state, "Oi;illegal decoder state", &bytes, flags)) {
        if (!PyBytes_Check(bytes)) {
            PyErr_Format(PyExc_TypeError, "illegal decoder state: the first item should be a "
                         "bytes object, not '%.200s'", Py_TYPE(bytes)->tp_name);
            bytes = NULL;
        }
        Py_XINCREF(bytes);
    }
    else {
        bytes = NULL;
    }
    Py_DECREF(state);
    return bytes;
}

static int
set_decoder_state(textio *self, off_t start, int flags)
{
    PyObject *res = start == 0 && flags == 0
        ? PyObject_CallMethodNoArgs(self->decoder, &_Py_ID(reset))
        : PyObject_CallMethod(self->decoder, "setstate", "((yi))", "", flags);
    Py_XDECREF(res);
    return res == NULL ? -1 : 0;
}

/* Ask the buffer for n bytes: a bytes-like object. */
static PyObject *
read_input(textio *self, Py_ssize_t n)
{
    PyObject *size = PyLong_FromSsize_t(n);
    if (size == NULL) {
        return NULL;
    }
    PyObject *input = PyObject_CallMethodOneArg(
        self->buffer, self->has_read1 ? &_Py_ID(read1) : &_Py_ID(read), size);
    Py_DECREF(size);
    if (input != NULL && !PyObject_CheckBuffer(input)) {
        PyErr_Format(PyExc_TypeError, "underlying %s() should have returned a bytes-like object, "
                     "not '%.200s'", self->has_read1 ? "read1" : "read", Py_TYPE(input)->tp_name);
        Py_CLEAR(input);
    }
    return input;
}

static Py_ssize_t
buffer_length(PyObject *input)
{
    Py_buffer view;
    if (PyObject_GetBuffer(input, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    Py_ssize_t n = view.len;
    PyBuffer_Release(&view);
    return n;
}

/* The snapshot for a chunk: what the decoder held, then the input. */
static PyObject *
snapshot_input(PyObject *held, PyObject *input)
{
    if (PyBytes_GET_SIZE(held) == 0 && PyBytes_CheckExact(input)) {
        return Py_NewRef(input);
    }
    PyObject *all = PyBytes_FromObject(input);
    if (all != NULL && PyBytes_GET_SIZE(held) > 0) {
        PyObject *joined = PySequence_Concat(held, all);
        Py_DECREF(all);
        all = joined;
    }
    return all;
}

/* Read and decode the next chunk; `want` characters are wanted (0: any number).  1, 0 at the end,
   -1 with an exception. */
static int
read_chunk(textio *self, Py_ssize_t want)
{
    if (_PyTextIO_MakeCodec(self) < 0) {
        return -1;
    }
    if (self->decoder == NULL) {
        _PyIO_Unsupported("not readable");
        return -1;
    }
    PyObject *held = NULL, *input = NULL, *text = NULL;
    int flags = 0, result = -1;
    if (self->telling) {
        held = decoder_state(self->decoder, &flags);
        if (held == NULL) {
            return -1;
        }
    }
    Py_ssize_t size = self->chunk_size;
    double guess = self->bytes_per_char * (double)want;
    if (guess > (double)size) {
        size = guess < (double)(PY_SSIZE_T_MAX / 2) ? (Py_ssize_t)guess : PY_SSIZE_T_MAX / 2;
    }
    input = read_input(self, size);
    Py_ssize_t n = input == NULL ? -1 : buffer_length(input);
    if (n < 0) {
        goto done;
    }
    text = decode(self, input, n == 0);
    if (text == NULL) {
        goto done;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    self->bytes_per_char = length > 0 ? (double)n / (double)length : 0.0;
    if (self->telling) {
        PyObject *snapshot = snapshot_input(held, input);
        if (snapshot == NULL) {
            goto done;
        }
        set_snapshot(self, snapshot, flags);
    }
    Py_XSETREF(self->decoded, Py_NewRef(text));
    self->used = 0;
    result = n > 0 || length > 0;
done:
    Py_XDECREF(held);
    Py_XDECREF(input);
    Py_XDECREF(text);
    return result;
}

/* ---- read, readline ------------------------------------------------------------------------ */

static PyObject *
read_to_end(textio *self)
{
    PyObject *input = PyObject_CallMethodNoArgs(self->buffer, &_Py_ID(read));
    if (input == NULL) {
        return NULL;
    }
    PyObject *rest = decode(self, input, 1);
    Py_DECREF(input);
    if (rest == NULL) {
        return NULL;
    }
    PyObject *result = take(self, -1);
    if (result == NULL) {
        Py_DECREF(rest);
        return NULL;
    }
    PyUnicode_AppendAndDel(&result, rest);
    if (result == NULL) {
        return NULL;
    }
    _PyTextIO_DropDecoded(self);
    set_snapshot(self, NULL, 0);
    return result;
}

/* Join the strings of `pieces` (a list, or NULL) and `last` (stolen). */
static PyObject *
join_pieces(PyObject *pieces, PyObject *last)
{
    if (pieces == NULL || last == NULL) {
        return last;
    }
    PyObject *result = NULL;
    if (PyList_Append(pieces, last) == 0) {
        PyObject *empty = PyUnicode_New(0, 0);
        if (empty != NULL) {
            result = PyUnicode_Join(empty, pieces);
            Py_DECREF(empty);
        }
    }
    Py_DECREF(last);
    return result;
}

/* Put `piece` (stolen, may be NULL) at the end of *pieces, a list made when needed. */
static int
keep_piece(PyObject **pieces, PyObject *piece)
{
    if (piece == NULL) {
        return -1;
    }
    int status = 0;
    if (PyUnicode_GET_LENGTH(piece) > 0) {
        if (*pieces == NULL) {
            *pieces = PyList_New(0);
        }
        status = *pieces == NULL ? -1 : PyList_Append(*pieces, piece);
    }
    Py_DECREF(piece);
    return status;
}

PyObject *
_PyTextIO_Read(textio *self, Py_ssize_t size)
{
    if (_PyTextIO_MakeCodec(self) < 0) {
        return NULL;
    }
    if (self->decoder == NULL) {
        return _PyIO_Unsupported("not readable");
    }
    if (_PyTextIO_WritePending(self) < 0) {
        return NULL;
    }
    if (size < 0) {
        return read_to_end(self);
    }
    PyObject *pieces = NULL, *result = NULL;
    Py_ssize_t left = size;
    while (ready(self) < left) {
        left -= ready(self);
        if (keep_piece(&pieces, take(self, -1)) < 0) {
            goto done;
        }
        int status = read_chunk(self, left);
        if (status < 0) {
            if (_PyIO_TrapEINTR()) {
                continue;
            }
            goto done;
        }
        if (status == 0) {
            break;
        }
    }
    result = join_pieces(pieces, take(self, left));
done:
    Py_XDECREF(pieces);
    return result;
}

/* Characters of the ready text that belong to the line.  *complete: it ends there. `torn`: the text
   before ended with the first half of the line end. */
static Py_ssize_t
line_part(textio *self, bool torn, bool *complete)
{
    int kind = PyUnicode_KIND(self->decoded);
    const void *data = PyUnicode_DATA(self->decoded);
    Py_ssize_t n = PyUnicode_GET_LENGTH(self->decoded), consumed;
    if (torn && PyUnicode_READ(kind, data, self->used)
                == PyUnicode_READ_CHAR(self->read_newline, 1))
    {
        *complete = true;
        return 1;
    }
    Py_ssize_t end = _PyIO_FindLineEnding(self->read_translate, self->read_universal,
                                          self->read_newline, kind, data, self->used, n,
                                          &consumed);
    *complete = end >= 0;
    return (end >= 0 ? end : n) - self->used;
}

PyObject *
_PyTextIO_ReadLine(textio *self, Py_ssize_t limit)
{
    if (_PyTextIO_WritePending(self) < 0) {
        return NULL;
    }
    bool two = self->read_newline != NULL && PyUnicode_GET_LENGTH(self->read_newline) == 2;
    bool torn = false;
    PyObject *pieces = NULL, *result = NULL;
    for (;;) {
        int status = 1;
        while (ready(self) == 0 && status > 0) {
            status = read_chunk(self, 0);
            if (status < 0 && _PyIO_TrapEINTR()) {
                status = 1;
            }
        }
        if (status < 0) {
            break;
        }
        if (status == 0) {
            _PyTextIO_DropDecoded(self);
            set_snapshot(self, NULL, 0);
            result = join_pieces(pieces, PyUnicode_New(0, 0));
            break;
        }
        bool complete;
        Py_ssize_t n = line_part(self, torn, &complete);
        if (limit >= 0 && n >= limit) {
            n = limit;
            complete = true;
        }
        PyObject *piece = take(self, n);
        if (complete || piece == NULL) {
            result = join_pieces(pieces, piece);
            break;
        }
        assert(n > 0);
        torn = two && PyUnicode_READ_CHAR(piece, n - 1)
                      == PyUnicode_READ_CHAR(self->read_newline, 0);
        if (limit >= 0) {
            limit -= n;
        }
        if (keep_piece(&pieces, piece) < 0) {
            break;
        }
    }
    Py_XDECREF(pieces);
    return result;
}

/* ---- cookies ------------------------------------------------------------------------------- */

/* Little endian: start_pos 8 bytes, dec_flags, bytes_to_feed and chars_to_skip 4 each, need_eof. */
struct cookie {
    off_t start_pos;
    int dec_flags;
    int bytes_to_feed;
    int chars_to_skip;
    char need_eof;
};

enum { COOKIE_SIZE = 21 };

static void
put_le(unsigned char *p, unsigned long long value, int n)
{
    for (int i = 0; i < n; i++) {
        p[i] = (unsigned char)(value >> 8 * i);
    }
}

static unsigned long long
get_le(const unsigned char *p, int n)
{
    unsigned long long value = 0;
    for (int i = n - 1; i >= 0; i--) {
        value = value << 8 | p[i];
    }
    return value;
}

static PyObject *
build_cookie(const struct cookie *c)
{
    unsigned char bytes[COOKIE_SIZE];
    put_le(bytes, (unsigned long long)c->start_pos, 8);
    put_le(bytes + 8, (unsigned int)c->dec_flags, 4);
    put_le(bytes + 12, (unsigned int)c->bytes_to_feed, 4);
    put_le(bytes + 16, (unsigned int)c->chars_to_skip, 4);
    bytes[20] = (unsigned char)c->need_eof;
    return _PyLong_FromByteArray(bytes, sizeof(bytes), 1, 0);
}

static int
parse_cookie(struct cookie *c, PyObject *number)
{
    unsigned char bytes[COOKIE_SIZE];
    PyObject *value = PyNumber_Long(number);
    if (value == NULL) {
        return -1;
    }
    int status = _PyLong_AsByteArray((PyLongObject *)value, bytes, sizeof(bytes), 1, 0);
    Py_DECREF(value);
    if (status < 0) {
        return -1;
    }
    c->start_pos = (off_t)get_le(bytes, 8);
    c->dec_flags = (int)get_le(bytes + 8, 4);
    c->bytes_to_feed = (int)get_le(bytes + 12, 4);
    c->chars_to_skip = (int)get_le(bytes + 16, 4);
    c->need_eof = (char)bytes[20];
    return 0;
}

/* ---- tell ---------------------------------------------------------------------------------- */

/* Decode n bytes: the number of characters, or -1. */
static Py_ssize_t
count_decoded(textio *self, const char *s, Py_ssize_t n, int final)
{
    PyObject *input = PyBytes_FromStringAndSize(s, n);
    if (input == NULL) {
        return -1;
    }
    PyObject *text = decode(self, input, final);
    Py_DECREF(input);
    if (text == NULL) {
        return -1;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    Py_DECREF(text);
    return length;
}

/* Bytes the decoder holds, or -1; *flags. */
static Py_ssize_t
held_bytes(textio *self, int *flags)
{
    PyObject *held = decoder_state(self->decoder, flags);
    if (held == NULL) {
        return -1;
    }
    Py_ssize_t n = PyBytes_GET_SIZE(held);
    Py_DECREF(held);
    return n;
}

/* A start not far before character `skip` of the last chunk: sets c->start_pos, dec_flags and
   chars_to_skip, leaves the decoder in that state, and returns the bytes before it. -1: error. */
static Py_ssize_t
find_near_start(textio *self, struct cookie *c, Py_ssize_t skip)
{
    const char *input = PyBytes_AS_STRING(self->snap_input);
    Py_ssize_t back = 1, n = (Py_ssize_t)(self->bytes_per_char * (double)skip);
    n = Py_MIN(n, PyBytes_GET_SIZE(self->snap_input));
    while (n > 0) {
        int flags;
        if (set_decoder_state(self, c->start_pos, c->dec_flags) < 0) {
            return -1;
        }
        Py_ssize_t chars = count_decoded(self, input, n, 0);
        if (chars < 0) {
            return -1;
        }
        if (chars <= skip) {
            Py_ssize_t held = held_bytes(self, &flags);
            if (held < 0) {
                return -1;
            }
            if (held == 0) {
                c->dec_flags = flags;
                c->start_pos += n;
                c->chars_to_skip = (int)(skip - chars);
                return n;
            }
            n -= held;
            back = 1;
        }
        else {
            n -= back;
            back *= 2;
        }
    }
    c->chars_to_skip = (int)skip;
    return set_decoder_state(self, c->start_pos, c->dec_flags) < 0 ? -1 : 0;
}

/* Complete the cookie for the position behind `skip` characters of the last chunk, whose input
   starts at c->start_pos in state c->dec_flags. */
static int
locate(textio *self, struct cookie *c, Py_ssize_t skip)
{
    Py_ssize_t i = find_near_start(self, c, skip);
    if (i < 0) {
        return -1;
    }
    const char *input = PyBytes_AS_STRING(self->snap_input);
    Py_ssize_t n = PyBytes_GET_SIZE(self->snap_input), chars = 0;
    c->bytes_to_feed = 0;
    if (c->chars_to_skip == 0) {
        return 0;
    }
    for (; i < n; i++) {
        int flags;
        Py_ssize_t got = count_decoded(self, input + i, 1, 0);
        if (got < 0) {
            return -1;
        }
        chars += got;
        c->bytes_to_feed++;
        Py_ssize_t held = held_bytes(self, &flags);
        if (held < 0) {
            return -1;
        }
        if (held == 0 && chars <= c->chars_to_skip) {
            /* a later start */
            c->start_pos += c->bytes_to_feed;
            c->chars_to_skip -= (int)chars;
            c->dec_flags = flags;
            c->bytes_to_feed = 0;
            chars = 0;
        }
        if (chars >= c->chars_to_skip) {
            return 0;
        }
    }
    Py_ssize_t got = count_decoded(self, NULL, 0, 1);
    if (got < 0) {
        return -1;
    }
    c->need_eof = 1;
    if (chars + got < c->chars_to_skip) {
        PyErr_SetString(PyExc_OSError, "can't reconstruct logical file position");
        return -1;
    }
    return 0;
}

PyObject *
_PyTextIO_Tell(textio *self)
{
    if (!self->seekable) {
        return _PyIO_Unsupported("underlying stream is not seekable");
    }
    if (!self->telling) {
        PyErr_SetString(PyExc_OSError, "telling position disabled by next() call");
        return NULL;
    }
    if (_PyTextIO_WritePending(self) < 0) {
        return NULL;
    }
    PyObject *res = PyObject_CallMethodNoArgs((PyObject *)self, &_Py_ID(flush));
    if (res == NULL) {
        return NULL;
    }
    Py_DECREF(res);
    res = PyObject_CallMethodNoArgs(self->buffer, &_Py_ID(tell));
    if (res == NULL || self->decoder == NULL || self->snap_input == NULL) {
        return res;
    }
    struct cookie c = {.dec_flags = self->snap_flags};
    c.start_pos = _PyIO_AsOff(res, PyExc_OverflowError);
    Py_DECREF(res);
    if (c.start_pos == -1 && PyErr_Occurred()) {
        return NULL;
    }
    c.start_pos -= PyBytes_GET_SIZE(self->snap_input);
    if (self->decoded == NULL || self->used == 0) {
        return build_cookie(&c);
    }
    PyObject *state = PyObject_CallMethodNoArgs(self->decoder, &_Py_ID(getstate));
    if (state == NULL) {
        return NULL;
    }
    int status = locate(self, &c, self->used);
    PyObject *exc = PyErr_GetRaisedException();
    res = PyObject_CallMethodOneArg(self->decoder, &_Py_ID(setstate), state);
    Py_DECREF(state);
    if (status < 0) {
        Py_XDECREF(res);
        _PyIO_ChainException(exc);
        return NULL;
    }
    assert(exc == NULL);
    if (res == NULL) {
        return NULL;
    }
    Py_DECREF(res);
    return build_cookie(&c);
}

/* ---- seek ---------------------------------------------------------------------------------- */

static int
compare_to_zero(PyObject *o, int op)
{
    PyObject *zero = PyLong_FromLong(0);
    if (zero == NULL) {
        return -1;
    }
    int result = PyObject_RichCompareBool(o, zero, op);
    Py_DECREF(zero);
    return result;
}

static int
call_flush(textio *self)
{
    PyObject *res = PyObject_CallMethodNoArgs((PyObject *)self, &_Py_ID(flush));
    Py_XDECREF(res);
    return res == NULL ? -1 : 0;
}

static PyObject *
seek_to_end(textio *self)
{
    if (call_flush(self) < 0) {
        return NULL;
    }
    _PyTextIO_DropDecoded(self);
    set_snapshot(self, NULL, 0);
    if (self->decoder != NULL && set_decoder_state(self, 0, 0) < 0) {
        return NULL;
    }
    PyObject *res = PyObject_CallMethod(self->buffer, "seek", "ii", 0, 2);
    if (res != NULL && self->encoder != NULL) {
        int start = PyObject_Not(res);
        if (start < 0 || _PyTextIO_ResetEncoder(self, start) < 0) {
            Py_CLEAR(res);
        }
    }
    return res;
}

/* Decode from the start of the cookie to its character. */
static int
replay(textio *self, const struct cookie *c)
{
    PyObject *input = PyObject_CallMethod(self->buffer, "read", "i", c->bytes_to_feed);
    if (input == NULL) {
        return -1;
    }
    if (!PyBytes_Check(input)) {
        PyErr_Format(PyExc_TypeError, "underlying read() should have returned a bytes object, "
                     "not '%.200s'", Py_TYPE(input)->tp_name);
        Py_DECREF(input);
        return -1;
    }
    set_snapshot(self, Py_NewRef(input), c->dec_flags);
    PyObject *text = decode(self, input, c->need_eof);
    Py_DECREF(input);
    if (text == NULL) {
        return -1;
    }
    if (PyUnicode_GET_LENGTH(text) < c->chars_to_skip) {
        PyErr_SetString(PyExc_OSError, "can't restore logical file position");
        Py_DECREF(text);
        return -1;
    }
    Py_XSETREF(self->decoded, text);
    self->used = c->chars_to_skip;
    return 0;
}

static PyObject *
seek_to_cookie(textio *self, PyObject *cookie)
{
    struct cookie c;
    int negative = compare_to_zero(cookie, Py_LT);
    if (negative < 0) {
        return NULL;
    }
    if (negative) {
        PyErr_Format(PyExc_ValueError, "negative seek position %R", cookie);
        return NULL;
    }
    if (_PyTextIO_MakeCodec(self) < 0 || call_flush(self) < 0 || parse_cookie(&c, cookie) < 0) {
        return NULL;
    }
    if (c.chars_to_skip < 0 || c.bytes_to_feed < 0) {
        PyErr_SetString(PyExc_OSError, "can't restore logical file position");
        return NULL;
    }
    PyObject *res = PyObject_CallMethod(self->buffer, "seek", "n", (Py_ssize_t)c.start_pos);
    if (res == NULL) {
        return NULL;
    }
    Py_DECREF(res);
    _PyTextIO_DropDecoded(self);
    set_snapshot(self, NULL, 0);
    if (self->decoder != NULL && set_decoder_state(self, c.start_pos, c.dec_flags) < 0) {
        return NULL;
    }
    if (c.chars_to_skip > 0) {
        if (self->decoder == NULL) {
            return _PyIO_Unsupported("not readable");
        }
        if (replay(self, &c) < 0) {
            return NULL;
        }
    }
    else {
        PyObject *empty = PyBytes_FromStringAndSize(NULL, 0);
        if (empty == NULL) {
            return NULL;
        }
        set_snapshot(self, empty, c.dec_flags);
    }
    if (self->encoder != NULL
        && _PyTextIO_ResetEncoder(self, c.start_pos == 0 && c.dec_flags == 0) < 0)
    {
        return NULL;
    }
    return Py_NewRef(cookie);
}

PyObject *
_PyTextIO_Seek(textio *self, PyObject *cookie, int whence)
{
    if (!self->seekable) {
        return _PyIO_Unsupported("underlying stream is not seekable");
    }
    if (whence == SEEK_CUR || whence == SEEK_END) {
        int zero = compare_to_zero(cookie, Py_EQ);
        if (zero <= 0) {
            return zero < 0 ? NULL : _PyIO_Unsupported(whence == SEEK_CUR
                ? "can't do nonzero cur-relative seeks" : "can't do nonzero end-relative seeks");
        }
        if (whence == SEEK_END) {
            return seek_to_end(self);
        }
        /* to where we are: brings the buffer to the logical position */
        if (call_flush(self) < 0) {
            return NULL;
        }
        cookie = PyObject_CallMethodNoArgs((PyObject *)self, &_Py_ID(tell));
        if (cookie == NULL) {
            return NULL;
        }
        PyObject *res = seek_to_cookie(self, cookie);
        Py_DECREF(cookie);
        return res;
    }
    if (whence != SEEK_SET) {
        PyErr_Format(PyExc_ValueError, "invalid whence (%d, should be %d, %d or %d)", whence,
                     SEEK_SET, SEEK_CUR, SEEK_END);
        return NULL;
    }
    return seek_to_cookie(self, cookie);
}
