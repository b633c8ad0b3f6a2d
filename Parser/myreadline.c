/* Lines from a terminal, behind a hook that the readline module sets.

   PyOS_Readline serves one thread at a time.  The caller's GIL is released while it waits; the
   functions below it take the GIL back, with _PyOS_ReadlineTState, only to handle signals.  The
   three exported variables are part of the C API; they change only under the lock
   (_PyOS_ReadlineTState) or by whoever installs a hook. */

#include "Python.h"
#include "pycore_runtime.h"         // _PyRuntime.readline

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>                 // isatty()

PyThreadState *_PyOS_ReadlineTState = NULL;
int (*PyOS_InputHook)(void) = NULL;
char *(*PyOS_ReadlineFunctionPointer)(FILE *, FILE *, const char *) = NULL;

enum read_result { READ_LINE, READ_EOF, READ_ERROR, READ_INTERRUPTED };

/* fgets() that handles signals: READ_INTERRUPTED with an exception set. */
static enum read_result
read_piece(char *buf, int size, FILE *fp)
{
    for (;;) {
        if (PyOS_InputHook != NULL) {
            PyOS_InputHook();
        }
        errno = 0;
        clearerr(fp);
        if (fgets(buf, size, fp) != NULL) {
            return READ_LINE;
        }
        int err = errno;
        if (feof(fp)) {
            clearerr(fp);
            return READ_EOF;
        }
        if (err != EINTR) {
            return READ_ERROR;
        }
        PyEval_RestoreThread(_PyOS_ReadlineTState);
        int handled = PyErr_CheckSignals();
        PyEval_SaveThread();
        if (handled < 0) {
            return READ_INTERRUPTED;
        }
    }
}

/* Sets MemoryError, though the GIL is not held here. */
static char *
no_memory(char *line)
{
    PyMem_RawFree(line);
    PyEval_RestoreThread(_PyOS_ReadlineTState);
    PyErr_NoMemory();
    PyEval_SaveThread();
    return NULL;
}

/* A line with its newline, in memory of PyMem_RawMalloc; empty at the end of the file; NULL when
   interrupted, perhaps with an exception. */
static char *
stdio_readline(FILE *sys_stdin, FILE *sys_stdout, const char *prompt)
{
    fflush(sys_stdout);
    if (prompt != NULL) {
        fprintf(stderr, "%s", prompt);
    }
    fflush(stderr);
    size_t n = 0, allocated = 100;
    char *line = PyMem_RawMalloc(allocated);
    if (line == NULL) {
        return no_memory(NULL);
    }
    for (;;) {
        size_t room = allocated - n;
        switch (read_piece(line + n, room > INT_MAX ? INT_MAX : (int)room, sys_stdin)) {
        case READ_LINE:
            break;
        case READ_INTERRUPTED:
            PyMem_RawFree(line);
            return NULL;
        case READ_EOF:
        case READ_ERROR:
            line[n] = '\0';
            return line;
        }
        n += strlen(line + n);
        if (n > 0 && line[n - 1] == '\n') {
            return line;
        }
        if (allocated - n > 1) {
            continue;               // a line without end, or NUL bytes: go on where it stopped
        }
        char *grown = allocated > PY_SSIZE_T_MAX / 2 ? NULL
                      : PyMem_RawRealloc(line, allocated * 2);
        if (grown == NULL) {
            return no_memory(line);
        }
        line = grown;
        allocated *= 2;
    }
}

/* The line in memory of PyMem_Malloc. */
static char *
copy_line(char *line)
{
    if (line == NULL) {
        return NULL;
    }
    size_t n = strlen(line) + 1;
    char *copy = PyMem_Malloc(n);
    if (copy != NULL) {
        memcpy(copy, line, n);
    }
    else {
        PyErr_NoMemory();
    }
    PyMem_RawFree(line);
    return copy;
}

char *
PyOS_Readline(FILE *sys_stdin, FILE *sys_stdout, const char *prompt)
{
    PyThreadState *tstate = PyThreadState_Get();
    if (_PyOS_ReadlineTState == tstate) {
        PyErr_SetString(PyExc_RuntimeError, "can't re-enter readline");
        return NULL;
    }
    // The hook may be set by readline; it lives in a single-interpreter extension.
    char *(*reader)(FILE *, FILE *, const char *) = PyOS_ReadlineFunctionPointer;
    if (reader == NULL || !isatty(fileno(sys_stdin)) || !isatty(fileno(sys_stdout))
        || PyInterpreterState_Get() != PyInterpreterState_Main())
    {
        reader = stdio_readline;
    }
    PyThreadState *saved = PyEval_SaveThread();
    _PyMutex_Lock(&_PyRuntime.readline.mutex);
    _PyOS_ReadlineTState = tstate;
    char *line = reader(sys_stdin, sys_stdout, prompt);
    _PyOS_ReadlineTState = NULL;
    _PyMutex_Unlock(&_PyRuntime.readline.mutex);
    PyEval_RestoreThread(saved);
    return copy_line(line);
}
