/* str: the codecs unicode-escape and raw-unicode-escape, and \N{...} names.
 *
 * Written from the library reference (codecs, String and Bytes literals).
 */
#include "Python.h"
#include "pycore_bytesobject.h"
#include "pycore_interp.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_ucnhash.h"
#include "pycore_unicode.h"

/* The name table of unicodedata, imported once per interpreter; NULL with an exception. */
_PyUnicode_Name_CAPI *
_PyUnicode_GetNameCAPI(void)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (interp->unicode.ucnhash_capi == NULL) {
        interp->unicode.ucnhash_capi = PyCapsule_Import(PyUnicodeData_CAPSULE_NAME, 1);
    }
    return interp->unicode.ucnhash_capi;
}

static int
hex_value(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Up to `digits` hexadecimal digits at *p; 1 if all were there. */
static int
take_hex(const char **p, const char *end, int digits, Py_UCS4 *value)
{
    Py_UCS4 ch = 0;
    int n = 0;
    for (; n < digits && *p < end; n++, ++*p) {
        int x = hex_value((unsigned char)**p);
        if (x < 0) {
            break;
        }
        ch = ch << 4 | (Py_UCS4)x;
    }
    *value = ch;
    return n == digits;
}

/* --- unicode-escape: decoding ----------------------------------------------------------------- */

/* The outcome of one escape. */
enum outcome {
    CHARACTER,                  /* *ch is the character */
    NOTHING,                    /* a line continuation */
    UNKNOWN,                    /* not an escape: the backslash stays */
    MALFORMED,                  /* *message says why */
    INCOMPLETE,                 /* malformed because the input ends */
    FAILED                      /* exception set */
};

/* \N{name}: *p is behind the N. */
static enum outcome
take_name(const char **p, const char *end, Py_UCS4 *ch, const char **message)
{
    _PyUnicode_Name_CAPI *names = _PyUnicode_GetNameCAPI();
    if (names == NULL) {
        PyErr_SetString(PyExc_UnicodeError,
                        "\\N escapes not supported (can't load unicodedata module)");
        return FAILED;
    }
    *message = "malformed \\N character escape";
    if (*p == end) {
        return INCOMPLETE;
    }
    if (**p != '{') {
        return MALFORMED;
    }
    const char *start = ++*p;
    while (*p < end && **p != '}') {
        ++*p;
    }
    if (*p == end) {
        return INCOMPLETE;
    }
    Py_ssize_t n = *p - start;
    if (n == 0) {
        return MALFORMED;
    }
    ++*p;
    *message = "unknown Unicode character name";
    if (n > INT_MAX || !names->getcode(start, (int)n, ch, 0)) {
        return MALFORMED;
    }
    return CHARACTER;
}

/* One escape; *p is behind the backslash. */
static enum outcome
take_escape(const char **p, const char *end, Py_UCS4 *ch, const char **message,
            const char **bad_octal)
{
    static const char names[] = "\\'\"bftnrva", values[] = "\\'\"\b\f\t\n\r\v\a";
    if (*p == end) {
        *message = "\\ at end of string";
        return INCOMPLETE;
    }
    unsigned char c = (unsigned char)*(*p)++;
    const char *known = c != '\0' ? strchr(names, c) : NULL;
    if (known != NULL) {
        *ch = (unsigned char)values[known - names];
        return CHARACTER;
    }
    if (c == '\n') {
        return NOTHING;
    }
    if (c >= '0' && c <= '7') {
        const char *first = *p - 1;
        Py_UCS4 value = c - '0';
        for (int i = 0; i < 2 && *p < end && **p >= '0' && **p <= '7'; i++) {
            value = value * 8 + (Py_UCS4)(*(*p)++ - '0');
        }
        if (value > 0377 && *bad_octal == NULL) {
            *bad_octal = first;
        }
        *ch = value;
        return CHARACTER;
    }
    int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits > 0) {
        *message = c == 'x' ? "truncated \\xXX escape" : c == 'u' ? "truncated \\uXXXX escape"
                   : "truncated \\UXXXXXXXX escape";
        if (!take_hex(p, end, digits, ch)) {
            return *p == end ? INCOMPLETE : MALFORMED;
        }
        *message = "illegal Unicode character";
        return *ch > _PyUnicode_MAX ? MALFORMED : CHARACTER;
    }
    if (c == 'N') {
        return take_name(p, end, ch, message);
    }
    return UNKNOWN;
}

/* An escape that was met behind an error lies in the error handler's bytes: it is shown if it
   stands in the caller's, too. */
static void
show_own(const char **escape, const struct _unicode_decoder *d, const char *s, Py_ssize_t size)
{
    if (*escape == NULL || (s <= *escape && *escape < s + size)) {
        return;
    }
    Py_ssize_t i = d->start <= *escape && *escape < d->end ? *escape - d->start : size;
    *escape = i < size && s[i] == **escape ? s + i : NULL;
}

/* Decode.  *first_invalid_escape becomes the first unknown escape (behind its backslash) or NULL.
   With `consumed`, an incomplete escape at the end is left for the next call. */
PyObject *
_PyUnicode_DecodeUnicodeEscapeInternal(const char *s, Py_ssize_t size, const char *errors,
                                       Py_ssize_t *consumed, const char **first_invalid_escape)
{
    struct _unicode_decoder d;
    *first_invalid_escape = NULL;
    _PyUnicode_DecoderInit(&d, "unicodeescape", s, size, errors);
    d.writer.min_length = size;
    const char *p = s;
    while (p < d.end) {
        const char *stop = memchr(p, '\\', (size_t)(d.end - p));
        if (stop == NULL) {
            stop = d.end;
        }
        if (stop > p && _PyUnicodeWriter_WriteLatin1String(&d.writer, p, stop - p) < 0) {
            goto error;
        }
        p = stop;
        if (p == d.end) {
            break;
        }
        const char *start = p++, *message = NULL;
        Py_UCS4 ch = 0;
        switch (take_escape(&p, d.end, &ch, &message, first_invalid_escape)) {
        case CHARACTER:
            if (_PyUnicodeWriter_WriteChar(&d.writer, ch) < 0) {
                goto error;
            }
            continue;
        case NOTHING:
            continue;
        case UNKNOWN:
            if (*first_invalid_escape == NULL) {
                *first_invalid_escape = p - 1;
            }
            if (_PyUnicodeWriter_WriteChar(&d.writer, '\\') < 0
                || _PyUnicodeWriter_WriteChar(&d.writer, (unsigned char)p[-1]) < 0)
            {
                goto error;
            }
            continue;
        case INCOMPLETE:
            if (consumed != NULL) {
                *consumed = start - d.start;
                show_own(first_invalid_escape, &d, s, size);
                return _PyUnicode_DecoderFinish(&d);
            }
            break;
        case MALFORMED:
            break;
        case FAILED:
            goto error;
        }
        p = _PyUnicode_DecoderError(&d, start, p, message);
        if (p == NULL) {
            goto error;
        }
    }
    if (consumed != NULL) {
        *consumed = p - d.start;
    }
    show_own(first_invalid_escape, &d, s, size);
    return _PyUnicode_DecoderFinish(&d);

error:
    _PyUnicode_DecoderClear(&d);
    return NULL;
}

PyObject *
_PyUnicode_DecodeUnicodeEscapeStateful(const char *s, Py_ssize_t size, const char *errors,
                                       Py_ssize_t *consumed)
{
    const char *bad;
    PyObject *res = _PyUnicode_DecodeUnicodeEscapeInternal(s, size, errors, consumed, &bad);
    if (res == NULL || bad == NULL) {
        return res;
    }
    int failed = '4' <= *bad && *bad <= '7'
        ? PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                           "invalid octal escape sequence '\\%.3s'", bad)
        : PyErr_WarnFormat(PyExc_DeprecationWarning, 1, "invalid escape sequence '\\%c'",
                           (unsigned char)*bad);
    if (failed < 0) {
        Py_CLEAR(res);
    }
    return res;
}

PyObject *
PyUnicode_DecodeUnicodeEscape(const char *s, Py_ssize_t size, const char *errors)
{
    return _PyUnicode_DecodeUnicodeEscapeStateful(s, size, errors, NULL);
}

/* --- unicode-escape: encoding ----------------------------------------------------------------- */

static char *
put_hex(char *p, char letter, Py_UCS4 ch, int digits)
{
    *p++ = '\\';
    *p++ = letter;
    while (digits-- > 0) {
        *p++ = Py_hexdigits[(ch >> (4 * digits)) & 15];
    }
    return p;
}

PyObject *
PyUnicode_AsUnicodeEscapeString(PyObject *str)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return NULL;
    }
    struct _unicode_view v = _PyUnicode_View(str);
    /* bytes that a character of this kind may need */
    Py_ssize_t most = v.kind == 1 ? 4 : v.kind == 2 ? 6 : 10;
    if (v.length > PY_SSIZE_T_MAX / most) {
        return PyErr_NoMemory();
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, v.length * most);
    if (bytes == NULL || v.length == 0) {
        return bytes;
    }
    char *start = PyBytes_AS_STRING(bytes), *p = start;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch == '\\' || ch == '\t' || ch == '\n' || ch == '\r') {
            *p++ = '\\';
            *p++ = ch == '\t' ? 't' : ch == '\n' ? 'n' : ch == '\r' ? 'r' : '\\';
        }
        else if (ch >= ' ' && ch < 127) {
            *p++ = (char)ch;
        }
        else {
            p = ch < 0x100 ? put_hex(p, 'x', ch, 2) : ch < 0x10000 ? put_hex(p, 'u', ch, 4)
                : put_hex(p, 'U', ch, 8);
        }
    }
    _PyBytes_Resize(&bytes, p - start);
    return bytes;
}

/* --- raw-unicode-escape ----------------------------------------------------------------------- */

/* Only \uXXXX and \UXXXXXXXX behind an odd number of backslashes are escapes. */
PyObject *
_PyUnicode_DecodeRawUnicodeEscapeStateful(const char *s, Py_ssize_t size, const char *errors,
                                          Py_ssize_t *consumed)
{
    struct _unicode_decoder d;
    _PyUnicode_DecoderInit(&d, "rawunicodeescape", s, size, errors);
    d.writer.min_length = size;
    const char *p = s;
    while (p < d.end) {
        const char *start = p;
        if (*p != '\\') {
            const char *stop = memchr(p, '\\', (size_t)(d.end - p));
            p = stop != NULL ? stop : d.end;
            if (_PyUnicodeWriter_WriteLatin1String(&d.writer, start, p - start) < 0) {
                goto error;
            }
            continue;
        }
        if (p + 1 == d.end) {
            if (consumed != NULL) {
                break;
            }
            p++;
            if (_PyUnicodeWriter_WriteChar(&d.writer, '\\') < 0) {
                goto error;
            }
            continue;
        }
        char c = p[1];
        p += 2;
        if (c != 'u' && c != 'U') {
            /* the pair goes through, also two backslashes */
            if (_PyUnicodeWriter_WriteLatin1String(&d.writer, start, 2) < 0) {
                goto error;
            }
            continue;
        }
        Py_UCS4 ch;
        const char *message = NULL;
        if (!take_hex(&p, d.end, c == 'u' ? 4 : 8, &ch)) {
            if (p == d.end && consumed != NULL) {
                p = start;
                break;
            }
            message = c == 'u' ? "truncated \\uXXXX escape" : "truncated \\UXXXXXXXX escape";
        }
        else if (ch > _PyUnicode_MAX) {
            message = "\\Uxxxxxxxx out of range";
        }
        else if (_PyUnicodeWriter_WriteChar(&d.writer, ch) < 0) {
            goto error;
        }
        if (message != NULL) {
            p = _PyUnicode_DecoderError(&d, start, p, message);
            if (p == NULL) {
                goto error;
            }
        }
    }
    if (consumed != NULL) {
        *consumed = p - d.start;
    }
    return _PyUnicode_DecoderFinish(&d);

error:
    _PyUnicode_DecoderClear(&d);
    return NULL;
}

PyObject *
PyUnicode_DecodeRawUnicodeEscape(const char *s, Py_ssize_t size, const char *errors)
{
    return _PyUnicode_DecodeRawUnicodeEscapeStateful(s, size, errors, NULL);
}

PyObject *
PyUnicode_AsRawUnicodeEscapeString(PyObject *str)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return NULL;
    }
    struct _unicode_view v = _PyUnicode_View(str);
    if (v.kind == 1) {
        return PyBytes_FromStringAndSize(v.data, v.length);
    }
    Py_ssize_t most = v.kind == 2 ? 6 : 10;
    if (v.length > PY_SSIZE_T_MAX / most) {
        return PyErr_NoMemory();
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, v.length * most);
    if (bytes == NULL) {
        return NULL;
    }
    char *start = PyBytes_AS_STRING(bytes), *p = start;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch < 0x100) {
            *p++ = (char)ch;
        }
        else {
            p = ch < 0x10000 ? put_hex(p, 'u', ch, 4) : put_hex(p, 'U', ch, 8);
        }
    }
    _PyBytes_Resize(&bytes, p - start);
    return bytes;
}
