/* str: codecs and translation through a mapping of characters ("charmap").
 *
 * A mapping is anything with __getitem__ from ordinals to ordinals, strings or None; a LookupError
 * means the same as None for the codecs, and "unchanged" for translate().  A str serves as a
 * decoding table indexed by the byte.  U+FFFE marks an undefined entry.
 *
 * An encoding map is a decoding table turned round: a hash table from characters to bytes.
 *
 * Written from the C API and library references.
 */
#include "Python.h"
#include "pycore_object.h"
#include "pycore_unicode.h"

#define UNDEFINED 0xfffe
#define UNDEFINED_REASON "character maps to <undefined>"

/* --- Encoding map ----------------------------------------------------------------------------- */

/* At most 256 characters in 512 slots: probes are short. */
#define MAP_SLOTS 512
#define MAP_EMPTY ((Py_UCS4)-1)

typedef struct {
    PyObject_HEAD
    Py_UCS4 keys[MAP_SLOTS];            /* MAP_EMPTY: free */
    unsigned char values[MAP_SLOTS];
} encodingmapobject;

static size_t
map_slot(const encodingmapobject *map, Py_UCS4 ch)
{
    size_t i = (ch * UINT32_C(2654435761) >> 16) % MAP_SLOTS;
    while (map->keys[i] != MAP_EMPTY && map->keys[i] != ch) {
        i = (i + 1) % MAP_SLOTS;
    }
    return i;
}

/* The byte for ch, or -1. */
static int
map_get(const encodingmapobject *map, Py_UCS4 ch)
{
    size_t i = map_slot(map, ch);
    return map->keys[i] == ch ? map->values[i] : -1;
}

static PyObject *
encodingmap_size(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSsize_t(Py_TYPE(self)->tp_basicsize);
}

static PyMethodDef encodingmap_methods[] = {
    {"size", encodingmap_size, METH_NOARGS,
     PyDoc_STR("Return the size (in bytes) of this object")},
    {NULL}
};

static void
encodingmap_dealloc(PyObject *self)
{
    PyObject_Free(self);
}

_Py_SHARED PyTypeObject _PyUnicodeEncodingMap_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "EncodingMap",
    .tp_basicsize = sizeof(encodingmapobject),
    .tp_dealloc = encodingmap_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_methods = encodingmap_methods,
};

/* The inverse of a table as a dict. */
static PyObject *
build_dict(const struct _unicode_view *v, Py_ssize_t n)
{
    PyObject *dict = PyDict_New();
    for (Py_ssize_t i = 0; dict != NULL && i < n; i++) {
        PyObject *key = PyLong_FromUnsignedLong(PyUnicode_READ(v->kind, v->data, i));
        PyObject *value = PyLong_FromSsize_t(i);
        if (key == NULL || value == NULL || PyDict_SetItem(dict, key, value) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    return dict;
}

/* The inverse of a decoding table of up to 256 characters; new reference.  A table that does not
   begin with NUL, or has it twice, or characters above U+FFFF gives a dict. */
PyObject *
PyUnicode_BuildEncodingMap(PyObject *string)
{
    if (!PyUnicode_Check(string) || PyUnicode_GET_LENGTH(string) == 0) {
        PyErr_BadArgument();
        return NULL;
    }
    struct _unicode_view v = _PyUnicode_View(string);
    Py_ssize_t n = Py_MIN(v.length, 256);
    int need_dict = PyUnicode_READ(v.kind, v.data, 0) != 0;
    for (Py_ssize_t i = 1; i < n && !need_dict; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        need_dict = ch == 0 || ch > 0xffff;
    }
    if (need_dict) {
        return build_dict(&v, n);
    }
    encodingmapobject *map = PyObject_New(encodingmapobject, &_PyUnicodeEncodingMap_Type);
    if (map == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < MAP_SLOTS; i++) {
        map->keys[i] = MAP_EMPTY;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch != UNDEFINED) {
            size_t slot = map_slot(map, ch);
            map->keys[slot] = ch;
            map->values[slot] = (unsigned char)i;
        }
    }
    return (PyObject *)map;
}

/* --- Lookup ----------------------------------------------------------------------------------- */

/* mapping[key]; a LookupError gives None.  NULL with another exception. */
static PyObject *
lookup(PyObject *mapping, Py_UCS4 key)
{
    PyObject *number = PyLong_FromUnsignedLong(key);
    if (number == NULL) {
        return NULL;
    }
    PyObject *res = PyObject_GetItem(mapping, number);
    Py_DECREF(number);
    if (res == NULL && PyErr_ExceptionMatches(PyExc_LookupError)) {
        PyErr_Clear();
        return Py_NewRef(Py_None);
    }
    return res;
}

/* --- Decoding --------------------------------------------------------------------------------- */

/* Write what the mapping says for a byte: 1 written, 0 undefined, -1 with an exception. */
static int
decode_byte(PyObject *mapping, unsigned char byte, _PyUnicodeWriter *w)
{
    PyObject *item = lookup(mapping, byte);
    if (item == NULL) {
        return -1;
    }
    int res = -1;
    if (item == Py_None) {
        res = 0;
    }
    else if (PyLong_Check(item)) {
        long value = PyLong_AsLong(item);
        if (value == UNDEFINED) {
            res = 0;
        }
        else if (value < 0 || value > _PyUnicode_MAX) {
            PyErr_Format(PyExc_TypeError, "character mapping must be in range(0x%lx)",
                         (unsigned long)_PyUnicode_MAX + 1);
        }
        else {
            res = _PyUnicodeWriter_WriteChar(w, (Py_UCS4)value) < 0 ? -1 : 1;
        }
    }
    else if (PyUnicode_Check(item)) {
        if (PyUnicode_GET_LENGTH(item) == 1 && PyUnicode_READ_CHAR(item, 0) == UNDEFINED) {
            res = 0;
        }
        else {
            w->overallocate = 1;
            res = _PyUnicodeWriter_WriteStr(w, item) < 0 ? -1 : 1;
        }
    }
    else {
        PyErr_SetString(PyExc_TypeError, "character mapping must return integer, None or str");
    }
    Py_DECREF(item);
    return res;
}

/* The same with a str as the table. */
static int
decode_byte_by_table(const struct _unicode_view *table, unsigned char byte, _PyUnicodeWriter *w)
{
    Py_UCS4 ch = byte < table->length ? PyUnicode_READ(table->kind, table->data, byte) : UNDEFINED;
    if (ch == UNDEFINED) {
        return 0;
    }
    return _PyUnicodeWriter_WriteChar(w, ch) < 0 ? -1 : 1;
}

/* Decode bytes through a mapping; NULL means Latin-1. */
PyObject *
PyUnicode_DecodeCharmap(const char *s, Py_ssize_t size, PyObject *mapping, const char *errors)
{
    if (mapping == NULL) {
        return PyUnicode_DecodeLatin1(s, size, errors);
    }
    if (size == 0) {
        return _PyUnicode_GetEmpty();
    }
    struct _unicode_decoder d;
    _PyUnicode_DecoderInit(&d, "charmap", s, size, errors);
    d.writer.min_length = size;
    int by_table = PyUnicode_CheckExact(mapping);
    struct _unicode_view table = {0};
    if (by_table) {
        table = _PyUnicode_View(mapping);
    }
    for (const char *p = s; p < d.end; ) {
        int res = by_table ? decode_byte_by_table(&table, (unsigned char)*p, &d.writer)
                           : decode_byte(mapping, (unsigned char)*p, &d.writer);
        if (res == 0) {
            p = _PyUnicode_DecoderError(&d, p, p + 1, UNDEFINED_REASON);
        }
        else {
            p = res > 0 ? p + 1 : NULL;
        }
        if (p == NULL) {
            _PyUnicode_DecoderClear(&d);
            return NULL;
        }
    }
    return _PyUnicode_DecoderFinish(&d);
}

/* --- Encoding --------------------------------------------------------------------------------- */

struct charmap_encoder {
    struct _unicode_encoder e;
    PyObject *mapping;
    _PyBytesWriter writer;
    char *out;
};

/* Write the bytes for ch: 1 written, 0 undefined, -1 with an exception. */
static int
encode_char(struct charmap_encoder *c, Py_UCS4 ch)
{
    char byte;
    if (Py_IS_TYPE(c->mapping, &_PyUnicodeEncodingMap_Type)) {
        int value = map_get((encodingmapobject *)c->mapping, ch);
        if (value < 0) {
            return 0;
        }
        byte = (char)value;
        c->out = _PyBytesWriter_WriteBytes(&c->writer, c->out, &byte, 1);
        return c->out != NULL ? 1 : -1;
    }
    PyObject *item = lookup(c->mapping, ch);
    if (item == NULL) {
        return -1;
    }
    int res = -1;
    if (item == Py_None) {
        res = 0;
    }
    else if (PyLong_Check(item)) {
        long value = PyLong_AsLong(item);
        if (value < 0 || value > 255) {
            PyErr_SetString(PyExc_TypeError, "character mapping must be in range(256)");
        }
        else {
            byte = (char)value;
            c->out = _PyBytesWriter_WriteBytes(&c->writer, c->out, &byte, 1);
            res = c->out != NULL ? 1 : -1;
        }
    }
    else if (PyBytes_Check(item)) {
        c->out = _PyBytesWriter_WriteBytes(&c->writer, c->out, PyBytes_AS_STRING(item),
                                           PyBytes_GET_SIZE(item));
        res = c->out != NULL ? 1 : -1;
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "character mapping must return integer, bytes or None, not %.400s",
                     Py_TYPE(item)->tp_name);
    }
    Py_DECREF(item);
    return res;
}

/* Write ASCII replacement text through the mapping; it has to be encodable. */
static int
encode_text(struct charmap_encoder *c, const char *s, Py_ssize_t n, Py_ssize_t from,
            Py_ssize_t to)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        int res = encode_char(c, (unsigned char)s[i]);
        if (res <= 0) {
            if (res == 0) {
                _PyUnicode_RaiseEncodeError(&c->e, UNDEFINED_REASON, from, to);
            }
            return -1;
        }
    }
    return 0;
}

static int
encode_reply(struct charmap_encoder *c, PyObject *rep, Py_ssize_t from, Py_ssize_t to)
{
    if (PyBytes_Check(rep)) {
        c->out = _PyBytesWriter_WriteBytes(&c->writer, c->out, PyBytes_AS_STRING(rep),
                                           PyBytes_GET_SIZE(rep));
        return c->out != NULL ? 0 : -1;
    }
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(rep); i++) {
        int res = encode_char(c, PyUnicode_READ_CHAR(rep, i));
        if (res <= 0) {
            if (res == 0) {
                _PyUnicode_RaiseEncodeError(&c->e, UNDEFINED_REASON, from, to);
            }
            return -1;
        }
    }
    return 0;
}

/* Handle the unencodable characters [from, to); *next is where to go on. */
static int
encode_undefined(struct charmap_encoder *c, Py_ssize_t from, Py_ssize_t to, Py_ssize_t *next)
{
    *next = to;
    switch (_PyUnicode_EncoderHandler(&c->e)) {
    case _Py_ERROR_STRICT:
        _PyUnicode_RaiseEncodeError(&c->e, UNDEFINED_REASON, from, to);
        return -1;
    case _Py_ERROR_IGNORE:
        return 0;
    case _Py_ERROR_REPLACE:
        for (Py_ssize_t i = from; i < to; i++) {
            if (encode_text(c, "?", 1, from, to) < 0) {
                return -1;
            }
        }
        return 0;
    case _Py_ERROR_XMLCHARREFREPLACE:
        for (Py_ssize_t i = from; i < to; i++) {
            char form[16];
            char *end = _PyUnicode_XmlForms(c->e.str, i, i + 1, form);
            if (encode_text(c, form, end - form, from, to) < 0) {
                return -1;
            }
        }
        return 0;
    default: {
        PyObject *rep = _PyUnicode_EncoderError(&c->e, UNDEFINED_REASON, from, to, next);
        if (rep == NULL) {
            return -1;
        }
        int res = encode_reply(c, rep, from, to);
        Py_DECREF(rep);
        return res;
    }
    }
}

/* Can ch be encoded?  For runs of characters that cannot. */
static int
is_undefined(PyObject *mapping, Py_UCS4 ch)
{
    if (Py_IS_TYPE(mapping, &_PyUnicodeEncodingMap_Type)) {
        return map_get((encodingmapobject *)mapping, ch) < 0;
    }
    PyObject *item = lookup(mapping, ch);
    if (item == NULL) {
        return -1;
    }
    Py_DECREF(item);
    return item == Py_None;
}

/* Encode through a mapping; NULL means Latin-1. */
PyObject *
_PyUnicode_EncodeCharmap(PyObject *str, PyObject *mapping, const char *errors)
{
    if (mapping == NULL) {
        return _PyUnicode_AsLatin1String(str, errors);
    }
    struct _unicode_view v = _PyUnicode_View(str);
    struct charmap_encoder c = {.mapping = mapping};
    _PyUnicode_EncoderInit(&c.e, "charmap", str, errors);
    _PyBytesWriter_Init(&c.writer);
    c.writer.overallocate = 1;
    c.out = _PyBytesWriter_Alloc(&c.writer, 0);
    Py_ssize_t pos = 0;
    while (c.out != NULL && pos < v.length) {
        int res = encode_char(&c, PyUnicode_READ(v.kind, v.data, pos));
        if (res < 0) {
            goto error;
        }
        if (res > 0) {
            pos++;
            continue;
        }
        Py_ssize_t stop = pos + 1;
        int bad = 1;
        while (stop < v.length
               && (bad = is_undefined(mapping, PyUnicode_READ(v.kind, v.data, stop))) == 1)
        {
            stop++;
        }
        if (bad < 0 || encode_undefined(&c, pos, stop, &pos) < 0) {
            goto error;
        }
    }
    if (c.out == NULL) {
        goto error;
    }
    _PyUnicode_EncoderClear(&c.e);
    return _PyBytesWriter_Finish(&c.writer, c.out);

error:
    _PyUnicode_EncoderClear(&c.e);
    _PyBytesWriter_Dealloc(&c.writer);
    return NULL;
}

PyObject *
PyUnicode_AsCharmapString(PyObject *str, PyObject *mapping)
{
    if (!PyUnicode_Check(str) || mapping == NULL) {
        PyErr_BadArgument();
        return NULL;
    }
    return _PyUnicode_EncodeCharmap(str, mapping, NULL);
}

/* --- translate -------------------------------------------------------------------------------- */

/* Outcome of a translation besides a character. */
enum { TO_NOTHING = -1, TO_TEXT = -2, TO_ERROR = -3 };

/* What ch becomes: a character, TO_NOTHING (None), TO_TEXT with a new reference in *text, or
   TO_ERROR. */
static int32_t
translate_char(PyObject *table, Py_UCS4 ch, PyObject **text)
{
    PyObject *key = PyLong_FromUnsignedLong(ch);
    if (key == NULL) {
        return TO_ERROR;
    }
    PyObject *item = PyObject_GetItem(table, key);
    Py_DECREF(key);
    if (item == NULL) {
        if (PyErr_ExceptionMatches(PyExc_LookupError)) {
            PyErr_Clear();
            return (int32_t)ch;
        }
        return TO_ERROR;
    }
    int32_t res = TO_ERROR;
    if (item == Py_None) {
        res = TO_NOTHING;
    }
    else if (PyLong_Check(item)) {
        int overflow;
        long value = PyLong_AsLongAndOverflow(item, &overflow);
        if (overflow || value < 0 || value > _PyUnicode_MAX) {
            PyErr_Format(PyExc_ValueError, "character mapping must be in range(0x%x)",
                         (unsigned)_PyUnicode_MAX + 1);
        }
        else {
            res = (int32_t)value;
        }
    }
    else if (PyUnicode_Check(item)) {
        if (PyUnicode_GET_LENGTH(item) == 1) {
            res = (int32_t)PyUnicode_READ_CHAR(item, 0);
        }
        else {
            *text = item;
            return TO_TEXT;
        }
    }
    else {
        PyErr_SetString(PyExc_TypeError, "character mapping must return integer, None or str");
    }
    Py_DECREF(item);
    return res;
}

/* Handle the untranslatable characters [from, to) of str; the position to go on from, or -1. */
static Py_ssize_t
translate_undefined(PyObject *str, Py_ssize_t from, Py_ssize_t to, const char *errors,
                    _PyUnicodeWriter *w)
{
    if (_Py_GetErrorHandler(errors) == _Py_ERROR_IGNORE) {
        return to;
    }
    PyObject *exc = _PyUnicodeTranslateError_Create(str, from, to, UNDEFINED_REASON);
    if (exc == NULL) {
        return -1;
    }
    PyObject *handler = PyCodec_LookupError(errors);
    PyObject *res = handler != NULL ? PyObject_CallOneArg(handler, exc) : NULL;
    Py_XDECREF(handler);
    Py_DECREF(exc);
    if (res == NULL) {
        return -1;
    }
    PyObject *text;
    Py_ssize_t pos = -1;
    if (!PyTuple_Check(res)) {
        PyErr_SetString(PyExc_TypeError, "translating error handler must return (str, int) tuple");
    }
    else if (PyArg_ParseTuple(res, "O!n;translating error handler must return (str, int) tuple",
                              &PyUnicode_Type, &text, &pos))
    {
        Py_ssize_t n = PyUnicode_GET_LENGTH(str);
        Py_ssize_t where = pos < 0 ? pos + n : pos;
        if (where < 0 || where > n) {
            PyErr_Format(PyExc_IndexError, "position %zd from error handler out of bounds",
                         where);
            pos = -1;
        }
        else {
            pos = _PyUnicodeWriter_WriteStr(w, text) < 0 ? -1 : where;
        }
    }
    else {
        pos = -1;
    }
    Py_DECREF(res);
    return pos;
}

/* The text with every character replaced as the table says.  None is an error for the handler
   `errors`; "ignore" deletes. */
PyObject *
_PyUnicode_Translate(PyObject *str, PyObject *table, const char *errors)
{
    struct _unicode_view v = _PyUnicode_View(str);
    if (v.length == 0) {
        return _PyUnicode_Unchanged(str);
    }
    /* results for ASCII characters are asked for once; 0 means not yet, else result + 4 */
    int32_t known[128] = {0};
    _PyUnicodeWriter w;
    _PyUnicodeWriter_Init(&w);
    w.min_length = v.length;
    for (Py_ssize_t pos = 0; pos < v.length; ) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, pos);
        PyObject *text = NULL;
        int32_t to;
        if (ch < 128 && known[ch] != 0) {
            to = known[ch] - 4;
        }
        else {
            to = translate_char(table, ch, &text);
            if (ch < 128 && to != TO_TEXT && to != TO_ERROR) {
                known[ch] = to + 4;
            }
        }
        if (to == TO_ERROR) {
            goto error;
        }
        if (to == TO_TEXT) {
            w.overallocate = 1;
            int failed = _PyUnicodeWriter_WriteStr(&w, text);
            Py_DECREF(text);
            if (failed < 0) {
                goto error;
            }
            pos++;
        }
        else if (to == TO_NOTHING) {
            pos = translate_undefined(str, pos, pos + 1, errors, &w);
            if (pos < 0) {
                goto error;
            }
        }
        else {
            if (_PyUnicodeWriter_WriteChar(&w, (Py_UCS4)to) < 0) {
                goto error;
            }
            pos++;
        }
    }
    return _PyUnicodeWriter_Finish(&w);

error:
    _PyUnicodeWriter_Dealloc(&w);
    return NULL;
}

PyObject *
PyUnicode_Translate(PyObject *str, PyObject *mapping, const char *errors)
{
    if (_PyUnicode_EnsureStr(str) < 0) {
        return NULL;
    }
    if (mapping == NULL) {
        PyErr_BadArgument();
        return NULL;
    }
    return _PyUnicode_Translate(str, mapping, errors);
}

/* --- maketrans -------------------------------------------------------------------------------- */

static int
set_pair(PyObject *table, Py_UCS4 key, PyObject *value)
{
    PyObject *number = PyLong_FromUnsignedLong(key);
    if (number == NULL) {
        return -1;
    }
    int res = PyDict_SetItem(table, number, value);
    Py_DECREF(number);
    return res;
}

static int
pairs_from_strings(PyObject *table, PyObject *x, PyObject *y, PyObject *z)
{
    if (!PyUnicode_Check(x)) {
        PyErr_SetString(PyExc_TypeError, "first maketrans argument must be a string if there is "
                                         "a second argument");
        return -1;
    }
    if (PyUnicode_GET_LENGTH(x) != PyUnicode_GET_LENGTH(y)) {
        PyErr_SetString(PyExc_ValueError, "the first two maketrans arguments must have equal "
                                          "length");
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(x); i++) {
        PyObject *value = PyLong_FromUnsignedLong(PyUnicode_READ_CHAR(y, i));
        int res = value != NULL ? set_pair(table, PyUnicode_READ_CHAR(x, i), value) : -1;
        Py_XDECREF(value);
        if (res < 0) {
            return -1;
        }
    }
    for (Py_ssize_t i = 0; z != NULL && i < PyUnicode_GET_LENGTH(z); i++) {
        if (set_pair(table, PyUnicode_READ_CHAR(z, i), Py_None) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
pairs_from_dict(PyObject *table, PyObject *dict)
{
    PyObject *key, *value;
    Py_ssize_t i = 0;
    if (!PyDict_CheckExact(dict)) {
        PyErr_SetString(PyExc_TypeError,
                        "if you give only one argument to maketrans it must be a dict");
        return -1;
    }
    while (PyDict_Next(dict, &i, &key, &value)) {
        int res;
        if (PyUnicode_Check(key)) {
            if (PyUnicode_GET_LENGTH(key) != 1) {
                PyErr_SetString(PyExc_ValueError,
                                "string keys in translate table must be of length 1");
                return -1;
            }
            res = set_pair(table, PyUnicode_READ_CHAR(key, 0), value);
        }
        else if (PyLong_Check(key)) {
            res = PyDict_SetItem(table, key, value);
        }
        else {
            PyErr_SetString(PyExc_TypeError,
                            "keys in translate table must be strings or integers");
            return -1;
        }
        if (res < 0) {
            return -1;
        }
    }
    return 0;
}

/* str.maketrans(x[, y[, z]]); y and z are NULL or str. */
PyObject *
_PyUnicode_MakeTrans(PyObject *x, PyObject *y, PyObject *z)
{
    PyObject *table = PyDict_New();
    if (table == NULL) {
        return NULL;
    }
    int res = y != NULL ? pairs_from_strings(table, x, y, z) : pairs_from_dict(table, x);
    if (res < 0) {
        Py_CLEAR(table);
    }
    return table;
}
