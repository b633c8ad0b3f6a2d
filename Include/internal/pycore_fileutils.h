/* Files by descriptor and by wide name, and the locale's encoding: what the core and its
   modules need of the C library, with EINTR, inheritance and the GIL taken care of.
   Written from the ABI tables. */

#ifndef Py_INTERNAL_FILEUTILS_H
#define Py_INTERNAL_FILEUTILS_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_error_handler.h"  // _Py_error_handler
#include <locale.h>    // struct lconv
#include <sys/stat.h>

/* The struct that _Py_stat() and _Py_fstat() fill. */
#define _Py_stat_struct stat

PyAPI_DATA(int) _Py_HasFileSystemDefaultEncodeErrors;

PyAPI_FUNC(int) _Py_DecodeLocaleEx(const char *, wchar_t **, size_t *, const char **, int,
    _Py_error_handler);
PyAPI_FUNC(int) _Py_DecodeUTF8Ex(const char *, Py_ssize_t, wchar_t **, size_t *, const char **,
    _Py_error_handler);
PyAPI_FUNC(wchar_t *) _Py_DecodeUTF8_surrogateescape(const char *, Py_ssize_t, size_t *);
PyAPI_FUNC(int) _Py_EncodeLocaleEx(const wchar_t *, char **, size_t *, const char **, int,
    _Py_error_handler);
PyAPI_FUNC(char *) _Py_EncodeLocaleRaw(const wchar_t *, size_t *);
PyAPI_FUNC(int) _Py_EncodeUTF8Ex(const wchar_t *, char **, size_t *, const char **, int,
    _Py_error_handler);
PyAPI_FUNC(_Py_error_handler) _Py_GetErrorHandler(const char *);
PyAPI_FUNC(int) _Py_GetForceASCII(void);
PyAPI_FUNC(wchar_t *) _Py_GetLocaleEncoding(void);
PyAPI_FUNC(Py_NEWREF PyObject *) _Py_GetLocaleEncodingObject(void);
PyAPI_FUNC(int) _Py_GetLocaleconvNumeric(struct lconv *, PyObject **, PyObject **);
PyAPI_FUNC(void) _Py_ResetForceASCII(void);
PyAPI_FUNC(void) _Py_closerange(int, int);
PyAPI_FUNC(Py_NEWREF PyObject *) _Py_device_encoding(int);
PyAPI_FUNC(int) _Py_dup(int);
PyAPI_FUNC(int) _Py_fstat(int, struct stat *);
PyAPI_FUNC(int) _Py_fstat_noraise(int, struct stat *);
PyAPI_FUNC(int) _Py_get_blocking(int);
PyAPI_FUNC(int) _Py_get_inheritable(int);
PyAPI_FUNC(wchar_t *) _Py_normpath(wchar_t *, Py_ssize_t);
PyAPI_FUNC(int) _Py_open(const char *, int);
PyAPI_FUNC(int) _Py_open_noraise(const char *, int);
PyAPI_FUNC(Py_ssize_t) _Py_read(int, void *, size_t);
PyAPI_FUNC(int) _Py_set_blocking(int, int);
PyAPI_FUNC(int) _Py_set_inheritable(int, int, int *);
PyAPI_FUNC(int) _Py_set_inheritable_async_safe(int, int, int *);
PyAPI_FUNC(int) _Py_stat(PyObject *, struct stat *);
PyAPI_FUNC(FILE *) _Py_wfopen(const wchar_t *, const wchar_t *);
PyAPI_FUNC(wchar_t *) _Py_wgetcwd(wchar_t *, size_t);
PyAPI_FUNC(int) _Py_wreadlink(const wchar_t *, wchar_t *, size_t);
PyAPI_FUNC(wchar_t *) _Py_wrealpath(const wchar_t *, wchar_t *, size_t);
PyAPI_FUNC(Py_ssize_t) _Py_write(int, const void *, size_t);
PyAPI_FUNC(Py_ssize_t) _Py_write_noraise(int, const void *, size_t);

#endif  /* !Py_INTERNAL_FILEUTILS_H */
