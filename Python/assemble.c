/* Assembler: from laid-out basic blocks to a code object.

   - local variables, cells and free variables get their slots (localsplus), and the prefix
     that makes cells, copies the closure and starts generators;
   - jump distances, with EXTENDED_ARG where an argument needs more than a byte;
   - location table (PEP 626, 657): entries of one to eight code units;
   - exception table: ranges of code units with handler, stack depth and whether to push lasti.

   Written from: PEP 626 and 657, the documented formats of the location and exception tables,
   and by comparing with the output of 3.12. */

#include "Python.h"
#include "pycore_code.h"        // struct _PyCodeConstructor
#include "pycore_compile.h"
#include "pycore_flowgraph.h"

/* --- byte buffers -------------------------------------------------------------------------- */

/* A bytes object that grows; ob is NULL after a failure. */
struct buffer {
    PyObject *ob;
    Py_ssize_t len;
};

static int
buffer_init(struct buffer *buf, Py_ssize_t size)
{
    buf->ob = PyBytes_FromStringAndSize(NULL, size);
    buf->len = 0;
    return buf->ob == NULL ? -1 : 0;
}

/* Room for n more bytes; the place to write them, NULL with MemoryError. */
static uint8_t *
buffer_reserve(struct buffer *buf, Py_ssize_t n)
{
    Py_ssize_t size = PyBytes_GET_SIZE(buf->ob);
    if (buf->len + n > size) {
        if (size > PY_SSIZE_T_MAX / 2 - n) {
            PyErr_NoMemory();
            return NULL;
        }
        if (_PyBytes_Resize(&buf->ob, size * 2 + n) < 0) {
            return NULL;
        }
    }
    return (uint8_t *)PyBytes_AS_STRING(buf->ob) + buf->len;
}

/* --- location table ------------------------------------------------------------------------ */

static uint8_t *
put_varint(uint8_t *p, unsigned int value)
{
    while (value >= 64) {
        *p++ = 64 | (value & 63);
        value >>= 6;
    }
    *p++ = (uint8_t)value;
    return p;
}

static uint8_t *
put_signed_varint(uint8_t *p, int value)
{
    unsigned int v = value < 0 ? ((0u - (unsigned)value) << 1) | 1 : (unsigned)value << 1;
    return put_varint(p, v);
}

static uint8_t *
put_entry_head(uint8_t *p, int kind, int units)
{
    assert(1 <= units && units <= 8);
    *p++ = (uint8_t)(0x80 | (kind << 3) | (units - 1));
    return p;
}

/* One entry for up to eight units.  *line is the line of the entry before. */
static int
write_location(struct buffer *buf, location loc, int units, int *line)
{
    uint8_t *p = buffer_reserve(buf, 32), *start = p;
    if (p == NULL) {
        return -1;
    }
    int delta = loc.lineno - *line, column = loc.col_offset, end_column = loc.end_col_offset;
    if (loc.lineno < 0) {
        p = put_entry_head(p, PY_CODE_LOCATION_INFO_NONE, units);
        buf->len += p - start;
        return 0;
    }
    int one_line = loc.end_lineno == loc.lineno;
    int has_columns = column >= 0 && end_column >= 0;
    if (!has_columns && (one_line || loc.end_lineno == -1)) {
        p = put_entry_head(p, PY_CODE_LOCATION_INFO_NO_COLUMNS, units);
        p = put_signed_varint(p, delta);
    }
    else if (has_columns && one_line && delta == 0 && column < 80
             && end_column >= column && end_column - column < 16)
    {
        p = put_entry_head(p, PY_CODE_LOCATION_INFO_SHORT0 + (column >> 3), units);
        *p++ = (uint8_t)(((column & 7) << 4) | (end_column - column));
    }
    else if (has_columns && one_line && 0 <= delta && delta < 3
             && column < 128 && end_column < 128)
    {
        p = put_entry_head(p, PY_CODE_LOCATION_INFO_ONE_LINE0 + delta, units);
        *p++ = (uint8_t)column;
        *p++ = (uint8_t)end_column;
    }
    else {
        p = put_entry_head(p, PY_CODE_LOCATION_INFO_LONG, units);
        p = put_signed_varint(p, delta);
        p = put_varint(p, (unsigned)(loc.end_lineno - loc.lineno));
        p = put_varint(p, (unsigned)(column + 1));
        p = put_varint(p, (unsigned)(end_column + 1));
    }
    *line = loc.lineno;
    buf->len += p - start;
    return 0;
}

static int
write_location_run(struct buffer *buf, location loc, int units, int *line)
{
    assert(units >= 0);
    while (units > 8) {
        if (write_location(buf, loc, 8, line) < 0) {
            return -1;
        }
        units -= 8;
    }
    return units == 0 ? 0 : write_location(buf, loc, units, line);
}

static int
same_location(location a, location b)
{
    return a.lineno == b.lineno && a.end_lineno == b.end_lineno
           && a.col_offset == b.col_offset && a.end_col_offset == b.end_col_offset;
}

/* --- sizes and jumps ----------------------------------------------------------------------- */

static int
units_for_arg(int oparg)
{
    unsigned arg = (unsigned)oparg;
    return 1 + (arg > 0xFF) + (arg > 0xFFFF) + (arg > 0xFFFFFF);
}

static int
instr_units(const _PyCfgInstr *in)
{
    return units_for_arg(in->oparg) + _PyOpcode_CacheUnits(in->opcode);
}

/* Set the offset of every block and the argument of every jump.  The size of a jump depends on its
   distance: repeat until nothing grows.  An argument that once needed an extension keeps its value
   consistent because offsets never shrink. */
static int
resolve_jumps(_PyCfg *g)
{
    int changed;
    assert(g->entry != NULL);
    do {
        int offset = 0;
        for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
            b->offset = offset;
            for (int i = 0; i < b->count; i++) {
                offset += instr_units(&b->items[i]);
                if (offset < 0 || offset > INT_MAX / 8) {
                    PyErr_SetString(PyExc_OverflowError, "code object too large");
                    return -1;
                }
            }
        }
        changed = 0;
        offset = 0;
        for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
            for (int i = 0; i < b->count; i++) {
                _PyCfgInstr *in = &b->items[i];
                int units = instr_units(in);
                offset += units;
                if (_PyOpcode_IsJump(in->opcode)) {
                    int distance = in->target->offset - offset;
                    in->oparg = distance < 0 ? -distance : distance;
                    assert(distance >= 0 || in->opcode == JUMP_BACKWARD
                           || in->opcode == JUMP_BACKWARD_NO_INTERRUPT);
                    changed |= instr_units(in) != units;
                }
            }
        }
    } while (changed);
    return 0;
}

/* --- instructions -------------------------------------------------------------------------- */

static int
write_instr(struct buffer *buf, const _PyCfgInstr *in)
{
    int n = units_for_arg(in->oparg), caches = _PyOpcode_CacheUnits(in->opcode);
    Py_ssize_t size = (Py_ssize_t)(n + caches) * (Py_ssize_t)sizeof(_Py_CODEUNIT);
    uint8_t *p = buffer_reserve(buf, size);
    if (p == NULL) {
        return -1;
    }
    assert(0 < in->opcode && in->opcode < MIN_PSEUDO_OPCODE);
    unsigned arg = (unsigned)in->oparg;
    for (int shift = (n - 1) * 8; shift > 0; shift -= 8) {
        *p++ = EXTENDED_ARG;
        *p++ = (uint8_t)(arg >> shift);
    }
    *p++ = (uint8_t)in->opcode;
    *p++ = (uint8_t)arg;
    memset(p, 0, (size_t)caches * sizeof(_Py_CODEUNIT));
    buf->len += size;
    return 0;
}

/* --- exception table ----------------------------------------------------------------------- */

/* Big-endian groups of six bits; `first` marks the start of an entry. */
static uint8_t *
put_table_int(uint8_t *p, int value, int first)
{
    assert(value >= 0);
    int msb = first ? 0x80 : 0;
    for (int shift = 30; shift > 0; shift -= 6) {
        if (value >= 1 << shift) {
            *p++ = (uint8_t)(((value >> shift) & 63) | 64 | msb);
            msb = 0;
        }
    }
    *p++ = (uint8_t)((value & 63) | msb);
    return p;
}

static int
write_exception_entry(struct buffer *buf, int start, int end, const _PyCfgBlock *handler)
{
    uint8_t *p = buffer_reserve(buf, 24), *begin = p;
    if (p == NULL) {
        return -1;
    }
    int depth = handler->startdepth - 1 - handler->preserve_lasti;
    assert(depth >= 0 && end > start);
    p = put_table_int(p, start, 1);
    p = put_table_int(p, end - start, 0);
    p = put_table_int(p, handler->offset, 0);
    p = put_table_int(p, (depth << 1) | handler->preserve_lasti, 0);
    buf->len += p - begin;
    return 0;
}

static int
write_exception_table(struct buffer *buf, _PyCfg *g)
{
    int offset = 0, start = -1;
    const _PyCfgBlock *handler = NULL;
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        for (int i = 0; i < b->count; i++) {
            _PyCfgInstr *in = &b->items[i];
            if (in->except != handler) {
                if (handler != NULL && write_exception_entry(buf, start, offset, handler) < 0) {
                    return -1;
                }
                start = offset;
                handler = in->except;
            }
            offset += instr_units(in);
        }
    }
    return handler == NULL ? 0 : write_exception_entry(buf, start, offset, handler);
}

/* --- locals, cells and free variables ------------------------------------------------------ */

/* Slot of each cell and free variable: a cell that is also a parameter or local shares its slot.
   map has ncells + nfree entries; returns the number of slots. */
static int
assign_slots(_PyCompile_CodeUnitMetadata *u, int *map)
{
    int nlocals = (int)PyDict_GET_SIZE(u->u_varnames);
    int ncells = (int)PyDict_GET_SIZE(u->u_cellvars);
    int nfree = (int)PyDict_GET_SIZE(u->u_freevars);
    for (int i = 0; i < ncells + nfree; i++) {
        map[i] = -1;
    }
    PyObject *name, *index;
    Py_ssize_t pos = 0;
    while (PyDict_Next(u->u_cellvars, &pos, &name, &index)) {
        PyObject *local = PyDict_GetItemWithError(u->u_varnames, name);
        if (local != NULL) {
            map[PyLong_AsLong(index)] = (int)PyLong_AsLong(local);
        }
        else if (PyErr_Occurred()) {
            return -1;
        }
    }
    int next = nlocals;
    for (int i = 0; i < ncells + nfree; i++) {
        if (map[i] < 0) {
            map[i] = next++;
        }
    }
    return next;
}

static int
add_prefix(_PyCompile_CodeUnitMetadata *u, _PyCfg *g, const int *map, int nslots,
           int code_flags)
{
    int at = 0;
    int ncells = (int)PyDict_GET_SIZE(u->u_cellvars);
    int nfree = (int)PyDict_GET_SIZE(u->u_freevars);
    assert(nslots >= 0);
    if (nfree > 0
        && _PyCfgBlock_Insert(g, g->entry, at++, COPY_FREE_VARS, nfree, NO_LOCATION, NULL) < 0)
    {
        return -1;
    }
    /* Cells in the order of their slots. */
    for (int slot = 0; ncells > 0 && slot < nslots; slot++) {
        for (int i = 0; i < ncells; i++) {
            if (map[i] == slot
                && _PyCfgBlock_Insert(g, g->entry, at++, MAKE_CELL, slot, NO_LOCATION,
                                      NULL) < 0)
            {
                return -1;
            }
        }
    }
    if (code_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)) {
        location loc = {u->u_firstlineno, u->u_firstlineno, -1, -1};
        if (_PyCfgBlock_Insert(g, g->entry, at, RETURN_GENERATOR, 0, loc, NULL) < 0
            || _PyCfgBlock_Insert(g, g->entry, at + 1, POP_TOP, 0, NO_LOCATION, NULL) < 0)
        {
            return -1;
        }
    }
    return 0;
}

static void
map_variables(_PyCfg *g, const int *map)
{
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        for (int i = 0; i < b->count; i++) {
            switch (b->items[i].opcode) {
            case MAKE_CELL:
            case LOAD_CLOSURE:
            case LOAD_DEREF:
            case STORE_DEREF:
            case DELETE_DEREF:
            case LOAD_FROM_DICT_OR_DEREF:
                b->items[i].oparg = map[b->items[i].oparg];
                break;
            default:
                break;
            }
        }
    }
}

static int
prepare_localsplus(_PyCompile_CodeUnitMetadata *u, _PyCfg *g, int code_flags, int *map)
{
    Py_ssize_t all = PyDict_GET_SIZE(u->u_varnames) + PyDict_GET_SIZE(u->u_cellvars)
                     + PyDict_GET_SIZE(u->u_freevars);
    if (all >= INT_MAX / 2) {
        PyErr_SetString(PyExc_OverflowError, "too many locals");
        return -1;
    }
    int nslots = assign_slots(u, map);
    if (nslots < 0) {
        return -1;
    }
    map_variables(g, map);
    return add_prefix(u, g, map, nslots, code_flags) < 0 ? -1 : nslots;
}

/* Names and kinds of the slots. */
static int
fill_localsplus(_PyCompile_CodeUnitMetadata *u, const int *map, PyObject *names,
                uint8_t *kinds)
{
    PyObject *name, *index;
    Py_ssize_t pos = 0;
    while (PyDict_Next(u->u_varnames, &pos, &name, &index)) {
        Py_ssize_t slot = PyLong_AsSsize_t(index);
        assert(slot < PyTuple_GET_SIZE(names));
        kinds[slot] = CO_FAST_LOCAL;
        int hidden = PyDict_Contains(u->u_fasthidden, name);
        if (hidden < 0) {
            return -1;
        }
        if (hidden) {
            kinds[slot] |= CO_FAST_HIDDEN;
        }
        int is_cell = PyDict_Contains(u->u_cellvars, name);
        if (is_cell < 0) {
            return -1;
        }
        if (is_cell) {
            kinds[slot] |= CO_FAST_CELL;
        }
        PyTuple_SET_ITEM(names, slot, Py_NewRef(name));
    }
    PyObject *dicts[2] = {u->u_cellvars, u->u_freevars};
    for (int d = 0; d < 2; d++) {
        pos = 0;
        while (PyDict_Next(dicts[d], &pos, &name, &index)) {
            int slot = map[PyLong_AsLong(index)];
            assert(slot < PyTuple_GET_SIZE(names));
            if (PyTuple_GET_ITEM(names, slot) == NULL) {
                PyTuple_SET_ITEM(names, slot, Py_NewRef(name));
                kinds[slot] = d == 0 ? CO_FAST_CELL : CO_FAST_FREE;
            }
        }
    }
    return 0;
}

/* --- the code object ----------------------------------------------------------------------- */

/* Keys of a name -> index dict in the order of the indices. */
static PyObject *
names_tuple(PyObject *dict)
{
    PyObject *tuple = PyTuple_New(PyDict_GET_SIZE(dict)), *name, *index;
    Py_ssize_t pos = 0;
    assert(PyDict_Check(dict));
    if (tuple == NULL) {
        return NULL;
    }
    while (PyDict_Next(dict, &pos, &name, &index)) {
        Py_ssize_t i = PyLong_AsSsize_t(index);
        assert(0 <= i && i < PyTuple_GET_SIZE(tuple));
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(name));
    }
    return tuple;
}

static int
emit_tables(_PyCfg *g, int firstlineno, struct buffer *code, struct buffer *lines,
            struct buffer *excepts)
{
    int line = firstlineno, units = 0;
    location loc = NO_LOCATION;
    if (buffer_init(code, 256) < 0 || buffer_init(lines, 64) < 0
        || buffer_init(excepts, 32) < 0)
    {
        return -1;
    }
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        for (int i = 0; i < b->count; i++) {
            _PyCfgInstr *in = &b->items[i];
            if (write_instr(code, in) < 0) {
                return -1;
            }
            if (!same_location(loc, in->loc)) {
                if (write_location_run(lines, loc, units, &line) < 0) {
                    return -1;
                }
                loc = in->loc;
                units = 0;
            }
            units += instr_units(in);
        }
    }
    if (write_location_run(lines, loc, units, &line) < 0
        || write_exception_table(excepts, g) < 0)
    {
        return -1;
    }
    return _PyBytes_Resize(&code->ob, code->len) < 0
           || _PyBytes_Resize(&lines->ob, lines->len) < 0
           || _PyBytes_Resize(&excepts->ob, excepts->len) < 0 ? -1 : 0;
}

/* Replace *obj by its canonical equal. */
static int
intern_in_place(PyObject *const_cache, PyObject **obj)
{
    PyObject *interned = _PyCompile_InternConst(const_cache, *obj);
    if (interned == NULL) {
        return -1;
    }
    Py_SETREF(*obj, interned);
    return 0;
}

static PyCodeObject *
build_code(_PyCompile_CodeUnitMetadata *u, PyObject *const_cache, PyObject *consts,
           PyObject *tables[3], const int *map, int nslots, int stackdepth, int code_flags,
           PyObject *filename)
{
    PyCodeObject *co = NULL;
    PyObject *parts[4] = {NULL};    /* names, consts, localsplus names and kinds */
    assert(stackdepth >= 0);
    parts[0] = names_tuple(u->u_names);
    parts[1] = PyList_AsTuple(consts);
    parts[2] = PyTuple_New(nslots);
    parts[3] = PyBytes_FromStringAndSize(NULL, nslots);
    if (parts[0] == NULL || parts[1] == NULL || parts[2] == NULL || parts[3] == NULL
        || fill_localsplus(u, map, parts[2], (uint8_t *)PyBytes_AS_STRING(parts[3])) < 0)
    {
        goto done;
    }
    for (int i = 0; i < 3; i++) {
        if (intern_in_place(const_cache, &parts[i]) < 0
            || intern_in_place(const_cache, &tables[i]) < 0)
        {
            goto done;
        }
    }
    struct _PyCodeConstructor con = {
        .filename = filename,
        .name = u->u_name,
        .qualname = u->u_qualname ? u->u_qualname : u->u_name,
        .flags = code_flags,
        .code = tables[0],
        .firstlineno = u->u_firstlineno,
        .linetable = tables[1],
        .consts = parts[1],
        .names = parts[0],
        .localsplusnames = parts[2],
        .localspluskinds = parts[3],
        .argcount = (int)(u->u_posonlyargcount + u->u_argcount),
        .posonlyargcount = (int)u->u_posonlyargcount,
        .kwonlyargcount = (int)u->u_kwonlyargcount,
        .stacksize = stackdepth,
        .exceptiontable = tables[2],
    };
    if (_PyCode_Validate(&con) == 0) {
        co = _PyCode_New(&con);
    }
done:
    for (int i = 0; i < 4; i++) {
        Py_XDECREF(parts[i]);
    }
    return co;
}

/* A new code object from an optimised graph, which is consumed; NULL with an exception. */
PyCodeObject *
_PyAssemble_MakeCodeObject(_PyCompile_CodeUnitMetadata *u, PyObject *const_cache,
                           PyObject *consts, _PyCfg *g, int code_flags, PyObject *filename)
{
    PyCodeObject *co = NULL;
    struct buffer code = {0}, lines = {0}, excepts = {0};
    int stackdepth = _PyCfg_StackDepth(g);
    size_t nvars = (size_t)(PyDict_GET_SIZE(u->u_cellvars) + PyDict_GET_SIZE(u->u_freevars));
    int *map = _PyArena_Malloc(g->arena, (nvars + 1) * sizeof(int));
    if (stackdepth < 0 || map == NULL) {
        return NULL;
    }
    int nslots = prepare_localsplus(u, g, code_flags, map);
    if (nslots < 0
        || _PyCfg_ConvertPseudoOps(g) < 0
        || _PyCfg_NormalizeJumps(g) < 0
        || resolve_jumps(g) < 0
        || emit_tables(g, u->u_firstlineno, &code, &lines, &excepts) < 0)
    {
        goto done;
    }
    PyObject *tables[3] = {code.ob, lines.ob, excepts.ob};
    co = build_code(u, const_cache, consts, tables, map, nslots, stackdepth, code_flags,
                    filename);
    code.ob = tables[0];
    lines.ob = tables[1];
    excepts.ob = tables[2];
done:
    Py_XDECREF(code.ob);
    Py_XDECREF(lines.ob);
    Py_XDECREF(excepts.ob);
    return co;
}
