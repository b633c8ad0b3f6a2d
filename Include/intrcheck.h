/* Interrupts and forks.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_INTRCHECK_H
#define Py_INTRCHECK_H

#include "pytypedefs.h"

#ifdef __cplusplus
extern "C" {
#endif

_Py_DEPRECATED_EXTERNALLY(3.7) PyAPI_FUNC(void) PyOS_AfterFork(void);
PyAPI_FUNC(int) PyOS_InterruptOccurred(void);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03070000
PyAPI_FUNC(void) PyOS_AfterFork_Child(void);
PyAPI_FUNC(void) PyOS_AfterFork_Parent(void);
PyAPI_FUNC(void) PyOS_BeforeFork(void);
#endif

/* Private to the core, but part of the binary interface. */
#ifndef Py_LIMITED_API
PyAPI_FUNC(int) _PyOS_IsMainThread(void);
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_INTRCHECK_H */
