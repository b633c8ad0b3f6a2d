/* timemodule.c - the module time: clocks, sleep, and conversions of points in time.
 *
 * Reading of clocks and rounding of numbers is in Python/pytime.c.  A point in broken-down time is
 * a struct_time outside and a struct tm inside; in between stand tm_to_struct() and
 * tm_from_tuple(), which are the only places that know of the different bases (year 1900,
 * month 0, Sunday 0, day of year 0).
 *
 * Written from the documentation of the module time, the manual pages of the C functions and
 * observed messages.
 */
#include "Python.h"
#include "pycore_namespace.h"   // _PyNamespace_New()
#include "pycore_object.h"      // _Py_SHARED
#include "structseq.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <wchar.h>

#define SEC_TO_NS 1000000000LL

typedef struct {
    PyTypeObject *struct_time_type;
} time_state;

static inline time_state *
get_state(PyObject *module)
{
    time_state *state = (time_state *)PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* ----------------------------------------------------------------------------------- clocks */

/* Read a clock; `info` may be NULL.  0, or -1 with OSError. */
static int
read_clock(clockid_t id, const char *implementation, _PyTime_t *t, _Py_clock_info_t *info)
{
    struct timespec ts;
    if (clock_gettime(id, &ts) != 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    if (info != NULL) {
        struct timespec res;
        if (clock_getres(id, &res) != 0) {
            PyErr_SetFromErrno(PyExc_OSError);
            return -1;
        }
        info->implementation = implementation;
        info->monotonic = 1;
        info->adjustable = 0;
        info->resolution = (double)res.tv_sec + (double)res.tv_nsec * 1e-9;
    }
    return _PyTime_FromTimespec(t, &ts);
}

static int
process_clock(_PyTime_t *t, _Py_clock_info_t *info)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID, "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)",
                      t, info);
}

static int
thread_clock(_PyTime_t *t, _Py_clock_info_t *info)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID, "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", t, info);
}

static int
system_clock(_PyTime_t *t, _Py_clock_info_t *info)
{
    if (info == NULL) {
        *t = _PyTime_GetSystemClock();
        return 0;
    }
    return _PyTime_GetSystemClockWithInfo(t, info);
}

static int
monotonic_clock(_PyTime_t *t, _Py_clock_info_t *info)
{
    if (info == NULL) {
        *t = _PyTime_GetMonotonicClock();
        return 0;
    }
    return _PyTime_GetMonotonicClockWithInfo(t, info);
}

static int
perf_clock(_PyTime_t *t, _Py_clock_info_t *info)
{
    if (info == NULL) {
        *t = _PyTime_GetPerfCounter();
        return 0;
    }
    return _PyTime_GetPerfCounterWithInfo(t, info);
}

/* The two functions of a clock: as float seconds and as int nanoseconds. */
#define CLOCK_FUNCTIONS(NAME, READ)                                             \
    static PyObject *                                                           \
    time_##NAME(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))       \
    {                                                                           \
        _PyTime_t t;                                                            \
        if (READ(&t, NULL) < 0) {                                               \
            return NULL;                                                        \
        }                                                                       \
        return PyFloat_FromDouble(_PyTime_AsSecondsDouble(t));                  \
    }                                                                           \
    static PyObject *                                                           \
    time_##NAME##_ns(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))  \
    {                                                                           \
        _PyTime_t t;                                                            \
        if (READ(&t, NULL) < 0) {                                               \
            return NULL;                                                        \
        }                                                                       \
        return _PyTime_AsNanosecondsObject(t);                                  \
    }

CLOCK_FUNCTIONS(time, system_clock)
CLOCK_FUNCTIONS(monotonic, monotonic_clock)
CLOCK_FUNCTIONS(perf_counter, perf_clock)
CLOCK_FUNCTIONS(process_time, process_clock)
CLOCK_FUNCTIONS(thread_time, thread_clock)

static const struct {
    const char *name;
    int (*read)(_PyTime_t *, _Py_clock_info_t *);
} named_clocks[] = {
    {"time", system_clock},
    {"monotonic", monotonic_clock},
    {"perf_counter", perf_clock},
    {"process_time", process_clock},
    {"thread_time", thread_clock},
};

/* Put an item into a dict and release it.  0, or -1 with an exception. */
static int
set_item(PyObject *dict, const char *name, PyObject *value)
{
    if (value == NULL) {
        return -1;
    }
    int err = PyDict_SetItemString(dict, name, value);
    Py_DECREF(value);
    return err;
}

static PyObject *
time_get_clock_info(PyObject *Py_UNUSED(module), PyObject *args)
{
    const char *name;
    if (!PyArg_ParseTuple(args, "s:get_clock_info", &name)) {
        return NULL;
    }
    size_t i = 0;
    while (i < Py_ARRAY_LENGTH(named_clocks) && strcmp(name, named_clocks[i].name) != 0) {
        i++;
    }
    if (i == Py_ARRAY_LENGTH(named_clocks)) {
        PyErr_SetString(PyExc_ValueError, "unknown clock");
        return NULL;
    }
    _PyTime_t t;
    _Py_clock_info_t info = {.implementation = "", .resolution = -1.0};
    if (named_clocks[i].read(&t, &info) < 0) {
        return NULL;
    }
    assert(info.resolution > 0.0);
    PyObject *dict = PyDict_New();
    if (dict == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    if (set_item(dict, "implementation", PyUnicode_FromString(info.implementation)) == 0
        && set_item(dict, "monotonic", PyBool_FromLong(info.monotonic)) == 0
        && set_item(dict, "adjustable", PyBool_FromLong(info.adjustable)) == 0
        && set_item(dict, "resolution", PyFloat_FromDouble(info.resolution)) == 0)
    {
        result = _PyNamespace_New(dict);
    }
    Py_DECREF(dict);
    return result;
}

/* The clock read by clock_gettime() and its like.  0, or -1 with an exception. */
static int
gettime(PyObject *args, const char *format, struct timespec *ts)
{
    int id;
    if (!PyArg_ParseTuple(args, format, &id)) {
        return -1;
    }
    if (clock_gettime((clockid_t)id, ts) != 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

static PyObject *
time_clock_gettime(PyObject *Py_UNUSED(module), PyObject *args)
{
    struct timespec ts;
    if (gettime(args, "i:clock_gettime", &ts) < 0) {
        return NULL;
    }
    return PyFloat_FromDouble((double)ts.tv_sec + (double)ts.tv_nsec * 1e-9);
}

static PyObject *
time_clock_gettime_ns(PyObject *Py_UNUSED(module), PyObject *args)
{
    struct timespec ts;
    _PyTime_t t;
    if (gettime(args, "i:clock_gettime_ns", &ts) < 0 || _PyTime_FromTimespec(&t, &ts) < 0) {
        return NULL;
    }
    return _PyTime_AsNanosecondsObject(t);
}

static PyObject *
time_clock_getres(PyObject *Py_UNUSED(module), PyObject *args)
{
    int id;
    struct timespec ts;
    if (!PyArg_ParseTuple(args, "i:clock_getres", &id)) {
        return NULL;
    }
    if (clock_getres((clockid_t)id, &ts) != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyFloat_FromDouble((double)ts.tv_sec + (double)ts.tv_nsec * 1e-9);
}

static PyObject *
settime(int id, _PyTime_t t)
{
    struct timespec ts;
    if (_PyTime_AsTimespec(t, &ts) < 0) {
        return NULL;
    }
    if (clock_settime((clockid_t)id, &ts) != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

static PyObject *
time_clock_settime(PyObject *Py_UNUSED(module), PyObject *args)
{
    int id;
    PyObject *obj;
    _PyTime_t t;
    if (!PyArg_ParseTuple(args, "iO:clock_settime", &id, &obj)
        || _PyTime_FromSecondsObject(&t, obj, _PyTime_ROUND_FLOOR) < 0)
    {
        return NULL;
    }
    return settime(id, t);
}

static PyObject *
time_clock_settime_ns(PyObject *Py_UNUSED(module), PyObject *args)
{
    int id;
    PyObject *obj;
    _PyTime_t t;
    if (!PyArg_ParseTuple(args, "iO:clock_settime", &id, &obj)
        || _PyTime_FromNanosecondsObject(&t, obj) < 0)
    {
        return NULL;
    }
    return settime(id, t);
}

static PyObject *
time_pthread_getcpuclockid(PyObject *Py_UNUSED(module), PyObject *args)
{
    unsigned long thread;
    if (!PyArg_ParseTuple(args, "k:pthread_getcpuclockid", &thread)) {
        return NULL;
    }
    clockid_t id;
    int err = pthread_getcpuclockid((pthread_t)thread, &id);
    if (err != 0) {
        errno = err;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(id);
}

/* Sleep until a point of the monotonic clock: a signal whose handler returns does not shorten or
 * lengthen the sleep. */
static PyObject *
time_sleep(PyObject *Py_UNUSED(module), PyObject *arg)
{
    _PyTime_t timeout;
    if (_PyTime_FromSecondsObject(&timeout, arg, _PyTime_ROUND_TIMEOUT) < 0) {
        return NULL;
    }
    if (timeout < 0) {
        PyErr_SetString(PyExc_ValueError, "sleep length must be non-negative");
        return NULL;
    }
    struct timespec until;
    if (_PyTime_AsTimespec(_PyTime_Add(_PyTime_GetMonotonicClock(), timeout), &until) < 0) {
        return NULL;
    }
    for (;;) {
        int err;
        Py_BEGIN_ALLOW_THREADS
        err = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        Py_END_ALLOW_THREADS
        if (err == 0) {
            Py_RETURN_NONE;
        }
        if (err != EINTR) {
            errno = err;
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        if (PyErr_CheckSignals() < 0) {
            return NULL;
        }
    }
}

/* ------------------------------------------------------------------------------ struct_time */

static const PyStructSequence_Field struct_time_fields[] = {
    {"tm_year", "year, for example, 1993"},
    {"tm_mon", "month of year, range [1, 12]"},
    {"tm_mday", "day of month, range [1, 31]"},
    {"tm_hour", "hours, range [0, 23]"},
    {"tm_min", "minutes, range [0, 59]"},
    {"tm_sec", "seconds, range [0, 61])"},
    {"tm_wday", "day of week, range [0, 6], Monday is 0"},
    {"tm_yday", "day of year, range [1, 366]"},
    {"tm_isdst", "1 if summer time is in effect, 0 if not, and -1 if unknown"},
    {"tm_zone", "abbreviation of timezone name"},
    {"tm_gmtoff", "offset from UTC in seconds"},
    {NULL, NULL}
};

#define ZONE_ITEM 9
#define GMTOFF_ITEM 10

static const PyStructSequence_Desc struct_time_desc = {
    "time.struct_time",
    "The time value as returned by gmtime(), localtime(), and strptime(), and\n"
    " accepted by asctime(), mktime() and strftime().  May be considered as a\n"
    " sequence of 9 integers.\n\n"
    " Note that several fields' values are not the same as those defined by\n"
    " the C language standard for struct tm.  For example, the value of the\n"
    " field tm_year is the actual year, not year - 1900.  See individual\n"
    " fields' descriptions for details.",
    (PyStructSequence_Field *)struct_time_fields,
    9,
};

/* A new struct_time, or NULL with an exception. */
static PyObject *
tm_to_struct(time_state *state, const struct tm *tm, const char *zone, long gmtoff)
{
    assert(tm->tm_wday >= 0 && tm->tm_wday <= 6);
    PyObject *result = PyStructSequence_New(state->struct_time_type);
    if (result == NULL) {
        return NULL;
    }
    const long fields[] = {
        (long)tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday, tm->tm_hour, tm->tm_min,
        tm->tm_sec, (tm->tm_wday + 6) % 7, tm->tm_yday + 1, tm->tm_isdst,
    };
    /* The last two are no items of the tuple that it shows. */
    PyObject **items = ((PyStructSequence *)result)->ob_item;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fields); i++) {
        items[i] = PyLong_FromLong(fields[i]);
    }
    items[ZONE_ITEM] = PyUnicode_DecodeLocale(zone, "surrogateescape");
    items[GMTOFF_ITEM] = PyLong_FromLong(gmtoff);
    if (PyErr_Occurred()) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

/* The optional argument of gmtime() and the like: seconds, rounded down.  0, or -1. */
static int
parse_seconds(PyObject *args, const char *format, time_t *when)
{
    PyObject *obj = Py_None;
    if (!PyArg_ParseTuple(args, format, &obj)) {
        return -1;
    }
    if (obj == Py_None) {
        *when = time(NULL);
        return 0;
    }
    return _PyTime_ObjectToTime_t(obj, when, _PyTime_ROUND_FLOOR);
}

static PyObject *
time_gmtime(PyObject *module, PyObject *args)
{
    time_t when;
    struct tm tm;
    if (parse_seconds(args, "|O:gmtime", &when) < 0 || _PyTime_gmtime(when, &tm) < 0) {
        return NULL;
    }
    return tm_to_struct(get_state(module), &tm, "UTC", 0);
}

static PyObject *
time_localtime(PyObject *module, PyObject *args)
{
    time_t when;
    struct tm tm;
    if (parse_seconds(args, "|O:localtime", &when) < 0 || _PyTime_localtime(when, &tm) < 0) {
        return NULL;
    }
    return tm_to_struct(get_state(module), &tm, tm.tm_zone, tm.tm_gmtoff);
}

/* Fill `tm` from a tuple or struct_time; `format` parses nine ints.  tm_zone borrows from the
 * tuple.  0, or -1 with an exception. */
static int
tm_from_tuple(time_state *state, PyObject *args, struct tm *tm, const char *format)
{
    memset(tm, 0, sizeof(*tm));
    if (!PyTuple_Check(args)) {
        PyErr_SetString(PyExc_TypeError, "Tuple or struct_time argument required");
        return -1;
    }
    int year, wday;
    PyObject *fields = args;
    if (Py_IS_TYPE(args, state->struct_time_type)) {
        fields = PyTuple_GetSlice(args, 0, 9);
        if (fields == NULL) {
            return -1;
        }
    }
    else {
        Py_INCREF(fields);
    }
    int ok = PyArg_ParseTuple(fields, format, &year, &tm->tm_mon, &tm->tm_mday, &tm->tm_hour,
                              &tm->tm_min, &tm->tm_sec, &wday, &tm->tm_yday, &tm->tm_isdst);
    Py_DECREF(fields);
    if (!ok) {
        return -1;
    }
    if (year < INT_MIN + 1900) {
        PyErr_SetString(PyExc_OverflowError, "year out of range");
        return -1;
    }
    tm->tm_year = year - 1900;
    tm->tm_mon = (int)((unsigned)tm->tm_mon - 1);
    tm->tm_wday = (int)((unsigned)wday + 1) % 7;
    tm->tm_yday = (int)((unsigned)tm->tm_yday - 1);
    if (Py_IS_TYPE(args, state->struct_time_type)) {
        PyObject *item = ((PyStructSequence *)args)->ob_item[ZONE_ITEM];
        if (item != NULL && item != Py_None) {
            tm->tm_zone = (char *)PyUnicode_AsUTF8(item);
            if (tm->tm_zone == NULL) {
                return -1;
            }
        }
        item = ((PyStructSequence *)args)->ob_item[GMTOFF_ITEM];
        if (item != NULL && item != Py_None) {
            tm->tm_gmtoff = PyLong_AsLong(item);
            if (PyErr_Occurred()) {
                return -1;
            }
        }
    }
    return 0;
}

/* Fields that the C functions may use as indexes are in range, where 0 means "not given" for
 * month, day and day of year.  0, or -1 with ValueError. */
static int
check_tm(struct tm *tm)
{
    const char *what = NULL;
    if (tm->tm_mon == -1) {
        tm->tm_mon = 0;
    }
    if (tm->tm_mday == 0) {
        tm->tm_mday = 1;
    }
    if (tm->tm_yday == -1) {
        tm->tm_yday = 0;
    }
    if (tm->tm_mon < 0 || tm->tm_mon > 11) {
        what = "month out of range";
    }
    else if (tm->tm_mday < 0 || tm->tm_mday > 31) {
        what = "day of month out of range";
    }
    else if (tm->tm_hour < 0 || tm->tm_hour > 23) {
        what = "hour out of range";
    }
    else if (tm->tm_min < 0 || tm->tm_min > 59) {
        what = "minute out of range";
    }
    else if (tm->tm_sec < 0 || tm->tm_sec > 61) {
        what = "seconds out of range";
    }
    else if (tm->tm_wday < 0) {
        what = "day of week out of range";
    }
    else if (tm->tm_yday < 0 || tm->tm_yday > 365) {
        what = "day of year out of range";
    }
    if (what != NULL) {
        PyErr_SetString(PyExc_ValueError, what);
        return -1;
    }
    return 0;
}

/* ----------------------------------------------------------------------------- conversions */

static PyObject *
format_ctime(const struct tm *tm)
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    assert(tm->tm_wday >= 0 && tm->tm_wday < 7);
    assert(tm->tm_mon >= 0 && tm->tm_mon < 12);
    return PyUnicode_FromFormat("%s %s%3d %.2d:%.2d:%.2d %ld", days[tm->tm_wday],
                                months[tm->tm_mon], tm->tm_mday, tm->tm_hour, tm->tm_min,
                                tm->tm_sec, 1900 + (long)tm->tm_year);
}

static PyObject *
time_asctime(PyObject *module, PyObject *args)
{
    PyObject *tuple = NULL;
    struct tm tm;
    if (!PyArg_UnpackTuple(args, "asctime", 0, 1, &tuple)) {
        return NULL;
    }
    if (tuple == NULL) {
        if (_PyTime_localtime(time(NULL), &tm) < 0) {
            return NULL;
        }
    }
    else if (tm_from_tuple(get_state(module), tuple, &tm,
                           "iiiiiiiii;asctime(): illegal time tuple argument") < 0
             || check_tm(&tm) < 0)
    {
        return NULL;
    }
    return format_ctime(&tm);
}

static PyObject *
time_ctime(PyObject *Py_UNUSED(module), PyObject *args)
{
    time_t when;
    struct tm tm;
    if (parse_seconds(args, "|O:ctime", &when) < 0 || _PyTime_localtime(when, &tm) < 0) {
        return NULL;
    }
    return format_ctime(&tm);
}

static PyObject *
time_mktime(PyObject *module, PyObject *tuple)
{
    struct tm tm;
    if (tm_from_tuple(get_state(module), tuple, &tm,
                      "iiiiiiiii;mktime(): illegal time tuple argument") < 0)
    {
        return NULL;
    }
    /* -1 may be a result: then mktime() has written the day of the week. */
    tm.tm_wday = -1;
    time_t t = mktime(&tm);
    if (t == (time_t)-1 && tm.tm_wday == -1) {
        PyErr_SetString(PyExc_OverflowError, "mktime argument out of range");
        return NULL;
    }
    return PyFloat_FromDouble((double)t);
}

/* wcsftime() into a buffer that grows.  The result is empty both for failure and for a format
 * without output: what stays empty with room for 256 characters for each of the format is. */
static PyObject *
format_time(const wchar_t *format, const struct tm *tm)
{
    size_t length = wcslen(format);
    for (size_t size = 1024;; size *= 2) {
        wchar_t *buffer = PyMem_New(wchar_t, size);
        if (buffer == NULL) {
            return PyErr_NoMemory();
        }
        errno = 0;
        size_t written = wcsftime(buffer, size, format, tm);
        if (written > 0 || size >= 256 * length) {
            PyObject *result = PyUnicode_FromWideChar(buffer, (Py_ssize_t)written);
            PyMem_Free(buffer);
            return result;
        }
        PyMem_Free(buffer);
    }
}

static PyObject *
time_strftime(PyObject *module, PyObject *args)
{
    PyObject *format, *tuple = NULL;
    struct tm tm;
    if (!PyArg_ParseTuple(args, "U|O:strftime", &format, &tuple)) {
        return NULL;
    }
    if (tuple == NULL) {
        if (_PyTime_localtime(time(NULL), &tm) < 0) {
            return NULL;
        }
    }
    else if (tm_from_tuple(get_state(module), tuple, &tm,
                           "iiiiiiiii;strftime(): illegal time tuple argument") < 0
             || check_tm(&tm) < 0)
    {
        return NULL;
    }
    tm.tm_isdst = tm.tm_isdst < -1 ? -1 : tm.tm_isdst > 1 ? 1 : tm.tm_isdst;
    wchar_t *wide = PyUnicode_AsWideCharString(format, NULL);
    if (wide == NULL) {
        return NULL;
    }
    PyObject *result = format_time(wide, &tm);
    PyMem_Free(wide);
    return result;
}

static PyObject *
time_strptime(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *strptime = PyImport_ImportModule("_strptime");
    if (strptime == NULL) {
        return NULL;
    }
    PyObject *func = PyObject_GetAttrString(strptime, "_strptime_time");
    Py_DECREF(strptime);
    if (func == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_Call(func, args, NULL);
    Py_DECREF(func);
    return result;
}

/* --------------------------------------------------------------------------------- timezone */

#define YEAR_SECONDS ((time_t)((365 * 24 + 6) * 3600))

/* Offset (seconds west of UTC) and name of the zone at a time.  0, or -1 with an exception. */
static int
zone_at(time_t t, long *west, char name[100])
{
    struct tm tm;
    if (_PyTime_localtime(t, &tm) < 0) {
        return -1;
    }
    *west = -tm.tm_gmtoff;
    strncpy(name, tm.tm_zone != NULL ? tm.tm_zone : "   ", 99);
    name[99] = 0;
    return 0;
}

/* Set timezone, altzone, daylight and tzname: winter and summer are recognised by the offsets
 * of about January and July of this year, whichever hemisphere this is.  0, or -1. */
static int
set_timezone(PyObject *module)
{
    char winter_name[100], summer_name[100];
    long winter, summer;
    time_t january = time(NULL) / YEAR_SECONDS * YEAR_SECONDS;
    if (zone_at(january, &winter, winter_name) < 0
        || zone_at(january + YEAR_SECONDS / 2, &summer, summer_name) < 0)
    {
        return -1;
    }
    int southern = winter < summer;
    if (PyModule_AddIntConstant(module, "timezone", southern ? summer : winter) < 0
        || PyModule_AddIntConstant(module, "altzone", southern ? winter : summer) < 0
        || PyModule_AddIntConstant(module, "daylight", winter != summer) < 0)
    {
        return -1;
    }
    PyObject *first = PyUnicode_DecodeLocale(southern ? summer_name : winter_name,
                                             "surrogateescape");
    PyObject *second = PyUnicode_DecodeLocale(southern ? winter_name : summer_name,
                                              "surrogateescape");
    PyObject *names = NULL;
    if (first != NULL && second != NULL) {
        names = PyTuple_Pack(2, first, second);
    }
    Py_XDECREF(first);
    Py_XDECREF(second);
    int err = PyModule_AddObjectRef(module, "tzname", names);
    Py_XDECREF(names);
    return err;
}

static PyObject *
time_tzset(PyObject *module, PyObject *Py_UNUSED(unused))
{
    tzset();
    if (set_timezone(module) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* ----------------------------------------------------------------------------------- module */

PyDoc_STRVAR(time__doc__,
"This module provides various functions to manipulate time values.\n\
\n\
There are two standard representations of time.  One is the number\n\
of seconds since the Epoch, in UTC (a.k.a. GMT).  It may be an integer\n\
or a floating point number (to represent fractions of seconds).\n\
The Epoch is system-defined; on Unix, it is generally January 1st, 1970.\n\
The actual value can be retrieved by calling gmtime(0).\n\
\n\
The other representation is a tuple of 9 integers giving local time.\n\
The tuple items are:\n\
  year (including century, e.g. 1998)\n\
  month (1-12)\n\
  day (1-31)\n\
  hours (0-23)\n\
  minutes (0-59)\n\
  seconds (0-59)\n\
  weekday (0-6, Monday is 0)\n\
  Julian day (day in the year, 1-366)\n\
  DST (Daylight Savings Time) flag (-1, 0 or 1)\n\
If the DST flag is 0, the time is given in the regular time zone;\n\
if it is 1, the time is given in the DST time zone;\n\
if it is -1, mktime() should guess based on the date and time.\n\
");

PyDoc_STRVAR(time_asctime__doc__,
"asctime([tuple]) -> string\n\
\n\
Convert a time tuple to a string, e.g. 'Sat Jun 06 16:26:11 1998'.\n\
When the time tuple is not present, current time as returned by localtime()\n\
is used.");

PyDoc_STRVAR(time_ctime__doc__,
"ctime(seconds) -> string\n\
\n\
Convert a time in seconds since the Epoch to a string in local time.\n\
This is equivalent to asctime(localtime(seconds)). When the time tuple is\n\
not present, current time as returned by localtime() is used.");

PyDoc_STRVAR(time_gmtime__doc__,
"gmtime([seconds]) -> (tm_year, tm_mon, tm_mday, tm_hour, tm_min,\n\
                       tm_sec, tm_wday, tm_yday, tm_isdst)\n\
\n\
Convert seconds since the Epoch to a time tuple expressing UTC (a.k.a.\n\
GMT).  When 'seconds' is not passed in, convert the current time instead.\n\
\n\
If the platform supports the tm_gmtoff and tm_zone, they are available as\n\
attributes only.");

PyDoc_STRVAR(time_localtime__doc__,
"localtime([seconds]) -> (tm_year,tm_mon,tm_mday,tm_hour,tm_min,\n\
                          tm_sec,tm_wday,tm_yday,tm_isdst)\n\
\n\
Convert seconds since the Epoch to a time tuple expressing local time.\n\
When 'seconds' is not passed in, convert the current time instead.");

/* The end of two docstrings. */
#define FORMAT_CODES \
    "Commonly used format codes:\n" \
    "\n" \
    "%Y  Year with century as a decimal number.\n" \
    "%m  Month as a decimal number [01,12].\n" \
    "%d  Day of the month as a decimal number [01,31].\n" \
    "%H  Hour (24-hour clock) as a decimal number [00,23].\n" \
    "%M  Minute as a decimal number [00,59].\n" \
    "%S  Second as a decimal number [00,61].\n" \
    "%z  Time zone offset from UTC.\n" \
    "%a  Locale's abbreviated weekday name.\n" \
    "%A  Locale's full weekday name.\n" \
    "%b  Locale's abbreviated month name.\n" \
    "%B  Locale's full month name.\n" \
    "%c  Locale's appropriate date and time representation.\n" \
    "%I  Hour (12-hour clock) as a decimal number [01,12].\n" \
    "%p  Locale's equivalent of either AM or PM.\n" \
    "\n" \
    "Other codes may be available on your platform.  See documentation for\n" \
    "the C library strftime function.\n"

PyDoc_STRVAR(time_strftime__doc__,
"strftime(format[, tuple]) -> string\n\
\n\
Convert a time tuple to a string according to a format specification.\n\
See the library reference manual for formatting codes. When the time tuple\n\
is not present, current time as returned by localtime() is used.\n\
\n\
"
FORMAT_CODES);

PyDoc_STRVAR(time_strptime__doc__,
"strptime(string, format) -> struct_time\n\
\n\
Parse a string to a time tuple according to a format specification.\n\
See the library reference manual for formatting codes (same as\n\
strftime()).\n\
\n\
"
FORMAT_CODES);

PyDoc_STRVAR(time_get_clock_info__doc__,
"get_clock_info(name: str) -> dict\n\
\n\
Get information of the specified clock.");

PyDoc_STRVAR(time_clock_gettime__doc__,
"clock_gettime(clk_id) -> float\n\
\n\
Return the time of the specified clock clk_id.");

PyDoc_STRVAR(time_clock_gettime_ns__doc__,
"clock_gettime_ns(clk_id) -> int\n\
\n\
Return the time of the specified clock clk_id as nanoseconds.");

PyDoc_STRVAR(time_clock_getres__doc__,
"clock_getres(clk_id) -> floating point number\n\
\n\
Return the resolution (precision) of the specified clock clk_id.");

PyDoc_STRVAR(time_clock_settime__doc__,
"clock_settime(clk_id, time)\n\
\n\
Set the time of the specified clock clk_id.");

PyDoc_STRVAR(time_clock_settime_ns__doc__,
"clock_settime_ns(clk_id, time)\n\
\n\
Set the time of the specified clock clk_id with nanoseconds.");

PyDoc_STRVAR(time_pthread_getcpuclockid__doc__,
"pthread_getcpuclockid(thread_id) -> int\n\
\n\
Return the clk_id of a thread's CPU time clock.");

PyDoc_STRVAR(time_sleep__doc__,
"sleep(seconds)\n\
\n\
Delay execution for a given number of seconds.  The argument may be\n\
a floating point number for subsecond precision.");

PyDoc_STRVAR(time_mktime__doc__,
"mktime(tuple) -> floating point number\n\
\n\
Convert a time tuple in local time to seconds since the Epoch.\n\
Note that mktime(gmtime(0)) will not generally return zero for most\n\
time zones; instead the returned value will either be equal to that\n\
of the timezone or altzone attributes on the time module.");

PyDoc_STRVAR(time_time__doc__,
"time() -> floating point number\n\
\n\
Return the current time in seconds since the Epoch.\n\
Fractions of a second may be present if the system clock provides them.");

PyDoc_STRVAR(time_time_ns__doc__,
"time_ns() -> int\n\
\n\
Return the current time in nanoseconds since the Epoch.");

PyDoc_STRVAR(time_monotonic__doc__,
"monotonic() -> float\n\
\n\
Monotonic clock, cannot go backward.");

PyDoc_STRVAR(time_monotonic_ns__doc__,
"monotonic_ns() -> int\n\
\n\
Monotonic clock, cannot go backward, as nanoseconds.");

PyDoc_STRVAR(time_perf_counter__doc__,
"perf_counter() -> float\n\
\n\
Performance counter for benchmarking.");

PyDoc_STRVAR(time_perf_counter_ns__doc__,
"perf_counter_ns() -> int\n\
\n\
Performance counter for benchmarking as nanoseconds.");

PyDoc_STRVAR(time_process_time__doc__,
"process_time() -> float\n\
\n\
Process time for profiling: sum of the kernel and user-space CPU time.");

PyDoc_STRVAR(time_process_time_ns__doc__,
"process_time() -> int\n\
\n\
Process time for profiling as nanoseconds:\n\
sum of the kernel and user-space CPU time.");

PyDoc_STRVAR(time_thread_time__doc__,
"thread_time() -> float\n\
\n\
Thread time for profiling: sum of the kernel and user-space CPU time.");

PyDoc_STRVAR(time_thread_time_ns__doc__,
"thread_time() -> int\n\
\n\
Thread time for profiling as nanoseconds:\n\
sum of the kernel and user-space CPU time.");

PyDoc_STRVAR(time_tzset__doc__,
"tzset()\n\
\n\
Initialize, or reinitialize, the local timezone to the value stored in\n\
os.environ['TZ']. The TZ environment variable should be specified in\n\
standard Unix timezone format as documented in the tzset man page\n\
(eg. 'US/Eastern', 'Europe/Amsterdam'). Unknown timezones will silently\n\
fall back to UTC. If the TZ environment variable is not set, the local\n\
timezone is set to the systems best guess of wallclock time.\n\
Changing the TZ environment variable without calling tzset *may* change\n\
the local timezone used by methods such as localtime, but this behaviour\n\
should not be relied on.");

static const PyMethodDef time_methods[] = {
    {"asctime", time_asctime, METH_VARARGS, time_asctime__doc__},
    {"ctime", time_ctime, METH_VARARGS, time_ctime__doc__},
    {"gmtime", time_gmtime, METH_VARARGS, time_gmtime__doc__},
    {"localtime", time_localtime, METH_VARARGS, time_localtime__doc__},
    {"strftime", time_strftime, METH_VARARGS, time_strftime__doc__},
    {"strptime", time_strptime, METH_VARARGS, time_strptime__doc__},
    {"get_clock_info", time_get_clock_info, METH_VARARGS, time_get_clock_info__doc__},
    {"clock_gettime", time_clock_gettime, METH_VARARGS, time_clock_gettime__doc__},
    {"clock_gettime_ns", time_clock_gettime_ns, METH_VARARGS, time_clock_gettime_ns__doc__},
    {"clock_getres", time_clock_getres, METH_VARARGS, time_clock_getres__doc__},
    {"clock_settime", time_clock_settime, METH_VARARGS, time_clock_settime__doc__},
    {"clock_settime_ns", time_clock_settime_ns, METH_VARARGS, time_clock_settime_ns__doc__},
    {"pthread_getcpuclockid", time_pthread_getcpuclockid, METH_VARARGS,
     time_pthread_getcpuclockid__doc__},
    {"sleep", time_sleep, METH_O, time_sleep__doc__},
    {"mktime", time_mktime, METH_O, time_mktime__doc__},
    {"time", time_time, METH_NOARGS, time_time__doc__},
    {"time_ns", time_time_ns, METH_NOARGS, time_time_ns__doc__},
    {"monotonic", time_monotonic, METH_NOARGS, time_monotonic__doc__},
    {"monotonic_ns", time_monotonic_ns, METH_NOARGS, time_monotonic_ns__doc__},
    {"perf_counter", time_perf_counter, METH_NOARGS, time_perf_counter__doc__},
    {"perf_counter_ns", time_perf_counter_ns, METH_NOARGS, time_perf_counter_ns__doc__},
    {"process_time", time_process_time, METH_NOARGS, time_process_time__doc__},
    {"process_time_ns", time_process_time_ns, METH_NOARGS, time_process_time_ns__doc__},
    {"thread_time", time_thread_time, METH_NOARGS, time_thread_time__doc__},
    {"thread_time_ns", time_thread_time_ns, METH_NOARGS, time_thread_time_ns__doc__},
    {"tzset", time_tzset, METH_NOARGS, time_tzset__doc__},
    {NULL, NULL, 0, NULL}
};

static int
time_exec(PyObject *module)
{
    time_state *state = get_state(module);
    state->struct_time_type = PyStructSequence_NewType(
        (PyStructSequence_Desc *)&struct_time_desc);
    if (state->struct_time_type == NULL
        || PyModule_AddType(module, state->struct_time_type) < 0
        || set_timezone(module) < 0
        || PyModule_AddIntConstant(module, "_STRUCT_TM_ITEMS", 11) < 0)
    {
        return -1;
    }
#define CLOCK(NAME)                                             \
    if (PyModule_AddIntConstant(module, #NAME, NAME) < 0) {     \
        return -1;                                              \
    }
    CLOCK(CLOCK_REALTIME)
    CLOCK(CLOCK_MONOTONIC)
    CLOCK(CLOCK_MONOTONIC_RAW)
    CLOCK(CLOCK_PROCESS_CPUTIME_ID)
    CLOCK(CLOCK_THREAD_CPUTIME_ID)
    CLOCK(CLOCK_BOOTTIME)
    CLOCK(CLOCK_TAI)
#undef CLOCK
    return 0;
}

static int
time_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(get_state(module)->struct_time_type);
    return 0;
}

static int
time_clear(PyObject *module)
{
    Py_CLEAR(get_state(module)->struct_time_type);
    return 0;
}

static void
time_free(void *module)
{
    time_clear((PyObject *)module);
}

static const PyModuleDef_Slot time_slots[] = {
    {Py_mod_exec, time_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef timemodule = {
    PyModuleDef_HEAD_INIT,
    .m_name = "time",
    .m_doc = time__doc__,
    .m_size = sizeof(time_state),
    .m_methods = (PyMethodDef *)time_methods,
    .m_slots = (PyModuleDef_Slot *)time_slots,
    .m_traverse = time_traverse,
    .m_clear = time_clear,
    .m_free = time_free,
};

PyMODINIT_FUNC
PyInit_time(void)
{
    return PyModuleDef_Init(&timemodule);
}
