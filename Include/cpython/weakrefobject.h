/* Layout of weak references.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_WEAKREFOBJECT_H
#  error "do not include this file directly, include weakrefobject.h"
#endif

#ifndef Py_CPYTHON_WEAKREFOBJECT_H
#define Py_CPYTHON_WEAKREFOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _PyWeakReference PyWeakReference;

/* wr_object is Py_None once the referent is gone. References to one object are linked. */
struct _PyWeakReference {
    PyObject_HEAD
    PyObject *wr_object;       /* the referent, Py_None when it is gone */
    PyObject *wr_callback;     /* called when it goes, or NULL */
    Py_hash_t hash;            /* of the referent, -1 while not computed */
    PyWeakReference *wr_prev;  /* other reference to the same object */
    PyWeakReference *wr_next;  /* other reference to the same object */
    vectorcallfunc vectorcall;
};

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(void) _PyWeakref_ClearRef(PyWeakReference *);
PyAPI_FUNC(Py_ssize_t) _PyWeakref_GetWeakrefCount(PyWeakReference *);

/* The referent, or None when it is gone or going; a borrowed reference. */
static inline PyObject *
PyWeakref_GET_OBJECT(PyObject *ref_obj)
{
    assert(PyWeakref_Check(ref_obj));
    PyObject *obj = _Py_CAST(PyWeakReference *, ref_obj)->wr_object;
    /* A deallocator that clears weak references late lets a dead object be seen. */
    if (Py_REFCNT(obj) > 0) {
        return obj;
    }
    return Py_None;
}
#define PyWeakref_GET_OBJECT(ref) PyWeakref_GET_OBJECT(_PyObject_CAST(ref))

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_WEAKREFOBJECT_H */
