/* Locale-independent character classes of ASCII (Py_ISALPHA and friends). */
#include "Python.h"

#define D (PY_CTF_DIGIT | PY_CTF_XDIGIT)
#define U PY_CTF_UPPER
#define L PY_CTF_LOWER
#define UX (PY_CTF_UPPER | PY_CTF_XDIGIT)
#define LX (PY_CTF_LOWER | PY_CTF_XDIGIT)
#define S PY_CTF_SPACE

const unsigned int _Py_ctype_table[256] = {
    ['\t'] = S, ['\n'] = S, ['\v'] = S, ['\f'] = S, ['\r'] = S, [' '] = S,
    ['0' ... '9'] = D,
    ['A' ... 'F'] = UX, ['G' ... 'Z'] = U,
    ['a' ... 'f'] = LX, ['g' ... 'z'] = L,
};

#define ROW8(n) (n), (n) + 1, (n) + 2, (n) + 3, (n) + 4, (n) + 5, (n) + 6, (n) + 7
#define ROW32(n) ROW8(n), ROW8((n) + 8), ROW8((n) + 16), ROW8((n) + 24)
#define LETTERS(n) ROW8(n), ROW8((n) + 8), ROW8((n) + 16), (n) + 24, (n) + 25

const unsigned char _Py_ctype_tolower[256] = {
    ROW32(0), ROW32(32), '@', LETTERS('a'), '[', '\\', ']', '^', '_', ROW32(96),
    ROW32(128), ROW32(160), ROW32(192), ROW32(224),
};

const unsigned char _Py_ctype_toupper[256] = {
    ROW32(0), ROW32(32), ROW32(64), '`', LETTERS('A'), '{', '|', '}', '~', 127,
    ROW32(128), ROW32(160), ROW32(192), ROW32(224),
};

/* White space of str among ASCII: also the separators U+001C..U+001F. */
const unsigned char _Py_ascii_whitespace[128] = {
    ['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1, ['\r'] = 1,
    [0x1c] = 1, [0x1d] = 1, [0x1e] = 1, [0x1f] = 1, [' '] = 1,
};
