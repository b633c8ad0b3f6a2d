/* The module _json: the fast parts of the module json.
 *
 * A Scanner reads one value at an index of a str, an Encoder writes one value; both take their
 * options from Python objects and are called by json.decoder and json.encoder.  Text is read by
 * index, never copied but for what becomes a str; output goes to one _PyUnicodeWriter.
 *
 * Hooks, default() and methods of containers are foreign code: whatever is used after a call is
 * held by a reference, dict items are listed before the first one is written.
 *
 * Written from RFC 8259, the library reference (json) and observed behaviour for errors.
 */
#define PY_SSIZE_T_CLEAN
#include "Python.h"
#include "pycore_ceval.h"       // _Py_EnterRecursiveCall
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_strings.h"
#include "structmember.h"       // PyMemberDef

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    PyObject_HEAD
    char strict;
    PyObject *object_hook, *object_pairs_hook;              /* None: not there */
    PyObject *parse_float, *parse_int, *parse_constant;
} Scanner;

typedef struct {
    PyObject_HEAD
    PyObject *markers;          /* None, or a dict of the containers that are being written */
    PyObject *default_function, *encoder, *indent, *key_separator, *item_separator;
    char sort_keys, skipkeys;
    int allow_nan;
    int escapes;                /* which of our own encoders `encoder` is, or FOREIGN */
} Encoder;

enum { FOREIGN, ASCII_ONLY, UNICODE };

/* Text that is read. */
struct text {
    PyObject *str;
    int kind;
    const void *data;
    Py_ssize_t length;
};

static inline struct text
text_of(PyObject *str)
{
    return (struct text){str, PyUnicode_KIND(str), PyUnicode_DATA(str),
                         PyUnicode_GET_LENGTH(str)};
}

/* The character at an index, or 0 behind the end (NUL is never valid where this is asked). */
static inline Py_UCS4
char_at(const struct text *text, Py_ssize_t i)
{
    return i < text->length ? PyUnicode_READ(text->kind, text->data, i) : 0;
}

static inline Py_ssize_t
skip_space(const struct text *text, Py_ssize_t i)
{
    for (; i < text->length; i++) {
        Py_UCS4 c = PyUnicode_READ(text->kind, text->data, i);
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
            break;
        }
    }
    return i;
}

static int
check_str(PyObject *object)
{
    if (!PyUnicode_Check(object)) {
        PyErr_Format(PyExc_TypeError, "first argument must be a string, not %.80s",
                     Py_TYPE(object)->tp_name);
        return -1;
    }
    return 0;
}

/* Raise json.decoder.JSONDecodeError(message, text, at). */
static void
decode_error(const char *message, const struct text *text, Py_ssize_t at)
{
    PyObject *module = PyImport_ImportModule("json.decoder");
    PyObject *type = module != NULL ? PyObject_GetAttrString(module, "JSONDecodeError") : NULL;
    Py_XDECREF(module);
    if (type == NULL) {
        return;
    }
    PyObject *error = PyObject_CallFunction(type, "sOn", message, text->str, at);
    if (error != NULL) {
        PyErr_SetObject(type, error);
        Py_DECREF(error);
    }
    Py_DECREF(type);
}

/* No value begins at an index: json.decoder makes a message of it. */
static void
stop_iteration(Py_ssize_t at)
{
    PyObject *value = PyLong_FromSsize_t(at);
    if (value != NULL) {
        PyErr_SetObject(PyExc_StopIteration, value);
        Py_DECREF(value);
    }
}

/* --- Reading strings -------------------------------------------------------------------------- */

/* Four hexadecimal digits from an index on, and something behind them; -1 if they are not there. */
static int
hex_escape(const struct text *text, Py_ssize_t i)
{
    int value = 0;
    if (text->length - i <= 4) {
        return -1;
    }
    for (Py_ssize_t end = i + 4; i < end; i++) {
        Py_UCS4 c = char_at(text, i);
        int digit = c >= '0' && c <= '9' ? (int)c - '0'
                    : c >= 'a' && c <= 'f' ? (int)c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? (int)c - 'A' + 10 : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* The character of \uXXXX, *i at the u; a pair of surrogates is joined.  *i is put behind it.
 * 0, or -1 with an exception. */
static int
unicode_escape(const struct text *text, Py_ssize_t *i, Py_UCS4 *ch)
{
    int value = hex_escape(text, *i + 1);
    if (value < 0) {
        decode_error("Invalid \\uXXXX escape", text, *i);
        return -1;
    }
    *i += 5;
    *ch = (Py_UCS4)value;
    if (Py_UNICODE_IS_HIGH_SURROGATE(*ch) && char_at(text, *i) == '\\'
        && char_at(text, *i + 1) == 'u')
    {
        int low = hex_escape(text, *i + 2);
        if (low < 0) {
            decode_error("Invalid \\uXXXX escape", text, *i + 1);
            return -1;
        }
        if (Py_UNICODE_IS_LOW_SURROGATE((Py_UCS4)low)) {
            *ch = Py_UNICODE_JOIN_SURROGATES(*ch, (Py_UCS4)low);
            *i += 6;
        }
    }
    return 0;
}

/* The character of an escape, *i behind the backslash and then behind the escape. */
static int
escape(const struct text *text, Py_ssize_t *i, Py_UCS4 *ch)
{
    Py_UCS4 c = PyUnicode_READ(text->kind, text->data, *i);
    switch (c) {
    case 'u':
        return unicode_escape(text, i, ch);
    case 'b':
        *ch = '\b';
        break;
    case 'f':
        *ch = '\f';
        break;
    case 'n':
        *ch = '\n';
        break;
    case 'r':
        *ch = '\r';
        break;
    case 't':
        *ch = '\t';
        break;
    case '"':
    case '\\':
    case '/':
        *ch = c;
        break;
    default:
        decode_error("Invalid \\escape", text, *i - 1);
        return -1;
    }
    ++*i;
    return 0;
}

/* The end of the run of plain characters from an index on; -1 at a character that must not be
 * there, with an exception. */
static Py_ssize_t
plain_run(const struct text *text, Py_ssize_t i, bool strict)
{
    for (; i < text->length; i++) {
        Py_UCS4 c = PyUnicode_READ(text->kind, text->data, i);
        if (c == '"' || c == '\\') {
            break;
        }
        if (c < ' ' && strict) {
            decode_error("Invalid control character at", text, i);
            return -1;
        }
    }
    return i;
}

/* The string whose first character is at `start`, *end behind its quote; new reference. */
static PyObject *
scan_string(const struct text *text, Py_ssize_t start, bool strict, Py_ssize_t *end)
{
    _PyUnicodeWriter writer;
    bool writing = false;
    Py_ssize_t i = start;
    if (start < 0 || start > text->length) {
        PyErr_SetString(PyExc_ValueError, "end is out of bounds");
        return NULL;
    }
    for (;;) {
        Py_ssize_t run = i;
        i = plain_run(text, i, strict);
        if (i < 0) {
            goto error;
        }
        if (i == text->length) {
            break;
        }
        bool quote = PyUnicode_READ(text->kind, text->data, i) == '"';
        if (quote && !writing) {
            *end = i + 1;
            return PyUnicode_Substring(text->str, run, i);
        }
        if (!writing) {
            _PyUnicodeWriter_Init(&writer);
            writer.overallocate = 1;
            writing = true;
        }
        if (_PyUnicodeWriter_WriteSubstring(&writer, text->str, run, i) < 0) {
            goto error;
        }
        if (quote) {
            *end = i + 1;
            return _PyUnicodeWriter_Finish(&writer);
        }
        if (++i == text->length) {
            break;
        }
        Py_UCS4 ch;
        if (escape(text, &i, &ch) < 0 || _PyUnicodeWriter_WriteChar(&writer, ch) < 0) {
            goto error;
        }
    }
    decode_error("Unterminated string starting at", text, start - 1);
error:
    if (writing) {
        _PyUnicodeWriter_Dealloc(&writer);
    }
    return NULL;
}

PyDoc_STRVAR(scanstring_doc,
"scanstring(string, end, strict=True) -> (string, end)\n"
"\n"
"Scan the string s for a JSON string. End is the index of the\n"
"character in s after the quote that started the JSON string.\n"
"Unescapes all valid JSON string escape sequences and raises ValueError\n"
"on attempt to decode an invalid string. If strict is False then literal\n"
"control characters are allowed in the string.\n"
"\n"
"Returns a tuple of the decoded string and the index of the character in s\n"
"after the end quote.");

static PyObject *
json_scanstring(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *str;
    Py_ssize_t start, end = -1;
    int strict = 1;
    if (!PyArg_ParseTuple(args, "On|p:scanstring", &str, &start, &strict) || check_str(str) < 0) {
        return NULL;
    }
    struct text text = text_of(str);
    PyObject *result = scan_string(&text, start, strict != 0, &end);
    return result != NULL ? Py_BuildValue("Nn", result, end) : NULL;
}

/* --- Reading values --------------------------------------------------------------------------- */

/* One call of a scanner.  Equal keys of objects become one str. */
struct scan {
    const Scanner *scanner;
    struct text text;
    PyObject *memo;             /* owned */
};

static PyObject *scan_value(struct scan *scan, Py_ssize_t i, Py_ssize_t *end);

static bool
is_digit(const struct text *text, Py_ssize_t i)
{
    Py_UCS4 c = char_at(text, i);
    return c >= '0' && c <= '9';
}

static Py_ssize_t
skip_digits(const struct text *text, Py_ssize_t i)
{
    while (is_digit(text, i)) {
        i++;
    }
    return i;
}

/* text[start:end], all ASCII, as a number made by float or int itself. */
static PyObject *
builtin_number(const struct text *text, Py_ssize_t start, Py_ssize_t end, bool is_float)
{
    char small[64], *digits = small;
    Py_ssize_t n = end - start;
    if ((size_t)n >= sizeof(small)) {
        digits = PyMem_Malloc((size_t)n + 1);
        if (digits == NULL) {
            return PyErr_NoMemory();
        }
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        digits[i] = (char)PyUnicode_READ(text->kind, text->data, start + i);
    }
    digits[n] = '\0';
    PyObject *number = NULL;
    if (is_float) {
        double value = PyOS_string_to_double(digits, NULL, NULL);
        if (value != -1.0 || !PyErr_Occurred()) {
            number = PyFloat_FromDouble(value);
        }
    }
    else {
        number = PyLong_FromString(digits, NULL, 10);
    }
    if (digits != small) {
        PyMem_Free(digits);
    }
    return number;
}

static PyObject *
scan_number(struct scan *scan, Py_ssize_t start, Py_ssize_t *end)
{
    const struct text *text = &scan->text;
    Py_ssize_t i = start + (char_at(text, start) == '-');
    bool is_float = false;
    if (!is_digit(text, i)) {
        stop_iteration(start);
        return NULL;
    }
    i = char_at(text, i) == '0' ? i + 1 : skip_digits(text, i);
    if (char_at(text, i) == '.' && is_digit(text, i + 1)) {
        is_float = true;
        i = skip_digits(text, i + 1);
    }
    if (char_at(text, i) == 'e' || char_at(text, i) == 'E') {
        Py_ssize_t exponent = i + 1;
        exponent += char_at(text, exponent) == '-' || char_at(text, exponent) == '+';
        if (is_digit(text, exponent)) {
            is_float = true;
            i = skip_digits(text, exponent);
        }
    }
    *end = i;
    PyObject *function = is_float ? scan->scanner->parse_float : scan->scanner->parse_int;
    if (function == (PyObject *)(is_float ? &PyFloat_Type : &PyLong_Type)) {
        return builtin_number(text, start, i, is_float);
    }
    PyObject *digits = PyUnicode_Substring(text->str, start, i);
    if (digits == NULL) {
        return NULL;
    }
    PyObject *number = PyObject_CallOneArg(function, digits);
    Py_DECREF(digits);
    return number;
}

/* Is the word at an index? */
static bool
has_word(const struct text *text, Py_ssize_t i, const char *word)
{
    for (; *word != '\0'; i++, word++) {
        if (char_at(text, i) != (Py_UCS4)*word) {
            return false;
        }
    }
    return true;
}

/* A word, or else a number. */
static PyObject *
scan_word(struct scan *scan, Py_ssize_t i, Py_ssize_t *end)
{
    static const struct {
        char word[10];
        PyObject *value;            /* NULL: parse_constant makes it */
    } words[] = {
        {"null", Py_None}, {"true", Py_True}, {"false", Py_False}, {"NaN", NULL},
        {"Infinity", NULL}, {"-Infinity", NULL},
    };
    for (size_t k = 0; k < Py_ARRAY_LENGTH(words); k++) {
        if (has_word(&scan->text, i, words[k].word)) {
            *end = i + (Py_ssize_t)strlen(words[k].word);
            return words[k].value != NULL ? Py_NewRef(words[k].value)
                   : PyObject_CallFunction(scan->scanner->parse_constant, "s", words[k].word);
        }
    }
    return scan_number(scan, i, end);
}

/* An array, i behind its bracket. */
static PyObject *
scan_array(struct scan *scan, Py_ssize_t i, Py_ssize_t *end)
{
    const struct text *text = &scan->text;
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    i = skip_space(text, i);
    if (char_at(text, i) == ']') {
        *end = i + 1;
        return list;
    }
    for (;;) {
        PyObject *value = scan_value(scan, i, &i);
        if (value == NULL || PyList_Append(list, value) < 0) {
            Py_XDECREF(value);
            break;
        }
        Py_DECREF(value);
        i = skip_space(text, i);
        if (char_at(text, i) == ']') {
            *end = i + 1;
            return list;
        }
        if (char_at(text, i) != ',') {
            decode_error("Expecting ',' delimiter", text, i);
            break;
        }
        i = skip_space(text, i + 1);
    }
    Py_DECREF(list);
    return NULL;
}

/* A key at *i with its colon; *i is put at the value.  New reference. */
static PyObject *
scan_key(struct scan *scan, Py_ssize_t *i)
{
    const struct text *text = &scan->text;
    if (char_at(text, *i) != '"') {
        decode_error("Expecting property name enclosed in double quotes", text, *i);
        return NULL;
    }
    PyObject *read = scan_string(text, *i + 1, scan->scanner->strict, i);
    if (read == NULL) {
        return NULL;
    }
    PyObject *key = Py_XNewRef(PyDict_SetDefault(scan->memo, read, read));
    Py_DECREF(read);
    if (key == NULL) {
        return NULL;
    }
    *i = skip_space(text, *i);
    if (char_at(text, *i) != ':') {
        decode_error("Expecting ':' delimiter", text, *i);
        Py_DECREF(key);
        return NULL;
    }
    *i = skip_space(text, *i + 1);
    return key;
}

/* Add an item to a dict or, for object_pairs_hook, to a list of pairs. */
static int
add_item(PyObject *result, PyObject *key, PyObject *value)
{
    if (PyDict_CheckExact(result)) {
        return PyDict_SetItem(result, key, value);
    }
    PyObject *pair = PyTuple_Pack(2, key, value);
    int failed = pair != NULL ? PyList_Append(result, pair) : -1;
    Py_XDECREF(pair);
    return failed;
}

/* The items of an object, i behind its brace. */
static int
scan_items(struct scan *scan, Py_ssize_t i, PyObject *result, Py_ssize_t *end)
{
    const struct text *text = &scan->text;
    i = skip_space(text, i);
    if (char_at(text, i) == '}') {
        *end = i + 1;
        return 0;
    }
    for (;;) {
        PyObject *key = scan_key(scan, &i);
        PyObject *value = key != NULL ? scan_value(scan, i, &i) : NULL;
        int failed = value != NULL ? add_item(result, key, value) : -1;
        Py_XDECREF(key);
        Py_XDECREF(value);
        if (failed < 0) {
            return -1;
        }
        i = skip_space(text, i);
        if (char_at(text, i) == '}') {
            *end = i + 1;
            return 0;
        }
        if (char_at(text, i) != ',') {
            decode_error("Expecting ',' delimiter", text, i);
            return -1;
        }
        i = skip_space(text, i + 1);
    }
}

/* An object, i behind its brace. */
static PyObject *
scan_object(struct scan *scan, Py_ssize_t i, Py_ssize_t *end)
{
    bool pairs = scan->scanner->object_pairs_hook != Py_None;
    PyObject *result = pairs ? PyList_New(0) : PyDict_New();
    if (result == NULL || scan_items(scan, i, result, end) < 0) {
        Py_XDECREF(result);
        return NULL;
    }
    PyObject *hook = pairs ? scan->scanner->object_pairs_hook : scan->scanner->object_hook;
    if (hook != Py_None) {
        Py_SETREF(result, PyObject_CallOneArg(hook, result));
    }
    return result;
}

/* The value at an index, *end behind it; new reference, or NULL with an exception. */
static PyObject *
scan_value(struct scan *scan, Py_ssize_t i, Py_ssize_t *end)
{
    PyObject *result;
    if (i < 0) {
        PyErr_SetString(PyExc_ValueError, "idx cannot be negative");
        return NULL;
    }
    if (i >= scan->text.length) {
        stop_iteration(i);
        return NULL;
    }
    switch (char_at(&scan->text, i)) {
    case '"':
        return scan_string(&scan->text, i + 1, scan->scanner->strict, end);
    case '{':
        if (_Py_EnterRecursiveCall(" while decoding a JSON object from a unicode string")) {
            return NULL;
        }
        result = scan_object(scan, i + 1, end);
        _Py_LeaveRecursiveCall();
        return result;
    case '[':
        if (_Py_EnterRecursiveCall(" while decoding a JSON array from a unicode string")) {
            return NULL;
        }
        result = scan_array(scan, i + 1, end);
        _Py_LeaveRecursiveCall();
        return result;
    default:
        return scan_word(scan, i, end);
    }
}

static PyObject *
scanner_call(Scanner *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"string", "idx", NULL};
    PyObject *str;
    Py_ssize_t start, end = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "On:scan_once", (char **)keywords, &str, &start)
        || check_str(str) < 0)
    {
        return NULL;
    }
    struct scan scan = {self, text_of(str), PyDict_New()};
    PyObject *value = scan.memo != NULL ? scan_value(&scan, start, &end) : NULL;
    Py_XDECREF(scan.memo);
    return value != NULL ? Py_BuildValue("Nn", value, end) : NULL;
}

static int
scanner_traverse(Scanner *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->object_hook);
    Py_VISIT(self->object_pairs_hook);
    Py_VISIT(self->parse_float);
    Py_VISIT(self->parse_int);
    Py_VISIT(self->parse_constant);
    return 0;
}

static int
scanner_clear(Scanner *self)
{
    Py_CLEAR(self->object_hook);
    Py_CLEAR(self->object_pairs_hook);
    Py_CLEAR(self->parse_float);
    Py_CLEAR(self->parse_int);
    Py_CLEAR(self->parse_constant);
    return 0;
}

static void
scanner_dealloc(Scanner *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    scanner_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

/* Take the options from the attributes of the decoder. */
static int
scanner_configure(Scanner *self, PyObject *context)
{
    const struct {
        const char *name;
        PyObject **place;
    } options[] = {
        {"object_hook", &self->object_hook}, {"object_pairs_hook", &self->object_pairs_hook},
        {"parse_float", &self->parse_float}, {"parse_int", &self->parse_int},
        {"parse_constant", &self->parse_constant},
    };
    PyObject *strict = PyObject_GetAttrString(context, "strict");
    int truth = strict != NULL ? PyObject_IsTrue(strict) : -1;
    Py_XDECREF(strict);
    if (truth < 0) {
        return -1;
    }
    self->strict = (char)truth;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(options); i++) {
        *options[i].place = PyObject_GetAttrString(context, options[i].name);
        if (*options[i].place == NULL) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
scanner_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"context", NULL};
    PyObject *context;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:make_scanner", (char **)keywords, &context)) {
        return NULL;
    }
    Scanner *self = (Scanner *)type->tp_alloc(type, 0);
    if (self != NULL && scanner_configure(self, context) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static PyMemberDef scanner_members[] = {
    {"strict", T_BOOL, offsetof(Scanner, strict), READONLY, NULL},
    {"object_hook", T_OBJECT, offsetof(Scanner, object_hook), READONLY, NULL},
    {"object_pairs_hook", T_OBJECT, offsetof(Scanner, object_pairs_hook), READONLY, NULL},
    {"parse_float", T_OBJECT, offsetof(Scanner, parse_float), READONLY, NULL},
    {"parse_int", T_OBJECT, offsetof(Scanner, parse_int), READONLY, NULL},
    {"parse_constant", T_OBJECT, offsetof(Scanner, parse_constant), READONLY, NULL},
    {NULL}
};

static PyType_Slot scanner_slots[] = {
    {Py_tp_doc, (void *)"JSON scanner object"},
    {Py_tp_dealloc, scanner_dealloc},
    {Py_tp_call, scanner_call},
    {Py_tp_traverse, scanner_traverse},
    {Py_tp_clear, scanner_clear},
    {Py_tp_members, scanner_members},
    {Py_tp_new, scanner_new},
    {0, NULL}
};

static PyType_Spec scanner_spec = {
    .name = "_json.Scanner",
    .basicsize = sizeof(Scanner),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = scanner_slots,
};

/* --- Writing strings -------------------------------------------------------------------------- */

static inline bool
needs_escape(Py_UCS4 c, int escapes)
{
    return c < ' ' || c == '"' || c == '\\' || (escapes == ASCII_ONLY && c >= 0x7f);
}

/* Write the escape of a character. */
static int
write_escape(_PyUnicodeWriter *writer, Py_UCS4 c)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    char text[16];
    const char *known = c < 0x80 && c != 0 ? strchr(from, (int)c) : NULL;
    if (known != NULL) {
        text[0] = '\\';
        text[1] = to[known - from];
        return _PyUnicodeWriter_WriteASCIIString(writer, text, 2);
    }
    int n;
    if (c > 0xffff) {
        n = snprintf(text, sizeof(text), "\\u%04x\\u%04x", (unsigned)Py_UNICODE_HIGH_SURROGATE(c),
                     (unsigned)Py_UNICODE_LOW_SURROGATE(c));
    }
    else {
        n = snprintf(text, sizeof(text), "\\u%04x", (unsigned)c);
    }
    return _PyUnicodeWriter_WriteASCIIString(writer, text, n);
}

static int
write_string(_PyUnicodeWriter *writer, PyObject *str, int escapes)
{
    struct text text = text_of(str);
    Py_ssize_t run = 0;
    if (_PyUnicodeWriter_WriteChar(writer, '"') < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < text.length; i++) {
        Py_UCS4 c = PyUnicode_READ(text.kind, text.data, i);
        if (needs_escape(c, escapes)) {
            if (_PyUnicodeWriter_WriteSubstring(writer, str, run, i) < 0
                || write_escape(writer, c) < 0)
            {
                return -1;
            }
            run = i + 1;
        }
    }
    if (_PyUnicodeWriter_WriteSubstring(writer, str, run, text.length) < 0) {
        return -1;
    }
    return _PyUnicodeWriter_WriteChar(writer, '"');
}

static PyObject *
encode_string(PyObject *str, int escapes)
{
    _PyUnicodeWriter writer;
    if (check_str(str) < 0) {
        return NULL;
    }
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    if (write_string(&writer, str, escapes) < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

PyDoc_STRVAR(encode_basestring_ascii_doc,
"encode_basestring_ascii(string) -> string\n"
"\n"
"Return an ASCII-only JSON representation of a Python string");

static PyObject *
json_encode_basestring_ascii(PyObject *Py_UNUSED(module), PyObject *str)
{
    return encode_string(str, ASCII_ONLY);
}

PyDoc_STRVAR(encode_basestring_doc,
"encode_basestring(string) -> string\n"
"\n"
"Return a JSON representation of a Python string");

static PyObject *
json_encode_basestring(PyObject *Py_UNUSED(module), PyObject *str)
{
    return encode_string(str, UNICODE);
}

/* --- Writing values --------------------------------------------------------------------------- */

static int write_value(Encoder *self, _PyUnicodeWriter *writer, PyObject *object);

/* Write a str and let go of it; NULL is an error that happened. */
static int
write_new(_PyUnicodeWriter *writer, PyObject *str)
{
    int result = str != NULL ? _PyUnicodeWriter_WriteStr(writer, str) : -1;
    Py_XDECREF(str);
    return result;
}

static int
write_quoted(Encoder *self, _PyUnicodeWriter *writer, PyObject *str)
{
    if (self->escapes != FOREIGN) {
        return write_string(writer, str, self->escapes);
    }
    PyObject *encoded = PyObject_CallOneArg(self->encoder, str);
    if (encoded != NULL && !PyUnicode_Check(encoded)) {
        PyErr_Format(PyExc_TypeError, "encoder() must return a string, not %.80s",
                     Py_TYPE(encoded)->tp_name);
        Py_CLEAR(encoded);
    }
    return write_new(writer, encoded);
}

/* A number or constant as text: new reference; NULL with or (not one of these) without an
 * exception. */
static PyObject *
plain_text(Encoder *self, PyObject *object)
{
    if (object == Py_None) {
        return PyUnicode_FromString("null");
    }
    if (object == Py_True || object == Py_False) {
        return PyUnicode_FromString(object == Py_True ? "true" : "false");
    }
    if (PyLong_Check(object)) {
        return PyLong_Type.tp_repr(object);
    }
    if (!PyFloat_Check(object)) {
        return NULL;
    }
    double value = PyFloat_AS_DOUBLE(object);
    if (isfinite(value)) {
        return PyFloat_Type.tp_repr(object);
    }
    if (!self->allow_nan) {
        PyErr_Format(PyExc_ValueError, "Out of range float values are not JSON compliant: %R",
                     object);
        return NULL;
    }
    return PyUnicode_FromString(isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

/* Note that a container is being written: its id (new reference; None if nobody wants to know),
 * or NULL with ValueError if it is being written already. */
static PyObject *
enter_container(Encoder *self, PyObject *object)
{
    if (self->markers == Py_None) {
        return Py_NewRef(Py_None);
    }
    PyObject *id = PyLong_FromVoidPtr(object);
    if (id == NULL) {
        return NULL;
    }
    int known = PyDict_Contains(self->markers, id);
    if (known > 0) {
        PyErr_SetString(PyExc_ValueError, "Circular reference detected");
    }
    if (known != 0 || PyDict_SetItem(self->markers, id, object) < 0) {
        Py_DECREF(id);
        return NULL;
    }
    return id;
}

/* The container is written: 0, or -1 with an exception; lets go of its id. */
static int
leave_container(Encoder *self, PyObject *id)
{
    int result = id != Py_None ? PyDict_DelItem(self->markers, id) : 0;
    Py_DECREF(id);
    return result;
}

static int
write_items_of_list(Encoder *self, _PyUnicodeWriter *writer, PyObject *list)
{
    if (_PyUnicodeWriter_WriteChar(writer, '[') < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(list); i++) {
        if (i > 0 && _PyUnicodeWriter_WriteStr(writer, self->item_separator) < 0) {
            return -1;
        }
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(list, i));
        int failed = write_value(self, writer, item);
        Py_DECREF(item);
        if (failed < 0) {
            return -1;
        }
    }
    return _PyUnicodeWriter_WriteChar(writer, ']');
}

static int
write_list(Encoder *self, _PyUnicodeWriter *writer, PyObject *object)
{
    PyObject *list = PySequence_Fast(object, "_iterencode_list needs a sequence");
    int result = -1;
    if (list == NULL) {
        return -1;
    }
    if (PySequence_Fast_GET_SIZE(list) == 0) {
        result = _PyUnicodeWriter_WriteASCIIString(writer, "[]", 2);
    }
    else {
        PyObject *id = enter_container(self, object);
        if (id != NULL) {
            result = write_items_of_list(self, writer, list);
            if (result == 0) {
                result = leave_container(self, id);
            }
            else {
                Py_DECREF(id);
            }
        }
    }
    Py_DECREF(list);
    return result;
}

/* One item of a dict; *first says whether it is the first one written. */
static int
write_pair(Encoder *self, _PyUnicodeWriter *writer, PyObject *key, PyObject *value, bool *first)
{
    PyObject *name = PyUnicode_Check(key) ? Py_NewRef(key) : plain_text(self, key);
    if (name == NULL) {
        if (!PyErr_Occurred() && self->skipkeys) {
            return 0;
        }
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError,
                         "keys must be str, int, float, bool or None, not %.100s",
                         Py_TYPE(key)->tp_name);
        }
        return -1;
    }
    int failed = 0;
    if (!*first) {
        failed = _PyUnicodeWriter_WriteStr(writer, self->item_separator);
    }
    *first = false;
    failed = failed < 0 || write_quoted(self, writer, name) < 0
             || _PyUnicodeWriter_WriteStr(writer, self->key_separator) < 0
             || write_value(self, writer, value) < 0;
    Py_DECREF(name);
    return failed ? -1 : 0;
}

static int
write_items_of_dict(Encoder *self, _PyUnicodeWriter *writer, PyObject *items)
{
    bool first = true;
    if (_PyUnicodeWriter_WriteChar(writer, '{') < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        PyObject *pair = Py_NewRef(PyList_GET_ITEM(items, i));
        int failed = -1;
        if (PyTuple_Check(pair) && PyTuple_GET_SIZE(pair) == 2) {
            failed = write_pair(self, writer, PyTuple_GET_ITEM(pair, 0),
                                PyTuple_GET_ITEM(pair, 1), &first);
        }
        else {
            PyErr_SetString(PyExc_ValueError, "items must return 2-tuples");
        }
        Py_DECREF(pair);
        if (failed < 0) {
            return -1;
        }
    }
    return _PyUnicodeWriter_WriteChar(writer, '}');
}

static int
write_dict(Encoder *self, _PyUnicodeWriter *writer, PyObject *dict)
{
    if (PyDict_GET_SIZE(dict) == 0) {
        return _PyUnicodeWriter_WriteASCIIString(writer, "{}", 2);
    }
    PyObject *id = enter_container(self, dict);
    if (id == NULL) {
        return -1;
    }
    PyObject *items = PyMapping_Items(dict);
    int result = -1;
    if (items != NULL && !(self->sort_keys && PyList_Sort(items) < 0)) {
        result = write_items_of_dict(self, writer, items);
    }
    Py_XDECREF(items);
    if (result == 0) {
        return leave_container(self, id);
    }
    Py_DECREF(id);
    return -1;
}

/* An object that default() turns into another one. */
static int
write_other(Encoder *self, _PyUnicodeWriter *writer, PyObject *object)
{
    PyObject *id = enter_container(self, object);
    if (id == NULL) {
        return -1;
    }
    PyObject *replacement = PyObject_CallOneArg(self->default_function, object);
    int result = replacement != NULL ? write_value(self, writer, replacement) : -1;
    Py_XDECREF(replacement);
    if (result == 0) {
        return leave_container(self, id);
    }
    Py_DECREF(id);
    return -1;
}

static int
write_value(Encoder *self, _PyUnicodeWriter *writer, PyObject *object)
{
    if (PyUnicode_Check(object)) {
        return write_quoted(self, writer, object);
    }
    PyObject *text = plain_text(self, object);
    if (text != NULL || PyErr_Occurred()) {
        return write_new(writer, text);
    }
    if (_Py_EnterRecursiveCall(" while encoding a JSON object")) {
        return -1;
    }
    int result = PyList_Check(object) || PyTuple_Check(object) ? write_list(self, writer, object)
                 : PyDict_Check(object) ? write_dict(self, writer, object)
                                        : write_other(self, writer, object);
    _Py_LeaveRecursiveCall();
    return result;
}

static PyObject *
encoder_call(Encoder *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"obj", "_current_indent_level", NULL};
    PyObject *object;
    Py_ssize_t level;
    _PyUnicodeWriter writer;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "On:_iterencode", (char **)keywords, &object,
                                     &level))
    {
        return NULL;
    }
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    if (write_value(self, &writer, object) < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    PyObject *text = _PyUnicodeWriter_Finish(&writer);
    return text != NULL ? Py_BuildValue("(N)", text) : NULL;
}

static int
encoder_traverse(Encoder *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->markers);
    Py_VISIT(self->default_function);
    Py_VISIT(self->encoder);
    Py_VISIT(self->indent);
    Py_VISIT(self->key_separator);
    Py_VISIT(self->item_separator);
    return 0;
}

static int
encoder_clear(Encoder *self)
{
    Py_CLEAR(self->markers);
    Py_CLEAR(self->default_function);
    Py_CLEAR(self->encoder);
    Py_CLEAR(self->indent);
    Py_CLEAR(self->key_separator);
    Py_CLEAR(self->item_separator);
    return 0;
}

static void
encoder_dealloc(Encoder *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    encoder_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

/* Which of our own encoders a function is. */
static int
own_encoder(PyObject *function)
{
    if (!PyCFunction_Check(function)) {
        return FOREIGN;
    }
    PyCFunction c = PyCFunction_GetFunction(function);
    return c == json_encode_basestring_ascii ? ASCII_ONLY
           : c == json_encode_basestring ? UNICODE : FOREIGN;
}

static PyObject *
encoder_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {
        "markers", "default", "encoder", "indent", "key_separator", "item_separator", "sort_keys",
        "skipkeys", "allow_nan", NULL
    };
    PyObject *markers, *function, *encoder, *indent, *key_separator, *item_separator;
    int sort_keys, skipkeys, allow_nan;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOOOUUppp:make_encoder", (char **)keywords,
                                     &markers, &function, &encoder, &indent, &key_separator,
                                     &item_separator, &sort_keys, &skipkeys, &allow_nan))
    {
        return NULL;
    }
    if (markers != Py_None && !PyDict_Check(markers)) {
        PyErr_Format(PyExc_TypeError, "make_encoder() argument 1 must be dict or None, not %.200s",
                     Py_TYPE(markers)->tp_name);
        return NULL;
    }
    Encoder *self = (Encoder *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->markers = Py_NewRef(markers);
        self->default_function = Py_NewRef(function);
        self->encoder = Py_NewRef(encoder);
        self->indent = Py_NewRef(indent);
        self->key_separator = Py_NewRef(key_separator);
        self->item_separator = Py_NewRef(item_separator);
        self->sort_keys = (char)sort_keys;
        self->skipkeys = (char)skipkeys;
        self->allow_nan = allow_nan;
        self->escapes = own_encoder(encoder);
    }
    return (PyObject *)self;
}

static PyMemberDef encoder_members[] = {
    {"markers", T_OBJECT, offsetof(Encoder, markers), READONLY, NULL},
    {"default", T_OBJECT, offsetof(Encoder, default_function), READONLY, NULL},
    {"encoder", T_OBJECT, offsetof(Encoder, encoder), READONLY, NULL},
    {"indent", T_OBJECT, offsetof(Encoder, indent), READONLY, NULL},
    {"key_separator", T_OBJECT, offsetof(Encoder, key_separator), READONLY, NULL},
    {"item_separator", T_OBJECT, offsetof(Encoder, item_separator), READONLY, NULL},
    {"sort_keys", T_BOOL, offsetof(Encoder, sort_keys), READONLY, NULL},
    {"skipkeys", T_BOOL, offsetof(Encoder, skipkeys), READONLY, NULL},
    {NULL}
};

static PyType_Slot encoder_slots[] = {
    {Py_tp_doc, (void *)"_iterencode(obj, _current_indent_level) -> iterable"},
    {Py_tp_dealloc, encoder_dealloc},
    {Py_tp_call, encoder_call},
    {Py_tp_traverse, encoder_traverse},
    {Py_tp_clear, encoder_clear},
    {Py_tp_members, encoder_members},
    {Py_tp_new, encoder_new},
    {0, NULL}
};

static PyType_Spec encoder_spec = {
    .name = "_json.Encoder",
    .basicsize = sizeof(Encoder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = encoder_slots,
};

/* --- The module ------------------------------------------------------------------------------- */

static PyMethodDef json_functions[] = {
    {"encode_basestring_ascii", json_encode_basestring_ascii, METH_O, encode_basestring_ascii_doc},
    {"encode_basestring", json_encode_basestring, METH_O, encode_basestring_doc},
    {"scanstring", json_scanstring, METH_VARARGS, scanstring_doc},
    {NULL}
};

/* Add a type made from a spec under a name of its own. */
static int
add_type(PyObject *module, PyType_Spec *spec, const char *name)
{
    PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);
    int result = PyModule_AddObjectRef(module, name, type);
    Py_XDECREF(type);
    return result;
}

static int
json_exec(PyObject *module)
{
    if (add_type(module, &scanner_spec, "make_scanner") < 0) {
        return -1;
    }
    return add_type(module, &encoder_spec, "make_encoder");
}

static PyModuleDef_Slot json_slots[] = {
    {Py_mod_exec, json_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef json_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_json",
    .m_doc = PyDoc_STR("json speedups\n"),
    .m_methods = json_functions,
    .m_slots = json_slots,
};

PyMODINIT_FUNC
PyInit__json(void)
{
    return PyModuleDef_Init(&json_module);
}
