/* Patterns of the match statement.  Written from the compound statements chapter and PEP 634. */

#include "Python.h"
#include "parser.h"

static pattern_ty parse_as_pattern(struct parser *p);
static pattern_ty parse_closed(struct parser *p);

static int
is_wildcard(struct parser *p)
{
    return peek(p) == NAME && _PyParser_IsWord(p, 0, "_");
}

/* Literal patterns. */

/* A number without sign. */
static expr_ty
number_of_kind(struct parser *p, int imaginary)
{
    if (peek(p) != NUMBER) {
        return NULL;
    }
    expr_ty e = _PyParser_Number(p);
    if (e != NULL && PyComplex_CheckExact(e->v.Constant.value) != imaginary) {
        return _PyParser_RaiseRange(p, e, e, imaginary
                                    ? "imaginary number required in complex literal"
                                    : "real number required in complex literal");
    }
    return e;
}

/* ["-"] NUMBER [("+" | "-") imaginary] */
static expr_ty
parse_signed_number(struct parser *p)
{
    int start = p->pos;
    int negative = accept(p, MINUS);
    if (peek(p) != NUMBER) {
        return NULL;
    }
    expr_ty e = _PyParser_Number(p);
    if (e != NULL && negative) {
        e = checked(p, _PyAST_UnaryOp(USub, e, PLACE(start)));
    }
    if (e == NULL || (peek(p) != PLUS && peek(p) != MINUS)) {
        return p->error ? NULL : e;
    }
    operator_ty op = peek(p) == PLUS ? Add : Sub;
    expr_ty real = e->kind == UnaryOp_kind ? e->v.UnaryOp.operand : e;
    if (PyComplex_CheckExact(real->v.Constant.value)) {
        return _PyParser_RaiseRange(p, real, real, "real number required in complex literal");
    }
    p->pos++;
    expr_ty imaginary = number_of_kind(p, 1);
    if (imaginary == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_BinOp(e, op, imaginary, PLACE(start)));
}

/* A literal as an expression, also for keys of mappings; NULL if there is none. */
static expr_ty
parse_literal(struct parser *p)
{
    switch (peek(p)) {
    case NUMBER:
    case MINUS:
        return parse_signed_number(p);
    case STRING:
    case FSTRING_START:
        return _PyParser_Strings(p);
    case KW_NONE:
    case KW_TRUE:
    case KW_FALSE:
        return _PyParser_Atom(p);
    }
    return NULL;
}

static pattern_ty
literal_pattern(struct parser *p)
{
    int start = p->pos;
    int type = peek(p);
    expr_ty e = parse_literal(p);
    if (e == NULL) {
        return NULL;
    }
    if (type == KW_NONE || type == KW_TRUE || type == KW_FALSE) {
        return checked(p, _PyAST_MatchSingleton(e->v.Constant.value, PLACE(start)));
    }
    return checked(p, _PyAST_MatchValue(e, PLACE(start)));
}

/* Names and classes. */

/* NAME ("." NAME)* */
static expr_ty
parse_dotted(struct parser *p)
{
    int start = p->pos;
    expr_ty e = _PyParser_NameNode(p, Load);
    while (e != NULL && peek(p) == DOT) {
        p->pos++;
        if (peek(p) != NAME) {
            return NULL;
        }
        identifier name = _PyParser_Name(p, p->pos);
        if (name == NULL) {
            return NULL;
        }
        p->pos++;
        e = checked(p, _PyAST_Attribute(e, name, Load, PLACE(start)));
    }
    return p->error ? NULL : e;
}

/* Known mistake: a positional pattern behind a keyword one.  At the first pattern. */
static void
diagnose_class(struct parser *p)
{
    int start = p->pos;
    pattern_ty first = NULL, last = NULL;
    while (peek(p) != RPAR && !p->error) {
        if (peek(p) == NAME && peek_at(p, 1) == EQUAL) {
            break;
        }
        pattern_ty pattern = parse_as_pattern(p);
        if (pattern == NULL) {
            break;
        }
        first = first ? first : pattern;
        last = pattern;
        if (!accept(p, COMMA)) {
            break;
        }
    }
    if (!p->error && first != NULL) {
        _PyParser_RaiseAt(p, PyExc_SyntaxError, first->lineno, first->col_offset,
                          last->end_lineno, last->end_col_offset,
                          "positional patterns follow keyword patterns");
    }
    p->pos = start;
}

static pattern_ty
class_pattern(struct parser *p, int start, expr_ty cls)
{
    size_t mark = p->top;
    Py_ssize_t npatterns = 0, nkeywords = 0;
    p->pos++;
    while (peek(p) != RPAR) {
        int keyword = peek(p) == NAME && peek_at(p, 1) == EQUAL;
        identifier name = NULL;
        if (p->error) {
            return NULL;
        }
        if (keyword) {
            name = _PyParser_Name(p, p->pos);
            p->pos += 2;
            nkeywords++;
        }
        else if (nkeywords > 0) {
            if (p->diagnose) {
                diagnose_class(p);
            }
            p->top = mark;
            return NULL;
        }
        else {
            npatterns++;
        }
        pattern_ty pattern = keyword && name == NULL ? NULL : parse_as_pattern(p);
        if (pattern == NULL || (keyword && _PyParser_Push(p, name) < 0)
            || _PyParser_Push(p, pattern) < 0)
        {
            p->top = mark;
            return NULL;
        }
        if (!accept(p, COMMA)) {
            break;
        }
    }
    if (!accept(p, RPAR)) {
        p->top = mark;
        return NULL;
    }
    asdl_pattern_seq *patterns = _Py_asdl_pattern_seq_new(npatterns, p->arena);
    asdl_identifier_seq *names = _Py_asdl_identifier_seq_new(nkeywords, p->arena);
    asdl_pattern_seq *values = _Py_asdl_pattern_seq_new(nkeywords, p->arena);
    if (patterns == NULL || names == NULL || values == NULL) {
        p->error = 1;
        return NULL;
    }
    for (Py_ssize_t i = 0; i < npatterns; i++) {
        asdl_seq_SET(patterns, i, p->stack[mark + (size_t)i]);
    }
    for (Py_ssize_t i = 0; i < nkeywords; i++) {
        asdl_seq_SET(names, i, p->stack[mark + (size_t)(npatterns + 2 * i)]);
        asdl_seq_SET(values, i, p->stack[mark + (size_t)(npatterns + 2 * i + 1)]);
    }
    p->top = mark;
    return checked(p, _PyAST_MatchClass(cls, patterns, names, values, PLACE(start)));
}

/* A wildcard, capture, value or class pattern. */
static pattern_ty
name_pattern(struct parser *p)
{
    int start = p->pos;
    if (is_wildcard(p)) {
        p->pos++;
        return checked(p, _PyAST_MatchAs(NULL, NULL, PLACE(start)));
    }
    int next = peek_at(p, 1);
    if (p->error) {
        return NULL;
    }
    if (next != DOT && next != LPAR && next != EQUAL) {
        identifier name = _PyParser_Name(p, p->pos);
        if (name == NULL) {
            return NULL;
        }
        p->pos++;
        return checked(p, _PyAST_MatchAs(NULL, name, PLACE(start)));
    }
    expr_ty e = parse_dotted(p);
    if (e == NULL) {
        return NULL;
    }
    if (peek(p) == LPAR) {
        return class_pattern(p, start, e);
    }
    if (next != DOT || peek(p) == EQUAL) {
        return NULL;
    }
    return p->error ? NULL : checked(p, _PyAST_MatchValue(e, PLACE(start)));
}

/* Sequences. */

static pattern_ty
star_pattern(struct parser *p)
{
    int start = p->pos++;
    identifier name = NULL;
    if (peek(p) != NAME) {
        return NULL;
    }
    if (!is_wildcard(p)) {
        name = _PyParser_Name(p, p->pos);
        if (name == NULL) {
            return NULL;
        }
    }
    p->pos++;
    return checked(p, _PyAST_MatchStar(name, PLACE(start)));
}

static pattern_ty
maybe_star_pattern(struct parser *p)
{
    return peek(p) == STAR ? star_pattern(p) : parse_as_pattern(p);
}

static int
starts_pattern(int type)
{
    return type == STAR || type == MINUS || type == NAME || type == NUMBER || type == STRING
           || type == FSTRING_START || type == LPAR || type == LSQB || type == LBRACE
           || type == KW_NONE || type == KW_TRUE || type == KW_FALSE;
}

/* Patterns with commas between and perhaps at the end, after `first` (may be NULL). */
static asdl_pattern_seq *
pattern_list(struct parser *p, pattern_ty first)
{
    size_t mark = p->top;
    if (first != NULL && (_PyParser_Push(p, first) < 0 || !accept(p, COMMA))) {
        p->top = mark;
        return NULL;
    }
    while (starts_pattern(peek(p))) {
        pattern_ty pattern = maybe_star_pattern(p);
        if (pattern == NULL || _PyParser_Push(p, pattern) < 0) {
            p->top = mark;
            return NULL;
        }
        if (!accept(p, COMMA)) {
            break;
        }
    }
    return p->error ? NULL : _PyParser_Sequence(p, mark);
}

static pattern_ty
parenthesized_pattern(struct parser *p)
{
    int start = p->pos++;
    if (peek(p) != RPAR) {
        pattern_ty first = maybe_star_pattern(p);
        if (first == NULL) {
            return NULL;
        }
        if (peek(p) != COMMA) {
            return first->kind != MatchStar_kind && accept(p, RPAR) ? first : NULL;
        }
        asdl_pattern_seq *patterns = pattern_list(p, first);
        if (patterns == NULL || !accept(p, RPAR)) {
            return NULL;
        }
        return checked(p, _PyAST_MatchSequence(patterns, PLACE(start)));
    }
    p->pos++;
    asdl_pattern_seq *none = _PyParser_Sequence(p, p->top);
    return none == NULL ? NULL : checked(p, _PyAST_MatchSequence(none, PLACE(start)));
}

static pattern_ty
bracketed_pattern(struct parser *p)
{
    int start = p->pos++;
    asdl_pattern_seq *patterns = pattern_list(p, NULL);
    if (patterns == NULL || !accept(p, RSQB)) {
        return NULL;
    }
    return checked(p, _PyAST_MatchSequence(patterns, PLACE(start)));
}

/* Mappings. */

static expr_ty
mapping_key(struct parser *p)
{
    if (peek(p) == NAME) {
        return peek_at(p, 1) == DOT ? parse_dotted(p) : NULL;
    }
    return parse_literal(p);
}

static pattern_ty
mapping_pattern(struct parser *p)
{
    int start = p->pos++;
    size_t mark = p->top;
    identifier rest = NULL;
    while (peek(p) != RBRACE) {
        if (accept(p, DOUBLESTAR)) {
            if (peek(p) != NAME || is_wildcard(p)) {
                goto failed;
            }
            rest = _PyParser_Name(p, p->pos);
            if (rest == NULL) {
                goto failed;
            }
            p->pos++;
            accept(p, COMMA);
            break;
        }
        expr_ty key = mapping_key(p);
        if (key == NULL || !accept(p, COLON)) {
            goto failed;
        }
        pattern_ty pattern = parse_as_pattern(p);
        if (pattern == NULL || _PyParser_Push(p, key) < 0 || _PyParser_Push(p, pattern) < 0) {
            goto failed;
        }
        if (!accept(p, COMMA)) {
            break;
        }
    }
    if (!accept(p, RBRACE)) {
        goto failed;
    }
    Py_ssize_t n = (Py_ssize_t)(p->top - mark) / 2;
    asdl_expr_seq *keys = _Py_asdl_expr_seq_new(n, p->arena);
    asdl_pattern_seq *patterns = _Py_asdl_pattern_seq_new(n, p->arena);
    if (keys == NULL || patterns == NULL) {
        p->error = 1;
        goto failed;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        asdl_seq_SET(keys, i, p->stack[mark + 2 * (size_t)i]);
        asdl_seq_SET(patterns, i, p->stack[mark + 2 * (size_t)i + 1]);
    }
    p->top = mark;
    return checked(p, _PyAST_MatchMapping(keys, patterns, rest, PLACE(start)));
failed:
    p->top = mark;
    return NULL;
}

/* Combinations. */

static pattern_ty
parse_closed(struct parser *p)
{
    if (enter(p)) {
        return NULL;
    }
    pattern_ty pattern = NULL;
    switch (peek(p)) {
    case NAME: pattern = name_pattern(p); break;
    case LPAR: pattern = parenthesized_pattern(p); break;
    case LSQB: pattern = bracketed_pattern(p); break;
    case LBRACE: pattern = mapping_pattern(p); break;
    default: pattern = literal_pattern(p); break;
    }
    leave(p);
    return pattern;
}

pattern_ty
_PyParser_OrPattern(struct parser *p)
{
    int start = p->pos;
    pattern_ty first = parse_closed(p);
    if (first == NULL || peek(p) != VBAR) {
        return p->error ? NULL : first;
    }
    size_t mark = p->top;
    if (_PyParser_Push(p, first) < 0) {
        return NULL;
    }
    while (accept(p, VBAR)) {
        pattern_ty next = parse_closed(p);
        if (next == NULL || _PyParser_Push(p, next) < 0) {
            p->top = mark;
            return NULL;
        }
    }
    asdl_pattern_seq *patterns = _PyParser_Sequence(p, mark);
    if (patterns == NULL || p->error) {
        return NULL;
    }
    return checked(p, _PyAST_MatchOr(patterns, PLACE(start)));
}

/* After "as" something that cannot be a target. */
static pattern_ty
diagnose_as(struct parser *p)
{
    if (is_wildcard(p)) {
        return _PyParser_RaiseToken(p, p->pos, "cannot use '_' as a target");
    }
    if (peek(p) == NAME) {
        return NULL;
    }
    expr_ty e = _PyParser_Expression(p);
    return e == NULL ? NULL : _PyParser_RaiseRange(p, e, e, "invalid pattern target");
}

static pattern_ty
parse_as_pattern(struct parser *p)
{
    int start = p->pos;
    pattern_ty pattern = _PyParser_OrPattern(p);
    if (pattern == NULL || !accept(p, KW_AS)) {
        return p->error ? NULL : pattern;
    }
    // A name that goes on (a.b, f()) is no target; that shows at the token after it.
    int next = peek(p) == NAME ? peek_at(p, 1) : ERRORTOKEN;
    if (p->error) {
        return NULL;
    }
    if (next == ERRORTOKEN || is_wildcard(p) || next == DOT || next == LPAR || next == EQUAL) {
        return p->diagnose ? diagnose_as(p) : NULL;
    }
    identifier name = _PyParser_Name(p, p->pos);
    if (name == NULL) {
        return NULL;
    }
    p->pos++;
    return checked(p, _PyAST_MatchAs(pattern, name, PLACE(start)));
}

/* The patterns of a case: one, or a sequence without brackets. */
pattern_ty
_PyParser_Patterns(struct parser *p)
{
    int start = p->pos;
    pattern_ty first = maybe_star_pattern(p);
    if (first == NULL) {
        return NULL;
    }
    if (peek(p) != COMMA) {
        return first->kind == MatchStar_kind || p->error ? NULL : first;
    }
    asdl_pattern_seq *patterns = pattern_list(p, first);
    if (patterns == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_MatchSequence(patterns, PLACE(start)));
}
