/* Weak references inside the core.  The references to one object form a list that hangs on
 * the object (or on the side table of a shared static type); at its head stand the reusable ones:
 * the plain reference without callback, then the plain proxy. */
#ifndef Py_INTERNAL_WEAKREF_H
#define Py_INTERNAL_WEAKREF_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* Where the list of `obj` hangs.  NULL with MemoryError for a shared static type. */
extern PyWeakReference **_PyWeakref_GetListPtr(PyObject *obj);

/* Clears references that were made after the callbacks ran, without calling anything. */
extern void _PyWeakref_ClearWeakRefsExceptCallbacks(PyObject *obj);

/* Forgets the side table of references to shared objects. */
extern void _PyWeakref_FiniInterpreter(PyInterpreterState *interp);

/* The referent if it lives: a new reference, or NULL (no exception). */
static inline PyObject *
_PyWeakref_GET_REF(PyObject *ref)
{
    PyObject *obj = PyWeakref_GET_OBJECT(ref);
    return obj == Py_None ? NULL : Py_NewRef(obj);
}

#endif /* !Py_INTERNAL_WEAKREF_H */
