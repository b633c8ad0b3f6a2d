/* The sys module from C: its attributes, and writing to its streams.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_SYSMODULE_H
#define Py_SYSMODULE_H

#include "object.h"
#include "pythread.h"
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

_Py_DEPRECATED_EXTERNALLY(3.11) PyAPI_FUNC(void) PySys_AddWarnOption(const wchar_t *);
_Py_DEPRECATED_EXTERNALLY(3.11) PyAPI_FUNC(void) PySys_AddWarnOptionUnicode(PyObject *);
_Py_DEPRECATED_EXTERNALLY(3.11) PyAPI_FUNC(void) PySys_AddXOption(const wchar_t *);
PyAPI_FUNC(void) PySys_FormatStderr(const char *, ...);
PyAPI_FUNC(void) PySys_FormatStdout(const char *, ...);
PyAPI_FUNC(Py_BORROWED PyObject *) PySys_GetObject(const char *);
PyAPI_FUNC(Py_BORROWED PyObject *) PySys_GetXOptions(void);
PyAPI_FUNC(int) PySys_HasWarnOptions(void);
PyAPI_FUNC(void) PySys_ResetWarnOptions(void);
_Py_DEPRECATED_EXTERNALLY(3.11) PyAPI_FUNC(void) PySys_SetArgv(int, wchar_t **);
_Py_DEPRECATED_EXTERNALLY(3.11) PyAPI_FUNC(void) PySys_SetArgvEx(int, wchar_t **, int);
PyAPI_FUNC(int) PySys_SetObject(const char *, PyObject *);
_Py_DEPRECATED_EXTERNALLY(3.11) PyAPI_FUNC(void) PySys_SetPath(const wchar_t *);
PyAPI_FUNC(void) PySys_WriteStderr(const char *, ...);
PyAPI_FUNC(void) PySys_WriteStdout(const char *, ...);

#ifndef Py_LIMITED_API
/* ---- The map file that lets perf name run-time code ---- */

typedef struct {
    FILE *perf_map;  /* the file, NULL when there is none */
    PyThread_type_lock map_lock;
} PerfMapState;
#endif

#ifndef Py_LIMITED_API
PyAPI_FUNC(void) PyUnstable_PerfMapState_Fini(void);
PyAPI_FUNC(int) PyUnstable_PerfMapState_Init(void);
PyAPI_FUNC(int) PyUnstable_WritePerfMapEntry(const void *, unsigned int, const char *);
#endif

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/sysmodule.h"
#endif

#endif  /* !Py_SYSMODULE_H */
