/* The standard streams: sys.stdin, sys.stdout, sys.stderr and their copies with underscores.
 *
 * The main interpreter makes them at its start, so that a bad configuration is reported there.  In
 * other interpreters they are made at the first look at one of the six names: reading or deleting
 * the attribute, PySys_GetObject(), sys.__dict__, PyModule_GetDict(sys).  Until then the names are
 * missing from the dict, so nobody but a miss pays for the question.  A name that was assigned
 * before keeps its value.
 *
 * interp->streams.stage: NONE (not set up: nobody may trigger), LAZY, MAKING (one thread at work,
 * its nested reads find what is there; other threads wait for streams.lock), MADE.
 * Written from the library reference (sys), PEP 528, 538, 540 and InternalDocs/lifecycle.rst. */
#include "Python.h"
#include "pycore_lifecycle.h"
#include "pycore_pystate.h"
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_sysmodule.h"

#include <fcntl.h>

static int
is_valid_fd(int fd)
{
    return fd >= 0 && fcntl(fd, F_GETFD) >= 0;
}

/* A text stream over the descriptor: new reference (None if the descriptor is closed), or NULL. */
static PyObject *
create_stdio(PyThreadState *tstate, int fd, int write_mode, const char *name,
             const wchar_t *errors)
{
    const PyConfig *config = &tstate->interp->config;
    if (!is_valid_fd(fd)) {
        Py_RETURN_NONE;
    }
    /* Only stdout and stderr go unbuffered: a text stream cannot read without a buffer. */
    int unbuffered = !config->buffered_stdio && write_mode;
    PyObject *buf = NULL, *stream = NULL, *text = NULL, *raw = NULL, *isatty = NULL;
    PyObject *enc = NULL, *err = NULL;
    buf = _PyIO_OpenStandard(tstate, fd, write_mode, unbuffered ? 0 : -1);
    if (buf == NULL) {
        goto done;
    }
    raw = unbuffered ? Py_NewRef(buf) : PyObject_GetAttr(buf, &_Py_ID(raw));
    if (raw == NULL) {
        goto done;
    }
    text = PyUnicode_FromString(name);
    if (text == NULL || PyObject_SetAttr(raw, &_Py_ID(name), text) < 0) {
        goto done;
    }
    isatty = PyObject_CallMethodNoArgs(raw, &_Py_ID(isatty));
    if (isatty == NULL) {
        goto done;
    }
    int tty = PyObject_IsTrue(isatty);
    enc = PyUnicode_FromWideChar(config->stdio_encoding, -1);
    err = PyUnicode_FromWideChar(errors, -1);
    if (tty < 0 || enc == NULL || err == NULL) {
        goto done;
    }
    stream = _PyIO_NewText(buf, enc, err, config->buffered_stdio && (tty || fd == fileno(stderr)),
                           !config->buffered_stdio, !_Py_IsMainInterpreter(tstate->interp));
    if (stream == NULL) {
        goto done;
    }
    PyObject *mode = PyUnicode_FromString(write_mode ? "w" : "r");
    if (mode == NULL || PyObject_SetAttr(stream, &_Py_ID(mode), mode) < 0) {
        Py_CLEAR(stream);
    }
    Py_XDECREF(mode);
done:
    Py_XDECREF(isatty);
    Py_XDECREF(text);
    Py_XDECREF(raw);
    Py_XDECREF(buf);
    Py_XDECREF(enc);
    Py_XDECREF(err);
    if (stream == NULL && PyErr_ExceptionMatches(PyExc_OSError) && !is_valid_fd(fd)) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    return stream;
}

/* Sets sys.NAME and sys.__NAME__; with `missing_only`, what has a value keeps it.  Takes over
 * `stream`. */
static int
set_stream(PyObject *sysdict, PyObject *name, PyObject *original, PyObject *stream,
           int missing_only)
{
    if (stream == NULL) {
        return -1;
    }
    PyObject *const names[] = {original, name};
    int res = 0;
    for (int i = 0; res == 0 && i < 2; i++) {
        int keep = missing_only ? PyDict_Contains(sysdict, names[i]) : 0;
        res = keep < 0 ? -1 : keep ? 0 : PyDict_SetItem(sysdict, names[i], stream);
    }
    Py_DECREF(stream);
    return res;
}

static int
create_streams(PyThreadState *tstate, int missing_only)
{
    PyObject *sysdict = tstate->interp->sysdict;
    const wchar_t *errors = tstate->interp->config.stdio_errors;
    if (_Py_IsMainInterpreter(tstate->interp)) {
        /* Programs find it in sys.modules, and wrong configurations here. */
        PyObject *io = PyImport_ImportModule("io");
        if (io == NULL) {
            return -1;
        }
        Py_DECREF(io);
    }
    if (set_stream(sysdict, &_Py_ID(stderr), &_Py_ID(__stderr__),
                   create_stdio(tstate, fileno(stderr), 1, "<stderr>", L"backslashreplace"),
                   missing_only) < 0 ||
        set_stream(sysdict, &_Py_ID(stdin), &_Py_ID(__stdin__),
                   create_stdio(tstate, fileno(stdin), 0, "<stdin>", errors), missing_only) < 0 ||
        set_stream(sysdict, &_Py_ID(stdout), &_Py_ID(__stdout__),
                   create_stdio(tstate, fileno(stdout), 1, "<stdout>", errors), missing_only) < 0) {
        return -1;
    }
    return 0;
}

/* Another thread makes them: wait, with the GIL released. */
static void
wait_for_maker(struct _streams_state *st)
{
    PyThreadState *save = PyEval_SaveThread();
    PyThread_acquire_lock(st->lock, WAIT_LOCK);
    PyThread_release_lock(st->lock);    /* before the GIL: a maker takes them the other way round */
    PyEval_RestoreThread(save);
}

/* Makes the streams if that was not done yet: 0, or -1 with an error. */
int
_PySys_EnsureStreams(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    struct _streams_state *st = &interp->streams;
    unsigned long me = PyThread_get_thread_ident();
    while (st->stage == _Py_STREAMS_MAKING && st->maker != me) {
        wait_for_maker(st);
    }
    if (st->stage >= _Py_STREAMS_MAKING || _Py_IsBare(&interp->config)) {
        return 0;
    }
    if (st->lock == NULL && (st->lock = PyThread_allocate_lock()) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int before = st->stage;
    PyThread_acquire_lock(st->lock, WAIT_LOCK);     /* free: only a maker holds it for long */
    st->stage = _Py_STREAMS_MAKING;
    st->maker = me;
    /* An exception in flight must survive: tracebacks are printed through sys.stderr. */
    PyObject *exc = PyErr_GetRaisedException();
    int res = create_streams(tstate, before == _Py_STREAMS_LAZY);
    st->stage = res == 0 ? _Py_STREAMS_MADE : before;
    PyThread_release_lock(st->lock);
    if (res < 0) {
        Py_XDECREF(exc);
        return -1;
    }
    if (exc != NULL) {
        PyErr_SetRaisedException(exc);
    }
    return 0;
}

/* From now on the first look at a name makes the streams. */
void
_PySys_DeferStreams(PyThreadState *tstate)
{
    assert(tstate->interp->streams.stage == _Py_STREAMS_NONE);
    tstate->interp->streams.stage = _Py_STREAMS_LAZY;
}

int
_PySys_IsStreamName(PyObject *name)
{
    PyObject *const names[] = {
        &_Py_ID(stdout), &_Py_ID(stderr), &_Py_ID(stdin),
        &_Py_ID(__stdout__), &_Py_ID(__stderr__), &_Py_ID(__stdin__),
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        if (name == names[i]) {
            return 1;
        }
    }
    if (PyUnicode_CHECK_INTERNED(name)) {
        return 0;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        if (_PyUnicode_EQ(name, names[i])) {
            return 1;
        }
    }
    return 0;
}

/* At the end: no streams any more.  Messages of what dies later go to the descriptor directly. */
void
_PySys_ForgetLazyStreams(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    if (interp->streams.stage != _Py_STREAMS_LAZY) {
        return;
    }
    interp->streams.stage = _Py_STREAMS_MADE;
    PyObject *printer = PyFile_NewStdPrinter(fileno(stderr));
    if (printer == NULL || PyDict_SetItem(interp->sysdict, &_Py_ID(__stderr__), printer) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(printer);
}

/* In a forked child: what another thread was making, nobody makes any more. */
void
_PySys_AfterForkStreams(PyInterpreterState *interp)
{
    struct _streams_state *st = &interp->streams;
    if (st->stage == _Py_STREAMS_MAKING && st->maker != PyThread_get_thread_ident()) {
        st->stage = _Py_STREAMS_LAZY;
        st->lock = NULL;        /* its state is unknown */
    }
}

void
_PySys_FiniStreams(PyInterpreterState *interp)
{
    if (interp->streams.lock != NULL) {
        PyThread_free_lock(interp->streams.lock);
        interp->streams.lock = NULL;
    }
}

/* 0 if there is nothing to flush or it worked, -1 if stdout could not be flushed (the error is
 * printed). */
int
_Py_FlushStdFiles(PyThreadState *tstate)
{
    int status = 0;
    if (tstate->interp->sysdict == NULL || tstate->interp->streams.stage != _Py_STREAMS_MADE) {
        return 0;
    }
    PyObject *const names[] = {&_Py_ID(stdout), &_Py_ID(stderr)};
    for (int i = 0; i < 2; i++) {
        PyObject *file = PyDict_GetItemWithError(tstate->interp->sysdict, names[i]);
        if (file == NULL || file == Py_None) {
            PyErr_Clear();
            continue;
        }
        Py_INCREF(file);
        PyObject *closed = PyObject_GetAttr(file, &_Py_ID(closed));
        int is_closed = closed != NULL && PyObject_IsTrue(closed) > 0;
        Py_XDECREF(closed);
        PyErr_Clear();
        if (!is_closed) {
            PyObject *res = PyObject_CallMethodNoArgs(file, &_Py_ID(flush));
            if (res == NULL) {
                if (i == 0) {
                    PyErr_WriteUnraisable(file);
                    status = -1;
                }
                else {
                    PyErr_Clear();
                }
            }
            Py_XDECREF(res);
        }
        Py_DECREF(file);
    }
    return status;
}
