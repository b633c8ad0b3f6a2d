/* types.UnionType: int | str (PEP 604).
 * Written from the library reference ("Union Type"), the PEP and observed behaviour of 3.12. */
#include "Python.h"
#include "structmember.h"       // T_OBJECT
#include "pycore_genericalias.h"
#include "pycore_object.h"
#include "pycore_strings.h"
#include "pycore_typevarobject.h"   // _PyTypeAlias_Type
#include "pycore_unionobject.h"

typedef struct {
    PyObject_HEAD
    PyObject *args;             /* tuple of the members, each once */
    PyObject *parameters;       /* type variables, or NULL until asked for */
} unionobject;

static void
unionobject_dealloc(PyObject *self)
{
    unionobject *alias = (unionobject *)self;
    PyObject_GC_UnTrack(self);
    Py_XDECREF(alias->args);
    Py_XDECREF(alias->parameters);
    Py_TYPE(self)->tp_free(self);
}

static int
union_traverse(PyObject *self, visitproc visit, void *arg)
{
    unionobject *alias = (unionobject *)self;
    Py_VISIT(alias->args);
    Py_VISIT(alias->parameters);
    return 0;
}

static Py_hash_t
union_hash(PyObject *self)
{
    PyObject *args = PyFrozenSet_New(((unionobject *)self)->args);
    if (args == NULL) {
        return -1;
    }
    Py_hash_t hash = PyObject_Hash(args);
    Py_DECREF(args);
    return hash;
}

static PyObject *
union_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!_PyUnion_Check(b) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *a_set = PySet_New(((unionobject *)a)->args);
    PyObject *b_set = a_set != NULL ? PySet_New(((unionobject *)b)->args) : NULL;
    PyObject *result = b_set != NULL ? PyObject_RichCompare(a_set, b_set, op) : NULL;
    Py_XDECREF(b_set);
    Py_XDECREF(a_set);
    return result;
}

static int
is_same(PyObject *a, PyObject *b)
{
    return _PyGenericAlias_Check(a) && _PyGenericAlias_Check(b)
           ? PyObject_RichCompareBool(a, b, Py_EQ) : a == b;
}

/* Is it among the first `n` items of the tuple: 1, 0, or -1 with an error. */
static int
contains(PyObject *const *items, Py_ssize_t n, PyObject *obj)
{
    int res = 0;
    for (Py_ssize_t i = 0; i < n && res == 0; i++) {
        res = is_same(items[i], obj);
    }
    return res;
}

static PyObject *
make_union(PyObject *args)
{
    assert(PyTuple_CheckExact(args));
    unionobject *result = PyObject_GC_New(unionobject, &_PyUnion_Type);
    if (result == NULL) {
        return NULL;
    }
    result->parameters = NULL;
    result->args = Py_NewRef(args);
    _PyObject_GC_TRACK((PyObject *)result);
    return (PyObject *)result;
}

/* Members of both, without repetition (neither has one): new tuple, or NULL with an error. */
static PyObject *
merge_args(PyObject *const *first, Py_ssize_t n1, PyObject *const *second, Py_ssize_t n2)
{
    PyObject *tuple = PyTuple_New(n1 + n2);
    if (tuple == NULL) {
        return NULL;
    }
    PyObject **items = ((PyTupleObject *)tuple)->ob_item;
    Py_ssize_t pos = 0;
    for (Py_ssize_t i = 0; i < n1 + n2; i++) {
        PyObject *arg = i < n1 ? first[i] : second[i - n1];
        int seen = i < n1 ? 0 : contains(items, n1, arg);
        if (seen < 0) {
            Py_DECREF(tuple);
            return NULL;
        }
        if (!seen) {
            items[pos++] = Py_NewRef(arg);
        }
    }
    if (_PyTuple_Resize(&tuple, pos) < 0) {
        return NULL;
    }
    return tuple;
}

static int
is_unionable(PyObject *obj)
{
    return obj == Py_None || PyType_Check(obj) || _PyGenericAlias_Check(obj) ||
           _PyUnion_Check(obj) || Py_IS_TYPE(obj, &_PyTypeAlias_Type);
}

/* The members that `obj` (None: NoneType) adds to a union. */
static PyObject *const *
members_of(PyObject **obj, Py_ssize_t *n)
{
    if (*obj == Py_None) {
        *obj = (PyObject *)Py_TYPE(Py_None);
    }
    if (_PyUnion_Check(*obj)) {
        PyObject *args = ((unionobject *)*obj)->args;
        *n = PyTuple_GET_SIZE(args);
        return ((PyTupleObject *)args)->ob_item;
    }
    *n = 1;
    return obj;
}

PyObject *
_Py_union_type_or(PyObject *self, PyObject *other)
{
    if (!is_unionable(self) || !is_unionable(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_ssize_t n1, n2;
    PyObject *const *first = members_of(&self, &n1);
    PyObject *const *second = members_of(&other, &n2);
    PyObject *args = merge_args(first, n1, second, n2);
    if (args == NULL) {
        return NULL;
    }
    PyObject *result = PyTuple_GET_SIZE(args) == 1 ? Py_NewRef(PyTuple_GET_ITEM(args, 0))
                                                   : make_union(args);
    Py_DECREF(args);
    return result;
}

static PyObject *
union_repr(PyObject *self)
{
    PyObject *args = ((unionobject *)self)->args;
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        PyObject *p = PyTuple_GET_ITEM(args, i);
        if (i > 0 && _PyUnicodeWriter_WriteASCIIString(&writer, " | ", 3) < 0) {
            goto error;
        }
        int res = p == (PyObject *)Py_TYPE(Py_None)
            ? _PyUnicodeWriter_WriteASCIIString(&writer, "None", 4)
            : _Py_typing_type_repr(&writer, p);
        if (res < 0) {
            goto error;
        }
    }
    return _PyUnicodeWriter_Finish(&writer);
error:
    _PyUnicodeWriter_Dealloc(&writer);
    return NULL;
}

static PyMemberDef union_members[] = {
    {"__args__", T_OBJECT, offsetof(unionobject, args), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static int
ensure_parameters(unionobject *alias)
{
    if (alias->parameters == NULL) {
        alias->parameters = _Py_make_parameters(alias->args);
    }
    return alias->parameters != NULL ? 0 : -1;
}

static PyObject *
union_getitem(PyObject *self, PyObject *item)
{
    unionobject *alias = (unionobject *)self;
    if (ensure_parameters(alias) < 0) {
        return NULL;
    }
    PyObject *newargs = _Py_subs_parameters(self, alias->args, alias->parameters, item);
    if (newargs == NULL) {
        return NULL;
    }
    PyObject *res = NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(newargs); i++) {
        PyObject *arg = PyTuple_GET_ITEM(newargs, i);
        if (i == 0) {
            res = Py_NewRef(arg);
        }
        else {
            Py_SETREF(res, PyNumber_Or(res, arg));
        }
        if (res == NULL) {
            break;
        }
    }
    Py_DECREF(newargs);
    return res;
}

static PyObject *
union_parameters(PyObject *self, void *Py_UNUSED(unused))
{
    unionobject *alias = (unionobject *)self;
    return ensure_parameters(alias) < 0 ? NULL : Py_NewRef(alias->parameters);
}

static PyGetSetDef union_properties[] = {
    {"__parameters__", union_parameters, NULL, "Type variables in the types.UnionType.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static const char *const cls_attrs[] = {"__module__"};

static PyObject *
union_getattro(PyObject *self, PyObject *name)
{
    if (PyUnicode_Check(name)) {
        for (size_t i = 0; i < Py_ARRAY_LENGTH(cls_attrs); i++) {
            if (_PyUnicode_EqualToASCIIString(name, cls_attrs[i])) {
                return PyObject_GetAttr((PyObject *)Py_TYPE(self), name);
            }
        }
    }
    return PyObject_GenericGetAttr(self, name);
}

PyObject *
_Py_union_args(PyObject *self)
{
    assert(_PyUnion_Check(self));
    return ((unionobject *)self)->args;
}

static PyMappingMethods union_as_mapping = {
    .mp_subscript = union_getitem,
};

static PyNumberMethods union_as_number = {
    .nb_or = _Py_union_type_or,
};

_Py_SHARED PyTypeObject _PyUnion_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "types.UnionType",
    .tp_basicsize = sizeof(unionobject),
    .tp_dealloc = unionobject_dealloc,
    .tp_repr = union_repr,
    .tp_as_number = &union_as_number,
    .tp_as_mapping = &union_as_mapping,
    .tp_hash = union_hash,
    .tp_getattro = union_getattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = PyDoc_STR("Represent a PEP 604 union type\n\nE.g. for int | str"),
    .tp_traverse = union_traverse,
    .tp_richcompare = union_richcompare,
    .tp_members = union_members,
    .tp_getset = union_properties,
    .tp_alloc = PyType_GenericAlloc,
    .tp_free = PyObject_GC_Del,
};
