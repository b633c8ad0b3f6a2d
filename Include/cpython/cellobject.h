/* Cells: variables shared between a function and those inside it.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CPYTHON_CELLOBJECT_H
#define Py_CPYTHON_CELLOBJECT_H

#ifndef Py_LIMITED_API

#include "../object.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ob_ref is NULL while the variable has no value. */
typedef struct {
    PyObject_HEAD
    PyObject *ob_ref;  /* content, NULL when empty */
} PyCellObject;

PyAPI_DATA(PyTypeObject) PyCell_Type;

#define PyCell_Check(op) Py_IS_TYPE((op), &PyCell_Type)

PyAPI_FUNC(Py_NEWREF PyObject *) PyCell_Get(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyCell_New(PyObject *);
PyAPI_FUNC(int) PyCell_Set(PyObject *, PyObject *);

/* The content, NULL when empty; a borrowed reference. */
static inline PyObject *
PyCell_GET(PyObject *op)
{
    assert(PyCell_Check(op));
    return _Py_CAST(PyCellObject *, op)->ob_ref;
}
#define PyCell_GET(op) PyCell_GET(_PyObject_CAST(op))

/* Steals value; the old content is not released. */
static inline void
PyCell_SET(PyObject *op, PyObject *value)
{
    assert(PyCell_Check(op));
    _Py_CAST(PyCellObject *, op)->ob_ref = value;
}
#define PyCell_SET(op, value) PyCell_SET(_PyObject_CAST(op), (value))

#ifdef __cplusplus
}
#endif

#endif  /* !Py_LIMITED_API */

#endif  /* !Py_CPYTHON_CELLOBJECT_H */
