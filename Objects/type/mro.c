/* mro.c - bases and method resolution order: the C3 merge, the base that fixes the layout, and
 * assignment to __bases__ and the layout test behind assignment to __class__.
 *
 * Invariants
 *   - tp_mro is a tuple of types that begins with the type itself;
 *   - tp_base is the base whose layout the instances extend (best_base), one of tp_bases.
 *
 * Cost of the merge: number of entries times number of bases.
 * Written from "The Python 2.3 Method Resolution Order" (C3), the data model chapter and
 * observed messages.
 */
#include "Python.h"
#include "pycore_errors.h"      // _PyErr_GetRaisedException()
#include "pycore_object.h"      // _PyObject_LookupSpecial()
#include "pycore_strings.h"     // _Py_ID()
#include "type.h"

/* ------------------------------------------------------------------------------------- C3 */

static int
tail_contains(PyObject *tuple, Py_ssize_t from, PyObject *o)
{
    for (Py_ssize_t i = from + 1; i < PyTuple_GET_SIZE(tuple); i++) {
        if (PyTuple_GET_ITEM(tuple, i) == o) {
            return 1;
        }
    }
    return 0;
}

/* Name of a class for messages; falls back on its repr.  New reference. */
static PyObject *
class_name(PyObject *cls)
{
    PyObject *name;
    if (_PyObject_LookupAttr(cls, &_Py_ID(__name__), &name) == 0) {
        name = PyObject_Repr(cls);
    }
    return name;
}

/* A base named twice: TypeError.  0 or -1. */
static int
check_duplicates(PyObject *bases)
{
    Py_ssize_t n = PyTuple_GET_SIZE(bases);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *o = PyTuple_GET_ITEM(bases, i);
        for (Py_ssize_t j = i + 1; j < n; j++) {
            if (PyTuple_GET_ITEM(bases, j) == o) {
                PyObject *name = class_name(o);
                if (name != NULL) {
                    if (PyUnicode_Check(name)) {
                        PyErr_Format(PyExc_TypeError, "duplicate base class %U", name);
                    }
                    else {
                        PyErr_SetString(PyExc_TypeError, "duplicate base class");
                    }
                    Py_DECREF(name);
                }
                return -1;
            }
        }
    }
    return 0;
}

/* Raises TypeError with the classes that no order suits: the heads of the lists left. */
static void
set_mro_error(PyObject **lists, Py_ssize_t nlists, const Py_ssize_t *remain)
{
    PyObject *heads = PyDict_New();     /* a set that keeps the order */
    if (heads == NULL) {
        return;
    }
    for (Py_ssize_t i = 0; i < nlists; i++) {
        if (remain[i] < PyTuple_GET_SIZE(lists[i]) &&
            PyDict_SetItem(heads, PyTuple_GET_ITEM(lists[i], remain[i]), Py_None) < 0)
        {
            Py_DECREF(heads);
            return;
        }
    }
    PyObject *names = PyList_New(0);
    Py_ssize_t pos = 0;
    PyObject *cls, *none;
    while (names != NULL && PyDict_Next(heads, &pos, &cls, &none)) {
        PyObject *name = class_name(cls);
        PyObject *text = name == NULL ? NULL : PyObject_Str(name);
        Py_XDECREF(name);
        if (text == NULL || PyList_Append(names, text) < 0) {
            Py_CLEAR(names);
        }
        Py_XDECREF(text);
    }
    Py_DECREF(heads);
    if (names == NULL) {
        return;
    }
    PyObject *sep = PyUnicode_FromString(", ");
    PyObject *joined = sep == NULL ? NULL : PyUnicode_Join(sep, names);
    Py_XDECREF(sep);
    Py_DECREF(names);
    if (joined != NULL) {
        PyErr_Format(PyExc_TypeError,
                     "Cannot create a consistent method resolution\norder (MRO) for bases %U",
                     joined);
        Py_DECREF(joined);
    }
}

/* Merges tuples into the list `acc`: takes the first head that is in no other tail. */
static int
c3_merge(PyObject *acc, PyObject **lists, Py_ssize_t nlists)
{
    Py_ssize_t *remain = PyMem_New(Py_ssize_t, nlists);
    if (remain == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < nlists; i++) {
        remain[i] = 0;
    }
    int res = -1;
    Py_ssize_t empty;
again:
    empty = 0;
    for (Py_ssize_t i = 0; i < nlists; i++) {
        PyObject *cur = lists[i];
        if (remain[i] >= PyTuple_GET_SIZE(cur)) {
            empty++;
            continue;
        }
        PyObject *candidate = PyTuple_GET_ITEM(cur, remain[i]);
        int blocked = 0;
        for (Py_ssize_t j = 0; j < nlists && !blocked; j++) {
            blocked = tail_contains(lists[j], remain[j], candidate);
        }
        if (blocked) {
            continue;
        }
        if (PyList_Append(acc, candidate) < 0) {
            goto done;
        }
        for (Py_ssize_t j = 0; j < nlists; j++) {
            if (remain[j] < PyTuple_GET_SIZE(lists[j]) &&
                PyTuple_GET_ITEM(lists[j], remain[j]) == candidate)
            {
                remain[j]++;
            }
        }
        goto again;
    }
    if (empty != nlists) {
        set_mro_error(lists, nlists, remain);
        goto done;
    }
    res = 0;
done:
    PyMem_Free(remain);
    return res;
}

/* With one base the order is the class and then the base's order. */
static PyObject *
mro_single(PyTypeObject *type, PyTypeObject *base)
{
    PyObject *base_mro = base->tp_mro;
    assert(PyTuple_Check(base_mro));
    Py_ssize_t n = PyTuple_GET_SIZE(base_mro);
    PyObject *result = PyTuple_New(n + 1);
    if (result == NULL) {
        return NULL;
    }
    PyTuple_SET_ITEM(result, 0, Py_NewRef(type));
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTuple_SET_ITEM(result, i + 1, Py_NewRef(PyTuple_GET_ITEM(base_mro, i)));
    }
    return result;
}

PyObject *
_PyType_ComputeMRO(PyTypeObject *type)
{
    if (!_PyType_HasFeature(type, Py_TPFLAGS_READY) && type->tp_dict == NULL &&
        PyType_Ready(type) < 0)
    {
        return NULL;
    }
    PyObject *bases = type->tp_bases;
    assert(bases != NULL && PyTuple_Check(bases));
    Py_ssize_t n = PyTuple_GET_SIZE(bases);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(bases, i);
        if (base->tp_mro == NULL) {
            PyErr_Format(PyExc_TypeError, "Cannot extend an incomplete type '%.100s'",
                         base->tp_name);
            return NULL;
        }
        assert(PyTuple_Check(base->tp_mro));
    }
    if (n == 1) {
        return mro_single(type, (PyTypeObject *)PyTuple_GET_ITEM(bases, 0));
    }
    if (check_duplicates(bases) < 0) {
        return NULL;
    }
    PyObject **lists = PyMem_New(PyObject *, n + 1);
    if (lists == NULL) {
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        lists[i] = ((PyTypeObject *)PyTuple_GET_ITEM(bases, i))->tp_mro;
    }
    lists[n] = bases;
    PyObject *result = PyList_New(1);
    if (result != NULL) {
        PyList_SET_ITEM(result, 0, Py_NewRef(type));
        if (c3_merge(result, lists, n + 1) < 0) {
            Py_CLEAR(result);
        }
    }
    PyMem_Free(lists);
    return result;
}

/* ----------------------------------------------------------------------- overridden mro() */

/* What a user's mro() returned must be classes that fit the instances' layout. */
static int
check_custom_mro(PyTypeObject *type, PyObject *mro)
{
    PyTypeObject *solid = _PyType_SolidBase(type);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(mro); i++) {
        PyObject *cls = PyTuple_GET_ITEM(mro, i);
        if (!PyType_Check(cls)) {
            PyErr_Format(PyExc_TypeError, "mro() returned a non-class ('%.500s')",
                         Py_TYPE(cls)->tp_name);
            return -1;
        }
        PyTypeObject *base = (PyTypeObject *)cls;
        if (!PyType_IsSubtype(solid, _PyType_SolidBase(base))) {
            PyErr_Format(PyExc_TypeError, "mro() returned base with unsuitable layout ('%.500s')",
                         base->tp_name);
            return -1;
        }
    }
    return 0;
}

/* The order by the metaclass's mro(), or C3: new tuple. */
static PyObject *
invoke_mro(PyTypeObject *type)
{
    int custom = !Py_IS_TYPE(type, &PyType_Type) &&
                 _PyType_Lookup(Py_TYPE(type), &_Py_ID(mro)) !=
                     _PyType_Lookup(&PyType_Type, &_Py_ID(mro));
    PyObject *order;
    if (custom) {
        PyObject *method = _PyObject_LookupSpecial((PyObject *)type, &_Py_ID(mro));
        if (method == NULL) {
            if (!PyErr_Occurred()) {
                PyErr_SetObject(PyExc_AttributeError, &_Py_ID(mro));
            }
            return NULL;
        }
        order = PyObject_CallNoArgs(method);
        Py_DECREF(method);
    }
    else {
        order = _PyType_ComputeMRO(type);
    }
    if (order == NULL) {
        return NULL;
    }
    PyObject *mro = PySequence_Tuple(order);
    Py_DECREF(order);
    if (mro != NULL && custom && check_custom_mro(type, mro) < 0) {
        Py_CLEAR(mro);
    }
    return mro;
}

int
_PyType_SetMRO(PyTypeObject *type, PyObject **p_old_mro)
{
    PyObject *old_mro = Py_XNewRef(type->tp_mro);
    PyObject *new_mro = invoke_mro(type);
    /* A user's mro() may have assigned __bases__ and so have set the order meanwhile. */
    int reentered = type->tp_mro != old_mro;
    if (new_mro == NULL) {
        Py_XDECREF(old_mro);
        return -1;
    }
    if (reentered) {
        Py_DECREF(new_mro);
        Py_XDECREF(old_mro);
        return 0;
    }
    type->tp_mro = new_mro;
    _PyType_MROModified(type);
    PyType_Modified(type);
    if (p_old_mro != NULL) {
        *p_old_mro = old_mro;       /* both references: the type's and ours */
        Py_XDECREF(old_mro);
    }
    else {
        Py_XDECREF(old_mro);
        Py_XDECREF(old_mro);
    }
    return 1;
}

/* ---------------------------------------------------------------------------- the layout */

/* Do the instances of `type` have room that those of `base` lack?  The dict and the weak references
 * that a class statement adds are in front of the object and do not count; those with an offset
 * do. */
static int
shape_differs(PyTypeObject *type, PyTypeObject *base)
{
    return type->tp_basicsize != base->tp_basicsize || type->tp_itemsize != base->tp_itemsize;
}

PyTypeObject *
_PyType_SolidBase(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base != NULL ? _PyType_SolidBase(type->tp_base)
                                               : &PyBaseObject_Type;
    return shape_differs(type, base) ? type : base;
}

/* The base to extend: the one whose solid base is derived from all the others'.  Borrowed. */
PyTypeObject *
_PyType_BestBase(PyObject *bases)
{
    Py_ssize_t n = PyTuple_GET_SIZE(bases);
    assert(n > 0);
    PyTypeObject *winner = NULL, *best = NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *op = PyTuple_GET_ITEM(bases, i);
        if (!PyType_Check(op)) {
            PyErr_SetString(PyExc_TypeError, "bases must be types");
            return NULL;
        }
        PyTypeObject *base = (PyTypeObject *)op;
        if (!_PyType_HasFeature(base, Py_TPFLAGS_READY) && PyType_Ready(base) < 0) {
            return NULL;
        }
        if (!_PyType_HasFeature(base, Py_TPFLAGS_BASETYPE)) {
            PyErr_Format(PyExc_TypeError, "type '%.100s' is not an acceptable base type",
                         base->tp_name);
            return NULL;
        }
        PyTypeObject *candidate = _PyType_SolidBase(base);
        if (winner == NULL) {
            winner = candidate;
            best = base;
        }
        else if (PyType_IsSubtype(winner, candidate)) {
            continue;
        }
        else if (PyType_IsSubtype(candidate, winner)) {
            winner = candidate;
            best = base;
        }
        else {
            PyErr_SetString(PyExc_TypeError, "multiple bases have instance lay-out conflict");
            return NULL;
        }
    }
    assert(best != NULL);
    return best;
}

/* Number of __slots__ of a heap type; a class without the attribute has none. */
static Py_ssize_t
count_slots(PyTypeObject *type)
{
    PyObject *slots = ((PyHeapTypeObject *)type)->ht_slots;
    assert(slots == NULL || PyTuple_Check(slots));
    return slots == NULL ? 0 : PyTuple_GET_SIZE(slots);
}

static int
same_slots(PyTypeObject *a, PyTypeObject *b)
{
    Py_ssize_t n = count_slots(a);
    if (n == 0 || count_slots(b) != n) {
        return count_slots(b) == n;
    }
    PyObject *sa = ((PyHeapTypeObject *)a)->ht_slots;
    PyObject *sb = ((PyHeapTypeObject *)b)->ht_slots;
    return sa == sb || PyObject_RichCompareBool(sa, sb, Py_EQ) == 1;
}

/* Both classes extend the same layout by a dict, weak references and equal __slots__. */
static int
same_slots_added(PyTypeObject *a, PyTypeObject *b)
{
    PyTypeObject *base = a->tp_base;
    Py_ssize_t size = base->tp_basicsize;
    if (base != b->tp_base) {
        return 0;
    }
    if (a->tp_dictoffset == size && b->tp_dictoffset == size) {
        size += sizeof(PyObject *);
    }
    if (a->tp_weaklistoffset == size && b->tp_weaklistoffset == size) {
        size += sizeof(PyObject *);
    }
    if (_PyType_HasFeature(a, Py_TPFLAGS_HEAPTYPE) && _PyType_HasFeature(b, Py_TPFLAGS_HEAPTYPE)) {
        if (!same_slots(a, b)) {
            return 0;
        }
        size += (Py_ssize_t)sizeof(PyObject *) * count_slots(a);
    }
    return size == a->tp_basicsize && size == b->tp_basicsize;
}

static int
structure_equal(PyTypeObject *a, PyTypeObject *b)
{
    return a == b ||
           (a->tp_basicsize == b->tp_basicsize && a->tp_itemsize == b->tp_itemsize &&
            a->tp_dictoffset == b->tp_dictoffset &&
            a->tp_weaklistoffset == b->tp_weaklistoffset &&
            (a->tp_flags & (Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_PREHEADER)) ==
            (b->tp_flags & (Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_PREHEADER)));
}

/* A class that adds nothing to its base's instances. */
static int
adds_nothing(PyTypeObject *child)
{
    PyTypeObject *parent = child->tp_base;
    return parent != NULL && structure_equal(parent, child);
}

/* May an instance of `oldto` become one of `newto`?  1, or 0 with TypeError about `attr`. */
int
_PyType_SameLayout(PyTypeObject *newto, PyTypeObject *oldto, const char *attr)
{
    if (newto->tp_free != oldto->tp_free) {
        PyErr_Format(PyExc_TypeError, "%s assignment: '%s' deallocator differs from '%s'",
                     attr, newto->tp_name, oldto->tp_name);
        return 0;
    }
    PyTypeObject *newbase = newto, *oldbase = oldto;
    while (adds_nothing(newbase)) {
        newbase = newbase->tp_base;
    }
    while (adds_nothing(oldbase)) {
        oldbase = oldbase->tp_base;
    }
    if (newbase != oldbase &&
        (newbase->tp_base != oldbase->tp_base ||
         (newto->tp_flags & Py_TPFLAGS_PREHEADER) != (oldto->tp_flags & Py_TPFLAGS_PREHEADER) ||
         !same_slots_added(newbase, oldbase)))
    {
        PyErr_Format(PyExc_TypeError, "%s assignment: '%s' object layout differs from '%s'",
                     attr, newto->tp_name, oldto->tp_name);
        return 0;
    }
    return 1;
}

/* -------------------------------------------------------------------- assigning __bases__ */

/* Undo record of one class in the hierarchy: (class, new MRO, old MRO). */
static int
remember(PyObject *undo, PyTypeObject *type, PyObject *old_mro)
{
    PyObject *entry = PyTuple_Pack(3, type, type->tp_mro, old_mro == NULL ? Py_None : old_mro);
    int res = entry == NULL ? -1 : PyList_Append(undo, entry);
    Py_XDECREF(entry);
    return res;
}

/* Recomputes the orders of a class and of all below it. */
static int
mro_hierarchy(PyTypeObject *type, PyObject *undo)
{
    PyObject *old_mro = NULL;
    int res = _PyType_SetMRO(type, &old_mro);
    if (res <= 0) {
        return res;
    }
    res = remember(undo, type, old_mro);
    Py_XDECREF(old_mro);
    if (res < 0) {
        return -1;
    }
    PyObject *subclasses = _PyType_MutableSubclasses(type);
    if (subclasses == NULL) {
        return -1;
    }
    if (Py_EnterRecursiveCall(" while updating a class")) {
        Py_DECREF(subclasses);
        return -1;
    }
    for (Py_ssize_t i = 0; res >= 0 && i < PyList_GET_SIZE(subclasses); i++) {
        res = mro_hierarchy((PyTypeObject *)PyList_GET_ITEM(subclasses, i), undo);
    }
    Py_LeaveRecursiveCall();
    Py_DECREF(subclasses);
    return res < 0 ? -1 : 0;
}

/* Puts the old orders back where nobody has set others meanwhile. */
static void
undo_mros(PyObject *undo)
{
    for (Py_ssize_t i = PyList_GET_SIZE(undo) - 1; i >= 0; i--) {
        PyObject *entry = PyList_GET_ITEM(undo, i);
        PyTypeObject *cls = (PyTypeObject *)PyTuple_GET_ITEM(entry, 0);
        PyObject *old_mro = PyTuple_GET_ITEM(entry, 2);
        if (cls->tp_mro == PyTuple_GET_ITEM(entry, 1) && old_mro != Py_None) {
            Py_XSETREF(cls->tp_mro, Py_NewRef(old_mro));
            PyType_Modified(cls);
        }
    }
}

static int
check_new_bases(PyTypeObject *type, PyObject *new_bases, PyTypeObject **pbase)
{
    if (!PyTuple_Check(new_bases)) {
        PyErr_Format(PyExc_TypeError, "can only assign tuple to %s.__bases__, not %s",
                     type->tp_name, Py_TYPE(new_bases)->tp_name);
        return -1;
    }
    if (PyTuple_GET_SIZE(new_bases) == 0) {
        PyErr_Format(PyExc_TypeError,
                     "can only assign non-empty tuple to %s.__bases__, not ()", type->tp_name);
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(new_bases); i++) {
        PyObject *ob = PyTuple_GET_ITEM(new_bases, i);
        if (!PyType_Check(ob)) {
            PyErr_Format(PyExc_TypeError, "%s.__bases__ must be tuple of classes, not '%s'",
                         type->tp_name, Py_TYPE(ob)->tp_name);
            return -1;
        }
        PyTypeObject *base = (PyTypeObject *)ob;
        /* The MRO may be unset while a user's mro() runs: then tp_base tells. */
        int cycle = PyType_IsSubtype(base, type);
        for (PyTypeObject *b = base; !cycle && base->tp_mro != NULL && b != NULL; b = b->tp_base) {
            cycle = b == type;
        }
        if (cycle) {
            PyErr_SetString(PyExc_TypeError, "a __bases__ item causes an inheritance cycle");
            return -1;
        }
    }
    *pbase = _PyType_BestBase(new_bases);
    if (*pbase == NULL || !_PyType_SameLayout(*pbase, type->tp_base, "__bases__")) {
        return -1;
    }
    return 0;
}

/* type.__bases__ = new_bases; all or nothing.  0 or -1. */
int
_PyType_AssignBases(PyTypeObject *type, PyObject *new_bases)
{
    PyTypeObject *new_base;
    if (check_new_bases(type, new_bases, &new_base) < 0) {
        return -1;
    }
    PyObject *undo = PyList_New(0);
    if (undo == NULL) {
        return -1;
    }
    PyObject *old_bases = type->tp_bases;
    PyTypeObject *old_base = type->tp_base;
    assert(old_bases != NULL && old_base != NULL);
    type->tp_bases = Py_NewRef(new_bases);
    type->tp_base = (PyTypeObject *)Py_NewRef(new_base);
    int res = mro_hierarchy(type, undo);
    if (res == 0 && type->tp_bases == new_bases) {
        _PyType_RemoveFromBases(type, old_bases);
        res = _PyType_AddToBases(type);
        if (res == 0) {
            res = _PyType_UpdateAllSlots(type);
        }
        Py_DECREF(old_bases);
        Py_DECREF(old_base);
    }
    else if (res == 0) {    /* a nested assignment won: it dropped ours */
        Py_DECREF(old_bases);
        Py_DECREF(old_base);
    }
    else {
        PyObject *exc = PyErr_GetRaisedException();
        undo_mros(undo);
        if (type->tp_bases == new_bases) {
            type->tp_bases = old_bases;
            type->tp_base = old_base;
            Py_DECREF(new_bases);
            Py_DECREF(new_base);
        }
        else {
            Py_DECREF(old_bases);
            Py_DECREF(old_base);
        }
        PyErr_SetRaisedException(exc);
    }
    Py_DECREF(undo);
    return res;
}
