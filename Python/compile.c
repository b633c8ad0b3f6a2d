/* The compiler: driver, scopes, names and constants.  See pycore_codegen.h for the structures.

   The tree has been folded by ast_opt.c and analysed by symtable.c.  Each block becomes a code
   unit: visiting its statements appends instructions to the unit's sequence, which flowgraph.c
   optimises and assemble.c turns into a code object.  The other compile_*.c files hold the
   visitors.

   Written from: the language reference, the dis documentation, PEP 3155, 563, 626, 695, 709, and by
   comparing with the output of 3.12. */

#include "Python.h"
#include "pycore_codegen.h"

/* --- errors -------------------------------------------------------------------------------- */

/* Note that an exception is set. */
void
_PyCg_Fail(struct compiler *c)
{
    assert(PyErr_Occurred());
    c->failed = 1;
}

void
_PyCg_SyntaxError(struct compiler *c, location loc, const char *format, ...)
{
    if (c->failed) {
        return;
    }
    c->failed = 1;
    va_list ap;
    va_start(ap, format);
    PyObject *msg = PyUnicode_FromFormatV(format, ap);
    va_end(ap);
    if (msg == NULL) {
        return;
    }
    PyObject *text = PyErr_ProgramTextObject(c->filename, loc.lineno);
    if (text == NULL) {
        if (PyErr_Occurred()) {
            PyErr_Clear();
        }
        text = Py_NewRef(Py_None);
    }
    PyObject *args = Py_BuildValue("O(OiiNii)", msg, c->filename, loc.lineno,
                                   loc.col_offset + 1, text, loc.end_lineno,
                                   loc.end_col_offset + 1);
    if (args != NULL) {
        PyErr_SetObject(PyExc_SyntaxError, args);
        Py_DECREF(args);
    }
    Py_DECREF(msg);
}

/* SyntaxWarning; if the filters make it an error, it becomes a SyntaxError with the same text. */
void
_PyCg_Warn(struct compiler *c, location loc, const char *format, ...)
{
    if (c->failed) {
        return;
    }
    va_list ap;
    va_start(ap, format);
    PyObject *msg = PyUnicode_FromFormatV(format, ap);
    va_end(ap);
    if (msg == NULL) {
        c->failed = 1;
        return;
    }
    if (PyErr_WarnExplicitObject(PyExc_SyntaxWarning, msg, c->filename, loc.lineno, NULL,
                                 NULL) < 0)
    {
        if (PyErr_ExceptionMatches(PyExc_SyntaxWarning)) {
            PyErr_Clear();
            _PyCg_SyntaxError(c, loc, "%U", msg);
        }
        c->failed = 1;
    }
    Py_DECREF(msg);
}

/* --- emitting ------------------------------------------------------------------------------ */

void
_PyCg_Emit(struct compiler *c, location loc, int opcode, int oparg)
{
    if (!c->failed && _PyInstrSequence_Append(&c->u->seq, opcode, oparg, loc) < 0) {
        c->failed = 1;
    }
}

int
_PyCg_NewLabel(struct compiler *c)
{
    int label = c->failed ? -1 : _PyInstrSequence_NewLabel(&c->u->seq);
    if (label < 0) {
        c->failed = 1;
    }
    return label;
}

void
_PyCg_Use(struct compiler *c, int label)
{
    if (!c->failed && _PyInstrSequence_PlaceLabel(&c->u->seq, label) < 0) {
        c->failed = 1;
    }
}

/* Index of key in a name -> index dict, added at need; -1 with `failed` set. */
static int
dict_index(struct compiler *c, PyObject *dict, PyObject *key)
{
    PyObject *v = PyDict_GetItemWithError(dict, key);
    if (v != NULL) {
        return (int)PyLong_AsLong(v);
    }
    Py_ssize_t n = PyDict_GET_SIZE(dict);
    if (!PyErr_Occurred()) {
        v = PyLong_FromSsize_t(n);
        if (v != NULL && PyDict_SetItem(dict, key, v) == 0) {
            Py_DECREF(v);
            return (int)n;
        }
        Py_XDECREF(v);
    }
    _PyCg_Fail(c);
    return -1;
}

static PyObject *
intern_tuple(PyObject *const_cache, PyObject *tuple)
{
    Py_ssize_t n = PyTuple_GET_SIZE(tuple);
    PyObject *copy = PyTuple_New(n);
    assert(PyTuple_CheckExact(tuple));
    for (Py_ssize_t i = 0; copy != NULL && i < n; i++) {
        PyObject *item = _PyCompile_InternConst(const_cache, PyTuple_GET_ITEM(tuple, i));
        if (item == NULL) {
            Py_CLEAR(copy);
            break;
        }
        PyTuple_SET_ITEM(copy, i, item);
    }
    return copy;
}

static PyObject *
intern_frozenset(PyObject *const_cache, PyObject *set)
{
    PyObject *list = PySequence_Tuple(set);
    assert(PyFrozenSet_CheckExact(set));
    if (list == NULL) {
        return NULL;
    }
    PyObject *interned = intern_tuple(const_cache, list);
    Py_DECREF(list);
    if (interned == NULL) {
        return NULL;
    }
    PyObject *copy = PyFrozenSet_New(interned);
    Py_DECREF(interned);
    return copy;
}

PyObject *
_PyCompile_InternConst(PyObject *const_cache, PyObject *obj)
{
    assert(PyDict_CheckExact(const_cache));
    if (obj == Py_None || obj == Py_Ellipsis || obj == Py_True || obj == Py_False) {
        return Py_NewRef(obj);
    }
    PyObject *key = _PyCode_ConstantKey(obj);
    if (key == NULL) {
        return NULL;
    }
    PyObject *seen = PyDict_GetItemWithError(const_cache, key), *result = NULL;
    if (seen != NULL) {
        result = Py_NewRef(seen);
    }
    else if (!PyErr_Occurred()) {
        if (PyTuple_CheckExact(obj)) {
            result = intern_tuple(const_cache, obj);
        }
        else if (PyFrozenSet_CheckExact(obj) && PySet_GET_SIZE(obj) > 0) {
            result = intern_frozenset(const_cache, obj);
        }
        else {
            result = Py_NewRef(obj);
        }
        if (result != NULL && PyDict_SetItem(const_cache, key, result) < 0) {
            Py_CLEAR(result);
        }
    }
    Py_DECREF(key);
    return result;
}

/* Index of a constant of the unit; -1 with `failed` set. */
int
_PyCg_AddConst(struct compiler *c, PyObject *obj)
{
    if (c->failed) {
        return -1;
    }
    int index = -1;
    PyObject *interned = _PyCompile_InternConst(c->const_cache, obj);
    PyObject *key = interned == NULL ? NULL : _PyCode_ConstantKey(interned);
    if (key == NULL) {
        _PyCg_Fail(c);
    }
    else {
        index = dict_index(c, c->u->meta.u_consts, key);
        if (index == PyList_GET_SIZE(c->u->consts)
            && PyList_Append(c->u->consts, interned) < 0)
        {
            _PyCg_Fail(c);
            index = -1;
        }
    }
    Py_XDECREF(key);
    Py_XDECREF(interned);
    return index;
}

void
_PyCg_LoadConst(struct compiler *c, location loc, PyObject *obj)
{
    int index = _PyCg_AddConst(c, obj);
    _PyCg_Emit(c, loc, LOAD_CONST, index);
}

/* Like _PyCg_LoadConst, but takes over the reference; obj NULL: an exception is set. */
void
_PyCg_LoadNewConst(struct compiler *c, location loc, PyObject *obj)
{
    if (obj == NULL) {
        c->failed = 1;
        return;
    }
    _PyCg_LoadConst(c, loc, obj);
    Py_DECREF(obj);
}

void
_PyCg_EmitIndexed(struct compiler *c, location loc, int opcode, PyObject *dict, PyObject *name)
{
    if (!c->failed) {
        int index = dict_index(c, dict, name);
        _PyCg_Emit(c, loc, opcode, index);
    }
}

PyObject *
_PyCg_Mangle(struct compiler *c, PyObject *name)
{
    PyObject *mangled = c->failed ? NULL : _Py_Mangle(c->u->private, name);
    assert(PyUnicode_Check(name));
    if (mangled == NULL) {
        c->failed = 1;
    }
    return mangled;
}

/* An instruction whose argument is a name (not a variable); the pseudo opcodes for methods and
   super become their real ones with flag bits in the argument. */
void
_PyCg_EmitName(struct compiler *c, location loc, int opcode, PyObject *name)
{
    PyObject *mangled = _PyCg_Mangle(c, name);
    assert(opcode != LOAD_GLOBAL);
    if (mangled == NULL) {
        return;
    }
    int arg = dict_index(c, c->u->meta.u_names, mangled);
    Py_DECREF(mangled);
    switch (opcode) {
    case LOAD_ATTR:
        arg = (int)((unsigned)arg << 1);
        break;
    case LOAD_METHOD:
        opcode = LOAD_ATTR;
        arg = (int)((unsigned)arg << 1 | 1);
        break;
    case LOAD_SUPER_ATTR:
        arg = (int)((unsigned)arg << 2 | 2);
        break;
    case LOAD_SUPER_METHOD:
        opcode = LOAD_SUPER_ATTR;
        arg = (int)((unsigned)arg << 2 | 3);
        break;
    case LOAD_ZERO_SUPER_ATTR:
        opcode = LOAD_SUPER_ATTR;
        arg = (int)((unsigned)arg << 2);
        break;
    case LOAD_ZERO_SUPER_METHOD:
        opcode = LOAD_SUPER_ATTR;
        arg = (int)((unsigned)arg << 2 | 1);
        break;
    default:
        break;
    }
    _PyCg_Emit(c, loc, opcode, arg);
}

/* --- names --------------------------------------------------------------------------------- */

/* `__debug__` can be neither assigned nor deleted. */
int
_PyCg_Forbidden(struct compiler *c, location loc, PyObject *name, expr_context_ty ctx)
{
    if (c->failed) {
        return 1;
    }
    if (ctx != Load && _PyUnicode_EqualToASCIIString(name, "__debug__")) {
        _PyCg_SyntaxError(c, loc, ctx == Store ? "cannot assign to __debug__"
                          : "cannot delete __debug__");
        return 1;
    }
    return 0;
}

/* Scope of a mangled name as the unit sees it. */
int
_PyCg_GetRefType(struct compiler *c, PyObject *name)
{
    if (c->u->kind == UNIT_CLASS
        && (_PyUnicode_EqualToASCIIString(name, "__class__")
            || _PyUnicode_EqualToASCIIString(name, "__classdict__")))
    {
        return CELL;
    }
    int scope = _PyST_GetScope(c->u->ste, name);
    if (scope == 0) {
        PyErr_Format(PyExc_SystemError,
                     "_PyST_GetScope(name=%R) failed: unknown scope in unit %S (%R); "
                     "symbols: %R; locals: %R; globals: %R",
                     name, c->u->meta.u_name, c->u->ste->ste_id, c->u->ste->ste_symbols,
                     c->u->meta.u_varnames, c->u->meta.u_names);
        c->failed = 1;
    }
    return scope;
}

static int
is_fast_hidden(struct compiler *c, PyObject *name)
{
    PyObject *v = PyDict_GetItemWithError(c->u->meta.u_fasthidden, name);
    if (v == NULL && PyErr_Occurred()) {
        _PyCg_Fail(c);
    }
    return v == Py_True;
}

enum variable_kind {VAR_FAST, VAR_GLOBAL, VAR_DEREF, VAR_NAME};

static const int variable_opcodes[4][3] = {
    [VAR_FAST] = {LOAD_FAST, STORE_FAST, DELETE_FAST},
    [VAR_GLOBAL] = {LOAD_GLOBAL, STORE_GLOBAL, DELETE_GLOBAL},
    [VAR_DEREF] = {LOAD_DEREF, STORE_DEREF, DELETE_DEREF},
    [VAR_NAME] = {LOAD_NAME, STORE_NAME, DELETE_NAME},
};

static int
is_class_unit(struct compiler *c)
{
    return c->u->ste->ste_type == ClassBlock;
}

/* How `name` (mangled) is reached, and the dict its index is in. */
static enum variable_kind
find_variable(struct compiler *c, PyObject *name, int *scope, PyObject **dict)
{
    PySTEntryObject *ste = c->u->ste;
    *dict = c->u->meta.u_names;
    *scope = _PyST_GetScope(ste, name);
    switch (*scope) {
    case FREE:
        *dict = c->u->meta.u_freevars;
        return VAR_DEREF;
    case CELL:
        *dict = c->u->meta.u_cellvars;
        return VAR_DEREF;
    case LOCAL:
        if (_PyST_IsFunctionLike(ste) || is_fast_hidden(c, name)) {
            *dict = c->u->meta.u_varnames;
            return VAR_FAST;
        }
        return VAR_NAME;
    case GLOBAL_IMPLICIT:
        return _PyST_IsFunctionLike(ste) ? VAR_GLOBAL : VAR_NAME;
    case GLOBAL_EXPLICIT:
        return VAR_GLOBAL;
    default:
        return VAR_NAME;
    }
}

/* Push the namespace of the class around a PEP 695 scope: always a free variable there. */
static void
load_classdict(struct compiler *c, location loc)
{
    assert(_PyST_GetScope(c->u->ste, &_Py_ID(__classdict__)) == FREE);
    _PyCg_EmitIndexed(c, loc, LOAD_DEREF, c->u->meta.u_freevars, &_Py_ID(__classdict__));
}

static void
load_variable(struct compiler *c, location loc, PyObject *name, enum variable_kind kind,
              int scope, PyObject *dict)
{
    PySTEntryObject *ste = c->u->ste;
    switch (kind) {
    case VAR_DEREF:
        if (is_class_unit(c) && !c->u->in_inlined_comp) {
            _PyCg_Emit(c, loc, LOAD_LOCALS, 0);
            _PyCg_EmitIndexed(c, loc, LOAD_FROM_DICT_OR_DEREF, dict, name);
        }
        else if (ste->ste_can_see_class_scope) {
            load_classdict(c, loc);
            _PyCg_EmitIndexed(c, loc, LOAD_FROM_DICT_OR_DEREF, dict, name);
        }
        else {
            _PyCg_EmitIndexed(c, loc, LOAD_DEREF, dict, name);
        }
        return;
    case VAR_GLOBAL:
        if (ste->ste_can_see_class_scope && scope == GLOBAL_IMPLICIT) {
            load_classdict(c, loc);
            _PyCg_EmitIndexed(c, loc, LOAD_FROM_DICT_OR_GLOBALS, dict, name);
            return;
        }
        break;
    case VAR_NAME:
        if (is_class_unit(c) && c->u->in_inlined_comp) {
            kind = VAR_GLOBAL;
        }
        break;
    case VAR_FAST:
        break;
    }
    if (kind == VAR_GLOBAL) {
        int index = dict_index(c, dict, name);
        _PyCg_Emit(c, loc, LOAD_GLOBAL, (int)((unsigned)index << 1));
    }
    else {
        _PyCg_EmitIndexed(c, loc, variable_opcodes[kind][0], dict, name);
    }
}

/* Load, store or delete a variable. */
void
_PyCg_Name(struct compiler *c, location loc, PyObject *name, expr_context_ty ctx)
{
    assert(ctx == Load || ctx == Store || ctx == Del);
    if (_PyCg_Forbidden(c, loc, name, ctx)) {
        return;
    }
    PyObject *mangled = _PyCg_Mangle(c, name);
    if (mangled == NULL) {
        return;
    }
    int scope;
    PyObject *dict;
    enum variable_kind kind = find_variable(c, mangled, &scope, &dict);
    if (c->failed) {
        goto done;
    }
    if (ctx == Load) {
        load_variable(c, loc, mangled, kind, scope, dict);
    }
    else {
        _PyCg_EmitIndexed(c, loc, variable_opcodes[kind][ctx == Store ? 1 : 2], dict, mangled);
    }
done:
    Py_DECREF(mangled);
}

/* --- scopes -------------------------------------------------------------------------------- */

static void
unit_free(struct code_unit *u)
{
    Py_XDECREF(u->ste);
    Py_XDECREF(u->meta.u_name);
    Py_XDECREF(u->meta.u_qualname);
    Py_XDECREF(u->meta.u_consts);
    Py_XDECREF(u->meta.u_names);
    Py_XDECREF(u->meta.u_varnames);
    Py_XDECREF(u->meta.u_cellvars);
    Py_XDECREF(u->meta.u_freevars);
    Py_XDECREF(u->meta.u_fasthidden);
    Py_XDECREF(u->consts);
    Py_XDECREF(u->private);
    if (u->arena != NULL) {
        _PyArena_Free(u->arena);
    }
    PyMem_Free(u);
}

/* Add the names with the given scope, or one of the flags, to dict, sorted, indices from its
   size plus offset on. */
static int
collect_names(PyObject *dict, PyObject *symbols, int scope, long flag, Py_ssize_t offset)
{
    PyObject *names = PyDict_Keys(symbols);
    assert(PyDict_Check(dict) && PyDict_Check(symbols));
    if (names == NULL || PyList_Sort(names) < 0) {
        Py_XDECREF(names);
        return -1;
    }
    int rc = 0;
    for (Py_ssize_t i = 0; rc == 0 && i < PyList_GET_SIZE(names); i++) {
        PyObject *name = PyList_GET_ITEM(names, i);
        long v = PyLong_AsLong(PyDict_GetItemWithError(symbols, name));
        if (((v >> SCOPE_OFFSET) & SCOPE_MASK) == scope || (v & flag)) {
            PyObject *index = PyLong_FromSsize_t(PyDict_GET_SIZE(dict) + offset);
            rc = index == NULL ? -1 : PyDict_SetItem(dict, name, index);
            Py_XDECREF(index);
        }
    }
    Py_DECREF(names);
    return rc;
}

static int
unit_init(struct compiler *c, struct code_unit *u, PyObject *name, enum unit_kind kind,
          void *key, int lineno)
{
    u->kind = kind;
    u->meta.u_name = Py_NewRef(name);
    u->meta.u_firstlineno = lineno;
    u->ste = PySymtable_Lookup(c->st, key);
    u->arena = _PyArena_New();
    u->meta.u_consts = PyDict_New();
    u->meta.u_names = PyDict_New();
    u->meta.u_varnames = PyDict_New();
    u->meta.u_cellvars = PyDict_New();
    u->meta.u_freevars = PyDict_New();
    u->meta.u_fasthidden = PyDict_New();
    u->consts = PyList_New(0);
    if (u->ste == NULL || u->arena == NULL || u->meta.u_consts == NULL
        || u->meta.u_names == NULL || u->meta.u_varnames == NULL || u->meta.u_cellvars == NULL
        || u->meta.u_freevars == NULL || u->meta.u_fasthidden == NULL || u->consts == NULL)
    {
        return -1;
    }
    u->seq.arena = u->arena;
    u->private = c->u != NULL ? Py_XNewRef(c->u->private) : NULL;
    PySTEntryObject *ste = u->ste;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(ste->ste_varnames); i++) {
        PyObject *index = PyLong_FromSsize_t(i);
        if (index == NULL
            || PyDict_SetItem(u->meta.u_varnames, PyList_GET_ITEM(ste->ste_varnames, i),
                              index) < 0)
        {
            Py_XDECREF(index);
            return -1;
        }
        Py_DECREF(index);
    }
    if (collect_names(u->meta.u_cellvars, ste->ste_symbols, CELL, DEF_COMP_CELL, 0) < 0) {
        return -1;
    }
    PyObject *own[2] = {
        ste->ste_needs_class_closure ? &_Py_ID(__class__) : NULL,
        ste->ste_needs_classdict ? &_Py_ID(__classdict__) : NULL,
    };
    for (int i = 0; i < 2; i++) {
        if (own[i] != NULL) {
            dict_index(c, u->meta.u_cellvars, own[i]);
        }
    }
    return c->failed ? -1 : collect_names(u->meta.u_freevars, ste->ste_symbols, FREE,
                                          DEF_FREE_CLASS,
                                          PyDict_GET_SIZE(u->meta.u_cellvars));
}

/* Qualified name (PEP 3155): what contains the unit, unless it is the module or the name is
   global. */
static int
set_qualname(struct compiler *c)
{
    struct code_unit *u = c->u, *parent = u->outer;
    PyObject *base = NULL;
    int in_function = 0;
    assert(c->u->meta.u_qualname == NULL);
    if (parent != NULL && parent->kind == UNIT_TYPEPARAMS) {
        /* The scope of type parameters is invisible. */
        parent = parent->outer;
    }
    if (parent != NULL && parent->outer != NULL) {
        int global = 0;
        if (u->kind == UNIT_FUNCTION || u->kind == UNIT_ASYNC_FUNCTION
            || u->kind == UNIT_CLASS)
        {
            PyObject *mangled = _Py_Mangle(parent->private, u->meta.u_name);
            if (mangled == NULL) {
                return -1;
            }
            int scope = _PyST_GetScope(parent->ste, mangled);
            Py_DECREF(mangled);
            assert(scope != GLOBAL_IMPLICIT);
            global = scope == GLOBAL_EXPLICIT;
        }
        if (!global) {
            in_function = parent->kind == UNIT_FUNCTION || parent->kind == UNIT_ASYNC_FUNCTION
                          || parent->kind == UNIT_LAMBDA;
            base = parent->meta.u_qualname;
        }
    }
    if (base == NULL) {
        u->meta.u_qualname = Py_NewRef(u->meta.u_name);
    }
    else {
        u->meta.u_qualname = PyUnicode_FromFormat(in_function ? "%U.<locals>.%U" : "%U.%U",
                                                  base, u->meta.u_name);
    }
    return u->meta.u_qualname == NULL ? -1 : 0;
}

/* Start a code unit for the block that key opens. */
void
_PyCg_EnterScope(struct compiler *c, PyObject *name, enum unit_kind kind, void *key,
                 int lineno)
{
    assert(PyUnicode_Check(name));
    if (c->failed) {
        return;
    }
    struct code_unit *u = PyMem_Calloc(1, sizeof(*u));
    if (u == NULL) {
        PyErr_NoMemory();
        _PyCg_Fail(c);
        return;
    }
    if (unit_init(c, u, name, kind, key, lineno) < 0) {
        unit_free(u);
        _PyCg_Fail(c);
        return;
    }
    u->outer = c->u;
    c->u = u;
    c->nestlevel++;
    location loc = LOCATION(lineno, lineno, 0, 0);
    if (kind == UNIT_MODULE) {
        loc.lineno = 0;
    }
    else if (set_qualname(c) < 0) {
        _PyCg_Fail(c);
    }
    _PyCg_Emit(c, loc, RESUME, RESUME_AT_FUNC_START);
}

static void
pop_unit(struct compiler *c)
{
    struct code_unit *u = c->u;
    assert(u != NULL);
    c->u = u->outer;
    c->nestlevel--;
    unit_free(u);
}

/* End the current unit.  After a failure the driver takes all units down. */
void
_PyCg_ExitScope(struct compiler *c)
{
    if (!c->failed) {
        pop_unit(c);
    }
}

int
_PyCg_IsTopLevelAwait(struct compiler *c)
{
    return c->u->ste->ste_type == ModuleBlock
           && (c->flags.cf_flags & PyCF_ALLOW_TOP_LEVEL_AWAIT);
}

static int
code_flags_of(struct compiler *c)
{
    PySTEntryObject *ste = c->u->ste;
    int flags = 0;
    if (_PyST_IsFunctionLike(ste)) {
        flags |= CO_NEWLOCALS | CO_OPTIMIZED;
        if (ste->ste_nested) {
            flags |= CO_NESTED;
        }
        if (ste->ste_generator) {
            flags |= ste->ste_coroutine ? CO_ASYNC_GENERATOR : CO_GENERATOR;
        }
        else if (ste->ste_coroutine) {
            flags |= CO_COROUTINE;
        }
        if (ste->ste_varargs) {
            flags |= CO_VARARGS;
        }
        if (ste->ste_varkeywords) {
            flags |= CO_VARKEYWORDS;
        }
    }
    flags |= c->flags.cf_flags & PyCF_MASK;
    if (_PyCg_IsTopLevelAwait(c) && ste->ste_coroutine && !ste->ste_generator) {
        flags |= CO_COROUTINE;
    }
    return flags;
}

/* Finish the current unit: its code object (new reference), or NULL with `failed` set.
   add_none: the unit returns None at its end; otherwise the value on the stack. */
PyCodeObject *
_PyCg_Assemble(struct compiler *c, int add_none)
{
    if (add_none) {
        _PyCg_LoadConst(c, NO_LOCATION, Py_None);
    }
    _PyCg_Emit(c, NO_LOCATION, RETURN_VALUE, 0);
    if (c->failed) {
        return NULL;
    }
    struct code_unit *u = c->u;
    assert(u->n_blocks == 0);
    _PyCfg g;
    _PyCfgUnit unit = {
        .consts = u->consts,
        .const_cache = c->const_cache,
        .nlocals = (int)PyDict_GET_SIZE(u->meta.u_varnames),
        .nparams = (int)PyList_GET_SIZE(u->ste->ste_varnames),
        .firstlineno = u->meta.u_firstlineno,
        .code_flags = code_flags_of(c),
    };
    PyCodeObject *co = NULL;
    if (_PyCfg_FromSequence(&g, &u->seq, u->arena) == 0 && _PyCfg_Optimize(&g, &unit) == 0) {
        co = _PyAssemble_MakeCodeObject(&u->meta, c->const_cache, u->consts, &g,
                                        unit.code_flags, c->filename);
    }
    if (co == NULL) {
        _PyCg_Fail(c);
    }
    return co;
}

/* Push the function made of co (reference taken over; NULL after a failure), with its closure. */
void
_PyCg_MakeClosure(struct compiler *c, location loc, PyCodeObject *co, int flags)
{
    if (co == NULL || c->failed) {
        assert(c->failed);
        Py_XDECREF(co);
        return;
    }
    int nfree = co->co_nfreevars, first = co->co_nlocalsplus - nfree;
    for (int i = first; !c->failed && i < co->co_nlocalsplus; i++) {
        PyObject *name = PyTuple_GET_ITEM(co->co_localsplusnames, i);
        int scope = _PyCg_GetRefType(c, name);
        _PyCg_EmitIndexed(c, loc, LOAD_CLOSURE,
                          scope == CELL ? c->u->meta.u_cellvars : c->u->meta.u_freevars, name);
    }
    if (nfree) {
        flags |= MAKE_FUNCTION_CLOSURE;
        _PyCg_Emit(c, loc, BUILD_TUPLE, nfree);
    }
    _PyCg_LoadNewConst(c, loc, (PyObject *)co);
    _PyCg_Emit(c, loc, MAKE_FUNCTION, flags);
}

/* --- bodies -------------------------------------------------------------------------------- */

static int has_annotations(asdl_stmt_seq *body);

static int
handlers_have_annotations(asdl_excepthandler_seq *handlers)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(handlers); i++) {
        excepthandler_ty h = asdl_seq_GET(handlers, i);
        if (has_annotations(h->v.ExceptHandler.body)) {
            return 1;
        }
    }
    return 0;
}

/* Whether a body annotates a variable, in nested statements of the same block too. */
static int
has_annotations(asdl_stmt_seq *body)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(body); i++) {
        stmt_ty s = asdl_seq_GET(body, i);
        int found = 0;
        switch (s->kind) {
        case AnnAssign_kind:
            return 1;
        case For_kind:
            found = has_annotations(s->v.For.body) || has_annotations(s->v.For.orelse);
            break;
        case AsyncFor_kind:
            found = has_annotations(s->v.AsyncFor.body)
                    || has_annotations(s->v.AsyncFor.orelse);
            break;
        case While_kind:
            found = has_annotations(s->v.While.body) || has_annotations(s->v.While.orelse);
            break;
        case If_kind:
            found = has_annotations(s->v.If.body) || has_annotations(s->v.If.orelse);
            break;
        case With_kind:
            found = has_annotations(s->v.With.body);
            break;
        case AsyncWith_kind:
            found = has_annotations(s->v.AsyncWith.body);
            break;
        case Try_kind:
            found = has_annotations(s->v.Try.body) || has_annotations(s->v.Try.finalbody)
                    || has_annotations(s->v.Try.orelse)
                    || handlers_have_annotations(s->v.Try.handlers);
            break;
        case TryStar_kind:
            found = has_annotations(s->v.TryStar.body)
                    || has_annotations(s->v.TryStar.finalbody)
                    || has_annotations(s->v.TryStar.orelse)
                    || handlers_have_annotations(s->v.TryStar.handlers);
            break;
        case Match_kind:
            for (Py_ssize_t k = 0; k < asdl_seq_LEN(s->v.Match.cases); k++) {
                match_case_ty m = asdl_seq_GET(s->v.Match.cases, k);
                found |= has_annotations(m->body);
            }
            break;
        default:
            break;
        }
        if (found) {
            return 1;
        }
    }
    return 0;
}

/* The docstring of a body (borrowed), NULL if it has none. */
PyObject *
_PyCg_DocString(asdl_stmt_seq *body)
{
    if (asdl_seq_LEN(body) == 0) {
        return NULL;
    }
    stmt_ty s = asdl_seq_GET(body, 0);
    if (s->kind != Expr_kind || s->v.Expr.value->kind != Constant_kind) {
        return NULL;
    }
    PyObject *value = s->v.Expr.value->v.Constant.value;
    return PyUnicode_CheckExact(value) ? value : NULL;
}

/* Body of a module or class: annotations dict and docstring first. */
void
_PyCg_Body(struct compiler *c, location loc, asdl_stmt_seq *body)
{
    Py_ssize_t n = asdl_seq_LEN(body), i = 0;
    if (c->failed) {
        return;
    }
    if (c->u->kind == UNIT_MODULE && n > 0) {
        stmt_ty first = asdl_seq_GET(body, 0);
        loc = LOC(first);
    }
    if (has_annotations(body)) {
        _PyCg_Emit(c, loc, SETUP_ANNOTATIONS, 0);
    }
    if (n > 0 && c->optimize < 2) {
        PyObject *docstring = _PyCg_DocString(body);
        if (docstring != NULL) {
            stmt_ty first = asdl_seq_GET(body, 0);
            assert(first->kind == Expr_kind);
            _PyCg_Expr(c, first->v.Expr.value);
            _PyCg_Name(c, NO_LOCATION, &_Py_ID(__doc__), Store);
            i = 1;
        }
    }
    for (; !c->failed && i < n; i++) {
        _PyCg_Stmt(c, asdl_seq_GET(body, i));
    }
}

/* --- driver -------------------------------------------------------------------------------- */

/* Generate the module's code; its unit stays open.  Returns whether it returns None at its end. */
int
_PyCg_Module(struct compiler *c, mod_ty mod)
{
    location loc = LOCATION(1, 1, 0, 0);
    _PyCg_EnterScope(c, &_Py_STR(anon_module), UNIT_MODULE, mod, 1);
    if (c->failed) {
        return 1;
    }
    switch (mod->kind) {
    case Module_kind:
        _PyCg_Body(c, loc, mod->v.Module.body);
        return 1;
    case Interactive_kind:
        c->interactive = 1;
        if (has_annotations(mod->v.Interactive.body)) {
            _PyCg_Emit(c, loc, SETUP_ANNOTATIONS, 0);
        }
        _PyCg_Stmts(c, mod->v.Interactive.body);
        return 1;
    case Expression_kind:
        _PyCg_Expr(c, mod->v.Expression.body);
        return 0;
    default:
        PyErr_Format(PyExc_SystemError, "module kind %d should not be possible", mod->kind);
        _PyCg_Fail(c);
        return 1;
    }
}

/* Set up *c for a module: future features, constant folding, symbol table.  0, or -1 with an
   exception; _PyCg_End follows in any case. */
int
_PyCg_Start(struct compiler *c, mod_ty mod, PyObject *filename, PyCompilerFlags *flags,
            int optimize, PyArena *arena)
{
    *c = (struct compiler){
        .filename = filename,
        .optimize = optimize == -1 ? _Py_GetConfig()->optimization_level : optimize,
        .arena = arena,
    };
    if (!_PyFuture_FromAST(mod, filename, &c->future)) {
        return -1;
    }
    if (flags != NULL) {
        c->flags = *flags;
    }
    else {
        c->flags.cf_feature_version = PY_MINOR_VERSION;
    }
    /* Features switched on by the caller and by the module add up; the caller learns of both. */
    int merged = c->future.ff_features | c->flags.cf_flags;
    c->future.ff_features = merged;
    c->flags.cf_flags = merged;
    if (flags != NULL) {
        flags->cf_flags = merged;
    }
    _PyASTOptimizeState state = {.optimize = c->optimize, .ff_features = merged};
    if (!_PyAST_Optimize(mod, arena, &state)) {
        return -1;
    }
    c->const_cache = PyDict_New();
    if (c->const_cache == NULL) {
        return -1;
    }
    c->st = _PySymtable_Build(mod, filename, &c->future);
    return c->st == NULL ? -1 : 0;
}

void
_PyCg_End(struct compiler *c)
{
    while (c->u != NULL) {
        pop_unit(c);
    }
    if (c->st != NULL) {
        _PySymtable_Free(c->st);
    }
    Py_XDECREF(c->const_cache);
}

PyCodeObject *
_PyAST_Compile(mod_ty mod, PyObject *filename, PyCompilerFlags *flags, int optimize,
               PyArena *arena)
{
    assert(!PyErr_Occurred());
    struct compiler c;
    PyCodeObject *co = NULL;
    if (_PyCg_Start(&c, mod, filename, flags, optimize, arena) == 0) {
        int add_none = _PyCg_Module(&c, mod);
        co = _PyCg_Assemble(&c, add_none);
    }
    _PyCg_End(&c);
    assert((co != NULL) != (PyErr_Occurred() != NULL));
    return co;
}
