/* Frames: the thread's data stack, moving and ending frames, and stack references that must
 * become objects.
 *
 * A frame that ends while somebody holds its frame object moves into that object; its callers'
 * frame objects are then linked by f_back, so that a traceback shows the whole chain.
 *
 * Data stack: a list of chunks, the first one inside the thread state.  Frames are pushed and
 * popped in order; popping the first frame of a later chunk takes the chunk off, and one is kept
 * as a spare.  Chunks double in size.  The first word of the root chunk is never used, so that
 * the root is never popped.
 *
 * Written from InternalDocs/frames.rst. */

#include "Python.h"
#include "pycore_ceval.h"       // _PyFrame_* prototypes
#include "pycore_errors.h"      // _PyErr_GetRaisedException()
#include "pycore_executable.h"  // _PyFrame_IsCold()
#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_object.h"      // _PyObject_GC_TRACK()

/* What greenlet reads and writes in 3.12's frames. */
static_assert(offsetof(_PyInterpreterFrame, f_code) == 0 &&
              offsetof(_PyInterpreterFrame, previous) == 8 &&
              offsetof(_PyInterpreterFrame, frame_obj) == 48 &&
              offsetof(_PyInterpreterFrame, instr_ptr) == 56 &&
              offsetof(_PyInterpreterFrame, owner) == 70 &&
              offsetof(struct _frame, _f_frame_data) == 48, "frames begin as 3.12's do");

/* ---- stack references ---------------------------------------------------- */

PyObject *
_PyStackRef_MaterializeSlow(_PyStackRef *slot)
{
    PyObject *op;
    if (PyStackRef_IsInt(*slot)) {
        op = PyLong_FromSsize_t(PyStackRef_AsInt(*slot));
        if (op == NULL) {
            return NULL;
        }
    }
    else {
        assert(PyStackRef_IsBorrowed(*slot));
        op = Py_NewRef(PyStackRef_AsPyObjectBorrow(*slot));
    }
    *slot = PyStackRef_FromPyObjectSteal(op);
    return op;
}

int
_PyFrame_OwnEntries(_PyInterpreterFrame *frame)
{
    assert(frame->stacktop >= 0);
    for (int i = 0; i < frame->stacktop; i++) {
        _PyStackRef *slot = &frame->localsplus[i];
        if ((PyStackRef_IsInt(*slot) || PyStackRef_IsBorrowed(*slot))
            && _PyStackRef_MaterializeSlow(slot) == NULL) {
            return -1;
        }
    }
    return 0;
}

/* ---- the data stack ------------------------------------------------------ */

#define MIN_CHUNK_SIZE (16 * 1024)      /* bytes */
#define MAX_SPARE_SIZE (256 * 1024)     /* of the chunk that a thread keeps for its next need */

/* A chunk for at least `words` words, linked as the current one; NULL without memory. */
static _PyStackChunk *
push_chunk(PyThreadState *tstate, size_t words)
{
    _PyThreadStateImpl *impl = _PyThreadState_IMPL(tstate);
    size_t need = offsetof(_PyStackChunk, data) + (words + 1) * sizeof(PyObject *);
    _PyStackChunk *chunk;
    if (impl->first_chunk.chunk.size == 0 && need <= sizeof(impl->first_chunk)) {
        chunk = &impl->first_chunk.chunk;       /* size 0: nobody uses it */
        chunk->size = sizeof(impl->first_chunk);
    }
    else {
        chunk = impl->spare_chunk;
        if (chunk != NULL && chunk->size >= need) {
            impl->spare_chunk = NULL;
        }
        else {
            size_t size = MIN_CHUNK_SIZE, used = 0;
            if (tstate->datastack_chunk != NULL) {
                used = tstate->datastack_chunk->size;
            }
            while (size < need || size <= used) {
                size *= 2;
            }
            PyObjectArenaAllocator arena;
            PyObject_GetArenaAllocator(&arena);
            chunk = arena.alloc(arena.ctx, size);
            if (chunk == NULL) {
                return NULL;
            }
            chunk->size = size;
        }
    }
    if (tstate->datastack_chunk != NULL) {
        tstate->datastack_chunk->top = (size_t)(tstate->datastack_top
                                                - &tstate->datastack_chunk->data[0]);
    }
    chunk->previous = tstate->datastack_chunk;
    chunk->top = 0;
    tstate->datastack_chunk = chunk;
    tstate->datastack_limit = (PyObject **)((char *)chunk + chunk->size);
    /* The root keeps one word back. */
    tstate->datastack_top = &chunk->data[chunk->previous == NULL];
    return chunk;
}

static void
unmap_chunk(_PyStackChunk *chunk)
{
    PyObjectArenaAllocator arena;
    PyObject_GetArenaAllocator(&arena);
    arena.free(arena.ctx, chunk, chunk->size);
}

/* The chunk holds no frame any more.  The larger of it and the spare one is kept: recursion must
 * not map and unmap memory each time it goes deep, which would also stop every other thread of the
 * process (a shoot-down of its address translations).  Since each chunk is twice as large as the
 * one before, a recursion that is repeated soon fits the spare one. */
static void
free_chunk(PyThreadState *tstate, _PyStackChunk *chunk)
{
    _PyThreadStateImpl *impl = _PyThreadState_IMPL(tstate);
    if (chunk == &impl->first_chunk.chunk) {
        chunk->size = 0;
        return;
    }
    _PyStackChunk *spare = impl->spare_chunk;
    if (chunk->size <= MAX_SPARE_SIZE && (spare == NULL || spare->size < chunk->size)) {
        impl->spare_chunk = chunk;
        chunk = spare;
    }
    if (chunk != NULL) {
        unmap_chunk(chunk);
    }
}

_PyInterpreterFrame *
_PyThreadState_PushFrame(PyThreadState *tstate, size_t size)
{
    assert(size < INT_MAX / sizeof(PyObject *));
    if (tstate->datastack_top == NULL
        || size >= (size_t)(tstate->datastack_limit - tstate->datastack_top)) {
        if (push_chunk(tstate, size) == NULL) {
            return NULL;
        }
    }
    PyObject **base = tstate->datastack_top;
    tstate->datastack_top += size;
    assert(tstate->datastack_top <= tstate->datastack_limit);
    return (_PyInterpreterFrame *)base;
}

void
_PyThreadState_PopFrame(PyThreadState *tstate, _PyInterpreterFrame *frame)
{
    PyObject **base = (PyObject **)frame;
    _PyStackChunk *chunk = tstate->datastack_chunk;
    if (base == &chunk->data[0]) {
        _PyStackChunk *previous = chunk->previous;
        assert(previous != NULL);       /* the root keeps its first word */
        tstate->datastack_top = &previous->data[previous->top];
        tstate->datastack_chunk = previous;
        tstate->datastack_limit = (PyObject **)((char *)previous + previous->size);
        free_chunk(tstate, chunk);
    }
    else {
        assert(tstate->datastack_top >= base);
        tstate->datastack_top = base;
    }
}

/* Gives all chunks back; the thread runs no Python code any more. */
void
_PyThreadState_ClearDataStack(PyThreadState *tstate)
{
    _PyStackChunk *chunk = tstate->datastack_chunk;
    tstate->datastack_chunk = NULL;
    tstate->datastack_top = NULL;
    tstate->datastack_limit = NULL;
    while (chunk != NULL) {
        _PyStackChunk *previous = chunk->previous;
        free_chunk(tstate, chunk);
        chunk = previous;
    }
    _PyThreadStateImpl *impl = _PyThreadState_IMPL(tstate);
    if (impl->spare_chunk != NULL) {
        unmap_chunk(impl->spare_chunk);
        impl->spare_chunk = NULL;
    }
}

/* ---- frames -------------------------------------------------------------- */

PyFrameObject *
_PyFrame_MakeAndSetFrameObject(_PyInterpreterFrame *frame)
{
    assert(frame->frame_obj == NULL);
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    PyFrameObject *f = _PyFrame_New_NoTrack(_PyFrame_GetCode(frame));
    if (f == NULL) {
        Py_XDECREF(exc);        /* MemoryError takes its place */
        return NULL;
    }
    _PyErr_SetRaisedException(tstate, exc);
    if (frame->frame_obj != NULL) {
        /* A collection during the allocation looked at this frame.  Ours was never seen. */
        Py_DECREF(f);
        return frame->frame_obj;
    }
    assert(frame->owner != FRAME_OWNED_BY_FRAME_OBJECT);
    f->f_frame = frame;
    frame->frame_obj = f;
    return f;
}

void
_PyFrame_Copy(_PyInterpreterFrame *src, _PyInterpreterFrame *dest)
{
    assert(src->stacktop >= _PyFrame_GetCode(src)->co_nlocalsplus);
    size_t size = offsetof(_PyInterpreterFrame, localsplus)
                  + (size_t)src->stacktop * sizeof(_PyStackRef);
    memcpy(dest, src, size);
    dest->previous = NULL;
}

/* The frame ends, but f lives on: f becomes the owner of what the frame holds. */
static void
take_ownership(PyFrameObject *f, _PyInterpreterFrame *frame)
{
    assert(frame->owner != FRAME_OWNED_BY_FRAME_OBJECT && frame->owner != FRAME_OWNED_BY_CSTACK);
    Py_INCREF(_PyFrame_GetCode(frame));     /* the caller drops the frame's reference */
    _PyInterpreterFrame *moved = (_PyInterpreterFrame *)f->_f_frame_data;
    _PyInterpreterFrame *previous = _PyFrame_GetFirstComplete(frame->previous);
    _PyFrame_Copy(frame, moved);
    f->f_frame = moved;
    moved->owner = FRAME_OWNED_BY_FRAME_OBJECT;
    moved->frame_obj = NULL;
    if (_PyFrame_IsIncomplete(moved)) {
        /* Traced before its first RESUME: must look complete for ever. */
        moved->instr_ptr = moved->code_base + _PyFrame_GetCode(moved)->co_firsttraceable;
    }
    assert(f->f_back == NULL);
    if (previous != NULL) {
        PyThreadState *tstate = _PyThreadState_GET();
        PyObject *exc = _PyErr_GetRaisedException(tstate);
        PyFrameObject *back = _PyFrame_GetFrameObject(previous);
        if (back == NULL) {
            /* No memory: the chain ends here, which is no reason to fail. */
            assert(PyErr_ExceptionMatches(PyExc_MemoryError));
            PyErr_Clear();
        }
        else {
            f->f_back = (PyFrameObject *)Py_NewRef(back);
        }
        _PyErr_SetRaisedException(tstate, exc);
    }
    moved->previous = NULL;
    if (!_PyObject_GC_IS_TRACKED((PyObject *)f)) {
        _PyObject_GC_TRACK((PyObject *)f);
    }
}

void
_PyFrame_ClearLocals(_PyInterpreterFrame *frame)
{
    int n = frame->stacktop;
    frame->stacktop = 0;        /* destructors see an empty frame */
    for (int i = 0; i < n; i++) {
        PyStackRef_CLOSE(frame->localsplus[i]);
    }
    Py_CLEAR(frame->f_locals);
}

void
_PyFrame_ClearExceptCode(_PyInterpreterFrame *frame)
{
    assert(frame->owner != FRAME_OWNED_BY_CSTACK);
    if (frame->frame_obj != NULL) {
        PyFrameObject *f = frame->frame_obj;
        frame->frame_obj = NULL;
        if (Py_REFCNT(f) > 1) {
            take_ownership(f, frame);
            Py_DECREF(f);
            return;
        }
        Py_DECREF(f);
    }
    assert(frame->stacktop >= 0);
    _PyFrame_ClearLocals(frame);
    Py_XDECREF(frame->f_funcobj);
    frame->f_funcobj = NULL;
}

/* The code object is the caller's to visit: it may be cleared at another time. */
int
_PyFrame_Traverse(_PyInterpreterFrame *frame, visitproc visit, void *arg)
{
    Py_VISIT(frame->frame_obj);
    Py_VISIT(frame->f_locals);
    Py_VISIT(frame->f_funcobj);
    Py_VISIT(_PyFrame_GetCode(frame));
    for (int i = 0; i < frame->stacktop; i++) {     /* -1: running; what it holds is alive */
        _Py_VISIT_STACKREF(frame->localsplus[i]);
    }
    return 0;
}

/* ---- for profilers (PEP 523) --------------------------------------------- */

int
PyUnstable_InterpreterFrame_GetLine(_PyInterpreterFrame *frame)
{
    int addr = _PyInterpreterFrame_LASTI(frame) * (int)sizeof(_Py_CODEUNIT);
    return PyCode_Addr2Line(_PyFrame_GetCode(frame), addr);
}

/* New reference. */
PyObject *
PyUnstable_InterpreterFrame_GetCode(struct _PyInterpreterFrame *frame)
{
    return Py_NewRef(_PyFrame_GetCode(frame));
}

int
PyUnstable_InterpreterFrame_GetLasti(struct _PyInterpreterFrame *frame)
{
    return _PyInterpreterFrame_LASTI(frame) * (int)sizeof(_Py_CODEUNIT);
}
