/* array: items of the thirteen C types, to objects and back.
 *
 * Items in an array are not aligned as far as this file knows: they are copied byte by byte.
 * Converting an object may run any code; nothing here touches an array.
 *
 * Written from the library reference (array) and observed messages.
 */
#include "array.h"

/* A signed or small unsigned integer within limits. */
static int
convert_long(PyObject *v, long low, long high, const char *what, long *value)
{
    *value = PyLong_AsLong(v);
    if (*value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (*value < low || *value > high) {
        PyErr_Format(PyExc_OverflowError, "%s is %s", what,
                     *value < low ? "less than minimum" : "greater than maximum");
        return -1;
    }
    return 0;
}

#define SMALL_ITEM(CODE, TYPE, LOW, HIGH, WHAT) \
static PyObject * \
get_##CODE(const char *p) \
{ \
    TYPE value; \
    memcpy(&value, p, sizeof(value)); \
    return PyLong_FromLong(value); \
} \
\
static int \
convert_##CODE(PyObject *v, union item *item) \
{ \
    long value; \
    if (convert_long(v, LOW, HIGH, WHAT, &value) < 0) { \
        return -1; \
    } \
    item->CODE = (TYPE)value; \
    return 0; \
}

SMALL_ITEM(b, signed char, SCHAR_MIN, SCHAR_MAX, "signed char")
SMALL_ITEM(B, unsigned char, 0, UCHAR_MAX, "unsigned byte integer")
SMALL_ITEM(h, short, SHRT_MIN, SHRT_MAX, "signed short integer")
SMALL_ITEM(H, unsigned short, 0, USHRT_MAX, "unsigned short")
SMALL_ITEM(i, int, INT_MIN, INT_MAX, "signed integer")
SMALL_ITEM(l, long, LONG_MIN, LONG_MAX, "signed long")

#define LARGE_ITEM(CODE, TYPE, CTYPE, FROM, AS, MAXIMUM) \
static PyObject * \
get_##CODE(const char *p) \
{ \
    TYPE value; \
    memcpy(&value, p, sizeof(value)); \
    return FROM(value); \
} \
\
static int \
convert_##CODE(PyObject *v, union item *item) \
{ \
    PyObject *index = PyNumber_Index(v); \
    if (index == NULL) { \
        return -1; \
    } \
    CTYPE value = AS(index); \
    Py_DECREF(index); \
    if (value == (CTYPE)-1 && PyErr_Occurred()) { \
        return -1; \
    } \
    if (value > (CTYPE)MAXIMUM) { \
        PyErr_SetString(PyExc_OverflowError, "unsigned int is greater than maximum"); \
        return -1; \
    } \
    item->CODE = (TYPE)value; \
    return 0; \
}

LARGE_ITEM(I, unsigned int, unsigned long, PyLong_FromUnsignedLong, PyLong_AsUnsignedLong,
           UINT_MAX)
LARGE_ITEM(L, unsigned long, unsigned long, PyLong_FromUnsignedLong, PyLong_AsUnsignedLong,
           ULONG_MAX)
LARGE_ITEM(q, long long, long long, PyLong_FromLongLong, PyLong_AsLongLong, LLONG_MAX)
LARGE_ITEM(Q, unsigned long long, unsigned long long, PyLong_FromUnsignedLongLong,
           PyLong_AsUnsignedLongLong, ULLONG_MAX)

#define FLOAT_ITEM(CODE, TYPE) \
static PyObject * \
get_##CODE(const char *p) \
{ \
    TYPE value; \
    memcpy(&value, p, sizeof(value)); \
    return PyFloat_FromDouble(value); \
} \
\
static int \
convert_##CODE(PyObject *v, union item *item) \
{ \
    double value = PyFloat_AsDouble(v); \
    if (value == -1.0 && PyErr_Occurred()) { \
        return -1; \
    } \
    item->CODE = (TYPE)value; \
    return 0; \
}

FLOAT_ITEM(f, float)
FLOAT_ITEM(d, double)

/* Characters; 0, or -1 with ValueError: bytes may have brought in numbers that are none. */
static int
check_chars(const char *p, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 ch;
        memcpy(&ch, p + i * (Py_ssize_t)sizeof(ch), sizeof(ch));
        if (ch > 0x10ffff) {
            PyErr_Format(PyExc_ValueError,
                         "character U+%x is not in range [U+0000; U+10ffff]", ch);
            return -1;
        }
    }
    return 0;
}

PyObject *
_PyArray_StrOfChars(const char *p, Py_ssize_t n)
{
    return check_chars(p, n) < 0 ? NULL
           : PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, n > 0 ? p : "", n);
}

static PyObject *
get_u(const char *p)
{
    return _PyArray_StrOfChars(p, 1);
}

static int
convert_u(PyObject *v, union item *item)
{
    if (!PyUnicode_Check(v) || PyUnicode_GET_LENGTH(v) != 1) {
        PyErr_SetString(PyExc_TypeError, "array item must be unicode character");
        return -1;
    }
    item->u = PyUnicode_READ_CHAR(v, 0);
    return 0;
}

/* In the order of array.typecodes. */
const struct descriptor _PyArray_Descriptors[ARRAY_TYPECODES] = {
    {'b', 1, get_b, convert_b, "b", SIGNED_INT8, true, true},
    {'B', 1, get_B, convert_B, "B", UNSIGNED_INT8, true, false},
    {'u', 4, get_u, convert_u, "w", NATIVE(UTF32), false, false},
    {'h', 2, get_h, convert_h, "h", NATIVE(SIGNED_INT16), true, true},
    {'H', 2, get_H, convert_H, "H", NATIVE(UNSIGNED_INT16), true, false},
    {'i', 4, get_i, convert_i, "i", NATIVE(SIGNED_INT32), true, true},
    {'I', 4, get_I, convert_I, "I", NATIVE(UNSIGNED_INT32), true, false},
    {'l', 8, get_l, convert_l, "l", NATIVE(SIGNED_INT64), true, true},
    {'L', 8, get_L, convert_L, "L", NATIVE(UNSIGNED_INT64), true, false},
    {'q', 8, get_q, convert_q, "q", NATIVE(SIGNED_INT64), true, true},
    {'Q', 8, get_Q, convert_Q, "Q", NATIVE(UNSIGNED_INT64), true, false},
    {'f', 4, get_f, convert_f, "f", NATIVE(FLOAT), false, true},
    {'d', 8, get_d, convert_d, "d", NATIVE(DOUBLE), false, true},
};

_Static_assert(sizeof(long) == 8 && sizeof(int) == 4, "sizes of the table above");
_Static_assert(sizeof(union item) == 8, "no item is larger");

const struct descriptor *
_PyArray_FindDescriptor(int typecode)
{
    for (size_t i = 0; i < ARRAY_TYPECODES; i++) {
        if (_PyArray_Descriptors[i].typecode == typecode) {
            return &_PyArray_Descriptors[i];
        }
    }
    return NULL;
}
