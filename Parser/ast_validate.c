/* Whether a syntax tree that was made from objects is one that the parser could have made, so that
   the compiler can rely on it.  Types and presence of fields have been checked by ast_convert.c.
   Every function returns 1, or 0 with an exception.  Messages as observed on 3.12. */

#include "Python.h"
#include "pycore_ast.h"             // mod_ty

static int validate_expr(expr_ty e, expr_context_ty ctx);
static int validate_pattern(pattern_ty p, int star_ok);
static int validate_stmts(asdl_stmt_seq *seq);

/* Positions, names, sequences. */

static int
validate_position(int lineno, int col, int end_lineno, int end_col)
{
    if (lineno > end_lineno) {
        PyErr_Format(PyExc_ValueError, "AST node line range (%d, %d) is not valid", lineno,
                     end_lineno);
        return 0;
    }
    if ((lineno < 0 && end_lineno != lineno) || (col < 0 && col != end_col)) {
        PyErr_Format(PyExc_ValueError,
                     "AST node column range (%d, %d) for line range (%d, %d) is not valid",
                     col, end_col, lineno, end_lineno);
        return 0;
    }
    if (lineno == end_lineno && col > end_col) {
        PyErr_Format(PyExc_ValueError, "line %d, column %d-%d is not a valid range", lineno, col,
                     end_col);
        return 0;
    }
    return 1;
}

#define VALID_POSITION(NODE)                                                    \
    validate_position((NODE)->lineno, (NODE)->col_offset, (NODE)->end_lineno,   \
                      (NODE)->end_col_offset)

static int
validate_name(PyObject *name)
{
    static const char * const constants[] = {"None", "True", "False"};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyUnicode_CompareWithASCIIString(name, constants[i]) == 0) {
            PyErr_Format(PyExc_ValueError, "identifier field can't represent '%s' constant",
                         constants[i]);
            return 0;
        }
    }
    return 1;
}

static int
validate_nonempty(asdl_seq *seq, const char *what, const char *owner)
{
    if (asdl_seq_LEN(seq) == 0) {
        PyErr_Format(PyExc_ValueError, "empty %s on %s", what, owner);
        return 0;
    }
    return 1;
}

#define NONEMPTY(SEQ, WHAT, OWNER) validate_nonempty((asdl_seq *)(SEQ), WHAT, OWNER)

static int
validate_exprs(asdl_expr_seq *seq, expr_context_ty ctx, int null_ok)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(seq); i++) {
        expr_ty e = asdl_seq_GET(seq, i);
        if (e == NULL) {
            if (null_ok) {
                continue;
            }
            PyErr_SetString(PyExc_ValueError, "None disallowed in expression list");
            return 0;
        }
        if (!validate_expr(e, ctx)) {
            return 0;
        }
    }
    return 1;
}

static int
validate_optional(expr_ty e, expr_context_ty ctx)
{
    return e == NULL || validate_expr(e, ctx);
}

static int
validate_body(asdl_stmt_seq *body, const char *owner)
{
    return NONEMPTY(body, "body", owner) && validate_stmts(body);
}

/* Parts of nodes. */

static int
validate_comprehensions(asdl_comprehension_seq *generators)
{
    if (asdl_seq_LEN(generators) == 0) {
        PyErr_SetString(PyExc_ValueError, "comprehension with no generators");
        return 0;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(generators); i++) {
        comprehension_ty comp = asdl_seq_GET(generators, i);
        if (!validate_expr(comp->target, Store) || !validate_expr(comp->iter, Load)
            || !validate_exprs(comp->ifs, Load, 0))
        {
            return 0;
        }
    }
    return 1;
}

static int
validate_keywords(asdl_keyword_seq *keywords)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(keywords); i++) {
        if (!validate_expr(asdl_seq_GET(keywords, i)->value, Load)) {
            return 0;
        }
    }
    return 1;
}

static int
validate_args(asdl_arg_seq *args)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(args); i++) {
        arg_ty arg = asdl_seq_GET(args, i);
        if (!VALID_POSITION(arg) || !validate_optional(arg->annotation, Load)) {
            return 0;
        }
    }
    return 1;
}

static int
validate_arguments(arguments_ty args)
{
    if (!validate_args(args->posonlyargs) || !validate_args(args->args)
        || (args->vararg != NULL && !validate_optional(args->vararg->annotation, Load))
        || !validate_args(args->kwonlyargs)
        || (args->kwarg != NULL && !validate_optional(args->kwarg->annotation, Load)))
    {
        return 0;
    }
    if (asdl_seq_LEN(args->defaults)
        > asdl_seq_LEN(args->posonlyargs) + asdl_seq_LEN(args->args))
    {
        PyErr_SetString(PyExc_ValueError, "more positional defaults than args on arguments");
        return 0;
    }
    if (asdl_seq_LEN(args->kw_defaults) != asdl_seq_LEN(args->kwonlyargs)) {
        PyErr_SetString(PyExc_ValueError, "length of kwonlyargs is not the same as "
                        "kw_defaults on arguments");
        return 0;
    }
    return validate_exprs(args->defaults, Load, 0) && validate_exprs(args->kw_defaults, Load, 1);
}

/* A value of a type that code objects can hold. */
static int
validate_constant(PyObject *value)
{
    if (value == Py_None || value == Py_Ellipsis || PyLong_CheckExact(value)
        || PyFloat_CheckExact(value) || PyComplex_CheckExact(value) || PyBool_Check(value)
        || PyUnicode_CheckExact(value) || PyBytes_CheckExact(value))
    {
        return 1;
    }
    if (!PyTuple_CheckExact(value) && !PyFrozenSet_CheckExact(value)) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "got an invalid type in Constant: %s",
                         Py_TYPE(value)->tp_name);
        }
        return 0;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        return 0;
    }
    PyObject *iter = PyObject_GetIter(value), *item;
    int valid = iter != NULL;
    while (valid && (item = PyIter_Next(iter)) != NULL) {
        valid = validate_constant(item);
        Py_DECREF(item);
    }
    Py_XDECREF(iter);
    Py_LeaveRecursiveCall();
    return valid && !PyErr_Occurred();
}

/* Expressions. */

static const char *
context_name(expr_context_ty ctx)
{
    return ctx == Load ? "Load" : ctx == Store ? "Store" : "Del";
}

static int
validate_context(expr_ty e, expr_context_ty ctx)
{
    expr_context_ty actual;
    switch (e->kind) {
    case Attribute_kind: actual = e->v.Attribute.ctx; break;
    case Subscript_kind: actual = e->v.Subscript.ctx; break;
    case Starred_kind: actual = e->v.Starred.ctx; break;
    case Name_kind:
        if (!validate_name(e->v.Name.id)) {
            return 0;
        }
        actual = e->v.Name.ctx;
        break;
    case List_kind: actual = e->v.List.ctx; break;
    case Tuple_kind: actual = e->v.Tuple.ctx; break;
    default:
        if (ctx != Load) {
            PyErr_Format(PyExc_ValueError, "expression which can't be assigned to in %s context",
                         context_name(ctx));
            return 0;
        }
        return 1;
    }
    if (actual != ctx) {
        PyErr_Format(PyExc_ValueError, "expression must have %s context but has %s instead",
                     context_name(ctx), context_name(actual));
        return 0;
    }
    return 1;
}

static int
validate_compare(expr_ty e)
{
    if (asdl_seq_LEN(e->v.Compare.comparators) == 0) {
        PyErr_SetString(PyExc_ValueError, "Compare with no comparators");
        return 0;
    }
    if (asdl_seq_LEN(e->v.Compare.comparators) != asdl_seq_LEN(e->v.Compare.ops)) {
        PyErr_SetString(PyExc_ValueError,
                        "Compare has a different number of comparators and operands");
        return 0;
    }
    return validate_exprs(e->v.Compare.comparators, Load, 0)
           && validate_expr(e->v.Compare.left, Load);
}

static int
validate_dict(expr_ty e)
{
    if (asdl_seq_LEN(e->v.Dict.keys) != asdl_seq_LEN(e->v.Dict.values)) {
        PyErr_SetString(PyExc_ValueError, "Dict doesn't have the same number of keys as values");
        return 0;
    }
    // A missing key stands for "**".
    return validate_exprs(e->v.Dict.keys, Load, 1) && validate_exprs(e->v.Dict.values, Load, 0);
}

/* What is within the expression; a list or tuple has its parts in the same context. */
static int
validate_parts(expr_ty e, expr_context_ty ctx)
{
    switch (e->kind) {
    case BoolOp_kind:
        if (asdl_seq_LEN(e->v.BoolOp.values) < 2) {
            PyErr_SetString(PyExc_ValueError, "BoolOp with less than 2 values");
            return 0;
        }
        return validate_exprs(e->v.BoolOp.values, Load, 0);
    case BinOp_kind:
        return validate_expr(e->v.BinOp.left, Load) && validate_expr(e->v.BinOp.right, Load);
    case UnaryOp_kind:
        return validate_expr(e->v.UnaryOp.operand, Load);
    case Lambda_kind:
        return validate_arguments(e->v.Lambda.args) && validate_expr(e->v.Lambda.body, Load);
    case IfExp_kind:
        return validate_expr(e->v.IfExp.test, Load) && validate_expr(e->v.IfExp.body, Load)
               && validate_expr(e->v.IfExp.orelse, Load);
    case Dict_kind:
        return validate_dict(e);
    case Set_kind:
        return validate_exprs(e->v.Set.elts, Load, 0);
    case ListComp_kind:
        return validate_comprehensions(e->v.ListComp.generators)
               && validate_expr(e->v.ListComp.elt, Load);
    case SetComp_kind:
        return validate_comprehensions(e->v.SetComp.generators)
               && validate_expr(e->v.SetComp.elt, Load);
    case GeneratorExp_kind:
        return validate_comprehensions(e->v.GeneratorExp.generators)
               && validate_expr(e->v.GeneratorExp.elt, Load);
    case DictComp_kind:
        return validate_comprehensions(e->v.DictComp.generators)
               && validate_expr(e->v.DictComp.key, Load)
               && validate_expr(e->v.DictComp.value, Load);
    case Yield_kind:
        return validate_optional(e->v.Yield.value, Load);
    case YieldFrom_kind:
        return validate_expr(e->v.YieldFrom.value, Load);
    case Await_kind:
        return validate_expr(e->v.Await.value, Load);
    case Compare_kind:
        return validate_compare(e);
    case Call_kind:
        return validate_expr(e->v.Call.func, Load) && validate_exprs(e->v.Call.args, Load, 0)
               && validate_keywords(e->v.Call.keywords);
    case Constant_kind:
        return validate_constant(e->v.Constant.value);
    case JoinedStr_kind:
        return validate_exprs(e->v.JoinedStr.values, Load, 0);
    case FormattedValue_kind:
        return validate_expr(e->v.FormattedValue.value, Load)
               && validate_optional(e->v.FormattedValue.format_spec, Load);
    case Attribute_kind:
        return validate_expr(e->v.Attribute.value, Load);
    case Subscript_kind:
        return validate_expr(e->v.Subscript.slice, Load)
               && validate_expr(e->v.Subscript.value, Load);
    case Starred_kind:
        return validate_expr(e->v.Starred.value, ctx);
    case Slice_kind:
        return validate_optional(e->v.Slice.lower, Load)
               && validate_optional(e->v.Slice.upper, Load)
               && validate_optional(e->v.Slice.step, Load);
    case List_kind:
        return validate_exprs(e->v.List.elts, ctx, 0);
    case Tuple_kind:
        return validate_exprs(e->v.Tuple.elts, ctx, 0);
    case NamedExpr_kind:
        // The target's context is not looked at.
        if (e->v.NamedExpr.target->kind != Name_kind) {
            PyErr_SetString(PyExc_TypeError, "NamedExpr target must be a Name");
            return 0;
        }
        return validate_expr(e->v.NamedExpr.value, Load);
    case Name_kind:
        return 1;
    }
    PyErr_SetString(PyExc_SystemError, "unexpected expression");
    return 0;
}

static int
validate_expr(expr_ty e, expr_context_ty ctx)
{
    assert(!PyErr_Occurred());
    if (!VALID_POSITION(e) || Py_EnterRecursiveCall(" during compilation")) {
        return 0;
    }
    int valid = validate_context(e, ctx) && validate_parts(e, ctx);
    Py_LeaveRecursiveCall();
    return valid;
}

/* Patterns. */

/* A number as the real or imaginary part of a literal, perhaps with a minus sign. */
static int
is_number(expr_ty e, int real, int imaginary, int signed_ok)
{
    if (signed_ok && e->kind == UnaryOp_kind && e->v.UnaryOp.op == USub) {
        e = e->v.UnaryOp.operand;
    }
    if (e->kind != Constant_kind) {
        return 0;
    }
    PyObject *value = e->v.Constant.value;
    return (real && (PyLong_CheckExact(value) || PyFloat_CheckExact(value)))
           || (imaginary && PyComplex_CheckExact(value));
}

static int
validate_pattern_value(expr_ty e)
{
    if (!validate_expr(e, Load)) {
        return 0;
    }
    switch (e->kind) {
    case Constant_kind: {
        PyObject *value = e->v.Constant.value;
        if (PyLong_CheckExact(value) || PyFloat_CheckExact(value) || PyBytes_CheckExact(value)
            || PyComplex_CheckExact(value) || PyUnicode_CheckExact(value))
        {
            return 1;
        }
        PyErr_SetString(PyExc_ValueError, "unexpected constant inside of a literal pattern");
        return 0;
    }
    case Attribute_kind:
    case JoinedStr_kind:
        return 1;                   // an f-string is refused by the compiler
    case UnaryOp_kind:
        if (is_number(e, 1, 1, 1)) {
            return 1;
        }
        break;
    case BinOp_kind:
        if ((e->v.BinOp.op == Add || e->v.BinOp.op == Sub)
            && is_number(e->v.BinOp.left, 1, 0, 1) && is_number(e->v.BinOp.right, 0, 1, 0))
        {
            return 1;
        }
        break;
    default:
        break;
    }
    PyErr_SetString(PyExc_ValueError, "patterns may only match literals and attribute lookups");
    return 0;
}

/* A name that is bound; NULL is a wildcard. */
static int
validate_capture(PyObject *name)
{
    if (name == NULL) {
        return 1;
    }
    if (PyUnicode_CompareWithASCIIString(name, "_") == 0) {
        PyErr_SetString(PyExc_ValueError, "can't capture name '_' in patterns");
        return 0;
    }
    return validate_name(name);
}

static int
validate_patterns(asdl_pattern_seq *patterns, int star_ok)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(patterns); i++) {
        if (!validate_pattern(asdl_seq_GET(patterns, i), star_ok)) {
            return 0;
        }
    }
    return 1;
}

static int
validate_mapping(pattern_ty p)
{
    asdl_expr_seq *keys = p->v.MatchMapping.keys;
    if (asdl_seq_LEN(keys) != asdl_seq_LEN(p->v.MatchMapping.patterns)) {
        PyErr_SetString(PyExc_ValueError,
                        "MatchMapping doesn't have the same number of keys as patterns");
        return 0;
    }
    if (!validate_capture(p->v.MatchMapping.rest)) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(keys); i++) {
        expr_ty key = asdl_seq_GET(keys, i);
        if (key == NULL) {
            PyErr_SetString(PyExc_ValueError, "None disallowed in expression list");
            return 0;
        }
        if (key->kind == Constant_kind
            && (key->v.Constant.value == Py_None || PyBool_Check(key->v.Constant.value)))
        {
            continue;
        }
        if (!validate_pattern_value(key)) {
            return 0;
        }
    }
    return validate_patterns(p->v.MatchMapping.patterns, 0);
}

static int
validate_class_pattern(pattern_ty p)
{
    if (asdl_seq_LEN(p->v.MatchClass.kwd_attrs) != asdl_seq_LEN(p->v.MatchClass.kwd_patterns)) {
        PyErr_SetString(PyExc_ValueError, "MatchClass doesn't have the same number of "
                        "keyword attributes as patterns");
        return 0;
    }
    if (!validate_expr(p->v.MatchClass.cls, Load)) {
        return 0;
    }
    expr_ty cls = p->v.MatchClass.cls;
    while (cls->kind == Attribute_kind) {
        cls = cls->v.Attribute.value;
    }
    if (cls->kind != Name_kind) {
        PyErr_SetString(PyExc_ValueError,
                        "MatchClass cls field can only contain Name or Attribute nodes.");
        return 0;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(p->v.MatchClass.kwd_attrs); i++) {
        if (!validate_name(asdl_seq_GET(p->v.MatchClass.kwd_attrs, i))) {
            return 0;
        }
    }
    return validate_patterns(p->v.MatchClass.patterns, 0)
           && validate_patterns(p->v.MatchClass.kwd_patterns, 0);
}

static int
validate_pattern_kind(pattern_ty p, int star_ok)
{
    switch (p->kind) {
    case MatchValue_kind:
        return validate_pattern_value(p->v.MatchValue.value);
    case MatchSingleton_kind:
        if (p->v.MatchSingleton.value != Py_None && !PyBool_Check(p->v.MatchSingleton.value)) {
            PyErr_SetString(PyExc_ValueError,
                            "MatchSingleton can only contain True, False and None");
            return 0;
        }
        return 1;
    case MatchSequence_kind:
        return validate_patterns(p->v.MatchSequence.patterns, 1);
    case MatchMapping_kind:
        return validate_mapping(p);
    case MatchClass_kind:
        return validate_class_pattern(p);
    case MatchStar_kind:
        if (!star_ok) {
            PyErr_SetString(PyExc_ValueError, "can't use MatchStar here");
            return 0;
        }
        return validate_capture(p->v.MatchStar.name);
    case MatchAs_kind:
        if (p->v.MatchAs.name != NULL && !validate_capture(p->v.MatchAs.name)) {
            return 0;
        }
        if (p->v.MatchAs.pattern == NULL) {
            return 1;
        }
        if (p->v.MatchAs.name == NULL) {
            PyErr_SetString(PyExc_ValueError,
                            "MatchAs must specify a target name if a pattern is given");
            return 0;
        }
        return validate_pattern(p->v.MatchAs.pattern, 0);
    case MatchOr_kind:
        if (asdl_seq_LEN(p->v.MatchOr.patterns) < 2) {
            PyErr_SetString(PyExc_ValueError, "MatchOr requires at least 2 patterns");
            return 0;
        }
        return validate_patterns(p->v.MatchOr.patterns, 0);
    }
    PyErr_SetString(PyExc_SystemError, "unexpected pattern");
    return 0;
}

static int
validate_pattern(pattern_ty p, int star_ok)
{
    if (!VALID_POSITION(p) || Py_EnterRecursiveCall(" during compilation")) {
        return 0;
    }
    int valid = validate_pattern_kind(p, star_ok);
    Py_LeaveRecursiveCall();
    return valid;
}

/* Statements. */

static int
validate_type_params(asdl_type_param_seq *params)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(params); i++) {
        type_param_ty param = asdl_seq_GET(params, i);
        PyObject *name = NULL;
        expr_ty bound = NULL;
        switch (param->kind) {
        case TypeVar_kind:
            name = param->v.TypeVar.name;
            bound = param->v.TypeVar.bound;
            break;
        case ParamSpec_kind: name = param->v.ParamSpec.name; break;
        case TypeVarTuple_kind: name = param->v.TypeVarTuple.name; break;
        }
        if (!VALID_POSITION(param) || !validate_name(name) || !validate_optional(bound, Load)) {
            return 0;
        }
    }
    return 1;
}

static int
validate_function(const char *owner, asdl_stmt_seq *body, asdl_type_param_seq *type_params,
                  arguments_ty args, asdl_expr_seq *decorators, expr_ty returns)
{
    return validate_body(body, owner) && validate_type_params(type_params)
           && validate_arguments(args) && validate_exprs(decorators, Load, 0)
           && validate_optional(returns, Load);
}

static int
validate_for(const char *owner, expr_ty target, expr_ty iter, asdl_stmt_seq *body,
             asdl_stmt_seq *orelse)
{
    return validate_expr(target, Store) && validate_expr(iter, Load)
           && validate_body(body, owner) && validate_stmts(orelse);
}

static int
validate_with(const char *owner, asdl_withitem_seq *items, asdl_stmt_seq *body)
{
    if (!NONEMPTY(items, "items", owner)) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(items); i++) {
        withitem_ty item = asdl_seq_GET(items, i);
        if (!validate_expr(item->context_expr, Load)
            || !validate_optional(item->optional_vars, Store))
        {
            return 0;
        }
    }
    return validate_body(body, owner);
}

static int
validate_match(stmt_ty s)
{
    if (!validate_expr(s->v.Match.subject, Load)
        || !NONEMPTY(s->v.Match.cases, "cases", "Match"))
    {
        return 0;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(s->v.Match.cases); i++) {
        match_case_ty one = asdl_seq_GET(s->v.Match.cases, i);
        if (!validate_pattern(one->pattern, 0) || !validate_optional(one->guard, Load)
            || !validate_body(one->body, "match_case"))
        {
            return 0;
        }
    }
    return 1;
}

static int
validate_try(const char *owner, asdl_stmt_seq *body, asdl_excepthandler_seq *handlers,
             asdl_stmt_seq *orelse, asdl_stmt_seq *finalbody)
{
    if (!validate_body(body, owner)) {
        return 0;
    }
    if (asdl_seq_LEN(handlers) == 0 && asdl_seq_LEN(finalbody) == 0) {
        PyErr_Format(PyExc_ValueError, "%s has neither except handlers nor finalbody", owner);
        return 0;
    }
    if (asdl_seq_LEN(handlers) == 0 && asdl_seq_LEN(orelse) > 0) {
        PyErr_Format(PyExc_ValueError, "%s has orelse but no except handlers", owner);
        return 0;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(handlers); i++) {
        excepthandler_ty handler = asdl_seq_GET(handlers, i);
        if (!VALID_POSITION(handler)
            || !validate_optional(handler->v.ExceptHandler.type, Load)
            || !validate_body(handler->v.ExceptHandler.body, "ExceptHandler"))
        {
            return 0;
        }
    }
    return validate_stmts(finalbody) && validate_stmts(orelse);
}

static int
validate_raise(stmt_ty s)
{
    if (s->v.Raise.exc == NULL) {
        if (s->v.Raise.cause != NULL) {
            PyErr_SetString(PyExc_ValueError, "Raise with cause but no exception");
            return 0;
        }
        return 1;
    }
    return validate_expr(s->v.Raise.exc, Load) && validate_optional(s->v.Raise.cause, Load);
}

static int
validate_ann_assign(stmt_ty s)
{
    if (s->v.AnnAssign.target->kind != Name_kind && s->v.AnnAssign.simple) {
        PyErr_SetString(PyExc_TypeError, "AnnAssign with simple non-Name target");
        return 0;
    }
    return validate_expr(s->v.AnnAssign.target, Store)
           && validate_optional(s->v.AnnAssign.value, Load)
           && validate_expr(s->v.AnnAssign.annotation, Load);
}

static int
validate_type_alias(stmt_ty s)
{
    if (s->v.TypeAlias.name->kind != Name_kind) {
        PyErr_SetString(PyExc_TypeError, "TypeAlias with non-Name name");
        return 0;
    }
    return validate_expr(s->v.TypeAlias.name, Store)
           && validate_type_params(s->v.TypeAlias.type_params)
           && validate_expr(s->v.TypeAlias.value, Load);
}

static int
validate_import_from(stmt_ty s)
{
    if (s->v.ImportFrom.level < 0) {
        PyErr_SetString(PyExc_ValueError, "Negative ImportFrom level");
        return 0;
    }
    return NONEMPTY(s->v.ImportFrom.names, "names", "ImportFrom");
}

static int
validate_stmt_kind(stmt_ty s)
{
    switch (s->kind) {
    case FunctionDef_kind:
        return validate_function("FunctionDef", s->v.FunctionDef.body,
                                 s->v.FunctionDef.type_params, s->v.FunctionDef.args,
                                 s->v.FunctionDef.decorator_list, s->v.FunctionDef.returns);
    case AsyncFunctionDef_kind:
        return validate_function("AsyncFunctionDef", s->v.AsyncFunctionDef.body,
                                 s->v.AsyncFunctionDef.type_params, s->v.AsyncFunctionDef.args,
                                 s->v.AsyncFunctionDef.decorator_list,
                                 s->v.AsyncFunctionDef.returns);
    case ClassDef_kind:
        return validate_body(s->v.ClassDef.body, "ClassDef")
               && validate_type_params(s->v.ClassDef.type_params)
               && validate_exprs(s->v.ClassDef.bases, Load, 0)
               && validate_keywords(s->v.ClassDef.keywords)
               && validate_exprs(s->v.ClassDef.decorator_list, Load, 0);
    case Return_kind:
        return validate_optional(s->v.Return.value, Load);
    case Delete_kind:
        return NONEMPTY(s->v.Delete.targets, "targets", "Delete")
               && validate_exprs(s->v.Delete.targets, Del, 0);
    case Assign_kind:
        return NONEMPTY(s->v.Assign.targets, "targets", "Assign")
               && validate_exprs(s->v.Assign.targets, Store, 0)
               && validate_expr(s->v.Assign.value, Load);
    case AugAssign_kind:
        return validate_expr(s->v.AugAssign.target, Store)
               && validate_expr(s->v.AugAssign.value, Load);
    case AnnAssign_kind:
        return validate_ann_assign(s);
    case TypeAlias_kind:
        return validate_type_alias(s);
    case For_kind:
        return validate_for("For", s->v.For.target, s->v.For.iter, s->v.For.body,
                            s->v.For.orelse);
    case AsyncFor_kind:
        return validate_for("AsyncFor", s->v.AsyncFor.target, s->v.AsyncFor.iter,
                            s->v.AsyncFor.body, s->v.AsyncFor.orelse);
    case While_kind:
        return validate_expr(s->v.While.test, Load) && validate_body(s->v.While.body, "While")
               && validate_stmts(s->v.While.orelse);
    case If_kind:
        return validate_expr(s->v.If.test, Load) && validate_body(s->v.If.body, "If")
               && validate_stmts(s->v.If.orelse);
    case With_kind:
        return validate_with("With", s->v.With.items, s->v.With.body);
    case AsyncWith_kind:
        return validate_with("AsyncWith", s->v.AsyncWith.items, s->v.AsyncWith.body);
    case Match_kind:
        return validate_match(s);
    case Raise_kind:
        return validate_raise(s);
    case Try_kind:
        return validate_try("Try", s->v.Try.body, s->v.Try.handlers, s->v.Try.orelse,
                            s->v.Try.finalbody);
    case TryStar_kind:
        return validate_try("TryStar", s->v.TryStar.body, s->v.TryStar.handlers,
                            s->v.TryStar.orelse, s->v.TryStar.finalbody);
    case Assert_kind:
        return validate_expr(s->v.Assert.test, Load) && validate_optional(s->v.Assert.msg, Load);
    case Import_kind:
        return NONEMPTY(s->v.Import.names, "names", "Import");
    case ImportFrom_kind:
        return validate_import_from(s);
    case Global_kind:
        return NONEMPTY(s->v.Global.names, "names", "Global");
    case Nonlocal_kind:
        return NONEMPTY(s->v.Nonlocal.names, "names", "Nonlocal");
    case Expr_kind:
        return validate_expr(s->v.Expr.value, Load);
    case Pass_kind:
    case Break_kind:
    case Continue_kind:
        return 1;
    }
    PyErr_SetString(PyExc_SystemError, "unexpected statement");
    return 0;
}

static int
validate_stmts(asdl_stmt_seq *seq)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(seq); i++) {
        stmt_ty s = asdl_seq_GET(seq, i);
        if (s == NULL) {
            PyErr_SetString(PyExc_ValueError, "None disallowed in statement list");
            return 0;
        }
        if (!VALID_POSITION(s) || Py_EnterRecursiveCall(" during compilation")) {
            return 0;
        }
        int valid = validate_stmt_kind(s);
        Py_LeaveRecursiveCall();
        if (!valid) {
            return 0;
        }
    }
    return 1;
}

int
_PyAST_Validate(mod_ty tree)
{
    switch (tree->kind) {
    case Module_kind:
        return validate_stmts(tree->v.Module.body);
    case Interactive_kind:
        return validate_stmts(tree->v.Interactive.body);
    case Expression_kind:
        return validate_expr(tree->v.Expression.body, Load);
    case FunctionType_kind:
        return validate_exprs(tree->v.FunctionType.argtypes, Load, 0)
               && validate_expr(tree->v.FunctionType.returns, Load);
    }
    PyErr_SetString(PyExc_SystemError, "impossible module node");
    return 0;
}

PyObject *
_PyAST_GetDocString(asdl_stmt_seq *body)
{
    if (asdl_seq_LEN(body) == 0) {
        return NULL;
    }
    stmt_ty first = asdl_seq_GET(body, 0);
    if (first->kind != Expr_kind || first->v.Expr.value->kind != Constant_kind) {
        return NULL;
    }
    PyObject *value = first->v.Expr.value->v.Constant.value;
    return PyUnicode_CheckExact(value) ? value : NULL;
}
