/* Simple statements, and statement lists.  Written from the simple statements chapter of the
   language reference. */

#include "Python.h"
#include "parser.h"

#include <string.h>

/* Assignments and expression statements. */

static operator_ty
augmented_operator(int type)
{
    switch (type) {
    case PLUSEQUAL: return Add;
    case MINEQUAL: return Sub;
    case STAREQUAL: return Mult;
    case SLASHEQUAL: return Div;
    case PERCENTEQUAL: return Mod;
    case AMPEREQUAL: return BitAnd;
    case VBAREQUAL: return BitOr;
    case CIRCUMFLEXEQUAL: return BitXor;
    case LEFTSHIFTEQUAL: return LShift;
    case RIGHTSHIFTEQUAL: return RShift;
    case DOUBLESTAREQUAL: return Pow;
    case DOUBLESLASHEQUAL: return FloorDiv;
    case ATEQUAL: return MatMult;
    }
    return 0;
}

static int
is_single_target(expr_ty e)
{
    return e->kind == Name_kind || e->kind == Attribute_kind || e->kind == Subscript_kind;
}

/* At ":" after a single target. */
static stmt_ty
annotated_assignment(struct parser *p, int start, expr_ty target)
{
    int simple = target->kind == Name_kind && p->tokens[start].type != LPAR;
    p->pos++;
    expr_ty annotation = _PyParser_Expression(p);
    expr_ty value = NULL;
    if (annotation == NULL) {
        return NULL;
    }
    int before = p->pos;
    if (accept(p, EQUAL)) {
        value = _PyParser_YieldOrStarExpressions(p);
        p->pos = value == NULL ? before : p->pos;
    }
    if (p->error || !check_version(p, 6, simple ? "Variable annotation syntax is"
                                                : "Variable annotations syntax is"))
    {
        return NULL;
    }
    _PyParser_SetContext(target, Store);
    return checked(p, _PyAST_AnnAssign(target, annotation, value, simple, PLACE(start)));
}

static stmt_ty
augmented_assignment(struct parser *p, int start, expr_ty target, operator_ty op)
{
    p->pos++;
    if (op == MatMult && !check_version(p, 5, "The '@' operator is")) {
        return NULL;
    }
    expr_ty value = _PyParser_YieldOrStarExpressions(p);
    if (value == NULL) {
        return NULL;
    }
    _PyParser_SetContext(target, Store);
    return checked(p, _PyAST_AugAssign(target, op, value, PLACE(start)));
}

/* At "=" after the first target. */
static stmt_ty
plain_assignment(struct parser *p, int start, expr_ty e)
{
    size_t mark = p->top;
    while (peek(p) == EQUAL) {
        if (e->kind == Yield_kind || e->kind == YieldFrom_kind || !_PyParser_IsTarget(e)) {
            p->top = mark;
            return NULL;
        }
        p->pos++;
        _PyParser_SetContext(e, Store);
        if (_PyParser_Push(p, e) < 0) {
            return NULL;
        }
        e = _PyParser_YieldOrStarExpressions(p);
        if (e == NULL) {
            p->top = mark;
            return NULL;
        }
    }
    asdl_expr_seq *targets = _PyParser_Sequence(p, mark);
    string comment = NULL;
    if (peek(p) == TYPE_COMMENT) {
        comment = _PyParser_TypeComment(p, &p->tokens[p->pos]);
        p->pos++;
    }
    if (targets == NULL || p->error) {
        return NULL;
    }
    return checked(p, _PyAST_Assign(targets, e, comment, PLACE(start)));
}

/* An assignment of any form, or an expression; soft failure for a wrong target. */
static stmt_ty
assignment_or_expression(struct parser *p, int start, expr_ty e)
{
    int type = peek(p);
    if (type == EQUAL) {
        return plain_assignment(p, start, e);
    }
    if (type == COLON && is_single_target(e)) {
        return annotated_assignment(p, start, e);
    }
    operator_ty op = augmented_operator(type);
    if (op != 0) {
        return is_single_target(e) ? augmented_assignment(p, start, e, op) : NULL;
    }
    if (p->error) {
        return NULL;
    }
    return checked(p, _PyAST_Expr(e, PLACE(start)));
}

static stmt_ty
expression_statement(struct parser *p)
{
    int start = p->pos;
    expr_ty e = _PyParser_StarExpressions(p);
    if (e == NULL) {
        if (p->diagnose && !p->error) {
            p->pos = start;
            _PyParser_DiagnoseAssignment(p);
        }
        return NULL;
    }
    stmt_ty s = assignment_or_expression(p, start, e);
    if (!p->diagnose || p->error) {
        return s;
    }
    if (s == NULL || (s->kind == Expr_kind && peek(p) != NEWLINE && peek(p) != SEMI)) {
        p->pos = start;
        _PyParser_DiagnoseAssignment(p);
        if (!p->error) {
            e = _PyParser_StarExpressions(p);
            s = e == NULL ? NULL : checked(p, _PyAST_Expr(e, PLACE(start)));
        }
    }
    return p->error ? NULL : s;
}

/* Imports. */

/* NAME ("." NAME)* as one str. */
static identifier
dotted_name(struct parser *p)
{
    if (peek(p) != NAME) {
        return NULL;
    }
    identifier name = _PyParser_Name(p, p->pos++);
    if (name == NULL || peek(p) != DOT) {
        return p->error ? NULL : name;
    }
    PyObject *joined = Py_NewRef(name);
    while (accept(p, DOT)) {
        identifier next = peek(p) == NAME ? _PyParser_Name(p, p->pos++) : NULL;
        if (next == NULL) {
            Py_DECREF(joined);
            return NULL;
        }
        Py_SETREF(joined, PyUnicode_FromFormat("%U.%U", joined, next));
        if (joined == NULL) {
            p->error = 1;
            return NULL;
        }
    }
    PyUnicode_InternInPlace(&joined);
    if (_PyArena_AddPyObject(p->arena, joined) < 0) {
        Py_DECREF(joined);
        p->error = 1;
    }
    return p->error ? NULL : joined;
}

/* A name with an optional "as NAME". */
static alias_ty
parse_alias(struct parser *p, int dotted)
{
    int start = p->pos;
    identifier name = NULL, asname = NULL;
    if (dotted) {
        name = dotted_name(p);
    }
    else if (peek(p) == NAME) {
        name = _PyParser_Name(p, p->pos++);
    }
    if (name == NULL) {
        return NULL;
    }
    if (accept(p, KW_AS)) {
        asname = peek(p) == NAME ? _PyParser_Name(p, p->pos++) : NULL;
        if (asname == NULL) {
            return NULL;
        }
    }
    if (p->error) {
        return NULL;
    }
    return checked(p, _PyAST_alias(name, asname, PLACE(start)));
}

static stmt_ty
import_statement(struct parser *p)
{
    int start = p->pos++;
    size_t mark = p->top;
    int renamed = 0;
    do {
        alias_ty alias = parse_alias(p, 1);
        if (alias == NULL || _PyParser_Push(p, alias) < 0) {
            p->top = mark;
            return NULL;
        }
        renamed |= alias->asname != NULL;
    } while (accept(p, COMMA));
    asdl_alias_seq *names = _PyParser_Sequence(p, mark);
    if (p->diagnose && !p->error && !renamed && peek(p) == KW_FROM) {
        _PyParser_DiagnoseImport(p, start);
    }
    if (names == NULL || p->error) {
        return NULL;
    }
    return checked(p, _PyAST_Import(names, PLACE(start)));
}

/* What follows "import" in a from statement. */
static asdl_alias_seq *
from_targets(struct parser *p)
{
    size_t mark = p->top;
    if (peek(p) == STAR) {
        int start = p->pos++;
        identifier star = _PyParser_InternedName(p, "*");
        alias_ty alias = star == NULL ? NULL : checked(p, _PyAST_alias(star, NULL, PLACE(start)));
        return alias == NULL ? NULL : _PyParser_Singleton(p, alias);
    }
    int parenthesized = accept(p, LPAR);
    do {
        if (parenthesized && p->top > mark && peek(p) == RPAR) {
            break;
        }
        if (p->diagnose && p->top > mark && peek(p) == NEWLINE) {
            return _PyParser_RaiseLast(p, PyExc_SyntaxError, "trailing comma not allowed "
                                       "without surrounding parentheses");
        }
        alias_ty alias = parse_alias(p, 0);
        if (alias == NULL || _PyParser_Push(p, alias) < 0) {
            p->top = mark;
            return NULL;
        }
    } while (accept(p, COMMA));
    if (parenthesized && !accept(p, RPAR)) {
        p->top = mark;
        return NULL;
    }
    return p->error ? NULL : _PyParser_Sequence(p, mark);
}

static stmt_ty
from_statement(struct parser *p)
{
    int start = p->pos++;
    int level = 0;
    identifier module = NULL;
    for (;;) {
        if (accept(p, DOT)) {
            level++;
        }
        else if (accept(p, ELLIPSIS)) {
            level += 3;
        }
        else {
            break;
        }
    }
    if (level == 0 || peek(p) == NAME) {
        module = dotted_name(p);
        if (module == NULL) {
            return NULL;
        }
    }
    if (!accept(p, KW_IMPORT)) {
        return NULL;
    }
    asdl_alias_seq *names = from_targets(p);
    if (names == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_ImportFrom(module, names, level, PLACE(start)));
}

/* The small ones. */

static stmt_ty
return_statement(struct parser *p)
{
    int start = p->pos++;
    expr_ty value = NULL;
    if (peek(p) == STAR || _PyParser_StartsExpression(peek(p))) {
        value = _PyParser_StarExpressions(p);
        if (value == NULL) {
            return NULL;
        }
    }
    return p->error ? NULL : checked(p, _PyAST_Return(value, PLACE(start)));
}

static stmt_ty
raise_statement(struct parser *p)
{
    int start = p->pos++;
    expr_ty exc = NULL, cause = NULL;
    if (_PyParser_StartsExpression(peek(p))) {
        exc = _PyParser_Expression(p);
        if (exc == NULL) {
            return NULL;
        }
        if (accept(p, KW_FROM)) {
            cause = _PyParser_Expression(p);
            if (cause == NULL) {
                return NULL;
            }
        }
    }
    return p->error ? NULL : checked(p, _PyAST_Raise(exc, cause, PLACE(start)));
}

static stmt_ty
names_statement(struct parser *p, int global)
{
    int start = p->pos++;
    size_t mark = p->top;
    do {
        identifier name = peek(p) == NAME ? _PyParser_Name(p, p->pos++) : NULL;
        if (name == NULL || _PyParser_Push(p, name) < 0) {
            p->top = mark;
            return NULL;
        }
    } while (accept(p, COMMA));
    asdl_identifier_seq *names = _PyParser_Sequence(p, mark);
    if (names == NULL || p->error) {
        return NULL;
    }
    return checked(p, global ? _PyAST_Global(names, PLACE(start))
                             : _PyAST_Nonlocal(names, PLACE(start)));
}

static stmt_ty
del_statement(struct parser *p)
{
    int start = p->pos++;
    size_t mark = p->top;
    int first = p->pos;
    for (;;) {
        expr_ty e = _PyParser_Primary(p);
        if (e == NULL || !_PyParser_IsDelTarget(e)) {
            goto failed;
        }
        _PyParser_SetContext(e, Del);
        if (_PyParser_Push(p, e) < 0) {
            goto failed;
        }
        if (!accept(p, COMMA) || peek(p) == NEWLINE || peek(p) == SEMI) {
            break;
        }
    }
    if (peek(p) != NEWLINE && peek(p) != SEMI) {
        goto failed;
    }
    asdl_expr_seq *targets = _PyParser_Sequence(p, mark);
    return targets == NULL ? NULL : checked(p, _PyAST_Delete(targets, PLACE(start)));
failed:
    p->top = mark;
    if (p->diagnose && !p->error) {
        p->pos = first;
        _PyParser_DiagnoseDel(p);
    }
    return NULL;
}

static stmt_ty
assert_statement(struct parser *p)
{
    int start = p->pos++;
    expr_ty test = _PyParser_Expression(p), msg = NULL;
    if (test == NULL) {
        return NULL;
    }
    if (accept(p, COMMA)) {
        msg = _PyParser_Expression(p);
        if (msg == NULL) {
            return NULL;
        }
    }
    return p->error ? NULL : checked(p, _PyAST_Assert(test, msg, PLACE(start)));
}

/* "type" NAME [type parameters] "=" expression */
static stmt_ty
type_statement(struct parser *p)
{
    int start = p->pos++;
    expr_ty name = _PyParser_NameNode(p, Store);
    asdl_type_param_seq *params = NULL;
    if (name == NULL) {
        return NULL;
    }
    if (peek(p) == LSQB) {
        params = _PyParser_TypeParams(p);
        if (params == NULL) {
            return NULL;
        }
    }
    if (!accept(p, EQUAL)) {
        return NULL;
    }
    expr_ty value = _PyParser_Expression(p);
    if (value == NULL || !check_version(p, 12, "Type statement is")) {
        return NULL;
    }
    return checked(p, _PyAST_TypeAlias(name, params, value, PLACE(start)));
}

static stmt_ty
yield_statement(struct parser *p)
{
    int start = p->pos;
    expr_ty e = _PyParser_Yield(p);
    if (e == NULL) {
        return NULL;
    }
    if (p->diagnose && peek(p) == EQUAL) {
        p->pos = start;
        _PyParser_DiagnoseAssignment(p);
    }
    return p->error ? NULL : checked(p, _PyAST_Expr(e, PLACE(start)));
}

static stmt_ty
simple_statement(struct parser *p)
{
    int start = p->pos;
    switch (peek(p)) {
    case KW_RETURN: return return_statement(p);
    case KW_IMPORT: return import_statement(p);
    case KW_FROM: return from_statement(p);
    case KW_RAISE: return raise_statement(p);
    case KW_PASS:
        p->pos++;
        return checked(p, _PyAST_Pass(PLACE(start)));
    case KW_DEL: return del_statement(p);
    case KW_YIELD: return yield_statement(p);
    case KW_ASSERT: return assert_statement(p);
    case KW_BREAK:
        p->pos++;
        return checked(p, _PyAST_Break(PLACE(start)));
    case KW_CONTINUE:
        p->pos++;
        return checked(p, _PyAST_Continue(PLACE(start)));
    case KW_GLOBAL: return names_statement(p, 1);
    case KW_NONLOCAL: return names_statement(p, 0);
    case NAME:
        if (_PyParser_IsWord(p, 0, "type") && peek_at(p, 1) == NAME) {
            stmt_ty s = type_statement(p);
            if (s != NULL || p->error || !p->diagnose) {
                return s;
            }
            p->pos = start;
        }
    }
    return p->error ? NULL : expression_statement(p);
}

/* Simple statements with semicolons between, up to and with NEWLINE; all are pushed. */
int
_PyParser_PushSimple(struct parser *p)
{
    for (;;) {
        stmt_ty s = simple_statement(p);
        if (s == NULL || _PyParser_Push(p, s) < 0) {
            return -1;
        }
        if (!accept(p, SEMI)) {
            return accept(p, NEWLINE) ? 0 : -1;
        }
        if (accept(p, NEWLINE)) {
            return 0;
        }
    }
}

/* Statements up to a DEDENT or ENDMARKER, which stays. */
asdl_stmt_seq *
_PyParser_Statements(struct parser *p, int until)
{
    size_t mark = p->top;
    while (peek(p) != until) {
        stmt_ty compound = _PyParser_Compound(p);
        int err = compound != NULL ? _PyParser_Push(p, compound)
                  : p->error ? -1 : _PyParser_PushSimple(p);
        if (err < 0) {
            p->top = mark;
            return NULL;
        }
    }
    return p->error ? NULL : _PyParser_Sequence(p, mark);
}
