/* _codecs_hk: the codec big5hkscs of Hong Kong, where four texts of two characters have one code.
 *
 * Written from the set's name and observed behaviour; see multibytecodec.h.
 */
#include "multibytecodec.h"
#include "cjk/big5hkscs.h"

static const struct multibyte_codec hk_codecs[] = {
    {.name = "big5hkscs", .config = &big5hkscs,
     .encode = cjk_plain_encode, .decode = cjk_plain_decode},
    {NULL}
};

CJK_MODULE(_codecs_hk, hk_codecs)
