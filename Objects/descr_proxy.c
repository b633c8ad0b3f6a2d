/* descr_proxy.c - mappingproxy: a read-only view of a mapping; what type.__dict__ gives.
 *
 * Written from the library reference (types.MappingProxyType), PEP 416/584 and observed messages.
 */
#include "Python.h"
#include "pycore_ceval.h"       // _Py_EnterRecursiveCall()
#include "pycore_object.h"      // _PyObject_GC_TRACK()
#include "pycore_strings.h"     // _Py_ID()

#include "sig/descr_proxy.sig.h"

typedef struct {
    PyObject_HEAD
    PyObject *mapping;      /* owned */
} mappingproxyobject;

#define MAPPING(op) (((mappingproxyobject *)(op))->mapping)

static Py_ssize_t
mappingproxy_len(PyObject *pp)
{
    if (_Py_EnterRecursiveCall(" in a mapping proxy")) {
        return -1;
    }
    Py_ssize_t size = PyObject_Size(MAPPING(pp));
    _Py_LeaveRecursiveCall();
    return size;
}

static PyObject *
mappingproxy_getitem(PyObject *pp, PyObject *key)
{
    if (_Py_EnterRecursiveCall(" in a mapping proxy")) {
        return NULL;
    }
    PyObject *value = PyObject_GetItem(MAPPING(pp), key);
    _Py_LeaveRecursiveCall();
    return value;
}

static _Py_SHARED PyMappingMethods mappingproxy_as_mapping = {
    .mp_length = mappingproxy_len,
    .mp_subscript = mappingproxy_getitem,
};

/* A | B: proxies stand for their mappings; the result is no proxy. */
static PyObject *
mappingproxy_or(PyObject *left, PyObject *right)
{
    if (PyObject_TypeCheck(left, &PyDictProxy_Type)) {
        left = MAPPING(left);
    }
    if (PyObject_TypeCheck(right, &PyDictProxy_Type)) {
        right = MAPPING(right);
    }
    if (_Py_EnterRecursiveCall(" in a mapping proxy")) {
        return NULL;
    }
    PyObject *result = PyNumber_Or(left, right);
    _Py_LeaveRecursiveCall();
    return result;
}

static PyObject *
mappingproxy_ior(PyObject *self, PyObject *Py_UNUSED(other))
{
    return PyErr_Format(PyExc_TypeError, "'|=' is not supported by %s; use '|' instead",
                        Py_TYPE(self)->tp_name);
}

static _Py_SHARED PyNumberMethods mappingproxy_as_number = {
    .nb_or = mappingproxy_or,
    .nb_inplace_or = mappingproxy_ior,
};

static int
mappingproxy_contains(PyObject *pp, PyObject *key)
{
    if (PyDict_CheckExact(MAPPING(pp))) {
        return PyDict_Contains(MAPPING(pp), key);
    }
    if (_Py_EnterRecursiveCall(" in a mapping proxy")) {
        return -1;
    }
    int found = PySequence_Contains(MAPPING(pp), key);
    _Py_LeaveRecursiveCall();
    return found;
}

static _Py_SHARED PySequenceMethods mappingproxy_as_sequence = {
    .sq_contains = mappingproxy_contains,
};

static PyObject *
mappingproxy_get(PyObject *pp, PyObject *const *args, Py_ssize_t nargs)
{
    /* The default is passed on, so that any mapping will do. */
    if (!_PyArg_CheckPositional("get", nargs, 1, 2)) {
        return NULL;
    }
    return PyObject_VectorcallMethod(&_Py_ID(get),
                                     (PyObject *[]){MAPPING(pp), args[0],
                                                    nargs > 1 ? args[1] : Py_None},
                                     3, NULL);
}

static PyObject *
mappingproxy_keys(PyObject *pp, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(MAPPING(pp), &_Py_ID(keys));
}

static PyObject *
mappingproxy_values(PyObject *pp, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(MAPPING(pp), &_Py_ID(values));
}

static PyObject *
mappingproxy_items(PyObject *pp, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(MAPPING(pp), &_Py_ID(items));
}

static PyObject *
mappingproxy_copy(PyObject *pp, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(MAPPING(pp), &_Py_ID(copy));
}

static PyObject *
mappingproxy_reversed(PyObject *pp, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(MAPPING(pp), &_Py_ID(__reversed__));
}

static _Py_SHARED PyMethodDef mappingproxy_methods[] = {
    {"get", _PyCFunction_CAST(mappingproxy_get), METH_FASTCALL,
     PyDoc_STR("D.get(k[,d]) -> D[k] if k in D, else d.  d defaults to None.")},
    {"keys", mappingproxy_keys, METH_NOARGS,
     PyDoc_STR("D.keys() -> a set-like object providing a view on D's keys")},
    {"values", mappingproxy_values, METH_NOARGS,
     PyDoc_STR("D.values() -> an object providing a view on D's values")},
    {"items", mappingproxy_items, METH_NOARGS,
     PyDoc_STR("D.items() -> a set-like object providing a view on D's items")},
    {"copy", mappingproxy_copy, METH_NOARGS, PyDoc_STR("D.copy() -> a shallow copy of D")},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {"__reversed__", mappingproxy_reversed, METH_NOARGS,
     PyDoc_STR("D.__reversed__() -> reverse iterator")},
    {NULL}
};

static void
mappingproxy_dealloc(PyObject *pp)
{
    _PyObject_GC_UNTRACK(pp);
    Py_DECREF(MAPPING(pp));
    PyObject_GC_Del(pp);
}

static PyObject *
mappingproxy_getiter(PyObject *pp)
{
    if (_Py_EnterRecursiveCall(" in a mapping proxy")) {
        return NULL;
    }
    PyObject *iter = PyObject_GetIter(MAPPING(pp));
    _Py_LeaveRecursiveCall();
    return iter;
}

static Py_hash_t
mappingproxy_hash(PyObject *pp)
{
    return PyObject_Hash(MAPPING(pp));
}

static PyObject *
mappingproxy_str(PyObject *pp)
{
    return PyObject_Str(MAPPING(pp));
}

static PyObject *
mappingproxy_repr(PyObject *pp)
{
    return PyUnicode_FromFormat("mappingproxy(%R)", MAPPING(pp));
}

static int
mappingproxy_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(MAPPING(self));
    return 0;
}

static PyObject *
mappingproxy_richcompare(PyObject *self, PyObject *w, int op)
{
    if (PyObject_TypeCheck(w, &PyDictProxy_Type)) {
        w = MAPPING(w);
    }
    return PyObject_RichCompare(MAPPING(self), w, op);
}

static int
check_mapping(PyObject *mapping)
{
    if (!PyMapping_Check(mapping) || PyList_Check(mapping) || PyTuple_Check(mapping)) {
        PyErr_Format(PyExc_TypeError, "mappingproxy() argument must be a mapping, not %s",
                     Py_TYPE(mapping)->tp_name);
        return -1;
    }
    return 0;
}

static PyObject *
new_proxy(PyObject *mapping)
{
    mappingproxyobject *pp = PyObject_GC_New(mappingproxyobject, &PyDictProxy_Type);
    if (pp != NULL) {
        pp->mapping = Py_NewRef(mapping);
        _PyObject_GC_TRACK((PyObject *)pp);
    }
    return (PyObject *)pp;
}

/*sig mappingproxy.__new__(type, mapping)
*/
static PyObject *
mappingproxy_new_impl(PyTypeObject *Py_UNUSED(type), PyObject *mapping)
{
    return check_mapping(mapping) < 0 ? NULL : new_proxy(mapping);
}

PyObject *
PyDictProxy_New(PyObject *mapping)
{
    return check_mapping(mapping) < 0 ? NULL : new_proxy(mapping);
}

_Py_SHARED PyTypeObject PyDictProxy_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "mappingproxy",
    .tp_basicsize = sizeof(mappingproxyobject),
    .tp_dealloc = mappingproxy_dealloc,
    .tp_repr = mappingproxy_repr,
    .tp_as_number = &mappingproxy_as_number,
    .tp_as_sequence = &mappingproxy_as_sequence,
    .tp_as_mapping = &mappingproxy_as_mapping,
    .tp_hash = mappingproxy_hash,
    .tp_str = mappingproxy_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_MAPPING,
    .tp_traverse = mappingproxy_traverse,
    .tp_richcompare = mappingproxy_richcompare,
    .tp_iter = mappingproxy_getiter,
    .tp_methods = mappingproxy_methods,
    .tp_new = mappingproxy_new,
};
