/* Tables of built-in and frozen modules; private parts of import.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_IMPORT_H
#  error "do not include this file directly, include import.h"
#endif

#ifndef Py_CPYTHON_IMPORT_H
#define Py_CPYTHON_IMPORT_H

#ifdef __cplusplus
extern "C" {
#endif

/* A built-in module. The table ends with a NULL name. */
struct _inittab {
    const char *name;
    PyObject *(*initfunc)(void);
};

/* A frozen module: its code as bytes, or a function that makes it. */
struct _frozen {
    const char *name;             /* of the module */
    const unsigned char *code;    /* marshalled */
    int size;                     /* bytes of code */
    int is_package;               /* may have submodules */
    PyObject *(*get_code)(void);  /* makes the code object, or NULL */
};

PyAPI_DATA(const struct _frozen *) PyImport_FrozenModules;
PyAPI_DATA(struct _inittab *) PyImport_Inittab;

PyAPI_FUNC(int) PyImport_ExtendInittab(struct _inittab *);

PyAPI_FUNC(Py_NEWREF PyObject *) PyInit__imp(void);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(void) _PyImport_AcquireLock(PyInterpreterState *);
PyAPI_FUNC(int) _PyImport_FixupBuiltin(PyObject *, const char *, PyObject *);
PyAPI_FUNC(int) _PyImport_FixupExtensionObject(PyObject *, PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyImport_GetModuleAttr(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyImport_GetModuleAttrString(const char *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyImport_GetModuleId(_Py_Identifier *);
PyAPI_FUNC(int) _PyImport_IsInitialized(PyInterpreterState *);
PyAPI_FUNC(int) _PyImport_ReleaseLock(PyInterpreterState *);
PyAPI_FUNC(int) _PyImport_SetModule(PyObject *, PyObject *);
PyAPI_FUNC(int) _PyImport_SetModuleString(const char *, PyObject *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_IMPORT_H */
