/* str: making, copying, resizing and freeing the objects; conversion between the kinds.
 *
 * Structure (PEP 393): a str holds `length` characters of 1, 2 or 4 bytes.  An exact str is
 * compact: the characters follow the head, a PyASCIIObject when all are < 0x80, else a
 * PyCompactUnicodeObject.  An instance of a subclass is not compact: `data.any` points to a block
 * of its own.
 *
 * Invariants (checked by _PyUnicode_CheckConsistency)
 *   - kind is the smallest that holds every character; the ascii bit is set iff all are < 0x80
 *   - a NUL of the kind's width follows the last character
 *   - the empty string is one static object; compact ASCII needs no UTF-8 form
 *   - a str may change only while it is modifiable: one reference, not hashed, not interned
 *
 * Written from the C API reference (c-api/unicode) and PEP 393.
 */
#include "Python.h"
#include "pycore_object.h"          // _PyObject_Init
#include "pycore_global_objects.h"  // _PyUnicode_EMPTY, _PyUnicode_LATIN1_CHAR
#include "pycore_private_api.h"     // PyUnicode_GetSize
#include "pycore_unicode.h"

#define ASCII(op) ((PyASCIIObject *)(op))
#define COMPACT(op) ((PyCompactUnicodeObject *)(op))
#define FULL(op) ((PyUnicodeObject *)(op))

PyObject *
_PyUnicode_GetEmpty(void)
{
    return _PyUnicode_EMPTY;
}

/* --- Kinds --------------------------------------------------------------------------------- */

static int
kind_for(Py_UCS4 maxchar)
{
    return maxchar < 0x100 ? 1 : maxchar < 0x10000 ? 2 : 4;
}

static Py_UCS4
max_of_ucs1(const Py_UCS1 *s, Py_ssize_t n)
{
    const Py_UCS1 *end = s + n;
    for (; end - s >= 8; s += 8) {
        uint64_t word;
        memcpy(&word, s, 8);
        if (word & UINT64_C(0x8080808080808080)) {
            return 0xff;
        }
    }
    for (; s < end; s++) {
        if (*s & 0x80) {
            return 0xff;
        }
    }
    return 0x7f;
}

static Py_UCS4
max_of_ucs2(const Py_UCS2 *s, Py_ssize_t n)
{
    Py_UCS4 bits = 0;
    for (Py_ssize_t i = 0; i < n; ) {
        Py_ssize_t stop = n - i > 64 ? i + 64 : n;
        for (; i < stop; i++) {
            bits |= s[i];
        }
        if (bits >= 0x100) {
            return 0xffff;
        }
    }
    return bits < 0x80 ? 0x7f : 0xff;
}

static Py_UCS4
max_of_ucs4(const Py_UCS4 *s, Py_ssize_t n)
{
    Py_UCS4 bits = 0;
    for (Py_ssize_t i = 0; i < n; ) {
        Py_ssize_t stop = n - i > 64 ? i + 64 : n;
        for (; i < stop; i++) {
            bits |= s[i];
        }
        if (bits >= 0x10000) {
            return 0x10ffff;
        }
    }
    return bits < 0x80 ? 0x7f : bits < 0x100 ? 0xff : 0xffff;
}

Py_UCS4
_PyUnicode_MaxCharOf(int kind, const void *data, Py_ssize_t n)
{
    assert(kind == 1 || kind == 2 || kind == 4);
    return kind == 1 ? max_of_ucs1(data, n) : kind == 2 ? max_of_ucs2(data, n)
                                                        : max_of_ucs4(data, n);
}

#define COPY_LOOP(DT, ST) \
    do { \
        DT *d = (DT *)dest + dpos; \
        const ST *s = (const ST *)src + spos; \
        for (Py_ssize_t i = 0; i < n; i++) { \
            d[i] = (DT)s[i]; \
        } \
    } while (0)

void
_PyUnicode_CopyKind(int dkind, void *dest, Py_ssize_t dpos,
                    int skind, const void *src, Py_ssize_t spos, Py_ssize_t n)
{
    assert(n >= 0 && dpos >= 0 && spos >= 0);
    if (n == 0) {
        return;                 /* an empty writer has neither kind nor data */
    }
    if (dkind == skind) {
        memcpy((char *)dest + dpos * dkind, (const char *)src + spos * skind,
               (size_t)(n * skind));
        return;
    }
    switch (dkind * 8 + skind) {
    case 2 * 8 + 1: COPY_LOOP(Py_UCS2, Py_UCS1); break;
    case 4 * 8 + 1: COPY_LOOP(Py_UCS4, Py_UCS1); break;
    case 4 * 8 + 2: COPY_LOOP(Py_UCS4, Py_UCS2); break;
    case 1 * 8 + 2: COPY_LOOP(Py_UCS1, Py_UCS2); break;
    case 1 * 8 + 4: COPY_LOOP(Py_UCS1, Py_UCS4); break;
    case 2 * 8 + 4: COPY_LOOP(Py_UCS2, Py_UCS4); break;
    default: Py_UNREACHABLE();
    }
}

void *
_PyUnicode_Widened(int skind, const void *src, Py_ssize_t n, int kind)
{
    assert(kind > skind);
    if (n > PY_SSIZE_T_MAX / kind - 1) {
        return PyErr_NoMemory();
    }
    void *copy = PyMem_Malloc((size_t)(n + 1) * (size_t)kind);
    if (copy == NULL) {
        return PyErr_NoMemory();
    }
    _PyUnicode_CopyKind(kind, copy, 0, skind, src, 0, n);
    return copy;
}

/* --- Creation ------------------------------------------------------------------------------ */

static void
write_nul(PyObject *op)
{
    PyUnicode_WRITE((int)PyUnicode_KIND(op), PyUnicode_DATA(op), PyUnicode_GET_LENGTH(op), 0);
}

/* A new str of size characters, not filled in, that can hold characters up to maxchar.
   size 0 gives the shared empty string. */
PyObject *
PyUnicode_New(Py_ssize_t size, Py_UCS4 maxchar)
{
    if (size == 0) {
        return _PyUnicode_GetEmpty();
    }
    if (maxchar > _PyUnicode_MAX) {
        PyErr_SetString(PyExc_SystemError, "invalid maximum character passed to PyUnicode_New");
        return NULL;
    }
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError, "Negative size passed to PyUnicode_New");
        return NULL;
    }
    int kind = kind_for(maxchar);
    size_t head = maxchar < 0x80 ? sizeof(PyASCIIObject) : sizeof(PyCompactUnicodeObject);
    if (size > (PY_SSIZE_T_MAX - (Py_ssize_t)head) / kind - 1) {
        return PyErr_NoMemory();
    }
    PyObject *op = PyObject_Malloc(head + (size_t)(size + 1) * (size_t)kind);
    if (op == NULL) {
        return PyErr_NoMemory();
    }
    _PyObject_Init(op, &PyUnicode_Type);
    PyASCIIObject *ascii = ASCII(op);
    ascii->length = size;
    ascii->hash = -1;
    memset(&ascii->state, 0, sizeof(ascii->state));
    ascii->state.kind = (unsigned)kind & 7;
    ascii->state.compact = 1;
    ascii->state.ascii = maxchar < 0x80;
    if (maxchar >= 0x80) {
        COMPACT(op)->utf8 = NULL;
        COMPACT(op)->utf8_length = 0;
    }
    if (kind == 1) {
        ((char *)op + head)[size] = 0;
    }
    else {
        write_nul(op);
    }
    return op;
}

PyObject *
_PyUnicode_FromChar(Py_UCS4 ch)
{
    assert(ch <= _PyUnicode_MAX);
    if (ch < 256) {
        return _PyUnicode_LATIN1_CHAR(ch);
    }
    PyObject *op = PyUnicode_New(1, ch);
    if (op != NULL) {
        PyUnicode_WRITE((int)PyUnicode_KIND(op), PyUnicode_DATA(op), 0, ch);
    }
    return op;
}

static PyObject *
from_kind(int kind, const void *data, Py_ssize_t n)
{
    if (n == 0) {
        return _PyUnicode_GetEmpty();
    }
    if (n == 1) {
        return _PyUnicode_FromChar(PyUnicode_READ(kind, data, 0));
    }
    Py_UCS4 maxchar = _PyUnicode_MaxCharOf(kind, data, n);
    PyObject *op = PyUnicode_New(n, maxchar);
    if (op != NULL) {
        _PyUnicode_CopyKind((int)PyUnicode_KIND(op), PyUnicode_DATA(op), 0, kind, data, 0, n);
    }
    return op;
}

PyObject *
_PyUnicode_FromUCS1(const Py_UCS1 *s, Py_ssize_t n)
{
    return from_kind(1, s, n);
}

PyObject *
_PyUnicode_FromUCS2(const Py_UCS2 *s, Py_ssize_t n)
{
    return from_kind(2, s, n);
}

PyObject *
_PyUnicode_FromUCS4(const Py_UCS4 *s, Py_ssize_t n)
{
    return from_kind(4, s, n);
}

/* A new str of size characters of the given width.  Raises ValueError for size < 0, SystemError
   for a wrong kind. */
PyObject *
PyUnicode_FromKindAndData(int kind, const void *buffer, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "size must be positive");
        return NULL;
    }
    if (kind != 1 && kind != 2 && kind != 4) {
        PyErr_SetString(PyExc_SystemError, "invalid kind");
        return NULL;
    }
    return from_kind(kind, buffer, size);
}

/* A str of size ASCII characters; the caller promises that they are ASCII. */
PyObject *
_PyUnicode_FromASCII(const char *buffer, Py_ssize_t size)
{
    assert(size >= 0);
    if (size <= 1) {
        return size == 0 ? _PyUnicode_GetEmpty() : _PyUnicode_FromChar((unsigned char)buffer[0]);
    }
    PyObject *op = PyUnicode_New(size, 0x7f);
    if (op != NULL) {
        memcpy(PyUnicode_1BYTE_DATA(op), buffer, (size_t)size);
    }
    return op;
}

PyObject *
PyUnicode_FromStringAndSize(const char *u, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError,
                        "Negative size passed to PyUnicode_FromStringAndSize");
        return NULL;
    }
    if (u != NULL) {
        return PyUnicode_DecodeUTF8Stateful(u, size, NULL, NULL);
    }
    if (size > 0) {
        PyErr_SetString(PyExc_SystemError, "NULL string with positive size with NULL passed to "
                                           "PyUnicode_FromStringAndSize");
        return NULL;
    }
    return _PyUnicode_GetEmpty();
}

PyObject *
PyUnicode_FromString(const char *u)
{
    size_t size = strlen(u);
    if (size > PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "input too long");
        return NULL;
    }
    return PyUnicode_DecodeUTF8Stateful(u, (Py_ssize_t)size, NULL, NULL);
}

/* A str from wchar_t (32 bits here); size -1 means up to the NUL. */
PyObject *
PyUnicode_FromWideChar(const wchar_t *u, Py_ssize_t size)
{
    Py_BUILD_ASSERT(sizeof(wchar_t) == 4);
    if (u == NULL && size != 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (size == -1) {
        size = (Py_ssize_t)wcslen(u);
    }
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError, "Negative size passed to PyUnicode_New");
        return NULL;
    }
    if (size > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(wchar_t)) {
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        if ((Py_UCS4)u[i] > _PyUnicode_MAX) {
            PyErr_Format(PyExc_ValueError, "character U+%x is not in range [U+0000; U+%x]",
                         (unsigned)u[i], (unsigned)_PyUnicode_MAX);
            return NULL;
        }
    }
    return from_kind(4, u, size);
}

PyObject *
PyUnicode_FromOrdinal(int ordinal)
{
    if (ordinal < 0 || ordinal > _PyUnicode_MAX) {
        PyErr_SetString(PyExc_ValueError, "chr() arg not in range(0x110000)");
        return NULL;
    }
    return _PyUnicode_FromChar((Py_UCS4)ordinal);
}

PyObject *
_PyUnicode_Copy(PyObject *op)
{
    if (!PyUnicode_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(op);
    PyObject *copy = PyUnicode_New(n, PyUnicode_MAX_CHAR_VALUE(op));
    if (copy != NULL && n > 0) {
        assert(PyUnicode_KIND(copy) == PyUnicode_KIND(op));
        memcpy(PyUnicode_DATA(copy), PyUnicode_DATA(op), (size_t)(n * (int)PyUnicode_KIND(op)));
    }
    return copy;
}

PyObject *
_PyUnicode_Unchanged(PyObject *op)
{
    if (PyUnicode_CheckExact(op)) {
        return Py_NewRef(op);
    }
    return _PyUnicode_Copy(op);
}

/* New reference to an exact str with obj's text.  Raises TypeError for anything else. */
PyObject *
PyUnicode_FromObject(PyObject *obj)
{
    if (PyUnicode_Check(obj)) {
        return _PyUnicode_Unchanged(obj);
    }
    PyErr_Format(PyExc_TypeError, "Can't convert '%.100s' object to str implicitly",
                 Py_TYPE(obj)->tp_name);
    return NULL;
}

int
_PyUnicode_EnsureStr(PyObject *op)
{
    if (PyUnicode_Check(op)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "must be str, not %.100s", Py_TYPE(op)->tp_name);
    return -1;
}

/* The str op[start:end]; new reference.  Raises IndexError for negative positions. */
PyObject *
PyUnicode_Substring(PyObject *self, Py_ssize_t start, Py_ssize_t end)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(self);
    if (end > length) {
        end = length;
    }
    if (start == 0 && end == length) {
        return _PyUnicode_Unchanged(self);
    }
    if (start < 0 || end < 0) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return NULL;
    }
    if (start >= length || end <= start) {
        return _PyUnicode_GetEmpty();
    }
    const char *data = PyUnicode_DATA(self);
    if (PyUnicode_IS_ASCII(self)) {
        return _PyUnicode_FromASCII(data + start, end - start);
    }
    int kind = (int)PyUnicode_KIND(self);
    return from_kind(kind, data + start * kind, end - start);
}

/* --- Changing a fresh str ------------------------------------------------------------------- */

int
_PyUnicode_IsModifiable(PyObject *op)
{
    return Py_REFCNT(op) == 1 && PyUnicode_CheckExact(op) && !PyUnicode_CHECK_INTERNED(op)
           && _PyUnicode_CachedHash(op) == -1;
}

void
_PyUnicode_ClearHash(PyObject *op)
{
    __atomic_store_n(&ASCII(op)->hash, -1, __ATOMIC_RELAXED);
}

static void
drop_utf8(PyObject *op)
{
    if (!PyUnicode_IS_COMPACT_ASCII(op) && COMPACT(op)->utf8 != NULL
        && (void *)COMPACT(op)->utf8 != PyUnicode_DATA(op))
    {
        PyMem_Free(COMPACT(op)->utf8);
        COMPACT(op)->utf8 = NULL;
        COMPACT(op)->utf8_length = 0;
    }
}

/* Change the length of the exact, compact, modifiable op in place.  NULL with MemoryError leaves
   op as it was. */
static PyObject *
resize_compact(PyObject *op, Py_ssize_t length)
{
    assert(_PyUnicode_IsModifiable(op) && PyUnicode_IS_COMPACT(op) && length > 0);
    int kind = (int)PyUnicode_KIND(op);
    size_t head = PyUnicode_IS_ASCII(op) ? sizeof(PyASCIIObject) : sizeof(PyCompactUnicodeObject);
    if (length > (PY_SSIZE_T_MAX - (Py_ssize_t)head) / kind - 1) {
        return PyErr_NoMemory();
    }
    drop_utf8(op);
    PyObject *grown = PyObject_Realloc(op, head + (size_t)(length + 1) * (size_t)kind);
    if (grown == NULL) {
        return PyErr_NoMemory();
    }
    ASCII(grown)->length = length;
    write_nul(grown);
    return grown;
}

/* Resize *p to length characters; *p may move, new characters are not set.  Only for a str that
   nobody else has seen; any other is replaced by a copy. */
int
PyUnicode_Resize(PyObject **p, Py_ssize_t length)
{
    if (p == NULL || *p == NULL || !PyUnicode_Check(*p) || length < 0) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyObject *op = *p;
    Py_ssize_t old = PyUnicode_GET_LENGTH(op);
    if (old == length) {
        return 0;
    }
    if (length == 0) {
        *p = _PyUnicode_GetEmpty();
        Py_DECREF(op);
        return 0;
    }
    PyObject *new_;
    if (_PyUnicode_IsModifiable(op) && PyUnicode_IS_COMPACT(op)) {
        new_ = resize_compact(op, length);
        if (new_ == NULL) {
            return -1;
        }
    }
    else {
        new_ = PyUnicode_New(length, PyUnicode_MAX_CHAR_VALUE(op));
        if (new_ == NULL) {
            return -1;
        }
        Py_ssize_t n = Py_MIN(old, length);
        _PyUnicode_CopyKind((int)PyUnicode_KIND(new_), PyUnicode_DATA(new_), 0,
                            (int)PyUnicode_KIND(op), PyUnicode_DATA(op), 0, n);
        Py_DECREF(op);
    }
    *p = new_;
    return 0;
}

/* Copy without checks: the target is modifiable and wide enough. */
void
_PyUnicode_FastCopyCharacters(PyObject *to, Py_ssize_t to_start,
                              PyObject *from, Py_ssize_t from_start, Py_ssize_t how_many)
{
    assert(to_start + how_many <= PyUnicode_GET_LENGTH(to));
    assert(from_start + how_many <= PyUnicode_GET_LENGTH(from));
    assert(PyUnicode_KIND(from) <= PyUnicode_KIND(to)
           || _PyUnicode_FindMaxChar(from, from_start, from_start + how_many)
              <= PyUnicode_MAX_CHAR_VALUE(to));
    if (how_many > 0) {
        _PyUnicode_CopyKind((int)PyUnicode_KIND(to), PyUnicode_DATA(to), to_start,
                            (int)PyUnicode_KIND(from), PyUnicode_DATA(from), from_start,
                            how_many);
    }
}

static int
check_modifiable(PyObject *op)
{
    if (!_PyUnicode_IsModifiable(op)) {
        PyErr_SetString(PyExc_SystemError, "Cannot modify a string currently used");
        return -1;
    }
    return 0;
}

/* Copy up to how_many characters; returns their number or -1 with an exception. */
Py_ssize_t
PyUnicode_CopyCharacters(PyObject *to, Py_ssize_t to_start,
                         PyObject *from, Py_ssize_t from_start, Py_ssize_t how_many)
{
    if (!PyUnicode_Check(from) || !PyUnicode_Check(to)) {
        PyErr_BadInternalCall();
        return -1;
    }
    if ((size_t)from_start > (size_t)PyUnicode_GET_LENGTH(from)
        || (size_t)to_start > (size_t)PyUnicode_GET_LENGTH(to))
    {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if (how_many < 0) {
        PyErr_SetString(PyExc_SystemError, "how_many cannot be negative");
        return -1;
    }
    how_many = Py_MIN(PyUnicode_GET_LENGTH(from) - from_start, how_many);
    if (to_start + how_many > PyUnicode_GET_LENGTH(to)) {
        PyErr_Format(PyExc_SystemError, "Cannot write %zi characters at %zi in a string of %zi "
                     "characters", how_many, to_start, PyUnicode_GET_LENGTH(to));
        return -1;
    }
    if (how_many == 0) {
        return 0;
    }
    if (check_modifiable(to) < 0) {
        return -1;
    }
    if (PyUnicode_MAX_CHAR_VALUE(from) > PyUnicode_MAX_CHAR_VALUE(to)
        && _PyUnicode_FindMaxChar(from, from_start, from_start + how_many)
           > PyUnicode_MAX_CHAR_VALUE(to))
    {
        PyErr_Format(PyExc_SystemError, "Cannot copy %s characters into a string of %s characters",
                     PyUnicode_KIND(from) == 4 ? "UCS4" : PyUnicode_KIND(from) == 2 ? "UCS2" :
                     "latin1",
                     PyUnicode_IS_ASCII(to) ? "ascii" : PyUnicode_KIND(to) == 1 ? "latin1" :
                     "UCS2");
        return -1;
    }
    _PyUnicode_FastCopyCharacters(to, to_start, from, from_start, how_many);
    return how_many;
}

static void
fill_kind(int kind, void *data, Py_UCS4 ch, Py_ssize_t start, Py_ssize_t n)
{
    if (kind == 1) {
        memset((Py_UCS1 *)data + start, (int)ch, (size_t)n);
        return;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyUnicode_WRITE(kind, data, start + i, ch);
    }
}

void
_PyUnicode_FastFill(PyObject *op, Py_ssize_t start, Py_ssize_t length, Py_UCS4 fill)
{
    assert(fill <= PyUnicode_MAX_CHAR_VALUE(op));
    assert(start >= 0 && start + length <= PyUnicode_GET_LENGTH(op));
    fill_kind((int)PyUnicode_KIND(op), PyUnicode_DATA(op), fill, start, length);
}

/* Set up to length characters from start; returns their number or -1 with an exception. */
Py_ssize_t
PyUnicode_Fill(PyObject *op, Py_ssize_t start, Py_ssize_t length, Py_UCS4 fill)
{
    if (!PyUnicode_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (check_modifiable(op) < 0) {
        return -1;
    }
    if (start < 0) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if (fill > PyUnicode_MAX_CHAR_VALUE(op)) {
        PyErr_SetString(PyExc_ValueError, "fill character is bigger than the string maximum "
                                          "character");
        return -1;
    }
    length = Py_MIN(PyUnicode_GET_LENGTH(op) - start, length);
    if (length <= 0) {
        return 0;
    }
    _PyUnicode_FastFill(op, start, length, fill);
    return length;
}

/* --- Single characters, length, UCS4 copies -------------------------------------------------- */

Py_ssize_t
PyUnicode_GetLength(PyObject *op)
{
    if (!PyUnicode_Check(op)) {
        PyErr_BadArgument();
        return -1;
    }
    return PyUnicode_GET_LENGTH(op);
}

/* Kept for the ABI: there is no Py_UNICODE form to measure any more. */
Py_ssize_t
PyUnicode_GetSize(PyObject *Py_UNUSED(op))
{
    PyErr_SetString(PyExc_RuntimeError, "PyUnicode_GetSize has been removed.");
    return -1;
}

Py_UCS4
PyUnicode_ReadChar(PyObject *op, Py_ssize_t index)
{
    if (!PyUnicode_Check(op)) {
        PyErr_BadArgument();
        return (Py_UCS4)-1;
    }
    if (index < 0 || index >= PyUnicode_GET_LENGTH(op)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return (Py_UCS4)-1;
    }
    return PyUnicode_READ_CHAR(op, index);
}

int
PyUnicode_WriteChar(PyObject *op, Py_ssize_t index, Py_UCS4 ch)
{
    if (!PyUnicode_Check(op) || !PyUnicode_IS_COMPACT(op)) {
        PyErr_BadArgument();
        return -1;
    }
    if (index < 0 || index >= PyUnicode_GET_LENGTH(op)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if (check_modifiable(op) < 0) {
        return -1;
    }
    if (ch > PyUnicode_MAX_CHAR_VALUE(op)) {
        PyErr_SetString(PyExc_ValueError, "character out of range");
        return -1;
    }
    PyUnicode_WRITE((int)PyUnicode_KIND(op), PyUnicode_DATA(op), index, ch);
    return 0;
}

Py_UCS4
_PyUnicode_FindMaxChar(PyObject *op, Py_ssize_t start, Py_ssize_t end)
{
    assert(0 <= start && start <= end && end <= PyUnicode_GET_LENGTH(op));
    if (start == 0 && end == PyUnicode_GET_LENGTH(op)) {
        return PyUnicode_MAX_CHAR_VALUE(op);
    }
    if (start == end || PyUnicode_IS_ASCII(op)) {
        return 0x7f;
    }
    int kind = (int)PyUnicode_KIND(op);
    return _PyUnicode_MaxCharOf(kind, (const char *)PyUnicode_DATA(op) + start * kind,
                                end - start);
}

/* Copy the text to buffer of buflen characters, with a NUL if copy_null.  NULL with SystemError
   when it does not fit. */
Py_UCS4 *
PyUnicode_AsUCS4(PyObject *op, Py_UCS4 *buffer, Py_ssize_t buflen, int copy_null)
{
    if (buffer == NULL || buflen < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(op);
    if (n + (copy_null != 0) > buflen) {
        PyErr_SetString(PyExc_SystemError, "string is longer than the buffer");
        if (copy_null && buflen > 0) {
            buffer[0] = 0;
        }
        return NULL;
    }
    _PyUnicode_CopyKind(4, buffer, 0, (int)PyUnicode_KIND(op), PyUnicode_DATA(op), 0, n);
    if (copy_null) {
        buffer[n] = 0;
    }
    return buffer;
}

Py_UCS4 *
PyUnicode_AsUCS4Copy(PyObject *op)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(op) + 1;
    Py_UCS4 *copy = PyMem_New(Py_UCS4, n);
    if (copy == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    return PyUnicode_AsUCS4(op, copy, n, 1);
}

/* Copy up to size wchar_t, with the NUL if there is room.  w NULL: the size needed with the NUL.
   Returns the characters copied without the NUL, or -1. */
Py_ssize_t
PyUnicode_AsWideChar(PyObject *op, wchar_t *w, Py_ssize_t size)
{
    if (op == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyUnicode_Check(op)) {
        PyErr_BadArgument();
        return -1;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(op);
    if (w == NULL) {
        return n + 1;
    }
    Py_ssize_t copied = Py_MIN(n, size);
    if (size > n) {
        w[n] = 0;
    }
    _PyUnicode_CopyKind(4, w, 0, (int)PyUnicode_KIND(op), PyUnicode_DATA(op), 0, copied);
    return copied;
}

/* The text as a NUL-terminated PyMem block.  Without `size` an embedded NUL raises ValueError. */
wchar_t *
PyUnicode_AsWideCharString(PyObject *op, Py_ssize_t *size)
{
    if (op == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (!PyUnicode_Check(op)) {
        PyErr_BadArgument();
        return NULL;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(op);
    wchar_t *copy = PyMem_New(wchar_t, n + 1);
    if (copy == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    _PyUnicode_CopyKind(4, copy, 0, (int)PyUnicode_KIND(op), PyUnicode_DATA(op), 0, n);
    copy[n] = 0;
    if (size != NULL) {
        *size = n;
    }
    else if (wcslen(copy) != (size_t)n) {
        PyMem_Free(copy);
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return copy;
}

/* Converters of argument parsing: str (or None) to a wchar_t * that PyMem_Free releases. */
int
_PyUnicode_WideCharString_Converter(PyObject *op, void *ptr)
{
    wchar_t **p = ptr;
    if (op == NULL) {
        PyMem_Free(*p);
        *p = NULL;
        return 1;
    }
    if (PyUnicode_Check(op)) {
        *p = PyUnicode_AsWideCharString(op, NULL);
        return *p != NULL ? Py_CLEANUP_SUPPORTED : 0;
    }
    PyErr_Format(PyExc_TypeError, "argument must be str, not %.50s", Py_TYPE(op)->tp_name);
    return 0;
}

int
_PyUnicode_WideCharString_Opt_Converter(PyObject *op, void *ptr)
{
    wchar_t **p = ptr;
    if (op == Py_None) {
        *p = NULL;
        return 1;
    }
    if (op != NULL && !PyUnicode_Check(op)) {
        PyErr_Format(PyExc_TypeError, "argument must be str or None, not %.50s",
                     Py_TYPE(op)->tp_name);
        return 0;
    }
    return _PyUnicode_WideCharString_Converter(op, ptr);
}

/* --- Concatenation --------------------------------------------------------------------------- */

/* left + right; new reference.  Raises TypeError unless both are str. */
PyObject *
PyUnicode_Concat(PyObject *left, PyObject *right)
{
    if (_PyUnicode_EnsureStr(left) < 0) {
        return NULL;
    }
    if (!PyUnicode_Check(right)) {
        PyErr_Format(PyExc_TypeError, "can only concatenate str (not \"%.200s\") to str",
                     Py_TYPE(right)->tp_name);
        return NULL;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(left), m = PyUnicode_GET_LENGTH(right);
    if (n == 0) {
        return PyUnicode_FromObject(right);
    }
    if (m == 0) {
        return PyUnicode_FromObject(left);
    }
    if (n > PY_SSIZE_T_MAX - m) {
        PyErr_SetString(PyExc_OverflowError, "strings are too large to concat");
        return NULL;
    }
    Py_UCS4 maxchar = Py_MAX(PyUnicode_MAX_CHAR_VALUE(left), PyUnicode_MAX_CHAR_VALUE(right));
    PyObject *res = PyUnicode_New(n + m, maxchar);
    if (res != NULL) {
        _PyUnicode_FastCopyCharacters(res, 0, left, 0, n);
        _PyUnicode_FastCopyCharacters(res, n, right, 0, m);
    }
    return res;
}

/* *p_left += right.  In place when nobody else holds *p_left.  On error *p_left becomes NULL. */
void
PyUnicode_Append(PyObject **p_left, PyObject *right)
{
    if (p_left == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_BadInternalCall();
        }
        return;
    }
    PyObject *left = *p_left;
    if (right == NULL || left == NULL || !PyUnicode_Check(left) || !PyUnicode_Check(right)) {
        if (!PyErr_Occurred()) {
            PyErr_BadInternalCall();
        }
        Py_CLEAR(*p_left);
        return;
    }
    if (PyUnicode_CheckExact(left) && PyUnicode_CheckExact(right)
        && PyUnicode_GET_LENGTH(left) != 0 && PyUnicode_GET_LENGTH(right) != 0
        && left != right && _PyUnicode_IsModifiable(left)
        && PyUnicode_KIND(right) <= PyUnicode_KIND(left)
        && !(PyUnicode_IS_ASCII(left) && !PyUnicode_IS_ASCII(right)))
    {
        Py_ssize_t n = PyUnicode_GET_LENGTH(left), m = PyUnicode_GET_LENGTH(right);
        if (n > PY_SSIZE_T_MAX - m) {
            PyErr_SetString(PyExc_OverflowError, "strings are too large to concat");
            Py_CLEAR(*p_left);
            return;
        }
        PyObject *grown = resize_compact(left, n + m);
        if (grown == NULL) {
            Py_CLEAR(*p_left);
            return;
        }
        *p_left = grown;
        _PyUnicode_FastCopyCharacters(grown, n, right, 0, m);
        return;
    }
    if (PyUnicode_Check(right) && PyUnicode_GET_LENGTH(right) == 0
        && PyUnicode_CheckExact(left))
    {
        return;
    }
    PyObject *res = PyUnicode_Concat(left, right);
    Py_SETREF(*p_left, res);
}

void
PyUnicode_AppendAndDel(PyObject **p_left, PyObject *right)
{
    PyUnicode_Append(p_left, right);
    Py_XDECREF(right);
}

/* --- Subclass instances, deallocation -------------------------------------------------------- */

/* An instance of the str subclass `type` with the text of the str `text`; new reference. */
PyObject *
_PyUnicode_SubtypeFrom(PyTypeObject *type, PyObject *text)
{
    assert(PyType_IsSubtype(type, &PyUnicode_Type) && PyUnicode_Check(text));
    PyObject *self = type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    int kind = (int)PyUnicode_KIND(text);
    Py_ssize_t n = PyUnicode_GET_LENGTH(text);
    PyASCIIObject *ascii = ASCII(self);
    ascii->length = n;
    ascii->hash = _PyUnicode_CachedHash(text);
    memset(&ascii->state, 0, sizeof(ascii->state));
    ascii->state.kind = (unsigned)kind & 7;
    ascii->state.ascii = PyUnicode_IS_ASCII(text);
    COMPACT(self)->utf8 = NULL;
    COMPACT(self)->utf8_length = 0;
    FULL(self)->data.any = NULL;
    if (n > PY_SSIZE_T_MAX / kind - 1) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    void *data = PyObject_Malloc((size_t)(n + 1) * (size_t)kind);
    if (data == NULL) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    memcpy(data, PyUnicode_DATA(text), (size_t)(n + 1) * (size_t)kind);
    FULL(self)->data.any = data;
    if (ascii->state.ascii) {
        COMPACT(self)->utf8 = data;
        COMPACT(self)->utf8_length = n;
    }
    assert(_PyUnicode_CheckConsistency(self, 1));
    return self;
}

/* tp_dealloc of str.  Code compiled for older Pythons may bring the count of a static string to
   zero; that string is made immortal again. */
void
_PyUnicode_Dealloc(PyObject *op)
{
    if (ASCII(op)->state.statically_allocated) {
        _Py_SetImmortal(op);
        return;
    }
    if (PyUnicode_CHECK_INTERNED(op)) {
        if (!_PyUnicode_Unintern(op)) {
            /* another heap's table still points here: the string has to outlive it */
            _Py_SetImmortal(op);
            return;
        }
    }
    drop_utf8(op);
    /* By PyObject_Free(), as in 3.12: subclasses written in C fill the field themselves. */
    if (!PyUnicode_IS_COMPACT(op) && FULL(op)->data.any != NULL) {
        PyObject_Free(FULL(op)->data.any);
    }
    Py_TYPE(op)->tp_free(op);
}

/* Debug check of the invariants above; aborts through _PyObject_ASSERT.  Returns 1. */
int
_PyUnicode_CheckConsistency(PyObject *op, int check_content)
{
    assert(op != NULL && PyUnicode_Check(op));
    PyASCIIObject *ascii = ASCII(op);
    int kind = (int)ascii->state.kind;
    Py_ssize_t n = ascii->length;
    (void)kind, (void)n;
    _PyObject_ASSERT(op, kind == 1 || kind == 2 || kind == 4);
    _PyObject_ASSERT(op, n >= 0);
    _PyObject_ASSERT(op, !ascii->state.ascii || kind == 1);
    if (!ascii->state.compact) {
        _PyObject_ASSERT(op, FULL(op)->data.any != NULL);
        _PyObject_ASSERT(op, !ascii->state.ascii
                             || (COMPACT(op)->utf8 == FULL(op)->data.any
                                 && COMPACT(op)->utf8_length == n));
    }
    else if (!ascii->state.ascii) {
        _PyObject_ASSERT(op, COMPACT(op)->utf8 != NULL || COMPACT(op)->utf8_length == 0);
    }
    if (check_content) {
        Py_UCS4 maxchar = _PyUnicode_MaxCharOf(kind, PyUnicode_DATA(op), n);
        (void)maxchar;
        _PyObject_ASSERT(op, ascii->state.ascii ? maxchar == 0x7f : maxchar > 0x7f);
        _PyObject_ASSERT(op, kind == kind_for(maxchar));
        _PyObject_ASSERT(op, PyUnicode_READ(kind, PyUnicode_DATA(op), n) == 0);
    }
    return 1;
}
