/* Module objects inside the core. */
#ifndef Py_INTERNAL_MODULEOBJECT_H
#define Py_INTERNAL_MODULEOBJECT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include <assert.h>

typedef struct {
    PyObject_HEAD
    PyObject *md_dict;          /* __dict__, owned */
    PyModuleDef *md_def;        /* what it was made from, or NULL; static */
    void *md_state;             /* PyMem_Malloc'ed, md_def->m_size bytes, or NULL */
    PyObject *md_weaklist;      /* weak references */
    PyObject *md_name;          /* for the time when the dict is gone: owned, or NULL */
} PyModuleObject;

/* Unchecked access to what PyModule_GetDef() and its kin give. */
static inline PyModuleDef *
_PyModule_GetDef(PyObject *mod)
{
    assert(PyModule_Check(mod));
    return ((PyModuleObject *)mod)->md_def;
}

static inline void *
_PyModule_GetState(PyObject *mod)
{
    assert(PyModule_Check(mod));
    return ((PyModuleObject *)mod)->md_state;
}

static inline PyObject *
_PyModule_GetDict(PyObject *mod)
{
    assert(PyModule_Check(mod));
    PyObject *dict = ((PyModuleObject *)mod)->md_dict;
    assert(dict != NULL);
    return dict;
}

/* Objects/moduleobject.c */
extern PyObject *_Py_module_getattro_impl(PyModuleObject *m, PyObject *name, int suppress);
extern PyObject *_Py_module_getattro(PyObject *m, PyObject *name);
extern PyObject *_PyModule_CreateInitialized(PyModuleDef *module, int apiver);

#endif /* !Py_INTERNAL_MODULEOBJECT_H */
