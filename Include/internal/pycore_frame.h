/* Frames of running Python code.
 *
 * An _PyInterpreterFrame lives on its thread's chunked data stack, inside a
 * generator object, or (after its call ended while somebody kept the frame
 * object) inside the frame object; `owner` says which.  A PyFrameObject is made only
 * when somebody looks (sys._getframe, tracebacks, tracing).
 *
 * Invariants
 *   - `code_base` is either the cold units of f_executable's code object
 *     (co_units, const) or the units of that interpreter's executable for it.
 *     Offsets are the same in both: lasti = instr_ptr - code_base, and only
 *     that difference is ever compared or stored.
 *   - `instr_ptr` is the instruction being executed, or, in a frame that called
 *     another, the call; resuming continues at instr_ptr + return_offset.
 *   - `stacktop` is valid only while the frame is not executing (the loop keeps
 *     the stack pointer in a register and sets -1 here meanwhile).
 * Written from InternalDocs/frames.rst and the fact tables. */
#ifndef Py_INTERNAL_FRAME_H
#define Py_INTERNAL_FRAME_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_stackref.h"    // _PyStackRef
#include "pycore_code.h"        // _Py_CODEUNIT, _PyCode_UNITS()

/* The first 48 bytes are 3.12's layout: Cython stores into f_lineno. */
struct _frame {
    PyObject_HEAD
    PyFrameObject *f_back;      /* previous frame once detached, else NULL */
    struct _PyInterpreterFrame *f_frame;    /* the frame this object shows */
    PyObject *f_trace;          /* trace function of this frame or NULL */
    int f_lineno;               /* line set by a tracer or Cython; 0: compute it */
    char f_trace_lines;         /* emit line events? */
    char f_trace_opcodes;       /* emit opcode events? */
    char f_fast_as_locals;      /* f_locals holds a snapshot of the fast locals */
    /* Storage for the frame once it outlives its call (owner is the frame object). */
    PyObject *_f_frame_data[1];
};

typedef enum _framestate {
    FRAME_CREATED = -2,
    FRAME_SUSPENDED = -1,
    FRAME_EXECUTING = 0,
    FRAME_COMPLETED = 1,
    FRAME_CLEARED = 4
} PyFrameState;

enum _frameowner {
    FRAME_OWNED_BY_THREAD = 0,          /* on the data stack */
    FRAME_OWNED_BY_GENERATOR = 1,       /* inside a generator object */
    FRAME_OWNED_BY_FRAME_OBJECT = 2,    /* inside its frame object */
    FRAME_OWNED_BY_CSTACK = 3           /* entry marker of a C-level evaluation call */
};

/* Up to `owner` the layout is 3.12's: greenlet walks `previous` past the entry markers. */
typedef struct _PyInterpreterFrame {
    PyCodeObject *f_code;               /* strong */
    struct _PyInterpreterFrame *previous;   /* caller, or NULL */
    PyObject *f_funcobj;                /* strong; the function (NULL: none) */
    PyObject *f_globals;                /* borrowed: f_funcobj keeps it */
    PyObject *f_builtins;               /* borrowed: f_funcobj keeps it */
    /* strong, may be NULL: namespace of class and module bodies */
    PyObject *f_locals;
    PyFrameObject *frame_obj;           /* strong, may be NULL */
    const _Py_CODEUNIT *instr_ptr;      /* see the invariants above */
    int stacktop;                       /* entries in use in localsplus, or -1 */
    /* units from instr_ptr to the place where a call returns to */
    uint16_t return_offset;
    uint8_t owner;                      /* enum _frameowner */
    uint8_t flags;                      /* _Py_FRAME_* */
    const _Py_CODEUNIT *code_base;      /* see the invariants above */
    /* locals, cells, free variables, then the evaluation stack */
    _PyStackRef localsplus[1];
} _PyInterpreterFrame;

/* The frame must change to (another) executable at its next safe point. */
#define _Py_FRAME_CHANGE_FORM 0x02
/* A suspended generator goes on in the line that its frame object's f_lineno names. */
#define _Py_FRAME_JUMP 0x04
/* An __init__ that runs for a call of its class: the new instance lies on top of the caller's
 * stack and is what the call gives. */
#define _Py_FRAME_INIT 0x08

#define FRAME_SPECIALS_SIZE \
    ((int)((sizeof(_PyInterpreterFrame) - sizeof(_PyStackRef)) / sizeof(PyObject *)))

static inline int
_PyInterpreterFrame_LASTI(const _PyInterpreterFrame *frame)
{
    return (int)(frame->instr_ptr - frame->code_base);
}

static inline PyCodeObject *
_PyFrame_GetCode(const _PyInterpreterFrame *frame)
{
    return frame->f_code;
}

static inline _PyStackRef *
_PyFrame_Stackbase(_PyInterpreterFrame *frame)
{
    return frame->localsplus + _PyFrame_GetCode(frame)->co_nlocalsplus;
}

static inline _PyStackRef *
_PyFrame_GetStackPointer(_PyInterpreterFrame *frame)
{
    assert(frame->stacktop >= 0);
    _PyStackRef *sp = frame->localsplus + frame->stacktop;
    frame->stacktop = -1;
    return sp;
}

static inline void
_PyFrame_SetStackPointer(_PyInterpreterFrame *frame, _PyStackRef *stack_pointer)
{
    frame->stacktop = (int)(stack_pointer - frame->localsplus);
}

/* Slots (words) that a frame of this code needs on the data stack. */
static inline int
_PyFrame_NumSlotsForCodeObject(const PyCodeObject *code)
{
    return code->co_framesize;
}

/* Fills in a frame for a call of `func` (reference stolen).  Locals from
 * `null_locals_from` on are set to PyStackRef_NULL; the others are the caller's
 * to write.  `locals` is stolen and may be NULL. */
static inline void
_PyFrame_Initialize(_PyInterpreterFrame *frame, PyFunctionObject *func, PyObject *locals,
                    PyCodeObject *code, int null_locals_from)
{
    frame->f_code = (PyCodeObject *)Py_NewRef(code);
    frame->f_funcobj = (PyObject *)func;
    frame->f_globals = func->func_globals;
    frame->f_builtins = func->func_builtins;
    frame->f_locals = locals;
    frame->frame_obj = NULL;
    frame->code_base = _PyCode_UNITS(code);
    frame->instr_ptr = frame->code_base;
    frame->stacktop = code->co_nlocalsplus;
    frame->return_offset = 0;
    frame->owner = FRAME_OWNED_BY_THREAD;
    frame->flags = 0;
    for (int i = null_locals_from; i < code->co_nlocalsplus; i++) {
        frame->localsplus[i] = PyStackRef_NULL;
    }
}

/* A frame is incomplete until its first RESUME (or RETURN_GENERATOR): cells are not made
 * yet, so it is hidden from everybody who walks the stack. */
static inline bool
_PyFrame_IsIncomplete(const _PyInterpreterFrame *frame)
{
    if (frame->owner == FRAME_OWNED_BY_CSTACK) {
        return true;
    }
    return frame->owner != FRAME_OWNED_BY_GENERATOR &&
           _PyInterpreterFrame_LASTI(frame) < _PyFrame_GetCode(frame)->co_firsttraceable;
}

static inline _PyInterpreterFrame *
_PyFrame_GetFirstComplete(_PyInterpreterFrame *frame)
{
    while (frame != NULL && _PyFrame_IsIncomplete(frame)) {
        frame = frame->previous;
    }
    return frame;
}

/* The innermost complete Python frame of the thread, borrowed, or NULL. */
static inline _PyInterpreterFrame *
_PyThreadState_GetFrame(PyThreadState *tstate)
{
    return _PyFrame_GetFirstComplete(tstate->cframe->current_frame);
}

/* -- Python/frame.c -- */

/* The frame object, made at need: borrowed reference, or NULL with an error set. */
extern PyFrameObject *_PyFrame_MakeAndSetFrameObject(_PyInterpreterFrame *frame);

static inline PyFrameObject *
_PyFrame_GetFrameObject(_PyInterpreterFrame *frame)
{
    assert(!_PyFrame_IsIncomplete(frame));
    return frame->frame_obj != NULL ? frame->frame_obj : _PyFrame_MakeAndSetFrameObject(frame);
}

extern int _PyFrame_Traverse(_PyInterpreterFrame *frame, visitproc visit, void *arg);
/* Drops everything the frame holds; if its frame object survives, moves the frame into it. */
extern void _PyFrame_ClearExceptCode(_PyInterpreterFrame *frame);
extern void _PyFrame_ClearLocals(_PyInterpreterFrame *frame);
extern void _PyFrame_Copy(_PyInterpreterFrame *src, _PyInterpreterFrame *dest);
/* Makes borrowed and unboxed entries owned (before the frame suspends or is observed):
 * 0, or -1 with MemoryError. */
extern int _PyFrame_OwnEntries(_PyInterpreterFrame *frame);
extern int PyUnstable_InterpreterFrame_GetLine(struct _PyInterpreterFrame *frame);

/* Room for `size` words on the thread's data stack (made larger at need), or NULL without
 * an exception.  _PyThreadState_PopFrame gives it back; frames are popped in order. */
extern _PyInterpreterFrame *_PyThreadState_PushFrame(PyThreadState *tstate, size_t size);
extern void _PyThreadState_PopFrame(PyThreadState *tstate, _PyInterpreterFrame *frame);
/* Gives all chunks back; the thread runs no Python code any more. */
extern void _PyThreadState_ClearDataStack(PyThreadState *tstate);

/* -- Objects/frameobject.c -- */
extern PyFrameObject *_PyFrame_New_NoTrack(PyCodeObject *code);
extern PyObject *_PyFrame_GetLocals(_PyInterpreterFrame *frame, int include_hidden);
extern int _PyFrame_FastToLocalsWithError(_PyInterpreterFrame *frame);
extern void _PyFrame_LocalsToFast(_PyInterpreterFrame *frame, int clear);

#endif /* !Py_INTERNAL_FRAME_H */
