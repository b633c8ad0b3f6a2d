/* Start from a configuration; interpreters with their own GIL; private parts of the life
   cycle.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYLIFECYCLE_H
#  error "do not include this file directly, include pylifecycle.h"
#endif

#ifndef Py_CPYTHON_PYLIFECYCLE_H
#define Py_CPYTHON_PYLIFECYCLE_H

#include "cpython/initconfig.h"
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Values of PyInterpreterConfig.gil. */
#define PyInterpreterConfig_DEFAULT_GIL 0
#define PyInterpreterConfig_SHARED_GIL 1
#define PyInterpreterConfig_OWN_GIL 2

typedef struct {
    int use_main_obmalloc;              /* share the main interpreter's allocator state */
    int allow_fork;                     /* os.fork() */
    int allow_exec;                     /* os.execv() */
    int allow_threads;                  /* threading */
    int allow_daemon_threads;           /* daemon threads */
    int check_multi_interp_extensions;  /* only extension modules that support it */
    int gil;                            /* PyInterpreterConfig_..._GIL */
} PyInterpreterConfig;

/* An isolated interpreter, and one as Py_NewInterpreter() makes it; in member order. */
#define _PyInterpreterConfig_INIT {0, 0, 0, 1, 0, 1, PyInterpreterConfig_OWN_GIL}
#define _PyInterpreterConfig_LEGACY_INIT {1, 1, 1, 1, 1, 0, PyInterpreterConfig_SHARED_GIL}

typedef void (*atexit_datacallbackfunc)(void *);

_Py_NO_RETURN PyAPI_FUNC(void) Py_ExitStatusException(PyStatus);
PyAPI_FUNC(int) Py_FdIsInteractive(FILE *, const char *);
PyAPI_FUNC(int) Py_FrozenMain(int, char **);
PyAPI_FUNC(PyStatus) Py_InitializeFromConfig(const PyConfig *);
PyAPI_FUNC(PyStatus) Py_NewInterpreterFromConfig(PyThreadState **, const PyInterpreterConfig *);
PyAPI_FUNC(PyStatus) Py_PreInitialize(const PyPreConfig *);
PyAPI_FUNC(PyStatus) Py_PreInitializeFromArgs(const PyPreConfig *, Py_ssize_t, wchar_t **);
PyAPI_FUNC(PyStatus) Py_PreInitializeFromBytesArgs(const PyPreConfig *, Py_ssize_t, char **);
PyAPI_FUNC(int) Py_RunMain(void);
_Py_DEPRECATED_EXTERNALLY(3.11) PyAPI_FUNC(int) Py_SetStandardStreamEncoding(const char *,
    const char *);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(int) _Py_AtExit(PyInterpreterState *, atexit_datacallbackfunc, void *);
PyAPI_FUNC(int) _Py_CoerceLegacyLocale(int);
PyAPI_FUNC(int) _Py_FdIsInteractive(FILE *, PyObject *);
PyAPI_FUNC(PyStatus) _Py_InitializeMain(void);
PyAPI_FUNC(int) _Py_IsCoreInitialized(void);
PyAPI_FUNC(int) _Py_IsFinalizing(void);
PyAPI_FUNC(int) _Py_IsInterpreterFinalizing(PyInterpreterState *);
PyAPI_FUNC(int) _Py_LegacyLocaleDetected(int);
PyAPI_FUNC(void) _Py_RestoreSignals(void);
PyAPI_FUNC(char *) _Py_SetLocaleFromEnv(int);
PyAPI_FUNC(void) _Py_SetProgramFullPath(const wchar_t *);
PyAPI_FUNC(const char *) _Py_gitidentifier(void);
PyAPI_FUNC(const char *) _Py_gitversion(void);
PyAPI_FUNC(int) _PyOS_URandom(void *, Py_ssize_t);
PyAPI_FUNC(int) _PyOS_URandomNonblock(void *, Py_ssize_t);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_PYLIFECYCLE_H */
