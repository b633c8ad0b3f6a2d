/* The evaluation loop: how frames are entered, left, suspended and unwound.
 *
 * One C call of _PyEval_EvalFrameDefault runs a chain of Python frames: calls between Python
 * functions, resumed generators and returns only change `frame`.  The chain ends at a marker
 * frame on the C stack (owner FRAME_OWNED_BY_CSTACK), whose code is INTERPRETER_EXIT.
 *
 * What the instructions do is in bytecodes.c; how errors are worded in ceval_names.c,
 * ceval_ops.c and ceval_call.c; the public functions are in ceval_api.c.
 *
 * Invariants
 *   - frame->instr_ptr is the running instruction whenever foreign code may look at it; noescape
 *     instructions do not store it.
 *   - tstate->cframe->current_frame is `frame` whenever foreign code runs.
 *   - A frame that is not at the top has its stack pointer saved; the top frame has stacktop -1.
 *   - tstate->py_recursion_remaining counts the Python frames that have been entered.
 *
 * Written from InternalDocs/evaluation.rst, the dis documentation, PEP 523, PEP 657, PEP 669. */

#include "Python.h"
#include "pycore_breaker.h"         // _Py_HandlePending()
#include "pycore_ceval.h"           // helpers of instructions
#include "pycore_dict.h"            // DK_UNICODE_ENTRIES()
#include "pycore_errors.h"          // _PyErr_GetRaisedException()
#include "pycore_executable.h"      // _PyExecutable_Version()
#include "pycore_frame_jump.h"      // _PyFrame_JumpAtResume()
#include "pycore_genobject.h"       // _PyGen_GetFrame()
#include "pycore_function.h"        // _PyFunction_IsSimpleInit()
#include "pycore_global_objects.h"  // _Py_SINGLETON()
#include "pycore_instruments.h"     // events
#include "pycore_intrinsics.h"      // _PyIntrinsics_UnaryFunctions
#include "pycore_list.h"            // _PyList_AppendTakeRef()
#include "pycore_moduleobject.h" // _PyModule_GetDict()
#include "pycore_object.h"          // _PyObject_GetMethod()
#include "pycore_number.h"          // _PyLong_FromCompact()
#include "pycore_opcode.h"          // codes of instructions
#include "pycore_range.h"           // _PyRangeIterObject
#include "pycore_set.h"             // _PySet_Update()
#include "pycore_specialize.h"      // counters, _Py_Specialize_*()
#include "pycore_strings.h"         // _Py_STR()
#include "pycore_tuple.h"           // _PyTuple_FromArraySteal()
#include "pycore_type.h"            // _PySuper_Lookup()
#include "pycore_unicode.h"         // _PyUnicode_JoinArray()

/* What the marker frame runs: INTERPRETER_EXIT, reached by a return or a yield alike (both
 * continue two units after instr_ptr; ORDER RESUMER). */
static const _Py_CODEUNIT entry_units[] = {
    {.op = {NOP, 0}},
    {.op = {NOP, 0}},
    {.op = {INTERPRETER_EXIT, 0}},
    {.op = {RESUME, 0}},
};

/* What code that knows 3.12's frames finds in the marker: a code object that never starts. */
static _Py_SHARED PyCodeObject entry_code = {
    .ob_base = _PyVarObject_HEAD_INIT(&PyCode_Type, 0),
    ._co_firsttraceable = INT_MAX,
};

/* ---- results of arithmetic ------------------------------------------------ */

/* Closes a reference to an object whose type is known. */
static inline Py_ALWAYS_INLINE void
close_known(_PyStackRef ref, const destructor drop)
{
    if (PyStackRef_IsOwned(ref)) {
        _Py_DECREF_SPECIALIZED(PyStackRef_AsPyObjectBorrow(ref), drop);
    }
}

/* Nobody but the evaluation stack knows the object: a result on its way. */
static inline Py_ALWAYS_INLINE int
only_on_stack(_PyStackRef ref)
{
    return PyStackRef_IsOwned(ref) && Py_REFCNT(PyStackRef_AsPyObjectBorrow(ref)) == 1;
}

/* A float: consumes the operands, two floats, and uses one of them again if it can.  NULL with
 * an error: nothing is consumed. */
static inline Py_ALWAYS_INLINE PyObject *
float_result(PyThreadState *tstate, _PyStackRef lhs, _PyStackRef rhs, double value)
{
    PyObject *op;
    if (only_on_stack(lhs)) {
        op = PyStackRef_AsPyObjectBorrow(lhs);
        close_known(rhs, _PyFloat_Drop);
    }
    else if (only_on_stack(rhs)) {
        op = PyStackRef_AsPyObjectBorrow(rhs);
        close_known(lhs, _PyFloat_Drop);
    }
    else {
        op = _PyFloat_FromDouble(tstate, value);
        if (op != NULL) {
            close_known(lhs, _PyFloat_Drop);
            close_known(rhs, _PyFloat_Drop);
        }
        return op;
    }
    assert(PyFloat_CheckExact(op));
    ((PyFloatObject *)op)->ob_fval = value;
    return op;
}

/* The same for two compact ints. */
static inline Py_ALWAYS_INLINE PyObject *
int_result(PyThreadState *tstate, _PyStackRef lhs, _PyStackRef rhs, stwodigits value)
{
    PyObject *op;
    int one_digit = !_PyLong_IS_SMALL(value) && -(stwodigits)PyLong_MASK <= value
                    && value <= (stwodigits)PyLong_MASK;
    if (one_digit && only_on_stack(lhs)) {
        op = PyStackRef_AsPyObjectBorrow(lhs);
        close_known(rhs, _PyLong_Drop);
    }
    else if (one_digit && only_on_stack(rhs)) {
        op = PyStackRef_AsPyObjectBorrow(rhs);
        close_known(lhs, _PyLong_Drop);
    }
    else {
        op = _PyLong_FromCompact(tstate, value);
        if (op != NULL) {
            close_known(lhs, _PyLong_Drop);
            close_known(rhs, _PyLong_Drop);
        }
        return op;
    }
    assert(PyLong_CheckExact(op) && _PyLong_IsCompact((PyLongObject *)op));
    _PyLong_SetCompact((PyLongObject *)op, value);
    return op;
}

/* The same for two ints of any size; `big` computes what does not fit. */
static inline Py_ALWAYS_INLINE PyObject *
big_int_result(_PyStackRef lhs, _PyStackRef rhs,
               PyObject *(*big)(PyLongObject *, PyLongObject *))
{
    PyObject *op = big((PyLongObject *)PyStackRef_AsPyObjectBorrow(lhs),
                       (PyLongObject *)PyStackRef_AsPyObjectBorrow(rhs));
    if (op != NULL) {
        close_known(lhs, _PyLong_Drop);
        close_known(rhs, _PyLong_Drop);
    }
    return op;
}

/* Operators on compact ints that are not worth an instruction of their own.  0: not here
 * (the second operand is out of the range that is simple). */
static inline Py_ALWAYS_INLINE int
compact_operation(int op, stwodigits a, stwodigits b, stwodigits *result)
{
    switch (op) {
    case NB_AND:
    case NB_INPLACE_AND:
        *result = a & b;
        return 1;
    case NB_OR:
    case NB_INPLACE_OR:
        *result = a | b;
        return 1;
    case NB_XOR:
    case NB_INPLACE_XOR:
        *result = a ^ b;
        return 1;
    case NB_LSHIFT:
    case NB_INPLACE_LSHIFT:
        *result = (stwodigits)((twodigits)a << (b & 31));
        return 0 <= b && b <= 31;
    case NB_RSHIFT:
    case NB_INPLACE_RSHIFT:
        *result = a >> (b & 63);
        return 0 <= b && b <= 63;
    case NB_REMAINDER:
    case NB_INPLACE_REMAINDER: {
        if (b <= 0) {
            return 0;
        }
        sdigit r = (sdigit)a % (sdigit)b;
        *result = r < 0 ? r + b : r;
        return 1;
    }
    default: {
        assert(op == NB_FLOOR_DIVIDE || op == NB_INPLACE_FLOOR_DIVIDE);
        if (b <= 0) {
            return 0;
        }
        sdigit q = (sdigit)a / (sdigit)b;
        *result = q * b > a ? q - 1 : q;
        return 1;
    }
    }
}

/* Truth of a value on the stack, or -1. */
static inline int
_PyEval_IsTrue(_PyStackRef ref)
{
    if (PyStackRef_IsTrue(ref)) {
        return 1;
    }
    if (PyStackRef_IsFalse(ref) || PyStackRef_IsNone(ref)) {
        return 0;
    }
    return PyObject_IsTrue(PyStackRef_AsPyObjectBorrow(ref));
}

/* ---- exceptions ---------------------------------------------------------- */

/* The exception table: entries of four numbers (start, length, handler, depth << 1 | lasti),
 * in units, each number in 6-bit groups, most significant first; bit 6 says that another group
 * follows, bit 7 marks the first byte of an entry. */
static const unsigned char *
read_varint(const unsigned char *p, int *value)
{
    int v = *p & 63;
    while (*p & 64) {
        p++;
        v = v << 6 | (*p & 63);
    }
    *value = v;
    return p + 1;
}

/* A start of an entry at or before p. */
static const unsigned char *
entry_start(const unsigned char *p)
{
    while (!(*p & 128)) {
        p--;
    }
    return p;
}

/* Entries are in the order of their start and do not overlap; a search by halves until few
 * bytes are left, then one after the other. */
int
_PyEval_FindHandler(PyCodeObject *code, int index, int *level, int *handler, int *lasti)
{
    const unsigned char *start = (const unsigned char *)PyBytes_AS_STRING(code->co_exceptiontable);
    const unsigned char *end = start + PyBytes_GET_SIZE(code->co_exceptiontable);
    const unsigned char *low = start;
    const unsigned char *high = end;
    int value;
    if (end > start) {
        while (high - low > 64) {
            const unsigned char *mid = entry_start(low + (high - low) / 2);
            read_varint(mid, &value);
            if (value > index) {
                high = mid;
            }
            else if (mid == low) {
                break;
            }
            else {
                low = mid;
            }
        }
    }
    for (const unsigned char *p = low; p < end;) {
        int length, target, depth;
        p = read_varint(p, &value);
        p = read_varint(p, &length);
        p = read_varint(p, &target);
        p = read_varint(p, &depth);
        if (value > index) {
            return 0;
        }
        if (index < value + length) {
            *handler = target;
            *level = depth >> 1;
            *lasti = depth & 1;
            return 1;
        }
    }
    return 0;
}

static void
monitor_exception(PyThreadState *tstate, _PyInterpreterFrame *frame, int event,
                  const _Py_CODEUNIT *instr)
{
    if (_PyInstrument_Wanted(tstate, event)) {
        /* A tool's exception replaces the one at hand. */
        (void)_Py_call_instrumentation_exc(tstate, event, frame, instr);
    }
}

static void
add_traceback(_PyInterpreterFrame *frame)
{
    if (!_PyFrame_IsIncomplete(frame)) {
        PyFrameObject *f = _PyFrame_GetFrameObject(frame);
        if (f != NULL) {
            PyTraceBack_Here(f);
        }
    }
}

/* ---- leaving frames ------------------------------------------------------ */

static void
clear_generator_frame(PyThreadState *tstate, _PyInterpreterFrame *frame)
{
    PyGenObject *gen = _PyFrame_GetGenerator(frame);
    gen->gi_frame_state = FRAME_CLEARED;
    assert(tstate->exc_info == &gen->gi_exc_state);
    tstate->exc_info = gen->gi_exc_state.previous_item;
    gen->gi_exc_state.previous_item = NULL;
    _PyFrame_ClearExceptCode(frame);
    frame->previous = NULL;         /* not before: a frame object may need f_back */
    _PyErr_ClearExcState(&gen->gi_exc_state);
}

void
_PyEval_FrameClearAndPop(PyThreadState *tstate, _PyInterpreterFrame *frame)
{
    if (frame->owner == FRAME_OWNED_BY_GENERATOR) {
        clear_generator_frame(tstate, frame);
        return;
    }
    assert(frame->owner == FRAME_OWNED_BY_THREAD);
    /* Destructors run while the frame is being cleared. */
    tstate->c_recursion_remaining--;
    PyCodeObject *code = _PyFrame_GetCode(frame);
    _PyFrame_ClearExceptCode(frame);
    Py_DECREF(code);
    tstate->c_recursion_remaining++;
    _PyThreadState_PopFrame(tstate, frame);
}

/* Room for a call of func on the data stack of the thread: _PyFrame_PushFunction() with the usual
 * case inline. */
static inline Py_ALWAYS_INLINE _PyInterpreterFrame *
push_function(PyThreadState *tstate, PyFunctionObject *func, int first_null)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    size_t size = (size_t)_PyFrame_NumSlotsForCodeObject(code);
    if (__builtin_expect(size >= (size_t)(tstate->datastack_limit - tstate->datastack_top)
                         || func->func_entry == NULL, 0)) {
        return _PyFrame_PushFunction(tstate, func, first_null);
    }
    _PyInterpreterFrame *frame = (_PyInterpreterFrame *)tstate->datastack_top;
    tstate->datastack_top += size;
    _PyFrame_Initialize(frame, func, NULL, code, first_null);
    assert(func->func_entry_tag == (uint64_t)(uintptr_t)code);
    frame->code_base = frame->instr_ptr = (const _Py_CODEUNIT *)func->func_entry;
    return frame;
}

/* _PyEval_FrameClearAndPop() for a frame that has returned; the usual case inline: nobody has
 * looked at it, so nobody sees it empty. */
static inline Py_ALWAYS_INLINE void
pop_returned(PyThreadState *tstate, _PyInterpreterFrame *frame)
{
    if (__builtin_expect(frame->owner != FRAME_OWNED_BY_THREAD || frame->frame_obj != NULL
                         || frame->f_locals != NULL
                         || (PyObject **)frame == &tstate->datastack_chunk->data[0], 0)) {
        _PyFrame_SetStackPointer(frame, _PyFrame_Stackbase(frame));
        _PyEval_FrameClearAndPop(tstate, frame);
        return;
    }
    PyCodeObject *code = _PyFrame_GetCode(frame);
    for (_PyStackRef *slot = frame->localsplus, *end = slot + code->co_nlocalsplus; slot < end;
         slot++) {
        PyStackRef_CLOSE(*slot);
    }
    Py_XDECREF(frame->f_funcobj);
    Py_DECREF(code);
    /* Not before: destructors push frames of their own. */
    tstate->datastack_top = (PyObject **)frame;
}

/* The Python recursion limit.  0, or -1 with RecursionError. */
static int
enter_python_frame_slow(PyThreadState *tstate)
{
    if (tstate->recursion_headroom > 0) {
        if (tstate->py_recursion_remaining < -50) {
            Py_FatalError("Cannot recover from Python stack overflow.");
        }
        return 0;
    }
    tstate->recursion_headroom++;
    _PyErr_Format(tstate, PyExc_RecursionError, "maximum recursion depth exceeded");
    tstate->recursion_headroom--;
    return -1;
}

/* ---- the loop ------------------------------------------------------------ */

#include "ceval_macros.h"

/* Runs `frame` until it returns, yields or fails; consumes it.  With throwflag an exception is
 * set and is raised in the frame.  New reference, or NULL with an exception. */
PyObject * __attribute__((hot))
_PyEval_EvalFrameDefault(PyThreadState *tstate, _PyInterpreterFrame *frame, int throwflag)
{
    static const void *const opcode_targets[256] = {
#include "opcode_targets.h"
    };

    _PyCFrame cframe;
    _PyInterpreterFrame entry;
    _PyCFrame *const outer = tstate->cframe;

    entry.f_code = &entry_code;
    entry.f_funcobj = NULL;
    entry.f_globals = NULL;
    entry.f_builtins = NULL;
    entry.f_locals = NULL;
    entry.frame_obj = NULL;
    entry.instr_ptr = entry_units;
    entry.code_base = entry_units;
    entry.stacktop = 0;
    entry.return_offset = 2;
    entry.owner = FRAME_OWNED_BY_CSTACK;
    entry.flags = 0;
    entry.previous = outer->current_frame;
    entry.localsplus[0] = PyStackRef_NULL;
    frame->previous = &entry;
    cframe.previous = outer;
    cframe.current_frame = frame;
    tstate->cframe = &cframe;

    const _Py_CODEUNIT *next_instr;
    _PyStackRef *stack_pointer;
    int oparg;
    int unwind_index = -1;      /* the instruction whose handler is looked for */
    PyObject *kwnames = NULL;
    _PyStackRef transfer;
    PyObject *result;

    if (_Py_EnterRecursiveCallTstate(tstate, "")) {
        tstate->c_recursion_remaining--;
        tstate->py_recursion_remaining--;
        stack_pointer = _PyFrame_GetStackPointer(frame);
        goto no_handler;
    }
    if (throwflag) {
        if (tstate->py_recursion_remaining-- <= 0 && enter_python_frame_slow(tstate) < 0) {
            stack_pointer = _PyFrame_GetStackPointer(frame);
            goto no_handler;
        }
        stack_pointer = _PyFrame_GetStackPointer(frame);
        _PyEval_BeforeThrow(tstate, frame);
        monitor_exception(tstate, frame, PY_MONITORING_EVENT_PY_THROW, frame->instr_ptr);
        goto error;
    }

start_frame:
    if (__builtin_expect(tstate->py_recursion_remaining-- <= 0, 0)
        && enter_python_frame_slow(tstate) < 0) {
        cframe.current_frame = frame;
        stack_pointer = _PyFrame_GetStackPointer(frame);
        unwind_index = -1;
        goto no_handler;
    }
    cframe.current_frame = frame;
    next_instr = frame->instr_ptr + frame->return_offset;
    stack_pointer = _PyFrame_GetStackPointer(frame);
    DISPATCH();

#include "generated_cases.c.h"

unknown_opcode:
    frame->instr_ptr = next_instr;
    _PyErr_Format(tstate, PyExc_SystemError, "%U:%d: unknown opcode %d",
                  _PyFrame_GetCode(frame)->co_filename,
                  PyUnstable_InterpreterFrame_GetLine(frame), next_instr->op.code);
    goto error;

handle_eval_breaker:
    if (frame->flags & _Py_FRAME_CHANGE_FORM) {
        next_instr = _PyEval_ChangeForm(tstate, frame, next_instr);
    }
    if (_Py_LoadBreaker(tstate) & _PY_EVAL_EVENTS_MASK) {
        if (_Py_HandlePending(tstate) != 0) {
            goto error;
        }
    }
    DISPATCH();

change_form:
    next_instr = _PyEval_ChangeForm(tstate, frame, next_instr);
    DISPATCH();

leave_frame: {
    /* A return: `transfer` goes to the caller. */
    _PyInterpreterFrame *dying = frame;
    int init = dying->flags & _Py_FRAME_INIT;
    assert(stack_pointer == _PyFrame_Stackbase(frame));
    frame = dying->previous;
    cframe.current_frame = frame;
    tstate->py_recursion_remaining++;
    pop_returned(tstate, dying);
    if (init) {
        stack_pointer = _PyFrame_GetStackPointer(frame);
        if (!PyStackRef_IsNone(transfer)) {
            _PyErr_Format(tstate, PyExc_TypeError, "__init__() should return None, not '%.200s'",
                          PyStackRef_TYPE(transfer)->tp_name);
            PyStackRef_CLOSE(transfer);
            goto error;
        }
        transfer = *--stack_pointer;
        _PyFrame_SetStackPointer(frame, stack_pointer);
    }
}

resume_caller:
    cframe.current_frame = frame;
    next_instr = frame->instr_ptr + frame->return_offset;
    stack_pointer = _PyFrame_GetStackPointer(frame);
    *stack_pointer++ = transfer;
    DISPATCH();

suspend_frame: {
    /* A yield: the frame stays in its generator. */
    _PyInterpreterFrame *suspended = frame;
    PyGenObject *gen = _PyFrame_GetGenerator(suspended);
    gen->gi_frame_state = FRAME_SUSPENDED;
    suspended->return_offset = 1;
    _PyFrame_SetStackPointer(suspended, stack_pointer);
    tstate->exc_info = gen->gi_exc_state.previous_item;
    gen->gi_exc_state.previous_item = NULL;
    tstate->py_recursion_remaining++;
    frame = suspended->previous;
    suspended->previous = NULL;
    cframe.current_frame = frame;
    next_instr = frame->instr_ptr + 2;      /* ORDER RESUMER */
    stack_pointer = _PyFrame_GetStackPointer(frame);
    *stack_pointer++ = transfer;
    DISPATCH();
}

error:
    /* The instruction at frame->instr_ptr raised. */
    assert(_PyErr_Occurred(tstate));
    kwnames = NULL;
    add_traceback(frame);
    monitor_exception(tstate, frame, PY_MONITORING_EVENT_RAISE, frame->instr_ptr);
    unwind_index = _PyInterpreterFrame_LASTI(frame);

exception_unwind: {
    int level, handler, lasti;
    if (!_PyEval_FindHandler(_PyFrame_GetCode(frame), unwind_index, &level, &handler, &lasti)) {
        goto no_handler;
    }
    _PyStackRef *new_top = _PyFrame_Stackbase(frame) + level;
    assert(stack_pointer >= new_top);
    while (stack_pointer > new_top) {
        PyStackRef_CLOSE(*--stack_pointer);
    }
    if (lasti) {
        PyObject *number = PyLong_FromLong(_PyInterpreterFrame_LASTI(frame));
        if (number == NULL) {
            goto exception_unwind;
        }
        *stack_pointer++ = PyStackRef_FromPyObjectSteal(number);
    }
    if (_PyInstrument_Wanted(tstate, PY_MONITORING_EVENT_EXCEPTION_HANDLED)
        && _Py_call_instrumentation_exc(tstate, PY_MONITORING_EVENT_EXCEPTION_HANDLED, frame,
                                        frame->code_base + handler) < 0) {
        /* The tool's exception is not this handler's: as if raised in it, behind PUSH_EXC_INFO. */
        PyObject *previous = tstate->exc_info->exc_value;
        *stack_pointer++ = PyStackRef_FromPyObjectNew(previous != NULL ? previous : Py_None);
        unwind_index = handler;
        goto exception_unwind;
    }
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    assert(exc != NULL);
    *stack_pointer++ = PyStackRef_FromPyObjectSteal(exc);
    next_instr = frame->code_base + handler;
    DISPATCH_LEAVING_COLD();
}

no_handler: {
    assert(_PyErr_Occurred(tstate));
    _PyStackRef *base = _PyFrame_Stackbase(frame);
    while (stack_pointer > base) {
        PyStackRef_CLOSE(*--stack_pointer);
    }
    _PyFrame_SetStackPointer(frame, stack_pointer);
    if (unwind_index >= 0) {        /* -1: the frame was refused before it ran */
        monitor_exception(tstate, frame, PY_MONITORING_EVENT_PY_UNWIND,
                          frame->code_base + unwind_index);
    }
    _PyInterpreterFrame *dying = frame;
    frame = dying->previous;
    cframe.current_frame = frame;
    tstate->py_recursion_remaining++;
    _PyEval_FrameClearAndPop(tstate, dying);
    if (frame->owner == FRAME_OWNED_BY_CSTACK) {
        result = NULL;
        goto leave_loop;
    }
    stack_pointer = _PyFrame_GetStackPointer(frame);
    goto error;
}

leave_loop:
    assert(frame == &entry);
    tstate->cframe = outer;
    assert(outer->current_frame == entry.previous);
    _Py_LeaveRecursiveCallTstate(tstate);
    return result;
}
