/* What instruction bodies (Python/bytecodes.c) may use: access to the frame, and the documented
 * set of macros that jump.  Included by Python/ceval.c only, in front of the loop.
 *
 * Registers of the loop: tstate, frame, next_instr, stack_pointer, oparg, kwnames.  A body knows
 * nothing else, so that the same text can become functions with tail calls.
 * Written from Tools/cases_generator/README.md. */

#define TARGET(NAME) TARGET_##NAME:

#define DISPATCH()                                          \
    do {                                                    \
        oparg = next_instr->op.arg;                         \
        goto *opcode_targets[next_instr->op.code];          \
    } while (0)

/* The end of an instruction that may have run Python code, in which a tool may have marked the
 * frame. */
#define DISPATCH_LEAVING_COLD()                                             \
    do {                                                                    \
        if (__builtin_expect(frame->flags & _Py_FRAME_CHANGE_FORM, 0)) {    \
            goto change_form;                                               \
        }                                                                   \
        DISPATCH();                                                         \
    } while (0)

/* The same instruction again, with the oparg there is (it was specialised). */
#define DISPATCH_AGAIN() goto *opcode_targets[next_instr->op.code]

/* The instruction at next_instr with a given code and the oparg there is (EXTENDED_ARG). */
#define DISPATCH_CODE(CODE) goto *opcode_targets[(CODE)]
#define DISPATCH_CODE_HERE(CODE) goto *opcode_targets[(CODE)]

#define JUMPBY(N) (next_instr += (N))

#define GETLOCAL(I)  (frame->localsplus[I])
#define GETCONST(I)  PyTuple_GET_ITEM(_PyFrame_GetCode(frame)->co_consts, (I))
#define GETNAME(I)   PyTuple_GET_ITEM(_PyFrame_GetCode(frame)->co_names, (I))
#define GLOBALS()    (frame->f_globals)
#define BUILTINS()   (frame->f_builtins)
#define LOCALS()     (frame->f_locals)

/* Value of an int of one digit. */
#define COMPACT(OP)  ((stwodigits)_PyLong_CompactValue((PyLongObject *)(OP)))

/* The slot changes first: a destructor may look at it. */
#define SETLOCAL(I, REF)                                    \
    do {                                                    \
        _PyStackRef old_local = GETLOCAL(I);                \
        GETLOCAL(I) = (REF);                                \
        PyStackRef_CLOSE(old_local);                        \
    } while (0)

/* The inputs are still on the stack; the unwinder releases them. */
#define ERROR_IF(COND)                                      \
    do {                                                    \
        if (COND) {                                         \
            goto error;                                     \
        }                                                   \
    } while (0)

/* The topmost N slots have been consumed. */
#define ERROR_TAKEN_IF(N, COND)                             \
    do {                                                    \
        if (COND) {                                         \
            stack_pointer -= (N);                           \
            goto error;                                     \
        }                                                   \
    } while (0)

/* A guard of a specialised instruction failed: the generic one does the work. */
#define DEOPT_IF(FAMILY, COND)                              \
    do {                                                    \
        if (__builtin_expect(!!(COND), 0)) {                \
            goto miss_##FAMILY;                             \
        }                                                   \
    } while (0)

/* Somebody wants attention, or the frame must change its form. */
#define EVAL_BREAKER_SET()                                                      \
    (((_Py_LoadBreaker(tstate) & _PY_EVAL_EVENTS_MASK) |                        \
      (uintptr_t)(frame->flags & _Py_FRAME_CHANGE_FORM)) != 0)

/* The stack is as it will be after the instruction. */
#define CHECK_EVAL_BREAKER()                                \
    do {                                                    \
        if (__builtin_expect(EVAL_BREAKER_SET(), 0)) {      \
            goto handle_eval_breaker;                       \
        }                                                   \
    } while (0)

/* After a call: the N slots of the call become its result. */
#define CHECK_EVAL_BREAKER_PUSHING(N, REF)                  \
    do {                                                    \
        if (__builtin_expect(EVAL_BREAKER_SET(), 0)) {      \
            stack_pointer -= (N);                           \
            *stack_pointer++ = (REF);                       \
            goto handle_eval_breaker;                       \
        }                                                   \
    } while (0)

/* Goes on in the frame of a callee; what it returns is pushed and the caller continues with
 * the next instruction. */
#define PUSH_FRAME(NEW)                                                         \
    do {                                                                        \
        frame->return_offset = (uint16_t)(next_instr - frame->instr_ptr);       \
        _PyFrame_SetStackPointer(frame, stack_pointer);                         \
        (NEW)->previous = frame;                                                \
        frame = (NEW);                                                          \
        goto start_frame;                                                       \
    } while (0)

/* Goes on in the frame of a suspended generator.  It comes back by a yield, to the instruction
 * that follows, or by a return, JUMP units further on.  ORDER RESUMER: FOR_ITER and SEND, and
 * the entry units in ceval.c, have two units each. */
#define RESUME_GENERATOR(GEN, VALUE, JUMP)                                      \
    do {                                                                        \
        _PyInterpreterFrame *gen_frame = _PyGen_GetFrame(GEN);                  \
        gen_frame->localsplus[gen_frame->stacktop++] = (VALUE);                 \
        (GEN)->gi_frame_state = FRAME_EXECUTING;                                \
        (GEN)->gi_exc_state.previous_item = tstate->exc_info;                   \
        tstate->exc_info = &(GEN)->gi_exc_state;                                \
        assert(next_instr - frame->instr_ptr == 2);                             \
        frame->return_offset = (uint16_t)(2 + (JUMP));                          \
        _PyFrame_SetStackPointer(frame, stack_pointer);                         \
        gen_frame->previous = frame;                                            \
        frame = gen_frame;                                                      \
        goto start_frame;                                                       \
    } while (0)

/* The pending exception goes on from this instruction (which has no cache), although
 * frame->instr_ptr may have been set to the place where it was raised first. */
#define UNWIND()                                                        \
    do {                                                                \
        unwind_index = (int)(next_instr - 1 - frame->code_base);        \
        goto exception_unwind;                                          \
    } while (0)

/* Continues in `frame` (the caller, by now) with a value. */
#define LEAVE_TO_FRAME(REF)                                 \
    do {                                                    \
        transfer = (REF);                                   \
        goto resume_caller;                                 \
    } while (0)

#define RETURN_TO_CALLER(REF)                               \
    do {                                                    \
        transfer = (REF);                                   \
        goto leave_frame;                                   \
    } while (0)

#define YIELD_TO_CALLER(REF)                                \
    do {                                                    \
        transfer = (REF);                                   \
        goto suspend_frame;                                 \
    } while (0)

#define LEAVE_LOOP(OBJ)                                     \
    do {                                                    \
        result = (OBJ);                                     \
        goto leave_loop;                                    \
    } while (0)

/* The iterator is exhausted: drop it and skip END_FOR. */
#define FOR_ITER_DONE(ITER)                                 \
    do {                                                    \
        stack_pointer -= 1;                                 \
        PyStackRef_CLOSE(ITER);                             \
        next_instr += oparg + 1;                            \
        DISPATCH_LEAVING_COLD();                            \
    } while (0)

#define INSTRUMENTED_JUMP(SRC, DEST, EVENT)                                     \
    do {                                                                        \
        _PyFrame_SetStackPointer(frame, stack_pointer);                         \
        const _Py_CODEUNIT *dest_instr = _Py_call_instrumentation_jump(         \
            tstate, (EVENT), frame, (SRC), (DEST));                             \
        stack_pointer = _PyFrame_GetStackPointer(frame);                        \
        if (dest_instr == NULL) {                                               \
            goto error;                                                         \
        }                                                                       \
        next_instr = dest_instr;                                                \
    } while (0)
