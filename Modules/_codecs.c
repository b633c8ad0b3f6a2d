/* The module _codecs: the registry and the codecs of the core, as functions for `encodings`.
 *
 * A decoder takes bytes and returns (text, bytes used); an encoder takes str and returns (bytes,
 * characters used).
 *
 * Written from the library reference (codecs) and the observed signatures.
 */
#include "Python.h"
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_signature.h"
#include "pycore_strings.h"
#include "pycore_unicode.h"

#include "sig/_codecs.sig.h"

/* --- Registry --------------------------------------------------------------------------------- */

/*sig _codecs.register(module, search_function, /) -> None

Register a codec search function.

It takes an encoding name in lower case and returns a CodecInfo, or None.
*/
static int
_codecs_register_impl(PyObject *Py_UNUSED(module), PyObject *search_function)
{
    return PyCodec_Register(search_function);
}

/*sig _codecs.unregister(module, search_function, /) -> None

Unregister a codec search function and clear the registry's cache.
*/
static int
_codecs_unregister_impl(PyObject *Py_UNUSED(module), PyObject *search_function)
{
    return PyCodec_Unregister(search_function);
}

/*sig _codecs.lookup(module, encoding: utf8, /)

Look up a codec tuple in the registry and return a CodecInfo object.
*/
static PyObject *
_codecs_lookup_impl(PyObject *Py_UNUSED(module), const char *encoding)
{
    return _PyCodec_Lookup(encoding);
}

/*sig _codecs.encode(module, obj, encoding: utf8 = c"NULL" py"'utf-8'",
                     errors: utf8 = c"NULL" py"'strict'")

Encode obj using the codec registered for encoding.
*/
static PyObject *
_codecs_encode_impl(PyObject *Py_UNUSED(module), PyObject *obj, const char *encoding,
                    const char *errors)
{
    return PyCodec_Encode(obj, encoding != NULL ? encoding : "utf-8", errors);
}

/*sig _codecs.decode(module, obj, encoding: utf8 = c"NULL" py"'utf-8'",
                     errors: utf8 = c"NULL" py"'strict'")

Decode obj using the codec registered for encoding.
*/
static PyObject *
_codecs_decode_impl(PyObject *Py_UNUSED(module), PyObject *obj, const char *encoding,
                    const char *errors)
{
    return PyCodec_Decode(obj, encoding != NULL ? encoding : "utf-8", errors);
}

/*sig _codecs.register_error(module, errors: utf8, handler, /) -> None

Register the error handler under the name errors.
*/
static int
_codecs_register_error_impl(PyObject *Py_UNUSED(module), const char *errors, PyObject *handler)
{
    return PyCodec_RegisterError(errors, handler);
}

/*sig _codecs.lookup_error(module, name: utf8, /)

Return the error handler for the specified name, or raise a LookupError.
*/
static PyObject *
_codecs_lookup_error_impl(PyObject *Py_UNUSED(module), const char *name)
{
    return PyCodec_LookupError(name);
}

/* --- Helpers ---------------------------------------------------------------------------------- */

/* (result, n); steals the result. */
static PyObject *
pair(PyObject *result, Py_ssize_t n)
{
    return result != NULL ? Py_BuildValue("(Nn)", result, n) : NULL;
}

/* --- Decoders --------------------------------------------------------------------------------- */

/*sig _codecs.escape_decode(module, data: buffer_str, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_escape_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors)
{
    return pair(PyBytes_DecodeEscape(data->buf, data->len, errors, 0, NULL), data->len);
}

/*sig _codecs.escape_encode(module, data: bytes, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_escape_encode_impl(PyObject *Py_UNUSED(module), PyObject *data,
                           const char *Py_UNUSED(errors))
{
    /* the repr without b and the quotes; a single quote is always escaped */
    PyObject *repr = PyBytes_Repr(data, 0);
    if (repr == NULL) {
        return NULL;
    }
    const char *s = PyUnicode_DATA(repr);
    PyObject *res = PyBytes_FromStringAndSize(s + 2, PyUnicode_GET_LENGTH(repr) - 3);
    Py_DECREF(repr);
    return pair(res, PyBytes_GET_SIZE(data));
}

/*sig _codecs.utf_7_decode(module, data: buffer, errors: utf8_none = None, final: bool = False, /)
*/
static PyObject *
_codecs_utf_7_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors,
                          int final)
{
    Py_ssize_t consumed = data->len;
    PyObject *str = PyUnicode_DecodeUTF7Stateful(data->buf, data->len, errors,
                                                 final ? NULL : &consumed);
    return pair(str, consumed);
}

/*sig _codecs.utf_8_decode(module, data: buffer, errors: utf8_none = None, final: bool = False, /)
*/
static PyObject *
_codecs_utf_8_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors,
                          int final)
{
    Py_ssize_t consumed = data->len;
    PyObject *str = PyUnicode_DecodeUTF8Stateful(data->buf, data->len, errors,
                                                 final ? NULL : &consumed);
    return pair(str, consumed);
}

/*sig _codecs.utf_16_decode(module, data: buffer, errors: utf8_none = None, final: bool = False, /)
*/
static PyObject *
_codecs_utf_16_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors,
                           int final)
{
    Py_ssize_t consumed = data->len;
    int order = 0;
    PyObject *str = PyUnicode_DecodeUTF16Stateful(data->buf, data->len, errors, &order,
                                                  final ? NULL : &consumed);
    return pair(str, consumed);
}

/*sig _codecs.utf_16_le_decode(module, data: buffer, errors: utf8_none = None,
                               final: bool = False, /)
*/
static PyObject *
_codecs_utf_16_le_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors,
                              int final)
{
    Py_ssize_t consumed = data->len;
    int order = -1;
    PyObject *str = PyUnicode_DecodeUTF16Stateful(data->buf, data->len, errors, &order,
                                                  final ? NULL : &consumed);
    return pair(str, consumed);
}

/*sig _codecs.utf_16_be_decode(module, data: buffer, errors: utf8_none = None,
                               final: bool = False, /)
*/
static PyObject *
_codecs_utf_16_be_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors,
                              int final)
{
    Py_ssize_t consumed = data->len;
    int order = 1;
    PyObject *str = PyUnicode_DecodeUTF16Stateful(data->buf, data->len, errors, &order,
                                                  final ? NULL : &consumed);
    return pair(str, consumed);
}

/*sig _codecs.utf_16_ex_decode(module, data: buffer, errors: utf8_none = None,
                               byteorder: int = 0, final: bool = False, /)
*/
static PyObject *
_codecs_utf_16_ex_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors,
                              int byteorder, int final)
{
    Py_ssize_t consumed = data->len;
    PyObject *str = PyUnicode_DecodeUTF16Stateful(data->buf, data->len, errors, &byteorder,
                                                  final ? NULL : &consumed);
    return str != NULL ? Py_BuildValue("(Nni)", str, consumed, byteorder) : NULL;
}

/*sig _codecs.utf_32_decode(module, data: buffer, errors: utf8_none = None, final: bool = False, /)
*/
static PyObject *
_codecs_utf_32_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors,
                           int final)
{
    Py_ssize_t consumed = data->len;
    int order = 0;
    PyObject *str = PyUnicode_DecodeUTF32Stateful(data->buf, data->len, errors, &order,
                                                  final ? NULL : &consumed);
    return pair(str, consumed);
}

/*sig _codecs.utf_32_le_decode(module, data: buffer, errors: utf8_none = None,
                               final: bool = False, /)
*/
static PyObject *
_codecs_utf_32_le_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors,
                              int final)
{
    Py_ssize_t consumed = data->len;
    int order = -1;
    PyObject *str = PyUnicode_DecodeUTF32Stateful(data->buf, data->len, errors, &order,
                                                  final ? NULL : &consumed);
    return pair(str, consumed);
}

/*sig _codecs.utf_32_be_decode(module, data: buffer, errors: utf8_none = None,
                               final: bool = False, /)
*/
static PyObject *
_codecs_utf_32_be_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors,
                              int final)
{
    Py_ssize_t consumed = data->len;
    int order = 1;
    PyObject *str = PyUnicode_DecodeUTF32Stateful(data->buf, data->len, errors, &order,
                                                  final ? NULL : &consumed);
    return pair(str, consumed);
}

/*sig _codecs.utf_32_ex_decode(module, data: buffer, errors: utf8_none = None,
                               byteorder: int = 0, final: bool = False, /)
*/
static PyObject *
_codecs_utf_32_ex_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors,
                              int byteorder, int final)
{
    Py_ssize_t consumed = data->len;
    PyObject *str = PyUnicode_DecodeUTF32Stateful(data->buf, data->len, errors, &byteorder,
                                                  final ? NULL : &consumed);
    return str != NULL ? Py_BuildValue("(Nni)", str, consumed, byteorder) : NULL;
}

/*sig _codecs.unicode_escape_decode(module, data: buffer_str, errors: utf8_none = None,
                                    final: bool = True, /)
*/
static PyObject *
_codecs_unicode_escape_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors,
                                   int final)
{
    Py_ssize_t consumed = data->len;
    PyObject *str = _PyUnicode_DecodeUnicodeEscapeStateful(data->buf, data->len, errors,
                                                           final ? NULL : &consumed);
    return pair(str, consumed);
}

/*sig _codecs.raw_unicode_escape_decode(module, data: buffer_str, errors: utf8_none = None,
                                        final: bool = True, /)
*/
static PyObject *
_codecs_raw_unicode_escape_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data,
                                       const char *errors, int final)
{
    Py_ssize_t consumed = data->len;
    PyObject *str = _PyUnicode_DecodeRawUnicodeEscapeStateful(data->buf, data->len, errors,
                                                              final ? NULL : &consumed);
    return pair(str, consumed);
}

/*sig _codecs.latin_1_decode(module, data: buffer, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_latin_1_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors)
{
    return pair(PyUnicode_DecodeLatin1(data->buf, data->len, errors), data->len);
}

/*sig _codecs.ascii_decode(module, data: buffer, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_ascii_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors)
{
    return pair(PyUnicode_DecodeASCII(data->buf, data->len, errors), data->len);
}

/*sig _codecs.charmap_decode(module, data: buffer, errors: utf8_none = None, mapping = None, /)
*/
static PyObject *
_codecs_charmap_decode_impl(PyObject *Py_UNUSED(module), Py_buffer *data, const char *errors,
                            PyObject *mapping)
{
    if (mapping == Py_None) {
        mapping = NULL;
    }
    return pair(PyUnicode_DecodeCharmap(data->buf, data->len, mapping, errors), data->len);
}

/* --- Encoders --------------------------------------------------------------------------------- */

/*sig _codecs.readbuffer_encode(module, data: buffer_str, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_readbuffer_encode_impl(PyObject *Py_UNUSED(module), Py_buffer *data,
                               const char *Py_UNUSED(errors))
{
    return pair(PyBytes_FromStringAndSize(data->buf, data->len), data->len);
}

/*sig _codecs.utf_7_encode(module, str: unicode, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_utf_7_encode_impl(PyObject *Py_UNUSED(module), PyObject *str,
                          const char *errors)
{
    return pair(_PyUnicode_EncodeUTF7(str, 0, 0, errors), PyUnicode_GET_LENGTH(str));
}

/*sig _codecs.utf_8_encode(module, str: unicode, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_utf_8_encode_impl(PyObject *Py_UNUSED(module), PyObject *str,
                          const char *errors)
{
    return pair(_PyUnicode_AsUTF8String(str, errors), PyUnicode_GET_LENGTH(str));
}

/*sig _codecs.utf_16_encode(module, str: unicode, errors: utf8_none = None, byteorder: int = 0, /)
*/
static PyObject *
_codecs_utf_16_encode_impl(PyObject *Py_UNUSED(module), PyObject *str,
                           const char *errors, int byteorder)
{
    return pair(_PyUnicode_EncodeUTF16(str, errors, byteorder), PyUnicode_GET_LENGTH(str));
}

/*sig _codecs.utf_16_le_encode(module, str: unicode, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_utf_16_le_encode_impl(PyObject *Py_UNUSED(module), PyObject *str,
                              const char *errors)
{
    return pair(_PyUnicode_EncodeUTF16(str, errors, -1), PyUnicode_GET_LENGTH(str));
}

/*sig _codecs.utf_16_be_encode(module, str: unicode, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_utf_16_be_encode_impl(PyObject *Py_UNUSED(module), PyObject *str,
                              const char *errors)
{
    return pair(_PyUnicode_EncodeUTF16(str, errors, 1), PyUnicode_GET_LENGTH(str));
}

/*sig _codecs.utf_32_encode(module, str: unicode, errors: utf8_none = None, byteorder: int = 0, /)
*/
static PyObject *
_codecs_utf_32_encode_impl(PyObject *Py_UNUSED(module), PyObject *str,
                           const char *errors, int byteorder)
{
    return pair(_PyUnicode_EncodeUTF32(str, errors, byteorder), PyUnicode_GET_LENGTH(str));
}

/*sig _codecs.utf_32_le_encode(module, str: unicode, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_utf_32_le_encode_impl(PyObject *Py_UNUSED(module), PyObject *str,
                              const char *errors)
{
    return pair(_PyUnicode_EncodeUTF32(str, errors, -1), PyUnicode_GET_LENGTH(str));
}

/*sig _codecs.utf_32_be_encode(module, str: unicode, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_utf_32_be_encode_impl(PyObject *Py_UNUSED(module), PyObject *str,
                              const char *errors)
{
    return pair(_PyUnicode_EncodeUTF32(str, errors, 1), PyUnicode_GET_LENGTH(str));
}

/*sig _codecs.unicode_escape_encode(module, str: unicode, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_unicode_escape_encode_impl(PyObject *Py_UNUSED(module), PyObject *str,
                                   const char *Py_UNUSED(errors))
{
    return pair(PyUnicode_AsUnicodeEscapeString(str), PyUnicode_GET_LENGTH(str));
}

/*sig _codecs.raw_unicode_escape_encode(module, str: unicode, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_raw_unicode_escape_encode_impl(PyObject *Py_UNUSED(module), PyObject *str,
                                       const char *Py_UNUSED(errors))
{
    return pair(PyUnicode_AsRawUnicodeEscapeString(str), PyUnicode_GET_LENGTH(str));
}

/*sig _codecs.latin_1_encode(module, str: unicode, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_latin_1_encode_impl(PyObject *Py_UNUSED(module), PyObject *str,
                            const char *errors)
{
    return pair(_PyUnicode_AsLatin1String(str, errors), PyUnicode_GET_LENGTH(str));
}

/*sig _codecs.ascii_encode(module, str: unicode, errors: utf8_none = None, /)
*/
static PyObject *
_codecs_ascii_encode_impl(PyObject *Py_UNUSED(module), PyObject *str,
                          const char *errors)
{
    return pair(_PyUnicode_AsASCIIString(str, errors), PyUnicode_GET_LENGTH(str));
}

/*sig _codecs.charmap_encode(module, str: unicode, errors: utf8_none = None, mapping = None, /)
*/
static PyObject *
_codecs_charmap_encode_impl(PyObject *Py_UNUSED(module), PyObject *str, const char *errors,
                            PyObject *mapping)
{
    if (mapping == Py_None) {
        mapping = NULL;
    }
    return pair(_PyUnicode_EncodeCharmap(str, mapping, errors), PyUnicode_GET_LENGTH(str));
}

/*sig _codecs.charmap_build(module, map: unicode, /)
*/
static PyObject *
_codecs_charmap_build_impl(PyObject *Py_UNUSED(module), PyObject *map)
{
    return PyUnicode_BuildEncodingMap(map);
}

/* --- The module ------------------------------------------------------------------------------- */

static PyMethodDef codecs_methods[] = {
    _CODECS_REGISTER_METHODDEF
    _CODECS_UNREGISTER_METHODDEF
    _CODECS_LOOKUP_METHODDEF
    _CODECS_ENCODE_METHODDEF
    _CODECS_DECODE_METHODDEF
    _CODECS_REGISTER_ERROR_METHODDEF
    _CODECS_LOOKUP_ERROR_METHODDEF
    _CODECS_ESCAPE_ENCODE_METHODDEF
    _CODECS_ESCAPE_DECODE_METHODDEF
    _CODECS_UTF_8_ENCODE_METHODDEF
    _CODECS_UTF_8_DECODE_METHODDEF
    _CODECS_UTF_7_ENCODE_METHODDEF
    _CODECS_UTF_7_DECODE_METHODDEF
    _CODECS_UTF_16_ENCODE_METHODDEF
    _CODECS_UTF_16_LE_ENCODE_METHODDEF
    _CODECS_UTF_16_BE_ENCODE_METHODDEF
    _CODECS_UTF_16_DECODE_METHODDEF
    _CODECS_UTF_16_LE_DECODE_METHODDEF
    _CODECS_UTF_16_BE_DECODE_METHODDEF
    _CODECS_UTF_16_EX_DECODE_METHODDEF
    _CODECS_UTF_32_ENCODE_METHODDEF
    _CODECS_UTF_32_LE_ENCODE_METHODDEF
    _CODECS_UTF_32_BE_ENCODE_METHODDEF
    _CODECS_UTF_32_DECODE_METHODDEF
    _CODECS_UTF_32_LE_DECODE_METHODDEF
    _CODECS_UTF_32_BE_DECODE_METHODDEF
    _CODECS_UTF_32_EX_DECODE_METHODDEF
    _CODECS_UNICODE_ESCAPE_ENCODE_METHODDEF
    _CODECS_UNICODE_ESCAPE_DECODE_METHODDEF
    _CODECS_RAW_UNICODE_ESCAPE_ENCODE_METHODDEF
    _CODECS_RAW_UNICODE_ESCAPE_DECODE_METHODDEF
    _CODECS_LATIN_1_ENCODE_METHODDEF
    _CODECS_LATIN_1_DECODE_METHODDEF
    _CODECS_ASCII_ENCODE_METHODDEF
    _CODECS_ASCII_DECODE_METHODDEF
    _CODECS_CHARMAP_ENCODE_METHODDEF
    _CODECS_CHARMAP_DECODE_METHODDEF
    _CODECS_CHARMAP_BUILD_METHODDEF
    _CODECS_READBUFFER_ENCODE_METHODDEF
    {NULL}
};

static PyModuleDef_Slot codecs_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef codecs_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_codecs",
    .m_methods = codecs_methods,
    .m_slots = codecs_slots,
};

PyMODINIT_FUNC
PyInit__codecs(void)
{
    return PyModuleDef_Init(&codecs_module);
}
