/* The buffer protocol: the view of an object's memory and what may be asked of it.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYBUFFER_H
#define Py_PYBUFFER_H

#include "pytypedefs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A fixed struct since 3.11's limited API. */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030b0000

typedef struct {
    void *buf;
    PyObject *obj;           /* owned reference to the exporter */
    Py_ssize_t len;          /* in bytes */
    Py_ssize_t itemsize;     /* in bytes */
    int readonly;            /* no write access */
    int ndim;                /* 0 for a scalar */
    char *format;            /* as in the struct module, NULL for "B" */
    Py_ssize_t *shape;       /* items in each dimension */
    Py_ssize_t *strides;     /* bytes from item to item in each dimension */
    Py_ssize_t *suboffsets;  /* >= 0: a pointer to follow, and what to add */
    void *internal;          /* the exporter's */
} Py_buffer;

typedef int (*getbufferproc)(PyObject *, Py_buffer *, int);
typedef void (*releasebufferproc)(PyObject *, Py_buffer *);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030b0000
PyAPI_FUNC(void) PyBuffer_FillContiguousStrides(int, Py_ssize_t *, Py_ssize_t *, int, char);
PyAPI_FUNC(int) PyBuffer_FillInfo(Py_buffer *, PyObject *, void *, Py_ssize_t, int, int);
PyAPI_FUNC(int) PyBuffer_FromContiguous(const Py_buffer *, const void *, Py_ssize_t, char);
PyAPI_FUNC(void *) PyBuffer_GetPointer(const Py_buffer *, const Py_ssize_t *);
PyAPI_FUNC(int) PyBuffer_IsContiguous(const Py_buffer *, char);
PyAPI_FUNC(void) PyBuffer_Release(Py_buffer *);
PyAPI_FUNC(Py_ssize_t) PyBuffer_SizeFromFormat(const char *);
PyAPI_FUNC(int) PyBuffer_ToContiguous(void *, const Py_buffer *, Py_ssize_t, char);

PyAPI_FUNC(int) PyObject_CheckBuffer(PyObject *);
PyAPI_FUNC(int) PyObject_CopyData(PyObject *, PyObject *);
PyAPI_FUNC(int) PyObject_GetBuffer(PyObject *, Py_buffer *, int);
#endif

#define PyBUF_MAX_NDIM 64

/* What a consumer asks for. */
#define PyBUF_SIMPLE 0
#define PyBUF_WRITABLE 0x0001
#define PyBUF_WRITEABLE PyBUF_WRITABLE
#define PyBUF_FORMAT 0x0004
#define PyBUF_ND 0x0008
#define PyBUF_STRIDES (0x0010 | PyBUF_ND)
#define PyBUF_C_CONTIGUOUS (0x0020 | PyBUF_STRIDES)
#define PyBUF_F_CONTIGUOUS (0x0040 | PyBUF_STRIDES)
#define PyBUF_ANY_CONTIGUOUS (0x0080 | PyBUF_STRIDES)
#define PyBUF_INDIRECT (0x0100 | PyBUF_STRIDES)

/* Usual combinations. */
#define PyBUF_CONTIG (PyBUF_ND | PyBUF_WRITABLE)
#define PyBUF_CONTIG_RO (PyBUF_ND)
#define PyBUF_STRIDED (PyBUF_STRIDES | PyBUF_WRITABLE)
#define PyBUF_STRIDED_RO (PyBUF_STRIDES)
#define PyBUF_RECORDS (PyBUF_STRIDES | PyBUF_WRITABLE | PyBUF_FORMAT)
#define PyBUF_RECORDS_RO (PyBUF_STRIDES | PyBUF_FORMAT)
#define PyBUF_FULL (PyBUF_INDIRECT | PyBUF_WRITABLE | PyBUF_FORMAT)
#define PyBUF_FULL_RO (PyBUF_INDIRECT | PyBUF_FORMAT)

/* Flags of PyMemoryView_FromMemory(). */
#define PyBUF_READ 0x100
#define PyBUF_WRITE 0x200

#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_PYBUFFER_H */
