/* str: decoding and encoding by the name of a codec, by the locale and for file names.
 *
 * The codecs of this folder are reached without the registry when the name is a usual spelling.
 * The filesystem codec is a property of the interpreter (fs_codec); before it is known, names go
 * through the C locale.
 *
 * Written from the C API reference.
 */
#include "Python.h"
#include "pycore_initconfig.h"      // _PyStatus_ERR()
#include "pycore_interp.h"          // interp->unicode
#include "pycore_object.h"
#include "pycore_pystate.h"         // _PyInterpreterState_GET
#include "pycore_unicode.h"

/* Python/fileutils.c */
extern int _Py_DecodeLocaleEx(const char *arg, wchar_t **wstr, size_t *wlen, const char **reason,
                              int current_locale, _Py_error_handler errors);
extern int _Py_EncodeLocaleEx(const wchar_t *text, char **str, size_t *error_pos,
                              const char **reason, int current_locale,
                              _Py_error_handler errors);

enum builtin_codec { CODEC_OTHER, CODEC_UTF8, CODEC_UTF16, CODEC_UTF32, CODEC_ASCII,
                     CODEC_LATIN1 };

/* Lower-case the name; runs of anything but ASCII letters, digits and dots become one underscore
   between what they separate.  1; 0 if the result has more than size - 1 characters. */
int
_PyUnicode_NormalizeEncoding(const char *name, char *buffer, size_t size)
{
    size_t n = 0;
    int gap = 0;
    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;
        if (!Py_ISALNUM(c) && c != '.') {
            gap = 1;
            continue;
        }
        if (gap && n > 0) {
            if (n + 1 >= size) {
                return 0;
            }
            buffer[n++] = '_';
        }
        gap = 0;
        if (n + 1 >= size) {
            return 0;
        }
        buffer[n++] = (char)Py_TOLOWER(c);
    }
    buffer[n] = '\0';
    return 1;
}

static enum builtin_codec
recognise(const char *encoding)
{
    static const struct {
        char name[12];
        enum builtin_codec codec;
    } table[] = {
        {"utf_8", CODEC_UTF8}, {"utf8", CODEC_UTF8}, {"u8", CODEC_UTF8},
        {"utf_16", CODEC_UTF16}, {"utf16", CODEC_UTF16},
        {"utf_32", CODEC_UTF32}, {"utf32", CODEC_UTF32},
        {"ascii", CODEC_ASCII}, {"us_ascii", CODEC_ASCII},
        {"latin_1", CODEC_LATIN1}, {"latin1", CODEC_LATIN1},
        {"iso_8859_1", CODEC_LATIN1}, {"iso8859_1", CODEC_LATIN1},
    };
    char buffer[12];
    if (encoding == NULL) {
        return CODEC_UTF8;
    }
    if (!_PyUnicode_NormalizeEncoding(encoding, buffer, sizeof(buffer))) {
        return CODEC_OTHER;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(table); i++) {
        if (strcmp(buffer, table[i].name) == 0) {
            return table[i].codec;
        }
    }
    return CODEC_OTHER;
}

/* In development mode wrong names are reported even if they are not needed; 0 or -1. */
static int
check_names(const char *encoding, const char *errors)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (!interp->config.dev_mode || (encoding == NULL && errors == NULL)
        || interp->unicode.fs_codec.encoding == NULL || interp->stage >= _INTERP_FINALIZING)
    {
        return 0;
    }
    if (encoding != NULL && recognise(encoding) == CODEC_OTHER) {
        PyObject *codec = _PyCodec_Lookup(encoding);
        if (codec == NULL) {
            return -1;
        }
        Py_DECREF(codec);
    }
    if (errors != NULL && _Py_GetErrorHandler(errors) == _Py_ERROR_OTHER) {
        PyObject *handler = PyCodec_LookupError(errors);
        if (handler == NULL) {
            return -1;
        }
        Py_DECREF(handler);
    }
    return 0;
}

/* --- Decode ----------------------------------------------------------------------------------- */

static PyObject *
decode_registered(const char *s, Py_ssize_t size, const char *encoding, const char *errors)
{
    Py_buffer info;
    if (PyBuffer_FillInfo(&info, NULL, (void *)s, size, 1, PyBUF_FULL_RO) < 0) {
        return NULL;
    }
    PyObject *view = PyMemoryView_FromBuffer(&info);
    if (view == NULL) {
        return NULL;
    }
    PyObject *str = _PyCodec_DecodeText(view, encoding, errors);
    Py_DECREF(view);
    if (str != NULL && !PyUnicode_Check(str)) {
        PyErr_Format(PyExc_TypeError,
                     "'%.400s' decoder returned '%.400s' instead of 'str'; "
                     "use codecs.decode() to decode to arbitrary types",
                     encoding, Py_TYPE(str)->tp_name);
        Py_CLEAR(str);
    }
    return str;
}

/* The str encoded in s; encoding NULL means UTF-8. */
PyObject *
PyUnicode_Decode(const char *s, Py_ssize_t size, const char *encoding, const char *errors)
{
    if (check_names(encoding, errors) < 0) {
        return NULL;
    }
    if (size == 0 && recognise(encoding) != CODEC_OTHER) {
        return _PyUnicode_GetEmpty();
    }
    switch (recognise(encoding)) {
    case CODEC_UTF8: return PyUnicode_DecodeUTF8Stateful(s, size, errors, NULL);
    case CODEC_UTF16: return PyUnicode_DecodeUTF16(s, size, errors, NULL);
    case CODEC_UTF32: return PyUnicode_DecodeUTF32(s, size, errors, NULL);
    case CODEC_ASCII: return PyUnicode_DecodeASCII(s, size, errors);
    case CODEC_LATIN1: return PyUnicode_DecodeLatin1(s, size, errors);
    default: return decode_registered(s, size, encoding, errors);
    }
}

/* str(obj, encoding, errors) for a bytes-like obj; new reference. */
PyObject *
PyUnicode_FromEncodedObject(PyObject *obj, const char *encoding, const char *errors)
{
    if (obj == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (PyBytes_Check(obj)) {
        if (PyBytes_GET_SIZE(obj) == 0) {
            return check_names(encoding, errors) < 0 ? NULL : _PyUnicode_GetEmpty();
        }
        return PyUnicode_Decode(PyBytes_AS_STRING(obj), PyBytes_GET_SIZE(obj), encoding, errors);
    }
    if (PyUnicode_Check(obj)) {
        PyErr_SetString(PyExc_TypeError, "decoding str is not supported");
        return NULL;
    }
    Py_buffer buffer;
    if (PyObject_GetBuffer(obj, &buffer, PyBUF_SIMPLE) < 0) {
        PyErr_Format(PyExc_TypeError, "decoding to str: need a bytes-like object, %.80s found",
                     Py_TYPE(obj)->tp_name);
        return NULL;
    }
    PyObject *res;
    if (buffer.len == 0) {
        res = check_names(encoding, errors) < 0 ? NULL : _PyUnicode_GetEmpty();
    }
    else {
        res = PyUnicode_Decode(buffer.buf, buffer.len, encoding, errors);
    }
    PyBuffer_Release(&buffer);
    return res;
}

/* --- Encode ----------------------------------------------------------------------------------- */

static PyObject *
encode_registered(PyObject *str, const char *encoding, const char *errors)
{
    PyObject *v = _PyCodec_EncodeText(str, encoding, errors);
    if (v == NULL || PyBytes_Check(v)) {
        return v;
    }
    if (PyByteArray_Check(v)) {
        PyObject *bytes = NULL;
        if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                             "encoder %s returned bytearray instead of bytes; "
                             "use codecs.encode() to encode to arbitrary types", encoding) == 0)
        {
            bytes = PyBytes_FromStringAndSize(PyByteArray_AS_STRING(v), PyByteArray_GET_SIZE(v));
        }
        Py_DECREF(v);
        return bytes;
    }
    PyErr_Format(PyExc_TypeError,
                 "'%.400s' encoder returned '%.400s' instead of 'bytes'; "
                 "use codecs.encode() to encode to arbitrary types",
                 encoding, Py_TYPE(v)->tp_name);
    Py_DECREF(v);
    return NULL;
}

/* The text as bytes; encoding NULL means UTF-8. */
PyObject *
PyUnicode_AsEncodedString(PyObject *str, const char *encoding, const char *errors)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (check_names(encoding, errors) < 0) {
        return NULL;
    }
    switch (recognise(encoding)) {
    case CODEC_UTF8: return _PyUnicode_AsUTF8String(str, errors);
    case CODEC_UTF16: return _PyUnicode_EncodeUTF16(str, errors, 0);
    case CODEC_UTF32: return _PyUnicode_EncodeUTF32(str, errors, 0);
    case CODEC_ASCII: return _PyUnicode_AsASCIIString(str, errors);
    case CODEC_LATIN1: return _PyUnicode_AsLatin1String(str, errors);
    default: return encode_registered(str, encoding, errors);
    }
}

const char *
PyUnicode_GetDefaultEncoding(void)
{
    return "utf-8";
}

/* --- Deprecated: str to str and str to anything ----------------------------------------------- */

static int
deprecated(PyObject *str, const char *message)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return -1;
    }
    return PyErr_WarnEx(PyExc_DeprecationWarning, message, 1);
}

PyObject *
PyUnicode_AsDecodedObject(PyObject *str, const char *encoding, const char *errors)
{
    if (deprecated(str, "PyUnicode_AsDecodedObject() is deprecated; "
                        "use PyCodec_Decode() to decode from str") < 0) {
        return NULL;
    }
    return PyCodec_Decode(str, encoding != NULL ? encoding : "utf-8", errors);
}

PyObject *
PyUnicode_AsEncodedObject(PyObject *str, const char *encoding, const char *errors)
{
    if (deprecated(str, "PyUnicode_AsEncodedObject() is deprecated; "
                        "use PyUnicode_AsEncodedString() to encode from str to bytes "
                        "or PyCodec_Encode() for generic encoding") < 0) {
        return NULL;
    }
    return PyCodec_Encode(str, encoding != NULL ? encoding : "utf-8", errors);
}

static PyObject *
only_str(PyObject *v, const char *what, const char *use, const char *encoding)
{
    if (v != NULL && !PyUnicode_Check(v)) {
        PyErr_Format(PyExc_TypeError,
                     "'%.400s' %s returned '%.400s' instead of 'str'; %s to arbitrary types",
                     encoding, what, Py_TYPE(v)->tp_name, use);
        Py_CLEAR(v);
    }
    return v;
}

PyObject *
PyUnicode_AsDecodedUnicode(PyObject *str, const char *encoding, const char *errors)
{
    if (deprecated(str, "PyUnicode_AsDecodedUnicode() is deprecated; "
                        "use PyCodec_Decode() to decode from str to str") < 0) {
        return NULL;
    }
    encoding = encoding != NULL ? encoding : "utf-8";
    return only_str(PyCodec_Decode(str, encoding, errors), "decoder",
                    "use codecs.decode() to decode", encoding);
}

PyObject *
PyUnicode_AsEncodedUnicode(PyObject *str, const char *encoding, const char *errors)
{
    if (deprecated(str, "PyUnicode_AsEncodedUnicode() is deprecated; "
                        "use PyCodec_Encode() to encode from str to str") < 0) {
        return NULL;
    }
    encoding = encoding != NULL ? encoding : "utf-8";
    return only_str(PyCodec_Encode(str, encoding, errors), "encoder",
                    "use codecs.encode() to encode", encoding);
}

/* --- The C locale ----------------------------------------------------------------------------- */

static PyObject *
decode_locale(const char *s, Py_ssize_t size, _Py_error_handler errors, int current)
{
    if (s[size] != '\0' || (size_t)size != strlen(s)) {
        PyErr_SetString(PyExc_ValueError, "embedded null byte");
        return NULL;
    }
    wchar_t *wide;
    size_t n;
    const char *reason;
    switch (_Py_DecodeLocaleEx(s, &wide, &n, &reason, current, errors)) {
    case 0: {
        PyObject *str = PyUnicode_FromWideChar(wide, (Py_ssize_t)n);
        PyMem_RawFree(wide);
        return str;
    }
    case -1:
        return PyErr_NoMemory();
    case -2: {
        PyObject *exc = PyUnicodeDecodeError_Create("locale", s, size, (Py_ssize_t)n,
                                                    (Py_ssize_t)n + 1, reason);
        if (exc != NULL) {
            PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
            Py_DECREF(exc);
        }
        return NULL;
    }
    default:
        PyErr_SetString(PyExc_ValueError, "unsupported error handler");
        return NULL;
    }
}

static PyObject *
encode_locale(PyObject *str, _Py_error_handler errors, int current)
{
    Py_ssize_t size;
    wchar_t *wide = PyUnicode_AsWideCharString(str, &size);
    if (wide == NULL) {
        return NULL;
    }
    if (wcslen(wide) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        PyMem_Free(wide);
        return NULL;
    }
    char *bytes;
    size_t pos;
    const char *reason;
    int res = _Py_EncodeLocaleEx(wide, &bytes, &pos, &reason, current, errors);
    PyMem_Free(wide);
    switch (res) {
    case 0: {
        PyObject *out = PyBytes_FromString(bytes);
        PyMem_RawFree(bytes);
        return out;
    }
    case -1:
        return PyErr_NoMemory();
    case -2: {
        PyObject *exc = PyObject_CallFunction(PyExc_UnicodeEncodeError, "sOnns", "locale", str,
                                              (Py_ssize_t)pos, (Py_ssize_t)pos + 1, reason);
        if (exc != NULL) {
            PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
            Py_DECREF(exc);
        }
        return NULL;
    }
    default:
        PyErr_SetString(PyExc_ValueError, "unsupported error handler");
        return NULL;
    }
}

PyObject *
PyUnicode_DecodeLocaleAndSize(const char *str, Py_ssize_t len, const char *errors)
{
    return decode_locale(str, len, _Py_GetErrorHandler(errors), 1);
}

PyObject *
PyUnicode_DecodeLocale(const char *str, const char *errors)
{
    return decode_locale(str, (Py_ssize_t)strlen(str), _Py_GetErrorHandler(errors), 1);
}

PyObject *
PyUnicode_EncodeLocale(PyObject *str, const char *errors)
{
    return encode_locale(str, _Py_GetErrorHandler(errors), 1);
}

/* --- File names ------------------------------------------------------------------------------- */

/* The handler for file names before fs_codec is set. */
static _Py_error_handler
early_fs_handler(PyInterpreterState *interp)
{
    const wchar_t *name = interp->config.filesystem_errors;
    return name != NULL && wcscmp(name, L"strict") == 0 ? _Py_ERROR_STRICT
                                                         : _Py_ERROR_SURROGATEESCAPE;
}

PyObject *
PyUnicode_EncodeFSDefault(PyObject *str)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    struct _unicode_state *state = &interp->unicode;
    if (state->fs_codec.utf8) {
        return _PyUnicode_AsUTF8String(str, state->fs_codec.errors);
    }
    if (state->fs_codec.encoding != NULL) {
        return PyUnicode_AsEncodedString(str, state->fs_codec.encoding, state->fs_codec.errors);
    }
    return encode_locale(str, early_fs_handler(interp), 0);
}

PyObject *
PyUnicode_DecodeFSDefaultAndSize(const char *s, Py_ssize_t size)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    struct _unicode_state *state = &interp->unicode;
    if (state->fs_codec.utf8) {
        return PyUnicode_DecodeUTF8Stateful(s, size, state->fs_codec.errors, NULL);
    }
    if (state->fs_codec.encoding != NULL) {
        return PyUnicode_Decode(s, size, state->fs_codec.encoding, state->fs_codec.errors);
    }
    return decode_locale(s, size, early_fs_handler(interp), 0);
}

PyObject *
PyUnicode_DecodeFSDefault(const char *s)
{
    return PyUnicode_DecodeFSDefaultAndSize(s, (Py_ssize_t)strlen(s));
}

/* Argument converter: str, bytes or path-like to bytes. */
int
PyUnicode_FSConverter(PyObject *arg, void *addr)
{
    PyObject **out = addr;
    if (arg == NULL) {
        Py_CLEAR(*out);
        return 1;
    }
    PyObject *path = PyOS_FSPath(arg);
    if (path == NULL) {
        return 0;
    }
    if (!PyBytes_Check(path)) {
        Py_SETREF(path, PyUnicode_EncodeFSDefault(path));
        if (path == NULL) {
            return 0;
        }
        assert(PyBytes_Check(path));
    }
    if (strlen(PyBytes_AS_STRING(path)) != (size_t)PyBytes_GET_SIZE(path)) {
        PyErr_SetString(PyExc_ValueError, "embedded null byte");
        Py_DECREF(path);
        return 0;
    }
    *out = path;
    return Py_CLEANUP_SUPPORTED;
}

/* Argument converter: str, bytes or path-like to str. */
int
PyUnicode_FSDecoder(PyObject *arg, void *addr)
{
    PyObject **out = addr;
    if (arg == NULL) {
        Py_CLEAR(*out);
        return 1;
    }
    PyObject *path = PyOS_FSPath(arg);
    if (path == NULL) {
        return 0;
    }
    if (PyBytes_Check(path)) {
        Py_SETREF(path, PyUnicode_DecodeFSDefaultAndSize(PyBytes_AS_STRING(path),
                                                         PyBytes_GET_SIZE(path)));
        if (path == NULL) {
            return 0;
        }
    }
    if (PyUnicode_FindChar(path, 0, 0, PY_SSIZE_T_MAX, 1) >= 0) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        Py_DECREF(path);
        return 0;
    }
    *out = path;
    return Py_CLEANUP_SUPPORTED;
}

/* --- Start-up: the filesystem codec ----------------------------------------------------------- */

/* Narrow copy of a configuration string, PyMem_RawMalloc'ed; NULL when out of memory. */
static char *
narrow_copy(const wchar_t *wide)
{
    char *str;
    return _Py_EncodeUTF8Ex(wide, &str, NULL, NULL, 1, _Py_ERROR_STRICT) == 0 ? str : NULL;
}

static void
clear_fs_codec(struct _unicode_state *state)
{
    PyMem_RawFree(state->fs_codec.encoding);
    PyMem_RawFree(state->fs_codec.errors);
    state->fs_codec.encoding = NULL;
    state->fs_codec.errors = NULL;
    state->fs_codec.utf8 = 0;
}

/* The codec's own spelling of *name replaces it; -1 with an exception. */
static int
canonical_name(char **name)
{
    PyObject *codec = _PyCodec_Lookup(*name);
    if (codec == NULL) {
        return -1;
    }
    PyObject *attr = PyObject_GetAttrString(codec, "name");
    Py_DECREF(codec);
    const char *text = attr != NULL ? PyUnicode_AsUTF8(attr) : NULL;
    char *copy = NULL;
    if (text != NULL) {
        size_t n = strlen(text) + 1;
        copy = PyMem_RawMalloc(n);
        if (copy != NULL) {
            memcpy(copy, text, n);
        }
        else {
            PyErr_NoMemory();
        }
    }
    Py_XDECREF(attr);
    if (copy == NULL) {
        return -1;
    }
    PyMem_RawFree(*name);
    *name = copy;
    return 0;
}

/* Choose the interpreter's filesystem codec from its configuration.  A codec that is not built in
   has to be importable by now.  0, or -1 with an exception. */
int
_PyUnicode_InitFSCodec(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    struct _unicode_state *state = &interp->unicode;
    const wchar_t *encoding = interp->config.filesystem_encoding;
    const wchar_t *errors = interp->config.filesystem_errors;
    clear_fs_codec(state);
    char *name = narrow_copy(encoding != NULL ? encoding : L"utf-8");
    state->fs_codec.errors = narrow_copy(errors != NULL ? errors : L"surrogateescape");
    if (name == NULL || state->fs_codec.errors == NULL) {
        PyMem_RawFree(name);
        clear_fs_codec(state);
        PyErr_NoMemory();
        return -1;
    }
    int utf8 = recognise(name) == CODEC_UTF8;
    if (utf8) {
        PyMem_RawFree(name);
        name = narrow_copy(L"utf-8");
        if (name == NULL) {
            clear_fs_codec(state);
            PyErr_NoMemory();
            return -1;
        }
    }
    if (!utf8 && canonical_name(&name) < 0) {
        PyMem_RawFree(name);
        clear_fs_codec(state);
        return -1;
    }
    state->fs_codec.encoding = name;
    state->fs_codec.utf8 = utf8;
    state->fs_codec.error_handler = (int)_Py_GetErrorHandler(state->fs_codec.errors);
    return 0;
}

void
_PyUnicode_ClearFSCodec(PyInterpreterState *interp)
{
    clear_fs_codec(&interp->unicode);
}

/* The codec's own spelling replaces a name in the configuration.  Names of the usual codecs are
   known without a search.  0, or -1 with an exception. */
static int
spell_codec_name(wchar_t **field)
{
    static const char *const spelling[] = {
        [CODEC_UTF8] = "utf-8", [CODEC_ASCII] = "ascii", [CODEC_LATIN1] = "iso8859-1",
        [CODEC_UTF16] = NULL, [CODEC_UTF32] = NULL, [CODEC_OTHER] = NULL,
    };
    char *name = *field != NULL ? narrow_copy(*field) : NULL;
    if (name == NULL) {
        if (*field != NULL) {
            PyErr_NoMemory();
        }
        return *field != NULL ? -1 : 0;
    }
    const char *known = spelling[recognise(name)];
    if (known == NULL && canonical_name(&name) < 0) {
        PyMem_RawFree(name);
        return -1;
    }
    wchar_t *wide = Py_DecodeLocale(known != NULL ? known : name, NULL);
    PyMem_RawFree(name);
    if (wide == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    PyMem_RawFree(*field);
    *field = wide;
    return 0;
}

/* The same as a step of start-up; the configuration's encodings become those of their codecs. */
PyStatus
_PyUnicode_InitEncodings(PyThreadState *tstate)
{
    PyConfig *config = &tstate->interp->config;
    int own = !tstate->interp->config_inherited;    /* an inherited one is spelled already */
    if ((own && spell_codec_name(&config->filesystem_encoding) < 0)
        || _PyUnicode_InitFSCodec(tstate) < 0) {
        return (PyStatus){._type = _PyStatus_TYPE_ERROR, .func = "init_fs_encoding",
                          .err_msg = "failed to get the Python codec of the filesystem encoding"};
    }
    if (own && spell_codec_name(&config->stdio_encoding) < 0) {
        return (PyStatus){._type = _PyStatus_TYPE_ERROR, .func = "init_stdio_encoding",
                          .err_msg = "failed to get the Python codec name of the stdio encoding"};
    }
    return PyStatus_Ok();
}
