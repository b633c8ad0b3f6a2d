/* _testcapi: int, float and complex.
 *
 * Written from the C API reference ("Integer Objects", "Floating Point Objects", "Complex Number
 * Objects").
 */
#include "wrap.h"
#include "parts.h"

#include <errno.h>

/* ---- int ---- */

/* (is compact, value or -1). */
static PyObject *
compact(PyObject *number)
{
    if (!PyLong_Check(number)) {
        PyErr_SetString(PyExc_TypeError, "expected an int");
        return NULL;
    }
    PyLongObject *integer = (PyLongObject *)number;
    int is_compact = PyUnstable_Long_IsCompact(integer);
    Py_ssize_t value = is_compact ? PyUnstable_Long_CompactValue(integer) : -1;
    return Py_BuildValue("(Nn)", PyBool_FromLong(is_compact), value);
}

/* (value, number of bytes read). */
static PyObject *
int_from_string(const char *text, int base)
{
    char *end = NULL;
    PyObject *value = PyLong_FromString(text, &end, base);
    return value == NULL ? NULL : Py_BuildValue("(Nn)", value, (Py_ssize_t)(end - text));
}

static PyObject *
as_long_and_overflow(PyObject *number)
{
    int overflow = 0;
    long value = PyLong_AsLongAndOverflow(number, &overflow);
    return value == -1 && PyErr_Occurred() ? NULL : Py_BuildValue("(li)", value, overflow);
}

static PyObject *
as_long_long_and_overflow(PyObject *number)
{
    int overflow = 0;
    long long value = PyLong_AsLongLongAndOverflow(number, &overflow);
    return value == -1 && PyErr_Occurred() ? NULL : Py_BuildValue("(Li)", value, overflow);
}

/* The object at an address that PyLong_FromVoidPtr() has made of it. */
static PyObject *
object_at(PyObject *address)
{
    PyObject *object = PyLong_AsVoidPtr(address);
    return object_result(Py_XNewRef(object), Py_None);
}

static PyObject *
as_ssize_t(PyObject *number)
{
    Py_ssize_t value = PyLong_AsSsize_t(number);
    return value == -1 && PyErr_Occurred() ? NULL : PyLong_FromSsize_t(value);
}

static PyObject *
as_size_t(PyObject *number)
{
    size_t value = PyLong_AsSize_t(number);
    return value == (size_t)-1 && PyErr_Occurred() ? NULL : PyLong_FromSize_t(value);
}

/* ---- float ---- */

static PyObject *
pack(int size, double value, int little_endian)
{
    char data[8];
    int result;
    switch (size) {
    case 2:
        result = PyFloat_Pack2(value, data, little_endian);
        break;
    case 4:
        result = PyFloat_Pack4(value, data, little_endian);
        break;
    case 8:
        result = PyFloat_Pack8(value, data, little_endian);
        break;
    default:
        PyErr_SetString(PyExc_ValueError, "size must be 2, 4 or 8");
        return NULL;
    }
    return result < 0 ? NULL : PyBytes_FromStringAndSize(data, size);
}

static double
unpack(y_ARG data, int little_endian)
{
    switch (data.size) {
    case 2:
        return PyFloat_Unpack2(data.start, little_endian);
    case 4:
        return PyFloat_Unpack4(data.start, little_endian);
    case 8:
        return PyFloat_Unpack8(data.start, little_endian);
    default:
        PyErr_SetString(PyExc_ValueError, "data must have 2, 4 or 8 bytes");
        return -1.0;
    }
}

/* ---- complex ---- */

static PyObject *
as_complex(PyObject *number)
{
    Py_complex value = PyComplex_AsCComplex(number);
    return value.real == -1.0 && PyErr_Occurred() ? NULL : PyComplex_FromCComplex(value);
}

/* (result, errno): the functions on C's complex numbers report errors by errno. */
static PyObject *
complex_operation(Py_complex (*operation)(Py_complex, Py_complex), Py_complex a, Py_complex b)
{
    errno = 0;
    Py_complex result = operation(a, b);
    int error = errno;
    return Py_BuildValue("(Di)", &result, error);
}

#define complex_sum(a, b) complex_operation(_Py_c_sum, a, b)
#define complex_difference(a, b) complex_operation(_Py_c_diff, a, b)
#define complex_product(a, b) complex_operation(_Py_c_prod, a, b)
#define complex_quotient(a, b) complex_operation(_Py_c_quot, a, b)
#define complex_power(a, b) complex_operation(_Py_c_pow, a, b)
#define complex_negative(a) PyComplex_FromCComplex(_Py_c_neg(a))

static PyObject *
complex_absolute(Py_complex a)
{
    errno = 0;
    double result = _Py_c_abs(a);
    int error = errno;
    return Py_BuildValue("(di)", result, error);
}

#define NUMBER_CALLS(X) \
    X(1, call_long_compact_api, object, compact, P) \
    X(1, pylong_check, int, PyLong_Check, P) \
    X(1, pylong_checkexact, int, PyLong_CheckExact, P) \
    X(1, pylong_fromdouble, object, PyLong_FromDouble, d) \
    X(1, pylong_fromvoidptr, object, PyLong_FromVoidPtr, O) \
    X(2, pylong_fromstring, object, int_from_string, s, i) \
    X(2, pylong_fromunicodeobject, object, PyLong_FromUnicodeObject, O, i) \
    X(1, pylong_aslong, longlong, PyLong_AsLong, O) \
    X(1, pylong_aslongandoverflow, object, as_long_and_overflow, O) \
    X(1, pylong_asunsignedlong, ulong, PyLong_AsUnsignedLong, O) \
    X(1, pylong_asunsignedlongmask, ulong, PyLong_AsUnsignedLongMask, O) \
    X(1, pylong_aslonglong, longlong, PyLong_AsLongLong, O) \
    X(1, pylong_aslonglongandoverflow, object, as_long_long_and_overflow, O) \
    X(1, pylong_asunsignedlonglong, ulonglong, PyLong_AsUnsignedLongLong, O) \
    X(1, pylong_asunsignedlonglongmask, ulonglong, PyLong_AsUnsignedLongLongMask, O) \
    X(1, pylong_as_ssize_t, object, as_ssize_t, O) \
    X(1, pylong_as_size_t, object, as_size_t, O) \
    X(1, pylong_asdouble, double, PyLong_AsDouble, O) \
    X(1, pylong_asvoidptr, object, object_at, O) \
    X(1, float_check, int, PyFloat_Check, P) \
    X(1, float_checkexact, int, PyFloat_CheckExact, P) \
    X(1, float_fromstring, object, PyFloat_FromString, P) \
    X(1, float_fromdouble, object, PyFloat_FromDouble, d) \
    X(1, float_asdouble, double, PyFloat_AsDouble, O) \
    X(0, float_getinfo, object, PyFloat_GetInfo) \
    X(0, float_getmax, double, PyFloat_GetMax) \
    X(0, float_getmin, double, PyFloat_GetMin) \
    X(3, float_pack, object, pack, i, d, i) \
    X(2, float_unpack, double, unpack, y, i) \
    X(1, complex_check, int, PyComplex_Check, P) \
    X(1, complex_checkexact, int, PyComplex_CheckExact, P) \
    X(1, complex_fromccomplex, object, PyComplex_FromCComplex, c) \
    X(2, complex_fromdoubles, object, PyComplex_FromDoubles, d, d) \
    X(1, complex_realasdouble, double, PyComplex_RealAsDouble, O) \
    X(1, complex_imagasdouble, double, PyComplex_ImagAsDouble, O) \
    X(1, complex_asccomplex, object, as_complex, O) \
    X(2, _py_c_sum, object, complex_sum, c, c) \
    X(2, _py_c_diff, object, complex_difference, c, c) \
    X(1, _py_c_neg, object, complex_negative, c) \
    X(2, _py_c_prod, object, complex_product, c, c) \
    X(2, _py_c_quot, object, complex_quotient, c, c) \
    X(2, _py_c_pow, object, complex_power, c, c) \
    X(1, _py_c_abs, object, complex_absolute, c)

NUMBER_CALLS(WRAP)

static PyMethodDef number_methods[] = {
    NUMBER_CALLS(WRAP_ROW)
    {NULL}
};

int
_TestCapi_AddNumbers(PyObject *module)
{
    return PyModule_AddFunctions(module, number_methods);
}
