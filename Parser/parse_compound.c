/* Compound statements.  Written from the compound statements chapter of the language reference and
   PEP 695.  A compound statement's function leaves `pos` behind the DEDENT of its last block. */

#include "Python.h"
#include "parser.h"

/* Blocks. */

/* After ":".  An indented block, or simple statements on the same line. */
asdl_stmt_seq *
_PyParser_Block(struct parser *p)
{
    size_t mark = p->top;
    if (peek(p) != NEWLINE) {
        if (p->error || _PyParser_PushSimple(p) < 0) {
            p->top = mark;
            return NULL;
        }
        return _PyParser_Sequence(p, mark);
    }
    p->pos++;
    if (!accept(p, INDENT)) {
        if (p->diagnose && !p->error) {
            _PyParser_RaiseLast(p, PyExc_IndentationError, "expected an indented block");
        }
        return NULL;
    }
    asdl_stmt_seq *body = _PyParser_Statements(p, DEDENT);
    return body != NULL && accept(p, DEDENT) ? body : NULL;
}

/* A header's ":" and the block of the statement that began at `start`. */
static asdl_stmt_seq *
colon_block(struct parser *p, int start, const char *after)
{
    if (peek(p) != COLON) {
        if (p->diagnose && !p->error) {
            _PyParser_DiagnoseColon(p);
        }
        return NULL;
    }
    p->pos++;
    if (p->diagnose) {
        _PyParser_DiagnoseBlock(p, after, start);
    }
    return p->error ? NULL : _PyParser_Block(p);
}

/* The same where a missing colon is always the mistake. */
static asdl_stmt_seq *
forced_colon_block(struct parser *p, int start, const char *after)
{
    return _PyParser_Force(p, COLON, ":") ? (p->pos--, colon_block(p, start, after)) : NULL;
}

static string
block_comment(struct parser *p)
{
    if (peek(p) != TYPE_COMMENT) {
        return NULL;
    }
    string comment = _PyParser_TypeComment(p, &p->tokens[p->pos]);
    p->pos++;
    return comment;
}

/* An "else:" block, if there is one: *orelse; 0, or -1 on failure. */
static int
else_block(struct parser *p, asdl_stmt_seq **orelse)
{
    int start = p->pos;
    *orelse = NULL;
    if (!accept(p, KW_ELSE)) {
        return p->error ? -1 : 0;
    }
    *orelse = forced_colon_block(p, start, "'else' statement");
    return *orelse == NULL ? -1 : 0;
}

/* if, while, for */

/* An "if" or "elif" with what follows it.  Branches are collected, then nested from the last. */
static stmt_ty
if_statement(struct parser *p)
{
    size_t mark = p->top;
    asdl_stmt_seq *orelse = NULL;
    int is_elif = 0;
    do {
        int start = p->pos++;
        expr_ty test = _PyParser_NamedExpression(p);
        asdl_stmt_seq *body = test == NULL ? NULL
            : colon_block(p, start, is_elif ? "'elif' statement" : "'if' statement");
        if (body == NULL || _PyParser_Push(p, (void *)(intptr_t)start) < 0
            || _PyParser_Push(p, test) < 0 || _PyParser_Push(p, body) < 0)
        {
            p->top = mark;
            return NULL;
        }
        is_elif = 1;
    } while (peek(p) == KW_ELIF);
    if (p->error || else_block(p, &orelse) < 0) {
        p->top = mark;
        return NULL;
    }
    stmt_ty s = NULL;
    while (p->top > mark) {
        asdl_stmt_seq *body = p->stack[--p->top];
        expr_ty test = p->stack[--p->top];
        int start = (int)(intptr_t)p->stack[--p->top];
        s = checked(p, _PyAST_If(test, body, orelse, STMT_PLACE(start)));
        orelse = s == NULL ? NULL : _PyParser_Singleton(p, s);
        if (orelse == NULL) {
            return NULL;
        }
    }
    return s;
}

static stmt_ty
while_statement(struct parser *p)
{
    int start = p->pos++;
    asdl_stmt_seq *orelse;
    expr_ty test = _PyParser_NamedExpression(p);
    asdl_stmt_seq *body = test == NULL ? NULL : colon_block(p, start, "'while' statement");
    if (body == NULL || else_block(p, &orelse) < 0) {
        return NULL;
    }
    return checked(p, _PyAST_While(test, body, orelse, STMT_PLACE(start)));
}

/* ":" [type comment] block, where a missing colon is always the mistake if `force`. */
static asdl_stmt_seq *
commented_block(struct parser *p, int start, const char *after, int force, string *comment)
{
    if (!force && peek(p) != COLON) {
        if (p->diagnose && !p->error) {
            _PyParser_DiagnoseColon(p);
        }
        return NULL;
    }
    if (force && !_PyParser_Force(p, COLON, ":")) {
        return NULL;
    }
    if (!force) {
        p->pos++;
    }
    *comment = block_comment(p);
    if (p->diagnose && !p->error) {
        _PyParser_DiagnoseBlock(p, after, start);
    }
    return p->error ? NULL : _PyParser_Block(p);
}

static stmt_ty
for_statement(struct parser *p, int start, int is_async)
{
    p->pos++;
    int target_at = p->pos;
    expr_ty target = _PyParser_StarTargets(p);
    if (target == NULL || !accept(p, KW_IN)) {
        if (p->diagnose && !p->error) {
            p->pos = target_at;
            _PyParser_DiagnoseForTarget(p);
        }
        return NULL;
    }
    expr_ty iter = _PyParser_StarExpressions(p);
    string comment = NULL;
    asdl_stmt_seq *orelse;
    asdl_stmt_seq *body = iter == NULL ? NULL
                          : commented_block(p, start, "'for' statement", 0, &comment);
    if (body == NULL || else_block(p, &orelse) < 0) {
        return NULL;
    }
    if (is_async) {
        return !check_version(p, 5, "Async for loops are") ? NULL
               : checked(p, _PyAST_AsyncFor(target, iter, body, orelse, comment,
                                            STMT_PLACE(start)));
    }
    return checked(p, _PyAST_For(target, iter, body, orelse, comment, STMT_PLACE(start)));
}

/* with */

/* Expression, or expression "as" target that an item's end follows. */
static withitem_ty
with_item(struct parser *p)
{
    expr_ty context = _PyParser_Expression(p), vars = NULL;
    if (context == NULL) {
        return NULL;
    }
    if (accept(p, KW_AS)) {
        int target_at = p->pos;
        vars = _PyParser_StarTarget(p);
        if (vars == NULL || (peek(p) != COMMA && peek(p) != RPAR && peek(p) != COLON)) {
            if (p->diagnose && !p->error) {
                p->pos = target_at;
                _PyParser_DiagnoseWithItem(p);
            }
            return NULL;
        }
    }
    return p->error ? NULL : checked(p, _PyAST_withitem(context, vars, p->arena));
}

/* One or more, in parentheses with perhaps a last comma. */
static asdl_withitem_seq *
with_items(struct parser *p, int parenthesized)
{
    size_t mark = p->top;
    do {
        if (parenthesized && p->top > mark && peek(p) == RPAR) {
            break;
        }
        withitem_ty item = with_item(p);
        if (item == NULL || _PyParser_Push(p, item) < 0) {
            p->top = mark;
            return NULL;
        }
    } while (accept(p, COMMA));
    return p->error ? NULL : _PyParser_Sequence(p, mark);
}

static stmt_ty
with_statement(struct parser *p, int start, int is_async)
{
    int first = ++p->pos;
    int parenthesized = 0;
    asdl_withitem_seq *items = NULL;
    if (peek(p) == LPAR) {
        p->pos++;
        items = with_items(p, 1);
        if (items != NULL && (!accept(p, RPAR) || peek(p) != COLON)) {
            items = NULL;
        }
        parenthesized = items != NULL;
        p->pos = items == NULL ? first : p->pos;
    }
    if (items == NULL && !p->error) {
        items = with_items(p, 0);
    }
    if (items == NULL || peek(p) != COLON) {
        if (p->diagnose && !p->error) {
            p->pos = first;
            _PyParser_DiagnoseWith(p);
        }
        return NULL;
    }
    string comment = NULL;
    asdl_stmt_seq *body = commented_block(p, start, "'with' statement", 0, &comment);
    if (body == NULL
        || (parenthesized && !check_version(p, 9, "Parenthesized context managers are")))
    {
        return NULL;
    }
    if (is_async) {
        return !check_version(p, 5, "Async with statements are") ? NULL
               : checked(p, _PyAST_AsyncWith(items, body, comment, STMT_PLACE(start)));
    }
    return checked(p, _PyAST_With(items, body, comment, STMT_PLACE(start)));
}

/* try */

static excepthandler_ty
except_clause(struct parser *p)
{
    int start = p->pos++;
    expr_ty type = NULL;
    identifier name = NULL;
    int star = accept(p, STAR);
    if (star || peek(p) != COLON) {
        if (p->diagnose) {
            _PyParser_DiagnoseExcept(p);
        }
        type = p->error ? NULL : _PyParser_Expression(p);
        if (type == NULL) {
            return NULL;
        }
        if (accept(p, KW_AS)) {
            name = peek(p) == NAME ? _PyParser_Name(p, p->pos++) : NULL;
            if (name == NULL) {
                return NULL;
            }
        }
    }
    asdl_stmt_seq *body = p->error ? NULL
        : colon_block(p, start, star ? "'except*' statement" : "'except' statement");
    if (body == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_ExceptHandler(type, name, body, STMT_PLACE(start)));
}

/* Clauses of one kind; *star says which.  A clause of the other kind ends them. */
static asdl_excepthandler_seq *
except_clauses(struct parser *p, int *star)
{
    size_t mark = p->top;
    *star = 0;
    while (peek(p) == KW_EXCEPT) {
        int this_star = peek_at(p, 1) == STAR;
        if (p->top > mark && this_star != *star) {
            if (p->diagnose && !p->error) {
                _PyParser_DiagnoseMixedExcept(p);
            }
            if (p->diagnose && !p->error) {
                int start = p->pos;
                p->pos += 1 + this_star;
                _PyParser_DiagnoseExcept(p);
                p->pos = start;
            }
            break;
        }
        *star = this_star;
        excepthandler_ty handler = p->error ? NULL : except_clause(p);
        if (handler == NULL || _PyParser_Push(p, handler) < 0) {
            p->top = mark;
            return NULL;
        }
    }
    return p->error ? NULL : _PyParser_Sequence(p, mark);
}

static stmt_ty
try_statement(struct parser *p)
{
    int start = p->pos++;
    int star;
    asdl_stmt_seq *orelse = NULL, *finally = NULL;
    asdl_stmt_seq *body = forced_colon_block(p, start, "'try' statement");
    if (body == NULL) {
        p->pos = start + 1;
        if (p->diagnose && !p->error && accept(p, COLON)) {
            (void)except_clauses(p, &star);     // mistakes there, although the block is missing
        }
        return NULL;
    }
    if (p->diagnose) {
        _PyParser_DiagnoseTry(p);
        if (p->error) {
            return NULL;
        }
    }
    asdl_excepthandler_seq *handlers = except_clauses(p, &star);
    if (handlers == NULL) {
        return NULL;
    }
    if (asdl_seq_LEN(handlers) > 0 && else_block(p, &orelse) < 0) {
        return NULL;
    }
    int finally_at = p->pos;
    if (accept(p, KW_FINALLY)) {
        finally = forced_colon_block(p, finally_at, "'finally' statement");
        if (finally == NULL) {
            return NULL;
        }
    }
    else if (asdl_seq_LEN(handlers) == 0) {
        return NULL;
    }
    if (p->error) {
        return NULL;
    }
    if (star) {
        return !check_version(p, 11, "Exception groups are") ? NULL
               : checked(p, _PyAST_TryStar(body, handlers, orelse, finally, STMT_PLACE(start)));
    }
    return checked(p, _PyAST_Try(body, handlers, orelse, finally, STMT_PLACE(start)));
}

/* Functions and classes. */

/* One of T, T: bound, *Ts, **P. */
static type_param_ty
type_param(struct parser *p)
{
    int start = p->pos;
    int type = peek(p);
    if (type == STAR || type == DOUBLESTAR) {
        p->pos++;
    }
    identifier name = peek(p) == NAME ? _PyParser_Name(p, p->pos++) : NULL;
    if (name == NULL) {
        return NULL;
    }
    if (type == NAME) {
        expr_ty bound = NULL;
        if (accept(p, COLON)) {
            bound = _PyParser_Expression(p);
            if (bound == NULL) {
                return NULL;
            }
        }
        return p->error ? NULL : checked(p, _PyAST_TypeVar(name, bound, PLACE(start)));
    }
    if (peek(p) == COLON) {
        p->pos++;
        expr_ty bound = _PyParser_Expression(p);
        if (bound != NULL) {
            const char *what = type == STAR ? "TypeVarTuple" : "ParamSpec";
            int colon = start + 2;
            return _PyParser_RaiseAt(p, PyExc_SyntaxError, p->tokens[colon].lineno,
                                     p->tokens[colon].col, PARSER_CURRENT, PARSER_CURRENT,
                                     bound->kind == Tuple_kind
                                     ? "cannot use constraints with %s"
                                     : "cannot use bound with %s", what);
        }
        return NULL;
    }
    if (p->error) {
        return NULL;
    }
    return checked(p, type == STAR ? _PyAST_TypeVarTuple(name, PLACE(start))
                                   : _PyAST_ParamSpec(name, PLACE(start)));
}

/* At "[". */
asdl_type_param_seq *
_PyParser_TypeParams(struct parser *p)
{
    size_t mark = p->top;
    p->pos++;
    do {
        if (p->top > mark && peek(p) == RSQB) {
            break;
        }
        type_param_ty param = type_param(p);
        if (param == NULL || _PyParser_Push(p, param) < 0) {
            p->top = mark;
            return NULL;
        }
    } while (accept(p, COMMA));
    asdl_type_param_seq *params = _PyParser_Sequence(p, mark);
    if (params == NULL || !accept(p, RSQB)
        || !check_version(p, 12, "Type parameter lists are"))
    {
        return NULL;
    }
    return params;
}

/* Optional type parameters: 0 or -1. */
static int
optional_type_params(struct parser *p, asdl_type_param_seq **params)
{
    *params = NULL;
    if (peek(p) == LSQB) {
        *params = _PyParser_TypeParams(p);
        return *params == NULL ? -1 : 0;
    }
    return p->error ? -1 : 0;
}

/* The type comment of a function: on the header's line, or alone on the next. */
static string
function_comment(struct parser *p)
{
    if (peek(p) == NEWLINE && (p->flags & PyCF_TYPE_COMMENTS) && peek_at(p, 1) == TYPE_COMMENT) {
        if (peek_at(p, 2) == NEWLINE && peek_at(p, 3) == INDENT) {
            string comment = _PyParser_TypeComment(p, &p->tokens[p->pos + 1]);
            p->pos += 2;
            return comment;
        }
        if (p->diagnose && !p->error) {
            _PyParser_RaiseLast(p, PyExc_SyntaxError, "Cannot have two type comments on def");
        }
        return NULL;
    }
    string comment = block_comment(p);
    if (comment != NULL && p->diagnose && peek(p) == NEWLINE
        && peek_at(p, 1) == TYPE_COMMENT && peek_at(p, 2) == NEWLINE && peek_at(p, 3) == INDENT)
    {
        _PyParser_RaiseLast(p, PyExc_SyntaxError, "Cannot have two type comments on def");
    }
    return comment;
}

static stmt_ty
function_definition(struct parser *p, int start, asdl_expr_seq *decorators, int is_async)
{
    int def = p->pos++;
    asdl_type_param_seq *type_params;
    identifier name = peek(p) == NAME ? _PyParser_Name(p, p->pos++) : NULL;
    if (name == NULL) {
        return NULL;
    }
    int after_name = p->pos;
    if (optional_type_params(p, &type_params) < 0) {
        p->pos = after_name;        // they do not parse: "(" was expected here
    }
    if (p->error || !_PyParser_Force(p, LPAR, "(")) {
        return NULL;
    }
    arguments_ty args = _PyParser_Parameters(p, 0);
    expr_ty returns = NULL;
    if (args == NULL || !accept(p, RPAR)) {
        return NULL;
    }
    if (accept(p, RARROW)) {
        int arrow = p->pos - 1;
        returns = _PyParser_Expression(p);
        p->pos = returns == NULL ? arrow : p->pos;
    }
    if (p->error || !_PyParser_Force(p, COLON, ":")) {
        return NULL;
    }
    string comment = function_comment(p);
    if (p->diagnose && !p->error) {
        _PyParser_DiagnoseBlock(p, "function definition", is_async ? def : start);
    }
    asdl_stmt_seq *body = p->error ? NULL : _PyParser_Block(p);
    if (body == NULL) {
        return NULL;
    }
    if (is_async) {
        return !check_version(p, 5, "Async functions are") ? NULL
               : checked(p, _PyAST_AsyncFunctionDef(name, args, body, decorators, returns, comment,
                                                    type_params, STMT_PLACE(start)));
    }
    return checked(p, _PyAST_FunctionDef(name, args, body, decorators, returns, comment,
                                         type_params, STMT_PLACE(start)));
}

static stmt_ty
class_definition(struct parser *p, asdl_expr_seq *decorators)
{
    int start = p->pos++;
    asdl_type_param_seq *type_params;
    asdl_expr_seq *bases = NULL;
    asdl_keyword_seq *keywords = NULL;
    identifier name = peek(p) == NAME ? _PyParser_Name(p, p->pos++) : NULL;
    if (name == NULL || optional_type_params(p, &type_params) < 0) {
        return NULL;
    }
    if (accept(p, LPAR)) {
        if (_PyParser_Arguments(p, 0, &bases, &keywords) < 0 || !accept(p, RPAR)) {
            return NULL;
        }
    }
    asdl_stmt_seq *body = p->error ? NULL : colon_block(p, start, "class definition");
    if (body == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_ClassDef(name, bases, keywords, body, decorators, type_params,
                                      STMT_PLACE(start)));
}

/* "@" expression NEWLINE, repeated. */
static asdl_expr_seq *
parse_decorators(struct parser *p)
{
    size_t mark = p->top;
    while (accept(p, AT)) {
        expr_ty e = _PyParser_NamedExpression(p);
        if (e == NULL || !accept(p, NEWLINE) || _PyParser_Push(p, e) < 0) {
            p->top = mark;
            return NULL;
        }
    }
    return p->error ? NULL : _PyParser_Sequence(p, mark);
}

static stmt_ty
decorated(struct parser *p)
{
    asdl_expr_seq *decorators = parse_decorators(p);
    if (decorators == NULL) {
        return NULL;
    }
    int start = p->pos;
    switch (peek(p)) {
    case KW_DEF:
        return function_definition(p, start, decorators, 0);
    case KW_CLASS:
        return class_definition(p, decorators);
    case KW_ASYNC:
        p->pos++;
        return peek(p) == KW_DEF ? function_definition(p, start, decorators, 1) : NULL;
    }
    return NULL;
}

/* match */

static match_case_ty
case_block(struct parser *p)
{
    int start = p->pos++;
    pattern_ty pattern = _PyParser_Patterns(p);
    expr_ty guard = NULL;
    if (pattern == NULL) {
        return NULL;
    }
    if (accept(p, KW_IF)) {
        guard = _PyParser_NamedExpression(p);
        if (guard == NULL) {
            return NULL;
        }
    }
    asdl_stmt_seq *body = p->error ? NULL : colon_block(p, start, "'case' statement");
    if (body == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_match_case(pattern, guard, body, p->arena));
}

/* The subject: a named expression, or a tuple of perhaps starred ones. */
static expr_ty
match_subject(struct parser *p)
{
    int start = p->pos;
    int star = peek(p) == STAR;
    expr_ty first = _PyParser_StarNamedExpression(p);
    if (first == NULL || (peek(p) != COMMA && !star)) {
        return p->error ? NULL : first;
    }
    if (peek(p) != COMMA) {
        return NULL;
    }
    asdl_expr_seq *elts = _PyParser_StarNamedExpressions(p, first);
    if (elts == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_Tuple(elts, Load, PLACE(start)));
}

/* At the word "match".  NULL without error where it is just a name, and pos is back there. */
static stmt_ty
match_statement(struct parser *p)
{
    int start = p->pos++;
    int type = peek(p);
    if (type != STAR && !_PyParser_StartsExpression(type)) {
        p->pos = start;
        return NULL;
    }
    expr_ty subject = match_subject(p);
    if (subject == NULL || peek(p) != COLON) {
        if (subject != NULL && p->diagnose && !p->error && peek(p) == NEWLINE) {
            return _PyParser_RaiseLast(p, PyExc_SyntaxError, "expected ':'");
        }
        p->pos = start;
        return NULL;
    }
    p->pos++;
    if (peek(p) != NEWLINE) {
        p->pos = start;
        return NULL;
    }
    if (p->diagnose) {
        _PyParser_DiagnoseBlock(p, "'match' statement", start);
    }
    p->pos++;
    size_t mark = p->top;
    if (p->error || !accept(p, INDENT)) {
        p->pos = start;
        return NULL;
    }
    while (_PyParser_IsWord(p, 0, "case")) {
        match_case_ty one = case_block(p);
        if (one == NULL || _PyParser_Push(p, one) < 0) {
            p->top = mark;
            p->pos = start;
            return NULL;
        }
    }
    if (p->error || p->top == mark || !accept(p, DEDENT)) {
        p->top = mark;
        p->pos = start;
        return NULL;
    }
    asdl_match_case_seq *cases = _PyParser_Sequence(p, mark);
    if (cases == NULL || !check_version(p, 10, "Pattern matching is")) {
        return NULL;
    }
    return checked(p, _PyAST_Match(subject, cases, STMT_PLACE(start)));
}

/* Dispatch. */

static stmt_ty
async_statement(struct parser *p)
{
    int start = p->pos++;
    stmt_ty s = NULL;
    switch (peek(p)) {
    case KW_DEF: s = function_definition(p, start, NULL, 1); break;
    case KW_WITH: s = with_statement(p, start, 1); break;
    case KW_FOR: s = for_statement(p, start, 1); break;
    }
    return s;
}

static stmt_ty
compound_statement(struct parser *p)
{
    int start = p->pos;
    switch (p->tokens[start].type) {
    case KW_DEF: return function_definition(p, start, NULL, 0);
    case KW_CLASS: return class_definition(p, NULL);
    case KW_IF: return if_statement(p);
    case KW_FOR: return for_statement(p, start, 0);
    case KW_WHILE: return while_statement(p);
    case KW_WITH: return with_statement(p, start, 0);
    case KW_TRY: return try_statement(p);
    case KW_ASYNC: return async_statement(p);
    case AT: return decorated(p);
    default: return match_statement(p);
    }
}

/* A compound statement.  NULL without error where none begins (pos stays), or on soft failure (then
   no simple statement begins there either). */
stmt_ty
_PyParser_Compound(struct parser *p)
{
    int start = p->pos;
    switch (peek(p)) {
    case NAME:
        if (!_PyParser_IsWord(p, 0, "match")) {
            return NULL;
        }
        break;
    case KW_DEF: case KW_CLASS: case KW_IF: case KW_FOR: case KW_WHILE: case KW_WITH:
    case KW_TRY: case KW_ASYNC: case AT:
        break;
    default:
        return NULL;
    }
    if (enter(p)) {
        return NULL;
    }
    size_t mark = p->top;
    stmt_ty s = compound_statement(p);
    leave(p);
    if (s == NULL) {
        p->top = mark;
        p->pos = start;
    }
    return s;
}
