/* datetime.c - datetime: a date and a time of day, with or without a tzinfo.
 *
 * As with time, instances without a tzinfo are allocated without the field for it.  Arithmetic goes
 * through moments (_datetime.h).
 *
 * Written from the library reference (datetime), PEP 495 and observed messages.
 */
#include "_datetime.h"
#include "sig/datetime.sig.h"

/* --- Instances -------------------------------------------------------------------------------- */

static void
get_fields(PyObject *self, struct fields *f)
{
    assert(is_datetime(self));
    *f = (struct fields){
        .year = PyDateTime_GET_YEAR(self), .month = PyDateTime_GET_MONTH(self),
        .day = PyDateTime_GET_DAY(self),
        .hour = PyDateTime_DATE_GET_HOUR(self), .minute = PyDateTime_DATE_GET_MINUTE(self),
        .second = PyDateTime_DATE_GET_SECOND(self),
        .us = PyDateTime_DATE_GET_MICROSECOND(self), .fold = PyDateTime_DATE_GET_FOLD(self),
    };
}

static const struct clock_layout layout = {
    .type = &_PyDateTime_DateTimeType,
    .naive_size = sizeof(_PyDateTime_BaseDateTime),
    .data = offsetof(PyDateTime_DateTime, data),
    .tzinfo = offsetof(PyDateTime_DateTime, tzinfo),
    .check = {
        .size = _PyDateTime_DATETIME_DATASIZE, .place = 2, .first = 1, .last = 12, .mask = ~0x80,
        .what = "datetime",
    },
};
static_assert(offsetof(PyDateTime_DateTime, fold)
              == offsetof(PyDateTime_DateTime, data) + _PyDateTime_DATETIME_DATASIZE,
              "fold behind data");

static PyObject *
datetime_alloc(PyTypeObject *type, Py_ssize_t aware)
{
    return clock_alloc(&layout, type, aware);
}

PyObject *
_PyDateTime_NewDateTime(const struct fields *f, PyObject *tzinfo, PyTypeObject *type)
{
    if (_PyDateTime_CheckDate(f->year, f->month, f->day) < 0 || _PyDateTime_CheckTime(f) < 0
        || _PyDateTime_CheckTzinfo(tzinfo) < 0)
    {
        return NULL;
    }
    PyDateTime_DateTime *self = (PyDateTime_DateTime *)clock_with_tzinfo(&layout, type, tzinfo);
    if (self != NULL) {
        _PyDateTime_StoreDate(self->data, f->year, f->month, f->day);
        _PyDateTime_StoreTime(self->data + _PyDateTime_DATE_DATASIZE, f);
        self->fold = (unsigned char)f->fold;
    }
    return (PyObject *)self;
}

/* type(year, ..., microsecond, tzinfo): subclasses get their constructor called, without fold. */
static PyObject *
make_datetime(const struct fields *f, PyObject *tzinfo, PyObject *type)
{
    if (type == (PyObject *)&_PyDateTime_DateTimeType) {
        return _PyDateTime_NewDateTime(f, tzinfo, &_PyDateTime_DateTimeType);
    }
    return PyObject_CallFunction(type, "iiiiiiiO", f->year, f->month, f->day, f->hour, f->minute,
                                 f->second, f->us, tzinfo);
}

#define KEYWORDS {"year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", \
                  "fold", NULL}

static PyObject *
datetime_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *tzinfo = Py_None, *self = _PyDateTime_FromPickle(&layout, type, args);
    if (self != NULL) {
        return self;
    }
    static const char *const keywords[] = KEYWORDS;
    struct fields f = {0};
    if (PyErr_Occurred()
        || !PyArg_ParseTupleAndKeywords(args, kwargs, "iii|iiiiO$i", (char **)keywords, &f.year,
                                        &f.month, &f.day, &f.hour, &f.minute, &f.second, &f.us,
                                        &tzinfo, &f.fold))
    {
        return NULL;
    }
    return _PyDateTime_NewDateTime(&f, tzinfo, type);
}

static PyObject *
datetime_replace(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = KEYWORDS;
    struct fields f;
    get_fields(self, &f);
    PyObject *tzinfo = datetime_tzinfo(self);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|iiiiiiiO$i:replace", (char **)keywords,
                                     &f.year, &f.month, &f.day, &f.hour, &f.minute, &f.second,
                                     &f.us, &tzinfo, &f.fold)
        || _PyDateTime_CheckFold(f.fold) < 0)
    {
        return NULL;
    }
    return _PyDateTime_NewDateTime(&f, tzinfo, Py_TYPE(self));
}

static void
datetime_dealloc(PyDateTime_DateTime *self)
{
    if (self->hastzinfo) {
        Py_XDECREF(self->tzinfo);
    }
    Py_TYPE(self)->tp_free(self);
}

/* --- Other constructors ----------------------------------------------------------------------- */

/* A point in time, as the clocks of `tzinfo` show it; those of the machine if that is None. */
static PyObject *
from_time_t(PyObject *type, time_t when, int us, PyObject *tzinfo)
{
    struct fields f;
    if ((tzinfo == Py_None ? _PyDateTime_LocalFields(when, us, &f)
                           : _PyDateTime_UtcFields(when, us, &f)) < 0)
    {
        return NULL;
    }
    PyObject *self = make_datetime(&f, tzinfo, type);
    if (self != NULL && tzinfo != Py_None) {
        Py_SETREF(self, PyObject_CallMethodOneArg(tzinfo, &_Py_ID(fromutc), self));
    }
    return self;
}

static int
read_clock(time_t *when, int *us)
{
    return _PyTime_AsTimevalTime_t(_PyTime_GetSystemClock(), when, us, _PyTime_ROUND_FLOOR);
}

/* UTC without a tzinfo. */
static PyObject *
naive_utc(PyObject *type, time_t when, int us)
{
    struct fields f;
    return _PyDateTime_UtcFields(when, us, &f) < 0 ? NULL : make_datetime(&f, Py_None, type);
}

/*sig @classmethod datetime.datetime.now(type, tz=None)

Returns new datetime object representing current time local to tz.

  tz
    Timezone object.

If no tz is specified, uses local timezone.
*/
static PyObject *
datetime_datetime_now_impl(PyTypeObject *type, PyObject *tz)
{
    time_t when;
    int us;
    if (_PyDateTime_CheckTzinfo(tz) < 0 || read_clock(&when, &us) < 0) {
        return NULL;
    }
    return from_time_t((PyObject *)type, when, us, tz);
}

static PyObject *
datetime_utcnow(PyObject *type, PyObject *Py_UNUSED(ignored))
{
    time_t when;
    int us;
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "datetime.datetime.utcnow() is deprecated and scheduled for removal in a "
                     "future version. Use timezone-aware objects to represent datetimes in UTC: "
                     "datetime.datetime.now(datetime.UTC).", 1) < 0
        || read_clock(&when, &us) < 0)
    {
        return NULL;
    }
    return naive_utc(type, when, us);
}

/* A number of seconds from the epoch, rounded to microseconds.  0, or -1 with an exception. */
static int
split_timestamp(PyObject *timestamp, time_t *when, int *us)
{
    long microseconds;
    if (_PyTime_ObjectToTimeval(timestamp, when, &microseconds, _PyTime_ROUND_HALF_EVEN) < 0) {
        return -1;
    }
    assert(microseconds >= 0 && microseconds < US_PER_SECOND);
    *us = (int)microseconds;
    return 0;
}

PyObject *
_PyDateTime_FromTimestamp(PyObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"timestamp", "tz", NULL};
    PyObject *timestamp, *tzinfo = Py_None;
    time_t when;
    int us;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:fromtimestamp", (char **)keywords,
                                     &timestamp, &tzinfo)
        || _PyDateTime_CheckTzinfo(tzinfo) < 0 || split_timestamp(timestamp, &when, &us) < 0)
    {
        return NULL;
    }
    return from_time_t(type, when, us, tzinfo);
}

static PyObject *
datetime_utcfromtimestamp(PyObject *type, PyObject *args)
{
    PyObject *timestamp;
    time_t when;
    int us;
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "datetime.datetime.utcfromtimestamp() is deprecated and scheduled for "
                     "removal in a future version. Use timezone-aware objects to represent "
                     "datetimes in UTC: datetime.datetime.fromtimestamp(timestamp, "
                     "datetime.UTC).", 1) < 0
        || !PyArg_ParseTuple(args, "O:utcfromtimestamp", &timestamp)
        || split_timestamp(timestamp, &when, &us) < 0)
    {
        return NULL;
    }
    return naive_utc(type, when, us);
}

static PyObject *
datetime_strptime(PyObject *type, PyObject *args)
{
    PyObject *text, *format;
    if (!PyArg_ParseTuple(args, "UU:strptime", &text, &format)) {
        return NULL;
    }
    PyObject *parse = _PyImport_GetModuleAttrString("_strptime", "_strptime_datetime");
    if (parse == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallFunctionObjArgs(parse, type, text, format, NULL);
    Py_DECREF(parse);
    return result;
}

static PyObject *
datetime_combine(PyObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"date", "time", "tzinfo", NULL};
    PyObject *date, *time, *tzinfo = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O!|O:combine", (char **)keywords,
                                     &_PyDateTime_DateType, &date, &_PyDateTime_TimeType, &time,
                                     &tzinfo))
    {
        return NULL;
    }
    const struct fields f = {
        .year = PyDateTime_GET_YEAR(date), .month = PyDateTime_GET_MONTH(date),
        .day = PyDateTime_GET_DAY(date),
        .hour = PyDateTime_TIME_GET_HOUR(time), .minute = PyDateTime_TIME_GET_MINUTE(time),
        .second = PyDateTime_TIME_GET_SECOND(time),
        .us = PyDateTime_TIME_GET_MICROSECOND(time), .fold = PyDateTime_TIME_GET_FOLD(time),
    };
    return make_datetime(&f, tzinfo == NULL ? time_tzinfo(time) : tzinfo, type);
}

static PyObject *
datetime_fromisoformat(PyObject *type, PyObject *text)
{
    struct fields f = {0};
    PyObject *tzinfo;
    if (_PyDateTime_ParseDateTime(text, &f, &tzinfo) < 0) {
        return NULL;
    }
    PyObject *self = make_datetime(&f, tzinfo, type);
    Py_DECREF(tzinfo);
    return self;
}

/* --- What the tzinfo says --------------------------------------------------------------------- */

static PyObject *
datetime_utcoffset(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDateTime_Offset(datetime_tzinfo(self), &_Py_ID(utcoffset), self);
}

static PyObject *
datetime_dst(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDateTime_Offset(datetime_tzinfo(self), &_Py_ID(dst), self);
}

static PyObject *
datetime_tzname(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDateTime_ZoneName(datetime_tzinfo(self), self);
}

/* The offset in microseconds: 1, 0 if there is none, -1 with an exception. */
static int
offset_of(PyObject *self, int64_t *us)
{
    return _PyDateTime_OffsetMicros(datetime_tzinfo(self), &_Py_ID(utcoffset), self, us);
}

/* The same of a copy of self with a certain fold, the tzinfo's answer may depend on. */
static int
offset_with_fold(PyObject *self, int fold, int64_t *us)
{
    struct fields f;
    get_fields(self, &f);
    if (f.fold == fold || datetime_tzinfo(self) == Py_None) {
        return offset_of(self, us);
    }
    f.fold = fold;
    PyObject *other = _PyDateTime_NewDateTime(&f, datetime_tzinfo(self),
                                              &_PyDateTime_DateTimeType);
    if (other == NULL) {
        return -1;
    }
    int known = offset_of(other, us);
    Py_DECREF(other);
    return known;
}

static int64_t
moment_of(PyObject *self)
{
    struct fields f;
    get_fields(self, &f);
    return _PyDateTime_Moment(&f);
}

/* --- Arithmetic ------------------------------------------------------------------------------- */

PyObject *
_PyDateTime_Shift(PyObject *self, micros us)
{
    struct fields f = {0};
    if (_PyDateTime_SetMoment(&f, moment_of(self) + us) < 0) {
        return NULL;
    }
    return make_datetime(&f, datetime_tzinfo(self), (PyObject *)Py_TYPE(self));
}

static PyObject *
datetime_add(PyObject *left, PyObject *right)
{
    if (is_datetime(left) && is_delta(right)) {
        return _PyDateTime_Shift(left, _PyDateTime_DeltaMicros(right));
    }
    if (is_delta(left) && is_datetime(right)) {
        return _PyDateTime_Shift(right, _PyDateTime_DeltaMicros(left));
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
datetime_subtract(PyObject *left, PyObject *right)
{
    if (!is_datetime(left)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (is_delta(right)) {
        return _PyDateTime_Shift(left, -_PyDateTime_DeltaMicros(right));
    }
    if (!is_datetime(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int64_t offset = 0, other_offset = 0;
    if (datetime_tzinfo(left) != datetime_tzinfo(right)) {
        int aware = offset_of(left, &offset);
        int other_aware = aware < 0 ? -1 : offset_of(right, &other_offset);
        if (other_aware < 0) {
            return NULL;
        }
        if (aware != other_aware) {
            PyErr_SetString(PyExc_TypeError,
                            "can't subtract offset-naive and offset-aware datetimes");
            return NULL;
        }
    }
    return _PyDateTime_DeltaFromMicros((moment_of(left) - offset)
                                       - (moment_of(right) - other_offset));
}

/* --- Order ------------------------------------------------------------------------------------ */

/* PEP 495: a time whose offset depends on fold equals none of another zone.  1, 0, or -1. */
static int
depends_on_fold(PyObject *self)
{
    int64_t first, second;
    int known = offset_with_fold(self, 0, &first);
    int second_known = known < 0 ? -1 : offset_with_fold(self, 1, &second);
    if (second_known < 0) {
        return -1;
    }
    return known != second_known || first != second;
}

/* Of two with different tzinfos: negative, 0 or positive in *diff.  0, or -1 with an exception. */
static int
compare_zones(PyObject *self, PyObject *other, int op, int *diff)
{
    int64_t offset, other_offset;
    int aware = offset_of(self, &offset);
    int other_aware = aware < 0 ? -1 : offset_of(other, &other_offset);
    if (other_aware < 0) {
        return -1;
    }
    int equality = op == Py_EQ || op == Py_NE;
    if (aware != other_aware) {
        if (!equality) {
            PyErr_SetString(PyExc_TypeError,
                            "can't compare offset-naive and offset-aware datetimes");
            return -1;
        }
        *diff = 1;
        return 0;
    }
    int64_t a = moment_of(self) - offset, b = moment_of(other) - other_offset;
    *diff = (a > b) - (a < b);
    if (equality && a == b) {
        int depends = depends_on_fold(self);
        if (depends == 0) {
            depends = depends_on_fold(other);
        }
        *diff = depends;
        return depends < 0 ? -1 : 0;
    }
    return 0;
}

static PyObject *
datetime_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!is_datetime(other)) {
        if (!is_date(other)) {
            Py_RETURN_NOTIMPLEMENTED;
        }
        /* A date is no datetime without time of day. */
        if (op == Py_EQ || op == Py_NE) {
            return PyBool_FromLong(op == Py_NE);
        }
        PyErr_Format(PyExc_TypeError, "can't compare %s to %s", Py_TYPE(self)->tp_name,
                     Py_TYPE(other)->tp_name);
        return NULL;
    }
    int diff;
    if (datetime_tzinfo(self) == datetime_tzinfo(other)) {
        diff = memcmp(((PyDateTime_DateTime *)self)->data, ((PyDateTime_DateTime *)other)->data,
                      _PyDateTime_DATETIME_DATASIZE);
    }
    else if (compare_zones(self, other, op, &diff) < 0) {
        return NULL;
    }
    Py_RETURN_RICHCOMPARE(diff, 0, op);
}

/* Aware ones are hashed as timedeltas from UTC, with fold 0, so that fold does not count. */
static Py_hash_t
datetime_hash(PyDateTime_DateTime *self)
{
    if (self->hashcode != -1) {
        return self->hashcode;
    }
    int64_t offset;
    int known = offset_with_fold((PyObject *)self, 0, &offset);
    if (known < 0) {
        return -1;
    }
    if (known == 0) {
        KEEP_HASH(self, _Py_HashBytes(self->data, _PyDateTime_DATETIME_DATASIZE));
    }
    KEEP_HASH(self, _PyDateTime_HashMicros(moment_of((PyObject *)self) - offset));
}

/* --- Text ------------------------------------------------------------------------------------- */

static PyObject *
datetime_repr(PyObject *self)
{
    struct fields f;
    get_fields(self, &f);
    const char *type = Py_TYPE(self)->tp_name;
    PyObject *head;
    if (f.us != 0) {
        head = PyUnicode_FromFormat("%s(%d, %d, %d, %d, %d, %d, %d", type, f.year, f.month, f.day,
                                    f.hour, f.minute, f.second, f.us);
    }
    else if (f.second != 0) {
        head = PyUnicode_FromFormat("%s(%d, %d, %d, %d, %d, %d", type, f.year, f.month, f.day,
                                    f.hour, f.minute, f.second);
    }
    else {
        head = PyUnicode_FromFormat("%s(%d, %d, %d, %d, %d", type, f.year, f.month, f.day,
                                    f.hour, f.minute);
    }
    return _PyDateTime_ReprTail(head, f.fold, datetime_tzinfo(self), 0);
}

static PyObject *
datetime_isoformat(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"sep", "timespec", NULL};
    int sep = 'T';
    const char *timespec = "auto";
    char clock[CLOCK_SIZE], offset[OFFSET_SIZE];
    struct fields f;
    get_fields(self, &f);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|Cs:isoformat", (char **)keywords, &sep,
                                     &timespec)
        || _PyDateTime_FormatClock(clock, &f, timespec) < 0
        || _PyDateTime_FormatUtcoffset(offset, datetime_tzinfo(self), self, ":") < 0)
    {
        return NULL;
    }
    return PyUnicode_FromFormat("%04d-%02d-%02d%c%s%s", f.year, f.month, f.day, sep, clock,
                                offset);
}

static PyObject *
datetime_str(PyObject *self)
{
    return PyObject_CallMethod(self, "isoformat", "s", " ");
}

static PyObject *
datetime_ctime(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    struct fields f;
    get_fields(self, &f);
    return _PyDateTime_Ctime(&f);
}

/* --- Conversions ------------------------------------------------------------------------------ */

static PyObject *
datetime_date(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDateTime_NewDate(PyDateTime_GET_YEAR(self), PyDateTime_GET_MONTH(self),
                               PyDateTime_GET_DAY(self), &_PyDateTime_DateType);
}

static PyObject *
datetime_time(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    struct fields f;
    get_fields(self, &f);
    return _PyDateTime_NewTime(&f, Py_None, &_PyDateTime_TimeType);
}

static PyObject *
datetime_timetz(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    struct fields f;
    get_fields(self, &f);
    return _PyDateTime_NewTime(&f, datetime_tzinfo(self), &_PyDateTime_TimeType);
}

static PyObject *
datetime_timetuple(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    struct fields f;
    int64_t dst;
    int known = _PyDateTime_OffsetMicros(datetime_tzinfo(self), &_Py_ID(dst), self, &dst);
    if (known < 0) {
        return NULL;
    }
    get_fields(self, &f);
    return _PyDateTime_StructTime(&f, known ? dst != 0 : -1);
}

static PyObject *
datetime_utctimetuple(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    struct fields f;
    int64_t offset;
    if (offset_of(self, &offset) < 0) {
        return NULL;
    }
    get_fields(self, &f);
    if (offset != 0 && _PyDateTime_SetMoment(&f, moment_of(self) - offset) < 0) {
        return NULL;
    }
    return _PyDateTime_StructTime(&f, 0);
}

/* Of a naive datetime, the seconds from the epoch by local time.  0, or -1. */
static int
local_to_utc(PyObject *self, int64_t *seconds)
{
    struct fields f;
    get_fields(self, &f);
    return _PyDateTime_LocalToUtc(&f, seconds);
}

static PyObject *
datetime_timestamp(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    int64_t seconds, offset;
    if (datetime_tzinfo(self) == Py_None) {
        if (local_to_utc(self, &seconds) < 0) {
            return NULL;
        }
        return PyFloat_FromDouble((double)seconds + PyDateTime_DATE_GET_MICROSECOND(self) / 1e6);
    }
    int known = offset_of(self, &offset);
    if (known == 0) {
        PyErr_SetString(PyExc_TypeError, "can't subtract offset-naive and offset-aware datetimes");
    }
    return known <= 0 ? NULL : _PyDateTime_TotalSeconds(moment_of(self) - offset
                                                        - EPOCH_ORDINAL * US_PER_DAY);
}

/* The moment of `self` in UTC.  0, or -1 with an exception. */
static int
utc_moment(PyObject *self, int64_t *moment)
{
    int64_t offset, seconds;
    int known = offset_of(self, &offset);
    if (known < 0) {
        return -1;
    }
    if (known) {
        *moment = moment_of(self) - offset;
        return 0;
    }
    if (local_to_utc(self, &seconds) < 0) {
        return -1;
    }
    *moment = (seconds + (int64_t)EPOCH_ORDINAL * SECONDS_PER_DAY) * US_PER_SECOND
              + PyDateTime_DATE_GET_MICROSECOND(self);
    return 0;
}

/* The local zone at a moment of UTC: new reference. */
static PyObject *
local_zone(int64_t moment)
{
    int64_t us = moment - EPOCH_ORDINAL * US_PER_DAY;
    int64_t seconds = us / US_PER_SECOND - (us % US_PER_SECOND < 0);
    return _PyDateTime_LocalZone((time_t)seconds);
}

static PyObject *
datetime_astimezone(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"tz", NULL};
    PyObject *tzinfo = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:astimezone", (char **)keywords, &tzinfo)
        || _PyDateTime_CheckTzinfo(tzinfo) < 0)
    {
        return NULL;
    }
    if (tzinfo != Py_None && tzinfo == datetime_tzinfo(self)) {
        return Py_NewRef(self);
    }
    struct fields f = {0};
    int64_t moment;
    if (utc_moment(self, &moment) < 0 || _PyDateTime_SetMoment(&f, moment) < 0) {
        return NULL;
    }
    tzinfo = tzinfo == Py_None ? local_zone(moment) : Py_NewRef(tzinfo);
    PyObject *utc = tzinfo == NULL ? NULL
                    : make_datetime(&f, tzinfo, (PyObject *)Py_TYPE(self));
    PyObject *result = utc == NULL ? NULL
                       : PyObject_CallMethodOneArg(tzinfo, &_Py_ID(fromutc), utc);
    Py_XDECREF(utc);
    Py_XDECREF(tzinfo);
    return result;
}

/* --- Parts, pickling -------------------------------------------------------------------------- */

_PyDateTime_GETTER(datetime, hour, PyDateTime_DATE_GET_HOUR)
_PyDateTime_GETTER(datetime, minute, PyDateTime_DATE_GET_MINUTE)
_PyDateTime_GETTER(datetime, second, PyDateTime_DATE_GET_SECOND)
_PyDateTime_GETTER(datetime, microsecond, PyDateTime_DATE_GET_MICROSECOND)
_PyDateTime_GETTER(datetime, fold, PyDateTime_DATE_GET_FOLD)

static PyObject *
datetime_get_tzinfo(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(datetime_tzinfo(self));
}

static PyObject *
reduce(PyObject *self, int protocol)
{
    return _PyDateTime_Reduce(self, ((PyDateTime_DateTime *)self)->data,
                              _PyDateTime_DATETIME_DATASIZE, 2, PyDateTime_DATE_GET_FOLD(self),
                              datetime_tzinfo(self), protocol);
}

static PyObject *
datetime_reduce_ex(PyObject *self, PyObject *args)
{
    int protocol;
    return PyArg_ParseTuple(args, "i:__reduce_ex__", &protocol) ? reduce(self, protocol) : NULL;
}

static PyObject *
datetime_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return reduce(self, 2);
}

/* --- The type --------------------------------------------------------------------------------- */

PyDoc_STRVAR(datetime_isoformat_doc,
"[sep] -> string in ISO 8601 format, YYYY-MM-DDT[HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].\n\
sep is used to separate the year from the time, and defaults to 'T'.\n\
The optional argument timespec specifies the number of additional terms\n\
of the time to include. Valid options are 'auto', 'hours', 'minutes',\n\
'seconds', 'milliseconds' and 'microseconds'.\n");

static _Py_SHARED PyMethodDef datetime_methods[] = {
    DATETIME_DATETIME_NOW_METHODDEF
    {"utcnow", datetime_utcnow, METH_NOARGS | METH_CLASS,
     PyDoc_STR("Return a new datetime representing UTC day and time.")},
    {"fromtimestamp", (PyCFunction)(void (*)(void))_PyDateTime_FromTimestamp,
     METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     PyDoc_STR("timestamp[, tz] -> tz's local time from POSIX timestamp.")},
    {"utcfromtimestamp", datetime_utcfromtimestamp, METH_VARARGS | METH_CLASS,
     PyDoc_STR("Construct a naive UTC datetime from a POSIX timestamp.")},
    {"strptime", datetime_strptime, METH_VARARGS | METH_CLASS,
     PyDoc_STR("string, format -> new datetime parsed from a string (like time.strptime()).")},
    {"combine", (PyCFunction)(void (*)(void))datetime_combine,
     METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     PyDoc_STR("date, time -> datetime with same date and time fields")},
    {"fromisoformat", datetime_fromisoformat, METH_O | METH_CLASS,
     PyDoc_STR("string -> datetime from a string in most ISO 8601 formats")},
    {"date", datetime_date, METH_NOARGS,
     PyDoc_STR("Return date object with same year, month and day.")},
    {"time", datetime_time, METH_NOARGS,
     PyDoc_STR("Return time object with same time but with tzinfo=None.")},
    {"timetz", datetime_timetz, METH_NOARGS,
     PyDoc_STR("Return time object with same time and tzinfo.")},
    {"ctime", datetime_ctime, METH_NOARGS, PyDoc_STR("Return ctime() style string.")},
    {"timetuple", datetime_timetuple, METH_NOARGS,
     PyDoc_STR("Return time tuple, compatible with time.localtime().")},
    {"timestamp", datetime_timestamp, METH_NOARGS,
     PyDoc_STR("Return POSIX timestamp as float.")},
    {"utctimetuple", datetime_utctimetuple, METH_NOARGS,
     PyDoc_STR("Return UTC time tuple, compatible with time.localtime().")},
    {"isoformat", (PyCFunction)(void (*)(void))datetime_isoformat, METH_VARARGS | METH_KEYWORDS,
     datetime_isoformat_doc},
    {"utcoffset", datetime_utcoffset, METH_NOARGS,
     PyDoc_STR("Return self.tzinfo.utcoffset(self).")},
    {"tzname", datetime_tzname, METH_NOARGS, PyDoc_STR("Return self.tzinfo.tzname(self).")},
    {"dst", datetime_dst, METH_NOARGS, PyDoc_STR("Return self.tzinfo.dst(self).")},
    {"replace", (PyCFunction)(void (*)(void))datetime_replace, METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("Return datetime with new specified fields.")},
    {"astimezone", (PyCFunction)(void (*)(void))datetime_astimezone,
     METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("tz -> convert to local time in new timezone tz\n")},
    {"__reduce_ex__", datetime_reduce_ex, METH_VARARGS,
     PyDoc_STR("__reduce_ex__(proto) -> (cls, state)")},
    {"__reduce__", datetime_reduce, METH_NOARGS, PyDoc_STR("__reduce__() -> (cls, state)")},
    {NULL, NULL, 0, NULL}
};

static _Py_SHARED PyGetSetDef datetime_getset[] = {
    {"hour", datetime_hour, NULL, NULL, NULL},
    {"minute", datetime_minute, NULL, NULL, NULL},
    {"second", datetime_second, NULL, NULL, NULL},
    {"microsecond", datetime_microsecond, NULL, NULL, NULL},
    {"tzinfo", datetime_get_tzinfo, NULL, NULL, NULL},
    {"fold", datetime_fold, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL}
};

PyDoc_STRVAR(datetime_doc,
"datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]])\n\
\n\
The year, month and day arguments are required. tzinfo may be None, or an\n\
instance of a tzinfo subclass. The remaining arguments may be ints.\n");

static _Py_SHARED PyNumberMethods datetime_as_number = {
    .nb_add = datetime_add,
    .nb_subtract = datetime_subtract,
};

_Py_SHARED PyTypeObject _PyDateTime_DateTimeType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "datetime.datetime",
    .tp_basicsize = sizeof(PyDateTime_DateTime),
    .tp_dealloc = (destructor)datetime_dealloc,
    .tp_repr = datetime_repr,
    .tp_as_number = &datetime_as_number,
    .tp_hash = (hashfunc)datetime_hash,
    .tp_str = datetime_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = datetime_doc,
    .tp_richcompare = datetime_richcompare,
    .tp_methods = datetime_methods,
    .tp_getset = datetime_getset,
    .tp_base = &_PyDateTime_DateType,
    .tp_alloc = datetime_alloc,
    .tp_new = datetime_new,
};

_Py_SHARED PyDateTime_DateTime _PyDateTime_DateTimeMin = {
    PyObject_HEAD_INIT(&_PyDateTime_DateTimeType)
    .hashcode = -1,
    .data = {0, MINYEAR, 1, 1},
};

_Py_SHARED PyDateTime_DateTime _PyDateTime_DateTimeMax = {
    PyObject_HEAD_INIT(&_PyDateTime_DateTimeType)
    .hashcode = -1,
    .data = {MAXYEAR >> 8, MAXYEAR & 0xff, 12, 31, 23, 59, 59, 999999 >> 16, 999999 >> 8 & 0xff,
             999999 & 0xff},
};
