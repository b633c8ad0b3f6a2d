/* new.c - type.__new__: makes a class from a name, bases and a namespace.
 *
 * Order: the metaclass that fits all bases; __slots__ checked and turned into members; the type
 * object filled in; readied; slots set by special methods; __set_name__ of the attributes;
 * __init_subclass__ of the base.  Until it is returned a new class is only known to the code that
 * these hooks run.
 *
 * Layout of instances: the best base's, then the names of __slots__ one word each; dict and weak
 * references in the two words in front of the object (pycore_dict.h).
 *
 * Written from the data model chapter ("Customizing class creation", "__slots__"), PEP 3115,
 * PEP 487, PEP 695 and observed messages.
 */
#include "Python.h"
#include "pycore_dict.h"        // _PyDict_NewKeysForClass()
#include "pycore_errors.h"      // _PyErr_Format()
#include "pycore_object.h"      // _PyObject_LookupSpecial()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_symtable.h"    // _Py_Mangle()
#include "type.h"

#include <string.h>

/* What type.__new__ works on. */
struct new_context {
    PyTypeObject *metatype;
    PyObject *args;             /* borrowed: (name, bases, namespace) */
    PyObject *kwds;             /* borrowed or NULL */
    PyObject *name;             /* borrowed */
    PyObject *bases;            /* owned tuple, not empty */
    PyObject *orig_dict;        /* borrowed */
    PyTypeObject *base;         /* borrowed best base */
    PyObject *slots;            /* __slots__ as a sorted tuple of mangled names, or NULL */
    Py_ssize_t nslot;
    int add_dict;
    int add_weak;
    int may_add_dict;
    int may_add_weak;
};

/* ---------------------------------------------------------------------------- metaclass */

/* The most derived metaclass.  Borrowed, or NULL with TypeError. */
PyTypeObject *
_PyType_CalculateMetaclass(PyTypeObject *metatype, PyObject *bases)
{
    PyTypeObject *winner = metatype;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyTypeObject *tmptype = Py_TYPE(PyTuple_GET_ITEM(bases, i));
        if (PyType_IsSubtype(winner, tmptype)) {
            continue;
        }
        if (PyType_IsSubtype(tmptype, winner)) {
            winner = tmptype;
            continue;
        }
        PyErr_SetString(PyExc_TypeError,
                        "metaclass conflict: the metaclass of a derived class must be a "
                        "(non-strict) subclass of the metaclasses of all its bases");
        return NULL;
    }
    return winner;
}

PyTypeObject *
_PyType_GetMetaclassOf(PyObject *bases)
{
    return _PyType_CalculateMetaclass(&PyType_Type, bases);
}

/* ---------------------------------------------------------------------------- __slots__ */

static int
valid_identifier(PyObject *s)
{
    if (!PyUnicode_Check(s)) {
        PyErr_Format(PyExc_TypeError, "__slots__ items must be strings, not '%.200s'",
                     Py_TYPE(s)->tp_name);
        return 0;
    }
    if (!PyUnicode_IsIdentifier(s)) {
        PyErr_SetString(PyExc_TypeError, "__slots__ must be identifiers");
        return 0;
    }
    return 1;
}

/* __dict__ and __weakref__ among the names ask for those words.  0 or -1. */
static int
visit_slot_names(struct new_context *ctx)
{
    for (Py_ssize_t i = 0; i < ctx->nslot; i++) {
        PyObject *name = PyTuple_GET_ITEM(ctx->slots, i);
        if (!valid_identifier(name)) {
            return -1;
        }
        if (_PyUnicode_Equal(name, &_Py_ID(__dict__))) {
            if (!ctx->may_add_dict || ctx->add_dict != 0) {
                PyErr_SetString(PyExc_TypeError,
                                "__dict__ slot disallowed: we already got one");
                return -1;
            }
            ctx->add_dict++;
        }
        else if (_PyUnicode_Equal(name, &_Py_ID(__weakref__))) {
            if (!ctx->may_add_weak || ctx->add_weak != 0) {
                PyErr_SetString(PyExc_TypeError,
                                "__weakref__ slot disallowed: we already got one");
                return -1;
            }
            ctx->add_weak++;
        }
    }
    return 0;
}

/* A slot may not hide a class variable, but for the two names that a class body sets itself. */
static int
check_slot_conflict(PyObject *name, PyObject *dict)
{
    int r = PyDict_Contains(dict, name);
    if (r <= 0) {
        return r;
    }
    if (_PyUnicode_Equal(name, &_Py_ID(__qualname__)) ||
        _PyUnicode_Equal(name, &_Py_ID(__classcell__)) ||
        _PyUnicode_Equal(name, &_Py_ID(__classdictcell__)))
    {
        return 0;
    }
    PyErr_Format(PyExc_ValueError, "%R in __slots__ conflicts with class variable", name);
    return -1;
}

/* The sorted tuple of mangled names that become members. */
static PyObject *
slots_to_members(struct new_context *ctx, PyObject *dict)
{
    PyObject *newslots = PyList_New(0);
    if (newslots == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < ctx->nslot; i++) {
        PyObject *slot = PyTuple_GET_ITEM(ctx->slots, i);
        if (_PyUnicode_Equal(slot, &_Py_ID(__dict__)) ||
            _PyUnicode_Equal(slot, &_Py_ID(__weakref__)))
        {
            continue;
        }
        PyObject *mangled = _Py_Mangle(ctx->name, slot);
        if (mangled == NULL || PyList_Append(newslots, mangled) < 0) {
            Py_XDECREF(mangled);
            Py_DECREF(newslots);
            return NULL;
        }
        int r = check_slot_conflict(mangled, dict);
        Py_DECREF(mangled);
        if (r < 0) {
            Py_DECREF(newslots);
            return NULL;
        }
    }
    PyObject *tuple = PyList_Sort(newslots) < 0 ? NULL : PyList_AsTuple(newslots);
    Py_DECREF(newslots);
    return tuple;
}

/* Bases after the first may bring a dict or weak references that the layout must have. */
static void
slots_from_bases(struct new_context *ctx)
{
    Py_ssize_t nbases = PyTuple_GET_SIZE(ctx->bases);
    if (nbases <= 1 || !((ctx->may_add_dict && ctx->add_dict == 0) ||
                         (ctx->may_add_weak && ctx->add_weak == 0)))
    {
        return;
    }
    for (Py_ssize_t i = 0; i < nbases; i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(ctx->bases, i);
        assert(PyType_Check((PyObject *)base));
        if (base == ctx->base) {
            continue;
        }
        if (ctx->may_add_dict && ctx->add_dict == 0 && base->tp_dictoffset != 0) {
            ctx->add_dict++;
        }
        if (ctx->may_add_weak && ctx->add_weak == 0 && base->tp_weaklistoffset != 0) {
            ctx->add_weak++;
        }
    }
}

static int
new_slots(struct new_context *ctx, PyObject *dict)
{
    ctx->may_add_dict = ctx->base->tp_dictoffset == 0;
    ctx->may_add_weak = ctx->base->tp_weaklistoffset == 0 && ctx->base->tp_itemsize == 0;
    PyObject *slots = PyDict_GetItemWithError(dict, &_Py_ID(__slots__));
    if (slots == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        ctx->add_dict = ctx->may_add_dict;
        ctx->add_weak = ctx->may_add_weak;
        return 0;
    }
    ctx->slots = PyUnicode_Check(slots) ? PyTuple_Pack(1, slots) : PySequence_Tuple(slots);
    if (ctx->slots == NULL) {
        return -1;
    }
    ctx->nslot = PyTuple_GET_SIZE(ctx->slots);
    if (ctx->nslot > 0 && ctx->base->tp_itemsize != 0) {
        PyErr_Format(PyExc_TypeError, "nonempty __slots__ not supported for subtype of '%s'",
                     ctx->base->tp_name);
        return -1;
    }
    if (visit_slot_names(ctx) < 0) {
        return -1;
    }
    PyObject *members = slots_to_members(ctx, dict);
    if (members == NULL) {
        return -1;
    }
    Py_SETREF(ctx->slots, members);
    ctx->nslot = PyTuple_GET_SIZE(members);
    slots_from_bases(ctx);
    return 0;
}

/* ------------------------------------------------------------------------- the type object */

/* A zeroed heap type with the fields that __slots__ and names decide. */
static PyTypeObject *
new_alloc(struct new_context *ctx)
{
    PyTypeObject *metatype = ctx->metatype;
    PyTypeObject *type = (PyTypeObject *)metatype->tp_alloc(metatype, ctx->nslot);
    if (type == NULL) {
        return NULL;
    }
    PyHeapTypeObject *et = (PyHeapTypeObject *)type;
    /* Special methods decide about all of these. */
    type->tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HEAPTYPE | Py_TPFLAGS_BASETYPE;
    if (_PyType_HasFeature(ctx->base, Py_TPFLAGS_HAVE_GC)) {
        type->tp_flags |= Py_TPFLAGS_HAVE_GC;
    }
    type->tp_as_async = &et->as_async;
    type->tp_as_sequence = &et->as_sequence;
    type->tp_as_mapping = &et->as_mapping;
    type->tp_as_number = &et->as_number;
    type->tp_as_buffer = &et->as_buffer;
    type->tp_bases = Py_NewRef(ctx->bases);
    type->tp_base = (PyTypeObject *)Py_NewRef(ctx->base);
    type->tp_dealloc = _PyType_SubtypeDealloc;
    type->tp_alloc = PyType_GenericAlloc;
    et->ht_name = Py_NewRef(ctx->name);
    et->ht_slots = Py_XNewRef(ctx->slots);
    et->ht_module = NULL;
    et->_ht_tpname = NULL;
    return type;
}

static int
set_names(PyTypeObject *type)
{
    PyHeapTypeObject *et = (PyHeapTypeObject *)type;
    Py_ssize_t size;
    type->tp_name = PyUnicode_AsUTF8AndSize(et->ht_name, &size);
    if (type->tp_name == NULL) {
        return -1;
    }
    if (strlen(type->tp_name) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "type name must not contain null characters");
        return -1;
    }
    PyObject *qualname = PyDict_GetItemWithError(type->tp_dict, &_Py_ID(__qualname__));
    if (qualname == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        et->ht_qualname = Py_NewRef(et->ht_name);
        return 0;
    }
    if (!PyUnicode_Check(qualname)) {
        PyErr_Format(PyExc_TypeError, "type __qualname__ must be a str, not %s",
                     Py_TYPE(qualname)->tp_name);
        return -1;
    }
    et->ht_qualname = Py_NewRef(qualname);
    return PyDict_DelItem(type->tp_dict, &_Py_ID(__qualname__));
}

/* __module__ from the globals of whoever runs. */
static int
set_module(PyTypeObject *type)
{
    int r = PyDict_Contains(type->tp_dict, &_Py_ID(__module__));
    if (r != 0) {
        return r < 0 ? -1 : 0;
    }
    PyObject *globals = PyEval_GetGlobals();
    if (globals == NULL) {
        return 0;
    }
    PyObject *module = PyDict_GetItemWithError(globals, &_Py_ID(__name__));
    if (module == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    return PyDict_SetItem(type->tp_dict, &_Py_ID(__module__), module);
}

/* tp_doc is a copy of a str __doc__. */
static int
set_doc(PyTypeObject *type)
{
    PyObject *doc = PyDict_GetItemWithError(type->tp_dict, &_Py_ID(__doc__));
    if (doc == NULL || !PyUnicode_Check(doc)) {
        return PyErr_Occurred() ? -1 : 0;
    }
    const char *s = PyUnicode_AsUTF8(doc);
    if (s == NULL) {
        return -1;
    }
    size_t n = strlen(s) + 1;
    char *tp_doc = PyObject_Malloc(n);
    if (tp_doc == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(tp_doc, s, n);
    type->tp_doc = tp_doc;
    return 0;
}

/* A plain function under this name is a static method or a class method without being marked. */
static int
wrap_function(PyTypeObject *type, PyObject *name, PyObject *(*make)(PyObject *))
{
    PyObject *func = PyDict_GetItemWithError(type->tp_dict, name);
    if (func == NULL || !PyFunction_Check(func)) {
        return PyErr_Occurred() ? -1 : 0;
    }
    PyObject *wrapped = make(func);
    if (wrapped == NULL) {
        return -1;
    }
    int r = PyDict_SetItem(type->tp_dict, name, wrapped);
    Py_DECREF(wrapped);
    return r;
}

/* Members for the slots; where the instance's parts lie. */
static int
set_layout(struct new_context *ctx, PyTypeObject *type)
{
    Py_ssize_t slotoffset = ctx->base->tp_basicsize;
    PyMemberDef *mp = HEAPTYPE_MEMBERS(type);
    if (ctx->slots != NULL) {
        for (Py_ssize_t i = 0; i < ctx->nslot; i++, mp++) {
            mp->name = PyUnicode_AsUTF8(PyTuple_GET_ITEM(ctx->slots, i));
            if (mp->name == NULL) {
                return -1;
            }
            mp->type = Py_T_OBJECT_EX;
            mp->offset = slotoffset;
            slotoffset += sizeof(PyObject *);
        }
    }
    if (ctx->add_weak) {
        assert((type->tp_flags & Py_TPFLAGS_MANAGED_WEAKREF) == 0);
        type->tp_flags |= Py_TPFLAGS_MANAGED_WEAKREF;
        type->tp_weaklistoffset = MANAGED_WEAKREF_OFFSET;
    }
    if (ctx->add_dict) {
        assert((type->tp_flags & Py_TPFLAGS_MANAGED_DICT) == 0);
        type->tp_flags |= Py_TPFLAGS_MANAGED_DICT;
        type->tp_dictoffset = -1;
    }
    type->tp_basicsize = slotoffset;
    type->tp_itemsize = ctx->base->tp_itemsize;
    type->tp_members = HEAPTYPE_MEMBERS(type);
    /* The attributes __dict__ and __weakref__ of the words that were added. */
    if (ctx->add_weak) {
        type->tp_getset = ctx->add_dict ? _PyType_SubtypeGetSets
                                        : _PyType_SubtypeGetSetsWeakrefOnly;
    }
    else if (ctx->add_dict) {
        type->tp_getset = _PyType_SubtypeGetSetsDictOnly;
    }
    /* Instances are collected: at the least they refer to their class. */
    type->tp_flags |= Py_TPFLAGS_HAVE_GC;
    type->tp_free = PyObject_GC_Del;
    type->tp_traverse = _PyType_SubtypeTraverse;
    type->tp_clear = _PyType_SubtypeClear;
    return 0;
}

/* The cell that super() and __class__ in the methods look into. */
static int
set_cell(PyTypeObject *type, PyObject *name, PyObject *value, const char *what)
{
    PyObject *cell = PyDict_GetItemWithError(type->tp_dict, name);
    if (cell == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    if (!PyCell_Check(cell)) {
        PyErr_Format(PyExc_TypeError, "%s must be a nonlocal cell, not %.200R", what,
                     Py_TYPE(cell));
        return -1;
    }
    PyCell_Set(cell, value);
    return PyDict_DelItem(type->tp_dict, name);
}

static int
set_attributes(struct new_context *ctx, PyTypeObject *type)
{
    if (set_names(type) < 0 || set_module(type) < 0 || set_doc(type) < 0 ||
        wrap_function(type, &_Py_ID(__new__), PyStaticMethod_New) < 0 ||
        wrap_function(type, &_Py_ID(__init_subclass__), PyClassMethod_New) < 0 ||
        wrap_function(type, &_Py_ID(__class_getitem__), PyClassMethod_New) < 0 ||
        set_layout(ctx, type) < 0)
    {
        return -1;
    }
    if (set_cell(type, &_Py_ID(__classcell__), (PyObject *)type, "__classcell__") < 0) {
        return -1;
    }
    return set_cell(type, &_Py_ID(__classdictcell__), type->tp_dict, "__classdictcell__");
}

/* Keys that the instances' values share. */
static void
set_cached_keys(PyTypeObject *type)
{
    if (_PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT)) {
        PyHeapTypeObject *et = (PyHeapTypeObject *)type;
        et->ht_cached_keys = _PyDict_NewKeysForClass();
        if (et->ht_cached_keys == NULL) {
            PyErr_Clear();      /* only slower */
        }
    }
}

/* ------------------------------------------------------------------------------- the hooks */

/* Says in a note of the pending exception where it comes from. */
static void
note_set_name(PyObject *value, PyObject *key, PyTypeObject *type)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *note = PyUnicode_FromFormat(
        "Error calling __set_name__ on '%.100s' instance %R in '%.100s'",
        Py_TYPE(value)->tp_name, key, type->tp_name);
    if (note == NULL || _PyException_AddNote(exc, note) < 0) {
        PyErr_Clear();      /* the exception itself matters more */
    }
    Py_XDECREF(note);
    PyErr_SetRaisedException(exc);
}

/* Calls __set_name__(owner, name) of the attributes that have it. */
int
_PyType_SetNames(PyTypeObject *type)
{
    PyObject *names = PyDict_Copy(type->tp_dict);
    if (names == NULL) {
        return -1;
    }
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    while (PyDict_Next(names, &pos, &key, &value)) {
        PyObject *set_name = _PyObject_LookupSpecial(value, &_Py_ID(__set_name__));
        if (set_name == NULL) {
            if (PyErr_Occurred()) {
                goto error;
            }
            continue;
        }
        PyObject *stack[2] = {(PyObject *)type, key};
        PyObject *res = PyObject_Vectorcall(set_name, stack, 2, NULL);
        Py_DECREF(set_name);
        if (res == NULL) {
            note_set_name(value, key, type);
            goto error;
        }
        Py_DECREF(res);
    }
    Py_DECREF(names);
    return 0;
error:
    Py_DECREF(names);
    return -1;
}

/* super(type, type).__init_subclass__(**kwds) */
int
_PyType_InitSubclass(PyTypeObject *type, PyObject *kwds)
{
    PyObject *args[2] = {(PyObject *)type, (PyObject *)type};
    PyObject *super = PyObject_Vectorcall((PyObject *)&PySuper_Type, args, 2, NULL);
    if (super == NULL) {
        return -1;
    }
    PyObject *func = PyObject_GetAttr(super, &_Py_ID(__init_subclass__));
    Py_DECREF(super);
    if (func == NULL) {
        return -1;
    }
    PyObject *result = PyObject_VectorcallDict(func, NULL, 0, kwds);
    Py_DECREF(func);
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

/* ------------------------------------------------------------------------------ type.__new__ */

static PyTypeObject *
new_impl(struct new_context *ctx)
{
    PyObject *dict = PyDict_Copy(ctx->orig_dict);
    if (dict == NULL) {
        return NULL;
    }
    if (new_slots(ctx, dict) < 0) {
        Py_DECREF(dict);
        return NULL;
    }
    PyTypeObject *type = new_alloc(ctx);
    if (type == NULL) {
        Py_DECREF(dict);
        return NULL;
    }
    type->tp_dict = dict;
    if (set_attributes(ctx, type) < 0 || _PyType_ReadyFull(type) < 0) {
        goto error;
    }
    _PyType_FixupSlots(type);
    set_cached_keys(type);
    if (_PyType_SetNames(type) < 0 || _PyType_InitSubclass(type, ctx->kwds) < 0) {
        goto error;
    }
    assert(_PyType_CheckConsistency(type));
    return type;
error:
    Py_DECREF(type);
    return NULL;
}

/* A metaclass more derived than ours with a __new__ of its own takes over: 1 with *presult. */
static int
check_metaclass(struct new_context *ctx, PyObject **presult)
{
    PyTypeObject *winner = _PyType_CalculateMetaclass(ctx->metatype, ctx->bases);
    if (winner == NULL) {
        return -1;
    }
    if (winner != ctx->metatype) {
        if (winner->tp_new != _PyType_New) {
            *presult = winner->tp_new(winner, ctx->args, ctx->kwds);
            return *presult == NULL ? -1 : 1;
        }
        ctx->metatype = winner;
    }
    return 0;
}

/* Fills ctx->bases and ctx->base.  1: *presult is the class already; 0 go on; -1 error. */
static int
get_bases(struct new_context *ctx, PyObject *bases, PyObject **presult)
{
    Py_ssize_t nbases = PyTuple_GET_SIZE(bases);
    if (nbases == 0) {
        ctx->base = &PyBaseObject_Type;
        ctx->bases = PyTuple_Pack(1, ctx->base);
        return ctx->bases == NULL ? -1 : 0;
    }
    ctx->bases = Py_NewRef(bases);
    for (Py_ssize_t i = 0; i < nbases; i++) {
        PyObject *base = PyTuple_GET_ITEM(bases, i);
        if (PyType_Check(base)) {
            continue;
        }
        PyObject *mro_entries;
        if (_PyObject_LookupAttr(base, &_Py_ID(__mro_entries__), &mro_entries) < 0) {
            return -1;
        }
        if (mro_entries != NULL) {
            Py_DECREF(mro_entries);
            PyErr_SetString(PyExc_TypeError,
                            "type() doesn't support MRO entry resolution; "
                            "use types.new_class()");
            return -1;
        }
    }
    int r = check_metaclass(ctx, presult);
    if (r != 0) {
        return r;
    }
    ctx->base = _PyType_BestBase(ctx->bases);
    return ctx->base == NULL ? -1 : 0;
}

PyObject *
_PyType_New(PyTypeObject *metatype, PyObject *args, PyObject *kwds)
{
    PyObject *name, *bases, *orig_dict;
    if (!PyArg_ParseTuple(args, "UO!O!:type.__new__", &name, &PyTuple_Type, &bases,
                          &PyDict_Type, &orig_dict))
    {
        return NULL;
    }
    struct new_context ctx = {
        .metatype = metatype,
        .args = args,
        .kwds = kwds,
        .name = name,
        .orig_dict = orig_dict,
    };
    PyObject *result = NULL;
    if (get_bases(&ctx, bases, &result) == 0) {
        result = (PyObject *)new_impl(&ctx);
    }
    Py_XDECREF(ctx.bases);
    Py_XDECREF(ctx.slots);
    return result;
}
