/* str: UTF-7.
 *
 * States of the decoder: direct (ASCII characters stand for themselves) and shifted (behind a +,
 * six bits of UTF-16 per base64 character).  In the shifted state `bits` holds `count` bits not yet
 * used, and `high` a high surrogate that waits for its partner.
 *
 * Written from RFC 2152 and the library reference.
 */
#include "Python.h"
#include "pycore_object.h"
#include "pycore_unicode.h"

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int
base64_value(unsigned char c)
{
    const char *p = c != '\0' ? strchr(base64, c) : NULL;
    return p != NULL ? (int)(p - base64) : -1;
}

/* May the ASCII character ch stand for itself?  Sets D and white space always, set O if `optional`
   is direct too. */
static int
encodes_directly(Py_UCS4 ch, int optional, int whitespace)
{
    if (ch == 0 || ch > 127) {
        return 0;
    }
    if (Py_ISALNUM(ch) || strchr("'(),-./:?", (int)ch) != NULL) {
        return 1;
    }
    if (strchr(" \t\n\r", (int)ch) != NULL) {
        return whitespace;
    }
    return optional && strchr("!\"#$%&*;<=>@[]^_`{|}", (int)ch) != NULL;
}

/* A character that a decoder accepts outside of a shift sequence. */
static int
decodes_directly(unsigned char c)
{
    return c <= 127 && c != '+';
}

/* --- Decoding --------------------------------------------------------------------------------- */

struct shift {
    int active;
    const char *start;          /* the + */
    Py_ssize_t output;          /* characters written when it began */
    uint32_t bits;
    int count;
    Py_UCS4 high;
};

/* Use up the complete code units in the bits; -1 with an exception. */
static int
take_units(struct shift *s, _PyUnicodeWriter *w)
{
    if (s->count < 16) {
        return 0;
    }
    Py_UCS4 unit = (s->bits >> (s->count - 16)) & 0xffff;
    s->count -= 16;
    s->bits &= (UINT32_C(1) << s->count) - 1;
    if (s->high != 0) {
        Py_UCS4 high = s->high;
        s->high = 0;
        if (Py_UNICODE_IS_LOW_SURROGATE(unit)) {
            return _PyUnicodeWriter_WriteChar(w, Py_UNICODE_JOIN_SURROGATES(high, unit));
        }
        if (_PyUnicodeWriter_WriteChar(w, high) < 0) {
            return -1;
        }
    }
    if (Py_UNICODE_IS_HIGH_SURROGATE(unit)) {
        s->high = unit;
        return 0;
    }
    return _PyUnicodeWriter_WriteChar(w, unit);
}

/* Why the shift sequence must not end here, or NULL. */
static const char *
bad_end(const struct shift *s)
{
    if (s->count >= 6) {
        return "partial character in shift sequence";
    }
    if (s->bits != 0) {
        return "non-zero padding bits in shift sequence";
    }
    return NULL;
}

/* Decode.  With `consumed`, an unfinished shift sequence at the end is left for the next call. */
PyObject *
PyUnicode_DecodeUTF7Stateful(const char *input, Py_ssize_t size, const char *errors,
                             Py_ssize_t *consumed)
{
    if (size == 0) {
        if (consumed != NULL) {
            *consumed = 0;
        }
        return _PyUnicode_GetEmpty();
    }
    struct _unicode_decoder d;
    _PyUnicode_DecoderInit(&d, "utf7", input, size, errors);
    d.writer.min_length = size;
    struct shift s = {0};
    const char *p = input;
    for (;;) {
        const char *reason = NULL, *from = p;
        if (p >= d.end) {
            if (!s.active || consumed != NULL) {
                break;
            }
            s.active = 0;
            if (s.high == 0 && s.count < 6 && (s.count == 0 || s.bits == 0)) {
                break;
            }
            reason = "unterminated shift sequence";
            from = s.start;
        }
        else if (s.active) {
            unsigned char c = (unsigned char)*p;
            int value = base64_value(c);
            if (value >= 0) {
                s.bits = s.bits << 6 | (uint32_t)value;
                s.count += 6;
                p++;
                if (take_units(&s, &d.writer) < 0) {
                    goto error;
                }
                continue;
            }
            s.active = 0;
            reason = s.count > 0 ? bad_end(&s) : NULL;
            if (reason != NULL) {
                from = s.start;
                p++;
            }
            else {
                if (s.high != 0 && decodes_directly(c)
                    && _PyUnicodeWriter_WriteChar(&d.writer, s.high) < 0)
                {
                    goto error;
                }
                s.high = 0;
                if (c == '-') {
                    p++;
                }
                continue;
            }
        }
        else if (*p == '+') {
            s = (struct shift){.start = p, .output = d.writer.pos};
            p++;
            if (p < d.end && *p == '-') {
                p++;
                if (_PyUnicodeWriter_WriteChar(&d.writer, '+') < 0) {
                    goto error;
                }
                continue;
            }
            if (p < d.end && base64_value((unsigned char)*p) < 0) {
                p++;
                reason = "ill-formed sequence";
                from = s.start;
            }
            else {
                s.active = 1;
                continue;
            }
        }
        else if (decodes_directly((unsigned char)*p)) {
            if (_PyUnicodeWriter_WriteChar(&d.writer, (unsigned char)*p++) < 0) {
                goto error;
            }
            continue;
        }
        else {
            p++;
            reason = "unexpected special character";
        }
        s.high = 0;
        p = _PyUnicode_DecoderError(&d, from, p, reason);
        if (p == NULL) {
            goto error;
        }
    }
    if (consumed != NULL) {
        if (s.active) {
            /* nothing of an open sequence counts */
            *consumed = s.start - d.start;
            d.writer.pos = s.output;
        }
        else {
            *consumed = p - d.start;
        }
    }
    return _PyUnicode_DecoderFinish(&d);

error:
    _PyUnicode_DecoderClear(&d);
    return NULL;
}

PyObject *
PyUnicode_DecodeUTF7(const char *s, Py_ssize_t size, const char *errors)
{
    return PyUnicode_DecodeUTF7Stateful(s, size, errors, NULL);
}

/* --- Encoding --------------------------------------------------------------------------------- */

/* Encode; base64SetO: also the optional direct characters are put in base64; base64WhiteSpace:
   white space too.  Nothing is unencodable. */
PyObject *
_PyUnicode_EncodeUTF7(PyObject *str, int base64SetO, int base64WhiteSpace,
                      const char *Py_UNUSED(errors))
{
    struct _unicode_view v = _PyUnicode_View(str);
    if (v.length == 0) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    if (v.length > PY_SSIZE_T_MAX / 8) {
        return PyErr_NoMemory();
    }
    /* worst case: a shift sequence of its own for every character */
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, v.length * 8);
    if (bytes == NULL) {
        return NULL;
    }
    char *out = PyBytes_AS_STRING(bytes);
    int shifted = 0, count = 0;
    uint64_t bits = 0;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        int direct = encodes_directly(ch, !base64SetO, !base64WhiteSpace);
        if (shifted && direct) {
            if (count > 0) {
                *out++ = base64[(bits << (6 - count)) & 0x3f];
                count = 0;
                bits = 0;
            }
            shifted = 0;
            /* the - is only needed where the next character could be taken for base64 */
            if (base64_value((unsigned char)ch) >= 0 || ch == '-') {
                *out++ = '-';
            }
        }
        if (!shifted) {
            if (direct) {
                *out++ = (char)ch;
                continue;
            }
            *out++ = '+';
            if (ch == '+') {
                *out++ = '-';
                continue;
            }
            shifted = 1;
        }
        if (ch >= 0x10000) {
            bits = bits << 16 | Py_UNICODE_HIGH_SURROGATE(ch);
            count += 16;
            while (count >= 6) {
                *out++ = base64[(bits >> (count - 6)) & 0x3f];
                count -= 6;
            }
            ch = Py_UNICODE_LOW_SURROGATE(ch);
        }
        bits = bits << 16 | ch;
        count += 16;
        while (count >= 6) {
            *out++ = base64[(bits >> (count - 6)) & 0x3f];
            count -= 6;
        }
    }
    if (count > 0) {
        *out++ = base64[(bits << (6 - count)) & 0x3f];
    }
    if (shifted) {
        *out++ = '-';
    }
    _PyBytes_Resize(&bytes, out - PyBytes_AS_STRING(bytes));
    return bytes;
}
