/* Borrowed references: which loads of locals and constants need not count.
 *
 * In an executable, LOAD_FAST and LOAD_CONST become LOAD_FAST_BORROW and LOAD_CONST_BORROW when
 *   - the instruction that takes the value from the stack is marked `borrows` in bytecodes.c: it
 *     neither keeps the reference nor lets code see the count that could draw conclusions from it;
 *   - load and consumer lie in one basic block, so that the consumer finds this value only;
 *   - in between the local is neither stored nor deleted, and the frame is not suspended.
 * A running frame's locals change in one other way only, by PyFrame_LocalsToFast(), which sees
 * to it that the old values live on.  Constants live as long as the code, which the frame holds.
 *
 * The analysis walks over the units once with a model of the stack that knows, for values made in
 * the present block, which load made them.  What it does not know it leaves alone.
 *
 * Written from InternalDocs/stackrefs.rst and the descriptions in bytecodes.c. */

#include "Python.h"
#include "pycore_ceval.h"       // _PyEval_FindHandler()
#include "pycore_executable.h"  // _PyExecutable_BorrowLoads()
#include "pycore_opcode.h"      // stack effects, flags

/* A value on the model's stack. */
struct origin {
    int unit;           /* the load that made it; -1: not to be borrowed */
    int local;          /* what was loaded; -1: a constant */
};

struct model {
    struct origin *stack;
    int depth;          /* values known, the topmost last */
    int limit;          /* room */
};

static void
push(struct model *m, int unit, int local)
{
    if (m->depth == m->limit) {
        m->depth = 0;   /* unreachable code need not be balanced: forget */
    }
    if (m->limit > 0) {
        m->stack[m->depth++] = (struct origin){unit, local};
    }
}

/* The values that come from this local (-1: from any place) must be counted. */
static void
forbid(struct model *m, int local)
{
    for (int i = 0; i < m->depth; i++) {
        if (local < 0 || m->stack[i].local == local) {
            m->stack[i].unit = -1;
        }
    }
}

/* ---- basic blocks -------------------------------------------------------- */

static int
is_backward(int opcode)
{
    return opcode == JUMP_BACKWARD || opcode == JUMP_BACKWARD_NO_INTERRUPT;
}

/* Code may come from anywhere: its jumps are not trusted. */
static void
set_start(char *starts, int n, int i)
{
    if (0 <= i && i < n) {
        starts[i] = 1;
    }
}

/* Sets starts[i] where control can arrive other than from the unit in front. */
static void
mark_starts(PyCodeObject *co, const _Py_CODEUNIT *units, char *starts)
{
    int n = (int)co->co_nunits, oparg = 0;
    int handlers = PyBytes_GET_SIZE(co->co_exceptiontable) > 0;
    for (int i = 0, next; i < n; i = next) {
        int opcode = units[i].op.code, level, target, lasti;
        next = i + 1 + _PyOpcode_Caches[opcode];
        oparg = oparg << 8 | units[i].op.arg;
        if (opcode == EXTENDED_ARG) {
            continue;
        }
        if (OPCODE_HAS_JUMP(opcode)) {
            target = is_backward(opcode) ? next - oparg : next + oparg;
            set_start(starts, n, target);
            set_start(starts, n, target + 1);       /* FOR_ITER skips END_FOR */
        }
        if (handlers && _PyEval_FindHandler(co, i, &level, &target, &lasti)) {
            set_start(starts, n, target);
        }
        oparg = 0;
    }
}

/* ---- the walk ------------------------------------------------------------ */

/* Takes what the instruction takes; loads whose values it may borrow change their form. */
static void
pop_inputs(struct model *m, _Py_CODEUNIT *units, int opcode, int oparg)
{
    int borrows = (_PyOpcode_Flags[opcode] & _Py_OPFLAG_BORROWS) != 0;
    if (opcode == LOAD_ATTR && (oparg & 1)) {
        borrows = 0;        /* a method call follows: the object stays on the stack as self */
    }
    for (int n = _PyOpcode_num_popped(opcode, oparg, 0); n > 0 && m->depth > 0; n--) {
        struct origin *o = &m->stack[--m->depth];
        if (borrows && o->unit >= 0) {
            units[o->unit].op.code = o->local >= 0 ? LOAD_FAST_BORROW : LOAD_CONST_BORROW;
        }
    }
}

static void
walk(struct model *m, _Py_CODEUNIT *units, int n, const char *starts)
{
    int oparg = 0;
    for (int i = 0, next; i < n; i = next) {
        int opcode = units[i].op.code;
        next = i + 1 + _PyOpcode_Caches[opcode];
        oparg = oparg << 8 | units[i].op.arg;
        if (starts[i]) {
            m->depth = 0;
        }
        switch (opcode) {
        case EXTENDED_ARG:
            continue;
        case LOAD_FAST:
            push(m, i, oparg);
            break;
        case LOAD_CONST:
            push(m, i, -1);
            break;
        default:
            pop_inputs(m, units, opcode, oparg);
            if (opcode == STORE_FAST || opcode == DELETE_FAST || opcode == LOAD_FAST_AND_CLEAR
                || opcode == MAKE_CELL) {
                forbid(m, oparg);
            }
            else if (opcode == YIELD_VALUE || opcode == SEND || opcode == RETURN_GENERATOR) {
                forbid(m, -1);
            }
            for (int k = _PyOpcode_num_pushed(opcode, oparg, 0); k > 0; k--) {
                push(m, -1, -1);
            }
            if (OPCODE_HAS_JUMP(opcode)) {
                m->depth = 0;
            }
        }
        oparg = 0;
    }
}

void
_PyExecutable_BorrowLoads(PyCodeObject *co, _Py_CODEUNIT *units)
{
    size_t room = (size_t)co->co_stacksize;
    struct origin *stack = PyMem_Calloc(1, room * sizeof(struct origin) + co->co_nunits);
    if (stack == NULL) {
        return;             /* all references are counted then */
    }
    char *starts = (char *)(stack + room);
    struct model m = {.stack = stack, .limit = co->co_stacksize};
    mark_starts(co, units, starts);
    walk(&m, units, (int)co->co_nunits, starts);
    PyMem_Free(stack);
}

#ifndef NDEBUG
/* Is each borrowed entry of the stack held by a local or a constant? */
int
_PyFrame_BorrowedAreHeld(_PyInterpreterFrame *frame, const _PyStackRef *stack_pointer)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    PyObject *consts = co->co_consts;
    for (const _PyStackRef *p = _PyFrame_Stackbase(frame); p < stack_pointer; p++) {
        if (!PyStackRef_IsBorrowed(*p)) {
            continue;
        }
        PyObject *op = PyStackRef_AsPyObjectBorrow(*p);
        int held = 0;
        for (int i = 0; i < co->co_nlocalsplus && !held; i++) {
            held = PyStackRef_IsObject(frame->localsplus[i], op);
        }
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(consts) && !held; i++) {
            held = PyTuple_GET_ITEM(consts, i) == op;
        }
        if (!held) {
            return 0;
        }
    }
    return 1;
}
#endif
