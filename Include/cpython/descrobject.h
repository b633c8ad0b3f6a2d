/* Layout of descriptor objects.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_DESCROBJECT_H
#  error "do not include this file directly, include descrobject.h"
#endif

#ifndef Py_CPYTHON_DESCROBJECT_H
#define Py_CPYTHON_DESCROBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef PyObject *(*wrapperfunc)(PyObject *, PyObject *, void *);
typedef PyObject *(*wrapperfunc_kwds)(PyObject *, PyObject *, void *, PyObject *);

/* A special method as the type machinery knows it. */
struct wrapperbase {
    const char *name;       /* of the method */
    int offset;             /* of the slot in the type */
    void *function;         /* what the slot is set to */
    wrapperfunc wrapper;    /* calls the slot for Python code */
    const char *doc;        /* docstring */
    int flags;              /* PyWrapperFlag_... */
    PyObject *name_strobj;  /* name as an interned str */
};

/* The wrapper takes keyword arguments. */
#define PyWrapperFlag_KEYWORDS 1

typedef struct {
    PyObject_HEAD
    PyTypeObject *d_type;  /* the type that it describes an attribute of */
    PyObject *d_name;      /* str */
    PyObject *d_qualname;  /* str, NULL while not computed */
} PyDescrObject;

#define PyDescr_COMMON PyDescrObject d_common
#define PyDescr_TYPE(x) (((PyDescrObject *)(x))->d_type)
#define PyDescr_NAME(x) (((PyDescrObject *)(x))->d_name)

typedef struct {
    PyDescrObject d_common;
    PyMethodDef *d_method;
    vectorcallfunc vectorcall;
} PyMethodDescrObject;

typedef struct {
    PyDescrObject d_common;
    PyMemberDef *d_member;
} PyMemberDescrObject;

typedef struct {
    PyDescrObject d_common;
    PyGetSetDef *d_getset;
} PyGetSetDescrObject;

typedef struct {
    PyDescrObject d_common;
    struct wrapperbase *d_base;
    void *d_wrapped;  /* the slot function */
} PyWrapperDescrObject;

PyAPI_DATA(PyTypeObject) _PyMethodWrapper_Type;

PyAPI_FUNC(int) PyDescr_IsData(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyDescr_NewWrapper(PyTypeObject *, struct wrapperbase *,
    void *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_DESCROBJECT_H */
