/* bytes: the % operator and PyBytes_FromFormat.
 *
 * The % operator follows PEP 461: %s and %b take bytes-like objects or __bytes__, %a and %r give
 * the ASCII repr, numbers are formatted by the functions of str and copied.
 *
 * Written from PEP 461, the library reference (printf-style Bytes Formatting) and the C API
 * reference.
 */
#include "Python.h"
#include "pycore_bytesobject.h"     // _PyObject_CallBytes()
#include "pycore_format.h"          // F_ALT and the other flags

/* --- The % operator --------------------------------------------------------------------------- */

/* State of one formatting. */
struct bformat {
    const char *fmt;            /* next character of the format */
    const char *start;          /* of the format, for positions in messages */
    const char *end;
    PyObject *args;             /* tuple of arguments, or the only argument */
    Py_ssize_t count;           /* of arguments; -1: args is the only one and not used yet */
    Py_ssize_t next;            /* index of the next argument; -2: the only one was used */
    PyObject *mapping;          /* borrowed: args, if it can be indexed by key */
    int args_owned;             /* args is a value taken from the mapping */
    _PyBytesWriter writer;
    char *out;
};

struct bspec {
    int flags;
    Py_ssize_t width;           /* -1: none */
    int precision;              /* -1: none */
    int conversion;
};

static PyObject *
next_arg(struct bformat *f)
{
    if (f->count < 0) {
        if (f->next == -2) {
            PyErr_SetString(PyExc_TypeError, "not enough arguments for format string");
            return NULL;
        }
        f->next = -2;
        return f->args;
    }
    if (f->next < f->count) {
        return PyTuple_GET_ITEM(f->args, f->next++);
    }
    PyErr_SetString(PyExc_TypeError, "not enough arguments for format string");
    return NULL;
}

/* Take the key in parentheses at f->fmt and make its value the only argument. */
static int
take_key(struct bformat *f)
{
    if (f->mapping == NULL) {
        PyErr_SetString(PyExc_TypeError, "format requires a mapping");
        return -1;
    }
    const char *key = ++f->fmt;
    int depth = 1;
    while (depth > 0 && f->fmt < f->end) {
        depth += (*f->fmt == '(') - (*f->fmt == ')');
        f->fmt++;
    }
    if (depth > 0) {
        PyErr_SetString(PyExc_ValueError, "incomplete format key");
        return -1;
    }
    PyObject *name = PyBytes_FromStringAndSize(key, f->fmt - 1 - key);
    if (name == NULL) {
        return -1;
    }
    PyObject *value = PyObject_GetItem(f->mapping, name);
    Py_DECREF(name);
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

static int
take_number(struct bformat *f, Py_ssize_t limit, Py_ssize_t *out, const char *too_big)
{
    if (f->fmt < f->end && *f->fmt == '*') {
        f->fmt++;
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
    while (f->fmt < f->end && Py_ISDIGIT((unsigned char)*f->fmt)) {
        int digit = *f->fmt++ - '0';
        if (n > (limit - digit) / 10) {
            PyErr_SetString(PyExc_ValueError, too_big);
            return -1;
        }
        n = n * 10 + digit;
    }
    *out = n;
    return 0;
}

static int
take_spec(struct bformat *f, struct bspec *spec)
{
    *spec = (struct bspec){.width = -1, .precision = -1};
    if (f->fmt < f->end && *f->fmt == '(' && take_key(f) < 0) {
        return -1;
    }
    for (; f->fmt < f->end; f->fmt++) {
        int flag = *f->fmt == '-' ? F_LJUST : *f->fmt == '+' ? F_SIGN : *f->fmt == ' ' ? F_BLANK
                   : *f->fmt == '#' ? F_ALT : *f->fmt == '0' ? F_ZERO : 0;
        if (flag == 0) {
            break;
        }
        spec->flags |= flag;
    }
    if (f->fmt < f->end && (*f->fmt == '*' || Py_ISDIGIT((unsigned char)*f->fmt))) {
        if (take_number(f, PY_SSIZE_T_MAX, &spec->width, "width too big") < 0) {
            return -1;
        }
        if (spec->width < 0) {
            spec->flags |= F_LJUST;
            spec->width = -spec->width;
        }
    }
    if (f->fmt < f->end && *f->fmt == '.') {
        f->fmt++;
        Py_ssize_t precision;
        if (take_number(f, INT_MAX, &precision, "prec too big") < 0) {
            return -1;
        }
        spec->precision = (int)Py_MAX(precision, 0);
    }
    if (f->fmt < f->end && (*f->fmt == 'h' || *f->fmt == 'l' || *f->fmt == 'L')) {
        f->fmt++;
    }
    if (f->fmt == f->end) {
        PyErr_SetString(PyExc_ValueError, "incomplete format");
        return -1;
    }
    spec->conversion = (unsigned char)*f->fmt++;
    return 0;
}

/* The bytes of obj for %s: a buffer or __bytes__; new reference to bytes. */
static PyObject *
bytes_of(PyObject *obj)
{
    if (PyBytes_Check(obj)) {
        return Py_NewRef(obj);
    }
    if (PyByteArray_Check(obj)) {
        return PyBytes_FromStringAndSize(PyByteArray_AS_STRING(obj), PyByteArray_GET_SIZE(obj));
    }
    PyObject *bytes = _PyObject_CallBytes(obj);
    if (bytes != NULL || PyErr_Occurred()) {
        return bytes;
    }
    if (PyObject_CheckBuffer(obj)) {
        return PyBytes_FromObject(obj);
    }
    PyErr_Format(PyExc_TypeError,
                 "%%b requires a bytes-like object, or an object that implements __bytes__, "
                 "not '%.100s'", Py_TYPE(obj)->tp_name);
    return NULL;
}

/* One byte for %c, or -1 with an exception. */
static int
byte_of(PyObject *arg)
{
    if (PyBytes_Check(arg) && PyBytes_GET_SIZE(arg) == 1) {
        return (unsigned char)PyBytes_AS_STRING(arg)[0];
    }
    if (PyByteArray_Check(arg) && PyByteArray_GET_SIZE(arg) == 1) {
        return (unsigned char)PyByteArray_AS_STRING(arg)[0];
    }
    if (PyIndex_Check(arg)) {
        int overflow;
        long value = PyLong_AsLongAndOverflow(arg, &overflow);
        if (value == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (overflow || value < 0 || value > 255) {
            PyErr_SetString(PyExc_OverflowError, "%c arg not in range(256)");
            return -1;
        }
        return (int)value;
    }
    PyErr_SetString(PyExc_TypeError, "%c requires an integer in range(256) or a single byte");
    return -1;
}

/* An int argument of %d, %x and the like as text. */
static PyObject *
integer_text(PyObject *v, const struct bspec *spec)
{
    int type = spec->conversion == 'i' ? 'd' : spec->conversion;
    PyObject *number = NULL;
    if (PyLong_Check(v)) {
        number = Py_NewRef(v);
    }
    else if (PyNumber_Check(v)) {
        number = type == 'x' || type == 'X' || type == 'o' ? PyNumber_Index(v) : PyNumber_Long(v);
        if (number == NULL && !PyErr_ExceptionMatches(PyExc_TypeError)) {
            return NULL;
        }
    }
    if (number == NULL) {
        PyErr_Format(PyExc_TypeError,
                     type == 'x' || type == 'X' || type == 'o'
                     ? "%%%c format: an integer is required, not %.200s"
                     : "%%%c format: a real number is required, not %.200s",
                     type, Py_TYPE(v)->tp_name);
        return NULL;
    }
    assert(PyLong_Check(number));
    PyObject *text = _PyUnicode_FormatLong(number, spec->flags & F_ALT, spec->precision,
                                           type == 'i' || type == 'u' ? 'd' : type);
    Py_DECREF(number);
    return text;
}

static PyObject *
float_text(PyObject *v, const struct bspec *spec)
{
    double x = PyFloat_AsDouble(v);
    if (x == -1.0 && PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError, "float argument required, not %.200s",
                     Py_TYPE(v)->tp_name);
        return NULL;
    }
    int precision = spec->precision < 0 ? 6 : spec->precision;
    char *p = PyOS_double_to_string(x, (char)spec->conversion, precision,
                                    spec->flags & F_ALT ? Py_DTSF_ALT : 0, NULL);
    if (p == NULL) {
        return NULL;
    }
    PyObject *res = PyUnicode_FromString(p);
    PyMem_Free(p);
    return res;
}

/* Write text with sign, zeros and blanks as the flags say.  `numeric`: it may carry a sign. */
static int
write_padded(struct bformat *f, const struct bspec *spec, const char *s, Py_ssize_t n,
             int numeric)
{
    char sign = '\0';
    if (numeric) {
        if (n > 0 && (*s == '-' || *s == '+')) {
            sign = *s++;
            n--;
        }
        else if (spec->flags & F_SIGN) {
            sign = '+';
        }
        else if (spec->flags & F_BLANK) {
            sign = ' ';
        }
    }
    Py_ssize_t used = n + (sign != '\0');
    Py_ssize_t pad = spec->width > used ? spec->width - used : 0;
    char *out = _PyBytesWriter_Prepare(&f->writer, f->out, used + pad);
    if (out == NULL) {
        return -1;
    }
    int zero = numeric && (spec->flags & F_ZERO) && !(spec->flags & F_LJUST);
    int c = spec->conversion;
    if (pad > 0 && !zero && !(spec->flags & F_LJUST)) {
        memset(out, ' ', (size_t)pad);
        out += pad;
        pad = 0;
    }
    if (sign != '\0') {
        *out++ = sign;
    }
    if (zero && (spec->flags & F_ALT) && (c == 'x' || c == 'X' || c == 'o') && n >= 2) {
        memcpy(out, s, 2);      /* the zeros go behind 0x */
        out += 2;
        s += 2;
        n -= 2;
    }
    if (zero) {
        memset(out, '0', (size_t)pad);
        out += pad;
        pad = 0;
    }
    memcpy(out, s, (size_t)n);
    out += n;
    memset(out, ' ', (size_t)pad);
    f->out = out + pad;
    return 0;
}

/* Format one argument. */
static int
write_arg(struct bformat *f, struct bspec *spec)
{
    PyObject *v = next_arg(f);
    if (v == NULL) {
        return -1;
    }
    PyObject *text = NULL;
    int numeric = 0, res;
    switch (spec->conversion) {
    case 'r': case 'a':
        text = PyObject_ASCII(v);
        break;
    case 's': case 'b':
        text = bytes_of(v);
        break;
    case 'd': case 'i': case 'u': case 'o': case 'x': case 'X':
        text = integer_text(v, spec);
        numeric = 1;
        break;
    case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
        text = float_text(v, spec);
        numeric = 1;
        break;
    case 'c': {
        int byte = byte_of(v);
        if (byte < 0) {
            return -1;
        }
        char c = (char)byte;
        return write_padded(f, spec, &c, 1, 0);
    }
    default:
        PyErr_Format(PyExc_ValueError, "unsupported format character '%c' (0x%x) at index %zd",
                     spec->conversion, spec->conversion, (Py_ssize_t)(f->fmt - 1 - f->start));
        return -1;
    }
    if (text == NULL) {
        return -1;
    }
    const char *s = PyBytes_Check(text) ? PyBytes_AS_STRING(text) : PyUnicode_DATA(text);
    Py_ssize_t n = PyBytes_Check(text) ? PyBytes_GET_SIZE(text) : PyUnicode_GET_LENGTH(text);
    assert(PyBytes_Check(text) || PyUnicode_IS_ASCII(text));
    if (!numeric && spec->precision >= 0 && n > spec->precision) {
        n = spec->precision;
    }
    res = write_padded(f, spec, s, n, numeric);
    Py_DECREF(text);
    return res;
}

/* format[:len] % args as bytes or bytearray. */
PyObject *
_PyBytes_FormatEx(const char *format, Py_ssize_t len, PyObject *args, int use_bytearray)
{
    if (format == NULL || args == NULL || len < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    struct bformat f = {.fmt = format, .start = format, .end = format + len, .args = args,
                        .count = -1, .next = -1};
    if (PyTuple_Check(args)) {
        f.count = PyTuple_GET_SIZE(args);
        f.next = 0;
    }
    else if (PyMapping_Check(args) && !PyBytes_Check(args) && !PyUnicode_Check(args)
             && !PyByteArray_Check(args))
    {
        f.mapping = args;
    }
    _PyBytesWriter_Init(&f.writer);
    f.writer.use_bytearray = use_bytearray;
    f.writer.overallocate = 1;
    f.out = _PyBytesWriter_Alloc(&f.writer, 0);
    while (f.out != NULL && f.fmt < f.end) {
        const char *stop = memchr(f.fmt, '%', (size_t)(f.end - f.fmt));
        if (stop == NULL) {
            stop = f.end;
        }
        f.out = _PyBytesWriter_WriteBytes(&f.writer, f.out, f.fmt, stop - f.fmt);
        if (f.out == NULL) {
            goto error;
        }
        f.fmt = stop;
        if (stop == f.end) {
            break;
        }
        f.fmt++;
        if (f.fmt < f.end && *f.fmt == '%') {
            f.fmt++;
            f.out = _PyBytesWriter_WriteBytes(&f.writer, f.out, "%", 1);
            continue;
        }
        struct bspec spec;
        if (take_spec(&f, &spec) < 0) {
            goto error;
        }
        if (write_arg(&f, &spec) < 0) {
            goto error;
        }
        if (f.mapping != NULL && f.count < 0 && f.next == -1) {
            PyErr_SetString(PyExc_TypeError,
                            "not all arguments converted during bytes formatting");
            goto error;
        }
    }
    if (f.out == NULL) {
        goto error;
    }
    if (f.mapping == NULL && (f.count < 0 ? f.next == -1 : f.next < f.count)) {
        PyErr_SetString(PyExc_TypeError, "not all arguments converted during bytes formatting");
        goto error;
    }
    if (f.args_owned) {
        Py_DECREF(f.args);
    }
    return _PyBytesWriter_Finish(&f.writer, f.out);

error:
    if (f.args_owned) {
        Py_DECREF(f.args);
    }
    _PyBytesWriter_Dealloc(&f.writer);
    return NULL;
}

/* --- PyBytes_FromFormat ----------------------------------------------------------------------- */

/* Text of one numeric directive of the C-side formatter. */
static int
format_number(char *buffer, size_t size, char conversion, int length, va_list *args)
{
    switch (conversion) {
    case 'd': case 'i':
        return length == 'l' ? PyOS_snprintf(buffer, size, "%ld", va_arg(*args, long))
               : length == 'z' ? PyOS_snprintf(buffer, size, "%zd", va_arg(*args, Py_ssize_t))
                               : PyOS_snprintf(buffer, size, "%d", va_arg(*args, int));
    case 'u':
        return length == 'l' ? PyOS_snprintf(buffer, size, "%lu", va_arg(*args, unsigned long))
               : length == 'z' ? PyOS_snprintf(buffer, size, "%zu", va_arg(*args, size_t))
                               : PyOS_snprintf(buffer, size, "%u", va_arg(*args, unsigned));
    default:
        assert(conversion == 'x');
        return PyOS_snprintf(buffer, size, "%x", va_arg(*args, int));
    }
}

/* Directives: %% %c %[l|z]d %i %[l|z]u %x %s (with precision) %p; any other one ends the
   formatting: it and the rest of the format are copied as they are. */
PyObject *
PyBytes_FromFormatV(const char *format, va_list vargs)
{
    _PyBytesWriter w;
    _PyBytesWriter_Init(&w);
    w.overallocate = 1;
    char *out = _PyBytesWriter_Alloc(&w, 0);
    va_list args;
    va_copy(args, vargs);
    const char *f = format;
    while (out != NULL && *f != '\0') {
        if (*f != '%') {
            size_t n = strcspn(f, "%");
            out = _PyBytesWriter_WriteBytes(&w, out, f, (Py_ssize_t)n);
            f += n;
            continue;
        }
        const char *directive = f++;
        while (Py_ISDIGIT((unsigned char)*f)) {
            f++;                /* the width has no effect */
        }
        Py_ssize_t precision = -1;
        if (*f == '.') {
            precision = 0;
            for (f++; Py_ISDIGIT((unsigned char)*f); f++) {
                precision = precision > INT_MAX / 10 ? INT_MAX : precision * 10 + (*f - '0');
            }
        }
        int length = 0;
        if ((*f == 'l' || *f == 'z') && (f[1] == 'd' || f[1] == 'u')) {
            length = *f++;
        }
        char buffer[32];
        switch (*f++) {
        case 'c': {
            int c = va_arg(args, int);
            if (c < 0 || c > 255) {
                PyErr_SetString(PyExc_OverflowError, "PyBytes_FromFormatV(): %c format expects "
                                                     "an integer in range [0; 255]");
                goto error;
            }
            buffer[0] = (char)c;
            out = _PyBytesWriter_WriteBytes(&w, out, buffer, 1);
            break;
        }
        case 'd': case 'i': case 'u': case 'x': {
            int n = format_number(buffer, sizeof(buffer), f[-1], length, &args);
            out = _PyBytesWriter_WriteBytes(&w, out, buffer, n);
            break;
        }
        case 's': {
            const char *s = va_arg(args, const char *);
            size_t n = precision < 0 ? strlen(s) : strnlen(s, (size_t)precision);
            out = _PyBytesWriter_WriteBytes(&w, out, s, (Py_ssize_t)n);
            break;
        }
        case 'p': {
            int n = PyOS_snprintf(buffer, sizeof(buffer), "0x%lx",
                                  (unsigned long)(uintptr_t)va_arg(args, void *));
            out = _PyBytesWriter_WriteBytes(&w, out, buffer, n);
            break;
        }
        case '%':
            out = _PyBytesWriter_WriteBytes(&w, out, "%", 1);
            break;
        default:
            f = directive + strlen(directive);
            out = _PyBytesWriter_WriteBytes(&w, out, directive, f - directive);
            break;
        }
    }
    if (out == NULL) {
        goto error;
    }
    va_end(args);
    return _PyBytesWriter_Finish(&w, out);

error:
    va_end(args);
    _PyBytesWriter_Dealloc(&w);
    return NULL;
}

PyObject *
PyBytes_FromFormat(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyObject *res = PyBytes_FromFormatV(format, args);
    va_end(args);
    return res;
}
