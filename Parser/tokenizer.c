/* The tokenizer: layout, names, strings, operators.

   _PyTokenizer_Get gives one token.  Within a line no bounds are checked: every line ends in '\n'
   (see _PyTokenizer_NextLine), and every scanning loop stops there.  NUL bytes are refused when a
   line is read.  Written from the lexical analysis chapter, PEP 701 and observed behaviour. */

#include "Python.h"
#include "tokenizer.h"

#include <string.h>

static int get_regular(struct tokenizer *tok, struct token *token);
static int get_literal(struct tokenizer *tok, struct token *token);

/* Errors and warnings. */

/* The str of [start, end); undecodable bytes are replaced, since this is for messages. */
static PyObject *
decode_for_message(const char *start, const char *end)
{
    return PyUnicode_DecodeUTF8(start, end - start, "replace");
}

static PyObject *
filename_of(struct tokenizer *tok)
{
    return tok->filename ? Py_NewRef(tok->filename) : PyUnicode_FromString("<string>");
}

/* Column (from 1) in characters of a column in bytes of the current line. */
static int
char_column(struct tokenizer *tok, int col)
{
    PyObject *s = decode_for_message(tok->line_start, tok->line_start + col);
    if (s == NULL) {
        return -1;
    }
    int n = (int)PyUnicode_GET_LENGTH(s);
    Py_DECREF(s);
    return n;
}

static int
error_va(struct tokenizer *tok, int col, int end_col, const char *format, va_list vargs)
{
    PyObject *message = NULL, *filename = NULL, *text = NULL, *args = NULL;
    tok->done = TOK_RAISED;
    int current = char_column(tok, (int)(tok->cur - tok->line_start));
    col = col < 0 ? current : char_column(tok, col - 1) + 1;
    end_col = end_col < 0 ? col : char_column(tok, end_col - 1) + 1;
    if (PyErr_Occurred()) {
        goto done;
    }
    const char *end = memchr(tok->line_start, '\n', tok->buf + tok->size - tok->line_start);
    text = decode_for_message(tok->line_start, end ? end : tok->buf + tok->size);
    message = PyUnicode_FromFormatV(format, vargs);
    filename = filename_of(tok);
    if (text == NULL || message == NULL || filename == NULL) {
        goto done;
    }
    args = Py_BuildValue("(O(OiiOii))", message, filename, tok->lineno, col, text, tok->lineno,
                         end_col);
    if (args != NULL) {
        PyErr_SetObject(PyExc_SyntaxError, args);
    }
done:
    Py_XDECREF(args);
    Py_XDECREF(filename);
    Py_XDECREF(message);
    Py_XDECREF(text);
    assert(PyErr_Occurred());
    return ERRORTOKEN;
}

int
_PyTokenizer_Error(struct tokenizer *tok, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    error_va(tok, -1, -1, format, vargs);
    va_end(vargs);
    return ERRORTOKEN;
}

int
_PyTokenizer_ErrorAt(struct tokenizer *tok, int col, int end_col, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    error_va(tok, col, end_col, format, vargs);
    va_end(vargs);
    return ERRORTOKEN;
}

int
_PyTokenizer_Warn(struct tokenizer *tok, PyObject *category, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    PyObject *message = PyUnicode_FromFormatV(format, vargs);
    va_end(vargs);
    PyObject *filename = filename_of(tok);
    int result = -1;
    if (message != NULL && filename != NULL) {
        result = PyErr_WarnExplicitObject(category, message, filename, tok->lineno, NULL, NULL);
        if (result < 0 && PyErr_ExceptionMatches(category)) {
            PyErr_Clear();
            _PyTokenizer_Error(tok, "%U", message);
        }
    }
    Py_XDECREF(filename);
    Py_XDECREF(message);
    if (result < 0) {
        tok->done = TOK_RAISED;
    }
    return result;
}

static int
fail(struct tokenizer *tok, enum tok_done why)
{
    tok->done = why;
    return ERRORTOKEN;
}

/* Positions of tokens. */

static inline void
begin(struct tokenizer *tok, struct token *token, const char *start)
{
    token->start = (size_t)(start - tok->buf);
    token->lineno = tok->lineno;
    token->col = (int)(start - tok->line_start);
}

static inline int
finish(struct tokenizer *tok, struct token *token, int type)
{
    token->end = (size_t)(tok->cur - tok->buf);
    token->end_lineno = tok->lineno;
    token->end_col = (int)(tok->cur - tok->line_start);
    token->type = (uint8_t)type;
    return type;
}

/* A token without text, at the current place. */
static int
empty_token(struct tokenizer *tok, struct token *token, int type)
{
    token->start = token->end = (size_t)(tok->cur - tok->buf);
    token->lineno = token->end_lineno = tok->lineno;
    token->col = token->end_col = -1;
    token->type = (uint8_t)type;
    return type;
}

/* Passes the "\n" or "\r\n" at cur. */
static inline void
pass_newline(struct tokenizer *tok)
{
    tok->cur += *tok->cur == '\r';
    assert(*tok->cur == '\n' && tok->cur < tok->line_end);
    tok->cur++;
}

/* Within a token or statement: makes the next line current if this one is used up.  1, 0 at the
   end, -1 with an exception. */
static int
more_text(struct tokenizer *tok)
{
    if (tok->cur < tok->line_end) {
        return 1;
    }
    size_t logical_line = tok->logical_line;
    int more = _PyTokenizer_NextLine(tok);
    tok->logical_line = logical_line;
    return more;
}

/* Indentation. */

/* After a backslash (already passed).  1: at the start of the next line; 0: no token can be
   given, tok->done says why. */
static int
continue_line(struct tokenizer *tok)
{
    if (*tok->cur == '\r') {
        tok->cur++;
    }
    if (*tok->cur != '\n' || tok->cur >= tok->line_end) {
        tok->cur -= tok->cur >= tok->line_end;
        tok->done = TOK_BAD_CONTINUATION;
        return 0;
    }
    tok->cur++;
    int more = more_text(tok);
    if (more < 0) {
        return 0;
    }
    if (more == 0) {
        tok->done = TOK_EOF_CONTINUED;
        return 0;
    }
    return 1;
}

/* Skips white space at the start of a line: 1 and the columns, or 0 with tok->done. */
static int
measure_indent(struct tokenizer *tok, int *column, int *alt_column)
{
    int col = 0, alt = 0, continued = 0;
    for (;; tok->cur++) {
        switch (*tok->cur) {
        case ' ':
            col++, alt++;
            continue;
        case '\t':
            col = (col / TOK_TAB + 1) * TOK_TAB;
            alt++;
            continue;
        case '\f':
            col = alt = 0;
            continue;
        case '\\':
            // The indentation is that of the first of the joined lines.
            continued = continued ? continued : col;
            tok->cur++;
            if (!continue_line(tok)) {
                if (tok->done == TOK_EOF_CONTINUED) {
                    tok->done = TOK_EOF;
                }
                return 0;
            }
            tok->logical_line = (size_t)(tok->line_start - tok->buf);
            tok->cur--;
            continue;
        }
        break;
    }
    *column = continued ? continued : col;
    *alt_column = continued ? continued : alt;
    return 1;
}

static int
set_indent(struct tokenizer *tok, int col, int alt)
{
    int *columns = tok->columns, *alts = tok->alt_columns;
    assert(0 <= tok->indent && tok->indent < TOK_MAX_INDENT);
    if (col > columns[tok->indent]) {
        if (tok->indent + 1 >= TOK_MAX_INDENT) {
            tok->cur = tok->line_end;
            return fail(tok, TOK_TOO_DEEP);
        }
        if (alt <= alts[tok->indent]) {
            tok->cur = tok->line_end;
            return fail(tok, TOK_BAD_TABS);
        }
        tok->pending++;
        columns[++tok->indent] = col;
        alts[tok->indent] = alt;
        return 0;
    }
    while (tok->indent > 0 && col < columns[tok->indent]) {
        tok->pending--;
        tok->indent--;
    }
    if (col != columns[tok->indent]) {
        tok->cur = tok->line_end;
        return fail(tok, TOK_BAD_DEDENT);
    }
    if (alt != alts[tok->indent]) {
        tok->cur = tok->line_end;
        return fail(tok, TOK_BAD_TABS);
    }
    return 0;
}

/* At the start of a line: measures, and notes INDENT and DEDENT tokens. */
static int
start_line(struct tokenizer *tok, int at_end)
{
    int col = 0, alt = 0;
    tok->at_line_start = 0;
    if (!at_end) {
        if (!measure_indent(tok, &col, &alt)) {
            return ERRORTOKEN;
        }
        int c = tok->cur < tok->line_end ? *tok->cur : 0;
        if (c == '#' || c == '\n' || (c == '\r' && tok->cur[1] == '\n')) {
            if (col == 0 && c == '\n' && tok_is_interactive(tok)) {
                tok->blank_line = 0;        // an empty line ends a statement
            }
            else if (tok_is_interactive(tok) && tok->lineno == 1) {
                // The first line of interactive input, only a comment: no indentation.
                col = alt = 0;
                tok->blank_line = 0;
            }
            else {
                tok->blank_line = 1;
            }
        }
    }
    if (!tok->blank_line && tok->level == 0) {
        return set_indent(tok, col, alt);
    }
    return 0;
}

static int
pending_token(struct tokenizer *tok, struct token *token)
{
    int type = tok->pending < 0 ? DEDENT : INDENT;
    tok->pending += tok->pending < 0 ? 1 : -1;
    if (tok->extra_tokens) {
        begin(tok, token, type == INDENT ? tok->buf + tok->logical_line : tok->cur);
        token->col = Py_MAX(token->col, -1);    // begins on an earlier line
        return finish(tok, token, type);
    }
    return empty_token(tok, token, type);
}

/* Names and keywords. */

static int
keyword_type(const char *s, size_t n)
{
#define WORD(TEXT, KW) \
    if (n == sizeof(TEXT) - 1 && memcmp(s, TEXT, sizeof(TEXT) - 1) == 0) { \
        return KW; \
    }
    switch (s[0]) {
    case 'F': WORD("False", KW_FALSE) break;
    case 'N': WORD("None", KW_NONE) break;
    case 'T': WORD("True", KW_TRUE) break;
    case 'a': WORD("as", KW_AS) WORD("and", KW_AND) WORD("assert", KW_ASSERT)
              WORD("async", KW_ASYNC) WORD("await", KW_AWAIT) break;
    case 'b': WORD("break", KW_BREAK) break;
    case 'c': WORD("class", KW_CLASS) WORD("continue", KW_CONTINUE) break;
    case 'd': WORD("def", KW_DEF) WORD("del", KW_DEL) break;
    case 'e': WORD("else", KW_ELSE) WORD("elif", KW_ELIF) WORD("except", KW_EXCEPT) break;
    case 'f': WORD("for", KW_FOR) WORD("from", KW_FROM) WORD("finally", KW_FINALLY) break;
    case 'g': WORD("global", KW_GLOBAL) break;
    case 'i': WORD("if", KW_IF) WORD("in", KW_IN) WORD("is", KW_IS) WORD("import", KW_IMPORT)
              break;
    case 'l': WORD("lambda", KW_LAMBDA) break;
    case 'n': WORD("not", KW_NOT) WORD("nonlocal", KW_NONLOCAL) break;
    case 'o': WORD("or", KW_OR) break;
    case 'p': WORD("pass", KW_PASS) break;
    case 'r': WORD("return", KW_RETURN) WORD("raise", KW_RAISE) break;
    case 't': WORD("try", KW_TRY) break;
    case 'w': WORD("with", KW_WITH) WORD("while", KW_WHILE) break;
    case 'y': WORD("yield", KW_YIELD) break;
    }
#undef WORD
    return NAME;
}

/* Raises for the first character of s that cannot be in an identifier. */
static int
invalid_character(struct tokenizer *tok, const char *start, PyObject *s, Py_ssize_t index)
{
    PyObject *prefix = PyUnicode_Substring(s, 0, index + 1);
    if (prefix == NULL) {
        return fail(tok, TOK_RAISED);
    }
    Py_ssize_t n;
    const char *utf8 = PyUnicode_AsUTF8AndSize(prefix, &n);
    if (utf8 == NULL) {
        Py_DECREF(prefix);
        return fail(tok, TOK_RAISED);
    }
    tok->cur = (char *)start + n;
    Py_DECREF(prefix);
    Py_UCS4 c = PyUnicode_READ_CHAR(s, index);
    PyObject *one = PyUnicode_Substring(s, index, index + 1);
    if (one == NULL) {
        return fail(tok, TOK_RAISED);
    }
    int printable = Py_UNICODE_ISPRINTABLE(c);
    if (printable) {
        _PyTokenizer_Error(tok, "invalid character '%U' (U+%04X)", one, c);
    }
    else {
        _PyTokenizer_Error(tok, "invalid non-printable character U+%04X", c);
    }
    Py_DECREF(one);
    return ERRORTOKEN;
}

/* Whether the text from start to cur, with bytes above 127, is an identifier. */
static int
verify_identifier(struct tokenizer *tok, const char *start)
{
    PyObject *s = PyUnicode_DecodeUTF8(start, tok->cur - start, NULL);
    if (s == NULL) {
        if (PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
            // Worded by the parser.
            tok->done = TOK_RAISED;
        }
        return fail(tok, TOK_RAISED);
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(s);
    if (PyUnicode_IsIdentifier(s)) {
        Py_DECREF(s);
        return NAME;
    }
    // Find the longest prefix that is an identifier; the character after it is wrong.
    Py_ssize_t good = 0;
    for (; good < length; good++) {
        PyObject *prefix = PyUnicode_Substring(s, 0, good + 1);
        int ok = prefix != NULL && PyUnicode_IsIdentifier(prefix);
        Py_XDECREF(prefix);
        if (!ok) {
            break;
        }
    }
    if (!PyErr_Occurred()) {
        invalid_character(tok, start, s, good < length ? good : length - 1);
    }
    Py_DECREF(s);
    return fail(tok, TOK_RAISED);
}

/* String literals. */

static int
unterminated_string(struct tokenizer *tok, struct token *token, int quote, int quote_size)
{
    enum tok_done why = tok->cur >= tok->buf + tok->size ? TOK_RAISED_EOF : TOK_RAISED;
    struct fstring_mode *mode = tok->nmodes ? &tok->modes[tok->nmodes - 1] : NULL;
    int detected = tok->lineno;
    tok->cur = tok->buf + token->start + 1;
    tok->line_start = tok->multi_line_start;
    tok->lineno = tok->first_lineno;
    // The quote was meant to end the f-string around: an expression lacks its end.
    if (mode && mode->quote == quote && mode->quote_size == quote_size) {
        return _PyTokenizer_Error(tok, "f-string: expecting '}'");
    }
    if (quote_size == 3) {
        _PyTokenizer_Error(tok, "unterminated triple-quoted string literal"
                           " (detected at line %d)", detected);
        return fail(tok, TOK_RAISED_EOF);
    }
    _PyTokenizer_Error(tok, "unterminated string literal (detected at line %d)", detected);
    return fail(tok, why);
}

/* The same inside a string token, which notes where its first line is. */
static int
next_line_in_string(struct tokenizer *tok)
{
    size_t start = (size_t)(tok->multi_line_start - tok->buf);
    int more = more_text(tok);
    tok->multi_line_start = tok->buf + start;
    return more;
}

/* Quotes at cur: 1 or 3 of them, or 2 for an empty string. */
static int
count_quotes(const char *p)
{
    if (p[1] != p[0]) {
        return 1;
    }
    return p[2] == p[0] ? 3 : 2;
}

static int
get_string(struct tokenizer *tok, struct token *token)
{
    int quote = *tok->cur;
    int quotes = count_quotes(tok->cur);
    tok->multi_line_start = tok->line_start;
    tok->first_lineno = tok->lineno;
    tok->cur += quotes;
    int found = quotes == 2 ? 1 : 0;            // quotes of the end seen
    int quote_size = quotes == 3 ? 3 : 1;
    while (found < quote_size) {
        int c = *tok->cur++;
        if (c == quote) {
            found++;
            continue;
        }
        found = 0;
        if (c == '\\') {
            if (*tok->cur == '\r' && tok->cur[1] == '\n') {
                tok->cur++;
            }
            c = *tok->cur++;
        }
        else if (c == '\n' && quote_size == 1) {
            tok->cur--;
            return unterminated_string(tok, token, quote, quote_size);
        }
        if (c == '\n') {
            int more = next_line_in_string(tok);
            if (more < 0) {
                return ERRORTOKEN;
            }
            if (more == 0) {
                return unterminated_string(tok, token, quote, quote_size);
            }
        }
    }
    return finish(tok, token, STRING);
}

/* At the quotes of an f-string; its prefix is passed. */
static int
get_fstring_start(struct tokenizer *tok, struct token *token, int raw)
{
    int quotes = count_quotes(tok->cur);
    if (tok->nmodes + 1 >= TOK_MAX_FSTRINGS) {
        tok->cur += quotes == 3 ? 3 : 1;
        return _PyTokenizer_Error(tok, "too many nested f-strings");
    }
    if (tok->nmodes == tok->modes_allocated) {
        int wanted = tok->modes_allocated ? 2 * tok->modes_allocated : 4;
        struct fstring_mode *modes = PyMem_Realloc(tok->modes, wanted * sizeof(*modes));
        if (modes == NULL) {
            PyErr_NoMemory();
            return fail(tok, TOK_RAISED);
        }
        tok->modes = modes;
        tok->modes_allocated = wanted;
    }
    struct fstring_mode *mode = &tok->modes[tok->nmodes++];
    *mode = (struct fstring_mode){
        .quote = *tok->cur, .quote_size = quotes == 3 ? 3 : 1, .raw = (uint8_t)raw,
        .in_literal = 1, .start = token->start, .lineno = tok->lineno,
        .line_start = (size_t)(tok->line_start - tok->buf),
    };
    tok->cur += mode->quote_size;
    return finish(tok, token, FSTRING_START);
}

/* A name, a keyword, or a string with a prefix. */
static int
get_name(struct tokenizer *tok, struct token *token)
{
    char *start = tok->cur;
    unsigned char *p = (unsigned char *)start;
    int b = 0, r = 0, u = 0, f = 0;
    for (;; p++) {
        int c = *p;
        if ((c == 'b' || c == 'B') && !(b || u || f)) {
            b = 1;
        }
        else if ((c == 'u' || c == 'U') && !(b || u || r || f)) {
            u = 1;
        }
        else if ((c == 'r' || c == 'R') && !(r || u)) {
            r = 1;
        }
        else if ((c == 'f' || c == 'F') && !(f || b || u)) {
            f = 1;
        }
        else {
            break;
        }
    }
    if (*p == '"' || *p == '\'') {
        tok->cur = (char *)p;
        return f ? get_fstring_start(tok, token, r) : get_string(tok, token);
    }
    int nonascii = 0;
    while (is_identifier_char(*p)) {
        nonascii |= *p++;
    }
    tok->cur = (char *)p;
    if (nonascii >= 128 && !tok->extra_tokens) {
        if (verify_identifier(tok, start) == ERRORTOKEN) {
            return ERRORTOKEN;
        }
        return finish(tok, token, NAME);
    }
    size_t n = (size_t)(tok->cur - start);
    return finish(tok, token, n < 2 || n > 8 ? NAME : keyword_type(start, n));
}

/* Comments. */

/* Whether the word stands at p as a whole. */
static const char *
skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t') {
        p++;
    }
    return p;
}

/* At a "#".  The type of a token to give, or 0 with the comment skipped. */
static int
get_comment(struct tokenizer *tok, struct token *token)
{
    const char *hash = tok->cur;
    begin(tok, token, hash);
    char *end = memchr(hash, '\n', tok->line_end - hash + 1);
    assert(end != NULL);
    if (end > hash && end[-1] == '\r') {
        end--;
    }
    tok->cur = end;
    if (tok->type_comments) {
        const char *p = skip_blanks(hash + 1);
        if (strncmp(p, "type:", 5) == 0) {
            p = skip_blanks(p + 5);
            const char *after = p + 6;
            int ignore = (strncmp(p, "ignore", 6) == 0
                          && (after >= end
                              || !((unsigned char)*after >= 128
                                   || Py_ISALNUM((unsigned char)*after))));
            if (ignore) {
                begin(tok, token, after);
                finish(tok, token, TYPE_IGNORE);
                if (tok->blank_line) {
                    // The newline ends no statement.
                    pass_newline(tok);
                    tok->at_line_start = 1;
                }
                return TYPE_IGNORE;
            }
            begin(tok, token, p);
            return finish(tok, token, TYPE_COMMENT);
        }
    }
    return tok->extra_tokens ? finish(tok, token, COMMENT) : 0;
}

/* Brackets. */

static int
open_bracket(struct tokenizer *tok, int c)
{
    if (tok->level >= TOK_MAX_LEVEL) {
        return _PyTokenizer_Error(tok, "too many nested parentheses");
    }
    tok->brackets[tok->level] = (char)c;
    tok->bracket_linenos[tok->level] = tok->lineno;
    tok->bracket_cols[tok->level] = (int)(tok->cur - 1 - tok->line_start);
    tok->level++;
    return 0;
}

/* Whether the brackets of the innermost replacement field are all closed. */
static inline int
at_field_level(struct tokenizer *tok, struct fstring_mode *mode)
{
    return mode->fields > 0 && tok->level == mode->field_level[mode->fields];
}

static int
close_bracket(struct tokenizer *tok, int c)
{
    struct fstring_mode *mode = tok->nmodes ? &tok->modes[tok->nmodes - 1] : NULL;
    if (mode && c == '}' && (mode->fields == 0 || tok->level < mode->field_level[mode->fields])) {
        return _PyTokenizer_Error(tok, "f-string: single '}' is not allowed");
    }
    if (tok->level == 0) {
        return tok->extra_tokens ? 0 : _PyTokenizer_Error(tok, "unmatched '%c'", c);
    }
    int opening = tok->brackets[tok->level - 1];
    int matches = (opening == '(' && c == ')') || (opening == '[' && c == ']')
                  || (opening == '{' && c == '}');
    if (!matches && !tok->extra_tokens) {
        if (mode && at_field_level(tok, mode)) {
            return _PyTokenizer_Error(tok, "f-string: unmatched '%c'", c);
        }
        int lineno = tok->bracket_linenos[tok->level - 1];
        if (lineno != tok->lineno) {
            return _PyTokenizer_Error(tok, "closing parenthesis '%c' does not match opening "
                                      "parenthesis '%c' on line %d", c, opening, lineno);
        }
        return _PyTokenizer_Error(tok, "closing parenthesis '%c' does not match opening "
                                  "parenthesis '%c'", c, opening);
    }
    if (mode && c == '}' && at_field_level(tok, mode)) {
        mode->fields--;
        mode->in_literal = 1;
        mode->in_spec = mode->fields > 0;
    }
    tok->level--;
    return 0;
}

/* Operators; the first character is at cur. */
static int
get_operator(struct tokenizer *tok, struct token *token)
{
    unsigned char *p = (unsigned char *)tok->cur;
    struct fstring_mode *mode = tok->nmodes ? &tok->modes[tok->nmodes - 1] : NULL;
    int c = *p;
    if (mode && c == ':' && at_field_level(tok, mode)) {
        // Even before "=": a format specification begins.
        mode->in_literal = mode->in_spec = 1;
        tok->cur++;
        return finish(tok, token, COLON);
    }
    int type = _PyToken_ThreeChars(c, p[1], p[2]);
    if (type != OP) {
        tok->cur += 3;
        return finish(tok, token, type);
    }
    type = _PyToken_TwoChars(c, p[1]);
    if (type != OP) {
        tok->cur += 2;
        return finish(tok, token, type);
    }
    tok->cur++;
    switch (c) {
    case '(': case '[': case '{':
        if (open_bracket(tok, c)) {
            return ERRORTOKEN;
        }
        break;
    case ')': case ']': case '}':
        if (close_bracket(tok, c)) {
            return ERRORTOKEN;
        }
        break;
    }
    if (!Py_UNICODE_ISPRINTABLE((Py_UCS4)c)) {
        return _PyTokenizer_Error(tok, "invalid non-printable character U+%04X", c);
    }
    return finish(tok, token, _PyToken_OneChar(c));
}

/* The next token outside the literal text of f-strings. */

/* At a newline.  1 if it gives a token, 0 if not, -1 with tok->done. */
static int
get_newline(struct tokenizer *tok, struct token *token, int after_comment)
{
    int type = NEWLINE;
    tok->at_line_start = 1;
    if (tok->blank_line || tok->level > 0) {
        if (!tok->extra_tokens) {
            return 0;
        }
        type = NL;
    }
    if (!after_comment || tok->extra_tokens) {
        begin(tok, token, tok->cur);
    }
    pass_newline(tok);
    finish(tok, token, type);
    return 1;
}

/* At the end of the text. */
static int
at_end(struct tokenizer *tok, struct token *token)
{
    if (tok->done == TOK_EOF && tok->level == 0) {
        return empty_token(tok, token, ENDMARKER);
    }
    empty_token(tok, token, ERRORTOKEN);
    return ERRORTOKEN;
}

/* Skips blanks and comments.  1 at a character of a token or at a newline, 2 with a token made of
   a comment, -1 with tok->done. */
static int
skip_to_token(struct tokenizer *tok, struct token *token, int *after_comment)
{
    *after_comment = 0;
    for (;;) {
        int c = *tok->cur;
        if (c == ' ' || c == '\t' || c == '\f') {
            tok->cur++;
        }
        else if (c == '#') {
            if (get_comment(tok, token)) {
                return 2;
            }
            *after_comment = 1;
        }
        else if (c == '\\') {
            tok->cur++;
            if (!continue_line(tok)) {
                return -1;
            }
        }
        else {
            return 1;
        }
    }
}

static int
get_regular(struct tokenizer *tok, struct token *token)
{
    if (!tok->extra_tokens) {
        tok->blank_line = 0;        // a comment that was given as a token counts
    }
    for (;;) {
        int ended = 0;
        if (tok->cur >= tok->line_end) {
            int more = tok->done == TOK_OK ? _PyTokenizer_NextLine(tok) : 0;
            if (more < 0) {
                return ERRORTOKEN;
            }
            ended = more == 0;
        }
        if (tok->at_line_start) {
            tok->blank_line = 0;
            if (start_line(tok, ended) == ERRORTOKEN) {
                return ERRORTOKEN;
            }
        }
        if (tok->pending != 0) {
            return pending_token(tok, token);
        }
        if (ended) {
            return at_end(tok, token);
        }
        int after_comment;
        int found = skip_to_token(tok, token, &after_comment);
        if (found != 1) {
            return found == 2 ? token->type : ERRORTOKEN;
        }
        if (tok->cur >= tok->line_end) {
            continue;       // the last line, without a newline
        }
        unsigned char *p = (unsigned char *)tok->cur;
        if (*p == '\n' || (*p == '\r' && p[1] == '\n')) {
            if (get_newline(tok, token, after_comment)) {
                return token->type;
            }
            pass_newline(tok);
            continue;
        }
        begin(tok, token, tok->cur);
        if (is_identifier_start(*p)) {
            return get_name(tok, token);
        }
        if (*p == '"' || *p == '\'') {
            return get_string(tok, token);
        }
        if ((*p >= '0' && *p <= '9') || (*p == '.' && p[1] >= '0' && p[1] <= '9')) {
            tok->cur++;
            int type = _PyTokenizer_Number(tok);
            return type == ERRORTOKEN ? type : finish(tok, token, type);
        }
        return get_operator(tok, token);
    }
}

/* The literal text of f-strings. */

static int
unterminated_fstring(struct tokenizer *tok, struct fstring_mode *mode)
{
    int detected = tok->lineno;
    int triple = mode->quote_size == 3;
    tok->cur = tok->buf + mode->start + 1;
    tok->line_start = tok->buf + mode->line_start;
    tok->lineno = mode->lineno;
    _PyTokenizer_Error(tok, "unterminated %sf-string literal (detected at line %d)",
                       triple ? "triple-quoted " : "", detected);
    return fail(tok, triple ? TOK_RAISED_EOF : TOK_RAISED);
}

static int
at_closing_quotes(struct fstring_mode *mode, const char *p)
{
    return p[0] == mode->quote
           && (mode->quote_size == 1 || (p[1] == mode->quote && p[2] == mode->quote));
}

/* At a "{" that opens a replacement field. */
static int
open_field(struct tokenizer *tok, struct token *token, struct fstring_mode *mode)
{
    if (mode->fields >= TOK_MAX_FIELDS) {
        return _PyTokenizer_Error(tok, "f-string: expressions nested too deeply");
    }
    begin(tok, token, tok->cur);
    tok->cur++;
    if (open_bracket(tok, '{')) {
        return ERRORTOKEN;
    }
    mode->fields++;
    mode->field_level[mode->fields] = tok->level;
    mode->in_literal = mode->field_next = 0;
    return finish(tok, token, LBRACE);
}

/* A doubled brace: the token's text has one of them, its place both. */
static int
doubled_brace(struct tokenizer *tok, struct token *token)
{
    tok->cur += 2;
    finish(tok, token, FSTRING_MIDDLE);
    token->end--;
    return FSTRING_MIDDLE;
}

/* After a backslash in the literal text.  0: go on behind it; 1: the token ends here, after a named
   character; 2: at the newline of a joined line; -1 with an exception. */
static int
literal_escape(struct tokenizer *tok, struct fstring_mode *mode)
{
    int c = *tok->cur;
    if (c == '{' || c == '}') {
        // Not an escape: the brace keeps its meaning.
        if (!mode->raw && _PyTokenizer_Warn(tok, PyExc_SyntaxWarning,
                                            "invalid escape sequence '\\%c'", c) < 0) {
            return -1;
        }
        return 0;
    }
    if (!mode->raw && c == 'N' && tok->cur[1] == '{') {
        tok->cur += 2;
        while (*tok->cur != '}') {
            if (*tok->cur == '\n' || at_closing_quotes(mode, tok->cur)) {
                return 0;
            }
            tok->cur++;
        }
        tok->cur++;
        return 1;
    }
    if (c == '\r' && tok->cur[1] == '\n') {
        c = *++tok->cur;
    }
    // In a raw string, too, a backslash keeps a quote from ending it.
    if (c != '\n') {
        tok->cur++;
    }
    return c == '\n' ? 2 : 0;
}

/* Past the newline in the literal text, if there is one: 0, or ERRORTOKEN. */
static int
literal_newline(struct tokenizer *tok, struct fstring_mode *mode)
{
    tok->cur += tok->cur < tok->line_end;
    int more = more_text(tok);
    if (more < 0) {
        return ERRORTOKEN;
    }
    return more > 0 ? 0 : unterminated_fstring(tok, mode);
}

static int
get_literal(struct tokenizer *tok, struct token *token)
{
    struct fstring_mode *mode = &tok->modes[tok->nmodes - 1];
    if (tok->cur >= tok->line_end && literal_newline(tok, mode) == ERRORTOKEN) {
        return ERRORTOKEN;
    }
    begin(tok, token, tok->cur);
    if (*tok->cur == '{' && (tok->cur[1] != '{' || mode->field_next)) {
        return open_field(tok, token, mode);
    }
    if (at_closing_quotes(mode, tok->cur)) {
        tok->cur += mode->quote_size;
        tok->nmodes--;
        return finish(tok, token, FSTRING_END);
    }
    for (;;) {
        int c = *tok->cur;
        if (at_closing_quotes(mode, tok->cur)) {
            return finish(tok, token, FSTRING_MIDDLE);
        }
        if (c == '\n') {
            if (mode->quote_size == 1) {
                if (mode->in_spec) {
                    mode->in_literal = mode->in_spec = 0;
                    return finish(tok, token, FSTRING_MIDDLE);
                }
                return unterminated_fstring(tok, mode);
            }
            if (literal_newline(tok, mode) == ERRORTOKEN) {
                return ERRORTOKEN;
            }
        }
        else if (c == '{') {
            if (tok->cur[1] == '{' && !mode->in_spec) {
                return doubled_brace(tok, token);
            }
            mode->field_next = 1;
            return finish(tok, token, FSTRING_MIDDLE);
        }
        else if (c == '}') {
            if (tok->cur[1] == '}' && !mode->in_spec) {
                return doubled_brace(tok, token);
            }
            mode->in_literal = 0;
            return finish(tok, token, FSTRING_MIDDLE);
        }
        else if (c == '\\') {
            tok->cur++;
            int escape = literal_escape(tok, mode);
            if (escape < 0) {
                return ERRORTOKEN;
            }
            if (escape == 1) {
                return finish(tok, token, FSTRING_MIDDLE);
            }
            if (escape == 2 && literal_newline(tok, mode) == ERRORTOKEN) {
                return ERRORTOKEN;
            }
        }
        else {
            tok->cur++;
        }
    }
}

void
_PyTokenizer_Get(struct tokenizer *tok, struct token *token)
{
    int type;
    assert(tok->line_start <= tok->cur || tok->cur == tok->line_end);
    if (tok->done > TOK_EOF) {
        type = ERRORTOKEN;
    }
    else if (tok->nmodes && tok->modes[tok->nmodes - 1].in_literal) {
        type = get_literal(tok, token);
    }
    else {
        type = get_regular(tok, token);
    }
    if (type == ERRORTOKEN) {
        assert(tok->done != TOK_OK);
        empty_token(tok, token, ERRORTOKEN);
    }
    token->level = tok->level;
}
