/* Layout of list objects and unchecked access.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_LISTOBJECT_H
#  error "do not include this file directly, include listobject.h"
#endif

#ifndef Py_CPYTHON_LISTOBJECT_H
#define Py_CPYTHON_LISTOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

/* ob_item has room for allocated references, of which ob_size are in use. */
typedef struct {
    PyObject_VAR_HEAD
    PyObject **ob_item;    /* the array, NULL while nothing is allocated */
    Py_ssize_t allocated;  /* room in the array */
} PyListObject;

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(void) _PyList_DebugMallocStats(FILE *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyList_Extend(PyListObject *, PyObject *);

#define _PyList_CAST(op) (assert(PyList_Check(op)), _Py_CAST(PyListObject *, (op)))

static inline Py_ssize_t
PyList_GET_SIZE(PyObject *op)
{
    return Py_SIZE(_PyList_CAST(op));
}
#define PyList_GET_SIZE(op) PyList_GET_SIZE(_PyObject_CAST(op))

/* A borrowed reference. */
#define PyList_GET_ITEM(op, index) (_PyList_CAST(op)->ob_item[(index)])

/* Fill a slot of a new list. Steals value. */
static inline void
PyList_SET_ITEM(PyObject *op, Py_ssize_t index, PyObject *value)
{
    PyListObject *list = _PyList_CAST(op);
    assert(0 <= index);
    assert(index < list->allocated);
    list->ob_item[index] = value;
}
#define PyList_SET_ITEM(op, index, value) \
    PyList_SET_ITEM(_PyObject_CAST(op), (index), _PyObject_CAST(value))

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_LISTOBJECT_H */
