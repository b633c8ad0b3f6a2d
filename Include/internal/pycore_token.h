/* Token numbers, as Lib/token.py publishes them. */

#ifndef Py_INTERNAL_TOKEN_H
#define Py_INTERNAL_TOKEN_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#define ENDMARKER        0
#define NAME             1
#define NUMBER           2
#define STRING           3
#define NEWLINE          4
#define INDENT           5
#define DEDENT           6
#define LPAR             7
#define RPAR             8
#define LSQB             9
#define RSQB            10
#define COLON           11
#define COMMA           12
#define SEMI            13
#define PLUS            14
#define MINUS           15
#define STAR            16
#define SLASH           17
#define VBAR            18
#define AMPER           19
#define LESS            20
#define GREATER         21
#define EQUAL           22
#define DOT             23
#define PERCENT         24
#define LBRACE          25
#define RBRACE          26
#define EQEQUAL         27
#define NOTEQUAL        28
#define LESSEQUAL       29
#define GREATEREQUAL    30
#define TILDE           31
#define CIRCUMFLEX      32
#define LEFTSHIFT       33
#define RIGHTSHIFT      34
#define DOUBLESTAR      35
#define PLUSEQUAL       36
#define MINEQUAL        37
#define STAREQUAL       38
#define SLASHEQUAL      39
#define PERCENTEQUAL    40
#define AMPEREQUAL      41
#define VBAREQUAL       42
#define CIRCUMFLEXEQUAL 43
#define LEFTSHIFTEQUAL  44
#define RIGHTSHIFTEQUAL 45
#define DOUBLESTAREQUAL 46
#define DOUBLESLASH     47
#define DOUBLESLASHEQUAL 48
#define AT              49
#define ATEQUAL         50
#define RARROW          51
#define ELLIPSIS        52
#define COLONEQUAL      53
#define EXCLAMATION     54
#define OP              55
#define AWAIT           56
#define ASYNC           57
#define TYPE_IGNORE     58
#define TYPE_COMMENT    59
#define SOFT_KEYWORD    60
#define FSTRING_START   61
#define FSTRING_MIDDLE  62
#define FSTRING_END     63
#define COMMENT         64
#define NL              65
#define ERRORTOKEN      66
#define N_TOKENS        68
#define NT_OFFSET      256

/* Keywords are token types of their own inside the front end; outside they are NAMEs.
   In alphabet order within the first letter: the lexer's lookup relies on nothing else. */
enum keyword {
    KW_FALSE = 100, KW_NONE, KW_TRUE, KW_AND, KW_AS, KW_ASSERT, KW_ASYNC, KW_AWAIT, KW_BREAK,
    KW_CLASS, KW_CONTINUE, KW_DEF, KW_DEL, KW_ELIF, KW_ELSE, KW_EXCEPT, KW_FINALLY, KW_FOR,
    KW_FROM, KW_GLOBAL, KW_IF, KW_IMPORT, KW_IN, KW_IS, KW_LAMBDA, KW_NONLOCAL, KW_NOT, KW_OR,
    KW_PASS, KW_RAISE, KW_RETURN, KW_TRY, KW_WHILE, KW_WITH, KW_YIELD,
    KW_LAST = KW_YIELD
};

/* Names by number; the last is "<N_TOKENS>". */
PyAPI_DATA(const char * const) _PyParser_TokenNames[N_TOKENS + 1];

/* The operator made of these characters, OP if there is none. */
PyAPI_FUNC(int) _PyToken_OneChar(int c1);
PyAPI_FUNC(int) _PyToken_TwoChars(int c1, int c2);
PyAPI_FUNC(int) _PyToken_ThreeChars(int c1, int c2, int c3);

#endif  /* !Py_INTERNAL_TOKEN_H */
