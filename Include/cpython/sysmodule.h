/* Audit hooks.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_SYSMODULE_H
#  error "do not include this file directly, include sysmodule.h"
#endif

#ifndef Py_CPYTHON_SYSMODULE_H
#define Py_CPYTHON_SYSMODULE_H

#ifdef __cplusplus
extern "C" {
#endif

typedef int (*Py_AuditHookFunction)(const char *, PyObject *, void *);

PyAPI_FUNC(int) PySys_AddAuditHook(Py_AuditHookFunction, void *);
PyAPI_FUNC(int) PySys_Audit(const char *, const char *, ...);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(Py_BORROWED PyObject *) _PySys_GetAttr(PyThreadState *, PyObject *);
PyAPI_FUNC(size_t) _PySys_GetSizeOf(PyObject *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_SYSMODULE_H */
