#ifndef Py_INTERNAL_CHANNELS_H
#define Py_INTERNAL_CHANNELS_H
/* Channels: queues of messages that belong to the process (Python/channels.c).

   Nothing here touches Python objects or needs a thread state, except that an object which was lent
   comes back; where a message is made or turned into an object is the caller's business.  Results
   are 0 or one of _Py_CHANNEL_*. */

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_message.h"     // struct _Py_message

enum {
    _Py_CHANNEL_OK = 0,
    _Py_CHANNEL_NOT_FOUND = -1,
    _Py_CHANNEL_CLOSED = -2,
    _Py_CHANNEL_EMPTY = -3,
    _Py_CHANNEL_NOT_EMPTY = -4,
    _Py_CHANNEL_NO_MEMORY = -5,
    _Py_CHANNEL_INTERRUPTED = -6    /* wait ended by a signal */
};

/* Ends.  ORDER ENDS: indexes of struct channel's `ends`. */
enum {_Py_CHANNEL_SEND, _Py_CHANNEL_RECV, _Py_CHANNEL_BOTH};

/* New channel; its id, or _Py_CHANNEL_NO_MEMORY. */
extern int64_t _PyChannel_Create(void);
extern int _PyChannel_Destroy(int64_t cid);
/* Queue a message, which is taken over (emptied) on success.  The interpreter gets associated
   with the sending end. */
extern int _PyChannel_Send(int64_t cid, int64_t interp_id, struct _Py_message *message);
/* 0 if Send would not be refused. */
extern int _PyChannel_CheckSend(int64_t cid, int64_t interp_id);
/* Take the oldest message. */
extern int _PyChannel_Recv(int64_t cid, int64_t interp_id, struct _Py_message *message);
/* Wait, without the GIL, until there may be something to receive: a message, the end of the
   channel (0), the deadline (_Py_CHANNEL_EMPTY; absolute monotonic nanoseconds, < 0: none) or
   a signal. */
extern int _PyChannel_Wait(int64_t cid, int64_t deadline);
/* Close an end (or both) for everybody. */
extern int _PyChannel_Close(int64_t cid, int end, int force);
/* Close an end (or both) for one interpreter. */
extern int _PyChannel_Release(int64_t cid, int64_t interp_id, int end);
/* Ids of all channels, newest first: PyMem_RawMalloc'ed; NULL: out of memory. */
extern int64_t *_PyChannel_List(Py_ssize_t *count);
/* Ids of the interpreters that have an end open, likewise. */
extern int _PyChannel_ListInterpreters(int64_t cid, int end, int64_t **ids, Py_ssize_t *count);
/* References by id objects: the channel goes with the last one. */
extern int _PyChannel_AddReference(int64_t cid);
extern void _PyChannel_DropReference(int64_t cid);
/* An interpreter, the current one, ends: its ends are closed, its messages dropped. */
extern void _PyChannels_ClearInterpreter(PyInterpreterState *interp);
/* The current interpreter releases the objects of its messages that were received. */
extern void _PyChannels_TakeBack(PyInterpreterState *interp);

#endif  /* !Py_INTERNAL_CHANNELS_H */
