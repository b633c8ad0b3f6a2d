/* Reading a line for the interactive prompt: PyOS_Readline() and its hooks.
 * Written from the C API reference (PyOS_Readline, PyOS_InputHook, PyOS_ReadlineFunctionPointer). */
#include "Python.h"
#include "pycore_pystate.h"

#include <errno.h>
#include <unistd.h>

int (*PyOS_InputHook)(void) = NULL;
char *(*PyOS_ReadlineFunctionPointer)(FILE *, FILE *, const char *) = NULL;
PyThreadState *_PyOS_ReadlineTState = NULL;

enum read_result {READ_OK = 0, READ_INTERRUPTED = 1, READ_EOF = -1};

/* fgets() that lets signal handlers run.  The GIL is not held; `tstate` is the caller's. */
static enum read_result
my_fgets(PyThreadState *tstate, char *buf, int len, FILE *fp)
{
    for (;;) {
        if (PyOS_InputHook != NULL) {
            (void)PyOS_InputHook();
        }
        errno = 0;
        clearerr(fp);
        if (fgets(buf, len, fp) != NULL) {
            return READ_OK;
        }
        int err = errno;
        if (feof(fp)) {
            clearerr(fp);
            return READ_EOF;
        }
        if (err != EINTR) {
            return READ_EOF;
        }
        PyEval_RestoreThread(tstate);
        int failed = PyErr_CheckSignals();
        PyEval_SaveThread();
        if (failed < 0) {
            return READ_INTERRUPTED;
        }
    }
}

/* A line with its newline, PyMem_RawMalloc'ed; "" at the end of input; NULL when interrupted (an exception
 * is set) or without memory. */
static char *
stdio_readline(PyThreadState *tstate, FILE *sys_stdin, FILE *sys_stdout, const char *prompt)
{
    fflush(sys_stdout);
    if (prompt != NULL) {
        fprintf(stderr, "%s", prompt);
    }
    fflush(stderr);
    size_t n = 0;
    char *p = NULL;
    do {
        size_t incr = n > 0 ? n + 2 : 100;
        if (incr > INT_MAX) {
            PyMem_RawFree(p);
            PyEval_RestoreThread(tstate);
            PyErr_SetString(PyExc_OverflowError, "input line too long");
            PyEval_SaveThread();
            return NULL;
        }
        char *larger = PyMem_RawRealloc(p, n + incr);
        if (larger == NULL) {
            PyMem_RawFree(p);
            PyEval_RestoreThread(tstate);
            PyErr_NoMemory();
            PyEval_SaveThread();
            return NULL;
        }
        p = larger;
        enum read_result res = my_fgets(tstate, p + n, (int)incr, sys_stdin);
        if (res == READ_INTERRUPTED) {
            PyMem_RawFree(p);
            return NULL;
        }
        if (res == READ_EOF) {
            p[n] = '\0';
            break;
        }
        n += strlen(p + n);
    } while (p[n - 1] != '\n');
    return p;
}

/* PyMem_Malloc'ed line, or NULL with an exception set.  See the C API reference. */
char *
PyOS_Readline(FILE *sys_stdin, FILE *sys_stdout, const char *prompt)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (_PyOS_ReadlineTState == tstate) {
        PyErr_SetString(PyExc_RuntimeError, "can't re-enter readline");
        return NULL;
    }
    char *(*reader)(FILE *, FILE *, const char *) = PyOS_ReadlineFunctionPointer;
    int interactive = isatty(fileno(sys_stdin)) && isatty(fileno(sys_stdout)) &&
                      _Py_IsMainInterpreter(tstate->interp);
    char *raw;
    _PyOS_ReadlineTState = tstate;
    PyEval_SaveThread();
    raw = interactive && reader != NULL ? reader(sys_stdin, sys_stdout, prompt)
                                        : stdio_readline(tstate, sys_stdin, sys_stdout, prompt);
    PyEval_RestoreThread(tstate);
    _PyOS_ReadlineTState = NULL;
    if (raw == NULL) {
        return NULL;
    }
    size_t len = strlen(raw) + 1;
    char *line = PyMem_Malloc(len);
    if (line != NULL) {
        memcpy(line, raw, len);
    }
    else {
        PyErr_NoMemory();
    }
    PyMem_RawFree(raw);
    return line;
}
