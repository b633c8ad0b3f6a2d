/* pycore_dict.h - inside of dicts and of instance attributes, for the core only.
 *
 * Nouns
 *   keys object    hash index plus entry array.  One block of memory:
 *
 *                      index (2**dk_log2_index_bytes bytes) | header | entries
 *                                                           ^ PyDictKeysObject *
 *
 *                  The index lies *before* the header, so that entry i of a table, which
 *                  specialised code reads most, is at a fixed offset from the pointer.
 *   index          open addressing table of 2**dk_log2_size slots of 1, 2, 4 or 8 bytes; a slot
 *                  holds an entry number, DKIX_EMPTY or DKIX_DUMMY (deleted).
 *   entries        dense, in insertion order.  A deleted entry has a NULL value and key.
 *   combined table the dict owns the keys object and the values are in the entries
 *                  (ma_values == NULL).
 *   split table    the keys object belongs to a class and is shared by the dicts of its
 *                  instances; the values are in a PyDictValues block of the dict.
 *   values block   values of one instance by entry number of its class's keys, plus the order in
 *                  which they were set.  It hangs on the instance until somebody asks for
 *                  __dict__; then on the dict.
 *
 * Written from the facts about PyDictObject's layout, PEP 412 (key sharing), PEP 509, PEP 468/520
 * (order), and the C API reference.
 */
#ifndef Py_INTERNAL_DICT_H
#define Py_INTERNAL_DICT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_dict_state.h"  // DICT_MAX_WATCHERS
#include "pycore_interp.h"      // PyInterpreterState.dict_state
#include "pycore_object.h"      // MANAGED_DICT_OFFSET

/* ------------------------------------------------------------------------------------- keys */

typedef struct {
    Py_hash_t me_hash;          /* cached hash of me_key */
    PyObject *me_key;           /* owned; NULL in a deleted entry */
    PyObject *me_value;         /* owned; NULL in a deleted entry */
} PyDictKeyEntry;

typedef struct {
    PyObject *me_key;           /* owned exact str (which caches its hash); NULL if deleted */
    PyObject *me_value;         /* owned; NULL if deleted, and always NULL in shared keys */
} PyDictUnicodeEntry;

typedef enum {
    DICT_KEYS_GENERAL = 0,      /* any key; PyDictKeyEntry */
    DICT_KEYS_UNICODE = 1,      /* exact str keys only; PyDictUnicodeEntry */
    DICT_KEYS_SPLIT = 2,        /* str keys of a class, values elsewhere; PyDictUnicodeEntry */
} DictKeysKind;

struct _dictkeysobject {
    Py_ssize_t dk_refcnt;       /* users; negative: static, never counted */
    uint8_t dk_log2_size;       /* log2 of the number of index slots */
    uint8_t dk_log2_index_bytes;/* log2 of the size of the index in bytes */
    uint8_t dk_kind;            /* DictKeysKind */
    uint32_t dk_version;        /* 0 = none given; any change of the keys resets it */
    Py_ssize_t dk_usable;       /* entries that may still be appended */
    Py_ssize_t dk_nentries;     /* entries used, deleted ones included */
};

/* Special contents of an index slot and results of a lookup. */
#define DKIX_EMPTY (-1)         /* lookup: not found */
#define DKIX_DUMMY (-2)
#define DKIX_ERROR (-3)         /* lookup: exception set */
#define DKIX_KEY_CHANGED (-4)   /* lookup: the table changed under a comparison, start again */

#define DK_LOG_SIZE(DK) ((DK)->dk_log2_size)
#define DK_SIZE(DK) (((Py_ssize_t)1) << DK_LOG_SIZE(DK))
#define DK_INDEX_BYTES(DK) (((size_t)1) << (DK)->dk_log2_index_bytes)
#define DK_IS_UNICODE(DK) ((DK)->dk_kind != DICT_KEYS_GENERAL)
#define DK_MASK(DK) (((size_t)1 << DK_LOG_SIZE(DK)) - 1)

/* Start of the index, and of the block of memory. */
static inline char *
_DK_INDICES(const PyDictKeysObject *dk)
{
    return (char *)dk - DK_INDEX_BYTES(dk);
}

static inline PyDictKeyEntry *
DK_ENTRIES(PyDictKeysObject *dk)
{
    assert(dk->dk_kind == DICT_KEYS_GENERAL);
    return (PyDictKeyEntry *)(dk + 1);
}

static inline PyDictUnicodeEntry *
DK_UNICODE_ENTRIES(PyDictKeysObject *dk)
{
    assert(dk->dk_kind != DICT_KEYS_GENERAL);
    return (PyDictUnicodeEntry *)(dk + 1);
}

/* Entries that an index of 2**log2 slots may have: at most two thirds of the slots are taken. */
#define USABLE_FRACTION(N) (((N) << 1) / 3)

#define PyDict_LOG_MINSIZE 3
#define PyDict_MINSIZE ((Py_ssize_t)1 << PyDict_LOG_MINSIZE)

/* Keys shared by a class never have more entries: values blocks store entry numbers in a byte
   and stay small. */
#define SHARED_KEYS_MAX_SIZE 30
#define NEXT_LOG2_SHARED_KEYS_MAX_SIZE 6

/* The keys of every empty dict: constant data, dk_refcnt negative, no room. */
extern PyDictKeysObject *_PyDict_EmptyKeys(void);

/* ----------------------------------------------------------------------------------- values */

struct _dictvalues {
    uint8_t capacity;           /* length of values[], and of the order bytes that follow it */
    uint8_t size;               /* values that are set = valid order bytes */
    PyObject *values[1];        /* owned or NULL; really [capacity] */
};

/* Entry numbers in the order in which the values were set. */
static inline uint8_t *
_PyDictValues_Order(PyDictValues *values)
{
    return (uint8_t *)&values->values[values->capacity];
}

/* Notes that entry `ix`, unset until now, gets a value. */
static inline void
_PyDictValues_AddToInsertionOrder(PyDictValues *values, Py_ssize_t ix)
{
    assert(ix >= 0 && ix < values->capacity);
    assert(values->size < values->capacity);
    _PyDictValues_Order(values)[values->size++] = (uint8_t)ix;
}

/* Word in front of the GC head of an instance whose type has Py_TPFLAGS_MANAGED_DICT: NULL, a
   dict, or a values block with the low bit set. */
typedef union {
    PyObject *dict;
    uintptr_t word;
} PyDictOrValues;

static inline PyDictOrValues *
_PyObject_DictOrValuesPointer(PyObject *obj)
{
    assert(Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT);
    return (PyDictOrValues *)((char *)obj + MANAGED_DICT_OFFSET);
}

static inline int
_PyDictOrValues_IsValues(PyDictOrValues w)
{
    return (int)(w.word & 1);
}

static inline PyDictValues *
_PyDictOrValues_GetValues(PyDictOrValues w)
{
    assert(_PyDictOrValues_IsValues(w));
    return (PyDictValues *)(w.word - 1);
}

/* The dict, or NULL if there is none yet. */
static inline PyObject *
_PyDictOrValues_GetDict(PyDictOrValues w)
{
    assert(!_PyDictOrValues_IsValues(w));
    return w.dict;
}

static inline void
_PyDictOrValues_SetValues(PyDictOrValues *p, PyDictValues *values)
{
    p->word = (uintptr_t)values | 1;
}

static inline void
_PyDictOrValues_SetDict(PyDictOrValues *p, PyObject *dict)
{
    p->dict = dict;
}

/* Objects/dict/instance.c */
extern PyDictKeysObject *_PyDict_NewKeysForClass(void);
extern int _PyObject_InitializeDict(PyObject *obj);
extern int _PyObject_StoreInstanceAttribute(PyObject *obj, PyDictValues *values,
                                            PyObject *name, PyObject *value);
extern PyObject *_PyObject_GetInstanceAttribute(PyObject *obj, PyDictValues *values,
                                                PyObject *name);
extern PyObject *_PyObject_MakeDictFromInstanceAttributes(PyObject *obj, PyDictValues *values);
extern int _PyObject_MakeInstanceAttributesFromDict(PyObject *obj, PyDictOrValues *dorv);
extern void _PyObject_FreeInstanceAttributes(PyObject *obj);
extern int _PyObject_VisitInstanceAttributes(PyObject *obj, visitproc visit, void *arg);
extern void _PyObject_ClearInstanceAttributes(PyObject *obj);
extern int _PyObject_IsInstanceDictEmpty(PyObject *obj);
extern PyObject **_PyObject_ComputedDictPointer(PyObject *obj);
extern int _PyObjectDict_SetItem(PyTypeObject *tp, PyObject **dictptr, PyObject *name,
                                 PyObject *value);
extern void _PyDictKeys_DecRef(PyDictKeysObject *keys);

/* ------------------------------------------------------------------------- versions, events */

#define DICT_VERSION_INCREMENT (1 << DICT_MAX_WATCHERS)
#define DICT_VERSION_MASK (DICT_VERSION_INCREMENT - 1)

#define DICT_NEXT_VERSION(INTERP) \
    ((INTERP)->dict_state.global_version += DICT_VERSION_INCREMENT)

extern void _PyDict_SendEvent(int watcher_bits, PyDict_WatchEvent event, PyDictObject *mp,
                              PyObject *key, PyObject *value);

/* To be called before `mp` changes: tells the watchers (the low byte of the tag says which) and
   returns the tag that the dict shall have afterwards. */
static inline uint64_t
_PyDict_NotifyEvent(PyInterpreterState *interp, PyDict_WatchEvent event, PyDictObject *mp,
                    PyObject *key, PyObject *value)
{
    int watcher_bits = (int)(mp->ma_version_tag & DICT_VERSION_MASK);
    if (watcher_bits) {
        _PyDict_SendEvent(watcher_bits, event, mp, key, value);
        return DICT_NEXT_VERSION(interp) | (uint64_t)watcher_bits;
    }
    return DICT_NEXT_VERSION(interp);
}

/* ------------------------------------------------------------------- Objects/dict/lookup.c */

/* Entry number of an exact str in a unicode table, or DKIX_EMPTY; DKIX_ERROR, without an exception,
   for a general table.  Never runs Python code. */
extern Py_ssize_t _PyDictKeys_StringLookup(PyDictKeysObject *dk, PyObject *key);
/* Entry number or DKIX_EMPTY / DKIX_ERROR; *value_addr gets a borrowed reference or NULL. */
extern Py_ssize_t _Py_dict_lookup(PyDictObject *mp, PyObject *key, Py_hash_t hash,
                                  PyObject **value_addr);
extern Py_ssize_t _PyDict_LookupIndex(PyDictObject *mp, PyObject *key);
/* Value of a global name, borrowed: module first, then builtins.  NULL without exception: no
   such name. */
extern PyObject *_PyDict_LoadGlobal(PyDictObject *globals, PyDictObject *builtins,
                                    PyObject *key);
/* Version of the keys as they are now, 0 if there is none to be had. */
extern uint32_t _PyDictKeys_GetVersionForCurrentState(PyInterpreterState *interp,
                                                      PyDictKeysObject *dk);

/* ------------------------------------------------------------------------ dictobject.c etc. */

extern PyObject *_PyDict_FromItems(PyObject *const *keys, Py_ssize_t keys_offset,
                                   PyObject *const *values, Py_ssize_t values_offset,
                                   Py_ssize_t length);
extern PyObject *_PyDict_FromKeys(PyObject *cls, PyObject *iterable, PyObject *value);
extern PyObject *_PyDict_Pop_KnownHash(PyObject *dict, PyObject *key, Py_hash_t hash,
                                       PyObject *deflt);
/* Like PyDict_SetItem; consumes the references to key and value, also when it fails. */
extern int _PyDict_SetItem_Take2(PyDictObject *op, PyObject *key, PyObject *value);
extern PyObject *_PyDict_SetDefault_KnownHash(PyObject *dict, PyObject *key, PyObject *deflt,
                                              Py_hash_t hash);
/* Consistency of a dict, for debug builds: 1, or aborts.  check_content: every slot and entry. */
PyAPI_FUNC(int) _PyDict_CheckConsistency(PyObject *op, int check_content);
extern PyObject *_PyDict_GetItem_Str(PyDictObject *mp, PyObject *key);

#endif /* !Py_INTERNAL_DICT_H */
