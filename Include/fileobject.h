/* File objects as C sees them, and the configuration globals of old about file names.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_FILEOBJECT_H
#define Py_FILEOBJECT_H

#include "object.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Mode suffix for standard streams. */
#define PY_STDIOTEXTMODE "b"

PyAPI_FUNC(Py_NEWREF PyObject *) PyFile_FromFd(int, const char *, const char *, int,
    const char *, const char *, const char *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyFile_GetLine(PyObject *, int);
PyAPI_FUNC(int) PyFile_WriteObject(PyObject *, PyObject *, int);
PyAPI_FUNC(int) PyFile_WriteString(const char *, PyObject *);

PyAPI_FUNC(int) PyObject_AsFileDescriptor(PyObject *);

_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(const char *) Py_FileSystemDefaultEncoding;
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_HasFileSystemDefaultEncoding;

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030a0000
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(const char *) Py_FileSystemDefaultEncodeErrors;
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03080000
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_DATA(int) Py_UTF8Mode;
#endif

/* Can select() take the descriptor? */
#define _PyIsSelectable_fd(FD) ((unsigned int)(FD) < (unsigned int)FD_SETSIZE)

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/fileobject.h"
#endif

#endif  /* !Py_FILEOBJECT_H */
