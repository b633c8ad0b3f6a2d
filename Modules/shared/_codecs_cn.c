/* _codecs_cn: the codecs gb2312, gbk, gb18030 and hz of China.
 *
 * GB 18030 gives four-byte codes to all that has no two-byte code: to the BMP in the order of the
 * code points (the table has the runs), to the other planes by their number alone.  HZ (RFC 1843)
 * is GB 2312 in seven bits between "~{" and "~}".  Written from RFC 1843, the sets' names and
 * observed behaviour; see multibytecodec.h.
 */
#include "multibytecodec.h"

struct gb18030_range {
    uint16_t first, last;           /* code points */
    uint16_t place;                 /* of the first one's code among all four-byte codes */
};

#include "cjk/gb18030.h"
#include "cjk/gb18030_ranges.h"
#include "cjk/gb2312.h"
#include "cjk/gbk.h"

#define RANGE_COUNT ((int)Py_ARRAY_LENGTH(gb18030_ranges))
#define PLANE1_PLACE 189000         /* of 90 30 81 30, the code of U+10000 */

/* Return the last range whose key (place or first) is not above the value; NULL: none. */
static const struct gb18030_range *
find_range(unsigned int value, int by_place)
{
    int low = 0, high = RANGE_COUNT;
    while (low < high) {
        int mid = (low + high) / 2;
        unsigned int key = by_place ? gb18030_ranges[mid].place : gb18030_ranges[mid].first;
        if (key <= value) {
            low = mid + 1;
        }
        else {
            high = mid;
        }
    }
    return low ? &gb18030_ranges[low - 1] : NULL;
}

/* Four bytes, of which the second is a digit.  Return 4, or -1. */
static Py_ssize_t
decode_four(const unsigned char *in, Py_UCS4 *out)
{
    if (in[0] < 0x81 || in[0] > 0xFE || in[2] < 0x81 || in[2] > 0xFE
            || in[3] < 0x30 || in[3] > 0x39) {
        return -1;
    }
    unsigned int place = (((in[0] - 0x81) * 10u + (in[1] - 0x30)) * 126 + (in[2] - 0x81)) * 10
                         + (in[3] - 0x30);
    if (place >= PLANE1_PLACE) {
        out[0] = 0x10000 + (place - PLANE1_PLACE);
        return out[0] <= 0x10FFFF ? 4 : -1;
    }
    const struct gb18030_range *range = find_range(place, 1);
    assert(range != NULL);
    out[0] = range->first + (place - range->place);
    return out[0] <= range->last ? 4 : -1;
}

static Py_ssize_t
gb18030_decode_one(const struct multibyte_codec *Py_UNUSED(codec), multibyte_state *Py_UNUSED(s),
                   const unsigned char *in, Py_ssize_t left, Py_UCS4 *out, int *count)
{
    if (in[0] >= 0x80 && left >= 2 && in[1] >= 0x30 && in[1] <= 0x39) {
        *count = 1;
        return left < 4 ? MULTIBYTE_TOO_FEW : decode_four(in, out);
    }
    return cjk_decode_double(&gb18030, 0, in, left, out, count);
}

static int
gb18030_encode_one(const struct multibyte_codec *Py_UNUSED(codec), multibyte_state *Py_UNUSED(s),
                   const struct multibyte_input *in, unsigned char *out, int *used)
{
    int done = cjk_encode_double(&gb18030, 0, in, out, used);
    if (done != MULTIBYTE_ILLEGAL) {
        return done;
    }
    Py_UCS4 ch = in->text[0];
    unsigned int place;
    if (ch >= 0x10000) {
        place = PLANE1_PLACE + (ch - 0x10000);
    }
    else {
        const struct gb18030_range *range = find_range(ch, 0);
        if (range == NULL || ch > range->last) {
            return MULTIBYTE_ILLEGAL;       /* a surrogate */
        }
        place = range->place + (ch - range->first);
    }
    out[3] = 0x30 + place % 10;
    out[2] = 0x81 + place / 10 % 126;
    out[1] = 0x30 + place / 1260 % 10;
    out[0] = 0x81 + place / 12600;
    return 4;
}

/* ---- HZ: state->c[0] is 1 between "~{" and "~}" ---------------------------------------------- */

static Py_ssize_t
hz_decode_tilde(multibyte_state *state, int next, Py_UCS4 *out, int *count)
{
    *count = 0;
    if (next == '~' && !state->c[0]) {
        out[0] = '~';
        *count = 1;
    }
    else if (next == '{' && !state->c[0]) {
        state->c[0] = 1;
    }
    else if (next == '}' && state->c[0]) {
        state->c[0] = 0;
    }
    else if (next != '\n' || state->c[0]) {
        return -1;
    }
    return 2;
}

static Py_ssize_t
hz_decode(const struct multibyte_codec *Py_UNUSED(codec), multibyte_state *state,
          const unsigned char *in, Py_ssize_t left, Py_UCS4 *out, int *count)
{
    if (in[0] == '~') {
        return left < 2 ? MULTIBYTE_TOO_FEW : hz_decode_tilde(state, in[1], out, count);
    }
    if (in[0] >= 0x80) {
        return -1;
    }
    if (!state->c[0]) {
        out[0] = in[0];
        *count = 1;
        return 1;
    }
    if (left < 2) {
        return MULTIBYTE_TOO_FEW;
    }
    *count = cjk_decode(&gb2312, in[0], in[1], out);
    return *count ? 2 : -1;
}

static int
hz_reset(multibyte_state *state, unsigned char *out)
{
    if (!state->c[0]) {
        return 0;
    }
    state->c[0] = 0;
    return cjk_put(out, '~' << 8 | '}');
}

static int
hz_encode(const struct multibyte_codec *Py_UNUSED(codec), multibyte_state *state,
          const struct multibyte_input *in, unsigned char *out, int *used)
{
    *used = 1;
    Py_UCS4 ch = in->text[0];
    int size = 0;
    if (ch < 0x80) {
        size = hz_reset(state, out);
        out[size++] = (unsigned char)ch;
        if (ch == '~') {
            out[size++] = '~';
        }
        return size;
    }
    int code = cjk_encode(&gb2312, ch);
    if (!code) {
        return MULTIBYTE_ILLEGAL;
    }
    if (!state->c[0]) {
        state->c[0] = 1;
        size = cjk_put(out, '~' << 8 | '{');
    }
    return size + cjk_put(out + size, code);
}

static const struct multibyte_codec cn_codecs[] = {
    {.name = "gb2312", .config = &gb2312, .encode = cjk_euc_encode, .decode = cjk_euc_decode},
    {.name = "gbk", .config = &gbk, .encode = cjk_plain_encode, .decode = cjk_plain_decode},
    {.name = "gb18030", .encode = gb18030_encode_one, .decode = gb18030_decode_one},
    {.name = "hz", .encode = hz_encode, .reset = hz_reset, .decode = hz_decode},
    {NULL}
};

static PyObject *
cn_getcodec(PyObject *Py_UNUSED(module), PyObject *name)
{
    return cjk_getcodec(cn_codecs, name);
}

static PyMethodDef cn_functions[] = {
    {"getcodec", cn_getcodec, METH_O, NULL},
    {NULL}
};

static PyModuleDef_Slot cn_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef cn_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_codecs_cn",
    .m_size = 0,
    .m_methods = cn_functions,
    .m_slots = cn_slots,
};

PyMODINIT_FUNC
PyInit__codecs_cn(void)
{
    return PyModuleDef_Init(&cn_module);
}
