/* Code for try, try with except*, and with.

   A handler finds on the stack what the block pushed before it (SETUP_*): for SETUP_FINALLY the
   exception, for SETUP_CLEANUP and SETUP_WITH also lasti, which RERAISE with an argument restores.

   Written from: the language reference, "The try statement", "The with statement"; PEP 343,
   492, 654; the dis documentation; and by comparing with the output of 3.12. */

#include "Python.h"
#include "pycore_codegen.h"

void
_PyCg_PopExceptAndReraise(struct compiler *c, location loc)
{
    /* stack: lasti, exception handled before, exception */
    _PyCg_Emit(c, loc, COPY, 3);
    _PyCg_Emit(c, loc, POP_EXCEPT, 0);
    _PyCg_Emit(c, loc, RERAISE, 1);
}

void
_PyCg_CallExitWithNones(struct compiler *c, location loc)
{
    for (int i = 0; i < 3; i++) {
        _PyCg_LoadConst(c, loc, Py_None);
    }
    _PyCg_Emit(c, loc, CALL, 2);
}

/* name = None; del name */
static void
unbind(struct compiler *c, PyObject *name)
{
    _PyCg_LoadConst(c, NO_LOCATION, Py_None);
    _PyCg_Name(c, NO_LOCATION, name, Store);
    _PyCg_Name(c, NO_LOCATION, name, Del);
}

/* --- try ... finally ----------------------------------------------------------------------- */

static void try_except(struct compiler *c, stmt_ty s);
static void try_star_except(struct compiler *c, stmt_ty s);

static void
try_finally(struct compiler *c, stmt_ty s, asdl_stmt_seq *body, asdl_excepthandler_seq *handlers,
            asdl_stmt_seq *finalbody)
{
    location loc = LOC(s);
    int block = _PyCg_NewLabel(c), end = _PyCg_NewLabel(c), exit = _PyCg_NewLabel(c);
    int cleanup = _PyCg_NewLabel(c);
    assert(asdl_seq_LEN(finalbody) > 0);
    _PyCg_Emit(c, loc, SETUP_FINALLY, end);
    _PyCg_Use(c, block);
    _PyCg_PushBlock(c, loc, FINALLY_TRY, block, end, finalbody);
    if (asdl_seq_LEN(handlers) == 0) {
        _PyCg_Stmts(c, body);
    }
    else if (s->kind == Try_kind) {
        try_except(c, s);
    }
    else {
        try_star_except(c, s);
    }
    _PyCg_Emit(c, NO_LOCATION, POP_BLOCK, 0);
    _PyCg_PopBlock(c, FINALLY_TRY, block);
    _PyCg_Stmts(c, finalbody);
    _PyCg_Emit(c, NO_LOCATION, JUMP, exit);

    /* The same statements for the way with an exception. */
    _PyCg_Use(c, end);
    _PyCg_PushBlock(c, loc, FINALLY_END, end, NO_LABEL, NULL);
    _PyCg_Emit(c, NO_LOCATION, SETUP_CLEANUP, cleanup);
    _PyCg_Emit(c, NO_LOCATION, PUSH_EXC_INFO, 0);
    _PyCg_Stmts(c, finalbody);
    _PyCg_PopBlock(c, FINALLY_END, end);
    _PyCg_Emit(c, NO_LOCATION, RERAISE, 0);
    _PyCg_Use(c, cleanup);
    _PyCg_PopExceptAndReraise(c, NO_LOCATION);
    _PyCg_Use(c, exit);
}

/* --- try ... except ------------------------------------------------------------------------ */

/* The body of an except clause that binds a name: the name is unbound on every way out. */
static void
named_handler(struct compiler *c, excepthandler_ty h, int end)
{
    location loc = LOC(h);
    PyObject *name = h->v.ExceptHandler.name;
    int cleanup_end = _PyCg_NewLabel(c), cleanup_body = _PyCg_NewLabel(c);
    assert(h->v.ExceptHandler.name != NULL);
    _PyCg_Name(c, loc, name, Store);
    _PyCg_Emit(c, loc, SETUP_CLEANUP, cleanup_end);
    _PyCg_Use(c, cleanup_body);
    _PyCg_PushBlock(c, loc, HANDLER_CLEANUP, cleanup_body, NO_LABEL, name);
    _PyCg_Stmts(c, h->v.ExceptHandler.body);
    _PyCg_PopBlock(c, HANDLER_CLEANUP, cleanup_body);
    _PyCg_Emit(c, NO_LOCATION, POP_BLOCK, 0);
    _PyCg_Emit(c, NO_LOCATION, POP_BLOCK, 0);
    _PyCg_Emit(c, NO_LOCATION, POP_EXCEPT, 0);
    unbind(c, name);
    _PyCg_Emit(c, NO_LOCATION, JUMP, end);
    _PyCg_Use(c, cleanup_end);
    unbind(c, name);
    _PyCg_Emit(c, NO_LOCATION, RERAISE, 1);
}

static void
plain_handler(struct compiler *c, excepthandler_ty h, int end)
{
    location loc = LOC(h);
    int cleanup_body = _PyCg_NewLabel(c);
    assert(h->v.ExceptHandler.name == NULL);
    _PyCg_Emit(c, loc, POP_TOP, 0);
    _PyCg_Use(c, cleanup_body);
    _PyCg_PushBlock(c, loc, HANDLER_CLEANUP, cleanup_body, NO_LABEL, NULL);
    _PyCg_Stmts(c, h->v.ExceptHandler.body);
    _PyCg_PopBlock(c, HANDLER_CLEANUP, cleanup_body);
    _PyCg_Emit(c, NO_LOCATION, POP_BLOCK, 0);
    _PyCg_Emit(c, NO_LOCATION, POP_EXCEPT, 0);
    _PyCg_Emit(c, NO_LOCATION, JUMP, end);
}

static void
try_except(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    asdl_excepthandler_seq *handlers = s->v.Try.handlers;
    Py_ssize_t n = asdl_seq_LEN(handlers);
    int body = _PyCg_NewLabel(c), except = _PyCg_NewLabel(c), end = _PyCg_NewLabel(c);
    int cleanup = _PyCg_NewLabel(c);
    assert(s->kind == Try_kind);
    _PyCg_Emit(c, loc, SETUP_FINALLY, except);
    _PyCg_Use(c, body);
    _PyCg_PushBlock(c, loc, TRY_EXCEPT, body, NO_LABEL, NULL);
    _PyCg_Stmts(c, s->v.Try.body);
    _PyCg_PopBlock(c, TRY_EXCEPT, body);
    _PyCg_Emit(c, NO_LOCATION, POP_BLOCK, 0);
    _PyCg_Stmts(c, s->v.Try.orelse);
    _PyCg_Emit(c, NO_LOCATION, JUMP, end);

    _PyCg_Use(c, except);
    _PyCg_Emit(c, NO_LOCATION, SETUP_CLEANUP, cleanup);
    _PyCg_Emit(c, NO_LOCATION, PUSH_EXC_INFO, 0);
    _PyCg_PushBlock(c, loc, EXCEPTION_HANDLER, NO_LABEL, NO_LABEL, NULL);
    for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
        excepthandler_ty h = asdl_seq_GET(handlers, i);
        if (h->v.ExceptHandler.type == NULL && i < n - 1) {
            _PyCg_SyntaxError(c, LOC(h), "default 'except:' must be last");
            return;
        }
        int next = _PyCg_NewLabel(c);
        if (h->v.ExceptHandler.type) {
            _PyCg_Expr(c, h->v.ExceptHandler.type);
            _PyCg_Emit(c, LOC(h), CHECK_EXC_MATCH, 0);
            _PyCg_Emit(c, LOC(h), POP_JUMP_IF_FALSE, next);
        }
        if (h->v.ExceptHandler.name) {
            named_handler(c, h, end);
        }
        else {
            plain_handler(c, h, end);
        }
        _PyCg_Use(c, next);
    }
    _PyCg_PopBlock(c, EXCEPTION_HANDLER, NO_LABEL);
    _PyCg_Emit(c, NO_LOCATION, RERAISE, 0);
    _PyCg_Use(c, cleanup);
    _PyCg_PopExceptAndReraise(c, NO_LOCATION);
    _PyCg_Use(c, end);
}

void
_PyCg_Try(struct compiler *c, stmt_ty s)
{
    if (asdl_seq_LEN(s->v.Try.finalbody)) {
        try_finally(c, s, s->v.Try.body, s->v.Try.handlers, s->v.Try.finalbody);
    }
    else {
        try_except(c, s);
    }
}

/* --- try ... except* (PEP 654) -------------------------------------------------------------- */

/* One except* clause.  Stack before and after: orig, list of raised or unhandled, rest. */
static void
star_handler(struct compiler *c, excepthandler_ty h, int first, int last, int reraise)
{
    location loc = LOC(h);
    PyObject *name = h->v.ExceptHandler.name;
    int next = _PyCg_NewLabel(c), with_error = _PyCg_NewLabel(c), no_match = _PyCg_NewLabel(c);
    if (first) {
        _PyCg_Emit(c, loc, BUILD_LIST, 0);
        _PyCg_Emit(c, loc, COPY, 2);
    }
    if (h->v.ExceptHandler.type) {
        _PyCg_Expr(c, h->v.ExceptHandler.type);
        _PyCg_Emit(c, loc, CHECK_EG_MATCH, 0);
        _PyCg_Emit(c, loc, COPY, 1);
        _PyCg_Emit(c, loc, POP_JUMP_IF_NONE, no_match);
    }
    int cleanup_end = _PyCg_NewLabel(c), cleanup_body = _PyCg_NewLabel(c);
    if (name) {
        _PyCg_Name(c, loc, name, Store);
    }
    else {
        _PyCg_Emit(c, loc, POP_TOP, 0);
    }
    _PyCg_Emit(c, loc, SETUP_CLEANUP, cleanup_end);
    _PyCg_Use(c, cleanup_body);
    _PyCg_PushBlock(c, loc, HANDLER_CLEANUP, cleanup_body, NO_LABEL, name);
    _PyCg_Stmts(c, h->v.ExceptHandler.body);
    _PyCg_PopBlock(c, HANDLER_CLEANUP, cleanup_body);
    _PyCg_Emit(c, NO_LOCATION, POP_BLOCK, 0);
    if (name) {
        unbind(c, name);
    }
    _PyCg_Emit(c, NO_LOCATION, JUMP, next);

    /* The clause raised: the exception goes to the list. */
    _PyCg_Use(c, cleanup_end);
    if (name) {
        unbind(c, name);
    }
    _PyCg_Emit(c, NO_LOCATION, LIST_APPEND, 3);
    _PyCg_Emit(c, NO_LOCATION, POP_TOP, 0);
    _PyCg_Emit(c, NO_LOCATION, JUMP, with_error);

    _PyCg_Use(c, next);
    _PyCg_Emit(c, NO_LOCATION, NOP, 0);
    _PyCg_Emit(c, NO_LOCATION, JUMP, with_error);
    _PyCg_Use(c, no_match);
    _PyCg_Emit(c, loc, POP_TOP, 0);
    _PyCg_Use(c, with_error);
    if (last) {
        _PyCg_Emit(c, NO_LOCATION, LIST_APPEND, 1);
        _PyCg_Emit(c, NO_LOCATION, JUMP, reraise);
    }
}

static void
try_star_except(struct compiler *c, stmt_ty s)
{
    location loc = LOC(s);
    asdl_excepthandler_seq *handlers = s->v.TryStar.handlers;
    Py_ssize_t n = asdl_seq_LEN(handlers);
    int body = _PyCg_NewLabel(c), except = _PyCg_NewLabel(c), orelse = _PyCg_NewLabel(c);
    int end = _PyCg_NewLabel(c), cleanup = _PyCg_NewLabel(c), reraise_star = _PyCg_NewLabel(c);
    int reraise = _PyCg_NewLabel(c);
    assert(s->kind == TryStar_kind);
    _PyCg_Emit(c, loc, SETUP_FINALLY, except);
    _PyCg_Use(c, body);
    _PyCg_PushBlock(c, loc, TRY_EXCEPT, body, NO_LABEL, NULL);
    _PyCg_Stmts(c, s->v.TryStar.body);
    _PyCg_PopBlock(c, TRY_EXCEPT, body);
    _PyCg_Emit(c, NO_LOCATION, POP_BLOCK, 0);
    _PyCg_Emit(c, NO_LOCATION, JUMP, orelse);

    _PyCg_Use(c, except);
    _PyCg_Emit(c, NO_LOCATION, SETUP_CLEANUP, cleanup);
    _PyCg_Emit(c, NO_LOCATION, PUSH_EXC_INFO, 0);
    _PyCg_PushBlock(c, loc, EXCEPTION_GROUP_HANDLER, NO_LABEL, NO_LABEL, NULL);
    for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
        star_handler(c, asdl_seq_GET(handlers, i), i == 0, i == n - 1, reraise_star);
    }
    _PyCg_PopBlock(c, EXCEPTION_GROUP_HANDLER, NO_LABEL);

    _PyCg_Use(c, reraise_star);
    _PyCg_Emit(c, NO_LOCATION, CALL_INTRINSIC_2, INTRINSIC_PREP_RERAISE_STAR);
    _PyCg_Emit(c, NO_LOCATION, COPY, 1);
    _PyCg_Emit(c, NO_LOCATION, POP_JUMP_IF_NOT_NONE, reraise);
    _PyCg_Emit(c, NO_LOCATION, POP_TOP, 0);
    _PyCg_Emit(c, NO_LOCATION, POP_BLOCK, 0);
    _PyCg_Emit(c, NO_LOCATION, POP_EXCEPT, 0);
    _PyCg_Emit(c, NO_LOCATION, JUMP, end);
    _PyCg_Use(c, reraise);
    _PyCg_Emit(c, NO_LOCATION, POP_BLOCK, 0);
    _PyCg_Emit(c, NO_LOCATION, SWAP, 2);
    _PyCg_Emit(c, NO_LOCATION, POP_EXCEPT, 0);
    _PyCg_Emit(c, NO_LOCATION, RERAISE, 0);
    _PyCg_Use(c, cleanup);
    _PyCg_PopExceptAndReraise(c, NO_LOCATION);
    _PyCg_Use(c, orelse);
    _PyCg_Stmts(c, s->v.TryStar.orelse);
    _PyCg_Use(c, end);
}

void
_PyCg_TryStar(struct compiler *c, stmt_ty s)
{
    if (asdl_seq_LEN(s->v.TryStar.finalbody)) {
        try_finally(c, s, s->v.TryStar.body, s->v.TryStar.handlers, s->v.TryStar.finalbody);
    }
    else {
        try_star_except(c, s);
    }
}

/* --- with ---------------------------------------------------------------------------------- */

static void
await_result(struct compiler *c, location loc, int kind)
{
    _PyCg_Emit(c, loc, GET_AWAITABLE, kind);
    _PyCg_LoadConst(c, loc, Py_None);
    _PyCg_YieldFrom(c, loc, 1);
}

/* After __exit__ was called for an exception: swallow it or raise it again. */
static void
with_except_finish(struct compiler *c, int cleanup)
{
    int suppress = _PyCg_NewLabel(c), exit = _PyCg_NewLabel(c);
    _PyCg_Emit(c, NO_LOCATION, POP_JUMP_IF_TRUE, suppress);
    _PyCg_Emit(c, NO_LOCATION, RERAISE, 2);
    _PyCg_Use(c, suppress);
    _PyCg_Emit(c, NO_LOCATION, POP_TOP, 0);
    _PyCg_Emit(c, NO_LOCATION, POP_BLOCK, 0);
    _PyCg_Emit(c, NO_LOCATION, POP_EXCEPT, 0);
    _PyCg_Emit(c, NO_LOCATION, POP_TOP, 0);
    _PyCg_Emit(c, NO_LOCATION, POP_TOP, 0);
    _PyCg_Emit(c, NO_LOCATION, JUMP, exit);
    _PyCg_Use(c, cleanup);
    _PyCg_PopExceptAndReraise(c, NO_LOCATION);
    _PyCg_Use(c, exit);
}

/* The items from pos on, nested in each other. */
void
_PyCg_With(struct compiler *c, stmt_ty s, asdl_withitem_seq *items, int pos,
           asdl_stmt_seq *body, int is_async)
{
    assert(c->failed || pos < asdl_seq_LEN(items));
    if (c->failed) {
        return;
    }
    location loc = LOC(s);
    withitem_ty item = asdl_seq_GET(items, pos);
    enum frame_block_kind kind = is_async ? ASYNC_WITH_BLOCK : WITH_BLOCK;
    if (is_async && !_PyCg_IsTopLevelAwait(c) && c->u->kind != UNIT_ASYNC_FUNCTION) {
        _PyCg_SyntaxError(c, loc, "'async with' outside async function");
        return;
    }
    int block = _PyCg_NewLabel(c), final = _PyCg_NewLabel(c), exit = _PyCg_NewLabel(c);
    int cleanup = _PyCg_NewLabel(c);
    _PyCg_Expr(c, item->context_expr);
    _PyCg_Emit(c, loc, is_async ? BEFORE_ASYNC_WITH : BEFORE_WITH, 0);
    if (is_async) {
        await_result(c, loc, 1);
    }
    _PyCg_Emit(c, loc, SETUP_WITH, final);
    _PyCg_Use(c, block);
    _PyCg_PushBlock(c, loc, kind, block, final, s);
    if (item->optional_vars) {
        _PyCg_Expr(c, item->optional_vars);
    }
    else {
        _PyCg_Emit(c, loc, POP_TOP, 0);
    }
    if (pos + 1 == asdl_seq_LEN(items)) {
        _PyCg_Stmts(c, body);
    }
    else {
        _PyCg_With(c, s, items, pos + 1, body, is_async);
    }
    _PyCg_PopBlock(c, kind, block);

    /* The way out without exception. */
    _PyCg_Emit(c, is_async ? loc : NO_LOCATION, POP_BLOCK, 0);
    _PyCg_CallExitWithNones(c, loc);
    if (is_async) {
        await_result(c, loc, 2);
    }
    _PyCg_Emit(c, loc, POP_TOP, 0);
    _PyCg_Emit(c, loc, JUMP, exit);

    _PyCg_Use(c, final);
    _PyCg_Emit(c, loc, SETUP_CLEANUP, cleanup);
    _PyCg_Emit(c, loc, PUSH_EXC_INFO, 0);
    _PyCg_Emit(c, loc, WITH_EXCEPT_START, 0);
    if (is_async) {
        await_result(c, loc, 2);
    }
    with_except_finish(c, cleanup);
    _PyCg_Use(c, exit);
}
