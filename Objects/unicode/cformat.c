/* str: the % operator.
 *
 * One pass over the format; literal stretches are copied, each directive is parsed into a struct
 * spec, its argument made into text, and the text written with sign, zeros and blanks.
 *
 * Invariant: `args` is a tuple with `next` counting up, or a single object that is used once.
 *
 * Written from the library reference (printf-style String Formatting).
 */
#include "Python.h"
#include "pycore_format.h"          // F_ALT and the other flags
#include "pycore_number.h"          // _PyLong_ShortDecimal; includes pycore_long.h
#include "pycore_object.h"
#include "pycore_unicode.h"

struct format {
    struct _unicode_view v;         /* the format string */
    Py_ssize_t pos;                 /* next character of it */
    PyObject *str;
    PyObject *args;                 /* tuple, or the only argument */
    Py_ssize_t count;               /* of arguments; -1: args is the only one */
    Py_ssize_t next;                /* next argument; with count -1: -1 unused, -2 used */
    PyObject *mapping;              /* borrowed; NULL if keys are not possible */
    int args_owned;                 /* args is a value taken from the mapping */
    _PyUnicodeWriter writer;
};

struct spec {
    int flags;
    Py_ssize_t width;               /* -1: none */
    int precision;                  /* -1: none */
    Py_UCS4 conversion;
};

static PyObject *
next_arg(struct format *f)
{
    if (f->count < 0 && f->next == -1) {
        f->next = -2;
        return f->args;
    }
    if (f->next >= 0 && f->next < f->count) {
        return PyTuple_GET_ITEM(f->args, f->next++);
    }
    PyErr_SetString(PyExc_TypeError, "not enough arguments for format string");
    return NULL;
}

static int
at_end(const struct format *f)
{
    return f->pos >= f->v.length;
}

static Py_UCS4
peek(const struct format *f)
{
    return PyUnicode_READ(f->v.kind, f->v.data, f->pos);
}

/* --- Parsing ---------------------------------------------------------------------------------- */

/* Take the key in parentheses and make its value the only argument. */
static int
take_key(struct format *f)
{
    if (f->mapping == NULL) {
        PyErr_SetString(PyExc_TypeError, "format requires a mapping");
        return -1;
    }
    Py_ssize_t start = ++f->pos;
    for (int depth = 1; depth > 0; f->pos++) {
        if (at_end(f)) {
            PyErr_SetString(PyExc_ValueError, "incomplete format key");
            return -1;
        }
        depth += (peek(f) == '(') - (peek(f) == ')');
    }
    PyObject *key = PyUnicode_Substring(f->str, start, f->pos - 1);
    if (key == NULL) {
        return -1;
    }
    PyObject *value = PyObject_GetItem(f->mapping, key);
    Py_DECREF(key);
    if (value == NULL) {
        return -1;
    }
    if (f->args_owned) {
        Py_DECREF(f->args);
    }
    f->args = value;
    f->args_owned = 1;
    f->count = -1;
    f->next = -1;
    return 0;
}

/* A number or * up to limit. */
static int
take_number(struct format *f, Py_ssize_t limit, Py_ssize_t *out, const char *too_big)
{
    if (!at_end(f) && peek(f) == '*') {
        f->pos++;
        PyObject *v = next_arg(f);
        if (v == NULL) {
            return -1;
        }
        if (!PyLong_Check(v)) {
            PyErr_SetString(PyExc_TypeError, "* wants int");
            return -1;
        }
        Py_ssize_t n = limit == INT_MAX ? _PyLong_AsInt(v) : PyLong_AsSsize_t(v);
        if (n == -1 && PyErr_Occurred()) {
            return -1;
        }
        *out = n;
        return 0;
    }
    Py_ssize_t n = 0;
    while (!at_end(f) && peek(f) >= '0' && peek(f) <= '9') {
        int digit = (int)peek(f) - '0';
        if (n > (limit - digit) / 10) {
            PyErr_SetString(PyExc_ValueError, too_big);
            return -1;
        }
        n = n * 10 + digit;
        f->pos++;
    }
    *out = n;
    return 0;
}

static int
flag_of(Py_UCS4 ch)
{
    switch (ch) {
    case '-': return F_LJUST;
    case '+': return F_SIGN;
    case ' ': return F_BLANK;
    case '#': return F_ALT;
    case '0': return F_ZERO;
    default: return 0;
    }
}

/* Parse the directive behind a %. */
static int
take_spec(struct format *f, struct spec *spec)
{
    *spec = (struct spec){.width = -1, .precision = -1};
    if (!at_end(f) && peek(f) == '(' && take_key(f) < 0) {
        return -1;
    }
    while (!at_end(f) && flag_of(peek(f)) != 0) {
        spec->flags |= flag_of(peek(f));
        f->pos++;
    }
    if (!at_end(f) && (peek(f) == '*' || (peek(f) >= '0' && peek(f) <= '9'))) {
        if (take_number(f, PY_SSIZE_T_MAX, &spec->width, "width too big") < 0) {
            return -1;
        }
        if (spec->width < 0) {
            spec->flags |= F_LJUST;
            spec->width = -spec->width;
        }
    }
    if (!at_end(f) && peek(f) == '.') {
        Py_ssize_t precision;
        f->pos++;
        if (take_number(f, INT_MAX, &precision, "precision too big") < 0) {
            return -1;
        }
        spec->precision = (int)Py_MAX(precision, 0);
    }
    if (!at_end(f) && (peek(f) == 'h' || peek(f) == 'l' || peek(f) == 'L')) {
        f->pos++;
    }
    if (at_end(f)) {
        PyErr_SetString(PyExc_ValueError, "incomplete format");
        return -1;
    }
    spec->conversion = peek(f);
    f->pos++;
    return 0;
}

/* --- Text of an argument ---------------------------------------------------------------------- */

/* The int val in the base of the conversion ('d', 'o', 'x', 'X'), with 0o or 0x if alt, at least
   prec digits.  New reference. */
PyObject *
_PyUnicode_FormatLong(PyObject *val, int alt, int prec, int type)
{
    int base = type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
    assert(type == 'd' || base != 10);
    if (prec > INT_MAX - 3) {
        PyErr_SetString(PyExc_OverflowError, "precision too large");
        return NULL;
    }
    PyObject *text = _PyLong_Format(val, base);
    if (text == NULL) {
        return NULL;
    }
    const char *s = PyUnicode_DATA(text);
    Py_ssize_t n = PyUnicode_GET_LENGTH(text);
    int negative = s[0] == '-';
    Py_ssize_t skip = negative + (base != 10 ? 2 : 0);      /* to the first digit */
    Py_ssize_t prefix = alt && base != 10 ? 2 : 0;
    Py_ssize_t digits = n - skip;
    Py_ssize_t zeros = prec > digits ? prec - digits : 0;
    if (zeros == 0 && skip == negative + prefix && type != 'X') {
        return text;
    }
    PyObject *res = PyUnicode_New(negative + prefix + zeros + digits, 127);
    if (res != NULL) {
        char *out = PyUnicode_DATA(res), *p = out;
        memcpy(p, s, (size_t)(negative + prefix));
        p += negative + prefix;
        memset(p, '0', (size_t)zeros);
        memcpy(p + zeros, s + skip, (size_t)digits);
        for (p = out; type == 'X' && *p != '\0'; p++) {
            *p = (char)Py_TOUPPER((unsigned char)*p);
        }
    }
    Py_DECREF(text);
    return res;
}

static PyObject *
integer_text(PyObject *v, const struct spec *spec)
{
    int type = (int)spec->conversion;
    int index_only = type == 'x' || type == 'X' || type == 'o';
    PyObject *number = NULL;
    if (PyLong_Check(v)) {
        number = Py_NewRef(v);
    }
    else if (PyNumber_Check(v)) {
        number = index_only ? PyNumber_Index(v) : PyNumber_Long(v);
        if (number == NULL && !PyErr_ExceptionMatches(PyExc_TypeError)) {
            return NULL;
        }
    }
    if (number == NULL) {
        PyErr_Format(PyExc_TypeError,
                     index_only ? "%%%c format: an integer is required, not %.200s"
                                : "%%%c format: a real number is required, not %.200s",
                     type, Py_TYPE(v)->tp_name);
        return NULL;
    }
    PyObject *text = _PyUnicode_FormatLong(number, spec->flags & F_ALT, spec->precision,
                                           type == 'i' || type == 'u' ? 'd' : type);
    Py_DECREF(number);
    return text;
}

static PyObject *
float_text(PyObject *v, const struct spec *spec)
{
    double x = PyFloat_AsDouble(v);
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    char *p = PyOS_double_to_string(x, (char)spec->conversion,
                                    spec->precision < 0 ? 6 : spec->precision,
                                    spec->flags & F_ALT ? Py_DTSF_ALT : 0, NULL);
    if (p == NULL) {
        return NULL;
    }
    PyObject *res = _PyUnicode_FromASCII(p, (Py_ssize_t)strlen(p));
    PyMem_Free(p);
    return res;
}

static PyObject *
character_text(PyObject *v)
{
    if (PyUnicode_Check(v)) {
        if (PyUnicode_GET_LENGTH(v) == 1) {
            return _PyUnicode_FromChar(PyUnicode_READ_CHAR(v, 0));
        }
        PyErr_SetString(PyExc_TypeError, "%c requires int or char");
        return NULL;
    }
    PyObject *number = PyNumber_Index(v);
    if (number == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError, "%c requires int or char");
        }
        return NULL;
    }
    int overflow;
    long x = PyLong_AsLongAndOverflow(number, &overflow);
    Py_DECREF(number);
    if (overflow || x < 0 || x > _PyUnicode_MAX) {
        PyErr_SetString(PyExc_OverflowError, "%c arg not in range(0x110000)");
        return NULL;
    }
    return _PyUnicode_FromChar((Py_UCS4)x);
}

/* --- Writing ---------------------------------------------------------------------------------- */

static void
fill(_PyUnicodeWriter *w, Py_UCS4 ch, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        PyUnicode_WRITE(w->kind, w->data, w->pos + i, ch);
    }
    w->pos += n;
}

/* Write text[:n] with what the flags ask for.  `numeric`: it may carry a sign. */
static int
write_padded(_PyUnicodeWriter *w, const struct spec *spec, PyObject *text, int numeric)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(text), from = 0;
    Py_UCS4 c = spec->conversion, sign = 0;
    if (!numeric && c != 'c' && spec->precision >= 0) {
        n = Py_MIN(n, spec->precision);
    }
    if (spec->width < 0 && !(numeric && (spec->flags & (F_SIGN | F_BLANK)))) {
        return _PyUnicodeWriter_WriteSubstring(w, text, 0, n);
    }
    if (numeric) {
        Py_UCS4 first = n > 0 ? PyUnicode_READ_CHAR(text, 0) : 0;
        if (first == '-' || first == '+') {
            sign = first;
            from = 1;
        }
        else if (spec->flags & F_SIGN) {
            sign = '+';
        }
        else if (spec->flags & F_BLANK) {
            sign = ' ';
        }
    }
    Py_ssize_t used = n - from + (sign != 0);
    Py_ssize_t pad = spec->width > used ? spec->width - used : 0;
    if (pad == 0 && !numeric) {
        return _PyUnicodeWriter_WriteSubstring(w, text, 0, n);
    }
    if (_PyUnicodeWriter_Prepare(w, used + pad, _PyUnicode_FindMaxChar(text, 0, n)) < 0) {
        return -1;
    }
    int zero = numeric && (spec->flags & F_ZERO) && !(spec->flags & F_LJUST);
    if (!zero && !(spec->flags & F_LJUST)) {
        fill(w, ' ', pad);
        pad = 0;
    }
    if (sign != 0) {
        fill(w, sign, 1);
    }
    if (zero) {
        if ((spec->flags & F_ALT) && (c == 'x' || c == 'X' || c == 'o')) {
            fill(w, '0', 1);            /* the zeros go behind 0x */
            fill(w, PyUnicode_READ_CHAR(text, from + 1), 1);
            from += 2;
        }
        fill(w, '0', pad);
        pad = 0;
    }
    _PyUnicode_CopyKind(w->kind, w->data, w->pos, (int)PyUnicode_KIND(text),
                        PyUnicode_DATA(text), from, n - from);
    w->pos += n - from;
    fill(w, ' ', pad);
    return 0;
}

static int
write_arg(struct format *f, const struct spec *spec)
{
    PyObject *v = next_arg(f);
    if (v == NULL) {
        return -1;
    }
    PyObject *text;
    int numeric = 0;
    switch (spec->conversion) {
    case 's': text = PyObject_Str(v); break;
    case 'r': text = PyObject_Repr(v); break;
    case 'a': text = PyObject_ASCII(v); break;
    case 'c': text = character_text(v); break;
    case 'd': case 'i': case 'u': case 'o': case 'x': case 'X':
        text = integer_text(v, spec);
        numeric = 1;
        break;
    case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
        text = float_text(v, spec);
        numeric = 1;
        break;
    default: {
        Py_UCS4 c = spec->conversion;
        PyErr_Format(PyExc_ValueError, "unsupported format character '%c' (0x%x) at index %zd",
                     c >= 31 && c <= 126 ? (int)c : '?', (int)c, f->pos - 1);
        return -1;
    }
    }
    if (text == NULL) {
        return -1;
    }
    if (at_end(f)) {
        f->writer.overallocate = 0;
    }
    int res = write_padded(&f->writer, spec, text, numeric);
    Py_DECREF(text);
    return res;
}

/* --- The usual case --------------------------------------------------------------------------- */

/* Most formats are short and ASCII and have nothing but %d of ints and %s of ASCII strs or ints.
   Their text is collected in a buffer, so that one str is made, of the right size. */
#define SIMPLE_TEXT 200

/* The text of a plain directive in *text (`number` is room for an int's); its length, or -1 if
   it is not that simple. */
static Py_ssize_t
simple_text(char conversion, PyObject *v, char *number, const char **text)
{
    if (PyLong_CheckExact(v) && (conversion == 'd' || conversion == 's' || conversion == 'i')) {
        char *end = number + _PyLong_SHORT_TEXT;
        *text = _PyLong_ShortDecimal((PyLongObject *)v, end);
        return *text == NULL ? -1 : end - *text;
    }
    if (conversion == 's' && PyUnicode_CheckExact(v) && PyUnicode_IS_COMPACT_ASCII(v)) {
        *text = PyUnicode_DATA(v);
        return PyUnicode_GET_LENGTH(v);
    }
    return -1;
}

/* New reference; NULL, mostly without an exception, if it is not that simple: nothing that could
   be noticed has happened then. */
static PyObject *
format_simple(const struct format *f)
{
    if (!PyUnicode_IS_ASCII(f->str)) {
        return NULL;
    }
    PyObject *const *args = f->count < 0 ? &f->args : &PyTuple_GET_ITEM(f->args, 0);
    Py_ssize_t count = f->count < 0 ? 1 : f->count, next = 0, used = 0;
    const char *s = f->v.data, *stop = s + f->v.length;
    char buffer[SIMPLE_TEXT], number[_PyLong_SHORT_TEXT];
    while (s < stop) {
        const char *piece = s;
        Py_ssize_t n = 1;
        if (*s++ == '%') {
            if (s == stop) {
                return NULL;
            }
            piece = s;
            if (*s != '%') {
                n = next < count ? simple_text(*s, args[next++], number, &piece) : -1;
            }
            s++;
        }
        if (n < 0 || n > SIMPLE_TEXT - used) {
            return NULL;
        }
        if (n == 1) {
            buffer[used] = *piece;
        }
        else {
            memcpy(buffer + used, piece, (size_t)n);
        }
        used += n;
    }
    return next == count ? _PyUnicode_FromASCII(buffer, used) : NULL;
}

static int
run(struct format *f)
{
    while (!at_end(f)) {
        Py_ssize_t stop = PyUnicode_FindChar(f->str, '%', f->pos, f->v.length, 1);
        if (stop < 0) {
            stop = f->v.length;
            f->writer.overallocate = 0;
        }
        if (_PyUnicodeWriter_WriteSubstring(&f->writer, f->str, f->pos, stop) < 0) {
            return -1;
        }
        f->pos = stop;
        if (at_end(f)) {
            break;
        }
        f->pos++;
        if (!at_end(f) && peek(f) == '%') {
            f->pos++;
            if (_PyUnicodeWriter_WriteChar(&f->writer, '%') < 0) {
                return -1;
            }
            continue;
        }
        struct spec spec;
        if (take_spec(f, &spec) < 0 || write_arg(f, &spec) < 0) {
            return -1;
        }
        if (f->mapping != NULL && f->count < 0 && f->next == -1 && f->args_owned) {
            PyErr_SetString(PyExc_TypeError,
                            "not all arguments converted during string formatting");
            return -1;
        }
    }
    if (f->mapping == NULL && (f->count < 0 ? f->next == -1 : f->next < f->count)) {
        PyErr_SetString(PyExc_TypeError, "not all arguments converted during string formatting");
        return -1;
    }
    return 0;
}

/* format % args; new reference. */
PyObject *
PyUnicode_Format(PyObject *format, PyObject *args)
{
    if (format == NULL || args == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (_PyUnicode_EnsureStr(format) < 0) {
        return NULL;
    }
    struct format f = {.v = _PyUnicode_View(format), .str = format, .args = args, .count = -1,
                       .next = -1};
    if (PyTuple_Check(args)) {
        f.count = PyTuple_GET_SIZE(args);
        f.next = 0;
    }
    else if (PyMapping_Check(args) && !PyUnicode_Check(args)) {
        f.mapping = args;
    }
    PyObject *simple = format_simple(&f);
    if (simple != NULL || PyErr_Occurred()) {
        return simple;
    }
    _PyUnicodeWriter_Init(&f.writer);
    f.writer.min_length = f.v.length + 100;
    f.writer.overallocate = 1;
    int failed = run(&f) < 0;
    if (f.args_owned) {
        Py_DECREF(f.args);
    }
    if (failed) {
        _PyUnicodeWriter_Dealloc(&f.writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&f.writer);
}
