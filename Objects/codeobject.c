/* Code objects, and what each interpreter knows about them.

   A code object is immutable once _PyCode_New returns it.  Its instruction units are the
   generic form: those of run-time code lie behind the struct in the same allocation, those of
   frozen code are const data.  Everything that changes later (running form, weak references,
   co_extra, cached attributes, monitoring) is in a struct _PyCodeRecord of the interpreter
   (pycore_code.h), made when first needed.

   Written from: the library reference ("Code objects", `inspect`), the C API reference ("Code
   Objects"), PEP 626, 657, 669, the dis documentation, and observed behaviour of 3.12. */

#include "Python.h"
#include "pycore_code.h"
#include "pycore_code_locations.h"
#include "pycore_executable.h"      // _PyExecutable_Free()
#include "pycore_frame.h"           // FRAME_SPECIALS_SIZE
#include "pycore_instruments.h"     // _PyCodeMonitoring_Free()
#include "pycore_interp.h"          // interp->code_state
#include "pycore_opcode.h"      // _PyOpcode_Deopt
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_pystate.h"         // _PyInterpreterState_GET()
#include "pycore_strings.h"         // _Py_ID()
#include "opcode.h"                 // RESUME
#include "structmember.h"           // PyMemberDef

#include "sig/codeobject.sig.h"

/* --- records ------------------------------------------------------------------------------- */

static struct _PyCodeRecord *
record_of_shared_code(struct _code_state *state, uint32_t index)
{
    assert(index > 0);
    if ((Py_ssize_t)index >= state->n_records) {
        Py_ssize_t n = Py_MAX(state->n_records * 2, (Py_ssize_t)index + 64);
        struct _PyCodeRecord **records = PyMem_Realloc(state->records,
                                                       (size_t)n * sizeof(*records));
        if (records == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        memset(records + state->n_records, 0,
               (size_t)(n - state->n_records) * sizeof(*records));
        state->records = records;
        state->n_records = n;
    }
    if (state->records[index] == NULL) {
        state->records[index] = PyMem_Calloc(1, sizeof(struct _PyCodeRecord));
        if (state->records[index] == NULL) {
            PyErr_NoMemory();
        }
    }
    return state->records[index];
}

struct _PyCodeRecord *
_PyCode_GetRecord(PyInterpreterState *interp, PyCodeObject *co)
{
    struct _PyCodeRecord *record = _PyCode_PeekRecord(interp, co);
    if (record != NULL) {
        return record;
    }
    if (co->co_state_index != 0) {
        return record_of_shared_code(&interp->code_state, co->co_state_index);
    }
    record = PyMem_Calloc(1, sizeof(*record));
    if (record == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    co->co_record = record;
    return record;
}

void
_PyCodeRecord_Free(PyInterpreterState *interp, struct _PyCodeRecord *record)
{
    struct _code_state *state = &interp->code_state;
    assert(record != NULL);
    for (Py_ssize_t i = 0; i < record->n_extra; i++) {
        freefunc free_extra = i < state->n_extra_freefuncs ? state->extra_freefuncs[i] : NULL;
        if (free_extra != NULL) {
            free_extra(record->extra[i]);
        }
    }
    PyMem_Free(record->extra);
    if (record->monitoring != NULL) {
        _PyCodeMonitoring_Free(record->monitoring);
    }
    if (record->executable != NULL) {
        _PyExecutable_Free(record->executable);
    }
    Py_XDECREF(record->code_bytes);
    Py_XDECREF(record->varnames);
    Py_XDECREF(record->cellvars);
    Py_XDECREF(record->freevars);
    PyMem_Free(record);
}

void
_PyCode_FiniInterpreter(PyInterpreterState *interp)
{
    struct _code_state *state = &interp->code_state;
    for (Py_ssize_t i = 0; i < state->n_records; i++) {
        struct _PyCodeRecord *record = state->records[i];
        if (record != NULL) {
            state->records[i] = NULL;
            _PyCodeRecord_Free(interp, record);
        }
    }
    PyMem_Free(state->records);
    state->records = NULL;
    state->n_records = 0;
}

/* Where this interpreter's list of weak references to co starts: in the object itself, unless it is
   shared.  0, or -1 with MemoryError. */
int
_PyCode_GetWeakrefList(PyCodeObject *co, PyObject ***slot)
{
    if (co->co_state_index == 0) {
        *slot = &co->co_weakreflist;
        return 0;
    }
    struct _PyCodeRecord *record = _PyCode_GetRecord(_PyInterpreterState_GET(), co);
    if (record == NULL) {
        return -1;
    }
    *slot = &record->weakreflist;
    return 0;
}

/* --- watchers ------------------------------------------------------------------------------ */

#define N_WATCHERS ((int)Py_ARRAY_LENGTH(((struct _func_state *)NULL)->code_watchers))

static const char *
event_name(PyCodeEvent event)
{
    switch (event) {
#define CASE(op) case PY_CODE_EVENT_##op: return "PY_CODE_EVENT_" #op;
    PY_FOREACH_CODE_EVENT(CASE)
#undef CASE
    }
    Py_UNREACHABLE();
}

/* Reports the exception of a watcher. */
static void
report_watcher(PyCodeEvent event, PyCodeObject *co)
{
    PyObject *exception = PyErr_GetRaisedException();
    PyObject *context = PyUnicode_FromFormat("%s watcher callback for %R", event_name(event), co);
    if (context == NULL) {
        PyErr_Clear();
    }
    PyErr_SetRaisedException(exception);
    PyErr_WriteUnraisable(context);
    Py_XDECREF(context);
}

static void
notify_watchers(PyCodeEvent event, PyCodeObject *co)
{
    struct _func_state *state = &_PyInterpreterState_GET()->func_state;
    unsigned int bits = state->active_code_watchers;
    for (int i = 0; bits != 0; i++, bits >>= 1) {
        PyCode_WatchCallback callback = state->code_watchers[i];
        if ((bits & 1) && callback != NULL && callback(event, co) < 0) {
            report_watcher(event, co);
        }
    }
}

/* Have callback called when code objects come and go.  The watcher's id, or -1 with
   RuntimeError. */
int
PyCode_AddWatcher(PyCode_WatchCallback callback)
{
    struct _func_state *state = &_PyInterpreterState_GET()->func_state;
    for (int i = 0; i < N_WATCHERS; i++) {
        if (state->code_watchers[i] == NULL) {
            state->code_watchers[i] = callback;
            state->active_code_watchers |= (uint8_t)(1 << i);
            return i;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "no more code watcher IDs available");
    return -1;
}

int
PyCode_ClearWatcher(int watcher_id)
{
    struct _func_state *state = &_PyInterpreterState_GET()->func_state;
    if (watcher_id < 0 || watcher_id >= N_WATCHERS) {
        PyErr_Format(PyExc_ValueError, "Invalid code watcher ID %d", watcher_id);
        return -1;
    }
    if (state->code_watchers[watcher_id] == NULL) {
        PyErr_Format(PyExc_ValueError, "No code watcher set for ID %d", watcher_id);
        return -1;
    }
    state->code_watchers[watcher_id] = NULL;
    state->active_code_watchers &= (uint8_t)~(1 << watcher_id);
    return 0;
}

/* --- co_extra ------------------------------------------------------------------------------ */

/* An index for PyUnstable_Code_SetExtra; free_extra (may be NULL) is called for values of code
   objects that go away.  -1 if there are no more. */
Py_ssize_t
PyUnstable_Eval_RequestCodeExtraIndex(freefunc free_extra)
{
    struct _code_state *state = &_PyInterpreterState_GET()->code_state;
    if (state->n_extra_freefuncs == Py_ARRAY_LENGTH(state->extra_freefuncs)) {
        return -1;
    }
    state->extra_freefuncs[state->n_extra_freefuncs] = free_extra;
    return state->n_extra_freefuncs++;
}

int
PyUnstable_Code_GetExtra(PyObject *code, Py_ssize_t index, void **extra)
{
    if (!PyCode_Check(code)) {
        PyErr_BadInternalCall();
        return -1;
    }
    struct _PyCodeRecord *record = _PyCode_PeekRecord(_PyInterpreterState_GET(),
                                                      (PyCodeObject *)code);
    *extra = record != NULL && 0 <= index && index < record->n_extra ? record->extra[index]
                                                                     : NULL;
    return 0;
}

int
PyUnstable_Code_SetExtra(PyObject *code, Py_ssize_t index, void *extra)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    struct _code_state *state = &interp->code_state;
    if (!PyCode_Check(code) || index < 0 || index >= state->n_extra_freefuncs) {
        PyErr_BadInternalCall();
        return -1;
    }
    struct _PyCodeRecord *record = _PyCode_GetRecord(interp, (PyCodeObject *)code);
    if (record == NULL) {
        return -1;
    }
    if (index >= record->n_extra) {
        Py_ssize_t n = state->n_extra_freefuncs;
        void **values = PyMem_Realloc(record->extra, (size_t)n * sizeof(void *));
        if (values == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        memset(values + record->n_extra, 0, (size_t)(n - record->n_extra) * sizeof(void *));
        record->extra = values;
        record->n_extra = n;
    }
    void *old = record->extra[index];
    if (old != NULL && state->extra_freefuncs[index] != NULL) {
        state->extra_freefuncs[index](old);
    }
    record->extra[index] = extra;
    return 0;
}

/* --- making code objects ------------------------------------------------------------------- */

/* Whether a constant looks like an identifier and so is worth interning. */
static int
all_name_chars(PyObject *s)
{
    if (!PyUnicode_IS_ASCII(s)) {
        return 0;
    }
    const unsigned char *p = PyUnicode_1BYTE_DATA(s);
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(s); i++) {
        if (!Py_ISALNUM(p[i]) && p[i] != '_') {
            return 0;
        }
    }
    return 1;
}

static int
intern_strings(PyObject *tuple)
{
    assert(PyTuple_Check(tuple));
    for (Py_ssize_t i = PyTuple_GET_SIZE(tuple) - 1; i >= 0; i--) {
        PyObject *v = PyTuple_GET_ITEM(tuple, i);
        if (v == NULL || !PyUnicode_CheckExact(v)) {
            PyErr_SetString(PyExc_SystemError, "non-string found in code slot");
            return -1;
        }
        PyUnicode_InternInPlace(&((PyTupleObject *)tuple)->ob_item[i]);
    }
    return 0;
}

/* Intern the strings among constants, in nested tuples and frozensets too.  *modified is set if an
   item was replaced. */
static int
intern_constants(PyObject *tuple, int *modified)
{
    assert(PyTuple_Check(tuple));
    for (Py_ssize_t i = PyTuple_GET_SIZE(tuple) - 1; i >= 0; i--) {
        PyObject **slot = &((PyTupleObject *)tuple)->ob_item[i], *v = *slot;
        if (PyUnicode_CheckExact(v)) {
            if (all_name_chars(v)) {
                PyUnicode_InternInPlace(slot);
                if (*slot != v && modified != NULL) {
                    *modified = 1;
                }
            }
        }
        else if (PyTuple_CheckExact(v)) {
            if (PyTuple_GET_SIZE(v) > 0 && intern_constants(v, NULL) < 0) {
                return -1;
            }
        }
        else if (PyFrozenSet_CheckExact(v)) {
            int changed = 0;
            PyObject *items = PySequence_Tuple(v);
            if (items == NULL || intern_constants(items, &changed) < 0) {
                Py_XDECREF(items);
                return -1;
            }
            if (changed) {
                PyObject *set = PyFrozenSet_New(items);
                if (set == NULL) {
                    Py_DECREF(items);
                    return -1;
                }
                Py_SETREF(*slot, set);
                if (modified != NULL) {
                    *modified = 1;
                }
            }
            Py_DECREF(items);
        }
    }
    return 0;
}

struct counts {
    int nlocals, ncellvars, nfreevars;
};

static struct counts
count_kinds(PyObject *kinds)
{
    struct counts n = {0, 0, 0};
    assert(PyBytes_Check(kinds));
    for (int i = 0; i < PyBytes_GET_SIZE(kinds); i++) {
        _PyLocals_Kind kind = _PyLocals_GetKind(kinds, i);
        n.nlocals += (kind & CO_FAST_LOCAL) != 0;
        n.ncellvars += (kind & CO_FAST_CELL) != 0;
        n.nfreevars += (kind & CO_FAST_FREE) != 0;
    }
    return n;
}

/* 0 if the parts have the right types and fit together; else -1 with SystemError or ValueError. */
int
_PyCode_Validate(struct _PyCodeConstructor *con)
{
    if (con->argcount < con->posonlyargcount || con->posonlyargcount < 0
        || con->kwonlyargcount < 0 || con->stacksize < 0 || con->flags < 0
        || con->code == NULL || !PyBytes_Check(con->code)
        || con->consts == NULL || !PyTuple_Check(con->consts)
        || con->names == NULL || !PyTuple_Check(con->names)
        || con->localsplusnames == NULL || !PyTuple_Check(con->localsplusnames)
        || con->localspluskinds == NULL || !PyBytes_Check(con->localspluskinds)
        || PyTuple_GET_SIZE(con->localsplusnames) != PyBytes_GET_SIZE(con->localspluskinds)
        || con->name == NULL || !PyUnicode_Check(con->name)
        || con->qualname == NULL || !PyUnicode_Check(con->qualname)
        || con->filename == NULL || !PyUnicode_Check(con->filename)
        || con->linetable == NULL || !PyBytes_Check(con->linetable)
        || con->exceptiontable == NULL || !PyBytes_Check(con->exceptiontable))
    {
        PyErr_BadInternalCall();
        return -1;
    }
    if (PyBytes_GET_SIZE(con->code) > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "code: co_code larger than INT_MAX");
        return -1;
    }
    if (PyBytes_GET_SIZE(con->code) % (Py_ssize_t)sizeof(_Py_CODEUNIT) != 0) {
        PyErr_SetString(PyExc_ValueError, "code: co_code is malformed");
        return -1;
    }
    /* The arguments are the first locals. */
    int64_t nargs = (int64_t)con->argcount + con->kwonlyargcount
                    + ((con->flags & CO_VARARGS) != 0) + ((con->flags & CO_VARKEYWORDS) != 0);
    if (count_kinds(con->localspluskinds).nlocals < nargs) {
        PyErr_SetString(PyExc_ValueError, "code: co_varnames is too small");
        return -1;
    }
    int64_t framesize = (int64_t)PyTuple_GET_SIZE(con->localsplusnames) + con->stacksize
                        + FRAME_SPECIALS_SIZE;
    if (framesize > INT_MAX / (int)sizeof(PyObject *)) {
        PyErr_SetString(PyExc_OverflowError, "code: co_stacksize is too large");
        return -1;
    }
    return 0;
}

static void
fill_code(PyCodeObject *co, struct _PyCodeConstructor *con, PyObject *linetable)
{
    struct counts n = count_kinds(con->localspluskinds);
    assert(PyBytes_Check(linetable));
    co->co_filename = Py_NewRef(con->filename);
    co->co_name = Py_NewRef(con->name);
    co->co_qualname = Py_NewRef(con->qualname);
    PyUnicode_InternInPlace(&co->co_name);
    PyUnicode_InternInPlace(&co->co_qualname);
    co->co_flags = con->flags;
    co->co_firstlineno = con->firstlineno;
    co->co_linetable = linetable;
    co->co_consts = Py_NewRef(con->consts);
    co->co_names = Py_NewRef(con->names);
    co->co_localsplusnames = Py_NewRef(con->localsplusnames);
    co->co_localspluskinds = Py_NewRef(con->localspluskinds);
    co->co_argcount = con->argcount;
    co->co_posonlyargcount = con->posonlyargcount;
    co->co_kwonlyargcount = con->kwonlyargcount;
    co->co_stacksize = con->stacksize;
    co->co_exceptiontable = Py_NewRef(con->exceptiontable);
    co->co_nlocalsplus = (int)PyTuple_GET_SIZE(con->localsplusnames);
    co->co_nlocals = n.nlocals;
    co->co_ncellvars = n.ncellvars;
    co->co_nfreevars = n.nfreevars;
    co->co_framesize = co->co_nlocalsplus + con->stacksize + FRAME_SPECIALS_SIZE;

    _Py_CODEUNIT *units = (_Py_CODEUNIT *)(co + 1);
    co->co_nunits = (uint32_t)Py_SIZE(co);
    memcpy(units, PyBytes_AS_STRING(con->code), (size_t)PyBytes_GET_SIZE(con->code));
    co->co_units = units;
    /* Tracing starts at RESUME: what lies before belongs to no line. */
    int first = 0;
    while (first < Py_SIZE(co) && _Py_OPCODE(units[first]) != RESUME) {
        first++;
    }
    co->co_firsttraceable = first;
    co->_co_firsttraceable = _PyCode_LooksStarted(co);
}

/* A new code object; the constructor must be valid.  Names and identifier-like constants become
   interned, in the tuples given.  NULL with an exception. */
PyCodeObject *
_PyCode_New(struct _PyCodeConstructor *con)
{
    if (intern_strings(con->names) < 0 || intern_constants(con->consts, NULL) < 0
        || intern_strings(con->localsplusnames) < 0)
    {
        return NULL;
    }
    PyObject *linetable;
    if (_Py_GetConfig()->code_debug_ranges) {
        linetable = Py_NewRef(con->linetable);
    }
    else {
        linetable = _PyCode_StripColumns(con->linetable);
        if (linetable == NULL) {
            return NULL;
        }
    }
    Py_ssize_t n = PyBytes_GET_SIZE(con->code) / (Py_ssize_t)sizeof(_Py_CODEUNIT);
    PyCodeObject *co = PyObject_NewVar(PyCodeObject, &PyCode_Type, n);
    if (co == NULL) {
        Py_DECREF(linetable);
        return NULL;
    }
    memset((char *)co + sizeof(PyVarObject), 0, sizeof(*co) - sizeof(PyVarObject));
    fill_code(co, con, linetable);
    notify_watchers(PY_CODE_EVENT_CREATE, co);
    return co;
}

/* Slots from the three lists of names: a cell that is also a variable shares its slot. */
static int
merge_variables(PyObject *varnames, PyObject *cellvars, PyObject *freevars, PyObject **names,
                PyObject **kinds)
{
    Py_ssize_t nlocals = PyTuple_GET_SIZE(varnames), nfree = PyTuple_GET_SIZE(freevars);
    Py_ssize_t at = nlocals, total = nlocals + PyTuple_GET_SIZE(cellvars) + nfree;
    assert(PyTuple_Check(varnames) && PyTuple_Check(cellvars) && PyTuple_Check(freevars));
    *names = PyTuple_New(total);
    *kinds = PyBytes_FromStringAndSize(NULL, total);
    if (*names == NULL || *kinds == NULL) {
        return -1;
    }
    char *kind = PyBytes_AS_STRING(*kinds);
    for (Py_ssize_t i = 0; i < nlocals; i++) {
        PyTuple_SET_ITEM(*names, i, Py_NewRef(PyTuple_GET_ITEM(varnames, i)));
        kind[i] = CO_FAST_LOCAL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(cellvars); i++) {
        PyObject *cell = PyTuple_GET_ITEM(cellvars, i);
        Py_ssize_t k = 0;
        int same = 0;
        while (k < nlocals) {
            same = PyObject_RichCompareBool(cell, PyTuple_GET_ITEM(varnames, k), Py_EQ);
            if (same != 0) {
                break;
            }
            k++;
        }
        if (same < 0) {
            return -1;
        }
        if (same) {
            kind[k] |= (char)CO_FAST_CELL;
        }
        else {
            PyTuple_SET_ITEM(*names, at, Py_NewRef(cell));
            kind[at++] = CO_FAST_CELL;
        }
    }
    for (Py_ssize_t i = 0; i < nfree; i++) {
        PyTuple_SET_ITEM(*names, at, Py_NewRef(PyTuple_GET_ITEM(freevars, i)));
        kind[at++] = (char)CO_FAST_FREE;
    }
    if (at == total) {
        return 0;
    }
    return _PyTuple_Resize(names, at) < 0 || _PyBytes_Resize(kinds, at) < 0 ? -1 : 0;
}

/* The attributes do not tell which variables belong to inlined comprehensions (PEP 709).  Outside
 * functions these are the ones that LOAD_FAST_AND_CLEAR saves: their slots are hidden from the
 * frame's locals.  `kinds` has no other owner yet. */
static void
mark_hidden(PyObject *code, PyObject *kinds)
{
    const _Py_CODEUNIT *units = (const _Py_CODEUNIT *)PyBytes_AS_STRING(code);
    Py_ssize_t n = PyBytes_GET_SIZE(code) / (Py_ssize_t)sizeof(_Py_CODEUNIT);
    unsigned int oparg = 0;
    assert(Py_REFCNT(kinds) == 1 || PyBytes_GET_SIZE(kinds) == 0);
    for (Py_ssize_t i = 0; i < n; i += 1 + _PyOpcode_Caches[_Py_OPCODE(units[i])]) {
        int op = _Py_OPCODE(units[i]);
        oparg = oparg << 8 | _Py_OPARG(units[i]);
        if (op == EXTENDED_ARG) {
            continue;
        }
        if (op == LOAD_FAST_AND_CLEAR && oparg < (size_t)PyBytes_GET_SIZE(kinds)) {
            PyBytes_AS_STRING(kinds)[oparg] |= (char)CO_FAST_HIDDEN;
        }
        oparg = 0;
    }
}

/* A new code object from the attributes that Python code sees. */
PyCodeObject *
PyUnstable_Code_NewWithPosOnlyArgs(int argcount, int posonlyargcount, int kwonlyargcount,
                                   int nlocals, int stacksize, int flags, PyObject *code,
                                   PyObject *consts, PyObject *names, PyObject *varnames,
                                   PyObject *freevars, PyObject *cellvars, PyObject *filename,
                                   PyObject *name, PyObject *qualname, int firstlineno,
                                   PyObject *linetable, PyObject *exceptiontable)
{
    PyCodeObject *co = NULL;
    PyObject *slots = NULL, *kinds = NULL;
    if (varnames == NULL || !PyTuple_Check(varnames) || cellvars == NULL
        || !PyTuple_Check(cellvars) || freevars == NULL || !PyTuple_Check(freevars))
    {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (merge_variables(varnames, cellvars, freevars, &slots, &kinds) < 0) {
        goto done;
    }
    struct _PyCodeConstructor con = {
        .filename = filename,
        .name = name,
        .qualname = qualname,
        .flags = flags,
        .code = code,
        .firstlineno = firstlineno,
        .linetable = linetable,
        .consts = consts,
        .names = names,
        .localsplusnames = slots,
        .localspluskinds = kinds,
        .argcount = argcount,
        .posonlyargcount = posonlyargcount,
        .kwonlyargcount = kwonlyargcount,
        .stacksize = stacksize,
        .exceptiontable = exceptiontable,
    };
    if (_PyCode_Validate(&con) < 0) {
        goto done;
    }
    if (nlocals != PyTuple_GET_SIZE(varnames)) {
        PyErr_SetString(PyExc_ValueError, "code: co_nlocals != len(co_varnames)");
        goto done;
    }
    if (!(flags & CO_OPTIMIZED)) {
        mark_hidden(code, kinds);
    }
    co = _PyCode_New(&con);
done:
    Py_XDECREF(slots);
    Py_XDECREF(kinds);
    return co;
}

PyCodeObject *
PyUnstable_Code_New(int argcount, int kwonlyargcount, int nlocals, int stacksize, int flags,
                    PyObject *code, PyObject *consts, PyObject *names, PyObject *varnames,
                    PyObject *freevars, PyObject *cellvars, PyObject *filename, PyObject *name,
                    PyObject *qualname, int firstlineno, PyObject *linetable,
                    PyObject *exceptiontable)
{
    return PyUnstable_Code_NewWithPosOnlyArgs(
        argcount, 0, kwonlyargcount, nlocals, stacksize, flags, code, consts, names, varnames,
        freevars, cellvars, filename, name, qualname, firstlineno, linetable, exceptiontable);
}

/* Code that raises AssertionError, with one line: to stand for C code in tracebacks. */
PyCodeObject *
PyCode_NewEmpty(const char *filename, const char *funcname, int firstlineno)
{
    static const uint8_t code[] = {RESUME, 0, LOAD_ASSERTION_ERROR, 0, RAISE_VARARGS, 1};
    static const uint8_t lines[] = {
        0x80 | (PY_CODE_LOCATION_INFO_NO_COLUMNS << 3) | (sizeof(code) / 2 - 1), 0};
    PyObject *file = PyUnicode_DecodeFSDefault(filename);
    PyObject *name = PyUnicode_FromString(funcname);
    PyObject *code_ob = PyBytes_FromStringAndSize((const char *)code, sizeof(code));
    PyObject *line_ob = PyBytes_FromStringAndSize((const char *)lines, sizeof(lines));
    PyObject *empty_tuple = PyTuple_New(0), *empty_bytes = PyBytes_FromStringAndSize("", 0);
    PyCodeObject *co = NULL;
    if (file != NULL && name != NULL && code_ob != NULL && line_ob != NULL
        && empty_tuple != NULL && empty_bytes != NULL)
    {
        struct _PyCodeConstructor con = {
            .filename = file,
            .name = name,
            .qualname = name,
            .code = code_ob,
            .firstlineno = firstlineno,
            .linetable = line_ob,
            .consts = empty_tuple,
            .names = empty_tuple,
            .localsplusnames = empty_tuple,
            .localspluskinds = empty_bytes,
            .exceptiontable = empty_bytes,
            .stacksize = 1,
        };
        co = _PyCode_New(&con);
    }
    Py_XDECREF(file);
    Py_XDECREF(name);
    Py_XDECREF(code_ob);
    Py_XDECREF(line_ob);
    Py_XDECREF(empty_tuple);
    Py_XDECREF(empty_bytes);
    return co;
}

/* Kept for the binary interface: the compiler optimises by itself, so this returns its argument. */
PyObject *
PyCode_Optimize(PyObject *code, PyObject *Py_UNUSED(consts), PyObject *Py_UNUSED(names),
                PyObject *Py_UNUSED(lnotab))
{
    return Py_NewRef(code);
}

/* --- constants ----------------------------------------------------------------------------- */

static PyObject *
tuple_key(PyObject *op)
{
    Py_ssize_t n = PyTuple_GET_SIZE(op);
    PyObject *keys = PyTuple_New(n);
    assert(PyTuple_CheckExact(op));
    for (Py_ssize_t i = 0; keys != NULL && i < n; i++) {
        PyObject *key = _PyCode_ConstantKey(PyTuple_GET_ITEM(op, i));
        if (key == NULL) {
            Py_CLEAR(keys);
            break;
        }
        PyTuple_SET_ITEM(keys, i, key);
    }
    if (keys == NULL) {
        return NULL;
    }
    PyObject *key = PyTuple_Pack(2, keys, op);
    Py_DECREF(keys);
    return key;
}

static PyObject *
frozenset_key(PyObject *op)
{
    PyObject *items = PySequence_Tuple(op), *keys = NULL, *set = NULL, *key = NULL;
    assert(PyFrozenSet_CheckExact(op));
    if (items == NULL) {
        return NULL;
    }
    keys = PyTuple_New(PyTuple_GET_SIZE(items));
    for (Py_ssize_t i = 0; keys != NULL && i < PyTuple_GET_SIZE(items); i++) {
        PyObject *k = _PyCode_ConstantKey(PyTuple_GET_ITEM(items, i));
        if (k == NULL) {
            Py_CLEAR(keys);
            break;
        }
        PyTuple_SET_ITEM(keys, i, k);
    }
    if (keys != NULL && (set = PyFrozenSet_New(keys)) != NULL) {
        key = PyTuple_Pack(2, set, op);
    }
    Py_DECREF(items);
    Py_XDECREF(keys);
    Py_XDECREF(set);
    return key;
}

/* Zeros of different sign are different constants, though equal. */
static PyObject *
signed_zero_key(PyObject *op, int negative_real, int negative_imag)
{
    static const char marks[2][2] = {{0, 1}, {2, 3}};
    int mark = marks[negative_real][negative_imag];
    if (mark == 0) {
        return PyTuple_Pack(2, Py_TYPE(op), op);
    }
    return Py_BuildValue("(OOi)", Py_TYPE(op), op, mark);
}

static int
is_negative_zero(double x)
{
    return x == 0.0 && copysign(1.0, x) < 0.0;
}

/* A key that is equal exactly for constants of the same type and value, elements included; a new
   reference. */
PyObject *
_PyCode_ConstantKey(PyObject *op)
{
    if (op == Py_None || op == Py_Ellipsis || PyLong_CheckExact(op) || PyUnicode_CheckExact(op)
        || PyCode_Check(op))
    {
        /* never equal to an object of another of these types */
        return Py_NewRef(op);
    }
    if (PyBool_Check(op) || PyBytes_CheckExact(op)) {
        return PyTuple_Pack(2, Py_TYPE(op), op);
    }
    if (PyFloat_CheckExact(op)) {
        return signed_zero_key(op, is_negative_zero(PyFloat_AS_DOUBLE(op)), 0);
    }
    if (PyComplex_CheckExact(op)) {
        Py_complex z = PyComplex_AsCComplex(op);
        return signed_zero_key(op, is_negative_zero(z.real), is_negative_zero(z.imag));
    }
    if (PyTuple_CheckExact(op)) {
        return tuple_key(op);
    }
    if (PyFrozenSet_CheckExact(op)) {
        return frozenset_key(op);
    }
    /* Any other object: its identity. */
    PyObject *id = PyLong_FromVoidPtr(op);
    if (id == NULL) {
        return NULL;
    }
    PyObject *key = PyTuple_Pack(2, id, op);
    Py_DECREF(id);
    return key;
}

/* --- attributes computed at need ----------------------------------------------------------- */

/* Bytes of the generic instructions; a new reference. */
PyObject *
_PyCode_GetCode(PyCodeObject *co)
{
    struct _PyCodeRecord *record = _PyCode_GetRecord(_PyInterpreterState_GET(), co);
    if (record == NULL) {
        return NULL;
    }
    if (record->code_bytes == NULL) {
        record->code_bytes = PyBytes_FromStringAndSize((const char *)_PyCode_UNITS(co),
                                                       _PyCode_NBYTES(co));
    }
    return Py_XNewRef(record->code_bytes);
}

static PyObject *
names_of_kind(PyCodeObject *co, int kind, int n)
{
    PyObject *names = PyTuple_New(n);
    int at = 0;
    assert(n >= 0);
    for (int i = 0; names != NULL && i < co->co_nlocalsplus; i++) {
        if (_PyLocals_GetKind(co->co_localspluskinds, i) & kind) {
            assert(at < n);
            PyTuple_SET_ITEM(names, at++,
                             Py_NewRef(PyTuple_GET_ITEM(co->co_localsplusnames, i)));
        }
    }
    assert(names == NULL || at == n);
    return names;
}

PyObject *
_PyCode_GetVarnames(PyCodeObject *co)
{
    struct _PyCodeRecord *record = _PyCode_GetRecord(_PyInterpreterState_GET(), co);
    if (record == NULL) {
        return NULL;
    }
    if (record->varnames == NULL) {
        record->varnames = names_of_kind(co, CO_FAST_LOCAL, co->co_nlocals);
    }
    return Py_XNewRef(record->varnames);
}

PyObject *
_PyCode_GetCellvars(PyCodeObject *co)
{
    struct _PyCodeRecord *record = _PyCode_GetRecord(_PyInterpreterState_GET(), co);
    if (record == NULL) {
        return NULL;
    }
    if (record->cellvars == NULL) {
        record->cellvars = names_of_kind(co, CO_FAST_CELL, co->co_ncellvars);
    }
    return Py_XNewRef(record->cellvars);
}

PyObject *
_PyCode_GetFreevars(PyCodeObject *co)
{
    struct _PyCodeRecord *record = _PyCode_GetRecord(_PyInterpreterState_GET(), co);
    if (record == NULL) {
        return NULL;
    }
    if (record->freevars == NULL) {
        record->freevars = names_of_kind(co, CO_FAST_FREE, co->co_nfreevars);
    }
    return Py_XNewRef(record->freevars);
}

PyObject *
PyCode_GetCode(PyCodeObject *co)
{
    return _PyCode_GetCode(co);
}

PyObject *
PyCode_GetVarnames(PyCodeObject *co)
{
    return _PyCode_GetVarnames(co);
}

PyObject *
PyCode_GetCellvars(PyCodeObject *co)
{
    return _PyCode_GetCellvars(co);
}

PyObject *
PyCode_GetFreevars(PyCodeObject *co)
{
    return _PyCode_GetFreevars(co);
}

/* --- the type ------------------------------------------------------------------------------ */

/* Tuple of exact strings, equal to names; a new reference. */
static PyObject *
checked_names(PyObject *names)
{
    Py_ssize_t n = PyTuple_GET_SIZE(names);
    PyObject *copy = PyTuple_New(n);
    assert(PyTuple_Check(names));
    for (Py_ssize_t i = 0; copy != NULL && i < n; i++) {
        PyObject *item = PyTuple_GET_ITEM(names, i);
        if (PyUnicode_CheckExact(item)) {
            Py_INCREF(item);
        }
        else if (PyUnicode_Check(item)) {
            item = PyUnicode_FromObject(item);
        }
        else {
            PyErr_Format(PyExc_TypeError, "name tuples must contain only strings, not '%.500s'",
                         Py_TYPE(item)->tp_name);
            item = NULL;
        }
        if (item == NULL) {
            Py_CLEAR(copy);
            break;
        }
        PyTuple_SET_ITEM(copy, i, item);
    }
    return copy;
}

static int
check_count(int value, const char *name)
{
    if (value < 0) {
        PyErr_Format(PyExc_ValueError, "code: %s must not be negative", name);
        return -1;
    }
    return 0;
}

/*sig code.__new__(type, argcount: int, posonlyargcount: int, kwonlyargcount: int, nlocals: int,
                   stacksize: int, flags: int, codestring: bytes, constants: tuple, names: tuple,
                   varnames: tuple, filename: unicode, name: unicode, qualname: unicode,
                   firstlineno: int, linetable: bytes, exceptiontable: bytes,
                   freevars: tuple = c"NULL" py"()", cellvars: tuple = c"NULL" py"()", /)

Create a code object.  Not for the faint of heart.
*/
static PyObject *
code_new_impl(PyTypeObject *Py_UNUSED(type), int argcount, int posonlyargcount,
              int kwonlyargcount, int nlocals, int stacksize, int flags, PyObject *codestring,
              PyObject *constants, PyObject *names, PyObject *varnames, PyObject *filename,
              PyObject *name, PyObject *qualname, int firstlineno, PyObject *linetable,
              PyObject *exceptiontable, PyObject *freevars, PyObject *cellvars)
{
    PyObject *result = NULL, *empty = NULL, *own[4] = {NULL};
    if (PySys_Audit("code.__new__", "OOOiiiiii", codestring, filename, name, argcount,
                    posonlyargcount, kwonlyargcount, nlocals, stacksize, flags) < 0
        || check_count(argcount, "argcount") < 0
        || check_count(posonlyargcount, "posonlyargcount") < 0
        || check_count(kwonlyargcount, "kwonlyargcount") < 0
        || check_count(nlocals, "nlocals") < 0
        || (empty = PyTuple_New(0)) == NULL)
    {
        return NULL;
    }
    PyObject *given[4] = {names, varnames, freevars ? freevars : empty,
                          cellvars ? cellvars : empty};
    for (int i = 0; i < 4; i++) {
        own[i] = checked_names(given[i]);
        if (own[i] == NULL) {
            goto done;
        }
    }
    result = (PyObject *)PyUnstable_Code_NewWithPosOnlyArgs(
        argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize, flags, codestring,
        constants, own[0], own[1], own[2], own[3], filename, name, qualname, firstlineno,
        linetable, exceptiontable);
done:
    for (int i = 0; i < 4; i++) {
        Py_XDECREF(own[i]);
    }
    Py_DECREF(empty);
    return result;
}

static int
check_replaced(int value, const char *name)
{
    if (value < 0) {
        PyErr_Format(PyExc_ValueError, "%s must be a positive integer", name);
        return -1;
    }
    return 0;
}

/*sig code.replace(self, *, co_argcount: int = c"((PyCodeObject *)self)->co_argcount" py"unchanged",
        co_posonlyargcount: int = c"((PyCodeObject *)self)->co_posonlyargcount" py"unchanged",
        co_kwonlyargcount: int = c"((PyCodeObject *)self)->co_kwonlyargcount" py"unchanged",
        co_nlocals: int = c"((PyCodeObject *)self)->co_nlocals" py"unchanged",
        co_stacksize: int = c"((PyCodeObject *)self)->co_stacksize" py"unchanged",
        co_flags: int = c"((PyCodeObject *)self)->co_flags" py"unchanged",
        co_firstlineno: int = c"((PyCodeObject *)self)->co_firstlineno" py"unchanged",
        co_code: bytes = c"NULL" py"unchanged", co_consts: tuple = c"NULL" py"unchanged",
        co_names: tuple = c"NULL" py"unchanged", co_varnames: tuple = c"NULL" py"unchanged",
        co_freevars: tuple = c"NULL" py"unchanged", co_cellvars: tuple = c"NULL" py"unchanged",
        co_filename: unicode = c"NULL" py"unchanged", co_name: unicode = c"NULL" py"unchanged",
        co_qualname: unicode = c"NULL" py"unchanged", co_linetable: bytes = c"NULL" py"unchanged",
        co_exceptiontable: bytes = c"NULL" py"unchanged")

Return a copy of the code object with new values for the specified fields.
*/
static PyObject *
code_replace_impl(PyCodeObject *self, int co_argcount, int co_posonlyargcount,
                  int co_kwonlyargcount, int co_nlocals, int co_stacksize, int co_flags,
                  int co_firstlineno, PyObject *co_code, PyObject *co_consts,
                  PyObject *co_names, PyObject *co_varnames, PyObject *co_freevars,
                  PyObject *co_cellvars, PyObject *co_filename, PyObject *co_name,
                  PyObject *co_qualname, PyObject *co_linetable, PyObject *co_exceptiontable)
{
    if (check_replaced(co_argcount, "co_argcount") < 0
        || check_replaced(co_posonlyargcount, "co_posonlyargcount") < 0
        || check_replaced(co_kwonlyargcount, "co_kwonlyargcount") < 0
        || check_replaced(co_nlocals, "co_nlocals") < 0
        || check_replaced(co_stacksize, "co_stacksize") < 0
        || check_replaced(co_flags, "co_flags") < 0
        || check_replaced(co_firstlineno, "co_firstlineno") < 0)
    {
        return NULL;
    }
    PyObject *result = NULL;
    PyObject *code = co_code ? Py_NewRef(co_code) : _PyCode_GetCode(self);
    PyObject *varnames = co_varnames ? Py_NewRef(co_varnames) : _PyCode_GetVarnames(self);
    PyObject *cellvars = co_cellvars ? Py_NewRef(co_cellvars) : _PyCode_GetCellvars(self);
    PyObject *freevars = co_freevars ? Py_NewRef(co_freevars) : _PyCode_GetFreevars(self);
    PyObject *filename = co_filename ? co_filename : self->co_filename;
    PyObject *name = co_name ? co_name : self->co_name;
    if (code != NULL && varnames != NULL && cellvars != NULL && freevars != NULL
        && PySys_Audit("code.__new__", "OOOiiiiii", code, filename, name, co_argcount,
                       co_posonlyargcount, co_kwonlyargcount, co_nlocals, co_stacksize,
                       co_flags) == 0)
    {
        result = (PyObject *)PyUnstable_Code_NewWithPosOnlyArgs(
            co_argcount, co_posonlyargcount, co_kwonlyargcount, co_nlocals, co_stacksize,
            co_flags, code, co_consts ? co_consts : self->co_consts,
            co_names ? co_names : self->co_names, varnames, freevars, cellvars, filename, name,
            co_qualname ? co_qualname : self->co_qualname, co_firstlineno,
            co_linetable ? co_linetable : self->co_linetable,
            co_exceptiontable ? co_exceptiontable : self->co_exceptiontable);
    }
    Py_XDECREF(code);
    Py_XDECREF(varnames);
    Py_XDECREF(cellvars);
    Py_XDECREF(freevars);
    return result;
}

/*sig code._varname_from_oparg(self, oparg: int)

(internal-only) Return the local variable name for the given oparg.

WARNING: this method is for internal use only and may change or go away.
*/
static PyObject *
code__varname_from_oparg_impl(PyCodeObject *self, int oparg)
{
    return Py_XNewRef(PyTuple_GetItem(self->co_localsplusnames, oparg));
}

static void
code_dealloc(PyCodeObject *co)
{
    assert(co->co_state_index == 0);    /* shared code is immortal */
    /* A watcher may look at the object: it lives once more for that time. */
    Py_SET_REFCNT(co, 1);
    notify_watchers(PY_CODE_EVENT_DESTROY, co);
    if (Py_REFCNT(co) > 1) {
        Py_SET_REFCNT(co, Py_REFCNT(co) - 1);
        return;
    }
    Py_SET_REFCNT(co, 0);
    if (co->co_weakreflist != NULL) {
        PyObject_ClearWeakRefs((PyObject *)co);
    }
    if (co->co_record != NULL) {
        struct _PyCodeRecord *record = co->co_record;
        co->co_record = NULL;
        _PyCodeRecord_Free(_PyInterpreterState_GET(), record);
    }
    Py_XDECREF(co->co_consts);
    Py_XDECREF(co->co_names);
    Py_XDECREF(co->co_localsplusnames);
    Py_XDECREF(co->co_localspluskinds);
    Py_XDECREF(co->co_filename);
    Py_XDECREF(co->co_name);
    Py_XDECREF(co->co_qualname);
    Py_XDECREF(co->co_linetable);
    Py_XDECREF(co->co_exceptiontable);
    PyObject_Free(co);
}

static PyObject *
code_repr(PyCodeObject *co)
{
    int line = co->co_firstlineno != 0 ? co->co_firstlineno : -1;
    assert(PyCode_Check(co));
    return PyUnicode_FromFormat("<code object %U at %p, file \"%U\", line %d>", co->co_name, co,
                                co->co_filename, line);
}

static int
same_constants(PyObject *a, PyObject *b)
{
    PyObject *ka = _PyCode_ConstantKey(a), *kb = NULL;
    int eq = -1;
    if (ka != NULL && (kb = _PyCode_ConstantKey(b)) != NULL) {
        eq = PyObject_RichCompareBool(ka, kb, Py_EQ);
    }
    Py_XDECREF(ka);
    Py_XDECREF(kb);
    return eq;
}

/* 1 if a and b do the same; the file name does not count. */
static int
code_equal(PyCodeObject *a, PyCodeObject *b)
{
    assert(PyCode_Check(a) && PyCode_Check(b));
    if (a->co_argcount != b->co_argcount || a->co_posonlyargcount != b->co_posonlyargcount
        || a->co_kwonlyargcount != b->co_kwonlyargcount || a->co_flags != b->co_flags
        || a->co_firstlineno != b->co_firstlineno || a->co_nunits != b->co_nunits
        || memcmp(_PyCode_UNITS(a), _PyCode_UNITS(b), (size_t)_PyCode_NBYTES(a)) != 0)
    {
        return 0;
    }
    int eq = same_constants(a->co_consts, b->co_consts);
    PyObject *pairs[][2] = {
        {a->co_name, b->co_name},
        {a->co_names, b->co_names},
        {a->co_localsplusnames, b->co_localsplusnames},
        {a->co_localspluskinds, b->co_localspluskinds},
        {a->co_linetable, b->co_linetable},
        {a->co_exceptiontable, b->co_exceptiontable},
    };
    for (size_t i = 0; eq == 1 && i < Py_ARRAY_LENGTH(pairs); i++) {
        eq = PyObject_RichCompareBool(pairs[i][0], pairs[i][1], Py_EQ);
    }
    return eq;
}

static PyObject *
code_richcompare(PyObject *self, PyObject *other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyCode_Check(self) || !PyCode_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int eq = code_equal((PyCodeObject *)self, (PyCodeObject *)other);
    if (eq < 0) {
        return NULL;
    }
    return PyBool_FromLong(eq == (op == Py_EQ));
}

static Py_hash_t
code_hash(PyCodeObject *co)
{
    PyObject *parts[] = {co->co_name, co->co_consts, co->co_names, co->co_localsplusnames,
                         co->co_linetable, co->co_exceptiontable};
    assert(PyCode_Check(co));
    Py_uhash_t hash = 20221211;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(parts); i++) {
        Py_hash_t h = PyObject_Hash(parts[i]);
        if (h == -1) {
            return -1;
        }
        hash = (hash ^ (Py_uhash_t)h) * 1000003;
    }
    int numbers[] = {co->co_argcount, co->co_posonlyargcount, co->co_kwonlyargcount,
                     co->co_flags, co->co_firstlineno};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(numbers); i++) {
        hash = (hash ^ (Py_uhash_t)numbers[i]) * 1000003;
    }
    hash ^= (Py_uhash_t)_Py_HashBytes(_PyCode_UNITS(co), _PyCode_NBYTES(co));
    return hash == (Py_uhash_t)-1 ? -2 : (Py_hash_t)hash;
}

static PyObject *
code_sizeof(PyCodeObject *co, PyObject *Py_UNUSED(ignored))
{
    size_t size = sizeof(PyCodeObject);
    if (co->co_state_index == 0) {
        size += (size_t)_PyCode_NBYTES(co);
    }
    struct _PyCodeRecord *record = _PyCode_PeekRecord(_PyInterpreterState_GET(), co);
    if (record != NULL) {
        size += sizeof(*record) + (size_t)record->n_extra * sizeof(void *);
    }
    return PyLong_FromSize_t(size);
}

static PyObject *
code_lines(PyCodeObject *co, PyObject *Py_UNUSED(ignored))
{
    return _PyCode_LineIterator(co);
}

static PyObject *
code_positions(PyCodeObject *co, PyObject *Py_UNUSED(ignored))
{
    return _PyCode_PositionsIterator(co);
}

static PyObject *
code_get_lnotab(PyCodeObject *co, void *Py_UNUSED(closure))
{
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "co_lnotab is deprecated, use co_lines instead.", 1) < 0)
    {
        return NULL;
    }
    return _PyCode_MakeLnotab(co);
}

static PyObject *
code_get_code(PyCodeObject *co, void *Py_UNUSED(closure))
{
    return _PyCode_GetCode(co);
}

static PyObject *
code_get_varnames(PyCodeObject *co, void *Py_UNUSED(closure))
{
    return _PyCode_GetVarnames(co);
}

static PyObject *
code_get_cellvars(PyCodeObject *co, void *Py_UNUSED(closure))
{
    return _PyCode_GetCellvars(co);
}

static PyObject *
code_get_freevars(PyCodeObject *co, void *Py_UNUSED(closure))
{
    return _PyCode_GetFreevars(co);
}

#define LAST_PUBLISHED LOAD_FROM_DICT_OR_DEREF   /* of the codes that opcode.py of 3.12 names */

/* The units that this interpreter runs: specialised if the code is warm.  Codes that 3.12 does
 * not publish show as the instruction they stand for. */
static PyObject *
code_get_code_adaptive(PyCodeObject *co, void *Py_UNUSED(closure))
{
    const _Py_CODEUNIT *units = _PyCode_UNITS(co);
    struct _PyCodeRecord *record = _PyCode_PeekRecord(_PyInterpreterState_GET(), co);
    if (record != NULL && record->executable != NULL) {
        assert(record->executable->n_units == co->co_nunits);
        units = record->executable->units;
    }
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)units, _PyCode_NBYTES(co));
    if (bytes == NULL) {
        return NULL;
    }
    unsigned char *p = (unsigned char *)PyBytes_AS_STRING(bytes);
    for (uint32_t i = 0; i < co->co_nunits; i++) {
        unsigned char op = p[2 * i], generic = _PyOpcode_Deopt[op];
        if (LAST_PUBLISHED < op && op < MIN_INSTRUMENTED_OPCODE) {
            p[2 * i] = generic;
        }
        i += _PyOpcode_Caches[op];
    }
    return bytes;
}

#define OFF(x) offsetof(PyCodeObject, x)
static _Py_SHARED PyMemberDef code_members[] = {
    {"co_argcount", T_INT, OFF(co_argcount), READONLY, NULL},
    {"co_posonlyargcount", T_INT, OFF(co_posonlyargcount), READONLY, NULL},
    {"co_kwonlyargcount", T_INT, OFF(co_kwonlyargcount), READONLY, NULL},
    {"co_stacksize", T_INT, OFF(co_stacksize), READONLY, NULL},
    {"co_flags", T_INT, OFF(co_flags), READONLY, NULL},
    {"co_names", T_OBJECT, OFF(co_names), READONLY, NULL},
    {"co_filename", T_OBJECT, OFF(co_filename), READONLY, NULL},
    {"co_name", T_OBJECT, OFF(co_name), READONLY, NULL},
    {"co_qualname", T_OBJECT, OFF(co_qualname), READONLY, NULL},
    {"co_firstlineno", T_INT, OFF(co_firstlineno), READONLY, NULL},
    {"co_linetable", T_OBJECT, OFF(co_linetable), READONLY, NULL},
    {"co_exceptiontable", T_OBJECT, OFF(co_exceptiontable), READONLY, NULL},
    {"co_nlocals", T_INT, OFF(co_nlocals), READONLY, NULL},
    {"co_consts", T_OBJECT, OFF(co_consts), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};
#undef OFF

static _Py_SHARED PyGetSetDef code_getset[] = {
    {"co_lnotab", (getter)code_get_lnotab, NULL, NULL, NULL},
    {"_co_code_adaptive", (getter)code_get_code_adaptive, NULL, NULL, NULL},
    {"co_varnames", (getter)code_get_varnames, NULL, NULL, NULL},
    {"co_cellvars", (getter)code_get_cellvars, NULL, NULL, NULL},
    {"co_freevars", (getter)code_get_freevars, NULL, NULL, NULL},
    {"co_code", (getter)code_get_code, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(replace_doc,
"replace($self, /, **changes)\n"
"--\n"
"\n"
"Return a copy of the code object with new values for the specified fields.");

static _Py_SHARED PyMethodDef code_methods[] = {
    {"__sizeof__", (PyCFunction)code_sizeof, METH_NOARGS, NULL},
    {"co_lines", (PyCFunction)code_lines, METH_NOARGS, NULL},
    {"co_positions", (PyCFunction)code_positions, METH_NOARGS, NULL},
    {"replace", (PyCFunction)(void (*)(void))code_replace, METH_FASTCALL | METH_KEYWORDS,
     replace_doc},
    CODE__VARNAME_FROM_OPARG_METHODDEF
    {NULL, NULL, 0, NULL},
};

_Py_SHARED PyTypeObject PyCode_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "code",
    .tp_basicsize = sizeof(PyCodeObject),
    .tp_itemsize = sizeof(_Py_CODEUNIT),
    .tp_dealloc = (destructor)code_dealloc,
    .tp_repr = (reprfunc)code_repr,
    .tp_hash = (hashfunc)code_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = code_new__doc__,
    .tp_richcompare = code_richcompare,
    /* of run-time code; see _PyCode_GetWeakrefList */
    .tp_weaklistoffset = offsetof(PyCodeObject, co_weakreflist),
    .tp_methods = code_methods,
    .tp_members = code_members,
    .tp_getset = code_getset,
    .tp_new = code_new,
};
