/* Layout of bytes objects, unchecked access, and the writer that builds a bytes object
   piece by piece.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_BYTESOBJECT_H
#  error "do not include this file directly, include bytesobject.h"
#endif

#ifndef Py_CPYTHON_BYTESOBJECT_H
#define Py_CPYTHON_BYTESOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

/* ob_sval holds ob_size bytes and a NUL. ob_shash is -1 while not computed. */
typedef struct {
    PyObject_VAR_HEAD
    Py_hash_t ob_shash;  /* hash, -1 while not computed */
    char ob_sval[1];     /* ob_size bytes and a NUL */
} PyBytesObject;

/* A growing buffer: small_buffer first, then an object. */
typedef struct {
    PyObject *buffer;      /* bytes or bytearray object, NULL while small_buffer is used */
    Py_ssize_t allocated;  /* bytes available */
    Py_ssize_t min_size;   /* bytes promised so far */
    int use_bytearray;     /* the result is a bytearray */
    int overallocate;      /* leave room when growing */
    int use_small_buffer;  /* no object yet */
    char small_buffer[512];
} _PyBytesWriter;

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(Py_NEWREF PyObject *) _PyBytes_DecodeEscape(const char *, Py_ssize_t, const char *,
    const char **);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyBytes_FormatEx(const char *, Py_ssize_t, PyObject *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyBytes_FromHex(PyObject *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyBytes_Join(PyObject *, PyObject *);
PyAPI_FUNC(int) _PyBytes_Resize(PyObject **, Py_ssize_t);
PyAPI_FUNC(void *) _PyBytesWriter_Alloc(_PyBytesWriter *, Py_ssize_t);
PyAPI_FUNC(void) _PyBytesWriter_Dealloc(_PyBytesWriter *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyBytesWriter_Finish(_PyBytesWriter *, void *);
PyAPI_FUNC(void) _PyBytesWriter_Init(_PyBytesWriter *);
PyAPI_FUNC(void *) _PyBytesWriter_Prepare(_PyBytesWriter *, void *, Py_ssize_t);
PyAPI_FUNC(void *) _PyBytesWriter_Resize(_PyBytesWriter *, void *, Py_ssize_t);
PyAPI_FUNC(void *) _PyBytesWriter_WriteBytes(_PyBytesWriter *, void *, const void *,
    Py_ssize_t);

#define _PyBytes_CAST(op) (assert(PyBytes_Check(op)), _Py_CAST(PyBytesObject *, (op)))

static inline Py_ssize_t
PyBytes_GET_SIZE(PyObject *op)
{
    return Py_SIZE(_PyBytes_CAST(op));
}
#define PyBytes_GET_SIZE(self) PyBytes_GET_SIZE(_PyObject_CAST(self))

static inline char *
PyBytes_AS_STRING(PyObject *op)
{
    return _PyBytes_CAST(op)->ob_sval;
}
#define PyBytes_AS_STRING(op) PyBytes_AS_STRING(_PyObject_CAST(op))

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_BYTESOBJECT_H */
