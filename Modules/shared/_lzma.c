/* _lzma: compression by liblzma; the module lzma is made of it.
 *
 *   filter chain   what a sequence of dicts says, as liblzma wants it; it lies on the C stack with
 *                  its options, which liblzma copies
 *
 * A compressor and a decompressor hold a lzma_stream from their birth until they are freed; the
 * lock of the object is held while liblzma runs without the GIL (compression.h).
 *
 * Written from the comments of liblzma's headers, which are its manual, the documentation of the
 * module lzma and observed behaviour.
 */
#include "Python.h"
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef
#include "../compression.h"     // output, decompressor

#include <lzma.h>
#include <stddef.h>

enum format {
    FORMAT_AUTO,
    FORMAT_XZ,
    FORMAT_ALONE,
    FORMAT_RAW,
};

#define CHECK_UNKNOWN (LZMA_CHECK_ID_MAX + 1)

typedef struct {
    PyObject *error;
} lzma_state;

typedef struct {
    PyObject_HEAD
    lzma_stream z;
    PyThread_type_lock lock;
    bool flushed;
} Compressor;

typedef struct {
    PyObject_HEAD
    lzma_stream z;
    decompressor common;
    int check;                  // a lzma_check or CHECK_UNKNOWN
} Decompressor;

static int filter_id_converter(PyObject *arg, void *result);

#include "sig/_lzma.sig.h"

static inline lzma_state *
get_state(PyObject *module)
{
    lzma_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* Memory for liblzma, which asks without the GIL. */
static void *
alloc_for_lzma(void *Py_UNUSED(opaque), size_t items, size_t size)
{
    return size == 0 || items <= PY_SSIZE_T_MAX / size ? PyMem_RawMalloc(items * size) : NULL;
}

static void
free_for_lzma(void *Py_UNUSED(opaque), void *p)
{
    PyMem_RawFree(p);
}

static const lzma_allocator allocator = {alloc_for_lzma, free_for_lzma, NULL};

/* Whether a status of liblzma is an error; the exception is set then. */
static bool
lzma_failed(const lzma_state *state, lzma_ret status)
{
    const char *message;
    switch (status) {
    case LZMA_OK:
    case LZMA_GET_CHECK:
    case LZMA_NO_CHECK:
    case LZMA_STREAM_END:
        return false;
    case LZMA_MEM_ERROR:
        PyErr_NoMemory();
        return true;
    case LZMA_UNSUPPORTED_CHECK:
        message = "Unsupported integrity check";
        break;
    case LZMA_MEMLIMIT_ERROR:
        message = "Memory usage limit exceeded";
        break;
    case LZMA_FORMAT_ERROR:
        message = "Input format not supported by decoder";
        break;
    case LZMA_OPTIONS_ERROR:
        message = "Invalid or unsupported options";
        break;
    case LZMA_DATA_ERROR:
        message = "Corrupt input data";
        break;
    case LZMA_BUF_ERROR:
        message = "Insufficient buffer space";
        break;
    case LZMA_PROG_ERROR:
        message = "Internal error";
        break;
    default:
        PyErr_Format(state->error, "Unrecognized error from liblzma: %d", (int)status);
        return true;
    }
    PyErr_SetString(state->error, message);
    return true;
}

/* Room for output: 1, 0 if the limit is reached, -1 with MemoryError. */
static int
lzma_room(lzma_stream *z, output *out)
{
    Py_ssize_t room = output_more(out, OUTPUT_INITIAL, (char **)&z->next_out);
    z->avail_out = room > 0 ? (size_t)room : 0;
    return room > 0 ? 1 : (int)room;
}

/* --- Filters ---------------------------------------------------------------------------------- */

union filter_options {
    lzma_options_lzma lzma;
    lzma_options_delta delta;
    lzma_options_bcj bcj;
};

struct filter_chain {
    lzma_filter filters[LZMA_FILTERS_MAX + 1];
    union filter_options options[LZMA_FILTERS_MAX];
};

/* The items of a dict that are options of a filter; those of all of these are uint32_t or an enum
 * of that size. */
struct option {
    const char *name;
    size_t offset;              // in union filter_options
};

#define LZMA_OPTION(NAME) {#NAME, offsetof(lzma_options_lzma, NAME)}

static_assert(sizeof(lzma_mode) == sizeof(uint32_t)
              && sizeof(lzma_match_finder) == sizeof(uint32_t), "options are stored as uint32_t");

static const struct option lzma_option_table[] = {
    LZMA_OPTION(dict_size), LZMA_OPTION(lc), LZMA_OPTION(lp), LZMA_OPTION(pb), LZMA_OPTION(mode),
    LZMA_OPTION(nice_len), LZMA_OPTION(mf), LZMA_OPTION(depth), {NULL, 0},
};

static const struct option delta_option_table[] = {
    {"dist", offsetof(lzma_options_delta, dist)}, {NULL, 0},
};

static const struct option bcj_option_table[] = {
    {"start_offset", offsetof(lzma_options_bcj, start_offset)}, {NULL, 0},
};

/* 0, or -1 with an exception. */
static int
as_uint32(PyObject *value, uint32_t *result)
{
    unsigned long long number = PyLong_AsUnsignedLongLong(value);
    if (number == (unsigned long long)-1 && PyErr_Occurred()) {
        return -1;
    }
    if (number > UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "Value too large for uint32_t type");
        return -1;
    }
    *result = (uint32_t)number;
    return 0;
}

/* A converter of arguments: 1, or 0 with an exception. */
static int
filter_id_converter(PyObject *arg, void *result)
{
    unsigned long long id = PyLong_AsUnsignedLongLong(arg);
    *(lzma_vli *)result = id;
    return id != (unsigned long long)-1 || !PyErr_Occurred();
}

/* spec[name], also of mappings that are no dict: 1 with a new reference, 0 if there is none, -1
 * with an exception. */
static int
get_item(PyObject *spec, const char *name, PyObject **value)
{
    *value = PyMapping_GetItemString(spec, name);
    if (*value != NULL) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_KeyError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

static const struct option *
find_option(const struct option *option, PyObject *key)
{
    while (option->name != NULL && !_PyUnicode_EqualToASCIIString(key, option->name)) {
        option++;
    }
    return option->name != NULL ? option : NULL;
}

/* Store the items of the dict that are options; "id", and "preset" if `preset` says so, are no
 * options.  0, or -1 with ValueError. */
static int
store_options(PyObject *spec, const struct option *table, bool preset,
              union filter_options *options, const char *kind)
{
    PyObject *key, *value;
    Py_ssize_t pos = 0;
    bool good = PyDict_Check(spec);
    while (good && PyDict_Next(spec, &pos, &key, &value)) {
        good = PyUnicode_Check(key);
        if (good && !_PyUnicode_EqualToASCIIString(key, "id")
            && !(preset && _PyUnicode_EqualToASCIIString(key, "preset")))
        {
            const struct option *option = find_option(table, key);
            uint32_t *place = option != NULL ? (uint32_t *)((char *)options + option->offset)
                              : NULL;
            good = place != NULL && PyLong_Check(value) && as_uint32(value, place) == 0;
        }
    }
    if (!good) {
        PyErr_Format(PyExc_ValueError, "Invalid filter specifier for %s filter", kind);
        return -1;
    }
    return 0;
}

/* The options of LZMA1 and LZMA2: those of a preset, and then what the dict says. */
static int
read_lzma_options(const lzma_state *state, PyObject *spec, union filter_options *options)
{
    uint32_t preset = LZMA_PRESET_DEFAULT;
    PyObject *value;
    int found = get_item(spec, "preset", &value);
    if (found > 0) {
        found = as_uint32(value, &preset);
        Py_DECREF(value);
    }
    if (found < 0) {
        return -1;
    }
    if (lzma_lzma_preset(&options->lzma, preset)) {
        PyErr_Format(state->error, "Invalid compression preset: %u", preset);
        return -1;
    }
    return store_options(spec, lzma_option_table, true, options, "LZMA");
}

/* Read what a dict says about a filter, with its options at `options`: 0, or -1 with an
 * exception. */
static int
read_filter(const lzma_state *state, PyObject *spec, lzma_filter *filter,
            union filter_options *options)
{
    PyObject *id;
    if (!PyMapping_Check(spec)) {
        PyErr_SetString(PyExc_TypeError, "Filter specifier must be a dict or dict-like object");
        return -1;
    }
    int found = get_item(spec, "id", &id);
    if (found == 0) {
        PyErr_SetString(PyExc_ValueError, "Filter specifier must have an \"id\" entry");
    }
    if (found <= 0) {
        return -1;
    }
    int good = filter_id_converter(id, &filter->id);
    Py_DECREF(id);
    if (!good) {
        return -1;
    }
    memset(options, 0, sizeof(*options));
    filter->options = options;
    switch (filter->id) {
    case LZMA_FILTER_LZMA1:
    case LZMA_FILTER_LZMA2:
        return read_lzma_options(state, spec, options);
    case LZMA_FILTER_DELTA:
        options->delta.type = LZMA_DELTA_TYPE_BYTE;
        options->delta.dist = LZMA_DELTA_DIST_MIN;
        return store_options(spec, delta_option_table, false, options, "delta");
    case LZMA_FILTER_X86:
    case LZMA_FILTER_POWERPC:
    case LZMA_FILTER_IA64:
    case LZMA_FILTER_ARM:
    case LZMA_FILTER_ARMTHUMB:
    case LZMA_FILTER_SPARC:
        return store_options(spec, bcj_option_table, false, options, "BCJ");
    default:
        PyErr_Format(PyExc_ValueError, "Invalid filter ID: %llu", (unsigned long long)filter->id);
        return -1;
    }
}

/* Read a sequence of dicts: 0, or -1 with an exception. */
static int
read_chain(const lzma_state *state, PyObject *specs, struct filter_chain *chain)
{
    Py_ssize_t n = PySequence_Length(specs);
    if (n < 0) {
        return -1;
    }
    if (n > LZMA_FILTERS_MAX) {
        PyErr_Format(PyExc_ValueError, "Too many filters - liblzma supports a maximum of %d",
                     LZMA_FILTERS_MAX);
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *spec = PySequence_GetItem(specs, i);
        int result = spec != NULL ? read_filter(state, spec, &chain->filters[i],
                                                &chain->options[i]) : -1;
        Py_XDECREF(spec);
        if (result < 0) {
            return -1;
        }
    }
    chain->filters[n].id = LZMA_VLI_UNKNOWN;
    return 0;
}

/* Add an option to a dict: 0, or -1 with an exception. */
static int
add_option(PyObject *dict, const char *name, unsigned long long number)
{
    PyObject *value = PyLong_FromUnsignedLongLong(number);
    int result = value != NULL ? PyDict_SetItemString(dict, name, value) : -1;
    Py_XDECREF(value);
    return result;
}

/* The options that lzma_properties_decode() gives: 0, or -1 with an exception. */
static int
add_options(PyObject *dict, const lzma_filter *filter)
{
    const lzma_options_lzma *lzma = filter->options;
    switch (filter->id) {
    case LZMA_FILTER_LZMA1:
        return add_option(dict, "lc", lzma->lc) < 0 || add_option(dict, "lp", lzma->lp) < 0
               || add_option(dict, "pb", lzma->pb) < 0 ? -1
               : add_option(dict, "dict_size", lzma->dict_size);
    case LZMA_FILTER_LZMA2:
        return add_option(dict, "dict_size", lzma->dict_size);
    case LZMA_FILTER_DELTA:
        return add_option(dict, "dist", ((const lzma_options_delta *)filter->options)->dist);
    default:
        /* BCJ filters have no options, which means zero, without properties. */
        return filter->options == NULL ? 0
               : add_option(dict, "start_offset",
                            ((const lzma_options_bcj *)filter->options)->start_offset);
    }
}

/*sig _lzma._encode_filter_properties(module, filter, /)

Return a bytes object encoding the options (properties) of the filter
specified by *filter* (a dict).

The result does not include the filter ID itself, only the options.
*/
static PyObject *
_lzma__encode_filter_properties_impl(PyObject *module, PyObject *spec)
{
    const lzma_state *state = get_state(module);
    lzma_filter filter;
    union filter_options options;
    uint32_t size;
    if (read_filter(state, spec, &filter, &options) < 0
        || lzma_failed(state, lzma_properties_size(&size, &filter)))
    {
        return NULL;
    }
    PyObject *properties = PyBytes_FromStringAndSize(NULL, size);
    if (properties != NULL
        && lzma_failed(state, lzma_properties_encode(&filter,
                                                     (uint8_t *)PyBytes_AS_STRING(properties))))
    {
        Py_CLEAR(properties);
    }
    return properties;
}

/*sig _lzma._decode_filter_properties(module, filter_id: conv[filter_id_converter, lzma_vli],
                                      encoded_props: buffer, /)

Return a dict with the ID and the options of a filter, given its ID and
the bytes object that encodes the options (properties).
*/
static PyObject *
_lzma__decode_filter_properties_impl(PyObject *module, lzma_vli filter_id,
                                     Py_buffer *encoded_props)
{
    lzma_filter filter = {.id = filter_id};
    if (lzma_failed(get_state(module),
                    lzma_properties_decode(&filter, &allocator, encoded_props->buf,
                                           (size_t)encoded_props->len)))
    {
        return NULL;
    }
    PyObject *dict = PyDict_New();
    if (dict != NULL
        && (add_option(dict, "id", filter.id) < 0 || add_options(dict, &filter) < 0))
    {
        Py_CLEAR(dict);
    }
    free_for_lzma(NULL, filter.options);
    return dict;
}

/*sig _lzma.is_check_supported(module, check_id: int, /) -> bool

Test whether the given integrity check is supported.

Always returns True for CHECK_NONE and CHECK_CRC32.
*/
static int
_lzma_is_check_supported_impl(PyObject *Py_UNUSED(module), int check_id)
{
    return lzma_check_is_supported((lzma_check)check_id);
}

/* --- LZMACompressor --------------------------------------------------------------------------- */

/* Compress the input (LZMA_RUN), or end the stream (LZMA_FINISH): new reference, or NULL with an
 * exception.  The lock is taken. */
static PyObject *
lzma_compress(Compressor *self, lzma_action action, const void *data, Py_ssize_t length)
{
    lzma_stream *z = &self->z;
    output out = {.limit = -1};
    lzma_ret status;
    z->next_in = data;
    z->avail_in = (size_t)length;
    z->avail_out = 0;
    do {
        if (z->avail_out == 0 && lzma_room(z, &out) < 0) {
            return NULL;
        }
        Py_BEGIN_ALLOW_THREADS
        status = lzma_code(z, action);
        Py_END_ALLOW_THREADS
        if (status == LZMA_BUF_ERROR && z->avail_in == 0 && z->avail_out > 0) {
            status = LZMA_OK;   /* it had nothing to do */
        }
        if (lzma_failed(PyType_GetModuleState(Py_TYPE(self)), status)) {
            Py_XDECREF(out.bytes);
            return NULL;
        }
    } while (action == LZMA_FINISH ? status != LZMA_STREAM_END
             : z->avail_in > 0 || z->avail_out == 0);
    out.room = (Py_ssize_t)z->avail_out;
    return output_finish(&out);
}

/* Begin a stream with a preset, or with the filters if they are not None. */
static lzma_ret
start_encoder(lzma_stream *z, enum format format, int check, uint32_t preset,
              const struct filter_chain *chain)
{
    lzma_options_lzma options;
    switch (format) {
    case FORMAT_XZ:
        check = check == -1 ? LZMA_CHECK_CRC64 : check;
        return chain != NULL ? lzma_stream_encoder(z, chain->filters, (lzma_check)check)
               : lzma_easy_encoder(z, preset, (lzma_check)check);
    case FORMAT_ALONE:
        if (chain != NULL) {
            return lzma_alone_encoder(z, chain->filters[0].options);
        }
        return lzma_lzma_preset(&options, preset) ? LZMA_OPTIONS_ERROR
               : lzma_alone_encoder(z, &options);
    default:
        assert(format == FORMAT_RAW && chain != NULL);
        return lzma_raw_encoder(z, chain->filters);
    }
}

/* Whether what a compressor is made of fits together: 0, or -1 with ValueError. */
static int
check_encoder_arguments(int format, int check, PyObject *preset, PyObject *filters)
{
    const char *wrong = NULL;
    if (preset != Py_None && filters != Py_None) {
        wrong = "Cannot specify both preset and filter chain";
    }
    else if (format != FORMAT_XZ && check != -1 && check != LZMA_CHECK_NONE) {
        wrong = "Integrity checks are only supported by FORMAT_XZ";
    }
    else if (format == FORMAT_RAW && filters == Py_None) {
        wrong = "Must specify filters for FORMAT_RAW";
    }
    if (wrong != NULL) {
        PyErr_SetString(PyExc_ValueError, wrong);
        return -1;
    }
    if (format != FORMAT_XZ && format != FORMAT_ALONE && format != FORMAT_RAW) {
        PyErr_Format(PyExc_ValueError, "Invalid container format: %d", format);
        return -1;
    }
    return 0;
}

static PyObject *
compressor_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"format", "check", "preset", "filters", NULL};
    const lzma_state *state = PyType_GetModuleState(type);
    int format = FORMAT_XZ, check = -1;
    PyObject *preset_arg = Py_None, *filters = Py_None;
    uint32_t preset = LZMA_PRESET_DEFAULT;
    struct filter_chain chain;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|iiOO:LZMACompressor", (char **)keywords,
                                     &format, &check, &preset_arg, &filters)
        || check_encoder_arguments(format, check, preset_arg, filters) < 0
        || (preset_arg != Py_None && as_uint32(preset_arg, &preset) < 0)
        || (filters != Py_None && read_chain(state, filters, &chain) < 0))
    {
        return NULL;
    }
    if (format == FORMAT_ALONE && filters != Py_None
        && (chain.filters[0].id != LZMA_FILTER_LZMA1 || chain.filters[1].id != LZMA_VLI_UNKNOWN))
    {
        PyErr_SetString(PyExc_ValueError, "Invalid filter chain for FORMAT_ALONE - must be a "
                                          "single LZMA1 filter");
        return NULL;
    }
    Compressor *self = (Compressor *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->z.allocator = &allocator;
    self->lock = new_lock();
    if (self->lock == NULL
        || lzma_failed(state, start_encoder(&self->z, (enum format)format, check, preset,
                                            filters != Py_None ? &chain : NULL)))
    {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/*sig LZMACompressor.compress(self, data: buffer, /)

Provide data to the compressor object.

Returns a chunk of compressed data if possible, or b'' otherwise.

When you have finished providing data to the compressor, call the
flush() method to finish the compression process.
*/
static PyObject *
LZMACompressor_compress_impl(Compressor *self, Py_buffer *data)
{
    PyObject *result = NULL;
    take_lock(self->lock);
    if (self->flushed) {
        PyErr_SetString(PyExc_ValueError, "Compressor has been flushed");
    }
    else {
        result = lzma_compress(self, LZMA_RUN, data->buf, data->len);
    }
    PyThread_release_lock(self->lock);
    return result;
}

/*sig LZMACompressor.flush(self)

Finish the compression process.

Returns the compressed data left in internal buffers.

The compressor object may not be used after this method is called.
*/
static PyObject *
LZMACompressor_flush_impl(Compressor *self)
{
    PyObject *result = NULL;
    take_lock(self->lock);
    if (self->flushed) {
        PyErr_SetString(PyExc_ValueError, "Repeated call to flush()");
    }
    else {
        self->flushed = true;
        result = lzma_compress(self, LZMA_FINISH, NULL, 0);
    }
    PyThread_release_lock(self->lock);
    return result;
}

static void
compressor_dealloc(Compressor *self)
{
    PyTypeObject *type = Py_TYPE(self);
    lzma_end(&self->z);
    free_lock(self->lock);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

PyDoc_STRVAR(compressor_doc,
"LZMACompressor(format=FORMAT_XZ, check=-1, preset=None, filters=None)\n"
"\n"
"Create a compressor object for compressing data incrementally.\n"
"\n"
"format specifies the container format to use for the output. This can\n"
"be FORMAT_XZ (default), FORMAT_ALONE, or FORMAT_RAW.\n"
"\n"
"check specifies the integrity check to use. For FORMAT_XZ, the default\n"
"is CHECK_CRC64. FORMAT_ALONE and FORMAT_RAW do not support integrity\n"
"checks; for these formats, check must be omitted, or be CHECK_NONE.\n"
"\n"
"The settings used by the compressor can be specified either as a\n"
"preset compression level (with the 'preset' argument), or in detail\n"
"as a custom filter chain (with the 'filters' argument). For FORMAT_XZ\n"
"and FORMAT_ALONE, the default is to use the PRESET_DEFAULT preset\n"
"level. For FORMAT_RAW, the caller must always specify a filter chain;\n"
"the raw compressor does not support preset compression levels.\n"
"\n"
"preset (if provided) should be an integer in the range 0-9, optionally\n"
"OR-ed with the constant PRESET_EXTREME.\n"
"\n"
"filters (if provided) should be a sequence of dicts. Each dict should\n"
"have an entry for \"id\" indicating the ID of the filter, plus\n"
"additional entries for options to the filter.\n"
"\n"
"For one-shot compression, use the compress() function instead.\n");

static PyMethodDef compressor_methods[] = {
    LZMACOMPRESSOR_COMPRESS_METHODDEF
    LZMACOMPRESSOR_FLUSH_METHODDEF
    {NULL}
};

static PyType_Slot compressor_slots[] = {
    {Py_tp_dealloc, compressor_dealloc},
    {Py_tp_doc, (void *)compressor_doc},
    {Py_tp_methods, compressor_methods},
    {Py_tp_new, compressor_new},
    {0, NULL}
};

static PyType_Spec compressor_spec = {
    .name = "_lzma.LZMACompressor",
    .basicsize = sizeof(Compressor),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = compressor_slots,
};

/* --- LZMADecompressor ------------------------------------------------------------------------- */

/* A step of compression.h. */
static enum step
lzma_step(void *object, const char **next, Py_ssize_t *rest, output *out)
{
    Decompressor *self = object;
    lzma_stream *z = &self->z;
    const lzma_state *state = PyType_GetModuleState(Py_TYPE(self));
    enum step end = STEP_DONE;
    z->next_in = (const uint8_t *)*next;
    z->avail_in = (size_t)*rest;
    int room = lzma_room(z, out);       /* a limit of 0 does not keep input from being read */
    while (room >= 0) {
        lzma_ret status;
        Py_BEGIN_ALLOW_THREADS
        status = lzma_code(z, LZMA_RUN);
        Py_END_ALLOW_THREADS
        /* The error says that there was no input or no room, which is known. */
        if (status != LZMA_BUF_ERROR && lzma_failed(state, status)) {
            return STEP_FAILED;
        }
        if (status == LZMA_GET_CHECK || status == LZMA_NO_CHECK) {
            self->check = (int)lzma_get_check(z);
        }
        if (status == LZMA_STREAM_END) {
            end = STEP_END;
            break;
        }
        if (z->avail_out == 0) {
            room = lzma_room(z, out);
            if (room == 0) {
                end = STEP_FULL;
                break;
            }
        }
        else if (z->avail_in == 0) {
            break;
        }
    }
    if (room < 0) {
        return STEP_FAILED;
    }
    *next = (const char *)z->next_in;
    *rest = (Py_ssize_t)z->avail_in;
    out->room = (Py_ssize_t)z->avail_out;
    return end;
}

/* Begin to read a stream; `filters` counts for FORMAT_RAW.  0, or -1 with an exception. */
static int
start_decoder(const lzma_state *state, Decompressor *self, enum format format, uint64_t memlimit,
              PyObject *filters)
{
    const uint32_t flags = LZMA_TELL_ANY_CHECK | LZMA_TELL_NO_CHECK;
    struct filter_chain chain;
    lzma_ret status;
    self->check = format == FORMAT_AUTO || format == FORMAT_XZ ? CHECK_UNKNOWN : LZMA_CHECK_NONE;
    switch (format) {
    case FORMAT_AUTO:
        status = lzma_auto_decoder(&self->z, memlimit, flags);
        break;
    case FORMAT_XZ:
        status = lzma_stream_decoder(&self->z, memlimit, flags);
        break;
    case FORMAT_ALONE:
        status = lzma_alone_decoder(&self->z, memlimit);
        break;
    default:
        assert(format == FORMAT_RAW);
        if (read_chain(state, filters, &chain) < 0) {
            return -1;
        }
        status = lzma_raw_decoder(&self->z, chain.filters);
    }
    return lzma_failed(state, status) ? -1 : 0;
}

/*sig LZMADecompressor.__new__(type, format: int = c"FORMAT_AUTO" py"FORMAT_AUTO", memlimit=None,
                               filters=None)

Create a decompressor object for decompressing data incrementally.

  format
    Specifies the container format of the input stream.  If this is
    FORMAT_AUTO (the default), the decompressor will automatically detect
    whether the input is FORMAT_XZ or FORMAT_ALONE.  Streams created with
    FORMAT_RAW cannot be autodetected.
  memlimit
    Limit the amount of memory used by the decompressor.  This will cause
    decompression to fail if the input cannot be decompressed within the
    given limit.
  filters
    A custom filter chain.  This argument is required for FORMAT_RAW, and
    not accepted with any other format.  When provided, this should be a
    sequence of dicts, each indicating the ID and options for a single
    filter.

For one-shot decompression, use the decompress() function instead.
*/
static PyObject *
LZMADecompressor_new_impl(PyTypeObject *type, int format, PyObject *memlimit, PyObject *filters)
{
    unsigned long long limit = UINT64_MAX;
    if (memlimit != Py_None) {
        if (format == FORMAT_RAW) {
            PyErr_SetString(PyExc_ValueError, "Cannot specify memory limit with FORMAT_RAW");
            return NULL;
        }
        limit = PyLong_AsUnsignedLongLong(memlimit);
        if (limit == (unsigned long long)-1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    if ((format == FORMAT_RAW) != (filters != Py_None)) {
        PyErr_SetString(PyExc_ValueError, format == FORMAT_RAW
                        ? "Must specify filters for FORMAT_RAW"
                        : "Cannot specify filters except with FORMAT_RAW");
        return NULL;
    }
    if (format < FORMAT_AUTO || format > FORMAT_RAW) {
        PyErr_Format(PyExc_ValueError, "Invalid container format: %d", format);
        return NULL;
    }
    Decompressor *self = (Decompressor *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->z.allocator = &allocator;
    if (decompressor_init(&self->common) < 0
        || start_decoder(PyType_GetModuleState(type), self, (enum format)format, limit,
                         filters) < 0)
    {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/*sig LZMADecompressor.decompress(self, data: buffer, max_length: ssize = -1)

Decompress *data*, returning uncompressed data as bytes.

If *max_length* is nonnegative, returns at most *max_length* bytes of
decompressed data. If this limit is reached and further output can be
produced, *self.needs_input* will be set to ``False``. In this case, the next
call to *decompress()* may provide *data* as b'' to obtain more of the output.

If all of the input data was decompressed and returned (either because this
was less than *max_length* bytes, or because *max_length* was negative),
*self.needs_input* will be set to True.

Attempting to decompress data after the end of stream is reached raises an
EOFError.  Any data found after the end of the stream is ignored and saved in
the unused_data attribute.
*/
static PyObject *
LZMADecompressor_decompress_impl(Decompressor *self, Py_buffer *data, Py_ssize_t max_length)
{
    return decompressor_decompress(&self->common, lzma_step, self, data, max_length,
                                   "Already at end of stream");
}

static void
decompressor_dealloc(Decompressor *self)
{
    PyTypeObject *type = Py_TYPE(self);
    lzma_end(&self->z);
    decompressor_free(&self->common);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static PyMethodDef decompressor_methods[] = {
    LZMADECOMPRESSOR_DECOMPRESS_METHODDEF
    {NULL}
};

static PyMemberDef decompressor_members[] = {
    {"check", T_INT, offsetof(Decompressor, check), READONLY,
     "ID of the integrity check used by the input stream."},
    {"eof", T_BOOL, offsetof(Decompressor, common.eof), READONLY,
     "True if the end-of-stream marker has been reached."},
    {"needs_input", T_BOOL, offsetof(Decompressor, common.needs_input), READONLY,
     "True if more input is needed before more decompressed data can be produced."},
    {"unused_data", T_OBJECT_EX, offsetof(Decompressor, common.unused_data), READONLY,
     "Data found after the end of the compressed stream."},
    {NULL}
};

static PyType_Slot decompressor_slots[] = {
    {Py_tp_dealloc, decompressor_dealloc},
    {Py_tp_doc, (void *)LZMADecompressor_new__doc__},
    {Py_tp_methods, decompressor_methods},
    {Py_tp_members, decompressor_members},
    {Py_tp_new, LZMADecompressor_new},
    {0, NULL}
};

static PyType_Spec decompressor_spec = {
    .name = "_lzma.LZMADecompressor",
    .basicsize = sizeof(Decompressor),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = decompressor_slots,
};

/* --- The module ------------------------------------------------------------------------------- */

static PyMethodDef lzma_functions[] = {
    _LZMA_IS_CHECK_SUPPORTED_METHODDEF
    _LZMA__ENCODE_FILTER_PROPERTIES_METHODDEF
    _LZMA__DECODE_FILTER_PROPERTIES_METHODDEF
    {NULL}
};

static const struct {
    const char *name;
    long long value;
} constants[] = {
    {"FORMAT_AUTO", FORMAT_AUTO},
    {"FORMAT_XZ", FORMAT_XZ},
    {"FORMAT_ALONE", FORMAT_ALONE},
    {"FORMAT_RAW", FORMAT_RAW},
    {"CHECK_NONE", LZMA_CHECK_NONE},
    {"CHECK_CRC32", LZMA_CHECK_CRC32},
    {"CHECK_CRC64", LZMA_CHECK_CRC64},
    {"CHECK_SHA256", LZMA_CHECK_SHA256},
    {"CHECK_ID_MAX", LZMA_CHECK_ID_MAX},
    {"CHECK_UNKNOWN", CHECK_UNKNOWN},
    {"FILTER_LZMA1", (long long)LZMA_FILTER_LZMA1},
    {"FILTER_LZMA2", LZMA_FILTER_LZMA2},
    {"FILTER_DELTA", LZMA_FILTER_DELTA},
    {"FILTER_X86", LZMA_FILTER_X86},
    {"FILTER_IA64", LZMA_FILTER_IA64},
    {"FILTER_ARM", LZMA_FILTER_ARM},
    {"FILTER_ARMTHUMB", LZMA_FILTER_ARMTHUMB},
    {"FILTER_SPARC", LZMA_FILTER_SPARC},
    {"FILTER_POWERPC", LZMA_FILTER_POWERPC},
    {"MF_HC3", LZMA_MF_HC3},
    {"MF_HC4", LZMA_MF_HC4},
    {"MF_BT2", LZMA_MF_BT2},
    {"MF_BT3", LZMA_MF_BT3},
    {"MF_BT4", LZMA_MF_BT4},
    {"MODE_FAST", LZMA_MODE_FAST},
    {"MODE_NORMAL", LZMA_MODE_NORMAL},
    {"PRESET_DEFAULT", LZMA_PRESET_DEFAULT},
    {"PRESET_EXTREME", LZMA_PRESET_EXTREME},
};

static int
lzma_exec(PyObject *module)
{
    lzma_state *state = get_state(module);
    state->error = PyErr_NewExceptionWithDoc("_lzma.LZMAError", "Call to liblzma failed.", NULL,
                                             NULL);
    if (PyModule_AddObjectRef(module, "LZMAError", state->error) < 0
        || add_type(module, &compressor_spec) < 0 || add_type(module, &decompressor_spec) < 0)
    {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
lzma_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(get_state(module)->error);
    return 0;
}

static int
lzma_clear(PyObject *module)
{
    Py_CLEAR(get_state(module)->error);
    return 0;
}

static void
lzma_free(void *module)
{
    lzma_clear((PyObject *)module);
}

static PyModuleDef_Slot lzma_slots[] = {
    {Py_mod_exec, lzma_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef lzma_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_lzma",
    .m_size = sizeof(lzma_state),
    .m_methods = lzma_functions,
    .m_slots = lzma_slots,
    .m_traverse = lzma_traverse,
    .m_clear = lzma_clear,
    .m_free = lzma_free,
};

PyMODINIT_FUNC
PyInit__lzma(void)
{
    return PyModuleDef_Init(&lzma_module);
}
