/* tracemalloc.c - where memory blocks were allocated.
 *
 *   trace       (domain, address) -> size and traceback; the allocators' blocks are in domain 0
 *   traceback   the innermost frames, as (file name, line), and how many frames there were
 *
 * Tracing is a matter of the process, as the allocators are: whoever starts it, the blocks of all
 * interpreters and threads are traced.  While it is off the allocators look at one word, and at
 * none on their fast path (obmalloc.c).
 *
 * Nothing here belongs to an interpreter: traces, tracebacks and file names lie in memory of the C
 * library, under tracemalloc.lock, and no Python object is made or released while that is held.
 * Equal tracebacks and names exist once and live until the traces are cleared.  A reader that makes
 * objects of them pins them first; what is cleared meanwhile is freed after the last reader.
 *
 * A place for the trace is reserved before a block is allocated, so that nothing can fail after.
 * A trace is removed before its block is freed: the address may be another thread's at once.
 *
 * The table of traces has linear probing, and no marks for removed traces: those behind move up.
 *
 * Written from the library reference (tracemalloc), the C API reference, and observed behaviour.
 */
#include "Python.h"
#include "pycore_code.h"        // PyCodeObject
#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_freelist.h"    // _PyFreeLists_Clear()
#include "pycore_lock.h"        // _PyProcessLock_Lock()
#include "pycore_object.h"      // _PyType_PreHeaderSize()
#include "pycore_pymem.h"       // _PyMem_LibcMalloc()
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_strings.h"     // _Py_STR()
#include "pycore_tracemalloc.h"
#include "tracemalloc.h"

#include <stdbool.h>
#include <stdlib.h>

#define NOT_TRACING (-2)        // what functions of the C API return then
#define MAX_FRAMES UINT16_MAX
#define FIRST_TRACES 1024       // places of a new table, a power of two
#define FIRST_BUCKETS 256

_Py_DECLARE_STR(unknown_file, "<unknown>")

/* What names and tracebacks begin with: a member of a set. */
struct node {
    struct node *next;
    size_t hash;
};

struct node_set {
    struct node **buckets;
    size_t mask;
    size_t count;
};

struct file_name {
    struct node node;
    Py_ssize_t length;
    int kind;                   /* of the str's characters, PyUnicode_KIND() */
    char data[];
};

struct trace_frame {
    struct file_name *file;
    int line;
};

struct traceback {
    struct node node;
    uint16_t count;
    uint16_t total;             /* frames that there were, at most MAX_FRAMES */
    struct trace_frame frames[];    /* the innermost first */
};

struct trace {
    uintptr_t ptr;
    unsigned int domain;
    size_t size;
    struct traceback *traceback;    /* NULL: the place is free */
};

struct _traces {
    struct trace *places;
    size_t mask;                /* places - 1 */
    size_t used;
    size_t reserved;            /* for blocks that are being allocated */
    size_t size, peak;          /* bytes of the traced blocks */
    size_t memory;              /* bytes that all this takes */
    struct trace last_removed;  /* the allocator may find its block damaged: for the report */
    struct node_set names, tracebacks;
    struct trace_frame *frames; /* room for the frames of the next traceback */
    size_t frames_room;
    struct _traces *next_doomed;
};

/* A trace to come: its place is reserved. */
struct request {
    uint64_t generation;        /* of the traces that the place is in */
    struct traceback *traceback;
};

#define RUNTIME (&_PyRuntime.tracemalloc)

static inline void
lock_traces(void)
{
    _PyProcessLock_Lock(&RUNTIME->lock);
}

static inline void
unlock_traces(void)
{
    _PyProcessLock_Unlock(&RUNTIME->lock);
}

/* --- Memory of the traces --------------------------------------------------------------------- */

/* Zeroed memory, or NULL. */
static void *
traces_alloc(struct _traces *traces, size_t size)
{
    void *ptr = _PyMem_LibcCalloc(NULL, 1, size);
    if (ptr != NULL) {
        traces->memory += size;
    }
    return ptr;
}

static void
set_free(struct node_set *set)
{
    for (size_t i = 0; set->buckets != NULL && i <= set->mask; i++) {
        struct node *next;
        for (struct node *node = set->buckets[i]; node != NULL; node = next) {
            next = node->next;
            free(node);
        }
    }
    free(set->buckets);
}

static void
traces_free(struct _traces *traces)
{
    set_free(&traces->names);
    set_free(&traces->tracebacks);
    free(traces->frames);
    free(traces->places);
    free(traces);
}

static int
set_init(struct _traces *traces, struct node_set *set)
{
    set->buckets = traces_alloc(traces, FIRST_BUCKETS * sizeof(struct node *));
    set->mask = FIRST_BUCKETS - 1;
    return set->buckets != NULL ? 0 : -1;
}

/* Empty traces, or NULL. */
static struct _traces *
traces_new(void)
{
    struct _traces *traces = _PyMem_LibcCalloc(NULL, 1, sizeof(struct _traces));
    if (traces == NULL) {
        return NULL;
    }
    traces->memory = sizeof(struct _traces);
    traces->places = traces_alloc(traces, FIRST_TRACES * sizeof(struct trace));
    traces->mask = FIRST_TRACES - 1;
    if (traces->places == NULL || set_init(traces, &traces->names) < 0
        || set_init(traces, &traces->tracebacks) < 0)
    {
        traces_free(traces);
        return NULL;
    }
    return traces;
}

/* Under the lock: the traces are replaced by new ones, or by none (NULL). */
static void
replace_traces(struct _traces *new_traces)
{
    struct _traces *old = RUNTIME->traces;
    assert(_PyProcessLock_IsHeld(&RUNTIME->lock) && RUNTIME->pins >= 0);
    RUNTIME->traces = new_traces;
    RUNTIME->generation++;
    if (old != NULL && RUNTIME->pins != 0) {
        old->next_doomed = RUNTIME->doomed;
        RUNTIME->doomed = old;
    }
    else if (old != NULL) {
        traces_free(old);
    }
}

/* A reader is ready with the tracebacks that it found under the lock. */
static void
unpin(void)
{
    struct _traces *next, *doomed = NULL;
    lock_traces();
    assert(RUNTIME->pins > 0);
    if (--RUNTIME->pins == 0) {
        doomed = RUNTIME->doomed;
        RUNTIME->doomed = NULL;
    }
    unlock_traces();
    for (; doomed != NULL; doomed = next) {
        next = doomed->next_doomed;
        traces_free(doomed);
    }
}

/* --- Names and tracebacks (under the lock) ---------------------------------------------------- */

/* Twice as many buckets, if there is memory for them. */
static void
set_grow(struct _traces *traces, struct node_set *set)
{
    size_t mask = 2 * set->mask + 1;
    assert((set->mask & (set->mask + 1)) == 0);
    struct node **buckets = traces_alloc(traces, (mask + 1) * sizeof(struct node *));
    if (buckets == NULL) {
        return;
    }
    for (size_t i = 0; i <= set->mask; i++) {
        struct node *next;
        for (struct node *node = set->buckets[i]; node != NULL; node = next) {
            next = node->next;
            node->next = buckets[node->hash & mask];
            buckets[node->hash & mask] = node;
        }
    }
    traces->memory -= (set->mask + 1) * sizeof(struct node *);
    free(set->buckets);
    set->buckets = buckets;
    set->mask = mask;
}

static void
set_add(struct _traces *traces, struct node_set *set, struct node *node)
{
    if (set->count > set->mask) {
        set_grow(traces, set);
    }
    node->next = set->buckets[node->hash & set->mask];
    set->buckets[node->hash & set->mask] = node;
    set->count++;
}

/* The name of a file, a str; NULL: no memory. */
static struct file_name *
find_name(struct _traces *traces, PyObject *str)
{
    assert(PyUnicode_CheckExact(str) && _PyProcessLock_IsHeld(&RUNTIME->lock));
    Py_ssize_t length = PyUnicode_GET_LENGTH(str);
    int kind = PyUnicode_KIND(str);
    size_t bytes = (size_t)length * (size_t)kind;
    /* PyObject_Hash() needs a thread state, which a thread without the GIL has not. */
    Py_hash_t known = ((PyASCIIObject *)str)->hash;
    size_t hash = (size_t)(known != -1 ? known
                                       : _Py_HashBytes(PyUnicode_DATA(str), (Py_ssize_t)bytes));
    struct node *node = traces->names.buckets[hash & traces->names.mask];
    for (; node != NULL; node = node->next) {
        struct file_name *name = (struct file_name *)node;
        if (node->hash == hash && name->length == length && name->kind == kind
            && memcmp(name->data, PyUnicode_DATA(str), bytes) == 0)
        {
            return name;
        }
    }
    struct file_name *name = traces_alloc(traces, sizeof(struct file_name) + bytes);
    if (name != NULL) {
        name->node.hash = hash;
        name->length = length;
        name->kind = kind;
        memcpy(name->data, PyUnicode_DATA(str), bytes);
        set_add(traces, &traces->names, &name->node);
    }
    return name;
}

/* Room for one frame more than `count`: 0, or -1. */
static int
frames_reserve(struct _traces *traces, size_t count)
{
    if (count < traces->frames_room) {
        return 0;
    }
    size_t room = traces->frames_room != 0 ? 2 * traces->frames_room : 16;
    struct trace_frame *frames = traces_alloc(traces, room * sizeof(struct trace_frame));
    if (frames == NULL) {
        return -1;
    }
    if (count != 0) {
        memcpy(frames, traces->frames, count * sizeof(struct trace_frame));
    }
    traces->memory -= traces->frames_room * sizeof(struct trace_frame);
    free(traces->frames);
    traces->frames = frames;
    traces->frames_room = room;
    return 0;
}

static int
add_frame(struct _traces *traces, size_t count, PyObject *file, int line)
{
    if (frames_reserve(traces, count) < 0) {
        return -1;
    }
    struct file_name *name = find_name(traces, file);
    if (name == NULL) {
        return -1;
    }
    assert(count < traces->frames_room);
    traces->frames[count] = (struct trace_frame){name, line};
    return 0;
}

/* Collect the frames of this thread, if it runs Python code: their number, and *total, which also
 * counts those beyond the limit; -1: no memory. */
static int
collect_frames(struct _traces *traces, int *total)
{
    int count = 0;
    *total = 0;
    PyThreadState *tstate = _PyThreadState_GET();
    _PyInterpreterFrame *frame = tstate != NULL && tstate->cframe != NULL
                                 ? _PyFrame_GetFirstComplete(tstate->cframe->current_frame) : NULL;
    for (; frame != NULL; frame = _PyFrame_GetFirstComplete(frame->previous)) {
        if (count < RUNTIME->max_frames) {
            PyObject *file = _PyFrame_GetCode(frame)->co_filename;
            int line = PyUnstable_InterpreterFrame_GetLine(frame);
            if (file == NULL || !PyUnicode_CheckExact(file)) {
                file = &_Py_STR(unknown_file);
            }
            if (add_frame(traces, (size_t)count, file, line > 0 ? line : 0) < 0) {
                return -1;
            }
            count++;
        }
        if (*total < MAX_FRAMES) {
            ++*total;
        }
    }
    if (count == 0) {
        *total = 1;
        return add_frame(traces, 0, &_Py_STR(unknown_file), 0) < 0 ? -1 : 1;
    }
    return count;
}

static size_t
frames_hash(const struct trace_frame *frames, int count, int total)
{
    size_t hash = (size_t)total;
    for (int i = 0; i < count; i++) {
        hash = (hash ^ frames[i].file->node.hash ^ (size_t)frames[i].line) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 32;
    }
    return hash;
}

static bool
same_frames(const struct trace_frame *a, const struct trace_frame *b, int count)
{
    for (int i = 0; i < count; i++) {
        if (a[i].file != b[i].file || a[i].line != b[i].line) {
            return false;
        }
    }
    return true;
}

/* The traceback of this thread; NULL: no memory. */
static struct traceback *
find_traceback(struct _traces *traces)
{
    int total, count = collect_frames(traces, &total);
    if (count < 0) {
        return NULL;
    }
    assert(count > 0 && count <= RUNTIME->max_frames && count <= total && total <= MAX_FRAMES);
    size_t hash = frames_hash(traces->frames, count, total);
    struct node *node = traces->tracebacks.buckets[hash & traces->tracebacks.mask];
    for (; node != NULL; node = node->next) {
        struct traceback *traceback = (struct traceback *)node;
        if (node->hash == hash && traceback->count == count && traceback->total == total
            && same_frames(traceback->frames, traces->frames, count))
        {
            return traceback;
        }
    }
    size_t bytes = (size_t)count * sizeof(struct trace_frame);
    struct traceback *traceback = traces_alloc(traces, sizeof(struct traceback) + bytes);
    if (traceback != NULL) {
        traceback->node.hash = hash;
        traceback->count = (uint16_t)count;
        traceback->total = (uint16_t)total;
        memcpy(traceback->frames, traces->frames, bytes);
        set_add(traces, &traces->tracebacks, &traceback->node);
    }
    return traceback;
}

/* --- The table of traces (under the lock) ----------------------------------------------------- */

static size_t
first_place(const struct _traces *traces, unsigned int domain, uintptr_t ptr)
{
    uint64_t hash = ((uint64_t)ptr ^ (uint64_t)domain << 48) * 0x9E3779B97F4A7C15u;
    return (size_t)(hash >> 32) & traces->mask;
}

/* The place of the trace, or the free one where it belongs. */
static struct trace *
find_place(struct _traces *traces, unsigned int domain, uintptr_t ptr)
{
    assert(traces->used <= traces->mask);       /* the search ends at a free place */
    size_t i = first_place(traces, domain, ptr);
    while (traces->places[i].traceback != NULL
           && (traces->places[i].ptr != ptr || traces->places[i].domain != domain))
    {
        i = (i + 1) & traces->mask;
    }
    return &traces->places[i];
}

/* Have a free place for one trace more, besides those that are reserved: 0, or -1. */
static int
reserve_place(struct _traces *traces)
{
    size_t places = traces->mask + 1;
    if (traces->used + traces->reserved + 1 <= places - places / 4) {
        traces->reserved++;
        return 0;
    }
    struct trace *old = traces->places;
    struct trace *grown = traces_alloc(traces, 2 * places * sizeof(struct trace));
    if (grown == NULL) {
        return -1;
    }
    traces->places = grown;
    traces->mask = 2 * places - 1;
    for (size_t i = 0; i < places; i++) {
        if (old[i].traceback != NULL) {
            *find_place(traces, old[i].domain, old[i].ptr) = old[i];
        }
    }
    assert(traces->memory > places * sizeof(struct trace));
    traces->memory -= places * sizeof(struct trace);
    free(old);
    traces->reserved++;
    return 0;
}

/* Put a trace into its reserved place; it replaces an older one of the same block. */
static void
put_trace(struct _traces *traces, const struct trace *trace)
{
    assert(traces->used <= traces->mask && trace->traceback != NULL);
    struct trace *place = find_place(traces, trace->domain, trace->ptr);
    if (place->traceback != NULL) {
        traces->size -= place->size;
    }
    else {
        traces->used++;
    }
    assert(place->traceback == NULL || place->ptr == trace->ptr);
    *place = *trace;
    traces->size += trace->size;
    if (traces->size > traces->peak) {
        traces->peak = traces->size;
    }
}

/* Remove a trace; true if there was one, which then is traces->last_removed. */
static bool
take_trace(struct _traces *traces, unsigned int domain, uintptr_t ptr)
{
    struct trace *place = find_place(traces, domain, ptr);
    if (place->traceback == NULL) {
        return false;
    }
    traces->last_removed = *place;
    assert(traces->size >= place->size && traces->used > 0);
    traces->size -= place->size;
    traces->used--;
    size_t hole = (size_t)(place - traces->places);
    for (size_t i = (hole + 1) & traces->mask; traces->places[i].traceback != NULL;
         i = (i + 1) & traces->mask)
    {
        size_t first = first_place(traces, traces->places[i].domain, traces->places[i].ptr);
        /* It may move up to the hole unless its first place lies behind the hole. */
        if (((i - first) & traces->mask) >= ((i - hole) & traces->mask)) {
            traces->places[hole] = traces->places[i];
            hole = i;
        }
    }
    traces->places[hole].traceback = NULL;
    return true;
}

/* --- Allocators ------------------------------------------------------------------------------- */

/* Not of its own calls, nor around fork(). */
static inline bool
can_trace(void)
{
    return !_PyProcessLock_IsHeld(&RUNTIME->lock);
}

/* Reserve a place for a trace from here: 1; 0 if memory is not traced (any more); -1: no memory. */
static int
begin_trace(struct request *request)
{
    int result = 0;
    lock_traces();
    struct _traces *traces = RUNTIME->traces;
    if (traces != NULL) {
        request->generation = RUNTIME->generation;
        request->traceback = find_traceback(traces);
        result = request->traceback != NULL && reserve_place(traces) == 0 ? 1 : -1;
    }
    unlock_traces();
    return result;
}

/* The block was allocated: note it in the reserved place.  ptr is 0 if it was not. */
static void
end_trace(const struct request *request, unsigned int domain, uintptr_t ptr, size_t size)
{
    lock_traces();
    struct _traces *traces = RUNTIME->traces;
    if (traces != NULL && RUNTIME->generation == request->generation) {
        assert(traces->reserved > 0);
        traces->reserved--;
        if (ptr != 0) {
            put_trace(traces, &(struct trace){ptr, domain, size, request->traceback});
        }
    }
    unlock_traces();
}

/* Forget a block: true if it was known; *removed is its trace, if that is asked for. */
static bool
remove_trace(unsigned int domain, uintptr_t ptr, struct trace *removed)
{
    lock_traces();
    struct _traces *traces = RUNTIME->traces;
    bool found = traces != NULL && take_trace(traces, domain, ptr);
    if (found && removed != NULL) {
        *removed = traces->last_removed;
    }
    unlock_traces();
    return found;
}

void *
_PyTraceMalloc_Malloc(PyMemAllocatorEx *alloc, size_t size)
{
    struct request request;
    int traced = can_trace() ? begin_trace(&request) : 0;
    if (traced < 0) {
        return NULL;
    }
    void *ptr = alloc->malloc(alloc->ctx, size);
    if (traced) {
        end_trace(&request, 0, (uintptr_t)ptr, size);
    }
    return ptr;
}

void *
_PyTraceMalloc_Calloc(PyMemAllocatorEx *alloc, size_t nelem, size_t elsize)
{
    struct request request;
    int traced = can_trace() ? begin_trace(&request) : 0;
    if (traced < 0) {
        return NULL;
    }
    void *ptr = alloc->calloc(alloc->ctx, nelem, elsize);
    if (traced) {
        end_trace(&request, 0, (uintptr_t)ptr, nelem * elsize);
    }
    return ptr;
}

void *
_PyTraceMalloc_Realloc(PyMemAllocatorEx *alloc, void *ptr, size_t size)
{
    if (ptr == NULL) {
        return _PyTraceMalloc_Malloc(alloc, size);
    }
    struct request request;
    struct trace old;
    int traced = can_trace() ? begin_trace(&request) : 0;
    if (traced < 0) {
        return NULL;
    }
    if (!traced) {
        return alloc->realloc(alloc->ctx, ptr, size);
    }
    bool known = remove_trace(0, (uintptr_t)ptr, &old);
    void *moved = alloc->realloc(alloc->ctx, ptr, size);
    if (moved == NULL && known) {
        /* The block stays as it was. */
        request.traceback = old.traceback;
        end_trace(&request, 0, old.ptr, old.size);
    }
    else {
        end_trace(&request, 0, (uintptr_t)moved, size);
    }
    return moved;
}

void
_PyTraceMalloc_Free(PyMemAllocatorEx *alloc, void *ptr)
{
    if (ptr != NULL && can_trace()) {
        remove_trace(0, (uintptr_t)ptr, NULL);
    }
    alloc->free(alloc->ctx, ptr);
}

/* --- The C API -------------------------------------------------------------------------------- */

/* Trace a block that did not come from the allocators: 0, -1 without memory (and no exception),
 * -2 if memory is not traced.  The caller needs no thread state and gets one, for the traceback. */
int
PyTraceMalloc_Track(unsigned int domain, uintptr_t ptr, size_t size)
{
    struct request request;
    if (!_PyTraceMalloc_IsOn() || !can_trace()) {
        return NOT_TRACING;
    }
    PyGILState_STATE state = PyGILState_Ensure();
    int traced = begin_trace(&request);
    if (traced > 0) {
        end_trace(&request, domain, ptr, size);
    }
    PyGILState_Release(state);
    return traced > 0 ? 0 : traced < 0 ? -1 : NOT_TRACING;
}

/* Forget a block of PyTraceMalloc_Track(), if it is known: 0, or -2 if memory is not traced. */
int
PyTraceMalloc_Untrack(unsigned int domain, uintptr_t ptr)
{
    if (!_PyTraceMalloc_IsOn() || !can_trace()) {
        return NOT_TRACING;
    }
    remove_trace(domain, ptr, NULL);
    return 0;
}

int
_PyTraceMalloc_Init(void)
{
    return 0;
}

/* Trace memory from now on, with so many frames at most; nothing if it is traced already.
 * 0, or -1 with an exception. */
int
_PyTraceMalloc_Start(int max_frames)
{
    if (max_frames < 1 || max_frames > MAX_FRAMES) {
        PyErr_Format(PyExc_ValueError, "the number of frames must be in range [1; %d]",
                     MAX_FRAMES);
        return -1;
    }
    if (_PyTraceMalloc_IsOn()) {
        return 0;
    }
    struct _traces *traces = traces_new();
    if (traces == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    lock_traces();
    if (RUNTIME->traces == NULL) {
        RUNTIME->max_frames = max_frames;
        replace_traces(traces);
        traces = NULL;
        __atomic_store_n(&RUNTIME->tracing, 1, __ATOMIC_RELAXED);
    }
    unlock_traces();
    if (traces != NULL) {
        traces_free(traces);        /* another thread was faster */
        return 0;
    }
    _PyMem_UpdateTracing();
    /* What the free lists keep would come back without a trace. */
    _PyFreeLists_Clear(_PyThreadState_GET()->heap);
    return 0;
}

/* Trace no longer, and forget all traces.  Needs no thread state. */
void
_PyTraceMalloc_Stop(void)
{
    if (!_PyTraceMalloc_IsOn()) {
        return;
    }
    lock_traces();
    __atomic_store_n(&RUNTIME->tracing, 0, __ATOMIC_RELAXED);
    replace_traces(NULL);
    unlock_traces();
    _PyMem_UpdateTracing();
}

/* Forget all traces and go on tracing.  Without memory for new ones the old ones stay. */
void
_PyTraceMalloc_ClearTraces(void)
{
    struct _traces *traces = _PyTraceMalloc_IsOn() ? traces_new() : NULL;
    if (traces == NULL) {
        return;
    }
    lock_traces();
    if (RUNTIME->traces != NULL) {
        replace_traces(traces);
        traces = NULL;
    }
    unlock_traces();
    if (traces != NULL) {
        traces_free(traces);
    }
}

int
_PyTraceMalloc_IsTracing(void)
{
    return _PyTraceMalloc_IsOn();
}

int
_PyTraceMalloc_GetTracebackLimit(void)
{
    lock_traces();
    int limit = RUNTIME->max_frames;
    unlock_traces();
    return limit;
}

/* Bytes that the traces take. */
size_t
_PyTraceMalloc_GetMemory(void)
{
    lock_traces();
    size_t memory = RUNTIME->traces != NULL ? RUNTIME->traces->memory : 0;
    unlock_traces();
    return memory;
}

/* (current size, peak): a new tuple, or NULL with an exception. */
PyObject *
_PyTraceMalloc_GetTracedMemory(void)
{
    lock_traces();
    size_t size = RUNTIME->traces != NULL ? RUNTIME->traces->size : 0;
    size_t peak = RUNTIME->traces != NULL ? RUNTIME->traces->peak : 0;
    unlock_traces();
    return Py_BuildValue("nn", (Py_ssize_t)size, (Py_ssize_t)peak);
}

void
_PyTraceMalloc_ResetPeak(void)
{
    lock_traces();
    if (RUNTIME->traces != NULL) {
        RUNTIME->traces->peak = RUNTIME->traces->size;
    }
    unlock_traces();
}

/* --- Traces as objects ------------------------------------------------------------------------ */

/* The str of a file name, the same for the same name: `known` has those made before. */
static PyObject *
name_object(PyObject *known, const struct file_name *name)
{
    PyObject *key = PyLong_FromVoidPtr((void *)name);
    PyObject *str = key != NULL ? Py_XNewRef(PyDict_GetItemWithError(known, key)) : NULL;
    if (key != NULL && str == NULL && !PyErr_Occurred()) {
        str = PyUnicode_FromKindAndData(name->kind, name->data, name->length);
        if (str != NULL && PyDict_SetItem(known, key, str) < 0) {
            Py_CLEAR(str);
        }
    }
    Py_XDECREF(key);
    return str;
}

/* ((file name, line), ...), the innermost first; NULL with an exception. */
static PyObject *
make_traceback_object(PyObject *known, const struct traceback *traceback)
{
    assert(RUNTIME->pins > 0);
    PyObject *result = PyTuple_New(traceback->count);
    for (int i = 0; result != NULL && i < traceback->count; i++) {
        PyObject *name = name_object(known, traceback->frames[i].file);
        PyObject *frame = name != NULL
                          ? Py_BuildValue("Ni", name, traceback->frames[i].line) : NULL;
        if (frame == NULL) {
            Py_CLEAR(result);
        }
        else {
            PyTuple_SET_ITEM(result, i, frame);
        }
    }
    return result;
}

/* The same object for the same traceback. */
static PyObject *
traceback_object(PyObject *known, const struct traceback *traceback)
{
    PyObject *key = PyLong_FromVoidPtr((void *)traceback);
    PyObject *result = key != NULL ? Py_XNewRef(PyDict_GetItemWithError(known, key)) : NULL;
    if (key != NULL && result == NULL && !PyErr_Occurred()) {
        result = make_traceback_object(known, traceback);
        if (result != NULL && PyDict_SetItem(known, key, result) < 0) {
            Py_CLEAR(result);
        }
    }
    Py_XDECREF(key);
    return result;
}

/* Append (domain, size, traceback, number of frames) to the list: 0, or -1 with an exception. */
static int
append_trace(PyObject *list, PyObject *known, const struct trace *trace)
{
    PyObject *traceback = traceback_object(known, trace->traceback);
    if (traceback == NULL) {
        return -1;
    }
    PyObject *row = Py_BuildValue("InNi", trace->domain, (Py_ssize_t)trace->size, traceback,
                                  (int)trace->traceback->total);
    int error = row != NULL ? PyList_Append(list, row) : -1;
    Py_XDECREF(row);
    return error;
}

/* Copy all traces, and pin them: their number, *copy is the C library's.  -1: no memory. */
static Py_ssize_t
copy_traces(struct trace **copy)
{
    Py_ssize_t count = 0;
    *copy = NULL;
    lock_traces();
    struct _traces *traces = RUNTIME->traces;
    if (traces != NULL && traces->used != 0) {
        *copy = _PyMem_LibcMalloc(NULL, traces->used * sizeof(struct trace));
        for (size_t i = 0; *copy != NULL && i <= traces->mask; i++) {
            if (traces->places[i].traceback != NULL) {
                assert((size_t)count < traces->used);
                (*copy)[count++] = traces->places[i];
            }
        }
        if (*copy == NULL) {
            count = -1;
        }
    }
    if (count >= 0) {
        RUNTIME->pins++;
    }
    unlock_traces();
    return count;
}

/* The list of all traces, of all interpreters; NULL with an exception. */
PyObject *
_PyTraceMalloc_GetTraces(void)
{
    struct trace *copy;
    PyObject *list = PyList_New(0);
    PyObject *known = list != NULL ? PyDict_New() : NULL;
    if (known == NULL) {
        Py_XDECREF(list);
        return NULL;
    }
    Py_ssize_t count = copy_traces(&copy);
    if (count < 0) {
        PyErr_NoMemory();
        Py_CLEAR(list);
    }
    for (Py_ssize_t i = 0; list != NULL && i < count; i++) {
        if (append_trace(list, known, &copy[i]) < 0) {
            Py_CLEAR(list);
        }
    }
    if (count >= 0) {
        free(copy);
        unpin();
    }
    Py_DECREF(known);
    return list;
}

/* Find the traceback of a block, and pin it; NULL if there is none. */
static struct traceback *
pin_traceback(unsigned int domain, uintptr_t ptr)
{
    lock_traces();
    struct _traces *traces = RUNTIME->traces;
    struct traceback *traceback = traces != NULL ? find_place(traces, domain, ptr)->traceback
                                                 : NULL;
    assert(traceback == NULL || traceback->count > 0);
    if (traceback != NULL) {
        RUNTIME->pins++;
    }
    unlock_traces();
    return traceback;
}

/* Where a block was allocated, or None if that is not known; NULL with an exception. */
PyObject *
_PyTraceMalloc_GetTraceback(unsigned int domain, uintptr_t ptr)
{
    struct traceback *traceback = pin_traceback(domain, ptr);
    if (traceback == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *known = PyDict_New();
    PyObject *result = known != NULL ? make_traceback_object(known, traceback) : NULL;
    Py_XDECREF(known);
    unpin();
    return result;
}

/* The same for the memory of an object. */
PyObject *
_PyTraceMalloc_GetObjectTraceback(PyObject *op)
{
    uintptr_t block = (uintptr_t)op - (uintptr_t)_PyType_PreHeaderSize(Py_TYPE(op));
    return _PyTraceMalloc_GetTraceback(0, block);
}

/* --- Fatal errors ----------------------------------------------------------------------------- */

static void
dump_name(const struct file_name *name)
{
    for (Py_ssize_t i = 0; i < name->length; i++) {
        Py_UCS4 ch = PyUnicode_READ(name->kind, name->data, i);
        if (ch >= 0x20 && ch < 0x7f) {
            fputc((int)ch, stderr);
        }
        else {
            fprintf(stderr, ch < 0x100 ? "\\x%02x" : ch < 0x10000 ? "\\u%04x" : "\\U%08x",
                    (unsigned int)ch);
        }
    }
}

/* The block may be the one that is being freed or resized: its trace is removed already. */
static struct traceback *
pin_damaged(uintptr_t ptr)
{
    struct traceback *traceback = pin_traceback(0, ptr);
    if (traceback != NULL) {
        return traceback;
    }
    lock_traces();
    struct _traces *traces = RUNTIME->traces;
    if (traces != NULL && traces->last_removed.domain == 0 && traces->last_removed.ptr == ptr) {
        traceback = traces->last_removed.traceback;
        RUNTIME->pins++;
    }
    unlock_traces();
    return traceback;
}

void
_PyTraceMalloc_Dump(const void *ptr)
{
    if (!_PyTraceMalloc_IsOn()) {
        fputs("Enable tracemalloc to get the memory block allocation traceback\n\n", stderr);
        return;
    }
    struct traceback *traceback = can_trace() ? pin_damaged((uintptr_t)ptr) : NULL;
    if (traceback == NULL) {
        return;
    }
    fputs("Memory block allocated at (most recent call first):\n", stderr);
    for (int i = 0; i < traceback->count; i++) {
        fputs("  File \"", stderr);
        dump_name(traceback->frames[i].file);
        fprintf(stderr, "\", line %d\n", traceback->frames[i].line);
    }
    fputc('\n', stderr);
    unpin();
}
