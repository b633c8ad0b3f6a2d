/* _iomodule.h - what the files of module _io share: the types, and helpers.
 *
 * The types are shared static types, since every interpreter with standard streams needs them;
 * Python code sees them as the immutable heap types that they are in 3.12.  What the module has for
 * one interpreter only is io.UnsupportedOperation, in the interpreter's state.
 */
#ifndef Ladon_IOMODULE_H
#define Ladon_IOMODULE_H

#include "Python.h"
#include "pycore_object.h"
#include "pycore_strings.h"     // _Py_ID
#include "pycore_signature.h"   // wrappers
#include "pycore_type.h"        // _Py_TPFLAGS_LIKE_HEAPTYPE
#include "structmember.h"       // PyMemberDef

#include <stdbool.h>
#include <sys/types.h>      // off_t

#define IO_DEFAULT_BUFFER_SIZE 8192

extern struct PyModuleDef _PyIO_Module;

extern PyTypeObject _PyIOBase_Type, _PyRawIOBase_Type, _PyBufferedIOBase_Type, _PyTextIOBase_Type,
    _PyFileIO_Type, _PyBytesIO_Type, _PyBytesIOBuffer_Type, _PyStringIO_Type,
    _PyBufferedReader_Type, _PyBufferedWriter_Type, _PyBufferedRWPair_Type,
    _PyBufferedRandom_Type, _PyIncrementalNewlineDecoder_Type, _PyTextIOWrapper_Type;

/* --- _iomodule.c ---------------------------------------------------------------------------- */

/* Raise io.UnsupportedOperation(message); returns NULL. */
extern PyObject *_PyIO_Unsupported(const char *message);
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
   with an error. */
extern int _PyIOBase_CheckReadable(PyObject *self);
extern int _PyIOBase_CheckWritable(PyObject *self);
extern int _PyIOBase_CheckSeekable(PyObject *self);
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
