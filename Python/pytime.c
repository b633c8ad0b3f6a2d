/* Time as a 64-bit number of nanoseconds: conversions with a rounding mode, clocks.

   Conversions to a narrower or coarser form either report overflow with a Python exception,
   or, the *_clamp ones, give the nearest value.  Clock functions without "WithInfo" cannot
   fail once the clock has been read successfully at start; a failure is fatal.

   Written from PEP 418, PEP 564 and the ABI tables.  */

#include "Python.h"
#include "cpython/pytime.h"     // _PyTime_t

#include <errno.h>
#include <math.h>

#define SEC_TO_NS 1000000000L
#define MS_TO_NS  1000000L
#define US_TO_NS  1000L
#define SEC_TO_US 1000000L

static int
time_overflow(void)
{
    PyErr_SetString(PyExc_OverflowError, "timestamp too large to convert to C _PyTime_t");
    return -1;
}

static int
time_t_overflow(void)
{
    PyErr_SetString(PyExc_OverflowError, "timestamp out of range for platform time_t");
    return -1;
}

static inline _PyTime_t
clamp_mul(_PyTime_t t, _PyTime_t k)
{
    _PyTime_t result;
    if (__builtin_mul_overflow(t, k, &result)) {
        return (t < 0) == (k < 0) ? _PyTime_MAX : _PyTime_MIN;
    }
    return result;
}

/* t1 + t2, clamped. */
_PyTime_t
_PyTime_Add(_PyTime_t t1, _PyTime_t t2)
{
    _PyTime_t result;
    if (__builtin_add_overflow(t1, t2, &result)) {
        return t2 > 0 ? _PyTime_MAX : _PyTime_MIN;
    }
    return result;
}

/* ticks * mul / div without overflow on the way, truncated towards zero and clamped. */
_PyTime_t
_PyTime_MulDiv(_PyTime_t ticks, _PyTime_t mul, _PyTime_t div)
{
    assert(div > 0);
    _PyTime_t whole = clamp_mul(ticks / div, mul);
    return _PyTime_Add(whole, (ticks % div) * mul / div);
}

/* ---- Rounding ----------------------------------------------------------- */

static double
round_half_even(double x)
{
    double rounded = round(x);
    if (fabs(x - rounded) == 0.5) {
        rounded = 2.0 * round(x / 2.0);
    }
    return rounded;
}

static double
round_double(double x, _PyTime_round_t mode)
{
    /* The volatile store drops extra precision where there is any. */
    volatile double d = x;
    switch (mode) {
    case _PyTime_ROUND_HALF_EVEN:
        return round_half_even(d);
    case _PyTime_ROUND_CEILING:
        return ceil(d);
    case _PyTime_ROUND_FLOOR:
        return floor(d);
    default:
        assert(mode == _PyTime_ROUND_UP);
        return d >= 0.0 ? ceil(d) : floor(d);
    }
}

/* t / k, rounded; k > 1. */
static _PyTime_t
divide(_PyTime_t t, _PyTime_t k, _PyTime_round_t mode)
{
    assert(k > 1);
    _PyTime_t q = t / k, r = t % k;
    if (r == 0) {
        return q;
    }
    switch (mode) {
    case _PyTime_ROUND_FLOOR:
        return r < 0 ? q - 1 : q;
    case _PyTime_ROUND_CEILING:
        return r > 0 ? q + 1 : q;
    case _PyTime_ROUND_UP:
        return t > 0 ? q + 1 : q - 1;
    default: {
        assert(mode == _PyTime_ROUND_HALF_EVEN);
        _PyTime_t rest = r < 0 ? -r : r;
        if (rest > k / 2 || (rest == k / 2 && k % 2 == 0 && (q & 1))) {
            return t > 0 ? q + 1 : q - 1;
        }
        return q;
    }
    }
}

/* q = floor(t / k), 0 <= r < k. */
static void
split(_PyTime_t t, _PyTime_t k, _PyTime_t *q, _PyTime_t *r)
{
    *q = t / k;
    *r = t % k;
    if (*r < 0) {
        *r += k;
        *q -= 1;
    }
}

/* ---- From Python objects ------------------------------------------------ */

time_t
_PyLong_AsTime_t(PyObject *obj)
{
    long long value = PyLong_AsLongLong(obj);
    if (value == -1 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            time_t_overflow();
        }
        return -1;
    }
    return (time_t)value;
}

PyObject *
_PyLong_FromTime_t(time_t t)
{
    return PyLong_FromLongLong((long long)t);
}

static int
check_nan(double d)
{
    if (isnan(d)) {
        PyErr_SetString(PyExc_ValueError, "Invalid value NaN (not a number)");
        return -1;
    }
    return 0;
}

int
_PyTime_ObjectToTime_t(PyObject *obj, time_t *sec, _PyTime_round_t round)
{
    if (PyFloat_Check(obj)) {
        double d = PyFloat_AsDouble(obj);
        if (check_nan(d) < 0) {
            return -1;
        }
        d = round_double(d, round);
        if (!(d >= -0x1p63 && d < 0x1p63)) {
            *sec = 0;
            return time_t_overflow();
        }
        *sec = (time_t)d;
        return 0;
    }
    *sec = _PyLong_AsTime_t(obj);
    return *sec == (time_t)-1 && PyErr_Occurred() ? -1 : 0;
}

/* Seconds and a fraction in 1/denominator, 0 <= fraction < denominator. */
static int
object_to_fraction(PyObject *obj, time_t *sec, long *numerator, long denominator,
                   _PyTime_round_t round)
{
    if (!PyFloat_Check(obj)) {
        *numerator = 0;
        *sec = _PyLong_AsTime_t(obj);
        return *sec == (time_t)-1 && PyErr_Occurred() ? -1 : 0;
    }
    double d = PyFloat_AsDouble(obj);
    if (check_nan(d) < 0) {
        *numerator = 0;
        return -1;
    }
    double whole;
    double fraction = modf(d, &whole);
    fraction = round_double(fraction * (double)denominator, round);
    if (fraction >= (double)denominator) {
        fraction -= (double)denominator;
        whole += 1.0;
    }
    else if (fraction < 0) {
        fraction += (double)denominator;
        whole -= 1.0;
    }
    if (!(whole >= -0x1p63 && whole < 0x1p63)) {
        *numerator = 0;
        return time_t_overflow();
    }
    *sec = (time_t)whole;
    *numerator = (long)fraction;
    assert(*numerator >= 0 && *numerator < denominator);
    return 0;
}

int
_PyTime_ObjectToTimespec(PyObject *obj, time_t *sec, long *nsec, _PyTime_round_t round)
{
    return object_to_fraction(obj, sec, nsec, SEC_TO_NS, round);
}

int
_PyTime_ObjectToTimeval(PyObject *obj, time_t *sec, long *usec, _PyTime_round_t round)
{
    return object_to_fraction(obj, sec, usec, SEC_TO_US, round);
}

/* obj * unit nanoseconds. */
static int
from_object(_PyTime_t *tp, PyObject *obj, _PyTime_round_t round, long unit)
{
    if (PyFloat_Check(obj)) {
        double d = PyFloat_AsDouble(obj);
        if (check_nan(d) < 0) {
            return -1;
        }
        d = round_double(d * (double)unit, round);
        if (!(d >= -0x1p63 && d < 0x1p63)) {
            *tp = 0;
            return time_t_overflow();
        }
        *tp = (_PyTime_t)d;
        return 0;
    }
    long long value = PyLong_AsLongLong(obj);
    if (value == -1 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            time_overflow();
        }
        return -1;
    }
    if (__builtin_mul_overflow((_PyTime_t)value, unit, tp)) {
        *tp = value < 0 ? _PyTime_MIN : _PyTime_MAX;
        return time_overflow();
    }
    return 0;
}

int
_PyTime_FromSecondsObject(_PyTime_t *tp, PyObject *obj, _PyTime_round_t round)
{
    return from_object(tp, obj, round, SEC_TO_NS);
}

int
_PyTime_FromMillisecondsObject(_PyTime_t *tp, PyObject *obj, _PyTime_round_t round)
{
    return from_object(tp, obj, round, MS_TO_NS);
}

int
_PyTime_FromNanosecondsObject(_PyTime_t *tp, PyObject *obj)
{
    if (!PyLong_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "expect int, got %s", Py_TYPE(obj)->tp_name);
        return -1;
    }
    long long value = PyLong_AsLongLong(obj);
    if (value == -1 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            time_overflow();
        }
        return -1;
    }
    *tp = (_PyTime_t)value;
    return 0;
}

/* ---- From C values ------------------------------------------------------ */

_PyTime_t
_PyTime_FromSeconds(int seconds)
{
    return (_PyTime_t)seconds * SEC_TO_NS;
}

_PyTime_t
_PyTime_FromNanoseconds(_PyTime_t ns)
{
    return ns;
}

_PyTime_t
_PyTime_FromMicrosecondsClamp(_PyTime_t us)
{
    return clamp_mul(us, US_TO_NS);
}

static int
from_parts(_PyTime_t *tp, _PyTime_t sec, _PyTime_t ns, int raise)
{
    _PyTime_t t;
    int overflow = __builtin_mul_overflow(sec, SEC_TO_NS, &t)
                   || __builtin_add_overflow(t, ns, &t);
    if (overflow) {
        *tp = sec > 0 ? _PyTime_MAX : _PyTime_MIN;
        return raise ? time_overflow() : -1;
    }
    *tp = t;
    return 0;
}

int
_PyTime_FromTimespec(_PyTime_t *tp, struct timespec *ts)
{
    return from_parts(tp, ts->tv_sec, ts->tv_nsec, 1);
}

int
_PyTime_FromTimeval(_PyTime_t *tp, struct timeval *tv)
{
    return from_parts(tp, tv->tv_sec, (_PyTime_t)tv->tv_usec * US_TO_NS, 1);
}

/* ---- To C values and objects -------------------------------------------- */

double
_PyTime_AsSecondsDouble(_PyTime_t t)
{
    /* A whole number of seconds must come out exact. */
    volatile double d;
    if (t % SEC_TO_NS == 0) {
        d = (double)(t / SEC_TO_NS);
    }
    else {
        d = (double)t;
        d /= 1e9;
    }
    return d;
}

PyObject *
_PyTime_AsNanosecondsObject(_PyTime_t t)
{
    return PyLong_FromLongLong((long long)t);
}

_PyTime_t
_PyTime_AsNanoseconds(_PyTime_t t)
{
    return t;
}

_PyTime_t
_PyTime_AsMicroseconds(_PyTime_t t, _PyTime_round_t round)
{
    return divide(t, US_TO_NS, round);
}

_PyTime_t
_PyTime_AsMilliseconds(_PyTime_t t, _PyTime_round_t round)
{
    return divide(t, MS_TO_NS, round);
}

/* Microseconds are rounded before seconds are split off. */
int
_PyTime_AsTimevalTime_t(_PyTime_t t, time_t *secs, int *us, _PyTime_round_t round)
{
    _PyTime_t sec, rest;
    split(_PyTime_AsMicroseconds(t, round), SEC_TO_US, &sec, &rest);
    *secs = (time_t)sec;
    *us = (int)rest;
    return 0;
}

int
_PyTime_AsTimeval(_PyTime_t t, struct timeval *tv, _PyTime_round_t round)
{
    int us;
    time_t secs;
    _PyTime_AsTimevalTime_t(t, &secs, &us, round);
    tv->tv_sec = secs;
    tv->tv_usec = us;
    return 0;
}

void
_PyTime_AsTimeval_clamp(_PyTime_t t, struct timeval *tv, _PyTime_round_t round)
{
    _PyTime_AsTimeval(t, tv, round);
}

int
_PyTime_AsTimespec(_PyTime_t t, struct timespec *ts)
{
    _PyTime_t sec, rest;
    split(t, SEC_TO_NS, &sec, &rest);
    ts->tv_sec = (time_t)sec;
    ts->tv_nsec = (long)rest;
    return 0;
}

void
_PyTime_AsTimespec_clamp(_PyTime_t t, struct timespec *ts)
{
    _PyTime_AsTimespec(t, ts);
}

/* ---- Clocks ------------------------------------------------------------- */

static int
read_clock(clockid_t id, const char *implementation, int monotonic, _PyTime_t *tp,
           _Py_clock_info_t *info, int raise)
{
    struct timespec ts;
    if (clock_gettime(id, &ts) != 0) {
        *tp = 0;
        if (raise) {
            PyErr_SetFromErrno(PyExc_OSError);
        }
        return -1;
    }
    if (from_parts(tp, ts.tv_sec, ts.tv_nsec, raise) < 0) {
        return -1;
    }
    if (info != NULL) {
        struct timespec resolution;
        info->implementation = implementation;
        info->monotonic = monotonic;
        info->adjustable = !monotonic;
        info->resolution = clock_getres(id, &resolution) == 0
            ? (double)resolution.tv_sec + (double)resolution.tv_nsec * 1e-9 : 1e-9;
    }
    return 0;
}

_PyTime_t
_PyTime_GetSystemClock(void)
{
    _PyTime_t t;
    if (read_clock(CLOCK_REALTIME, NULL, 0, &t, NULL, 0) < 0) {
        Py_FatalError("cannot read the system clock");
    }
    return t;
}

int
_PyTime_GetSystemClockWithInfo(_PyTime_t *t, _Py_clock_info_t *info)
{
    return read_clock(CLOCK_REALTIME, "clock_gettime(CLOCK_REALTIME)", 0, t, info, 1);
}

_PyTime_t
_PyTime_GetMonotonicClock(void)
{
    _PyTime_t t;
    if (read_clock(CLOCK_MONOTONIC, NULL, 1, &t, NULL, 0) < 0) {
        Py_FatalError("cannot read the monotonic clock");
    }
    return t;
}

int
_PyTime_GetMonotonicClockWithInfo(_PyTime_t *t, _Py_clock_info_t *info)
{
    return read_clock(CLOCK_MONOTONIC, "clock_gettime(CLOCK_MONOTONIC)", 1, t, info, 1);
}

_PyTime_t
_PyTime_GetPerfCounter(void)
{
    return _PyTime_GetMonotonicClock();
}

int
_PyTime_GetPerfCounterWithInfo(_PyTime_t *t, _Py_clock_info_t *info)
{
    return _PyTime_GetMonotonicClockWithInfo(t, info);
}

/* The moment that lies `timeout` ahead, and how far a deadline still is (negative: it passed). */
_PyTime_t
_PyDeadline_Init(_PyTime_t timeout)
{
    return _PyTime_Add(_PyTime_GetMonotonicClock(), timeout);
}

_PyTime_t
_PyDeadline_Get(_PyTime_t deadline)
{
    return deadline - _PyTime_GetMonotonicClock();
}

/* ---- Calendar ----------------------------------------------------------- */

static int
broken_down(struct tm *(*convert)(const time_t *, struct tm *), time_t t, struct tm *tm)
{
    errno = 0;
    if (convert(&t, tm) == NULL) {
        if (errno == 0) {
            errno = EINVAL;
        }
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

int
_PyTime_localtime(time_t t, struct tm *tm)
{
    return broken_down(localtime_r, t, tm);
}

int
_PyTime_gmtime(time_t t, struct tm *tm)
{
    return broken_down(gmtime_r, t, tm);
}
