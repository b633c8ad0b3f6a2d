/* arith.c - int: addition, subtraction, multiplication, power, sign.
 *
 * Written from the language reference (integer arithmetic, pow) and, for modular powers, from
 * the k-ary and sliding window methods in the Handbook of Applied Cryptography, chapter 14.6.
 */
#include "Python.h"
#include "int.h"

/* |a| + |b| with the sign of nothing: a positive unfinished int. */
static PyLongObject *
magnitude_add(const PyLongObject *a, const PyLongObject *b)
{
    Py_ssize_t na = _PyLong_DigitCount(a), nb = _PyLong_DigitCount(b);
    if (na < nb) {
        const PyLongObject *t = a;
        a = b;
        b = t;
        Py_ssize_t n = na;
        na = nb;
        nb = n;
    }
    PyLongObject *z = _PyLong_New(na + 1);
    if (z != NULL) {
        _PyDigits_Add(DIGITS(z), DIGITS(a), na, DIGITS(b), nb);
    }
    return z;
}

/* |a| - |b|, signed, unfinished. */
static PyLongObject *
magnitude_sub(const PyLongObject *a, const PyLongObject *b)
{
    Py_ssize_t na = _PyLong_DigitCount(a), nb = _PyLong_DigitCount(b);
    int cmp = _PyDigits_Compare(DIGITS(a), na, DIGITS(b), nb);
    if (cmp < 0) {
        const PyLongObject *t = a;
        a = b;
        b = t;
        Py_ssize_t n = na;
        na = nb;
        nb = n;
    }
    PyLongObject *z = _PyLong_New(na);
    if (z != NULL) {
        _PyDigits_Sub(DIGITS(z), DIGITS(a), na, DIGITS(b), nb);
        if (cmp < 0) {
            _PyLong_FlipSign(z);
        }
    }
    return z;
}

PyObject *
_PyLong_Add(PyLongObject *a, PyLongObject *b)
{
    if (is_short(a) && is_short(b)) {
        return long_from_i64(short_value(a) + short_value(b));
    }
    PyLongObject *z;
    if (_PyLong_IsNegative(a)) {
        if (_PyLong_IsNegative(b)) {
            z = magnitude_add(a, b);
            if (z != NULL) {
                _PyLong_FlipSign(z);
            }
        }
        else {
            z = magnitude_sub(b, a);
        }
    }
    else {
        z = _PyLong_IsNegative(b) ? magnitude_sub(a, b) : magnitude_add(a, b);
    }
    return (PyObject *)_PyLong_Finish(z);
}

PyObject *
_PyLong_Subtract(PyLongObject *a, PyLongObject *b)
{
    if (is_short(a) && is_short(b)) {
        return long_from_i64(short_value(a) - short_value(b));
    }
    PyLongObject *z;
    if (_PyLong_IsNegative(a)) {
        if (_PyLong_IsNegative(b)) {
            z = magnitude_sub(b, a);
        }
        else {
            z = magnitude_add(a, b);
            if (z != NULL) {
                _PyLong_FlipSign(z);
            }
        }
    }
    else {
        z = _PyLong_IsNegative(b) ? magnitude_add(a, b) : magnitude_sub(a, b);
    }
    return (PyObject *)_PyLong_Finish(z);
}

PyObject *
_PyLong_Multiply(PyLongObject *a, PyLongObject *b)
{
    if (_PyLong_BothAreCompact(a, b)) {
        return long_from_i64(compact_value(a) * compact_value(b));
    }
    if (_PyLong_IsZero(a) || _PyLong_IsZero(b)) {
        return get_small_int(0);
    }
    Py_ssize_t na = _PyLong_DigitCount(a), nb = _PyLong_DigitCount(b);
    PyLongObject *z = _PyLong_New(na + nb);
    if (z == NULL) {
        return NULL;
    }
    if (_PyDigits_Mul(DIGITS(z), DIGITS(a), na, DIGITS(b), nb) < 0) {
        Py_DECREF(z);
        return NULL;
    }
    if (!_PyLong_SameSign(a, b)) {
        _PyLong_FlipSign(z);
    }
    return (PyObject *)_PyLong_Finish(z);
}

PyObject *
_PyLong_SlotAdd(PyObject *a, PyObject *b)
{
    CHECK_BINOP(a, b);
    return _PyLong_Add((PyLongObject *)a, (PyLongObject *)b);
}

PyObject *
_PyLong_SlotSub(PyObject *a, PyObject *b)
{
    CHECK_BINOP(a, b);
    return _PyLong_Subtract((PyLongObject *)a, (PyLongObject *)b);
}

PyObject *
_PyLong_SlotMul(PyObject *a, PyObject *b)
{
    CHECK_BINOP(a, b);
    return _PyLong_Multiply((PyLongObject *)a, (PyLongObject *)b);
}

PyObject *
_PyLong_SlotNeg(PyObject *op)
{
    PyLongObject *v = (PyLongObject *)op;
    if (_PyLong_IsCompact(v)) {
        return long_from_i64(-compact_value(v));
    }
    PyObject *z = _PyLong_Copy(v);
    if (z != NULL) {
        _PyLong_FlipSign((PyLongObject *)z);
    }
    return z;
}

PyObject *
_PyLong_SlotAbs(PyObject *op)
{
    if (_PyLong_IsNegative((PyLongObject *)op)) {
        return _PyLong_SlotNeg(op);
    }
    return PyLong_CheckExact(op) ? Py_NewRef(op) : _PyLong_Copy((PyLongObject *)op);
}

/* ----------------------------------------------------------------------------------- power */

/* Exponents up to this many digits go bit by bit; above, by windows of 5 bits. */
#define WINDOW_DIGITS 8
#define WINDOW_BITS 5

/* *z = *z * x, reduced modulo c if there is one (c > 0). */
static int
mul_mod(PyObject **z, PyObject *x, PyLongObject *c)
{
    PyObject *p = _PyLong_Multiply((PyLongObject *)*z, (PyLongObject *)x);
    if (p != NULL && c != NULL) {
        PyLongObject *r = NULL;
        if (_PyLong_DivRem((PyLongObject *)p, c, NULL, &r) < 0) {
            Py_CLEAR(p);
        }
        else {
            Py_SETREF(p, (PyObject *)r);
        }
    }
    if (p == NULL) {
        return -1;
    }
    Py_SETREF(*z, p);
    return 0;
}

static inline int
exponent_bit(const PyLongObject *b, Py_ssize_t i)
{
    return (DIGITS(b)[i / PyLong_SHIFT] >> (i % PyLong_SHIFT)) & 1;
}

/* a ** b by squaring from the top bit; b > 0. */
static PyObject *
pow_bitwise(PyObject *a, const PyLongObject *b, Py_ssize_t nbits, PyLongObject *c)
{
    PyObject *z = Py_NewRef(a);
    for (Py_ssize_t i = nbits - 2; i >= 0; i--) {
        if (mul_mod(&z, z, c) < 0 || (exponent_bit(b, i) && mul_mod(&z, a, c) < 0)) {
            Py_DECREF(z);
            return NULL;
        }
    }
    return z;
}

/* The same with a table of the odd powers a, a**3, ..., a**31. */
static PyObject *
pow_window(PyObject *a, const PyLongObject *b, Py_ssize_t nbits, PyLongObject *c)
{
    PyObject *odd[1 << (WINDOW_BITS - 1)] = {NULL};
    int filled = 0;
    PyObject *z = get_small_int(1), *square = Py_NewRef(a);
    if (mul_mod(&square, a, c) < 0) {
        goto error;
    }
    odd[filled++] = Py_NewRef(a);
    while (filled < (int)Py_ARRAY_LENGTH(odd)) {
        odd[filled] = Py_NewRef(odd[filled - 1]);
        filled++;
        if (mul_mod(&odd[filled - 1], square, c) < 0) {
            goto error;
        }
    }
    for (Py_ssize_t i = nbits - 1; i >= 0; ) {
        if (!exponent_bit(b, i)) {
            if (mul_mod(&z, z, c) < 0) {
                goto error;
            }
            i--;
            continue;
        }
        /* The longest window that starts here and ends in a one. */
        Py_ssize_t low = Py_MAX(i - WINDOW_BITS + 1, 0);
        while (!exponent_bit(b, low)) {
            low++;
        }
        int window = 0;
        for (; i >= low; i--) {
            window = window << 1 | exponent_bit(b, i);
            if (mul_mod(&z, z, c) < 0) {
                goto error;
            }
        }
        assert(window & 1);
        if (mul_mod(&z, odd[window >> 1], c) < 0) {
            goto error;
        }
    }
    goto done;
error:
    Py_CLEAR(z);
done:
    Py_DECREF(square);
    while (filled > 0) {
        Py_DECREF(odd[--filled]);
    }
    return z;
}

/* Inverse of a modulo n > 0 by Euclid's algorithm; ValueError if there is none. */
static PyObject *
inverse_mod(PyObject *a, PyObject *n)
{
    PyObject *b = get_small_int(1), *c = get_small_int(0);
    a = Py_NewRef(a);
    n = Py_NewRef(n);
    /* Invariant: a = b * a0 and n = c * a0, modulo n0. */
    while (!_PyLong_IsZero((PyLongObject *)n)) {
        PyLongObject *q, *r;
        if (_PyLong_DivMod((PyLongObject *)a, (PyLongObject *)n, &q, &r) < 0) {
            goto error;
        }
        Py_SETREF(a, n);
        n = (PyObject *)r;
        PyObject *t = _PyLong_Multiply(q, (PyLongObject *)c);
        Py_DECREF(q);
        if (t == NULL) {
            goto error;
        }
        PyObject *s = _PyLong_Subtract((PyLongObject *)b, (PyLongObject *)t);
        Py_DECREF(t);
        if (s == NULL) {
            goto error;
        }
        Py_SETREF(b, c);
        c = s;
    }
    if (!_PyLong_IsCompact((PyLongObject *)a) || compact_value((PyLongObject *)a) != 1) {
        PyErr_SetString(PyExc_ValueError, "base is not invertible for the given modulus");
        goto error;
    }
    Py_DECREF(a);
    Py_DECREF(n);
    Py_DECREF(c);
    return b;
error:
    Py_DECREF(a);
    Py_DECREF(n);
    Py_DECREF(b);
    Py_DECREF(c);
    return NULL;
}

/* x modulo c in [0, c). */
static PyObject *
floor_mod(PyObject *x, PyObject *c)
{
    PyLongObject *r;
    if (_PyLong_DivMod((PyLongObject *)x, (PyLongObject *)c, NULL, &r) < 0) {
        return NULL;
    }
    return (PyObject *)r;
}

/* a ** b modulo c (or plain, c == NULL); a >= 0 reduced if c is there, b >= 0. */
static PyObject *
pow_core(PyObject *a, PyLongObject *b, PyLongObject *c)
{
    if (_PyLong_IsZero(b)) {
        return get_small_int(1);
    }
    Py_ssize_t nbits = (Py_ssize_t)_PyLong_NumBits((PyObject *)b);
    if (_PyLong_DigitCount(b) <= WINDOW_DIGITS) {
        return pow_bitwise(a, b, nbits, c);
    }
    return pow_window(a, b, nbits, c);
}

static PyObject *
pow_mod(PyObject *v, PyObject *w, PyObject *x)
{
    if (_PyLong_IsZero((PyLongObject *)x)) {
        PyErr_SetString(PyExc_ValueError, "pow() 3rd argument cannot be 0");
        return NULL;
    }
    bool negative = _PyLong_IsNegative((PyLongObject *)x);
    PyObject *c = _PyLong_SlotAbs(x), *a = NULL, *b = Py_NewRef(w), *z = NULL;
    if (c == NULL) {
        goto done;
    }
    if (_PyLong_IsCompact((PyLongObject *)c) && compact_value((PyLongObject *)c) == 1) {
        z = get_small_int(0);
        goto done;
    }
    a = Py_NewRef(v);
    if (_PyLong_IsNegative((PyLongObject *)b)) {
        Py_SETREF(b, _PyLong_SlotNeg(b));
        if (b == NULL) {
            goto done;
        }
        Py_SETREF(a, inverse_mod(a, c));
        if (a == NULL) {
            goto done;
        }
    }
    Py_SETREF(a, floor_mod(a, c));
    if (a == NULL) {
        goto done;
    }
    z = pow_core(a, (PyLongObject *)b, (PyLongObject *)c);
    if (z != NULL && negative && !_PyLong_IsZero((PyLongObject *)z)) {
        PyObject *t = _PyLong_Subtract((PyLongObject *)z, (PyLongObject *)c);
        Py_SETREF(z, t);
    }
done:
    Py_XDECREF(a);
    Py_XDECREF(b);
    Py_XDECREF(c);
    return z;
}

PyObject *
_PyLong_SlotPow(PyObject *v, PyObject *w, PyObject *x)
{
    CHECK_BINOP(v, w);
    if (PyLong_Check(x)) {
        return pow_mod(v, w, x);
    }
    if (x != Py_None) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (_PyLong_IsNegative((PyLongObject *)w)) {
        /* The result is a float. */
        return PyFloat_Type.tp_as_number->nb_power(v, w, x);
    }
    PyObject *a = PyLong_CheckExact(v) ? Py_NewRef(v) : _PyLong_Copy((PyLongObject *)v);
    if (a == NULL) {
        return NULL;
    }
    PyObject *z = pow_core(a, (PyLongObject *)w, NULL);
    Py_DECREF(a);
    return z;
}
