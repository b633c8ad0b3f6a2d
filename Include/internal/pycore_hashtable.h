/* A hash table of C pointers, for uses without Python objects. Its layout is private to
   Python/hashtable.c.
   Written from the ABI tables. */

#ifndef Py_INTERNAL_HASHTABLE_H
#define Py_INTERNAL_HASHTABLE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

typedef struct _Py_hashtable_t _Py_hashtable_t;

typedef Py_uhash_t (*_Py_hashtable_hash_func)(const void *key);
/* Are the keys equal? */
typedef int (*_Py_hashtable_compare_func)(const void *key1, const void *key2);
typedef void (*_Py_hashtable_destroy_func)(void *key_or_value);
/* A result other than 0 ends the walk and is its result. */
typedef int (*_Py_hashtable_foreach_func)(_Py_hashtable_t *table, const void *key,
                                          const void *value, void *user_data);

typedef struct {
    void *(*malloc)(size_t size);
    void (*free)(void *ptr);
} _Py_hashtable_allocator_t;

PyAPI_FUNC(void) _Py_hashtable_clear(_Py_hashtable_t *);
PyAPI_FUNC(int) _Py_hashtable_compare_direct(const void *, const void *);
PyAPI_FUNC(void) _Py_hashtable_destroy(_Py_hashtable_t *);
PyAPI_FUNC(int) _Py_hashtable_foreach(_Py_hashtable_t *, _Py_hashtable_foreach_func, void *);
PyAPI_FUNC(void *) _Py_hashtable_get(_Py_hashtable_t *, const void *);
PyAPI_FUNC(Py_uhash_t) _Py_hashtable_hash_ptr(const void *);
PyAPI_FUNC(size_t) _Py_hashtable_len(const _Py_hashtable_t *);
PyAPI_FUNC(_Py_hashtable_t *) _Py_hashtable_new(_Py_hashtable_hash_func,
    _Py_hashtable_compare_func);
PyAPI_FUNC(_Py_hashtable_t *) _Py_hashtable_new_full(_Py_hashtable_hash_func,
    _Py_hashtable_compare_func, _Py_hashtable_destroy_func, _Py_hashtable_destroy_func,
    _Py_hashtable_allocator_t *);
PyAPI_FUNC(int) _Py_hashtable_set(_Py_hashtable_t *, const void *, void *);
PyAPI_FUNC(size_t) _Py_hashtable_size(const _Py_hashtable_t *);
PyAPI_FUNC(void *) _Py_hashtable_steal(_Py_hashtable_t *, const void *);

#endif  /* !Py_INTERNAL_HASHTABLE_H */
