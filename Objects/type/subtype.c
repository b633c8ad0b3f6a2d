/* subtype.c - instances of Python classes: allocation, traversal, clearing and deallocation of what
 * class statements add to a C base (slots of __slots__, dict, weak references), and the attributes
 * __dict__ and __weakref__.
 *
 * Invariants of deallocation: the object is untracked while its parts go; finalizers (__del__ and
 * tp_del) run first and may resurrect it; the base's deallocator frees the memory, so that the type
 * is released last.
 *
 * Written from the C API reference ("Supporting Cyclic Garbage Collection"), PEP 442, PEP 412.
 */
#include "Python.h"
#include "pycore_dict.h"        // _PyObject_InitializeDict()
#include "pycore_object.h"      // _PyObject_GC_TRACK()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_weakref.h"     // _PyWeakref_ClearWeakRefsExceptCallbacks()
#include "type.h"

/* ------------------------------------------------------------------------------- allocation */

/* A zeroed object with its words in front, not tracked.  One item more than asked for is there, as
 * tuples and strings of C want. */
PyObject *
_PyType_AllocNoTrack(PyTypeObject *type, Py_ssize_t nitems)
{
    size_t presize = _PyType_PreHeaderSize(type);
    if (nitems < 0 || (type->tp_itemsize > 0 &&
        nitems >= (PY_SSIZE_T_MAX - type->tp_basicsize - (Py_ssize_t)presize - 16)
                  / type->tp_itemsize - 1))
    {
        return PyErr_NoMemory();
    }
    size_t size = _PyObject_VAR_SIZE(type, nitems + 1);
    char *alloc = PyObject_Calloc(1, size + presize);
    if (alloc == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *obj = (PyObject *)(alloc + presize);
    if (type->tp_itemsize == 0) {
        _PyObject_Init(obj, type);
    }
    else {
        _PyObject_InitVar((PyVarObject *)obj, type, nitems);
    }
    if (_PyType_IS_GC(type)) {
        _PyObject_GC_Link(obj);
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT) && _PyObject_InitializeDict(obj) < 0) {
        if (_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
            Py_DECREF(type);
        }
        if (_PyType_IS_GC(type)) {
            PyObject_GC_Del(obj);
        }
        else {
            PyObject_Free(alloc);
        }
        return NULL;
    }
    return obj;
}

PyObject *
PyType_GenericAlloc(PyTypeObject *type, Py_ssize_t nitems)
{
    PyObject *obj = _PyType_AllocNoTrack(type, nitems);
    if (obj != NULL && _PyType_IS_GC(type)) {
        _PyObject_GC_TRACK(obj);
    }
    return obj;
}

PyObject *
PyType_GenericNew(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    return type->tp_alloc(type, 0);
}

/* What object.__new__(type) gives when nothing is overridden. */
PyObject *
_PyType_NewManagedObject(PyTypeObject *type)
{
    assert(type->tp_alloc == PyType_GenericAlloc && type->tp_itemsize == 0);
    return PyType_GenericAlloc(type, 0);
}

/* ------------------------------------------------------------------------ slots of __slots__ */

static int
traverse_slots(PyTypeObject *type, PyObject *self, visitproc visit, void *arg)
{
    PyMemberDef *mp = HEAPTYPE_MEMBERS(type);
    for (Py_ssize_t i = 0, n = Py_SIZE(type); i < n; i++, mp++) {
        if (mp->type == Py_T_OBJECT_EX) {
            Py_VISIT(*(PyObject **)((char *)self + mp->offset));
        }
    }
    return 0;
}

static void
clear_slots(PyTypeObject *type, PyObject *self)
{
    PyMemberDef *mp = HEAPTYPE_MEMBERS(type);
    for (Py_ssize_t i = 0, n = Py_SIZE(type); i < n; i++, mp++) {
        if (mp->type == Py_T_OBJECT_EX && !(mp->flags & Py_READONLY)) {
            Py_CLEAR(*(PyObject **)((char *)self + mp->offset));
        }
    }
}

/* ------------------------------------------------------------------------- garbage collection */

int
_PyType_SubtypeTraverse(PyObject *self, visitproc visit, void *arg)
{
    /* The nearest base that is no Python class knows the rest. */
    PyTypeObject *type = Py_TYPE(self);
    PyTypeObject *base = type;
    traverseproc basetraverse;
    while ((basetraverse = base->tp_traverse) == _PyType_SubtypeTraverse) {
        if (Py_SIZE(base)) {
            int err = traverse_slots(base, self, visit, arg);
            if (err) {
                return err;
            }
        }
        base = base->tp_base;
        assert(base != NULL);
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT) &&
        !_PyType_HasFeature(base, Py_TPFLAGS_MANAGED_DICT))
    {
        int err = _PyObject_VisitManagedDict(self, visit, arg);
        if (err) {
            return err;
        }
    }
    else if (type->tp_dictoffset != base->tp_dictoffset) {
        PyObject **dictptr = _PyObject_ComputedDictPointer(self);
        if (dictptr != NULL) {
            Py_VISIT(*dictptr);
        }
    }
    /* The instance owns a reference to its class; a base that is a heap type visits it itself. */
    if (_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) &&
        (basetraverse == NULL || !_PyType_HasFeature(base, Py_TPFLAGS_HEAPTYPE)))
    {
        Py_VISIT(type);
    }
    return basetraverse == NULL ? 0 : basetraverse(self, visit, arg);
}

int
_PyType_SubtypeClear(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyTypeObject *base = type;
    inquiry baseclear;
    while ((baseclear = base->tp_clear) == _PyType_SubtypeClear) {
        if (Py_SIZE(base)) {
            clear_slots(base, self);
        }
        base = base->tp_base;
        assert(base != NULL);
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT)) {
        if (!_PyType_HasFeature(base, Py_TPFLAGS_MANAGED_DICT)) {
            _PyObject_ClearManagedDict(self);
        }
    }
    else if (type->tp_dictoffset != base->tp_dictoffset) {
        PyObject **dictptr = _PyObject_ComputedDictPointer(self);
        if (dictptr != NULL) {
            Py_CLEAR(*dictptr);
        }
    }
    return baseclear == NULL ? 0 : baseclear(self);
}

/* --------------------------------------------------------------------------- deallocation */

/* Nearest base whose deallocator is not ours. */
static PyTypeObject *
dealloc_base(PyTypeObject *type)
{
    PyTypeObject *base = type;
    while (base->tp_dealloc == _PyType_SubtypeDealloc) {
        base = base->tp_base;
        assert(base != NULL);
    }
    return base;
}

/* Frees by the base's deallocator and gives the reference to the class back. */
static void
call_base_dealloc(PyObject *self, PyTypeObject *type, PyTypeObject *base)
{
    /* A deallocator of a heap type releases the class itself. */
    int release = _PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) &&
                  !_PyType_HasFeature(base, Py_TPFLAGS_HEAPTYPE);
    base->tp_dealloc(self);
    if (release) {
        Py_DECREF(type);
    }
}

/* Instances without collector head: only __slots__ = () classes over plain C types. */
static void
dealloc_plain(PyObject *self, PyTypeObject *type)
{
    if (type->tp_finalize != NULL && PyObject_CallFinalizerFromDealloc(self) < 0) {
        return;
    }
    if (type->tp_del != NULL) {
        type->tp_del(self);
        if (Py_REFCNT(self) > 0) {
            return;
        }
    }
    PyTypeObject *base = dealloc_base(type);
    type = Py_TYPE(self);       /* __del__ may have changed it */
    call_base_dealloc(self, type, base);
}

/* Finalizers and weak references.  1: the object lives on. */
static int
run_finalizers(PyObject *self, PyTypeObject *type, PyTypeObject *base)
{
    if (type->tp_finalize != NULL) {
        _PyObject_GC_TRACK(self);
        if (PyObject_CallFinalizerFromDealloc(self) < 0) {
            return 1;
        }
        _PyObject_GC_UNTRACK(self);
    }
    /* Callbacks of weak references see the object as it was; __del__ comes after them when it is of
     * the old kind. */
    int has_weakrefs = type->tp_weaklistoffset != 0 && base->tp_weaklistoffset == 0;
    if (has_weakrefs && *_PyObject_GET_WEAKREFS_LISTPTR_FROM_OFFSET(self) != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    if (type->tp_del != NULL) {
        _PyObject_GC_TRACK(self);
        type->tp_del(self);
        if (Py_REFCNT(self) > 0) {
            return 1;
        }
        _PyObject_GC_UNTRACK(self);
    }
    if (has_weakrefs && (type->tp_finalize != NULL || type->tp_del != NULL)) {
        /* References made by the finalizers go without a call back. */
        _PyWeakref_ClearWeakRefsExceptCallbacks(self);
    }
    return 0;
}

static void
clear_all_slots(PyObject *self, PyTypeObject *type, PyTypeObject *base)
{
    for (PyTypeObject *t = type; t != base; t = t->tp_base) {
        if (Py_SIZE(t)) {
            clear_slots(t, self);
        }
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT)) {
        if (!_PyType_HasFeature(base, Py_TPFLAGS_MANAGED_DICT)) {
            _PyObject_ClearManagedDict(self);
        }
    }
    else if (type->tp_dictoffset != 0 && base->tp_dictoffset == 0) {
        PyObject **dictptr = _PyObject_ComputedDictPointer(self);
        if (dictptr != NULL) {
            Py_CLEAR(*dictptr);
        }
    }
}

void
_PyType_SubtypeDealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    _PyObject_ASSERT((PyObject *)type, _PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE));
    if (!_PyType_IS_GC(type)) {
        dealloc_plain(self, type);
        return;
    }
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, _PyType_SubtypeDealloc);
    PyTypeObject *base = dealloc_base(type);
    if (!run_finalizers(self, type, base)) {
        type = Py_TYPE(self);
        base = dealloc_base(type);
        clear_all_slots(self, type, base);
        /* The base's deallocator untracks what it expects to be tracked. */
        if (_PyType_IS_GC(base)) {
            _PyObject_GC_TRACK(self);
        }
        call_base_dealloc(self, type, base);
    }
    Py_TRASHCAN_END
}

/* ------------------------------------------------------------------ __dict__ and __weakref__ */

/* The C base that has the attribute itself, for classes like that of a module's subclass. */
static PyTypeObject *
get_builtin_base_with_dict(PyTypeObject *type)
{
    while (type->tp_base != NULL) {
        if (type->tp_dictoffset != 0 && !_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
            return type;
        }
        type = type->tp_base;
    }
    return NULL;
}

/* The data descriptor __dict__ of that base: borrowed or NULL. */
static PyObject *
get_dict_descriptor(PyTypeObject *type)
{
    PyObject *descr = _PyType_Lookup(type, &_Py_ID(__dict__));
    return descr == NULL || !PyDescr_IsData(descr) ? NULL : descr;
}

static void
raise_dict_error(PyObject *obj)
{
    PyErr_Format(PyExc_TypeError,
                 "this __dict__ descriptor does not support '%.200s' objects",
                 Py_TYPE(obj)->tp_name);
}

static PyObject *
subtype_dict(PyObject *obj, void *context)
{
    PyTypeObject *base = get_builtin_base_with_dict(Py_TYPE(obj));
    if (base == NULL) {
        return PyObject_GenericGetDict(obj, context);
    }
    PyObject *descr = get_dict_descriptor(base);
    descrgetfunc func = descr == NULL ? NULL : Py_TYPE(descr)->tp_descr_get;
    if (func == NULL) {
        raise_dict_error(obj);
        return NULL;
    }
    return func(descr, obj, (PyObject *)Py_TYPE(obj));
}

PyObject *
_PyType_SubtypeGetDict(PyObject *obj, void *context)
{
    return subtype_dict(obj, context);
}

static int
subtype_setdict(PyObject *obj, PyObject *value, void *Py_UNUSED(context))
{
    PyTypeObject *base = get_builtin_base_with_dict(Py_TYPE(obj));
    if (base != NULL) {
        PyObject *descr = get_dict_descriptor(base);
        descrsetfunc func = descr == NULL ? NULL : Py_TYPE(descr)->tp_descr_set;
        if (func == NULL) {
            raise_dict_error(obj);
            return -1;
        }
        return func(descr, obj, value);
    }
    /* Unlike PyObject_GenericSetDict: deleting is allowed, a fresh dict comes at the next use. */
    if (value != NULL && !PyDict_Check(value)) {
        PyErr_Format(PyExc_TypeError, "__dict__ must be set to a dictionary, not a '%.200s'",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    if (_PyType_HasFeature(Py_TYPE(obj), Py_TPFLAGS_MANAGED_DICT)) {
        return _PyObject_SetManagedDict(obj, value);
    }
    PyObject **dictptr = _PyObject_ComputedDictPointer(obj);
    if (dictptr == NULL) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __dict__");
        return -1;
    }
    Py_XSETREF(*dictptr, Py_XNewRef(value));
    return 0;
}

static PyObject *
subtype_getweakref(PyObject *obj, void *Py_UNUSED(context))
{
    PyTypeObject *type = Py_TYPE(obj);
    if (type->tp_weaklistoffset == 0) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __weakref__");
        return NULL;
    }
    PyObject *head = *(PyObject **)((char *)obj + type->tp_weaklistoffset);
    return Py_NewRef(head == NULL ? Py_None : head);
}

#define DICT_ROW \
    {"__dict__", subtype_dict, subtype_setdict, \
     PyDoc_STR("dictionary for instance variables"), NULL}
#define WEAKREF_ROW \
    {"__weakref__", subtype_getweakref, NULL, \
     PyDoc_STR("list of weak references to the object"), NULL}

_Py_SHARED PyGetSetDef _PyType_SubtypeGetSets[] = {DICT_ROW, WEAKREF_ROW, {NULL}};
_Py_SHARED PyGetSetDef _PyType_SubtypeGetSetsDictOnly[] = {DICT_ROW, {NULL}};
_Py_SHARED PyGetSetDef _PyType_SubtypeGetSetsWeakrefOnly[] = {WEAKREF_ROW, {NULL}};
