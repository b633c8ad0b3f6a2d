/* _iomodule.h - what the files of module _io share: the state of a module instance, and helpers.
 *
 * Every type is a heap type of one module instance; `io_find_state()` leads from an object back to
 * it through the MRO, so it also works for subclasses made in Python.  The state may already
 * be cleared when the last streams are finalised: readers of its fields cope with NULL.
 */
#ifndef Ladon_IOMODULE_H
#define Ladon_IOMODULE_H

#include "Python.h"
#include "pycore_object.h"
#include "pycore_strings.h"     // _Py_ID
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef

#include <stdbool.h>
#include <sys/types.h>      // off_t

#define IO_DEFAULT_BUFFER_SIZE 8192

typedef struct {
    PyObject *unsupported_operation;        /* io.UnsupportedOperation */
    PyTypeObject *iobase_type;
    PyTypeObject *rawiobase_type;
    PyTypeObject *bufferediobase_type;
    PyTypeObject *textiobase_type;
    PyTypeObject *fileio_type;
    PyTypeObject *bytesio_type;
    PyTypeObject *bytesiobuf_type;
    PyTypeObject *stringio_type;
    PyTypeObject *buffered_reader_type;
    PyTypeObject *buffered_writer_type;
    PyTypeObject *buffered_rwpair_type;
    PyTypeObject *buffered_random_type;
    PyTypeObject *newline_decoder_type;
    PyTypeObject *textiowrapper_type;
} io_state;

extern struct PyModuleDef _PyIO_Module;

extern const PyType_Spec _PyIOBase_Spec, _PyRawIOBase_Spec, _PyBufferedIOBase_Spec,
    _PyTextIOBase_Spec, _PyFileIO_Spec, _PyBytesIO_Spec, _PyBytesIOBuffer_Spec, _PyStringIO_Spec,
    _PyBufferedReader_Spec, _PyBufferedWriter_Spec, _PyBufferedRWPair_Spec,
    _PyBufferedRandom_Spec, _PyIncrementalNewlineDecoder_Spec, _PyTextIOWrapper_Spec;

/* --- _iomodule.c ---------------------------------------------------------------------------- */

/* State of the module that made the type of `self` or one of its bases; NULL with TypeError. */
extern io_state *_PyIO_FindState(PyObject *self);
/* Raise io.UnsupportedOperation(message) for a stream of this module; returns NULL. */
extern PyObject *_PyIO_Unsupported(PyObject *self, const char *message);
extern void _PyIO_RaiseUnsupported(io_state *state, const char *message);
/* If the current exception is OSError with errno EINTR, drop it and return 1, else 0. */
extern int _PyIO_TrapEINTR(void);
/* Raise BlockingIOError(EAGAIN, "write could not complete without blocking", written). */
extern void _PyIO_RaiseBlocking(Py_ssize_t written);
/* Offset of `o`, clipped (exc NULL) or an error of class exc; -1 with an exception. */
extern off_t _PyIO_AsOff(PyObject *o, PyObject *exc);
/* Put `exc` (stolen, may be NULL) under the current exception as its context, or make it
   the current one. */
extern void _PyIO_ChainException(PyObject *exc);
/* The truth of attribute `name`: 1, 0, or -1 with an exception. */
extern int _PyIO_AttrTrue(PyObject *o, PyObject *name);
/* Raises TypeError "cannot pickle 'X' instances". */
extern PyObject *_PyIO_CannotPickle(PyObject *self, PyObject *args);

/* --- iobase.c ------------------------------------------------------------------------------- */

/* The checks of _IOBase by calling self.readable() etc. of any object, and self.closed: 0, or -1
   with an error, which is of the class io.UnsupportedOperation of `state`. */
extern int _PyIOBase_CheckReadable(io_state *state, PyObject *self);
extern int _PyIOBase_CheckWritable(io_state *state, PyObject *self);
extern int _PyIOBase_CheckSeekable(io_state *state, PyObject *self);
extern int _PyIOBase_CheckClosed(PyObject *self);
/* For tp_dealloc: close the stream.  0, or -1 if the object came back to life. */
extern int _PyIOBase_Finalize(PyObject *self);
/* For iteration over a text stream whose class has a readline() of its own: its line, a str (new
 * reference), or NULL with an error. */
extern PyObject *_PyIO_CallReadLine(PyObject *stream);

/* --- fileio.c ------------------------------------------------------------------------------- */

/* closed of an exact FileIO, without attribute look-up. */
extern bool _PyFileIO_IsClosed(PyObject *self);

/* --- bufferedio.c --------------------------------------------------------------------------- */

/* The raw stream of an exact BufferedReader, Writer or Random: borrowed, NULL if there is none. */
extern PyObject *_PyBuffered_Raw(PyObject *self);

/* --- newlinedecoder.c ----------------------------------------------------------------------- */

/* decode() of an IncrementalNewlineDecoder: new str or NULL. */
extern PyObject *_PyIncrementalNewlineDecoder_Decode(PyObject *self, PyObject *input, int final);
/* Index behind the first line end in s[start:end], or -1; then *consumed says how far the text
   is known to hold none.  universal: \n, \r, \r\n; translated: \n; else the text `ending`. */
extern Py_ssize_t _PyIO_FindLineEnding(bool translated, bool universal, PyObject *ending, int kind,
                                       const void *data, Py_ssize_t start, Py_ssize_t end,
                                       Py_ssize_t *consumed);

#endif
