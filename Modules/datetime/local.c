/* local.c - points in time as the clocks of the machine's time zone show them.
 *
 * Local time is what the C library's localtime() says.  When clocks are set back they show some
 * times twice, of which fold tells the second; when they are set forward they skip some.  Both are
 * looked for among the changes of the last, or next, 24 hours, as PEP 495 proposes.
 *
 * Seconds are counted from the epoch.  Years beyond 1 to 9999 are refused even where they only
 * appear in a neighbouring day.
 *
 * Written from PEP 495 and observed messages.
 */
#include "_datetime.h"

#define MAX_FOLD_SECONDS SECONDS_PER_DAY

/* 0, or -1 with ValueError for a year out of range. */
static int
set_fields(struct fields *f, const struct tm *tm, int us)
{
    int64_t year = (int64_t)tm->tm_year + 1900;
    if (year < MINYEAR || year > MAXYEAR) {
        PyErr_Format(PyExc_ValueError, "year %lld is out of range", (long long)year);
        return -1;
    }
    *f = (struct fields){
        .year = (int)year, .month = tm->tm_mon + 1, .day = tm->tm_mday,
        .hour = tm->tm_hour, .minute = tm->tm_min,
        .second = Py_MIN(tm->tm_sec, 59),       /* no leap seconds here */
        .us = us,
    };
    return 0;
}

int
_PyDateTime_UtcFields(time_t when, int us, struct fields *f)
{
    struct tm tm;
    return _PyTime_gmtime(when, &tm) < 0 ? -1 : set_fields(f, &tm, us);
}

/* Without a fold, which may lie behind the range of years. */
int
_PyDateTime_LocalDate(time_t when, struct fields *f)
{
    struct tm tm;
    return _PyTime_localtime(when, &tm) < 0 ? -1 : set_fields(f, &tm, 0);
}

/* What the fields mean as UTC. */
static int64_t
seconds_of(const struct fields *f)
{
    int64_t days = _PyDateTime_Ordinal(f->year, f->month, f->day) - EPOCH_ORDINAL;
    return days * SECONDS_PER_DAY + f->hour * 3600 + f->minute * 60 + f->second;
}

/* Local time at `when`, in seconds.  0, or -1 with an exception. */
static int
local_seconds(int64_t when, int64_t *local)
{
    struct fields f;
    if (_PyDateTime_LocalDate((time_t)when, &f) < 0) {
        return -1;
    }
    *local = seconds_of(&f);
    return 0;
}

int
_PyDateTime_LocalFields(time_t when, int us, struct fields *f)
{
    struct tm tm;
    if (_PyTime_localtime(when, &tm) < 0 || set_fields(f, &tm, us) < 0) {
        return -1;
    }
    int64_t local = seconds_of(f), day_before, earlier;
    if (local_seconds((int64_t)when - MAX_FOLD_SECONDS, &day_before) < 0) {
        return -1;
    }
    int64_t step = local - day_before - MAX_FOLD_SECONDS;
    if (step < 0) {             /* set back: did the clocks show the same that much earlier? */
        if (local_seconds((int64_t)when + step, &earlier) < 0) {
            return -1;
        }
        f->fold = earlier == local;
    }
    return 0;
}

/* Of the offset at a guess and the offset on the other side of a change near it, the one is taken
 * with which the time is really shown; for skipped times neither is, and fold chooses. */
int
_PyDateTime_LocalToUtc(const struct fields *f, int64_t *seconds)
{
    int64_t wanted = seconds_of(f), shown;
    if (local_seconds(wanted, &shown) < 0) {
        return -1;
    }
    int64_t first = wanted - (shown - wanted);
    int64_t first_shown, second_shown, offset;
    if (local_seconds(first, &first_shown) < 0) {
        return -1;
    }
    if (first_shown == wanted) {
        int64_t other = first + (f->fold ? MAX_FOLD_SECONDS : -MAX_FOLD_SECONDS), other_shown;
        if (local_seconds(other, &other_shown) < 0) {
            return -1;
        }
        offset = other_shown - other;
        if (offset == shown - wanted) {
            *seconds = first;
            return 0;
        }
    }
    else {
        offset = first_shown - first;
    }
    int64_t second = wanted - offset;
    if (local_seconds(second, &second_shown) < 0) {
        return -1;
    }
    if (second_shown == wanted) {
        *seconds = second;
    }
    else if (first_shown == wanted) {
        *seconds = first;
    }
    else {
        *seconds = f->fold ? Py_MIN(first, second) : Py_MAX(first, second);
    }
    return 0;
}

PyObject *
_PyDateTime_LocalZone(time_t when)
{
    struct tm tm;
    if (_PyTime_localtime(when, &tm) < 0) {
        return NULL;
    }
    assert(tm.tm_gmtoff > -SECONDS_PER_DAY && tm.tm_gmtoff < SECONDS_PER_DAY);
    PyObject *offset = _PyDateTime_DeltaFromMicros(tm.tm_gmtoff * US_PER_SECOND);
    PyObject *name = PyUnicode_DecodeLocale(tm.tm_zone, "surrogateescape");
    PyObject *zone = offset == NULL || name == NULL ? NULL
                     : _PyDateTime_NewTimeZone(offset, name);
    Py_XDECREF(offset);
    Py_XDECREF(name);
    return zone;
}
