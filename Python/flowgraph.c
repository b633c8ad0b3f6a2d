/* Control-flow graphs: building, layout, line numbers, stack depth, jumps.

   Layout order is the order in which the code generator wrote the blocks, except that blocks which
   only exceptions reach ("cold") are moved to the end.  A block ends after a jump or an exit from
   the scope, and before a label.

   Invariants: after _PyCfg_FromSequence every instruction with a target has its `target`, none
   has a label any more; after _PyCfg_LabelExceptionTargets `except` is right for every
   instruction and stays right because instructions are only removed, changed in place, or
   copied with their `except`.

   Written from: the dis documentation, PEP 626 (line numbers), the description of the exception
   table, and by comparing with the output of 3.12. */

#include "Python.h"
#include "pycore_flowgraph.h"

#define MAX_INLINED_EXIT 4      /* exit blocks up to this many instructions are copied to jumps */
#define MIN_CAPACITY 16

/* --- instruction sequences ----------------------------------------------------------------- */

/* Make room for one more item in an arena array. */
static void *
grow(PyArena *arena, void *old, int count, int *capacity, size_t size)
{
    if (count < *capacity) {
        return old;
    }
    int wanted = *capacity ? *capacity * 2 : MIN_CAPACITY;
    if (*capacity > INT_MAX / 2 / (int)size) {
        PyErr_NoMemory();
        return NULL;
    }
    void *mem = _PyArena_Malloc(arena, (size_t)wanted * size);
    if (mem == NULL) {
        return NULL;
    }
    if (count > 0) {
        memcpy(mem, old, (size_t)count * size);
    }
    *capacity = wanted;
    return mem;
}

int
_PyInstrSequence_Append(_PyInstrSequence *seq, int opcode, int oparg, location loc)
{
    _PyInstruction *items = grow(seq->arena, seq->items, seq->count, &seq->capacity,
                                 sizeof(_PyInstruction));
    if (items == NULL) {
        return -1;
    }
    seq->items = items;
    items[seq->count++] = (_PyInstruction){opcode, oparg, loc};
    return 0;
}

int
_PyInstrSequence_InsertFirst(_PyInstrSequence *seq, int opcode, int oparg, location loc)
{
    if (_PyInstrSequence_Append(seq, opcode, oparg, loc) < 0) {
        return -1;
    }
    memmove(seq->items + 1, seq->items, (size_t)(seq->count - 1) * sizeof(_PyInstruction));
    seq->items[0] = (_PyInstruction){opcode, oparg, loc};
    for (int i = 0; i < seq->n_labels; i++) {
        if (seq->labels[i] >= 0) {
            seq->labels[i]++;
        }
    }
    return 0;
}

int
_PyInstrSequence_NewLabel(_PyInstrSequence *seq)
{
    int *labels = grow(seq->arena, seq->labels, seq->n_labels, &seq->labels_capacity,
                       sizeof(int));
    if (labels == NULL) {
        return -1;
    }
    seq->labels = labels;
    labels[seq->n_labels] = -1;
    return seq->n_labels++;
}

int
_PyInstrSequence_PlaceLabel(_PyInstrSequence *seq, int label)
{
    assert(0 <= label && label < seq->n_labels);
    assert(seq->labels[label] == -1);
    seq->labels[label] = seq->count;
    return 0;
}

/* --- building ------------------------------------------------------------------------------ */

_PyCfgBlock *
_PyCfg_NewBlock(_PyCfg *g)
{
    _PyCfgBlock *b = _PyArena_Malloc(g->arena, sizeof(*b));
    if (b == NULL) {
        return NULL;
    }
    memset(b, 0, sizeof(*b));
    b->startdepth = -1;
    b->all = g->all;
    g->all = b;
    g->n_blocks++;
    return b;
}

/* Insert an instruction before position `at`. */
int
_PyCfgBlock_Insert(_PyCfg *g, _PyCfgBlock *b, int at, int opcode, int oparg, location loc,
                   _PyCfgBlock *target)
{
    assert(0 <= at && at <= b->count);
    _PyCfgInstr *items = grow(g->arena, b->items, b->count, &b->capacity, sizeof(_PyCfgInstr));
    if (items == NULL) {
        return -1;
    }
    b->items = items;
    memmove(items + at + 1, items + at, (size_t)(b->count - at) * sizeof(_PyCfgInstr));
    items[at] = (_PyCfgInstr){opcode, oparg, loc, target, NULL};
    b->count++;
    return 0;
}

int
_PyCfgBlock_AppendCopy(_PyCfg *g, _PyCfgBlock *b, const _PyCfgBlock *source)
{
    for (int i = 0; i < source->count; i++) {
        if (_PyCfgBlock_Insert(g, b, b->count, NOP, 0, NO_LOCATION, NULL) < 0) {
            return -1;
        }
        b->items[b->count - 1] = source->items[i];
    }
    return 0;
}

/* Start a new block after the current one. */
static _PyCfgBlock *
next_block(_PyCfg *g)
{
    _PyCfgBlock *b = _PyCfg_NewBlock(g);
    if (b != NULL) {
        if (g->current == NULL) {
            g->entry = b;
        }
        else {
            g->current->next = b;
        }
        g->current = b;
    }
    return b;
}

/* Build the graph from a sequence whose labels are all placed.  block_at[i] is the block that
   starts at instruction i, for those that a label names. */
static int
build_blocks(_PyCfg *g, _PyInstrSequence *seq, _PyCfgBlock **block_at)
{
    for (int i = 0; i < seq->n_labels; i++) {
        if (seq->labels[i] >= 0) {
            block_at[seq->labels[i]] = g->entry;    /* any non-NULL: replaced when reached */
        }
    }
    int terminated = 0;
    for (int i = 0; i <= seq->count; i++) {
        _PyCfgBlock *b = g->current;
        if (block_at[i] != NULL) {
            if (b->count > 0) {
                b = next_block(g);
            }
            if (b == NULL) {
                return -1;
            }
            b->has_label = 1;
            block_at[i] = b;
        }
        else if (terminated && i < seq->count) {
            b = next_block(g);
            if (b == NULL) {
                return -1;
            }
        }
        if (i == seq->count) {
            break;
        }
        _PyInstruction *in = &seq->items[i];
        if (_PyCfgBlock_Insert(g, b, b->count, in->opcode, in->oparg, in->loc, NULL) < 0) {
            return -1;
        }
        terminated = _PyOpcode_IsJump(in->opcode) || _PyOpcode_IsScopeExit(in->opcode);
    }
    return 0;
}

/* Fill in *g (zeroed by the caller's call) from seq.  0, or -1 with MemoryError. */
int
_PyCfg_FromSequence(_PyCfg *g, _PyInstrSequence *seq, PyArena *arena)
{
    *g = (_PyCfg){.arena = arena};
    size_t size = (size_t)(seq->count + 1) * sizeof(_PyCfgBlock *);
    _PyCfgBlock **block_at = _PyArena_Malloc(arena, size);
    if (block_at == NULL || next_block(g) == NULL) {
        return -1;
    }
    memset(block_at, 0, size);
    if (build_blocks(g, seq, block_at) < 0) {
        return -1;
    }
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        for (int i = 0; i < b->count; i++) {
            _PyCfgInstr *in = &b->items[i];
            if (_PyOpcode_HasTarget(in->opcode)) {
                assert(0 <= in->oparg && in->oparg < seq->n_labels);
                in->target = block_at[seq->labels[in->oparg]];
                assert(in->target != NULL);
                in->oparg = 0;
                if (_PyOpcode_IsBlockPush(in->opcode)) {
                    in->target->except_handler = 1;
                }
            }
        }
    }
    return 0;
}

/* --- exception handlers -------------------------------------------------------------------- */

/* The handlers in force at a point, innermost last.  Immutable linked list, shared by paths. */
struct handlers {
    struct handlers *outer;
    _PyCfgBlock *target;
    int depth;
};

struct walk_item {
    _PyCfgBlock *block;
    struct handlers *handlers;
};

static int
label_block(_PyCfg *g, _PyCfgBlock *b, struct handlers *in_force, struct walk_item *todo,
            int *n_todo)
{
    for (int i = 0; i < b->count; i++) {
        _PyCfgInstr *in = &b->items[i];
        in->except = in_force ? in_force->target : NULL;
        if (_PyOpcode_IsBlockPush(in->opcode)) {
            _PyCfgBlock *target = in->target;
            in->except = NULL;      /* raises nothing */
            if (!target->visited) {
                target->visited = 1;
                todo[(*n_todo)++] = (struct walk_item){target, in_force};
            }
            if (in->opcode != SETUP_FINALLY) {
                target->preserve_lasti = 1;
            }
            struct handlers *h = _PyArena_Malloc(g->arena, sizeof(*h));
            if (h == NULL) {
                return -1;
            }
            *h = (struct handlers){in_force, target, in_force ? in_force->depth + 1 : 1};
            in_force = h;
        }
        else if (in->opcode == POP_BLOCK) {
            assert(in_force != NULL);
            in_force = in_force->outer;
            in->except = NULL;
        }
        else if (_PyOpcode_IsJump(in->opcode)) {
            if (!in->target->visited) {
                in->target->visited = 1;
                todo[(*n_todo)++] = (struct walk_item){in->target, in_force};
            }
        }
        else if (in->opcode == YIELD_VALUE) {
            in->oparg = in_force ? in_force->depth : 0;
        }
    }
    if (_PyCfgBlock_FallsThrough(b) && b->next != NULL && !b->next->visited) {
        b->next->visited = 1;
        todo[(*n_todo)++] = (struct walk_item){b->next, in_force};
    }
    return 0;
}

static void
clear_visited(_PyCfg *g)
{
    for (_PyCfgBlock *b = g->all; b != NULL; b = b->all) {
        b->visited = 0;
        b->on_stack = 0;
    }
}

/* Set `except` of every reachable instruction.  SETUP_* and POP_BLOCK raise nothing. */
int
_PyCfg_LabelExceptionTargets(_PyCfg *g)
{
    struct walk_item *todo = _PyArena_Malloc(g->arena,
                                             (size_t)(g->n_blocks + 1) * sizeof(*todo));
    if (todo == NULL) {
        return -1;
    }
    int n = 0;
    clear_visited(g);
    todo[n++] = (struct walk_item){g->entry, NULL};
    g->entry->visited = 1;
    while (n > 0) {
        struct walk_item item = todo[--n];
        if (label_block(g, item.block, item.handlers, todo, &n) < 0) {
            return -1;
        }
        assert(n <= g->n_blocks);
    }
    return 0;
}

/* --- reachability -------------------------------------------------------------------------- */

static void
reach(_PyCfgBlock *b, _PyCfgBlock **stack, int *n)
{
    if (!b->visited) {
        b->visited = 1;
        stack[(*n)++] = b;
    }
    b->predecessors++;
}

/* Count predecessors and empty the blocks that nothing reaches. */
int
_PyCfg_RemoveUnreachable(_PyCfg *g)
{
    _PyCfgBlock **stack = _PyArena_Malloc(g->arena,
                                          (size_t)(g->n_blocks + 1) * sizeof(*stack));
    if (stack == NULL) {
        return -1;
    }
    clear_visited(g);
    for (_PyCfgBlock *b = g->all; b != NULL; b = b->all) {
        b->predecessors = 0;
    }
    int n = 0;
    reach(g->entry, stack, &n);
    while (n > 0) {
        _PyCfgBlock *b = stack[--n];
        if (b->next != NULL && _PyCfgBlock_FallsThrough(b)) {
            reach(b->next, stack, &n);
        }
        for (int i = 0; i < b->count; i++) {
            if (b->items[i].target != NULL && _PyOpcode_HasTarget(b->items[i].opcode)) {
                reach(b->items[i].target, stack, &n);
            }
        }
    }
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        if (b->predecessors == 0) {
            b->count = 0;
            b->except_handler = 0;
        }
    }
    return 0;
}

static _PyCfgBlock *
skip_empty(_PyCfgBlock *b)
{
    while (b != NULL && b->count == 0 && b->next != NULL) {
        b = b->next;
    }
    return b;
}

static void
remove_empty_blocks(_PyCfg *g)
{
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        _PyCfgBlock *next = b->next;
        while (next != NULL && next->count == 0) {
            next = next->next;
        }
        b->next = next;
    }
    while (g->entry->count == 0 && g->entry->next != NULL) {
        g->entry = g->entry->next;
    }
}

static void
retarget_past_empty_blocks(_PyCfg *g)
{
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        for (int i = 0; i < b->count; i++) {
            _PyCfgInstr *in = &b->items[i];
            if (_PyOpcode_HasTarget(in->opcode)) {
                in->target = skip_empty(in->target);
                if (_PyOpcode_IsBlockPush(in->opcode)) {
                    in->target->except_handler = 1;
                }
            }
            if (in->except != NULL) {
                in->except = skip_empty(in->except);
            }
        }
    }
}

static void
eliminate_empty_blocks(_PyCfg *g)
{
    retarget_past_empty_blocks(g);
    remove_empty_blocks(g);
}

/* A jump to a short block that leaves the scope becomes a copy of that block. */
static int
inline_small_exits(_PyCfg *g)
{
    assert(g->entry != NULL);
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        _PyCfgInstr *last = _PyCfgBlock_Last(b);
        if (last == NULL || !_PyOpcode_IsUnconditionalJump(last->opcode)) {
            continue;
        }
        _PyCfgBlock *target = last->target;
        if (_PyCfgBlock_IsExit(target) && target->count <= MAX_INLINED_EXIT) {
            last->opcode = NOP;
            last->oparg = 0;
            last->target = NULL;
            if (_PyCfgBlock_AppendCopy(g, b, target) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

/* --- NOPs and jumps that do nothing -------------------------------------------------------- */

/* Line of the first instruction after b that will stay, -1 if none. */
static int
following_line(_PyCfgBlock *b)
{
    _PyCfgBlock *next = b->next;
    while (next != NULL && next->count == 0) {
        next = next->next;
    }
    if (next != NULL) {
        for (int i = 0; i < next->count; i++) {
            if (next->items[i].opcode == NOP && next->items[i].loc.lineno < 0) {
                continue;
            }
            return next->items[i].loc.lineno;
        }
    }
    return -1;
}

/* A NOP stays only if it is the sole instruction of its line at that place (PEP 626). */
static void
remove_nops_in(_PyCfgBlock *b)
{
    int kept = 0, prev_line = -1;
    for (int i = 0; i < b->count; i++) {
        _PyCfgInstr *in = &b->items[i];
        int line = in->loc.lineno;
        if (in->opcode == NOP) {
            if (line < 0 || line == prev_line) {
                continue;
            }
            if (i + 1 < b->count) {
                int next_line = in[1].loc.lineno;
                if (next_line == line) {
                    continue;
                }
                if (next_line < 0) {
                    in[1].loc = in->loc;
                    continue;
                }
            }
            else if (line == following_line(b)) {
                continue;
            }
        }
        if (kept != i) {
            b->items[kept] = *in;
        }
        kept++;
        prev_line = line;
    }
    b->count = kept;
}

void
_PyCfg_RemoveNops(_PyCfg *g)
{
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        remove_nops_in(b);
    }
}

/* Also drop values that are pushed only to be popped at once; neighbours across blocks count
   where the one falls into the other and nothing else leads there. */
void
_PyCfg_RemoveNopsAndPairs(_PyCfg *g)
{
    int changed;
    do {
        changed = 0;
        _PyCfgInstr *prev = NULL;
        for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
            remove_nops_in(b);
            if (b->has_label) {
                prev = NULL;
            }
            for (int i = 0; i < b->count; i++) {
                _PyCfgInstr *in = &b->items[i];
                if (in->opcode == POP_TOP && prev != NULL
                    && (prev->opcode == LOAD_CONST
                        || (prev->opcode == COPY && prev->oparg == 1)))
                {
                    prev->opcode = in->opcode = NOP;
                    prev->oparg = in->oparg = 0;
                    changed = 1;
                }
                prev = in;
            }
            if (prev != NULL && (_PyOpcode_IsJump(prev->opcode)
                                 || !_PyCfgBlock_FallsThrough(b)))
            {
                prev = NULL;
            }
        }
    } while (changed);
}

/* Jumps to the next block become NOPs. */
void
_PyCfg_RemoveRedundantJumps(_PyCfg *g)
{
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        _PyCfgInstr *last = _PyCfgBlock_Last(b);
        if (last == NULL || (last->opcode != JUMP && last->opcode != JUMP_NO_INTERRUPT)) {
            continue;
        }
        _PyCfgBlock *next = b->next == NULL ? NULL : skip_empty(b->next);
        if (skip_empty(last->target) == next) {
            last->opcode = NOP;
            last->oparg = 0;
            last->target = NULL;
        }
    }
}

/* --- cold blocks --------------------------------------------------------------------------- */

static int
mark_warm_and_cold(_PyCfg *g)
{
    _PyCfgBlock **stack = _PyArena_Malloc(g->arena,
                                          (size_t)(g->n_blocks + 1) * sizeof(*stack));
    if (stack == NULL) {
        return -1;
    }
    int n = 0;
    clear_visited(g);
    /* Warm: reached from the entry without an exception. */
    stack[n++] = g->entry;
    g->entry->visited = 1;
    while (n > 0) {
        _PyCfgBlock *b = stack[--n];
        assert(!b->except_handler);
        b->warm = 1;
        _PyCfgBlock *next = b->next;
        if (next != NULL && _PyCfgBlock_FallsThrough(b) && !next->visited) {
            next->visited = 1;
            stack[n++] = next;
        }
        for (int i = 0; i < b->count; i++) {
            _PyCfgBlock *t = b->items[i].target;
            if (_PyOpcode_IsJump(b->items[i].opcode) && !t->visited) {
                t->visited = 1;
                stack[n++] = t;
            }
        }
    }
    /* Cold: handlers, and what only they reach. */
    clear_visited(g);
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        if (b->except_handler && !b->visited) {
            assert(!b->warm);
            b->visited = 1;
            stack[n++] = b;
        }
    }
    while (n > 0) {
        _PyCfgBlock *b = stack[--n];
        b->cold = 1;
        _PyCfgBlock *next = b->next;
        if (next != NULL && _PyCfgBlock_FallsThrough(b) && !next->warm && !next->visited) {
            next->visited = 1;
            stack[n++] = next;
        }
        for (int i = 0; i < b->count; i++) {
            _PyCfgBlock *t = b->items[i].target;
            if (_PyOpcode_IsJump(b->items[i].opcode) && !t->warm && !t->visited) {
                t->visited = 1;
                stack[n++] = t;
            }
        }
    }
    return 0;
}

/* A cold block that falls into a warm one gets a block with the jump behind it. */
static int
add_jumps_to_warm(_PyCfg *g)
{
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        if (!b->cold || !_PyCfgBlock_FallsThrough(b) || b->next == NULL || !b->next->warm) {
            continue;
        }
        _PyCfgBlock *jump = _PyCfg_NewBlock(g);
        if (jump == NULL
            || _PyCfgBlock_Insert(g, jump, 0, JUMP, 0, NO_LOCATION, b->next) < 0)
        {
            return -1;
        }
        jump->cold = 1;
        jump->next = b->next;
        b->next = jump;
        _PyCfgInstr *last = _PyCfgBlock_Last(b);
        jump->items[0].except = last ? last->except : NULL;
    }
    return 0;
}

static int
push_cold_blocks_to_end(_PyCfg *g)
{
    if (g->entry->next == NULL) {
        return 0;
    }
    if (mark_warm_and_cold(g) < 0 || add_jumps_to_warm(g) < 0) {
        return -1;
    }
    assert(!g->entry->cold);
    _PyCfgBlock *cold_first = NULL, **cold_end = &cold_first, **link = &g->entry;
    _PyCfgBlock *last_warm = NULL;
    while (*link != NULL) {
        _PyCfgBlock *b = *link;
        if (b->cold) {
            *link = b->next;
            *cold_end = b;
            cold_end = &b->next;
        }
        else {
            last_warm = b;
            link = &b->next;
        }
    }
    *cold_end = NULL;
    last_warm->next = cold_first;
    if (cold_first != NULL) {
        _PyCfg_RemoveRedundantJumps(g);
    }
    return 0;
}

/* --- line numbers -------------------------------------------------------------------------- */

static int
is_exit_without_line(_PyCfgBlock *b)
{
    if (!_PyCfgBlock_IsExit(b)) {
        return 0;
    }
    for (int i = 0; i < b->count; i++) {
        if (b->items[i].loc.lineno >= 0) {
            return 0;
        }
    }
    return 1;
}

/* An exit that several paths share and that has no line of its own: give each path a copy,
   which takes the line of that path. */
static int
duplicate_exits_without_line(_PyCfg *g)
{
    assert(g->entry != NULL);
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        _PyCfgInstr *last = _PyCfgBlock_Last(b);
        if (last == NULL || !_PyOpcode_IsJump(last->opcode)) {
            continue;
        }
        _PyCfgBlock *target = skip_empty(last->target);
        if (!is_exit_without_line(target) || target->predecessors <= 1) {
            continue;
        }
        _PyCfgBlock *copy = _PyCfg_NewBlock(g);
        if (copy == NULL || _PyCfgBlock_AppendCopy(g, copy, target) < 0) {
            return -1;
        }
        copy->cold = target->cold;
        copy->predecessors = 1;
        copy->items[0].loc = last->loc;
        last->target = copy;
        target->predecessors--;
        copy->next = target->next;
        target->next = copy;
    }
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        if (_PyCfgBlock_FallsThrough(b) && b->next != NULL && b->count > 0
            && is_exit_without_line(b->next))
        {
            b->next->items[0].loc = _PyCfgBlock_Last(b)->loc;
        }
    }
    return 0;
}

static void
set_first_line(_PyCfgBlock *b, location loc)
{
    if (b != NULL && b->predecessors == 1 && b->count > 0 && b->items[0].loc.lineno < 0) {
        b->items[0].loc = loc;
    }
}

/* Instructions without a line take that of the instruction before them, where that is unique. */
static void
propagate_lines(_PyCfg *g)
{
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        _PyCfgInstr *last = _PyCfgBlock_Last(b);
        if (last == NULL) {
            continue;
        }
        location prev = NO_LOCATION;
        for (int i = 0; i < b->count; i++) {
            if (b->items[i].loc.lineno < 0) {
                b->items[i].loc = prev;
            }
            else {
                prev = b->items[i].loc;
            }
        }
        if (_PyCfgBlock_FallsThrough(b)) {
            set_first_line(b->next, prev);
        }
        if (_PyOpcode_IsJump(last->opcode)) {
            set_first_line(last->target, prev);
        }
    }
}

/* --- unused constants ---------------------------------------------------------------------- */

/* Constant 0 stays in any case: it may be the docstring. */
static int
remove_unused_consts(_PyCfg *g, PyObject *consts)
{
    Py_ssize_t n = PyList_GET_SIZE(consts);
    assert(PyList_CheckExact(consts));
    if (n == 0) {
        return 0;
    }
    int *new_index = _PyArena_Malloc(g->arena, (size_t)n * sizeof(int));
    if (new_index == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        new_index[i] = i == 0 ? 0 : -1;
    }
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        for (int i = 0; i < b->count; i++) {
            if (_PyOpcode_HasConst(b->items[i].opcode)) {
                new_index[b->items[i].oparg] = b->items[i].oparg;
            }
        }
    }
    int used = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (new_index[i] >= 0) {
            if (used != i) {
                PyObject *obj = PyList_GET_ITEM(consts, i);
                if (PyList_SetItem(consts, used, Py_NewRef(obj)) < 0) {
                    return -1;
                }
            }
            new_index[i] = used++;
        }
    }
    if (used == n) {
        return 0;
    }
    if (PyList_SetSlice(consts, used, n, NULL) < 0) {
        return -1;
    }
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        for (int i = 0; i < b->count; i++) {
            if (_PyOpcode_HasConst(b->items[i].opcode)) {
                b->items[i].oparg = new_index[b->items[i].oparg];
                assert(0 <= b->items[i].oparg && b->items[i].oparg < used);
            }
        }
    }
    return 0;
}

/* --- the pipeline -------------------------------------------------------------------------- */

static int
simplify_layout(_PyCfg *g)
{
    if (_PyCfg_RemoveUnreachable(g) < 0) {
        return -1;
    }
    _PyCfg_RemoveNops(g);
    eliminate_empty_blocks(g);
    /* What remains of the jumps goes with the NOPs of ConvertPseudoOps, when lines are known. */
    _PyCfg_RemoveRedundantJumps(g);
    return 0;
}

/* All optimisations.  0, or -1 with an exception. */
int
_PyCfg_Optimize(_PyCfg *g, _PyCfgUnit *unit)
{
    if (_PyCfg_LabelExceptionTargets(g) < 0) {
        return -1;
    }
    eliminate_empty_blocks(g);
    if (inline_small_exits(g) < 0
        || _PyCfg_RemoveUnreachable(g) < 0
        || _PyCfg_OptimizeBlocks(g, unit) < 0
        || inline_small_exits(g) < 0
        || simplify_layout(g) < 0
        || remove_unused_consts(g, unit->consts) < 0
        || _PyCfg_CheckLocals(g, unit) < 0
        || push_cold_blocks_to_end(g) < 0
        || duplicate_exits_without_line(g) < 0)
    {
        return -1;
    }
    propagate_lines(g);
    return 0;
}

/* --- stack depth --------------------------------------------------------------------------- */

static int
push_depth(_PyCfgBlock *b, int depth, _PyCfgBlock **stack, int *n)
{
    assert(depth >= 0);
    if (b->startdepth >= 0 && b->startdepth != depth) {
        PyErr_Format(PyExc_ValueError, "Invalid CFG, inconsistent stackdepth");
        return -1;
    }
    if (b->startdepth < depth) {
        b->startdepth = depth;
        stack[(*n)++] = b;
    }
    return 0;
}

/* Depth needed by the code, and startdepth of every block; -1 with an exception. */
int
_PyCfg_StackDepth(_PyCfg *g)
{
    assert(g->entry != NULL);
    for (_PyCfgBlock *b = g->all; b != NULL; b = b->all) {
        b->startdepth = -1;
    }
    _PyCfgBlock **stack = _PyArena_Malloc(g->arena,
                                          (size_t)(g->n_blocks + 1) * sizeof(*stack));
    if (stack == NULL) {
        return -1;
    }
    int n = 0, max = 0;
    if (push_depth(g->entry, 0, stack, &n) < 0) {
        return -1;
    }
    while (n > 0) {
        _PyCfgBlock *b = stack[--n];
        int depth = b->startdepth, falls = 1;
        for (int i = 0; i < b->count; i++) {
            _PyCfgInstr *in = &b->items[i];
            int effect = _PyOpcode_StackEffect(in->opcode, in->oparg, 0);
            if (effect == _PyOpcode_INVALID_EFFECT || depth + effect < 0) {
                PyErr_Format(PyExc_ValueError, effect == _PyOpcode_INVALID_EFFECT
                             ? "Invalid stack effect for opcode %d with oparg %d"
                             : "Invalid CFG, stack underflow", in->opcode, in->oparg);
                return -1;
            }
            if (_PyOpcode_HasTarget(in->opcode)) {
                int there = depth + _PyOpcode_StackEffect(in->opcode, in->oparg, 1);
                max = Py_MAX(max, there);
                if (push_depth(in->target, there, stack, &n) < 0) {
                    return -1;
                }
            }
            depth += effect;
            max = Py_MAX(max, depth);
            if (_PyOpcode_IsScopeExit(in->opcode)
                || _PyOpcode_IsUnconditionalJump(in->opcode))
            {
                falls = 0;
                break;
            }
        }
        if (falls && b->next != NULL && push_depth(b->next, depth, stack, &n) < 0) {
            return -1;
        }
    }
    return max;
}

/* --- last steps ---------------------------------------------------------------------------- */

/* Pseudo opcodes that are not jumps become real ones or vanish. */
int
_PyCfg_ConvertPseudoOps(_PyCfg *g)
{
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        for (int i = 0; i < b->count; i++) {
            _PyCfgInstr *in = &b->items[i];
            if (_PyOpcode_IsBlockPush(in->opcode) || in->opcode == POP_BLOCK) {
                in->opcode = NOP;
                in->oparg = 0;
                in->target = NULL;
            }
            else if (in->opcode == STORE_FAST_MAYBE_NULL) {
                in->opcode = STORE_FAST;
            }
        }
    }
    _PyCfg_RemoveNops(g);
    return 0;
}

static int
reversed_condition(int opcode)
{
    switch (opcode) {
    case POP_JUMP_IF_NOT_NONE:
        return POP_JUMP_IF_NONE;
    case POP_JUMP_IF_NONE:
        return POP_JUMP_IF_NOT_NONE;
    case POP_JUMP_IF_FALSE:
        return POP_JUMP_IF_TRUE;
    default:
        assert(opcode == POP_JUMP_IF_TRUE);
        return POP_JUMP_IF_FALSE;
    }
}

/* Choose the direction of every jump.  Conditional jumps only go forward: a backward one
   becomes its opposite around an unconditional jump.  The layout is final here. */
int
_PyCfg_NormalizeJumps(_PyCfg *g)
{
    clear_visited(g);
    for (_PyCfgBlock *b = g->entry; b != NULL; b = b->next) {
        b->visited = 1;
        _PyCfgInstr *last = _PyCfgBlock_Last(b);
        if (last == NULL || !_PyOpcode_IsJump(last->opcode)) {
            continue;
        }
        assert(last->target != NULL);
        int forward = !last->target->visited;
        switch (last->opcode) {
        case JUMP:
            last->opcode = forward ? JUMP_FORWARD : JUMP_BACKWARD;
            continue;
        case JUMP_NO_INTERRUPT:
            last->opcode = forward ? JUMP_FORWARD : JUMP_BACKWARD_NO_INTERRUPT;
            continue;
        case POP_JUMP_IF_FALSE:
        case POP_JUMP_IF_TRUE:
        case POP_JUMP_IF_NONE:
        case POP_JUMP_IF_NOT_NONE:
            break;
        default:
            assert(forward);        /* FOR_ITER and SEND only go forward */
            continue;
        }
        if (forward) {
            continue;
        }
        _PyCfgBlock *back = _PyCfg_NewBlock(g);
        if (back == NULL
            || _PyCfgBlock_Insert(g, back, 0, JUMP, 0, last->loc, last->target) < 0)
        {
            return -1;
        }
        back->items[0].except = last->except;
        back->cold = b->cold;
        back->startdepth = last->target->startdepth;
        last->opcode = reversed_condition(last->opcode);
        last->target = b->next;
        back->next = b->next;
        b->next = back;
    }
    return 0;
}
