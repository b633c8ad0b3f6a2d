/* Bound methods, and instance methods (functions of C that bind).
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CPYTHON_CLASSOBJECT_H
#define Py_CPYTHON_CLASSOBJECT_H

#ifndef Py_LIMITED_API

#include "../object.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    PyObject_HEAD
    PyObject *im_func;         /* the callable */
    PyObject *im_self;         /* what it is bound to */
    PyObject *im_weakreflist;  /* weak references to this object */
    vectorcallfunc vectorcall;
} PyMethodObject;

PyAPI_DATA(PyTypeObject) PyMethod_Type;

#define PyMethod_Check(op) Py_IS_TYPE((op), &PyMethod_Type)

typedef struct {
    PyObject_HEAD
    PyObject *func;  /* the callable */
} PyInstanceMethodObject;

PyAPI_DATA(PyTypeObject) PyInstanceMethod_Type;

#define PyInstanceMethod_Check(op) Py_IS_TYPE((op), &PyInstanceMethod_Type)

PyAPI_FUNC(Py_BORROWED PyObject *) PyInstanceMethod_Function(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyInstanceMethod_New(PyObject *);

PyAPI_FUNC(Py_BORROWED PyObject *) PyMethod_Function(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyMethod_New(PyObject *, PyObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) PyMethod_Self(PyObject *);

#define _PyMethod_CAST(meth) (assert(PyMethod_Check(meth)), _Py_CAST(PyMethodObject *, meth))
#define _PyInstanceMethod_CAST(meth) \
    (assert(PyInstanceMethod_Check(meth)), _Py_CAST(PyInstanceMethodObject *, meth))

/* Unchecked access; borrowed references. */
static inline PyObject *
PyMethod_GET_FUNCTION(PyObject *meth)
{
    return _PyMethod_CAST(meth)->im_func;
}
#define PyMethod_GET_FUNCTION(meth) PyMethod_GET_FUNCTION(_PyObject_CAST(meth))

static inline PyObject *
PyMethod_GET_SELF(PyObject *meth)
{
    return _PyMethod_CAST(meth)->im_self;
}
#define PyMethod_GET_SELF(meth) PyMethod_GET_SELF(_PyObject_CAST(meth))

static inline PyObject *
PyInstanceMethod_GET_FUNCTION(PyObject *meth)
{
    return _PyInstanceMethod_CAST(meth)->func;
}
#define PyInstanceMethod_GET_FUNCTION(meth) \
    PyInstanceMethod_GET_FUNCTION(_PyObject_CAST(meth))

#ifdef __cplusplus
}
#endif

#endif  /* !Py_LIMITED_API */

#endif  /* !Py_CPYTHON_CLASSOBJECT_H */
