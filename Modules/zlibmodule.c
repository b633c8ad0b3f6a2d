/* zlibmodule.c - the module zlib: compression by libz.
 *
 * All objects are a `stream`: a z_stream with what Python sees of it.  The GIL is released while
 * libz runs; the lock of the object keeps other threads from the z_stream until then.  Two loops,
 * run_deflate() and run_inflate(), do all of the work; they take input of any length and give one
 * bytes object.
 *
 * Invariants: `active` says that libz holds memory for the stream, which ends exactly once, by
 * the type's own end function.  An object without `active` gives errors of libz, no crash:
 * it has no state there.
 *
 * Written from zlib.h's manual, the documentation of the module zlib and observed messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef
#include "compression.h"        // output, decompressor

#include <stddef.h>
#include <zlib.h>

#define DEF_BUF_SIZE (16 * 1024)
#define DEF_MEM_LEVEL 8
#define DEFLATED Z_DEFLATED

typedef struct {
    PyTypeObject *compress_type;
    PyTypeObject *decompress_type;
    PyTypeObject *decompressor_type;
    PyObject *error;
} zlib_state;

typedef struct {
    PyObject_HEAD
    z_stream z;
    decompressor common;        // of Compress: the lock
    PyObject *unconsumed;       // Decompress: bytes that were not needed for the output so far
    PyObject *zdict;            // or NULL
    bool active;
} stream;

static inline zlib_state *
get_state(PyObject *module)
{
    zlib_state *state = (zlib_state *)PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

static inline zlib_state *
state_of(stream *self)
{
    PyObject *module = PyType_GetModule(Py_TYPE(self));
    assert(module != NULL);
    return get_state(module);
}

#include "sig/zlibmodule.sig.h"

/* --------------------------------------------------------------------- streams and output */

static void *
zlib_alloc(voidpf Py_UNUSED(opaque), uInt items, uInt size)
{
    return PyMem_RawCalloc(items, size);    /* called without the GIL */
}

static void
zlib_release(voidpf Py_UNUSED(opaque), voidpf p)
{
    PyMem_RawFree(p);
}

static PyObject *
zlib_failed(zlib_state *state, const z_stream *z, int err, const char *doing)
{
    const char *msg = err == Z_VERSION_ERROR ? "library version mismatch" : z->msg;
    if (msg == NULL) {
        msg = err == Z_BUF_ERROR ? "incomplete or truncated stream"
              : err == Z_STREAM_ERROR ? "inconsistent stream state"
              : err == Z_DATA_ERROR ? "invalid input data" : NULL;
    }
    if (msg == NULL) {
        PyErr_Format(state->error, "Error %d %s", err, doing);
    }
    else {
        PyErr_Format(state->error, "Error %d %s: %.200s", err, doing, msg);
    }
    return NULL;
}

/* Room for more output if there is none.  1, 0 if the limit is reached, -1 with MemoryError. */
static int
output_room(output *out, z_stream *z, Py_ssize_t initial)
{
    if (z->avail_out > 0) {
        return 1;
    }
    Py_ssize_t room = output_more(out, initial, (char **)&z->next_out);
    z->avail_out = room > 0 ? (uInt)room : 0;
    return room > 0 ? 1 : (int)room;
}

/* The bytes written: new reference, or NULL with MemoryError. */
static PyObject *
take_output(output *out, z_stream *z)
{
    out->room = z->avail_out;
    z->avail_out = 0;
    return output_finish(out);
}

/* Compress the input: 0 with the status of libz in *err, or -1 with MemoryError. */
static int
run_deflate(z_stream *z, const Py_buffer *data, int mode, output *out, int *err)
{
    Py_ssize_t remaining = data != NULL ? data->len : 0;
    z->next_in = data != NULL ? data->buf : NULL;
    z->avail_out = 0;
    do {
        z->avail_in = next_part(&remaining);
        int flush = remaining == 0 ? mode : Z_NO_FLUSH;
        do {
            if (output_room(out, z, DEF_BUF_SIZE) < 0) {
                return -1;
            }
            Py_BEGIN_ALLOW_THREADS
            *err = deflate(z, flush);
            Py_END_ALLOW_THREADS
            if (*err == Z_STREAM_ERROR) {
                return 0;
            }
        } while (z->avail_out == 0);
        assert(z->avail_in == 0);
    } while (remaining > 0);
    return 0;
}

/* Give the dictionary to libz.  0, or -1 with an exception. */
static int
set_inflate_dictionary(zlib_state *state, z_stream *z, PyObject *zdict)
{
    Py_buffer view;
    if (PyObject_GetBuffer(zdict, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    int err = Z_OK;
    if ((size_t)view.len > UINT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "zdict length does not fit in an unsigned int");
        PyBuffer_Release(&view);
        return -1;
    }
    err = inflateSetDictionary(z, view.buf, (uInt)view.len);
    PyBuffer_Release(&view);
    if (err != Z_OK) {
        zlib_failed(state, z, err, "while setting zdict");
        return -1;
    }
    return 0;
}

/* Decompress until the end of input, stream or limit, or an error: 0 with the status of libz in
 * *err and the length of the input left in *rest (it is at z->next_in); -1 with an exception. */
static int
run_inflate(zlib_state *state, z_stream *z, PyObject *zdict, const void *data, Py_ssize_t length,
            int mode, Py_ssize_t initial, output *out, int *err, Py_ssize_t *rest)
{
    Py_ssize_t remaining = length;
    z->next_in = (Bytef *)data;
    z->avail_out = 0;
    *err = Z_OK;
    do {
        z->avail_in = next_part(&remaining);
        do {
            int room = output_room(out, z, initial);
            if (room < 0) {
                return -1;
            }
            if (room == 0) {
                goto done;
            }
            int flush = remaining == 0 ? mode : Z_NO_FLUSH;
            Py_BEGIN_ALLOW_THREADS
            *err = inflate(z, flush);
            Py_END_ALLOW_THREADS
            if (*err == Z_NEED_DICT && zdict != NULL) {
                if (set_inflate_dictionary(state, z, zdict) < 0) {
                    return -1;
                }
            }
            else if (*err != Z_OK && *err != Z_BUF_ERROR) {
                goto done;
            }
        } while (z->avail_out == 0 || *err == Z_NEED_DICT);
    } while (remaining > 0);
done:
    *rest = remaining + (Py_ssize_t)z->avail_in;
    z->avail_in = 0;
    assert(*rest >= 0 && *rest <= length);
    return 0;
}

/* A new object without a state of libz, or NULL with an exception. */
static stream *
new_stream(PyTypeObject *type)
{
    stream *self = (stream *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->z.zalloc = zlib_alloc;
    self->z.zfree = zlib_release;
    self->unconsumed = PyBytes_FromStringAndSize(NULL, 0);
    if (self->unconsumed == NULL || decompressor_init(&self->common) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return self;
}

static void
free_stream(stream *self, int (*end)(z_stream *))
{
    PyTypeObject *type = Py_TYPE(self);
    if (self->active) {
        end(&self->z);
    }
    decompressor_free(&self->common);
    Py_XDECREF(self->unconsumed);
    Py_XDECREF(self->zdict);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static void
compress_dealloc(stream *self)
{
    free_stream(self, deflateEnd);
}

static void
decompress_dealloc(stream *self)
{
    free_stream(self, inflateEnd);
}

/* ---------------------------------------------------------------------------------- functions */

/*sig zlib.compress(module, data: buffer, /,
                    level: int = c"Z_DEFAULT_COMPRESSION" py"Z_DEFAULT_COMPRESSION",
                    wbits: int = c"MAX_WBITS" py"MAX_WBITS")

Returns a bytes object containing compressed data.

  data
    Binary data to be compressed.
  level
    Compression level, in 0-9 or -1.
  wbits
    The window buffer size and container format.
*/
static PyObject *
zlib_compress_impl(PyObject *module, Py_buffer *data, int level, int wbits)
{
    zlib_state *state = get_state(module);
    z_stream z = {.zalloc = zlib_alloc, .zfree = zlib_release};
    int err = deflateInit2(&z, level, DEFLATED, wbits, DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY);
    if (err == Z_MEM_ERROR) {
        PyErr_SetString(PyExc_MemoryError, "Out of memory while compressing data");
        return NULL;
    }
    if (err != Z_OK) {
        if (err == Z_STREAM_ERROR) {
            PyErr_SetString(state->error, "Bad compression level");
            return NULL;
        }
        deflateEnd(&z);
        return zlib_failed(state, &z, err, "while compressing data");
    }
    output out = {.limit = -1};
    if (run_deflate(&z, data, Z_FINISH, &out, &err) < 0) {
        deflateEnd(&z);
        return NULL;
    }
    int end = deflateEnd(&z);
    if (err != Z_STREAM_END || end != Z_OK) {
        Py_XDECREF(out.bytes);
        return err != Z_STREAM_END ? zlib_failed(state, &z, err, "while compressing data")
               : zlib_failed(state, &z, end, "while finishing compression");
    }
    return take_output(&out, &z);
}

/*sig zlib.decompress(module, data: buffer, /,
                      wbits: int = c"MAX_WBITS" py"MAX_WBITS",
                      bufsize: ssize = c"DEF_BUF_SIZE" py"DEF_BUF_SIZE")

Returns a bytes object containing the uncompressed data.

  data
    Compressed data.
  wbits
    The window buffer size and container format.
  bufsize
    The initial output buffer size.
*/
static PyObject *
zlib_decompress_impl(PyObject *module, Py_buffer *data, int wbits, Py_ssize_t bufsize)
{
    zlib_state *state = get_state(module);
    if (bufsize < 0) {
        PyErr_SetString(PyExc_ValueError, "bufsize must be non-negative");
        return NULL;
    }
    z_stream z = {.zalloc = zlib_alloc, .zfree = zlib_release};
    int err = inflateInit2(&z, wbits);
    if (err == Z_MEM_ERROR) {
        PyErr_SetString(PyExc_MemoryError, "Out of memory while decompressing data");
        return NULL;
    }
    if (err != Z_OK) {
        inflateEnd(&z);
        return zlib_failed(state, &z, err, "while preparing to decompress data");
    }
    output out = {.limit = -1};
    Py_ssize_t rest;
    if (run_inflate(state, &z, NULL, data->buf, data->len, Z_SYNC_FLUSH,
                    Py_MIN(Py_MAX(bufsize, 1), (Py_ssize_t)UINT_MAX), &out, &err, &rest) < 0)
    {
        inflateEnd(&z);
        Py_XDECREF(out.bytes);
        return NULL;
    }
    if (err != Z_STREAM_END) {
        Py_XDECREF(out.bytes);
        zlib_failed(state, &z, err == Z_OK ? Z_BUF_ERROR : err, "while decompressing data");
        inflateEnd(&z);
        return NULL;
    }
    err = inflateEnd(&z);
    if (err != Z_OK) {
        Py_XDECREF(out.bytes);
        return zlib_failed(state, &z, err, "while finishing decompression");
    }
    return take_output(&out, &z);
}

#define RELEASE_ABOVE (5 * 1024)        // bytes worth releasing the GIL for

/*sig zlib.adler32(module, data: buffer, value: uint_mask = 1, /)

Compute an Adler-32 checksum of data.

  value
    Starting value of the checksum.

The returned checksum is an integer.
*/
static PyObject *
zlib_adler32_impl(PyObject *Py_UNUSED(module), Py_buffer *data, unsigned int value)
{
    uLong sum;
    if (data->len > RELEASE_ABOVE) {
        Py_BEGIN_ALLOW_THREADS
        sum = adler32_z(value, data->buf, (z_size_t)data->len);
        Py_END_ALLOW_THREADS
    }
    else {
        sum = adler32_z(value, data->len > 0 ? data->buf : (void *)"", (z_size_t)data->len);
    }
    return PyLong_FromUnsignedLong(sum & 0xffffffffUL);
}

/*sig zlib.crc32(module, data: buffer, value: uint_mask = 0, /)

Compute a CRC-32 checksum of data.

  value
    Starting value of the checksum.

The returned checksum is an integer.
*/
static PyObject *
zlib_crc32_impl(PyObject *Py_UNUSED(module), Py_buffer *data, unsigned int value)
{
    uLong sum;
    if (data->len > RELEASE_ABOVE) {
        Py_BEGIN_ALLOW_THREADS
        sum = crc32_z(value, data->buf, (z_size_t)data->len);
        Py_END_ALLOW_THREADS
    }
    else {
        sum = crc32_z(value, data->len > 0 ? data->buf : (void *)"", (z_size_t)data->len);
    }
    return PyLong_FromUnsignedLong(sum & 0xffffffffUL);
}

/* ----------------------------------------------------------------------------------- Compress */

/*sig zlib.compressobj(module,
                       level: int = c"Z_DEFAULT_COMPRESSION" py"Z_DEFAULT_COMPRESSION",
                       method: int = c"DEFLATED" py"DEFLATED",
                       wbits: int = c"MAX_WBITS" py"MAX_WBITS",
                       memLevel: int = c"DEF_MEM_LEVEL" py"DEF_MEM_LEVEL",
                       strategy: int = c"Z_DEFAULT_STRATEGY" py"Z_DEFAULT_STRATEGY",
                       zdict: buffer = None)

Return a compressor object.

  level
    The compression level (an integer in the range 0-9 or -1; default is
    currently equivalent to 6).  Higher compression levels are slower,
    but produce smaller results.
  method
    The compression algorithm.  If given, this must be DEFLATED.
  wbits
    +9 to +15: The base-two logarithm of the window size.  Include a zlib
        container.
    -9 to -15: Generate a raw stream.
    +25 to +31: Include a gzip container.
  memLevel
    Controls the amount of memory used for internal compression state.
    Valid values range from 1 to 9.  Higher values result in higher memory
    usage, faster compression, and smaller output.
  strategy
    Used to tune the compression algorithm.  Possible values are
    Z_DEFAULT_STRATEGY, Z_FILTERED, and Z_HUFFMAN_ONLY.
  zdict
    The predefined compression dictionary - a sequence of bytes
    containing subsequences that are likely to occur in the input data.
*/
static PyObject *
zlib_compressobj_impl(PyObject *module, int level, int method, int wbits, int memLevel,
                      int strategy, Py_buffer *zdict)
{
    if (zdict->buf != NULL && (size_t)zdict->len > UINT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "zdict length does not fit in an unsigned int");
        return NULL;
    }
    stream *self = new_stream(get_state(module)->compress_type);
    if (self == NULL) {
        return NULL;
    }
    int err = deflateInit2(&self->z, level, method, wbits, memLevel, strategy);
    self->active = err == Z_OK;
    if (err == Z_MEM_ERROR) {
        PyErr_SetString(PyExc_MemoryError, "Can't allocate memory for compression object");
    }
    else if (err == Z_STREAM_ERROR) {
        PyErr_SetString(PyExc_ValueError, "Invalid initialization option");
    }
    else if (err != Z_OK) {
        zlib_failed(get_state(module), &self->z, err, "while creating compression object");
    }
    else if (zdict->buf != NULL) {
        err = deflateSetDictionary(&self->z, zdict->buf, (uInt)zdict->len);
        if (err == Z_STREAM_ERROR) {
            PyErr_SetString(PyExc_ValueError, "Invalid dictionary");
        }
        else if (err != Z_OK) {
            PyErr_SetString(PyExc_ValueError, "deflateSetDictionary()");
        }
    }
    if (err != Z_OK) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/*sig Compress.compress(self, data: buffer, /)

Returns a bytes object containing compressed data.

  data
    Binary data to be compressed.

After calling this function, some of the input data may still
be stored in internal buffers for later processing.
Call the flush() method to clear these buffers.
*/
static PyObject *
compress_compress_impl(stream *self, Py_buffer *data)
{
    output out = {.limit = -1};
    int err;
    PyObject *result = NULL;
    take_lock(self->common.lock);
    if (run_deflate(&self->z, data, Z_NO_FLUSH, &out, &err) == 0) {
        if (err == Z_STREAM_ERROR) {
            zlib_failed(state_of(self), &self->z, err, "while compressing data");
            Py_CLEAR(out.bytes);
        }
        else {
            result = take_output(&out, &self->z);
        }
    }
    PyThread_release_lock(self->common.lock);
    return result;
}

/*sig Compress.flush(self, mode: int = c"Z_FINISH" py"zlib.Z_FINISH", /)

Return a bytes object containing any remaining compressed data.

  mode
    One of the constants Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH.
    If mode == Z_FINISH, the compressor object can no longer be
    used after calling the flush() method.  Otherwise, more data
    can still be compressed.
*/
static PyObject *
compress_flush_impl(stream *self, int mode)
{
    if (mode == Z_NO_FLUSH) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    output out = {.limit = -1};
    int err;
    PyObject *result = NULL;
    take_lock(self->common.lock);
    if (run_deflate(&self->z, NULL, mode, &out, &err) < 0) {
        goto done;
    }
    const char *doing = NULL;
    if (err == Z_STREAM_END && mode == Z_FINISH) {
        /* A stream that ended needs its memory no longer. */
        err = deflateEnd(&self->z);
        self->active = 0;
        doing = err != Z_OK ? "while finishing compression" : NULL;
    }
    else if (err != Z_OK && err != Z_BUF_ERROR) {
        doing = "while flushing";
    }
    if (doing != NULL) {
        zlib_failed(state_of(self), &self->z, err, doing);
        Py_CLEAR(out.bytes);
    }
    else {
        result = take_output(&out, &self->z);
    }
done:
    PyThread_release_lock(self->common.lock);
    return result;
}

/* A copy of the object whose z_stream `copy` copies; the lock is taken. */
static stream *
copy_locked(stream *self, int (*copy)(z_stream *, z_stream *), const char *no_memory,
            const char *doing)
{
    stream *other = new_stream(Py_TYPE(self));
    if (other == NULL) {
        return NULL;
    }
    int err = copy(&other->z, &self->z);
    if (err == Z_OK) {
        other->active = self->active;
        other->common.eof = self->common.eof;
        other->common.needs_input = self->common.needs_input;
        Py_SETREF(other->common.unused_data, Py_NewRef(self->common.unused_data));
        Py_SETREF(other->unconsumed, Py_NewRef(self->unconsumed));
        other->zdict = Py_XNewRef(self->zdict);
        return other;
    }
    if (err == Z_STREAM_ERROR) {
        PyErr_SetString(PyExc_ValueError, "Inconsistent stream state");
    }
    else if (err == Z_MEM_ERROR) {
        PyErr_SetString(PyExc_MemoryError, no_memory);
    }
    else {
        zlib_failed(state_of(self), &self->z, err, doing);
    }
    Py_DECREF(other);
    return NULL;
}

/*sig Compress.copy(self)

Return a copy of the compression object.
*/
static PyObject *
compress_copy_impl(stream *self)
{
    take_lock(self->common.lock);
    stream *other = copy_locked(self, deflateCopy,
                                "Can't allocate memory for compression object",
                                "while copying compression object");
    PyThread_release_lock(self->common.lock);
    return (PyObject *)other;
}

/*sig Compress.__copy__(self)
*/
static PyObject *
compress___copy___impl(stream *self)
{
    return compress_copy_impl(self);
}

/*sig Compress.__deepcopy__(self, memo, /)
*/
static PyObject *
compress___deepcopy___impl(stream *self, PyObject *Py_UNUSED(memo))
{
    return compress_copy_impl(self);
}

static const PyMethodDef compress_methods[] = {
    COMPRESS_COMPRESS_METHODDEF
    COMPRESS_FLUSH_METHODDEF
    COMPRESS_COPY_METHODDEF
    COMPRESS___COPY___METHODDEF
    COMPRESS___DEEPCOPY___METHODDEF
    {NULL, NULL, 0, NULL}
};

/* --------------------------------------------------------------------------------- Decompress */

/* A decompressing object of the type with the dictionary (borrowed, may be NULL). */
static stream *
new_inflate(zlib_state *state, PyTypeObject *type, int wbits, PyObject *zdict)
{
    stream *self = new_stream(type);
    if (self == NULL) {
        return NULL;
    }
    self->zdict = Py_XNewRef(zdict);
    int err = inflateInit2(&self->z, wbits);
    self->active = err == Z_OK;
    if (err == Z_OK) {
        /* A raw stream does not ask for its dictionary. */
        if (zdict == NULL || wbits >= 0 || set_inflate_dictionary(state, &self->z, zdict) == 0) {
            return self;
        }
    }
    else if (err == Z_STREAM_ERROR) {
        PyErr_SetString(PyExc_ValueError, "Invalid initialization option");
    }
    else if (err == Z_MEM_ERROR) {
        PyErr_SetString(PyExc_MemoryError, "Can't allocate memory for decompression object");
    }
    else {
        zlib_failed(state, &self->z, err, "while creating decompression object");
    }
    Py_DECREF(self);
    return NULL;
}

/*sig zlib.decompressobj(module, wbits: int = c"MAX_WBITS" py"MAX_WBITS",
                         zdict: object = c"NULL" py"b''")

Return a decompressor object.

  wbits
    The window buffer size and container format.
  zdict
    The predefined compression dictionary.  This must be the same
    dictionary as used by the compressor that produced the input data.
*/
static PyObject *
zlib_decompressobj_impl(PyObject *module, int wbits, PyObject *zdict)
{
    if (zdict != NULL && !PyObject_CheckBuffer(zdict)) {
        PyErr_SetString(PyExc_TypeError, "zdict argument must support the buffer protocol");
        return NULL;
    }
    zlib_state *state = get_state(module);
    return (PyObject *)new_inflate(state, state->decompress_type, wbits, zdict);
}

/* Keep what libz did not take: behind the end of the stream in unused_data, otherwise in
 * `unconsumed`.  0, or -1 with MemoryError. */
static int
keep_input(stream *self, int err, const unsigned char *rest, Py_ssize_t length)
{
    if (err == Z_STREAM_END) {
        if (length > 0) {
            PyObject *old = self->common.unused_data;
            PyObject *all = join_parts(PyBytes_AS_STRING(old), PyBytes_GET_SIZE(old), rest,
                                       length);
            if (all == NULL) {
                return -1;
            }
            Py_SETREF(self->common.unused_data, all);
        }
        length = 0;
    }
    if (length > 0 || PyBytes_GET_SIZE(self->unconsumed) > 0) {
        PyObject *bytes = PyBytes_FromStringAndSize(length > 0 ? (const char *)rest : NULL,
                                                    length);
        if (bytes == NULL) {
            return -1;
        }
        Py_SETREF(self->unconsumed, bytes);
    }
    return 0;
}

/*sig Decompress.decompress(self, data: buffer, /, max_length: ssize = 0)

Return a bytes object containing the decompressed version of the data.

  data
    The binary data to decompress.
  max_length
    The maximum allowable length of the decompressed data.
    Unconsumed input data will be stored in
    the unconsumed_tail attribute.

After calling this function, some of the input data may still be stored in
internal buffers for later processing.
Call the flush() method to clear these buffers.
*/
static PyObject *
decompress_decompress_impl(stream *self, Py_buffer *data, Py_ssize_t max_length)
{
    if (max_length < 0) {
        PyErr_SetString(PyExc_ValueError, "max_length must be non-negative");
        return NULL;
    }
    output out = {.limit = max_length > 0 ? max_length : -1};
    int err;
    Py_ssize_t rest;
    PyObject *result = NULL;
    take_lock(self->common.lock);
    if (run_inflate(state_of(self), &self->z, self->zdict, data->buf, data->len, Z_SYNC_FLUSH,
                    DEF_BUF_SIZE, &out, &err, &rest) < 0
        || keep_input(self, err, self->z.next_in, rest) < 0)
    {
        goto done;
    }
    if (err == Z_STREAM_END) {
        self->common.eof = 1;
    }
    else if (err != Z_OK && err != Z_BUF_ERROR) {
        zlib_failed(state_of(self), &self->z, err, "while decompressing data");
        goto done;
    }
    result = take_output(&out, &self->z);
done:
    PyThread_release_lock(self->common.lock);
    Py_XDECREF(out.bytes);
    return result;
}

/*sig Decompress.flush(self, length: ssize = c"DEF_BUF_SIZE" py"zlib.DEF_BUF_SIZE", /)

Return a bytes object containing any remaining decompressed data.

  length
    the initial size of the output buffer.
*/
static PyObject *
decompress_flush_impl(stream *self, Py_ssize_t length)
{
    if (length <= 0) {
        PyErr_SetString(PyExc_ValueError, "length must be greater than zero");
        return NULL;
    }
    output out = {.limit = -1};
    int err;
    Py_ssize_t rest;
    PyObject *result = NULL;
    take_lock(self->common.lock);
    PyObject *input = Py_NewRef(self->unconsumed);
    if (run_inflate(state_of(self), &self->z, self->zdict, PyBytes_AS_STRING(input),
                    PyBytes_GET_SIZE(input), Z_FINISH, Py_MIN(length, (Py_ssize_t)UINT_MAX),
                    &out, &err, &rest) < 0
        || keep_input(self, err, self->z.next_in, rest) < 0)
    {
        goto done;
    }
    if (err == Z_STREAM_END) {
        self->common.eof = 1;
        self->active = 0;
        err = inflateEnd(&self->z);
        if (err != Z_OK) {
            zlib_failed(state_of(self), &self->z, err, "while finishing decompression");
            goto done;
        }
    }
    result = take_output(&out, &self->z);
done:
    PyThread_release_lock(self->common.lock);
    Py_DECREF(input);
    Py_XDECREF(out.bytes);
    return result;
}

/*sig Decompress.copy(self)

Return a copy of the decompression object.
*/
static PyObject *
decompress_copy_impl(stream *self)
{
    take_lock(self->common.lock);
    stream *other = copy_locked(self, inflateCopy,
                                "Can't allocate memory for decompression object",
                                "while copying decompression object");
    PyThread_release_lock(self->common.lock);
    return (PyObject *)other;
}

/*sig Decompress.__copy__(self)
*/
static PyObject *
decompress___copy___impl(stream *self)
{
    return decompress_copy_impl(self);
}

/*sig Decompress.__deepcopy__(self, memo, /)
*/
static PyObject *
decompress___deepcopy___impl(stream *self, PyObject *Py_UNUSED(memo))
{
    return decompress_copy_impl(self);
}

static const PyMethodDef decompress_methods[] = {
    DECOMPRESS_DECOMPRESS_METHODDEF
    DECOMPRESS_FLUSH_METHODDEF
    DECOMPRESS_COPY_METHODDEF
    DECOMPRESS___COPY___METHODDEF
    DECOMPRESS___DEEPCOPY___METHODDEF
    {NULL, NULL, 0, NULL}
};

static const PyMemberDef decompress_members[] = {
    {"unused_data", T_OBJECT, offsetof(stream, common.unused_data), READONLY, NULL},
    {"unconsumed_tail", T_OBJECT, offsetof(stream, unconsumed), READONLY, NULL},
    {"eof", T_BOOL, offsetof(stream, common.eof), READONLY, NULL},
    {NULL, 0, 0, 0, NULL}
};

/* --------------------------------------------------------------------------- _ZlibDecompressor */

/*sig _ZlibDecompressor.__new__(type, wbits: int = c"MAX_WBITS" py"15",
                                zdict: object = c"NULL" py"b''")

Create a decompressor object for decompressing data incrementally.

  wbits = 15
  zdict
     The predefined compression dictionary. This is a sequence of bytes
     (such as a bytes object) containing subsequences that are expected
     to occur frequently in the data that is to be compressed. Those
     subsequences that are expected to be most common should come at the
     end of the dictionary. This must be the same dictionary as used by the
     compressor that produced the input data.


*/
static PyObject *
decompressor_new_impl(PyTypeObject *type, int wbits, PyObject *zdict)
{
    PyObject *module = PyType_GetModule(type);
    if (module == NULL) {
        return NULL;
    }
    return (PyObject *)new_inflate(get_state(module), type, wbits, zdict);
}

/* A step of compression.h. */
static enum step
zlib_step(void *object, const char **next, Py_ssize_t *rest, output *out)
{
    stream *self = object;
    zlib_state *state = state_of(self);
    int err;
    if (run_inflate(state, &self->z, self->zdict, *next, *rest, Z_SYNC_FLUSH, OUTPUT_INITIAL, out,
                    &err, rest) < 0)
    {
        return STEP_FAILED;
    }
    if (err != Z_OK && err != Z_BUF_ERROR && err != Z_STREAM_END) {
        zlib_failed(state, &self->z, err, "while decompressing data");
        return STEP_FAILED;
    }
    *next = (const char *)self->z.next_in;
    out->room = self->z.avail_out;
    return err == Z_STREAM_END ? STEP_END : STEP_DONE;
}

/*sig _ZlibDecompressor.decompress(self, data: buffer, max_length: ssize = -1)

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
zlibdecompressor_decompress_impl(stream *self, Py_buffer *data, Py_ssize_t max_length)
{
    return decompressor_decompress(&self->common, zlib_step, self, data, max_length,
                                   "End of stream already reached");
}

static const PyMethodDef decompressor_methods[] = {
    ZLIBDECOMPRESSOR_DECOMPRESS_METHODDEF
    {NULL, NULL, 0, NULL}
};

static const PyMemberDef decompressor_members[] = {
    {"eof", T_BOOL, offsetof(stream, common.eof), READONLY,
     "True if the end-of-stream marker has been reached."},
    {"unused_data", T_OBJECT_EX, offsetof(stream, common.unused_data), READONLY,
     "Data found after the end of the compressed stream."},
    {"needs_input", T_BOOL, offsetof(stream, common.needs_input), READONLY,
     "True if more input is needed before more decompressed data can be produced."},
    {NULL, 0, 0, 0, NULL}
};

/* ------------------------------------------------------------------------------------- module */

static const PyType_Slot compress_slots[] = {
    {Py_tp_dealloc, compress_dealloc},
    {Py_tp_methods, (PyMethodDef *)compress_methods},
    {0, NULL},
};

static const PyType_Spec compress_spec = {
    .name = "zlib.Compress",
    .basicsize = sizeof(stream),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = (PyType_Slot *)compress_slots,
};

static const PyType_Slot decompress_slots[] = {
    {Py_tp_dealloc, decompress_dealloc},
    {Py_tp_methods, (PyMethodDef *)decompress_methods},
    {Py_tp_members, (PyMemberDef *)decompress_members},
    {0, NULL},
};

static const PyType_Spec decompress_spec = {
    .name = "zlib.Decompress",
    .basicsize = sizeof(stream),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = (PyType_Slot *)decompress_slots,
};

static const PyType_Slot decompressor_slots[] = {
    {Py_tp_dealloc, decompress_dealloc},
    {Py_tp_doc, (void *)decompressor_new__doc__},
    {Py_tp_methods, (PyMethodDef *)decompressor_methods},
    {Py_tp_members, (PyMemberDef *)decompressor_members},
    {Py_tp_new, decompressor_new},
    {0, NULL},
};

static const PyType_Spec decompressor_spec = {
    .name = "zlib._ZlibDecompressor",
    .basicsize = sizeof(stream),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = (PyType_Slot *)decompressor_slots,
};

static const PyMethodDef zlib_methods[] = {
    ZLIB_ADLER32_METHODDEF
    ZLIB_COMPRESS_METHODDEF
    ZLIB_COMPRESSOBJ_METHODDEF
    ZLIB_CRC32_METHODDEF
    ZLIB_DECOMPRESS_METHODDEF
    ZLIB_DECOMPRESSOBJ_METHODDEF
    {NULL, NULL, 0, NULL}
};

#define CONSTANT(NAME) {#NAME, NAME}

static const struct {
    const char *name;
    long value;
} constants[] = {
    CONSTANT(MAX_WBITS), CONSTANT(DEFLATED), CONSTANT(DEF_MEM_LEVEL), CONSTANT(DEF_BUF_SIZE),
    CONSTANT(Z_NO_COMPRESSION), CONSTANT(Z_BEST_SPEED), CONSTANT(Z_BEST_COMPRESSION),
    CONSTANT(Z_DEFAULT_COMPRESSION), CONSTANT(Z_FILTERED), CONSTANT(Z_HUFFMAN_ONLY),
    CONSTANT(Z_RLE), CONSTANT(Z_FIXED), CONSTANT(Z_DEFAULT_STRATEGY), CONSTANT(Z_NO_FLUSH),
    CONSTANT(Z_PARTIAL_FLUSH), CONSTANT(Z_SYNC_FLUSH), CONSTANT(Z_FULL_FLUSH),
    CONSTANT(Z_FINISH), CONSTANT(Z_BLOCK), CONSTANT(Z_TREES),
};

/* Make a type of the module: NULL with an exception. */
static PyTypeObject *
make_type(PyObject *module, const PyType_Spec *spec)
{
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, (PyType_Spec *)spec, NULL);
}

static int
zlib_exec(PyObject *module)
{
    zlib_state *state = get_state(module);
    state->compress_type = make_type(module, &compress_spec);
    if (state->compress_type == NULL) {
        return -1;
    }
    state->decompress_type = make_type(module, &decompress_spec);
    if (state->decompress_type == NULL) {
        return -1;
    }
    state->decompressor_type = make_type(module, &decompressor_spec);
    if (state->decompressor_type == NULL
        || PyModule_AddType(module, state->decompressor_type) < 0)
    {
        return -1;
    }
    state->error = PyErr_NewException("zlib.error", NULL, NULL);
    if (PyModule_AddObjectRef(module, "error", state->error) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    if (PyModule_AddStringConstant(module, "ZLIB_VERSION", ZLIB_VERSION) < 0
        || PyModule_AddStringConstant(module, "ZLIB_RUNTIME_VERSION", zlibVersion()) < 0
        || PyModule_AddStringConstant(module, "__version__", "1.0") < 0)
    {
        return -1;
    }
    return 0;
}

static int
zlib_traverse(PyObject *module, visitproc visit, void *arg)
{
    zlib_state *state = get_state(module);
    Py_VISIT(state->compress_type);
    Py_VISIT(state->decompress_type);
    Py_VISIT(state->decompressor_type);
    Py_VISIT(state->error);
    return 0;
}

static int
zlib_clear(PyObject *module)
{
    zlib_state *state = get_state(module);
    Py_CLEAR(state->compress_type);
    Py_CLEAR(state->decompress_type);
    Py_CLEAR(state->decompressor_type);
    Py_CLEAR(state->error);
    return 0;
}

static void
zlib_free(void *module)
{
    zlib_clear((PyObject *)module);
}

static const PyModuleDef_Slot zlib_slots[] = {
    {Py_mod_exec, zlib_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(zlib__doc__,
"The functions in this module allow compression and decompression using the\n\
zlib library, which is based on GNU zip.\n\
\n\
adler32(string[, start]) -- Compute an Adler-32 checksum.\n\
compress(data[, level]) -- Compress data, with compression level 0-9 or -1.\n\
compressobj([level[, ...]]) -- Return a compressor object.\n\
crc32(string[, start]) -- Compute a CRC-32 checksum.\n\
decompress(string,[wbits],[bufsize]) -- Decompresses a compressed string.\n\
decompressobj([wbits[, zdict]]) -- Return a decompressor object.\n\
\n\
'wbits' is window buffer size and container format.\n\
Compressor objects support compress() and flush() methods; decompressor\n\
objects support decompress() and flush().");

static _Py_SHARED struct PyModuleDef zlibmodule = {
    PyModuleDef_HEAD_INIT,
    .m_name = "zlib",
    .m_doc = zlib__doc__,
    .m_size = sizeof(zlib_state),
    .m_methods = (PyMethodDef *)zlib_methods,
    .m_slots = (PyModuleDef_Slot *)zlib_slots,
    .m_traverse = zlib_traverse,
    .m_clear = zlib_clear,
    .m_free = zlib_free,
};

PyMODINIT_FUNC
PyInit_zlib(void)
{
    return PyModuleDef_Init(&zlibmodule);
}
