/* Code for calls, method calls and super().

   Written from: the language reference, "Calls"; PEP 448, 590; the dis documentation; and by
   comparing with the output of 3.12. */

#include "Python.h"
#include "pycore_codegen.h"

/* Location of an attribute access or method call that spans lines: it starts at the attribute's
   name. */
location
_PyCg_AttributeLocation(location loc, expr_ty attr)
{
    assert(attr->kind == Attribute_kind);
    if (attr->lineno != attr->end_lineno) {
        loc.lineno = attr->end_lineno;
        Py_ssize_t len = PyUnicode_GET_LENGTH(attr->v.Attribute.attr);
        if (len <= attr->end_col_offset) {
            loc.col_offset = attr->end_col_offset - (int)len;
        }
        else {
            loc.col_offset = -1;
            loc.end_col_offset = -1;
        }
    }
    return loc;
}

/* --- super() ------------------------------------------------------------------------------- */

static int
has_starred(asdl_expr_seq *args)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(args); i++) {
        expr_ty arg = asdl_seq_GET(args, i);
        if (arg->kind == Starred_kind) {
            return 1;
        }
    }
    return 0;
}

/* Whether attr is super().name or super(a, b).name with the built-in super, as far as can be
   told. */
int
_PyCg_CanOptimizeSuper(struct compiler *c, expr_ty attr)
{
    expr_ty call = attr->v.Attribute.value;
    assert(attr->kind == Attribute_kind);
    if (c->failed || attr->v.Attribute.ctx != Load || call->kind != Call_kind) {
        return 0;
    }
    expr_ty func = call->v.Call.func;
    if (func->kind != Name_kind || !_PyUnicode_EqualToASCIIString(func->v.Name.id, "super")
        || asdl_seq_LEN(call->v.Call.keywords) != 0
        || _PyUnicode_EqualToASCIIString(attr->v.Attribute.attr, "__class__")
        || !_PyST_IsFunctionLike(c->u->ste)
        || _PyST_GetScope(c->u->ste, func->v.Name.id) != GLOBAL_IMPLICIT
        || _PyST_GetScope(c->st->st_top, func->v.Name.id) != 0)
    {
        return 0;
    }
    Py_ssize_t n = asdl_seq_LEN(call->v.Call.args);
    if (n == 2) {
        return !has_starred(call->v.Call.args);
    }
    if (n != 0) {
        return 0;
    }
    /* super() needs a first argument and the class cell. */
    if (c->u->meta.u_argcount + c->u->meta.u_posonlyargcount == 0) {
        return 0;
    }
    return _PyST_GetScope(c->u->ste, &_Py_ID(__class__)) == FREE;
}

/* Push super itself, the class and the object. */
void
_PyCg_LoadArgsForSuper(struct compiler *c, expr_ty call)
{
    assert(call->kind == Call_kind);
    _PyCg_Name(c, LOC(call->v.Call.func), call->v.Call.func->v.Name.id, Load);
    if (asdl_seq_LEN(call->v.Call.args) == 2) {
        _PyCg_Exprs(c, call->v.Call.args);
        return;
    }
    if (c->failed) {
        return;
    }
    location loc = LOC(call);
    PyObject *first, *index;
    Py_ssize_t pos = 0;
    _PyCg_EmitIndexed(c, loc, LOAD_DEREF, c->u->meta.u_freevars, &_Py_ID(__class__));
    if (!PyDict_Next(c->u->meta.u_varnames, &pos, &first, &index)) {
        Py_UNREACHABLE();
    }
    _PyCg_Name(c, loc, first, Load);
}

/* --- arguments ----------------------------------------------------------------------------- */

static void
validate_keywords(struct compiler *c, asdl_keyword_seq *keywords)
{
    Py_ssize_t n = asdl_seq_LEN(keywords);
    for (Py_ssize_t i = 0; !c->failed && i < n; i++) {
        keyword_ty kw = asdl_seq_GET(keywords, i);
        if (kw->arg == NULL) {
            continue;
        }
        if (_PyCg_Forbidden(c, LOC(kw), kw->arg, Store)) {
            return;
        }
        for (Py_ssize_t k = i + 1; k < n; k++) {
            keyword_ty other = asdl_seq_GET(keywords, k);
            if (other->arg != NULL && PyUnicode_Compare(kw->arg, other->arg) == 0) {
                _PyCg_SyntaxError(c, LOC(other), "keyword argument repeated: %U", kw->arg);
                return;
            }
        }
    }
}

static PyObject *
keyword_names(struct compiler *c, asdl_keyword_seq *keywords, Py_ssize_t begin, Py_ssize_t end)
{
    PyObject *names = c->failed ? NULL : PyTuple_New(end - begin);
    assert(0 <= begin && begin <= end);
    if (names == NULL) {
        c->failed = 1;
        return NULL;
    }
    for (Py_ssize_t i = begin; i < end; i++) {
        keyword_ty kw = asdl_seq_GET(keywords, i);
        PyTuple_SET_ITEM(names, i - begin, Py_NewRef(kw->arg));
    }
    return names;
}

static void
visit_keyword_values(struct compiler *c, asdl_keyword_seq *keywords, Py_ssize_t begin,
                     Py_ssize_t end)
{
    for (Py_ssize_t i = begin; !c->failed && i < end; i++) {
        keyword_ty kw = asdl_seq_GET(keywords, i);
        _PyCg_Expr(c, kw->value);
    }
}

static void
emit_kw_names(struct compiler *c, location loc, asdl_keyword_seq *keywords)
{
    Py_ssize_t n = asdl_seq_LEN(keywords);
    PyObject *names = n ? keyword_names(c, keywords, 0, n) : NULL;
    if (names != NULL) {
        int index = _PyCg_AddConst(c, names);
        Py_DECREF(names);
        _PyCg_Emit(c, loc, KW_NAMES, index);
    }
}

static int
has_double_starred(asdl_keyword_seq *keywords)
{
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(keywords); i++) {
        keyword_ty kw = asdl_seq_GET(keywords, i);
        if (kw->arg == NULL) {
            return 1;
        }
    }
    return 0;
}

/* keyword arguments from begin to end as one dict, merged into the one below if there is one */
static void
add_subkwargs(struct compiler *c, location loc, asdl_keyword_seq *keywords, Py_ssize_t begin,
              Py_ssize_t end, int *have_dict)
{
    Py_ssize_t n = end - begin;
    int big = n * 2 > STACK_USE_GUIDELINE;
    assert(begin < end);
    if (n > 1 && !big) {
        visit_keyword_values(c, keywords, begin, end);
        PyObject *names = keyword_names(c, keywords, begin, end);
        if (names != NULL) {
            _PyCg_LoadNewConst(c, loc, names);
        }
        _PyCg_Emit(c, loc, BUILD_CONST_KEY_MAP, (int)n);
    }
    else {
        if (big) {
            _PyCg_Emit(c, NO_LOCATION, BUILD_MAP, 0);
        }
        for (Py_ssize_t i = begin; !c->failed && i < end; i++) {
            keyword_ty kw = asdl_seq_GET(keywords, i);
            _PyCg_LoadConst(c, loc, kw->arg);
            _PyCg_Expr(c, kw->value);
            if (big) {
                _PyCg_Emit(c, NO_LOCATION, MAP_ADD, 1);
            }
        }
        if (!big) {
            _PyCg_Emit(c, loc, BUILD_MAP, (int)n);
        }
    }
    if (*have_dict) {
        _PyCg_Emit(c, loc, DICT_MERGE, 1);
    }
    *have_dict = 1;
}

/* Arguments as a tuple and a dict, for CALL_FUNCTION_EX. */
static void
call_ex(struct compiler *c, location loc, int n, asdl_expr_seq *args,
        asdl_keyword_seq *keywords)
{
    Py_ssize_t nargs = asdl_seq_LEN(args), nkw = asdl_seq_LEN(keywords), pending = 0;
    expr_ty first = nargs ? asdl_seq_GET(args, 0) : NULL;
    if (n == 0 && nargs == 1 && first->kind == Starred_kind) {
        _PyCg_Expr(c, first->v.Starred.value);
    }
    else {
        _PyCg_StarUnpack(c, loc, args, n, BUILD_LIST, LIST_APPEND, LIST_EXTEND, 1);
    }
    int have_dict = 0;
    for (Py_ssize_t i = 0; !c->failed && i < nkw; i++) {
        keyword_ty kw = asdl_seq_GET(keywords, i);
        if (kw->arg != NULL) {
            pending++;
            continue;
        }
        if (pending) {
            add_subkwargs(c, loc, keywords, i - pending, i, &have_dict);
            pending = 0;
        }
        if (!have_dict) {
            _PyCg_Emit(c, loc, BUILD_MAP, 0);
            have_dict = 1;
        }
        _PyCg_Expr(c, kw->value);
        _PyCg_Emit(c, loc, DICT_MERGE, 1);
    }
    if (pending) {
        add_subkwargs(c, loc, keywords, nkw - pending, nkw, &have_dict);
    }
    assert(have_dict == (nkw > 0) || c->failed);
    _PyCg_Emit(c, loc, CALL_FUNCTION_EX, nkw > 0);
}

/* The arguments and the call itself, with n arguments already on the stack. */
void
_PyCg_CallArgs(struct compiler *c, location loc, int n, asdl_expr_seq *args,
               asdl_keyword_seq *keywords)
{
    Py_ssize_t nargs = asdl_seq_LEN(args), nkw = asdl_seq_LEN(keywords);
    validate_keywords(c, keywords);
    if (c->failed) {
        return;
    }
    if (nargs + nkw * 2 > STACK_USE_GUIDELINE || has_starred(args)
        || has_double_starred(keywords))
    {
        call_ex(c, loc, n, args, keywords);
        return;
    }
    _PyCg_Exprs(c, args);
    if (nkw) {
        visit_keyword_values(c, keywords, 0, nkw);
        emit_kw_names(c, loc, keywords);
    }
    _PyCg_Emit(c, loc, CALL, n + (int)nargs + (int)nkw);
}

/* --- calls --------------------------------------------------------------------------------- */

/* `module.f()` with an imported module is no method call. */
static int
is_imported_name(struct compiler *c, expr_ty e)
{
    if (e->kind != Name_kind) {
        return 0;
    }
    return (_PyST_GetSymbol(c->st->st_top, e->v.Name.id) & DEF_IMPORT) != 0;
}

static int
is_simple_method_call(struct compiler *c, expr_ty e)
{
    expr_ty meth = e->v.Call.func;
    asdl_keyword_seq *keywords = e->v.Call.keywords;
    assert(e->kind == Call_kind);
    if (meth->kind != Attribute_kind || meth->v.Attribute.ctx != Load) {
        return 0;
    }
    if (is_imported_name(c, meth->v.Attribute.value)) {
        return 0;
    }
    Py_ssize_t nargs = asdl_seq_LEN(e->v.Call.args), nkw = asdl_seq_LEN(keywords);
    if (nargs + nkw + (nkw != 0) >= STACK_USE_GUIDELINE) {
        return 0;
    }
    return !has_starred(e->v.Call.args) && !has_double_starred(keywords);
}

static void
call_method(struct compiler *c, expr_ty e)
{
    expr_ty meth = e->v.Call.func;
    asdl_keyword_seq *keywords = e->v.Call.keywords;
    location loc = LOC(meth);
    assert(e->kind == Call_kind);
    if (_PyCg_CanOptimizeSuper(c, meth)) {
        expr_ty super_call = meth->v.Attribute.value;
        _PyCg_LoadArgsForSuper(c, super_call);
        int opcode = asdl_seq_LEN(super_call->v.Call.args) ? LOAD_SUPER_METHOD
                                                            : LOAD_ZERO_SUPER_METHOD;
        _PyCg_EmitName(c, loc, opcode, meth->v.Attribute.attr);
        loc = _PyCg_AttributeLocation(loc, meth);
        _PyCg_Emit(c, loc, NOP, 0);
    }
    else {
        _PyCg_Expr(c, meth->v.Attribute.value);
        loc = _PyCg_AttributeLocation(loc, meth);
        _PyCg_EmitName(c, loc, LOAD_METHOD, meth->v.Attribute.attr);
    }
    validate_keywords(c, keywords);
    Py_ssize_t nkw = asdl_seq_LEN(keywords);
    _PyCg_Exprs(c, e->v.Call.args);
    if (nkw) {
        visit_keyword_values(c, keywords, 0, nkw);
        emit_kw_names(c, loc, keywords);
    }
    loc = _PyCg_AttributeLocation(LOC(e), meth);
    _PyCg_Emit(c, loc, CALL, (int)(asdl_seq_LEN(e->v.Call.args) + nkw));
}

void
_PyCg_Call(struct compiler *c, expr_ty e)
{
    assert(e->kind == Call_kind);
    validate_keywords(c, e->v.Call.keywords);
    if (c->failed) {
        return;
    }
    if (is_simple_method_call(c, e)) {
        call_method(c, e);
        return;
    }
    _PyCg_CheckCaller(c, e->v.Call.func);
    _PyCg_Emit(c, LOC(e->v.Call.func), PUSH_NULL, 0);
    _PyCg_Expr(c, e->v.Call.func);
    _PyCg_CallArgs(c, LOC(e), 0, e->v.Call.args, e->v.Call.keywords);
}
