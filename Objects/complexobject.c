/* complex.
 * Written from the library reference, the C API reference ("Complex Number Objects") and observed
 * behaviour of 3.12. */
#include "Python.h"
#include "structmember.h"       // T_DOUBLE
#include "pycore_abstract.h"
#include "pycore_float.h"       // _PyComplex_FormatAdvancedWriter()
#include "pycore_long.h"
#include "pycore_object.h"
#include "pycore_private_api.h"
#include "pycore_pystate.h"
#include "pycore_strings.h"

#include <math.h>

#include "sig/complexobject.sig.h"

static const Py_complex c_1 = {1., 0.};

/* ---- arithmetic of Py_complex (exported) ---------------------------------------------------- */

Py_complex
_Py_c_sum(Py_complex a, Py_complex b)
{
    return (Py_complex){a.real + b.real, a.imag + b.imag};
}

Py_complex
_Py_c_diff(Py_complex a, Py_complex b)
{
    return (Py_complex){a.real - b.real, a.imag - b.imag};
}

Py_complex
_Py_c_neg(Py_complex a)
{
    return (Py_complex){-a.real, -a.imag};
}

Py_complex
_Py_c_prod(Py_complex a, Py_complex b)
{
    return (Py_complex){a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real};
}

/* Smith's method (Communications of the ACM, 1962): scales by the larger part of the divisor.
 * errno is EDOM for division by zero. */
Py_complex
_Py_c_quot(Py_complex a, Py_complex b)
{
    double abs_real = fabs(b.real), abs_imag = fabs(b.imag);
    Py_complex r;
    if (abs_real >= abs_imag) {
        if (abs_real == 0.0) {
            errno = EDOM;
            return (Py_complex){0.0, 0.0};
        }
        double ratio = b.imag / b.real;
        double denom = b.real + b.imag * ratio;
        r.real = (a.real + a.imag * ratio) / denom;
        r.imag = (a.imag - a.real * ratio) / denom;
    }
    else if (abs_imag >= abs_real) {
        double ratio = b.real / b.imag;
        double denom = b.real * ratio + b.imag;
        r.real = (a.real * ratio + a.imag) / denom;
        r.imag = (a.imag * ratio - a.real) / denom;
    }
    else {
        r.real = r.imag = Py_NAN;       /* one of them is nan */
    }
    return r;
}

/* errno is EDOM for 0 to a power that is negative or complex, ERANGE on overflow. */
Py_complex
_Py_c_pow(Py_complex a, Py_complex b)
{
    if (b.real == 0. && b.imag == 0.) {
        return c_1;
    }
    if (a.real == 0. && a.imag == 0.) {
        if (b.imag != 0. || b.real < 0.) {
            errno = EDOM;
        }
        return (Py_complex){0., 0.};
    }
    double vabs = hypot(a.real, a.imag);
    double len = pow(vabs, b.real);
    double at = atan2(a.imag, a.real);
    double phase = at * b.real;
    if (b.imag != 0.0) {
        len /= exp(at * b.imag);
        phase += b.imag * log(vabs);
    }
    Py_complex r = {len * cos(phase), len * sin(phase)};
    if (isinf(r.real) || isinf(r.imag)) {
        errno = ERANGE;
    }
    return r;
}

/* errno is ERANGE on overflow. */
double
_Py_c_abs(Py_complex z)
{
    errno = 0;
    if (!isfinite(z.real) || !isfinite(z.imag)) {
        return isinf(z.real) || isinf(z.imag) ? Py_HUGE_VAL : Py_NAN;
    }
    double result = hypot(z.real, z.imag);
    if (!isfinite(result)) {
        errno = ERANGE;
    }
    return result;
}

/* Power by squaring, for small whole exponents. */
static Py_complex
c_powi(Py_complex x, long n)
{
    Py_complex r = c_1, p = x;
    for (unsigned long left = (unsigned long)labs(n); left > 0; left >>= 1) {
        if (left & 1) {
            r = _Py_c_prod(r, p);
        }
        if (left > 1) {
            p = _Py_c_prod(p, p);
        }
    }
    return n < 0 ? _Py_c_quot(c_1, r) : r;
}

/* ---- C API ----------------------------------------------------------------------------------- */

static PyObject *
complex_subtype_from_c_complex(PyTypeObject *type, Py_complex cval)
{
    PyObject *op = type->tp_alloc(type, 0);
    if (op != NULL) {
        ((PyComplexObject *)op)->cval = cval;
    }
    return op;
}

PyObject *
PyComplex_FromCComplex(Py_complex cval)
{
    PyComplexObject *op = PyObject_New(PyComplexObject, &PyComplex_Type);
    if (op != NULL) {
        op->cval = cval;
    }
    return (PyObject *)op;
}

PyObject *
PyComplex_FromDoubles(double real, double imag)
{
    return PyComplex_FromCComplex((Py_complex){real, imag});
}

double
PyComplex_RealAsDouble(PyObject *op)
{
    return PyComplex_Check(op) ? ((PyComplexObject *)op)->cval.real : PyFloat_AsDouble(op);
}

double
PyComplex_ImagAsDouble(PyObject *op)
{
    return PyComplex_Check(op) ? ((PyComplexObject *)op)->cval.imag : 0.0;
}

/* op.__complex__(): new reference, or NULL (without an error if there is no such method). */
static PyObject *
try_complex_special_method(PyObject *op)
{
    PyObject *f = _PyObject_LookupSpecial(op, &_Py_ID(__complex__));
    if (f == NULL) {
        return NULL;
    }
    PyObject *res = PyObject_CallNoArgs(f);
    Py_DECREF(f);
    if (res == NULL || PyComplex_CheckExact(res)) {
        return res;
    }
    if (!PyComplex_Check(res)) {
        PyErr_Format(PyExc_TypeError, "__complex__ returned non-complex (type %.200s)",
                     Py_TYPE(res)->tp_name);
        Py_DECREF(res);
        return NULL;
    }
    if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                         "__complex__ returned non-complex (type %.200s).  "
                         "The ability to return an instance of a strict subclass of complex "
                         "is deprecated, and may not be supported in a future version of Python.",
                         Py_TYPE(res)->tp_name)) {
        Py_DECREF(res);
        return NULL;
    }
    return res;
}

/* -1.0 as the real part with an error set on failure. */
Py_complex
PyComplex_AsCComplex(PyObject *op)
{
    assert(op != NULL);
    if (PyComplex_Check(op)) {
        return ((PyComplexObject *)op)->cval;
    }
    Py_complex cv = {-1.0, 0.0};
    PyObject *newop = try_complex_special_method(op);
    if (newop != NULL) {
        cv = ((PyComplexObject *)newop)->cval;
        Py_DECREF(newop);
        return cv;
    }
    if (PyErr_Occurred()) {
        return cv;
    }
    cv.real = PyFloat_AsDouble(op);
    return cv;
}

/* ---- slots ----------------------------------------------------------------------------------- */

/* For binary slots: 1 with *pc set, 0: not a number of ours, -1: error. */
static int
to_complex(PyObject *obj, Py_complex *pc)
{
    if (PyComplex_Check(obj)) {
        *pc = ((PyComplexObject *)obj)->cval;
        return 1;
    }
    pc->imag = 0.0;
    if (PyLong_Check(obj)) {
        pc->real = PyLong_AsDouble(obj);
        return pc->real == -1.0 && PyErr_Occurred() ? -1 : 1;
    }
    if (PyFloat_Check(obj)) {
        pc->real = PyFloat_AS_DOUBLE(obj);
        return 1;
    }
    return 0;
}

#define TO_COMPLEX_OPERANDS(V, W, A, B)                                 \
    do {                                                                \
        int _conv = to_complex((V), &(A));                              \
        if (_conv > 0) {                                                \
            _conv = to_complex((W), &(B));                              \
        }                                                               \
        if (_conv <= 0) {                                               \
            return _conv < 0 ? NULL : Py_NewRef(Py_NotImplemented);     \
        }                                                               \
    } while (0)

static PyObject *
complex_add(PyObject *v, PyObject *w)
{
    Py_complex a, b;
    TO_COMPLEX_OPERANDS(v, w, a, b);
    return PyComplex_FromCComplex(_Py_c_sum(a, b));
}

static PyObject *
complex_sub(PyObject *v, PyObject *w)
{
    Py_complex a, b;
    TO_COMPLEX_OPERANDS(v, w, a, b);
    return PyComplex_FromCComplex(_Py_c_diff(a, b));
}

static PyObject *
complex_mul(PyObject *v, PyObject *w)
{
    Py_complex a, b;
    TO_COMPLEX_OPERANDS(v, w, a, b);
    return PyComplex_FromCComplex(_Py_c_prod(a, b));
}

static PyObject *
complex_div(PyObject *v, PyObject *w)
{
    Py_complex a, b;
    TO_COMPLEX_OPERANDS(v, w, a, b);
    errno = 0;
    Py_complex quot = _Py_c_quot(a, b);
    if (errno == EDOM) {
        PyErr_SetString(PyExc_ZeroDivisionError, "complex division by zero");
        return NULL;
    }
    return PyComplex_FromCComplex(quot);
}

static PyObject *
complex_pow(PyObject *v, PyObject *w, PyObject *z)
{
    Py_complex a, b, p;
    TO_COMPLEX_OPERANDS(v, w, a, b);
    if (z != Py_None) {
        PyErr_SetString(PyExc_ValueError, "complex modulo");
        return NULL;
    }
    errno = 0;
    if (b.imag == 0.0 && b.real == floor(b.real) && fabs(b.real) <= 100.0) {
        p = c_powi(a, (long)b.real);
    }
    else {
        p = _Py_c_pow(a, b);
    }
    /* ERANGE from the C library may mean underflow: only the result tells. */
    if (isinf(p.real) || isinf(p.imag)) {
        errno = errno == 0 ? ERANGE : errno;
    }
    else if (errno == ERANGE) {
        errno = 0;
    }
    if (errno == EDOM) {
        PyErr_SetString(PyExc_ZeroDivisionError,
                        "0.0 to a negative or complex power");
        return NULL;
    }
    if (errno == ERANGE) {
        PyErr_SetString(PyExc_OverflowError, "complex exponentiation");
        return NULL;
    }
    return PyComplex_FromCComplex(p);
}

static PyObject *
complex_neg(PyComplexObject *v)
{
    return PyComplex_FromCComplex(_Py_c_neg(v->cval));
}

static PyObject *
complex_pos(PyComplexObject *v)
{
    return PyComplex_CheckExact(v) ? Py_NewRef((PyObject *)v) : PyComplex_FromCComplex(v->cval);
}

static PyObject *
complex_abs(PyComplexObject *v)
{
    double result = _Py_c_abs(v->cval);
    if (errno == ERANGE) {
        PyErr_SetString(PyExc_OverflowError, "absolute value too large");
        return NULL;
    }
    return PyFloat_FromDouble(result);
}

static int
complex_bool(PyComplexObject *v)
{
    return v->cval.real != 0.0 || v->cval.imag != 0.0;
}

static PyObject *
complex_richcompare(PyObject *v, PyObject *w, int op)
{
    if (op != Py_EQ && op != Py_NE) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_complex i = ((PyComplexObject *)v)->cval;
    int equal;
    if (PyLong_Check(w)) {
        if (i.imag != 0.0) {
            equal = 0;
        }
        else {
            /* exactly, as float does */
            PyObject *real = PyFloat_FromDouble(i.real);
            if (real == NULL) {
                return NULL;
            }
            PyObject *result = PyObject_RichCompare(real, w, op);
            Py_DECREF(real);
            return result;
        }
    }
    else if (PyFloat_Check(w)) {
        equal = i.real == PyFloat_AsDouble(w) && i.imag == 0.0;
    }
    else if (PyComplex_Check(w)) {
        Py_complex j = ((PyComplexObject *)w)->cval;
        equal = i.real == j.real && i.imag == j.imag;
    }
    else {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyBool_FromLong(equal == (op == Py_EQ));
}

static Py_hash_t
complex_hash(PyComplexObject *v)
{
    Py_uhash_t real = (Py_uhash_t)_Py_HashDouble((PyObject *)v, v->cval.real);
    if (real == (Py_uhash_t)-1) {
        return -1;
    }
    Py_uhash_t imag = (Py_uhash_t)_Py_HashDouble((PyObject *)v, v->cval.imag);
    if (imag == (Py_uhash_t)-1) {
        return -1;
    }
    Py_uhash_t combined = real + _PyHASH_IMAG * imag;
    return combined == (Py_uhash_t)-1 ? -2 : (Py_hash_t)combined;
}

static PyObject *
complex_repr(PyComplexObject *v)
{
    PyObject *result = NULL;
    char *re = NULL;
    const char *lead = "", *tail = "";
    char *im;
    if (v->cval.real == 0. && copysign(1.0, v->cval.real) == 1.0) {
        im = PyOS_double_to_string(v->cval.imag, 'r', 0, 0, NULL);
    }
    else {
        re = PyOS_double_to_string(v->cval.real, 'r', 0, 0, NULL);
        if (re == NULL) {
            return NULL;
        }
        im = PyOS_double_to_string(v->cval.imag, 'r', 0, Py_DTSF_SIGN, NULL);
        lead = "(";
        tail = ")";
    }
    if (im != NULL) {
        result = PyUnicode_FromFormat("%s%s%sj%s", lead, re != NULL ? re : "", im, tail);
    }
    PyMem_Free(im);
    PyMem_Free(re);
    return result;
}

/* ---- methods --------------------------------------------------------------------------------- */

/*sig complex.conjugate(self)

Return the complex conjugate of its argument. (3-4j).conjugate() == 3+4j.
*/
static PyObject *
complex_conjugate_impl(PyComplexObject *self)
{
    return PyComplex_FromDoubles(self->cval.real, -self->cval.imag);
}

/*sig complex.__getnewargs__(self)
*/
static PyObject *
complex___getnewargs___impl(PyComplexObject *self)
{
    return Py_BuildValue("(dd)", self->cval.real, self->cval.imag);
}

/*sig complex.__complex__(self)

Convert this value to exact type complex.
*/
static PyObject *
complex___complex___impl(PyComplexObject *self)
{
    return complex_pos(self);
}

/*sig complex.__format__(self, format_spec: unicode, /)

Convert to a string according to format_spec.
*/
static PyObject *
complex___format___impl(PyComplexObject *self, PyObject *format_spec)
{
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    if (_PyComplex_FormatAdvancedWriter(&writer, (PyObject *)self, format_spec, 0,
                                        PyUnicode_GET_LENGTH(format_spec)) == -1) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

/* ---- construction ---------------------------------------------------------------------------- */

static PyObject *
complex_from_string_inner(const char *s, Py_ssize_t len, void *type)
{
    const char *start = s;
    double x = 0.0, y = 0.0, z;
    char *end;
    int bracket = 0;
    while (Py_ISSPACE(*s)) {
        s++;
    }
    if (*s == '(') {
        bracket = 1;
        s++;
        while (Py_ISSPACE(*s)) {
            s++;
        }
    }
    /* <float>, <float>j, <float><signed-float>j, and a bare j for 1j */
    z = PyOS_string_to_double(s, &end, NULL);
    if (z == -1.0 && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_ValueError)) {
            return NULL;
        }
        PyErr_Clear();
    }
    if (end != s) {
        s = end;
        if (*s == '+' || *s == '-') {
            x = z;
            y = PyOS_string_to_double(s, &end, NULL);
            if (y == -1.0 && PyErr_Occurred()) {
                if (!PyErr_ExceptionMatches(PyExc_ValueError)) {
                    return NULL;
                }
                PyErr_Clear();
            }
            if (end != s) {
                s = end;
            }
            else {
                y = *s == '+' ? 1.0 : -1.0;
                s++;
            }
            if (*s != 'j' && *s != 'J') {
                goto parse_error;
            }
            s++;
        }
        else if (*s == 'j' || *s == 'J') {
            s++;
            y = z;
        }
        else {
            x = z;
        }
    }
    else {
        if (*s == '+' || *s == '-') {
            y = *s == '+' ? 1.0 : -1.0;
            s++;
        }
        else {
            y = 1.0;
        }
        if (*s != 'j' && *s != 'J') {
            goto parse_error;
        }
        s++;
    }
    while (Py_ISSPACE(*s)) {
        s++;
    }
    if (bracket) {
        if (*s != ')') {
            goto parse_error;
        }
        s++;
        while (Py_ISSPACE(*s)) {
            s++;
        }
    }
    if (s - start != len) {
        goto parse_error;
    }
    return complex_subtype_from_c_complex(type, (Py_complex){x, y});
parse_error:
    PyErr_SetString(PyExc_ValueError, "complex() arg is a malformed string");
    return NULL;
}

static PyObject *
complex_subtype_from_string(PyTypeObject *type, PyObject *v)
{
    PyObject *s = _PyUnicode_TransformDecimalAndSpaceToASCII(v);
    if (s == NULL) {
        return NULL;
    }
    Py_ssize_t len;
    const char *text = PyUnicode_AsUTF8AndSize(s, &len);
    PyObject *result = _Py_string_to_number_with_underscores(text, len, "complex", v, type,
                                                             complex_from_string_inner);
    Py_DECREF(s);
    return result;
}

static int
has_number_slots(PyObject *o)
{
    PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;
    return nb != NULL && (nb->nb_float != NULL || nb->nb_index != NULL);
}

/*sig complex.__new__(type, real=c"NULL" py"0", imag=c"NULL" py"0")

Create a complex number from a real part and an optional imaginary part.

This is equivalent to (real + imag*1j) where imag defaults to 0.
*/
static PyObject *
complex_new_impl(PyTypeObject *type, PyObject *r, PyObject *i)
{
    if (r == NULL) {
        r = _PyLong_GetZero();
    }
    if (PyComplex_CheckExact(r) && i == NULL && type == &PyComplex_Type) {
        return Py_NewRef(r);
    }
    if (PyUnicode_Check(r)) {
        if (i != NULL) {
            PyErr_SetString(PyExc_TypeError,
                            "complex() can't take second arg if first is a string");
            return NULL;
        }
        return complex_subtype_from_string(type, r);
    }
    if (i != NULL && PyUnicode_Check(i)) {
        PyErr_SetString(PyExc_TypeError, "complex() second arg can't be a string");
        return NULL;
    }
    int own_r = 0, cr_is_complex = 0, ci_is_complex = 0;
    PyObject *converted = PyComplex_CheckExact(r) ? NULL : try_complex_special_method(r);
    if (converted != NULL) {
        r = converted;
        own_r = 1;
    }
    else if (PyErr_Occurred()) {
        return NULL;
    }
    if (!PyComplex_Check(r) && !has_number_slots(r)) {
        PyErr_Format(PyExc_TypeError,
                     "complex() first argument must be a string or a number, not '%.200s'",
                     Py_TYPE(r)->tp_name);
        return NULL;
    }
    if (i != NULL && !PyComplex_Check(i) && !has_number_slots(i)) {
        PyErr_Format(PyExc_TypeError, "complex() second argument must be a number, not '%.200s'",
                     Py_TYPE(i)->tp_name);
        if (own_r) {
            Py_DECREF(r);
        }
        return NULL;
    }
    Py_complex cr = {0.0, 0.0}, ci = {0.0, 0.0};
    if (PyComplex_Check(r)) {
        cr = ((PyComplexObject *)r)->cval;
        cr_is_complex = 1;
        if (own_r) {
            Py_DECREF(r);
        }
    }
    else {
        assert(!own_r);
        PyObject *tmp = PyNumber_Float(r);
        if (tmp == NULL) {
            return NULL;
        }
        cr.real = PyFloat_AsDouble(tmp);
        Py_DECREF(tmp);
    }
    if (i == NULL) {
        ci.real = cr.imag;
    }
    else if (PyComplex_Check(i)) {
        ci = ((PyComplexObject *)i)->cval;
        ci_is_complex = 1;
    }
    else {
        PyObject *tmp = PyNumber_Float(i);
        if (tmp == NULL) {
            return NULL;
        }
        ci.real = PyFloat_AsDouble(tmp);
        Py_DECREF(tmp);
    }
    /* Signs of zeros must survive: add only what is really there. */
    if (ci_is_complex) {
        cr.real -= ci.imag;
    }
    if (cr_is_complex && i != NULL) {
        ci.real += cr.imag;
    }
    return complex_subtype_from_c_complex(type, (Py_complex){cr.real, ci.real});
}

/* ---- the type -------------------------------------------------------------------------------- */

static PyMethodDef complex_methods[] = {
    COMPLEX_CONJUGATE_METHODDEF
    COMPLEX___COMPLEX___METHODDEF
    COMPLEX___GETNEWARGS___METHODDEF
    COMPLEX___FORMAT___METHODDEF
    {NULL, NULL, 0, NULL},
};

static PyMemberDef complex_members[] = {
    {"real", T_DOUBLE, offsetof(PyComplexObject, cval.real), READONLY,
     "the real part of a complex number"},
    {"imag", T_DOUBLE, offsetof(PyComplexObject, cval.imag), READONLY,
     "the imaginary part of a complex number"},
    {NULL, 0, 0, 0, NULL},
};

static PyNumberMethods complex_as_number = {
    .nb_add = complex_add,
    .nb_subtract = complex_sub,
    .nb_multiply = complex_mul,
    .nb_power = complex_pow,
    .nb_negative = (unaryfunc)complex_neg,
    .nb_positive = (unaryfunc)complex_pos,
    .nb_absolute = (unaryfunc)complex_abs,
    .nb_bool = (inquiry)complex_bool,
    .nb_true_divide = complex_div,
};

_Py_SHARED PyTypeObject PyComplex_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "complex",
    .tp_basicsize = sizeof(PyComplexObject),
    .tp_repr = (reprfunc)complex_repr,
    .tp_as_number = &complex_as_number,
    .tp_hash = (hashfunc)complex_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = complex_new__doc__,
    .tp_richcompare = complex_richcompare,
    .tp_methods = complex_methods,
    .tp_members = complex_members,
    .tp_new = complex_new,
    .tp_free = PyObject_Free,
};
