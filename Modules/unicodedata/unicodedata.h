/* unicodedata: what its files share.
 *
 *   record        the properties of a code point, one per distinct combination of them
 *   old           Unicode 3.2.0, else the current version
 *   mapping       the code points that a character decomposes to, one step
 *   ordinal       the number of a name: characters first, then aliases, then named sequences
 */
#ifndef LADON_UNICODEDATA_H
#define LADON_UNICODEDATA_H

#include "Python.h"

#include <stdbool.h>

/* Numbers of property values, as the generated tables have them; 0 is "unassigned", "no class",
 * "neutral".  The old_ fields are those of Unicode 3.2.0. */
struct char_record {
    unsigned char category, bidi, combining, width, mirrored;
    unsigned char quick_checks;         /* two bits per form, at 2 * form: 0 yes, 1 maybe, 2 no */
    unsigned char old_category, old_bidi, old_width, old_mirrored;
};

/* In the order of the quick checks. */
enum form { FORM_NFD, FORM_NFKD, FORM_NFC, FORM_NFKC };

static inline bool
form_composes(enum form form)
{
    return form == FORM_NFC || form == FORM_NFKC;
}

static inline bool
form_is_compatible(enum form form)
{
    return form == FORM_NFKD || form == FORM_NFKC;
}

/* Hangul syllables are arranged by their parts (The Unicode Standard, section 3.12). */
enum {
    HANGUL_S = 0xac00, HANGUL_L = 0x1100, HANGUL_V = 0x1161, HANGUL_T = 0x11a7,
    HANGUL_LS = 19, HANGUL_VS = 21, HANGUL_TS = 28,
    HANGUL_COUNT = HANGUL_LS * HANGUL_VS * HANGUL_TS
};

/* Longest named sequence. */
#define UCD_SEQUENCE_LONGEST 8

/* --- properties.c --- */

extern const struct char_record *_PyUCD_Record(Py_UCS4 ch);
extern const char *_PyUCD_CategoryName(int category);
extern const char *_PyUCD_BidiName(int bidi);
extern const char *_PyUCD_WidthName(int width);
/* The decimal digit in 3.2.0 of a character that is none now, or -1. */
extern int _PyUCD_OldDecimal(Py_UCS4 ch);
/* The mapping of ch, its length (0: none) and its tag ("" if canonical). */
extern const Py_UCS4 *_PyUCD_Decomposition(Py_UCS4 ch, bool old, int *length, const char **tag);
/* The mapping of 3.2.0 that was corrected afterwards, or 0. */
extern Py_UCS4 _PyUCD_Correction(Py_UCS4 ch);
/* The composite of a pair, or 0. */
extern Py_UCS4 _PyUCD_Compose(Py_UCS4 first, Py_UCS4 second);

/* --- normalize.c --- */

/* str in a normal form: new reference, or NULL with MemoryError. */
extern PyObject *_PyUCD_Normalize(PyObject *str, enum form form, bool old);
/* 1, 0, or -1 with MemoryError. */
extern int _PyUCD_IsNormalized(PyObject *str, enum form form, bool old);

/* --- names.c --- */

/* Write the name of ch to the buffer, NUL behind it; false if it has none or the buffer is too
 * short. */
extern bool _PyUCD_GetName(Py_UCS4 ch, bool old, char *buffer, size_t size);
/* Find a name: the number of code points written to chars (at most UCD_SEQUENCE_LONGEST), 0 if
 * it is unknown.  Sequences only if wanted. */
extern int _PyUCD_FindName(const char *name, size_t n, bool old, bool sequences, Py_UCS4 *chars);

#endif
