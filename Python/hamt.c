/* hamt.c - persistent hash maps: a map is never changed, and one that differs by one key shares
 * all but one path of nodes with it.
 *
 * A hash array mapped trie: level n of the tree looks at bits 5n..5n+4 of a 32-bit hash.  A node
 * has a bitmap of the 32 branches and, in their order, a pair for each that is taken: (key, value),
 * or (NULL, child).  Keys that differ in no bit of the hash end in a node below the last level,
 * which is a plain list of pairs (a bucket; its bitmap is 0).
 *
 * Invariants: no node but the root is empty; a child that is not a bucket has two pairs or
 * more, or its only pair is a child; a bucket has at least two pairs.  Equal maps have trees of the
 * same shape.  Maps and nodes are immutable once they are tracked, and need no tp_clear.
 * Comparisons of keys may run any code: whoever calls keeps the map alive.
 *
 * Written from P. Bagwell, "Ideal Hash Trees" (2001), and PEP 567.
 */
#include "Python.h"
#include "pycore_hamt.h"
#include "pycore_object.h"      // _Py_SHARED

#define BITS 5
#define MAX_SHIFT 35            /* of a bucket: the 32 bits are used up */
#define MAX_DEPTH 8

struct PyHamtNode {
    PyObject_VAR_HEAD           /* ob_size: objects in `slots`, two per pair */
    uint32_t bitmap;
    PyObject *slots[1];
};

/* -------------------------------------------------------------------------------- nodes */

static PyHamtNode *
node_new(Py_ssize_t npairs, uint32_t bitmap)
{
    PyHamtNode *node = PyObject_GC_NewVar(PyHamtNode, &_PyHamt_BitmapNode_Type, 2 * npairs);
    if (node == NULL) {
        return NULL;
    }
    assert(bitmap == 0 || __builtin_popcount(bitmap) == npairs);
    node->bitmap = bitmap;
    for (Py_ssize_t i = 0; i < 2 * npairs; i++) {
        node->slots[i] = NULL;
    }
    return node;
}

static int
node_traverse(PyObject *op, visitproc visit, void *arg)
{
    PyHamtNode *node = (PyHamtNode *)op;
    for (Py_ssize_t i = 0; i < Py_SIZE(node); i++) {
        Py_VISIT(node->slots[i]);
    }
    return 0;
}

/* Not deeper than the levels of a tree, save for what keys and values hold. */
static void
node_dealloc(PyObject *op)
{
    PyHamtNode *node = (PyHamtNode *)op;
    PyObject_GC_UnTrack(op);
    Py_TRASHCAN_BEGIN(op, node_dealloc)
    for (Py_ssize_t i = 0; i < Py_SIZE(node); i++) {
        Py_XDECREF(node->slots[i]);
    }
    PyObject_GC_Del(op);
    Py_TRASHCAN_END
}

_Py_SHARED PyTypeObject _PyHamt_BitmapNode_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "hamt_bitmap_node",
    .tp_basicsize = offsetof(PyHamtNode, slots),
    .tp_itemsize = sizeof(PyObject *),
    .tp_dealloc = node_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = node_traverse,
    .tp_free = PyObject_GC_Del,
};

static int
key_hash(PyObject *key, uint32_t *hash)
{
    Py_hash_t h = PyObject_Hash(key);
    if (h == -1) {
        return -1;
    }
    *hash = (uint32_t)h ^ (uint32_t)((uint64_t)h >> 32);
    return 0;
}

static inline uint32_t
branch_bit(uint32_t hash, int shift)
{
    assert(shift < MAX_SHIFT);
    return (uint32_t)1 << ((hash >> shift) & 31);
}

/* Index in `slots` of the pair of branch `bit`, taken or not. */
static inline Py_ssize_t
pair_index(const PyHamtNode *node, uint32_t bit)
{
    return 2 * (Py_ssize_t)__builtin_popcount(node->bitmap & (bit - 1));
}

/* Copies `n` objects from slots `from` of `src` to slots `to` of the fresh node `dst`. */
static void
copy_slots(PyHamtNode *dst, Py_ssize_t to, const PyHamtNode *src, Py_ssize_t from, Py_ssize_t n)
{
    assert(to + n <= Py_SIZE(dst) && from + n <= Py_SIZE(src));
    for (Py_ssize_t i = 0; i < n; i++) {
        dst->slots[to + i] = Py_XNewRef(src->slots[from + i]);
    }
}

/* Copy of a node with another pair at `i` (new references are made). */
static PyHamtNode *
with_pair(PyHamtNode *node, Py_ssize_t i, PyObject *key, PyObject *value)
{
    PyHamtNode *res = node_new(Py_SIZE(node) / 2, node->bitmap);
    if (res == NULL) {
        return NULL;
    }
    copy_slots(res, 0, node, 0, i);
    res->slots[i] = Py_XNewRef(key);
    res->slots[i + 1] = Py_NewRef(value);
    copy_slots(res, i + 2, node, i + 2, Py_SIZE(node) - i - 2);
    PyObject_GC_Track(res);
    return res;
}

/* Copy with a pair more, at `i`; `bit` is its branch (0 in a bucket). */
static PyHamtNode *
with_inserted(PyHamtNode *node, Py_ssize_t i, uint32_t bit, PyObject *key, PyObject *value)
{
    assert((node->bitmap & bit) == 0);
    PyHamtNode *res = node_new(Py_SIZE(node) / 2 + 1, node->bitmap | bit);
    if (res == NULL) {
        return NULL;
    }
    copy_slots(res, 0, node, 0, i);
    res->slots[i] = Py_NewRef(key);
    res->slots[i + 1] = Py_NewRef(value);
    copy_slots(res, i + 2, node, i, Py_SIZE(node) - i);
    PyObject_GC_Track(res);
    return res;
}

/* Copy without the pair at `i`. */
static PyHamtNode *
with_removed(PyHamtNode *node, Py_ssize_t i, uint32_t bit)
{
    assert((node->bitmap & bit) == bit);
    PyHamtNode *res = node_new(Py_SIZE(node) / 2 - 1, node->bitmap & ~bit);
    if (res == NULL) {
        return NULL;
    }
    copy_slots(res, 0, node, 0, i);
    copy_slots(res, i, node, i + 2, Py_SIZE(node) - i - 2);
    PyObject_GC_Track(res);
    return res;
}

/* Index of `key` in a bucket, -1 without it, -2 with an error. */
static Py_ssize_t
bucket_find(PyHamtNode *node, PyObject *key)
{
    assert(node->bitmap == 0);
    for (Py_ssize_t i = 0; i < Py_SIZE(node); i += 2) {
        int eq = PyObject_RichCompareBool(key, node->slots[i], Py_EQ);
        if (eq != 0) {
            return eq < 0 ? -2 : i;
        }
    }
    return -1;
}

/* New tree at level `shift` with two keys that are not equal. */
static PyHamtNode *
two_keys(int shift, uint32_t hash1, PyObject *key1, PyObject *value1,
         uint32_t hash2, PyObject *key2, PyObject *value2)
{
    uint32_t bit1 = shift < MAX_SHIFT ? branch_bit(hash1, shift) : 0;
    uint32_t bit2 = shift < MAX_SHIFT ? branch_bit(hash2, shift) : 0;
    if (shift < MAX_SHIFT && bit1 == bit2) {
        PyHamtNode *child = two_keys(shift + BITS, hash1, key1, value1, hash2, key2, value2);
        if (child == NULL) {
            return NULL;
        }
        PyHamtNode *res = node_new(1, bit1);
        if (res == NULL) {
            Py_DECREF(child);
            return NULL;
        }
        res->slots[1] = (PyObject *)child;
        PyObject_GC_Track(res);
        return res;
    }
    PyHamtNode *res = node_new(2, bit1 | bit2);
    if (res == NULL) {
        return NULL;
    }
    int first = bit1 <= bit2 ? 0 : 2;
    res->slots[first] = Py_NewRef(key1);
    res->slots[first + 1] = Py_NewRef(value1);
    res->slots[2 - first] = Py_NewRef(key2);
    res->slots[3 - first] = Py_NewRef(value2);
    PyObject_GC_Track(res);
    return res;
}

/* The tree below `node` with key -> value: new reference or NULL with an error; *added is set if
   the key is new. */
static PyHamtNode *
node_assoc(PyHamtNode *node, int shift, uint32_t hash, PyObject *key, PyObject *value, int *added)
{
    if (shift >= MAX_SHIFT) {
        Py_ssize_t i = bucket_find(node, key);
        if (i == -2) {
            return NULL;
        }
        if (i < 0) {
            *added = 1;
            return with_inserted(node, Py_SIZE(node), 0, key, value);
        }
        return with_pair(node, i, node->slots[i], value);
    }
    uint32_t bit = branch_bit(hash, shift);
    Py_ssize_t i = pair_index(node, bit);
    if (!(node->bitmap & bit)) {
        *added = 1;
        return with_inserted(node, i, bit, key, value);
    }
    PyObject *old_key = node->slots[i], *old = node->slots[i + 1];
    PyHamtNode *child;
    if (old_key == NULL) {
        child = node_assoc((PyHamtNode *)old, shift + BITS, hash, key, value, added);
        if (child == (PyHamtNode *)old) {
            Py_DECREF(child);
            return (PyHamtNode *)Py_NewRef(node);
        }
    }
    else {
        int eq = PyObject_RichCompareBool(key, old_key, Py_EQ);
        if (eq < 0) {
            return NULL;
        }
        if (eq) {
            return old == value ? (PyHamtNode *)Py_NewRef(node)
                                : with_pair(node, i, old_key, value);
        }
        uint32_t old_hash;
        if (key_hash(old_key, &old_hash) < 0) {
            return NULL;
        }
        *added = 1;
        child = two_keys(shift + BITS, old_hash, old_key, old, hash, key, value);
    }
    if (child == NULL) {
        return NULL;
    }
    PyHamtNode *res = with_pair(node, i, NULL, (PyObject *)child);
    Py_DECREF(child);
    return res;
}

/* Whether a child is better replaced by its only pair. */
static inline int
is_single(const PyHamtNode *node)
{
    return Py_SIZE(node) == 2 && node->slots[0] != NULL;
}

/* The tree below `node` without the key: 1 and *res (new reference; may be empty at the root only),
   0 if the key is not there, or -1 with an error. */
static int
node_without(PyHamtNode *node, int shift, uint32_t hash, PyObject *key, PyHamtNode **res)
{
    if (shift >= MAX_SHIFT) {
        Py_ssize_t i = bucket_find(node, key);
        if (i < 0) {
            return i == -2 ? -1 : 0;
        }
        *res = with_removed(node, i, 0);
        return *res == NULL ? -1 : 1;
    }
    uint32_t bit = branch_bit(hash, shift);
    if (!(node->bitmap & bit)) {
        return 0;
    }
    Py_ssize_t i = pair_index(node, bit);
    if (node->slots[i] != NULL) {
        int eq = PyObject_RichCompareBool(key, node->slots[i], Py_EQ);
        if (eq <= 0) {
            return eq;
        }
        *res = with_removed(node, i, bit);
        return *res == NULL ? -1 : 1;
    }
    PyHamtNode *child;
    int found = node_without((PyHamtNode *)node->slots[i + 1], shift + BITS, hash, key, &child);
    if (found <= 0) {
        return found;
    }
    assert(Py_SIZE(child) >= 2);
    if (is_single(child)) {
        *res = with_pair(node, i, child->slots[0], child->slots[1]);
    }
    else {
        *res = with_pair(node, i, NULL, (PyObject *)child);
    }
    Py_DECREF(child);
    return *res == NULL ? -1 : 1;
}

static int
node_find(PyHamtNode *node, uint32_t hash, PyObject *key, PyObject **value)
{
    for (int shift = 0; shift < MAX_SHIFT; shift += BITS) {
        uint32_t bit = branch_bit(hash, shift);
        if (!(node->bitmap & bit)) {
            return 0;
        }
        Py_ssize_t i = pair_index(node, bit);
        if (node->slots[i] != NULL) {
            int eq = node->slots[i] == key ? 1
                     : PyObject_RichCompareBool(key, node->slots[i], Py_EQ);
            if (eq > 0) {
                *value = node->slots[i + 1];
            }
            return eq;
        }
        node = (PyHamtNode *)node->slots[i + 1];
    }
    Py_ssize_t i = bucket_find(node, key);
    if (i < 0) {
        return i == -2 ? -1 : 0;
    }
    *value = node->slots[i + 1];
    return 1;
}

/* --------------------------------------------------------------------------------- maps */

/* Takes over `root`, which may be NULL after an error. */
static PyHamtObject *
map_new(PyHamtNode *root, Py_ssize_t count)
{
    if (root == NULL) {
        return NULL;
    }
    PyHamtObject *o = PyObject_GC_New(PyHamtObject, &_PyHamt_Type);
    if (o == NULL) {
        Py_DECREF(root);
        return NULL;
    }
    o->h_root = root;
    o->h_weakreflist = NULL;
    o->h_count = count;
    PyObject_GC_Track(o);
    return o;
}

PyHamtObject *
_PyHamt_New(void)
{
    PyHamtNode *root = node_new(0, 0);
    if (root != NULL) {
        PyObject_GC_Track(root);
    }
    return map_new(root, 0);
}

PyHamtObject *
_PyHamt_Assoc(PyHamtObject *o, PyObject *key, PyObject *val)
{
    uint32_t hash;
    if (key_hash(key, &hash) < 0) {
        return NULL;
    }
    int added = 0;
    PyHamtNode *root = node_assoc(o->h_root, 0, hash, key, val, &added);
    if (root == o->h_root) {
        Py_DECREF(root);
        return (PyHamtObject *)Py_NewRef(o);
    }
    return map_new(root, o->h_count + added);
}

PyHamtObject *
_PyHamt_Without(PyHamtObject *o, PyObject *key)
{
    uint32_t hash;
    if (key_hash(key, &hash) < 0) {
        return NULL;
    }
    PyHamtNode *root = NULL;
    int found = node_without(o->h_root, 0, hash, key, &root);
    if (found <= 0) {
        return found == 0 ? (PyHamtObject *)Py_NewRef(o) : NULL;
    }
    assert(o->h_count > 0);
    return map_new(root, o->h_count - 1);
}

int
_PyHamt_Find(PyHamtObject *o, PyObject *key, PyObject **val)
{
    uint32_t hash;
    if (key_hash(key, &hash) < 0) {
        return -1;
    }
    return node_find(o->h_root, hash, key, val);
}

Py_ssize_t
_PyHamt_Len(PyHamtObject *o)
{
    return o->h_count;
}

/* ---------------------------------------------------------------------------- iteration */

/* Position in a tree: the path from the root. */
struct walk {
    PyHamtNode *nodes[MAX_DEPTH];       /* borrowed from the map */
    Py_ssize_t next[MAX_DEPTH];
    int depth;                          /* of the last node; -1 at the end */
};

static void
walk_start(struct walk *w, PyHamtObject *o)
{
    w->depth = 0;
    w->nodes[0] = o->h_root;
    w->next[0] = 0;
}

/* 1 with the next pair (borrowed), or 0 at the end. */
static int
walk_next(struct walk *w, PyObject **key, PyObject **value)
{
    while (w->depth >= 0) {
        PyHamtNode *node = w->nodes[w->depth];
        Py_ssize_t i = w->next[w->depth];
        if (i >= Py_SIZE(node)) {
            w->depth--;
            continue;
        }
        w->next[w->depth] = i + 2;
        if (node->slots[i] != NULL) {
            *key = node->slots[i];
            *value = node->slots[i + 1];
            return 1;
        }
        assert(w->depth + 1 < MAX_DEPTH);
        w->depth++;
        w->nodes[w->depth] = (PyHamtNode *)node->slots[i + 1];
        w->next[w->depth] = 0;
    }
    return 0;
}

int
_PyHamt_Eq(PyHamtObject *v, PyHamtObject *w)
{
    if (v == w) {
        return 1;
    }
    if (v->h_count != w->h_count) {
        return 0;
    }
    struct walk walk;
    walk_start(&walk, v);
    PyObject *key, *value, *other;
    while (walk_next(&walk, &key, &value)) {
        int found = _PyHamt_Find(w, key, &other);
        if (found <= 0) {
            return found;
        }
        int eq = PyObject_RichCompareBool(value, other, Py_EQ);
        if (eq <= 0) {
            return eq;
        }
    }
    return 1;
}

typedef struct {
    PyObject_HEAD
    PyHamtObject *map;
    struct walk walk;
} hamt_iter;

static int
iter_traverse(hamt_iter *it, visitproc visit, void *arg)
{
    Py_VISIT(it->map);
    return 0;
}

static int
iter_clear(hamt_iter *it)
{
    it->walk.depth = -1;
    Py_CLEAR(it->map);
    return 0;
}

static void
iter_dealloc(hamt_iter *it)
{
    PyObject_GC_UnTrack(it);
    (void)iter_clear(it);
    PyObject_GC_Del(it);
}

static Py_ssize_t
iter_len(hamt_iter *it)
{
    return it->map == NULL ? 0 : it->map->h_count;
}

static PyObject *
iter_next_key(hamt_iter *it)
{
    PyObject *key, *value;
    return walk_next(&it->walk, &key, &value) ? Py_NewRef(key) : NULL;
}

static PyObject *
iter_next_value(hamt_iter *it)
{
    PyObject *key, *value;
    return walk_next(&it->walk, &key, &value) ? Py_NewRef(value) : NULL;
}

static PyObject *
iter_next_item(hamt_iter *it)
{
    PyObject *key, *value;
    return walk_next(&it->walk, &key, &value) ? PyTuple_Pack(2, key, value) : NULL;
}

static _Py_SHARED PyMappingMethods iter_as_mapping = {
    .mp_length = (lenfunc)iter_len,
};

#define ITER_TYPE(TYPE, NAME, NEXT)                                 \
    _Py_SHARED PyTypeObject TYPE = {                                \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                      \
        .tp_name = NAME,                                            \
        .tp_basicsize = sizeof(hamt_iter),                          \
        .tp_dealloc = (destructor)iter_dealloc,                     \
        .tp_as_mapping = &iter_as_mapping,                          \
        .tp_getattro = PyObject_GenericGetAttr,                     \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,        \
        .tp_traverse = (traverseproc)iter_traverse,                 \
        .tp_clear = (inquiry)iter_clear,                            \
        .tp_iter = PyObject_SelfIter,                               \
        .tp_iternext = (iternextfunc)NEXT,                          \
    }

ITER_TYPE(_PyHamtKeys_Type, "keys", iter_next_key);
ITER_TYPE(_PyHamtValues_Type, "values", iter_next_value);
ITER_TYPE(_PyHamtItems_Type, "items", iter_next_item);

static PyObject *
iter_new(PyTypeObject *type, PyHamtObject *o)
{
    hamt_iter *it = PyObject_GC_New(hamt_iter, type);
    if (it == NULL) {
        return NULL;
    }
    it->map = (PyHamtObject *)Py_NewRef(o);
    walk_start(&it->walk, o);
    PyObject_GC_Track(it);
    return (PyObject *)it;
}

PyObject *
_PyHamt_NewIterKeys(PyHamtObject *o)
{
    return iter_new(&_PyHamtKeys_Type, o);
}

PyObject *
_PyHamt_NewIterValues(PyHamtObject *o)
{
    return iter_new(&_PyHamtValues_Type, o);
}

PyObject *
_PyHamt_NewIterItems(PyHamtObject *o)
{
    return iter_new(&_PyHamtItems_Type, o);
}

/* --------------------------------------------------------------------- the type for tests */

static PyObject *
hamt_new(PyTypeObject *Py_UNUSED(type), PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return (PyObject *)_PyHamt_New();
}

static int
hamt_traverse(PyHamtObject *o, visitproc visit, void *arg)
{
    Py_VISIT(o->h_root);
    return 0;
}

static void
hamt_dealloc(PyHamtObject *o)
{
    PyObject_GC_UnTrack(o);
    if (o->h_weakreflist != NULL) {
        PyObject_ClearWeakRefs((PyObject *)o);
    }
    Py_DECREF(o->h_root);
    PyObject_GC_Del(o);
}

static PyObject *
hamt_richcompare(PyObject *v, PyObject *w, int op)
{
    if (!PyHamt_Check(v) || !PyHamt_Check(w) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int eq = _PyHamt_Eq((PyHamtObject *)v, (PyHamtObject *)w);
    return eq < 0 ? NULL : PyBool_FromLong(op == Py_EQ ? eq : !eq);
}

static PyObject *
hamt_subscript(PyHamtObject *o, PyObject *key)
{
    PyObject *value;
    int found = _PyHamt_Find(o, key, &value);
    if (found == 0) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    return found > 0 ? Py_NewRef(value) : NULL;
}

static int
hamt_contains(PyHamtObject *o, PyObject *key)
{
    PyObject *value;
    return _PyHamt_Find(o, key, &value);
}

static PyObject *
hamt_set(PyHamtObject *o, PyObject *args)
{
    PyObject *key, *value;
    if (!PyArg_UnpackTuple(args, "set", 2, 2, &key, &value)) {
        return NULL;
    }
    return (PyObject *)_PyHamt_Assoc(o, key, value);
}

static PyObject *
hamt_get(PyHamtObject *o, PyObject *args)
{
    PyObject *key, *value, *def = Py_None;
    if (!PyArg_UnpackTuple(args, "get", 1, 2, &key, &def)) {
        return NULL;
    }
    int found = _PyHamt_Find(o, key, &value);
    return found < 0 ? NULL : Py_NewRef(found ? value : def);
}

static PyObject *
hamt_delete(PyHamtObject *o, PyObject *key)
{
    return (PyObject *)_PyHamt_Without(o, key);
}

static PyObject *
hamt_items(PyHamtObject *o, PyObject *Py_UNUSED(ignored))
{
    return _PyHamt_NewIterItems(o);
}

static PyObject *
hamt_keys(PyHamtObject *o, PyObject *Py_UNUSED(ignored))
{
    return _PyHamt_NewIterKeys(o);
}

static PyObject *
hamt_values(PyHamtObject *o, PyObject *Py_UNUSED(ignored))
{
    return _PyHamt_NewIterValues(o);
}

static _Py_SHARED PyMethodDef hamt_methods[] = {
    {"set", (PyCFunction)hamt_set, METH_VARARGS, NULL},
    {"get", (PyCFunction)hamt_get, METH_VARARGS, NULL},
    {"delete", (PyCFunction)hamt_delete, METH_O, NULL},
    {"items", (PyCFunction)hamt_items, METH_NOARGS, NULL},
    {"keys", (PyCFunction)hamt_keys, METH_NOARGS, NULL},
    {"values", (PyCFunction)hamt_values, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL}
};

static _Py_SHARED PySequenceMethods hamt_as_sequence = {
    .sq_contains = (objobjproc)hamt_contains,
};

static _Py_SHARED PyMappingMethods hamt_as_mapping = {
    .mp_length = (lenfunc)_PyHamt_Len,
    .mp_subscript = (binaryfunc)hamt_subscript,
};

_Py_SHARED PyTypeObject _PyHamt_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "hamt",
    .tp_basicsize = sizeof(PyHamtObject),
    .tp_dealloc = (destructor)hamt_dealloc,
    .tp_as_sequence = &hamt_as_sequence,
    .tp_as_mapping = &hamt_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)hamt_traverse,
    .tp_richcompare = hamt_richcompare,
    .tp_weaklistoffset = offsetof(PyHamtObject, h_weakreflist),
    .tp_iter = (getiterfunc)_PyHamt_NewIterKeys,
    .tp_methods = hamt_methods,
    .tp_new = hamt_new,
};
