/* _testcapi: the C API of the module datetime, each function as macro and through the table.
 *
 * Written from the C API reference ("DateTime Objects").
 */
#include "wrap.h"
#include "parts.h"
#include "datetime.h"

static PyObject *
import_api(void)
{
    PyDateTime_IMPORT;
    if (PyDateTimeAPI == NULL) {
        return NULL;
    }
    Py_RETURN_NONE;
}

#define CHECKER(name, check) \
    static int \
    name(PyObject *object, int exact) \
    { \
        return exact ? check##Exact(object) : check(object); \
    }
CHECKER(is_date, PyDate_Check)
CHECKER(is_time, PyTime_Check)
CHECKER(is_datetime, PyDateTime_Check)
CHECKER(is_delta, PyDelta_Check)
CHECKER(is_tzinfo, PyTZInfo_Check)

/* ---- fields ---- */

static PyObject *
date_fields(PyObject *date)
{
    return Py_BuildValue("(iii)", PyDateTime_GET_YEAR(date), PyDateTime_GET_MONTH(date),
                         PyDateTime_GET_DAY(date));
}

static PyObject *
datetime_fields(PyObject *datetime)
{
    return Py_BuildValue("(iiiiO)", PyDateTime_DATE_GET_HOUR(datetime),
                         PyDateTime_DATE_GET_MINUTE(datetime), PyDateTime_DATE_GET_SECOND(datetime),
                         PyDateTime_DATE_GET_MICROSECOND(datetime),
                         PyDateTime_DATE_GET_TZINFO(datetime));
}

static PyObject *
time_fields(PyObject *time)
{
    return Py_BuildValue("(iiiiO)", PyDateTime_TIME_GET_HOUR(time),
                         PyDateTime_TIME_GET_MINUTE(time), PyDateTime_TIME_GET_SECOND(time),
                         PyDateTime_TIME_GET_MICROSECOND(time), PyDateTime_TIME_GET_TZINFO(time));
}

static PyObject *
delta_fields(PyObject *delta)
{
    return Py_BuildValue("(iii)", PyDateTime_DELTA_GET_DAYS(delta),
                         PyDateTime_DELTA_GET_SECONDS(delta),
                         PyDateTime_DELTA_GET_MICROSECONDS(delta));
}

/* ---- making objects: (macro, fields...) ---- */

static PyObject *
get_date_fromdate(PyObject *Py_UNUSED(module), PyObject *args)
{
    int macro, year, month, day;
    if (!PyArg_ParseTuple(args, "piii", &macro, &year, &month, &day)) {
        return NULL;
    }
    return macro ? PyDate_FromDate(year, month, day)
                 : PyDateTimeAPI->Date_FromDate(year, month, day, PyDateTimeAPI->DateType);
}

static PyObject *
get_datetime_fromdateandtime(PyObject *Py_UNUSED(module), PyObject *args)
{
    int macro, year, month, day, hour, minute, second, microsecond;
    if (!PyArg_ParseTuple(args, "piiiiiii", &macro, &year, &month, &day, &hour, &minute, &second,
                          &microsecond)) {
        return NULL;
    }
    return macro ? PyDateTime_FromDateAndTime(year, month, day, hour, minute, second, microsecond)
                 : PyDateTimeAPI->DateTime_FromDateAndTime(
                       year, month, day, hour, minute, second, microsecond, Py_None,
                       PyDateTimeAPI->DateTimeType);
}

static PyObject *
get_datetime_fromdateandtimeandfold(PyObject *Py_UNUSED(module), PyObject *args)
{
    int macro, year, month, day, hour, minute, second, microsecond, fold;
    if (!PyArg_ParseTuple(args, "piiiiiiii", &macro, &year, &month, &day, &hour, &minute, &second,
                          &microsecond, &fold)) {
        return NULL;
    }
    return macro ? PyDateTime_FromDateAndTimeAndFold(year, month, day, hour, minute, second,
                                                     microsecond, fold)
                 : PyDateTimeAPI->DateTime_FromDateAndTimeAndFold(
                       year, month, day, hour, minute, second, microsecond, Py_None, fold,
                       PyDateTimeAPI->DateTimeType);
}

static PyObject *
get_time_fromtime(PyObject *Py_UNUSED(module), PyObject *args)
{
    int macro, hour, minute, second, microsecond;
    if (!PyArg_ParseTuple(args, "piiii", &macro, &hour, &minute, &second, &microsecond)) {
        return NULL;
    }
    return macro ? PyTime_FromTime(hour, minute, second, microsecond)
                 : PyDateTimeAPI->Time_FromTime(hour, minute, second, microsecond, Py_None,
                                                PyDateTimeAPI->TimeType);
}

static PyObject *
get_time_fromtimeandfold(PyObject *Py_UNUSED(module), PyObject *args)
{
    int macro, hour, minute, second, microsecond, fold;
    if (!PyArg_ParseTuple(args, "piiiii", &macro, &hour, &minute, &second, &microsecond, &fold)) {
        return NULL;
    }
    return macro ? PyTime_FromTimeAndFold(hour, minute, second, microsecond, fold)
                 : PyDateTimeAPI->Time_FromTimeAndFold(hour, minute, second, microsecond, Py_None,
                                                       fold, PyDateTimeAPI->TimeType);
}

static PyObject *
get_delta_fromdsu(PyObject *Py_UNUSED(module), PyObject *args)
{
    int macro, days, seconds, microseconds;
    if (!PyArg_ParseTuple(args, "piii", &macro, &days, &seconds, &microseconds)) {
        return NULL;
    }
    return macro ? PyDelta_FromDSU(days, seconds, microseconds)
                 : PyDateTimeAPI->Delta_FromDelta(days, seconds, microseconds, 1,
                                                  PyDateTimeAPI->DeltaType);
}

static PyObject *
get_date_fromtimestamp(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *timestamp;
    int macro = 0;
    if (!PyArg_ParseTuple(args, "O|p", &timestamp, &macro)) {
        return NULL;
    }
    PyObject *arguments = PyTuple_Pack(1, timestamp);
    if (arguments == NULL) {
        return NULL;
    }
    PyObject *result = macro ? PyDate_FromTimestamp(arguments)
                             : PyDateTimeAPI->Date_FromTimestamp(
                                   (PyObject *)PyDateTimeAPI->DateType, arguments);
    Py_DECREF(arguments);
    return result;
}

/* (timestamp, tzinfo, with tzinfo, macro). */
static PyObject *
get_datetime_fromtimestamp(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *timestamp, *tzinfo;
    int with_tzinfo, macro;
    if (!PyArg_ParseTuple(args, "OOpp", &timestamp, &tzinfo, &with_tzinfo, &macro)) {
        return NULL;
    }
    PyObject *arguments = with_tzinfo ? PyTuple_Pack(2, timestamp, tzinfo)
                                      : PyTuple_Pack(1, timestamp);
    if (arguments == NULL) {
        return NULL;
    }
    PyObject *result = macro ? PyDateTime_FromTimestamp(arguments)
                             : PyDateTimeAPI->DateTime_FromTimestamp(
                                   (PyObject *)PyDateTimeAPI->DateTimeType, arguments, NULL);
    Py_DECREF(arguments);
    return result;
}

/* ---- time zones ---- */

static PyObject *
utc(int macro)
{
    return macro ? PyDateTime_TimeZone_UTC : PyDateTimeAPI->TimeZone_UTC;
}

/* A tuple of three objects, which it takes; NULL with an exception if one of them is. */
static PyObject *
three(PyObject *a, PyObject *b, PyObject *c)
{
    PyObject *result = a != NULL && b != NULL && c != NULL ? PyTuple_Pack(3, a, b, c) : NULL;
    Py_XDECREF(a);
    Py_XDECREF(b);
    Py_XDECREF(c);
    return result;
}

/* Five hours west: named through the table, named by the macro, without a name. */
static PyObject *
eastern_zones(void)
{
    PyObject *offset = PyDelta_FromDSU(0, -5 * 3600, 0);
    PyObject *name = PyUnicode_FromString("EST");
    PyObject *result = NULL;
    if (offset != NULL && name != NULL) {
        result = three(PyDateTimeAPI->TimeZone_FromTimeZone(offset, name),
                       PyTimeZone_FromOffsetAndName(offset, name), PyTimeZone_FromOffset(offset));
    }
    Py_XDECREF(offset);
    Py_XDECREF(name);
    return result;
}

/* Offset zero: twice without a name, which is UTC, and with an empty name. */
static PyObject *
zero_zones(void)
{
    PyObject *offset = PyDelta_FromDSU(0, 0, 0);
    PyObject *name = PyUnicode_FromString("");
    PyObject *result = NULL;
    if (offset != NULL && name != NULL) {
        result = three(PyTimeZone_FromOffset(offset),
                       PyDateTimeAPI->TimeZone_FromTimeZone(offset, NULL),
                       PyTimeZone_FromOffsetAndName(offset, name));
    }
    Py_XDECREF(offset);
    Py_XDECREF(name);
    return result;
}

#define DATETIME_CALLS(X) \
    X(0, test_datetime_capi, object, import_api) \
    X(2, datetime_check_date, int, is_date, P, opti) \
    X(2, datetime_check_time, int, is_time, P, opti) \
    X(2, datetime_check_datetime, int, is_datetime, P, opti) \
    X(2, datetime_check_delta, int, is_delta, P, opti) \
    X(2, datetime_check_tzinfo, int, is_tzinfo, P, opti) \
    X(1, PyDateTime_GET, object, date_fields, P) \
    X(1, PyDateTime_DATE_GET, object, datetime_fields, P) \
    X(1, PyDateTime_TIME_GET, object, time_fields, P) \
    X(1, PyDateTime_DELTA_GET, object, delta_fields, P) \
    X(1, get_timezone_utc_capi, borrowed, utc, i) \
    X(0, make_timezones_capi, object, eastern_zones) \
    X(0, get_timezones_offset_zero, object, zero_zones)

DATETIME_CALLS(WRAP)

static PyMethodDef datetime_methods[] = {
    DATETIME_CALLS(WRAP_ROW)
    VARARGS_ROW(get_date_fromdate),
    VARARGS_ROW(get_datetime_fromdateandtime),
    VARARGS_ROW(get_datetime_fromdateandtimeandfold),
    VARARGS_ROW(get_time_fromtime),
    VARARGS_ROW(get_time_fromtimeandfold),
    VARARGS_ROW(get_delta_fromdsu),
    VARARGS_ROW(get_date_fromtimestamp),
    VARARGS_ROW(get_datetime_fromtimestamp),
    {NULL}
};

int
_TestCapi_AddDatetime(PyObject *module)
{
    return PyModule_AddFunctions(module, datetime_methods);
}
