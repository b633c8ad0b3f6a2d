/* Struct sequences: tuples with named fields, made from C descriptions.
 *
 * Visible items come first; fields behind n_in_sequence are reachable by name only.  Unnamed fields
 * (PyStructSequence_UnnamedField) are reachable by index only.  Three ints in the type's dict say
 * so: n_sequence_fields, n_fields, n_unnamed_fields.
 * Written from the C API reference ("Struct Sequence Objects") and observed behaviour of 3.12. */
#include "Python.h"
#include "structmember.h"       // T_OBJECT
#include "pycore_object.h"
#include "pycore_private_api.h"
#include "pycore_pystate.h"
#include "pycore_shared.h"      // _PyShared_BeginWrite()
#include "pycore_strings.h"
#include "pycore_structseq.h"
#include "pycore_tuple.h"       // _PyTuple_ITEMS()
#include "pycore_type.h"

#include "sig/structseq.sig.h"

const char *const PyStructSequence_UnnamedField = "unnamed field";

/* ---- counts in the type's dict ------------------------------------------------------------ */

static Py_ssize_t
get_count(PyTypeObject *type, PyObject *name)
{
    PyObject *value = PyDict_GetItemWithError(_PyType_GetDict(type), name);
    if (value == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "Missed attribute '%U' of type %s", name, type->tp_name);
        }
        return -1;
    }
    return PyLong_AsSsize_t(value);
}

static Py_ssize_t
n_fields(PyTypeObject *type)
{
    return get_count(type, &_Py_ID(n_fields));
}

static Py_ssize_t
n_visible(PyTypeObject *type)
{
    return get_count(type, &_Py_ID(n_sequence_fields));
}

static Py_ssize_t
n_unnamed(PyTypeObject *type)
{
    return get_count(type, &_Py_ID(n_unnamed_fields));
}

/* ---- instances ------------------------------------------------------------------------------- */

/* A new instance whose items are NULL, or NULL with an error. */
PyObject *
PyStructSequence_New(PyTypeObject *type)
{
    Py_ssize_t size = n_fields(type), visible = size < 0 ? -1 : n_visible(type);
    if (visible < 0) {
        return NULL;
    }
    PyStructSequence *obj = PyObject_GC_NewVar(PyStructSequence, type, size);
    if (obj == NULL) {
        return NULL;
    }
    /* The size is that of the sequence; the hidden items lie behind it. */
    Py_SET_SIZE(obj, visible);
    for (Py_ssize_t i = 0; i < size; i++) {
        obj->ob_item[i] = NULL;
    }
    return (PyObject *)obj;
}

void
PyStructSequence_SetItem(PyObject *op, Py_ssize_t index, PyObject *value)
{
    /* The size of the tuple does not count the fields that are attributes only. */
    assert(index >= 0);
    ((PyTupleObject *)op)->ob_item[index] = value;
}

PyObject *
PyStructSequence_GetItem(PyObject *op, Py_ssize_t index)
{
    assert(index >= 0);
    return PyTuple_GET_ITEM(op, index);
}

static int
structseq_traverse(PyStructSequence *obj, visitproc visit, void *arg)
{
    if (Py_TYPE(obj)->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        Py_VISIT(Py_TYPE(obj));
    }
    Py_ssize_t size = n_fields(Py_TYPE(obj));
    for (Py_ssize_t i = 0; i < size; i++) {
        Py_VISIT(obj->ob_item[i]);
    }
    return 0;
}

static void
structseq_dealloc(PyStructSequence *obj)
{
    PyObject_GC_UnTrack(obj);
    PyTypeObject *type = Py_TYPE(obj);
    Py_ssize_t size = n_fields(type);
    for (Py_ssize_t i = 0; i < size; i++) {
        Py_XDECREF(obj->ob_item[i]);
    }
    PyObject_GC_Del(obj);
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        Py_DECREF(type);
    }
}

/*sig structseq.__new__(type, sequence, dict = NULL)
*/
static PyObject *
structseq_new_impl(PyTypeObject *type, PyObject *arg, PyObject *dict)
{
    Py_ssize_t min_len = n_visible(type), max_len = min_len < 0 ? -1 : n_fields(type);
    Py_ssize_t unnamed = max_len < 0 ? -1 : n_unnamed(type);
    if (unnamed < 0) {
        return NULL;
    }
    arg = PySequence_Fast(arg, "constructor requires a sequence");
    if (arg == NULL) {
        return NULL;
    }
    if (dict != NULL && !PyDict_Check(dict)) {
        PyErr_Format(PyExc_TypeError, "%.500s() takes a dict as second arg, if any", type->tp_name);
        Py_DECREF(arg);
        return NULL;
    }
    Py_ssize_t len = PySequence_Fast_GET_SIZE(arg);
    if (min_len != max_len && (len < min_len || len > max_len)) {
        PyErr_Format(PyExc_TypeError,
                     len < min_len
                     ? "%.500s() takes an at least %zd-sequence (%zd-sequence given)"
                     : "%.500s() takes an at most %zd-sequence (%zd-sequence given)",
                     type->tp_name, len < min_len ? min_len : max_len, len);
        Py_DECREF(arg);
        return NULL;
    }
    if (min_len == max_len && len != min_len) {
        PyErr_Format(PyExc_TypeError, "%.500s() takes a %zd-sequence (%zd-sequence given)",
                     type->tp_name, min_len, len);
        Py_DECREF(arg);
        return NULL;
    }
    PyStructSequence *res = (PyStructSequence *)PyStructSequence_New(type);
    if (res == NULL) {
        Py_DECREF(arg);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < len; i++) {
        res->ob_item[i] = Py_NewRef(PySequence_Fast_GET_ITEM(arg, i));
    }
    Py_DECREF(arg);
    for (Py_ssize_t i = len; i < max_len; i++) {
        PyObject *value = NULL;
        if (dict != NULL) {
            const char *name = type->tp_members[i - unnamed].name;
            PyObject *key = PyUnicode_FromString(name);
            value = key != NULL ? PyDict_GetItemWithError(dict, key) : NULL;
            Py_XDECREF(key);
            if (value == NULL && PyErr_Occurred()) {
                Py_DECREF(res);
                return NULL;
            }
        }
        res->ob_item[i] = Py_NewRef(value != NULL ? value : Py_None);
    }
    _PyObject_GC_TRACK((PyObject *)res);
    return (PyObject *)res;
}

/* name(field=value, ...) of the visible items. */
static PyObject *
structseq_repr(PyStructSequence *obj)
{
    PyTypeObject *type = Py_TYPE(obj);
    const char *name = type->tp_name;
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    if (_PyUnicodeWriter_WriteASCIIString(&writer, name, (Py_ssize_t)strlen(name)) < 0 ||
        _PyUnicodeWriter_WriteChar(&writer, '(') < 0) {
        goto error;
    }
    for (Py_ssize_t i = 0; i < Py_SIZE(obj); i++) {
        const char *field = type->tp_members[i].name;
        if (field == NULL) {
            PyErr_Format(PyExc_SystemError, "In structseq_repr(), member %zd name is NULL for type "
                         "%.500s", i, name);
            goto error;
        }
        if ((i > 0 && _PyUnicodeWriter_WriteASCIIString(&writer, ", ", 2) < 0) ||
            _PyUnicodeWriter_WriteASCIIString(&writer, field, (Py_ssize_t)strlen(field)) < 0 ||
            _PyUnicodeWriter_WriteChar(&writer, '=') < 0) {
            goto error;
        }
        PyObject *value = obj->ob_item[i];
        PyObject *repr = value != NULL ? PyObject_Repr(value) : PyUnicode_FromString("<NULL>");
        if (repr == NULL) {
            goto error;
        }
        int res = _PyUnicodeWriter_WriteStr(&writer, repr);
        Py_DECREF(repr);
        if (res < 0) {
            goto error;
        }
    }
    if (_PyUnicodeWriter_WriteChar(&writer, ')') < 0) {
        goto error;
    }
    return _PyUnicodeWriter_Finish(&writer);
error:
    _PyUnicodeWriter_Dealloc(&writer);
    return NULL;
}

static PyObject *
structseq_reduce(PyStructSequence *self, PyObject *Py_UNUSED(ignored))
{
    PyTypeObject *type = Py_TYPE(self);
    Py_ssize_t fields = n_fields(type), visible = fields < 0 ? -1 : n_visible(type);
    Py_ssize_t unnamed = visible < 0 ? -1 : n_unnamed(type);
    if (unnamed < 0) {
        return NULL;
    }
    PyObject *tup = PyTuple_New(visible);
    PyObject *dict = tup != NULL ? PyDict_New() : NULL;
    if (dict == NULL) {
        Py_XDECREF(tup);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < visible; i++) {
        PyTuple_SET_ITEM(tup, i, Py_NewRef(self->ob_item[i]));
    }
    for (Py_ssize_t i = visible; i < fields; i++) {
        if (PyDict_SetItemString(dict, type->tp_members[i - unnamed].name, self->ob_item[i]) < 0) {
            Py_DECREF(tup);
            Py_DECREF(dict);
            return NULL;
        }
    }
    return Py_BuildValue("(O(NN))", type, tup, dict);
}

static PyMethodDef structseq_methods[] = {
    {"__reduce__", (PyCFunction)structseq_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

/* ---- making types ---------------------------------------------------------------------------- */

static Py_ssize_t
count_fields(PyStructSequence_Desc *desc, Py_ssize_t *unnamed)
{
    Py_ssize_t i;
    *unnamed = 0;
    for (i = 0; desc->fields[i].name != NULL; i++) {
        *unnamed += desc->fields[i].name == PyStructSequence_UnnamedField;
    }
    return i;
}

/* The member rows of the named fields, PyMem_Malloc'ed; NULL without memory. */
static PyMemberDef *
make_members(PyStructSequence_Desc *desc, Py_ssize_t fields, Py_ssize_t unnamed)
{
    PyMemberDef *members = PyMem_Calloc((size_t)(fields - unnamed + 1), sizeof(*members));
    if (members == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0, k = 0; i < fields; i++) {
        if (desc->fields[i].name == PyStructSequence_UnnamedField) {
            continue;
        }
        members[k++] = (PyMemberDef){
            .name = desc->fields[i].name,
            .type = T_OBJECT,
            .offset = (Py_ssize_t)(offsetof(PyStructSequence, ob_item) +
                                   (size_t)i * sizeof(PyObject *)),
            .flags = READONLY,
            .doc = desc->fields[i].doc,
        };
    }
    return members;
}

static int
set_count(PyObject *dict, PyObject *name, Py_ssize_t value)
{
    PyObject *v = PyLong_FromSsize_t(value);
    int res = v != NULL ? PyDict_SetItem(dict, name, v) : -1;
    Py_XDECREF(v);
    return res;
}

/* The counts and __match_args__: 0, or -1 with an error. */
static int
fill_dict(PyStructSequence_Desc *desc, PyObject *dict, Py_ssize_t fields, Py_ssize_t unnamed)
{
    if (set_count(dict, &_Py_ID(n_sequence_fields), desc->n_in_sequence) < 0 ||
        set_count(dict, &_Py_ID(n_fields), fields) < 0 ||
        set_count(dict, &_Py_ID(n_unnamed_fields), unnamed) < 0) {
        return -1;
    }
    PyObject *keys = PyList_New(0);
    for (Py_ssize_t i = 0; keys != NULL && i < desc->n_in_sequence; i++) {
        if (desc->fields[i].name == PyStructSequence_UnnamedField) {
            continue;
        }
        PyObject *name = PyUnicode_InternFromString(desc->fields[i].name);
        if (name == NULL || PyList_Append(keys, name) < 0) {
            Py_CLEAR(keys);
        }
        Py_XDECREF(name);
    }
    PyObject *args = keys != NULL ? PyList_AsTuple(keys) : NULL;
    int res = args != NULL ? PyDict_SetItem(dict, &_Py_ID(__match_args__), args) : -1;
    Py_XDECREF(args);
    Py_XDECREF(keys);
    return res;
}

static void
init_static(PyTypeObject *type, PyStructSequence_Desc *desc, PyMemberDef *members,
            unsigned long flags)
{
    type->tp_name = desc->name;
    /* Room for one item is part of PyTupleObject; the rest is counted by tp_itemsize. */
    type->tp_basicsize = sizeof(PyStructSequence) - sizeof(PyObject *);
    type->tp_itemsize = sizeof(PyObject *);
    type->tp_dealloc = (destructor)structseq_dealloc;
    type->tp_repr = (reprfunc)structseq_repr;
    type->tp_doc = desc->doc;
    type->tp_base = &PyTuple_Type;
    type->tp_methods = structseq_methods;
    type->tp_new = structseq_new;
    type->tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | flags;
    type->tp_traverse = (traverseproc)structseq_traverse;
    type->tp_members = members;
}

int
_PyStructSequence_InitBuiltin(PyThreadState *tstate, PyTypeObject *type,
                              PyStructSequence_Desc *desc, unsigned long flags)
{
    if (__atomic_load_n(&type->tp_flags, __ATOMIC_ACQUIRE) & Py_TPFLAGS_READY) {
        return 0;
    }
    int res = -1;
    _PyHeap_EnterShared(tstate);
    if (type->tp_flags & Py_TPFLAGS_READY) {
        res = 0;                /* another thread was first */
    }
    else {
        Py_ssize_t unnamed, fields = count_fields(desc, &unnamed);
        PyMemberDef *members = make_members(desc, fields, unnamed);
        PyObject *dict = PyDict_New();
        if (members == NULL || dict == NULL) {
            PyErr_NoMemory();
        }
        else if (fill_dict(desc, dict, fields, unnamed) == 0) {
            _PyShared_BeginWrite();
            init_static(type, desc, members, flags);
            Py_SET_REFCNT((PyObject *)type, _Py_IMMORTAL_REFCNT);
            Py_SET_TYPE((PyObject *)type, &PyType_Type);
            type->tp_dict = dict;
            res = _PyStaticType_InitBuiltin(tstate, type);
            _PyShared_EndWrite();
        }
    }
    _PyHeap_LeaveShared(tstate);
    return res;
}

/* Static types of extension modules. */
int
PyStructSequence_InitType2(PyTypeObject *type, PyStructSequence_Desc *desc)
{
    if (Py_REFCNT(type) != 1 && type->tp_name != NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_ssize_t unnamed, fields = count_fields(desc, &unnamed);
    PyMemberDef *members = make_members(desc, fields, unnamed);
    if (members == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    init_static(type, desc, members, 0);
    if (PyType_Ready(type) < 0 ||
        fill_dict(desc, _PyType_GetDict(type), fields, unnamed) < 0) {
        PyMem_Free(members);
        return -1;
    }
    Py_INCREF(type);
    return 0;
}

void
PyStructSequence_InitType(PyTypeObject *type, PyStructSequence_Desc *desc)
{
    (void)PyStructSequence_InitType2(type, desc);
}

/* A heap type: new reference, or NULL with an error. */
PyTypeObject *
_PyStructSequence_NewType(PyStructSequence_Desc *desc, unsigned long tp_flags)
{
    Py_ssize_t unnamed, fields = count_fields(desc, &unnamed);
    PyMemberDef *members = make_members(desc, fields, unnamed);
    if (members == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    PyType_Slot slots[] = {
        {Py_tp_dealloc, structseq_dealloc},
        {Py_tp_repr, structseq_repr},
        {Py_tp_doc, (void *)desc->doc},
        {Py_tp_methods, structseq_methods},
        {Py_tp_new, structseq_new},
        {Py_tp_members, members},
        {Py_tp_traverse, structseq_traverse},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = desc->name,
        .basicsize = sizeof(PyStructSequence) - sizeof(PyObject *),
        .itemsize = sizeof(PyObject *),
        .flags = (unsigned int)(Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | tp_flags),
        .slots = slots,
    };
    PyTypeObject *type = (PyTypeObject *)PyType_FromSpecWithBases(&spec, (PyObject *)&PyTuple_Type);
    PyMem_Free(members);
    if (type == NULL) {
        return NULL;
    }
    if (fill_dict(desc, _PyType_GetDict(type), fields, unnamed) < 0) {
        Py_DECREF(type);
        return NULL;
    }
    return type;
}

PyTypeObject *
PyStructSequence_NewType(PyStructSequence_Desc *desc)
{
    return _PyStructSequence_NewType(desc, 0);
}
