/* divide.c - int: floor division, remainder, true division, nearest division, gcd.
 *
 * Written from the language reference (binary arithmetic operations), IEEE 754's rounding rules
 * and, for the gcd, Knuth's description of Lehmer's algorithm (TAOCP 4.5.2, algorithm L).
 */
#include "Python.h"
#include "int.h"
#include <float.h>
#include <math.h>

/* Quotient truncated towards zero and remainder with the sign of v.  Results that are not wanted
   are not made (NULL pointers).  0, or -1 with an exception. */
int
_PyLong_DivRem(PyLongObject *v, PyLongObject *w, PyLongObject **pdiv, PyLongObject **prem)
{
    Py_ssize_t nv = _PyLong_DigitCount(v), nw = _PyLong_DigitCount(w);
    if (nw == 0) {
        PyErr_SetString(PyExc_ZeroDivisionError, "integer division or modulo by zero");
        return -1;
    }
    if (_PyDigits_Compare(DIGITS(v), nv, DIGITS(w), nw) < 0) {
        if (prem != NULL) {
            PyObject *r = PyLong_CheckExact(v) ? Py_NewRef(v) : _PyLong_Copy(v);
            if (r == NULL) {
                return -1;
            }
            *prem = (PyLongObject *)r;
        }
        if (pdiv != NULL) {
            *pdiv = (PyLongObject *)get_small_int(0);
        }
        return 0;
    }
    PyLongObject *q = _PyLong_New(nv - nw + 1), *r = NULL;
    if (q != NULL) {
        r = _PyLong_New(nw);
    }
    if (r == NULL
        || _PyDigits_DivRem(DIGITS(q), DIGITS(r), DIGITS(v), nv, DIGITS(w), nw) < 0)
    {
        Py_XDECREF(q);
        Py_XDECREF(r);
        return -1;
    }
    if (!_PyLong_SameSign(v, w)) {
        _PyLong_FlipSign(q);
    }
    if (_PyLong_IsNegative(v)) {
        _PyLong_FlipSign(r);
    }
    q = _PyLong_Finish(q);
    r = _PyLong_Finish(r);
    if (q == NULL || r == NULL) {
        Py_XDECREF(q);
        Py_XDECREF(r);
        return -1;
    }
    if (pdiv != NULL) {
        *pdiv = q;
    }
    else {
        Py_DECREF(q);
    }
    if (prem != NULL) {
        *prem = r;
    }
    else {
        Py_DECREF(r);
    }
    return 0;
}

/* Floor division of compact operands. */
static int
divmod_compact(stwodigits a, stwodigits b, PyLongObject **pdiv, PyLongObject **pmod)
{
    stwodigits q = a / b, r = a % b;
    if (r != 0 && (r ^ b) < 0) {
        r += b;
        q--;
    }
    PyObject *div = NULL;
    if (pdiv != NULL) {
        div = long_from_i64(q);
        if (div == NULL) {
            return -1;
        }
        *pdiv = (PyLongObject *)div;
    }
    if (pmod != NULL) {
        PyObject *mod = long_from_i64(r);
        if (mod == NULL) {
            Py_XDECREF(div);
            return -1;
        }
        *pmod = (PyLongObject *)mod;
    }
    return 0;
}

int
_PyLong_DivMod(PyLongObject *v, PyLongObject *w, PyLongObject **pdiv, PyLongObject **pmod)
{
    if (_PyLong_BothAreCompact(v, w) && !_PyLong_IsZero(w)) {
        return divmod_compact(compact_value(v), compact_value(w), pdiv, pmod);
    }
    PyLongObject *q = NULL, *r = NULL;
    if (_PyLong_DivRem(v, w, pdiv != NULL ? &q : NULL, &r) < 0) {
        return -1;
    }
    /* The remainder takes the sign of the divisor. */
    if (!_PyLong_IsZero(r) && _PyLong_IsNegative(r) != _PyLong_IsNegative(w)) {
        PyLongObject *t = (PyLongObject *)_PyLong_Add(r, w);
        Py_SETREF(r, t);
        if (r != NULL && pdiv != NULL) {
            PyObject *one = get_small_int(1);
            t = (PyLongObject *)_PyLong_Subtract(q, (PyLongObject *)one);
            Py_SETREF(q, t);
        }
        if (r == NULL || (pdiv != NULL && q == NULL)) {
            Py_XDECREF(r);
            Py_XDECREF(q);
            return -1;
        }
    }
    if (pdiv != NULL) {
        *pdiv = q;
    }
    if (pmod != NULL) {
        *pmod = r;
    }
    else {
        Py_DECREF(r);
    }
    return 0;
}

PyObject *
_PyLong_SlotFloorDiv(PyObject *a, PyObject *b)
{
    CHECK_BINOP(a, b);
    PyLongObject *q;
    if (_PyLong_DivMod((PyLongObject *)a, (PyLongObject *)b, &q, NULL) < 0) {
        return NULL;
    }
    return (PyObject *)q;
}

PyObject *
_PyLong_SlotMod(PyObject *a, PyObject *b)
{
    CHECK_BINOP(a, b);
    if (_PyLong_IsZero((PyLongObject *)b)) {
        PyErr_SetString(PyExc_ZeroDivisionError, "integer modulo by zero");
        return NULL;
    }
    PyLongObject *r;
    if (_PyLong_DivMod((PyLongObject *)a, (PyLongObject *)b, NULL, &r) < 0) {
        return NULL;
    }
    return (PyObject *)r;
}

PyObject *
_PyLong_SlotDivmod(PyObject *a, PyObject *b)
{
    CHECK_BINOP(a, b);
    PyLongObject *q, *r;
    if (_PyLong_DivMod((PyLongObject *)a, (PyLongObject *)b, &q, &r) < 0) {
        return NULL;
    }
    PyObject *t = PyTuple_New(2);
    if (t == NULL) {
        Py_DECREF(q);
        Py_DECREF(r);
        return NULL;
    }
    PyTuple_SET_ITEM(t, 0, (PyObject *)q);
    PyTuple_SET_ITEM(t, 1, (PyObject *)r);
    return t;
}

/* ------------------------------------------------------------------------- true division */

/* Ints of up to this many bits are doubles without rounding. */
#define EXACT_BITS DBL_MANT_DIG

/* |v| as a double if that is exact, else -1.0. */
static double
exact_magnitude(const PyLongObject *v)
{
    Py_ssize_t n = _PyLong_DigitCount(v);
    const digit *d = DIGITS(v);
    if (n > 2) {
        return -1.0;
    }
    twodigits x = n == 0 ? 0 : d[0];
    if (n == 2) {
        x |= (twodigits)d[1] << PyLong_SHIFT;
    }
    return x >> EXACT_BITS ? -1.0 : (double)x;
}

/* The lowest 64 bits of |q| with at most 64 bits. */
static uint64_t
magnitude_u64(const PyLongObject *v)
{
    Py_ssize_t n = _PyLong_DigitCount(v);
    uint64_t x = 0;
    assert(n <= 3);
    while (--n >= 0) {
        x = x << PyLong_SHIFT | DIGITS(v)[n];
    }
    return x;
}

/* Drops the bits of m below 2**shift, half to even; `sticky` says that m stands for a little
   more than itself. */
static uint64_t
round_bits(uint64_t m, int shift, bool sticky)
{
    assert(0 < shift && shift < 64);
    uint64_t mask = ((uint64_t)1 << shift) - 1, half = (uint64_t)1 << (shift - 1);
    uint64_t rest = m & mask;
    m >>= shift;
    if (rest > half || (rest == half && (sticky || (m & 1)))) {
        m++;
    }
    return m;
}

/* |a| / |b| with one rounding.  The quotient is computed as an int of 56 to 58 bits plus a sticky
   bit: q = floor(|a| * 2**-s / |b|). */
static int
divide_rounded(PyLongObject *a, PyLongObject *b, double *result)
{
    Py_ssize_t bits_a = (Py_ssize_t)_PyLong_NumBits((PyObject *)a);
    Py_ssize_t bits_b = (Py_ssize_t)_PyLong_NumBits((PyObject *)b);
    Py_ssize_t diff = bits_a - bits_b;
    /* 2**(diff-1) < |a/b| < 2**(diff+1) */
    if (diff > DBL_MAX_EXP) {
        goto overflow;
    }
    if (diff < DBL_MIN_EXP - DBL_MANT_DIG - 1) {
        *result = 0.0;
        return 0;
    }
    Py_ssize_t s = diff - (EXACT_BITS + 4);
    PyObject *num = _PyLong_SlotAbs((PyObject *)a), *den = _PyLong_SlotAbs((PyObject *)b);
    PyLongObject *q = NULL, *r = NULL;
    if (num != NULL && den != NULL) {
        /* Scale exactly: the numerator up, or the denominator up. */
        if (s <= 0) {
            Py_SETREF(num, _PyLong_Lshift(num, (size_t)-s));
        }
        else {
            Py_SETREF(den, _PyLong_Lshift(den, (size_t)s));
        }
    }
    if (num == NULL || den == NULL
        || _PyLong_DivRem((PyLongObject *)num, (PyLongObject *)den, &q, &r) < 0)
    {
        Py_XDECREF(num);
        Py_XDECREF(den);
        return -1;
    }
    Py_DECREF(num);
    Py_DECREF(den);
    bool sticky = !_PyLong_IsZero(r);
    uint64_t m = magnitude_u64(q);
    Py_DECREF(q);
    Py_DECREF(r);
    int len = 64 - __builtin_clzll(m);
    assert(m != 0 && len >= EXACT_BITS + 3);
    /* Subnormal results have fewer bits to keep. */
    Py_ssize_t keep = Py_MIN((Py_ssize_t)EXACT_BITS, s + len - (DBL_MIN_EXP - DBL_MANT_DIG));
    int drop = len - (int)keep;
    if (keep < 0) {
        *result = 0.0;
        return 0;
    }
    m = drop < 64 ? round_bits(m, drop, sticky) : 0;
    double x = ldexp((double)m, (int)(s + drop));
    if (isinf(x)) {
        goto overflow;
    }
    *result = x;
    return 0;

overflow:
    PyErr_SetString(PyExc_OverflowError, "integer division result too large for a float");
    return -1;
}

PyObject *
_PyLong_SlotTrueDiv(PyObject *v, PyObject *w)
{
    CHECK_BINOP(v, w);
    PyLongObject *a = (PyLongObject *)v, *b = (PyLongObject *)w;
    if (_PyLong_IsZero(b)) {
        PyErr_SetString(PyExc_ZeroDivisionError, "division by zero");
        return NULL;
    }
    bool negative = _PyLong_IsNegative(a) != _PyLong_IsNegative(b);
    double result;
    if (_PyLong_IsZero(a)) {
        result = 0.0;
    }
    else {
        double da = exact_magnitude(a), db = exact_magnitude(b);
        if (da >= 0.0 && db >= 0.0) {
            result = da / db;
        }
        else if (divide_rounded(a, b, &result) < 0) {
            return NULL;
        }
    }
    return PyFloat_FromDouble(negative ? -result : result);
}

/* ------------------------------------------------------------------------ divmod to nearest */

/* (q, r) with a == q * b + r and q the integer nearest to a / b, ties to even.  New tuple. */
PyObject *
_PyLong_DivmodNear(PyObject *a, PyObject *b)
{
    if (!PyLong_Check(a) || !PyLong_Check(b)) {
        PyErr_SetString(PyExc_TypeError, "non-integer arguments in division");
        return NULL;
    }
    PyLongObject *q = NULL, *r = NULL;
    PyObject *twice = NULL, *result = NULL;
    if (_PyLong_DivMod((PyLongObject *)a, (PyLongObject *)b, &q, &r) < 0) {
        return NULL;
    }
    /* 0 <= r/b < 1: up if 2r > b (in magnitude), or equal and q odd. */
    twice = _PyLong_Lshift((PyObject *)r, 1);
    if (twice == NULL) {
        goto done;
    }
    PyLongObject *t = (PyLongObject *)twice, *d = (PyLongObject *)b;
    int cmp = _PyDigits_Compare(DIGITS(t), _PyLong_DigitCount(t), DIGITS(d),
                                _PyLong_DigitCount(d));
    bool odd = !_PyLong_IsZero(q) && (DIGITS(q)[0] & 1);
    if (cmp > 0 || (cmp == 0 && odd)) {
        PyObject *one = get_small_int(1);
        PyObject *nq = _PyLong_Add(q, (PyLongObject *)one);
        Py_SETREF(q, (PyLongObject *)nq);
        if (q == NULL) {
            goto done;
        }
        PyObject *nr = _PyLong_Subtract(r, (PyLongObject *)b);
        Py_SETREF(r, (PyLongObject *)nr);
        if (r == NULL) {
            goto done;
        }
    }
    result = PyTuple_Pack(2, (PyObject *)q, (PyObject *)r);
done:
    Py_XDECREF(twice);
    Py_XDECREF(q);
    Py_XDECREF(r);
    return result;
}

/* ------------------------------------------------------------------------------------- gcd */

/* One round of Lehmer: from the leading 60 bits of a >= b, the cofactors of the quotients that
   are certain.  False if not even one is. */
static bool
lehmer_cofactors(const PyLongObject *a, const PyLongObject *b, int64_t m[4])
{
    Py_ssize_t n = _PyLong_DigitCount(a), nb = _PyLong_DigitCount(b);
    const digit *da = DIGITS(a), *db = DIGITS(b);
    assert(n > 2);
    int up = __builtin_clz(da[n - 1]) - (32 - PyLong_SHIFT);
    int64_t x = ((int64_t)da[n - 1] << (PyLong_SHIFT + up)) | ((int64_t)da[n - 2] << up)
                | (da[n - 3] >> (PyLong_SHIFT - up));
    int64_t y = 0;
    y |= nb >= n - 2 ? (int64_t)(db[n - 3] >> (PyLong_SHIFT - up)) : 0;
    y |= nb >= n - 1 ? (int64_t)db[n - 2] << up : 0;
    y |= nb >= n ? (int64_t)db[n - 1] << (PyLong_SHIFT + up) : 0;
    int64_t A = 1, B = 0, C = 0, D = 1;
    bool any = false;
    while (y - C > 0 && y - D > 0 && y + C > 0 && y + D > 0) {
        int64_t q = (x + A) / (y + C);
        if (q != (x + B) / (y + D)) {
            break;
        }
        int64_t c = A - q * C, d = B - q * D, z = x - q * y;
        if (c > PyLong_MASK || -c > PyLong_MASK || d > PyLong_MASK || -d > PyLong_MASK) {
            break;
        }
        A = C;
        C = c;
        B = D;
        D = d;
        x = y;
        y = z;
        any = true;
    }
    m[0] = A;
    m[1] = B;
    m[2] = C;
    m[3] = D;
    return any;
}

/* a * f + b * g, which is known to be non-negative; new int. */
static PyLongObject *
combine(const PyLongObject *a, int64_t f, const PyLongObject *b, int64_t g)
{
    Py_ssize_t n = _PyLong_DigitCount(a), nb = _PyLong_DigitCount(b);
    PyLongObject *z = _PyLong_New(n + 1);
    if (z == NULL) {
        return NULL;
    }
    int64_t carry = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        /* Two products below 2**60 of opposite signs, so this fits. */
        carry += f * (int64_t)DIGITS(a)[i] + (i < nb ? g * (int64_t)DIGITS(b)[i] : 0);
        DIGITS(z)[i] = (digit)(carry & PyLong_MASK);
        carry >>= PyLong_SHIFT;
    }
    assert(carry >= 0);
    DIGITS(z)[n] = (digit)carry;
    return _PyLong_Finish(z);
}

/* Greatest common divisor, never negative; new reference. */
PyObject *
_PyLong_GCD(PyObject *aarg, PyObject *barg)
{
    PyObject *a = _PyLong_SlotAbs(aarg), *b = _PyLong_SlotAbs(barg);
    if (a == NULL || b == NULL) {
        goto error;
    }
    while (_PyLong_DigitCount((PyLongObject *)a) > 2
           || _PyLong_DigitCount((PyLongObject *)b) > 2)
    {
        PyLongObject *la = (PyLongObject *)a, *lb = (PyLongObject *)b;
        if (_PyDigits_Compare(DIGITS(la), _PyLong_DigitCount(la), DIGITS(lb),
                              _PyLong_DigitCount(lb)) < 0)
        {
            PyObject *t = a;
            a = b;
            b = t;
            continue;
        }
        if (_PyLong_IsZero(lb)) {
            Py_DECREF(b);
            return a;
        }
        int64_t m[4];
        PyLongObject *na, *nb;
        if (lehmer_cofactors(la, lb, m)) {
            na = combine(la, m[0], lb, m[1]);
            nb = na == NULL ? NULL : combine(la, m[2], lb, m[3]);
            if (nb == NULL) {
                Py_XDECREF(na);
                goto error;
            }
        }
        else {
            if (_PyLong_DivRem(la, lb, NULL, &nb) < 0) {
                goto error;
            }
            na = (PyLongObject *)Py_NewRef(b);
        }
        Py_SETREF(a, (PyObject *)na);
        Py_SETREF(b, (PyObject *)nb);
        if (PyErr_CheckSignals() < 0) {
            goto error;
        }
    }
    uint64_t x = magnitude_u64((PyLongObject *)a), y = magnitude_u64((PyLongObject *)b);
    Py_DECREF(a);
    Py_DECREF(b);
    while (y != 0) {
        uint64_t t = x % y;
        x = y;
        y = t;
    }
    return PyLong_FromUnsignedLongLong(x);
error:
    Py_XDECREF(a);
    Py_XDECREF(b);
    return NULL;
}
