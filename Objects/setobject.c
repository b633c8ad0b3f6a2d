/* setobject.c - set and frozenset.
 *
 * A table of 2**k slots (mask + 1), probed by double hashing of groups of four neighbours, which
 * mostly share a cache line; up to eight slots are in the object itself.  A slot is
 *
 *   unused    key NULL,  hash 0
 *   dummy     key dummy, hash -1 (an element was here; probing goes on)
 *   active    key owned, hash its hash
 *
 * fill counts active and dummy slots, used the active ones; fill * 5 < mask * 3 after every
 * insertion, so every probe ends.  Comparing elements may run code that changes the set: the
 * lookup notices (table or slot are no longer the same) and starts again.
 *
 * Written from the library reference (Set Types), the C API reference (Set Objects),
 * collections.abc.Set._hash (frozenset hashes are equal to it) and observed messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _PyObject_GC_TRACK()
#include "pycore_pystate.h"
#include "pycore_seqiter.h"     // _PyIter_ReduceToList()
#include "pycore_set.h"

#include <stdbool.h>

/* The key of dummy slots: never seen by Python code. */
static _Py_SHARED PyObject dummy_object = _PyObject_HEAD_INIT(&PyBaseObject_Type);
#define dummy (&dummy_object)

_Py_SHARED PyObject *_PySet_Dummy = dummy;

/* Slots between the one that is worked on and the one whose element is fetched from memory. */
#define AHEAD 8

/* Results of a lookup other than a slot. */
#define NOT_FOUND (-1)
#define FAILED (-2)

static inline bool
is_active(const setentry *entry)
{
    return entry->key != NULL && entry->hash != -1;
}

static inline Py_hash_t
hash_of(PyObject *key)
{
    if (PyUnicode_CheckExact(key)) {
        Py_hash_t hash = __atomic_load_n(&((PyASCIIObject *)key)->hash, __ATOMIC_RELAXED);
        if (hash != -1) {
            return hash;
        }
    }
    return PyObject_Hash(key);
}

/* The slots that one hash tries: the four of its group, the wanted one first, then other groups, an
 * odd number of groups apart. */
struct probe {
    size_t home;                /* slot wanted in the current group */
    size_t step;                /* how many slots were tried before the current one */
};

#define GROUP 4
_Static_assert(PySet_MINSIZE % GROUP == 0, "tables are made of whole groups");

static inline size_t
first_slot(struct probe *probe, Py_hash_t hash, size_t mask)
{
    *probe = (struct probe){(size_t)hash & mask, 0};
    return probe->home;
}

static inline size_t
next_slot(struct probe *probe, Py_hash_t hash, size_t mask)
{
    size_t place = ++probe->step % GROUP;
    if (place == 0) {
        size_t stride = (size_t)(((uint64_t)hash * 0x9E3779B97F4A7C15u) >> 32) | 1;
        probe->home = (probe->home + GROUP * stride) & mask;
    }
    return probe->home ^ place;
}

/* ------------------------------------------------------------------------------ the table */

/* Slot of an element, NOT_FOUND, or FAILED with an exception.  If it is not found, *room is the
 * slot where it would go. */
static inline Py_ssize_t
find_or_room(PySetObject *so, PyObject *key, Py_hash_t hash, size_t *room)
{
    assert(hash != -1);
again:;
    setentry *table = so->table, *reusable = NULL;
    size_t mask = (size_t)so->mask;
    struct probe probe;
    for (size_t i = first_slot(&probe, hash, mask);; i = next_slot(&probe, hash, mask)) {
        PyObject *have = table[i].key;
        if (have == NULL) {
            *room = reusable != NULL ? (size_t)(reusable - table) : i;
            return NOT_FOUND;
        }
        if (have == key) {
            return (Py_ssize_t)i;
        }
        if (table[i].hash != hash) {
            if (have == dummy && reusable == NULL) {
                reusable = &table[i];
            }
            continue;
        }
        assert(have != dummy);
        if (PyUnicode_CheckExact(have) && PyUnicode_CheckExact(key)) {
            if (_PyUnicode_EQ(have, key)) {
                return (Py_ssize_t)i;
            }
            continue;
        }
        Py_INCREF(have);
        int equal = PyObject_RichCompareBool(have, key, Py_EQ);
        bool same = table == so->table && mask == (size_t)so->mask && table[i].key == have;
        Py_DECREF(have);
        if (equal < 0) {
            return FAILED;
        }
        if (!same) {
            goto again;
        }
        if (equal) {
            return (Py_ssize_t)i;
        }
    }
}

static Py_ssize_t
set_lookup(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    size_t room;
    return find_or_room(so, key, hash, &room);
}

/* Puts an element that is not there into a table without dummies in its way. */
static void
insert_clean(setentry *table, size_t mask, PyObject *key, Py_hash_t hash)
{
    struct probe probe;
    size_t i = first_slot(&probe, hash, mask);
    while (table[i].key != NULL) {
        i = next_slot(&probe, hash, mask);
    }
    table[i].key = key;
    table[i].hash = hash;
}

/* New table of more than `minused` slots, without dummies. */
static int
set_resize(PySetObject *so, Py_ssize_t minused)
{
    size_t size = PySet_MINSIZE;
    while (size <= (size_t)minused) {
        size <<= 1;
    }
    setentry *old = so->table, *fresh, copy[PySet_MINSIZE];
    size_t old_mask = (size_t)so->mask;
    bool old_is_malloced = old != so->smalltable;
    if (size == PySet_MINSIZE) {
        fresh = so->smalltable;
        if (!old_is_malloced) {
            if (so->fill == so->used) {
                return 0;
            }
            memcpy(copy, old, sizeof(copy));
            old = copy;
        }
        memset(fresh, 0, sizeof(so->smalltable));
    }
    else {
        fresh = size > (size_t)PY_SSIZE_T_MAX / sizeof(setentry)
                    ? NULL : PyMem_Calloc(size, sizeof(setentry));
        if (fresh == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    for (size_t i = 0; i <= old_mask; i++) {
        if (is_active(&old[i])) {
            insert_clean(fresh, size - 1, old[i].key, old[i].hash);
        }
    }
    so->table = fresh;
    so->mask = (Py_ssize_t)size - 1;
    so->fill = so->used;
    if (old_is_malloced) {
        PyMem_Free(old);
    }
    return 0;
}

/* Grows if the table is full enough now. */
static int
maybe_grow(PySetObject *so)
{
    if ((size_t)so->fill * 5 < (size_t)so->mask * 3) {
        return 0;
    }
    return set_resize(so, so->used > 50000 ? so->used * 2 : so->used * 4);
}

/* Adds an element; takes a new reference. */
static int
set_add_entry(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    /* Comparing might otherwise drop the last reference. */
    Py_INCREF(key);
    size_t room;
    Py_ssize_t found = find_or_room(so, key, hash, &room);
    if (found != NOT_FOUND) {
        Py_DECREF(key);
        return found == FAILED ? -1 : 0;
    }
    setentry *entry = &so->table[room];
    assert(!is_active(entry));
    so->fill += entry->key == NULL;
    so->used++;
    entry->key = key;
    entry->hash = hash;
    return maybe_grow(so);
}

static int
set_add_key(PySetObject *so, PyObject *key)
{
    Py_hash_t hash = hash_of(key);
    return hash == -1 ? -1 : set_add_entry(so, key, hash);
}

static int
set_contains_entry(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    Py_ssize_t found = set_lookup(so, key, hash);
    return found == FAILED ? -1 : found >= 0;
}

static int
set_contains_key(PySetObject *so, PyObject *key)
{
    Py_hash_t hash = hash_of(key);
    return hash == -1 ? -1 : set_contains_entry(so, key, hash);
}

/* 1 discarded, 0 not there, -1 exception. */
static int
set_discard_entry(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    Py_ssize_t found = set_lookup(so, key, hash);
    if (found < 0) {
        return found == FAILED ? -1 : 0;
    }
    setentry *entry = &so->table[found];
    PyObject *old = entry->key;
    entry->key = dummy;
    entry->hash = -1;
    so->used--;
    Py_DECREF(old);
    return 1;
}

static int
set_discard_key(PySetObject *so, PyObject *key)
{
    Py_hash_t hash = hash_of(key);
    return hash == -1 ? -1 : set_discard_entry(so, key, hash);
}

static void
make_empty(PySetObject *so)
{
    memset(so->smalltable, 0, sizeof(so->smalltable));
    so->fill = 0;
    so->used = 0;
    so->mask = PySet_MINSIZE - 1;
    so->table = so->smalltable;
    so->hash = -1;
}

static int
set_clear_internal(PyObject *self)
{
    PySetObject *so = (PySetObject *)self;
    if (so->fill == 0 && so->table == so->smalltable) {
        return 0;
    }
    setentry copy[PySet_MINSIZE], *table = so->table;
    size_t mask = (size_t)so->mask;
    bool malloced = table != so->smalltable;
    if (!malloced) {
        memcpy(copy, table, sizeof(copy));
        table = copy;
    }
    make_empty(so);
    for (size_t i = 0; i <= mask; i++) {
        if (is_active(&table[i])) {
            Py_DECREF(table[i].key);
        }
    }
    if (malloced) {
        PyMem_Free(table);
    }
    return 0;
}

/* Next active slot from *pos on; 0 at the end. */
static int
set_next(PySetObject *so, Py_ssize_t *pos, setentry **entry)
{
    Py_ssize_t i = *pos;
    assert(i >= 0);
    while (i <= so->mask && !is_active(&so->table[i])) {
        i++;
    }
    *pos = i + 1;
    if (i > so->mask) {
        return 0;
    }
    *entry = &so->table[i];
    return 1;
}

/* -------------------------------------------------------------------------- birth and death */

static void
set_dealloc(PyObject *self)
{
    PySetObject *so = (PySetObject *)self;
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, set_dealloc)
    if (so->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    for (Py_ssize_t i = 0; so->used > 0 && i <= so->mask; i++) {
        /* Elements lie anywhere in memory: fetch one while others are released. */
        __builtin_prefetch(so->table[Py_MIN(i + AHEAD, so->mask)].key);
        if (is_active(&so->table[i])) {
            so->used--;
            Py_DECREF(so->table[i].key);
        }
    }
    if (so->table != so->smalltable) {
        PyMem_Free(so->table);
    }
    Py_TYPE(self)->tp_free(self);
    Py_TRASHCAN_END
}

static int
set_traverse(PyObject *self, visitproc visit, void *arg)
{
    PySetObject *so = (PySetObject *)self;
    Py_ssize_t pos = 0;
    setentry *entry;
    while (set_next(so, &pos, &entry)) {
        Py_VISIT(entry->key);
    }
    return 0;
}

static int set_update_internal(PySetObject *so, PyObject *other);

static PyObject *
make_new_set(PyTypeObject *type, PyObject *iterable)
{
    assert(PyType_Check((PyObject *)type));
    PySetObject *so = (PySetObject *)type->tp_alloc(type, 0);
    if (so == NULL) {
        return NULL;
    }
    make_empty(so);
    so->finger = 0;
    so->weakreflist = NULL;
    if (iterable != NULL && set_update_internal(so, iterable) < 0) {
        Py_DECREF(so);
        return NULL;
    }
    return (PyObject *)so;
}

/* New set of the base class, so that operators on subclasses give plain (frozen) sets. */
static PyObject *
make_new_set_basetype(PyTypeObject *type, PyObject *iterable)
{
    if (type != &PySet_Type && type != &PyFrozenSet_Type) {
        type = PyType_IsSubtype(type, &PySet_Type) ? &PySet_Type : &PyFrozenSet_Type;
    }
    return make_new_set(type, iterable);
}

static PyObject *
make_new_frozenset(PyTypeObject *type, PyObject *iterable)
{
    if (type != &PyFrozenSet_Type) {
        return make_new_set(type, iterable);
    }
    if (iterable != NULL && PyFrozenSet_CheckExact(iterable)) {
        return Py_NewRef(iterable);
    }
    return make_new_set(type, iterable);
}

static int
one_iterable(const char *name, Py_ssize_t nargs)
{
    if (nargs > 1) {
        PyErr_Format(PyExc_TypeError, "%s expected at most 1 argument, got %zd", name, nargs);
        return -1;
    }
    return 0;
}

static int
no_keywords(const char *name, Py_ssize_t nkw)
{
    if (nkw > 0) {
        PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments", name);
        return -1;
    }
    return 0;
}

static PyObject *
frozenset_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    /* A subclass with an __init__ of its own may take whatever it likes. */
    if ((type == &PyFrozenSet_Type || type->tp_init == PyFrozenSet_Type.tp_init)
        && no_keywords("frozenset", kwds == NULL ? 0 : PyDict_GET_SIZE(kwds)) < 0)
    {
        return NULL;
    }
    PyObject *iterable = NULL;
    if (!PyArg_UnpackTuple(args, "frozenset", 0, 1, &iterable)) {
        return NULL;
    }
    return make_new_frozenset(type, iterable);
}

static PyObject *
frozenset_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (no_keywords("frozenset", kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames)) < 0
        || one_iterable("frozenset", nargs) < 0)
    {
        return NULL;
    }
    return make_new_frozenset((PyTypeObject *)type, nargs ? args[0] : NULL);
}

static PyObject *
set_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    return make_new_set(type, NULL);
}

static int
set_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyObject *iterable = NULL;
    if (no_keywords("set", kwds == NULL ? 0 : PyDict_GET_SIZE(kwds)) < 0
        || !PyArg_UnpackTuple(args, "set", 0, 1, &iterable))
    {
        return -1;
    }
    PySetObject *so = (PySetObject *)self;
    if (so->fill) {
        set_clear_internal(self);
    }
    so->hash = -1;
    return iterable == NULL ? 0 : set_update_internal(so, iterable);
}

static PyObject *
set_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (no_keywords("set", kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames)) < 0
        || one_iterable("set", nargs) < 0)
    {
        return NULL;
    }
    return make_new_set((PyTypeObject *)type, nargs ? args[0] : NULL);
}

int
_PyFrozenSet_InitShared(PyObject *set, PyObject *const *items, Py_ssize_t n)
{
    PySetObject *so = (PySetObject *)set;
    make_empty(so);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (set_add_key(so, items[i]) < 0) {
            return -1;
        }
    }
    return PyObject_Hash(set) == -1 ? -1 : 0;
}

/* ------------------------------------------------------------------------------------ iterator */

typedef struct {
    PyObject_HEAD
    PySetObject *si_set;        /* owned; NULL when exhausted */
    Py_ssize_t si_used;         /* size at the start; -1 after a change was reported */
    Py_ssize_t si_pos;          /* next slot */
    Py_ssize_t si_left;         /* elements that are still to come */
} setiterobject;

static PyObject *
set_iter(PyObject *self)
{
    setiterobject *si = PyObject_GC_New(setiterobject, &PySetIter_Type);
    if (si == NULL) {
        return NULL;
    }
    PySetObject *so = (PySetObject *)Py_NewRef(self);
    si->si_set = so;
    si->si_used = so->used;
    si->si_left = so->used;
    si->si_pos = 0;
    _PyObject_GC_TRACK((PyObject *)si);
    return (PyObject *)si;
}

static void
setiter_dealloc(PyObject *self)
{
    _PyObject_GC_UNTRACK(self);
    Py_XDECREF(((setiterobject *)self)->si_set);
    PyObject_GC_Del(self);
}

static int
setiter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((setiterobject *)self)->si_set);
    return 0;
}

static PyObject *
setiter_next(PyObject *self)
{
    setiterobject *si = (setiterobject *)self;
    PySetObject *so = si->si_set;
    if (so == NULL) {
        return NULL;
    }
    if (si->si_used != so->used) {
        PyErr_SetString(PyExc_RuntimeError, "Set changed size during iteration");
        si->si_used = -1;
        return NULL;
    }
    setentry *entry;
    if (!set_next(so, &si->si_pos, &entry)) {
        si->si_set = NULL;
        Py_DECREF(so);
        return NULL;
    }
    si->si_left--;
    return Py_NewRef(entry->key);
}

static PyObject *
setiter_len(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    setiterobject *si = (setiterobject *)self;
    bool valid = si->si_set != NULL && si->si_used == si->si_set->used;
    return PyLong_FromSsize_t(valid ? si->si_left : 0);
}

/* Pickled as iter(list of what is left). */
static PyObject *
setiter_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    setiterobject *si = (setiterobject *)self;
    setiterobject *copy = PyObject_GC_New(setiterobject, &PySetIter_Type);
    if (copy == NULL) {
        return NULL;
    }
    copy->si_set = (PySetObject *)Py_XNewRef((PyObject *)si->si_set);
    copy->si_used = si->si_used;
    copy->si_pos = si->si_pos;
    copy->si_left = si->si_left;
    _PyObject_GC_TRACK((PyObject *)copy);
    return _PyIter_ReduceToList((PyObject *)copy);
}

static const PyMethodDef setiter_methods[] = {
    {"__length_hint__", setiter_len, METH_NOARGS,
     PyDoc_STR("Private method returning an estimate of len(list(it)).")},
    {"__reduce__", setiter_reduce, METH_NOARGS,
     PyDoc_STR("Return state information for pickling.")},
    {NULL, NULL}
};

_Py_SHARED PyTypeObject PySetIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "set_iterator",
    .tp_basicsize = sizeof(setiterobject),
    .tp_dealloc = setiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = setiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = setiter_next,
    .tp_methods = (PyMethodDef *)setiter_methods,
};

/* ---------------------------------------------------------------------------------- merging */

/* Adds the elements of a set. */
static int
merge_set(PySetObject *so, PySetObject *other)
{
    if (so == other || other->used == 0) {
        return 0;
    }
    if ((so->fill + other->used) * 5 >= so->mask * 3
        && set_resize(so, (so->used + other->used) * 2) < 0)
    {
        return -1;
    }
    if (so->fill == 0 && (size_t)other->used * 5 < (size_t)so->mask * 3) {
        /* Nothing there: no comparisons are needed. */
        for (Py_ssize_t i = 0; i <= other->mask; i++) {
            if (is_active(&other->table[i])) {
                insert_clean(so->table, (size_t)so->mask, Py_NewRef(other->table[i].key),
                             other->table[i].hash);
            }
        }
        so->fill = so->used = other->used;
        return 0;
    }
    /* Comparisons may change `other`: its table is read anew each time. */
    for (Py_ssize_t i = 0; i <= other->mask; i++) {
        if (is_active(&other->table[i])
            && set_add_entry(so, other->table[i].key, other->table[i].hash) < 0)
        {
            return -1;
        }
    }
    return 0;
}

static int
set_update_internal(PySetObject *so, PyObject *other)
{
    if (PyAnySet_Check(other)) {
        return merge_set(so, (PySetObject *)other);
    }
    if (PyDict_CheckExact(other)) {
        Py_ssize_t size = PyDict_GET_SIZE(other), pos = 0;
        if ((so->fill + size) * 5 >= so->mask * 3 && set_resize(so, (so->used + size) * 2) < 0) {
            return -1;
        }
        PyObject *key, *value;
        Py_hash_t hash;
        while (_PyDict_Next(other, &pos, &key, &value, &hash)) {
            if (set_add_entry(so, key, hash) < 0) {
                return -1;
            }
        }
        return 0;
    }
    PyObject *it = PyObject_GetIter(other), *key;
    if (it == NULL) {
        return -1;
    }
    while ((key = PyIter_Next(it)) != NULL) {
        int err = set_add_key(so, key);
        Py_DECREF(key);
        if (err < 0) {
            Py_DECREF(it);
            return -1;
        }
    }
    Py_DECREF(it);
    return PyErr_Occurred() ? -1 : 0;
}

/* ---------------------------------------------------------------------------- hash and repr */

/* The same number as collections.abc.Set._hash() gives: independent of the order. */
static Py_hash_t
frozenset_hash(PyObject *self)
{
    PySetObject *so = (PySetObject *)self;
    Py_hash_t cached = __atomic_load_n(&so->hash, __ATOMIC_RELAXED);
    if (cached != -1) {
        return cached;
    }
    Py_uhash_t hash = 1927868237UL * ((Py_uhash_t)so->used + 1);
    Py_ssize_t pos = 0;
    setentry *entry;
    while (set_next(so, &pos, &entry)) {
        Py_uhash_t h = (Py_uhash_t)entry->hash;
        hash ^= (h ^ (h << 16) ^ 89869747UL) * 3644798167UL;
    }
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash * 69069UL + 907133923UL;
    if (hash == (Py_uhash_t)-1) {
        hash = 590923713UL;
    }
    __atomic_store_n(&so->hash, (Py_hash_t)hash, __ATOMIC_RELAXED);
    return (Py_hash_t)hash;
}

static PyObject *
set_repr(PyObject *self)
{
    PyObject *result = NULL, *list = NULL, *text = NULL;
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered < 0 ? NULL : PyUnicode_FromFormat("%s(...)", Py_TYPE(self)->tp_name);
    }
    if (((PySetObject *)self)->used == 0) {
        result = PyUnicode_FromFormat("%s()", Py_TYPE(self)->tp_name);
        goto done;
    }
    list = PySequence_List(self);
    text = list == NULL ? NULL : PyObject_Repr(list);
    if (text == NULL) {
        goto done;
    }
    /* Without the brackets of the list. */
    Py_SETREF(text, PyUnicode_Substring(text, 1, PyUnicode_GET_LENGTH(text) - 1));
    if (text == NULL) {
        goto done;
    }
    result = Py_IS_TYPE(self, &PySet_Type)
                 ? PyUnicode_FromFormat("{%U}", text)
                 : PyUnicode_FromFormat("%s({%U})", Py_TYPE(self)->tp_name, text);
done:
    Py_XDECREF(list);
    Py_XDECREF(text);
    Py_ReprLeave(self);
    return result;
}

/* -------------------------------------------------------------------------------- operations */

static Py_ssize_t
set_len(PyObject *self)
{
    return ((PySetObject *)self)->used;
}

static PyObject *
set_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return make_new_set_basetype(Py_TYPE(self), self);
}

static PyObject *
frozenset_copy(PyObject *self, PyObject *ignored)
{
    return PyFrozenSet_CheckExact(self) ? Py_NewRef(self) : set_copy(self, ignored);
}

static PyObject *
set_clear(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    set_clear_internal(self);
    Py_RETURN_NONE;
}

static PyObject *
set_update(PyObject *self, PyObject *args)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        if (set_update_internal((PySetObject *)self, PyTuple_GET_ITEM(args, i)) < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

static PyObject *
set_union(PyObject *self, PyObject *args)
{
    PyObject *result = set_copy(self, NULL);
    for (Py_ssize_t i = 0; result != NULL && i < PyTuple_GET_SIZE(args); i++) {
        PyObject *other = PyTuple_GET_ITEM(args, i);
        if (other != self && set_update_internal((PySetObject *)result, other) < 0) {
            Py_CLEAR(result);
        }
    }
    return result;
}

static PyObject *
set_or(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(self) || !PyAnySet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *result = set_copy(self, NULL);
    if (result != NULL && self != other
        && set_update_internal((PySetObject *)result, other) < 0)
    {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
set_ior(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return set_update_internal((PySetObject *)self, other) < 0 ? NULL : Py_NewRef(self);
}

static PyObject *
intersect(PyObject *self, PyObject *other)
{
    if (self == other) {
        return set_copy(self, NULL);
    }
    PyObject *result = make_new_set_basetype(Py_TYPE(self), NULL);
    if (result == NULL) {
        return NULL;
    }
    if (PyAnySet_Check(other)) {
        /* Walk over the smaller one. */
        PyObject *small = other, *large = self;
        if (set_len(small) > set_len(large)) {
            small = self;
            large = other;
        }
        Py_ssize_t pos = 0;
        setentry *entry;
        while (set_next((PySetObject *)small, &pos, &entry)) {
            PyObject *key = Py_NewRef(entry->key);
            Py_hash_t hash = entry->hash;
            int there = set_contains_entry((PySetObject *)large, key, hash);
            if (there > 0) {
                there = set_add_entry((PySetObject *)result, key, hash);
            }
            Py_DECREF(key);
            if (there < 0) {
                Py_DECREF(result);
                return NULL;
            }
        }
        return result;
    }
    PyObject *it = PyObject_GetIter(other), *key;
    if (it == NULL) {
        Py_DECREF(result);
        return NULL;
    }
    while ((key = PyIter_Next(it)) != NULL) {
        Py_hash_t hash = hash_of(key);
        int there = hash == -1 ? -1 : set_contains_entry((PySetObject *)self, key, hash);
        if (there > 0) {
            there = set_add_entry((PySetObject *)result, key, hash);
        }
        Py_DECREF(key);
        if (there < 0) {
            break;
        }
    }
    Py_DECREF(it);
    if (PyErr_Occurred()) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
set_intersection(PyObject *self, PyObject *args)
{
    if (PyTuple_GET_SIZE(args) == 0) {
        return set_copy(self, NULL);
    }
    PyObject *result = Py_NewRef(self);
    for (Py_ssize_t i = 0; result != NULL && i < PyTuple_GET_SIZE(args); i++) {
        PyObject *next = intersect(result, PyTuple_GET_ITEM(args, i));
        Py_SETREF(result, next);
    }
    return result;
}

/* Exchanges the contents of two sets, but not their identities and weak references. */
static void
swap_bodies(PySetObject *a, PySetObject *b)
{
    PySetObject t = *a;
    a->fill = b->fill;
    a->used = b->used;
    a->mask = b->mask;
    a->table = b->table == b->smalltable ? a->smalltable : b->table;
    memcpy(a->smalltable, b->smalltable, sizeof(a->smalltable));
    b->fill = t.fill;
    b->used = t.used;
    b->mask = t.mask;
    b->table = t.table == a->smalltable ? b->smalltable : t.table;
    memcpy(b->smalltable, t.smalltable, sizeof(b->smalltable));
    if (PyFrozenSet_Check((PyObject *)a) && PyFrozenSet_Check((PyObject *)b)) {
        a->hash = b->hash;
        b->hash = t.hash;
    }
    else {
        a->hash = -1;
        b->hash = -1;
    }
}

static PyObject *
set_intersection_update(PyObject *self, PyObject *args)
{
    PyObject *result = set_intersection(self, args);
    if (result == NULL) {
        return NULL;
    }
    swap_bodies((PySetObject *)self, (PySetObject *)result);
    Py_DECREF(result);
    Py_RETURN_NONE;
}

static PyObject *
set_and(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(self) || !PyAnySet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return intersect(self, other);
}

static PyObject *
set_iand(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *result = intersect(self, other);
    if (result == NULL) {
        return NULL;
    }
    swap_bodies((PySetObject *)self, (PySetObject *)result);
    Py_DECREF(result);
    return Py_NewRef(self);
}

static PyObject *
set_isdisjoint(PyObject *self, PyObject *other)
{
    if (self == other) {
        return PyBool_FromLong(set_len(self) == 0);
    }
    if (PyAnySet_CheckExact(other)) {
        PyObject *small = other, *large = self;
        if (set_len(small) > set_len(large)) {
            small = self;
            large = other;
        }
        Py_ssize_t pos = 0;
        setentry *entry;
        while (set_next((PySetObject *)small, &pos, &entry)) {
            PyObject *key = Py_NewRef(entry->key);
            int there = set_contains_entry((PySetObject *)large, key, entry->hash);
            Py_DECREF(key);
            if (there != 0) {
                return there < 0 ? NULL : Py_False;
            }
        }
        Py_RETURN_TRUE;
    }
    PyObject *it = PyObject_GetIter(other), *key;
    if (it == NULL) {
        return NULL;
    }
    int there = 0;
    while (there == 0 && (key = PyIter_Next(it)) != NULL) {
        there = set_contains_key((PySetObject *)self, key);
        Py_DECREF(key);
    }
    Py_DECREF(it);
    if (there < 0 || PyErr_Occurred()) {
        return NULL;
    }
    return PyBool_FromLong(there == 0);
}

static int
difference_update(PySetObject *so, PyObject *other)
{
    if ((PyObject *)so == other) {
        return set_clear_internal((PyObject *)so);
    }
    if (PyAnySet_Check(other)) {
        Py_ssize_t pos = 0;
        setentry *entry;
        /* When the other one is larger, look our own elements up in it instead. */
        bool own = set_len(other) > so->used;
        PySetObject *walked = own ? so : (PySetObject *)other;
        while (set_next(walked, &pos, &entry)) {
            PyObject *key = Py_NewRef(entry->key);
            Py_hash_t hash = entry->hash;
            int there = own ? set_contains_entry((PySetObject *)other, key, hash) : 1;
            if (there > 0) {
                there = set_discard_entry(so, key, hash);
            }
            Py_DECREF(key);
            if (there < 0) {
                return -1;
            }
        }
    }
    else {
        PyObject *it = PyObject_GetIter(other), *key;
        if (it == NULL) {
            return -1;
        }
        while ((key = PyIter_Next(it)) != NULL) {
            int err = set_discard_key(so, key);
            Py_DECREF(key);
            if (err < 0) {
                Py_DECREF(it);
                return -1;
            }
        }
        Py_DECREF(it);
        if (PyErr_Occurred()) {
            return -1;
        }
    }
    /* More than a quarter of dummies: clean up. */
    if ((size_t)(so->fill - so->used) <= (size_t)so->mask / 4) {
        return 0;
    }
    return set_resize(so, so->used > 50000 ? so->used * 2 : so->used * 4);
}

static PyObject *
set_difference_update(PyObject *self, PyObject *args)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        if (difference_update((PySetObject *)self, PyTuple_GET_ITEM(args, i)) < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

static PyObject *
difference(PyObject *self, PyObject *other)
{
    bool set = PyAnySet_Check(other), dict = PyDict_CheckExact(other);
    /* Copying and discarding is best if the other one is much smaller. */
    if ((!set && !dict) || (set ? set_len(other) : PyDict_GET_SIZE(other)) < set_len(self) / 4) {
        PyObject *result = set_copy(self, NULL);
        if (result != NULL && difference_update((PySetObject *)result, other) < 0) {
            Py_CLEAR(result);
        }
        return result;
    }
    PyObject *result = make_new_set_basetype(Py_TYPE(self), NULL);
    if (result == NULL) {
        return NULL;
    }
    Py_ssize_t pos = 0;
    setentry *entry;
    while (set_next((PySetObject *)self, &pos, &entry)) {
        PyObject *key = Py_NewRef(entry->key);
        Py_hash_t hash = entry->hash;
        int there = set ? set_contains_entry((PySetObject *)other, key, hash)
                        : _PyDict_Contains_KnownHash(other, key, hash);
        if (there == 0) {
            there = set_add_entry((PySetObject *)result, key, hash);
        }
        Py_DECREF(key);
        if (there < 0) {
            Py_DECREF(result);
            return NULL;
        }
    }
    return result;
}

static PyObject *
set_difference(PyObject *self, PyObject *args)
{
    if (PyTuple_GET_SIZE(args) == 0) {
        return set_copy(self, NULL);
    }
    PyObject *result = difference(self, PyTuple_GET_ITEM(args, 0));
    for (Py_ssize_t i = 1; result != NULL && i < PyTuple_GET_SIZE(args); i++) {
        if (difference_update((PySetObject *)result, PyTuple_GET_ITEM(args, i)) < 0) {
            Py_CLEAR(result);
        }
    }
    return result;
}

static PyObject *
set_sub(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(self) || !PyAnySet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return difference(self, other);
}

static PyObject *
set_isub(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return difference_update((PySetObject *)self, other) < 0 ? NULL : Py_NewRef(self);
}

/* Flips the membership of one element. */
static int
toggle(PySetObject *so, PyObject *key, Py_hash_t hash)
{
    int gone = set_discard_entry(so, key, hash);
    return gone == 0 ? set_add_entry(so, key, hash) : gone < 0 ? -1 : 0;
}

static int
symmetric_difference_update(PySetObject *so, PyObject *other)
{
    if ((PyObject *)so == other) {
        return set_clear_internal((PyObject *)so);
    }
    PyObject *key, *value;
    Py_ssize_t pos = 0;
    Py_hash_t hash;
    if (PyDict_CheckExact(other)) {
        while (_PyDict_Next(other, &pos, &key, &value, &hash)) {
            Py_INCREF(key);
            int err = toggle(so, key, hash);
            Py_DECREF(key);
            if (err < 0) {
                return -1;
            }
        }
        return 0;
    }
    PyObject *set = PyAnySet_Check(other) ? Py_NewRef(other)
                                          : make_new_set_basetype(Py_TYPE(so), other);
    if (set == NULL) {
        return -1;
    }
    setentry *entry;
    int err = 0;
    while (err == 0 && set_next((PySetObject *)set, &pos, &entry)) {
        key = Py_NewRef(entry->key);
        err = toggle(so, key, entry->hash);
        Py_DECREF(key);
    }
    Py_DECREF(set);
    return err;
}

static PyObject *
set_symmetric_difference_update(PyObject *self, PyObject *other)
{
    if (symmetric_difference_update((PySetObject *)self, other) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
set_symmetric_difference(PyObject *self, PyObject *other)
{
    PyObject *result = make_new_set_basetype(Py_TYPE(self), other);
    if (result != NULL && symmetric_difference_update((PySetObject *)result, self) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
set_xor(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(self) || !PyAnySet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return set_symmetric_difference(self, other);
}

static PyObject *
set_ixor(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return symmetric_difference_update((PySetObject *)self, other) < 0 ? NULL : Py_NewRef(self);
}

/* -------------------------------------------------------------------------------- comparison */

/* Is every element of self in other?  -1: exception. */
static int
is_subset(PyObject *self, PyObject *other)
{
    assert(PyAnySet_Check(self) && PyAnySet_Check(other));
    if (set_len(self) > set_len(other)) {
        return 0;
    }
    Py_ssize_t pos = 0;
    setentry *entry;
    while (set_next((PySetObject *)self, &pos, &entry)) {
        PyObject *key = Py_NewRef(entry->key);
        int there = set_contains_entry((PySetObject *)other, key, entry->hash);
        Py_DECREF(key);
        if (there <= 0) {
            return there;
        }
    }
    return 1;
}

static PyObject *
set_issubset(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) {
        PyObject *common = intersect(self, other);
        if (common == NULL) {
            return NULL;
        }
        int all = set_len(common) == set_len(self);
        Py_DECREF(common);
        return PyBool_FromLong(all);
    }
    int subset = is_subset(self, other);
    return subset < 0 ? NULL : PyBool_FromLong(subset);
}

static PyObject *
set_issuperset(PyObject *self, PyObject *other)
{
    if (PyAnySet_Check(other)) {
        return set_issubset(other, self);
    }
    PyObject *it = PyObject_GetIter(other), *key;
    if (it == NULL) {
        return NULL;
    }
    int there = 1;
    while (there == 1 && (key = PyIter_Next(it)) != NULL) {
        there = set_contains_key((PySetObject *)self, key);
        Py_DECREF(key);
    }
    Py_DECREF(it);
    return there < 0 || PyErr_Occurred() ? NULL : PyBool_FromLong(there);
}

/* Both hashes are known and not the same.  Those of shared frozensets may be being stored. */
static int
hashes_differ(PySetObject *a, PySetObject *b)
{
    Py_hash_t x = __atomic_load_n(&a->hash, __ATOMIC_RELAXED);
    Py_hash_t y = __atomic_load_n(&b->hash, __ATOMIC_RELAXED);
    return x != -1 && y != -1 && x != y;
}

static PyObject *
set_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyAnySet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PySetObject *a = (PySetObject *)self, *b = (PySetObject *)other;
    int result;
    switch (op) {
        case Py_EQ:
        case Py_NE:
            if (a->used != b->used || hashes_differ(a, b)) {
                result = 0;
            }
            else {
                result = is_subset(self, other);
            }
            if (op == Py_NE && result >= 0) {
                result = !result;
            }
            break;
        case Py_LE:
            result = is_subset(self, other);
            break;
        case Py_GE:
            result = is_subset(other, self);
            break;
        case Py_LT:
            result = a->used < b->used ? is_subset(self, other) : 0;
            break;
        default:
            assert(op == Py_GT);
            result = a->used > b->used ? is_subset(other, self) : 0;
            break;
    }
    return result < 0 ? NULL : PyBool_FromLong(result);
}

/* ---------------------------------------------------------------------------- single elements */

static PyObject *
set_add(PyObject *self, PyObject *key)
{
    if (set_add_key((PySetObject *)self, key) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* A set that is looked for stands for the frozenset of its elements.  Called after a TypeError
   (unhashable): a new frozenset if `key` is a set, else NULL with that exception. */
static PyObject *
stand_in(PyObject *key)
{
    if (!PySet_Check(key) || !PyErr_ExceptionMatches(PyExc_TypeError)) {
        return NULL;
    }
    PyErr_Clear();
    return make_new_set(&PyFrozenSet_Type, key);
}

static int
set_contains(PyObject *self, PyObject *key)
{
    int there = set_contains_key((PySetObject *)self, key);
    if (there < 0) {
        PyObject *frozen = stand_in(key);
        if (frozen == NULL) {
            return -1;
        }
        there = set_contains_key((PySetObject *)self, frozen);
        Py_DECREF(frozen);
    }
    return there;
}

static PyObject *
set_direct_contains(PyObject *self, PyObject *key)
{
    int there = set_contains(self, key);
    return there < 0 ? NULL : PyBool_FromLong(there);
}

static int
discard_any(PyObject *self, PyObject *key)
{
    int gone = set_discard_key((PySetObject *)self, key);
    if (gone < 0) {
        PyObject *frozen = stand_in(key);
        if (frozen == NULL) {
            return -1;
        }
        gone = set_discard_key((PySetObject *)self, frozen);
        Py_DECREF(frozen);
    }
    return gone;
}

static PyObject *
set_remove(PyObject *self, PyObject *key)
{
    int gone = discard_any(self, key);
    if (gone < 0) {
        return NULL;
    }
    if (gone == 0) {
        _PyErr_SetKeyError(key);
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
set_discard(PyObject *self, PyObject *key)
{
    if (discard_any(self, key) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
set_pop(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PySetObject *so = (PySetObject *)self;
    if (so->used == 0) {
        PyErr_SetString(PyExc_KeyError, "pop from an empty set");
        return NULL;
    }
    /* The finger remembers where to go on, so that emptying a set costs O(n). */
    Py_ssize_t i = so->finger & so->mask;
    while (!is_active(&so->table[i])) {
        i = (i + 1) & so->mask;
    }
    setentry *entry = &so->table[i];
    PyObject *key = entry->key;
    entry->key = dummy;
    entry->hash = -1;
    so->used--;
    so->finger = i + 1;
    return key;
}

static PyObject *
set_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *keys = PySequence_List(self);
    if (keys == NULL) {
        return NULL;
    }
    PyObject *state = _PyObject_GetState(self);
    if (state == NULL) {
        Py_DECREF(keys);
        return NULL;
    }
    return Py_BuildValue("O(N)N", Py_TYPE(self), keys, state);
}

static PyObject *
set_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PySetObject *so = (PySetObject *)self;
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize;
    if (so->table != so->smalltable) {
        size += ((size_t)so->mask + 1) * sizeof(setentry);
    }
    return PyLong_FromSize_t(size);
}

/* ------------------------------------------------------------------------------------ the types */

#define CONTAINS_ROW \
    {"__contains__", set_direct_contains, METH_O | METH_COEXIST, \
     PyDoc_STR("x.__contains__(y) <==> y in x.")}
#define COPY_DOC PyDoc_STR("Return a shallow copy of a set.")
#define DIFFERENCE_ROW \
    {"difference", set_difference, METH_VARARGS, \
     PyDoc_STR("Return the difference of two or more sets as a new set.\n\n" \
               "(i.e. all elements that are in this set but not the others.)")}
#define INTERSECTION_ROW \
    {"intersection", set_intersection, METH_VARARGS, \
     PyDoc_STR("Return the intersection of two sets as a new set.\n\n" \
               "(i.e. all elements that are in both sets.)")}
#define ISDISJOINT_ROW \
    {"isdisjoint", set_isdisjoint, METH_O, \
     PyDoc_STR("Return True if two sets have a null intersection.")}
#define ISSUBSET_ROW \
    {"issubset", set_issubset, METH_O, \
     PyDoc_STR("Report whether another set contains this set.")}
#define ISSUPERSET_ROW \
    {"issuperset", set_issuperset, METH_O, \
     PyDoc_STR("Report whether this set contains another set.")}
#define REDUCE_ROW \
    {"__reduce__", set_reduce, METH_NOARGS, PyDoc_STR("Return state information for pickling.")}
#define SIZEOF_ROW \
    {"__sizeof__", set_sizeof, METH_NOARGS, \
     PyDoc_STR("S.__sizeof__() -> size of S in memory, in bytes")}
#define SYMMETRIC_DIFFERENCE_ROW \
    {"symmetric_difference", set_symmetric_difference, METH_O, \
     PyDoc_STR("Return the symmetric difference of two sets as a new set.\n\n" \
               "(i.e. all elements that are in exactly one of the sets.)")}
#define UNION_ROW \
    {"union", set_union, METH_VARARGS, \
     PyDoc_STR("Return the union of sets as a new set.\n\n" \
               "(i.e. all elements that are in either set.)")}
#define CLASS_GETITEM_ROW \
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")}

static const PyMethodDef set_methods[] = {
    {"add", set_add, METH_O,
     PyDoc_STR("Add an element to a set.\n\n"
               "This has no effect if the element is already present.")},
    {"clear", set_clear, METH_NOARGS, PyDoc_STR("Remove all elements from this set.")},
    CONTAINS_ROW,
    {"copy", set_copy, METH_NOARGS, COPY_DOC},
    {"discard", set_discard, METH_O,
     PyDoc_STR("Remove an element from a set if it is a member.\n\n"
               "Unlike set.remove(), the discard() method does not raise\n"
               "an exception when an element is missing from the set.")},
    DIFFERENCE_ROW,
    {"difference_update", set_difference_update, METH_VARARGS,
     PyDoc_STR("Remove all elements of another set from this set.")},
    INTERSECTION_ROW,
    {"intersection_update", set_intersection_update, METH_VARARGS,
     PyDoc_STR("Update a set with the intersection of itself and another.")},
    ISDISJOINT_ROW,
    ISSUBSET_ROW,
    ISSUPERSET_ROW,
    {"pop", set_pop, METH_NOARGS,
     PyDoc_STR("Remove and return an arbitrary set element.\n"
               "Raises KeyError if the set is empty.")},
    REDUCE_ROW,
    {"remove", set_remove, METH_O,
     PyDoc_STR("Remove an element from a set; it must be a member.\n\n"
               "If the element is not a member, raise a KeyError.")},
    SIZEOF_ROW,
    SYMMETRIC_DIFFERENCE_ROW,
    {"symmetric_difference_update", set_symmetric_difference_update, METH_O,
     PyDoc_STR("Update a set with the symmetric difference of itself and another.")},
    UNION_ROW,
    {"update", set_update, METH_VARARGS,
     PyDoc_STR("Update a set with the union of itself and others.")},
    CLASS_GETITEM_ROW,
    {NULL, NULL}
};

static const PyMethodDef frozenset_methods[] = {
    CONTAINS_ROW,
    {"copy", frozenset_copy, METH_NOARGS, COPY_DOC},
    DIFFERENCE_ROW,
    INTERSECTION_ROW,
    ISDISJOINT_ROW,
    ISSUBSET_ROW,
    ISSUPERSET_ROW,
    REDUCE_ROW,
    SIZEOF_ROW,
    SYMMETRIC_DIFFERENCE_ROW,
    UNION_ROW,
    CLASS_GETITEM_ROW,
    {NULL, NULL}
};

static _Py_SHARED PySequenceMethods set_as_sequence = {
    .sq_length = set_len,
    .sq_contains = set_contains,
};

static _Py_SHARED PySequenceMethods frozenset_as_sequence = {
    .sq_length = set_len,
    .sq_contains = set_contains,
};

static _Py_SHARED PyNumberMethods set_as_number = {
    .nb_subtract = set_sub,
    .nb_and = set_and,
    .nb_xor = set_xor,
    .nb_or = set_or,
    .nb_inplace_subtract = set_isub,
    .nb_inplace_and = set_iand,
    .nb_inplace_xor = set_ixor,
    .nb_inplace_or = set_ior,
};

static _Py_SHARED PyNumberMethods frozenset_as_number = {
    .nb_subtract = set_sub,
    .nb_and = set_and,
    .nb_xor = set_xor,
    .nb_or = set_or,
};

PyDoc_STRVAR(set_doc,
"set() -> new empty set object\n\
set(iterable) -> new set object\n\
\n\
Build an unordered collection of unique elements.");

PyDoc_STRVAR(frozenset_doc,
"frozenset() -> empty frozenset object\n\
frozenset(iterable) -> frozenset object\n\
\n\
Build an immutable unordered collection of unique elements.");

_Py_SHARED PyTypeObject PySet_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "set",
    .tp_basicsize = sizeof(PySetObject),
    .tp_dealloc = set_dealloc,
    .tp_repr = set_repr,
    .tp_as_number = &set_as_number,
    .tp_as_sequence = &set_as_sequence,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
                | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = set_doc,
    .tp_traverse = set_traverse,
    .tp_clear = set_clear_internal,
    .tp_richcompare = set_richcompare,
    .tp_weaklistoffset = offsetof(PySetObject, weakreflist),
    .tp_iter = set_iter,
    .tp_methods = (PyMethodDef *)set_methods,
    .tp_init = set_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = set_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = set_vectorcall,
};

_Py_SHARED PyTypeObject PyFrozenSet_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "frozenset",
    .tp_basicsize = sizeof(PySetObject),
    .tp_dealloc = set_dealloc,
    .tp_repr = set_repr,
    .tp_as_number = &frozenset_as_number,
    .tp_as_sequence = &frozenset_as_sequence,
    .tp_hash = frozenset_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
                | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = frozenset_doc,
    .tp_traverse = set_traverse,
    .tp_clear = set_clear_internal,
    .tp_richcompare = set_richcompare,
    .tp_weaklistoffset = offsetof(PySetObject, weakreflist),
    .tp_iter = set_iter,
    .tp_methods = (PyMethodDef *)frozenset_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = frozenset_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = frozenset_vectorcall,
};

/* -------------------------------------------------------------------------------------- C API */

PyObject *
PySet_New(PyObject *iterable)
{
    return make_new_set(&PySet_Type, iterable);
}

PyObject *
PyFrozenSet_New(PyObject *iterable)
{
    return make_new_set(&PyFrozenSet_Type, iterable);
}

Py_ssize_t
PySet_Size(PyObject *anyset)
{
    if (!PyAnySet_Check(anyset)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return set_len(anyset);
}

int
PySet_Clear(PyObject *set)
{
    if (!PySet_Check(set)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return set_clear_internal(set);
}

/* 1, 0, or -1 with an exception (also for an unhashable element). */
int
PySet_Contains(PyObject *anyset, PyObject *key)
{
    if (!PyAnySet_Check(anyset)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return set_contains_key((PySetObject *)anyset, key);
}

int
PySet_Discard(PyObject *set, PyObject *key)
{
    if (!PySet_Check(set)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return set_discard_key((PySetObject *)set, key);
}

/* Also fills a new frozenset that nobody else has seen. */
int
PySet_Add(PyObject *anyset, PyObject *key)
{
    if (!PySet_Check(anyset) && (!PyFrozenSet_Check(anyset) || Py_REFCNT(anyset) != 1)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return set_add_key((PySetObject *)anyset, key);
}

/* Walks over the elements; borrowed.  0 at the end. */
int
_PySet_NextEntry(PyObject *set, Py_ssize_t *pos, PyObject **key, Py_hash_t *hash)
{
    if (!PyAnySet_Check(set)) {
        PyErr_BadInternalCall();
        return -1;
    }
    setentry *entry;
    if (!set_next((PySetObject *)set, pos, &entry)) {
        return 0;
    }
    *key = entry->key;
    *hash = entry->hash;
    return 1;
}

PyObject *
PySet_Pop(PyObject *set)
{
    if (!PySet_Check(set)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return set_pop(set, NULL);
}

int
_PySet_Update(PyObject *set, PyObject *iterable)
{
    if (!PySet_Check(set)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return set_update_internal((PySetObject *)set, iterable);
}
