/* Weak references and proxies.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_WEAKREFOBJECT_H
#define Py_WEAKREFOBJECT_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) _PyWeakref_CallableProxyType;
PyAPI_DATA(PyTypeObject) _PyWeakref_ProxyType;
PyAPI_DATA(PyTypeObject) _PyWeakref_RefType;

#define PyWeakref_CheckRef(op) PyObject_TypeCheck((op), &_PyWeakref_RefType)
#define PyWeakref_CheckRefExact(op) Py_IS_TYPE((op), &_PyWeakref_RefType)
#define PyWeakref_CheckProxy(op) \
    (Py_IS_TYPE((op), &_PyWeakref_ProxyType) \
     || Py_IS_TYPE((op), &_PyWeakref_CallableProxyType))
#define PyWeakref_Check(op) (PyWeakref_CheckRef(op) || PyWeakref_CheckProxy(op))

PyAPI_FUNC(Py_BORROWED PyObject *) PyWeakref_GetObject(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyWeakref_NewProxy(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyWeakref_NewRef(PyObject *, PyObject *);

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/weakrefobject.h"
#endif

#endif  /* !Py_WEAKREFOBJECT_H */
