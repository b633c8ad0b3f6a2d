/* Starting and ending the runtime and interpreters; facts about the installation.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYLIFECYCLE_H
#define Py_PYLIFECYCLE_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef void (*PyOS_sighandler_t)(int);

PyAPI_FUNC(int) Py_AtExit(void (*)(void));
PyAPI_FUNC(int) Py_BytesMain(int, char **);
PyAPI_FUNC(void) Py_EndInterpreter(PyThreadState *);
_Py_NO_RETURN PyAPI_FUNC(void) Py_Exit(int);
PyAPI_FUNC(void) Py_Finalize(void);
PyAPI_FUNC(const char *) Py_GetBuildInfo(void);
PyAPI_FUNC(const char *) Py_GetCompiler(void);
PyAPI_FUNC(const char *) Py_GetCopyright(void);
PyAPI_FUNC(wchar_t *) Py_GetExecPrefix(void);
PyAPI_FUNC(wchar_t *) Py_GetPath(void);
PyAPI_FUNC(const char *) Py_GetPlatform(void);
PyAPI_FUNC(wchar_t *) Py_GetPrefix(void);
PyAPI_FUNC(wchar_t *) Py_GetProgramFullPath(void);
PyAPI_FUNC(wchar_t *) Py_GetProgramName(void);
PyAPI_FUNC(wchar_t *) Py_GetPythonHome(void);
PyAPI_FUNC(const char *) Py_GetVersion(void);
PyAPI_FUNC(void) Py_Initialize(void);
PyAPI_FUNC(void) Py_InitializeEx(int);
PyAPI_FUNC(int) Py_IsInitialized(void);
PyAPI_FUNC(int) Py_Main(int, wchar_t **);
PyAPI_FUNC(PyThreadState *) Py_NewInterpreter(void);
_Py_DEPRECATED_EXTERNALLY(3.11) PyAPI_FUNC(void) Py_SetPath(const wchar_t *);
_Py_DEPRECATED_EXTERNALLY(3.11) PyAPI_FUNC(void) Py_SetProgramName(const wchar_t *);
_Py_DEPRECATED_EXTERNALLY(3.11) PyAPI_FUNC(void) Py_SetPythonHome(const wchar_t *);

PyAPI_FUNC(PyOS_sighandler_t) PyOS_getsig(int);
PyAPI_FUNC(PyOS_sighandler_t) PyOS_setsig(int, PyOS_sighandler_t);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03060000
PyAPI_FUNC(int) Py_FinalizeEx(void);
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030b0000
PyAPI_DATA(const unsigned long) Py_Version;
#endif

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/pylifecycle.h"
#endif

#endif  /* !Py_PYLIFECYCLE_H */
