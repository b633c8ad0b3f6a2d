/* Types inside the core: readying, lookup, versions.  State: pycore_type_state.h.
 * Owner: Objects/typeobject.c and Objects/type/ files. */
#ifndef Py_INTERNAL_TYPE_H
#define Py_INTERNAL_TYPE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_pystate.h"     // _PyInterpreterState_GET()

#define _Py_TPFLAGS_STATIC_BUILTIN (1 << 1)
/* A shared static type that is a heap type in 3.12: has __module__ in its dict, and inherits
   object.__new__ unasked. */
#define _Py_TPFLAGS_LIKE_HEAPTYPE (1 << 2)

static inline int
_PyType_IsSharedStatic(const PyTypeObject *type)
{
    return (type->tp_flags & _Py_TPFLAGS_STATIC_BUILTIN) != 0;
}

static inline int
_PyType_HasFeature(const PyTypeObject *type, unsigned long feature)
{
    return (type->tp_flags & feature) != 0;
}

/* Makes a shared static type of the core ready, once per process (types lock inside); a call
 * for a type that is ready costs one load.  0, or -1 with an error set. */
extern int _PyStaticType_InitBuiltin(PyThreadState *tstate, PyTypeObject *type);

/* The side table entry of a shared static type in this interpreter; NULL with MemoryError. */
extern struct static_type_state *_PyStaticType_GetState(PyInterpreterState *interp,
                                                        PyTypeObject *type);
extern PyObject **_PyStaticType_GET_WEAKREFS_LISTPTR(struct static_type_state *state);

/* Attribute along the MRO, without descriptors: borrowed reference or NULL, never an error. */
extern PyObject *_PyType_Lookup(PyTypeObject *type, PyObject *name);
extern PyObject *_PyType_LookupId(PyTypeObject *type, struct _Py_Identifier *name);

/* Version tag of the type, assigned at need; 0: cannot be cached. */
extern unsigned int _PyType_GetVersionTag(PyTypeObject *type);

extern PyObject *_PyType_GetDict(PyTypeObject *type);           /* borrowed */
extern PyObject *_PyType_GetBases(PyTypeObject *type);          /* borrowed */
extern PyObject *_PyType_GetMRO(PyTypeObject *type);            /* borrowed */
extern PyObject *_PyType_GetSubclasses(PyTypeObject *type);     /* new list */
extern int _PyType_HasSubclasses(PyTypeObject *type);
extern const char *_PyType_Name(PyTypeObject *type);
extern PyObject *_PyType_GetModuleName(PyTypeObject *type);
extern PyTypeObject *_PyType_GetMetaclassOf(PyObject *bases);
extern PyObject *_PyType_AllocNoTrack(PyTypeObject *type, Py_ssize_t nitems);
extern PyObject *_PyType_NewManagedObject(PyTypeObject *type);
PyAPI_FUNC(int) _PyType_CheckConsistency(PyTypeObject *type);

/* super().name without a super object: new reference; *method is set when the result is an
 * unbound method of `obj`.  PEP-less: gh-103497 */
extern PyObject *_PySuper_Lookup(PyTypeObject *su_type, PyObject *su_obj, PyObject *name,
                                 int *method);

PyAPI_DATA(PyTypeObject) _PyBufferWrapper_Type;
extern PyObject *_Py_slot_tp_getattro(PyObject *self, PyObject *name);
extern int _PyType_slot_tp_init(PyObject *self, PyObject *args, PyObject *kwds);
extern PyObject *_Py_slot_tp_getattr_hook(PyObject *self, PyObject *name);

extern PyStatus _PyTypes_InitInterpreter(PyThreadState *tstate);
extern void _PyTypes_FiniInterpreter(PyInterpreterState *interp);
extern void _PyTypes_ClearCache(PyInterpreterState *interp);

#endif /* !Py_INTERNAL_TYPE_H */
