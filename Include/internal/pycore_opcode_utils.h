/* Facts about opcodes that the compiler and _opcode share; the numbers are in opcode.h. */
#ifndef Py_INTERNAL_OPCODE_UTILS_H
#define Py_INTERNAL_OPCODE_UTILS_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "opcode.h"             // opcode numbers

#include <limits.h>

/* Flags for MAKE_FUNCTION */
#define MAKE_FUNCTION_DEFAULTS    0x01
#define MAKE_FUNCTION_KWDEFAULTS  0x02
#define MAKE_FUNCTION_ANNOTATIONS 0x04
#define MAKE_FUNCTION_CLOSURE     0x08

/* RESUME: what the frame resumes after */
#define RESUME_AT_FUNC_START 0
#define RESUME_AFTER_YIELD 1
#define RESUME_AFTER_YIELD_FROM 2
#define RESUME_AFTER_AWAIT 3

/* Arguments of CALL_INTRINSIC_1 and _2 */
#define INTRINSIC_PRINT 1
#define INTRINSIC_IMPORT_STAR 2
#define INTRINSIC_STOPITERATION_ERROR 3
#define INTRINSIC_ASYNC_GEN_WRAP 4
#define INTRINSIC_UNARY_POSITIVE 5
#define INTRINSIC_LIST_TO_TUPLE 6
#define INTRINSIC_TYPEVAR 7
#define INTRINSIC_PARAMSPEC 8
#define INTRINSIC_TYPEVARTUPLE 9
#define INTRINSIC_SUBSCRIPT_GENERIC 10
#define INTRINSIC_TYPEALIAS 11
#define INTRINSIC_PREP_RERAISE_STAR 1
#define INTRINSIC_TYPEVAR_WITH_BOUND 2
#define INTRINSIC_TYPEVAR_WITH_CONSTRAINTS 3
#define INTRINSIC_SET_FUNCTION_TYPE_PARAMS 4

/* FORMAT_VALUE: low bits are the conversion, this bit says that a format spec is on the stack. */
#define FORMAT_VALUE_HAS_SPEC 4

static inline int
_PyOpcode_IsBlockPush(int opcode)
{
    return opcode == SETUP_FINALLY || opcode == SETUP_WITH || opcode == SETUP_CLEANUP;
}

static inline int
_PyOpcode_IsJump(int opcode)
{
    switch (opcode) {
    case JUMP:
    case JUMP_NO_INTERRUPT:
    case JUMP_FORWARD:
    case JUMP_BACKWARD:
    case JUMP_BACKWARD_NO_INTERRUPT:
    case POP_JUMP_IF_FALSE:
    case POP_JUMP_IF_TRUE:
    case POP_JUMP_IF_NONE:
    case POP_JUMP_IF_NOT_NONE:
    case FOR_ITER:
    case SEND:
        return 1;
    default:
        return 0;
    }
}

static inline int
_PyOpcode_IsUnconditionalJump(int opcode)
{
    return opcode == JUMP || opcode == JUMP_NO_INTERRUPT || opcode == JUMP_FORWARD
           || opcode == JUMP_BACKWARD || opcode == JUMP_BACKWARD_NO_INTERRUPT;
}

static inline int
_PyOpcode_IsScopeExit(int opcode)
{
    return opcode == RETURN_VALUE || opcode == RETURN_CONST || opcode == RAISE_VARARGS
           || opcode == RERAISE;
}

static inline int
_PyOpcode_HasTarget(int opcode)
{
    return _PyOpcode_IsJump(opcode) || _PyOpcode_IsBlockPush(opcode);
}

static inline int
_PyOpcode_HasConst(int opcode)
{
    return opcode == LOAD_CONST || opcode == RETURN_CONST || opcode == KW_NAMES;
}

/* Number of inline cache units after an instruction (opcode.py: _inline_cache_entries). */
static inline int
_PyOpcode_CacheUnits(int opcode)
{
    switch (opcode) {
    case LOAD_ATTR:
        return 9;
    case LOAD_GLOBAL:
    case STORE_ATTR:
        return 4;
    case CALL:
        return 3;
    case BINARY_OP:
    case UNPACK_SEQUENCE:
    case COMPARE_OP:
    case BINARY_SUBSCR:
    case FOR_ITER:
    case LOAD_SUPER_ATTR:
    case STORE_SUBSCR:
    case SEND:
        return 1;
    default:
        return 0;
    }
}

#define _PyOpcode_INVALID_EFFECT INT_MIN

/* Change of stack depth: jump 0 = falls through, 1 = jumps, -1 = the larger of the two.
   _PyOpcode_INVALID_EFFECT for an unknown opcode.  Python/opcode_effects.c */
extern int _PyOpcode_StackEffect(int opcode, int oparg, int jump);

#endif
