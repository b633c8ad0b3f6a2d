/* marshal: a binary form of the values that code objects are made of.

   An object is a type letter and its content; numbers are little-endian.  From version 3 on,
   the letter carries FLAG_REF if a later 'r' refers back to the object by number.  Objects are
   numbered in the order in which their letters with FLAG_REF appear.

   What is written depends only on the object graph (never on reference counts): FLAG_REF is set
   on the outermost object, on immortal objects and interned strings, and on whatever occurs
   more than once. The elements of sets are written in the order of their own marshalled bytes.

   Reading trusts nothing: sizes are checked against the data that is there, references against the
   objects read so far, nesting against a limit; bad data raises EOFError, ValueError or TypeError.

   Written from: the library reference ("marshal", "py_compile"), PEP 3147, PEP 552, and by
   comparing with the dumps of 3.12. */

#include "Python.h"
#include "pycore_ceval.h"           // _Py_StackIsShort()
#include "pycore_code.h"            // struct _PyCodeConstructor
#include "pycore_global_objects.h"
#include "pycore_hashtable.h"       // _Py_hashtable_t
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_strings.h"         // _Py_ID()
#include "marshal.h"                // Py_MARSHAL_VERSION

#include "sig/marshal.sig.h"

#define MAX_DEPTH 2000

static int
too_deep(int depth)
{
    return depth > MAX_DEPTH || _Py_StackIsShort(_PyThreadState_GET());
}
#define FLAG_REF 0x80

enum {
    TYPE_NULL = '0',
    TYPE_NONE = 'N',
    TYPE_FALSE = 'F',
    TYPE_TRUE = 'T',
    TYPE_STOPITER = 'S',
    TYPE_ELLIPSIS = '.',
    TYPE_INT = 'i',
    TYPE_INT64 = 'I',           /* read only */
    TYPE_FLOAT = 'f',           /* text; versions 0 and 1 */
    TYPE_BINARY_FLOAT = 'g',
    TYPE_COMPLEX = 'x',
    TYPE_BINARY_COMPLEX = 'y',
    TYPE_LONG = 'l',
    TYPE_STRING = 's',          /* bytes */
    TYPE_INTERNED = 't',
    TYPE_REF = 'r',
    TYPE_TUPLE = '(',
    TYPE_LIST = '[',
    TYPE_DICT = '{',
    TYPE_CODE = 'c',
    TYPE_UNICODE = 'u',
    TYPE_UNKNOWN = '?',
    TYPE_SET = '<',
    TYPE_FROZENSET = '>',
    TYPE_ASCII = 'a',           /* this and the following: version 4 */
    TYPE_ASCII_INTERNED = 'A',
    TYPE_SMALL_TUPLE = ')',
    TYPE_SHORT_ASCII = 'z',
    TYPE_SHORT_ASCII_INTERNED = 'Z',
};

/* --- writing ------------------------------------------------------------------------------- */

struct writer {
    char *buf;
    size_t len, capacity;
    int version;
    int depth;
    int failed;                 /* an exception is set */
    _Py_hashtable_t *counts;    /* object -> SEEN_ONCE or SEEN_OFTEN; first pass */
    _Py_hashtable_t *refs;      /* object -> number + 1 */
    size_t n_refs;
};

#define SEEN_ONCE ((void *)1)
#define SEEN_OFTEN ((void *)2)

static void write_object(struct writer *w, PyObject *v);

static void
put_bytes(struct writer *w, const void *data, size_t n)
{
    if (w->failed || n == 0) {
        return;
    }
    if (w->len + n > w->capacity) {
        size_t capacity = Py_MAX(w->capacity * 2, w->len + n + 64);
        char *buf = PyMem_Realloc(w->buf, capacity);
        if (buf == NULL) {
            PyErr_NoMemory();
            w->failed = 1;
            return;
        }
        w->buf = buf;
        w->capacity = capacity;
    }
    memcpy(w->buf + w->len, data, n);
    w->len += n;
}

static void
put_byte(struct writer *w, int byte)
{
    char c = (char)byte;
    put_bytes(w, &c, 1);
}

static void
put_int(struct writer *w, uint64_t value, int bytes)
{
    char data[8];
    assert(0 < bytes && bytes <= 8);
    for (int i = 0; i < bytes; i++) {
        data[i] = (char)(value >> (8 * i));
    }
    put_bytes(w, data, (size_t)bytes);
}

static void
put_size(struct writer *w, Py_ssize_t n)
{
    assert(n >= 0);
    if (n > INT32_MAX && !w->failed) {
        PyErr_SetString(PyExc_ValueError, "unmarshallable object");
        w->failed = 1;
        return;
    }
    put_int(w, (uint64_t)n, 4);
}

static void
put_sized(struct writer *w, const void *data, Py_ssize_t n)
{
    put_size(w, n);
    put_bytes(w, data, (size_t)n);
}

/* A string of at most 255 bytes. */
static void
put_short_sized(struct writer *w, const void *data, size_t n)
{
    assert(n <= 255);
    put_byte(w, (int)n);
    put_bytes(w, data, n);
}

static void
put_double(struct writer *w, double x)
{
    char data[8];
    if (PyFloat_Pack8(x, data, 1) < 0) {
        w->failed = 1;
        return;
    }
    put_bytes(w, data, 8);
}

static void
put_double_text(struct writer *w, double x)
{
    char *text = PyOS_double_to_string(x, 'g', 17, 0, NULL);
    if (text == NULL) {
        PyErr_NoMemory();
        w->failed = 1;
        return;
    }
    put_short_sized(w, text, strlen(text));
    PyMem_Free(text);
}

/* An int: 32 bits, or digits of 15 bits with the sign in their number. */
static void
put_long(struct writer *w, PyObject *v, int flag)
{
    int overflow;
    long x = PyLong_AsLongAndOverflow(v, &overflow);
    assert(PyLong_CheckExact(v));
    if (overflow == 0 && INT32_MIN <= x && x <= INT32_MAX) {
        put_byte(w, TYPE_INT | flag);
        put_int(w, (uint64_t)x, 4);
        return;
    }
    size_t bits = _PyLong_NumBits(v);
    if (bits == (size_t)-1) {
        w->failed = 1;
        return;
    }
    size_t n_digits = (bits + 14) / 15, n_bytes = bits / 8 + 2;
    PyObject *magnitude = PyNumber_Absolute(v);
    unsigned char *bytes = magnitude == NULL ? NULL : PyMem_Calloc(1, n_bytes + 4);
    if (bytes == NULL
        || _PyLong_AsByteArray((PyLongObject *)magnitude, bytes, n_bytes, 1, 0) < 0)
    {
        if (magnitude != NULL && bytes == NULL) {
            PyErr_NoMemory();
        }
        w->failed = 1;
    }
    else {
        put_byte(w, TYPE_LONG | flag);
        put_int(w, (uint64_t)(_PyLong_Sign(v) < 0 ? -(int64_t)n_digits : (int64_t)n_digits), 4);
        for (size_t i = 0; i < n_digits; i++) {
            size_t bit = i * 15, at = bit / 8;
            uint32_t word = (uint32_t)bytes[at] | (uint32_t)bytes[at + 1] << 8
                            | (uint32_t)bytes[at + 2] << 16;
            put_int(w, (word >> (bit % 8)) & 0x7FFF, 2);
        }
    }
    PyMem_Free(bytes);
    Py_XDECREF(magnitude);
}

static void
put_str(struct writer *w, PyObject *v, int flag)
{
    int interned = PyUnicode_CHECK_INTERNED(v) != 0;
    assert(PyUnicode_CheckExact(v));
    if (w->version >= 4 && PyUnicode_IS_ASCII(v)) {
        Py_ssize_t n = PyUnicode_GET_LENGTH(v);
        if (n < 256) {
            put_byte(w, (interned ? TYPE_SHORT_ASCII_INTERNED : TYPE_SHORT_ASCII) | flag);
            put_short_sized(w, PyUnicode_1BYTE_DATA(v), (size_t)n);
        }
        else {
            put_byte(w, (interned ? TYPE_ASCII_INTERNED : TYPE_ASCII) | flag);
            put_sized(w, PyUnicode_1BYTE_DATA(v), n);
        }
        return;
    }
    PyObject *utf8 = PyUnicode_AsEncodedString(v, "utf8", "surrogatepass");
    if (utf8 == NULL) {
        w->failed = 1;
        return;
    }
    put_byte(w, (w->version >= 3 && interned ? TYPE_INTERNED : TYPE_UNICODE) | flag);
    put_sized(w, PyBytes_AS_STRING(utf8), PyBytes_GET_SIZE(utf8));
    Py_DECREF(utf8);
}

static void
put_tuple(struct writer *w, PyObject *v, int flag)
{
    Py_ssize_t n = PyTuple_GET_SIZE(v);
    assert(PyTuple_CheckExact(v));
    if (w->version >= 4 && n < 256) {
        put_byte(w, TYPE_SMALL_TUPLE | flag);
        put_byte(w, (int)n);
    }
    else {
        put_byte(w, TYPE_TUPLE | flag);
        put_size(w, n);
    }
    for (Py_ssize_t i = 0; !w->failed && i < n; i++) {
        write_object(w, PyTuple_GET_ITEM(v, i));
    }
}

static void
put_list(struct writer *w, PyObject *v, int flag)
{
    Py_ssize_t n = PyList_GET_SIZE(v);
    assert(PyList_CheckExact(v));
    put_byte(w, TYPE_LIST | flag);
    put_size(w, n);
    for (Py_ssize_t i = 0; !w->failed && i < n && i < PyList_GET_SIZE(v); i++) {
        write_object(w, PyList_GET_ITEM(v, i));
    }
}

static void
put_dict(struct writer *w, PyObject *v, int flag)
{
    PyObject *key, *value;
    Py_ssize_t pos = 0;
    assert(PyDict_CheckExact(v));
    put_byte(w, TYPE_DICT | flag);
    while (!w->failed && PyDict_Next(v, &pos, &key, &value)) {
        write_object(w, key);
        write_object(w, value);
    }
    put_byte(w, TYPE_NULL);
}

/* Elements of a set in an order that depends only on their values: list of (dump, element). */
static PyObject *
sorted_elements(PyObject *set, int version)
{
    PyObject *pairs = PyList_New(0), *iter = PyObject_GetIter(set), *item;
    int ok = pairs != NULL && iter != NULL;
    while (ok && (item = PyIter_Next(iter)) != NULL) {
        PyObject *dump = PyMarshal_WriteObjectToString(item, version);
        PyObject *pair = dump == NULL ? NULL : PyTuple_Pack(2, dump, item);
        ok = pair != NULL && PyList_Append(pairs, pair) == 0;
        Py_XDECREF(pair);
        Py_XDECREF(dump);
        Py_DECREF(item);
    }
    Py_XDECREF(iter);
    if (!ok || PyErr_Occurred() || PyList_Sort(pairs) < 0) {
        Py_XDECREF(pairs);
        return NULL;
    }
    return pairs;
}

static void
put_set(struct writer *w, PyObject *v, int flag)
{
    assert(PyAnySet_CheckExact(v));
    put_byte(w, (PyFrozenSet_CheckExact(v) ? TYPE_FROZENSET : TYPE_SET) | flag);
    put_size(w, PySet_GET_SIZE(v));
    PyObject *pairs = sorted_elements(v, w->version);
    if (pairs == NULL) {
        w->failed = 1;
        return;
    }
    for (Py_ssize_t i = 0; !w->failed && i < PyList_GET_SIZE(pairs); i++) {
        write_object(w, PyTuple_GET_ITEM(PyList_GET_ITEM(pairs, i), 1));
    }
    Py_DECREF(pairs);
}

static void
put_code(struct writer *w, PyCodeObject *co, int flag)
{
    PyObject *code = _PyCode_GetCode(co);
    if (code == NULL) {
        w->failed = 1;
        return;
    }
    put_byte(w, TYPE_CODE | flag);
    put_int(w, (uint64_t)co->co_argcount, 4);
    put_int(w, (uint64_t)co->co_posonlyargcount, 4);
    put_int(w, (uint64_t)co->co_kwonlyargcount, 4);
    put_int(w, (uint64_t)co->co_stacksize, 4);
    put_int(w, (uint64_t)co->co_flags, 4);
    write_object(w, code);
    write_object(w, co->co_consts);
    write_object(w, co->co_names);
    write_object(w, co->co_localsplusnames);
    write_object(w, co->co_localspluskinds);
    write_object(w, co->co_filename);
    write_object(w, co->co_name);
    write_object(w, co->co_qualname);
    put_int(w, (uint64_t)co->co_firstlineno, 4);
    write_object(w, co->co_linetable);
    write_object(w, co->co_exceptiontable);
    Py_DECREF(code);
}

static void
put_buffer(struct writer *w, PyObject *v, int flag)
{
    Py_buffer view;
    if (PyObject_GetBuffer(v, &view, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        PyErr_SetString(PyExc_ValueError, "unmarshallable object");
        w->failed = 1;
        return;
    }
    put_byte(w, TYPE_STRING | flag);
    put_sized(w, view.buf, view.len);
    PyBuffer_Release(&view);
}

static void
put_value(struct writer *w, PyObject *v, int flag)
{
    if (PyLong_CheckExact(v)) {
        put_long(w, v, flag);
    }
    else if (PyFloat_CheckExact(v)) {
        put_byte(w, (w->version > 1 ? TYPE_BINARY_FLOAT : TYPE_FLOAT) | flag);
        (w->version > 1 ? put_double : put_double_text)(w, PyFloat_AS_DOUBLE(v));
    }
    else if (PyComplex_CheckExact(v)) {
        Py_complex z = PyComplex_AsCComplex(v);
        put_byte(w, (w->version > 1 ? TYPE_BINARY_COMPLEX : TYPE_COMPLEX) | flag);
        (w->version > 1 ? put_double : put_double_text)(w, z.real);
        (w->version > 1 ? put_double : put_double_text)(w, z.imag);
    }
    else if (PyBytes_CheckExact(v)) {
        put_byte(w, TYPE_STRING | flag);
        put_sized(w, PyBytes_AS_STRING(v), PyBytes_GET_SIZE(v));
    }
    else if (PyUnicode_CheckExact(v)) {
        put_str(w, v, flag);
    }
    else if (PyTuple_CheckExact(v)) {
        put_tuple(w, v, flag);
    }
    else if (PyList_CheckExact(v)) {
        put_list(w, v, flag);
    }
    else if (PyDict_CheckExact(v)) {
        put_dict(w, v, flag);
    }
    else if (PyAnySet_CheckExact(v)) {
        put_set(w, v, flag);
    }
    else if (PyCode_Check(v)) {
        put_code(w, (PyCodeObject *)v, flag);
    }
    else if (PyObject_CheckBuffer(v)) {
        put_buffer(w, v, flag);
    }
    else {
        PyErr_SetString(PyExc_ValueError, "unmarshallable object");
        w->failed = 1;
    }
}

/* --- references ---------------------------------------------------------------------------- */

static void
table_set(struct writer *w, _Py_hashtable_t *table, PyObject *v, void *value)
{
    if (_Py_hashtable_set(table, v, value) < 0) {
        PyErr_NoMemory();
        w->failed = 1;
    }
}

static void count_object(struct writer *w, PyObject *v);

static void
count_items(struct writer *w, PyObject *v)
{
    if (PyTuple_CheckExact(v)) {
        for (Py_ssize_t i = 0; !w->failed && i < PyTuple_GET_SIZE(v); i++) {
            count_object(w, PyTuple_GET_ITEM(v, i));
        }
    }
    else if (PyList_CheckExact(v)) {
        for (Py_ssize_t i = 0; !w->failed && i < PyList_GET_SIZE(v); i++) {
            count_object(w, PyList_GET_ITEM(v, i));
        }
    }
    else if (PyDict_CheckExact(v)) {
        PyObject *key, *value;
        Py_ssize_t pos = 0;
        while (!w->failed && PyDict_Next(v, &pos, &key, &value)) {
            count_object(w, key);
            count_object(w, value);
        }
    }
    else if (PyAnySet_CheckExact(v)) {
        Py_ssize_t pos = 0;
        PyObject *item;
        Py_hash_t hash;
        while (!w->failed && _PySet_NextEntry(v, &pos, &item, &hash)) {
            count_object(w, item);
        }
    }
    else if (PyCode_Check(v)) {
        PyCodeObject *co = (PyCodeObject *)v;
        PyObject *parts[] = {co->co_consts, co->co_names, co->co_localsplusnames,
                             co->co_localspluskinds, co->co_filename, co->co_name,
                             co->co_qualname, co->co_linetable, co->co_exceptiontable};
        for (size_t i = 0; i < Py_ARRAY_LENGTH(parts); i++) {
            count_object(w, parts[i]);
        }
    }
}

/* First pass: which objects occur more than once. */
static void
count_object(struct writer *w, PyObject *v)
{
    assert(w->counts != NULL);
    if (w->failed || v == NULL) {
        return;
    }
    void *seen = _Py_hashtable_get(w->counts, v);
    if (seen != NULL) {
        if (seen == SEEN_ONCE) {
            /* there is no replacing: take the entry out first */
            _Py_hashtable_steal(w->counts, v);
            table_set(w, w->counts, v, SEEN_OFTEN);
        }
        return;
    }
    table_set(w, w->counts, v, SEEN_ONCE);
    if (too_deep(++w->depth)) {
        PyErr_SetString(PyExc_ValueError, "object too deeply nested to marshal");
        w->failed = 1;
    }
    count_items(w, v);
    w->depth--;
}

static int
needs_flag(struct writer *w, PyObject *v)
{
    assert(w->counts != NULL);
    return w->depth == 1 || _Py_IsImmortal(v)
           || (PyUnicode_CheckExact(v) && PyUnicode_CHECK_INTERNED(v))
           || _Py_hashtable_get(w->counts, v) == SEEN_OFTEN;
}

/* Writes a reference if v was written before (returns 1); else decides on FLAG_REF. */
static int
put_reference(struct writer *w, PyObject *v, int *flag)
{
    *flag = 0;
    if (w->refs == NULL) {
        return 0;
    }
    size_t number = (size_t)(uintptr_t)_Py_hashtable_get(w->refs, v);
    if (number != 0) {
        put_byte(w, TYPE_REF);
        put_int(w, number - 1, 4);
        return 1;
    }
    if (needs_flag(w, v) && w->n_refs < INT32_MAX) {
        table_set(w, w->refs, v, (void *)(uintptr_t)++w->n_refs);
        *flag = FLAG_REF;
    }
    return 0;
}

static void
write_object(struct writer *w, PyObject *v)
{
    assert(w->depth >= 0);
    if (w->failed) {
        return;
    }
    if (too_deep(++w->depth)) {
        PyErr_SetString(PyExc_ValueError, "object too deeply nested to marshal");
        w->failed = 1;
    }
    else if (v == NULL) {
        put_byte(w, TYPE_NULL);
    }
    else if (v == Py_None) {
        put_byte(w, TYPE_NONE);
    }
    else if (v == PyExc_StopIteration) {
        put_byte(w, TYPE_STOPITER);
    }
    else if (v == Py_Ellipsis) {
        put_byte(w, TYPE_ELLIPSIS);
    }
    else if (v == Py_False) {
        put_byte(w, TYPE_FALSE);
    }
    else if (v == Py_True) {
        put_byte(w, TYPE_TRUE);
    }
    else {
        int flag;
        if (!put_reference(w, v, &flag)) {
            put_value(w, v, flag);
        }
    }
    w->depth--;
}

static int
writer_init(struct writer *w, int version)
{
    assert(w != NULL);
    *w = (struct writer){.version = version};
    if (version >= 3) {
        w->counts = _Py_hashtable_new(_Py_hashtable_hash_ptr, _Py_hashtable_compare_direct);
        w->refs = _Py_hashtable_new(_Py_hashtable_hash_ptr, _Py_hashtable_compare_direct);
        if (w->counts == NULL || w->refs == NULL) {
            PyErr_NoMemory();
            w->failed = 1;
        }
    }
    return w->failed ? -1 : 0;
}

static void
writer_clear(struct writer *w)
{
    PyMem_Free(w->buf);
    if (w->counts != NULL) {
        _Py_hashtable_destroy(w->counts);
    }
    if (w->refs != NULL) {
        _Py_hashtable_destroy(w->refs);
    }
}

static void
write_whole(struct writer *w, PyObject *v, int version)
{
    if (writer_init(w, version) == 0) {
        if (w->counts != NULL) {
            count_object(w, v);
        }
        write_object(w, v);
    }
}

/* The bytes of v; NULL with ValueError or MemoryError. */
PyObject *
PyMarshal_WriteObjectToString(PyObject *v, int version)
{
    if (PySys_Audit("marshal.dumps", "Oi", v, version) < 0) {
        return NULL;
    }
    struct writer w;
    write_whole(&w, v, version);
    PyObject *bytes = w.failed ? NULL : PyBytes_FromStringAndSize(w.buf, (Py_ssize_t)w.len);
    writer_clear(&w);
    return bytes;
}

/* As in the C API: errors are those of stdio, an unmarshallable object leaves an exception. */
void
PyMarshal_WriteObjectToFile(PyObject *v, FILE *fp, int version)
{
    if (PySys_Audit("marshal.dumps", "Oi", v, version) < 0) {
        return;
    }
    struct writer w;
    write_whole(&w, v, version);
    if (!w.failed) {
        (void)fwrite(w.buf, 1, w.len, fp);
    }
    writer_clear(&w);
}

void
PyMarshal_WriteLongToFile(long x, FILE *fp, int Py_UNUSED(version))
{
    unsigned char data[4] = {(unsigned char)x, (unsigned char)(x >> 8),
                             (unsigned char)(x >> 16), (unsigned char)(x >> 24)};
    (void)fwrite(data, 1, 4, fp);
}

/* --- reading ------------------------------------------------------------------------------- */

#define READ_CHUNK (1 << 16)

struct reader {
    const char *ptr, *end;      /* data in memory, or */
    FILE *fp;                   /* a stdio stream, or */
    PyObject *readable;         /* an object with readinto() (borrowed) */
    char *buf;                  /* the last bytes read from one of those */
    size_t capacity;
    int depth;
    PyObject *refs;             /* list of the objects with FLAG_REF; None where not ready */
};

static PyObject *read_object(struct reader *r);

static void
bad_data(const char *what)
{
    PyErr_Format(PyExc_ValueError, "bad marshal data (%s)", what);
}

/* Read up to n bytes through readinto().  The number read, or -1 with an exception. */
static Py_ssize_t
call_readinto(struct reader *r, char *to, Py_ssize_t n)
{
    PyObject *view = PyMemoryView_FromMemory(to, n, PyBUF_WRITE);
    assert(n > 0 && r->readable != NULL);
    if (view == NULL) {
        return -1;
    }
    PyObject *result = PyObject_CallMethodOneArg(r->readable, &_Py_ID(readinto), view);
    Py_DECREF(view);
    if (result == NULL) {
        return -1;
    }
    Py_ssize_t got = PyNumber_AsSsize_t(result, PyExc_ValueError);
    Py_DECREF(result);
    if (got == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (got > n) {
        PyErr_Format(PyExc_ValueError, "read() returned too much data: %zd bytes requested, "
                     "%zd returned", n, got);
        return -1;
    }
    return Py_MAX(got, 0);
}

/* The next n bytes, valid until the next call; NULL with EOFError or what readinto() raised.
   Memory grows with the data that arrives, not with what the data claims. */
static const char *
read_bytes(struct reader *r, Py_ssize_t n)
{
    assert(n >= 0);
    if (r->ptr != NULL) {
        if (r->end - r->ptr < n) {
            PyErr_SetString(PyExc_EOFError, "marshal data too short");
            return NULL;
        }
        const char *p = r->ptr;
        r->ptr += n;
        return p;
    }
    for (Py_ssize_t done = 0; done < n || r->buf == NULL;) {
        Py_ssize_t chunk = Py_MIN(n - done, READ_CHUNK);
        size_t needed = (size_t)(done + chunk) + 1;
        if (needed > r->capacity) {
            size_t capacity = Py_MAX(needed, r->capacity * 2);
            char *buf = PyMem_Realloc(r->buf, capacity);
            if (buf == NULL) {
                PyErr_NoMemory();
                return NULL;
            }
            r->buf = buf;
            r->capacity = capacity;
        }
        if (chunk == 0) {
            break;
        }
        Py_ssize_t got = r->fp != NULL ? (Py_ssize_t)fread(r->buf + done, 1, (size_t)chunk, r->fp)
                                       : call_readinto(r, r->buf + done, chunk);
        if (got < 0) {
            return NULL;
        }
        if (got != chunk) {
            PyErr_SetString(PyExc_EOFError, "EOF read where not expected");
            return NULL;
        }
        done += chunk;
    }
    return r->buf;
}

/* The next byte, or -1 with an exception. */
static int
read_byte(struct reader *r)
{
    if (r->ptr != NULL && r->ptr >= r->end) {
        PyErr_SetString(PyExc_EOFError, "EOF read where not expected");
        return -1;
    }
    const char *p = read_bytes(r, 1);
    return p == NULL ? -1 : (unsigned char)*p;
}

/* A signed number of 32 bits; -1 with an exception on failure. */
static long
read_long(struct reader *r)
{
    const unsigned char *p = (const unsigned char *)read_bytes(r, 4);
    if (p == NULL) {
        return -1;
    }
    uint32_t x = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16
                 | (uint32_t)p[3] << 24;
    return (int32_t)x;
}

/* A size; -1 with an exception. */
static Py_ssize_t
read_size(struct reader *r, const char *what)
{
    long n = read_long(r);
    if (n < 0) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_ValueError, "bad marshal data (%s size out of range)", what);
        }
        return -1;
    }
    return n;
}

static PyObject *
read_int64(struct reader *r)
{
    const char *p = read_bytes(r, 8);
    return p == NULL ? NULL : _PyLong_FromByteArray((const unsigned char *)p, 8, 1, 1);
}

/* An int from digits of 15 bits. */
static PyObject *
read_pylong(struct reader *r)
{
    long n = read_long(r);
    if (n == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (n == 0) {
        return PyLong_FromLong(0);
    }
    if (n < -INT32_MAX) {
        bad_data("long size out of range");
        return NULL;
    }
    size_t n_digits = (size_t)(n < 0 ? -n : n);
    const unsigned char *p = (const unsigned char *)read_bytes(r, (Py_ssize_t)n_digits * 2);
    if (p == NULL) {
        return NULL;
    }
    size_t n_bytes = (n_digits * 15 + 7) / 8 + 1;
    unsigned char *bytes = PyMem_Calloc(1, n_bytes + 2);
    if (bytes == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *result = NULL;
    unsigned int digit = 0;
    for (size_t i = 0; i < n_digits; i++) {
        digit = (unsigned)p[2 * i] | (unsigned)p[2 * i + 1] << 8;
        if (digit > 0x7FFF) {
            bad_data("digit out of range in long");
            goto done;
        }
        size_t bit = i * 15;
        uint32_t shifted = (uint32_t)digit << (bit % 8);
        bytes[bit / 8] |= (unsigned char)shifted;
        bytes[bit / 8 + 1] |= (unsigned char)(shifted >> 8);
        bytes[bit / 8 + 2] |= (unsigned char)(shifted >> 16);
    }
    if (digit == 0) {
        bad_data("unnormalized long data");
        goto done;
    }
    result = _PyLong_FromByteArray(bytes, n_bytes, 1, 0);
    if (result != NULL && n < 0) {
        Py_SETREF(result, PyNumber_Negative(result));
    }
done:
    PyMem_Free(bytes);
    return result;
}

static double
read_double(struct reader *r)
{
    const char *p = read_bytes(r, 8);
    return p == NULL ? -1.0 : PyFloat_Unpack8(p, 1);
}

static double
read_double_text(struct reader *r)
{
    char text[256];
    int n = read_byte(r);
    const char *p = n < 0 ? NULL : read_bytes(r, n);
    if (p == NULL) {
        return -1.0;
    }
    memcpy(text, p, (size_t)n);
    text[n] = '\0';
    return PyOS_string_to_double(text, NULL, NULL);
}

static PyObject *
read_float(struct reader *r, double (*part)(struct reader *))
{
    double x = part(r);
    return x == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(x);
}

static PyObject *
read_complex(struct reader *r, double (*part)(struct reader *))
{
    double real = part(r);
    if (real == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    double imag = part(r);
    if (imag == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    return PyComplex_FromDoubles(real, imag);
}

/* A string of n bytes; ascii: taken as Latin-1, else as UTF-8. */
static PyObject *
read_str(struct reader *r, Py_ssize_t n, int ascii, int interned)
{
    const char *p = n < 0 ? NULL : read_bytes(r, n);
    assert(n >= -1);
    if (p == NULL) {
        return NULL;
    }
    PyObject *v = ascii ? PyUnicode_FromKindAndData(PyUnicode_1BYTE_KIND, p, n)
                        : PyUnicode_DecodeUTF8(p, n, "surrogatepass");
    if (v != NULL && interned) {
        PyUnicode_InternInPlace(&v);
    }
    return v;
}

/* --- references ---------------------------------------------------------------------------- */

/* Keep the place of an object with FLAG_REF.  Its number, -1 with an exception; 0 without flag. */
static Py_ssize_t
reserve_ref(struct reader *r, int flag)
{
    if (!flag) {
        return 0;
    }
    Py_ssize_t number = PyList_GET_SIZE(r->refs);
    if (number >= INT32_MAX) {
        bad_data("index list too large");
        return -1;
    }
    return PyList_Append(r->refs, Py_None) < 0 ? -1 : number;
}

/* Put v (or NULL) into the place kept for it; v comes back, NULL on failure. */
static PyObject *
insert_ref(struct reader *r, PyObject *v, Py_ssize_t number, int flag)
{
    assert(!flag || v == NULL || number < PyList_GET_SIZE(r->refs));
    if (v != NULL && flag && PyList_SetItem(r->refs, number, Py_NewRef(v)) < 0) {
        Py_CLEAR(v);
    }
    return v;
}

/* Both at once. */
static PyObject *
add_ref(struct reader *r, PyObject *v, int flag)
{
    if (v != NULL && flag && PyList_Append(r->refs, v) < 0) {
        Py_CLEAR(v);
    }
    return v;
}

static PyObject *
read_ref(struct reader *r)
{
    long n = read_long(r);
    if (n == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (n < 0 || n >= PyList_GET_SIZE(r->refs) || PyList_GET_ITEM(r->refs, n) == Py_None) {
        bad_data("invalid reference");
        return NULL;
    }
    return Py_NewRef(PyList_GET_ITEM(r->refs, n));
}

/* --- containers ---------------------------------------------------------------------------- */

/* An element: NULL always comes with an exception. */
static PyObject *
read_item(struct reader *r, const char *container)
{
    PyObject *v = read_object(r);
    if (v == NULL && !PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError, "NULL object in marshal data for %s", container);
    }
    return v;
}

/* Whether n more objects can be there: each takes a byte at least. */
static int
enough_data(struct reader *r, Py_ssize_t n)
{
    if (r->ptr != NULL && n > r->end - r->ptr) {
        PyErr_SetString(PyExc_EOFError, "EOF read where object expected");
        return 0;
    }
    return 1;
}

/* A list that grows as its elements arrive. */
static PyObject *
read_list(struct reader *r, Py_ssize_t n, const char *what, int flag)
{
    PyObject *list = add_ref(r, PyList_New(0), flag);
    assert(n >= 0);
    for (Py_ssize_t i = 0; list != NULL && i < n; i++) {
        PyObject *item = read_item(r, what);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    return list;
}

static PyObject *
read_tuple(struct reader *r, Py_ssize_t n, int flag)
{
    if (n < 0 || !enough_data(r, n)) {
        return NULL;
    }
    if (n > READ_CHUNK && r->ptr == NULL) {
        /* Possibly a lie: believe it element by element.  Such a tuple cannot contain itself. */
        Py_ssize_t number = reserve_ref(r, flag);
        PyObject *list = number < 0 ? NULL : read_list(r, n, "tuple", 0);
        if (list == NULL) {
            return NULL;
        }
        PyObject *tuple = PyList_AsTuple(list);
        Py_DECREF(list);
        return insert_ref(r, tuple, number, flag);
    }
    PyObject *tuple = add_ref(r, PyTuple_New(n), flag);
    for (Py_ssize_t i = 0; tuple != NULL && i < n; i++) {
        PyObject *item = read_item(r, "tuple");
        if (item == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        PyTuple_SET_ITEM(tuple, i, item);
    }
    return tuple;
}

static PyObject *
read_dict(struct reader *r, int flag)
{
    PyObject *dict = add_ref(r, PyDict_New(), flag);
    while (dict != NULL) {
        PyObject *key = read_object(r);
        PyObject *value = key == NULL ? NULL : read_object(r);
        if (value == NULL) {
            Py_XDECREF(key);
            break;
        }
        if (PyDict_SetItem(dict, key, value) < 0) {
            Py_CLEAR(dict);
        }
        Py_DECREF(key);
        Py_DECREF(value);
    }
    if (PyErr_Occurred()) {
        Py_CLEAR(dict);
    }
    return dict;
}

static PyObject *
read_set(struct reader *r, int frozen, int flag)
{
    Py_ssize_t n = read_size(r, "set"), number = 0;
    if (n < 0 || !enough_data(r, n)) {
        return NULL;
    }
    PyObject *set = frozen ? PyFrozenSet_New(NULL) : PySet_New(NULL);
    /* A frozenset must not be seen before it is complete. */
    if (frozen && n > 0) {
        number = reserve_ref(r, flag);
        if (number < 0) {
            Py_CLEAR(set);
        }
    }
    else {
        set = add_ref(r, set, flag);
    }
    for (Py_ssize_t i = 0; set != NULL && i < n; i++) {
        PyObject *item = read_item(r, "set");
        if (item == NULL || PySet_Add(set, item) < 0) {
            Py_CLEAR(set);
        }
        Py_XDECREF(item);
    }
    return frozen && n > 0 ? insert_ref(r, set, number, flag) : set;
}

static PyObject *
read_code(struct reader *r, int flag)
{
    int counts[5];      /* argcount, posonlyargcount, kwonlyargcount, stacksize, flags */
    PyObject *parts[8] = {NULL};    /* code ... qualname */
    PyObject *linetable = NULL, *exceptiontable = NULL, *result = NULL;
    Py_ssize_t number = reserve_ref(r, flag);
    if (number < 0) {
        return NULL;
    }
    for (int i = 0; i < 5; i++) {
        counts[i] = (int)read_long(r);
        if (counts[i] == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    for (int i = 0; i < 8; i++) {
        parts[i] = read_item(r, "code");
        if (parts[i] == NULL) {
            goto done;
        }
    }
    int firstlineno = (int)read_long(r);
    if (firstlineno == -1 && PyErr_Occurred()) {
        goto done;
    }
    linetable = read_item(r, "code");
    exceptiontable = linetable == NULL ? NULL : read_item(r, "code");
    if (exceptiontable == NULL) {
        goto done;
    }
    struct _PyCodeConstructor con = {
        .argcount = counts[0],
        .posonlyargcount = counts[1],
        .kwonlyargcount = counts[2],
        .stacksize = counts[3],
        .flags = counts[4],
        .code = parts[0],
        .consts = parts[1],
        .names = parts[2],
        .localsplusnames = parts[3],
        .localspluskinds = parts[4],
        .filename = parts[5],
        .name = parts[6],
        .qualname = parts[7],
        .firstlineno = firstlineno,
        .linetable = linetable,
        .exceptiontable = exceptiontable,
    };
    if (_PyCode_Validate(&con) == 0
        && PySys_Audit("code.__new__", "OOOiiiiii", con.code, con.filename, con.name,
                       con.argcount, con.posonlyargcount, con.kwonlyargcount,
                       (int)PyTuple_GET_SIZE(con.localsplusnames), con.stacksize,
                       con.flags) == 0)
    {
        result = insert_ref(r, (PyObject *)_PyCode_New(&con), number, flag);
    }
done:
    for (int i = 0; i < 8; i++) {
        Py_XDECREF(parts[i]);
    }
    Py_XDECREF(linetable);
    Py_XDECREF(exceptiontable);
    return result;
}

/* --- any object ---------------------------------------------------------------------------- */

static PyObject *
read_value(struct reader *r, int type, int flag)
{
    Py_ssize_t n;
    const char *p;
    switch (type) {
    case TYPE_NULL:
        return NULL;
    case TYPE_NONE:
        return Py_NewRef(Py_None);
    case TYPE_STOPITER:
        return Py_NewRef(PyExc_StopIteration);
    case TYPE_ELLIPSIS:
        return Py_NewRef(Py_Ellipsis);
    case TYPE_FALSE:
        return Py_NewRef(Py_False);
    case TYPE_TRUE:
        return Py_NewRef(Py_True);
    case TYPE_INT: {
        long x = read_long(r);
        return x == -1 && PyErr_Occurred() ? NULL : add_ref(r, PyLong_FromLong(x), flag);
    }
    case TYPE_INT64:
        return add_ref(r, read_int64(r), flag);
    case TYPE_LONG:
        return add_ref(r, read_pylong(r), flag);
    case TYPE_FLOAT:
        return add_ref(r, read_float(r, read_double_text), flag);
    case TYPE_BINARY_FLOAT:
        return add_ref(r, read_float(r, read_double), flag);
    case TYPE_COMPLEX:
        return add_ref(r, read_complex(r, read_double_text), flag);
    case TYPE_BINARY_COMPLEX:
        return add_ref(r, read_complex(r, read_double), flag);
    case TYPE_STRING:
        n = read_size(r, "bytes object");
        p = n < 0 ? NULL : read_bytes(r, n);
        return p == NULL ? NULL : add_ref(r, PyBytes_FromStringAndSize(p, n), flag);
    case TYPE_ASCII:
    case TYPE_ASCII_INTERNED:
        n = read_size(r, "string");
        return add_ref(r, read_str(r, n, 1, type == TYPE_ASCII_INTERNED), flag);
    case TYPE_SHORT_ASCII:
    case TYPE_SHORT_ASCII_INTERNED:
        n = read_byte(r);
        return add_ref(r, read_str(r, n, 1, type == TYPE_SHORT_ASCII_INTERNED), flag);
    case TYPE_UNICODE:
    case TYPE_INTERNED:
        n = read_size(r, "string");
        return add_ref(r, read_str(r, n, 0, type == TYPE_INTERNED), flag);
    case TYPE_SMALL_TUPLE:
        return read_tuple(r, read_byte(r), flag);
    case TYPE_TUPLE:
        return read_tuple(r, read_size(r, "tuple"), flag);
    case TYPE_LIST:
        n = read_size(r, "list");
        return n < 0 || !enough_data(r, n) ? NULL : read_list(r, n, "list", flag);
    case TYPE_DICT:
        return read_dict(r, flag);
    case TYPE_SET:
    case TYPE_FROZENSET:
        return read_set(r, type == TYPE_FROZENSET, flag);
    case TYPE_CODE:
        return read_code(r, flag);
    case TYPE_REF:
        return read_ref(r);
    default:
        bad_data("unknown type code");
        return NULL;
    }
}

/* The next object; NULL without exception for TYPE_NULL. */
static PyObject *
read_object(struct reader *r)
{
    int code = read_byte(r);
    assert(r->depth >= 0);
    if (code < 0) {
        if (PyErr_ExceptionMatches(PyExc_EOFError)) {
            PyErr_SetString(PyExc_EOFError, "EOF read where object expected");
        }
        return NULL;
    }
    if (too_deep(r->depth + 1)) {
        PyErr_SetString(PyExc_ValueError, "recursion limit exceeded");
        return NULL;
    }
    r->depth++;
    PyObject *v = read_value(r, code & ~FLAG_REF, code & FLAG_REF);
    r->depth--;
    return v;
}

/* The object that the reader is set up for; its buffer is released. */
static PyObject *
read_whole(struct reader *r)
{
    PyObject *v = NULL;
    assert(!PyErr_Occurred());
    r->refs = PyList_New(0);
    if (r->refs != NULL) {
        v = read_item(r, "object");
        Py_DECREF(r->refs);
    }
    PyMem_Free(r->buf);
    return v;
}

PyObject *
PyMarshal_ReadObjectFromString(const char *data, Py_ssize_t len)
{
    if (PySys_Audit("marshal.loads", "y#", data, len) < 0) {
        return NULL;
    }
    struct reader r = {.ptr = data, .end = data + len};
    return read_whole(&r);
}

PyObject *
PyMarshal_ReadObjectFromFile(FILE *fp)
{
    struct reader r = {.fp = fp};
    return read_whole(&r);
}

/* As above, for a stream that is not read any further. */
PyObject *
PyMarshal_ReadLastObjectFromFile(FILE *fp)
{
    return PyMarshal_ReadObjectFromFile(fp);
}

/* -1 with EOFError on failure. */
long
PyMarshal_ReadLongFromFile(FILE *fp)
{
    struct reader r = {.fp = fp};
    long x = read_long(&r);
    PyMem_Free(r.buf);
    return x;
}

int
PyMarshal_ReadShortFromFile(FILE *fp)
{
    struct reader r = {.fp = fp};
    const unsigned char *p = (const unsigned char *)read_bytes(&r, 2);
    int x = p == NULL ? -1 : (int16_t)(p[0] | p[1] << 8);
    PyMem_Free(r.buf);
    return x;
}

/* --- module -------------------------------------------------------------------------------- */

/*sig marshal.dump(module, value, file, version: int = c"Py_MARSHAL_VERSION" py"version", /)

Write the value on the open file.

  value
    Must be a supported type.
  file
    Must be a writeable binary file.
  version
    Indicates the data format that dump should use.

If the value has (or contains an object that has) an unsupported type, a
ValueError exception is raised - but garbage data will also be written
to the file. The object will not be properly read back by load().
*/
static PyObject *
marshal_dump_impl(PyObject *Py_UNUSED(module), PyObject *value, PyObject *file, int version)
{
    PyObject *bytes = PyMarshal_WriteObjectToString(value, version);
    if (bytes == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallMethodOneArg(file, &_Py_ID(write), bytes);
    Py_DECREF(bytes);
    return result;
}

/*sig marshal.load(module, file, /)

Read one value from the open file and return it.

  file
    Must be readable binary file.

If no valid value is read (e.g. because the data has a different Python
version's incompatible marshal format), raise EOFError, ValueError or
TypeError.

Note: If an object containing an unsupported type was marshalled with
dump(), load() will substitute None for the unmarshallable type.
*/
static PyObject *
marshal_load_impl(PyObject *Py_UNUSED(module), PyObject *file)
{
    /* Make sure that it is a binary file before readinto() is tried. */
    PyObject *data = PyObject_CallMethod(file, "read", "i", 0);
    if (data == NULL) {
        return NULL;
    }
    if (!PyBytes_Check(data)) {
        PyErr_Format(PyExc_TypeError, "file.read() returned not bytes but %.100s",
                     Py_TYPE(data)->tp_name);
        Py_DECREF(data);
        return NULL;
    }
    Py_DECREF(data);
    if (PySys_Audit("marshal.load", NULL) < 0) {
        return NULL;
    }
    struct reader r = {.readable = file};
    return read_whole(&r);
}

/*sig marshal.dumps(module, value, version: int = c"Py_MARSHAL_VERSION" py"version", /)

Return the bytes object that would be written to a file by dump(value, file).

  value
    Must be a supported type.
  version
    Indicates the data format that dumps should use.

Raise a ValueError exception if value has (or contains an object that has) an
unsupported type.
*/
static PyObject *
marshal_dumps_impl(PyObject *Py_UNUSED(module), PyObject *value, int version)
{
    return PyMarshal_WriteObjectToString(value, version);
}

/*sig marshal.loads(module, bytes: buffer, /)

Convert the bytes-like object to a value.

If no valid value is found, raise EOFError, ValueError or TypeError.  Extra
bytes in the input are ignored.
*/
static PyObject *
marshal_loads_impl(PyObject *Py_UNUSED(module), Py_buffer *bytes)
{
    return PyMarshal_ReadObjectFromString(bytes->buf, bytes->len);
}

static _Py_SHARED PyMethodDef marshal_methods[] = {
    MARSHAL_DUMP_METHODDEF
    MARSHAL_LOAD_METHODDEF
    MARSHAL_DUMPS_METHODDEF
    MARSHAL_LOADS_METHODDEF
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(module_doc,
"This module contains functions that can read and write Python values in\n\
a binary format. The format is specific to Python, but independent of\n\
machine architecture issues.\n\
\n\
Not all Python object types are supported; in general, only objects\n\
whose value is independent from a particular invocation of Python can be\n\
written and read by this module. The following types are supported:\n\
None, integers, floating point numbers, strings, bytes, bytearrays,\n\
tuples, lists, sets, dictionaries, and code objects, where it\n\
should be understood that tuples, lists and dictionaries are only\n\
supported as long as the values contained therein are themselves\n\
supported; and recursive lists and dictionaries should not be written\n\
(they will cause infinite loops).\n\
\n\
Variables:\n\
\n\
version -- indicates the format that the module uses. Version 0 is the\n\
    historical format, version 1 shares interned strings and version 2\n\
    uses a binary format for floating point numbers.\n\
    Version 3 shares common object references (New in version 3.4).\n\
\n\
Functions:\n\
\n\
dump() -- write value to a file\n\
load() -- read value from a file\n\
dumps() -- marshal value as a bytes object\n\
loads() -- read value from a bytes-like object");

static int
marshal_exec(PyObject *module)
{
    return PyModule_AddIntConstant(module, "version", Py_MARSHAL_VERSION);
}

static _Py_SHARED PyModuleDef_Slot marshal_slots[] = {
    {Py_mod_exec, marshal_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static _Py_SHARED struct PyModuleDef marshal_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "marshal",
    .m_doc = module_doc,
    .m_methods = marshal_methods,
    .m_slots = marshal_slots,
};

PyMODINIT_FUNC
PyMarshal_Init(void)
{
    return PyModuleDef_Init(&marshal_module);
}
