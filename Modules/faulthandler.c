/* The module faulthandler: print the Python stack on a fatal signal, after a time-out, or on
   a signal of choice.

   The handlers call async-signal-safe functions only: they write with _Py_DumpTraceback() to
   a descriptor that was worked out beforehand.  Everything they read is in
   _PyRuntime.faulthandler, which belongs to the process.  The file objects that keep the
   descriptors open belong to one interpreter; another one that replaces them leaves the
   release to it.

   A fatal signal's handler restores the former action, prints, and raises the signal again,
   so that the process dies as it would have.

   The watchdog is a thread without a thread state.  It waits for the lock `cancel_event` with a
   time-out; cancelling releases that lock and waits for `running`.

   Written from the documentation of the faulthandler module.  */

#include "Python.h"
#include "pycore_breaker.h"     // _PyEval_AddPendingCallToID()
#include "pycore_initconfig.h"  // _PyStatus_OK()
#include "pycore_interp.h"      // PyInterpreterState
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_private_api.h" // _Py_DumpTraceback()
#include "pycore_pystate.h"     // _PyRuntime

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#define state (&_PyRuntime.faulthandler)

/* ORDER FATAL: same order as state->previous. */
static const struct {
    int signum;
    const char *name;
} fatal_signals[] = {
    {SIGBUS, "Bus error"},
    {SIGILL, "Illegal instruction"},
    {SIGFPE, "Floating point exception"},
    {SIGABRT, "Aborted"},
    {SIGSEGV, "Segmentation fault"},
};

_Static_assert(Py_ARRAY_LENGTH(fatal_signals) == _Py_FAULTHANDLER_SIGNALS, "ORDER FATAL");

static void
put_text(int fd, const char *text)
{
    ssize_t written = write(fd, text, strlen(text));
    (void)written;      /* there is nobody to tell */
}

/* ---- Files -------------------------------------------------------------- */

static int
drop_file(void *file)
{
    Py_DECREF((PyObject *)file);
    return 0;
}

static void
clear_target(struct _faulthandler_target *target)
{
    PyObject *file = target->file;
    target->file = NULL;
    if (file == NULL) {
        return;
    }
    if (target->owner == _PyInterpreterState_GET()->id) {
        Py_DECREF(file);
    }
    else {
        /* If that fails the interpreter is ending, and its heap takes the file along. */
        (void)_PyEval_AddPendingCallToID(target->owner, drop_file, file);
    }
}

static void
set_target(struct _faulthandler_target *target, PyObject *file, int fd)
{
    struct _faulthandler_target old = *target;
    target->file = Py_XNewRef(file);
    target->owner = _PyInterpreterState_GET()->id;
    target->fd = fd;
    clear_target(&old);
}

/* The descriptor of *file: an int, an object with fileno(), or sys.stderr for None and NULL.
   *file becomes the object to keep (borrowed) or NULL.  -1 with an exception. */
static int
get_fileno(PyObject **file)
{
    PyObject *obj = *file;
    if (obj == NULL || obj == Py_None) {
        obj = PySys_GetObject("stderr");
        if (obj == NULL) {
            PyErr_SetString(PyExc_RuntimeError, "unable to get sys.stderr");
            return -1;
        }
        if (obj == Py_None) {
            PyErr_SetString(PyExc_RuntimeError, "sys.stderr is None");
            return -1;
        }
    }
    else if (PyLong_Check(obj)) {
        int fd = _PyLong_AsInt(obj);
        if (fd == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (fd < 0) {
            PyErr_SetString(PyExc_ValueError, "file is not a valid file descripter");
            return -1;
        }
        *file = NULL;
        return fd;
    }
    PyObject *result = PyObject_CallMethod(obj, "fileno", NULL);
    if (result == NULL) {
        return -1;
    }
    int fd = -1;
    if (PyLong_Check(result)) {
        fd = _PyLong_AsInt(result);
    }
    Py_DECREF(result);
    if (fd < 0) {
        if (!PyErr_Occurred() || !PyErr_ExceptionMatches(PyExc_OverflowError)) {
            PyErr_SetString(PyExc_RuntimeError, "file.fileno() is not a valid file descriptor");
        }
        return -1;
    }
    result = PyObject_CallMethod(obj, "flush", NULL);
    if (result == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(result);
    *file = obj;
    return fd;
}

static PyThreadState *
get_thread_state(void)
{
    PyThreadState *tstate = PyThreadState_Get();
    if (tstate == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "unable to get the current thread state");
    }
    return tstate;
}

/* Parse (file=None, all_threads=True); *file and *fd are as get_fileno() gives them.  Returns the
   thread state, or NULL with an exception. */
static PyThreadState *
parse_target(PyObject *args, PyObject *kwargs, const char *format, PyObject **file, int *fd,
             int *all_threads)
{
    static const char * const keywords[] = {"file", "all_threads", NULL};
    *file = NULL;
    *all_threads = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, format, (char **)keywords, file,
                                     all_threads)) {
        return NULL;
    }
    *fd = get_fileno(file);
    return *fd >= 0 ? get_thread_state() : NULL;
}

/* ---- Printing ----------------------------------------------------------- */

/* Print the stacks; async-signal-safe. */
static void
dump(int fd, int all_threads, PyInterpreterState *interp)
{
    PyThreadState *tstate = PyGILState_GetThisThreadState();
    if (all_threads) {
        (void)_Py_DumpTracebackThreads(fd, tstate != NULL ? NULL : interp, tstate);
    }
    else if (tstate != NULL) {
        _Py_DumpTraceback(fd, tstate);
    }
}

PyDoc_STRVAR(dump_traceback_doc,
"dump_traceback(file=sys.stderr, all_threads=True): print the Python stack of\n"
"this thread, or of all threads of the interpreter, into a file");

static PyObject *
faulthandler_dump_traceback(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    PyObject *file;
    int all_threads, fd;
    PyThreadState *tstate = parse_target(args, kwargs, "|Oi:dump_traceback", &file, &fd,
                                         &all_threads);
    if (tstate == NULL) {
        return NULL;
    }
    if (all_threads) {
        const char *errmsg = _Py_DumpTracebackThreads(fd, NULL, tstate);
        if (errmsg != NULL) {
            PyErr_SetString(PyExc_RuntimeError, errmsg);
            return NULL;
        }
    }
    else {
        _Py_DumpTraceback(fd, tstate);
    }
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* ---- Fatal signals ------------------------------------------------------ */

static void
restore_fatal(int i)
{
    if (state->installed[i]) {
        state->installed[i] = 0;
        (void)sigaction(fatal_signals[i].signum, &state->previous[i], NULL);
    }
}

static void
fatal_handler(int signum)
{
    int err = errno;
    int fd = state->target.fd;
    if (!state->enabled) {
        return;
    }
    size_t i = 0;
    while (i + 1 < Py_ARRAY_LENGTH(fatal_signals) && fatal_signals[i].signum != signum) {
        i++;
    }
    restore_fatal((int)i);
    if (!__atomic_exchange_n(&state->dumping, 1, __ATOMIC_SEQ_CST)) {
        put_text(fd, "Fatal Python error: ");
        put_text(fd, fatal_signals[i].name);
        put_text(fd, "\n\n");
        dump(fd, state->all_threads, state->interp);
        _Py_DumpExtensionModules(fd, state->interp);
        __atomic_store_n(&state->dumping, 0, __ATOMIC_SEQ_CST);
    }
    errno = err;
    /* Now with the former action: on return from this handler, or at once. */
    raise(signum);
}

/* A stack overflow can only be reported on another stack. */
static void
make_alternate_stack(void)
{
    if (state->stack.ss_sp != NULL) {
        return;
    }
    size_t size = (size_t)SIGSTKSZ * 4;
    size_t least = (size_t)getauxval(AT_MINSIGSTKSZ);
    if (size < least + (64 << 10)) {
        size = least + (64 << 10);
    }
    stack_t stack = {.ss_sp = PyMem_RawMalloc(size), .ss_size = size, .ss_flags = 0};
    if (stack.ss_sp == NULL) {
        return;
    }
    if (sigaltstack(&stack, &state->old_stack) != 0) {
        PyMem_RawFree(stack.ss_sp);
        return;
    }
    state->stack = stack;
}

static void
drop_alternate_stack(void)
{
    if (state->stack.ss_sp == NULL) {
        return;
    }
    stack_t current;
    if (sigaltstack(NULL, &current) == 0 && current.ss_sp == state->stack.ss_sp) {
        if (state->old_stack.ss_sp == NULL) {
            state->old_stack.ss_flags = SS_DISABLE;
        }
        (void)sigaltstack(&state->old_stack, NULL);
    }
    PyMem_RawFree(state->stack.ss_sp);
    state->stack.ss_sp = NULL;
}

/* 0, or -1 with an exception. */
static int
install_fatal_handlers(void)
{
    if (state->enabled) {
        return 0;
    }
    state->enabled = 1;
    make_alternate_stack();
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fatal_signals); i++) {
        struct sigaction action;
        action.sa_handler = fatal_handler;
        sigemptyset(&action.sa_mask);
        /* The signal may come again while its handler runs. */
        action.sa_flags = SA_NODEFER | (state->stack.ss_sp != NULL ? SA_ONSTACK : 0);
        if (sigaction(fatal_signals[i].signum, &action, &state->previous[i]) != 0) {
            PyErr_SetFromErrno(PyExc_RuntimeError);
            return -1;
        }
        state->installed[i] = 1;
    }
    return 0;
}

static void
disable_fatal_handlers(void)
{
    if (state->enabled) {
        state->enabled = 0;
        for (size_t i = 0; i < Py_ARRAY_LENGTH(fatal_signals); i++) {
            restore_fatal((int)i);
        }
    }
    clear_target(&state->target);
}

PyDoc_STRVAR(enable_doc,
"enable(file=sys.stderr, all_threads=True): print the Python stack when a fatal\n"
"signal arrives");

static PyObject *
faulthandler_enable(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    PyObject *file;
    int all_threads, fd;
    PyThreadState *tstate = parse_target(args, kwargs, "|Oi:enable", &file, &fd, &all_threads);
    if (tstate == NULL) {
        return NULL;
    }
    set_target(&state->target, file, fd);
    state->all_threads = all_threads;
    state->interp = tstate->interp;
    if (install_fatal_handlers() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(disable_doc, "disable(): put the former actions of the fatal signals back");

static PyObject *
faulthandler_disable(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    int was = state->enabled;
    disable_fatal_handlers();
    return PyBool_FromLong(was);
}

PyDoc_STRVAR(is_enabled_doc, "is_enabled()->bool: tell whether fatal signals are handled");

static PyObject *
faulthandler_is_enabled(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    return PyBool_FromLong(state->enabled);
}

/* ---- Watchdog ----------------------------------------------------------- */

static void
watchdog_thread(void *Py_UNUSED(unused))
{
    sigset_t set;
    sigfillset(&set);
    pthread_sigmask(SIG_SETMASK, &set, NULL);      /* signals are for the others */
    PyLockStatus status;
    int ok;
    do {
        status = PyThread_acquire_lock_timed(state->watchdog.cancel_event,
                                             state->watchdog.timeout, 0);
        if (status == PY_LOCK_ACQUIRED) {
            PyThread_release_lock(state->watchdog.cancel_event);
            break;
        }
        assert(status == PY_LOCK_FAILURE);
        int fd = state->watchdog.target.fd;
        ssize_t written = write(fd, state->watchdog.header, state->watchdog.header_len);
        (void)written;
        ok = _Py_DumpTracebackThreads(fd, state->watchdog.interp, NULL) == NULL;
        if (state->watchdog.exit) {
            _exit(1);
        }
    } while (ok && state->watchdog.repeat);
    PyThread_release_lock(state->watchdog.running);
}

static void
cancel_watchdog(void)
{
    if (state->watchdog.cancel_event == NULL) {
        return;
    }
    PyThread_release_lock(state->watchdog.cancel_event);
    /* Wait until it has seen that.  It never waits for a GIL. */
    PyThread_acquire_lock(state->watchdog.running, 1);
    PyThread_release_lock(state->watchdog.running);
    PyThread_acquire_lock(state->watchdog.cancel_event, 1);
    clear_target(&state->watchdog.target);
    PyMem_RawFree(state->watchdog.header);
    state->watchdog.header = NULL;
}

/* "Timeout (h:mm:ss.ffffff)!" in raw memory, or NULL. */
static char *
format_header(long long microseconds)
{
    unsigned long us = (unsigned long)(microseconds % 1000000);
    unsigned long long seconds = (unsigned long long)microseconds / 1000000;
    unsigned min = (unsigned)(seconds / 60 % 60), sec = (unsigned)(seconds % 60);
    unsigned long long hours = seconds / 3600;
    char text[100];
    if (us != 0) {
        PyOS_snprintf(text, sizeof(text), "Timeout (%llu:%02u:%02u.%06lu)!\n",
                      hours, min, sec, us);
    }
    else {
        PyOS_snprintf(text, sizeof(text), "Timeout (%llu:%02u:%02u)!\n", hours, min, sec);
    }
    return _PyMem_RawStrdup(text);
}

/* The two locks of the watchdog, made at the first use; cancel_event is held from then on. */
static int
make_watchdog_locks(void)
{
    if (state->watchdog.cancel_event != NULL) {
        return 0;
    }
    PyThread_type_lock cancel_event = PyThread_allocate_lock();
    PyThread_type_lock running = PyThread_allocate_lock();
    if (cancel_event == NULL || running == NULL) {
        PyThread_free_lock(cancel_event);
        PyThread_free_lock(running);
        PyErr_SetString(PyExc_RuntimeError, "could not allocate locks for faulthandler");
        return -1;
    }
    PyThread_acquire_lock(cancel_event, 1);
    state->watchdog.running = running;
    state->watchdog.cancel_event = cancel_event;
    return 0;
}

PyDoc_STRVAR(dump_later_doc,
"dump_traceback_later(timeout, repeat=False, file=sys.stderr, exit=False):\n"
"print the stacks of all threads after so many seconds, once or again and\n"
"again; with exit, end the process by _exit(1) afterwards");

static PyObject *
faulthandler_dump_traceback_later(PyObject *Py_UNUSED(module), PyObject *args,
                                  PyObject *kwargs)
{
    static const char * const keywords[] = {"timeout", "repeat", "file", "exit", NULL};
    PyObject *timeout_obj, *file = NULL;
    int repeat = 0, exit = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|iOi:dump_traceback_later",
                                     (char **)keywords, &timeout_obj, &repeat, &file, &exit)) {
        return NULL;
    }
    _PyTime_t timeout;
    if (_PyTime_FromSecondsObject(&timeout, timeout_obj, _PyTime_ROUND_TIMEOUT) < 0) {
        return NULL;
    }
    long long microseconds = _PyTime_AsMicroseconds(timeout, _PyTime_ROUND_TIMEOUT);
    if (microseconds <= 0) {
        PyErr_SetString(PyExc_ValueError, "timeout must be greater than 0");
        return NULL;
    }
    if (microseconds > PY_TIMEOUT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "timeout value is too large");
        return NULL;
    }
    PyThreadState *tstate = get_thread_state();
    int fd = tstate != NULL ? get_fileno(&file) : -1;
    if (fd < 0 || make_watchdog_locks() < 0) {
        return NULL;
    }
    char *header = format_header(microseconds);
    if (header == NULL) {
        return PyErr_NoMemory();
    }
    Py_XINCREF(file);
    cancel_watchdog();
    set_target(&state->watchdog.target, file, fd);
    Py_XDECREF(file);
    state->watchdog.interp = tstate->interp;
    state->watchdog.timeout = microseconds;
    state->watchdog.repeat = repeat;
    state->watchdog.exit = exit;
    state->watchdog.header = header;
    state->watchdog.header_len = strlen(header);
    PyThread_acquire_lock(state->watchdog.running, 1);
    if (PyThread_start_new_thread(watchdog_thread, NULL) == PYTHREAD_INVALID_THREAD_ID) {
        PyThread_release_lock(state->watchdog.running);
        clear_target(&state->watchdog.target);
        PyMem_RawFree(header);
        state->watchdog.header = NULL;
        PyErr_SetString(PyExc_RuntimeError, "unable to start watchdog thread");
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(cancel_later_doc,
"cancel_dump_traceback_later():\ntake a call of dump_traceback_later() back");

static PyObject *
faulthandler_cancel_dump_traceback_later(PyObject *Py_UNUSED(module),
                                         PyObject *Py_UNUSED(unused))
{
    cancel_watchdog();
    Py_RETURN_NONE;
}

/* ---- Signals of choice -------------------------------------------------- */

static int install_user_handler(int signum, int chain, struct sigaction *previous);

static void
user_handler(int signum)
{
    struct _faulthandler_user_signal *user = &state->user_signals[signum];
    int err = errno;
    if (!user->enabled) {
        return;
    }
    dump(user->target.fd, user->all_threads, user->interp);
    if (user->chain) {
        errno = err;
        (void)sigaction(signum, &user->previous, NULL);
        raise(signum);
        err = errno;
        (void)install_user_handler(signum, user->chain, NULL);
    }
    errno = err;
}

static int
install_user_handler(int signum, int chain, struct sigaction *previous)
{
    struct sigaction action;
    action.sa_handler = user_handler;
    sigemptyset(&action.sa_mask);
    /* System calls go on, unless the former handler is to interrupt them; it may be raised from
       within ours. */
    action.sa_flags = chain ? SA_NODEFER : SA_RESTART;
    if (state->stack.ss_sp != NULL) {
        action.sa_flags |= SA_ONSTACK;
    }
    return sigaction(signum, &action, previous);
}

static int
check_signum(int signum)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fatal_signals); i++) {
        if (fatal_signals[i].signum == signum) {
            PyErr_Format(PyExc_RuntimeError,
                         "signal %i cannot be registered, use enable() instead", signum);
            return -1;
        }
    }
    if (signum < 1 || signum >= _Py_NSIG) {
        PyErr_SetString(PyExc_ValueError, "signal number out of range");
        return -1;
    }
    return 0;
}

PyDoc_STRVAR(register_doc,
"register(signum, file=sys.stderr, all_threads=True, chain=False): print the\n"
"Python stack of this thread, or of all, whenever a signal arrives");

static PyObject *
faulthandler_register(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"signum", "file", "all_threads", "chain", NULL};
    int signum, all_threads = 1, chain = 0;
    PyObject *file = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "i|Oii:register", (char **)keywords,
                                     &signum, &file, &all_threads, &chain)
        || check_signum(signum) < 0) {
        return NULL;
    }
    PyThreadState *tstate = get_thread_state();
    int fd = tstate != NULL ? get_fileno(&file) : -1;
    if (fd < 0) {
        return NULL;
    }
    if (state->user_signals == NULL) {
        state->user_signals = PyMem_RawCalloc(_Py_NSIG, sizeof(*state->user_signals));
        if (state->user_signals == NULL) {
            return PyErr_NoMemory();
        }
    }
    struct _faulthandler_user_signal *user = &state->user_signals[signum];
    if (!user->enabled) {
        make_alternate_stack();
        struct sigaction previous;
        if (install_user_handler(signum, chain, &previous) != 0) {
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        user->previous = previous;
    }
    set_target(&user->target, file, fd);
    user->all_threads = all_threads;
    user->chain = chain;
    user->interp = tstate->interp;
    user->enabled = 1;
    Py_RETURN_NONE;
}

static int
unregister_user(int signum)
{
    struct _faulthandler_user_signal *user = &state->user_signals[signum];
    if (!user->enabled) {
        return 0;
    }
    user->enabled = 0;
    (void)sigaction(signum, &user->previous, NULL);
    clear_target(&user->target);
    return 1;
}

PyDoc_STRVAR(unregister_doc,
"unregister(signum): take a call of register() back; tells whether there was one");

static PyObject *
faulthandler_unregister(PyObject *Py_UNUSED(module), PyObject *args)
{
    int signum;
    if (!PyArg_ParseTuple(args, "i:unregister", &signum) || check_signum(signum) < 0) {
        return NULL;
    }
    if (state->user_signals == NULL) {
        Py_RETURN_FALSE;
    }
    return PyBool_FromLong(unregister_user(signum));
}

/* ---- Functions that crash, for tests ------------------------------------ */

/* A crash of a test should not leave a core file. */
static void
suppress_core_file(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = 0;
        (void)setrlimit(RLIMIT_CORE, &limit);
    }
}

static PyObject * __attribute__((noinline, no_sanitize("undefined")))
faulthandler_read_null(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
    suppress_core_file();
    volatile int *volatile pointer = NULL;
    int value = *pointer;
    return PyLong_FromLong(value);
}

static PyObject *
faulthandler_sigsegv(PyObject *Py_UNUSED(module), PyObject *args)
{
    int release_gil = 0;
    if (!PyArg_ParseTuple(args, "|i:_sigsegv", &release_gil)) {
        return NULL;
    }
    suppress_core_file();
    if (release_gil) {
        Py_BEGIN_ALLOW_THREADS
        raise(SIGSEGV);
        Py_END_ALLOW_THREADS
    }
    else {
        raise(SIGSEGV);
    }
    Py_RETURN_NONE;
}

static PyObject *
faulthandler_sigfpe(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
    suppress_core_file();
    raise(SIGFPE);
    Py_RETURN_NONE;
}

static PyObject *
faulthandler_sigabrt(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
    suppress_core_file();
    abort();
}

/* The message tells its name. */
static void
faulthandler_fatal_error_thread(void *lock)
{
    Py_FatalError("in new thread");
    PyThread_release_lock((PyThread_type_lock)lock);
}

static PyObject *
faulthandler_fatal_error_c_thread(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
    suppress_core_file();
    PyThread_type_lock lock = PyThread_allocate_lock();
    if (lock == NULL) {
        return PyErr_NoMemory();
    }
    PyThread_acquire_lock(lock, WAIT_LOCK);
    if (PyThread_start_new_thread(faulthandler_fatal_error_thread, lock)
        == PYTHREAD_INVALID_THREAD_ID) {
        PyErr_SetString(PyExc_RuntimeError, "unable to start the thread");
        PyThread_free_lock(lock);
        return NULL;
    }
    /* The thread ends the process. */
    PyThread_acquire_lock(lock, WAIT_LOCK);
    PyThread_release_lock(lock);
    PyThread_free_lock(lock);
    Py_RETURN_NONE;
}

/* Use up the C stack, up to `limit` bytes. */
static uintptr_t __attribute__((noinline))
use_stack(uintptr_t start, uintptr_t limit, size_t *depth)
{
    volatile unsigned char buffer[4096];
    buffer[0] = 1;
    buffer[4095] = 0;
    uintptr_t here = (uintptr_t)buffer;
    ++*depth;
    if (start - here < limit) {
        here = use_stack(start, limit, depth) + buffer[4095];
    }
    return here;
}

static PyObject *
faulthandler_stack_overflow(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
    size_t depth = 0;
    suppress_core_file();
    uintptr_t start = (uintptr_t)__builtin_frame_address(0);
    uintptr_t size = use_stack(start, (uintptr_t)100 << 20, &depth);
    PyErr_Format(PyExc_RuntimeError, "unable to raise a stack overflow "
                 "(allocated %zu bytes on the stack, %zu recursive calls)",
                 (size_t)(start - size), depth);
    return NULL;
}

/* ---- Start and end ------------------------------------------------------ */

/* With `enable` (-X faulthandler): the module's enable() is called. */
PyStatus
_PyFaulthandler_Init(int enable)
{
    if (enable <= 0) {
        return _PyStatus_OK();
    }
    PyObject *module = PyImport_ImportModule("faulthandler");
    PyObject *result = module != NULL ? PyObject_CallMethod(module, "enable", NULL) : NULL;
    Py_XDECREF(module);
    if (result == NULL) {
        return _PyStatus_ERR("failed to enable faulthandler");
    }
    Py_DECREF(result);
    return _PyStatus_OK();
}

void
_PyFaulthandler_Fini(void)
{
    if (state->watchdog.cancel_event != NULL) {
        cancel_watchdog();
        PyThread_release_lock(state->watchdog.cancel_event);
        PyThread_free_lock(state->watchdog.cancel_event);
        PyThread_free_lock(state->watchdog.running);
        state->watchdog.cancel_event = NULL;
        state->watchdog.running = NULL;
    }
    if (state->user_signals != NULL) {
        for (int signum = 1; signum < _Py_NSIG; signum++) {
            (void)unregister_user(signum);
        }
        PyMem_RawFree(state->user_signals);
        state->user_signals = NULL;
    }
    disable_fatal_handlers();
    drop_alternate_stack();
}

/* ---- The module --------------------------------------------------------- */

#define WITH_KEYWORDS(name, func, doc) \
    {name, _PyCFunction_CAST(func), METH_VARARGS | METH_KEYWORDS, doc}

static const PyMethodDef faulthandler_methods[] = {
    WITH_KEYWORDS("enable", faulthandler_enable, enable_doc),
    {"disable", faulthandler_disable, METH_NOARGS, disable_doc},
    {"is_enabled", faulthandler_is_enabled, METH_NOARGS, is_enabled_doc},
    WITH_KEYWORDS("dump_traceback", faulthandler_dump_traceback, dump_traceback_doc),
    WITH_KEYWORDS("dump_traceback_later", faulthandler_dump_traceback_later, dump_later_doc),
    {"cancel_dump_traceback_later", faulthandler_cancel_dump_traceback_later, METH_NOARGS,
     cancel_later_doc},
    WITH_KEYWORDS("register", faulthandler_register, register_doc),
    {"unregister", faulthandler_unregister, METH_VARARGS, unregister_doc},
    {"_read_null", faulthandler_read_null, METH_NOARGS,
     PyDoc_STR("_read_null(): read from address 0")},
    {"_sigsegv", faulthandler_sigsegv, METH_VARARGS,
     PyDoc_STR("_sigsegv(release_gil=False): raise SIGSEGV")},
    {"_fatal_error_c_thread", faulthandler_fatal_error_c_thread, METH_NOARGS,
     PyDoc_STR("_fatal_error_c_thread(): Py_FatalError() in a new C thread")},
    {"_sigabrt", faulthandler_sigabrt, METH_NOARGS, PyDoc_STR("_sigabrt(): raise SIGABRT")},
    {"_sigfpe", faulthandler_sigfpe, METH_NOARGS, PyDoc_STR("_sigfpe(): raise SIGFPE")},
    {"_stack_overflow", faulthandler_stack_overflow, METH_NOARGS,
     PyDoc_STR("_stack_overflow(): use up the C stack")},
    {NULL, NULL, 0, NULL}
};

static const PyModuleDef_Slot faulthandler_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(module_doc,
"Print the Python stack when the process crashes, hangs, or gets a signal.");

_Py_SHARED static PyModuleDef faulthandler_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "faulthandler",
    .m_doc = module_doc,
    .m_methods = (PyMethodDef *)faulthandler_methods,
    .m_slots = (PyModuleDef_Slot *)faulthandler_slots,
};

PyMODINIT_FUNC
PyInit_faulthandler(void)
{
    return PyModuleDef_Init(&faulthandler_module);
}
