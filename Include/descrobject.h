/* Descriptors: attributes of C types, described by tables.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_DESCROBJECT_H
#define Py_DESCROBJECT_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef PyObject *(*getter)(PyObject *, void *);
typedef int (*setter)(PyObject *, PyObject *, void *);

struct PyGetSetDef {
    const char *name;
    getter get;
    setter set;       /* NULL when the attribute is read-only */
    const char *doc;  /* docstring, or NULL */
    void *closure;    /* passed to both functions */
};

PyAPI_DATA(PyTypeObject) PyClassMethodDescr_Type;
PyAPI_DATA(PyTypeObject) PyDictProxy_Type;
PyAPI_DATA(PyTypeObject) PyGetSetDescr_Type;
PyAPI_DATA(PyTypeObject) PyMemberDescr_Type;
PyAPI_DATA(PyTypeObject) PyMethodDescr_Type;
PyAPI_DATA(PyTypeObject) PyProperty_Type;
PyAPI_DATA(PyTypeObject) PyWrapperDescr_Type;

PyAPI_FUNC(Py_NEWREF PyObject *) PyDescr_NewClassMethod(PyTypeObject *, PyMethodDef *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyDescr_NewGetSet(PyTypeObject *, PyGetSetDef *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyDescr_NewMember(PyTypeObject *, PyMemberDef *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyDescr_NewMethod(PyTypeObject *, PyMethodDef *);

PyAPI_FUNC(Py_NEWREF PyObject *) PyDictProxy_New(PyObject *);

PyAPI_FUNC(Py_NEWREF PyObject *) PyMember_GetOne(const char *, PyMemberDef *);
PyAPI_FUNC(int) PyMember_SetOne(char *, PyMemberDef *, PyObject *);

PyAPI_FUNC(Py_NEWREF PyObject *) PyWrapper_New(PyObject *, PyObject *);

struct PyMemberDef {
    const char *name;
    int type;           /* Py_T_... */
    Py_ssize_t offset;  /* in the object */
    int flags;          /* Py_READONLY, ... */
    const char *doc;    /* docstring, or NULL */
};

/* Type of a member. */
#define Py_T_SHORT          0
#define Py_T_INT            1
#define Py_T_LONG           2
#define Py_T_FLOAT          3
#define Py_T_DOUBLE         4
#define Py_T_STRING         5
#define _Py_T_OBJECT        6
#define Py_T_CHAR           7
#define Py_T_BYTE           8
#define Py_T_UBYTE          9
#define Py_T_USHORT         10
#define Py_T_UINT           11
#define Py_T_ULONG          12
#define Py_T_STRING_INPLACE 13
#define Py_T_BOOL           14
#define Py_T_OBJECT_EX      16
#define Py_T_LONGLONG       17
#define Py_T_ULONGLONG      18
#define Py_T_PYSSIZET       19
#define _Py_T_NONE          20

/* Flags of a member. */
#define Py_READONLY 1
#define Py_AUDIT_READ 2         /* audit event object.__getattr__ before a read */
#define _Py_WRITE_RESTRICTED 4  /* no effect any more */
#define Py_RELATIVE_OFFSET 8    /* offset counts from the type's own data */

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/descrobject.h"
#endif

#endif  /* !Py_DESCROBJECT_H */
