/* Functions written in C, and the tables that describe them.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_METHODOBJECT_H
#define Py_METHODOBJECT_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyCFunction_Type;

#define PyCFunction_CheckExact(op) Py_IS_TYPE((op), &PyCFunction_Type)
#define PyCFunction_Check(op) PyObject_TypeCheck((op), &PyCFunction_Type)

/* ---- Calling conventions ---- */

typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
typedef PyObject *(*_PyCFunctionFast)(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *(*PyCFunctionWithKeywords)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*_PyCFunctionFastWithKeywords)(PyObject *, PyObject *const *, Py_ssize_t,
    PyObject *);
typedef PyObject *(*PyCMethod)(PyObject *, PyTypeObject *, PyObject *const *, size_t,
    PyObject *);

/* For tables: a function of any of these types. */
#define _PyCFunction_CAST(func) _Py_CAST(PyCFunction, _Py_CAST(void (*)(void), (func)))

#define METH_VARARGS 0x0001
#define METH_KEYWORDS 0x0002
/* Alone, without METH_VARARGS: */
#define METH_NOARGS 0x0004
#define METH_O 0x0008
/* How a type binds the function. */
#define METH_CLASS 0x0010
#define METH_STATIC 0x0020
/* Take the place of a slot wrapper of the same name. */
#define METH_COEXIST 0x0040
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030a0000
#  define METH_FASTCALL 0x0080
#endif
#define METH_STACKLESS 0x0000
/* With METH_FASTCALL | METH_KEYWORDS: the defining class is passed. */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03090000
#  define METH_METHOD 0x0200
#endif

struct PyMethodDef {
    const char *ml_name;  /* name in Python */
    PyCFunction ml_meth;  /* the C function */
    int ml_flags;         /* METH_... flags */
    const char *ml_doc;   /* docstring, or NULL */
};

_Py_DEPRECATED_EXTERNALLY(3.9) PyAPI_FUNC(Py_NEWREF PyObject *) PyCFunction_Call(PyObject *,
    PyObject *, PyObject *);
PyAPI_FUNC(int) PyCFunction_GetFlags(PyObject *);
PyAPI_FUNC(PyCFunction) PyCFunction_GetFunction(PyObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) PyCFunction_GetSelf(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCFunction_New(PyMethodDef *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCFunction_NewEx(PyMethodDef *, PyObject *, PyObject *);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03090000
PyAPI_FUNC(Py_NEWREF PyObject *) PyCMethod_New(PyMethodDef *, PyObject *, PyObject *,
    PyTypeObject *);
#endif

#define PyCFunction_New(ML, SELF) PyCFunction_NewEx((ML), (SELF), NULL)
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03090000
#  define PyCFunction_NewEx(ML, SELF, MOD) PyCMethod_New((ML), (SELF), (MOD), NULL)
#endif

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/methodobject.h"
#endif

#endif  /* !Py_METHODOBJECT_H */
