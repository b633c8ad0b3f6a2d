/* _codecs_iso2022: the codecs with escape sequences, iso2022_kr and iso2022_jp with its variants.
 *
 * A codec is a list of sets.  A set is named by the final byte of its escape sequence, with the
 * eighth bit if its codes have two bytes.  The state: c[0], c[1], c[2] the sets G0, G1, G2 (the
 * encoder leaves c[2] alone); c[4] flags.
 *
 * An escape sequence with an unknown second byte is text, up to its final byte, whatever G0 is.
 * Written from RFC 1468, 1554, 1557, 2237 and observed behaviour; see multibytecodec.h.
 */
#include "multibytecodec.h"
#include "cjk/gb2312.h"
#include "cjk/jisx0208.h"
#include "cjk/jisx0212.h"
#include "cjk/jisx0213_1.h"
#include "cjk/jisx0213_2.h"
#include "cjk/ksx1001.h"

#include "jisx0213.h"

#define ESC 0x1B
#define SO 0x0E
#define SI 0x0F
#define MAX_ESCAPE 16

#define DOUBLE 0x80
enum set {
    ASCII = 'B',
    LATIN1_RIGHT = 'A',             /* the right half of ISO 8859-1 */
    GREEK_RIGHT = 'F',              /* of ISO 8859-7 */
    KANA = 'I',                     /* of JIS X 0201 */
    ROMAN = 'J',
    JISX0208 = 'B' | DOUBLE,
    JISX0208_1978 = '@' | DOUBLE,
    JISX0212 = 'D' | DOUBLE,
    JISX0213_1_2000 = 'O' | DOUBLE,
    JISX0213_1 = 'Q' | DOUBLE,
    JISX0213_2 = 'P' | DOUBLE,
    KSX1001 = 'C' | DOUBLE,
    GB2312 = 'A' | DOUBLE,
};

/* The flags in c[4]. */
#define SHIFTED 1                   /* SO was read or written: G1 is in use */
#define ESCAPE_IS_TEXT 2            /* until the final byte */

struct variant {
    const unsigned char *sets;      /* 0 ends; the first one that has a character encodes it */
    int shifts;                     /* uses G1 with SO and SI, for all but ASCII */
    int has_g2;
    int has_1990;                   /* ESC & @ ESC $ B */
    struct multibyte_codec jisx0213;    /* says which edition to use */
};

#define SETS(...) ((const unsigned char []){__VA_ARGS__, 0})

static const struct variant kr = {.sets = SETS(KSX1001), .shifts = 1};
static const struct variant jp = {
    .sets = SETS(JISX0208, ROMAN, JISX0208_1978), .has_1990 = 1};
static const struct variant jp_1 = {
    .sets = SETS(JISX0208, JISX0212, ROMAN, JISX0208_1978), .has_1990 = 1};
static const struct variant jp_2 = {
    .sets = SETS(JISX0208, JISX0212, KSX1001, GB2312, ROMAN, JISX0208_1978, LATIN1_RIGHT,
                 GREEK_RIGHT),
    .has_g2 = 1, .has_1990 = 1};
static const struct variant jp_2004 = {
    .sets = SETS(JISX0208, JISX0213_1, JISX0213_2), .has_1990 = 1};
static const struct variant jp_3 = {
    .sets = SETS(JISX0208, JISX0213_1_2000, JISX0213_2), .has_1990 = 1,
    .jisx0213 = {.config = &jisx0213_2000}};
static const struct variant jp_ext = {
    .sets = SETS(JISX0208, JISX0212, ROMAN, KANA, JISX0208_1978), .has_1990 = 1};

static void
iso2022_init(multibyte_state *state, int decoding)
{
    state->c[0] = state->c[1] = ASCII;
    if (decoding) {
        state->c[2] = ASCII;
    }
}

/* ---- sets ------------------------------------------------------------------------------------ */

/* The table of a set with two bytes that is not plane 1 of JIS X 0213. */
static const struct cjk_charset *
table_of(int set)
{
    switch (set) {
    case JISX0212:
        return &jisx0212;
    case KSX1001:
        return &ksx1001;
    case GB2312:
        return &gb2312;
    case JISX0213_2:
        return &jisx0213_2;
    default:
        return &jisx0208;           /* both editions; setstate() can bring any value */
    }
}

/* One byte of the right half of ISO 8859-7 of 1987.  Return 0 if it has no character. */
static Py_UCS4
greek(int byte)
{
    static const uint16_t first[] = {       /* A0..BF */
        0xA0, 0x2018, 0x2019, 0xA3, 0, 0, 0xA6, 0xA7, 0xA8, 0xA9, 0, 0xAB, 0xAC, 0xAD, 0, 0x2015,
        0xB0, 0xB1, 0xB2, 0xB3, 0x384, 0x385, 0x386, 0xB7, 0x388, 0x389, 0x38A, 0xBB, 0x38C, 0xBD,
        0x38E, 0x38F
    };
    if (byte < 0xA0) {
        return byte;
    }
    if (byte < 0xC0) {
        return first[byte - 0xA0];
    }
    return byte == 0xD2 || byte == 0xFF ? 0 : 0x390u + (byte - 0xC0);
}

/* Decode one byte of a set.  Return whether it has a character. */
static int
decode_single(int set, int byte, Py_UCS4 *out)
{
    switch (set) {
    case ROMAN:
        *out = byte == 0x5C ? 0xA5 : byte == 0x7E ? 0x203E : (Py_UCS4)byte;
        return 1;
    case KANA:
        *out = 0xFF61u + (byte - 0x21);
        return byte >= 0x21 && byte <= 0x5F;
    case LATIN1_RIGHT:
        *out = byte | 0x80u;
        return 1;
    case GREEK_RIGHT:
        *out = greek(byte | 0x80);
        return *out != 0;
    default:
        *out = (Py_UCS4)byte;
        return 1;
    }
}

/* Encode with a set.  Return the code, MULTIBYTE_ILLEGAL or MULTIBYTE_NEEDS_NEXT. */
static int
encode_in_set(const struct variant *v, int set, const struct multibyte_input *in, int *used)
{
    Py_UCS4 ch = in->text[0];
    int code = 0;
    if (set == ROMAN) {
        code = ch == 0xA5 ? 0x5C : ch == 0x203E ? 0x7E : 0;
    }
    else if (set == KANA) {
        code = ch >= 0xFF61 && ch <= 0xFF9F ? (int)(ch - 0xFF61 + 0x21) : 0;
    }
    else if (set == JISX0213_1 || set == JISX0213_1_2000) {
        code = cjk_encode_pair(&jisx0213_1, in, used);
        if (ch == 0xFF5E || (code > 0 && jisx0213_lacks(&v->jisx0213, code))) {
            code = 0;
        }
    }
    else if (set == JISX0213_2) {
        code = jisx0213_encode_2(&v->jisx0213, ch);
    }
    else if (set & DOUBLE && set != JISX0208_1978) {
        code = cjk_encode(table_of(set), ch);
    }
    return code ? code : MULTIBYTE_ILLEGAL;
}

/* ---- decoding -------------------------------------------------------------------------------- */

static int
is_final(int byte)
{
    return byte >= '@' && byte <= 'Z';
}

/* Let G0, G1 or G2 be the set.  Return 0 if the codec does not have it. */
static int
designate(const struct variant *v, multibyte_state *state, int which, int set)
{
    if (set != ASCII && strchr((const char *)v->sets, set) == NULL) {
        return 0;
    }
    state->c[which] = (unsigned char)set;
    return 1;
}

/* Do the escape sequence of that size.  Return 0 if it is wrong. */
static int
do_escape(const struct variant *v, multibyte_state *state, const unsigned char *in, int size)
{
    int final = in[size - 1];
    if (size == 3) {
        switch (in[1]) {
        case '(':
            return designate(v, state, 0, final);
        case ')':
            return designate(v, state, 1, final);
        case '.':
            return v->has_g2 && designate(v, state, 2, final);
        case '$':
            return designate(v, state, 0, final | DOUBLE);
        }
    }
    else if (size == 4 && in[1] == '$' && (in[2] == '(' || in[2] == ')')) {
        return designate(v, state, in[2] == ')', final | DOUBLE);
    }
    else if (size == 6 && v->has_1990 && memcmp(in + 1, "&@\x1b$B", 5) == 0) {
        return designate(v, state, 0, JISX0208);
    }
    return 0;
}

/* A sequence that begins with ESC and a byte that makes it one. */
static Py_ssize_t
decode_escape(const struct variant *v, multibyte_state *state, const unsigned char *in,
              Py_ssize_t left)
{
    int size = 1;
    do {
        if (size >= MAX_ESCAPE) {
            return -1;
        }
        if (size >= left) {
            return MULTIBYTE_TOO_FEW;
        }
        if (v->has_1990 && size == 2 && in[1] == '&' && in[2] == '@') {
            size += 2;              /* announces another sequence, which has the final byte */
            if (size >= left) {
                return MULTIBYTE_TOO_FEW;
            }
        }
    } while (!is_final(in[size++]));
    return do_escape(v, state, in, size) ? size : -size;
}

/* ESC N: the character of G2 that follows. */
static Py_ssize_t
decode_g2(multibyte_state *state, const unsigned char *in, Py_ssize_t left, Py_UCS4 *out)
{
    if (left < 3) {
        return MULTIBYTE_TOO_FEW;
    }
    return in[2] < 0x80 && !(state->c[2] & DOUBLE) && decode_single(state->c[2], in[2], out)
        ? 3 : -3;
}

/* A character of G0, or of G1. */
static Py_ssize_t
decode_in_set(const struct variant *v, int set, const unsigned char *in, Py_ssize_t left,
              Py_UCS4 *out, int *count)
{
    if (set == LATIN1_RIGHT || set == GREEK_RIGHT) {
        return -1;                  /* only G2 can be one of these */
    }
    if (!(set & DOUBLE)) {
        return decode_single(set, in[0], out) ? 1 : -1;
    }
    if (left < 2) {
        return MULTIBYTE_TOO_FEW;
    }
    if (set == JISX0213_1 || set == JISX0213_1_2000) {
        *count = jisx0213_decode(&v->jisx0213, 1, in[0], in[1], out);
        if (*count && out[0] == 0xFF5E) {
            out[0] = '~';
        }
    }
    else {
        *count = cjk_decode(table_of(set), in[0], in[1], out);
    }
    return *count ? 2 : -2;
}

static Py_ssize_t
iso2022_decode(const struct multibyte_codec *codec, multibyte_state *state,
               const unsigned char *in, Py_ssize_t left, Py_UCS4 *out, int *count)
{
    const struct variant *v = codec->config;
    out[0] = in[0];
    *count = 1;
    if (state->c[4] & ESCAPE_IS_TEXT) {
        if (is_final(in[0])) {
            state->c[4] &= (unsigned char)~ESCAPE_IS_TEXT;
        }
        return 1;
    }
    if (in[0] == ESC) {
        if (left < 2) {
            return MULTIBYTE_TOO_FEW;
        }
        if (in[1] == 'N' && v->has_g2) {
            return decode_g2(state, in, left, out);
        }
        if (in[1] != 0 && strchr("()$.&", in[1]) != NULL) {
            *count = 0;
            return decode_escape(v, state, in, left);
        }
        state->c[4] |= ESCAPE_IS_TEXT;
        return 1;
    }
    if (v->shifts && (in[0] == SO || in[0] == SI)) {
        state->c[4] = (unsigned char)((state->c[4] & ~SHIFTED) | (in[0] == SO ? SHIFTED : 0));
        *count = 0;
        return 1;
    }
    if (in[0] == '\n') {
        state->c[4] &= (unsigned char)~SHIFTED;
    }
    if (in[0] < 0x20) {
        return 1;
    }
    if (in[0] >= 0x80) {
        return -1;
    }
    return decode_in_set(v, state->c[state->c[4] & SHIFTED ? 1 : 0], in, left, out, count);
}

/* ---- encoding -------------------------------------------------------------------------------- */

/* Write what makes the set G0, and leaves G1.  Return the number of bytes. */
static int
put_g0(multibyte_state *state, int set, unsigned char *out)
{
    int size = 0;
    if (state->c[4] & SHIFTED) {
        state->c[4] &= (unsigned char)~SHIFTED;
        out[size++] = SI;
    }
    if (state->c[0] != set) {
        state->c[0] = (unsigned char)set;
        out[size++] = ESC;
        if (set & DOUBLE) {
            out[size++] = '$';
        }
        if (set != JISX0208) {      /* as old as that: without the parenthesis */
            out[size++] = '(';
        }
        out[size++] = set & ~DOUBLE;
    }
    return size;
}

/* Write what makes the set G1, and puts it in use.  Return the number of bytes. */
static int
put_g1(multibyte_state *state, int set, unsigned char *out)
{
    int size = 0;
    assert(set & DOUBLE);
    if (state->c[1] != set) {
        state->c[1] = (unsigned char)set;
        out[size++] = ESC;
        out[size++] = '$';
        out[size++] = ')';
        out[size++] = set & ~DOUBLE;
    }
    if (!(state->c[4] & SHIFTED)) {
        state->c[4] |= SHIFTED;
        out[size++] = SO;
    }
    return size;
}

static int
iso2022_reset(multibyte_state *state, unsigned char *out)
{
    return put_g0(state, ASCII, out);
}

/* Choose the set.  Return the code, or a negative value as encode does. */
static int
choose_set(const struct variant *v, const struct multibyte_input *in, int *used, int *set)
{
    int result = MULTIBYTE_ILLEGAL;
    for (const unsigned char *s = v->sets; *s; s++) {
        int code = encode_in_set(v, *s, in, used);
        if (code == MULTIBYTE_NEEDS_NEXT) {
            return code;
        }
        /* A text of two characters wins over its first one in a set before. */
        if (code > 0 && (result < 0 || *used == 2)) {
            result = code;
            *set = *s;
        }
    }
    return result;
}

static int
iso2022_encode(const struct multibyte_codec *codec, multibyte_state *state,
               const struct multibyte_input *in, unsigned char *out, int *used)
{
    const struct variant *v = codec->config;
    *used = 1;
    if (in->text[0] < 0x80) {
        int size = put_g0(state, ASCII, out);
        out[size++] = (unsigned char)in->text[0];
        return size;
    }
    int set = 0;
    int code = choose_set(v, in, used, &set);
    if (code < 0) {
        return code;
    }
    int size = v->shifts ? put_g1(state, set, out) : put_g0(state, set, out);
    if (set & DOUBLE) {
        return size + cjk_put(out + size, code);
    }
    out[size++] = (unsigned char)code;
    return size;
}

#define ISO2022(variant) \
    {.name = "iso2022_" #variant, .config = &variant, .init = iso2022_init, \
     .encode = iso2022_encode, .reset = iso2022_reset, .decode = iso2022_decode}

static const struct multibyte_codec iso2022_codecs[] = {
    ISO2022(kr),
    ISO2022(jp),
    ISO2022(jp_1),
    ISO2022(jp_2),
    ISO2022(jp_2004),
    ISO2022(jp_3),
    ISO2022(jp_ext),
    {NULL}
};

static PyObject *
iso2022_getcodec(PyObject *Py_UNUSED(module), PyObject *name)
{
    return cjk_getcodec(iso2022_codecs, name);
}

static PyMethodDef iso2022_functions[] = {
    {"getcodec", iso2022_getcodec, METH_O, NULL},
    {NULL}
};

static PyModuleDef_Slot iso2022_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef iso2022_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_codecs_iso2022",
    .m_size = 0,
    .m_methods = iso2022_functions,
    .m_slots = iso2022_slots,
};

PyMODINIT_FUNC
PyInit__codecs_iso2022(void)
{
    return PyModuleDef_Init(&iso2022_module);
}
