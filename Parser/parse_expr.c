/* Expressions from named expressions down to "await"; targets; lambda; comprehension clauses.
   Binary operators are parsed by precedence climbing.  Written from the expressions chapter of the
   language reference. */

#include "Python.h"
#include "parser.h"

/* Operators by precedence; 0 is no operator. */
enum { PREC_OR = 1, PREC_XOR, PREC_AND, PREC_SHIFT, PREC_SUM, PREC_TERM };

struct binary {
    uint8_t precedence;
    uint8_t op;
};

static struct binary
binary_operator(int type)
{
    switch (type) {
    case VBAR: return (struct binary){PREC_OR, BitOr};
    case CIRCUMFLEX: return (struct binary){PREC_XOR, BitXor};
    case AMPER: return (struct binary){PREC_AND, BitAnd};
    case LEFTSHIFT: return (struct binary){PREC_SHIFT, LShift};
    case RIGHTSHIFT: return (struct binary){PREC_SHIFT, RShift};
    case PLUS: return (struct binary){PREC_SUM, Add};
    case MINUS: return (struct binary){PREC_SUM, Sub};
    case STAR: return (struct binary){PREC_TERM, Mult};
    case SLASH: return (struct binary){PREC_TERM, Div};
    case DOUBLESLASH: return (struct binary){PREC_TERM, FloorDiv};
    case PERCENT: return (struct binary){PREC_TERM, Mod};
    case AT: return (struct binary){PREC_TERM, MatMult};
    }
    return (struct binary){0, 0};
}

/* Whether a token can begin an expression. */
int
_PyParser_StartsExpression(int type)
{
    switch (type) {
    case NAME: case NUMBER: case STRING: case FSTRING_START: case LPAR: case LSQB: case LBRACE:
    case MINUS: case PLUS: case TILDE: case ELLIPSIS: case KW_NOT: case KW_LAMBDA: case KW_AWAIT:
    case KW_NONE: case KW_TRUE: case KW_FALSE:
        return 1;
    }
    return 0;
}

static expr_ty parse_factor(struct parser *p);

static expr_ty
parse_power(struct parser *p)
{
    int start = p->pos;
    expr_ty left = _PyParser_AwaitPrimary(p);
    if (left == NULL || peek(p) != DOUBLESTAR) {
        return p->error ? NULL : left;
    }
    int before = p->pos++;
    if (enter(p)) {
        return NULL;
    }
    expr_ty right = parse_factor(p);
    leave(p);
    if (right == NULL) {
        p->pos = before;
        return p->error ? NULL : left;
    }
    return checked(p, _PyAST_BinOp(left, Pow, right, PLACE(start)));
}

static expr_ty
parse_factor(struct parser *p)
{
    unaryop_ty op;
    switch (peek(p)) {
    case PLUS: op = UAdd; break;
    case MINUS: op = USub; break;
    case TILDE: op = Invert; break;
    default: return parse_power(p);
    }
    int start = p->pos++;
    if (enter(p)) {
        return NULL;
    }
    expr_ty operand = parse_factor(p);
    leave(p);
    if (operand == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_UnaryOp(op, operand, PLACE(start)));
}

static expr_ty
parse_binary(struct parser *p, int precedence)
{
    int start = p->pos;
    expr_ty left = parse_factor(p);
    while (left != NULL) {
        struct binary binary = binary_operator(peek(p));
        if (binary.precedence < precedence) {
            break;
        }
        int before = p->pos++;
        expr_ty right = parse_binary(p, binary.precedence + 1);
        if (right == NULL) {
            p->pos = before;
            break;
        }
        if (binary.op == MatMult && !check_version(p, 5, "The '@' operator is")) {
            return NULL;
        }
        left = checked(p, _PyAST_BinOp(left, binary.op, right, PLACE(start)));
    }
    return p->error ? NULL : left;
}

expr_ty
_PyParser_BitwiseOr(struct parser *p)
{
    expr_ty e;
    if (p->memos != NULL && _PyParser_Recall(p, MEMO_BITWISE_OR, &e)) {
        return e;
    }
    int start = p->pos;
    e = parse_binary(p, PREC_OR);
    return p->memos != NULL ? _PyParser_Remember(p, MEMO_BITWISE_OR, start, e) : e;
}

/* "!=" or, with the future import, "<>". */
static int
is_not_equal(struct parser *p)
{
    struct token *token = &p->tokens[p->pos];
    int is_flufl = p->tok->buf[token->start] == '<';
    if ((p->flags & CO_FUTURE_BARRY_AS_BDFL) && !is_flufl) {
        _PyParser_RaiseLast(p, PyExc_SyntaxError,
                            "with Barry as BDFL, use '<>' instead of '!='");
        return 0;
    }
    return (p->flags & CO_FUTURE_BARRY_AS_BDFL) || !is_flufl;
}

/* The comparison operator at hand, passed; 0 if there is none. */
static int
accept_comparison(struct parser *p)
{
    int op;
    switch (peek(p)) {
    case EQEQUAL: op = Eq; break;
    case NOTEQUAL:
        if (!is_not_equal(p)) {
            return 0;
        }
        op = NotEq;
        break;
    case LESS: op = Lt; break;
    case LESSEQUAL: op = LtE; break;
    case GREATER: op = Gt; break;
    case GREATEREQUAL: op = GtE; break;
    case KW_IN: op = In; break;
    case KW_IS:
        p->pos++;
        return accept(p, KW_NOT) ? IsNot : Is;
    case KW_NOT:
        if (peek_at(p, 1) != KW_IN) {
            return 0;
        }
        p->pos++;
        op = NotIn;
        break;
    default:
        return 0;
    }
    p->pos++;
    return op;
}

static expr_ty
parse_comparison(struct parser *p)
{
    int start = p->pos;
    expr_ty left = _PyParser_BitwiseOr(p);
    if (left == NULL) {
        return NULL;
    }
    size_t mark = p->top;
    int before = p->pos;
    for (int op; (op = accept_comparison(p)) != 0; before = p->pos) {
        expr_ty right = _PyParser_BitwiseOr(p);
        if (right == NULL) {
            break;
        }
        if (_PyParser_Push(p, (void *)(intptr_t)op) < 0 || _PyParser_Push(p, right) < 0) {
            return NULL;
        }
    }
    p->pos = before;
    if (p->error || p->top == mark) {
        return p->error ? NULL : left;
    }
    Py_ssize_t n = (Py_ssize_t)(p->top - mark) / 2;
    asdl_int_seq *ops = checked(p, _Py_asdl_int_seq_new(n, p->arena));
    asdl_expr_seq *operands = checked(p, _Py_asdl_expr_seq_new(n, p->arena));
    if (p->error) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        asdl_seq_SET(ops, i, (int)(intptr_t)p->stack[mark + 2 * (size_t)i]);
        asdl_seq_SET(operands, i, p->stack[mark + 2 * (size_t)i + 1]);
    }
    p->top = mark;
    return checked(p, _PyAST_Compare(left, ops, operands, PLACE(start)));
}

static expr_ty
parse_inversion(struct parser *p)
{
    if (peek(p) != KW_NOT) {
        return parse_comparison(p);
    }
    int start = p->pos++;
    if (enter(p)) {
        return NULL;
    }
    expr_ty operand = parse_inversion(p);
    leave(p);
    if (operand == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_UnaryOp(Not, operand, PLACE(start)));
}

/* "or" of "and"s, or "and" of inversions. */
static expr_ty
parse_boolop(struct parser *p, boolop_ty op)
{
    int start = p->pos;
    expr_ty first = op == Or ? parse_boolop(p, And) : parse_inversion(p);
    int word = op == Or ? KW_OR : KW_AND;
    if (first == NULL || peek(p) != word) {
        return p->error ? NULL : first;
    }
    size_t mark = p->top;
    if (_PyParser_Push(p, first) < 0) {
        return NULL;
    }
    int before = p->pos;
    while (accept(p, word)) {
        expr_ty next = op == Or ? parse_boolop(p, And) : parse_inversion(p);
        if (next == NULL) {
            break;
        }
        if (_PyParser_Push(p, next) < 0) {
            return NULL;
        }
        before = p->pos;
    }
    p->pos = before;
    if (p->top == mark + 1) {
        p->top = mark;
        return p->error ? NULL : first;
    }
    asdl_expr_seq *values = _PyParser_Sequence(p, mark);
    if (values == NULL || p->error) {
        return NULL;
    }
    return checked(p, _PyAST_BoolOp(op, values, PLACE(start)));
}

expr_ty
_PyParser_Disjunction(struct parser *p)
{
    expr_ty e;
    if (p->memos != NULL && _PyParser_Recall(p, MEMO_DISJUNCTION, &e)) {
        return e;
    }
    int start = p->pos;
    e = parse_boolop(p, Or);
    return p->memos != NULL ? _PyParser_Remember(p, MEMO_DISJUNCTION, start, e) : e;
}

expr_ty
_PyParser_Lambda(struct parser *p)
{
    int start = p->pos++;
    arguments_ty args = _PyParser_Parameters(p, 1);
    if (args == NULL || !_PyParser_Force(p, COLON, ":")) {
        return NULL;
    }
    expr_ty body = _PyParser_Expression(p);
    if (body == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_Lambda(args, body, PLACE(start)));
}

static expr_ty
parse_conditional(struct parser *p)
{
    int start = p->pos;
    if (peek(p) == KW_LAMBDA) {
        return _PyParser_Lambda(p);
    }
    expr_ty body = _PyParser_Disjunction(p);
    if (body == NULL || peek(p) != KW_IF) {
        return p->error ? NULL : body;
    }
    int after_body = p->pos++;
    expr_ty test = _PyParser_Disjunction(p);
    if (test == NULL || !accept(p, KW_ELSE)) {
        // Not a conditional expression: its first part may be one that stands alone.
        p->pos = after_body;
        return p->error ? NULL : body;
    }
    expr_ty orelse = _PyParser_Expression(p);
    if (orelse == NULL) {
        p->pos = after_body;
        return p->error ? NULL : body;
    }
    return checked(p, _PyAST_IfExp(test, body, orelse, PLACE(start)));
}

expr_ty
_PyParser_PlainExpression(struct parser *p)
{
    if (enter(p)) {
        return NULL;
    }
    expr_ty e = parse_conditional(p);
    leave(p);
    return e;
}

expr_ty
_PyParser_Expression(struct parser *p)
{
    expr_ty e;
    if (p->memos != NULL && _PyParser_Recall(p, MEMO_EXPRESSION, &e)) {
        return e;
    }
    if (enter(p)) {
        return NULL;
    }
    int start = p->pos;
    if (p->diagnose) {
        _PyParser_DiagnoseExpression(p);
    }
    e = p->error ? NULL : parse_conditional(p);
    leave(p);
    return p->memos != NULL ? _PyParser_Remember(p, MEMO_EXPRESSION, start, e) : e;
}

/* NAME ":=" expression, or an expression that no ":=" follows. */
static expr_ty
parse_named(struct parser *p)
{
    int start = p->pos;
    if (peek(p) == NAME && peek_at(p, 1) == COLONEQUAL) {
        expr_ty target = _PyParser_NameNode(p, Store);
        p->pos++;
        expr_ty value = target == NULL ? NULL : _PyParser_Expression(p);
        if (value == NULL || !check_version(p, 8, "Assignment expressions are")) {
            return NULL;
        }
        return checked(p, _PyAST_NamedExpr(target, value, PLACE(start)));
    }
    if (p->diagnose) {
        _PyParser_DiagnoseNamed(p);
    }
    expr_ty e = p->error ? NULL : _PyParser_Expression(p);
    if (e != NULL && peek(p) == COLONEQUAL) {
        return NULL;
    }
    return p->error ? NULL : e;
}

expr_ty
_PyParser_NamedExpression(struct parser *p)
{
    expr_ty e;
    if (p->diagnose && _PyParser_Recall(p, MEMO_NAMED, &e)) {
        return e;
    }
    int start = p->pos;
    e = parse_named(p);
    return p->diagnose ? _PyParser_Remember(p, MEMO_NAMED, start, e) : e;
}

/* At "*". */
static expr_ty
parse_starred_or(struct parser *p)
{
    int start = p->pos++;
    expr_ty value = _PyParser_BitwiseOr(p);
    if (value == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_Starred(value, Load, PLACE(start)));
}

expr_ty
_PyParser_StarExpression(struct parser *p)
{
    return peek(p) == STAR ? parse_starred_or(p) : _PyParser_Expression(p);
}

expr_ty
_PyParser_StarNamedExpression(struct parser *p)
{
    return peek(p) == STAR ? parse_starred_or(p) : _PyParser_NamedExpression(p);
}

/* After an element and at a comma: the tuple of it and what follows.  Elements that do not parse
   end the tuple softly: the comma was the last. */
static expr_ty
finish_tuple(struct parser *p, int start, expr_ty first, expr_ty (*element)(struct parser *))
{
    size_t mark = p->top;
    if (_PyParser_Push(p, first) < 0) {
        return NULL;
    }
    while (accept(p, COMMA)) {
        int before = p->pos;
        int type = peek(p);
        if (p->error) {
            return NULL;
        }
        if (type != STAR && !_PyParser_StartsExpression(type)) {
            break;
        }
        expr_ty next = element(p);
        if (next == NULL && !p->error) {
            p->pos = before;
            break;
        }
        if (next == NULL || _PyParser_Push(p, next) < 0) {
            p->top = mark;
            return NULL;
        }
    }
    asdl_expr_seq *elts = _PyParser_Sequence(p, mark);
    if (elts == NULL || p->error) {
        return NULL;
    }
    return checked(p, _PyAST_Tuple(elts, Load, PLACE(start)));
}

expr_ty
_PyParser_StarExpressions(struct parser *p)
{
    expr_ty e;
    if (p->memos != NULL && _PyParser_Recall(p, MEMO_STAR_EXPRESSIONS, &e)) {
        return e;
    }
    int start = p->pos;
    e = _PyParser_StarExpression(p);
    if (e != NULL && peek(p) == COMMA) {
        e = finish_tuple(p, start, e, _PyParser_StarExpression);
    }
    if (p->error) {
        e = NULL;
    }
    return p->memos != NULL ? _PyParser_Remember(p, MEMO_STAR_EXPRESSIONS, start, e) : e;
}

/* Expressions without stars, as a tuple if there is a comma. */
expr_ty
_PyParser_Expressions(struct parser *p)
{
    int start = p->pos;
    expr_ty e = _PyParser_Expression(p);
    if (e != NULL && peek(p) == COMMA) {
        e = finish_tuple(p, start, e, _PyParser_Expression);
    }
    return p->error ? NULL : e;
}

/* One or more, a comma may be last.  The first may have been parsed already. */
asdl_expr_seq *
_PyParser_StarNamedExpressions(struct parser *p, expr_ty first)
{
    size_t mark = p->top;
    int again = 1;
    if (first != NULL) {
        if (_PyParser_Push(p, first) < 0) {
            return NULL;
        }
        again = accept(p, COMMA);
    }
    while (again) {
        int before = p->pos;
        int type = peek(p);
        if (p->top > mark && type != STAR && !_PyParser_StartsExpression(type)) {
            break;
        }
        expr_ty next = _PyParser_StarNamedExpression(p);
        if (next == NULL && !p->error && p->top > mark) {
            p->pos = before;
            break;
        }
        if (next == NULL || _PyParser_Push(p, next) < 0) {
            p->top = mark;
            return NULL;
        }
        again = accept(p, COMMA);
    }
    return p->error ? NULL : _PyParser_Sequence(p, mark);
}

expr_ty
_PyParser_Yield(struct parser *p)
{
    int start = p->pos;
    assert(peek(p) == KW_YIELD);
    p->pos++;
    if (accept(p, KW_FROM)) {
        expr_ty value = _PyParser_Expression(p);
        if (value == NULL) {
            return NULL;
        }
        return checked(p, _PyAST_YieldFrom(value, PLACE(start)));
    }
    expr_ty value = NULL;
    int after = p->pos;
    if (peek(p) == STAR || _PyParser_StartsExpression(peek(p))) {
        value = _PyParser_StarExpressions(p);
        if (value == NULL) {
            p->pos = after;
        }
    }
    if (p->error) {
        return NULL;
    }
    return checked(p, _PyAST_Yield(value, PLACE(start)));
}

expr_ty
_PyParser_YieldOrStarExpressions(struct parser *p)
{
    return peek(p) == KW_YIELD ? _PyParser_Yield(p) : _PyParser_StarExpressions(p);
}

/* Targets. */

static int
all_targets(asdl_expr_seq *elts, int (*check)(expr_ty))
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(elts); i++) {
        if (!check(asdl_seq_GET(elts, i))) {
            return 0;
        }
    }
    return 1;
}

int
_PyParser_IsTarget(expr_ty e)
{
    switch (e->kind) {
    case Name_kind:
    case Attribute_kind:
    case Subscript_kind:
        return 1;
    case Starred_kind:
        return e->v.Starred.value->kind != Starred_kind
               && _PyParser_IsTarget(e->v.Starred.value);
    case Tuple_kind:
        return all_targets(e->v.Tuple.elts, _PyParser_IsTarget);
    case List_kind:
        return all_targets(e->v.List.elts, _PyParser_IsTarget);
    default:
        return 0;
    }
}

int
_PyParser_IsDelTarget(expr_ty e)
{
    switch (e->kind) {
    case Name_kind:
    case Attribute_kind:
    case Subscript_kind:
        return 1;
    case Tuple_kind:
        return all_targets(e->v.Tuple.elts, _PyParser_IsDelTarget);
    case List_kind:
        return all_targets(e->v.List.elts, _PyParser_IsDelTarget);
    default:
        return 0;
    }
}

void
_PyParser_SetContext(expr_ty e, expr_context_ty ctx)
{
    asdl_expr_seq *elts = NULL;
    switch (e->kind) {
    case Name_kind: e->v.Name.ctx = ctx; break;
    case Attribute_kind: e->v.Attribute.ctx = ctx; break;
    case Subscript_kind: e->v.Subscript.ctx = ctx; break;
    case Starred_kind:
        e->v.Starred.ctx = ctx;
        _PyParser_SetContext(e->v.Starred.value, ctx);
        break;
    case Tuple_kind:
        e->v.Tuple.ctx = ctx;
        elts = e->v.Tuple.elts;
        break;
    case List_kind:
        e->v.List.ctx = ctx;
        elts = e->v.List.elts;
        break;
    default:
        break;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(elts); i++) {
        _PyParser_SetContext(asdl_seq_GET(elts, i), ctx);
    }
}

/* One target: "in" is no operator here, a star may lead. */
expr_ty
_PyParser_StarTarget(struct parser *p)
{
    expr_ty e;
    if (peek(p) == STAR) {
        int start = p->pos++;
        expr_ty value = peek(p) == STAR ? NULL : _PyParser_Primary(p);
        if (value == NULL || !_PyParser_IsTarget(value)) {
            return NULL;
        }
        e = checked(p, _PyAST_Starred(value, Store, PLACE(start)));
    }
    else {
        e = _PyParser_Primary(p);
    }
    if (e == NULL || !_PyParser_IsTarget(e)) {
        return NULL;
    }
    _PyParser_SetContext(e, Store);
    return e;
}

/* Targets of "for": a single one or a tuple. */
expr_ty
_PyParser_StarTargets(struct parser *p)
{
    int start = p->pos;
    expr_ty e = _PyParser_StarTarget(p);
    if (e != NULL && peek(p) == COMMA) {
        e = finish_tuple(p, start, e, _PyParser_StarTarget);
        if (e != NULL) {
            e->v.Tuple.ctx = Store;
        }
    }
    return p->error ? NULL : e;
}

/* Comprehension clauses. */

static comprehension_ty
parse_for_if(struct parser *p)
{
    int is_async = accept(p, KW_ASYNC);
    if (!accept(p, KW_FOR)) {
        return NULL;
    }
    int target_at = p->pos;
    expr_ty target = _PyParser_StarTargets(p);
    if (target == NULL || !accept(p, KW_IN)) {
        if (p->diagnose && !p->error) {
            p->pos = target_at;
            _PyParser_DiagnoseForTarget(p);
        }
        return NULL;
    }
    expr_ty iter = _PyParser_Disjunction(p);
    if (iter == NULL) {
        return NULL;
    }
    size_t mark = p->top;
    int before = p->pos;
    while (accept(p, KW_IF)) {
        expr_ty test = _PyParser_Disjunction(p);
        if (test == NULL) {
            break;
        }
        if (_PyParser_Push(p, test) < 0) {
            return NULL;
        }
        before = p->pos;
    }
    p->pos = before;
    asdl_expr_seq *ifs = _PyParser_Sequence(p, mark);
    if (ifs == NULL || p->error
        || (is_async && !check_version(p, 6, "Async comprehensions are")))
    {
        return NULL;
    }
    return checked(p, _PyAST_comprehension(target, iter, ifs, is_async, p->arena));
}

/* At "for" or "async". */
asdl_comprehension_seq *
_PyParser_ForIfClauses(struct parser *p)
{
    size_t mark = p->top;
    do {
        int before = p->pos;
        comprehension_ty clause = parse_for_if(p);
        if (clause == NULL && !p->error && p->top > mark) {
            p->pos = before;
            break;
        }
        if (clause == NULL || _PyParser_Push(p, clause) < 0) {
            p->top = mark;
            return NULL;
        }
    } while (peek(p) == KW_FOR || (peek(p) == KW_ASYNC && peek_at(p, 1) == KW_FOR));
    return p->error ? NULL : _PyParser_Sequence(p, mark);
}
