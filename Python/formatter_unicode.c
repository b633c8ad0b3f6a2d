/* format() of str, int, float and complex.
 *
 * A format spec is parsed into a struct spec.  A number is then taken apart into sign, prefix,
 * digits, fraction ("the rest") and laid out once: sign, prefix, grouped digits, decimal point,
 * rest, with fill characters where the alignment puts them.
 *
 * Written from the library reference (Format Specification Mini-Language), PEP 378, PEP 515 and
 * PEP 682.
 */
#include "Python.h"
#include "pycore_formatter.h"
#include "pycore_number.h"          // _PyLong_ShortDecimal; includes pycore_long.h
#include "pycore_object.h"
#include "pycore_unicode.h"

#include <limits.h>
#include <locale.h>

/* Python/fileutils.c */
extern int _Py_GetLocaleconvNumeric(struct lconv *lc, PyObject **decimal_point,
                                    PyObject **thousands_sep);

/* --- The spec --------------------------------------------------------------------------------- */

struct spec {
    Py_UCS4 fill;
    Py_UCS4 align;              /* one of <>=^ */
    int align_given;
    Py_UCS4 sign;               /* 0, '+', '-' or ' ' */
    int no_neg_zero;            /* z */
    int alternate;              /* # */
    Py_ssize_t width;           /* -1: none */
    Py_UCS4 grouping;           /* 0, ',', '_' or 'n' for the locale's */
    Py_ssize_t precision;       /* -1: none */
    Py_UCS4 type;               /* 0: none */
};

static int
is_align(Py_UCS4 c)
{
    return c == '<' || c == '>' || c == '=' || c == '^';
}

/* A decimal number at *pos; -1 if there is none, -2 with ValueError. */
static Py_ssize_t
parse_number(PyObject *str, Py_ssize_t *pos, Py_ssize_t end)
{
    Py_ssize_t n = 0, start = *pos;
    for (; *pos < end; ++*pos) {
        Py_UCS4 c = PyUnicode_READ_CHAR(str, *pos);
        int digit = c >= 128 ? _PyUnicode_ToDecimalDigit(c) : Py_ISDIGIT(c) ? (int)c - '0' : -1;
        if (digit < 0) {
            break;
        }
        if (n > (PY_SSIZE_T_MAX - digit) / 10) {
            PyErr_SetString(PyExc_ValueError, "Too many decimal digits in format string");
            return -2;
        }
        n = n * 10 + digit;
    }
    return *pos > start ? n : -1;
}

static void
unknown_type(Py_UCS4 type, const char *type_name)
{
    if (type > 32 && type < 128) {
        PyErr_Format(PyExc_ValueError, "Unknown format code '%c' for object of type '%.200s'",
                     (int)type, type_name);
    }
    else {
        PyErr_Format(PyExc_ValueError, "Unknown format code '\\x%x' for object of type '%.200s'",
                     (unsigned)type, type_name);
    }
}

/* Is the grouping possible with the type? */
static int
check_grouping(const struct spec *f)
{
    if (f->grouping == 0 || f->type == 0 || (f->type < 128 && strchr("defgEG%F", (int)f->type))) {
        return 0;
    }
    if (f->grouping == '_' && f->type < 128 && strchr("boxX", (int)f->type)) {
        return 0;
    }
    if (f->type > 32 && f->type < 128) {
        PyErr_Format(PyExc_ValueError, "Cannot specify '%c' with '%c'.", (int)f->grouping,
                     (int)f->type);
    }
    else {
        PyErr_Format(PyExc_ValueError, "Cannot specify '%c' with '\\x%x'.", (int)f->grouping,
                     (unsigned)f->type);
    }
    return -1;
}

static int
parse_grouping(PyObject *str, Py_ssize_t *pos, Py_ssize_t end, struct spec *f)
{
    for (int i = 0; i < 2 && *pos < end; i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(str, *pos);
        if (c != ',' && c != '_') {
            break;
        }
        if (f->grouping != 0) {
            if (c == f->grouping) {
                break;          /* reported as an invalid specifier */
            }
            PyErr_SetString(PyExc_ValueError, "Cannot specify both ',' and '_'.");
            return -1;
        }
        f->grouping = c;
        ++*pos;
    }
    return 0;
}

static int
parse_spec(PyObject *obj, PyObject *str, Py_ssize_t start, Py_ssize_t end, struct spec *f,
           Py_UCS4 default_align, Py_UCS4 default_type)
{
    Py_ssize_t pos = start;
    int fill_given = 0;
    *f = (struct spec){.fill = ' ', .align = default_align, .width = -1, .precision = -1,
                       .type = default_type};
#define CHAR() (pos < end ? PyUnicode_READ_CHAR(str, pos) : 0)
    if (end - pos >= 2 && is_align(PyUnicode_READ_CHAR(str, pos + 1))) {
        f->fill = CHAR();
        f->align = PyUnicode_READ_CHAR(str, pos + 1);
        fill_given = f->align_given = 1;
        pos += 2;
    }
    else if (is_align(CHAR())) {
        f->align = CHAR();
        f->align_given = 1;
        pos++;
    }
    if (CHAR() == ' ' || CHAR() == '+' || CHAR() == '-') {
        f->sign = CHAR();
        pos++;
    }
    if (CHAR() == 'z') {
        f->no_neg_zero = 1;
        pos++;
    }
    if (CHAR() == '#') {
        f->alternate = 1;
        pos++;
    }
    if (!fill_given && CHAR() == '0') {
        f->fill = '0';
        if (!f->align_given && default_align == '>') {
            f->align = '=';
        }
        pos++;
    }
    f->width = parse_number(str, &pos, end);
    if (f->width == -2 || parse_grouping(str, &pos, end, f) < 0) {
        return -1;
    }
    if (CHAR() == '.') {
        pos++;
        f->precision = parse_number(str, &pos, end);
        if (f->precision == -2) {
            return -1;
        }
        if (f->precision == -1) {
            PyErr_SetString(PyExc_ValueError, "Format specifier missing precision");
            return -1;
        }
    }
#undef CHAR
    if (end - pos > 1) {
        PyObject *text = PyUnicode_Substring(str, start, end);
        if (text != NULL) {
            PyErr_Format(PyExc_ValueError,
                         "Invalid format specifier '%U' for object of type '%.200s'",
                         text, Py_TYPE(obj)->tp_name);
            Py_DECREF(text);
        }
        return -1;
    }
    if (end - pos == 1) {
        f->type = PyUnicode_READ_CHAR(str, pos);
    }
    return check_grouping(f);
}

/* --- Thousands separators --------------------------------------------------------------------- */

/* Sizes of the groups from the right, after the rules of localeconv(): 0 repeats the last size,
   CHAR_MAX ends the grouping. */
struct groups {
    const char *sizes;
    char previous;
};

/* The next size; 0 if all that is left is one group. */
static Py_ssize_t
next_group(struct groups *g)
{
    if (*g->sizes == 0) {
        return g->previous;
    }
    if (*g->sizes == CHAR_MAX) {
        return 0;
    }
    g->previous = *g->sizes++;
    return g->previous;
}

/* Lay out n_digits digits (digits[d_pos:]) with separators, padded with zeros to min_width. 
   Returns the length.  With a writer, the text goes to the n_buffer characters at writer->pos,
   which have been prepared; without, *maxchar is raised to what the text needs. */
Py_ssize_t
_PyUnicode_InsertThousandsGrouping(_PyUnicodeWriter *writer, Py_ssize_t n_buffer,
                                   PyObject *digits, Py_ssize_t d_pos, Py_ssize_t n_digits,
                                   Py_ssize_t min_width, const char *grouping,
                                   PyObject *thousands_sep, Py_UCS4 *maxchar)
{
    struct groups groups = {grouping, 0};
    Py_ssize_t sep_length = PyUnicode_GET_LENGTH(thousands_sep);
    Py_ssize_t left = n_digits, total = 0;
    Py_ssize_t out = writer != NULL ? writer->pos + n_buffer : 0;
    if (min_width < 0) {
        min_width = 0;
    }
    for (int first = 1; first || left > 0 || min_width > 0; first = 0) {
        if (!first) {
            min_width -= sep_length;    /* even if nothing but a zero is left for its left side */
        }
        Py_ssize_t size = next_group(&groups);
        Py_ssize_t want = Py_MAX(Py_MAX(left, min_width), 1);
        if (size > 0) {
            want = Py_MIN(want, size);
        }
        Py_ssize_t chars = Py_MIN(left, want), zeros = want - chars;
        if (!first) {
            total += sep_length;
            if (writer != NULL) {
                out -= sep_length;
                _PyUnicode_CopyKind(writer->kind, writer->data, out,
                                    (int)PyUnicode_KIND(thousands_sep),
                                    PyUnicode_DATA(thousands_sep), 0, sep_length);
            }
            else {
                *maxchar = Py_MAX(*maxchar, PyUnicode_MAX_CHAR_VALUE(thousands_sep));
            }
        }
        left -= chars;
        total += want;
        if (writer != NULL) {
            out -= want;
            _PyUnicode_CopyKind(writer->kind, writer->data, out + zeros,
                                (int)PyUnicode_KIND(digits), PyUnicode_DATA(digits),
                                d_pos + left, chars);
            for (Py_ssize_t i = 0; i < zeros; i++) {
                PyUnicode_WRITE(writer->kind, writer->data, out + i, '0');
            }
        }
        min_width -= want;
    }
    assert(writer == NULL || out == writer->pos);
    return total;
}

/* How numbers are punctuated. */
struct punctuation {
    PyObject *decimal_point;    /* strong */
    PyObject *thousands_sep;    /* strong */
    const char *grouping;
    char *grouping_buffer;      /* owned copy of the locale's, or NULL */
};

static int
get_punctuation(Py_UCS4 grouping, struct punctuation *p)
{
    static const char by_three[] = "\3", by_four[] = "\4", none[] = {CHAR_MAX, 0};
    p->grouping_buffer = NULL;
    if (grouping == 'n') {
        struct lconv *lc = localeconv();
        p->decimal_point = p->thousands_sep = NULL;
        if (_Py_GetLocaleconvNumeric(lc, &p->decimal_point, &p->thousands_sep) < 0) {
            return -1;
        }
        size_t n = strlen(lc->grouping) + 1;
        p->grouping_buffer = PyMem_Malloc(n);
        if (p->grouping_buffer == NULL) {
            Py_CLEAR(p->decimal_point);
            Py_CLEAR(p->thousands_sep);
            PyErr_NoMemory();
            return -1;
        }
        memcpy(p->grouping_buffer, lc->grouping, n);
        /* an empty string means no grouping at all */
        p->grouping = n > 1 ? p->grouping_buffer : none;
        return 0;
    }
    p->decimal_point = _PyUnicode_FromChar('.');
    p->thousands_sep = grouping == ',' ? _PyUnicode_FromChar(',')
                       : grouping != 0 ? _PyUnicode_FromChar('_') : _PyUnicode_GetEmpty();
    p->grouping = grouping == 0 ? none : grouping == '4' ? by_four : by_three;
    return 0;
}

static void
clear_punctuation(struct punctuation *p)
{
    Py_CLEAR(p->decimal_point);
    Py_CLEAR(p->thousands_sep);
    PyMem_Free(p->grouping_buffer);
}

/* --- Layout of a number ----------------------------------------------------------------------- */

/* A number in ASCII, taken apart: text[prefix:digits) prefix, then digits, maybe a point, the rest.
   */
struct number {
    PyObject *text;
    int negative;
    Py_ssize_t prefix, prefix_length;
    Py_ssize_t digits, digits_length;
    int has_point;
    Py_ssize_t rest, rest_length;
};

static void
put_fill(_PyUnicodeWriter *w, Py_UCS4 ch, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        PyUnicode_WRITE(w->kind, w->data, w->pos + i, ch);
    }
    w->pos += n;
}

static void
put_text(_PyUnicodeWriter *w, PyObject *text, Py_ssize_t start, Py_ssize_t n)
{
    _PyUnicode_CopyKind(w->kind, w->data, w->pos, (int)PyUnicode_KIND(text),
                        PyUnicode_DATA(text), start, n);
    w->pos += n;
}

static int
write_number(_PyUnicodeWriter *w, const struct number *n, const struct spec *f,
             const struct punctuation *p)
{
    Py_UCS4 sign = n->negative ? '-' : f->sign == '+' ? '+' : f->sign == ' ' ? ' ' : 0;
    Py_ssize_t point = n->has_point ? PyUnicode_GET_LENGTH(p->decimal_point) : 0;
    Py_ssize_t fixed = (sign != 0) + n->prefix_length + point + n->rest_length;
    Py_ssize_t min_width = 0, grouped = 0;
    Py_UCS4 maxchar = 127;
    if (f->fill == '0' && f->align == '=') {
        min_width = f->width - fixed;
    }
    if (n->digits_length > 0) {
        grouped = _PyUnicode_InsertThousandsGrouping(NULL, 0, n->text, n->digits,
                                                     n->digits_length, min_width, p->grouping,
                                                     p->thousands_sep, &maxchar);
    }
    Py_ssize_t pad = Py_MAX(f->width - fixed - grouped, 0);
    if (n->has_point) {
        maxchar = Py_MAX(maxchar, PyUnicode_MAX_CHAR_VALUE(p->decimal_point));
    }
    if (pad > 0) {
        maxchar = Py_MAX(maxchar, f->fill);
    }
    if (_PyUnicodeWriter_Prepare(w, fixed + grouped + pad, maxchar) < 0) {
        return -1;
    }
    Py_ssize_t left = f->align == '>' ? pad : f->align == '^' ? pad / 2 : 0;
    Py_ssize_t inner = f->align == '=' ? pad : 0;
    put_fill(w, f->fill, left);
    if (sign != 0) {
        put_fill(w, sign, 1);
    }
    Py_ssize_t prefix_at = w->pos;
    put_text(w, n->text, n->prefix, n->prefix_length);
    if (f->type == 'X') {
        for (; prefix_at < w->pos; prefix_at++) {
            Py_UCS4 c = PyUnicode_READ(w->kind, w->data, prefix_at);
            PyUnicode_WRITE(w->kind, w->data, prefix_at, Py_TOUPPER(c));
        }
    }
    put_fill(w, f->fill, inner);
    if (grouped > 0) {
        Py_ssize_t check = _PyUnicode_InsertThousandsGrouping(
            w, grouped, n->text, n->digits, n->digits_length, min_width, p->grouping,
            p->thousands_sep, NULL);
        assert(check == grouped);
        (void)check;
        for (Py_ssize_t i = 0; f->type == 'X' && i < grouped; i++) {
            Py_UCS4 c = PyUnicode_READ(w->kind, w->data, w->pos + i);
            PyUnicode_WRITE(w->kind, w->data, w->pos + i, Py_TOUPPER(c & 0xff));
        }
        w->pos += grouped;
    }
    if (n->has_point) {
        put_text(w, p->decimal_point, 0, point);
    }
    put_text(w, n->text, n->rest, n->rest_length);
    put_fill(w, f->fill, pad - left - inner);
    return 0;
}

/* --- str -------------------------------------------------------------------------------------- */

static int
write_plain_padded(_PyUnicodeWriter *w, PyObject *text, Py_ssize_t n, const struct spec *f)
{
    Py_ssize_t pad = Py_MAX(f->width - n, 0);
    Py_UCS4 maxchar = _PyUnicode_FindMaxChar(text, 0, n);
    if (pad > 0) {
        maxchar = Py_MAX(maxchar, f->fill);
    }
    if (_PyUnicodeWriter_Prepare(w, n + pad, maxchar) < 0) {
        return -1;
    }
    Py_ssize_t left = f->align == '>' ? pad : f->align == '^' ? pad / 2 : 0;
    put_fill(w, f->fill, left);
    put_text(w, text, 0, n);
    put_fill(w, f->fill, pad - left);
    return 0;
}

static int
format_string(PyObject *value, const struct spec *f, _PyUnicodeWriter *w)
{
    const char *problem = f->sign == ' ' ? "Space not allowed in string format specifier"
        : f->sign != 0 ? "Sign not allowed in string format specifier"
        : f->no_neg_zero
          ? "Negative zero coercion (z) not allowed in string format specifier"
        : f->alternate ? "Alternate form (#) not allowed in string format specifier"
        : f->align == '=' ? "'=' alignment not allowed in string format specifier" : NULL;
    if (problem != NULL) {
        PyErr_SetString(PyExc_ValueError, problem);
        return -1;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(value);
    if ((f->width == -1 || f->width <= n) && (f->precision == -1 || f->precision >= n)) {
        return _PyUnicodeWriter_WriteStr(w, value);
    }
    if (f->precision >= 0) {
        n = Py_MIN(n, f->precision);
    }
    return write_plain_padded(w, value, n, f);
}

/* --- int -------------------------------------------------------------------------------------- */

static int
format_character(PyObject *value, const struct spec *f, _PyUnicodeWriter *w)
{
    if (f->sign != 0) {
        PyErr_SetString(PyExc_ValueError,
                        "Sign not allowed with integer format specifier 'c'");
        return -1;
    }
    if (f->alternate) {
        PyErr_SetString(PyExc_ValueError,
                        "Alternate form (#) not allowed with integer format specifier 'c'");
        return -1;
    }
    long x = PyLong_AsLong(value);
    if (x == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (x < 0 || x > _PyUnicode_MAX) {
        PyErr_SetString(PyExc_OverflowError, "%c arg not in range(0x110000)");
        return -1;
    }
    PyObject *text = _PyUnicode_FromChar((Py_UCS4)x);
    if (text == NULL) {
        return -1;
    }
    int res;
    if (f->align == '=') {
        struct spec right = *f;
        right.align = '>';      /* there is no sign to stay in front */
        res = write_plain_padded(w, text, 1, &right);
    }
    else {
        res = write_plain_padded(w, text, 1, f);
    }
    Py_DECREF(text);
    return res;
}

/* An int of few digits in base 10 without grouping. */
static int
write_short_long(_PyUnicodeWriter *w, const char *text, Py_ssize_t n, const struct spec *f)
{
    int negative = *text == '-';
    Py_UCS4 sign = negative ? '-' : f->sign == '+' ? '+' : f->sign == ' ' ? ' ' : 0;
    text += negative;
    n -= negative;
    Py_ssize_t pad = Py_MAX(f->width - n - (sign != 0), 0);
    if (_PyUnicodeWriter_Prepare(w, n + (sign != 0) + pad, pad > 0 ? Py_MAX(f->fill, 127) : 127)
        < 0)
    {
        return -1;
    }
    Py_ssize_t left = f->align == '>' ? pad : f->align == '^' ? pad / 2 : 0;
    Py_ssize_t inner = f->align == '=' ? pad : 0;
    put_fill(w, f->fill, left);
    if (sign != 0) {
        put_fill(w, sign, 1);
    }
    put_fill(w, f->fill, inner);
    _PyUnicode_CopyKind(w->kind, w->data, w->pos, 1, text, 0, n);
    w->pos += n;
    put_fill(w, f->fill, pad - left - inner);
    return 0;
}

static int
format_long(PyObject *value, const struct spec *f, _PyUnicodeWriter *w)
{
    if (f->precision != -1) {
        PyErr_SetString(PyExc_ValueError, "Precision not allowed in integer format specifier");
        return -1;
    }
    if (f->no_neg_zero) {
        PyErr_SetString(PyExc_ValueError, "Negative zero coercion (z) not allowed in integer "
                                          "format specifier");
        return -1;
    }
    if (f->type == 'c') {
        return format_character(value, f, w);
    }
    int base = f->type == 'b' ? 2 : f->type == 'o' ? 8 : f->type == 'x' || f->type == 'X' ? 16
               : 10;
    if (base == 10 && f->grouping == 0 && f->type != 'n') {
        char buffer[_PyLong_SHORT_TEXT], *end = buffer + sizeof(buffer);
        const char *short_text = _PyLong_ShortDecimal((PyLongObject *)value, end);
        if (short_text != NULL) {
            return write_short_long(w, short_text, end - short_text, f);
        }
    }
    PyObject *text = _PyLong_Format(value, base);
    if (text == NULL) {
        return -1;
    }
    struct number n = {.text = text, .negative = PyUnicode_READ_CHAR(text, 0) == '-'};
    n.prefix = n.negative;
    n.digits = n.prefix + (base != 10 ? 2 : 0);
    n.prefix_length = f->alternate ? n.digits - n.prefix : 0;
    n.digits_length = PyUnicode_GET_LENGTH(text) - n.digits;
    struct punctuation p;
    Py_UCS4 grouping = f->type == 'n' ? 'n' : f->grouping != 0 && base != 10 ? '4' : f->grouping;
    int res = -1;
    if (get_punctuation(grouping, &p) == 0) {
        res = write_number(w, &n, f, &p);
        clear_punctuation(&p);
    }
    Py_DECREF(text);
    return res;
}

/* --- float and complex ------------------------------------------------------------------------ */

/* The ASCII text of x after the spec's type and precision, taken apart.  n->text is a new
   reference. */
static int
float_number(double x, const struct spec *f, struct number *n, int percent_allowed)
{
    int flags = (f->alternate ? Py_DTSF_ALT : 0) | (f->no_neg_zero ? Py_DTSF_NO_NEG_0 : 0);
    Py_ssize_t precision = f->precision;
    char type = (char)f->type;
    int percent = percent_allowed && type == '%';
    if (precision > INT_MAX) {
        PyErr_SetString(PyExc_ValueError, "precision too big");
        return -1;
    }
    if (type == '\0') {
        /* like repr(), or like 'g' with a digit behind the point */
        if (percent_allowed) {
            flags |= Py_DTSF_ADD_DOT_0;
        }
        type = precision < 0 ? 'r' : 'g';
        precision = precision < 0 ? 0 : precision;
    }
    else if (type == 'n') {
        type = 'g';
    }
    else if (percent) {
        type = 'f';
        x *= 100;
    }
    if (precision < 0) {
        precision = 6;
    }
    char *s = PyOS_double_to_string(x, type, (int)precision, flags, NULL);
    if (s == NULL) {
        return -1;
    }
    Py_ssize_t length = (Py_ssize_t)strlen(s);
    n->text = percent ? PyUnicode_FromFormat("%s%%", s) : _PyUnicode_FromASCII(s, length);
    if (n->text == NULL) {
        PyMem_Free(s);
        return -1;
    }
    n->negative = s[0] == '-';
    n->prefix = n->prefix_length = 0;
    n->digits = n->negative;
    Py_ssize_t i = n->digits;
    while (Py_ISDIGIT((unsigned char)s[i])) {
        i++;
    }
    n->digits_length = i - n->digits;
    n->has_point = s[i] == '.';
    n->rest = i + n->has_point;
    n->rest_length = length + percent - n->rest;
    PyMem_Free(s);
    return 0;
}

static int
format_float(double x, const struct spec *f, _PyUnicodeWriter *w)
{
    struct number n;
    struct punctuation p;
    if (float_number(x, f, &n, 1) < 0) {
        return -1;
    }
    int res = -1;
    if (get_punctuation(f->type == 'n' ? 'n' : f->grouping, &p) == 0) {
        res = write_number(w, &n, f, &p);
        clear_punctuation(&p);
    }
    Py_DECREF(n.text);
    return res;
}

/* Real part, imaginary part with its sign, j; in parentheses if `parens`. */
static PyObject *
complex_text(const struct number *re, const struct number *im, const struct spec *f,
             const struct punctuation *p, int skip_re, int parens)
{
    struct spec part = *f;
    part.fill = ' ';
    part.align = '<';
    part.width = -1;
    _PyUnicodeWriter w;
    _PyUnicodeWriter_Init(&w);
    w.overallocate = 1;
    if (parens && _PyUnicodeWriter_WriteChar(&w, '(') < 0) {
        goto error;
    }
    if (!skip_re) {
        if (write_number(&w, re, &part, p) < 0) {
            goto error;
        }
        part.sign = '+';
    }
    if (write_number(&w, im, &part, p) < 0 || _PyUnicodeWriter_WriteChar(&w, 'j') < 0
        || (parens && _PyUnicodeWriter_WriteChar(&w, ')') < 0))
    {
        goto error;
    }
    return _PyUnicodeWriter_Finish(&w);

error:
    _PyUnicodeWriter_Dealloc(&w);
    return NULL;
}

static int
format_complex(Py_complex x, const struct spec *f, _PyUnicodeWriter *w)
{
    if (f->fill == '0') {
        PyErr_SetString(PyExc_ValueError,
                        "Zero padding is not allowed in complex format specifier");
        return -1;
    }
    if (f->align == '=') {
        PyErr_SetString(PyExc_ValueError,
                        "'=' alignment flag is not allowed in complex format specifier");
        return -1;
    }
    int skip_re = f->type == 0 && x.real == 0.0 && copysign(1.0, x.real) == 1.0;
    struct number re = {0}, im = {0};
    struct punctuation p = {0};
    PyObject *text = NULL;
    int res = -1;
    if (float_number(x.real, f, &re, 0) == 0 && float_number(x.imag, f, &im, 0) == 0
        && get_punctuation(f->type == 'n' ? 'n' : f->grouping, &p) == 0)
    {
        text = complex_text(&re, &im, f, &p, skip_re, f->type == 0 && !skip_re);
        if (text != NULL) {
            res = write_plain_padded(w, text, PyUnicode_GET_LENGTH(text), f);
            Py_DECREF(text);
        }
    }
    clear_punctuation(&p);
    Py_XDECREF(re.text);
    Py_XDECREF(im.text);
    return res;
}

/* --- Entry points ----------------------------------------------------------------------------- */

/* An empty spec means str(obj). */
static int
write_default(_PyUnicodeWriter *w, PyObject *obj)
{
    PyObject *str = PyUnicode_CheckExact(obj) ? Py_NewRef(obj) : PyObject_Str(obj);
    if (str == NULL) {
        return -1;
    }
    int res = _PyUnicodeWriter_WriteStr(w, str);
    Py_DECREF(str);
    return res;
}

int
_PyUnicode_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj, PyObject *format_spec,
                                Py_ssize_t start, Py_ssize_t end)
{
    assert(PyUnicode_Check(obj));
    if (start == end) {
        return write_default(writer, obj);
    }
    struct spec f;
    if (parse_spec(obj, format_spec, start, end, &f, '<', 's') < 0) {
        return -1;
    }
    if (f.type != 's') {
        unknown_type(f.type, Py_TYPE(obj)->tp_name);
        return -1;
    }
    return format_string(obj, &f, writer);
}

int
_PyLong_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj, PyObject *format_spec,
                             Py_ssize_t start, Py_ssize_t end)
{
    if (start == end) {
        return PyLong_CheckExact(obj) ? _PyLong_FormatWriter(writer, obj, 10, 0)
                                      : write_default(writer, obj);
    }
    struct spec f;
    if (parse_spec(obj, format_spec, start, end, &f, '>', 0) < 0) {
        return -1;
    }
    switch (f.type) {
    case 0: case 'b': case 'c': case 'd': case 'o': case 'x': case 'X': case 'n':
        return format_long(obj, &f, writer);
    case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case '%': {
        double x = PyLong_AsDouble(obj);
        if (x == -1.0 && PyErr_Occurred()) {
            return -1;
        }
        return format_float(x, &f, writer);
    }
    default:
        unknown_type(f.type, Py_TYPE(obj)->tp_name);
        return -1;
    }
}

/* The specification of a number whose type may be missing or one of `types`: 0, or -1. */
static int
parse_number_spec(PyObject *obj, PyObject *format_spec, Py_ssize_t start, Py_ssize_t end,
                  struct spec *f, const char *types)
{
    if (parse_spec(obj, format_spec, start, end, f, '>', 0) < 0) {
        return -1;
    }
    if (f->type != 0 && (f->type > 127 || strchr(types, (int)f->type) == NULL)) {
        unknown_type(f->type, Py_TYPE(obj)->tp_name);
        return -1;
    }
    return 0;
}

int
_PyFloat_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj, PyObject *format_spec,
                              Py_ssize_t start, Py_ssize_t end)
{
    if (start == end) {
        return write_default(writer, obj);
    }
    struct spec f;
    if (parse_number_spec(obj, format_spec, start, end, &f, "eEfFgGn%") < 0) {
        return -1;
    }
    double x = PyFloat_AsDouble(obj);
    if (x == -1.0 && PyErr_Occurred()) {
        return -1;
    }
    return format_float(x, &f, writer);
}

int
_PyComplex_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj, PyObject *format_spec,
                                Py_ssize_t start, Py_ssize_t end)
{
    if (start == end) {
        return write_default(writer, obj);
    }
    struct spec f;
    if (parse_number_spec(obj, format_spec, start, end, &f, "eEfFgGn") < 0) {
        return -1;
    }
    Py_complex x = PyComplex_AsCComplex(obj);
    if (x.real == -1.0 && PyErr_Occurred()) {
        return -1;
    }
    return format_complex(x, &f, writer);
}
