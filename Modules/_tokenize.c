/* The _tokenize module: the tokenizer as an iterator, for Lib/tokenize.py.

   Columns are characters, while the tokenizer counts bytes.  What is peculiar to 3.12 (where a
   token of several lines ends, what the last tokens look like) is as observed. */

#include "Python.h"
#include "pycore_object.h"          // _Py_SHARED
#include "Parser/tokenizer.h"       // struct tokenizer

#include <string.h>

typedef struct {
    PyTypeObject *TokenizerIter;
} tokenize_state;

typedef struct {
    PyObject_HEAD
    struct tokenizer *tok;          // owned; NULL only while it is made
    int done;                       // ENDMARKER was given
    PyObject *line;                 // owned; str of the line of the last token, or NULL
    size_t line_start, line_end;    // which line that is, in the text
} tokenizeriterobject;

static PyObject *
tokenizeriter_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char * const names[] = {"", "extra_tokens", "encoding", NULL};
    PyObject *readline;
    int extra_tokens = -1;
    const char *encoding = NULL;
    if (PyTuple_GET_SIZE(args) != 1) {
        PyErr_Format(PyExc_TypeError,
                     "tokenizeriter() takes exactly 1 positional argument (%zd given)",
                     PyTuple_GET_SIZE(args));
        return NULL;
    }
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$ps:tokenizeriter", (char **)names,
                                     &readline, &extra_tokens, &encoding))
    {
        return NULL;
    }
    if (extra_tokens < 0) {
        PyErr_SetString(PyExc_TypeError, "tokenizeriter() missing required argument "
                        "'extra_tokens' (pos 2)");
        return NULL;
    }
    tokenizeriterobject *self = (tokenizeriterobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->tok = _PyTokenizer_FromReadline(readline, encoding, extra_tokens);
    if (self->tok != NULL) {
        self->tok->filename = PyUnicode_FromString("<string>");
    }
    if (self->tok == NULL || self->tok->filename == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static int
tokenizeriter_traverse(tokenizeriterobject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    if (self->tok != NULL) {
        Py_VISIT(self->tok->readline);
    }
    return 0;
}

static int
tokenizeriter_clear(tokenizeriterobject *self)
{
    if (self->tok != NULL) {
        Py_CLEAR(self->tok->readline);
        self->done = 1;
    }
    return 0;
}

static void
tokenizeriter_dealloc(tokenizeriterobject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->line);
    if (self->tok != NULL) {
        _PyTokenizer_Free(self->tok);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

/* Raises for the tokenizer's error: at the end of the current line. */
static PyObject *
raise_error(struct tokenizer *tok)
{
    PyObject *type = PyExc_SyntaxError;
    const char *message;
    int length = (int)(tok->line_end - tok->line_start);
    switch (tok->done) {
    case TOK_EOF:
    case TOK_EOF_CONTINUED:
        PyErr_SetString(type, "unexpected EOF in multi-line statement");
        PyErr_SyntaxLocationObject(tok->filename, tok->lineno,
                                   tok->done == TOK_EOF ? 0 : length);
        return NULL;
    case TOK_BAD_DEDENT:
        type = PyExc_IndentationError;
        message = "unindent does not match any outer indentation level";
        break;
    case TOK_BAD_TABS:
        type = PyExc_TabError;
        message = "inconsistent use of tabs and spaces in indentation";
        break;
    case TOK_TOO_DEEP:
        type = PyExc_IndentationError;
        message = "too many levels of indentation";
        break;
    case TOK_BAD_CONTINUATION:
        message = "unexpected character after line continuation character";
        break;
    default:
        assert(PyErr_Occurred());
        return NULL;
    }
    int newline = length > 0 && tok->line_end[-1] == '\n';
    PyObject *text = PyUnicode_DecodeUTF8(tok->line_start, length - newline, "replace");
    if (text == NULL) {
        return NULL;
    }
    int col = (int)PyUnicode_GET_LENGTH(text) + newline;
    PyObject *args = Py_BuildValue("(s(OiiNOO))", message, tok->filename, tok->lineno, col, text,
                                   Py_None, Py_None);
    if (args != NULL) {
        PyErr_SetObject(type, args);
        Py_DECREF(args);
    }
    return NULL;
}

/* The str of the lines that the token is on: new reference. */
static PyObject *
line_of(tokenizeriterobject *self, struct token *token)
{
    struct tokenizer *tok = self->tok;
    size_t start = (size_t)(tok->line_start - tok->buf);
    size_t end = (size_t)(tok->line_end - tok->buf);
    if (token->lineno != token->end_lineno) {
        start = token->start - (size_t)token->col;
    }
    if (end > start && tok->implicit_newline && end == tok->size) {
        end--;
    }
    if (self->line == NULL || self->line_start != start || self->line_end != end) {
        Py_XSETREF(self->line, PyUnicode_DecodeUTF8(tok->buf + start, (Py_ssize_t)(end - start),
                                                    "replace"));
        self->line_start = start;
        self->line_end = end;
    }
    return Py_XNewRef(self->line);
}

/* Characters in the first col bytes of the line; -1 with an exception. */
static int
characters(PyObject *line, int col)
{
    if (col <= 0 || PyUnicode_IS_ASCII(line)) {
        return col;
    }
    Py_ssize_t size;
    const char *utf8 = PyUnicode_AsUTF8AndSize(line, &size);
    if (utf8 == NULL) {
        return -1;
    }
    int beyond = col > size ? col - (int)size : 0;
    PyObject *s = PyUnicode_DecodeUTF8(utf8, col - beyond, "replace");
    if (s == NULL) {
        return -1;
    }
    int n = (int)PyUnicode_GET_LENGTH(s) + beyond;
    Py_DECREF(s);
    return n;
}

static int
public_type(struct tokenizer *tok, int type)
{
    if (!tok->extra_tokens && (type == KW_ASYNC || type == KW_AWAIT)) {
        return type == KW_ASYNC ? ASYNC : AWAIT;
    }
    if (type >= KW_FALSE) {
        return NAME;
    }
    return tok->extra_tokens && type > DEDENT && type < OP ? OP : type;
}

/* The token's text: new reference. */
static PyObject *
text_of(struct tokenizer *tok, struct token *token)
{
    size_t end = token->end;
    // No newline is shown anywhere in what readline returned without one at its end.
    if (token->type == NL && tok->implicit_newline) {
        end = token->start;
    }
    else if (token->type == NEWLINE) {
        end -= tok->implicit_newline || !tok->extra_tokens;
    }
    return PyUnicode_DecodeUTF8(tok->buf + token->start, (Py_ssize_t)(end - token->start),
                                "replace");
}

static PyObject *
token_tuple(tokenizeriterobject *self, struct token *token)
{
    struct tokenizer *tok = self->tok;
    int ended = token->type == ENDMARKER || (token->type == DEDENT && tok->done == TOK_EOF);
    if (ended && token->type == ENDMARKER) {
        self->done = 1;
    }
    int type = public_type(tok, token->type);
    if (ended) {
        int lineno = tok->extra_tokens ? tok->lineno + 1 : tok->lineno;
        int col = tok->extra_tokens ? 0 : -1;
        return Py_BuildValue("(is(ii)(ii)s)", type, "", lineno, col, lineno, col, "");
    }
    PyObject *line = line_of(self, token);
    PyObject *text = text_of(tok, token);
    if (line == NULL || text == NULL) {
        Py_XDECREF(line);
        Py_XDECREF(text);
        return NULL;
    }
    int end_col = token->end_col;
    if (token->type == FSTRING_MIDDLE) {
        // A doubled brace counts once in the text.
        end_col -= (int)(tok->cur - tok->buf - (ptrdiff_t)token->end);
    }
    else if (token->type == NEWLINE && !tok->extra_tokens) {
        end_col--;
    }
    else if ((token->type == NEWLINE || token->type == NL) && token->end - token->start == 2) {
        assert(tok->buf[token->start] == '\r');
    }
    int col = characters(line, token->col);
    end_col = characters(line, end_col);
    if (PyErr_Occurred()) {
        Py_DECREF(line);
        Py_DECREF(text);
        return NULL;
    }
    return Py_BuildValue("(iN(ii)(ii)N)", type, text, token->lineno, col, token->end_lineno,
                         end_col, line);
}

static PyObject *
tokenizeriter_next(tokenizeriterobject *self)
{
    if (self->done || self->tok->done > TOK_EOF) {
        PyErr_SetString(PyExc_StopIteration, "EOF");
        return NULL;
    }
    struct token token;
    _PyTokenizer_Get(self->tok, &token);
    if (token.type == ERRORTOKEN) {
        if (!PyErr_Occurred()) {
            raise_error(self->tok);
        }
        self->done = 1;
        return NULL;
    }
    return token_tuple(self, &token);
}

static const PyType_Slot tokenizeriter_slots[] = {
    {Py_tp_new, tokenizeriter_new},
    {Py_tp_dealloc, tokenizeriter_dealloc},
    {Py_tp_traverse, tokenizeriter_traverse},
    {Py_tp_clear, tokenizeriter_clear},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, tokenizeriter_next},
    {0, NULL},
};

static const PyType_Spec tokenizeriter_spec = {
    .name = "_tokenize.TokenizerIter",
    .basicsize = sizeof(tokenizeriterobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = (PyType_Slot *)tokenizeriter_slots,
};

static int
tokenize_exec(PyObject *module)
{
    tokenize_state *state = PyModule_GetState(module);
    state->TokenizerIter = (PyTypeObject *)PyType_FromModuleAndSpec(
        module, (PyType_Spec *)&tokenizeriter_spec, NULL);
    if (state->TokenizerIter == NULL) {
        return -1;
    }
    return PyModule_AddType(module, state->TokenizerIter);
}

static int
tokenize_traverse(PyObject *module, visitproc visit, void *arg)
{
    tokenize_state *state = PyModule_GetState(module);
    Py_VISIT(state->TokenizerIter);
    return 0;
}

static int
tokenize_clear(PyObject *module)
{
    tokenize_state *state = PyModule_GetState(module);
    Py_CLEAR(state->TokenizerIter);
    return 0;
}

static void
tokenize_free(void *module)
{
    tokenize_clear((PyObject *)module);
}

static const PyModuleDef_Slot tokenize_slots[] = {
    {Py_mod_exec, tokenize_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static _Py_SHARED struct PyModuleDef tokenize_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_tokenize",
    .m_size = sizeof(tokenize_state),
    .m_slots = (PyModuleDef_Slot *)tokenize_slots,
    .m_traverse = tokenize_traverse,
    .m_clear = tokenize_clear,
    .m_free = tokenize_free,
};

PyMODINIT_FUNC
PyInit__tokenize(void)
{
    return PyModuleDef_Init(&tokenize_module);
}
