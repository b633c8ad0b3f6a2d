/* Layout of memoryview objects and of the managed buffer that several of them share.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_MEMORYOBJECT_H
#  error "do not include this file directly, include memoryobject.h"
#endif

#ifndef Py_CPYTHON_MEMORYOBJECT_H
#define Py_CPYTHON_MEMORYOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

/* A managed buffer holds the one Py_buffer got from the exporter; views made from each other
   share it. */
#define _Py_MANAGED_BUFFER_RELEASED 0x001     /* no access any more */
#define _Py_MANAGED_BUFFER_FREE_FORMAT 0x002  /* free format with the buffer */

typedef struct {
    PyObject_HEAD
    int flags;           /* _Py_MANAGED_BUFFER_... */
    Py_ssize_t exports;  /* views of it */
    Py_buffer master;    /* what the exporter gave */
} _PyManagedBufferObject;

/* Flags of a view: what is known of its form. */
#define _Py_MEMORYVIEW_RELEASED 0x001    /* no access any more */
#define _Py_MEMORYVIEW_C 0x002           /* C-contiguous */
#define _Py_MEMORYVIEW_FORTRAN 0x004     /* Fortran-contiguous */
#define _Py_MEMORYVIEW_SCALAR 0x008      /* no dimension */
#define _Py_MEMORYVIEW_PIL 0x010         /* has suboffsets */
#define _Py_MEMORYVIEW_RESTRICTED 0x020  /* no new view of it or of its memory */

/* ob_array holds shape, strides and suboffsets. */
typedef struct {
    PyObject_VAR_HEAD
    _PyManagedBufferObject *mbuf;  /* the shared buffer */
    Py_hash_t hash;                /* -1 while not computed */
    int flags;                     /* _Py_MEMORYVIEW_... */
    Py_ssize_t exports;            /* buffers got from this view */
    Py_buffer view;                /* what is seen */
    PyObject *weakreflist;         /* weak references to this object */
    Py_ssize_t ob_array[1];        /* shape, strides and suboffsets */
} PyMemoryViewObject;

PyAPI_DATA(PyTypeObject) _PyManagedBuffer_Type;

#define _PyMemoryView_CAST(op) \
    (assert(PyMemoryView_Check(op)), _Py_CAST(PyMemoryViewObject *, (op)))

static inline Py_buffer *
PyMemoryView_GET_BUFFER(PyObject *op)
{
    return &_PyMemoryView_CAST(op)->view;
}
#define PyMemoryView_GET_BUFFER(op) PyMemoryView_GET_BUFFER(_PyObject_CAST(op))

static inline PyObject *
PyMemoryView_GET_BASE(PyObject *op)
{
    return _PyMemoryView_CAST(op)->view.obj;
}
#define PyMemoryView_GET_BASE(op) PyMemoryView_GET_BASE(_PyObject_CAST(op))

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_MEMORYOBJECT_H */
