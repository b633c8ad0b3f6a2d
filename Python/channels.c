/* Channels: queues of messages between interpreters.

   Registry: a list in _PyRuntime.channels, under its lock.  A channel is counted: one for the
   registry, one for every operation under way, so that a waiter may find it destroyed.
   `mutex` guards the rest of a channel.

   An interpreter becomes associated with an end by using it.  A channel is open until it is
   closed, or until all interpreters that used it have released their ends.  Closing the
   sending end while messages are queued makes it "closing": no more is accepted, and it is
   closed when the last message is taken.  What an ended interpreter has sent and nobody received
   is dropped, as in 3.12.

   Waiting: `events` counts messages sent and closings; a receiver spins for a moment, then
   sleeps on that word in the kernel until it changes.  A sender makes the system call only if
   `sleepers` is not zero.

   Messages are dropped outside of all locks, since that may reach into other interpreters.

   Lent objects: a message may hold the sender's str or bytes object itself.  It is copied when it
   is received, under the mutex, so that the lender lives: before an interpreter ends, it takes its
   messages out of all channels.  Then, still under the mutex, the item with the reference goes to
   the lender's stack `lent_items`, which the lender empties when it sends again; every
   GIVEN_BACK items, a pending call tells it to.

   Written from PEP 554 and the behaviour of 3.12's _xxinterpchannels.  */

#include "Python.h"
#include "pycore_breaker.h"     // _PyEval_AddPendingCallToID()
#include "pycore_channels.h"    // _PyChannel_Send()
#include "pycore_lock.h"        // _PyMutex
#include "pycore_pystate.h"     // _PyRuntime

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SPINS 2000
#define GIVEN_BACK 16           /* so many lent objects (of at most 64 KiB) may lie on the stack */

struct item {
    struct item *next;
    int64_t interp_id;          /* sender */
    PyInterpreterState *lender; /* the sender, if the message is lent */
    struct _Py_message message;
};

/* One interpreter's association with an end. */
struct end {
    struct end *next;
    int64_t interp_id;
    int open;
};

struct channel {
    struct channel *next;       /* registry; under its lock */
    int64_t id;
    Py_ssize_t references;      /* id objects; under the registry's lock */
    int uses;                   /* registry + operations; atomic */
    uint32_t events;            /* changes with every message and closing; atomic */
    int sleepers;               /* threads asleep on `events`; atomic */
    _PyMutex mutex;             /* guards what follows */
    int open;
    int closing;
    struct item *first, *last;
    Py_ssize_t count;           /* atomic for readers without the mutex */
    struct end *ends[2];        /* ORDER ENDS */
    int nopen[2];
};

#define registry (&_PyRuntime.channels)
#define LOCK_REGISTRY() _PyProcessLock_Lock(&registry->lock)
#define UNLOCK_REGISTRY() _PyProcessLock_Unlock(&registry->lock)

/* ---- Lent objects -------------------------------------------------------- */

/* Puts the item on its lender's stack, under the channel's mutex.  Returns 1 if the lender should
   be told.  In the child of a fork the lender may be gone: nothing of it is touched. */
static int
give_back(struct item *item)
{
    PyInterpreterState *lender = item->lender;
    assert(item->message.kind == _Py_MESSAGE_LENT);
    if (lender->id != item->interp_id) {
        PyMem_RawFree(item);
        return 0;
    }
    void *head = __atomic_load_n(&lender->lent_items, __ATOMIC_RELAXED);
    do {
        item->next = head;
    } while (!__atomic_compare_exchange_n(&lender->lent_items, &head, item, 1, __ATOMIC_RELEASE,
                                          __ATOMIC_RELAXED));
    return __atomic_add_fetch(&lender->lent_count, 1, __ATOMIC_RELAXED) % GIVEN_BACK == 0;
}

/* Gives back what is lent in the list; returns the other items.  Under the mutex. */
static struct item *
give_back_lent(struct item *items)
{
    struct item *others = NULL, **tail = &others;
    while (items != NULL) {
        struct item *next = items->next;
        if (items->message.kind == _Py_MESSAGE_LENT) {
            (void)give_back(items);
        }
        else {
            *tail = items;
            tail = &items->next;
        }
        items = next;
    }
    *tail = NULL;
    return others;
}

void
_PyChannels_TakeBack(PyInterpreterState *interp)
{
    if (__atomic_load_n(&interp->lent_items, __ATOMIC_RELAXED) == NULL) {
        return;
    }
    struct item *item = __atomic_exchange_n(&interp->lent_items, NULL, __ATOMIC_ACQUIRE);
    while (item != NULL) {
        struct item *next = item->next;
        _PyMessage_Clear(&item->message);
        PyMem_RawFree(item);
        item = next;
    }
}

static int
take_back_pending(void *Py_UNUSED(arg))
{
    _PyChannels_TakeBack(_PyInterpreterState_GET());
    return 0;
}

/* ---- Life --------------------------------------------------------------- */

static void
drop_items(struct item *item)
{
    while (item != NULL) {
        struct item *next = item->next;
        _PyMessage_Clear(&item->message);
        PyMem_RawFree(item);
        item = next;
    }
}

static void
put_channel(struct channel *ch)
{
    if (__atomic_sub_fetch(&ch->uses, 1, __ATOMIC_ACQ_REL) > 0) {
        return;
    }
    assert(ch->first == NULL);      /* closed when it left the registry */
    for (int side = 0; side < 2; side++) {
        struct end *end = ch->ends[side];
        while (end != NULL) {
            struct end *next = end->next;
            PyMem_RawFree(end);
            end = next;
        }
    }
    PyMem_RawFree(ch);
}

/* The link to a channel in the registry, under its lock; or NULL. */
static struct channel **
find_link(int64_t cid)
{
    struct channel **link = (struct channel **)&registry->channels;
    for (; *link != NULL; link = &(*link)->next) {
        if ((*link)->id == cid) {
            return link;
        }
    }
    return NULL;
}

/* A counted channel, to be given back by put_channel(); or NULL. */
static struct channel *
get_channel(int64_t cid)
{
    struct channel *ch = NULL;
    LOCK_REGISTRY();
    struct channel **link = find_link(cid);
    if (link != NULL) {
        ch = *link;
        __atomic_add_fetch(&ch->uses, 1, __ATOMIC_RELAXED);
    }
    UNLOCK_REGISTRY();
    return ch;
}

int64_t
_PyChannel_Create(void)
{
    struct channel *ch = PyMem_RawCalloc(1, sizeof(*ch));
    if (ch == NULL) {
        return _Py_CHANNEL_NO_MEMORY;
    }
    ch->open = 1;
    ch->uses = 1;
    LOCK_REGISTRY();
    ch->id = registry->next_channel_id++;
    struct channel **link = (struct channel **)&registry->channels;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = ch;
    int64_t id = ch->id;
    UNLOCK_REGISTRY();
    return id;
}

/* ---- Events ------------------------------------------------------------- */

static void
announce(struct channel *ch)
{
    __atomic_add_fetch(&ch->events, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&ch->sleepers, __ATOMIC_SEQ_CST) > 0) {
        syscall(SYS_futex, &ch->events, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
    }
}

/* Close for good; returns what was queued.  Under the channel's mutex. */
static struct item *
close_channel(struct channel *ch)
{
    struct item *items = give_back_lent(ch->first);
    ch->open = 0;
    ch->closing = 0;
    ch->first = ch->last = NULL;
    __atomic_store_n(&ch->count, 0, __ATOMIC_RELAXED);
    for (int side = 0; side < 2; side++) {
        for (struct end *end = ch->ends[side]; end != NULL; end = end->next) {
            end->open = 0;
        }
        ch->nopen[side] = 0;
    }
    return items;
}

int
_PyChannel_Destroy(int64_t cid)
{
    struct channel *ch = NULL;
    LOCK_REGISTRY();
    struct channel **link = find_link(cid);
    if (link != NULL) {
        ch = *link;
        *link = ch->next;
    }
    UNLOCK_REGISTRY();
    if (ch == NULL) {
        return _Py_CHANNEL_NOT_FOUND;
    }
    _PyMutex_Lock(&ch->mutex);
    struct item *items = close_channel(ch);
    _PyMutex_Unlock(&ch->mutex);
    announce(ch);
    drop_items(items);
    put_channel(ch);
    return 0;
}

/* ---- Ends --------------------------------------------------------------- */

static struct end *
find_end(struct channel *ch, int side, int64_t interp_id)
{
    struct end *end = ch->ends[side];
    while (end != NULL && end->interp_id != interp_id) {
        end = end->next;
    }
    return end;
}

static struct end *
add_end(struct channel *ch, int side, int64_t interp_id)
{
    struct end *end = PyMem_RawMalloc(sizeof(*end));
    if (end == NULL) {
        return NULL;
    }
    *end = (struct end){NULL, interp_id, 1};
    struct end **link = &ch->ends[side];
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = end;
    ch->nopen[side]++;
    return end;
}

/* The interpreter uses an end. */
static int
associate(struct channel *ch, int side, int64_t interp_id)
{
    struct end *end = find_end(ch, side, interp_id);
    if (end != NULL) {
        return end->open ? 0 : _Py_CHANNEL_CLOSED;
    }
    return add_end(ch, side, interp_id) != NULL ? 0 : _Py_CHANNEL_NO_MEMORY;
}

static void
close_end(struct channel *ch, int side, struct end *end)
{
    if (end->open) {
        end->open = 0;
        ch->nopen[side]--;
    }
}

static int
any_end_open(const struct channel *ch)
{
    if (ch->nopen[0] > 0 || ch->nopen[1] > 0) {
        return 1;
    }
    return ch->ends[0] == NULL && ch->ends[1] == NULL;      /* nobody has come yet */
}

/* ---- Send and receive --------------------------------------------------- */

/* Under the mutex. */
static int
may_send(struct channel *ch, int64_t interp_id)
{
    if (!ch->open || ch->closing) {
        return _Py_CHANNEL_CLOSED;
    }
    return associate(ch, _Py_CHANNEL_SEND, interp_id);
}

int
_PyChannel_CheckSend(int64_t cid, int64_t interp_id)
{
    struct channel *ch = get_channel(cid);
    if (ch == NULL) {
        return _Py_CHANNEL_NOT_FOUND;
    }
    _PyMutex_Lock(&ch->mutex);
    int rc = may_send(ch, interp_id);
    _PyMutex_Unlock(&ch->mutex);
    put_channel(ch);
    return rc;
}

int
_PyChannel_Send(int64_t cid, int64_t interp_id, struct _Py_message *message)
{
    struct channel *ch = get_channel(cid);
    if (ch == NULL) {
        return _Py_CHANNEL_NOT_FOUND;
    }
    struct item *item = PyMem_RawMalloc(sizeof(*item));
    if (item == NULL) {
        put_channel(ch);
        return _Py_CHANNEL_NO_MEMORY;
    }
    item->next = NULL;
    item->interp_id = interp_id;
    item->lender = NULL;
    if (message->kind == _Py_MESSAGE_LENT) {
        item->lender = _PyInterpreterState_GET();
        assert(item->lender->id == interp_id);
        _PyChannels_TakeBack(item->lender);
    }
    _PyMutex_Lock(&ch->mutex);
    int rc = may_send(ch, interp_id);
    if (rc == 0) {
        item->message = *message;
        message->kind = _Py_MESSAGE_EMPTY;
        if (ch->last != NULL) {
            ch->last->next = item;
        }
        else {
            ch->first = item;
        }
        ch->last = item;
        __atomic_store_n(&ch->count, ch->count + 1, __ATOMIC_RELEASE);
        item = NULL;
    }
    _PyMutex_Unlock(&ch->mutex);
    if (rc == 0) {
        announce(ch);
    }
    PyMem_RawFree(item);
    put_channel(ch);
    return rc;
}

/* Takes the first item's message out of the queue, under the mutex.  *taken: the item, if it is to
   be freed; *tell: its lender should be told. */
static int
take_message(struct channel *ch, struct _Py_message *message, struct item **taken, int *tell)
{
    struct item *item = ch->first;
    if (item == NULL) {
        return _Py_CHANNEL_EMPTY;
    }
    int lent = item->message.kind == _Py_MESSAGE_LENT;
    if (lent && _PyMessage_CopyLent(&item->message, message) < 0) {
        return _Py_CHANNEL_NO_MEMORY;
    }
    ch->first = item->next;
    if (ch->first == NULL) {
        ch->last = NULL;
    }
    __atomic_store_n(&ch->count, ch->count - 1, __ATOMIC_RELEASE);
    if (lent) {
        *tell = give_back(item);
    }
    else {
        *message = item->message;
        *taken = item;
    }
    return 0;
}

int
_PyChannel_Recv(int64_t cid, int64_t interp_id, struct _Py_message *message)
{
    struct channel *ch = get_channel(cid);
    if (ch == NULL) {
        return _Py_CHANNEL_NOT_FOUND;
    }
    struct item *taken = NULL;
    int64_t sender = -1;
    int tell = 0;
    _PyMutex_Lock(&ch->mutex);
    int rc = ch->open ? associate(ch, _Py_CHANNEL_RECV, interp_id) : _Py_CHANNEL_CLOSED;
    if (rc == 0) {
        sender = ch->first != NULL ? ch->first->interp_id : -1;
        rc = take_message(ch, message, &taken, &tell);
        if (ch->closing && ch->count == 0) {
            (void)close_channel(ch);
        }
    }
    _PyMutex_Unlock(&ch->mutex);
    PyMem_RawFree(taken);
    put_channel(ch);
    if (tell && sender != interp_id) {
        (void)_PyEval_AddPendingCallToID(sender, take_back_pending, NULL);
    }
    else if (sender == interp_id) {
        _PyChannels_TakeBack(_PyInterpreterState_GET());
    }
    return rc;
}

static int
has_news(struct channel *ch)
{
    return __atomic_load_n(&ch->count, __ATOMIC_ACQUIRE) > 0
           || !__atomic_load_n(&ch->open, __ATOMIC_RELAXED);
}

int
_PyChannel_Wait(int64_t cid, int64_t deadline)
{
    struct channel *ch = get_channel(cid);
    if (ch == NULL) {
        return 0;       /* receiving will say so */
    }
    int rc = 0;
    for (int i = 0; i < SPINS && !has_news(ch); i++) {
        __builtin_ia32_pause();
    }
    __atomic_add_fetch(&ch->sleepers, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        uint32_t events = __atomic_load_n(&ch->events, __ATOMIC_SEQ_CST);
        if (has_news(ch)) {
            break;
        }
        struct timespec ts;
        if (deadline >= 0) {
            ts.tv_sec = (time_t)(deadline / 1000000000);
            ts.tv_nsec = (long)(deadline % 1000000000);
        }
        long woken = syscall(SYS_futex, &ch->events, FUTEX_WAIT_BITSET_PRIVATE, events,
                             deadline >= 0 ? &ts : NULL, NULL, FUTEX_BITSET_MATCH_ANY);
        if (woken == -1 && errno == ETIMEDOUT) {
            rc = has_news(ch) ? 0 : _Py_CHANNEL_EMPTY;
            break;
        }
        if (woken == -1 && errno == EINTR) {
            rc = _Py_CHANNEL_INTERRUPTED;
            break;
        }
    }
    __atomic_sub_fetch(&ch->sleepers, 1, __ATOMIC_SEQ_CST);
    put_channel(ch);
    return rc;
}

/* ---- Close and release -------------------------------------------------- */

int
_PyChannel_Close(int64_t cid, int end, int force)
{
    struct channel *ch = get_channel(cid);
    if (ch == NULL) {
        return _Py_CHANNEL_NOT_FOUND;
    }
    int rc = 0;
    struct item *items = NULL;
    _PyMutex_Lock(&ch->mutex);
    if (!ch->open || (!force && end == _Py_CHANNEL_SEND && ch->closing)) {
        rc = _Py_CHANNEL_CLOSED;
    }
    else if (force || ch->count == 0) {
        items = close_channel(ch);
    }
    else if (end == _Py_CHANNEL_SEND) {
        ch->closing = 1;
    }
    else {
        rc = _Py_CHANNEL_NOT_EMPTY;
    }
    _PyMutex_Unlock(&ch->mutex);
    announce(ch);
    drop_items(items);
    put_channel(ch);
    return rc;
}

int
_PyChannel_Release(int64_t cid, int64_t interp_id, int end)
{
    struct channel *ch = get_channel(cid);
    if (ch == NULL) {
        return _Py_CHANNEL_NOT_FOUND;
    }
    int rc = 0;
    struct item *items = NULL;
    _PyMutex_Lock(&ch->mutex);
    if (!ch->open) {
        rc = _Py_CHANNEL_CLOSED;
    }
    for (int side = 0; side < 2 && rc == 0; side++) {
        if (end != side && end != _Py_CHANNEL_BOTH) {
            continue;
        }
        struct end *mine = find_end(ch, side, interp_id);
        if (mine == NULL) {
            mine = add_end(ch, side, interp_id);
        }
        if (mine == NULL) {
            rc = _Py_CHANNEL_NO_MEMORY;
            break;
        }
        close_end(ch, side, mine);
    }
    if (rc == 0 && !any_end_open(ch)) {
        items = close_channel(ch);
    }
    _PyMutex_Unlock(&ch->mutex);
    announce(ch);
    drop_items(items);
    put_channel(ch);
    return rc;
}

/* ---- Lists -------------------------------------------------------------- */

int64_t *
_PyChannel_List(Py_ssize_t *count)
{
    int64_t *ids = NULL;
    Py_ssize_t n = 0;
    LOCK_REGISTRY();
    for (struct channel *ch = registry->channels; ch != NULL; ch = ch->next) {
        n++;
    }
    ids = PyMem_RawMalloc((size_t)(n + 1) * sizeof(*ids));
    if (ids != NULL) {
        Py_ssize_t i = n;
        for (struct channel *ch = registry->channels; ch != NULL; ch = ch->next) {
            ids[--i] = ch->id;
        }
    }
    UNLOCK_REGISTRY();
    *count = n;
    return ids;
}

int
_PyChannel_ListInterpreters(int64_t cid, int end, int64_t **ids, Py_ssize_t *count)
{
    assert(end == _Py_CHANNEL_SEND || end == _Py_CHANNEL_RECV);
    struct channel *ch = get_channel(cid);
    if (ch == NULL) {
        return _Py_CHANNEL_NOT_FOUND;
    }
    int rc = 0;
    Py_ssize_t n = 0;
    _PyMutex_Lock(&ch->mutex);
    if (!ch->open || (end == _Py_CHANNEL_SEND && ch->closing)) {
        rc = _Py_CHANNEL_CLOSED;
    }
    else if ((*ids = PyMem_RawMalloc((size_t)(ch->nopen[end] + 1) * sizeof(**ids))) == NULL) {
        rc = _Py_CHANNEL_NO_MEMORY;
    }
    else {
        for (struct end *e = ch->ends[end]; e != NULL; e = e->next) {
            if (e->open) {
                (*ids)[n++] = e->interp_id;
            }
        }
    }
    _PyMutex_Unlock(&ch->mutex);
    put_channel(ch);
    *count = n;
    return rc;
}

/* ---- References --------------------------------------------------------- */

int
_PyChannel_AddReference(int64_t cid)
{
    LOCK_REGISTRY();
    struct channel **link = find_link(cid);
    if (link != NULL) {
        (*link)->references++;
    }
    UNLOCK_REGISTRY();
    return link != NULL ? 0 : _Py_CHANNEL_NOT_FOUND;
}

void
_PyChannel_DropReference(int64_t cid)
{
    int last = 0;
    LOCK_REGISTRY();
    struct channel **link = find_link(cid);
    if (link != NULL) {
        assert((*link)->references > 0);
        last = --(*link)->references == 0;
    }
    UNLOCK_REGISTRY();
    if (last) {
        (void)_PyChannel_Destroy(cid);
    }
}

/* ---- End of an interpreter ---------------------------------------------- */

/* Take the messages of an interpreter out of the queue; under the mutex. */
static struct item *
take_items_of(struct channel *ch, int64_t interp_id)
{
    struct item *taken = NULL, *kept = NULL, **tail = &kept;
    struct item *item = ch->first, *last = NULL;
    Py_ssize_t count = 0;
    while (item != NULL) {
        struct item *next = item->next;
        if (item->interp_id == interp_id) {
            item->next = taken;
            taken = item;
        }
        else {
            *tail = item;
            tail = &item->next;
            last = item;
            count++;
        }
        item = next;
    }
    *tail = NULL;
    ch->first = kept;
    ch->last = last;
    __atomic_store_n(&ch->count, count, __ATOMIC_RELEASE);
    return give_back_lent(taken);
}

static void
leave_channel(struct channel *ch, int64_t interp_id)
{
    _PyMutex_Lock(&ch->mutex);
    struct item *items = take_items_of(ch, interp_id);
    for (int side = 0; side < 2; side++) {
        struct end *end = find_end(ch, side, interp_id);
        if (end != NULL) {
            close_end(ch, side, end);
        }
    }
    struct item *rest = NULL;
    if (ch->open && !any_end_open(ch)) {
        rest = close_channel(ch);
    }
    _PyMutex_Unlock(&ch->mutex);
    announce(ch);
    drop_items(items);
    drop_items(rest);
}

/* The first channel with a higher id, counted; or NULL. */
static struct channel *
next_channel(int64_t after)
{
    LOCK_REGISTRY();
    struct channel *ch = registry->channels;
    while (ch != NULL && ch->id <= after) {
        ch = ch->next;
    }
    if (ch != NULL) {
        __atomic_add_fetch(&ch->uses, 1, __ATOMIC_RELAXED);
    }
    UNLOCK_REGISTRY();
    return ch;
}

/* Without memory, since it must not fail: nobody else may hold objects of the interpreter then. */
void
_PyChannels_ClearInterpreter(PyInterpreterState *interp)
{
    int64_t last = -1;
    struct channel *ch;
    while ((ch = next_channel(last)) != NULL) {
        last = ch->id;
        leave_channel(ch, interp->id);
        put_channel(ch);
    }
    _PyChannels_TakeBack(interp);
}
