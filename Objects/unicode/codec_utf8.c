/* str: UTF-8.
 *
 * Decoding runs in two passes over a valid stretch: `scan` checks it, counts its characters and
 * finds the widest one; `fill` decodes it without checks into a string of the final size and kind.
 * Only where the input is invalid does a writer collect the stretches between the errors.
 * Well-formed sequences are those of table 3-7 of the Unicode standard; an invalid one is reported
 * with its maximal valid prefix.
 *
 * Encoding measures first and then writes into a bytes object of the exact size; surrogates go to
 * the error handlers.
 *
 * Written from the Unicode standard (3.9, D92) and the C API reference.
 */
#include "Python.h"
#include "pycore_bytesobject.h"     // _PyBytesWriter helpers
#include "pycore_object.h"
#include "pycore_unicode.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

Py_ssize_t
_PyUnicode_AsciiRun(const char *s, const char *end)
{
    const char *p = s;
    while (end - p >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        word &= HIGH_BITS;
        if (word) {
#if PY_LITTLE_ENDIAN
            return p - s + (__builtin_ctzll(word) >> 3);
#else
            break;
#endif
        }
        p += 8;
    }
    while (p < end && !(*p & 0x80)) {
        p++;
    }
    return p - s;
}

/* --- Decoding --------------------------------------------------------------------------------- */

static inline int
is_continuation(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* Bytes of the sequence that the lead byte c announces; 0 if it can start none. */
static inline int
sequence_length(unsigned char c)
{
    return c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
}

/* Is `second` allowed behind `lead` (no overlong form, surrogate or value above U+10FFFF)? */
static inline int
second_is_valid(unsigned char lead, unsigned char second)
{
    switch (lead) {
    case 0xe0: return second >= 0xa0 && second <= 0xbf;
    case 0xed: return second >= 0x80 && second <= 0x9f;
    case 0xf0: return second >= 0x90 && second <= 0xbf;
    case 0xf4: return second >= 0x80 && second <= 0x8f;
    default: return is_continuation(second);
    }
}

struct stretch {
    Py_ssize_t length;          /* characters */
    Py_UCS4 maxchar;            /* bound: 0x7f, 0xff, 0xffff or 0x10ffff */
};

/* End of the valid stretch that starts at s. */
static const char *
scan(const char *s, const char *end, struct stretch *found)
{
    const unsigned char *p = (const unsigned char *)s, *e = (const unsigned char *)end;
    Py_ssize_t length = 0;
    Py_UCS4 maxchar = 0x7f;
    while (p < e) {
        unsigned char c = *p;
        if (c < 0x80) {
            Py_ssize_t run = _PyUnicode_AsciiRun((const char *)p, end);
            p += run;
            length += run;
            continue;
        }
        int n = sequence_length(c);
        if (n == 0 || e - p < n || !second_is_valid(c, p[1])
            || (n > 2 && !is_continuation(p[2])) || (n > 3 && !is_continuation(p[3])))
        {
            break;
        }
        Py_UCS4 bound = n == 2 ? (c < 0xc4 ? 0xff : 0xffff) : n == 3 ? 0xffff : 0x10ffff;
        maxchar = Py_MAX(maxchar, bound);
        length++;
        p += n;
    }
    found->length = length;
    found->maxchar = maxchar;
    return (const char *)p;
}

#define DEFINE_FILL(CHAR, NAME) \
static void \
NAME(const char *s, const char *end, CHAR *out) \
{ \
    const unsigned char *p = (const unsigned char *)s, *e = (const unsigned char *)end; \
    while (p < e) { \
        unsigned char c = *p; \
        if (c < 0x80) { \
            *out++ = c; \
            p++; \
        } \
        else if (c < 0xe0) { \
            *out++ = (CHAR)((c & 0x1f) << 6 | (p[1] & 0x3f)); \
            p += 2; \
        } \
        else if (c < 0xf0) { \
            *out++ = (CHAR)((c & 0x0f) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f)); \
            p += 3; \
        } \
        else { \
            *out++ = (CHAR)((Py_UCS4)(c & 0x07) << 18 | (Py_UCS4)(p[1] & 0x3f) << 12 \
                            | (Py_UCS4)(p[2] & 0x3f) << 6 | (p[3] & 0x3f)); \
            p += 4; \
        } \
    } \
}

DEFINE_FILL(Py_UCS1, fill_ucs1)
DEFINE_FILL(Py_UCS2, fill_ucs2)
DEFINE_FILL(Py_UCS4, fill_ucs4)

static void
fill(int kind, void *data, Py_ssize_t pos, const char *s, const char *end)
{
    switch (kind) {
    case 1: fill_ucs1(s, end, (Py_UCS1 *)data + pos); break;
    case 2: fill_ucs2(s, end, (Py_UCS2 *)data + pos); break;
    default: fill_ucs4(s, end, (Py_UCS4 *)data + pos); break;
    }
}

/* The invalid or incomplete sequence at p: its reason, and the end of its valid prefix. */
static const char *
classify(const char *p, const char *end, const char **reason)
{
    const unsigned char *s = (const unsigned char *)p;
    int n = sequence_length(s[0]);
    assert(n != 1);
    if (n == 0) {
        *reason = "invalid start byte";
        return p + 1;
    }
    for (int i = 1; i < n; i++) {
        if (p + i >= end) {
            *reason = "unexpected end of data";
            return end;
        }
        if (i == 1 ? !second_is_valid(s[0], s[1]) : !is_continuation(s[i])) {
            *reason = "invalid continuation byte";
            return p + i;
        }
    }
    Py_UNREACHABLE();
}

/* Two bytes of an encoded surrogate at the very end: invalid already, but the error handler
   "surrogatepass" shall see all three. */
static inline int
is_cut_surrogate(const char *p, const char *end)
{
    return end - p == 2 && (unsigned char)p[0] == 0xED && is_continuation((unsigned char)p[1]);
}

/* Decode from s, some of which is invalid; `stop` is the end of the first valid stretch. */
static PyObject *
decode_with_errors(const char *s, Py_ssize_t size, const char *errors, Py_ssize_t *consumed)
{
    struct _unicode_decoder d;
    _PyUnicode_DecoderInit(&d, "utf-8", s, size, errors);
    d.writer.overallocate = 1;
    const char *p = d.start;
    for (;;) {
        struct stretch part;
        const char *stop = scan(p, d.end, &part);
        if (part.length > 0) {
            if (_PyUnicodeWriter_Prepare(&d.writer, part.length, part.maxchar) < 0) {
                goto error;
            }
            fill(d.writer.kind, d.writer.data, d.writer.pos, p, stop);
            d.writer.pos += part.length;
        }
        p = stop;
        if (p == d.end) {
            break;
        }
        const char *reason;
        const char *to = classify(p, d.end, &reason);
        if (consumed != NULL && (reason[0] == 'u' || is_cut_surrogate(p, d.end))) {
            break;              /* the rest may still come */
        }
        p = _PyUnicode_DecoderError(&d, p, to, reason);
        if (p == NULL) {
            goto error;
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

/* Decode UTF-8.  With `consumed` an incomplete sequence at the end is left for the next call. */
PyObject *
PyUnicode_DecodeUTF8Stateful(const char *s, Py_ssize_t size, const char *errors,
                             Py_ssize_t *consumed)
{
    assert(size >= 0);
    if (size > PY_SSIZE_T_MAX - (Py_ssize_t)sizeof(PyASCIIObject)) {
        return PyErr_NoMemory();        /* so says the caller; there is no such block to read */
    }
    Py_ssize_t ascii = _PyUnicode_AsciiRun(s, s + size);
    if (ascii == size) {
        if (consumed != NULL) {
            *consumed = size;
        }
        return _PyUnicode_FromASCII(s, size);
    }
    struct stretch rest;
    if (scan(s + ascii, s + size, &rest) != s + size) {
        return decode_with_errors(s, size, errors, consumed);
    }
    if (consumed != NULL) {
        *consumed = size;
    }
    Py_ssize_t length = ascii + rest.length;
    if (length == 1) {
        Py_UCS4 ch;
        fill_ucs4(s, s + size, &ch);
        return _PyUnicode_FromChar(ch);
    }
    PyObject *str = PyUnicode_New(length, rest.maxchar);
    if (str != NULL) {
        int kind = (int)PyUnicode_KIND(str);
        _PyUnicode_CopyKind(kind, PyUnicode_DATA(str), 0, 1, s, 0, ascii);
        fill(kind, PyUnicode_DATA(str), ascii, s + ascii, s + size);
        assert(_PyUnicode_CheckConsistency(str, 1));
    }
    return str;
}

PyObject *
PyUnicode_DecodeUTF8(const char *s, Py_ssize_t size, const char *errors)
{
    return PyUnicode_DecodeUTF8Stateful(s, size, errors, NULL);
}

/* --- Encoding --------------------------------------------------------------------------------- */

static inline char *
put_utf8(char *p, Py_UCS4 ch)
{
    if (ch < 0x80) {
        *p++ = (char)ch;
    }
    else if (ch < 0x800) {
        *p++ = (char)(0xc0 | ch >> 6);
        *p++ = (char)(0x80 | (ch & 0x3f));
    }
    else if (ch < 0x10000) {
        *p++ = (char)(0xe0 | ch >> 12);
        *p++ = (char)(0x80 | (ch >> 6 & 0x3f));
        *p++ = (char)(0x80 | (ch & 0x3f));
    }
    else {
        *p++ = (char)(0xf0 | ch >> 18);
        *p++ = (char)(0x80 | (ch >> 12 & 0x3f));
        *p++ = (char)(0x80 | (ch >> 6 & 0x3f));
        *p++ = (char)(0x80 | (ch & 0x3f));
    }
    return p;
}

Py_ssize_t
_PyUnicode_UTF8Length(int kind, const void *data, Py_ssize_t n)
{
    Py_ssize_t size = n;
    if (kind == 1) {
        const Py_UCS1 *s = data;
        for (Py_ssize_t i = 0; i < n; i++) {
            size += s[i] >> 7;
        }
    }
    else if (kind == 2) {
        const Py_UCS2 *s = data;
        for (Py_ssize_t i = 0; i < n; i++) {
            size += (s[i] >= 0x80) + (s[i] >= 0x800);
        }
    }
    else {
        const Py_UCS4 *s = data;
        for (Py_ssize_t i = 0; i < n; i++) {
            size += (s[i] >= 0x80) + (s[i] >= 0x800) + (s[i] >= 0x10000);
        }
    }
    return size;
}

/* Position of the first surrogate at or behind `from`, or the length. */
static Py_ssize_t
find_surrogate(const struct _unicode_view *v, Py_ssize_t from)
{
    if (v->kind == 1) {
        return v->length;
    }
    for (; from < v->length; from++) {
        if (Py_UNICODE_IS_SURROGATE(PyUnicode_READ(v->kind, v->data, from))) {
            break;
        }
    }
    return from;
}

static char *
encode_range(const struct _unicode_view *v, Py_ssize_t from, Py_ssize_t to, char *p)
{
    for (Py_ssize_t i = from; i < to; i++) {
        p = put_utf8(p, PyUnicode_READ(v->kind, v->data, i));
    }
    return p;
}

/* Handle the surrogates [from, to) with what the callback returns. */
static char *
encode_replacement(struct _unicode_encoder *e, _PyBytesWriter *w, char *p, Py_ssize_t from,
                   Py_ssize_t to, Py_ssize_t *newpos)
{
    PyObject *rep = _PyUnicode_EncoderError(e, "surrogates not allowed", from, to, newpos);
    if (rep == NULL) {
        return NULL;
    }
    if (PyUnicode_Check(rep) && !PyUnicode_IS_ASCII(rep)) {
        _PyUnicode_RaiseEncodeError(e, "surrogates not allowed", from, to);
        Py_DECREF(rep);
        return NULL;
    }
    /* room for the replacement and for all that is left */
    Py_ssize_t n = PyBytes_Check(rep) ? PyBytes_GET_SIZE(rep) : PyUnicode_GET_LENGTH(rep);
    const void *text = PyBytes_Check(rep) ? (void *)PyBytes_AS_STRING(rep) : PyUnicode_DATA(rep);
    p = _PyBytesWriter_WriteBytes(w, p, text, n);
    Py_DECREF(rep);
    return p;
}

/* Encode the run of surrogates [from, to); the new write position, or NULL with an exception. */
static char *
encode_surrogates(struct _unicode_encoder *e, _PyBytesWriter *w, char *p, Py_ssize_t from,
                  Py_ssize_t to, Py_ssize_t *newpos)
{
    *newpos = to;
    Py_ssize_t n = to - from;
    switch (_PyUnicode_EncoderHandler(e)) {
    case _Py_ERROR_STRICT:
        _PyUnicode_RaiseEncodeError(e, "surrogates not allowed", from, to);
        return NULL;
    case _Py_ERROR_IGNORE:
        return p;
    case _Py_ERROR_REPLACE:
        p = _PyBytesWriter_Prepare(w, p, n);
        if (p != NULL) {
            memset(p, '?', (size_t)n);
            p += n;
        }
        return p;
    case _Py_ERROR_SURROGATEPASS:
        p = _PyBytesWriter_Prepare(w, p, 3 * n);
        for (Py_ssize_t i = from; p != NULL && i < to; i++) {
            p = put_utf8(p, PyUnicode_READ_CHAR(e->str, i));
        }
        return p;
    case _Py_ERROR_BACKSLASHREPLACE:
        p = _PyBytesWriter_Prepare(w, p, _PyUnicode_BackslashSize(e->str, from, to));
        return p != NULL ? _PyUnicode_BackslashForms(e->str, from, to, p) : NULL;
    case _Py_ERROR_XMLCHARREFREPLACE:
        p = _PyBytesWriter_Prepare(w, p, _PyUnicode_XmlSize(e->str, from, to));
        return p != NULL ? _PyUnicode_XmlForms(e->str, from, to, p) : NULL;
    case _Py_ERROR_SURROGATEESCAPE:
        p = _PyBytesWriter_Prepare(w, p, n);
        if (p == NULL) {
            return NULL;
        }
        for (; from < to; from++) {
            Py_UCS4 ch = PyUnicode_READ_CHAR(e->str, from);
            if (ch < 0xdc80 || ch > 0xdcff) {
                break;
            }
            *p++ = (char)(ch - 0xdc00);
        }
        if (from == to) {
            return p;
        }
        break;
    default:
        break;
    }
    return encode_replacement(e, w, p, from, to, newpos);
}

static PyObject *
encode_with_errors(PyObject *str, const char *errors)
{
    struct _unicode_view v = _PyUnicode_View(str);
    struct _unicode_encoder e;
    _PyUnicode_EncoderInit(&e, "utf-8", str, errors);
    _PyBytesWriter w;
    _PyBytesWriter_Init(&w);
    w.overallocate = 1;
    char *p = _PyBytesWriter_Alloc(&w, 0);
    if (p == NULL) {
        goto error;
    }
    Py_ssize_t pos = 0;
    while (pos < v.length) {
        Py_ssize_t stop = find_surrogate(&v, pos);
        const char *from = (const char *)v.data + pos * v.kind;
        p = _PyBytesWriter_Prepare(&w, p, _PyUnicode_UTF8Length(v.kind, from, stop - pos));
        if (p == NULL) {
            goto error;
        }
        p = encode_range(&v, pos, stop, p);
        pos = stop;
        if (pos == v.length) {
            break;
        }
        while (stop < v.length
               && Py_UNICODE_IS_SURROGATE(PyUnicode_READ(v.kind, v.data, stop))) {
            stop++;
        }
        p = encode_surrogates(&e, &w, p, pos, stop, &pos);
        if (p == NULL) {
            goto error;
        }
    }
    _PyUnicode_EncoderClear(&e);
    return _PyBytesWriter_Finish(&w, p);

error:
    _PyUnicode_EncoderClear(&e);
    _PyBytesWriter_Dealloc(&w);
    return NULL;
}

/* The text as bytes; new reference. */
PyObject *
_PyUnicode_AsUTF8String(PyObject *str, const char *errors)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (PyUnicode_IS_ASCII(str)) {
        return PyBytes_FromStringAndSize(PyUnicode_DATA(str), PyUnicode_GET_LENGTH(str));
    }
    PyCompactUnicodeObject *compact = (PyCompactUnicodeObject *)str;
    if (compact->utf8 != NULL) {
        return PyBytes_FromStringAndSize(compact->utf8, compact->utf8_length);
    }
    struct _unicode_view v = _PyUnicode_View(str);
    if (find_surrogate(&v, 0) < v.length) {
        return encode_with_errors(str, errors);
    }
    if (v.length > PY_SSIZE_T_MAX / 4) {
        return PyErr_NoMemory();
    }
    Py_ssize_t size = _PyUnicode_UTF8Length(v.kind, v.data, v.length);
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes != NULL) {
        char *end = encode_range(&v, 0, v.length, PyBytes_AS_STRING(bytes));
        assert(end == PyBytes_AS_STRING(bytes) + size);
        (void)end;
    }
    return bytes;
}

PyObject *
PyUnicode_AsUTF8String(PyObject *str)
{
    return _PyUnicode_AsUTF8String(str, NULL);
}

/* Make the cached UTF-8 form; 0, or -1 with UnicodeEncodeError or MemoryError. */
int
_PyUnicode_FillUTF8(PyObject *op)
{
    assert(!PyUnicode_IS_ASCII(op));
    PyCompactUnicodeObject *compact = (PyCompactUnicodeObject *)op;
    struct _unicode_view v = _PyUnicode_View(op);
    Py_ssize_t bad = find_surrogate(&v, 0);
    if (bad < v.length) {
        struct _unicode_encoder e;
        Py_ssize_t stop = bad;
        while (stop < v.length
               && Py_UNICODE_IS_SURROGATE(PyUnicode_READ(v.kind, v.data, stop))) {
            stop++;
        }
        _PyUnicode_EncoderInit(&e, "utf-8", op, NULL);
        _PyUnicode_RaiseEncodeError(&e, "surrogates not allowed", bad, stop);
        _PyUnicode_EncoderClear(&e);
        return -1;
    }
    if (v.length > PY_SSIZE_T_MAX / 4 - 1) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t size = _PyUnicode_UTF8Length(v.kind, v.data, v.length);
    char *utf8 = PyMem_Malloc((size_t)size + 1);
    if (utf8 == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    encode_range(&v, 0, v.length, utf8);
    utf8[size] = '\0';
    compact->utf8 = utf8;
    compact->utf8_length = size;
    return 0;
}

/* The text in UTF-8, owned by the str and NUL-terminated; NULL with an exception. */
const char *
PyUnicode_AsUTF8AndSize(PyObject *op, Py_ssize_t *psize)
{
    if (!PyUnicode_Check(op)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (PyUnicode_IS_ASCII(op)) {
        if (psize != NULL) {
            *psize = PyUnicode_GET_LENGTH(op);
        }
        return PyUnicode_DATA(op);
    }
    PyCompactUnicodeObject *compact = (PyCompactUnicodeObject *)op;
    if (compact->utf8 == NULL && _PyUnicode_FillUTF8(op) < 0) {
        return NULL;
    }
    if (psize != NULL) {
        *psize = compact->utf8_length;
    }
    return compact->utf8;
}

const char *
PyUnicode_AsUTF8(PyObject *op)
{
    return PyUnicode_AsUTF8AndSize(op, NULL);
}

/* --- wchar_t, before there are objects -------------------------------------------------------- */

/* A surrogate in its three-byte form at p? */
static int
is_encoded_surrogate(const char *p, const char *end)
{
    const unsigned char *s = (const unsigned char *)p;
    return end - p >= 3 && s[0] == 0xed && s[1] >= 0xa0 && s[1] <= 0xbf && is_continuation(s[2]);
}

/* Decode to a PyMem_RawMalloc'ed wide string.  Returns 0; -1: out of memory; -2: cannot be decoded,
   *wlen is the position and *reason the text; -3: the handler is not supported here. */
int
_Py_DecodeUTF8Ex(const char *s, Py_ssize_t size, wchar_t **wstr, size_t *wlen,
                 const char **reason, _Py_error_handler errors)
{
    assert(size >= 0);
    if (errors != _Py_ERROR_STRICT && errors != _Py_ERROR_SURROGATEESCAPE
        && errors != _Py_ERROR_SURROGATEPASS)
    {
        return -3;
    }
    if (size > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(wchar_t) - 1) {
        return -1;
    }
    wchar_t *out = PyMem_RawMalloc((size_t)(size + 1) * sizeof(wchar_t));
    if (out == NULL) {
        return -1;
    }
    const char *p = s, *end = s + size;
    size_t n = 0;
    for (;;) {
        struct stretch part;
        const char *stop = scan(p, end, &part);
        fill_ucs4(p, stop, (Py_UCS4 *)out + n);
        n += (size_t)part.length;
        p = stop;
        if (p == end) {
            break;
        }
        const char *why;
        const char *to = classify(p, end, &why);
        if (errors == _Py_ERROR_SURROGATEESCAPE) {
            for (; p < to; p++) {
                out[n++] = 0xdc00 + (unsigned char)*p;
            }
        }
        else if (errors == _Py_ERROR_SURROGATEPASS && is_encoded_surrogate(p, end)) {
            out[n++] = (wchar_t)(0xd000 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f));
            p += 3;
        }
        else {
            PyMem_RawFree(out);
            if (reason != NULL) {
                *reason = why;
            }
            if (wlen != NULL) {
                *wlen = (size_t)(p - s);
            }
            return -2;
        }
    }
    out[n] = L'\0';
    *wstr = out;
    if (wlen != NULL) {
        *wlen = n;
    }
    return 0;
}

wchar_t *
_Py_DecodeUTF8_surrogateescape(const char *arg, Py_ssize_t arglen, size_t *wlen)
{
    wchar_t *wstr;
    int res = _Py_DecodeUTF8Ex(arg, arglen, &wstr, wlen, NULL, _Py_ERROR_SURROGATEESCAPE);
    if (res != 0) {
        if (wlen != NULL) {
            *wlen = (size_t)res;
        }
        return NULL;
    }
    return wstr;
}

/* Encode a wide string to allocated UTF-8 (PyMem_RawMalloc or PyMem_Malloc).  Returns as above,
   with the position in *error_pos. */
int
_Py_EncodeUTF8Ex(const wchar_t *text, char **str, size_t *error_pos, const char **reason,
                 int raw_malloc, _Py_error_handler errors)
{
    if (errors != _Py_ERROR_STRICT && errors != _Py_ERROR_SURROGATEESCAPE
        && errors != _Py_ERROR_SURROGATEPASS)
    {
        return -3;
    }
    size_t length = wcslen(text);
    if (length > PY_SSIZE_T_MAX / 4 - 1) {
        return -1;
    }
    size_t room = length * 4 + 1;
    char *out = raw_malloc ? PyMem_RawMalloc(room) : PyMem_Malloc(room);
    if (out == NULL) {
        return -1;
    }
    char *p = out;
    for (size_t i = 0; i < length; i++) {
        Py_UCS4 ch = (Py_UCS4)text[i];
        if (errors == _Py_ERROR_SURROGATEESCAPE && ch >= 0xdc80 && ch <= 0xdcff) {
            *p++ = (char)(ch & 0xff);
        }
        else if (ch > _PyUnicode_MAX
                 || (Py_UNICODE_IS_SURROGATE(ch) && errors != _Py_ERROR_SURROGATEPASS))
        {
            if (raw_malloc) {
                PyMem_RawFree(out);
            }
            else {
                PyMem_Free(out);
            }
            if (error_pos != NULL) {
                *error_pos = i;
            }
            if (reason != NULL) {
                *reason = "encoding error";
            }
            return -2;
        }
        else {
            p = put_utf8(p, ch);
        }
    }
    *p++ = '\0';
    size_t size = (size_t)(p - out);
    char *fit = raw_malloc ? PyMem_RawRealloc(out, size) : PyMem_Realloc(out, size);
    *str = fit != NULL ? fit : out;
    return 0;
}
