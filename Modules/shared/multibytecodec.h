/* What the modules of East Asian codecs (_codecs_cn, _hk, _iso2022, _jp, _kr, _tw) and the engine
 * _multibytecodec tell each other, and how the tables of the character sets are read.
 *
 * A codec is a const struct multibyte_codec that converts one character at a time; a module hands
 * it to _multibytecodec.__create_codec() in a capsule.  The tables are made by
 * Tools/cjk/generate.py.  Written from the documentation of codecs, the standards' names of the
 * character sets, and observed behaviour.
 */
#ifndef LADON_MULTIBYTECODEC_H
#define LADON_MULTIBYTECODEC_H

#include "Python.h"

#include <assert.h>
#include <stdint.h>

#define MULTIBYTE_CODEC_CAPSULE "multibytecodec.codec"
#define MULTIBYTE_MAX_OUT 16        /* bytes that one character, or a reset, can become */
#define MULTIBYTE_TOO_FEW 0         /* decode: more bytes are needed */
#define MULTIBYTE_NEEDS_NEXT (-1)   /* encode: the character may combine with the next */
#define MULTIBYTE_ILLEGAL (-2)      /* encode: not in the set */

typedef struct {
    unsigned char c[8];             /* what they mean is the codec's; all that getstate() has */
} multibyte_state;

/* The characters to encode: text[0] and, if count is 2, the next one; last: no more will come. */
struct multibyte_input {
    Py_UCS4 text[2];
    int count;
    int last;
};

struct multibyte_codec {
    const char *name;
    const void *config;             /* the codec's variant, for the functions below */
    void (*init)(multibyte_state *, int decoding);      /* may be NULL: all bytes 0 */
    /* Encode: return the number of bytes written to out (and the characters *used), or one of the
     * negative values above. */
    int (*encode)(const struct multibyte_codec *, multibyte_state *,
                  const struct multibyte_input *, unsigned char *out, int *used);
    /* May be NULL.  Write what returns to the initial state; return the number of bytes. */
    int (*reset)(multibyte_state *, unsigned char *out);
    /* Decode: return the number of bytes used (> 0) with *count (0 to 2) characters in out, or
     * MULTIBYTE_TOO_FEW, or -n: the first n bytes are illegal. */
    Py_ssize_t (*decode)(const struct multibyte_codec *, multibyte_state *,
                         const unsigned char *in, Py_ssize_t left, Py_UCS4 *out, int *count);
};

/* ---- character sets -------------------------------------------------------------------------- */

struct cjk_wide {
    uint32_t first;
    uint16_t second;                /* 0: one character */
};

struct cjk_pair {
    uint16_t first, second, code;
};

struct cjk_charset {
    uint8_t lead, trail;            /* the first ones */
    int leads, width;
    const uint16_t *decode;         /* leads rows of width cells; 0: none; a surrogate: see wide */
    const struct cjk_wide *wide;    /* of cell 0xD800 + i */
    int page_count;
    const uint16_t *pages;          /* of 64 code points each: number of the page in codes */
    const uint16_t *codes;          /* 0: none */
    int pair_count;
    const struct cjk_pair *pairs;   /* texts of two characters with one code */
};

/* Return how many characters the code has (written to out), 0 if it is none of the set. */
static inline int
cjk_decode(const struct cjk_charset *set, int lead, int trail, Py_UCS4 *out)
{
    int row = lead - set->lead, column = trail - set->trail;
    if (row < 0 || row >= set->leads || column < 0 || column >= set->width) {
        return 0;
    }
    uint16_t cell = set->decode[row * set->width + column];
    out[0] = cell;
    if (cell < 0xD800 || cell > 0xDFFF) {
        return cell != 0;
    }
    assert(set->wide != NULL);
    out[0] = set->wide[cell - 0xD800].first;
    out[1] = set->wide[cell - 0xD800].second;
    return out[1] ? 2 : 1;
}

/* Return the code of a character, 0 if the set does not have it. */
static inline int
cjk_encode(const struct cjk_charset *set, Py_UCS4 ch)
{
    Py_UCS4 page = ch / 64;
    if (page >= (Py_UCS4)set->page_count) {
        return 0;
    }
    return set->codes[set->pages[page] * 64 + ch % 64];
}

/* Encode one or two characters.  Return the code, or MULTIBYTE_ILLEGAL or MULTIBYTE_NEEDS_NEXT. */
static inline int
cjk_encode_pair(const struct cjk_charset *set, const struct multibyte_input *in, int *used)
{
    int starts = 0;
    for (const struct cjk_pair *p = set->pairs; p < set->pairs + set->pair_count; p++) {
        if (p->first != in->text[0]) {
            continue;
        }
        if (in->count > 1 && p->second == in->text[1]) {
            *used = 2;
            return p->code;
        }
        starts = 1;
    }
    if (starts && in->count == 1 && !in->last) {
        return MULTIBYTE_NEEDS_NEXT;
    }
    *used = 1;
    int code = cjk_encode(set, in->text[0]);
    return code ? code : MULTIBYTE_ILLEGAL;
}

/* Write a two-byte code. */
static inline int
cjk_put(unsigned char *out, int code)
{
    out[0] = (unsigned char)(code >> 8);
    out[1] = (unsigned char)code;
    return 2;
}

/* One ASCII byte or two bytes of a set (added: to a code, for a set of ISO 2022). */
static inline Py_ssize_t
cjk_decode_double(const struct cjk_charset *set, int added, const unsigned char *in,
                  Py_ssize_t left, Py_UCS4 *out, int *count)
{
    out[0] = in[0];
    *count = 1;
    if (in[0] < 0x80) {
        return 1;
    }
    if (left < 2) {
        return MULTIBYTE_TOO_FEW;
    }
    *count = cjk_decode(set, in[0] - added, in[1] - added, out);
    return *count ? 2 : -1;
}

static inline int
cjk_encode_double(const struct cjk_charset *set, int added, const struct multibyte_input *in,
                  unsigned char *out, int *used)
{
    *used = 1;
    if (in->text[0] < 0x80) {
        out[0] = (unsigned char)in->text[0];
        return 1;
    }
    int code = cjk_encode_pair(set, in, used);
    return code < 0 ? code : cjk_put(out, code + added * 0x101);
}

/* The functions of a codec whose configuration is a set with the codes' own bytes. */
static inline Py_ssize_t
cjk_plain_decode(const struct multibyte_codec *codec, multibyte_state *Py_UNUSED(state),
                 const unsigned char *in, Py_ssize_t left, Py_UCS4 *out, int *count)
{
    return cjk_decode_double(codec->config, 0, in, left, out, count);
}

static inline int
cjk_plain_encode(const struct multibyte_codec *codec, multibyte_state *Py_UNUSED(state),
                 const struct multibyte_input *in, unsigned char *out, int *used)
{
    return cjk_encode_double(codec->config, 0, in, out, used);
}

/* The same with the sets of ISO 2022, whose codes get the eighth bits (EUC). */
static inline Py_ssize_t
cjk_euc_decode(const struct multibyte_codec *codec, multibyte_state *Py_UNUSED(state),
               const unsigned char *in, Py_ssize_t left, Py_UCS4 *out, int *count)
{
    return cjk_decode_double(codec->config, 0x80, in, left, out, count);
}

static inline int
cjk_euc_encode(const struct multibyte_codec *codec, multibyte_state *Py_UNUSED(state),
               const struct multibyte_input *in, unsigned char *out, int *used)
{
    return cjk_encode_double(codec->config, 0x80, in, out, used);
}

/* ---- a module of codecs ---------------------------------------------------------------------- */

/* Return a new codec object for the codec of that name in the table, which a NULL name ends. */
static inline PyObject *
cjk_getcodec(const struct multibyte_codec *codecs, PyObject *name)
{
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "encoding name must be a string.");
        return NULL;
    }
    while (codecs->name != NULL && !_PyUnicode_EqualToASCIIString(name, codecs->name)) {
        codecs++;
    }
    if (codecs->name == NULL) {
        PyErr_SetString(PyExc_LookupError, "no such codec is supported.");
        return NULL;
    }
    PyObject *create = _PyImport_GetModuleAttrString("_multibytecodec", "__create_codec");
    if (create == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    PyObject *capsule = PyCapsule_New((void *)codecs, MULTIBYTE_CODEC_CAPSULE, NULL);
    if (capsule != NULL) {
        result = PyObject_CallOneArg(create, capsule);
        Py_DECREF(capsule);
    }
    Py_DECREF(create);
    return result;
}

#endif /* !LADON_MULTIBYTECODEC_H */
