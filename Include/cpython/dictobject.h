/* Layout of dict objects, watchers of dicts, private lookups.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_DICTOBJECT_H
#  error "do not include this file directly, include dictobject.h"
#endif

#ifndef Py_CPYTHON_DICTOBJECT_H
#define Py_CPYTHON_DICTOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _dictkeysobject PyDictKeysObject;
typedef struct _dictvalues PyDictValues;

/* ma_values is NULL when keys and values are in one table, and points to the values when the
   keys are shared with other dicts. */
typedef struct {
    PyObject_HEAD
    Py_ssize_t ma_used;         /* items */
    uint64_t ma_version_tag;    /* changes with every change of the dict */
    PyDictKeysObject *ma_keys;  /* the hash table */
    PyDictValues *ma_values;    /* NULL, or the values when the keys are shared */
} PyDictObject;

/* What keys(), values() and items() give. */
typedef struct {
    PyObject_HEAD
    PyDictObject *dv_dict;  /* what it is a view of */
} _PyDictViewObject;

#define PY_FOREACH_DICT_EVENT(V) \
    V(ADDED) \
    V(MODIFIED) \
    V(DELETED) \
    V(CLONED) \
    V(CLEARED) \
    V(DEALLOCATED)

typedef enum {
#define PY_DEF_EVENT(EVENT) PyDict_EVENT_##EVENT,
    PY_FOREACH_DICT_EVENT(PY_DEF_EVENT)
#undef PY_DEF_EVENT
} PyDict_WatchEvent;

/* Called before the change; -1 with an exception is reported as unraisable. */
typedef int (*PyDict_WatchCallback)(PyDict_WatchEvent, PyObject *, PyObject *, PyObject *);

PyAPI_FUNC(int) PyDict_AddWatcher(PyDict_WatchCallback);
PyAPI_FUNC(int) PyDict_ClearWatcher(int);
PyAPI_FUNC(Py_BORROWED PyObject *) PyDict_SetDefault(PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(int) PyDict_Unwatch(int, PyObject *);
PyAPI_FUNC(int) PyDict_Watch(int, PyObject *);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(int) _PyDict_ContainsId(PyObject *, _Py_Identifier *);
PyAPI_FUNC(int) _PyDict_Contains_KnownHash(PyObject *, PyObject *, Py_hash_t);
PyAPI_FUNC(void) _PyDict_DebugMallocStats(FILE *);
PyAPI_FUNC(int) _PyDict_DelItemId(PyObject *, _Py_Identifier *);
PyAPI_FUNC(int) _PyDict_DelItemIf(PyObject *, PyObject *, int (*)(PyObject *));
PyAPI_FUNC(int) _PyDict_DelItem_KnownHash(PyObject *, PyObject *, Py_hash_t);
PyAPI_FUNC(Py_BORROWED PyObject *) _PyDict_GetItemIdWithError(PyObject *, _Py_Identifier *);
PyAPI_FUNC(Py_BORROWED PyObject *) _PyDict_GetItemStringWithError(PyObject *, const char *);
PyAPI_FUNC(Py_BORROWED PyObject *) _PyDict_GetItemWithError(PyObject *, PyObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) _PyDict_GetItem_KnownHash(PyObject *, PyObject *, Py_hash_t);
PyAPI_FUNC(int) _PyDict_HasOnlyStringKeys(PyObject *);
PyAPI_FUNC(void) _PyDict_MaybeUntrack(PyObject *);
PyAPI_FUNC(int) _PyDict_MergeEx(PyObject *, PyObject *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyDict_NewPresized(Py_ssize_t);
PyAPI_FUNC(int) _PyDict_Next(PyObject *, Py_ssize_t *, PyObject **, PyObject **, Py_hash_t *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyDict_Pop(PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(int) _PyDict_SetItemId(PyObject *, _Py_Identifier *, PyObject *);
PyAPI_FUNC(int) _PyDict_SetItem_KnownHash(PyObject *, PyObject *, PyObject *, Py_hash_t);
PyAPI_FUNC(Py_ssize_t) _PyDict_SizeOf(PyDictObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyDictView_Intersect(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyDictView_New(PyObject *, PyTypeObject *);

#define _PyDict_HasSplitTable(d) ((d)->ma_values != NULL)

static inline Py_ssize_t
PyDict_GET_SIZE(PyObject *op)
{
    assert(PyDict_Check(op));
    return _Py_CAST(PyDictObject *, op)->ma_used;
}
#define PyDict_GET_SIZE(op) PyDict_GET_SIZE(_PyObject_CAST(op))

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_DICTOBJECT_H */
