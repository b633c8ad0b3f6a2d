/* context.c - contexts and context variables.
 *
 * A Context maps variables to values with a persistent map (hamt.c), so that a copy costs nothing.
 * The thread's current context is tstate->context, NULL until it is needed; an entered context
 * knows the one before it, whose reference it takes over.  tstate->context_ver changes whenever
 * another context becomes current or a value is set: a variable keeps the last value that was
 * looked up with the thread and version it is valid for.  Token.MISSING is one static object for
 * all interpreters.
 *
 * Written from PEP 567, the library reference (contextvars) and the C API reference.
 */
#include "Python.h"
#include "structmember.h"       // PyMemberDef
#include "pycore_context.h"
#include "pycore_freelist.h"    // _Py_FREELIST_POP()
#include "pycore_heap.h"        // _PyHeap_EnterShared()
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_strings.h"     // _Py_ID()

#include "sig/context.sig.h"

#define CHECK_CONTEXT(o, failed)                                            \
    if (!PyContext_CheckExact(o)) {                                         \
        PyErr_SetString(PyExc_TypeError, "an instance of Context was expected"); \
        return failed;                                                      \
    }

#define CHECK_VAR(o, failed)                                                \
    if (!PyContextVar_CheckExact(o)) {                                      \
        PyErr_SetString(PyExc_TypeError, "an instance of ContextVar was expected"); \
        return failed;                                                      \
    }

/* ------------------------------------------------------------------------ Token.MISSING */

static PyObject *
missing_repr(PyObject *Py_UNUSED(op))
{
    return PyUnicode_FromString("<Token.MISSING>");
}

/* Only unbalanced code gets here: the count is repaired. */
static void
missing_dealloc(PyObject *op)
{
    _Py_SetImmortal(op);
}

_Py_SHARED PyTypeObject _PyContextTokenMissing_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "Token.MISSING",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = missing_dealloc,
    .tp_repr = missing_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
};

static _Py_SHARED PyObject token_missing = _PyObject_HEAD_INIT(&_PyContextTokenMissing_Type);

int
_PyContext_PrepareTypes(PyThreadState *tstate)
{
    int res = 0;
    _PyHeap_EnterShared(tstate);
    if (PyContextToken_Type.tp_dict == NULL) {
        PyObject *dict = PyDict_New();
        if (dict == NULL || PyDict_SetItemString(dict, "MISSING", &token_missing) < 0) {
            res = -1;       /* what the process arena gave is not taken back */
        }
        else {
            PyContextToken_Type.tp_dict = dict;
        }
    }
    _PyHeap_LeaveShared(tstate);
    return res;
}

/* ------------------------------------------------------------------------------ contexts */

/* A context with these variables (a new reference to them is made). */
static PyContext *
context_alloc(PyHamtObject *vars)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyContext *ctx = _Py_FREELIST_POP(PyContext, tstate, contexts);
    if (ctx != NULL) {
        assert(Py_IS_TYPE(ctx, &PyContext_Type));
        _Py_NewReference((PyObject *)ctx);
    }
    else {
        ctx = PyObject_GC_New(PyContext, &PyContext_Type);
        if (ctx == NULL) {
            return NULL;
        }
    }
    ctx->ctx_vars = (PyHamtObject *)Py_NewRef(vars);
    ctx->ctx_prev = NULL;
    ctx->ctx_entered = 0;
    ctx->ctx_weakreflist = NULL;
    PyObject_GC_Track(ctx);
    return ctx;
}

/* The empty map of this interpreter (borrowed). */
static PyHamtObject *
empty_map(PyThreadState *tstate)
{
    struct _context_state *state = &tstate->interp->context_state;
    if (state->empty_map == NULL) {
        state->empty_map = (PyObject *)_PyHamt_New();
    }
    return (PyHamtObject *)state->empty_map;
}

PyObject *
PyContext_New(void)
{
    PyHamtObject *vars = empty_map(_PyThreadState_GET());
    return vars == NULL ? NULL : (PyObject *)context_alloc(vars);
}

PyObject *
PyContext_Copy(PyObject *octx)
{
    CHECK_CONTEXT(octx, NULL);
    return (PyObject *)context_alloc(((PyContext *)octx)->ctx_vars);
}

/* The current context (borrowed), made if there is none yet. */
static PyContext *
current_context(PyThreadState *tstate)
{
    if (tstate->context == NULL) {
        PyObject *ctx = PyContext_New();
        if (ctx == NULL) {
            return NULL;
        }
        assert(tstate->context == NULL);
        tstate->context = ctx;
    }
    assert(PyContext_CheckExact(tstate->context));
    return (PyContext *)tstate->context;
}

PyObject *
PyContext_CopyCurrent(void)
{
    PyContext *ctx = current_context(_PyThreadState_GET());
    return ctx == NULL ? NULL : (PyObject *)context_alloc(ctx->ctx_vars);
}

PyObject *
_PyContext_NewHamtForTests(void)
{
    return (PyObject *)_PyHamt_New();
}

static int
context_enter(PyThreadState *tstate, PyObject *octx)
{
    CHECK_CONTEXT(octx, -1);
    PyContext *ctx = (PyContext *)octx;
    if (ctx->ctx_entered) {
        PyErr_Format(PyExc_RuntimeError, "cannot enter context: %R is already entered", octx);
        return -1;
    }
    ctx->ctx_prev = (PyContext *)tstate->context;
    ctx->ctx_entered = 1;
    tstate->context = Py_NewRef(octx);
    tstate->context_ver++;
    return 0;
}

static int
context_exit(PyThreadState *tstate, PyObject *octx)
{
    CHECK_CONTEXT(octx, -1);
    PyContext *ctx = (PyContext *)octx;
    if (!ctx->ctx_entered) {
        PyErr_Format(PyExc_RuntimeError, "cannot exit context: %R has not been entered", octx);
        return -1;
    }
    if (tstate->context != octx) {
        PyErr_SetString(PyExc_RuntimeError, "cannot exit context: thread state references "
                                            "a different context object");
        return -1;
    }
    tstate->context = (PyObject *)ctx->ctx_prev;
    tstate->context_ver++;
    ctx->ctx_prev = NULL;
    ctx->ctx_entered = 0;
    Py_DECREF(octx);        /* the thread state's */
    return 0;
}

int
PyContext_Enter(PyObject *octx)
{
    return context_enter(_PyThreadState_GET(), octx);
}

int
PyContext_Exit(PyObject *octx)
{
    return context_exit(_PyThreadState_GET(), octx);
}

static PyObject *
context_tp_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwds)
{
    if (PyTuple_GET_SIZE(args) || (kwds != NULL && PyDict_GET_SIZE(kwds))) {
        PyErr_SetString(PyExc_TypeError, "Context() does not accept any arguments");
        return NULL;
    }
    return PyContext_New();
}

static int
context_tp_traverse(PyContext *self, visitproc visit, void *arg)
{
    Py_VISIT(self->ctx_prev);
    Py_VISIT(self->ctx_vars);
    return 0;
}

/* A context that was cleared is empty: see context_vars(). */
static int
context_tp_clear(PyContext *self)
{
    Py_CLEAR(self->ctx_prev);
    Py_CLEAR(self->ctx_vars);
    return 0;
}

static void
context_tp_dealloc(PyContext *self)
{
    PyObject_GC_UnTrack(self);
    if (self->ctx_weakreflist != NULL) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    (void)context_tp_clear(self);
    if (!_Py_FREELIST_PUSH_GC(_PyThreadState_GET(), contexts, self)) {
        PyObject_GC_Del(self);
    }
}

/* The variables of a context: new reference, or NULL with an error. */
static PyHamtObject *
context_vars(PyContext *self)
{
    if (self->ctx_vars == NULL) {
        PyHamtObject *vars = empty_map(_PyThreadState_GET());
        if (vars == NULL) {
            return NULL;
        }
        self->ctx_vars = (PyHamtObject *)Py_NewRef(vars);
    }
    return (PyHamtObject *)Py_NewRef(self->ctx_vars);
}

static PyObject *
context_tp_richcompare(PyObject *v, PyObject *w, int op)
{
    if (!PyContext_CheckExact(v) || !PyContext_CheckExact(w) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyHamtObject *a = context_vars((PyContext *)v), *b = context_vars((PyContext *)w);
    int eq = a == NULL || b == NULL ? -1 : _PyHamt_Eq(a, b);
    Py_XDECREF(a);
    Py_XDECREF(b);
    return eq < 0 ? NULL : PyBool_FromLong(op == Py_EQ ? eq : !eq);
}

static PyObject *
context_tp_iter(PyContext *self)
{
    PyHamtObject *vars = context_vars(self);
    PyObject *res = vars == NULL ? NULL : _PyHamt_NewIterKeys(vars);
    Py_XDECREF(vars);
    return res;
}

static Py_ssize_t
context_tp_len(PyContext *self)
{
    return self->ctx_vars == NULL ? 0 : _PyHamt_Len(self->ctx_vars);
}

/* 1 and *val (new reference), 0 without a value, -1 with an error. */
static int
context_find(PyContext *self, PyObject *key, PyObject **val)
{
    *val = NULL;
    if (!PyContextVar_CheckExact(key)) {
        PyErr_Format(PyExc_TypeError, "a ContextVar key was expected, got %R", key);
        return -1;
    }
    PyHamtObject *vars = context_vars(self);
    if (vars == NULL) {
        return -1;
    }
    int found = _PyHamt_Find(vars, key, val);
    if (found > 0) {
        Py_INCREF(*val);
    }
    Py_DECREF(vars);
    return found;
}

static PyObject *
context_tp_subscript(PyContext *self, PyObject *key)
{
    PyObject *val;
    if (context_find(self, key, &val) == 0) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    return val;
}

static int
context_tp_contains(PyContext *self, PyObject *key)
{
    PyObject *val;
    int found = context_find(self, key, &val);
    Py_XDECREF(val);
    return found;
}

/*sig Context.get(self, key, default: object = None, /)

Return the value for `key` if `key` has the value in the context object.

If `key` does not exist, return `default`. If `default` is not given,
return None.
*/
static PyObject *
context_get_impl(PyContext *self, PyObject *key, PyObject *default_value)
{
    PyObject *val;
    if (context_find(self, key, &val) == 0) {
        return Py_NewRef(default_value);
    }
    return val;
}

/*sig Context.items(self)

Return all variables and their values in the context object.

The result is returned as a list of 2-tuples (variable, value).
*/
static PyObject *
context_items_impl(PyContext *self)
{
    PyHamtObject *vars = context_vars(self);
    PyObject *res = vars == NULL ? NULL : _PyHamt_NewIterItems(vars);
    Py_XDECREF(vars);
    return res;
}

/*sig Context.keys(self)

Return a list of all variables in the context object.
*/
static PyObject *
context_keys_impl(PyContext *self)
{
    return context_tp_iter(self);
}

/*sig Context.values(self)

Return a list of all variables' values in the context object.
*/
static PyObject *
context_values_impl(PyContext *self)
{
    PyHamtObject *vars = context_vars(self);
    PyObject *res = vars == NULL ? NULL : _PyHamt_NewIterValues(vars);
    Py_XDECREF(vars);
    return res;
}

/*sig Context.copy(self)

Return a shallow copy of the context object.
*/
static PyObject *
context_copy_impl(PyContext *self)
{
    PyHamtObject *vars = context_vars(self);
    PyObject *res = vars == NULL ? NULL : (PyObject *)context_alloc(vars);
    Py_XDECREF(vars);
    return res;
}

static PyObject *
context_run(PyContext *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (nargs < 1) {
        PyErr_SetString(PyExc_TypeError, "run() missing 1 required positional argument");
        return NULL;
    }
    if (context_enter(tstate, (PyObject *)self) < 0) {
        return NULL;
    }
    PyObject *res = PyObject_Vectorcall(args[0], args + 1, nargs - 1, kwnames);
    if (context_exit(tstate, (PyObject *)self) < 0) {
        Py_CLEAR(res);
    }
    return res;
}

static _Py_SHARED PyMethodDef context_methods[] = {
    CONTEXT_GET_METHODDEF
    CONTEXT_ITEMS_METHODDEF
    CONTEXT_KEYS_METHODDEF
    CONTEXT_VALUES_METHODDEF
    CONTEXT_COPY_METHODDEF
    {"run", _PyCFunction_CAST(context_run), METH_FASTCALL | METH_KEYWORDS, NULL},
    {NULL, NULL, 0, NULL}
};

static _Py_SHARED PySequenceMethods context_as_sequence = {
    .sq_contains = (objobjproc)context_tp_contains,
};

static _Py_SHARED PyMappingMethods context_as_mapping = {
    .mp_length = (lenfunc)context_tp_len,
    .mp_subscript = (binaryfunc)context_tp_subscript,
};

_Py_SHARED PyTypeObject PyContext_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_contextvars.Context",
    .tp_basicsize = sizeof(PyContext),
    .tp_dealloc = (destructor)context_tp_dealloc,
    .tp_as_sequence = &context_as_sequence,
    .tp_as_mapping = &context_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)context_tp_traverse,
    .tp_clear = (inquiry)context_tp_clear,
    .tp_richcompare = context_tp_richcompare,
    .tp_weaklistoffset = offsetof(PyContext, ctx_weakreflist),
    .tp_iter = (getiterfunc)context_tp_iter,
    .tp_methods = context_methods,
    .tp_new = context_tp_new,
};

/* ----------------------------------------------------------------------------- variables */

static PyContextVar *
contextvar_alloc(PyObject *name, PyObject *def)
{
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "context variable name must be a str");
        return NULL;
    }
    Py_hash_t name_hash = PyObject_Hash(name);
    if (name_hash == -1) {
        return NULL;
    }
    PyContextVar *var = PyObject_GC_New(PyContextVar, &PyContextVar_Type);
    if (var == NULL) {
        return NULL;
    }
    var->var_name = Py_NewRef(name);
    var->var_default = Py_XNewRef(def);
    var->var_cached = NULL;
    var->var_cached_tsid = 0;
    var->var_cached_tsver = 0;
    var->var_hash = _Py_HashPointer(var) ^ name_hash;
    if (var->var_hash == -1) {
        var->var_hash = -2;
    }
    PyObject_GC_Track(var);
    return var;
}

PyObject *
PyContextVar_New(const char *name, PyObject *def)
{
    PyObject *str = PyUnicode_FromString(name);
    if (str == NULL) {
        return NULL;
    }
    PyContextVar *var = contextvar_alloc(str, def);
    Py_DECREF(str);
    return (PyObject *)var;
}

/* Remembers the value of the current context. */
static void
cache_value(PyThreadState *tstate, PyContextVar *var, PyObject *value)
{
    var->var_cached = value;
    var->var_cached_tsid = tstate->id;
    var->var_cached_tsver = tstate->context_ver;
}

/* The value in the current context: 1 and *value (borrowed), 0 without one, -1 with an error. */
static int
lookup_value(PyThreadState *tstate, PyContextVar *var, PyObject **value)
{
    if (tstate->context == NULL) {
        return 0;
    }
    if (var->var_cached != NULL && var->var_cached_tsid == tstate->id &&
        var->var_cached_tsver == tstate->context_ver)
    {
        *value = var->var_cached;
        return 1;
    }
    assert(PyContext_CheckExact(tstate->context));
    PyHamtObject *vars = ((PyContext *)tstate->context)->ctx_vars;
    if (vars == NULL) {
        return 0;
    }
    int found = _PyHamt_Find(vars, (PyObject *)var, value);
    if (found > 0) {
        cache_value(tstate, var, *value);
    }
    return found;
}

int
PyContextVar_Get(PyObject *ovar, PyObject *def, PyObject **val)
{
    *val = NULL;
    CHECK_VAR(ovar, -1);
    PyContextVar *var = (PyContextVar *)ovar;
    PyObject *found = NULL;
    int res = lookup_value(_PyThreadState_GET(), var, &found);
    if (res < 0) {
        return -1;
    }
    if (res == 0) {
        found = def != NULL ? def : var->var_default;
    }
    *val = Py_XNewRef(found);
    return 0;
}

/* Replaces the variables of the current context by `vars`, which is taken over (NULL after an
   error).  The version changes first: releasing the old values may run any code. */
static int
replace_vars(PyThreadState *tstate, PyContext *ctx, PyHamtObject *vars)
{
    if (vars == NULL) {
        return -1;
    }
    tstate->context_ver++;
    PyHamtObject *old = ctx->ctx_vars;
    ctx->ctx_vars = vars;
    Py_XDECREF(old);
    return 0;
}

static int
set_value(PyThreadState *tstate, PyContext *ctx, PyContextVar *var, PyObject *value)
{
    PyHamtObject *vars = context_vars(ctx);
    if (vars == NULL) {
        return -1;
    }
    PyHamtObject *changed = _PyHamt_Assoc(vars, (PyObject *)var, value);
    Py_DECREF(vars);
    return replace_vars(tstate, ctx, changed);
}

static int
delete_value(PyThreadState *tstate, PyContext *ctx, PyContextVar *var)
{
    PyHamtObject *vars = context_vars(ctx);
    if (vars == NULL) {
        return -1;
    }
    PyObject *value;
    int found = _PyHamt_Find(vars, (PyObject *)var, &value);
    PyHamtObject *changed = NULL;
    if (found > 0) {
        changed = _PyHamt_Without(vars, (PyObject *)var);
    }
    else if (found == 0) {
        PyErr_SetObject(PyExc_LookupError, (PyObject *)var);
    }
    Py_DECREF(vars);
    return replace_vars(tstate, ctx, changed);
}

static PyContextToken *
token_alloc(PyContext *ctx, PyContextVar *var, PyObject *old)
{
    PyContextToken *tok = PyObject_GC_New(PyContextToken, &PyContextToken_Type);
    if (tok == NULL) {
        return NULL;
    }
    tok->tok_ctx = (PyContext *)Py_NewRef(ctx);
    tok->tok_var = (PyContextVar *)Py_NewRef(var);
    tok->tok_oldval = Py_XNewRef(old);
    tok->tok_used = 0;
    PyObject_GC_Track(tok);
    return tok;
}

PyObject *
PyContextVar_Set(PyObject *ovar, PyObject *val)
{
    CHECK_VAR(ovar, NULL);
    PyThreadState *tstate = _PyThreadState_GET();
    PyContextVar *var = (PyContextVar *)ovar;
    PyContext *ctx = current_context(tstate);
    PyObject *old = NULL;
    if (ctx == NULL || lookup_value(tstate, var, &old) < 0) {
        return NULL;
    }
    PyContextToken *tok = token_alloc(ctx, var, old);
    if (tok == NULL) {
        return NULL;
    }
    if (set_value(tstate, ctx, var, val) < 0) {
        Py_DECREF(tok);
        return NULL;
    }
    return (PyObject *)tok;
}

int
PyContextVar_Reset(PyObject *ovar, PyObject *otok)
{
    CHECK_VAR(ovar, -1);
    if (!PyContextToken_CheckExact(otok)) {
        PyErr_SetString(PyExc_TypeError, "an instance of Token was expected");
        return -1;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    PyContextVar *var = (PyContextVar *)ovar;
    PyContextToken *tok = (PyContextToken *)otok;
    if (tok->tok_used) {
        PyErr_Format(PyExc_RuntimeError, "%R has already been used once", tok);
        return -1;
    }
    if (tok->tok_var != var) {
        PyErr_Format(PyExc_ValueError, "%R was created by a different ContextVar", tok);
        return -1;
    }
    PyContext *ctx = current_context(tstate);
    if (ctx == NULL) {
        return -1;
    }
    if (ctx != tok->tok_ctx) {
        PyErr_Format(PyExc_ValueError, "%R was created in a different Context", tok);
        return -1;
    }
    tok->tok_used = 1;
    return tok->tok_oldval == NULL ? delete_value(tstate, ctx, var)
                                   : set_value(tstate, ctx, var, tok->tok_oldval);
}

static PyObject *
contextvar_tp_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwds)
{
    static const char *const keywords[] = {"", "default", NULL};
    PyObject *name, *def = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "O|$O:ContextVar", (char **)keywords, &name,
                                     &def))
    {
        return NULL;
    }
    return (PyObject *)contextvar_alloc(name, def);
}

static int
contextvar_tp_traverse(PyContextVar *self, visitproc visit, void *arg)
{
    Py_VISIT(self->var_name);
    Py_VISIT(self->var_default);
    return 0;
}

/* The name stays: it is a string, and part of the hash and repr. */
static int
contextvar_tp_clear(PyContextVar *self)
{
    Py_CLEAR(self->var_default);
    self->var_cached = NULL;
    self->var_cached_tsid = 0;
    self->var_cached_tsver = 0;
    return 0;
}

static void
contextvar_tp_dealloc(PyContextVar *self)
{
    PyObject_GC_UnTrack(self);
    (void)contextvar_tp_clear(self);
    Py_DECREF(self->var_name);
    PyObject_GC_Del(self);
}

static Py_hash_t
contextvar_tp_hash(PyContextVar *self)
{
    assert(self->var_hash != -1);
    return self->var_hash;
}

static PyObject *
contextvar_tp_repr(PyContextVar *self)
{
    if (self->var_default == NULL) {
        return PyUnicode_FromFormat("<ContextVar name=%R at %p>", self->var_name, self);
    }
    PyObject *def = PyObject_Repr(self->var_default);
    if (def == NULL) {
        return NULL;
    }
    PyObject *res = PyUnicode_FromFormat("<ContextVar name=%R default=%U at %p>",
                                         self->var_name, def, self);
    Py_DECREF(def);
    return res;
}

/*sig ContextVar.get(self, default: object = NULL, /)

Return a value for the context variable for the current context.

If there is no value for the variable in the current context, the method will:
 * return the value of the default argument of the method, if provided; or
 * return the default value for the context variable, if it was created
   with one; or
 * raise a LookupError.
*/
static PyObject *
contextvar_get_impl(PyContextVar *self, PyObject *default_value)
{
    PyObject *val;
    if (PyContextVar_Get((PyObject *)self, default_value, &val) == 0 && val == NULL) {
        PyErr_SetObject(PyExc_LookupError, (PyObject *)self);
    }
    return val;
}

/*sig ContextVar.set(self, value, /)

Call to set a new value for the context variable in the current context.

The required value argument is the new value for the context variable.

Returns a Token object that can be used to restore the variable to its previous
value via the `ContextVar.reset()` method.
*/
static PyObject *
contextvar_set_impl(PyContextVar *self, PyObject *value)
{
    return PyContextVar_Set((PyObject *)self, value);
}

/*sig ContextVar.reset(self, token, /)

Reset the context variable.

The variable is reset to the value it had before the `ContextVar.set()` that
created the token was used.
*/
static PyObject *
contextvar_reset_impl(PyContextVar *self, PyObject *token)
{
    if (!PyContextToken_CheckExact(token)) {
        PyErr_Format(PyExc_TypeError, "expected an instance of Token, got %R", token);
        return NULL;
    }
    if (PyContextVar_Reset((PyObject *)self, token) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static _Py_SHARED PyMemberDef contextvar_members[] = {
    {"name", T_OBJECT, offsetof(PyContextVar, var_name), READONLY, NULL},
    {NULL}
};

static _Py_SHARED PyMethodDef contextvar_methods[] = {
    CONTEXTVAR_GET_METHODDEF
    CONTEXTVAR_SET_METHODDEF
    CONTEXTVAR_RESET_METHODDEF
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {NULL, NULL, 0, NULL}
};

_Py_SHARED PyTypeObject PyContextVar_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_contextvars.ContextVar",
    .tp_basicsize = sizeof(PyContextVar),
    .tp_dealloc = (destructor)contextvar_tp_dealloc,
    .tp_repr = (reprfunc)contextvar_tp_repr,
    .tp_hash = (hashfunc)contextvar_tp_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)contextvar_tp_traverse,
    .tp_clear = (inquiry)contextvar_tp_clear,
    .tp_methods = contextvar_methods,
    .tp_members = contextvar_members,
    .tp_new = contextvar_tp_new,
    .tp_free = PyObject_GC_Del,
};

/* -------------------------------------------------------------------------------- tokens */

static PyObject *
token_tp_new(PyTypeObject *Py_UNUSED(type), PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    PyErr_SetString(PyExc_RuntimeError, "Tokens can only be created by ContextVars");
    return NULL;
}

static int
token_tp_traverse(PyContextToken *self, visitproc visit, void *arg)
{
    Py_VISIT(self->tok_ctx);
    Py_VISIT(self->tok_var);
    Py_VISIT(self->tok_oldval);
    return 0;
}

static int
token_tp_clear(PyContextToken *self)
{
    Py_CLEAR(self->tok_ctx);
    Py_CLEAR(self->tok_var);
    Py_CLEAR(self->tok_oldval);
    return 0;
}

static void
token_tp_dealloc(PyContextToken *self)
{
    PyObject_GC_UnTrack(self);
    (void)token_tp_clear(self);
    PyObject_GC_Del(self);
}

static PyObject *
token_tp_repr(PyContextToken *self)
{
    PyObject *var = self->tok_var == NULL ? PyUnicode_FromString("<NULL>")
                                          : PyObject_Repr((PyObject *)self->tok_var);
    if (var == NULL) {
        return NULL;
    }
    PyObject *res = PyUnicode_FromFormat("<Token%s var=%U at %p>", self->tok_used ? " used" : "",
                                         var, self);
    Py_DECREF(var);
    return res;
}

static PyObject *
token_get_var(PyContextToken *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(self->tok_var == NULL ? Py_None : (PyObject *)self->tok_var);
}

static PyObject *
token_get_old_value(PyContextToken *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(self->tok_oldval == NULL ? &token_missing : self->tok_oldval);
}

static _Py_SHARED PyGetSetDef token_getset[] = {
    {"var", (getter)token_get_var, NULL, NULL, NULL},
    {"old_value", (getter)token_get_old_value, NULL, NULL, NULL},
    {NULL}
};

static _Py_SHARED PyMethodDef token_methods[] = {
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {NULL, NULL, 0, NULL}
};

_Py_SHARED PyTypeObject PyContextToken_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_contextvars.Token",
    .tp_basicsize = sizeof(PyContextToken),
    .tp_dealloc = (destructor)token_tp_dealloc,
    .tp_repr = (reprfunc)token_tp_repr,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)token_tp_traverse,
    .tp_clear = (inquiry)token_tp_clear,
    .tp_methods = token_methods,
    .tp_getset = token_getset,
    .tp_new = token_tp_new,
    .tp_free = PyObject_GC_Del,
};
