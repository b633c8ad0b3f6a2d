/* The marshal format from C; not part of Python.h.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_MARSHAL_H
#define Py_MARSHAL_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef Py_LIMITED_API
#define Py_MARSHAL_VERSION 4
#ifndef Py_LIMITED_API
PyAPI_FUNC(Py_NEWREF PyObject *) PyMarshal_ReadLastObjectFromFile(FILE *);
PyAPI_FUNC(long) PyMarshal_ReadLongFromFile(FILE *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyMarshal_ReadObjectFromFile(FILE *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyMarshal_ReadObjectFromString(const char *, Py_ssize_t);
PyAPI_FUNC(int) PyMarshal_ReadShortFromFile(FILE *);
PyAPI_FUNC(void) PyMarshal_WriteLongToFile(long, FILE *, int);
PyAPI_FUNC(void) PyMarshal_WriteObjectToFile(PyObject *, FILE *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyMarshal_WriteObjectToString(PyObject *, int);
#endif
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_MARSHAL_H */
