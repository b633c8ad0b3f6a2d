/* The codec registry: search functions, cache of codecs, error handlers.
 *
 * One registry per interpreter (interp->codecs), made at its first use.  The first look for a codec
 * also imports the package `encodings`, which registers the search function of the standard
 * library.
 *
 * Invariants: the three containers exist together; `initialized` means `encodings` was imported,
 * or is being imported; the cache maps normalised encoding names to 4-tuples.
 *
 * Written from the C API reference (Codec registry) and the library reference (codecs).
 */
#include "Python.h"
#include "pycore_codecs.h"
#include "pycore_interp.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_strings.h"         // _Py_ID
#include "pycore_ucnhash.h"
#include "pycore_unicode.h"

const char *Py_hexdigits = "0123456789abcdef";

/* --- The registry ----------------------------------------------------------------------------- */

static int add_standard_handlers(PyObject *registry);

/* The containers of the interpreter's registry, made if needed; NULL with an exception.  They are
   enough for error handlers. */
static struct _codecs_state *
get_containers(void)
{
    struct _codecs_state *state = &_PyInterpreterState_GET()->codecs;
    if (state->search_path == NULL) {
        state->search_path = PyList_New(0);
        state->search_cache = PyDict_New();
        state->error_registry = PyDict_New();
        if (state->search_path == NULL || state->search_cache == NULL
            || state->error_registry == NULL || add_standard_handlers(state->error_registry) < 0)
        {
            Py_CLEAR(state->search_path);
            Py_CLEAR(state->search_cache);
            Py_CLEAR(state->error_registry);
            return NULL;
        }
    }
    return state;
}

/* The registry with the codecs of the standard library. */
static struct _codecs_state *
get_registry(void)
{
    struct _codecs_state *state = get_containers();
    if (state == NULL || state->initialized) {
        return state;
    }
    /* set first: `encodings` registers its search function while it is imported */
    state->initialized = 1;
    PyObject *mod = PyImport_ImportModule("encodings");
    if (mod == NULL) {
        state->initialized = 0;
        return NULL;
    }
    Py_DECREF(mod);
    return state;
}

void
_PyCodec_Fini(PyInterpreterState *interp)
{
    struct _codecs_state *state = &interp->codecs;
    Py_CLEAR(state->search_path);
    Py_CLEAR(state->search_cache);
    Py_CLEAR(state->error_registry);
    state->initialized = 0;
}

/* Register a search function.  0 or -1 with an exception. */
int
PyCodec_Register(PyObject *search_function)
{
    struct _codecs_state *state = get_registry();
    if (state == NULL) {
        return -1;
    }
    if (search_function == NULL) {
        PyErr_BadArgument();
        return -1;
    }
    if (!PyCallable_Check(search_function)) {
        PyErr_SetString(PyExc_TypeError, "argument must be callable");
        return -1;
    }
    return PyList_Append(state->search_path, search_function);
}

/* Unregister a search function and forget what was found; unknown functions are ignored. */
int
PyCodec_Unregister(PyObject *search_function)
{
    struct _codecs_state *state = &_PyInterpreterState_GET()->codecs;
    if (state->search_path == NULL) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(state->search_path); i++) {
        if (PyList_GET_ITEM(state->search_path, i) == search_function) {
            if (state->search_cache != NULL) {
                PyDict_Clear(state->search_cache);
            }
            return PyList_SetSlice(state->search_path, i, i + 1, NULL);
        }
    }
    return 0;
}

/* Name as the key of the cache and for search functions.  Interned; new reference. */
static PyObject *
normalize_name(const char *name)
{
    size_t n = strlen(name);
    if (n > PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "string is too large");
        return NULL;
    }
    char *buffer = PyMem_Malloc(n + 1);
    if (buffer == NULL) {
        return PyErr_NoMemory();
    }
    int fits = _PyUnicode_NormalizeEncoding(name, buffer, n + 1);
    assert(fits);
    (void)fits;
    PyObject *key = PyUnicode_FromString(buffer);
    PyMem_Free(buffer);
    if (key != NULL) {
        PyUnicode_InternInPlace(&key);
    }
    return key;
}

/* Ask the search functions in turn; new reference. */
static PyObject *
search(struct _codecs_state *state, PyObject *key, const char *encoding)
{
    if (PyList_GET_SIZE(state->search_path) == 0) {
        PyErr_SetString(PyExc_LookupError,
                        "no codec search functions registered: can't find encoding");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(state->search_path); i++) {
        PyObject *func = Py_NewRef(PyList_GET_ITEM(state->search_path, i));
        PyObject *result = PyObject_CallOneArg(func, key);
        Py_DECREF(func);
        if (result == NULL) {
            return NULL;
        }
        if (result == Py_None) {
            Py_DECREF(result);
            continue;
        }
        if (!PyTuple_Check(result) || PyTuple_GET_SIZE(result) != 4) {
            PyErr_SetString(PyExc_TypeError, "codec search functions must return 4-tuples");
            Py_DECREF(result);
            return NULL;
        }
        return result;
    }
    PyErr_Format(PyExc_LookupError, "unknown encoding: %s", encoding);
    return NULL;
}

/* The CodecInfo of an encoding; new reference, LookupError if there is none. */
PyObject *
_PyCodec_Lookup(const char *encoding)
{
    if (encoding == NULL) {
        PyErr_BadArgument();
        return NULL;
    }
    struct _codecs_state *state = get_registry();
    if (state == NULL) {
        return NULL;
    }
    PyObject *key = normalize_name(encoding);
    if (key == NULL) {
        return NULL;
    }
    PyObject *result = PyDict_GetItemWithError(state->search_cache, key);
    if (result != NULL) {
        Py_INCREF(result);
    }
    else if (!PyErr_Occurred()) {
        result = search(state, key, encoding);
        if (result != NULL && PyDict_SetItem(state->search_cache, key, result) < 0) {
            Py_CLEAR(result);
        }
    }
    Py_DECREF(key);
    return result;
}

/* Drop an encoding from the cache. */
int
_PyCodec_Forget(const char *encoding)
{
    struct _codecs_state *state = &_PyInterpreterState_GET()->codecs;
    if (state->search_path == NULL) {
        return -1;
    }
    PyObject *key = normalize_name(encoding);
    if (key == NULL) {
        return -1;
    }
    int res = PyDict_DelItem(state->search_cache, key);
    Py_DECREF(key);
    return res;
}

int
PyCodec_KnownEncoding(const char *encoding)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    if (codec == NULL) {
        PyErr_Clear();
        return 0;
    }
    Py_DECREF(codec);
    return 1;
}

/* --- Parts of a codec ------------------------------------------------------------------------- */

static PyObject *
codec_item(const char *encoding, Py_ssize_t index)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    if (codec == NULL) {
        return NULL;
    }
    PyObject *item = Py_NewRef(PyTuple_GET_ITEM(codec, index));
    Py_DECREF(codec);
    return item;
}

PyObject *
PyCodec_Encoder(const char *encoding)
{
    return codec_item(encoding, 0);
}

PyObject *
PyCodec_Decoder(const char *encoding)
{
    return codec_item(encoding, 1);
}

static PyObject *
call_attribute(PyObject *codec_info, const char *name, const char *errors)
{
    PyObject *factory = PyObject_GetAttrString(codec_info, name);
    if (factory == NULL) {
        return NULL;
    }
    PyObject *res = errors != NULL ? PyObject_CallFunction(factory, "s", errors)
                                   : PyObject_CallNoArgs(factory);
    Py_DECREF(factory);
    return res;
}

PyObject *
_PyCodecInfo_GetIncrementalDecoder(PyObject *codec_info, const char *errors)
{
    return call_attribute(codec_info, "incrementaldecoder", errors);
}

PyObject *
_PyCodecInfo_GetIncrementalEncoder(PyObject *codec_info, const char *errors)
{
    return call_attribute(codec_info, "incrementalencoder", errors);
}

static PyObject *
incremental(const char *encoding, const char *name, const char *errors)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    if (codec == NULL) {
        return NULL;
    }
    PyObject *res = call_attribute(codec, name, errors);
    Py_DECREF(codec);
    return res;
}

PyObject *
PyCodec_IncrementalEncoder(const char *encoding, const char *errors)
{
    return incremental(encoding, "incrementalencoder", errors);
}

PyObject *
PyCodec_IncrementalDecoder(const char *encoding, const char *errors)
{
    return incremental(encoding, "incrementaldecoder", errors);
}

static PyObject *
stream_codec(const char *encoding, PyObject *stream, const char *errors, Py_ssize_t index)
{
    PyObject *factory = codec_item(encoding, index);
    if (factory == NULL) {
        return NULL;
    }
    PyObject *res = errors != NULL ? PyObject_CallFunction(factory, "Os", stream, errors)
                                   : PyObject_CallOneArg(factory, stream);
    Py_DECREF(factory);
    return res;
}

PyObject *
PyCodec_StreamReader(const char *encoding, PyObject *stream, const char *errors)
{
    return stream_codec(encoding, stream, errors, 2);
}

PyObject *
PyCodec_StreamWriter(const char *encoding, PyObject *stream, const char *errors)
{
    return stream_codec(encoding, stream, errors, 3);
}

/* --- Encoding and decoding -------------------------------------------------------------------- */

/* Add a note that names the codec to the exception being raised. */
static void
add_note(const char *operation, const char *encoding)
{
    PyObject *exc = PyErr_GetRaisedException();
    if (exc == NULL) {
        return;
    }
    PyObject *note = PyUnicode_FromFormat("%s with '%s' codec failed", operation, encoding);
    int failed = note == NULL;
    if (!failed) {
        PyObject *res = PyObject_CallMethod(exc, "add_note", "O", note);
        failed = res == NULL;
        Py_XDECREF(res);
        Py_DECREF(note);
    }
    if (failed) {
        _PyErr_ChainExceptions1(exc);
        return;
    }
    PyErr_SetRaisedException(exc);
}

/* Call one side of a codec and take the first item of its (result, length) tuple.  Steals `coder`.
   */
static PyObject *
run_codec(PyObject *coder, PyObject *object, const char *encoding, const char *errors,
          int encoding_side)
{
    if (coder == NULL) {
        return NULL;
    }
    PyObject *res = errors != NULL ? PyObject_CallFunction(coder, "Os", object, errors)
                                   : PyObject_CallOneArg(coder, object);
    Py_DECREF(coder);
    if (res == NULL) {
        add_note(encoding_side ? "encoding" : "decoding", encoding);
        return NULL;
    }
    if (!PyTuple_Check(res) || PyTuple_GET_SIZE(res) != 2) {
        PyErr_SetString(PyExc_TypeError, encoding_side
                        ? "encoder must return a tuple (object, integer)"
                        : "decoder must return a tuple (object,integer)");
        Py_DECREF(res);
        return NULL;
    }
    PyObject *value = Py_NewRef(PyTuple_GET_ITEM(res, 0));
    Py_DECREF(res);
    return value;
}

PyObject *
PyCodec_Encode(PyObject *object, const char *encoding, const char *errors)
{
    return run_codec(PyCodec_Encoder(encoding), object, encoding, errors, 1);
}

PyObject *
PyCodec_Decode(PyObject *object, const char *encoding, const char *errors)
{
    return run_codec(PyCodec_Decoder(encoding), object, encoding, errors, 0);
}

/* Like _PyCodec_Lookup(), but only for encodings between str and bytes. */
PyObject *
_PyCodec_LookupTextEncoding(const char *encoding, const char *alternate_command)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    if (codec == NULL || PyTuple_CheckExact(codec)) {
        return codec;           /* a plain tuple says nothing about itself */
    }
    PyObject *attr;
    if (_PyObject_LookupAttr(codec, &_Py_ID(_is_text_encoding), &attr) < 0) {
        Py_DECREF(codec);
        return NULL;
    }
    if (attr != NULL) {
        int is_text = PyObject_IsTrue(attr);
        Py_DECREF(attr);
        if (is_text <= 0) {
            Py_DECREF(codec);
            if (is_text == 0) {
                PyErr_Format(PyExc_LookupError,
                             "'%.400s' is not a text encoding; use %s to handle arbitrary codecs",
                             encoding, alternate_command);
            }
            return NULL;
        }
    }
    return codec;
}

static PyObject *
text_codec_item(const char *encoding, const char *alternate_command, Py_ssize_t index)
{
    PyObject *codec = _PyCodec_LookupTextEncoding(encoding, alternate_command);
    if (codec == NULL) {
        return NULL;
    }
    PyObject *item = Py_NewRef(PyTuple_GET_ITEM(codec, index));
    Py_DECREF(codec);
    return item;
}

PyObject *
_PyCodec_EncodeText(PyObject *object, const char *encoding, const char *errors)
{
    return run_codec(text_codec_item(encoding, "codecs.encode()", 0), object, encoding, errors, 1);
}

PyObject *
_PyCodec_DecodeText(PyObject *object, const char *encoding, const char *errors)
{
    return run_codec(text_codec_item(encoding, "codecs.decode()", 1), object, encoding, errors, 0);
}

/* --- Error handlers: registry ----------------------------------------------------------------- */

int
PyCodec_RegisterError(const char *name, PyObject *error)
{
    struct _codecs_state *state = get_containers();
    if (state == NULL) {
        return -1;
    }
    if (!PyCallable_Check(error)) {
        PyErr_SetString(PyExc_TypeError, "handler must be callable");
        return -1;
    }
    return PyDict_SetItemString(state->error_registry, name, error);
}

/* The handler called name (NULL: "strict"); new reference, LookupError if there is none. */
PyObject *
PyCodec_LookupError(const char *name)
{
    struct _codecs_state *state = get_containers();
    if (state == NULL) {
        return NULL;
    }
    name = name != NULL ? name : "strict";
    PyObject *key = PyUnicode_FromString(name);
    if (key == NULL) {
        return NULL;
    }
    PyObject *handler = PyDict_GetItemWithError(state->error_registry, key);
    Py_DECREF(key);
    if (handler != NULL) {
        return Py_NewRef(handler);
    }
    if (!PyErr_Occurred()) {
        PyErr_Format(PyExc_LookupError, "unknown error handler name '%.400s'", name);
    }
    return NULL;
}

/* --- Error handlers: the standard ones -------------------------------------------------------- */

static PyObject *
wrong_exception_type(PyObject *exc)
{
    PyErr_Format(PyExc_TypeError, "don't know how to handle %.200s in error callback",
                 Py_TYPE(exc)->tp_name);
    return NULL;
}

/* What a handler gets to know from its exception. */
struct problem {
    enum { ENCODE_PROBLEM, DECODE_PROBLEM, TRANSLATE_PROBLEM } kind;
    PyObject *object;           /* strong: str or bytes */
    Py_ssize_t start, end;      /* 0 <= start <= end <= length of the object */
};

/* Take exc apart; -1 with an exception, also TypeError for other exceptions. */
static int
get_problem(PyObject *exc, struct problem *p)
{
    static const struct {
        PyObject **type;
        PyObject *(*get_object)(PyObject *);
        int (*get_start)(PyObject *, Py_ssize_t *);
        int (*get_end)(PyObject *, Py_ssize_t *);
    } kinds[] = {
        [ENCODE_PROBLEM] = {&PyExc_UnicodeEncodeError, PyUnicodeEncodeError_GetObject,
                            PyUnicodeEncodeError_GetStart, PyUnicodeEncodeError_GetEnd},
        [DECODE_PROBLEM] = {&PyExc_UnicodeDecodeError, PyUnicodeDecodeError_GetObject,
                            PyUnicodeDecodeError_GetStart, PyUnicodeDecodeError_GetEnd},
        [TRANSLATE_PROBLEM] = {&PyExc_UnicodeTranslateError, PyUnicodeTranslateError_GetObject,
                               PyUnicodeTranslateError_GetStart, PyUnicodeTranslateError_GetEnd},
    };
    size_t kind = 0;
    while (kind < Py_ARRAY_LENGTH(kinds)
           && !PyObject_TypeCheck(exc, (PyTypeObject *)*kinds[kind].type))
    {
        kind++;
    }
    if (kind == Py_ARRAY_LENGTH(kinds)) {
        wrong_exception_type(exc);
        return -1;
    }
    p->kind = (int)kind;
    p->object = kinds[kind].get_object(exc);
    if (p->object == NULL || kinds[kind].get_start(exc, &p->start) < 0
        || kinds[kind].get_end(exc, &p->end) < 0)
    {
        Py_CLEAR(p->object);
        return -1;
    }
    Py_ssize_t n = p->kind == DECODE_PROBLEM ? PyBytes_GET_SIZE(p->object)
                                             : PyUnicode_GET_LENGTH(p->object);
    p->start = Py_MIN(Py_MAX(p->start, 0), n);
    p->end = Py_MIN(Py_MAX(p->end, p->start), n);
    return 0;
}

PyObject *
PyCodec_StrictErrors(PyObject *exc)
{
    if (PyExceptionInstance_Check(exc)) {
        PyErr_SetObject(PyExceptionInstance_Class(exc), exc);
    }
    else {
        PyErr_SetString(PyExc_TypeError, "codec must pass exception instance");
    }
    return NULL;
}

PyObject *
PyCodec_IgnoreErrors(PyObject *exc)
{
    struct problem p;
    if (get_problem(exc, &p) < 0) {
        return NULL;
    }
    Py_DECREF(p.object);
    return Py_BuildValue("(Nn)", _PyUnicode_GetEmpty(), p.end);
}

/* n times the character ch. */
static PyObject *
repeated(Py_UCS4 ch, Py_ssize_t n)
{
    PyObject *res = PyUnicode_New(n, ch);
    if (res != NULL && n > 0) {
        _PyUnicode_FastFill(res, 0, n, ch);
    }
    return res;
}

PyObject *
PyCodec_ReplaceErrors(PyObject *exc)
{
    struct problem p;
    if (get_problem(exc, &p) < 0) {
        return NULL;
    }
    Py_DECREF(p.object);
    PyObject *res = p.kind == ENCODE_PROBLEM ? repeated('?', p.end - p.start)
                    : p.kind == DECODE_PROBLEM ? repeated(Py_UNICODE_REPLACEMENT_CHARACTER, 1)
                    : repeated(Py_UNICODE_REPLACEMENT_CHARACTER, p.end - p.start);
    return res != NULL ? Py_BuildValue("(Nn)", res, p.end) : NULL;
}

/* The greatest number of characters that one call replaces by forms of up to ten characters. */
#define MAX_FORMS (PY_SSIZE_T_MAX / 10 - 1)

PyObject *
PyCodec_XMLCharRefReplaceErrors(PyObject *exc)
{
    struct problem p;
    if (!PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_UnicodeEncodeError)) {
        return wrong_exception_type(exc);
    }
    if (get_problem(exc, &p) < 0) {
        return NULL;
    }
    p.end = Py_MIN(p.end, p.start + MAX_FORMS);
    Py_ssize_t size = _PyUnicode_XmlSize(p.object, p.start, p.end);
    PyObject *res = PyUnicode_New(size, 127);
    if (res != NULL && size > 0) {
        _PyUnicode_XmlForms(p.object, p.start, p.end, PyUnicode_DATA(res));
    }
    Py_DECREF(p.object);
    return res != NULL ? Py_BuildValue("(Nn)", res, p.end) : NULL;
}

PyObject *
PyCodec_BackslashReplaceErrors(PyObject *exc)
{
    struct problem p;
    if (get_problem(exc, &p) < 0) {
        return NULL;
    }
    PyObject *res;
    if (p.kind == DECODE_PROBLEM) {
        const unsigned char *s = (const unsigned char *)PyBytes_AS_STRING(p.object);
        res = PyUnicode_New(4 * (p.end - p.start), 127);
        char *out = res != NULL && p.end > p.start ? PyUnicode_DATA(res) : NULL;
        for (Py_ssize_t i = p.start; out != NULL && i < p.end; i++) {
            *out++ = '\\';
            *out++ = 'x';
            *out++ = Py_hexdigits[s[i] >> 4];
            *out++ = Py_hexdigits[s[i] & 15];
        }
    }
    else {
        p.end = Py_MIN(p.end, p.start + MAX_FORMS);
        Py_ssize_t size = _PyUnicode_BackslashSize(p.object, p.start, p.end);
        res = PyUnicode_New(size, 127);
        if (res != NULL && size > 0) {
            _PyUnicode_BackslashForms(p.object, p.start, p.end, PyUnicode_DATA(res));
        }
    }
    Py_DECREF(p.object);
    return res != NULL ? Py_BuildValue("(Nn)", res, p.end) : NULL;
}

PyObject *
PyCodec_NameReplaceErrors(PyObject *exc)
{
    struct problem p;
    if (!PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_UnicodeEncodeError)) {
        return wrong_exception_type(exc);
    }
    _PyUnicode_Name_CAPI *names = _PyUnicode_GetNameCAPI();
    if (names == NULL || get_problem(exc, &p) < 0) {
        return NULL;
    }
    _PyUnicodeWriter w;
    _PyUnicodeWriter_Init(&w);
    w.overallocate = 1;
    for (Py_ssize_t i = p.start; i < p.end; i++) {
        char name[256 + 4], form[12];
        int failed;
        if (names->getname(PyUnicode_READ_CHAR(p.object, i), name, sizeof(name), 1)) {
            failed = _PyUnicodeWriter_WriteASCIIString(&w, "\\N{", 3) < 0
                     || _PyUnicodeWriter_WriteASCIIString(&w, name, -1) < 0
                     || _PyUnicodeWriter_WriteChar(&w, '}') < 0;
        }
        else {
            char *end = _PyUnicode_BackslashForms(p.object, i, i + 1, form);
            failed = _PyUnicodeWriter_WriteASCIIString(&w, form, end - form) < 0;
        }
        if (failed) {
            _PyUnicodeWriter_Dealloc(&w);
            Py_DECREF(p.object);
            return NULL;
        }
    }
    Py_DECREF(p.object);
    PyObject *res = _PyUnicodeWriter_Finish(&w);
    return res != NULL ? Py_BuildValue("(Nn)", res, p.end) : NULL;
}

/* --- Error handlers: surrogates --------------------------------------------------------------- */

/* A Unicode encoding whose code units can hold surrogates. */
struct unit {
    int bytes;                  /* of a code unit; 3 for a surrogate in UTF-8; 0: not known */
    int little;
};

static struct unit
unit_of(const char *encoding)
{
    char name[12];
    struct unit u = {0, PY_LITTLE_ENDIAN};
    if (!_PyUnicode_NormalizeEncoding(encoding, name, sizeof(name))
        || strncmp(name, "utf", 3) != 0)
    {
        if (strcmp(encoding, "CP_UTF8") == 0) {
            u.bytes = 3;
        }
        return u;
    }
    const char *rest = name + 3 + (name[3] == '_');
    if (strcmp(rest, "8") == 0) {
        u.bytes = 3;
        return u;
    }
    if (strncmp(rest, "16", 2) == 0) {
        u.bytes = 2;
    }
    else if (strncmp(rest, "32", 2) == 0) {
        u.bytes = 4;
    }
    else {
        return u;
    }
    rest += 2;
    rest += *rest == '_';
    if (strcmp(rest, "be") == 0) {
        u.little = 0;
    }
    else if (strcmp(rest, "le") == 0) {
        u.little = 1;
    }
    else if (*rest != '\0') {
        u.bytes = 0;
    }
    return u;
}

static void
put_surrogate(unsigned char *out, Py_UCS4 ch, struct unit u)
{
    if (u.bytes == 3) {
        out[0] = (unsigned char)(0xe0 | ch >> 12);
        out[1] = (unsigned char)(0x80 | (ch >> 6 & 0x3f));
        out[2] = (unsigned char)(0x80 | (ch & 0x3f));
        return;
    }
    for (int i = 0; i < u.bytes; i++) {
        out[u.little ? i : u.bytes - 1 - i] = (unsigned char)(ch >> (8 * i));
    }
}

/* The surrogate at s, or 0. */
static Py_UCS4
read_surrogate(const unsigned char *s, Py_ssize_t n, struct unit u)
{
    Py_UCS4 ch = 0;
    if (n < u.bytes) {
        return 0;
    }
    if (u.bytes == 3) {
        if ((s[0] & 0xf0) != 0xe0 || (s[1] & 0xc0) != 0x80 || (s[2] & 0xc0) != 0x80) {
            return 0;
        }
        ch = (Py_UCS4)(s[0] & 0x0f) << 12 | (Py_UCS4)(s[1] & 0x3f) << 6 | (s[2] & 0x3f);
    }
    else {
        for (int i = 0; i < u.bytes; i++) {
            ch |= (Py_UCS4)s[u.little ? i : u.bytes - 1 - i] << (8 * i);
        }
    }
    return Py_UNICODE_IS_SURROGATE(ch) ? ch : 0;
}

/* surrogatepass: surrogates go through Unicode encodings like other characters. */
static PyObject *
surrogate_pass(PyObject *exc)
{
    struct problem p;
    if (get_problem(exc, &p) < 0) {
        return NULL;
    }
    PyObject *encoding = p.kind == ENCODE_PROBLEM ? PyUnicodeEncodeError_GetEncoding(exc)
                         : p.kind == DECODE_PROBLEM ? PyUnicodeDecodeError_GetEncoding(exc) : NULL;
    const char *name = encoding != NULL ? PyUnicode_AsUTF8(encoding) : NULL;
    PyObject *res = NULL;
    if (p.kind == TRANSLATE_PROBLEM) {
        wrong_exception_type(exc);
        goto done;
    }
    if (name == NULL) {
        goto done;
    }
    struct unit u = unit_of(name);
    if (u.bytes == 0) {
        PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
        goto done;
    }
    if (p.kind == DECODE_PROBLEM) {
        const unsigned char *s = (const unsigned char *)PyBytes_AS_STRING(p.object) + p.start;
        Py_UCS4 ch = read_surrogate(s, PyBytes_GET_SIZE(p.object) - p.start, u);
        if (ch == 0) {
            PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
        }
        else {
            res = Py_BuildValue("(Nn)", _PyUnicode_FromChar(ch), p.start + u.bytes);
        }
        goto done;
    }
    if (p.end - p.start > PY_SSIZE_T_MAX / 4) {
        PyErr_NoMemory();
        goto done;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, u.bytes * (p.end - p.start));
    if (bytes == NULL) {
        goto done;
    }
    unsigned char *out = (unsigned char *)PyBytes_AS_STRING(bytes);
    for (Py_ssize_t i = p.start; i < p.end; i++, out += u.bytes) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(p.object, i);
        if (!Py_UNICODE_IS_SURROGATE(ch)) {
            PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
            Py_DECREF(bytes);
            goto done;
        }
        put_surrogate(out, ch, u);
    }
    res = Py_BuildValue("(Nn)", bytes, p.end);

done:
    Py_XDECREF(encoding);
    Py_DECREF(p.object);
    return res;
}

/* surrogateescape (PEP 383): undecodable bytes travel as U+DC80..U+DCFF. */
static PyObject *
surrogate_escape(PyObject *exc)
{
    struct problem p;
    if (get_problem(exc, &p) < 0) {
        return NULL;
    }
    PyObject *res = NULL, *out = NULL;
    if (p.kind == TRANSLATE_PROBLEM) {
        wrong_exception_type(exc);
    }
    else if (p.kind == ENCODE_PROBLEM) {
        out = PyBytes_FromStringAndSize(NULL, p.end - p.start);
        for (Py_ssize_t i = p.start; out != NULL && i < p.end; i++) {
            Py_UCS4 ch = PyUnicode_READ_CHAR(p.object, i);
            if (ch < 0xdc80 || ch > 0xdcff) {
                PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
                Py_CLEAR(out);
                break;
            }
            PyBytes_AS_STRING(out)[i - p.start] = (char)(ch - 0xdc00);
        }
    }
    else {
        const unsigned char *s = (const unsigned char *)PyBytes_AS_STRING(p.object) + p.start;
        Py_UCS2 chars[4];
        Py_ssize_t n = 0;
        /* ASCII bytes are never escaped: that would let them slip past checks */
        while (n < 4 && n < p.end - p.start && s[n] >= 128) {
            chars[n] = (Py_UCS2)(0xdc00 + s[n]);
            n++;
        }
        if (n == 0) {
            PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
        }
        else {
            out = _PyUnicode_FromUCS2(chars, n);
            p.end = p.start + n;
        }
    }
    if (out != NULL) {
        res = Py_BuildValue("(Nn)", out, p.end);
    }
    Py_DECREF(p.object);
    return res;
}

/* --- Error handlers as functions -------------------------------------------------------------- */

#define HANDLER(NAME, FUNC) \
static PyObject * \
NAME(PyObject *Py_UNUSED(self), PyObject *exc) \
{ \
    return FUNC(exc); \
}

HANDLER(strict_errors, PyCodec_StrictErrors)
HANDLER(ignore_errors, PyCodec_IgnoreErrors)
HANDLER(replace_errors, PyCodec_ReplaceErrors)
HANDLER(xmlcharrefreplace_errors, PyCodec_XMLCharRefReplaceErrors)
HANDLER(backslashreplace_errors, PyCodec_BackslashReplaceErrors)
HANDLER(namereplace_errors, PyCodec_NameReplaceErrors)
HANDLER(surrogatepass, surrogate_pass)
HANDLER(surrogateescape, surrogate_escape)

static const struct {
    const char *name;
    PyMethodDef def;
} standard_handlers[] = {
    {"strict", {"strict_errors", strict_errors, METH_O,
     PyDoc_STR("Implements the 'strict' error handling, which raises a UnicodeError on coding "
               "errors.")}},
    {"ignore", {"ignore_errors", ignore_errors, METH_O,
     PyDoc_STR("Implements the 'ignore' error handling, which ignores malformed data and "
               "continues.")}},
    {"replace", {"replace_errors", replace_errors, METH_O,
     PyDoc_STR("Implements the 'replace' error handling, which replaces malformed data with a "
               "replacement marker.")}},
    {"xmlcharrefreplace", {"xmlcharrefreplace_errors", xmlcharrefreplace_errors, METH_O,
     PyDoc_STR("Implements the 'xmlcharrefreplace' error handling, which replaces an unencodable "
               "character with the appropriate XML character reference.")}},
    {"backslashreplace", {"backslashreplace_errors", backslashreplace_errors, METH_O,
     PyDoc_STR("Implements the 'backslashreplace' error handling, which replaces malformed data "
               "with a backslashed escape sequence.")}},
    {"namereplace", {"namereplace_errors", namereplace_errors, METH_O,
     PyDoc_STR("Implements the 'namereplace' error handling, which replaces an unencodable "
               "character with a \\N{...} escape sequence.")}},
    {"surrogatepass", {"surrogatepass", surrogatepass, METH_O, NULL}},
    {"surrogateescape", {"surrogateescape", surrogateescape, METH_O, NULL}},
};

static int
add_standard_handlers(PyObject *registry)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(standard_handlers); i++) {
        PyObject *func = PyCFunction_NewEx((PyMethodDef *)&standard_handlers[i].def, NULL, NULL);
        if (func == NULL) {
            return -1;
        }
        int res = PyDict_SetItemString(registry, standard_handlers[i].name, func);
        Py_DECREF(func);
        if (res < 0) {
            return -1;
        }
    }
    return 0;
}
