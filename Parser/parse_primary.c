/* Primaries and atoms: names, literals, displays, calls, subscripts; parameters of functions.
   Written from the expressions and compound statements chapters of the language reference. */

#include "Python.h"
#include "parser.h"

#include <string.h>

static int
at_comprehension(struct parser *p)
{
    return peek(p) == KW_FOR || peek(p) == KW_ASYNC;
}

/* Parentheses. */

/* The tuple of the elements up to ")". */
static expr_ty
finish_parenthesized_tuple(struct parser *p, int start, expr_ty first)
{
    asdl_expr_seq *elts = first != NULL ? _PyParser_StarNamedExpressions(p, first)
                                        : _PyParser_Sequence(p, p->top);
    if (elts == NULL || !accept(p, RPAR)) {
        return NULL;
    }
    return checked(p, _PyAST_Tuple(elts, Load, PLACE(start)));
}

static expr_ty
parse_parentheses(struct parser *p)
{
    int start = p->pos++;
    expr_ty e;
    switch (peek(p)) {
    case RPAR:
        return finish_parenthesized_tuple(p, start, NULL);
    case KW_YIELD:
        e = _PyParser_Yield(p);
        return e != NULL && accept(p, RPAR) ? e : NULL;
    case STAR:
        e = _PyParser_StarNamedExpression(p);
        return e != NULL && peek(p) == COMMA ? finish_parenthesized_tuple(p, start, e) : NULL;
    }
    e = _PyParser_NamedExpression(p);
    if (e == NULL) {
        return NULL;
    }
    if (peek(p) == COMMA) {
        return finish_parenthesized_tuple(p, start, e);
    }
    if (at_comprehension(p)) {
        asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
        if (clauses == NULL || !accept(p, RPAR)) {
            return NULL;
        }
        return checked(p, _PyAST_GeneratorExp(e, clauses, PLACE(start)));
    }
    return accept(p, RPAR) ? e : NULL;
}

/* Lists. */

static expr_ty
parse_list(struct parser *p)
{
    int start = p->pos++;
    asdl_expr_seq *elts = NULL;
    if (peek(p) != RSQB) {
        elts = _PyParser_StarNamedExpressions(p, NULL);
        if (elts == NULL) {
            return NULL;
        }
        if (at_comprehension(p)) {
            expr_ty elt = asdl_seq_GET(elts, 0);
            if (asdl_seq_LEN(elts) != 1 || elt->kind == Starred_kind
                || previous(p)->type == COMMA)
            {
                return NULL;
            }
            asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
            if (clauses == NULL || !accept(p, RSQB)) {
                return NULL;
            }
            return checked(p, _PyAST_ListComp(elt, clauses, PLACE(start)));
        }
    }
    else {
        elts = _PyParser_Sequence(p, p->top);
    }
    if (elts == NULL || !accept(p, RSQB)) {
        return NULL;
    }
    return checked(p, _PyAST_List(elts, Load, PLACE(start)));
}

/* Dictionaries and sets. */

/* "**" expression, or key ":" value: two pushes, the key NULL for the former.  The key may have
   been parsed already. */
static int
parse_pair(struct parser *p, expr_ty key, int later)
{
    expr_ty value;
    if (key == NULL && accept(p, DOUBLESTAR)) {
        value = _PyParser_BitwiseOr(p);
    }
    else {
        if (key == NULL && later && p->memos != NULL) {
            // Two expressions side by side are no missing comma here, but a missing colon.
            int start = p->pos;
            key = _PyParser_PlainExpression(p);
            if (key != NULL && peek(p) != COLON && !p->error) {
                p->pos = start;
                _PyParser_DiagnosePair(p, key);
            }
        }
        key = key ? key : _PyParser_Expression(p);
        if (key == NULL || !accept(p, COLON)) {
            return -1;
        }
        value = _PyParser_Expression(p);
    }
    if (value == NULL || _PyParser_Push(p, key) < 0 || _PyParser_Push(p, value) < 0) {
        return -1;
    }
    return 0;
}

static expr_ty
finish_dict(struct parser *p, int start, size_t mark)
{
    while (accept(p, COMMA)) {
        if (peek(p) == RBRACE) {
            break;
        }
        if (parse_pair(p, NULL, 1) < 0) {
            return NULL;
        }
    }
    if (!accept(p, RBRACE)) {
        return NULL;
    }
    Py_ssize_t n = (Py_ssize_t)(p->top - mark) / 2;
    asdl_expr_seq *keys = checked(p, _Py_asdl_expr_seq_new(n, p->arena));
    asdl_expr_seq *values = checked(p, _Py_asdl_expr_seq_new(n, p->arena));
    if (p->error) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        asdl_seq_SET(keys, i, p->stack[mark + 2 * (size_t)i]);
        asdl_seq_SET(values, i, p->stack[mark + 2 * (size_t)i + 1]);
    }
    p->top = mark;
    return checked(p, _PyAST_Dict(keys, values, PLACE(start)));
}

/* A dict display or comprehension, after "{". */
static expr_ty
parse_dict(struct parser *p, int start, expr_ty first)
{
    size_t mark = p->top;
    int unpacks = peek(p) == DOUBLESTAR;
    if (parse_pair(p, first, 0) < 0) {
        p->top = mark;
        return NULL;
    }
    if (at_comprehension(p) && !unpacks) {
        expr_ty value = p->stack[--p->top];
        expr_ty key = p->stack[--p->top];
        asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
        if (clauses == NULL || !accept(p, RBRACE)) {
            return NULL;
        }
        return checked(p, _PyAST_DictComp(key, value, clauses, PLACE(start)));
    }
    expr_ty e = finish_dict(p, start, mark);
    p->top = mark;
    return e;
}

static expr_ty
parse_set(struct parser *p, int start, expr_ty first)
{
    asdl_expr_seq *elts = _PyParser_StarNamedExpressions(p, first);
    if (elts == NULL) {
        return NULL;
    }
    if (at_comprehension(p)) {
        expr_ty elt = asdl_seq_GET(elts, 0);
        if (asdl_seq_LEN(elts) != 1 || elt->kind == Starred_kind || previous(p)->type == COMMA) {
            return NULL;
        }
        asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
        if (clauses == NULL || !accept(p, RBRACE)) {
            return NULL;
        }
        return checked(p, _PyAST_SetComp(elt, clauses, PLACE(start)));
    }
    if (!accept(p, RBRACE)) {
        return NULL;
    }
    return checked(p, _PyAST_Set(elts, PLACE(start)));
}

/* The second pass tries one after the other, so that known mistakes are found in that order.  Those
   of a dict are found even where others are not looked for, as in 3.12. */
static expr_ty
diagnose_braces(struct parser *p, int start)
{
    expr_ty e = peek(p) == STAR ? NULL : parse_dict(p, start, NULL);
    if (e == NULL && !p->error) {
        p->pos = start;
        _PyParser_DiagnoseDict(p);
    }
    if (e == NULL && !p->error) {
        p->pos = start + 1;
        e = parse_set(p, start, NULL);
    }
    if (e == NULL && p->diagnose && !p->error) {
        p->pos = start;
        _PyParser_DiagnoseBracket(p);
    }
    return e;
}

static expr_ty
parse_braces(struct parser *p)
{
    int start = p->pos++;
    if (peek(p) == RBRACE) {
        p->pos++;
        asdl_expr_seq *none = _PyParser_Sequence(p, p->top);
        return none == NULL ? NULL : checked(p, _PyAST_Dict(none, none, PLACE(start)));
    }
    if (peek(p) == DOUBLESTAR) {
        if (p->diagnose) {
            p->pos = start;
            _PyParser_DiagnoseDict(p);
            p->pos = start + 1;
        }
        return p->error ? NULL : parse_dict(p, start, NULL);
    }
    if (p->error) {
        return NULL;
    }
    if (p->memos != NULL) {
        return diagnose_braces(p, start);
    }
    // A set or a dict: the token after the first expression tells.
    expr_ty first = NULL;
    if (peek(p) != STAR && !(peek(p) == NAME && peek_at(p, 1) == COLONEQUAL)) {
        first = _PyParser_Expression(p);
        if (first == NULL || peek(p) == COLONEQUAL) {
            return NULL;
        }
        if (peek(p) == COLON) {
            return parse_dict(p, start, first);
        }
    }
    return p->error ? NULL : parse_set(p, start, first);
}

/* Atoms. */

/* A bracketed atom, and why it is not one. */
static expr_ty
diagnosed(struct parser *p, int start, expr_ty e)
{
    if (e == NULL && p->diagnose && !p->error) {
        p->pos = start;
        _PyParser_DiagnoseBracket(p);
    }
    return e;
}

expr_ty
_PyParser_Atom(struct parser *p)
{
    int start = p->pos;
    PyObject *constant;
    int type = peek(p);
    if (p->error) {
        return NULL;                // no object is made while an exception is set
    }
    switch (type) {
    case NAME:
        return _PyParser_NameNode(p, Load);
    case NUMBER:
        return _PyParser_Number(p);
    case STRING:
    case FSTRING_START:
        return _PyParser_Strings(p);
    case LPAR:
        return diagnosed(p, start, parse_parentheses(p));
    case LSQB:
        return diagnosed(p, start, parse_list(p));
    case LBRACE:
        return parse_braces(p);
    case KW_NONE: constant = Py_None; break;
    case KW_TRUE: constant = Py_True; break;
    case KW_FALSE: constant = Py_False; break;
    case ELLIPSIS: constant = Py_Ellipsis; break;
    default:
        return NULL;
    }
    p->pos++;
    return checked(p, _PyAST_Constant(constant, NULL, PLACE(start)));
}

/* Subscripts. */

static expr_ty
parse_slice(struct parser *p)
{
    int start = p->pos;
    expr_ty lower = NULL, upper = NULL, step = NULL;
    if (accept(p, STAR)) {
        expr_ty value = _PyParser_Expression(p);
        expr_ty e = value == NULL ? NULL : checked(p, _PyAST_Starred(value, Load, PLACE(start)));
        if (e != NULL && p->diagnose) {
            _PyParser_DiagnoseUnpackAssign(p, start);
        }
        return p->error ? NULL : e;
    }
    if (peek(p) != COLON) {
        // The lower bound is an expression, an index also a named one.
        if (peek(p) == NAME && peek_at(p, 1) == COLONEQUAL) {
            return _PyParser_NamedExpression(p);
        }
        lower = _PyParser_Expression(p);
        if (lower == NULL || p->error) {
            return NULL;
        }
        if (peek(p) != COLON) {
            if (p->diagnose) {
                p->pos = start;
                return _PyParser_NamedExpression(p);
            }
            return peek(p) == COLONEQUAL || p->error ? NULL : lower;
        }
    }
    if (!accept(p, COLON)) {
        return NULL;
    }
    if (peek(p) != COLON && peek(p) != COMMA && peek(p) != RSQB) {
        upper = _PyParser_Expression(p);
        if (upper == NULL) {
            return NULL;
        }
    }
    if (accept(p, COLON) && peek(p) != COMMA && peek(p) != RSQB) {
        step = _PyParser_Expression(p);
        if (step == NULL) {
            return NULL;
        }
    }
    if (p->error) {
        return NULL;
    }
    return checked(p, _PyAST_Slice(lower, upper, step, PLACE(start)));
}

/* What stands between the brackets of a subscript. */
static expr_ty
parse_slices(struct parser *p)
{
    int start = p->pos;
    expr_ty first = parse_slice(p);
    if (first == NULL || (peek(p) != COMMA && first->kind != Starred_kind)) {
        return p->error ? NULL : first;
    }
    size_t mark = p->top;
    if (_PyParser_Push(p, first) < 0) {
        return NULL;
    }
    while (accept(p, COMMA)) {
        if (peek(p) == RSQB) {
            break;
        }
        expr_ty next = parse_slice(p);
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

/* Calls. */

struct arguments_state {
    size_t positional, keywords;    // counts of what is on the stack
    int after_keyword;              // NAME "=" was seen
    int after_unpack;               // "**" was seen
};

static int
push_keyword(struct parser *p, int start, identifier name, struct arguments_state *state)
{
    expr_ty value = _PyParser_Expression(p);
    if (value == NULL) {
        return -1;
    }
    keyword_ty keyword = checked(p, _PyAST_keyword(name, value, PLACE(start)));
    if (p->diagnose && name == NULL) {
        _PyParser_DiagnoseUnpackAssign(p, start);
    }
    if (keyword == NULL || p->error) {
        return -1;
    }
    state->keywords++;
    // Odd tag: a keyword among the arguments; nodes are aligned.
    return _PyParser_Push(p, (void *)((uintptr_t)keyword | 1));
}

/* One argument, pushed.  -1 on failure. */
static int
parse_argument(struct parser *p, struct arguments_state *state, int lone_genexp)
{
    int start = p->pos;
    expr_ty e;
    if (accept(p, DOUBLESTAR)) {
        state->after_unpack = 1;
        return push_keyword(p, start, NULL, state);
    }
    if (peek(p) == NAME && peek_at(p, 1) == EQUAL) {
        if (p->diagnose) {
            _PyParser_DiagnoseKeyword(p);
            if (p->error) {
                return -1;
            }
        }
        identifier name = _PyParser_Name(p, p->pos);
        if (name == NULL) {
            return -1;
        }
        p->pos += 2;
        state->after_keyword = 1;
        return push_keyword(p, start, name, state);
    }
    if (p->error) {
        return -1;
    }
    if (accept(p, STAR)) {
        if (state->after_unpack) {
            return -1;
        }
        expr_ty value = _PyParser_Expression(p);
        if (value == NULL) {
            return -1;
        }
        e = checked(p, _PyAST_Starred(value, Load, PLACE(start)));
        if (p->diagnose) {
            _PyParser_DiagnoseUnpackAssign(p, start);
        }
    }
    else {
        if (state->after_keyword || state->after_unpack) {
            if (p->diagnose) {
                _PyParser_DiagnoseKeyword(p);
            }
            return -1;
        }
        if (peek(p) == NAME && peek_at(p, 1) == COLONEQUAL) {
            e = _PyParser_NamedExpression(p);
        }
        else {
            e = _PyParser_Expression(p);
            if (e != NULL && (peek(p) == COLONEQUAL || peek(p) == EQUAL)) {
                if (p->diagnose) {
                    p->pos = start;
                    _PyParser_DiagnoseKeyword(p);
                }
                return -1;
            }
        }
        if (e != NULL && lone_genexp && at_comprehension(p)) {
            asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
            if (clauses == NULL || peek(p) != RPAR) {
                return -1;
            }
            // The parentheses of the call are those of the generator expression.
            p->pos++;
            e = checked(p, _PyAST_GeneratorExp(e, clauses, PLACE(start - 1)));
            p->pos--;
        }
    }
    if (e == NULL || p->error) {
        return -1;
    }
    state->positional++;
    return _PyParser_Push(p, e);
}

/* Arguments up to the closing parenthesis, which stays.  0, or -1 on failure.  A sequence is NULL
   if it is empty. */
int
_PyParser_Arguments(struct parser *p, int is_call, asdl_expr_seq **args,
                    asdl_keyword_seq **keywords)
{
    size_t mark = p->top;
    int start = p->pos;
    struct arguments_state state = {0};
    while (peek(p) != RPAR) {
        if (parse_argument(p, &state, is_call && p->pos == start) < 0) {
            goto failed;
        }
        if (!accept(p, COMMA)) {
            break;
        }
    }
    if (p->error || peek(p) != RPAR) {
        goto failed;
    }
    *args = checked(p, _Py_asdl_expr_seq_new((Py_ssize_t)state.positional, p->arena));
    *keywords = checked(p, _Py_asdl_keyword_seq_new((Py_ssize_t)state.keywords, p->arena));
    if (p->error) {
        goto failed;
    }
    Py_ssize_t npositional = 0, nkeywords = 0;
    for (size_t i = mark; i < p->top; i++) {
        uintptr_t word = (uintptr_t)p->stack[i];
        if (word & 1) {
            asdl_seq_SET(*keywords, nkeywords++, (keyword_ty)(word - 1));
        }
        else {
            asdl_seq_SET(*args, npositional++, (expr_ty)word);
        }
    }
    p->top = mark;
    return 0;
failed:
    p->top = mark;
    if (p->diagnose && !p->error) {
        p->pos = start;
        _PyParser_DiagnoseArguments(p);
    }
    return -1;
}

/* At ".", "(" or "[" behind e.  NULL softly where what follows does not parse. */
static expr_ty
parse_trailer(struct parser *p, int start, expr_ty e)
{
    int type = p->tokens[p->pos].type;
    if (type == LPAR && p->diagnose && peek_at(p, 1) == STAR) {
        _PyParser_DiagnoseStarredGenexp(p);
        if (p->error) {
            return NULL;
        }
    }
    p->pos++;
    if (type == DOT) {
        identifier name = peek(p) == NAME ? _PyParser_Name(p, p->pos++) : NULL;
        return name == NULL ? NULL : checked(p, _PyAST_Attribute(e, name, Load, PLACE(start)));
    }
    if (type == LPAR) {
        asdl_expr_seq *args;
        asdl_keyword_seq *keywords;
        if (_PyParser_Arguments(p, 1, &args, &keywords) < 0) {
            return NULL;
        }
        p->pos++;
        return checked(p, _PyAST_Call(e, args, keywords, PLACE(start)));
    }
    expr_ty slice = parse_slices(p);
    if (slice == NULL || !accept(p, RSQB)) {
        return NULL;
    }
    return checked(p, _PyAST_Subscript(e, slice, Load, PLACE(start)));
}

static expr_ty
parse_primary(struct parser *p)
{
    int start = p->pos;
    expr_ty e = _PyParser_Atom(p);
    while (e != NULL) {
        int before = p->pos;
        int type = peek(p);
        if (p->diagnose && (type == LBRACE || type == LSQB)) {
            // 3.12 takes any bracket for that of a generator expression, and looks inside.
            _PyParser_DiagnoseBracket(p);
        }
        if (p->error || (type != DOT && type != LPAR && type != LSQB)) {
            break;
        }
        expr_ty longer = parse_trailer(p, start, e);
        if (longer == NULL) {
            p->pos = before;
            break;
        }
        e = longer;
    }
    return p->error ? NULL : e;
}

expr_ty
_PyParser_Primary(struct parser *p)
{
    expr_ty e;
    if (p->memos != NULL && _PyParser_Recall(p, MEMO_PRIMARY, &e)) {
        return e;
    }
    int start = p->pos;
    e = parse_primary(p);
    return p->memos != NULL ? _PyParser_Remember(p, MEMO_PRIMARY, start, e) : e;
}

expr_ty
_PyParser_AwaitPrimary(struct parser *p)
{
    int start = p->pos;
    if (peek(p) != KW_AWAIT) {
        return _PyParser_Primary(p);
    }
    p->pos++;
    expr_ty value = _PyParser_Primary(p);
    if (value == NULL || !check_version(p, 5, "Await expressions are")) {
        return NULL;
    }
    return checked(p, _PyAST_Await(value, PLACE(start)));
}

/* Parameters. */

struct parameters {
    size_t mark;                    // stack: args, with defaults pushed after each that has one
    int slash, star, double_star;   // seen
    int default_seen;               // among the positional ones
    asdl_arg_seq *posonly;
    arg_ty vararg, kwarg;
};

/* A type comment after a parameter (and its comma). */
static string
parameter_comment(struct parser *p, int *comma)
{
    string comment = NULL;
    *comma = accept(p, COMMA);
    if (peek(p) == TYPE_COMMENT) {
        comment = _PyParser_TypeComment(p, &p->tokens[p->pos]);
        p->pos++;
        if (!*comma && peek(p) != RPAR) {
            return NULL;
        }
    }
    return comment;
}

/* NAME [":" annotation]; star: the annotation may be starred. */
static arg_ty
parse_parameter(struct parser *p, int is_lambda, int star)
{
    int start = p->pos;
    if (peek(p) != NAME) {
        return NULL;
    }
    identifier name = _PyParser_Name(p, p->pos);
    p->pos++;
    expr_ty annotation = NULL;
    if (name != NULL && !is_lambda && accept(p, COLON)) {
        annotation = star ? _PyParser_StarExpression(p) : _PyParser_Expression(p);
        if (annotation == NULL) {
            return NULL;
        }
    }
    if (name == NULL || p->error) {
        return NULL;
    }
    return checked(p, _PyAST_arg(name, annotation, NULL, PLACE(start)));
}

/* The parameter list ends here. */
static inline int
at_parameters_end(struct parser *p, int is_lambda)
{
    return peek(p) == (is_lambda ? COLON : RPAR);
}

/* Between parameters: a comma, or the end.  The type comment goes to arg. */
static int
end_parameter(struct parser *p, arg_ty arg, int is_lambda)
{
    int comma;
    if (is_lambda) {
        comma = accept(p, COMMA);
    }
    else {
        string comment = parameter_comment(p, &comma);
        if (arg != NULL) {
            arg->type_comment = comment;
        }
    }
    if (p->error) {
        return -1;
    }
    return comma || at_parameters_end(p, is_lambda) ? 0 : -1;
}

/* A plain parameter with its default; args and defaults go to two stacks, the args to even places
   and the default (or NULL) to odd ones. */
static int
plain_parameter(struct parser *p, struct parameters *state, int is_lambda)
{
    arg_ty arg = parse_parameter(p, is_lambda, 0);
    if (arg == NULL) {
        return -1;
    }
    expr_ty value = NULL;
    if (accept(p, EQUAL)) {
        value = _PyParser_Expression(p);
        if (value == NULL) {
            return -1;
        }
    }
    if (!state->star) {
        if (value == NULL && state->default_seen) {
            return -1;
        }
        state->default_seen |= value != NULL;
    }
    if (end_parameter(p, arg, is_lambda) < 0 || _PyParser_Push(p, arg) < 0) {
        return -1;
    }
    return _PyParser_Push(p, value);
}

static int
slash_parameter(struct parser *p, struct parameters *state, int is_lambda)
{
    size_t n = (p->top - state->mark) / 2;
    if (state->slash || state->star || n == 0) {
        return -1;
    }
    p->pos++;
    state->slash = 1;
    state->posonly = checked(p, _Py_asdl_arg_seq_new((Py_ssize_t)n, p->arena));
    if (state->posonly == NULL) {
        return -1;
    }
    // The args move, their defaults stay: a NULL arg marks a positional-only default.
    for (size_t i = 0; i < n; i++) {
        asdl_seq_SET(state->posonly, (Py_ssize_t)i, p->stack[state->mark + 2 * i]);
        p->stack[state->mark + 2 * i] = NULL;
    }
    if (!accept(p, COMMA) && !at_parameters_end(p, is_lambda)) {
        return -1;
    }
    return check_version(p, 8, "Positional-only parameters are") ? 0 : -1;
}

static int
star_parameter(struct parser *p, struct parameters *state, int is_lambda)
{
    if (state->star) {
        return -1;
    }
    p->pos++;
    state->star = 1;
    if (peek(p) == COMMA) {
        p->pos++;
        // A bare star needs a parameter behind it.
        return peek(p) == NAME ? 0 : -1;
    }
    state->vararg = parse_parameter(p, is_lambda, 1);
    return state->vararg == NULL ? -1 : end_parameter(p, state->vararg, is_lambda);
}

static int
next_parameter(struct parser *p, struct parameters *state, int is_lambda, size_t *kwonly)
{
    switch (peek(p)) {
    case NAME:
        return plain_parameter(p, state, is_lambda);
    case SLASH:
        return slash_parameter(p, state, is_lambda);
    case STAR:
        *kwonly = p->top;
        return star_parameter(p, state, is_lambda);
    case DOUBLESTAR:
        p->pos++;
        state->double_star = 1;
        state->kwarg = parse_parameter(p, is_lambda, 0);
        if (state->kwarg == NULL || end_parameter(p, state->kwarg, is_lambda) < 0) {
            return -1;
        }
        return at_parameters_end(p, is_lambda) ? 0 : -1;
    }
    return -1;
}

/* The node, from what is on the stack: pairs [mark, kwonly) and [kwonly, top). */
static arguments_ty
make_arguments(struct parser *p, struct parameters *state, size_t kwonly)
{
    Py_ssize_t nposonly = asdl_seq_LEN(state->posonly);
    Py_ssize_t npositional = (Py_ssize_t)(kwonly - state->mark) / 2;
    Py_ssize_t nkwonly = (Py_ssize_t)(p->top - kwonly) / 2;
    Py_ssize_t ndefaults = 0;
    void **pairs = p->stack + state->mark;
    for (Py_ssize_t i = 0; i < npositional; i++) {
        ndefaults += pairs[2 * i + 1] != NULL;
    }
    asdl_arg_seq *args = _Py_asdl_arg_seq_new(npositional - nposonly, p->arena);
    asdl_expr_seq *defaults = _Py_asdl_expr_seq_new(ndefaults, p->arena);
    asdl_arg_seq *kwargs = _Py_asdl_arg_seq_new(nkwonly, p->arena);
    asdl_expr_seq *kw_defaults = _Py_asdl_expr_seq_new(nkwonly, p->arena);
    if (state->posonly == NULL) {
        state->posonly = _Py_asdl_arg_seq_new(0, p->arena);
    }
    if (!args || !defaults || !kwargs || !kw_defaults || !state->posonly) {
        p->error = 1;
        return NULL;
    }
    for (Py_ssize_t i = 0, d = 0; i < npositional; i++) {
        if (pairs[2 * i] != NULL) {
            asdl_seq_SET(args, i - nposonly, pairs[2 * i]);
        }
        if (pairs[2 * i + 1] != NULL) {
            asdl_seq_SET(defaults, d++, pairs[2 * i + 1]);
        }
    }
    pairs = p->stack + kwonly;
    for (Py_ssize_t i = 0; i < nkwonly; i++) {
        asdl_seq_SET(kwargs, i, pairs[2 * i]);
        asdl_seq_SET(kw_defaults, i, pairs[2 * i + 1]);
    }
    p->top = state->mark;
    return checked(p, _PyAST_arguments(state->posonly, args, state->vararg, kwargs, kw_defaults,
                                       state->kwarg, defaults, p->arena));
}

/* Parameters up to ")" or, for a lambda, ":"; that token stays. */
arguments_ty
_PyParser_Parameters(struct parser *p, int is_lambda)
{
    struct parameters state = {.mark = p->top};
    size_t kwonly = 0;
    int start = p->pos;
    while (!at_parameters_end(p, is_lambda)) {
        if (p->error || next_parameter(p, &state, is_lambda, &kwonly) < 0) {
            p->top = state.mark;
            if (p->diagnose && !p->error) {
                p->pos = start;
                _PyParser_DiagnoseParameters(p, is_lambda);
            }
            return NULL;
        }
    }
    return make_arguments(p, &state, state.star ? kwonly : p->top);
}
