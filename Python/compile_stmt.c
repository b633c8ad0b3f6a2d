/* Code for statements, except functions, classes, try, with and match.

   Written from: the language reference, "Simple statements" and "Compound statements"; PEP 526,
   572, 626; the dis documentation; and by comparing with the output of 3.12. */

#include "Python.h"
#include "pycore_codegen.h"

void
_PyCg_Stmts(struct compiler *c, asdl_stmt_seq *seq)
{
    for (Py_ssize_t i = 0; !c->failed && i < asdl_seq_LEN(seq); i++) {
        _PyCg_Stmt(c, asdl_seq_GET(seq, i));
    }
}

/* --- frame blocks -------------------------------------------------------------------------- */

void
_PyCg_PushBlock(struct compiler *c, location loc, enum frame_block_kind kind, int block,
                int exit, void *datum)
{
    if (c->failed) {
        return;
    }
    struct code_unit *u = c->u;
    if (u->n_blocks >= CO_MAXBLOCKS) {
        _PyCg_SyntaxError(c, loc, "too many statically nested blocks");
        return;
    }
    u->blocks[u->n_blocks++] = (struct frame_block){kind, block, exit, loc, datum};
}

void
_PyCg_PopBlock(struct compiler *c, enum frame_block_kind kind, int block)
{
    if (c->failed) {
        return;
    }
    struct code_unit *u = c->u;
    assert(u->n_blocks > 0);
    u->n_blocks--;
    assert(u->blocks[u->n_blocks].kind == kind);
    assert(u->blocks[u->n_blocks].block == block);
    (void)kind;
    (void)block;
}

static void
unwind_with(struct compiler *c, location *loc, struct frame_block *b, int preserve_tos)
{
    assert(b->kind == WITH_BLOCK || b->kind == ASYNC_WITH_BLOCK);
    *loc = b->loc;
    _PyCg_Emit(c, *loc, POP_BLOCK, 0);
    if (preserve_tos) {
        _PyCg_Emit(c, *loc, SWAP, 2);
    }
    _PyCg_CallExitWithNones(c, *loc);
    if (b->kind == ASYNC_WITH_BLOCK) {
        _PyCg_Emit(c, *loc, GET_AWAITABLE, 2);
        _PyCg_LoadConst(c, *loc, Py_None);
        _PyCg_YieldFrom(c, *loc, 1);
    }
    _PyCg_Emit(c, *loc, POP_TOP, 0);
    /* What follows belongs to the statement that leaves, not to the with. */
    *loc = NO_LOCATION;
}

static void
unwind_handler_cleanup(struct compiler *c, location loc, struct frame_block *b,
                       int preserve_tos)
{
    assert(b->kind == HANDLER_CLEANUP);
    if (b->datum) {
        _PyCg_Emit(c, loc, POP_BLOCK, 0);
    }
    if (preserve_tos) {
        _PyCg_Emit(c, loc, SWAP, 2);
    }
    _PyCg_Emit(c, loc, POP_BLOCK, 0);
    _PyCg_Emit(c, loc, POP_EXCEPT, 0);
    if (b->datum) {
        _PyCg_LoadConst(c, loc, Py_None);
        _PyCg_Name(c, loc, b->datum, Store);
        _PyCg_Name(c, loc, b->datum, Del);
    }
}

/* Code that leaves one block.  *loc is the location to use and may change. */
static void
unwind_block(struct compiler *c, location *loc, struct frame_block *b, int preserve_tos)
{
    switch (b->kind) {
    case WHILE_LOOP:
    case EXCEPTION_HANDLER:
    case EXCEPTION_GROUP_HANDLER:
    case ASYNC_COMPREHENSION_GENERATOR:
    case STOP_ITERATION:
        break;
    case FOR_LOOP:
        if (preserve_tos) {
            _PyCg_Emit(c, *loc, SWAP, 2);
        }
        _PyCg_Emit(c, *loc, POP_TOP, 0);
        break;
    case TRY_EXCEPT:
        _PyCg_Emit(c, *loc, POP_BLOCK, 0);
        break;
    case FINALLY_TRY:
        _PyCg_Emit(c, *loc, POP_BLOCK, 0);
        if (preserve_tos) {
            _PyCg_PushBlock(c, *loc, POP_VALUE, NO_LABEL, NO_LABEL, NULL);
        }
        _PyCg_Stmts(c, b->datum);
        if (preserve_tos) {
            _PyCg_PopBlock(c, POP_VALUE, NO_LABEL);
        }
        /* The finally block runs after the statement that leaves: no way back to its line. */
        *loc = NO_LOCATION;
        break;
    case FINALLY_END:
        if (preserve_tos) {
            _PyCg_Emit(c, *loc, SWAP, 2);
        }
        _PyCg_Emit(c, *loc, POP_TOP, 0);
        if (preserve_tos) {
            _PyCg_Emit(c, *loc, SWAP, 2);
        }
        _PyCg_Emit(c, *loc, POP_BLOCK, 0);
        _PyCg_Emit(c, *loc, POP_EXCEPT, 0);
        break;
    case WITH_BLOCK:
    case ASYNC_WITH_BLOCK:
        unwind_with(c, loc, b, preserve_tos);
        break;
    case HANDLER_CLEANUP:
        unwind_handler_cleanup(c, *loc, b, preserve_tos);
        break;
    case POP_VALUE:
        if (preserve_tos) {
            _PyCg_Emit(c, *loc, SWAP, 2);
        }
        _PyCg_Emit(c, *loc, POP_TOP, 0);
        break;
    }
}

/* Leave all blocks, or (loop not NULL) those inside the innermost loop, which goes to *loop.
   Each block is off the stack while it is unwound, since a finally body may itself leave. */
static void
unwind_blocks(struct compiler *c, location *loc, int preserve_tos, struct frame_block **loop)
{
    struct code_unit *u = c->u;
    int n = u->n_blocks;
    struct frame_block saved[CO_MAXBLOCKS];
    int n_saved = 0;
    while (!c->failed && u->n_blocks > 0) {
        struct frame_block *top = &u->blocks[u->n_blocks - 1];
        if (top->kind == EXCEPTION_GROUP_HANDLER) {
            _PyCg_SyntaxError(c, *loc, "'break', 'continue' and 'return' cannot appear in an "
                              "except* block");
            return;
        }
        if (loop != NULL && (top->kind == WHILE_LOOP || top->kind == FOR_LOOP)) {
            *loop = top;
            break;
        }
        saved[n_saved++] = *top;
        u->n_blocks--;
        unwind_block(c, loc, &saved[n_saved - 1], preserve_tos);
    }
    if (c->failed) {
        return;
    }
    while (n_saved > 0) {
        u->blocks[u->n_blocks++] = saved[--n_saved];
    }
    assert(u->n_blocks == n);
    (void)n;
}

/* --- leaving ------------------------------------------------------------------------------- */

static void
visit_break(struct compiler *c, location loc)
{
    struct frame_block *loop = NULL;
    location origin = loc;
    _PyCg_Emit(c, loc, NOP, 0);     /* the statement's line event */
    unwind_blocks(c, &loc, 0, &loop);
    if (c->failed) {
        return;
    }
    if (loop == NULL) {
        _PyCg_SyntaxError(c, origin, "'break' outside loop");
        return;
    }
    unwind_block(c, &loc, loop, 0);
    _PyCg_Emit(c, loc, JUMP, loop->exit);
}

static void
visit_continue(struct compiler *c, location loc)
{
    struct frame_block *loop = NULL;
    location origin = loc;
    _PyCg_Emit(c, loc, NOP, 0);
    unwind_blocks(c, &loc, 0, &loop);
    if (c->failed) {
        return;
    }
    if (loop == NULL) {
        _PyCg_SyntaxError(c, origin, "'continue' not properly in loop");
        return;
    }
    _PyCg_Emit(c, loc, JUMP, loop->block);
}

static void
visit_return(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    expr_ty value = s->v.Return.value;
    PySTEntryObject *ste = c->u->ste;
    int preserve_tos = value != NULL && value->kind != Constant_kind;
    assert(s->kind == Return_kind);
    if (!_PyST_IsFunctionLike(ste)) {
        _PyCg_SyntaxError(c, loc, "'return' outside function");
        return;
    }
    if (value != NULL && ste->ste_coroutine && ste->ste_generator) {
        _PyCg_SyntaxError(c, loc, "'return' with value in async generator");
        return;
    }
    if (preserve_tos) {
        _PyCg_Expr(c, value);
    }
    else if (value != NULL) {
        loc = LOC(value);
        _PyCg_Emit(c, loc, NOP, 0);
    }
    if (value == NULL || value->lineno != s->lineno) {
        loc = LOC(s);
        _PyCg_Emit(c, loc, NOP, 0);
    }
    unwind_blocks(c, &loc, preserve_tos, NULL);
    if (value == NULL) {
        _PyCg_LoadConst(c, loc, Py_None);
    }
    else if (!preserve_tos) {
        _PyCg_LoadConst(c, loc, value->v.Constant.value);
    }
    _PyCg_Emit(c, loc, RETURN_VALUE, 0);
}

static void
visit_raise(struct compiler *c, stmt_ty s)
{
    int n = 0;
    assert(s->kind == Raise_kind);
    if (s->v.Raise.exc) {
        _PyCg_Expr(c, s->v.Raise.exc);
        n++;
        if (s->v.Raise.cause) {
            _PyCg_Expr(c, s->v.Raise.cause);
            n++;
        }
    }
    _PyCg_Emit(c, LOC(s), RAISE_VARARGS, n);
}

/* --- conditions and loops ------------------------------------------------------------------ */

static void
visit_if(struct compiler *c, stmt_ty s)
{
    int end = _PyCg_NewLabel(c);
    int next = s->v.If.orelse && asdl_seq_LEN(s->v.If.orelse) ? _PyCg_NewLabel(c) : end;
    assert(s->kind == If_kind);
    _PyCg_JumpIf(c, LOC(s), s->v.If.test, next, 0);
    _PyCg_Stmts(c, s->v.If.body);
    if (next != end) {
        _PyCg_Emit(c, NO_LOCATION, JUMP, end);
        _PyCg_Use(c, next);
        _PyCg_Stmts(c, s->v.If.orelse);
    }
    _PyCg_Use(c, end);
}

static void
visit_while(struct compiler *c, stmt_ty s)
{
    int loop = _PyCg_NewLabel(c), body = _PyCg_NewLabel(c), anchor = _PyCg_NewLabel(c);
    int end = _PyCg_NewLabel(c);
    assert(s->kind == While_kind);
    _PyCg_Use(c, loop);
    _PyCg_PushBlock(c, LOC(s), WHILE_LOOP, loop, end, NULL);
    _PyCg_JumpIf(c, LOC(s), s->v.While.test, anchor, 0);
    _PyCg_Use(c, body);
    _PyCg_Stmts(c, s->v.While.body);
    /* The test once more at the end: one jump per round. */
    _PyCg_JumpIf(c, LOC(s), s->v.While.test, body, 1);
    _PyCg_PopBlock(c, WHILE_LOOP, loop);
    _PyCg_Use(c, anchor);
    _PyCg_Stmts(c, s->v.While.orelse);
    _PyCg_Use(c, end);
}

static void
visit_for(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    int start = _PyCg_NewLabel(c), body = _PyCg_NewLabel(c), cleanup = _PyCg_NewLabel(c);
    int end = _PyCg_NewLabel(c);
    assert(s->kind == For_kind);
    _PyCg_PushBlock(c, loc, FOR_LOOP, start, end, NULL);
    _PyCg_Expr(c, s->v.For.iter);
    _PyCg_Emit(c, loc, GET_ITER, 0);
    _PyCg_Use(c, start);
    _PyCg_Emit(c, loc, FOR_ITER, cleanup);
    _PyCg_Use(c, body);
    _PyCg_Expr(c, s->v.For.target);
    _PyCg_Stmts(c, s->v.For.body);
    _PyCg_Emit(c, NO_LOCATION, JUMP, start);
    _PyCg_Use(c, cleanup);
    _PyCg_Emit(c, NO_LOCATION, END_FOR, 0);
    _PyCg_PopBlock(c, FOR_LOOP, start);
    _PyCg_Stmts(c, s->v.For.orelse);
    _PyCg_Use(c, end);
}

static void
visit_async_for(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    assert(s->kind == AsyncFor_kind);
    if (_PyCg_IsTopLevelAwait(c)) {
        assert(c->u->ste->ste_type == ModuleBlock);
    }
    else if (c->u->kind != UNIT_ASYNC_FUNCTION) {
        _PyCg_SyntaxError(c, loc, "'async for' outside async function");
        return;
    }
    int start = _PyCg_NewLabel(c), except = _PyCg_NewLabel(c), end = _PyCg_NewLabel(c);
    _PyCg_Expr(c, s->v.AsyncFor.iter);
    _PyCg_Emit(c, loc, GET_AITER, 0);
    _PyCg_Use(c, start);
    _PyCg_PushBlock(c, loc, FOR_LOOP, start, end, NULL);
    _PyCg_Emit(c, loc, SETUP_FINALLY, except);
    _PyCg_Emit(c, loc, GET_ANEXT, 0);
    _PyCg_LoadConst(c, loc, Py_None);
    _PyCg_YieldFrom(c, loc, 1);
    _PyCg_Emit(c, loc, POP_BLOCK, 0);
    _PyCg_Expr(c, s->v.AsyncFor.target);
    _PyCg_Stmts(c, s->v.AsyncFor.body);
    _PyCg_Emit(c, NO_LOCATION, JUMP, start);
    _PyCg_PopBlock(c, FOR_LOOP, start);
    _PyCg_Use(c, except);
    _PyCg_Emit(c, LOC(s->v.AsyncFor.iter), END_ASYNC_FOR, 0);
    _PyCg_Stmts(c, s->v.AsyncFor.orelse);
    _PyCg_Use(c, end);
}

static void
visit_assert(struct compiler *c, stmt_ty s)
{
    expr_ty test = s->v.Assert.test;
    assert(s->kind == Assert_kind);
    if ((test->kind == Tuple_kind && asdl_seq_LEN(test->v.Tuple.elts) > 0)
        || (test->kind == Constant_kind && PyTuple_Check(test->v.Constant.value)
            && PyTuple_GET_SIZE(test->v.Constant.value) > 0))
    {
        _PyCg_Warn(c, LOC(s), "assertion is always true, perhaps remove parentheses?");
    }
    if (c->optimize) {
        return;
    }
    int end = _PyCg_NewLabel(c);
    _PyCg_JumpIf(c, LOC(s), test, end, 1);
    _PyCg_Emit(c, LOC(s), LOAD_ASSERTION_ERROR, 0);
    if (s->v.Assert.msg) {
        _PyCg_Expr(c, s->v.Assert.msg);
        _PyCg_Emit(c, LOC(s), CALL, 0);
    }
    _PyCg_Emit(c, LOC(s), RAISE_VARARGS, 1);
    _PyCg_Use(c, end);
}

/* --- imports ------------------------------------------------------------------------------- */

/* `import a.b.c as d`: IMPORT_NAME gives a; walk down to c. */
static void
import_as(struct compiler *c, location loc, PyObject *name, PyObject *asname)
{
    Py_ssize_t len = PyUnicode_GET_LENGTH(name);
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, len, 1);
    if (dot >= 0) {
        for (;;) {
            Py_ssize_t start = dot + 1;
            dot = PyUnicode_FindChar(name, '.', start, len, 1);
            PyObject *part = PyUnicode_Substring(name, start, dot >= 0 ? dot : len);
            if (part == NULL) {
                _PyCg_Fail(c);
                return;
            }
            _PyCg_EmitName(c, loc, IMPORT_FROM, part);
            Py_DECREF(part);
            if (dot < 0) {
                break;
            }
            _PyCg_Emit(c, loc, SWAP, 2);
            _PyCg_Emit(c, loc, POP_TOP, 0);
        }
        _PyCg_Name(c, loc, asname, Store);
        _PyCg_Emit(c, loc, POP_TOP, 0);
        return;
    }
    _PyCg_Name(c, loc, asname, Store);
}

static void
visit_import(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    assert(s->kind == Import_kind);
    for (Py_ssize_t i = 0; !c->failed && i < asdl_seq_LEN(s->v.Import.names); i++) {
        alias_ty a = asdl_seq_GET(s->v.Import.names, i);
        _PyCg_LoadNewConst(c, loc, PyLong_FromLong(0));
        _PyCg_LoadConst(c, loc, Py_None);
        _PyCg_EmitName(c, loc, IMPORT_NAME, a->name);
        if (c->failed) {
            return;
        }
        if (a->asname) {
            import_as(c, loc, a->name, a->asname);
            continue;
        }
        Py_ssize_t len = PyUnicode_GET_LENGTH(a->name);
        Py_ssize_t dot = PyUnicode_FindChar(a->name, '.', 0, len, 1);
        PyObject *first = dot < 0 ? Py_NewRef(a->name)
                                  : PyUnicode_Substring(a->name, 0, dot);
        if (first == NULL) {
            _PyCg_Fail(c);
            return;
        }
        _PyCg_Name(c, loc, first, Store);
        Py_DECREF(first);
    }
}

static int
is_after(location a, location b)
{
    return a.lineno > b.end_lineno
           || (a.lineno == b.end_lineno && a.col_offset > b.end_col_offset);
}

static void
visit_import_from(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    asdl_alias_seq *aliases = s->v.ImportFrom.names;
    Py_ssize_t n = asdl_seq_LEN(aliases);
    PyObject *module = s->v.ImportFrom.module;
    assert(s->kind == ImportFrom_kind);
    _PyCg_LoadNewConst(c, loc, PyLong_FromLong(s->v.ImportFrom.level));
    PyObject *names = c->failed ? NULL : PyTuple_New(n);
    if (names == NULL) {
        c->failed = 1;
        return;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        alias_ty a = asdl_seq_GET(aliases, i);
        PyTuple_SET_ITEM(names, i, Py_NewRef(a->name));
    }
    if (module != NULL && is_after(loc, c->future.ff_location)
        && _PyUnicode_EqualToASCIIString(module, "__future__"))
    {
        Py_DECREF(names);
        _PyCg_SyntaxError(c, loc, "from __future__ imports must occur at the beginning of "
                          "the file");
        return;
    }
    _PyCg_LoadNewConst(c, loc, names);
    _PyCg_EmitName(c, loc, IMPORT_NAME, module ? module : _PyUnicode_EMPTY);
    for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
        alias_ty a = asdl_seq_GET(aliases, i);
        if (i == 0 && PyUnicode_READ_CHAR(a->name, 0) == '*') {
            assert(n == 1);
            _PyCg_Emit(c, loc, CALL_INTRINSIC_1, INTRINSIC_IMPORT_STAR);
            _PyCg_Emit(c, NO_LOCATION, POP_TOP, 0);
            return;
        }
        _PyCg_EmitName(c, loc, IMPORT_FROM, a->name);
        _PyCg_Name(c, loc, a->asname ? a->asname : a->name, Store);
    }
    _PyCg_Emit(c, NO_LOCATION, POP_TOP, 0);
}

/* --- assignments --------------------------------------------------------------------------- */

static void
visit_assign(struct compiler *c, stmt_ty s)
{
    Py_ssize_t n = asdl_seq_LEN(s->v.Assign.targets);
    assert(s->kind == Assign_kind);
    _PyCg_Expr(c, s->v.Assign.value);
    for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
        if (i + 1 < n) {
            _PyCg_Emit(c, LOC(s), COPY, 1);
        }
        _PyCg_Expr(c, asdl_seq_GET(s->v.Assign.targets, i));
    }
}

static void
evaluate_and_drop(struct compiler *c, expr_ty e)
{
    _PyCg_Expr(c, e);
    _PyCg_Emit(c, LOC(e), POP_TOP, 0);
}

static void
check_ann_slice(struct compiler *c, expr_ty e)
{
    switch (e->kind) {
    case Slice_kind:
        if (e->v.Slice.lower) {
            evaluate_and_drop(c, e->v.Slice.lower);
        }
        if (e->v.Slice.upper) {
            evaluate_and_drop(c, e->v.Slice.upper);
        }
        if (e->v.Slice.step) {
            evaluate_and_drop(c, e->v.Slice.step);
        }
        break;
    case Tuple_kind:
        for (Py_ssize_t i = 0; !c->failed && i < asdl_seq_LEN(e->v.Tuple.elts); i++) {
            check_ann_slice(c, asdl_seq_GET(e->v.Tuple.elts, i));
        }
        break;
    default:
        evaluate_and_drop(c, e);
        break;
    }
}

static void
annotate_name(struct compiler *c, stmt_ty s, expr_ty target)
{
    location loc = LOC(s);
    assert(target->kind == Name_kind);
    if (c->future.ff_features & CO_FUTURE_ANNOTATIONS) {
        _PyCg_Annotation(c, s->v.AnnAssign.annotation);
    }
    else {
        _PyCg_Expr(c, s->v.AnnAssign.annotation);
    }
    _PyCg_Name(c, loc, &_Py_ID(__annotations__), Load);
    PyObject *mangled = _PyCg_Mangle(c, target->v.Name.id);
    if (mangled != NULL) {
        _PyCg_LoadNewConst(c, loc, mangled);
    }
    _PyCg_Emit(c, loc, STORE_SUBSCR, 0);
}

static void
visit_ann_assign(struct compiler *c, stmt_ty s)
{
    expr_ty target = s->v.AnnAssign.target;
    int module_or_class = c->u->kind == UNIT_MODULE || c->u->kind == UNIT_CLASS;
    assert(s->kind == AnnAssign_kind);
    if (s->v.AnnAssign.value) {
        _PyCg_Expr(c, s->v.AnnAssign.value);
        _PyCg_Expr(c, target);
    }
    if (c->failed) {
        return;
    }
    switch (target->kind) {
    case Name_kind:
        if (_PyCg_Forbidden(c, LOC(target), target->v.Name.id, Store)) {
            return;
        }
        if (s->v.AnnAssign.simple && module_or_class) {
            annotate_name(c, s, target);
        }
        break;
    case Attribute_kind:
        if (_PyCg_Forbidden(c, LOC(target), target->v.Attribute.attr, Store)) {
            return;
        }
        if (!s->v.AnnAssign.value) {
            evaluate_and_drop(c, target->v.Attribute.value);
        }
        break;
    case Subscript_kind:
        if (!s->v.AnnAssign.value) {
            evaluate_and_drop(c, target->v.Subscript.value);
            check_ann_slice(c, target->v.Subscript.slice);
        }
        break;
    default:
        PyErr_Format(PyExc_SystemError, "invalid node type (%d) for annotated assignment",
                     target->kind);
        _PyCg_Fail(c);
        return;
    }
    /* An annotation that is not stored is still evaluated where it could be, for its errors. */
    if (!s->v.AnnAssign.simple && module_or_class
        && !(c->future.ff_features & CO_FUTURE_ANNOTATIONS))
    {
        evaluate_and_drop(c, s->v.AnnAssign.annotation);
    }
}

static void
visit_expr_stmt(struct compiler *c, stmt_ty s)
{
    expr_ty value = s->v.Expr.value;
    location loc = LOC(s);
    assert(s->kind == Expr_kind);
    if (c->interactive && c->nestlevel <= 1) {
        _PyCg_Expr(c, value);
        _PyCg_Emit(c, loc, CALL_INTRINSIC_1, INTRINSIC_PRINT);
        _PyCg_Emit(c, NO_LOCATION, POP_TOP, 0);
        return;
    }
    if (value->kind == Constant_kind) {
        _PyCg_Emit(c, loc, NOP, 0);     /* no effect but its line event */
        return;
    }
    _PyCg_Expr(c, value);
    _PyCg_Emit(c, NO_LOCATION, POP_TOP, 0);
}

static void
visit_stmt_kind(struct compiler *c, stmt_ty s)
{
    switch (s->kind) {
    case FunctionDef_kind:
        _PyCg_Function(c, s, 0);
        break;
    case AsyncFunctionDef_kind:
        _PyCg_Function(c, s, 1);
        break;
    case ClassDef_kind:
        _PyCg_Class(c, s);
        break;
    case TypeAlias_kind:
        _PyCg_TypeAlias(c, s);
        break;
    case Return_kind:
        visit_return(c, s);
        break;
    case Delete_kind:
        _PyCg_Exprs(c, s->v.Delete.targets);
        break;
    case Assign_kind:
        visit_assign(c, s);
        break;
    case AugAssign_kind:
        _PyCg_AugAssign(c, s);
        break;
    case AnnAssign_kind:
        visit_ann_assign(c, s);
        break;
    case For_kind:
        visit_for(c, s);
        break;
    case AsyncFor_kind:
        visit_async_for(c, s);
        break;
    case While_kind:
        visit_while(c, s);
        break;
    case If_kind:
        visit_if(c, s);
        break;
    case With_kind:
        _PyCg_With(c, s, s->v.With.items, 0, s->v.With.body, 0);
        break;
    case AsyncWith_kind:
        _PyCg_With(c, s, s->v.AsyncWith.items, 0, s->v.AsyncWith.body, 1);
        break;
    case Match_kind:
        _PyCg_Match(c, s);
        break;
    case Raise_kind:
        visit_raise(c, s);
        break;
    case Try_kind:
        _PyCg_Try(c, s);
        break;
    case TryStar_kind:
        _PyCg_TryStar(c, s);
        break;
    case Assert_kind:
        visit_assert(c, s);
        break;
    case Import_kind:
        visit_import(c, s);
        break;
    case ImportFrom_kind:
        visit_import_from(c, s);
        break;
    case Global_kind:
    case Nonlocal_kind:
        break;
    case Expr_kind:
        visit_expr_stmt(c, s);
        break;
    case Pass_kind:
        _PyCg_Emit(c, LOC(s), NOP, 0);
        break;
    case Break_kind:
        visit_break(c, LOC(s));
        break;
    case Continue_kind:
        visit_continue(c, LOC(s));
        break;
    }
}

/* One statement, with everything in it. */
void
_PyCg_Stmt(struct compiler *c, stmt_ty s)
{
    if (c->failed) {
        return;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        _PyCg_Fail(c);
        return;
    }
    visit_stmt_kind(c, s);
    Py_LeaveRecursiveCall();
}
