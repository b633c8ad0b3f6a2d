/* Function objects: code with its globals, defaults and closure; classmethod and
   staticmethod.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CPYTHON_FUNCOBJECT_H
#define Py_CPYTHON_FUNCOBJECT_H

#ifndef Py_LIMITED_API

#include "../object.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a frame for a function is made from; the first members of a function object too. */
#define COMMON_FIELDS(PREFIX) \
    PyObject *PREFIX##globals; \
    PyObject *PREFIX##builtins; \
    PyObject *PREFIX##name; \
    PyObject *PREFIX##qualname; \
    PyObject *PREFIX##code;        /* a code object */ \
    PyObject *PREFIX##defaults;    /* NULL or a tuple */ \
    PyObject *PREFIX##kwdefaults;  /* NULL or a dict */ \
    PyObject *PREFIX##closure;     /* NULL or a tuple of cells */

typedef struct {
    COMMON_FIELDS(fc_)
} PyFrameConstructor;

typedef struct {
    PyObject_HEAD
    COMMON_FIELDS(func_)
    PyObject *func_doc;          /* __doc__, any object */
    PyObject *func_dict;         /* __dict__, NULL or a dict */
    PyObject *func_weakreflist;  /* list of weak references */
    PyObject *func_module;       /* __module__, any object */
    PyObject *func_annotations;  /* NULL, a dict, or a tuple of names and values */
    PyObject *func_typeparams;   /* NULL or a tuple */
    vectorcallfunc vectorcall;
    uint32_t func_version;       /* 0 when the function may not be specialised for */
    /* From here on the layout is this core's own. */
    void *func_entry;            /* cached entry point, see pycore_executable.h */
    uint64_t func_entry_tag;     /* what func_entry was made for */
} PyFunctionObject;

/* ---- Watchers ---- */

#define PY_FOREACH_FUNC_EVENT(V) \
    V(CREATE) \
    V(DESTROY) \
    V(MODIFY_CODE) \
    V(MODIFY_DEFAULTS) \
    V(MODIFY_KWDEFAULTS)

typedef enum {
#define PY_DEF_EVENT(EVENT) PyFunction_EVENT_##EVENT,
    PY_FOREACH_FUNC_EVENT(PY_DEF_EVENT)
#undef PY_DEF_EVENT
} PyFunction_WatchEvent;

/* Called before a change of a function. */
typedef int (*PyFunction_WatchCallback)(PyFunction_WatchEvent, PyFunctionObject *, PyObject *);

PyAPI_DATA(PyTypeObject) PyClassMethod_Type;
PyAPI_DATA(PyTypeObject) PyFunction_Type;
PyAPI_DATA(PyTypeObject) PyStaticMethod_Type;

#define PyFunction_Check(op) Py_IS_TYPE((op), &PyFunction_Type)

PyAPI_FUNC(Py_NEWREF PyObject *) PyClassMethod_New(PyObject *);

PyAPI_FUNC(int) PyFunction_AddWatcher(PyFunction_WatchCallback);
PyAPI_FUNC(int) PyFunction_ClearWatcher(int);
PyAPI_FUNC(Py_BORROWED PyObject *) PyFunction_GetAnnotations(PyObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) PyFunction_GetClosure(PyObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) PyFunction_GetCode(PyObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) PyFunction_GetDefaults(PyObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) PyFunction_GetGlobals(PyObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) PyFunction_GetKwDefaults(PyObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) PyFunction_GetModule(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyFunction_New(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyFunction_NewWithQualName(PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(int) PyFunction_SetAnnotations(PyObject *, PyObject *);
PyAPI_FUNC(int) PyFunction_SetClosure(PyObject *, PyObject *);
PyAPI_FUNC(int) PyFunction_SetDefaults(PyObject *, PyObject *);
PyAPI_FUNC(int) PyFunction_SetKwDefaults(PyObject *, PyObject *);
PyAPI_FUNC(void) PyFunction_SetVectorcall(PyFunctionObject *, vectorcallfunc);

PyAPI_FUNC(Py_NEWREF PyObject *) PyStaticMethod_New(PyObject *);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(Py_NEWREF PyObject *) _PyFunction_Vectorcall(PyObject *, PyObject *const *, size_t,
    PyObject *);

#define _PyFunction_CAST(func) (assert(PyFunction_Check(func)), _Py_CAST(PyFunctionObject *, func))

/* Unchecked access; borrowed references. */
static inline PyObject *
PyFunction_GET_CODE(PyObject *func)
{
    return _PyFunction_CAST(func)->func_code;
}
#define PyFunction_GET_CODE(func) PyFunction_GET_CODE(_PyObject_CAST(func))

static inline PyObject *
PyFunction_GET_GLOBALS(PyObject *func)
{
    return _PyFunction_CAST(func)->func_globals;
}
#define PyFunction_GET_GLOBALS(func) PyFunction_GET_GLOBALS(_PyObject_CAST(func))

static inline PyObject *
PyFunction_GET_MODULE(PyObject *func)
{
    return _PyFunction_CAST(func)->func_module;
}
#define PyFunction_GET_MODULE(func) PyFunction_GET_MODULE(_PyObject_CAST(func))

static inline PyObject *
PyFunction_GET_DEFAULTS(PyObject *func)
{
    return _PyFunction_CAST(func)->func_defaults;
}
#define PyFunction_GET_DEFAULTS(func) PyFunction_GET_DEFAULTS(_PyObject_CAST(func))

static inline PyObject *
PyFunction_GET_KW_DEFAULTS(PyObject *func)
{
    return _PyFunction_CAST(func)->func_kwdefaults;
}
#define PyFunction_GET_KW_DEFAULTS(func) PyFunction_GET_KW_DEFAULTS(_PyObject_CAST(func))

static inline PyObject *
PyFunction_GET_CLOSURE(PyObject *func)
{
    return _PyFunction_CAST(func)->func_closure;
}
#define PyFunction_GET_CLOSURE(func) PyFunction_GET_CLOSURE(_PyObject_CAST(func))

static inline PyObject *
PyFunction_GET_ANNOTATIONS(PyObject *func)
{
    return _PyFunction_CAST(func)->func_annotations;
}
#define PyFunction_GET_ANNOTATIONS(func) PyFunction_GET_ANNOTATIONS(_PyObject_CAST(func))

#ifdef __cplusplus
}
#endif

#endif  /* !Py_LIMITED_API */

#endif  /* !Py_CPYTHON_FUNCOBJECT_H */
