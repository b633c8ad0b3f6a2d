/* The module _csv: rows of comma-separated values are read and written (PEP 305).
 *
 * A Dialect is immutable.  A reader is a state machine over the characters of the lines that its
 * iterator yields; the states are described at `enum reader_state`.  A writer builds a row as one
 * str and gives it to the file's write().
 *
 * Iterators, files and fields' __str__() are foreign code: a reader that is used by the iterator
 * it reads finds a whole state, and no pointer into the buffer outlives a call.
 *
 * Written from the library reference (csv), PEP 305 and observed behaviour and messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"
#include "pycore_strings.h"     // _Py_ID
#include "structmember.h"       // PyMemberDef

#include <stdbool.h>

typedef struct {
    PyObject *error;            /* csv.Error */
    PyObject *dialects;         /* dict: name to Dialect */
    PyTypeObject *dialect_type, *reader_type, *writer_type;
    long field_limit;           /* characters */
} csv_state;

enum quoting {
    QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NONNUMERIC, QUOTE_NONE, QUOTE_STRINGS, QUOTE_NOTNULL,
};

static const char *const quoting_names[] = {
    "QUOTE_MINIMAL", "QUOTE_ALL", "QUOTE_NONNUMERIC", "QUOTE_NONE", "QUOTE_STRINGS",
    "QUOTE_NOTNULL",
};

#define NO_CHARACTER ((Py_UCS4)-1)

typedef struct {
    PyObject_HEAD
    char doublequote;           /* a quote inside quotes is written twice */
    char skipinitialspace;
    char strict;
    int quoting;
    Py_UCS4 delimiter, quotechar, escapechar;   /* perhaps NO_CHARACTER, but for the first */
    PyObject *lineterminator;   /* str, owned */
} DialectObject;

/* Where a reader is between two characters.  The end of a line, which has no character of its own,
 * is one more event. */
enum reader_state {
    AT_RECORD,                  /* nothing of the record was read */
    AT_FIELD,                   /* nothing of the field was read */
    IN_FIELD,
    IN_QUOTES,
    AFTER_QUOTE,                /* a quote in quotes: the end of the field, or the first of two */
    AFTER_ESCAPE,
    AFTER_ESCAPE_IN_QUOTES,
    AFTER_ESCAPED_NEWLINE,      /* and in the field: a line's end does not end the record */
    AFTER_RECORD,               /* only a line's end may follow */
};

/* An array of characters that grows. */
struct text {
    Py_UCS4 *data;              /* owned */
    Py_ssize_t length, allocated;
};

typedef struct {
    PyObject_HEAD
    PyObject *input;            /* iterator of lines, owned */
    DialectObject *dialect;     /* owned */
    PyObject *fields;           /* list: those of the record that are complete; owned, or NULL */
    struct text field;          /* the one that is read */
    enum reader_state state;
    bool is_number;             /* the field becomes a float */
    unsigned long line_num;
} ReaderObject;

typedef struct {
    PyObject_HEAD
    PyObject *write;            /* method of the file, owned */
    DialectObject *dialect;     /* owned */
} WriterObject;

static struct PyModuleDef csv_module;

static inline csv_state *
get_state(PyObject *module)
{
    csv_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* The state of the module that made the type of an object or of one of its bases. */
static csv_state *
state_of(void *self)
{
    PyObject *module = PyType_GetModuleByDef(Py_TYPE(self), &csv_module);
    assert(module != NULL);
    return get_state(module);
}

#include "sig/_csv.sig.h"

/* --- Text ------------------------------------------------------------------------------------- */

/* Room for n more characters: 0, or -1 with MemoryError. */
static int
text_reserve(struct text *text, Py_ssize_t n)
{
    if (n <= text->allocated - text->length) {
        return 0;
    }
    if (n > PY_SSIZE_T_MAX / 8 - text->length) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t more = Py_MAX(64, (text->length + n) / 2 * 3);
    more = Py_MAX(more, text->length + n);
    Py_UCS4 *data = PyMem_Realloc(text->data, (size_t)more * sizeof(Py_UCS4));
    if (data == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    text->data = data;
    text->allocated = more;
    return 0;
}

static int
text_add(struct text *text, Py_UCS4 ch)
{
    if (text_reserve(text, 1) < 0) {
        return -1;
    }
    text->data[text->length++] = ch;
    return 0;
}

static PyObject *
text_as_str(const struct text *text)
{
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, text->data, text->length);
}

/* --- Dialects --------------------------------------------------------------------------------- */

/* The dialect registered under a name: new reference, or NULL with an exception. */
static PyObject *
registered_dialect(csv_state *state, PyObject *name)
{
    PyObject *dialect = PyDict_GetItemWithError(state->dialects, name);
    if (dialect == NULL && !PyErr_Occurred()) {
        PyErr_SetString(state->error, "unknown dialect");
    }
    return Py_XNewRef(dialect);
}

/* The options, in the order of the arguments. */
enum option {
    DELIMITER, DOUBLEQUOTE, ESCAPECHAR, LINETERMINATOR, QUOTECHAR, QUOTING, SKIPINITIALSPACE,
    STRICT, OPTION_COUNT,
};

static const char *const option_names[] = {
    "dialect", "delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting",
    "skipinitialspace", "strict", NULL
};

/* A character from an option: 0, or -1 with TypeError. */
static int
character_option(Py_UCS4 *to, enum option option, PyObject *value, bool may_be_none)
{
    const char *name = option_names[1 + option];
    if (value == NULL) {
        return 0;
    }
    if (may_be_none && value == Py_None) {
        *to = NO_CHARACTER;
        return 0;
    }
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError,
                     may_be_none ? "\"%s\" must be string or None, not %.200s"
                                 : "\"%s\" must be string, not %.200s",
                     name, Py_TYPE(value)->tp_name);
        return -1;
    }
    if (PyUnicode_GET_LENGTH(value) != 1) {
        PyErr_Format(PyExc_TypeError, "\"%s\" must be a 1-character string", name);
        return -1;
    }
    *to = PyUnicode_READ_CHAR(value, 0);
    return 0;
}

static int
bool_option(char *to, PyObject *value)
{
    int truth = value != NULL ? PyObject_IsTrue(value) : *to;
    *to = truth > 0;
    return truth < 0 ? -1 : 0;
}

static int
quoting_option(int *to, PyObject *value)
{
    if (value == NULL) {
        return 0;
    }
    if (!PyLong_CheckExact(value)) {
        PyErr_SetString(PyExc_TypeError, "\"quoting\" must be an integer");
        return -1;
    }
    *to = _PyLong_AsInt(value);
    return *to == -1 && PyErr_Occurred() ? -1 : 0;
}

static int
lineterminator_option(PyObject **to, PyObject *value)
{
    if (value == NULL) {
        *to = PyUnicode_FromString("\r\n");
        return *to != NULL ? 0 : -1;
    }
    if (value == Py_None) {
        PyErr_SetString(PyExc_TypeError, "lineterminator must be set");
        return -1;
    }
    if (!PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "\"lineterminator\" must be a string");
        return -1;
    }
    *to = Py_NewRef(value);
    return 0;
}

/* Options (NULL: not given) into a new dialect: 0, or -1 with an exception. */
static int
set_options(DialectObject *self, PyObject *const *options)
{
    self->delimiter = ',';
    self->quotechar = '"';
    self->escapechar = NO_CHARACTER;
    self->doublequote = true;
    if (character_option(&self->delimiter, DELIMITER, options[DELIMITER], false) < 0
        || bool_option(&self->doublequote, options[DOUBLEQUOTE]) < 0
        || character_option(&self->escapechar, ESCAPECHAR, options[ESCAPECHAR], true) < 0
        || lineterminator_option(&self->lineterminator, options[LINETERMINATOR]) < 0
        || character_option(&self->quotechar, QUOTECHAR, options[QUOTECHAR], true) < 0
        || quoting_option(&self->quoting, options[QUOTING]) < 0
        || bool_option(&self->skipinitialspace, options[SKIPINITIALSPACE]) < 0
        || bool_option(&self->strict, options[STRICT]) < 0)
    {
        return -1;
    }
    if (self->quoting < 0 || self->quoting >= (int)Py_ARRAY_LENGTH(quoting_names)) {
        PyErr_SetString(PyExc_TypeError, "bad \"quoting\" value");
        return -1;
    }
    if (options[QUOTECHAR] == Py_None && options[QUOTING] == NULL) {
        self->quoting = QUOTE_NONE;
    }
    if (self->quoting != QUOTE_NONE && self->quotechar == NO_CHARACTER) {
        PyErr_SetString(PyExc_TypeError, "quotechar must be set if quoting enabled");
        return -1;
    }
    return 0;
}

/* Options that were not given come from the attributes of an object: new references. */
static int
options_of(PyObject *dialect, PyObject **options)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (options[i] != NULL) {
            Py_INCREF(options[i]);
            continue;
        }
        PyObject *name = dialect != NULL ? PyUnicode_InternFromString(option_names[1 + i]) : NULL;
        if (name != NULL) {
            _PyObject_LookupAttr(dialect, name, &options[i]);
            Py_DECREF(name);
        }
        if (PyErr_Occurred()) {
            /* The others belong to the caller. */
            for (int k = i + 1; k < OPTION_COUNT; k++) {
                options[k] = NULL;
            }
            return -1;
        }
    }
    return 0;
}

/* A new dialect from an object (or NULL) and options. */
static PyObject *
make_dialect(PyTypeObject *type, PyObject *dialect, PyObject **options)
{
    DialectObject *self = NULL;
    if (options_of(dialect, options) == 0) {
        self = (DialectObject *)type->tp_alloc(type, 0);
        if (self != NULL && set_options(self, options) < 0) {
            Py_CLEAR(self);
        }
    }
    for (int i = 0; i < OPTION_COUNT; i++) {
        Py_XDECREF(options[i]);
    }
    return (PyObject *)self;
}

static PyObject *
dialect_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *dialect = NULL, *o[OPTION_COUNT] = {NULL};
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OOOOOOOOO", (char **)option_names, &dialect,
                                     &o[0], &o[1], &o[2], &o[3], &o[4], &o[5], &o[6], &o[7]))
    {
        return NULL;
    }
    PyObject *module = PyType_GetModuleByDef(type, &csv_module);
    if (module == NULL) {
        return NULL;
    }
    csv_state *state = get_state(module);
    if (dialect == Py_None) {
        dialect = NULL;
    }
    bool given = false;
    for (int i = 0; i < OPTION_COUNT; i++) {
        given = given || o[i] != NULL;
    }
    if (dialect != NULL && PyUnicode_Check(dialect)) {
        dialect = registered_dialect(state, dialect);
        if (dialect == NULL) {
            return NULL;
        }
    }
    else {
        Py_XINCREF(dialect);
    }
    if (dialect != NULL && !given && PyObject_TypeCheck(dialect, state->dialect_type)) {
        return dialect;
    }
    PyObject *self = make_dialect(type, dialect, o);
    Py_XDECREF(dialect);
    return self;
}

/* Dialect(dialect, **kwargs): what functions with such arguments need. */
static PyObject *
call_dialect(csv_state *state, PyObject *dialect, PyObject *kwargs)
{
    PyObject *args = dialect != NULL ? PyTuple_Pack(1, dialect) : PyTuple_New(0);
    if (args == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_Call((PyObject *)state->dialect_type, args, kwargs);
    Py_DECREF(args);
    return result;
}

static PyObject *
character_or_none(Py_UCS4 ch)
{
    return ch != NO_CHARACTER ? PyUnicode_FromOrdinal((int)ch) : Py_NewRef(Py_None);
}

static PyObject *
dialect_get_delimiter(DialectObject *self, void *Py_UNUSED(closure))
{
    return character_or_none(self->delimiter);
}

static PyObject *
dialect_get_escapechar(DialectObject *self, void *Py_UNUSED(closure))
{
    return character_or_none(self->escapechar);
}

static PyObject *
dialect_get_quotechar(DialectObject *self, void *Py_UNUSED(closure))
{
    return character_or_none(self->quotechar);
}

static PyObject *
dialect_get_lineterminator(DialectObject *self, void *Py_UNUSED(closure))
{
    return Py_XNewRef(self->lineterminator);
}

static PyObject *
dialect_get_quoting(DialectObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(self->quoting);
}

static PyObject *
dialect_reduce(PyObject *self, PyObject *Py_UNUSED(args))
{
    PyErr_Format(PyExc_TypeError, "cannot pickle '%.100s' instances", _PyType_Name(Py_TYPE(self)));
    return NULL;
}

static int
dialect_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
dialect_dealloc(DialectObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->lineterminator);
    type->tp_free(self);
    Py_DECREF(type);
}

PyDoc_STRVAR(no_pickling_doc, "raises an exception to avoid pickling");

static PyMethodDef dialect_methods[] = {
    {"__reduce__", dialect_reduce, METH_VARARGS, no_pickling_doc},
    {"__reduce_ex__", dialect_reduce, METH_VARARGS, no_pickling_doc},
    {NULL}
};

static PyMemberDef dialect_members[] = {
    {"skipinitialspace", T_BOOL, offsetof(DialectObject, skipinitialspace), READONLY},
    {"doublequote", T_BOOL, offsetof(DialectObject, doublequote), READONLY},
    {"strict", T_BOOL, offsetof(DialectObject, strict), READONLY},
    {NULL}
};

static PyGetSetDef dialect_getsets[] = {
    {"delimiter", (getter)dialect_get_delimiter},
    {"escapechar", (getter)dialect_get_escapechar},
    {"lineterminator", (getter)dialect_get_lineterminator},
    {"quotechar", (getter)dialect_get_quotechar},
    {"quoting", (getter)dialect_get_quoting},
    {NULL}
};

PyDoc_STRVAR(dialect_doc,
"CSV dialect\n"
"\n"
"The Dialect type records CSV parsing and generation options.\n");

static PyType_Slot dialect_slots[] = {
    {Py_tp_doc, (void *)dialect_doc},
    {Py_tp_methods, dialect_methods},
    {Py_tp_members, dialect_members},
    {Py_tp_getset, dialect_getsets},
    {Py_tp_new, dialect_new},
    {Py_tp_dealloc, dialect_dealloc},
    {Py_tp_traverse, dialect_traverse},
    {0, NULL}
};

static PyType_Spec dialect_spec = {
    .name = "_csv.Dialect",
    .basicsize = sizeof(DialectObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = dialect_slots,
};

/* --- Reading ---------------------------------------------------------------------------------- */

static inline bool
is_newline(Py_UCS4 ch)
{
    return ch == '\n' || ch == '\r';
}

/* Add the characters from i to j of a line to the field. */
static int
add_characters(ReaderObject *self, PyObject *line, Py_ssize_t i, Py_ssize_t j)
{
    csv_state *state = state_of(self);
    struct text *field = &self->field;
    assert(i < j);
    if (j - i > state->field_limit - field->length) {
        PyErr_Format(state->error, "field larger than field limit (%ld)", state->field_limit);
        return -1;
    }
    if (text_reserve(field, j - i) < 0) {
        return -1;
    }
    int kind = PyUnicode_KIND(line);
    const void *data = PyUnicode_DATA(line);
    for (; i < j; i++) {
        field->data[field->length++] = PyUnicode_READ(kind, data, i);
    }
    return 0;
}

static int
add_newline(ReaderObject *self)
{
    csv_state *state = state_of(self);
    if (self->field.length >= state->field_limit) {
        PyErr_Format(state->error, "field larger than field limit (%ld)", state->field_limit);
        return -1;
    }
    return text_add(&self->field, '\n');
}

/* The field is complete. */
static int
end_field(ReaderObject *self)
{
    PyObject *field = text_as_str(&self->field);
    self->field.length = 0;
    if (field != NULL && self->is_number) {
        self->is_number = false;
        Py_SETREF(field, PyNumber_Float(field));
    }
    int result = field != NULL ? PyList_Append(self->fields, field) : -1;
    Py_XDECREF(field);
    return result;
}

/* The field is complete, and a state follows. */
static int
end_field_then(ReaderObject *self, enum reader_state state)
{
    self->state = state;
    return end_field(self);
}

/* Where a run of characters ends that mean nothing in a field or in quotes. */
static Py_ssize_t
end_of_run(const ReaderObject *self, PyObject *line, Py_ssize_t i)
{
    const DialectObject *dialect = self->dialect;
    bool in_quotes = self->state == IN_QUOTES;
    Py_UCS4 stop = in_quotes ? dialect->quoting != QUOTE_NONE ? dialect->quotechar : NO_CHARACTER
                             : dialect->delimiter;
    int kind = PyUnicode_KIND(line);
    const void *data = PyUnicode_DATA(line);
    for (; i < PyUnicode_GET_LENGTH(line); i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        if (ch == stop || ch == dialect->escapechar || (!in_quotes && is_newline(ch))) {
            break;
        }
    }
    return i;
}

/* What follows a quote in quotes. */
static int
after_quote(ReaderObject *self, PyObject *line, Py_ssize_t i, Py_UCS4 ch)
{
    const DialectObject *dialect = self->dialect;
    if (dialect->quoting != QUOTE_NONE && ch == dialect->quotechar) {
        self->state = IN_QUOTES;
        return add_characters(self, line, i, i + 1);
    }
    if (ch == dialect->delimiter) {
        return end_field_then(self, AT_FIELD);
    }
    if (is_newline(ch)) {
        return end_field_then(self, AFTER_RECORD);
    }
    if (dialect->strict) {
        PyErr_Format(state_of(self)->error, "'%c' expected after '%c'", dialect->delimiter,
                     dialect->quotechar);
        return -1;
    }
    self->state = IN_FIELD;
    return add_characters(self, line, i, i + 1);
}

/* The first character of a field. */
static int
begin_field(ReaderObject *self, PyObject *line, Py_ssize_t i, Py_UCS4 ch)
{
    const DialectObject *dialect = self->dialect;
    self->state = AT_FIELD;
    if (is_newline(ch)) {
        return end_field_then(self, AFTER_RECORD);
    }
    if (ch == dialect->quotechar && dialect->quoting != QUOTE_NONE) {
        self->state = IN_QUOTES;
    }
    else if (ch == dialect->escapechar) {
        self->state = AFTER_ESCAPE;
    }
    else if (ch == ' ' && dialect->skipinitialspace) {
        /* Still at the field. */
    }
    else if (ch == dialect->delimiter) {
        return end_field(self);
    }
    else {
        self->is_number = dialect->quoting == QUOTE_NONNUMERIC;
        self->state = IN_FIELD;
        return add_characters(self, line, i, i + 1);
    }
    return 0;
}

/* A character that ends a run in a field or in quotes. */
static int
end_run(ReaderObject *self, Py_UCS4 ch)
{
    const DialectObject *dialect = self->dialect;
    bool in_quotes = self->state == IN_QUOTES;
    if (!in_quotes && is_newline(ch)) {
        return end_field_then(self, AFTER_RECORD);
    }
    if (ch == dialect->escapechar) {
        self->state = in_quotes ? AFTER_ESCAPE_IN_QUOTES : AFTER_ESCAPE;
        return 0;
    }
    if (in_quotes) {
        self->state = dialect->doublequote ? AFTER_QUOTE : IN_FIELD;
        return 0;
    }
    return end_field_then(self, AT_FIELD);
}

/* Read the character at i and perhaps more: the index of the next, or -1 with an exception. */
static Py_ssize_t
read_characters(ReaderObject *self, PyObject *line, Py_ssize_t i)
{
    Py_UCS4 ch = PyUnicode_READ_CHAR(line, i);
    int failed = 0;
    switch (self->state) {
    case AT_RECORD:
        if (is_newline(ch)) {
            self->state = AFTER_RECORD;
            break;
        }
        /* fall through */
    case AT_FIELD:
        failed = begin_field(self, line, i, ch);
        break;
    case AFTER_ESCAPED_NEWLINE:
    case IN_FIELD:
    case IN_QUOTES: {
        Py_ssize_t end = end_of_run(self, line, i);
        return end > i ? add_characters(self, line, i, end) < 0 ? -1 : end
                       : end_run(self, ch) < 0 ? -1 : i + 1;
    }
    case AFTER_QUOTE:
        failed = after_quote(self, line, i, ch);
        break;
    case AFTER_ESCAPE:
        self->state = is_newline(ch) ? AFTER_ESCAPED_NEWLINE : IN_FIELD;
        failed = add_characters(self, line, i, i + 1);
        break;
    case AFTER_ESCAPE_IN_QUOTES:
        self->state = IN_QUOTES;
        failed = add_characters(self, line, i, i + 1);
        break;
    case AFTER_RECORD:
        if (!is_newline(ch)) {
            PyErr_SetString(state_of(self)->error,
                            "new-line character seen in unquoted field - "
                            "do you need to open the file in universal-newline mode?");
            return -1;
        }
        break;
    }
    return failed < 0 ? -1 : i + 1;
}

/* The line ends. */
static int
end_line(ReaderObject *self)
{
    switch (self->state) {
    case AT_FIELD:
    case IN_FIELD:
    case AFTER_QUOTE:
        return end_field_then(self, AT_RECORD);
    case AFTER_RECORD:
        self->state = AT_RECORD;
        return 0;
    case AFTER_ESCAPE:
        self->state = IN_FIELD;
        return add_newline(self);
    case AFTER_ESCAPE_IN_QUOTES:
        self->state = IN_QUOTES;
        return add_newline(self);
    case AT_RECORD:
    case IN_QUOTES:
    case AFTER_ESCAPED_NEWLINE:
        break;
    }
    return 0;
}

/* Read a line (stolen): 0, or -1 with an exception. */
static int
read_line(ReaderObject *self, PyObject *line)
{
    if (!PyUnicode_Check(line)) {
        PyErr_Format(state_of(self)->error,
                     "iterator should return strings, not %.200s "
                     "(the file should be opened in text mode)", Py_TYPE(line)->tp_name);
        Py_DECREF(line);
        return -1;
    }
    self->line_num++;
    Py_ssize_t i = 0;
    while (i >= 0 && i < PyUnicode_GET_LENGTH(line)) {
        i = read_characters(self, line, i);
    }
    Py_DECREF(line);
    return i < 0 ? -1 : end_line(self);
}

/* There are no more lines: take what there is of a record.  1: there is one, 0, or -1. */
static int
end_input(ReaderObject *self)
{
    if (PyErr_Occurred()) {
        return -1;
    }
    if (self->field.length == 0 && self->state != IN_QUOTES) {
        return 0;
    }
    if (self->dialect->strict) {
        PyErr_SetString(state_of(self)->error, "unexpected end of data");
        return -1;
    }
    return end_field(self) < 0 ? -1 : 1;
}

static void
begin_record(ReaderObject *self, PyObject *fields)
{
    self->state = AT_RECORD;
    self->field.length = 0;
    self->is_number = false;
    Py_XSETREF(self->fields, fields);
}

static PyObject *
reader_iternext(ReaderObject *self)
{
    PyObject *fields = PyList_New(0);
    if (fields == NULL) {
        return NULL;
    }
    begin_record(self, fields);
    do {
        PyObject *line = PyIter_Next(self->input);
        if (self->fields == NULL) {
            /* The iterator has used this reader, and has got the record. */
            Py_XDECREF(line);
            return NULL;
        }
        if (line == NULL) {
            if (end_input(self) <= 0) {
                return NULL;
            }
            break;
        }
        if (read_line(self, line) < 0) {
            return NULL;
        }
    } while (self->state != AT_RECORD);
    fields = self->fields;
    self->fields = NULL;
    return fields;
}

static int
reader_traverse(ReaderObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->input);
    Py_VISIT(self->dialect);
    Py_VISIT(self->fields);
    return 0;
}

static int
reader_clear(ReaderObject *self)
{
    Py_CLEAR(self->input);
    Py_CLEAR(self->dialect);
    Py_CLEAR(self->fields);
    return 0;
}

static void
reader_dealloc(ReaderObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    reader_clear(self);
    PyMem_Free(self->field.data);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef reader_members[] = {
    {"dialect", T_OBJECT, offsetof(ReaderObject, dialect), READONLY},
    {"line_num", T_ULONG, offsetof(ReaderObject, line_num), READONLY},
    {NULL}
};

PyDoc_STRVAR(reader_type_doc,
"CSV reader\n"
"\n"
"Reader objects are responsible for reading and parsing tabular data\n"
"in CSV format.\n");

static PyType_Slot reader_slots[] = {
    {Py_tp_doc, (void *)reader_type_doc},
    {Py_tp_traverse, reader_traverse},
    {Py_tp_clear, reader_clear},
    {Py_tp_dealloc, reader_dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, reader_iternext},
    {Py_tp_members, reader_members},
    {0, NULL}
};

static PyType_Spec reader_spec = {
    .name = "_csv.reader",
    .basicsize = sizeof(ReaderObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = reader_slots,
};

/* The dialect of a reader or writer: new reference, or NULL with an exception. */
static DialectObject *
dialect_argument(csv_state *state, PyObject *dialect, PyObject *kwargs)
{
    PyObject *result = call_dialect(state, dialect, kwargs);
    assert(result == NULL || PyObject_TypeCheck(result, state->dialect_type));
    return (DialectObject *)result;
}

PyDoc_STRVAR(reader_doc,
"    csv_reader = reader(iterable [, dialect='excel']\n"
"                        [optional keyword args])\n"
"    for row in csv_reader:\n"
"        process(row)\n"
"\n"
"The \"iterable\" argument can be any object that returns a line\n"
"of input for each iteration, such as a file object or a list.  The\n"
"optional \"dialect\" parameter is discussed below.  The function\n"
"also accepts optional keyword arguments which override settings\n"
"provided by the dialect.\n"
"\n"
"The returned object is an iterator.  Each iteration returns a row\n"
"of the CSV file (which can span multiple input lines).\n");

static PyObject *
csv_reader(PyObject *module, PyObject *args, PyObject *kwargs)
{
    csv_state *state = get_state(module);
    PyObject *iterable, *dialect = NULL;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &iterable, &dialect)) {
        return NULL;
    }
    ReaderObject *self = PyObject_GC_New(ReaderObject, state->reader_type);
    if (self == NULL) {
        return NULL;
    }
    memset((char *)self + sizeof(PyObject), 0, sizeof(*self) - sizeof(PyObject));
    self->state = AT_RECORD;
    self->input = PyObject_GetIter(iterable);
    if (self->input != NULL) {
        self->dialect = dialect_argument(state, dialect, kwargs);
    }
    PyObject_GC_Track(self);
    if (self->dialect == NULL) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* Does the dialect give a character a meaning? */
static bool
is_special(const DialectObject *dialect, Py_UCS4 ch)
{
    return ch == dialect->delimiter || ch == dialect->escapechar || ch == dialect->quotechar
           || PyUnicode_FindChar(dialect->lineterminator, ch, 0,
                                 PyUnicode_GET_LENGTH(dialect->lineterminator), 1) >= 0;
}

/* Add a special character, with an escape or another quote in front of it if it needs one; if it
 * needs quotes around the field, *quoted is set. */
static int
add_special(csv_state *state, const DialectObject *dialect, struct text *row, Py_UCS4 ch,
            bool *quoted)
{
    bool escape = dialect->quoting == QUOTE_NONE;
    if (!escape && ch == dialect->quotechar) {
        if (!dialect->doublequote) {
            escape = true;
        }
        else if (text_add(row, ch) < 0) {
            return -1;
        }
    }
    else if (!escape && ch == dialect->escapechar) {
        escape = true;
    }
    if (!escape) {
        *quoted = true;
    }
    else if (dialect->escapechar == NO_CHARACTER) {
        PyErr_SetString(state->error, "need to escape, but no escapechar set");
        return -1;
    }
    else if (text_add(row, dialect->escapechar) < 0) {
        return -1;
    }
    return text_add(row, ch);
}

/* Add a field with what it needs to be read again. */
static int
add_field(csv_state *state, const DialectObject *dialect, struct text *row, PyObject *field,
          bool quoted)
{
    Py_ssize_t start = row->length, length = PyUnicode_GET_LENGTH(field);
    int kind = PyUnicode_KIND(field);
    const void *data = PyUnicode_DATA(field);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        if ((is_special(dialect, ch) ? add_special(state, dialect, row, ch, &quoted)
                                     : text_add(row, ch)) < 0)
        {
            return -1;
        }
    }
    if (!quoted) {
        return 0;
    }
    if (text_reserve(row, 2) < 0) {
        return -1;
    }
    memmove(row->data + start + 1, row->data + start,
            (size_t)(row->length - start) * sizeof(Py_UCS4));
    row->data[start] = dialect->quotechar;
    row->length += 2;
    row->data[row->length - 1] = dialect->quotechar;
    return 0;
}

static bool
always_quoted(const DialectObject *dialect, PyObject *field)
{
    switch (dialect->quoting) {
    case QUOTE_ALL:
        return true;
    case QUOTE_NONNUMERIC:
        return !PyNumber_Check(field);
    case QUOTE_STRINGS:
        return PyUnicode_Check(field);
    case QUOTE_NOTNULL:
        return field != Py_None;
    default:
        return false;
    }
}

/* A field as text: new reference, or NULL with an exception. */
static PyObject *
field_as_str(PyObject *field)
{
    return field == Py_None ? PyUnicode_New(0, 0) : PyObject_Str(field);
}

/* Add all fields: how many, or -1 with an exception. */
static Py_ssize_t
add_fields(csv_state *state, const DialectObject *dialect, struct text *row, PyObject *iterator)
{
    Py_ssize_t n = 0;
    PyObject *field;
    while ((field = PyIter_Next(iterator)) != NULL) {
        bool quoted = always_quoted(dialect, field);
        PyObject *text = field_as_str(field);
        Py_DECREF(field);
        int failed = text == NULL || (n > 0 && text_add(row, dialect->delimiter) < 0)
                     || add_field(state, dialect, row, text, quoted) < 0;
        Py_XDECREF(text);
        if (failed) {
            return -1;
        }
        n++;
    }
    return PyErr_Occurred() ? -1 : n;
}

/* A whole row with its end: 0, or -1 with an exception. */
static int
add_row(csv_state *state, const DialectObject *dialect, struct text *row, PyObject *iterator)
{
    Py_ssize_t n = add_fields(state, dialect, row, iterator);
    if (n < 0) {
        return -1;
    }
    if (n == 1 && row->length == 0) {
        /* Without quotes it would be read as a row without fields. */
        if (dialect->quoting == QUOTE_NONE) {
            PyErr_SetString(state->error, "single empty field record must be quoted");
            return -1;
        }
        if (text_add(row, dialect->quotechar) < 0 || text_add(row, dialect->quotechar) < 0) {
            return -1;
        }
    }
    PyObject *end = dialect->lineterminator;
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(end); i++) {
        if (text_add(row, PyUnicode_READ_CHAR(end, i)) < 0) {
            return -1;
        }
    }
    return 0;
}

PyDoc_STRVAR(writerow_doc,
"writerow(iterable)\n"
"\n"
"Construct and write a CSV record from an iterable of fields.  Non-string\n"
"elements will be converted to string.");

static PyObject *
writer_writerow(WriterObject *self, PyObject *fields)
{
    csv_state *state = state_of(self);
    struct text row = {NULL};
    PyObject *iterator = PyObject_GetIter(fields);
    if (iterator == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(state->error, "iterable expected, not %.200s", Py_TYPE(fields)->tp_name);
        }
        return NULL;
    }
    int failed = add_row(state, self->dialect, &row, iterator);
    Py_DECREF(iterator);
    PyObject *text = failed < 0 ? NULL : text_as_str(&row);
    PyMem_Free(row.data);
    if (text == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallOneArg(self->write, text);
    Py_DECREF(text);
    return result;
}

PyDoc_STRVAR(writerows_doc,
"writerows(iterable of iterables)\n"
"\n"
"Construct and write a series of iterables to a csv file.  Non-string\n"
"elements will be converted to string.");

static PyObject *
writer_writerows(WriterObject *self, PyObject *rows)
{
    PyObject *iterator = PyObject_GetIter(rows), *row;
    if (iterator == NULL) {
        return NULL;
    }
    while ((row = PyIter_Next(iterator)) != NULL) {
        PyObject *result = writer_writerow(self, row);
        Py_DECREF(row);
        if (result == NULL) {
            break;
        }
        Py_DECREF(result);
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static int
writer_traverse(WriterObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->write);
    Py_VISIT(self->dialect);
    return 0;
}

static int
writer_clear(WriterObject *self)
{
    Py_CLEAR(self->write);
    Py_CLEAR(self->dialect);
    return 0;
}

static void
writer_dealloc(WriterObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    writer_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef writer_methods[] = {
    {"writerow", (PyCFunction)writer_writerow, METH_O, writerow_doc},
    {"writerows", (PyCFunction)writer_writerows, METH_O, writerows_doc},
    {NULL}
};

static PyMemberDef writer_members[] = {
    {"dialect", T_OBJECT, offsetof(WriterObject, dialect), READONLY},
    {NULL}
};

PyDoc_STRVAR(writer_type_doc,
"CSV writer\n"
"\n"
"Writer objects are responsible for generating tabular data\n"
"in CSV format from sequence input.\n");

static PyType_Slot writer_slots[] = {
    {Py_tp_doc, (void *)writer_type_doc},
    {Py_tp_traverse, writer_traverse},
    {Py_tp_clear, writer_clear},
    {Py_tp_dealloc, writer_dealloc},
    {Py_tp_methods, writer_methods},
    {Py_tp_members, writer_members},
    {0, NULL}
};

static PyType_Spec writer_spec = {
    .name = "_csv.writer",
    .basicsize = sizeof(WriterObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = writer_slots,
};

PyDoc_STRVAR(writer_doc,
"    csv_writer = csv.writer(fileobj [, dialect='excel']\n"
"                            [optional keyword args])\n"
"    for row in sequence:\n"
"        csv_writer.writerow(row)\n"
"\n"
"    [or]\n"
"\n"
"    csv_writer = csv.writer(fileobj [, dialect='excel']\n"
"                            [optional keyword args])\n"
"    csv_writer.writerows(rows)\n"
"\n"
"The \"fileobj\" argument can be any object that supports the file API.\n");

static PyObject *
csv_writer(PyObject *module, PyObject *args, PyObject *kwargs)
{
    csv_state *state = get_state(module);
    PyObject *file, *dialect = NULL;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &file, &dialect)) {
        return NULL;
    }
    WriterObject *self = PyObject_GC_New(WriterObject, state->writer_type);
    if (self == NULL) {
        return NULL;
    }
    self->dialect = NULL;
    int found = _PyObject_LookupAttr(file, &_Py_ID(write), &self->write);
    if (found == 0 || (found > 0 && !PyCallable_Check(self->write))) {
        PyErr_SetString(PyExc_TypeError, "argument 1 must have a \"write\" method");
    }
    else if (found > 0) {
        self->dialect = dialect_argument(state, dialect, kwargs);
    }
    PyObject_GC_Track(self);
    if (self->dialect == NULL) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

/* --- The module ------------------------------------------------------------------------------- */

/*sig _csv.list_dialects(module)

Return a list of all known dialect names.

    names = csv.list_dialects()
*/
static PyObject *
csv_list_dialects_impl(PyObject *module)
{
    return PyDict_Keys(get_state(module)->dialects);
}

PyDoc_STRVAR(register_dialect_doc,
"Create a mapping from a string name to a dialect class.\n"
"    dialect = csv.register_dialect(name[, dialect[, **fmtparams]])");

static PyObject *
csv_register_dialect(PyObject *module, PyObject *args, PyObject *kwargs)
{
    csv_state *state = get_state(module);
    PyObject *name, *dialect = NULL;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &name, &dialect)) {
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "dialect name must be a string");
        return NULL;
    }
    PyObject *made = call_dialect(state, dialect, kwargs);
    if (made == NULL) {
        return NULL;
    }
    int result = PyDict_SetItem(state->dialects, name, made);
    Py_DECREF(made);
    return result < 0 ? NULL : Py_NewRef(Py_None);
}

/*sig _csv.unregister_dialect(module, name) -> None

Delete the name/dialect mapping associated with a string name.

    csv.unregister_dialect(name)
*/
static int
csv_unregister_dialect_impl(PyObject *module, PyObject *name)
{
    csv_state *state = get_state(module);
    if (PyDict_DelItem(state->dialects, name) < 0) {
        if (PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_SetString(state->error, "unknown dialect");
        }
        return -1;
    }
    return 0;
}

/*sig _csv.get_dialect(module, name)

Return the dialect instance associated with name.

    dialect = csv.get_dialect(name)
*/
static PyObject *
csv_get_dialect_impl(PyObject *module, PyObject *name)
{
    return registered_dialect(get_state(module), name);
}

/*sig _csv.field_size_limit(module, new_limit = NULL)

Sets an upper limit on parsed fields.

    csv.field_size_limit([limit])

Returns old limit. If limit is not given, no new limit is set and
the old limit is returned
*/
static PyObject *
csv_field_size_limit_impl(PyObject *module, PyObject *new_limit)
{
    csv_state *state = get_state(module);
    long old = state->field_limit;
    if (new_limit != NULL) {
        if (!PyLong_CheckExact(new_limit)) {
            PyErr_SetString(PyExc_TypeError, "limit must be an integer");
            return NULL;
        }
        long limit = PyLong_AsLong(new_limit);
        if (limit == -1 && PyErr_Occurred()) {
            return NULL;
        }
        state->field_limit = limit;
    }
    return PyLong_FromLong(old);
}

static PyMethodDef csv_functions[] = {
    {"reader", (PyCFunction)(void (*)(void))csv_reader, METH_VARARGS | METH_KEYWORDS, reader_doc},
    {"writer", (PyCFunction)(void (*)(void))csv_writer, METH_VARARGS | METH_KEYWORDS, writer_doc},
    {"register_dialect", (PyCFunction)(void (*)(void))csv_register_dialect,
     METH_VARARGS | METH_KEYWORDS, register_dialect_doc},
    CSV_LIST_DIALECTS_METHODDEF
    CSV_UNREGISTER_DIALECT_METHODDEF
    CSV_GET_DIALECT_METHODDEF
    CSV_FIELD_SIZE_LIMIT_METHODDEF
    {NULL}
};

static int
csv_module_traverse(PyObject *module, visitproc visit, void *arg)
{
    csv_state *state = get_state(module);
    Py_VISIT(state->error);
    Py_VISIT(state->dialects);
    Py_VISIT(state->dialect_type);
    Py_VISIT(state->reader_type);
    Py_VISIT(state->writer_type);
    return 0;
}

static int
csv_module_clear(PyObject *module)
{
    csv_state *state = get_state(module);
    Py_CLEAR(state->error);
    Py_CLEAR(state->dialects);
    Py_CLEAR(state->dialect_type);
    Py_CLEAR(state->reader_type);
    Py_CLEAR(state->writer_type);
    return 0;
}

static void
csv_module_free(void *module)
{
    csv_module_clear((PyObject *)module);
}

static PyType_Slot error_slots[] = {
    {0, NULL}
};

static PyType_Spec error_spec = {
    .name = "_csv.Error",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = error_slots,
};

static int
csv_exec(PyObject *module)
{
    csv_state *state = get_state(module);
    const struct {
        PyTypeObject **to;
        PyType_Spec *spec;
        const char *name;
    } types[] = {
        {&state->dialect_type, &dialect_spec, "Dialect"},
        {&state->reader_type, &reader_spec, "Reader"},
        {&state->writer_type, &writer_spec, "Writer"},
    };
    state->field_limit = 128 * 1024;
    state->dialects = PyDict_New();
    state->error = PyType_FromModuleAndSpec(module, &error_spec, PyExc_Exception);
    if (PyModule_AddStringConstant(module, "__version__", "1.0") < 0
        || PyModule_AddObjectRef(module, "_dialects", state->dialects) < 0
        || PyModule_AddObjectRef(module, "Error", state->error) < 0)
    {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        PyObject *type = PyType_FromModuleAndSpec(module, types[i].spec, NULL);
        *types[i].to = (PyTypeObject *)type;
        if (PyModule_AddObjectRef(module, types[i].name, type) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(quoting_names); i++) {
        if (PyModule_AddIntConstant(module, quoting_names[i], (long)i) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot csv_module_slots[] = {
    {Py_mod_exec, csv_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(csv_module_doc,
"CSV parsing and writing.\n"
"\n"
"This module provides classes that assist in the reading and writing\n"
"of Comma Separated Value (CSV) files, and implements the interface\n"
"described by PEP 305.  Although many CSV files are simple to parse,\n"
"the format is not formally defined by a stable specification and\n"
"is subtle enough that parsing lines of a CSV file with something\n"
"like line.split(\",\") is bound to fail.  The module supports three\n"
"basic APIs: reading, writing, and registration of dialects.\n"
"\n"
"\n"
"DIALECT REGISTRATION:\n"
"\n"
"Readers and writers support a dialect argument, which is a convenient\n"
"handle on a group of settings.  When the dialect argument is a string,\n"
"it identifies one of the dialects previously registered with the module.\n"
"If it is a class or instance, the attributes of the argument are used as\n"
"the settings for the reader or writer:\n"
"\n"
"    class excel:\n"
"        delimiter = ','\n"
"        quotechar = '\"'\n"
"        escapechar = None\n"
"        doublequote = True\n"
"        skipinitialspace = False\n"
"        lineterminator = '\\r\\n'\n"
"        quoting = QUOTE_MINIMAL\n"
"\n"
"SETTINGS:\n"
"\n"
"    * quotechar - specifies a one-character string to use as the\n"
"        quoting character.  It defaults to '\"'.\n"
"    * delimiter - specifies a one-character string to use as the\n"
"        field separator.  It defaults to ','.\n"
"    * skipinitialspace - specifies how to interpret spaces which\n"
"        immediately follow a delimiter.  It defaults to False, which\n"
"        means that spaces immediately following a delimiter is part\n"
"        of the following field.\n"
"    * lineterminator -  specifies the character sequence which should\n"
"        terminate rows.\n"
"    * quoting - controls when quotes should be generated by the writer.\n"
"        It can take on any of the following module constants:\n"
"\n"
"        csv.QUOTE_MINIMAL means only when required, for example, when a\n"
"            field contains either the quotechar or the delimiter\n"
"        csv.QUOTE_ALL means that quotes are always placed around fields.\n"
"        csv.QUOTE_NONNUMERIC means that quotes are always placed around\n"
"            fields which do not parse as integers or floating point\n"
"            numbers.\n"
"        csv.QUOTE_STRINGS means that quotes are always placed around\n"
"            fields which are strings.  Note that the Python value None\n"
"            is not a string.\n"
"        csv.QUOTE_NOTNULL means that quotes are only placed around fields\n"
"            that are not the Python value None.\n"
"        csv.QUOTE_NONE means that quotes are never placed around fields.\n"
"    * escapechar - specifies a one-character string used to escape\n"
"        the delimiter when quoting is set to QUOTE_NONE.\n"
"    * doublequote - controls the handling of quotes inside fields.  When\n"
"        True, two consecutive quotes are interpreted as one during read,\n"
"        and when writing, each quote character embedded in the data is\n"
"        written as two quotes\n");

static _Py_SHARED struct PyModuleDef csv_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_csv",
    .m_doc = csv_module_doc,
    .m_size = sizeof(csv_state),
    .m_methods = csv_functions,
    .m_slots = csv_module_slots,
    .m_traverse = csv_module_traverse,
    .m_clear = csv_module_clear,
    .m_free = csv_module_free,
};

PyMODINIT_FUNC
PyInit__csv(void)
{
    return PyModuleDef_Init(&csv_module);
}
