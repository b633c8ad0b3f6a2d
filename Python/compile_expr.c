/* Code for expressions, except calls and comprehensions.

   Written from: the language reference, chapter "Expressions"; PEP 380, 448, 498, 572, 3132;
   the dis documentation; and by comparing with the output of 3.12. */

#include "Python.h"
#include "pycore_codegen.h"

void
_PyCg_Exprs(struct compiler *c, asdl_expr_seq *seq)
{
    for (Py_ssize_t i = 0; !c->failed && i < asdl_seq_LEN(seq); i++) {
        expr_ty e = asdl_seq_GET(seq, i);
        if (e != NULL) {
            _PyCg_Expr(c, e);
        }
    }
}

/* --- operators ----------------------------------------------------------------------------- */

static int
binary_oparg(operator_ty op)
{
    switch (op) {
    case Add:
        return NB_ADD;
    case Sub:
        return NB_SUBTRACT;
    case Mult:
        return NB_MULTIPLY;
    case MatMult:
        return NB_MATRIX_MULTIPLY;
    case Div:
        return NB_TRUE_DIVIDE;
    case Mod:
        return NB_REMAINDER;
    case Pow:
        return NB_POWER;
    case LShift:
        return NB_LSHIFT;
    case RShift:
        return NB_RSHIFT;
    case BitOr:
        return NB_OR;
    case BitXor:
        return NB_XOR;
    case BitAnd:
        return NB_AND;
    case FloorDiv:
        return NB_FLOOR_DIVIDE;
    }
    Py_UNREACHABLE();
}

void
_PyCg_Compare(struct compiler *c, location loc, cmpop_ty op)
{
    /* COMPARE_OP: the operator's number in opcode.cmp_op, above four bits for the specialiser;
       the low bits say which outcomes of a three-way comparison are true. */
    enum {unordered = 1, less = 2, greater = 4, equal = 8};
    int cmp = 0, mask = 0;
    switch (op) {
    case Lt:
        cmp = Py_LT;
        mask = less;
        break;
    case LtE:
        cmp = Py_LE;
        mask = less | equal;
        break;
    case Eq:
        cmp = Py_EQ;
        mask = equal;
        break;
    case NotEq:
        cmp = Py_NE;
        mask = less | greater | unordered;
        break;
    case Gt:
        cmp = Py_GT;
        mask = greater;
        break;
    case GtE:
        cmp = Py_GE;
        mask = greater | equal;
        break;
    case Is:
    case IsNot:
        _PyCg_Emit(c, loc, IS_OP, op == IsNot);
        return;
    case In:
    case NotIn:
        _PyCg_Emit(c, loc, CONTAINS_OP, op == NotIn);
        return;
    }
    _PyCg_Emit(c, loc, COMPARE_OP, (cmp << 4) | mask);
}

static void
visit_unary(struct compiler *c, expr_ty e)
{
    location loc = LOC(e);
    assert(e->kind == UnaryOp_kind);
    _PyCg_Expr(c, e->v.UnaryOp.operand);
    switch (e->v.UnaryOp.op) {
    case Invert:
        _PyCg_Emit(c, loc, UNARY_INVERT, 0);
        break;
    case Not:
        _PyCg_Emit(c, loc, UNARY_NOT, 0);
        break;
    case UAdd:
        _PyCg_Emit(c, loc, CALL_INTRINSIC_1, INTRINSIC_UNARY_POSITIVE);
        break;
    case USub:
        _PyCg_Emit(c, loc, UNARY_NEGATIVE, 0);
        break;
    }
}

static void
visit_boolop(struct compiler *c, expr_ty e)
{
    location loc = LOC(e);
    int jump = e->v.BoolOp.op == And ? POP_JUMP_IF_FALSE : POP_JUMP_IF_TRUE;
    int end = _PyCg_NewLabel(c);
    Py_ssize_t last = asdl_seq_LEN(e->v.BoolOp.values) - 1;
    assert(e->kind == BoolOp_kind);
    assert(last >= 0);
    for (Py_ssize_t i = 0; !c->failed && i < last; i++) {
        _PyCg_Expr(c, asdl_seq_GET(e->v.BoolOp.values, i));
        _PyCg_Emit(c, loc, COPY, 1);
        _PyCg_Emit(c, loc, jump, end);
        _PyCg_Emit(c, loc, POP_TOP, 0);
    }
    _PyCg_Expr(c, asdl_seq_GET(e->v.BoolOp.values, last));
    _PyCg_Use(c, end);
}

/* a < b < c: every operand evaluated once, stop at the first that fails. */
static void
visit_compare(struct compiler *c, expr_ty e)
{
    location loc = LOC(e);
    Py_ssize_t last = asdl_seq_LEN(e->v.Compare.ops) - 1;
    assert(e->kind == Compare_kind);
    _PyCg_CheckCompare(c, e);
    _PyCg_Expr(c, e->v.Compare.left);
    if (last == 0) {
        _PyCg_Expr(c, asdl_seq_GET(e->v.Compare.comparators, 0));
        _PyCg_Compare(c, loc, (cmpop_ty)asdl_seq_GET(e->v.Compare.ops, 0));
        return;
    }
    int cleanup = _PyCg_NewLabel(c), end = _PyCg_NewLabel(c);
    for (Py_ssize_t i = 0; !c->failed && i < last; i++) {
        _PyCg_Expr(c, asdl_seq_GET(e->v.Compare.comparators, i));
        _PyCg_Emit(c, loc, SWAP, 2);
        _PyCg_Emit(c, loc, COPY, 2);
        _PyCg_Compare(c, loc, (cmpop_ty)asdl_seq_GET(e->v.Compare.ops, i));
        _PyCg_Emit(c, loc, COPY, 1);
        _PyCg_Emit(c, loc, POP_JUMP_IF_FALSE, cleanup);
        _PyCg_Emit(c, loc, POP_TOP, 0);
    }
    _PyCg_Expr(c, asdl_seq_GET(e->v.Compare.comparators, last));
    _PyCg_Compare(c, loc, (cmpop_ty)asdl_seq_GET(e->v.Compare.ops, last));
    _PyCg_Emit(c, NO_LOCATION, JUMP, end);
    _PyCg_Use(c, cleanup);
    _PyCg_Emit(c, loc, SWAP, 2);
    _PyCg_Emit(c, loc, POP_TOP, 0);
    _PyCg_Use(c, end);
}

static void
visit_ifexp(struct compiler *c, expr_ty e)
{
    int end = _PyCg_NewLabel(c), next = _PyCg_NewLabel(c);
    assert(e->kind == IfExp_kind);
    _PyCg_JumpIf(c, LOC(e), e->v.IfExp.test, next, 0);
    _PyCg_Expr(c, e->v.IfExp.body);
    _PyCg_Emit(c, NO_LOCATION, JUMP, end);
    _PyCg_Use(c, next);
    _PyCg_Expr(c, e->v.IfExp.orelse);
    _PyCg_Use(c, end);
}

/* --- conditions ---------------------------------------------------------------------------- */

static void
jump_if_boolop(struct compiler *c, location loc, expr_ty e, int label, int cond)
{
    Py_ssize_t last = asdl_seq_LEN(e->v.BoolOp.values) - 1;
    int decides = e->v.BoolOp.op == Or;     /* the truth value that settles the whole */
    int settled = decides == (cond != 0) ? label : _PyCg_NewLabel(c);
    assert(e->kind == BoolOp_kind);
    for (Py_ssize_t i = 0; !c->failed && i < last; i++) {
        _PyCg_JumpIf(c, loc, asdl_seq_GET(e->v.BoolOp.values, i), settled, decides);
    }
    _PyCg_JumpIf(c, loc, asdl_seq_GET(e->v.BoolOp.values, last), label, cond);
    if (settled != label) {
        _PyCg_Use(c, settled);
    }
}

static void
jump_if_compare(struct compiler *c, expr_ty e, int label, int cond)
{
    location loc = LOC(e);
    Py_ssize_t last = asdl_seq_LEN(e->v.Compare.ops) - 1;
    assert(last > 0);
    _PyCg_CheckCompare(c, e);
    int cleanup = _PyCg_NewLabel(c);
    _PyCg_Expr(c, e->v.Compare.left);
    for (Py_ssize_t i = 0; !c->failed && i < last; i++) {
        _PyCg_Expr(c, asdl_seq_GET(e->v.Compare.comparators, i));
        _PyCg_Emit(c, loc, SWAP, 2);
        _PyCg_Emit(c, loc, COPY, 2);
        _PyCg_Compare(c, loc, (cmpop_ty)asdl_seq_GET(e->v.Compare.ops, i));
        _PyCg_Emit(c, loc, POP_JUMP_IF_FALSE, cleanup);
    }
    _PyCg_Expr(c, asdl_seq_GET(e->v.Compare.comparators, last));
    _PyCg_Compare(c, loc, (cmpop_ty)asdl_seq_GET(e->v.Compare.ops, last));
    _PyCg_Emit(c, loc, cond ? POP_JUMP_IF_TRUE : POP_JUMP_IF_FALSE, label);
    int end = _PyCg_NewLabel(c);
    _PyCg_Emit(c, NO_LOCATION, JUMP, end);
    _PyCg_Use(c, cleanup);
    _PyCg_Emit(c, loc, POP_TOP, 0);
    if (!cond) {
        _PyCg_Emit(c, NO_LOCATION, JUMP, label);
    }
    _PyCg_Use(c, end);
}

static void
jump_if_kind(struct compiler *c, location loc, expr_ty e, int label, int cond)
{
    switch (e->kind) {
    case UnaryOp_kind:
        if (e->v.UnaryOp.op == Not) {
            _PyCg_JumpIf(c, loc, e->v.UnaryOp.operand, label, !cond);
            return;
        }
        break;
    case BoolOp_kind:
        jump_if_boolop(c, loc, e, label, cond);
        return;
    case IfExp_kind: {
        int end = _PyCg_NewLabel(c), next = _PyCg_NewLabel(c);
        _PyCg_JumpIf(c, loc, e->v.IfExp.test, next, 0);
        _PyCg_JumpIf(c, loc, e->v.IfExp.body, label, cond);
        _PyCg_Emit(c, NO_LOCATION, JUMP, end);
        _PyCg_Use(c, next);
        _PyCg_JumpIf(c, loc, e->v.IfExp.orelse, label, cond);
        _PyCg_Use(c, end);
        return;
    }
    case Compare_kind:
        if (asdl_seq_LEN(e->v.Compare.ops) > 1) {
            jump_if_compare(c, e, label, cond);
            return;
        }
        break;
    default:
        break;
    }
    _PyCg_Expr(c, e);
    _PyCg_Emit(c, LOC(e), cond ? POP_JUMP_IF_TRUE : POP_JUMP_IF_FALSE, label);
}

/* Jump to label if the truth of e is cond. */
void
_PyCg_JumpIf(struct compiler *c, location loc, expr_ty e, int label, int cond)
{
    if (c->failed) {
        return;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        _PyCg_Fail(c);
        return;
    }
    jump_if_kind(c, loc, e, label, cond);
    Py_LeaveRecursiveCall();
}

/* --- displays ------------------------------------------------------------------------------ */

int
_PyCg_AllConst(asdl_expr_seq *seq, Py_ssize_t begin, Py_ssize_t end)
{
    for (Py_ssize_t i = begin; i < end; i++) {
        expr_ty key = asdl_seq_GET(seq, i);
        if (key == NULL || key->kind != Constant_kind) {
            return 0;
        }
    }
    return 1;
}

/* Tuple of the values of constant expressions; NULL with `failed` set. */
PyObject *
_PyCg_KeyTuple(struct compiler *c, asdl_expr_seq *keys, Py_ssize_t begin, Py_ssize_t end)
{
    PyObject *tuple = c->failed ? NULL : PyTuple_New(end - begin);
    if (tuple == NULL) {
        c->failed = 1;
        return NULL;
    }
    for (Py_ssize_t i = begin; i < end; i++) {
        expr_ty key = asdl_seq_GET(keys, i);
        PyTuple_SET_ITEM(tuple, i - begin, Py_NewRef(key->v.Constant.value));
    }
    return tuple;
}

static void
load_folded_display(struct compiler *c, location loc, asdl_expr_seq *elts, int pushed,
                    int build, int add, int extend, int tuple)
{
    PyObject *folded = _PyCg_KeyTuple(c, elts, 0, asdl_seq_LEN(elts));
    if (folded == NULL) {
        return;
    }
    if (tuple && !pushed) {
        _PyCg_LoadNewConst(c, loc, folded);
        return;
    }
    if (add == SET_ADD) {
        Py_SETREF(folded, PyFrozenSet_New(folded));
        if (folded == NULL) {
            _PyCg_Fail(c);
            return;
        }
    }
    _PyCg_Emit(c, loc, build, pushed);
    _PyCg_LoadNewConst(c, loc, folded);
    _PyCg_Emit(c, loc, extend, 1);
    if (tuple) {
        _PyCg_Emit(c, loc, CALL_INTRINSIC_1, INTRINSIC_LIST_TO_TUPLE);
    }
}

/* A list, set or tuple of elts on top of `pushed` items already on the stack.  build, add, extend:
   opcodes of the container; tuple: build a list and convert, unless it can be built at once. */
void
_PyCg_StarUnpack(struct compiler *c, location loc, asdl_expr_seq *elts, int pushed, int build,
                 int add, int extend, int tuple)
{
    Py_ssize_t n = asdl_seq_LEN(elts);
    if (n > 2 && _PyCg_AllConst(elts, 0, n)) {
        load_folded_display(c, loc, elts, pushed, build, add, extend, tuple);
        return;
    }
    int big = n + pushed > STACK_USE_GUIDELINE, starred = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        expr_ty elt = asdl_seq_GET(elts, i);
        starred |= elt->kind == Starred_kind;
    }
    if (!starred && !big) {
        _PyCg_Exprs(c, elts);
        _PyCg_Emit(c, loc, tuple ? BUILD_TUPLE : build, (int)n + pushed);
        return;
    }
    int built = 0;
    if (big) {
        _PyCg_Emit(c, loc, build, pushed);
        built = 1;
    }
    for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
        expr_ty elt = asdl_seq_GET(elts, i);
        if (elt->kind == Starred_kind) {
            if (!built) {
                _PyCg_Emit(c, loc, build, (int)i + pushed);
                built = 1;
            }
            _PyCg_Expr(c, elt->v.Starred.value);
            _PyCg_Emit(c, loc, extend, 1);
        }
        else {
            _PyCg_Expr(c, elt);
            if (built) {
                _PyCg_Emit(c, loc, add, 1);
            }
        }
    }
    assert(built || c->failed);
    if (tuple) {
        _PyCg_Emit(c, loc, CALL_INTRINSIC_1, INTRINSIC_LIST_TO_TUPLE);
    }
}

/* Targets of an unpacking assignment. */
static void
unpack_targets(struct compiler *c, location loc, asdl_expr_seq *elts)
{
    Py_ssize_t n = asdl_seq_LEN(elts);
    int seen = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        expr_ty elt = asdl_seq_GET(elts, i);
        if (elt->kind != Starred_kind) {
            continue;
        }
        if (seen) {
            _PyCg_SyntaxError(c, loc, "multiple starred expressions in assignment");
            return;
        }
        if (i >= (1 << 8) || n - i - 1 >= (INT_MAX >> 8)) {
            _PyCg_SyntaxError(c, loc, "too many expressions in star-unpacking assignment");
            return;
        }
        seen = 1;
        _PyCg_Emit(c, loc, UNPACK_EX, (int)(i + ((n - i - 1) << 8)));
    }
    if (!seen) {
        _PyCg_Emit(c, loc, UNPACK_SEQUENCE, (int)n);
    }
    for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
        expr_ty elt = asdl_seq_GET(elts, i);
        _PyCg_Expr(c, elt->kind == Starred_kind ? elt->v.Starred.value : elt);
    }
}

static void
visit_sequence(struct compiler *c, expr_ty e, asdl_expr_seq *elts, expr_context_ty ctx)
{
    location loc = LOC(e);
    if (ctx == Store) {
        unpack_targets(c, loc, elts);
    }
    else if (ctx == Load) {
        _PyCg_StarUnpack(c, loc, elts, 0, BUILD_LIST, LIST_APPEND, LIST_EXTEND,
                         e->kind == Tuple_kind);
    }
    else {
        _PyCg_Exprs(c, elts);
    }
}

/* key: value pairs from begin to end as one dict. */
static void
build_subdict(struct compiler *c, expr_ty e, Py_ssize_t begin, Py_ssize_t end)
{
    location loc = LOC(e);
    Py_ssize_t n = end - begin;
    int big = n * 2 > STACK_USE_GUIDELINE;
    if (n > 1 && !big && _PyCg_AllConst(e->v.Dict.keys, begin, end)) {
        for (Py_ssize_t i = begin; !c->failed && i < end; i++) {
            _PyCg_Expr(c, asdl_seq_GET(e->v.Dict.values, i));
        }
        PyObject *keys = _PyCg_KeyTuple(c, e->v.Dict.keys, begin, end);
        if (keys != NULL) {
            _PyCg_LoadNewConst(c, loc, keys);
        }
        _PyCg_Emit(c, loc, BUILD_CONST_KEY_MAP, (int)n);
        return;
    }
    if (big) {
        _PyCg_Emit(c, loc, BUILD_MAP, 0);
    }
    for (Py_ssize_t i = begin; !c->failed && i < end; i++) {
        _PyCg_Expr(c, asdl_seq_GET(e->v.Dict.keys, i));
        _PyCg_Expr(c, asdl_seq_GET(e->v.Dict.values, i));
        if (big) {
            _PyCg_Emit(c, loc, MAP_ADD, 1);
        }
    }
    if (!big) {
        _PyCg_Emit(c, loc, BUILD_MAP, (int)n);
    }
}

static void
add_subdict(struct compiler *c, expr_ty e, Py_ssize_t begin, Py_ssize_t end, int *have_dict)
{
    build_subdict(c, e, begin, end);
    if (*have_dict) {
        _PyCg_Emit(c, LOC(e), DICT_UPDATE, 1);
    }
    *have_dict = 1;
}

static void
visit_dict(struct compiler *c, expr_ty e)
{
    location loc = LOC(e);
    Py_ssize_t n = asdl_seq_LEN(e->v.Dict.values), pending = 0;
    int have_dict = 0;
    assert(e->kind == Dict_kind);
    for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
        if (asdl_seq_GET(e->v.Dict.keys, i) == NULL) {
            if (pending) {
                add_subdict(c, e, i - pending, i, &have_dict);
                pending = 0;
            }
            if (!have_dict) {
                _PyCg_Emit(c, loc, BUILD_MAP, 0);
                have_dict = 1;
            }
            _PyCg_Expr(c, asdl_seq_GET(e->v.Dict.values, i));
            _PyCg_Emit(c, loc, DICT_UPDATE, 1);
        }
        else if (pending * 2 > STACK_USE_GUIDELINE) {
            add_subdict(c, e, i - pending, i + 1, &have_dict);
            pending = 0;
        }
        else {
            pending++;
        }
    }
    if (pending) {
        add_subdict(c, e, n - pending, n, &have_dict);
    }
    if (!have_dict) {
        _PyCg_Emit(c, loc, BUILD_MAP, 0);
    }
}

/* --- attributes and subscripts ------------------------------------------------------------- */

static void
visit_attribute(struct compiler *c, expr_ty e)
{
    location loc = LOC(e);
    PyObject *attr = e->v.Attribute.attr;
    assert(e->kind == Attribute_kind);
    if (_PyCg_CanOptimizeSuper(c, e)) {
        expr_ty super_call = e->v.Attribute.value;
        _PyCg_LoadArgsForSuper(c, super_call);
        int opcode = asdl_seq_LEN(super_call->v.Call.args) == 0 ? LOAD_ZERO_SUPER_ATTR
                                                                 : LOAD_SUPER_ATTR;
        _PyCg_EmitName(c, loc, opcode, attr);
        loc = _PyCg_AttributeLocation(loc, e);
        _PyCg_Emit(c, loc, NOP, 0);
        return;
    }
    _PyCg_Expr(c, e->v.Attribute.value);
    loc = _PyCg_AttributeLocation(loc, e);
    switch (e->v.Attribute.ctx) {
    case Load:
        _PyCg_EmitName(c, loc, LOAD_ATTR, attr);
        break;
    case Store:
        if (!_PyCg_Forbidden(c, LOC(e), attr, Store)) {
            _PyCg_EmitName(c, loc, STORE_ATTR, attr);
        }
        break;
    case Del:
        if (!_PyCg_Forbidden(c, LOC(e), attr, Del)) {
            _PyCg_EmitName(c, loc, DELETE_ATTR, attr);
        }
        break;
    }
}

static int
is_two_part_slice(expr_ty s)
{
    return s->kind == Slice_kind && s->v.Slice.step == NULL;
}

static void
visit_slice_bounds(struct compiler *c, expr_ty s)
{
    expr_ty bounds[2] = {s->v.Slice.lower, s->v.Slice.upper};
    assert(s->kind == Slice_kind);
    for (int i = 0; i < 2; i++) {
        if (bounds[i]) {
            _PyCg_Expr(c, bounds[i]);
        }
        else {
            _PyCg_LoadConst(c, LOC(s), Py_None);
        }
    }
}

static void
visit_subscript(struct compiler *c, expr_ty e)
{
    location loc = LOC(e);
    expr_ty slice = e->v.Subscript.slice;
    assert(e->kind == Subscript_kind);
    expr_context_ty ctx = e->v.Subscript.ctx;
    if (ctx == Load) {
        _PyCg_CheckSubscripter(c, e->v.Subscript.value);
        _PyCg_CheckIndex(c, e->v.Subscript.value, slice);
    }
    _PyCg_Expr(c, e->v.Subscript.value);
    if (is_two_part_slice(slice) && ctx != Del) {
        visit_slice_bounds(c, slice);
        _PyCg_Emit(c, loc, ctx == Load ? BINARY_SLICE : STORE_SLICE, 0);
        return;
    }
    _PyCg_Expr(c, slice);
    _PyCg_Emit(c, loc, ctx == Load ? BINARY_SUBSCR : ctx == Store ? STORE_SUBSCR
                                                                    : DELETE_SUBSCR, 0);
}

static void
visit_slice(struct compiler *c, expr_ty e)
{
    int n = 2;
    assert(e->kind == Slice_kind);
    visit_slice_bounds(c, e);
    if (e->v.Slice.step) {
        _PyCg_Expr(c, e->v.Slice.step);
        n++;
    }
    _PyCg_Emit(c, LOC(e), BUILD_SLICE, n);
}

void
_PyCg_AugAssign(struct compiler *c, stmt_ty s)
{
    expr_ty e = s->v.AugAssign.target;
    location loc = LOC(e);
    expr_ty slice = e->kind == Subscript_kind ? e->v.Subscript.slice : NULL;
    assert(s->kind == AugAssign_kind);
    switch (e->kind) {
    case Attribute_kind:
        _PyCg_Expr(c, e->v.Attribute.value);
        _PyCg_Emit(c, loc, COPY, 1);
        loc = _PyCg_AttributeLocation(loc, e);
        _PyCg_EmitName(c, loc, LOAD_ATTR, e->v.Attribute.attr);
        break;
    case Subscript_kind: {
        _PyCg_Expr(c, e->v.Subscript.value);
        int parts = 2;
        if (is_two_part_slice(slice)) {
            visit_slice_bounds(c, slice);
            parts = 3;
        }
        else {
            _PyCg_Expr(c, slice);
        }
        for (int i = 0; i < parts; i++) {
            _PyCg_Emit(c, loc, COPY, parts);
        }
        _PyCg_Emit(c, loc, parts == 3 ? BINARY_SLICE : BINARY_SUBSCR, 0);
        break;
    }
    case Name_kind:
        _PyCg_Name(c, loc, e->v.Name.id, Load);
        break;
    default:
        PyErr_Format(PyExc_SystemError, "invalid node type (%d) for augmented assignment",
                     e->kind);
        _PyCg_Fail(c);
        return;
    }
    _PyCg_Expr(c, s->v.AugAssign.value);
    int op = binary_oparg(s->v.AugAssign.op) + NB_INPLACE_ADD;
    _PyCg_Emit(c, LOC(s), BINARY_OP, op);
    loc = LOC(e);
    switch (e->kind) {
    case Attribute_kind:
        loc = _PyCg_AttributeLocation(loc, e);
        _PyCg_Emit(c, loc, SWAP, 2);
        if (!_PyCg_Forbidden(c, loc, e->v.Attribute.attr, Store)) {
            _PyCg_EmitName(c, loc, STORE_ATTR, e->v.Attribute.attr);
        }
        break;
    case Subscript_kind:
        if (is_two_part_slice(slice)) {
            _PyCg_Emit(c, loc, SWAP, 4);
        }
        _PyCg_Emit(c, loc, SWAP, 3);
        _PyCg_Emit(c, loc, SWAP, 2);
        _PyCg_Emit(c, loc, is_two_part_slice(slice) ? STORE_SLICE : STORE_SUBSCR, 0);
        break;
    default:
        _PyCg_Name(c, loc, e->v.Name.id, Store);
        break;
    }
}

/* --- strings ------------------------------------------------------------------------------- */

static void
visit_joined_str(struct compiler *c, expr_ty e)
{
    location loc = LOC(e);
    Py_ssize_t n = asdl_seq_LEN(e->v.JoinedStr.values);
    assert(e->kind == JoinedStr_kind);
    if (n > STACK_USE_GUIDELINE) {
        _PyCg_LoadConst(c, loc, _PyUnicode_EMPTY);
        _PyCg_EmitName(c, loc, LOAD_METHOD, &_Py_ID(join));
        _PyCg_Emit(c, loc, BUILD_LIST, 0);
        for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
            _PyCg_Expr(c, asdl_seq_GET(e->v.JoinedStr.values, i));
            _PyCg_Emit(c, loc, LIST_APPEND, 1);
        }
        _PyCg_Emit(c, loc, CALL, 1);
        return;
    }
    _PyCg_Exprs(c, e->v.JoinedStr.values);
    if (n != 1) {
        _PyCg_Emit(c, loc, BUILD_STRING, (int)n);
    }
}

static void
visit_formatted_value(struct compiler *c, expr_ty e)
{
    int oparg;
    assert(e->kind == FormattedValue_kind);
    _PyCg_Expr(c, e->v.FormattedValue.value);
    switch (e->v.FormattedValue.conversion) {
    case 's':
        oparg = 1;
        break;
    case 'r':
        oparg = 2;
        break;
    case 'a':
        oparg = 3;
        break;
    case -1:
        oparg = 0;
        break;
    default:
        if (!c->failed) {
            PyErr_Format(PyExc_SystemError, "Unrecognized conversion character %d",
                         e->v.FormattedValue.conversion);
            _PyCg_Fail(c);
        }
        return;
    }
    if (e->v.FormattedValue.format_spec) {
        _PyCg_Expr(c, e->v.FormattedValue.format_spec);
        oparg |= FORMAT_VALUE_HAS_SPEC;
    }
    _PyCg_Emit(c, LOC(e), FORMAT_VALUE, oparg);
}

/* --- yield and await ----------------------------------------------------------------------- */

/* Delegate to the iterator below the value on top; leaves its result.  */
void
_PyCg_YieldFrom(struct compiler *c, location loc, int is_await)
{
    int send = _PyCg_NewLabel(c), fail = _PyCg_NewLabel(c), exit = _PyCg_NewLabel(c);
    _PyCg_Use(c, send);
    _PyCg_Emit(c, loc, SEND, exit);
    /* A StopIteration thrown in while suspended ends the delegation: CLEANUP_THROW sees to it. */
    _PyCg_Emit(c, loc, SETUP_FINALLY, fail);
    _PyCg_Emit(c, loc, YIELD_VALUE, 0);
    _PyCg_Emit(c, NO_LOCATION, POP_BLOCK, 0);
    _PyCg_Emit(c, loc, RESUME, is_await ? RESUME_AFTER_AWAIT : RESUME_AFTER_YIELD_FROM);
    _PyCg_Emit(c, loc, JUMP_NO_INTERRUPT, send);
    _PyCg_Use(c, fail);
    _PyCg_Emit(c, loc, CLEANUP_THROW, 0);
    _PyCg_Use(c, exit);
    _PyCg_Emit(c, loc, END_SEND, 0);
}

static void
visit_yield(struct compiler *c, expr_ty e)
{
    location loc = LOC(e);
    assert(e->kind == Yield_kind);
    if (!_PyST_IsFunctionLike(c->u->ste)) {
        _PyCg_SyntaxError(c, loc, "'yield' outside function");
        return;
    }
    if (e->v.Yield.value) {
        _PyCg_Expr(c, e->v.Yield.value);
    }
    else {
        _PyCg_LoadConst(c, loc, Py_None);
    }
    if (c->u->ste->ste_generator && c->u->ste->ste_coroutine) {
        _PyCg_Emit(c, loc, CALL_INTRINSIC_1, INTRINSIC_ASYNC_GEN_WRAP);
    }
    _PyCg_Emit(c, loc, YIELD_VALUE, 0);
    _PyCg_Emit(c, loc, RESUME, RESUME_AFTER_YIELD);
}

static void
visit_yield_from(struct compiler *c, expr_ty e)
{
    location loc = LOC(e);
    assert(e->kind == YieldFrom_kind);
    if (!_PyST_IsFunctionLike(c->u->ste)) {
        _PyCg_SyntaxError(c, loc, "'yield' outside function");
        return;
    }
    if (c->u->kind == UNIT_ASYNC_FUNCTION) {
        _PyCg_SyntaxError(c, loc, "'yield from' inside async function");
        return;
    }
    _PyCg_Expr(c, e->v.YieldFrom.value);
    _PyCg_Emit(c, loc, GET_YIELD_FROM_ITER, 0);
    _PyCg_LoadConst(c, loc, Py_None);
    _PyCg_YieldFrom(c, loc, 0);
}

static void
visit_await(struct compiler *c, expr_ty e)
{
    location loc = LOC(e);
    assert(e->kind == Await_kind);
    if (!_PyCg_IsTopLevelAwait(c)) {
        if (!_PyST_IsFunctionLike(c->u->ste)) {
            _PyCg_SyntaxError(c, loc, "'await' outside function");
            return;
        }
        if (c->u->kind != UNIT_ASYNC_FUNCTION && c->u->kind != UNIT_COMPREHENSION) {
            _PyCg_SyntaxError(c, loc, "'await' outside async function");
            return;
        }
    }
    _PyCg_Expr(c, e->v.Await.value);
    _PyCg_Emit(c, loc, GET_AWAITABLE, 0);
    _PyCg_LoadConst(c, loc, Py_None);
    _PyCg_YieldFrom(c, loc, 1);
}

/* --- dispatch ------------------------------------------------------------------------------ */

static void
visit_expr_kind(struct compiler *c, expr_ty e)
{
    location loc = LOC(e);
    switch (e->kind) {
    case NamedExpr_kind:
        _PyCg_Expr(c, e->v.NamedExpr.value);
        _PyCg_Emit(c, loc, COPY, 1);
        _PyCg_Expr(c, e->v.NamedExpr.target);
        break;
    case BoolOp_kind:
        visit_boolop(c, e);
        break;
    case BinOp_kind:
        _PyCg_Expr(c, e->v.BinOp.left);
        _PyCg_Expr(c, e->v.BinOp.right);
        _PyCg_Emit(c, loc, BINARY_OP, binary_oparg(e->v.BinOp.op));
        break;
    case UnaryOp_kind:
        visit_unary(c, e);
        break;
    case Lambda_kind:
        _PyCg_Lambda(c, e);
        break;
    case IfExp_kind:
        visit_ifexp(c, e);
        break;
    case Dict_kind:
        visit_dict(c, e);
        break;
    case Set_kind:
        _PyCg_StarUnpack(c, loc, e->v.Set.elts, 0, BUILD_SET, SET_ADD, SET_UPDATE, 0);
        break;
    case ListComp_kind:
    case SetComp_kind:
    case DictComp_kind:
    case GeneratorExp_kind:
        _PyCg_Comprehension(c, e);
        break;
    case Yield_kind:
        visit_yield(c, e);
        break;
    case YieldFrom_kind:
        visit_yield_from(c, e);
        break;
    case Await_kind:
        visit_await(c, e);
        break;
    case Compare_kind:
        visit_compare(c, e);
        break;
    case Call_kind:
        _PyCg_Call(c, e);
        break;
    case Constant_kind:
        _PyCg_LoadConst(c, loc, e->v.Constant.value);
        break;
    case JoinedStr_kind:
        visit_joined_str(c, e);
        break;
    case FormattedValue_kind:
        visit_formatted_value(c, e);
        break;
    case Attribute_kind:
        visit_attribute(c, e);
        break;
    case Subscript_kind:
        visit_subscript(c, e);
        break;
    case Starred_kind:
        _PyCg_SyntaxError(c, loc, e->v.Starred.ctx == Store
                          ? "starred assignment target must be in a list or tuple"
                          : "can't use starred expression here");
        break;
    case Slice_kind:
        visit_slice(c, e);
        break;
    case Name_kind:
        _PyCg_Name(c, loc, e->v.Name.id, e->v.Name.ctx);
        break;
    case List_kind:
        visit_sequence(c, e, e->v.List.elts, e->v.List.ctx);
        break;
    case Tuple_kind:
        visit_sequence(c, e, e->v.Tuple.elts, e->v.Tuple.ctx);
        break;
    }
}

/* Evaluate, store to or delete an expression, by its context. */
void
_PyCg_Expr(struct compiler *c, expr_ty e)
{
    if (c->failed) {
        return;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        _PyCg_Fail(c);
        return;
    }
    visit_expr_kind(c, e);
    Py_LeaveRecursiveCall();
}
