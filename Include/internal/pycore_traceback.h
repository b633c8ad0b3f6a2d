/* Tracebacks inside the core, and lines of source files. */
#ifndef Py_INTERNAL_TRACEBACK_H
#define Py_INTERNAL_TRACEBACK_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "pycore_private_api.h" // _PyTraceBack_FromFrame()

#define EXCEPTION_TB_HEADER "Traceback (most recent call last):\n"
#define EXCEPTION_GROUP_TB_HEADER "Exception Group Traceback (most recent call last):\n"

/* -- Python/traceback.c -- */

/* Writes `indent` spaces and then the margin: 0, or -1 with an exception. */
extern int _Py_WriteIndentedMargin(int indent, const char *margin, PyObject *f);
extern int _Py_WriteIndent(int indent, PyObject *f);
/* Prints a line of a source file, stripped and indented.  *truncation (may be NULL) gets the number
   of characters stripped at the front, *line (may be NULL) the whole line as a new reference, or
   NULL if it cannot be read.  0, or -1 with an exception. */
extern int _Py_DisplaySourceLine(PyObject *f, PyObject *filename, int lineno, int indent,
                                 int *truncation, PyObject **line);

/* -- Python/sourceline.c -- */

/* Line `lineno` (from 1) of a file, decoded as the file says (`encoding` overrides), without its
   end of line if `strip_eol`.  1 with a new reference in *line, 0 if there is no such file or line,
   -1 with an exception. */
extern int _Py_ReadSourceLine(PyObject *filename, int lineno, const char *encoding,
                              int strip_eol, PyObject **line);

/* -- Python/traceback_anchors.c -- */

/* Where the operator (or the brackets) is in an expression that lies on one line: offsets in
   characters from the start of `segment`.  1 if there is such a place, else 0; -1 with an exception
   (MemoryError only). */
extern int _Py_FindAnchors(PyObject *segment, Py_ssize_t *left_end, Py_ssize_t *right_start);

#endif /* !Py_INTERNAL_TRACEBACK_H */
