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

/* The capsule holds an array: the window type, then functions that give 1 when curses is set
   up so far, and 0 with an exception otherwise. */
#define PyCurses_CAPSULE_NAME "_curses._C_API"
#define PyCurses_API_pointers 4

#define PyCursesWindow_Check(v) Py_IS_TYPE((v), &PyCursesWindow_Type)

/* The module itself defines CURSES_MODULE and uses its own functions. */
#ifndef CURSES_MODULE
static void **PyCurses_API Py_GCC_ATTRIBUTE((unused));

#define PyCursesWindow_Type (*_Py_CAST(PyTypeObject *, PyCurses_API[0]))
/* Leave the calling function with NULL when that step has not been taken. */
#define PyCursesSetupTermCalled _PyCurses_REQUIRE(1)
#define PyCursesInitialised _PyCurses_REQUIRE(2)
#define PyCursesInitialisedColor _PyCurses_REQUIRE(3)
#define _PyCurses_REQUIRE(i) \
    do { \
        if (!_Py_CAST(int (*)(void), PyCurses_API[i])()) { \
            return NULL; \
        } \
    } while (0)

#define import_curses() \
    PyCurses_API = _Py_CAST(void **, PyCapsule_Import(PyCurses_CAPSULE_NAME, 1))
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CURSES_H */
