/* views.c - iterators over dicts, and the views that keys(), values() and items() return.
 *
 * An iterator remembers the size of the dict and, for walking forwards, a position of
 * dict_next(); backwards it counts entries down.  A change of size is reported once, after that
 * the iterator is exhausted for good.
 *
 * Written from the library reference (Dictionary view objects), collections.abc's definition of
 * the set operations, and observed messages.
 */
#include "Python.h"
#include "pycore_seqiter.h"     // _PyIter_ReduceToList()
#include "pycore_strings.h"     // _Py_ID()
#include "dict.h"

/* ----------------------------------------------------------------------------- iterators */

typedef struct {
    PyObject_HEAD
    PyDictObject *di_dict;      /* owned; NULL when exhausted */
    Py_ssize_t di_used;         /* ma_used at the start; -1 after a change was reported */
    Py_ssize_t di_pos;          /* forwards: for dict_next(); backwards: entries left */
    PyObject *di_result;        /* item iterators: tuple to be used again if nobody has it */
    Py_ssize_t di_left;         /* items that are still to come */
} dictiterobject;

static PyObject *
new_iterator(PyObject *dict, PyTypeObject *type, bool reverse)
{
    dictiterobject *di = PyObject_GC_New(dictiterobject, type);
    if (di == NULL) {
        return NULL;
    }
    PyDictObject *mp = (PyDictObject *)Py_NewRef(dict);
    di->di_dict = mp;
    di->di_used = mp->ma_used;
    di->di_left = mp->ma_used;
    di->di_result = NULL;
    di->di_pos = 0;
    if (reverse) {
        di->di_pos = mp->ma_values != NULL ? mp->ma_used : mp->ma_keys->dk_nentries;
    }
    if (type == &PyDictIterItem_Type || type == &PyDictRevIterItem_Type) {
        di->di_result = PyTuple_Pack(2, Py_None, Py_None);
        if (di->di_result == NULL) {
            Py_DECREF(di);
            return NULL;
        }
    }
    _PyObject_GC_TRACK((PyObject *)di);
    return (PyObject *)di;
}

PyObject *
_PyDict_IterKeys(PyObject *dict)
{
    return new_iterator(dict, &PyDictIterKey_Type, false);
}

PyObject *
_PyDict_ReverseIterKeys(PyObject *dict, PyObject *Py_UNUSED(ignored))
{
    return new_iterator(dict, &PyDictRevIterKey_Type, true);
}

static void
dictiter_dealloc(PyObject *self)
{
    dictiterobject *di = (dictiterobject *)self;
    PyObject_GC_UnTrack(self);
    Py_XDECREF(di->di_dict);
    Py_XDECREF(di->di_result);
    PyObject_GC_Del(self);
}

static int
dictiter_traverse(PyObject *self, visitproc visit, void *arg)
{
    dictiterobject *di = (dictiterobject *)self;
    Py_VISIT(di->di_dict);
    Py_VISIT(di->di_result);
    return 0;
}

static PyObject *
dictiter_length_hint(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    dictiterobject *di = (dictiterobject *)self;
    bool valid = di->di_dict != NULL && di->di_used == di->di_dict->ma_used;
    return PyLong_FromSsize_t(valid ? di->di_left : 0);
}

/* Pickled as iter(list of what is left). */
static PyObject *
dictiter_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *copy = (PyObject *)PyObject_GC_New(dictiterobject, Py_TYPE(self));
    if (copy == NULL) {
        return NULL;
    }
    dictiterobject *di = (dictiterobject *)self, *dup = (dictiterobject *)copy;
    dup->di_dict = (PyDictObject *)Py_XNewRef(di->di_dict);
    dup->di_used = di->di_used;
    dup->di_pos = di->di_pos;
    dup->di_left = di->di_left;
    dup->di_result = Py_XNewRef(di->di_result);
    _PyObject_GC_TRACK(copy);
    return _PyIter_ReduceToList(copy);
}

/* Previous live entry before *pos: the mirror of dict_next(). */
static int
dict_previous(PyDictObject *mp, Py_ssize_t *pos, PyObject **pkey, PyObject **pvalue)
{
    PyDictKeysObject *dk = mp->ma_keys;
    Py_hash_t hash;
    if (mp->ma_values != NULL) {
        Py_ssize_t i = Py_MIN(*pos, mp->ma_used);
        if (--i < 0) {
            return 0;
        }
        Py_ssize_t ix = _PyDictValues_Order(mp->ma_values)[i];
        *pkey = DK_UNICODE_ENTRIES(dk)[ix].me_key;
        *pvalue = mp->ma_values->values[ix];
        *pos = i;
        return 1;
    }
    Py_ssize_t i = Py_MIN(*pos, dk->dk_nentries);
    while (--i >= 0) {
        PyObject *value = *dict_value_place(mp, i);
        if (value != NULL) {
            *pkey = dictkeys_key(dk, i, &hash);
            *pvalue = value;
            *pos = i;
            return 1;
        }
    }
    return 0;
}

/* Next item of an iterator, borrowed.  0: exhausted or an exception. */
static int
advance(dictiterobject *di, bool reverse, PyObject **key, PyObject **value)
{
    PyDictObject *mp = di->di_dict;
    if (mp == NULL) {
        return 0;
    }
    if (di->di_used != mp->ma_used) {
        PyErr_SetString(PyExc_RuntimeError, "dictionary changed size during iteration");
        di->di_used = -1;
        return 0;
    }
    Py_hash_t hash;
    int found = reverse ? dict_previous(mp, &di->di_pos, key, value)
                        : dict_next(mp, &di->di_pos, key, value, &hash);
    if (!found) {
        di->di_dict = NULL;
        Py_DECREF(mp);
        return 0;
    }
    if (di->di_left == 0) {
        /* As many items as there were, but still more of them: some are new. */
        PyErr_SetString(PyExc_RuntimeError, "dictionary keys changed during iteration");
        di->di_dict = NULL;
        Py_DECREF(mp);
        return 0;
    }
    di->di_left--;
    return 1;
}

/* The (key, value) tuple of an item iterator; the last one again if it is free. */
static PyObject *
make_pair(dictiterobject *di, PyObject *key, PyObject *value)
{
    PyObject *pair = di->di_result;
    if (Py_REFCNT(pair) == 1) {
        PyObject *old_key = PyTuple_GET_ITEM(pair, 0), *old_value = PyTuple_GET_ITEM(pair, 1);
        PyTuple_SET_ITEM(pair, 0, Py_NewRef(key));
        PyTuple_SET_ITEM(pair, 1, Py_NewRef(value));
        Py_INCREF(pair);
        Py_DECREF(old_key);
        Py_DECREF(old_value);
        /* The collector may have untracked it while it held atoms. */
        if (!_PyObject_GC_IS_TRACKED(pair)) {
            _PyObject_GC_TRACK(pair);
        }
        return pair;
    }
    return PyTuple_Pack(2, key, value);
}

static PyObject *
dictiter_iternextkey(PyObject *self)
{
    PyObject *key, *value;
    return advance((dictiterobject *)self, false, &key, &value) ? Py_NewRef(key) : NULL;
}

static PyObject *
dictiter_iternextvalue(PyObject *self)
{
    PyObject *key, *value;
    return advance((dictiterobject *)self, false, &key, &value) ? Py_NewRef(value) : NULL;
}

static PyObject *
dictiter_iternextitem(PyObject *self)
{
    PyObject *key, *value;
    dictiterobject *di = (dictiterobject *)self;
    return advance(di, false, &key, &value) ? make_pair(di, key, value) : NULL;
}

static PyObject *
dictreviter_iternextkey(PyObject *self)
{
    PyObject *key, *value;
    return advance((dictiterobject *)self, true, &key, &value) ? Py_NewRef(key) : NULL;
}

static PyObject *
dictreviter_iternextvalue(PyObject *self)
{
    PyObject *key, *value;
    return advance((dictiterobject *)self, true, &key, &value) ? Py_NewRef(value) : NULL;
}

static PyObject *
dictreviter_iternextitem(PyObject *self)
{
    PyObject *key, *value;
    dictiterobject *di = (dictiterobject *)self;
    return advance(di, true, &key, &value) ? make_pair(di, key, value) : NULL;
}

static const PyMethodDef dictiter_methods[] = {
    {"__length_hint__", dictiter_length_hint, METH_NOARGS,
     PyDoc_STR("Private method returning an estimate of len(list(it)).")},
    {"__reduce__", dictiter_reduce, METH_NOARGS,
     PyDoc_STR("Return state information for pickling.")},
    {NULL, NULL}
};

/* Six iterator types that differ in name and step, and in whether 3.12 shows __getattribute__. */
#define ITERATOR_TYPE(SYMBOL, NAME, NEXT, GETATTRO)                     \
    _Py_SHARED PyTypeObject SYMBOL = {                                  \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                          \
        .tp_name = NAME,                                                \
        .tp_basicsize = sizeof(dictiterobject),                         \
        .tp_dealloc = dictiter_dealloc,                                 \
        .tp_getattro = GETATTRO,                                        \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,            \
        .tp_traverse = dictiter_traverse,                               \
        .tp_iter = PyObject_SelfIter,                                   \
        .tp_iternext = NEXT,                                            \
        .tp_methods = (PyMethodDef *)dictiter_methods,                  \
    }

ITERATOR_TYPE(PyDictIterKey_Type, "dict_keyiterator", dictiter_iternextkey,
              PyObject_GenericGetAttr);
ITERATOR_TYPE(PyDictIterValue_Type, "dict_valueiterator", dictiter_iternextvalue,
              PyObject_GenericGetAttr);
ITERATOR_TYPE(PyDictIterItem_Type, "dict_itemiterator", dictiter_iternextitem,
              PyObject_GenericGetAttr);
ITERATOR_TYPE(PyDictRevIterKey_Type, "dict_reversekeyiterator", dictreviter_iternextkey, NULL);
ITERATOR_TYPE(PyDictRevIterValue_Type, "dict_reversevalueiterator", dictreviter_iternextvalue,
              NULL);
ITERATOR_TYPE(PyDictRevIterItem_Type, "dict_reverseitemiterator", dictreviter_iternextitem, NULL);

/* --------------------------------------------------------------------------------- views */

/* New view of `type` on a dict; TypeError for anything else. */
PyObject *
_PyDictView_New(PyObject *dict, PyTypeObject *type)
{
    if (dict == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (!PyDict_Check(dict)) {
        PyErr_Format(PyExc_TypeError, "%s() requires a dict argument, not '%s'", type->tp_name,
                     Py_TYPE(dict)->tp_name);
        return NULL;
    }
    _PyDictViewObject *dv = PyObject_GC_New(_PyDictViewObject, type);
    if (dv == NULL) {
        return NULL;
    }
    dv->dv_dict = (PyDictObject *)Py_NewRef(dict);
    _PyObject_GC_TRACK((PyObject *)dv);
    return (PyObject *)dv;
}

static inline PyObject *
view_dict(PyObject *view)
{
    return (PyObject *)((_PyDictViewObject *)view)->dv_dict;
}

PyObject *
_PyDict_KeysView(PyObject *dict, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(dict, &PyDictKeys_Type);
}

PyObject *
_PyDict_ItemsView(PyObject *dict, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(dict, &PyDictItems_Type);
}

PyObject *
_PyDict_ValuesView(PyObject *dict, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(dict, &PyDictValues_Type);
}

static void
dictview_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(view_dict(self));
    PyObject_GC_Del(self);
}

static int
dictview_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(view_dict(self));
    return 0;
}

static Py_ssize_t
dictview_len(PyObject *self)
{
    PyObject *dict = view_dict(self);
    return dict == NULL ? 0 : ((PyDictObject *)dict)->ma_used;
}

static PyObject *
dictview_mapping(PyObject *self, void *Py_UNUSED(context))
{
    return PyDictProxy_New(view_dict(self));
}

static const PyGetSetDef dictview_getset[] = {
    {"mapping", dictview_mapping, NULL, PyDoc_STR("dictionary that this view refers to"), NULL},
    {NULL}
};

static PyObject *
dictview_repr(PyObject *self)
{
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("...") : NULL;
    }
    PyObject *result = NULL, *list = PySequence_List(self);
    if (list != NULL) {
        result = PyUnicode_FromFormat("%s(%R)", Py_TYPE(self)->tp_name, list);
        Py_DECREF(list);
    }
    Py_ReprLeave(self);
    return result;
}

/* Is every element of `a` in `b`?  -1: exception. */
static int
all_contained_in(PyObject *a, PyObject *b)
{
    PyObject *iter = PyObject_GetIter(a), *item;
    if (iter == NULL) {
        return -1;
    }
    int ok = 1;
    while (ok == 1 && (item = PyIter_Next(iter)) != NULL) {
        ok = PySequence_Contains(b, item);
        Py_DECREF(item);
    }
    Py_DECREF(iter);
    return PyErr_Occurred() ? -1 : ok;
}

/* Views compare as sets. */
static PyObject *
dictview_richcompare(PyObject *self, PyObject *other, int op)
{
    assert(PyDictViewSet_Check(self));
    if (!PyAnySet_Check(other) && !PyDictViewSet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_ssize_t n = PyObject_Size(self);
    Py_ssize_t m = n < 0 ? -1 : PyObject_Size(other);
    if (m < 0) {
        return NULL;
    }
    int ok = 0;
    switch (op) {
        case Py_NE:
        case Py_EQ:
            ok = n == m ? all_contained_in(self, other) : 0;
            if (op == Py_NE && ok >= 0) {
                ok = !ok;
            }
            break;
        case Py_LT:
            ok = n < m ? all_contained_in(self, other) : 0;
            break;
        case Py_LE:
            ok = n <= m ? all_contained_in(self, other) : 0;
            break;
        case Py_GT:
            ok = n > m ? all_contained_in(other, self) : 0;
            break;
        case Py_GE:
            ok = n >= m ? all_contained_in(other, self) : 0;
            break;
    }
    return ok < 0 ? NULL : PyBool_FromLong(ok);
}

/* ------------------------------------------------------------------- set operations of views */

/* New set of the elements of any iterable. */
static PyObject *
as_set(PyObject *op)
{
    bool plain = PyDictKeys_Check(op) && PyDict_CheckExact(view_dict(op));
    return PySet_New(plain ? view_dict(op) : op);
}

/* Set operation by calling a method of a fresh set. */
static PyObject *
set_operation(PyObject *self, PyObject *other, PyObject *method)
{
    PyObject *result = as_set(self);
    if (result == NULL) {
        return NULL;
    }
    PyObject *none = PyObject_CallMethodOneArg(result, method, other);
    if (none == NULL) {
        Py_DECREF(result);
        return NULL;
    }
    Py_DECREF(none);
    return result;
}

static PyObject *
dictview_sub(PyObject *self, PyObject *other)
{
    return set_operation(self, other, &_Py_ID(difference_update));
}

static PyObject *
dictview_or(PyObject *self, PyObject *other)
{
    PyObject *result = as_set(self);
    if (result != NULL && _PySet_Update(result, other) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
dictview_xor(PyObject *self, PyObject *other)
{
    return set_operation(self, other, &_Py_ID(symmetric_difference_update));
}

static int dictitems_contains(PyObject *self, PyObject *obj);

static int
dictkeys_contains(PyObject *self, PyObject *obj)
{
    PyObject *dict = view_dict(self);
    return dict == NULL ? 0 : PyDict_Contains(dict, obj);
}

/* New set of the elements that a view and any iterable have in common. */
PyObject *
_PyDictView_Intersect(PyObject *self, PyObject *other)
{
    /* The operator may have been called with the view on the right. */
    if (!PyDictViewSet_Check(self)
        || (PyDictViewSet_Check(other) && dictview_len(other) > dictview_len(self)))
    {
        PyObject *t = self;
        self = other;
        other = t;
    }
    /* If the other one is a set of at least our size, it has the faster lookup. */
    if (PySet_CheckExact(other) && PySet_GET_SIZE(other) >= dictview_len(self)) {
        return PyObject_CallMethodOneArg(other, &_Py_ID(intersection), self);
    }
    PyObject *iter = PyObject_GetIter(other), *key;
    if (iter == NULL) {
        return NULL;
    }
    PyObject *result = PySet_New(NULL);
    if (result == NULL) {
        Py_DECREF(iter);
        return NULL;
    }
    while ((key = PyIter_Next(iter)) != NULL) {
        int there = PyDictKeys_Check(self) ? dictkeys_contains(self, key)
                                           : dictitems_contains(self, key);
        if (there < 0 || (there > 0 && PySet_Add(result, key) < 0)) {
            Py_DECREF(key);
            break;
        }
        Py_DECREF(key);
    }
    Py_DECREF(iter);
    if (PyErr_Occurred()) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
dictview_isdisjoint(PyObject *self, PyObject *other)
{
    if (self == other) {
        return PyBool_FromLong(dictview_len(self) == 0);
    }
    /* Walk over the shorter one if both have a cheap lookup. */
    if (PyAnySet_CheckExact(other) || PyDictViewSet_Check(other)) {
        Py_ssize_t n = PyObject_Size(other);
        if (n < 0) {
            return NULL;
        }
        if (n > dictview_len(self)) {
            PyObject *t = self;
            self = other;
            other = t;
        }
    }
    PyObject *iter = PyObject_GetIter(other), *item;
    if (iter == NULL) {
        return NULL;
    }
    int there = 0;
    while (there == 0 && (item = PyIter_Next(iter)) != NULL) {
        there = PySequence_Contains(self, item);
        Py_DECREF(item);
    }
    Py_DECREF(iter);
    if (there < 0 || PyErr_Occurred()) {
        return NULL;
    }
    return PyBool_FromLong(there == 0);
}

PyDoc_STRVAR(isdisjoint_doc,
"Return True if the view and the given iterable have a null intersection.");

static _Py_SHARED PyNumberMethods dictviews_as_number = {
    .nb_subtract = dictview_sub,
    .nb_and = _PyDictView_Intersect,
    .nb_xor = dictview_xor,
    .nb_or = dictview_or,
};

/* ---------------------------------------------------------------------------------- keys */

static PyObject *
dictkeys_iter(PyObject *self)
{
    PyObject *dict = view_dict(self);
    return dict == NULL ? NULL : new_iterator(dict, &PyDictIterKey_Type, false);
}

static PyObject *
dictkeys_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return new_iterator(view_dict(self), &PyDictRevIterKey_Type, true);
}

static const PyMethodDef dictkeys_methods[] = {
    {"isdisjoint", dictview_isdisjoint, METH_O, isdisjoint_doc},
    {"__reversed__", dictkeys_reversed, METH_NOARGS,
     PyDoc_STR("Return a reverse iterator over the dict keys.")},
    {NULL, NULL}
};

static _Py_SHARED PySequenceMethods dictkeys_as_sequence = {
    .sq_length = dictview_len,
    .sq_contains = dictkeys_contains,
};

_Py_SHARED PyTypeObject PyDictKeys_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "dict_keys",
    .tp_basicsize = sizeof(_PyDictViewObject),
    .tp_dealloc = dictview_dealloc,
    .tp_repr = dictview_repr,
    .tp_as_number = &dictviews_as_number,
    .tp_as_sequence = &dictkeys_as_sequence,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = dictview_traverse,
    .tp_richcompare = dictview_richcompare,
    .tp_iter = dictkeys_iter,
    .tp_methods = (PyMethodDef *)dictkeys_methods,
    .tp_getset = (PyGetSetDef *)dictview_getset,
};

/* --------------------------------------------------------------------------------- items */

static PyObject *
dictitems_iter(PyObject *self)
{
    PyObject *dict = view_dict(self);
    return dict == NULL ? NULL : new_iterator(dict, &PyDictIterItem_Type, false);
}

static PyObject *
dictitems_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return new_iterator(view_dict(self), &PyDictRevIterItem_Type, true);
}

static int
dictitems_contains(PyObject *self, PyObject *obj)
{
    PyObject *dict = view_dict(self);
    if (dict == NULL || !PyTuple_Check(obj) || PyTuple_GET_SIZE(obj) != 2) {
        return 0;
    }
    PyObject *found = PyDict_GetItemWithError(dict, PyTuple_GET_ITEM(obj, 0));
    if (found == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    Py_INCREF(found);
    int equal = PyObject_RichCompareBool(found, PyTuple_GET_ITEM(obj, 1), Py_EQ);
    Py_DECREF(found);
    return equal;
}

/* items ^ items without sets of all the pairs: what is in one dict with another value, or not in
   the other at all. */
static int
xor_half(PyObject *result, PyDictObject *a, PyDictObject *b)
{
    Py_ssize_t pos = 0;
    PyObject *key, *value, *other;
    Py_hash_t hash;
    while (dict_next(a, &pos, &key, &value, &hash)) {
        Py_INCREF(key);
        Py_INCREF(value);
        Py_ssize_t ix = _Py_dict_lookup(b, key, hash, &other);
        int equal = ix == DKIX_ERROR ? -1 : 0;
        if (other != NULL) {
            Py_INCREF(other);
            equal = PyObject_RichCompareBool(value, other, Py_EQ);
            Py_DECREF(other);
        }
        if (equal == 0) {
            PyObject *pair = PyTuple_Pack(2, key, value);
            equal = pair == NULL || PySet_Add(result, pair) < 0 ? -1 : 0;
            Py_XDECREF(pair);
        }
        Py_DECREF(key);
        Py_DECREF(value);
        if (equal < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
dictitems_xor(PyObject *self, PyObject *other)
{
    if (!PyDictItems_Check(self) || !PyDictItems_Check(other)) {
        return dictview_xor(self, other);
    }
    PyDictObject *a = (PyDictObject *)view_dict(self), *b = (PyDictObject *)view_dict(other);
    PyObject *result = PySet_New(NULL);
    if (result != NULL && (xor_half(result, a, b) < 0 || xor_half(result, b, a) < 0)) {
        Py_CLEAR(result);
    }
    return result;
}

static const PyMethodDef dictitems_methods[] = {
    {"isdisjoint", dictview_isdisjoint, METH_O, isdisjoint_doc},
    {"__reversed__", dictitems_reversed, METH_NOARGS,
     PyDoc_STR("Return a reverse iterator over the dict items.")},
    {NULL, NULL}
};

static _Py_SHARED PyNumberMethods dictitems_as_number = {
    .nb_subtract = dictview_sub,
    .nb_and = _PyDictView_Intersect,
    .nb_xor = dictitems_xor,
    .nb_or = dictview_or,
};

static _Py_SHARED PySequenceMethods dictitems_as_sequence = {
    .sq_length = dictview_len,
    .sq_contains = dictitems_contains,
};

_Py_SHARED PyTypeObject PyDictItems_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "dict_items",
    .tp_basicsize = sizeof(_PyDictViewObject),
    .tp_dealloc = dictview_dealloc,
    .tp_repr = dictview_repr,
    .tp_as_number = &dictitems_as_number,
    .tp_as_sequence = &dictitems_as_sequence,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = dictview_traverse,
    .tp_richcompare = dictview_richcompare,
    .tp_iter = dictitems_iter,
    .tp_methods = (PyMethodDef *)dictitems_methods,
    .tp_getset = (PyGetSetDef *)dictview_getset,
};

/* -------------------------------------------------------------------------------- values */

static PyObject *
dictvalues_iter(PyObject *self)
{
    PyObject *dict = view_dict(self);
    return dict == NULL ? NULL : new_iterator(dict, &PyDictIterValue_Type, false);
}

static PyObject *
dictvalues_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return new_iterator(view_dict(self), &PyDictRevIterValue_Type, true);
}

static const PyMethodDef dictvalues_methods[] = {
    {"__reversed__", dictvalues_reversed, METH_NOARGS,
     PyDoc_STR("Return a reverse iterator over the dict values.")},
    {NULL, NULL}
};

static _Py_SHARED PySequenceMethods dictvalues_as_sequence = {
    .sq_length = dictview_len,
};

_Py_SHARED PyTypeObject PyDictValues_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "dict_values",
    .tp_basicsize = sizeof(_PyDictViewObject),
    .tp_dealloc = dictview_dealloc,
    .tp_repr = dictview_repr,
    .tp_as_sequence = &dictvalues_as_sequence,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = dictview_traverse,
    .tp_iter = dictvalues_iter,
    .tp_methods = (PyMethodDef *)dictvalues_methods,
    .tp_getset = (PyGetSetDef *)dictview_getset,
};
