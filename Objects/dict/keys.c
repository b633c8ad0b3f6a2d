/* keys.c - keys objects and values blocks: memory, index, growth.
 *
 * The index is probed by double hashing: the low bits of the hash choose the first slot, an odd
 * stride made of its other bits the next ones.  At most two thirds of the slots are ever taken
 * (deleted ones included), so every probe meets an empty slot.  Entries are only appended; a
 * table without room is rebuilt, which also drops the deleted ones.
 */
#include "Python.h"
#include "pycore_freelist.h"    // free list "dictkeys"
#include "dict.h"

/* ------------------------------------------------------------------------ the empty keys */

/* Constant data: eight empty slots in front of a header without room. */
static const struct {
    int8_t index[PyDict_MINSIZE];
    PyDictKeysObject keys;
} empty_keys = {
    {DKIX_EMPTY, DKIX_EMPTY, DKIX_EMPTY, DKIX_EMPTY,
     DKIX_EMPTY, DKIX_EMPTY, DKIX_EMPTY, DKIX_EMPTY},
    {
        .dk_refcnt = -1,
        .dk_log2_size = PyDict_LOG_MINSIZE,
        .dk_log2_index_bytes = PyDict_LOG_MINSIZE,
        .dk_kind = DICT_KEYS_UNICODE,
        .dk_version = 1,
        .dk_usable = 0,
        .dk_nentries = 0,
    },
};

PyDictKeysObject *
_PyDict_EmptyKeys(void)
{
    return (PyDictKeysObject *)&empty_keys.keys;
}

/* ---------------------------------------------------------------------------- memory */

static Py_ssize_t
room_for(int log2_size, DictKeysKind kind)
{
    /* Split keys have a large index for few entries: it stays fast and never grows. */
    return kind == DICT_KEYS_SPLIT ? SHARED_KEYS_MAX_SIZE
                                   : USABLE_FRACTION((Py_ssize_t)1 << log2_size);
}

static size_t
entry_size(DictKeysKind kind)
{
    return kind == DICT_KEYS_GENERAL ? sizeof(PyDictKeyEntry) : sizeof(PyDictUnicodeEntry);
}

size_t
_PyDictKeys_BlockSize(const PyDictKeysObject *dk)
{
    return DK_INDEX_BYTES(dk) + sizeof(PyDictKeysObject)
           + (size_t)room_for(dk->dk_log2_size, dk->dk_kind) * entry_size(dk->dk_kind);
}

PyDictKeysObject *
_PyDictKeys_New(int log2_size, DictKeysKind kind)
{
    assert(log2_size >= PyDict_LOG_MINSIZE);
    int width = log2_size < 8 ? 0 : log2_size < 16 ? 1 : log2_size < 32 ? 2 : 3;
    if (log2_size > 55) {
        PyErr_NoMemory();
        return NULL;
    }
    size_t index_bytes = (size_t)1 << (log2_size + width);
    Py_ssize_t room = room_for(log2_size, kind);
    size_t entries_bytes = (size_t)room * entry_size(kind);
    char *block = NULL;
    if (log2_size == PyDict_LOG_MINSIZE && kind == DICT_KEYS_UNICODE) {
        block = _Py_FREELIST_POP(char, _PyThreadState_GET(), dictkeys);
    }
    if (block == NULL) {
        block = PyObject_Malloc(index_bytes + sizeof(PyDictKeysObject) + entries_bytes);
        if (block == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
    }
    PyDictKeysObject *dk = (PyDictKeysObject *)(block + index_bytes);
    dk->dk_refcnt = 1;
    dk->dk_log2_size = (uint8_t)log2_size;
    dk->dk_log2_index_bytes = (uint8_t)(log2_size + width);
    dk->dk_kind = (uint8_t)kind;
    dk->dk_version = 0;
    dk->dk_usable = room;
    dk->dk_nentries = 0;
    memset(block, 0xff, index_bytes);       /* DKIX_EMPTY in every width */
    memset(dk + 1, 0, entries_bytes);
    return dk;
}

void
_PyDictKeys_FreeBlock(PyDictKeysObject *dk)
{
    assert(!dictkeys_is_empty_static(dk));
    char *block = _DK_INDICES(dk);
    if (dk->dk_log2_size == PyDict_LOG_MINSIZE && dk->dk_kind == DICT_KEYS_UNICODE
        && _Py_FREELIST_PUSH(_PyThreadState_GET(), dictkeys, block))
    {
        return;
    }
    PyObject_Free(block);
}

/* Releases a reference; the last one takes keys and values with it. */
void
_PyDictKeys_DecRef(PyDictKeysObject *dk)
{
    if (dk->dk_refcnt < 0) {
        return;
    }
    assert(dk->dk_refcnt > 0);
    if (--dk->dk_refcnt != 0) {
        return;
    }
    Py_ssize_t n = dk->dk_nentries;
    if (DK_IS_UNICODE(dk)) {
        PyDictUnicodeEntry *ep = DK_UNICODE_ENTRIES(dk);
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_XDECREF(ep[i].me_key);
            Py_XDECREF(ep[i].me_value);
        }
    }
    else {
        PyDictKeyEntry *ep = DK_ENTRIES(dk);
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_XDECREF(ep[i].me_key);
            Py_XDECREF(ep[i].me_value);
        }
    }
    _PyDictKeys_FreeBlock(dk);
}

PyDictKeysObject *
_PyDictKeys_Clone(PyDictKeysObject *dk)
{
    assert(!DK_IS_SPLIT(dk));
    if (dictkeys_is_empty_static(dk)) {
        return dk;
    }
    size_t size = _PyDictKeys_BlockSize(dk);
    char *block = PyObject_Malloc(size);
    if (block == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(block, _DK_INDICES(dk), size);
    PyDictKeysObject *copy = (PyDictKeysObject *)(block + DK_INDEX_BYTES(dk));
    copy->dk_refcnt = 1;
    copy->dk_version = 0;
    for (Py_ssize_t i = 0; i < dk->dk_nentries; i++) {
        if (DK_IS_UNICODE(dk)) {
            Py_XINCREF(DK_UNICODE_ENTRIES(dk)[i].me_key);
            Py_XINCREF(DK_UNICODE_ENTRIES(dk)[i].me_value);
        }
        else {
            Py_XINCREF(DK_ENTRIES(dk)[i].me_key);
            Py_XINCREF(DK_ENTRIES(dk)[i].me_value);
        }
    }
    return copy;
}

/* ----------------------------------------------------------------------------- index */

void
_PyDictKeys_SetSlot(PyDictKeysObject *dk, size_t slot, Py_ssize_t ix)
{
    char *index = _DK_INDICES(dk);
    int log2 = DK_LOG_SIZE(dk);
    assert(slot <= DK_MASK(dk) && ix >= DKIX_DUMMY);
    if (log2 < 8) {
        assert(ix <= INT8_MAX);
        ((int8_t *)index)[slot] = (int8_t)ix;
    }
    else if (log2 < 16) {
        assert(ix <= INT16_MAX);
        ((int16_t *)index)[slot] = (int16_t)ix;
    }
    else if (log2 < 32) {
        assert(ix <= INT32_MAX);
        ((int32_t *)index)[slot] = (int32_t)ix;
    }
    else {
        ((int64_t *)index)[slot] = (int64_t)ix;
    }
}

/* First slot for a new entry: empty or deleted. */
static size_t
free_slot(const PyDictKeysObject *dk, Py_hash_t hash)
{
    size_t mask = DK_MASK(dk), i = (size_t)hash & mask;
    if (dictkeys_slot(dk, i) >= 0) {
        size_t stride = dictkeys_stride(hash);
        do {
            i = (i + stride) & mask;
        } while (dictkeys_slot(dk, i) >= 0);
    }
    return i;
}

size_t
_PyDictKeys_FindSlot(const PyDictKeysObject *dk, Py_hash_t hash, Py_ssize_t ix)
{
    size_t mask = DK_MASK(dk), i = (size_t)hash & mask, stride = dictkeys_stride(hash);
    while (dictkeys_slot(dk, i) != ix) {
        assert(dictkeys_slot(dk, i) != DKIX_EMPTY);
        i = (i + stride) & mask;
    }
    return i;
}

void
_PyDictKeys_Append(PyDictKeysObject *dk, PyObject *key, Py_hash_t hash, PyObject *value)
{
    assert(dk->dk_usable > 0 && dk->dk_refcnt > 0);
    assert(hash != -1);
    Py_ssize_t ix = dk->dk_nentries;
    _PyDictKeys_SetSlot(dk, free_slot(dk, hash), ix);
    if (DK_IS_UNICODE(dk)) {
        assert(PyUnicode_CheckExact(key));
        DK_UNICODE_ENTRIES(dk)[ix].me_key = key;
        DK_UNICODE_ENTRIES(dk)[ix].me_value = value;
    }
    else {
        DK_ENTRIES(dk)[ix].me_hash = hash;
        DK_ENTRIES(dk)[ix].me_key = key;
        DK_ENTRIES(dk)[ix].me_value = value;
    }
    dk->dk_version = 0;
    dk->dk_usable--;
    dk->dk_nentries++;
}

void
_PyDictKeys_BuildIndex(PyDictKeysObject *dk, Py_ssize_t n)
{
    for (Py_ssize_t ix = 0; ix < n; ix++) {
        Py_hash_t hash;
        PyObject *key = dictkeys_key(dk, ix, &hash);
        assert(key != NULL);
        (void)key;
        _PyDictKeys_SetSlot(dk, free_slot(dk, hash), ix);
    }
    dk->dk_usable -= n;
    dk->dk_nentries = n;
}

/* log2 of the smallest table with room for that many entries. */
int
_PyDictKeys_Log2For(Py_ssize_t entries)
{
    int log2 = PyDict_LOG_MINSIZE;
    while (log2 < 62 && USABLE_FRACTION((Py_ssize_t)1 << log2) < entries) {
        log2++;
    }
    return log2;
}

/* ---------------------------------------------------------------------------- values */

PyDictValues *
_PyDictValues_New(PyDictKeysObject *keys)
{
    assert(DK_IS_SPLIT(keys));
    /* New instances get no more room than the class seems to need: every instance made takes
       one entry away, and the sum below never grows, so entry numbers stay valid for all. */
    Py_ssize_t capacity = keys->dk_nentries + keys->dk_usable;
    assert(0 < capacity && capacity <= SHARED_KEYS_MAX_SIZE);
    size_t size = offsetof(PyDictValues, values) + (size_t)capacity * (sizeof(PyObject *) + 1);
    PyDictValues *values = PyMem_Malloc(size);
    if (values == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    values->capacity = (uint8_t)capacity;
    values->size = 0;
    memset(values->values, 0, (size_t)capacity * sizeof(PyObject *));
    return values;
}

size_t
_PyDictValues_Size(const PyDictValues *values)
{
    return offsetof(PyDictValues, values) + values->capacity * (sizeof(PyObject *) + 1);
}

void
_PyDictValues_RemoveFromOrder(PyDictValues *values, Py_ssize_t ix)
{
    uint8_t *order = _PyDictValues_Order(values);
    int i = 0;
    while (order[i] != ix) {
        i++;
        assert(i < values->size);
    }
    values->size--;
    memmove(order + i, order + i + 1, (size_t)(values->size - i));
}
