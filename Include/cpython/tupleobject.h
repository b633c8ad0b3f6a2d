/* Layout of tuple objects and unchecked access.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_TUPLEOBJECT_H
#  error "do not include this file directly, include tupleobject.h"
#endif

#ifndef Py_CPYTHON_TUPLEOBJECT_H
#define Py_CPYTHON_TUPLEOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

/* ob_item holds ob_size references; none is NULL once other code can see the tuple. */
typedef struct {
    PyObject_VAR_HEAD
    PyObject *ob_item[1];
} PyTupleObject;

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(void) _PyTuple_DebugMallocStats(FILE *);
PyAPI_FUNC(void) _PyTuple_MaybeUntrack(PyObject *);
PyAPI_FUNC(int) _PyTuple_Resize(PyObject **, Py_ssize_t);

#define _PyTuple_CAST(op) (assert(PyTuple_Check(op)), _Py_CAST(PyTupleObject *, (op)))

static inline Py_ssize_t
PyTuple_GET_SIZE(PyObject *op)
{
    return Py_SIZE(_PyTuple_CAST(op));
}
#define PyTuple_GET_SIZE(op) PyTuple_GET_SIZE(_PyObject_CAST(op))

/* A borrowed reference. */
#define PyTuple_GET_ITEM(op, index) (_PyTuple_CAST(op)->ob_item[(index)])

/* Fill a slot of a new tuple. Steals value. */
static inline void
PyTuple_SET_ITEM(PyObject *op, Py_ssize_t index, PyObject *value)
{
    PyTupleObject *tuple = _PyTuple_CAST(op);
    assert(0 <= index);
    assert(index < Py_SIZE(tuple));
    tuple->ob_item[index] = value;
}
#define PyTuple_SET_ITEM(op, index, value) \
    PyTuple_SET_ITEM(_PyObject_CAST(op), (index), _PyObject_CAST(value))

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_TUPLEOBJECT_H */
