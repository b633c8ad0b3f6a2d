/* spec.c - types from a specification: PyType_FromMetaclass and its family, PyType_GetSlot, and the
 * way from a class to the module that made it.
 *
 * A heap type made here owns copies of all texts and tables of the specification.  basicsize: 0
 * inherits, a negative one adds to the base's (rounded up to the largest alignment), with
 * Py_RELATIVE_OFFSET members counted from there.
 *
 * Written from the C API reference ("Creating Heap-Allocated Types"), PEP 384, PEP 573, PEP 697.
 */
#include "Python.h"
#include "pycore_dict.h"        // _PyDict_NewKeysForClass()
#include "pycore_moduleobject.h" // PyModuleObject
#include "pycore_object.h"      // MANAGED_WEAKREF_OFFSET
#include "pycore_strings.h"     // _Py_ID()
#include "type.h"

#include <string.h>

/* ------------------------------------------------------------------------------ slot numbers */

/* Where a slot number leads: directly into the type, or through the pointer to a suite. */
struct slot_place {
    short type_offset;      /* of the slot, or of the suite pointer plus 1; 0: no such slot */
    short suite_offset;
};

#define T(SLOT) {offsetof(PyTypeObject, SLOT)}
#define M(SUITE, STRUCT, SLOT) {offsetof(PyTypeObject, SUITE) + 1, offsetof(STRUCT, SLOT)}

static const struct slot_place slot_places[] = {
    [Py_bf_getbuffer] = M(tp_as_buffer, PyBufferProcs, bf_getbuffer),
    [Py_bf_releasebuffer] = M(tp_as_buffer, PyBufferProcs, bf_releasebuffer),
    [Py_mp_ass_subscript] = M(tp_as_mapping, PyMappingMethods, mp_ass_subscript),
    [Py_mp_length] = M(tp_as_mapping, PyMappingMethods, mp_length),
    [Py_mp_subscript] = M(tp_as_mapping, PyMappingMethods, mp_subscript),
    [Py_nb_absolute] = M(tp_as_number, PyNumberMethods, nb_absolute),
    [Py_nb_add] = M(tp_as_number, PyNumberMethods, nb_add),
    [Py_nb_and] = M(tp_as_number, PyNumberMethods, nb_and),
    [Py_nb_bool] = M(tp_as_number, PyNumberMethods, nb_bool),
    [Py_nb_divmod] = M(tp_as_number, PyNumberMethods, nb_divmod),
    [Py_nb_float] = M(tp_as_number, PyNumberMethods, nb_float),
    [Py_nb_floor_divide] = M(tp_as_number, PyNumberMethods, nb_floor_divide),
    [Py_nb_index] = M(tp_as_number, PyNumberMethods, nb_index),
    [Py_nb_inplace_add] = M(tp_as_number, PyNumberMethods, nb_inplace_add),
    [Py_nb_inplace_and] = M(tp_as_number, PyNumberMethods, nb_inplace_and),
    [Py_nb_inplace_floor_divide] = M(tp_as_number, PyNumberMethods, nb_inplace_floor_divide),
    [Py_nb_inplace_lshift] = M(tp_as_number, PyNumberMethods, nb_inplace_lshift),
    [Py_nb_inplace_multiply] = M(tp_as_number, PyNumberMethods, nb_inplace_multiply),
    [Py_nb_inplace_or] = M(tp_as_number, PyNumberMethods, nb_inplace_or),
    [Py_nb_inplace_power] = M(tp_as_number, PyNumberMethods, nb_inplace_power),
    [Py_nb_inplace_remainder] = M(tp_as_number, PyNumberMethods, nb_inplace_remainder),
    [Py_nb_inplace_rshift] = M(tp_as_number, PyNumberMethods, nb_inplace_rshift),
    [Py_nb_inplace_subtract] = M(tp_as_number, PyNumberMethods, nb_inplace_subtract),
    [Py_nb_inplace_true_divide] = M(tp_as_number, PyNumberMethods, nb_inplace_true_divide),
    [Py_nb_inplace_xor] = M(tp_as_number, PyNumberMethods, nb_inplace_xor),
    [Py_nb_int] = M(tp_as_number, PyNumberMethods, nb_int),
    [Py_nb_invert] = M(tp_as_number, PyNumberMethods, nb_invert),
    [Py_nb_lshift] = M(tp_as_number, PyNumberMethods, nb_lshift),
    [Py_nb_multiply] = M(tp_as_number, PyNumberMethods, nb_multiply),
    [Py_nb_negative] = M(tp_as_number, PyNumberMethods, nb_negative),
    [Py_nb_or] = M(tp_as_number, PyNumberMethods, nb_or),
    [Py_nb_positive] = M(tp_as_number, PyNumberMethods, nb_positive),
    [Py_nb_power] = M(tp_as_number, PyNumberMethods, nb_power),
    [Py_nb_remainder] = M(tp_as_number, PyNumberMethods, nb_remainder),
    [Py_nb_rshift] = M(tp_as_number, PyNumberMethods, nb_rshift),
    [Py_nb_subtract] = M(tp_as_number, PyNumberMethods, nb_subtract),
    [Py_nb_true_divide] = M(tp_as_number, PyNumberMethods, nb_true_divide),
    [Py_nb_xor] = M(tp_as_number, PyNumberMethods, nb_xor),
    [Py_sq_ass_item] = M(tp_as_sequence, PySequenceMethods, sq_ass_item),
    [Py_sq_concat] = M(tp_as_sequence, PySequenceMethods, sq_concat),
    [Py_sq_contains] = M(tp_as_sequence, PySequenceMethods, sq_contains),
    [Py_sq_inplace_concat] = M(tp_as_sequence, PySequenceMethods, sq_inplace_concat),
    [Py_sq_inplace_repeat] = M(tp_as_sequence, PySequenceMethods, sq_inplace_repeat),
    [Py_sq_item] = M(tp_as_sequence, PySequenceMethods, sq_item),
    [Py_sq_length] = M(tp_as_sequence, PySequenceMethods, sq_length),
    [Py_sq_repeat] = M(tp_as_sequence, PySequenceMethods, sq_repeat),
    [Py_tp_alloc] = T(tp_alloc),
    [Py_tp_base] = T(tp_base),
    [Py_tp_bases] = T(tp_bases),
    [Py_tp_call] = T(tp_call),
    [Py_tp_clear] = T(tp_clear),
    [Py_tp_dealloc] = T(tp_dealloc),
    [Py_tp_del] = T(tp_del),
    [Py_tp_descr_get] = T(tp_descr_get),
    [Py_tp_descr_set] = T(tp_descr_set),
    [Py_tp_doc] = T(tp_doc),
    [Py_tp_getattr] = T(tp_getattr),
    [Py_tp_getattro] = T(tp_getattro),
    [Py_tp_hash] = T(tp_hash),
    [Py_tp_init] = T(tp_init),
    [Py_tp_is_gc] = T(tp_is_gc),
    [Py_tp_iter] = T(tp_iter),
    [Py_tp_iternext] = T(tp_iternext),
    [Py_tp_methods] = T(tp_methods),
    [Py_tp_new] = T(tp_new),
    [Py_tp_repr] = T(tp_repr),
    [Py_tp_richcompare] = T(tp_richcompare),
    [Py_tp_setattr] = T(tp_setattr),
    [Py_tp_setattro] = T(tp_setattro),
    [Py_tp_str] = T(tp_str),
    [Py_tp_traverse] = T(tp_traverse),
    [Py_tp_members] = T(tp_members),
    [Py_tp_getset] = T(tp_getset),
    [Py_tp_free] = T(tp_free),
    [Py_nb_matrix_multiply] = M(tp_as_number, PyNumberMethods, nb_matrix_multiply),
    [Py_nb_inplace_matrix_multiply] = M(tp_as_number, PyNumberMethods, nb_inplace_matrix_multiply),
    [Py_am_await] = M(tp_as_async, PyAsyncMethods, am_await),
    [Py_am_aiter] = M(tp_as_async, PyAsyncMethods, am_aiter),
    [Py_am_anext] = M(tp_as_async, PyAsyncMethods, am_anext),
    [Py_tp_finalize] = T(tp_finalize),
    [Py_am_send] = M(tp_as_async, PyAsyncMethods, am_send),
};

#define NUM_SLOTS ((int)Py_ARRAY_LENGTH(slot_places))

static int
valid_slot(int slot)
{
    return slot > 0 && slot < NUM_SLOTS && slot_places[slot].type_offset != 0;
}

/* Address of the slot; NULL if the type lacks the suite. */
static void **
slot_address(PyTypeObject *type, int slot)
{
    assert(valid_slot(slot));
    const struct slot_place *place = &slot_places[slot];
    if (place->type_offset % 8 == 0) {
        return (void **)((char *)type + place->type_offset);
    }
    char *suite = *(char **)((char *)type + place->type_offset - 1);
    return suite == NULL ? NULL : (void **)(suite + place->suite_offset);
}

/* Content of a slot; NULL if it is empty, and with SystemError if there is no such slot. */
void *
PyType_GetSlot(PyTypeObject *type, int slot)
{
    if (!valid_slot(slot)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    void **address = slot_address(type, slot);
    return address == NULL ? NULL : *address;
}

/* ----------------------------------------------------------------------------------- bases */

/* The tuple of bases: from the argument, Py_tp_bases, Py_tp_base or object.  New reference. */
static PyObject *
spec_bases(PyType_Spec *spec, PyObject *bases_in)
{
    if (bases_in != NULL) {
        return PyTuple_Check(bases_in) ? Py_NewRef(bases_in) : PyTuple_Pack(1, bases_in);
    }
    PyTypeObject *base = NULL;
    PyObject *bases = NULL;
    for (const PyType_Slot *slot = spec->slots; slot != NULL && slot->slot; slot++) {
        if (slot->slot == Py_tp_base) {
            base = slot->pfunc;
        }
        else if (slot->slot == Py_tp_bases) {
            bases = slot->pfunc;
        }
    }
    if (bases != NULL) {
        if (!PyTuple_Check(bases)) {
            PyErr_SetString(PyExc_SystemError, "Py_tp_bases is not a tuple");
            return NULL;
        }
        return Py_NewRef(bases);
    }
    return PyTuple_Pack(1, base == NULL ? &PyBaseObject_Type : base);
}

/* An immutable type may not have a base that can change; that was long allowed. */
static int
check_immutable_bases(const char *type_name, PyObject *bases)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyTypeObject *b = (PyTypeObject *)PyTuple_GET_ITEM(bases, i);
        if (!PyType_Check((PyObject *)b)) {
            continue;
        }
        if (!_PyType_HasFeature(b, Py_TPFLAGS_IMMUTABLETYPE) &&
            PyErr_WarnFormat(PyExc_DeprecationWarning, 0,
                             "Creating immutable type %s from mutable base %s is deprecated, "
                             "and slated to be disallowed in Python 3.14.", type_name,
                             b->tp_name) < 0)
        {
            return -1;
        }
    }
    return 0;
}

/* ----------------------------------------------------------------------------- first reading */

/* What the specification says about the layout. */
struct spec_layout {
    Py_ssize_t nmembers;
    Py_ssize_t weaklistoffset, dictoffset, vectorcalloffset;
    Py_ssize_t basicsize, itemsize, type_data_offset;
    PyMemberDef *members;       /* of the specification */
};

static int
special_member(PyMemberDef *memb, const char *name)
{
    return strcmp(memb->name, name) == 0;
}

/* __dictoffset__ and its like among the members set fields of the type. */
static int
read_members(PyType_Spec *spec, PyMemberDef *members, struct spec_layout *layout)
{
    layout->members = members;
    layout->nmembers = 0;
    for (PyMemberDef *memb = members; memb->name != NULL; memb++) {
        layout->nmembers++;
        Py_ssize_t offset = memb->offset;
        if (memb->flags & Py_RELATIVE_OFFSET) {
            if (spec->basicsize > 0) {
                PyErr_SetString(PyExc_SystemError,
                                "With Py_RELATIVE_OFFSET, basicsize must be negative.");
                return -1;
            }
            if (offset < 0 || offset >= -spec->basicsize) {
                PyErr_SetString(PyExc_SystemError,
                                "Member offset out of range (0..-basicsize)");
                return -1;
            }
        }
        Py_ssize_t *field = special_member(memb, "__weaklistoffset__") ? &layout->weaklistoffset
                          : special_member(memb, "__dictoffset__") ? &layout->dictoffset
                          : special_member(memb, "__vectorcalloffset__")
                            ? &layout->vectorcalloffset : NULL;
        if (field != NULL) {
            if (memb->type != Py_T_PYSSIZET) {
                PyErr_Format(PyExc_SystemError, "type of %s must be Py_T_PYSSIZET", memb->name);
                return -1;
            }
            if ((memb->flags & ~Py_RELATIVE_OFFSET) != Py_READONLY) {
                PyErr_Format(PyExc_SystemError, "flags for %s must be Py_READONLY or "
                             "(Py_READONLY | Py_RELATIVE_OFFSET)", memb->name);
                return -1;
            }
            *field = offset;
        }
    }
    return 0;
}

static int
read_layout(PyType_Spec *spec, struct spec_layout *layout)
{
    int nmembers_slots = 0;
    int ndoc_slots = 0;
    for (const PyType_Slot *slot = spec->slots; slot != NULL && slot->slot; slot++) {
        if (!valid_slot(slot->slot)) {
            PyErr_SetString(PyExc_RuntimeError, "invalid slot offset");
            return -1;
        }
        if (slot->slot == Py_tp_doc && ndoc_slots++) {
            PyErr_SetString(PyExc_SystemError, "Multiple Py_tp_doc slots are not supported.");
            return -1;
        }
        if (slot->slot == Py_tp_members) {
            if (nmembers_slots++) {
                PyErr_SetString(PyExc_SystemError,
                                "Multiple Py_tp_members slots are not supported.");
                return -1;
            }
            if (read_members(spec, slot->pfunc, layout) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

#define ALIGN_UP(N) (((N) + (Py_ssize_t)_Alignof(max_align_t) - 1) & \
                     ~((Py_ssize_t)_Alignof(max_align_t) - 1))

/* Sizes of the instances from those of the base. */
static int
compute_sizes(PyType_Spec *spec, PyTypeObject *base, struct spec_layout *layout)
{
    Py_ssize_t basicsize = spec->basicsize;
    layout->type_data_offset = basicsize;
    if (basicsize == 0) {
        basicsize = base->tp_basicsize;
    }
    else if (basicsize < 0) {
        layout->type_data_offset = ALIGN_UP(base->tp_basicsize);
        basicsize = layout->type_data_offset + ALIGN_UP(-basicsize);
        /* Items at a fixed place would be overwritten by our part. */
        if (base->tp_itemsize && !((base->tp_flags | spec->flags) & Py_TPFLAGS_ITEMS_AT_END)) {
            PyErr_SetString(PyExc_SystemError, "Cannot extend variable-size class without "
                            "Py_TPFLAGS_ITEMS_AT_END.");
            return -1;
        }
    }
    else if (basicsize < base->tp_basicsize) {
        PyErr_Format(PyExc_TypeError, "tp_basicsize for type '%s' (%zd) is too small for base '%s' "
                     "(%zd)", spec->name, basicsize, base->tp_name, base->tp_basicsize);
        return -1;
    }
    layout->basicsize = basicsize;
    layout->itemsize = spec->itemsize;
    return 0;
}

/* ------------------------------------------------------------------------------ the names */

/* (name, owned copy of the full name); 0 or -1. */
static int
set_spec_names(PyHeapTypeObject *et, const char *spec_name)
{
    const char *s = strrchr(spec_name, '.');
    s = s == NULL ? spec_name : s + 1;
    et->ht_name = PyUnicode_FromString(s);
    if (et->ht_name == NULL) {
        return -1;
    }
    et->ht_qualname = Py_NewRef(et->ht_name);
    size_t n = strlen(spec_name) + 1;
    et->_ht_tpname = PyMem_Malloc(n);
    if (et->_ht_tpname == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(et->_ht_tpname, spec_name, n);
    et->ht_type.tp_name = et->_ht_tpname;
    return 0;
}

static int
set_spec_doc(PyTypeObject *type, const char *doc)
{
    if (doc == NULL) {
        type->tp_doc = NULL;
        return 0;
    }
    size_t n = strlen(doc) + 1;
    char *copy = PyObject_Malloc(n);
    if (copy == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(copy, doc, n);
    PyObject_Free((char *)type->tp_doc);
    type->tp_doc = copy;
    return 0;
}

/* __module__ is what stands before the last dot: 0 or -1. */
int
_PyType_SetSpecModule(PyTypeObject *type)
{
    const char *s = strrchr(type->tp_name, '.');
    if (s == NULL) {
        return PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                                "builtin type %.200s has no __module__ attribute",
                                type->tp_name) < 0 ? -1 : 0;
    }
    int r = PyDict_Contains(type->tp_dict, &_Py_ID(__module__));
    if (r != 0) {
        return r < 0 ? -1 : 0;
    }
    PyObject *modname = PyUnicode_FromStringAndSize(type->tp_name, s - type->tp_name);
    if (modname == NULL) {
        return -1;
    }
    PyUnicode_InternInPlace(&modname);
    r = PyDict_SetItem(type->tp_dict, &_Py_ID(__module__), modname);
    Py_DECREF(modname);
    return r;
}

/* ------------------------------------------------------------------------- filling the slots */

static void
copy_members(PyTypeObject *type, const struct spec_layout *layout)
{
    PyMemberDef *copy = HEAPTYPE_MEMBERS(type);
    if (layout->nmembers > 0) {
        memcpy(copy, layout->members, sizeof(PyMemberDef) * (size_t)layout->nmembers);
    }
    for (Py_ssize_t i = 0; i < layout->nmembers; i++) {
        if (copy[i].flags & Py_RELATIVE_OFFSET) {
            copy[i].flags &= ~Py_RELATIVE_OFFSET;
            copy[i].offset += layout->type_data_offset;
        }
    }
    type->tp_members = copy;
}

static int
fill_slots(PyTypeObject *type, PyType_Spec *spec, const struct spec_layout *layout)
{
    for (const PyType_Slot *slot = spec->slots; slot != NULL && slot->slot; slot++) {
        switch (slot->slot) {
            case Py_tp_base:
            case Py_tp_bases:
                break;      /* read already */
            case Py_tp_doc:
                if (set_spec_doc(type, slot->pfunc) < 0) {
                    return -1;
                }
                break;
            case Py_tp_members:
                copy_members(type, layout);
                break;
            default:
                *slot_address(type, slot->slot) = slot->pfunc;
                break;
        }
    }
    if (type->tp_dealloc == NULL) {
        type->tp_dealloc = _PyType_SubtypeDealloc;
    }
    return 0;
}

/* Fields that special members name; the managed words exclude them. */
static int
set_offsets(PyTypeObject *type, const struct spec_layout *layout, PyType_Spec *spec)
{
    for (Py_ssize_t i = 0; i < layout->nmembers; i++) {
        PyMemberDef *m = &HEAPTYPE_MEMBERS(type)[i];
        if (special_member(m, "__vectorcalloffset__")) {
            type->tp_vectorcall_offset = m->offset;
        }
        else if (special_member(m, "__weaklistoffset__")) {
            type->tp_weaklistoffset = m->offset;
        }
        else if (special_member(m, "__dictoffset__")) {
            type->tp_dictoffset = m->offset;
        }
    }
    if ((spec->flags & Py_TPFLAGS_MANAGED_DICT) && type->tp_dictoffset != 0) {
        PyErr_Format(PyExc_SystemError,
                     "type %s has the Py_TPFLAGS_MANAGED_DICT flag but tp_dictoffset is set",
                     spec->name);
        return -1;
    }
    if ((spec->flags & Py_TPFLAGS_MANAGED_WEAKREF) && type->tp_weaklistoffset != 0) {
        PyErr_Format(PyExc_SystemError, "type %s has the Py_TPFLAGS_MANAGED_WEAKREF flag but "
                     "tp_weaklistoffset is set", spec->name);
        return -1;
    }
    return 0;
}

/* --------------------------------------------------------------------------- the metaclass */

/* The metaclass that fits the bases; what overrides tp_new cannot be called from here. */
static PyTypeObject *
spec_metaclass(PyTypeObject *metaclass, PyObject *bases, const char *type_name)
{
    PyTypeObject *winner = _PyType_CalculateMetaclass(metaclass, bases);
    if (winner == NULL) {
        return NULL;
    }
    if (!PyType_Check((PyObject *)winner) && !PyType_IsSubtype(winner, &PyType_Type)) {
        PyErr_Format(PyExc_TypeError, "Metaclass '%R' is not a subclass of 'type'.", winner);
        return NULL;
    }
    if (winner->tp_new != NULL && winner->tp_new != PyType_Type.tp_new) {
        if (metaclass == winner && metaclass != &PyType_Type) {
            PyErr_SetString(PyExc_TypeError,
                            "Metaclasses with custom tp_new are not supported.");
            return NULL;
        }
        if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                             "Type %s uses PyType_Spec with a metaclass that has custom tp_new. "
                             "This is deprecated and will no longer be allowed in "
                             "Python 3.14.", type_name) < 0)
        {
            return NULL;
        }
    }
    return winner;
}

/* ------------------------------------------------------------------------------ the function */

static PyTypeObject *
make_type(PyTypeObject *metaclass, PyObject *module, PyType_Spec *spec, PyObject *bases,
          PyTypeObject *base, const struct spec_layout *layout)
{
    PyHeapTypeObject *et = (PyHeapTypeObject *)metaclass->tp_alloc(metaclass, layout->nmembers);
    if (et == NULL) {
        return NULL;
    }
    PyTypeObject *type = &et->ht_type;
    type->tp_flags = spec->flags | Py_TPFLAGS_HEAPTYPE;
    type->tp_as_async = &et->as_async;
    type->tp_as_number = &et->as_number;
    type->tp_as_sequence = &et->as_sequence;
    type->tp_as_mapping = &et->as_mapping;
    type->tp_as_buffer = &et->as_buffer;
    type->tp_base = (PyTypeObject *)Py_NewRef(base);
    type->tp_bases = Py_NewRef(bases);
    et->ht_module = Py_XNewRef(module);
    type->tp_basicsize = layout->basicsize;
    type->tp_itemsize = layout->itemsize;
    if (set_spec_names(et, spec->name) < 0 || fill_slots(type, spec, layout) < 0 ||
        set_offsets(type, layout, spec) < 0 || _PyType_ReadyFull(type) < 0 ||
        _PyType_SetSpecModule(type) < 0)
    {
        goto error;
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT)) {
        et->ht_cached_keys = _PyDict_NewKeysForClass();
        if (et->ht_cached_keys == NULL) {
            PyErr_Clear();      /* only slower */
        }
    }
    assert(_PyType_CheckConsistency(type));
    return type;
error:
    if (type->tp_name == NULL) {
        type->tp_name = "?";
    }
    Py_DECREF(type);
    return NULL;
}

PyObject *
PyType_FromMetaclass(PyTypeObject *metaclass, PyObject *module, PyType_Spec *spec,
                     PyObject *bases_in)
{
    struct spec_layout layout = {0};
    if (spec->name == NULL) {
        PyErr_SetString(PyExc_SystemError, "Type spec does not define the name field.");
        return NULL;
    }
    if (read_layout(spec, &layout) < 0) {
        return NULL;
    }
    PyObject *bases = spec_bases(spec, bases_in);
    if (bases == NULL) {
        return NULL;
    }
    PyTypeObject *type = NULL;
    if ((spec->flags & Py_TPFLAGS_IMMUTABLETYPE) &&
        check_immutable_bases(spec->name, bases) < 0)
    {
        goto done;
    }
    metaclass = spec_metaclass(metaclass == NULL ? &PyType_Type : metaclass, bases, spec->name);
    if (metaclass == NULL) {
        goto done;
    }
    PyTypeObject *base = _PyType_BestBase(bases);
    if (base == NULL || compute_sizes(spec, base, &layout) < 0) {
        goto done;
    }
    type = make_type(metaclass, module, spec, bases, base, &layout);
done:
    Py_DECREF(bases);
    return (PyObject *)type;
}

PyObject *
PyType_FromModuleAndSpec(PyObject *module, PyType_Spec *spec, PyObject *bases)
{
    return PyType_FromMetaclass(NULL, module, spec, bases);
}

PyObject *
PyType_FromSpecWithBases(PyType_Spec *spec, PyObject *bases)
{
    return PyType_FromMetaclass(NULL, NULL, spec, bases);
}

PyObject *
PyType_FromSpec(PyType_Spec *spec)
{
    return PyType_FromMetaclass(NULL, NULL, spec, NULL);
}

/* --------------------------------------------------------------------------------- modules */

PyObject *
PyType_GetModule(PyTypeObject *type)
{
    assert(PyType_Check((PyObject *)type));
    if (!_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        PyErr_Format(PyExc_TypeError, "PyType_GetModule: Type '%s' is not a heap type",
                     type->tp_name);
        return NULL;
    }
    PyHeapTypeObject *et = (PyHeapTypeObject *)type;
    if (et->ht_module == NULL) {
        PyErr_Format(PyExc_TypeError,
                     "PyType_GetModule: Type '%s' has no associated module", type->tp_name);
    }
    return et->ht_module;
}

void *
PyType_GetModuleState(PyTypeObject *type)
{
    PyObject *m = PyType_GetModule(type);
    return m == NULL ? NULL : _PyModule_GetState(m);
}

/* The module made from `def` that the class, or the first of its bases with one, belongs to. */
PyObject *
PyType_GetModuleByDef(PyTypeObject *type, PyModuleDef *def)
{
    assert(PyType_Check((PyObject *)type));
    PyObject *mro = type->tp_mro;
    assert(mro != NULL && PyTuple_Check(mro));
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *super = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        if (!_PyType_HasFeature(super, Py_TPFLAGS_HEAPTYPE)) {
            continue;       /* static types in the MRO of a heap type */
        }
        PyObject *module = ((PyHeapTypeObject *)super)->ht_module;
        if (module != NULL && _PyModule_GetDef(module) == def) {
            return module;
        }
    }
    PyErr_Format(PyExc_TypeError,
                 "PyType_GetModuleByDef: No superclass of '%s' has the given module",
                 type->tp_name);
    return NULL;
}

/* ----------------------------------------------------------------------- data of one class */

void *
PyObject_GetTypeData(PyObject *obj, PyTypeObject *cls)
{
    assert(PyObject_TypeCheck(obj, cls));
    return (char *)obj + ALIGN_UP(cls->tp_base->tp_basicsize);
}

Py_ssize_t
PyType_GetTypeDataSize(PyTypeObject *cls)
{
    Py_ssize_t result = cls->tp_basicsize - ALIGN_UP(cls->tp_base->tp_basicsize);
    return result < 0 ? 0 : result;
}

void *
PyObject_GetItemData(PyObject *obj)
{
    if (!_PyType_HasFeature(Py_TYPE(obj), Py_TPFLAGS_ITEMS_AT_END)) {
        PyErr_Format(PyExc_TypeError, "type '%s' does not have Py_TPFLAGS_ITEMS_AT_END",
                     Py_TYPE(obj)->tp_name);
        return NULL;
    }
    return (char *)obj + Py_TYPE(obj)->tp_basicsize;
}
