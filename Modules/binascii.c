/* The module binascii: uuencode, base64, hexadecimal, quoted-printable, checksums.
 *
 * Decoders take bytes-like objects and str of ASCII characters, encoders bytes-like objects only.
 * What an encoder or decoder can write is bounded before it starts, but for quoted-printable,
 * whose output grows.
 *
 * Written from RFC 2045, RFC 4648, the library reference (binascii) and observed behaviour for
 * input that these leave open.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"
#include "pycore_strhex.h"

#include <stdbool.h>
#include <zlib.h>

#define GIL_FREE_SIZE (5 * 1024)    /* larger data is summed up without the GIL */
#define UU_LINE 45                  /* bytes of a uuencoded line */
#define QP_LINE 76                  /* characters of a quoted-printable line */

typedef struct {
    PyObject *error, *incomplete;
} binascii_state;

#include "sig/binascii.sig.h"

static binascii_state *
get_state(PyObject *module)
{
    binascii_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* --- Input and output ------------------------------------------------------------------------- */

/* The bytes of a buffer or of a str of ASCII characters; 0, or -1 with an exception. */
static int
get_ascii(PyObject *arg, Py_buffer *view)
{
    if (PyUnicode_Check(arg)) {
        if (!PyUnicode_IS_ASCII(arg)) {
            PyErr_SetString(PyExc_ValueError,
                            "string argument should contain only ASCII characters");
            return -1;
        }
        return PyBuffer_FillInfo(view, arg, PyUnicode_DATA(arg), PyUnicode_GET_LENGTH(arg), 1,
                                 PyBUF_SIMPLE);
    }
    if (PyObject_GetBuffer(arg, view, PyBUF_SIMPLE) != 0) {
        PyErr_Format(PyExc_TypeError,
                     "argument should be bytes, buffer or ASCII string, not '%.100s'",
                     Py_TYPE(arg)->tp_name);
        return -1;
    }
    return 0;
}

/* Cut `out` down to `length` bytes: returns it, or NULL with MemoryError. */
static PyObject *
finish(PyObject *out, Py_ssize_t length)
{
    assert(length <= PyBytes_GET_SIZE(out));
    if (length != PyBytes_GET_SIZE(out)) {
        _PyBytes_Resize(&out, length);
    }
    return out;
}

/* Release what a decoder that fails holds; NULL. */
static PyObject *
fail(PyObject *out, PyObject *error, const char *message)
{
    PyErr_SetString(error, message);
    Py_DECREF(out);
    return NULL;
}

/* --- uuencode --------------------------------------------------------------------------------- */

static PyObject *
decode_uu(binascii_state *state, const unsigned char *p, Py_ssize_t n)
{
    const unsigned char *end = p + n;
    /* An empty line counts as one with the length byte 0. */
    Py_ssize_t length = ((n > 0 ? *p++ : 0) - ' ') & 077, done = 0;
    PyObject *out = PyBytes_FromStringAndSize(NULL, length);
    if (out == NULL) {
        return NULL;
    }
    char *to = PyBytes_AS_STRING(out);
    unsigned int bits = 0;
    for (int count = 0; done < length;) {
        int value = 0;          /* blanks at the end of the line may be missing */
        if (p < end) {
            int c = *p++;
            if (c != '\n' && c != '\r') {
                if (c < ' ' || c > ' ' + 64) {
                    return fail(out, state->error, "Illegal char");
                }
                value = (c - ' ') & 077;
            }
        }
        bits = bits << 6 | (unsigned int)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            to[done++] = (char)(bits >> count);
        }
    }
    for (; p < end; p++) {
        if (*p != ' ' && *p != ' ' + 64 && *p != '\n' && *p != '\r') {
            return fail(out, state->error, "Trailing garbage");
        }
    }
    return out;
}

/*sig binascii.a2b_uu(module, data, /)

Decode a line of uuencoded data.
*/
static PyObject *
binascii_a2b_uu_impl(PyObject *module, PyObject *data)
{
    Py_buffer view;
    if (get_ascii(data, &view) < 0) {
        return NULL;
    }
    PyObject *result = decode_uu(get_state(module), view.buf, view.len);
    PyBuffer_Release(&view);
    return result;
}

static inline char
uu_char(unsigned int value, int backtick)
{
    return backtick && value == 0 ? '`' : (char)(value + ' ');
}

/*sig binascii.b2a_uu(module, data: buffer, /, *, backtick: bool = False)

Uuencode line of data.
*/
static PyObject *
binascii_b2a_uu_impl(PyObject *module, Py_buffer *data, int backtick)
{
    const unsigned char *p = data->buf;
    if (data->len > UU_LINE) {
        PyErr_SetString(get_state(module)->error, "At most 45 bytes at once");
        return NULL;
    }
    int n = (int)data->len;
    PyObject *out = PyBytes_FromStringAndSize(NULL, 2 + (n + 2) / 3 * 4);
    if (out == NULL) {
        return NULL;
    }
    char *to = PyBytes_AS_STRING(out);
    *to++ = uu_char((unsigned int)n, backtick);
    for (int i = 0; i < n; i += 3) {
        unsigned int group = (unsigned int)p[i] << 16 | (i + 1 < n ? p[i + 1] : 0u) << 8
                             | (i + 2 < n ? p[i + 2] : 0u);
        for (int shift = 18; shift >= 0; shift -= 6) {
            *to++ = uu_char(group >> shift & 077, backtick);
        }
    }
    *to++ = '\n';
    assert(to == PyBytes_AS_STRING(out) + PyBytes_GET_SIZE(out));
    return out;
}

/* --- base64 ----------------------------------------------------------------------------------- */

static const char base64_chars[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Values plus one; 0 for characters outside of the alphabet. */
static const unsigned char base64_values[256] = {
    ['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
    25, 26,
    ['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
    48, 49, 50, 51, 52,
    ['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
    ['+'] = 63, ['/'] = 64,
};

/* Undo base64.  A group of four ends with the data or with as many '=' as it lacks. */
static PyObject *
decode_base64(binascii_state *state, const unsigned char *p, Py_ssize_t n, bool strict)
{
    PyObject *out = PyBytes_FromStringAndSize(NULL, n / 4 * 3 + 3);
    if (out == NULL) {
        return NULL;
    }
    if (strict && n > 0 && p[0] == '=') {
        return fail(out, state->error, "Leading padding not allowed");
    }
    unsigned char *start = (unsigned char *)PyBytes_AS_STRING(out), *to = start;
    int place = 0, pads = 0;            /* place in the group; '=' since the last character */
    unsigned int left = 0;              /* bits of the last character not written yet */
    for (Py_ssize_t i = 0; i < n; i++) {
        if (p[i] == '=') {
            pads++;
            if (place >= 2 && place + pads >= 4) {
                if (strict && i + 1 < n) {
                    return fail(out, state->error, "Excess data after padding");
                }
                return finish(out, to - start);
            }
            continue;
        }
        unsigned int value = base64_values[p[i]];
        if (value == 0) {
            if (strict) {
                return fail(out, state->error, "Only base64 data is allowed");
            }
            continue;
        }
        if (strict && pads > 0) {
            return fail(out, state->error, "Discontinuous padding not allowed");
        }
        pads = 0;
        value--;
        if (place > 0) {
            *to++ = (unsigned char)(left << 2 * place | value >> (6 - 2 * place));
        }
        left = value & (0x3fu >> 2 * place);
        place = (place + 1) & 3;
    }
    if (place == 1) {
        PyErr_Format(state->error, "Invalid base64-encoded string: number of data characters "
                     "(%zd) cannot be 1 more than a multiple of 4", (to - start) / 3 * 4 + 1);
        Py_DECREF(out);
        return NULL;
    }
    if (place != 0) {
        return fail(out, state->error, "Incorrect padding");
    }
    return finish(out, to - start);
}

/*sig binascii.a2b_base64(module, data, /, *, strict_mode: bool = False)

Decode a line of base64 data.

  strict_mode
    When set to True, bytes that are not part of the base64 standard are not allowed.
    The same applies to excess data after padding (= / ==).
*/
static PyObject *
binascii_a2b_base64_impl(PyObject *module, PyObject *data, int strict_mode)
{
    Py_buffer view;
    if (get_ascii(data, &view) < 0) {
        return NULL;
    }
    PyObject *result = decode_base64(get_state(module), view.buf, view.len, strict_mode);
    PyBuffer_Release(&view);
    return result;
}

/*sig binascii.b2a_base64(module, data: buffer, /, *, newline: bool = True)

Base64-code line of data.
*/
static PyObject *
binascii_b2a_base64_impl(PyObject *module, Py_buffer *data, int newline)
{
    const unsigned char *p = data->buf;
    Py_ssize_t n = data->len;
    if (n > (PY_SSIZE_T_MAX - 64) / 4 * 3) {
        PyErr_SetString(get_state(module)->error, "Too much data for base64 line");
        return NULL;
    }
    PyObject *out = PyBytes_FromStringAndSize(NULL, (n + 2) / 3 * 4 + (newline != 0));
    if (out == NULL) {
        return NULL;
    }
    char *to = PyBytes_AS_STRING(out);
    for (; n > 0; n -= 3, p += 3) {
        unsigned int group = (unsigned int)p[0] << 16 | (n > 1 ? p[1] : 0u) << 8
                             | (n > 2 ? p[2] : 0u);
        *to++ = base64_chars[group >> 18];
        *to++ = base64_chars[group >> 12 & 63];
        *to++ = n > 1 ? base64_chars[group >> 6 & 63] : '=';
        *to++ = n > 2 ? base64_chars[group & 63] : '=';
    }
    if (newline) {
        *to++ = '\n';
    }
    assert(to == PyBytes_AS_STRING(out) + PyBytes_GET_SIZE(out));
    return out;
}

/* --- Hexadecimal ------------------------------------------------------------------------------ */

/*sig binascii.b2a_hex(module, data: buffer, sep: object = NULL, bytes_per_sep: int = 1)

Hexadecimal representation of binary data.

  sep
    An optional single character or byte to separate hex bytes.
  bytes_per_sep
    How many bytes between separators.  Positive values count from the
    right, negative values count from the left.

The return value is a bytes object.  This function is also
available as "hexlify()".

Example:
>>> binascii.b2a_hex(b'\xb9\x01\xef')
b'b901ef'
>>> binascii.hexlify(b'\xb9\x01\xef', ':')
b'b9:01:ef'
>>> binascii.b2a_hex(b'\xb9\x01\xef', b'_', 2)
b'b9_01ef'
*/
static PyObject *
binascii_b2a_hex_impl(PyObject *Py_UNUSED(module), Py_buffer *data, PyObject *sep,
                      int bytes_per_sep)
{
    return _Py_strhex_bytes_with_sep(data->buf, data->len, sep, bytes_per_sep);
}

/*sig binascii.hexlify(module, data: buffer, sep: object = NULL, bytes_per_sep: int = 1)

Hexadecimal representation of binary data.

  sep
    An optional single character or byte to separate hex bytes.
  bytes_per_sep
    How many bytes between separators.  Positive values count from the
    right, negative values count from the left.

The return value is a bytes object.  This function is also
available as "b2a_hex()".
*/
static PyObject *
binascii_hexlify_impl(PyObject *Py_UNUSED(module), Py_buffer *data, PyObject *sep,
                      int bytes_per_sep)
{
    return _Py_strhex_bytes_with_sep(data->buf, data->len, sep, bytes_per_sep);
}

/* -1 if it is no hexadecimal digit. */
static inline int
hex_value(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static PyObject *
decode_hex(binascii_state *state, const unsigned char *p, Py_ssize_t n)
{
    if (n % 2 != 0) {
        PyErr_SetString(state->error, "Odd-length string");
        return NULL;
    }
    PyObject *out = PyBytes_FromStringAndSize(NULL, n / 2);
    if (out == NULL) {
        return NULL;
    }
    char *to = PyBytes_AS_STRING(out);
    for (Py_ssize_t i = 0; i < n; i += 2) {
        int high = hex_value(p[i]), low = hex_value(p[i + 1]);
        if (high < 0 || low < 0) {
            return fail(out, state->error, "Non-hexadecimal digit found");
        }
        to[i / 2] = (char)(high << 4 | low);
    }
    return out;
}

/*sig binascii.a2b_hex(module, hexstr, /)

Binary data of hexadecimal representation.

hexstr must contain an even number of hex digits (upper or lower case).
This function is also available as "unhexlify()".
*/
static PyObject *
binascii_a2b_hex_impl(PyObject *module, PyObject *hexstr)
{
    Py_buffer view;
    if (get_ascii(hexstr, &view) < 0) {
        return NULL;
    }
    PyObject *result = decode_hex(get_state(module), view.buf, view.len);
    PyBuffer_Release(&view);
    return result;
}

/*sig binascii.unhexlify(module, hexstr, /)

Binary data of hexadecimal representation.

hexstr must contain an even number of hex digits (upper or lower case).
*/
static PyObject *
binascii_unhexlify_impl(PyObject *module, PyObject *hexstr)
{
    return binascii_a2b_hex_impl(module, hexstr);
}

/* --- Quoted-printable ------------------------------------------------------------------------- */

/* Undo quoted-printable: never longer than the data.  Returns the length. */
static Py_ssize_t
decode_qp(const unsigned char *p, Py_ssize_t n, bool header, unsigned char *to)
{
    Py_ssize_t out = 0;
    for (Py_ssize_t i = 0; i < n;) {
        if (p[i] != '=') {
            to[out++] = header && p[i] == '_' ? ' ' : p[i];
            i++;
            continue;
        }
        if (++i == n) {
            break;
        }
        if (p[i] == '\n' || p[i] == '\r') {         /* a soft line break */
            while (i < n && p[i] != '\n') {
                i++;
            }
            i += i < n;
        }
        else if (p[i] == '=') {                     /* "==" as broken encoders write it */
            to[out++] = '=';
            i++;
        }
        else if (i + 1 < n && hex_value(p[i]) >= 0 && hex_value(p[i + 1]) >= 0) {
            to[out++] = (unsigned char)(hex_value(p[i]) << 4 | hex_value(p[i + 1]));
            i += 2;
        }
        else {
            to[out++] = '=';
        }
    }
    assert(out <= n);
    return out;
}

/*sig binascii.a2b_qp(module, data, header: bool = False)

Decode a string of qp-encoded data.
*/
static PyObject *
binascii_a2b_qp_impl(PyObject *Py_UNUSED(module), PyObject *data, int header)
{
    Py_buffer view;
    if (get_ascii(data, &view) < 0) {
        return NULL;
    }
    PyObject *out = PyBytes_FromStringAndSize(NULL, view.len);
    if (out != NULL) {
        Py_ssize_t length = decode_qp(view.buf, view.len, header,
                                      (unsigned char *)PyBytes_AS_STRING(out));
        out = finish(out, length);
    }
    PyBuffer_Release(&view);
    return out;
}

/* Output of the encoder. */
struct qp_output {
    PyObject *bytes;            /* owned */
    Py_ssize_t length;
    int column;                 /* characters in the current line */
    bool crlf;                  /* lines end with "\r\n" */
};

/* Make room for what one character of input can give; 0, or -1 with MemoryError. */
static inline int
qp_room(struct qp_output *out)
{
    Py_ssize_t size = PyBytes_GET_SIZE(out->bytes);
    if (size - out->length >= 8) {
        return 0;
    }
    if (size > PY_SSIZE_T_MAX / 2 - 64) {
        PyErr_NoMemory();
        return -1;
    }
    return _PyBytes_Resize(&out->bytes, size + size / 2 + 64);
}

static inline void
qp_put(struct qp_output *out, char c)
{
    assert(out->length < PyBytes_GET_SIZE(out->bytes));
    PyBytes_AS_STRING(out->bytes)[out->length++] = c;
}

static void
qp_put_hex(struct qp_output *out, unsigned char c)
{
    qp_put(out, '=');
    qp_put(out, "0123456789ABCDEF"[c >> 4]);
    qp_put(out, "0123456789ABCDEF"[c & 15]);
}

static void
qp_end_line(struct qp_output *out)
{
    if (out->crlf) {
        qp_put(out, '\r');
    }
    qp_put(out, '\n');
    out->column = 0;
}

static void
qp_soft_break(struct qp_output *out)
{
    qp_put(out, '=');
    qp_end_line(out);
}

struct qp_options {
    bool quotetabs, istext, header;
};

/* Must the character at p[i] be written in hexadecimal? */
static bool
qp_is_special(const unsigned char *p, Py_ssize_t n, Py_ssize_t i, int column,
              const struct qp_options *options)
{
    unsigned char c = p[i];
    bool last = i + 1 == n;
    if (c == '\r' || c == '\n') {
        return !options->istext;
    }
    if (c == ' ' || c == '\t') {
        return last || options->quotetabs;
    }
    if (c == '.') {             /* alone in a line: the end of a message in SMTP */
        return column == 0 && (last || p[i + 1] == '\n' || p[i + 1] == '\r' || p[i + 1] == 0);
    }
    return c > 126 || c < 33 || c == '=' || (options->header && c == '_');
}

/* The end of a line of text: white space in front of it would get lost. */
static void
qp_text_line_end(struct qp_output *out)
{
    if (out->length > 0) {
        char last = PyBytes_AS_STRING(out->bytes)[out->length - 1];
        if (last == ' ' || last == '\t') {
            out->length--;
            qp_put_hex(out, (unsigned char)last);
        }
    }
    qp_end_line(out);
}

/* Encode into out->bytes; 0, or -1 with MemoryError (out->bytes is NULL then). */
static int
encode_qp(const unsigned char *p, Py_ssize_t n, const struct qp_options *options,
          struct qp_output *out)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (qp_room(out) < 0) {
            Py_CLEAR(out->bytes);
            return -1;
        }
        if (qp_is_special(p, n, i, out->column, options)) {
            if (out->column + 3 >= QP_LINE) {
                qp_soft_break(out);
            }
            qp_put_hex(out, p[i]);
            out->column += 3;
            continue;
        }
        if (options->istext
            && (p[i] == '\n' || (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')))
        {
            qp_text_line_end(out);
            i += p[i] == '\r';
            continue;
        }
        if (i + 1 < n && p[i + 1] != '\n' && out->column + 1 >= QP_LINE) {
            qp_soft_break(out);
        }
        qp_put(out, options->header && p[i] == ' ' ? '_' : (char)p[i]);
        out->column++;
    }
    return 0;
}

/*sig binascii.b2a_qp(module, data: buffer, quotetabs: bool = False, istext: bool = True,
                    header: bool = False)

Encode a string using quoted-printable encoding.

On encoding, when istext is set, newlines are not encoded, and white
space at end of lines is.  When istext is not set, \r and \n (CR/LF)
are both encoded.  When quotetabs is set, space and tabs are encoded.
*/
static PyObject *
binascii_b2a_qp_impl(PyObject *Py_UNUSED(module), Py_buffer *data, int quotetabs, int istext,
                     int header)
{
    const struct qp_options options = {quotetabs != 0, istext != 0, header != 0};
    const unsigned char *p = data->buf;
    /* Lines end as the first one does. */
    const unsigned char *newline = data->len > 0 ? memchr(p, '\n', (size_t)data->len) : NULL;
    struct qp_output out = {
        .bytes = PyBytes_FromStringAndSize(NULL, Py_MIN(data->len, PY_SSIZE_T_MAX / 4) + 64),
        .crlf = newline != NULL && newline > p && newline[-1] == '\r',
    };
    if (out.bytes == NULL || encode_qp(p, data->len, &options, &out) < 0) {
        return NULL;
    }
    return finish(out.bytes, out.length);
}

/* --- Checksums -------------------------------------------------------------------------------- */

/*sig binascii.crc_hqx(module, data: buffer, crc: uint_mask, /)

Compute CRC-CCITT incrementally.
*/
static PyObject *
binascii_crc_hqx_impl(PyObject *Py_UNUSED(module), Py_buffer *data, unsigned int crc)
{
    const unsigned char *p = data->buf;
    crc &= 0xffff;
    for (Py_ssize_t i = 0; i < data->len; i++) {
        /* Eight steps of the polynomial x^16 + x^12 + x^5 + 1 at once. */
        unsigned int x = crc >> 8 ^ p[i];
        x ^= x >> 4;
        crc = (crc << 8 ^ x << 12 ^ x << 5 ^ x) & 0xffff;
    }
    return PyLong_FromUnsignedLong(crc);
}

/*sig binascii.crc32(module, data: buffer, crc: uint_mask = 0, /)

Compute CRC-32 incrementally.
*/
static PyObject *
binascii_crc32_impl(PyObject *Py_UNUSED(module), Py_buffer *data, unsigned int crc)
{
    unsigned long sum;
    if (data->len > GIL_FREE_SIZE) {
        Py_BEGIN_ALLOW_THREADS
        sum = crc32_z(crc, data->buf, (z_size_t)data->len);
        Py_END_ALLOW_THREADS
    }
    else {
        /* Without data libz would give its initial value. */
        sum = crc32_z(crc, data->len > 0 ? data->buf : (const void *)"", (z_size_t)data->len);
    }
    return PyLong_FromUnsignedLong(sum & 0xffffffff);
}

/* --- The module ------------------------------------------------------------------------------- */

static PyMethodDef binascii_functions[] = {
    BINASCII_A2B_UU_METHODDEF
    BINASCII_B2A_UU_METHODDEF
    BINASCII_A2B_BASE64_METHODDEF
    BINASCII_B2A_BASE64_METHODDEF
    BINASCII_A2B_HEX_METHODDEF
    BINASCII_B2A_HEX_METHODDEF
    BINASCII_HEXLIFY_METHODDEF
    BINASCII_UNHEXLIFY_METHODDEF
    BINASCII_CRC_HQX_METHODDEF
    BINASCII_CRC32_METHODDEF
    BINASCII_A2B_QP_METHODDEF
    BINASCII_B2A_QP_METHODDEF
    {NULL}
};

static int
binascii_traverse(PyObject *module, visitproc visit, void *arg)
{
    binascii_state *state = get_state(module);
    Py_VISIT(state->error);
    Py_VISIT(state->incomplete);
    return 0;
}

static int
binascii_clear(PyObject *module)
{
    binascii_state *state = get_state(module);
    Py_CLEAR(state->error);
    Py_CLEAR(state->incomplete);
    return 0;
}

static void
binascii_free(void *module)
{
    binascii_clear((PyObject *)module);
}

static int
binascii_exec(PyObject *module)
{
    binascii_state *state = get_state(module);
    state->error = PyErr_NewException("binascii.Error", PyExc_ValueError, NULL);
    if (state->error == NULL || PyModule_AddObjectRef(module, "Error", state->error) < 0) {
        return -1;
    }
    state->incomplete = PyErr_NewException("binascii.Incomplete", NULL, NULL);
    return state->incomplete != NULL
           ? PyModule_AddObjectRef(module, "Incomplete", state->incomplete) : -1;
}

static PyModuleDef_Slot binascii_slots[] = {
    {Py_mod_exec, binascii_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef binascii_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "binascii",
    .m_doc = PyDoc_STR("Conversion between binary data and ASCII"),
    .m_size = sizeof(binascii_state),
    .m_methods = binascii_functions,
    .m_slots = binascii_slots,
    .m_traverse = binascii_traverse,
    .m_clear = binascii_clear,
    .m_free = binascii_free,
};

PyMODINIT_FUNC
PyInit_binascii(void)
{
    return PyModuleDef_Init(&binascii_module);
}
