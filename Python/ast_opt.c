/* Constant folding on the syntax tree, in place, before symbol tables and code generation.

   Folded are: operators on constants, if the result stays small; tuples of constants; subscripts of
   constants; `__debug__`; lists and sets that are only iterated over or searched; `not` of a
   membership or identity test; and `'...' % (a, b)` with %s, %r and %a, which becomes an f-string.
   Whatever would raise is left for run time.

   Written from: the language reference, "Expressions" and "__debug__"; the library reference,
   "printf-style
   String Formatting"; and by observing what 3.12 folds. */

#include "Python.h"
#include "pycore_ast.h"         // expr_ty, ...
#include "pycore_compile.h"     // _PyAST_Optimize()

/* Sizes above which a result is not worth keeping in the code. */
#define MAX_INT_BITS 128
#define MAX_COLLECTION 256
#define MAX_STRING 4096
#define MAX_TOTAL_ITEMS 1024

/* Errors are sticky as in the compiler. */
struct folder {
    PyArena *arena;
    int optimize;
    int text_annotations;
    int failed;
};

static void fold_expr(struct folder *f, expr_ty e);
static void fold_stmt(struct folder *f, stmt_ty s);
static void fold_pattern(struct folder *f, pattern_ty p);

/* --- replacing a node ----------------------------------------------------------------------- */

/* e becomes a constant; the reference is taken over.  value NULL: the operation raised, e stays. */
static void
become_constant(struct folder *f, expr_ty e, PyObject *value)
{
    assert((value == NULL) == (PyErr_Occurred() != NULL));
    if (value == NULL) {
        if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
            f->failed = 1;
        }
        else {
            PyErr_Clear();
        }
        return;
    }
    if (_PyArena_AddPyObject(f->arena, value) < 0) {
        Py_DECREF(value);
        f->failed = 1;
        return;
    }
    e->kind = Constant_kind;
    e->v.Constant.kind = NULL;
    e->v.Constant.value = value;
}

/* e becomes a copy of source, its place in the text included. */
static void
become(expr_ty e, expr_ty source)
{
    assert(e != source);
    struct _expr copy = *source;    /* source may be part of e */
    *e = copy;
}

/* --- operators ------------------------------------------------------------------------------ */

static int
is_constant(expr_ty e)
{
    return e != NULL && e->kind == Constant_kind;
}

/* How many items obj holds, counted through nested tuples and frozensets; -1 if above limit. */
static Py_ssize_t
count_items(PyObject *obj, Py_ssize_t limit)
{
    if (PyTuple_Check(obj)) {
        limit -= PyTuple_GET_SIZE(obj);
        for (Py_ssize_t i = 0; limit >= 0 && i < PyTuple_GET_SIZE(obj); i++) {
            limit = count_items(PyTuple_GET_ITEM(obj, i), limit);
        }
        return limit;
    }
    if (PyFrozenSet_Check(obj)) {
        Py_ssize_t pos = 0;
        PyObject *item;
        Py_hash_t hash;
        limit -= PySet_GET_SIZE(obj);
        while (limit >= 0 && _PySet_NextEntry(obj, &pos, &item, &hash)) {
            limit = count_items(item, limit);
        }
    }
    return limit;
}

static int
is_nonzero_int(PyObject *v)
{
    return PyLong_Check(v) && _PyLong_Sign(v) != 0;
}

/* Whether n * sequence stays small. */
static int
repeat_is_small(PyObject *count, PyObject *seq)
{
    Py_ssize_t size, max;
    assert(PyLong_Check(count));
    if (PyTuple_Check(seq)) {
        size = PyTuple_GET_SIZE(seq);
        max = MAX_COLLECTION;
    }
    else if (PyFrozenSet_Check(seq)) {
        size = PySet_GET_SIZE(seq);
        max = MAX_COLLECTION;
    }
    else if (PyUnicode_Check(seq)) {
        size = PyUnicode_GET_LENGTH(seq);
        max = MAX_STRING;
    }
    else {
        assert(PyBytes_Check(seq));
        size = PyBytes_GET_SIZE(seq);
        max = MAX_STRING;
    }
    if (size == 0) {
        return 1;
    }
    Py_ssize_t n = PyLong_AsSsize_t(count);
    if (n == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        return 0;
    }
    if (n < 0 || n > max / size) {
        return 0;
    }
    return max == MAX_STRING || n == 0 || count_items(seq, MAX_TOTAL_ITEMS / n) >= 0;
}

static int
is_sequence(PyObject *v)
{
    return PyTuple_Check(v) || PyFrozenSet_Check(v) || PyUnicode_Check(v) || PyBytes_Check(v);
}

static int
product_is_small(PyObject *v, PyObject *w)
{
    if (is_nonzero_int(v) && is_nonzero_int(w)) {
        size_t vbits = _PyLong_NumBits(v), wbits = _PyLong_NumBits(w);
        return vbits != (size_t)-1 && wbits != (size_t)-1 && vbits + wbits <= MAX_INT_BITS;
    }
    if (PyLong_Check(v) && is_sequence(w)) {
        return repeat_is_small(v, w);
    }
    if (PyLong_Check(w) && is_sequence(v)) {
        return repeat_is_small(w, v);
    }
    return 1;
}

static int
power_is_small(PyObject *v, PyObject *w)
{
    if (!is_nonzero_int(v) || !PyLong_Check(w) || _PyLong_Sign(w) <= 0) {
        return 1;
    }
    size_t vbits = _PyLong_NumBits(v), exponent = PyLong_AsSize_t(w);
    if (vbits == (size_t)-1 || exponent == (size_t)-1) {
        PyErr_Clear();
        return 0;
    }
    return vbits <= MAX_INT_BITS / exponent;
}

static int
shift_is_small(PyObject *v, PyObject *w)
{
    if (!is_nonzero_int(v) || !is_nonzero_int(w)) {
        return 1;
    }
    size_t vbits = _PyLong_NumBits(v), shift = PyLong_AsSize_t(w);
    if (vbits == (size_t)-1 || shift == (size_t)-1) {
        PyErr_Clear();
        return 0;
    }
    return shift <= MAX_INT_BITS && vbits <= MAX_INT_BITS - shift;
}

/* --- % formatting --------------------------------------------------------------------------- */

/* State of the translation of a format string. */
struct format {
    struct folder *f;
    PyObject *text;             /* the format string */
    Py_ssize_t pos;
    asdl_expr_seq *parts;
    Py_ssize_t n_parts;
    int unsupported;            /* something an f-string cannot do: leave the expression alone */
};

static Py_UCS4
next_char(struct format *fmt)
{
    if (fmt->pos >= PyUnicode_GET_LENGTH(fmt->text)) {
        fmt->unsupported = 1;
        return 0;
    }
    return PyUnicode_READ_CHAR(fmt->text, fmt->pos++);
}

static expr_ty
new_string(struct format *fmt, PyObject *s)
{
    struct folder *f = fmt->f;
    if (s == NULL) {
        f->failed = 1;
        return NULL;
    }
    if (_PyArena_AddPyObject(f->arena, s) < 0) {
        Py_DECREF(s);
        f->failed = 1;
        return NULL;
    }
    /* Part of a longer literal: no place of its own. */
    expr_ty e = _PyAST_Constant(s, NULL, -1, -1, -1, -1, f->arena);
    f->failed |= e == NULL;
    return e;
}

/* Literal text up to the next conversion, %% included; NULL if there is none (or on failure). */
static expr_ty
format_literal(struct format *fmt)
{
    Py_ssize_t len = PyUnicode_GET_LENGTH(fmt->text), start = fmt->pos;
    PyObject *s;
    int escaped = 0;
    while (fmt->pos < len) {
        if (PyUnicode_READ_CHAR(fmt->text, fmt->pos) != '%') {
            fmt->pos++;
            continue;
        }
        if (fmt->pos + 1 < len && PyUnicode_READ_CHAR(fmt->text, fmt->pos + 1) == '%') {
            escaped = 1;
            fmt->pos += 2;
            continue;
        }
        break;
    }
    if (fmt->pos == start) {
        return NULL;
    }
    s = PyUnicode_Substring(fmt->text, start, fmt->pos);
    if (s != NULL && escaped) {
        PyObject *twice = PyUnicode_FromString("%%"), *once = PyUnicode_FromString("%");
        PyObject *r = twice && once ? PyUnicode_Replace(s, twice, once, -1) : NULL;
        Py_XDECREF(twice);
        Py_XDECREF(once);
        Py_SETREF(s, r);
    }
    return new_string(fmt, s);
}

/* A number of at most two digits; ch is the first character looked at, the next is returned. */
static Py_UCS4
format_number(struct format *fmt, Py_UCS4 ch, int *value)
{
    int digits = 0;
    while (!fmt->unsupported && '0' <= ch && ch <= '9') {
        *value = *value * 10 + (int)(ch - '0');
        if (++digits > 2) {
            fmt->unsupported = 1;
        }
        ch = next_char(fmt);
    }
    return ch;
}

/* The conversion at the current position (behind the '%'), applied to arg. */
static expr_ty
format_conversion(struct format *fmt, expr_ty arg)
{
    int left = 0, width = 0, precision = -1;
    Py_UCS4 ch = next_char(fmt);
    assert(fmt->pos > 0);
    while (!fmt->unsupported
           && (ch == '-' || ch == '+' || ch == ' ' || ch == '#' || ch == '0'))
    {
        left |= ch == '-';
        ch = next_char(fmt);
    }
    ch = format_number(fmt, ch, &width);
    if (ch == '.') {
        precision = 0;
        ch = format_number(fmt, next_char(fmt), &precision);
    }
    if (ch != 's' && ch != 'r' && ch != 'a') {
        fmt->unsupported = 1;
    }
    if (fmt->unsupported) {
        return NULL;
    }
    expr_ty spec = NULL;
    if (width > 0 || precision >= 0) {
        char buf[16];
        int n = 0;
        if (width > 0) {
            n = sprintf(buf, "%s%d", left ? "" : ">", width);
        }
        if (precision >= 0) {
            n += sprintf(buf + n, ".%d", precision);
        }
        expr_ty text = new_string(fmt, PyUnicode_FromStringAndSize(buf, n));
        asdl_expr_seq *parts = text ? _Py_asdl_expr_seq_new(1, fmt->f->arena) : NULL;
        if (parts == NULL) {
            fmt->f->failed = 1;
            return NULL;
        }
        asdl_seq_SET(parts, 0, text);
        spec = _PyAST_JoinedStr(parts, arg->lineno, arg->col_offset, arg->end_lineno,
                                arg->end_col_offset, fmt->f->arena);
        if (spec == NULL) {
            fmt->f->failed = 1;
            return NULL;
        }
    }
    expr_ty e = _PyAST_FormattedValue(arg, (int)ch, spec, arg->lineno, arg->col_offset,
                                      arg->end_lineno, arg->end_col_offset, fmt->f->arena);
    fmt->f->failed |= e == NULL;
    return e;
}

static void
add_part(struct format *fmt, expr_ty part)
{
    assert(part == NULL || fmt->n_parts < asdl_seq_LEN(fmt->parts));
    if (part != NULL) {
        asdl_seq_SET(fmt->parts, fmt->n_parts++, part);
    }
}

/* 'text' % (elts): becomes an f-string if possible. */
static void
fold_format(struct folder *f, expr_ty node, PyObject *text, asdl_expr_seq *elts)
{
    Py_ssize_t n = asdl_seq_LEN(elts), len = PyUnicode_GET_LENGTH(text), used = 0;
    assert(node->kind == BinOp_kind && PyUnicode_Check(text));
    for (Py_ssize_t i = 0; i < n; i++) {
        expr_ty elt = asdl_seq_GET(elts, i);
        if (elt->kind == Starred_kind) {
            return;
        }
    }
    struct format fmt = {.f = f, .text = text};
    fmt.parts = _Py_asdl_expr_seq_new(n * 2 + 1, f->arena);
    if (fmt.parts == NULL) {
        f->failed = 1;
        return;
    }
    for (;;) {
        add_part(&fmt, format_literal(&fmt));
        if (f->failed || fmt.pos >= len) {
            break;
        }
        if (used >= n) {
            return;         /* too few arguments: raises at run time */
        }
        fmt.pos++;          /* the '%' */
        add_part(&fmt, format_conversion(&fmt, asdl_seq_GET(elts, used)));
        used++;
        if (f->failed || fmt.unsupported) {
            return;
        }
    }
    if (f->failed || used < n) {
        return;
    }
    asdl_expr_seq *parts = fmt.parts;
    if (fmt.n_parts < asdl_seq_LEN(parts)) {
        parts = _Py_asdl_expr_seq_new(fmt.n_parts, f->arena);
        if (parts == NULL) {
            f->failed = 1;
            return;
        }
        for (Py_ssize_t i = 0; i < fmt.n_parts; i++) {
            asdl_seq_SET(parts, i, asdl_seq_GET(fmt.parts, i));
        }
    }
    expr_ty joined = _PyAST_JoinedStr(parts, node->lineno, node->col_offset, node->end_lineno,
                                      node->end_col_offset, f->arena);
    if (joined == NULL) {
        f->failed = 1;
        return;
    }
    become(node, joined);
}

/* --- folding by kind of node ---------------------------------------------------------------- */

static void
fold_binop(struct folder *f, expr_ty e)
{
    expr_ty left = e->v.BinOp.left, right = e->v.BinOp.right;
    assert(e->kind == BinOp_kind);
    if (e->v.BinOp.op == Mod && is_constant(left) && right->kind == Tuple_kind
        && PyUnicode_Check(left->v.Constant.value))
    {
        fold_format(f, e, left->v.Constant.value, right->v.Tuple.elts);
        return;
    }
    if (!is_constant(left) || !is_constant(right)) {
        return;
    }
    PyObject *v = left->v.Constant.value, *w = right->v.Constant.value, *result = NULL;
    switch (e->v.BinOp.op) {
    case Add:
        result = PyNumber_Add(v, w);
        break;
    case Sub:
        result = PyNumber_Subtract(v, w);
        break;
    case Mult:
        if (!product_is_small(v, w)) {
            return;
        }
        result = PyNumber_Multiply(v, w);
        break;
    case Div:
        result = PyNumber_TrueDivide(v, w);
        break;
    case FloorDiv:
        result = PyNumber_FloorDivide(v, w);
        break;
    case Mod:
        if (PyUnicode_Check(v) || PyBytes_Check(v)) {
            return;
        }
        result = PyNumber_Remainder(v, w);
        break;
    case Pow:
        if (!power_is_small(v, w)) {
            return;
        }
        result = PyNumber_Power(v, w, Py_None);
        break;
    case LShift:
        if (!shift_is_small(v, w)) {
            return;
        }
        result = PyNumber_Lshift(v, w);
        break;
    case RShift:
        result = PyNumber_Rshift(v, w);
        break;
    case BitOr:
        result = PyNumber_Or(v, w);
        break;
    case BitXor:
        result = PyNumber_Xor(v, w);
        break;
    case BitAnd:
        result = PyNumber_And(v, w);
        break;
    case MatMult:
        return;     /* no constant has it */
    }
    become_constant(f, e, result);
}

static void
fold_not_compare(expr_ty e)
{
    expr_ty arg = e->v.UnaryOp.operand;
    assert(e->kind == UnaryOp_kind);
    if (arg->kind != Compare_kind || asdl_seq_LEN(arg->v.Compare.ops) != 1) {
        return;
    }
    cmpop_ty opposite;
    switch ((cmpop_ty)asdl_seq_GET(arg->v.Compare.ops, 0)) {
    case Is:
        opposite = IsNot;
        break;
    case IsNot:
        opposite = Is;
        break;
    case In:
        opposite = NotIn;
        break;
    case NotIn:
        opposite = In;
        break;
    default:
        return;     /* == and < may return anything */
    }
    asdl_seq_SET(arg->v.Compare.ops, 0, opposite);
    become(e, arg);
}

static void
fold_unaryop(struct folder *f, expr_ty e)
{
    expr_ty arg = e->v.UnaryOp.operand;
    assert(e->kind == UnaryOp_kind);
    if (!is_constant(arg)) {
        if (e->v.UnaryOp.op == Not) {
            fold_not_compare(e);
        }
        return;
    }
    PyObject *v = arg->v.Constant.value, *result = NULL;
    switch (e->v.UnaryOp.op) {
    case Invert:
        result = PyNumber_Invert(v);
        break;
    case Not: {
        int truth = PyObject_IsTrue(v);
        result = truth < 0 ? NULL : PyBool_FromLong(!truth);
        break;
    }
    case UAdd:
        result = PyNumber_Positive(v);
        break;
    case USub:
        result = PyNumber_Negative(v);
        break;
    }
    become_constant(f, e, result);
}

/* Tuple of the values if all elements are constants; else NULL, with an exception only on
   failure. */
static PyObject *
constant_tuple(struct folder *f, asdl_expr_seq *elts)
{
    Py_ssize_t n = asdl_seq_LEN(elts);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!is_constant(asdl_seq_GET(elts, i))) {
            return NULL;
        }
    }
    PyObject *tuple = PyTuple_New(n);
    if (tuple == NULL) {
        f->failed = 1;
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        expr_ty elt = asdl_seq_GET(elts, i);
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(elt->v.Constant.value));
    }
    return tuple;
}

static void
fold_tuple(struct folder *f, expr_ty e)
{
    assert(e->kind == Tuple_kind);
    if (e->v.Tuple.ctx != Load) {
        return;
    }
    PyObject *tuple = constant_tuple(f, e->v.Tuple.elts);
    if (tuple != NULL) {
        become_constant(f, e, tuple);
    }
}

static void
fold_subscript(struct folder *f, expr_ty e)
{
    expr_ty value = e->v.Subscript.value, index = e->v.Subscript.slice;
    assert(e->kind == Subscript_kind);
    if (e->v.Subscript.ctx == Load && is_constant(value) && is_constant(index)) {
        become_constant(f, e, PyObject_GetItem(value->v.Constant.value,
                                               index->v.Constant.value));
    }
}

/* A list or set display that is only iterated over or searched need not be built each time. */
static void
fold_iterable(struct folder *f, expr_ty e)
{
    if (f->failed) {
        return;
    }
    if (e->kind == List_kind) {
        asdl_expr_seq *elts = e->v.List.elts;
        for (Py_ssize_t i = 0; i < asdl_seq_LEN(elts); i++) {
            expr_ty elt = asdl_seq_GET(elts, i);
            if (elt->kind == Starred_kind) {
                return;
            }
        }
        expr_context_ty ctx = e->v.List.ctx;
        PyObject *tuple = constant_tuple(f, elts);
        if (tuple != NULL) {
            become_constant(f, e, tuple);
            return;
        }
        e->kind = Tuple_kind;
        e->v.Tuple.elts = elts;
        e->v.Tuple.ctx = ctx;
    }
    else if (e->kind == Set_kind) {
        PyObject *tuple = constant_tuple(f, e->v.Set.elts);
        if (tuple != NULL) {
            PyObject *set = PyFrozenSet_New(tuple);
            Py_DECREF(tuple);
            become_constant(f, e, set);
        }
    }
}

static void
fold_compare(struct folder *f, expr_ty e)
{
    Py_ssize_t last = asdl_seq_LEN(e->v.Compare.ops) - 1;
    assert(e->kind == Compare_kind);
    cmpop_ty op = (cmpop_ty)asdl_seq_GET(e->v.Compare.ops, last);
    if (op == In || op == NotIn) {
        fold_iterable(f, asdl_seq_GET(e->v.Compare.comparators, last));
    }
}

/* --- walking -------------------------------------------------------------------------------- */

static void
fold_exprs(struct folder *f, asdl_expr_seq *seq)
{
    for (Py_ssize_t i = 0; !f->failed && i < asdl_seq_LEN(seq); i++) {
        fold_expr(f, asdl_seq_GET(seq, i));
    }
}

static void
fold_stmts(struct folder *f, asdl_stmt_seq *seq)
{
    for (Py_ssize_t i = 0; !f->failed && i < asdl_seq_LEN(seq); i++) {
        fold_stmt(f, asdl_seq_GET(seq, i));
    }
}

static void
fold_keywords(struct folder *f, asdl_keyword_seq *seq)
{
    for (Py_ssize_t i = 0; !f->failed && i < asdl_seq_LEN(seq); i++) {
        keyword_ty kw = asdl_seq_GET(seq, i);
        fold_expr(f, kw->value);
    }
}

static int
starts_with_docstring(asdl_stmt_seq *body)
{
    if (asdl_seq_LEN(body) == 0) {
        return 0;
    }
    stmt_ty s = asdl_seq_GET(body, 0);
    return s->kind == Expr_kind && is_constant(s->v.Expr.value)
           && PyUnicode_CheckExact(s->v.Expr.value->v.Constant.value);
}

/* A body with docstring: folding must not make one out of an expression. */
static void
fold_body(struct folder *f, asdl_stmt_seq *body)
{
    int had_docstring = starts_with_docstring(body);
    fold_stmts(f, body);
    if (f->failed || had_docstring || !starts_with_docstring(body)) {
        return;
    }
    stmt_ty s = asdl_seq_GET(body, 0);
    asdl_expr_seq *values = _Py_asdl_expr_seq_new(1, f->arena);
    if (values == NULL) {
        f->failed = 1;
        return;
    }
    asdl_seq_SET(values, 0, s->v.Expr.value);
    expr_ty joined = _PyAST_JoinedStr(values, s->lineno, s->col_offset, s->end_lineno,
                                      s->end_col_offset, f->arena);
    if (joined == NULL) {
        f->failed = 1;
        return;
    }
    s->v.Expr.value = joined;
}

static void
fold_comprehensions(struct folder *f, asdl_comprehension_seq *seq)
{
    for (Py_ssize_t i = 0; !f->failed && i < asdl_seq_LEN(seq); i++) {
        comprehension_ty g = asdl_seq_GET(seq, i);
        fold_expr(f, g->target);
        fold_expr(f, g->iter);
        fold_exprs(f, g->ifs);
        fold_iterable(f, g->iter);
    }
}

static void
fold_arg(struct folder *f, arg_ty arg)
{
    if (arg != NULL && !f->text_annotations) {
        fold_expr(f, arg->annotation);
    }
}

static void
fold_args(struct folder *f, asdl_arg_seq *seq)
{
    for (Py_ssize_t i = 0; !f->failed && i < asdl_seq_LEN(seq); i++) {
        fold_arg(f, asdl_seq_GET(seq, i));
    }
}

static void
fold_arguments(struct folder *f, arguments_ty args)
{
    fold_args(f, args->posonlyargs);
    fold_args(f, args->args);
    fold_arg(f, args->vararg);
    fold_args(f, args->kwonlyargs);
    fold_exprs(f, args->kw_defaults);
    fold_arg(f, args->kwarg);
    fold_exprs(f, args->defaults);
}

static void
fold_type_params(struct folder *f, asdl_type_param_seq *seq)
{
    for (Py_ssize_t i = 0; !f->failed && i < asdl_seq_LEN(seq); i++) {
        type_param_ty tp = asdl_seq_GET(seq, i);
        if (tp->kind == TypeVar_kind) {
            fold_expr(f, tp->v.TypeVar.bound);
        }
    }
}

static void
fold_name(struct folder *f, expr_ty e)
{
    assert(e->kind == Name_kind);
    if (e->v.Name.ctx == Load && _PyUnicode_EqualToASCIIString(e->v.Name.id, "__debug__")) {
        become_constant(f, e, PyBool_FromLong(!f->optimize));
    }
}

static void
fold_expr_kind(struct folder *f, expr_ty e)
{
    switch (e->kind) {
    case NamedExpr_kind:
        fold_expr(f, e->v.NamedExpr.value);
        break;
    case BoolOp_kind:
        fold_exprs(f, e->v.BoolOp.values);
        break;
    case BinOp_kind:
        fold_expr(f, e->v.BinOp.left);
        fold_expr(f, e->v.BinOp.right);
        if (!f->failed) {
            fold_binop(f, e);
        }
        break;
    case UnaryOp_kind:
        fold_expr(f, e->v.UnaryOp.operand);
        if (!f->failed) {
            fold_unaryop(f, e);
        }
        break;
    case Lambda_kind:
        fold_arguments(f, e->v.Lambda.args);
        fold_expr(f, e->v.Lambda.body);
        break;
    case IfExp_kind:
        fold_expr(f, e->v.IfExp.test);
        fold_expr(f, e->v.IfExp.body);
        fold_expr(f, e->v.IfExp.orelse);
        break;
    case Dict_kind:
        fold_exprs(f, e->v.Dict.keys);
        fold_exprs(f, e->v.Dict.values);
        break;
    case Set_kind:
        fold_exprs(f, e->v.Set.elts);
        break;
    case ListComp_kind:
        fold_expr(f, e->v.ListComp.elt);
        fold_comprehensions(f, e->v.ListComp.generators);
        break;
    case SetComp_kind:
        fold_expr(f, e->v.SetComp.elt);
        fold_comprehensions(f, e->v.SetComp.generators);
        break;
    case DictComp_kind:
        fold_expr(f, e->v.DictComp.key);
        fold_expr(f, e->v.DictComp.value);
        fold_comprehensions(f, e->v.DictComp.generators);
        break;
    case GeneratorExp_kind:
        fold_expr(f, e->v.GeneratorExp.elt);
        fold_comprehensions(f, e->v.GeneratorExp.generators);
        break;
    case Await_kind:
        fold_expr(f, e->v.Await.value);
        break;
    case Yield_kind:
        fold_expr(f, e->v.Yield.value);
        break;
    case YieldFrom_kind:
        fold_expr(f, e->v.YieldFrom.value);
        break;
    case Compare_kind:
        fold_expr(f, e->v.Compare.left);
        fold_exprs(f, e->v.Compare.comparators);
        if (!f->failed) {
            fold_compare(f, e);
        }
        break;
    case Call_kind:
        fold_expr(f, e->v.Call.func);
        fold_exprs(f, e->v.Call.args);
        fold_keywords(f, e->v.Call.keywords);
        break;
    case FormattedValue_kind:
        fold_expr(f, e->v.FormattedValue.value);
        fold_expr(f, e->v.FormattedValue.format_spec);
        break;
    case JoinedStr_kind:
        fold_exprs(f, e->v.JoinedStr.values);
        break;
    case Attribute_kind:
        fold_expr(f, e->v.Attribute.value);
        break;
    case Subscript_kind:
        fold_expr(f, e->v.Subscript.value);
        fold_expr(f, e->v.Subscript.slice);
        if (!f->failed) {
            fold_subscript(f, e);
        }
        break;
    case Starred_kind:
        fold_expr(f, e->v.Starred.value);
        break;
    case Slice_kind:
        fold_expr(f, e->v.Slice.lower);
        fold_expr(f, e->v.Slice.upper);
        fold_expr(f, e->v.Slice.step);
        break;
    case List_kind:
        fold_exprs(f, e->v.List.elts);
        break;
    case Tuple_kind:
        fold_exprs(f, e->v.Tuple.elts);
        if (!f->failed) {
            fold_tuple(f, e);
        }
        break;
    case Name_kind:
        fold_name(f, e);
        break;
    case Constant_kind:
        break;
    }
}

/* e may be NULL. */
static void
fold_expr(struct folder *f, expr_ty e)
{
    if (f->failed || e == NULL) {
        return;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        f->failed = 1;
        return;
    }
    fold_expr_kind(f, e);
    Py_LeaveRecursiveCall();
}

static void
fold_patterns(struct folder *f, asdl_pattern_seq *seq)
{
    for (Py_ssize_t i = 0; !f->failed && i < asdl_seq_LEN(seq); i++) {
        fold_pattern(f, asdl_seq_GET(seq, i));
    }
}

static void
fold_pattern_kind(struct folder *f, pattern_ty p)
{
    switch (p->kind) {
    case MatchValue_kind:
        fold_expr(f, p->v.MatchValue.value);
        break;
    case MatchSingleton_kind:
    case MatchStar_kind:
        break;
    case MatchSequence_kind:
        fold_patterns(f, p->v.MatchSequence.patterns);
        break;
    case MatchMapping_kind:
        fold_exprs(f, p->v.MatchMapping.keys);
        fold_patterns(f, p->v.MatchMapping.patterns);
        break;
    case MatchClass_kind:
        fold_expr(f, p->v.MatchClass.cls);
        fold_patterns(f, p->v.MatchClass.patterns);
        fold_patterns(f, p->v.MatchClass.kwd_patterns);
        break;
    case MatchAs_kind:
        if (p->v.MatchAs.pattern) {
            fold_pattern(f, p->v.MatchAs.pattern);
        }
        break;
    case MatchOr_kind:
        fold_patterns(f, p->v.MatchOr.patterns);
        break;
    }
}

static void
fold_pattern(struct folder *f, pattern_ty p)
{
    if (f->failed) {
        return;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        f->failed = 1;
        return;
    }
    fold_pattern_kind(f, p);
    Py_LeaveRecursiveCall();
}

static void
fold_withitems(struct folder *f, asdl_withitem_seq *items)
{
    for (Py_ssize_t i = 0; !f->failed && i < asdl_seq_LEN(items); i++) {
        withitem_ty item = asdl_seq_GET(items, i);
        fold_expr(f, item->context_expr);
        fold_expr(f, item->optional_vars);
    }
}

static void
fold_try(struct folder *f, asdl_stmt_seq *body, asdl_excepthandler_seq *handlers,
         asdl_stmt_seq *orelse, asdl_stmt_seq *finalbody)
{
    fold_stmts(f, body);
    for (Py_ssize_t i = 0; !f->failed && i < asdl_seq_LEN(handlers); i++) {
        excepthandler_ty h = asdl_seq_GET(handlers, i);
        fold_expr(f, h->v.ExceptHandler.type);
        fold_stmts(f, h->v.ExceptHandler.body);
    }
    fold_stmts(f, orelse);
    fold_stmts(f, finalbody);
}

static void
fold_function(struct folder *f, arguments_ty args, asdl_stmt_seq *body,
              asdl_expr_seq *decorators, expr_ty returns, asdl_type_param_seq *params)
{
    fold_type_params(f, params);
    fold_arguments(f, args);
    fold_body(f, body);
    fold_exprs(f, decorators);
    if (!f->text_annotations) {
        fold_expr(f, returns);
    }
}

static void
fold_stmt_kind(struct folder *f, stmt_ty s)
{
    switch (s->kind) {
    case FunctionDef_kind:
        fold_function(f, s->v.FunctionDef.args, s->v.FunctionDef.body,
                      s->v.FunctionDef.decorator_list, s->v.FunctionDef.returns,
                      s->v.FunctionDef.type_params);
        break;
    case AsyncFunctionDef_kind:
        fold_function(f, s->v.AsyncFunctionDef.args, s->v.AsyncFunctionDef.body,
                      s->v.AsyncFunctionDef.decorator_list, s->v.AsyncFunctionDef.returns,
                      s->v.AsyncFunctionDef.type_params);
        break;
    case ClassDef_kind:
        fold_type_params(f, s->v.ClassDef.type_params);
        fold_exprs(f, s->v.ClassDef.bases);
        fold_keywords(f, s->v.ClassDef.keywords);
        fold_body(f, s->v.ClassDef.body);
        fold_exprs(f, s->v.ClassDef.decorator_list);
        break;
    case TypeAlias_kind:
        fold_expr(f, s->v.TypeAlias.name);
        fold_type_params(f, s->v.TypeAlias.type_params);
        fold_expr(f, s->v.TypeAlias.value);
        break;
    case Return_kind:
        fold_expr(f, s->v.Return.value);
        break;
    case Delete_kind:
        fold_exprs(f, s->v.Delete.targets);
        break;
    case Assign_kind:
        fold_exprs(f, s->v.Assign.targets);
        fold_expr(f, s->v.Assign.value);
        break;
    case AugAssign_kind:
        fold_expr(f, s->v.AugAssign.target);
        fold_expr(f, s->v.AugAssign.value);
        break;
    case AnnAssign_kind:
        fold_expr(f, s->v.AnnAssign.target);
        if (!f->text_annotations) {
            fold_expr(f, s->v.AnnAssign.annotation);
        }
        fold_expr(f, s->v.AnnAssign.value);
        break;
    case For_kind:
        fold_expr(f, s->v.For.target);
        fold_expr(f, s->v.For.iter);
        fold_stmts(f, s->v.For.body);
        fold_stmts(f, s->v.For.orelse);
        fold_iterable(f, s->v.For.iter);
        break;
    case AsyncFor_kind:
        fold_expr(f, s->v.AsyncFor.target);
        fold_expr(f, s->v.AsyncFor.iter);
        fold_stmts(f, s->v.AsyncFor.body);
        fold_stmts(f, s->v.AsyncFor.orelse);
        break;
    case While_kind:
        fold_expr(f, s->v.While.test);
        fold_stmts(f, s->v.While.body);
        fold_stmts(f, s->v.While.orelse);
        break;
    case If_kind:
        fold_expr(f, s->v.If.test);
        fold_stmts(f, s->v.If.body);
        fold_stmts(f, s->v.If.orelse);
        break;
    case With_kind:
        fold_withitems(f, s->v.With.items);
        fold_stmts(f, s->v.With.body);
        break;
    case AsyncWith_kind:
        fold_withitems(f, s->v.AsyncWith.items);
        fold_stmts(f, s->v.AsyncWith.body);
        break;
    case Match_kind:
        fold_expr(f, s->v.Match.subject);
        for (Py_ssize_t i = 0; !f->failed && i < asdl_seq_LEN(s->v.Match.cases); i++) {
            match_case_ty m = asdl_seq_GET(s->v.Match.cases, i);
            fold_pattern(f, m->pattern);
            fold_expr(f, m->guard);
            fold_stmts(f, m->body);
        }
        break;
    case Raise_kind:
        fold_expr(f, s->v.Raise.exc);
        fold_expr(f, s->v.Raise.cause);
        break;
    case Try_kind:
        fold_try(f, s->v.Try.body, s->v.Try.handlers, s->v.Try.orelse, s->v.Try.finalbody);
        break;
    case TryStar_kind:
        fold_try(f, s->v.TryStar.body, s->v.TryStar.handlers, s->v.TryStar.orelse,
                 s->v.TryStar.finalbody);
        break;
    case Assert_kind:
        fold_expr(f, s->v.Assert.test);
        fold_expr(f, s->v.Assert.msg);
        break;
    case Expr_kind:
        fold_expr(f, s->v.Expr.value);
        break;
    case Import_kind:
    case ImportFrom_kind:
    case Global_kind:
    case Nonlocal_kind:
    case Pass_kind:
    case Break_kind:
    case Continue_kind:
        break;
    }
}

static void
fold_stmt(struct folder *f, stmt_ty s)
{
    if (f->failed) {
        return;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        f->failed = 1;
        return;
    }
    fold_stmt_kind(f, s);
    Py_LeaveRecursiveCall();
}

int
_PyAST_Optimize(mod_ty mod, PyArena *arena, _PyASTOptimizeState *state)
{
    struct folder f = {
        .arena = arena,
        .optimize = state->optimize,
        .text_annotations = (state->ff_features & CO_FUTURE_ANNOTATIONS) != 0,
    };
    switch (mod->kind) {
    case Module_kind:
        fold_body(&f, mod->v.Module.body);
        break;
    case Interactive_kind:
        fold_stmts(&f, mod->v.Interactive.body);
        break;
    case Expression_kind:
        fold_expr(&f, mod->v.Expression.body);
        break;
    case FunctionType_kind:
        break;      /* never compiled */
    }
    assert(!f.failed == !PyErr_Occurred());
    return !f.failed;
}
