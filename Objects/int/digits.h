/* digits.h - arithmetic on bare arrays of 30-bit digits, the engine room of int.
 *
 * A number is (pointer, count), least significant digit first.  "Normalised" means that the top
 * digit is not 0 (count 0 is the number zero).  Nothing here knows of objects; functions that
 * need scratch memory or take long return -1 with an exception set (MemoryError, or what a
 * signal handler raised).
 */
#ifndef Py_INT_DIGITS_H
#define Py_INT_DIGITS_H

/* Decimal digits that fit into one digit, and their weight. */
#define DECIMAL_SHIFT 9
#define DECIMAL_BASE ((digit)1000000000)

/* Count without leading zeros. */
static inline Py_ssize_t
digits_normalise(const digit *a, Py_ssize_t n)
{
    while (n > 0 && a[n - 1] == 0) {
        n--;
    }
    return n;
}

/* -1, 0, 1; normalised operands. */
extern int _PyDigits_Compare(const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
/* z[na + 1] = a + b, na >= nb.  z may be a or b. */
extern void _PyDigits_Add(digit *z, const digit *a, Py_ssize_t na, const digit *b,
                          Py_ssize_t nb);
/* z[na] = a - b, a >= b, na >= nb.  z may be a or b. */
extern void _PyDigits_Sub(digit *z, const digit *a, Py_ssize_t na, const digit *b,
                          Py_ssize_t nb);
/* a[na] += b in place; the carry out of a is returned. */
extern digit _PyDigits_AddInPlace(digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
/* a[na] -= b in place; the borrow (0 or 1) is returned. */
extern digit _PyDigits_SubInPlace(digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
/* z[na + nb] = a * b; z overlaps neither. */
extern int _PyDigits_Mul(digit *z, const digit *a, Py_ssize_t na, const digit *b,
                         Py_ssize_t nb);
/* z[n] = a << bits (0 <= bits < 30); the bits shifted out are returned.  z >= a in memory or
   apart. */
extern digit _PyDigits_ShiftLeft(digit *z, const digit *a, Py_ssize_t n, int bits);
/* z[n] = a >> bits (0 <= bits < 30); the bits shifted out are returned.  z <= a or apart. */
extern digit _PyDigits_ShiftRight(digit *z, const digit *a, Py_ssize_t n, int bits);
/* q[n] = a / d; the remainder is returned.  q may be a. */
extern digit _PyDigits_DivRem1(digit *q, const digit *a, Py_ssize_t n, digit d);
/* a % d */
extern digit _PyDigits_Rem1(const digit *a, Py_ssize_t n, digit d);
/* q[na - nb + 1], r[nb] = divmod(a, b); na >= nb >= 1, b normalised.  q and r are apart from the
   operands and from each other. */
extern int _PyDigits_DivRem(digit *q, digit *r, const digit *a, Py_ssize_t na, const digit *b,
                            Py_ssize_t nb);

/* Decimal text of a (normalised, not 0) into out[]; returns the length written.  `out` has room
   for _PyDigits_DecimalBound(n) characters.  -1: exception. */
extern Py_ssize_t _PyDigits_ToDecimal(char *out, const digit *a, Py_ssize_t n);
extern Py_ssize_t _PyDigits_DecimalBound(Py_ssize_t n);
/* z[...] = value of n digit values (0 <= v < base, one per byte, most significant first);
   z has room for _PyDigits_FromTextBound(n, base).  Returns the normalised count or -1. */
extern Py_ssize_t _PyDigits_FromText(digit *z, const unsigned char *v, Py_ssize_t n, int base);
extern Py_ssize_t _PyDigits_FromTextBound(Py_ssize_t n, int base);

#endif /* !Py_INT_DIGITS_H */
