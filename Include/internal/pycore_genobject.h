/* Generators, coroutines, asynchronous generators inside the core.
 * Owner: Objects/genobject.c, Objects/asyncgen.c. */
#ifndef Py_INTERNAL_GENOBJECT_H
#define Py_INTERNAL_GENOBJECT_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_frame.h"       // _PyInterpreterFrame

static inline _PyInterpreterFrame *
_PyGen_GetFrame(PyGenObject *gen)
{
    return (_PyInterpreterFrame *)gen->gi_iframe;
}

static inline PyGenObject *
_PyFrame_GetGenerator(_PyInterpreterFrame *frame)
{
    assert(frame->owner == FRAME_OWNED_BY_GENERATOR);
    return (PyGenObject *)((char *)frame - offsetof(PyGenObject, gi_iframe));
}

/* A generator, coroutine or asynchronous generator for a call of `func`; its frame is the
 * caller's to fill.  New reference or NULL. */
extern PyObject *_Py_MakeCoro(PyFunctionObject *func);
/* What the generator is delegating to (yield from, await): new reference or NULL. */
extern PyObject *_PyGen_yf(PyGenObject *gen);
extern void _PyGen_Finalize(PyObject *self);
extern int _PyGen_SetStopIterationValue(PyObject *value);
extern int _PyGen_FetchStopIterationValue(PyObject **pvalue);
/* o.__await__(), checked: new reference or NULL. */
extern PyObject *_PyCoro_GetAwaitableIter(PyObject *o);
extern PyObject *_PyAsyncGenValueWrapperNew(PyThreadState *tstate, PyObject *value);
extern PyObject *_PyCoro_ComputeOrigin(int depth, _PyInterpreterFrame *current);

extern PyTypeObject _PyCoroWrapper_Type;
extern PyTypeObject _PyAsyncGenWrappedValue_Type;
extern PyTypeObject _PyAsyncGenASend_Type;
extern PyTypeObject _PyAsyncGenAThrow_Type;
extern PyTypeObject _PyAnextAwaitable_Type;     /* Objects/iterobject.c */

/* Python/_warnings.c: the warning about a coroutine that nobody awaited. */
extern void _PyErr_WarnUnawaitedCoroutine(PyObject *coro);
extern void _PyErr_WarnUnawaitedAgenMethod(PyAsyncGenObject *agen, PyObject *method);

#endif /* !Py_INTERNAL_GENOBJECT_H */
