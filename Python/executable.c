/* Executables: from cold code to an interpreter's own running form, and frames changing over.
 *
 *     cold      frames run the const units; entries of functions and back edges are counted
 *     warm      an executable exists; new calls start in it, older frames change over at their
 *               next RESUME or backward jump
 *
 * A change of form happens at those places only (and after calls, when a tool has marked the
 * frame), because there nobody holds a pointer into the old units but the frame itself.
 *
 * Written from InternalDocs/executables.rst and PEP 659. */

#include "Python.h"
#include "pycore_ceval.h"       // prototypes of form changes
#include "pycore_errors.h"      // _PyErr_GetRaisedException()
#include "pycore_executable.h"  // struct _PyExecutable
#include "pycore_frame_jump.h"  // _PyFrame_ForgetJump()
#include "pycore_instruments.h" // _Py_Instrument()
#include "pycore_opcode.h"      // tables
#include "pycore_specialize.h"  // counters

/* Generic instructions become what an executable starts with: adaptive forms with their
 * counters set, pairs, and the forms that do not count warmth. */
static void
quicken(_Py_CODEUNIT *units, uint32_t n)
{
    int previous = 0;
    for (uint32_t i = 0; i < n;) {
        int opcode = units[i].op.code;
        int caches = _PyOpcode_Caches[opcode];
        assert(i + (uint32_t)caches < n);
        if (opcode == RESUME) {
            units[i].op.code = RESUME_WARM;
        }
        else if (opcode == JUMP_BACKWARD) {
            units[i].op.code = JUMP_BACKWARD_WARM;
        }
        else if (_PyOpcode_Adaptive[opcode]) {
            units[i].op.code = _PyOpcode_Adaptive[opcode];
            units[i + 1].cache = _Py_ADAPTIVE_START;
        }
        int pair = previous ? _PyOpcode_SuperInstruction(previous, opcode) : 0;
        if (pair) {
            units[i - 1].op.code = (uint8_t)pair;
        }
        previous = caches ? 0 : opcode;
        i += 1 + (uint32_t)caches;
    }
}

struct _PyExecutable *
_PyExecutable_Get(PyThreadState *tstate, PyCodeObject *co)
{
    struct _PyCodeRecord *record = _PyCode_GetRecord(tstate->interp, co);
    if (record == NULL) {
        PyErr_Clear();
        return NULL;
    }
    if (record->executable != NULL || record->no_executable) {
        return record->executable;
    }
    size_t nbytes = (size_t)co->co_nunits * sizeof(_Py_CODEUNIT);
    struct _PyExecutable *exec = PyMem_Malloc(sizeof(*exec) + nbytes);
    if (exec == NULL) {
        return NULL;
    }
    exec->code = co;
    exec->n_units = co->co_nunits;
    exec->monitoring_version = 0;
    exec->side = NULL;
    memcpy(exec->units, _PyCode_UNITS(co), nbytes);
    quicken(exec->units, exec->n_units);
    record->executable = exec;
    return exec;
}

void
_PyExecutable_Free(struct _PyExecutable *exec)
{
    if (exec != NULL) {
        PyMem_Free(exec->side);
        PyMem_Free(exec);
    }
}

/* ---- frames change over -------------------------------------------------- */

static int
tools_active(PyThreadState *tstate)
{
    return tstate->interp->instruments.version != 0;
}

/* A breaker word that says what exec's monitoring_version should be. */
static uintptr_t
wanted_version(PyThreadState *tstate)
{
    return (uintptr_t)tstate->interp->instruments.version << _PY_EVAL_EVENTS_BITS;
}

static void
enter_executable(_PyInterpreterFrame *frame, struct _PyExecutable *exec)
{
    assert(exec->code == _PyFrame_GetCode(frame));
    frame->instr_ptr = exec->units + _PyInterpreterFrame_LASTI(frame);
    frame->code_base = exec->units;
}

int
_PyEval_ColdCodeWarms(PyThreadState *tstate, _PyInterpreterFrame *frame, int entry)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    assert(_PyFrame_IsCold(frame));
    int active = tools_active(tstate);
    if (entry && !active && !(co->co_flags & CO_OPTIMIZED)) {
        return 0;           /* bodies that run once; loops in them count as back edges */
    }
    struct _PyCodeRecord *record = _PyCode_GetRecord(tstate->interp, co);
    if (record == NULL) {
        PyErr_Clear();
        return 0;
    }
    struct _PyExecutable *exec = record->executable;
    if (exec == NULL) {
        if (!active && ++record->warmth < _Py_WARMTH_LIMIT) {
            return 0;
        }
        exec = _PyExecutable_Get(tstate, co);
        if (exec == NULL) {
            record->warmth = 0;         /* try again later */
            return 0;
        }
    }
    if (active && exec->monitoring_version != wanted_version(tstate)
        && _Py_Instrument(tstate, co, exec) < 0) {
        PyErr_Clear();
        return 0;
    }
    if (frame->flags & _Py_FRAME_JUMP
        && exec->units[_PyInterpreterFrame_LASTI(frame)].op.code != INSTRUMENTED_RESUME) {
        frame->flags |= _Py_FRAME_CHANGE_FORM;      /* after the jump */
        return 0;
    }
    enter_executable(frame, exec);
    PyFunctionObject *func = (PyFunctionObject *)frame->f_funcobj;
    if (entry && func != NULL && PyFunction_Check(func) && func->func_code == (PyObject *)co) {
        func->func_entry_tag = (uint64_t)(uintptr_t)co;
        func->func_entry = exec->units;
    }
    return 1;
}

int
_PyEval_WarmResume(PyThreadState *tstate, _PyInterpreterFrame *frame)
{
    uintptr_t wanted = wanted_version(tstate);
    uintptr_t breaker = _Py_LoadBreaker(tstate);
    while ((breaker & ~_PY_EVAL_EVENTS_MASK) != wanted) {       /* a thread that is new */
        uintptr_t next = (breaker & _PY_EVAL_EVENTS_MASK) | wanted;
        if (__atomic_compare_exchange_n(&tstate->eval_breaker, &breaker, next, 0,
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
            break;
        }
    }
    struct _PyExecutable *exec = _PyExecutable_OfUnits(frame->code_base);
    if (exec->monitoring_version == wanted) {
        return 0;
    }
    if (_Py_Instrument(tstate, _PyFrame_GetCode(frame), exec) < 0) {
        return -1;
    }
    return 1;
}

void
_PyEval_BeforeThrow(PyThreadState *tstate, _PyInterpreterFrame *frame)
{
    _PyFrame_ForgetJump(frame);
    if (!tools_active(tstate)) {
        return;
    }
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    PyCodeObject *co = _PyFrame_GetCode(frame);
    struct _PyExecutable *exec = _PyExecutable_Get(tstate, co);
    if (exec != NULL && (exec->monitoring_version == wanted_version(tstate)
                         || _Py_Instrument(tstate, co, exec) == 0)
        && _PyFrame_IsCold(frame)) {
        enter_executable(frame, exec);
    }
    _PyErr_SetRaisedException(tstate, exc);     /* without memory the frame stays as it is */
}

const _Py_CODEUNIT *
_PyEval_ChangeForm(PyThreadState *tstate, _PyInterpreterFrame *frame, const _Py_CODEUNIT *next)
{
    frame->flags &= (uint8_t)~_Py_FRAME_CHANGE_FORM;
    if (!_PyFrame_IsCold(frame)) {
        return next;        /* instrumented in place */
    }
    PyCodeObject *co = _PyFrame_GetCode(frame);
    struct _PyExecutable *exec = _PyExecutable_Get(tstate, co);
    if (exec == NULL
        || (exec->monitoring_version != wanted_version(tstate)
            && _Py_Instrument(tstate, co, exec) < 0)) {
        PyErr_Clear();
        return next;
    }
    Py_ssize_t offset = next - frame->code_base;
    enter_executable(frame, exec);
    return frame->code_base + offset;
}
