/* Comparison of C strings that ignores the case of ASCII letters.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYSTRCMP_H
#define Py_PYSTRCMP_H

#include "pyport.h"

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) PyOS_mystricmp(const char *, const char *);
PyAPI_FUNC(int) PyOS_mystrnicmp(const char *, const char *, Py_ssize_t);

#define PyOS_strnicmp PyOS_mystrnicmp
#define PyOS_stricmp PyOS_mystricmp

#ifdef __cplusplus
}
#endif

#endif  /* !Py_PYSTRCMP_H */
