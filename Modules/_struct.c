/* _struct.c - the module _struct: values of C as bytes.
 *
 * A format is compiled to a list of units: a kind of value, where the first one is, and how many
 * follow each other.  There is a table of kinds for each byte order; a kind knows size, alignment
 * and category, and two functions (pack_value(), unpack_value()) handle all of them, integers of
 * every size and order by the same loop.
 *
 * Invariants: units are in order of offset; every value lies within [0, size) of the struct;
 * length is the number of Python values.  An object that __init__() did not fill has no units and
 * size -1, and no method uses it.
 *
 * Written from the documentation of the module struct and observed messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    PyObject *cache;            // format -> Struct
    PyTypeObject *struct_type;
    PyTypeObject *iter_type;
    PyObject *error;
} struct_state;

typedef enum { PAD, SIGNED, UNSIGNED, POINTER, FLOAT, CHAR, BOOL, STRING, PASCAL } category;

typedef struct {
    char format;
    unsigned char category;
    unsigned char size;
    unsigned char align;
    bool native, big;
} kind;

typedef struct {
    const kind *kind;
    Py_ssize_t offset;
    Py_ssize_t size;            // of one value
    Py_ssize_t repeat;
} unit;

typedef struct {
    PyObject_HEAD
    Py_ssize_t size;
    Py_ssize_t length;
    unit *units;                // ends with a unit without kind
    PyObject *format;           // bytes
    PyObject *weakreflist;
} StructObject;

typedef struct {
    PyObject_HEAD
    StructObject *so;
    Py_buffer buf;
    Py_ssize_t index;
} iterobject;

static inline struct_state *
get_state(PyObject *module)
{
    struct_state *state = (struct_state *)PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

static PyModuleDef structmodule;

/* The state of the module that made the type or a base of it. */
static inline struct_state *
state_of_object(StructObject *self)
{
    PyObject *module = PyType_GetModuleByDef(Py_TYPE(self), &structmodule);
    assert(module != NULL);
    return get_state(module);
}

#include "sig/_struct.sig.h"

/* -------------------------------------------------------------------------------------- kinds */

#define NATIVE(FORMAT, CATEGORY, TYPE) \
    {FORMAT, CATEGORY, sizeof(TYPE), _Alignof(TYPE), true, PY_BIG_ENDIAN}
#define STANDARD(FORMAT, CATEGORY, SIZE, BIG) {FORMAT, CATEGORY, SIZE, 1, false, BIG}
#define STANDARD_KINDS(BIG)                                                                 \
    STANDARD('x', PAD, 1, BIG), STANDARD('b', SIGNED, 1, BIG), STANDARD('B', UNSIGNED, 1, BIG), \
    STANDARD('c', CHAR, 1, BIG), STANDARD('s', STRING, 1, BIG), STANDARD('p', PASCAL, 1, BIG),  \
    STANDARD('h', SIGNED, 2, BIG), STANDARD('H', UNSIGNED, 2, BIG),                         \
    STANDARD('i', SIGNED, 4, BIG), STANDARD('I', UNSIGNED, 4, BIG),                         \
    STANDARD('l', SIGNED, 4, BIG), STANDARD('L', UNSIGNED, 4, BIG),                         \
    STANDARD('q', SIGNED, 8, BIG), STANDARD('Q', UNSIGNED, 8, BIG),                         \
    STANDARD('?', BOOL, 1, BIG), STANDARD('e', FLOAT, 2, BIG), STANDARD('f', FLOAT, 4, BIG), \
    STANDARD('d', FLOAT, 8, BIG), {0, PAD, 0, 0, false, BIG}

static const kind native_kinds[] = {
    NATIVE('x', PAD, char), NATIVE('b', SIGNED, char), NATIVE('B', UNSIGNED, char),
    NATIVE('c', CHAR, char), NATIVE('s', STRING, char), NATIVE('p', PASCAL, char),
    NATIVE('h', SIGNED, short), NATIVE('H', UNSIGNED, short), NATIVE('i', SIGNED, int),
    NATIVE('I', UNSIGNED, int), NATIVE('l', SIGNED, long), NATIVE('L', UNSIGNED, long),
    NATIVE('n', SIGNED, Py_ssize_t), NATIVE('N', UNSIGNED, size_t),
    NATIVE('q', SIGNED, long long), NATIVE('Q', UNSIGNED, long long), NATIVE('?', BOOL, _Bool),
    NATIVE('e', FLOAT, short), NATIVE('f', FLOAT, float), NATIVE('d', FLOAT, double),
    NATIVE('P', POINTER, void *), {0, PAD, 0, 0, true, PY_BIG_ENDIAN}
};
static const kind little_kinds[] = {STANDARD_KINDS(false)};
static const kind big_kinds[] = {STANDARD_KINDS(true)};

static uint64_t
load_bytes(const unsigned char *p, Py_ssize_t size, bool big)
{
    assert(size >= 1 && size <= 8);
    uint64_t value = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        value = value << 8 | p[big ? i : size - 1 - i];
    }
    return value;
}

static void
store_bytes(unsigned char *p, uint64_t value, Py_ssize_t size, bool big)
{
    assert(size >= 1 && size <= 8);
    for (Py_ssize_t i = 0; i < size; i++) {
        p[big ? size - 1 - i : i] = (unsigned char)(value >> (8 * i));
    }
}

/* Store an int.  0, or -1 with an exception. */
static int
pack_integer(struct_state *state, unsigned char *p, PyObject *v, const kind *k)
{
    if (!PyIndex_Check(v)) {
        PyErr_SetString(state->error, "required argument is not an integer");
        return -1;
    }
    v = PyNumber_Index(v);
    if (v == NULL) {
        return -1;
    }
    int shift = 64 - 8 * k->size;
    uint64_t bits;
    bool fits;
    if (k->category == POINTER) {
        bits = (uint64_t)(uintptr_t)PyLong_AsVoidPtr(v);
        fits = true;
    }
    else if (k->category == SIGNED) {
        int overflow;
        long long value = PyLong_AsLongLongAndOverflow(v, &overflow);
        fits = !overflow && value >= INT64_MIN >> shift && value <= INT64_MAX >> shift;
        bits = (uint64_t)value;
    }
    else {
        bits = PyLong_AsUnsignedLongLong(v);
        fits = bits <= UINT64_MAX >> shift;
        if (bits == UINT64_MAX && PyErr_Occurred()) {
            fits = !PyErr_ExceptionMatches(PyExc_OverflowError);
            if (!fits) {
                PyErr_Clear();
            }
        }
    }
    Py_DECREF(v);
    if (!fits) {
        if (k->category == SIGNED) {
            PyErr_Format(state->error, "'%c' format requires %lld <= number <= %lld", k->format,
                         (long long)(INT64_MIN >> shift), (long long)(INT64_MAX >> shift));
        }
        else {
            PyErr_Format(state->error, "'%c' format requires 0 <= number <= %llu", k->format,
                         (unsigned long long)(UINT64_MAX >> shift));
        }
        return -1;
    }
    if (PyErr_Occurred()) {
        return -1;
    }
    store_bytes(p, bits, k->size, k->big);
    return 0;
}

static int
pack_float(struct_state *state, unsigned char *p, PyObject *v, const kind *k)
{
    double x = PyFloat_AsDouble(v);
    if (x == -1.0 && PyErr_Occurred()) {
        PyErr_SetString(state->error, "required argument is not a float");
        return -1;
    }
    if (k->size == 2) {
        return PyFloat_Pack2(x, (char *)p, !k->big);
    }
    if (k->size == 8) {
        return PyFloat_Pack8(x, (char *)p, !k->big);
    }
    if (k->native) {
        float single = (float)x;    /* too large a number becomes infinite */
        memcpy(p, &single, sizeof(single));
        return 0;
    }
    return PyFloat_Pack4(x, (char *)p, !k->big);
}

/* Store bytes padded with zeros, or with a count in front.  The memory is zero. */
static int
pack_string(struct_state *state, unsigned char *p, PyObject *v, const unit *u)
{
    const char *text;
    Py_ssize_t n;
    if (PyBytes_Check(v)) {
        text = PyBytes_AS_STRING(v);
        n = PyBytes_GET_SIZE(v);
    }
    else if (PyByteArray_Check(v)) {
        text = PyByteArray_AS_STRING(v);
        n = PyByteArray_GET_SIZE(v);
    }
    else {
        PyErr_Format(state->error, "argument for '%c' must be a bytes object", u->kind->format);
        return -1;
    }
    if (u->kind->category == STRING) {
        memcpy(p, text, (size_t)Py_MIN(n, u->size));
    }
    else if (u->size > 0) {
        n = Py_MIN(n, u->size - 1);
        memcpy(p + 1, text, (size_t)n);
        *p = (unsigned char)Py_MIN(n, 255);
    }
    return 0;
}

/* Store one value.  0, or -1 with an exception. */
static int
pack_value(struct_state *state, unsigned char *p, PyObject *v, const unit *u)
{
    int truth;
    switch (u->kind->category) {
    case SIGNED:
    case UNSIGNED:
    case POINTER:
        return pack_integer(state, p, v, u->kind);
    case FLOAT:
        return pack_float(state, p, v, u->kind);
    case BOOL:
        truth = PyObject_IsTrue(v);
        *p = truth > 0;
        return truth < 0 ? -1 : 0;
    case CHAR:
        if (!PyBytes_Check(v) || PyBytes_GET_SIZE(v) != 1) {
            PyErr_SetString(state->error, "char format requires a bytes object of length 1");
            return -1;
        }
        *p = (unsigned char)PyBytes_AS_STRING(v)[0];
        return 0;
    default:
        return pack_string(state, p, v, u);
    }
}

/* The value at p: new reference, or NULL with an exception. */
static PyObject *
unpack_value(const unsigned char *p, const unit *u)
{
    const kind *k = u->kind;
    switch (k->category) {
    case SIGNED: {
        int shift = 64 - 8 * k->size;
        int64_t value = (int64_t)(load_bytes(p, k->size, k->big) << shift) >> shift;
        return PyLong_FromLongLong(value);
    }
    case UNSIGNED:
    case POINTER:
        return PyLong_FromUnsignedLongLong(load_bytes(p, k->size, k->big));
    case FLOAT: {
        double x = k->size == 2 ? PyFloat_Unpack2((const char *)p, !k->big)
                   : k->size == 4 ? PyFloat_Unpack4((const char *)p, !k->big)
                   : PyFloat_Unpack8((const char *)p, !k->big);
        return x == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(x);
    }
    case BOOL:
        return PyBool_FromLong(*p != 0);
    case PASCAL: {
        Py_ssize_t n = u->size > 0 ? Py_MIN((Py_ssize_t)*p, u->size - 1) : 0;
        return PyBytes_FromStringAndSize(u->size > 0 ? (const char *)p + 1 : NULL, n);
    }
    default:
        return PyBytes_FromStringAndSize((const char *)p, u->size);
    }
}

/* ------------------------------------------------------------------------------------ formats */

static const kind *
choose_kinds(const char **format)
{
    switch (**format) {
    case '<':
        ++*format;
        return little_kinds;
    case '>':
    case '!':
        ++*format;
        return big_kinds;
    case '=':
        ++*format;
        return PY_LITTLE_ENDIAN ? little_kinds : big_kinds;
    case '@':
        ++*format;
        return native_kinds;
    default:
        return native_kinds;
    }
}

/* Read one item of the format: 1, 0 at the end, or -1 with an exception. */
static int
next_item(struct_state *state, const char **format, const kind *kinds, const kind **found,
          Py_ssize_t *count)
{
    const char *s = *format;
    while (Py_ISSPACE(*s)) {
        s++;
    }
    if (*s == 0) {
        return 0;
    }
    *count = 1;
    if (Py_ISDIGIT(*s)) {
        *count = 0;
        for (; Py_ISDIGIT(*s); s++) {
            if (__builtin_mul_overflow(*count, 10, count)
                || __builtin_add_overflow(*count, *s - '0', count))
            {
                PyErr_SetString(state->error, "total struct size too long");
                return -1;
            }
        }
        if (*s == 0) {
            PyErr_SetString(state->error, "repeat count given without format specifier");
            return -1;
        }
    }
    for (*found = kinds; (*found)->format != *s; ++*found) {
        if ((*found)->format == 0) {
            PyErr_SetString(state->error, "bad char in struct format");
            return -1;
        }
    }
    *format = s + 1;
    return 1;
}

/* Fill size, length and units from the format.  0, or -1 with an exception and no change. */
static int
compile_format(struct_state *state, StructObject *self, const char *format, Py_ssize_t format_size)
{
    if (strlen(format) != (size_t)format_size) {
        PyErr_SetString(state->error, "embedded null character");
        return -1;
    }
    const kind *kinds = choose_kinds(&format), *k;
    unit *units = PyMem_New(unit, strlen(format) + 1);
    if (units == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t used = 0, size = 0, length = 0, count;
    int more;
    while ((more = next_item(state, &format, kinds, &k, &count)) > 0) {
        Py_ssize_t bytes, padding = (k->align - size % k->align) % k->align;
        if (__builtin_add_overflow(size, padding, &size)
            || __builtin_mul_overflow(count, (Py_ssize_t)k->size, &bytes)
            || bytes > PY_SSIZE_T_MAX - size)
        {
            PyErr_SetString(state->error, "total struct size too long");
            more = -1;
            break;
        }
        bool text = k->category == STRING || k->category == PASCAL;
        if (k->category != PAD && (text || count > 0)) {
            units[used++] = (unit){k, size, text ? count : k->size, text ? 1 : count};
            length += text ? 1 : count;
        }
        size += bytes;
    }
    unit *fitted = more == 0 ? PyMem_Realloc(units, (size_t)(used + 1) * sizeof(unit)) : NULL;
    if (fitted == NULL) {
        PyMem_Free(units);
        if (more == 0) {
            PyErr_NoMemory();
        }
        return -1;
    }
    fitted[used] = (unit){NULL, size, 0, 0};
    PyMem_Free(self->units);
    self->units = fitted;
    self->size = size;
    self->length = length;
    return 0;
}

static PyObject *
struct_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    StructObject *self = (StructObject *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->format = Py_NewRef(Py_None);
        self->size = -1;
        self->length = -1;
    }
    return (PyObject *)self;
}

/*sig Struct.__init__(self, format)

Struct(fmt) --> compiled struct object
*/
static int
struct_init_impl(StructObject *self, PyObject *format)
{
    if (PyUnicode_Check(format)) {
        format = PyUnicode_AsASCIIString(format);
        if (format == NULL) {
            return -1;
        }
    }
    else if (PyBytes_Check(format)) {
        Py_INCREF(format);
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "Struct() argument 1 must be a str or bytes object, not %.200s",
                     Py_TYPE(format)->tp_name);
        return -1;
    }
    int err = compile_format(state_of_object(self), self, PyBytes_AS_STRING(format),
                             PyBytes_GET_SIZE(format));
    if (err < 0) {
        Py_DECREF(format);
        return -1;
    }
    Py_SETREF(self->format, format);
    return 0;
}

static int
struct_traverse(StructObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
struct_dealloc(StructObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    PyMem_Free(self->units);
    Py_XDECREF(self->format);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

/* 0, or -1 with RuntimeError if __init__() was not called. */
static int
check_ready(StructObject *self)
{
    if (self->units == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "Struct object is not initialized");
        return -1;
    }
    assert(self->size >= 0 && self->length >= 0);
    return 0;
}

/* ------------------------------------------------------------------------------------ methods */

/* A tuple of the values in the `size` bytes at `start`. */
static PyObject *
unpack_struct(StructObject *self, const unsigned char *start)
{
    PyObject *result = PyTuple_New(self->length);
    if (result == NULL) {
        return NULL;
    }
    Py_ssize_t i = 0;
    for (const unit *u = self->units; u->kind != NULL; u++) {
        const unsigned char *p = start + u->offset;
        for (Py_ssize_t n = u->repeat; n > 0; n--, p += u->size) {
            PyObject *v = unpack_value(p, u);
            if (v == NULL) {
                Py_DECREF(result);
                return NULL;
            }
            PyTuple_SET_ITEM(result, i++, v);
        }
    }
    assert(i == self->length);
    return result;
}

/* Store the values into the `size` bytes at `start`.  A method of a value may run __init__() of
 * the struct: then the units are others, and packing ends.  0, or -1. */
static int
pack_struct(StructObject *self, PyObject *const *args, unsigned char *start)
{
    struct_state *state = state_of_object(self);
    memset(start, 0, (size_t)self->size);
    const unit *units = self->units;
    PyObject *format = Py_NewRef(self->format);     /* alive: its address stands for it */
    int err = 0;
    for (const unit *u = units; u->kind != NULL; u++) {
        unsigned char *p = start + u->offset;
        for (Py_ssize_t n = u->repeat; n > 0; n--, p += u->size) {
            PyObject *v = *args++;
            err = pack_value(state, p, v, u);
            if (err < 0) {
                if (PyLong_Check(v) && PyErr_ExceptionMatches(PyExc_OverflowError)) {
                    PyErr_SetString(state->error, "int too large to convert");
                }
                break;
            }
            if (self->units != units || self->format != format) {
                PyErr_SetString(PyExc_RuntimeError, "Struct object changed during packing");
                err = -1;
                break;
            }
        }
        if (err < 0) {
            break;
        }
    }
    Py_DECREF(format);
    return err;
}

/*sig Struct.unpack(self, buffer: buffer, /)

Return a tuple containing unpacked values.

Unpack according to the format string Struct.format. The buffer's size
in bytes must be Struct.size.

See help(struct) for more on format strings.
*/
static PyObject *
struct_unpack_impl(StructObject *self, Py_buffer *buffer)
{
    if (check_ready(self) < 0) {
        return NULL;
    }
    if (buffer->len != self->size) {
        PyErr_Format(state_of_object(self)->error, "unpack requires a buffer of %zd bytes",
                     self->size);
        return NULL;
    }
    return unpack_struct(self, buffer->buf);
}

/* The offset made positive and checked against the buffer.  0, or -1 with struct.error. */
static int
check_offset(StructObject *self, Py_ssize_t length, Py_ssize_t *offset, bool packs)
{
    PyObject *error = state_of_object(self)->error;
    if (*offset < 0) {
        if (*offset > -self->size && *offset >= -length) {
            PyErr_Format(error, packs ? "no space to pack %zd bytes at offset %zd"
                                : "not enough data to unpack %zd bytes at offset %zd",
                         self->size, *offset);
            return -1;
        }
        if (*offset < -length) {
            PyErr_Format(error, "offset %zd out of range for %zd-byte buffer", *offset, length);
            return -1;
        }
        *offset += length;
    }
    if (length - *offset < self->size) {
        PyErr_Format(error, packs
                     ? "pack_into requires a buffer of at least %zu bytes for packing %zd bytes "
                       "at offset %zd (actual buffer size is %zd)"
                     : "unpack_from requires a buffer of at least %zu bytes for unpacking %zd "
                       "bytes at offset %zd (actual buffer size is %zd)",
                     (size_t)self->size + (size_t)*offset, self->size, *offset, length);
        return -1;
    }
    return 0;
}

/*sig Struct.unpack_from(self, buffer: buffer, offset: ssize = 0)

Return a tuple containing unpacked values.

Values are unpacked according to the format string Struct.format.

The buffer's size in bytes, starting at position offset, must be
at least Struct.size.

See help(struct) for more on format strings.
*/
static PyObject *
struct_unpack_from_impl(StructObject *self, Py_buffer *buffer, Py_ssize_t offset)
{
    if (check_ready(self) < 0 || check_offset(self, buffer->len, &offset, false) < 0) {
        return NULL;
    }
    return unpack_struct(self, (unsigned char *)buffer->buf + offset);
}

/* 0, or -1 with struct.error if the number of values is wrong. */
static int
check_count(StructObject *self, const char *name, Py_ssize_t count)
{
    if (check_ready(self) < 0) {
        return -1;
    }
    if (count != self->length) {
        PyErr_Format(state_of_object(self)->error,
                     "%s expected %zd items for packing (got %zd)", name, self->length, count);
        return -1;
    }
    return 0;
}

static PyObject *
struct_pack(StructObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (check_count(self, "pack", nargs) < 0) {
        return NULL;
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, self->size);
    if (result != NULL
        && pack_struct(self, args, (unsigned char *)PyBytes_AS_STRING(result)) < 0)
    {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
struct_pack_into(StructObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (check_ready(self) < 0) {
        return NULL;
    }
    if (nargs < 2) {
        PyErr_SetString(state_of_object(self)->error,
                        nargs == 0 ? "pack_into expected buffer argument"
                        : "pack_into expected offset argument");
        return NULL;
    }
    if (check_count(self, "pack_into", nargs - 2) < 0) {
        return NULL;
    }
    Py_buffer buffer;
    if (!PyArg_Parse(args[0], "w*", &buffer)) {
        return NULL;
    }
    assert(buffer.len >= 0);
    Py_ssize_t offset = PyNumber_AsSsize_t(args[1], PyExc_IndexError);
    int err = -1;
    if ((offset != -1 || !PyErr_Occurred())
        && check_offset(self, buffer.len, &offset, true) == 0)
    {
        err = pack_struct(self, args + 2, (unsigned char *)buffer.buf + offset);
    }
    PyBuffer_Release(&buffer);
    return err < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
struct_sizeof(StructObject *self, PyObject *Py_UNUSED(unused))
{
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize + sizeof(unit);
    for (const unit *u = self->units; u != NULL && u->kind != NULL; u++) {
        size += sizeof(unit);
    }
    return PyLong_FromSize_t(size);
}

static PyObject *
struct_get_format(StructObject *self, void *Py_UNUSED(closure))
{
    if (self->format == Py_None) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromStringAndSize(PyBytes_AS_STRING(self->format),
                                       PyBytes_GET_SIZE(self->format));
}

static PyObject *
struct_get_size(StructObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromSsize_t(self->size);
}

/* ----------------------------------------------------------------------------------- iterator */

/*sig Struct.iter_unpack(self, buffer, /)

Return an iterator yielding tuples.

Tuples are unpacked from the given bytes source, like a repeated
invocation of unpack_from().

Requires that the bytes length be a multiple of the struct size.
*/
static PyObject *
struct_iter_unpack_impl(StructObject *self, PyObject *buffer)
{
    if (check_ready(self) < 0) {
        return NULL;
    }
    struct_state *state = state_of_object(self);
    if (self->size == 0) {
        PyErr_Format(state->error, "cannot iteratively unpack with a struct of length 0");
        return NULL;
    }
    iterobject *it = (iterobject *)PyType_GenericAlloc(state->iter_type, 0);
    if (it == NULL) {
        return NULL;
    }
    if (PyObject_GetBuffer(buffer, &it->buf, PyBUF_SIMPLE) < 0) {
        it->buf.obj = NULL;
        Py_DECREF(it);
        return NULL;
    }
    if (it->buf.len % self->size != 0) {
        PyErr_Format(state->error,
                     "iterative unpacking requires a buffer of a multiple of %zd bytes",
                     self->size);
        Py_DECREF(it);
        return NULL;
    }
    it->so = (StructObject *)Py_NewRef((PyObject *)self);
    return (PyObject *)it;
}

static int
iter_traverse(iterobject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->so);
    Py_VISIT(self->buf.obj);
    return 0;
}

static void
iter_dealloc(iterobject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->so);
    PyBuffer_Release(&self->buf);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static PyObject *
iter_next(iterobject *self)
{
    if (self->so == NULL) {
        return NULL;
    }
    if (self->buf.len - self->index < self->so->size || self->so->size == 0) {
        Py_CLEAR(self->so);
        PyBuffer_Release(&self->buf);
        return NULL;
    }
    PyObject *result = unpack_struct(self->so, (unsigned char *)self->buf.buf + self->index);
    self->index += self->so->size;
    return result;
}

static PyObject *
iter_length_hint(iterobject *self, PyObject *Py_UNUSED(unused))
{
    if (self->so == NULL || self->so->size == 0) {
        return PyLong_FromLong(0);
    }
    return PyLong_FromSsize_t((self->buf.len - self->index) / self->so->size);
}

static const PyMethodDef iter_methods[] = {
    {"__length_hint__", (PyCFunction)iter_length_hint, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL}
};

static const PyType_Slot iter_slots[] = {
    {Py_tp_dealloc, iter_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, iter_traverse},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, iter_next},
    {Py_tp_methods, (PyMethodDef *)iter_methods},
    {0, NULL},
};

static const PyType_Spec iter_spec = {
    .name = "_struct.unpack_iterator",
    .basicsize = sizeof(iterobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE
             | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = (PyType_Slot *)iter_slots,
};

/* --------------------------------------------------------------------------- type and functions */

PyDoc_STRVAR(struct_pack__doc__,
"S.pack(v1, v2, ...) -> bytes\n\
\n\
Return a bytes object containing values v1, v2, ... packed according\n\
to the format string S.format.  See help(struct) for more on format\n\
strings.");

PyDoc_STRVAR(struct_pack_into__doc__,
"S.pack_into(buffer, offset, v1, v2, ...)\n\
\n\
Pack the values v1, v2, ... according to the format string S.format\n\
and write the packed bytes into the writable buffer buf starting at\n\
offset.  Note that the offset is a required argument.  See\n\
help(struct) for more on format strings.");

static const PyMethodDef struct_methods[] = {
    STRUCT_ITER_UNPACK_METHODDEF
    {"pack", _PyCFunction_CAST(struct_pack), METH_FASTCALL, struct_pack__doc__},
    {"pack_into", _PyCFunction_CAST(struct_pack_into), METH_FASTCALL, struct_pack_into__doc__},
    STRUCT_UNPACK_METHODDEF
    STRUCT_UNPACK_FROM_METHODDEF
    {"__sizeof__", (PyCFunction)struct_sizeof, METH_NOARGS,
     "S.__sizeof__() -> size of S in memory, in bytes"},
    {NULL, NULL, 0, NULL}
};

static const PyMemberDef struct_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(StructObject, weakreflist), READONLY, NULL},
    {NULL, 0, 0, 0, NULL}
};

static const PyGetSetDef struct_getset[] = {
    {"format", (getter)struct_get_format, NULL, "struct format string", NULL},
    {"size", (getter)struct_get_size, NULL, "struct size in bytes", NULL},
    {NULL, NULL, NULL, NULL, NULL}
};

PyDoc_STRVAR(struct__doc__, "Struct(fmt) --> compiled struct object\n\n");

static const PyType_Slot struct_slots[] = {
    {Py_tp_dealloc, struct_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_setattro, PyObject_GenericSetAttr},
    {Py_tp_doc, (void *)struct__doc__},
    {Py_tp_traverse, struct_traverse},
    {Py_tp_methods, (PyMethodDef *)struct_methods},
    {Py_tp_members, (PyMemberDef *)struct_members},
    {Py_tp_getset, (PyGetSetDef *)struct_getset},
    {Py_tp_init, struct_init},
    {Py_tp_new, struct_new},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_free, PyObject_GC_Del},
    {0, NULL},
};

static const PyType_Spec struct_spec = {
    .name = "_struct.Struct",
    .basicsize = sizeof(StructObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = (PyType_Slot *)struct_slots,
};

#define MAX_CACHED 100

/* The Struct of a format: new reference, or NULL with an exception. */
static StructObject *
cached_struct(PyObject *module, PyObject *format)
{
    struct_state *state = get_state(module);
    if (state->cache == NULL) {
        state->cache = PyDict_New();
        if (state->cache == NULL) {
            return NULL;
        }
    }
    PyObject *found = PyDict_GetItemWithError(state->cache, format);
    if (found != NULL) {
        return (StructObject *)Py_NewRef(found);
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    PyObject *made = PyObject_CallOneArg((PyObject *)state->struct_type, format);
    if (made != NULL) {
        if (PyDict_GET_SIZE(state->cache) >= MAX_CACHED) {
            PyDict_Clear(state->cache);
        }
        if (PyDict_SetItem(state->cache, format, made) < 0) {
            PyErr_Clear();      /* only slower the next time */
        }
    }
    return (StructObject *)made;
}

/*sig _struct._clearcache(module)

Clear the internal cache.
*/
static PyObject *
module_clearcache_impl(PyObject *module)
{
    Py_CLEAR(get_state(module)->cache);
    Py_RETURN_NONE;
}

/*sig _struct.calcsize(module, format, /) -> ssize

Return size in bytes of the struct described by the format string.
*/
static Py_ssize_t
module_calcsize_impl(PyObject *module, PyObject *format)
{
    StructObject *so = cached_struct(module, format);
    if (so == NULL) {
        return -1;
    }
    Py_ssize_t size = so->size;
    Py_DECREF(so);
    return size;
}

/*sig _struct.unpack(module, format, buffer: buffer, /)

Return a tuple containing values unpacked according to the format string.

The buffer's size in bytes must be calcsize(format).

See help(struct) for more on format strings.
*/
static PyObject *
module_unpack_impl(PyObject *module, PyObject *format, Py_buffer *buffer)
{
    StructObject *so = cached_struct(module, format);
    if (so == NULL) {
        return NULL;
    }
    PyObject *result = struct_unpack_impl(so, buffer);
    Py_DECREF(so);
    return result;
}

/*sig _struct.unpack_from(module, format, /, buffer: buffer, offset: ssize = 0)

Return a tuple containing values unpacked according to the format string.

The buffer's size, minus offset, must be at least calcsize(format).

See help(struct) for more on format strings.
*/
static PyObject *
module_unpack_from_impl(PyObject *module, PyObject *format, Py_buffer *buffer, Py_ssize_t offset)
{
    StructObject *so = cached_struct(module, format);
    if (so == NULL) {
        return NULL;
    }
    PyObject *result = struct_unpack_from_impl(so, buffer, offset);
    Py_DECREF(so);
    return result;
}

/*sig _struct.iter_unpack(module, format, buffer, /)

Return an iterator yielding tuples unpacked from the given bytes.

The bytes are unpacked according to the format string, like
a repeated invocation of unpack_from().

Requires that the bytes length be a multiple of the format struct size.
*/
static PyObject *
module_iter_unpack_impl(PyObject *module, PyObject *format, PyObject *buffer)
{
    StructObject *so = cached_struct(module, format);
    if (so == NULL) {
        return NULL;
    }
    PyObject *result = struct_iter_unpack_impl(so, buffer);
    Py_DECREF(so);
    return result;
}

/* Call a packing method with the first argument as the format. */
static PyObject *
with_format(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
            PyObject *(*method)(StructObject *, PyObject *const *, Py_ssize_t))
{
    if (nargs == 0) {
        PyErr_SetString(PyExc_TypeError, "missing format argument");
        return NULL;
    }
    StructObject *so = cached_struct(module, args[0]);
    if (so == NULL) {
        return NULL;
    }
    PyObject *result = method(so, args + 1, nargs - 1);
    Py_DECREF(so);
    return result;
}

static PyObject *
module_pack(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    return with_format(module, args, nargs, struct_pack);
}

static PyObject *
module_pack_into(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    return with_format(module, args, nargs, struct_pack_into);
}

PyDoc_STRVAR(module_pack__doc__,
"pack(format, v1, v2, ...) -> bytes\n\
\n\
Return a bytes object containing the values v1, v2, ... packed according\n\
to the format string.  See help(struct) for more on format strings.");

PyDoc_STRVAR(module_pack_into__doc__,
"pack_into(format, buffer, offset, v1, v2, ...)\n\
\n\
Pack the values v1, v2, ... according to the format string and write\n\
the packed bytes into the writable buffer buf starting at offset.  Note\n\
that the offset is a required argument.  See help(struct) for more\n\
on format strings.");

static const PyMethodDef module_methods[] = {
    MODULE_CLEARCACHE_METHODDEF
    MODULE_CALCSIZE_METHODDEF
    MODULE_ITER_UNPACK_METHODDEF
    {"pack", _PyCFunction_CAST(module_pack), METH_FASTCALL, module_pack__doc__},
    {"pack_into", _PyCFunction_CAST(module_pack_into), METH_FASTCALL, module_pack_into__doc__},
    MODULE_UNPACK_METHODDEF
    MODULE_UNPACK_FROM_METHODDEF
    {NULL, NULL, 0, NULL}
};

static int
module_exec(PyObject *module)
{
    struct_state *state = get_state(module);
    state->struct_type = (PyTypeObject *)PyType_FromModuleAndSpec(
        module, (PyType_Spec *)&struct_spec, NULL);
    if (state->struct_type == NULL || PyModule_AddType(module, state->struct_type) < 0) {
        return -1;
    }
    state->iter_type = (PyTypeObject *)PyType_FromModuleAndSpec(
        module, (PyType_Spec *)&iter_spec, NULL);
    if (state->iter_type == NULL) {
        return -1;
    }
    state->error = PyErr_NewException("struct.error", NULL, NULL);
    return PyModule_AddObjectRef(module, "error", state->error);
}

static int
module_traverse(PyObject *module, visitproc visit, void *arg)
{
    struct_state *state = get_state(module);
    Py_VISIT(state->cache);
    Py_VISIT(state->struct_type);
    Py_VISIT(state->iter_type);
    Py_VISIT(state->error);
    return 0;
}

static int
module_clear(PyObject *module)
{
    struct_state *state = get_state(module);
    Py_CLEAR(state->cache);
    Py_CLEAR(state->struct_type);
    Py_CLEAR(state->iter_type);
    Py_CLEAR(state->error);
    return 0;
}

static void
module_free(void *module)
{
    module_clear((PyObject *)module);
}

static const PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(module__doc__,
"Functions to convert between Python values and C structs.\n\
Python bytes objects are used to hold the data representing the C struct\n\
and also as format strings (explained below) to describe the layout of data\n\
in the C struct.\n\
\n\
The optional first format char indicates byte order, size and alignment:\n\
  @: native order, size & alignment (default)\n\
  =: native order, std. size & alignment\n\
  <: little-endian, std. size & alignment\n\
  >: big-endian, std. size & alignment\n\
  !: same as >\n\
\n\
The remaining chars indicate types of args and must match exactly;\n\
these can be preceded by a decimal repeat count:\n\
  x: pad byte (no data); c:char; b:signed byte; B:unsigned byte;\n\
  ?: _Bool (requires C99; if not available, char is used instead)\n\
  h:short; H:unsigned short; i:int; I:unsigned int;\n\
  l:long; L:unsigned long; f:float; d:double; e:half-float.\n\
Special cases (preceding decimal count indicates length):\n\
  s:string (array of char); p: pascal string (with count byte).\n\
Special cases (only available in native format):\n\
  n:ssize_t; N:size_t;\n\
  P:an integer type that is wide enough to hold a pointer.\n\
Special case (not in native mode unless 'long long' in platform C):\n\
  q:long long; Q:unsigned long long\n\
Whitespace between formats is ignored.\n\
\n\
The variable struct.error is an exception raised on errors.\n\
");

static _Py_SHARED struct PyModuleDef structmodule = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_struct",
    .m_doc = module__doc__,
    .m_size = sizeof(struct_state),
    .m_methods = (PyMethodDef *)module_methods,
    .m_slots = (PyModuleDef_Slot *)module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC
PyInit__struct(void)
{
    return PyModuleDef_Init(&structmodule);
}
