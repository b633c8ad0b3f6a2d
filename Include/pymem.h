/* Raw and object memory: allocation outside the reference-counted world.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYMEM_H
#define Py_PYMEM_H

#include "pyport.h"
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

/* PyMem_Raw*: any thread, no thread state. PyMem_*: the calling interpreter's heap. */
PyAPI_FUNC(void *) PyMem_Calloc(size_t, size_t);
PyAPI_FUNC(void) PyMem_Free(void *);
PyAPI_FUNC(void *) PyMem_Malloc(size_t);
PyAPI_FUNC(void *) PyMem_Realloc(void *, size_t);

/* n objects of a C type, NULL when n * sizeof(type) would overflow or there is no memory.
   Resize assigns the result to p: keep a copy of p for the failure path. */
#define PyMem_New(type, n) \
    (((size_t)(n) > PY_SSIZE_T_MAX / sizeof(type)) \
         ? NULL : ((type *)PyMem_Malloc((n) * sizeof(type))))
#define PyMem_Resize(p, type, n) \
    ((p) = ((size_t)(n) > PY_SSIZE_T_MAX / sizeof(type)) \
               ? NULL : (type *)PyMem_Realloc((p), (n) * sizeof(type)))

/* Old spellings. */
#define PyMem_MALLOC(n) PyMem_Malloc((n))
#define PyMem_NEW(type, n) PyMem_New(type, (n))
#define PyMem_REALLOC(p, n) PyMem_Realloc((p), (n))
#define PyMem_RESIZE(p, type, n) PyMem_Resize((p), type, (n))
#define PyMem_FREE(p) PyMem_Free((p))
#define PyMem_Del(p) PyMem_Free((p))
#define PyMem_DEL(p) PyMem_Free((p))

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/pymem.h"
#endif

#endif  /* !Py_PYMEM_H */
