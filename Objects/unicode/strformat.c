/* str: str.format() and str.format_map(), and the two iterators behind string.Formatter.
 *
 * Structure: `markup_next` cuts a format string into a literal and, maybe, a replacement field; a
 * field name is cut into its first part and a path of attributes and subscripts by `path_next`.
 * `render` puts a field's value into the writer.  A format spec may contain fields itself, one
 * level deep.
 *
 * Written from PEP 3101 and the library reference (Format String Syntax).
 */
#include "Python.h"
#include "pycore_formatter.h"
#include "pycore_object.h"
#include "pycore_unicode.h"

/* Levels of format strings: the string and the specs in it. */
#define MAX_DEPTH 2

/* A part of a str; str is borrowed. */
struct slice {
    PyObject *str;
    Py_ssize_t start, end;
};

static Py_UCS4
slice_char(const struct slice *s, Py_ssize_t i)
{
    assert(i < PyUnicode_GET_LENGTH(s->str));
    return PyUnicode_READ_CHAR(s->str, i);
}

static PyObject *
slice_object(const struct slice *s)
{
    return s->str == NULL ? _PyUnicode_GetEmpty() : PyUnicode_Substring(s->str, s->start, s->end);
}

/* The value of a slice of decimal digits; -1 if it is empty or has others, -2 with ValueError. */
static Py_ssize_t
slice_integer(const struct slice *s)
{
    Py_ssize_t n = 0;
    if (s->start >= s->end) {
        return -1;
    }
    for (Py_ssize_t i = s->start; i < s->end; i++) {
        int digit = _PyUnicode_ToDecimalDigit(slice_char(s, i));
        if (digit < 0) {
            return -1;
        }
        if (n > (PY_SSIZE_T_MAX - digit) / 10) {
            PyErr_SetString(PyExc_ValueError, "Too many decimal digits in format string");
            return -2;
        }
        n = n * 10 + digit;
    }
    return n;
}

/* --- Cutting the format string ---------------------------------------------------------------- */

struct markup {
    struct slice rest;          /* what is left */
    struct slice literal;       /* text in front of the field */
    int has_field;
    struct slice name, spec;
    int spec_has_fields;        /* the spec contains braces */
    Py_UCS4 conversion;         /* 0: none */
};

static int
value_error(const char *message)
{
    PyErr_SetString(PyExc_ValueError, message);
    return -1;
}

/* Parse the field whose name begins at m->rest.start; leaves rest behind the closing brace. */
static int
take_field(struct markup *m)
{
    struct slice *r = &m->rest;
    Py_UCS4 c = 0;
    m->has_field = 1;
    m->name = (struct slice){r->str, r->start, r->start};
    while (r->start < r->end) {
        c = slice_char(r, r->start++);
        if (c == '{') {
            return value_error("unexpected '{' in field name");
        }
        if (c == '[') {
            while (r->start < r->end && slice_char(r, r->start) != ']') {
                r->start++;
            }
            continue;
        }
        if (c == '}' || c == ':' || c == '!') {
            break;
        }
    }
    m->name.end = r->start - 1;
    if (c != '}' && c != ':' && c != '!') {
        return value_error("expected '}' before end of string");
    }
    m->spec = (struct slice){r->str, r->start, r->start};
    if (c == '}') {
        return 0;
    }
    if (c == '!') {
        if (r->start >= r->end) {
            return value_error("end of string while looking for conversion specifier");
        }
        m->conversion = slice_char(r, r->start++);
        if (r->start < r->end) {
            c = slice_char(r, r->start++);
            if (c == '}') {
                return 0;
            }
            if (c != ':') {
                return value_error("expected ':' after conversion specifier");
            }
        }
    }
    m->spec.start = r->start;
    for (int depth = 1; r->start < r->end; ) {
        c = slice_char(r, r->start++);
        if (c == '{') {
            m->spec_has_fields = 1;
            depth++;
        }
        else if (c == '}' && --depth == 0) {
            m->spec.end = r->start - 1;
            return 0;
        }
    }
    return value_error("unmatched '{' in format spec");
}

/* The next literal and field: 1, 0 at the end, -1 with an exception.  A doubled brace ends a
   literal that contains one of them, without a field. */
static int
markup_next(struct markup *m)
{
    struct slice *r = &m->rest;
    m->has_field = m->spec_has_fields = 0;
    m->conversion = 0;
    m->name = m->spec = (struct slice){NULL, 0, 0};
    if (r->start >= r->end) {
        return 0;
    }
    m->literal = *r;
    Py_UCS4 c = 0;
    while (r->start < r->end) {
        c = slice_char(r, r->start);
        if (c == '{' || c == '}') {
            break;
        }
        r->start++;
    }
    m->literal.end = r->start;
    if (r->start >= r->end) {
        return 1;
    }
    r->start++;
    int doubled = r->start < r->end && slice_char(r, r->start) == c;
    if (doubled) {
        m->literal.end++;
        r->start++;
        return 1;
    }
    if (c == '}' || r->start >= r->end) {
        return value_error(c == '}' ? "Single '}' encountered in format string"
                                    : "Single '{' encountered in format string");
    }
    return take_field(m) < 0 ? -1 : 1;
}

/* --- Cutting the field name ------------------------------------------------------------------- */

struct path {
    struct slice rest;
};

/* Split off the first part of a name; *index is its number, or -1.  0, or -1 with an exception. */
static int
path_first(struct path *p, const struct slice *name, struct slice *first, Py_ssize_t *index)
{
    Py_ssize_t i = name->start;
    while (i < name->end) {
        Py_UCS4 c = slice_char(name, i);
        if (c == '.' || c == '[') {
            break;
        }
        i++;
    }
    *first = (struct slice){name->str, name->start, i};
    p->rest = (struct slice){name->str, i, name->end};
    *index = slice_integer(first);
    return *index == -2 ? -1 : 0;
}

/* The next step: 1, 0 at the end, -1 with an exception. */
static int
path_next(struct path *p, int *is_attribute, struct slice *name, Py_ssize_t *index)
{
    struct slice *r = &p->rest;
    if (r->start >= r->end) {
        return 0;
    }
    Py_UCS4 c = slice_char(r, r->start++);
    *name = *r;
    if (c == '.') {
        *is_attribute = 1;
        *index = -1;
        while (r->start < r->end && slice_char(r, r->start) != '.'
               && slice_char(r, r->start) != '[') {
            r->start++;
        }
        name->end = r->start;
    }
    else if (c == '[') {
        *is_attribute = 0;
        while (r->start < r->end && slice_char(r, r->start) != ']') {
            r->start++;
        }
        if (r->start >= r->end) {
            return value_error("Missing ']' in format string");
        }
        name->end = r->start++;
        *index = slice_integer(name);
        if (*index == -2) {
            return -1;
        }
    }
    else {
        return value_error("Only '.' or '[' may follow ']' in format field specifier");
    }
    if (name->start == name->end) {
        return value_error("Empty attribute in format string");
    }
    return 1;
}

/* --- Getting and rendering a value ------------------------------------------------------------ */

struct context {
    PyObject *args;             /* tuple, or NULL for format_map() */
    PyObject *kwargs;           /* mapping, or NULL */
    enum { NUMBERING_UNKNOWN, NUMBERING_AUTO, NUMBERING_MANUAL } numbering;
    Py_ssize_t next;            /* index of the next automatic field */
};

static int
check_numbering(struct context *ctx, int automatic)
{
    int wanted = automatic ? NUMBERING_AUTO : NUMBERING_MANUAL;
    if (ctx->numbering == NUMBERING_UNKNOWN) {
        ctx->numbering = wanted;
    }
    else if ((int)ctx->numbering != wanted) {
        return value_error(automatic
            ? "cannot switch from manual field specification to automatic field numbering"
            : "cannot switch from automatic field numbering to manual field specification");
    }
    return 0;
}

/* The object that the first part of a field name means; new reference. */
static PyObject *
first_object(struct context *ctx, const struct slice *first, Py_ssize_t index)
{
    int automatic = first->start == first->end;
    if (index < 0 && !automatic) {
        PyObject *key = slice_object(first);
        if (key == NULL) {
            return NULL;
        }
        PyObject *obj = NULL;
        if (ctx->kwargs == NULL) {
            PyErr_SetObject(PyExc_KeyError, key);
        }
        else {
            obj = PyObject_GetItem(ctx->kwargs, key);
        }
        Py_DECREF(key);
        return obj;
    }
    if (ctx->args == NULL) {
        PyErr_SetString(PyExc_ValueError, "Format string contains positional fields");
        return NULL;
    }
    if (check_numbering(ctx, automatic) < 0) {
        return NULL;
    }
    if (automatic) {
        index = ctx->next++;
    }
    if (index >= PyTuple_GET_SIZE(ctx->args)) {
        PyErr_Format(PyExc_IndexError,
                     "Replacement index %zd out of range for positional args tuple", index);
        return NULL;
    }
    return Py_NewRef(PyTuple_GET_ITEM(ctx->args, index));
}

static PyObject *
take_step(PyObject *obj, int is_attribute, const struct slice *name, Py_ssize_t index)
{
    if (!is_attribute && index >= 0 && PySequence_Check(obj)) {
        return PySequence_GetItem(obj, index);
    }
    PyObject *key = !is_attribute && index >= 0 ? PyLong_FromSsize_t(index) : slice_object(name);
    if (key == NULL) {
        return NULL;
    }
    PyObject *res = is_attribute ? PyObject_GetAttr(obj, key) : PyObject_GetItem(obj, key);
    Py_DECREF(key);
    return res;
}

/* The value of a field; new reference. */
static PyObject *
field_value(struct context *ctx, const struct slice *name)
{
    struct path path;
    struct slice part;
    Py_ssize_t index;
    if (path_first(&path, name, &part, &index) < 0) {
        return NULL;
    }
    PyObject *obj = first_object(ctx, &part, index);
    int is_attribute, more;
    while (obj != NULL && (more = path_next(&path, &is_attribute, &part, &index)) != 0) {
        PyObject *next = more > 0 ? take_step(obj, is_attribute, &part, index) : NULL;
        Py_SETREF(obj, next);
    }
    return obj;
}

static PyObject *
convert_value(PyObject *obj, Py_UCS4 conversion)
{
    switch (conversion) {
    case 'r': return PyObject_Repr(obj);
    case 's': return PyObject_Str(obj);
    case 'a': return PyObject_ASCII(obj);
    default:
        if (conversion > 32 && conversion < 127) {
            PyErr_Format(PyExc_ValueError, "Unknown conversion specifier %c", (int)conversion);
        }
        else {
            PyErr_Format(PyExc_ValueError, "Unknown conversion specifier \\x%x",
                         (unsigned)conversion);
        }
        return NULL;
    }
}

/* Write format(obj, spec) for the spec in a slice. */
static int
render(PyObject *obj, const struct slice *spec, _PyUnicodeWriter *w)
{
    PyObject *str = spec->str != NULL ? spec->str : _PyUnicode_GetEmpty();
    if (PyUnicode_CheckExact(obj)) {
        return _PyUnicode_FormatAdvancedWriter(w, obj, str, spec->start, spec->end);
    }
    if (PyLong_CheckExact(obj)) {
        return _PyLong_FormatAdvancedWriter(w, obj, str, spec->start, spec->end);
    }
    if (PyFloat_CheckExact(obj)) {
        return _PyFloat_FormatAdvancedWriter(w, obj, str, spec->start, spec->end);
    }
    if (PyComplex_CheckExact(obj)) {
        return _PyComplex_FormatAdvancedWriter(w, obj, str, spec->start, spec->end);
    }
    PyObject *text = slice_object(spec);
    if (text == NULL) {
        return -1;
    }
    PyObject *res = PyObject_Format(obj, text);
    Py_DECREF(text);
    if (res == NULL) {
        return -1;
    }
    int failed = _PyUnicodeWriter_WriteStr(w, res);
    Py_DECREF(res);
    return failed;
}

static PyObject *build(struct context *ctx, const struct slice *format, int depth);

static int
write_field(struct context *ctx, const struct markup *m, _PyUnicodeWriter *w, int depth)
{
    PyObject *obj = field_value(ctx, &m->name);
    if (obj == NULL) {
        return -1;
    }
    if (m->conversion != 0) {
        Py_SETREF(obj, convert_value(obj, m->conversion));
        if (obj == NULL) {
            return -1;
        }
    }
    struct slice spec = m->spec;
    PyObject *expanded = NULL;
    if (m->spec_has_fields) {
        expanded = build(ctx, &m->spec, depth - 1);
        if (expanded == NULL) {
            Py_DECREF(obj);
            return -1;
        }
        spec = (struct slice){expanded, 0, PyUnicode_GET_LENGTH(expanded)};
    }
    int res = render(obj, &spec, w);
    Py_DECREF(obj);
    Py_XDECREF(expanded);
    return res;
}

static PyObject *
build(struct context *ctx, const struct slice *format, int depth)
{
    if (depth <= 0) {
        PyErr_SetString(PyExc_ValueError, "Max string recursion exceeded");
        return NULL;
    }
    _PyUnicodeWriter w;
    _PyUnicodeWriter_Init(&w);
    w.overallocate = 1;
    w.min_length = format->end - format->start + 100;
    struct markup m = {.rest = *format};
    int more;
    while ((more = markup_next(&m)) > 0) {
        int last = m.rest.start >= m.rest.end;
        if (last && !m.has_field) {
            w.overallocate = 0;
        }
        if (_PyUnicodeWriter_WriteSubstring(&w, m.literal.str, m.literal.start,
                                            m.literal.end) < 0)
        {
            goto error;
        }
        if (last) {
            w.overallocate = 0;
        }
        if (m.has_field && write_field(ctx, &m, &w, depth) < 0) {
            goto error;
        }
    }
    if (more < 0) {
        goto error;
    }
    return _PyUnicodeWriter_Finish(&w);

error:
    _PyUnicodeWriter_Dealloc(&w);
    return NULL;
}

PyObject *
_PyUnicode_DoFormat(PyObject *format, PyObject *args, PyObject *kwargs)
{
    struct slice all = {format, 0, PyUnicode_GET_LENGTH(format)};
    struct context ctx = {.args = args, .kwargs = kwargs};
    return build(&ctx, &all, MAX_DEPTH);
}

/* --- Iterators for string.Formatter ----------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *str;              /* strong; what the slices of `markup` and `path` refer to */
    struct markup markup;
} formatteriterobject;

typedef struct {
    PyObject_HEAD
    PyObject *str;
    struct path path;
} fieldnameiterobject;

static void
formatteriter_dealloc(PyObject *self)
{
    Py_XDECREF(((formatteriterobject *)self)->str);
    PyObject_Free(self);
}

static void
fieldnameiter_dealloc(PyObject *self)
{
    Py_XDECREF(((fieldnameiterobject *)self)->str);
    PyObject_Free(self);
}

/* (literal, field name, spec, conversion); the last three are None without a field. */
static PyObject *
formatteriter_next(PyObject *self)
{
    struct markup *m = &((formatteriterobject *)self)->markup;
    if (markup_next(m) <= 0) {
        return NULL;
    }
    PyObject *literal = slice_object(&m->literal);
    if (literal == NULL) {
        return NULL;
    }
    if (!m->has_field) {
        return Py_BuildValue("(NOOO)", literal, Py_None, Py_None, Py_None);
    }
    PyObject *name = slice_object(&m->name), *spec = slice_object(&m->spec);
    PyObject *conversion = m->conversion == 0 ? Py_NewRef(Py_None)
                                              : _PyUnicode_FromChar(m->conversion);
    if (name == NULL || spec == NULL || conversion == NULL) {
        Py_DECREF(literal);
        Py_XDECREF(name);
        Py_XDECREF(spec);
        Py_XDECREF(conversion);
        return NULL;
    }
    return Py_BuildValue("(NNNN)", literal, name, spec, conversion);
}

/* (is attribute, name or index). */
static PyObject *
fieldnameiter_next(PyObject *self)
{
    int is_attribute;
    struct slice name;
    Py_ssize_t index;
    if (path_next(&((fieldnameiterobject *)self)->path, &is_attribute, &name, &index) <= 0) {
        return NULL;
    }
    PyObject *key = index >= 0 ? PyLong_FromSsize_t(index) : slice_object(&name);
    if (key == NULL) {
        return NULL;
    }
    return Py_BuildValue("(ON)", is_attribute ? Py_True : Py_False, key);
}

_Py_SHARED PyTypeObject _PyUnicodeFormatterIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "formatteriterator",
    .tp_basicsize = sizeof(formatteriterobject),
    .tp_dealloc = formatteriter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = formatteriter_next,
};

_Py_SHARED PyTypeObject _PyUnicodeFieldNameIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "fieldnameiterator",
    .tp_basicsize = sizeof(fieldnameiterobject),
    .tp_dealloc = fieldnameiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = fieldnameiter_next,
};

static int
expect_str(PyObject *op)
{
    if (!PyUnicode_Check(op)) {
        PyErr_Format(PyExc_TypeError, "expected str, got %s", Py_TYPE(op)->tp_name);
        return -1;
    }
    return 0;
}

PyObject *
_PyUnicode_FormatterParser(PyObject *format)
{
    if (expect_str(format) < 0) {
        return NULL;
    }
    formatteriterobject *it = PyObject_New(formatteriterobject, &_PyUnicodeFormatterIter_Type);
    if (it != NULL) {
        it->str = Py_NewRef(format);
        it->markup = (struct markup){.rest = {format, 0, PyUnicode_GET_LENGTH(format)}};
    }
    return (PyObject *)it;
}

/* (first part, iterator over the rest). */
PyObject *
_PyUnicode_FormatterFieldNameSplit(PyObject *name)
{
    if (expect_str(name) < 0) {
        return NULL;
    }
    fieldnameiterobject *it = PyObject_New(fieldnameiterobject, &_PyUnicodeFieldNameIter_Type);
    if (it == NULL) {
        return NULL;
    }
    it->str = Py_NewRef(name);
    struct slice all = {name, 0, PyUnicode_GET_LENGTH(name)}, first;
    Py_ssize_t index;
    PyObject *key = NULL;
    if (path_first(&it->path, &all, &first, &index) == 0) {
        key = index >= 0 ? PyLong_FromSsize_t(index) : slice_object(&first);
    }
    if (key == NULL) {
        Py_DECREF(it);
        return NULL;
    }
    return Py_BuildValue("(NN)", key, it);
}
