/* Code for the match statement.

   The subject is on top of the stack when a pattern starts, and is consumed by it.  Captured values
   are not stored at once but collected below whatever the pattern still needs, so that a failed
   pattern binds nothing; the names are stored when the whole pattern has matched.

   A failing test jumps to fail_pop[n], which pops n items and goes on to the next case.
   context.on_top: items above the captures that the pattern still needs.

   Written from: the language reference, "The match statement"; PEP 634; the dis documentation;
   and by comparing with the output of 3.12. */

#include "Python.h"
#include "pycore_codegen.h"

struct context {
    PyObject *stores;       /* list of captured names, bottom first */
    int allow_irrefutable;  /* a pattern that always matches may stand here */
    int *fail_pop;          /* labels, in the unit's arena */
    int n_fail_pop;
    int fail_pop_capacity;
    Py_ssize_t on_top;
};

static void pattern(struct compiler *c, pattern_ty p, struct context *pc);

static int
is_wildcard(pattern_ty p)
{
    return p->kind == MatchAs_kind && p->v.MatchAs.name == NULL;
}

static int
is_star_wildcard(pattern_ty p)
{
    return p->kind == MatchStar_kind && p->v.MatchStar.name == NULL;
}

static void
load_int(struct compiler *c, location loc, Py_ssize_t n)
{
    if (!c->failed) {
        _PyCg_LoadNewConst(c, loc, PyLong_FromSsize_t(n));
    }
}

/* --- failing ------------------------------------------------------------------------------- */

static void
ensure_fail_pop(struct compiler *c, struct context *pc, Py_ssize_t n)
{
    if (c->failed || n < pc->n_fail_pop) {
        return;
    }
    if (n >= pc->fail_pop_capacity) {
        int capacity = (int)n + 8;
        int *labels = _PyArena_Malloc(c->u->arena, (size_t)capacity * sizeof(int));
        if (labels == NULL) {
            _PyCg_Fail(c);
            return;
        }
        for (int i = 0; i < pc->n_fail_pop; i++) {
            labels[i] = pc->fail_pop[i];
        }
        pc->fail_pop = labels;
        pc->fail_pop_capacity = capacity;
    }
    while (pc->n_fail_pop <= n) {
        pc->fail_pop[pc->n_fail_pop++] = _PyCg_NewLabel(c);
    }
}

/* Jump that gives the pattern up: everything it has on the stack is popped. */
static void
jump_to_fail(struct compiler *c, location loc, struct context *pc, int opcode)
{
    assert(pc->on_top >= 0);
    if (c->failed) {
        return;
    }
    Py_ssize_t pops = pc->on_top + PyList_GET_SIZE(pc->stores);
    ensure_fail_pop(c, pc, pops);
    if (!c->failed) {
        _PyCg_Emit(c, loc, opcode, pc->fail_pop[pops]);
    }
}

/* The chain of POP_TOPs that failing jumps lead to. */
static void
emit_fail_pops(struct compiler *c, location loc, struct context *pc)
{
    for (int i = pc->n_fail_pop - 1; !c->failed && i >= 0; i--) {
        _PyCg_Use(c, pc->fail_pop[i]);
        if (i > 0) {
            _PyCg_Emit(c, loc, POP_TOP, 0);
        }
    }
    pc->n_fail_pop = 0;
}

/* --- captures ------------------------------------------------------------------------------ */

/* Move the top item below count - 1 others. */
static void
rotate(struct compiler *c, location loc, Py_ssize_t count)
{
    assert(count >= 1);
    while (count > 1) {
        _PyCg_Emit(c, loc, SWAP, (int)count--);
    }
}

static void
refuse_duplicate(struct compiler *c, location loc, PyObject *name)
{
    _PyCg_SyntaxError(c, loc, "multiple assignments to name %R in pattern", name);
}

/* Whether name is new among the captures; if so it is added. */
static int
add_store(struct compiler *c, location loc, struct context *pc, PyObject *name)
{
    if (c->failed) {
        return 0;
    }
    int known = PySequence_Contains(pc->stores, name);
    if (known < 0) {
        _PyCg_Fail(c);
        return 0;
    }
    if (known) {
        refuse_duplicate(c, loc, name);
        return 0;
    }
    if (PyList_Append(pc->stores, name) < 0) {
        _PyCg_Fail(c);
        return 0;
    }
    return 1;
}

/* Capture the top item under a name, or drop it. */
static void
capture(struct compiler *c, location loc, PyObject *name, struct context *pc)
{
    if (name == NULL) {
        _PyCg_Emit(c, loc, POP_TOP, 0);
        return;
    }
    if (_PyCg_Forbidden(c, loc, name, Store) || !add_store(c, loc, pc, name)) {
        return;
    }
    rotate(c, loc, pc->on_top + PyList_GET_SIZE(pc->stores));
}

static void
subpattern(struct compiler *c, pattern_ty p, struct context *pc)
{
    int old = pc->allow_irrefutable;
    pc->allow_irrefutable = 1;
    pattern(c, p, pc);
    pc->allow_irrefutable = old;
}

/* --- sequences ----------------------------------------------------------------------------- */

static void
unpack_sequence(struct compiler *c, location loc, asdl_pattern_seq *patterns,
                struct context *pc)
{
    Py_ssize_t n = asdl_seq_LEN(patterns);
    int seen = 0;
    assert(pc->on_top >= 0);
    for (Py_ssize_t i = 0; i < n; i++) {
        pattern_ty p = asdl_seq_GET(patterns, i);
        if (p->kind != MatchStar_kind) {
            continue;
        }
        if (i >= (1 << 8) || n - i - 1 >= (INT_MAX >> 8)) {
            _PyCg_SyntaxError(c, loc,
                              "too many expressions in star-unpacking sequence pattern");
            return;
        }
        assert(!seen);
        seen = 1;
        _PyCg_Emit(c, loc, UNPACK_EX, (int)(i + ((n - i - 1) << 8)));
    }
    if (!seen) {
        _PyCg_Emit(c, loc, UNPACK_SEQUENCE, (int)n);
    }
    pc->on_top += n;
    for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
        pc->on_top--;
        subpattern(c, asdl_seq_GET(patterns, i), pc);
    }
}

/* [a, *_, b]: fetch single items instead of unpacking. */
static void
subscript_sequence(struct compiler *c, location loc, asdl_pattern_seq *patterns,
                   Py_ssize_t star, struct context *pc)
{
    Py_ssize_t n = asdl_seq_LEN(patterns);
    pc->on_top++;
    for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
        pattern_ty p = asdl_seq_GET(patterns, i);
        if (i == star || is_wildcard(p)) {
            continue;
        }
        _PyCg_Emit(c, loc, COPY, 1);
        if (i < star) {
            load_int(c, loc, i);
        }
        else {
            /* The subject need not support negative indices. */
            _PyCg_Emit(c, loc, GET_LEN, 0);
            load_int(c, loc, n - i);
            _PyCg_Emit(c, loc, BINARY_OP, NB_SUBTRACT);
        }
        _PyCg_Emit(c, loc, BINARY_SUBSCR, 0);
        subpattern(c, p, pc);
    }
    pc->on_top--;
    _PyCg_Emit(c, loc, POP_TOP, 0);
}

static void
check_length(struct compiler *c, location loc, Py_ssize_t n, cmpop_ty op, struct context *pc)
{
    _PyCg_Emit(c, loc, GET_LEN, 0);
    load_int(c, loc, n);
    _PyCg_Compare(c, loc, op);
    jump_to_fail(c, loc, pc, POP_JUMP_IF_FALSE);
}

static void
pattern_sequence(struct compiler *c, pattern_ty p, struct context *pc)
{
    location loc = LOC(p);
    asdl_pattern_seq *patterns = p->v.MatchSequence.patterns;
    Py_ssize_t n = asdl_seq_LEN(patterns), star = -1;
    int only_wildcards = 1, star_wildcard = 0;
    assert(p->kind == MatchSequence_kind);
    for (Py_ssize_t i = 0; i < n; i++) {
        pattern_ty sub = asdl_seq_GET(patterns, i);
        if (sub->kind == MatchStar_kind) {
            if (star >= 0) {
                _PyCg_SyntaxError(c, loc, "multiple starred names in sequence pattern");
                return;
            }
            star_wildcard = is_star_wildcard(sub);
            only_wildcards &= star_wildcard;
            star = i;
        }
        else {
            only_wildcards &= is_wildcard(sub);
        }
    }
    /* The subject stays for the checks. */
    pc->on_top++;
    _PyCg_Emit(c, loc, MATCH_SEQUENCE, 0);
    jump_to_fail(c, loc, pc, POP_JUMP_IF_FALSE);
    if (star < 0) {
        check_length(c, loc, n, Eq, pc);
    }
    else if (n > 1) {
        check_length(c, loc, n - 1, GtE, pc);
    }
    pc->on_top--;
    if (only_wildcards) {
        _PyCg_Emit(c, loc, POP_TOP, 0);
    }
    else if (star_wildcard) {
        subscript_sequence(c, loc, patterns, star, pc);
    }
    else {
        unpack_sequence(c, loc, patterns, pc);
    }
}

/* --- classes ------------------------------------------------------------------------------- */

static void
validate_attributes(struct compiler *c, pattern_ty p)
{
    asdl_identifier_seq *attrs = p->v.MatchClass.kwd_attrs;
    asdl_pattern_seq *patterns = p->v.MatchClass.kwd_patterns;
    Py_ssize_t n = asdl_seq_LEN(attrs);
    for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
        PyObject *attr = asdl_seq_GET(attrs, i);
        pattern_ty at = asdl_seq_GET(patterns, i);
        if (_PyCg_Forbidden(c, LOC(at), attr, Store)) {
            return;
        }
        for (Py_ssize_t k = i + 1; k < n; k++) {
            if (PyUnicode_Compare(attr, asdl_seq_GET(attrs, k)) == 0) {
                pattern_ty other = asdl_seq_GET(patterns, k);
                _PyCg_SyntaxError(c, LOC(other),
                                  "attribute name repeated in class pattern: %U", attr);
                return;
            }
        }
    }
}

/* The tuple on top, or None, came from a matching instruction: give up if None. */
static void
fail_if_none(struct compiler *c, location loc, struct context *pc)
{
    _PyCg_Emit(c, loc, COPY, 1);
    _PyCg_LoadConst(c, loc, Py_None);
    _PyCg_Emit(c, loc, IS_OP, 1);
    jump_to_fail(c, loc, pc, POP_JUMP_IF_FALSE);
}

static void
pattern_class(struct compiler *c, pattern_ty p, struct context *pc)
{
    location loc = LOC(p);
    asdl_pattern_seq *patterns = p->v.MatchClass.patterns;
    asdl_identifier_seq *attrs = p->v.MatchClass.kwd_attrs;
    asdl_pattern_seq *kwd_patterns = p->v.MatchClass.kwd_patterns;
    Py_ssize_t nargs = asdl_seq_LEN(patterns), nattrs = asdl_seq_LEN(attrs);
    assert(p->kind == MatchClass_kind);
    if (nattrs != asdl_seq_LEN(kwd_patterns)) {
        PyErr_Format(PyExc_SystemError, "kwd_attrs (%zd) / kwd_patterns (%zd) length mismatch "
                     "in class pattern", nattrs, asdl_seq_LEN(kwd_patterns));
        _PyCg_Fail(c);
        return;
    }
    if (nargs > INT_MAX || nargs + nattrs - 1 > INT_MAX) {
        _PyCg_SyntaxError(c, loc, "too many sub-patterns in class pattern");
        return;
    }
    validate_attributes(c, p);
    _PyCg_Expr(c, p->v.MatchClass.cls);
    PyObject *names = c->failed ? NULL : PyTuple_New(nattrs);
    if (names == NULL) {
        c->failed = 1;
        return;
    }
    for (Py_ssize_t i = 0; i < nattrs; i++) {
        PyTuple_SET_ITEM(names, i, Py_NewRef(asdl_seq_GET(attrs, i)));
    }
    _PyCg_LoadNewConst(c, loc, names);
    _PyCg_Emit(c, loc, MATCH_CLASS, (int)nargs);
    pc->on_top++;
    fail_if_none(c, loc, pc);
    _PyCg_Emit(c, loc, UNPACK_SEQUENCE, (int)(nargs + nattrs));
    pc->on_top += nargs + nattrs - 1;
    for (Py_ssize_t i = 0; !c->failed && i < nargs + nattrs; i++) {
        pc->on_top--;
        pattern_ty sub = i < nargs ? asdl_seq_GET(patterns, i)
                                   : asdl_seq_GET(kwd_patterns, i - nargs);
        if (is_wildcard(sub)) {
            _PyCg_Emit(c, loc, POP_TOP, 0);
        }
        else {
            subpattern(c, sub, pc);
        }
    }
}

/* --- mappings ------------------------------------------------------------------------------ */

static void
visit_keys(struct compiler *c, location loc, asdl_expr_seq *keys)
{
    PyObject *seen = PySet_New(NULL);
    if (seen == NULL) {
        _PyCg_Fail(c);
        return;
    }
    for (Py_ssize_t i = 0; !c->failed && i < asdl_seq_LEN(keys); i++) {
        expr_ty key = asdl_seq_GET(keys, i);
        if (key == NULL) {
            _PyCg_SyntaxError(c, loc, "can't use NULL keys in MatchMapping "
                              "(set 'rest' parameter instead)");
            break;
        }
        if (key->kind == Constant_kind) {
            PyObject *value = key->v.Constant.value;
            int known = PySet_Contains(seen, value);
            if (known > 0) {
                _PyCg_SyntaxError(c, loc, "mapping pattern checks duplicate key (%R)", value);
                break;
            }
            if (known < 0 || PySet_Add(seen, value) < 0) {
                _PyCg_Fail(c);
                break;
            }
        }
        else if (key->kind != Attribute_kind) {
            _PyCg_SyntaxError(c, loc, "mapping pattern keys may only match literals and "
                              "attribute lookups");
            break;
        }
        _PyCg_Expr(c, key);
    }
    Py_DECREF(seen);
}

static void
pattern_mapping(struct compiler *c, pattern_ty p, struct context *pc)
{
    location loc = LOC(p);
    asdl_expr_seq *keys = p->v.MatchMapping.keys;
    asdl_pattern_seq *patterns = p->v.MatchMapping.patterns;
    PyObject *rest = p->v.MatchMapping.rest;
    Py_ssize_t n = asdl_seq_LEN(keys);
    assert(p->kind == MatchMapping_kind);
    if (n != asdl_seq_LEN(patterns)) {
        PyErr_Format(PyExc_SystemError, "keys (%zd) / patterns (%zd) length mismatch in "
                     "mapping pattern", n, asdl_seq_LEN(patterns));
        _PyCg_Fail(c);
        return;
    }
    pc->on_top++;       /* the subject */
    _PyCg_Emit(c, loc, MATCH_MAPPING, 0);
    jump_to_fail(c, loc, pc, POP_JUMP_IF_FALSE);
    if (n == 0 && rest == NULL) {
        pc->on_top--;
        _PyCg_Emit(c, loc, POP_TOP, 0);
        return;
    }
    if (n > 0) {
        check_length(c, loc, n, GtE, pc);
    }
    if (n - 1 > INT_MAX) {
        _PyCg_SyntaxError(c, loc, "too many sub-patterns in mapping pattern");
        return;
    }
    visit_keys(c, loc, keys);
    _PyCg_Emit(c, loc, BUILD_TUPLE, (int)n);
    _PyCg_Emit(c, loc, MATCH_KEYS, 0);
    pc->on_top += 2;    /* the keys and the values */
    fail_if_none(c, loc, pc);
    _PyCg_Emit(c, loc, UNPACK_SEQUENCE, (int)n);
    pc->on_top += n - 1;
    for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
        pc->on_top--;
        subpattern(c, asdl_seq_GET(patterns, i), pc);
    }
    /* A match: now the keys and the subject are consumed. */
    pc->on_top -= 2;
    if (rest == NULL) {
        _PyCg_Emit(c, loc, POP_TOP, 0);
        _PyCg_Emit(c, loc, POP_TOP, 0);
        return;
    }
    _PyCg_Emit(c, loc, BUILD_MAP, 0);           /* subject, keys, copy */
    _PyCg_Emit(c, loc, SWAP, 3);                /* copy, keys, subject */
    _PyCg_Emit(c, loc, DICT_UPDATE, 2);         /* copy, keys */
    _PyCg_Emit(c, loc, UNPACK_SEQUENCE, (int)n);
    for (Py_ssize_t left = n; left > 0; left--) {
        _PyCg_Emit(c, loc, COPY, (int)left + 1);
        _PyCg_Emit(c, loc, SWAP, 2);
        _PyCg_Emit(c, loc, DELETE_SUBSCR, 0);
    }
    capture(c, loc, rest, pc);
}

/* --- alternatives -------------------------------------------------------------------------- */

/* Bring the captures of an alternative into the order of `control`, in the list and on the
   stack. */
static void
reorder_captures(struct compiler *c, location loc, struct context *pc, PyObject *control,
                 location or_loc)
{
    for (Py_ssize_t want = PyList_GET_SIZE(control) - 1; !c->failed && want >= 0; want--) {
        PyObject *name = PyList_GET_ITEM(control, want);
        Py_ssize_t have = PySequence_Index(pc->stores, name);
        if (have < 0) {
            if (PyErr_ExceptionMatches(PyExc_ValueError)) {
                PyErr_Clear();
                _PyCg_SyntaxError(c, or_loc, "alternative patterns bind different names");
            }
            else {
                _PyCg_Fail(c);
            }
            return;
        }
        if (want == have) {
            continue;
        }
        assert(have < want);
        Py_ssize_t rotations = have + 1, to = want - have;
        PyObject *moved = PyList_GetSlice(pc->stores, 0, rotations);
        if (moved == NULL || PyList_SetSlice(pc->stores, 0, rotations, NULL) < 0
            || PyList_SetSlice(pc->stores, to, to, moved) < 0)
        {
            Py_XDECREF(moved);
            _PyCg_Fail(c);
            return;
        }
        Py_DECREF(moved);
        while (rotations-- > 0) {
            rotate(c, loc, want + 1);
        }
    }
}

/* One alternative; *control becomes the captures of the first. */
static void
alternative(struct compiler *c, pattern_ty alt, struct context *pc, int allow_irrefutable,
            PyObject **control, location or_loc, int end)
{
    pc->stores = PyList_New(0);
    if (pc->stores == NULL) {
        _PyCg_Fail(c);
        return;
    }
    pc->allow_irrefutable = allow_irrefutable;
    pc->fail_pop = NULL;
    pc->n_fail_pop = pc->fail_pop_capacity = 0;
    pc->on_top = 0;
    _PyCg_Emit(c, LOC(alt), COPY, 1);
    pattern(c, alt, pc);
    if (c->failed) {
        return;
    }
    if (*control == NULL) {
        *control = Py_NewRef(pc->stores);
    }
    else if (PyList_GET_SIZE(pc->stores) != PyList_GET_SIZE(*control)) {
        _PyCg_SyntaxError(c, or_loc, "alternative patterns bind different names");
        return;
    }
    else {
        reorder_captures(c, LOC(alt), pc, *control, or_loc);
    }
    _PyCg_Emit(c, LOC(alt), JUMP, end);
    emit_fail_pops(c, LOC(alt), pc);
}

static void
pattern_or(struct compiler *c, pattern_ty p, struct context *pc)
{
    location loc = LOC(p);
    int end = _PyCg_NewLabel(c);
    Py_ssize_t n = asdl_seq_LEN(p->v.MatchOr.patterns);
    struct context inner = {0};
    PyObject *control = NULL;
    assert(p->kind == MatchOr_kind);
    assert(n > 1);
    for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
        alternative(c, asdl_seq_GET(p->v.MatchOr.patterns, i), &inner,
                    i == n - 1 && pc->allow_irrefutable, &control, loc, end);
        Py_CLEAR(inner.stores);
    }
    /* No match: pop the remaining copy of the subject. */
    _PyCg_Emit(c, loc, POP_TOP, 0);
    jump_to_fail(c, loc, pc, JUMP);
    _PyCg_Use(c, end);
    if (!c->failed) {
        /* The captures move below the subject and what the outer pattern needs. */
        Py_ssize_t nstores = PyList_GET_SIZE(control);
        Py_ssize_t rotations = nstores + 1 + pc->on_top + PyList_GET_SIZE(pc->stores);
        for (Py_ssize_t i = 0; !c->failed && i < nstores; i++) {
            rotate(c, loc, rotations);
            add_store(c, loc, pc, PyList_GET_ITEM(control, i));
        }
    }
    Py_XDECREF(control);
    _PyCg_Emit(c, loc, POP_TOP, 0);
}

/* --- the rest ------------------------------------------------------------------------------ */

static void
pattern_as(struct compiler *c, pattern_ty p, struct context *pc)
{
    location loc = LOC(p);
    PyObject *name = p->v.MatchAs.name;
    assert(p->kind == MatchAs_kind);
    if (p->v.MatchAs.pattern == NULL) {
        if (!pc->allow_irrefutable) {
            if (name) {
                _PyCg_SyntaxError(c, loc, "name capture %R makes remaining patterns unreachable",
                                  name);
            }
            else {
                _PyCg_SyntaxError(c, loc, "wildcard makes remaining patterns unreachable");
            }
            return;
        }
        capture(c, loc, name, pc);
        return;
    }
    pc->on_top++;
    _PyCg_Emit(c, loc, COPY, 1);
    pattern(c, p->v.MatchAs.pattern, pc);
    pc->on_top--;
    capture(c, loc, name, pc);
}

static int
is_value_expr(expr_ty e)
{
    switch (e->kind) {
    case Constant_kind:
    case Attribute_kind:
        return 1;
    default:
        return 0;
    }
}

static void
pattern_kind(struct compiler *c, pattern_ty p, struct context *pc)
{
    location loc = LOC(p);
    switch (p->kind) {
    case MatchValue_kind:
        if (!is_value_expr(p->v.MatchValue.value)) {
            _PyCg_SyntaxError(c, loc,
                              "patterns may only match literals and attribute lookups");
            return;
        }
        _PyCg_Expr(c, p->v.MatchValue.value);
        _PyCg_Compare(c, loc, Eq);
        jump_to_fail(c, loc, pc, POP_JUMP_IF_FALSE);
        break;
    case MatchSingleton_kind:
        _PyCg_LoadConst(c, loc, p->v.MatchSingleton.value);
        _PyCg_Compare(c, loc, Is);
        jump_to_fail(c, loc, pc, POP_JUMP_IF_FALSE);
        break;
    case MatchSequence_kind:
        pattern_sequence(c, p, pc);
        break;
    case MatchMapping_kind:
        pattern_mapping(c, p, pc);
        break;
    case MatchClass_kind:
        pattern_class(c, p, pc);
        break;
    case MatchStar_kind:
        capture(c, loc, p->v.MatchStar.name, pc);
        break;
    case MatchAs_kind:
        pattern_as(c, p, pc);
        break;
    case MatchOr_kind:
        pattern_or(c, p, pc);
        break;
    }
}

static void
pattern(struct compiler *c, pattern_ty p, struct context *pc)
{
    if (c->failed) {
        return;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        _PyCg_Fail(c);
        return;
    }
    pattern_kind(c, p, pc);
    Py_LeaveRecursiveCall();
}

/* One case that is not the final wildcard.  copy_subject: later cases still need it. */
static void
match_case(struct compiler *c, match_case_ty m, int copy_subject, int is_last, int end)
{
    struct context pc = {.stores = PyList_New(0)};
    location loc = LOC(m->pattern);
    if (pc.stores == NULL) {
        _PyCg_Fail(c);
        return;
    }
    if (copy_subject) {
        _PyCg_Emit(c, loc, COPY, 1);
    }
    pc.allow_irrefutable = m->guard != NULL || is_last;
    pattern(c, m->pattern, &pc);
    for (Py_ssize_t i = 0; !c->failed && i < PyList_GET_SIZE(pc.stores); i++) {
        _PyCg_Name(c, loc, PyList_GET_ITEM(pc.stores, i), Store);
    }
    if (m->guard && !c->failed) {
        ensure_fail_pop(c, &pc, 0);
        if (!c->failed) {
            _PyCg_JumpIf(c, loc, m->guard, pc.fail_pop[0], 0);
        }
    }
    if (copy_subject) {
        _PyCg_Emit(c, loc, POP_TOP, 0);
    }
    _PyCg_Stmts(c, m->body);
    _PyCg_Emit(c, NO_LOCATION, JUMP, end);
    /* The clean-up belongs to the pattern that failed, not to the body before it. */
    emit_fail_pops(c, loc, &pc);
    Py_DECREF(pc.stores);
}

void
_PyCg_Match(struct compiler *c, stmt_ty s)
{
    asdl_match_case_seq *cases = s->v.Match.cases;
    Py_ssize_t n = asdl_seq_LEN(cases);
    int end = _PyCg_NewLabel(c);
    assert(s->kind == Match_kind);
    assert(n > 0);
    _PyCg_Expr(c, s->v.Match.subject);
    match_case_ty last = asdl_seq_GET(cases, n - 1);
    int has_default = is_wildcard(last->pattern) && n > 1;
    for (Py_ssize_t i = 0; !c->failed && i < n - has_default; i++) {
        match_case(c, asdl_seq_GET(cases, i), i != n - has_default - 1, i == n - 1, end);
    }
    if (has_default) {
        location loc = LOC(last->pattern);
        _PyCg_Emit(c, loc, NOP, 0);     /* the line event of the default case */
        if (last->guard) {
            _PyCg_JumpIf(c, loc, last->guard, end, 0);
        }
        _PyCg_Stmts(c, last->body);
    }
    _PyCg_Use(c, end);
}
