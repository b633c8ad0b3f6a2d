/* unicodedata: names of characters, from the tables of Tools/unicode/generate_names.py.
 *
 * A name is stored as numbers of words.  A code point leads to a block of 32 and there, by the
 * number of named code points below it, to its name.  The other way a perfect hash gives the one
 * ordinal that a name can have; that name is spelled and compared.  Names of Hangul syllables and
 * unified ideographs follow rules (The Unicode Standard, section 4.8) and are not stored.
 *
 * As in 3.12, stored names are found in either case, those that follow rules in capitals only, and
 * Tangut ideographs have no names.
 */
#include "unicodedata.h"

struct name_block {
    unsigned int mask;          /* which of the 32 code points have a stored name */
    unsigned short first;       /* the ordinal of the first of them */
    unsigned int offset;        /* where its name begins in name_bytes */
};

struct code_range {
    Py_UCS4 first, last;
};

#include "unicodename_db.h"

#define BLOCK 32                /* code points of a block, ordinals of a name_other entry */
#define FIRST_SEQUENCE (NAME_CHARS + NAME_ALIASES)

_Static_assert(SEQUENCE_LONGEST <= UCD_SEQUENCE_LONGEST, "room for named sequences");

static const char ideograph_prefix[] = "CJK UNIFIED IDEOGRAPH-";
static const char syllable_prefix[] = "HANGUL SYLLABLE ";

/* --- Spelling --------------------------------------------------------------------------------- */

/* A name under construction: what does not fit is counted only. */
struct spelling {
    char *buffer;
    size_t size, length;
};

static inline void
add_char(struct spelling *s, char c)
{
    if (s->length < s->size) {
        s->buffer[s->length] = c;
    }
    s->length++;
}

static void
add_text(struct spelling *s, const char *text)
{
    while (*text != '\0') {
        add_char(s, *text++);
    }
}

/* The code point as names have it: at least four digits. */
static void
add_code(struct spelling *s, Py_UCS4 ch)
{
    char digits[12];
    snprintf(digits, sizeof(digits), "%04X", (unsigned int)ch);
    add_text(s, digits);
}

static void
add_word(struct spelling *s, int word, Py_UCS4 ch)
{
    if (word == 0) {
        add_code(s, ch);
        return;
    }
    assert((size_t)word / 16 < Py_ARRAY_LENGTH(word_starts));
    const unsigned char *p = word_text + word_starts[word / 16];
    for (int skip = word % 16; skip > 0; skip--) {
        while (*p++ < 0x80) {
        }
    }
    if (s->length > 0 && (*p & 0x7f) != ' ' && (*p & 0x7f) != '-') {
        add_char(s, ' ');
    }
    for (; *p < 0x80; p++) {
        add_char(s, (char)*p);
    }
    add_char(s, (char)(*p & 0x7f));
}

/* Spell the name stored at p. */
static void
spell(struct spelling *s, const unsigned char *p, Py_UCS4 ch)
{
    const unsigned char *end = p + 1 + *p;
    for (p++; p < end; p++) {
        int word = *p;
        if (word >= NAME_ONE_BYTE) {
            word = NAME_ONE_BYTE + (word - NAME_ONE_BYTE) * 256 + *++p;
        }
        add_word(s, word, ch);
    }
    assert(p == end);
}

static const unsigned char *
skip_names(unsigned int offset, int count)
{
    const unsigned char *p = name_bytes + offset;
    for (; count > 0; count--) {
        p += 1 + *p;
    }
    assert(p < name_bytes + Py_ARRAY_LENGTH(name_bytes));
    return p;
}

/* The stored name of ch, or NULL. */
static const unsigned char *
stored_name(Py_UCS4 ch)
{
    if (ch >= 0x110000) {
        return NULL;
    }
    Py_UCS4 number = ch / BLOCK;
    const struct name_block *block =
        &name_blocks[name_index2[name_index1[number / 16] * 16 + number % 16]];
    unsigned int bit = 1u << ch % BLOCK;
    if (!(block->mask & bit)) {
        return NULL;
    }
    return skip_names(block->offset, __builtin_popcount(block->mask & (bit - 1)));
}

static bool
is_ideograph(Py_UCS4 ch)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(ideograph_ranges); i++) {
        if (ch >= ideograph_ranges[i].first && ch <= ideograph_ranges[i].last) {
            return true;
        }
    }
    return false;
}

bool
_PyUCD_GetName(Py_UCS4 ch, bool old, char *buffer, size_t size)
{
    struct spelling s = {buffer, size, 0};
    const unsigned char *stored;
    if (old && _PyUCD_Record(ch)->old_category == 0) {
        return false;
    }
    if (ch >= HANGUL_S && ch < HANGUL_S + HANGUL_COUNT) {
        int index = (int)(ch - HANGUL_S);
        add_text(&s, syllable_prefix);
        add_text(&s, leading_jamo[index / (HANGUL_VS * HANGUL_TS)]);
        add_text(&s, vowel_jamo[index / HANGUL_TS % HANGUL_VS]);
        add_text(&s, trailing_jamo[index % HANGUL_TS]);
    }
    else if (is_ideograph(ch)) {
        add_text(&s, ideograph_prefix);
        add_code(&s, ch);
    }
    else if ((stored = stored_name(ch)) != NULL) {
        spell(&s, stored, ch);
    }
    else {
        return false;
    }
    add_char(&s, '\0');
    return s.length <= size;
}

/* --- Finding ---------------------------------------------------------------------------------- */

/* FNV-1a, its result mixed once more: must give what fnv1a() of the generator gives. */
static uint64_t
hash_name(const char *name, size_t n)
{
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ (unsigned char)Py_TOUPPER(name[i])) * 0x100000001b3;
    }
    h ^= h >> 29;
    return h * 0xbf58476d1ce4e5b9;
}

/* The only ordinal whose name can be this one, or NO_ORDINAL. */
static int
ordinal_of(const char *name, size_t n)
{
    uint64_t h = hash_name(name, n);
    uint64_t step = hash_steps[(h >> 40) % Py_ARRAY_LENGTH(hash_steps)];
    uint64_t middle = (h >> 20 & 0x3fff) + 1;
    return hash_slots[((h & 0xffffffff) + step * middle) % Py_ARRAY_LENGTH(hash_slots)];
}

/* The code point of the character with an ordinal. */
static Py_UCS4
char_of(int ordinal)
{
    size_t low = 1, high = Py_ARRAY_LENGTH(name_blocks);
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (name_blocks[mid].first <= ordinal) {
            low = mid;
        }
        else {
            high = mid;
        }
    }
    unsigned int mask = name_blocks[low].mask;
    for (int skip = ordinal - name_blocks[low].first; skip > 0; skip--) {
        mask &= mask - 1;
    }
    assert(mask != 0);
    return (Py_UCS4)block_numbers[low] * BLOCK + (Py_UCS4)__builtin_ctz(mask);
}

static bool
same_name(const struct spelling *s, const char *name, size_t n)
{
    if (s->length != n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if ((char)Py_TOUPPER(name[i]) != s->buffer[i]) {
            return false;
        }
    }
    return true;
}

static int
find_stored(const char *name, size_t n, bool old, bool sequences, Py_UCS4 *chars)
{
    char buffer[NAME_LONGEST];
    struct spelling s = {buffer, sizeof(buffer), 0};
    int ordinal = ordinal_of(name, n);
    if (ordinal == NO_ORDINAL) {
        return 0;
    }
    if (ordinal < NAME_CHARS) {
        *chars = char_of(ordinal);
        spell(&s, stored_name(*chars), *chars);
        return same_name(&s, name, n) && !(old && _PyUCD_Record(*chars)->old_category == 0);
    }
    if (old || (ordinal >= FIRST_SEQUENCE && !sequences)) {
        return 0;
    }
    int other = ordinal - NAME_CHARS;
    spell(&s, skip_names(name_other[other / BLOCK], other % BLOCK), 0);
    if (!same_name(&s, name, n)) {
        return 0;
    }
    if (ordinal < FIRST_SEQUENCE) {
        *chars = alias_codes[other];
        return 1;
    }
    assert(ordinal - FIRST_SEQUENCE < NAME_SEQUENCES);
    const unsigned int *sequence = &sequence_data[sequence_starts[ordinal - FIRST_SEQUENCE]];
    int length = (int)*sequence;
    assert(length > 0 && length <= UCD_SEQUENCE_LONGEST);
    memcpy(chars, sequence + 1, (size_t)length * sizeof(*chars));
    return length;
}

/* Take the longest of the names in front of the text; its index, or -1. */
static int
take_jamo(const char (*names)[4], int count, const char **p, const char *end)
{
    int best = -1;
    size_t longest = 0;
    for (int i = 0; i < count; i++) {
        size_t n = strlen(names[i]);
        if (n <= (size_t)(end - *p) && memcmp(names[i], *p, n) == 0
            && (best < 0 || n > longest))
        {
            best = i;
            longest = n;
        }
    }
    *p += longest;
    return best;
}

static int
find_syllable(const char *p, const char *end, Py_UCS4 *ch)
{
    int leading = take_jamo(leading_jamo, HANGUL_LS, &p, end);
    int vowel = take_jamo(vowel_jamo, HANGUL_VS, &p, end);
    int trailing = take_jamo(trailing_jamo, HANGUL_TS, &p, end);
    if (leading < 0 || vowel < 0 || trailing < 0 || p != end) {
        return 0;
    }
    *ch = (Py_UCS4)(HANGUL_S + (leading * HANGUL_VS + vowel) * HANGUL_TS + trailing);
    return 1;
}

static int
find_ideograph(const char *p, const char *end, Py_UCS4 *ch)
{
    if (end - p != 4 && end - p != 5) {
        return 0;
    }
    Py_UCS4 code = 0;
    for (; p < end; p++) {
        if (!(*p >= '0' && *p <= '9') && !(*p >= 'A' && *p <= 'F')) {
            return 0;
        }
        code = code * 16 + (Py_UCS4)(*p <= '9' ? *p - '0' : *p - 'A' + 10);
    }
    *ch = code;
    return is_ideograph(code);
}

static bool
begins_with(const char *name, size_t n, const char *prefix, size_t prefix_length)
{
    return n >= prefix_length && memcmp(name, prefix, prefix_length) == 0;
}

int
_PyUCD_FindName(const char *name, size_t n, bool old, bool sequences, Py_UCS4 *chars)
{
    const size_t syllable = sizeof(syllable_prefix) - 1, ideograph = sizeof(ideograph_prefix) - 1;
    if (begins_with(name, n, syllable_prefix, syllable)) {
        return find_syllable(name + syllable, name + n, chars);
    }
    if (begins_with(name, n, ideograph_prefix, ideograph)) {
        return find_ideograph(name + ideograph, name + n, chars);
    }
    if (n == 0 || n > NAME_LONGEST) {
        return 0;
    }
    return find_stored(name, n, old, sequences, chars);
}
