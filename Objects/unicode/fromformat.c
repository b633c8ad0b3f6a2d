/* str: PyUnicode_FromFormat, the C-side formatter.
 *
 * A directive is %[flags][width][.precision][length]conversion; flags are 0 and -, width and
 * precision may be *, and the length modifiers are l, ll, j, z, t.  Precision counts bytes of C
 * strings and characters of str.  The format itself is ASCII.
 *
 * Written from the C API reference (PyUnicode_FromFormat).
 */
#include "Python.h"
#include "pycore_object.h"
#include "pycore_unicode.h"

#include <stdint.h>

struct directive {
    int left;                   /* flag - */
    int zero;                   /* flag 0 */
    Py_ssize_t width;           /* -1: none */
    Py_ssize_t precision;       /* -1: none */
    enum { LEN_INT, LEN_LONG, LEN_LONGLONG, LEN_MAX, LEN_SIZE, LEN_DIFF } length;
    char conversion;
};

static const char *
invalid(const char *f)
{
    PyErr_Format(PyExc_SystemError, "invalid format string: %s", f);
    return NULL;
}

/* A number or * at p; -1 in *out if there is none.  NULL with ValueError when it is too big. */
static const char *
parse_number(const char *p, va_list *args, Py_ssize_t *out, const char *too_big)
{
    if (*p == '*') {
        *out = va_arg(*args, int);
        return p + 1;
    }
    Py_ssize_t n = 0;
    while (Py_ISDIGIT((unsigned char)*p)) {
        if (n > (PY_SSIZE_T_MAX - (*p - '0')) / 10) {
            PyErr_SetString(PyExc_ValueError, too_big);
            return NULL;
        }
        n = n * 10 + (*p++ - '0');
    }
    *out = n;
    return p;
}

/* Parse what follows a % at f; the position behind it, or NULL with an exception. */
static const char *
parse_directive(const char *f, struct directive *d, va_list *args)
{
    const char *p = f + 1;
    *d = (struct directive){.width = -1, .precision = -1};
    for (; *p == '-' || *p == '0'; p++) {
        d->left |= *p == '-';
        d->zero |= *p == '0';
    }
    if (*p == '*' || Py_ISDIGIT((unsigned char)*p)) {
        int star = *p == '*';
        p = parse_number(p, args, &d->width, "width too big");
        if (p == NULL) {
            return NULL;
        }
        if (star && d->width < 0) {
            d->left = 1;
            d->width = -d->width;
        }
    }
    if (*p == '.') {
        p = parse_number(p + 1, args, &d->precision, "precision too big");
        if (p == NULL) {
            return NULL;
        }
        if (d->precision < 0) {
            d->precision = -2;  /* a negative * means none */
        }
    }
    switch (*p) {
    case 'l':
        d->length = LEN_LONG;
        if (*++p == 'l') {
            d->length = LEN_LONGLONG;
            p++;
        }
        break;
    case 'j': d->length = LEN_MAX; p++; break;
    case 'z': d->length = LEN_SIZE; p++; break;
    case 't': d->length = LEN_DIFF; p++; break;
    default: break;
    }
    d->conversion = *p;
    const char *allowed = d->length == LEN_INT ? "cdiouxXspUVSRA%"
                          : d->length == LEN_LONG ? "diouxXsV" : "diouxX";
    int sized = d->width != -1 || d->precision != -1;
    /* Nothing may be between the two of "%%". */
    if (*p == '\0' || strchr(allowed, *p) == NULL || (*p == '%' && p != f + 1)
        || ((*p == 'c' || *p == 'p') && sized)) {
        return invalid(f);
    }
    return p + 1;
}

/* str[:precision] padded to the width. */
static int
write_str(_PyUnicodeWriter *w, PyObject *str, const struct directive *d)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(str);
    if (d->precision >= 0 && d->precision < n) {
        n = d->precision;
    }
    Py_ssize_t fill = d->width > n ? d->width - n : 0;
    if (fill == 0) {
        return _PyUnicodeWriter_WriteSubstring(w, str, 0, n);
    }
    if (_PyUnicodeWriter_Prepare(w, fill + n, _PyUnicode_FindMaxChar(str, 0, n)) < 0) {
        return -1;
    }
    Py_ssize_t text = w->pos + (d->left ? 0 : fill);
    _PyUnicode_CopyKind(w->kind, w->data, text, (int)PyUnicode_KIND(str), PyUnicode_DATA(str), 0,
                        n);
    for (Py_ssize_t i = 0, at = d->left ? w->pos + n : w->pos; i < fill; i++) {
        PyUnicode_WRITE(w->kind, w->data, at + i, ' ');
    }
    w->pos += fill + n;
    return 0;
}

static int
write_and_release(_PyUnicodeWriter *w, PyObject *str, const struct directive *d)
{
    if (str == NULL) {
        return -1;
    }
    int res = write_str(w, str, d);
    Py_DECREF(str);
    return res;
}

/* A C string in UTF-8; undecodable bytes become U+FFFD. */
static int
write_utf8(_PyUnicodeWriter *w, const char *s, const struct directive *d)
{
    size_t n = d->precision >= 0 ? strnlen(s, (size_t)d->precision) : strlen(s);
    if (d->width <= (Py_ssize_t)n && _PyUnicode_AsciiRun(s, s + n) == (Py_ssize_t)n) {
        return _PyUnicodeWriter_WriteASCIIString(w, s, (Py_ssize_t)n);
    }
    struct directive rest = *d;
    rest.precision = -1;
    return write_and_release(w, PyUnicode_DecodeUTF8(s, (Py_ssize_t)n, "replace"), &rest);
}

static int
write_wide(_PyUnicodeWriter *w, const wchar_t *s, const struct directive *d)
{
    size_t n = d->precision >= 0 ? wcsnlen(s, (size_t)d->precision) : wcslen(s);
    return write_and_release(w, PyUnicode_FromWideChar(s, (Py_ssize_t)n), d);
}

/* The digits of a value of the directive's base, right-aligned in buffer; returns their start. */
static char *
digits_of(uintmax_t value, char conversion, char *end)
{
    unsigned base = conversion == 'o' ? 8 : (conversion | 32) == 'x' ? 16 : 10;
    const char *set = conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    do {
        *--end = set[value % base];
        value /= base;
    } while (value != 0);
    return end;
}

static int
write_int(_PyUnicodeWriter *w, const struct directive *d, va_list *args)
{
    int is_signed = d->conversion == 'd' || d->conversion == 'i';
    intmax_t s = 0;
    uintmax_t u = 0;
    switch (d->length) {
    case LEN_INT:
        s = is_signed ? va_arg(*args, int) : (intmax_t)va_arg(*args, unsigned int);
        u = (unsigned int)s;
        break;
    case LEN_LONG:
        s = va_arg(*args, long);
        u = (unsigned long)s;
        break;
    case LEN_LONGLONG:
        s = va_arg(*args, long long);
        u = (unsigned long long)s;
        break;
    case LEN_MAX:
        s = va_arg(*args, intmax_t);
        u = (uintmax_t)s;
        break;
    case LEN_SIZE:
        s = va_arg(*args, Py_ssize_t);
        u = (size_t)s;
        break;
    case LEN_DIFF:
        s = va_arg(*args, ptrdiff_t);
        u = (size_t)s;
        break;
    }
    int negative = is_signed && s < 0;
    char buffer[32];
    char *end = buffer + sizeof(buffer);
    char *start = digits_of(is_signed ? (negative ? -(uintmax_t)s : (uintmax_t)s) : u,
                            d->conversion, end);
    Py_ssize_t n = end - start;
    Py_ssize_t zeros = d->precision > n ? d->precision - n : 0;
    Py_ssize_t width = Py_MAX(d->width, 0);
    if (d->zero && !d->left && width > n + zeros + negative) {
        zeros = width - n - negative;
    }
    if (zeros > PY_SSIZE_T_MAX - n - 1) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t used = negative + zeros + n;
    Py_ssize_t blanks = width > used ? width - used : 0;
    if (_PyUnicodeWriter_Prepare(w, used + blanks, 0x7f) < 0) {
        return -1;
    }
    Py_ssize_t pos = w->pos;
    for (Py_ssize_t i = 0; !d->left && i < blanks; i++) {
        PyUnicode_WRITE(w->kind, w->data, pos++, ' ');
    }
    if (negative) {
        PyUnicode_WRITE(w->kind, w->data, pos++, '-');
    }
    for (Py_ssize_t i = 0; i < zeros; i++) {
        PyUnicode_WRITE(w->kind, w->data, pos++, '0');
    }
    _PyUnicode_CopyKind(w->kind, w->data, pos, 1, start, 0, n);
    pos += n;
    for (Py_ssize_t i = 0; d->left && i < blanks; i++) {
        PyUnicode_WRITE(w->kind, w->data, pos++, ' ');
    }
    w->pos = pos;
    return 0;
}

static int
write_object(_PyUnicodeWriter *w, const struct directive *d, va_list *args)
{
    PyObject *obj = va_arg(*args, PyObject *);
    switch (d->conversion) {
    case 'U':
        assert(obj != NULL && PyUnicode_Check(obj));
        return write_str(w, obj, d);
    case 'V': {
        const void *text = va_arg(*args, const void *);
        if (obj != NULL) {
            assert(PyUnicode_Check(obj));
            return write_str(w, obj, d);
        }
        assert(text != NULL);
        return d->length == LEN_LONG ? write_wide(w, text, d) : write_utf8(w, text, d);
    }
    case 'S': return write_and_release(w, PyObject_Str(obj), d);
    case 'R': return write_and_release(w, PyObject_Repr(obj), d);
    default:
        assert(d->conversion == 'A');
        return write_and_release(w, PyObject_ASCII(obj), d);
    }
}

static int
write_directive(_PyUnicodeWriter *w, const struct directive *d, va_list *args)
{
    switch (d->conversion) {
    case '%':
        return _PyUnicodeWriter_WriteChar(w, '%');
    case 'c': {
        int ch = va_arg(*args, int);
        if (ch < 0 || ch > _PyUnicode_MAX) {
            PyErr_SetString(PyExc_OverflowError,
                            "character argument not in range(0x110000)");
            return -1;
        }
        return _PyUnicodeWriter_WriteChar(w, (Py_UCS4)ch);
    }
    case 's':
        if (d->length == LEN_LONG) {
            return write_wide(w, va_arg(*args, const wchar_t *), d);
        }
        return write_utf8(w, va_arg(*args, const char *), d);
    case 'p': {
        char buffer[2 + 2 * sizeof(void *)];
        char *end = buffer + sizeof(buffer);
        char *start = digits_of((uintptr_t)va_arg(*args, void *), 'x', end);
        *--start = 'x';
        *--start = '0';
        assert(start >= buffer);
        return _PyUnicodeWriter_WriteASCIIString(w, start, end - start);
    }
    case 'U': case 'V': case 'S': case 'R': case 'A':
        return write_object(w, d, args);
    default:
        return write_int(w, d, args);
    }
}

static int
write_literal(_PyUnicodeWriter *w, const char *f, const char *stop, int last)
{
    Py_ssize_t n = stop - f;
    Py_ssize_t ascii = _PyUnicode_AsciiRun(f, stop);
    if (ascii < n) {
        PyErr_Format(PyExc_ValueError,
                     "PyUnicode_FromFormatV() expects an ASCII-encoded format string, got a "
                     "non-ASCII byte: 0x%02x", (unsigned)(unsigned char)f[ascii]);
        return -1;
    }
    if (last) {
        w->overallocate = 0;
    }
    return _PyUnicodeWriter_WriteASCIIString(w, f, n);
}

PyObject *
PyUnicode_FromFormatV(const char *format, va_list vargs)
{
    _PyUnicodeWriter w;
    _PyUnicodeWriter_Init(&w);
    w.min_length = (Py_ssize_t)strlen(format) + 32;
    w.overallocate = 1;
    va_list args;
    va_copy(args, vargs);       /* a va_list parameter has no address of its own type */
    for (const char *f = format; *f != '\0'; ) {
        if (*f == '%') {
            struct directive d;
            const char *next = parse_directive(f, &d, &args);
            if (next == NULL) {
                goto error;
            }
            if (*next == '\0') {
                w.overallocate = 0;
            }
            if (write_directive(&w, &d, &args) < 0) {
                goto error;
            }
            f = next;
        }
        else {
            const char *stop = strchr(f, '%');
            int last = stop == NULL;
            if (last) {
                stop = f + strlen(f);
            }
            if (write_literal(&w, f, stop, last) < 0) {
                goto error;
            }
            f = stop;
        }
    }
    va_end(args);
    return _PyUnicodeWriter_Finish(&w);

error:
    va_end(args);
    _PyUnicodeWriter_Dealloc(&w);
    return NULL;
}

PyObject *
PyUnicode_FromFormat(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyObject *res = PyUnicode_FromFormatV(format, args);
    va_end(args);
    return res;
}
