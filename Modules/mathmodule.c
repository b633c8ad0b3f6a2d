/* mathmodule.c - the module math: real functions of the C library with errors as exceptions,
 * exact sums, and functions of integers.
 *
 * A function of the C library reports nothing here through errno: what went wrong is told from
 * argument and result.  NaN from a number that is not NaN is a domain error; an infinity from
 * finite numbers is an overflow, or a domain error if the function has a pole there.
 *
 * Sums that keep more precision than a double use pairs and triples of doubles whose exact sum is
 * the value (error-free transformations: Knuth's sum, product by fused multiply-add; Ogita, Rump
 * and Oishi, "Accurate Sum and Dot Product", 2005; Shewchuk, "Adaptive Precision Floating-Point
 * Arithmetic", 1997).
 *
 * Written from the documentation of the module math, C11 annex F and observed messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"   // wrappers

#include <float.h>
#include <math.h>
#include <stdbool.h>

#define LN2 0.693147180559945309417232121458176568

#include "sig/mathmodule.sig.h"

static PyObject *
domain_error(void)
{
    PyErr_SetString(PyExc_ValueError, "math domain error");
    return NULL;
}

static PyObject *
range_error(void)
{
    PyErr_SetString(PyExc_OverflowError, "math range error");
    return NULL;
}

/* The number as a double: 0, or -1 with an exception. */
static inline int
get_double(PyObject *op, double *value)
{
    if (PyFloat_CheckExact(op)) {
        *value = PyFloat_AS_DOUBLE(op);
        return 0;
    }
    *value = PyFloat_AsDouble(op);
    return *value == -1.0 && PyErr_Occurred() ? -1 : 0;
}

/* The result of a special method looked up in the type: new reference, or NULL, without an
 * exception if there is no such method. */
static PyObject *
call_special(PyObject *op, PyObject *name)
{
    PyObject *method = _PyObject_LookupSpecial(op, name);
    if (method == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    assert(result != NULL || PyErr_Occurred());
    return result;
}

/* --------------------------------------------------------------------- functions of one number */

/* Where a function goes to infinity at a finite argument. */
typedef enum { POLE, OVERFLOWS } infinity_kind;

static PyObject *
unary(PyObject *arg, double (*func)(double), infinity_kind kind)
{
    double x;
    if (get_double(arg, &x) < 0) {
        return NULL;
    }
    double r = func(x);
    if (isnan(r) && !isnan(x)) {
        return domain_error();
    }
    if (isinf(r) && isfinite(x)) {
        return kind == OVERFLOWS ? range_error() : domain_error();
    }
    return PyFloat_FromDouble(r);
}

/* The Gamma function has poles at 0 and the negative integers, and no limit at -infinity. */
static inline bool
is_gamma_pole(double x)
{
    return x <= 0.0 && isfinite(x) && x == floor(x);
}

static double
gamma_function(double x)
{
    if (is_gamma_pole(x) || x == -INFINITY) {
        return NAN;
    }
    return tgamma(x);
}

static double
lgamma_function(double x)
{
    if (is_gamma_pole(x)) {
        return NAN;
    }
    int sign;
    return lgamma_r(x, &sign);
}

#define UNARY(NAME, FUNC, KIND, DOC)                                            \
    static PyObject *                                                           \
    math_##NAME(PyObject *Py_UNUSED(module), PyObject *arg)                     \
    {                                                                           \
        return unary(arg, FUNC, KIND);                                          \
    }                                                                           \
    PyDoc_STRVAR(math_##NAME##__doc__, #NAME "($module, x, /)\n--\n\n" DOC);

UNARY(acos, acos, POLE,
      "Return the arc cosine (measured in radians) of x.\n\nThe result is between 0 and pi.")
UNARY(acosh, acosh, POLE, "Return the inverse hyperbolic cosine of x.")
UNARY(asin, asin, POLE,
      "Return the arc sine (measured in radians) of x.\n\n"
      "The result is between -pi/2 and pi/2.")
UNARY(asinh, asinh, POLE, "Return the inverse hyperbolic sine of x.")
UNARY(atan, atan, POLE,
      "Return the arc tangent (measured in radians) of x.\n\n"
      "The result is between -pi/2 and pi/2.")
UNARY(atanh, atanh, POLE, "Return the inverse hyperbolic tangent of x.")
UNARY(cbrt, cbrt, POLE, "Return the cube root of x.")
UNARY(cos, cos, POLE, "Return the cosine of x (measured in radians).")
UNARY(cosh, cosh, OVERFLOWS, "Return the hyperbolic cosine of x.")
UNARY(erf, erf, POLE, "Error function at x.")
UNARY(erfc, erfc, POLE, "Complementary error function at x.")
UNARY(exp, exp, OVERFLOWS, "Return e raised to the power of x.")
UNARY(exp2, exp2, OVERFLOWS, "Return 2 raised to the power of x.")
UNARY(expm1, expm1, OVERFLOWS,
      "Return exp(x)-1.\n\nThis function avoids the loss of precision involved in the direct "
      "evaluation of exp(x)-1 for small x.")
UNARY(fabs, fabs, POLE, "Return the absolute value of the float x.")
UNARY(gamma, gamma_function, OVERFLOWS, "Gamma function at x.")
UNARY(lgamma, lgamma_function, OVERFLOWS,
      "Natural logarithm of absolute value of Gamma function at x.")
UNARY(log1p, log1p, POLE,
      "Return the natural logarithm of 1+x (base e).\n\n"
      "The result is computed in a way which is accurate for x near zero.")
UNARY(sin, sin, POLE, "Return the sine of x (measured in radians).")
UNARY(sinh, sinh, OVERFLOWS, "Return the hyperbolic sine of x.")
UNARY(sqrt, sqrt, POLE, "Return the square root of x.")
UNARY(tan, tan, POLE, "Return the tangent of x (measured in radians).")
UNARY(tanh, tanh, POLE, "Return the hyperbolic tangent of x.")

/*sig math.degrees(module, x: double, /)

Convert angle x from radians to degrees.
*/
static PyObject *
math_degrees_impl(PyObject *Py_UNUSED(module), double x)
{
    return PyFloat_FromDouble(x * (180.0 / Py_MATH_PI));
}

/*sig math.radians(module, x: double, /)

Convert angle x from degrees to radians.
*/
static PyObject *
math_radians_impl(PyObject *Py_UNUSED(module), double x)
{
    return PyFloat_FromDouble(x * (Py_MATH_PI / 180.0));
}

/*sig math.isfinite(module, x: double, /)

Return True if x is neither an infinity nor a NaN, and False otherwise.
*/
static PyObject *
math_isfinite_impl(PyObject *Py_UNUSED(module), double x)
{
    return PyBool_FromLong(isfinite(x));
}

/*sig math.isinf(module, x: double, /)

Return True if x is a positive or negative infinity, and False otherwise.
*/
static PyObject *
math_isinf_impl(PyObject *Py_UNUSED(module), double x)
{
    return PyBool_FromLong(isinf(x));
}

/*sig math.isnan(module, x: double, /)

Return True if x is a NaN (not a number), and False otherwise.
*/
static PyObject *
math_isnan_impl(PyObject *Py_UNUSED(module), double x)
{
    return PyBool_FromLong(isnan(x));
}

/*sig math.ulp(module, x: double, /)

Return the value of the least significant bit of the float x.
*/
static PyObject *
math_ulp_impl(PyObject *Py_UNUSED(module), double x)
{
    x = fabs(x);
    if (!isfinite(x)) {
        return PyFloat_FromDouble(x);
    }
    double above = nextafter(x, INFINITY);
    return PyFloat_FromDouble(isinf(above) ? x - nextafter(x, 0.0) : above - x);
}

/*sig math.frexp(module, x: double, /)

Return the mantissa and exponent of x, as pair (m, e).

m is a float and e is an int, such that x = m * 2.**e.
If x is 0, m and e are both 0.  Else 0.5 <= abs(m) < 1.0.
*/
static PyObject *
math_frexp_impl(PyObject *Py_UNUSED(module), double x)
{
    int exponent = 0;
    if (isfinite(x)) {
        x = frexp(x, &exponent);
    }
    return Py_BuildValue("(di)", x, exponent);
}

/*sig math.modf(module, x: double, /)

Return the fractional and integer parts of x.

Both results carry the sign of x and are floats.
*/
static PyObject *
math_modf_impl(PyObject *Py_UNUSED(module), double x)
{
    double whole;
    double fraction = modf(x, &whole);
    return Py_BuildValue("(dd)", fraction, whole);
}

/*sig math.ldexp(module, x: double, i, /)

Return x * (2**i).

This is essentially the inverse of frexp().
*/
static PyObject *
math_ldexp_impl(PyObject *Py_UNUSED(module), double x, PyObject *i)
{
    if (!PyLong_Check(i)) {
        PyErr_SetString(PyExc_TypeError, "Expected an int as second argument to ldexp.");
        return NULL;
    }
    int overflow;
    long exponent = PyLong_AsLongAndOverflow(i, &overflow);
    if (exponent == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (x == 0.0 || !isfinite(x)) {
        return PyFloat_FromDouble(x);
    }
    if (overflow > 0 || exponent > 4096) {
        return range_error();
    }
    double r = overflow < 0 || exponent < -4096 ? copysign(0.0, x) : ldexp(x, (int)exponent);
    return isinf(r) ? range_error() : PyFloat_FromDouble(r);
}

/*sig math.ceil(module, x, /)

Return the ceiling of x as an Integral.

This is the smallest integer >= x.
*/
static PyObject *
math_ceil_impl(PyObject *Py_UNUSED(module), PyObject *x)
{
    double value;
    if (!PyFloat_CheckExact(x)) {
        PyObject *result = call_special(x, &_Py_ID(__ceil__));
        if (result != NULL || PyErr_Occurred()) {
            return result;
        }
    }
    return get_double(x, &value) < 0 ? NULL : PyLong_FromDouble(ceil(value));
}

/*sig math.floor(module, x, /)

Return the floor of x as an Integral.

This is the largest integer <= x.
*/
static PyObject *
math_floor_impl(PyObject *Py_UNUSED(module), PyObject *x)
{
    double value;
    if (!PyFloat_CheckExact(x)) {
        PyObject *result = call_special(x, &_Py_ID(__floor__));
        if (result != NULL || PyErr_Occurred()) {
            return result;
        }
    }
    return get_double(x, &value) < 0 ? NULL : PyLong_FromDouble(floor(value));
}

/*sig math.trunc(module, x, /)

Truncates the Real x to the nearest Integral toward 0.

Uses the __trunc__ magic method.
*/
static PyObject *
math_trunc_impl(PyObject *Py_UNUSED(module), PyObject *x)
{
    if (PyFloat_CheckExact(x)) {
        return PyLong_FromDouble(PyFloat_AS_DOUBLE(x));
    }
    PyObject *result = call_special(x, &_Py_ID(__trunc__));
    if (result == NULL && !PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError, "type %.100s doesn't define __trunc__ method",
                     Py_TYPE(x)->tp_name);
    }
    return result;
}

/* ------------------------------------------------------------------------------- logarithms */

/* A logarithm of a number that may be an int beyond the range of double.  `of_two` is the
 * logarithm of 2. */
static PyObject *
logarithm(PyObject *arg, double (*func)(double), double of_two)
{
    double x;
    if (get_double(arg, &x) < 0) {
        if (!PyLong_Check(arg) || !PyErr_ExceptionMatches(PyExc_OverflowError)) {
            return NULL;
        }
        PyErr_Clear();
        if (_PyLong_Sign(arg) < 0) {
            return domain_error();
        }
        Py_ssize_t exponent;
        x = _PyLong_Frexp((PyLongObject *)arg, &exponent);
        if (x == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
        return PyFloat_FromDouble(func(x) + of_two * (double)exponent);
    }
    if (x <= 0.0) {
        return domain_error();
    }
    return PyFloat_FromDouble(func(x));
}

static PyObject *
math_log(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("log", nargs, 1, 2)) {
        return NULL;
    }
    PyObject *num = logarithm(args[0], log, LN2);
    if (num == NULL || nargs == 1) {
        return num;
    }
    PyObject *den = logarithm(args[1], log, LN2);
    PyObject *result = den != NULL ? PyNumber_TrueDivide(num, den) : NULL;
    Py_DECREF(num);
    Py_XDECREF(den);
    return result;
}

PyDoc_STRVAR(math_log__doc__,
"log(x, [base=math.e])\n\
Return the logarithm of x to the given base.\n\
\n\
If the base is not specified, returns the natural logarithm (base e) of x.");

/*sig math.log2(module, x, /)

Return the base 2 logarithm of x.
*/
static PyObject *
math_log2_impl(PyObject *Py_UNUSED(module), PyObject *x)
{
    return logarithm(x, log2, 1.0);
}

/*sig math.log10(module, x, /)

Return the base 10 logarithm of x.
*/
static PyObject *
math_log10_impl(PyObject *Py_UNUSED(module), PyObject *x)
{
    return logarithm(x, log10, 0.301029995663981195213738894724493027);
}

/* -------------------------------------------------------------------- functions of two numbers */

static PyObject *
binary(PyObject *const *args, Py_ssize_t nargs, const char *name, double (*func)(double, double))
{
    double x, y;
    if (!_PyArg_CheckPositional(name, nargs, 2, 2) || get_double(args[0], &x) < 0
        || get_double(args[1], &y) < 0)
    {
        return NULL;
    }
    double r = func(x, y);
    if (isnan(r) && !isnan(x) && !isnan(y)) {
        return domain_error();
    }
    return PyFloat_FromDouble(r);
}

#define BINARY(NAME, FUNC, X, Y, DOC)                                                   \
    static PyObject *                                                                   \
    math_##NAME(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)   \
    {                                                                                   \
        return binary(args, nargs, #NAME, FUNC);                                        \
    }                                                                                   \
    PyDoc_STRVAR(math_##NAME##__doc__, #NAME "($module, " X ", " Y ", /)\n--\n\n" DOC);

BINARY(atan2, atan2, "y", "x",
       "Return the arc tangent (measured in radians) of y/x.\n\n"
       "Unlike atan(y/x), the signs of both x and y are considered.")
BINARY(copysign, copysign, "x", "y",
       "Return a float with the magnitude (absolute value) of x but the sign of y.\n\n"
       "On platforms that support signed zeros, copysign(1.0, -0.0)\nreturns -1.0.\n")
BINARY(fmod, fmod, "x", "y",
       "Return fmod(x, y), according to platform C.\n\nx % y may differ.")
BINARY(remainder, remainder, "x", "y",
       "Difference between x and the closest integer multiple of y.\n\n"
       "Return x - n*y where n*y is the closest integer multiple of y.\n"
       "In the case where x is exactly halfway between two multiples of\n"
       "y, the nearest even value of n is used. The result is always exact.")

/*sig math.pow(module, x: double, y: double, /)

Return x**y (x to the power of y).
*/
static PyObject *
math_pow_impl(PyObject *Py_UNUSED(module), double x, double y)
{
    double r = pow(x, y);
    if (isfinite(x) && isfinite(y) && !isfinite(r)) {
        return isnan(r) || x == 0.0 ? domain_error() : range_error();
    }
    return PyFloat_FromDouble(r);
}

/*sig math.isclose(module, a: double, b: double, *,
                    rel_tol: double = 1e-09, abs_tol: double = 0.0) -> bool

Determine whether two floating point numbers are close in value.

  rel_tol
    maximum difference for being considered "close", relative to the
    magnitude of the input values
  abs_tol
    maximum difference for being considered "close", regardless of the
    magnitude of the input values

Return True if a is close in value to b, and False otherwise.

For the values to be considered close, the difference between them
must be smaller than at least one of the tolerances.

-inf, inf and NaN behave similarly to the IEEE 754 Standard.  That
is, NaN is not close to anything, even itself.  inf and -inf are
only close to themselves.
*/
static int
math_isclose_impl(PyObject *Py_UNUSED(module), double a, double b, double rel_tol,
                  double abs_tol)
{
    if (rel_tol < 0.0 || abs_tol < 0.0) {
        PyErr_SetString(PyExc_ValueError, "tolerances must be non-negative");
        return -1;
    }
    if (a == b) {
        return 1;
    }
    if (isinf(a) || isinf(b)) {
        return 0;
    }
    double diff = fabs(b - a);
    return diff <= fabs(rel_tol * a) || diff <= fabs(rel_tol * b) || diff <= abs_tol;
}

/* Doubles in order of value as integers in order: -0.0 and 0.0 are both 0. */
static int64_t
double_rank(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits >= 0 ? bits : INT64_MIN - bits;
}

static double
double_of_rank(int64_t rank)
{
    int64_t bits = rank >= 0 ? rank : INT64_MIN - rank;
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

/*sig math.nextafter(module, x: double, y: double, /, *, steps=None)

Return the floating-point value the given number of steps after x towards y.

If steps is not specified or is None, it defaults to 1.

Raises a TypeError, if x or y is not a double, or if steps is not an integer.
Raises ValueError if steps is negative.
*/
static PyObject *
math_nextafter_impl(PyObject *Py_UNUSED(module), double x, double y, PyObject *steps)
{
    if (steps == Py_None) {
        return PyFloat_FromDouble(nextafter(x, y));
    }
    steps = PyNumber_Index(steps);
    if (steps == NULL) {
        return NULL;
    }
    if (_PyLong_Sign(steps) < 0) {
        Py_DECREF(steps);
        PyErr_SetString(PyExc_ValueError, "steps must be a non-negative integer");
        return NULL;
    }
    uint64_t count = PyLong_AsUnsignedLongLong(steps);
    Py_DECREF(steps);
    if (count == (uint64_t)-1 && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_OverflowError)) {
            return NULL;
        }
        PyErr_Clear();      /* the largest count goes all the way, too */
    }
    if (count == 0 || isnan(x)) {
        return PyFloat_FromDouble(x);
    }
    if (isnan(y) || x == y) {
        return PyFloat_FromDouble(y);
    }
    int64_t from = double_rank(x), to = double_rank(y);
    uint64_t distance = from < to ? (uint64_t)to - (uint64_t)from : (uint64_t)from - (uint64_t)to;
    if (count >= distance) {
        return PyFloat_FromDouble(y);
    }
    int64_t rank = (int64_t)(from < to ? (uint64_t)from + count : (uint64_t)from - count);
    double r = double_of_rank(rank);
    return PyFloat_FromDouble(rank == 0 ? copysign(0.0, x) : r);
}

/* ------------------------------------------------------------------------ sums and distances */

typedef struct {
    double hi, lo;
} pair;

/* hi + lo == a + b exactly. */
static inline pair
two_sum(double a, double b)
{
    double sum = a + b;
    double shadow = sum - a;
    return (pair){sum, (a - (sum - shadow)) + (b - shadow)};
}

/* hi + lo == a * b exactly, unless the product underflows. */
static inline pair
two_product(double a, double b)
{
    double product = a * b;
    return (pair){product, fma(a, b, -product)};
}

/* Partial sums of fsum(): they do not overlap, grow in magnitude, and their exact sum is the sum
 * of all finite numbers so far. */
typedef struct {
    double *p;
    Py_ssize_t count, allocated;
    double small[32];
} partials;

/* Add a finite number.  0, or -1 with OverflowError or MemoryError. */
static int
partials_add(partials *ps, double x)
{
    Py_ssize_t kept = 0;
    for (Py_ssize_t i = 0; i < ps->count; i++) {
        /* The larger one first: two_sum() then does not overflow before its sum does. */
        double y = ps->p[i];
        pair s = fabs(x) < fabs(y) ? two_sum(y, x) : two_sum(x, y);
        if (s.lo != 0.0) {
            ps->p[kept++] = s.lo;
        }
        x = s.hi;
        if (!isfinite(x)) {
            PyErr_SetString(PyExc_OverflowError, "intermediate overflow in fsum");
            return -1;
        }
    }
    ps->count = kept;
    if (x == 0.0) {
        return 0;
    }
    if (kept == ps->allocated) {
        double *bigger = PyMem_New(double, 2 * ps->allocated);
        if (bigger == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        memcpy(bigger, ps->p, (size_t)kept * sizeof(double));
        if (ps->p != ps->small) {
            PyMem_Free(ps->p);
        }
        ps->p = bigger;
        ps->allocated *= 2;
    }
    ps->p[ps->count++] = x;
    return 0;
}

/* The sum of the partial sums, correctly rounded. */
static double
partials_sum(const partials *ps)
{
    Py_ssize_t n = ps->count;
    if (n == 0) {
        return 0.0;
    }
    double hi = ps->p[--n], lo = 0.0;
    while (n > 0 && lo == 0.0) {
        pair s = two_sum(hi, ps->p[--n]);
        hi = s.hi;
        lo = s.lo;
    }
    /* `hi` was rounded to even if `lo` is half a unit: then what follows decides. */
    if (n > 0 && (lo < 0.0) == (ps->p[n - 1] < 0.0)) {
        double twice = lo * 2.0;
        double other = hi + twice;
        if (other - hi == twice) {
            hi = other;
        }
    }
    return hi;
}

/*sig math.fsum(module, seq, /)

Return an accurate floating point sum of values in the iterable seq.

Assumes IEEE-754 floating point arithmetic.
*/
static PyObject *
math_fsum_impl(PyObject *Py_UNUSED(module), PyObject *seq)
{
    PyObject *iter = PyObject_GetIter(seq);
    if (iter == NULL) {
        return NULL;
    }
    partials ps = {.count = 0, .allocated = Py_ARRAY_LENGTH(ps.small)};
    ps.p = ps.small;
    double infinities = 0.0, specials = 0.0;
    PyObject *item, *result = NULL;
    while ((item = PyIter_Next(iter)) != NULL) {
        double x;
        int err = get_double(item, &x);
        Py_DECREF(item);
        if (err < 0) {
            goto done;
        }
        if (!isfinite(x)) {
            infinities += isinf(x) ? x : 0.0;
            specials += x;
        }
        else if (partials_add(&ps, x) < 0) {
            goto done;
        }
    }
    if (PyErr_Occurred()) {
        goto done;
    }
    if (isnan(infinities)) {
        PyErr_SetString(PyExc_ValueError, "-inf + inf in fsum");
    }
    else {
        result = PyFloat_FromDouble(specials != 0.0 ? specials : partials_sum(&ps));
    }
done:
    if (ps.p != ps.small) {
        PyMem_Free(ps.p);
    }
    Py_DECREF(iter);
    return result;
}

/* sqrt of the sum of the squares of `n` numbers that are not negative, of which `max` is the
 * largest.  Scaled by a power of two, so that nothing overflows and what underflows does not
 * count; the root is corrected by what its square misses. */
static double
vector_norm(double *v, Py_ssize_t n, double max, bool has_nan)
{
    assert(max >= 0.0);
    if (isinf(max)) {
        return max;
    }
    if (has_nan) {
        return NAN;
    }
    if (max == 0.0 || n <= 1) {
        return max;
    }
    int exponent;
    frexp(max, &exponent);
    pair sum = {0.0, 0.0};
    for (Py_ssize_t i = 0; i < n; i++) {
        double x = ldexp(v[i], -exponent);
        pair square = two_product(x, x);
        pair s = two_sum(sum.hi, square.hi);
        sum.hi = s.hi;
        sum.lo += s.lo + square.lo;
    }
    pair total = two_sum(sum.hi, sum.lo);
    double root = sqrt(total.hi);
    pair square = two_product(root, root);
    double missing = (total.hi - square.hi) - square.lo + total.lo;
    return ldexp(root + missing / (2.0 * root), exponent);
}

#define SMALL_VECTOR 32

/* Room for n doubles: `small` or new memory.  NULL with MemoryError. */
static double *
vector_room(double *small, Py_ssize_t n)
{
    if (n <= SMALL_VECTOR) {
        return small;
    }
    double *v = PyMem_New(double, n);
    if (v == NULL) {
        PyErr_NoMemory();
    }
    return v;
}

static PyObject *
math_hypot(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    double small[SMALL_VECTOR], max = 0.0;
    double *v = vector_room(small, nargs);
    if (v == NULL) {
        return NULL;
    }
    bool has_nan = false;
    PyObject *result = NULL;
    for (Py_ssize_t i = 0; i < nargs; i++) {
        double x;
        if (get_double(args[i], &x) < 0) {
            goto done;
        }
        v[i] = x = fabs(x);
        has_nan |= isnan(x) != 0;
        max = x > max ? x : max;
    }
    result = PyFloat_FromDouble(vector_norm(v, nargs, max, has_nan));
done:
    if (v != small) {
        PyMem_Free(v);
    }
    return result;
}

PyDoc_STRVAR(math_hypot__doc__,
"hypot(*coordinates) -> value\n\
\n\
Multidimensional Euclidean distance from the origin to a point.\n\
\n\
Roughly equivalent to:\n\
    sqrt(sum(x**2 for x in coordinates))\n\
\n\
For a two dimensional point (x, y), gives the hypotenuse\n\
using the Pythagorean theorem:  sqrt(x*x + y*y).\n\
\n\
For example, the hypotenuse of a 3/4/5 right triangle is:\n\
\n\
    >>> hypot(3.0, 4.0)\n\
    5.0\n\
");

/*sig math.dist(module, p, q, /)

Return the Euclidean distance between two points p and q.

The points should be specified as sequences (or iterables) of
coordinates.  Both inputs must have the same dimension.

Roughly equivalent to:
    sqrt(sum((px - qx) ** 2.0 for px, qx in zip(p, q)))
*/
static PyObject *
math_dist_impl(PyObject *Py_UNUSED(module), PyObject *p, PyObject *q)
{
    double small[SMALL_VECTOR], max = 0.0;
    double *v = NULL;
    PyObject *result = NULL;
    bool has_nan = false;
    p = PyTuple_Check(p) ? Py_NewRef(p) : PySequence_Tuple(p);
    if (p == NULL) {
        return NULL;
    }
    q = PyTuple_Check(q) ? Py_NewRef(q) : PySequence_Tuple(q);
    if (q == NULL) {
        Py_DECREF(p);
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(p);
    if (n != PyTuple_GET_SIZE(q)) {
        PyErr_SetString(PyExc_ValueError,
                        "both points must have the same number of dimensions");
        goto done;
    }
    v = vector_room(small, n);
    if (v == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        double px, qx;
        if (get_double(PyTuple_GET_ITEM(p, i), &px) < 0
            || get_double(PyTuple_GET_ITEM(q, i), &qx) < 0)
        {
            goto done;
        }
        v[i] = fabs(px - qx);
        has_nan |= isnan(v[i]) != 0;
        max = v[i] > max ? v[i] : max;
    }
    result = PyFloat_FromDouble(vector_norm(v, n, max, has_nan));
done:
    if (v != small) {
        PyMem_Free(v);
    }
    Py_DECREF(p);
    Py_DECREF(q);
    return result;
}

/* A dot product in three doubles, and the int and general part beside it. */
typedef struct {
    PyObject *total;            // owned
    long ints;                  // to be added to it
    bool has_ints, has_floats;
    bool general;               // another type was seen: only the general way from here
    double hi, mid, lo;         // to be added to it
} dot;

/* Add what is in the C numbers to the total.  0, or -1 with an exception. */
static int
dot_flush(dot *d)
{
    PyObject *part = NULL, *sum;
    if (d->has_ints) {
        part = PyLong_FromLong(d->ints);
        sum = part != NULL ? PyNumber_Add(d->total, part) : NULL;
        Py_XDECREF(part);
        if (sum == NULL) {
            return -1;
        }
        Py_SETREF(d->total, sum);
        d->has_ints = false;
        d->ints = 0;
    }
    if (d->has_floats) {
        pair s = two_sum(d->lo, d->mid);
        pair t = two_sum(d->hi, s.hi);
        part = PyFloat_FromDouble(t.hi + (t.lo + s.lo));
        sum = part != NULL ? PyNumber_Add(d->total, part) : NULL;
        Py_XDECREF(part);
        if (sum == NULL) {
            return -1;
        }
        Py_SETREF(d->total, sum);
        d->has_floats = false;
        d->hi = d->mid = d->lo = 0.0;
    }
    return 0;
}

/* Add a product of ints that fit into long: false if something overflows. */
static bool
dot_add_ints(dot *d, PyObject *p, PyObject *q)
{
    int overflow;
    long x = PyLong_AsLongAndOverflow(p, &overflow);
    if (overflow) {
        return false;
    }
    long y = PyLong_AsLongAndOverflow(q, &overflow);
    long product, sum;
    if (overflow || __builtin_mul_overflow(x, y, &product)
        || __builtin_add_overflow(d->ints, product, &sum))
    {
        return false;
    }
    d->ints = sum;
    d->has_ints = true;
    return true;
}

/* A float or an int that a double holds, with false (and no exception) for others. */
static bool
plain_double(PyObject *op, double *x)
{
    if (PyFloat_CheckExact(op)) {
        *x = PyFloat_AS_DOUBLE(op);
        return true;
    }
    if (!PyLong_CheckExact(op) && !PyBool_Check(op)) {
        return false;
    }
    *x = PyLong_AsDouble(op);
    if (*x == -1.0 && PyErr_Occurred()) {
        PyErr_Clear();
        return false;
    }
    return true;
}

/* Add a product of finite numbers: false if it or the sum is not finite. */
static bool
dot_add_floats(dot *d, double x, double y)
{
    pair product = two_product(x, y);
    pair s = two_sum(d->hi, product.hi);
    if (!isfinite(s.hi) || !isfinite(product.lo)) {
        return false;
    }
    pair t = two_sum(d->mid, product.lo);
    pair u = two_sum(t.hi, s.lo);
    d->hi = s.hi;
    d->mid = u.hi;
    d->lo += t.lo + u.lo;
    d->has_floats = true;
    return true;
}

/* Add p * q.  0, or -1 with an exception. */
static int
dot_add(dot *d, PyObject *p, PyObject *q)
{
    bool ints = !d->general && PyLong_CheckExact(p) && PyLong_CheckExact(q);
    if (ints && !d->has_floats && dot_add_ints(d, p, q)) {
        return 0;
    }
    double x, y;
    if (!ints && !d->general && (PyFloat_CheckExact(p) || PyFloat_CheckExact(q))
        && plain_double(p, &x) && plain_double(q, &y))
    {
        if (d->has_ints && dot_flush(d) < 0) {
            return -1;
        }
        if (dot_add_floats(d, x, y)) {
            return 0;
        }
    }
    if (dot_flush(d) < 0) {
        return -1;
    }
    if (ints && dot_add_ints(d, p, q)) {
        return 0;
    }
    d->general = true;
    PyObject *product = PyNumber_Multiply(p, q);
    if (product == NULL) {
        return -1;
    }
    PyObject *sum = PyNumber_Add(d->total, product);
    Py_DECREF(product);
    if (sum == NULL) {
        return -1;
    }
    Py_SETREF(d->total, sum);
    return 0;
}

/*sig math.sumprod(module, p, q, /)

Return the sum of products of values from two iterables p and q.

Roughly equivalent to:

    sum(itertools.starmap(operator.mul, zip(p, q, strict=True)))

For float and mixed int/float inputs, the intermediate products
and sums are computed with extended precision.
*/
static PyObject *
math_sumprod_impl(PyObject *Py_UNUSED(module), PyObject *p, PyObject *q)
{
    PyObject *pi = PyObject_GetIter(p);
    if (pi == NULL) {
        return NULL;
    }
    dot d = {NULL};
    PyObject *qi = PyObject_GetIter(q);
    if (qi == NULL) {
        goto error;
    }
    d.total = PyLong_FromLong(0);
    if (d.total == NULL) {
        goto error;
    }
    for (;;) {
        PyObject *x = PyIter_Next(pi);
        if (x == NULL && PyErr_Occurred()) {
            goto error;
        }
        PyObject *y = PyIter_Next(qi);
        if (y == NULL && PyErr_Occurred()) {
            Py_XDECREF(x);
            goto error;
        }
        if (x == NULL && y == NULL) {
            break;
        }
        int err = -1;
        if (x == NULL || y == NULL) {
            PyErr_SetString(PyExc_ValueError, "Inputs are not the same length");
        }
        else {
            err = dot_add(&d, x, y);
        }
        Py_XDECREF(x);
        Py_XDECREF(y);
        if (err < 0) {
            goto error;
        }
    }
    if (dot_flush(&d) < 0) {
        goto error;
    }
    Py_DECREF(pi);
    Py_DECREF(qi);
    return d.total;

error:
    Py_DECREF(pi);
    Py_XDECREF(qi);
    Py_XDECREF(d.total);
    return NULL;
}

/* Multiply in C as long as all are small ints or floats; `*result` (owned) is what was multiplied
 * so far and is not in the C number.  Return 0 with the next item to be multiplied the general
 * way in `*rest` (owned), or NULL there at the end; -1 with an exception. */
static int
product_fast(PyObject *iter, PyObject **result, PyObject **rest)
{
    int overflow = 0;
    PyObject *item;
    *rest = NULL;
    if (PyLong_CheckExact(*result)) {
        long product = PyLong_AsLongAndOverflow(*result, &overflow);
        while (!overflow && (item = PyIter_Next(iter)) != NULL) {
            long x = 0, next;
            if (!PyLong_CheckExact(item)
                || ((x = PyLong_AsLongAndOverflow(item, &overflow)), overflow)
                || __builtin_mul_overflow(product, x, &next))
            {
                *rest = item;
                break;
            }
            product = next;
            Py_DECREF(item);
        }
        if (*rest != NULL || !overflow) {
            PyObject *value = PyLong_FromLong(product);
            if (value == NULL) {
                Py_CLEAR(*rest);
                return -1;
            }
            Py_SETREF(*result, value);
        }
    }
    else if (PyFloat_CheckExact(*result)) {
        double product = PyFloat_AS_DOUBLE(*result), x;
        while ((item = PyIter_Next(iter)) != NULL) {
            if (!plain_double(item, &x)) {
                *rest = item;
                break;
            }
            product *= x;
            Py_DECREF(item);
        }
        PyObject *value = PyErr_Occurred() ? NULL : PyFloat_FromDouble(product);
        if (value == NULL) {
            Py_CLEAR(*rest);
            return -1;
        }
        Py_SETREF(*result, value);
    }
    return PyErr_Occurred() ? -1 : 0;
}

/*sig math.prod(module, iterable, /, *, start=1)

Calculate the product of all the elements in the input iterable.

The default start value for the product is 1.

When the iterable is empty, return the start value.  This function is
intended specifically for use with numeric values and may reject
non-numeric types.
*/
static PyObject *
math_prod_impl(PyObject *Py_UNUSED(module), PyObject *iterable, PyObject *start)
{
    PyObject *iter = PyObject_GetIter(iterable);
    if (iter == NULL) {
        return NULL;
    }
    PyObject *result = start != NULL ? Py_NewRef(start) : PyLong_FromLong(1);
    PyObject *item = NULL;
    while (result != NULL) {
        PyObject *type_before = (PyObject *)Py_TYPE(result);
        if (product_fast(iter, &result, &item) < 0) {
            Py_CLEAR(result);
            break;
        }
        if (item == NULL) {
            item = PyIter_Next(iter);
            if (item == NULL) {
                if (PyErr_Occurred()) {
                    Py_CLEAR(result);
                }
                break;
            }
        }
        /* Until the type changes, the general way is all there is for this type. */
        do {
            PyObject *product = PyNumber_Multiply(result, item);
            Py_CLEAR(item);
            Py_SETREF(result, product);
        } while (result != NULL && (PyObject *)Py_TYPE(result) == type_before
                 && (item = PyIter_Next(iter)) != NULL);
        if (PyErr_Occurred()) {
            Py_CLEAR(result);
        }
    }
    Py_DECREF(iter);
    return result;
}

/* ---------------------------------------------------------------------------------- integers */

/* Combine all arguments by a function of two ints: new reference, or NULL with an exception. */
static PyObject *
fold_integers(PyObject *const *args, Py_ssize_t nargs, long empty,
              PyObject *(*func)(PyObject *, PyObject *))
{
    if (nargs == 0) {
        return PyLong_FromLong(empty);
    }
    PyObject *result = PyNumber_Index(args[0]);
    if (result == NULL) {
        return NULL;
    }
    if (nargs == 1) {
        Py_SETREF(result, PyNumber_Absolute(result));
        return result;
    }
    for (Py_ssize_t i = 1; i < nargs && result != NULL; i++) {
        PyObject *x = PyNumber_Index(args[i]);
        if (x == NULL) {
            Py_DECREF(result);
            return NULL;
        }
        PyObject *next = func(result, x);
        Py_DECREF(x);
        Py_SETREF(result, next);
    }
    return result;
}

static PyObject *
lcm_of_two(PyObject *a, PyObject *b)
{
    if (_PyLong_Sign(a) == 0 || _PyLong_Sign(b) == 0) {
        return PyLong_FromLong(0);
    }
    PyObject *gcd = _PyLong_GCD(a, b);
    if (gcd == NULL) {
        return NULL;
    }
    PyObject *result = PyNumber_FloorDivide(a, gcd);
    Py_DECREF(gcd);
    if (result != NULL) {
        Py_SETREF(result, PyNumber_Multiply(result, b));
    }
    if (result != NULL) {
        Py_SETREF(result, PyNumber_Absolute(result));
    }
    return result;
}

static PyObject *
math_gcd(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    return fold_integers(args, nargs, 0, _PyLong_GCD);
}

static PyObject *
math_lcm(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    return fold_integers(args, nargs, 1, lcm_of_two);
}

PyDoc_STRVAR(math_gcd__doc__, "gcd($module, *integers)\n--\n\nGreatest Common Divisor.");
PyDoc_STRVAR(math_lcm__doc__, "lcm($module, *integers)\n--\n\nLeast Common Multiple.");

/* floor(sqrt(n)) of a machine number. */
static uint64_t
isqrt_small(uint64_t n)
{
    uint64_t r = (uint64_t)sqrt((double)n);
    while (r > UINT32_MAX || r * r > n) {
        r--;
    }
    while (r < UINT32_MAX && (r + 1) * (r + 1) <= n) {
        r++;
    }
    return r;
}

static PyObject *
shifted_down(PyObject *n, size_t count)
{
    return _PyLong_Rshift(n, count);
}

/* floor(sqrt(n)), n >= 0: the root of the upper half of the bits gives an estimate that is not
 * too small and right in half of its bits, one step of Newton's iteration all but the last. */
static PyObject *
isqrt_long(PyObject *n)
{
    size_t bits = _PyLong_NumBits(n);
    if (bits == (size_t)-1 && PyErr_Occurred()) {
        return NULL;
    }
    if (bits <= 64) {
        return PyLong_FromUnsignedLongLong(isqrt_small(PyLong_AsUnsignedLongLong(n)));
    }
    size_t k = bits / 4 - 1;
    PyObject *one = PyLong_FromLong(1), *root = NULL, *x = NULL, *square = NULL;
    PyObject *upper = one != NULL ? shifted_down(n, 2 * k) : NULL;
    if (upper == NULL) {
        goto done;
    }
    x = isqrt_long(upper);
    if (x != NULL) {
        Py_SETREF(x, PyNumber_Add(x, one));
    }
    if (x != NULL) {
        Py_SETREF(x, _PyLong_Lshift(x, k));
    }
    if (x == NULL) {
        goto done;
    }
    root = PyNumber_FloorDivide(n, x);
    if (root != NULL) {
        Py_SETREF(root, PyNumber_Add(root, x));
    }
    if (root != NULL) {
        Py_SETREF(root, _PyLong_Rshift(root, 1));
    }
    while (root != NULL) {
        /* A step never goes below the root, so only downwards is left. */
        Py_XSETREF(square, PyNumber_Multiply(root, root));
        int over = square != NULL ? PyObject_RichCompareBool(square, n, Py_GT) : -1;
        if (over == 0) {
            break;
        }
        Py_SETREF(root, over < 0 ? NULL : PyNumber_Subtract(root, one));
    }
done:
    Py_XDECREF(one);
    Py_XDECREF(upper);
    Py_XDECREF(x);
    Py_XDECREF(square);
    return root;
}

/*sig math.isqrt(module, n, /)

Return the integer part of the square root of the input.
*/
static PyObject *
math_isqrt_impl(PyObject *Py_UNUSED(module), PyObject *n)
{
    n = PyNumber_Index(n);
    if (n == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    if (_PyLong_Sign(n) < 0) {
        PyErr_SetString(PyExc_ValueError, "isqrt() argument must be nonnegative");
    }
    else {
        result = isqrt_long(n);
    }
    Py_DECREF(n);
    return result;
}

/* first * (first + step) * ... of `count` factors: halves are multiplied with each other, so that
 * the factors of a product are of about the same size. */
static PyObject *
product_range(uint64_t first, uint64_t count, uint64_t step)
{
    assert(count == 0 || first <= UINT64_MAX - (count - 1) * step);
    uint64_t product = 1;
    uint64_t i = 0;
    while (i < count && !__builtin_mul_overflow(product, first + i * step, &product)) {
        i++;
    }
    if (i == count) {
        return PyLong_FromUnsignedLongLong(product);
    }
    uint64_t half = count / 2;
    PyObject *left = product_range(first, half, step);
    PyObject *right = left != NULL
                      ? product_range(first + half * step, count - half, step) : NULL;
    PyObject *result = right != NULL ? PyNumber_Multiply(left, right) : NULL;
    Py_XDECREF(left);
    Py_XDECREF(right);
    return result;
}

/* The odd part of n!: the odd numbers up to n times the odd part of floor(n/2)!. */
static PyObject *
factorial_odd(uint64_t n)
{
    if (n < 3) {
        return PyLong_FromLong(1);
    }
    PyObject *rest = factorial_odd(n / 2);
    PyObject *odds = rest != NULL ? product_range(3, (n - 1) / 2, 2) : NULL;
    PyObject *result = odds != NULL ? PyNumber_Multiply(odds, rest) : NULL;
    Py_XDECREF(rest);
    Py_XDECREF(odds);
    return result;
}

/*sig math.factorial(module, n, /)

Find n!.

Raise a ValueError if x is negative or non-integral.
*/
static PyObject *
math_factorial_impl(PyObject *Py_UNUSED(module), PyObject *n)
{
    int overflow;
    long x = PyLong_AsLongAndOverflow(n, &overflow);
    if (x == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (overflow > 0) {
        PyErr_Format(PyExc_OverflowError, "factorial() argument should not exceed %ld", LONG_MAX);
        return NULL;
    }
    if (x < 0) {
        PyErr_SetString(PyExc_ValueError, "factorial() not defined for negative values");
        return NULL;
    }
    PyObject *result = factorial_odd((uint64_t)x);
    if (result != NULL) {
        /* Legendre: the exponent of 2 is n less the number of its bits that are 1. */
        size_t twos = (size_t)x - (size_t)__builtin_popcountl((unsigned long)x);
        Py_SETREF(result, _PyLong_Lshift(result, twos));
    }
    return result;
}

/* n - i as a new int. */
static PyObject *
minus(PyObject *n, unsigned long long i)
{
    PyObject *count = PyLong_FromUnsignedLongLong(i);
    PyObject *result = count != NULL ? PyNumber_Subtract(n, count) : NULL;
    Py_XDECREF(count);
    return result;
}

/* n * (n-1) * ... of k factors, n >= k. */
static PyObject *
perm_long(PyObject *n, unsigned long long k)
{
    if (k == 0) {
        return PyLong_FromLong(1);
    }
    if (k == 1) {
        return Py_NewRef(n);
    }
    if (_PyLong_NumBits(n) <= 64) {
        return product_range(PyLong_AsUnsignedLongLong(n) - k + 1, k, 1);
    }
    unsigned long long half = k / 2;
    PyObject *rest = minus(n, half);
    PyObject *left = rest != NULL ? perm_long(n, half) : NULL;
    PyObject *right = left != NULL ? perm_long(rest, k - half) : NULL;
    PyObject *result = right != NULL ? PyNumber_Multiply(left, right) : NULL;
    Py_XDECREF(rest);
    Py_XDECREF(left);
    Py_XDECREF(right);
    return result;
}

/* n over k, n >= 2*k, by C(n,k) = C(n,j) * C(n-j,k-j) / C(k,j); in machine numbers while each step
 * fits. */
static PyObject *
comb_long(PyObject *n, unsigned long long k)
{
    if (k == 0) {
        return PyLong_FromLong(1);
    }
    if (k == 1) {
        return Py_NewRef(n);
    }
    if (_PyLong_NumBits(n) <= 64) {
        uint64_t x = PyLong_AsUnsignedLongLong(n), product = 1, i = 0;
        while (i < k) {
            unsigned __int128 next = (unsigned __int128)product * (x - i) / (i + 1);
            if (next > UINT64_MAX) {
                break;
            }
            product = (uint64_t)next;
            i++;
        }
        if (i == k) {
            return PyLong_FromUnsignedLongLong(product);
        }
    }
    unsigned long long j = k / 2;
    PyObject *result = NULL, *a = NULL, *b = NULL, *c = NULL;
    PyObject *rest = minus(n, j), *whole = PyLong_FromUnsignedLongLong(k);
    if (rest != NULL && whole != NULL && (a = comb_long(n, j)) != NULL
        && (b = comb_long(rest, k - j)) != NULL && (c = comb_long(whole, j)) != NULL)
    {
        result = PyNumber_Multiply(a, b);
        if (result != NULL) {
            Py_SETREF(result, PyNumber_FloorDivide(result, c));
        }
    }
    Py_XDECREF(rest);
    Py_XDECREF(whole);
    Py_XDECREF(a);
    Py_XDECREF(b);
    Py_XDECREF(c);
    return result;
}

/* Check n and k, which are ints.  1 if n >= k; 0 if the result is zero; -1 with ValueError. */
static int
check_choice(PyObject *n, PyObject *k)
{
    if (_PyLong_Sign(n) < 0) {
        PyErr_SetString(PyExc_ValueError, "n must be a non-negative integer");
        return -1;
    }
    if (_PyLong_Sign(k) < 0) {
        PyErr_SetString(PyExc_ValueError, "k must be a non-negative integer");
        return -1;
    }
    return PyObject_RichCompareBool(n, k, Py_GE);
}

/* k for perm_long() and comb_long(): 0, or -1 with OverflowError. */
static int
get_count(PyObject *k, const char *what, unsigned long long *count)
{
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(k, &overflow);
    if (overflow > 0) {
        PyErr_Format(PyExc_OverflowError, "%s must not exceed %lld", what, LLONG_MAX);
        return -1;
    }
    assert(value >= 0);
    *count = (unsigned long long)value;
    return 0;
}

/*sig math.perm(module, n, k=None, /)

Number of ways to choose k items from n items without repetition and with order.

Evaluates to n! / (n - k)! when k <= n and evaluates
to zero when k > n.

If k is not specified or is None, then k defaults to n
and the function returns n!.

Raises TypeError if either of the arguments are not integers.
Raises ValueError if either of the arguments are negative.
*/
static PyObject *
math_perm_impl(PyObject *module, PyObject *n, PyObject *k)
{
    if (k == Py_None) {
        return math_factorial_impl(module, n);
    }
    n = PyNumber_Index(n);
    if (n == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    k = PyNumber_Index(k);
    int some = k != NULL ? check_choice(n, k) : -1;
    unsigned long long count;
    if (some == 0) {
        result = PyLong_FromLong(0);
    }
    else if (some > 0 && get_count(k, "k", &count) == 0) {
        result = perm_long(n, count);
    }
    Py_DECREF(n);
    Py_XDECREF(k);
    return result;
}

/*sig math.comb(module, n, k, /)

Number of ways to choose k items from n items without repetition and without order.

Evaluates to n! / (k! * (n - k)!) when k <= n and evaluates
to zero when k > n.

Also called the binomial coefficient because it is equivalent
to the coefficient of k-th term in polynomial expansion of the
expression (1 + x)**n.

Raises TypeError if either of the arguments are not integers.
Raises ValueError if either of the arguments are negative.
*/
static PyObject *
math_comb_impl(PyObject *Py_UNUSED(module), PyObject *n, PyObject *k)
{
    n = PyNumber_Index(n);
    if (n == NULL) {
        return NULL;
    }
    PyObject *result = NULL, *other = NULL;
    k = PyNumber_Index(k);
    int some = k != NULL ? check_choice(n, k) : -1;
    if (some == 0) {
        result = PyLong_FromLong(0);
    }
    else if (some > 0) {
        unsigned long long count;
        other = PyNumber_Subtract(n, k);
        int less = other != NULL ? PyObject_RichCompareBool(other, k, Py_LT) : -1;
        if (less >= 0 && get_count(less ? other : k, "min(n - k, k)", &count) == 0) {
            result = comb_long(n, count);
        }
    }
    Py_DECREF(n);
    Py_XDECREF(k);
    Py_XDECREF(other);
    return result;
}

/* ------------------------------------------------------------------------------------ module */

#define UNARY_ROW(NAME) {#NAME, math_##NAME, METH_O, math_##NAME##__doc__},
#define FAST_ROW(NAME) \
    {#NAME, _PyCFunction_CAST(math_##NAME), METH_FASTCALL, math_##NAME##__doc__},

static const PyMethodDef math_methods[] = {
    UNARY_ROW(acos)
    UNARY_ROW(acosh)
    UNARY_ROW(asin)
    UNARY_ROW(asinh)
    UNARY_ROW(atan)
    UNARY_ROW(atanh)
    UNARY_ROW(cbrt)
    UNARY_ROW(cos)
    UNARY_ROW(cosh)
    UNARY_ROW(erf)
    UNARY_ROW(erfc)
    UNARY_ROW(exp)
    UNARY_ROW(exp2)
    UNARY_ROW(expm1)
    UNARY_ROW(fabs)
    UNARY_ROW(gamma)
    UNARY_ROW(lgamma)
    UNARY_ROW(log1p)
    UNARY_ROW(sin)
    UNARY_ROW(sinh)
    UNARY_ROW(sqrt)
    UNARY_ROW(tan)
    UNARY_ROW(tanh)
    FAST_ROW(atan2)
    FAST_ROW(copysign)
    FAST_ROW(fmod)
    FAST_ROW(gcd)
    FAST_ROW(hypot)
    FAST_ROW(lcm)
    FAST_ROW(log)
    FAST_ROW(remainder)
    MATH_CEIL_METHODDEF
    MATH_COMB_METHODDEF
    MATH_DEGREES_METHODDEF
    MATH_DIST_METHODDEF
    MATH_FACTORIAL_METHODDEF
    MATH_FLOOR_METHODDEF
    MATH_FREXP_METHODDEF
    MATH_FSUM_METHODDEF
    MATH_ISCLOSE_METHODDEF
    MATH_ISFINITE_METHODDEF
    MATH_ISINF_METHODDEF
    MATH_ISNAN_METHODDEF
    MATH_ISQRT_METHODDEF
    MATH_LDEXP_METHODDEF
    MATH_LOG10_METHODDEF
    MATH_LOG2_METHODDEF
    MATH_MODF_METHODDEF
    MATH_NEXTAFTER_METHODDEF
    MATH_PERM_METHODDEF
    MATH_POW_METHODDEF
    MATH_PROD_METHODDEF
    MATH_RADIANS_METHODDEF
    MATH_SUMPROD_METHODDEF
    MATH_TRUNC_METHODDEF
    MATH_ULP_METHODDEF
    {NULL, NULL, 0, NULL}
};

static int
math_exec(PyObject *module)
{
    static const struct {
        const char *name;
        double value;
    } constants[] = {
        {"pi", Py_MATH_PI}, {"e", Py_MATH_E}, {"tau", 2.0 * Py_MATH_PI}, {"inf", INFINITY},
        {"nan", NAN},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        PyObject *value = PyFloat_FromDouble(constants[i].value);
        int err = PyModule_AddObjectRef(module, constants[i].name, value);
        Py_XDECREF(value);
        if (err < 0) {
            return -1;
        }
    }
    return 0;
}

static const PyModuleDef_Slot math_slots[] = {
    {Py_mod_exec, math_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(math__doc__,
"This module provides access to the mathematical functions\n\
defined by the C standard.");

static _Py_SHARED struct PyModuleDef mathmodule = {
    PyModuleDef_HEAD_INIT,
    .m_name = "math",
    .m_doc = math__doc__,
    .m_methods = (PyMethodDef *)math_methods,
    .m_slots = (PyModuleDef_Slot *)math_slots,
};

PyMODINIT_FUNC
PyInit_math(void)
{
    return PyModuleDef_Init(&mathmodule);
}
