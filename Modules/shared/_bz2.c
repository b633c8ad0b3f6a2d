/* _bz2: compression by libbz2; the module bz2 is made of it.
 *
 * A compressor and a decompressor hold a bz_stream from their birth until they are freed; the
 * lock of the object is held while libbz2 runs without the GIL (compression.h).
 *
 * Written from the manual of libbz2, the documentation of the module bz2 and observed behaviour.
 */
#include "Python.h"
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef
#include "../compression.h"     // output, decompressor

#include <bzlib.h>
#include <stddef.h>

typedef struct {
    PyObject_HEAD
    bz_stream bz;               // bz.state is NULL while libbz2 holds no memory for it
    PyThread_type_lock lock;
    bool flushed;
} BZ2Compressor;

typedef struct {
    PyObject_HEAD
    bz_stream bz;               // as above
    decompressor common;
} BZ2Decompressor;

#include "sig/_bz2.sig.h"

/* Memory for libbz2, which asks without the GIL. */
static void *
bz2_alloc(void *Py_UNUSED(opaque), int items, int size)
{
    return items >= 0 && size >= 0 ? PyMem_RawCalloc((size_t)items, (size_t)size) : NULL;
}

static void
bz2_release(void *Py_UNUSED(opaque), void *p)
{
    PyMem_RawFree(p);
}

/* Whether a status of libbz2 is an error; the exception is set then. */
static bool
bz2_failed(int status)
{
    switch (status) {
    case BZ_OK:
    case BZ_RUN_OK:
    case BZ_FLUSH_OK:
    case BZ_FINISH_OK:
    case BZ_STREAM_END:
        return false;
    case BZ_PARAM_ERROR:
        PyErr_SetString(PyExc_ValueError,
                        "Internal error - invalid parameters passed to libbzip2");
        return true;
    case BZ_MEM_ERROR:
        PyErr_NoMemory();
        return true;
    case BZ_DATA_ERROR:
    case BZ_DATA_ERROR_MAGIC:
        PyErr_SetString(PyExc_OSError, "Invalid data stream");
        return true;
    case BZ_SEQUENCE_ERROR:
        PyErr_SetString(PyExc_RuntimeError,
                        "Internal error - Invalid sequence of commands sent to libbzip2");
        return true;
    default:
        PyErr_Format(PyExc_OSError, "Unrecognized error from libbzip2: %d", status);
        return true;
    }
}

/* Room for output: 1, 0 if the limit is reached, -1 with MemoryError. */
static int
bz2_room(bz_stream *bz, output *out)
{
    Py_ssize_t room = output_more(out, OUTPUT_INITIAL, &bz->next_out);
    bz->avail_out = room > 0 ? (unsigned int)room : 0;
    return room > 0 ? 1 : (int)room;
}

/* --- BZ2Compressor ---------------------------------------------------------------------------- */

/* Compress the input (BZ_RUN), or end the stream (BZ_FINISH, without input): new reference, or
 * NULL with an exception.  The lock is taken. */
static PyObject *
bz2_compress(bz_stream *bz, int action, void *data, Py_ssize_t remaining)
{
    assert(action == BZ_RUN || remaining == 0);
    output out = {.limit = -1};
    int status = BZ_OK;
    bz->next_in = data;
    bz->avail_in = bz->avail_out = 0;
    while (status != BZ_STREAM_END) {
        if (bz->avail_in == 0) {
            bz->avail_in = next_part(&remaining);
            if (bz->avail_in == 0 && action == BZ_RUN) {
                break;      /* libbz2 takes a call without input for an error */
            }
        }
        if (bz->avail_out == 0 && bz2_room(bz, &out) < 0) {
            return NULL;
        }
        Py_BEGIN_ALLOW_THREADS
        status = BZ2_bzCompress(bz, action);
        Py_END_ALLOW_THREADS
        if (bz2_failed(status)) {
            Py_XDECREF(out.bytes);
            return NULL;
        }
    }
    out.room = bz->avail_out;
    return output_finish(&out);
}

/*sig BZ2Compressor.__new__(type, compresslevel: int = 9, /)

Create a compressor object for compressing data incrementally.

  compresslevel
    Compression level, as a number between 1 and 9.

For one-shot compression, use the compress() function instead.
*/
static PyObject *
BZ2Compressor_new_impl(PyTypeObject *type, int compresslevel)
{
    if (compresslevel < 1 || compresslevel > 9) {
        PyErr_SetString(PyExc_ValueError, "compresslevel must be between 1 and 9");
        return NULL;
    }
    BZ2Compressor *self = (BZ2Compressor *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->bz.bzalloc = bz2_alloc;
    self->bz.bzfree = bz2_release;
    self->lock = new_lock();
    if (self->lock == NULL || bz2_failed(BZ2_bzCompressInit(&self->bz, compresslevel, 0, 0))) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/*sig BZ2Compressor.compress(self, data: buffer, /)

Provide data to the compressor object.

Returns a chunk of compressed data if possible, or b'' otherwise.

When you have finished providing data to the compressor, call the
flush() method to finish the compression process.
*/
static PyObject *
BZ2Compressor_compress_impl(BZ2Compressor *self, Py_buffer *data)
{
    PyObject *result = NULL;
    take_lock(self->lock);
    if (self->flushed) {
        PyErr_SetString(PyExc_ValueError, "Compressor has been flushed");
    }
    else {
        result = bz2_compress(&self->bz, BZ_RUN, data->buf, data->len);
    }
    PyThread_release_lock(self->lock);
    return result;
}

/*sig BZ2Compressor.flush(self)

Finish the compression process.

Returns the compressed data left in internal buffers.

The compressor object may not be used after this method is called.
*/
static PyObject *
BZ2Compressor_flush_impl(BZ2Compressor *self)
{
    PyObject *result = NULL;
    take_lock(self->lock);
    if (self->flushed) {
        PyErr_SetString(PyExc_ValueError, "Repeated call to flush()");
    }
    else {
        self->flushed = true;
        result = bz2_compress(&self->bz, BZ_FINISH, NULL, 0);
    }
    PyThread_release_lock(self->lock);
    return result;
}

static void
compressor_dealloc(BZ2Compressor *self)
{
    PyTypeObject *type = Py_TYPE(self);
    BZ2_bzCompressEnd(&self->bz);       /* an error without a state */
    free_lock(self->lock);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static PyMethodDef compressor_methods[] = {
    BZ2COMPRESSOR_COMPRESS_METHODDEF
    BZ2COMPRESSOR_FLUSH_METHODDEF
    {NULL}
};

static PyType_Slot compressor_slots[] = {
    {Py_tp_dealloc, compressor_dealloc},
    {Py_tp_doc, (void *)BZ2Compressor_new__doc__},
    {Py_tp_methods, compressor_methods},
    {Py_tp_new, BZ2Compressor_new},
    {0, NULL}
};

static PyType_Spec compressor_spec = {
    .name = "_bz2.BZ2Compressor",
    .basicsize = sizeof(BZ2Compressor),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = compressor_slots,
};

/* --- BZ2Decompressor -------------------------------------------------------------------------- */

/* A step of compression.h. */
static enum step
bz2_step(void *object, const char **next, Py_ssize_t *rest, output *out)
{
    bz_stream *bz = &((BZ2Decompressor *)object)->bz;
    Py_ssize_t remaining = *rest;
    bz->next_in = (char *)*next;
    bz->avail_in = next_part(&remaining);
    int status = BZ_OK;
    int room = bz2_room(bz, out);       /* a limit of 0 does not keep input from being read */
    while (room >= 0) {
        Py_BEGIN_ALLOW_THREADS
        status = BZ2_bzDecompress(bz);
        Py_END_ALLOW_THREADS
        if (bz2_failed(status)) {
            return STEP_FAILED;
        }
        if (status == BZ_STREAM_END) {
            break;
        }
        if (bz->avail_in == 0) {
            bz->avail_in = next_part(&remaining);
        }
        if (bz->avail_out == 0) {
            room = bz2_room(bz, out);
            if (room == 0) {
                break;
            }
        }
        else if (bz->avail_in == 0) {
            break;
        }
    }
    if (room < 0) {
        return STEP_FAILED;
    }
    *next = bz->next_in;
    *rest = remaining + (Py_ssize_t)bz->avail_in;
    out->room = bz->avail_out;
    return status == BZ_STREAM_END ? STEP_END : STEP_DONE;
}

/*sig BZ2Decompressor.__new__(type)

Create a decompressor object for decompressing data incrementally.

For one-shot decompression, use the decompress() function instead.
*/
static PyObject *
BZ2Decompressor_new_impl(PyTypeObject *type)
{
    BZ2Decompressor *self = (BZ2Decompressor *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->bz.bzalloc = bz2_alloc;
    self->bz.bzfree = bz2_release;
    if (decompressor_init(&self->common) < 0 || bz2_failed(BZ2_bzDecompressInit(&self->bz, 0, 0)))
    {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/*sig BZ2Decompressor.decompress(self, data: buffer, max_length: ssize = -1)

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
BZ2Decompressor_decompress_impl(BZ2Decompressor *self, Py_buffer *data, Py_ssize_t max_length)
{
    return decompressor_decompress(&self->common, bz2_step, self, data, max_length,
                                   "End of stream already reached");
}

static void
decompressor_dealloc(BZ2Decompressor *self)
{
    PyTypeObject *type = Py_TYPE(self);
    BZ2_bzDecompressEnd(&self->bz);     /* an error without a state */
    decompressor_free(&self->common);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static PyMethodDef decompressor_methods[] = {
    BZ2DECOMPRESSOR_DECOMPRESS_METHODDEF
    {NULL}
};

static PyMemberDef decompressor_members[] = {
    {"eof", T_BOOL, offsetof(BZ2Decompressor, common.eof), READONLY,
     "True if the end-of-stream marker has been reached."},
    {"unused_data", T_OBJECT_EX, offsetof(BZ2Decompressor, common.unused_data), READONLY,
     "Data found after the end of the compressed stream."},
    {"needs_input", T_BOOL, offsetof(BZ2Decompressor, common.needs_input), READONLY,
     "True if more input is needed before more decompressed data can be produced."},
    {NULL}
};

static PyType_Slot decompressor_slots[] = {
    {Py_tp_dealloc, decompressor_dealloc},
    {Py_tp_doc, (void *)BZ2Decompressor_new__doc__},
    {Py_tp_methods, decompressor_methods},
    {Py_tp_members, decompressor_members},
    {Py_tp_new, BZ2Decompressor_new},
    {0, NULL}
};

static PyType_Spec decompressor_spec = {
    .name = "_bz2.BZ2Decompressor",
    .basicsize = sizeof(BZ2Decompressor),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = decompressor_slots,
};

/* --- The module ------------------------------------------------------------------------------- */

static int
bz2_exec(PyObject *module)
{
    return add_type(module, &compressor_spec) < 0 ? -1 : add_type(module, &decompressor_spec);
}

static PyModuleDef_Slot bz2_slots[] = {
    {Py_mod_exec, bz2_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef bz2_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_bz2",
    .m_size = 0,
    .m_slots = bz2_slots,
};

PyMODINIT_FUNC
PyInit__bz2(void)
{
    return PyModuleDef_Init(&bz2_module);
}
