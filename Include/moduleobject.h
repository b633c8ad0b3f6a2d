/* Modules and the definitions that C modules are made from.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_MODULEOBJECT_H
#define Py_MODULEOBJECT_H

#include "object.h"
#include "methodobject.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyModule_Type;

#define PyModule_Check(op) PyObject_TypeCheck((op), &PyModule_Type)
#define PyModule_CheckExact(op) Py_IS_TYPE((op), &PyModule_Type)

typedef struct PyModuleDef_Base {
    PyObject_HEAD
    PyObject *(*m_init)(void);  /* of a single-phase module */
    Py_ssize_t m_index;         /* in each interpreter's list of modules */
    PyObject *m_copy;           /* what a single-phase module's dict contained */
} PyModuleDef_Base;

#define PyModuleDef_HEAD_INIT { \
    PyObject_HEAD_INIT(_Py_NULL) \
    _Py_NULL, /* m_init */ \
    0,        /* m_index */ \
    _Py_NULL, /* m_copy */ \
}

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03050000
struct PyModuleDef_Slot {
    int slot;     /* Py_mod_... */
    void *value;  /* its meaning depends on slot */
};

#define Py_mod_create 1
#define Py_mod_exec   2
#  if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030c0000
#    define Py_mod_multiple_interpreters 3
#  endif
#  ifndef Py_LIMITED_API
#    define _Py_mod_LAST_SLOT 3
#  endif
#endif

/* Values of Py_mod_multiple_interpreters. */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030c0000
#  define Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED ((void *)0)
#  define Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED ((void *)1)
#  define Py_MOD_PER_INTERPRETER_GIL_SUPPORTED ((void *)2)
#endif

struct PyModuleDef {
    PyModuleDef_Base m_base;
    const char *m_name;
    const char *m_doc;
    Py_ssize_t m_size;          /* bytes of state, -1 for a module that keeps it in globals */
    PyMethodDef *m_methods;
    PyModuleDef_Slot *m_slots;  /* NULL for single-phase initialisation */
    traverseproc m_traverse;    /* of the state */
    inquiry m_clear;            /* of the state */
    freefunc m_free;            /* of the state */
};

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03050000
PyAPI_DATA(PyTypeObject) PyModuleDef_Type;
#endif

PyAPI_FUNC(PyModuleDef *) PyModule_GetDef(PyObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) PyModule_GetDict(PyObject *);
_Py_DEPRECATED_EXTERNALLY(3.2) PyAPI_FUNC(const char *) PyModule_GetFilename(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyModule_GetFilenameObject(PyObject *);
PyAPI_FUNC(const char *) PyModule_GetName(PyObject *);
PyAPI_FUNC(void *) PyModule_GetState(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyModule_New(const char *);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03030000
PyAPI_FUNC(Py_NEWREF PyObject *) PyModule_GetNameObject(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyModule_NewObject(PyObject *);
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03050000
PyAPI_FUNC(Py_BORROWED PyObject *) PyModuleDef_Init(PyModuleDef *);
#endif

/* Private to the core, but part of the binary interface. */
#ifndef Py_LIMITED_API
PyAPI_FUNC(void) _PyModule_Clear(PyObject *);
PyAPI_FUNC(void) _PyModule_ClearDict(PyObject *);
PyAPI_FUNC(int) _PyModuleSpec_IsInitializing(PyObject *);
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_MODULEOBJECT_H */
