/* dictobject.c - the dict type: objects, items, merging, methods.
 *
 * The structure is described in pycore_dict.h; keys.c has the tables, lookup.c the search,
 * views.c iterators and views, instance.c the dicts of instances, watch.c the watchers, all in
 * Objects/dict/.
 *
 * Every change goes this way: look the key up, tell the watchers (_PyDict_NotifyEvent), store,
 * set the version tag, and only then release what was replaced, because releasing runs code.
 * Invariants: _PyDict_CheckConsistency().
 *
 * Written from the library reference (Mapping Types), the C API reference (Dictionary Objects),
 * PEPs 412, 468, 509, 584, the fact tables and observed messages.
 */
#include "Python.h"
#include "pycore_freelist.h"    // free list "dicts"
#include "pycore_strings.h"     // _Py_ID()
#include "dict/dict.h"

#include "sig/dictobject.sig.h"

/* ------------------------------------------------------------------------ birth and death */

PyObject *
_PyDict_NewObject(PyDictKeysObject *keys, PyDictValues *values, Py_ssize_t used)
{
    assert(keys != NULL && (values != NULL) == DK_IS_SPLIT(keys));
    PyThreadState *tstate = _PyThreadState_GET();
    PyDictObject *mp = _Py_FREELIST_POP(PyDictObject, tstate, dicts);
    if (mp != NULL) {
        _PyObject_Init((PyObject *)mp, &PyDict_Type);
    }
    else {
        mp = PyObject_GC_New(PyDictObject, &PyDict_Type);
        if (mp == NULL) {
            _PyDictKeys_DecRef(keys);
            PyMem_Free(values);
            return NULL;
        }
    }
    mp->ma_keys = keys;
    mp->ma_values = values;
    mp->ma_used = used;
    mp->ma_version_tag = DICT_NEXT_VERSION(tstate->interp);
    ASSERT_CONSISTENT(mp);
    return (PyObject *)mp;
}

PyObject *
PyDict_New(void)
{
    return _PyDict_NewObject(_PyDict_EmptyKeys(), NULL, 0);
}

static PyObject *
new_presized(Py_ssize_t entries, DictKeysKind kind)
{
    PyDictKeysObject *keys = _PyDictKeys_New(_PyDictKeys_Log2For(entries), kind);
    return keys == NULL ? NULL : _PyDict_NewObject(keys, NULL, 0);
}

/* New dict with room for `minused` items. */
PyObject *
_PyDict_NewPresized(Py_ssize_t minused)
{
    /* Foreseen sizes can be wrong: no more than 128 KiB are spent on them. */
    const Py_ssize_t limit = 4096;
    if (minused <= 0) {
        return PyDict_New();
    }
    return new_presized(Py_MIN(minused, limit), DICT_KEYS_UNICODE);
}

/* New dict of `length` items whose keys and values lie `offset` apart in two arrays. */
PyObject *
_PyDict_FromItems(PyObject *const *keys, Py_ssize_t keys_offset, PyObject *const *values,
                  Py_ssize_t values_offset, Py_ssize_t length)
{
    DictKeysKind kind = DICT_KEYS_UNICODE;
    for (Py_ssize_t i = 0; i < length && kind == DICT_KEYS_UNICODE; i++) {
        if (!PyUnicode_CheckExact(keys[i * keys_offset])) {
            kind = DICT_KEYS_GENERAL;
        }
    }
    PyObject *dict = length == 0 ? PyDict_New() : new_presized(length, kind);
    if (dict == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        if (PyDict_SetItem(dict, keys[i * keys_offset], values[i * values_offset]) < 0) {
            Py_DECREF(dict);
            return NULL;
        }
    }
    return dict;
}

/* Drops the owned values of a values block, and the block. */
static void
free_values(PyDictValues *values)
{
    for (int i = 0; i < values->capacity; i++) {
        Py_XDECREF(values->values[i]);
    }
    PyMem_Free(values);
}

static void
dict_dealloc(PyObject *self)
{
    PyDictObject *mp = (PyDictObject *)self;
    PyThreadState *tstate = _PyThreadState_GET();
    int watchers = (int)(mp->ma_version_tag & DICT_VERSION_MASK);
    if (watchers) {
        /* Callbacks may look at the dict, even keep it alive. */
        Py_SET_REFCNT(self, 1);
        _PyDict_NotifyEvent(tstate->interp, PyDict_EVENT_DEALLOCATED, mp, NULL, NULL);
        Py_SET_REFCNT(self, Py_REFCNT(self) - 1);
        if (Py_REFCNT(self) > 0) {
            return;
        }
    }
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, dict_dealloc)
    PyDictValues *values = mp->ma_values;
    PyDictKeysObject *keys = mp->ma_keys;
    if (values != NULL) {
        free_values(values);
    }
    if (keys != NULL) {
        _PyDictKeys_DecRef(keys);
    }
    if (!PyDict_CheckExact(self) || !_Py_FREELIST_PUSH_GC(tstate, dicts, self)) {
        Py_TYPE(self)->tp_free(self);
    }
    Py_TRASHCAN_END
}

static int
dict_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyDictObject *mp = (PyDictObject *)self;
    PyDictKeysObject *dk = mp->ma_keys;
    if (mp->ma_values != NULL) {
        for (int i = 0; i < mp->ma_values->capacity; i++) {
            Py_VISIT(mp->ma_values->values[i]);
        }
    }
    else if (DK_IS_UNICODE(dk)) {
        PyDictUnicodeEntry *ep = DK_UNICODE_ENTRIES(dk);
        for (Py_ssize_t i = 0; i < dk->dk_nentries; i++) {
            Py_VISIT(ep[i].me_value);
        }
    }
    else {
        PyDictKeyEntry *ep = DK_ENTRIES(dk);
        for (Py_ssize_t i = 0; i < dk->dk_nentries; i++) {
            Py_VISIT(ep[i].me_value);
            Py_VISIT(ep[i].me_key);
        }
    }
    return 0;
}

static int
dict_tp_clear(PyObject *self)
{
    PyDict_Clear(self);
    return 0;
}

/* ------------------------------------------------------------------------- consistency */

int
_PyDict_CheckConsistency(PyObject *op, int check_content)
{
#define CHECK(EXPR) do { if (!(EXPR)) { _PyObject_ASSERT_FROM(op, EXPR, NULL, __FILE__, \
                                        __LINE__, __func__); } } while (0)
    CHECK(op != NULL && PyDict_Check(op));
    PyDictObject *mp = (PyDictObject *)op;
    PyDictKeysObject *dk = mp->ma_keys;
    bool split = mp->ma_values != NULL;
    CHECK(split == DK_IS_SPLIT(dk));
    CHECK(dk->dk_refcnt != 0 && (split || dictkeys_is_empty_static(dk) || dk->dk_refcnt == 1));
    CHECK(dk->dk_kind <= DICT_KEYS_SPLIT);
    Py_ssize_t room = split ? SHARED_KEYS_MAX_SIZE : USABLE_FRACTION(DK_SIZE(dk));
    CHECK(0 <= dk->dk_usable && 0 <= dk->dk_nentries);
    CHECK(dk->dk_usable + dk->dk_nentries <= room);
    CHECK(0 <= mp->ma_used && mp->ma_used <= dk->dk_nentries);
    if (split) {
        CHECK(mp->ma_used == mp->ma_values->size);
        CHECK(mp->ma_values->size <= mp->ma_values->capacity);
        CHECK(dk->dk_nentries + dk->dk_usable <= mp->ma_values->capacity);
    }
    if (!check_content) {
        return 1;
    }
    for (size_t i = 0; i <= DK_MASK(dk); i++) {
        Py_ssize_t ix = dictkeys_slot(dk, i);
        CHECK(DKIX_DUMMY <= ix && ix < dk->dk_nentries);
    }
    Py_ssize_t live = 0;
    for (Py_ssize_t ix = 0; ix < dk->dk_nentries; ix++) {
        Py_hash_t hash;
        PyObject *key = dictkeys_key(dk, ix, &hash), *value = *dict_value_place(mp, ix);
        CHECK(key == NULL ? value == NULL : hash != -1);
        CHECK(!DK_IS_UNICODE(dk) || key == NULL || PyUnicode_CheckExact(key));
        live += value != NULL;
        CHECK(key == NULL || dictkeys_slot(dk, _PyDictKeys_FindSlot(dk, hash, ix)) == ix);
    }
    CHECK(live == mp->ma_used);
    return 1;
#undef CHECK
}

/* ----------------------------------------------------------------------- tracking by GC */

/* Dicts of atoms are not tracked by the collector; one that gets something else is. */
static inline void
maybe_track(PyDictObject *mp, PyObject *key, PyObject *value)
{
    if (!_PyObject_GC_IS_TRACKED((PyObject *)mp)
        && (_PyObject_GC_MAY_BE_TRACKED(key) || _PyObject_GC_MAY_BE_TRACKED(value)))
    {
        _PyObject_GC_TRACK((PyObject *)mp);
    }
}

/* Untracks an exact dict that holds nothing the collector cares for. */
void
_PyDict_MaybeUntrack(PyObject *op)
{
    if (!PyDict_CheckExact(op) || !_PyObject_GC_IS_TRACKED(op)) {
        return;
    }
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    Py_hash_t hash;
    while (dict_next((PyDictObject *)op, &pos, &key, &value, &hash)) {
        if (_PyObject_GC_MAY_BE_TRACKED(value) || _PyObject_GC_MAY_BE_TRACKED(key)) {
            return;
        }
    }
    _PyObject_GC_UNTRACK(op);
}

/* ------------------------------------------------------------------------------ growing */

/* Rebuilds the table with another size or kind, as a combined one without deleted entries. */
static int
rebuild(PyDictObject *mp, int log2_size, DictKeysKind kind)
{
    PyDictKeysObject *old = mp->ma_keys;
    PyDictValues *values = mp->ma_values;
    assert(kind != DICT_KEYS_SPLIT && (kind == DICT_KEYS_GENERAL || DK_IS_UNICODE(old)));
    PyDictKeysObject *dk = _PyDictKeys_New(log2_size, kind);
    if (dk == NULL) {
        return -1;
    }
    assert(mp->ma_used <= dk->dk_usable);
    Py_ssize_t pos = 0, n = 0;
    PyObject *key, *value;
    Py_hash_t hash;
    while (dict_next(mp, &pos, &key, &value, &hash)) {
        if (values != NULL) {
            Py_INCREF(key);
        }
        if (kind == DICT_KEYS_UNICODE) {
            DK_UNICODE_ENTRIES(dk)[n++] = (PyDictUnicodeEntry){key, value};
        }
        else {
            DK_ENTRIES(dk)[n++] = (PyDictKeyEntry){hash, key, value};
        }
    }
    assert(n == mp->ma_used);
    _PyDictKeys_BuildIndex(dk, n);
    mp->ma_keys = dk;
    mp->ma_values = NULL;
    if (values != NULL) {
        _PyDictKeys_DecRef(old);
        PyMem_Free(values);
    }
    else if (!dictkeys_is_empty_static(old)) {
        /* Its references have moved. */
        assert(old->dk_refcnt == 1);
        _PyDictKeys_FreeBlock(old);
    }
    ASSERT_CONSISTENT(mp);
    return 0;
}

/* Size for a table of its own when a dict leaves the shared keys: it has got unusual keys, and
   more of them are to be expected. */
static int
log2_after_split(PyDictObject *mp, Py_ssize_t entries)
{
    return Py_MAX(_PyDictKeys_Log2For(entries), (int)DK_LOG_SIZE(mp->ma_keys));
}

/* Makes room for more entries: twice what is used, at least. */
static int
grow(PyDictObject *mp, DictKeysKind kind)
{
    Py_ssize_t entries = mp->ma_used * 2;
    int log2 = mp->ma_values != NULL ? log2_after_split(mp, entries)
                                     : _PyDictKeys_Log2For(entries);
    return rebuild(mp, log2, kind);
}

int
_PyDict_Combine(PyDictObject *mp)
{
    if (mp->ma_values == NULL) {
        return 0;
    }
    return rebuild(mp, log2_after_split(mp, mp->ma_used), DICT_KEYS_UNICODE);
}

/* ----------------------------------------------------------------------------- inserting */

/* A new key in a split table: adds it to the shared keys.  0 if they have no room for it. */
static int
insert_split(PyDictObject *mp, PyObject *key, PyObject *value)
{
    Py_ssize_t ix = _PyDictKeys_AddShared(mp->ma_keys, key);
    if (ix < 0) {
        return 0;
    }
    assert(mp->ma_values->values[ix] == NULL);
    uint64_t version = _PyDict_NotifyEvent(_PyInterpreterState_GET(), PyDict_EVENT_ADDED, mp,
                                           key, value);
    mp->ma_values->values[ix] = value;
    _PyDictValues_AddToInsertionOrder(mp->ma_values, ix);
    mp->ma_used++;
    mp->ma_version_tag = version;
    Py_DECREF(key);
    ASSERT_CONSISTENT(mp);
    return 1;
}

/* A new key.  Steals both references. */
static int
insert_new(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject *value)
{
    bool str = PyUnicode_CheckExact(key);
    maybe_track(mp, key, value);
    if (mp->ma_values != NULL) {
        if (str && insert_split(mp, key, value)) {
            return 0;
        }
        if (grow(mp, str ? DICT_KEYS_UNICODE : DICT_KEYS_GENERAL) < 0) {
            goto error;
        }
    }
    PyDictKeysObject *dk = mp->ma_keys;
    if (DK_IS_UNICODE(dk) && !str) {
        if (grow(mp, DICT_KEYS_GENERAL) < 0) {
            goto error;
        }
    }
    else if (dk->dk_usable <= 0 && grow(mp, dk->dk_kind) < 0) {
        goto error;
    }
    uint64_t version = _PyDict_NotifyEvent(_PyInterpreterState_GET(), PyDict_EVENT_ADDED, mp,
                                           key, value);
    _PyDictKeys_Append(mp->ma_keys, key, hash, value);
    mp->ma_used++;
    mp->ma_version_tag = version;
    ASSERT_CONSISTENT(mp);
    return 0;
error:
    Py_DECREF(key);
    Py_DECREF(value);
    return -1;
}

int
_PyDict_InsertTake2(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject *value)
{
    assert(value != NULL && hash != -1);
    _PyObject_ASSERT_OWNER(mp);
    PyObject *old;
    Py_ssize_t ix = _Py_dict_lookup(mp, key, hash, &old);
    if (ix == DKIX_ERROR) {
        Py_DECREF(key);
        Py_DECREF(value);
        return -1;
    }
    if (ix == DKIX_EMPTY) {
        return insert_new(mp, key, hash, value);
    }
    maybe_track(mp, key, value);
    if (old != value) {
        uint64_t version = _PyDict_NotifyEvent(
            _PyInterpreterState_GET(), old == NULL ? PyDict_EVENT_ADDED : PyDict_EVENT_MODIFIED,
            mp, key, value);
        *dict_value_place(mp, ix) = value;
        if (old == NULL) {
            assert(mp->ma_values != NULL);
            _PyDictValues_AddToInsertionOrder(mp->ma_values, ix);
            mp->ma_used++;
        }
        mp->ma_version_tag = version;
        ASSERT_CONSISTENT(mp);
        Py_XDECREF(old);
    }
    else {
        Py_DECREF(value);
    }
    Py_DECREF(key);
    return 0;
}

/* Checks the arguments of the API functions that take a dict. */
#define REQUIRE_DICT(OP, FAIL)                  \
    do {                                        \
        if (!PyDict_Check(OP)) {                \
            PyErr_BadInternalCall();            \
            return (FAIL);                      \
        }                                       \
    } while (0)

int
_PyDict_SetItem_Take2(PyDictObject *mp, PyObject *key, PyObject *value)
{
    assert(PyDict_Check((PyObject *)mp) && key != NULL && value != NULL);
    Py_hash_t hash = dict_hash(key);
    if (hash == -1) {
        Py_DECREF(key);
        Py_DECREF(value);
        return -1;
    }
    return _PyDict_InsertTake2(mp, key, hash, value);
}

/* op[key] = value; 0, or -1 with an exception (TypeError: unhashable). */
int
PyDict_SetItem(PyObject *op, PyObject *key, PyObject *value)
{
    REQUIRE_DICT(op, -1);
    return _PyDict_SetItem_Take2((PyDictObject *)op, Py_NewRef(key), Py_NewRef(value));
}

int
_PyDict_SetItem_KnownHash(PyObject *op, PyObject *key, PyObject *value, Py_hash_t hash)
{
    REQUIRE_DICT(op, -1);
    assert(key != NULL && value != NULL && hash != -1);
    return _PyDict_InsertTake2((PyDictObject *)op, Py_NewRef(key), hash, Py_NewRef(value));
}

/* ------------------------------------------------------------------------------ getting */

/* Value of a key, borrowed; NULL without an exception if it is missing. */
PyObject *
_PyDict_GetItem_KnownHash(PyObject *op, PyObject *key, Py_hash_t hash)
{
    REQUIRE_DICT(op, NULL);
    PyObject *value;
    _Py_dict_lookup((PyDictObject *)op, key, hash, &value);
    return value;
}

PyObject *
PyDict_GetItemWithError(PyObject *op, PyObject *key)
{
    REQUIRE_DICT(op, NULL);
    Py_hash_t hash = dict_hash(key);
    if (hash == -1) {
        return NULL;
    }
    PyObject *value;
    _Py_dict_lookup((PyDictObject *)op, key, hash, &value);
    return value;
}

/* The same, with a KeyError that is not wanted by the caller turned into none. */
PyObject *
_PyDict_GetItemWithError(PyObject *op, PyObject *key)
{
    return PyDict_GetItemWithError(op, key);
}

/* Borrowed; all exceptions are suppressed, and one that was set before is kept. */
PyObject *
PyDict_GetItem(PyObject *op, PyObject *key)
{
    if (!PyDict_Check(op)) {
        return NULL;
    }
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *value = PyDict_GetItemWithError(op, key);
    if (value == NULL || PyErr_Occurred()) {
        PyErr_Clear();
    }
    PyErr_SetRaisedException(exc);
    return value;
}

/* The value of a static identifier, borrowed, for callers that know it is an exact str. */
PyObject *
_PyDict_GetItem_Str(PyDictObject *mp, PyObject *key)
{
    assert(PyUnicode_CheckExact(key));
    Py_hash_t hash = dict_hash(key);
    PyObject *value;
    _Py_dict_lookup(mp, key, hash, &value);
    return value;
}

PyObject *
_PyDict_GetItemIdWithError(PyObject *op, _Py_Identifier *id)
{
    PyObject *key = _PyUnicode_FromId(id);      /* borrowed */
    return key == NULL ? NULL : PyDict_GetItemWithError(op, key);
}

PyObject *
_PyDict_GetItemStringWithError(PyObject *op, const char *name)
{
    PyObject *key = PyUnicode_FromString(name);
    if (key == NULL) {
        return NULL;
    }
    PyObject *value = PyDict_GetItemWithError(op, key);
    Py_DECREF(key);
    return value;
}

PyObject *
PyDict_GetItemString(PyObject *op, const char *name)
{
    PyObject *key = PyUnicode_FromString(name);
    if (key == NULL) {
        PyErr_Clear();
        return NULL;
    }
    PyObject *value = PyDict_GetItem(op, key);
    Py_DECREF(key);
    return value;
}

int
_PyDict_Contains_KnownHash(PyObject *op, PyObject *key, Py_hash_t hash)
{
    PyObject *value;
    Py_ssize_t ix = _Py_dict_lookup((PyDictObject *)op, key, hash, &value);
    return ix == DKIX_ERROR ? -1 : value != NULL;
}

/* 1, 0, or -1 with an exception. */
int
PyDict_Contains(PyObject *op, PyObject *key)
{
    Py_hash_t hash = dict_hash(key);
    return hash == -1 ? -1 : _PyDict_Contains_KnownHash(op, key, hash);
}

int
_PyDict_ContainsId(PyObject *op, _Py_Identifier *id)
{
    PyObject *key = _PyUnicode_FromId(id);
    return key == NULL ? -1 : PyDict_Contains(op, key);
}

int
_PyDict_SetItemId(PyObject *op, _Py_Identifier *id, PyObject *value)
{
    PyObject *key = _PyUnicode_FromId(id);
    return key == NULL ? -1 : PyDict_SetItem(op, key, value);
}

int
PyDict_SetItemString(PyObject *op, const char *name, PyObject *value)
{
    PyObject *key = PyUnicode_FromString(name);
    if (key == NULL) {
        return -1;
    }
    PyUnicode_InternInPlace(&key);
    int err = PyDict_SetItem(op, key, value);
    Py_DECREF(key);
    return err;
}

/* ------------------------------------------------------------------------------ deleting */

PyObject *
_PyDict_RemoveEntry(PyDictObject *mp, Py_hash_t hash, Py_ssize_t ix)
{
    PyDictKeysObject *dk = mp->ma_keys;
    Py_hash_t unused;
    PyObject *key = dictkeys_key(dk, ix, &unused);
    PyObject **place = dict_value_place(mp, ix), *value = *place;
    assert(key != NULL && value != NULL && ix < dk->dk_nentries);
    uint64_t version = _PyDict_NotifyEvent(_PyInterpreterState_GET(), PyDict_EVENT_DELETED, mp,
                                           key, NULL);
    *place = NULL;
    mp->ma_used--;
    mp->ma_version_tag = version;
    if (mp->ma_values != NULL) {
        _PyDictValues_RemoveFromOrder(mp->ma_values, ix);
        ASSERT_CONSISTENT(mp);
        return value;
    }
    _PyDictKeys_SetSlot(dk, _PyDictKeys_FindSlot(dk, hash, ix), DKIX_DUMMY);
    dk->dk_version = 0;
    if (DK_IS_UNICODE(dk)) {
        DK_UNICODE_ENTRIES(dk)[ix].me_key = NULL;
    }
    else {
        DK_ENTRIES(dk)[ix].me_key = NULL;
        DK_ENTRIES(dk)[ix].me_hash = 0;
    }
    ASSERT_CONSISTENT(mp);
    Py_DECREF(key);
    return value;
}

int
_PyDict_DelItem_KnownHash(PyObject *op, PyObject *key, Py_hash_t hash)
{
    REQUIRE_DICT(op, -1);
    PyObject *value;
    Py_ssize_t ix = _Py_dict_lookup((PyDictObject *)op, key, hash, &value);
    if (ix == DKIX_ERROR) {
        return -1;
    }
    if (value == NULL) {
        _PyErr_SetKeyError(key);
        return -1;
    }
    Py_DECREF(_PyDict_RemoveEntry((PyDictObject *)op, hash, ix));
    return 0;
}

/* del op[key]; 0, or -1 with KeyError etc. */
int
PyDict_DelItem(PyObject *op, PyObject *key)
{
    Py_hash_t hash = dict_hash(key);
    return hash == -1 ? -1 : _PyDict_DelItem_KnownHash(op, key, hash);
}

/* The same if `predicate(value)` is positive; its -1 is passed on. */
int
_PyDict_DelItemIf(PyObject *op, PyObject *key, int (*predicate)(PyObject *value))
{
    REQUIRE_DICT(op, -1);
    Py_hash_t hash = dict_hash(key);
    if (hash == -1) {
        return -1;
    }
    PyObject *value;
    Py_ssize_t ix = _Py_dict_lookup((PyDictObject *)op, key, hash, &value);
    if (ix == DKIX_ERROR) {
        return -1;
    }
    if (value == NULL) {
        _PyErr_SetKeyError(key);
        return -1;
    }
    int res = predicate(value);
    if (res <= 0) {
        return res;
    }
    Py_DECREF(_PyDict_RemoveEntry((PyDictObject *)op, hash, ix));
    return 0;
}

int
PyDict_DelItemString(PyObject *op, const char *name)
{
    PyObject *key = PyUnicode_FromString(name);
    if (key == NULL) {
        return -1;
    }
    int err = PyDict_DelItem(op, key);
    Py_DECREF(key);
    return err;
}

int
_PyDict_DelItemId(PyObject *op, _Py_Identifier *id)
{
    PyObject *key = _PyUnicode_FromId(id);
    return key == NULL ? -1 : PyDict_DelItem(op, key);
}

/* Removes all items. */
void
PyDict_Clear(PyObject *op)
{
    if (!PyDict_Check(op)) {
        return;
    }
    PyDictObject *mp = (PyDictObject *)op;
    PyDictKeysObject *keys = mp->ma_keys;
    PyDictValues *values = mp->ma_values;
    if (dictkeys_is_empty_static(keys)) {
        return;
    }
    uint64_t version = _PyDict_NotifyEvent(_PyInterpreterState_GET(), PyDict_EVENT_CLEARED, mp,
                                           NULL, NULL);
    mp->ma_keys = _PyDict_EmptyKeys();
    mp->ma_values = NULL;
    mp->ma_used = 0;
    mp->ma_version_tag = version;
    ASSERT_CONSISTENT(mp);
    if (values != NULL) {
        free_values(values);
    }
    _PyDictKeys_DecRef(keys);
}

/* Takes `key` out: its value as a new reference; without it `deflt`, or KeyError if NULL. */
PyObject *
_PyDict_Pop_KnownHash(PyObject *op, PyObject *key, Py_hash_t hash, PyObject *deflt)
{
    assert(PyDict_Check(op));
    PyDictObject *mp = (PyDictObject *)op;
    PyObject *value;
    Py_ssize_t ix = _Py_dict_lookup(mp, key, hash, &value);
    if (ix == DKIX_ERROR) {
        return NULL;
    }
    if (value == NULL) {
        if (deflt == NULL) {
            _PyErr_SetKeyError(key);
        }
        return Py_XNewRef(deflt);
    }
    return _PyDict_RemoveEntry(mp, hash, ix);
}

PyObject *
_PyDict_Pop(PyObject *op, PyObject *key, PyObject *deflt)
{
    if (((PyDictObject *)op)->ma_used == 0) {
        if (deflt == NULL) {
            _PyErr_SetKeyError(key);
        }
        return Py_XNewRef(deflt);
    }
    Py_hash_t hash = dict_hash(key);
    return hash == -1 ? NULL : _PyDict_Pop_KnownHash(op, key, hash, deflt);
}

/* op[key], set to `deflt` first if it is missing; borrowed. */
PyObject *
_PyDict_SetDefault_KnownHash(PyObject *op, PyObject *key, PyObject *deflt, Py_hash_t hash)
{
    PyDictObject *mp = (PyDictObject *)op;
    PyObject *value;
    Py_ssize_t ix = _Py_dict_lookup(mp, key, hash, &value);
    if (ix == DKIX_ERROR || value != NULL) {
        return value;
    }
    if (ix == DKIX_EMPTY) {
        if (insert_new(mp, Py_NewRef(key), hash, Py_NewRef(deflt)) < 0) {
            return NULL;
        }
        return deflt;
    }
    /* In the shared keys, but not set here. */
    if (_PyDict_InsertTake2(mp, Py_NewRef(key), hash, Py_NewRef(deflt)) < 0) {
        return NULL;
    }
    return deflt;
}

PyObject *
PyDict_SetDefault(PyObject *op, PyObject *key, PyObject *deflt)
{
    REQUIRE_DICT(op, NULL);
    Py_hash_t hash = dict_hash(key);
    return hash == -1 ? NULL : _PyDict_SetDefault_KnownHash(op, key, deflt, hash);
}

/* ---------------------------------------------------------------------- walking, sizes, lists */

int
_PyDict_Next(PyObject *op, Py_ssize_t *ppos, PyObject **pkey, PyObject **pvalue,
             Py_hash_t *phash)
{
    if (!PyDict_Check(op) || *ppos < 0) {
        return 0;
    }
    PyObject *key, *value;
    Py_hash_t hash;
    if (!dict_next((PyDictObject *)op, ppos, &key, &value, &hash)) {
        return 0;
    }
    if (pkey != NULL) {
        *pkey = key;
    }
    if (pvalue != NULL) {
        *pvalue = value;
    }
    if (phash != NULL) {
        *phash = hash;
    }
    return 1;
}

/* Walks over the items; the dict must not change but for the values of existing keys. */
int
PyDict_Next(PyObject *op, Py_ssize_t *ppos, PyObject **pkey, PyObject **pvalue)
{
    return _PyDict_Next(op, ppos, pkey, pvalue, NULL);
}

Py_ssize_t
PyDict_Size(PyObject *op)
{
    if (op == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    REQUIRE_DICT(op, -1);
    return ((PyDictObject *)op)->ma_used;
}

static Py_ssize_t
dict_length(PyObject *self)
{
    return ((PyDictObject *)self)->ma_used;
}

enum list_of { LIST_KEYS, LIST_VALUES, LIST_ITEMS };

/* New list of the keys, values or (key, value) tuples. */
static PyObject *
dict_list(PyDictObject *mp, enum list_of what)
{
    Py_ssize_t n;
again:
    n = mp->ma_used;
    PyObject *list = PyList_New(n);
    if (list == NULL) {
        return NULL;
    }
    if (what == LIST_ITEMS) {
        /* All tuples first: allocation may run a collection, and that may run code. */
        for (Py_ssize_t i = 0; i < n; i++) {
            PyObject *pair = PyTuple_New(2);
            if (pair == NULL) {
                Py_DECREF(list);
                return NULL;
            }
            PyList_SET_ITEM(list, i, pair);
        }
    }
    if (n != mp->ma_used) {
        Py_DECREF(list);
        goto again;
    }
    Py_ssize_t pos = 0, j = 0;
    PyObject *key, *value;
    Py_hash_t hash;
    while (dict_next(mp, &pos, &key, &value, &hash)) {
        if (what == LIST_ITEMS) {
            PyObject *pair = PyList_GET_ITEM(list, j);
            PyTuple_SET_ITEM(pair, 0, Py_NewRef(key));
            PyTuple_SET_ITEM(pair, 1, Py_NewRef(value));
        }
        else {
            PyList_SET_ITEM(list, j, Py_NewRef(what == LIST_KEYS ? key : value));
        }
        j++;
    }
    assert(j == n);
    return list;
}

PyObject *
PyDict_Keys(PyObject *op)
{
    REQUIRE_DICT(op, NULL);
    return dict_list((PyDictObject *)op, LIST_KEYS);
}

PyObject *
PyDict_Values(PyObject *op)
{
    REQUIRE_DICT(op, NULL);
    return dict_list((PyDictObject *)op, LIST_VALUES);
}

PyObject *
PyDict_Items(PyObject *op)
{
    REQUIRE_DICT(op, NULL);
    return dict_list((PyDictObject *)op, LIST_ITEMS);
}

/* True if all keys are strs (subclasses included). */
int
_PyDict_HasOnlyStringKeys(PyObject *op)
{
    assert(PyDict_Check(op));
    if (DK_IS_UNICODE(((PyDictObject *)op)->ma_keys)) {
        return 1;
    }
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    while (PyDict_Next(op, &pos, &key, &value)) {
        if (!PyUnicode_Check(key)) {
            return 0;
        }
    }
    return 1;
}

/* Size in memory of the dict with its own table and values; a share of split keys. */
Py_ssize_t
_PyDict_SizeOf(PyDictObject *mp)
{
    size_t size = (size_t)Py_TYPE(mp)->tp_basicsize;
    if (mp->ma_values != NULL) {
        size += _PyDictValues_Size(mp->ma_values);
    }
    if (mp->ma_keys->dk_refcnt == 1) {
        size += _PyDictKeys_BlockSize(mp->ma_keys);
    }
    return (Py_ssize_t)size;
}

void
_PyDict_DebugMallocStats(FILE *out)
{
    struct _heap *heap = _PyThreadState_GET()->heap;
    _PyDebugAllocatorStats(out, "free PyDictObject", heap->freelists.dicts.count,
                           sizeof(PyDictObject));
}

/* ------------------------------------------------------------------------------ copying */

/* Values block with new references to the same values. */
static PyDictValues *
copy_values(PyDictValues *values)
{
    size_t size = _PyDictValues_Size(values);
    PyDictValues *copy = PyMem_Malloc(size);
    if (copy == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(copy, values, size);
    for (int i = 0; i < copy->capacity; i++) {
        Py_XINCREF(copy->values[i]);
    }
    return copy;
}

/* New exact dict with the same items (not those a subclass pretends to have). */
PyObject *
PyDict_Copy(PyObject *op)
{
    if (op == NULL || !PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyDictObject *mp = (PyDictObject *)op;
    if (mp->ma_used == 0) {
        return PyDict_New();
    }
    PyObject *copy = NULL;
    if (mp->ma_values != NULL) {
        PyDictValues *values = copy_values(mp->ma_values);
        if (values == NULL) {
            return NULL;
        }
        dictkeys_incref(mp->ma_keys);
        copy = _PyDict_NewObject(mp->ma_keys, values, mp->ma_used);
    }
    else if (Py_TYPE(op)->tp_iter == PyDict_Type.tp_iter
             && mp->ma_used >= mp->ma_keys->dk_nentries * 2 / 3)
    {
        /* Few deleted entries: copying the table as it is beats inserting. */
        PyDictKeysObject *keys = _PyDictKeys_Clone(mp->ma_keys);
        if (keys == NULL) {
            return NULL;
        }
        copy = _PyDict_NewObject(keys, NULL, mp->ma_used);
    }
    else {
        copy = PyDict_New();
        if (copy != NULL && PyDict_Merge(copy, op, 1) < 0) {
            Py_CLEAR(copy);
        }
        return copy;
    }
    if (copy != NULL && _PyObject_GC_IS_TRACKED(op)) {
        _PyObject_GC_TRACK(copy);
    }
    return copy;
}

/* ------------------------------------------------------------------------------ merging */

/* What happens to keys that are in both. */
enum override { KEEP_OLD = 0, TAKE_NEW = 1, REFUSE = 2 };

/* An empty dict takes over a copy of another's table.  1 done, 0 not suitable, -1 error. */
static int
merge_by_clone(PyDictObject *a, PyDictObject *b)
{
    PyDictKeysObject *dk = b->ma_keys;
    if (b->ma_values != NULL || b->ma_used != dk->dk_nentries || a->ma_values != NULL
        || (DK_LOG_SIZE(dk) != PyDict_LOG_MINSIZE
            && USABLE_FRACTION(DK_SIZE(dk) / 2) >= b->ma_used))
    {
        return 0;
    }
    uint64_t version = _PyDict_NotifyEvent(_PyInterpreterState_GET(), PyDict_EVENT_CLONED, a,
                                           (PyObject *)b, NULL);
    if (a->ma_used != 0) {
        return 0;
    }
    PyDictKeysObject *keys = _PyDictKeys_Clone(dk);
    if (keys == NULL) {
        return -1;
    }
    PyDictKeysObject *old = a->ma_keys;
    a->ma_keys = keys;
    a->ma_used = b->ma_used;
    a->ma_version_tag = version;
    _PyDictKeys_DecRef(old);
    if (_PyObject_GC_IS_TRACKED((PyObject *)b) && !_PyObject_GC_IS_TRACKED((PyObject *)a)) {
        _PyObject_GC_TRACK((PyObject *)a);
    }
    ASSERT_CONSISTENT(a);
    return 1;
}

static int
merge_item(PyDictObject *a, PyObject *key, Py_hash_t hash, PyObject *value,
           enum override override)
{
    if (override == TAKE_NEW) {
        return _PyDict_InsertTake2(a, Py_NewRef(key), hash, Py_NewRef(value));
    }
    int there = _PyDict_Contains_KnownHash((PyObject *)a, key, hash);
    if (there == 0) {
        return _PyDict_InsertTake2(a, Py_NewRef(key), hash, Py_NewRef(value));
    }
    if (there > 0 && override == REFUSE) {
        _PyErr_SetKeyError(key);
        return -1;
    }
    return there < 0 ? -1 : 0;
}

static int
merge_dict(PyDictObject *a, PyDictObject *b, enum override override)
{
    if (a == b || b->ma_used == 0) {
        return 0;
    }
    if (a->ma_used == 0) {
        override = TAKE_NEW;
        int done = merge_by_clone(a, b);
        if (done) {
            return done < 0 ? -1 : 0;
        }
    }
    /* Room for all at once, if most of the keys are likely to be new. */
    if (a->ma_values == NULL && USABLE_FRACTION(DK_SIZE(a->ma_keys)) < b->ma_used) {
        bool str = DK_IS_UNICODE(b->ma_keys) && DK_IS_UNICODE(a->ma_keys);
        if (rebuild(a, _PyDictKeys_Log2For(a->ma_used + b->ma_used),
                    str ? DICT_KEYS_UNICODE : DICT_KEYS_GENERAL) < 0)
        {
            return -1;
        }
    }
    PyDictKeysObject *keys = b->ma_keys;
    Py_ssize_t pos = 0, used = b->ma_used;
    PyObject *key, *value;
    Py_hash_t hash;
    while (dict_next(b, &pos, &key, &value, &hash)) {
        Py_INCREF(key);
        Py_INCREF(value);
        int err = merge_item(a, key, hash, value, override);
        Py_DECREF(value);
        Py_DECREF(key);
        if (err < 0) {
            return -1;
        }
        if (keys != b->ma_keys || used != b->ma_used) {
            PyErr_SetString(PyExc_RuntimeError, "dict mutated during update");
            return -1;
        }
    }
    return 0;
}

/* Any mapping: by its keys() and []. */
static int
merge_mapping(PyObject *a, PyObject *b, enum override override)
{
    PyObject *keys = PyMapping_Keys(b);
    if (keys == NULL) {
        return -1;
    }
    PyObject *iter = PyObject_GetIter(keys);
    Py_DECREF(keys);
    if (iter == NULL) {
        return -1;
    }
    PyObject *key;
    while ((key = PyIter_Next(iter)) != NULL) {
        if (override != TAKE_NEW) {
            int there = PyDict_Contains(a, key);
            if (there != 0) {
                if (there > 0 && override == REFUSE) {
                    _PyErr_SetKeyError(key);
                }
                Py_DECREF(key);
                if (there > 0 && override == KEEP_OLD) {
                    continue;
                }
                Py_DECREF(iter);
                return -1;
            }
        }
        PyObject *value = PyObject_GetItem(b, key);
        if (value == NULL) {
            Py_DECREF(key);
            break;
        }
        if (_PyDict_SetItem_Take2((PyDictObject *)a, key, value) < 0) {
            break;
        }
    }
    Py_DECREF(iter);
    return PyErr_Occurred() ? -1 : 0;
}

/* Merges mapping b into dict a.  override: 0 keeps old values, 1 takes new ones, 2 raises
   KeyError(key) for a key that is in both. */
int
_PyDict_MergeEx(PyObject *a, PyObject *b, int override)
{
    if (a == NULL || !PyDict_Check(a) || b == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    assert(0 <= override && override <= 2);
    if (PyDict_Check(b) && Py_TYPE(b)->tp_iter == PyDict_Type.tp_iter) {
        return merge_dict((PyDictObject *)a, (PyDictObject *)b, (enum override)override);
    }
    return merge_mapping(a, b, (enum override)override);
}

int
PyDict_Merge(PyObject *a, PyObject *b, int override)
{
    return _PyDict_MergeEx(a, b, override != 0);
}

int
PyDict_Update(PyObject *a, PyObject *b)
{
    return _PyDict_MergeEx(a, b, TAKE_NEW);
}

/* One element of a sequence of pairs; steals `item`. */
static int
merge_pair(PyObject *d, PyObject *item, Py_ssize_t i, int override)
{
    PyObject *fast = PySequence_Fast(item, "");
    Py_DECREF(item);
    if (fast == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError,
                         "cannot convert dictionary update sequence element #%zd to a sequence",
                         i);
        }
        return -1;
    }
    Py_ssize_t n = PySequence_Fast_GET_SIZE(fast);
    int err = -1;
    if (n != 2) {
        PyErr_Format(PyExc_ValueError,
                     "dictionary update sequence element #%zd has length %zd; 2 is required", i,
                     n);
    }
    else {
        PyObject *key = Py_NewRef(PySequence_Fast_GET_ITEM(fast, 0));
        PyObject *value = Py_NewRef(PySequence_Fast_GET_ITEM(fast, 1));
        if (override) {
            err = PyDict_SetItem(d, key, value);
        }
        else {
            err = PyDict_SetDefault(d, key, value) == NULL ? -1 : 0;
        }
        Py_DECREF(key);
        Py_DECREF(value);
    }
    Py_DECREF(fast);
    return err;
}

/* Merges an iterable of (key, value) pairs. */
int
PyDict_MergeFromSeq2(PyObject *d, PyObject *seq2, int override)
{
    assert(d != NULL && PyDict_Check(d) && seq2 != NULL);
    PyObject *iter = PyObject_GetIter(seq2);
    if (iter == NULL) {
        return -1;
    }
    PyObject *item;
    for (Py_ssize_t i = 0; (item = PyIter_Next(iter)) != NULL; i++) {
        if (merge_pair(d, item, i, override) < 0) {
            break;
        }
    }
    Py_DECREF(iter);
    return PyErr_Occurred() ? -1 : 0;
}

/* Positional argument of dict() and update(): a mapping if it has keys(), else pairs. */
static int
update_from(PyObject *self, PyObject *arg)
{
    if (PyDict_CheckExact(arg)) {
        return PyDict_Merge(self, arg, 1);
    }
    PyObject *keys;
    int has = _PyObject_LookupAttr(arg, &_Py_ID(keys), &keys);
    if (has < 0) {
        return -1;
    }
    if (has > 0) {
        Py_DECREF(keys);
        return PyDict_Merge(self, arg, 1);
    }
    return PyDict_MergeFromSeq2(self, arg, 1);
}

static int
update_common(PyObject *self, PyObject *args, PyObject *kwds, const char *name)
{
    PyObject *arg = NULL;
    if (!PyArg_UnpackTuple(args, name, 0, 1, &arg)) {
        return -1;
    }
    if (arg != NULL && update_from(self, arg) < 0) {
        return -1;
    }
    if (kwds == NULL) {
        return 0;
    }
    return PyArg_ValidateKeywordArguments(kwds) ? PyDict_Merge(self, kwds, 1) : -1;
}

/* ------------------------------------------------------------------------------- methods */

/* d.fromkeys() when the result is an exact dict and the source a dict or set. */
static int
fill_from_keys(PyDictObject *mp, PyObject *iterable, PyObject *value)
{
    Py_ssize_t pos = 0;
    PyObject *key, *old;
    Py_hash_t hash;
    if (PyDict_CheckExact(iterable)) {
        while (_PyDict_Next(iterable, &pos, &key, &old, &hash)) {
            if (_PyDict_InsertTake2(mp, Py_NewRef(key), hash, Py_NewRef(value)) < 0) {
                return -1;
            }
        }
    }
    else {
        while (_PySet_NextEntry(iterable, &pos, &key, &hash)) {
            if (_PyDict_InsertTake2(mp, Py_NewRef(key), hash, Py_NewRef(value)) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

/* New mapping of class `cls` with the keys of an iterable, all with the same value. */
PyObject *
_PyDict_FromKeys(PyObject *cls, PyObject *iterable, PyObject *value)
{
    PyObject *d = PyObject_CallNoArgs(cls), *iter = NULL, *key;
    if (d == NULL) {
        return NULL;
    }
    bool exact = PyDict_CheckExact(d);
    if (exact && ((PyDictObject *)d)->ma_used == 0
        && (PyDict_CheckExact(iterable) || PyAnySet_CheckExact(iterable)))
    {
        if (fill_from_keys((PyDictObject *)d, iterable, value) < 0) {
            goto error;
        }
        return d;
    }
    iter = PyObject_GetIter(iterable);
    if (iter == NULL) {
        goto error;
    }
    while ((key = PyIter_Next(iter)) != NULL) {
        int err = exact ? PyDict_SetItem(d, key, value) : PyObject_SetItem(d, key, value);
        Py_DECREF(key);
        if (err < 0) {
            goto error;
        }
    }
    if (PyErr_Occurred()) {
        goto error;
    }
    Py_DECREF(iter);
    return d;
error:
    Py_XDECREF(iter);
    Py_DECREF(d);
    return NULL;
}

/*sig @classmethod dict.fromkeys(type, iterable, value=None, /)

Create a new dictionary with keys from iterable and values set to value.
*/
static PyObject *
dict_fromkeys_impl(PyTypeObject *type, PyObject *iterable, PyObject *value)
{
    return _PyDict_FromKeys((PyObject *)type, iterable, value);
}

/*sig @coexist dict.__contains__(self, key, /)

True if the dictionary has the specified key, else False.
*/
static PyObject *
dict___contains___impl(PyObject *self, PyObject *key)
{
    int there = PyDict_Contains(self, key);
    return there < 0 ? NULL : PyBool_FromLong(there);
}

/*sig dict.get(self, key, default=None, /)

Return the value for key if key is in the dictionary, else default.
*/
static PyObject *
dict_get_impl(PyObject *self, PyObject *key, PyObject *default_value)
{
    PyObject *value;
    Py_hash_t hash = dict_hash(key);
    if (hash == -1 || _Py_dict_lookup((PyDictObject *)self, key, hash, &value) == DKIX_ERROR) {
        return NULL;
    }
    return Py_NewRef(value == NULL ? default_value : value);
}

/*sig dict.setdefault(self, key, default=None, /)

Insert key with a value of default if key is not in the dictionary.

Return the value for key if key is in the dictionary, else default.
*/
static PyObject *
dict_setdefault_impl(PyObject *self, PyObject *key, PyObject *default_value)
{
    return Py_XNewRef(PyDict_SetDefault(self, key, default_value));
}

/*sig dict.pop(self, key, default=NULL, /)

D.pop(k[,d]) -> v, remove specified key and return the corresponding value.

If the key is not found, return the default if given; otherwise,
raise a KeyError.
*/
static PyObject *
dict_pop_impl(PyObject *self, PyObject *key, PyObject *default_value)
{
    return _PyDict_Pop(self, key, default_value);
}

/*sig dict.popitem(self)

Remove and return a (key, value) pair as a 2-tuple.

Pairs are returned in LIFO (last-in, first-out) order.
Raises KeyError if the dict is empty.
*/
static PyObject *
dict_popitem_impl(PyDictObject *self)
{
    /* The tuple first, because making it may run code. */
    PyObject *pair = PyTuple_New(2);
    if (pair == NULL) {
        return NULL;
    }
    if (self->ma_used == 0) {
        PyErr_SetString(PyExc_KeyError, "popitem(): dictionary is empty");
        goto error;
    }
    if (_PyDict_Combine(self) < 0) {
        goto error;
    }
    PyDictKeysObject *dk = self->ma_keys;
    Py_ssize_t ix = dk->dk_nentries - 1;
    while (*dict_value_place(self, ix) == NULL) {
        ix--;
        assert(ix >= 0);
    }
    Py_hash_t hash;
    PyObject *key = Py_NewRef(dictkeys_key(dk, ix, &hash));
    PyObject *value = _PyDict_RemoveEntry(self, hash, ix);
    /* Nothing behind it is alive: forget those entries (their slots stay dummies). */
    assert(dk == self->ma_keys);
    dk->dk_nentries = ix;
    PyTuple_SET_ITEM(pair, 0, key);
    PyTuple_SET_ITEM(pair, 1, value);
    return pair;
error:
    Py_DECREF(pair);
    return NULL;
}

/*sig dict.__reversed__(self)

Return a reverse iterator over the dict keys.
*/
static PyObject *
dict___reversed___impl(PyObject *self)
{
    return _PyDict_ReverseIterKeys(self, NULL);
}

static PyObject *
dict_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSsize_t(_PyDict_SizeOf((PyDictObject *)self));
}

static PyObject *
dict_clear(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyDict_Clear(self);
    Py_RETURN_NONE;
}

static PyObject *
dict_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyDict_Copy(self);
}

static PyObject *
dict_update(PyObject *self, PyObject *args, PyObject *kwds)
{
    if (update_common(self, args, kwds, "update") < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
dict_subscript(PyObject *self, PyObject *key)
{
    Py_hash_t hash = dict_hash(key);
    PyObject *value;
    if (hash == -1 || _Py_dict_lookup((PyDictObject *)self, key, hash, &value) == DKIX_ERROR) {
        return NULL;
    }
    if (value != NULL) {
        return Py_NewRef(value);
    }
    if (!PyDict_CheckExact(self)) {
        PyObject *missing = _PyObject_LookupSpecial(self, &_Py_ID(__missing__));
        if (missing != NULL) {
            PyObject *result = PyObject_CallOneArg(missing, key);
            Py_DECREF(missing);
            return result;
        }
        if (PyErr_Occurred()) {
            return NULL;
        }
    }
    _PyErr_SetKeyError(key);
    return NULL;
}

static int
dict_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    return value == NULL ? PyDict_DelItem(self, key) : PyDict_SetItem(self, key, value);
}

static PyObject *
dict_or(PyObject *self, PyObject *other)
{
    if (!PyDict_Check(self) || !PyDict_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *result = PyDict_Copy(self);
    if (result != NULL && update_from(result, other) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
dict_ior(PyObject *self, PyObject *other)
{
    if (update_from(self, other) < 0) {
        return NULL;
    }
    return Py_NewRef(self);
}

/* --------------------------------------------------------------------- repr and comparison */

static int
write_item(_PyUnicodeWriter *writer, PyObject *key, PyObject *value, bool first)
{
    if (!first && _PyUnicodeWriter_WriteASCIIString(writer, ", ", 2) < 0) {
        return -1;
    }
    PyObject *s = PyObject_Repr(key);
    if (s == NULL) {
        return -1;
    }
    int err = _PyUnicodeWriter_WriteStr(writer, s);
    Py_DECREF(s);
    if (err < 0 || _PyUnicodeWriter_WriteASCIIString(writer, ": ", 2) < 0) {
        return -1;
    }
    s = PyObject_Repr(value);
    if (s == NULL) {
        return -1;
    }
    err = _PyUnicodeWriter_WriteStr(writer, s);
    Py_DECREF(s);
    return err;
}

static PyObject *
dict_repr(PyObject *self)
{
    PyDictObject *mp = (PyDictObject *)self;
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("{...}") : NULL;
    }
    if (mp->ma_used == 0) {
        Py_ReprLeave(self);
        return PyUnicode_FromString("{}");
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    /* "{" + "1: 2" + ", 3: 4" * (len - 1) + "}" */
    writer.min_length = 1 + 4 + (2 + 4) * (mp->ma_used - 1) + 1;
    int err = _PyUnicodeWriter_WriteChar(&writer, '{');
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    Py_hash_t hash;
    bool first = true;
    /* repr() may change the dict: the position stays valid in any table. */
    while (err == 0 && dict_next(mp, &pos, &key, &value, &hash)) {
        Py_INCREF(key);
        Py_INCREF(value);
        err = write_item(&writer, key, value, first);
        Py_DECREF(key);
        Py_DECREF(value);
        first = false;
    }
    if (err == 0) {
        writer.overallocate = 0;
        err = _PyUnicodeWriter_WriteChar(&writer, '}');
    }
    Py_ReprLeave(self);
    if (err < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

/* 1 equal, 0 not, -1 exception. */
static int
dict_equal(PyDictObject *a, PyDictObject *b)
{
    if (a->ma_used != b->ma_used) {
        return 0;
    }
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
        Py_DECREF(key);
        Py_DECREF(value);
        if (equal <= 0) {
            return equal;
        }
    }
    return 1;
}

static PyObject *
dict_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyDict_Check(self) || !PyDict_Check(other) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int equal = dict_equal((PyDictObject *)self, (PyDictObject *)other);
    return equal < 0 ? NULL : PyBool_FromLong(equal == (op == Py_EQ));
}

/* ------------------------------------------------------------------------------ the type */

static PyObject *
dict_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    PyObject *self = type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    PyDictObject *mp = (PyDictObject *)self;
    mp->ma_used = 0;
    mp->ma_version_tag = DICT_NEXT_VERSION(_PyInterpreterState_GET());
    mp->ma_keys = _PyDict_EmptyKeys();
    mp->ma_values = NULL;
    if (type == &PyDict_Type) {
        /* tp_alloc tracked it; an empty dict need not be. */
        _PyObject_GC_UNTRACK(self);
    }
    ASSERT_CONSISTENT(mp);
    return self;
}

static int
dict_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    return update_common(self, args, kwds, "dict");
}

static PyObject *
dict_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (nargs > 1) {
        PyErr_Format(PyExc_TypeError, "dict expected at most 1 argument, got %zd", nargs);
        return NULL;
    }
    PyObject *self = dict_new((PyTypeObject *)type, NULL, NULL);
    if (self == NULL) {
        return NULL;
    }
    if (nargs == 1) {
        if (update_from(self, args[0]) < 0) {
            Py_DECREF(self);
            return NULL;
        }
        args++;
    }
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    for (Py_ssize_t i = 0; i < nkw; i++) {
        PyObject *key = PyTuple_GET_ITEM(kwnames, i);
        if (_PyDict_SetItem_Take2((PyDictObject *)self, Py_NewRef(key),
                                  Py_NewRef(args[i])) < 0)
        {
            Py_DECREF(self);
            return NULL;
        }
    }
    return self;
}

static const PyMethodDef dict_methods[] = {
    DICT___CONTAINS___METHODDEF
    {"__getitem__", dict_subscript, METH_O | METH_COEXIST,
     PyDoc_STR("__getitem__($self, key, /)\n--\n\nReturn self[key].")},
    {"__sizeof__", dict_sizeof, METH_NOARGS,
     PyDoc_STR("D.__sizeof__() -> size of D in memory, in bytes")},
    DICT_GET_METHODDEF
    DICT_SETDEFAULT_METHODDEF
    DICT_POP_METHODDEF
    DICT_POPITEM_METHODDEF
    {"keys", _PyDict_KeysView, METH_NOARGS,
     PyDoc_STR("D.keys() -> a set-like object providing a view on D's keys")},
    {"items", _PyDict_ItemsView, METH_NOARGS,
     PyDoc_STR("D.items() -> a set-like object providing a view on D's items")},
    {"values", _PyDict_ValuesView, METH_NOARGS,
     PyDoc_STR("D.values() -> an object providing a view on D's values")},
    {"update", (PyCFunction)(void (*)(void))dict_update, METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("D.update([E, ]**F) -> None.  Update D from dict/iterable E and F.\n"
               "If E is present and has a .keys() method, then does:  for k in E: D[k] = E[k]\n"
               "If E is present and lacks a .keys() method, then does:  "
               "for k, v in E: D[k] = v\n"
               "In either case, this is followed by: for k in F:  D[k] = F[k]")},
    DICT_FROMKEYS_METHODDEF
    {"clear", dict_clear, METH_NOARGS, PyDoc_STR("D.clear() -> None.  Remove all items from D.")},
    {"copy", dict_copy, METH_NOARGS, PyDoc_STR("D.copy() -> a shallow copy of D")},
    DICT___REVERSED___METHODDEF
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL, NULL}
};

PyDoc_STRVAR(dict_doc,
"dict() -> new empty dictionary\n"
"dict(mapping) -> new dictionary initialized from a mapping object's\n"
"    (key, value) pairs\n"
"dict(iterable) -> new dictionary initialized as if via:\n"
"    d = {}\n"
"    for k, v in iterable:\n"
"        d[k] = v\n"
"dict(**kwargs) -> new dictionary initialized with the name=value pairs\n"
"    in the keyword argument list.  For example:  dict(one=1, two=2)");

static _Py_SHARED PySequenceMethods dict_as_sequence = {
    .sq_contains = PyDict_Contains,
};

static _Py_SHARED PyMappingMethods dict_as_mapping = {
    .mp_length = dict_length,
    .mp_subscript = dict_subscript,
    .mp_ass_subscript = dict_ass_subscript,
};

static _Py_SHARED PyNumberMethods dict_as_number = {
    .nb_or = dict_or,
    .nb_inplace_or = dict_ior,
};

_Py_SHARED PyTypeObject PyDict_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "dict",
    .tp_basicsize = sizeof(PyDictObject),
    .tp_dealloc = dict_dealloc,
    .tp_repr = dict_repr,
    .tp_as_number = &dict_as_number,
    .tp_as_sequence = &dict_as_sequence,
    .tp_as_mapping = &dict_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
                | Py_TPFLAGS_DICT_SUBCLASS | _Py_TPFLAGS_MATCH_SELF | Py_TPFLAGS_MAPPING,
    .tp_doc = dict_doc,
    .tp_traverse = dict_traverse,
    .tp_clear = dict_tp_clear,
    .tp_richcompare = dict_richcompare,
    .tp_iter = _PyDict_IterKeys,
    .tp_methods = (PyMethodDef *)dict_methods,
    .tp_init = dict_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = dict_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = dict_vectorcall,
};
