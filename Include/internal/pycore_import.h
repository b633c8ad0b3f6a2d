/* Import inside the core: the import lock, built-in and frozen modules, legacy extensions.
 * Written from InternalDocs/import.rst. */
#ifndef Py_INTERNAL_IMPORT_H
#define Py_INTERNAL_IMPORT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

/* Magic number of .pyc files, in their first two bytes: ours, never one of CPython's. */
#define _Py_PYC_MAGIC 27000
#define _Py_PYC_MAGIC_WORD ((uint32_t)_Py_PYC_MAGIC | (uint32_t)'\r' << 16 | (uint32_t)'\n' << 24)

/* One deep-frozen module; rows are sorted by name and end with NULL. */
struct _PyFrozenModule {
    const char *name;           /* name under which it is imported */
    PyCodeObject *code;         /* shared static object; NULL: hidden alias */
    int is_package;
    const char *origname;       /* library module whose source it is (aliases), or NULL */
    const char *path;           /* source below the library, if the module shall look as if imported
                                   from there; NULL: a frozen module of 3.12 */
};

/* gen/frozen/table.c; empty in the bootstrap interpreter. */
extern const struct _PyFrozenModule _PyFrozen_Modules[];

/* -- frozen.c -- */
/* The code of modules with a path gets it as its file name.  0, or -1 with an error. */
extern int _PyFrozen_SetPaths(PyThreadState *tstate);
/* Gives the module of such code, about to run in `globals`, the attributes of an import from a
   file. */
extern int _PyFrozen_FixSpec(PyThreadState *tstate, PyObject *code, PyObject *globals);
/* The same for those that were imported before there was a loader for files. */
extern int _PyFrozen_FixImported(PyThreadState *tstate);
/* The row, or NULL. */
extern const struct _PyFrozenModule *_PyFrozen_Find(const char *name);
/* Whether an import may use the row: 3.12 freezes it too, or would find it in the library's file.
   A 0 may be wrong, then the path finder finds that file.  Sets no error. */
extern int _PyFrozen_IsFirst(PyThreadState *tstate, const struct _PyFrozenModule *row);

/* A frozen module of the table that a program set (PyImport_FrozenModules), or of ours. */
struct _frozen_info {
    const struct _frozen *custom;   /* the program's; wins, except over what start-up needs */
    const struct _PyFrozenModule *row;
    int is_package;
    const char *origname;
};
/* 1 and *info, or 0. */
extern int _PyFrozen_Lookup(const char *name, struct _frozen_info *info);
/* Its code object, new reference; NULL with an error. */
extern PyObject *_PyFrozen_GetCode(PyObject *name, const struct _frozen_info *info);
/* Fills in what static initialisers cannot (hash tables of frozensets); once per process. */
extern int _PyFrozen_Init(PyThreadState *tstate);

/* -- import.c, import_extension.c -- */
extern void _PyImport_AcquireLock(PyInterpreterState *interp);
/* -1 if the lock is not held by this thread. */
extern int _PyImport_ReleaseLock(PyInterpreterState *interp);
extern PyObject *_PyImport_GetModules(PyInterpreterState *interp);      /* borrowed */
extern PyObject *_PyImport_GetModuleAttr(PyObject *modname, PyObject *attrname);
extern PyObject *_PyImport_GetModuleAttrString(const char *modname, const char *attrname);
extern int _PyImport_SetModule(PyObject *name, PyObject *module);
extern int _PyImport_SetModuleString(const char *name, PyObject *module);
extern PyObject *_PyImport_AddModuleObject(PyThreadState *tstate, PyObject *name);  /* new */
extern PyObject *_PyImport_CreateBuiltin(PyThreadState *tstate, PyObject *name, PyObject *spec);
extern PyObject *_PyImport_CreateDynamic(PyThreadState *tstate, PyObject *spec, PyObject *name,
                                         PyObject *path);
/* The module at a definition's index (m_base.m_index), or NULL. */
/* borrowed */
extern PyObject *_PyImport_ModuleByIndex(PyInterpreterState *interp, Py_ssize_t index);

/* Full name of the module being loaded, for legacy modules that give only its last part. */
extern const char *_PyImport_ResolveNameWithPackageContext(const char *name);
/* 0, or -1 with ImportError: legacy modules load only where the heap is the main interpreter's. */
extern int _PyImport_CheckSubinterpIncompatibleExtensionAllowed(const char *name);
/* The module that an init function's result `m` (taken over) stands for; NULL with an error. */
extern PyObject *_PyImport_FinishInit(PyThreadState *tstate, PyObject *m, PyObject *spec,
                                      PyObject *name, PyObject *path);
/* Forgets the table of legacy modules; at the end of the runtime. */
extern void _PyImport_ForgetExtensions(void);

/* -- dynload.c -- */
typedef PyObject *(*_PyModuleInit)(void);
/* PyInit_<name> of the shared library at `path`; NULL with ImportError. */
extern _PyModuleInit _PyImport_FindInitFunction(PyThreadState *tstate, PyObject *name,
                                                PyObject *path);
extern const char *const _PyImport_DynLoadFiletab[];

#endif /* !Py_INTERNAL_IMPORT_H */
