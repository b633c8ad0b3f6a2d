/* types.SimpleNamespace.
 * Written from the library reference (types) and observed behaviour of 3.12. */
#include "Python.h"
#include "structmember.h"       // T_OBJECT
#include "pycore_namespace.h"
#include "pycore_object.h"
#include "pycore_pystate.h"

typedef struct {
    PyObject_HEAD
    PyObject *ns_dict;          /* strong */
} _PyNamespaceObject;

static PyMemberDef namespace_members[] = {
    {"__dict__", T_OBJECT, offsetof(_PyNamespaceObject, ns_dict), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyObject *
namespace_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    PyObject *self = type->tp_alloc(type, 0);
    if (self != NULL) {
        _PyNamespaceObject *ns = (_PyNamespaceObject *)self;
        ns->ns_dict = PyDict_New();
        if (ns->ns_dict == NULL) {
            Py_DECREF(self);
            return NULL;
        }
    }
    return self;
}

static int
namespace_init(_PyNamespaceObject *ns, PyObject *args, PyObject *kwds)
{
    if (PyTuple_GET_SIZE(args) != 0) {
        PyErr_Format(PyExc_TypeError, "no positional arguments expected");
        return -1;
    }
    if (kwds == NULL) {
        return 0;
    }
    if (!PyArg_ValidateKeywordArguments(kwds)) {
        return -1;
    }
    return PyDict_Update(ns->ns_dict, kwds);
}

static void
namespace_dealloc(_PyNamespaceObject *ns)
{
    PyObject_GC_UnTrack(ns);
    Py_CLEAR(ns->ns_dict);
    Py_TYPE(ns)->tp_free((PyObject *)ns);
}

/* "key=value" of the names that are strs: new reference, or NULL with an error. */
static PyObject *
repr_pairs(PyObject *dict)
{
    PyObject *pairs = PyList_New(0);
    PyObject *keys = pairs != NULL ? PyDict_Keys(dict) : NULL;
    if (keys == NULL) {
        Py_XDECREF(pairs);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(keys); i++) {
        PyObject *key = PyList_GET_ITEM(keys, i);
        if (!PyUnicode_Check(key) || PyUnicode_GET_LENGTH(key) == 0) {
            continue;
        }
        PyObject *value = PyDict_GetItemWithError(dict, key);
        if (value == NULL) {
            if (PyErr_Occurred()) {
                goto error;
            }
            continue;
        }
        Py_INCREF(value);
        PyObject *item = PyUnicode_FromFormat("%U=%R", key, value);
        Py_DECREF(value);
        if (item == NULL || PyList_Append(pairs, item) < 0) {
            Py_XDECREF(item);
            goto error;
        }
        Py_DECREF(item);
    }
    Py_DECREF(keys);
    return pairs;
error:
    Py_DECREF(keys);
    Py_DECREF(pairs);
    return NULL;
}

static PyObject *
namespace_repr(PyObject *ns)
{
    const char *name = Py_IS_TYPE(ns, &_PyNamespace_Type) ? "namespace" : Py_TYPE(ns)->tp_name;
    int entered = Py_ReprEnter(ns);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromFormat("%s(...)", name) : NULL;
    }
    PyObject *repr = NULL;
    PyObject *pairs = repr_pairs(((_PyNamespaceObject *)ns)->ns_dict);
    if (pairs != NULL) {
        PyObject *separator = PyUnicode_FromString(", ");
        PyObject *text = separator != NULL ? PyUnicode_Join(separator, pairs) : NULL;
        if (text != NULL) {
            repr = PyUnicode_FromFormat("%s(%U)", name, text);
        }
        Py_XDECREF(separator);
        Py_XDECREF(text);
        Py_DECREF(pairs);
    }
    Py_ReprLeave(ns);
    return repr;
}

static int
namespace_traverse(_PyNamespaceObject *ns, visitproc visit, void *arg)
{
    Py_VISIT(ns->ns_dict);
    return 0;
}

static int
namespace_clear(_PyNamespaceObject *ns)
{
    Py_CLEAR(ns->ns_dict);
    return 0;
}

static PyObject *
namespace_richcompare(PyObject *self, PyObject *other, int op)
{
    if (PyObject_TypeCheck(self, &_PyNamespace_Type) &&
        PyObject_TypeCheck(other, &_PyNamespace_Type)) {
        return PyObject_RichCompare(((_PyNamespaceObject *)self)->ns_dict,
                                    ((_PyNamespaceObject *)other)->ns_dict, op);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
namespace_reduce(_PyNamespaceObject *ns, PyObject *Py_UNUSED(ignored))
{
    PyObject *args = PyTuple_New(0);
    if (args == NULL) {
        return NULL;
    }
    PyObject *result = PyTuple_Pack(3, (PyObject *)Py_TYPE(ns), args, ns->ns_dict);
    Py_DECREF(args);
    return result;
}

static PyMethodDef namespace_methods[] = {
    {"__reduce__", (PyCFunction)namespace_reduce, METH_NOARGS,
     "Return state information for pickling"},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(namespace_doc,
"A simple attribute-based namespace.\n"
"\n"
"SimpleNamespace(**kwargs)");

_Py_SHARED PyTypeObject _PyNamespace_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "types.SimpleNamespace",
    .tp_basicsize = sizeof(_PyNamespaceObject),
    .tp_dealloc = (destructor)namespace_dealloc,
    .tp_repr = namespace_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = namespace_doc,
    .tp_traverse = (traverseproc)namespace_traverse,
    .tp_clear = (inquiry)namespace_clear,
    .tp_richcompare = namespace_richcompare,
    .tp_methods = namespace_methods,
    .tp_members = namespace_members,
    .tp_dictoffset = offsetof(_PyNamespaceObject, ns_dict),
    .tp_init = (initproc)namespace_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = namespace_new,
    .tp_free = PyObject_GC_Del,
};

/* A namespace with a copy of the dict (may be NULL): new reference, or NULL with an error. */
PyObject *
_PyNamespace_New(PyObject *kwds)
{
    PyObject *ns = namespace_new(&_PyNamespace_Type, NULL, NULL);
    if (ns == NULL || kwds == NULL) {
        return ns;
    }
    if (PyDict_Update(((_PyNamespaceObject *)ns)->ns_dict, kwds) != 0) {
        Py_DECREF(ns);
        return NULL;
    }
    return ns;
}
