/* Code for functions, lambdas, classes and what PEP 695 puts around them.

   Written from: the language reference, "Function definitions", "Class definitions", "Type
   parameter lists"; PEP 563, 570, 646, 695, 3107, 3115, 3135; the dis documentation; and by
   comparing with the output of 3.12. */

#include "Python.h"
#include "pycore_codegen.h"

/* --- decorators ---------------------------------------------------------------------------- */

static void
apply_decorators(struct compiler *c, asdl_expr_seq *decorators)
{
    assert(c->u != NULL || c->failed);
    for (Py_ssize_t i = asdl_seq_LEN(decorators) - 1; i >= 0; i--) {
        expr_ty d = asdl_seq_GET(decorators, i);
        _PyCg_Emit(c, LOC(d), CALL, 0);
    }
}

static int
first_line(int lineno, asdl_expr_seq *decorators)
{
    if (asdl_seq_LEN(decorators)) {
        expr_ty first = asdl_seq_GET(decorators, 0);
        return first->lineno;
    }
    return lineno;
}

/* --- defaults and annotations -------------------------------------------------------------- */

/* Keyword-only defaults as a dict; returns whether there is one. */
static int
keyword_defaults(struct compiler *c, location loc, arguments_ty args)
{
    PyObject *names = PyList_New(0);
    assert(asdl_seq_LEN(args->kwonlyargs) == asdl_seq_LEN(args->kw_defaults));
    if (names == NULL) {
        _PyCg_Fail(c);
        return 0;
    }
    for (Py_ssize_t i = 0; !c->failed && i < asdl_seq_LEN(args->kwonlyargs); i++) {
        arg_ty arg = asdl_seq_GET(args->kwonlyargs, i);
        expr_ty value = asdl_seq_GET(args->kw_defaults, i);
        if (value == NULL) {
            continue;
        }
        PyObject *mangled = _PyCg_Mangle(c, arg->arg);
        if (mangled != NULL && PyList_Append(names, mangled) < 0) {
            _PyCg_Fail(c);
        }
        Py_XDECREF(mangled);
        _PyCg_Expr(c, value);
    }
    Py_ssize_t n = PyList_GET_SIZE(names);
    if (n && !c->failed) {
        _PyCg_LoadNewConst(c, loc, PyList_AsTuple(names));
        _PyCg_Emit(c, loc, BUILD_CONST_KEY_MAP, (int)n);
    }
    Py_DECREF(names);
    return n > 0;
}

/* Push the defaults; returns the flags for MAKE_FUNCTION. */
static int
default_arguments(struct compiler *c, location loc, arguments_ty args)
{
    int flags = 0;
    if (c->failed) {
        return 0;
    }
    if (asdl_seq_LEN(args->defaults)) {
        flags |= MAKE_FUNCTION_DEFAULTS;
        _PyCg_Exprs(c, args->defaults);
        _PyCg_Emit(c, loc, BUILD_TUPLE, (int)asdl_seq_LEN(args->defaults));
    }
    if (!c->failed && asdl_seq_LEN(args->kwonlyargs) && keyword_defaults(c, loc, args)) {
        flags |= MAKE_FUNCTION_KWDEFAULTS;
    }
    return flags;
}

/* Push the text of an annotation (PEP 563). */
void
_PyCg_Annotation(struct compiler *c, expr_ty annotation)
{
    if (!c->failed) {
        _PyCg_LoadNewConst(c, LOC(annotation), _PyAST_ExprAsUnicode(annotation));
    }
}

static void
annotate(struct compiler *c, location loc, PyObject *name, expr_ty annotation, int *n)
{
    if (annotation == NULL || c->failed) {
        return;
    }
    PyObject *mangled = _PyCg_Mangle(c, name);
    if (mangled == NULL) {
        return;
    }
    _PyCg_LoadNewConst(c, loc, mangled);
    if (c->future.ff_features & CO_FUTURE_ANNOTATIONS) {
        _PyCg_Annotation(c, annotation);
    }
    else if (annotation->kind == Starred_kind) {
        /* *args: *Ts  (PEP 646) */
        _PyCg_Expr(c, annotation->v.Starred.value);
        _PyCg_Emit(c, loc, UNPACK_SEQUENCE, 1);
    }
    else {
        _PyCg_Expr(c, annotation);
    }
    ++*n;
}

static void
annotate_all(struct compiler *c, location loc, asdl_arg_seq *args, int *n)
{
    for (Py_ssize_t i = 0; !c->failed && i < asdl_seq_LEN(args); i++) {
        arg_ty arg = asdl_seq_GET(args, i);
        annotate(c, loc, arg->arg, arg->annotation, n);
    }
}

/* Push the annotations as a tuple of names and values; returns the flag for MAKE_FUNCTION. */
static int
signature_annotations(struct compiler *c, location loc, arguments_ty args, expr_ty returns)
{
    int n = 0;
    /* the order that __annotations__ shows */
    annotate_all(c, loc, args->args, &n);
    annotate_all(c, loc, args->posonlyargs, &n);
    if (args->vararg) {
        annotate(c, loc, args->vararg->arg, args->vararg->annotation, &n);
    }
    annotate_all(c, loc, args->kwonlyargs, &n);
    if (args->kwarg) {
        annotate(c, loc, args->kwarg->arg, args->kwarg->annotation, &n);
    }
    annotate(c, loc, &_Py_ID(return), returns, &n);
    if (n == 0) {
        return 0;
    }
    _PyCg_Emit(c, loc, BUILD_TUPLE, n * 2);
    return MAKE_FUNCTION_ANNOTATIONS;
}

static void
check_debug_args(struct compiler *c, asdl_arg_seq *args)
{
    for (Py_ssize_t i = 0; !c->failed && i < asdl_seq_LEN(args); i++) {
        arg_ty arg = asdl_seq_GET(args, i);
        _PyCg_Forbidden(c, LOC(arg), arg->arg, Store);
    }
}

static void
check_debug_arguments(struct compiler *c, arguments_ty args)
{
    check_debug_args(c, args->posonlyargs);
    check_debug_args(c, args->args);
    if (args->vararg) {
        _PyCg_Forbidden(c, LOC(args->vararg), args->vararg->arg, Store);
    }
    check_debug_args(c, args->kwonlyargs);
    if (args->kwarg) {
        _PyCg_Forbidden(c, LOC(args->kwarg), args->kwarg->arg, Store);
    }
}

/* --- type parameters (PEP 695) -------------------------------------------------------------- */

/* Push a function that evaluates e when the value is asked for. */
static void
lazy_value(struct compiler *c, location loc, PyObject *name, void *key, expr_ty e, int lineno)
{
    _PyCg_EnterScope(c, name, UNIT_TYPEPARAMS, key, lineno);
    _PyCg_Expr(c, e);
    _PyCg_Emit(c, loc, RETURN_VALUE, 0);
    PyCodeObject *co = _PyCg_Assemble(c, 1);
    _PyCg_ExitScope(c);
    _PyCg_MakeClosure(c, loc, co, 0);
}

/* Push the tuple of the type parameters, each also stored under its name. */
static void
type_params(struct compiler *c, asdl_type_param_seq *params)
{
    Py_ssize_t n = asdl_seq_LEN(params);
    assert(asdl_seq_LEN(params) > 0);
    for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
        type_param_ty tp = asdl_seq_GET(params, i);
        location loc = LOC(tp);
        PyObject *name = NULL;
        switch (tp->kind) {
        case TypeVar_kind: {
            name = tp->v.TypeVar.name;
            expr_ty bound = tp->v.TypeVar.bound;
            _PyCg_LoadConst(c, loc, name);
            if (bound) {
                lazy_value(c, loc, name, tp, bound, bound->lineno);
                _PyCg_Emit(c, loc, CALL_INTRINSIC_2, bound->kind == Tuple_kind
                           ? INTRINSIC_TYPEVAR_WITH_CONSTRAINTS : INTRINSIC_TYPEVAR_WITH_BOUND);
            }
            else {
                _PyCg_Emit(c, loc, CALL_INTRINSIC_1, INTRINSIC_TYPEVAR);
            }
            break;
        }
        case TypeVarTuple_kind:
            name = tp->v.TypeVarTuple.name;
            _PyCg_LoadConst(c, loc, name);
            _PyCg_Emit(c, loc, CALL_INTRINSIC_1, INTRINSIC_TYPEVARTUPLE);
            break;
        case ParamSpec_kind:
            name = tp->v.ParamSpec.name;
            _PyCg_LoadConst(c, loc, name);
            _PyCg_Emit(c, loc, CALL_INTRINSIC_1, INTRINSIC_PARAMSPEC);
            break;
        }
        _PyCg_Emit(c, loc, COPY, 1);
        _PyCg_Name(c, loc, name, Store);
    }
    if (!c->failed) {
        type_param_ty first = asdl_seq_GET(params, 0);
        _PyCg_Emit(c, LOC(first), BUILD_TUPLE, (int)n);
    }
}

static void
enter_type_params(struct compiler *c, PyObject *name, asdl_type_param_seq *params, int lineno)
{
    if (c->failed) {
        return;
    }
    PyObject *scope_name = PyUnicode_FromFormat("<generic parameters of %U>", name);
    if (scope_name == NULL) {
        _PyCg_Fail(c);
        return;
    }
    _PyCg_EnterScope(c, scope_name, UNIT_TYPEPARAMS, params, lineno);
    Py_DECREF(scope_name);
}

/* --- functions ----------------------------------------------------------------------------- */

/* The body becomes a StopIteration guard: one that escapes a generator is a RuntimeError (PEP
   479). */
void
_PyCg_WrapStopIteration(struct compiler *c)
{
    int handler = _PyCg_NewLabel(c);
    if (c->failed) {
        return;
    }
    if (_PyInstrSequence_InsertFirst(&c->u->seq, SETUP_CLEANUP, handler, NO_LOCATION) < 0) {
        _PyCg_Fail(c);
        return;
    }
    _PyCg_LoadConst(c, NO_LOCATION, Py_None);
    _PyCg_Emit(c, NO_LOCATION, RETURN_VALUE, 0);
    _PyCg_Use(c, handler);
    _PyCg_Emit(c, NO_LOCATION, CALL_INTRINSIC_1, INTRINSIC_STOPITERATION_ERROR);
    _PyCg_Emit(c, NO_LOCATION, RERAISE, 1);
}

static void
set_arg_counts(struct compiler *c, arguments_ty args)
{
    if (!c->failed) {
        c->u->meta.u_argcount = asdl_seq_LEN(args->args);
        c->u->meta.u_posonlyargcount = asdl_seq_LEN(args->posonlyargs);
        c->u->meta.u_kwonlyargcount = asdl_seq_LEN(args->kwonlyargs);
    }
}

/* Compile the body and push the function. */
static void
function_body(struct compiler *c, stmt_ty s, PyObject *name, arguments_ty args,
              asdl_stmt_seq *body, int is_async, int flags, int lineno)
{
    _PyCg_EnterScope(c, name, is_async ? UNIT_ASYNC_FUNCTION : UNIT_FUNCTION, s, lineno);
    if (c->failed) {
        return;
    }
    /* The first constant is the docstring, or None. */
    PyObject *docstring = _PyCg_DocString(body);
    if (c->optimize >= 2) {
        docstring = NULL;
    }
    Py_ssize_t first = docstring != NULL;
    _PyCg_AddConst(c, docstring != NULL ? docstring : Py_None);
    set_arg_counts(c, args);
    for (Py_ssize_t i = first; !c->failed && i < asdl_seq_LEN(body); i++) {
        _PyCg_Stmt(c, asdl_seq_GET(body, i));
    }
    if (!c->failed && (c->u->ste->ste_coroutine || c->u->ste->ste_generator)) {
        _PyCg_WrapStopIteration(c);
    }
    PyCodeObject *co = _PyCg_Assemble(c, 1);
    _PyCg_ExitScope(c);
    _PyCg_MakeClosure(c, LOC(s), co, flags);
}

/* FunctionDef and AsyncFunctionDef have the same fields. */
void
_PyCg_Function(struct compiler *c, stmt_ty s, int is_async)
{
    PyObject *name = is_async ? s->v.AsyncFunctionDef.name : s->v.FunctionDef.name;
    arguments_ty args = is_async ? s->v.AsyncFunctionDef.args : s->v.FunctionDef.args;
    asdl_stmt_seq *body = is_async ? s->v.AsyncFunctionDef.body : s->v.FunctionDef.body;
    asdl_expr_seq *decorators = is_async ? s->v.AsyncFunctionDef.decorator_list
                                         : s->v.FunctionDef.decorator_list;
    expr_ty returns = is_async ? s->v.AsyncFunctionDef.returns : s->v.FunctionDef.returns;
    asdl_type_param_seq *params = is_async ? s->v.AsyncFunctionDef.type_params
                                           : s->v.FunctionDef.type_params;
    location loc = LOC(s);
    int lineno = first_line(s->lineno, decorators), generic = asdl_seq_LEN(params) > 0;
    int n_passed = 0;
    assert(s->kind == (is_async ? AsyncFunctionDef_kind : FunctionDef_kind));

    check_debug_arguments(c, args);
    _PyCg_Exprs(c, decorators);
    if (generic) {
        _PyCg_Emit(c, loc, PUSH_NULL, 0);
    }
    int flags = default_arguments(c, loc, args);
    if (generic && !c->failed) {
        /* The defaults, evaluated outside, are passed into the scope of the type parameters. */
        n_passed = !!(flags & MAKE_FUNCTION_DEFAULTS) + !!(flags & MAKE_FUNCTION_KWDEFAULTS);
        if (n_passed == 2) {
            _PyCg_Emit(c, loc, SWAP, 2);
        }
        enter_type_params(c, name, params, lineno);
        type_params(c, params);
        for (int i = 0; i < n_passed; i++) {
            _PyCg_Emit(c, loc, LOAD_FAST, i);
        }
    }
    flags |= signature_annotations(c, loc, args, returns);
    function_body(c, s, name, args, body, is_async, flags, lineno);
    if (generic && !c->failed) {
        _PyCg_Emit(c, loc, SWAP, 2);
        _PyCg_Emit(c, loc, CALL_INTRINSIC_2, INTRINSIC_SET_FUNCTION_TYPE_PARAMS);
        c->u->meta.u_argcount = n_passed;
        PyCodeObject *co = _PyCg_Assemble(c, 0);
        _PyCg_ExitScope(c);
        _PyCg_MakeClosure(c, loc, co, 0);
        if (n_passed) {
            _PyCg_Emit(c, loc, SWAP, n_passed + 1);
        }
        _PyCg_Emit(c, loc, CALL, n_passed);
    }
    apply_decorators(c, decorators);
    _PyCg_Name(c, loc, name, Store);
}

void
_PyCg_Lambda(struct compiler *c, expr_ty e)
{
    location loc = LOC(e);
    arguments_ty args = e->v.Lambda.args;
    assert(e->kind == Lambda_kind);
    check_debug_arguments(c, args);
    int flags = default_arguments(c, loc, args);
    _PyCg_EnterScope(c, &_Py_STR(anon_lambda), UNIT_LAMBDA, e, e->lineno);
    if (c->failed) {
        return;
    }
    _PyCg_AddConst(c, Py_None);     /* no docstring */
    set_arg_counts(c, args);
    _PyCg_Expr(c, e->v.Lambda.body);
    PyCodeObject *co;
    if (c->u->ste->ste_generator) {
        co = _PyCg_Assemble(c, 0);
    }
    else {
        _PyCg_Emit(c, LOCATION(e->lineno, e->lineno, 0, 0), RETURN_VALUE, 0);
        co = _PyCg_Assemble(c, 1);
    }
    _PyCg_ExitScope(c);
    _PyCg_MakeClosure(c, loc, co, flags);
}

/* --- classes ------------------------------------------------------------------------------- */

static void
class_body(struct compiler *c, stmt_ty s, int lineno, PyCodeObject **co)
{
    *co = NULL;
    _PyCg_EnterScope(c, s->v.ClassDef.name, UNIT_CLASS, s, lineno);
    if (c->failed) {
        return;
    }
    struct code_unit *u = c->u;
    location loc = LOCATION(lineno, lineno, 0, 0);
    Py_XSETREF(u->private, Py_NewRef(s->v.ClassDef.name));
    _PyCg_Name(c, loc, &_Py_ID(__name__), Load);
    _PyCg_Name(c, loc, &_Py_ID(__module__), Store);
    _PyCg_LoadConst(c, loc, u->meta.u_qualname);
    _PyCg_Name(c, loc, &_Py_ID(__qualname__), Store);
    if (asdl_seq_LEN(s->v.ClassDef.type_params)) {
        _PyCg_Name(c, loc, &_Py_STR(type_params_cell), Load);
        _PyCg_Name(c, loc, &_Py_ID(__type_params__), Store);
    }
    if (u->ste->ste_needs_classdict) {
        _PyCg_Emit(c, loc, LOAD_LOCALS, 0);
        _PyCg_EmitIndexed(c, loc, STORE_DEREF, u->meta.u_cellvars, &_Py_ID(__classdict__));
    }
    _PyCg_Body(c, loc, s->v.ClassDef.body);
    /* The cells that type.__new__ fills in. */
    if (!c->failed && u->ste->ste_needs_classdict) {
        _PyCg_EmitIndexed(c, NO_LOCATION, LOAD_CLOSURE, u->meta.u_cellvars,
                          &_Py_ID(__classdict__));
        _PyCg_Name(c, NO_LOCATION, &_Py_ID(__classdictcell__), Store);
    }
    if (!c->failed && u->ste->ste_needs_class_closure) {
        _PyCg_EmitIndexed(c, NO_LOCATION, LOAD_CLOSURE, u->meta.u_cellvars,
                          &_Py_ID(__class__));
        _PyCg_Emit(c, NO_LOCATION, COPY, 1);
        _PyCg_Name(c, NO_LOCATION, &_Py_ID(__classcell__), Store);
    }
    else {
        _PyCg_LoadConst(c, NO_LOCATION, Py_None);
    }
    _PyCg_Emit(c, NO_LOCATION, RETURN_VALUE, 0);
    *co = _PyCg_Assemble(c, 1);
    _PyCg_ExitScope(c);
}

/* Bases with the hidden generic base behind them. */
static asdl_expr_seq *
with_generic_base(struct compiler *c, stmt_ty s)
{
    asdl_expr_seq *bases = s->v.ClassDef.bases;
    Py_ssize_t n = asdl_seq_LEN(bases);
    asdl_expr_seq *all = _Py_asdl_expr_seq_new(n + 1, c->arena);
    expr_ty base = all == NULL ? NULL
                   : _PyAST_Name(&_Py_STR(generic_base), Load, s->lineno, s->col_offset,
                                 s->end_lineno, s->end_col_offset, c->arena);
    assert(asdl_seq_LEN(s->v.ClassDef.type_params) > 0);
    if (base == NULL) {
        _PyCg_Fail(c);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        asdl_seq_SET(all, i, asdl_seq_GET(bases, i));
    }
    asdl_seq_SET(all, n, base);
    return all;
}

void
_PyCg_Class(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    asdl_expr_seq *decorators = s->v.ClassDef.decorator_list, *bases = s->v.ClassDef.bases;
    asdl_type_param_seq *params = s->v.ClassDef.type_params;
    int lineno = first_line(s->lineno, decorators), generic = asdl_seq_LEN(params) > 0;
    PyCodeObject *co;
    assert(s->kind == ClassDef_kind);

    _PyCg_Exprs(c, decorators);
    if (generic) {
        _PyCg_Emit(c, loc, PUSH_NULL, 0);
        enter_type_params(c, s->v.ClassDef.name, params, lineno);
        if (c->failed) {
            return;
        }
        Py_XSETREF(c->u->private, Py_NewRef(s->v.ClassDef.name));
        type_params(c, params);
        _PyCg_Name(c, loc, &_Py_STR(type_params_cell), Store);
    }
    class_body(c, s, lineno, &co);
    _PyCg_Emit(c, loc, PUSH_NULL, 0);
    _PyCg_Emit(c, loc, LOAD_BUILD_CLASS, 0);
    _PyCg_MakeClosure(c, loc, co, 0);
    _PyCg_LoadConst(c, loc, s->v.ClassDef.name);
    if (generic) {
        _PyCg_Name(c, loc, &_Py_STR(type_params_cell), Load);
        _PyCg_Emit(c, loc, CALL_INTRINSIC_1, INTRINSIC_SUBSCRIPT_GENERIC);
        _PyCg_Name(c, loc, &_Py_STR(generic_base), Store);
        bases = c->failed ? NULL : with_generic_base(c, s);
    }
    _PyCg_CallArgs(c, loc, 2, bases, s->v.ClassDef.keywords);
    if (generic) {
        co = _PyCg_Assemble(c, 0);
        _PyCg_ExitScope(c);
        _PyCg_MakeClosure(c, loc, co, 0);
        _PyCg_Emit(c, loc, CALL, 0);
    }
    apply_decorators(c, decorators);
    _PyCg_Name(c, loc, s->v.ClassDef.name, Store);
}

/* --- type aliases -------------------------------------------------------------------------- */

static void
alias_value(struct compiler *c, stmt_ty s, PyObject *name)
{
    location loc = LOC(s);
    assert(s->kind == TypeAlias_kind);
    _PyCg_EnterScope(c, name, UNIT_FUNCTION, s, s->lineno);
    _PyCg_AddConst(c, Py_None);     /* no docstring */
    _PyCg_Expr(c, s->v.TypeAlias.value);
    _PyCg_Emit(c, loc, RETURN_VALUE, 0);
    PyCodeObject *co = _PyCg_Assemble(c, 0);
    _PyCg_ExitScope(c);
    _PyCg_MakeClosure(c, loc, co, 0);
    _PyCg_Emit(c, loc, BUILD_TUPLE, 3);
    _PyCg_Emit(c, loc, CALL_INTRINSIC_1, INTRINSIC_TYPEALIAS);
}

void
_PyCg_TypeAlias(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    asdl_type_param_seq *params = s->v.TypeAlias.type_params;
    PyObject *name = s->v.TypeAlias.name->v.Name.id;
    assert(s->kind == TypeAlias_kind);
    if (asdl_seq_LEN(params)) {
        _PyCg_Emit(c, loc, PUSH_NULL, 0);
        enter_type_params(c, name, params, s->lineno);
        _PyCg_LoadConst(c, loc, name);
        type_params(c, params);
        alias_value(c, s, name);
        PyCodeObject *co = _PyCg_Assemble(c, 0);
        _PyCg_ExitScope(c);
        _PyCg_MakeClosure(c, loc, co, 0);
        _PyCg_Emit(c, loc, CALL, 0);
    }
    else {
        _PyCg_LoadConst(c, loc, name);
        _PyCg_LoadConst(c, loc, Py_None);
        alias_value(c, s, name);
    }
    _PyCg_Name(c, loc, name, Store);
}
