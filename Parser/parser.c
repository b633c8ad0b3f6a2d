/* The parser's engine: tokens on demand, names, sequences, memoization, errors; and the entry
   points, which run the first pass and, if it fails, the second (see parser.h). */

#include "Python.h"
#include "errcode.h"                // E_EOF
#include "pycore_ceval.h"           // _Py_StackLow()
#include "pycore_parser.h"
#include "parser.h"

#include <string.h>

/* Tokens. */

static void *
unclosed_bracket(struct parser *p)
{
    struct tokenizer *tok = p->tok;
    int level = tok->level - 1;
    assert(level >= 0);
    return _PyParser_RaiseAt(p, PyExc_SyntaxError, tok->bracket_linenos[level],
                             tok->bracket_cols[level], tok->bracket_linenos[level], -1,
                             "'%c' was never closed", tok->brackets[level]);
}

/* "(unicode error) ..." or "(value error) ..." for the current exception, at the last token.  Other
   exceptions stay. */
void *
_PyParser_RaiseDecodeProblem(struct parser *p)
{
    const char *kind = NULL;
    p->error = 1;
    if (PyErr_ExceptionMatches(PyExc_UnicodeError)) {
        kind = "unicode error";
    }
    else if (PyErr_ExceptionMatches(PyExc_ValueError)) {
        kind = "value error";
    }
    if (kind == NULL) {
        return NULL;
    }
    PyObject *error = PyErr_GetRaisedException();
    PyObject *text = PyObject_Str(error);
    if (text == NULL) {
        PyErr_Clear();
        _PyParser_RaiseLast(p, PyExc_SyntaxError, "(%s) unknown error", kind);
    }
    else {
        _PyParser_RaiseLast(p, PyExc_SyntaxError, "(%s) %U", kind, text);
        Py_DECREF(text);
    }
    Py_DECREF(error);
    return NULL;
}

/* The exception for what the tokenizer reports; always -1. */
static int
tokenizer_error(struct parser *p)
{
    struct tokenizer *tok = p->tok;
    p->error = 1;
    switch (tok->done) {
    case TOK_RAISED:
        if (PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
            _PyParser_RaiseDecodeProblem(p);
        }
        break;
    case TOK_RAISED_EOF:
        break;
    case TOK_EOF:
    case TOK_EOF_CONTINUED:
        if (tok->level > 0) {
            unclosed_bracket(p);
        }
        else {
            _PyParser_RaiseLast(p, PyExc_SyntaxError, "unexpected EOF while parsing");
        }
        break;
    case TOK_BAD_DEDENT:
        _PyParser_RaiseLast(p, PyExc_IndentationError,
                            "unindent does not match any outer indentation level");
        break;
    case TOK_BAD_TABS:
        _PyParser_RaiseAt(p, PyExc_TabError, tok->lineno, 0, tok->lineno, -1,
                          "inconsistent use of tabs and spaces in indentation");
        break;
    case TOK_TOO_DEEP:
        _PyParser_RaiseAt(p, PyExc_IndentationError, tok->lineno, 0, tok->lineno, -1,
                          "too many levels of indentation");
        break;
    case TOK_BAD_CONTINUATION:
        _PyParser_RaiseAt(p, PyExc_SyntaxError, tok->lineno,
                          (int)(tok->cur - tok->buf - (ptrdiff_t)tok->logical_line),
                          tok->lineno, -1,
                          "unexpected character after line continuation character");
        break;
    case TOK_OK:
        Py_UNREACHABLE();
    }
    return -1;
}

static int
grow_tokens(struct parser *p)
{
    if (p->tokens_allocated > INT_MAX / 2) {
        PyErr_NoMemory();
        p->error = 1;
        return -1;
    }
    int wanted = p->tokens_allocated ? 2 * p->tokens_allocated : 256;
    struct token *tokens = PyMem_Realloc(p->tokens, (size_t)wanted * sizeof(*tokens));
    if (tokens == NULL) {
        PyErr_NoMemory();
        p->error = 1;
        return -1;
    }
    p->tokens = tokens;
    p->tokens_allocated = wanted;
    return 0;
}

static int
add_ignore(struct parser *p, struct token *token)
{
    if (p->nignores == p->ignores_allocated) {
        int wanted = p->ignores_allocated ? 2 * p->ignores_allocated : 8;
        void *ignores = PyMem_Realloc(p->ignores, (size_t)wanted * sizeof(*p->ignores));
        if (ignores == NULL) {
            PyErr_NoMemory();
            p->error = 1;
            return -1;
        }
        p->ignores = ignores;
        p->ignores_allocated = wanted;
    }
    p->ignores[p->nignores].lineno = token->lineno;
    p->ignores[p->nignores].start = token->start;
    p->ignores[p->nignores].end = token->end;
    p->nignores++;
    return 0;
}

/* Before 3.7 "async" and "await" were names, except in "async def" and inside of it. */
static void
adjust_async(struct parser *p, struct token *token)
{
    struct tokenizer *tok = p->tok;
    if (p->async_def && p->async_def_newline && token->type != NEWLINE && token->type != INDENT
        && token->type != TYPE_COMMENT && tok->indent <= p->async_def_indent)
    {
        p->async_def = 0;
    }
    p->async_def_newline |= token->type == NEWLINE;
    if (p->async_def || (token->type != KW_ASYNC && token->type != KW_AWAIT)) {
        return;
    }
    const char *next = tok->cur;
    while (*next == ' ' || *next == '\t') {
        next++;
    }
    if (token->type == KW_ASYNC && strncmp(next, "def", 3) == 0
        && !is_identifier_char((unsigned char)next[3]))
    {
        p->async_def = 1;
        p->async_def_newline = 0;
        p->async_def_indent = tok->indent;
        return;
    }
    token->type = NAME;
}

/* Adds one token to the array. */
int
_PyParser_Fetch(struct parser *p)
{
    if (p->error) {
        return -1;
    }
    if (p->ntokens == p->tokens_allocated && grow_tokens(p) < 0) {
        return -1;
    }
    struct token *token = &p->tokens[p->ntokens];
    struct tokenizer *tok = p->tok;
    for (;;) {
        _PyTokenizer_Get(tok, token);
        if (token->type != TYPE_IGNORE) {
            break;
        }
        if (add_ignore(p, token) < 0) {
            return -1;
        }
    }
    if (p->feature_version < 7) {
        adjust_async(p, token);
    }
    // The end of a single statement's text ends the statement, and all its blocks.
    if (p->mode == Py_single_input && token->type == ENDMARKER && p->started) {
        token->type = NEWLINE;
        p->started = 0;
        if (tok->indent && !(p->flags & PyCF_DONT_IMPLY_DEDENT)) {
            tok->pending = -tok->indent;
            tok->indent = 0;
        }
    }
    else {
        p->started = 1;
    }
    p->ntokens++;
    return token->type == ERRORTOKEN ? tokenizer_error(p) : 0;
}

struct token *
_PyParser_LastToken(struct parser *p)
{
    int i = p->pos - 1;
    while (i > 0 && (p->tokens[i].type == ENDMARKER
                     || (p->tokens[i].type >= NEWLINE && p->tokens[i].type <= DEDENT)))
    {
        i--;
    }
    return &p->tokens[i];
}

int
_PyParser_IsWord(struct parser *p, int ahead, const char *word)
{
    if (peek_at(p, ahead) != NAME) {
        return 0;
    }
    struct token *token = &p->tokens[p->pos + ahead];
    size_t n = strlen(word);
    return token->end - token->start == n && memcmp(p->tok->buf + token->start, word, n) == 0;
}

int
_PyParser_TooDeep(struct parser *p)
{
    if (!p->error) {
        PyErr_SetString(PyExc_MemoryError,
                        "Parser stack overflowed - Python source too complex to parse");
        p->error = 1;
    }
    return -1;
}

/* Sequences. */

int
_PyParser_Push(struct parser *p, void *node)
{
    if (p->top == p->stack_allocated) {
        size_t wanted = p->stack_allocated ? 2 * p->stack_allocated : 256;
        void **stack = PyMem_Realloc(p->stack, wanted * sizeof(*stack));
        if (stack == NULL) {
            PyErr_NoMemory();
            p->error = 1;
            return -1;
        }
        p->stack = stack;
        p->stack_allocated = wanted;
    }
    p->stack[p->top++] = node;
    return 0;
}

void *
_PyParser_Sequence(struct parser *p, size_t mark)
{
    assert(mark <= p->top);
    size_t n = p->top - mark;
    asdl_generic_seq *seq = checked(p, _Py_asdl_generic_seq_new((Py_ssize_t)n, p->arena));
    if (seq != NULL && n > 0) {
        memcpy(seq->typed_elements, p->stack + mark, n * sizeof(void *));
    }
    p->top = mark;
    return seq;
}

void *
_PyParser_Singleton(struct parser *p, void *node)
{
    asdl_generic_seq *seq = checked(p, _Py_asdl_generic_seq_new(1, p->arena));
    if (seq != NULL) {
        asdl_seq_SET(seq, 0, node);
    }
    return seq;
}

/* Memoization. */

int
_PyParser_Recall(struct parser *p, int rule, void *node_out)
{
    if (p->pos >= p->nmemos) {
        return 0;
    }
    for (struct memo *memo = p->memos[p->pos]; memo != NULL; memo = memo->next) {
        if (memo->rule == rule) {
            p->pos = memo->end;
            *(void **)node_out = memo->node;
            return 1;
        }
    }
    return 0;
}

void *
_PyParser_Remember(struct parser *p, int rule, int start, void *node)
{
    if (p->error) {
        return NULL;
    }
    if (start >= p->nmemos) {
        int wanted = p->ntokens > start ? p->ntokens + 64 : start + 64;
        struct memo **memos = PyMem_Realloc(p->memos, (size_t)wanted * sizeof(*memos));
        if (memos == NULL) {
            PyErr_NoMemory();
            p->error = 1;
            return NULL;
        }
        memset(memos + p->nmemos, 0, (size_t)(wanted - p->nmemos) * sizeof(*memos));
        p->memos = memos;
        p->nmemos = wanted;
    }
    struct memo *memo = checked(p, _PyArena_Malloc(p->arena, sizeof(*memo)));
    if (memo == NULL) {
        return NULL;
    }
    *memo = (struct memo){p->memos[start], rule, p->pos, node};
    p->memos[start] = memo;
    return node;
}

/* Names. */

/* The str of bytes that are not all ASCII, in normal form NFKC. */
static PyObject *
normalized_name(struct parser *p, const char *text, size_t n)
{
    PyObject *name = PyUnicode_DecodeUTF8(text, (Py_ssize_t)n, NULL);
    if (name == NULL || PyUnicode_IS_ASCII(name)) {
        return name;
    }
    if (p->normalize == NULL) {
        PyObject *module = PyImport_ImportModule("unicodedata");
        if (module != NULL) {
            p->normalize = PyObject_GetAttrString(module, "normalize");
            Py_DECREF(module);
        }
        if (p->normalize == NULL) {
            Py_DECREF(name);
            return NULL;
        }
    }
    PyObject *result = PyObject_CallFunction(p->normalize, "sO", "NFKC", name);
    Py_DECREF(name);
    if (result != NULL && !PyUnicode_CheckExact(result)) {
        PyErr_Format(PyExc_TypeError, "unicodedata.normalize() must return a string, not %.200s",
                     Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
    return result;
}

static int
grow_names(struct parser *p)
{
    size_t wanted = p->names_allocated ? 2 * p->names_allocated : 256;
    struct name_entry *names = PyMem_Calloc(wanted, sizeof(*names));
    if (names == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < p->names_allocated; i++) {
        if (p->names[i].name != NULL) {
            size_t at = p->names[i].hash & (wanted - 1);
            while (names[at].name != NULL) {
                at = (at + 1) & (wanted - 1);
            }
            names[at] = p->names[i];
        }
    }
    PyMem_Free(p->names);
    p->names = names;
    p->names_allocated = wanted;
    return 0;
}

/* Makes the interned str of a name, owned by the arena. */
static PyObject *
make_name(struct parser *p, const char *text, size_t n)
{
    int ascii = 1;
    for (size_t i = 0; i < n; i++) {
        ascii &= (unsigned char)text[i] < 128;
    }
    PyObject *name = ascii ? PyUnicode_FromStringAndSize(text, (Py_ssize_t)n)
                           : normalized_name(p, text, n);
    if (name == NULL) {
        return NULL;
    }
    PyUnicode_InternInPlace(&name);
    if (_PyArena_AddPyObject(p->arena, name) < 0) {
        Py_DECREF(name);
        return NULL;
    }
    return name;
}

identifier
_PyParser_Name(struct parser *p, int index)
{
    if (p->error) {
        return NULL;
    }
    struct token *token = &p->tokens[index];
    const char *text = p->tok->buf + token->start;
    size_t n = token->end - token->start;
    if (2 * p->nnames >= p->names_allocated && grow_names(p) < 0) {
        p->error = 1;
        return NULL;
    }
    size_t hash = 5381;
    for (size_t i = 0; i < n; i++) {
        hash = hash * 33 + (unsigned char)text[i];
    }
    hash ^= hash >> 15;
    size_t mask = p->names_allocated - 1;
    size_t at = hash & mask;
    for (; p->names[at].name != NULL; at = (at + 1) & mask) {
        struct name_entry *entry = &p->names[at];
        if (entry->hash == hash && entry->size == n
            && memcmp(p->tok->buf + entry->start, text, n) == 0)
        {
            return entry->name;
        }
    }
    PyObject *name = make_name(p, text, n);
    if (name == NULL) {
        p->error = 1;
        return NULL;
    }
    p->names[at] = (struct name_entry){name, hash, token->start, n};
    p->nnames++;
    return name;
}

identifier
_PyParser_InternedName(struct parser *p, const char *text)
{
    PyObject *name = make_name(p, text, strlen(text));
    return checked(p, name);
}

expr_ty
_PyParser_NameNode(struct parser *p, expr_context_ty ctx)
{
    int start = p->pos;
    assert(peek(p) == NAME);
    identifier name = _PyParser_Name(p, start);
    if (name == NULL) {
        return NULL;
    }
    p->pos++;
    return checked(p, _PyAST_Name(name, ctx, PLACE(start)));
}

/* The text of a type comment, owned by the arena. */
identifier
_PyParser_TypeComment(struct parser *p, struct token *token)
{
    PyObject *text = PyUnicode_DecodeUTF8(p->tok->buf + token->start,
                                          (Py_ssize_t)(token->end - token->start), NULL);
    if (text == NULL) {
        return _PyParser_RaiseDecodeProblem(p);
    }
    if (_PyArena_AddPyObject(p->arena, text) < 0) {
        Py_DECREF(text);
        p->error = 1;
        return NULL;
    }
    return text;
}

/* Errors. */

/* The text of a line, a new reference; the newline stays on the current line. */
static PyObject *
line_text(struct parser *p, int lineno)
{
    struct tokenizer *tok = p->tok;
    const char *start, *end;
    if (tok->line_end == NULL) {
        start = end = tok->buf;
    }
    else if (lineno >= tok->lineno) {
        start = tok->buf + tok->logical_line;
        end = tok->line_end;
    }
    else {
        const char *stop = tok->buf + tok->size;
        start = tok->buf;
        for (int i = 1; i < lineno; i++) {
            const char *newline = memchr(start, '\n', (size_t)(stop - start));
            start = newline != NULL ? newline + 1 : stop;
        }
        end = memchr(start, '\n', (size_t)(stop - start));
        end = end != NULL ? end : stop;
    }
    return PyUnicode_DecodeUTF8(start, end - start, "replace");
}

/* Characters in the first col bytes of the line; other columns are for show only. */
static int
characters(PyObject *line, int col)
{
    if (col <= 0) {
        return col;
    }
    Py_ssize_t n;
    const char *utf8 = PyUnicode_AsUTF8AndSize(line, &n);
    if (utf8 == NULL) {
        return -1;
    }
    if (col > n + 1) {
        col = (int)n + 1;
    }
    PyObject *s = PyUnicode_DecodeUTF8(utf8, col, "replace");
    if (s == NULL) {
        return -1;
    }
    int length = (int)PyUnicode_GET_LENGTH(s);
    Py_DECREF(s);
    return length;
}

/* The exception; columns count from 1 here. */
static void *
raise_va(struct parser *p, PyObject *type, int lineno, int col, int end_lineno, int end_col,
         const char *format, va_list vargs)
{
    PyObject *line = NULL, *message = NULL, *args = NULL;
    p->error = 1;
    PyErr_Clear();
    message = PyUnicode_FromFormatV(format, vargs);
    line = line_text(p, lineno);
    if (message == NULL || line == NULL) {
        goto done;
    }
    if (!p->tok->byte_columns) {
        // The end too is looked up in the line of the start.
        col = characters(line, col);
        end_col = characters(line, end_col);
    }
    if (PyErr_Occurred()) {
        goto done;
    }
    args = Py_BuildValue("(O(OiiOii))", message, p->tok->filename ? p->tok->filename : Py_None,
                         lineno, col, line, end_lineno, end_col);
    if (args != NULL) {
        PyErr_SetObject(type, args);
    }
done:
    Py_XDECREF(args);
    Py_XDECREF(line);
    Py_XDECREF(message);
    assert(PyErr_Occurred());
    return NULL;
}

void *
_PyParser_RaiseAt(struct parser *p, PyObject *type, int lineno, int col, int end_lineno,
                  int end_col, const char *format, ...)
{
    va_list vargs;
    if (end_lineno == PARSER_CURRENT) {
        end_lineno = p->tok->lineno;
    }
    if (end_col == PARSER_CURRENT) {
        end_col = (int)(p->tok->cur - p->tok->line_start) - 1;
    }
    va_start(vargs, format);
    raise_va(p, type, lineno, col + 1, end_lineno, end_col + 1, format, vargs);
    va_end(vargs);
    return NULL;
}

/* At the last token that was fetched.  One without text is placed where the tokenizer is. */
void *
_PyParser_RaiseLast(struct parser *p, PyObject *type, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    if (p->ntokens == 0) {
        raise_va(p, type, 0, 0, 0, -1, format, vargs);
    }
    else {
        struct token *token = &p->tokens[p->ntokens - 1];
        int col = token->col >= 0 ? token->col + 1 : (int)(p->tok->cur - p->tok->line_start);
        int end_col = token->end_col >= 0 ? token->end_col + 1 : -1;
        raise_va(p, type, token->lineno, col, token->end_lineno, end_col, format, vargs);
    }
    va_end(vargs);
    return NULL;
}

void *
_PyParser_RaiseToken(struct parser *p, int index, const char *format, ...)
{
    struct token *token = &p->tokens[index];
    va_list vargs;
    va_start(vargs, format);
    raise_va(p, PyExc_SyntaxError, token->lineno, token->col + 1, token->end_lineno,
             token->end_col + 1, format, vargs);
    va_end(vargs);
    return NULL;
}

void *
_PyParser_RaiseRange(struct parser *p, expr_ty first, expr_ty last, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    raise_va(p, PyExc_SyntaxError, first->lineno, first->col_offset + 1, last->end_lineno,
             last->end_col_offset + 1, format, vargs);
    va_end(vargs);
    return NULL;
}

void *
_PyParser_RaiseVersion(struct parser *p, int version, const char *what)
{
    return _PyParser_RaiseLast(p, PyExc_SyntaxError,
                               "%s only supported in Python 3.%i and greater", what, version);
}

int
_PyParser_Force(struct parser *p, int type, const char *text)
{
    if (accept(p, type)) {
        return 1;
    }
    if (!p->error) {
        _PyParser_RaiseToken(p, p->pos, "expected '%s'", text);
    }
    return 0;
}

/* Whole inputs. */

static asdl_type_ignore_seq *
type_ignores(struct parser *p)
{
    asdl_type_ignore_seq *seq = checked(p, _Py_asdl_type_ignore_seq_new(p->nignores, p->arena));
    for (int i = 0; seq != NULL && i < p->nignores; i++) {
        struct token token = {.start = p->ignores[i].start, .end = p->ignores[i].end};
        string tag = _PyParser_TypeComment(p, &token);
        if (tag == NULL) {
            return NULL;
        }
        type_ignore_ty node = checked(p, _PyAST_TypeIgnore(p->ignores[i].lineno, tag, p->arena));
        if (node == NULL) {
            return NULL;
        }
        asdl_seq_SET(seq, i, node);
    }
    return seq;
}

static mod_ty
parse_file(struct parser *p)
{
    asdl_stmt_seq *body = _PyParser_Statements(p, ENDMARKER);
    if (body == NULL || !accept(p, ENDMARKER)) {
        return NULL;
    }
    asdl_type_ignore_seq *ignores = type_ignores(p);
    return ignores == NULL ? NULL : checked(p, _PyAST_Module(body, ignores, p->arena));
}

static mod_ty
parse_single(struct parser *p, int *errcode)
{
    size_t mark = p->top;
    asdl_stmt_seq *body;
    switch (peek(p)) {
    case ENDMARKER:
        if (errcode != NULL) {
            *errcode = E_EOF;
        }
        return NULL;
    case NEWLINE: {
        int start = p->pos++;
        stmt_ty pass = checked(p, _PyAST_Pass(PLACE(start)));
        body = pass == NULL ? NULL : _PyParser_Singleton(p, pass);
        break;
    }
    default: {
        stmt_ty compound = _PyParser_Compound(p);
        if (compound != NULL) {
            body = accept(p, NEWLINE) ? _PyParser_Singleton(p, compound) : NULL;
        }
        else if (p->error || _PyParser_PushSimple(p) < 0) {
            return NULL;
        }
        else {
            body = _PyParser_Sequence(p, mark);
        }
        break;
    }
    }
    return body == NULL ? NULL : checked(p, _PyAST_Interactive(body, p->arena));
}

static int
at_end_of_input(struct parser *p)
{
    while (accept(p, NEWLINE)) {
    }
    return accept(p, ENDMARKER);
}

static mod_ty
parse_eval(struct parser *p)
{
    expr_ty body = _PyParser_Expressions(p);
    if (body == NULL || !at_end_of_input(p)) {
        return NULL;
    }
    return checked(p, _PyAST_Expression(body, p->arena));
}

/* "(" types ")" "->" type; stars are dropped. */
static mod_ty
parse_func_type(struct parser *p)
{
    size_t mark = p->top;
    if (!accept(p, LPAR)) {
        return NULL;
    }
    int stage = 0;                  // 1: after "*", 2: after "**"
    while (peek(p) != RPAR) {
        if (accept(p, DOUBLESTAR)) {
            if (stage == 2) {
                return NULL;
            }
            stage = 2;
        }
        else if (accept(p, STAR)) {
            if (stage >= 1) {
                return NULL;
            }
            stage = 1;
        }
        else if (stage > 0) {
            return NULL;
        }
        expr_ty e = _PyParser_Expression(p);
        if (e == NULL || _PyParser_Push(p, e) < 0) {
            return NULL;
        }
        if (stage == 2 || !accept(p, COMMA)) {
            break;
        }
        if (peek(p) == RPAR) {
            return NULL;
        }
    }
    asdl_expr_seq *types = _PyParser_Sequence(p, mark);
    if (types == NULL || !accept(p, RPAR) || !accept(p, RARROW)) {
        return NULL;
    }
    expr_ty returns = _PyParser_Expression(p);
    if (returns == NULL || !at_end_of_input(p)) {
        return NULL;
    }
    return checked(p, _PyAST_FunctionType(types, returns, p->arena));
}

static mod_ty
parse_input(struct parser *p, int *errcode)
{
    p->pos = 0;
    p->top = 0;
    p->depth = 0;
    p->stack_low = _Py_StackLow(_PyThreadState_GET());
    mod_ty tree;
    switch (p->mode) {
    case Py_file_input: tree = parse_file(p); break;
    case Py_single_input: tree = parse_single(p, errcode); break;
    case Py_eval_input: tree = parse_eval(p); break;
    default: tree = parse_func_type(p); break;
    }
    return p->error ? NULL : tree;
}

/* Reads the rest of the text: an error of the tokenizer further on, or an unclosed bracket before
   the place of the error, is more important than the SyntaxError that is set. */
static void
check_rest(struct parser *p)
{
    if (tok_is_interactive(p->tok) || !PyErr_ExceptionMatches(PyExc_SyntaxError)
        || (p->tok->done != TOK_OK && p->tok->done != TOK_EOF))
    {
        return;
    }
    PyObject *error = PyErr_GetRaisedException();
    int lineno = p->ntokens ? p->tokens[p->ntokens - 1].lineno : 0;
    struct token token;
    do {
        _PyTokenizer_Get(p->tok, &token);
    } while (token.type != ENDMARKER && token.type != ERRORTOKEN);
    if (token.type == ERRORTOKEN && !PyErr_Occurred() && p->tok->level > 0
        && lineno > p->tok->bracket_linenos[p->tok->level - 1])
    {
        unclosed_bracket(p);
    }
    if (PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        PyErr_Clear();
    }
    // An error within an f-string may only be a consequence of the first.
    if (PyErr_Occurred() && p->tok->nmodes == 0) {
        Py_DECREF(error);
    }
    else {
        PyErr_SetRaisedException(error);
    }
}

/* The first pass failed softly: find out why. */
static void
diagnose(struct parser *p)
{
    assert(p->ntokens > 0 && !p->error);
    struct token last = p->tokens[p->ntokens - 1];
    p->memos = PyMem_Calloc((size_t)p->ntokens + 1, sizeof(*p->memos));
    if (p->memos == NULL) {
        PyErr_NoMemory();
        p->error = 1;
        return;
    }
    p->nmemos = p->ntokens + 1;
    p->diagnose = 1;
    parse_input(p, NULL);
    if (!p->error) {
        if (last.type == INDENT || last.type == DEDENT) {
            _PyParser_RaiseLast(p, PyExc_IndentationError, last.type == INDENT
                                ? "unexpected indent" : "unexpected unindent");
            return;
        }
        _PyParser_RaiseAt(p, PyExc_SyntaxError, last.lineno, last.col, last.end_lineno,
                          last.end_col, "invalid syntax");
    }
    check_rest(p);
}

/* Whether more than white space and comments follow a single statement. */
static int
has_more_text(struct tokenizer *tok)
{
    const char *p = tok->cur, *end = tok->buf + tok->size;
    while (p < end) {
        if (*p == '#') {
            const char *newline = memchr(p, '\n', (size_t)(end - p));
            p = newline != NULL ? newline : end;
        }
        else if (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\f') {
            p++;
        }
        else {
            return 1;
        }
    }
    return 0;
}

static mod_ty
run(struct parser *p, int *errcode)
{
    mod_ty tree = parse_input(p, errcode);
    struct tokenizer *tok = p->tok;
    if (tree == NULL) {
        // Also where the last token runs into the end, without a newline.
        int ended = tok->done == TOK_EOF || tok->done == TOK_EOF_CONTINUED
                    || tok->done == TOK_RAISED_EOF
                    || (tok->done == TOK_OK && tok->cur >= tok->buf + tok->size && tok->size > 0
                        && tok->buf[tok->size - 1] != '\n');
        if ((p->flags & PyCF_ALLOW_INCOMPLETE_INPUT) && ended
            && (!p->error || PyErr_ExceptionMatches(PyExc_SyntaxError)))
        {
            return _PyParser_RaiseLast(p, PyExc_SyntaxError, "incomplete input");
        }
        if (p->error) {
            check_rest(p);
        }
        else {
            diagnose(p);
        }
        assert(PyErr_Occurred());
        return NULL;
    }
    if (p->mode == Py_single_input && has_more_text(tok)) {
        return _PyParser_RaiseLast(p, PyExc_SyntaxError,
                                   "multiple statements found while compiling a single statement");
    }
    assert(p->top == 0 && p->depth == 0);
    return tree;
}

static void
release(struct parser *p)
{
    PyMem_Free(p->tokens);
    PyMem_Free(p->stack);
    PyMem_Free(p->names);
    PyMem_Free(p->ignores);
    PyMem_Free(p->memos);
    Py_XDECREF(p->normalize);
}

static mod_ty
parse_tokens(struct tokenizer *tok, int mode, PyCompilerFlags *flags, int *errcode,
             PyArena *arena)
{
    struct parser parser = {.tok = tok, .arena = arena, .mode = mode};
    if (flags != NULL) {
        parser.flags = flags->cf_flags;
    }
    parser.feature_version = flags != NULL && (flags->cf_flags & PyCF_ONLY_AST)
                             ? flags->cf_feature_version : PY_MINOR_VERSION;
    if (parser.flags & PyCF_TYPE_COMMENTS) {
        tok->type_comments = 1;
    }
    mod_ty tree = run(&parser, errcode);
    release(&parser);
    assert((tree == NULL) == (PyErr_Occurred() != NULL));
    return tree;
}

/* No tokenizer could be made: the exception becomes a SyntaxError without a place. */
static void
source_error(PyObject *filename)
{
    if (PyErr_ExceptionMatches(PyExc_MemoryError) || PyErr_ExceptionMatches(PyExc_OSError)
        || !PyErr_ExceptionMatches(PyExc_Exception))
    {
        return;
    }
    PyObject *error = PyErr_GetRaisedException();
    PyObject *place = NULL;
    if (PyObject_TypeCheck(error, (PyTypeObject *)PyExc_SyntaxError)) {
        place = PyObject_GetAttrString(error, "lineno");
    }
    if (place != NULL && place != Py_None) {
        Py_DECREF(place);
        PyErr_SetRaisedException(error);
        return;
    }
    Py_XDECREF(place);
    PyObject *text = PyObject_Str(error);
    if (text != NULL) {
        PyObject *args = Py_BuildValue("(O(OiiO))", text, filename, 0, -1, Py_None);
        if (args != NULL) {
            PyErr_SetObject(PyExc_SyntaxError, args);
            Py_DECREF(args);
        }
        Py_DECREF(text);
    }
    Py_DECREF(error);
}

mod_ty
_PyParser_ASTFromString(const char *str, PyObject *filename, int mode, PyCompilerFlags *flags,
                        PyArena *arena)
{
    if (PySys_Audit("compile", "yO", str, filename) < 0) {
        return NULL;
    }
    int exec_input = mode == Py_file_input;
    struct tokenizer *tok = flags != NULL && (flags->cf_flags & PyCF_IGNORE_COOKIE)
                            ? _PyTokenizer_FromUTF8(str, exec_input)
                            : _PyTokenizer_FromString(str, exec_input);
    if (tok == NULL) {
        source_error(filename);
        return NULL;
    }
    tok->filename = Py_NewRef(filename);
    mod_ty tree = parse_tokens(tok, mode, flags, NULL, arena);
    _PyTokenizer_Free(tok);
    return tree;
}

mod_ty
_PyParser_InteractiveASTFromFile(FILE *fp, PyObject *filename, const char *enc, int mode,
                                 const char *ps1, const char *ps2, PyCompilerFlags *flags,
                                 int *errcode, PyObject **source, PyArena *arena)
{
    if (PySys_Audit("compile", "OO", Py_None, filename) < 0) {
        return NULL;
    }
    struct tokenizer *tok = _PyTokenizer_FromFile(fp, enc, ps1, ps2, filename);
    if (tok == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_SyntaxError)) {   /* those of a file name it themselves */
            source_error(filename);
        }
        return NULL;
    }
    mod_ty tree = parse_tokens(tok, mode, flags, errcode, arena);
    if (tree != NULL && source != NULL) {
        *source = PyUnicode_DecodeUTF8(tok->buf, (Py_ssize_t)tok->size, "replace");
        if (*source == NULL) {
            tree = NULL;
        }
    }
    _PyTokenizer_Free(tok);
    return tree;
}

mod_ty
_PyParser_ASTFromFile(FILE *fp, PyObject *filename, const char *enc, int mode, const char *ps1,
                      const char *ps2, PyCompilerFlags *flags, int *errcode, PyArena *arena)
{
    return _PyParser_InteractiveASTFromFile(fp, filename, enc, mode, ps1, ps2, flags, errcode,
                                            NULL, arena);
}
