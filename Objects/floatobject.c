/* float.
 *
 * Values are C doubles (IEEE 754 binary64).  Hashing and comparison with ints are exact: see
 * "Hashing of numeric types" in the library reference.
 * Packing to 2, 4 and 8 bytes is in floatpack.c, text and hexadecimal form in floattext.c.
 * Written from the library reference, the C API reference ("Floating Point Objects") and observed
 * behaviour of 3.12. */
#include "Python.h"
#include "pycore_abstract.h"
#include "pycore_float.h"
#include "pycore_number.h"
#include "pycore_private_api.h"
#include "pycore_pystate.h"
#include "pycore_strings.h"

#include <float.h>
#include <math.h>

#include "sig/floatobject.sig.h"

/* ---- C API -------------------------------------------------------------------------------- */

double
PyFloat_GetMax(void)
{
    return DBL_MAX;
}

double
PyFloat_GetMin(void)
{
    return DBL_MIN;
}

PyObject *
PyFloat_GetInfo(void)
{
    return Py_XNewRef(PySys_GetObject("float_info"));
}

PyObject *
PyFloat_FromDouble(double fval)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyFloatObject *op = _Py_FREELIST_POP(PyFloatObject, tstate, floats);
    if (op == NULL) {
        op = PyObject_Malloc(sizeof(*op));
        if (op == NULL) {
            return PyErr_NoMemory();
        }
        Py_SET_TYPE((PyObject *)op, &PyFloat_Type);
    }
    _PyObject_Revive((PyObject *)op);
    op->ob_fval = fval;
    return (PyObject *)op;
}

/* Frees an exact float whose count is 0. */
void
_PyFloat_ExactDealloc(PyObject *op)
{
    _PyFloat_Drop(op);
}

static void
float_dealloc(PyObject *op)
{
    if (PyFloat_CheckExact(op)) {
        _PyFloat_ExactDealloc(op);
    }
    else {
        Py_TYPE(op)->tp_free(op);
    }
}

void
_PyFloat_DebugMallocStats(FILE *out)
{
    _PyDebugAllocatorStats(out, "free PyFloatObject",
                           _PyThreadState_GET()->heap->freelists.floats.count,
                           sizeof(PyFloatObject));
}

/* The value of a float, or of an object with __float__ or __index__: -1.0 with an error set. */
double
PyFloat_AsDouble(PyObject *op)
{
    if (op == NULL) {
        PyErr_BadArgument();
        return -1;
    }
    if (PyFloat_Check(op)) {
        return PyFloat_AS_DOUBLE(op);
    }
    PyNumberMethods *nb = Py_TYPE(op)->tp_as_number;
    if (nb == NULL || nb->nb_float == NULL) {
        if (nb != NULL && nb->nb_index != NULL) {
            PyObject *res = _PyNumber_Index(op);
            if (res == NULL) {
                return -1;
            }
            double val = PyLong_AsDouble(res);
            Py_DECREF(res);
            return val;
        }
        PyErr_Format(PyExc_TypeError, "must be real number, not %.50s", Py_TYPE(op)->tp_name);
        return -1;
    }
    PyObject *res = (*nb->nb_float)(op);
    if (res == NULL) {
        return -1;
    }
    if (!PyFloat_CheckExact(res)) {
        if (!PyFloat_Check(res)) {
            PyErr_Format(PyExc_TypeError, "%.50s.__float__ returned non-float (type %.50s)",
                         Py_TYPE(op)->tp_name, Py_TYPE(res)->tp_name);
            Py_DECREF(res);
            return -1;
        }
        if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                             "%.50s.__float__ returned non-float (type %.50s).  "
                             "The ability to return an instance of a strict subclass of float "
                             "is deprecated, and may not be supported in a future version of "
                             "Python.", Py_TYPE(op)->tp_name, Py_TYPE(res)->tp_name)) {
            Py_DECREF(res);
            return -1;
        }
    }
    double val = PyFloat_AS_DOUBLE(res);
    Py_DECREF(res);
    return val;
}

/* For binary slots.  1 with *dbl set; 0: not a number that float knows (NotImplemented); -1:
   error. */
static int
convert_to_double(PyObject *v, double *dbl)
{
    if (PyFloat_Check(v)) {
        *dbl = PyFloat_AS_DOUBLE(v);
        return 1;
    }
    if (PyLong_Check(v)) {
        *dbl = PyLong_AsDouble(v);
        return *dbl == -1.0 && PyErr_Occurred() ? -1 : 1;
    }
    return 0;
}

/* Both operands, or the slot's early return. */
#define CONVERT_OPERANDS(V, W, A, B)                                    \
    do {                                                                \
        int _conv = convert_to_double((V), &(A));                       \
        if (_conv > 0) {                                                \
            _conv = convert_to_double((W), &(B));                       \
        }                                                               \
        if (_conv <= 0) {                                               \
            return _conv < 0 ? NULL : Py_NewRef(Py_NotImplemented);     \
        }                                                               \
    } while (0)

/* ---- comparison and hash --------------------------------------------------------------------- */

/* Sign of (i - w), exactly, for a finite float and an int; *error on failure. */
static int
compare_with_long(double i, PyObject *w, int *error)
{
    int isign = i == 0.0 ? 0 : i < 0.0 ? -1 : 1;
    int wsign = _PyLong_Sign(w);
    *error = 0;
    if (isign != wsign) {
        return isign < wsign ? -1 : 1;
    }
    size_t nbits = _PyLong_NumBits(w);
    if (nbits == (size_t)-1 && PyErr_Occurred()) {
        PyErr_Clear();          /* too large to count: beyond every float */
        return -wsign;
    }
    if (nbits <= 48) {
        double j = PyLong_AsDouble(w);
        return i < j ? -1 : i > j;
    }
    int exponent;
    frexp(i, &exponent);
    if (exponent < 0 || (size_t)exponent < nbits) {
        return -wsign;
    }
    if ((size_t)exponent > nbits) {
        return wsign;
    }
    /* Same magnitude: compare the integer parts, then what is left of the float. */
    double intpart, fraction = modf(i, &intpart);
    PyObject *whole = PyLong_FromDouble(intpart);
    if (whole == NULL) {
        *error = 1;
        return 0;
    }
    int lt = PyObject_RichCompareBool(whole, w, Py_LT);
    int eq = lt == 0 ? PyObject_RichCompareBool(whole, w, Py_EQ) : 0;
    Py_DECREF(whole);
    if (lt < 0 || eq < 0) {
        *error = 1;
        return 0;
    }
    if (lt) {
        return -1;
    }
    if (!eq) {
        return 1;
    }
    return fraction < 0.0 ? -1 : fraction > 0.0;
}

static PyObject *
float_richcompare(PyObject *v, PyObject *w, int op)
{
    assert(PyFloat_Check(v));
    double i = PyFloat_AS_DOUBLE(v), j;
    if (PyFloat_Check(w)) {
        j = PyFloat_AS_DOUBLE(w);
    }
    else if (PyLong_Check(w)) {
        if (!isfinite(i)) {
            j = 0.0;            /* any int: infinities and nan do not care */
        }
        else {
            int error;
            i = compare_with_long(i, w, &error);
            if (error) {
                return NULL;
            }
            j = 0.0;
        }
    }
    else {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int result;
    switch (op) {
    case Py_EQ: result = i == j; break;
    case Py_NE: result = i != j; break;
    case Py_LE: result = i <= j; break;
    case Py_GE: result = i >= j; break;
    case Py_LT: result = i < j; break;
    default: result = i > j; break;
    }
    return PyBool_FromLong(result);
}

static Py_hash_t
float_hash(PyFloatObject *v)
{
    return _Py_HashDouble((PyObject *)v, v->ob_fval);
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

static PyObject *
float_add(PyObject *v, PyObject *w)
{
    double a, b;
    CONVERT_OPERANDS(v, w, a, b);
    return PyFloat_FromDouble(a + b);
}

static PyObject *
float_sub(PyObject *v, PyObject *w)
{
    double a, b;
    CONVERT_OPERANDS(v, w, a, b);
    return PyFloat_FromDouble(a - b);
}

static PyObject *
float_mul(PyObject *v, PyObject *w)
{
    double a, b;
    CONVERT_OPERANDS(v, w, a, b);
    return PyFloat_FromDouble(a * b);
}

static PyObject *
float_div(PyObject *v, PyObject *w)
{
    double a, b;
    CONVERT_OPERANDS(v, w, a, b);
    if (b == 0.0) {
        PyErr_SetString(PyExc_ZeroDivisionError, "float division by zero");
        return NULL;
    }
    return PyFloat_FromDouble(a / b);
}

/* Remainder with the sign of the divisor. */
static double
python_mod(double vx, double wx)
{
    double mod = fmod(vx, wx);
    if (mod != 0.0) {
        if ((wx < 0) != (mod < 0)) {
            mod += wx;
        }
    }
    else {
        mod = copysign(0.0, wx);
    }
    return mod;
}

static PyObject *
float_rem(PyObject *v, PyObject *w)
{
    double vx, wx;
    CONVERT_OPERANDS(v, w, vx, wx);
    if (wx == 0.0) {
        PyErr_SetString(PyExc_ZeroDivisionError, "float modulo");
        return NULL;
    }
    return PyFloat_FromDouble(python_mod(vx, wx));
}

static void
float_div_mod(double vx, double wx, double *floordiv, double *mod)
{
    *mod = fmod(vx, wx);
    double div = (vx - *mod) / wx;
    if (*mod != 0.0) {
        if ((wx < 0) != (*mod < 0)) {
            *mod += wx;
            div -= 1.0;
        }
    }
    else {
        *mod = copysign(0.0, wx);
    }
    if (div != 0.0) {
        *floordiv = floor(div);
        if (div - *floordiv > 0.5) {
            *floordiv += 1.0;
        }
    }
    else {
        *floordiv = copysign(0.0, vx / wx);
    }
}

static PyObject *
float_divmod(PyObject *v, PyObject *w)
{
    double vx, wx, mod, floordiv;
    CONVERT_OPERANDS(v, w, vx, wx);
    if (wx == 0.0) {
        PyErr_SetString(PyExc_ZeroDivisionError, "float divmod()");
        return NULL;
    }
    float_div_mod(vx, wx, &floordiv, &mod);
    return Py_BuildValue("(dd)", floordiv, mod);
}

static PyObject *
float_floor_div(PyObject *v, PyObject *w)
{
    double vx, wx, mod, floordiv;
    CONVERT_OPERANDS(v, w, vx, wx);
    if (wx == 0.0) {
        PyErr_SetString(PyExc_ZeroDivisionError, "float floor division by zero");
        return NULL;
    }
    float_div_mod(vx, wx, &floordiv, &mod);
    return PyFloat_FromDouble(floordiv);
}

static PyObject *
float_pow(PyObject *v, PyObject *w, PyObject *z)
{
    if (z != Py_None) {
        PyErr_SetString(PyExc_TypeError,
                        "pow() 3rd argument not allowed unless all arguments are integers");
        return NULL;
    }
    double iv, iw;
    CONVERT_OPERANDS(v, w, iv, iw);
    if (iw == 0.0 || iv == 1.0) {
        return PyFloat_FromDouble(1.0);
    }
    if (iv == 0.0 && iw < 0.0 && isfinite(iw)) {
        PyErr_SetString(PyExc_ZeroDivisionError,
                        "0.0 cannot be raised to a negative power");
        return NULL;
    }
    if (iv < 0.0 && isfinite(iv) && isfinite(iw) && iw != floor(iw)) {
        /* The result is complex. */
        return PyComplex_Type.tp_as_number->nb_power(v, w, z);
    }
    errno = 0;
    double ix = pow(iv, iw);
    if (isinf(ix) && isfinite(iv) && isfinite(iw)) {
        errno = ERANGE;
        PyErr_SetFromErrno(PyExc_OverflowError);
        return NULL;
    }
    return PyFloat_FromDouble(ix);
}

static PyObject *
float_neg(PyFloatObject *v)
{
    return PyFloat_FromDouble(-v->ob_fval);
}

static PyObject *
float_abs(PyFloatObject *v)
{
    return PyFloat_FromDouble(fabs(v->ob_fval));
}

static int
float_bool(PyFloatObject *v)
{
    return v->ob_fval != 0.0;
}

/* ---- methods: rounding and parts ------------------------------------------------------------- */

/*sig float.is_integer(self)

Return True if the float is an integer.
*/
static PyObject *
float_is_integer_impl(PyObject *self)
{
    double x = PyFloat_AS_DOUBLE(self);
    return PyBool_FromLong(isfinite(x) && floor(x) == x);
}

/*sig float.__trunc__(self)

Return the Integral closest to x between 0 and x.
*/
static PyObject *
float___trunc___impl(PyObject *self)
{
    return PyLong_FromDouble(PyFloat_AS_DOUBLE(self));
}

/*sig float.__floor__(self)

Return the floor as an Integral.
*/
static PyObject *
float___floor___impl(PyObject *self)
{
    return PyLong_FromDouble(floor(PyFloat_AS_DOUBLE(self)));
}

/*sig float.__ceil__(self)

Return the ceiling as an Integral.
*/
static PyObject *
float___ceil___impl(PyObject *self)
{
    return PyLong_FromDouble(ceil(PyFloat_AS_DOUBLE(self)));
}

/* x rounded to ndigits decimals, half to even, through the correctly rounded text. */
static PyObject *
double_round(double x, int ndigits)
{
    int decpt, sign;
    char *end;
    char *digits = _Py_dg_dtoa(x, 3, ndigits, &decpt, &sign, &end);
    if (digits == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *result = NULL;
    char small[128], *buf = small;
    size_t len = (size_t)(end - digits);
    if (len + 32 > sizeof(small)) {
        buf = PyMem_Malloc(len + 32);
        if (buf == NULL) {
            _Py_dg_freedtoa(digits);
            return PyErr_NoMemory();
        }
    }
    PyOS_snprintf(buf, len + 32, "%s0%se%d", sign ? "-" : "", digits, decpt - (int)len);
    _Py_dg_freedtoa(digits);
    errno = 0;
    double value = _Py_dg_strtod(buf, NULL);
    if (isinf(value)) {
        PyErr_SetString(PyExc_OverflowError, "rounded value too large to represent");
    }
    else {
        result = PyFloat_FromDouble(value);
    }
    if (buf != small) {
        PyMem_Free(buf);
    }
    return result;
}

/*sig float.__round__(self, ndigits=None, /)

Return the Integral closest to x, rounding half toward even.

When an argument is passed, work like built-in round(x, ndigits).
*/
static PyObject *
float___round___impl(PyObject *self, PyObject *o_ndigits)
{
    double x = PyFloat_AsDouble(self);
    if (o_ndigits == Py_None) {
        /* half to even */
        double rounded = round(x);
        if (fabs(x - rounded) == 0.5) {
            rounded = 2.0 * round(x / 2.0);
        }
        return PyLong_FromDouble(rounded);
    }
    Py_ssize_t ndigits = PyNumber_AsSsize_t(o_ndigits, NULL);
    if (ndigits == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (!isfinite(x)) {
        return PyFloat_FromDouble(x);
    }
    /* Beyond these bounds nothing changes, or nothing is left: 2**-1074 has 323 zeros, and values
     * have at most 309 digits. */
    if (ndigits > 323) {
        return PyFloat_FromDouble(x);
    }
    if (ndigits < -308) {
        return PyFloat_FromDouble(0.0 * x);
    }
    return double_round(x, (int)ndigits);
}

/*sig float.conjugate(self)

Return self, the complex conjugate of any float.
*/
static PyObject *
float_conjugate_impl(PyObject *self)
{
    return PyFloat_CheckExact(self) ? Py_NewRef(self)
                                    : PyFloat_FromDouble(PyFloat_AS_DOUBLE(self));
}

static PyObject *
float_float(PyObject *v)
{
    return float_conjugate_impl(v);
}

/*sig float.as_integer_ratio(self)

Return a pair of integers, whose ratio is exactly equal to the original float.

The ratio is in lowest terms and has a positive denominator.  Raise
OverflowError on infinities and a ValueError on NaNs.

>>> (10.0).as_integer_ratio()
(10, 1)
>>> (0.0).as_integer_ratio()
(0, 1)
>>> (-.25).as_integer_ratio()
(-1, 4)
*/
static PyObject *
float_as_integer_ratio_impl(PyObject *self)
{
    double x = PyFloat_AS_DOUBLE(self);
    if (isinf(x)) {
        PyErr_SetString(PyExc_OverflowError, "cannot convert Infinity to integer ratio");
        return NULL;
    }
    if (isnan(x)) {
        PyErr_SetString(PyExc_ValueError, "cannot convert NaN to integer ratio");
        return NULL;
    }
    int exponent;
    double part = frexp(x, &exponent);
    for (int i = 0; i < 300 && part != floor(part); i++) {
        part *= 2.0;
        exponent--;
    }
    PyObject *numerator = PyLong_FromDouble(part);
    PyObject *denominator = PyLong_FromLong(1);
    PyObject *shift = PyLong_FromLong(labs((long)exponent));
    PyObject *result = NULL;
    if (numerator != NULL && denominator != NULL && shift != NULL) {
        PyObject **target = exponent > 0 ? &numerator : &denominator;
        Py_SETREF(*target, PyNumber_Lshift(*target, shift));
        if (*target != NULL) {
            result = PyTuple_Pack(2, numerator, denominator);
        }
    }
    Py_XDECREF(shift);
    Py_XDECREF(denominator);
    Py_XDECREF(numerator);
    return result;
}

/* ---- construction ---------------------------------------------------------------------------- */

static PyObject *
float_subtype_new(PyTypeObject *type, PyObject *x)
{
    PyObject *tmp = PyUnicode_CheckExact(x) ? PyFloat_FromString(x) : PyNumber_Float(x);
    if (tmp == NULL) {
        return NULL;
    }
    PyObject *newobj = type->tp_alloc(type, 0);
    if (newobj != NULL) {
        ((PyFloatObject *)newobj)->ob_fval = PyFloat_AS_DOUBLE(tmp);
    }
    Py_DECREF(tmp);
    return newobj;
}

/*sig float.__new__(type, x = c"NULL" py"0", /)

Convert a string or number to a floating point number, if possible.
*/
static PyObject *
float_new_impl(PyTypeObject *type, PyObject *x)
{
    if (x == NULL) {
        x = _PyLong_GetZero();
    }
    if (type != &PyFloat_Type) {
        return float_subtype_new(type, x);
    }
    return PyUnicode_CheckExact(x) ? PyFloat_FromString(x) : PyNumber_Float(x);
}

static PyObject *
float_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_NoKwnames("float", kwnames) || !_PyArg_CheckPositional("float", nargs, 0, 1)) {
        return NULL;
    }
    return float_new_impl((PyTypeObject *)type, nargs == 1 ? args[0] : NULL);
}

/*sig float.__getnewargs__(self)
*/
static PyObject *
float___getnewargs___impl(PyObject *self)
{
    return Py_BuildValue("(d)", PyFloat_AS_DOUBLE(self));
}

/*sig @classmethod float.__getformat__(type, typestr: utf8, /)

You probably don't want to use this function.

  typestr
    Must be 'double' or 'float'.

It exists mainly to be used in Python's test suite.

This function returns whichever of 'unknown', 'IEEE, big-endian' or 'IEEE,
little-endian' best describes the format of floating point numbers used by the
C type named by typestr.
*/
static PyObject *
float___getformat___impl(PyTypeObject *type, const char *typestr)
{
    (void)type;
    if (strcmp(typestr, "double") != 0 && strcmp(typestr, "float") != 0) {
        PyErr_SetString(PyExc_ValueError, "__getformat__() argument 1 must be 'double' or 'float'");
        return NULL;
    }
    return PyUnicode_FromString("IEEE, little-endian");
}

static PyObject *
float_getreal(PyObject *v, void *Py_UNUSED(closure))
{
    return float_float(v);
}

static PyObject *
float_getimag(PyObject *Py_UNUSED(v), void *Py_UNUSED(closure))
{
    return PyFloat_FromDouble(0.0);
}

/*sig float.__format__(self, format_spec: unicode, /)

Formats the float according to format_spec.
*/
static PyObject *
float___format___impl(PyObject *self, PyObject *format_spec)
{
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    if (_PyFloat_FormatAdvancedWriter(&writer, self, format_spec, 0,
                                      PyUnicode_GET_LENGTH(format_spec)) == -1) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

/* ---- the type -------------------------------------------------------------------------------- */

static PyMethodDef float_methods[] = {
    FLOAT_CONJUGATE_METHODDEF
    FLOAT___TRUNC___METHODDEF
    FLOAT___FLOOR___METHODDEF
    FLOAT___CEIL___METHODDEF
    FLOAT___ROUND___METHODDEF
    FLOAT_AS_INTEGER_RATIO_METHODDEF
    {"fromhex", _PyFloat_FromHex, METH_O | METH_CLASS, _PyFloat_FromHex__doc__},
    {"hex", _PyFloat_Hex, METH_NOARGS, _PyFloat_Hex__doc__},
    FLOAT_IS_INTEGER_METHODDEF
    FLOAT___GETNEWARGS___METHODDEF
    FLOAT___GETFORMAT___METHODDEF
    FLOAT___FORMAT___METHODDEF
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef float_getset[] = {
    {"real", float_getreal, NULL, "the real part of a complex number", NULL},
    {"imag", float_getimag, NULL, "the imaginary part of a complex number", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyNumberMethods float_as_number = {
    .nb_add = float_add,
    .nb_subtract = float_sub,
    .nb_multiply = float_mul,
    .nb_remainder = float_rem,
    .nb_divmod = float_divmod,
    .nb_power = float_pow,
    .nb_negative = (unaryfunc)float_neg,
    .nb_positive = float_float,
    .nb_absolute = (unaryfunc)float_abs,
    .nb_bool = (inquiry)float_bool,
    .nb_int = float___trunc___impl,
    .nb_float = float_float,
    .nb_floor_divide = float_floor_div,
    .nb_true_divide = float_div,
};

_Py_SHARED PyTypeObject PyFloat_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "float",
    .tp_basicsize = sizeof(PyFloatObject),
    .tp_dealloc = float_dealloc,
    .tp_repr = _PyFloat_Repr,
    .tp_as_number = &float_as_number,
    .tp_hash = (hashfunc)float_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = float_new__doc__,
    .tp_richcompare = float_richcompare,
    .tp_methods = float_methods,
    .tp_getset = float_getset,
    .tp_new = float_new,
    .tp_vectorcall = float_vectorcall,
};
