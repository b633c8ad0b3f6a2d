/* The tokenizer: from lines of UTF-8 to tokens.

   Glossary.  *Text*: all lines read so far, in one buffer that may move when it grows, so tokens
   hold offsets into it.  *Line*: what lies between line_start and line_end; it ends with '\n',
   which is a sentinel for every scanning loop.  What a readline callable returns is one line,
   even with more newlines in it.  *Mode*: regular, or inside the literal part of an
   f-string; f-strings nest, so modes are a stack.  *Level*: number of open brackets. */

#ifndef Py_TOKENIZER_H
#define Py_TOKENIZER_H

#include "pycore_token.h"           // NAME, ...

#include <stdint.h>
#include <stdio.h>                  // FILE

enum {
    TOK_MAX_INDENT = 100,           // open blocks
    TOK_MAX_LEVEL = 200,            // open brackets
    TOK_MAX_FSTRINGS = 150,         // f-strings within each other, and the outermost mode
    TOK_MAX_FIELDS = 3,             // replacement fields within format specifications
    TOK_TAB = 8,                    // a tab moves to the next multiple
};

/* Why there are no more tokens. */
enum tok_done {
    TOK_OK = 0,
    TOK_EOF,                        // the text ended; ENDMARKER was or will be given
    TOK_RAISED,                     // an exception is set
    TOK_RAISED_EOF,                 // the same, since the text ended within a string
    TOK_EOF_CONTINUED,              // after a backslash at the end of the text
    TOK_BAD_DEDENT,                 // the next four are for the parser to word
    TOK_BAD_TABS,
    TOK_TOO_DEEP,
    TOK_BAD_CONTINUATION,           // something other than a newline after a backslash
};

struct token {
    uint8_t type;                   // a token number or enum keyword
    int level;                      // open brackets after the token
    int lineno, end_lineno;         // from 1
    int col, end_col;               // bytes from the line's start; -1: a token without text
    size_t start, end;              // its text; start == end for a token without text
};

/* One f-string that is being read. */
struct fstring_mode {
    char quote;
    uint8_t quote_size;             // 1 or 3
    uint8_t raw;
    uint8_t in_literal;             // reading literal text, not an expression
    uint8_t fields;                 // open replacement fields; above 1: inside specifications
    uint8_t in_spec;                // the literal text is a format specification
    uint8_t field_next;             // the brace at hand opens a field, even if another follows
    int field_level[TOK_MAX_FIELDS + 1];    // level inside each open field
    size_t start;                   // of the FSTRING_START token
    size_t line_start;              // of the line with it
    int lineno;
};

struct tokenizer {
    /* Text. */
    char *buf;                      // owned
    size_t size, allocated;         // bytes in buf, not counting two reserved ones at the end
    char *cur;                      // next character
    char *line_start, *line_end;    // current line
    size_t logical_line;            // where messages say the current line begins
    char *multi_line_start;         // line where the current string token began
    int lineno;                     // of the current line; 0 before the first
    int first_lineno;               // where the current string token began
    int implicit_newline;           // the last line got its newline from us
    PyObject *unreadable;           // owned; the exception behind the last line, or NULL
    enum tok_done done;

    /* Where more lines come from; all NULL for text that is complete. */
    FILE *fp;
    const char *ps1, *ps2;          // prompts; not NULL for interactive input
    int prompt_ended;               // input at the prompt ended behind a text
    PyObject *readline;             // owned; gives lines as str, or bytes if encoding is set
    char *encoding;                 // owned; NULL: UTF-8

    int byte_columns;               // bytes without declaration: errors count bytes, as in 3.12
    PyObject *filename;             // owned; NULL: "<string>"

    /* Layout. */
    int at_line_start;              // the next token needs its indentation measured
    int pending;                    // INDENT (> 0) or DEDENT (< 0) tokens to give
    int blank_line;                 // the current line has no token of its own
    int indent;                     // index in the stacks
    int columns[TOK_MAX_INDENT];    // with tabs to multiples of 8
    int alt_columns[TOK_MAX_INDENT];    // with tabs as 1: both must agree
    int level;
    char brackets[TOK_MAX_LEVEL];
    int bracket_linenos[TOK_MAX_LEVEL];
    int bracket_cols[TOK_MAX_LEVEL];

    /* f-strings. */
    int nmodes;                     // f-strings in `modes`; 0 outside of all
    int modes_allocated;
    struct fstring_mode *modes;     // owned; innermost last

    /* Settings. */
    int type_comments;              // give TYPE_COMMENT and TYPE_IGNORE
    int extra_tokens;               // give COMMENT and NL, keep \r\n
};

/* Sources.  All return NULL with an exception on failure. */
struct tokenizer *_PyTokenizer_FromUTF8(const char *str, int exec_input);
struct tokenizer *_PyTokenizer_FromString(const char *str, int exec_input);
struct tokenizer *_PyTokenizer_FromFile(FILE *fp, const char *enc, const char *ps1,
                                        const char *ps2, PyObject *filename);
struct tokenizer *_PyTokenizer_FromReadline(PyObject *readline, const char *enc,
                                            int extra_tokens);
void _PyTokenizer_Free(struct tokenizer *tok);

/* The next token.  ERRORTOKEN when tok->done says so: TOK_RAISED with an exception set, the
   others without.  ENDMARKER is given again and again at the end. */
void _PyTokenizer_Get(struct tokenizer *tok, struct token *token);

/* Makes the next line current: 1, 0 at the end (tok->done is set), -1 with an exception. */
int _PyTokenizer_NextLine(struct tokenizer *tok);

/* Raises a SyntaxError at the current place, or at columns (from 1, in bytes; -1 current) of the
   current line.  Always returns ERRORTOKEN. */
int _PyTokenizer_Error(struct tokenizer *tok, const char *format, ...);
int _PyTokenizer_ErrorAt(struct tokenizer *tok, int col, int end_col, const char *format, ...);

/* SyntaxWarning, or the SyntaxError it was turned into: 0 or -1. */
int _PyTokenizer_Warn(struct tokenizer *tok, PyObject *category, const char *format, ...);

/* Scans a number that begins at start, where tok->cur is past its first character.
   NUMBER, or ERRORTOKEN. */
int _PyTokenizer_Number(struct tokenizer *tok);

static inline int
tok_is_interactive(struct tokenizer *tok)
{
    return tok->ps1 != NULL;
}

static inline int
is_identifier_start(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 128;
}

static inline int
is_identifier_char(int c)
{
    return is_identifier_start(c) || (c >= '0' && c <= '9');
}

#endif  /* !Py_TOKENIZER_H */
