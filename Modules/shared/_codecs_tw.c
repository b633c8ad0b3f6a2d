/* _codecs_tw: the codecs big5 and cp950 of Taiwan.
 *
 * Written from the sets' names and observed behaviour; see multibytecodec.h.
 */
#include "multibytecodec.h"
#include "cjk/big5.h"
#include "cjk/cp950.h"

static const struct multibyte_codec tw_codecs[] = {
    {.name = "big5", .config = &big5, .encode = cjk_plain_encode, .decode = cjk_plain_decode},
    {.name = "cp950", .config = &cp950, .encode = cjk_plain_encode, .decode = cjk_plain_decode},
    {NULL}
};

CJK_MODULE(_codecs_tw, tw_codecs)
