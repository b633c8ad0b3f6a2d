/* Line input, universal newlines, the open_code() hook.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_FILEOBJECT_H
#  error "do not include this file directly, include fileobject.h"
#endif

#ifndef Py_CPYTHON_FILEOBJECT_H
#define Py_CPYTHON_FILEOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef PyObject *(*Py_OpenCodeHookFunction)(PyObject *, void *);

PyAPI_FUNC(char *) Py_UniversalNewlineFgets(char *, int, FILE *, PyObject *);

PyAPI_FUNC(Py_NEWREF PyObject *) PyFile_NewStdPrinter(int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyFile_OpenCode(const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyFile_OpenCodeObject(PyObject *);
PyAPI_FUNC(int) PyFile_SetOpenCodeHook(Py_OpenCodeHookFunction, void *);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(char *) _Py_UniversalNewlineFgetsWithSize(char *, int, FILE *, PyObject *, size_t *);
PyAPI_FUNC(int) _PyLong_FileDescriptor_Converter(PyObject *, void *);

PyAPI_DATA(PyTypeObject) PyStdPrinter_Type;

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_FILEOBJECT_H */
