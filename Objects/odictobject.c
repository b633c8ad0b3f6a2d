/* odictobject.c - collections.OrderedDict.
 *
 * A dict that can also reorder its items in constant time: besides the table of dict there is a
 * doubly linked list of nodes in order, one for each key, and an array from entry numbers of the
 * table to nodes.  The array is made again when the table was (od_keys says for which one it is
 * good).
 *
 * dict's own methods, called on an OrderedDict, change the table behind our back.  So a node is
 * only believed if its key is the very object in the table's entry; otherwise the array is made
 * anew.  What is then in the list but not in the table gives KeyError, what is in the table but
 * not in the list is not iterated over; nothing worse happens.
 *
 * od_state changes with every change of the list, so that iterators notice.
 *
 * Written from the documentation of collections.OrderedDict, PEP 372 and observed behaviour.
 */
#include "Python.h"
#include "pycore_seqiter.h"     // _PyIter_ReduceToList()
#include "pycore_strings.h"     // _Py_ID()
#include "dict/dict.h"

typedef struct _odictnode {
    PyObject *key;              /* owned */
    Py_hash_t hash;
    struct _odictnode *next;
    struct _odictnode *prev;
} _ODictNode;

struct _odictobject {
    PyDictObject od_dict;
    _ODictNode *od_first;
    _ODictNode *od_last;
    _ODictNode **od_nodes;      /* by entry number; NULL: to be made */
    Py_ssize_t od_nodes_size;
    PyDictKeysObject *od_keys;  /* the table that od_nodes is for; not followed */
    size_t od_state;
    PyObject *od_inst_dict;     /* __dict__ */
    PyObject *od_weakreflist;
};

#include "sig/odictobject.sig.h"

static inline PyODictObject *
od_cast(PyObject *op)
{
    assert(PyODict_Check(op));
    return (PyODictObject *)op;
}

/* ------------------------------------------------------------------------------ finding nodes */

/* Entry of the table whose key is this very object, without comparing. */
static Py_ssize_t
entry_of(PyDictObject *mp, PyObject *key, Py_hash_t hash)
{
    PyDictKeysObject *dk = mp->ma_keys;
    size_t mask = DK_MASK(dk), i = (size_t)hash & mask, stride = dictkeys_stride(hash);
    for (;; i = (i + stride) & mask) {
        Py_ssize_t ix = dictkeys_slot(dk, i);
        if (ix == DKIX_EMPTY) {
            return DKIX_EMPTY;
        }
        Py_hash_t unused;
        if (ix >= 0 && dictkeys_key(dk, ix, &unused) == key) {
            return ix;
        }
    }
}

/* Makes the array for the present table. */
static int
rebuild_nodes(PyODictObject *od)
{
    PyDictObject *mp = &od->od_dict;
    /* Node numbers need a table of our own. */
    if (_PyDict_Combine(mp) < 0) {
        return -1;
    }
    Py_ssize_t size = DK_SIZE(mp->ma_keys);
    _ODictNode **nodes = PyMem_Calloc((size_t)size, sizeof(_ODictNode *));
    if (nodes == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (_ODictNode *node = od->od_first; node != NULL; node = node->next) {
        Py_ssize_t ix = entry_of(mp, node->key, node->hash);
        if (ix >= 0) {
            assert(ix < size);
            nodes[ix] = node;
        }
    }
    PyMem_Free(od->od_nodes);
    od->od_nodes = nodes;
    od->od_nodes_size = size;
    od->od_keys = mp->ma_keys;
    return 0;
}

/* Node of a key.  *pnode is NULL if the key is not in the table, or has no node.  *pix is its
   entry number or DKIX_EMPTY.  0, or -1 with an exception. */
static int
find_node(PyODictObject *od, PyObject *key, Py_hash_t hash, _ODictNode **pnode, Py_ssize_t *pix)
{
    PyDictObject *mp = &od->od_dict;
    PyObject *value;
    *pnode = NULL;
    Py_ssize_t ix = _Py_dict_lookup(mp, key, hash, &value);
    *pix = ix;
    if (ix == DKIX_ERROR) {
        return -1;
    }
    if (value == NULL) {
        *pix = DKIX_EMPTY;
        return 0;
    }
    if (mp->ma_values != NULL || od->od_nodes == NULL || od->od_keys != mp->ma_keys
        || ix >= od->od_nodes_size)
    {
        if (rebuild_nodes(od) < 0) {
            return -1;
        }
        ix = _Py_dict_lookup(mp, key, hash, &value);
        *pix = ix;
        if (ix < 0) {
            return ix == DKIX_ERROR ? -1 : 0;
        }
    }
    Py_hash_t unused;
    PyObject *have = dictkeys_key(mp->ma_keys, ix, &unused);
    _ODictNode *node = ix < od->od_nodes_size ? od->od_nodes[ix] : NULL;
    if (node == NULL || node->key != have) {
        /* The table was changed behind our back. */
        if (rebuild_nodes(od) < 0) {
            return -1;
        }
        node = ix < od->od_nodes_size ? od->od_nodes[ix] : NULL;
    }
    *pnode = node != NULL && node->key == have ? node : NULL;
    return 0;
}

static void
link_last(PyODictObject *od, _ODictNode *node)
{
    node->prev = od->od_last;
    node->next = NULL;
    if (od->od_last != NULL) {
        od->od_last->next = node;
    }
    else {
        od->od_first = node;
    }
    od->od_last = node;
    od->od_state++;
}

static void
link_first(PyODictObject *od, _ODictNode *node)
{
    node->next = od->od_first;
    node->prev = NULL;
    if (od->od_first != NULL) {
        od->od_first->prev = node;
    }
    else {
        od->od_last = node;
    }
    od->od_first = node;
    od->od_state++;
}

static void
unlink_node(PyODictObject *od, _ODictNode *node)
{
    if (node->prev != NULL) {
        node->prev->next = node->next;
    }
    else {
        assert(od->od_first == node);
        od->od_first = node->next;
    }
    if (node->next != NULL) {
        node->next->prev = node->prev;
    }
    else {
        assert(od->od_last == node);
        od->od_last = node->prev;
    }
    od->od_state++;
}

/* Adds a node for a key that is in the table.  Nothing to do if it has one. */
static int
add_node(PyODictObject *od, PyObject *key, Py_hash_t hash)
{
    _ODictNode *node;
    Py_ssize_t ix;
    if (find_node(od, key, hash, &node, &ix) < 0) {
        return -1;
    }
    if (node != NULL) {
        return 0;
    }
    if (ix < 0) {
        /* Comparing keys took it out of the table again. */
        _PyErr_SetKeyError(key);
        return -1;
    }
    node = PyMem_New(_ODictNode, 1);
    if (node == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    Py_hash_t unused;
    node->key = Py_NewRef(dictkeys_key(od->od_dict.ma_keys, ix, &unused));
    node->hash = hash;
    assert(od->od_keys == od->od_dict.ma_keys && ix < od->od_nodes_size);
    od->od_nodes[ix] = node;
    link_last(od, node);
    return 0;
}

/* Takes a node out and frees it. */
static void
drop_node(PyODictObject *od, _ODictNode *node)
{
    /* The array forgets it, too; there are as many places as entries. */
    if (od->od_nodes != NULL && od->od_keys == od->od_dict.ma_keys) {
        Py_ssize_t ix = entry_of(&od->od_dict, node->key, node->hash);
        if (ix >= 0 && ix < od->od_nodes_size && od->od_nodes[ix] == node) {
            od->od_nodes[ix] = NULL;
        }
        else {
            od->od_keys = NULL;
        }
    }
    unlink_node(od, node);
    PyObject *key = node->key;
    PyMem_Free(node);
    Py_DECREF(key);
}

static void
drop_all_nodes(PyODictObject *od)
{
    _ODictNode *node = od->od_first;
    PyMem_Free(od->od_nodes);
    od->od_nodes = NULL;
    od->od_nodes_size = 0;
    od->od_keys = NULL;
    od->od_first = od->od_last = NULL;
    od->od_state++;
    while (node != NULL) {
        _ODictNode *next = node->next;
        PyObject *key = node->key;
        PyMem_Free(node);
        Py_DECREF(key);
        node = next;
    }
}

/* ------------------------------------------------------------------------------------ C API */

PyObject *
PyODict_New(void)
{
    return PyDict_Type.tp_new(&PyODict_Type, NULL, NULL);
}

static int
set_item_known_hash(PyObject *op, PyObject *key, PyObject *value, Py_hash_t hash)
{
    if (_PyDict_SetItem_KnownHash(op, key, value, hash) < 0) {
        return -1;
    }
    if (add_node(od_cast(op), key, hash) < 0) {
        /* Not in the list: not in the table either. */
        PyObject *exc = PyErr_GetRaisedException();
        if (_PyDict_DelItem_KnownHash(op, key, hash) < 0) {
            PyErr_Clear();
        }
        PyErr_SetRaisedException(exc);
        return -1;
    }
    return 0;
}

int
PyODict_SetItem(PyObject *op, PyObject *key, PyObject *value)
{
    Py_hash_t hash = dict_hash(key);
    return hash == -1 ? -1 : set_item_known_hash(op, key, value, hash);
}

int
PyODict_DelItem(PyObject *op, PyObject *key)
{
    Py_hash_t hash = dict_hash(key);
    if (hash == -1) {
        return -1;
    }
    _ODictNode *node;
    Py_ssize_t ix;
    if (find_node(od_cast(op), key, hash, &node, &ix) < 0) {
        return -1;
    }
    if (node != NULL) {
        drop_node(od_cast(op), node);
    }
    return _PyDict_DelItem_KnownHash(op, key, hash);
}

static int
odict_ass_sub(PyObject *self, PyObject *key, PyObject *value)
{
    return value == NULL ? PyODict_DelItem(self, key) : PyODict_SetItem(self, key, value);
}

/* -------------------------------------------------------------------------------- operators */

static int mutablemapping_update(PyObject *self, PyObject *args, PyObject *kwargs);
static int update_from_arg(PyObject *self, PyObject *other);

static PyObject *
odict_or(PyObject *left, PyObject *right)
{
    PyTypeObject *type = PyODict_Check(left) ? Py_TYPE(left) : Py_TYPE(right);
    if (!PyDict_Check(left) || !PyDict_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *result = PyObject_CallOneArg((PyObject *)type, left);
    if (result != NULL && update_from_arg(result, right) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
odict_inplace_or(PyObject *self, PyObject *other)
{
    return update_from_arg(self, other) < 0 ? NULL : Py_NewRef(self);
}

/* The keys in order of two OrderedDicts: 1 the same, 0 not, -1 exception. */
static int
same_order(PyODictObject *a, PyODictObject *b)
{
    size_t state_a = a->od_state, state_b = b->od_state;
    _ODictNode *x = a->od_first, *y = b->od_first;
    while (x != NULL && y != NULL) {
        PyObject *key_x = Py_NewRef(x->key), *key_y = Py_NewRef(y->key);
        int equal = x->hash == y->hash ? PyObject_RichCompareBool(key_x, key_y, Py_EQ) : 0;
        Py_DECREF(key_x);
        Py_DECREF(key_y);
        if (equal <= 0) {
            return equal;
        }
        if (state_a != a->od_state || state_b != b->od_state) {
            PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
            return -1;
        }
        x = x->next;
        y = y->next;
    }
    return x == NULL && y == NULL;
}

static PyObject *
odict_richcompare(PyObject *v, PyObject *w, int op)
{
    if (!PyODict_Check(v) || !PyDict_Check(w) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *result = PyDict_Type.tp_richcompare(v, w, Py_EQ);
    if (result == NULL || result == Py_NotImplemented) {
        return result;
    }
    int equal = PyObject_IsTrue(result);
    Py_DECREF(result);
    if (equal > 0 && PyODict_Check(w)) {
        equal = same_order(od_cast(v), od_cast(w));
    }
    return equal < 0 ? NULL : PyBool_FromLong(equal == (op == Py_EQ));
}

/* ---------------------------------------------------------------------------------- methods */

/*sig @classmethod OrderedDict.fromkeys(type, iterable, value=None)

Create a new ordered dictionary with keys from iterable and values set to value.
*/
static PyObject *
OrderedDict_fromkeys_impl(PyTypeObject *type, PyObject *iterable, PyObject *value)
{
    return _PyDict_FromKeys((PyObject *)type, iterable, value);
}

static PyObject *
odict_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyODictObject *od = od_cast(self);
    Py_ssize_t size = _PyDict_SizeOf(&od->od_dict);
    size += od->od_nodes_size * (Py_ssize_t)sizeof(_ODictNode *);
    for (_ODictNode *node = od->od_first; node != NULL; node = node->next) {
        size += (Py_ssize_t)sizeof(_ODictNode);
    }
    return PyLong_FromSsize_t(size);
}

static PyObject *
odict_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *state = _PyObject_GetState(self);
    if (state == NULL) {
        return NULL;
    }
    PyObject *items = PyObject_CallMethodNoArgs(self, &_Py_ID(items));
    PyObject *iter = items == NULL ? NULL : PyObject_GetIter(items);
    Py_XDECREF(items);
    if (iter == NULL) {
        Py_DECREF(state);
        return NULL;
    }
    return Py_BuildValue("O()NON", Py_TYPE(self), state, Py_None, iter);
}

/*sig OrderedDict.setdefault(self, key, default=None)

Insert key with a value of default if key is not in the dictionary.

Return the value for key if key is in the dictionary, else default.
*/
static PyObject *
OrderedDict_setdefault_impl(PyObject *self, PyObject *key, PyObject *default_value)
{
    if (PyODict_CheckExact(self)) {
        PyObject *value = PyDict_GetItemWithError(self, key);
        if (value != NULL) {
            return Py_NewRef(value);
        }
        if (PyErr_Occurred() || PyODict_SetItem(self, key, default_value) < 0) {
            return NULL;
        }
        return Py_NewRef(default_value);
    }
    /* A subclass may have overridden anything. */
    int there = PySequence_Contains(self, key);
    if (there < 0) {
        return NULL;
    }
    if (there) {
        return PyObject_GetItem(self, key);
    }
    return PyObject_SetItem(self, key, default_value) < 0 ? NULL : Py_NewRef(default_value);
}

/* Takes a key out: its value as a new reference; without it `failobj` or KeyError. */
static PyObject *
pop_key(PyObject *self, PyObject *key, Py_hash_t hash, PyObject *failobj)
{
    _ODictNode *node;
    Py_ssize_t ix;
    if (find_node(od_cast(self), key, hash, &node, &ix) < 0) {
        return NULL;
    }
    Py_INCREF(key);
    if (node != NULL) {
        drop_node(od_cast(self), node);
    }
    PyObject *value = _PyDict_Pop_KnownHash(self, key, hash, failobj);
    Py_DECREF(key);
    return value;
}

/*sig OrderedDict.pop(self, key, default = NULL)

od.pop(key[,default]) -> v, remove specified key and return the corresponding value.

If the key is not found, return the default if given; otherwise,
raise a KeyError.
*/
static PyObject *
OrderedDict_pop_impl(PyObject *self, PyObject *key, PyObject *default_value)
{
    Py_hash_t hash = dict_hash(key);
    return hash == -1 ? NULL : pop_key(self, key, hash, default_value);
}

/*sig OrderedDict.popitem(self, last: bool = True)

Remove and return a (key, value) pair from the dictionary.

Pairs are returned in LIFO order if last is true or FIFO order if false.
*/
static PyObject *
OrderedDict_popitem_impl(PyObject *self, int last)
{
    PyODictObject *od = od_cast(self);
    _ODictNode *node = last ? od->od_last : od->od_first;
    if (node == NULL) {
        PyErr_SetString(PyExc_KeyError, "dictionary is empty");
        return NULL;
    }
    PyObject *key = Py_NewRef(node->key);
    PyObject *value = pop_key(self, key, node->hash, NULL);
    if (value == NULL) {
        Py_DECREF(key);
        return NULL;
    }
    PyObject *item = PyTuple_Pack(2, key, value);
    Py_DECREF(key);
    Py_DECREF(value);
    return item;
}

/*sig OrderedDict.move_to_end(self, key, last: bool = True)

Move an existing element to the end (or beginning if last is false).

Raise KeyError if the element does not exist.
*/
static PyObject *
OrderedDict_move_to_end_impl(PyObject *self, PyObject *key, int last)
{
    PyODictObject *od = od_cast(self);
    if (od->od_first == NULL) {
        PyErr_SetObject(PyExc_KeyError, key);
        return NULL;
    }
    Py_hash_t hash = dict_hash(key);
    _ODictNode *node;
    Py_ssize_t ix;
    if (hash == -1 || find_node(od, key, hash, &node, &ix) < 0) {
        return NULL;
    }
    if (node == NULL) {
        PyErr_SetObject(PyExc_KeyError, key);
        return NULL;
    }
    if (node != (last ? od->od_last : od->od_first)) {
        unlink_node(od, node);
        if (last) {
            link_last(od, node);
        }
        else {
            link_first(od, node);
        }
    }
    Py_RETURN_NONE;
}

static PyObject *
odict_clear(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyDict_Clear(self);
    drop_all_nodes(od_cast(self));
    Py_RETURN_NONE;
}

/* Sets all items of `od`, in order, in another mapping. */
static int
copy_items(PyODictObject *od, PyObject *copy)
{
    bool exact = PyODict_CheckExact((PyObject *)od);
    size_t state = od->od_state;
    for (_ODictNode *node = od->od_first; node != NULL; node = node->next) {
        PyObject *key = Py_NewRef(node->key), *value;
        int err = -1;
        if (exact) {
            value = Py_XNewRef(PyDict_GetItemWithError((PyObject *)od, key));
            if (value == NULL && !PyErr_Occurred()) {
                PyErr_SetObject(PyExc_KeyError, key);
            }
        }
        else {
            value = PyObject_GetItem((PyObject *)od, key);
        }
        if (value != NULL) {
            err = PyObject_SetItem(copy, key, value);
            Py_DECREF(value);
        }
        Py_DECREF(key);
        if (err == 0 && state != od->od_state) {
            PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
            err = -1;
        }
        if (err < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
odict_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *copy = PyODict_CheckExact(self) ? PyODict_New()
                                              : PyObject_CallNoArgs((PyObject *)Py_TYPE(self));
    if (copy != NULL && copy_items(od_cast(self), copy) < 0) {
        Py_CLEAR(copy);
    }
    return copy;
}

static PyObject *new_odict_iter(PyODictObject *od, int kind);

#define KIND_KEYS 1
#define KIND_VALUES 2
#define KIND_ITEMS (KIND_KEYS | KIND_VALUES)
#define KIND_REVERSED 4

static PyObject *
odict_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return new_odict_iter(od_cast(self), KIND_KEYS | KIND_REVERSED);
}

static PyObject *
odict_iter(PyObject *self)
{
    return new_odict_iter(od_cast(self), KIND_KEYS);
}

static PyObject *
odictkeys_new(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(self, &PyODictKeys_Type);
}

static PyObject *
odictvalues_new(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(self, &PyODictValues_Type);
}

static PyObject *
odictitems_new(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(self, &PyODictItems_Type);
}

static PyObject *
odict_update(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return mutablemapping_update(self, args, kwargs) < 0 ? NULL : Py_NewRef(Py_None);
}

static const PyMethodDef odict_methods[] = {
    ORDEREDDICT_FROMKEYS_METHODDEF
    {"__sizeof__", odict_sizeof, METH_NOARGS, NULL},
    {"__reduce__", odict_reduce, METH_NOARGS,
     PyDoc_STR("Return state information for pickling")},
    ORDEREDDICT_SETDEFAULT_METHODDEF
    ORDEREDDICT_POP_METHODDEF
    ORDEREDDICT_POPITEM_METHODDEF
    {"keys", odictkeys_new, METH_NOARGS, NULL},
    {"values", odictvalues_new, METH_NOARGS, NULL},
    {"items", odictitems_new, METH_NOARGS, NULL},
    {"update", (PyCFunction)(void (*)(void))odict_update, METH_VARARGS | METH_KEYWORDS, NULL},
    {"clear", odict_clear, METH_NOARGS,
     PyDoc_STR("od.clear() -> None.  Remove all items from od.")},
    {"copy", odict_copy, METH_NOARGS, PyDoc_STR("od.copy() -> a shallow copy of od")},
    {"__reversed__", odict_reversed, METH_NOARGS,
     PyDoc_STR("od.__reversed__() <==> reversed(od)")},
    ORDEREDDICT_MOVE_TO_END_METHODDEF
    {NULL, NULL}
};

static const PyGetSetDef odict_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL}
};

/* ------------------------------------------------------------------------------------ the type */

static void
odict_dealloc(PyObject *self)
{
    PyODictObject *od = od_cast(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, odict_dealloc)
    if (od->od_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_XDECREF(od->od_inst_dict);
    drop_all_nodes(od);
    PyDict_Type.tp_dealloc(self);
    Py_TRASHCAN_END
}

static PyObject *
odict_repr(PyObject *self)
{
    PyObject *name = PyType_GetName(Py_TYPE(self)), *result = NULL, *dict = NULL;
    if (name == NULL) {
        return NULL;
    }
    if (PyDict_GET_SIZE(self) == 0) {
        result = PyUnicode_FromFormat("%U()", name);
        Py_DECREF(name);
        return result;
    }
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        Py_DECREF(name);
        return entered > 0 ? PyUnicode_FromString("...") : NULL;
    }
    if (PyODict_CheckExact(self)) {
        dict = PyDict_New();
        if (dict != NULL && copy_items(od_cast(self), dict) < 0) {
            Py_CLEAR(dict);
        }
    }
    else {
        PyObject *items = PyObject_CallMethodNoArgs(self, &_Py_ID(items));
        if (items != NULL) {
            dict = PyObject_CallOneArg((PyObject *)&PyDict_Type, items);
            Py_DECREF(items);
        }
    }
    if (dict != NULL) {
        result = PyUnicode_FromFormat("%U(%R)", name, dict);
        Py_DECREF(dict);
    }
    Py_ReprLeave(self);
    Py_DECREF(name);
    return result;
}

static int
odict_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyODictObject *od = od_cast(self);
    Py_VISIT(od->od_inst_dict);
    for (_ODictNode *node = od->od_first; node != NULL; node = node->next) {
        Py_VISIT(node->key);
    }
    return PyDict_Type.tp_traverse(self, visit, arg);
}

static int
odict_tp_clear(PyObject *self)
{
    PyODictObject *od = od_cast(self);
    Py_CLEAR(od->od_inst_dict);
    PyDict_Clear(self);
    drop_all_nodes(od);
    return 0;
}

static int
odict_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    Py_ssize_t n = PyObject_Length(args);
    if (n < 0) {
        return -1;
    }
    if (n > 1) {
        PyErr_Format(PyExc_TypeError, "expected at most 1 arguments, got %zd", n);
        return -1;
    }
    return mutablemapping_update(self, args, kwds);
}

static _Py_SHARED PyNumberMethods odict_as_number = {
    .nb_or = odict_or,
    .nb_inplace_or = odict_inplace_or,
};

static _Py_SHARED PyMappingMethods odict_as_mapping = {
    .mp_ass_subscript = odict_ass_sub,
};

PyDoc_STRVAR(odict_doc, "Dictionary that remembers insertion order");

_Py_SHARED PyTypeObject PyODict_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "collections.OrderedDict",
    .tp_basicsize = sizeof(PyODictObject),
    .tp_dealloc = odict_dealloc,
    .tp_repr = odict_repr,
    .tp_as_number = &odict_as_number,
    .tp_as_mapping = &odict_as_mapping,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = odict_doc,
    .tp_traverse = odict_traverse,
    .tp_clear = odict_tp_clear,
    .tp_richcompare = odict_richcompare,
    .tp_weaklistoffset = offsetof(PyODictObject, od_weakreflist),
    .tp_iter = odict_iter,
    .tp_methods = (PyMethodDef *)odict_methods,
    .tp_getset = (PyGetSetDef *)odict_getset,
    .tp_base = &PyDict_Type,
    .tp_dictoffset = offsetof(PyODictObject, od_inst_dict),
    .tp_init = odict_init,
    .tp_alloc = PyType_GenericAlloc,
};

/* ------------------------------------------------------------------------------------ iterator */

typedef struct {
    PyObject_HEAD
    int kind;                   /* KIND_* */
    PyODictObject *di_odict;    /* owned; NULL when exhausted */
    Py_ssize_t di_size;         /* of the dict at the start */
    size_t di_state;            /* od_state at the start */
    PyObject *di_result;        /* item iterators: tuple to be used again if nobody has it */
    PyObject *di_current;       /* owned key that comes next; NULL at the end */
} odictiterobject;

static PyObject *
new_odict_iter(PyODictObject *od, int kind)
{
    odictiterobject *di = PyObject_GC_New(odictiterobject, &PyODictIter_Type);
    if (di == NULL) {
        return NULL;
    }
    _ODictNode *node = kind & KIND_REVERSED ? od->od_last : od->od_first;
    di->di_result = NULL;
    di->kind = kind;
    di->di_current = node == NULL ? NULL : Py_NewRef(node->key);
    di->di_size = od->od_dict.ma_used;
    di->di_state = od->od_state;
    di->di_odict = (PyODictObject *)Py_NewRef((PyObject *)od);
    if ((kind & KIND_ITEMS) == KIND_ITEMS) {
        di->di_result = PyTuple_Pack(2, Py_None, Py_None);
        if (di->di_result == NULL) {
            Py_DECREF(di);
            return NULL;
        }
    }
    _PyObject_GC_TRACK((PyObject *)di);
    return (PyObject *)di;
}

static void
odictiter_dealloc(PyObject *self)
{
    odictiterobject *di = (odictiterobject *)self;
    PyObject_GC_UnTrack(self);
    Py_XDECREF(di->di_odict);
    Py_XDECREF(di->di_current);
    Py_XDECREF(di->di_result);
    PyObject_GC_Del(self);
}

static int
odictiter_traverse(PyObject *self, visitproc visit, void *arg)
{
    odictiterobject *di = (odictiterobject *)self;
    Py_VISIT(di->di_odict);
    Py_VISIT(di->di_current);
    Py_VISIT(di->di_result);
    return 0;
}

/* The key that comes next, owned; NULL at the end or with an exception. */
static PyObject *
odictiter_nextkey(odictiterobject *di)
{
    PyODictObject *od = di->di_odict;
    if (od == NULL) {
        return NULL;
    }
    if (di->di_current == NULL) {
        goto done;
    }
    if (od->od_state != di->di_state) {
        PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
        goto done;
    }
    if (di->di_size != od->od_dict.ma_used) {
        PyErr_SetString(PyExc_RuntimeError, "OrderedDict changed size during iteration");
        di->di_size = -1;
        goto done;
    }
    _ODictNode *node;
    Py_ssize_t ix;
    Py_hash_t hash = dict_hash(di->di_current);
    if (hash == -1 || find_node(od, di->di_current, hash, &node, &ix) < 0) {
        goto done;
    }
    if (node == NULL) {
        PyErr_SetObject(PyExc_KeyError, di->di_current);
        goto done;
    }
    PyObject *key = di->di_current;
    node = di->kind & KIND_REVERSED ? node->prev : node->next;
    di->di_current = node == NULL ? NULL : Py_NewRef(node->key);
    return key;
done:
    Py_CLEAR(di->di_current);
    Py_CLEAR(di->di_odict);
    return NULL;
}

static PyObject *
odictiter_iternext(PyObject *self)
{
    odictiterobject *di = (odictiterobject *)self;
    PyObject *key = odictiter_nextkey(di);
    if (key == NULL || !(di->kind & KIND_VALUES)) {
        return key;
    }
    PyObject *value = PyDict_GetItemWithError((PyObject *)di->di_odict, key);
    if (value == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetObject(PyExc_KeyError, key);
        }
        Py_DECREF(key);
        Py_CLEAR(di->di_current);
        Py_CLEAR(di->di_odict);
        return NULL;
    }
    Py_INCREF(value);
    if (!(di->kind & KIND_KEYS)) {
        Py_DECREF(key);
        return value;
    }
    PyObject *pair = di->di_result;
    if (Py_REFCNT(pair) == 1) {
        PyObject *old_key = PyTuple_GET_ITEM(pair, 0), *old_value = PyTuple_GET_ITEM(pair, 1);
        Py_INCREF(pair);
        PyTuple_SET_ITEM(pair, 0, key);
        PyTuple_SET_ITEM(pair, 1, value);
        Py_DECREF(old_key);
        Py_DECREF(old_value);
        if (!_PyObject_GC_IS_TRACKED(pair)) {
            _PyObject_GC_TRACK(pair);
        }
        return pair;
    }
    pair = PyTuple_Pack(2, key, value);
    Py_DECREF(key);
    Py_DECREF(value);
    return pair;
}

/* Pickled as iter(list of what is left). */
static PyObject *
odictiter_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    odictiterobject *di = (odictiterobject *)self;
    odictiterobject *copy = PyObject_GC_New(odictiterobject, &PyODictIter_Type);
    if (copy == NULL) {
        return NULL;
    }
    copy->kind = di->kind;
    copy->di_odict = (PyODictObject *)Py_XNewRef((PyObject *)di->di_odict);
    copy->di_size = di->di_size;
    copy->di_state = di->di_state;
    copy->di_result = Py_XNewRef(di->di_result);
    copy->di_current = Py_XNewRef(di->di_current);
    _PyObject_GC_TRACK((PyObject *)copy);
    return _PyIter_ReduceToList((PyObject *)copy);
}

static const PyMethodDef odictiter_methods[] = {
    {"__reduce__", odictiter_reduce, METH_NOARGS,
     PyDoc_STR("Return state information for pickling")},
    {NULL, NULL}
};

_Py_SHARED PyTypeObject PyODictIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "odict_iterator",
    .tp_basicsize = sizeof(odictiterobject),
    .tp_dealloc = odictiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = odictiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = odictiter_iternext,
    .tp_methods = (PyMethodDef *)odictiter_methods,
};

/* --------------------------------------------------------------------------------------- views */

/* A view type that differs from dict's in its iterators only. */
#define VIEW_TYPE(SYMBOL, NAME, BASE, PREFIX, KIND)                                         \
    static PyObject *                                                                       \
    PREFIX##_iter(PyObject *self)                                                           \
    {                                                                                       \
        PyDictObject *dict = ((_PyDictViewObject *)self)->dv_dict;                          \
        return dict == NULL ? NULL : new_odict_iter((PyODictObject *)dict, KIND);           \
    }                                                                                       \
                                                                                            \
    static PyObject *                                                                       \
    PREFIX##_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))                         \
    {                                                                                       \
        PyDictObject *dict = ((_PyDictViewObject *)self)->dv_dict;                          \
        return dict == NULL ? Py_NewRef(Py_None)                                            \
                            : new_odict_iter((PyODictObject *)dict, KIND | KIND_REVERSED);  \
    }                                                                                       \
                                                                                            \
    static const PyMethodDef PREFIX##_methods[] = {                                         \
        {"__reversed__", PREFIX##_reversed, METH_NOARGS, NULL},                             \
        {NULL, NULL}                                                                        \
    };                                                                                      \
                                                                                            \
    _Py_SHARED PyTypeObject SYMBOL = {                                                      \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                                              \
        .tp_name = NAME,                                                                    \
        .tp_flags = Py_TPFLAGS_DEFAULT,                                                     \
        .tp_iter = PREFIX##_iter,                                                           \
        .tp_methods = (PyMethodDef *)PREFIX##_methods,                                      \
        .tp_base = BASE,                                                                    \
    }

VIEW_TYPE(PyODictKeys_Type, "odict_keys", &PyDictKeys_Type, odictkeys, KIND_KEYS);
VIEW_TYPE(PyODictItems_Type, "odict_items", &PyDictItems_Type, odictitems, KIND_ITEMS);
VIEW_TYPE(PyODictValues_Type, "odict_values", &PyDictValues_Type, odictvalues, KIND_VALUES);

/* -------------------------------------------------------------------------------------- update */

/* Takes a pair apart: 0 with new references, or -1 with an exception. */
static int
unpack_pair(PyObject *pair, PyObject **key, PyObject **value)
{
    PyObject *it = PyObject_GetIter(pair), *extra;
    *key = *value = NULL;
    if (it == NULL) {
        return -1;
    }
    *key = PyIter_Next(it);
    if (*key != NULL) {
        *value = PyIter_Next(it);
    }
    if (*value == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_ValueError, "need more than %d value%s to unpack",
                         *key == NULL ? 0 : 1, *key == NULL ? "s" : "");
        }
    }
    else if ((extra = PyIter_Next(it)) != NULL) {
        Py_DECREF(extra);
        PyErr_SetString(PyExc_ValueError, "too many values to unpack (expected 2)");
    }
    Py_DECREF(it);
    if (PyErr_Occurred()) {
        Py_CLEAR(*key);
        Py_CLEAR(*value);
        return -1;
    }
    return 0;
}

static int
add_pairs(PyObject *self, PyObject *pairs)
{
    PyObject *it = PyObject_GetIter(pairs), *pair;
    if (it == NULL) {
        return -1;
    }
    while ((pair = PyIter_Next(it)) != NULL) {
        PyObject *key, *value;
        int err = unpack_pair(pair, &key, &value);
        Py_DECREF(pair);
        if (err == 0) {
            err = PyObject_SetItem(self, key, value);
            Py_DECREF(key);
            Py_DECREF(value);
        }
        if (err < 0) {
            break;
        }
    }
    Py_DECREF(it);
    return PyErr_Occurred() ? -1 : 0;
}

/* self[key] = other[key] for all the keys. */
static int
add_keys(PyObject *self, PyObject *other, PyObject *keys)
{
    PyObject *it = PyObject_GetIter(keys), *key;
    if (it == NULL) {
        return -1;
    }
    while ((key = PyIter_Next(it)) != NULL) {
        PyObject *value = PyObject_GetItem(other, key);
        int err = value == NULL ? -1 : PyObject_SetItem(self, key, value);
        Py_XDECREF(value);
        Py_DECREF(key);
        if (err < 0) {
            break;
        }
    }
    Py_DECREF(it);
    return PyErr_Occurred() ? -1 : 0;
}

/* Calls a method if there is one: 1 and *result, 0, or -1 with an exception. */
static int
call_if_there(PyObject *obj, PyObject *name, PyObject **result)
{
    PyObject *method;
    int has = _PyObject_LookupAttr(obj, name, &method);
    if (has > 0) {
        *result = PyObject_CallNoArgs(method);
        Py_DECREF(method);
        has = *result == NULL ? -1 : 1;
    }
    return has;
}

/* Items from a dict, a mapping (by keys()), something with items(), or pairs. */
static int
update_from_arg(PyObject *self, PyObject *other)
{
    PyObject *source;
    int err;
    if (PyDict_CheckExact(other)) {
        source = PyDict_Items(other);
        err = source == NULL ? -1 : add_pairs(self, source);
        Py_XDECREF(source);
        return err;
    }
    int has = call_if_there(other, &_Py_ID(keys), &source);
    if (has > 0) {
        err = add_keys(self, other, source);
        Py_DECREF(source);
        return err;
    }
    if (has == 0) {
        has = call_if_there(other, &_Py_ID(items), &source);
        if (has > 0) {
            err = add_pairs(self, source);
            Py_DECREF(source);
            return err;
        }
    }
    return has < 0 ? -1 : add_pairs(self, other);
}

static int
mutablemapping_update(PyObject *self, PyObject *args, PyObject *kwargs)
{
    assert(args == NULL || PyTuple_Check(args));
    Py_ssize_t n = args == NULL ? 0 : PyTuple_GET_SIZE(args);
    if (n > 1) {
        PyErr_Format(PyExc_TypeError,
                     "update() takes at most 1 positional argument (%zd given)", n);
        return -1;
    }
    if (n == 1) {
        PyObject *other = Py_NewRef(PyTuple_GET_ITEM(args, 0));
        int err = update_from_arg(self, other);
        Py_DECREF(other);
        if (err < 0) {
            return -1;
        }
    }
    if (kwargs == NULL) {
        return 0;
    }
    assert(PyDict_CheckExact(kwargs));
    if (!PyArg_ValidateKeywordArguments(kwargs)) {
        return -1;
    }
    PyObject *items = PyDict_Items(kwargs);
    int err = items == NULL ? -1 : add_pairs(self, items);
    Py_XDECREF(items);
    return err;
}
