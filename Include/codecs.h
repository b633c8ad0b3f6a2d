/* The codec registry and error handlers.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CODECS_H
#define Py_CODECS_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_BackslashReplaceErrors(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_Decode(PyObject *, const char *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_Decoder(const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_Encode(PyObject *, const char *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_Encoder(const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_IgnoreErrors(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_IncrementalDecoder(const char *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_IncrementalEncoder(const char *, const char *);
PyAPI_FUNC(int) PyCodec_KnownEncoding(const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_LookupError(const char *);
PyAPI_FUNC(int) PyCodec_Register(PyObject *);
PyAPI_FUNC(int) PyCodec_RegisterError(const char *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_ReplaceErrors(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_StreamReader(const char *, PyObject *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_StreamWriter(const char *, PyObject *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_StrictErrors(PyObject *);
PyAPI_FUNC(int) PyCodec_Unregister(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_XMLCharRefReplaceErrors(PyObject *);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03050000
PyAPI_FUNC(Py_NEWREF PyObject *) PyCodec_NameReplaceErrors(PyObject *);
#endif

/* Private to the core, but part of the binary interface. */
#ifndef Py_LIMITED_API
PyAPI_FUNC(Py_NEWREF PyObject *) _PyCodec_DecodeText(PyObject *, const char *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyCodec_EncodeText(PyObject *, const char *, const char *);
PyAPI_FUNC(int) _PyCodec_Forget(const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyCodec_Lookup(const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyCodec_LookupTextEncoding(const char *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyCodecInfo_GetIncrementalDecoder(PyObject *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyCodecInfo_GetIncrementalEncoder(PyObject *, const char *);
#endif

#ifndef Py_LIMITED_API
PyAPI_DATA(const char *) Py_hexdigits;
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CODECS_H */
