/* Numbers, string literals, their concatenation, and f-strings.

   A literal is decoded right after its last token was passed and before the next is fetched, so
   that "the last token" of an error message is the literal's.  Written from the lexical analysis
   chapter, PEP 701 and observed behaviour. */

#include "Python.h"
#include "parser.h"

#include <string.h>

/* The reference goes to the arena. */
static PyObject *
keep(struct parser *p, PyObject *o)
{
    if (o != NULL && _PyArena_AddPyObject(p->arena, o) < 0) {
        Py_CLEAR(o);
    }
    if (o == NULL) {
        p->error = 1;
    }
    return o;
}

/* Numbers. */

static PyObject *
imaginary(double value)
{
    return PyComplex_FromDoubles(0.0, value);
}

/* The value of a literal without underscores, NUL-terminated. */
static PyObject *
number_value(const char *s)
{
    size_t n = strlen(s);
    int last = Py_TOLOWER(s[n - 1]);
    int has_radix = s[0] == '0' && (s[1] == 'x' || s[1] == 'X' || s[1] == 'o' || s[1] == 'O'
                                    || s[1] == 'b' || s[1] == 'B');
    if (!has_radix && (last == 'j' || strpbrk(s, ".eE") != NULL)) {
        char *end;
        double value = PyOS_string_to_double(s, &end, NULL);
        if (value == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
        assert(*end == '\0' || end == s + n - 1);
        return last == 'j' ? imaginary(value) : PyFloat_FromDouble(value);
    }
    if (n < 10 && !has_radix) {
        long value = 0;
        for (const char *c = s; *c; c++) {
            value = value * 10 + (*c - '0');
        }
        return PyLong_FromLong(value);
    }
    return PyLong_FromString(s, NULL, 0);
}

/* A number with too many digits: the usual message, with advice. */
static PyObject *
too_many_digits(struct parser *p, struct token *token)
{
    if (!PyErr_ExceptionMatches(PyExc_ValueError)) {
        p->error = 1;
        return NULL;
    }
    PyObject *error = PyErr_GetRaisedException();
    PyObject *text = PyObject_Str(error);
    Py_DECREF(error);
    if (text == NULL) {
        p->error = 1;
        return NULL;
    }
    _PyParser_RaiseAt(p, PyExc_SyntaxError, token->lineno, -1, token->end_lineno, -1,
                      "%U - Consider hexadecimal for huge integer literals "
                      "to avoid decimal conversion limits.", text);
    Py_DECREF(text);
    return NULL;
}

expr_ty
_PyParser_Number(struct parser *p)
{
    int start = p->pos;
    assert(peek(p) == NUMBER);
    struct token token = p->tokens[start];
    const char *text = p->tok->buf + token.start;
    size_t n = token.end - token.start;
    char small[64];
    char *buf = n < sizeof(small) ? small : PyMem_Malloc(n + 1);
    if (buf == NULL) {
        PyErr_NoMemory();
        p->error = 1;
        return NULL;
    }
    char *out = buf;
    int underscores = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '_') {
            underscores = 1;
        }
        else {
            *out++ = text[i];
        }
    }
    *out = '\0';
    p->pos++;
    PyObject *value = NULL;
    if (underscores && p->feature_version < 6) {
        _PyParser_RaiseLast(p, PyExc_SyntaxError, "Underscores in numeric literals are only "
                            "supported in Python 3.6 and greater");
    }
    else {
        value = number_value(buf);
        value = value == NULL ? too_many_digits(p, &token) : keep(p, value);
    }
    if (buf != small) {
        PyMem_Free(buf);
    }
    if (value == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_Constant(value, NULL, PLACE(start)));
}

/* Escapes. */

/* SyntaxWarning about an escape, or the SyntaxError that it was turned into: 0 or -1. */
static int
warn_escape(struct parser *p, struct token *token, const char *escape)
{
    int c = (unsigned char)escape[0];
    if (p->diagnose || (token->type == FSTRING_MIDDLE && (c == '{' || c == '}'))) {
        return 0;                   // in f-strings the tokenizer has warned of escaped braces
    }
    PyObject *message;
    if (c >= '4' && c <= '7') {
        message = PyUnicode_FromFormat("invalid octal escape sequence '\\%.3s'", escape);
    }
    else {
        message = PyUnicode_FromFormat("invalid escape sequence '\\%c'", c);
    }
    if (message == NULL) {
        p->error = 1;
        return -1;
    }
    PyObject *category = p->feature_version >= 12 ? PyExc_SyntaxWarning : PyExc_DeprecationWarning;
    int err = PyErr_WarnExplicitObject(category, message, p->tok->filename, token->lineno, NULL,
                                       NULL);
    if (err < 0) {
        p->error = 1;
        if (PyErr_ExceptionMatches(category)) {
            // Points at the string's token, which is the last one that was fetched.
            PyErr_Clear();
            _PyParser_RaiseLast(p, PyExc_SyntaxError, "%U", message);
        }
    }
    Py_DECREF(message);
    return err;
}

/* Whether the escape letter c is known in a str; in bytes the Unicode ones are not. */
static int
is_known_escape(int c, int in_bytes)
{
    switch (c) {
    case '\n': case '\\': case '\'': case '"': case 'b': case 'f': case 't': case 'n': case 'r':
    case 'v': case 'a': case 'x':
        return 1;
    case 'u': case 'U': case 'N':
        return !in_bytes;
    }
    return c >= '0' && c <= '7';
}

/* Whether p starts an octal escape above \377. */
static int
is_large_octal(const char *s, const char *end)
{
    return end - s >= 3 && s[0] >= '4' && s[0] <= '7' && s[1] >= '0' && s[1] <= '7'
           && s[2] >= '0' && s[2] <= '7';
}

/* Decodes s with escapes: turned into pure ASCII with only valid escapes, for the codec.  Places
   in the codec's messages refer to that form. */
static PyObject *
decode_escapes(struct parser *p, const char *s, size_t n, struct token *token)
{
    // The worst case: 2 bytes of UTF-8 become 10, a large octal of 4 becomes 6.
    char *buf = n > (size_t)PY_SSIZE_T_MAX / 6 ? NULL : PyMem_Malloc(n * 6 + 1);
    if (buf == NULL) {
        return PyErr_NoMemory();
    }
    const char *end = s + n, *bad = NULL;
    char *out = buf;
    while (s < end) {
        if (*s == '\\') {
            s++;
            if (s == end || (unsigned char)*s >= 128) {
                // A backslash before another character than ASCII stands for itself.
                memcpy(out, "\\u005c", 6);
                out += 6;
                continue;
            }
            if (is_large_octal(s, end)) {
                bad = bad ? bad : s;
                unsigned value = (unsigned)((s[0] - '0') * 64 + (s[1] - '0') * 8 + (s[2] - '0'));
                out += sprintf(out, "\\u%04x", value);
                s += 3;
                continue;
            }
            if (!is_known_escape((unsigned char)*s, 0)) {
                bad = bad ? bad : s;
                *out++ = '\\';
                *out++ = '\\';
                *out++ = *s++;
                continue;
            }
            *out++ = '\\';
            *out++ = *s++;
            continue;
        }
        if ((unsigned char)*s < 128) {
            *out++ = *s++;
            continue;
        }
        const char *stop = s;
        while (stop < end && (unsigned char)*stop >= 128) {
            stop++;
        }
        PyObject *chars = PyUnicode_DecodeUTF8(s, stop - s, NULL);
        if (chars == NULL) {
            PyMem_Free(buf);
            return NULL;
        }
        for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(chars); i++) {
            out += sprintf(out, "\\U%08x", (unsigned)PyUnicode_READ_CHAR(chars, i));
        }
        Py_DECREF(chars);
        s = stop;
    }
    assert((size_t)(out - buf) <= n * 6);
    PyObject *result = NULL;
    result = PyUnicode_DecodeUnicodeEscape(buf, out - buf, NULL);
    PyMem_Free(buf);
    if (result != NULL && bad != NULL && warn_escape(p, token, bad) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static int
hex_value(int c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = Py_TOLOWER(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static PyObject *
decode_bytes_escapes(struct parser *p, const char *s, size_t n, struct token *token)
{
    PyObject *result = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)n);
    if (result == NULL) {
        return NULL;
    }
    const char *start = s, *end = s + n, *bad = NULL;
    char *out = PyBytes_AS_STRING(result);
    while (s < end) {
        if (*s != '\\' || s + 1 == end) {
            *out++ = *s++;
            continue;
        }
        int c = (unsigned char)*++s;
        s++;
        switch (c) {
        case '\n': break;
        case '\\': case '\'': case '"': *out++ = (char)c; break;
        case 'b': *out++ = '\b'; break;
        case 'f': *out++ = '\f'; break;
        case 't': *out++ = '\t'; break;
        case 'n': *out++ = '\n'; break;
        case 'r': *out++ = '\r'; break;
        case 'v': *out++ = '\v'; break;
        case 'a': *out++ = '\a'; break;
        case 'x':
            if (end - s < 2 || hex_value(s[0]) < 0 || hex_value(s[1]) < 0) {
                PyErr_Format(PyExc_ValueError, "invalid \\x escape at position %zd",
                             (Py_ssize_t)(s - 2 - start));
                Py_DECREF(result);
                return NULL;
            }
            *out++ = (char)(hex_value(s[0]) * 16 + hex_value(s[1]));
            s += 2;
            break;
        default:
            if (c < '0' || c > '7') {
                bad = bad ? bad : s - 1;
                *out++ = '\\';
                *out++ = (char)c;
                break;
            }
            if (is_large_octal(s - 1, end)) {
                bad = bad ? bad : s - 1;
            }
            c -= '0';
            for (int i = 0; i < 2 && s < end && *s >= '0' && *s <= '7'; i++) {
                c = c * 8 + (*s++ - '0');
            }
            *out++ = (char)c;
        }
    }
    if (_PyBytes_Resize(&result, out - PyBytes_AS_STRING(result)) < 0) {
        return NULL;
    }
    if (bad != NULL && warn_escape(p, token, bad) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
decode_text(struct parser *p, const char *s, size_t n, int raw, struct token *token)
{
    if (raw || memchr(s, '\\', n) == NULL) {
        return PyUnicode_DecodeUTF8(s, (Py_ssize_t)n, NULL);
    }
    return decode_escapes(p, s, n, token);
}

/* Plain literals. */

/* The constant of the STRING token that was just passed. */
static expr_ty
plain_string(struct parser *p)
{
    int start = p->pos - 1;
    struct token token = p->tokens[start];
    const char *s = p->tok->buf + token.start, *end = p->tok->buf + token.end;
    int is_bytes = 0, raw = 0;
    PyObject *kind = NULL;
    if (*s == 'u') {
        kind = _PyParser_InternedName(p, "u");
        if (kind == NULL) {
            return NULL;
        }
    }
    for (; *s != '"' && *s != '\''; s++) {
        is_bytes |= *s == 'b' || *s == 'B';
        raw |= *s == 'r' || *s == 'R';
    }
    int quotes = end - s >= 6 && s[1] == s[0] && s[2] == s[0] ? 3 : 1;
    s += quotes;
    end -= quotes;
    assert(s <= end);
    size_t n = (size_t)(end - s);
    PyObject *value;
    if (is_bytes) {
        for (const char *c = s; c < end; c++) {
            if ((unsigned char)*c >= 128) {
                return _PyParser_RaiseToken(p, start,
                                            "bytes can only contain ASCII literal characters");
            }
        }
        value = raw || memchr(s, '\\', n) == NULL
                ? PyBytes_FromStringAndSize(s, (Py_ssize_t)n)
                : decode_bytes_escapes(p, s, n, &token);
    }
    else {
        value = decode_text(p, s, n, raw, &token);
    }
    if (value == NULL) {
        return p->error ? NULL : _PyParser_RaiseDecodeProblem(p);
    }
    if (keep(p, value) == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_Constant(value, kind, PLACE(start)));
}

/* f-strings. */

/* Constant of a FSTRING_MIDDLE token. */
static expr_ty
middle_constant(struct parser *p, int index, int raw)
{
    struct token token = p->tokens[index];
    PyObject *value = decode_text(p, p->tok->buf + token.start, token.end - token.start, raw,
                                  &token);
    if (value == NULL) {
        return p->error ? NULL : _PyParser_RaiseDecodeProblem(p);
    }
    if (keep(p, value) == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_Constant(value, NULL, token.lineno, token.col, token.end_lineno,
                                      token.end_col, p->arena));
}

/* The source of a field from token `from` (its "{") to token `to`, both not included, without
   comments. */
static expr_ty
debug_text(struct parser *p, int from, int to)
{
    const char *text = p->tok->buf;
    size_t at = p->tokens[from].end, stop = p->tokens[to].start;
    char *buf = PyMem_Malloc(stop - at + 1);
    if (buf == NULL) {
        PyErr_NoMemory();
        p->error = 1;
        return NULL;
    }
    size_t n = 0;
    // Comments are only between tokens.
    for (int i = from + 1; i <= to; i++) {
        size_t gap_end = p->tokens[i].start;
        while (at < gap_end) {
            if (text[at] == '#') {
                while (at < gap_end && text[at] != '\n') {
                    at++;
                }
            }
            else {
                buf[n++] = text[at++];
            }
        }
        if (i < to) {
            memcpy(buf + n, text + at, p->tokens[i].end - at);
            n += p->tokens[i].end - at;
            at = p->tokens[i].end;
        }
    }
    PyObject *value = keep(p, PyUnicode_DecodeUTF8(buf, (Py_ssize_t)n, NULL));
    PyMem_Free(buf);
    if (value == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_Constant(value, NULL, p->tokens[from].end_lineno,
                                      p->tokens[from].end_col, p->tokens[to].lineno,
                                      p->tokens[to].col, p->arena));
}

static int replacement_field(struct parser *p, int raw);

/* At ":".  The specification as a JoinedStr. */
static expr_ty
format_spec(struct parser *p, int raw)
{
    int start = p->pos++;
    size_t mark = p->top;
    for (;;) {
        if (peek(p) == FSTRING_MIDDLE) {
            int index = p->pos++;
            expr_ty e = middle_constant(p, index, raw);
            if (e == NULL || _PyParser_Push(p, e) < 0) {
                return NULL;
            }
        }
        else if (peek(p) == LBRACE) {
            if (replacement_field(p, raw) < 0) {
                p->top = mark;
                return NULL;
            }
        }
        else {
            break;
        }
    }
    // A specification that is only an empty constant is an empty JoinedStr.
    if (p->top == mark + 1) {
        expr_ty only = p->stack[mark];
        if (only->kind == Constant_kind && PyUnicode_GET_LENGTH(only->v.Constant.value) == 0) {
            p->top = mark;
        }
    }
    asdl_expr_seq *values = _PyParser_Sequence(p, mark);
    if (values == NULL || p->error) {
        return NULL;
    }
    return checked(p, _PyAST_JoinedStr(values, PLACE(start)));
}

/* At "!".  The index of the token with the conversion character, -1 on failure. */
static int
conversion(struct parser *p)
{
    int bang = p->pos++;
    if (peek(p) != NAME) {
        return -1;
    }
    struct token *a = &p->tokens[bang], *b = &p->tokens[p->pos];
    if (a->end != b->start) {
        _PyParser_RaiseAt(p, PyExc_SyntaxError, a->lineno, a->col, b->end_lineno, b->end_col,
                          "f-string: conversion type must come right after the exclamanation mark");
        return -1;
    }
    return p->pos++;
}

/* The conversion character of the token, -1 on failure.  Looked at when the field is complete. */
static int
conversion_character(struct parser *p, int index)
{
    struct token *token = &p->tokens[index];
    const char *text = p->tok->buf + token->start;
    if (token->end - token->start == 1 && (*text == 's' || *text == 'r' || *text == 'a')) {
        return *text;
    }
    identifier name = _PyParser_Name(p, index);
    if (name != NULL) {
        _PyParser_RaiseToken(p, index, "f-string: invalid conversion character %R: "
                             "expected 's', 'r', or 'a'", name);
    }
    return -1;
}

/* At "{".  Pushes the field, before it the debug text of "=".  0, or -1 on failure. */
static int
replacement_field(struct parser *p, int raw)
{
    int start = p->pos++;
    int convert = -1, convert_at = -1;
    expr_ty spec = NULL;
    expr_ty value = peek(p) == RBRACE || peek(p) == COLON ? NULL
                    : _PyParser_YieldOrStarExpressions(p);
    if (value == NULL) {
        goto failed;
    }
    int has_debug = accept(p, EQUAL);
    int after = p->pos;
    if (peek(p) == EXCLAMATION) {
        convert_at = conversion(p);
        if (convert_at < 0) {
            goto failed;
        }
    }
    if (peek(p) == COLON) {
        spec = format_spec(p, raw);
        if (spec == NULL) {
            goto failed;
        }
    }
    if (!accept(p, RBRACE)) {
        goto failed;
    }
    if (convert_at >= 0) {
        convert = conversion_character(p, convert_at);
        if (convert < 0) {
            return -1;
        }
    }
    if (has_debug) {
        expr_ty text = debug_text(p, start, after);
        if (text == NULL || _PyParser_Push(p, text) < 0) {
            return -1;
        }
        if (convert < 0 && spec == NULL) {
            convert = 'r';
        }
    }
    expr_ty field = checked(p, _PyAST_FormattedValue(value, convert, spec, PLACE(start)));
    return field == NULL ? -1 : _PyParser_Push(p, field);
failed:
    if (p->diagnose && !p->error) {
        p->pos = start;
        _PyParser_DiagnoseField(p);
    }
    return -1;
}

/* After FSTRING_START.  Pushes the values.  0, or -1 on failure. */
static int
fstring_values(struct parser *p)
{
    struct token *token = &p->tokens[p->pos - 1];
    const char *s = p->tok->buf + token->start;
    int raw = s[0] == 'r' || s[0] == 'R' || s[1] == 'r' || s[1] == 'R';
    size_t mark = p->top;
    for (;;) {
        switch (peek(p)) {
        case FSTRING_MIDDLE:
            // Decoded at the end; an odd word on the stack is the index of the token.
            if (_PyParser_Push(p, (void *)(((uintptr_t)p->pos << 1) | 1)) < 0) {
                return -1;
            }
            p->pos++;
            continue;
        case LBRACE:
            if (replacement_field(p, raw) < 0) {
                return -1;
            }
            continue;
        case FSTRING_END:
            p->pos++;
            break;
        default:
            return -1;
        }
        break;
    }
    for (size_t i = mark; i < p->top; i++) {
        uintptr_t word = (uintptr_t)p->stack[i];
        if (word & 1) {
            expr_ty e = middle_constant(p, (int)(word >> 1), raw);
            if (e == NULL) {
                return -1;
            }
            p->stack[i] = e;
        }
    }
    return 0;
}

/* Concatenation. */

/* The constant of the n > 1 constants at items. */
static expr_ty
join_constants(struct parser *p, expr_ty *items, size_t n)
{
    expr_ty first = items[0], last = items[n - 1];
    int is_bytes = PyBytes_CheckExact(first->v.Constant.value);
    PyObject *list = PyList_New((Py_ssize_t)n);
    if (list == NULL) {
        p->error = 1;
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        PyList_SET_ITEM(list, (Py_ssize_t)i, Py_NewRef(items[i]->v.Constant.value));
    }
    PyObject *empty = is_bytes ? PyBytes_FromStringAndSize(NULL, 0) : PyUnicode_New(0, 0);
    PyObject *value = NULL;
    if (empty != NULL) {
        value = is_bytes ? PyObject_CallMethod(empty, "join", "O", list)
                         : PyUnicode_Join(empty, list);
        Py_DECREF(empty);
    }
    Py_DECREF(list);
    if (keep(p, value) == NULL) {
        return NULL;
    }
    return checked(p, _PyAST_Constant(value, first->v.Constant.kind, first->lineno,
                                      first->col_offset, last->end_lineno, last->end_col_offset,
                                      p->arena));
}

/* Joins neighbouring constants of [mark, top), drops empty ones. */
static int
fold_constants(struct parser *p, size_t mark)
{
    size_t out = mark, i = mark;
    while (i < p->top) {
        expr_ty e = p->stack[i];
        size_t j = i + 1;
        if (e->kind == Constant_kind) {
            while (j < p->top && ((expr_ty)p->stack[j])->kind == Constant_kind) {
                j++;
            }
            if (j - i > 1) {
                e = join_constants(p, (expr_ty *)(p->stack + i), j - i);
                if (e == NULL) {
                    return -1;
                }
            }
            if (PyUnicode_GET_LENGTH(e->v.Constant.value) == 0) {
                i = j;
                continue;
            }
        }
        p->stack[out++] = e;
        i = j;
    }
    p->top = out;
    return 0;
}

/* Adjacent string literals of all kinds. */
expr_ty
_PyParser_Strings(struct parser *p)
{
    int start = p->pos;
    size_t mark = p->top;
    int fstrings = 0, bytes = 0, strs = 0;
    for (;;) {
        int type = peek(p);
        if (type == STRING) {
            p->pos++;
            expr_ty e = plain_string(p);
            if (e == NULL || _PyParser_Push(p, e) < 0) {
                goto failed;
            }
            if (PyBytes_CheckExact(e->v.Constant.value)) {
                bytes = 1;
            }
            else {
                strs = 1;
            }
        }
        else if (type == FSTRING_START) {
            p->pos++;
            fstrings = 1;
            if (enter(p)) {
                goto failed;
            }
            int err = fstring_values(p);
            leave(p);
            if (err < 0) {
                goto failed;
            }
        }
        else {
            break;
        }
    }
    if (p->error) {
        goto failed;
    }
    if (bytes && (strs || fstrings)) {
        _PyParser_RaiseLast(p, PyExc_SyntaxError, "cannot mix bytes and nonbytes literals");
        goto failed;
    }
    if (!fstrings) {
        size_t n = p->top - mark;
        expr_ty *items = (expr_ty *)(p->stack + mark);
        expr_ty e = n == 1 ? items[0] : join_constants(p, items, n);
        p->top = mark;
        return e;
    }
    if (fold_constants(p, mark) < 0) {
        goto failed;
    }
    asdl_expr_seq *values = _PyParser_Sequence(p, mark);
    return values == NULL ? NULL : checked(p, _PyAST_JoinedStr(values, PLACE(start)));
failed:
    p->top = mark;
    return NULL;
}
