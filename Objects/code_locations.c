/* Line and column information of code objects: reading co_linetable.

   The table is a sequence of entries, each for one to eight code units.  The first byte of an
   entry has its top bit set, then four bits kind and three bits length - 1; numbers follow in
   groups of six bits, lowest first.  Lines are relative to the entry before.

   Written from: PEP 626, PEP 657, and the description of the location table. */

#include "Python.h"
#include "pycore_code.h"
#include "pycore_code_locations.h"

/* --- reading entries ----------------------------------------------------------------------- */

static int
entry_kind(const uint8_t *p)
{
    return (*p >> 3) & 15;
}

static int
entry_bytes(const uint8_t *p)
{
    return ((*p & 7) + 1) * (int)sizeof(_Py_CODEUNIT);
}

/* Numbers are read only up to the end of the table: a bad table yields wrong lines, never more. */
static int
read_varint(const uint8_t **p, const uint8_t *limit)
{
    unsigned int value = 0, shift = 0;
    while (*p < limit) {
        unsigned int byte = *(*p)++;
        if (shift < 32) {
            value |= (byte & 63) << shift;
        }
        shift += 6;
        if (!(byte & 64)) {
            break;
        }
    }
    return (int)value;
}

static int
read_signed_varint(const uint8_t **p, const uint8_t *limit)
{
    unsigned int v = (unsigned int)read_varint(p, limit);
    return v & 1 ? -(int)(v >> 1) : (int)(v >> 1);
}

static int
line_delta(const uint8_t *p, const uint8_t *limit)
{
    int kind = entry_kind(p);
    const uint8_t *q = p + 1;
    switch (kind) {
    case PY_CODE_LOCATION_INFO_NONE:
        return 0;
    case PY_CODE_LOCATION_INFO_NO_COLUMNS:
    case PY_CODE_LOCATION_INFO_LONG:
        return read_signed_varint(&q, limit);
    case PY_CODE_LOCATION_INFO_ONE_LINE0:
        return 0;
    case PY_CODE_LOCATION_INFO_ONE_LINE1:
        return 1;
    case PY_CODE_LOCATION_INFO_ONE_LINE2:
        return 2;
    default:
        return 0;       /* short form: same line */
    }
}

static int
is_entry_start(const uint8_t *p)
{
    return (*p & 0x80) != 0;
}

/* --- ranges -------------------------------------------------------------------------------- */

static const uint8_t *
table_start(PyCodeObject *co)
{
    return (const uint8_t *)PyBytes_AS_STRING(co->co_linetable);
}

/* Start before the first range; returns the line it starts from. */
int
_PyCode_InitAddressRange(PyCodeObject *co, PyCodeAddressRange *bounds)
{
    assert(PyBytes_Check(co->co_linetable));
    bounds->opaque.lo_next = table_start(co);
    bounds->opaque.limit = bounds->opaque.lo_next + PyBytes_GET_SIZE(co->co_linetable);
    if (bounds->opaque.lo_next < bounds->opaque.limit
        && !is_entry_start(bounds->opaque.lo_next))
    {
        /* No table at all.  From here on, stepping back always finds the start of an entry. */
        bounds->opaque.limit = bounds->opaque.lo_next;
    }
    bounds->opaque.computed_line = co->co_firstlineno;
    bounds->ar_start = -1;
    bounds->ar_end = 0;
    bounds->ar_line = -1;
    return bounds->ar_line;
}

/* Step to the next entry.  0 at the end of the table. */
int
_PyLineTable_NextAddressRange(PyCodeAddressRange *range)
{
    const uint8_t *p = range->opaque.lo_next, *limit = range->opaque.limit;
    if (p >= limit) {
        return 0;
    }
    range->opaque.computed_line += line_delta(p, limit);
    range->ar_line = entry_kind(p) == PY_CODE_LOCATION_INFO_NONE
                     ? -1 : range->opaque.computed_line;
    range->ar_start = range->ar_end;
    range->ar_end += entry_bytes(p);
    do {
        p++;
    } while (p < limit && !is_entry_start(p));
    range->opaque.lo_next = p;
    return 1;
}

/* Step back to the entry before.  0 if this is the first. */
int
_PyLineTable_PreviousAddressRange(PyCodeAddressRange *range)
{
    if (range->ar_start <= 0) {
        return 0;
    }
    const uint8_t *limit = range->opaque.limit, *p = range->opaque.lo_next;
    /* The current entry is the one before lo_next. */
    do {
        p--;
    } while (!is_entry_start(p));
    const uint8_t *current = p;
    do {
        p--;
    } while (!is_entry_start(p));
    range->opaque.lo_next = current;
    range->opaque.computed_line -= line_delta(current, limit);
    range->ar_end = range->ar_start;
    range->ar_start -= entry_bytes(p);
    range->ar_line = entry_kind(p) == PY_CODE_LOCATION_INFO_NONE
                     ? -1 : range->opaque.computed_line;
    return 1;
}

/* Line of the instruction at byte offset lasti, -1 if it has none; moves bounds there. */
int
_PyCode_CheckLineNumber(int lasti, PyCodeAddressRange *bounds)
{
    while (bounds->ar_end <= lasti) {
        if (!_PyLineTable_NextAddressRange(bounds)) {
            return -1;
        }
    }
    while (bounds->ar_start > lasti) {
        if (!_PyLineTable_PreviousAddressRange(bounds)) {
            return -1;
        }
    }
    return bounds->ar_line;
}

/* Line of the instruction at byte offset addrq; the first line of the code for a negative
   offset; -1 if it has none. */
int
PyCode_Addr2Line(PyCodeObject *co, int addrq)
{
    if (addrq < 0) {
        return co->co_firstlineno;
    }
    PyCodeAddressRange bounds;
    _PyCode_InitAddressRange(co, &bounds);
    return _PyCode_CheckLineNumber(addrq, &bounds);
}

/* --- positions ----------------------------------------------------------------------------- */

/* An entry with its columns. */
struct position {
    int line, end_line, column, end_column;
};

/* Read the entry at range->opaque.lo_next and step over it. */
static int
next_position(PyCodeAddressRange *range, struct position *at)
{
    const uint8_t *p = range->opaque.lo_next, *limit = range->opaque.limit;
    assert(range->opaque.lo_next <= range->opaque.limit);
    if (!_PyLineTable_NextAddressRange(range)) {
        return 0;
    }
    int kind = entry_kind(p);
    *at = (struct position){range->ar_line, range->ar_line, -1, -1};
    const uint8_t *q = p + 1;
    switch (kind) {
    case PY_CODE_LOCATION_INFO_NONE:
    case PY_CODE_LOCATION_INFO_NO_COLUMNS:
        break;
    case PY_CODE_LOCATION_INFO_LONG:
        read_signed_varint(&q, limit);
        at->end_line = at->line + read_varint(&q, limit);
        at->column = read_varint(&q, limit) - 1;
        at->end_column = read_varint(&q, limit) - 1;
        break;
    case PY_CODE_LOCATION_INFO_ONE_LINE0:
    case PY_CODE_LOCATION_INFO_ONE_LINE1:
    case PY_CODE_LOCATION_INFO_ONE_LINE2:
        if (limit - q >= 2) {
            at->column = q[0];
            at->end_column = q[1];
        }
        break;
    default:
        if (q < limit) {
            at->column = (kind << 3) | (*q >> 4);
            at->end_column = at->column + (*q & 15);
        }
        break;
    }
    return 1;
}

/* Position of the instruction at byte offset addrq; -1 where there is none.  1, or 0 if the
   offset lies outside the code. */
int
PyCode_Addr2Location(PyCodeObject *co, int addrq, int *start_line, int *start_column,
                     int *end_line, int *end_column)
{
    if (addrq < 0) {
        *start_line = *end_line = co->co_firstlineno;
        *start_column = *end_column = 0;
        return 1;
    }
    PyCodeAddressRange bounds;
    struct position at = {-1, -1, -1, -1};
    _PyCode_InitAddressRange(co, &bounds);
    while (bounds.ar_end <= addrq) {
        if (!next_position(&bounds, &at)) {
            return 0;
        }
    }
    *start_line = at.line;
    *start_column = at.column;
    *end_line = at.end_line;
    *end_column = at.end_column;
    return 1;
}

/* --- co_lines() ---------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyCodeObject *code;         /* owned */
    PyCodeAddressRange bounds;
} lineiterator;

static PyObject *
int_or_none(int value, int none)
{
    return none ? Py_NewRef(Py_None) : PyLong_FromLong(value);
}

static void
lineiter_dealloc(lineiterator *it)
{
    Py_DECREF(it->code);
    PyObject_Free(it);
}

/* (start, end, line) for the longest run of entries with one line. */
static PyObject *
lineiter_next(lineiterator *it)
{
    if (!_PyLineTable_NextAddressRange(&it->bounds)) {
        return NULL;
    }
    int start = it->bounds.ar_start, line = it->bounds.ar_line;
    for (;;) {
        PyCodeAddressRange next = it->bounds;
        if (!_PyLineTable_NextAddressRange(&next) || next.ar_line != line) {
            break;
        }
        it->bounds = next;
    }
    PyObject *line_obj = int_or_none(line, line == -1);
    if (line_obj == NULL) {
        return NULL;
    }
    return Py_BuildValue("(iiN)", start, it->bounds.ar_end, line_obj);
}

_Py_SHARED PyTypeObject _PyLineIterator = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "line_iterator",
    .tp_basicsize = sizeof(lineiterator),
    .tp_dealloc = (destructor)lineiter_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)lineiter_next,
};

PyObject *
_PyCode_LineIterator(PyCodeObject *co)
{
    assert(PyCode_Check(co));
    lineiterator *it = PyObject_New(lineiterator, &_PyLineIterator);
    if (it != NULL) {
        it->code = (PyCodeObject *)Py_NewRef(co);
        _PyCode_InitAddressRange(co, &it->bounds);
    }
    return (PyObject *)it;
}

/* --- co_positions() ------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyCodeObject *code;         /* owned */
    PyCodeAddressRange range;
    int offset;                 /* of the next unit to report */
    struct position at;         /* of the current entry */
} positionsiterator;

static void
positionsiter_dealloc(positionsiterator *it)
{
    Py_DECREF(it->code);
    PyObject_Free(it);
}

/* (line, end line, column, end column) of the next code unit. */
static PyObject *
positionsiter_next(positionsiterator *it)
{
    if (it->offset >= it->range.ar_end && !next_position(&it->range, &it->at)) {
        return NULL;
    }
    it->offset += (int)sizeof(_Py_CODEUNIT);
    int values[4] = {it->at.line, it->at.end_line, it->at.column, it->at.end_column};
    PyObject *tuple = PyTuple_New(4);
    for (int i = 0; tuple != NULL && i < 4; i++) {
        PyObject *v = int_or_none(values[i], values[i] == -1);
        if (v == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        PyTuple_SET_ITEM(tuple, i, v);
    }
    return tuple;
}

_Py_SHARED PyTypeObject _PyPositionsIterator = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "positions_iterator",
    .tp_basicsize = sizeof(positionsiterator),
    .tp_dealloc = (destructor)positionsiter_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)positionsiter_next,
};

PyObject *
_PyCode_PositionsIterator(PyCodeObject *co)
{
    assert(PyCode_Check(co));
    positionsiterator *it = PyObject_New(positionsiterator, &_PyPositionsIterator);
    if (it != NULL) {
        it->code = (PyCodeObject *)Py_NewRef(co);
        _PyCode_InitAddressRange(co, &it->range);
        it->offset = 0;
        it->at = (struct position){-1, -1, -1, -1};
    }
    return (PyObject *)it;
}

/* --- co_lnotab ----------------------------------------------------------------------------- */

static int
put_pair(PyObject **bytes, Py_ssize_t *len, int a, int b)
{
    assert(0 <= a && a <= 255 && -128 <= b && b <= 127);
    if (*len + 2 > PyBytes_GET_SIZE(*bytes)
        && _PyBytes_Resize(bytes, PyBytes_GET_SIZE(*bytes) * 2) < 0)
    {
        return -1;
    }
    char *p = PyBytes_AS_STRING(*bytes) + *len;
    p[0] = (char)a;
    p[1] = (char)b;
    *len += 2;
    return 0;
}

static int
put_delta(PyObject **bytes, Py_ssize_t *len, int code, int line)
{
    while (code > 255) {
        if (put_pair(bytes, len, 255, 0) < 0) {
            return -1;
        }
        code -= 255;
    }
    while (line > 127 || line < -128) {
        int step = line > 0 ? 127 : -128;
        if (put_pair(bytes, len, code, step) < 0) {
            return -1;
        }
        code = 0;
        line -= step;
    }
    return put_pair(bytes, len, code, line);
}

/* The line table in the format that Python had before 3.10; a new bytes object. */
PyObject *
_PyCode_MakeLnotab(PyCodeObject *co)
{
    assert(PyCode_Check(co));
    PyCodeAddressRange bounds;
    int code = 0, line = co->co_firstlineno;
    Py_ssize_t len = 0;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, 64);
    if (bytes == NULL) {
        return NULL;
    }
    _PyCode_InitAddressRange(co, &bounds);
    while (_PyLineTable_NextAddressRange(&bounds)) {
        if (bounds.opaque.computed_line == line) {
            continue;
        }
        if (put_delta(&bytes, &len, bounds.ar_start - code,
                      bounds.opaque.computed_line - line) < 0)
        {
            Py_XDECREF(bytes);
            return NULL;
        }
        code = bounds.ar_start;
        line = bounds.opaque.computed_line;
    }
    _PyBytes_Resize(&bytes, len);
    return bytes;
}

/* --- without columns ----------------------------------------------------------------------- */

/* The table without columns (-X no_debug_ranges); a new bytes object. */
PyObject *
_PyCode_StripColumns(PyObject *linetable)
{
    const uint8_t *p = (const uint8_t *)PyBytes_AS_STRING(linetable);
    const uint8_t *limit = p + PyBytes_GET_SIZE(linetable);
    assert(PyBytes_Check(linetable));
    /* An entry shrinks to the head and a line delta of at most seven bytes, and a head plus one
       byte is the least an entry with a line has. */
    PyObject *result = PyBytes_FromStringAndSize(NULL, PyBytes_GET_SIZE(linetable) * 2 + 8);
    if (result == NULL) {
        return NULL;
    }
    uint8_t *out = (uint8_t *)PyBytes_AS_STRING(result), *start = out;
    while (p < limit) {
        int units = (*p & 7) + 1, kind = entry_kind(p);
        int delta = line_delta(p, limit);
        if (kind == PY_CODE_LOCATION_INFO_NONE) {
            *out++ = (uint8_t)(0x80 | (kind << 3) | (units - 1));
        }
        else {
            *out++ = (uint8_t)(0x80 | (PY_CODE_LOCATION_INFO_NO_COLUMNS << 3) | (units - 1));
            unsigned int v = delta < 0 ? ((0u - (unsigned)delta) << 1) | 1
                                       : (unsigned)delta << 1;
            while (v >= 64) {
                *out++ = 64 | (v & 63);
                v >>= 6;
            }
            *out++ = (uint8_t)v;
        }
        do {
            p++;
        } while (p < limit && !is_entry_start(p));
    }
    assert(out - start <= PyBytes_GET_SIZE(result));
    _PyBytes_Resize(&result, out - start);
    return result;
}
