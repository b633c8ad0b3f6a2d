/* Instructions on their way from the code generator to the assembler.

   1. An instruction sequence: a growing array; jumps name labels.  (Python/compile*.c write it.)
   2. A control-flow graph of basic blocks, on which all optimisation happens.
   (Python/flowgraph*.c)
   3. The blocks laid out in order; the assembler turns them into bytes.  (Python/assemble.c)

   Everything lives in the arena of the code unit and goes with it, so nothing here is freed
   singly. */
#ifndef Py_INTERNAL_FLOWGRAPH_H
#define Py_INTERNAL_FLOWGRAPH_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_opcode_utils.h" // instruction properties
#include "pycore_pyarena.h"     // PyArena

typedef _PyCompilerSrcLocation location;

#define NO_LOCATION ((location){-1, -1, -1, -1})
#define NO_LABEL (-1)

/* --- instruction sequence ------------------------------------------------------------------ */

typedef struct {
    int opcode;
    int oparg;                  /* label id if the opcode has a target */
    location loc;
} _PyInstruction;

typedef struct {
    PyArena *arena;             /* borrowed */
    _PyInstruction *items;
    int count, capacity;
    int *labels;                /* label id -> index of an instruction; -1 until placed */
    int n_labels, labels_capacity;
} _PyInstrSequence;

/* All return 0, or -1 with MemoryError. */
extern int _PyInstrSequence_Append(_PyInstrSequence *, int opcode, int oparg, location);
extern int _PyInstrSequence_InsertFirst(_PyInstrSequence *, int opcode, int oparg, location);
extern int _PyInstrSequence_NewLabel(_PyInstrSequence *);   /* the label id */
extern int _PyInstrSequence_PlaceLabel(_PyInstrSequence *, int label);

/* --- control-flow graph -------------------------------------------------------------------- */

struct _PyCfgBlock;

typedef struct {
    int opcode;
    int oparg;
    location loc;
    struct _PyCfgBlock *target; /* of jumps and block pushes, else NULL */
    struct _PyCfgBlock *except; /* where an exception raised here goes, NULL: out of the frame */
} _PyCfgInstr;

typedef struct _PyCfgBlock {
    struct _PyCfgBlock *next;   /* next in layout order */
    struct _PyCfgBlock *all;    /* every block of the graph, for resetting marks */
    _PyCfgInstr *items;
    int count, capacity;
    int predecessors;           /* valid after _PyCfg_RemoveUnreachable */
    int startdepth;             /* stack depth at entry, -1 until known */
    int offset;                 /* in code units, set by the assembler */
    uint64_t unsafe_locals;     /* locals below 64 that may be unbound at entry */
    unsigned except_handler : 1;
    unsigned preserve_lasti : 1;/* the handler finds lasti below the exception */
    unsigned visited : 1;       /* scratch mark of graph walks */
    unsigned on_stack : 1;      /* scratch mark of work lists */
    unsigned cold : 1;          /* only reached through an exception */
    unsigned warm : 1;
    unsigned has_label : 1;     /* may be the target of a jump */
} _PyCfgBlock;

typedef struct {
    PyArena *arena;             /* borrowed */
    _PyCfgBlock *entry;
    _PyCfgBlock *current;       /* last block in layout order while building */
    _PyCfgBlock *all;           /* list through `all` */
    int n_blocks;
} _PyCfg;

/* What the optimiser knows about the unit. */
typedef struct {
    PyObject *consts;           /* list; folding appends to it */
    PyObject *const_cache;      /* dict, see _PyCompile_InternConst */
    int nlocals;
    int nparams;
    int firstlineno;
    int code_flags;
} _PyCfgUnit;

extern int _PyCfg_FromSequence(_PyCfg *g, _PyInstrSequence *seq, PyArena *arena);
extern int _PyCfg_LabelExceptionTargets(_PyCfg *g);
extern int _PyCfg_Optimize(_PyCfg *g, _PyCfgUnit *unit);
extern int _PyCfg_StackDepth(_PyCfg *g);
extern int _PyCfg_ConvertPseudoOps(_PyCfg *g);
extern int _PyCfg_NormalizeJumps(_PyCfg *g);

/* shared by flowgraph.c and flowgraph_optimize.c */
extern _PyCfgBlock *_PyCfg_NewBlock(_PyCfg *g);
extern int _PyCfgBlock_Insert(_PyCfg *g, _PyCfgBlock *b, int at, int opcode, int oparg,
                              location loc, _PyCfgBlock *target);
extern int _PyCfgBlock_AppendCopy(_PyCfg *g, _PyCfgBlock *b, const _PyCfgBlock *source);
extern int _PyCfg_RemoveUnreachable(_PyCfg *g);
extern void _PyCfg_RemoveNops(_PyCfg *g);
extern void _PyCfg_RemoveNopsAndPairs(_PyCfg *g);
extern void _PyCfg_RemoveRedundantJumps(_PyCfg *g);
extern int _PyCfg_OptimizeBlocks(_PyCfg *g, _PyCfgUnit *unit);
extern int _PyCfg_CheckLocals(_PyCfg *g, _PyCfgUnit *unit);

static inline _PyCfgInstr *
_PyCfgBlock_Last(_PyCfgBlock *b)
{
    return b->count > 0 ? &b->items[b->count - 1] : NULL;
}

static inline int
_PyCfgBlock_FallsThrough(_PyCfgBlock *b)
{
    _PyCfgInstr *last = _PyCfgBlock_Last(b);
    return last == NULL || (!_PyOpcode_IsScopeExit(last->opcode)
                            && !_PyOpcode_IsUnconditionalJump(last->opcode));
}

static inline int
_PyCfgBlock_IsExit(_PyCfgBlock *b)
{
    _PyCfgInstr *last = _PyCfgBlock_Last(b);
    return last != NULL && _PyOpcode_IsScopeExit(last->opcode);
}

#endif
