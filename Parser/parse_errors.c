/* Known mistakes: the second pass looks here for something better to say than "invalid syntax".

   Every function starts at p->pos, tries to recognise mistakes, and either raises (p->error) or
   puts `pos` back.  Which messages there are, where they point and which comes first was observed
   on 3.12 with the programs of its own tests. */

#include "Python.h"
#include "parser.h"

/* What an expression is called in messages. */
const char *
_PyParser_ExprName(expr_ty e)
{
    switch (e->kind) {
    case Attribute_kind: return "attribute";
    case Subscript_kind: return "subscript";
    case Starred_kind: return "starred";
    case Name_kind: return "name";
    case List_kind: return "list";
    case Tuple_kind: return "tuple";
    case Lambda_kind: return "lambda";
    case Call_kind: return "function call";
    case BoolOp_kind:
    case BinOp_kind:
    case UnaryOp_kind: return "expression";
    case GeneratorExp_kind: return "generator expression";
    case Yield_kind:
    case YieldFrom_kind: return "yield expression";
    case Await_kind: return "await expression";
    case ListComp_kind: return "list comprehension";
    case SetComp_kind: return "set comprehension";
    case DictComp_kind: return "dict comprehension";
    case Dict_kind: return "dict literal";
    case Set_kind: return "set display";
    case JoinedStr_kind:
    case FormattedValue_kind: return "f-string expression";
    case Constant_kind:
        if (e->v.Constant.value == Py_None) {
            return "None";
        }
        if (e->v.Constant.value == Py_True) {
            return "True";
        }
        if (e->v.Constant.value == Py_False) {
            return "False";
        }
        return e->v.Constant.value == Py_Ellipsis ? "ellipsis" : "literal";
    case Compare_kind: return "comparison";
    case IfExp_kind: return "conditional expression";
    case NamedExpr_kind: return "named expression";
    case Slice_kind: break;
    }
    return "expression";
}

enum target_use { ASSIGN_TARGET, FOR_TARGET, DEL_TARGET };

/* The first part of e that cannot be a target, or NULL. */
static expr_ty
invalid_target(expr_ty e, enum target_use use)
{
    asdl_expr_seq *elts;
    switch (e->kind) {
    case Name_kind:
    case Attribute_kind:
    case Subscript_kind:
        return NULL;
    case Starred_kind:
        return use == DEL_TARGET ? e : invalid_target(e->v.Starred.value, use);
    case Compare_kind:
        // "for x in y" was read as a comparison.
        if (use == FOR_TARGET) {
            return asdl_seq_GET(e->v.Compare.ops, 0) == In
                   ? invalid_target(e->v.Compare.left, use) : NULL;
        }
        return e;
    case List_kind: elts = e->v.List.elts; break;
    case Tuple_kind: elts = e->v.Tuple.elts; break;
    default: return e;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(elts); i++) {
        expr_ty bad = invalid_target(asdl_seq_GET(elts, i), use);
        if (bad != NULL) {
            return bad;
        }
    }
    return NULL;
}

static void
raise_invalid_target(struct parser *p, expr_ty e, enum target_use use)
{
    expr_ty bad = invalid_target(e, use);
    if (bad != NULL) {
        _PyParser_RaiseRange(p, bad, bad, use == DEL_TARGET ? "cannot delete %s"
                             : "cannot assign to %s", _PyParser_ExprName(bad));
    }
}

/* From token index a to token index b. */
static void
raise_tokens(struct parser *p, int a, int b, const char *message)
{
    _PyParser_RaiseAt(p, PyExc_SyntaxError, p->tokens[a].lineno, p->tokens[a].col,
                      p->tokens[b].end_lineno, p->tokens[b].end_col, "%s", message);
}

/* From expression e to token index b. */
static void
raise_to_token(struct parser *p, expr_ty e, int b, const char *message)
{
    _PyParser_RaiseAt(p, PyExc_SyntaxError, e->lineno, e->col_offset, p->tokens[b].end_lineno,
                      p->tokens[b].end_col, "%s", message);
}

/* Expressions. */

static int
is_legacy_statement(struct parser *p, int index)
{
    struct token *token = &p->tokens[index];
    const char *text = p->tok->buf + token->start;
    size_t n = token->end - token->start;
    return token->type == NAME && ((n == 5 && memcmp(text, "print", 5) == 0)
                                   || (n == 4 && memcmp(text, "exec", 4) == 0));
}

/* A soft keyword, or the beginning of one: 3.12 does not compare the lengths here. */
static int
is_soft_keyword(struct parser *p)
{
    static const char * const words[] = {"_", "case", "match", "type"};
    struct token *token = &p->tokens[p->pos];
    const char *text = p->tok->buf + token->start;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(words); i++) {
        if (strncmp(words[i], text, token->end - token->start) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Two expressions side by side within brackets. */
static void
diagnose_comma(struct parser *p)
{
    int start = p->pos;
    if (peek(p) == NAME && (is_soft_keyword(p) || peek_at(p, 1) == STRING)) {
        return;
    }
    expr_ty a = _PyParser_Disjunction(p);
    if (a != NULL && _PyParser_StartsExpression(peek(p))) {
        int end = p->pos;
        p->diagnose = 0;
        expr_ty b = _PyParser_PlainExpression(p);
        p->diagnose = 1;
        int legacy = a->kind == Name_kind && end == start + 1 && is_legacy_statement(p, start);
        if (b != NULL && !p->error && !legacy && previous(p)->level > 0) {
            _PyParser_RaiseRange(p, a, b, "invalid syntax. Perhaps you forgot a comma?");
        }
    }
    p->pos = start;
}

/* A conditional expression without its second half. */
static void
diagnose_else(struct parser *p)
{
    int start = p->pos;
    expr_ty a = _PyParser_Disjunction(p);
    if (a != NULL && accept(p, KW_IF)) {
        expr_ty b = _PyParser_Disjunction(p);
        if (b != NULL && peek(p) != KW_ELSE && peek(p) != COLON && !p->error) {
            _PyParser_RaiseRange(p, a, b, "expected 'else' after 'if' expression");
        }
    }
    p->pos = start;
}

/* A lambda directly in a replacement field: its colon began a format specification. */
static void
diagnose_lambda(struct parser *p)
{
    int start = p->pos;
    if (accept(p, KW_LAMBDA)) {
        arguments_ty args = _PyParser_Parameters(p, 1);
        if (args != NULL && peek(p) == COLON && peek_at(p, 1) == FSTRING_MIDDLE && !p->error) {
            raise_tokens(p, start, p->pos,
                         "f-string: lambda expressions are not allowed without parentheses");
        }
    }
    p->pos = start;
}

/* print x, exec x.  What follows any name is read, since an error in there comes first. */
static void
diagnose_legacy(struct parser *p)
{
    int start = p->pos;
    if (peek(p) == NAME && peek_at(p, 1) != LPAR) {
        p->pos++;
        expr_ty b = peek(p) == STAR || _PyParser_StartsExpression(peek(p))
                    ? _PyParser_StarExpressions(p) : NULL;
        if (b != NULL && !p->error && is_legacy_statement(p, start)) {
            identifier name = _PyParser_Name(p, start);
            struct token *token = &p->tokens[start];
            if (name != NULL) {
                _PyParser_RaiseAt(p, PyExc_SyntaxError, token->lineno, token->col, b->end_lineno,
                                  b->end_col_offset, "Missing parentheses in call to '%U'. "
                                  "Did you mean %U(...)?", name, name);
            }
        }
    }
    p->pos = start;
}

void
_PyParser_DiagnoseExpression(struct parser *p)
{
    int type = peek(p);
    if (p->error || (type != STAR && !_PyParser_StartsExpression(type))) {
        return;
    }
    diagnose_comma(p);
    if (!p->error) {
        diagnose_else(p);
    }
    if (!p->error) {
        diagnose_lambda(p);
    }
    if (!p->error) {
        diagnose_legacy(p);
    }
}

void
_PyParser_DiagnoseNamed(struct parser *p)
{
    int start = p->pos;
    expr_ty a = _PyParser_Expression(p);
    if (a != NULL && accept(p, COLONEQUAL)) {
        expr_ty b = _PyParser_Expression(p);
        if (b != NULL && !p->error) {
            _PyParser_RaiseRange(p, a, a, "cannot use assignment expressions with %s",
                                 _PyParser_ExprName(a));
        }
    }
    p->pos = start;
    if (p->error) {
        return;
    }
    int is_name = peek(p) == NAME && peek_at(p, 1) == EQUAL;
    int type = peek(p);
    if (!is_name) {
        if (type == KW_TRUE || type == KW_FALSE || type == KW_NONE) {
            return;
        }
        if (type == LPAR || type == LSQB) {
            a = _PyParser_Atom(p);
            int display = a != NULL && (a->kind == List_kind || a->kind == Tuple_kind
                                        || a->kind == GeneratorExp_kind);
            p->pos = start;
            if (display || p->error) {
                return;
            }
        }
    }
    a = p->error ? NULL : _PyParser_BitwiseOr(p);
    if (a != NULL && accept(p, EQUAL)) {
        expr_ty b = _PyParser_BitwiseOr(p);
        if (b != NULL && peek(p) != EQUAL && peek(p) != COLONEQUAL && !p->error) {
            if (is_name) {
                _PyParser_RaiseRange(p, a, b, "invalid syntax. Maybe you meant '==' or ':=' "
                                     "instead of '='?");
            }
            else {
                _PyParser_RaiseRange(p, a, a, "cannot assign to %s here. Maybe you meant '==' "
                                     "instead of '='?", _PyParser_ExprName(a));
            }
        }
    }
    p->pos = start;
}

/* Assignments. */

static void
diagnose_annotation(struct parser *p)
{
    int start = p->pos;
    expr_ty a = NULL;
    if (peek(p) == LPAR || peek(p) == LSQB) {
        a = _PyParser_Atom(p);
    }
    if (a != NULL && (a->kind == List_kind || a->kind == Tuple_kind) && accept(p, COLON)
        && _PyParser_Expression(p) != NULL && !p->error)
    {
        _PyParser_RaiseRange(p, a, a, "only single target (not %s) can be annotated",
                             a->kind == List_kind ? "list" : "tuple");
    }
    p->pos = start;
    a = p->error ? NULL : _PyParser_StarNamedExpression(p);
    if (a != NULL && accept(p, COMMA)) {
        while (!p->error && (peek(p) == STAR || _PyParser_StartsExpression(peek(p)))) {
            if (_PyParser_StarNamedExpressions(p, NULL) == NULL) {
                break;
            }
        }
        if (!p->error && accept(p, COLON) && _PyParser_Expression(p) != NULL && !p->error) {
            _PyParser_RaiseRange(p, a, a, "only single target (not tuple) can be annotated");
        }
    }
    p->pos = start;
    a = p->error ? NULL : _PyParser_Expression(p);
    if (a != NULL && accept(p, COLON) && _PyParser_Expression(p) != NULL && !p->error) {
        _PyParser_RaiseRange(p, a, a, "illegal target for annotation");
    }
    p->pos = start;
}

static int
is_augmented(int type)
{
    return (type >= PLUSEQUAL && type <= DOUBLESTAREQUAL) || type == DOUBLESLASHEQUAL
           || type == ATEQUAL;
}

void
_PyParser_DiagnoseAssignment(struct parser *p)
{
    int start = p->pos;
    if (peek(p) != KW_YIELD) {
        diagnose_annotation(p);
    }
    while (!p->error) {
        int is_yield = peek(p) == KW_YIELD;
        expr_ty a = _PyParser_YieldOrStarExpressions(p);
        if (a == NULL || !accept(p, EQUAL)) {
            break;
        }
        if (is_yield) {
            _PyParser_RaiseRange(p, a, a, "assignment to yield expression not possible");
        }
        else {
            raise_invalid_target(p, a, ASSIGN_TARGET);
        }
    }
    p->pos = start;
    expr_ty a = p->error || peek(p) == KW_YIELD ? NULL : _PyParser_StarExpressions(p);
    if (a != NULL && is_augmented(peek(p))) {
        p->pos++;
        if (_PyParser_YieldOrStarExpressions(p) != NULL && !p->error) {
            _PyParser_RaiseRange(p, a, a, "'%s' is an illegal expression for augmented assignment",
                                 _PyParser_ExprName(a));
        }
    }
    p->pos = start;
}

static void
diagnose_target(struct parser *p, expr_ty (*parse)(struct parser *), enum target_use use)
{
    int start = p->pos;
    expr_ty a = parse(p);
    if (a != NULL && !p->error) {
        raise_invalid_target(p, a, use);
    }
    p->pos = start;
}

void
_PyParser_DiagnoseDel(struct parser *p)
{
    diagnose_target(p, _PyParser_StarExpressions, DEL_TARGET);
}

void
_PyParser_DiagnoseForTarget(struct parser *p)
{
    diagnose_target(p, _PyParser_StarExpressions, FOR_TARGET);
}

/* At the target of an item. */
void
_PyParser_DiagnoseWithItem(struct parser *p)
{
    int start = p->pos;
    expr_ty a = _PyParser_Expression(p);
    int type = peek(p);
    if (a != NULL && !p->error && (type == COMMA || type == RPAR || type == COLON)) {
        raise_invalid_target(p, a, ASSIGN_TARGET);
    }
    p->pos = start;
}

/* import a from b; at "from". */
void
_PyParser_DiagnoseImport(struct parser *p, int start)
{
    int from = p->pos++;
    int type = peek(p);
    if (type == NAME) {
        while (peek(p) == NAME && peek_at(p, 1) == DOT && peek_at(p, 2) == NAME) {
            p->pos += 2;
        }
        if (accept(p, NAME)) {
            struct token *token = &p->tokens[start];
            peek(p);                // "where the tokenizer is" is behind the next token
            if (!p->error) {
                _PyParser_RaiseAt(p, PyExc_SyntaxError, token->lineno, token->col,
                                  PARSER_CURRENT, PARSER_CURRENT,
                                  "Did you mean to use 'from ... import ...' instead?");
            }
        }
    }
    p->pos = from;
}

/* Headers and blocks. */

void
_PyParser_DiagnoseColon(struct parser *p)
{
    if (peek(p) == NEWLINE) {
        _PyParser_RaiseLast(p, PyExc_SyntaxError, "expected ':'");
    }
}

void
_PyParser_DiagnoseBlock(struct parser *p, const char *after, int start)
{
    if (peek(p) == NEWLINE && peek_at(p, 1) != INDENT && !p->error) {
        _PyParser_RaiseLast(p, PyExc_IndentationError,
                            "expected an indented block after %s on line %d", after,
                            p->tokens[start].lineno);
    }
}

/* Items of a with statement; 1 if they parse. */
static int
skip_with_items(struct parser *p, int parenthesized)
{
    do {
        if (parenthesized && peek(p) == RPAR) {
            break;
        }
        if ((parenthesized ? _PyParser_Expressions(p) : _PyParser_Expression(p)) == NULL) {
            return 0;
        }
        if (accept(p, KW_AS) && _PyParser_StarTarget(p) == NULL) {
            return 0;
        }
    } while (accept(p, COMMA));
    return !p->error && (!parenthesized || accept(p, RPAR));
}

/* After "with". */
void
_PyParser_DiagnoseWith(struct parser *p)
{
    int start = p->pos;
    if (skip_with_items(p, 0)) {
        _PyParser_DiagnoseColon(p);
    }
    p->pos = start;
    if (!p->error && accept(p, LPAR) && skip_with_items(p, 1)) {
        _PyParser_DiagnoseColon(p);
    }
    p->pos = start;
}

/* After the first block of a try statement. */
void
_PyParser_DiagnoseTry(struct parser *p)
{
    int type = peek(p);
    if (!p->error && type != KW_EXCEPT && type != KW_FINALLY) {
        _PyParser_RaiseLast(p, PyExc_SyntaxError, "expected 'except' or 'finally' block");
    }
}

/* At a handler of another kind than those before. */
void
_PyParser_DiagnoseMixedExcept(struct parser *p)
{
    int start = p->pos++;
    int star = accept(p, STAR);
    int last = p->pos - 1;
    int ok = (!star && peek(p) == COLON) || _PyParser_Expression(p) != NULL;
    if (ok && accept(p, KW_AS)) {
        ok = accept(p, NAME);
    }
    if (ok && accept(p, COLON)) {
        raise_tokens(p, start, last,
                     "cannot have both 'except' and 'except*' on the same 'try'");
    }
    p->pos = start;
}

/* After "except" or "except*". */
void
_PyParser_DiagnoseExcept(struct parser *p)
{
    int start = p->pos;
    int star = previous(p)->type == STAR;
    int type = peek(p);
    if (star && (type == NEWLINE || type == COLON)) {
        _PyParser_RaiseLast(p, PyExc_SyntaxError, "expected one or more exception types");
        return;
    }
    if (type == NEWLINE) {
        _PyParser_RaiseLast(p, PyExc_SyntaxError, "expected ':'");
        return;
    }
    expr_ty a = _PyParser_Expression(p);
    if (a != NULL) {
        int several = accept(p, COMMA);
        expr_ty more = several ? _PyParser_Expressions(p) : a;
        if (more != NULL && accept(p, KW_AS) && !accept(p, NAME)) {
            more = NULL;
        }
        if (more != NULL && several && accept(p, COLON)) {
            _PyParser_RaiseAt(p, PyExc_SyntaxError, a->lineno, a->col_offset, PARSER_CURRENT,
                              PARSER_CURRENT, "multiple exception types must be parenthesized");
        }
        else if (more != NULL && !several && !p->error) {
            _PyParser_DiagnoseColon(p);
        }
    }
    p->pos = start;
}

/* Displays and comprehensions. */

static int
at_for(struct parser *p)
{
    return peek(p) == KW_FOR || peek(p) == KW_ASYNC;
}

/* "*" expression. */
static expr_ty
starred_expression(struct parser *p)
{
    int start = p->pos;
    if (!accept(p, STAR)) {
        return NULL;
    }
    expr_ty value = _PyParser_Expression(p);
    expr_ty e = value == NULL ? NULL : checked(p, _PyAST_Starred(value, Load, PLACE(start)));
    if (e != NULL) {
        _PyParser_DiagnoseUnpackAssign(p, start);
    }
    return p->error ? NULL : e;
}

/* After the unpacking that began at `start`: it may be assigned to. */
void
_PyParser_DiagnoseUnpackAssign(struct parser *p, int start)
{
    int end = p->pos;
    if (!p->error && accept(p, EQUAL)) {
        expr_ty b = _PyParser_Expression(p);
        if (b != NULL && !p->error) {
            struct token *token = &p->tokens[start];
            _PyParser_RaiseAt(p, PyExc_SyntaxError, token->lineno, token->col, b->end_lineno,
                              b->end_col_offset, token->type == STAR
                              ? "cannot assign to iterable argument unpacking"
                              : "cannot assign to keyword argument unpacking");
        }
    }
    p->pos = end;
}

/* At "(" of a call whose first argument is starred. */
void
_PyParser_DiagnoseStarredGenexp(struct parser *p)
{
    int start = p->pos++;
    expr_ty a = starred_expression(p);
    if (a != NULL && at_for(p) && _PyParser_ForIfClauses(p) != NULL) {
        _PyParser_RaiseRange(p, a, a, "iterable unpacking cannot be used in comprehension");
    }
    p->pos = start;
}

/* At "(", "[" or "{". */
void
_PyParser_DiagnoseBracket(struct parser *p)
{
    int start = p->pos++;
    int bracket = p->tokens[start].type;
    if (peek(p) == STAR) {
        expr_ty a = starred_expression(p);
        if (a != NULL && bracket == LPAR && peek(p) == RPAR) {
            _PyParser_RaiseRange(p, a, a, "cannot use starred expression here");
        }
        else if (a != NULL && at_for(p) && _PyParser_ForIfClauses(p) != NULL) {
            _PyParser_RaiseRange(p, a, a, "iterable unpacking cannot be used in comprehension");
        }
        p->pos = start + 1;
    }
    else if (bracket == LPAR && accept(p, DOUBLESTAR)) {
        if (_PyParser_Expression(p) != NULL && peek(p) == RPAR && !p->error) {
            _PyParser_RaiseToken(p, start + 1, "cannot use double starred expression here");
        }
        p->pos = start + 1;
    }
    if (bracket != LPAR && !p->error) {
        expr_ty a = _PyParser_StarNamedExpression(p);
        if (a != NULL && accept(p, COMMA)) {
            int comma = p->pos - 1;
            asdl_expr_seq *more = at_for(p) ? NULL : _PyParser_StarNamedExpressions(p, NULL);
            if (!p->error && at_for(p) && _PyParser_ForIfClauses(p) != NULL) {
                const char *message = "did you forget parentheses around the "
                                      "comprehension target?";
                if (more != NULL) {
                    expr_ty last = asdl_seq_GET(more, asdl_seq_LEN(more) - 1);
                    _PyParser_RaiseRange(p, a, last, message);
                }
                else {
                    raise_to_token(p, a, comma, message);
                }
            }
        }
    }
    p->pos = start;
}

/* A key of a dict display that no ":" follows. */
void
_PyParser_DiagnosePair(struct parser *p, expr_ty key)
{
    _PyParser_RaiseAt(p, PyExc_SyntaxError, key->lineno, key->end_col_offset - 1, key->end_lineno,
                      -1, "':' expected after dictionary key");
}

/* One pair of a dict display that is wrong after its key.  At the pair. */
static void
diagnose_pair(struct parser *p, int first)
{
    int start = p->pos;
    expr_ty key = _PyParser_Expression(p);
    if (key == NULL || p->error) {
        p->pos = start;
        return;
    }
    if (!accept(p, COLON)) {
        if (!first && !p->error) {
            _PyParser_DiagnosePair(p, key);
        }
    }
    else if (peek(p) == STAR) {
        int star = p->pos++;
        if (_PyParser_BitwiseOr(p) != NULL && !p->error) {
            _PyParser_RaiseAt(p, PyExc_SyntaxError, p->tokens[star].lineno, p->tokens[star].col,
                              PARSER_CURRENT, PARSER_CURRENT,
                              "cannot use a starred expression in a dictionary value");
        }
    }
    else if (peek(p) == RBRACE || peek(p) == COMMA) {
        _PyParser_RaiseToken(p, p->pos - 1, "expression expected after dictionary key and ':'");
    }
    p->pos = start;
}

/* At "{". */
void
_PyParser_DiagnoseDict(struct parser *p)
{
    int start = p->pos++;
    if (accept(p, DOUBLESTAR)) {
        if (_PyParser_BitwiseOr(p) != NULL && at_for(p) && _PyParser_ForIfClauses(p) != NULL
            && peek(p) == RBRACE && !p->error)
        {
            _PyParser_RaiseToken(p, start + 1,
                                 "dict unpacking cannot be used in dict comprehension");
        }
        p->pos = start + 1;
    }
    for (int first = 1; !p->error; first = 0) {
        int at = p->pos;
        int ok;
        if (accept(p, DOUBLESTAR)) {
            ok = _PyParser_BitwiseOr(p) != NULL;
        }
        else {
            ok = _PyParser_Expression(p) != NULL && accept(p, COLON) && peek(p) != RBRACE
                 && peek(p) != COMMA && _PyParser_Expression(p) != NULL;
            if (!ok && !p->error) {
                p->pos = at;
                diagnose_pair(p, first);
            }
        }
        if (!ok || p->error || !accept(p, COMMA) || peek(p) == RBRACE) {
            break;
        }
    }
    p->pos = start;
}

/* Arguments of calls and classes. */

/* The end of the last clause of a generator expression. */
static expr_ty
last_of_clauses(asdl_comprehension_seq *clauses)
{
    comprehension_ty last = asdl_seq_GET(clauses, asdl_seq_LEN(clauses) - 1);
    Py_ssize_t n = asdl_seq_LEN(last->ifs);
    return n == 0 ? last->iter : asdl_seq_GET(last->ifs, n - 1);
}

/* At what should be a keyword argument. */
void
_PyParser_DiagnoseKeyword(struct parser *p)
{
    int start = p->pos;
    int type = peek(p);
    if ((type == KW_TRUE || type == KW_FALSE || type == KW_NONE) && peek_at(p, 1) == EQUAL) {
        raise_tokens(p, start, start + 1, type == KW_TRUE ? "cannot assign to True"
                     : type == KW_FALSE ? "cannot assign to False" : "cannot assign to None");
        return;
    }
    if (type == NAME && peek_at(p, 1) == EQUAL) {
        p->pos += 2;
        expr_ty e = _PyParser_StartsExpression(peek(p)) ? _PyParser_Expression(p) : NULL;
        if (e != NULL && at_for(p) && _PyParser_ForIfClauses(p) != NULL && !p->error) {
            raise_tokens(p, start, start + 1, "invalid syntax. Maybe you meant '==' or ':=' "
                         "instead of '='?");
        }
    }
    else if (!p->error) {
        expr_ty e = _PyParser_Expression(p);
        if (e != NULL && peek(p) == EQUAL && !p->error) {
            raise_to_token(p, e, p->pos, "expression cannot contain assignment, "
                           "perhaps you meant \"==\"?");
        }
    }
    p->pos = start;
}

struct scan {
    int count;                      // arguments
    int starred;                    // iterable unpackings
    int positional;                 // these, and those without name
    expr_ty last;                   // last positional one
    int keywords;                   // 1: a keyword or unpacking was seen
    int unpack_seen;
};

/* Passes one argument that may stand here: 1, or 0 with pos at its start. */
static int
scan_argument(struct parser *p, struct scan *scan)
{
    int start = p->pos;
    expr_ty e = NULL;
    if (accept(p, DOUBLESTAR)) {
        e = _PyParser_Expression(p);
        if (e != NULL) {
            scan->keywords = scan->unpack_seen = 1;
        }
    }
    else if (peek(p) == NAME && peek_at(p, 1) == EQUAL) {
        p->pos += 2;
        e = _PyParser_StartsExpression(peek(p)) ? _PyParser_Expression(p) : NULL;
        if (e != NULL) {
            scan->keywords = 1;
        }
    }
    else if (peek(p) == STAR) {
        e = scan->unpack_seen ? NULL : starred_expression(p);
        scan->starred += e != NULL;
        scan->positional += e != NULL;
        scan->last = e ? e : scan->last;
    }
    else if (!scan->keywords && _PyParser_StartsExpression(peek(p))) {
        e = peek(p) == NAME && peek_at(p, 1) == COLONEQUAL ? _PyParser_NamedExpression(p)
            : _PyParser_Expression(p);
        if (e != NULL && (peek(p) == EQUAL || peek(p) == COLONEQUAL)) {
            e = NULL;
        }
        scan->positional += e != NULL;
        scan->last = e ? e : scan->last;
    }
    if (e == NULL || p->error) {
        p->pos = start;
        return 0;
    }
    scan->count++;
    return 1;
}

/* Passes as many arguments as can be; pos is before a comma that none follows. */
static void
scan_arguments(struct parser *p, struct scan *scan)
{
    while (!p->error) {
        int before = p->pos;
        if (scan->count > 0 && !accept(p, COMMA)) {
            return;
        }
        if (!scan_argument(p, scan)) {
            p->pos = before;
            return;
        }
    }
}

/* A generator expression without parentheses that is not the only argument. */
static void
diagnose_genexp(struct parser *p, int start)
{
    static const char message[] = "Generator expression must be parenthesized";
    p->pos = start;
    expr_ty a = _PyParser_StartsExpression(peek(p)) ? _PyParser_Expression(p) : NULL;
    if (a != NULL && at_for(p)) {
        asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
        if (clauses != NULL && accept(p, COMMA)) {
            // The next arguments are read, since an error there comes first.
            struct scan more = {0};
            peek(p);
            scan_arguments(p, &more);
            if (!p->error) {
                _PyParser_RaiseRange(p, a, last_of_clauses(clauses), message);
            }
        }
    }
    p->pos = start;
    struct scan scan = {0};
    if (!p->error) {
        scan_arguments(p, &scan);
    }
    if (p->error || scan.count == 0 || !at_for(p)) {
        return;
    }
    asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
    if (clauses != NULL && scan.positional > 1) {
        _PyParser_RaiseRange(p, scan.last, last_of_clauses(clauses), message);
    }
}

/* A keyword without its value: f(a=). */
static void
diagnose_missing_value(struct parser *p, int start)
{
    struct scan scan = {0};
    p->pos = start;
    scan_arguments(p, &scan);
    if (scan.count > 0) {
        accept(p, COMMA);
    }
    int type = peek(p) == NAME && peek_at(p, 1) == EQUAL ? peek_at(p, 2) : ERRORTOKEN;
    if (!p->error && (type == COMMA || type == RPAR)) {
        raise_tokens(p, p->pos, p->pos + 1, "expected argument value expression");
    }
}

/* After "(". */
void
_PyParser_DiagnoseArguments(struct parser *p)
{
    int start = p->pos;
    struct scan scan = {0};
    scan_arguments(p, &scan);
    if (!p->error && scan.count > 0 && peek(p) == COMMA && peek_at(p, 1) == STAR
        && (scan.keywords || scan.starred == scan.count))
    {
        _PyParser_RaiseToken(p, p->pos + 1, "iterable argument unpacking follows "
                             "keyword argument unpacking");
    }
    if (!p->error) {
        diagnose_genexp(p, start);
    }
    if (!p->error) {
        diagnose_missing_value(p, start);
    }
    p->pos = start;
    if (p->error) {
        return;
    }
    scan = (struct scan){0};
    scan_arguments(p, &scan);
    if (!p->error && scan.count > 0 && accept(p, COMMA)) {
        int at = p->pos;
        expr_ty a = _PyParser_StartsExpression(peek(p)) ? _PyParser_Expression(p) : NULL;
        if (a != NULL && at_for(p)) {
            asdl_comprehension_seq *clauses = _PyParser_ForIfClauses(p);
            if (clauses != NULL) {
                _PyParser_RaiseRange(p, a, last_of_clauses(clauses),
                                     "Generator expression must be parenthesized");
            }
        }
        struct scan more = {0};
        p->pos = at;
        if (!p->error) {
            scan_arguments(p, &more);
        }
        if (!p->error && more.count > 0) {
            _PyParser_RaiseLast(p, PyExc_SyntaxError, scan.unpack_seen
                                ? "positional argument follows keyword argument unpacking"
                                : "positional argument follows keyword argument");
        }
    }
    p->pos = start;
}

/* Parameters. */

struct parameter_scan {
    int is_lambda;
    int count;                      // plain parameters
    int slash;                      // token index + 1
    int star;                       // 2: its annotation was starred
    int default_seen;
    int slash_default, late_default;    // before the slash, after it
};

/* NAME with annotation; 1 if it is there. */
static int
skip_parameter(struct parser *p, int is_lambda, int star)
{
    if (!accept(p, NAME)) {
        return 0;
    }
    if (!is_lambda && accept(p, COLON)) {
        return (star ? _PyParser_StarExpression(p) : _PyParser_Expression(p)) != NULL;
    }
    return 1;
}

static inline int
closing(struct parameter_scan *scan)
{
    return scan->is_lambda ? COLON : RPAR;
}

static int
skip_separator(struct parser *p, struct parameter_scan *scan)
{
    int comma = accept(p, COMMA);
    if (peek(p) == TYPE_COMMENT) {
        p->pos++;
    }
    return comma || peek(p) == closing(scan);
}

/* Each returns 0 to stop (raised, or not understood), 1 to go on. */

static int
scan_star(struct parser *p, struct parameter_scan *scan)
{
    int star = p->pos++;
    if (scan->star) {
        int ok = peek(p) == COMMA
                 || (skip_parameter(p, scan->is_lambda, 0)
                     && (peek(p) == COMMA || peek(p) == closing(scan)));
        if (scan->star == 1 && ok && !p->error) {
            _PyParser_RaiseToken(p, star, "* argument may appear only once");
        }
        return 0;
    }
    scan->star = 1;
    int type = peek(p);
    int next = type == COMMA ? peek_at(p, 1) : ERRORTOKEN;
    if (p->error) {
        return 0;
    }
    if (type == closing(scan)
        || (type == COMMA && (next == closing(scan) || next == DOUBLESTAR)))
    {
        if (scan->is_lambda) {
            _PyParser_RaiseLast(p, PyExc_SyntaxError, "named arguments must follow bare *");
        }
        else {
            _PyParser_RaiseToken(p, star, "named arguments must follow bare *");
        }
        return 0;
    }
    if (type == COMMA) {
        if (next == TYPE_COMMENT) {
            _PyParser_RaiseLast(p, PyExc_SyntaxError, "bare * has associated type comment");
            return 0;
        }
        p->pos++;
        return 1;
    }
    int star_annotation = type == NAME && !scan->is_lambda && peek_at(p, 1) == COLON
                          && peek_at(p, 2) == STAR;
    scan->star = star_annotation ? 2 : 1;
    if (!skip_parameter(p, scan->is_lambda, 1)) {
        return 0;
    }
    if (peek(p) == EQUAL && !star_annotation) {
        _PyParser_RaiseToken(p, p->pos, "var-positional argument cannot have default value");
        return 0;
    }
    return skip_separator(p, scan);
}

static int
scan_double_star(struct parser *p, struct parameter_scan *scan)
{
    p->pos++;
    if (!skip_parameter(p, scan->is_lambda, 0)) {
        return 0;
    }
    if (peek(p) == EQUAL) {
        _PyParser_RaiseToken(p, p->pos, "var-keyword argument cannot have default value");
    }
    else if (accept(p, COMMA)) {
        int at = p->pos, type = peek(p);
        if (type == STAR || type == DOUBLESTAR || type == SLASH) {
            _PyParser_RaiseToken(p, at, "arguments cannot follow var-keyword argument");
        }
        else if (skip_parameter(p, scan->is_lambda, 0) && !p->error) {
            raise_tokens(p, at, p->pos - 1, "arguments cannot follow var-keyword argument");
        }
    }
    return 0;
}

static int
scan_slash(struct parser *p, struct parameter_scan *scan)
{
    int slash = p->pos++;
    if (scan->star || scan->slash) {
        _PyParser_RaiseToken(p, slash, scan->star ? "/ must be ahead of *"
                             : "/ may appear only once");
        return 0;
    }
    if (scan->count == 0) {
        if (peek(p) == COMMA) {
            _PyParser_RaiseToken(p, slash, "at least one argument must precede /");
        }
        return 0;
    }
    scan->slash = slash + 1;
    scan->slash_default = scan->default_seen;
    if (peek(p) == STAR) {
        _PyParser_RaiseToken(p, p->pos, "expected comma between / and *");
        return 0;
    }
    return accept(p, COMMA) || peek(p) == closing(scan);
}

static int
scan_plain(struct parser *p, struct parameter_scan *scan)
{
    int start = p->pos;
    if (!skip_parameter(p, scan->is_lambda, 0)) {
        return 0;
    }
    int end = p->pos - 1;
    if (accept(p, EQUAL)) {
        int equal = p->pos - 1;
        scan->default_seen |= !scan->star;
        scan->late_default |= scan->slash != 0;
        if (peek(p) == COMMA || peek(p) == RPAR) {
            _PyParser_RaiseToken(p, equal, "expected default value expression");
            return 0;
        }
        if (_PyParser_Expression(p) == NULL) {
            return 0;
        }
    }
    else if (scan->default_seen && !scan->star) {
        int type = peek(p);
        if (type == COMMA) {
            peek_at(p, 1);          // an error of the tokenizer comes first
        }
        int known = !scan->slash_default || !scan->late_default;
        if (!p->error && known && (type == COMMA || type == closing(scan))) {
            raise_tokens(p, start, end,
                         "parameter without a default follows parameter with a default");
        }
        return 0;
    }
    scan->count++;
    return skip_separator(p, scan);
}

/* Old-style nested parameters. */
static int
scan_nested(struct parser *p, struct parameter_scan *scan)
{
    int start = p->pos++;
    if (scan->slash || scan->star || scan->default_seen) {
        return 0;
    }
    int count = 0;
    while (peek(p) == NAME) {
        if (!skip_parameter(p, scan->is_lambda, 0)) {
            return 0;
        }
        count++;
        if (!accept(p, COMMA)) {
            break;
        }
    }
    if (count > 0 && accept(p, RPAR)) {
        raise_tokens(p, start, p->pos - 1, scan->is_lambda
                     ? "Lambda expression parameters cannot be parenthesized"
                     : "Function parameters cannot be parenthesized");
    }
    return 0;
}

void
_PyParser_DiagnoseParameters(struct parser *p, int is_lambda)
{
    int start = p->pos;
    struct parameter_scan scan = {.is_lambda = is_lambda};
    int more = 1;
    while (more && !p->error && peek(p) != closing(&scan)) {
        switch (peek(p)) {
        case NAME: more = scan_plain(p, &scan); break;
        case SLASH: more = scan_slash(p, &scan); break;
        case STAR: more = scan_star(p, &scan); break;
        case DOUBLESTAR: more = scan_double_star(p, &scan); break;
        case LPAR: more = scan_nested(p, &scan); break;
        default: more = 0; break;
        }
    }
    p->pos = start;
}

/* Replacement fields of f-strings. */

/* After the expression and "=" of a field. */
static void
diagnose_conversion(struct parser *p)
{
    if (accept(p, EXCLAMATION)) {
        int type = peek(p);
        if (type == COLON || type == RBRACE) {
            _PyParser_RaiseToken(p, p->pos, "f-string: missing conversion character");
            return;
        }
        if (!accept(p, NAME)) {
            if (!p->error) {
                _PyParser_RaiseToken(p, p->pos, "f-string: invalid conversion character");
            }
            return;
        }
        if (peek(p) != COLON && peek(p) != RBRACE) {
            if (!p->error) {
                _PyParser_RaiseToken(p, p->pos, "f-string: expecting ':' or '}'");
            }
            return;
        }
    }
    if (accept(p, COLON)) {
        // Nested fields have been looked at when they failed.
        for (;;) {
            if (accept(p, FSTRING_MIDDLE)) {
                continue;
            }
            if (peek(p) != LBRACE) {
                break;
            }
            int depth = 0;
            do {
                int type = peek(p);
                if (p->error || type == ENDMARKER || type == FSTRING_END) {
                    return;
                }
                depth += type == LBRACE ? 1 : type == RBRACE ? -1 : 0;
                p->pos++;
            } while (depth > 0);
        }
        if (peek(p) != RBRACE && !p->error) {
            _PyParser_RaiseToken(p, p->pos, "f-string: expecting '}', or format specs");
        }
        return;
    }
    if (peek(p) != RBRACE && !p->error) {
        _PyParser_RaiseToken(p, p->pos, "f-string: expecting '}'");
    }
}

/* At "{". */
void
_PyParser_DiagnoseField(struct parser *p)
{
    int start = p->pos++;
    const char *what = NULL;
    switch (peek(p)) {
    case EQUAL: what = "="; break;
    case EXCLAMATION: what = "!"; break;
    case COLON: what = ":"; break;
    case RBRACE: what = "}"; break;
    }
    if (what != NULL) {
        _PyParser_RaiseToken(p, p->pos, "f-string: valid expression required before '%s'", what);
        return;
    }
    expr_ty e = p->error ? NULL : _PyParser_YieldOrStarExpressions(p);
    if (p->error) {
        return;
    }
    if (e == NULL) {
        _PyParser_RaiseToken(p, start + 1, "f-string: expecting a valid expression after '{'");
        return;
    }
    int type = peek(p);
    if (type != EQUAL && type != EXCLAMATION && type != COLON && type != RBRACE) {
        if (!p->error) {
            _PyParser_RaiseToken(p, p->pos,
                                 "f-string: expecting '=', or '!', or ':', or '}'");
        }
        return;
    }
    if (accept(p, EQUAL)) {
        type = peek(p);
        if (type != EXCLAMATION && type != COLON && type != RBRACE) {
            if (!p->error) {
                _PyParser_RaiseToken(p, p->pos, "f-string: expecting '!', or ':', or '}'");
            }
            return;
        }
    }
    diagnose_conversion(p);
    p->pos = start;
}
