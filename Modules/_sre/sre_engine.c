/* The matching engine: backtracking with a stack on the heap.
 *
 * The machine has four registers: pc (code), pos (subject), rep (innermost repetition) and frame
 * (innermost part that is matched on its own: lookaround, atomic group).  Its stack holds entries
 * of three sorts.  Alternatives say where to go on when what follows fails, with the values of the
 * registers.  Undo entries hold the value of a mark before it was set; they are put back on the
 * way down.  Counters are links of repetitions: a repetition that is begun or goes round again
 * pushes a new counter with a link to its outer repetition, and never changes an old one, so an
 * alternative need only remember `rep`, an index of the stack, to see all counts as they were.
 *
 * Invariants: frame is the index of the topmost ENTRY of sort "frame", or -1; counters that rep
 * reaches lie below the top; a successful part on its own drops everything above its frame but the
 * undo entries (cut), and rep is then what it was when the part began.  A failed attempt leaves an
 * empty stack and all marks unset.
 *
 * The code for the three widths of characters is made from sre_match.h.
 *
 * Written from the re chapter of the library reference, re/_compiler.py and observation.
 */
#include "sre.h"

#include <ctype.h>      // tolower()

/* Entries, with the use of their fields */
enum {
    ENTRY_UNDO,         /* pc: number of the mark, pos: its value, n: lastindex */
    ENTRY_COUNTER,      /* n: rounds completed, pos: where the last round began, rep: outer one */
    ENTRY_CHOICE,       /* pc, pos, rep: go on there */
    ENTRY_BRANCH,       /* pc: skip word of the next alternative */
    ENTRY_GREEDY,       /* pc: behind a repeated character, pos: end, n: can give back */
    ENTRY_LAZY,         /* pc: opcode of a repeated character, pos: end, n: how many it has */
    ENTRY_AGAIN,        /* pc: MIN_UNTIL, another round */
    /* frames: pc: opcode, pos and rep at the beginning, n: outer frame */
    ENTRY_ASSERT,
    ENTRY_ASSERT_NOT,
    ENTRY_ATOMIC,
    ENTRY_POSSESSIVE,   /* count: rounds completed; pos: where this round began */
};

/* ------------------------------------------------------------------------------- characters */

Py_UCS4
_PySre_AsciiLower(Py_UCS4 ch)
{
    return ch - 'A' < 26u ? ch + 32 : ch;
}

static inline Py_UCS4
locale_lower(Py_UCS4 ch)
{
    return ch < 256 ? (Py_UCS4)tolower((int)ch) : ch;
}

static inline Py_UCS4
locale_upper(Py_UCS4 ch)
{
    return ch < 256 ? (Py_UCS4)toupper((int)ch) : ch;
}

static inline bool
ascii_word(Py_UCS4 ch)
{
    return ch - '0' < 10u || (ch | 32) - 'a' < 26u || ch == '_';
}

static inline bool
locale_word(Py_UCS4 ch)
{
    return (ch < 256 && isalnum((int)ch)) || ch == '_';
}

static inline bool
unicode_word(Py_UCS4 ch)
{
    return ch < 128 ? ascii_word(ch) : Py_UNICODE_ISALNUM(ch);
}

static bool
in_category(sre_code category, Py_UCS4 ch)
{
    assert(category < SRE_CATEGORY_COUNT);
    bool yes;
    switch (category & ~(sre_code)1) {
    case SRE_CATEGORY_DIGIT:
        yes = ch - '0' < 10u;
        break;
    case SRE_CATEGORY_SPACE:
        yes = ch == ' ' || ch - '\t' < 5u;
        break;
    case SRE_CATEGORY_WORD:
        yes = ascii_word(ch);
        break;
    case SRE_CATEGORY_LINEBREAK:
        yes = ch == '\n';
        break;
    case SRE_CATEGORY_LOC_WORD:
        yes = locale_word(ch);
        break;
    case SRE_CATEGORY_UNI_DIGIT:
        yes = Py_UNICODE_ISDECIMAL(ch);
        break;
    case SRE_CATEGORY_UNI_SPACE:
        yes = Py_UNICODE_ISSPACE(ch);
        break;
    case SRE_CATEGORY_UNI_WORD:
        yes = unicode_word(ch);
        break;
    case SRE_CATEGORY_UNI_LINEBREAK:
        yes = Py_UNICODE_ISLINEBREAK(ch);
        break;
    default:
        Py_UNREACHABLE();
    }
    return yes != (category & 1);
}

static inline bool
in_bitmap(const sre_code *bitmap, Py_UCS4 ch)
{
    return (bitmap[ch >> 5 & 7] >> (ch & 31)) & 1;
}

static bool
in_set(const sre_code *set, Py_UCS4 ch)
{
    bool hit = true;
    for (;;) {
        switch (*set++) {
        case SRE_FAILURE:
            return !hit;
        case SRE_NEGATE:
            hit = !hit;
            break;
        case SRE_LITERAL:
            if (ch == set[0]) {
                return hit;
            }
            set++;
            break;
        case SRE_RANGE:
            if (set[0] <= ch && ch <= set[1]) {
                return hit;
            }
            set += 2;
            break;
        case SRE_RANGE_UNI_IGNORE: {
            Py_UCS4 upper = Py_UNICODE_TOUPPER(ch);
            if ((set[0] <= ch && ch <= set[1]) || (set[0] <= upper && upper <= set[1])) {
                return hit;
            }
            set += 2;
            break;
        }
        case SRE_CATEGORY:
            if (in_category(set[0], ch)) {
                return hit;
            }
            set++;
            break;
        case SRE_CHARSET:
            if (ch < 256 && in_bitmap(set, ch)) {
                return hit;
            }
            set += SRE_BITMAP_WORDS;
            break;
        case SRE_BIGCHARSET: {
            sre_code blocks = *set++;
            if (ch < 65536) {
                sre_code number = ((const unsigned char *)set)[ch >> 8];
                assert(number < blocks);
                if (in_bitmap(set + SRE_BLOCKMAP_WORDS + number * SRE_BITMAP_WORDS, ch)) {
                    return hit;
                }
            }
            set += SRE_BLOCKMAP_WORDS + (size_t)blocks * SRE_BITMAP_WORDS;
            break;
        }
        default:
            Py_UNREACHABLE();
        }
    }
}

static bool
in_locale_set(const sre_code *set, Py_UCS4 ch)
{
    Py_UCS4 lower = locale_lower(ch);
    if (in_set(set, lower)) {
        return true;
    }
    Py_UCS4 upper = locale_upper(ch);
    return upper != lower && in_set(set, upper);
}

static inline bool
same_in_locale(sre_code literal, Py_UCS4 ch)
{
    return ch == literal || locale_lower(ch) == literal || locale_upper(ch) == literal;
}

/* Does the opcode for one character match it? */
static bool
unit_matches(const sre_code *code, Py_UCS4 ch)
{
    switch (code[0]) {
    case SRE_ANY:
        return ch != '\n';
    case SRE_ANY_ALL:
        return true;
    case SRE_LITERAL:
        return ch == code[1];
    case SRE_NOT_LITERAL:
        return ch != code[1];
    case SRE_LITERAL_IGNORE:
        return _PySre_AsciiLower(ch) == code[1];
    case SRE_NOT_LITERAL_IGNORE:
        return _PySre_AsciiLower(ch) != code[1];
    case SRE_LITERAL_UNI_IGNORE:
        return Py_UNICODE_TOLOWER(ch) == code[1];
    case SRE_NOT_LITERAL_UNI_IGNORE:
        return Py_UNICODE_TOLOWER(ch) != code[1];
    case SRE_LITERAL_LOC_IGNORE:
        return same_in_locale(code[1], ch);
    case SRE_NOT_LITERAL_LOC_IGNORE:
        return !same_in_locale(code[1], ch);
    case SRE_CATEGORY:
        return in_category(code[1], ch);
    case SRE_IN:
        return in_set(code + 2, ch);
    case SRE_IN_IGNORE:
        return in_set(code + 2, _PySre_AsciiLower(ch));
    case SRE_IN_UNI_IGNORE:
        return in_set(code + 2, Py_UNICODE_TOLOWER(ch));
    case SRE_IN_LOC_IGNORE:
        return in_locale_set(code + 2, ch);
    default:
        Py_UNREACHABLE();
    }
}

/* How a back reference compares characters */
static inline Py_UCS4
folded(sre_code op, Py_UCS4 ch)
{
    switch (op) {
    case SRE_GROUPREF_IGNORE:
        return _PySre_AsciiLower(ch);
    case SRE_GROUPREF_UNI_IGNORE:
        return Py_UNICODE_TOLOWER(ch);
    case SRE_GROUPREF_LOC_IGNORE:
        return locale_lower(ch);
    default:
        assert(op == SRE_GROUPREF);
        return ch;
    }
}

/* ------------------------------------------------------------------------------- the stack */

static int
grow(sre_state *s)
{
    Py_ssize_t capacity = s->capacity == 0 ? 64 : s->capacity * 2;
    if (capacity > PY_SSIZE_T_MAX / 2 / (Py_ssize_t)sizeof(sre_entry)) {
        PyErr_NoMemory();
        return -1;
    }
    sre_entry *stack = PyMem_Realloc(s->stack, (size_t)capacity * sizeof(sre_entry));
    if (stack == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    s->stack = stack;
    s->capacity = capacity;
    return 0;
}

static inline int
push(sre_state *s, uint32_t kind, size_t pc, Py_ssize_t pos, Py_ssize_t rep, Py_ssize_t n,
     Py_ssize_t count)
{
    if (s->top == s->capacity && grow(s) < 0) {
        return -1;
    }
    assert(pc <= UINT32_MAX);
    s->stack[s->top++] = (sre_entry){kind, (uint32_t)pc, pos, rep, n, count};
    return 0;
}

/* Sets a mark so that it can be taken back. */
static inline int
set_mark(sre_state *s, sre_code mark, Py_ssize_t pos)
{
    assert((Py_ssize_t)mark < s->nmarks);
    if (push(s, ENTRY_UNDO, mark, s->marks[mark], 0, s->lastindex, 0) < 0) {
        return -1;
    }
    s->marks[mark] = pos;
    if (mark & 1) {
        s->lastindex = mark / 2 + 1;
    }
    return 0;
}

static inline void
undo(sre_state *s, const sre_entry *e)
{
    assert(e->kind == ENTRY_UNDO && (Py_ssize_t)e->pc < s->nmarks);
    s->marks[e->pc] = e->pos;
    s->lastindex = e->n;
}

/* Drops the entries from `base` on, but for the undo entries. */
static void
cut(sre_state *s, Py_ssize_t base)
{
    assert(0 <= base && base < s->top);
    Py_ssize_t to = base;
    for (Py_ssize_t i = base; i < s->top; i++) {
        if (s->stack[i].kind == ENTRY_UNDO) {
            s->stack[to++] = s->stack[i];
        }
    }
    s->top = to;
}

/* Drops the entries from `base` on and takes back the marks set since. */
static void
unwind(sre_state *s, Py_ssize_t base)
{
    assert(0 <= base && base <= s->top);
    while (s->top > base) {
        const sre_entry *e = &s->stack[--s->top];
        if (e->kind == ENTRY_UNDO) {
            undo(s, e);
        }
    }
}

static inline Py_ssize_t
limited(sre_code max, Py_ssize_t available)
{
    return max == SRE_MAXREPEAT || available < (Py_ssize_t)max ? available : (Py_ssize_t)max;
}

#define UNIT Py_UCS1
#define NAME(X) X ## _1
#include "sre_match.h"
#undef UNIT
#undef NAME

#define UNIT Py_UCS2
#define NAME(X) X ## _2
#include "sre_match.h"
#undef UNIT
#undef NAME

#define UNIT Py_UCS4
#define NAME(X) X ## _4
#include "sre_match.h"
#undef UNIT
#undef NAME

/* ------------------------------------------------------------------------------- entry */

static void
reset(sre_state *s)
{
    s->top = 0;
    s->lastindex = -1;
    for (Py_ssize_t i = 0; i < s->nmarks; i++) {
        s->marks[i] = -1;
    }
}

int
_PySre_Match(sre_state *s)
{
    assert(s->start >= 0);
    reset(s);
    switch (s->kind) {
    case 1:
        return attempt_1(s, s->start);
    case 2:
        return attempt_2(s, s->start);
    default:
        assert(s->kind == 4);
        return attempt_4(s, s->start);
    }
}

int
_PySre_Search(sre_state *s)
{
    assert(s->start >= 0);
    reset(s);
    switch (s->kind) {
    case 1:
        return search_1(s);
    case 2:
        return search_2(s);
    default:
        assert(s->kind == 4);
        return search_4(s);
    }
}
