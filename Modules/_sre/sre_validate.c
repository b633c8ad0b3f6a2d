/* Is a list of code words a program for the engine?
 *
 * One pass from left to right with a stack of open blocks on the heap, so that no nesting
 * exhausts the C stack.  What is accepted is a tree: every block lies in its enclosing block, ends
 * with the word its opcode calls for, and jumps lead only forward to ends of blocks.  So the
 * engine may follow every skip, finds the REPEAT of every UNTIL, and needs no bounds of the code.
 *
 * Written from re/_compiler.py.
 */
#include "sre.h"

typedef enum { BLOCK_SUCCESS, BLOCK_REPEAT, BLOCK_BRANCH, BLOCK_YES, BLOCK_NO } block_kind;

typedef struct {
    block_kind kind;
    size_t end;         /* index of the word that ends the block */
    size_t target;      /* BRANCH: where the alternatives jump to, 0: not known */
} block;

typedef struct {
    const sre_code *code;
    size_t pc;
    size_t groups;
    block *blocks;
    size_t depth, capacity;
} validator;

/* 1, or -1 with MemoryError; 0 if the block would leave its enclosing block. */
static int
open_block(validator *v, block_kind kind, size_t end)
{
    assert(v->depth > 0);
    if (end < v->pc || end > v->blocks[v->depth - 1].end) {
        return 0;
    }
    if (v->depth == v->capacity) {
        size_t capacity = v->capacity * 2;
        block *blocks = PyMem_Realloc(v->blocks, capacity * sizeof(block));
        if (blocks == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        v->blocks = blocks;
        v->capacity = capacity;
    }
    v->blocks[v->depth++] = (block){kind, end, 0};
    return 1;
}

/* Index behind the set that begins at pc, 0 if it is none or reaches beyond `end`. */
static size_t
set_end(const sre_code *code, size_t pc, size_t end)
{
    while (pc < end) {
        size_t size;
        size_t left = end - pc - 1;
        switch (code[pc++]) {
        case SRE_FAILURE:
            return pc;
        case SRE_NEGATE:
            size = 0;
            break;
        case SRE_LITERAL:
            size = 1;
            break;
        case SRE_RANGE:
        case SRE_RANGE_UNI_IGNORE:
            size = 2;
            break;
        case SRE_CHARSET:
            size = SRE_BITMAP_WORDS;
            break;
        case SRE_CATEGORY:
            if (left < 1 || code[pc] >= SRE_CATEGORY_COUNT) {
                return 0;
            }
            size = 1;
            break;
        case SRE_BIGCHARSET: {
            if (left < 1 + SRE_BLOCKMAP_WORDS || code[pc] > 256) {
                return 0;
            }
            const unsigned char *map = (const unsigned char *)&code[pc + 1];
            for (int i = 0; i < 256; i++) {
                if (map[i] >= code[pc]) {
                    return 0;
                }
            }
            size = 1 + SRE_BLOCKMAP_WORDS + (size_t)code[pc] * SRE_BITMAP_WORDS;
            break;
        }
        default:
            return 0;
        }
        if (size > left) {
            return 0;
        }
        pc += size;
    }
    return 0;
}

/* Index behind an opcode that matches one character, 0 if there is none that ends before `end`. */
static size_t
unit_end(const sre_code *code, size_t pc, size_t end)
{
    if (pc >= end) {
        return 0;
    }
    size_t left = end - pc - 1;
    switch (code[pc++]) {
    case SRE_ANY:
    case SRE_ANY_ALL:
        return pc;
    case SRE_LITERAL:
    case SRE_NOT_LITERAL:
    case SRE_LITERAL_IGNORE:
    case SRE_NOT_LITERAL_IGNORE:
    case SRE_LITERAL_LOC_IGNORE:
    case SRE_NOT_LITERAL_LOC_IGNORE:
    case SRE_LITERAL_UNI_IGNORE:
    case SRE_NOT_LITERAL_UNI_IGNORE:
        return left >= 1 ? pc + 1 : 0;
    case SRE_CATEGORY:
        return left >= 1 && code[pc] < SRE_CATEGORY_COUNT ? pc + 1 : 0;
    case SRE_IN:
    case SRE_IN_IGNORE:
    case SRE_IN_LOC_IGNORE:
    case SRE_IN_UNI_IGNORE: {
        if (left < 1 || code[pc] > left) {
            return 0;
        }
        size_t behind = pc + code[pc];
        return set_end(code, pc + 1, behind) == behind ? behind : 0;
    }
    default:
        return 0;
    }
}

/* INFO: pc is behind the opcode. */
static int
check_info(validator *v, size_t end)
{
    const sre_code *code = v->code + v->pc;
    size_t left = end - v->pc;
    if (left < 4 || code[0] < 4 || code[0] > left) {
        return 0;
    }
    size_t skip = code[0];
    sre_code flags = code[1];
    if (flags & ~(sre_code)(SRE_INFO_PREFIX | SRE_INFO_LITERAL | SRE_INFO_CHARSET)
        || code[2] > code[3]
        || ((flags & SRE_INFO_LITERAL) && !(flags & SRE_INFO_PREFIX))
        || ((flags & SRE_INFO_PREFIX) && (flags & SRE_INFO_CHARSET))) {
        return 0;
    }
    if (flags & SRE_INFO_PREFIX) {
        if (skip < 6 || code[4] == 0 || code[5] > code[4]
            || skip != 6 + 2 * (size_t)code[4]) {
            return 0;
        }
        /* the search goes back by the table: each step must be one back */
        const sre_code *overlap = code + 6 + code[4];
        for (size_t i = 0; i < code[4]; i++) {
            if (overlap[i] > i) {
                return 0;
            }
        }
    }
    else if (flags & SRE_INFO_CHARSET) {
        if (set_end(code, 4, skip) != skip) {
            return 0;
        }
    }
    else if (skip != 4) {
        return 0;
    }
    v->pc += skip;
    return 1;
}

/* What begins behind a REPEAT opcode: skip, min, max, body. */
static int
check_repeat(validator *v, sre_code op, size_t end)
{
    const sre_code *code = v->code;
    size_t left = end - v->pc;
    if (left < 3 || code[v->pc] < 3 || code[v->pc] > left || code[v->pc + 1] > code[v->pc + 2]) {
        return 0;
    }
    size_t behind = v->pc + code[v->pc];
    v->pc += 3;
    if (op == SRE_REPEAT || op == SRE_POSSESSIVE_REPEAT) {
        if (behind >= end) {
            return 0;
        }
        if (op == SRE_REPEAT) {
            return open_block(v, BLOCK_REPEAT, behind);
        }
        return open_block(v, BLOCK_SUCCESS, behind);
    }
    size_t pc = unit_end(code, v->pc, behind);
    if (pc == 0 || pc + 1 != behind || code[pc] != SRE_SUCCESS) {
        return 0;
    }
    v->pc = behind;
    return 1;
}

/* Begins the alternative of a BRANCH whose skip is at pc. */
static int
check_alternative(validator *v, size_t end, size_t target)
{
    if (v->pc >= end) {
        return 0;
    }
    sre_code skip = v->code[v->pc];
    if (skip == 0) {
        v->pc++;
        return target == v->pc;
    }
    if (skip < 3 || skip >= end - v->pc) {
        return 0;
    }
    size_t jump = v->pc + skip - 2;
    v->pc++;
    int res = open_block(v, BLOCK_BRANCH, jump);
    if (res == 1) {
        v->blocks[v->depth - 1].target = target;
    }
    return res;
}

/* One opcode and what belongs to it, in front of `end`. */
static int
check_op(validator *v, size_t end)
{
    const sre_code *code = v->code;
    size_t behind = unit_end(code, v->pc, end);
    if (behind != 0) {
        v->pc = behind;
        return 1;
    }
    sre_code op = code[v->pc++];
    size_t left = end - v->pc;
    switch (op) {
    case SRE_FAILURE:
        return 1;
    case SRE_AT:
        return left >= 1 && code[v->pc++] < SRE_AT_COUNT;
    case SRE_MARK:
        return left >= 1 && code[v->pc++] < 2 * v->groups;
    case SRE_GROUPREF:
    case SRE_GROUPREF_IGNORE:
    case SRE_GROUPREF_LOC_IGNORE:
    case SRE_GROUPREF_UNI_IGNORE:
        return left >= 1 && code[v->pc++] < v->groups;
    case SRE_INFO:
        return check_info(v, end);
    case SRE_REPEAT:
    case SRE_POSSESSIVE_REPEAT:
    case SRE_REPEAT_ONE:
    case SRE_MIN_REPEAT_ONE:
    case SRE_POSSESSIVE_REPEAT_ONE:
        return check_repeat(v, op, end);
    case SRE_BRANCH:
        if (left < 1 || code[v->pc] == 0) {
            return 0;
        }
        return check_alternative(v, end, 0);
    case SRE_ASSERT:
    case SRE_ASSERT_NOT:
    case SRE_ATOMIC_GROUP: {
        size_t head = op == SRE_ATOMIC_GROUP ? 1 : 2;
        if (left < head + 1 || code[v->pc] < head + 1 || code[v->pc] > left) {
            return 0;
        }
        size_t success = v->pc + code[v->pc] - 1;
        v->pc += head;
        return open_block(v, BLOCK_SUCCESS, success);
    }
    case SRE_GROUPREF_EXISTS: {
        if (left < 2 || code[v->pc] >= v->groups || code[v->pc + 1] < 2 || code[v->pc + 1] > left) {
            return 0;
        }
        size_t skip = code[v->pc + 1];
        v->pc += 2;
        return open_block(v, BLOCK_YES, v->pc - 2 + skip);
    }
    case SRE_JUMP: {
        /* only at the end of the first part of a conditional */
        block *b = &v->blocks[v->depth - 1];
        assert(v->depth > 1 || b->kind == BLOCK_SUCCESS);
        if (b->kind != BLOCK_YES || left != 1) {
            return 0;
        }
        size_t target = v->pc + code[v->pc];
        if (code[v->pc] < 1 || target > v->blocks[v->depth - 2].end) {
            return 0;
        }
        v->pc++;
        b->kind = BLOCK_NO;
        b->end = target;
        return 1;
    }
    default:
        return 0;
    }
}

/* pc is at the end of the innermost block. */
static int
close_block(validator *v)
{
    block b = v->blocks[--v->depth];
    assert(v->pc == b.end);
    switch (b.kind) {
    case BLOCK_SUCCESS:
        return v->code[v->pc++] == SRE_SUCCESS;
    case BLOCK_REPEAT: {
        sre_code op = v->code[v->pc++];
        return op == SRE_MAX_UNTIL || op == SRE_MIN_UNTIL;
    }
    case BLOCK_BRANCH: {
        if (v->code[v->pc] != SRE_JUMP) {
            return 0;
        }
        size_t target = v->pc + 1 + v->code[v->pc + 1];
        if (b.target != 0 && b.target != target) {
            return 0;
        }
        v->pc += 2;
        assert(v->depth > 0);
        return check_alternative(v, v->blocks[v->depth - 1].end, target);
    }
    case BLOCK_YES:
    case BLOCK_NO:
        return 1;
    }
    Py_UNREACHABLE();
}

int
_PySre_Validate(const sre_code *code, Py_ssize_t size, Py_ssize_t groups)
{
    if (groups < 0 || groups > SRE_MAXGROUPS || size < 1 || (size_t)size > UINT32_MAX / 2) {
        return 0;
    }
    validator v = {.code = code, .groups = (size_t)groups, .capacity = 16};
    v.blocks = PyMem_Malloc(v.capacity * sizeof(block));
    if (v.blocks == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    v.blocks[v.depth++] = (block){BLOCK_SUCCESS, (size_t)size - 1, 0};
    int res = 1;
    while (res == 1 && v.depth > 0) {
        size_t end = v.blocks[v.depth - 1].end;
        assert(v.pc <= end);
        res = v.pc == end ? close_block(&v) : check_op(&v, end);
    }
    assert(res != 1 || v.pc == (size_t)size);
    PyMem_Free(v.blocks);
    return res;
}
