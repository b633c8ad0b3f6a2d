/* bits.c - int: shifts, bitwise operators, bit counts, conversion from and to byte arrays.
 *
 * Bitwise operators act on infinite two's complement: a negative operand is read as the
 * complement of (magnitude - 1), formed on the fly.
 */
#include "Python.h"
#include "int.h"

/* Bits of |op|; always fits since an int cannot have SIZE_MAX bits on a 64-bit machine. */
size_t
_PyLong_NumBits(PyObject *op)
{
    assert(op != NULL && PyLong_Check(op));
    const PyLongObject *v = (const PyLongObject *)op;
    Py_ssize_t n = _PyLong_DigitCount(v);
    if (n == 0) {
        return 0;
    }
    digit top = DIGITS(v)[n - 1];
    assert(top != 0);
    return (size_t)(n - 1) * PyLong_SHIFT + (size_t)(32 - __builtin_clz(top));
}

/* ---------------------------------------------------------------------------------- shifts */

static PyObject *
shift_left(const PyLongObject *a, Py_ssize_t words, int bits)
{
    Py_ssize_t n = _PyLong_DigitCount(a);
    if (words > MAX_LONG_DIGITS - n - 1) {
        PyErr_SetString(PyExc_OverflowError, "too many digits in integer");
        return NULL;
    }
    PyLongObject *z = _PyLong_New(words + n + 1);
    if (z == NULL) {
        return NULL;
    }
    memset(DIGITS(z), 0, (size_t)words * sizeof(digit));
    DIGITS(z)[words + n] = _PyDigits_ShiftLeft(DIGITS(z) + words, DIGITS(a), n, bits);
    if (_PyLong_IsNegative(a)) {
        _PyLong_FlipSign(z);
    }
    return (PyObject *)_PyLong_Finish(z);
}

/* Floor of a / 2**(30 * words + bits). */
static PyObject *
shift_right(const PyLongObject *a, Py_ssize_t words, int bits)
{
    Py_ssize_t n = _PyLong_DigitCount(a);
    bool negative = _PyLong_IsNegative(a);
    if (words >= n) {
        return get_small_int(negative ? -1 : 0);
    }
    Py_ssize_t size = n - words;
    /* A digit more, because rounding down may carry out of the top. */
    PyLongObject *z = _PyLong_New(size + negative);
    if (z == NULL) {
        return NULL;
    }
    digit lost = _PyDigits_ShiftRight(DIGITS(z), DIGITS(a) + words, size, bits);
    if (negative) {
        DIGITS(z)[size] = 0;
        for (Py_ssize_t i = 0; lost == 0 && i < words; i++) {
            lost = DIGITS(a)[i];
        }
        if (lost) {
            digit one = 1;
            _PyDigits_AddInPlace(DIGITS(z), size + 1, &one, 1);
        }
        _PyLong_FlipSign(z);
    }
    return (PyObject *)_PyLong_Finish(z);
}

/* Splits a shift count.  1: so large that it does not fit; -1: exception. */
static int
split_count(PyObject *count, Py_ssize_t *words, int *bits)
{
    assert(!_PyLong_IsNegative((PyLongObject *)count));
    PyLongObject *c = (PyLongObject *)count;
    if (_PyLong_IsCompact(c)) {
        stwodigits n = compact_value(c);
        *words = (Py_ssize_t)(n / PyLong_SHIFT);
        *bits = (int)(n % PyLong_SHIFT);
        return 0;
    }
    if (_PyLong_NumBits(count) > 62) {
        return 1;
    }
    size_t n = PyLong_AsSize_t(count);
    if (n == (size_t)-1 && PyErr_Occurred()) {
        return -1;
    }
    *words = (Py_ssize_t)(n / PyLong_SHIFT);
    *bits = (int)(n % PyLong_SHIFT);
    return 0;
}

static bool
negative_count(PyObject *count)
{
    if (_PyLong_IsNegative((PyLongObject *)count)) {
        PyErr_SetString(PyExc_ValueError, "negative shift count");
        return true;
    }
    return false;
}

PyObject *
_PyLong_SlotLshift(PyObject *a, PyObject *b)
{
    CHECK_BINOP(a, b);
    if (negative_count(b)) {
        return NULL;
    }
    if (_PyLong_IsZero((PyLongObject *)a)) {
        return get_small_int(0);
    }
    Py_ssize_t words;
    int bits;
    int big = split_count(b, &words, &bits);
    if (big > 0) {
        PyErr_SetString(PyExc_OverflowError, "too many digits in integer");
    }
    return big ? NULL : shift_left((PyLongObject *)a, words, bits);
}

PyObject *
_PyLong_SlotRshift(PyObject *a, PyObject *b)
{
    CHECK_BINOP(a, b);
    if (negative_count(b)) {
        return NULL;
    }
    PyLongObject *v = (PyLongObject *)a;
    if (_PyLong_IsZero(v)) {
        return get_small_int(0);
    }
    Py_ssize_t words;
    int bits;
    int big = split_count(b, &words, &bits);
    if (big < 0) {
        return NULL;
    }
    if (big > 0) {
        return get_small_int(_PyLong_IsNegative(v) ? -1 : 0);
    }
    if (_PyLong_IsCompact(v)) {
        stwodigits x = compact_value(v);
        return long_from_i64(words > 0 ? (x < 0 ? -1 : 0) : x >> bits);
    }
    return shift_right(v, words, bits);
}

/* op << count, for int operands; new reference. */
PyObject *
_PyLong_Lshift(PyObject *op, size_t count)
{
    assert(PyLong_Check(op));
    if (_PyLong_IsZero((PyLongObject *)op)) {
        return get_small_int(0);
    }
    return shift_left((PyLongObject *)op, (Py_ssize_t)(count / PyLong_SHIFT),
                      (int)(count % PyLong_SHIFT));
}

PyObject *
_PyLong_Rshift(PyObject *op, size_t count)
{
    assert(PyLong_Check(op));
    if (_PyLong_IsZero((PyLongObject *)op)) {
        return get_small_int(0);
    }
    return shift_right((PyLongObject *)op, (Py_ssize_t)(count / PyLong_SHIFT),
                       (int)(count % PyLong_SHIFT));
}

/* ------------------------------------------------------------------------------- bitwise */

/* Reads an operand as two's complement, digit by digit, from the low end. */
struct complement_reader {
    const digit *d;
    Py_ssize_t n;
    digit flip;             /* PyLong_MASK for a negative number, else 0 */
    digit carry;            /* of the "+ 1" in -x == ~x + 1 */
};

static void
reader_init(struct complement_reader *r, const PyLongObject *v)
{
    r->d = DIGITS(v);
    r->n = _PyLong_DigitCount(v);
    r->flip = _PyLong_IsNegative(v) ? PyLong_MASK : 0;
    r->carry = r->flip ? 1 : 0;
}

static inline digit
reader_digit(struct complement_reader *r, Py_ssize_t i)
{
    digit x = (i < r->n ? r->d[i] : 0) ^ r->flip;
    x += r->carry;
    r->carry = x >> PyLong_SHIFT;
    return x & PyLong_MASK;
}

static PyObject *
bitwise(const PyLongObject *a, const PyLongObject *b, char op)
{
    struct complement_reader ra, rb;
    reader_init(&ra, a);
    reader_init(&rb, b);
    digit sign = op == '&' ? (ra.flip & rb.flip) : op == '|' ? (ra.flip | rb.flip)
                                                            : (ra.flip ^ rb.flip);
    Py_ssize_t n = Py_MAX(ra.n, rb.n);
    if (op == '&' && !sign) {
        /* The longer one is cut off by the zeros above a non-negative operand. */
        if (!ra.flip) {
            n = Py_MIN(n, ra.n);
        }
        if (!rb.flip) {
            n = Py_MIN(n, rb.n);
        }
    }
    /* One digit for the sign: -2**(30 n) needs it. */
    PyLongObject *z = _PyLong_New(n + (sign != 0));
    if (z == NULL) {
        return NULL;
    }
    digit carry = sign ? 1 : 0;
    for (Py_ssize_t i = 0; i < n + (sign != 0); i++) {
        digit x = reader_digit(&ra, i), y = reader_digit(&rb, i);
        x = op == '&' ? (x & y) : op == '|' ? (x | y) : (x ^ y);
        /* Back to sign and magnitude. */
        x = (x ^ sign) + carry;
        DIGITS(z)[i] = x & PyLong_MASK;
        carry = x >> PyLong_SHIFT;
    }
    if (sign) {
        _PyLong_FlipSign(z);
    }
    return (PyObject *)_PyLong_Finish(z);
}

PyObject *
_PyLong_SlotAnd(PyObject *a, PyObject *b)
{
    CHECK_BINOP(a, b);
    PyLongObject *x = (PyLongObject *)a, *y = (PyLongObject *)b;
    if (_PyLong_BothAreCompact(x, y)) {
        return long_from_i64(compact_value(x) & compact_value(y));
    }
    return bitwise(x, y, '&');
}

PyObject *
_PyLong_SlotXor(PyObject *a, PyObject *b)
{
    CHECK_BINOP(a, b);
    PyLongObject *x = (PyLongObject *)a, *y = (PyLongObject *)b;
    if (_PyLong_BothAreCompact(x, y)) {
        return long_from_i64(compact_value(x) ^ compact_value(y));
    }
    return bitwise(x, y, '^');
}

PyObject *
_PyLong_SlotOr(PyObject *a, PyObject *b)
{
    CHECK_BINOP(a, b);
    PyLongObject *x = (PyLongObject *)a, *y = (PyLongObject *)b;
    if (_PyLong_BothAreCompact(x, y)) {
        return long_from_i64(compact_value(x) | compact_value(y));
    }
    return bitwise(x, y, '|');
}

/* ~v == -(v + 1) */
PyObject *
_PyLong_SlotInvert(PyObject *op)
{
    PyLongObject *v = (PyLongObject *)op;
    if (_PyLong_IsCompact(v)) {
        return long_from_i64(~compact_value(v));
    }
    PyObject *one = get_small_int(1);
    PyObject *z = _PyLong_Add(v, (PyLongObject *)one);
    if (z != NULL) {
        /* Not a small int: |v| has two digits, so |v + 1| >= 2**30 - 1. */
        assert(Py_REFCNT(z) == 1);
        _PyLong_FlipSign((PyLongObject *)z);
    }
    return z;
}

/* ----------------------------------------------------------------------------- byte arrays */

/* Value of n bytes, least significant first if `little_endian`, two's complement if
   `is_signed`.  New reference. */
PyObject *
_PyLong_FromByteArray(const unsigned char *bytes, size_t n, int little_endian, int is_signed)
{
    if (n == 0) {
        return get_small_int(0);
    }
    const unsigned char *p = little_endian ? bytes : bytes + n - 1;
    const unsigned char *top = little_endian ? bytes + n - 1 : bytes;
    Py_ssize_t step = little_endian ? 1 : -1;
    bool negative = is_signed && (*top & 0x80);
    /* Leading bytes that only repeat the sign are dropped. */
    unsigned char fill = negative ? 0xff : 0;
    while (n > 1 && *top == fill) {
        top -= step;
        n--;
    }
    if (n > (size_t)MAX_LONG_DIGITS / 8 * 7) {
        PyErr_SetString(PyExc_OverflowError, "byte array too long to convert to int");
        return NULL;
    }
    Py_ssize_t size = (Py_ssize_t)((n * 8 + PyLong_SHIFT - 1) / PyLong_SHIFT) + negative;
    PyLongObject *z = _PyLong_New(size);
    if (z == NULL) {
        return NULL;
    }
    twodigits acc = 0, carry = 1;
    int have = 0;
    Py_ssize_t out = 0;
    for (size_t i = 0; i < n; i++, p += step) {
        twodigits byte = *p;
        if (negative) {
            byte = (byte ^ 0xff) + carry;
            carry = byte >> 8;
            byte &= 0xff;
        }
        acc |= byte << have;
        have += 8;
        if (have >= PyLong_SHIFT) {
            DIGITS(z)[out++] = (digit)(acc & PyLong_MASK);
            acc >>= PyLong_SHIFT;
            have -= PyLong_SHIFT;
        }
    }
    if (negative) {
        acc |= carry << have;
    }
    while (out < size) {
        DIGITS(z)[out++] = (digit)(acc & PyLong_MASK);
        acc >>= PyLong_SHIFT;
    }
    assert(acc == 0);
    if (negative) {
        _PyLong_FlipSign(z);
    }
    return (PyObject *)_PyLong_Finish(z);
}

/* Writes v into n bytes.  OverflowError if it does not fit (or is negative and not
   `is_signed`). */
int
_PyLong_AsByteArray(PyLongObject *v, unsigned char *bytes, size_t n, int little_endian,
                    int is_signed)
{
    assert(v != NULL && PyLong_Check((PyObject *)v));
    bool negative = _PyLong_IsNegative(v);
    if (negative && !is_signed) {
        PyErr_SetString(PyExc_OverflowError, "can't convert negative int to unsigned");
        return -1;
    }
    struct complement_reader r;
    reader_init(&r, v);
    unsigned char *p = little_endian ? bytes : bytes + n - 1;
    Py_ssize_t step = little_endian ? 1 : -1;
    twodigits acc = 0;
    int have = 0;
    Py_ssize_t in = 0;
    unsigned char last = 0;
    for (size_t i = 0; i < n; i++, p += step) {
        if (have < 8) {
            acc |= (twodigits)reader_digit(&r, in++) << have;
            have += PyLong_SHIFT;
        }
        last = (unsigned char)(acc & 0xff);
        *p = last;
        acc >>= 8;
        have -= 8;
    }
    /* Whatever is left must be copies of the sign bit. */
    twodigits fill = negative ? ((twodigits)1 << have) - 1 : 0;
    bool fits = acc == fill;
    while (fits && in < r.n) {
        fits = reader_digit(&r, in++) == r.flip;
    }
    if (fits && is_signed && n > 0) {
        fits = (last >> 7) == (unsigned char)negative;
    }
    if (!fits) {
        PyErr_SetString(PyExc_OverflowError, "int too big to convert");
        return -1;
    }
    return 0;
}
