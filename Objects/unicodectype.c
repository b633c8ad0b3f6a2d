/* Character properties, from the tables that Tools/unicode/generate_ctype.py makes.
 *
 * A code point leads through two stages to a record: its property bits, the distances of its
 * simple case mappings, its digit values.  Full case mappings that differ from the simple ones and
 * numeric values that are no digits lie in sorted tables of their own.
 *
 * Written from the Unicode character database's documentation (UAX #44) and the library reference.
 */
#include "Python.h"

struct type_record {
    int upper, lower, title;            /* distances to the simple mappings */
    unsigned char decimal, digit;       /* values, valid with the DECIMAL / DIGIT bit */
    unsigned short flags;
};

/* Full mappings, at most three characters each; 0 ends a shorter one. */
struct special_case {
    Py_UCS4 code;
    Py_UCS4 lower[3], upper[3], title[3], fold[3];
};

struct numeric_value {
    Py_UCS4 code;
    double value;
};

#include "unicodetype_db.h"

static inline const struct type_record *
record_of(Py_UCS4 ch)
{
    if (ch >= 0x110000) {
        return &type_records[0];
    }
    size_t block = (size_t)type_index1[ch >> TYPE_SHIFT] << TYPE_SHIFT;
    return &type_records[type_index2[block + (ch & ((1 << TYPE_SHIFT) - 1))]];
}

static inline int
has(Py_UCS4 ch, unsigned mask)
{
    return (record_of(ch)->flags & mask) != 0;
}

static const struct special_case *
special_of(Py_UCS4 ch)
{
    size_t low = 0, high = Py_ARRAY_LENGTH(special_cases);
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (special_cases[mid].code < ch) {
            low = mid + 1;
        }
        else {
            high = mid;
        }
    }
    assert(low < Py_ARRAY_LENGTH(special_cases) && special_cases[low].code == ch);
    return &special_cases[low];
}

static int
copy_mapping(const Py_UCS4 *mapping, Py_UCS4 *res)
{
    int n = 0;
    while (n < 3 && (mapping[n] != 0 || n == 0)) {
        res[n] = mapping[n];
        n++;
    }
    return n;
}

/* --- Predicates ------------------------------------------------------------------------------- */

int
_PyUnicode_IsAlpha(Py_UCS4 ch)
{
    return has(ch, ALPHA_MASK);
}

int
_PyUnicode_IsLowercase(Py_UCS4 ch)
{
    return has(ch, LOWER_MASK);
}

int
_PyUnicode_IsUppercase(Py_UCS4 ch)
{
    return has(ch, UPPER_MASK);
}

int
_PyUnicode_IsTitlecase(Py_UCS4 ch)
{
    return has(ch, TITLE_MASK);
}

int
_PyUnicode_IsWhitespace(const Py_UCS4 ch)
{
    return has(ch, SPACE_MASK);
}

int
_PyUnicode_IsLinebreak(const Py_UCS4 ch)
{
    return has(ch, LINEBREAK_MASK);
}

int
_PyUnicode_IsPrintable(Py_UCS4 ch)
{
    return has(ch, PRINTABLE_MASK);
}

int
_PyUnicode_IsXidStart(Py_UCS4 ch)
{
    return has(ch, XID_START_MASK);
}

int
_PyUnicode_IsXidContinue(Py_UCS4 ch)
{
    return has(ch, XID_CONTINUE_MASK);
}

int
_PyUnicode_IsCased(Py_UCS4 ch)
{
    return has(ch, CASED_MASK);
}

int
_PyUnicode_IsCaseIgnorable(Py_UCS4 ch)
{
    return has(ch, CASE_IGNORABLE_MASK);
}

int
_PyUnicode_IsNumeric(Py_UCS4 ch)
{
    return has(ch, NUMERIC_MASK);
}

/* --- Numbers ---------------------------------------------------------------------------------- */

/* Value of a decimal digit, or -1. */
int
_PyUnicode_ToDecimalDigit(Py_UCS4 ch)
{
    const struct type_record *r = record_of(ch);
    return r->flags & DECIMAL_MASK ? r->decimal : -1;
}

int
_PyUnicode_IsDecimalDigit(Py_UCS4 ch)
{
    return has(ch, DECIMAL_MASK);
}

/* Value of a digit (superscripts and the like count), or -1. */
int
_PyUnicode_ToDigit(Py_UCS4 ch)
{
    const struct type_record *r = record_of(ch);
    return r->flags & DIGIT_MASK ? r->digit : -1;
}

int
_PyUnicode_IsDigit(Py_UCS4 ch)
{
    return has(ch, DIGIT_MASK);
}

/* Numeric value, or -1.0. */
double
_PyUnicode_ToNumeric(Py_UCS4 ch)
{
    const struct type_record *r = record_of(ch);
    if (!(r->flags & NUMERIC_MASK)) {
        return -1.0;
    }
    if (r->flags & DIGIT_MASK) {
        return r->digit;
    }
    size_t low = 0, high = Py_ARRAY_LENGTH(numeric_values);
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (numeric_values[mid].code < ch) {
            low = mid + 1;
        }
        else {
            high = mid;
        }
    }
    assert(low < Py_ARRAY_LENGTH(numeric_values) && numeric_values[low].code == ch);
    return numeric_values[low].value;
}

/* --- Case ------------------------------------------------------------------------------------- */

/* Single characters; of a longer mapping the first. */
Py_UCS4
_PyUnicode_ToUppercase(Py_UCS4 ch)
{
    const struct type_record *r = record_of(ch);
    return r->flags & SPECIAL_CASE_MASK ? special_of(ch)->upper[0] : ch + (Py_UCS4)r->upper;
}

Py_UCS4
_PyUnicode_ToLowercase(Py_UCS4 ch)
{
    const struct type_record *r = record_of(ch);
    return r->flags & SPECIAL_CASE_MASK ? special_of(ch)->lower[0] : ch + (Py_UCS4)r->lower;
}

Py_UCS4
_PyUnicode_ToTitlecase(Py_UCS4 ch)
{
    const struct type_record *r = record_of(ch);
    return r->flags & SPECIAL_CASE_MASK ? special_of(ch)->title[0] : ch + (Py_UCS4)r->title;
}

/* The full mappings: write up to three characters to res, return their number. */
int
_PyUnicode_ToLowerFull(Py_UCS4 ch, Py_UCS4 *res)
{
    const struct type_record *r = record_of(ch);
    if (r->flags & SPECIAL_CASE_MASK) {
        return copy_mapping(special_of(ch)->lower, res);
    }
    res[0] = ch + (Py_UCS4)r->lower;
    return 1;
}

int
_PyUnicode_ToUpperFull(Py_UCS4 ch, Py_UCS4 *res)
{
    const struct type_record *r = record_of(ch);
    if (r->flags & SPECIAL_CASE_MASK) {
        return copy_mapping(special_of(ch)->upper, res);
    }
    res[0] = ch + (Py_UCS4)r->upper;
    return 1;
}

int
_PyUnicode_ToTitleFull(Py_UCS4 ch, Py_UCS4 *res)
{
    const struct type_record *r = record_of(ch);
    if (r->flags & SPECIAL_CASE_MASK) {
        return copy_mapping(special_of(ch)->title, res);
    }
    res[0] = ch + (Py_UCS4)r->title;
    return 1;
}

int
_PyUnicode_ToFoldedFull(Py_UCS4 ch, Py_UCS4 *res)
{
    const struct type_record *r = record_of(ch);
    if (r->flags & SPECIAL_CASE_MASK) {
        return copy_mapping(special_of(ch)->fold, res);
    }
    res[0] = ch + (Py_UCS4)r->lower;
    return 1;
}
