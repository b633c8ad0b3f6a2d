/* Generators, coroutines and asynchronous generators. All three share one layout with
   different names; the frame stands in the object.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CPYTHON_GENOBJECT_H
#define Py_CPYTHON_GENOBJECT_H

#ifndef Py_LIMITED_API

#include "../object.h"
#include "../pystate.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    PyObject_HEAD
    PyObject *gi_weakreflist;          /* weak references to this object */
    PyObject *gi_name;                 /* str */
    PyObject *gi_qualname;             /* str */
    _PyErr_StackItem gi_exc_state;     /* exceptions handled inside */
    PyObject *gi_origin_or_finalizer;  /* where it was created, or the finalizer hook */
    char gi_hooks_inited;              /* hooks have been looked up */
    char gi_closed;                    /* aclose() was called */
    char gi_running_async;             /* an asynchronous step runs */
    int8_t gi_frame_state;             /* state of the frame */
    PyObject *gi_iframe[1];            /* the frame starts here */
} PyGenObject;

PyAPI_DATA(PyTypeObject) PyGen_Type;

#define PyGen_Check(op) PyObject_TypeCheck((op), &PyGen_Type)
#define PyGen_CheckExact(op) Py_IS_TYPE((op), &PyGen_Type)

typedef struct {
    PyObject_HEAD
    PyObject *cr_weakreflist;          /* weak references to this object */
    PyObject *cr_name;                 /* str */
    PyObject *cr_qualname;             /* str */
    _PyErr_StackItem cr_exc_state;     /* exceptions handled inside */
    PyObject *cr_origin_or_finalizer;  /* where it was created, or the finalizer hook */
    char cr_hooks_inited;              /* hooks have been looked up */
    char cr_closed;                    /* aclose() was called */
    char cr_running_async;             /* an asynchronous step runs */
    int8_t cr_frame_state;             /* state of the frame */
    PyObject *cr_iframe[1];            /* the frame starts here */
} PyCoroObject;

PyAPI_DATA(PyTypeObject) PyCoro_Type;
PyAPI_DATA(PyTypeObject) _PyCoroWrapper_Type;

#define PyCoro_CheckExact(op) Py_IS_TYPE((op), &PyCoro_Type)

typedef struct {
    PyObject_HEAD
    PyObject *ag_weakreflist;          /* weak references to this object */
    PyObject *ag_name;                 /* str */
    PyObject *ag_qualname;             /* str */
    _PyErr_StackItem ag_exc_state;     /* exceptions handled inside */
    PyObject *ag_origin_or_finalizer;  /* where it was created, or the finalizer hook */
    char ag_hooks_inited;              /* hooks have been looked up */
    char ag_closed;                    /* aclose() was called */
    char ag_running_async;             /* an asynchronous step runs */
    int8_t ag_frame_state;             /* state of the frame */
    PyObject *ag_iframe[1];            /* the frame starts here */
} PyAsyncGenObject;

PyAPI_DATA(PyTypeObject) PyAsyncGen_Type;
PyAPI_DATA(PyTypeObject) _PyAsyncGenASend_Type;
PyAPI_DATA(PyTypeObject) _PyAsyncGenAThrow_Type;
PyAPI_DATA(PyTypeObject) _PyAsyncGenWrappedValue_Type;

#define PyAsyncGen_CheckExact(op) Py_IS_TYPE((op), &PyAsyncGen_Type)
#define PyAsyncGenASend_CheckExact(op) Py_IS_TYPE((op), &_PyAsyncGenASend_Type)

PyAPI_FUNC(Py_NEWREF PyObject *) PyAsyncGen_New(PyFrameObject *, PyObject *, PyObject *);

PyAPI_FUNC(Py_NEWREF PyObject *) PyCoro_New(PyFrameObject *, PyObject *, PyObject *);

PyAPI_FUNC(Py_NEWREF PyCodeObject *) PyGen_GetCode(PyGenObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyGen_New(PyFrameObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyGen_NewWithQualName(PyFrameObject *, PyObject *, PyObject *);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(int) _PyGen_FetchStopIterationValue(PyObject **);
PyAPI_FUNC(void) _PyGen_Finalize(PyObject *);
PyAPI_FUNC(int) _PyGen_SetStopIterationValue(PyObject *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_LIMITED_API */

#endif  /* !Py_CPYTHON_GENOBJECT_H */
