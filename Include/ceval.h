/* Evaluation: calls into the interpreter, the state of the running code, the GIL around
   blocking calls.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CEVAL_H
#define Py_CEVAL_H

#include "object.h"
#include "compile.h"
#include "pystate.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) Py_AddPendingCall(int (*)(void *), void *);
PyAPI_FUNC(int) Py_EnterRecursiveCall(const char *);
PyAPI_FUNC(int) Py_GetRecursionLimit(void);
PyAPI_FUNC(void) Py_LeaveRecursiveCall(void);
PyAPI_FUNC(int) Py_MakePendingCalls(void);
PyAPI_FUNC(void) Py_SetRecursionLimit(int);

_Py_DEPRECATED_EXTERNALLY(3.2) PyAPI_FUNC(void) PyEval_AcquireLock(void);
PyAPI_FUNC(void) PyEval_AcquireThread(PyThreadState *);
_Py_DEPRECATED_EXTERNALLY(3.9) PyAPI_FUNC(Py_NEWREF PyObject *) PyEval_CallFunction(PyObject *,
    const char *, ...);
_Py_DEPRECATED_EXTERNALLY(3.9) PyAPI_FUNC(Py_NEWREF PyObject *) PyEval_CallMethod(PyObject *,
    const char *, const char *, ...);
_Py_DEPRECATED_EXTERNALLY(
    3.9) PyAPI_FUNC(Py_NEWREF PyObject *) PyEval_CallObjectWithKeywords(PyObject *, PyObject *,
    PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyEval_EvalCode(PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyEval_EvalCodeEx(PyObject *, PyObject *, PyObject *,
    PyObject *const *, int, PyObject *const *, int, PyObject *const *, int, PyObject *,
    PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyEval_EvalFrame(PyFrameObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyEval_EvalFrameEx(PyFrameObject *, int);
PyAPI_FUNC(Py_BORROWED PyObject *) PyEval_GetBuiltins(void);
PyAPI_FUNC(Py_BORROWED PyFrameObject *) PyEval_GetFrame(void);
PyAPI_FUNC(const char *) PyEval_GetFuncDesc(PyObject *);
PyAPI_FUNC(const char *) PyEval_GetFuncName(PyObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) PyEval_GetGlobals(void);
PyAPI_FUNC(Py_BORROWED PyObject *) PyEval_GetLocals(void);
_Py_DEPRECATED_EXTERNALLY(3.9) PyAPI_FUNC(void) PyEval_InitThreads(void);
_Py_DEPRECATED_EXTERNALLY(3.2) PyAPI_FUNC(void) PyEval_ReleaseLock(void);
PyAPI_FUNC(void) PyEval_ReleaseThread(PyThreadState *);
PyAPI_FUNC(void) PyEval_RestoreThread(PyThreadState *);
PyAPI_FUNC(PyThreadState *) PyEval_SaveThread(void);
_Py_DEPRECATED_EXTERNALLY(3.9) PyAPI_FUNC(int) PyEval_ThreadsInitialized(void);

#define PyEval_CallObject(callable, arg) \
    PyEval_CallObjectWithKeywords((callable), (arg), _PyObject_CAST(_Py_NULL))

/* Around C code that blocks and touches no object:
       Py_BEGIN_ALLOW_THREADS
       ...
       Py_END_ALLOW_THREADS
   The pair is a block. Inside it, Py_BLOCK_THREADS takes the GIL back, for instance to leave
   the block, and Py_UNBLOCK_THREADS releases it again. */
#define Py_BEGIN_ALLOW_THREADS \
    { \
        PyThreadState *_save; \
        _save = PyEval_SaveThread();
#define Py_BLOCK_THREADS PyEval_RestoreThread(_save);
#define Py_UNBLOCK_THREADS _save = PyEval_SaveThread();
#define Py_END_ALLOW_THREADS \
        PyEval_RestoreThread(_save); \
    }

/* Argument of FORMAT_VALUE: conversion, and whether a format specification is given. */
#define FVC_MASK 0x3
#define FVC_NONE 0x0
#define FVC_STR 0x1
#define FVC_REPR 0x2
#define FVC_ASCII 0x3
#define FVS_MASK 0x4
#define FVS_HAVE_SPEC 0x4

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/ceval.h"
#endif

#endif  /* !Py_CEVAL_H */
