/* Stack effects of the generic and pseudo opcodes.
   Written from the descriptions in the `dis` documentation and checked against
   `_opcode.stack_effect` of 3.12 for every opcode. */

#include "Python.h"

#include "pycore_opcode_utils.h"

#define FIXED 0x100     /* marks a table entry as valid; effects lie well below */

static const int16_t fixed_effects[MAX_PSEUDO_OPCODE + 1] = {
#define E(OP, N) [OP] = FIXED + (N)
    E(CACHE, 0), E(POP_TOP, -1), E(PUSH_NULL, 1), E(INTERPRETER_EXIT, -1), E(END_FOR, -2),
    E(END_SEND, -1), E(NOP, 0), E(UNARY_NEGATIVE, 0), E(UNARY_NOT, 0), E(UNARY_INVERT, 0),
    E(RESERVED, 0), E(BINARY_SUBSCR, -1), E(BINARY_SLICE, -2), E(STORE_SLICE, -4),
    E(GET_LEN, 1), E(MATCH_MAPPING, 1), E(MATCH_SEQUENCE, 1), E(MATCH_KEYS, 1),
    E(PUSH_EXC_INFO, 1), E(CHECK_EXC_MATCH, 0), E(CHECK_EG_MATCH, 0), E(WITH_EXCEPT_START, 1),
    E(GET_AITER, 0), E(GET_ANEXT, 1), E(BEFORE_ASYNC_WITH, 1), E(BEFORE_WITH, 1),
    E(END_ASYNC_FOR, -2), E(CLEANUP_THROW, -1), E(STORE_SUBSCR, -3), E(DELETE_SUBSCR, -2),
    E(GET_ITER, 0), E(GET_YIELD_FROM_ITER, 0), E(LOAD_BUILD_CLASS, 1),
    E(LOAD_ASSERTION_ERROR, 1), E(RETURN_GENERATOR, 0), E(RETURN_VALUE, -1),
    E(SETUP_ANNOTATIONS, 0), E(LOAD_LOCALS, 1), E(POP_EXCEPT, -1), E(STORE_NAME, -1),
    E(DELETE_NAME, 0), E(FOR_ITER, 1), E(STORE_ATTR, -2), E(DELETE_ATTR, -1),
    E(STORE_GLOBAL, -1), E(DELETE_GLOBAL, 0), E(SWAP, 0), E(LOAD_CONST, 1), E(LOAD_NAME, 1),
    E(COMPARE_OP, -1), E(IMPORT_NAME, -1), E(IMPORT_FROM, 1), E(JUMP_FORWARD, 0),
    E(POP_JUMP_IF_FALSE, -1), E(POP_JUMP_IF_TRUE, -1), E(IS_OP, -1), E(CONTAINS_OP, -1),
    E(RERAISE, -1), E(COPY, 1), E(RETURN_CONST, 0), E(BINARY_OP, -1), E(SEND, 0),
    E(LOAD_FAST, 1), E(STORE_FAST, -1), E(DELETE_FAST, 0), E(LOAD_FAST_CHECK, 1),
    E(POP_JUMP_IF_NOT_NONE, -1), E(POP_JUMP_IF_NONE, -1), E(GET_AWAITABLE, 0),
    E(JUMP_BACKWARD_NO_INTERRUPT, 0), E(MAKE_CELL, 0), E(LOAD_CLOSURE, 1), E(LOAD_DEREF, 1),
    E(STORE_DEREF, -1), E(DELETE_DEREF, 0), E(JUMP_BACKWARD, 0), E(LOAD_FAST_AND_CLEAR, 1),
    E(EXTENDED_ARG, 0), E(LIST_APPEND, -1), E(SET_ADD, -1), E(MAP_ADD, -2),
    E(COPY_FREE_VARS, 0), E(YIELD_VALUE, 0), E(RESUME, 0), E(MATCH_CLASS, -2),
    E(LIST_EXTEND, -1), E(SET_UPDATE, -1), E(DICT_MERGE, -1), E(DICT_UPDATE, -1),
    E(KW_NAMES, 0), E(CALL_INTRINSIC_1, 0), E(CALL_INTRINSIC_2, -1),
    E(LOAD_FROM_DICT_OR_GLOBALS, 0), E(LOAD_FROM_DICT_OR_DEREF, 0),
    E(INSTRUMENTED_POP_JUMP_IF_NONE, 0), E(INSTRUMENTED_POP_JUMP_IF_NOT_NONE, 0),
    E(INSTRUMENTED_RESUME, 0), E(INSTRUMENTED_CALL, 0), E(INSTRUMENTED_RETURN_VALUE, -1),
    E(INSTRUMENTED_YIELD_VALUE, 0), E(INSTRUMENTED_CALL_FUNCTION_EX, 0),
    E(INSTRUMENTED_JUMP_FORWARD, 0), E(INSTRUMENTED_JUMP_BACKWARD, 0),
    E(INSTRUMENTED_RETURN_CONST, 0), E(INSTRUMENTED_FOR_ITER, 0),
    E(INSTRUMENTED_POP_JUMP_IF_FALSE, 0), E(INSTRUMENTED_POP_JUMP_IF_TRUE, 0),
    E(INSTRUMENTED_END_FOR, -2), E(INSTRUMENTED_END_SEND, -1), E(INSTRUMENTED_INSTRUCTION, 0),
    E(POP_BLOCK, 0), E(JUMP, 0), E(JUMP_NO_INTERRUPT, 0), E(LOAD_METHOD, 1),
    E(LOAD_SUPER_METHOD, -1), E(LOAD_ZERO_SUPER_METHOD, -1), E(LOAD_ZERO_SUPER_ATTR, -1),
    E(STORE_FAST_MAYBE_NULL, -1),
#undef E
};

static int
make_function_effect(int oparg)
{
    int taken = 0;
    for (int flag = MAKE_FUNCTION_DEFAULTS; flag <= MAKE_FUNCTION_CLOSURE; flag <<= 1) {
        taken += (oparg & flag) != 0;
    }
    return -taken;
}

int
_PyOpcode_StackEffect(int opcode, int oparg, int jump)
{
    switch (opcode) {
    case UNPACK_SEQUENCE:
        return oparg - 1;
    case UNPACK_EX:
        return (oparg & 0xFF) + (oparg >> 8);
    case BUILD_TUPLE:
    case BUILD_LIST:
    case BUILD_SET:
    case BUILD_STRING:
        return 1 - oparg;
    case BUILD_MAP:
        return 1 - 2 * oparg;
    case BUILD_CONST_KEY_MAP:
    case RAISE_VARARGS:
        return -oparg;
    case LOAD_ATTR:
        return oparg & 1;
    case LOAD_GLOBAL:
        return 1 + (oparg & 1);
    case LOAD_SUPER_ATTR:
    case INSTRUMENTED_LOAD_SUPER_ATTR:
        return (oparg & 1) - 2;
    case MAKE_FUNCTION:
        return make_function_effect(oparg);
    case BUILD_SLICE:
        return oparg == 3 ? -2 : -1;
    case CALL_FUNCTION_EX:
        return -2 - (oparg & 1);
    case FORMAT_VALUE:
        return (oparg & FORMAT_VALUE_HAS_SPEC) ? -1 : 0;
    case CALL:
        return -1 - oparg;
    case SETUP_FINALLY:
        return jump ? 1 : 0;            /* the handler finds the exception */
    case SETUP_CLEANUP:
        return jump ? 2 : 0;            /* ... and lasti below it */
    case SETUP_WITH:
        return jump ? 1 : 0;            /* ... but no result of __enter__ */
    default:
        break;
    }
    if (opcode < 0 || opcode > MAX_PSEUDO_OPCODE || fixed_effects[opcode] == 0) {
        return _PyOpcode_INVALID_EFFECT;
    }
    return fixed_effects[opcode] - FIXED;
}

/* Effect for C code that asks about real opcodes; PY_INVALID_STACK_EFFECT (INT_MAX) if unknown. */
int
PyCompile_OpcodeStackEffectWithJump(int opcode, int oparg, int jump)
{
    int effect = _PyOpcode_StackEffect(opcode, oparg, jump);
    return effect == _PyOpcode_INVALID_EFFECT ? PY_INVALID_STACK_EFFECT : effect;
}

int
PyCompile_OpcodeStackEffect(int opcode, int oparg)
{
    return PyCompile_OpcodeStackEffectWithJump(opcode, oparg, -1);
}
