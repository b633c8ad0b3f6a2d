/* Layout of exception objects, and private raising functions.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_PYERRORS_H
#  error "do not include this file directly, include pyerrors.h"
#endif

#ifndef Py_CPYTHON_PYERRORS_H
#define Py_CPYTHON_PYERRORS_H

#include "../pystate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The members that every exception object starts with. */
#define PyException_HEAD \
    PyObject_HEAD \
    PyObject *dict; \
    PyObject *args; \
    PyObject *notes; \
    PyObject *traceback; \
    PyObject *context; \
    PyObject *cause; \
    char suppress_context;

typedef struct {
    PyException_HEAD
} PyBaseExceptionObject;

typedef struct {
    PyException_HEAD
    PyObject *msg;
    PyObject *excs;
} PyBaseExceptionGroupObject;

typedef struct {
    PyException_HEAD
    PyObject *msg;
    PyObject *filename;
    PyObject *lineno;
    PyObject *offset;
    PyObject *end_lineno;
    PyObject *end_offset;
    PyObject *text;
    PyObject *print_file_and_line;
} PySyntaxErrorObject;

typedef struct {
    PyException_HEAD
    PyObject *msg;
    PyObject *name;
    PyObject *path;
    PyObject *name_from;
} PyImportErrorObject;

typedef struct {
    PyException_HEAD
    PyObject *encoding;
    PyObject *object;
    Py_ssize_t start;
    Py_ssize_t end;
    PyObject *reason;
} PyUnicodeErrorObject;

typedef struct {
    PyException_HEAD
    PyObject *code;
} PySystemExitObject;

typedef struct {
    PyException_HEAD
    PyObject *myerrno;
    PyObject *strerror;
    PyObject *filename;
    PyObject *filename2;
    Py_ssize_t written;
} PyOSErrorObject;

typedef struct {
    PyException_HEAD
    PyObject *value;
} PyStopIterationObject;

typedef struct {
    PyException_HEAD
    PyObject *name;
} PyNameErrorObject;

typedef struct {
    PyException_HEAD
    PyObject *obj;
    PyObject *name;
} PyAttributeErrorObject;

typedef PyOSErrorObject PyEnvironmentErrorObject;

PyAPI_FUNC(Py_NEWREF PyObject *) PyErr_ProgramTextObject(PyObject *, int);
PyAPI_FUNC(void) PyErr_RangedSyntaxLocationObject(PyObject *, int, int, int, int);
PyAPI_FUNC(void) PyErr_SyntaxLocationObject(PyObject *, int, int);

PyAPI_FUNC(int) PySignal_SetWakeupFd(int);

PyAPI_FUNC(Py_NEWREF PyObject *) PyUnstable_Exc_PrepReraiseStar(PyObject *, PyObject *);

/* Private to the core, but part of the binary interface. */
_Py_NO_RETURN PyAPI_FUNC(void) _Py_FatalErrorFormat(const char *, const char *, ...);
_Py_NO_RETURN PyAPI_FUNC(void) _Py_FatalErrorFunc(const char *, const char *);
_Py_DEPRECATED_EXTERNALLY(3.12) PyAPI_FUNC(void) _PyErr_ChainExceptions(Py_STEALS PyObject *,
    Py_STEALS PyObject *, Py_STEALS PyObject *);
PyAPI_FUNC(void) _PyErr_ChainExceptions1(Py_STEALS PyObject *);
PyAPI_FUNC(int) _PyErr_CheckSignals(void);
PyAPI_FUNC(PyObject *) _PyErr_FormatFromCause(PyObject *, const char *, ...);
PyAPI_FUNC(void) _PyErr_GetExcInfo(PyThreadState *, PyObject **, PyObject **, PyObject **);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyErr_GetHandledException(PyThreadState *);
PyAPI_FUNC(_PyErr_StackItem *) _PyErr_GetTopmostException(PyThreadState *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyErr_ProgramDecodedTextObject(PyObject *, int, const char *);
PyAPI_FUNC(void) _PyErr_SetHandledException(PyThreadState *, PyObject *);
PyAPI_FUNC(PyObject *) _PyErr_SetImportErrorWithNameFrom(PyObject *, PyObject *, PyObject *,
    PyObject *);
PyAPI_FUNC(void) _PyErr_SetKeyError(PyObject *);
PyAPI_FUNC(void) _PyErr_WriteUnraisableMsg(const char *, PyObject *);
PyAPI_FUNC(int) _PyException_AddNote(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyUnicodeTranslateError_Create(
    PyObject *, Py_ssize_t, Py_ssize_t, const char *);

/* End the process with a message that names the calling function. */
#define Py_FatalError(message) _Py_FatalErrorFunc(__func__, (message))

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_PYERRORS_H */
