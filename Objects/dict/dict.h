/* dict.h - what the files of the dict type share.  The structure itself is in pycore_dict.h. */
#ifndef Py_DICT_DICT_H
#define Py_DICT_DICT_H

#include "pycore_dict.h"
#include "pycore_object.h"      // _PyObject_GC_TRACK()
#include "pycore_pystate.h"     // _PyInterpreterState_GET()

#include <stdbool.h>

#define DK_IS_SPLIT(DK) ((DK)->dk_kind == DICT_KEYS_SPLIT)
#define CACHED_KEYS(TP) (((PyHeapTypeObject *)(TP))->ht_cached_keys)

#ifdef Py_DEBUG
#  define ASSERT_CONSISTENT(OP) assert(_PyDict_CheckConsistency((PyObject *)(OP), 0))
#else
#  define ASSERT_CONSISTENT(OP) ((void)0)
#endif

/* ---- keys.c ---- */

/* Makes keys for 2**log2_size slots, empty; NULL with MemoryError. */
extern PyDictKeysObject *_PyDictKeys_New(int log2_size, DictKeysKind kind);
/* Gives back the block of keys whose references have been moved elsewhere. */
extern void _PyDictKeys_FreeBlock(PyDictKeysObject *dk);
/* Copy of an entire table with new references to keys and values. */
extern PyDictKeysObject *_PyDictKeys_Clone(PyDictKeysObject *dk);
extern int _PyDictKeys_Log2For(Py_ssize_t entries);
/* Appends an entry whose key is known not to be there; dk_usable > 0.  Steals both. */
extern void _PyDictKeys_Append(PyDictKeysObject *dk, PyObject *key, Py_hash_t hash,
                               PyObject *value);
/* Slot of the index that refers to entry ix, found by its hash. */
extern size_t _PyDictKeys_FindSlot(const PyDictKeysObject *dk, Py_hash_t hash, Py_ssize_t ix);
extern void _PyDictKeys_SetSlot(PyDictKeysObject *dk, size_t slot, Py_ssize_t ix);
/* Fills the index from the entries 0..n-1, none of them deleted. */
extern void _PyDictKeys_BuildIndex(PyDictKeysObject *dk, Py_ssize_t n);
extern size_t _PyDictKeys_BlockSize(const PyDictKeysObject *dk);
/* Values block for these shared keys, all unset. */
extern PyDictValues *_PyDictValues_New(PyDictKeysObject *keys);
extern void _PyDictValues_RemoveFromOrder(PyDictValues *values, Py_ssize_t ix);
extern size_t _PyDictValues_Size(const PyDictValues *values);

static inline void
dictkeys_incref(PyDictKeysObject *dk)
{
    if (dk->dk_refcnt >= 0) {
        dk->dk_refcnt++;
    }
}

static inline bool
dictkeys_is_empty_static(const PyDictKeysObject *dk)
{
    return dk->dk_refcnt < 0;
}

/* Contents of an index slot. */
static inline Py_ssize_t
dictkeys_slot(const PyDictKeysObject *dk, size_t slot)
{
    const char *index = _DK_INDICES(dk);
    int log2 = DK_LOG_SIZE(dk);
    if (log2 < 8) {
        return ((const int8_t *)index)[slot];
    }
    if (log2 < 16) {
        return ((const int16_t *)index)[slot];
    }
    if (log2 < 32) {
        return ((const int32_t *)index)[slot];
    }
    return (Py_ssize_t)((const int64_t *)index)[slot];
}

/* Distance between the slots that one hash tries: odd, so that all slots are met, and made of
   the bits that did not choose the first slot. */
static inline size_t
dictkeys_stride(Py_hash_t hash)
{
    return (size_t)(((uint64_t)hash * 0x9E3779B97F4A7C15u) >> 32) | 1;
}

static inline Py_hash_t
unicode_cached_hash(PyObject *op)
{
    return __atomic_load_n(&((PyASCIIObject *)op)->hash, __ATOMIC_RELAXED);
}

/* hash(key), -1 with an exception. */
static inline Py_hash_t
dict_hash(PyObject *key)
{
    if (PyUnicode_CheckExact(key)) {
        Py_hash_t hash = unicode_cached_hash(key);
        if (hash != -1) {
            return hash;
        }
    }
    return PyObject_Hash(key);
}

/* Entry number `ix` of any kind of table (combined: value from the entry). */
static inline PyObject *
dictkeys_key(PyDictKeysObject *dk, Py_ssize_t ix, Py_hash_t *hash)
{
    if (DK_IS_UNICODE(dk)) {
        PyObject *key = DK_UNICODE_ENTRIES(dk)[ix].me_key;
        *hash = key == NULL ? -1 : unicode_cached_hash(key);
        return key;
    }
    *hash = DK_ENTRIES(dk)[ix].me_hash;
    return DK_ENTRIES(dk)[ix].me_key;
}

/* Where the value of entry `ix` of a dict is kept. */
static inline PyObject **
dict_value_place(PyDictObject *mp, Py_ssize_t ix)
{
    if (mp->ma_values != NULL) {
        return &mp->ma_values->values[ix];
    }
    if (DK_IS_UNICODE(mp->ma_keys)) {
        return &DK_UNICODE_ENTRIES(mp->ma_keys)[ix].me_value;
    }
    return &DK_ENTRIES(mp->ma_keys)[ix].me_value;
}

/* ---- lookup.c ---- */

/* Entry number of an exact str in a unicode table, DKIX_EMPTY if it is not there. */
extern Py_ssize_t _PyDictKeys_LookupUnicode(PyDictKeysObject *dk, PyObject *key, Py_hash_t hash);

/* ---- iteration over live entries, used by everything that walks a dict ---- */

/* Next live entry at or after *pos in insertion order: 1, with borrowed references; 0 at the
   end.  *pos counts entries of a combined table, set values of a split one. */
static inline int
dict_next(PyDictObject *mp, Py_ssize_t *pos, PyObject **pkey, PyObject **pvalue,
          Py_hash_t *phash)
{
    Py_ssize_t i = *pos;
    PyDictKeysObject *dk = mp->ma_keys;
    assert(i >= 0);
    if (mp->ma_values != NULL) {
        if (i >= mp->ma_used) {
            return 0;
        }
        Py_ssize_t ix = _PyDictValues_Order(mp->ma_values)[i];
        *pkey = DK_UNICODE_ENTRIES(dk)[ix].me_key;
        *pvalue = mp->ma_values->values[ix];
        *phash = unicode_cached_hash(*pkey);
        assert(*pvalue != NULL);
    }
    else if (DK_IS_UNICODE(dk)) {
        PyDictUnicodeEntry *ep = DK_UNICODE_ENTRIES(dk);
        while (i < dk->dk_nentries && ep[i].me_value == NULL) {
            i++;
        }
        if (i >= dk->dk_nentries) {
            return 0;
        }
        *pkey = ep[i].me_key;
        *pvalue = ep[i].me_value;
        *phash = unicode_cached_hash(*pkey);
    }
    else {
        PyDictKeyEntry *ep = DK_ENTRIES(dk);
        while (i < dk->dk_nentries && ep[i].me_value == NULL) {
            i++;
        }
        if (i >= dk->dk_nentries) {
            return 0;
        }
        *pkey = ep[i].me_key;
        *pvalue = ep[i].me_value;
        *phash = ep[i].me_hash;
    }
    *pos = i + 1;
    return 1;
}

/* ---- dictobject.c ---- */

/* New dict; takes over the keys and the values block, also when it fails. */
extern PyObject *_PyDict_NewObject(PyDictKeysObject *keys, PyDictValues *values,
                                   Py_ssize_t used);
/* Sets an item; steals key and value. */
extern int _PyDict_InsertTake2(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject *value);
/* Takes out the entry `ix`, telling watchers; returns the value as a new reference. */
extern PyObject *_PyDict_RemoveEntry(PyDictObject *mp, Py_hash_t hash, Py_ssize_t ix);
/* Gives a split dict a table of its own.  0, or -1 with MemoryError. */
extern int _PyDict_Combine(PyDictObject *mp);

/* ---- instance.c ---- */

/* Adds a name to shared keys if there is room; its entry number or DKIX_EMPTY. */
extern Py_ssize_t _PyDictKeys_AddShared(PyDictKeysObject *keys, PyObject *name);

/* ---- views.c ---- */

extern PyObject *_PyDict_KeysView(PyObject *dict, PyObject *ignored);
extern PyObject *_PyDict_ItemsView(PyObject *dict, PyObject *ignored);
extern PyObject *_PyDict_ValuesView(PyObject *dict, PyObject *ignored);
extern PyObject *_PyDict_IterKeys(PyObject *dict);
extern PyObject *_PyDict_ReverseIterKeys(PyObject *dict, PyObject *ignored);

#endif /* !Py_DICT_DICT_H */
