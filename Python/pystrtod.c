/* Text and doubles: PyOS_string_to_double() and PyOS_double_to_string().
 *
 * glibc's strtod() rounds correctly for any number of digits; it is given the locale's decimal
 * point.  The digits of a double are made by dtoa.c, their layout here.
 * Written from the C API reference ("String conversion and formatting") and observed behaviour. */
#include "Python.h"
#include "pycore_private_api.h"
#include "pycore_pystate.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

/* ---- the locale's point ---------------------------------------------------------------------- */

/* The decimal point of the current locale, replaced in text that printf made or strtod reads. */
static const char *
locale_point(void)
{
    const char *point = localeconv()->decimal_point;
    return point != NULL && *point != '\0' ? point : ".";
}

/* ---- reading --------------------------------------------------------------------------------- */

static int
case_insensitive_match(const char *s, const char *t)
{
    while (*t != '\0' && Py_TOLOWER(*s) == *t) {
        s++;
        t++;
    }
    return *t == '\0';
}

/* inf, infinity or nan with optional sign at `p`: the value, and *endptr behind it; otherwise -1.0
 * with *endptr == p. */
double
_Py_parse_inf_or_nan(const char *p, char **endptr)
{
    const char *s = p;
    int negate = 0;
    double value = -1.0;
    if (*s == '-' || *s == '+') {
        negate = *s == '-';
        s++;
    }
    if (case_insensitive_match(s, "inf")) {
        s += 3;
        if (case_insensitive_match(s, "inity")) {
            s += 5;
        }
        value = negate ? -Py_HUGE_VAL : Py_HUGE_VAL;
    }
    else if (case_insensitive_match(s, "nan")) {
        s += 3;
        value = copysign(fabs(Py_NAN), negate ? -1.0 : 1.0);
    }
    else {
        s = p;
    }
    *endptr = (char *)s;
    return value;
}

/* End of the longest decimal number at `p`, or `p` itself. */
static const char *
scan_number(const char *p)
{
    const char *s = p;
    if (*s == '-' || *s == '+') {
        s++;
    }
    const char *digits = s;
    while (Py_ISDIGIT(*s)) {
        s++;
    }
    Py_ssize_t count = s - digits;
    if (*s == '.') {
        s++;
        const char *fraction = s;
        while (Py_ISDIGIT(*s)) {
            s++;
        }
        count += s - fraction;
    }
    if (count == 0) {
        return p;
    }
    if (*s == 'e' || *s == 'E') {
        const char *e = s + 1;
        if (*e == '-' || *e == '+') {
            e++;
        }
        if (Py_ISDIGIT(*e)) {
            while (Py_ISDIGIT(*e)) {
                e++;
            }
            s = e;
        }
    }
    return s;
}

/* strtod() for a number in C form that ends at `end`: the value, or -1.0 with MemoryError. */
static double
convert_number(const char *p, const char *end)
{
    const char *point = locale_point();
    char small[64];
    size_t len = (size_t)(end - p), point_len = strlen(point);
    if (point[0] == '.' && point_len == 1 && *end == '\0') {
        return strtod(p, NULL);
    }
    char *copy = small;
    if (len + point_len + 1 > sizeof(small)) {
        copy = PyMem_Malloc(len + point_len + 1);
        if (copy == NULL) {
            PyErr_NoMemory();
            return -1.0;
        }
    }
    char *out = copy;
    for (const char *s = p; s < end; s++) {
        if (*s == '.') {
            memcpy(out, point, point_len);
            out += point_len;
        }
        else {
            *out++ = *s;
        }
    }
    *out = '\0';
    double value = strtod(copy, NULL);
    if (copy != small) {
        PyMem_Free(copy);
    }
    return value;
}

/* The reader under an own name, as the ABI has it: correctly rounded; no number gives 0.0 with
 * *endptr == s. */
double
_Py_dg_strtod(const char *s, char **endptr)
{
    const char *end = scan_number(s);
    if (endptr != NULL) {
        *endptr = (char *)end;
    }
    return end == s ? 0.0 : convert_number(s, end);
}

/* See the C API reference.  -1.0 with an exception set on failure. */
double
PyOS_string_to_double(const char *s, char **endptr, PyObject *overflow_exception)
{
    char *end;
    errno = 0;
    double x = _Py_parse_inf_or_nan(s, &end);
    int special = end != s;
    if (!special) {
        end = (char *)scan_number(s);
        x = end != s ? convert_number(s, end) : -1.0;
        if (end != s && PyErr_Occurred()) {
            return -1.0;
        }
    }
    double result = -1.0;
    if (end == s || (endptr == NULL && *end != '\0')) {
        if (end == s && endptr != NULL) {
            *endptr = (char *)s;
        }
        PyErr_Format(PyExc_ValueError, "could not convert string to float: '%.200s'", s);
        return -1.0;
    }
    if (!special && isinf(x) && overflow_exception != NULL) {
        PyErr_Format(overflow_exception, "value too large to convert to float: '%.200s'", s);
    }
    else {
        result = x;
    }
    if (endptr != NULL) {
        *endptr = end;
    }
    return result;
}

/* Numbers may have underscores between digits.  Calls `innerfunc` on the text without them; NULL
 * with an exception set when they stand elsewhere. */
PyObject *
_Py_string_to_number_with_underscores(const char *s, Py_ssize_t orig_len, const char *what,
                                      PyObject *obj, void *arg,
                                      PyObject *(*innerfunc)(const char *, Py_ssize_t, void *))
{
    assert(s[orig_len] == '\0');
    if (strchr(s, '_') == NULL) {
        return innerfunc(s, orig_len, arg);
    }
    char *dup = PyMem_Malloc((size_t)orig_len + 1);
    if (dup == NULL) {
        return PyErr_NoMemory();
    }
    char *out = dup, prev = '\0';
    const char *last = s + orig_len;
    PyObject *result = NULL;
    const char *p;
    for (p = s; *p != '\0'; p++) {
        if (*p == '_') {
            if (!Py_ISDIGIT(prev)) {
                goto error;
            }
        }
        else {
            *out++ = *p;
            if (prev == '_' && !Py_ISDIGIT(*p)) {
                goto error;
            }
        }
        prev = *p;
    }
    *out = '\0';
    if (prev == '_' || p != last) {
        goto error;
    }
    result = innerfunc(dup, out - dup, arg);
    PyMem_Free(dup);
    return result;
error:
    PyMem_Free(dup);
    PyErr_Format(PyExc_ValueError, "could not convert string to %s: %R", what, obj);
    return NULL;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Text of inf and nan: PyMem_Malloc'ed, or NULL with MemoryError. */
static char *
format_special(double x, int flags, int upper, int *type)
{
    const char *name = isnan(x) ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf");
    char sign = isinf(x) && x < 0 ? '-' : (flags & Py_DTSF_SIGN) ? '+' : '\0';
    char *buf = PyMem_Malloc(5);
    if (buf == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    char *p = buf;
    if (sign != '\0') {
        *p++ = sign;
    }
    strcpy(p, name);
    if (type != NULL) {
        *type = isnan(x) ? Py_DTST_NAN : Py_DTST_INFINITE;
    }
    return buf;
}

/* The digits of a finite double; none for zero. */
struct decimal {
    char *digits;               /* owned; by _Py_dg_freedtoa() */
    Py_ssize_t count;
    int point;                  /* value = 0.d1d2d3... * 10**point; 1 for zero */
    int negative;
};

static int
decimal_from_double(double x, int mode, int ndigits, struct decimal *dec)
{
    char *end;
    dec->digits = _Py_dg_dtoa(x, mode, ndigits, &dec->point, &dec->negative, &end);
    if (dec->digits == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    dec->count = dec->digits[0] == '0' ? 0 : end - dec->digits;
    if (dec->count == 0) {
        dec->point = 1;
    }
    assert(dec->count == 0 || end[-1] != '0');
    return 0;
}

/* How the digits are laid out. */
struct layout {
    int use_exp;                /* d.ddde+XX */
    Py_ssize_t before;          /* digits before the point (at least 1) */
    Py_ssize_t after;           /* digits behind it */
    int keep_point;             /* a point even when `after` is 0 */
    int exponent;
};

static char
digit_at(const struct decimal *dec, Py_ssize_t i)
{
    return i >= 0 && i < dec->count ? dec->digits[i] : '0';
}

static char *
write_layout(const struct decimal *dec, const struct layout *lay, int flags, int upper)
{
    int negative = dec->negative;
    if ((flags & Py_DTSF_NO_NEG_0) && dec->count == 0) {
        negative = 0;
    }
    char *buf = PyMem_Malloc((size_t)lay->before + (size_t)lay->after + 16);
    if (buf == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    char *p = buf;
    if (negative) {
        *p++ = '-';
    }
    else if (flags & Py_DTSF_SIGN) {
        *p++ = '+';
    }
    Py_ssize_t first = lay->use_exp ? 0 : dec->point - lay->before;
    for (Py_ssize_t i = 0; i < lay->before + lay->after; i++) {
        if (i == lay->before) {
            *p++ = '.';
        }
        *p++ = digit_at(dec, first + i);
    }
    if (lay->after == 0 && lay->keep_point) {
        *p++ = '.';
    }
    if (lay->use_exp) {
        sprintf(p, "%c%c%02d", upper ? 'E' : 'e', lay->exponent < 0 ? '-' : '+',
                abs(lay->exponent));
    }
    else {
        *p = '\0';
    }
    return buf;
}

/* See the C API reference: PyMem_Malloc'ed text, or NULL with an exception set. */
char *
PyOS_double_to_string(double val, char format_code, int precision, int flags, int *type)
{
    int upper = Py_ISUPPER(format_code), mode;
    char code = (char)Py_TOLOWER(format_code);
    switch (code) {
    case 'e':
        mode = 2;
        precision++;
        break;
    case 'f':
        mode = 3;
        break;
    case 'g':
        mode = 2;
        if (precision == 0) {
            precision = 1;
        }
        break;
    case 'r':
        if (precision != 0 || upper) {
            PyErr_BadInternalCall();
            return NULL;
        }
        mode = 0;
        break;
    default:
        PyErr_BadInternalCall();
        return NULL;
    }
    if (isnan(val) || isinf(val)) {
        return format_special(val, flags, upper, type);
    }
    struct decimal dec;
    if (decimal_from_double(val, mode, precision, &dec) < 0) {
        return NULL;
    }
    struct layout lay = {0};
    int alt = (flags & Py_DTSF_ALT) != 0;
    if (code == 'e') {
        lay.use_exp = 1;
        lay.after = precision - 1;
    }
    else if (code == 'g') {
        lay.use_exp = dec.point <= -4 || dec.point > precision - ((flags & Py_DTSF_ADD_DOT_0) != 0);
        Py_ssize_t shown = alt ? precision : dec.count;
        lay.after = lay.use_exp ? shown - 1 : shown - dec.point;
    }
    else if (code == 'r') {
        lay.use_exp = dec.point <= -4 || dec.point > 16;
        lay.after = lay.use_exp ? dec.count - 1 : dec.count - dec.point;
    }
    else {
        lay.after = precision;
    }
    if (lay.after < 0) {
        lay.after = 0;
    }
    lay.before = lay.use_exp || dec.point < 1 ? 1 : dec.point;
    lay.exponent = dec.count > 0 ? dec.point - 1 : 0;
    lay.keep_point = alt;
    if ((flags & Py_DTSF_ADD_DOT_0) && !lay.use_exp && lay.after == 0) {
        lay.after = 1;
    }
    if (type != NULL) {
        *type = Py_DTST_FINITE;
    }
    char *result = write_layout(&dec, &lay, flags, upper);
    _Py_dg_freedtoa(dec.digits);
    return result;
}
