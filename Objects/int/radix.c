/* radix.c - digit arrays to decimal text, and text in any base to digit arrays.
 *
 * Both directions go by divide and conquer with a ladder of powers base**(k * 2**i), so that they
 * cost a little more than a multiplication (and division) of that size; pieces below a cutoff go
 * by the quadratic method, one machine word of text at a time.
 */
#include "Python.h"
#include "digits.h"

/* Below these sizes (digits, characters) the quadratic methods are faster. */
#define TO_DECIMAL_CUTOFF 200
#define FROM_TEXT_CUTOFF 2000

/* A ladder of powers: step i is base**(unit * 2**i) as a normalised digit array. */
#define LADDER_MAX 60
struct ladder {
    int steps;
    digit *power[LADDER_MAX];       /* owned */
    Py_ssize_t size[LADDER_MAX];    /* digits of power[i] */
    Py_ssize_t text[LADDER_MAX];    /* characters that power[i] stands for: unit * 2**i */
};

static void
ladder_free(struct ladder *l)
{
    for (int i = 0; i < l->steps; i++) {
        PyMem_Free(l->power[i]);
    }
    l->steps = 0;
}

/* First step: base**unit, computed by repeated multiplication with a one-digit factor. */
static int
ladder_start(struct ladder *l, int base, Py_ssize_t unit)
{
    l->steps = 0;
    digit *p = PyMem_New(digit, _PyDigits_FromTextBound(unit, base) + 1);
    if (p == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t n = 1;
    p[0] = 1;
    for (Py_ssize_t i = 0; i < unit; i++) {
        twodigits carry = 0;
        for (Py_ssize_t j = 0; j < n; j++) {
            carry += (twodigits)p[j] * (twodigits)base;
            p[j] = (digit)(carry & PyLong_MASK);
            carry >>= PyLong_SHIFT;
        }
        if (carry) {
            p[n++] = (digit)carry;
        }
    }
    l->power[0] = p;
    l->size[0] = n;
    l->text[0] = unit;
    l->steps = 1;
    return 0;
}

/* Next step: the square of the last one. */
static int
ladder_climb(struct ladder *l)
{
    int i = l->steps - 1;
    assert(l->steps < LADDER_MAX);
    Py_ssize_t n = l->size[i];
    digit *p = PyMem_New(digit, 2 * n);
    if (p == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (_PyDigits_Mul(p, l->power[i], n, l->power[i], n) < 0) {
        PyMem_Free(p);
        return -1;
    }
    l->power[i + 1] = p;
    l->size[i + 1] = digits_normalise(p, 2 * n);
    l->text[i + 1] = 2 * l->text[i];
    l->steps++;
    return 0;
}

/* ------------------------------------------------------------------------------ to decimal */

Py_ssize_t
_PyDigits_DecimalBound(Py_ssize_t n)
{
    /* A digit is 30 * log10(2) = 9.0309 decimal digits; 9 + 1/32 = 9.03125 is above that. */
    return n * 9 + n / 32 + 10;
}

/* Quadratic: turns a (n digits) into base 10**9 in `work` and prints it, padded with zeros on
   the left to `width` characters (0: no padding).  Returns the end of the text. */
static char *
decimal_simple(char *out, const digit *a, Py_ssize_t n, Py_ssize_t width, digit *work)
{
    Py_ssize_t size = 0;
    for (Py_ssize_t i = n; --i >= 0; ) {
        digit hi = a[i];
        for (Py_ssize_t j = 0; j < size; j++) {
            twodigits z = (twodigits)work[j] << PyLong_SHIFT | hi;
            hi = (digit)(z / DECIMAL_BASE);
            work[j] = (digit)(z - (twodigits)hi * DECIMAL_BASE);
        }
        while (hi) {
            work[size++] = hi % DECIMAL_BASE;
            hi /= DECIMAL_BASE;
        }
    }
    Py_ssize_t len = 0;
    if (size > 0) {
        len = (size - 1) * DECIMAL_SHIFT;
        for (digit top = work[size - 1]; top; top /= 10) {
            len++;
        }
    }
    if (len < width) {
        memset(out, '0', (size_t)(width - len));
        out += width - len;
    }
    char *end = out + len, *p = end;
    for (Py_ssize_t j = 0; j < size; j++) {
        digit d = work[j];
        for (int k = 0; k < DECIMAL_SHIFT && p > out; k++) {
            *--p = (char)('0' + d % 10);
            d /= 10;
        }
    }
    return end;
}

/* Prints a (clobbered), with `width` as above, using ladder steps below `step`. */
static char *
decimal_split(char *out, const digit *a, Py_ssize_t n, Py_ssize_t width, struct ladder *l,
              int step, digit *work)
{
    n = digits_normalise(a, n);
    if (n < TO_DECIMAL_CUTOFF) {
        return decimal_simple(out, a, n, width, work);
    }
    while (step > 0 && _PyDigits_Compare(a, n, l->power[step - 1], l->size[step - 1]) < 0) {
        step--;
    }
    if (step == 0) {
        return decimal_simple(out, a, n, width, work);
    }
    step--;
    Py_ssize_t np = l->size[step];
    digit *q = PyMem_New(digit, (n - np + 1) + np);
    if (q == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    digit *r = q + (n - np + 1);
    if (_PyDigits_DivRem(q, r, a, n, l->power[step], np) < 0) {
        PyMem_Free(q);
        return NULL;
    }
    Py_ssize_t low = l->text[step];
    /* The quotient can be as big as the power squared only at the top of the ladder. */
    out = decimal_split(out, q, n - np + 1, width > low ? width - low : 0, l, step + 1, work);
    if (out != NULL) {
        out = decimal_split(out, r, np, low, l, step, work);
    }
    PyMem_Free(q);
    return out;
}

Py_ssize_t
_PyDigits_ToDecimal(char *out, const digit *a, Py_ssize_t n)
{
    assert(n > 0 && a[n - 1] != 0);
    digit small[64];
    if (n <= 50) {
        return decimal_simple(out, a, n, 0, small) - out;
    }
    /* Room for the base 10**9 form of the largest piece done the quadratic way. */
    Py_ssize_t work_size = Py_MAX(n < TO_DECIMAL_CUTOFF ? n : 0, 2 * TO_DECIMAL_CUTOFF) + 64;
    digit *work = PyMem_New(digit, work_size);
    if (work == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    struct ladder l = {0};
    char *end = NULL;
    if (n < TO_DECIMAL_CUTOFF) {
        end = decimal_simple(out, a, n, 0, work);
    }
    else if (ladder_start(&l, 10, DECIMAL_SHIFT * (TO_DECIMAL_CUTOFF / 2)) == 0) {
        /* Climb until the power has more than half of the digits. */
        while (l.size[l.steps - 1] * 2 - 1 <= n) {
            if (ladder_climb(&l) < 0) {
                goto done;
            }
        }
        end = decimal_split(out, a, n, 0, &l, l.steps, work);
    }
done:
    ladder_free(&l);
    PyMem_Free(work);
    return end == NULL ? -1 : end - out;
}

/* ------------------------------------------------------------------------------- from text */

Py_ssize_t
_PyDigits_FromTextBound(Py_ssize_t n, int base)
{
    assert(2 <= base && base <= 36);
    /* log2(base) / 30 rounded up, from doubles; one ulp of slack and a digit on top. */
    static const double log2_of[37] = {
        0, 0, 1.0, 1.5849625007211563, 2.0, 2.321928094887362, 2.584962500721156,
        2.807354922057604, 3.0, 3.1699250014423126, 3.321928094887362, 3.4594316186372973,
        3.584962500721156, 3.700439718141092, 3.807354922057604, 3.9068905956085187, 4.0,
        4.08746284125034, 4.169925001442312, 4.247927513443585, 4.321928094887363,
        4.392317422778761, 4.459431618637297, 4.523561956057013, 4.584962500721156,
        4.643856189774724, 4.700439718141092, 4.754887502163468, 4.807354922057604,
        4.857980995127572, 4.906890595608519, 4.954196310386875, 5.0, 5.044394119358453,
        5.08746284125034, 5.129283016944966, 5.169925001442312,
    };
    return (Py_ssize_t)((double)n * (log2_of[base] * (1.0 + 1e-12)) / PyLong_SHIFT) + 2;
}

/* Quadratic: multiply what is there by a one-digit power of the base, add the next group. */
static Py_ssize_t
from_text_simple(digit *z, const unsigned char *v, Py_ssize_t n, int base)
{
    Py_ssize_t size = 0;
    int group = 1;
    digit weight = (digit)base;
    while ((twodigits)weight * (twodigits)base <= PyLong_MASK) {
        weight *= (digit)base;
        group++;
    }
    Py_ssize_t i = 0;
    while (i < n) {
        digit c = 0, f = 1;
        int k = 0;
        /* The first group is the odd one out, so that all the others are full. */
        int len = (int)((n - i) % group);
        if (len == 0) {
            len = group;
        }
        for (; k < len; k++) {
            c = c * (digit)base + v[i++];
            f *= (digit)base;
        }
        twodigits carry = c;
        for (Py_ssize_t j = 0; j < size; j++) {
            carry += (twodigits)z[j] * f;
            z[j] = (digit)(carry & PyLong_MASK);
            carry >>= PyLong_SHIFT;
        }
        if (carry) {
            z[size++] = (digit)carry;
        }
    }
    return size;
}

static Py_ssize_t
from_text_split(digit *z, const unsigned char *v, Py_ssize_t n, int base, struct ladder *l,
                int step)
{
    while (step > 0 && l->text[step - 1] >= n) {
        step--;
    }
    if (step == 0 || n < FROM_TEXT_CUTOFF) {
        return from_text_simple(z, v, n, base);
    }
    step--;
    Py_ssize_t nlow = l->text[step], nhigh = n - nlow;
    Py_ssize_t high_bound = _PyDigits_FromTextBound(nhigh, base);
    Py_ssize_t low_bound = _PyDigits_FromTextBound(nlow, base);
    digit *mem = PyMem_New(digit, 2 * high_bound + l->size[step] + low_bound + 1);
    if (mem == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    digit *low = mem + high_bound, *prod = low + low_bound;
    Py_ssize_t size = -1;
    Py_ssize_t sh = from_text_split(mem, v, nhigh, base, l, step + 1);
    if (sh < 0) {
        goto done;
    }
    Py_ssize_t sl = from_text_split(low, v + nhigh, nlow, base, l, step);
    if (sl < 0 || _PyDigits_Mul(prod, mem, sh, l->power[step], l->size[step]) < 0) {
        goto done;
    }
    Py_ssize_t sp = sh + l->size[step];
    if (sl > sp) {
        /* Only when the high half is zero. */
        assert(sh == 0);
        memcpy(z, low, (size_t)sl * sizeof(digit));
        size = sl;
        goto done;
    }
    digit carry = _PyDigits_AddInPlace(prod, sp, low, sl);
    if (carry) {
        prod[sp++] = carry;
    }
    size = digits_normalise(prod, sp);
    memcpy(z, prod, (size_t)size * sizeof(digit));
done:
    PyMem_Free(mem);
    return size;
}

/* Bases that are powers of two: each character is a fixed number of bits. */
static Py_ssize_t
from_text_bits(digit *z, const unsigned char *v, Py_ssize_t n, int bits)
{
    Py_ssize_t size = 0;
    twodigits acc = 0;
    int have = 0;
    while (--n >= 0) {
        acc |= (twodigits)v[n] << have;
        have += bits;
        if (have >= PyLong_SHIFT) {
            z[size++] = (digit)(acc & PyLong_MASK);
            acc >>= PyLong_SHIFT;
            have -= PyLong_SHIFT;
        }
    }
    if (have > 0) {
        z[size++] = (digit)acc;
    }
    return digits_normalise(z, size);
}

Py_ssize_t
_PyDigits_FromText(digit *z, const unsigned char *v, Py_ssize_t n, int base)
{
    if ((base & (base - 1)) == 0) {
        return from_text_bits(z, v, n, __builtin_ctz((unsigned)base));
    }
    if (n < FROM_TEXT_CUTOFF) {
        return from_text_simple(z, v, n, base);
    }
    struct ladder l;
    if (ladder_start(&l, base, FROM_TEXT_CUTOFF / 2) < 0) {
        return -1;
    }
    Py_ssize_t size = -1;
    while (l.text[l.steps - 1] * 2 < n) {
        if (ladder_climb(&l) < 0) {
            goto done;
        }
    }
    size = from_text_split(z, v, n, base, &l, l.steps);
done:
    ladder_free(&l);
    return size;
}
