/* Conversion between the locale's encoding and wide characters.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_FILEUTILS_H
#define Py_FILEUTILS_H

#include "pytypedefs.h"
#include <stdio.h>
#include <wchar.h>

#ifdef __cplusplus
extern "C" {
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03050000
PyAPI_FUNC(wchar_t *) Py_DecodeLocale(const char *, size_t *);
PyAPI_FUNC(char *) Py_EncodeLocale(const wchar_t *, size_t *);
#endif

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/fileutils.h"
#endif

#endif  /* !Py_FILEUTILS_H */
