/* type.h - what the files of the type object share; private to Objects/type/, typeobject.c and
 * object_attr.c.
 *
 * Nouns
 *   slot        a function pointer of a type object (or of one of its method suites)
 *   slot row    struct wrapperbase: a special method's name, the slot it belongs to, the function
 *               that calls the Python method (`function`) and the one that lets Python code call
 *               the slot (`wrapper`).  Several rows may share a slot (__add__ and __radd__), and a
 *               name may have several rows (__len__).
 *   solid base  the class of the MRO that fixed the layout of the instances
 *   modified    a type's attributes changed: its version tag is dropped, its subclasses' too
 */
#ifndef Ly_OBJECTS_TYPE_H
#define Ly_OBJECTS_TYPE_H

#include "Python.h"
#include "pycore_type.h"        // _PyType_IsSharedStatic()

/* The PyMemberDef table behind a heap type. */
#define HEAPTYPE_MEMBERS(et) \
    ((PyMemberDef *)((char *)(et) + Py_TYPE(et)->tp_basicsize))

/* ---- spec.c ---- */
/* __module__ in the dict, from tp_name: 0 or -1. */
extern int _PyType_SetSpecModule(PyTypeObject *type);

/* ---- mro.c ---- */
/* The C3 order of `type`, ignoring an overridden mro(): new tuple or list, or NULL. */
extern PyObject *_PyType_ComputeMRO(PyTypeObject *type);
/* Fills tp_mro, calling an overridden mro().  1 done, 0 a nested call did it, -1 error.  With
 * `old_mro` not NULL, gets the old one (a reference). */
extern int _PyType_SetMRO(PyTypeObject *type, PyObject **old_mro);
extern PyTypeObject *_PyType_SolidBase(PyTypeObject *type);
extern PyTypeObject *_PyType_BestBase(PyObject *bases);
extern int _PyType_SameLayout(PyTypeObject *newto, PyTypeObject *oldto, const char *attr);
extern int _PyType_AssignBases(PyTypeObject *type, PyObject *new_bases);

/* ---- lookup.c ---- */
extern PyObject *_PyType_GetAttro(PyObject *type, PyObject *name);
extern PyObject *_PyType_GetAttroSuppress(PyTypeObject *type, PyObject *name, int suppress);
extern int _PyType_SetAttro(PyObject *type, PyObject *name, PyObject *value);
/* Attribute along the MRO: new reference, 0 not found, -1 error. */
extern int _PyType_FindInMRO(PyTypeObject *type, PyObject *name, PyObject **presult);
extern int _PyType_AddSubclass(PyTypeObject *base, PyTypeObject *type);
extern void _PyType_RemoveSubclass(PyTypeObject *base, PyTypeObject *type);
extern void _PyType_RemoveFromBases(PyTypeObject *type, PyObject *bases);
extern int _PyType_AddToBases(PyTypeObject *type);
/* Drops the version after the MRO changed; types with their own mro() cannot be cached. */
extern void _PyType_MROModified(PyTypeObject *type);
extern void _PyType_ClearSubclasses(PyTypeObject *type);
/* Subclasses that are heap types or static types of extension modules, for updates that walk
 * down: a new list, or NULL with an exception. */
extern PyObject *_PyType_MutableSubclasses(PyTypeObject *type);

/* ---- ready.c ---- */
/* Readying without looking at locks; `type` is new. */
extern int _PyType_ReadyFull(PyTypeObject *type);
extern void _PyType_SetNameTexts(PyTypeObject *type);

/* ---- slotdefs.c ---- */
extern const struct wrapperbase _PyType_SlotRows[];
extern const int _PyType_NumSlotRows;
/* Address of the slot in this type; NULL if it lacks the suite. */
extern void **_PyType_SlotPtr(PyTypeObject *type, int offset);
/* Makes a wrapper descriptor for each slot that is set and has no attribute yet. */
extern int _PyType_AddOperators(PyTypeObject *type);
/* Sets all slots by the attributes found along the MRO. */
extern void _PyType_FixupSlots(PyTypeObject *type);
/* An attribute of the type changed: sets its slot, and those of the subclasses.  0 or -1. */
extern int _PyType_UpdateSlot(PyTypeObject *type, PyObject *name);
extern int _PyType_UpdateAllSlots(PyTypeObject *type);

/* ---- new.c ---- */
extern PyObject *_PyType_New(PyTypeObject *metatype, PyObject *args, PyObject *kwargs);
extern int _PyType_InitSubclass(PyTypeObject *type, PyObject *kwargs);
extern int _PyType_SetNames(PyTypeObject *type);

/* ---- subtype.c ---- */
extern void _PyType_SubtypeDealloc(PyObject *self);
extern int _PyType_SubtypeTraverse(PyObject *self, visitproc visit, void *arg);
extern int _PyType_SubtypeClear(PyObject *self);
extern PyObject *_PyType_SubtypeGetDict(PyObject *obj, void *context);
extern PyGetSetDef _PyType_SubtypeGetSets[];    /* __dict__, __weakref__ */
extern PyGetSetDef _PyType_SubtypeGetSetsDictOnly[];
extern PyGetSetDef _PyType_SubtypeGetSetsWeakrefOnly[];

/* ---- base.c (object) ---- */
extern int _PyObject_SetClass(PyObject *self, PyObject *value, void *closure);
extern PyObject *_PyObject_NewPlain(PyTypeObject *type, PyObject *args, PyObject *kwds);

/* ---- typeobject.c ---- */
extern PyObject *_PyType_NewWrapper(PyObject *self, PyObject *args, PyObject *kwds);
extern int _PyType_AddNewWrapper(PyTypeObject *type);
/* Refuses changes of immutable types: 0, or -1 with TypeError. */
extern int _PyType_CheckSetSpecial(PyTypeObject *type, PyObject *value, const char *name);
extern PyObject *_PyType_Module(PyTypeObject *type, void *context);
/* Adds the names of a class and its bases to `dict`. */
extern int _PyType_MergeClassDict(PyObject *dict, PyObject *aclass);

/* ---- slotfuncs.c: functions that call Python methods ---- */
extern PyObject *_PyType_SlotNew(PyTypeObject *type, PyObject *args, PyObject *kwds);

#endif
