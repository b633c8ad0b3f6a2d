/* The slice type, and Ellipsis.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_SLICEOBJECT_H
#define Py_SLICEOBJECT_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyObject) _Py_EllipsisObject;

#define Py_Ellipsis (&_Py_EllipsisObject)

/* start, stop and step of the source text; None when left out. */
#ifndef Py_LIMITED_API
typedef struct {
    PyObject_HEAD
    PyObject *start;  /* or None */
    PyObject *stop;   /* or None */
    PyObject *step;   /* or None */
} PySliceObject;
#endif

PyAPI_DATA(PyTypeObject) PyEllipsis_Type;
PyAPI_DATA(PyTypeObject) PySlice_Type;

#define PySlice_Check(op) Py_IS_TYPE((op), &PySlice_Type)

PyAPI_FUNC(int) PySlice_GetIndices(PyObject *, Py_ssize_t, Py_ssize_t *, Py_ssize_t *,
    Py_ssize_t *);
PyAPI_FUNC(int) PySlice_GetIndicesEx(PyObject *, Py_ssize_t, Py_ssize_t *, Py_ssize_t *,
    Py_ssize_t *, Py_ssize_t *);
PyAPI_FUNC(Py_NEWREF PyObject *) PySlice_New(PyObject *, PyObject *, PyObject *);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03070000
PyAPI_FUNC(Py_ssize_t) PySlice_AdjustIndices(Py_ssize_t, Py_ssize_t *, Py_ssize_t *,
    Py_ssize_t);
PyAPI_FUNC(int) PySlice_Unpack(PyObject *, Py_ssize_t *, Py_ssize_t *, Py_ssize_t *);
#endif

/* Private to the core, but part of the binary interface. */
#ifndef Py_LIMITED_API
PyAPI_FUNC(Py_NEWREF PyObject *) _PySlice_FromIndices(Py_ssize_t, Py_ssize_t);
PyAPI_FUNC(int) _PySlice_GetLongIndices(PySliceObject *, PyObject *, PyObject **, PyObject **,
    PyObject **);
#endif

/* Evaluates some arguments more than once. */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03060100
#  define PySlice_GetIndicesEx(slice, length, start, stop, step, slicelen) \
    (PySlice_Unpack((slice), (start), (stop), (step)) < 0 \
         ? ((*(slicelen) = 0), -1) \
         : ((*(slicelen) = PySlice_AdjustIndices((length), (start), (stop), *(step))), 0))
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_SLICEOBJECT_H */
