/* slotfuncs.c - the functions in the slots of Python classes: each looks its special method up on
 * the type and calls it.
 *
 * Methods that are functions are called unbound, with self in front of the arguments; other
 * descriptors are bound first.  The method found is kept alive for the call.
 * repr(), hash(), iter() and comparisons take a method that cannot be bound as absent, the other
 * slots pass the error on.
 *
 * Written from the data model chapter ("Special method lookup", "Emulating numeric types"),
 * PEP 442, PEP 688 and observed messages.
 */
#include "Python.h"
#include "pycore_errors.h"      // _PyErr_GetRaisedException()
#include "pycore_memoryobject.h" // _PyMemoryView_FromBufferProc()
#include "pycore_object.h"      // _PyObject_GC_TRACK()
#include "pycore_strings.h"     // _Py_ID()
#include "slots.h"
#include "type.h"

/* -------------------------------------------------------------------------------- lookup */

/* The special method: new reference, NULL if there is none (without an exception) or on error. With
 * *unbound set, self must be passed as first argument. */
static PyObject *
lookup_maybe(PyObject *self, PyObject *name, int *unbound)
{
    PyObject *func = _PyType_Lookup(Py_TYPE(self), name);
    if (func == NULL) {
        return NULL;
    }
    if (_PyType_HasFeature(Py_TYPE(func), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        *unbound = 1;
        return Py_NewRef(func);
    }
    *unbound = 0;
    descrgetfunc f = Py_TYPE(func)->tp_descr_get;
    if (f == NULL) {
        return Py_NewRef(func);
    }
    Py_INCREF(func);
    PyObject *bound = f(func, self, (PyObject *)Py_TYPE(self));
    Py_DECREF(func);
    return bound;
}

/* args[0] is self. */
static PyObject *
call_found(PyObject *func, int unbound, PyObject *const *args, Py_ssize_t nargs)
{
    size_t nargsf = (size_t)nargs;
    if (!unbound) {
        args++;
        nargsf = (size_t)(nargs - 1) | PY_VECTORCALL_ARGUMENTS_OFFSET;
    }
    PyObject *res = PyObject_Vectorcall(func, args, nargsf, NULL);
    Py_DECREF(func);
    return res;
}

/* Calls a method that must be there: AttributeError otherwise. */
static PyObject *
call_method(PyObject *name, PyObject *const *args, Py_ssize_t nargs)
{
    int unbound;
    PyObject *func = lookup_maybe(args[0], name, &unbound);
    if (func == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetObject(PyExc_AttributeError, name);
        }
        return NULL;
    }
    return call_found(func, unbound, args, nargs);
}

/* Calls a method if it is there: else NotImplemented. */
static PyObject *
call_maybe(PyObject *name, PyObject *const *args, Py_ssize_t nargs)
{
    int unbound;
    PyObject *func = lookup_maybe(args[0], name, &unbound);
    if (func == NULL) {
        if (!PyErr_Occurred()) {
            Py_RETURN_NOTIMPLEMENTED;
        }
        return NULL;
    }
    return call_found(func, unbound, args, nargs);
}

/* ---------------------------------------------------------------------------- operators */

#define UNARY_SLOT(SLOT, NAME)                      \
    PyObject *                                      \
    _PyType_slot_##SLOT(PyObject *self)             \
    {                                               \
        return call_method(&_Py_ID(NAME), &self, 1); \
    }
_PyType_UNARY_SLOTS(UNARY_SLOT)

#define INPLACE_SLOT(SLOT, NAME)                        \
    PyObject *                                          \
    _PyType_slot_##SLOT(PyObject *self, PyObject *arg)  \
    {                                                   \
        PyObject *stack[2] = {self, arg};               \
        return call_method(&_Py_ID(NAME), stack, 2);    \
    }
_PyType_INPLACE_SLOTS(INPLACE_SLOT)

/* Does the right operand's class have a reflected method of its own, other than the left one's? */
static int
method_is_overloaded(PyObject *left, PyObject *right, PyObject *name)
{
    PyObject *b;
    if (_PyObject_LookupAttr((PyObject *)Py_TYPE(right), name, &b) < 0) {
        return -1;
    }
    if (b == NULL) {
        return 0;       /* what is not there overloads nothing */
    }
    PyObject *a;
    if (_PyObject_LookupAttr((PyObject *)Py_TYPE(left), name, &a) < 0) {
        Py_DECREF(b);
        return -1;
    }
    if (a == NULL) {
        Py_DECREF(b);
        return 1;
    }
    int differ = PyObject_RichCompareBool(a, b, Py_NE);
    Py_DECREF(a);
    Py_DECREF(b);
    return differ;
}

/* A binary operator: `mine` tells whether a type's slot is the one that called us. */
static PyObject *
binary_operator(PyObject *self, PyObject *other, PyObject *name, PyObject *rname,
                int self_mine, int other_mine)
{
    PyObject *forward[2] = {self, other};
    PyObject *reflected[2] = {other, self};
    int try_other = !Py_IS_TYPE(self, Py_TYPE(other)) && other_mine;
    if (self_mine) {
        if (try_other && PyType_IsSubtype(Py_TYPE(other), Py_TYPE(self))) {
            int overloaded = method_is_overloaded(self, other, rname);
            if (overloaded < 0) {
                return NULL;
            }
            if (overloaded) {
                PyObject *r = call_maybe(rname, reflected, 2);
                if (r != Py_NotImplemented) {
                    return r;
                }
                Py_DECREF(r);
                try_other = 0;
            }
        }
        PyObject *r = call_maybe(name, forward, 2);
        if (r != Py_NotImplemented || Py_IS_TYPE(other, Py_TYPE(self))) {
            return r;
        }
        Py_DECREF(r);
    }
    if (try_other) {
        return call_maybe(rname, reflected, 2);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

#define HAS_SLOT(OP, SLOT) \
    (Py_TYPE(OP)->tp_as_number != NULL && \
     Py_TYPE(OP)->tp_as_number->SLOT == _PyType_slot_##SLOT)

#define BINARY_SLOT(SLOT, NAME, RNAME)                                              \
    PyObject *                                                                      \
    _PyType_slot_##SLOT(PyObject *self, PyObject *other)                            \
    {                                                                               \
        return binary_operator(self, other, &_Py_ID(NAME), &_Py_ID(RNAME),          \
                               HAS_SLOT(self, SLOT), HAS_SLOT(other, SLOT));        \
    }
_PyType_BINARY_SLOTS(BINARY_SLOT)

static PyObject *
power_binary(PyObject *self, PyObject *other)
{
    return binary_operator(self, other, &_Py_ID(__pow__), &_Py_ID(__rpow__),
                           HAS_SLOT(self, nb_power), HAS_SLOT(other, nb_power));
}

/* pow(a, b, c) asks only a's __pow__. */
PyObject *
_PyType_slot_nb_power(PyObject *self, PyObject *other, PyObject *modulus)
{
    if (modulus == Py_None) {
        return power_binary(self, other);
    }
    if (HAS_SLOT(self, nb_power)) {
        PyObject *stack[3] = {self, other, modulus};
        return call_method(&_Py_ID(__pow__), stack, 3);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

PyObject *
_PyType_slot_nb_inplace_power(PyObject *self, PyObject *arg, PyObject *Py_UNUSED(modulus))
{
    PyObject *stack[2] = {self, arg};
    return call_method(&_Py_ID(__ipow__), stack, 2);
}

/* Truth by __bool__, which must give a bool, or by __len__. */
int
_PyType_slot_nb_bool(PyObject *self)
{
    int unbound, by_len = 0;
    PyObject *func = lookup_maybe(self, &_Py_ID(__bool__), &unbound);
    if (func == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        func = lookup_maybe(self, &_Py_ID(__len__), &unbound);
        if (func == NULL) {
            return PyErr_Occurred() ? -1 : 1;
        }
        by_len = 1;
    }
    PyObject *value = call_found(func, unbound, &self, 1);
    if (value == NULL) {
        return -1;
    }
    int result;
    if (by_len) {
        result = PyObject_IsTrue(value);
    }
    else if (PyBool_Check(value)) {
        result = value == Py_True;
    }
    else {
        PyErr_Format(PyExc_TypeError, "__bool__ should return bool, returned %s",
                     Py_TYPE(value)->tp_name);
        result = -1;
    }
    Py_DECREF(value);
    return result;
}

/* ---------------------------------------------------------------------------- containers */

Py_ssize_t
_PyType_slot_sq_length(PyObject *self)
{
    PyObject *res = call_method(&_Py_ID(__len__), &self, 1);
    if (res == NULL) {
        return -1;
    }
    Py_SETREF(res, _PyNumber_Index(res));
    if (res == NULL) {
        return -1;
    }
    if (_PyLong_Sign(res) < 0) {
        Py_DECREF(res);
        PyErr_SetString(PyExc_ValueError, "__len__() should return >= 0");
        return -1;
    }
    Py_ssize_t len = PyNumber_AsSsize_t(res, PyExc_OverflowError);
    assert(len >= 0 || PyErr_Occurred());
    Py_DECREF(res);
    return len;
}

PyObject *
_PyType_slot_sq_item(PyObject *self, Py_ssize_t i)
{
    PyObject *ival = PyLong_FromSsize_t(i);
    if (ival == NULL) {
        return NULL;
    }
    PyObject *stack[2] = {self, ival};
    PyObject *res = call_method(&_Py_ID(__getitem__), stack, 2);
    Py_DECREF(ival);
    return res;
}

PyObject *
_PyType_slot_mp_subscript(PyObject *self, PyObject *key)
{
    PyObject *stack[2] = {self, key};
    return call_method(&_Py_ID(__getitem__), stack, 2);
}

int
_PyType_slot_mp_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    PyObject *stack[3] = {self, key, value};
    PyObject *res = value == NULL ? call_method(&_Py_ID(__delitem__), stack, 2)
                                  : call_method(&_Py_ID(__setitem__), stack, 3);
    if (res == NULL) {
        return -1;
    }
    Py_DECREF(res);
    return 0;
}

int
_PyType_slot_sq_ass_item(PyObject *self, Py_ssize_t index, PyObject *value)
{
    PyObject *key = PyLong_FromSsize_t(index);
    if (key == NULL) {
        return -1;
    }
    int res = _PyType_slot_mp_ass_subscript(self, key, value);
    Py_DECREF(key);
    return res;
}

int
_PyType_slot_sq_contains(PyObject *self, PyObject *value)
{
    int unbound;
    PyObject *func = lookup_maybe(self, &_Py_ID(__contains__), &unbound);
    if (func == Py_None) {
        Py_DECREF(func);
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not a container",
                     Py_TYPE(self)->tp_name);
        return -1;
    }
    if (func == NULL) {
        return PyErr_Occurred() ? -1
               : (int)_PySequence_IterSearch(self, value, PY_ITERSEARCH_CONTAINS);
    }
    PyObject *stack[2] = {self, value};
    PyObject *res = call_found(func, unbound, stack, 2);
    if (res == NULL) {
        return -1;
    }
    int result = PyObject_IsTrue(res);
    Py_DECREF(res);
    return result;
}

PyObject *
_PyType_slot_tp_iter(PyObject *self)
{
    int unbound;
    PyObject *func = lookup_maybe(self, &_Py_ID(__iter__), &unbound);
    if (func == Py_None) {
        Py_DECREF(func);
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not iterable", Py_TYPE(self)->tp_name);
        return NULL;
    }
    if (func != NULL) {
        return call_found(func, unbound, &self, 1);
    }
    PyErr_Clear();
    PyObject *getitem = lookup_maybe(self, &_Py_ID(__getitem__), &unbound);
    if (getitem == NULL) {
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not iterable", Py_TYPE(self)->tp_name);
        return NULL;
    }
    Py_DECREF(getitem);
    return PySeqIter_New(self);
}

PyObject *
_PyType_slot_tp_iternext(PyObject *self)
{
    return call_method(&_Py_ID(__next__), &self, 1);
}

/* ---------------------------------------------------------------------------- async */

/* An async method: TypeError if it is missing. */
static PyObject *
call_async(PyObject *self, PyObject *name, const char *what)
{
    int unbound;
    PyObject *func = lookup_maybe(self, name, &unbound);
    if (func == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_AttributeError, "object %.50s does not have %s method",
                         Py_TYPE(self)->tp_name, what);
        }
        return NULL;
    }
    return call_found(func, unbound, &self, 1);
}

PyObject *
_PyType_slot_am_await(PyObject *self)
{
    return call_async(self, &_Py_ID(__await__), "__await__");
}

PyObject *
_PyType_slot_am_aiter(PyObject *self)
{
    return call_async(self, &_Py_ID(__aiter__), "__aiter__");
}

PyObject *
_PyType_slot_am_anext(PyObject *self)
{
    return call_async(self, &_Py_ID(__anext__), "__anext__");
}

/* ---------------------------------------------------------------------------- the rest */

PyObject *
_PyType_slot_tp_repr(PyObject *self)
{
    int unbound;
    PyObject *func = lookup_maybe(self, &_Py_ID(__repr__), &unbound);
    if (func != NULL) {
        return call_found(func, unbound, &self, 1);
    }
    PyErr_Clear();
    return PyUnicode_FromFormat("<%s object at %p>", Py_TYPE(self)->tp_name, self);
}

PyObject *
_PyType_slot_tp_str(PyObject *self)
{
    return call_method(&_Py_ID(__str__), &self, 1);
}

Py_hash_t
_PyType_slot_tp_hash(PyObject *self)
{
    int unbound;
    PyObject *func = lookup_maybe(self, &_Py_ID(__hash__), &unbound);
    if (func == Py_None) {
        Py_SETREF(func, NULL);
    }
    if (func == NULL) {
        PyErr_Clear();
        return PyObject_HashNotImplemented(self);
    }
    PyObject *res = call_found(func, unbound, &self, 1);
    if (res == NULL) {
        return -1;
    }
    if (!PyLong_Check(res)) {
        Py_DECREF(res);
        PyErr_SetString(PyExc_TypeError, "__hash__ method should return an integer");
        return -1;
    }
    /* Values that do not fit are hashed like an int, so that equal ones stay equal. */
    Py_ssize_t h = PyLong_AsSsize_t(res);
    if (h == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        h = PyLong_Type.tp_hash(res);
    }
    Py_DECREF(res);
    return h == -1 ? -2 : h;
}

PyObject *
_PyType_slot_tp_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int unbound;
    PyObject *meth = lookup_maybe(self, &_Py_ID(__call__), &unbound);
    if (meth == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetObject(PyExc_AttributeError, &_Py_ID(__call__));
        }
        return NULL;
    }
    PyObject *res = unbound ? _PyObject_Call_Prepend(tstate, meth, self, args, kwds)
                            : _PyObject_Call(tstate, meth, args, kwds);
    Py_DECREF(meth);
    return res;
}

/* __getattribute__ without __getattr__. */
PyObject *
_Py_slot_tp_getattro(PyObject *self, PyObject *name)
{
    PyObject *stack[2] = {self, name};
    return call_method(&_Py_ID(__getattribute__), stack, 2);
}

static PyObject *
call_attribute(PyObject *self, PyObject *attr, PyObject *name)
{
    descrgetfunc f = Py_TYPE(attr)->tp_descr_get;
    if (f == NULL) {
        return PyObject_CallOneArg(attr, name);
    }
    if (_PyType_HasFeature(Py_TYPE(attr), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        PyObject *stack[2] = {self, name};
        return PyObject_Vectorcall(attr, stack, 2, NULL);
    }
    PyObject *bound = f(attr, self, (PyObject *)Py_TYPE(self));
    if (bound == NULL) {
        return NULL;
    }
    PyObject *res = PyObject_CallOneArg(bound, name);
    Py_DECREF(bound);
    return res;
}

/* Both: __getattr__ is asked for what __getattribute__ did not find.  Where __getattribute__ is
 * object's the slower way is not taken; where __getattr__ is missing, the slot is set anew
 * (only the type's own __getattribute__ calls then). */
PyObject *
_Py_slot_tp_getattr_hook(PyObject *self, PyObject *name)
{
    PyTypeObject *tp = Py_TYPE(self);
    PyObject *getattr = _PyType_Lookup(tp, &_Py_ID(__getattr__));
    if (getattr == NULL) {
        tp->tp_getattro = _Py_slot_tp_getattro;
        return _Py_slot_tp_getattro(self, name);
    }
    Py_INCREF(getattr);
    PyObject *res;
    PyObject *getattribute = _PyType_Lookup(tp, &_Py_ID(__getattribute__));
    if (getattribute == NULL ||
        (Py_IS_TYPE(getattribute, &PyWrapperDescr_Type) &&
         ((PyWrapperDescrObject *)getattribute)->d_wrapped == (void *)PyObject_GenericGetAttr))
    {
        res = _PyObject_GenericGetAttrWithDict(self, name, NULL, 1);
        if (res == NULL && !PyErr_Occurred()) {
            res = call_attribute(self, getattr, name);
        }
    }
    else {
        Py_INCREF(getattribute);
        res = call_attribute(self, getattribute, name);
        Py_DECREF(getattribute);
        if (res == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear();
            res = call_attribute(self, getattr, name);
        }
    }
    Py_DECREF(getattr);
    return res;
}

int
_PyType_slot_tp_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    PyObject *stack[3] = {self, name, value};
    PyObject *res = value == NULL ? call_method(&_Py_ID(__delattr__), stack, 2)
                                  : call_method(&_Py_ID(__setattr__), stack, 3);
    if (res == NULL) {
        return -1;
    }
    Py_DECREF(res);
    return 0;
}

PyObject *
_PyType_slot_tp_richcompare(PyObject *self, PyObject *other, int op)
{
    /* ORDER RICHCOMPARE */
    PyObject *const names[6] = {
        &_Py_ID(__lt__), &_Py_ID(__le__), &_Py_ID(__eq__),
        &_Py_ID(__ne__), &_Py_ID(__gt__), &_Py_ID(__ge__),
    };
    PyObject *stack[2] = {self, other};
    int unbound;
    PyObject *func = lookup_maybe(self, names[op], &unbound);
    if (func == NULL) {
        PyErr_Clear();
        Py_RETURN_NOTIMPLEMENTED;
    }
    return call_found(func, unbound, stack, 2);
}

PyObject *
_PyType_slot_tp_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyTypeObject *tp = Py_TYPE(self);
    PyObject *get = _PyType_Lookup(tp, &_Py_ID(__get__));
    if (get == NULL) {
        /* The method went away: no descriptor any more. */
        if (tp->tp_descr_get == _PyType_slot_tp_descr_get) {
            tp->tp_descr_get = NULL;
        }
        return Py_NewRef(self);
    }
    PyObject *stack[3] = {self, obj == NULL ? Py_None : obj, type == NULL ? Py_None : type};
    Py_INCREF(get);
    PyObject *res = PyObject_Vectorcall(get, stack, 3, NULL);
    Py_DECREF(get);
    return res;
}

int
_PyType_slot_tp_descr_set(PyObject *self, PyObject *target, PyObject *value)
{
    PyObject *stack[3] = {self, target, value};
    PyObject *res = value == NULL ? call_method(&_Py_ID(__delete__), stack, 2)
                                  : call_method(&_Py_ID(__set__), stack, 3);
    if (res == NULL) {
        return -1;
    }
    Py_DECREF(res);
    return 0;
}

int
_PyType_slot_tp_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int unbound;
    PyObject *meth = lookup_maybe(self, &_Py_ID(__init__), &unbound);
    if (meth == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetObject(PyExc_AttributeError, &_Py_ID(__init__));
        }
        return -1;
    }
    PyObject *res = unbound ? _PyObject_Call_Prepend(tstate, meth, self, args, kwds)
                            : _PyObject_Call(tstate, meth, args, kwds);
    Py_DECREF(meth);
    if (res == NULL) {
        return -1;
    }
    if (res != Py_None) {
        PyErr_Format(PyExc_TypeError, "__init__() should return None, not '%.200s'",
                     Py_TYPE(res)->tp_name);
        Py_DECREF(res);
        return -1;
    }
    return 0;
}

PyObject *
_PyType_SlotNew(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *func = PyObject_GetAttr((PyObject *)type, &_Py_ID(__new__));
    if (func == NULL) {
        return NULL;
    }
    PyObject *result = _PyObject_Call_Prepend(tstate, func, (PyObject *)type, args, kwds);
    Py_DECREF(func);
    return result;
}

/* Runs __del__; what it raises can only be reported. */
void
_PyType_slot_tp_finalize(PyObject *self)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    int unbound;
    PyObject *del = lookup_maybe(self, &_Py_ID(__del__), &unbound);
    if (del != NULL) {
        Py_INCREF(del);     /* for the report */
        PyObject *res = call_found(del, unbound, &self, 1);
        if (res == NULL) {
            PyErr_WriteUnraisable(del);
        }
        else {
            Py_DECREF(res);
        }
        Py_DECREF(del);
    }
    _PyErr_SetRaisedException(tstate, exc);
}

/* ---------------------------------------------------------------------- buffers (PEP 688) */

/* Calls self.__release_buffer__(mv); what it raises is unraisable.  No exception may be set. */
static void
call_release_buffer(PyObject *self, PyObject *mv)
{
    int unbound;
    assert(PyMemoryView_Check(mv) && !PyErr_Occurred());
    PyObject *func = lookup_maybe(self, &_Py_ID(__release_buffer__), &unbound);
    if (func != NULL) {
        PyObject *stack[2] = {self, mv};
        PyObject *res = call_found(func, unbound, stack, 2);
        Py_XDECREF(res);
    }
    if (PyErr_Occurred()) {
        PyErr_WriteUnraisable(self);
    }
}

/* What view->obj of a buffer from __buffer__() is: keeps the memoryview that the method gave, and
 * knows the object, whose __release_buffer__() gets that memoryview when the buffer is released. */
typedef struct {
    PyObject_HEAD
    PyObject *mv;       /* memoryview */
    PyObject *obj;      /* the object with the methods */
} buffer_wrapper;

static int
bufferwrapper_traverse(PyObject *self, visitproc visit, void *arg)
{
    buffer_wrapper *bw = (buffer_wrapper *)self;
    Py_VISIT(bw->mv);
    Py_VISIT(bw->obj);
    return 0;
}

static void
bufferwrapper_dealloc(PyObject *self)
{
    buffer_wrapper *bw = (buffer_wrapper *)self;
    _PyObject_GC_UNTRACK(self);
    Py_XDECREF(bw->mv);
    Py_XDECREF(bw->obj);
    Py_TYPE(self)->tp_free(self);
}

static void
bufferwrapper_releasebuf(PyObject *self, Py_buffer *view)
{
    buffer_wrapper *bw = (buffer_wrapper *)self;
    if (bw->mv == NULL || bw->obj == NULL) {
        return;     /* released already */
    }
    PyObject *mv = bw->mv;
    PyObject *obj = bw->obj;
    bw->mv = NULL;
    bw->obj = NULL;
    PyObject *exc = PyErr_GetRaisedException();
    /* The buffer is one of the memoryview's: give it back, so that the method may release that. */
    PyMemoryView_Type.tp_as_buffer->bf_releasebuffer(mv, view);
    PyBufferProcs *procs = Py_TYPE(obj)->tp_as_buffer;
    if (((PyMemoryViewObject *)mv)->view.obj != obj && procs != NULL &&
        procs->bf_releasebuffer == _PyType_slot_bf_releasebuffer)
    {
        call_release_buffer(obj, mv);
    }
    /* Else it is the object's own memory by a C base, which the end of the memoryview releases; or
       other memory, of which the C base's function knows nothing. */
    Py_DECREF(mv);
    Py_DECREF(obj);
    PyErr_SetRaisedException(exc);
}

static _Py_SHARED PyBufferProcs bufferwrapper_as_buffer = {
    .bf_releasebuffer = bufferwrapper_releasebuf,
};

_Py_SHARED PyTypeObject _PyBufferWrapper_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_buffer_wrapper",
    .tp_basicsize = sizeof(buffer_wrapper),
    .tp_alloc = PyType_GenericAlloc,
    .tp_free = PyObject_GC_Del,
    .tp_traverse = bufferwrapper_traverse,
    .tp_dealloc = bufferwrapper_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_as_buffer = &bufferwrapper_as_buffer,
};

int
_PyType_slot_bf_getbuffer(PyObject *self, Py_buffer *buffer, int flags)
{
    PyObject *flags_obj = PyLong_FromLong(flags);
    if (flags_obj == NULL) {
        return -1;
    }
    buffer_wrapper *wrapper = NULL;
    PyObject *stack[2] = {self, flags_obj};
    PyObject *ret = call_method(&_Py_ID(__buffer__), stack, 2);
    Py_DECREF(flags_obj);
    if (ret == NULL) {
        return -1;
    }
    if (!PyMemoryView_Check(ret)) {
        PyErr_Format(PyExc_TypeError, "__buffer__ returned non-memoryview object");
        goto fail;
    }
    if (PyObject_GetBuffer(ret, buffer, flags) < 0) {
        goto fail;
    }
    assert(buffer->obj == ret);
    wrapper = PyObject_GC_New(buffer_wrapper, &_PyBufferWrapper_Type);
    if (wrapper == NULL) {
        PyBuffer_Release(buffer);
        goto fail;
    }
    wrapper->mv = ret;
    wrapper->obj = Py_NewRef(self);
    _PyObject_GC_TRACK((PyObject *)wrapper);
    buffer->obj = (PyObject *)wrapper;
    Py_DECREF(ret);     /* the reference that buffer->obj was */
    return 0;
fail:
    Py_DECREF(ret);
    return -1;
}

/* The bf_releasebuffer of the C base that exports the memory, or NULL. */
static releasebufferproc
releasebuffer_of_base(PyTypeObject *type)
{
    PyObject *mro = type->tp_mro;
    for (Py_ssize_t i = 1; mro != NULL && i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        if (base->tp_as_buffer != NULL && base->tp_as_buffer->bf_releasebuffer != NULL &&
            base->tp_as_buffer->bf_releasebuffer != _PyType_slot_bf_releasebuffer)
        {
            return base->tp_as_buffer->bf_releasebuffer;
        }
    }
    return NULL;
}

void
_PyType_slot_bf_releasebuffer(PyObject *self, Py_buffer *buffer)
{
    PyObject *exc = PyErr_GetRaisedException();
    /* The method gets a view of the same memory that does not own it and must not outlive it. */
    PyObject *mv = PyMemoryView_FromBuffer(buffer);
    PyObject *released = NULL;
    if (mv != NULL) {
        ((PyMemoryViewObject *)mv)->flags |= _Py_MEMORYVIEW_RESTRICTED;
        call_release_buffer(self, mv);
        released = PyObject_CallMethodNoArgs(mv, &_Py_ID(release));
        Py_DECREF(mv);
    }
    if (released == NULL) {
        PyErr_WriteUnraisable(self);
    }
    Py_XDECREF(released);
    /* A buffer of the C base's own goes back to it. */
    releasebufferproc base_release = releasebuffer_of_base(Py_TYPE(self));
    if (base_release != NULL) {
        base_release(self, buffer);
    }
    PyErr_SetRaisedException(exc);
}
