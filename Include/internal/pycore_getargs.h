/* What the two files of argument parsing by format share: Python/getargs.c and
 * Python/getargs_keywords.c. */
#ifndef Py_INTERNAL_GETARGS_H
#define Py_INTERNAL_GETARGS_H
#if !defined(Py_BUILD_CORE) && !defined(Py_BUILD_CORE_MODULE)
#  error "this header requires Py_BUILD_CORE or Py_BUILD_CORE_MODULE"
#endif

#include "Python.h"

#define GETARGS_COMPAT 1        // PyArg_Parse(): the argument is no tuple
#define GETARGS_SIZE_T 2        // compiled with PY_SSIZE_T_CLEAN: '#' is allowed

/* Deepest nesting of parentheses in a format. */
#define GETARGS_MAX_LEVELS 32

/* Something to undo when a later argument fails: `destroy(item)`. */
typedef struct {
    void *item;
    int (*destroy)(PyObject *, void *);
} _getargs_cleanup;

/* The undo list; starts in `fixed`, moves to the raw heap if it grows. */
typedef struct {
    _getargs_cleanup *entries;
    int used;
    int allocated;
    _getargs_cleanup fixed[8];
} _getargs_cleanups;

/* A va_list that functions can advance for their caller. */
typedef struct {
    va_list va;
} _getargs_va;

extern void _getargs_init_cleanups(_getargs_cleanups *list);
/* Ends the list, undoing everything if `ok` is 0; returns ok. */
extern int _getargs_finish_cleanups(_getargs_cleanups *list, int ok);

/* Converts one argument by the format unit at *p_format, which is advanced.  NULL, or a message
   (in msgbuf or static) with levels[0..] set to the indexes of the nested item, 0-terminated. */
extern const char *_getargs_convert(PyObject *arg, const char **p_format, _getargs_va *p_va,
                                    int flags, int *levels, char *msgbuf, size_t bufsize,
                                    _getargs_cleanups *cleanups);
/* Raises for a message of _getargs_convert() about argument `iarg` (0: unknown). */
extern void _getargs_set_error(Py_ssize_t iarg, const char *msg, const int *levels,
                               const char *fname, const char *message);
/* Steps over one format unit and its C arguments: NULL or a message. */
extern const char *_getargs_skip(const char **p_format, _getargs_va *p_va, int flags);

#endif /* !Py_INTERNAL_GETARGS_H */
