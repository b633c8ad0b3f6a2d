/* _codecs_jp: the codecs shift_jis, cp932, euc_jp and those of JIS X 0213 (shift_jis_2004,
 * shift_jisx0213, euc_jis_2004, euc_jisx0213) of Japan.
 *
 * Shift JIS writes the 94 columns of two rows of a set in one row of its own: the sets' tables are
 * those of ISO 2022 (rows and columns from 0x21).  Ten characters of JIS X 0213 came in 2004; the
 * codecs with "x0213" in their names are those of 2000.  Written from the sets' names and observed
 * behaviour; see multibytecodec.h.
 */
#include "multibytecodec.h"
#include "cjk/cp932.h"
#include "cjk/jisx0208.h"
#include "cjk/jisx0212.h"
#include "cjk/jisx0213_1.h"
#include "cjk/jisx0213_2.h"

#include "jisx0213.h"

#define KANA_FIRST 0xFF61       /* halfwidth: the bytes A1..DF */
#define KANA_LAST 0xFF9F

/* Is the byte a halfwidth kana (then written to out)? */
static int
decode_kana(int byte, Py_UCS4 *out)
{
    if (byte < 0xA1 || byte > 0xDF) {
        return 0;
    }
    out[0] = KANA_FIRST + (byte - 0xA1);
    return 1;
}

static int
is_kana(Py_UCS4 ch)
{
    return ch >= KANA_FIRST && ch <= KANA_LAST;
}

static int
put_kana(unsigned char *out, Py_UCS4 ch)
{
    out[0] = (unsigned char)(ch - KANA_FIRST + 0xA1);
    return 1;
}

/* ---- Shift JIS ------------------------------------------------------------------------------- */

/* The place (row from 0 over 120 rows, and column from 0) of two bytes of Shift JIS.
 * Return 0 if the second one is wrong. */
static int
shift_place(int lead, int trail, int *row, int *column)
{
    if (trail < 0x40 || trail == 0x7F || trail > 0xFC) {
        return 0;
    }
    *row = (lead - (lead < 0xA0 ? 0x81 : 0xC1)) * 2;
    *column = trail - (trail < 0x7F ? 0x40 : 0x41);
    if (*column >= 94) {
        *row += 1;
        *column -= 94;
    }
    return 1;
}

static int
put_shift(unsigned char *out, int row, int column)
{
    int lead = row / 2 + 0x81;
    column += row % 2 * 94;
    out[0] = (unsigned char)(lead < 0xA0 ? lead : lead + 0x40);
    out[1] = (unsigned char)(column + (column < 0x3F ? 0x40 : 0x41));
    return 2;
}

/* The rows of plane 2 of JIS X 0213 that Shift JIS has after the 94 of plane 1, from 0. */
static const unsigned char plane2_rows[] = {
    0, 7, 2, 3, 4, 11, 12, 13, 14, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92,
    93
};

/* What all of Shift JIS begins with; last_lead: the last first byte of two.  Return 1 if the byte
 * stands for a character alone, or MULTIBYTE_TOO_FEW, -1 (illegal), or 2: there are two bytes to
 * look at. */
static int
decode_shift_single(int last_lead, const unsigned char *in, Py_ssize_t left, Py_UCS4 *out,
                    int *count)
{
    out[0] = in[0];
    *count = 1;
    if (in[0] < 0x80 || decode_kana(in[0], out)) {
        return 1;
    }
    if (in[0] == 0x80 || in[0] == 0xA0 || in[0] > last_lead) {
        return -1;
    }
    return left < 2 ? MULTIBYTE_TOO_FEW : 2;
}

static Py_ssize_t
shift_jis_decode(const struct multibyte_codec *Py_UNUSED(codec), multibyte_state *Py_UNUSED(s),
                 const unsigned char *in, Py_ssize_t left, Py_UCS4 *out, int *count)
{
    int size = decode_shift_single(0xEA, in, left, out, count);
    if (size != 2) {
        return size;
    }
    int row, column;
    if (!shift_place(in[0], in[1], &row, &column)) {
        return -1;
    }
    *count = cjk_decode(&jisx0208, row + 0x21, column + 0x21, out);
    return *count ? 2 : -1;
}

/* The characters of one byte.  Return the number of bytes, 0 if it is none of these. */
static int
encode_jis_single(Py_UCS4 ch, unsigned char *out)
{
    if (ch < 0x80 || ch == 0xA5 || ch == 0x203E) {
        out[0] = (unsigned char)(ch == 0xA5 ? 0x5C : ch == 0x203E ? 0x7E : ch);
        return 1;
    }
    return 0;
}

static int
shift_jis_encode(const struct multibyte_codec *Py_UNUSED(codec), multibyte_state *Py_UNUSED(s),
                 const struct multibyte_input *in, unsigned char *out, int *used)
{
    *used = 1;
    if (encode_jis_single(in->text[0], out)) {
        return 1;
    }
    if (is_kana(in->text[0])) {
        return put_kana(out, in->text[0]);
    }
    int code = cjk_encode(&jisx0208, in->text[0]);
    return code ? put_shift(out, (code >> 8) - 0x21, (code & 0xFF) - 0x21) : MULTIBYTE_ILLEGAL;
}

/* ---- CP932 ----------------------------------------------------------------------------------- */

/* Bytes that other codecs have no use for: 80 itself and four private characters. */
static const struct {
    unsigned char byte;
    uint16_t ch;
} cp932_singles[] = {{0x80, 0x80}, {0xA0, 0xF8F0}, {0xFD, 0xF8F1}, {0xFE, 0xF8F2}, {0xFF, 0xF8F3}};

static Py_ssize_t
cp932_decode_one(const struct multibyte_codec *Py_UNUSED(codec), multibyte_state *Py_UNUSED(s),
                 const unsigned char *in, Py_ssize_t left, Py_UCS4 *out, int *count)
{
    int size = decode_shift_single(0xFC, in, left, out, count);
    if (size == 2) {
        *count = cjk_decode(&cp932, in[0], in[1], out);
        return *count ? 2 : -1;
    }
    for (size_t i = 0; size < 0 && i < Py_ARRAY_LENGTH(cp932_singles); i++) {
        if (cp932_singles[i].byte == in[0]) {
            out[0] = cp932_singles[i].ch;
            size = 1;
        }
    }
    return size;
}

static int
cp932_encode_one(const struct multibyte_codec *Py_UNUSED(codec), multibyte_state *Py_UNUSED(s),
                 const struct multibyte_input *in, unsigned char *out, int *used)
{
    Py_UCS4 ch = in->text[0];
    *used = 1;
    if (is_kana(ch)) {
        return put_kana(out, ch);
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(cp932_singles); i++) {
        if (cp932_singles[i].ch == ch) {
            out[0] = cp932_singles[i].byte;
            return 1;
        }
    }
    return cjk_encode_double(&cp932, 0, in, out, used);
}

/* ---- Shift JIS with JIS X 0213 --------------------------------------------------------------- */

/* The bytes 5C and 7E are not those of ASCII, whose characters are written so. */
#define BACKSLASH_CODE 0x2140
#define TILDE_CODE 0x2232

static Py_ssize_t
shift_0213_decode(const struct multibyte_codec *codec, multibyte_state *Py_UNUSED(state),
                  const unsigned char *in, Py_ssize_t left, Py_UCS4 *out, int *count)
{
    int size = decode_shift_single(0xFC, in, left, out, count);
    if (size != 2) {
        if (size == 1 && (in[0] == 0x5C || in[0] == 0x7E)) {
            out[0] = in[0] == 0x5C ? 0xA5 : 0x203E;
        }
        return size;
    }
    int row, column;
    if (!shift_place(in[0], in[1], &row, &column)) {
        return -1;
    }
    if (row >= 94) {
        *count = jisx0213_decode(codec, 2, plane2_rows[row - 94] + 0x21, column + 0x21, out);
        return *count ? 2 : -1;
    }
    int code = (row + 0x21) << 8 | (column + 0x21);
    if (code == BACKSLASH_CODE || code == TILDE_CODE) {
        out[0] = code == TILDE_CODE ? '~' : '\\';
        return 2;
    }
    *count = jisx0213_decode(codec, 1, row + 0x21, column + 0x21, out);
    return *count ? 2 : jisx0213_lacks(codec, code) ? -2 : -1;
}

static int
shift_0213_encode(const struct multibyte_codec *codec, multibyte_state *Py_UNUSED(state),
                  const struct multibyte_input *in, unsigned char *out, int *used)
{
    Py_UCS4 ch = in->text[0];
    *used = 1;
    if (ch != 0x5C && ch != 0x7E && encode_jis_single(ch, out)) {
        return 1;
    }
    if (is_kana(ch)) {
        return put_kana(out, ch);
    }
    int plane = 1;
    int code = ch == '\\' ? BACKSLASH_CODE : ch == '~' ? TILDE_CODE
        : ch == 0xFF3C || ch == 0xFF5E ? MULTIBYTE_ILLEGAL
        : jisx0213_encode(codec, in, used, &plane);
    if (code < 0) {
        return code;
    }
    int row = (code >> 8) - 0x21, column = (code & 0xFF) - 0x21;
    if (plane == 2) {
        const unsigned char *found = memchr(plane2_rows, row, sizeof(plane2_rows));
        assert(found != NULL);
        row = 94 + (int)(found - plane2_rows);
    }
    return put_shift(out, row, column);
}

/* ---- EUC ------------------------------------------------------------------------------------- */

#define SINGLE_SHIFT_2 0x8E     /* a halfwidth kana follows */
#define SINGLE_SHIFT_3 0x8F     /* two bytes of the second set follow */

/* What both codecs have in common; return -2 if there are two bytes (after SINGLE_SHIFT_3 three) of
 * a set to look at, else what decode returns. */
static Py_ssize_t
decode_euc_single(const unsigned char *in, Py_ssize_t left, Py_UCS4 *out, int *count)
{
    out[0] = in[0];
    *count = 1;
    if (in[0] < 0x80) {
        return 1;
    }
    if (left < (in[0] == SINGLE_SHIFT_3 ? 3 : 2)) {
        return MULTIBYTE_TOO_FEW;
    }
    if (in[0] == SINGLE_SHIFT_2) {
        return decode_kana(in[1], out) ? 2 : -1;
    }
    return -2;
}

static Py_ssize_t
euc_jp_decode(const struct multibyte_codec *Py_UNUSED(codec), multibyte_state *Py_UNUSED(state),
              const unsigned char *in, Py_ssize_t left, Py_UCS4 *out, int *count)
{
    Py_ssize_t size = decode_euc_single(in, left, out, count);
    if (size != -2) {
        return size;
    }
    if (in[0] == SINGLE_SHIFT_3) {
        *count = cjk_decode(&jisx0212, in[1] - 0x80, in[2] - 0x80, out);
        return *count ? 3 : -1;
    }
    *count = cjk_decode(&jisx0208, in[0] - 0x80, in[1] - 0x80, out);
    return *count ? 2 : -1;
}

/* Write a code of the first set, or of the second (third is true) one. */
static int
put_euc(unsigned char *out, int code, int third)
{
    if (third) {
        *out++ = SINGLE_SHIFT_3;
    }
    return third + cjk_put(out, code | 0x8080);
}

static int
put_euc_kana(unsigned char *out, Py_UCS4 ch)
{
    out[0] = SINGLE_SHIFT_2;
    return 1 + put_kana(out + 1, ch);
}

static int
euc_jp_encode(const struct multibyte_codec *Py_UNUSED(codec), multibyte_state *Py_UNUSED(state),
              const struct multibyte_input *in, unsigned char *out, int *used)
{
    Py_UCS4 ch = in->text[0];
    *used = 1;
    if (encode_jis_single(ch, out)) {
        return 1;
    }
    if (is_kana(ch)) {
        return put_euc_kana(out, ch);
    }
    int code = cjk_encode(&jisx0208, ch);
    if (code) {
        return put_euc(out, code, 0);
    }
    code = cjk_encode(&jisx0212, ch);
    return code ? put_euc(out, code, 1) : MULTIBYTE_ILLEGAL;
}

static Py_ssize_t
euc_0213_decode(const struct multibyte_codec *codec, multibyte_state *Py_UNUSED(state),
                const unsigned char *in, Py_ssize_t left, Py_UCS4 *out, int *count)
{
    Py_ssize_t size = decode_euc_single(in, left, out, count);
    if (size != -2) {
        return size;
    }
    int third = in[0] == SINGLE_SHIFT_3;
    int lead = in[third] - 0x80, trail = in[third + 1] - 0x80;
    *count = jisx0213_decode(codec, third ? 2 : 1, lead, trail, out);
    if (*count == 0 && !third && jisx0213_lacks(codec, lead << 8 | trail)) {
        return -2;
    }
    if (*count == 0 && third) {
        *count = cjk_decode(&jisx0212, lead, trail, out);
    }
    return *count ? 2 + third : -1;
}

static int
euc_0213_encode(const struct multibyte_codec *codec, multibyte_state *Py_UNUSED(state),
                const struct multibyte_input *in, unsigned char *out, int *used)
{
    Py_UCS4 ch = in->text[0];
    *used = 1;
    if (ch < 0x80) {
        out[0] = (unsigned char)ch;
        return 1;
    }
    if (is_kana(ch)) {
        return put_euc_kana(out, ch);
    }
    int plane, code = jisx0213_encode(codec, in, used, &plane);
    if (code == MULTIBYTE_ILLEGAL && plane == 0) {
        int other = cjk_encode(&jisx0212, ch);
        return other ? put_euc(out, other, 1) : MULTIBYTE_ILLEGAL;
    }
    return code < 0 ? code : put_euc(out, code, plane == 2);
}

static const struct multibyte_codec jp_codecs[] = {
    {.name = "shift_jis", .encode = shift_jis_encode, .decode = shift_jis_decode},
    {.name = "cp932", .encode = cp932_encode_one, .decode = cp932_decode_one},
    {.name = "euc_jp", .encode = euc_jp_encode, .decode = euc_jp_decode},
    {.name = "shift_jis_2004", .encode = shift_0213_encode, .decode = shift_0213_decode},
    {.name = "euc_jis_2004", .encode = euc_0213_encode, .decode = euc_0213_decode},
    {.name = "euc_jisx0213", .config = &jisx0213_2000,
     .encode = euc_0213_encode, .decode = euc_0213_decode},
    {.name = "shift_jisx0213", .config = &jisx0213_2000,
     .encode = shift_0213_encode, .decode = shift_0213_decode},
    {NULL}
};

static PyObject *
jp_getcodec(PyObject *Py_UNUSED(module), PyObject *name)
{
    return cjk_getcodec(jp_codecs, name);
}

static PyMethodDef jp_functions[] = {
    {"getcodec", jp_getcodec, METH_O, NULL},
    {NULL}
};

static PyModuleDef_Slot jp_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef jp_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_codecs_jp",
    .m_size = 0,
    .m_methods = jp_functions,
    .m_slots = jp_slots,
};

PyMODINIT_FUNC
PyInit__codecs_jp(void)
{
    return PyModuleDef_Init(&jp_module);
}
