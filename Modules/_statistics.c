/* The module _statistics: one function of the module statistics that is called often.
 *
 * The coefficients are those of Wichura, M.J. (1988), "Algorithm AS241: The Percentage Points of
 * the Normal Distribution", Applied Statistics 37 (3), 477-484, routine PPND16.
 *
 * Written from that paper and the library reference (statistics, NormalDist.inv_cdf).
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"

#include <math.h>

#include "sig/_statistics.sig.h"

#define TERMS 8

/* A quotient of two polynomials, the highest power first. */
struct quotient {
    double numerator[TERMS], denominator[TERMS];
};

static const struct quotient center = {
    {2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
     4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
     1.3314166789178437745e+2, 3.3871328727963666080e+0},
    {5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4,
     2.1213794301586595867e+4, 5.3941960214247511077e+3, 6.8718700749205790830e+2,
     4.2313330701600911252e+1, 1.0},
};

static const struct quotient middle = {
    {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
     1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
     4.63033784615654529590e+0, 1.42343711074968357734e+0},
    {1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
     1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e+0,
     2.05319162663775882187e+0, 1.0},
};

static const struct quotient tail = {
    {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
     2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e+0,
     5.46378491116411436990e+0, 6.65790464350110377720e+0},
    {2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
     7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
     5.99832206555887937690e-1, 1.0},
};

static double
polynomial(const double *coefficients, double x)
{
    double value = coefficients[0];
    for (int i = 1; i < TERMS; i++) {
        value = value * x + coefficients[i];
    }
    return value;
}

/* The point below which a share p of the standard normal distribution lies, 0 < p < 1. */
static double
standard_inv_cdf(double p)
{
    double q = p - 0.5;
    if (fabs(q) <= 0.425) {
        double r = 0.180625 - q * q;
        return polynomial(center.numerator, r) * q / polynomial(center.denominator, r);
    }
    double r = sqrt(-log(q <= 0.0 ? p : 1.0 - p));
    const struct quotient *region = r <= 5.0 ? &middle : &tail;
    r -= r <= 5.0 ? 1.6 : 5.0;
    double x = polynomial(region->numerator, r) / polynomial(region->denominator, r);
    return q < 0.0 ? -x : x;
}

/*sig _statistics._normal_dist_inv_cdf(module, p: double, mu: double, sigma: double, /) -> double
*/
static double
statistics_normal_dist_inv_cdf_impl(PyObject *Py_UNUSED(module), double p, double mu, double sigma)
{
    if (p <= 0.0 || p >= 1.0) {
        PyErr_SetString(PyExc_ValueError, "inv_cdf undefined for these parameters");
        return -1.0;
    }
    return mu + standard_inv_cdf(p) * sigma;
}

static PyMethodDef statistics_functions[] = {
    STATISTICS_NORMAL_DIST_INV_CDF_METHODDEF
    {NULL}
};

static PyModuleDef_Slot statistics_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef statistics_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_statistics",
    .m_doc = PyDoc_STR("Accelerators for the statistics module.\n"),
    .m_methods = statistics_functions,
    .m_slots = statistics_slots,
};

PyMODINIT_FUNC
PyInit__statistics(void)
{
    return PyModuleDef_Init(&statistics_module);
}
