/* bytes: an immutable array of bytes.
 *
 * Structure: PyVarObject head, cached hash, ob_size bytes, a NUL.
 * Invariants: the NUL is always there; no bytes and one byte are shared static objects; only an
 * object that nobody else has seen is ever changed.
 *
 * Methods: Objects/bytes_methods.c; operations: Objects/bytes/.
 * Written from the C API and library references.
 */
#include "Python.h"
#include "pycore_bytes_methods.h"
#include "pycore_bytesobject.h"
#include "pycore_global_objects.h"  // _PyBytes_EMPTY, _PyBytes_CHAR
#include "pycore_interp.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_seqiter.h"
#include "pycore_signature.h"
#include "pycore_strings.h"
#include "pycore_stringops.h"
#include "pycore_unicode.h"         // _PyUnicode_GetNameCAPI

#include "sig/bytesobject.sig.h"

/* Size of an object without its bytes, but with the NUL. */
#define BYTES_HEAD ((Py_ssize_t)offsetof(PyBytesObject, ob_sval) + 1)

#define HASH(op) (((PyBytesObject *)(op))->ob_shash)

#define BYTES_WARNING() (_PyInterpreterState_GET()->config.bytes_warning)

/* --- Creation --------------------------------------------------------------------------------- */

/* A new object of size bytes, not filled in but for the NUL; size > 0. */
static PyObject *
bytes_alloc(Py_ssize_t size, int zeroed)
{
    assert(size > 0);
    if (size > PY_SSIZE_T_MAX - BYTES_HEAD) {
        PyErr_SetString(PyExc_OverflowError, "byte string is too large");
        return NULL;
    }
    size_t room = (size_t)(BYTES_HEAD + size);
    PyObject *op = zeroed ? PyObject_Calloc(1, room) : PyObject_Malloc(room);
    if (op == NULL) {
        return PyErr_NoMemory();
    }
    _PyObject_InitVar((PyVarObject *)op, &PyBytes_Type, size);
    HASH(op) = -1;
    PyBytes_AS_STRING(op)[size] = '\0';
    return op;
}

/* str NULL gives an object to be filled in by the caller. */
PyObject *
PyBytes_FromStringAndSize(const char *str, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError, "Negative size passed to PyBytes_FromStringAndSize");
        return NULL;
    }
    if (size == 0) {
        return _PyBytes_EMPTY;
    }
    if (size == 1 && str != NULL) {
        return _PyBytes_CHAR(*str);
    }
    PyObject *op = bytes_alloc(size, 0);
    if (op != NULL && str != NULL) {
        memcpy(PyBytes_AS_STRING(op), str, (size_t)size);
    }
    return op;
}

PyObject *
PyBytes_FromString(const char *str)
{
    assert(str != NULL);
    size_t size = strlen(str);
    if (size > (size_t)(PY_SSIZE_T_MAX - BYTES_HEAD)) {
        PyErr_SetString(PyExc_OverflowError, "byte string is too long");
        return NULL;
    }
    return PyBytes_FromStringAndSize(str, (Py_ssize_t)size);
}

/* Change the size of *pv, which only the caller holds.  On failure *pv is released and NULL. */
int
_PyBytes_Resize(PyObject **pv, Py_ssize_t newsize)
{
    PyObject *v = *pv;
    if (!PyBytes_Check(v) || newsize < 0) {
        *pv = NULL;
        Py_XDECREF(v);
        PyErr_BadInternalCall();
        return -1;
    }
    Py_ssize_t oldsize = PyBytes_GET_SIZE(v);
    if (oldsize == newsize) {
        return 0;
    }
    if (oldsize == 0 || newsize == 0) {
        *pv = newsize == 0 ? _PyBytes_EMPTY : bytes_alloc(newsize, 0);
        Py_DECREF(v);
        return *pv != NULL ? 0 : -1;
    }
    if (Py_REFCNT(v) != 1) {
        *pv = NULL;
        Py_DECREF(v);
        PyErr_BadInternalCall();
        return -1;
    }
    if (newsize > PY_SSIZE_T_MAX - BYTES_HEAD) {
        *pv = NULL;
        Py_DECREF(v);
        PyErr_NoMemory();
        return -1;
    }
    PyObject *grown = PyObject_Realloc(v, (size_t)(BYTES_HEAD + newsize));
    if (grown == NULL) {
        *pv = NULL;
        Py_DECREF(v);
        PyErr_NoMemory();
        return -1;
    }
    Py_SET_SIZE(grown, newsize);
    PyBytes_AS_STRING(grown)[newsize] = '\0';
    HASH(grown) = -1;
    *pv = grown;
    return 0;
}

/* --- Access ----------------------------------------------------------------------------------- */

Py_ssize_t
PyBytes_Size(PyObject *op)
{
    if (!PyBytes_Check(op)) {
        PyErr_Format(PyExc_TypeError, "expected bytes, %.200s found", Py_TYPE(op)->tp_name);
        return -1;
    }
    return PyBytes_GET_SIZE(op);
}

char *
PyBytes_AsString(PyObject *op)
{
    if (!PyBytes_Check(op)) {
        PyErr_Format(PyExc_TypeError, "expected bytes, %.200s found", Py_TYPE(op)->tp_name);
        return NULL;
    }
    return PyBytes_AS_STRING(op);
}

/* Without `len` an embedded NUL raises ValueError. */
int
PyBytes_AsStringAndSize(PyObject *obj, char **s, Py_ssize_t *len)
{
    if (s == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyBytes_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "expected bytes, %.200s found", Py_TYPE(obj)->tp_name);
        return -1;
    }
    *s = PyBytes_AS_STRING(obj);
    if (len != NULL) {
        *len = PyBytes_GET_SIZE(obj);
    }
    else if (strlen(*s) != (size_t)PyBytes_GET_SIZE(obj)) {
        PyErr_SetString(PyExc_ValueError, "embedded null byte");
        return -1;
    }
    return 0;
}

Py_ssize_t
_PyBytes_Find(const char *haystack, Py_ssize_t len_haystack, const char *needle,
              Py_ssize_t len_needle, Py_ssize_t offset)
{
    Py_ssize_t pos = _PyUCS1_Find((const Py_UCS1 *)haystack, len_haystack,
                                  (const Py_UCS1 *)needle, len_needle);
    return pos < 0 ? -1 : pos + offset;
}

Py_ssize_t
_PyBytes_ReverseFind(const char *haystack, Py_ssize_t len_haystack, const char *needle,
                     Py_ssize_t len_needle, Py_ssize_t offset)
{
    Py_ssize_t pos = _PyUCS1_RFind((const Py_UCS1 *)haystack, len_haystack,
                                   (const Py_UCS1 *)needle, len_needle);
    return pos < 0 ? -1 : pos + offset;
}

void
_PyBytes_Repeat(char *dest, Py_ssize_t len_dest, const char *src, Py_ssize_t len_src)
{
    if (len_dest == 0) {
        return;
    }
    assert(len_src > 0 && len_dest % len_src == 0);
    if (len_src == 1) {
        memset(dest, src[0], (size_t)len_dest);
        return;
    }
    if (src != dest) {
        memcpy(dest, src, (size_t)len_src);
    }
    /* what is there doubles each time */
    for (Py_ssize_t done = len_src; done < len_dest; ) {
        Py_ssize_t n = Py_MIN(done, len_dest - done);
        memcpy(dest + done, dest, (size_t)n);
        done += n;
    }
}

/* --- repr ------------------------------------------------------------------------------------- */

/* b'...' with the quote that needs less escaping when smartquotes is set. */
PyObject *
PyBytes_Repr(PyObject *obj, int smartquotes)
{
    const unsigned char *s = (const unsigned char *)PyBytes_AS_STRING(obj);
    Py_ssize_t n = PyBytes_GET_SIZE(obj), size = 3, single = 0, dbl = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        unsigned char c = s[i];
        single += c == '\'';
        dbl += c == '"';
        Py_ssize_t step = c == '\\' || c == '\t' || c == '\n' || c == '\r' ? 2
                          : c < ' ' || c >= 0x7f ? 4 : 1;
        if (size > PY_SSIZE_T_MAX - step - 1) {
            PyErr_SetString(PyExc_OverflowError, "bytes object is too large to make repr");
            return NULL;
        }
        size += step;
    }
    unsigned char quote = '\'';
    if (smartquotes && single > 0 && dbl == 0) {
        quote = '"';
    }
    else {
        if (single > PY_SSIZE_T_MAX - size) {
            PyErr_SetString(PyExc_OverflowError, "bytes object is too large to make repr");
            return NULL;
        }
        size += single;
    }
    PyObject *res = PyUnicode_New(size, 127);
    if (res == NULL) {
        return NULL;
    }
    Py_UCS1 *p = PyUnicode_1BYTE_DATA(res);
    *p++ = 'b';
    *p++ = quote;
    for (Py_ssize_t i = 0; i < n; i++) {
        unsigned char c = s[i];
        if (c == quote || c == '\\') {
            *p++ = '\\';
            *p++ = c;
        }
        else if (c == '\t' || c == '\n' || c == '\r') {
            *p++ = '\\';
            *p++ = c == '\t' ? 't' : c == '\n' ? 'n' : 'r';
        }
        else if (c < ' ' || c >= 0x7f) {
            *p++ = '\\';
            *p++ = 'x';
            *p++ = (Py_UCS1)Py_hexdigits[c >> 4];
            *p++ = (Py_UCS1)Py_hexdigits[c & 15];
        }
        else {
            *p++ = c;
        }
    }
    *p++ = quote;
    assert(p - PyUnicode_1BYTE_DATA(res) == size);
    return res;
}

static PyObject *
bytes_repr(PyObject *op)
{
    return PyBytes_Repr(op, 1);
}

static PyObject *
bytes_str(PyObject *op)
{
    if (BYTES_WARNING()
        && PyErr_WarnEx(PyExc_BytesWarning, "str() on a bytes instance", 1) < 0)
    {
        return NULL;
    }
    return bytes_repr(op);
}

/* --- Sequence and mapping --------------------------------------------------------------------- */

static Py_ssize_t
bytes_length(PyObject *a)
{
    return PyBytes_GET_SIZE(a);
}

/* a + b, both bytes-like. */
static PyObject *
bytes_concat(PyObject *a, PyObject *b)
{
    Py_buffer va = {0}, vb = {0};
    PyObject *res = NULL;
    if (PyObject_GetBuffer(a, &va, PyBUF_SIMPLE) < 0
        || PyObject_GetBuffer(b, &vb, PyBUF_SIMPLE) < 0)
    {
        PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s",
                     Py_TYPE(b)->tp_name, Py_TYPE(a)->tp_name);
        goto done;
    }
    if (va.len == 0 && PyBytes_CheckExact(b)) {
        res = Py_NewRef(b);
        goto done;
    }
    if (vb.len == 0 && PyBytes_CheckExact(a)) {
        res = Py_NewRef(a);
        goto done;
    }
    if (va.len > PY_SSIZE_T_MAX - vb.len) {
        PyErr_NoMemory();
        goto done;
    }
    res = PyBytes_FromStringAndSize(NULL, va.len + vb.len);
    if (res != NULL) {
        memcpy(PyBytes_AS_STRING(res), va.buf, (size_t)va.len);
        memcpy(PyBytes_AS_STRING(res) + va.len, vb.buf, (size_t)vb.len);
    }

done:
    PyBuffer_Release(&va);
    PyBuffer_Release(&vb);
    return res;
}

static PyObject *
bytes_repeat(PyObject *a, Py_ssize_t n)
{
    n = Py_MAX(n, 0);
    Py_ssize_t len = PyBytes_GET_SIZE(a);
    if (n > 0 && len > PY_SSIZE_T_MAX / n) {
        PyErr_SetString(PyExc_OverflowError, "repeated bytes are too long");
        return NULL;
    }
    Py_ssize_t size = len * n;
    if (size == len && PyBytes_CheckExact(a)) {
        return Py_NewRef(a);
    }
    if (size > PY_SSIZE_T_MAX - BYTES_HEAD) {
        PyErr_SetString(PyExc_OverflowError, "repeated bytes are too long");
        return NULL;
    }
    PyObject *res = PyBytes_FromStringAndSize(NULL, size);
    if (res != NULL && size > 0) {
        _PyBytes_Repeat(PyBytes_AS_STRING(res), size, PyBytes_AS_STRING(a), len);
    }
    return res;
}

static PyObject *
bytes_item(PyObject *a, Py_ssize_t i)
{
    if (i < 0 || i >= PyBytes_GET_SIZE(a)) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return NULL;
    }
    return _PyLong_SMALL((unsigned char)PyBytes_AS_STRING(a)[i]);
}

static PyObject *
bytes_subscript(PyObject *self, PyObject *item)
{
    if (PyIndex_Check(item)) {
        Py_ssize_t i = PyNumber_AsSsize_t(item, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return bytes_item(self, i < 0 ? i + PyBytes_GET_SIZE(self) : i);
    }
    if (!PySlice_Check(item)) {
        PyErr_Format(PyExc_TypeError, "byte indices must be integers or slices, not %.200s",
                     Py_TYPE(item)->tp_name);
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(item, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(PyBytes_GET_SIZE(self), &start, &stop, step);
    const char *s = PyBytes_AS_STRING(self);
    if (n <= 0) {
        return _PyBytes_EMPTY;
    }
    if (step == 1) {
        if (n == PyBytes_GET_SIZE(self) && PyBytes_CheckExact(self)) {
            return Py_NewRef(self);
        }
        return PyBytes_FromStringAndSize(s + start, n);
    }
    if (n == 1) {
        return PyBytes_FromStringAndSize(s + start, 1);
    }
    PyObject *res = PyBytes_FromStringAndSize(NULL, n);
    if (res != NULL) {
        char *out = PyBytes_AS_STRING(res);
        for (Py_ssize_t i = 0; i < n; i++) {
            out[i] = s[start + i * step];
        }
    }
    return res;
}

static int
bytes_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    return PyBuffer_FillInfo(view, self, PyBytes_AS_STRING(self), PyBytes_GET_SIZE(self), 1,
                             flags);
}

/* --- Comparison and hash ---------------------------------------------------------------------- */

/* With -b a comparison of bytes with str or int is reported; 0 or -1. */
static int
warn_comparison(PyObject *a, PyObject *b)
{
    if (!BYTES_WARNING()) {
        return 0;
    }
    if (PyUnicode_Check(a) || PyUnicode_Check(b)) {
        return PyErr_WarnEx(PyExc_BytesWarning, "Comparison between bytes and string", 1);
    }
    if (PyLong_Check(a) || PyLong_Check(b)) {
        return PyErr_WarnEx(PyExc_BytesWarning, "Comparison between bytes and int", 1);
    }
    return 0;
}

static PyObject *
bytes_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!PyBytes_Check(a) || !PyBytes_Check(b)) {
        if ((op == Py_EQ || op == Py_NE) && warn_comparison(a, b) < 0) {
            return NULL;
        }
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_ssize_t n = PyBytes_GET_SIZE(a), m = PyBytes_GET_SIZE(b);
    if (op == Py_EQ || op == Py_NE) {
        int same = a == b || (n == m && memcmp(PyBytes_AS_STRING(a), PyBytes_AS_STRING(b),
                                               (size_t)n) == 0);
        return PyBool_FromLong(same == (op == Py_EQ));
    }
    int order = memcmp(PyBytes_AS_STRING(a), PyBytes_AS_STRING(b), (size_t)Py_MIN(n, m));
    if (order == 0) {
        order = (n > m) - (n < m);
    }
    Py_RETURN_RICHCOMPARE(order, 0, op);
}

static Py_hash_t
bytes_hash(PyObject *a)
{
    Py_hash_t hash = __atomic_load_n(&HASH(a), __ATOMIC_RELAXED);
    if (hash == -1) {
        hash = _Py_HashBytes(PyBytes_AS_STRING(a), PyBytes_GET_SIZE(a));
        __atomic_store_n(&HASH(a), hash, __ATOMIC_RELAXED);
    }
    return hash;
}

/* --- Concatenation in place ------------------------------------------------------------------- */

/* *pv += w.  On error *pv is released and NULL. */
void
PyBytes_Concat(PyObject **pv, PyObject *w)
{
    assert(pv != NULL);
    if (*pv == NULL) {
        return;
    }
    if (w == NULL) {
        Py_CLEAR(*pv);
        return;
    }
    if (Py_REFCNT(*pv) == 1 && PyBytes_CheckExact(*pv) && PyBytes_GET_SIZE(*pv) > 0) {
        Py_buffer wb;
        if (PyObject_GetBuffer(w, &wb, PyBUF_SIMPLE) < 0) {
            PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s",
                         Py_TYPE(w)->tp_name, Py_TYPE(*pv)->tp_name);
            Py_CLEAR(*pv);
            return;
        }
        Py_ssize_t oldsize = PyBytes_GET_SIZE(*pv);
        if (oldsize > PY_SSIZE_T_MAX - wb.len) {
            PyErr_NoMemory();
            Py_CLEAR(*pv);
        }
        else if (_PyBytes_Resize(pv, oldsize + wb.len) == 0) {
            memcpy(PyBytes_AS_STRING(*pv) + oldsize, wb.buf, (size_t)wb.len);
        }
        PyBuffer_Release(&wb);
        return;
    }
    PyObject *v = bytes_concat(*pv, w);
    Py_SETREF(*pv, v);
}

void
PyBytes_ConcatAndDel(PyObject **pv, PyObject *w)
{
    PyBytes_Concat(pv, w);
    Py_XDECREF(w);
}

/* --- Conversion from other objects ------------------------------------------------------------ */

static PyObject *
from_buffer(PyObject *x)
{
    Py_buffer view;
    if (PyObject_GetBuffer(x, &view, PyBUF_FULL_RO) < 0) {
        return NULL;
    }
    PyObject *res = PyBytes_FromStringAndSize(NULL, view.len);
    if (res != NULL && view.len > 0
        && PyBuffer_ToContiguous(PyBytes_AS_STRING(res), &view, view.len, 'C') < 0)
    {
        Py_CLEAR(res);
    }
    PyBuffer_Release(&view);
    return res;
}

/* One item of an iterable as a byte, or -1 with an exception. */
static int
byte_from_item(PyObject *item)
{
    Py_ssize_t value = PyNumber_AsSsize_t(item, NULL);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (value < 0 || value > 255) {
        PyErr_SetString(PyExc_ValueError, "bytes must be in range(0, 256)");
        return -1;
    }
    return (int)value;
}

/* Items of a list or tuple; __index__ may change a list meanwhile. */
static PyObject *
from_sequence(PyObject *x)
{
    _PyBytesWriter w;
    _PyBytesWriter_Init(&w);
    w.overallocate = 1;
    char *out = _PyBytesWriter_Alloc(&w, PySequence_Fast_GET_SIZE(x));
    for (Py_ssize_t i = 0; out != NULL && i < PySequence_Fast_GET_SIZE(x); i++) {
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(x, i));
        int byte = byte_from_item(item);
        Py_DECREF(item);
        if (byte < 0) {
            out = NULL;
        }
        else {
            if (i >= w.min_size) {
                out = _PyBytesWriter_Prepare(&w, out, 1);
            }
            if (out != NULL) {
                *out++ = (char)byte;
            }
        }
    }
    if (out == NULL) {
        _PyBytesWriter_Dealloc(&w);
        return NULL;
    }
    return _PyBytesWriter_Finish(&w, out);
}

static PyObject *
from_iterator(PyObject *it, PyObject *x)
{
    Py_ssize_t hint = PyObject_LengthHint(x, 64);
    if (hint < 0 && PyErr_Occurred()) {
        return NULL;
    }
    _PyBytesWriter w;
    _PyBytesWriter_Init(&w);
    char *out = _PyBytesWriter_Alloc(&w, hint);
    w.overallocate = 1;
    Py_ssize_t n = 0;
    while (out != NULL) {
        PyObject *item = PyIter_Next(it);
        if (item == NULL) {
            if (PyErr_Occurred()) {
                break;
            }
            return _PyBytesWriter_Finish(&w, out);
        }
        int byte = byte_from_item(item);
        Py_DECREF(item);
        if (byte < 0) {
            break;
        }
        if (n++ >= w.min_size) {
            out = _PyBytesWriter_Prepare(&w, out, 1);
        }
        if (out != NULL) {
            *out++ = (char)byte;
        }
    }
    _PyBytesWriter_Dealloc(&w);
    return NULL;
}

PyObject *
_PyBytes_FromIterable(PyObject *x)
{
    if (PyList_CheckExact(x) || PyTuple_CheckExact(x)) {
        return from_sequence(x);
    }
    PyObject *it = PyObject_GetIter(x);
    if (it == NULL) {
        return NULL;
    }
    PyObject *res = from_iterator(it, x);
    Py_DECREF(it);
    return res;
}

/* bytes(x) for a buffer or an iterable of integers; not for int and str. */
PyObject *
PyBytes_FromObject(PyObject *x)
{
    if (x == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (PyBytes_CheckExact(x)) {
        return Py_NewRef(x);
    }
    if (PyObject_CheckBuffer(x)) {
        return from_buffer(x);
    }
    if (!PyUnicode_Check(x)) {
        if (PyList_CheckExact(x) || PyTuple_CheckExact(x)) {
            return from_sequence(x);
        }
        PyObject *it = PyObject_GetIter(x);
        if (it != NULL) {
            PyObject *res = from_iterator(it, x);
            Py_DECREF(it);
            return res;
        }
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
            return NULL;
        }
    }
    PyErr_Format(PyExc_TypeError, "cannot convert '%.200s' object to bytes",
                 Py_TYPE(x)->tp_name);
    return NULL;
}

/* A byte from an int argument; the texts of bytearray. */
int
_PyBytes_GetByte(PyObject *arg, int *value)
{
    int overflow;
    long n = PyLong_AsLongAndOverflow(arg, &overflow);
    if (n == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (n < 0 || n > 255 || overflow) {
        PyErr_SetString(PyExc_ValueError, "byte must be in range(0, 256)");
        return -1;
    }
    *value = (int)n;
    return 0;
}

int
_PyBytes_GetByteArg(PyObject *arg, void *value)
{
    return _PyBytes_GetByte(arg, value) == 0;
}

/* --- Hexadecimal and escapes ------------------------------------------------------------------ */

static int
hex_value(Py_UCS4 ch)
{
    return ch >= '0' && ch <= '9' ? (int)ch - '0'
           : ch >= 'a' && ch <= 'f' ? (int)ch - 'a' + 10
           : ch >= 'A' && ch <= 'F' ? (int)ch - 'A' + 10 : -1;
}

/* Bytes (or bytearray) from the hexadecimal digits of a str. */
PyObject *
_PyBytes_FromHex(PyObject *string, int use_bytearray)
{
    assert(PyUnicode_Check(string));
    struct _unicode_view v = _PyUnicode_View(string);
    _PyBytesWriter w;
    _PyBytesWriter_Init(&w);
    w.use_bytearray = use_bytearray;
    char *out = _PyBytesWriter_Alloc(&w, v.length / 2);
    if (out == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < v.length; ) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch < 128 && Py_ISSPACE(ch)) {
            i++;
            continue;
        }
        int top = hex_value(ch), bottom = -1;
        if (top >= 0) {
            i++;
            /* past the end the NUL is read, which is no digit */
            bottom = hex_value(PyUnicode_READ(v.kind, v.data, i));
        }
        if (bottom < 0) {
            PyErr_Format(PyExc_ValueError,
                         "non-hexadecimal number found in fromhex() arg at position %zd", i);
            _PyBytesWriter_Dealloc(&w);
            return NULL;
        }
        *out++ = (char)(top << 4 | bottom);
        i++;
    }
    return _PyBytesWriter_Finish(&w, out);
}

/* The value of up to three octal digits at *p. */
static int
octal_escape(const char **p, const char *end)
{
    int value = 0;
    for (int i = 0; i < 3 && *p < end && **p >= '0' && **p <= '7'; i++) {
        value = value * 8 + (*(*p)++ - '0');
    }
    return value;
}

/* A malformed \x escape at index `at`: write its replacement to *out.  -1 with an exception. */
static int
bad_hex_escape(const char *errors, Py_ssize_t at, char **out)
{
    if (errors == NULL || strcmp(errors, "strict") == 0) {
        PyErr_Format(PyExc_ValueError, "invalid \\x escape at position %zd", at);
        return -1;
    }
    if (strcmp(errors, "replace") == 0) {
        *(*out)++ = '?';
        return 0;
    }
    if (strcmp(errors, "ignore") == 0) {
        return 0;
    }
    PyErr_Format(PyExc_ValueError, "decoding error; unknown error handling code: %.400s", errors);
    return -1;
}

/* Undo the backslash escapes of a bytes literal.  *first_invalid_escape becomes the first unknown
   escape (the character behind the backslash) or NULL. */
PyObject *
_PyBytes_DecodeEscape(const char *s, Py_ssize_t len, const char *errors,
                      const char **first_invalid_escape)
{
    _PyBytesWriter w;
    _PyBytesWriter_Init(&w);
    char *out = _PyBytesWriter_Alloc(&w, len);
    *first_invalid_escape = NULL;
    if (out == NULL) {
        return NULL;
    }
    const char *start = s, *end = s + len;
    while (s < end) {
        if (*s != '\\') {
            *out++ = *s++;
            continue;
        }
        s++;
        if (s == end) {
            PyErr_SetString(PyExc_ValueError, "Trailing \\ in string");
            goto error;
        }
        static const char names[] = "\\'\"bftnrva", values[] = "\\'\"\b\f\t\n\r\v\a";
        const char *known = memchr(names, *s, sizeof(names) - 1);
        if (known != NULL) {
            *out++ = values[known - names];
            s++;
        }
        else if (*s == '\n') {
            s++;
        }
        else if (*s >= '0' && *s <= '7') {
            const char *digits = s;
            int value = octal_escape(&s, end);
            if (value > 0377 && *first_invalid_escape == NULL) {
                *first_invalid_escape = digits;
            }
            *out++ = (char)value;
        }
        else if (*s == 'x') {
            int top = s + 1 < end ? hex_value((unsigned char)s[1]) : -1;
            int bottom = s + 2 < end ? hex_value((unsigned char)s[2]) : -1;
            if (top >= 0 && bottom >= 0) {
                *out++ = (char)(top << 4 | bottom);
                s += 3;
            }
            else {
                if (bad_hex_escape(errors, s - 1 - start, &out) < 0) {
                    goto error;
                }
                s += top >= 0 ? 2 : 1;
            }
        }
        else {
            if (*first_invalid_escape == NULL) {
                *first_invalid_escape = s;
            }
            *out++ = '\\';
            *out++ = *s++;
        }
    }
    return _PyBytesWriter_Finish(&w, out);

error:
    _PyBytesWriter_Dealloc(&w);
    return NULL;
}

PyObject *
PyBytes_DecodeEscape(const char *s, Py_ssize_t len, const char *errors,
                     Py_ssize_t Py_UNUSED(unicode), const char *Py_UNUSED(recode_encoding))
{
    const char *bad;
    PyObject *res = _PyBytes_DecodeEscape(s, len, errors, &bad);
    if (res == NULL || bad == NULL) {
        return res;
    }
    int failed;
    if ('4' <= *bad && *bad <= '7') {
        failed = PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                                  "invalid octal escape sequence '\\%.3s'", bad) < 0;
    }
    else {
        failed = PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                                  "invalid escape sequence '\\%c'", (unsigned char)*bad) < 0;
    }
    if (failed) {
        Py_CLEAR(res);
    }
    return res;
}

/* --- Numbers protocol: % ---------------------------------------------------------------------- */

static PyObject *
bytes_mod(PyObject *self, PyObject *arg)
{
    if (!PyBytes_Check(self)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return _PyBytes_FormatEx(PyBytes_AS_STRING(self), PyBytes_GET_SIZE(self), arg, 0);
}

/* --- bytes() ---------------------------------------------------------------------------------- */

/* What `bytes(x, encoding, errors)` gives, as exact bytes or an instance of a subclass. */
static PyObject *
bytes_from_args(PyObject *x, const char *encoding, const char *errors)
{
    if (x == NULL) {
        if (encoding != NULL || errors != NULL) {
            PyErr_SetString(PyExc_TypeError, encoding != NULL
                            ? "encoding without a string argument"
                            : "errors without a string argument");
            return NULL;
        }
        return _PyBytes_EMPTY;
    }
    if (encoding != NULL) {
        if (!PyUnicode_Check(x)) {
            PyErr_SetString(PyExc_TypeError, "encoding without a string argument");
            return NULL;
        }
        return PyUnicode_AsEncodedString(x, encoding, errors);
    }
    if (errors != NULL) {
        PyErr_SetString(PyExc_TypeError, PyUnicode_Check(x)
                        ? "string argument without an encoding"
                        : "errors without a string argument");
        return NULL;
    }
    PyObject *bytes = _PyObject_CallBytes(x);
    if (bytes != NULL || PyErr_Occurred()) {
        return bytes;
    }
    if (PyUnicode_Check(x)) {
        PyErr_SetString(PyExc_TypeError, "string argument without an encoding");
        return NULL;
    }
    if (PyIndex_Check(x)) {
        Py_ssize_t size = PyNumber_AsSsize_t(x, PyExc_OverflowError);
        if (size == -1 && PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
                return NULL;
            }
            PyErr_Clear();      /* a broken __index__: look at the object as a buffer */
        }
        else if (size < 0) {
            PyErr_SetString(PyExc_ValueError, "negative count");
            return NULL;
        }
        else {
            return size == 0 ? _PyBytes_EMPTY : bytes_alloc(size, 1);
        }
    }
    return PyBytes_FromObject(x);
}

/*sig @nosignature bytes.__new__(type, source = NULL, encoding: utf8 = NULL,
                                 errors: utf8 = NULL)

bytes(iterable_of_ints) -> bytes
bytes(string, encoding[, errors]) -> bytes
bytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer
bytes(int) -> bytes object of size given by the parameter initialized with null bytes
bytes() -> empty bytes object

Construct an immutable array of bytes from:
  - an iterable yielding integers in range(256)
  - a text string encoded using the specified encoding
  - any object implementing the buffer API.
  - an integer
*/
static PyObject *
bytes_new_impl(PyTypeObject *type, PyObject *source, const char *encoding, const char *errors)
{
    PyObject *bytes = bytes_from_args(source, encoding, errors);
    if (bytes == NULL || type == &PyBytes_Type) {
        return bytes;
    }
    Py_ssize_t n = PyBytes_GET_SIZE(bytes);
    PyObject *res = type->tp_alloc(type, n);
    if (res != NULL) {
        memcpy(PyBytes_AS_STRING(res), PyBytes_AS_STRING(bytes), (size_t)n + 1);
        HASH(res) = __atomic_load_n(&HASH(bytes), __ATOMIC_RELAXED);
    }
    Py_DECREF(bytes);
    return res;
}

static PyObject *
bytes_alloc_subtype(PyTypeObject *type, Py_ssize_t n)
{
    PyObject *res = PyType_GenericAlloc(type, n);
    if (res != NULL) {
        HASH(res) = -1;
    }
    return res;
}

/* --- Iterator --------------------------------------------------------------------------------- */

static PyObject *
bytesiter_next(_PySeqIterObject *it)
{
    PyObject *seq = it->it_seq;
    if (seq == NULL) {
        return NULL;
    }
    assert(PyBytes_Check(seq));
    if (it->it_index < PyBytes_GET_SIZE(seq)) {
        return _PyLong_SMALL((unsigned char)PyBytes_AS_STRING(seq)[it->it_index++]);
    }
    return _PySeqIter_Exhaust(it);
}

_Py_SHARED PyTypeObject PyBytesIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bytes_iterator",
    .tp_basicsize = sizeof(_PySeqIterObject),
    .tp_dealloc = _PySeqIter_Dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = _PySeqIter_Traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)bytesiter_next,
    .tp_methods = _PySeqIter_Methods,
};

static PyObject *
bytes_iter(PyObject *seq)
{
    return _PySeqIter_New(&PyBytesIter_Type, seq);
}

/* --- The type --------------------------------------------------------------------------------- */

static PySequenceMethods bytes_as_sequence = {
    .sq_length = bytes_length,
    .sq_concat = bytes_concat,
    .sq_repeat = bytes_repeat,
    .sq_item = bytes_item,
    .sq_contains = _PyBytes_Contains,
};

static PyMappingMethods bytes_as_mapping = {
    .mp_length = bytes_length,
    .mp_subscript = bytes_subscript,
};

static PyNumberMethods bytes_as_number = {
    .nb_remainder = bytes_mod,
};

static PyBufferProcs bytes_as_buffer = {
    .bf_getbuffer = bytes_getbuffer,
};

_Py_SHARED PyTypeObject PyBytes_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bytes",
    .tp_basicsize = BYTES_HEAD,
    .tp_itemsize = sizeof(char),
    .tp_repr = bytes_repr,
    .tp_as_number = &bytes_as_number,
    .tp_as_sequence = &bytes_as_sequence,
    .tp_as_mapping = &bytes_as_mapping,
    .tp_hash = bytes_hash,
    .tp_str = bytes_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_as_buffer = &bytes_as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_BYTES_SUBCLASS
                | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = bytes_new__doc__,
    .tp_richcompare = bytes_richcompare,
    .tp_iter = bytes_iter,
    .tp_methods = (PyMethodDef *)_PyBytes_methods,
    .tp_alloc = bytes_alloc_subtype,
    .tp_new = bytes_new,
    .tp_free = PyObject_Del,
};
