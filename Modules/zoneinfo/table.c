/* table.c - the recorded transitions of a time zone: TZif data, as zoneinfo._common.load_data()
 * gives it, and the search in it.
 *
 * Written from PEP 615, RFC 8536, PEP 495 and observed behaviour.
 */
#include "zoneinfo.h"
#include "pycore_global_objects.h"      // _PyBytes_EMPTY

#define USUAL_DST 3600
#define FAR_AWAY ((int64_t)1 << 62)

/* The numbers of a zone, while the table is filled. */
struct source {
    PyObject *index, *utc, *offsets, *is_dst, *names, *rule;    /* borrowed */
    int64_t *offset;            /* of each type */
    int64_t *dst;               /* what DST adds; 0 for standard time */
    bool *dst_flag;
    Py_ssize_t *type_of;        /* of each transition */
};

void
_PyZoneInfo_ClearTable(struct zone_table *table)
{
    for (Py_ssize_t i = 0; table->types != NULL && i < table->n_types; i++) {
        _PyZoneInfo_ClearType(&table->types[i]);
    }
    _PyZoneInfo_ClearRule(&table->rule);
    PyMem_Free(table->types);
    PyMem_Free(table->utc);
    PyMem_Free(table->local[0]);
    PyMem_Free(table->local[1]);
    PyMem_Free(table->after);
    *table = (struct zone_table){0};
}

/* ----------------------------------------------------------------------------------- filling */

static int
bad_data(const char *what)
{
    PyErr_Format(PyExc_ValueError, "invalid time zone data: %s", what);
    return -1;
}

/* Takes the parts of load_data()'s result apart.  0, or -1 with an exception. */
static int
open_source(struct source *source, PyObject *data)
{
    if (!PyArg_ParseTuple(data, "O!O!O!O!O!O:load_data", &PyTuple_Type, &source->index,
                          &PyTuple_Type, &source->utc, &PyTuple_Type, &source->offsets,
                          &PyTuple_Type, &source->is_dst, &PyTuple_Type, &source->names,
                          &source->rule))
    {
        return -1;
    }
    Py_ssize_t n_types = PyTuple_GET_SIZE(source->offsets);
    if (PyTuple_GET_SIZE(source->index) != PyTuple_GET_SIZE(source->utc)
        || PyTuple_GET_SIZE(source->is_dst) != n_types
        || PyTuple_GET_SIZE(source->names) != n_types)
    {
        return bad_data("lengths differ");
    }
    if (source->rule == Py_None) {
        source->rule = _PyBytes_EMPTY;
    }
    if (!PyBytes_Check(source->rule)) {
        return bad_data("the TZ string is no bytes");
    }
    if (n_types == 0 && PyBytes_GET_SIZE(source->rule) == 0) {
        PyErr_SetString(PyExc_ValueError, "No time zone information found.");
        return -1;
    }
    return 0;
}

/* An item of a tuple as an int between the limits.  0, or -1 with an exception. */
static int
get_number(PyObject *tuple, Py_ssize_t i, int64_t least, int64_t most, int64_t *value)
{
    long long number = PyLong_AsLongLong(PyTuple_GET_ITEM(tuple, i));
    if (number == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (number < least || number > most) {
        return bad_data("number out of range");
    }
    *value = number;
    return 0;
}

static int
read_numbers(struct zone_table *table, struct source *source)
{
    int64_t number;
    for (Py_ssize_t i = 0; i < table->n_types; i++) {
        if (get_number(source->offsets, i, INT32_MIN, INT32_MAX, &source->offset[i]) < 0) {
            return -1;
        }
        int flag = PyObject_IsTrue(PyTuple_GET_ITEM(source->is_dst, i));
        if (flag < 0) {
            return -1;
        }
        source->dst_flag[i] = flag;
    }
    for (Py_ssize_t i = 0; i < table->n; i++) {
        if (get_number(source->index, i, 0, table->n_types - 1, &number) < 0) {
            return -1;
        }
        source->type_of[i] = (Py_ssize_t)number;
        if (get_number(source->utc, i, INT64_MIN, INT64_MAX, &number) < 0) {
            return -1;
        }
        /* Some data begin at -2**63; no datetime is there, and sums must not overflow. */
        table->utc[i] = Py_MAX(-FAR_AWAY, Py_MIN(number, FAR_AWAY));
    }
    return 0;
}

/* The data only say whether a type is DST.  What that adds is the difference from the standard time
 * before, else from that after it; an hour where neither helps. */
static void
deduce_dst(const struct zone_table *table, struct source *source)
{
    assert(table->n == 0 || table->n_types > 0);
    const Py_ssize_t *type_of = source->type_of;
    for (Py_ssize_t i = 1; i < table->n; i++) {
        Py_ssize_t type = type_of[i];
        if (!source->dst_flag[type] || source->dst[type] != 0) {
            continue;
        }
        const Py_ssize_t neighbours[] = {type_of[i - 1], i + 1 < table->n ? type_of[i + 1] : type};
        for (int k = 0; k < 2 && source->dst[type] == 0; k++) {
            if (!source->dst_flag[neighbours[k]]) {
                source->dst[type] = source->offset[type] - source->offset[neighbours[k]];
            }
        }
    }
    for (Py_ssize_t type = 0; type < table->n_types; type++) {
        if (source->dst_flag[type] && source->dst[type] == 0) {
            source->dst[type] = USUAL_DST;
        }
    }
}

static int
make_types(struct zone_table *table, const struct source *source)
{
    for (Py_ssize_t i = 0; i < table->n_types; i++) {
        PyObject *name = PyTuple_GET_ITEM(source->names, i);
        if (!PyUnicode_Check(name)) {
            return bad_data("a name is no str");
        }
        if (_PyZoneInfo_SetType(&table->types[i], source->offset[i], source->dst[i],
                                Py_NewRef(name)) < 0)
        {
            return -1;
        }
    }
    return 0;
}

/* The first type that is standard time, else the first one, if there is any. */
static const struct ttinfo *
type_before(const struct zone_table *table, const struct source *source)
{
    for (Py_ssize_t i = 0; i < table->n_types; i++) {
        if (!source->dst_flag[i]) {
            return &table->types[i];
        }
    }
    return table->types;
}

/* A time that clocks show twice, or skip, counts as before the transition if fold is 0. */
static void
set_transitions(struct zone_table *table, const struct source *source)
{
    int64_t last = 0;
    for (Py_ssize_t i = 0; i < table->n; i++) {
        last = i == 0 ? source->offset[0] : last;
        int64_t offset = source->offset[source->type_of[i]];
        table->after[i] = &table->types[source->type_of[i]];
        table->local[0][i] = table->utc[i] + Py_MAX(last, offset);
        table->local[1][i] = table->utc[i] + Py_MIN(last, offset);
        last = offset;
    }
}

/* Without a TZ string the last type goes on. */
static int
set_rule(struct zone_table *table, const struct source *source)
{
    if (PyBytes_GET_SIZE(source->rule) != 0) {
        return _PyZoneInfo_ParseRule(&table->rule, source->rule);
    }
    const struct ttinfo *last = table->n > 0 ? table->after[table->n - 1] : &table->types[0];
    table->rule.std = (struct ttinfo){
        .offset = last->offset, .utcoff = Py_NewRef(last->utcoff),
        .dstoff = Py_NewRef(last->dstoff), .name = Py_NewRef(last->name),
    };
    return 0;
}

/* One type, and nothing else afterwards? */
static bool
is_fixed(const struct zone_table *table)
{
    if (table->n_types > 1 || table->rule.has_dst) {
        return false;
    }
    const struct ttinfo *std = &table->rule.std, *only = table->types;
    return table->n_types == 0
           || (std->offset == only->offset
               && _PyDateTime_DeltaMicros(std->dstoff) == _PyDateTime_DeltaMicros(only->dstoff)
               && _PyUnicode_EQ(std->name, only->name));
}

static int
fill(struct zone_table *table, struct source *source)
{
    if (read_numbers(table, source) < 0) {
        return -1;
    }
    deduce_dst(table, source);
    if (make_types(table, source) < 0) {
        return -1;
    }
    table->before = type_before(table, source);
    set_transitions(table, source);
    if (set_rule(table, source) < 0) {
        return -1;
    }
    table->fixed = is_fixed(table);
    return 0;
}

int
_PyZoneInfo_FillTable(struct zone_table *table, PyObject *data)
{
    assert(table->types == NULL && table->utc == NULL);
    struct source source = {0};
    if (!PyTuple_Check(data)) {
        return bad_data("load_data() gave no tuple");
    }
    if (open_source(&source, data) < 0) {
        return -1;
    }
    size_t n = (size_t)PyTuple_GET_SIZE(source.index);
    size_t n_types = (size_t)PyTuple_GET_SIZE(source.offsets);
    table->n = (Py_ssize_t)n;
    table->n_types = (Py_ssize_t)n_types;
    table->utc = PyMem_New(int64_t, n);
    table->local[0] = PyMem_New(int64_t, n);
    table->local[1] = PyMem_New(int64_t, n);
    table->after = PyMem_New(const struct ttinfo *, n);
    table->types = PyMem_Calloc(n_types, sizeof(*table->types));
    source.offset = PyMem_Calloc(n_types, sizeof(*source.offset));
    source.dst = PyMem_Calloc(n_types, sizeof(*source.dst));
    source.dst_flag = PyMem_Calloc(n_types, sizeof(*source.dst_flag));
    source.type_of = PyMem_New(Py_ssize_t, n);
    int err = -1;
    if (table->utc == NULL || table->local[0] == NULL || table->local[1] == NULL
        || table->after == NULL || table->types == NULL || source.offset == NULL
        || source.dst == NULL || source.dst_flag == NULL || source.type_of == NULL)
    {
        PyErr_NoMemory();
    }
    else {
        err = fill(table, &source);
    }
    PyMem_Free(source.offset);
    PyMem_Free(source.dst);
    PyMem_Free(source.dst_flag);
    PyMem_Free(source.type_of);
    return err;
}

/* ----------------------------------------------------------------------------------- looking up */

/* The number of times that are not after `when`. */
static Py_ssize_t
count_until(const int64_t *times, Py_ssize_t n, int64_t when)
{
    Py_ssize_t low = 0, high = n;
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (times[middle] <= when) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low;
}

const struct ttinfo *
_PyZoneInfo_AtLocal(const struct zone_table *table, int64_t local, int year, int fold)
{
    assert(fold == 0 || fold == 1);
    const int64_t *times = table->local[fold];
    if (table->n == 0 || local > times[table->n - 1]) {
        return _PyZoneInfo_RuleAtLocal(&table->rule, local, year, fold);
    }
    Py_ssize_t i = count_until(times, table->n, local);
    return i > 0 ? table->after[i - 1] : table->before;
}

const struct ttinfo *
_PyZoneInfo_AtUtc(const struct zone_table *table, int64_t utc, int year, int *fold)
{
    *fold = 0;
    if (table->n == 0 || (utc > table->utc[table->n - 1] && table->rule.has_dst)) {
        return _PyZoneInfo_RuleAtUtc(&table->rule, utc, year, fold);
    }
    Py_ssize_t i = count_until(table->utc, table->n, utc);
    if (i == 0) {
        return table->before;
    }
    const struct ttinfo *previous = i > 1 ? table->after[i - 2] : table->before;
    const struct ttinfo *info = utc > table->utc[table->n - 1] ? &table->rule.std
                                                               : table->after[i - 1];
    *fold = previous->offset - info->offset > utc - table->utc[i - 1];
    return info;
}
