/* The code generator's own structures, shared by Python/compile*.c and nobody else.

   Errors are sticky: the first failure sets `failed` (with an exception), after which emitting and
   visiting do nothing.  So these functions return nothing, and a caller looks at `failed` only
   before it calls the C API.  One `struct code_unit` per code object under construction, innermost
   first. */
#ifndef Py_INTERNAL_CODEGEN_H
#define Py_INTERNAL_CODEGEN_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_ast.h"             // stmt_ty, expr_ty, ...
#include "pycore_compile.h"         // _PyCompile_CodeUnitMetadata
#include "pycore_flowgraph.h"       // location, _PyInstrSequence
#include "pycore_global_objects.h"  // objects behind _Py_ID()
#include "pycore_strings.h"         // _Py_ID()
#include "pycore_symtable.h"        // PySTEntryObject

/* Above this many stack entries a display or call is built piecemeal. */
#define STACK_USE_GUIDELINE 30

_Py_DECLARE_STR(comp_iter_param, ".0")
_Py_DECLARE_STR(type_params_cell, ".type_params")
_Py_DECLARE_STR(generic_base, ".generic_base")
_Py_DECLARE_STR(anon_module, "<module>")
_Py_DECLARE_STR(anon_lambda, "<lambda>")
_Py_DECLARE_STR(anon_listcomp, "<listcomp>")
_Py_DECLARE_STR(anon_setcomp, "<setcomp>")
_Py_DECLARE_STR(anon_dictcomp, "<dictcomp>")
_Py_DECLARE_STR(anon_genexpr, "<genexpr>")

/* Statements that jumps and returns have to unwind. */
enum frame_block_kind {
    WHILE_LOOP,
    FOR_LOOP,               /* the iterator is on the stack */
    TRY_EXCEPT,
    FINALLY_TRY,            /* body of try with finally; datum: asdl_stmt_seq of the finally */
    FINALLY_END,            /* inside the finally block that handles an exception */
    WITH_BLOCK,
    ASYNC_WITH_BLOCK,
    HANDLER_CLEANUP,        /* except clause; datum: bound name or NULL */
    POP_VALUE,              /* a return value is on the stack */
    EXCEPTION_HANDLER,
    EXCEPTION_GROUP_HANDLER,
    ASYNC_COMPREHENSION_GENERATOR,
    STOP_ITERATION,
};

struct frame_block {
    enum frame_block_kind kind;
    int block;              /* label: start; where `continue` goes */
    int exit;               /* label: where `break` goes, or NO_LABEL */
    location loc;
    void *datum;
};

enum unit_kind {
    UNIT_MODULE,
    UNIT_CLASS,
    UNIT_FUNCTION,
    UNIT_ASYNC_FUNCTION,
    UNIT_LAMBDA,
    UNIT_COMPREHENSION,
    UNIT_TYPEPARAMS,
};

struct code_unit {
    struct code_unit *outer;
    PySTEntryObject *ste;           /* owned */
    enum unit_kind kind;
    _PyCompile_CodeUnitMetadata meta;   /* owned references */
    PyObject *consts;               /* list of the constants, in order of index; owned */
    PyObject *private;              /* class name for mangling, or NULL; owned */
    PyArena *arena;                 /* owned; memory of seq and the graph */
    _PyInstrSequence seq;
    struct frame_block blocks[CO_MAXBLOCKS];
    int n_blocks;
    int in_inlined_comp;            /* depth of inlined comprehensions at this point */
};

struct compiler {
    PyObject *filename;             /* borrowed */
    struct symtable *st;
    PyFutureFeatures future;
    PyCompilerFlags flags;
    int optimize;
    int interactive;
    int nestlevel;
    int failed;
    PyObject *const_cache;          /* dict, see _PyCompile_InternConst */
    struct code_unit *u;            /* innermost unit */
    PyArena *arena;                 /* of the tree; borrowed */
};

#define LOCATION(LINE, END_LINE, COL, END_COL) ((location){(LINE), (END_LINE), (COL), (END_COL)})
#define LOC(node) LOCATION((node)->lineno, (node)->end_lineno, \
                           (node)->col_offset, (node)->end_col_offset)

/* compile.c: driver, state, errors, emitting, names */
extern int _PyCg_Start(struct compiler *c, mod_ty mod, PyObject *filename,
                       PyCompilerFlags *flags, int optimize, PyArena *arena);
extern int _PyCg_Module(struct compiler *c, mod_ty mod);
extern void _PyCg_End(struct compiler *c);
extern void _PyCg_Fail(struct compiler *c);
extern void _PyCg_SyntaxError(struct compiler *c, location loc, const char *format, ...);
extern void _PyCg_Warn(struct compiler *c, location loc, const char *format, ...);
extern void _PyCg_Emit(struct compiler *c, location loc, int opcode, int oparg);
extern int _PyCg_NewLabel(struct compiler *c);
extern void _PyCg_Use(struct compiler *c, int label);
extern void _PyCg_LoadConst(struct compiler *c, location loc, PyObject *obj);
extern void _PyCg_LoadNewConst(struct compiler *c, location loc, PyObject *obj);
extern int _PyCg_AddConst(struct compiler *c, PyObject *obj);
extern void _PyCg_EmitName(struct compiler *c, location loc, int opcode, PyObject *name);
extern void _PyCg_EmitIndexed(struct compiler *c, location loc, int opcode, PyObject *dict,
                              PyObject *name);
extern void _PyCg_Name(struct compiler *c, location loc, PyObject *name, expr_context_ty ctx);
extern PyObject *_PyCg_Mangle(struct compiler *c, PyObject *name);
extern int _PyCg_Forbidden(struct compiler *c, location loc, PyObject *name,
                           expr_context_ty ctx);
extern int _PyCg_GetRefType(struct compiler *c, PyObject *name);
extern void _PyCg_EnterScope(struct compiler *c, PyObject *name, enum unit_kind kind, void *key,
                             int lineno);
extern void _PyCg_ExitScope(struct compiler *c);
extern PyCodeObject *_PyCg_Assemble(struct compiler *c, int add_none);
extern void _PyCg_MakeClosure(struct compiler *c, location loc, PyCodeObject *co, int flags);
extern int _PyCg_IsTopLevelAwait(struct compiler *c);
extern PyObject *_PyCg_DocString(asdl_stmt_seq *body);
extern void _PyCg_Body(struct compiler *c, location loc, asdl_stmt_seq *body);

/* compile_stmt.c */
extern void _PyCg_Stmt(struct compiler *c, stmt_ty s);
extern void _PyCg_Stmts(struct compiler *c, asdl_stmt_seq *seq);
extern void _PyCg_PushBlock(struct compiler *c, location loc, enum frame_block_kind kind,
                            int block, int exit, void *datum);
extern void _PyCg_PopBlock(struct compiler *c, enum frame_block_kind kind, int block);

/* compile_try.c */
extern void _PyCg_Try(struct compiler *c, stmt_ty s);
extern void _PyCg_TryStar(struct compiler *c, stmt_ty s);
extern void _PyCg_With(struct compiler *c, stmt_ty s, asdl_withitem_seq *items, int pos,
                       asdl_stmt_seq *body, int is_async);
extern void _PyCg_PopExceptAndReraise(struct compiler *c, location loc);
extern void _PyCg_CallExitWithNones(struct compiler *c, location loc);

/* compile_func.c */
extern void _PyCg_Function(struct compiler *c, stmt_ty s, int is_async);
extern void _PyCg_Lambda(struct compiler *c, expr_ty e);
extern void _PyCg_Class(struct compiler *c, stmt_ty s);
extern void _PyCg_TypeAlias(struct compiler *c, stmt_ty s);
extern void _PyCg_Annotation(struct compiler *c, expr_ty annotation);
extern void _PyCg_WrapStopIteration(struct compiler *c);

/* compile_expr.c */
extern void _PyCg_Expr(struct compiler *c, expr_ty e);
extern void _PyCg_Exprs(struct compiler *c, asdl_expr_seq *seq);
extern void _PyCg_Compare(struct compiler *c, location loc, cmpop_ty op);
extern void _PyCg_JumpIf(struct compiler *c, location loc, expr_ty e, int label, int cond);
extern void _PyCg_AugAssign(struct compiler *c, stmt_ty s);
extern void _PyCg_YieldFrom(struct compiler *c, location loc, int is_await);
extern PyObject *_PyCg_KeyTuple(struct compiler *c, asdl_expr_seq *keys, Py_ssize_t begin,
                                Py_ssize_t end);
extern int _PyCg_AllConst(asdl_expr_seq *seq, Py_ssize_t begin, Py_ssize_t end);
extern void _PyCg_StarUnpack(struct compiler *c, location loc, asdl_expr_seq *elts, int pushed,
                             int build, int add, int extend, int tuple);

/* compile_call.c */
extern void _PyCg_Call(struct compiler *c, expr_ty e);
extern void _PyCg_CallArgs(struct compiler *c, location loc, int n, asdl_expr_seq *args,
                           asdl_keyword_seq *keywords);
extern int _PyCg_CanOptimizeSuper(struct compiler *c, expr_ty attr);
extern void _PyCg_LoadArgsForSuper(struct compiler *c, expr_ty super_call);
extern location _PyCg_AttributeLocation(location loc, expr_ty attr);

/* compile_comp.c */
extern void _PyCg_Comprehension(struct compiler *c, expr_ty e);

/* compile_pattern.c */
extern void _PyCg_Match(struct compiler *c, stmt_ty s);

/* compile_warn.c: suspicious expressions */
extern void _PyCg_CheckCaller(struct compiler *c, expr_ty e);
extern void _PyCg_CheckSubscripter(struct compiler *c, expr_ty e);
extern void _PyCg_CheckIndex(struct compiler *c, expr_ty e, expr_ty s);
extern void _PyCg_CheckCompare(struct compiler *c, expr_ty e);

#endif
