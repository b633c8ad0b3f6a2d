/* Executables: an interpreter's own running form of a code object.
 *
 * Same offsets as the code object's units; instructions specialised, inline caches
 * filled, instrumented while tools or tracers watch.  One executable per code object and
 * interpreter, reached through the record (pycore_code.h) and cached in functions
 * (func_entry).  Lives as long as its code object (frozen code: its interpreter), and never
 * less than a frame whose code_base points into it.
 *
 * `units` is writable by the thread that holds the interpreter's GIL, nobody else.
 * Written from the design notes (InternalDocs/executables.rst). */
#ifndef Py_INTERNAL_EXECUTABLE_H
#define Py_INTERNAL_EXECUTABLE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_code.h"        // struct _PyCodeRecord
#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_breaker.h"     // _PY_EVAL_EVENTS_BITS

#include <stddef.h>

struct _PyExecutable {
    PyCodeObject *code;         /* borrowed: the code object owns the record that owns this */
    uint32_t n_units;           /* == code->co_nunits */
    uintptr_t monitoring_version;   /* instruments.version << _PY_EVAL_EVENTS_BITS of `units`:
                                       equals the thread's breaker word when nothing is pending */
    uint8_t *side;              /* one byte per unit for opcodes without inline cache, or NULL */
    _Py_CODEUNIT units[];       /* the running form */
};

/* Entries plus back edges after which cold code gets an executable. */
#define _Py_WARMTH_LIMIT 8

/* Makes (or returns) the executable of `co`, quickened and ready to run; NULL without an
 * exception when memory is short or the code must stay cold. */
extern struct _PyExecutable *_PyExecutable_Get(PyThreadState *tstate, PyCodeObject *co);
/* Chooses the loads that need not count, in units that are a fresh copy of co's (borrow.c). */
extern void _PyExecutable_BorrowLoads(PyCodeObject *co, _Py_CODEUNIT *units);
#ifndef NDEBUG
/* True if every borrowed entry of the stack has an owner that lives longer. */
extern int _PyFrame_BorrowedAreHeld(_PyInterpreterFrame *frame, const _PyStackRef *stack_pointer);
#endif
extern void _PyExecutable_Free(struct _PyExecutable *exec);

static inline struct _PyExecutable *
_PyExecutable_OfUnits(const _Py_CODEUNIT *units)
{
    return (struct _PyExecutable *)((char *)units - offsetof(struct _PyExecutable, units));
}

static inline int
_PyFrame_IsCold(const _PyInterpreterFrame *frame)
{
    return frame->code_base == _PyCode_UNITS(_PyFrame_GetCode(frame));
}

/* For frames that run an executable. */
static inline uintptr_t
_PyExecutable_Version(const _PyInterpreterFrame *frame)
{
    assert(!_PyFrame_IsCold(frame));
    return _PyExecutable_OfUnits(frame->code_base)->monitoring_version;
}

static inline uintptr_t
_Py_LoadBreaker(PyThreadState *tstate)
{
    return __atomic_load_n(&tstate->eval_breaker, __ATOMIC_RELAXED);
}

#endif /* !Py_INTERNAL_EXECUTABLE_H */
