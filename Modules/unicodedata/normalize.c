/* unicodedata: the normal forms NFD, NFKD, NFC and NFKC.
 *
 * A quick check by character properties settles most text.  What is left is decomposed in full
 * into a buffer, its combining marks are put in canonical order, and for the C forms starters are
 * composed with what follows, in place: the result is never longer than the decomposed text.
 * Marks are ordered in linear time even where one letter carries a million of them.
 *
 * Unicode 3.2.0 differs in the characters it lacks, which do not decompose, and in five mappings
 * that were corrected later; its quick check is to normalize.
 *
 * Written from UAX #15 (Unicode Normalization Forms), section 3.11 of the Unicode Standard.
 */
#include "unicodedata.h"

#define LAST_CLASS 255          /* canonical combining classes are 0..254 */
#define INSERTION_LIMIT 24      /* runs of marks up to this length are sorted by insertion */

/* Text that grows. */
struct buffer {
    Py_UCS4 *chars;             /* owned */
    Py_ssize_t length, allocated;
};

static inline int
class_of(Py_UCS4 ch)
{
    return _PyUCD_Record(ch)->combining;
}

static int
buffer_grow(struct buffer *b)
{
    Py_ssize_t wanted = b->allocated + b->allocated / 2 + 64;
    if (wanted > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(Py_UCS4)) {
        PyErr_NoMemory();
        return -1;
    }
    Py_UCS4 *chars = PyMem_Realloc(b->chars, (size_t)wanted * sizeof(Py_UCS4));
    if (chars == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    b->chars = chars;
    b->allocated = wanted;
    return 0;
}

static inline int
buffer_add(struct buffer *b, Py_UCS4 ch)
{
    if (b->length == b->allocated && buffer_grow(b) < 0) {
        return -1;
    }
    b->chars[b->length++] = ch;
    return 0;
}

/* --- Decomposition ---------------------------------------------------------------------------- */

static int
decompose_hangul(struct buffer *b, Py_UCS4 ch)
{
    Py_UCS4 index = ch - HANGUL_S;
    assert(index < HANGUL_COUNT);
    Py_UCS4 trailing = index % HANGUL_TS;
    if (buffer_add(b, HANGUL_L + index / (HANGUL_VS * HANGUL_TS)) < 0
        || buffer_add(b, HANGUL_V + index / HANGUL_TS % HANGUL_VS) < 0)
    {
        return -1;
    }
    return trailing != 0 ? buffer_add(b, HANGUL_T + trailing) : 0;
}

/* Add the full decomposition of ch.  Mappings do not form cycles: the depth is that of the data. */
static int
decompose_char(struct buffer *b, Py_UCS4 ch, bool compatible, bool old)
{
    if (ch < 0x80) {
        return buffer_add(b, ch);
    }
    if (ch >= HANGUL_S && ch < HANGUL_S + HANGUL_COUNT) {
        return decompose_hangul(b, ch);
    }
    if (old) {
        Py_UCS4 original = _PyUCD_Correction(ch);
        if (original != 0) {
            return decompose_char(b, original, compatible, old);
        }
    }
    int length;
    const char *tag;
    const Py_UCS4 *mapping = _PyUCD_Decomposition(ch, old, &length, &tag);
    if (length == 0 || (*tag != '\0' && !compatible)) {
        return buffer_add(b, ch);
    }
    for (int i = 0; i < length; i++) {
        if (decompose_char(b, mapping[i], compatible, old) < 0) {
            return -1;
        }
    }
    return 0;
}

/* --- Canonical order -------------------------------------------------------------------------- */

static void
sort_short(Py_UCS4 *run, Py_ssize_t n)
{
    for (Py_ssize_t i = 1; i < n; i++) {
        Py_UCS4 ch = run[i];
        int class = class_of(ch);
        Py_ssize_t j = i;
        for (; j > 0 && class_of(run[j - 1]) > class; j--) {
            run[j] = run[j - 1];
        }
        run[j] = ch;
    }
}

/* Distribute by class; 0, or -1 with MemoryError. */
static int
sort_long(Py_UCS4 *run, Py_ssize_t n)
{
    Py_ssize_t starts[LAST_CLASS + 2] = {0};
    Py_UCS4 *copy = PyMem_Malloc((size_t)n * sizeof(Py_UCS4));
    if (copy == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(copy, run, (size_t)n * sizeof(Py_UCS4));
    for (Py_ssize_t i = 0; i < n; i++) {
        starts[class_of(copy[i]) + 1]++;
    }
    for (int class = 1; class <= LAST_CLASS; class++) {
        starts[class] += starts[class - 1];
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_ssize_t place = starts[class_of(copy[i])]++;
        assert(place < n);
        run[place] = copy[i];
    }
    PyMem_Free(copy);
    return 0;
}

/* Put every run of characters with a class other than 0 in the order of their classes. */
static int
reorder(struct buffer *b)
{
    for (Py_ssize_t i = 0; i < b->length; i++) {
        Py_ssize_t start = i;
        int last = 0;
        bool sorted = true;
        for (int class; i < b->length && (class = class_of(b->chars[i])) != 0; i++) {
            sorted = sorted && last <= class;
            last = class;
        }
        if (sorted) {
            continue;
        }
        if (i - start <= INSERTION_LIMIT) {
            sort_short(b->chars + start, i - start);
        }
        else if (sort_long(b->chars + start, i - start) < 0) {
            return -1;
        }
    }
    return 0;
}

/* --- Composition ------------------------------------------------------------------------------ */

static void
compose(struct buffer *b)
{
    Py_UCS4 *chars = b->chars;
    Py_ssize_t starter = -1, out = 0;
    int last = 0;               /* class of the last character kept behind the starter */
    for (Py_ssize_t i = 0; i < b->length; i++) {
        Py_UCS4 ch = chars[i];
        int class = class_of(ch);
        if (starter >= 0 && (out == starter + 1 || last < class)) {
            Py_UCS4 composite = _PyUCD_Compose(chars[starter], ch);
            if (composite != 0) {
                chars[starter] = composite;
                continue;
            }
        }
        if (class == 0) {
            starter = out;
        }
        last = class;
        assert(out <= i);
        chars[out++] = ch;
    }
    b->length = out;
}

/* --- Whole strings ---------------------------------------------------------------------------- */

/* 0: in the form, 1: perhaps, 2: not.  For the current version. */
static int
quick_check(PyObject *str, enum form form)
{
    if (PyUnicode_IS_ASCII(str)
        || (form == FORM_NFC && PyUnicode_KIND(str) == PyUnicode_1BYTE_KIND))
    {
        return 0;
    }
    int kind = PyUnicode_KIND(str), answer = 0, last = 0;
    const void *data = PyUnicode_DATA(str);
    for (Py_ssize_t i = 0, n = PyUnicode_GET_LENGTH(str); i < n; i++) {
        const struct char_record *record = _PyUCD_Record(PyUnicode_READ(kind, data, i));
        int here = record->quick_checks >> 2 * form & 3;
        if (here == 2 || (record->combining != 0 && last > record->combining)) {
            return 2;
        }
        last = record->combining;
        answer |= here;
    }
    return answer;
}

PyObject *
_PyUCD_Normalize(PyObject *str, enum form form, bool old)
{
    if (old ? PyUnicode_IS_ASCII(str) : quick_check(str, form) == 0) {
        return Py_NewRef(str);
    }
    struct buffer b = {NULL, 0, 0};
    PyObject *result = NULL;
    int kind = PyUnicode_KIND(str);
    const void *data = PyUnicode_DATA(str);
    Py_ssize_t n = PyUnicode_GET_LENGTH(str);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (decompose_char(&b, PyUnicode_READ(kind, data, i), form_is_compatible(form), old) < 0) {
            goto done;
        }
    }
    if (reorder(&b) < 0) {
        goto done;
    }
    if (form_composes(form)) {
        compose(&b);
    }
    result = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, b.chars, b.length);
done:
    PyMem_Free(b.chars);
    return result;
}

int
_PyUCD_IsNormalized(PyObject *str, enum form form, bool old)
{
    int answer = old ? !PyUnicode_IS_ASCII(str) : quick_check(str, form);
    if (answer != 1) {
        return answer == 0;
    }
    PyObject *normal = _PyUCD_Normalize(str, form, old);
    if (normal == NULL) {
        return -1;
    }
    int same = PyUnicode_Compare(str, normal) == 0;
    Py_DECREF(normal);
    return same;
}
