/* Optimisations on the control-flow graph: inside basic blocks (constants, tuples, swaps, jumps to
   jumps), and the data flow that finds the locals which may be unbound when read.

   Every rewrite replaces instructions in place, with NOP where one vanishes; NOPs are removed later
   under the rules of PEP 626.  So positions of instructions do not move during a pass.

   Written from: the dis documentation, PEP 626, PEP 709, and by comparing with the output of
   3.12. */

#include "Python.h"
#include "pycore_compile.h"     // _PyCompile_InternConst()
#include "pycore_flowgraph.h"

static void
make_nop(_PyCfgInstr *in)
{
    in->opcode = NOP;
    in->oparg = 0;
    in->target = NULL;
}

/* --- constants ----------------------------------------------------------------------------- */

/* Index of obj (reference taken over) in consts; -1 with an exception. */
static Py_ssize_t
add_const(_PyCfgUnit *unit, PyObject *obj)
{
    PyObject *interned = _PyCompile_InternConst(unit->const_cache, obj);
    Py_DECREF(obj);
    if (interned == NULL) {
        return -1;
    }
    Py_ssize_t n = PyList_GET_SIZE(unit->consts), i = 0;
    while (i < n && PyList_GET_ITEM(unit->consts, i) != interned) {
        i++;
    }
    if (i == n && PyList_Append(unit->consts, interned) < 0) {
        i = -1;
    }
    Py_DECREF(interned);
    return i;
}

/* LOAD_CONST * n, BUILD_TUPLE n: one constant.  `in` is the first LOAD_CONST. */
static int
fold_tuple(_PyCfgUnit *unit, _PyCfgInstr *in, int n)
{
    assert(in[n].opcode == BUILD_TUPLE && in[n].oparg == n);
    for (int i = 0; i < n; i++) {
        if (in[i].opcode != LOAD_CONST) {
            return 0;
        }
    }
    PyObject *tuple = PyTuple_New(n);
    if (tuple == NULL) {
        return -1;
    }
    for (int i = 0; i < n; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(PyList_GET_ITEM(unit->consts, in[i].oparg)));
    }
    Py_ssize_t index = add_const(unit, tuple);
    if (index < 0) {
        return -1;
    }
    for (int i = 0; i < n; i++) {
        make_nop(&in[i]);
    }
    in[n].opcode = LOAD_CONST;
    in[n].oparg = (int)index;
    return 0;
}

/* A constant pushed by items[i], a LOAD_CONST or a copy of one: with the jump, test or return
   behind it. */
static int
optimize_const(_PyCfgBlock *b, int i, int index, _PyCfgUnit *unit)
{
    _PyCfgInstr *in = &b->items[i];
    PyObject *value = PyList_GET_ITEM(unit->consts, index);
    int next = i + 1 < b->count ? in[1].opcode : 0;
    assert(0 <= index && index < PyList_GET_SIZE(unit->consts));
    switch (next) {
    case POP_JUMP_IF_FALSE:
    case POP_JUMP_IF_TRUE: {
        int truth = PyObject_IsTrue(value);
        if (truth < 0) {
            return -1;
        }
        make_nop(in);
        if (truth == (next == POP_JUMP_IF_TRUE)) {
            in[1].opcode = JUMP;
        }
        else {
            make_nop(&in[1]);
        }
        break;
    }
    case IS_OP: {
        int jump = i + 2 < b->count ? in[2].opcode : 0;
        if (value == Py_None && (jump == POP_JUMP_IF_FALSE || jump == POP_JUMP_IF_TRUE)) {
            int if_not_none = (in[1].oparg != 0) == (jump == POP_JUMP_IF_TRUE);
            make_nop(in);
            make_nop(&in[1]);
            in[2].opcode = if_not_none ? POP_JUMP_IF_NOT_NONE : POP_JUMP_IF_NONE;
        }
        break;
    }
    case RETURN_VALUE:
        make_nop(in);
        in[1].opcode = RETURN_CONST;
        in[1].oparg = index;
        break;
    default:
        break;
    }
    return 0;
}

/* --- swaps --------------------------------------------------------------------------------- */

/* A run of SWAPs (with NOPs between) that starts at items[*at] becomes the shortest run with
   the same effect.  *at is left at the last SWAP of the run. */
static int
optimize_swap_run(_PyCfg *g, _PyCfgBlock *b, int *at)
{
    _PyCfgInstr *run = &b->items[*at];
    int depth = run->oparg, len = 0, several = 0;
    assert(b->items[*at].opcode == SWAP);
    while (++len < b->count - *at) {
        if (run[len].opcode == SWAP) {
            depth = Py_MAX(depth, run[len].oparg);
            several = 1;
        }
        else if (run[len].opcode != NOP) {
            break;
        }
    }
    if (!several) {
        return 0;
    }
    int *place = _PyArena_Malloc(g->arena, (size_t)depth * sizeof(int));
    if (place == NULL) {
        return -1;
    }
    /* place[i]: where the i-th item from the top came from. */
    for (int i = 0; i < depth; i++) {
        place[i] = i;
    }
    for (int i = 0; i < len; i++) {
        if (run[i].opcode == SWAP) {
            int k = run[i].oparg - 1, top = place[0];
            place[0] = place[k];
            place[k] = top;
        }
    }
    /* Each cycle of the permutation is one chain of swaps with the top; written from the end of the
       run backwards, since the order of cycles is free and the number of swaps never grows. */
    int current = len - 1;
    for (int i = 0; i < depth; i++) {
        if (place[i] < 0 || place[i] == i) {
            continue;
        }
        int k = i;
        for (;;) {
            if (k != 0) {
                assert(current >= 0);
                run[current].opcode = SWAP;
                run[current--].oparg = k + 1;
            }
            if (place[k] < 0) {
                break;
            }
            int from = place[k];
            place[k] = -1;
            k = from;
        }
    }
    while (current >= 0) {
        make_nop(&run[current--]);
    }
    *at += len - 1;
    return 0;
}

static int
is_swappable(int opcode)
{
    return opcode == STORE_FAST || opcode == STORE_FAST_MAYBE_NULL || opcode == POP_TOP;
}

static int
stored_local(const _PyCfgInstr *in)
{
    return in->opcode == STORE_FAST || in->opcode == STORE_FAST_MAYBE_NULL ? in->oparg : -1;
}

/* Index of the next instruction after i that pops one item in a way that may be reordered; on the
   given line only, unless that is negative.  -1 if something else comes first. */
static int
next_swappable(_PyCfgBlock *b, int i, int line)
{
    assert(i < b->count);
    while (++i < b->count) {
        _PyCfgInstr *in = &b->items[i];
        if (line >= 0 && in->loc.lineno != line) {
            return -1;
        }
        if (in->opcode == NOP) {
            continue;
        }
        return is_swappable(in->opcode) ? i : -1;
    }
    return -1;
}

/* Exchanging instructions j < k is safe if no store between them touches the same local. */
static int
can_exchange(_PyCfgBlock *b, int j, int k)
{
    int store_j = stored_local(&b->items[j]), store_k = stored_local(&b->items[k]);
    assert(j <= k && k < b->count);
    if (store_j < 0 && store_k < 0) {
        return 1;
    }
    if (store_j == store_k) {
        return 0;
    }
    for (int i = j + 1; i < k; i++) {
        int store = stored_local(&b->items[i]);
        if (store >= 0 && (store == store_j || store == store_k)) {
            return 0;
        }
    }
    return 1;
}

/* SWAPs up to items[i] are replaced by exchanging the stores and pops that follow. */
static void
apply_static_swaps(_PyCfgBlock *b, int i)
{
    assert(i < b->count);
    for (; i >= 0; i--) {
        _PyCfgInstr *swap = &b->items[i];
        if (swap->opcode != SWAP) {
            if (swap->opcode == NOP || is_swappable(swap->opcode)) {
                continue;
            }
            return;
        }
        int j = next_swappable(b, i, -1);
        if (j < 0) {
            return;
        }
        int k = j, line = b->items[j].loc.lineno;
        for (int n = 1; n < swap->oparg; n++) {
            k = next_swappable(b, k, line);
            if (k < 0) {
                return;
            }
        }
        if (!can_exchange(b, j, k)) {
            return;
        }
        make_nop(swap);
        _PyCfgInstr tmp = b->items[j];
        b->items[j] = b->items[k];
        b->items[k] = tmp;
    }
}

/* --- tuples -------------------------------------------------------------------------------- */

static int
optimize_build_tuple(_PyCfgBlock *b, int i, _PyCfgUnit *unit)
{
    _PyCfgInstr *in = &b->items[i];
    int n = in->oparg;
    assert(b->items[i].opcode == BUILD_TUPLE);
    if (i + 1 < b->count && in[1].opcode == UNPACK_SEQUENCE && in[1].oparg == n) {
        switch (n) {
        case 1:
            make_nop(in);
            make_nop(&in[1]);
            return 0;
        case 2:
        case 3:
            make_nop(in);
            in[1].opcode = SWAP;
            return 0;
        default:
            break;
        }
    }
    return i >= n ? fold_tuple(unit, in - n, n) : 0;
}

/* --- jumps --------------------------------------------------------------------------------- */

/* Send the jump `in` on to where the jump at its target goes, if no line event is lost by that.
   Returns whether something changed. */
static int
thread_jump(_PyCfgInstr *in, const _PyCfgInstr *onward, int opcode)
{
    assert(_PyOpcode_IsJump(in->opcode) && _PyOpcode_IsJump(onward->opcode));
    if (in->target == onward->target) {
        return 0;       /* a jump to itself: an empty endless loop */
    }
    if (onward->loc.lineno >= 0 && in->loc.lineno != onward->loc.lineno) {
        return 0;
    }
    in->target = onward->target;
    in->opcode = opcode;
    return 1;
}

/* The jump that ends a block.  Returns 1 if it must be looked at again. */
static int
optimize_jump(_PyCfgInstr *in)
{
    _PyCfgBlock *target = in->target;
    if (target->count == 0) {
        return 0;
    }
    _PyCfgInstr *onward = &target->items[0];
    switch (in->opcode) {
    case POP_JUMP_IF_NOT_NONE:
    case POP_JUMP_IF_NONE:
    case POP_JUMP_IF_FALSE:
    case POP_JUMP_IF_TRUE:
        if (onward->opcode == JUMP) {
            return thread_jump(in, onward, in->opcode);
        }
        break;
    case JUMP:
    case JUMP_NO_INTERRUPT:
        if (onward->opcode == JUMP) {
            return thread_jump(in, onward, JUMP);
        }
        if (onward->opcode == JUMP_NO_INTERRUPT) {
            return thread_jump(in, onward, in->opcode);
        }
        break;
    default:
        break;      /* FOR_ITER and SEND keep their targets: those must lie ahead */
    }
    return 0;
}

/* --- the pass over a block ----------------------------------------------------------------- */

static int
optimize_block(_PyCfg *g, _PyCfgBlock *b, _PyCfgUnit *unit)
{
    for (int i = 0; i < b->count; i++) {
        _PyCfgInstr *in = &b->items[i];
        int next = i + 1 < b->count ? in[1].opcode : 0;
        switch (in->opcode) {
        case LOAD_CONST:
            if (optimize_const(b, i, in->oparg, unit) < 0) {
                return -1;
            }
            break;
        case COPY:
            if (in->oparg == 1 && i > 0 && in[-1].opcode == LOAD_CONST
                && optimize_const(b, i, in[-1].oparg, unit) < 0)
            {
                return -1;
            }
            break;
        case BUILD_TUPLE:
            if (optimize_build_tuple(b, i, unit) < 0) {
                return -1;
            }
            break;
        case SWAP:
            if (in->oparg == 1) {
                make_nop(in);
                break;
            }
            if (optimize_swap_run(g, b, &i) < 0) {
                return -1;
            }
            apply_static_swaps(b, i);
            break;
        case PUSH_NULL:
            if (next == LOAD_GLOBAL && (in[1].oparg & 1) == 0) {
                make_nop(in);
                in[1].oparg |= 1;
            }
            break;
        default:
            if (_PyOpcode_IsJump(in->opcode) && optimize_jump(in)) {
                i--;        /* once more, from its new target */
            }
            break;
        }
    }
    return 0;
}

int
_PyCfg_OptimizeBlocks(_PyCfg *g, _PyCfgUnit *unit)
{
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        if (optimize_block(g, b, unit) < 0) {
            return -1;
        }
    }
    _PyCfg_RemoveNopsAndPairs(g);
    return 0;
}

/* --- locals that may be unbound ------------------------------------------------------------ */

#define N_MASKED 64     /* locals tracked through the whole graph; others within a block only */

struct flow {
    _PyCfgBlock **stack;
    int n;
};

static void
flow_into(struct flow *f, _PyCfgBlock *b, uint64_t unsafe)
{
    uint64_t both = b->unsafe_locals | unsafe;
    if (both != b->unsafe_locals || !b->visited) {
        b->unsafe_locals = both;
        b->visited = 1;
        if (!b->on_stack) {
            b->on_stack = 1;
            f->stack[f->n++] = b;
        }
    }
}

static void
flow_through(struct flow *f, _PyCfgBlock *b)
{
    uint64_t unsafe = b->unsafe_locals;
    for (int i = 0; i < b->count; i++) {
        _PyCfgInstr *in = &b->items[i];
        if (in->except != NULL) {
            flow_into(f, in->except, unsafe);
        }
        if (in->oparg >= N_MASKED) {
            continue;
        }
        uint64_t bit = (uint64_t)1 << (in->oparg & (N_MASKED - 1));
        switch (in->opcode) {
        case DELETE_FAST:
        case LOAD_FAST_AND_CLEAR:
        case STORE_FAST_MAYBE_NULL:
            unsafe |= bit;
            break;
        case STORE_FAST:
        case LOAD_FAST_CHECK:
            unsafe &= ~bit;
            break;
        case LOAD_FAST:
            if (unsafe & bit) {
                in->opcode = LOAD_FAST_CHECK;
            }
            unsafe &= ~bit;
            break;
        default:
            break;
        }
    }
    if (b->next != NULL && _PyCfgBlock_FallsThrough(b)) {
        flow_into(f, b->next, unsafe);
    }
    _PyCfgInstr *last = _PyCfgBlock_Last(b);
    if (last != NULL && _PyOpcode_IsJump(last->opcode)) {
        flow_into(f, last->target, unsafe);
    }
}

/* Locals from N_MASKED on: known to be bound only after a store or a load in the same block. */
static int
check_many_locals(_PyCfg *g, _PyCfgUnit *unit)
{
    int extra = unit->nlocals - N_MASKED;
    int *bound_in = _PyArena_Malloc(g->arena, (size_t)extra * sizeof(int));
    assert(unit->nlocals > N_MASKED);
    if (bound_in == NULL) {
        return -1;
    }
    memset(bound_in, 0, (size_t)extra * sizeof(int));
    /* The parameters are bound in the first block. */
    for (int i = N_MASKED; i < unit->nparams; i++) {
        bound_in[i - N_MASKED] = 1;
    }
    int number = 0;
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        number++;
        for (int i = 0; i < b->count; i++) {
            _PyCfgInstr *in = &b->items[i];
            int arg = in->oparg - N_MASKED;
            if (arg < 0) {
                continue;
            }
            switch (in->opcode) {
            case DELETE_FAST:
            case LOAD_FAST_AND_CLEAR:
            case STORE_FAST_MAYBE_NULL:
                bound_in[arg] = number - 1;
                break;
            case STORE_FAST:
                bound_in[arg] = number;
                break;
            case LOAD_FAST:
                if (bound_in[arg] != number) {
                    in->opcode = LOAD_FAST_CHECK;
                }
                bound_in[arg] = number;
                break;
            default:
                break;
            }
        }
    }
    return 0;
}

/* LOAD_FAST of a local that may be unbound becomes LOAD_FAST_CHECK. */
int
_PyCfg_CheckLocals(_PyCfg *g, _PyCfgUnit *unit)
{
    int nlocals = unit->nlocals;
    if (nlocals == 0) {
        return 0;
    }
    if (nlocals > N_MASKED) {
        if (check_many_locals(g, unit) < 0) {
            return -1;
        }
        nlocals = N_MASKED;
    }
    struct flow f = {0};
    f.stack = _PyArena_Malloc(g->arena, (size_t)(g->n_blocks + 1) * sizeof(*f.stack));
    if (f.stack == NULL) {
        return -1;
    }
    uint64_t unsafe = 0;
    for (int i = unit->nparams; i < nlocals; i++) {
        unsafe |= (uint64_t)1 << i;
    }
    for (_PyCfgBlock *b = g->all; b != NULL; b = b->all) {
        b->unsafe_locals = 0;
        b->visited = b->on_stack = 0;
    }
    flow_into(&f, g->entry, unsafe);
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        flow_into(&f, b, 0);    /* handlers that no instruction can reach are looked at, too */
    }
    while (f.n > 0) {
        _PyCfgBlock *b = f.stack[--f.n];
        b->on_stack = 0;
        flow_through(&f, b);
    }
    return 0;
}
