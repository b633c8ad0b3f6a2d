/* Inside of the parser: its state, and what its files share.

   The parser is a recursive descent over an array of tokens that is filled on demand.  A parsing
   function returns a node and leaves `pos` behind it, or returns NULL: either softly (no
   exception; `pos` is anywhere, a caller that wants to try something else resets it) or with
   `error` set and an exception.  When the whole parse fails softly, the text is parsed again
   with `diagnose` set; then the functions of parse_errors.c look for known mistakes at the points
   where they can be made.  In that second pass results are memoized, so that trying things twice
   at each level of nesting stays cheap.  The place of a plain "invalid syntax" is the last token
   that was fetched in the first pass, so no function looks further ahead than it must.

   An expression function takes what it can: where the part after an operator, or the arguments of a
   call, do not parse, the result is the expression before, and `pos` is behind that.  No valid
   text has the operator there, so nothing wrong is accepted, and the messages depend on it. */

#ifndef Py_PARSER_H
#define Py_PARSER_H

#include "pycore_ast.h"             // expr_ty, ...
#include "tokenizer.h"              // struct token

enum {
    PARSER_MAX_DEPTH = 6000,        // nested expressions and statements; see enter()
};

/* What is memoized in the second pass. */
enum memo_rule {
    MEMO_EXPRESSION = 1, MEMO_DISJUNCTION, MEMO_BITWISE_OR, MEMO_NAMED, MEMO_PRIMARY,
    MEMO_STAR_EXPRESSIONS, MEMO_STAR_TARGETS,
};

struct memo {
    struct memo *next;
    int rule;
    int end;                        // `pos` after it
    void *node;                     // NULL: failed softly
};

/* A distinct name of the text. */
struct name_entry {
    PyObject *name;                 // owned by the arena; NULL: free
    size_t hash;
    size_t start, size;             // where the text has it
};

struct parser {
    struct tokenizer *tok;
    PyArena *arena;
    struct token *tokens;           // owned
    int ntokens, tokens_allocated;
    int pos;                        // index of the current token; may be == ntokens
    int error;                      // an exception is set
    int diagnose;                   // look for known mistakes
    struct memo **memos;            // owned; by token; NULL in the first pass
    int nmemos;
    int depth;                      // see enter()
    char *stack_low;                // where the C stack gets short; NULL if that is unknown
    int mode;                       // Py_file_input, ...
    int flags;                      // PyCF_*
    int feature_version;            // minor version
    int async_def;                  // feature_version < 7: inside "async def"
    int async_def_indent, async_def_newline;    // its block; its header's line has ended
    int started;                    // single input: a token was given that is not yet ended
    int in_raw_target;              // a comprehension's or for loop's target is being looked at
    void **stack;                   // owned; nodes of unfinished sequences
    size_t top, stack_allocated;
    struct name_entry *names;       // owned; open addressing, size a power of two
    size_t nnames, names_allocated;
    struct {
        int lineno;
        size_t start, end;          // the tag in the text
    } *ignores;                     // owned; "# type: ignore" comments
    int nignores, ignores_allocated;
    PyObject *normalize;            // owned; unicodedata.normalize, once needed
};

/* Tokens. */

int _PyParser_Fetch(struct parser *p);      // -1 with error set

static inline int
peek_at(struct parser *p, int ahead)
{
    while (p->pos + ahead >= p->ntokens) {
        if (_PyParser_Fetch(p) < 0) {
            return ERRORTOKEN;
        }
    }
    return p->tokens[p->pos + ahead].type;
}

static inline int
peek(struct parser *p)
{
    if (p->pos < p->ntokens) {
        return p->tokens[p->pos].type;
    }
    return peek_at(p, 0);
}

static inline int
accept(struct parser *p, int type)
{
    if (peek(p) != type) {
        return 0;
    }
    p->pos++;
    return 1;
}

static inline struct token *
previous(struct parser *p)
{
    return &p->tokens[p->pos - 1];
}

/* Position arguments of a constructor: from a token index to the last token. */
#define PLACE(START)                                                    \
    p->tokens[START].lineno, p->tokens[START].col,                      \
    p->tokens[p->pos - 1].end_lineno, p->tokens[p->pos - 1].end_col, p->arena

/* The same for a statement that may end in NEWLINE and DEDENT tokens. */
#define STMT_PLACE(START)                                               \
    p->tokens[START].lineno, p->tokens[START].col,                      \
    _PyParser_LastToken(p)->end_lineno, _PyParser_LastToken(p)->end_col, p->arena

struct token *_PyParser_LastToken(struct parser *p);

/* The current token's text is this soft keyword. */
int _PyParser_IsWord(struct parser *p, int ahead, const char *word);

/* Depth.  Each counted level uses less than 1 KiB of C stack; threads may have little of it. */
int _PyParser_TooDeep(struct parser *p);

static inline int
enter(struct parser *p)
{
    return ++p->depth > PARSER_MAX_DEPTH || (char *)__builtin_frame_address(0) < p->stack_low
           ? _PyParser_TooDeep(p) : 0;
}

static inline void
leave(struct parser *p)
{
    p->depth--;
}

/* Sequences: nodes are pushed on p->stack from `mark` on, then copied out. */
int _PyParser_Push(struct parser *p, void *node);               // -1 with error set
void *_PyParser_Sequence(struct parser *p, size_t mark);        // pops; NULL with error set
void *_PyParser_Singleton(struct parser *p, void *node);
asdl_int_seq *_PyParser_IntSequence(struct parser *p, size_t mark);

/* NULL nodes after a failed allocation: sets p->error. */
static inline void *
checked(struct parser *p, void *node)
{
    if (node == NULL) {
        p->error = 1;
    }
    return node;
}

/* Memoization. */
int _PyParser_Recall(struct parser *p, int rule, void *node_out);   // 1 if known; pos is moved
void *_PyParser_Remember(struct parser *p, int rule, int start, void *node);

/* Names. */
identifier _PyParser_Name(struct parser *p, int index);         // of the token at an index
identifier _PyParser_InternedName(struct parser *p, const char *text);
expr_ty _PyParser_NameNode(struct parser *p, expr_context_ty ctx);  // at a NAME token
identifier _PyParser_TypeComment(struct parser *p, struct token *token);

/* Errors.  Columns count bytes from 0 here; all return NULL with p->error set. */
void *_PyParser_RaiseAt(struct parser *p, PyObject *type, int lineno, int col, int end_lineno,
                        int end_col, const char *format, ...);
void *_PyParser_RaiseLast(struct parser *p, PyObject *type, const char *format, ...);
void *_PyParser_RaiseToken(struct parser *p, int index, const char *format, ...);
void *_PyParser_RaiseRange(struct parser *p, expr_ty first, expr_ty last, const char *format, ...);
void *_PyParser_RaiseVersion(struct parser *p, int version, const char *what);
void *_PyParser_RaiseDecodeProblem(struct parser *p);   // rewords a UnicodeError or ValueError
enum { PARSER_CURRENT = -5 };       // as an end: where the tokenizer is

/* 1 if the feature may be used; else 0 with a SyntaxError. */
static inline int
check_version(struct parser *p, int version, const char *what)
{
    if (p->feature_version >= version) {
        return 1;
    }
    _PyParser_RaiseVersion(p, version, what);
    return 0;
}

/* Expects the token, raising "expected 'X'" where it is not. */
int _PyParser_Force(struct parser *p, int type, const char *text);

/* Expressions (parse_expr.c, parse_primary.c). */
expr_ty _PyParser_Expression(struct parser *p);
expr_ty _PyParser_PlainExpression(struct parser *p);     // without memo and diagnosis
expr_ty _PyParser_Disjunction(struct parser *p);
expr_ty _PyParser_BitwiseOr(struct parser *p);
expr_ty _PyParser_Primary(struct parser *p);
expr_ty _PyParser_AwaitPrimary(struct parser *p);
expr_ty _PyParser_Atom(struct parser *p);
expr_ty _PyParser_NamedExpression(struct parser *p);
expr_ty _PyParser_StarExpression(struct parser *p);
expr_ty _PyParser_StarExpressions(struct parser *p);
expr_ty _PyParser_StarNamedExpression(struct parser *p);
asdl_expr_seq *_PyParser_StarNamedExpressions(struct parser *p, expr_ty first);
expr_ty _PyParser_YieldOrStarExpressions(struct parser *p);
expr_ty _PyParser_Yield(struct parser *p);
expr_ty _PyParser_Expressions(struct parser *p);
expr_ty _PyParser_StarTargets(struct parser *p);        // up to "in", validated, Store
expr_ty _PyParser_StarTarget(struct parser *p);
expr_ty _PyParser_Lambda(struct parser *p);
expr_ty _PyParser_Number(struct parser *p);
asdl_comprehension_seq *_PyParser_ForIfClauses(struct parser *p);
int _PyParser_Arguments(struct parser *p, int is_call, asdl_expr_seq **args,
                        asdl_keyword_seq **keywords);
arguments_ty _PyParser_Parameters(struct parser *p, int is_lambda);
int _PyParser_StartsExpression(int type);

/* Targets. */
int _PyParser_IsTarget(expr_ty e);                      // of an assignment; recursive
int _PyParser_IsDelTarget(expr_ty e);
void _PyParser_SetContext(expr_ty e, expr_context_ty ctx);

/* Strings (parse_string.c). */
expr_ty _PyParser_Strings(struct parser *p);

/* Statements (parse_stmt.c, parse_compound.c). */
asdl_stmt_seq *_PyParser_Statements(struct parser *p, int until);
int _PyParser_PushSimple(struct parser *p);             // simple_stmts; -1 on failure
asdl_stmt_seq *_PyParser_Block(struct parser *p);
stmt_ty _PyParser_Compound(struct parser *p);
asdl_type_param_seq *_PyParser_TypeParams(struct parser *p);

/* Patterns (parse_pattern.c). */
pattern_ty _PyParser_Patterns(struct parser *p);
pattern_ty _PyParser_OrPattern(struct parser *p);

/* Known mistakes (parse_errors.c).  Called in the second pass only; all raise (p->error) or
   leave everything as it was. */
void _PyParser_DiagnoseExpression(struct parser *p);
void _PyParser_DiagnoseNamed(struct parser *p);
void _PyParser_DiagnoseAssignment(struct parser *p);
void _PyParser_DiagnoseDel(struct parser *p);
void _PyParser_DiagnoseImport(struct parser *p, int start);
void _PyParser_DiagnoseForTarget(struct parser *p);
void _PyParser_DiagnoseWithItem(struct parser *p);
void _PyParser_DiagnoseWith(struct parser *p);
void _PyParser_DiagnoseBracket(struct parser *p);
void _PyParser_DiagnoseDict(struct parser *p);
void _PyParser_DiagnosePair(struct parser *p, expr_ty key);
void _PyParser_DiagnoseArguments(struct parser *p);
void _PyParser_DiagnoseUnpackAssign(struct parser *p, int start);
void _PyParser_DiagnoseStarredGenexp(struct parser *p);
void _PyParser_DiagnoseKeyword(struct parser *p);
void _PyParser_DiagnoseParameters(struct parser *p, int is_lambda);
void _PyParser_DiagnoseTry(struct parser *p);
void _PyParser_DiagnoseExcept(struct parser *p);
void _PyParser_DiagnoseMixedExcept(struct parser *p);
void _PyParser_DiagnoseField(struct parser *p);
const char *_PyParser_ExprName(expr_ty e);

/* At a block: raises "expected an indented block after ..." if there is none. */
void _PyParser_DiagnoseBlock(struct parser *p, const char *after, int start);
/* At the end of a header: raises "expected ':'" before a NEWLINE. */
void _PyParser_DiagnoseColon(struct parser *p);

#endif  /* !Py_PARSER_H */
