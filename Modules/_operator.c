/* _operator.c - the operators of the language as functions, and three kinds of getters.
 *
 * The functions are rows of three tables by number of arguments; their bodies are calls of the
 * abstract object API.  The getters are heap types of the module.
 *
 * Written from the documentation of the module operator and observed messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef
#include "compare_digest.h"

#include <stdbool.h>

typedef struct {
    PyTypeObject *itemgetter_type;
    PyTypeObject *attrgetter_type;
    PyTypeObject *methodcaller_type;
} operator_state;

static inline operator_state *
get_state(PyObject *module)
{
    return (operator_state *)PyModule_GetState(module);
}

#include "sig/_operator.sig.h"

/* -------------------------------------------------------------------------------- operators */

#define UNARY(NAME, EXPR)                                                       \
    static PyObject *                                                           \
    operator_##NAME(PyObject *Py_UNUSED(module), PyObject *a)                   \
    {                                                                           \
        return EXPR;                                                            \
    }

/* NAME is the C name, SHOWN the Python one. */
#define BINARY_AS(NAME, SHOWN, EXPR)                                            \
    static PyObject *                                                           \
    operator_##NAME(PyObject *Py_UNUSED(module), PyObject *const *args,         \
                    Py_ssize_t nargs)                                           \
    {                                                                           \
        if (!_PyArg_CheckPositional(SHOWN, nargs, 2, 2)) {                      \
            return NULL;                                                        \
        }                                                                       \
        PyObject *a = args[0], *b = args[1];                                    \
        return EXPR;                                                            \
    }
#define BINARY(NAME, EXPR) BINARY_AS(NAME, #NAME, EXPR)

/* Bool of a C truth value that may be -1 for an exception. */
static PyObject *
truth_value(int value)
{
    return value < 0 ? NULL : PyBool_FromLong(value);
}

/* None after a C call that may have failed. */
static PyObject *
none_unless(int err)
{
    return err < 0 ? NULL : Py_NewRef(Py_None);
}

UNARY(truth, truth_value(PyObject_IsTrue(a)))
UNARY(not_, truth_value(PyObject_Not(a)))
UNARY(neg, PyNumber_Negative(a))
UNARY(pos, PyNumber_Positive(a))
UNARY(abs, PyNumber_Absolute(a))
UNARY(invert, PyNumber_Invert(a))
UNARY(index, PyNumber_Index(a))
BINARY(add, PyNumber_Add(a, b))
BINARY(sub, PyNumber_Subtract(a, b))
BINARY(mul, PyNumber_Multiply(a, b))
BINARY(matmul, PyNumber_MatrixMultiply(a, b))
BINARY(floordiv, PyNumber_FloorDivide(a, b))
BINARY(truediv, PyNumber_TrueDivide(a, b))
BINARY(mod, PyNumber_Remainder(a, b))
BINARY(pow, PyNumber_Power(a, b, Py_None))
BINARY(lshift, PyNumber_Lshift(a, b))
BINARY(rshift, PyNumber_Rshift(a, b))
BINARY(and_, PyNumber_And(a, b))
BINARY(xor, PyNumber_Xor(a, b))
BINARY(or_, PyNumber_Or(a, b))
BINARY(iadd, PyNumber_InPlaceAdd(a, b))
BINARY(isub, PyNumber_InPlaceSubtract(a, b))
BINARY(imul, PyNumber_InPlaceMultiply(a, b))
BINARY(imatmul, PyNumber_InPlaceMatrixMultiply(a, b))
BINARY(ifloordiv, PyNumber_InPlaceFloorDivide(a, b))
BINARY(itruediv, PyNumber_InPlaceTrueDivide(a, b))
BINARY(imod, PyNumber_InPlaceRemainder(a, b))
BINARY(ipow, PyNumber_InPlacePower(a, b, Py_None))
BINARY(ilshift, PyNumber_InPlaceLshift(a, b))
BINARY(irshift, PyNumber_InPlaceRshift(a, b))
BINARY(iand, PyNumber_InPlaceAnd(a, b))
BINARY(ixor, PyNumber_InPlaceXor(a, b))
BINARY(ior, PyNumber_InPlaceOr(a, b))
BINARY(concat, PySequence_Concat(a, b))
BINARY(iconcat, PySequence_InPlaceConcat(a, b))
BINARY(getitem, PyObject_GetItem(a, b))
BINARY(delitem, none_unless(PyObject_DelItem(a, b)))
BINARY(contains, truth_value(PySequence_Contains(a, b)))
BINARY(lt, PyObject_RichCompare(a, b, Py_LT))
BINARY(le, PyObject_RichCompare(a, b, Py_LE))
BINARY(eq, PyObject_RichCompare(a, b, Py_EQ))
BINARY(ne, PyObject_RichCompare(a, b, Py_NE))
BINARY(gt, PyObject_RichCompare(a, b, Py_GT))
BINARY(ge, PyObject_RichCompare(a, b, Py_GE))
BINARY(is_, PyBool_FromLong(Py_Is(a, b)))
BINARY(is_not, PyBool_FromLong(!Py_Is(a, b)))

/*sig _operator.indexOf(module, a, b, /) -> ssize

Return the first index of b in a.
*/
static Py_ssize_t
operator_indexOf_impl(PyObject *Py_UNUSED(module), PyObject *a, PyObject *b)
{
    return PySequence_Index(a, b);
}

/*sig _operator.countOf(module, a, b, /) -> ssize

Return the number of items in a which are, or which equal, b.
*/
static Py_ssize_t
operator_countOf_impl(PyObject *Py_UNUSED(module), PyObject *a, PyObject *b)
{
    return PySequence_Count(a, b);
}

/*sig _operator.setitem(module, a, b, c, /)

Same as a[b] = c.
*/
static PyObject *
operator_setitem_impl(PyObject *Py_UNUSED(module), PyObject *a, PyObject *b, PyObject *c)
{
    return none_unless(PyObject_SetItem(a, b, c));
}

/*sig _operator.length_hint(module, obj, default: ssize = 0, /) -> ssize

Return an estimate of the number of items in obj.

This is useful for presizing containers when building from an iterable.

If the object supports len(), the result will be exact.
Otherwise, it may over- or under-estimate by an arbitrary amount.
The result will be an integer >= 0.
*/
static Py_ssize_t
operator_length_hint_impl(PyObject *Py_UNUSED(module), PyObject *obj, Py_ssize_t default_value)
{
    return PyObject_LengthHint(obj, default_value);
}

PyDoc_STRVAR(operator_call__doc__,
"call($module, obj, /, *args, **kwargs)\n"
"--\n"
"\n"
"Same as obj(*args, **kwargs).");

static PyObject *
operator_call(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs,
              PyObject *kwnames)
{
    if (!_PyArg_CheckPositional("call", nargs, 1, PY_SSIZE_T_MAX)) {
        return NULL;
    }
    return PyObject_Vectorcall(args[0], args + 1,
                               (size_t)(nargs - 1) | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames);
}

/*sig _operator._compare_digest(module, a, b, /)

Return 'a == b'.

This function uses an approach designed to prevent
timing analysis, making it appropriate for cryptography.

a and b must both be of the same type: either str (ASCII only),
or any bytes-like object.

Note: If a and b are of different lengths, or if an error occurs,
a timing attack could theoretically reveal information about the
types and lengths of a and b--but not their values.
*/
static PyObject *
operator__compare_digest_impl(PyObject *Py_UNUSED(module), PyObject *a, PyObject *b)
{
    return compare_digest(a, b);
}

#define ROW1(NAME, SHOWN, TEXT) \
    {SHOWN, operator_##NAME, METH_O, PyDoc_STR(SHOWN "($module, a, /)\n--\n\n" TEXT)}
#define ROW2(NAME, TEXT) \
    {#NAME, (PyCFunction)(void (*)(void))operator_##NAME, METH_FASTCALL, \
     PyDoc_STR(#NAME "($module, a, b, /)\n--\n\n" TEXT)}

static const PyMethodDef operator_methods[] = {
    ROW1(truth, "truth", "Return True if a is true, False otherwise."),
    ROW2(contains, "Same as b in a (note reversed operands)."),
    OPERATOR_INDEXOF_METHODDEF
    OPERATOR_COUNTOF_METHODDEF
    ROW2(is_, "Same as a is b."),
    ROW2(is_not, "Same as a is not b."),
    ROW2(add, "Same as a + b."),
    ROW2(sub, "Same as a - b."),
    ROW2(mul, "Same as a * b."),
    ROW2(matmul, "Same as a @ b."),
    ROW2(floordiv, "Same as a // b."),
    ROW2(truediv, "Same as a / b."),
    ROW2(mod, "Same as a % b."),
    ROW1(neg, "neg", "Same as -a."),
    ROW1(pos, "pos", "Same as +a."),
    ROW1(abs, "abs", "Same as abs(a)."),
    ROW1(invert, "inv", "Same as ~a."),
    ROW1(invert, "invert", "Same as ~a."),
    ROW2(lshift, "Same as a << b."),
    ROW2(rshift, "Same as a >> b."),
    ROW1(not_, "not_", "Same as not a."),
    ROW2(and_, "Same as a & b."),
    ROW2(xor, "Same as a ^ b."),
    ROW2(or_, "Same as a | b."),
    ROW2(iadd, "Same as a += b."),
    ROW2(isub, "Same as a -= b."),
    ROW2(imul, "Same as a *= b."),
    ROW2(imatmul, "Same as a @= b."),
    ROW2(ifloordiv, "Same as a //= b."),
    ROW2(itruediv, "Same as a /= b."),
    ROW2(imod, "Same as a %= b."),
    ROW2(ilshift, "Same as a <<= b."),
    ROW2(irshift, "Same as a >>= b."),
    ROW2(iand, "Same as a &= b."),
    ROW2(ixor, "Same as a ^= b."),
    ROW2(ior, "Same as a |= b."),
    ROW2(concat, "Same as a + b, for a and b sequences."),
    ROW2(iconcat, "Same as a += b, for a and b sequences."),
    ROW2(getitem, "Same as a[b]."),
    OPERATOR_SETITEM_METHODDEF
    ROW2(delitem, "Same as del a[b]."),
    ROW2(pow, "Same as a ** b."),
    ROW2(ipow, "Same as a **= b."),
    ROW2(eq, "Same as a == b."),
    ROW2(ne, "Same as a != b."),
    ROW2(lt, "Same as a < b."),
    ROW2(le, "Same as a <= b."),
    ROW2(gt, "Same as a > b."),
    ROW2(ge, "Same as a >= b."),
    ROW1(index, "index", "Same as a.__index__()"),
    OPERATOR__COMPARE_DIGEST_METHODDEF
    OPERATOR_LENGTH_HINT_METHODDEF
    {"call", (PyCFunction)(void (*)(void))operator_call, METH_FASTCALL | METH_KEYWORDS,
     operator_call__doc__},
    {NULL, NULL}
};

/* ------------------------------------------------------------------------- common to getters */

static int
no_keywords(const char *name, PyObject *kwds)
{
    if (kwds == NULL || PyObject_Size(kwds) == 0) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments", name);
    return -1;
}

static int
one_operand(const char *name, Py_ssize_t nargs)
{
    if (nargs == 1) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "%s expected 1 argument, got %zd", name, nargs);
    return -1;
}

/* ------------------------------------------------------------------------------ itemgetter */

typedef struct {
    PyObject_HEAD
    Py_ssize_t nitems;
    PyObject *item;             /* owned: the item if nitems is 1, else the tuple of items */
    Py_ssize_t index;           /* a single item that is a small int >= 0; else -1 */
    vectorcallfunc vectorcall;
} itemgetterobject;

static PyObject *
itemgetter_get(itemgetterobject *ig, PyObject *obj)
{
    if (ig->nitems == 1) {
        if (ig->index >= 0 && PyTuple_CheckExact(obj) && ig->index < PyTuple_GET_SIZE(obj)) {
            return Py_NewRef(PyTuple_GET_ITEM(obj, ig->index));
        }
        return PyObject_GetItem(obj, ig->item);
    }
    PyObject *result = PyTuple_New(ig->nitems);
    for (Py_ssize_t i = 0; result != NULL && i < ig->nitems; i++) {
        PyObject *value = PyObject_GetItem(obj, PyTuple_GET_ITEM(ig->item, i));
        if (value == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i, value);
    }
    return result;
}

static PyObject *
itemgetter_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (no_keywords("itemgetter", kwnames) < 0
        || one_operand("itemgetter", PyVectorcall_NARGS(nargsf)) < 0)
    {
        return NULL;
    }
    return itemgetter_get((itemgetterobject *)self, args[0]);
}

static PyObject *
itemgetter_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (no_keywords("itemgetter", kwds) < 0) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n == 0) {
        one_operand("itemgetter", 0);
        return NULL;
    }
    itemgetterobject *ig = PyObject_GC_New(itemgetterobject, type);
    if (ig == NULL) {
        return NULL;
    }
    ig->nitems = n;
    ig->item = Py_NewRef(n == 1 ? PyTuple_GET_ITEM(args, 0) : args);
    ig->index = -1;
    if (n == 1 && PyLong_CheckExact(ig->item)) {
        ig->index = PyLong_AsSsize_t(ig->item);
        if (ig->index < 0) {
            PyErr_Clear();
            ig->index = -1;
        }
    }
    ig->vectorcall = itemgetter_vectorcall;
    PyObject_GC_Track((PyObject *)ig);
    return (PyObject *)ig;
}

static int
itemgetter_clear(PyObject *self)
{
    Py_CLEAR(((itemgetterobject *)self)->item);
    return 0;
}

static int
itemgetter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((itemgetterobject *)self)->item);
    return 0;
}

static void
itemgetter_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    itemgetter_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
itemgetter_repr(PyObject *self)
{
    itemgetterobject *ig = (itemgetterobject *)self;
    const char *name = Py_TYPE(self)->tp_name;
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered < 0 ? NULL : PyUnicode_FromFormat("%s(...)", name);
    }
    PyObject *result = ig->nitems == 1 ? PyUnicode_FromFormat("%s(%R)", name, ig->item)
                                       : PyUnicode_FromFormat("%s%R", name, ig->item);
    Py_ReprLeave(self);
    return result;
}

static PyObject *
itemgetter_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    itemgetterobject *ig = (itemgetterobject *)self;
    return Py_BuildValue(ig->nitems == 1 ? "O(O)" : "OO", Py_TYPE(self), ig->item);
}

#define REDUCE_DOC PyDoc_STR("Return state information for pickling")

static const PyMethodDef itemgetter_methods[] = {
    {"__reduce__", itemgetter_reduce, METH_NOARGS, REDUCE_DOC},
    {NULL, NULL}
};

static const PyMemberDef itemgetter_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(itemgetterobject, vectorcall), READONLY, NULL},
    {NULL}
};

PyDoc_STRVAR(itemgetter_doc,
"itemgetter(item, /, *items)\n--\n\n\
Return a callable object that fetches the given item(s) from its operand.\n\
After f = itemgetter(2), the call f(r) returns r[2].\n\
After g = itemgetter(2, 5, 3), the call g(r) returns (r[2], r[5], r[3])");

static const PyType_Slot itemgetter_slots[] = {
    {Py_tp_doc, (void *)itemgetter_doc},
    {Py_tp_dealloc, itemgetter_dealloc},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_traverse, itemgetter_traverse},
    {Py_tp_clear, itemgetter_clear},
    {Py_tp_methods, (void *)itemgetter_methods},
    {Py_tp_members, (void *)itemgetter_members},
    {Py_tp_new, itemgetter_new},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_repr, itemgetter_repr},
    {0, NULL}
};

#define GETTER_FLAGS (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE)

static const PyType_Spec itemgetter_spec = {
    .name = "operator.itemgetter",
    .basicsize = sizeof(itemgetterobject),
    .flags = GETTER_FLAGS | Py_TPFLAGS_HAVE_VECTORCALL,
    .slots = (PyType_Slot *)itemgetter_slots,
};

/* ------------------------------------------------------------------------------ attrgetter */

typedef struct {
    PyObject_HEAD
    Py_ssize_t nattrs;
    PyObject *attrs;            /* owned tuple; each a str, or a tuple of strs for a dotted name */
    vectorcallfunc vectorcall;
} attrgetterobject;

/* The parts of a dotted name as interned strs: the name itself or a tuple.  New reference. */
static PyObject *
split_name(PyObject *name)
{
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "attribute name must be a string");
        return NULL;
    }
    PyObject *dot = PyUnicode_FromString(".");
    if (dot == NULL) {
        return NULL;
    }
    PyObject *parts = PyUnicode_Split(name, dot, -1);
    Py_DECREF(dot);
    if (parts == NULL) {
        return NULL;
    }
    PyObject *result = PyList_AsTuple(parts);
    Py_DECREF(parts);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(result); i++) {
        PyObject *part = Py_NewRef(PyTuple_GET_ITEM(result, i));
        PyUnicode_InternInPlace(&part);
        PyObject *old = PyTuple_GET_ITEM(result, i);
        PyTuple_SET_ITEM(result, i, part);
        Py_DECREF(old);
    }
    if (PyTuple_GET_SIZE(result) == 1) {
        Py_SETREF(result, Py_NewRef(PyTuple_GET_ITEM(result, 0)));
    }
    return result;
}

static PyObject *
get_dotted(PyObject *obj, PyObject *attr)
{
    if (!PyTuple_CheckExact(attr)) {
        return PyObject_GetAttr(obj, attr);
    }
    Py_INCREF(obj);
    for (Py_ssize_t i = 0; obj != NULL && i < PyTuple_GET_SIZE(attr); i++) {
        PyObject *next = PyObject_GetAttr(obj, PyTuple_GET_ITEM(attr, i));
        Py_SETREF(obj, next);
    }
    return obj;
}

static PyObject *
attrgetter_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    attrgetterobject *ag = (attrgetterobject *)self;
    if (no_keywords("attrgetter", kwnames) < 0
        || one_operand("attrgetter", PyVectorcall_NARGS(nargsf)) < 0)
    {
        return NULL;
    }
    if (ag->nattrs == 1) {
        return get_dotted(args[0], PyTuple_GET_ITEM(ag->attrs, 0));
    }
    PyObject *result = PyTuple_New(ag->nattrs);
    for (Py_ssize_t i = 0; result != NULL && i < ag->nattrs; i++) {
        PyObject *value = get_dotted(args[0], PyTuple_GET_ITEM(ag->attrs, i));
        if (value == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i, value);
    }
    return result;
}

static PyObject *
attrgetter_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (no_keywords("attrgetter", kwds) < 0) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n == 0) {
        one_operand("attrgetter", 0);
        return NULL;
    }
    PyObject *attrs = PyTuple_New(n);
    for (Py_ssize_t i = 0; attrs != NULL && i < n; i++) {
        PyObject *attr = split_name(PyTuple_GET_ITEM(args, i));
        if (attr == NULL) {
            Py_CLEAR(attrs);
            break;
        }
        PyTuple_SET_ITEM(attrs, i, attr);
    }
    if (attrs == NULL) {
        return NULL;
    }
    attrgetterobject *ag = PyObject_GC_New(attrgetterobject, type);
    if (ag == NULL) {
        Py_DECREF(attrs);
        return NULL;
    }
    ag->nattrs = n;
    ag->attrs = attrs;
    ag->vectorcall = attrgetter_vectorcall;
    PyObject_GC_Track((PyObject *)ag);
    return (PyObject *)ag;
}

static int
attrgetter_clear(PyObject *self)
{
    Py_CLEAR(((attrgetterobject *)self)->attrs);
    return 0;
}

static int
attrgetter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((attrgetterobject *)self)->attrs);
    return 0;
}

static void
attrgetter_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    attrgetter_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

/* The names as they were given: a new tuple. */
static PyObject *
attrgetter_args(attrgetterobject *ag)
{
    PyObject *names = PyTuple_New(ag->nattrs), *dot = PyUnicode_FromString(".");
    for (Py_ssize_t i = 0; names != NULL && dot != NULL && i < ag->nattrs; i++) {
        PyObject *attr = PyTuple_GET_ITEM(ag->attrs, i);
        PyObject *name = PyTuple_CheckExact(attr) ? PyUnicode_Join(dot, attr) : Py_NewRef(attr);
        if (name == NULL) {
            Py_CLEAR(dot);
            break;
        }
        PyTuple_SET_ITEM(names, i, name);
    }
    if (dot == NULL) {
        Py_CLEAR(names);
    }
    Py_XDECREF(dot);
    return names;
}

static PyObject *
attrgetter_repr(PyObject *self)
{
    const char *name = Py_TYPE(self)->tp_name;
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered < 0 ? NULL : PyUnicode_FromFormat("%s(...)", name);
    }
    PyObject *result = NULL, *args = attrgetter_args((attrgetterobject *)self);
    if (args != NULL) {
        result = PyTuple_GET_SIZE(args) == 1
                     ? PyUnicode_FromFormat("%s(%R)", name, PyTuple_GET_ITEM(args, 0))
                     : PyUnicode_FromFormat("%s%R", name, args);
        Py_DECREF(args);
    }
    Py_ReprLeave(self);
    return result;
}

static PyObject *
attrgetter_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *args = attrgetter_args((attrgetterobject *)self);
    return args == NULL ? NULL : Py_BuildValue("ON", Py_TYPE(self), args);
}

static const PyMethodDef attrgetter_methods[] = {
    {"__reduce__", attrgetter_reduce, METH_NOARGS, REDUCE_DOC},
    {NULL, NULL}
};

static const PyMemberDef attrgetter_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(attrgetterobject, vectorcall), READONLY, NULL},
    {NULL}
};

PyDoc_STRVAR(attrgetter_doc,
"attrgetter(attr, /, *attrs)\n--\n\n\
Return a callable object that fetches the given attribute(s) from its operand.\n\
After f = attrgetter('name'), the call f(r) returns r.name.\n\
After g = attrgetter('name', 'date'), the call g(r) returns (r.name, r.date).\n\
After h = attrgetter('name.first', 'name.last'), the call h(r) returns\n\
(r.name.first, r.name.last).");

static const PyType_Slot attrgetter_slots[] = {
    {Py_tp_doc, (void *)attrgetter_doc},
    {Py_tp_dealloc, attrgetter_dealloc},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_traverse, attrgetter_traverse},
    {Py_tp_clear, attrgetter_clear},
    {Py_tp_methods, (void *)attrgetter_methods},
    {Py_tp_members, (void *)attrgetter_members},
    {Py_tp_new, attrgetter_new},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_repr, attrgetter_repr},
    {0, NULL}
};

static const PyType_Spec attrgetter_spec = {
    .name = "operator.attrgetter",
    .basicsize = sizeof(attrgetterobject),
    .flags = GETTER_FLAGS | Py_TPFLAGS_HAVE_VECTORCALL,
    .slots = (PyType_Slot *)attrgetter_slots,
};

/* ---------------------------------------------------------------------------- methodcaller */

typedef struct {
    PyObject_HEAD
    PyObject *name;             /* owned, interned */
    PyObject *args;             /* owned tuple */
    PyObject *kwds;             /* owned dict or NULL */
} methodcallerobject;

static PyObject *
methodcaller_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (PyTuple_GET_SIZE(args) < 1) {
        PyErr_SetString(PyExc_TypeError,
                        "methodcaller needs at least one argument, the method name");
        return NULL;
    }
    PyObject *name = PyTuple_GET_ITEM(args, 0);
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "method name must be a string");
        return NULL;
    }
    PyObject *rest = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    if (rest == NULL) {
        return NULL;
    }
    methodcallerobject *mc = PyObject_GC_New(methodcallerobject, type);
    if (mc == NULL) {
        Py_DECREF(rest);
        return NULL;
    }
    mc->name = Py_NewRef(name);
    PyUnicode_InternInPlace(&mc->name);
    mc->args = rest;
    mc->kwds = kwds != NULL && PyDict_GET_SIZE(kwds) > 0 ? Py_NewRef(kwds) : NULL;
    PyObject_GC_Track((PyObject *)mc);
    return (PyObject *)mc;
}

static int
methodcaller_clear(PyObject *self)
{
    methodcallerobject *mc = (methodcallerobject *)self;
    Py_CLEAR(mc->name);
    Py_CLEAR(mc->args);
    Py_CLEAR(mc->kwds);
    return 0;
}

static int
methodcaller_traverse(PyObject *self, visitproc visit, void *arg)
{
    methodcallerobject *mc = (methodcallerobject *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(mc->args);
    Py_VISIT(mc->kwds);
    return 0;
}

static void
methodcaller_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    methodcaller_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
methodcaller_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    methodcallerobject *mc = (methodcallerobject *)self;
    if (no_keywords("methodcaller", kwds) < 0
        || one_operand("methodcaller", PyTuple_GET_SIZE(args)) < 0)
    {
        return NULL;
    }
    PyObject *obj = PyTuple_GET_ITEM(args, 0);
    if (mc->kwds == NULL && PyTuple_GET_SIZE(mc->args) == 0) {
        return PyObject_CallMethodNoArgs(obj, mc->name);
    }
    PyObject *method = PyObject_GetAttr(obj, mc->name);
    if (method == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_Call(method, mc->args, mc->kwds);
    Py_DECREF(method);
    return result;
}

/* "name, 1, x=2" as a new list of strs. */
static PyObject *
methodcaller_parts(methodcallerobject *mc)
{
    PyObject *parts = PyList_New(0);
    Py_ssize_t n = PyTuple_GET_SIZE(mc->args);
    for (Py_ssize_t i = -1; parts != NULL && i < n; i++) {
        PyObject *s = PyObject_Repr(i < 0 ? mc->name : PyTuple_GET_ITEM(mc->args, i));
        if (s == NULL || PyList_Append(parts, s) < 0) {
            Py_CLEAR(parts);
        }
        Py_XDECREF(s);
    }
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    while (parts != NULL && mc->kwds != NULL && PyDict_Next(mc->kwds, &pos, &key, &value)) {
        PyObject *s = PyUnicode_FromFormat("%U=%R", key, value);
        if (s == NULL || PyList_Append(parts, s) < 0) {
            Py_CLEAR(parts);
        }
        Py_XDECREF(s);
    }
    return parts;
}

static PyObject *
methodcaller_repr(PyObject *self)
{
    const char *name = Py_TYPE(self)->tp_name;
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered < 0 ? NULL : PyUnicode_FromFormat("%s(...)", name);
    }
    PyObject *result = NULL, *parts = methodcaller_parts((methodcallerobject *)self);
    PyObject *comma = PyUnicode_FromString(", ");
    if (parts != NULL && comma != NULL) {
        PyObject *text = PyUnicode_Join(comma, parts);
        if (text != NULL) {
            result = PyUnicode_FromFormat("%s(%U)", name, text);
            Py_DECREF(text);
        }
    }
    Py_XDECREF(parts);
    Py_XDECREF(comma);
    Py_ReprLeave(self);
    return result;
}

static PyObject *
methodcaller_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    methodcallerobject *mc = (methodcallerobject *)self;
    if (mc->kwds == NULL) {
        PyObject *name = PyTuple_Pack(1, mc->name);
        if (name == NULL) {
            return NULL;
        }
        PyObject *args = PySequence_Concat(name, mc->args);
        Py_DECREF(name);
        return args == NULL ? NULL : Py_BuildValue("ON", Py_TYPE(self), args);
    }
    /* Keywords need functools.partial(type, name, **kwds). */
    PyObject *functools = PyImport_ImportModule("functools");
    if (functools == NULL) {
        return NULL;
    }
    PyObject *partial = PyObject_GetAttrString(functools, "partial");
    Py_DECREF(functools);
    if (partial == NULL) {
        return NULL;
    }
    PyObject *constructor = NULL, *args = PyTuple_Pack(2, Py_TYPE(self), mc->name);
    if (args != NULL) {
        constructor = PyObject_Call(partial, args, mc->kwds);
        Py_DECREF(args);
    }
    Py_DECREF(partial);
    return constructor == NULL ? NULL : Py_BuildValue("NO", constructor, mc->args);
}

static const PyMethodDef methodcaller_methods[] = {
    {"__reduce__", methodcaller_reduce, METH_NOARGS, REDUCE_DOC},
    {NULL, NULL}
};

PyDoc_STRVAR(methodcaller_doc,
"methodcaller(name, /, *args, **kwargs)\n--\n\n\
Return a callable object that calls the given method on its operand.\n\
After f = methodcaller('name'), the call f(r) returns r.name().\n\
After g = methodcaller('name', 'date', foo=1), the call g(r) returns\n\
r.name('date', foo=1).");

static const PyType_Slot methodcaller_slots[] = {
    {Py_tp_doc, (void *)methodcaller_doc},
    {Py_tp_dealloc, methodcaller_dealloc},
    {Py_tp_call, methodcaller_call},
    {Py_tp_traverse, methodcaller_traverse},
    {Py_tp_clear, methodcaller_clear},
    {Py_tp_methods, (void *)methodcaller_methods},
    {Py_tp_new, methodcaller_new},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_repr, methodcaller_repr},
    {0, NULL}
};

static const PyType_Spec methodcaller_spec = {
    .name = "operator.methodcaller",
    .basicsize = sizeof(methodcallerobject),
    .flags = GETTER_FLAGS,
    .slots = (PyType_Slot *)methodcaller_slots,
};

/* ---------------------------------------------------------------------------------- module */

static PyTypeObject *
add_type(PyObject *module, const PyType_Spec *spec)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, (PyType_Spec *)spec,
                                                                     NULL);
    if (type != NULL && PyModule_AddType(module, type) < 0) {
        Py_CLEAR(type);
    }
    return type;
}

static int
operator_exec(PyObject *module)
{
    operator_state *state = get_state(module);
    return (state->attrgetter_type = add_type(module, &attrgetter_spec)) == NULL
                   || (state->itemgetter_type = add_type(module, &itemgetter_spec)) == NULL
                   || (state->methodcaller_type = add_type(module, &methodcaller_spec)) == NULL
               ? -1 : 0;
}

static int
operator_traverse(PyObject *module, visitproc visit, void *arg)
{
    operator_state *state = get_state(module);
    Py_VISIT(state->attrgetter_type);
    Py_VISIT(state->itemgetter_type);
    Py_VISIT(state->methodcaller_type);
    return 0;
}

static int
operator_clear(PyObject *module)
{
    operator_state *state = get_state(module);
    Py_CLEAR(state->attrgetter_type);
    Py_CLEAR(state->itemgetter_type);
    Py_CLEAR(state->methodcaller_type);
    return 0;
}

static void
operator_free(void *module)
{
    operator_clear((PyObject *)module);
}

static const PyModuleDef_Slot operator_slots[] = {
    {Py_mod_exec, operator_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(operator_doc,
"Operator interface.\n\
\n\
This module exports a set of functions implemented in C corresponding\n\
to the intrinsic operators of Python.  For example, operator.add(x, y)\n\
is equivalent to the expression x+y.  The function names are those\n\
used for special methods; variants without leading and trailing\n\
'__' are also provided for convenience.");

static _Py_SHARED struct PyModuleDef operatormodule = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_operator",
    .m_doc = operator_doc,
    .m_size = sizeof(operator_state),
    .m_methods = (PyMethodDef *)operator_methods,
    .m_slots = (PyModuleDef_Slot *)operator_slots,
    .m_traverse = operator_traverse,
    .m_clear = operator_clear,
    .m_free = operator_free,
};

PyMODINIT_FUNC
PyInit__operator(void)
{
    return PyModuleDef_Init(&operatormodule);
}
