/* The capsule of the _curses module; not part of Python.h.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CURSES_H
#define Py_CURSES_H

#include "object.h"
#include "pycapsule.h"
#include <curses.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    PyObject_HEAD
    WINDOW *win;
    char *encoding;
} PyCursesWindowObject;

/* _curses._C_API: the window type, then checks that raise when curses is not set up. */
#define PyCurses_CAPSULE_NAME "_curses._C_API"
#define PyCurses_API_pointers 4

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CURSES_H */
