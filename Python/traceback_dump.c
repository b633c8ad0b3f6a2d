/* Tracebacks written from signal handlers and dying processes (faulthandler, fatal errors).
 *
 * Everything here is written with write() to a file descriptor: no locks, no memory, no Python
 * code, no exceptions.  Structures may be half changed by the thread that was interrupted, so
 * amounts are limited and strings are cut.
 * Written from the library reference (faulthandler) and observed behaviour of 3.12. */

#include "Python.h"
#include "pycore_code.h"        // PyCodeObject
#include "pycore_fileutils.h"   // _Py_write_noraise()
#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_heap.h"        // struct _heap
#include "pycore_private_api.h" // _Py_DumpTraceback()
#include "pycore_pystate.h"     // _PyRuntime
#include "pycore_traceback.h"   // EXCEPTION_TB_HEADER

#include <unistd.h>

#define MAX_STRING_LENGTH 500
#define MAX_FRAME_DEPTH 100
#define MAX_NTHREADS 100

static void
put(int fd, const char *text)
{
    (void)_Py_write_noraise(fd, text, strlen(text));
}

/* ------------------------------------------------------------------ numbers and text */

void
_Py_DumpDecimal(int fd, size_t value)
{
    char buffer[sizeof(size_t) * 3 + 1];
    char *end = buffer + sizeof(buffer), *p = end;
    do {
        *--p = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    (void)_Py_write_noraise(fd, p, (size_t)(end - p));
}

/* At least `width` digits. */
void
_Py_DumpHexadecimal(int fd, uintptr_t value, Py_ssize_t width)
{
    char buffer[sizeof(uintptr_t) * 2];
    char *end = buffer + sizeof(buffer), *p = end;
    width = Py_MIN(width, (Py_ssize_t)sizeof(buffer));
    do {
        *--p = "0123456789abcdef"[value & 15];
        value >>= 4;
    } while (p > buffer && (end - p < width || value != 0));
    (void)_Py_write_noraise(fd, p, (size_t)(end - p));
}

/* A str, cut and escaped to ASCII; nothing for other objects. */
void
_Py_DumpASCII(int fd, PyObject *text)
{
    if (!PyUnicode_Check(text)) {
        return;
    }
    Py_ssize_t size = PyUnicode_GET_LENGTH(text);
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    int truncated = size > MAX_STRING_LENGTH;
    if (truncated) {
        size = MAX_STRING_LENGTH;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        if (' ' <= ch && ch <= 126) {
            char c = (char)ch;
            (void)_Py_write_noraise(fd, &c, 1);
        }
        else if (ch <= 0xff) {
            put(fd, "\\x");
            _Py_DumpHexadecimal(fd, ch, 2);
        }
        else if (ch <= 0xffff) {
            put(fd, "\\u");
            _Py_DumpHexadecimal(fd, ch, 4);
        }
        else {
            put(fd, "\\U");
            _Py_DumpHexadecimal(fd, ch, 8);
        }
    }
    if (truncated) {
        put(fd, "...");
    }
}


/* ------------------------------------------------------------------------ one thread */

static void
dump_frame(int fd, _PyInterpreterFrame *frame)
{
    PyCodeObject *code = frame->f_code;
    put(fd, "  File ");
    if (code->co_filename != NULL && PyUnicode_Check(code->co_filename)) {
        put(fd, "\"");
        _Py_DumpASCII(fd, code->co_filename);
        put(fd, "\"");
    }
    else {
        put(fd, "???");
    }
    int lineno = PyUnstable_InterpreterFrame_GetLine(frame);
    put(fd, ", line ");
    if (lineno >= 0) {
        _Py_DumpDecimal(fd, (size_t)lineno);
    }
    else {
        put(fd, "???");
    }
    put(fd, " in ");
    if (code->co_name != NULL && PyUnicode_Check(code->co_name)) {
        _Py_DumpASCII(fd, code->co_name);
    }
    else {
        put(fd, "???");
    }
    put(fd, "\n");
}

static void
dump_thread(int fd, PyThreadState *tstate, int write_header)
{
    if (write_header) {
        put(fd, "Stack (most recent call first):\n");
    }
    _PyInterpreterFrame *frame = tstate->cframe != NULL ? tstate->cframe->current_frame : NULL;
    unsigned int depth = 0;
    while (frame != NULL) {
        if (frame->owner != FRAME_OWNED_BY_CSTACK) {
            if (depth == MAX_FRAME_DEPTH) {
                put(fd, "  ...\n");
                return;
            }
            dump_frame(fd, frame);
            depth++;
        }
        frame = frame->previous;
    }
    if (depth == 0) {
        put(fd, "  <no Python frame>\n");
    }
}

void
_Py_DumpTraceback(int fd, PyThreadState *tstate)
{
    dump_thread(fd, tstate, 1);
}


/* ----------------------------------------------------------------------- all threads */

static void
write_thread_id(int fd, PyThreadState *tstate, int is_current)
{
    put(fd, is_current ? "Current thread 0x" : "Thread 0x");
    _Py_DumpHexadecimal(fd, tstate->thread_id, sizeof(unsigned long) * 2);
    put(fd, " (most recent call first):\n");
}

/* All threads of an interpreter; both may be NULL to be found out.  NULL, or an error message. */
const char *
_Py_DumpTracebackThreads(int fd, PyInterpreterState *interp, PyThreadState *current_tstate)
{
    if (current_tstate == NULL) {
        /* A thread that is in a long call has no attached state; this finds it all the same. */
        current_tstate = PyGILState_GetThisThreadState();
    }
    if (current_tstate != NULL && interp == NULL) {
        interp = current_tstate->interp;
    }
    if (interp == NULL) {
        interp = _PyRuntime.main;
        if (interp == NULL) {
            return "unable to get the interpreter state";
        }
    }
    assert(interp != NULL);
    /* Without the lock of the list: the process may hold it already. */
    PyThreadState *tstate = PyInterpreterState_ThreadHead(interp);
    if (tstate == NULL) {
        return "unable to get the thread head state";
    }
    unsigned int nthreads = 0;
    for (; tstate != NULL; tstate = PyThreadState_Next(tstate)) {
        if (nthreads != 0) {
            put(fd, "\n");
        }
        if (nthreads >= MAX_NTHREADS) {
            put(fd, "...\n");
            break;
        }
        write_thread_id(fd, tstate, tstate == current_tstate);
        if (tstate == current_tstate && tstate->heap != NULL && tstate->heap->gc.collecting) {
            put(fd, "  Garbage-collecting\n");
        }
        dump_thread(fd, tstate, 0);
        nthreads++;
    }
    return NULL;
}


/* ------------------------------------------------------------------ extension modules */

/* Whether the name is in sys.stdlib_module_names, read without calling anything. */
static int
is_stdlib_name(PyObject *names, PyObject *name)
{
    if (names == NULL || !PyFrozenSet_Check(names)) {
        return 0;
    }
    PyObject *item;
    Py_ssize_t pos = 0;
    Py_hash_t hash;
    while (_PySet_NextEntry(names, &pos, &item, &hash)) {
        if (PyUnicode_Check(item) && PyUnicode_Compare(name, item) == 0) {
            return 1;
        }
    }
    return 0;
}

static int
is_extension(PyObject *module)
{
    return PyModule_Check(module) && PyModule_GetDef(module) != NULL;
}

/* The extension modules outside the standard library that are loaded: suspects of a crash. */
void
_Py_DumpExtensionModules(int fd, PyInterpreterState *interp)
{
    if (interp == NULL) {
        return;
    }
    PyObject *modules = interp->imports.modules;
    if (modules == NULL || !PyDict_Check(modules)) {
        return;
    }
    PyObject *names = NULL;
    if (interp->sysdict != NULL) {
        PyObject *key, *value;
        Py_ssize_t pos = 0;
        while (names == NULL && PyDict_Next(interp->sysdict, &pos, &key, &value)) {
            if (PyUnicode_Check(key)
                && _PyUnicode_EqualToASCIIString(key, "stdlib_module_names"))
            {
                names = value;
            }
        }
    }
    int header = 0;
    size_t count = 0;
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    while (PyDict_Next(modules, &pos, &key, &value)) {
        if (!PyUnicode_Check(key) || !is_extension(value) || is_stdlib_name(names, key)) {
            continue;
        }
        put(fd, header ? ", " : "\nExtension modules: ");
        header = 1;
        _Py_DumpASCII(fd, key);
        count++;
    }
    if (header) {
        put(fd, " (total: ");
        _Py_DumpDecimal(fd, count);
        put(fd, ")\n");
    }
}
