/* The module cmath: functions of complex numbers.
 *
 * The C library computes them; its special values and branch cuts are those of C99, annex G, which
 * the module promises too.  Exceptions follow from argument and result: a result that is NaN from
 * an argument that is not is a domain error, an infinite one from a finite argument an overflow,
 * or a domain error at a pole.
 *
 * Written from the library reference (cmath), C99 annex G and observed messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"

#include <complex.h>
#include <math.h>
#include <stdbool.h>

#include "sig/cmathmodule.sig.h"

static inline double complex
to_c(Py_complex z)
{
    return CMPLX(z.real, z.imag);
}

static inline PyObject *
from_c(double complex z)
{
    return PyComplex_FromDoubles(creal(z), cimag(z));
}

static inline bool
has_nan(double complex z)
{
    return isnan(creal(z)) || isnan(cimag(z));
}

static inline bool
has_inf(double complex z)
{
    return isinf(creal(z)) || isinf(cimag(z));
}

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

/* The result of a function without poles. */
static PyObject *
checked(double complex z, double complex result)
{
    if (!has_nan(z)) {
        if (has_nan(result)) {
            return domain_error();
        }
        if (has_inf(result) && !has_inf(z)) {
            return range_error();
        }
    }
    return from_c(result);
}

/*sig cmath.acos(module, z: complex, /)

Return the arc cosine of z.
*/
static PyObject *
cmath_acos_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    return checked(to_c(z), cacos(to_c(z)));
}

/*sig cmath.acosh(module, z: complex, /)

Return the inverse hyperbolic cosine of z.
*/
static PyObject *
cmath_acosh_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    if (isfinite(z.real) && isnan(z.imag)) {
        return from_c(CMPLX(Py_NAN, Py_NAN));       /* glibc knows the imaginary part for zero */
    }
    return checked(to_c(z), cacosh(to_c(z)));
}

/*sig cmath.asin(module, z: complex, /)

Return the arc sine of z.
*/
static PyObject *
cmath_asin_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    return checked(to_c(z), casin(to_c(z)));
}

/*sig cmath.asinh(module, z: complex, /)

Return the inverse hyperbolic sine of z.
*/
static PyObject *
cmath_asinh_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    return checked(to_c(z), casinh(to_c(z)));
}

/*sig cmath.atan(module, z: complex, /)

Return the arc tangent of z.
*/
static PyObject *
cmath_atan_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    if (z.real == 0.0 && fabs(z.imag) == 1.0) {
        return domain_error();      /* a pole */
    }
    return checked(to_c(z), catan(to_c(z)));
}

/*sig cmath.atanh(module, z: complex, /)

Return the inverse hyperbolic tangent of z.
*/
static PyObject *
cmath_atanh_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    if (z.imag == 0.0 && fabs(z.real) == 1.0) {
        return domain_error();      /* a pole */
    }
    return checked(to_c(z), catanh(to_c(z)));
}

/*sig cmath.cos(module, z: complex, /)

Return the cosine of z.
*/
static PyObject *
cmath_cos_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    return checked(to_c(z), ccos(to_c(z)));
}

/*sig cmath.cosh(module, z: complex, /)

Return the hyperbolic cosine of z.
*/
static PyObject *
cmath_cosh_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    return checked(to_c(z), ccosh(to_c(z)));
}

/*sig cmath.exp(module, z: complex, /)

Return the exponential value e**z.
*/
static PyObject *
cmath_exp_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    return checked(to_c(z), cexp(to_c(z)));
}

/*sig cmath.sin(module, z: complex, /)

Return the sine of z.
*/
static PyObject *
cmath_sin_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    return checked(to_c(z), csin(to_c(z)));
}

/*sig cmath.sinh(module, z: complex, /)

Return the hyperbolic sine of z.
*/
static PyObject *
cmath_sinh_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    return checked(to_c(z), csinh(to_c(z)));
}

/*sig cmath.sqrt(module, z: complex, /)

Return the square root of z.
*/
static PyObject *
cmath_sqrt_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    return checked(to_c(z), csqrt(to_c(z)));
}

/*sig cmath.tan(module, z: complex, /)

Return the tangent of z.
*/
static PyObject *
cmath_tan_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    if (isnan(z.real) && z.imag == 0.0) {
        return from_c(CMPLX(Py_NAN, Py_NAN));       /* annex G, before its correction */
    }
    return checked(to_c(z), ctan(to_c(z)));
}

/*sig cmath.tanh(module, z: complex, /)

Return the hyperbolic tangent of z.
*/
static PyObject *
cmath_tanh_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    if (isnan(z.imag) && z.real == 0.0) {
        return from_c(CMPLX(Py_NAN, Py_NAN));       /* annex G, before its correction */
    }
    return checked(to_c(z), ctanh(to_c(z)));
}

/* --- Logarithms ------------------------------------------------------------------------------- */

/*sig cmath.log(module, z: complex, base: object = NULL, /)

log(z[, base]) -> the logarithm of z to the given base.

If the base is not specified, returns the natural logarithm (base e) of z.
*/
static PyObject *
cmath_log_impl(PyObject *Py_UNUSED(module), Py_complex z, PyObject *base)
{
    bool pole = z.real == 0.0 && z.imag == 0.0;
    double complex result = clog(to_c(z));
    if (base != NULL) {
        Py_complex b = PyComplex_AsCComplex(base);
        if (b.real == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
        double complex divisor = clog(to_c(b));
        pole = (b.real == 0.0 && b.imag == 0.0) || divisor == 0.0;
        Py_complex quotient = _Py_c_quot((Py_complex){creal(result), cimag(result)},
                                         (Py_complex){creal(divisor), cimag(divisor)});
        result = to_c(quotient);
    }
    return pole ? domain_error() : from_c(result);
}

/*sig cmath.log10(module, z: complex, /)

Return the base-10 logarithm of z.
*/
static PyObject *
cmath_log10_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    if (z.real == 0.0 && z.imag == 0.0) {
        return domain_error();
    }
    double complex log = clog(to_c(z));
    return PyComplex_FromDoubles(creal(log) / M_LN10, cimag(log) / M_LN10);
}

/* --- Polar coordinates ------------------------------------------------------------------------ */

/*sig cmath.phase(module, z: complex, /)

Return argument, also known as the phase angle, of a complex.
*/
static PyObject *
cmath_phase_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    return PyFloat_FromDouble(carg(to_c(z)));
}

/*sig cmath.polar(module, z: complex, /)

Convert a complex from rectangular coordinates to polar coordinates.

r is the distance from 0 and phi the phase angle.
*/
static PyObject *
cmath_polar_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    double r = cabs(to_c(z));
    if (isinf(r) && !has_inf(to_c(z))) {
        return range_error();
    }
    return Py_BuildValue("dd", r, carg(to_c(z)));
}

/*sig cmath.rect(module, r: double, phi: double, /)

Convert from polar coordinates to rectangular coordinates.
*/
static PyObject *
cmath_rect_impl(PyObject *Py_UNUSED(module), double r, double phi)
{
    if (phi == 0.0) {
        /* The product of a number that is not finite with zero would be NaN. */
        double imag = isnan(r) ? 0.0 : isinf(r) ? (r < 0.0 ? -phi : phi) : r * phi;
        return PyComplex_FromDoubles(r, imag);
    }
    if (isinf(phi) && r != 0.0 && !isnan(r)) {
        return domain_error();
    }
    if (isinf(r) && isnan(phi)) {
        return PyComplex_FromDoubles(Py_HUGE_VAL, phi);
    }
    if (r == 0.0 && !isfinite(phi)) {
        return PyComplex_FromDoubles(0.0, 0.0);
    }
    return PyComplex_FromDoubles(r * cos(phi), r * sin(phi));
}

/* --- Classification --------------------------------------------------------------------------- */

/*sig cmath.isfinite(module, z: complex, /)

Return True if both the real and imaginary parts of z are finite, else False.
*/
static PyObject *
cmath_isfinite_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    return PyBool_FromLong(isfinite(z.real) && isfinite(z.imag));
}

/*sig cmath.isnan(module, z: complex, /)

Checks if the real or imaginary part of z not a number (NaN).
*/
static PyObject *
cmath_isnan_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    return PyBool_FromLong(has_nan(to_c(z)));
}

/*sig cmath.isinf(module, z: complex, /)

Checks if the real or imaginary part of z is infinite.
*/
static PyObject *
cmath_isinf_impl(PyObject *Py_UNUSED(module), Py_complex z)
{
    return PyBool_FromLong(has_inf(to_c(z)));
}

/*sig cmath.isclose(module, a: complex, b: complex, *, rel_tol: double = 1e-09,
                   abs_tol: double = 0.0)

Determine whether two complex numbers are close in value.

  rel_tol
    maximum difference for being considered "close", relative to the
    magnitude of the input values
  abs_tol
    maximum difference for being considered "close", regardless of the
    magnitude of the input values

Return True if a is close in value to b, and False otherwise.

For the values to be considered close, the difference between them must be
smaller than at least one of the tolerances.

-inf, inf and NaN behave similarly to the IEEE 754 Standard. That is, NaN is
not close to anything, even itself. inf and -inf are only close to themselves.
*/
static PyObject *
cmath_isclose_impl(PyObject *Py_UNUSED(module), Py_complex a, Py_complex b, double rel_tol,
                   double abs_tol)
{
    if (rel_tol < 0.0 || abs_tol < 0.0) {
        PyErr_SetString(PyExc_ValueError, "tolerances must be non-negative");
        return NULL;
    }
    double complex x = to_c(a), y = to_c(b);
    if (a.real == b.real && a.imag == b.imag) {
        Py_RETURN_TRUE;
    }
    if (has_inf(x) || has_inf(y)) {
        Py_RETURN_FALSE;
    }
    double difference = cabs(CMPLX(a.real - b.real, a.imag - b.imag));
    return PyBool_FromLong(difference <= rel_tol * cabs(y) || difference <= rel_tol * cabs(x)
                           || difference <= abs_tol);
}

/* --- The module ------------------------------------------------------------------------------- */

static PyMethodDef cmath_functions[] = {
    CMATH_ACOS_METHODDEF
    CMATH_ACOSH_METHODDEF
    CMATH_ASIN_METHODDEF
    CMATH_ASINH_METHODDEF
    CMATH_ATAN_METHODDEF
    CMATH_ATANH_METHODDEF
    CMATH_COS_METHODDEF
    CMATH_COSH_METHODDEF
    CMATH_EXP_METHODDEF
    CMATH_ISCLOSE_METHODDEF
    CMATH_ISFINITE_METHODDEF
    CMATH_ISINF_METHODDEF
    CMATH_ISNAN_METHODDEF
    CMATH_LOG_METHODDEF
    CMATH_LOG10_METHODDEF
    CMATH_PHASE_METHODDEF
    CMATH_POLAR_METHODDEF
    CMATH_RECT_METHODDEF
    CMATH_SIN_METHODDEF
    CMATH_SINH_METHODDEF
    CMATH_SQRT_METHODDEF
    CMATH_TAN_METHODDEF
    CMATH_TANH_METHODDEF
    {NULL}
};

/* Add an object of the module's own making (consumed, may be NULL); 0 or -1. */
static int
add_new(PyObject *module, const char *name, PyObject *object)
{
    int result = PyModule_AddObjectRef(module, name, object);
    Py_XDECREF(object);
    return result;
}

static int
cmath_exec(PyObject *module)
{
    const double pi = 3.14159265358979323846, e = 2.71828182845904523536;
    const double inf = Py_HUGE_VAL, nan = fabs(Py_NAN);
    if (add_new(module, "pi", PyFloat_FromDouble(pi)) < 0
        || add_new(module, "e", PyFloat_FromDouble(e)) < 0
        || add_new(module, "tau", PyFloat_FromDouble(2.0 * pi)) < 0
        || add_new(module, "inf", PyFloat_FromDouble(inf)) < 0
        || add_new(module, "nan", PyFloat_FromDouble(nan)) < 0
        || add_new(module, "infj", PyComplex_FromDoubles(0.0, inf)) < 0)
    {
        return -1;
    }
    return add_new(module, "nanj", PyComplex_FromDoubles(0.0, nan));
}

static PyModuleDef_Slot cmath_slots[] = {
    {Py_mod_exec, cmath_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(cmath_doc,
"This module provides access to mathematical functions for complex\n"
"numbers.");

static _Py_SHARED struct PyModuleDef cmath_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "cmath",
    .m_doc = cmath_doc,
    .m_size = 0,
    .m_methods = cmath_functions,
    .m_slots = cmath_slots,
};

PyMODINIT_FUNC
PyInit_cmath(void)
{
    return PyModuleDef_Init(&cmath_module);
}
