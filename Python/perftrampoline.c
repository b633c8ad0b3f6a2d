/* perftrampoline.c - Python functions in profiles that the Linux tool perf makes (-X perf).
 *
 * perf names a frame of the machine's stack by the address of its code, and the loop of the core
 * has one address for all Python functions.  While trampolines are active, each code object that
 * an interpreter runs has a piece of machine code that does nothing but call the loop; the map of
 * the process (perfmap.c) names it "py::function:file".  Frames come here by the hook of PEP 523,
 * which also keeps the loop from running a call without a frame of the machine.
 *
 * Invariants
 *   - a piece belongs to one code object of one interpreter (by co_extra) and is never given again,
 *     because perf reads the map when all is over;
 *   - pages with pieces are either written or executed, never both; they stay until their
 *     interpreter ends: frames may run in them after the trampolines were switched off;
 *   - what fails here (no memory, a page that cannot be made) costs a name, not the call.
 * Written from PEP 523, the library reference (sys) with the how-to on perf, mprotect(2) and the
 * System V ABI of x86-64. */
#include "Python.h"
#include "pycore_ceval.h"       // _PyEval_EvalFrameDefault()
#include "pycore_errors.h"      // _PyErr_GetRaisedException()
#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_interp.h"      // perf_trampolines
#include "pycore_perf.h"
#include "pycore_pystate.h"     // _PyInterpreterState_GET()

#if defined(PY_HAVE_PERF_TRAMPOLINE) && defined(__x86_64__)

#include <sys/mman.h>

/* What a piece is called as: a frame evaluation function with the function that it calls. */
typedef PyObject *(*piece_function)(PyThreadState *, _PyInterpreterFrame *, int throwflag,
                                    _PyFrameEvalFunction);

/* endbr64; push %rbp; mov %rsp,%rbp; call *%rcx; pop %rbp; ret; the rest are traps.  The chain of
   %rbp lets perf walk the stack, the push aligns it. */
static const unsigned char piece[16] = {
    0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48, 0x89, 0xe5, 0xff, 0xd1, 0x5d, 0xc3, 0xcc, 0xcc, 0xcc, 0xcc
};

#define ARENA_SIZE (64 * 1024)

/* Pages of pieces. */
struct arena {
    struct arena *next;
    size_t used;                /* bytes of pieces that were given */
    unsigned char *code;        /* ARENA_SIZE bytes of pieces */
};

/* One interpreter's trampolines, from their first activation to its end. */
struct _perf_trampolines {
    Py_ssize_t extra_index;     /* of co_extra: the code object's piece */
    struct arena *arenas;       /* the first one has room or is full */
};

static struct arena *
new_arena(struct arena *next)
{
    struct arena *arena = PyMem_RawMalloc(sizeof(struct arena));
    if (arena == NULL) {
        return NULL;
    }
    unsigned char *code = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED) {
        PyMem_RawFree(arena);
        return NULL;
    }
    for (size_t i = 0; i < ARENA_SIZE; i += sizeof(piece)) {
        memcpy(code + i, piece, sizeof(piece));
    }
    if (mprotect(code, ARENA_SIZE, PROT_READ | PROT_EXEC) < 0) {
        int error = errno;
        munmap(code, ARENA_SIZE);
        PyMem_RawFree(arena);
        errno = error;
        return NULL;
    }
    *arena = (struct arena){next, 0, code};
    return arena;
}

/* Give the memory back.  The addresses stay reserved, empty: the map tells what was there. */
static void
retire_arenas(struct arena *arena)
{
    while (arena != NULL) {
        struct arena *next = arena->next;
        (void)mmap(arena->code, ARENA_SIZE, PROT_NONE,
                   MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        PyMem_RawFree(arena);
        arena = next;
    }
}

/* "py::name:file" in one line; NULL with an exception. */
static PyObject *
entry_name(PyCodeObject *code)
{
    PyObject *text = PyUnicode_FromFormat("py::%U:%U", code->co_qualname, code->co_filename);
    PyObject *bytes = text != NULL ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace")
                                   : NULL;
    Py_XDECREF(text);
    if (bytes != NULL) {
        for (char *p = PyBytes_AS_STRING(bytes); *p != '\0'; p++) {
            *p = *p == '\n' ? ' ' : *p;
        }
    }
    return bytes;
}

/* A piece for a code object, which gets it and is written to the map; NULL with an exception. */
static void *
give_piece(struct _perf_trampolines *state, PyCodeObject *code)
{
    PyObject *name = entry_name(code);
    if (name == NULL) {
        return NULL;
    }
    struct arena *arena = state->arenas;
    if (arena->used == ARENA_SIZE && (arena = new_arena(arena)) == NULL) {
        Py_DECREF(name);
        return PyErr_NoMemory();
    }
    state->arenas = arena;
    void *result = arena->code + arena->used;
    if (PyUnstable_Code_SetExtra((PyObject *)code, state->extra_index, result) < 0) {
        result = NULL;
    }
    else {
        arena->used += sizeof(piece);
        (void)PyUnstable_WritePerfMapEntry(result, sizeof(piece), PyBytes_AS_STRING(name));
    }
    Py_DECREF(name);
    return result;
}

/* The evaluation function (PEP 523) while trampolines are active. */
static PyObject *
evaluate(PyThreadState *tstate, _PyInterpreterFrame *frame, int throwflag)
{
    struct _perf_trampolines *state = tstate->interp->perf_trampolines;
    PyCodeObject *code = frame->f_code;
    void *own = NULL;
    assert(state != NULL && state->arenas != NULL);
    (void)PyUnstable_Code_GetExtra((PyObject *)code, state->extra_index, &own);
    if (own == NULL) {
        /* A frame that goes on with an exception has it set. */
        PyObject *exc = _PyErr_GetRaisedException(tstate);
        own = give_piece(state, code);
        _PyErr_SetRaisedException(tstate, exc);
    }
    if (own == NULL) {
        return _PyEval_EvalFrameDefault(tstate, frame, throwflag);
    }
    return ((piece_function)(uintptr_t)own)(tstate, frame, throwflag, _PyEval_EvalFrameDefault);
}

/* The state of an interpreter, made; -1 with an exception. */
static int
make_state(PyInterpreterState *interp)
{
    struct _perf_trampolines *state = PyMem_RawMalloc(sizeof(struct _perf_trampolines));
    if (state == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    state->arenas = new_arena(NULL);
    if (state->arenas == NULL) {
        PyErr_SetFromErrno(PyExc_OSError);
        PyMem_RawFree(state);
        return -1;
    }
    state->extra_index = PyUnstable_Eval_RequestCodeExtraIndex(NULL);
    if (state->extra_index < 0) {
        PyErr_SetString(PyExc_RuntimeError, "no index for data of code objects is left");
        retire_arenas(state->arenas);
        PyMem_RawFree(state);
        return -1;
    }
    interp->perf_trampolines = state;
    return 0;
}

int
_PyPerfTrampoline_Activate(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    if (_PyPerfTrampoline_IsActive(interp)) {
        return 0;
    }
    if (interp->eval_frame != NULL) {
        _PyErr_SetString(tstate, PyExc_RuntimeError,
                         "another frame evaluation function (PEP 523) is active");
        return -1;
    }
    if (PyUnstable_PerfMapState_Init() < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    if (interp->perf_trampolines == NULL && make_state(interp) < 0) {
        return -1;
    }
    _PyInterpreterState_SetEvalFrameFunc(interp, evaluate);
    return 0;
}

int
_PyPerfTrampoline_IsActive(PyInterpreterState *interp)
{
    return interp->eval_frame == evaluate;
}

void
_PyPerfTrampoline_Fini(PyInterpreterState *interp)
{
    struct _perf_trampolines *state = interp->perf_trampolines;
    _PyPerfTrampoline_Deactivate(interp);
    if (state != NULL) {
        interp->perf_trampolines = NULL;
        retire_arenas(state->arenas);
        PyMem_RawFree(state);
    }
}

#else   /* machines whose code is not known here */

int
_PyPerfTrampoline_Activate(PyThreadState *tstate)
{
    _PyErr_SetString(tstate, PyExc_ValueError, "perf trampoline not available");
    return -1;
}

int
_PyPerfTrampoline_IsActive(PyInterpreterState *Py_UNUSED(interp))
{
    return 0;
}

void
_PyPerfTrampoline_Fini(PyInterpreterState *Py_UNUSED(interp))
{
}

#endif

void
_PyPerfTrampoline_Deactivate(PyInterpreterState *interp)
{
    if (_PyPerfTrampoline_IsActive(interp)) {
        _PyInterpreterState_SetEvalFrameFunc(interp, _PyEval_EvalFrameDefault);
    }
}
