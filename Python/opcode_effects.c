/* Stack effects of instructions, as the compiler and `_opcode.stack_effect` want them: one number,
   from the stack effects in bytecodes.c.  3.12 knows no effect of the specialised forms and, of
   most instrumented ones, none but 0. */

#include "Python.h"

#include "pycore_opcode.h"          // _PyOpcode_num_popped()
#include "pycore_opcode_utils.h"

static int
has_no_effect(int opcode)
{
    if (opcode < MIN_INSTRUMENTED_OPCODE || opcode > INSTRUMENTED_LINE) {
        return 0;
    }
    return opcode != INSTRUMENTED_LOAD_SUPER_ATTR && opcode != INSTRUMENTED_RETURN_VALUE
           && opcode != INSTRUMENTED_END_FOR && opcode != INSTRUMENTED_END_SEND;
}

int
_PyOpcode_StackEffect(int opcode, int oparg, int jump)
{
    if (opcode < 0 || opcode > MAX_PSEUDO_OPCODE
        || (opcode < 256 && _PyOpcode_Deopt[opcode] != opcode) || opcode == INSTRUMENTED_LINE) {
        return _PyOpcode_INVALID_EFFECT;
    }
    int popped = _PyOpcode_num_popped(opcode, oparg, jump);
    int pushed = _PyOpcode_num_pushed(opcode, oparg, jump);
    if (popped < 0 || pushed < 0) {
        return _PyOpcode_INVALID_EFFECT;
    }
    return has_no_effect(opcode) ? 0 : pushed - popped;
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
