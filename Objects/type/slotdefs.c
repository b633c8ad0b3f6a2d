/* slotdefs.c - special methods and slots: the table that ties them together, the functions behind
 * slot wrappers (what `int.__add__` calls), and how the slots of a class follow its attributes.
 *
 * How a slot is set (resolve_slot): each of its rows is looked up along the MRO.
 *   - a slot wrapper of the same method: the C function that it wraps, if all rows agree;
 *   - anything else that is found: the function that calls Python code (`function` of the row);
 *   - nothing found: the slot is empty.
 *
 * The table is constant and sorted by suite; mapping comes before sequence, so that for names with
 * rows in both (__len__, __getitem__, ...) the wrapper is made for the mapping's slot.
 * Written from the data model chapter ("Special method names"), the C API reference ("Type
 * Objects", with its table of slots and special methods), PEP 252/253, PEP 688 and observed
 * docstrings and messages.
 */
#include "Python.h"
#include "pycore_memoryobject.h" // _PyMemoryView_FromBufferProc()
#include "pycore_object.h"      // _PyObject_NextNotImplemented()
#include "pycore_strings.h"     // _Py_ID()
#include "slots.h"
#include "type.h"

/* ---------------------------------------------------------------------- wrapper functions */

/* Exactly n positional arguments: 1, or 0 with TypeError. */
static int
check_num_args(PyObject *ob, Py_ssize_t n)
{
    if (!PyTuple_CheckExact(ob)) {
        PyErr_SetString(PyExc_SystemError, "PyArg_UnpackTuple() argument list is not a tuple");
        return 0;
    }
    if (n == PyTuple_GET_SIZE(ob)) {
        return 1;
    }
    PyErr_Format(PyExc_TypeError, "expected %zd argument%s, got %zd", n, n == 1 ? "" : "s",
                 PyTuple_GET_SIZE(ob));
    return 0;
}

/* None as the value of a slot that returns 0 or -1. */
static PyObject *
none_or_error(int res)
{
    if (res < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
wrap_lenfunc(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 0)) {
        return NULL;
    }
    Py_ssize_t res = ((lenfunc)wrapped)(self);
    if (res < 0 && PyErr_Occurred()) {
        return NULL;
    }
    return PyLong_FromSsize_t(res);
}

static PyObject *
wrap_inquirypred(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 0)) {
        return NULL;
    }
    int res = ((inquiry)wrapped)(self);
    if (res == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return PyBool_FromLong(res);
}

static PyObject *
wrap_binaryfunc(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    return ((binaryfunc)wrapped)(self, PyTuple_GET_ITEM(args, 0));
}

static PyObject *
wrap_binaryfunc_l(PyObject *self, PyObject *args, void *wrapped)
{
    return wrap_binaryfunc(self, args, wrapped);
}

static PyObject *
wrap_binaryfunc_r(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    return ((binaryfunc)wrapped)(PyTuple_GET_ITEM(args, 0), self);
}

static PyObject *
wrap_ternaryfunc(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *other, *third = Py_None;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &other, &third)) {
        return NULL;
    }
    return ((ternaryfunc)wrapped)(self, other, third);
}

static PyObject *
wrap_ternaryfunc_r(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *other, *third = Py_None;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &other, &third)) {
        return NULL;
    }
    return ((ternaryfunc)wrapped)(other, self, third);
}

static PyObject *
wrap_unaryfunc(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 0)) {
        return NULL;
    }
    return ((unaryfunc)wrapped)(self);
}

static PyObject *
wrap_indexargfunc(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *arg;
    if (!PyArg_UnpackTuple(args, "", 1, 1, &arg)) {
        return NULL;
    }
    Py_ssize_t i = PyNumber_AsSsize_t(arg, PyExc_OverflowError);
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return ((ssizeargfunc)wrapped)(self, i);
}

/* Index of a sequence: negative ones count from the end. */
static Py_ssize_t
getindex(PyObject *self, PyObject *arg)
{
    Py_ssize_t i = PyNumber_AsSsize_t(arg, PyExc_OverflowError);
    if (i == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (i < 0) {
        PySequenceMethods *sq = Py_TYPE(self)->tp_as_sequence;
        if (sq != NULL && sq->sq_length != NULL) {
            Py_ssize_t n = (*sq->sq_length)(self);
            if (n < 0) {
                return -1;
            }
            i += n;
        }
    }
    return i;
}

static PyObject *
wrap_sq_item(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    Py_ssize_t i = getindex(self, PyTuple_GET_ITEM(args, 0));
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return ((ssizeargfunc)wrapped)(self, i);
}

static PyObject *
wrap_sq_setitem(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *arg, *value;
    if (!PyArg_UnpackTuple(args, "", 2, 2, &arg, &value)) {
        return NULL;
    }
    Py_ssize_t i = getindex(self, arg);
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return none_or_error(((ssizeobjargproc)wrapped)(self, i, value));
}

static PyObject *
wrap_sq_delitem(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    Py_ssize_t i = getindex(self, PyTuple_GET_ITEM(args, 0));
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return none_or_error(((ssizeobjargproc)wrapped)(self, i, NULL));
}

static PyObject *
wrap_objobjproc(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    int res = ((objobjproc)wrapped)(self, PyTuple_GET_ITEM(args, 0));
    if (res == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return PyBool_FromLong(res);
}

static PyObject *
wrap_objobjargproc(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *key, *value;
    if (!PyArg_UnpackTuple(args, "", 2, 2, &key, &value)) {
        return NULL;
    }
    return none_or_error(((objobjargproc)wrapped)(self, key, value));
}

static PyObject *
wrap_delitem(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    return none_or_error(((objobjargproc)wrapped)(self, PyTuple_GET_ITEM(args, 0), NULL));
}

/* object.__setattr__(instance of a class whose C base has its own setattr) would get around that
 * one: refused.  1 if the call is fine. */
static int
check_setattr_safe(PyObject *self, setattrofunc func, const char *what)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *mro = type->tp_mro;
    if (mro == NULL) {
        return 1;
    }
    /* The class that defines `func`: the last one of the MRO that has it. */
    PyTypeObject *defining = type;
    for (Py_ssize_t i = PyTuple_GET_SIZE(mro) - 1; i >= 0; i--) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        if (base->tp_setattro == func) {
            defining = base;
            break;
        }
    }
    for (PyTypeObject *base = type; base != NULL && base != defining; base = base->tp_base) {
        if (base->tp_setattro == func) {
            break;
        }
        if (base->tp_setattro != _PyType_slot_tp_setattro) {
            PyErr_Format(PyExc_TypeError, "can't apply this %s to %s object", what,
                         type->tp_name);
            return 0;
        }
    }
    return 1;
}

static PyObject *
wrap_setattr(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *name, *value;
    if (!PyArg_UnpackTuple(args, "", 2, 2, &name, &value)) {
        return NULL;
    }
    setattrofunc func = (setattrofunc)wrapped;
    if (!check_setattr_safe(self, func, "__setattr__")) {
        return NULL;
    }
    return none_or_error(func(self, name, value));
}

static PyObject *
wrap_delattr(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    setattrofunc func = (setattrofunc)wrapped;
    if (!check_setattr_safe(self, func, "__delattr__")) {
        return NULL;
    }
    return none_or_error(func(self, PyTuple_GET_ITEM(args, 0), NULL));
}

static PyObject *
wrap_hashfunc(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 0)) {
        return NULL;
    }
    Py_hash_t res = ((hashfunc)wrapped)(self);
    if (res == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return PyLong_FromSsize_t(res);
}

static PyObject *
wrap_call_kw(PyObject *self, PyObject *args, void *wrapped, PyObject *kwds)
{
    return ((ternaryfunc)wrapped)(self, args, kwds);
}
#define wrap_call ((wrapperfunc)(void (*)(void))wrap_call_kw)

static PyObject *
wrap_del(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 0)) {
        return NULL;
    }
    ((destructor)wrapped)(self);
    Py_RETURN_NONE;
}

#define WRAP_RICHCMP(NAME, OP)                                          \
    static PyObject *                                                   \
    wrap_richcmp_##NAME(PyObject *self, PyObject *args, void *wrapped)  \
    {                                                                   \
        if (!check_num_args(args, 1)) {                                 \
            return NULL;                                                \
        }                                                               \
        return ((richcmpfunc)wrapped)(self, PyTuple_GET_ITEM(args, 0), OP); \
    }
WRAP_RICHCMP(lt, Py_LT)
WRAP_RICHCMP(le, Py_LE)
WRAP_RICHCMP(eq, Py_EQ)
WRAP_RICHCMP(ne, Py_NE)
WRAP_RICHCMP(gt, Py_GT)
WRAP_RICHCMP(ge, Py_GE)

static PyObject *
wrap_next(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 0)) {
        return NULL;
    }
    PyObject *res = ((unaryfunc)wrapped)(self);
    if (res == NULL && !PyErr_Occurred()) {
        PyErr_SetNone(PyExc_StopIteration);
    }
    return res;
}

static PyObject *
wrap_descr_get(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *obj, *type = NULL;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &obj, &type)) {
        return NULL;
    }
    if (obj == Py_None) {
        obj = NULL;
    }
    if (type == Py_None) {
        type = NULL;
    }
    if (type == NULL && obj == NULL) {
        PyErr_SetString(PyExc_TypeError, "__get__(None, None) is invalid");
        return NULL;
    }
    return ((descrgetfunc)wrapped)(self, obj, type);
}

static PyObject *
wrap_descr_set(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *obj, *value;
    if (!PyArg_UnpackTuple(args, "", 2, 2, &obj, &value)) {
        return NULL;
    }
    return none_or_error(((descrsetfunc)wrapped)(self, obj, value));
}

static PyObject *
wrap_descr_delete(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_num_args(args, 1)) {
        return NULL;
    }
    return none_or_error(((descrsetfunc)wrapped)(self, PyTuple_GET_ITEM(args, 0), NULL));
}

static PyObject *
wrap_init_kw(PyObject *self, PyObject *args, void *wrapped, PyObject *kwds)
{
    return none_or_error(((initproc)wrapped)(self, args, kwds));
}
#define wrap_init ((wrapperfunc)(void (*)(void))wrap_init_kw)

/* object.__buffer__(flags): a memoryview. */
static PyObject *
wrap_buffer(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *arg;
    if (!PyArg_UnpackTuple(args, "", 1, 1, &arg)) {
        return NULL;
    }
    Py_ssize_t flags = PyNumber_AsSsize_t(arg, PyExc_OverflowError);
    if (flags == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (flags > INT_MAX || flags < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "buffer flags out of range");
        return NULL;
    }
    return _PyMemoryView_FromBufferProc(self, (int)flags, (getbufferproc)wrapped);
}

static PyObject *
wrap_releasebuffer(PyObject *self, PyObject *args, void *Py_UNUSED(wrapped))
{
    PyObject *arg;
    if (!PyArg_UnpackTuple(args, "", 1, 1, &arg)) {
        return NULL;
    }
    if (!PyMemoryView_Check(arg)) {
        PyErr_SetString(PyExc_TypeError, "expected a memoryview object");
        return NULL;
    }
    PyMemoryViewObject *mview = (PyMemoryViewObject *)arg;
    if (mview->view.obj == NULL) {
        Py_RETURN_NONE;     /* released already */
    }
    if (mview->view.obj != self) {
        PyErr_SetString(PyExc_ValueError, "memoryview's buffer is not this object");
        return NULL;
    }
    if (mview->flags & _Py_MEMORYVIEW_RELEASED) {
        PyErr_SetString(PyExc_ValueError, "memoryview's buffer has already been released");
        return NULL;
    }
    return PyObject_CallMethodNoArgs(arg, &_Py_ID(release));
}

/* ----------------------------------------------------------------------------- the table */

#define TYPE(SLOT) offsetof(PyTypeObject, SLOT)
#define HEAP(SLOT) offsetof(PyHeapTypeObject, SLOT)
#define F(FUNCTION) ((void *)(FUNCTION))
#define S(SLOT) ((void *)_PyType_slot_##SLOT)
#define ID(NAME) _Py_ID_ADDRESS(NAME)

_Py_ID_DECLARE(__abs__);
_Py_ID_DECLARE(__add__);
_Py_ID_DECLARE(__aiter__);
_Py_ID_DECLARE(__and__);
_Py_ID_DECLARE(__anext__);
_Py_ID_DECLARE(__await__);
_Py_ID_DECLARE(__bool__);
_Py_ID_DECLARE(__buffer__);
_Py_ID_DECLARE(__call__);
_Py_ID_DECLARE(__contains__);
_Py_ID_DECLARE(__del__);
_Py_ID_DECLARE(__delattr__);
_Py_ID_DECLARE(__delete__);
_Py_ID_DECLARE(__delitem__);
_Py_ID_DECLARE(__divmod__);
_Py_ID_DECLARE(__eq__);
_Py_ID_DECLARE(__float__);
_Py_ID_DECLARE(__floordiv__);
_Py_ID_DECLARE(__ge__);
_Py_ID_DECLARE(__get__);
_Py_ID_DECLARE(__getattr__);
_Py_ID_DECLARE(__getattribute__);
_Py_ID_DECLARE(__getitem__);
_Py_ID_DECLARE(__gt__);
_Py_ID_DECLARE(__hash__);
_Py_ID_DECLARE(__iadd__);
_Py_ID_DECLARE(__iand__);
_Py_ID_DECLARE(__ifloordiv__);
_Py_ID_DECLARE(__ilshift__);
_Py_ID_DECLARE(__imatmul__);
_Py_ID_DECLARE(__imod__);
_Py_ID_DECLARE(__imul__);
_Py_ID_DECLARE(__index__);
_Py_ID_DECLARE(__init__);
_Py_ID_DECLARE(__int__);
_Py_ID_DECLARE(__invert__);
_Py_ID_DECLARE(__ior__);
_Py_ID_DECLARE(__ipow__);
_Py_ID_DECLARE(__irshift__);
_Py_ID_DECLARE(__isub__);
_Py_ID_DECLARE(__iter__);
_Py_ID_DECLARE(__itruediv__);
_Py_ID_DECLARE(__ixor__);
_Py_ID_DECLARE(__le__);
_Py_ID_DECLARE(__len__);
_Py_ID_DECLARE(__lshift__);
_Py_ID_DECLARE(__lt__);
_Py_ID_DECLARE(__matmul__);
_Py_ID_DECLARE(__mod__);
_Py_ID_DECLARE(__mul__);
_Py_ID_DECLARE(__ne__);
_Py_ID_DECLARE(__neg__);
_Py_ID_DECLARE(__new__);
_Py_ID_DECLARE(__next__);
_Py_ID_DECLARE(__or__);
_Py_ID_DECLARE(__pos__);
_Py_ID_DECLARE(__pow__);
_Py_ID_DECLARE(__radd__);
_Py_ID_DECLARE(__rand__);
_Py_ID_DECLARE(__rdivmod__);
_Py_ID_DECLARE(__release_buffer__);
_Py_ID_DECLARE(__repr__);
_Py_ID_DECLARE(__rfloordiv__);
_Py_ID_DECLARE(__rlshift__);
_Py_ID_DECLARE(__rmatmul__);
_Py_ID_DECLARE(__rmod__);
_Py_ID_DECLARE(__rmul__);
_Py_ID_DECLARE(__ror__);
_Py_ID_DECLARE(__rpow__);
_Py_ID_DECLARE(__rrshift__);
_Py_ID_DECLARE(__rshift__);
_Py_ID_DECLARE(__rsub__);
_Py_ID_DECLARE(__rtruediv__);
_Py_ID_DECLARE(__rxor__);
_Py_ID_DECLARE(__set__);
_Py_ID_DECLARE(__setattr__);
_Py_ID_DECLARE(__setitem__);
_Py_ID_DECLARE(__str__);
_Py_ID_DECLARE(__sub__);
_Py_ID_DECLARE(__truediv__);
_Py_ID_DECLARE(__xor__);

const struct wrapperbase _PyType_SlotRows[] = {
    {"__getattribute__", TYPE(tp_getattro), F(_Py_slot_tp_getattr_hook), wrap_binaryfunc,
     "__getattribute__($self, name, /)\n--\n\n"
     "Return getattr(self, name).",
     0, ID(__getattribute__)},
    {"__getattr__", TYPE(tp_getattro), F(_Py_slot_tp_getattr_hook), NULL,
     NULL, 0, ID(__getattr__)},
    {"__setattr__", TYPE(tp_setattro), S(tp_setattro), wrap_setattr,
     "__setattr__($self, name, value, /)\n--\n\n"
     "Implement setattr(self, name, value).",
     0, ID(__setattr__)},
    {"__delattr__", TYPE(tp_setattro), S(tp_setattro), wrap_delattr,
     "__delattr__($self, name, /)\n--\n\nImplement delattr(self, name).", 0, ID(__delattr__)},
    {"__repr__", TYPE(tp_repr), S(tp_repr), wrap_unaryfunc,
     "__repr__($self, /)\n--\n\nReturn repr(self).", 0, ID(__repr__)},
    {"__hash__", TYPE(tp_hash), S(tp_hash), wrap_hashfunc,
     "__hash__($self, /)\n--\n\nReturn hash(self).", 0, ID(__hash__)},
    {"__call__", TYPE(tp_call), S(tp_call), wrap_call,
     "__call__($self, /, *args, **kwargs)\n--\n\n"
     "Call self as a function.",
     PyWrapperFlag_KEYWORDS, ID(__call__)},
    {"__str__", TYPE(tp_str), S(tp_str), wrap_unaryfunc,
     "__str__($self, /)\n--\n\nReturn str(self).", 0, ID(__str__)},
    {"__lt__", TYPE(tp_richcompare), S(tp_richcompare), wrap_richcmp_lt,
     "__lt__($self, value, /)\n--\n\nReturn self<value.", 0, ID(__lt__)},
    {"__le__", TYPE(tp_richcompare), S(tp_richcompare), wrap_richcmp_le,
     "__le__($self, value, /)\n--\n\nReturn self<=value.", 0, ID(__le__)},
    {"__eq__", TYPE(tp_richcompare), S(tp_richcompare), wrap_richcmp_eq,
     "__eq__($self, value, /)\n--\n\nReturn self==value.", 0, ID(__eq__)},
    {"__ne__", TYPE(tp_richcompare), S(tp_richcompare), wrap_richcmp_ne,
     "__ne__($self, value, /)\n--\n\nReturn self!=value.", 0, ID(__ne__)},
    {"__gt__", TYPE(tp_richcompare), S(tp_richcompare), wrap_richcmp_gt,
     "__gt__($self, value, /)\n--\n\nReturn self>value.", 0, ID(__gt__)},
    {"__ge__", TYPE(tp_richcompare), S(tp_richcompare), wrap_richcmp_ge,
     "__ge__($self, value, /)\n--\n\nReturn self>=value.", 0, ID(__ge__)},
    {"__iter__", TYPE(tp_iter), S(tp_iter), wrap_unaryfunc,
     "__iter__($self, /)\n--\n\nImplement iter(self).", 0, ID(__iter__)},
    {"__next__", TYPE(tp_iternext), S(tp_iternext), wrap_next,
     "__next__($self, /)\n--\n\nImplement next(self).", 0, ID(__next__)},
    {"__get__", TYPE(tp_descr_get), S(tp_descr_get), wrap_descr_get,
     "__get__($self, instance, owner=None, /)\n--\n\n"
     "Return an attribute of instance, which is of type owner.",
     0, ID(__get__)},
    {"__set__", TYPE(tp_descr_set), S(tp_descr_set), wrap_descr_set,
     "__set__($self, instance, value, /)\n--\n\n"
     "Set an attribute of instance to value.",
     0, ID(__set__)},
    {"__delete__", TYPE(tp_descr_set), S(tp_descr_set), wrap_descr_delete,
     "__delete__($self, instance, /)\n--\n\nDelete an attribute of instance.", 0, ID(__delete__)},
    {"__init__", TYPE(tp_init), S(tp_init), wrap_init,
     "__init__($self, /, *args, **kwargs)\n--\n\n"
     "Initialize self.  See help(type(self)) for accurate signature.",
     PyWrapperFlag_KEYWORDS, ID(__init__)},
    {"__new__", TYPE(tp_new), F(_PyType_SlotNew), NULL,
     "__new__(type, /, *args, **kwargs)\n--\n\n"
     "Create and return new object.  See help(type) for accurate signature.",
     0, ID(__new__)},
    {"__del__", TYPE(tp_finalize), S(tp_finalize), wrap_del,
     "", 0, ID(__del__)},
    {"__await__", HEAP(as_async.am_await), S(am_await), wrap_unaryfunc,
     "__await__($self, /)\n--\n\n"
     "Return an iterator to be used in await expression.",
     0, ID(__await__)},
    {"__aiter__", HEAP(as_async.am_aiter), S(am_aiter), wrap_unaryfunc,
     "__aiter__($self, /)\n--\n\n"
     "Return an awaitable, that resolves in asynchronous iterator.",
     0, ID(__aiter__)},
    {"__anext__", HEAP(as_async.am_anext), S(am_anext), wrap_unaryfunc,
     "__anext__($self, /)\n--\n\nReturn a value or raise StopAsyncIteration.", 0, ID(__anext__)},
    {"__add__", HEAP(as_number.nb_add), S(nb_add), wrap_binaryfunc_l,
     "__add__($self, value, /)\n--\n\nReturn self+value.", 0, ID(__add__)},
    {"__radd__", HEAP(as_number.nb_add), S(nb_add), wrap_binaryfunc_r,
     "__radd__($self, value, /)\n--\n\nReturn value+self.", 0, ID(__radd__)},
    {"__sub__", HEAP(as_number.nb_subtract), S(nb_subtract), wrap_binaryfunc_l,
     "__sub__($self, value, /)\n--\n\nReturn self-value.", 0, ID(__sub__)},
    {"__rsub__", HEAP(as_number.nb_subtract), S(nb_subtract), wrap_binaryfunc_r,
     "__rsub__($self, value, /)\n--\n\nReturn value-self.", 0, ID(__rsub__)},
    {"__mul__", HEAP(as_number.nb_multiply), S(nb_multiply), wrap_binaryfunc_l,
     "__mul__($self, value, /)\n--\n\nReturn self*value.", 0, ID(__mul__)},
    {"__rmul__", HEAP(as_number.nb_multiply), S(nb_multiply), wrap_binaryfunc_r,
     "__rmul__($self, value, /)\n--\n\nReturn value*self.", 0, ID(__rmul__)},
    {"__mod__", HEAP(as_number.nb_remainder), S(nb_remainder), wrap_binaryfunc_l,
     "__mod__($self, value, /)\n--\n\nReturn self%value.", 0, ID(__mod__)},
    {"__rmod__", HEAP(as_number.nb_remainder), S(nb_remainder), wrap_binaryfunc_r,
     "__rmod__($self, value, /)\n--\n\nReturn value%self.", 0, ID(__rmod__)},
    {"__divmod__", HEAP(as_number.nb_divmod), S(nb_divmod), wrap_binaryfunc_l,
     "__divmod__($self, value, /)\n--\n\nReturn divmod(self, value).", 0, ID(__divmod__)},
    {"__rdivmod__", HEAP(as_number.nb_divmod), S(nb_divmod), wrap_binaryfunc_r,
     "__rdivmod__($self, value, /)\n--\n\nReturn divmod(value, self).", 0, ID(__rdivmod__)},
    {"__pow__", HEAP(as_number.nb_power), S(nb_power), wrap_ternaryfunc,
     "__pow__($self, value, mod=None, /)\n--\n\nReturn pow(self, value, mod).", 0, ID(__pow__)},
    {"__rpow__", HEAP(as_number.nb_power), S(nb_power), wrap_ternaryfunc_r,
     "__rpow__($self, value, mod=None, /)\n--\n\nReturn pow(value, self, mod).", 0, ID(__rpow__)},
    {"__neg__", HEAP(as_number.nb_negative), S(nb_negative), wrap_unaryfunc,
     "__neg__($self, /)\n--\n\n-self", 0, ID(__neg__)},
    {"__pos__", HEAP(as_number.nb_positive), S(nb_positive), wrap_unaryfunc,
     "__pos__($self, /)\n--\n\n+self", 0, ID(__pos__)},
    {"__abs__", HEAP(as_number.nb_absolute), S(nb_absolute), wrap_unaryfunc,
     "__abs__($self, /)\n--\n\nabs(self)", 0, ID(__abs__)},
    {"__bool__", HEAP(as_number.nb_bool), S(nb_bool), wrap_inquirypred,
     "__bool__($self, /)\n--\n\nTrue if self else False", 0, ID(__bool__)},
    {"__invert__", HEAP(as_number.nb_invert), S(nb_invert), wrap_unaryfunc,
     "__invert__($self, /)\n--\n\n~self", 0, ID(__invert__)},
    {"__lshift__", HEAP(as_number.nb_lshift), S(nb_lshift), wrap_binaryfunc_l,
     "__lshift__($self, value, /)\n--\n\nReturn self<<value.", 0, ID(__lshift__)},
    {"__rlshift__", HEAP(as_number.nb_lshift), S(nb_lshift), wrap_binaryfunc_r,
     "__rlshift__($self, value, /)\n--\n\nReturn value<<self.", 0, ID(__rlshift__)},
    {"__rshift__", HEAP(as_number.nb_rshift), S(nb_rshift), wrap_binaryfunc_l,
     "__rshift__($self, value, /)\n--\n\nReturn self>>value.", 0, ID(__rshift__)},
    {"__rrshift__", HEAP(as_number.nb_rshift), S(nb_rshift), wrap_binaryfunc_r,
     "__rrshift__($self, value, /)\n--\n\nReturn value>>self.", 0, ID(__rrshift__)},
    {"__and__", HEAP(as_number.nb_and), S(nb_and), wrap_binaryfunc_l,
     "__and__($self, value, /)\n--\n\nReturn self&value.", 0, ID(__and__)},
    {"__rand__", HEAP(as_number.nb_and), S(nb_and), wrap_binaryfunc_r,
     "__rand__($self, value, /)\n--\n\nReturn value&self.", 0, ID(__rand__)},
    {"__xor__", HEAP(as_number.nb_xor), S(nb_xor), wrap_binaryfunc_l,
     "__xor__($self, value, /)\n--\n\nReturn self^value.", 0, ID(__xor__)},
    {"__rxor__", HEAP(as_number.nb_xor), S(nb_xor), wrap_binaryfunc_r,
     "__rxor__($self, value, /)\n--\n\nReturn value^self.", 0, ID(__rxor__)},
    {"__or__", HEAP(as_number.nb_or), S(nb_or), wrap_binaryfunc_l,
     "__or__($self, value, /)\n--\n\nReturn self|value.", 0, ID(__or__)},
    {"__ror__", HEAP(as_number.nb_or), S(nb_or), wrap_binaryfunc_r,
     "__ror__($self, value, /)\n--\n\nReturn value|self.", 0, ID(__ror__)},
    {"__int__", HEAP(as_number.nb_int), S(nb_int), wrap_unaryfunc,
     "__int__($self, /)\n--\n\nint(self)", 0, ID(__int__)},
    {"__float__", HEAP(as_number.nb_float), S(nb_float), wrap_unaryfunc,
     "__float__($self, /)\n--\n\nfloat(self)", 0, ID(__float__)},
    {"__iadd__", HEAP(as_number.nb_inplace_add), S(nb_inplace_add), wrap_binaryfunc,
     "__iadd__($self, value, /)\n--\n\nReturn self+=value.", 0, ID(__iadd__)},
    {"__isub__", HEAP(as_number.nb_inplace_subtract), S(nb_inplace_subtract), wrap_binaryfunc,
     "__isub__($self, value, /)\n--\n\nReturn self-=value.", 0, ID(__isub__)},
    {"__imul__", HEAP(as_number.nb_inplace_multiply), S(nb_inplace_multiply), wrap_binaryfunc,
     "__imul__($self, value, /)\n--\n\nReturn self*=value.", 0, ID(__imul__)},
    {"__imod__", HEAP(as_number.nb_inplace_remainder), S(nb_inplace_remainder), wrap_binaryfunc,
     "__imod__($self, value, /)\n--\n\nReturn self%=value.", 0, ID(__imod__)},
    {"__ipow__", HEAP(as_number.nb_inplace_power), S(nb_inplace_power), wrap_ternaryfunc,
     "__ipow__($self, value, /)\n--\n\nReturn self**=value.", 0, ID(__ipow__)},
    {"__ilshift__", HEAP(as_number.nb_inplace_lshift), S(nb_inplace_lshift), wrap_binaryfunc,
     "__ilshift__($self, value, /)\n--\n\nReturn self<<=value.", 0, ID(__ilshift__)},
    {"__irshift__", HEAP(as_number.nb_inplace_rshift), S(nb_inplace_rshift), wrap_binaryfunc,
     "__irshift__($self, value, /)\n--\n\nReturn self>>=value.", 0, ID(__irshift__)},
    {"__iand__", HEAP(as_number.nb_inplace_and), S(nb_inplace_and), wrap_binaryfunc,
     "__iand__($self, value, /)\n--\n\nReturn self&=value.", 0, ID(__iand__)},
    {"__ixor__", HEAP(as_number.nb_inplace_xor), S(nb_inplace_xor), wrap_binaryfunc,
     "__ixor__($self, value, /)\n--\n\nReturn self^=value.", 0, ID(__ixor__)},
    {"__ior__", HEAP(as_number.nb_inplace_or), S(nb_inplace_or), wrap_binaryfunc,
     "__ior__($self, value, /)\n--\n\nReturn self|=value.", 0, ID(__ior__)},
    {"__floordiv__", HEAP(as_number.nb_floor_divide), S(nb_floor_divide), wrap_binaryfunc_l,
     "__floordiv__($self, value, /)\n--\n\nReturn self//value.", 0, ID(__floordiv__)},
    {"__rfloordiv__", HEAP(as_number.nb_floor_divide), S(nb_floor_divide), wrap_binaryfunc_r,
     "__rfloordiv__($self, value, /)\n--\n\nReturn value//self.", 0, ID(__rfloordiv__)},
    {"__truediv__", HEAP(as_number.nb_true_divide), S(nb_true_divide), wrap_binaryfunc_l,
     "__truediv__($self, value, /)\n--\n\nReturn self/value.", 0, ID(__truediv__)},
    {"__rtruediv__", HEAP(as_number.nb_true_divide), S(nb_true_divide), wrap_binaryfunc_r,
     "__rtruediv__($self, value, /)\n--\n\nReturn value/self.", 0, ID(__rtruediv__)},
    {"__ifloordiv__", HEAP(as_number.nb_inplace_floor_divide), S(nb_inplace_floor_divide),
     wrap_binaryfunc,
     "__ifloordiv__($self, value, /)\n--\n\nReturn self//=value.", 0, ID(__ifloordiv__)},
    {"__itruediv__", HEAP(as_number.nb_inplace_true_divide), S(nb_inplace_true_divide),
     wrap_binaryfunc,
     "__itruediv__($self, value, /)\n--\n\nReturn self/=value.", 0, ID(__itruediv__)},
    {"__index__", HEAP(as_number.nb_index), S(nb_index), wrap_unaryfunc,
     "__index__($self, /)\n--\n\n"
     "Return self converted to an integer, if self is suitable for use as an index into a list.",
     0, ID(__index__)},
    {"__matmul__", HEAP(as_number.nb_matrix_multiply), S(nb_matrix_multiply), wrap_binaryfunc_l,
     "__matmul__($self, value, /)\n--\n\nReturn self@value.", 0, ID(__matmul__)},
    {"__rmatmul__", HEAP(as_number.nb_matrix_multiply), S(nb_matrix_multiply), wrap_binaryfunc_r,
     "__rmatmul__($self, value, /)\n--\n\nReturn value@self.", 0, ID(__rmatmul__)},
    {"__imatmul__", HEAP(as_number.nb_inplace_matrix_multiply), S(nb_inplace_matrix_multiply),
     wrap_binaryfunc,
     "__imatmul__($self, value, /)\n--\n\nReturn self@=value.", 0, ID(__imatmul__)},
    {"__len__", HEAP(as_mapping.mp_length), S(sq_length), wrap_lenfunc,
     "__len__($self, /)\n--\n\nReturn len(self).", 0, ID(__len__)},
    {"__getitem__", HEAP(as_mapping.mp_subscript), S(mp_subscript), wrap_binaryfunc,
     "__getitem__($self, key, /)\n--\n\nReturn self[key].", 0, ID(__getitem__)},
    {"__setitem__", HEAP(as_mapping.mp_ass_subscript), S(mp_ass_subscript), wrap_objobjargproc,
     "__setitem__($self, key, value, /)\n--\n\nSet self[key] to value.", 0, ID(__setitem__)},
    {"__delitem__", HEAP(as_mapping.mp_ass_subscript), S(mp_ass_subscript), wrap_delitem,
     "__delitem__($self, key, /)\n--\n\nDelete self[key].", 0, ID(__delitem__)},
    {"__len__", HEAP(as_sequence.sq_length), S(sq_length), wrap_lenfunc,
     "__len__($self, /)\n--\n\nReturn len(self).", 0, ID(__len__)},
    {"__add__", HEAP(as_sequence.sq_concat), NULL, wrap_binaryfunc,
     "__add__($self, value, /)\n--\n\nReturn self+value.", 0, ID(__add__)},
    {"__mul__", HEAP(as_sequence.sq_repeat), NULL, wrap_indexargfunc,
     "__mul__($self, value, /)\n--\n\nReturn self*value.", 0, ID(__mul__)},
    {"__rmul__", HEAP(as_sequence.sq_repeat), NULL, wrap_indexargfunc,
     "__rmul__($self, value, /)\n--\n\nReturn value*self.", 0, ID(__rmul__)},
    {"__getitem__", HEAP(as_sequence.sq_item), S(sq_item), wrap_sq_item,
     "__getitem__($self, key, /)\n--\n\nReturn self[key].", 0, ID(__getitem__)},
    {"__setitem__", HEAP(as_sequence.sq_ass_item), S(sq_ass_item), wrap_sq_setitem,
     "__setitem__($self, key, value, /)\n--\n\nSet self[key] to value.", 0, ID(__setitem__)},
    {"__delitem__", HEAP(as_sequence.sq_ass_item), S(sq_ass_item), wrap_sq_delitem,
     "__delitem__($self, key, /)\n--\n\nDelete self[key].", 0, ID(__delitem__)},
    {"__contains__", HEAP(as_sequence.sq_contains), S(sq_contains), wrap_objobjproc,
     "__contains__($self, key, /)\n--\n\nReturn bool(key in self).", 0, ID(__contains__)},
    {"__iadd__", HEAP(as_sequence.sq_inplace_concat), NULL, wrap_binaryfunc,
     "__iadd__($self, value, /)\n--\n\nImplement self+=value.", 0, ID(__iadd__)},
    {"__imul__", HEAP(as_sequence.sq_inplace_repeat), NULL, wrap_indexargfunc,
     "__imul__($self, value, /)\n--\n\nImplement self*=value.", 0, ID(__imul__)},
    {"__buffer__", HEAP(as_buffer.bf_getbuffer), S(bf_getbuffer), wrap_buffer,
     "__buffer__($self, flags, /)\n--\n\n"
     "Return a buffer object that exposes the underlying memory of the object.",
     0, ID(__buffer__)},
    {"__release_buffer__", HEAP(as_buffer.bf_releasebuffer), S(bf_releasebuffer),
     wrap_releasebuffer,
     "__release_buffer__($self, buffer, /)\n--\n\n"
     "Release the buffer object that exposes the underlying memory of the object.",
     0, ID(__release_buffer__)},
};

const int _PyType_NumSlotRows = Py_ARRAY_LENGTH(_PyType_SlotRows);

/* -------------------------------------------------------------------------- slot addresses */

void **
_PyType_SlotPtr(PyTypeObject *type, int ioffset)
{
    size_t offset = (size_t)ioffset;
    char *suite;
    /* ORDER SUITE: as in PyHeapTypeObject, from the last one. */
    if (offset < sizeof(PyTypeObject)) {
        return (void **)((char *)type + offset);
    }
    if (offset >= offsetof(PyHeapTypeObject, as_buffer)) {
        suite = (char *)type->tp_as_buffer;
        offset -= offsetof(PyHeapTypeObject, as_buffer);
    }
    else if (offset >= offsetof(PyHeapTypeObject, as_sequence)) {
        suite = (char *)type->tp_as_sequence;
        offset -= offsetof(PyHeapTypeObject, as_sequence);
    }
    else if (offset >= offsetof(PyHeapTypeObject, as_mapping)) {
        suite = (char *)type->tp_as_mapping;
        offset -= offsetof(PyHeapTypeObject, as_mapping);
    }
    else if (offset >= offsetof(PyHeapTypeObject, as_number)) {
        suite = (char *)type->tp_as_number;
        offset -= offsetof(PyHeapTypeObject, as_number);
    }
    else {
        suite = (char *)type->tp_as_async;
        offset -= offsetof(PyHeapTypeObject, as_async);
    }
    return suite == NULL ? NULL : (void **)(suite + offset);
}

int
_PyType_AddOperators(PyTypeObject *type)
{
    PyObject *dict = type->tp_dict;
    for (int i = 0; i < _PyType_NumSlotRows; i++) {
        const struct wrapperbase *p = &_PyType_SlotRows[i];
        if (p->wrapper == NULL) {
            continue;
        }
        void **ptr = _PyType_SlotPtr(type, p->offset);
        if (ptr == NULL || *ptr == NULL) {
            continue;
        }
        int r = PyDict_Contains(dict, p->name_strobj);
        if (r != 0) {
            if (r < 0) {
                return -1;
            }
            continue;
        }
        if (*ptr == (void *)PyObject_HashNotImplemented) {
            /* Unhashable types say so by __hash__ = None. */
            if (PyDict_SetItem(dict, p->name_strobj, Py_None) < 0) {
                return -1;
            }
            continue;
        }
        PyObject *descr = PyDescr_NewWrapper(type, (struct wrapperbase *)p, *ptr);
        if (descr == NULL) {
            return -1;
        }
        r = PyDict_SetItem(dict, p->name_strobj, descr);
        Py_DECREF(descr);
        if (r < 0) {
            return -1;
        }
    }
    return 0;
}

/* ------------------------------------------------------------------------ setting the slots */

/* What the rows of one slot have found so far. */
struct slot_state {
    void *specific;     /* C function that all wrappers found agree on */
    void *generic;      /* function of the last row that was found */
    int use_generic;    /* something was found that only Python code can call */
};

/* One row: looks its name up and notes what that means for the slot. */
static void
resolve_row(PyTypeObject *type, const struct wrapperbase *p, void **ptr, struct slot_state *st)
{
    PyObject *descr = _PyType_Lookup(type, p->name_strobj);
    if (descr == NULL) {
        if (ptr == (void **)&type->tp_iternext) {
            st->specific = (void *)_PyObject_NextNotImplemented;
        }
        return;
    }
    void *found;
    if (Py_IS_TYPE(descr, &PyWrapperDescr_Type) &&
        ((PyWrapperDescrObject *)descr)->d_base->name_strobj == p->name_strobj &&
        PyType_IsSubtype(type, PyDescr_TYPE(descr)))
    {
        PyWrapperDescrObject *d = (PyWrapperDescrObject *)descr;
        if (d->d_base == p) {
            found = d->d_wrapped;
        }
        else {
            /* The name's other slot (mapping or sequence, number or sequence): the class that
             * has the wrapper fills this one too, or leaves it empty. */
            void **other = _PyType_SlotPtr(PyDescr_TYPE(d), p->offset);
            found = other == NULL ? NULL : *other;
            if (found == NULL) {
                return;
            }
        }
    }
    else if (ptr == (void **)&type->tp_new && Py_IS_TYPE(descr, &PyCFunction_Type) &&
             PyCFunction_GET_FUNCTION(descr) == (PyCFunction)(void (*)(void))_PyType_NewWrapper)
    {
        /* A C type's __new__.  The inherited slot fits the layout; but where it is the one for
         * Python code (a __new__ that was deleted), take the C function itself. */
        found = (void *)type->tp_new;
        if (found == (void *)_PyType_SlotNew) {
            found = (void *)((PyTypeObject *)PyCFunction_GET_SELF(descr))->tp_new;
        }
    }
    else if (descr == Py_None && ptr == (void **)&type->tp_hash) {
        found = (void *)PyObject_HashNotImplemented;
    }
    else {
        st->use_generic = 1;
        st->generic = p->function;
        /* __getattribute__ alone, without __getattr__, needs no hook: see slotfuncs.c. */
        return;
    }
    if (st->specific != NULL && st->specific != found) {
        st->use_generic = 1;
        st->generic = p->function;
    }
    st->specific = found;
    if (st->generic == NULL) {
        st->generic = p->function;
    }
}

/* Sets the slot that the rows from `p` on share; the row behind the last of them. */
static const struct wrapperbase *
resolve_slot(PyTypeObject *type, const struct wrapperbase *p)
{
    const struct wrapperbase *end = _PyType_SlotRows + _PyType_NumSlotRows;
    int offset = p->offset;
    void **ptr = _PyType_SlotPtr(type, offset);
    if (ptr == NULL) {
        while (p < end && p->offset == offset) {
            p++;
        }
        return p;
    }
    struct slot_state st = {NULL, NULL, 0};
    for (; p < end && p->offset == offset; p++) {
        resolve_row(type, p, ptr, &st);
    }
    if (st.use_generic) {
        /* A sequence slot without Python caller (sq_concat) leaves the work to the number's. */
        *ptr = st.generic;
        if (ptr == (void **)&type->tp_call) {
            type->tp_flags &= ~Py_TPFLAGS_HAVE_VECTORCALL;
        }
    }
    else {
        *ptr = st.specific;
    }
    return p;
}

/* The only base if its slots are what its attributes say: classes made by `class` and built-in
 * types, but those with a method beside the slot (METH_COEXIST).  Other types of C code may have a
 * method that their slot knows nothing of.  NULL otherwise. */
static PyTypeObject *
base_to_follow(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    PyObject *mro = type->tp_mro;
    if (base == NULL || PyTuple_GET_SIZE(type->tp_bases) != 1 || mro == NULL ||
        base->tp_mro == NULL || PyTuple_GET_SIZE(mro) != PyTuple_GET_SIZE(base->tp_mro) + 1)
    {
        return NULL;
    }
    for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(mro); i++) {
        if (PyTuple_GET_ITEM(mro, i) != PyTuple_GET_ITEM(base->tp_mro, i - 1)) {
            return NULL;        /* a metaclass has its own mro() */
        }
    }
    if (_PyType_IsSharedStatic(base)) {
        /* Methods of these, and of OrderedDict, stand for slots: a subclass calls the method. */
        return base == &PySet_Type || base == &PyFrozenSet_Type ||
               PyType_FastSubclass(base, Py_TPFLAGS_DICT_SUBCLASS | Py_TPFLAGS_LIST_SUBCLASS)
               ? NULL : base;
    }
    return _PyType_HasFeature(base, Py_TPFLAGS_HEAPTYPE) &&
           ((PyHeapTypeObject *)base)->_ht_tpname == NULL ? base : NULL;
}

#define MAX_ROWS 128
_Static_assert(Py_ARRAY_LENGTH(_PyType_SlotRows) <= MAX_ROWS, "room for a mark for each row");

/* own[i] = 1 where the class itself has the attribute of row i.  -1 if that cannot be told. */
static int
mark_own_rows(PyTypeObject *type, uint8_t own[MAX_ROWS])
{
    memset(own, 0, MAX_ROWS);
    PyObject *name, *value;
    Py_ssize_t pos = 0;
    while (PyDict_Next(type->tp_dict, &pos, &name, &value)) {
        if (!PyUnicode_CheckExact(name)) {
            return -1;
        }
        if (PyUnicode_GET_LENGTH(name) < 5 || PyUnicode_READ_CHAR(name, 1) != '_') {
            continue;
        }
        int interned = PyUnicode_CHECK_INTERNED(name);
        for (int i = 0; i < _PyType_NumSlotRows; i++) {
            PyObject *special = _PyType_SlotRows[i].name_strobj;
            if (name == special || (!interned && _PyUnicode_EQ(name, special))) {
                own[i] = 1;
            }
        }
    }
    return 0;
}

/* The class has no attribute for the slot at `p`: it is the base's. */
static void
inherit_slot(PyTypeObject *type, PyTypeObject *base, const struct wrapperbase *p)
{
    void **ptr = _PyType_SlotPtr(type, p->offset), **from = _PyType_SlotPtr(base, p->offset);
    if (ptr == NULL) {
        return;
    }
    *ptr = from != NULL ? *from : NULL;
    if (*ptr == NULL && ptr == (void **)&type->tp_iternext) {
        *ptr = (void *)_PyObject_NextNotImplemented;
    }
#ifndef NDEBUG
    void *inherited = *ptr;
    (void)resolve_slot(type, p);
    /* A base that was found to have no __getattr__ has had the simpler function since. */
    assert(*ptr == inherited || (*ptr == (void *)_Py_slot_tp_getattr_hook
                                 && inherited == (void *)_Py_slot_tp_getattro));
    *ptr = inherited;
#endif
}

/* Sets all slots of a new class.  Most classes have one base and a few special methods: only the
 * slots of those are looked up along the MRO. */
void
_PyType_FixupSlots(PyTypeObject *type)
{
    assert(!PyErr_Occurred());
    uint8_t own[MAX_ROWS];
    PyTypeObject *base = base_to_follow(type);
    if (base != NULL && mark_own_rows(type, own) < 0) {
        base = NULL;
    }
    for (int i = 0; i < _PyType_NumSlotRows;) {
        const struct wrapperbase *p = &_PyType_SlotRows[i];
        int found = 0;
        for (; i < _PyType_NumSlotRows && _PyType_SlotRows[i].offset == p->offset; i++) {
            found |= base == NULL || own[i];
        }
        if (found) {
            (void)resolve_slot(type, p);
        }
        else {
            inherit_slot(type, base, p);
        }
    }
}

/* Sets the slots that `name` belongs to, in the type and below, except where a class has an
 * attribute of its own with that name. */
static int
update_slot_below(PyTypeObject *type, PyObject *name)
{
    const struct wrapperbase *end = _PyType_SlotRows + _PyType_NumSlotRows;
    for (const struct wrapperbase *p = _PyType_SlotRows; p < end; p++) {
        if (p->name_strobj != name) {
            continue;
        }
        const struct wrapperbase *first = p;
        while (first > _PyType_SlotRows && first[-1].offset == p->offset) {
            first--;
        }
        resolve_slot(type, first);
    }
    PyObject *subclasses = _PyType_MutableSubclasses(type);
    if (subclasses == NULL) {
        return -1;
    }
    if (Py_EnterRecursiveCall(" while updating a class")) {
        Py_DECREF(subclasses);
        return -1;
    }
    int res = 0;
    for (Py_ssize_t i = 0; res == 0 && i < PyList_GET_SIZE(subclasses); i++) {
        PyTypeObject *sub = (PyTypeObject *)PyList_GET_ITEM(subclasses, i);
        int own = sub->tp_dict == NULL ? 1 : PyDict_Contains(sub->tp_dict, name);
        if (own < 0) {
            res = -1;
        }
        else if (!own) {
            res = update_slot_below(sub, name);
        }
    }
    Py_LeaveRecursiveCall();
    Py_DECREF(subclasses);
    return res;
}

int
_PyType_UpdateSlot(PyTypeObject *type, PyObject *name)
{
    assert(PyUnicode_CheckExact(name) && PyUnicode_CHECK_INTERNED(name));
    for (int i = 0; i < _PyType_NumSlotRows; i++) {
        if (_PyType_SlotRows[i].name_strobj == name) {
            return update_slot_below(type, name);
        }
    }
    return 0;
}

/* After the bases changed. */
int
_PyType_UpdateAllSlots(PyTypeObject *type)
{
    PyType_Modified(type);
    _PyType_FixupSlots(type);
    PyObject *subclasses = _PyType_MutableSubclasses(type);
    if (subclasses == NULL) {
        return -1;
    }
    if (Py_EnterRecursiveCall(" while updating a class")) {
        Py_DECREF(subclasses);
        return -1;
    }
    int res = 0;
    for (Py_ssize_t i = 0; res == 0 && i < PyList_GET_SIZE(subclasses); i++) {
        res = _PyType_UpdateAllSlots((PyTypeObject *)PyList_GET_ITEM(subclasses, i));
    }
    Py_LeaveRecursiveCall();
    Py_DECREF(subclasses);
    return res;
}
