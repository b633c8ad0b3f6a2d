/* str: UTF-16 and UTF-32.
 *
 * One decoder for both: a code unit is read in the byte order found (or given); *byteorder is -1
 * for little, 1 for big endian, 0 for native with an optional byte order mark, which is then
 * skipped.
 * Encoding writes into a bytes object of the exact size; only surrogates in the text need more
 * care.
 *
 * Written from the C API reference and the Unicode standard (3.10).
 */
#include "Python.h"
#include "pycore_object.h"
#include "pycore_unicode.h"

static inline Py_UCS4
read_unit(const char *p, int size, int big)
{
    const unsigned char *s = (const unsigned char *)p;
    if (size == 2) {
        return big ? (Py_UCS4)(s[0] << 8 | s[1]) : (Py_UCS4)(s[1] << 8 | s[0]);
    }
    return big ? (Py_UCS4)s[0] << 24 | (Py_UCS4)s[1] << 16 | (Py_UCS4)s[2] << 8 | s[3]
               : (Py_UCS4)s[3] << 24 | (Py_UCS4)s[2] << 16 | (Py_UCS4)s[1] << 8 | s[0];
}

static inline char *
write_unit(char *p, Py_UCS4 unit, int size, int big)
{
    for (int i = 0; i < size; i++) {
        p[big ? size - 1 - i : i] = (char)(unit >> (8 * i));
    }
    return p + size;
}

/* --- Decoding --------------------------------------------------------------------------------- */

/* The byte order to use; *p moves over a byte order mark. */
static int
detect_order(const char **p, Py_ssize_t size, int unit, int *byteorder)
{
    if (*byteorder == 0 && size >= unit) {
        if (read_unit(*p, unit, 0) == 0xfeff) {
            *byteorder = -1;
            *p += unit;
        }
        else if (read_unit(*p, unit, 1) == 0xfeff) {
            *byteorder = 1;
            *p += unit;
        }
    }
    return *byteorder == 0 ? PY_BIG_ENDIAN : *byteorder > 0;
}

/* The valid stretch of UTF-16 from p: its end, number of characters, bound of them. */
static const char *
scan_utf16(const char *p, const char *end, int big, Py_ssize_t *length, Py_UCS4 *bound)
{
    Py_UCS4 bits = 0;
    *length = 0;
    while (end - p >= 2) {
        Py_UCS4 unit = read_unit(p, 2, big);
        if (Py_UNICODE_IS_SURROGATE(unit)) {
            if (!Py_UNICODE_IS_HIGH_SURROGATE(unit) || end - p < 4
                || !Py_UNICODE_IS_LOW_SURROGATE(read_unit(p + 2, 2, big)))
            {
                break;
            }
            bits |= 0x10000;
            p += 2;
        }
        bits |= unit;
        p += 2;
        ++*length;
    }
    *bound = bits >= 0x10000 ? 0x10ffff : bits >= 0x100 ? 0xffff : bits >= 0x80 ? 0xff : 0x7f;
    return p;
}

static void
fill_utf16(_PyUnicodeWriter *w, const char *p, const char *stop, int big)
{
    while (p < stop) {
        Py_UCS4 ch = read_unit(p, 2, big);
        p += 2;
        if (Py_UNICODE_IS_HIGH_SURROGATE(ch)) {
            ch = Py_UNICODE_JOIN_SURROGATES(ch, read_unit(p, 2, big));
            p += 2;
        }
        PyUnicode_WRITE(w->kind, w->data, w->pos, ch);
        w->pos++;
    }
}

/* What is wrong with the UTF-16 at p: the reason and the end of the bad bytes. */
static const char *
classify_utf16(const char *p, const char *end, int big, const char **reason)
{
    if (end - p < 2) {
        *reason = "truncated data";
        return end;
    }
    if (!Py_UNICODE_IS_HIGH_SURROGATE(read_unit(p, 2, big))) {
        *reason = "illegal encoding";
        return p + 2;
    }
    if (end - p < 4) {
        *reason = "unexpected end of data";
        return end;
    }
    *reason = "illegal UTF-16 surrogate";
    return p + 2;
}

PyObject *
PyUnicode_DecodeUTF16Stateful(const char *s, Py_ssize_t size, const char *errors, int *byteorder,
                              Py_ssize_t *consumed)
{
    assert(size >= 0);
    int order = byteorder != NULL ? *byteorder : 0;
    const char *p = s;
    int big = detect_order(&p, size, 2, &order);
    const char *encoding = big ? "utf-16-be" : "utf-16-le";
    struct _unicode_decoder d;
    _PyUnicode_DecoderInit(&d, encoding, s, size, errors);
    d.writer.min_length = (size - (p - s) + 1) / 2;
    for (;;) {
        Py_ssize_t length;
        Py_UCS4 bound;
        const char *stop = scan_utf16(p, d.end, big, &length, &bound);
        if (length > 0) {
            if (stop == d.end && d.writer.pos == 0) {
                d.writer.min_length = length;       /* all of it is valid: the size is exact */
            }
            if (_PyUnicodeWriter_Prepare(&d.writer, length, bound) < 0) {
                goto error;
            }
            fill_utf16(&d.writer, p, stop, big);
        }
        p = stop;
        if (p == d.end) {
            break;
        }
        const char *reason;
        const char *to = classify_utf16(p, d.end, big, &reason);
        if (consumed != NULL && (reason[0] == 't' || reason[0] == 'u')) {
            break;              /* the rest may still come */
        }
        d.writer.overallocate = 1;
        p = _PyUnicode_DecoderError(&d, p, to, reason);
        if (p == NULL) {
            goto error;
        }
    }
    if (byteorder != NULL) {
        *byteorder = order;
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
PyUnicode_DecodeUTF16(const char *s, Py_ssize_t size, const char *errors, int *byteorder)
{
    return PyUnicode_DecodeUTF16Stateful(s, size, errors, byteorder, NULL);
}

static const char *
scan_utf32(const char *p, const char *end, int big, Py_ssize_t *length, Py_UCS4 *bound)
{
    Py_UCS4 bits = 0;
    const char *start = p;
    while (end - p >= 4) {
        Py_UCS4 ch = read_unit(p, 4, big);
        if (ch > _PyUnicode_MAX || Py_UNICODE_IS_SURROGATE(ch)) {
            break;
        }
        bits |= ch;
        p += 4;
    }
    *length = (p - start) / 4;
    *bound = bits >= 0x10000 ? 0x10ffff : bits >= 0x100 ? 0xffff : bits >= 0x80 ? 0xff : 0x7f;
    return p;
}

PyObject *
PyUnicode_DecodeUTF32Stateful(const char *s, Py_ssize_t size, const char *errors, int *byteorder,
                              Py_ssize_t *consumed)
{
    assert(size >= 0);
    int order = byteorder != NULL ? *byteorder : 0;
    const char *p = s;
    int big = detect_order(&p, size, 4, &order);
    const char *encoding = big ? "utf-32-be" : "utf-32-le";
    struct _unicode_decoder d;
    _PyUnicode_DecoderInit(&d, encoding, s, size, errors);
    d.writer.min_length = (size + 3) / 4;
    for (;;) {
        Py_ssize_t length;
        Py_UCS4 bound;
        const char *stop = scan_utf32(p, d.end, big, &length, &bound);
        if (length > 0) {
            if (_PyUnicodeWriter_Prepare(&d.writer, length, bound) < 0) {
                goto error;
            }
            for (; p < stop; p += 4) {
                PyUnicode_WRITE(d.writer.kind, d.writer.data, d.writer.pos,
                                read_unit(p, 4, big));
                d.writer.pos++;
            }
        }
        if (p == d.end) {
            break;
        }
        const char *reason, *to;
        if (d.end - p < 4) {
            if (consumed != NULL) {
                break;
            }
            reason = "truncated data";
            to = d.end;
        }
        else {
            reason = Py_UNICODE_IS_SURROGATE(read_unit(p, 4, big))
                     ? "code point in surrogate code point range(0xd800, 0xe000)"
                     : "code point not in range(0x110000)";
            to = p + 4;
        }
        d.writer.overallocate = 1;
        p = _PyUnicode_DecoderError(&d, p, to, reason);
        if (p == NULL) {
            goto error;
        }
    }
    if (byteorder != NULL) {
        *byteorder = order;
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
PyUnicode_DecodeUTF32(const char *s, Py_ssize_t size, const char *errors, int *byteorder)
{
    return PyUnicode_DecodeUTF32Stateful(s, size, errors, byteorder, NULL);
}

/* --- Encoding --------------------------------------------------------------------------------- */

struct target {
    int unit;                   /* 2 or 4 bytes */
    int big;
};

/* Code units that v[from:to] needs, surrogates counted as one. */
static Py_ssize_t
count_units(const struct _unicode_view *v, struct target t)
{
    Py_ssize_t n = v->length;
    if (t.unit == 2 && v->kind == 4) {
        const Py_UCS4 *s = v->data;
        for (Py_ssize_t i = 0; i < v->length; i++) {
            n += s[i] > 0xffff;
        }
    }
    return n;
}

/* Write characters up to the first surrogate; its position, or the length. */
static Py_ssize_t
write_valid(const struct _unicode_view *v, Py_ssize_t from, char **out, struct target t)
{
    char *p = *out;
    for (; from < v->length; from++) {
        Py_UCS4 ch = PyUnicode_READ(v->kind, v->data, from);
        if (Py_UNICODE_IS_SURROGATE(ch)) {
            break;
        }
        if (ch > 0xffff && t.unit == 2) {
            p = write_unit(p, Py_UNICODE_HIGH_SURROGATE(ch), 2, t.big);
            ch = Py_UNICODE_LOW_SURROGATE(ch);
        }
        p = write_unit(p, ch, t.unit, t.big);
    }
    *out = p;
    return from;
}

/* Write what the handler gave: bytes of whole units, or ASCII text. */
static char *
write_replacement(struct _unicode_encoder *e, _PyBytesWriter *w, char *p, PyObject *rep,
                  Py_ssize_t from, Py_ssize_t to, struct target t)
{
    if (PyBytes_Check(rep)) {
        if (PyBytes_GET_SIZE(rep) % t.unit) {
            _PyUnicode_RaiseEncodeError(e, "surrogates not allowed", from, to);
            return NULL;
        }
        return _PyBytesWriter_WriteBytes(w, p, PyBytes_AS_STRING(rep), PyBytes_GET_SIZE(rep));
    }
    if (!PyUnicode_IS_ASCII(rep)) {
        _PyUnicode_RaiseEncodeError(e, "surrogates not allowed", from, to);
        return NULL;
    }
    struct _unicode_view v = _PyUnicode_View(rep);
    p = _PyBytesWriter_Prepare(w, p, v.length * t.unit);
    if (p != NULL) {
        write_valid(&v, 0, &p, t);
    }
    return p;
}

static PyObject *
encode_units(PyObject *str, const char *errors, int byteorder, int unit)
{
    static const char *const names[2][3] = {{"utf-16-le", "utf-16", "utf-16-be"},
                                            {"utf-32-le", "utf-32", "utf-32-be"}};
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return NULL;
    }
    struct _unicode_view v = _PyUnicode_View(str);
    struct target t = {unit, byteorder == 0 ? PY_BIG_ENDIAN : byteorder > 0};
    if (v.length > PY_SSIZE_T_MAX / 8 - 1) {
        return PyErr_NoMemory();
    }
    struct _unicode_encoder e;
    _PyUnicode_EncoderInit(&e, names[unit == 4][byteorder < 0 ? 0 : byteorder == 0 ? 1 : 2], str,
                           errors);
    _PyBytesWriter w;
    _PyBytesWriter_Init(&w);
    char *p = _PyBytesWriter_Alloc(&w, (count_units(&v, t) + (byteorder == 0)) * unit);
    if (p == NULL) {
        return NULL;
    }
    w.overallocate = 1;
    if (byteorder == 0) {
        p = write_unit(p, 0xfeff, unit, t.big);
    }
    Py_ssize_t pos = write_valid(&v, 0, &p, t);
    while (p != NULL && pos < v.length) {
        Py_ssize_t stop = pos + 1;      /* surrogates are reported one by one */
        if (_PyUnicode_EncoderHandler(&e) == _Py_ERROR_STRICT) {
            _PyUnicode_RaiseEncodeError(&e, "surrogates not allowed", pos, stop);
            p = NULL;
            break;
        }
        Py_ssize_t newpos;
        PyObject *rep = _PyUnicode_EncoderError(&e, "surrogates not allowed", pos, stop, &newpos);
        if (rep == NULL) {
            p = NULL;
            break;
        }
        p = write_replacement(&e, &w, p, rep, pos, stop, t);
        Py_DECREF(rep);
        if (p != NULL) {
            /* a handler may go back: make sure that all that is left has room */
            struct _unicode_view rest = v;
            rest.data = (const char *)v.data + newpos * v.kind;
            rest.length -= newpos;
            p = _PyBytesWriter_Prepare(&w, p, count_units(&rest, t) * unit);
        }
        if (p != NULL) {
            pos = write_valid(&v, newpos, &p, t);
        }
    }
    _PyUnicode_EncoderClear(&e);
    if (p == NULL) {
        _PyBytesWriter_Dealloc(&w);
        return NULL;
    }
    return _PyBytesWriter_Finish(&w, p);
}

PyObject *
_PyUnicode_EncodeUTF16(PyObject *str, const char *errors, int byteorder)
{
    return encode_units(str, errors, byteorder, 2);
}

PyObject *
PyUnicode_AsUTF16String(PyObject *str)
{
    return encode_units(str, NULL, 0, 2);
}

PyObject *
_PyUnicode_EncodeUTF32(PyObject *str, const char *errors, int byteorder)
{
    return encode_units(str, errors, byteorder, 4);
}

PyObject *
PyUnicode_AsUTF32String(PyObject *str)
{
    return encode_units(str, NULL, 0, 4);
}
