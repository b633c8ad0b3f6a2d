/* Importing modules from C.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_IMPORT_H
#define Py_IMPORT_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(Py_BORROWED PyObject *) PyImport_AddModule(const char *);
PyAPI_FUNC(int) PyImport_AppendInittab(const char *, PyObject *(*)(void));
PyAPI_FUNC(Py_NEWREF PyObject *) PyImport_ExecCodeModule(const char *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyImport_ExecCodeModuleEx(const char *, PyObject *,
    const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyImport_ExecCodeModuleWithPathnames(
    const char *, PyObject *, const char *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyImport_GetImporter(PyObject *);
PyAPI_FUNC(long) PyImport_GetMagicNumber(void);
PyAPI_FUNC(const char *) PyImport_GetMagicTag(void);
PyAPI_FUNC(Py_BORROWED PyObject *) PyImport_GetModuleDict(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyImport_Import(PyObject *);
PyAPI_FUNC(int) PyImport_ImportFrozenModule(const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyImport_ImportModule(const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyImport_ImportModuleLevel(const char *, PyObject *,
    PyObject *, PyObject *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyImport_ImportModuleNoBlock(const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyImport_ReloadModule(PyObject *);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03030000
PyAPI_FUNC(Py_BORROWED PyObject *) PyImport_AddModuleObject(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyImport_ExecCodeModuleObject(
    PyObject *, PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(int) PyImport_ImportFrozenModuleObject(PyObject *);
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03050000
PyAPI_FUNC(Py_NEWREF PyObject *) PyImport_ImportModuleLevelObject(
    PyObject *, PyObject *, PyObject *, PyObject *, int);
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03070000
PyAPI_FUNC(Py_NEWREF PyObject *) PyImport_GetModule(PyObject *);
#endif

/* An absolute import, like __import__(). */
#define PyImport_ImportModuleEx(n, g, l, f) PyImport_ImportModuleLevel((n), (g), (l), (f), 0)

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/import.h"
#endif

#endif  /* !Py_IMPORT_H */
