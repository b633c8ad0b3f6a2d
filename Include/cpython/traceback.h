/* Layout of traceback objects.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_TRACEBACK_H
#  error "do not include this file directly, include traceback.h"
#endif

#ifndef Py_CPYTHON_TRACEBACK_H
#define Py_CPYTHON_TRACEBACK_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _traceback PyTracebackObject;

/* tb_lineno is -1 when it must be computed from tb_lasti. */
struct _traceback {
    PyObject_HEAD
    PyTracebackObject *tb_next;  /* towards the place of the error */
    PyFrameObject *tb_frame;
    int tb_lasti;                /* offset of the instruction */
    int tb_lineno;               /* source line */
};

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(int) _Py_DisplaySourceLine(PyObject *, PyObject *, int, int, int *, PyObject **);
PyAPI_FUNC(void) _PyTraceback_Add(const char *, const char *, int);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_TRACEBACK_H */
