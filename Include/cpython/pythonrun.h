/* Running source from files and strings with all options.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYTHONRUN_H
#  error "do not include this file directly, include pythonrun.h"
#endif

#ifndef Py_CPYTHON_PYTHONRUN_H
#define Py_CPYTHON_PYTHONRUN_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(Py_NEWREF PyObject *) Py_CompileStringExFlags(const char *, const char *, int,
    PyCompilerFlags *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) Py_CompileStringObject(const char *, PyObject *, int,
    PyCompilerFlags *, int);

PyAPI_FUNC(char *) PyOS_Readline(FILE *, FILE *, const char *);

PyAPI_FUNC(int) PyRun_AnyFile(FILE *, const char *);
PyAPI_FUNC(int) PyRun_AnyFileEx(FILE *, const char *, int);
PyAPI_FUNC(int) PyRun_AnyFileExFlags(FILE *, const char *, int, PyCompilerFlags *);
PyAPI_FUNC(int) PyRun_AnyFileFlags(FILE *, const char *, PyCompilerFlags *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyRun_File(FILE *, const char *, int, PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyRun_FileEx(FILE *, const char *, int, PyObject *, PyObject *,
    int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyRun_FileExFlags(FILE *, const char *, int, PyObject *,
    PyObject *, int, PyCompilerFlags *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyRun_FileFlags(FILE *, const char *, int, PyObject *,
    PyObject *, PyCompilerFlags *);
PyAPI_FUNC(int) PyRun_InteractiveLoop(FILE *, const char *);
PyAPI_FUNC(int) PyRun_InteractiveLoopFlags(FILE *, const char *, PyCompilerFlags *);
PyAPI_FUNC(int) PyRun_InteractiveOne(FILE *, const char *);
PyAPI_FUNC(int) PyRun_InteractiveOneFlags(FILE *, const char *, PyCompilerFlags *);
PyAPI_FUNC(int) PyRun_InteractiveOneObject(FILE *, PyObject *, PyCompilerFlags *);
PyAPI_FUNC(int) PyRun_SimpleFile(FILE *, const char *);
PyAPI_FUNC(int) PyRun_SimpleFileEx(FILE *, const char *, int);
PyAPI_FUNC(int) PyRun_SimpleFileExFlags(FILE *, const char *, int, PyCompilerFlags *);
PyAPI_FUNC(int) PyRun_SimpleString(const char *);
PyAPI_FUNC(int) PyRun_SimpleStringFlags(const char *, PyCompilerFlags *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyRun_String(const char *, int, PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyRun_StringFlags(const char *, int, PyObject *, PyObject *,
    PyCompilerFlags *);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(const char *) _Py_SourceAsString(PyObject *, const char *, const char *,
    PyCompilerFlags *, PyObject **);
PyAPI_FUNC(int) _PyRun_AnyFileObject(FILE *, PyObject *, int, PyCompilerFlags *);
PyAPI_FUNC(int) _PyRun_InteractiveLoopObject(FILE *, PyObject *, PyCompilerFlags *);
PyAPI_FUNC(int) _PyRun_SimpleFileObject(FILE *, PyObject *, int, PyCompilerFlags *);

/* Shorter forms. A function of the same name is exported for each. */
#define Py_CompileString(str, p, s) Py_CompileStringExFlags((str), (p), (s), NULL, -1)
#define Py_CompileStringFlags(str, p, s, f) Py_CompileStringExFlags((str), (p), (s), (f), -1)
#define PyRun_String(str, s, g, l) PyRun_StringFlags((str), (s), (g), (l), NULL)
#define PyRun_AnyFile(fp, name) PyRun_AnyFileExFlags((fp), (name), 0, NULL)
#define PyRun_AnyFileEx(fp, name, closeit) PyRun_AnyFileExFlags((fp), (name), (closeit), NULL)
#define PyRun_AnyFileFlags(fp, name, flags) PyRun_AnyFileExFlags((fp), (name), 0, (flags))
#define PyRun_SimpleString(s) PyRun_SimpleStringFlags((s), NULL)
#define PyRun_SimpleFile(f, p) PyRun_SimpleFileExFlags((f), (p), 0, NULL)
#define PyRun_SimpleFileEx(f, p, c) PyRun_SimpleFileExFlags((f), (p), (c), NULL)
#define PyRun_InteractiveOne(f, p) PyRun_InteractiveOneFlags((f), (p), NULL)
#define PyRun_InteractiveLoop(f, p) PyRun_InteractiveLoopFlags((f), (p), NULL)
#define PyRun_File(fp, p, s, g, l) PyRun_FileExFlags((fp), (p), (s), (g), (l), 0, NULL)
#define PyRun_FileEx(fp, p, s, g, l, c) PyRun_FileExFlags((fp), (p), (s), (g), (l), (c), NULL)
#define PyRun_FileFlags(fp, p, s, g, l, flags) \
    PyRun_FileExFlags((fp), (p), (s), (g), (l), 0, (flags))

PyAPI_DATA(char *) (*PyOS_ReadlineFunctionPointer)(FILE *, FILE *, const char *);
PyAPI_DATA(PyThreadState *) _PyOS_ReadlineTState;

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_PYTHONRUN_H */
