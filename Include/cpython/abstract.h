/* Calls without packing arguments into tuples.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_ABSTRACT_H
#  error "do not include this file directly, include abstract.h"
#endif

#ifndef Py_CPYTHON_ABSTRACT_H
#define Py_CPYTHON_ABSTRACT_H

#ifdef __cplusplus
extern "C" {
#endif

/* Arguments up to this many are put on the C stack. */
#define _PY_FASTCALL_SMALL_STACK 5

PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_CallOneArg(PyObject *, PyObject *);
PyAPI_FUNC(Py_ssize_t) PyObject_LengthHint(PyObject *, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_VectorcallDict(PyObject *, PyObject *const *, size_t,
    PyObject *);

PyAPI_FUNC(vectorcallfunc) PyVectorcall_Function(PyObject *);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(PyObject *) _Py_CheckFunctionResult(PyThreadState *, PyObject *, PyObject *,
    const char *);
PyAPI_FUNC(void) _Py_FreeCharPArray(char *const *);
PyAPI_FUNC(void) _Py_add_one_to_index_C(int, Py_ssize_t *, const Py_ssize_t *);
PyAPI_FUNC(void) _Py_add_one_to_index_F(int, Py_ssize_t *, const Py_ssize_t *);
PyAPI_FUNC(int) _Py_convert_optional_to_ssize_t(PyObject *, void *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyNumber_Index(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_CallMethod(PyObject *, PyObject *, const char *,
    ...);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_CallMethodId(PyObject *, _Py_Identifier *,
    const char *, ...);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_CallMethodIdObjArgs(
    PyObject *, _Py_Identifier *, ...);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_CallMethodId_SizeT(
    PyObject *, _Py_Identifier *, const char *, ...);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_FastCall(PyObject *, PyObject *const *, Py_ssize_t);
PyAPI_FUNC(int) _PyObject_HasLen(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_MakeTpCall(PyThreadState *, PyObject *,
    PyObject *const *, Py_ssize_t, PyObject *);
PyAPI_FUNC(int) _PyObject_RealIsInstance(PyObject *, PyObject *);
PyAPI_FUNC(int) _PyObject_RealIsSubclass(PyObject *, PyObject *);
PyAPI_FUNC(char *const *) _PySequence_BytesToCharpArray(PyObject *);
PyAPI_FUNC(Py_ssize_t) _PySequence_IterSearch(PyObject *, PyObject *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyStack_AsDict(PyObject *const *, PyObject *);

#ifdef PY_SSIZE_T_CLEAN
#  define _PyObject_CallMethodId _PyObject_CallMethodId_SizeT
#endif

/* Names of old. */
#define _PyObject_Vectorcall PyObject_Vectorcall
#define _PyObject_VectorcallMethod PyObject_VectorcallMethod
#define _PyObject_FastCallDict PyObject_VectorcallDict
#define _PyVectorcall_Function PyVectorcall_Function
#define _PyObject_CallOneArg PyObject_CallOneArg
#define _PyObject_CallMethodNoArgs PyObject_CallMethodNoArgs
#define _PyObject_CallMethodOneArg PyObject_CallMethodOneArg

/* The number of arguments without the flag. A function of this name is exported too. */
static inline Py_ssize_t
_PyVectorcall_NARGS(size_t n)
{
    return _Py_STATIC_CAST(Py_ssize_t, n & ~PY_VECTORCALL_ARGUMENTS_OFFSET);
}
#define PyVectorcall_NARGS(n) _PyVectorcall_NARGS(n)

static inline PyObject *
PyObject_CallMethodNoArgs(PyObject *self, PyObject *name)
{
    size_t nargsf = 1 | PY_VECTORCALL_ARGUMENTS_OFFSET;
    return PyObject_VectorcallMethod(name, &self, nargsf, _Py_NULL);
}

static inline PyObject *
PyObject_CallMethodOneArg(PyObject *self, PyObject *name, PyObject *arg)
{
    PyObject *args[2] = {self, arg};
    size_t nargsf = 2 | PY_VECTORCALL_ARGUMENTS_OFFSET;
    assert(arg != NULL);
    return PyObject_VectorcallMethod(name, args, nargsf, _Py_NULL);
}

/* The same with the method's name as an identifier. */
static inline PyObject *
_PyObject_VectorcallMethodId(_Py_Identifier *name, PyObject *const *args, size_t nargsf,
                             PyObject *kwnames)
{
    PyObject *oname = _PyUnicode_FromId(name);  /* borrowed */
    if (!oname) {
        return _Py_NULL;
    }
    return PyObject_VectorcallMethod(oname, args, nargsf, kwnames);
}

static inline PyObject *
_PyObject_CallMethodIdNoArgs(PyObject *self, _Py_Identifier *name)
{
    size_t nargsf = 1 | PY_VECTORCALL_ARGUMENTS_OFFSET;
    return _PyObject_VectorcallMethodId(name, &self, nargsf, _Py_NULL);
}

static inline PyObject *
_PyObject_CallMethodIdOneArg(PyObject *self, _Py_Identifier *name, PyObject *arg)
{
    PyObject *args[2] = {self, arg};
    size_t nargsf = 2 | PY_VECTORCALL_ARGUMENTS_OFFSET;
    assert(arg != NULL);
    return _PyObject_VectorcallMethodId(name, args, nargsf, _Py_NULL);
}

/* Item i of a sequence through its slot: no negative index, no check. */
#define PySequence_ITEM(o, i) (Py_TYPE(o)->tp_as_sequence->sq_item((o), (i)))

/* What _PySequence_IterSearch() does. */
#define PY_ITERSEARCH_COUNT 1
#define PY_ITERSEARCH_INDEX 2
#define PY_ITERSEARCH_CONTAINS 3

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_ABSTRACT_H */
