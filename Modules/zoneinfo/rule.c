/* rule.c - TZ strings of POSIX with the extensions of RFC 8536: the time after a zone's last
 * recorded transition.
 *
 *     std offset [dst [offset] , rule , rule]
 *     offset = [+-] h[h[h]] [:mm [:ss]]   west is positive
 *     rule   = (Mm.w.d | Jn | n) [/ offset]
 *
 * Names are letters, or letters, digits and signs in angle brackets.
 *
 * Written from POSIX as the library reference and RFC 8536 cite it, PEP 495, PEP 615 and observed
 * messages.
 */
#include "zoneinfo.h"

#define MAX_OFFSET_HOURS 24
#define MAX_RULE_HOURS 167
#define DEFAULT_RULE_TIME (2 * 3600)

int
_PyZoneInfo_SetType(struct ttinfo *info, int64_t offset, int64_t dst, PyObject *name)
{
    assert(info->name == NULL && info->utcoff == NULL && info->dstoff == NULL);
    info->name = name;
    info->offset = offset;
    if (name == NULL) {
        return -1;
    }
    info->utcoff = _PyDateTime_DeltaFromMicros((micros)offset * US_PER_SECOND);
    info->dstoff = info->utcoff == NULL ? NULL
                   : _PyDateTime_DeltaFromMicros((micros)dst * US_PER_SECOND);
    return info->dstoff == NULL ? -1 : 0;
}

void
_PyZoneInfo_ClearType(struct ttinfo *info)
{
    Py_CLEAR(info->utcoff);
    Py_CLEAR(info->dstoff);
    Py_CLEAR(info->name);
}

void
_PyZoneInfo_ClearRule(struct tz_rule *rule)
{
    _PyZoneInfo_ClearType(&rule->std);
    _PyZoneInfo_ClearType(&rule->dst);
}

/* ----------------------------------------------------------------------------------- parsing */

static int
is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static int
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The functions below move *p, which points into a string that ends with a NUL, behind what they
 * read.  They return 1, or 0 if something else is there. */

static int
skip(const char **p, char c)
{
    assert(c != '\0');
    int found = **p == c;
    *p += found;
    return found;
}

/* Between `least` and `most` digits. */
static int
parse_digits(const char **p, int least, int most, int *value)
{
    int n = 0;
    *value = 0;
    for (; n < most && is_digit(**p); n++, (*p)++) {
        *value = *value * 10 + (**p - '0');
    }
    return n >= least;
}

/* A name, as [*name, *name + *length). */
static int
parse_name(const char **p, const char **name, Py_ssize_t *length)
{
    int quoted = skip(p, '<');
    *name = *p;
    while (is_letter(**p) || (quoted && (is_digit(**p) || **p == '+' || **p == '-'))) {
        (*p)++;
    }
    *length = *p - *name;
    return quoted ? skip(p, '>') : *length > 0;
}

static int
parse_time(const char **p, int max_hours, int *seconds)
{
    int hour, minute = 0, second = 0;
    int sign = skip(p, '-') ? -1 : 1;
    if (sign > 0) {
        (void)skip(p, '+');
    }
    if (!parse_digits(p, 1, 3, &hour) || hour > max_hours) {
        return 0;
    }
    if (skip(p, ':') && (!parse_digits(p, 2, 2, &minute)
                         || (skip(p, ':') && !parse_digits(p, 2, 2, &second))))
    {
        return 0;
    }
    *seconds = sign * (hour * 3600 + minute * 60 + second);
    return 1;
}

static int
in_range(int value, int least, int most)
{
    return value >= least && value <= most;
}

static int
parse_yearly(const char **p, struct yearly *day)
{
    int fine;
    day->seconds = DEFAULT_RULE_TIME;
    if (skip(p, 'M')) {
        day->kind = MONTHLY;
        fine = parse_digits(p, 1, 2, &day->month) && in_range(day->month, 1, 12) && skip(p, '.')
               && parse_digits(p, 1, 1, &day->week) && in_range(day->week, 1, 5) && skip(p, '.')
               && parse_digits(p, 1, 1, &day->weekday) && in_range(day->weekday, 0, 6);
    }
    else {
        day->kind = skip(p, 'J') ? JULIAN : ZERO_BASED;
        fine = parse_digits(p, 1, 3, &day->day)
               && in_range(day->day, day->kind == JULIAN, 365);
    }
    return fine && (!skip(p, '/') || parse_time(p, MAX_RULE_HOURS, &day->seconds));
}

/* The parts of the string; what is wrong with it, or NULL. */
struct parts {
    const char *std, *dst;      /* names; dst is NULL without one */
    Py_ssize_t std_length, dst_length;
    int std_west, dst_west;     /* offsets as they stand there */
};

static const char *
parse_parts(const char *p, struct parts *parts, struct tz_rule *rule)
{
    if (!parse_name(&p, &parts->std, &parts->std_length)) {
        return "Invalid STD format in %R";
    }
    if (!parse_time(&p, MAX_OFFSET_HOURS, &parts->std_west)) {
        return "Invalid STD offset in %R";
    }
    if (*p == '\0') {
        return NULL;
    }
    if (!parse_name(&p, &parts->dst, &parts->dst_length)) {
        return "Invalid DST format in %R";
    }
    parts->dst_west = parts->std_west - 3600;
    if (*p != ',' && !parse_time(&p, MAX_OFFSET_HOURS, &parts->dst_west)) {
        return "Invalid DST offset in %R";
    }
    struct yearly *days[] = {&rule->start, &rule->end};
    for (int i = 0; i < 2; i++) {
        if (!skip(&p, ',')) {
            return "Missing transition rules in TZ string: %R";
        }
        if (!parse_yearly(&p, days[i])) {
            return "Malformed transition rule in TZ string: %R";
        }
    }
    return *p == '\0' ? NULL : "Extraneous characters at end of TZ string: %R";
}

int
_PyZoneInfo_ParseRule(struct tz_rule *rule, PyObject *text)
{
    struct parts parts = {0};
    assert(PyBytes_Check(text));
    const char *problem = parse_parts(PyBytes_AS_STRING(text), &parts, rule);
    if (problem != NULL) {
        PyErr_Format(PyExc_ValueError, problem, text);
        return -1;
    }
    if (_PyZoneInfo_SetType(&rule->std, -parts.std_west, 0,
                            PyUnicode_FromStringAndSize(parts.std, parts.std_length)) < 0)
    {
        return -1;
    }
    rule->has_dst = parts.dst != NULL;
    if (!rule->has_dst) {
        return 0;
    }
    return _PyZoneInfo_SetType(&rule->dst, -parts.dst_west, parts.std_west - parts.dst_west,
                               PyUnicode_FromStringAndSize(parts.dst, parts.dst_length));
}

/* ----------------------------------------------------------------------------------- looking up */

/* When the day comes in a year, in local time. */
static int64_t
time_of_year(const struct yearly *day, int year)
{
    assert(day->seconds >= -(MAX_RULE_HOURS + 1) * 3600);
    int first = _PyDateTime_Ordinal(year, 1, 1), ordinal;
    switch (day->kind) {
    case MONTHLY: {
        int month_start = _PyDateTime_Ordinal(year, day->month, 1);
        int next_start = day->month == 12 ? _PyDateTime_Ordinal(year + 1, 1, 1)
                                          : _PyDateTime_Ordinal(year, day->month + 1, 1);
        int sunday_based = (_PyDateTime_Weekday(month_start) + 1) % 7;
        ordinal = month_start + (day->weekday - sunday_based + 7) % 7 + (day->week - 1) * 7;
        if (ordinal >= next_start) {    /* no fifth one: the last */
            ordinal -= 7;
        }
        break;
    }
    case JULIAN:
        /* Day 60 is 1 March, always. */
        ordinal = first + day->day - 1;
        if (day->day >= 60) {
            ordinal += _PyDateTime_Ordinal(year, 3, 1) - first - 59;
        }
        break;
    default:
        ordinal = first + day->day;
        break;
    }
    return (int64_t)(ordinal - EPOCH_ORDINAL) * SECONDS_PER_DAY + day->seconds;
}

/* The last change before or at `when`: to DST or not, and when it was.  The changes of a year may
 * come in any order and lie in the years beside it, both of them: a rule for permanent DST ends
 * each year at the moment at which it starts. */
struct change {
    bool to_dst;
    int64_t when;
};

static struct change
last_change(const struct tz_rule *rule, int64_t when, int year, int64_t move_start,
            int64_t move_end)
{
    struct change last = {.when = INT64_MIN};
    for (int y = year - 2; y <= year + 1; y++) {
        const struct change changes[] = {
            {false, time_of_year(&rule->end, y) + move_end},
            {true, time_of_year(&rule->start, y) + move_start},
        };
        for (int i = 0; i < 2; i++) {
            if (changes[i].when <= when && changes[i].when >= last.when) {
                last = changes[i];
            }
        }
    }
    assert(last.when > INT64_MIN);
    return last;
}

/* Where clocks jump, fold 0 is the time as counted before, fold 1 as after.  So one of the two
 * changes moves by the difference: that where clocks are set forward for fold 0, the other one for
 * fold 1. */
const struct ttinfo *
_PyZoneInfo_RuleAtLocal(const struct tz_rule *rule, int64_t local, int year, int fold)
{
    if (!rule->has_dst) {
        return &rule->std;
    }
    int64_t forward = rule->dst.offset - rule->std.offset;
    bool move_end = fold == (forward >= 0);
    struct change last = last_change(rule, local, year, move_end ? 0 : forward,
                                     move_end ? -forward : 0);
    return last.to_dst ? &rule->dst : &rule->std;
}

const struct ttinfo *
_PyZoneInfo_RuleAtUtc(const struct tz_rule *rule, int64_t utc, int year, int *fold)
{
    *fold = 0;
    if (!rule->has_dst) {
        return &rule->std;
    }
    int64_t forward = rule->dst.offset - rule->std.offset;
    struct change last = last_change(rule, utc, year, -rule->std.offset, -rule->dst.offset);
    int64_t set_back = last.to_dst ? -forward : forward;
    *fold = utc - last.when < set_back;
    return last.to_dst ? &rule->dst : &rule->std;
}
