/* textio.h - the object of TextIOWrapper, for textio.c (life, writing, attributes) and
 * textio_read.c (reading and positions).
 */
#ifndef Ladon_TEXTIO_H
#define Ladon_TEXTIO_H

#include "_iomodule.h"

typedef PyObject *(*encode_func)(PyObject *text, const char *errors);

typedef struct {
    PyObject_HEAD
    bool ok;                    /* __init__() succeeded, not detached */
    bool detached;
    char line_buffering;
    char write_through;
    char finalizing;
    bool read_universal;        /* lines end at \n, \r and \r\n */
    bool read_translate;        /* ... and are made \n */
    bool write_translate;       /* \n is written as `write_newline` */
    bool seekable;
    bool telling;               /* snapshots are taken; off while iterating */
    bool has_read1;
    bool codec_waits;           /* encoder and decoder are made by _PyTextIO_MakeCodec() */
    Py_ssize_t chunk_size;      /* bytes read at once; pending bytes are written beyond it */
    PyObject *buffer;           /* binary stream; NULL: not initialised or detached */
    PyObject *encoding;         /* str */
    PyObject *errors;           /* str */
    PyObject *encoder;          /* NULL: not writable, or codec_waits */
    PyObject *decoder;          /* NULL: not readable, or codec_waits */
    encode_func encode;         /* does the work of `encoder`; NULL: call it */
    PyObject *read_newline;     /* the one line end, str, or NULL */
    PyObject *write_newline;    /* str, or NULL if \n stays */

    char *pending;              /* encoded bytes not yet written; NULL or pending_size bytes */
    Py_ssize_t pending_size;
    Py_ssize_t npending;

    PyObject *decoded;          /* text decoded by the last chunk, NULL: none */
    Py_ssize_t used;            /* characters of it given out */
    /* Before the last chunk the decoder's state was (b"", snap_flags), and it then got
       snap_input; the buffer stands behind it.  snap_input NULL: no snapshot. */
    PyObject *snap_input;
    int snap_flags;
    double bytes_per_char;      /* of the last chunk */

    PyObject *dict;
    PyObject *weakreflist;
} textio;

static inline textio *
textio_cast(PyObject *op)
{
    return (textio *)op;
}

/* --- textio.c */
/* 0 if initialised and not detached; else -1 with ValueError. */
extern int _PyTextIO_CheckAttached(textio *self);
/* 0 if the stream is open too. */
extern int _PyTextIO_CheckOpen(textio *self);
/* Hand the pending bytes to the buffer: 0 or -1. */
extern int _PyTextIO_WritePending(textio *self);
/* Encoder and decoder, if they were put off: 0 or -1.  Writing does without while there is
   `encode`. */
extern int _PyTextIO_MakeCodec(textio *self);
/* Restart the encoder at the beginning of the stream or somewhere else. */
extern int _PyTextIO_ResetEncoder(textio *self, bool at_start);

/* --- textio_read.c */
extern void _PyTextIO_DropDecoded(textio *self);
extern PyObject *_PyTextIO_Read(textio *self, Py_ssize_t size);
extern PyObject *_PyTextIO_ReadLine(textio *self, Py_ssize_t limit);
extern PyObject *_PyTextIO_Tell(textio *self);
extern PyObject *_PyTextIO_Seek(textio *self, PyObject *cookie, int whence);

#endif
