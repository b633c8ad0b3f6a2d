/* Symbol table builder: from the AST to one entry per block, in two passes.

   Pass 1 (this file) walks the tree and notes for every block which names it binds, declares
   and reads. Pass 2 (symtable_analyze.c) decides the scope of every name, top down for what is
   bound, bottom up for what is free, and inlines comprehensions (PEP 709).

   Errors are sticky: the first failure sets st_failed with an exception, after which every visitor
   returns at once.  So visitors return nothing and callers check once.

   Written from: the language reference, chapters "Execution model" (4.2), "Simple statements",
   "Compound statements", PEP 227, 3104, 526, 563, 572, 695, 709, and the output of `symtable`. */

#include "Python.h"
#include "pycore_ast.h"           // stmt_ty, expr_ty, ...
#include "pycore_global_objects.h"  // _Py_ID()
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_strings.h"         // _Py_ID()
#include "pycore_symtable.h"
#include "pycore_symtable_analyze.h"    // _PySymtable_Analyze()
#include "structmember.h"           // PyMemberDef

_Py_DECLARE_STR(comp_iter_param, ".0")
_Py_DECLARE_STR(type_params_cell, ".type_params")
_Py_DECLARE_STR(generic_base, ".generic_base")
_Py_DECLARE_STR(defaults_param, ".defaults")
_Py_DECLARE_STR(kwdefaults_param, ".kwdefaults")

typedef struct {
    int lineno, col, end_lineno, end_col;
} srcloc;

#define LOC(node) ((srcloc){(node)->lineno, (node)->col_offset, \
                            (node)->end_lineno, (node)->end_col_offset})
#define NOWHERE ((srcloc){0, 0, 0, 0})

static void visit_stmt(struct symtable *st, stmt_ty s);
static void visit_expr(struct symtable *st, expr_ty e);
static void visit_pattern(struct symtable *st, pattern_ty p);

/* --- entries ------------------------------------------------------------------------------- */

static PySTEntryObject *
entry_new(struct symtable *st, PyObject *name, _Py_block_ty type, void *key, srcloc loc)
{
    PySTEntryObject *ste = PyObject_New(PySTEntryObject, &PySTEntry_Type);
    assert(PyUnicode_Check(name));
    if (ste == NULL) {
        return NULL;
    }
    memset((char *)ste + sizeof(PyObject), 0, sizeof(*ste) - sizeof(PyObject));
    ste->ste_table = st;
    ste->ste_type = type;
    ste->ste_name = Py_NewRef(name);
    ste->ste_lineno = loc.lineno;
    ste->ste_col_offset = loc.col;
    ste->ste_end_lineno = loc.end_lineno;
    ste->ste_end_col_offset = loc.end_col;
    PySTEntryObject *outer = st->st_cur;
    ste->ste_nested = outer != NULL
                      && (outer->ste_nested || _PyST_IsFunctionLike(outer));
    ste->ste_id = PyLong_FromVoidPtr(key);
    ste->ste_symbols = PyDict_New();
    ste->ste_varnames = PyList_New(0);
    ste->ste_children = PyList_New(0);
    if (ste->ste_id == NULL || ste->ste_symbols == NULL || ste->ste_varnames == NULL
        || ste->ste_children == NULL
        || PyDict_SetItem(st->st_blocks, ste->ste_id, (PyObject *)ste) < 0)
    {
        Py_DECREF(ste);
        return NULL;
    }
    return ste;
}

static PyObject *
entry_repr(PySTEntryObject *ste)
{
    return PyUnicode_FromFormat("<symtable entry %U(%R), line %d>",
                                ste->ste_name, ste->ste_id, ste->ste_lineno);
}

static void
entry_dealloc(PySTEntryObject *ste)
{
    ste->ste_table = NULL;
    Py_XDECREF(ste->ste_id);
    Py_XDECREF(ste->ste_name);
    Py_XDECREF(ste->ste_symbols);
    Py_XDECREF(ste->ste_varnames);
    Py_XDECREF(ste->ste_children);
    Py_XDECREF(ste->ste_directives);
    PyObject_Free(ste);
}

#define OFF(x) offsetof(PySTEntryObject, x)
static _Py_SHARED PyMemberDef entry_members[] = {
    {"id", T_OBJECT, OFF(ste_id), READONLY, NULL},
    {"name", T_OBJECT, OFF(ste_name), READONLY, NULL},
    {"symbols", T_OBJECT, OFF(ste_symbols), READONLY, NULL},
    {"varnames", T_OBJECT, OFF(ste_varnames), READONLY, NULL},
    {"children", T_OBJECT, OFF(ste_children), READONLY, NULL},
    {"nested", T_INT, OFF(ste_nested), READONLY, NULL},
    {"type", T_INT, OFF(ste_type), READONLY, NULL},
    {"lineno", T_INT, OFF(ste_lineno), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};
#undef OFF

_Py_SHARED PyTypeObject PySTEntry_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "symtable entry",
    .tp_basicsize = sizeof(PySTEntryObject),
    .tp_dealloc = (destructor)entry_dealloc,
    .tp_repr = (reprfunc)entry_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_members = entry_members,
};

/* Flags and scope of name in ste, 0 if the block does not know it (or on error). */
long
_PyST_GetSymbol(PySTEntryObject *ste, PyObject *name)
{
    PyObject *v = PyDict_GetItemWithError(ste->ste_symbols, name);
    if (v == NULL) {
        return 0;
    }
    assert(PyLong_Check(v));
    return PyLong_AsLong(v);
}

int
_PyST_GetScope(PySTEntryObject *ste, PyObject *name)
{
    return (int)(_PyST_GetSymbol(ste, name) >> SCOPE_OFFSET) & SCOPE_MASK;
}

/* True for blocks whose locals live in fast slots. */
int
_PyST_IsFunctionLike(PySTEntryObject *ste)
{
    return ste->ste_type == FunctionBlock
           || ste->ste_type == TypeVarBoundBlock
           || ste->ste_type == TypeAliasBlock
           || ste->ste_type == TypeParamBlock;
}

/* Private names (reference 6.2.1): `__x` inside class C is `_C__x`, without leading underscores
   of C. Returns a new reference; NULL with an exception. */
PyObject *
_Py_Mangle(PyObject *privateobj, PyObject *ident)
{
    if (privateobj == NULL || !PyUnicode_Check(privateobj)
        || PyUnicode_GET_LENGTH(ident) < 2
        || PyUnicode_READ_CHAR(ident, 0) != '_' || PyUnicode_READ_CHAR(ident, 1) != '_')
    {
        return Py_NewRef(ident);
    }
    Py_ssize_t len = PyUnicode_GET_LENGTH(ident);
    int ends_dunder = PyUnicode_READ_CHAR(ident, len - 1) == '_'
                      && PyUnicode_READ_CHAR(ident, len - 2) == '_';
    if (ends_dunder
        || PyUnicode_FindChar(ident, '.', 0, len, 1) != -1)
    {
        return Py_NewRef(ident);
    }
    Py_ssize_t plen = PyUnicode_GET_LENGTH(privateobj), skip = 0;
    while (skip < plen && PyUnicode_READ_CHAR(privateobj, skip) == '_') {
        skip++;
    }
    if (skip == plen) {
        return Py_NewRef(ident);
    }
    PyObject *stripped = PyUnicode_Substring(privateobj, skip, plen);
    if (stripped == NULL) {
        return NULL;
    }
    PyObject *result = PyUnicode_FromFormat("_%U%U", stripped, ident);
    Py_DECREF(stripped);
    return result;
}

/* --- errors -------------------------------------------------------------------------------- */

static void
fail(struct symtable *st)
{
    assert(PyErr_Occurred());
    st->st_failed = 1;
}

static void
locate_error(struct symtable *st, srcloc loc)
{
    PyErr_RangedSyntaxLocationObject(st->st_filename, loc.lineno, loc.col + 1,
                                     loc.end_lineno, loc.end_col + 1);
    st->st_failed = 1;
}

static void
syntax_error(struct symtable *st, srcloc loc, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    PyErr_FormatV(PyExc_SyntaxError, format, ap);
    va_end(ap);
    locate_error(st, loc);
}

/* --- blocks -------------------------------------------------------------------------------- */

static void
enter_block(struct symtable *st, PyObject *name, _Py_block_ty type, void *key, srcloc loc)
{
    if (st->st_failed) {
        return;
    }
    PySTEntryObject *ste = entry_new(st, name, type, key, loc);
    if (ste == NULL) {
        fail(st);
        return;
    }
    int failed = PyList_Append(st->st_stack, (PyObject *)ste) < 0;
    /* An annotation that is kept as text only serves to find forbidden expressions. */
    if (!failed && st->st_cur != NULL && type != AnnotationBlock) {
        failed = PyList_Append(st->st_cur->ste_children, (PyObject *)ste) < 0;
    }
    Py_DECREF(ste);     /* st_blocks and st_stack own it */
    if (failed) {
        fail(st);
        return;
    }
    if (st->st_cur != NULL) {
        /* A lambda or comprehension within an iterable is still within it. */
        ste->ste_comp_iter_expr = st->st_cur->ste_comp_iter_expr;
    }
    st->st_cur = ste;
    if (type == ModuleBlock) {
        st->st_top = ste;
    }
}

static void
exit_block(struct symtable *st)
{
    if (st->st_failed) {
        return;
    }
    Py_ssize_t n = PyList_GET_SIZE(st->st_stack);
    assert(n > 0);
    assert(PyList_GET_ITEM(st->st_stack, n - 1) == (PyObject *)st->st_cur);
    st->st_cur = n > 1 ? (PySTEntryObject *)PyList_GET_ITEM(st->st_stack, n - 2) : NULL;
    if (PyList_SetSlice(st->st_stack, n - 1, n, NULL) < 0) {
        fail(st);
    }
}

/* --- definitions --------------------------------------------------------------------------- */

static void
set_flags(struct symtable *st, PySTEntryObject *ste, PyObject *mangled, long flags)
{
    PyObject *v = PyLong_FromLong(flags);
    assert(PyUnicode_Check(mangled));
    if (v == NULL || PyDict_SetItem(ste->ste_symbols, mangled, v) < 0) {
        fail(st);
    }
    Py_XDECREF(v);
}

/* A comprehension target met again: it must not collide with `:=` and the other way round. */
static long
note_comp_target(struct symtable *st, PyObject *name, long old, long flags, srcloc loc)
{
    if (old & (DEF_GLOBAL | DEF_NONLOCAL)) {
        syntax_error(st, loc, "comprehension inner loop cannot rebind assignment expression "
                     "target '%U'", name);
    }
    return flags | DEF_COMP_ITER;
}

static void
add_def_to(struct symtable *st, PySTEntryObject *ste, PyObject *name, long flag, srcloc loc)
{
    assert(PyUnicode_Check(name) && flag != 0);
    if (st->st_failed) {
        return;
    }
    PyObject *mangled = _Py_Mangle(st->st_private, name);
    if (mangled == NULL) {
        fail(st);
        return;
    }
    long old = _PyST_GetSymbol(ste, mangled);
    if (PyErr_Occurred()) {
        fail(st);
        goto done;
    }
    if ((flag & DEF_PARAM) && (old & DEF_PARAM)) {
        syntax_error(st, loc, "duplicate argument '%U' in function definition", name);
        goto done;
    }
    if ((flag & DEF_TYPE_PARAM) && (old & DEF_TYPE_PARAM)) {
        syntax_error(st, loc, "duplicate type parameter '%U'", name);
        goto done;
    }
    long flags = old | flag;
    if (ste->ste_comp_iter_target) {
        flags = note_comp_target(st, name, old, flags, loc);
    }
    if (!st->st_failed) {
        set_flags(st, ste, mangled, flags);
    }
    if (!st->st_failed && (flag & DEF_PARAM)
        && PyList_Append(ste->ste_varnames, mangled) < 0)
    {
        fail(st);
    }
    /* The module block always knows the names that are declared global anywhere. */
    if (!st->st_failed && (flag & DEF_GLOBAL) && ste != st->st_top) {
        long top = _PyST_GetSymbol(st->st_top, mangled);
        set_flags(st, st->st_top, mangled, top | flag);
    }
done:
    Py_DECREF(mangled);
}

static void
add_def(struct symtable *st, PyObject *name, long flag, srcloc loc)
{
    if (!st->st_failed) {
        add_def_to(st, st->st_cur, name, flag, loc);
    }
}

static long
lookup_in(struct symtable *st, PySTEntryObject *ste, PyObject *name)
{
    if (st->st_failed) {
        return 0;
    }
    PyObject *mangled = _Py_Mangle(st->st_private, name);
    if (mangled == NULL) {
        fail(st);
        return 0;
    }
    long flags = _PyST_GetSymbol(ste, mangled);
    Py_DECREF(mangled);
    if (PyErr_Occurred()) {
        fail(st);
    }
    return flags;
}

/* --- PEP 695 scopes ------------------------------------------------------------------------ */

/* In a scope directly inside a class, names are looked up in the class namespace first: it is
   passed in as the closure variable __classdict__. */
static void
see_class_scope(struct symtable *st, srcloc loc)
{
    if (!st->st_failed) {
        st->st_cur->ste_can_see_class_scope = 1;
        add_def(st, &_Py_ID(__classdict__), USE, loc);
    }
}

static void
visit_type_params(struct symtable *st, asdl_type_param_seq *params)
{
    for (Py_ssize_t i = 0; !st->st_failed && i < asdl_seq_LEN(params); i++) {
        type_param_ty tp = asdl_seq_GET(params, i);
        srcloc loc = LOC(tp);
        switch (tp->kind) {
        case TypeVar_kind: {
            add_def(st, tp->v.TypeVar.name, DEF_TYPE_PARAM | DEF_LOCAL, loc);
            expr_ty bound = tp->v.TypeVar.bound;
            if (bound != NULL && !st->st_failed) {
                int in_class = st->st_cur->ste_can_see_class_scope;
                enter_block(st, tp->v.TypeVar.name, TypeVarBoundBlock, tp, LOC(bound));
                if (in_class) {
                    see_class_scope(st, LOC(bound));
                }
                visit_expr(st, bound);
                exit_block(st);
            }
            break;
        }
        case TypeVarTuple_kind:
            add_def(st, tp->v.TypeVarTuple.name, DEF_TYPE_PARAM | DEF_LOCAL, loc);
            break;
        case ParamSpec_kind:
            add_def(st, tp->v.ParamSpec.name, DEF_TYPE_PARAM | DEF_LOCAL, loc);
            break;
        }
    }
}

static void
enter_type_params(struct symtable *st, PyObject *name, asdl_type_param_seq *params,
                  int has_defaults, int has_kwdefaults, stmt_ty s)
{
    assert(params != NULL);
    if (st->st_failed) {
        return;
    }
    int in_class = st->st_cur->ste_type == ClassBlock;
    srcloc loc = LOC(s);
    enter_block(st, name, TypeParamBlock, params, loc);
    if (in_class) {
        see_class_scope(st, loc);
    }
    if (s->kind == ClassDef_kind) {
        add_def(st, &_Py_STR(type_params_cell), DEF_LOCAL, loc);
        add_def(st, &_Py_STR(type_params_cell), USE, loc);
        /* The type parameters are mangled like the class's own names. */
        st->st_private = name;
        add_def(st, &_Py_STR(generic_base), DEF_LOCAL, loc);
        add_def(st, &_Py_STR(generic_base), USE, loc);
    }
    if (has_defaults) {
        add_def(st, &_Py_STR(defaults_param), DEF_PARAM, loc);
    }
    if (has_kwdefaults) {
        add_def(st, &_Py_STR(kwdefaults_param), DEF_PARAM, loc);
    }
    visit_type_params(st, params);
}

/* --- functions ----------------------------------------------------------------------------- */

static void
visit_exprs(struct symtable *st, asdl_expr_seq *seq)
{
    for (Py_ssize_t i = 0; !st->st_failed && i < asdl_seq_LEN(seq); i++) {
        expr_ty e = asdl_seq_GET(seq, i);
        if (e != NULL) {
            visit_expr(st, e);
        }
    }
}

static void
visit_keywords(struct symtable *st, asdl_keyword_seq *seq)
{
    for (Py_ssize_t i = 0; !st->st_failed && i < asdl_seq_LEN(seq); i++) {
        visit_expr(st, ((keyword_ty)asdl_seq_GET(seq, i))->value);
    }
}

static void
visit_body(struct symtable *st, asdl_stmt_seq *seq)
{
    for (Py_ssize_t i = 0; !st->st_failed && i < asdl_seq_LEN(seq); i++) {
        visit_stmt(st, asdl_seq_GET(seq, i));
    }
}

static void
add_params(struct symtable *st, asdl_arg_seq *args)
{
    for (Py_ssize_t i = 0; !st->st_failed && i < asdl_seq_LEN(args); i++) {
        arg_ty a = asdl_seq_GET(args, i);
        add_def(st, a->arg, DEF_PARAM, LOC(a));
    }
}

static void
visit_arguments(struct symtable *st, arguments_ty a)
{
    add_params(st, a->posonlyargs);
    add_params(st, a->args);
    add_params(st, a->kwonlyargs);
    if (a->vararg && !st->st_failed) {
        add_def(st, a->vararg->arg, DEF_PARAM, LOC(a->vararg));
        st->st_cur->ste_varargs = 1;
    }
    if (a->kwarg && !st->st_failed) {
        add_def(st, a->kwarg->arg, DEF_PARAM, LOC(a->kwarg));
        st->st_cur->ste_varkeywords = 1;
    }
}

static int
annotations_are_text(struct symtable *st)
{
    return (st->st_future->ff_features & CO_FUTURE_ANNOTATIONS) != 0;
}

static void
visit_arg_annotations(struct symtable *st, asdl_arg_seq *args)
{
    for (Py_ssize_t i = 0; !st->st_failed && i < asdl_seq_LEN(args); i++) {
        arg_ty a = asdl_seq_GET(args, i);
        if (a->annotation) {
            visit_expr(st, a->annotation);
        }
    }
}

static void
visit_signature_annotations(struct symtable *st, stmt_ty s, arguments_ty a, expr_ty returns)
{
    int text = annotations_are_text(st);
    if (text) {
        enter_block(st, &_Py_ID(_annotation), AnnotationBlock, a, LOC(s));
    }
    visit_arg_annotations(st, a->posonlyargs);
    visit_arg_annotations(st, a->args);
    if (a->vararg && a->vararg->annotation) {
        visit_expr(st, a->vararg->annotation);
    }
    if (a->kwarg && a->kwarg->annotation) {
        visit_expr(st, a->kwarg->annotation);
    }
    visit_arg_annotations(st, a->kwonlyargs);
    if (text) {
        exit_block(st);
    }
    if (returns) {
        if (text) {
            enter_block(st, &_Py_ID(_annotation), AnnotationBlock, returns, LOC(returns));
        }
        visit_expr(st, returns);
        if (text) {
            exit_block(st);
        }
    }
}

static void
visit_annotation(struct symtable *st, expr_ty annotation)
{
    int text = annotations_are_text(st);
    if (text) {
        enter_block(st, &_Py_ID(_annotation), AnnotationBlock, annotation, LOC(annotation));
    }
    visit_expr(st, annotation);
    if (text) {
        exit_block(st);
    }
}

static int
has_kwonly_defaults(arguments_ty a)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(a->kw_defaults); i++) {
        if (asdl_seq_GET(a->kw_defaults, i) != NULL) {
            return 1;
        }
    }
    return 0;
}

/* The fields that FunctionDef and AsyncFunctionDef share. */
static void
visit_function(struct symtable *st, stmt_ty s, PyObject *name, arguments_ty args,
               asdl_stmt_seq *body, asdl_expr_seq *decorators, expr_ty returns,
               asdl_type_param_seq *type_params, int is_async)
{
    assert(PyUnicode_Check(name));
    add_def(st, name, DEF_LOCAL, LOC(s));
    visit_exprs(st, args->defaults);
    visit_exprs(st, args->kw_defaults);
    visit_exprs(st, decorators);
    int generic = asdl_seq_LEN(type_params) > 0;
    if (generic) {
        enter_type_params(st, name, type_params, args->defaults != NULL,
                          has_kwonly_defaults(args), s);
    }
    visit_signature_annotations(st, s, args, returns);
    enter_block(st, name, FunctionBlock, s, LOC(s));
    if (is_async && !st->st_failed) {
        st->st_cur->ste_coroutine = 1;
    }
    visit_arguments(st, args);
    visit_body(st, body);
    exit_block(st);
    if (generic) {
        exit_block(st);
    }
}

/* An annotation scope sees the names of the class around it, but a function in it would not (PEP
 * 695): refused. */
static void
refuse_in_class_annotation(struct symtable *st, expr_ty e, const char *what)
{
    assert(what != NULL);
    if (st->st_cur->ste_can_see_class_scope) {
        syntax_error(st, LOC(e), "Cannot use %s in annotation scope within class scope", what);
    }
}

static void
visit_lambda(struct symtable *st, expr_ty e)
{
    arguments_ty args = e->v.Lambda.args;
    assert(e->kind == Lambda_kind);
    refuse_in_class_annotation(st, e, "lambda");
    visit_exprs(st, args->defaults);
    visit_exprs(st, args->kw_defaults);
    enter_block(st, &_Py_ID(lambda), FunctionBlock, e, LOC(e));
    visit_arguments(st, args);
    visit_expr(st, e->v.Lambda.body);
    exit_block(st);
}

static void
visit_class(struct symtable *st, stmt_ty s)
{
    PyObject *name = s->v.ClassDef.name, *outer_private = st->st_private;
    assert(s->kind == ClassDef_kind);
    add_def(st, name, DEF_LOCAL, LOC(s));
    visit_exprs(st, s->v.ClassDef.decorator_list);
    int generic = asdl_seq_LEN(s->v.ClassDef.type_params) > 0;
    if (generic) {
        enter_type_params(st, name, s->v.ClassDef.type_params, 0, 0, s);
    }
    visit_exprs(st, s->v.ClassDef.bases);
    visit_keywords(st, s->v.ClassDef.keywords);
    enter_block(st, name, ClassBlock, s, LOC(s));
    st->st_private = name;
    if (generic) {
        add_def(st, &_Py_ID(__type_params__), DEF_LOCAL, LOC(s));
        add_def(st, &_Py_STR(type_params_cell), USE, LOC(s));
    }
    visit_body(st, s->v.ClassDef.body);
    exit_block(st);
    if (generic) {
        exit_block(st);
    }
    st->st_private = outer_private;
}

static void
visit_type_alias(struct symtable *st, stmt_ty s)
{
    assert(s->kind == TypeAlias_kind);
    visit_expr(st, s->v.TypeAlias.name);
    if (st->st_failed) {
        return;
    }
    assert(s->v.TypeAlias.name->kind == Name_kind);
    PyObject *name = s->v.TypeAlias.name->v.Name.id;
    int in_class = st->st_cur->ste_type == ClassBlock;
    int generic = asdl_seq_LEN(s->v.TypeAlias.type_params) > 0;
    if (generic) {
        enter_type_params(st, name, s->v.TypeAlias.type_params, 0, 0, s);
    }
    enter_block(st, name, TypeAliasBlock, s, LOC(s));
    if (in_class) {
        see_class_scope(st, LOC(s->v.TypeAlias.value));
    }
    visit_expr(st, s->v.TypeAlias.value);
    exit_block(st);
    if (generic) {
        exit_block(st);
    }
}

/* --- statements ---------------------------------------------------------------------------- */

static void
record_directive(struct symtable *st, PyObject *name, srcloc loc)
{
    assert(PyUnicode_Check(name));
    if (st->st_failed) {
        return;
    }
    PySTEntryObject *ste = st->st_cur;
    if (ste->ste_directives == NULL && (ste->ste_directives = PyList_New(0)) == NULL) {
        fail(st);
        return;
    }
    PyObject *mangled = _Py_Mangle(st->st_private, name);
    PyObject *row = NULL;
    if (mangled != NULL) {
        row = Py_BuildValue("(Niiii)", mangled, loc.lineno, loc.col,
                            loc.end_lineno, loc.end_col);
    }
    if (row == NULL || PyList_Append(ste->ste_directives, row) < 0) {
        fail(st);
    }
    Py_XDECREF(row);
}

static void
visit_declaration(struct symtable *st, stmt_ty s, asdl_identifier_seq *names, long flag)
{
    const char *word = flag == DEF_GLOBAL ? "global" : "nonlocal";
    assert(flag == DEF_GLOBAL || flag == DEF_NONLOCAL);
    for (Py_ssize_t i = 0; !st->st_failed && i < asdl_seq_LEN(names); i++) {
        PyObject *name = asdl_seq_GET(names, i);
        long cur = lookup_in(st, st->st_cur, name);
        if (cur & DEF_PARAM) {
            syntax_error(st, LOC(s), "name '%U' is parameter and %s", name, word);
        }
        else if (cur & USE) {
            syntax_error(st, LOC(s), "name '%U' is used prior to %s declaration", name, word);
        }
        else if (cur & DEF_ANNOT) {
            syntax_error(st, LOC(s), "annotated name '%U' can't be %s", name, word);
        }
        else if (cur & DEF_LOCAL) {
            syntax_error(st, LOC(s), "name '%U' is assigned to before %s declaration",
                         name, word);
        }
        add_def(st, name, flag, LOC(s));
        record_directive(st, name, LOC(s));
    }
}

static void
visit_ann_assign(struct symtable *st, stmt_ty s)
{
    expr_ty target = s->v.AnnAssign.target;
    assert(s->kind == AnnAssign_kind);
    if (target->kind == Name_kind) {
        PyObject *name = target->v.Name.id;
        long cur = lookup_in(st, st->st_cur, name);
        if ((cur & (DEF_GLOBAL | DEF_NONLOCAL)) && st->st_cur != st->st_top
            && s->v.AnnAssign.simple)
        {
            syntax_error(st, LOC(s), "annotated name '%U' can't be %s", name,
                         cur & DEF_GLOBAL ? "global" : "nonlocal");
            return;
        }
        if (s->v.AnnAssign.simple) {
            add_def(st, name, DEF_ANNOT | DEF_LOCAL, LOC(target));
        }
        else if (s->v.AnnAssign.value) {
            add_def(st, name, DEF_LOCAL, LOC(target));
        }
    }
    else {
        visit_expr(st, target);
    }
    if (!st->st_failed) {
        visit_annotation(st, s->v.AnnAssign.annotation);
    }
    if (s->v.AnnAssign.value && !st->st_failed) {
        visit_expr(st, s->v.AnnAssign.value);
    }
}

static void
visit_aliases(struct symtable *st, asdl_alias_seq *names)
{
    for (Py_ssize_t i = 0; !st->st_failed && i < asdl_seq_LEN(names); i++) {
        alias_ty a = asdl_seq_GET(names, i);
        PyObject *name = a->asname ? a->asname : a->name;
        if (_PyUnicode_EqualToASCIIString(name, "*")) {
            if (st->st_cur->ste_type != ModuleBlock) {
                syntax_error(st, LOC(a), "import * only allowed at module level");
            }
            continue;
        }
        Py_ssize_t len = PyUnicode_GET_LENGTH(name);
        Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, len, 1);
        PyObject *bound = dot == -1 ? Py_NewRef(name) : PyUnicode_Substring(name, 0, dot);
        if (bound == NULL) {
            fail(st);
            return;
        }
        add_def(st, bound, DEF_IMPORT, LOC(a));
        Py_DECREF(bound);
    }
}

static void
visit_withitems(struct symtable *st, asdl_withitem_seq *items)
{
    for (Py_ssize_t i = 0; !st->st_failed && i < asdl_seq_LEN(items); i++) {
        withitem_ty item = asdl_seq_GET(items, i);
        visit_expr(st, item->context_expr);
        if (item->optional_vars) {
            visit_expr(st, item->optional_vars);
        }
    }
}

static void
visit_handlers(struct symtable *st, asdl_excepthandler_seq *handlers)
{
    for (Py_ssize_t i = 0; !st->st_failed && i < asdl_seq_LEN(handlers); i++) {
        excepthandler_ty h = asdl_seq_GET(handlers, i);
        if (h->v.ExceptHandler.type) {
            visit_expr(st, h->v.ExceptHandler.type);
        }
        if (h->v.ExceptHandler.name) {
            add_def(st, h->v.ExceptHandler.name, DEF_LOCAL, LOC(h));
        }
        visit_body(st, h->v.ExceptHandler.body);
    }
}

static void
visit_cases(struct symtable *st, asdl_match_case_seq *cases)
{
    for (Py_ssize_t i = 0; !st->st_failed && i < asdl_seq_LEN(cases); i++) {
        match_case_ty m = asdl_seq_GET(cases, i);
        visit_pattern(st, m->pattern);
        if (m->guard) {
            visit_expr(st, m->guard);
        }
        visit_body(st, m->body);
    }
}

static void
visit_loop(struct symtable *st, expr_ty target, expr_ty iter, asdl_stmt_seq *body,
           asdl_stmt_seq *orelse)
{
    visit_expr(st, target);
    visit_expr(st, iter);
    visit_body(st, body);
    visit_body(st, orelse);
}

static void
visit_try(struct symtable *st, asdl_stmt_seq *body, asdl_excepthandler_seq *handlers,
          asdl_stmt_seq *orelse, asdl_stmt_seq *finalbody)
{
    visit_body(st, body);
    visit_body(st, orelse);
    visit_handlers(st, handlers);
    visit_body(st, finalbody);
}

/* With PyCF_ALLOW_TOP_LEVEL_AWAIT a module that awaits is a coroutine. */
static void
note_async_in_module(struct symtable *st)
{
    if (!st->st_failed && st->st_cur->ste_type == ModuleBlock
        && (st->st_future->ff_features & PyCF_ALLOW_TOP_LEVEL_AWAIT))
    {
        st->st_cur->ste_coroutine = 1;
    }
}

static void
visit_stmt_kind(struct symtable *st, stmt_ty s)
{
    switch (s->kind) {
    case FunctionDef_kind:
        visit_function(st, s, s->v.FunctionDef.name, s->v.FunctionDef.args,
                       s->v.FunctionDef.body, s->v.FunctionDef.decorator_list,
                       s->v.FunctionDef.returns, s->v.FunctionDef.type_params, 0);
        break;
    case AsyncFunctionDef_kind:
        visit_function(st, s, s->v.AsyncFunctionDef.name, s->v.AsyncFunctionDef.args,
                       s->v.AsyncFunctionDef.body, s->v.AsyncFunctionDef.decorator_list,
                       s->v.AsyncFunctionDef.returns, s->v.AsyncFunctionDef.type_params, 1);
        break;
    case ClassDef_kind:
        visit_class(st, s);
        break;
    case TypeAlias_kind:
        visit_type_alias(st, s);
        break;
    case Return_kind:
        if (s->v.Return.value) {
            visit_expr(st, s->v.Return.value);
            st->st_cur->ste_returns_value = 1;
        }
        break;
    case Delete_kind:
        visit_exprs(st, s->v.Delete.targets);
        break;
    case Assign_kind:
        visit_exprs(st, s->v.Assign.targets);
        visit_expr(st, s->v.Assign.value);
        break;
    case AugAssign_kind:
        visit_expr(st, s->v.AugAssign.target);
        visit_expr(st, s->v.AugAssign.value);
        break;
    case AnnAssign_kind:
        visit_ann_assign(st, s);
        break;
    case For_kind:
        visit_loop(st, s->v.For.target, s->v.For.iter, s->v.For.body, s->v.For.orelse);
        break;
    case AsyncFor_kind:
        note_async_in_module(st);
        visit_loop(st, s->v.AsyncFor.target, s->v.AsyncFor.iter, s->v.AsyncFor.body,
                   s->v.AsyncFor.orelse);
        break;
    case While_kind:
        visit_expr(st, s->v.While.test);
        visit_body(st, s->v.While.body);
        visit_body(st, s->v.While.orelse);
        break;
    case If_kind:
        visit_expr(st, s->v.If.test);
        visit_body(st, s->v.If.body);
        visit_body(st, s->v.If.orelse);
        break;
    case With_kind:
        visit_withitems(st, s->v.With.items);
        visit_body(st, s->v.With.body);
        break;
    case AsyncWith_kind:
        note_async_in_module(st);
        visit_withitems(st, s->v.AsyncWith.items);
        visit_body(st, s->v.AsyncWith.body);
        break;
    case Match_kind:
        visit_expr(st, s->v.Match.subject);
        visit_cases(st, s->v.Match.cases);
        break;
    case Raise_kind:
        if (s->v.Raise.exc) {
            visit_expr(st, s->v.Raise.exc);
            if (s->v.Raise.cause) {
                visit_expr(st, s->v.Raise.cause);
            }
        }
        break;
    case Try_kind:
        visit_try(st, s->v.Try.body, s->v.Try.handlers, s->v.Try.orelse, s->v.Try.finalbody);
        break;
    case TryStar_kind:
        visit_try(st, s->v.TryStar.body, s->v.TryStar.handlers, s->v.TryStar.orelse,
                  s->v.TryStar.finalbody);
        break;
    case Assert_kind:
        visit_expr(st, s->v.Assert.test);
        if (s->v.Assert.msg) {
            visit_expr(st, s->v.Assert.msg);
        }
        break;
    case Import_kind:
        visit_aliases(st, s->v.Import.names);
        break;
    case ImportFrom_kind:
        visit_aliases(st, s->v.ImportFrom.names);
        break;
    case Global_kind:
        visit_declaration(st, s, s->v.Global.names, DEF_GLOBAL);
        break;
    case Nonlocal_kind:
        visit_declaration(st, s, s->v.Nonlocal.names, DEF_NONLOCAL);
        break;
    case Expr_kind:
        visit_expr(st, s->v.Expr.value);
        break;
    case Pass_kind:
    case Break_kind:
    case Continue_kind:
        break;
    }
}

static void
visit_stmt(struct symtable *st, stmt_ty s)
{
    if (st->st_failed) {
        return;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        fail(st);
        return;
    }
    visit_stmt_kind(st, s);
    Py_LeaveRecursiveCall();
}

/* --- expressions --------------------------------------------------------------------------- */

/* yield, await and := are refused in scopes that are evaluated lazily or never. */
static int
refuse_in_annotation_scope(struct symtable *st, expr_ty e, const char *what)
{
    const char *where;
    switch (st->st_cur->ste_type) {
    case AnnotationBlock:
        where = "an annotation";
        break;
    case TypeVarBoundBlock:
        where = "a TypeVar bound";
        break;
    case TypeAliasBlock:
        where = "a type alias";
        break;
    case TypeParamBlock:
        where = "the definition of a generic";
        break;
    default:
        return 0;
    }
    syntax_error(st, LOC(e), "%s expression cannot be used within %s", what, where);
    return 1;
}

static void
refuse_yield_in_comprehension(struct symtable *st, expr_ty e)
{
    static const char *const messages[] = {
        [ListComprehension] = "'yield' inside list comprehension",
        [SetComprehension] = "'yield' inside set comprehension",
        [DictComprehension] = "'yield' inside dict comprehension",
        [GeneratorExpression] = "'yield' inside generator expression",
    };
    _Py_comprehension_ty kind = st->st_cur->ste_comprehension;
    if (kind != NoComprehension) {
        syntax_error(st, LOC(e), "%s", messages[kind]);
    }
}

static void
visit_yield(struct symtable *st, expr_ty e, expr_ty value)
{
    assert(e->kind == Yield_kind || e->kind == YieldFrom_kind);
    if (refuse_in_annotation_scope(st, e, "yield")) {
        return;
    }
    if (value) {
        visit_expr(st, value);
    }
    if (!st->st_failed) {
        st->st_cur->ste_generator = 1;
        refuse_yield_in_comprehension(st, e);
    }
}

/* A `:=` inside a comprehension binds in the nearest block that is not a comprehension (PEP
   572). */
static void
bind_walrus_target(struct symtable *st, expr_ty target, srcloc loc)
{
    PyObject *name = target->v.Name.id;
    assert(target->kind == Name_kind);
    for (Py_ssize_t i = PyList_GET_SIZE(st->st_stack) - 1; i >= 0; i--) {
        PySTEntryObject *ste = (PySTEntryObject *)PyList_GET_ITEM(st->st_stack, i);
        if (ste->ste_comprehension != NoComprehension) {
            long flags = lookup_in(st, ste, name);
            if ((flags & DEF_COMP_ITER) && (flags & DEF_LOCAL)) {
                syntax_error(st, loc, "assignment expression cannot rebind comprehension "
                             "iteration variable '%U'", name);
                return;
            }
            continue;
        }
        switch (ste->ste_type) {
        case FunctionBlock:
            if (lookup_in(st, ste, name) & DEF_GLOBAL) {
                add_def(st, name, DEF_GLOBAL, loc);
            }
            else {
                add_def(st, name, DEF_NONLOCAL, loc);
            }
            record_directive(st, name, loc);
            add_def_to(st, ste, name, DEF_LOCAL, loc);
            return;
        case ModuleBlock:
            add_def(st, name, DEF_GLOBAL, loc);
            add_def_to(st, ste, name, DEF_GLOBAL, loc);
            return;
        case ClassBlock:
            syntax_error(st, loc, "assignment expression within a comprehension cannot be "
                         "used in a class body");
            return;
        case TypeVarBoundBlock:
            syntax_error(st, loc, "assignment expression within a comprehension cannot be "
                         "used in a TypeVar bound");
            return;
        case TypeAliasBlock:
            syntax_error(st, loc, "assignment expression within a comprehension cannot be "
                         "used in a type alias");
            return;
        case TypeParamBlock:
            syntax_error(st, loc, "assignment expression within a comprehension cannot be "
                         "used within the definition of a generic");
            return;
        case AnnotationBlock:
            break;
        }
    }
}

static void
visit_walrus(struct symtable *st, expr_ty e)
{
    assert(e->kind == NamedExpr_kind);
    if (refuse_in_annotation_scope(st, e, "named")) {
        return;
    }
    if (st->st_cur->ste_comp_iter_expr > 0) {
        syntax_error(st, LOC(e), "assignment expression cannot be used in a comprehension "
                     "iterable expression");
        return;
    }
    if (st->st_cur->ste_comprehension != NoComprehension) {
        bind_walrus_target(st, e->v.NamedExpr.target, LOC(e->v.NamedExpr.target));
    }
    visit_expr(st, e->v.NamedExpr.value);
    visit_expr(st, e->v.NamedExpr.target);
}

static void
visit_generator_clause(struct symtable *st, comprehension_ty g, int first)
{
    if (st->st_failed) {
        return;
    }
    PySTEntryObject *cur = st->st_cur;
    cur->ste_comp_iter_target = 1;
    visit_expr(st, g->target);
    cur->ste_comp_iter_target = 0;
    if (!first) {
        cur->ste_comp_iter_expr++;
        visit_expr(st, g->iter);
        cur->ste_comp_iter_expr--;
    }
    visit_exprs(st, g->ifs);
    if (g->is_async && !st->st_failed) {
        cur->ste_coroutine = 1;
    }
}

static void
visit_comprehension(struct symtable *st, expr_ty e, PyObject *name, _Py_comprehension_ty kind,
                    asdl_comprehension_seq *generators, expr_ty elt, expr_ty value)
{
    comprehension_ty outermost = asdl_seq_GET(generators, 0);
    assert(kind != NoComprehension && asdl_seq_LEN(generators) > 0);
    refuse_in_class_annotation(st, e, "comprehension");
    if (outermost->is_async) {
        note_async_in_module(st);
    }
    /* The first iterable is evaluated in the enclosing block. */
    st->st_cur->ste_comp_iter_expr++;
    visit_expr(st, outermost->iter);
    st->st_cur->ste_comp_iter_expr--;
    enter_block(st, name, FunctionBlock, e, LOC(e));
    if (st->st_failed) {
        return;
    }
    st->st_cur->ste_comprehension = kind;
    st->st_cur->ste_coroutine = outermost->is_async != 0;
    add_def(st, &_Py_STR(comp_iter_param), DEF_PARAM, NOWHERE);
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(generators); i++) {
        visit_generator_clause(st, asdl_seq_GET(generators, i), i == 0);
    }
    if (value) {
        visit_expr(st, value);
    }
    visit_expr(st, elt);
    if (st->st_failed) {
        return;
    }
    st->st_cur->ste_generator = kind == GeneratorExpression;
    int is_async = st->st_cur->ste_coroutine && kind != GeneratorExpression;
    exit_block(st);
    if (is_async && !st->st_failed) {
        st->st_cur->ste_coroutine = 1;
    }
}

static void
visit_name(struct symtable *st, expr_ty e)
{
    PyObject *name = e->v.Name.id;
    assert(e->kind == Name_kind);
    add_def(st, name, e->v.Name.ctx == Load ? USE : DEF_LOCAL, LOC(e));
    /* Zero-argument super() and __class__ read the class cell. */
    if (!st->st_failed && e->v.Name.ctx == Load && _PyST_IsFunctionLike(st->st_cur)
        && _PyUnicode_EqualToASCIIString(name, "super"))
    {
        add_def(st, &_Py_ID(__class__), USE, LOC(e));
    }
}

static void
visit_expr_kind(struct symtable *st, expr_ty e)
{
    switch (e->kind) {
    case NamedExpr_kind:
        visit_walrus(st, e);
        break;
    case BoolOp_kind:
        visit_exprs(st, e->v.BoolOp.values);
        break;
    case BinOp_kind:
        visit_expr(st, e->v.BinOp.left);
        visit_expr(st, e->v.BinOp.right);
        break;
    case UnaryOp_kind:
        visit_expr(st, e->v.UnaryOp.operand);
        break;
    case Lambda_kind:
        visit_lambda(st, e);
        break;
    case IfExp_kind:
        visit_expr(st, e->v.IfExp.test);
        visit_expr(st, e->v.IfExp.body);
        visit_expr(st, e->v.IfExp.orelse);
        break;
    case Dict_kind:
        visit_exprs(st, e->v.Dict.keys);
        visit_exprs(st, e->v.Dict.values);
        break;
    case Set_kind:
        visit_exprs(st, e->v.Set.elts);
        break;
    case ListComp_kind:
        visit_comprehension(st, e, &_Py_ID(listcomp), ListComprehension,
                            e->v.ListComp.generators, e->v.ListComp.elt, NULL);
        break;
    case SetComp_kind:
        visit_comprehension(st, e, &_Py_ID(setcomp), SetComprehension,
                            e->v.SetComp.generators, e->v.SetComp.elt, NULL);
        break;
    case DictComp_kind:
        visit_comprehension(st, e, &_Py_ID(dictcomp), DictComprehension,
                            e->v.DictComp.generators, e->v.DictComp.key, e->v.DictComp.value);
        break;
    case GeneratorExp_kind:
        visit_comprehension(st, e, &_Py_ID(genexpr), GeneratorExpression,
                            e->v.GeneratorExp.generators, e->v.GeneratorExp.elt, NULL);
        break;
    case Await_kind:
        if (!refuse_in_annotation_scope(st, e, "await")) {
            visit_expr(st, e->v.Await.value);
            st->st_cur->ste_coroutine = 1;
        }
        break;
    case Yield_kind:
        visit_yield(st, e, e->v.Yield.value);
        break;
    case YieldFrom_kind:
        visit_yield(st, e, e->v.YieldFrom.value);
        break;
    case Compare_kind:
        visit_expr(st, e->v.Compare.left);
        visit_exprs(st, e->v.Compare.comparators);
        break;
    case Call_kind:
        visit_expr(st, e->v.Call.func);
        visit_exprs(st, e->v.Call.args);
        visit_keywords(st, e->v.Call.keywords);
        break;
    case FormattedValue_kind:
        visit_expr(st, e->v.FormattedValue.value);
        if (e->v.FormattedValue.format_spec) {
            visit_expr(st, e->v.FormattedValue.format_spec);
        }
        break;
    case JoinedStr_kind:
        visit_exprs(st, e->v.JoinedStr.values);
        break;
    case Constant_kind:
        break;
    case Attribute_kind:
        visit_expr(st, e->v.Attribute.value);
        break;
    case Subscript_kind:
        visit_expr(st, e->v.Subscript.value);
        visit_expr(st, e->v.Subscript.slice);
        break;
    case Starred_kind:
        visit_expr(st, e->v.Starred.value);
        break;
    case Slice_kind:
        if (e->v.Slice.lower) {
            visit_expr(st, e->v.Slice.lower);
        }
        if (e->v.Slice.upper) {
            visit_expr(st, e->v.Slice.upper);
        }
        if (e->v.Slice.step) {
            visit_expr(st, e->v.Slice.step);
        }
        break;
    case Name_kind:
        visit_name(st, e);
        break;
    case List_kind:
        visit_exprs(st, e->v.List.elts);
        break;
    case Tuple_kind:
        visit_exprs(st, e->v.Tuple.elts);
        break;
    }
}

static void
visit_expr(struct symtable *st, expr_ty e)
{
    if (st->st_failed) {
        return;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        fail(st);
        return;
    }
    visit_expr_kind(st, e);
    Py_LeaveRecursiveCall();
}

/* --- patterns ------------------------------------------------------------------------------ */

static void
visit_patterns(struct symtable *st, asdl_pattern_seq *seq)
{
    for (Py_ssize_t i = 0; !st->st_failed && i < asdl_seq_LEN(seq); i++) {
        visit_pattern(st, asdl_seq_GET(seq, i));
    }
}

static void
visit_pattern_kind(struct symtable *st, pattern_ty p)
{
    switch (p->kind) {
    case MatchValue_kind:
        visit_expr(st, p->v.MatchValue.value);
        break;
    case MatchSingleton_kind:
        break;
    case MatchSequence_kind:
        visit_patterns(st, p->v.MatchSequence.patterns);
        break;
    case MatchStar_kind:
        if (p->v.MatchStar.name) {
            add_def(st, p->v.MatchStar.name, DEF_LOCAL, LOC(p));
        }
        break;
    case MatchMapping_kind:
        visit_exprs(st, p->v.MatchMapping.keys);
        visit_patterns(st, p->v.MatchMapping.patterns);
        if (p->v.MatchMapping.rest) {
            add_def(st, p->v.MatchMapping.rest, DEF_LOCAL, LOC(p));
        }
        break;
    case MatchClass_kind:
        visit_expr(st, p->v.MatchClass.cls);
        visit_patterns(st, p->v.MatchClass.patterns);
        visit_patterns(st, p->v.MatchClass.kwd_patterns);
        break;
    case MatchAs_kind:
        if (p->v.MatchAs.pattern) {
            visit_pattern(st, p->v.MatchAs.pattern);
        }
        if (p->v.MatchAs.name) {
            add_def(st, p->v.MatchAs.name, DEF_LOCAL, LOC(p));
        }
        break;
    case MatchOr_kind:
        visit_patterns(st, p->v.MatchOr.patterns);
        break;
    }
}

static void
visit_pattern(struct symtable *st, pattern_ty p)
{
    if (st->st_failed) {
        return;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        fail(st);
        return;
    }
    visit_pattern_kind(st, p);
    Py_LeaveRecursiveCall();
}

/* --- the table ----------------------------------------------------------------------------- */

void
_PySymtable_Free(struct symtable *st)
{
    Py_XDECREF(st->st_blocks);
    Py_XDECREF(st->st_stack);
    PyMem_Free(st);
}

/* Build and analyse the table of a module.  filename and future must outlive the table.
   Returns NULL with an exception (SyntaxError, RecursionError, MemoryError). */
struct symtable *
_PySymtable_Build(mod_ty mod, PyObject *filename, PyFutureFeatures *future)
{
    struct symtable *st = PyMem_Calloc(1, sizeof(*st));
    if (st == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    st->st_filename = filename;
    st->st_future = future;
    st->st_blocks = PyDict_New();
    st->st_stack = PyList_New(0);
    if (st->st_blocks == NULL || st->st_stack == NULL) {
        _PySymtable_Free(st);
        return NULL;
    }
    enter_block(st, &_Py_ID(top), ModuleBlock, mod, NOWHERE);
    if (!st->st_failed) {
        switch (mod->kind) {
        case Module_kind:
            visit_body(st, mod->v.Module.body);
            break;
        case Interactive_kind:
            visit_body(st, mod->v.Interactive.body);
            break;
        case Expression_kind:
            visit_expr(st, mod->v.Expression.body);
            break;
        case FunctionType_kind:
            PyErr_SetString(PyExc_RuntimeError,
                            "this compiler does not handle FunctionTypes");
            fail(st);
            break;
        }
    }
    exit_block(st);
    if (st->st_failed || _PySymtable_Analyze(st) < 0) {
        assert(PyErr_Occurred());
        _PySymtable_Free(st);
        return NULL;
    }
    return st;
}

/* Entry of the block that key (an AST node) opens; a new reference, NULL with an exception. */
PySTEntryObject *
PySymtable_Lookup(struct symtable *st, void *key)
{
    PyObject *k = PyLong_FromVoidPtr(key);
    if (k == NULL) {
        return NULL;
    }
    PyObject *v = PyDict_GetItemWithError(st->st_blocks, k);
    Py_DECREF(k);
    if (v == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_KeyError, "unknown symbol table entry");
        }
        return NULL;
    }
    assert(PySTEntry_Check(v));
    return (PySTEntryObject *)Py_NewRef(v);
}
