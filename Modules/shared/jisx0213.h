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

static inline int
jisx0213_came_2004(int code)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(jisx0213_added); i++) {
        if (jisx0213_added[i] == code) {
            return 1;
        }
    }
    return 0;
}

/* As cjk_decode(), of the codec's edition. */
static inline int
jisx0213_decode(const struct multibyte_codec *codec, const struct cjk_charset *plane, int lead,
                int trail, Py_UCS4 *out)
{
    if (codec->config == &jisx0213_2000 && plane == &jisx0213_1
            && jisx0213_came_2004(lead << 8 | trail)) {
        return 0;
    }
    return cjk_decode(plane, lead, trail, out);
}

/* As cjk_encode_pair(); *plane: 1 or 2. */
static inline int
jisx0213_encode(const struct multibyte_codec *codec, const struct multibyte_input *in, int *used,
                int *plane)
{
    *plane = 1;
    int code = cjk_encode_pair(&jisx0213_1, in, used);
    if (code > 0 && codec->config == &jisx0213_2000 && jisx0213_came_2004(code)) {
        return MULTIBYTE_ILLEGAL;
    }
    if (code == MULTIBYTE_ILLEGAL && (code = cjk_encode(&jisx0213_2, in->text[0])) != 0) {
        *plane = 2;
        return code;
    }
    return code ? code : MULTIBYTE_ILLEGAL;
}

#endif /* !LADON_JISX0213_H */
