/* Profiling and tracing functions, the default frame evaluator, slice indices.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CEVAL_H
#  error "do not include this file directly, include ceval.h"
#endif

#ifndef Py_CPYTHON_CEVAL_H
#define Py_CPYTHON_CEVAL_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) PyEval_MergeCompilerFlags(PyCompilerFlags *);
PyAPI_FUNC(void) PyEval_SetProfile(Py_tracefunc, PyObject *);
PyAPI_FUNC(void) PyEval_SetProfileAllThreads(Py_tracefunc, PyObject *);
PyAPI_FUNC(void) PyEval_SetTrace(Py_tracefunc, PyObject *);
PyAPI_FUNC(void) PyEval_SetTraceAllThreads(Py_tracefunc, PyObject *);

PyAPI_FUNC(Py_ssize_t) PyUnstable_Eval_RequestCodeExtraIndex(freefunc);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(Py_NEWREF PyObject *) _PyEval_EvalFrameDefault(PyThreadState *,
    struct _PyInterpreterFrame *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyEval_GetBuiltin(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyEval_GetBuiltinId(_Py_Identifier *);
PyAPI_FUNC(unsigned long) _PyEval_GetSwitchInterval(void);
PyAPI_FUNC(int) _PyEval_MakePendingCalls(PyThreadState *);
PyAPI_FUNC(int) _PyEval_SetProfile(PyThreadState *, Py_tracefunc, PyObject *);
PyAPI_FUNC(void) _PyEval_SetSwitchInterval(unsigned long);
PyAPI_FUNC(int) _PyEval_SetTrace(PyThreadState *, Py_tracefunc, PyObject *);
PyAPI_FUNC(int) _PyEval_SliceIndex(PyObject *, Py_ssize_t *);
PyAPI_FUNC(int) _PyEval_SliceIndexNotNone(PyObject *, Py_ssize_t *);

/* Name of old. */
static inline Py_ssize_t
_PyEval_RequestCodeExtraIndex(freefunc f)
{
    return PyUnstable_Eval_RequestCodeExtraIndex(f);
}

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_CEVAL_H */
