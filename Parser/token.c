/* Names of tokens and the operators' spelling.  Written from Lib/token.py. */

#include "Python.h"
#include "pycore_token.h"

const char * const _PyParser_TokenNames[N_TOKENS + 1] = {
    "ENDMARKER", "NAME", "NUMBER", "STRING", "NEWLINE", "INDENT", "DEDENT", "LPAR", "RPAR",
    "LSQB", "RSQB", "COLON", "COMMA", "SEMI", "PLUS", "MINUS", "STAR", "SLASH", "VBAR", "AMPER",
    "LESS", "GREATER", "EQUAL", "DOT", "PERCENT", "LBRACE", "RBRACE", "EQEQUAL", "NOTEQUAL",
    "LESSEQUAL", "GREATEREQUAL", "TILDE", "CIRCUMFLEX", "LEFTSHIFT", "RIGHTSHIFT", "DOUBLESTAR",
    "PLUSEQUAL", "MINEQUAL", "STAREQUAL", "SLASHEQUAL", "PERCENTEQUAL", "AMPEREQUAL",
    "VBAREQUAL", "CIRCUMFLEXEQUAL", "LEFTSHIFTEQUAL", "RIGHTSHIFTEQUAL", "DOUBLESTAREQUAL",
    "DOUBLESLASH", "DOUBLESLASHEQUAL", "AT", "ATEQUAL", "RARROW", "ELLIPSIS", "COLONEQUAL",
    "EXCLAMATION", "OP", "AWAIT", "ASYNC", "TYPE_IGNORE", "TYPE_COMMENT", "SOFT_KEYWORD",
    "FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END", "COMMENT", "NL", "<ERRORTOKEN>",
    "<ENCODING>", "<N_TOKENS>",
};

int
_PyToken_OneChar(int c1)
{
    switch (c1) {
    case '!': return EXCLAMATION;
    case '%': return PERCENT;
    case '&': return AMPER;
    case '(': return LPAR;
    case ')': return RPAR;
    case '*': return STAR;
    case '+': return PLUS;
    case ',': return COMMA;
    case '-': return MINUS;
    case '.': return DOT;
    case '/': return SLASH;
    case ':': return COLON;
    case ';': return SEMI;
    case '<': return LESS;
    case '=': return EQUAL;
    case '>': return GREATER;
    case '@': return AT;
    case '[': return LSQB;
    case ']': return RSQB;
    case '^': return CIRCUMFLEX;
    case '{': return LBRACE;
    case '|': return VBAR;
    case '}': return RBRACE;
    case '~': return TILDE;
    }
    return OP;
}

int
_PyToken_TwoChars(int c1, int c2)
{
    if (c2 == '=') {
        switch (c1) {
        case '!': return NOTEQUAL;
        case '%': return PERCENTEQUAL;
        case '&': return AMPEREQUAL;
        case '*': return STAREQUAL;
        case '+': return PLUSEQUAL;
        case '-': return MINEQUAL;
        case '/': return SLASHEQUAL;
        case ':': return COLONEQUAL;
        case '<': return LESSEQUAL;
        case '=': return EQEQUAL;
        case '>': return GREATEREQUAL;
        case '@': return ATEQUAL;
        case '^': return CIRCUMFLEXEQUAL;
        case '|': return VBAREQUAL;
        }
        return OP;
    }
    if (c1 == c2) {
        switch (c1) {
        case '*': return DOUBLESTAR;
        case '/': return DOUBLESLASH;
        case '<': return LEFTSHIFT;
        case '>': return RIGHTSHIFT;
        }
        return OP;
    }
    if (c1 == '-' && c2 == '>') {
        return RARROW;
    }
    return c1 == '<' && c2 == '>' ? NOTEQUAL : OP;
}

int
_PyToken_ThreeChars(int c1, int c2, int c3)
{
    if (c1 == '.' && c2 == '.' && c3 == '.') {
        return ELLIPSIS;
    }
    if (c1 == c2 && c3 == '=') {
        switch (c1) {
        case '*': return DOUBLESTAREQUAL;
        case '/': return DOUBLESLASHEQUAL;
        case '<': return LEFTSHIFTEQUAL;
        case '>': return RIGHTSHIFTEQUAL;
        }
    }
    return OP;
}
