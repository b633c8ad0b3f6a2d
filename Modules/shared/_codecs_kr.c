/* _codecs_kr: the codecs euc_kr, cp949 and johab of Korea.
 *
 * EUC-KR writes a syllable that KS X 1001 lacks as four codes of its row of letters: the filler
 * (2454), the initial, the vowel and the final letter (or the filler), which is annex 3 of
 * KS X 1001.  Written from the sets' names and observed behaviour; see multibytecodec.h.
 */
#include "multibytecodec.h"
#include "cjk/cp949.h"
#include "cjk/johab.h"
#include "cjk/ksx1001.h"

#define SYLLABLE_FIRST 0xAC00
#define SYLLABLE_LAST 0xD7A3
#define VOWELS 21
#define FINALS 28               /* with that of a syllable without one */
#define ROW 0xA4                /* of the letters, with the eighth bit */
#define FILLER 0xD4
#define VOWEL_FIRST 0xBF

/* The letters' bytes, in the order of the syllables of Unicode. */
static const unsigned char initials[] = {
    0xA1, 0xA2, 0xA4, 0xA7, 0xA8, 0xA9, 0xB1, 0xB2, 0xB3, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA,
    0xBB, 0xBC, 0xBD, 0xBE
};
static const unsigned char finals[FINALS] = {
    FILLER, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF,
    0xB0, 0xB1, 0xB2, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xBA, 0xBB, 0xBC, 0xBD, 0xBE
};

/* Return the place of a letter, -1 if it is not there. */
static int
letter_place(const unsigned char *letters, size_t count, int letter)
{
    const unsigned char *found = memchr(letters, letter, count);
    return found ? (int)(found - letters) : -1;
}

/* Eight bytes that start with the filler.  Return 8, or -1. */
static Py_ssize_t
decode_letters(const unsigned char *in, Py_UCS4 *out)
{
    if (in[2] != ROW || in[4] != ROW || in[6] != ROW) {
        return -1;
    }
    int initial = letter_place(initials, sizeof(initials), in[3]);
    int vowel = in[5] - VOWEL_FIRST;
    int final = letter_place(finals, sizeof(finals), in[7]);
    if (initial < 0 || vowel < 0 || vowel >= VOWELS || final < 0) {
        return -1;
    }
    out[0] = SYLLABLE_FIRST + (initial * VOWELS + vowel) * FINALS + final;
    assert(out[0] <= SYLLABLE_LAST);
    return 8;
}

static Py_ssize_t
euc_kr_decode(const struct multibyte_codec *Py_UNUSED(codec), multibyte_state *Py_UNUSED(state),
              const unsigned char *in, Py_ssize_t left, Py_UCS4 *out, int *count)
{
    if (in[0] == ROW && left >= 2 && in[1] == FILLER) {
        *count = 1;
        return left < 8 ? MULTIBYTE_TOO_FEW : decode_letters(in, out);
    }
    return cjk_decode_double(&ksx1001, 0x80, in, left, out, count);
}

static int
euc_kr_encode(const struct multibyte_codec *Py_UNUSED(codec), multibyte_state *Py_UNUSED(state),
              const struct multibyte_input *in, unsigned char *out, int *used)
{
    int size = cjk_encode_double(&ksx1001, 0x80, in, out, used);
    Py_UCS4 ch = in->text[0];
    if (size != MULTIBYTE_ILLEGAL || ch < SYLLABLE_FIRST || ch > SYLLABLE_LAST) {
        return size;
    }
    ch -= SYLLABLE_FIRST;
    out[0] = out[2] = out[4] = out[6] = ROW;
    out[1] = FILLER;
    out[3] = initials[ch / (VOWELS * FINALS)];
    out[5] = (unsigned char)(VOWEL_FIRST + ch / FINALS % VOWELS);
    out[7] = finals[ch % FINALS];
    return 8;
}

static const struct multibyte_codec kr_codecs[] = {
    {.name = "euc_kr", .encode = euc_kr_encode, .decode = euc_kr_decode},
    {.name = "cp949", .config = &cp949, .encode = cjk_plain_encode, .decode = cjk_plain_decode},
    {.name = "johab", .config = &johab, .encode = cjk_plain_encode, .decode = cjk_plain_decode},
    {NULL}
};

static PyObject *
kr_getcodec(PyObject *Py_UNUSED(module), PyObject *name)
{
    return cjk_getcodec(kr_codecs, name);
}

static PyMethodDef kr_functions[] = {
    {"getcodec", kr_getcodec, METH_O, NULL},
    {NULL}
};

static PyModuleDef_Slot kr_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef kr_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_codecs_kr",
    .m_size = 0,
    .m_methods = kr_functions,
    .m_slots = kr_slots,
};

PyMODINIT_FUNC
PyInit__codecs_kr(void)
{
    return PyModuleDef_Init(&kr_module);
}
