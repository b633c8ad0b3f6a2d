/* isoparse.c - fromisoformat(): text in forms of ISO 8601 to fields.
 *
 *     date    = YYYY-MM-DD | YYYYMMDD | YYYY-Www[-D] | YYYYWww[D]
 *     clock   = HH[:MM[:SS]][fraction] | HH[MM[SS]][fraction]     fraction = (. | ,) digits
 *     time    = clock [Z | (+ | -) clock]
 *
 * Digits are ASCII.  Of a fraction six digits count, and it always says parts of a second.  The
 * character between date and time may be any; where it stands follows from how the text begins.
 * Other programs write forms beside the standard that 3.12 takes, so they are taken here: any
 * character before the offset (as in "12:34:56 +0100") if there is no fraction of less than six
 * digits, and a fraction behind HHMMSS without a point, or HH:MM:SS with another colon.
 * The ranges of fields are left to the constructors, except those of weeks and offsets.
 *
 * Written from the library reference (datetime) and, where forms are ambiguous, observed behaviour.
 */
#include "_datetime.h"

/* A part of the text that is being read. */
struct scanner {
    int kind;
    const void *data;
    Py_ssize_t pos, end;
};

static struct scanner
scanner_of(PyObject *text)
{
    return (struct scanner){
        .kind = PyUnicode_KIND(text),
        .data = PyUnicode_DATA(text),
        .end = PyUnicode_GET_LENGTH(text),
    };
}

/* The character `ahead` of the position; NUL beyond the end. */
static Py_UCS4
peek(const struct scanner *s, Py_ssize_t ahead)
{
    Py_ssize_t pos = s->pos + ahead;
    return pos < s->end ? PyUnicode_READ(s->kind, s->data, pos) : 0;
}

static int
at_digit(const struct scanner *s, Py_ssize_t ahead)
{
    Py_UCS4 ch = peek(s, ahead);
    return ch >= '0' && ch <= '9';
}

/* Skips a character: 1, or 0 if another one is there. */
static int
skip(struct scanner *s, char ch)
{
    assert(ch != '\0');
    int found = peek(s, 0) == (Py_UCS4)ch;
    s->pos += found;
    return found;
}

/* Reads exactly `n` digits: 1, or 0 if they are not there. */
static int
digits(struct scanner *s, int n, int *value)
{
    *value = 0;
    for (int i = 0; i < n; i++, s->pos++) {
        if (!at_digit(s, 0)) {
            return 0;
        }
        *value = *value * 10 + (int)(peek(s, 0) - '0');
    }
    return 1;
}

/* --------------------------------------------------------------------------------- the parts */

enum parsed {FAILED = -1, MALFORMED = 0, PARSED = 1};

/* Week and day behind the W, to month and day. */
static enum parsed
parse_week(struct scanner *s, int dashes, struct fields *f)
{
    int week, day = 1;
    if (!digits(s, 2, &week)) {
        return MALFORMED;
    }
    if (s->pos < s->end && ((dashes && !skip(s, '-')) || !digits(s, 1, &day))) {
        return MALFORMED;
    }
    enum iso_problem problem;
    int ordinal = s->pos == s->end ? _PyDateTime_IsoOrdinal(f->year, week, day, &problem) : 0;
    if (ordinal == 0) {
        return MALFORMED;
    }
    if (ordinal <= MAX_ORDINAL) {
        _PyDateTime_SetDate(f, ordinal);
    }
    else {
        f->year = MAXYEAR + 1;          /* to be refused */
        f->month = f->day = 1;
    }
    return PARSED;
}

/* All that the scanner has is to be a date. */
static enum parsed
parse_date(struct scanner *s, struct fields *f)
{
    if (!digits(s, 4, &f->year)) {
        return MALFORMED;
    }
    int dashes = skip(s, '-');
    if (skip(s, 'W')) {
        return parse_week(s, dashes, f);
    }
    if (!digits(s, 2, &f->month) || (dashes && !skip(s, '-')) || !digits(s, 2, &f->day)
        || s->pos != s->end)
    {
        return MALFORMED;
    }
    return PARSED;
}

static int
begins_offset(Py_UCS4 ch)
{
    return ch == '+' || ch == '-' || ch == 'Z';
}

/* Skips the character that may stand before an offset: 1, or 0 if there is none. */
static int
skip_gap(struct scanner *s)
{
    int found = begins_offset(peek(s, 1)) && !begins_offset(peek(s, 0));
    s->pos += found;
    return found;
}

/* The digits of a fraction, of which there must be one, and the gap behind six. */
static enum parsed
parse_fraction(struct scanner *s, int *us)
{
    Py_ssize_t start = s->pos;
    for (int unit = 100000; at_digit(s, 0); unit /= 10, s->pos++) {
        *us += (int)(peek(s, 0) - '0') * unit;
    }
    if (s->pos - start >= 6) {
        (void)skip_gap(s);
    }
    return s->pos > start ? PARSED : MALFORMED;
}

/* Hour, minute, second and fraction, to an end of the text or an offset. */
static enum parsed
parse_clock(struct scanner *s, struct fields *f)
{
    int *const fields[] = {&f->hour, &f->minute, &f->second};
    int colons = 0, another = 1;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fields) && another; i++) {
        if (!digits(s, 2, fields[i])) {
            return MALFORMED;
        }
        if (skip_gap(s)) {
            return PARSED;
        }
        another = i == 0 || colons ? skip(s, ':') : 0;
        colons |= another;
        another = another || (!colons && at_digit(s, 0) && at_digit(s, 1));
    }
    return another || skip(s, '.') || skip(s, ',') ? parse_fraction(s, &f->us) : PARSED;
}

/* Z, an offset, or nothing, up to the end of the text.  If PARSED, *tzinfo is a new reference. */
static enum parsed
parse_offset(struct scanner *s, PyObject **tzinfo)
{
    if (s->pos == s->end) {
        *tzinfo = Py_NewRef(Py_None);
        return PARSED;
    }
    int64_t us = 0;
    if (!skip(s, 'Z')) {
        int negative = skip(s, '-');
        struct fields offset = {0};
        if ((!negative && !skip(s, '+')) || parse_clock(s, &offset) != PARSED) {
            return MALFORMED;
        }
        int seconds = offset.hour * 3600 + offset.minute * 60 + offset.second;
        us = seconds * US_PER_SECOND + offset.us;
        us = negative ? -us : us;
    }
    if (s->pos != s->end) {
        return MALFORMED;
    }
    *tzinfo = _PyDateTime_TimeZoneOfMicros(us);
    return *tzinfo == NULL ? FAILED : PARSED;
}

static enum parsed
parse_time(struct scanner *s, struct fields *f, PyObject **tzinfo)
{
    enum parsed parsed = parse_clock(s, f);
    return parsed == PARSED ? parse_offset(s, tzinfo) : parsed;
}

/* The length of the date that a datetime begins with. */
static Py_ssize_t
date_length(const struct scanner *s)
{
    int dashes = peek(s, 4) == '-';
    if (peek(s, 4 + dashes) != 'W') {
        return dashes ? 10 : 8;
    }
    if (dashes) {
        /* YYYY-Www-D, unless what follows the dash are the two digits of an hour. */
        return peek(s, 8) == '-' && !at_digit(s, 10) ? 10 : 8;
    }
    /* YYYYWww or YYYYWwwD: an even number of digits must be left for the time. */
    Py_ssize_t n = 7;
    while (at_digit(s, n)) {
        n++;
    }
    return n < 9 ? n : n % 2 == 0 ? 7 : 8;
}

/* -------------------------------------------------------------------------------- the wholes */

static int
check_text(PyObject *text)
{
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "fromisoformat: argument must be str");
        return -1;
    }
    return 0;
}

/* To the result of a function: 0, or -1 with an exception. */
static int
finish(enum parsed parsed, PyObject *text)
{
    if (parsed == MALFORMED) {
        PyErr_Format(PyExc_ValueError, "Invalid isoformat string: %R", text);
    }
    return parsed == PARSED ? 0 : -1;
}

int
_PyDateTime_ParseDate(PyObject *text, struct fields *f)
{
    if (check_text(text) < 0) {
        return -1;
    }
    struct scanner s = scanner_of(text);
    return finish(parse_date(&s, f), text);
}

int
_PyDateTime_ParseTime(PyObject *text, struct fields *f, PyObject **tzinfo)
{
    if (check_text(text) < 0) {
        return -1;
    }
    struct scanner s = scanner_of(text);
    (void)skip(&s, 'T');
    return finish(parse_time(&s, f, tzinfo), text);
}

int
_PyDateTime_ParseDateTime(PyObject *text, struct fields *f, PyObject **tzinfo)
{
    if (check_text(text) < 0) {
        return -1;
    }
    struct scanner s = scanner_of(text);
    Py_ssize_t length = s.end, of_date = Py_MIN(date_length(&s), length);
    s.end = of_date;
    enum parsed parsed = parse_date(&s, f);
    if (parsed == PARSED) {
        s.end = length;
        if (of_date == length) {
            *tzinfo = Py_NewRef(Py_None);
        }
        else {
            s.pos = of_date + 1;
            parsed = parse_time(&s, f, tzinfo);
        }
    }
    return finish(parsed, text);
}
