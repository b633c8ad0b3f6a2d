/* _testcapi: the time conversions of the core.  Times are ints of nanoseconds.
 *
 * Written from the declarations in cpython/pytime.h and from what the tests expect.
 */
#include "wrap.h"
#include "parts.h"

#include <sys/time.h>
#include <time.h>

static int
rounding_from(PyObject *object, _PyTime_round_t *rounding)
{
    int value;
    if (!i_from(object, &value)) {
        return 0;
    }
    if (value < _PyTime_ROUND_FLOOR || value > _PyTime_ROUND_UP) {
        PyErr_SetString(PyExc_ValueError, "invalid rounding");
        return 0;
    }
    *rounding = (_PyTime_round_t)value;
    return 1;
}

static int
nanoseconds_from(PyObject *object, _PyTime_t *value)
{
    *value = PyLong_AsLongLong(object);
    return *value != -1 || !PyErr_Occurred();
}

typedef _PyTime_round_t rounding_ARG;
typedef _PyTime_t nanoseconds_ARG;
enum {rounding_REQUIRED = 1, nanoseconds_REQUIRED = 1};

/* Seconds are a C int: floats are refused. */
static int
seconds_from(PyObject *object, int *value)
{
    if (!PyLong_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "expected an int");
        return 0;
    }
    return i_from(object, value);
}
typedef int seconds_ARG;
enum {seconds_REQUIRED = 1};

static PyObject *
from_seconds_object(PyObject *object, _PyTime_round_t rounding)
{
    _PyTime_t value;
    return _PyTime_FromSecondsObject(&value, object, rounding) < 0 ? NULL
                                                                   : PyLong_FromLongLong(value);
}

static PyObject *
as_timeval(_PyTime_t value, _PyTime_round_t rounding)
{
    struct timeval tv;
    return _PyTime_AsTimeval(value, &tv, rounding) < 0
           ? NULL : Py_BuildValue("(Ll)", (long long)tv.tv_sec, (long)tv.tv_usec);
}

static PyObject *
as_timeval_clamped(_PyTime_t value, _PyTime_round_t rounding)
{
    struct timeval tv;
    _PyTime_AsTimeval_clamp(value, &tv, rounding);
    return Py_BuildValue("(Ll)", (long long)tv.tv_sec, (long)tv.tv_usec);
}

static PyObject *
as_timespec(_PyTime_t value)
{
    struct timespec ts;
    return _PyTime_AsTimespec(value, &ts) < 0
           ? NULL : Py_BuildValue("(Ll)", (long long)ts.tv_sec, ts.tv_nsec);
}

static PyObject *
as_timespec_clamped(_PyTime_t value)
{
    struct timespec ts;
    _PyTime_AsTimespec_clamp(value, &ts);
    return Py_BuildValue("(Ll)", (long long)ts.tv_sec, ts.tv_nsec);
}

static PyObject *
object_as_time_t(PyObject *object, _PyTime_round_t rounding)
{
    time_t seconds;
    return _PyTime_ObjectToTime_t(object, &seconds, rounding) < 0 ? NULL
                                                                  : _PyLong_FromTime_t(seconds);
}

static PyObject *
object_as_timeval(PyObject *object, _PyTime_round_t rounding)
{
    time_t seconds;
    long microseconds;
    return _PyTime_ObjectToTimeval(object, &seconds, &microseconds, rounding) < 0
           ? NULL : Py_BuildValue("(Ll)", (long long)seconds, microseconds);
}

static PyObject *
object_as_timespec(PyObject *object, _PyTime_round_t rounding)
{
    time_t seconds;
    long nanoseconds;
    return _PyTime_ObjectToTimespec(object, &seconds, &nanoseconds, rounding) < 0
           ? NULL : Py_BuildValue("(Ll)", (long long)seconds, nanoseconds);
}

#define TIME_CALLS(X) \
    X(1, PyTime_FromSeconds, longlong, _PyTime_FromSeconds, seconds) \
    X(2, PyTime_FromSecondsObject, object, from_seconds_object, P, rounding) \
    X(1, PyTime_AsSecondsDouble, double, _PyTime_AsSecondsDouble, nanoseconds) \
    X(2, PyTime_AsTimeval, object, as_timeval, nanoseconds, rounding) \
    X(2, PyTime_AsTimeval_clamp, object, as_timeval_clamped, nanoseconds, rounding) \
    X(1, PyTime_AsTimespec, object, as_timespec, nanoseconds) \
    X(1, PyTime_AsTimespec_clamp, object, as_timespec_clamped, nanoseconds) \
    X(2, PyTime_AsMilliseconds, longlong, _PyTime_AsMilliseconds, nanoseconds, rounding) \
    X(2, PyTime_AsMicroseconds, longlong, _PyTime_AsMicroseconds, nanoseconds, rounding) \
    X(2, pytime_object_to_time_t, object, object_as_time_t, P, rounding) \
    X(2, pytime_object_to_timeval, object, object_as_timeval, P, rounding) \
    X(2, pytime_object_to_timespec, object, object_as_timespec, P, rounding)

TIME_CALLS(WRAP)

static PyMethodDef time_methods[] = {
    TIME_CALLS(WRAP_ROW)
    {NULL}
};

int
_TestCapi_AddTime(PyObject *module)
{
    return PyModule_AddFunctions(module, time_methods);
}
