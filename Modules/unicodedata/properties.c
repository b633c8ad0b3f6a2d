/* unicodedata: properties of code points, from the tables of Tools/unicode/generate_unicodedata.py.
 *
 * A code point leads through two stages to its record.  A second pair of stages leads to its
 * decomposition mapping.  Pairs that compose lie sorted in one table.  All of it is const.
 *
 * Written from UAX #44 (Unicode Character Database) and UAX #15 (normalization).
 */
#include "unicodedata.h"

struct old_decimal {
    Py_UCS4 code;
    unsigned char value;
};

struct composition {
    Py_UCS4 first, second, composite;
};

struct correction {
    Py_UCS4 code, original;
};

#include "unicodedata_db.h"

const struct char_record *
_PyUCD_Record(Py_UCS4 ch)
{
    if (ch >= 0x110000) {
        return &char_records[0];
    }
    size_t block = (size_t)record_index1[ch >> RECORD_SHIFT] << RECORD_SHIFT;
    return &char_records[record_index2[block + (ch & ((1 << RECORD_SHIFT) - 1))]];
}

const char *
_PyUCD_CategoryName(int category)
{
    assert((size_t)category < Py_ARRAY_LENGTH(category_names));
    return category_names[category];
}

const char *
_PyUCD_BidiName(int bidi)
{
    assert((size_t)bidi < Py_ARRAY_LENGTH(bidi_names));
    return bidi_names[bidi];
}

const char *
_PyUCD_WidthName(int width)
{
    assert((size_t)width < Py_ARRAY_LENGTH(width_names));
    return width_names[width];
}

int
_PyUCD_OldDecimal(Py_UCS4 ch)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(decimals_3_2_0); i++) {
        if (decimals_3_2_0[i].code == ch) {
            return decimals_3_2_0[i].value;
        }
    }
    return -1;
}

const Py_UCS4 *
_PyUCD_Decomposition(Py_UCS4 ch, bool old, int *length, const char **tag)
{
    size_t start = 0;
    if (ch < 0x110000 && !(old && _PyUCD_Record(ch)->old_category == 0)) {
        size_t block = (size_t)decomposition_index1[ch >> DECOMPOSITION_SHIFT]
                       << DECOMPOSITION_SHIFT;
        start = decomposition_index2[block + (ch & ((1 << DECOMPOSITION_SHIFT) - 1))];
    }
    /* Item 0 is the head of an empty mapping. */
    assert(start < Py_ARRAY_LENGTH(decomposition_data));
    const Py_UCS4 *mapping = &decomposition_data[start];
    *length = (int)(*mapping & 0xff);
    *tag = decomposition_tags[*mapping >> 8];
    assert(*mapping >> 8 < Py_ARRAY_LENGTH(decomposition_tags));
    return mapping + 1;
}

Py_UCS4
_PyUCD_Correction(Py_UCS4 ch)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(corrections_3_2_0); i++) {
        if (corrections_3_2_0[i].code == ch) {
            return corrections_3_2_0[i].original;
        }
    }
    return 0;
}

static Py_UCS4
compose_hangul(Py_UCS4 first, Py_UCS4 second)
{
    if (first >= HANGUL_L && first < HANGUL_L + HANGUL_LS
        && second >= HANGUL_V && second < HANGUL_V + HANGUL_VS)
    {
        return HANGUL_S + ((first - HANGUL_L) * HANGUL_VS + second - HANGUL_V) * HANGUL_TS;
    }
    if (first >= HANGUL_S && first < HANGUL_S + HANGUL_COUNT
        && (first - HANGUL_S) % HANGUL_TS == 0
        && second > HANGUL_T && second < HANGUL_T + HANGUL_TS)
    {
        return first + second - HANGUL_T;
    }
    return 0;
}

Py_UCS4
_PyUCD_Compose(Py_UCS4 first, Py_UCS4 second)
{
    /* What can be second in a pair is "maybe" in the quick check for NFC. */
    if ((_PyUCD_Record(second)->quick_checks >> 2 * FORM_NFC & 3) != 1) {
        return 0;
    }
    uint64_t wanted = (uint64_t)first << 32 | second;
    size_t low = 0, high = Py_ARRAY_LENGTH(compositions);
    while (low < high) {
        size_t mid = (low + high) / 2;
        uint64_t here = (uint64_t)compositions[mid].first << 32 | compositions[mid].second;
        if (here == wanted) {
            return compositions[mid].composite;
        }
        if (here < wanted) {
            low = mid + 1;
        }
        else {
            high = mid;
        }
    }
    return compose_hangul(first, second);
}
