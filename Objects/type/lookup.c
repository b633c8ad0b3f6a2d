/* lookup.c - finding attributes of types: the MRO walk, the cache in front of it, version tags,
 * watchers, subclasses, and getattr/setattr of type objects.
 *
 * The cache (struct type_cache, one per interpreter) maps (version tag, name) to the attribute or
 * to "has none".  A tag names one state of a type: a change of the type or of one of its
 * bases drops the tag (PyType_Modified), so stale entries can never match again and need no
 * clearing.  Tags are never used twice: when the numbers run out, types stay without one.
 *   1-999          shared static types, fixed when they are made ready
 *   1000-65535     other immutable types, one counter for the process
 *   65536-         everything else, a counter per heap
 * Invariant: a type with a valid tag has bases with valid tags, which is why PyType_Modified
 * stops at a type without one.
 *
 * Written from the data model chapter, PEP 252/253, the C API reference ("Type Objects").
 */
#include "Python.h"
#include "pycore_errors.h"      // _PyErr_GetRaisedException()
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_shared.h"      // _Py_IsShared()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_unicode.h"     // _PyUnicode_CachedHash()
#include "type.h"

/* ---------------------------------------------------------------------------- version tags */

/* Next tag of the counter; 0 when it has come to its end. */
static unsigned int
next_tag(PyThreadState *tstate, PyTypeObject *type)
{
    if (_PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE)) {
        unsigned int *counter = &_PyRuntime.types.next_global_version;
        unsigned int tag = __atomic_load_n(counter, __ATOMIC_RELAXED);
        while (tag <= _Py_MAX_GLOBAL_TYPE_VERSION) {
            unsigned int next = tag < 1000 ? 1001 : tag + 1;
            if (__atomic_compare_exchange_n(counter, &tag, next, 0, __ATOMIC_RELAXED,
                                            __ATOMIC_RELAXED)) {
                return next - 1;
            }
        }
        /* Used up: an immutable type lives well with a tag of its heap too. */
    }
    struct _heap *heap = tstate->interp->heap;
    unsigned int tag = heap->next_type_version;
    if (tag != 0) {
        assert(tag > _Py_MAX_GLOBAL_TYPE_VERSION);
        heap->next_type_version++;      /* becomes 0 at the end */
    }
    return tag;
}

static int
has_tag(PyTypeObject *type)
{
    return _PyType_HasFeature(type, Py_TPFLAGS_VALID_VERSION_TAG) != 0;
}

/* A base that has no tag yet, or NULL. */
static PyTypeObject *
base_without_tag(PyTypeObject *type)
{
    PyObject *bases = type->tp_bases;
    for (Py_ssize_t i = 0; bases != NULL && i < PyTuple_GET_SIZE(bases); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(bases, i);
        if (!has_tag(base)) {
            return base;
        }
    }
    return NULL;
}

/* Gives the type, and its bases first, a tag.  1 if it has one now.  Needs no C stack: hierarchies
 * may be deep. */
static int
assign_version_tag(PyThreadState *tstate, PyTypeObject *type)
{
    while (!has_tag(type)) {
        PyTypeObject *next = type, *base;
        while ((base = base_without_tag(next)) != NULL) {
            next = base;
        }
        if (!_PyType_HasFeature(next, Py_TPFLAGS_READY) || _PyType_IsSharedStatic(next)) {
            return 0;
        }
        unsigned int tag = next_tag(tstate, next);
        if (tag == 0) {
            return 0;
        }
        next->tp_version_tag = tag;
        next->tp_flags |= Py_TPFLAGS_VALID_VERSION_TAG;
    }
    return 1;
}

unsigned int
_PyType_GetVersionTag(PyTypeObject *type)
{
    return assign_version_tag(_PyThreadState_GET(), type) ? type->tp_version_tag : 0;
}

int
PyUnstable_Type_AssignVersionTag(PyTypeObject *type)
{
    return assign_version_tag(_PyThreadState_GET(), type);
}

/* A metaclass with its own mro() may put classes into the order that are no bases: a change of
 * them would go unnoticed, so such a type gets no tag. */
void
_PyType_MROModified(PyTypeObject *type)
{
    assert(type->tp_mro != NULL);
    PyObject *mro = type->tp_mro;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *cls = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        PyTypeObject *b = type;
        int found = cls == type;
        if (!found) {
            PyObject *bases = type->tp_bases;
            for (Py_ssize_t k = 0; !found && k < PyTuple_GET_SIZE(bases); k++) {
                b = (PyTypeObject *)PyTuple_GET_ITEM(bases, k);
                found = PyType_IsSubtype(b, cls);
            }
        }
        if (!found) {
            type->tp_flags &= ~Py_TPFLAGS_VALID_VERSION_TAG;
            type->tp_version_tag = 0;
            return;
        }
    }
}

/* -------------------------------------------------------------------------------- watchers */

int
PyType_AddWatcher(PyType_WatchCallback callback)
{
    struct types_state *types = &_PyInterpreterState_GET()->types;
    for (int i = 0; i < TYPE_MAX_WATCHERS; i++) {
        if (types->type_watchers[i] == NULL) {
            types->type_watchers[i] = callback;
            return i;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "no more type watcher IDs available");
    return -1;
}

static int
check_watcher(PyInterpreterState *interp, int id)
{
    if (id < 0 || id >= TYPE_MAX_WATCHERS) {
        PyErr_Format(PyExc_ValueError, "Invalid type watcher ID %d", id);
        return -1;
    }
    if (interp->types.type_watchers[id] == NULL) {
        PyErr_Format(PyExc_ValueError, "No type watcher set for ID %d", id);
        return -1;
    }
    return 0;
}

int
PyType_ClearWatcher(int id)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (check_watcher(interp, id) < 0) {
        return -1;
    }
    interp->types.type_watchers[id] = NULL;
    return 0;
}

int
PyType_Watch(int id, PyObject *obj)
{
    if (!PyType_Check(obj)) {
        PyErr_SetString(PyExc_ValueError, "Cannot watch non-type");
        return -1;
    }
    if (check_watcher(_PyInterpreterState_GET(), id) < 0) {
        return -1;
    }
    PyTypeObject *type = (PyTypeObject *)obj;
    if (_PyType_IsSharedStatic(type)) {
        return 0;       /* never changes, and has no word of ours to mark */
    }
    /* Only types with a tag announce changes. */
    assign_version_tag(_PyThreadState_GET(), type);
    type->tp_watched |= (unsigned char)(1 << id);
    return 0;
}

int
PyType_Unwatch(int id, PyObject *obj)
{
    if (!PyType_Check(obj)) {
        PyErr_SetString(PyExc_ValueError, "Cannot watch non-type");
        return -1;
    }
    if (check_watcher(_PyInterpreterState_GET(), id) < 0) {
        return -1;
    }
    if (!_PyType_IsSharedStatic((PyTypeObject *)obj)) {
        ((PyTypeObject *)obj)->tp_watched &= (unsigned char)~(1 << id);
    }
    return 0;
}

static void
tell_watchers(PyTypeObject *type)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    for (int i = 0, bits = type->tp_watched; bits != 0; i++, bits >>= 1) {
        PyType_WatchCallback callback = interp->types.type_watchers[i];
        if ((bits & 1) && callback != NULL && callback(type) < 0) {
            PyErr_WriteUnraisable((PyObject *)type);
        }
    }
}

/* A subclass that has a tag, at or behind *pos in the table of subclasses; NULL: none. */
static PyTypeObject *
subclass_with_tag(PyTypeObject *type, Py_ssize_t *pos)
{
    PyObject *key, *ref;
    while (type->tp_subclasses != NULL && PyDict_Next(type->tp_subclasses, pos, &key, &ref)) {
        PyObject *sub = PyWeakref_GET_OBJECT(ref);
        if (sub != Py_None && has_tag((PyTypeObject *)sub)) {
            return (PyTypeObject *)sub;
        }
    }
    return NULL;
}

/* Drops the tag of a type that has no subclass with a tag. */
static void
drop_tag(PyTypeObject *type)
{
    assert(!_PyType_IsSharedStatic(type));
    if (type->tp_watched != 0) {
        tell_watchers(type);
    }
    type->tp_flags &= ~Py_TPFLAGS_VALID_VERSION_TAG;
    type->tp_version_tag = 0;
    if (_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        ((PyHeapTypeObject *)type)->_spec_cache.getitem = NULL;
    }
}

#define RECURSIVE_LEVELS 30     /* of wide hierarchies; what is deeper is a chain, more or less */

/* Drops the tags of the type and of all below it. */
static void
drop_tags_below(PyTypeObject *type, int level)
{
    Py_ssize_t pos = 0;
    PyTypeObject *sub;
    while (level < RECURSIVE_LEVELS && (sub = subclass_with_tag(type, &pos)) != NULL) {
        drop_tags_below(sub, level + 1);
    }
    while (has_tag(type)) {
        PyTypeObject *last = type;
        while (pos = 0, (sub = subclass_with_tag(last, &pos)) != NULL) {
            last = sub;
        }
        drop_tag(last);
    }
}

/* The attributes of the type changed: its tag and those of all below are dropped. */
void
PyType_Modified(PyTypeObject *type)
{
    if (has_tag(type)) {
        drop_tags_below(type, 0);
    }
}

/* ----------------------------------------------------------------------------------- cache */

static inline struct type_cache_entry *
cache_entry(struct type_cache *cache, unsigned int version, PyObject *name)
{
    uintptr_t hash = (uintptr_t)version ^ ((uintptr_t)name >> 4);
    return &cache->entries[(hash * 0x9E3779B1u >> 12) & (((uintptr_t)1 << cache->log2) - 1)];
}

static void
cache_drop(struct type_cache *cache)
{
    struct type_cache_entry *entries = cache->entries;
    size_t n = entries == NULL ? 0 : (size_t)1 << cache->log2;
    cache->entries = NULL;
    for (size_t i = 0; i < n; i++) {
        Py_XDECREF(entries[i].name);
    }
    PyMem_Free(entries);
}

/* Makes the table, or one twice as large; without memory the old one (or none) stays. */
static void
cache_grow(struct type_cache *cache)
{
    unsigned int log2 = cache->entries == NULL ? _Py_MIN_TYPE_CACHE_LOG2 : cache->log2 + 1;
    struct type_cache bigger = {.log2 = log2};
    bigger.entries = PyMem_Calloc((size_t)1 << log2, sizeof(struct type_cache_entry));
    cache->misses = 0;
    if (bigger.entries == NULL) {
        return;
    }
    size_t n = cache->entries == NULL ? 0 : (size_t)1 << cache->log2;
    for (size_t i = 0; i < n; i++) {
        struct type_cache_entry *old = &cache->entries[i];
        if (old->version != 0) {
            struct type_cache_entry *entry = cache_entry(&bigger, old->version, old->name);
            Py_XDECREF(entry->name);
            *entry = *old;
        }
    }
    PyMem_Free(cache->entries);
    *cache = bigger;
}

static void
cache_store(struct type_cache *cache, unsigned int version, PyObject *name, PyObject *value)
{
    unsigned int size = 1u << cache->log2;
    if (cache->entries == NULL ||
        (++cache->misses > 4 * size && cache->log2 < _Py_MAX_TYPE_CACHE_LOG2))
    {
        cache_grow(cache);
        if (cache->entries == NULL) {
            return;
        }
    }
    struct type_cache_entry *entry = cache_entry(cache, version, name);
    PyObject *old = entry->name;
    entry->version = version;
    entry->name = Py_NewRef(name);
    entry->value = value;       /* borrowed: the type's dict holds it while the tag is valid */
    Py_XDECREF(old);
}

void
_PyTypes_ClearCache(PyInterpreterState *interp)
{
    cache_drop(&interp->types.cache);
    interp->types.cache.misses = 0;
}

/* Empties the cache of this interpreter; the next version tag, as documented. */
unsigned int
PyType_ClearCache(void)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    _PyTypes_ClearCache(interp);
    return interp->heap->next_type_version - 1;
}

/* -------------------------------------------------------------------------------- MRO walk */

int
_PyType_FindInMRO(PyTypeObject *type, PyObject *name, PyObject **presult)
{
    *presult = NULL;
    Py_hash_t hash = PyUnicode_CheckExact(name) ? _PyUnicode_CachedHash(name) : -1;
    if (hash == -1) {
        hash = PyObject_Hash(name);
        if (hash == -1) {
            return -1;
        }
    }
    if (type->tp_mro == NULL) {
        if (!_PyType_HasFeature(type, Py_TPFLAGS_READYING) && PyType_Ready(type) < 0) {
            return -1;
        }
        if (type->tp_mro == NULL) {
            return 0;
        }
    }
    /* A key's __eq__ may run code that changes the order. */
    PyObject *mro = Py_NewRef(type->tp_mro);
    int res = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(mro); i++) {
        PyObject *dict = ((PyTypeObject *)PyTuple_GET_ITEM(mro, i))->tp_dict;
        if (dict == NULL) {
            continue;
        }
        PyObject *value = _PyDict_GetItem_KnownHash(dict, name, hash);
        if (value != NULL) {
            *presult = Py_NewRef(value);
            res = 1;
            break;
        }
        if (PyErr_Occurred()) {
            res = -1;
            break;
        }
    }
    Py_DECREF(mro);
    return res;
}

/* Lookup past the cache.  Borrowed. */
static PyObject *
lookup_slow(PyTypeObject *type, PyObject *name)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *pending = _PyErr_GetRaisedException(tstate);
    PyObject *value;
    int res = _PyType_FindInMRO(type, name, &value);
    if (res < 0) {
        /* By its contract the lookup raises nothing: an unhashable key cannot be there. */
        PyErr_Clear();
    }
    tstate->current_exception = pending;
    Py_XDECREF(value);      /* the class holds it */
    if (res >= 0 && tstate->heap == tstate->interp->heap && PyUnicode_CheckExact(name) &&
        PyUnicode_CHECK_INTERNED(name) && assign_version_tag(tstate, type))
    {
        cache_store(&tstate->interp->types.cache, type->tp_version_tag, name, value);
    }
    return value;
}

PyObject *
_PyType_Lookup(PyTypeObject *type, PyObject *name)
{
    struct type_cache *cache = &_PyThreadState_GET()->interp->types.cache;
    unsigned int version = type->tp_version_tag;
    if (version != 0 && cache->entries != NULL) {
        struct type_cache_entry *entry = cache_entry(cache, version, name);
        if (entry->version == version && entry->name == name) {
            assert(_PyType_HasFeature(type, Py_TPFLAGS_VALID_VERSION_TAG));
            return entry->value;
        }
    }
    return lookup_slow(type, name);
}

PyObject *
_PyType_LookupId(PyTypeObject *type, _Py_Identifier *name)
{
    PyObject *oname = _PyUnicode_FromId(name);
    return oname == NULL ? NULL : _PyType_Lookup(type, oname);
}

/* ------------------------------------------------------------------------------ subclasses */

int
PyType_IsSubtype(PyTypeObject *a, PyTypeObject *b)
{
    PyObject *mro = a->tp_mro;
    if (mro != NULL) {
        assert(PyTuple_Check(mro));
        for (Py_ssize_t i = 0, n = PyTuple_GET_SIZE(mro); i < n; i++) {
            if (PyTuple_GET_ITEM(mro, i) == (PyObject *)b) {
                return 1;
            }
        }
        return 0;
    }
    /* Not ready yet: follow the bases. */
    do {
        if (a == b) {
            return 1;
        }
        a = a->tp_base;
    } while (a != NULL);
    return b == &PyBaseObject_Type;
}

/* Where the dict {id: weakref} of the subclasses made in this interpreter hangs; NULL with
 * MemoryError. */
static PyObject **
subclasses_word(PyTypeObject *type)
{
    if (_PyType_IsSharedStatic(type)) {
        struct static_type_state *state = _PyStaticType_GetState(_PyInterpreterState_GET(), type);
        return state == NULL ? NULL : &state->subclasses;
    }
    return (PyObject **)&type->tp_subclasses;
}

/* Makes `base` know its new subclass; shared static types know each other from the table. */
int
_PyType_AddSubclass(PyTypeObject *base, PyTypeObject *type)
{
    if (_PyType_IsSharedStatic(type)) {
        return 0;
    }
    PyObject **word = subclasses_word(base);
    PyObject *key = word == NULL ? NULL : PyLong_FromVoidPtr(type);
    if (key == NULL) {
        return -1;
    }
    int res = -1;
    PyObject *ref = PyWeakref_NewRef((PyObject *)type, NULL);
    if (ref != NULL) {
        if (*word == NULL) {
            *word = PyDict_New();
        }
        if (*word != NULL) {
            res = PyDict_SetItem(*word, key, ref);
        }
        Py_DECREF(ref);
    }
    Py_DECREF(key);
    return res;
}

void
_PyType_RemoveSubclass(PyTypeObject *base, PyTypeObject *type)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject **word = subclasses_word(base);
    if (word != NULL && *word != NULL) {
        PyObject *key = PyLong_FromVoidPtr(type);
        if (key == NULL || PyDict_DelItem(*word, key) < 0) {
            PyErr_Clear();      /* without memory a dead weak reference stays */
        }
        Py_XDECREF(key);
        if (PyDict_GET_SIZE(*word) == 0) {
            Py_CLEAR(*word);
        }
    }
    PyErr_Clear();
    PyErr_SetRaisedException(exc);
}

void
_PyType_RemoveFromBases(PyTypeObject *type, PyObject *bases)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyObject *base = PyTuple_GET_ITEM(bases, i);
        if (PyType_Check(base)) {
            _PyType_RemoveSubclass((PyTypeObject *)base, type);
        }
    }
}

int
_PyType_AddToBases(PyTypeObject *type)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(type->tp_bases); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(type->tp_bases, i);
        if (_PyType_AddSubclass(base, type) < 0) {
            return -1;
        }
    }
    return 0;
}

void
_PyType_ClearSubclasses(PyTypeObject *type)
{
    assert(!_PyType_IsSharedStatic(type));
    Py_CLEAR(*(PyObject **)&type->tp_subclasses);
}

PyObject *
_PyType_MutableSubclasses(PyTypeObject *type)
{
    PyObject *list = PyList_New(0);
    PyObject **word = list == NULL ? NULL : subclasses_word(type);
    if (word == NULL) {
        Py_XDECREF(list);
        return NULL;
    }
    Py_ssize_t pos = 0;
    PyObject *key, *ref;
    while (*word != NULL && PyDict_Next(*word, &pos, &key, &ref)) {
        PyObject *sub = PyWeakref_GET_OBJECT(ref);
        if (sub != Py_None && PyList_Append(list, sub) < 0) {
            Py_DECREF(list);
            return NULL;
        }
    }
    return list;
}

/* All direct subclasses in this interpreter: the shared static ones first. */
PyObject *
_PyType_GetSubclasses(PyTypeObject *type)
{
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    struct types_runtime_state *runtime = &_PyRuntime.types;
    int n = _PyType_IsSharedStatic(type) ? __atomic_load_n(&runtime->n_shared, __ATOMIC_ACQUIRE)
                                         : 0;
    for (int i = 0; i < n; i++) {
        PyObject *bases = runtime->shared[i]->tp_bases;
        for (Py_ssize_t k = 0; bases != NULL && k < PyTuple_GET_SIZE(bases); k++) {
            if (PyTuple_GET_ITEM(bases, k) == (PyObject *)type &&
                PyList_Append(list, (PyObject *)runtime->shared[i]) < 0)
            {
                Py_DECREF(list);
                return NULL;
            }
        }
    }
    PyObject *others = _PyType_MutableSubclasses(type);
    if (others == NULL || PyList_SetSlice(list, PyList_GET_SIZE(list), PyList_GET_SIZE(list),
                                          others) < 0)
    {
        Py_XDECREF(others);
        Py_DECREF(list);
        return NULL;
    }
    Py_DECREF(others);
    return list;
}

/* Borrowed dict of the subclasses made in this interpreter, or NULL (no error is set). */
int
_PyType_HasSubclasses(PyTypeObject *type)
{
    PyObject *list = _PyType_GetSubclasses(type);
    if (list == NULL) {
        PyErr_Clear();
        return 1;       /* the careful answer */
    }
    int res = PyList_GET_SIZE(list) > 0;
    Py_DECREF(list);
    return res;
}

/* -------------------------------------------------------------------------- getattr on types */

/* Order: data descriptor of the metatype, attribute of the type and its bases (bound to no
 * instance), other descriptor or value of the metatype. */
PyObject *
_PyType_GetAttroSuppress(PyTypeObject *type, PyObject *name, int suppress)
{
    PyTypeObject *metatype = Py_TYPE(type);
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'",
                     Py_TYPE(name)->tp_name);
        return NULL;
    }
    if (!_PyType_HasFeature(type, Py_TPFLAGS_READY) &&
        !_PyType_HasFeature(type, Py_TPFLAGS_READYING) && PyType_Ready(type) < 0)
    {
        return NULL;
    }
    descrgetfunc meta_get = NULL;
    PyObject *res = NULL;
    PyObject *meta_attribute = Py_XNewRef(_PyType_Lookup(metatype, name));
    if (meta_attribute != NULL) {
        meta_get = Py_TYPE(meta_attribute)->tp_descr_get;
        if (meta_get != NULL && PyDescr_IsData(meta_attribute)) {
            res = meta_get(meta_attribute, (PyObject *)type, (PyObject *)metatype);
            Py_DECREF(meta_attribute);
            goto done;
        }
    }
    PyObject *attribute = _PyType_Lookup(type, name);
    if (attribute != NULL) {
        Py_INCREF(attribute);
        descrgetfunc local_get = Py_TYPE(attribute)->tp_descr_get;
        Py_XDECREF(meta_attribute);
        if (local_get == NULL) {
            return attribute;
        }
        res = local_get(attribute, (PyObject *)NULL, (PyObject *)type);
        Py_DECREF(attribute);
        goto done;
    }
    if (meta_get != NULL) {
        res = meta_get(meta_attribute, (PyObject *)type, (PyObject *)metatype);
        Py_DECREF(meta_attribute);
        goto done;
    }
    if (meta_attribute != NULL) {
        return meta_attribute;
    }
    if (!suppress) {
        PyErr_Format(PyExc_AttributeError, "type object '%.100s' has no attribute '%U'",
                     type->tp_name, name);
    }
    return NULL;
done:
    if (res == NULL && suppress && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Clear();
    }
    return res;
}

PyObject *
_PyType_GetAttro(PyObject *type, PyObject *name)
{
    return _PyType_GetAttroSuppress((PyTypeObject *)type, name, 0);
}

static int
is_dunder_name(PyObject *name)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(name);
    if (n < 5 || PyUnicode_KIND(name) != PyUnicode_1BYTE_KIND) {
        return 0;
    }
    const Py_UCS1 *s = PyUnicode_1BYTE_DATA(name);
    return s[0] == '_' && s[1] == '_' && s[n - 1] == '_' && s[n - 2] == '_';
}

/* Names in a type's dict are exact interned strings: the cache compares pointers. */
static PyObject *
intern_name(PyObject *name)
{
    if (PyUnicode_CheckExact(name)) {
        Py_INCREF(name);
    }
    else {
        name = _PyUnicode_Copy(name);
        if (name == NULL) {
            return NULL;
        }
    }
    PyUnicode_InternInPlace(&name);
    return name;
}

int
_PyType_SetAttro(PyObject *self, PyObject *name, PyObject *value)
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (_PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE)) {
        PyErr_Format(PyExc_TypeError, "cannot set %R attribute of immutable type '%s'", name,
                     type->tp_name);
        return -1;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'",
                     Py_TYPE(name)->tp_name);
        return -1;
    }
    name = intern_name(name);
    if (name == NULL) {
        return -1;
    }
    int res = _PyObject_GenericSetAttrWithDict(self, name, value, NULL);
    if (res == 0) {
        /* Before anything else can run: the cache may hold the old value. */
        PyType_Modified(type);
        if (is_dunder_name(name)) {
            res = _PyType_UpdateSlot(type, name);
        }
        assert(_PyType_CheckConsistency(type));
    }
    Py_DECREF(name);
    return res;
}
