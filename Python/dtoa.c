/* dtoa.c - the decimal digits of a double.
 *
 * Mode 0, the shortest digits that read back as the same double and of these the nearest to it:
 * Raffaello Giulietti, "The Schubfach way to render doubles" (2020).  With v = c * 2**q and k
 * chosen so that 10**k <= width of v's rounding interval < 10**(k+1), the interval holds at least
 * one multiple of 10**k and at most one of 10**(k+1).  Three products with a 128-bit power of ten,
 * rounded to odd, compare the candidates with the interval exactly.  Trailing zeros are taken off
 * at the end.
 *
 * Modes 2 and 3, a number of significant digits or of digits behind the point: glibc's printf(),
 * which is exact and rounds half to even; whole numbers to the left of the point are rounded here.
 *
 * Invariant: digits begin and end with one that is not 0, except that zero is "0"; a number that
 * was rounded away has none. */
#include "Python.h"
#include "pycore_private_api.h"     // _Py_dg_dtoa()
#include "pow10_table.h"            // pow10_table

#include <math.h>
#include <stdint.h>

#define MANTISSA_BITS 52
#define HIDDEN_BIT (UINT64_C(1) << MANTISSA_BITS)
#define EXPONENT_BIAS (1023 + MANTISSA_BITS)

/* A double has at most 767 significant digits, and 1074 behind the point: more are zeros. */
#define MAX_SIGNIFICANT 767
#define MAX_FRACTION 1074

/* value = digits * 10**exponent */
struct short_decimal {
    uint64_t digits;
    int exponent;
};

/* Integer logarithms; generate_pow10.py checks them for all exponents of doubles. */
static int
floor_log10_pow2(int e)
{
    return (e * 1262611) >> 22;
}

static int
floor_log10_three_quarters_pow2(int e)
{
    return (e * 1262611 - 524031) >> 22;
}

static int
floor_log2_pow10(int e)
{
    return (e * 1741647) >> 19;
}

/* The product's upper part; its lowest bit says whether something was cut off. */
static uint64_t
multiply_to_odd(const uint64_t g[2], uint64_t c)
{
    unsigned __int128 low = (unsigned __int128)g[1] * c;
    unsigned __int128 high = (unsigned __int128)g[0] * c + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* c * 2**q; `uneven`: the next smaller double is only half as far away as the next greater one. */
static struct short_decimal
schubfach(uint64_t c, int q, int uneven)
{
    int k = uneven ? floor_log10_three_quarters_pow2(q) : floor_log10_pow2(q);
    int h = q + floor_log2_pow10(-k) + 1;
    assert(POW10_MIN <= -k && -k <= POW10_MAX);
    assert(1 <= h && h <= 4);
    const uint64_t *g = pow10_table[-k - POW10_MIN];
    /* The interval and v in quarters of 10**k; its ends belong to it when c is even. */
    uint64_t lower = multiply_to_odd(g, (4 * c - 2 + (uint64_t)uneven) << h) + (c & 1);
    uint64_t middle = multiply_to_odd(g, (4 * c) << h);
    uint64_t upper = multiply_to_odd(g, (4 * c + 2) << h) - (c & 1);
    uint64_t s = middle / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;
        int below = lower <= 40 * tens, above = 40 * tens + 40 <= upper;
        if (below != above) {
            return (struct short_decimal){tens + (uint64_t)above, k + 1};
        }
    }
    int below = lower <= 4 * s, above = 4 * s + 4 <= upper;
    if (below == above) {
        /* Both are in (or, next to the ends, neither can be missing): the nearer, else the even. */
        uint64_t half = 4 * s + 2;
        above = middle > half || (middle == half && (s & 1));
    }
    return (struct short_decimal){s + (uint64_t)above, k};
}

static struct short_decimal
shortest(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    uint64_t fraction = bits & (HIDDEN_BIT - 1);
    int biased = (int)(bits >> MANTISSA_BITS) & 0x7ff;
    assert(biased != 0x7ff && x > 0.0);
    struct short_decimal res;
    if (biased == 0) {
        res = schubfach(fraction, 1 - EXPONENT_BIAS, 0);
    }
    else {
        uint64_t c = fraction | HIDDEN_BIT;
        int q = biased - EXPONENT_BIAS;
        if (-MANTISSA_BITS <= q && q <= 0 && (c & ((UINT64_C(1) << -q) - 1)) == 0) {
            res = (struct short_decimal){c >> -q, 0};   /* a whole number below 2**53 */
        }
        else {
            res = schubfach(c, q, fraction == 0 && biased > 1);
        }
    }
    while (res.digits % 10 == 0) {
        res.digits /= 10;
        res.exponent++;
    }
    return res;
}

/* -------------------------------------------------------------------------------- as text */

/* What _Py_dg_dtoa() returns: the owner frees `digits` by PyMem_Free. */
struct decimal {
    char *digits;               /* NUL-terminated */
    size_t count;
    int point;                  /* value = 0.d1d2d3... * 10**point */
};

static int
digits_of_shortest(double x, struct decimal *dec)
{
    char text[20], *p = text + sizeof(text);
    struct short_decimal res = shortest(x);
    for (uint64_t left = res.digits; left != 0; left /= 10) {
        *--p = (char)('0' + left % 10);
    }
    dec->count = (size_t)(text + sizeof(text) - p);
    dec->point = (int)dec->count + res.exponent;
    dec->digits = PyMem_Malloc(dec->count + 1);
    if (dec->digits == NULL) {
        return -1;
    }
    memcpy(dec->digits, p, dec->count);
    dec->digits[dec->count] = '\0';
    return 0;
}

static void
strip_zeros(struct decimal *dec)
{
    while (dec->count > 0 && dec->digits[dec->count - 1] == '0') {
        dec->count--;
    }
    dec->digits[dec->count] = '\0';
}

/* Text of printf(), whatever its decimal point, to digits in place. */
static void
collect_digits(struct decimal *dec)
{
    char *out = dec->digits;
    const char *p = out;
    int seen_point = 0;
    dec->point = 0;
    for (; *p != '\0' && *p != 'e'; p++) {
        if (!Py_ISDIGIT(*p)) {
            seen_point = 1;
        }
        else if (out == dec->digits && *p == '0') {
            dec->point -= seen_point;
        }
        else {
            *out++ = *p;
            dec->point += !seen_point;
        }
    }
    if (*p == 'e') {
        dec->point += atoi(p + 1);
    }
    dec->count = (size_t)(out - dec->digits);
    strip_zeros(dec);
}

/* `format` has a precision and a double. */
static int
digits_of_printf(const char *format, int precision, double x, struct decimal *dec)
{
    assert(precision >= 0 && precision <= MAX_FRACTION);
    /* 309 digits before the point, the point in any encoding, exponent */
    size_t size = (size_t)precision + (format[3] == 'f' && x >= 1e15 ? 330 : 32);
    dec->digits = PyMem_Malloc(size);
    if (dec->digits == NULL) {
        return -1;
    }
    int len = snprintf(dec->digits, size, format, precision, x);
    assert(len > 0 && (size_t)len < size);
    (void)len;
    collect_digits(dec);
    return 0;
}

/* Rounds x to a multiple of 10**n, n > 0, half to even. */
static int
digits_of_multiple(double x, int n, struct decimal *dec)
{
    double whole = trunc(x);
    if (digits_of_printf("%.*f", 0, whole, dec) < 0) {
        return -1;
    }
    int keep = dec->point - n;
    if (keep < 0 || (size_t)keep >= dec->count) {
        if (keep < 0) {
            dec->count = 0;
        }
        strip_zeros(dec);
        return 0;       /* less than half of it, or a multiple but for the fraction */
    }
    char *digits = dec->digits;
    int more = whole != x || (size_t)keep + 1 < dec->count;
    int odd = keep > 0 && (digits[keep - 1] & 1);
    int up = digits[keep] > '5' || (digits[keep] == '5' && (more || odd));
    dec->count = (size_t)keep;
    if (up) {
        while (dec->count > 0 && digits[dec->count - 1] == '9') {
            dec->count--;
        }
        if (dec->count > 0) {
            digits[dec->count - 1]++;
        }
        else {
            digits[0] = '1';
            dec->count = 1;
            dec->point++;
        }
    }
    strip_zeros(dec);
    return 0;
}

static int
decimal_from_double(double x, int mode, int ndigits, struct decimal *dec)
{
    assert(isfinite(x) && x > 0.0);
    switch (mode) {
    case 0:
    case 1:
        return digits_of_shortest(x, dec);
    case 2:
    case 4:
        ndigits = ndigits < 1 ? 1 : Py_MIN(ndigits, MAX_SIGNIFICANT);
        return digits_of_printf("%.*e", ndigits - 1, x, dec);
    default:
        if (ndigits < 0) {
            return digits_of_multiple(x, ndigits < -400 ? 400 : -ndigits, dec);
        }
        return digits_of_printf("%.*f", Py_MIN(ndigits, MAX_FRACTION), x, dec);
    }
}

static char *
copy_text(const char *text, char **rve)
{
    size_t len = strlen(text);
    char *copy = PyMem_Malloc(len + 1);
    if (copy != NULL) {
        memcpy(copy, text, len + 1);
        if (rve != NULL) {
            *rve = copy + len;
        }
    }
    return copy;
}

/* The digits of `dd`: in mode 0 the shortest, in mode 2 `ndigits` significant ones, in mode 3 up to
 * `ndigits` behind the point, without zeros at the end.  *decpt is the place of the point (9999 for
 * infinities and nan), *rve the end of the text.  To be freed by _Py_dg_freedtoa(); NULL without
 * memory (no exception set). */
char *
_Py_dg_dtoa(double dd, int mode, int ndigits, int *decpt, int *sign, char **rve)
{
    struct decimal dec;
    *sign = signbit(dd) != 0;
    if (!isfinite(dd)) {
        *decpt = 9999;
        return copy_text(isnan(dd) ? "NaN" : "Infinity", rve);
    }
    if (dd == 0.0) {
        *decpt = 1;
        return copy_text("0", rve);
    }
    if (decimal_from_double(fabs(dd), mode, ndigits, &dec) < 0) {
        return NULL;
    }
    *decpt = dec.count > 0 ? dec.point : -ndigits;
    if (rve != NULL) {
        *rve = dec.digits + dec.count;
    }
    return dec.digits;
}

void
_Py_dg_freedtoa(char *s)
{
    PyMem_Free(s);
}
