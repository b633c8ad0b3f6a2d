/* The values of simple C types: reading and writing memory by the letter of a type.
 *
 * Invariants: memory may be unaligned (packed structures), so it is only copied.  A pointer that is
 * stored refers to memory of the object that ctypes_store() returns.
 *
 * Written from the library reference (ctypes) and observed behaviour of CPython 3.12.
 */
#include "ctypes.h"

#define T(TYPE) sizeof(TYPE), _Alignof(TYPE)

static const struct ctype_code codes[] = {
    {'c', K_CHAR, T(char), &ffi_type_schar, 'c'},
    {'b', K_SIGNED, T(char), &ffi_type_schar, 'b'},
    {'B', K_UNSIGNED, T(char), &ffi_type_uchar, 'B'},
    {'h', K_SIGNED, T(short), &ffi_type_sshort, 'h'},
    {'H', K_UNSIGNED, T(short), &ffi_type_ushort, 'H'},
    {'i', K_SIGNED, T(int), &ffi_type_sint, 'i'},
    {'I', K_UNSIGNED, T(int), &ffi_type_uint, 'I'},
    {'l', K_SIGNED, T(long), &ffi_type_slong, sizeof(long) == 8 ? 'q' : 'l'},
    {'L', K_UNSIGNED, T(long), &ffi_type_ulong, sizeof(long) == 8 ? 'Q' : 'L'},
    {'q', K_SIGNED, T(long long), &ffi_type_sint64, 'q'},
    {'Q', K_UNSIGNED, T(long long), &ffi_type_uint64, 'Q'},
    {'f', K_FLOAT, T(float), &ffi_type_float, 'f'},
    {'d', K_DOUBLE, T(double), &ffi_type_double, 'd'},
    {'g', K_LONGDOUBLE, T(long double), &ffi_type_longdouble, 'g'},
    {'?', K_BOOL, T(bool), &ffi_type_uchar, '?'},
    {'v', K_VARIANT_BOOL, T(short), &ffi_type_sshort, 'v'},
    {'u', K_WCHAR, T(wchar_t), &ffi_type_sint, 'u'},
    {'z', K_CHAR_PTR, T(void *), &ffi_type_pointer, 'z'},
    {'Z', K_WCHAR_PTR, T(void *), &ffi_type_pointer, 'Z'},
    {'P', K_POINTER, T(void *), &ffi_type_pointer, 'P'},
    {'O', K_OBJECT, T(void *), &ffi_type_pointer, 'O'},
};

static_assert(sizeof(wchar_t) == sizeof(int), "wchar_t is passed as int");

const struct ctype_code ctypes_bytes_code = {'s', K_BYTES, 0, 1, NULL, 's'};
const struct ctype_code ctypes_str_code = {'U', K_STR, 0, _Alignof(wchar_t), NULL, 'U'};

const struct ctype_code *
ctypes_find_code(char letter)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(codes); i++) {
        if (codes[i].letter == letter) {
            return &codes[i];
        }
    }
    return NULL;
}

bool
ctypes_can_swap(const struct ctype_code *code)
{
    return code->size > 1 && (code->kind == K_SIGNED || code->kind == K_UNSIGNED
                              || code->kind == K_FLOAT || code->kind == K_DOUBLE);
}

/* ------------------------------------------------------------------------------- raw memory */

/* Copy a value of so many bytes, in the other byte order if asked. */
static void
copy_value(void *to, const void *from, Py_ssize_t size, bool swapped)
{
    if (!swapped) {
        memcpy(to, from, (size_t)size);
        return;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        ((char *)to)[i] = ((const char *)from)[size - 1 - i];
    }
}

/* The integer in memory, extended with zeros. */
static uint64_t
read_integer(const struct ctype_access *access, const char *ptr)
{
    uint64_t value = 0;
    Py_ssize_t size = access->code->size;
    assert(size <= 8);
#if PY_BIG_ENDIAN
    copy_value((char *)&value + (8 - size), ptr, size, access->swapped);
#else
    copy_value(&value, ptr, size, access->swapped);
#endif
    return value;
}

static void
write_integer(const struct ctype_access *access, char *ptr, uint64_t value)
{
    Py_ssize_t size = access->code->size;
#if PY_BIG_ENDIAN
    copy_value(ptr, (char *)&value + (8 - size), size, access->swapped);
#else
    copy_value(ptr, &value, size, access->swapped);
#endif
}

/* The bits of a bit field, as a mask at their place. */
static uint64_t
field_mask(const struct ctype_access *access)
{
    assert(access->bits > 0 && access->bits + access->shift <= 64);
    return (UINT64_MAX >> (64 - access->bits)) << access->shift;
}

/* The integer of a whole value or bit field; signed ones are extended to 64 bits. */
static uint64_t
load_integer(const struct ctype_access *access, const char *ptr)
{
    uint64_t value = read_integer(access, ptr);
    int bits = access->code->size * 8;
    if (access->bits > 0) {
        value = (value & field_mask(access)) >> access->shift;
        bits = access->bits;
    }
    if (access->code->kind == K_SIGNED && bits < 64 && (value >> (bits - 1)) & 1) {
        value |= UINT64_MAX << bits;
    }
    return value;
}

static void
store_integer(const struct ctype_access *access, char *ptr, uint64_t value)
{
    if (access->bits > 0) {
        uint64_t mask = field_mask(access);
        value = (read_integer(access, ptr) & ~mask) | ((value << access->shift) & mask);
    }
    write_integer(access, ptr, value);
}

static double
load_float(const struct ctype_access *access, const char *ptr)
{
    if (access->code->kind == K_FLOAT) {
        float f;
        copy_value(&f, ptr, sizeof(f), access->swapped);
        return f;
    }
    if (access->code->kind == K_DOUBLE) {
        double d;
        copy_value(&d, ptr, sizeof(d), access->swapped);
        return d;
    }
    long double g;
    memcpy(&g, ptr, sizeof(g));
    return (double)g;
}

static void
store_float(const struct ctype_access *access, char *ptr, double value)
{
    if (access->code->kind == K_FLOAT) {
        float f = (float)value;
        copy_value(ptr, &f, sizeof(f), access->swapped);
    }
    else if (access->code->kind == K_DOUBLE) {
        copy_value(ptr, &value, sizeof(value), access->swapped);
    }
    else {
        long double g = value;
        memcpy(ptr, &g, sizeof(g));
    }
}

/* ---------------------------------------------------------------------------------- reading */

/* The text in an array of wchar_t, up to its first zero.  The memory may be unaligned. */
static PyObject *
load_wide(const char *ptr, Py_ssize_t size)
{
    Py_ssize_t length = size / (Py_ssize_t)sizeof(wchar_t), n = 0;
    wchar_t *copy = PyMem_New(wchar_t, length > 0 ? length : 1);
    if (copy == NULL) {
        return PyErr_NoMemory();
    }
    memcpy(copy, ptr, (size_t)length * sizeof(wchar_t));
    while (n < length && copy[n] != 0) {
        n++;
    }
    PyObject *str = PyUnicode_FromWideChar(copy, n);
    PyMem_Free(copy);
    return str;
}

/* What a pointer in memory means by the code. */
static PyObject *
load_pointer(const struct ctype_code *code, void *p)
{
    if (code->kind == K_OBJECT) {
        if (p == NULL) {
            PyErr_SetString(PyExc_ValueError, "PyObject is NULL");
            return NULL;
        }
        return Py_NewRef((PyObject *)p);
    }
    if (p == NULL) {
        Py_RETURN_NONE;
    }
    if (code->kind == K_CHAR_PTR) {
        return PyBytes_FromString(p);
    }
    if (code->kind == K_WCHAR_PTR) {
        return PyUnicode_FromWideChar(p, -1);
    }
    assert(code->kind == K_POINTER);
    return PyLong_FromVoidPtr(p);
}

PyObject *
ctypes_load(const struct ctype_access *access, const char *ptr, Py_ssize_t size)
{
    const struct ctype_code *code = access->code;
    wchar_t wide;
    void *p;
    switch (code->kind) {
    case K_CHAR:
        return PyBytes_FromStringAndSize(ptr, 1);
    case K_SIGNED:
        return PyLong_FromLongLong((long long)load_integer(access, ptr));
    case K_UNSIGNED:
        return PyLong_FromUnsignedLongLong(load_integer(access, ptr));
    case K_BOOL:
    case K_VARIANT_BOOL:
        return PyBool_FromLong(load_integer(access, ptr) != 0);
    case K_FLOAT:
    case K_DOUBLE:
    case K_LONGDOUBLE:
        return PyFloat_FromDouble(load_float(access, ptr));
    case K_WCHAR:
        memcpy(&wide, ptr, sizeof(wide));
        return PyUnicode_FromWideChar(&wide, 1);
    case K_BYTES:
        return PyBytes_FromStringAndSize(ptr, (Py_ssize_t)strnlen(ptr, (size_t)size));
    case K_STR:
        return load_wide(ptr, size);
    case K_CHAR_PTR:
    case K_WCHAR_PTR:
    case K_POINTER:
    case K_OBJECT:
        memcpy(&p, ptr, sizeof(p));
        return load_pointer(code, p);
    }
    Py_UNREACHABLE();
}

/* ---------------------------------------------------------------------------------- writing */

static PyObject *
wrong_type(const char *expected, PyObject *value)
{
    return PyErr_Format(PyExc_TypeError, "%s expected instead of %s instance", expected,
                        Py_TYPE(value)->tp_name);
}

static PyObject *
store_char(char *ptr, PyObject *value)
{
    if (PyBytes_Check(value) && PyBytes_GET_SIZE(value) == 1) {
        *ptr = PyBytes_AS_STRING(value)[0];
        Py_RETURN_NONE;
    }
    if (PyByteArray_Check(value) && PyByteArray_GET_SIZE(value) == 1) {
        *ptr = PyByteArray_AS_STRING(value)[0];
        Py_RETURN_NONE;
    }
    if (PyLong_Check(value)) {
        int overflow;
        long c = PyLong_AsLongAndOverflow(value, &overflow);
        if (!overflow && c >= 0 && c < 256) {
            *ptr = (char)c;
            Py_RETURN_NONE;
        }
    }
    PyErr_SetString(PyExc_TypeError, "one character bytes, bytearray or integer expected");
    return NULL;
}

static PyObject *
store_wchar(char *ptr, PyObject *value)
{
    if (!PyUnicode_Check(value)) {
        return wrong_type("unicode string", value);
    }
    wchar_t text[2];
    if (PyUnicode_AsWideChar(value, text, 2) != 1) {
        PyErr_SetString(PyExc_TypeError, "one character unicode string expected");
        return NULL;
    }
    memcpy(ptr, text, sizeof(wchar_t));
    Py_RETURN_NONE;
}

static PyObject *
store_bytes(char *ptr, PyObject *value, Py_ssize_t size)
{
    if (!PyBytes_Check(value)) {
        return PyErr_Format(PyExc_TypeError, "expected bytes, %s found",
                            Py_TYPE(value)->tp_name);
    }
    Py_ssize_t n = (Py_ssize_t)strlen(PyBytes_AS_STRING(value));
    if (n > size) {
        return PyErr_Format(PyExc_ValueError, "bytes too long (%zd, maximum length %zd)", n, size);
    }
    memcpy(ptr, PyBytes_AS_STRING(value), (size_t)(n < size ? n + 1 : n));
    Py_RETURN_NONE;
}

static PyObject *
store_str(char *ptr, PyObject *value, Py_ssize_t size)
{
    if (!PyUnicode_Check(value)) {
        return wrong_type("unicode string", value);
    }
    Py_ssize_t n, max = size / (Py_ssize_t)sizeof(wchar_t);
    wchar_t *text = PyUnicode_AsWideCharString(value, &n);
    if (text == NULL) {
        return NULL;
    }
    if (n > max) {
        PyErr_Format(PyExc_ValueError, "string too long (%zd, maximum length %zd)", n, max);
        PyMem_Free(text);
        return NULL;
    }
    memcpy(ptr, text, (size_t)(n < max ? n + 1 : n) * sizeof(wchar_t));
    PyMem_Free(text);
    Py_RETURN_NONE;
}

static void
free_wide(PyObject *capsule)
{
    PyMem_Free(PyCapsule_GetPointer(capsule, "_ctypes/cfield.c pymem"));
}

/* The address that a value means, and what must keep it alive (a new reference), or NULL with an
   exception. */
static PyObject *
pointer_for(const struct ctype_code *code, PyObject *value, void **p)
{
    if (code->kind == K_OBJECT) {
        *p = value;
        return Py_NewRef(value);
    }
    if (code->kind == K_CHAR_PTR && PyBytes_Check(value)) {
        *p = PyBytes_AS_STRING(value);
        return Py_NewRef(value);
    }
    if (code->kind == K_WCHAR_PTR && PyUnicode_Check(value)) {
        Py_ssize_t size;            /* zeros in the text are allowed */
        wchar_t *text = PyUnicode_AsWideCharString(value, &size);
        if (text == NULL) {
            return NULL;
        }
        PyObject *keep = PyCapsule_New(text, "_ctypes/cfield.c pymem", free_wide);
        if (keep == NULL) {
            PyMem_Free(text);
        }
        *p = text;
        return keep;
    }
    if (value == Py_None) {
        *p = NULL;
        Py_RETURN_NONE;
    }
    if (PyLong_Check(value)) {
        *p = (void *)(uintptr_t)PyLong_AsUnsignedLongLongMask(value);
        Py_RETURN_NONE;
    }
    if (code->kind == K_POINTER) {
        PyErr_SetString(PyExc_TypeError, "cannot be converted to pointer");
        return NULL;
    }
    return wrong_type(code->kind == K_CHAR_PTR ? "bytes or integer address"
                                               : "unicode string or integer address", value);
}

static PyObject *
store_number(const struct ctype_access *access, char *ptr, PyObject *value)
{
    enum code_kind kind = access->code->kind;
    if (kind == K_SIGNED || kind == K_UNSIGNED) {
        unsigned long long n = PyLong_AsUnsignedLongLongMask(value);
        if (n == (unsigned long long)-1 && PyErr_Occurred()) {
            return NULL;
        }
        store_integer(access, ptr, n);
    }
    else if (kind == K_BOOL || kind == K_VARIANT_BOOL) {
        int truth = PyObject_IsTrue(value);
        if (truth < 0) {
            return NULL;
        }
        store_integer(access, ptr, truth == 0 ? 0 : kind == K_BOOL ? 1 : UINT64_MAX);
    }
    else {
        double d = PyFloat_AsDouble(value);
        if (d == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
        store_float(access, ptr, d);
    }
    Py_RETURN_NONE;
}

PyObject *
ctypes_store(const struct ctype_access *access, char *ptr, PyObject *value, Py_ssize_t size)
{
    PyObject *keep;
    void *p = NULL;
    switch (access->code->kind) {
    case K_CHAR:
        return store_char(ptr, value);
    case K_WCHAR:
        return store_wchar(ptr, value);
    case K_BYTES:
        return store_bytes(ptr, value, size);
    case K_STR:
        return store_str(ptr, value, size);
    case K_CHAR_PTR:
    case K_WCHAR_PTR:
    case K_POINTER:
    case K_OBJECT:
        keep = pointer_for(access->code, value, &p);
        if (keep != NULL) {
            memcpy(ptr, &p, sizeof(p));
        }
        return keep;
    default:
        return store_number(access, ptr, value);
    }
}
