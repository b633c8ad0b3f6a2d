/* lookup.c - finding keys.
 *
 * Comparing keys may run Python code that changes the dict.  Functions that compare hold a
 * reference to the key they compare with, and look afterwards whether the keys object and the
 * entry are still what they were; if not they report DKIX_KEY_CHANGED and the lookup starts
 * again.  Exact strs compare without running code, so in a table of strs nothing can happen.
 */
#include "Python.h"
#include "pycore_shared.h"      // _Py_IsShared()
#include "dict.h"

/* Equality of exact strs with equal hashes. */
static inline bool
unicode_same(PyObject *a, PyObject *b)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(a);
    int kind = PyUnicode_KIND(a);
    return n == PyUnicode_GET_LENGTH(b) && kind == (int)PyUnicode_KIND(b)
           && memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b), (size_t)(n * kind)) == 0;
}

Py_ssize_t
_PyDictKeys_LookupUnicode(PyDictKeysObject *dk, PyObject *key, Py_hash_t hash)
{
    assert(PyUnicode_CheckExact(key) && DK_IS_UNICODE(dk));
    PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(dk);
    size_t mask = DK_MASK(dk), i = (size_t)hash & mask, stride = 0;
    for (;;) {
        Py_ssize_t ix = dictkeys_slot(dk, i);
        if (ix >= 0) {
            PyObject *have = entries[ix].me_key;
            assert(have != NULL);
            if (have == key || (unicode_cached_hash(have) == hash && unicode_same(have, key))) {
                return ix;
            }
        }
        else if (ix == DKIX_EMPTY) {
            return DKIX_EMPTY;
        }
        if (stride == 0) {
            stride = dictkeys_stride(hash);
        }
        i = (i + stride) & mask;
    }
}

/* Compares `key` with the key of an entry by ==.  1 equal, 0 not, or a negative DKIX_*. */
static Py_ssize_t
compare_entry(PyDictObject *mp, PyDictKeysObject *dk, Py_ssize_t ix, PyObject *key)
{
    Py_hash_t unused;
    PyObject *have = dictkeys_key(dk, ix, &unused);
    if (PyUnicode_CheckExact(have) && PyUnicode_CheckExact(key)) {
        return unicode_same(have, key);
    }
    Py_INCREF(have);
    int equal = PyObject_RichCompareBool(have, key, Py_EQ);
    Py_ssize_t result = equal < 0 ? DKIX_ERROR : equal;
    /* `dk` may be freed by now, unless it is still the dict's. */
    if (equal >= 0 && (dk != mp->ma_keys || ix >= dk->dk_nentries
                       || dictkeys_key(dk, ix, &unused) != have))
    {
        result = DKIX_KEY_CHANGED;
    }
    Py_DECREF(have);
    return result;
}

/* Any key in any table. */
static Py_ssize_t
lookup_generic(PyDictObject *mp, PyDictKeysObject *dk, PyObject *key, Py_hash_t hash)
{
    size_t mask = DK_MASK(dk), i = (size_t)hash & mask, stride = dictkeys_stride(hash);
    for (;; i = (i + stride) & mask) {
        Py_ssize_t ix = dictkeys_slot(dk, i);
        if (ix == DKIX_EMPTY) {
            return DKIX_EMPTY;
        }
        if (ix < 0) {
            continue;
        }
        Py_hash_t have_hash;
        PyObject *have = dictkeys_key(dk, ix, &have_hash);
        if (have == key) {
            return ix;
        }
        if (have_hash == hash) {
            Py_ssize_t equal = compare_entry(mp, dk, ix, key);
            if (equal != 0) {
                return equal > 0 ? ix : equal;
            }
        }
    }
}

Py_ssize_t
_Py_dict_lookup(PyDictObject *mp, PyObject *key, Py_hash_t hash, PyObject **value_addr)
{
    assert(hash != -1);
    Py_ssize_t ix;
    do {
        PyDictKeysObject *dk = mp->ma_keys;
        if (DK_IS_UNICODE(dk) && PyUnicode_CheckExact(key)) {
            ix = _PyDictKeys_LookupUnicode(dk, key, hash);
        }
        else {
            ix = lookup_generic(mp, dk, key, hash);
        }
    } while (ix == DKIX_KEY_CHANGED);
    *value_addr = ix >= 0 ? *dict_value_place(mp, ix) : NULL;
    return ix;
}

/* Entry number of a key, DKIX_EMPTY, or DKIX_ERROR with an exception. */
Py_ssize_t
_PyDict_LookupIndex(PyDictObject *mp, PyObject *key)
{
    PyObject *value;
    Py_hash_t hash = dict_hash(key);
    return hash == -1 ? DKIX_ERROR : _Py_dict_lookup(mp, key, hash, &value);
}

Py_ssize_t
_PyDictKeys_StringLookup(PyDictKeysObject *dk, PyObject *key)
{
    if (!DK_IS_UNICODE(dk)) {
        return DKIX_ERROR;
    }
    Py_hash_t hash = dict_hash(key);
    if (hash == -1) {
        PyErr_Clear();
        return DKIX_ERROR;
    }
    return _PyDictKeys_LookupUnicode(dk, key, hash);
}

PyObject *
_PyDict_LoadGlobal(PyDictObject *globals, PyDictObject *builtins, PyObject *key)
{
    Py_hash_t hash = dict_hash(key);
    if (hash == -1) {
        return NULL;
    }
    PyObject *value;
    Py_ssize_t ix = _Py_dict_lookup(globals, key, hash, &value);
    if (ix == DKIX_ERROR || value != NULL) {
        return value;
    }
    ix = _Py_dict_lookup(builtins, key, hash, &value);
    assert(ix >= 0 || value == NULL);
    return value;
}

uint32_t
_PyDictKeys_GetVersionForCurrentState(PyInterpreterState *interp, PyDictKeysObject *dk)
{
    if (dk->dk_version != 0) {
        return dk->dk_version;
    }
    /* Keys of shared dicts are not written to; 0: the numbers of the heap are used up. */
    struct _heap *heap = interp->heap;
    if (heap->next_keys_version == 0 || _Py_IsShared(dk)) {
        return 0;
    }
    dk->dk_version = heap->next_keys_version++;
    return dk->dk_version;
}
