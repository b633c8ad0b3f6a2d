/* _testcapi: types that extend types of unknown size (PEP 697).
 *
 * Written from the C API reference ("Creating Heap-Allocated Types", PyObject_GetTypeData(),
 * PyObject_GetItemData()) and PEP 697.
 */
#include "wrap.h"
#include "parts.h"

static PyType_Slot no_slots[] = {{0, NULL}};

/* A subclass of object with `extra_size` bytes of its own. */
static PyObject *
sized_base(int extra_size)
{
    PyType_Spec spec = {
        .name = "_testcapi.Base",
        .basicsize = (int)sizeof(PyObject) + extra_size,
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
        .slots = no_slots,
    };
    return PyType_FromSpec(&spec);
}

/* A type with `basicsize` (negative: beyond the base's) and these slots. */
static PyObject *
subclass_of(PyObject *base, int basicsize, int itemsize, PyType_Slot *slots)
{
    PyType_Spec spec = {
        .name = "_testcapi.Sub",
        .basicsize = basicsize,
        .itemsize = itemsize,
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
        .slots = slots,
    };
    return PyType_FromMetaclass(NULL, NULL, &spec, base);
}

/* (base, subclass, instance, address of its data, their offset, their size). */
static PyObject *
sized_types(int extra_base_size, int basicsize)
{
    PyObject *result = NULL;
    PyObject *sub = NULL;
    PyObject *instance = NULL;
    PyObject *base = sized_base(extra_base_size);
    if (base == NULL || (sub = subclass_of(base, basicsize, 0, no_slots)) == NULL
        || (instance = PyObject_CallNoArgs(sub)) == NULL) {
        goto done;
    }
    char *data = PyObject_GetTypeData(instance, (PyTypeObject *)sub);
    Py_ssize_t size = data == NULL ? -1 : PyType_GetTypeDataSize((PyTypeObject *)sub);
    if (size >= 0) {
        result = Py_BuildValue("(OOONnn)", base, sub, instance, PyLong_FromVoidPtr(data),
                               (Py_ssize_t)(data - (char *)instance), size);
    }
done:
    Py_XDECREF(base);
    Py_XDECREF(sub);
    Py_XDECREF(instance);
    return result;
}

/* ---- data of a type whose instances have items ---- */

/* The data that the type of self adds, and their size: -1 with an exception. */
static Py_ssize_t
own_data(PyObject *self, PyTypeObject *type, char **data)
{
    *data = PyObject_GetTypeData(self, type);
    return *data == NULL ? -1 : PyType_GetTypeDataSize(type);
}

static PyObject *
set_data_to_3s(PyObject *self, PyTypeObject *defining_class, PyObject *const *Py_UNUSED(args),
               Py_ssize_t Py_UNUSED(nargs), PyObject *Py_UNUSED(kwnames))
{
    char *data;
    Py_ssize_t size = own_data(self, defining_class, &data);
    if (size < 0) {
        return NULL;
    }
    memset(data, 3, size);
    Py_RETURN_NONE;
}

static PyObject *
get_data(PyObject *self, PyTypeObject *defining_class, PyObject *const *Py_UNUSED(args),
         Py_ssize_t Py_UNUSED(nargs), PyObject *Py_UNUSED(kwnames))
{
    char *data;
    Py_ssize_t size = own_data(self, defining_class, &data);
    return size < 0 ? NULL : PyBytes_FromStringAndSize(data, size);
}

#define CLASS_METHOD_ROW(name) \
    {#name, _PyCFunction_CAST(name), METH_METHOD | METH_FASTCALL | METH_KEYWORDS, NULL}

static PyMethodDef data_methods[] = {
    CLASS_METHOD_ROW(set_data_to_3s),
    CLASS_METHOD_ROW(get_data),
    {NULL}
};

static PyType_Slot data_slots[] = {{Py_tp_methods, data_methods}, {0, NULL}};

#define plain_subclass(base, basicsize, itemsize) subclass_of(base, basicsize, itemsize, no_slots)

static PyObject *
data_subclass(PyObject *base, int basicsize, int itemsize, Py_ssize_t Py_UNUSED(unused))
{
    return subclass_of(base, basicsize, itemsize, data_slots);
}

/* ---- HeapCCollection(*items): items at the end of what subclasses add ---- */

typedef struct {
    PyObject_VAR_HEAD
} collection_object;

static PyObject **
collection_items(PyObject *self)
{
    return PyObject_GetItemData(self);
}

static PyObject *
collection_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (!_PyArg_NoKeywords("HeapCCollection", kwargs)) {
        return NULL;
    }
    Py_ssize_t size = PyTuple_GET_SIZE(args);
    PyObject *self = type->tp_alloc(type, size);
    PyObject **items = self == NULL ? NULL : collection_items(self);
    if (items == NULL) {
        Py_XDECREF(self);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        items[i] = Py_NewRef(PyTuple_GET_ITEM(args, i));
    }
    return self;
}

static int
collection_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    PyObject **items = collection_items(self);
    for (Py_ssize_t i = 0; items != NULL && i < Py_SIZE(self); i++) {
        Py_VISIT(items[i]);
    }
    return 0;
}

static int
collection_clear(PyObject *self)
{
    PyObject **items = collection_items(self);
    Py_ssize_t size = Py_SIZE(self);
    Py_SET_SIZE(self, 0);
    for (Py_ssize_t i = 0; items != NULL && i < size; i++) {
        Py_CLEAR(items[i]);
    }
    return 0;
}

static void
collection_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    (void)collection_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static Py_ssize_t
collection_length(PyObject *self)
{
    return Py_SIZE(self);
}

static PyObject *
collection_item(PyObject *self, Py_ssize_t index)
{
    if (index < 0 || index >= Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return NULL;
    }
    PyObject **items = collection_items(self);
    return items == NULL ? NULL : Py_NewRef(items[index]);
}

static PyType_Slot collection_slots[] = {
    {Py_tp_new, collection_new},
    {Py_tp_dealloc, collection_dealloc},
    {Py_tp_traverse, collection_traverse},
    {Py_tp_clear, collection_clear},
    {Py_sq_length, collection_length},
    {Py_sq_item, collection_item},
    {0, NULL}
};

static PyType_Spec collection_spec = {
    .name = "_testcapi.HeapCCollection",
    .basicsize = sizeof(collection_object),
    .itemsize = sizeof(PyObject *),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_ITEMS_AT_END,
    .slots = collection_slots,
};

/* ---- members at offsets that count from the end of the base ---- */

/* The member "memb" of the type, as it was made ready: a new reference to its descriptor, and its
 * definition; NULL with an exception. */
static PyObject *
find_member(PyTypeObject *type, PyMemberDef *member)
{
    PyObject *descriptor = PyObject_GetAttrString((PyObject *)type, "memb");
    if (descriptor != NULL && !Py_IS_TYPE(descriptor, &PyMemberDescr_Type)) {
        PyErr_SetString(PyExc_TypeError, "memb is no member");
        Py_CLEAR(descriptor);
    }
    if (descriptor != NULL) {
        *member = *((PyMemberDescrObject *)descriptor)->d_member;
    }
    return descriptor;
}

/* The value of "memb", with `more_flags` in its definition. */
static PyObject *
read_member(PyObject *self, PyTypeObject *type, int more_flags)
{
    PyMemberDef member;
    PyObject *descriptor = find_member(type, &member);
    if (descriptor == NULL) {
        return NULL;
    }
    member.flags |= more_flags;
    PyObject *result = PyMember_GetOne((char *)self, &member);
    Py_DECREF(descriptor);
    return result;
}

static PyObject *
write_member(PyObject *self, PyTypeObject *type, int more_flags, PyObject *const *args,
             Py_ssize_t nargs)
{
    PyMemberDef member;
    if (!right_count("set_memb", nargs, 1, 1)) {
        return NULL;
    }
    PyObject *descriptor = find_member(type, &member);
    if (descriptor == NULL) {
        return NULL;
    }
    member.flags |= more_flags;
    int result = PyMember_SetOne((char *)self, &member, args[0]);
    Py_DECREF(descriptor);
    return result < 0 ? NULL : Py_NewRef(Py_None);
}

#define CLASS_METHOD(name) \
    static PyObject * \
    name(PyObject *self, PyTypeObject *defining_class, PyObject *const *Py_UNUSED(args), \
         Py_ssize_t Py_UNUSED(nargs), PyObject *Py_UNUSED(kwnames))
#define CLASS_METHOD_WITH_ARGS(name) \
    static PyObject * \
    name(PyObject *self, PyTypeObject *defining_class, PyObject *const *args, Py_ssize_t nargs, \
         PyObject *Py_UNUSED(kwnames))

CLASS_METHOD(get_memb)
{
    return read_member(self, defining_class, 0);
}

CLASS_METHOD(get_memb_relative)
{
    return read_member(self, defining_class, Py_RELATIVE_OFFSET);
}

CLASS_METHOD_WITH_ARGS(set_memb)
{
    return write_member(self, defining_class, 0, args, nargs);
}

CLASS_METHOD_WITH_ARGS(set_memb_relative)
{
    return write_member(self, defining_class, Py_RELATIVE_OFFSET, args, nargs);
}

CLASS_METHOD(get_memb_offset)
{
    (void)self;
    PyMemberDef member;
    PyObject *descriptor = find_member(defining_class, &member);
    if (descriptor == NULL) {
        return NULL;
    }
    Py_DECREF(descriptor);
    return PyLong_FromSsize_t(member.offset);
}

static PyMethodDef member_methods[] = {
    CLASS_METHOD_ROW(get_memb),
    CLASS_METHOD_ROW(get_memb_relative),
    CLASS_METHOD_ROW(set_memb),
    CLASS_METHOD_ROW(set_memb_relative),
    CLASS_METHOD_ROW(get_memb_offset),
    {NULL}
};

static PyObject *
type_with_member(int extra_base_size, int basicsize, Py_ssize_t offset, int relative)
{
    PyMemberDef members[] = {
        {"memb", Py_T_BYTE, offset, relative ? Py_RELATIVE_OFFSET : 0, NULL},
        {NULL}
    };
    PyType_Slot slots[] = {
        {Py_tp_members, members},
        {Py_tp_methods, member_methods},
        {0, NULL}
    };
    PyObject *base = sized_base(extra_base_size);
    if (base == NULL) {
        return NULL;
    }
    PyObject *result = subclass_of(base, basicsize, 0, slots);
    Py_DECREF(base);
    return result;
}

#define RELATIVE_CALLS(X) \
    X(2, make_sized_heaptypes, object, sized_types, i, i) \
    X(3, subclass_heaptype, object, plain_subclass, P, i, i) \
    X(4, subclass_var_heaptype, object, data_subclass, P, i, i, n) \
    X(4, make_heaptype_with_member, object, type_with_member, i, i, n, i)

RELATIVE_CALLS(WRAP)

static PyMethodDef relative_methods[] = {
    RELATIVE_CALLS(WRAP_ROW)
    {NULL}
};

int
_TestCapi_AddRelative(PyObject *module)
{
    if (_TestCapi_AddType(module, &collection_spec, NULL) < 0) {
        return -1;
    }
    return PyModule_AddFunctions(module, relative_methods);
}
