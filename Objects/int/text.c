/* text.c - int to and from text.
 *
 * Written from the library reference (int, "Integer string conversion length limitation"), the
 * lexical grammar of integer literals and observed messages.
 */
#include "Python.h"
#include "pycore_interp.h"      // long_state.max_str_digits
#include "pycore_pystate.h"     // _PyInterpreterState_GET()
#include "int.h"

#define TOO_LONG_TEXT \
    "Exceeds the limit (%d digits) for integer string conversion: value has %zd digits; " \
    "use sys.set_int_max_str_digits() to increase the limit"
#define TOO_LONG_INT \
    "Exceeds the limit (%d digits) for integer string conversion; " \
    "use sys.set_int_max_str_digits() to increase the limit"

const unsigned char _PyLong_DigitValue[256] = {
#define NONE_16 37, 37, 37, 37, 37, 37, 37, 37, 37, 37, 37, 37, 37, 37, 37, 37
    NONE_16, NONE_16, NONE_16,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 37, 37, 37, 37, 37, 37,
    37, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
    25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 37, 37, 37, 37, 37,
    37, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
    25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 37, 37, 37, 37, 37,
    NONE_16, NONE_16, NONE_16, NONE_16, NONE_16, NONE_16, NONE_16, NONE_16,
#undef NONE_16
};

/* Limit that applies to this many decimal digits; 0 if none does. */
static int
digit_limit(Py_ssize_t ndigits)
{
    if (ndigits <= _PY_LONG_MAX_STR_DIGITS_THRESHOLD) {
        return 0;
    }
    int limit = _PyInterpreterState_GET()->long_state.max_str_digits;
    return limit > 0 && ndigits > limit ? limit : 0;
}

/* ---------------------------------------------------------------------------------- output */

/* Where text goes: exactly one of these is set. */
struct sink {
    PyObject **str;                 /* a new str */
    _PyUnicodeWriter *writer;       /* the end of a writer */
    _PyBytesWriter *bytes;          /* a bytes writer, at *pos */
    char **pos;
};

/* Appends n ASCII characters. */
static int
sink_put(const struct sink *sink, const char *text, Py_ssize_t n)
{
    if (sink->writer != NULL) {
        return _PyUnicodeWriter_WriteASCIIString(sink->writer, text, n);
    }
    if (sink->bytes != NULL) {
        char *p = _PyBytesWriter_Prepare(sink->bytes, *sink->pos, n);
        if (p == NULL) {
            return -1;
        }
        memcpy(p, text, (size_t)n);
        *sink->pos = p + n;
        return 0;
    }
    *sink->str = PyUnicode_New(n, 127);
    if (*sink->str == NULL) {
        return -1;
    }
    memcpy(PyUnicode_1BYTE_DATA(*sink->str), text, (size_t)n);
    return 0;
}

char *
_PyLong_ShortDecimal(PyLongObject *v, char *end)
{
    if (!is_short(v)) {
        return NULL;
    }
    int64_t value = short_value(v);
    uint64_t x = (uint64_t)Py_ABS(value);
    char *p = end;
    for (; x > UINT32_MAX; x /= 10) {
        *--p = (char)('0' + x % 10);
    }
    uint32_t low = (uint32_t)x;     /* division by a constant is cheaper here */
    do {
        *--p = (char)('0' + low % 10);
        low /= 10;
    } while (low);
    if (value < 0) {
        *--p = '-';
    }
    assert(end - p <= _PyLong_SHORT_TEXT);
    return p;
}

/* Decimal. */
static int
put_decimal(PyLongObject *v, const struct sink *sink)
{
    char small[_PyLong_SHORT_TEXT], *end = small + sizeof(small);
    char *text = _PyLong_ShortDecimal(v, end);
    if (text != NULL) {
        return sink_put(sink, text, end - text);
    }
    Py_ssize_t n = _PyLong_DigitCount(v);
    bool negative = _PyLong_IsNegative(v);
    /* Numbers far above the limit are refused before the work is done. */
    Py_ssize_t least = (n - 1) * 9;
    int limit = digit_limit(least);
    if (limit) {
        PyErr_Format(PyExc_ValueError, TOO_LONG_INT, limit);
        return -1;
    }
    char *buf = PyMem_Malloc((size_t)_PyDigits_DecimalBound(n) + 1);
    if (buf == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    buf[0] = '-';
    Py_ssize_t len = _PyDigits_ToDecimal(buf + 1, DIGITS(v), n);
    int err = len < 0 ? -1 : 0;
    if (err == 0 && (limit = digit_limit(len)) != 0) {
        PyErr_Format(PyExc_ValueError, TOO_LONG_INT, limit);
        err = -1;
    }
    if (err == 0) {
        err = negative ? sink_put(sink, buf, len + 1) : sink_put(sink, buf + 1, len);
    }
    PyMem_Free(buf);
    return err;
}

/* Bases 2, 8, 16. */
static int
put_binary(const PyLongObject *v, int base, bool alternate, const struct sink *sink)
{
    int bits = base == 16 ? 4 : base == 8 ? 3 : 1;
    size_t nbits = _PyLong_NumBits((PyObject *)v);
    Py_ssize_t len = nbits == 0 ? 1 : (Py_ssize_t)((nbits + (size_t)bits - 1) / (size_t)bits);
    Py_ssize_t total = len + (alternate ? 2 : 0) + _PyLong_IsNegative(v);
    char small[128];
    char *buf = small;
    if (total > (Py_ssize_t)sizeof(small)) {
        buf = PyMem_Malloc((size_t)total);
        if (buf == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    char *p = buf + total;
    twodigits acc = 0;
    int have = 0;
    Py_ssize_t in = 0, n = _PyLong_DigitCount(v);
    for (Py_ssize_t i = 0; i < len; i++) {
        if (have < bits && in < n) {
            acc |= (twodigits)DIGITS(v)[in++] << have;
            have += PyLong_SHIFT;
        }
        *--p = "0123456789abcdef"[acc & (twodigits)(base - 1)];
        acc >>= bits;
        have -= bits;
    }
    if (alternate) {
        *--p = base == 16 ? 'x' : base == 8 ? 'o' : 'b';
        *--p = '0';
    }
    if (_PyLong_IsNegative(v)) {
        *--p = '-';
    }
    assert(p == buf);
    int err = sink_put(sink, buf, total);
    if (buf != small) {
        PyMem_Free(buf);
    }
    return err;
}

static int
put_int(PyObject *obj, int base, bool alternate, const struct sink *sink)
{
    if (obj == NULL || !PyLong_Check(obj)) {
        PyErr_BadInternalCall();
        return -1;
    }
    assert(base == 2 || base == 8 || base == 10 || base == 16);
    if (base == 10) {
        return put_decimal((PyLongObject *)obj, sink);
    }
    return put_binary((PyLongObject *)obj, base, alternate, sink);
}

PyObject *
_PyLong_Decimal(PyObject *obj)
{
    PyObject *str = NULL;
    struct sink sink = {.str = &str};
    return put_int(obj, 10, false, &sink) < 0 ? NULL : str;
}

/* Text with prefix 0b, 0o, 0x in base 2, 8, 16, or decimal; new reference. */
PyObject *
_PyLong_Format(PyObject *obj, int base)
{
    PyObject *str = NULL;
    struct sink sink = {.str = &str};
    return put_int(obj, base, true, &sink) < 0 ? NULL : str;
}

int
_PyLong_FormatWriter(_PyUnicodeWriter *writer, PyObject *obj, int base, int alternate)
{
    struct sink sink = {.writer = writer};
    return put_int(obj, base, alternate != 0, &sink);
}

/* Returns the position behind the text, NULL with an exception. */
char *
_PyLong_FormatBytesWriter(_PyBytesWriter *writer, char *str, PyObject *obj, int base,
                          int alternate)
{
    struct sink sink = {.bytes = writer, .pos = &str};
    return put_int(obj, base, alternate != 0, &sink) < 0 ? NULL : str;
}

/* ----------------------------------------------------------------------------------- input */

/* What a prefix like 0x says about the base; 0 if there is none. */
static int
prefix_base(const char *s)
{
    if (s[0] != '0') {
        return 0;
    }
    switch (s[1]) {
        case 'x': case 'X': return 16;
        case 'o': case 'O': return 8;
        case 'b': case 'B': return 2;
        default: return 0;
    }
}

/* Reads digits of `base` with single underscores between them from *ps; returns their number,
   or -1 if an underscore is out of place.  *ps moves behind them. */
static Py_ssize_t
scan_digits(const char **ps, int base)
{
    const char *s = *ps;
    Py_ssize_t n = 0;
    char prev = '\0';
    while (_PyLong_DigitValue[(unsigned char)*s] < base || *s == '_') {
        if (*s == '_') {
            if (prev == '_') {
                *ps = s - 1;
                return -1;
            }
        }
        else {
            n++;
        }
        prev = *s++;
    }
    if (prev == '_') {
        *ps = s - 1;
        return -1;
    }
    *ps = s;
    return n;
}

/* Magnitude of the n digits in s (with underscores, to `end`); NULL with an exception. */
static PyLongObject *
digits_to_int(const char *s, const char *end, Py_ssize_t n, int base)
{
    /* Bases that are powers of two convert in linear time and have no limit. */
    int limit = (base & (base - 1)) ? digit_limit(n) : 0;
    if (limit) {
        PyErr_Format(PyExc_ValueError, TOO_LONG_TEXT, limit, n);
        return NULL;
    }
    unsigned char small[64];
    unsigned char *v = small;
    if (n > (Py_ssize_t)sizeof(small)) {
        v = PyMem_Malloc((size_t)n);
        if (v == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
    }
    Py_ssize_t k = 0;
    for (; s < end; s++) {
        if (*s != '_') {
            v[k++] = _PyLong_DigitValue[(unsigned char)*s];
        }
    }
    assert(k == n);
    PyLongObject *z = _PyLong_New(_PyDigits_FromTextBound(n, base));
    if (z != NULL) {
        Py_ssize_t size = _PyDigits_FromText(DIGITS(z), v, n, base);
        if (size < 0) {
            Py_CLEAR(z);
        }
        else if (size > 2) {
            _PyLong_SetSignAndDigitCount(z, 1, size);
        }
        else {
            /* Many leading zeros must not leave a large block with a small value in it. */
            PyLongObject *exact = _PyLong_New(size);
            if (exact != NULL) {
                memcpy(DIGITS(exact), DIGITS(z), (size_t)size * sizeof(digit));
            }
            Py_SETREF(z, exact);
        }
    }
    if (v != small) {
        PyMem_Free(v);
    }
    return z;
}

/* Parses white space, sign, prefix, digits with underscores, white space.  1: *result is a new
   unfinished int and *pend the end of it all; 0: no literal, *pend is where the parse failed; -1:
   an exception. */
static int
parse_int(const char *str, const char **pend, int base, PyLongObject **result)
{
    const char *s = str, *start;
    bool negative = false, only_zero = false;
    *pend = str;
    if ((base != 0 && base < 2) || base > 36) {
        PyErr_SetString(PyExc_ValueError, "int() arg 2 must be >= 2 and <= 36");
        return -1;
    }
    while (*s && Py_ISSPACE(*s)) {
        s++;
    }
    if (*s == '+' || *s == '-') {
        negative = *s++ == '-';
    }
    int prefix = prefix_base(s);
    if (base == 0) {
        base = prefix ? prefix : 10;
        /* "010" could be meant as octal: only zeros may follow a leading zero. */
        only_zero = prefix == 0 && *s == '0';
    }
    if (prefix && prefix == base) {
        s += 2;
        if (*s == '_') {
            s++;
        }
    }
    start = s;
    Py_ssize_t n = *s == '_' ? 0 : scan_digits(&s, base);
    *pend = s;
    if (n <= 0) {
        return 0;
    }
    PyLongObject *z = digits_to_int(start, s, n, base);
    if (z == NULL) {
        return -1;
    }
    if (only_zero && !_PyLong_IsZero(z)) {
        Py_DECREF(z);
        *pend = start;
        return 0;
    }
    if (negative) {
        _PyLong_FlipSign(z);
    }
    while (*s && Py_ISSPACE(*s)) {
        s++;
    }
    *pend = s;
    *result = z;
    return 1;
}

static void
invalid_literal(int base, PyObject *shown)
{
    PyErr_Format(PyExc_ValueError, "invalid literal for int() with base %d: %.200R", base,
                 shown);
}

/* int(str, base) for C.  With `pend` the parse may stop anywhere after the number and *pend is
   set.  New reference; ValueError if there is no number or (without pend) something behind it. */
PyObject *
PyLong_FromString(const char *str, char **pend, int base)
{
    const char *end;
    PyLongObject *z = NULL;
    int ok = parse_int(str, &end, base, &z);
    if (pend != NULL) {
        *pend = (char *)end;
    }
    if (ok > 0 && (pend != NULL || *end == '\0')) {
        return (PyObject *)_PyLong_Finish(z);
    }
    Py_XDECREF(z);
    if (ok >= 0) {
        PyObject *shown = PyUnicode_FromStringAndSize(str, (Py_ssize_t)strnlen(str, 200));
        if (shown != NULL) {
            invalid_literal(base, shown);
            Py_DECREF(shown);
        }
    }
    return NULL;
}

/* The same for bytes of known length (and a NUL behind them): an embedded NUL is an error. */
PyObject *
_PyLong_FromBytes(const char *s, Py_ssize_t len, int base)
{
    const char *end;
    PyLongObject *z = NULL;
    int ok = parse_int(s, &end, base, &z);
    if (ok > 0 && end == s + len) {
        return (PyObject *)_PyLong_Finish(z);
    }
    Py_XDECREF(z);
    if (ok >= 0) {
        PyObject *shown = PyBytes_FromStringAndSize(s, Py_MIN(len, 200));
        if (shown != NULL) {
            invalid_literal(base, shown);
            Py_DECREF(shown);
        }
    }
    return NULL;
}

/* int(str, base): any decimal digits and white space of Unicode are accepted. */
PyObject *
PyLong_FromUnicodeObject(PyObject *u, int base)
{
    PyObject *ascii = _PyUnicode_TransformDecimalAndSpaceToASCII(u);
    if (ascii == NULL) {
        return NULL;
    }
    assert(PyUnicode_IS_ASCII(ascii));
    const char *s = (const char *)PyUnicode_1BYTE_DATA(ascii), *end;
    PyLongObject *z = NULL;
    int ok = parse_int(s, &end, base, &z);
    bool whole = ok > 0 && end == s + PyUnicode_GET_LENGTH(ascii);
    Py_DECREF(ascii);
    if (whole) {
        return (PyObject *)_PyLong_Finish(z);
    }
    Py_XDECREF(z);
    if (ok >= 0) {
        invalid_literal(base, u);
    }
    return NULL;
}
