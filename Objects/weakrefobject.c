/* weakrefobject.c - weak references and proxies.
 *
 * The references to an object form a doubly linked list that hangs on the object (at
 * tp_weaklistoffset), or on a side table of the interpreter if the object is shared.  In front
 * stand the reusable references without callback: first the plain ref, then the plain proxy; there
 * is at most one of each.  All others follow, newest first, so that callbacks run newest first.
 *
 * States: live (wr_object is the referent, linked) -> cleared (wr_object is None, unlinked).  A
 * reference to an object whose count has dropped to 0 but that is not cleared yet counts as dead.
 *
 * Written from PEP 205, the library reference (weakref), the C API reference ("Weak Reference
 * Objects") and observed messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _PyObject_GC_TRACK()
#include "pycore_shared.h"      // _Py_IsShared()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PyStaticType_GetState()
#include "pycore_weakref.h"

#define REF(op) ((PyWeakReference *)(op))

/* --------------------------------------------------------------------- where the lists hang */

/* A shared object (not a type) that has weak references in this interpreter. */
struct shared_weaklist {
    struct shared_weaklist *next;
    const PyObject *obj;
    PyWeakReference *list;
};

/* The list of a shared object that is no type; NULL with MemoryError. */
static PyWeakReference **
shared_list(PyInterpreterState *interp, PyObject *obj)
{
    struct shared_weaklist **head = &interp->types.shared_weaklists;
    for (struct shared_weaklist *entry = *head; entry != NULL; entry = entry->next) {
        if (entry->obj == obj) {
            return &entry->list;
        }
    }
    struct shared_weaklist *entry = PyMem_Calloc(1, sizeof(*entry));
    if (entry == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    entry->obj = obj;
    entry->next = *head;
    *head = entry;
    return &entry->list;
}

PyWeakReference **
_PyWeakref_GetListPtr(PyObject *obj)
{
    assert(PyType_SUPPORTS_WEAKREFS(Py_TYPE(obj)));
    if (PyType_Check(obj) && _PyType_IsSharedStatic((PyTypeObject *)obj)) {
        struct static_type_state *state =
            _PyStaticType_GetState(_PyInterpreterState_GET(), (PyTypeObject *)obj);
        return state == NULL ? NULL
                             : (PyWeakReference **)_PyStaticType_GET_WEAKREFS_LISTPTR(state);
    }
    if (_Py_IsShared(obj)) {
        return shared_list(_PyInterpreterState_GET(), obj);
    }
    return (PyWeakReference **)_PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(obj);
}

PyObject **
PyObject_GET_WEAKREFS_LISTPTR(PyObject *op)
{
    return (PyObject **)_PyWeakref_GetListPtr(op);
}

void
_PyWeakref_FiniInterpreter(PyInterpreterState *interp)
{
    struct shared_weaklist *entry = interp->types.shared_weaklists;
    while (entry != NULL) {
        while (entry->list != NULL) {
            _PyWeakref_ClearRef(entry->list);
        }
        struct shared_weaklist *next = entry->next;
        interp->types.shared_weaklists = next;
        PyMem_Free(entry);
        entry = next;
    }
}

/* ------------------------------------------------------------------------------ the list */

Py_ssize_t
_PyWeakref_GetWeakrefCount(PyWeakReference *head)
{
    Py_ssize_t count = 0;
    for (; head != NULL; head = head->wr_next) {
        count++;
    }
    return count;
}

static PyObject *weakref_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf,
                                    PyObject *kwnames);

static void
init_weakref(PyWeakReference *self, PyObject *ob, PyObject *callback)
{
    self->hash = -1;
    self->wr_object = ob;
    self->wr_prev = NULL;
    self->wr_next = NULL;
    self->wr_callback = Py_XNewRef(callback);
    self->vectorcall = weakref_vectorcall;
}

/* Unlinks the reference and makes it dead; the callback is dropped, not called. */
static void
clear_weakref(PyWeakReference *self)
{
    PyObject *callback = self->wr_callback;
    if (self->wr_object != Py_None) {
        PyWeakReference **list = _PyWeakref_GetListPtr(self->wr_object);
        assert(list != NULL);       /* the entry exists, or nothing was ever linked */
        if (*list == self) {
            *list = self->wr_next;
        }
        self->wr_object = Py_None;
        if (self->wr_prev != NULL) {
            self->wr_prev->wr_next = self->wr_next;
        }
        if (self->wr_next != NULL) {
            self->wr_next->wr_prev = self->wr_prev;
        }
        self->wr_prev = NULL;
        self->wr_next = NULL;
    }
    if (callback != NULL) {
        self->wr_callback = NULL;
        Py_DECREF(callback);
    }
}

/* For the collector: dead, but the callback stays for it to call. */
void
_PyWeakref_ClearRef(PyWeakReference *self)
{
    assert(self != NULL && PyWeakref_Check(self));
    PyObject *callback = self->wr_callback;
    self->wr_callback = NULL;
    clear_weakref(self);
    self->wr_callback = callback;
}

static PyWeakReference *
new_weakref(PyTypeObject *type, PyObject *ob, PyObject *callback)
{
    PyWeakReference *result = PyObject_GC_New(PyWeakReference, type);
    if (result != NULL) {
        init_weakref(result, ob, callback);
        PyObject_GC_Track(result);
    }
    return result;
}

static int
is_basic_ref(PyWeakReference *ref)
{
    return ref->wr_callback == NULL && PyWeakref_CheckRefExact(ref);
}

static int
is_basic_proxy(PyWeakReference *ref)
{
    return ref->wr_callback == NULL && PyWeakref_CheckProxy(ref);
}

/* The reusable references at the head of the list. */
static void
get_basic_refs(PyWeakReference *head, PyWeakReference **ref, PyWeakReference **proxy)
{
    *ref = NULL;
    *proxy = NULL;
    if (head != NULL && is_basic_ref(head)) {
        *ref = head;
        head = head->wr_next;
    }
    if (head != NULL && is_basic_proxy(head)) {
        *proxy = head;
    }
}

static void
insert_after(PyWeakReference *newref, PyWeakReference *prev)
{
    newref->wr_prev = prev;
    newref->wr_next = prev->wr_next;
    if (prev->wr_next != NULL) {
        prev->wr_next->wr_prev = newref;
    }
    prev->wr_next = newref;
}

static void
insert_head(PyWeakReference *newref, PyWeakReference **list)
{
    PyWeakReference *next = *list;
    newref->wr_prev = NULL;
    newref->wr_next = next;
    if (next != NULL) {
        next->wr_prev = newref;
    }
    *list = newref;
}

/* Puts a new reference where its kind belongs. */
static void
insert_ref(PyWeakReference *self, PyWeakReference **list)
{
    PyWeakReference *ref, *proxy;
    get_basic_refs(*list, &ref, &proxy);
    if (is_basic_ref(self)) {
        insert_head(self, list);
        return;
    }
    PyWeakReference *prev = is_basic_proxy(self) ? ref : proxy != NULL ? proxy : ref;
    if (prev == NULL) {
        insert_head(self, list);
    }
    else {
        insert_after(self, prev);
    }
}

static int
check_referencable(PyObject *ob)
{
    if (!PyType_SUPPORTS_WEAKREFS(Py_TYPE(ob))) {
        PyErr_Format(PyExc_TypeError, "cannot create weak reference to '%s' object",
                     Py_TYPE(ob)->tp_name);
        return -1;
    }
    return 0;
}

/* ------------------------------------------------------------------------------ ref objects */

static void
weakref_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    clear_weakref(REF(self));
    Py_TYPE(self)->tp_free(self);
}

static int
gc_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(REF(self)->wr_callback);
    return 0;
}

static int
gc_clear(PyObject *self)
{
    clear_weakref(REF(self));
    return 0;
}

static PyObject *
weakref_vectorcall(PyObject *self, PyObject *const *Py_UNUSED(args), size_t nargsf,
                   PyObject *kwnames)
{
    if (!_PyArg_NoKwnames("weakref", kwnames)) {
        return NULL;
    }
    if (!_PyArg_CheckPositional("weakref", PyVectorcall_NARGS(nargsf), 0, 0)) {
        return NULL;
    }
    return Py_NewRef(PyWeakref_GET_OBJECT(self));
}

/* The hash of the referent, remembered for the time after it. */
static Py_hash_t
weakref_hash(PyObject *op)
{
    PyWeakReference *self = REF(op);
    if (self->hash != -1) {
        return self->hash;
    }
    PyObject *obj = _PyWeakref_GET_REF(op);
    if (obj == NULL) {
        PyErr_SetString(PyExc_TypeError, "weak object has gone away");
        return -1;
    }
    self->hash = PyObject_Hash(obj);
    Py_DECREF(obj);
    return self->hash;
}

static PyObject *
weakref_repr(PyObject *self)
{
    PyObject *obj = _PyWeakref_GET_REF(self);
    if (obj == NULL) {
        return PyUnicode_FromFormat("<weakref at %p; dead>", self);
    }
    PyObject *repr = NULL;
    /* By the type, so that no __getattr__ runs. */
    PyObject *name = _PyObject_LookupSpecial(obj, &_Py_ID(__name__));
    if (name != NULL || !PyErr_Occurred()) {
        if (name == NULL || !PyUnicode_Check(name)) {
            repr = PyUnicode_FromFormat("<weakref at %p; to '%s' at %p>", self,
                                        Py_TYPE(obj)->tp_name, obj);
        }
        else {
            repr = PyUnicode_FromFormat("<weakref at %p; to '%s' at %p (%U)>", self,
                                        Py_TYPE(obj)->tp_name, obj, name);
        }
        Py_XDECREF(name);
    }
    Py_DECREF(obj);
    return repr;
}

/* Live references compare as their referents, dead ones by identity. */
static PyObject *
weakref_richcompare(PyObject *self, PyObject *other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyWeakref_Check(self) || !PyWeakref_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *obj = _PyWeakref_GET_REF(self);
    PyObject *other_obj = _PyWeakref_GET_REF(other);
    PyObject *res;
    if (obj == NULL || other_obj == NULL) {
        int eq = self == other;
        res = PyBool_FromLong(eq == (op == Py_EQ));
    }
    else {
        res = PyObject_RichCompare(obj, other_obj, op);
    }
    Py_XDECREF(obj);
    Py_XDECREF(other_obj);
    return res;
}

static PyObject *
weakref_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *ob, *callback = NULL;
    if (!PyArg_UnpackTuple(args, "__new__", 1, 2, &ob, &callback) ||
        check_referencable(ob) < 0)
    {
        return NULL;
    }
    if (callback == Py_None) {
        callback = NULL;
    }
    PyWeakReference **list = _PyWeakref_GetListPtr(ob);
    if (list == NULL) {
        return NULL;
    }
    PyWeakReference *ref, *proxy;
    get_basic_refs(*list, &ref, &proxy);
    if (callback == NULL && type == &_PyWeakref_RefType && ref != NULL) {
        return Py_NewRef(ref);
    }
    PyWeakReference *self = REF(type->tp_alloc(type, 0));
    if (self == NULL) {
        return NULL;
    }
    /* The allocation may have run the collector, and so anything: look at the list anew. */
    init_weakref(self, ob, callback);
    insert_ref(self, list);
    return (PyObject *)self;
}

static int
weakref_init(PyObject *Py_UNUSED(self), PyObject *args, PyObject *kwargs)
{
    PyObject *ob, *callback = NULL;
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0) {
        PyErr_SetString(PyExc_TypeError, "ref() takes no keyword arguments");
        return -1;
    }
    return PyArg_UnpackTuple(args, "__init__", 1, 2, &ob, &callback) ? 0 : -1;
}

static _Py_SHARED PyMemberDef weakref_members[] = {
    {"__callback__", _Py_T_OBJECT, offsetof(PyWeakReference, wr_callback), Py_READONLY},
    {NULL}
};

static _Py_SHARED PyMethodDef weakref_methods[] = {
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL}
};

_Py_SHARED PyTypeObject _PyWeakref_RefType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "weakref.ReferenceType",
    .tp_basicsize = sizeof(PyWeakReference),
    .tp_dealloc = weakref_dealloc,
    .tp_vectorcall_offset = offsetof(PyWeakReference, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_repr = weakref_repr,
    .tp_hash = weakref_hash,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_BASETYPE,
    .tp_traverse = gc_traverse,
    .tp_clear = gc_clear,
    .tp_richcompare = weakref_richcompare,
    .tp_methods = weakref_methods,
    .tp_members = weakref_members,
    .tp_init = weakref_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = weakref_new,
    .tp_free = PyObject_GC_Del,
};

/* ------------------------------------------------------------------------------ proxies */

/* Replaces a proxy by its referent (new reference, else a new reference to o itself): NULL with
 * ReferenceError if it is gone. */
static PyObject *
unwrap(PyObject *o)
{
    if (!PyWeakref_CheckProxy(o)) {
        return Py_NewRef(o);
    }
    PyObject *obj = _PyWeakref_GET_REF(o);
    if (obj == NULL) {
        PyErr_SetString(PyExc_ReferenceError, "weakly-referenced object no longer exists");
    }
    return obj;
}

static PyObject *
unwrapped_unary(PyObject *proxy, PyObject *(*generic)(PyObject *))
{
    PyObject *x = unwrap(proxy);
    if (x == NULL) {
        return NULL;
    }
    PyObject *res = generic(x);
    Py_DECREF(x);
    return res;
}

static PyObject *
unwrapped_binary(PyObject *x, PyObject *y, PyObject *(*generic)(PyObject *, PyObject *))
{
    x = unwrap(x);
    if (x == NULL) {
        return NULL;
    }
    y = unwrap(y);
    if (y == NULL) {
        Py_DECREF(x);
        return NULL;
    }
    PyObject *res = generic(x, y);
    Py_DECREF(x);
    Py_DECREF(y);
    return res;
}

/* The third operand may be NULL (keywords of a call). */
static PyObject *
unwrapped_ternary(PyObject *x, PyObject *y, PyObject *z,
                  PyObject *(*generic)(PyObject *, PyObject *, PyObject *))
{
    PyObject *res = NULL;
    x = unwrap(x);
    y = x == NULL ? NULL : unwrap(y);
    if (y != NULL) {
        PyObject *w = z == NULL ? NULL : unwrap(z);
        if (z == NULL || w != NULL) {
            res = generic(x, y, w);
        }
        Py_XDECREF(w);
        Py_DECREF(y);
    }
    Py_XDECREF(x);
    return res;
}

#define WRAP_UNARY(method, generic)                         \
    static PyObject *                                       \
    method(PyObject *proxy)                                 \
    {                                                       \
        return unwrapped_unary(proxy, generic);             \
    }

#define WRAP_BINARY(method, generic)                        \
    static PyObject *                                       \
    method(PyObject *x, PyObject *y)                        \
    {                                                       \
        return unwrapped_binary(x, y, generic);             \
    }

#define WRAP_TERNARY(method, generic)                       \
    static PyObject *                                       \
    method(PyObject *x, PyObject *y, PyObject *z)           \
    {                                                       \
        return unwrapped_ternary(x, y, z, generic);         \
    }

WRAP_BINARY(proxy_getattr, PyObject_GetAttr)
WRAP_UNARY(proxy_str, PyObject_Str)
WRAP_TERNARY(proxy_call, PyObject_Call)

static PyObject *
proxy_repr(PyObject *proxy)
{
    PyObject *obj = _PyWeakref_GET_REF(proxy);
    PyObject *shown = obj == NULL ? Py_None : obj;
    PyObject *repr = PyUnicode_FromFormat("<weakproxy at %p to %s at %p>", proxy,
                                          Py_TYPE(shown)->tp_name, shown);
    Py_XDECREF(obj);
    return repr;
}

static int
proxy_setattr(PyObject *proxy, PyObject *name, PyObject *value)
{
    PyObject *obj = unwrap(proxy);
    if (obj == NULL) {
        return -1;
    }
    int res = PyObject_SetAttr(obj, name, value);
    Py_DECREF(obj);
    return res;
}

static PyObject *
proxy_richcompare(PyObject *x, PyObject *y, int op)
{
    x = unwrap(x);
    if (x == NULL) {
        return NULL;
    }
    y = unwrap(y);
    PyObject *res = y == NULL ? NULL : PyObject_RichCompare(x, y, op);
    Py_DECREF(x);
    Py_XDECREF(y);
    return res;
}

WRAP_BINARY(proxy_add, PyNumber_Add)
WRAP_BINARY(proxy_sub, PyNumber_Subtract)
WRAP_BINARY(proxy_mul, PyNumber_Multiply)
WRAP_BINARY(proxy_floor_div, PyNumber_FloorDivide)
WRAP_BINARY(proxy_true_div, PyNumber_TrueDivide)
WRAP_BINARY(proxy_mod, PyNumber_Remainder)
WRAP_BINARY(proxy_divmod, PyNumber_Divmod)
WRAP_TERNARY(proxy_pow, PyNumber_Power)
WRAP_UNARY(proxy_neg, PyNumber_Negative)
WRAP_UNARY(proxy_pos, PyNumber_Positive)
WRAP_UNARY(proxy_abs, PyNumber_Absolute)
WRAP_UNARY(proxy_invert, PyNumber_Invert)
WRAP_BINARY(proxy_lshift, PyNumber_Lshift)
WRAP_BINARY(proxy_rshift, PyNumber_Rshift)
WRAP_BINARY(proxy_and, PyNumber_And)
WRAP_BINARY(proxy_xor, PyNumber_Xor)
WRAP_BINARY(proxy_or, PyNumber_Or)
WRAP_UNARY(proxy_int, PyNumber_Long)
WRAP_UNARY(proxy_float, PyNumber_Float)
WRAP_BINARY(proxy_iadd, PyNumber_InPlaceAdd)
WRAP_BINARY(proxy_isub, PyNumber_InPlaceSubtract)
WRAP_BINARY(proxy_imul, PyNumber_InPlaceMultiply)
WRAP_BINARY(proxy_ifloor_div, PyNumber_InPlaceFloorDivide)
WRAP_BINARY(proxy_itrue_div, PyNumber_InPlaceTrueDivide)
WRAP_BINARY(proxy_imod, PyNumber_InPlaceRemainder)
WRAP_TERNARY(proxy_ipow, PyNumber_InPlacePower)
WRAP_BINARY(proxy_ilshift, PyNumber_InPlaceLshift)
WRAP_BINARY(proxy_irshift, PyNumber_InPlaceRshift)
WRAP_BINARY(proxy_iand, PyNumber_InPlaceAnd)
WRAP_BINARY(proxy_ixor, PyNumber_InPlaceXor)
WRAP_BINARY(proxy_ior, PyNumber_InPlaceOr)
WRAP_UNARY(proxy_index, PyNumber_Index)
WRAP_BINARY(proxy_matmul, PyNumber_MatrixMultiply)
WRAP_BINARY(proxy_imatmul, PyNumber_InPlaceMatrixMultiply)
WRAP_BINARY(proxy_getitem, PyObject_GetItem)

static int
proxy_bool(PyObject *proxy)
{
    PyObject *o = unwrap(proxy);
    if (o == NULL) {
        return -1;
    }
    int res = PyObject_IsTrue(o);
    Py_DECREF(o);
    return res;
}

static void
proxy_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    clear_weakref(REF(self));
    PyObject_GC_Del(self);
}

static int
proxy_contains(PyObject *proxy, PyObject *value)
{
    PyObject *obj = unwrap(proxy);
    if (obj == NULL) {
        return -1;
    }
    int res = PySequence_Contains(obj, value);
    Py_DECREF(obj);
    return res;
}

static Py_ssize_t
proxy_length(PyObject *proxy)
{
    PyObject *obj = unwrap(proxy);
    if (obj == NULL) {
        return -1;
    }
    Py_ssize_t res = PyObject_Length(obj);
    Py_DECREF(obj);
    return res;
}

static int
proxy_setitem(PyObject *proxy, PyObject *key, PyObject *value)
{
    PyObject *obj = unwrap(proxy);
    if (obj == NULL) {
        return -1;
    }
    int res = value == NULL ? PyObject_DelItem(obj, key) : PyObject_SetItem(obj, key, value);
    Py_DECREF(obj);
    return res;
}

WRAP_UNARY(proxy_iter, PyObject_GetIter)

static PyObject *
proxy_iternext(PyObject *proxy)
{
    PyObject *obj = unwrap(proxy);
    if (obj == NULL) {
        return NULL;
    }
    PyObject *res = NULL;
    if (!PyIter_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "Weakref proxy referenced a non-iterator '%.200s' object",
                     Py_TYPE(obj)->tp_name);
    }
    else {
        res = PyIter_Next(obj);
    }
    Py_DECREF(obj);
    return res;
}

/* Methods that have no operator go by name. */
static PyObject *
proxy_bytes(PyObject *proxy, PyObject *Py_UNUSED(ignored))
{
    PyObject *obj = unwrap(proxy);
    if (obj == NULL) {
        return NULL;
    }
    PyObject *res = PyObject_CallMethodNoArgs(obj, &_Py_ID(__bytes__));
    Py_DECREF(obj);
    return res;
}

static PyObject *
proxy_reversed(PyObject *proxy, PyObject *Py_UNUSED(ignored))
{
    PyObject *obj = unwrap(proxy);
    if (obj == NULL) {
        return NULL;
    }
    PyObject *res = PyObject_CallMethodNoArgs(obj, &_Py_ID(__reversed__));
    Py_DECREF(obj);
    return res;
}

static _Py_SHARED PyMethodDef proxy_methods[] = {
    {"__bytes__", proxy_bytes, METH_NOARGS, NULL},
    {"__reversed__", proxy_reversed, METH_NOARGS, NULL},
    {NULL}
};

static _Py_SHARED PyNumberMethods proxy_as_number = {
    .nb_add = proxy_add,
    .nb_subtract = proxy_sub,
    .nb_multiply = proxy_mul,
    .nb_remainder = proxy_mod,
    .nb_divmod = proxy_divmod,
    .nb_power = proxy_pow,
    .nb_negative = proxy_neg,
    .nb_positive = proxy_pos,
    .nb_absolute = proxy_abs,
    .nb_bool = proxy_bool,
    .nb_invert = proxy_invert,
    .nb_lshift = proxy_lshift,
    .nb_rshift = proxy_rshift,
    .nb_and = proxy_and,
    .nb_xor = proxy_xor,
    .nb_or = proxy_or,
    .nb_int = proxy_int,
    .nb_float = proxy_float,
    .nb_inplace_add = proxy_iadd,
    .nb_inplace_subtract = proxy_isub,
    .nb_inplace_multiply = proxy_imul,
    .nb_inplace_remainder = proxy_imod,
    .nb_inplace_power = proxy_ipow,
    .nb_inplace_lshift = proxy_ilshift,
    .nb_inplace_rshift = proxy_irshift,
    .nb_inplace_and = proxy_iand,
    .nb_inplace_xor = proxy_ixor,
    .nb_inplace_or = proxy_ior,
    .nb_floor_divide = proxy_floor_div,
    .nb_true_divide = proxy_true_div,
    .nb_inplace_floor_divide = proxy_ifloor_div,
    .nb_inplace_true_divide = proxy_itrue_div,
    .nb_index = proxy_index,
    .nb_matrix_multiply = proxy_matmul,
    .nb_inplace_matrix_multiply = proxy_imatmul,
};

static _Py_SHARED PySequenceMethods proxy_as_sequence = {
    .sq_length = proxy_length,
    .sq_contains = proxy_contains,
};

static _Py_SHARED PyMappingMethods proxy_as_mapping = {
    .mp_length = proxy_length,
    .mp_subscript = proxy_getitem,
    .mp_ass_subscript = proxy_setitem,
};

#define PROXY_SLOTS                                 \
    .tp_basicsize = sizeof(PyWeakReference),        \
    .tp_dealloc = proxy_dealloc,                    \
    .tp_repr = proxy_repr,                          \
    .tp_as_number = &proxy_as_number,               \
    .tp_as_sequence = &proxy_as_sequence,           \
    .tp_as_mapping = &proxy_as_mapping,             \
    .tp_hash = PyObject_HashNotImplemented,         \
    .tp_str = proxy_str,                            \
    .tp_getattro = proxy_getattr,                   \
    .tp_setattro = proxy_setattr,                   \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, \
    .tp_traverse = gc_traverse,                     \
    .tp_clear = gc_clear,                           \
    .tp_richcompare = proxy_richcompare,            \
    .tp_iter = proxy_iter,                          \
    .tp_iternext = proxy_iternext

_Py_SHARED PyTypeObject _PyWeakref_ProxyType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "weakref.ProxyType",
    .tp_methods = proxy_methods,
    PROXY_SLOTS,
};

_Py_SHARED PyTypeObject _PyWeakref_CallableProxyType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "weakref.CallableProxyType",
    .tp_call = proxy_call,
    PROXY_SLOTS,
};

/* ------------------------------------------------------------------------------ C API */

/* A reference of `type`; without callback the one that exists already.  New reference. */
static PyObject *
make_reference(PyTypeObject *type, PyObject *ob, PyObject *callback)
{
    if (check_referencable(ob) < 0) {
        return NULL;
    }
    if (callback == Py_None) {
        callback = NULL;
    }
    PyWeakReference **list = _PyWeakref_GetListPtr(ob);
    if (list == NULL) {
        return NULL;
    }
    int is_ref = type == &_PyWeakref_RefType;
    PyWeakReference *ref, *proxy;
    get_basic_refs(*list, &ref, &proxy);
    PyWeakReference *existing = is_ref ? ref : proxy;
    if (callback == NULL && existing != NULL) {
        return Py_NewRef(existing);
    }
    PyWeakReference *result = new_weakref(type, ob, callback);
    if (result == NULL) {
        return NULL;
    }
    if (callback == NULL) {
        /* The allocation may have run the collector, whose finalizers may have made one. */
        get_basic_refs(*list, &ref, &proxy);
        existing = is_ref ? ref : proxy;
        if (existing != NULL) {
            result->wr_object = Py_None;    /* not linked */
            Py_DECREF(result);
            return Py_NewRef(existing);
        }
    }
    insert_ref(result, list);
    return (PyObject *)result;
}

PyObject *
PyWeakref_NewRef(PyObject *ob, PyObject *callback)
{
    return make_reference(&_PyWeakref_RefType, ob, callback);
}

PyObject *
PyWeakref_NewProxy(PyObject *ob, PyObject *callback)
{
    return make_reference(PyCallable_Check(ob) ? &_PyWeakref_CallableProxyType
                                               : &_PyWeakref_ProxyType, ob, callback);
}

/* Borrowed; None when the referent is gone. */
PyObject *
PyWeakref_GetObject(PyObject *ref)
{
    if (ref == NULL || !PyWeakref_Check(ref)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyWeakref_GET_OBJECT(ref);
}

static void
handle_callback(PyWeakReference *ref, PyObject *callback)
{
    PyObject *cbresult = PyObject_CallOneArg(callback, (PyObject *)ref);
    if (cbresult == NULL) {
        PyErr_WriteUnraisable(callback);
    }
    else {
        Py_DECREF(cbresult);
    }
}

/* Clears all references of the list, then calls the callbacks of those that are alive. */
static void
clear_with_callbacks(PyWeakReference **list)
{
    Py_ssize_t count = _PyWeakref_GetWeakrefCount(*list);
    if (count == 0) {
        return;
    }
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *pending = PyTuple_New(count * 2);
    if (pending == NULL) {
        PyErr_WriteUnraisable(NULL);
        while (*list != NULL) {
            clear_weakref(*list);
        }
        PyErr_SetRaisedException(exc);
        return;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyWeakReference *current = *list;
        /* A reference that is dying itself gets no call. */
        if (Py_REFCNT(current) > 0) {
            PyTuple_SET_ITEM(pending, i * 2, Py_NewRef(current));
            PyTuple_SET_ITEM(pending, i * 2 + 1, current->wr_callback);
        }
        else {
            Py_XDECREF(current->wr_callback);
        }
        current->wr_callback = NULL;
        clear_weakref(current);
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *callback = PyTuple_GET_ITEM(pending, i * 2 + 1);
        if (callback != NULL) {
            handle_callback(REF(PyTuple_GET_ITEM(pending, i * 2)), callback);
        }
    }
    Py_DECREF(pending);
    assert(!PyErr_Occurred());
    PyErr_SetRaisedException(exc);
}

/* For deallocators: the object goes. */
void
PyObject_ClearWeakRefs(PyObject *object)
{
    if (object == NULL || !PyType_SUPPORTS_WEAKREFS(Py_TYPE(object))) {
        PyErr_BadInternalCall();
        return;
    }
    PyWeakReference **list =
        (PyWeakReference **)_PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(object);
    if (*list == NULL) {
        return;
    }
    /* The reusable ones have no callback. */
    while (*list != NULL && (*list)->wr_callback == NULL) {
        clear_weakref(*list);
    }
    if (*list == NULL) {
        return;
    }
    if ((*list)->wr_next == NULL) {
        PyWeakReference *current = *list;
        PyObject *callback = current->wr_callback;
        current->wr_callback = NULL;
        clear_weakref(current);
        if (Py_REFCNT(current) > 0) {
            PyObject *exc = PyErr_GetRaisedException();
            Py_INCREF(current);
            handle_callback(current, callback);
            Py_DECREF(current);
            PyErr_SetRaisedException(exc);
        }
        Py_DECREF(callback);
        return;
    }
    clear_with_callbacks(list);
}

void
_PyWeakref_ClearWeakRefsExceptCallbacks(PyObject *object)
{
    PyWeakReference **list =
        (PyWeakReference **)_PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(object);
    while (*list != NULL) {
        _PyWeakref_ClearRef(*list);
    }
}
