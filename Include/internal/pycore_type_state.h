/* Per-interpreter and process state of types.
 *
 * Glossary
 *   shared static type   static PyTypeObject of the core (flag _Py_TPFLAGS_STATIC_BUILTIN),
 *                        made ready once per process; immutable afterwards
 *   side table           what one interpreter keeps for a shared static type: subclasses
 *                        and weak references, at the type's static index
 *   version tag          0: not cacheable; 1-999 shared static types, fixed; up to 65535 other
 *                        immutable types, from one atomic process counter; above, per interpreter
 * Owner: Objects/typeobject.c. */
#ifndef Py_INTERNAL_TYPE_STATE_H
#define Py_INTERNAL_TYPE_STATE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#define _Py_MAX_SHARED_TYPES          400     /* core types; Objects/object.c asserts it */
#define _Py_STATICS_CHUNK             16      /* most interpreters need few of the entries */
#define _Py_MAX_STATIC_TYPE_VERSION   999
#define _Py_MAX_GLOBAL_TYPE_VERSION   65535
#define _Py_MIN_TYPE_CACHE_LOG2       8       /* 256 entries */
#define _Py_MAX_TYPE_CACHE_LOG2       13

struct type_cache_entry {
    unsigned int version;       /* version tag of the type; 0: entry empty */
    PyObject *name;             /* owned: an interned str */
    PyObject *value;            /* borrowed; NULL: the type has no such attribute */
};

struct type_cache {
    struct type_cache_entry *entries;   /* 1 << log2 of them, PyMem_Calloc'ed at first use */
    unsigned int log2;                  /* size, grows by misses */
    unsigned int misses;                /* since the last growth */
};

/* One shared static type as seen by one interpreter. */
struct static_type_state {
    PyObject *subclasses;       /* dict {id(type): weakref}, or NULL */
    PyObject *weaklist;         /* weak references to the type made in this interpreter */
};

struct types_state {
    unsigned int next_version_tag;      /* next tag above _Py_MAX_GLOBAL_TYPE_VERSION; 0: used up */
    struct type_cache cache;            /* attribute cache */
    /* by static index, in chunks made at first need */
    struct static_type_state *statics[_Py_MAX_SHARED_TYPES / _Py_STATICS_CHUNK];
    PyObject *generic_type;             /* typing.Generic, a heap type made at first need */
    struct shared_weaklist *shared_weaklists;   /* weak references to other shared objects */
    PyTypeObject *watched[8];           /* unused slots of the watcher table are NULL */
    PyType_WatchCallback type_watchers[8];  /* TYPE_MAX_WATCHERS callbacks */
};

/* In _PyRuntime: process-wide, written under the `types` lock. */
struct types_runtime_state {
    int n_shared;                       /* shared static types made ready so far */
    PyTypeObject *shared[_Py_MAX_SHARED_TYPES]; /* by static index - 1 */
    unsigned int next_static_version;   /* next of 1..999 */
    unsigned int next_global_version;   /* next of 1000..65535, atomic */
    /* debug builds: the shared section as it should be, or NULL */
    void *shared_copy;
    int shared_writers;                 /* debug builds: depth of _PyShared_BeginWrite() */
};

#endif /* !Py_INTERNAL_TYPE_STATE_H */
