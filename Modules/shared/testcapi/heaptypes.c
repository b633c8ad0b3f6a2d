/* _testcapi: types made from specs, with every kind of storage that a spec can ask for.
 *
 * Written from the C API reference ("Creating Heap-Allocated Types", "Type Objects") and PEP 697.
 */
#include "wrap.h"
#include "parts.h"

/* ---- documentation ---- */

static PyType_Slot doc_slots[] = {
    {Py_tp_doc, "HeapDocCType(arg1, arg2)\n--\n\nsomedoc"},
    {0, NULL}
};
static PyType_Slot null_doc_slots[] = {{Py_tp_doc, NULL}, {0, NULL}};

#define PLAIN_SPEC(type_name, type_slots) { \
        .name = "_testcapi." type_name, \
        .basicsize = sizeof(PyObject), \
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, \
        .slots = type_slots, \
    }
static PyType_Spec doc_spec = PLAIN_SPEC("HeapDocCType", doc_slots);
static PyType_Spec null_doc_spec = PLAIN_SPEC("NullTpDocType", null_doc_slots);

/* ---- HeapGcCType: has a deallocator of its own, which releases the type ---- */

typedef struct {
    PyObject_HEAD
    int value;
} value_object;

static int
value_init(value_object *self, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    self->value = 10;
    return 0;
}

static int
visit_type(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
gc_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyMemberDef value_members[] = {
    {"value", Py_T_INT, offsetof(value_object, value), 0, NULL},
    {NULL}
};

static PyType_Slot gc_slots[] = {
    {Py_tp_init, value_init},
    {Py_tp_dealloc, gc_dealloc},
    {Py_tp_traverse, visit_type},
    {Py_tp_members, value_members},
    {0, NULL}
};

static PyType_Spec gc_spec = {
    .name = "_testcapi.HeapGcCType",
    .basicsize = sizeof(value_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = gc_slots,
};

/* ---- HeapCType, and subclasses of it in C ---- */

typedef struct {
    value_object base;
    int value2;
} value2_object;

static void
plain_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyType_Slot base_slots[] = {
    {Py_tp_init, value_init},
    {Py_tp_dealloc, plain_dealloc},
    {Py_tp_members, value_members},
    {0, NULL}
};

static PyType_Spec base_spec = {
    .name = "_testcapi.HeapCType",
    .basicsize = sizeof(value_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = base_slots,
};

static int
value2_init(value2_object *self, PyObject *args, PyObject *kwargs)
{
    self->value2 = 20;
    return value_init(&self->base, args, kwargs);
}

static PyMemberDef value2_members[] = {
    {"value2", Py_T_INT, offsetof(value2_object, value2), 0, NULL},
    {NULL}
};

static PyType_Slot subclass_slots[] = {
    {Py_tp_init, value2_init},
    {Py_tp_members, value2_members},
    {0, NULL}
};

static PyType_Spec subclass_spec = {
    .name = "_testcapi.HeapCTypeSubclass",
    .basicsize = sizeof(value2_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = subclass_slots,
};

/* Sets type.refcnt_in_del to the count of its references, of which the caller has one: 0 or -1. */
static int
note_references(PyObject *type)
{
    PyObject *count = PyLong_FromSsize_t(Py_REFCNT(type));
    if (count == NULL) {
        return -1;
    }
    int result = PyObject_SetAttrString(type, "refcnt_in_del", count);
    Py_DECREF(count);
    return result;
}

/* Makes the object an instance of HeapCTypeSubclass. */
static void
become_subclass(PyObject *self)
{
    PyObject *saved = PyErr_GetRaisedException();
    PyObject *old = Py_NewRef((PyObject *)Py_TYPE(self));
    PyObject *module = PyType_GetModule((PyTypeObject *)old);
    PyObject *new = module == NULL ? NULL : PyObject_GetAttrString(module, "HeapCTypeSubclass");
    if (new != NULL) {
        Py_SET_TYPE(self, (PyTypeObject *)Py_NewRef(new));
        Py_DECREF(old);
    }
    if (new == NULL || note_references(old) < 0 || note_references(new) < 0) {
        PyErr_WriteUnraisable(self);
    }
    Py_XDECREF(new);
    Py_DECREF(old);
    PyErr_SetRaisedException(saved);
}

static PyType_Slot finalizer_slots[] = {
    {Py_tp_finalize, become_subclass},
    {0, NULL}
};

static PyType_Spec finalizer_spec = {
    .name = "_testcapi.HeapCTypeSubclassWithFinalizer",
    .basicsize = sizeof(value2_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_FINALIZE,
    .slots = finalizer_slots,
};

/* ---- instances with a dict or weak references ---- */

typedef struct {
    PyObject_HEAD
    PyObject *field;            /* the dict, or the list of weak references */
} field_object;

static int
dict_traverse(field_object *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->field);
    return 0;
}

static int
dict_clear(field_object *self)
{
    Py_CLEAR(self->field);
    return 0;
}

static void
dict_dealloc(field_object *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_CLEAR(self->field);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyGetSetDef dict_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL}
};

static PyMemberDef dict_members[] = {
    {"dictobj", _Py_T_OBJECT, offsetof(field_object, field), 0, NULL},
    {"__dictoffset__", Py_T_PYSSIZET, offsetof(field_object, field), Py_READONLY, NULL},
    {NULL}
};

/* The dict is the last word of the instance. */
static PyMemberDef negative_dict_members[] = {
    {"dictobj", _Py_T_OBJECT, offsetof(field_object, field), 0, NULL},
    {"__dictoffset__", Py_T_PYSSIZET, -(Py_ssize_t)sizeof(void *), Py_READONLY, NULL},
    {NULL}
};

#define DICT_SLOTS(members) { \
        {Py_tp_dealloc, dict_dealloc}, \
        {Py_tp_traverse, dict_traverse}, \
        {Py_tp_clear, dict_clear}, \
        {Py_tp_getset, dict_getset}, \
        {Py_tp_members, members}, \
        {0, NULL} \
    }
static PyType_Slot dict_slots[] = DICT_SLOTS(dict_members);
static PyType_Slot negative_dict_slots[] = DICT_SLOTS(negative_dict_members);

#define DICT_SPEC(type_name, type_slots) { \
        .name = "_testcapi." type_name, \
        .basicsize = sizeof(field_object), \
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, \
        .slots = type_slots, \
    }
static PyType_Spec dict_spec = DICT_SPEC("HeapCTypeWithDict", dict_slots);
static PyType_Spec negative_dict_spec = DICT_SPEC("HeapCTypeWithNegativeDict", negative_dict_slots);

static int
managed_dict_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return _PyObject_VisitManagedDict(self, visit, arg);
}

static int
managed_dict_clear(PyObject *self)
{
    _PyObject_ClearManagedDict(self);
    return 0;
}

static void
managed_dict_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    _PyObject_ClearManagedDict(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyType_Slot managed_dict_slots[] = {
    {Py_tp_dealloc, managed_dict_dealloc},
    {Py_tp_traverse, managed_dict_traverse},
    {Py_tp_clear, managed_dict_clear},
    {Py_tp_getset, dict_getset},
    {0, NULL}
};

static PyType_Spec managed_dict_spec = {
    .name = "_testcapi.HeapCTypeWithManagedDict",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_MANAGED_DICT,
    .slots = managed_dict_slots,
};

static void
weakref_dealloc(field_object *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (self->field != NULL) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyMemberDef weakref_members[] = {
    {"weakreflist", _Py_T_OBJECT, offsetof(field_object, field), Py_READONLY, NULL},
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(field_object, field), Py_READONLY, NULL},
    {NULL}
};

static PyType_Slot weakref_slots[] = {
    {Py_tp_dealloc, weakref_dealloc},
    {Py_tp_members, weakref_members},
    {0, NULL}
};

static PyType_Spec weakref_spec = {
    .name = "_testcapi.HeapCTypeWithWeakref",
    .basicsize = sizeof(field_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = weakref_slots,
};

static void
managed_weakref_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    PyObject_ClearWeakRefs(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyType_Slot managed_weakref_slots[] = {
    {Py_tp_dealloc, managed_weakref_dealloc},
    {Py_tp_traverse, visit_type},
    {0, NULL}
};

static PyType_Spec managed_weakref_spec = {
    .name = "_testcapi.HeapCTypeWithManagedWeakref",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_MANAGED_WEAKREF,
    .slots = managed_weakref_slots,
};

/* ---- a buffer; attributes set in C ---- */

static int
digits_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    return PyBuffer_FillInfo(view, self, "1234", 4, 1, flags);
}

static PyType_Slot buffer_slots[] = {
    {Py_bf_getbuffer, digits_getbuffer},
    {0, NULL}
};
static PyType_Spec buffer_spec = PLAIN_SPEC("HeapCTypeWithBuffer", buffer_slots);

typedef struct {
    PyObject_HEAD
    long value;
} setattr_object;

static int
setattr_init(setattr_object *self, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    self->value = 10;
    return 0;
}

/* The only attribute that can be set is "value"; deleting it makes it 0. */
static int
setattr_setattro(setattr_object *self, PyObject *name, PyObject *value)
{
    if (!PyUnicode_Check(name) || PyUnicode_CompareWithASCIIString(name, "value") != 0) {
        PyErr_SetObject(PyExc_AttributeError, name);
        return -1;
    }
    long number = value == NULL ? 0 : PyLong_AsLong(value);
    if (number == -1 && PyErr_Occurred()) {
        return -1;
    }
    self->value = number;
    return 0;
}

static PyMemberDef setattr_members[] = {
    {"pvalue", Py_T_LONG, offsetof(setattr_object, value), Py_READONLY, NULL},
    {NULL}
};

static PyType_Slot setattr_slots[] = {
    {Py_tp_init, setattr_init},
    {Py_tp_setattro, setattr_setattro},
    {Py_tp_members, setattr_members},
    {0, NULL}
};

static PyType_Spec setattr_spec = {
    .name = "_testcapi.HeapCTypeSetattr",
    .basicsize = sizeof(setattr_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = setattr_slots,
};

/* ---- metaclasses ---- */

static PyObject *
metaclass_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return PyType_Type.tp_new(type, args, kwargs);
}

static PyType_Slot no_slots[] = {{0, NULL}};
static PyType_Slot metaclass_new_slots[] = {{Py_tp_new, metaclass_new}, {0, NULL}};

/* basicsize 0: that of type. */
#define METACLASS_SPEC(type_name, more_flags, type_slots) { \
        .name = "_testcapi." type_name, \
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | more_flags, \
        .slots = type_slots, \
    }
static PyType_Spec metaclass_spec = METACLASS_SPEC("HeapCTypeMetaclass", 0, no_slots);
static PyType_Spec metaclass_null_new_spec =
    METACLASS_SPEC("HeapCTypeMetaclassNullNew", Py_TPFLAGS_DISALLOW_INSTANTIATION, no_slots);
static PyType_Spec metaclass_custom_new_spec =
    METACLASS_SPEC("HeapCTypeMetaclassCustomNew", 0, metaclass_new_slots);

static PyObject *
from_metaclass(PyObject *metaclass)
{
    PyType_Spec spec = PLAIN_SPEC("HeapCTypeViaMetaclass", no_slots);
    if (!PyType_Check(metaclass)) {
        PyErr_SetString(PyExc_TypeError, "argument must be a metaclass");
        return NULL;
    }
    return PyType_FromMetaclass((PyTypeObject *)metaclass, NULL, &spec, NULL);
}

static PyObject *
from_base(PyObject *base, const char *name, unsigned int flags)
{
    PyType_Spec spec = {.name = name, .flags = Py_TPFLAGS_DEFAULT | flags, .slots = no_slots};
    return PyType_FromSpecWithBases(&spec, base);
}

#define type_from_base(base) from_base(base, "_testcapi.Subclass", 0)
#define immutable_type_from_base(base) \
    from_base(base, "_testcapi.ImmutableSubclass", Py_TPFLAGS_IMMUTABLETYPE)

/* What a spec may have once only, twice. */
static PyObject *
from_repeated_slots(int variant)
{
    PyType_Slot docs[] = {{Py_tp_doc, "first"}, {Py_tp_doc, "second"}, {0, NULL}};
    PyType_Slot members[] = {
        {Py_tp_members, value_members}, {Py_tp_members, value2_members}, {0, NULL}
    };
    PyType_Spec spec = {
        .name = "_testcapi.RepeatedSlots",
        .basicsize = sizeof(value2_object),
        .flags = Py_TPFLAGS_DEFAULT,
        .slots = variant == 0 ? docs : members,
    };
    if (variant < 0 || variant > 1) {
        PyErr_SetString(PyExc_ValueError, "variant must be 0 or 1");
        return NULL;
    }
    return PyType_FromSpec(&spec);
}

/* ---- ObjExtraData: one word behind all that the type and its subclasses have ---- */

static PyObject **
extra_data(PyObject *self)
{
    return (PyObject **)((char *)self + Py_TYPE(self)->tp_basicsize);
}

static PyObject *
extra_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    PyObject *self = PyUnstable_Object_GC_NewWithExtraData(type, sizeof(PyObject *));
    if (self != NULL) {
        memset((char *)self + sizeof(PyObject), 0,
               type->tp_basicsize - sizeof(PyObject) + sizeof(PyObject *));
        PyObject_GC_Track(self);
    }
    return self;
}

static int
extra_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(*extra_data(self));
    return 0;
}

static int
extra_clear(PyObject *self)
{
    Py_CLEAR(*extra_data(self));
    return 0;
}

static void
extra_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    (void)extra_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
extra_get(PyObject *self, void *Py_UNUSED(closure))
{
    return object_result(Py_XNewRef(*extra_data(self)), Py_None);
}

static int
extra_set(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    Py_XSETREF(*extra_data(self), Py_XNewRef(value));
    return 0;
}

static PyGetSetDef extra_getset[] = {
    {"extra", extra_get, extra_set, NULL, NULL},
    {NULL}
};

static PyType_Slot extra_slots[] = {
    {Py_tp_new, extra_new},
    {Py_tp_dealloc, extra_dealloc},
    {Py_tp_traverse, extra_traverse},
    {Py_tp_clear, extra_clear},
    {Py_tp_getset, extra_getset},
    {0, NULL}
};

static PyType_Spec extra_spec = {
    .name = "_testcapi.ObjExtraData",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = extra_slots,
};

#define HEAPTYPE_CALLS(X) \
    X(1, pytype_fromspec_meta, object, from_metaclass, P) \
    X(1, make_type_with_base, object, type_from_base, P) \
    X(1, make_immutable_type_with_base, object, immutable_type_from_base, P) \
    X(1, create_type_from_repeated_slots, object, from_repeated_slots, i)

HEAPTYPE_CALLS(WRAP)

static PyMethodDef heaptype_methods[] = {
    HEAPTYPE_CALLS(WRAP_ROW)
    {NULL}
};

/* HeapCType, its subclass, and the subclass of that. */
static int
add_subclasses(PyObject *module)
{
    static PyType_Spec *const specs[] = {&subclass_spec, &finalizer_spec};
    PyObject *base = PyType_FromModuleAndSpec(module, &base_spec, NULL);
    for (size_t i = 0; base != NULL && i < Py_ARRAY_LENGTH(specs); i++) {
        PyObject *type = PyType_FromModuleAndSpec(module, specs[i], base);
        Py_SETREF(base, type);
        if (type != NULL && PyModule_AddType(module, (PyTypeObject *)type) < 0) {
            Py_CLEAR(base);
        }
    }
    int result = base == NULL ? -1 : 0;
    Py_XDECREF(base);
    return result;
}

int
_TestCapi_AddHeapTypes(PyObject *module)
{
    static const struct {
        PyType_Spec *spec;
        PyTypeObject *base;
    } types[] = {
        {&doc_spec, NULL}, {&null_doc_spec, NULL}, {&gc_spec, NULL}, {&dict_spec, NULL},
        {&negative_dict_spec, NULL}, {&managed_dict_spec, NULL}, {&weakref_spec, NULL},
        {&managed_weakref_spec, NULL}, {&buffer_spec, NULL}, {&setattr_spec, NULL},
        {&extra_spec, NULL}, {&metaclass_spec, &PyType_Type},
        {&metaclass_null_new_spec, &PyType_Type}, {&metaclass_custom_new_spec, &PyType_Type},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (_TestCapi_AddType(module, types[i].spec, types[i].base) < 0) {
            return -1;
        }
    }
    if (add_subclasses(module) < 0) {
        return -1;
    }
    return PyModule_AddFunctions(module, heaptype_methods);
}
