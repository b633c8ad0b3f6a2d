#ifndef Py_INTERNAL_MESSAGE_H
#define Py_INTERNAL_MESSAGE_H
/* Messages: data on its way from one interpreter to another (Python/crossinterp.c).

   A message is a tagged C struct without Python objects of any heap in it.  It is made under
   the sender's GIL and turned into an object under the receiver's; in between it may be kept,
   moved (it is plain memory) and cleared by anybody, with or without a thread state.

   Shared objects (None, small ints, static strings, ...) cross as pointers.  Other str and
   bytes cross as one flat copy of the object in an ownerless block; if it is large enough for
   that, the receiver's heap adopts the block and it becomes the new object without another
   copy.  Who can see to it that the sender gets its object back, alive, may have the copy made
   when the message is received: see _Py_MESSAGE_MAY_LEND. */

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

enum _Py_message_kind {
    _Py_MESSAGE_EMPTY,          /* nothing: cleared, or never filled */
    _Py_MESSAGE_SHARED,         /* a shared object */
    _Py_MESSAGE_INT,            /* fits in 64 bits */
    _Py_MESSAGE_BIGINT,         /* bytes of two's complement, little endian */
    _Py_MESSAGE_FLOAT,
    _Py_MESSAGE_COMPLEX,
    _Py_MESSAGE_FLAT,           /* str or bytes: copy of the whole object */
    _Py_MESSAGE_LENT,           /* str or bytes: the sender's object itself, a reference to it */
    _Py_MESSAGE_TUPLE,
    _Py_MESSAGE_XID,            /* a registered type: what its function made of it */
    _Py_MESSAGE_PICKLE          /* bytes of a pickle */
};

struct _Py_message {
    enum _Py_message_kind kind;
    uint8_t width;              /* lent: bytes a character, 0: a bytes object */
    uint8_t ascii;              /* lent: a str of ASCII characters */
    union {
        PyObject *shared;
        int64_t number;
        double real;
        Py_complex complex;
        struct {
            void *block;        /* ownerless block (flat) or PyMem_RawMalloc'ed bytes */
            size_t size;        /* in bytes */
        } bytes;
        struct {
            PyObject *object;   /* nothing in its header is read: it belongs to the sender */
            Py_ssize_t length;
        } lent;
        struct {
            struct _Py_message *items;  /* PyMem_RawMalloc'ed array */
            Py_ssize_t count;
        } tuple;
        _PyCrossInterpreterData *xid;   /* PyMem_RawMalloc'ed */
    } u;
};

/* Also accept what can only be pickled. */
#define _Py_MESSAGE_MAY_PICKLE 1
/* A str or bytes object of middle size may be lent.  The holder of the message then sees to it that
   the copy is made while the sender lives, and gives the reference back to the sender. */
#define _Py_MESSAGE_MAY_LEND 2

/* Fill a message from an object.  Returns 0, or -1 with ValueError ("... does not support
   cross-interpreter data") or another exception; the message is empty then. */
extern int _PyMessage_FromObject(PyThreadState *tstate, PyObject *obj, int flags,
                                 struct _Py_message *message);
/* A new object of the current interpreter.  The message is empty afterwards in any case.
   NULL with an exception. */
extern PyObject *_PyMessage_ToObject(PyThreadState *tstate, struct _Py_message *message);
/* Make a flat message of a lent one; the reference is not given back.  Needs no thread state.
   Returns 0, or -1: out of memory, nothing changed. */
extern int _PyMessage_CopyLent(const struct _Py_message *lent, struct _Py_message *flat);
/* Drop the contents.  Needs no thread state, except for a lent object: only the sender may. */
extern void _PyMessage_Clear(struct _Py_message *message);

/* Forget the registrations made by an interpreter that ends. */
extern void _PyXIDRegistry_ClearInterpreter(PyInterpreterState *interp);

/* An uncaught exception, described without objects; strings are PyMem_RawMalloc'ed or NULL. */
struct _Py_crossing_error {
    char *type;                 /* str() of the type */
    char *message;              /* str() of the exception */
    char *traceback;            /* the formatted traceback */
};

/* Describe the current exception and clear it.  Returns 0, or -1 if memory is too short (then
   also cleared). */
extern int _PyCrossingError_Take(PyThreadState *tstate, struct _Py_crossing_error *error);
/* Raise `type` (borrowed) with what the error says, in the current interpreter. */
extern void _PyCrossingError_Raise(PyThreadState *tstate, struct _Py_crossing_error *error,
                                   PyObject *type);
extern void _PyCrossingError_Clear(struct _Py_crossing_error *error);

#endif  /* !Py_INTERNAL_MESSAGE_H */
