/* digits.c - addition, subtraction, multiplication, division of digit arrays.
 *
 * Multiplication: schoolbook below KARATSUBA_CUTOFF digits, Karatsuba above; operands of very
 * different length are cut into pieces of the shorter one's length first.  Squares take about
 * half the work.  Division: Knuth's algorithm D (TAOCP 4.3.1) for short divisors, and above
 * RECURSIVE_DIV_CUTOFF the recursive division of Burnikel and Ziegler ("Fast Recursive
 * Division", 1998), which costs a small multiple of a multiplication.
 *
 * Written from Knuth, from that report and from the layout of PyLongObject.
 */
#include "Python.h"
#include "digits.h"
#include <stdbool.h>

/* Measured with timeit on x86-64; the optimum is flat. */
#define KARATSUBA_CUTOFF 60
#define KARATSUBA_SQUARE_CUTOFF 100
#define RECURSIVE_DIV_CUTOFF 100
/* Pieces of work of this many digits are followed by a look at pending signals. */
#define SIGNAL_CHECK_DIGITS 4096

int
_PyDigits_Compare(const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    assert(na == 0 || a[na - 1] != 0);
    assert(nb == 0 || b[nb - 1] != 0);
    if (na != nb) {
        return na < nb ? -1 : 1;
    }
    while (--na >= 0) {
        if (a[na] != b[na]) {
            return a[na] < b[na] ? -1 : 1;
        }
    }
    return 0;
}

void
_PyDigits_Add(digit *z, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    assert(na >= nb && nb >= 0);
    digit carry = 0;
    Py_ssize_t i = 0;
    for (; i < nb; i++) {
        carry += a[i] + b[i];
        z[i] = carry & PyLong_MASK;
        carry >>= PyLong_SHIFT;
    }
    for (; i < na; i++) {
        carry += a[i];
        z[i] = carry & PyLong_MASK;
        carry >>= PyLong_SHIFT;
    }
    z[i] = carry;
}

void
_PyDigits_Sub(digit *z, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    assert(na >= nb && nb >= 0);
    digit borrow = 0;
    Py_ssize_t i = 0;
    for (; i < nb; i++) {
        borrow = a[i] - b[i] - borrow;
        z[i] = borrow & PyLong_MASK;
        borrow = (borrow >> PyLong_SHIFT) & 1;
    }
    for (; i < na; i++) {
        borrow = a[i] - borrow;
        z[i] = borrow & PyLong_MASK;
        borrow = (borrow >> PyLong_SHIFT) & 1;
    }
    assert(borrow == 0);
}

digit
_PyDigits_AddInPlace(digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    assert(na >= nb);
    digit carry = 0;
    Py_ssize_t i = 0;
    for (; i < nb; i++) {
        carry += a[i] + b[i];
        a[i] = carry & PyLong_MASK;
        carry >>= PyLong_SHIFT;
    }
    for (; carry && i < na; i++) {
        carry += a[i];
        a[i] = carry & PyLong_MASK;
        carry >>= PyLong_SHIFT;
    }
    return carry;
}

digit
_PyDigits_SubInPlace(digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    assert(na >= nb);
    digit borrow = 0;
    Py_ssize_t i = 0;
    for (; i < nb; i++) {
        borrow = a[i] - b[i] - borrow;
        a[i] = borrow & PyLong_MASK;
        borrow = (borrow >> PyLong_SHIFT) & 1;
    }
    for (; borrow && i < na; i++) {
        borrow = a[i] - borrow;
        a[i] = borrow & PyLong_MASK;
        borrow = (borrow >> PyLong_SHIFT) & 1;
    }
    return borrow;
}

digit
_PyDigits_ShiftLeft(digit *z, const digit *a, Py_ssize_t n, int bits)
{
    assert(0 <= bits && bits < PyLong_SHIFT);
    digit low = 0;
    /* From the top, so that z may overlap a from above. */
    if (n == 0) {
        return 0;
    }
    digit out = (digit)((twodigits)a[n - 1] << bits >> PyLong_SHIFT);
    for (Py_ssize_t i = n - 1; i > 0; i--) {
        low = (digit)((twodigits)a[i - 1] << bits >> PyLong_SHIFT);
        z[i] = ((a[i] << bits) & PyLong_MASK) | low;
    }
    z[0] = (a[0] << bits) & PyLong_MASK;
    return out;
}

digit
_PyDigits_ShiftRight(digit *z, const digit *a, Py_ssize_t n, int bits)
{
    assert(0 <= bits && bits < PyLong_SHIFT);
    if (n == 0) {
        return 0;
    }
    digit mask = ((digit)1 << bits) - 1;
    digit out = a[0] & mask;
    for (Py_ssize_t i = 0; i < n - 1; i++) {
        z[i] = (digit)((((twodigits)a[i + 1] << PyLong_SHIFT) | a[i]) >> bits) & PyLong_MASK;
    }
    z[n - 1] = a[n - 1] >> bits;
    return out;
}

/* -------------------------------------------------------------------------- multiplication */

/* z[0..n] += a * f, z[n] taking the carry (it must have room for it). */
static inline digit
mul_add1(digit *z, const digit *a, Py_ssize_t n, twodigits f)
{
    twodigits carry = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        carry += z[i] + a[i] * f;
        z[i] = (digit)(carry & PyLong_MASK);
        carry >>= PyLong_SHIFT;
    }
    return (digit)carry;
}

static void
mul_school(digit *z, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    memset(z, 0, (size_t)(na + nb) * sizeof(digit));
    for (Py_ssize_t i = 0; i < nb; i++) {
        z[i + na] = mul_add1(z + i, a, na, b[i]);
    }
}

/* z[2n] = a * a: the products off the diagonal once, doubled on the way. */
static void
sqr_school(digit *z, const digit *a, Py_ssize_t n)
{
    memset(z, 0, (size_t)(2 * n) * sizeof(digit));
    for (Py_ssize_t i = 0; i < n; i++) {
        twodigits f = a[i];
        digit *zi = z + 2 * i;
        twodigits carry = *zi + f * f;
        *zi++ = (digit)(carry & PyLong_MASK);
        carry >>= PyLong_SHIFT;
        f <<= 1;
        for (Py_ssize_t j = i + 1; j < n; j++) {
            carry += *zi + a[j] * f;
            *zi++ = (digit)(carry & PyLong_MASK);
            carry >>= PyLong_SHIFT;
        }
        while (carry) {
            carry += *zi;
            *zi++ = (digit)(carry & PyLong_MASK);
            carry >>= PyLong_SHIFT;
        }
    }
}

static int mul_any(digit *z, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb,
                   digit *scratch);

/* Scratch digits that mul_any may use for operands of at most n digits: 4 * (h + 1) on each
   level of the recursion, h falling by halves, plus 2n for the pieces of lopsided products. */
static Py_ssize_t
mul_scratch(Py_ssize_t n)
{
    return 6 * n + 8 * 64;
}

/* Karatsuba: with x = BASE**h, (a1 x + a0)(b1 x + b0) from the three products a0 b0, a1 b1 and
   (a0 + a1)(b0 + b1).  h < nb <= na <= 2h. */
static int
mul_karatsuba(digit *z, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb,
              Py_ssize_t h, digit *scratch)
{
    assert(h < nb && nb <= na && na <= 2 * h);
    bool square = a == b && na == nb;
    if (na > SIGNAL_CHECK_DIGITS && PyErr_CheckSignals() < 0) {
        return -1;
    }
    Py_ssize_t n1 = na - h, m1 = nb - h, s = h + 1;
    if (mul_any(z, a, h, b, h, scratch) < 0
        || mul_any(z + 2 * h, a + h, n1, b + h, m1, scratch) < 0)
    {
        return -1;
    }
    digit *sa = scratch, *sb = scratch + s, *t = scratch + 2 * s;
    _PyDigits_Add(sa, a, h, a + h, n1);
    if (square) {
        sb = sa;
    }
    else {
        _PyDigits_Add(sb, b, h, b + h, m1);
    }
    if (mul_any(t, sa, s, sb, s, scratch + 4 * s) < 0) {
        return -1;
    }
    _PyDigits_SubInPlace(t, 2 * s, z, 2 * h);
    _PyDigits_SubInPlace(t, 2 * s, z + 2 * h, n1 + m1);
    Py_ssize_t nt = digits_normalise(t, 2 * s);
    digit carry = _PyDigits_AddInPlace(z + h, na + nb - h, t, nt);
    assert(carry == 0);
    (void)carry;
    return 0;
}

/* a is at least twice as long as b: piecewise. */
static int
mul_lopsided(digit *z, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb,
             digit *scratch)
{
    digit *t = scratch;
    scratch += 2 * nb;
    memset(z, 0, (size_t)(na + nb) * sizeof(digit));
    for (Py_ssize_t i = 0; i < na; i += nb) {
        Py_ssize_t n = Py_MIN(nb, na - i);
        if (mul_any(t, b, nb, a + i, n, scratch) < 0) {
            return -1;
        }
        _PyDigits_AddInPlace(z + i, na + nb - i, t, digits_normalise(t, nb + n));
    }
    return 0;
}

static int
mul_any(digit *z, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb, digit *scratch)
{
    if (na < nb) {
        const digit *t = a;
        a = b;
        b = t;
        Py_ssize_t n = na;
        na = nb;
        nb = n;
    }
    bool square = a == b && na == nb;
    if (nb < (square ? KARATSUBA_SQUARE_CUTOFF : KARATSUBA_CUTOFF)) {
        if (square) {
            sqr_school(z, a, na);
        }
        else {
            mul_school(z, a, na, b, nb);
        }
        return 0;
    }
    Py_ssize_t h = (na + 1) >> 1;
    if (nb <= h) {
        return mul_lopsided(z, a, na, b, nb, scratch);
    }
    return mul_karatsuba(z, a, na, b, nb, h, scratch);
}

int
_PyDigits_Mul(digit *z, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    Py_ssize_t small = Py_MIN(na, nb);
    if (small < KARATSUBA_CUTOFF) {
        return mul_any(z, a, na, b, nb, NULL);
    }
    /* A lopsided product needs scratch for the short operand only. */
    Py_ssize_t n = Py_MIN(Py_MAX(na, nb), 2 * small);
    digit *scratch = PyMem_New(digit, mul_scratch(n));
    if (scratch == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int err = mul_any(z, a, na, b, nb, scratch);
    PyMem_Free(scratch);
    return err;
}

/* -------------------------------------------------------------------------------- division */

digit
_PyDigits_DivRem1(digit *q, const digit *a, Py_ssize_t n, digit d)
{
    assert(0 < d && d <= PyLong_MASK);
    twodigits rem = 0;
    while (--n >= 0) {
        rem = (rem << PyLong_SHIFT) | a[n];
        digit quot = (digit)(rem / d);
        q[n] = quot;
        rem -= (twodigits)quot * d;
    }
    return (digit)rem;
}

digit
_PyDigits_Rem1(const digit *a, Py_ssize_t n, digit d)
{
    assert(0 < d && d <= PyLong_MASK);
    twodigits rem = 0;
    while (--n >= 0) {
        rem = ((rem << PyLong_SHIFT) | a[n]) % d;
    }
    return (digit)rem;
}

/* Algorithm D.  a[na] (changed in place, its low nb digits become the remainder) by b[nb], whose
   top bit is set and nb >= 2; a < b * BASE**(na - nb), so q has na - nb digits. */
static void
div_school(digit *q, digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    assert(nb >= 2 && na >= nb && (b[nb - 1] >> (PyLong_SHIFT - 1)) == 1);
    twodigits b1 = b[nb - 1], b2 = b[nb - 2];
    for (Py_ssize_t k = na - nb - 1; k >= 0; k--) {
        digit *w = a + k;
        digit top = w[nb];
        assert(top <= b1);
        twodigits two = ((twodigits)top << PyLong_SHIFT) | w[nb - 1];
        twodigits guess = two / b1;
        twodigits rest = two - guess * b1;
        while (guess > PyLong_MASK || guess * b2 > ((rest << PyLong_SHIFT) | w[nb - 2])) {
            guess--;
            rest += b1;
            if (rest > PyLong_MASK) {
                break;
            }
        }
        /* w -= guess * b; `carry` is what is still to be taken from the next digit. */
        twodigits carry = 0;
        for (Py_ssize_t i = 0; i < nb; i++) {
            carry += guess * b[i];
            digit low = (digit)(carry & PyLong_MASK);
            carry >>= PyLong_SHIFT;
            digit diff = w[i] - low;
            w[i] = diff & PyLong_MASK;
            carry += diff >> 31;
        }
        if (top < carry) {
            /* One too many (happens with probability about 2/BASE): add the divisor back. */
            assert(carry - top == 1);
            guess--;
            _PyDigits_AddInPlace(w, nb, b, nb);
        }
        w[nb] = 0;
        q[k] = (digit)guess;
    }
}

static int div_2by1(digit *q, digit *a, const digit *b, Py_ssize_t n, digit *scratch);

/* Burnikel-Ziegler's 3-by-2 step in halves of h digits: a[3h] by b[2h]; a < b * BASE**h.
   q[h]; the remainder replaces a[0..2h), a[2h..3h) becomes 0.  scratch: 2h here. */
static int
div_3by2(digit *q, digit *a, const digit *b, Py_ssize_t h, digit *scratch)
{
    const digit *b0 = b, *b1 = b + h;
    int top = memcmp(a + 2 * h, b1, (size_t)h * sizeof(digit)) == 0;
    if (!top) {
        if (div_2by1(q, a + h, b1, h, scratch) < 0) {
            return -1;
        }
    }
    else {
        /* The quotient would not fit: take BASE**h - 1, so the partial remainder is
           a[h..2h) + b1 (with a[2h..3h) cancelled against b1 * BASE**h). */
        for (Py_ssize_t i = 0; i < h; i++) {
            q[i] = PyLong_MASK;
        }
        memset(a + 2 * h, 0, (size_t)h * sizeof(digit));
        a[2 * h] = _PyDigits_AddInPlace(a + h, h, b1, h);
    }
    Py_ssize_t nq = digits_normalise(q, h);
    digit *d = scratch;
    if (nq > 0 && _PyDigits_Mul(d, q, nq, b0, h) < 0) {
        return -1;
    }
    /* a - q * b0, made non-negative by at most two corrections. */
    digit borrow = nq > 0 ? _PyDigits_SubInPlace(a, 3 * h, d, nq + h) : 0;
    while (borrow) {
        digit one = 1;
        _PyDigits_SubInPlace(q, h, &one, 1);
        borrow -= _PyDigits_AddInPlace(a, 3 * h, b, 2 * h);
    }
    return 0;
}

/* a[2n] by b[n], top bit of b set, a < b * BASE**n.  q[n]; the remainder replaces a[0..n), the
   rest of a becomes 0.  scratch: n digits and what the deeper levels need (below n again). */
static int
div_2by1(digit *q, digit *a, const digit *b, Py_ssize_t n, digit *scratch)
{
    if ((n & 1) || n < RECURSIVE_DIV_CUTOFF) {
        div_school(q, a, 2 * n, b, n);
        return 0;
    }
    if (n > SIGNAL_CHECK_DIGITS && PyErr_CheckSignals() < 0) {
        return -1;
    }
    Py_ssize_t h = n / 2, upper = digits_normalise(a + h, 3 * h);
    if (upper <= n && _PyDigits_Compare(a + h, upper, b, n) < 0) {
        /* Few digits, as in the first block of most divisions: that half costs nothing. */
        memset(q + h, 0, (size_t)h * sizeof(digit));
    }
    else if (div_3by2(q + h, a + h, b, h, scratch) < 0) {
        return -1;
    }
    return div_3by2(q, a, b, h, scratch);
}

/* Long division in blocks of n digits, n being nb rounded up so that it can be halved down to
   the cutoff; both operands are shifted up by n - nb digits and `bits` bits. */
static int
div_recursive(digit *q, digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb,
              int bits)
{
    int halvings = 0;
    Py_ssize_t m = nb;
    while (m >= RECURSIVE_DIV_CUTOFF) {
        m = (m + 1) / 2;
        halvings++;
    }
    Py_ssize_t n = m << halvings;
    Py_ssize_t pad = n - nb;
    /* One more digit for the bits shifted out, one more block so that the first fits. */
    Py_ssize_t blocks = (na + pad + 1 + n - 1) / n;
    Py_ssize_t total = (blocks + 1) * n;
    digit *mem = PyMem_New(digit, total + 4 * n);
    if (mem == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    digit *w = mem, *v = mem + total, *qb = v + n, *scratch = qb + n;
    memset(mem, 0, (size_t)(total + n) * sizeof(digit));
    _PyDigits_ShiftLeft(v + pad, b, nb, bits);
    w[pad + na] = _PyDigits_ShiftLeft(w + pad, a, na, bits);
    memset(q, 0, (size_t)(na - nb + 1) * sizeof(digit));
    int err = 0;
    for (Py_ssize_t k = blocks - 1; k >= 0 && err == 0; k--) {
        err = div_2by1(qb, w + k * n, v, n, scratch);
        if (err == 0) {
            Py_ssize_t room = na - nb + 1 - k * n;
            Py_ssize_t len = Py_MIN(n, room);
            if (len > 0) {
                memcpy(q + k * n, qb, (size_t)len * sizeof(digit));
            }
            assert(digits_normalise(qb, n) <= Py_MAX(len, 0));
        }
    }
    if (err == 0) {
        _PyDigits_ShiftRight(r, w + pad, nb, bits);
    }
    PyMem_Free(mem);
    return err;
}

int
_PyDigits_DivRem(digit *q, digit *r, const digit *a, Py_ssize_t na, const digit *b,
                 Py_ssize_t nb)
{
    assert(na >= nb && nb >= 1 && b[nb - 1] != 0);
    if (nb == 1) {
        r[0] = _PyDigits_DivRem1(q, a, na, b[0]);
        return 0;
    }
    int bits = PyLong_SHIFT - (32 - __builtin_clz(b[nb - 1]));
    if (nb >= RECURSIVE_DIV_CUTOFF && na - nb >= RECURSIVE_DIV_CUTOFF / 2) {
        return div_recursive(q, r, a, na, b, nb, bits);
    }
    digit *mem = PyMem_New(digit, na + 1 + nb);
    if (mem == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    digit *w = mem, *v = mem + na + 1;
    _PyDigits_ShiftLeft(v, b, nb, bits);
    w[na] = _PyDigits_ShiftLeft(w, a, na, bits);
    div_school(q, w, na + 1, v, nb);
    _PyDigits_ShiftRight(r, w, nb, bits);
    PyMem_Free(mem);
    return 0;
}
