/* delta.c - timedelta: a number of microseconds, split into days, seconds and microseconds.
 *
 * All arithmetic is exact: sums in 128-bit numbers, products and quotients by Python ints, since a
 * factor may be any int or float.  Rounding is to the nearest, halves to even, wherever a result is
 * not whole.
 *
 * Invariant: 0 <= microseconds < 10**6, 0 <= seconds < 86400, |days| <= 999999999.
 *
 * Written from the library reference (datetime) and observed messages.
 */
#include "_datetime.h"
#include "pycore_long.h"        // _PyLong_GetOne()
#include "structmember.h"       // PyMemberDef

#include <math.h>
#include <stddef.h>

#define MAX_DAYS 999999999

/* ---------------------------------------------------------------------------- to and from C */

micros
_PyDateTime_DeltaMicros(PyObject *delta)
{
    assert(is_delta(delta));
    PyDateTime_Delta *d = (PyDateTime_Delta *)delta;
    return (d->days * (micros)SECONDS_PER_DAY + d->seconds) * US_PER_SECOND + d->microseconds;
}

static PyObject *
new_delta(int64_t days, int seconds, int microseconds, PyTypeObject *type)
{
    assert(seconds >= 0 && seconds < SECONDS_PER_DAY);
    assert(microseconds >= 0 && microseconds < US_PER_SECOND);
    if (days < -MAX_DAYS || days > MAX_DAYS) {
        PyErr_Format(PyExc_OverflowError, "days=%d; must have magnitude <= %d", (int)days,
                     MAX_DAYS);
        return NULL;
    }
    PyDateTime_Delta *self = (PyDateTime_Delta *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->hashcode = -1;
        self->days = (int)days;
        self->seconds = seconds;
        self->microseconds = microseconds;
    }
    return (PyObject *)self;
}

static PyObject *
too_large(void)
{
    PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C int");
    return NULL;
}

/* A new delta of a type; OverflowError if the days are too many. */
static PyObject *
from_micros(micros us, PyTypeObject *type)
{
    micros days = us / US_PER_DAY;
    int64_t rest = (int64_t)(us % US_PER_DAY);
    if (rest < 0) {
        rest += US_PER_DAY;
        days--;
    }
    if (days < INT_MIN || days > INT_MAX) {
        return too_large();
    }
    return new_delta((int64_t)days, (int)(rest / US_PER_SECOND), (int)(rest % US_PER_SECOND),
                     type);
}

PyObject *
_PyDateTime_DeltaFromMicros(micros us)
{
    return from_micros(us, &_PyDateTime_DeltaType);
}

/* Of the C API: without `normalize` the fields must lie in their ranges. */
PyObject *
_PyDateTime_NewDelta(int days, int seconds, int microseconds, int normalize, PyTypeObject *type)
{
    if (normalize) {
        int64_t of_seconds = seconds * US_PER_SECOND + microseconds;
        return from_micros((micros)days * US_PER_DAY + of_seconds, type);
    }
    return new_delta(days, seconds, microseconds, type);
}

/* The int with the same value: new reference. */
static PyObject *
micros_as_int(micros us)
{
    if (us >= INT64_MIN && us <= INT64_MAX) {
        return PyLong_FromLongLong((int64_t)us);
    }
    return _PyLong_FromByteArray((const unsigned char *)&us, sizeof(us), PY_LITTLE_ENDIAN, 1);
}

/* The value of an int: 0, or -1 with OverflowError if no delta can be so large. */
static int
int_as_micros(PyObject *number, micros *us)
{
    assert(PyLong_Check(number));
    if (_PyLong_AsByteArray((PyLongObject *)number, (unsigned char *)us, sizeof(*us),
                            PY_LITTLE_ENDIAN, 1) < 0)
    {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            too_large();
        }
        return -1;
    }
    return 0;
}

/* The delta of an int of microseconds, whose reference is taken; NULL is passed on.  Operators of
 * subclasses of int may give anything. */
static PyObject *
delta_of_int(PyObject *number)
{
    if (number == NULL) {
        return NULL;
    }
    micros us;
    int err = -1;
    if (PyLong_Check(number)) {
        err = int_as_micros(number, &us);
    }
    else {
        PyErr_Format(PyExc_TypeError, "microseconds must be an int, not '%.200s'",
                     Py_TYPE(number)->tp_name);
    }
    Py_DECREF(number);
    return err < 0 ? NULL : _PyDateTime_DeltaFromMicros(us);
}

static PyObject *
delta_as_int(PyObject *delta)
{
    return micros_as_int(_PyDateTime_DeltaMicros(delta));
}

Py_hash_t
_PyDateTime_HashMicros(micros us)
{
    PyObject *delta = _PyDateTime_DeltaFromMicros(us);
    Py_hash_t hash = delta == NULL ? -1 : PyObject_Hash(delta);
    Py_XDECREF(delta);
    return hash;
}

/* ------------------------------------------------------------------------------- construction */

/* What timedelta() adds up: whole microseconds, as far as they come from numbers of 64 bits in
 * `whole`, else in the int `large` (NULL: none), and parts of microseconds in `parts`. */
struct sum {
    micros whole;
    PyObject *large;
    double parts;
};

/* Adds number * factor.  0, or -1 with an exception. */
static int
add_large(struct sum *sum, PyObject *number, int64_t factor)
{
    PyObject *us = PyLong_FromLongLong(factor);
    PyObject *product = us == NULL ? NULL : PyLong_Type.tp_as_number->nb_multiply(number, us);
    Py_XDECREF(us);
    if (product == NULL) {
        return -1;
    }
    if (sum->large != NULL) {
        Py_SETREF(product, PyNumber_Add(sum->large, product));
    }
    Py_XSETREF(sum->large, product);
    return product == NULL ? -1 : 0;
}

static int
add_int(struct sum *sum, PyObject *number, int64_t factor)
{
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (overflow != 0) {
        return add_large(sum, number, factor);
    }
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    /* Seven terms of at most 2**63 * 604800000000 stay far below 2**127. */
    sum->whole += (micros)value * factor;
    return 0;
}

static int
add_float(struct sum *sum, double number, int64_t factor)
{
    double units, us;
    double part = modf(number, &units);
    PyObject *number_of_units = PyLong_FromDouble(units);   /* NaN and infinity are refused here */
    int err = number_of_units == NULL ? -1 : add_int(sum, number_of_units, factor);
    Py_XDECREF(number_of_units);
    if (err < 0) {
        return -1;
    }
    part = modf(part * (double)factor, &us);
    sum->whole += (micros)us;
    sum->parts += part;
    return 0;
}

static int
add_component(struct sum *sum, PyObject *value, const char *name, int64_t factor)
{
    if (PyLong_Check(value)) {
        return add_int(sum, value, factor);
    }
    if (PyFloat_Check(value)) {
        return add_float(sum, PyFloat_AS_DOUBLE(value), factor);
    }
    PyErr_Format(PyExc_TypeError, "unsupported type for timedelta %s component: %s", name,
                 Py_TYPE(value)->tp_name);
    return -1;
}

/* Is a large sum odd?  -1 with an exception. */
static int
is_odd(const struct sum *sum)
{
    int odd = (int)(sum->whole & 1);
    if (sum->large != NULL) {
        PyObject *one = PyNumber_And(sum->large, _PyLong_GetOne());
        if (one == NULL) {
            return -1;
        }
        odd ^= PyObject_IsTrue(one);
        Py_DECREF(one);
    }
    return odd;
}

/* Rounds the parts of microseconds and adds them.  0, or -1 with an exception. */
static int
round_parts(struct sum *sum)
{
    double nearest = round(sum->parts);         /* halves: away from zero */
    if (fabs(sum->parts - nearest) == 0.5) {
        int odd = is_odd(sum);
        if (odd < 0) {
            return -1;
        }
        if (fmod(fabs(nearest) + odd, 2.0) != 0.0) {
            nearest -= copysign(1.0, sum->parts);
        }
    }
    sum->whole += (micros)nearest;
    return 0;
}

/* Releases sum->large. */
static PyObject *
delta_of_sum(struct sum *sum, PyTypeObject *type)
{
    if (sum->parts != 0.0 && round_parts(sum) < 0) {
        Py_CLEAR(sum->large);
        return NULL;
    }
    if (sum->large == NULL) {
        return from_micros(sum->whole, type);
    }
    PyObject *whole = micros_as_int(sum->whole);
    PyObject *total = whole == NULL ? NULL : PyNumber_Add(sum->large, whole);
    Py_XDECREF(whole);
    Py_CLEAR(sum->large);
    micros us;
    int err = total == NULL ? -1 : int_as_micros(total, &us);
    Py_XDECREF(total);
    return err < 0 ? NULL : from_micros(us, type);
}

static PyObject *
delta_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"days", "seconds", "microseconds", "milliseconds",
                                           "minutes", "hours", "weeks", NULL};
    /* The order matters for the sum of the parts, and for which of two wrong types is named. */
    static const struct {
        int index;
        int64_t factor;
    } components[] = {
        {2, 1}, {3, 1000}, {1, US_PER_SECOND}, {4, 60 * US_PER_SECOND}, {5, 3600 * US_PER_SECOND},
        {0, US_PER_DAY}, {6, 7 * US_PER_DAY},
    };
    PyObject *values[7] = {NULL};
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OOOOOOO:__new__", (char **)keywords,
                                     &values[0], &values[1], &values[2], &values[3], &values[4],
                                     &values[5], &values[6]))
    {
        return NULL;
    }
    struct sum sum = {0};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(components); i++) {
        int index = components[i].index;
        if (values[index] != NULL
            && add_component(&sum, values[index], keywords[index], components[i].factor) < 0)
        {
            Py_XDECREF(sum.large);
            return NULL;
        }
    }
    return delta_of_sum(&sum, type);
}

/* --------------------------------------------------------------------------------- arithmetic */

static PyObject *
delta_add(PyObject *left, PyObject *right)
{
    if (!is_delta(left) || !is_delta(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return _PyDateTime_DeltaFromMicros(_PyDateTime_DeltaMicros(left)
                                       + _PyDateTime_DeltaMicros(right));
}

static PyObject *
delta_subtract(PyObject *left, PyObject *right)
{
    if (!is_delta(left) || !is_delta(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return _PyDateTime_DeltaFromMicros(_PyDateTime_DeltaMicros(left)
                                       - _PyDateTime_DeltaMicros(right));
}

static PyObject *
delta_negative(PyObject *self)
{
    return _PyDateTime_DeltaFromMicros(-_PyDateTime_DeltaMicros(self));
}

static PyObject *
delta_positive(PyObject *self)
{
    return _PyDateTime_DeltaFromMicros(_PyDateTime_DeltaMicros(self));
}

static PyObject *
delta_absolute(PyObject *self)
{
    micros us = _PyDateTime_DeltaMicros(self);
    return _PyDateTime_DeltaFromMicros(us < 0 ? -us : us);
}

static int
delta_bool(PyObject *self)
{
    return _PyDateTime_DeltaMicros(self) != 0;
}

/* Applies `op` to the microseconds of `delta` and to `number`: new reference. */
static PyObject *
with_int(PyObject *delta, PyObject *number, binaryfunc op)
{
    PyObject *us = delta_as_int(delta);
    if (us == NULL) {
        return NULL;
    }
    PyObject *result = op(us, number);
    Py_DECREF(us);
    return result;
}

/* The same with the microseconds of two deltas. */
static PyObject *
with_both(PyObject *left, PyObject *right, binaryfunc op)
{
    PyObject *us = delta_as_int(right);
    if (us == NULL) {
        return NULL;
    }
    PyObject *result = with_int(left, us, op);
    Py_DECREF(us);
    return result;
}

/* The nearest int to a / b, or NULL with an exception. */
static PyObject *
nearest_quotient(PyObject *a, PyObject *b)
{
    PyObject *pair = _PyLong_DivmodNear(a, b);
    if (pair == NULL) {
        return NULL;
    }
    PyObject *quotient = Py_NewRef(PyTuple_GET_ITEM(pair, 0));
    Py_DECREF(pair);
    return quotient;
}

/* number.as_integer_ratio(), which a subclass of float may define, as a pair of ints. */
static PyObject *
integer_ratio(PyObject *number)
{
    PyObject *ratio = PyObject_CallMethodNoArgs(number, &_Py_ID(as_integer_ratio));
    if (ratio == NULL) {
        return NULL;
    }
    if (!PyTuple_Check(ratio)) {
        PyErr_Format(PyExc_TypeError, "unexpected return type from as_integer_ratio(): expected "
                     "tuple, got '%.200s'", Py_TYPE(ratio)->tp_name);
    }
    else if (PyTuple_GET_SIZE(ratio) != 2) {
        PyErr_SetString(PyExc_ValueError, "as_integer_ratio() must return a 2-tuple");
    }
    else if (!PyLong_Check(PyTuple_GET_ITEM(ratio, 0))
             || !PyLong_Check(PyTuple_GET_ITEM(ratio, 1)))
    {
        PyErr_SetString(PyExc_TypeError, "non-integer arguments in division");
    }
    else {
        return ratio;
    }
    Py_DECREF(ratio);
    return NULL;
}

/* delta * number, or delta / number if `divide`, of a float. */
static PyObject *
scale_by_float(PyObject *delta, PyObject *number, int divide)
{
    PyObject *ratio = integer_ratio(number);
    if (ratio == NULL) {
        return NULL;
    }
    PyObject *product = with_int(delta, PyTuple_GET_ITEM(ratio, divide), PyNumber_Multiply);
    PyObject *us = product == NULL ? NULL
                   : nearest_quotient(product, PyTuple_GET_ITEM(ratio, !divide));
    Py_XDECREF(product);
    Py_DECREF(ratio);
    return delta_of_int(us);
}

static PyObject *
delta_multiply(PyObject *left, PyObject *right)
{
    PyObject *delta = is_delta(left) ? left : right;
    PyObject *number = is_delta(left) ? right : left;
    if (PyLong_Check(number)) {
        return delta_of_int(with_int(delta, number, PyNumber_Multiply));
    }
    if (PyFloat_Check(number)) {
        return scale_by_float(delta, number, 0);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
delta_truedivide(PyObject *left, PyObject *right)
{
    if (is_delta(left)) {
        if (is_delta(right)) {
            return with_both(left, right, PyNumber_TrueDivide);
        }
        if (PyFloat_Check(right)) {
            return scale_by_float(left, right, 1);
        }
        if (PyLong_Check(right)) {
            return delta_of_int(with_int(left, right, nearest_quotient));
        }
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
delta_floordivide(PyObject *left, PyObject *right)
{
    if (is_delta(left)) {
        if (is_delta(right)) {
            return with_both(left, right, PyNumber_FloorDivide);
        }
        if (PyLong_Check(right)) {
            return delta_of_int(with_int(left, right, PyNumber_FloorDivide));
        }
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
delta_remainder(PyObject *left, PyObject *right)
{
    if (!is_delta(left) || !is_delta(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return delta_of_int(with_both(left, right, PyNumber_Remainder));
}

static PyObject *
delta_divmod(PyObject *left, PyObject *right)
{
    if (!is_delta(left) || !is_delta(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *pair = with_both(left, right, PyNumber_Divmod);
    if (pair == NULL) {
        return NULL;
    }
    assert(PyTuple_CheckExact(pair) && PyTuple_GET_SIZE(pair) == 2);
    PyObject *rest = delta_of_int(Py_NewRef(PyTuple_GET_ITEM(pair, 1)));
    PyObject *result = rest == NULL ? NULL : PyTuple_Pack(2, PyTuple_GET_ITEM(pair, 0), rest);
    Py_XDECREF(rest);
    Py_DECREF(pair);
    return result;
}

/* ------------------------------------------------------------------------- order, text, state */

static PyObject *
delta_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!is_delta(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    micros a = _PyDateTime_DeltaMicros(self), b = _PyDateTime_DeltaMicros(other);
    Py_RETURN_RICHCOMPARE(a, b, op);
}

/* (days, seconds, microseconds): new reference. */
static PyObject *
delta_state(PyDateTime_Delta *self)
{
    return Py_BuildValue("iii", self->days, self->seconds, self->microseconds);
}

static Py_hash_t
delta_hash(PyDateTime_Delta *self)
{
    if (self->hashcode != -1) {
        return self->hashcode;
    }
    PyObject *state = delta_state(self);
    if (state == NULL) {
        return -1;
    }
    Py_hash_t hash = PyObject_Hash(state);
    Py_DECREF(state);
    KEEP_HASH(self, hash);
}

static PyObject *
delta_repr(PyDateTime_Delta *self)
{
    const struct {
        const char *name;
        int value;
    } fields[] = {
        {"days", self->days}, {"seconds", self->seconds}, {"microseconds", self->microseconds},
    };
    char text[80] = "";
    size_t length = 0;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fields); i++) {
        if (fields[i].value != 0) {
            length += (size_t)PyOS_snprintf(text + length, sizeof(text) - length, "%s%s=%d",
                                            length == 0 ? "" : ", ", fields[i].name,
                                            fields[i].value);
        }
    }
    assert(length < sizeof(text));
    return PyUnicode_FromFormat("%s(%s)", Py_TYPE(self)->tp_name, length == 0 ? "0" : text);
}

static PyObject *
delta_str(PyDateTime_Delta *self)
{
    char days[32] = "", parts[16] = "";
    if (self->days != 0) {
        PyOS_snprintf(days, sizeof(days), "%d day%s, ", self->days,
                      self->days == 1 || self->days == -1 ? "" : "s");
    }
    if (self->microseconds != 0) {
        PyOS_snprintf(parts, sizeof(parts), ".%06d", self->microseconds);
    }
    return PyUnicode_FromFormat("%s%d:%02d:%02d%s", days, self->seconds / 3600,
                                self->seconds / 60 % 60, self->seconds % 60, parts);
}

PyObject *
_PyDateTime_TotalSeconds(micros us)
{
    PyObject *whole = micros_as_int(us);
    PyObject *second = PyLong_FromLongLong(US_PER_SECOND);
    PyObject *result = whole == NULL || second == NULL ? NULL
                       : PyNumber_TrueDivide(whole, second);
    Py_XDECREF(whole);
    Py_XDECREF(second);
    return result;
}

static PyObject *
delta_total_seconds(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDateTime_TotalSeconds(_PyDateTime_DeltaMicros(self));
}

static PyObject *
delta_reduce(PyDateTime_Delta *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("ON", Py_TYPE(self), delta_state(self));
}

/* --------------------------------------------------------------------------------------- type */

PyDoc_STRVAR(delta_doc,
"Difference between two datetime values.\n\
\n\
timedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)\n\
\n\
All arguments are optional and default to 0.\n\
Arguments may be integers or floats, and may be positive or negative.");

static _Py_SHARED PyMethodDef delta_methods[] = {
    {"total_seconds", delta_total_seconds, METH_NOARGS,
     PyDoc_STR("Total seconds in the duration.")},
    {"__reduce__", (PyCFunction)delta_reduce, METH_NOARGS,
     PyDoc_STR("__reduce__() -> (cls, state)")},
    {NULL, NULL, 0, NULL}
};

#define MEMBER(NAME, DOC) \
    {#NAME, T_INT, offsetof(PyDateTime_Delta, NAME), READONLY, PyDoc_STR(DOC)}

static _Py_SHARED PyMemberDef delta_members[] = {
    MEMBER(days, "Number of days."),
    MEMBER(seconds, "Number of seconds (>= 0 and less than 1 day)."),
    MEMBER(microseconds, "Number of microseconds (>= 0 and less than 1 second)."),
    {NULL, 0, 0, 0, NULL}
};

static _Py_SHARED PyNumberMethods delta_as_number = {
    .nb_add = delta_add,
    .nb_subtract = delta_subtract,
    .nb_multiply = delta_multiply,
    .nb_remainder = delta_remainder,
    .nb_divmod = delta_divmod,
    .nb_negative = delta_negative,
    .nb_positive = delta_positive,
    .nb_absolute = delta_absolute,
    .nb_bool = delta_bool,
    .nb_floor_divide = delta_floordivide,
    .nb_true_divide = delta_truedivide,
};

_Py_SHARED PyTypeObject _PyDateTime_DeltaType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "datetime.timedelta",
    .tp_basicsize = sizeof(PyDateTime_Delta),
    .tp_repr = (reprfunc)delta_repr,
    .tp_as_number = &delta_as_number,
    .tp_hash = (hashfunc)delta_hash,
    .tp_str = (reprfunc)delta_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = delta_doc,
    .tp_richcompare = delta_richcompare,
    .tp_methods = delta_methods,
    .tp_members = delta_members,
    .tp_new = delta_new,
};

#define CONSTANT(NAME, DAYS, SECONDS, MICROSECONDS)     \
    _Py_SHARED PyDateTime_Delta NAME = {                \
        PyObject_HEAD_INIT(&_PyDateTime_DeltaType)      \
        .hashcode = -1,                                 \
        .days = DAYS,                                   \
        .seconds = SECONDS,                             \
        .microseconds = MICROSECONDS,                   \
    };

CONSTANT(_PyDateTime_DeltaMin, -MAX_DAYS, 0, 0)
CONSTANT(_PyDateTime_DeltaMax, MAX_DAYS, SECONDS_PER_DAY - 1, US_PER_SECOND - 1)
CONSTANT(_PyDateTime_DeltaZero, 0, 0, 0)
CONSTANT(_PyDateTime_OneDay, 1, 0, 0)
CONSTANT(_PyDateTime_OneMicrosecond, 0, 0, 1)
