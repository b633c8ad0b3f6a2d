/* Opening a FILE by path object.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_FILEUTILS_H
#  error "do not include this file directly, include fileutils.h"
#endif

#ifndef Py_CPYTHON_FILEUTILS_H
#define Py_CPYTHON_FILEUTILS_H

#ifdef __cplusplus
extern "C" {
#endif

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(FILE *) _Py_fopen_obj(PyObject *, const char *);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_FILEUTILS_H */
