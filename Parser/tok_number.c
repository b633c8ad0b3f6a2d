/* Scanning of numeric literals.  Written from the lexical analysis chapter of the reference;
   messages as observed.  Every loop stops at the newline that ends the line. */

#include "Python.h"
#include "tokenizer.h"

#include <string.h>

static inline int
is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* A keyword may follow a number directly; that gets a warning.  Else a letter is an error. */
static int
check_end(struct tokenizer *tok, const char *kind)
{
    static const char * const keywords[] = {"if", "in", "is", "and", "else", "for", "not", "or"};
    char *p = tok->cur;
    if (tok->extra_tokens || (unsigned char)*p >= 128 || !is_identifier_char((unsigned char)*p)) {
        return 0;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(keywords); i++) {
        size_t n = strlen(keywords[i]);
        // Those with "i" are not looked at to their end: "1ifx" warns, and fails to parse.
        if (strncmp(p, keywords[i], n) == 0
            && (i < 3 || !is_identifier_char((unsigned char)p[n])))
        {
            tok->cur++;
            int err = _PyTokenizer_Warn(tok, PyExc_SyntaxWarning, "invalid %s literal", kind);
            tok->cur = p;
            return err;
        }
    }
    _PyTokenizer_Error(tok, "invalid %s literal", kind);
    return -1;
}

/* Digits with single underscores between: 1, or 0 with an exception. */
static int
decimal_tail(struct tokenizer *tok)
{
    for (;;) {
        while (is_digit((unsigned char)*tok->cur)) {
            tok->cur++;
        }
        if (*tok->cur != '_') {
            return 1;
        }
        tok->cur++;
        if (!is_digit((unsigned char)*tok->cur)) {
            _PyTokenizer_Error(tok, "invalid decimal literal");
            return 0;
        }
    }
}

static int
is_radix_digit(int c, int radix)
{
    if (radix == 16) {
        return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }
    return c >= '0' && c < '0' + radix;
}

/* After 0x, 0o or 0b: cur is at the letter. */
static int
radix_number(struct tokenizer *tok, int radix, const char *kind)
{
    tok->cur++;
    do {
        if (*tok->cur == '_') {
            tok->cur++;
        }
        int c = (unsigned char)*tok->cur;
        if (!is_radix_digit(c, radix)) {
            if (is_digit(c)) {
                tok->cur++;
                return _PyTokenizer_Error(tok, "invalid digit '%c' in %s literal", c, kind);
            }
            return _PyTokenizer_Error(tok, "invalid %s literal", kind);
        }
        while (is_radix_digit((unsigned char)*tok->cur, radix)) {
            tok->cur++;
        }
    } while (*tok->cur == '_');
    int c = (unsigned char)*tok->cur;
    if (is_digit(c)) {
        tok->cur++;
        return _PyTokenizer_Error(tok, "invalid digit '%c' in %s literal", c, kind);
    }
    return check_end(tok, kind) < 0 ? ERRORTOKEN : NUMBER;
}

/* At an exponent letter or "j", or at the end.  A letter e without digits is no exponent. */
static int
exponent_and_suffix(struct tokenizer *tok)
{
    if (*tok->cur == 'e' || *tok->cur == 'E') {
        char *letter = tok->cur;
        char *p = letter + 1;
        if (*p == '+' || *p == '-') {
            p++;
            if (!is_digit((unsigned char)*p)) {
                tok->cur = p;
                return _PyTokenizer_Error(tok, "invalid decimal literal");
            }
        }
        if (!is_digit((unsigned char)*p)) {
            return check_end(tok, "decimal") < 0 ? ERRORTOKEN : NUMBER;
        }
        tok->cur = p;
        if (!decimal_tail(tok)) {
            return ERRORTOKEN;
        }
    }
    if (*tok->cur == 'j' || *tok->cur == 'J') {
        tok->cur++;
        return check_end(tok, "imaginary") < 0 ? ERRORTOKEN : NUMBER;
    }
    return check_end(tok, "decimal") < 0 ? ERRORTOKEN : NUMBER;
}

/* At the character after a point. */
static int
fraction(struct tokenizer *tok)
{
    if (is_digit((unsigned char)*tok->cur) && !decimal_tail(tok)) {
        return ERRORTOKEN;
    }
    return exponent_and_suffix(tok);
}

/* After a first digit 0: zeros, perhaps a float, never another decimal integer. */
static int
zero_number(struct tokenizer *tok)
{
    const char *start = tok->cur - 1;
    int c = (unsigned char)*tok->cur;
    switch (c) {
    case 'x': case 'X': return radix_number(tok, 16, "hexadecimal");
    case 'o': case 'O': return radix_number(tok, 8, "octal");
    case 'b': case 'B': return radix_number(tok, 2, "binary");
    }
    for (;;) {
        if (*tok->cur == '_') {
            tok->cur++;
            if (!is_digit((unsigned char)*tok->cur)) {
                return _PyTokenizer_Error(tok, "invalid decimal literal");
            }
        }
        if (*tok->cur != '0') {
            break;
        }
        tok->cur++;
    }
    const char *zeros_end = tok->cur;
    int nonzero = is_digit((unsigned char)*tok->cur);
    if (nonzero && !decimal_tail(tok)) {
        return ERRORTOKEN;
    }
    c = (unsigned char)*tok->cur;
    if (c == '.') {
        tok->cur++;
        return fraction(tok);
    }
    if (c == 'e' || c == 'E' || c == 'j' || c == 'J') {
        return exponent_and_suffix(tok);
    }
    if (nonzero && !tok->extra_tokens) {
        return _PyTokenizer_ErrorAt(tok, (int)(start - tok->line_start) + 1,
                                    (int)(zeros_end - tok->line_start) + 1,
                                    "leading zeros in decimal integer literals are not permitted; "
                                    "use an 0o prefix for octal integers");
    }
    return check_end(tok, "decimal") < 0 ? ERRORTOKEN : NUMBER;
}

int
_PyTokenizer_Number(struct tokenizer *tok)
{
    int first = (unsigned char)tok->cur[-1];
    assert(is_digit(first) || first == '.');
    if (first == '.') {
        return fraction(tok);
    }
    if (first == '0') {
        return zero_number(tok);
    }
    if (!decimal_tail(tok)) {
        return ERRORTOKEN;
    }
    if (*tok->cur == '.') {
        tok->cur++;
        return fraction(tok);
    }
    return exponent_and_suffix(tok);
}
