/* Sizes of objects, the arena allocator's hooks, weak-reference support.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_OBJIMPL_H
#  error "do not include this file directly, include objimpl.h"
#endif

#ifndef Py_CPYTHON_OBJIMPL_H
#define Py_CPYTHON_OBJIMPL_H

#ifdef __cplusplus
extern "C" {
#endif

static inline size_t
_PyObject_SIZE(PyTypeObject *type)
{
    return _Py_STATIC_CAST(size_t, type->tp_basicsize);
}

/* Bytes of an instance with nitems items, rounded up to a multiple of a pointer. */
static inline size_t
_PyObject_VAR_SIZE(PyTypeObject *type, Py_ssize_t nitems)
{
    size_t size = _Py_STATIC_CAST(size_t, type->tp_basicsize);
    size += _Py_STATIC_CAST(size_t, nitems) * _Py_STATIC_CAST(size_t, type->tp_itemsize);
    return _Py_SIZE_ROUND_UP(size, SIZEOF_VOID_P);
}

/* Where the allocator for small blocks gets its arenas. */
typedef struct {
    void *ctx;  /* passed to both functions */
    void *(*alloc)(void *, size_t);
    void (*free)(void *, void *, size_t);
} PyObjectArenaAllocator;

PyAPI_FUNC(PyObject **) PyObject_GET_WEAKREFS_LISTPTR(PyObject *);
PyAPI_FUNC(void) PyObject_GetArenaAllocator(PyObjectArenaAllocator *);
PyAPI_FUNC(int) PyObject_IS_GC(PyObject *);
PyAPI_FUNC(void) PyObject_SetArenaAllocator(PyObjectArenaAllocator *);

PyAPI_FUNC(int) PyType_SUPPORTS_WEAKREFS(PyTypeObject *);

PyAPI_FUNC(Py_NEWREF PyObject *) PyUnstable_Object_GC_NewWithExtraData(PyTypeObject *, size_t);

#define _PyGC_FINALIZED(o) PyObject_GC_IsFinalized(o)

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_OBJIMPL_H */
