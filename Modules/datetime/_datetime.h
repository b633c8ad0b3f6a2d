/* _datetime.h - what the files of the module _datetime share.
 *
 * The types are shared static types and the class constants (date.min, timezone.utc, ...) shared
 * immortal objects, because extension modules keep the C API (Include/datetime.h), which points to
 * them, in a C static for all interpreters.  So the module has no state.
 *
 * Words: the *ordinal* of a day counts from 1 January of year 1, which is 1.  A *moment* is the
 * number of microseconds since the beginning of day 0, without time zone; every moment of the
 * years 1 to 9999 fits in 59 bits, every timedelta in 68.
 *
 * Objects made from pickles may hold fields outside their ranges (month and hour excepted), as in
 * CPython; whatever indexes a table by a field must bear that.
 */
#ifndef Py_DATETIME_PRIVATE_H
#define Py_DATETIME_PRIVATE_H

#define PY_SSIZE_T_CLEAN        // for y#
#define _PY_DATETIME_IMPL
#include "Python.h"
#include "datetime.h"           // PyDateTime_DateTime and its like
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_strings.h"     // _Py_ID()

#include <stdint.h>
#include <time.h>

#define MINYEAR 1
#define MAXYEAR 9999
#define MAX_ORDINAL 3652059     /* 31 December 9999 */
#define EPOCH_ORDINAL 719163    /* 1 January 1970 */
#define SECONDS_PER_DAY 86400
#define US_PER_SECOND 1000000LL
#define US_PER_DAY (SECONDS_PER_DAY * US_PER_SECOND)

/* Large enough for numbers of microseconds and their sums. */
typedef __int128 micros;

/* The fields of a datetime; a date leaves the time 0, a time the date. */
struct fields {
    int year, month, day;
    int hour, minute, second, us;
    int fold;
};

typedef struct {
    PyDateTime_TZInfo base;
    PyObject *offset;           /* a timedelta */
    PyObject *name;             /* a str, or NULL: made from the offset */
} PyDateTime_TimeZone;

extern PyTypeObject _PyDateTime_DateType, _PyDateTime_DateTimeType, _PyDateTime_TimeType,
                    _PyDateTime_DeltaType, _PyDateTime_TZInfoType, _PyDateTime_TimeZoneType,
                    _PyDateTime_IsoCalendarDateType;

/* Class constants; they are put into the types' dicts by _datetimemodule.c. */
extern PyDateTime_Date _PyDateTime_DateMin, _PyDateTime_DateMax;
extern PyDateTime_DateTime _PyDateTime_DateTimeMin, _PyDateTime_DateTimeMax;
extern PyDateTime_Time _PyDateTime_TimeMin, _PyDateTime_TimeMax;
extern PyDateTime_Delta _PyDateTime_DeltaMin, _PyDateTime_DeltaMax, _PyDateTime_DeltaZero,
                        _PyDateTime_OneDay, _PyDateTime_OneMicrosecond;
extern PyDateTime_TimeZone _PyDateTime_UTC, _PyDateTime_TimeZoneMin, _PyDateTime_TimeZoneMax;

#define is_date(op) PyObject_TypeCheck((op), &_PyDateTime_DateType)
#define is_datetime(op) PyObject_TypeCheck((op), &_PyDateTime_DateTimeType)
#define is_time(op) PyObject_TypeCheck((op), &_PyDateTime_TimeType)
#define is_delta(op) PyObject_TypeCheck((op), &_PyDateTime_DeltaType)
#define is_tzinfo(op) PyObject_TypeCheck((op), &_PyDateTime_TZInfoType)

/* The hash, kept in the object unless that is shared.  `value` may be -1: an exception. */
#define KEEP_HASH(self, value)                                          \
    do {                                                                \
        Py_hash_t hash_ = (value);                                      \
        if (!_Py_IsImmortal((PyObject *)(self))) {                      \
            (self)->hashcode = hash_;                                   \
        }                                                               \
        return hash_;                                                   \
    } while (0)

/* The tzinfo attribute of a time or datetime, borrowed; None if it has none. */
static inline PyObject *
time_tzinfo(PyObject *self)
{
    return PyDateTime_TIME_GET_TZINFO(self);
}

static inline PyObject *
datetime_tzinfo(PyObject *self)
{
    return PyDateTime_DATE_GET_TZINFO(self);
}

/* Pickles call the type with bytes (from Python 2: a str) of a fixed size, of which the byte at
 * `place`, as far as `mask` lets it through, must lie in first..last. */
struct state_check {
    Py_ssize_t size, place;
    int first, last, mask;
    const char *what;           /* the type, for a message */
};

/* How times and datetimes lie in memory: the byte of fold follows their data.  Without a tzinfo
 * they are allocated without the field for it, unless they belong to a subclass. */
struct clock_layout {
    PyTypeObject *type;
    size_t naive_size;          /* without that field */
    size_t data, tzinfo;        /* where these lie, from the object's start */
    struct state_check check;   /* of pickles, whose byte at check.place has fold as highest bit */
};

/* tp_alloc: `aware` says whether there will be a tzinfo. */
static inline PyObject *
clock_alloc(const struct clock_layout *layout, PyTypeObject *type, Py_ssize_t aware)
{
    if (aware || type != layout->type) {
        return PyType_GenericAlloc(type, 0);
    }
    PyObject *self = PyObject_Malloc(layout->naive_size);
    if (self == NULL) {
        return PyErr_NoMemory();
    }
    return PyObject_Init(self, type);
}

/* A time or datetime whose data and fold are still to be filled in, or NULL with an exception. */
static inline PyObject *
clock_with_tzinfo(const struct clock_layout *layout, PyTypeObject *type, PyObject *tzinfo)
{
    int aware = tzinfo != Py_None;
    PyObject *self = type->tp_alloc(type, aware);
    if (self != NULL) {
        ((_PyDateTime_BaseTZInfo *)self)->hashcode = -1;
        ((_PyDateTime_BaseTZInfo *)self)->hastzinfo = (char)aware;
        if (aware) {
            *(PyObject **)((char *)self + layout->tzinfo) = Py_NewRef(tzinfo);
        }
    }
    return self;
}

/* -- calendar.c -- */
extern int _PyDateTime_DaysBeforeMonth(int year, int month);
extern int _PyDateTime_Ordinal(int year, int month, int day);
/* The day of the week of an ordinal: Monday is 0. */
extern int _PyDateTime_Weekday(int ordinal);
extern void _PyDateTime_SetDate(struct fields *f, int ordinal);
/* The ordinal of an ISO date, or 0 with what is wrong, an index of an enum, in *problem. */
enum iso_problem {ISO_BAD_YEAR = 1, ISO_BAD_WEEK, ISO_BAD_DAY};
extern int _PyDateTime_IsoOrdinal(int year, int week, int day, enum iso_problem *problem);
/* The inverse. */
extern void _PyDateTime_ToIso(int ordinal, int *year, int *week, int *day);
/* Range checks: 0, or -1 with ValueError (TypeError for a tzinfo). */
extern int _PyDateTime_CheckDate(int year, int month, int day);
extern int _PyDateTime_CheckFold(int fold);
extern int _PyDateTime_CheckTime(const struct fields *f);
extern int _PyDateTime_CheckTzinfo(PyObject *tzinfo);
/* 0, or -1 with OverflowError if the ordinal is no day of the years 1 to 9999. */
extern int _PyDateTime_CheckOrdinal(int64_t ordinal);
extern int64_t _PyDateTime_Moment(const struct fields *f);
/* Sets all fields but fold.  0, or -1 with OverflowError. */
extern int _PyDateTime_SetMoment(struct fields *f, micros moment);

/* -- delta.c -- */
extern micros _PyDateTime_DeltaMicros(PyObject *delta);
/* New timedeltas, or NULL with OverflowError. */
extern PyObject *_PyDateTime_DeltaFromMicros(micros us);
extern PyObject *_PyDateTime_NewDelta(int days, int seconds, int microseconds, int normalize,
                                      PyTypeObject *type);
extern PyObject *_PyDateTime_TotalSeconds(micros us);
extern Py_hash_t _PyDateTime_HashMicros(micros us);

/* -- tzinfo.c -- */
/* Ask a tzinfo (or None) by a method (&_Py_ID(utcoffset) or &_Py_ID(dst)) about `when`: a new
 * reference to None or a timedelta of less than a day, or NULL with an exception. */
extern PyObject *_PyDateTime_Offset(PyObject *tzinfo, PyObject *method, PyObject *when);
/* The same in microseconds: 1, 0 for None, -1 with an exception. */
extern int _PyDateTime_OffsetMicros(PyObject *tzinfo, PyObject *method, PyObject *when,
                                    int64_t *us);
/* A new reference to None or a str, or NULL with an exception. */
extern PyObject *_PyDateTime_ZoneName(PyObject *tzinfo, PyObject *when);
/* May the tzinfo `self` make local time of `when`?  0, or -1 with TypeError or ValueError. */
extern int _PyDateTime_CheckFromUtc(PyObject *self, PyObject *when);
/* A time or datetime from the arguments that a pickle calls its type with: the state and perhaps a
 * tzinfo.  New reference; NULL without an exception for all other arguments. */
extern PyObject *_PyDateTime_FromPickle(const struct clock_layout *layout, PyTypeObject *type,
                                        PyObject *args);

/* -- timezone.c -- */
/* timezone(offset, name): new reference (the shared object for UTC), or NULL with an exception. */
extern PyObject *_PyDateTime_NewTimeZone(PyObject *offset, PyObject *name);
extern PyObject *_PyDateTime_TimeZoneOfMicros(int64_t us);

/* -- local.c -- */
/* Seconds from the epoch and microseconds, as local time or UTC.  0, or -1 with an exception. */
extern int _PyDateTime_LocalFields(time_t when, int us, struct fields *f);
extern int _PyDateTime_LocalDate(time_t when, struct fields *f);
extern int _PyDateTime_UtcFields(time_t when, int us, struct fields *f);
/* The seconds from the epoch at which local clocks show `f`.  0, or -1 with an exception. */
extern int _PyDateTime_LocalToUtc(const struct fields *f, int64_t *seconds);
/* The local time zone at a time as a timezone object: new reference, or NULL. */
extern PyObject *_PyDateTime_LocalZone(time_t when);

/* -- format.c -- */
#define OFFSET_SIZE 32          /* room for "+HH:MM:SS.ffffff" of any fields */
/* Writes an offset of less than a day, as "+HH:MM[:SS[.ffffff]]" with `colon` between the parts. */
extern void _PyDateTime_FormatOffset(char buf[OFFSET_SIZE], int64_t us, const char *colon);
/* The same for what a tzinfo says about `when`; empty if that is None.  0, or -1. */
extern int _PyDateTime_FormatUtcoffset(char buf[OFFSET_SIZE], PyObject *tzinfo, PyObject *when,
                                       const char *colon);
#define CLOCK_SIZE 64           /* room for "HH:MM:SS.ffffff" of any fields */
/* Writes a time of day with the parts that `timespec` says.  0, or -1 with ValueError. */
extern int _PyDateTime_FormatClock(char buf[CLOCK_SIZE], const struct fields *f,
                                   const char *timespec);
/* time.strftime() with what it does not know (%z, %:z, %Z, %f) replaced before. */
extern PyObject *_PyDateTime_Strftime(PyObject *format, PyObject *timetuple, int us,
                                      PyObject *tzinfo, PyObject *when);
/* A time.struct_time, or NULL with an exception. */
extern PyObject *_PyDateTime_StructTime(const struct fields *f, int dst);
extern PyObject *_PyDateTime_Ctime(const struct fields *f);
/* object.__format__ of all types: str(self) or self.strftime(format). */
extern PyObject *_PyDateTime_Format(PyObject *self, PyObject *args);

/* (class, (state[, tzinfo])) for pickling; the state is a copy of data, with fold as the highest
 * bit of the byte at `place` since protocol 4 (PEP 495). */
extern PyObject *_PyDateTime_Reduce(PyObject *self, const unsigned char *data, Py_ssize_t size,
                                    int place, int fold, PyObject *tzinfo, int protocol);

/* A getter of a number: PREFIX ## _NAME, with the value that the macro VALUE reads. */
#define _PyDateTime_GETTER(PREFIX, NAME, VALUE)                         \
    static PyObject *                                                   \
    PREFIX##_##NAME(PyObject *self, void *Py_UNUSED(closure))           \
    {                                                                   \
        return PyLong_FromLong(VALUE(self));                            \
    }
/* repr() of a datetime or time: `head` and what follows the numbers. */
extern PyObject *_PyDateTime_ReprTail(PyObject *head, int fold, PyObject *tzinfo, int fold_last);

/* -- isoparse.c -- */
/* Parse a str as fromisoformat() of the three types does.  0, or -1 with an exception.  *tzinfo
 * becomes a new reference (None without offset). */
extern int _PyDateTime_ParseDate(PyObject *text, struct fields *f);
extern int _PyDateTime_ParseTime(PyObject *text, struct fields *f, PyObject **tzinfo);
extern int _PyDateTime_ParseDateTime(PyObject *text, struct fields *f, PyObject **tzinfo);

/* -- date.c -- */
extern void _PyDateTime_StoreDate(unsigned char *data, int year, int month, int day);
extern PyObject *_PyDateTime_NewDate(int year, int month, int day, PyTypeObject *type);
/* The state with which a pickle calls a type: new reference to the bytes; NULL without an exception
 * for all other arguments. */
extern PyObject *_PyDateTime_PickledState(PyObject *args, Py_ssize_t max_args,
                                          const struct state_check *check);

/* Of the C API. */
extern PyObject *_PyDateTime_DateFromTimestamp(PyObject *type, PyObject *args);

/* -- time.c -- */
extern void _PyDateTime_StoreTime(unsigned char *data, const struct fields *f);
extern PyObject *_PyDateTime_NewTime(const struct fields *f, PyObject *tzinfo,
                                     PyTypeObject *type);

/* -- datetime.c -- */
/* An instance of exactly `type`, without calling it. */
extern PyObject *_PyDateTime_NewDateTime(const struct fields *f, PyObject *tzinfo,
                                         PyTypeObject *type);
/* A datetime plus microseconds, of the same class. */
extern PyObject *_PyDateTime_Shift(PyObject *self, micros us);
extern PyObject *_PyDateTime_FromTimestamp(PyObject *type, PyObject *args, PyObject *kwargs);

#endif /* !Py_DATETIME_PRIVATE_H */
