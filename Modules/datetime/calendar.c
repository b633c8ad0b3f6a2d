/* calendar.c - the proleptic Gregorian calendar, and the ranges of fields.
 *
 * The calendar repeats after 400 years, which have 146097 days.  Counting years from March puts the
 * leap day at the end of a year, so that the days before a month are a linear function of it; dates
 * are computed that way and need no table.
 *
 * Written from the library reference (datetime) and ISO 8601 as described there.
 */
#include "_datetime.h"

#define DAYS_PER_400_YEARS 146097
#define MARCH_YEAR_OFFSET 306   /* days from 1 March to 1 January */

static int
is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Quotient and remainder of the division by a positive number, rounded down. */
static int
floor_div(int a, int b, int *remainder)
{
    assert(b > 0);
    int quotient = a / b;
    *remainder = a % b;
    if (*remainder < 0) {
        *remainder += b;
        quotient--;
    }
    return quotient;
}

/* Days of a year, counted from March (month 0), before a month. */
static inline int
days_before_march_month(int month)
{
    assert(month >= 0 && month < 12);
    return (153 * month + 2) / 5;
}

int
_PyDateTime_Ordinal(int year, int month, int day)
{
    assert(month >= 1 && month <= 12);
    if (month <= 2) {
        year--;
    }
    int of_era, era = floor_div(year, 400, &of_era);
    int days = of_era * 365 + of_era / 4 - of_era / 100
               + days_before_march_month((month + 9) % 12) + day;
    return era * DAYS_PER_400_YEARS + days - MARCH_YEAR_OFFSET;
}

/* The days of the year before its month. */
int
_PyDateTime_DaysBeforeMonth(int year, int month)
{
    return _PyDateTime_Ordinal(year, month, 1) - _PyDateTime_Ordinal(year, 1, 1);
}

void
_PyDateTime_SetDate(struct fields *f, int ordinal)
{
    assert(ordinal >= 1 && ordinal <= MAX_ORDINAL);
    int day, era = floor_div(ordinal - 1 + MARCH_YEAR_OFFSET, DAYS_PER_400_YEARS, &day);
    /* Take out the leap days of the era that lie before `day`: one in 4 years, none in 100. */
    int year = (day - day / 1460 + day / 36524 - day / (DAYS_PER_400_YEARS - 1)) / 365;
    day -= year * 365 + year / 4 - year / 100;
    assert(day >= 0 && day <= 365);
    int month = (5 * day + 2) / 153;
    f->year = era * 400 + year + (month >= 10);
    f->month = month < 10 ? month + 3 : month - 9;
    f->day = day - days_before_march_month(month) + 1;
    assert(_PyDateTime_Ordinal(f->year, f->month, f->day) == ordinal);
}

int
_PyDateTime_Weekday(int ordinal)
{
    int weekday;
    (void)floor_div(ordinal + 6, 7, &weekday);
    return weekday;
}

/* ------------------------------------------------------------------------------- ISO calendar */

/* The ordinal of the Monday that begins week 1, which is the week with 4 January. */
static int
iso_year_start(int year)
{
    int fourth = _PyDateTime_Ordinal(year, 1, 4);
    return fourth - _PyDateTime_Weekday(fourth);
}

int
_PyDateTime_IsoOrdinal(int year, int week, int day, enum iso_problem *problem)
{
    if (year < MINYEAR || year > MAXYEAR) {
        *problem = ISO_BAD_YEAR;
        return 0;
    }
    int start = iso_year_start(year);
    int weeks = (iso_year_start(year + 1) - start) / 7;
    assert(weeks == 52 || weeks == 53);
    if (week < 1 || week > weeks) {
        *problem = ISO_BAD_WEEK;
        return 0;
    }
    if (day < 1 || day > 7) {
        *problem = ISO_BAD_DAY;
        return 0;
    }
    /* Week 1 of year 1 begins on 1 January: no ordinal below 1. */
    return start + (week - 1) * 7 + day - 1;
}

void
_PyDateTime_ToIso(int ordinal, int *year, int *week, int *day)
{
    *day = _PyDateTime_Weekday(ordinal) + 1;
    /* The Thursday of the week decides about the year. */
    int thursday = ordinal - *day + 4;
    int days, era = floor_div(thursday - 1, DAYS_PER_400_YEARS, &days);
    *year = era * 400 + days / 366 + 1;
    while (_PyDateTime_Ordinal(*year + 1, 1, 1) <= thursday) {
        ++*year;
    }
    *week = (thursday - _PyDateTime_Ordinal(*year, 1, 1)) / 7 + 1;
    assert(*week >= 1 && *week <= 53);
}

/* ------------------------------------------------------------------------------------- ranges */

static int
days_in_month(int year, int month)
{
    if (month == 2) {
        return is_leap(year) ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

int
_PyDateTime_CheckDate(int year, int month, int day)
{
    if (year < MINYEAR || year > MAXYEAR) {
        PyErr_Format(PyExc_ValueError, "year %i is out of range", year);
        return -1;
    }
    if (month < 1 || month > 12) {
        PyErr_SetString(PyExc_ValueError, "month must be in 1..12");
        return -1;
    }
    if (day < 1 || day > days_in_month(year, month)) {
        PyErr_SetString(PyExc_ValueError, "day is out of range for month");
        return -1;
    }
    return 0;
}

int
_PyDateTime_CheckFold(int fold)
{
    if (fold != 0 && fold != 1) {
        PyErr_SetString(PyExc_ValueError, "fold must be either 0 or 1");
        return -1;
    }
    return 0;
}

int
_PyDateTime_CheckTime(const struct fields *f)
{
    const char *problem = NULL;
    if (f->hour < 0 || f->hour > 23) {
        problem = "hour must be in 0..23";
    }
    else if (f->minute < 0 || f->minute > 59) {
        problem = "minute must be in 0..59";
    }
    else if (f->second < 0 || f->second > 59) {
        problem = "second must be in 0..59";
    }
    else if (f->us < 0 || f->us >= US_PER_SECOND) {
        problem = "microsecond must be in 0..999999";
    }
    if (problem != NULL) {
        PyErr_SetString(PyExc_ValueError, problem);
        return -1;
    }
    return _PyDateTime_CheckFold(f->fold);
}

int
_PyDateTime_CheckTzinfo(PyObject *tzinfo)
{
    if (tzinfo != Py_None && !is_tzinfo(tzinfo)) {
        PyErr_Format(PyExc_TypeError,
                     "tzinfo argument must be None or of a tzinfo subclass, not type '%s'",
                     Py_TYPE(tzinfo)->tp_name);
        return -1;
    }
    return 0;
}

int
_PyDateTime_CheckOrdinal(int64_t ordinal)
{
    if (ordinal < 1 || ordinal > MAX_ORDINAL) {
        PyErr_SetString(PyExc_OverflowError, "date value out of range");
        return -1;
    }
    return 0;
}

/* ------------------------------------------------------------------------------------ moments */

int64_t
_PyDateTime_Moment(const struct fields *f)
{
    int64_t seconds = (int64_t)_PyDateTime_Ordinal(f->year, f->month, f->day) * SECONDS_PER_DAY
                      + f->hour * 3600 + f->minute * 60 + f->second;
    return seconds * US_PER_SECOND + f->us;
}

int
_PyDateTime_SetMoment(struct fields *f, micros moment)
{
    if (moment < US_PER_DAY || moment >= (MAX_ORDINAL + 1LL) * US_PER_DAY) {
        PyErr_SetString(PyExc_OverflowError, "date value out of range");
        return -1;
    }
    int64_t us = (int64_t)moment;
    _PyDateTime_SetDate(f, (int)(us / US_PER_DAY));
    int second = (int)(us % US_PER_DAY / US_PER_SECOND);
    f->hour = second / 3600;
    f->minute = second / 60 % 60;
    f->second = second % 60;
    f->us = (int)(us % US_PER_SECOND);
    return 0;
}
