/* zoneinfo.h - what the files of the module _zoneinfo share: a time zone as a table of transitions
 * and a rule for the time after them.
 *
 * Seconds are counted from 1970-01-01 00:00: "utc" of UTC, "local" as the clocks of the zone show.
 */
#ifndef Py_ZONEINFO_PRIVATE_H
#define Py_ZONEINFO_PRIVATE_H

#include "../datetime/_datetime.h"

#include <stdbool.h>

/* What holds between two transitions. */
struct ttinfo {
    int64_t offset;             /* utcoff in seconds */
    PyObject *utcoff, *dstoff;  /* timedeltas, owned */
    PyObject *name;             /* str, owned */
};

/* A day of each year and a time of it, which may lie on other days. */
struct yearly {
    enum {MONTHLY, JULIAN, ZERO_BASED} kind;    /* Mm.w.d, Jn, n */
    int month, week, weekday;   /* MONTHLY; week 5 is the last, weekday 0 Sunday */
    int day;                    /* 1..365 without 29 February, or 0..365 */
    int seconds;                /* local time before the transition */
};

/* The time after the last transition.  Without DST only `std` counts. */
struct tz_rule {
    bool has_dst;
    struct ttinfo std, dst;
    struct yearly start, end;   /* of dst */
};

/* -- rule.c -- */
/* Fills a zeroed ttinfo, taking the reference to the name (NULL: an exception is set).  0, or -1 with an exception. */
extern int _PyZoneInfo_SetType(struct ttinfo *info, int64_t offset, int64_t dst, PyObject *name);
extern void _PyZoneInfo_ClearType(struct ttinfo *info);
/* Parses a TZ string into a zeroed rule.  0, or -1 with an exception (clear the rule then, too). */
extern int _PyZoneInfo_ParseRule(struct tz_rule *rule, PyObject *text);
extern void _PyZoneInfo_ClearRule(struct tz_rule *rule);
/* What the rule says about a time of a year.  The second one sets *fold. */
extern const struct ttinfo *_PyZoneInfo_RuleAtLocal(const struct tz_rule *rule, int64_t local,
                                                    int year, int fold);
extern const struct ttinfo *_PyZoneInfo_RuleAtUtc(const struct tz_rule *rule, int64_t utc,
                                                  int year, int *fold);

/* -- table.c -- */
struct zone_table {
    Py_ssize_t n, n_types;
    int64_t *utc;               /* n times of transitions, ascending */
    int64_t *local[2];          /* the same as clocks show them, by fold */
    const struct ttinfo **after;        /* what holds from each on; into `types` */
    struct ttinfo *types;
    const struct ttinfo *before;        /* what holds before the first */
    struct tz_rule rule;        /* what holds after the last */
    bool fixed;                 /* always the same */
};

/* Fills a zeroed table with what zoneinfo._common.load_data() gave.  0, or -1 with an exception
 * (clear the table then, too). */
extern int _PyZoneInfo_FillTable(struct zone_table *table, PyObject *data);
extern void _PyZoneInfo_ClearTable(struct zone_table *table);
extern const struct ttinfo *_PyZoneInfo_AtLocal(const struct zone_table *table, int64_t local,
                                                int year, int fold);
extern const struct ttinfo *_PyZoneInfo_AtUtc(const struct zone_table *table, int64_t utc, int year,
                                              int *fold);

#endif /* !Py_ZONEINFO_PRIVATE_H */
