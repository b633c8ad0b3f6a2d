/* Source text of an expression, for annotations kept as text (PEP 563).

   Every kind of expression has a precedence; it is put in parentheses where a tighter one is
   expected. Errors are sticky: after the first one nothing is written any more.

   Written from: the language reference, "Operator precedence" and "Formatted string literals";
   PEP 563; and by comparing with the annotations of 3.12. */

#include "Python.h"
#include "pycore_ast.h"         // expr_ty
#include "pycore_compile.h"     // _PyAST_ExprAsUnicode()

enum precedence {
    PR_TUPLE,
    PR_TEST,            /* if else, lambda */
    PR_OR,
    PR_AND,
    PR_NOT,
    PR_CMP,
    PR_BOR,
    PR_BXOR,
    PR_BAND,
    PR_SHIFT,
    PR_ARITH,
    PR_TERM,
    PR_FACTOR,
    PR_POWER,
    PR_AWAIT,
    PR_ATOM,
};

#define PR_EXPR PR_BOR

struct writer {
    _PyUnicodeWriter out;
    int failed;
};

static void write_expr(struct writer *w, expr_ty e, int level);
static void fstring_body(struct writer *w, asdl_expr_seq *values);

/* --- text ----------------------------------------------------------------------------------- */

static void
put(struct writer *w, const char *s)
{
    if (!w->failed) {
        w->failed = _PyUnicodeWriter_WriteASCIIString(&w->out, s, -1) < 0;
    }
}

static void
put_if(struct writer *w, int cond, const char *s)
{
    if (cond) {
        put(w, s);
    }
}

static void
put_str(struct writer *w, PyObject *s)
{
    if (!w->failed) {
        w->failed = _PyUnicodeWriter_WriteStr(&w->out, s) < 0;
    }
}

/* Takes over the reference; NULL: an exception is set. */
static void
put_new(struct writer *w, PyObject *s)
{
    if (s == NULL) {
        w->failed = 1;
        return;
    }
    put_str(w, s);
    Py_DECREF(s);
}

static void
put_repr(struct writer *w, PyObject *obj)
{
    if (w->failed) {
        return;
    }
    PyObject *repr = PyObject_Repr(obj);
    if (repr != NULL && (PyFloat_CheckExact(obj) || PyComplex_CheckExact(obj))) {
        /* An infinite literal can only be written as one that overflows. */
        PyObject *inf = PyUnicode_FromString("inf"), *big = PyUnicode_FromString("1e309");
        PyObject *r = inf && big ? PyUnicode_Replace(repr, inf, big, -1) : NULL;
        Py_XDECREF(inf);
        Py_XDECREF(big);
        Py_SETREF(repr, r);
    }
    put_new(w, repr);
}

/* --- parts ---------------------------------------------------------------------------------- */

static void
write_list(struct writer *w, asdl_expr_seq *elts, int level)
{
    for (Py_ssize_t i = 0; !w->failed && i < asdl_seq_LEN(elts); i++) {
        put_if(w, i > 0, ", ");
        write_expr(w, asdl_seq_GET(elts, i), level);
    }
}

static void
write_constant(struct writer *w, PyObject *obj)
{
    if (obj == Py_Ellipsis) {
        put(w, "...");
    }
    else if (PyTuple_CheckExact(obj)) {
        Py_ssize_t n = PyTuple_GET_SIZE(obj);
        put(w, "(");
        for (Py_ssize_t i = 0; !w->failed && i < n; i++) {
            put_if(w, i > 0, ", ");
            write_constant(w, PyTuple_GET_ITEM(obj, i));
        }
        put(w, n == 1 ? ",)" : ")");
    }
    else {
        put_repr(w, obj);
    }
}

static void
write_arg(struct writer *w, arg_ty arg)
{
    put_str(w, arg->arg);
    if (arg->annotation) {
        put(w, ": ");
        write_expr(w, arg->annotation, PR_TEST);
    }
}

static void
write_default(struct writer *w, expr_ty value)
{
    if (value != NULL) {
        put(w, "=");
        write_expr(w, value, PR_TEST);
    }
}

static void
write_arguments(struct writer *w, arguments_ty args)
{
    Py_ssize_t n_pos = asdl_seq_LEN(args->posonlyargs), n_args = asdl_seq_LEN(args->args);
    Py_ssize_t first_default = n_pos + n_args - asdl_seq_LEN(args->defaults);
    int first = 1;
    for (Py_ssize_t i = 0; !w->failed && i < n_pos + n_args; i++) {
        put_if(w, !first, ", ");
        first = 0;
        write_arg(w, i < n_pos ? asdl_seq_GET(args->posonlyargs, i)
                               : asdl_seq_GET(args->args, i - n_pos));
        if (i >= first_default) {
            write_default(w, asdl_seq_GET(args->defaults, i - first_default));
        }
        put_if(w, n_pos > 0 && i + 1 == n_pos, ", /");
    }
    if (args->vararg || asdl_seq_LEN(args->kwonlyargs)) {
        put_if(w, !first, ", ");
        first = 0;
        put(w, "*");
        if (args->vararg) {
            write_arg(w, args->vararg);
        }
    }
    for (Py_ssize_t i = 0; !w->failed && i < asdl_seq_LEN(args->kwonlyargs); i++) {
        put_if(w, !first, ", ");
        first = 0;
        write_arg(w, asdl_seq_GET(args->kwonlyargs, i));
        write_default(w, asdl_seq_GET(args->kw_defaults, i));
    }
    if (args->kwarg) {
        put_if(w, !first, ", ");
        put(w, "**");
        write_arg(w, args->kwarg);
    }
}

static void
write_generators(struct writer *w, asdl_comprehension_seq *generators)
{
    for (Py_ssize_t i = 0; !w->failed && i < asdl_seq_LEN(generators); i++) {
        comprehension_ty g = asdl_seq_GET(generators, i);
        put(w, g->is_async ? " async for " : " for ");
        write_expr(w, g->target, PR_TUPLE);
        put(w, " in ");
        write_expr(w, g->iter, PR_TEST + 1);
        for (Py_ssize_t k = 0; !w->failed && k < asdl_seq_LEN(g->ifs); k++) {
            put(w, " if ");
            write_expr(w, asdl_seq_GET(g->ifs, k), PR_TEST + 1);
        }
    }
}

static void
write_comprehension(struct writer *w, const char *open, expr_ty elt, expr_ty value,
                    asdl_comprehension_seq *generators, const char *close)
{
    put(w, open);
    write_expr(w, elt, PR_TEST);
    if (value) {
        put(w, ": ");
        write_expr(w, value, PR_TEST);
    }
    write_generators(w, generators);
    put(w, close);
}

/* --- f-strings ------------------------------------------------------------------------------ */

static void
fstring_literal(struct writer *w, PyObject *s)
{
    assert(PyUnicode_Check(s));
    for (Py_ssize_t i = 0; !w->failed && i < PyUnicode_GET_LENGTH(s); i++) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(s, i);
        int n = ch == '{' || ch == '}' ? 2 : 1;
        while (!w->failed && n-- > 0) {
            w->failed = _PyUnicodeWriter_WriteChar(&w->out, ch) < 0;
        }
    }
}

static PyObject *
expr_text(expr_ty e, int level)
{
    struct writer w = {.failed = 0};
    _PyUnicodeWriter_Init(&w.out);
    w.out.min_length = 256;
    w.out.overallocate = 1;
    write_expr(&w, e, level);
    if (w.failed) {
        _PyUnicodeWriter_Dealloc(&w.out);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&w.out);
}

static void
fstring_value(struct writer *w, expr_ty e)
{
    PyObject *text = expr_text(e->v.FormattedValue.value, PR_TEST + 1);
    assert(e->kind == FormattedValue_kind);
    if (text == NULL) {
        w->failed = 1;
        return;
    }
    put(w, "{");
    /* "{{" would be a brace. */
    put_if(w, PyUnicode_READ_CHAR(text, 0) == '{', " ");
    put_new(w, text);
    switch (e->v.FormattedValue.conversion) {
    case 'a':
        put(w, "!a");
        break;
    case 'r':
        put(w, "!r");
        break;
    case 's':
        put(w, "!s");
        break;
    case -1:
        break;
    default:
        if (!w->failed) {
            PyErr_SetString(PyExc_SystemError, "unknown f-value conversion kind");
            w->failed = 1;
        }
        return;
    }
    expr_ty spec = e->v.FormattedValue.format_spec;
    if (spec) {
        put(w, ":");
        if (spec->kind == JoinedStr_kind) {
            fstring_body(w, spec->v.JoinedStr.values);
        }
        else if (spec->kind == Constant_kind) {
            fstring_literal(w, spec->v.Constant.value);
        }
    }
    put(w, "}");
}

static void
fstring_body(struct writer *w, asdl_expr_seq *values)
{
    for (Py_ssize_t i = 0; !w->failed && i < asdl_seq_LEN(values); i++) {
        expr_ty e = asdl_seq_GET(values, i);
        switch (e->kind) {
        case Constant_kind:
            fstring_literal(w, e->v.Constant.value);
            break;
        case JoinedStr_kind:
            fstring_body(w, e->v.JoinedStr.values);
            break;
        case FormattedValue_kind:
            fstring_value(w, e);
            break;
        default:
            PyErr_SetString(PyExc_SystemError,
                            "unknown expression kind inside f-string");
            w->failed = 1;
            return;
        }
    }
}

static void
write_fstring(struct writer *w, expr_ty e)
{
    struct writer body = {.failed = 0};
    _PyUnicodeWriter_Init(&body.out);
    body.out.overallocate = 1;
    if (e->kind == JoinedStr_kind) {
        fstring_body(&body, e->v.JoinedStr.values);
    }
    else {
        fstring_value(&body, e);
    }
    if (body.failed) {
        _PyUnicodeWriter_Dealloc(&body.out);
        w->failed = 1;
        return;
    }
    PyObject *text = _PyUnicodeWriter_Finish(&body.out);
    put(w, "f");
    if (text == NULL) {
        w->failed = 1;
        return;
    }
    put_repr(w, text);
    Py_DECREF(text);
}

/* --- expressions ---------------------------------------------------------------------------- */

static void
write_boolop(struct writer *w, expr_ty e, int level)
{
    int pr = e->v.BoolOp.op == And ? PR_AND : PR_OR;
    assert(e->kind == BoolOp_kind);
    put_if(w, level > pr, "(");
    for (Py_ssize_t i = 0; !w->failed && i < asdl_seq_LEN(e->v.BoolOp.values); i++) {
        put_if(w, i > 0, pr == PR_AND ? " and " : " or ");
        write_expr(w, asdl_seq_GET(e->v.BoolOp.values, i), pr + 1);
    }
    put_if(w, level > pr, ")");
}

static void
write_binop(struct writer *w, expr_ty e, int level)
{
    static const struct {
        const char *text;
        int precedence;
    } operators[] = {
        [Add] = {" + ", PR_ARITH}, [Sub] = {" - ", PR_ARITH}, [Mult] = {" * ", PR_TERM},
        [MatMult] = {" @ ", PR_TERM}, [Div] = {" / ", PR_TERM}, [Mod] = {" % ", PR_TERM},
        [Pow] = {" ** ", PR_POWER}, [LShift] = {" << ", PR_SHIFT},
        [RShift] = {" >> ", PR_SHIFT}, [BitOr] = {" | ", PR_BOR}, [BitXor] = {" ^ ", PR_BXOR},
        [BitAnd] = {" & ", PR_BAND}, [FloorDiv] = {" // ", PR_TERM},
    };
    int pr = operators[e->v.BinOp.op].precedence, right_assoc = e->v.BinOp.op == Pow;
    assert(e->kind == BinOp_kind);
    put_if(w, level > pr, "(");
    write_expr(w, e->v.BinOp.left, pr + right_assoc);
    put(w, operators[e->v.BinOp.op].text);
    write_expr(w, e->v.BinOp.right, pr + !right_assoc);
    put_if(w, level > pr, ")");
}

static void
write_unaryop(struct writer *w, expr_ty e, int level)
{
    static const char *const operators[] = {
        [Invert] = "~", [Not] = "not ", [UAdd] = "+", [USub] = "-",
    };
    int pr = e->v.UnaryOp.op == Not ? PR_NOT : PR_FACTOR;
    assert(e->kind == UnaryOp_kind);
    put_if(w, level > pr, "(");
    put(w, operators[e->v.UnaryOp.op]);
    write_expr(w, e->v.UnaryOp.operand, pr);
    put_if(w, level > pr, ")");
}

static void
write_compare(struct writer *w, expr_ty e, int level)
{
    static const char *const operators[] = {
        [Eq] = " == ", [NotEq] = " != ", [Lt] = " < ", [LtE] = " <= ", [Gt] = " > ",
        [GtE] = " >= ", [Is] = " is ", [IsNot] = " is not ", [In] = " in ",
        [NotIn] = " not in ",
    };
    assert(e->kind == Compare_kind);
    put_if(w, level > PR_CMP, "(");
    write_expr(w, e->v.Compare.left, PR_CMP + 1);
    for (Py_ssize_t i = 0; !w->failed && i < asdl_seq_LEN(e->v.Compare.ops); i++) {
        put(w, operators[asdl_seq_GET(e->v.Compare.ops, i)]);
        write_expr(w, asdl_seq_GET(e->v.Compare.comparators, i), PR_CMP + 1);
    }
    put_if(w, level > PR_CMP, ")");
}

static void
write_lambda(struct writer *w, expr_ty e, int level)
{
    arguments_ty args = e->v.Lambda.args;
    int has_args = asdl_seq_LEN(args->posonlyargs) || asdl_seq_LEN(args->args)
                   || asdl_seq_LEN(args->kwonlyargs) || args->vararg || args->kwarg;
    assert(e->kind == Lambda_kind);
    put_if(w, level > PR_TEST, "(");
    put(w, has_args ? "lambda " : "lambda");
    write_arguments(w, args);
    put(w, ": ");
    write_expr(w, e->v.Lambda.body, PR_TEST);
    put_if(w, level > PR_TEST, ")");
}

static void
write_ifexp(struct writer *w, expr_ty e, int level)
{
    assert(e->kind == IfExp_kind);
    put_if(w, level > PR_TEST, "(");
    write_expr(w, e->v.IfExp.body, PR_TEST + 1);
    put(w, " if ");
    write_expr(w, e->v.IfExp.test, PR_TEST + 1);
    put(w, " else ");
    write_expr(w, e->v.IfExp.orelse, PR_TEST);
    put_if(w, level > PR_TEST, ")");
}

static void
write_dict(struct writer *w, expr_ty e)
{
    assert(e->kind == Dict_kind);
    put(w, "{");
    for (Py_ssize_t i = 0; !w->failed && i < asdl_seq_LEN(e->v.Dict.values); i++) {
        expr_ty key = asdl_seq_GET(e->v.Dict.keys, i);
        put_if(w, i > 0, ", ");
        if (key != NULL) {
            write_expr(w, key, PR_TEST);
            put(w, ": ");
            write_expr(w, asdl_seq_GET(e->v.Dict.values, i), PR_TEST);
        }
        else {
            put(w, "**");
            write_expr(w, asdl_seq_GET(e->v.Dict.values, i), PR_EXPR);
        }
    }
    put(w, "}");
}

static void
write_call(struct writer *w, expr_ty e)
{
    asdl_expr_seq *args = e->v.Call.args;
    asdl_keyword_seq *keywords = e->v.Call.keywords;
    assert(e->kind == Call_kind);
    write_expr(w, e->v.Call.func, PR_ATOM);
    if (asdl_seq_LEN(args) == 1 && asdl_seq_LEN(keywords) == 0) {
        expr_ty sole = asdl_seq_GET(args, 0);
        if (sole->kind == GeneratorExp_kind) {
            write_expr(w, sole, PR_TEST);   /* its parentheses are the call's */
            return;
        }
    }
    put(w, "(");
    write_list(w, args, PR_TEST);
    for (Py_ssize_t i = 0; !w->failed && i < asdl_seq_LEN(keywords); i++) {
        keyword_ty kw = asdl_seq_GET(keywords, i);
        put_if(w, i > 0 || asdl_seq_LEN(args) > 0, ", ");
        if (kw->arg == NULL) {
            put(w, "**");
        }
        else {
            put_str(w, kw->arg);
            put(w, "=");
        }
        write_expr(w, kw->value, PR_TEST);
    }
    put(w, ")");
}

static void
write_attribute(struct writer *w, expr_ty e)
{
    expr_ty value = e->v.Attribute.value;
    assert(e->kind == Attribute_kind);
    write_expr(w, value, PR_ATOM);
    /* "1.real" would be a float. */
    put(w, value->kind == Constant_kind && PyLong_CheckExact(value->v.Constant.value)
        ? " ." : ".");
    put_str(w, e->v.Attribute.attr);
}

static void
write_tuple(struct writer *w, expr_ty e, int level)
{
    Py_ssize_t n = asdl_seq_LEN(e->v.Tuple.elts);
    assert(e->kind == Tuple_kind);
    if (n == 0) {
        put(w, "()");
        return;
    }
    put_if(w, level > PR_TUPLE, "(");
    write_list(w, e->v.Tuple.elts, PR_TEST);
    put_if(w, n == 1, ",");
    put_if(w, level > PR_TUPLE, ")");
}

static void
write_slice(struct writer *w, expr_ty e)
{
    assert(e->kind == Slice_kind);
    if (e->v.Slice.lower) {
        write_expr(w, e->v.Slice.lower, PR_TEST);
    }
    put(w, ":");
    if (e->v.Slice.upper) {
        write_expr(w, e->v.Slice.upper, PR_TEST);
    }
    if (e->v.Slice.step) {
        put(w, ":");
        write_expr(w, e->v.Slice.step, PR_TEST);
    }
}

static void
write_expr_kind(struct writer *w, expr_ty e, int level)
{
    switch (e->kind) {
    case BoolOp_kind:
        write_boolop(w, e, level);
        break;
    case BinOp_kind:
        write_binop(w, e, level);
        break;
    case UnaryOp_kind:
        write_unaryop(w, e, level);
        break;
    case Lambda_kind:
        write_lambda(w, e, level);
        break;
    case IfExp_kind:
        write_ifexp(w, e, level);
        break;
    case Dict_kind:
        write_dict(w, e);
        break;
    case Set_kind:
        put(w, "{");
        write_list(w, e->v.Set.elts, PR_TEST);
        put(w, "}");
        break;
    case GeneratorExp_kind:
        write_comprehension(w, "(", e->v.GeneratorExp.elt, NULL,
                            e->v.GeneratorExp.generators, ")");
        break;
    case ListComp_kind:
        write_comprehension(w, "[", e->v.ListComp.elt, NULL, e->v.ListComp.generators, "]");
        break;
    case SetComp_kind:
        write_comprehension(w, "{", e->v.SetComp.elt, NULL, e->v.SetComp.generators, "}");
        break;
    case DictComp_kind:
        write_comprehension(w, "{", e->v.DictComp.key, e->v.DictComp.value,
                            e->v.DictComp.generators, "}");
        break;
    case Yield_kind:
        put(w, e->v.Yield.value ? "(yield " : "(yield");
        if (e->v.Yield.value) {
            write_expr(w, e->v.Yield.value, PR_TUPLE);
        }
        put(w, ")");
        break;
    case YieldFrom_kind:
        put(w, "(yield from ");
        write_expr(w, e->v.YieldFrom.value, PR_TEST);
        put(w, ")");
        break;
    case Await_kind:
        put_if(w, level > PR_AWAIT, "(");
        put(w, "await ");
        write_expr(w, e->v.Await.value, PR_ATOM);
        put_if(w, level > PR_AWAIT, ")");
        break;
    case Compare_kind:
        write_compare(w, e, level);
        break;
    case Call_kind:
        write_call(w, e);
        break;
    case Constant_kind:
        if (e->v.Constant.kind) {
            put_str(w, e->v.Constant.kind);
        }
        write_constant(w, e->v.Constant.value);
        break;
    case JoinedStr_kind:
    case FormattedValue_kind:
        write_fstring(w, e);
        break;
    case Attribute_kind:
        write_attribute(w, e);
        break;
    case Starred_kind:
        put(w, "*");
        write_expr(w, e->v.Starred.value, PR_EXPR);
        break;
    case Name_kind:
        put_str(w, e->v.Name.id);
        break;
    case List_kind:
        put(w, "[");
        write_list(w, e->v.List.elts, PR_TEST);
        put(w, "]");
        break;
    case Tuple_kind:
        write_tuple(w, e, level);
        break;
    case Subscript_kind:
        write_expr(w, e->v.Subscript.value, PR_ATOM);
        put(w, "[");
        write_expr(w, e->v.Subscript.slice, PR_TUPLE);
        put(w, "]");
        break;
    case Slice_kind:
        write_slice(w, e);
        break;
    case NamedExpr_kind:
        put_if(w, level > PR_TUPLE, "(");
        write_expr(w, e->v.NamedExpr.target, PR_ATOM);
        put(w, " := ");
        write_expr(w, e->v.NamedExpr.value, PR_ATOM);
        put_if(w, level > PR_TUPLE, ")");
        break;
    }
}

static void
write_expr(struct writer *w, expr_ty e, int level)
{
    if (w->failed) {
        return;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        w->failed = 1;
        return;
    }
    write_expr_kind(w, e, level);
    Py_LeaveRecursiveCall();
}

PyObject *
_PyAST_ExprAsUnicode(expr_ty e)
{
    return expr_text(e, PR_TEST);
}
