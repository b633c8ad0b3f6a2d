/* UnicodeEncodeError, UnicodeDecodeError, UnicodeTranslateError and their C access.
 *
 * All three share a struct: encoding (unused by Translate), object (str, or bytes for Decode),
 * start, end, reason.  Code may set the attributes to anything, so every reader checks: the
 * C accessors clip start and end to the object, __str__ does the same.
 * Written from the library reference, the C API reference (Unicode exception objects) and
 * observed behaviour of 3.12. */

#define PY_SSIZE_T_CLEAN
#include "Python.h"
#include "pycore_exceptions.h"      // _PyExc_LIFE

#define UNICODEERROR_FIELDS(X) X(encoding) X(object) X(reason)
_PyExc_LIFE(UnicodeError, PyUnicodeErrorObject, UNICODEERROR_FIELDS)

static inline PyUnicodeErrorObject *
unicode_error(PyObject *op)
{
    assert(PyObject_TypeCheck(op, &_PyExc_UnicodeError));
    return (PyUnicodeErrorObject *)op;
}

/* The attribute as a new reference, checked; or NULL with TypeError. */
static PyObject *
get_unicode(PyObject *attr, const char *name)
{
    if (attr == NULL) {
        PyErr_Format(PyExc_TypeError, "%.200s attribute not set", name);
        return NULL;
    }
    if (!PyUnicode_Check(attr)) {
        PyErr_Format(PyExc_TypeError, "%.200s attribute must be unicode", name);
        return NULL;
    }
    return Py_NewRef(attr);
}

static PyObject *
get_bytes(PyObject *attr, const char *name)
{
    if (attr == NULL) {
        PyErr_Format(PyExc_TypeError, "%.200s attribute not set", name);
        return NULL;
    }
    if (!PyBytes_Check(attr)) {
        PyErr_Format(PyExc_TypeError, "%.200s attribute must be bytes", name);
        return NULL;
    }
    return Py_NewRef(attr);
}

/* The length of the object, or -1 with TypeError. */
static Py_ssize_t
object_length(PyObject *op, int is_bytes)
{
    PyObject *object = unicode_error(op)->object;
    PyObject *checked = is_bytes ? get_bytes(object, "object") : get_unicode(object, "object");
    if (checked == NULL) {
        return -1;
    }
    assert(is_bytes ? PyBytes_Check(checked) : PyUnicode_Check(checked));
    Py_ssize_t length = is_bytes ? PyBytes_GET_SIZE(checked) : PyUnicode_GET_LENGTH(checked);
    Py_DECREF(checked);
    return length;
}

static int
get_start(PyObject *op, int is_bytes, Py_ssize_t *start)
{
    Py_ssize_t size = object_length(op, is_bytes);
    if (size < 0) {
        return -1;
    }
    *start = unicode_error(op)->start;
    if (*start < 0) {
        *start = 0;
    }
    if (*start >= size) {
        *start = size - 1;
    }
    return 0;
}

static int
get_end(PyObject *op, int is_bytes, Py_ssize_t *end)
{
    Py_ssize_t size = object_length(op, is_bytes);
    if (size < 0) {
        return -1;
    }
    *end = unicode_error(op)->end;
    if (*end < 1) {
        *end = 1;
    }
    if (*end > size) {
        *end = size;
    }
    return 0;
}

static int
set_reason(PyObject *op, const char *reason)
{
    PyObject *text = PyUnicode_FromString(reason);
    if (text == NULL) {
        return -1;
    }
    Py_XSETREF(unicode_error(op)->reason, text);
    return 0;
}

/* The functions that exist for all three types. */
#define ACCESSORS(TYPE, IS_BYTES)                                               \
    PyObject *                                                                  \
    PyUnicode##TYPE##Error_GetObject(PyObject *op)                              \
    {                                                                           \
        PyObject *object = unicode_error(op)->object;                           \
        return (IS_BYTES) ? get_bytes(object, "object") : get_unicode(object, "object"); \
    }                                                                           \
                                                                                \
    PyObject *                                                                  \
    PyUnicode##TYPE##Error_GetReason(PyObject *op)                              \
    {                                                                           \
        return get_unicode(unicode_error(op)->reason, "reason");                \
    }                                                                           \
                                                                                \
    int                                                                         \
    PyUnicode##TYPE##Error_SetReason(PyObject *op, const char *reason)          \
    {                                                                           \
        return set_reason(op, reason);                                          \
    }                                                                           \
                                                                                \
    int                                                                         \
    PyUnicode##TYPE##Error_GetStart(PyObject *op, Py_ssize_t *start)            \
    {                                                                           \
        return get_start(op, IS_BYTES, start);                                  \
    }                                                                           \
                                                                                \
    int                                                                         \
    PyUnicode##TYPE##Error_SetStart(PyObject *op, Py_ssize_t start)             \
    {                                                                           \
        unicode_error(op)->start = start;                                       \
        return 0;                                                               \
    }                                                                           \
                                                                                \
    int                                                                         \
    PyUnicode##TYPE##Error_GetEnd(PyObject *op, Py_ssize_t *end)                \
    {                                                                           \
        return get_end(op, IS_BYTES, end);                                      \
    }                                                                           \
                                                                                \
    int                                                                         \
    PyUnicode##TYPE##Error_SetEnd(PyObject *op, Py_ssize_t end)                 \
    {                                                                           \
        unicode_error(op)->end = end;                                           \
        return 0;                                                               \
    }

ACCESSORS(Encode, 0)
ACCESSORS(Decode, 1)
ACCESSORS(Translate, 0)

PyObject *
PyUnicodeEncodeError_GetEncoding(PyObject *op)
{
    return get_unicode(unicode_error(op)->encoding, "encoding");
}

PyObject *
PyUnicodeDecodeError_GetEncoding(PyObject *op)
{
    return get_unicode(unicode_error(op)->encoding, "encoding");
}


/* ----------------------------------------------------------------- construction */

/* Sets all fields from new references. */
static void
set_fields(PyObject *op, PyObject *encoding, PyObject *object, Py_ssize_t start, Py_ssize_t end,
           PyObject *reason)
{
    PyUnicodeErrorObject *self = unicode_error(op);
    assert(object != NULL && reason != NULL);
    Py_XSETREF(self->encoding, encoding);
    Py_XSETREF(self->object, object);
    self->start = start;
    self->end = end;
    Py_XSETREF(self->reason, reason);
}

static int
UnicodeEncodeError_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PyObject *encoding, *object, *reason;
    Py_ssize_t start, end;
    if (_PyBaseException_Init(op, args, kwargs) < 0
        || !PyArg_ParseTuple(args, "UUnnU", &encoding, &object, &start, &end, &reason))
    {
        return -1;
    }
    set_fields(op, Py_NewRef(encoding), Py_NewRef(object), start, end, Py_NewRef(reason));
    return 0;
}

static int
UnicodeDecodeError_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PyObject *encoding, *object, *reason;
    Py_ssize_t start, end;
    if (_PyBaseException_Init(op, args, kwargs) < 0
        || !PyArg_ParseTuple(args, "UOnnU", &encoding, &object, &start, &end, &reason))
    {
        return -1;
    }
    if (PyBytes_Check(object)) {
        Py_INCREF(object);
    }
    else {
        Py_buffer view;
        if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) != 0) {
            return -1;
        }
        object = PyBytes_FromStringAndSize(view.buf, view.len);
        PyBuffer_Release(&view);
        if (object == NULL) {
            return -1;
        }
    }
    set_fields(op, Py_NewRef(encoding), object, start, end, Py_NewRef(reason));
    return 0;
}

static int
UnicodeTranslateError_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PyObject *object, *reason;
    Py_ssize_t start, end;
    if (_PyBaseException_Init(op, args, kwargs) < 0
        || !PyArg_ParseTuple(args, "UnnU", &object, &start, &end, &reason))
    {
        return -1;
    }
    set_fields(op, NULL, Py_NewRef(object), start, end, Py_NewRef(reason));
    return 0;
}

PyObject *
PyUnicodeDecodeError_Create(const char *encoding, const char *object, Py_ssize_t length,
                            Py_ssize_t start, Py_ssize_t end, const char *reason)
{
    return PyObject_CallFunction(PyExc_UnicodeDecodeError, "sy#nns", encoding, object, length,
                                 start, end, reason);
}

PyObject *
_PyUnicodeTranslateError_Create(PyObject *object, Py_ssize_t start, Py_ssize_t end,
                                const char *reason)
{
    return PyObject_CallFunction(PyExc_UnicodeTranslateError, "Onns", object, start, end, reason);
}


/* ------------------------------------------------------------------------- str */

/* The texts of reason and encoding, which may be any objects: 0, or -1 with an exception. */
static int
get_texts(PyUnicodeErrorObject *self, PyObject **reason, PyObject **encoding)
{
    assert(!PyErr_Occurred());
    *reason = PyObject_Str(self->reason);
    *encoding = NULL;
    if (*reason != NULL) {
        *encoding = self->encoding == NULL ? PyUnicode_New(0, 0) : PyObject_Str(self->encoding);
    }
    if (*encoding == NULL) {
        Py_CLEAR(*reason);
        return -1;
    }
    return 0;
}

/* Whether the error is about one character (byte) inside the object of that size. */
static int
is_one_character(const PyUnicodeErrorObject *self, Py_ssize_t size)
{
    return self->start >= 0 && self->start < size && self->end == self->start + 1;
}

static const char *
escape_format(Py_UCS4 ch)
{
    return ch <= 0xff ? "\\x%02x" : ch <= 0xffff ? "\\u%04x" : "\\U%08x";
}

static PyObject *
encode_message(PyUnicodeErrorObject *self, PyObject *encoding, PyObject *reason)
{
    if (PyUnicode_Check(self->object)
        && is_one_character(self, PyUnicode_GET_LENGTH(self->object)))
    {
        char escaped[16];
        Py_UCS4 ch = PyUnicode_READ_CHAR(self->object, self->start);
        PyOS_snprintf(escaped, sizeof(escaped), escape_format(ch), (unsigned int)ch);
        return PyUnicode_FromFormat("'%U' codec can't encode character '%s' in position %zd: %U",
                                    encoding, escaped, self->start, reason);
    }
    return PyUnicode_FromFormat("'%U' codec can't encode characters in position %zd-%zd: %U",
                                encoding, self->start, self->end - 1, reason);
}

static PyObject *
decode_message(PyUnicodeErrorObject *self, PyObject *encoding, PyObject *reason)
{
    if (PyBytes_Check(self->object) && is_one_character(self, PyBytes_GET_SIZE(self->object))) {
        int byte = PyBytes_AS_STRING(self->object)[self->start] & 0xff;
        return PyUnicode_FromFormat("'%U' codec can't decode byte 0x%02x in position %zd: %U",
                                    encoding, byte, self->start, reason);
    }
    return PyUnicode_FromFormat("'%U' codec can't decode bytes in position %zd-%zd: %U",
                                encoding, self->start, self->end - 1, reason);
}

static PyObject *
translate_message(PyUnicodeErrorObject *self, PyObject *Py_UNUSED(encoding), PyObject *reason)
{
    if (PyUnicode_Check(self->object)
        && is_one_character(self, PyUnicode_GET_LENGTH(self->object)))
    {
        char escaped[16];
        Py_UCS4 ch = PyUnicode_READ_CHAR(self->object, self->start);
        PyOS_snprintf(escaped, sizeof(escaped), escape_format(ch), (unsigned int)ch);
        return PyUnicode_FromFormat("can't translate character '%s' in position %zd: %U",
                                    escaped, self->start, reason);
    }
    return PyUnicode_FromFormat("can't translate characters in position %zd-%zd: %U",
                                self->start, self->end - 1, reason);
}

static PyObject *
make_str(PyObject *op, PyObject *(*message)(PyUnicodeErrorObject *, PyObject *, PyObject *))
{
    PyUnicodeErrorObject *self = unicode_error(op);
    if (self->object == NULL) {
        return PyUnicode_New(0, 0);     /* __init__ has not run */
    }
    PyObject *reason, *encoding;
    if (get_texts(self, &reason, &encoding) < 0) {
        return NULL;
    }
    /* str() above may have run code that changed the attributes. */
    PyObject *object = Py_XNewRef(self->object);
    PyObject *result = object != NULL ? message(self, encoding, reason) : PyUnicode_New(0, 0);
    Py_XDECREF(object);
    Py_DECREF(reason);
    Py_DECREF(encoding);
    return result;
}

static PyObject *
UnicodeEncodeError_str(PyObject *op)
{
    return make_str(op, encode_message);
}

static PyObject *
UnicodeDecodeError_str(PyObject *op)
{
    return make_str(op, decode_message);
}

static PyObject *
UnicodeTranslateError_str(PyObject *op)
{
    return make_str(op, translate_message);
}


/* ------------------------------------------------------------------------ types */

#define FIELD(NAME, TYPE) \
    {#NAME, TYPE, offsetof(PyUnicodeErrorObject, NAME), 0, PyDoc_STR("exception " #NAME)}

static PyMemberDef UnicodeError_members[] = {
    FIELD(encoding, T_OBJECT),
    FIELD(object, T_OBJECT),
    FIELD(start, T_PYSSIZET),
    FIELD(end, T_PYSSIZET),
    FIELD(reason, T_OBJECT),
    {NULL, 0, 0, 0, NULL},
};

#define UNICODE_TYPE(NAME, DOC)                                                 \
    _Py_SHARED PyTypeObject _PyExc_##NAME = {                                   \
        _PyExc_TYPE_HEAD(NAME, PyUnicodeErrorObject, _PyExc_UnicodeError, UnicodeError, DOC), \
        .tp_str = NAME##_str,                                                   \
        .tp_members = UnicodeError_members,                                     \
        .tp_init = NAME##_init,                                                 \
        .tp_new = _PyBaseException_New,                                         \
    };                                                                          \
    PyObject *PyExc_##NAME = (PyObject *)&_PyExc_##NAME

UNICODE_TYPE(UnicodeEncodeError, "Unicode encoding error.");
UNICODE_TYPE(UnicodeDecodeError, "Unicode decoding error.");
UNICODE_TYPE(UnicodeTranslateError, "Unicode translation error.");
