/* longobject.c - the int type: objects, conversion from and to C types, comparison, methods.
 *
 * The algorithms are in Objects/int/: digits.c (arithmetic on digit arrays), radix.c (text on
 * digit arrays), arith.c, divide.c, bits.c, text.c.  The invariants of an int are in
 * pycore_long.h; _PyLong_CheckConsistency() states them as code.
 *
 * Written from the library reference (Numeric Types, int), the C API reference (Integer
 * Objects), PEP 237, the fact tables and observed messages.
 */
#include "Python.h"
#include "pycore_number.h"      // free list "ints"
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "int/int.h"
#include <float.h>
#include <math.h>

#include "sig/longobject.sig.h"

/* ------------------------------------------------------------------------ birth and death */

/* New positive int with room for n digits, contents undefined; NULL with an exception. */
PyLongObject *
_PyLong_New(Py_ssize_t n)
{
    assert(n >= 0);
    if (n > MAX_LONG_DIGITS) {
        PyErr_SetString(PyExc_OverflowError, "too many digits in integer");
        return NULL;
    }
    PyLongObject *v = NULL;
    if (n <= _PyLong_RECYCLED_DIGITS) {
        v = _Py_FREELIST_POP(PyLongObject, _PyThreadState_GET(), ints);
    }
    if (v == NULL) {
        Py_ssize_t room = Py_MAX(n, _PyLong_RECYCLED_DIGITS);
        v = PyObject_Malloc(offsetof(PyLongObject, long_value.ob_digit)
                            + (size_t)room * sizeof(digit));
        if (v == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
    }
    _PyLong_SetSignAndDigitCount(v, n != 0, n);
    v->long_value.ob_digit[0] = 0;
    _PyObject_Init((PyObject *)v, &PyLong_Type);
    return v;
}

static void
long_dealloc(PyObject *self)
{
    if (PyLong_CheckExact(self)) {
        _PyLong_Drop(self);
    }
    else {
        Py_TYPE(self)->tp_free(self);
    }
}

/* New int of sign * digits, not yet swapped for a small one: the caller says what it wants. */
PyLongObject *
_PyLong_FromDigits(int negative, Py_ssize_t n, digit *digits)
{
    assert(n >= 0);
    if (n == 0) {
        return (PyLongObject *)get_small_int(0);
    }
    PyLongObject *v = _PyLong_New(n);
    if (v == NULL) {
        return NULL;
    }
    _PyLong_SetSignAndDigitCount(v, negative ? -1 : 1, n);
    memcpy(DIGITS(v), digits, (size_t)n * sizeof(digit));
    return v;
}

/* Exact int of the same value. */
PyObject *
_PyLong_Copy(PyLongObject *src)
{
    assert(src != NULL && PyLong_Check((PyObject *)src));
    if (_PyLong_IsCompact(src)) {
        stwodigits value = compact_value(src);
        if (IS_SMALL_INT(value)) {
            return get_small_int((int)value);
        }
    }
    return (PyObject *)_PyLong_FromDigits(_PyLong_IsNegative(src), _PyLong_DigitCount(src),
                                          DIGITS(src));
}

PyLongObject *
_PyLong_Finish(PyLongObject *v)
{
    if (v == NULL) {
        return NULL;
    }
    Py_ssize_t n = _PyLong_DigitCount(v), size = digits_normalise(DIGITS(v), n);
    if (size != n) {
        int sign = size == 0 ? 0 : _PyLong_IsNegative(v) ? -1 : 1;
        if (size > _PyLong_RECYCLED_DIGITS || n <= _PyLong_RECYCLED_DIGITS) {
            _PyLong_SetSignAndDigitCount(v, sign, size);
        }
        else {
            /* Blocks of other sizes must not get into the free list. */
            digit copy[_PyLong_RECYCLED_DIGITS];
            memcpy(copy, DIGITS(v), sizeof(copy));
            Py_DECREF(v);
            v = _PyLong_New(size);
            if (v == NULL) {
                return NULL;
            }
            memcpy(DIGITS(v), copy, (size_t)Py_MAX(size, 1) * sizeof(digit));
            _PyLong_SetSignAndDigitCount(v, sign, size);
        }
    }
    if (size <= 1) {
        stwodigits value = compact_value(v);
        if (IS_SMALL_INT(value)) {
            Py_DECREF(v);
            return (PyLongObject *)get_small_int((int)value);
        }
    }
    assert(_PyLong_CheckConsistency((PyObject *)v));
    return v;
}

int
_PyLong_CheckConsistency(PyObject *op)
{
    PyLongObject *v = (PyLongObject *)op;
    Py_ssize_t n = _PyLong_DigitCount(v);
    assert(PyLong_Check(op));
    assert((v->long_value.lv_tag & SIGN_MASK) != 3);
    assert(_PyLong_IsZero(v) == (n == 0));
    assert(n == 0 ? DIGITS(v)[0] == 0 : DIGITS(v)[n - 1] != 0);
    for (Py_ssize_t i = 0; i < n; i++) {
        assert(DIGITS(v)[i] <= PyLong_MASK);
    }
    (void)v;
    (void)n;
    return 1;
}

/* ------------------------------------------------------------------------------ from C types */

static PyObject *
from_u64(uint64_t u, bool negative)
{
    Py_ssize_t n = u >> PyLong_SHIFT == 0 ? 1 : u >> (2 * PyLong_SHIFT) == 0 ? 2 : 3;
    if (n == 1 && u <= MAX_SMALL_INT && (!negative || u <= -MIN_SMALL_INT)) {
        return get_small_int(negative ? -(int)u : (int)u);
    }
    PyLongObject *v = _PyLong_New(n);
    if (v == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        DIGITS(v)[i] = (digit)(u & PyLong_MASK);
        u >>= PyLong_SHIFT;
    }
    if (negative) {
        _PyLong_FlipSign(v);
    }
    return (PyObject *)v;
}

PyObject *
_PyLong_FromSTwoDigits(stwodigits value)
{
    return from_u64(value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0);
}

PyObject *
PyLong_FromLong(long value)
{
    return long_from_i64(value);
}

PyObject *
PyLong_FromLongLong(long long value)
{
    return long_from_i64(value);
}

PyObject *
PyLong_FromSsize_t(Py_ssize_t value)
{
    return long_from_i64(value);
}

PyObject *
PyLong_FromUnsignedLong(unsigned long value)
{
    return from_u64(value, false);
}

PyObject *
PyLong_FromUnsignedLongLong(unsigned long long value)
{
    return from_u64(value, false);
}

PyObject *
PyLong_FromSize_t(size_t value)
{
    return from_u64(value, false);
}

PyObject *
PyLong_FromVoidPtr(void *p)
{
    return from_u64((uintptr_t)p, false);
}

int
_PyLong_AssignValue(PyObject **target, Py_ssize_t value)
{
    PyObject *old = *target;
    if (old != NULL && PyLong_CheckExact(old) && Py_REFCNT(old) == 1 && !IS_SMALL_INT(value)
        && -PyLong_MASK <= value && value <= PyLong_MASK
        && _PyLong_DigitCount((PyLongObject *)old) <= _PyLong_RECYCLED_DIGITS)
    {
        PyLongObject *v = (PyLongObject *)old;
        _PyLong_SetSignAndDigitCount(v, value < 0 ? -1 : 1, 1);
        DIGITS(v)[0] = (digit)Py_ABS(value);
        return 0;
    }
    PyObject *fresh = PyLong_FromSsize_t(value);
    if (fresh == NULL) {
        return -1;
    }
    Py_XSETREF(*target, fresh);
    return 0;
}

/* Truncates; OverflowError for infinity, ValueError for NaN. */
PyObject *
PyLong_FromDouble(double value)
{
    if (isinf(value)) {
        PyErr_SetString(PyExc_OverflowError, "cannot convert float infinity to integer");
        return NULL;
    }
    if (isnan(value)) {
        PyErr_SetString(PyExc_ValueError, "cannot convert float NaN to integer");
        return NULL;
    }
    if (-0x1p62 < value && value < 0x1p62) {
        return long_from_i64((int64_t)value);
    }
    int exponent;
    double frac = frexp(fabs(value), &exponent);    /* 0.5 <= frac < 1 */
    assert(exponent > 0);
    Py_ssize_t n = (exponent - 1) / PyLong_SHIFT + 1;
    PyLongObject *v = _PyLong_New(n);
    if (v == NULL) {
        return NULL;
    }
    frac = ldexp(frac, (exponent - 1) % PyLong_SHIFT + 1);
    while (--n >= 0) {
        digit bits = (digit)frac;
        DIGITS(v)[n] = bits;
        frac = ldexp(frac - (double)bits, PyLong_SHIFT);
    }
    if (value < 0.0) {
        _PyLong_FlipSign(v);
    }
    return (PyObject *)_PyLong_Finish(v);
}

/* -------------------------------------------------------------------------------- to C types */

/* Magnitude as 64 bits; *fits tells whether that is all of it. */
static uint64_t
to_u64(const PyLongObject *v, bool *fits)
{
    Py_ssize_t n = _PyLong_DigitCount(v);
    uint64_t u = 0;
    *fits = n < 3 || (n == 3 && DIGITS(v)[2] < (1u << (64 - 2 * PyLong_SHIFT)));
    for (Py_ssize_t i = Py_MIN(n, 3); --i >= 0; ) {
        u = u << PyLong_SHIFT | DIGITS(v)[i];
    }
    return u;
}

/* Value of an int in a signed C type of 64 bits; 0, or the sign of the overflow. */
static int
to_i64(const PyLongObject *v, int64_t *result)
{
    if (_PyLong_IsCompact(v)) {
        *result = compact_value(v);
        return 0;
    }
    bool fits, negative = _PyLong_IsNegative(v);
    uint64_t u = to_u64(v, &fits);
    if (!fits || u > (uint64_t)INT64_MAX + negative) {
        *result = -1;
        return negative ? -1 : 1;
    }
    *result = negative ? (int64_t)-u : (int64_t)u;
    return 0;
}

/* `op` as an int object: itself or its __index__; new reference. */
static PyLongObject *
as_int_object(PyObject *op)
{
    if (op == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (PyLong_Check(op)) {
        return (PyLongObject *)Py_NewRef(op);
    }
    return (PyLongObject *)_PyNumber_Index(op);
}

/* The checks of functions that take ints only.  NULL with `message` as TypeError. */
static const PyLongObject *
int_only(PyObject *op)
{
    if (op == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (!PyLong_Check(op)) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return NULL;
    }
    return (const PyLongObject *)op;
}

/* Uses __index__.  -1 and *overflow = 1 or -1 if it does not fit, without an exception. */
long long
PyLong_AsLongLongAndOverflow(PyObject *op, int *overflow)
{
    int64_t result = -1;
    *overflow = 0;
    PyLongObject *v = as_int_object(op);
    if (v != NULL) {
        *overflow = to_i64(v, &result);
        Py_DECREF(v);
    }
    return result;
}

long
PyLong_AsLongAndOverflow(PyObject *op, int *overflow)
{
    static_assert(sizeof(long) == sizeof(long long), "LP64");
    return (long)PyLong_AsLongLongAndOverflow(op, overflow);
}

long
PyLong_AsLong(PyObject *op)
{
    int overflow;
    long result = PyLong_AsLongAndOverflow(op, &overflow);
    if (overflow) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C long");
    }
    return result;
}

long long
PyLong_AsLongLong(PyObject *op)
{
    int overflow;
    long long result = PyLong_AsLongLongAndOverflow(op, &overflow);
    if (overflow) {
        PyErr_SetString(PyExc_OverflowError, "int too big to convert");
    }
    return result;
}

int
_PyLong_AsInt(PyObject *op)
{
    int overflow;
    long result = PyLong_AsLongAndOverflow(op, &overflow);
    if (overflow || result > INT_MAX || result < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C int");
        return -1;
    }
    return (int)result;
}

Py_ssize_t
PyLong_AsSsize_t(PyObject *op)
{
    const PyLongObject *v = int_only(op);
    int64_t result = -1;
    if (v != NULL && to_i64(v, &result)) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    }
    return result;
}

/* -1 with an exception; `too_large` and `negative` are the texts of the OverflowErrors. */
static uint64_t
to_unsigned(PyObject *op, const char *too_large, const char *negative)
{
    const PyLongObject *v = int_only(op);
    if (v == NULL) {
        return (uint64_t)-1;
    }
    if (_PyLong_IsNegative(v)) {
        PyErr_SetString(PyExc_OverflowError, negative);
        return (uint64_t)-1;
    }
    bool fits;
    uint64_t u = to_u64(v, &fits);
    if (!fits) {
        PyErr_SetString(PyExc_OverflowError, too_large);
        return (uint64_t)-1;
    }
    return u;
}

unsigned long
PyLong_AsUnsignedLong(PyObject *op)
{
    return to_unsigned(op, "Python int too large to convert to C unsigned long",
                       "can't convert negative value to unsigned int");
}

size_t
PyLong_AsSize_t(PyObject *op)
{
    return to_unsigned(op, "Python int too large to convert to C size_t",
                       "can't convert negative value to size_t");
}

unsigned long long
PyLong_AsUnsignedLongLong(PyObject *op)
{
    return to_unsigned(op, "int too big to convert", "can't convert negative int to unsigned");
}

/* Uses __index__; reduced modulo 2**64. */
unsigned long long
PyLong_AsUnsignedLongLongMask(PyObject *op)
{
    PyLongObject *v = as_int_object(op);
    if (v == NULL) {
        return (unsigned long long)-1;
    }
    bool fits;
    uint64_t u = to_u64(v, &fits);
    if (_PyLong_IsNegative(v)) {
        u = -u;
    }
    Py_DECREF(v);
    return u;
}

unsigned long
PyLong_AsUnsignedLongMask(PyObject *op)
{
    return PyLong_AsUnsignedLongLongMask(op);
}

void *
PyLong_AsVoidPtr(PyObject *op)
{
    uint64_t x;
    if (op != NULL && PyLong_Check(op) && _PyLong_IsNegative((PyLongObject *)op)) {
        x = (uint64_t)PyLong_AsLongLong(op);
    }
    else {
        x = PyLong_AsUnsignedLongLong(op);
    }
    if (x == (uint64_t)-1 && PyErr_Occurred()) {
        return NULL;
    }
    return (void *)(uintptr_t)x;
}

/* -1, 0 or 1 by the sign of an int. */
int
_PyLong_Sign(PyObject *op)
{
    assert(op != NULL && PyLong_Check(op));
    return _PyLong_NonCompactSign((PyLongObject *)op);
}

/* x in [0.5, 1.0) (or 0.0), signed, and *exponent with op == x * 2**exponent up to rounding half
   to even.  -1.0 with OverflowError if the exponent does not fit. */
double
_PyLong_Frexp(PyLongObject *v, Py_ssize_t *exponent)
{
    Py_ssize_t n = _PyLong_DigitCount(v);
    if (n == 0) {
        *exponent = 0;
        return 0.0;
    }
    size_t nbits = _PyLong_NumBits((PyObject *)v);
    if (nbits >= (size_t)PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "huge integer: number of bits overflows a Py_ssize_t");
        *exponent = 0;
        return -1.0;
    }
    /* The top 62..64 bits in m, with a sticky lowest bit for the rest. */
    uint64_t m = 0;
    int have = 0;
    Py_ssize_t i = n;
    while (i > 0 && have < 64) {
        digit d = DIGITS(v)[--i];
        int len = i == n - 1 ? 32 - __builtin_clz(d) : PyLong_SHIFT;
        int take = Py_MIN(len, 64 - have);
        m = m << take | d >> (len - take);
        if (d & (((digit)1 << (len - take)) - 1)) {
            m |= 1;
        }
        have += take;
    }
    while (i > 0 && !(m & 1)) {
        m |= DIGITS(v)[--i] != 0;
    }
    /* Round to DBL_MANT_DIG bits, half to even. */
    int drop = have - DBL_MANT_DIG;
    double x;
    if (drop <= 0) {
        x = ldexp((double)m, -have);
    }
    else {
        uint64_t half = (uint64_t)1 << (drop - 1), rest = m & (2 * half - 1);
        m >>= drop;
        if (rest > half || (rest == half && (m & 1))) {
            m++;
        }
        x = ldexp((double)m, -DBL_MANT_DIG);
    }
    if (x == 1.0) {
        x = 0.5;
        nbits++;
    }
    *exponent = (Py_ssize_t)nbits;
    return _PyLong_IsNegative(v) ? -x : x;
}

/* Rounded half to even; OverflowError if out of range. */
double
PyLong_AsDouble(PyObject *op)
{
    const PyLongObject *v = int_only(op);
    if (v == NULL) {
        return -1.0;
    }
    if (_PyLong_IsCompact(v)) {
        return (double)compact_value(v);
    }
    Py_ssize_t exponent;
    double x = _PyLong_Frexp((PyLongObject *)v, &exponent);
    if ((x == -1.0 && PyErr_Occurred()) || exponent > DBL_MAX_EXP) {
        PyErr_SetString(PyExc_OverflowError, "int too large to convert to float");
        return -1.0;
    }
    return ldexp(x, (int)exponent);
}

/* ------------------------------------------------------- converters for argument parsing (O&) */

/* Value of a non-negative int up to `max` for the smaller unsigned types. */
static int
convert_unsigned(PyObject *obj, unsigned long max, const char *too_large, unsigned long *result)
{
    if (PyLong_Check(obj) && _PyLong_IsNegative((PyLongObject *)obj)) {
        PyErr_SetString(PyExc_ValueError, "value must be positive");
        return 0;
    }
    *result = PyLong_AsUnsignedLong(obj);
    if (*result == (unsigned long)-1 && PyErr_Occurred()) {
        return 0;
    }
    if (*result > max) {
        PyErr_SetString(PyExc_OverflowError, too_large);
        return 0;
    }
    return 1;
}

int
_PyLong_UnsignedShort_Converter(PyObject *obj, void *ptr)
{
    unsigned long x;
    if (!convert_unsigned(obj, USHRT_MAX, "Python int too large for C unsigned short", &x)) {
        return 0;
    }
    *(unsigned short *)ptr = (unsigned short)x;
    return 1;
}

int
_PyLong_UnsignedInt_Converter(PyObject *obj, void *ptr)
{
    unsigned long x;
    if (!convert_unsigned(obj, UINT_MAX, "Python int too large for C unsigned int", &x)) {
        return 0;
    }
    *(unsigned int *)ptr = (unsigned int)x;
    return 1;
}

int
_PyLong_UnsignedLong_Converter(PyObject *obj, void *ptr)
{
    return convert_unsigned(obj, ULONG_MAX, "", ptr);
}

int
_PyLong_UnsignedLongLong_Converter(PyObject *obj, void *ptr)
{
    if (PyLong_Check(obj) && _PyLong_IsNegative((PyLongObject *)obj)) {
        PyErr_SetString(PyExc_ValueError, "value must be positive");
        return 0;
    }
    unsigned long long x = PyLong_AsUnsignedLongLong(obj);
    if (x == (unsigned long long)-1 && PyErr_Occurred()) {
        return 0;
    }
    *(unsigned long long *)ptr = x;
    return 1;
}

int
_PyLong_Size_t_Converter(PyObject *obj, void *ptr)
{
    if (PyLong_Check(obj) && _PyLong_IsNegative((PyLongObject *)obj)) {
        PyErr_SetString(PyExc_ValueError, "value must be positive");
        return 0;
    }
    size_t x = PyLong_AsSize_t(obj);
    if (x == (size_t)-1 && PyErr_Occurred()) {
        return 0;
    }
    *(size_t *)ptr = x;
    return 1;
}

/* --------------------------------------------------------------------- comparison, hash, truth */

static int
long_compare(const PyLongObject *a, const PyLongObject *b)
{
    if (_PyLong_BothAreCompact(a, b)) {
        stwodigits x = compact_value(a), y = compact_value(b);
        return (x > y) - (x < y);
    }
    int sign_a = _PyLong_NonCompactSign(a), sign_b = _PyLong_NonCompactSign(b);
    if (sign_a != sign_b) {
        return sign_a < sign_b ? -1 : 1;
    }
    return sign_a * _PyDigits_Compare(DIGITS(a), _PyLong_DigitCount(a), DIGITS(b),
                                      _PyLong_DigitCount(b));
}

static PyObject *
long_richcompare(PyObject *self, PyObject *other, int op)
{
    CHECK_BINOP(self, other);
    int cmp = self == other ? 0 : long_compare((PyLongObject *)self, (PyLongObject *)other);
    Py_RETURN_RICHCOMPARE(cmp, 0, op);
}

/* The value modulo the prime 2**61 - 1 with its sign; -1 is kept for errors. */
static Py_hash_t
long_hash(PyObject *self)
{
    const PyLongObject *v = (const PyLongObject *)self;
    if (_PyLong_IsCompact(v)) {
        stwodigits x = compact_value(v);
        return x == -1 ? -2 : (Py_hash_t)x;
    }
    Py_uhash_t x = 0;
    for (Py_ssize_t i = _PyLong_DigitCount(v); --i >= 0; ) {
        /* x * 2**30 modulo 2**61 - 1 is a rotation of 61 bits. */
        x = ((x << PyLong_SHIFT) & _PyHASH_MODULUS) | (x >> (_PyHASH_BITS - PyLong_SHIFT));
        x += DIGITS(v)[i];
        if (x >= _PyHASH_MODULUS) {
            x -= _PyHASH_MODULUS;
        }
    }
    if (_PyLong_IsNegative(v)) {
        x = -x;
    }
    return x == (Py_uhash_t)-1 ? -2 : (Py_hash_t)x;
}

static int
long_bool(PyObject *self)
{
    return !_PyLong_IsZero((PyLongObject *)self);
}

static PyObject *
long_float(PyObject *self)
{
    double x = PyLong_AsDouble(self);
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    return PyFloat_FromDouble(x);
}

/* The exact int of a value, for methods that "return self". */
static PyObject *
long_long(PyObject *self)
{
    return PyLong_CheckExact(self) ? Py_NewRef(self) : _PyLong_Copy((PyLongObject *)self);
}

/* -------------------------------------------------------------------------------- construction */

/* Instance of a subclass: make the exact int, move its digits over. */
static PyObject *
long_subtype_new(PyTypeObject *type, PyObject *x, PyObject *obase);

/*sig @nosignature int.__new__(type, x = NULL, /, base = NULL)

int([x]) -> integer
int(x, base=10) -> integer

Convert a number or string to an integer, or return 0 if no arguments
are given.  If x is a number, return x.__int__().  For floating point
numbers, this truncates towards zero.

If x is not a number or if base is given, then x must be a string,
bytes, or bytearray instance representing an integer literal in the
given base.  The literal can be preceded by '+' or '-' and be surrounded
by whitespace.  The base defaults to 10.  Valid bases are 0 and 2-36.
Base 0 means to interpret the base from the string as an integer literal.
>>> int('0b100', base=0)
4
*/
static PyObject *
long_new_impl(PyTypeObject *type, PyObject *x, PyObject *obase)
{
    if (type != &PyLong_Type) {
        return long_subtype_new(type, x, obase);
    }
    if (x == NULL) {
        if (obase != NULL) {
            PyErr_SetString(PyExc_TypeError, "int() missing string argument");
            return NULL;
        }
        return get_small_int(0);
    }
    if (obase == NULL) {
        return PyNumber_Long(x);
    }
    Py_ssize_t base = PyNumber_AsSsize_t(obase, NULL);
    if (base == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if ((base != 0 && base < 2) || base > 36) {
        PyErr_SetString(PyExc_ValueError, "int() base must be >= 2 and <= 36, or 0");
        return NULL;
    }
    if (PyUnicode_Check(x)) {
        return PyLong_FromUnicodeObject(x, (int)base);
    }
    if (PyByteArray_Check(x)) {
        return _PyLong_FromBytes(PyByteArray_AS_STRING(x), Py_SIZE(x), (int)base);
    }
    if (PyBytes_Check(x)) {
        return _PyLong_FromBytes(PyBytes_AS_STRING(x), Py_SIZE(x), (int)base);
    }
    PyErr_SetString(PyExc_TypeError, "int() can't convert non-string with explicit base");
    return NULL;
}

static PyObject *
long_subtype_new(PyTypeObject *type, PyObject *x, PyObject *obase)
{
    assert(PyType_IsSubtype(type, &PyLong_Type));
    PyObject *exact = long_new_impl(&PyLong_Type, x, obase);
    if (exact == NULL) {
        return NULL;
    }
    assert(PyLong_Check(exact));
    PyLongObject *src = (PyLongObject *)exact;
    Py_ssize_t n = _PyLong_DigitCount(src);
    PyLongObject *self = (PyLongObject *)type->tp_alloc(type, Py_MAX(n, 1));
    if (self != NULL) {
        self->long_value.lv_tag = src->long_value.lv_tag & ~(uintptr_t)4;
        memcpy(DIGITS(self), DIGITS(src), (size_t)Py_MAX(n, 1) * sizeof(digit));
    }
    Py_DECREF(exact);
    return (PyObject *)self;
}

static PyObject *
long_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (kwnames != NULL && PyTuple_GET_SIZE(kwnames) != 0) {
        /* Keywords are rare: the general way. */
        PyThreadState *tstate = _PyThreadState_GET();
        return _PyObject_MakeTpCall(tstate, type, args, nargs, kwnames);
    }
    switch (nargs) {
        case 0:
            return get_small_int(0);
        case 1:
            return PyNumber_Long(args[0]);
        case 2:
            return long_new_impl((PyTypeObject *)type, args[0], args[1]);
        default:
            PyErr_Format(PyExc_TypeError, "int() takes at most 2 arguments (%zd given)", nargs);
            return NULL;
    }
}

/* ------------------------------------------------------------------------------------- methods */

/*sig int.__getnewargs__(self)

*/
static PyObject *
int___getnewargs___impl(PyObject *self)
{
    PyObject *copy = _PyLong_Copy((PyLongObject *)self);
    return copy == NULL ? NULL : Py_BuildValue("(N)", copy);
}

static PyObject *
long_get0(PyObject *Py_UNUSED(self), void *Py_UNUSED(context))
{
    return get_small_int(0);
}

static PyObject *
long_get1(PyObject *Py_UNUSED(self), void *Py_UNUSED(context))
{
    return get_small_int(1);
}

static PyObject *
long_getself(PyObject *self, void *Py_UNUSED(context))
{
    return long_long(self);
}

static PyObject *
long_long_meth(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return long_long(self);
}

/*sig int.__format__(self, format_spec: unicode, /)

Convert to a string according to format_spec.
*/
static PyObject *
int___format___impl(PyObject *self, PyObject *format_spec)
{
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    if (_PyLong_FormatAdvancedWriter(&writer, self, format_spec, 0,
                                     PyUnicode_GET_LENGTH(format_spec)) < 0)
    {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

/*sig int.__round__(self, ndigits = NULL, /)

Rounding an Integral returns itself.

Rounding with an ndigits argument also returns an integer.
*/
static PyObject *
int___round___impl(PyObject *self, PyObject *o_ndigits)
{
    if (o_ndigits == NULL) {
        return long_long(self);
    }
    PyObject *ndigits = _PyNumber_Index(o_ndigits);
    if (ndigits == NULL) {
        return NULL;
    }
    if (!_PyLong_IsNegative((PyLongObject *)ndigits)) {
        Py_DECREF(ndigits);
        return long_long(self);
    }
    /* round(self, -n) == self - (self modulo 10**n, taken to the nearest) */
    Py_SETREF(ndigits, _PyLong_SlotNeg(ndigits));
    if (ndigits == NULL) {
        return NULL;
    }
    PyObject *ten = get_small_int(10);
    PyObject *power = _PyLong_SlotPow(ten, ndigits, Py_None);
    Py_DECREF(ndigits);
    if (power == NULL) {
        return NULL;
    }
    PyObject *pair = _PyLong_DivmodNear(self, power);
    Py_DECREF(power);
    if (pair == NULL) {
        return NULL;
    }
    PyObject *rest = PyTuple_GET_ITEM(pair, 1);
    PyObject *result = _PyLong_Subtract((PyLongObject *)self, (PyLongObject *)rest);
    Py_DECREF(pair);
    return result;
}

/*sig int.__sizeof__(self) -> ssize

Returns size in memory, in bytes.
*/
static Py_ssize_t
int___sizeof___impl(PyObject *self)
{
    /* ob_digit is the end of the object of any type, and there is always one digit. */
    Py_ssize_t n = _PyLong_DigitCount((PyLongObject *)self);
    return Py_TYPE(self)->tp_basicsize - (Py_ssize_t)(PyLong_Type.tp_basicsize)
           + (Py_ssize_t)offsetof(PyLongObject, long_value.ob_digit)
           + Py_MAX(n, 1) * (Py_ssize_t)sizeof(digit);
}

/*sig int.bit_length(self)

Number of bits necessary to represent self in binary.

>>> bin(37)
'0b100101'
>>> (37).bit_length()
6
*/
static PyObject *
int_bit_length_impl(PyObject *self)
{
    return PyLong_FromSize_t(_PyLong_NumBits(self));
}

/*sig int.bit_count(self)

Number of ones in the binary representation of the absolute value of self.

Also known as the population count.

>>> bin(13)
'0b1101'
>>> (13).bit_count()
3
*/
static PyObject *
int_bit_count_impl(PyObject *self)
{
    const PyLongObject *v = (const PyLongObject *)self;
    size_t count = 0;
    for (Py_ssize_t i = _PyLong_DigitCount(v); --i >= 0; ) {
        count += (size_t)__builtin_popcount(DIGITS(v)[i]);
    }
    return PyLong_FromSize_t(count);
}

/*sig int.as_integer_ratio(self)

Return a pair of integers, whose ratio is equal to the original int.

The ratio is in lowest terms and has a positive denominator.

>>> (10).as_integer_ratio()
(10, 1)
>>> (-10).as_integer_ratio()
(-10, 1)
>>> (0).as_integer_ratio()
(0, 1)
*/
static PyObject *
int_as_integer_ratio_impl(PyObject *self)
{
    PyObject *numerator = long_long(self);
    return numerator == NULL ? NULL : Py_BuildValue("(NO)", numerator, get_small_int(1));
}

/* 1 for 'little', 0 for 'big' (or NULL), -1 with ValueError. */
static int
little_endian(PyObject *byteorder)
{
    if (byteorder == NULL || _PyUnicode_EqualToASCIIString(byteorder, "big")) {
        return 0;
    }
    if (_PyUnicode_EqualToASCIIString(byteorder, "little")) {
        return 1;
    }
    PyErr_SetString(PyExc_ValueError, "byteorder must be either 'little' or 'big'");
    return -1;
}

/*sig int.to_bytes(self, length: ssize = 1, byteorder: unicode = c"NULL" py"'big'", *,
                   signed: bool = False)

Return an array of bytes representing an integer.

  length
    Length of bytes object to use.  An OverflowError is raised if the
    integer is not representable with the given number of bytes.  Default
    is length 1.
  byteorder
    The byte order used to represent the integer.  If byteorder is 'big',
    the most significant byte is at the beginning of the byte array.  If
    byteorder is 'little', the most significant byte is at the end of the
    byte array.  To request the native byte order of the host system, use
    `sys.byteorder' as the byte order value.  Default is to use 'big'.
  signed
    Determines whether two's complement is used to represent the integer.
    If signed is False and a negative integer is given, an OverflowError
    is raised.
*/
static PyObject *
int_to_bytes_impl(PyObject *self, Py_ssize_t length, PyObject *byteorder, int is_signed)
{
    int little = little_endian(byteorder);
    if (little < 0) {
        return NULL;
    }
    if (length < 0) {
        PyErr_SetString(PyExc_ValueError, "length argument must be non-negative");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, length);
    if (bytes == NULL) {
        return NULL;
    }
    if (length == 0) {
        /* The shared empty bytes is not to be written to. */
        unsigned char nothing;
        if (_PyLong_AsByteArray((PyLongObject *)self, &nothing, 0, little, is_signed) < 0) {
            Py_CLEAR(bytes);
        }
        return bytes;
    }
    /* One-byte results are shared objects, so a bytes of our own is needed even there. */
    if (_PyLong_AsByteArray((PyLongObject *)self, (unsigned char *)PyBytes_AS_STRING(bytes),
                            (size_t)length, little, is_signed) < 0)
    {
        Py_DECREF(bytes);
        return NULL;
    }
    return bytes;
}

/*sig @classmethod int.from_bytes(type, bytes, byteorder: unicode = c"NULL" py"'big'", *,
                                  signed: bool = False)

Return the integer represented by the given array of bytes.

  bytes
    Holds the array of bytes to convert.  The argument must either
    support the buffer protocol or be an iterable object producing bytes.
    Bytes and bytearray are examples of built-in objects that support the
    buffer protocol.
  byteorder
    The byte order used to represent the integer.  If byteorder is 'big',
    the most significant byte is at the beginning of the byte array.  If
    byteorder is 'little', the most significant byte is at the end of the
    byte array.  To request the native byte order of the host system, use
    `sys.byteorder' as the byte order value.  Default is to use 'big'.
  signed
    Indicates whether two's complement is used to represent the integer.
*/
static PyObject *
int_from_bytes_impl(PyTypeObject *type, PyObject *bytes_obj, PyObject *byteorder, int is_signed)
{
    int little = little_endian(byteorder);
    if (little < 0) {
        return NULL;
    }
    PyObject *bytes = PyObject_Bytes(bytes_obj);
    if (bytes == NULL) {
        return NULL;
    }
    PyObject *result = _PyLong_FromByteArray((unsigned char *)PyBytes_AS_STRING(bytes),
                                             (size_t)Py_SIZE(bytes), little, is_signed);
    Py_DECREF(bytes);
    if (result != NULL && type != &PyLong_Type) {
        Py_SETREF(result, PyObject_CallOneArg((PyObject *)type, result));
    }
    return result;
}

/*sig int.is_integer(self)

Returns True. Exists for duck type compatibility with float.is_integer.
*/
static PyObject *
int_is_integer_impl(PyObject *Py_UNUSED(self))
{
    Py_RETURN_TRUE;
}

static const PyMethodDef long_methods[] = {
    {"conjugate", long_long_meth, METH_NOARGS,
     PyDoc_STR("Returns self, the complex conjugate of any int.")},
    INT_BIT_LENGTH_METHODDEF
    INT_BIT_COUNT_METHODDEF
    INT_TO_BYTES_METHODDEF
    INT_FROM_BYTES_METHODDEF
    INT_AS_INTEGER_RATIO_METHODDEF
    {"__trunc__", long_long_meth, METH_NOARGS,
     PyDoc_STR("Truncating an Integral returns itself.")},
    {"__floor__", long_long_meth, METH_NOARGS,
     PyDoc_STR("Flooring an Integral returns itself.")},
    {"__ceil__", long_long_meth, METH_NOARGS,
     PyDoc_STR("Ceiling of an Integral returns itself.")},
    INT___ROUND___METHODDEF
    INT___GETNEWARGS___METHODDEF
    INT___FORMAT___METHODDEF
    INT___SIZEOF___METHODDEF
    INT_IS_INTEGER_METHODDEF
    {NULL, NULL}
};

static const PyGetSetDef long_getset[] = {
    {"real", long_getself, NULL, PyDoc_STR("the real part of a complex number"), NULL},
    {"imag", long_get0, NULL, PyDoc_STR("the imaginary part of a complex number"), NULL},
    {"numerator", long_getself, NULL,
     PyDoc_STR("the numerator of a rational number in lowest terms"), NULL},
    {"denominator", long_get1, NULL,
     PyDoc_STR("the denominator of a rational number in lowest terms"), NULL},
    {NULL}
};

static _Py_SHARED PyNumberMethods long_as_number = {
    .nb_add = _PyLong_SlotAdd,
    .nb_subtract = _PyLong_SlotSub,
    .nb_multiply = _PyLong_SlotMul,
    .nb_remainder = _PyLong_SlotMod,
    .nb_divmod = _PyLong_SlotDivmod,
    .nb_power = _PyLong_SlotPow,
    .nb_negative = _PyLong_SlotNeg,
    .nb_positive = long_long,
    .nb_absolute = _PyLong_SlotAbs,
    .nb_bool = long_bool,
    .nb_invert = _PyLong_SlotInvert,
    .nb_lshift = _PyLong_SlotLshift,
    .nb_rshift = _PyLong_SlotRshift,
    .nb_and = _PyLong_SlotAnd,
    .nb_xor = _PyLong_SlotXor,
    .nb_or = _PyLong_SlotOr,
    .nb_int = long_long,
    .nb_float = long_float,
    .nb_floor_divide = _PyLong_SlotFloorDiv,
    .nb_true_divide = _PyLong_SlotTrueDiv,
    .nb_index = long_long,
};

_Py_SHARED PyTypeObject PyLong_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "int",
    .tp_basicsize = offsetof(PyLongObject, long_value.ob_digit),
    .tp_itemsize = sizeof(digit),
    .tp_dealloc = long_dealloc,
    .tp_repr = _PyLong_Decimal,
    .tp_as_number = &long_as_number,
    .tp_hash = long_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_LONG_SUBCLASS
                | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = long_new__doc__,
    .tp_richcompare = long_richcompare,
    .tp_methods = (PyMethodDef *)long_methods,
    .tp_getset = (PyGetSetDef *)long_getset,
    .tp_new = long_new,
    .tp_free = PyObject_Free,
    .tp_vectorcall = long_vectorcall,
};

/* ------------------------------------------------------------------------------- sys.int_info */

static const PyStructSequence_Field int_info_fields[] = {
    {"bits_per_digit", "size of a digit in bits"},
    {"sizeof_digit", "size in bytes of the C type used to represent a digit"},
    {"default_max_str_digits", "maximum string conversion digits limitation"},
    {"str_digits_check_threshold", "minimum positive value for int_max_str_digits"},
    {NULL, NULL}
};

static const PyStructSequence_Desc int_info_desc = {
    "sys.int_info",
    "sys.int_info\n\nA named tuple that holds information about Python's\n"
    "internal representation of integers.  The attributes are read only.",
    (PyStructSequence_Field *)int_info_fields,
    4
};

/* New sys.int_info, of a type of its own: called once for each interpreter. */
PyObject *
PyLong_GetInfo(void)
{
    PyTypeObject *type = PyStructSequence_NewType((PyStructSequence_Desc *)&int_info_desc);
    if (type == NULL) {
        return NULL;
    }
    PyObject *info = PyStructSequence_New(type);
    Py_DECREF(type);
    if (info == NULL) {
        return NULL;
    }
    static const int values[] = {
        PyLong_SHIFT, sizeof(digit), _PY_LONG_DEFAULT_MAX_STR_DIGITS,
        _PY_LONG_MAX_STR_DIGITS_THRESHOLD,
    };
    for (int i = 0; i < (int)Py_ARRAY_LENGTH(values); i++) {
        PyObject *value = PyLong_FromLong(values[i]);
        if (value == NULL) {
            Py_DECREF(info);
            return NULL;
        }
        PyStructSequence_SetItem(info, i, value);
    }
    return info;
}

/* ---- compact ints, for code that does not compile the inline functions ---- */

#undef PyUnstable_Long_IsCompact
#undef PyUnstable_Long_CompactValue

int
PyUnstable_Long_IsCompact(const PyLongObject *op)
{
    return _PyLong_IsCompact(op);
}

Py_ssize_t
PyUnstable_Long_CompactValue(const PyLongObject *op)
{
    assert(_PyLong_IsCompact(op));
    return _PyLong_CompactValue(op);
}
