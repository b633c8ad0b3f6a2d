/* The global flags of old. They mirror the configuration; new code reads PyConfig.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CPYTHON_PYDEBUG_H
#define Py_CPYTHON_PYDEBUG_H

#ifndef Py_LIMITED_API

#include "../pyport.h"

#ifdef __cplusplus
extern "C" {
#endif

_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_BytesWarningFlag;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_DebugFlag;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_DontWriteBytecodeFlag;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_FrozenFlag;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_HashRandomizationFlag;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_IgnoreEnvironmentFlag;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_InspectFlag;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_InteractiveFlag;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_IsolatedFlag;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_NoSiteFlag;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_NoUserSiteDirectory;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_OptimizeFlag;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_QuietFlag;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_UnbufferedStdioFlag;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_VerboseFlag;
PyAPI_FUNC(char *) Py_GETENV(const char *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_LIMITED_API */

#endif  /* !Py_CPYTHON_PYDEBUG_H */
