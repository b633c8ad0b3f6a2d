/* str: comparison and hash.
 *
 * Two equal strings always have the same kind (the smallest that fits), so equality is a memcmp.
 * Ordering is by code point.  The hash is that of the characters' bytes and is kept in the object;
 * it is read and written with relaxed atomics, since static strings are shared by interpreters.
 *
 * Written from the C API reference.
 */
#include "Python.h"
#include "pycore_object.h"
#include "pycore_unicode.h"

#include <wchar.h>                  // wmemcmp

int
_PyUnicode_EQ(PyObject *a, PyObject *b)
{
    assert(PyUnicode_Check(a) && PyUnicode_Check(b));
    if (a == b) {
        return 1;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(a);
    if (n != PyUnicode_GET_LENGTH(b)) {
        return 0;
    }
    int kind = (int)PyUnicode_KIND(a);
    if (kind != (int)PyUnicode_KIND(b)) {
        return 0;
    }
    return memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b), (size_t)(n * kind)) == 0;
}

int
_PyUnicode_Equal(PyObject *a, PyObject *b)
{
    return _PyUnicode_EQ(a, b);
}

#define COMPARE_LOOP(AT, BT) \
    do { \
        const AT *p = x.data; \
        const BT *q = y.data; \
        for (Py_ssize_t i = 0; i < n; i++) { \
            Py_UCS4 c = p[i], d = q[i]; \
            if (c != d) { \
                return c < d ? -1 : 1; \
            } \
        } \
    } while (0)

static int
compare(PyObject *a, PyObject *b)
{
    struct _unicode_view x = _PyUnicode_View(a), y = _PyUnicode_View(b);
    Py_ssize_t n = Py_MIN(x.length, y.length);
    switch (x.kind * 8 + y.kind) {
    case 1 * 8 + 1: {
        int order = memcmp(x.data, y.data, (size_t)n);
        if (order != 0) {
            return order < 0 ? -1 : 1;
        }
        break;
    }
    case 1 * 8 + 2: COMPARE_LOOP(Py_UCS1, Py_UCS2); break;
    case 1 * 8 + 4: COMPARE_LOOP(Py_UCS1, Py_UCS4); break;
    case 2 * 8 + 1: COMPARE_LOOP(Py_UCS2, Py_UCS1); break;
    case 2 * 8 + 2: COMPARE_LOOP(Py_UCS2, Py_UCS2); break;
    case 2 * 8 + 4: COMPARE_LOOP(Py_UCS2, Py_UCS4); break;
    case 4 * 8 + 1: COMPARE_LOOP(Py_UCS4, Py_UCS1); break;
    case 4 * 8 + 2: COMPARE_LOOP(Py_UCS4, Py_UCS2); break;
    case 4 * 8 + 4: {
        int order = wmemcmp(x.data, y.data, (size_t)n);
        if (order != 0) {
            return order < 0 ? -1 : 1;
        }
        break;
    }
    default: Py_UNREACHABLE();
    }
    return (x.length > y.length) - (x.length < y.length);
}

/* -1, 0 or 1; -1 with TypeError unless both are str. */
int
PyUnicode_Compare(PyObject *left, PyObject *right)
{
    if (PyUnicode_Check(left) && PyUnicode_Check(right)) {
        return left == right ? 0 : compare(left, right);
    }
    PyErr_Format(PyExc_TypeError, "Can't compare %.100s and %.100s",
                 Py_TYPE(left)->tp_name, Py_TYPE(right)->tp_name);
    return -1;
}

PyObject *
PyUnicode_RichCompare(PyObject *left, PyObject *right, int op)
{
    if (!PyUnicode_Check(left) || !PyUnicode_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (op == Py_EQ || op == Py_NE) {
        return PyBool_FromLong(_PyUnicode_EQ(left, right) == (op == Py_EQ));
    }
    int order = left == right ? 0 : compare(left, right);
    Py_RETURN_RICHCOMPARE(order, 0, op);
}

/* Compare with a C string read as Latin-1.  Never raises. */
int
PyUnicode_CompareWithASCIIString(PyObject *uni, const char *str)
{
    struct _unicode_view v = _PyUnicode_View(uni);
    const unsigned char *s = (const unsigned char *)str;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch != s[i] || s[i] == 0) {
            return s[i] != 0 && ch < s[i] ? -1 : 1;
        }
    }
    return s[v.length] != 0 ? -1 : 0;
}

int
_PyUnicode_EqualToASCIIString(PyObject *unicode, const char *str)
{
    assert(PyUnicode_Check(unicode) && str != NULL);
    if (!PyUnicode_IS_ASCII(unicode)) {
        return 0;
    }
    size_t n = (size_t)PyUnicode_GET_LENGTH(unicode);
    return strlen(str) == n && memcmp(PyUnicode_1BYTE_DATA(unicode), str, n) == 0;
}

int
_PyUnicode_EqualToASCIIId(PyObject *left, _Py_Identifier *right)
{
    return _PyUnicode_EqualToASCIIString(left, right->string);
}

Py_hash_t
_PyUnicode_Hash(PyObject *op)
{
    assert(PyUnicode_Check(op));
    Py_hash_t hash = _PyUnicode_CachedHash(op);
    if (hash == -1) {
        hash = _Py_HashBytes(PyUnicode_DATA(op),
                             PyUnicode_GET_LENGTH(op) * (int)PyUnicode_KIND(op));
        assert(hash != -1);
        __atomic_store_n(&((PyASCIIObject *)op)->hash, hash, __ATOMIC_RELAXED);
    }
    return hash;
}
