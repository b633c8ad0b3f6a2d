/* _testcapi: types with unusual slots, and functions that change slots of other types.
 *
 * All types are heap types of the module's interpreter.
 *
 * Written from the C API reference ("Type Objects", "Number Object Structures", "Async Object
 * Structures") and PEP 442 and 560.
 */
#include "wrap.h"
#include "parts.h"

/* ---- generic classes (PEP 560) ---- */

typedef struct {
    PyObject_HEAD
    PyObject *item;
} generic_alias;

static int
generic_alias_traverse(generic_alias *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->item);
    return 0;
}

static int
generic_alias_clear(generic_alias *self)
{
    Py_CLEAR(self->item);
    return 0;
}

static void
generic_alias_dealloc(generic_alias *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_CLEAR(self->item);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
generic_alias_mro_entries(generic_alias *self, PyObject *Py_UNUSED(bases))
{
    return PyTuple_Pack(1, self->item);
}

static PyMethodDef generic_alias_methods[] = {
    {"__mro_entries__", _PyCFunction_CAST(generic_alias_mro_entries), METH_O, NULL},
    {NULL}
};

static PyType_Slot generic_alias_slots[] = {
    {Py_tp_dealloc, generic_alias_dealloc},
    {Py_tp_traverse, generic_alias_traverse},
    {Py_tp_clear, generic_alias_clear},
    {Py_tp_methods, generic_alias_methods},
    {0, NULL}
};

static PyType_Spec generic_alias_spec = {
    .name = "_testcapi.GenericAlias",
    .basicsize = sizeof(generic_alias),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = generic_alias_slots,
};

static PyObject *
generic_class_getitem(PyObject *Py_UNUSED(type), PyTypeObject *defining_class,
                      PyObject *const *args, Py_ssize_t nargs, PyObject *Py_UNUSED(kwnames))
{
    if (!right_count("__class_getitem__", nargs, 1, 1)) {
        return NULL;
    }
    PyObject *module = PyType_GetModule(defining_class);
    PyObject *type = module == NULL ? NULL : PyObject_GetAttrString(module, "GenericAlias");
    if (type == NULL) {
        return NULL;
    }
    generic_alias *self = (generic_alias *)PyType_GenericAlloc((PyTypeObject *)type, 0);
    Py_DECREF(type);
    if (self != NULL) {
        self->item = Py_NewRef(args[0]);
    }
    return (PyObject *)self;
}

static PyMethodDef generic_methods[] = {
    {"__class_getitem__", _PyCFunction_CAST(generic_class_getitem),
     METH_METHOD | METH_FASTCALL | METH_KEYWORDS | METH_CLASS, NULL},
    {NULL}
};

static PyType_Slot generic_slots[] = {
    {Py_tp_methods, generic_methods},
    {0, NULL}
};

static PyType_Spec generic_spec = {
    .name = "_testcapi.Generic",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = generic_slots,
};

/* ---- operators ---- */

static PyObject *
matmul_multiply(PyObject *left, PyObject *right)
{
    return Py_BuildValue("(sOO)", "matmul", left, right);
}

static PyObject *
matmul_inplace_multiply(PyObject *left, PyObject *right)
{
    return Py_BuildValue("(sOO)", "imatmul", left, right);
}

static PyType_Slot matmul_slots[] = {
    {Py_nb_matrix_multiply, matmul_multiply},
    {Py_nb_inplace_matrix_multiply, matmul_inplace_multiply},
    {0, NULL}
};

static PyType_Spec matmul_spec = {
    .name = "_testcapi.matmulType",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = matmul_slots,
};

static PyObject *
ipow_inplace_power(PyObject *Py_UNUSED(self), PyObject *exponent, PyObject *modulus)
{
    return PyTuple_Pack(2, exponent, modulus);
}

static PyType_Slot ipow_slots[] = {
    {Py_nb_inplace_power, ipow_inplace_power},
    {0, NULL}
};

static PyType_Spec ipow_spec = {
    .name = "_testcapi.ipowType",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = ipow_slots,
};

/* ---- awaitType(iterator): an object whose am_await gives what it was made of ---- */

typedef struct {
    PyObject_HEAD
    PyObject *iterator;
} await_object;

static PyObject *
await_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *iterator;
    if (!_PyArg_NoKeywords("awaitType", kwargs)
        || !PyArg_UnpackTuple(args, "awaitType", 1, 1, &iterator)) {
        return NULL;
    }
    await_object *self = (await_object *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->iterator = Py_NewRef(iterator);
    }
    return (PyObject *)self;
}

static int
await_traverse(await_object *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->iterator);
    return 0;
}

static int
await_clear(await_object *self)
{
    Py_CLEAR(self->iterator);
    return 0;
}

static void
await_dealloc(await_object *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_CLEAR(self->iterator);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
await_await(await_object *self)
{
    return Py_NewRef(self->iterator);
}

static PyType_Slot await_slots[] = {
    {Py_tp_new, await_new},
    {Py_tp_dealloc, await_dealloc},
    {Py_tp_traverse, await_traverse},
    {Py_tp_clear, await_clear},
    {Py_am_await, await_await},
    {0, NULL}
};

static PyType_Spec await_spec = {
    .name = "_testcapi.awaitType",
    .basicsize = sizeof(await_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = await_slots,
};

/* ---- MyList: a list whose deallocator calls that of list ---- */

static void
my_list_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, my_list_dealloc);
    /* list's deallocator wants a tracked object and frees it. */
    PyObject_GC_Track(self);
    PyList_Type.tp_dealloc(self);
    Py_DECREF(type);
    Py_TRASHCAN_END;
}

static int
my_list_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return PyList_Type.tp_traverse(self, visit, arg);
}

static int
my_list_clear(PyObject *self)
{
    return PyList_Type.tp_clear(self);
}

static PyType_Slot my_list_slots[] = {
    {Py_tp_dealloc, my_list_dealloc},
    {Py_tp_traverse, my_list_traverse},
    {Py_tp_clear, my_list_clear},
    {0, NULL}
};

static PyType_Spec my_list_spec = {
    .name = "_testcapi.MyList",
    .basicsize = sizeof(PyListObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = my_list_slots,
};

/* ---- ContainerNoGC(value): refers to an object, and the collector does not know ---- */

typedef struct {
    PyObject_HEAD
    PyObject *value;
} container_no_gc;

static PyObject *
container_no_gc_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"value", NULL};
    PyObject *value;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O", KEYWORDS(names), &value)) {
        return NULL;
    }
    container_no_gc *self = (container_no_gc *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->value = Py_NewRef(value);
    }
    return (PyObject *)self;
}

static void
container_no_gc_dealloc(container_no_gc *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_DECREF(self->value);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef container_no_gc_members[] = {
    {"value", _Py_T_OBJECT, offsetof(container_no_gc, value), Py_READONLY, NULL},
    {NULL}
};

static PyType_Slot container_no_gc_slots[] = {
    {Py_tp_new, container_no_gc_new},
    {Py_tp_dealloc, container_no_gc_dealloc},
    {Py_tp_members, container_no_gc_members},
    {0, NULL}
};

static PyType_Spec container_no_gc_spec = {
    .name = "_testcapi.ContainerNoGC",
    .basicsize = sizeof(container_no_gc),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = container_no_gc_slots,
};

/* ---- finalizers ---- */

/* The slot tp_del, which PEP 442 replaced: calls __tp_del__, which may resurrect the object. */
static void
call_tp_del(PyObject *self)
{
    PyObject *saved = PyErr_GetRaisedException();
    Py_SET_REFCNT(self, 1);
    PyObject *result = PyObject_CallMethod(self, "__tp_del__", NULL);
    if (result == NULL) {
        PyErr_WriteUnraisable(self);
    }
    Py_XDECREF(result);
    /* Not Py_DECREF(): at 0 it would deallocate what is being deallocated. */
    Py_SET_REFCNT(self, Py_REFCNT(self) - 1);
    PyErr_SetRaisedException(saved);
}

/* A heap type, or NULL with a TypeError. */
static PyTypeObject *
heap_type(PyObject *object)
{
    if (!PyType_Check(object) || !PyType_HasFeature((PyTypeObject *)object, Py_TPFLAGS_HEAPTYPE)) {
        PyErr_Format(PyExc_TypeError, "heap type expected, got %R", object);
        return NULL;
    }
    return (PyTypeObject *)object;
}

static PyObject *
with_slot_del(PyObject *object)
{
    PyTypeObject *type = heap_type(object);
    if (type == NULL) {
        return NULL;
    }
    type->tp_del = call_tp_del;
    return Py_NewRef(object);
}

static PyObject *
without_collector(PyObject *object)
{
    PyTypeObject *type = heap_type(object);
    if (type == NULL) {
        return NULL;
    }
    if (PyType_IS_GC(type)) {
        type->tp_flags &= ~Py_TPFLAGS_HAVE_GC;
        type->tp_free = PyObject_Free;
        type->tp_traverse = NULL;
        type->tp_clear = NULL;
    }
    assert(!PyType_IS_GC(type));
    return Py_NewRef(object);
}

#define TYPE_CALLS(X) \
    X(1, with_tp_del, object, with_slot_del, P) \
    X(1, without_gc, object, without_collector, P)

TYPE_CALLS(WRAP)

static PyMethodDef type_methods[] = {
    TYPE_CALLS(WRAP_ROW)
    {NULL}
};

int
_TestCapi_AddType(PyObject *module, PyType_Spec *spec, PyTypeObject *base)
{
    PyObject *type = PyType_FromModuleAndSpec(module, spec, (PyObject *)base);
    if (type == NULL) {
        return -1;
    }
    int result = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return result;
}

int
_TestCapi_AddTypes(PyObject *module)
{
    static PyType_Spec *const specs[] = {
        &generic_alias_spec, &generic_spec, &matmul_spec, &ipow_spec, &await_spec,
        &container_no_gc_spec,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(specs); i++) {
        if (_TestCapi_AddType(module, specs[i], NULL) < 0) {
            return -1;
        }
    }
    if (_TestCapi_AddType(module, &my_list_spec, &PyList_Type) < 0) {
        return -1;
    }
    return PyModule_AddFunctions(module, type_methods);
}
