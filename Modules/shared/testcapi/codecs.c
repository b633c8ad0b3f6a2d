/* _testcapi: the codecs of str, each by its own C function.
 *
 * Written from the C API reference ("Built-in Codecs" of "Unicode Objects and Codecs").
 */
#include "wrap.h"
#include "parts.h"

typedef PyObject *(*decoder)(const char *, Py_ssize_t, const char *, int *);
typedef PyObject *(*stateful_decoder)(const char *, Py_ssize_t, const char *, int *, Py_ssize_t *);

#define DATA(data) (data).start, (data).size
#define decode(data, encoding, errors) PyUnicode_Decode(DATA(data), encoding, errors)
#define decode_utf8(data, errors) PyUnicode_DecodeUTF8(DATA(data), errors)
#define decode_latin1(data, errors) PyUnicode_DecodeLatin1(DATA(data), errors)
#define decode_ascii(data, errors) PyUnicode_DecodeASCII(DATA(data), errors)
#define decode_charmap(data, mapping, errors) PyUnicode_DecodeCharmap(DATA(data), mapping, errors)
#define decode_unicode_escape(data, errors) PyUnicode_DecodeUnicodeEscape(DATA(data), errors)
#define decode_raw_unicode_escape(data, errors) PyUnicode_DecodeRawUnicodeEscape(DATA(data), errors)

/* (str, bytes consumed). */
static PyObject *
decode_utf8_stateful(y_ARG data, const char *errors)
{
    Py_ssize_t consumed = -1;
    PyObject *text = PyUnicode_DecodeUTF8Stateful(DATA(data), errors, &consumed);
    return text == NULL ? NULL : Py_BuildValue("(Nn)", text, consumed);
}

/* (byte order found, str). */
static PyObject *
decode_ordered(decoder function, int order, y_ARG data, const char *errors)
{
    PyObject *text = function(DATA(data), errors, &order);
    return text == NULL ? NULL : Py_BuildValue("(iN)", order, text);
}

/* (byte order found, str, bytes consumed). */
static PyObject *
decode_ordered_stateful(stateful_decoder function, int order, y_ARG data, const char *errors)
{
    Py_ssize_t consumed = -1;
    PyObject *text = function(DATA(data), errors, &order, &consumed);
    return text == NULL ? NULL : Py_BuildValue("(iNn)", order, text, consumed);
}

#define decode_utf16(order, data, errors) \
    decode_ordered(PyUnicode_DecodeUTF16, order, data, errors)
#define decode_utf32(order, data, errors) \
    decode_ordered(PyUnicode_DecodeUTF32, order, data, errors)
#define decode_utf16_stateful(order, data, errors) \
    decode_ordered_stateful(PyUnicode_DecodeUTF16Stateful, order, data, errors)
#define decode_utf32_stateful(order, data, errors) \
    decode_ordered_stateful(PyUnicode_DecodeUTF32Stateful, order, data, errors)

#define CODEC_CALLS(X) \
    X(3, unicode_fromencodedobject, object, PyUnicode_FromEncodedObject, O, s, opts) \
    X(3, unicode_decode, object, decode, y, s, opts) \
    X(3, unicode_asencodedstring, object, PyUnicode_AsEncodedString, O, s, opts) \
    X(2, unicode_decodeutf8, object, decode_utf8, y, opts) \
    X(2, unicode_decodeutf8stateful, object, decode_utf8_stateful, y, opts) \
    X(1, unicode_asutf8string, object, PyUnicode_AsUTF8String, O) \
    X(3, unicode_decodeutf16, object, decode_utf16, i, y, opts) \
    X(3, unicode_decodeutf16stateful, object, decode_utf16_stateful, i, y, opts) \
    X(1, unicode_asutf16string, object, PyUnicode_AsUTF16String, O) \
    X(3, unicode_decodeutf32, object, decode_utf32, i, y, opts) \
    X(3, unicode_decodeutf32stateful, object, decode_utf32_stateful, i, y, opts) \
    X(1, unicode_asutf32string, object, PyUnicode_AsUTF32String, O) \
    X(2, unicode_decodelatin1, object, decode_latin1, y, opts) \
    X(1, unicode_aslatin1string, object, PyUnicode_AsLatin1String, O) \
    X(2, unicode_decodeascii, object, decode_ascii, y, opts) \
    X(1, unicode_asasciistring, object, PyUnicode_AsASCIIString, O) \
    X(3, unicode_decodecharmap, object, decode_charmap, y, O, opts) \
    X(2, unicode_ascharmapstring, object, PyUnicode_AsCharmapString, O, O) \
    X(2, unicode_decodeunicodeescape, object, decode_unicode_escape, y, opts) \
    X(1, unicode_asunicodeescapestring, object, PyUnicode_AsUnicodeEscapeString, O) \
    X(2, unicode_decoderawunicodeescape, object, decode_raw_unicode_escape, y, opts) \
    X(1, unicode_asrawunicodeescapestring, object, PyUnicode_AsRawUnicodeEscapeString, O) \
    X(2, codec_incrementalencoder, object, PyCodec_IncrementalEncoder, s, opts) \
    X(2, codec_incrementaldecoder, object, PyCodec_IncrementalDecoder, s, opts)

CODEC_CALLS(WRAP)

static PyMethodDef codec_methods[] = {
    CODEC_CALLS(WRAP_ROW)
    {NULL}
};

int
_TestCapi_AddCodecs(PyObject *module)
{
    return PyModule_AddFunctions(module, codec_methods);
}
