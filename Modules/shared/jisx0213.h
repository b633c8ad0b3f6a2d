/* JIS X 0213 in its editions of 2000 and 2004, for _codecs_jp and _codecs_iso2022.
 *
 * Include it after multibytecodec.h and the tables jisx0213_1.h and jisx0213_2.h.  Written from
 * observed behaviour.
 */
#ifndef LADON_JISX0213_H
#define LADON_JISX0213_H

/* The configuration of a codec of the edition of 2000. */
static const int jisx0213_2000 = 2000;

/* The codes of plane 1 that came in 2004. */
static const uint16_t jisx0213_added[] = {
    0x2E21, 0x2F7E, 0x4F54, 0x4F7E, 0x7427, 0x7E7A, 0x7E7B, 0x7E7C, 0x7E7D, 0x7E7E
};

/* A character of plane 2 that was another one in 2000. */
#define JISX0213_CHANGED 0x7D3B
#define JISX0213_CHANGED_2000 0x9B1D
#define JISX0213_CHANGED_2004 0x9B1C

/* Is it a code that came in 2004, and the codec of the edition of 2000? */
static inline int
jisx0213_lacks(const struct multibyte_codec *codec, int code)
{
    if (codec->config == &jisx0213_2000) {
        for (size_t i = 0; i < Py_ARRAY_LENGTH(jisx0213_added); i++) {
            if (jisx0213_added[i] == code) {
                return 1;
            }
        }
    }
    return 0;
}

/* As cjk_decode(), of a plane (1 or 2) in the codec's edition. */
static inline int
jisx0213_decode(const struct multibyte_codec *codec, int plane, int lead, int trail, Py_UCS4 *out)
{
    int code = lead << 8 | trail;
    if (plane == 1) {
        return jisx0213_lacks(codec, code) ? 0 : cjk_decode(&jisx0213_1, lead, trail, out);
    }
    if (code == JISX0213_CHANGED && codec->config == &jisx0213_2000) {
        out[0] = JISX0213_CHANGED_2000;
        return 1;
    }
    return cjk_decode(&jisx0213_2, lead, trail, out);
}

/* As cjk_encode(), of plane 2. */
static inline int
jisx0213_encode_2(const struct multibyte_codec *codec, Py_UCS4 ch)
{
    if (codec->config == &jisx0213_2000) {
        if (ch == JISX0213_CHANGED_2000) {
            return JISX0213_CHANGED;
        }
        if (ch == JISX0213_CHANGED_2004) {
            return 0;
        }
    }
    return cjk_encode(&jisx0213_2, ch);
}

/* As cjk_encode_pair(); *plane: 1 or 2, or 0 if no edition has the character. */
static inline int
jisx0213_encode(const struct multibyte_codec *codec, const struct multibyte_input *in, int *used,
                int *plane)
{
    *plane = 1;
    int code = cjk_encode_pair(&jisx0213_1, in, used);
    if (code != MULTIBYTE_ILLEGAL) {
        return code > 0 && jisx0213_lacks(codec, code) ? MULTIBYTE_ILLEGAL : code;
    }
    code = jisx0213_encode_2(codec, in->text[0]);
    *plane = code || in->text[0] == JISX0213_CHANGED_2004 ? 2 : 0;
    return code ? code : MULTIBYTE_ILLEGAL;
}

#endif /* !LADON_JISX0213_H */
