/* Code for comprehensions and generator expressions.

   List, set and dict comprehensions run in the frame around them (PEP 709).  Names they bind
   are kept apart: on entry the outer values of those fast locals go to the stack and the locals
   are unbound, on exit, with or without an exception, the values go back.  In a class or module
   such names become hidden fast locals.

   Written from: the language reference, "Displays for lists, sets and dictionaries"; PEP 289,
   530, 709; the dis documentation; and by comparing with the output of 3.12. */

#include "Python.h"
#include "pycore_codegen.h"

struct comprehension {
    expr_ty e;
    _Py_comprehension_ty kind;
    PyObject *name;
    asdl_comprehension_seq *generators;
    expr_ty elt;            /* key, in a dict comprehension */
    expr_ty value;
};

/* What has to be undone after an inlined comprehension. */
struct inlined_state {
    PyObject *pushed_locals;    /* list of names whose values are on the stack, or NULL */
    PyObject *temp_symbols;     /* dict: name -> outer entry of ste_symbols, or NULL */
    PyObject *fast_hidden;      /* set of names made fast, or NULL */
    int cleanup;                /* label */
    int end;                    /* label */
};

/* --- inlining ------------------------------------------------------------------------------ */

static int
add_to_list(PyObject **list, PyObject *item)
{
    if (*list == NULL && (*list = PyList_New(0)) == NULL) {
        return -1;
    }
    return PyList_Append(*list, item);
}

static int
hide_fast_local(struct compiler *c, struct inlined_state *state, PyObject *name)
{
    PyObject *hidden = c->u->meta.u_fasthidden;
    PyObject *now = PyDict_GetItemWithError(hidden, name);
    if (now == Py_True) {
        return 0;
    }
    if ((now == NULL && PyErr_Occurred()) || PyDict_SetItem(hidden, name, Py_True) < 0) {
        return -1;
    }
    if (state->fast_hidden == NULL && (state->fast_hidden = PySet_New(NULL)) == NULL) {
        return -1;
    }
    return PySet_Add(state->fast_hidden, name);
}

/* While in the comprehension the name has the comprehension's scope. */
static int
override_scope(struct compiler *c, struct inlined_state *state, PyObject *name,
               PyObject *flags, int scope)
{
    PyObject *symbols = c->u->ste->ste_symbols;
    PyObject *outer = PyDict_GetItemWithError(symbols, name);
    if (outer == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        outer = _PyLong_SMALL(0);
    }
    int outer_scope = (int)(PyLong_AsLong(outer) >> SCOPE_OFFSET) & SCOPE_MASK;
    if (scope == outer_scope) {
        return 0;
    }
    if (state->temp_symbols == NULL && (state->temp_symbols = PyDict_New()) == NULL) {
        return -1;
    }
    if (PyDict_SetItem(state->temp_symbols, name, outer) < 0) {
        return -1;
    }
    return PyDict_SetItem(symbols, name, flags);
}

static int
isolate_name(struct compiler *c, location loc, struct inlined_state *state, PyObject *name,
             PyObject *flags)
{
    int scope = (int)(PyLong_AsLong(flags) >> SCOPE_OFFSET) & SCOPE_MASK;
    assert(PyUnicode_Check(name));
    if (!_PyST_IsFunctionLike(c->u->ste) && hide_fast_local(c, state, name) < 0) {
        return -1;
    }
    if (override_scope(c, state, name, flags, scope) < 0) {
        return -1;
    }
    _PyCg_EmitIndexed(c, loc, LOAD_FAST_AND_CLEAR, c->u->meta.u_varnames, name);
    if (scope == CELL) {
        _PyCg_EmitIndexed(c, loc, MAKE_CELL, c->u->meta.u_cellvars, name);
    }
    return c->failed ? -1 : add_to_list(&state->pushed_locals, name);
}

static void
enter_inlined(struct compiler *c, location loc, PySTEntryObject *comp,
              struct inlined_state *state)
{
    int in_class = c->u->ste->ste_type == ClassBlock && !c->u->in_inlined_comp;
    assert(comp->ste_comp_inlined);
    c->u->in_inlined_comp++;
    PyObject *name, *flags;
    Py_ssize_t pos = 0;
    while (PyDict_Next(comp->ste_symbols, &pos, &name, &flags)) {
        long v = PyLong_AsLong(flags);
        /* A target of := belongs to the block around; in a class everything is kept apart. */
        if (!in_class && (!(v & DEF_LOCAL) || (v & DEF_NONLOCAL))) {
            continue;
        }
        if (isolate_name(c, loc, state, name, flags) < 0) {
            _PyCg_Fail(c);
            return;
        }
    }
    if (state->pushed_locals != NULL) {
        /* The iterator goes back to the top. */
        _PyCg_Emit(c, loc, SWAP, (int)PyList_GET_SIZE(state->pushed_locals) + 1);
        state->cleanup = _PyCg_NewLabel(c);
        state->end = _PyCg_NewLabel(c);
        _PyCg_Emit(c, loc, SETUP_FINALLY, state->cleanup);
    }
}

static void
restore_locals(struct compiler *c, location loc, struct inlined_state *state)
{
    Py_ssize_t n = PyList_GET_SIZE(state->pushed_locals);
    assert(state->pushed_locals != NULL);
    _PyCg_Emit(c, loc, SWAP, (int)n + 1);
    for (Py_ssize_t i = n - 1; i >= 0; i--) {
        _PyCg_EmitIndexed(c, loc, STORE_FAST_MAYBE_NULL, c->u->meta.u_varnames,
                          PyList_GET_ITEM(state->pushed_locals, i));
    }
}

static int
restore_scopes(struct compiler *c, struct inlined_state *state)
{
    PyObject *name, *value;
    Py_ssize_t pos = 0;
    if (state->temp_symbols != NULL) {
        while (PyDict_Next(state->temp_symbols, &pos, &name, &value)) {
            if (PyDict_SetItem(c->u->ste->ste_symbols, name, value) < 0) {
                return -1;
            }
        }
    }
    if (state->fast_hidden != NULL) {
        while (PySet_GET_SIZE(state->fast_hidden) > 0) {
            name = PySet_Pop(state->fast_hidden);
            int rc = name == NULL ? -1 : PyDict_SetItem(c->u->meta.u_fasthidden, name,
                                                        Py_False);
            Py_XDECREF(name);
            if (rc < 0) {
                return -1;
            }
        }
    }
    return 0;
}

static void
leave_inlined(struct compiler *c, location loc, struct inlined_state *state)
{
    assert(c->failed || c->u->in_inlined_comp > 0);
    c->u->in_inlined_comp--;
    if (state->pushed_locals != NULL && !c->failed) {
        _PyCg_Emit(c, NO_LOCATION, POP_BLOCK, 0);
        _PyCg_Emit(c, NO_LOCATION, JUMP, state->end);
        /* With an exception: drop the unfinished result below it. */
        _PyCg_Use(c, state->cleanup);
        _PyCg_Emit(c, NO_LOCATION, SWAP, 2);
        _PyCg_Emit(c, NO_LOCATION, POP_TOP, 0);
        restore_locals(c, loc, state);
        _PyCg_Emit(c, loc, RERAISE, 0);
        _PyCg_Use(c, state->end);
        restore_locals(c, loc, state);
    }
    if (!c->failed && restore_scopes(c, state) < 0) {
        _PyCg_Fail(c);
    }
}

static void
inlined_state_clear(struct inlined_state *state)
{
    Py_XDECREF(state->pushed_locals);
    Py_XDECREF(state->temp_symbols);
    Py_XDECREF(state->fast_hidden);
}

/* --- loops --------------------------------------------------------------------------------- */

static void generator(struct compiler *c, location loc, struct comprehension *comp, int index,
                      int depth, int iter_on_stack);

/* The innermost step: evaluate the element and add it to the result, or yield it.  Returns the
   location for the jump back. */
static location
produce_element(struct compiler *c, struct comprehension *comp, int depth)
{
    location loc = LOC(comp->elt);
    assert(comp->elt != NULL);
    _PyCg_Expr(c, comp->elt);
    switch (comp->kind) {
    case GeneratorExpression:
        if (!c->failed && c->u->ste->ste_generator && c->u->ste->ste_coroutine) {
            _PyCg_Emit(c, loc, CALL_INTRINSIC_1, INTRINSIC_ASYNC_GEN_WRAP);
        }
        _PyCg_Emit(c, loc, YIELD_VALUE, 0);
        _PyCg_Emit(c, loc, RESUME, RESUME_AFTER_YIELD);
        _PyCg_Emit(c, loc, POP_TOP, 0);
        break;
    case ListComprehension:
        _PyCg_Emit(c, loc, LIST_APPEND, depth + 1);
        break;
    case SetComprehension:
        _PyCg_Emit(c, loc, SET_ADD, depth + 1);
        break;
    case DictComprehension:
        _PyCg_Expr(c, comp->value);
        loc = LOCATION(comp->elt->lineno, comp->value->end_lineno, comp->elt->col_offset,
                       comp->value->end_col_offset);
        _PyCg_Emit(c, loc, MAP_ADD, depth + 1);
        break;
    case NoComprehension:
        Py_UNREACHABLE();
    }
    return loc;
}

static location
inner_part(struct compiler *c, location loc, struct comprehension *comp, comprehension_ty g,
           int index, int depth, int if_cleanup)
{
    for (Py_ssize_t i = 0; !c->failed && i < asdl_seq_LEN(g->ifs); i++) {
        _PyCg_JumpIf(c, loc, asdl_seq_GET(g->ifs, i), if_cleanup, 0);
    }
    location back = LOC(comp->elt);
    if (index + 1 < asdl_seq_LEN(comp->generators)) {
        generator(c, loc, comp, index + 1, depth, 0);
    }
    else {
        back = produce_element(c, comp, depth);
    }
    _PyCg_Use(c, if_cleanup);
    return back;
}

/* `for y in [f(x)]`, the idiom for a temporary variable, needs no loop: the sole element, or
   NULL. */
static expr_ty
sole_element(expr_ty iter)
{
    asdl_expr_seq *elts = iter->kind == List_kind ? iter->v.List.elts
                          : iter->kind == Tuple_kind ? iter->v.Tuple.elts : NULL;
    if (asdl_seq_LEN(elts) != 1) {
        return NULL;
    }
    expr_ty elt = asdl_seq_GET(elts, 0);
    return elt->kind == Starred_kind ? NULL : elt;
}

static void
sync_generator(struct compiler *c, location loc, struct comprehension *comp, int index,
               int depth, int iter_on_stack)
{
    comprehension_ty g = asdl_seq_GET(comp->generators, index);
    int start = _PyCg_NewLabel(c), if_cleanup = _PyCg_NewLabel(c), anchor = _PyCg_NewLabel(c);
    int loops = 1;
    assert(index < asdl_seq_LEN(comp->generators));
    if (!iter_on_stack) {
        expr_ty sole = index > 0 ? sole_element(g->iter) : NULL;
        if (index == 0) {
            c->u->meta.u_argcount = 1;
            _PyCg_Emit(c, loc, LOAD_FAST, 0);
        }
        else if (sole != NULL) {
            _PyCg_Expr(c, sole);
            loops = 0;
        }
        else {
            _PyCg_Expr(c, g->iter);
            _PyCg_Emit(c, loc, GET_ITER, 0);
        }
    }
    if (loops) {
        depth++;
        _PyCg_Use(c, start);
        _PyCg_Emit(c, loc, FOR_ITER, anchor);
    }
    _PyCg_Expr(c, g->target);
    location back = inner_part(c, loc, comp, g, index, depth, if_cleanup);
    if (loops) {
        _PyCg_Emit(c, back, JUMP, start);
        _PyCg_Use(c, anchor);
        _PyCg_Emit(c, NO_LOCATION, END_FOR, 0);
    }
}

static void
async_generator(struct compiler *c, location loc, struct comprehension *comp, int index,
                int depth, int iter_on_stack)
{
    comprehension_ty g = asdl_seq_GET(comp->generators, index);
    int start = _PyCg_NewLabel(c), except = _PyCg_NewLabel(c), if_cleanup = _PyCg_NewLabel(c);
    assert(index < asdl_seq_LEN(comp->generators));
    if (!iter_on_stack) {
        if (index == 0) {
            c->u->meta.u_argcount = 1;
            _PyCg_Emit(c, loc, LOAD_FAST, 0);
        }
        else {
            _PyCg_Expr(c, g->iter);
            _PyCg_Emit(c, loc, GET_AITER, 0);
        }
    }
    _PyCg_Use(c, start);
    _PyCg_PushBlock(c, loc, ASYNC_COMPREHENSION_GENERATOR, start, NO_LABEL, NULL);
    _PyCg_Emit(c, loc, SETUP_FINALLY, except);
    _PyCg_Emit(c, loc, GET_ANEXT, 0);
    _PyCg_LoadConst(c, loc, Py_None);
    _PyCg_YieldFrom(c, loc, 1);
    _PyCg_Emit(c, loc, POP_BLOCK, 0);
    _PyCg_Expr(c, g->target);
    location back = inner_part(c, loc, comp, g, index, depth + 1, if_cleanup);
    _PyCg_Emit(c, back, JUMP, start);
    _PyCg_PopBlock(c, ASYNC_COMPREHENSION_GENERATOR, start);
    _PyCg_Use(c, except);
    _PyCg_Emit(c, loc, END_ASYNC_FOR, 0);
}

/* One `for` clause with everything inside it. */
static void
generator(struct compiler *c, location loc, struct comprehension *comp, int index, int depth,
          int iter_on_stack)
{
    if (c->failed) {
        return;
    }
    comprehension_ty g = asdl_seq_GET(comp->generators, index);
    if (g->is_async) {
        async_generator(c, loc, comp, index, depth, iter_on_stack);
    }
    else {
        sync_generator(c, loc, comp, index, depth, iter_on_stack);
    }
}

/* --- the whole ----------------------------------------------------------------------------- */

static void
comprehension_body(struct compiler *c, location loc, struct comprehension *comp, int inlined)
{
    static const int builders[] = {
        [ListComprehension] = BUILD_LIST,
        [SetComprehension] = BUILD_SET,
        [DictComprehension] = BUILD_MAP,
    };
    if (comp->kind != GeneratorExpression) {
        _PyCg_Emit(c, loc, builders[comp->kind], 0);
        if (inlined) {
            _PyCg_Emit(c, loc, SWAP, 2);
        }
    }
    generator(c, loc, comp, 0, 0, inlined);
}

static void
outermost_iterator(struct compiler *c, location loc, comprehension_ty outermost)
{
    _PyCg_Expr(c, outermost->iter);
    _PyCg_Emit(c, loc, outermost->is_async ? GET_AITER : GET_ITER, 0);
}

static void
refuse_async(struct compiler *c, location loc)
{
    _PyCg_SyntaxError(c, loc, "asynchronous comprehension outside of an asynchronous function");
}

static void
inline_comprehension(struct compiler *c, location loc, struct comprehension *comp,
                     PySTEntryObject *entry, int misplaced)
{
    struct inlined_state state = {0};
    outermost_iterator(c, loc, asdl_seq_GET(comp->generators, 0));
    if (misplaced) {
        refuse_async(c, loc);       /* after the iterable: errors there come first */
    }
    if (!c->failed) {
        enter_inlined(c, loc, entry, &state);
        comprehension_body(c, loc, comp, 1);
        leave_inlined(c, loc, &state);
    }
    inlined_state_clear(&state);
}

static void
call_comprehension(struct compiler *c, location loc, struct comprehension *comp, int is_async)
{
    assert(comp->name != NULL);
    _PyCg_EnterScope(c, comp->name, UNIT_COMPREHENSION, comp->e, comp->e->lineno);
    if (c->failed) {
        return;
    }
    comprehension_body(c, loc, comp, 0);
    if (comp->kind == GeneratorExpression) {
        _PyCg_WrapStopIteration(c);
    }
    else {
        _PyCg_Emit(c, loc, RETURN_VALUE, 0);
    }
    PyCodeObject *co = _PyCg_Assemble(c, 1);
    _PyCg_ExitScope(c);
    _PyCg_MakeClosure(c, loc, co, 0);
    outermost_iterator(c, loc, asdl_seq_GET(comp->generators, 0));
    _PyCg_Emit(c, loc, CALL, 0);
    if (is_async && comp->kind != GeneratorExpression) {
        _PyCg_Emit(c, loc, GET_AWAITABLE, 0);
        _PyCg_LoadConst(c, loc, Py_None);
        _PyCg_YieldFrom(c, loc, 1);
    }
}

static void
describe(expr_ty e, struct comprehension *comp)
{
    comp->e = e;
    switch (e->kind) {
    case ListComp_kind:
        *comp = (struct comprehension){e, ListComprehension, &_Py_STR(anon_listcomp),
                                       e->v.ListComp.generators, e->v.ListComp.elt, NULL};
        break;
    case SetComp_kind:
        *comp = (struct comprehension){e, SetComprehension, &_Py_STR(anon_setcomp),
                                       e->v.SetComp.generators, e->v.SetComp.elt, NULL};
        break;
    case DictComp_kind:
        *comp = (struct comprehension){e, DictComprehension, &_Py_STR(anon_dictcomp),
                                       e->v.DictComp.generators, e->v.DictComp.key,
                                       e->v.DictComp.value};
        break;
    default:
        assert(e->kind == GeneratorExp_kind);
        *comp = (struct comprehension){e, GeneratorExpression, &_Py_STR(anon_genexpr),
                                       e->v.GeneratorExp.generators, e->v.GeneratorExp.elt,
                                       NULL};
        break;
    }
}

void
_PyCg_Comprehension(struct compiler *c, expr_ty e)
{
    location loc = LOC(e);
    struct comprehension comp;
    describe(e, &comp);
    PySTEntryObject *entry = PySymtable_Lookup(c->st, e);
    if (entry == NULL) {
        _PyCg_Fail(c);
        return;
    }
    int is_async = entry->ste_coroutine;
    int misplaced = is_async && comp.kind != GeneratorExpression
                    && c->u->kind != UNIT_ASYNC_FUNCTION && c->u->kind != UNIT_COMPREHENSION
                    && !_PyCg_IsTopLevelAwait(c);
    if (entry->ste_comp_inlined) {
        inline_comprehension(c, loc, &comp, entry, misplaced);
    }
    else if (misplaced) {
        refuse_async(c, loc);
    }
    else {
        call_comprehension(c, loc, &comp, is_async);
    }
    Py_DECREF(entry);
}
