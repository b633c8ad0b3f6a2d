/* ready.c - PyType_Ready: completes a type object that C code (or a class statement) filled in.
 *
 * Steps, in an order that later ones rely on: bases and metatype; dict with operators, methods,
 * members, getsets and __doc__; MRO; tp_new; inheritance from each class of the MRO; checks;
 * registration with the bases.
 *
 * States of a type: new (no flag), READYING (a nested call sees a half-made type and leaves it
 * alone), READY (never goes back).
 *
 * Written from the C API reference ("Type Objects", which states what each slot inherits), PEP 253,
 * PEP 590, PEP 634.
 */
#include "Python.h"
#include "pycore_object.h"      // _PyObject_MakeShared()
#include "pycore_shared.h"      // _Py_IsShared()
#include "pycore_strings.h"     // _Py_ID()
#include "type.h"

#include <string.h>

/* ------------------------------------------------------------------------- bases, metatype */

static int
set_bases(PyTypeObject *type)
{
    if (type->tp_base == NULL && type != &PyBaseObject_Type) {
        type->tp_base = &PyBaseObject_Type;
        if (_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
            Py_INCREF(type->tp_base);
        }
    }
    PyTypeObject *base = type->tp_base;
    if (base != NULL && !_PyType_HasFeature(base, Py_TPFLAGS_READY) && PyType_Ready(base) < 0) {
        return -1;
    }
    /* Static types of extension modules leave their type open. */
    if (Py_TYPE(type) == NULL && base != NULL) {
        Py_SET_TYPE(type, Py_TYPE(base));
    }
    if (type->tp_bases == NULL) {
        PyObject *bases = base == NULL ? PyTuple_New(0) : PyTuple_Pack(1, base);
        if (bases == NULL) {
            return -1;
        }
        type->tp_bases = bases;
    }
    return 0;
}

/* ---------------------------------------------------------------------------------- dict */

/* Puts a new descriptor under the name; keeps what is there already unless `replace`. */
static int
add_descr(PyObject *dict, PyObject *name, PyObject *descr, int replace)
{
    if (descr == NULL) {
        return -1;
    }
    int res = replace ? PyDict_SetItem(dict, name, descr)
                      : (PyDict_SetDefault(dict, name, descr) == NULL ? -1 : 0);
    Py_DECREF(descr);
    return res;
}

static int
add_method(PyTypeObject *type, PyMethodDef *meth)
{
    PyObject *descr;
    int is_descr = 1;
    if (meth->ml_flags & METH_CLASS) {
        if (meth->ml_flags & METH_STATIC) {
            PyErr_SetString(PyExc_ValueError, "method cannot be both class and static");
            return -1;
        }
        descr = PyDescr_NewClassMethod(type, meth);
    }
    else if (meth->ml_flags & METH_STATIC) {
        PyObject *cfunc = PyCFunction_NewEx(meth, (PyObject *)type, NULL);
        if (cfunc == NULL) {
            return -1;
        }
        descr = PyStaticMethod_New(cfunc);
        Py_DECREF(cfunc);
        is_descr = 0;
    }
    else {
        descr = PyDescr_NewMethod(type, meth);
    }
    if (descr == NULL) {
        return -1;
    }
    PyObject *name = is_descr ? Py_NewRef(PyDescr_NAME(descr))
                              : PyUnicode_InternFromString(meth->ml_name);
    if (name == NULL) {
        Py_DECREF(descr);
        return -1;
    }
    int res = add_descr(type->tp_dict, name, descr, (meth->ml_flags & METH_COEXIST) != 0);
    Py_DECREF(name);
    return res;
}

/* Members that only tell PyType_FromSpec() an offset do not become attributes. */
static int
is_offset_member(PyTypeObject *type, const PyMemberDef *memb)
{
    return (type->tp_flags & Py_TPFLAGS_HEAPTYPE)
           && (strcmp(memb->name, "__dictoffset__") == 0
               || strcmp(memb->name, "__weaklistoffset__") == 0);
}

static int
add_attributes(PyTypeObject *type)
{
    for (PyMethodDef *meth = type->tp_methods; meth != NULL && meth->ml_name != NULL; meth++) {
        if (add_method(type, meth) < 0) {
            return -1;
        }
    }
    for (PyMemberDef *memb = type->tp_members; memb != NULL && memb->name != NULL; memb++) {
        if (is_offset_member(type, memb)) {
            continue;
        }
        PyObject *descr = PyDescr_NewMember(type, memb);
        if (descr == NULL || add_descr(type->tp_dict, PyDescr_NAME(descr), descr, 0) < 0) {
            return -1;
        }
    }
    for (PyGetSetDef *gsp = type->tp_getset; gsp != NULL && gsp->name != NULL; gsp++) {
        PyObject *descr = PyDescr_NewGetSet(type, gsp);
        if (descr == NULL || add_descr(type->tp_dict, PyDescr_NAME(descr), descr, 0) < 0) {
            return -1;
        }
    }
    return 0;
}

/* __doc__ of C types without a signature line; None keeps the base's text from showing. */
static int
set_doc(PyTypeObject *type)
{
    int rc = PyDict_Contains(type->tp_dict, &_Py_ID(__doc__));
    if (rc != 0) {
        return rc < 0 ? -1 : 0;
    }
    PyObject *doc = Py_None;
    if (type->tp_doc != NULL) {
        doc = _PyType_GetDocFromInternalDoc(type->tp_name, type->tp_doc);
        if (doc == NULL) {
            return -1;
        }
    }
    rc = PyDict_SetItem(type->tp_dict, &_Py_ID(__doc__), doc);
    Py_DECREF(doc);
    return rc;
}

static int
fill_dict(PyTypeObject *type)
{
    if (type->tp_dict == NULL) {
        type->tp_dict = PyDict_New();
        if (type->tp_dict == NULL) {
            return -1;
        }
    }
    if (_PyType_AddOperators(type) < 0 || add_attributes(type) < 0) {
        return -1;
    }
    if (_PyType_HasFeature(type, _Py_TPFLAGS_LIKE_HEAPTYPE) && _PyType_SetSpecModule(type) < 0) {
        return -1;
    }
    return set_doc(type);
}

/* ---------------------------------------------------------------------------------- tp_new */

/* Who may be made by a call: C types without tp_new whose base is object may not. */
static int
set_new(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    if (type->tp_new == NULL && base == &PyBaseObject_Type &&
        !_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE | _Py_TPFLAGS_LIKE_HEAPTYPE))
    {
        type->tp_flags |= Py_TPFLAGS_DISALLOW_INSTANTIATION;
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_DISALLOW_INSTANTIATION)) {
        type->tp_new = NULL;
        return 0;
    }
    if (type->tp_new != NULL) {
        /* Classes made by Python code have a __new__ of their own or inherit one. */
        if (base == NULL || type->tp_new != base->tp_new ||
            !_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE))
        {
            return _PyType_AddNewWrapper(type);
        }
        return 0;
    }
    type->tp_new = base == NULL ? NULL : base->tp_new;
    return 0;
}

/* ----------------------------------------------------------------------------- inheritance */

#define COPY_IF_UNSET(SLOT)                                 \
    do {                                                    \
        if (type->SLOT == 0) {                              \
            type->SLOT = base->SLOT;                        \
        }                                                   \
    } while (0)

/* A slot counts as `base`'s own if its base has another one: what is merely inherited there comes
 * later in the MRO, by the class that defines it. */
#define DEFINES(SUITE, SLOT) \
    (base->SUITE->SLOT != NULL && \
     (base_of == NULL || base_of->SUITE == NULL || base->SUITE->SLOT != base_of->SUITE->SLOT))
#define COPY_SUITE(SUITE, SLOT)                             \
    do {                                                    \
        if (type->SUITE->SLOT == NULL && DEFINES(SUITE, SLOT)) {    \
            type->SUITE->SLOT = base->SUITE->SLOT;          \
        }                                                   \
    } while (0)
#define DEFINES_SLOT(SLOT) \
    (base->SLOT != 0 && (base_of == NULL || base->SLOT != base_of->SLOT))
#define COPY_SLOT(SLOT)                                     \
    do {                                                    \
        if (type->SLOT == 0 && DEFINES_SLOT(SLOT)) {        \
            type->SLOT = base->SLOT;                        \
        }                                                   \
    } while (0)

static void
inherit_number(PyTypeObject *type, PyTypeObject *base, PyTypeObject *base_of)
{
#define N(SLOT) COPY_SUITE(tp_as_number, SLOT)
    N(nb_add); N(nb_subtract); N(nb_multiply); N(nb_remainder); N(nb_divmod); N(nb_power);
    N(nb_negative); N(nb_positive); N(nb_absolute); N(nb_bool); N(nb_invert);
    N(nb_lshift); N(nb_rshift); N(nb_and); N(nb_xor); N(nb_or); N(nb_int); N(nb_float);
    N(nb_inplace_add); N(nb_inplace_subtract); N(nb_inplace_multiply); N(nb_inplace_remainder);
    N(nb_inplace_power); N(nb_inplace_lshift); N(nb_inplace_rshift); N(nb_inplace_and);
    N(nb_inplace_xor); N(nb_inplace_or); N(nb_true_divide); N(nb_floor_divide);
    N(nb_inplace_true_divide); N(nb_inplace_floor_divide); N(nb_index);
    N(nb_matrix_multiply); N(nb_inplace_matrix_multiply);
#undef N
}

static void
inherit_suites(PyTypeObject *type, PyTypeObject *base, PyTypeObject *base_of)
{
    if (type->tp_as_number != NULL && base->tp_as_number != NULL) {
        inherit_number(type, base, base_of);
    }
    if (type->tp_as_async != NULL && base->tp_as_async != NULL) {
        COPY_SUITE(tp_as_async, am_await);
        COPY_SUITE(tp_as_async, am_aiter);
        COPY_SUITE(tp_as_async, am_anext);
        COPY_SUITE(tp_as_async, am_send);
    }
    if (type->tp_as_sequence != NULL && base->tp_as_sequence != NULL) {
        COPY_SUITE(tp_as_sequence, sq_length);
        COPY_SUITE(tp_as_sequence, sq_concat);
        COPY_SUITE(tp_as_sequence, sq_repeat);
        COPY_SUITE(tp_as_sequence, sq_item);
        COPY_SUITE(tp_as_sequence, sq_ass_item);
        COPY_SUITE(tp_as_sequence, sq_contains);
        COPY_SUITE(tp_as_sequence, sq_inplace_concat);
        COPY_SUITE(tp_as_sequence, sq_inplace_repeat);
    }
    if (type->tp_as_mapping != NULL && base->tp_as_mapping != NULL) {
        COPY_SUITE(tp_as_mapping, mp_length);
        COPY_SUITE(tp_as_mapping, mp_subscript);
        COPY_SUITE(tp_as_mapping, mp_ass_subscript);
    }
    if (type->tp_as_buffer != NULL && base->tp_as_buffer != NULL) {
        COPY_SUITE(tp_as_buffer, bf_getbuffer);
        COPY_SUITE(tp_as_buffer, bf_releasebuffer);
    }
}

/* __eq__ or __hash__ in the class itself: the pair of comparison and hash is not inherited. */
static int
overrides_hash(PyTypeObject *type)
{
    int res = PyDict_Contains(type->tp_dict, &_Py_ID(__eq__));
    return res != 0 ? res : PyDict_Contains(type->tp_dict, &_Py_ID(__hash__));
}

static void
inherit_free(PyTypeObject *type, PyTypeObject *base, PyTypeObject *base_of)
{
    if (_PyType_HasFeature(type, Py_TPFLAGS_HAVE_GC) ==
        _PyType_HasFeature(base, Py_TPFLAGS_HAVE_GC))
    {
        COPY_SLOT(tp_free);
    }
    else if (_PyType_HasFeature(type, Py_TPFLAGS_HAVE_GC) && type->tp_free == NULL &&
             base->tp_free == PyObject_Free)
    {
        /* The base's objects come from the plain allocator, ours from the collector's. */
        type->tp_free = PyObject_GC_Del;
    }
}

/* What `type` takes over from one class of its MRO; 0 or -1. */
static int
inherit_slots(PyTypeObject *type, PyTypeObject *base)
{
    PyTypeObject *base_of = base->tp_base;
    inherit_suites(type, base, base_of);
    COPY_SLOT(tp_dealloc);
    if (type->tp_getattr == NULL && type->tp_getattro == NULL) {
        type->tp_getattr = base->tp_getattr;
        type->tp_getattro = base->tp_getattro;
    }
    if (type->tp_setattr == NULL && type->tp_setattro == NULL) {
        type->tp_setattr = base->tp_setattr;
        type->tp_setattro = base->tp_setattro;
    }
    COPY_SLOT(tp_repr);
    COPY_SLOT(tp_vectorcall_offset);
    if (type->tp_call == NULL && _PyType_HasFeature(base, Py_TPFLAGS_HAVE_VECTORCALL)) {
        type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
    }
    COPY_SLOT(tp_call);
    COPY_SLOT(tp_str);
    if (type->tp_richcompare == NULL && type->tp_hash == NULL) {
        int r = overrides_hash(type);
        if (r < 0) {
            return -1;
        }
        if (!r) {
            type->tp_richcompare = base->tp_richcompare;
            type->tp_hash = base->tp_hash;
        }
    }
    COPY_SLOT(tp_iter);
    COPY_SLOT(tp_iternext);
    COPY_SLOT(tp_descr_get);
    /* Only types that cannot change keep the promise behind the flag. */
    if (base->tp_descr_get != NULL && type->tp_descr_get == base->tp_descr_get &&
        _PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE) &&
        _PyType_HasFeature(base, Py_TPFLAGS_METHOD_DESCRIPTOR))
    {
        type->tp_flags |= Py_TPFLAGS_METHOD_DESCRIPTOR;
    }
    COPY_SLOT(tp_descr_set);
    COPY_SLOT(tp_dictoffset);
    COPY_SLOT(tp_init);
    COPY_SLOT(tp_alloc);
    COPY_SLOT(tp_is_gc);
    COPY_SLOT(tp_finalize);
    inherit_free(type, base, base_of);
    return 0;
}

/* Flags that say "subclass of this built-in type". */
#define SUBCLASS_FLAGS \
    (Py_TPFLAGS_LONG_SUBCLASS | Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS | \
     Py_TPFLAGS_BYTES_SUBCLASS | Py_TPFLAGS_UNICODE_SUBCLASS | Py_TPFLAGS_DICT_SUBCLASS | \
     Py_TPFLAGS_BASE_EXC_SUBCLASS | Py_TPFLAGS_TYPE_SUBCLASS)

/* Layout and flags of tp_base. */
static void
inherit_layout(PyTypeObject *type, PyTypeObject *base)
{
    if (!_PyType_HasFeature(type, Py_TPFLAGS_HAVE_GC) &&
        _PyType_HasFeature(base, Py_TPFLAGS_HAVE_GC) &&
        type->tp_traverse == NULL && type->tp_clear == NULL)
    {
        type->tp_flags |= Py_TPFLAGS_HAVE_GC;
        type->tp_traverse = base->tp_traverse;
        type->tp_clear = base->tp_clear;
    }
    type->tp_flags |= base->tp_flags & Py_TPFLAGS_PREHEADER;
    COPY_IF_UNSET(tp_basicsize);
    COPY_IF_UNSET(tp_itemsize);
    COPY_IF_UNSET(tp_weaklistoffset);
    COPY_IF_UNSET(tp_dictoffset);
    /* In a single flag word a class may inherit from one built-in type only; several bits come from
     * bases that extend each other. */
    type->tp_flags |= base->tp_flags &
                      (SUBCLASS_FLAGS | _Py_TPFLAGS_MATCH_SELF | Py_TPFLAGS_ITEMS_AT_END);
}

/* The pattern flags are one choice of two; the first class of the MRO that has made it counts. */
static void
inherit_pattern_flags(PyTypeObject *type, PyTypeObject *base)
{
    unsigned long both = Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_MAPPING;
    if ((type->tp_flags & both) == 0) {
        type->tp_flags |= base->tp_flags & both;
    }
}

/* Types without suites of their own share the base's. */
static void
inherit_suite_pointers(PyTypeObject *type, PyTypeObject *base)
{
    COPY_IF_UNSET(tp_as_async);
    COPY_IF_UNSET(tp_as_number);
    COPY_IF_UNSET(tp_as_sequence);
    COPY_IF_UNSET(tp_as_mapping);
    COPY_IF_UNSET(tp_as_buffer);
}

static int
inherit(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    if (base != NULL) {
        inherit_layout(type, base);
    }
    PyObject *mro = type->tp_mro;
    for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *b = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        assert(PyType_Check((PyObject *)b));
        if (inherit_slots(type, b) < 0) {
            return -1;
        }
        inherit_pattern_flags(type, b);
    }
    if (base != NULL) {
        inherit_suite_pointers(type, base);
    }
    return 0;
}

/* A class with __eq__ but no __hash__ is unhashable. */
static int
set_hash(PyTypeObject *type)
{
    if (type->tp_hash != NULL) {
        return 0;
    }
    int r = PyDict_Contains(type->tp_dict, &_Py_ID(__hash__));
    if (r != 0) {
        return r < 0 ? -1 : 0;
    }
    if (PyDict_SetItem(type->tp_dict, &_Py_ID(__hash__), Py_None) < 0) {
        return -1;
    }
    type->tp_hash = PyObject_HashNotImplemented;
    return 0;
}

/* ---------------------------------------------------------------------------------- checks */

static int
check_before(PyTypeObject *type)
{
    if (type->tp_name == NULL) {
        PyErr_Format(PyExc_SystemError, "Type does not define the tp_name field.");
        return -1;
    }
    /* Call by vector needs a place for the function and a tp_call that uses it. */
    if (_PyType_HasFeature(type, Py_TPFLAGS_HAVE_VECTORCALL) && type->tp_vectorcall_offset <= 0) {
        PyErr_Format(PyExc_SystemError, "type %s has the Py_TPFLAGS_HAVE_VECTORCALL flag set but "
                     "no vectorcall offset", type->tp_name);
        return -1;
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_HAVE_GC) && type->tp_traverse == NULL &&
        type->tp_base == NULL && type != &PyBaseObject_Type)
    {
        /* Inherited only together with the flag: a collected type must visit its references. */
        PyErr_Format(PyExc_SystemError,
                     "type %s has the Py_TPFLAGS_HAVE_GC flag but has no traverse function",
                     type->tp_name);
        return -1;
    }
    return 0;
}

static int
check_after(PyTypeObject *type)
{
    if (_PyType_HasFeature(type, Py_TPFLAGS_HAVE_GC) && type->tp_traverse == NULL) {
        PyErr_Format(PyExc_SystemError,
                     "type %s has the Py_TPFLAGS_HAVE_GC flag but has no traverse function",
                     type->tp_name);
        return -1;
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT) && type->tp_dictoffset != -1) {
        PyErr_Format(PyExc_SystemError,
                     "type %s has the Py_TPFLAGS_MANAGED_DICT flag but tp_dictoffset is set",
                     type->tp_name);
        return -1;
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_PREHEADER) &&
        !_PyType_HasFeature(type, Py_TPFLAGS_HAVE_GC))
    {
        PyErr_Format(PyExc_SystemError,
                     "type %s has a managed dict or weak references but not the "
                     "Py_TPFLAGS_HAVE_GC flag", type->tp_name);
        return -1;
    }
    return 0;
}

/* The managed words in front of the object have fixed offsets. */
static int
set_preheader(PyTypeObject *type)
{
    if (_PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT)) {
        if (type->tp_dictoffset > 0 || type->tp_dictoffset < -1) {
            PyErr_Format(PyExc_TypeError, "type %s has the Py_TPFLAGS_MANAGED_DICT flag but "
                         "tp_dictoffset is set", type->tp_name);
            return -1;
        }
        type->tp_dictoffset = -1;
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_MANAGED_WEAKREF)) {
        if (type->tp_weaklistoffset != 0 && type->tp_weaklistoffset != MANAGED_WEAKREF_OFFSET) {
            PyErr_Format(PyExc_TypeError, "type %s has the Py_TPFLAGS_MANAGED_WEAKREF flag but "
                         "tp_weaklistoffset is set", type->tp_name);
            return -1;
        }
        type->tp_weaklistoffset = MANAGED_WEAKREF_OFFSET;
    }
    return 0;
}

/* Makes the type ready; registration with the bases is the last step.  0 or -1. */
int
_PyType_ReadyFull(PyTypeObject *type)
{
    assert(!_PyType_HasFeature(type, Py_TPFLAGS_READY));
    type->tp_flags |= Py_TPFLAGS_READYING;
    int shared = _PyType_IsSharedStatic(type);
    int heap = _PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE);
    if (check_before(type) < 0 || set_bases(type) < 0 || fill_dict(type) < 0) {
        goto error;
    }
    if (!heap && !shared && _PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE) == 0) {
        /* Static types have always been immutable for Python code. */
        type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
    }
    if (_PyType_SetMRO(type, NULL) < 0 || set_new(type) < 0 || set_preheader(type) < 0 ||
        inherit(type) < 0 || set_hash(type) < 0 || check_after(type) < 0)
    {
        goto error;
    }
    /* All types have tags but those that _PyType_MROModified() excludes; they do not get any. */
    type->tp_flags = (type->tp_flags & ~Py_TPFLAGS_READYING) | Py_TPFLAGS_READY;
    if (!shared && _PyType_AddToBases(type) < 0) {
        type->tp_flags &= ~Py_TPFLAGS_READY;
        return -1;
    }
    assert(_PyType_CheckConsistency(type));
    return 0;
error:
    type->tp_flags &= ~Py_TPFLAGS_READYING;
    return -1;
}

int
_PyType_CheckConsistency(PyTypeObject *type)
{
    _PyObject_ASSERT((PyObject *)type, type != NULL && PyType_Check((PyObject *)type));
    if (!_PyType_HasFeature(type, Py_TPFLAGS_READY)) {
        return 1;
    }
    _PyObject_ASSERT((PyObject *)type, Py_REFCNT(type) >= 1);
    _PyObject_ASSERT((PyObject *)type, !_PyType_HasFeature(type, Py_TPFLAGS_READYING));
    _PyObject_ASSERT((PyObject *)type, type->tp_dict != NULL);
    _PyObject_ASSERT((PyObject *)type, type->tp_mro != NULL && PyTuple_Check(type->tp_mro));
    if (_PyType_HasFeature(type, Py_TPFLAGS_HAVE_GC)) {
        _PyObject_ASSERT((PyObject *)type, type->tp_traverse != NULL);
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_DISALLOW_INSTANTIATION)) {
        _PyObject_ASSERT((PyObject *)type, type->tp_new == NULL);
    }
    return 1;
}
