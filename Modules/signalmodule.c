/* Signals: the C handler, the check that runs Python handlers, and the module _signal.

   Protocol.  The C handler, on whatever thread it runs, marks the signal as tripped, sets
   is_tripped, sets the breaker bit of the state attached on the main OS thread, and writes
   the number to the wake-up descriptor.  It calls only async-signal-safe functions.

   The main OS thread finds the bit (or, when it attaches a state, is_tripped) and runs the
   Python handlers.  They are objects of the main interpreter.  If the thread runs another
   interpreter at that moment it switches to its state of the main one for the time of the
   handlers; an exception they raise comes out in the running interpreter as a fresh one of
   the same built-in type.

   handlers[].func is an int object (SIG_DFL, SIG_IGN, shared), None (set by others), a
   callable of the main interpreter, or NULL before start-up.  SIGINT needs no object to raise
   KeyboardInterrupt: see sigint_default.

   Written from the documentation of the signal module, signal(7), signal-safety(7).  */

#include "Python.h"
#include "pycore_breaker.h"     // _PY_GC_SCHEDULED_BIT
#include "pycore_errors.h"      // _PyErr_SetNone()
#include "pycore_fileutils.h"   // _Py_get_blocking()
#include "pycore_frame.h"       // _PyThreadState_GetFrame()
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_private_api.h" // _PyEval_SignalReceived()
#include "pycore_pystate.h"     // _PyRuntime
#include "pycore_signal.h"      // _PySignal_Init()
#include "pycore_signature.h"   // wrappers

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "sig/signalmodule.sig.h"

typedef struct {
    PyObject *itimer_error;
    PyTypeObject *siginfo_type;
} signal_module_state;

static inline signal_module_state *
get_state(PyObject *module)
{
    return (signal_module_state *)PyModule_GetState(module);
}

#define signals (&_PyRuntime.signals)

static PyObject *
default_object(void)
{
    return PyLong_FromLong((long)(intptr_t)SIG_DFL);     /* a small int: shared */
}

static PyObject *
ignore_object(void)
{
    return PyLong_FromLong((long)(intptr_t)SIG_IGN);
}

static int
is_handler_constant(PyObject *func, void (*value)(int))
{
    if (func == NULL || !PyLong_CheckExact(func)) {
        return 0;
    }
    int overflow;
    return PyLong_AsLongAndOverflow(func, &overflow) == (long)(intptr_t)value && !overflow;
}

/* ---- The C handler ------------------------------------------------------ */

static void
write_wakeup(int signum)
{
    int fd = __atomic_load_n(&signals->wakeup_fd, __ATOMIC_RELAXED);
    if (fd == -1) {
        return;
    }
    unsigned char byte = (unsigned char)signum;
    ssize_t rc;
    do {
        rc = write(fd, &byte, 1);
    } while (rc < 0 && errno == EINTR);
    if (rc < 0 && (signals->warn_on_full_buffer || (errno != EWOULDBLOCK && errno != EAGAIN))) {
        __atomic_store_n(&signals->wakeup_errno, errno, __ATOMIC_RELAXED);
    }
}

/* Note that a signal arrived: async-signal-safe. */
static void
trip_signal(int signum)
{
    __atomic_store_n(&signals->handlers[signum].tripped, 1, __ATOMIC_RELAXED);
    /* The write that counts comes after the one above. */
    __atomic_store_n(&signals->is_tripped, 1, __ATOMIC_SEQ_CST);
    write_wakeup(signum);
    _PyEval_SignalReceived(_PyInterpreterState_Main());
}

static void
signal_handler(int signum)
{
    int err = errno;
    trip_signal(signum);
    errno = err;
}

/* ---- Running Python handlers -------------------------------------------- */

static void
report_wakeup_error(PyThreadState *tstate, int err)
{
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    errno = err;
    PyErr_SetFromErrno(PyExc_OSError);
    _PyErr_WriteUnraisableMsg("when trying to write to the signal wakeup fd", NULL);
    _PyErr_SetRaisedException(tstate, exc);
}

/* 0, or -1 with the exception of the handler. */
static int
call_handler(PyThreadState *tstate, int signum)
{
    PyObject *func = signals->handlers[signum].func;
    if (func == NULL || func == Py_None || PyLong_CheckExact(func)) {
        if (func == NULL && signum == SIGINT && signals->sigint_default) {
            _PyErr_SetNone(tstate, PyExc_KeyboardInterrupt);
            return -1;
        }
        /* The handler was taken away between the signal and now. */
        PyErr_Format(PyExc_OSError, "Signal %i ignored due to race condition", signum);
        PyErr_WriteUnraisable(Py_None);
        return 0;
    }
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    PyObject *frame_obj = frame != NULL ? (PyObject *)_PyFrame_GetFrameObject(frame) : NULL;
    if (frame != NULL && frame_obj == NULL) {
        return -1;
    }
    PyObject *number = PyLong_FromLong(signum);
    if (number == NULL) {
        return -1;
    }
    Py_INCREF(func);
    PyObject *args[] = {number, frame_obj != NULL ? frame_obj : Py_None};
    PyObject *result = PyObject_Vectorcall(func, args, 2, NULL);
    Py_DECREF(func);
    Py_DECREF(number);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

/* Run the handlers of all signals that arrived; `tstate` is of the main interpreter.  When
   one fails the rest wait for the next check. */
static int
run_handlers(PyThreadState *tstate)
{
    assert(_Py_IsMainInterpreter(tstate->interp));
    int err = __atomic_exchange_n(&signals->wakeup_errno, 0, __ATOMIC_RELAXED);
    if (err != 0) {
        report_wakeup_error(tstate, err);
    }
    for (int i = 1; i < _Py_NSIG; i++) {
        if (!__atomic_exchange_n(&signals->handlers[i].tripped, 0, __ATOMIC_RELAXED)) {
            continue;
        }
        if (call_handler(tstate, i) < 0) {
            __atomic_store_n(&signals->is_tripped, 1, __ATOMIC_SEQ_CST);
            return -1;
        }
    }
    return 0;
}

/* What of an exception can cross to another interpreter: its nearest shared type and its text
   (PyMem_RawMalloc'ed or NULL).  Clears the exception. */
static PyObject *
take_exception_across(PyThreadState *tstate, char **text)
{
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    PyTypeObject *type = Py_TYPE(exc);
    while (!(type->tp_flags & _Py_TPFLAGS_STATIC_BUILTIN) && type->tp_base != NULL) {
        type = type->tp_base;
    }
    *text = NULL;
    PyObject *str = PyObject_Str(exc);
    const char *utf8 = str != NULL ? PyUnicode_AsUTF8(str) : NULL;
    if (utf8 != NULL && *utf8 != '\0') {
        *text = _PyMem_RawStrdup(utf8);
    }
    PyErr_Clear();
    Py_XDECREF(str);
    Py_DECREF(exc);
    return (PyObject *)type;
}

static int
run_handlers_elsewhere(PyThreadState *tstate)
{
    PyThreadState *main = _PyThreadState_BoundHere(_PyRuntime.main);
    if (main == NULL) {
        /* This thread has not been in the main interpreter; it will see the signal there. */
        __atomic_store_n(&signals->is_tripped, 1, __ATOMIC_SEQ_CST);
        return 0;
    }
    PyObject *type = NULL;
    char *text = NULL;
    PyThreadState_Swap(main);
    /* The handler must not replace an exception that is on its way there. */
    PyObject *exc = _PyErr_GetRaisedException(main);
    if (run_handlers(main) < 0) {
        type = take_exception_across(main, &text);
    }
    _PyErr_SetRaisedException(main, exc);
    PyThreadState_Swap(tstate);
    if (type == NULL) {
        return 0;
    }
    if (text != NULL) {
        _PyErr_SetString(tstate, type, text);
        PyMem_RawFree(text);
    }
    else {
        _PyErr_SetNone(tstate, type);
    }
    return -1;
}

/* Called on the main OS thread only. */
int
_PyErr_CheckSignalsTstate(PyThreadState *tstate)
{
    if (!__atomic_exchange_n(&signals->is_tripped, 0, __ATOMIC_SEQ_CST)) {
        return 0;
    }
    if (_Py_IsMainInterpreter(tstate->interp)) {
        return run_handlers(tstate);
    }
    return run_handlers_elsewhere(tstate);
}

int
_PyErr_CheckSignals(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    return _Py_IsMainThread() ? _PyErr_CheckSignalsTstate(tstate) : 0;
}

/* Run the handlers of signals that arrived, if this is the main thread, and the collector if
   it is due. Returns 0, or -1 with an exception. */
int
PyErr_CheckSignals(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (_Py_eval_breaker_bit_is_set(tstate, _PY_GC_SCHEDULED_BIT)) {
        _Py_unset_eval_breaker_bit(tstate, _PY_GC_SCHEDULED_BIT);
        _Py_RunGC(tstate);
    }
    return _Py_IsMainThread() ? _PyErr_CheckSignalsTstate(tstate) : 0;
}

/* Simulate a signal.  Returns 0, or -1 if there is no such signal.  Needs no GIL. */
int
PyErr_SetInterruptEx(int signum)
{
    if (signum < 1 || signum >= _Py_NSIG) {
        return -1;
    }
    PyObject *func = __atomic_load_n(&signals->handlers[signum].func, __ATOMIC_RELAXED);
    if (!is_handler_constant(func, SIG_IGN) && !is_handler_constant(func, SIG_DFL)) {
        trip_signal(signum);
    }
    return 0;
}

void
PyErr_SetInterrupt(void)
{
    (void)PyErr_SetInterruptEx(SIGINT);
}

int
_PyOS_InterruptOccurred(PyThreadState *Py_UNUSED(tstate))
{
    if (!_Py_IsMainThread()) {
        return 0;
    }
    return __atomic_exchange_n(&signals->handlers[SIGINT].tripped, 0, __ATOMIC_RELAXED);
}

int
PyOS_InterruptOccurred(void)
{
    return _PyOS_InterruptOccurred(_PyThreadState_GET());
}

int
_PyOS_IsMainThread(void)
{
    return _Py_IsMainThread() && _Py_IsMainInterpreter(_PyInterpreterState_GET());
}

/* ---- Start and end ------------------------------------------------------ */

static void
forget_tripped(void)
{
    __atomic_store_n(&signals->is_tripped, 0, __ATOMIC_RELAXED);
    for (int i = 1; i < _Py_NSIG; i++) {
        __atomic_store_n(&signals->handlers[i].tripped, 0, __ATOMIC_RELAXED);
    }
}

void
_PySignal_AfterFork(void)
{
    forget_tripped();
}

int
_PySignal_Init(int install_signal_handlers)
{
    signals->unhandled_keyboard_interrupt = 0;
    if (install_signal_handlers) {
        PyOS_setsig(SIGPIPE, SIG_IGN);
        PyOS_setsig(SIGXFSZ, SIG_IGN);
    }
    for (int i = 1; i < _Py_NSIG; i++) {
        PyOS_sighandler_t handler = PyOS_getsig(i);
        PyObject *func = handler == SIG_DFL ? default_object()
                         : handler == SIG_IGN ? ignore_object() : Py_NewRef(Py_None);
        if (func == NULL) {
            return -1;
        }
        signals->handlers[i].tripped = 0;
        Py_XSETREF(signals->handlers[i].func, func);
    }
    if (install_signal_handlers && is_handler_constant(signals->handlers[SIGINT].func, SIG_DFL)) {
        Py_CLEAR(signals->handlers[SIGINT].func);
        signals->sigint_default = 1;
        PyOS_setsig(SIGINT, signal_handler);
    }
    return 0;
}

void
_PySignal_Fini(void)
{
    for (int i = 1; i < _Py_NSIG; i++) {
        PyObject *func = signals->handlers[i].func;
        int ours = func != NULL ? (func != Py_None && !PyLong_CheckExact(func))
                                : (i == SIGINT && signals->sigint_default);
        if (ours) {
            PyOS_setsig(i, SIG_DFL);
        }
        signals->handlers[i].func = NULL;
        Py_XDECREF(func);
    }
    signals->sigint_default = 0;
    forget_tripped();
}

/* ---- Sets of signals ---------------------------------------------------- */

/* Converter "O&" for an iterable of signal numbers. */
int
_Py_Sigset_Converter(PyObject *obj, void *addr)
{
    sigset_t *mask = addr;
    sigemptyset(mask);
    PyObject *iterator = PyObject_GetIter(obj);
    if (iterator == NULL) {
        return 0;
    }
    PyObject *item;
    while ((item = PyIter_Next(iterator)) != NULL) {
        int overflow;
        long signum = PyLong_AsLongAndOverflow(item, &overflow);
        Py_DECREF(item);
        if (signum <= 0 || signum >= _Py_NSIG) {
            if (overflow || signum != -1 || !PyErr_Occurred()) {
                PyErr_Format(PyExc_ValueError, "signal number %ld out of range [1; %i]",
                             signum, _Py_NSIG - 1);
            }
            break;
        }
        if (sigaddset(mask, (int)signum) != 0) {
            if (errno != EINVAL) {
                PyErr_SetFromErrno(PyExc_OSError);
                break;
            }
            /* A number that the C library keeps for itself. */
            char text[64];
            PyOS_snprintf(text, sizeof(text), "invalid signal number %ld", signum);
            if (PyErr_WarnEx(PyExc_RuntimeWarning, text, 1) < 0) {
                break;
            }
        }
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() == NULL;
}

static PyObject *
sigset_to_set(const sigset_t *mask)
{
    PyObject *result = PySet_New(NULL);
    if (result == NULL) {
        return NULL;
    }
    for (int sig = 1; sig < _Py_NSIG; sig++) {
        if (sigismember(mask, sig) != 1) {
            continue;
        }
        PyObject *number = PyLong_FromLong(sig);
        if (number == NULL || PySet_Add(result, number) < 0) {
            Py_XDECREF(number);
            Py_DECREF(result);
            return NULL;
        }
        Py_DECREF(number);
    }
    return result;
}

/* ---- Functions of the module -------------------------------------------- */

static int
check_range(int signum)
{
    if (signum < 1 || signum >= _Py_NSIG) {
        PyErr_SetString(PyExc_ValueError, "signal number out of range");
        return -1;
    }
    return 0;
}

/*sig _signal.default_int_handler(module, signalnum: int, frame, /)

Raise KeyboardInterrupt: what SIGINT does unless told otherwise.
*/
static PyObject *
_signal_default_int_handler_impl(PyObject *Py_UNUSED(module), int Py_UNUSED(signalnum),
                                 PyObject *Py_UNUSED(frame))
{
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    return NULL;
}

/*sig _signal.alarm(module, seconds: int, /) -> long

Ask for SIGALRM in so many seconds; 0 cancels.  Returns the seconds that were left.
*/
static long
_signal_alarm_impl(PyObject *Py_UNUSED(module), int seconds)
{
    return (long)alarm((unsigned)seconds);
}

/*sig _signal.pause(module)

Sleep until a signal arrives.
*/
static PyObject *
_signal_pause_impl(PyObject *Py_UNUSED(module))
{
    Py_BEGIN_ALLOW_THREADS
    (void)pause();
    Py_END_ALLOW_THREADS
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig _signal.raise_signal(module, signalnum: int, /)

Send a signal to this process.
*/
static PyObject *
_signal_raise_signal_impl(PyObject *Py_UNUSED(module), int signalnum)
{
    int rc, err;
    Py_BEGIN_ALLOW_THREADS
    rc = raise(signalnum);
    err = errno;
    Py_END_ALLOW_THREADS
    if (rc != 0) {
        errno = err;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig _signal.signal(module, signalnum: int, handler, /)

Set what a signal does: SIG_DFL, SIG_IGN, or a function that is called with
the signal number and the interrupted frame.  Returns the former handler.
*/
static PyObject *
_signal_signal_impl(PyObject *Py_UNUSED(module), int signalnum, PyObject *handler)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!_PyOS_IsMainThread()) {
        PyErr_SetString(PyExc_ValueError,
                        "signal only works in main thread of the main interpreter");
        return NULL;
    }
    if (check_range(signalnum) < 0) {
        return NULL;
    }
    PyOS_sighandler_t func;
    if (PyCallable_Check(handler)) {
        func = signal_handler;
    }
    else if (is_handler_constant(handler, SIG_IGN)
             || (PyLong_Check(handler) && PyLong_AsLong(handler) == 1)) {
        func = SIG_IGN;
    }
    else if (is_handler_constant(handler, SIG_DFL)
             || (PyLong_Check(handler) && PyLong_AsLong(handler) == 0)) {
        func = SIG_DFL;
    }
    else {
        PyErr_Clear();
        PyErr_SetString(PyExc_TypeError, "signal handler must be signal.SIG_IGN, "
                        "signal.SIG_DFL, or a callable object");
        return NULL;
    }
    /* What arrived under the old handler is the old handler's. */
    if (_PyErr_CheckSignalsTstate(tstate) < 0) {
        return NULL;
    }
    if (PyOS_setsig(signalnum, func) == SIG_ERR) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    PyObject *stored = func == signal_handler ? Py_NewRef(handler)
                       : func == SIG_IGN ? ignore_object() : default_object();
    PyObject *old = signals->handlers[signalnum].func;
    signals->handlers[signalnum].func = stored;
    if (signalnum == SIGINT) {
        signals->sigint_default = 0;
    }
    if (old == NULL) {
        Py_RETURN_NONE;
    }
    return old;
}

/*sig _signal.getsignal(module, signalnum: int, /)

Return what a signal does.

SIG_DFL, SIG_IGN, the function that handles it, or None if that was set by
other means than Python (or in another interpreter).
*/
static PyObject *
_signal_getsignal_impl(PyObject *Py_UNUSED(module), int signalnum)
{
    if (check_range(signalnum) < 0) {
        return NULL;
    }
    PyObject *func = signals->handlers[signalnum].func;
    if (func == NULL || (!_Py_IsMainInterpreter(_PyInterpreterState_GET())
                         && !PyLong_CheckExact(func))) {
        Py_RETURN_NONE;
    }
    return Py_NewRef(func);
}

/*sig _signal.strsignal(module, signalnum: int, /)

Return the system's description of a signal, or None if it has none.
*/
static PyObject *
_signal_strsignal_impl(PyObject *Py_UNUSED(module), int signalnum)
{
    if (check_range(signalnum) < 0) {
        return NULL;
    }
    errno = 0;
    const char *text = strsignal(signalnum);
    if (errno != 0 || text == NULL || strstr(text, "Unknown signal") != NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(text);
}

/*sig _signal.siginterrupt(module, signalnum: int, flag: int, /)

Set whether system calls are interrupted by a signal (flag true) or go on.
*/
static PyObject *
_signal_siginterrupt_impl(PyObject *Py_UNUSED(module), int signalnum, int flag)
{
    if (check_range(signalnum) < 0) {
        return NULL;
    }
    struct sigaction action;
    if (sigaction(signalnum, NULL, &action) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (flag) {
        action.sa_flags &= ~SA_RESTART;
    }
    else {
        action.sa_flags |= SA_RESTART;
    }
    if (sigaction(signalnum, &action, NULL) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

/* 0, or -1 with an exception: the descriptor must exist and not block. */
static int
check_wakeup_fd(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    int blocking = _Py_get_blocking(fd);
    if (blocking < 0) {
        return -1;
    }
    if (blocking) {
        PyErr_Format(PyExc_ValueError, "the fd %i must be in non-blocking mode", fd);
        return -1;
    }
    return 0;
}

PyDoc_STRVAR(signal_set_wakeup_fd__doc__,
"set_wakeup_fd(fd, *, warn_on_full_buffer=True) -> fd\n"
"\n"
"Set the descriptor to which the number of each signal is written as a byte;\n"
"-1 for none.  It must not block.  The former one is returned.");

static PyObject *
signal_set_wakeup_fd(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"", "warn_on_full_buffer", NULL};
    int warn_on_full_buffer = 1;
    int fd;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "i|$p:set_wakeup_fd", (char **)keywords,
                                     &fd, &warn_on_full_buffer)) {
        return NULL;
    }
    if (!_PyOS_IsMainThread()) {
        PyErr_SetString(PyExc_ValueError,
                        "set_wakeup_fd only works in main thread of the main interpreter");
        return NULL;
    }
    if (fd != -1 && check_wakeup_fd(fd) < 0) {
        return NULL;
    }
    int old = __atomic_exchange_n(&signals->wakeup_fd, fd, __ATOMIC_RELAXED);
    signals->warn_on_full_buffer = warn_on_full_buffer;
    return PyLong_FromLong(old);
}

int
PySignal_SetWakeupFd(int fd)
{
    if (fd < 0) {
        fd = -1;
    }
    signals->warn_on_full_buffer = 1;
    return __atomic_exchange_n(&signals->wakeup_fd, fd, __ATOMIC_RELAXED);
}

/* ---- Timers ------------------------------------------------------------- */

static double
double_from_timeval(const struct timeval *tv)
{
    return (double)tv->tv_sec + (double)(tv->tv_usec / 1000000.0);
}

static PyObject *
itimer_tuple(const struct itimerval *value)
{
    return Py_BuildValue("(dd)", double_from_timeval(&value->it_value),
                         double_from_timeval(&value->it_interval));
}

static int
timeval_from_object(PyObject *obj, struct timeval *tv)
{
    tv->tv_sec = 0;
    tv->tv_usec = 0;
    if (obj == NULL) {
        return 0;
    }
    _PyTime_t t;
    if (_PyTime_FromSecondsObject(&t, obj, _PyTime_ROUND_CEILING) < 0) {
        return -1;
    }
    return _PyTime_AsTimeval(t, tv, _PyTime_ROUND_CEILING);
}

/*sig _signal.setitimer(module, which: int, seconds, interval = c"NULL" py"0.0", /)

Set an interval timer: ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF.

It fires after `seconds` and then every `interval` seconds; zero seconds
stop it.  Returns what was set before, as (delay, interval).
*/
static PyObject *
_signal_setitimer_impl(PyObject *module, int which, PyObject *seconds, PyObject *interval)
{
    struct itimerval fresh, old;
    if (timeval_from_object(seconds, &fresh.it_value) < 0
        || timeval_from_object(interval, &fresh.it_interval) < 0) {
        return NULL;
    }
    if (setitimer((__itimer_which_t)which, &fresh, &old) != 0) {
        return PyErr_SetFromErrno(get_state(module)->itimer_error);
    }
    return itimer_tuple(&old);
}

/*sig _signal.getitimer(module, which: int, /)

Return the value of an interval timer as (delay, interval).
*/
static PyObject *
_signal_getitimer_impl(PyObject *module, int which)
{
    struct itimerval value;
    if (getitimer((__itimer_which_t)which, &value) != 0) {
        return PyErr_SetFromErrno(get_state(module)->itimer_error);
    }
    return itimer_tuple(&value);
}

/* ---- Masks and waiting -------------------------------------------------- */

/*sig _signal.pthread_sigmask(module, how: int, mask, /)

Change the set of signals that this thread blocks; returns the former set.
*/
static PyObject *
_signal_pthread_sigmask_impl(PyObject *Py_UNUSED(module), int how, PyObject *mask)
{
    sigset_t set, previous;
    if (!_Py_Sigset_Converter(mask, &set)) {
        return NULL;
    }
    int err = pthread_sigmask(how, &set, &previous);
    if (err != 0) {
        errno = err;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    /* A signal that was unblocked may have arrived at once. */
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    return sigset_to_set(&previous);
}

/*sig _signal.sigpending(module)

Return the set of signals that arrived while blocked.
*/
static PyObject *
_signal_sigpending_impl(PyObject *Py_UNUSED(module))
{
    sigset_t mask;
    if (sigpending(&mask) != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return sigset_to_set(&mask);
}

/*sig _signal.valid_signals(module)

Return the set of signal numbers that can be used here.
*/
static PyObject *
_signal_valid_signals_impl(PyObject *Py_UNUSED(module))
{
    sigset_t mask;
    sigfillset(&mask);
    return sigset_to_set(&mask);
}

/*sig _signal.sigwait(module, sigset, /)

Wait until one of the signals arrives, take it and return its number.
*/
static PyObject *
_signal_sigwait_impl(PyObject *Py_UNUSED(module), PyObject *sigset)
{
    int err, signum;
    sigset_t set;
    if (!_Py_Sigset_Converter(sigset, &set)) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    err = sigwait(&set, &signum);
    Py_END_ALLOW_THREADS
    if (err != 0) {
        errno = err;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(signum);
}

static PyObject *
make_siginfo(PyObject *module, const siginfo_t *si)
{
    PyObject *result = PyStructSequence_New(get_state(module)->siginfo_type);
    if (result == NULL) {
        return NULL;
    }
    PyObject *values[] = {
        PyLong_FromLong(si->si_signo),
        PyLong_FromLong(si->si_code),
        PyLong_FromLong(si->si_errno),
        PyLong_FromLong(si->si_pid),
        PyLong_FromUnsignedLong(si->si_uid),
        PyLong_FromLong(si->si_status),
        PyLong_FromLong(si->si_band),
    };
    for (Py_ssize_t i = 0; i < (Py_ssize_t)Py_ARRAY_LENGTH(values); i++) {
        PyStructSequence_SET_ITEM(result, i, values[i]);
    }
    if (PyErr_Occurred()) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

/*sig _signal.sigwaitinfo(module, sigset, /)

Wait until one of the signals arrives, take it and return what is known of it.
*/
static PyObject *
_signal_sigwaitinfo_impl(PyObject *module, PyObject *sigset)
{
    siginfo_t si;
    int rc, err;
    sigset_t set;
    if (!_Py_Sigset_Converter(sigset, &set)) {
        return NULL;
    }
    for (;;) {
        Py_BEGIN_ALLOW_THREADS
        rc = sigwaitinfo(&set, &si);
        err = errno;
        Py_END_ALLOW_THREADS
        if (rc != -1) {
            return make_siginfo(module, &si);
        }
        if (err != EINTR) {
            errno = err;
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        if (PyErr_CheckSignals() < 0) {
            return NULL;
        }
    }
}

/*sig _signal.sigtimedwait(module, sigset, timeout, /)

Like sigwaitinfo(), but gives up after so many seconds and returns None.
*/
static PyObject *
_signal_sigtimedwait_impl(PyObject *module, PyObject *sigset, PyObject *timeout)
{
    sigset_t set;
    if (!_Py_Sigset_Converter(sigset, &set)) {
        return NULL;
    }
    _PyTime_t left;
    if (_PyTime_FromSecondsObject(&left, timeout, _PyTime_ROUND_CEILING) < 0) {
        return NULL;
    }
    if (left < 0) {
        PyErr_SetString(PyExc_ValueError, "timeout must be non-negative");
        return NULL;
    }
    _PyTime_t deadline = _PyDeadline_Init(left);
    do {
        struct timespec ts;
        siginfo_t si;
        int rc, err;
        if (_PyTime_AsTimespec(left, &ts) < 0) {
            return NULL;
        }
        Py_BEGIN_ALLOW_THREADS
        rc = sigtimedwait(&set, &si, &ts);
        err = errno;
        Py_END_ALLOW_THREADS
        if (rc != -1) {
            return make_siginfo(module, &si);
        }
        if (err == EAGAIN) {
            Py_RETURN_NONE;
        }
        if (err != EINTR) {
            errno = err;
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        if (PyErr_CheckSignals() < 0) {
            return NULL;
        }
        left = _PyDeadline_Get(deadline);
    } while (left >= 0);
    Py_RETURN_NONE;
}

/*sig _signal.pthread_kill(module, thread_id: ulong_mask, signalnum: int, /)

Send a signal to a thread.
*/
static PyObject *
_signal_pthread_kill_impl(PyObject *Py_UNUSED(module), unsigned long thread_id, int signalnum)
{
    if (PySys_Audit("signal.pthread_kill", "ki", thread_id, signalnum) < 0) {
        return NULL;
    }
    int err = pthread_kill((pthread_t)thread_id, signalnum);
    if (err != 0) {
        errno = err;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig _signal.pidfd_send_signal(module, pidfd: int, signalnum: int, siginfo: object = None,
                                  flags: int = 0, /)

Send a signal to the process that a descriptor stands for.
*/
static PyObject *
_signal_pidfd_send_signal_impl(PyObject *Py_UNUSED(module), int pidfd, int signalnum,
                               PyObject *siginfo, int flags)
{
    if (siginfo != Py_None) {
        PyErr_SetString(PyExc_TypeError, "siginfo must be None");
        return NULL;
    }
    if (syscall(SYS_pidfd_send_signal, pidfd, signalnum, NULL, flags) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

/* ---- The module --------------------------------------------------------- */

static const PyMethodDef signal_methods[] = {
    _SIGNAL_DEFAULT_INT_HANDLER_METHODDEF
    _SIGNAL_ALARM_METHODDEF
    _SIGNAL_SETITIMER_METHODDEF
    _SIGNAL_GETITIMER_METHODDEF
    _SIGNAL_SIGNAL_METHODDEF
    _SIGNAL_RAISE_SIGNAL_METHODDEF
    _SIGNAL_STRSIGNAL_METHODDEF
    _SIGNAL_GETSIGNAL_METHODDEF
    {"set_wakeup_fd", _PyCFunction_CAST(signal_set_wakeup_fd), METH_VARARGS | METH_KEYWORDS,
     signal_set_wakeup_fd__doc__},
    _SIGNAL_SIGINTERRUPT_METHODDEF
    _SIGNAL_PAUSE_METHODDEF
    _SIGNAL_PIDFD_SEND_SIGNAL_METHODDEF
    _SIGNAL_PTHREAD_KILL_METHODDEF
    _SIGNAL_PTHREAD_SIGMASK_METHODDEF
    _SIGNAL_SIGPENDING_METHODDEF
    _SIGNAL_SIGWAIT_METHODDEF
    _SIGNAL_SIGWAITINFO_METHODDEF
    _SIGNAL_SIGTIMEDWAIT_METHODDEF
    _SIGNAL_VALID_SIGNALS_METHODDEF
    {NULL, NULL, 0, NULL}
};

static const struct {
    const char *name;
    long value;
} signal_constants[] = {
    {"NSIG", _Py_NSIG},
    {"SIG_BLOCK", SIG_BLOCK}, {"SIG_UNBLOCK", SIG_UNBLOCK}, {"SIG_SETMASK", SIG_SETMASK},
    {"ITIMER_REAL", ITIMER_REAL}, {"ITIMER_VIRTUAL", ITIMER_VIRTUAL},
    {"ITIMER_PROF", ITIMER_PROF},
    {"SIGHUP", SIGHUP}, {"SIGINT", SIGINT}, {"SIGQUIT", SIGQUIT}, {"SIGILL", SIGILL},
    {"SIGTRAP", SIGTRAP}, {"SIGIOT", SIGIOT}, {"SIGABRT", SIGABRT}, {"SIGFPE", SIGFPE},
    {"SIGKILL", SIGKILL}, {"SIGBUS", SIGBUS}, {"SIGSEGV", SIGSEGV}, {"SIGSYS", SIGSYS},
    {"SIGPIPE", SIGPIPE}, {"SIGALRM", SIGALRM}, {"SIGTERM", SIGTERM}, {"SIGUSR1", SIGUSR1},
    {"SIGUSR2", SIGUSR2}, {"SIGCLD", SIGCHLD}, {"SIGCHLD", SIGCHLD}, {"SIGPWR", SIGPWR},
    {"SIGIO", SIGIO}, {"SIGURG", SIGURG}, {"SIGWINCH", SIGWINCH}, {"SIGPOLL", SIGPOLL},
    {"SIGSTOP", SIGSTOP}, {"SIGTSTP", SIGTSTP}, {"SIGCONT", SIGCONT}, {"SIGTTIN", SIGTTIN},
    {"SIGTTOU", SIGTTOU}, {"SIGVTALRM", SIGVTALRM}, {"SIGPROF", SIGPROF},
    {"SIGXCPU", SIGXCPU}, {"SIGXFSZ", SIGXFSZ}, {"SIGSTKFLT", SIGSTKFLT},
};

static const PyStructSequence_Field siginfo_fields[] = {
    {"si_signo", "signal number"},
    {"si_code", "signal code"},
    {"si_errno", "errno associated with this signal"},
    {"si_pid", "sending process ID"},
    {"si_uid", "real user ID of sending process"},
    {"si_status", "exit value or signal"},
    {"si_band", "band event for SIGPOLL"},
    {NULL, NULL}
};

static int
add_constants(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(signal_constants); i++) {
        if (PyModule_AddIntConstant(module, signal_constants[i].name,
                                    signal_constants[i].value) < 0) {
            return -1;
        }
    }
    /* These two are function calls in the C library. */
    if (PyModule_AddIntConstant(module, "SIGRTMIN", SIGRTMIN) < 0
        || PyModule_AddIntConstant(module, "SIGRTMAX", SIGRTMAX) < 0
        || PyModule_AddIntConstant(module, "SIG_DFL", (long)(intptr_t)SIG_DFL) < 0
        || PyModule_AddIntConstant(module, "SIG_IGN", (long)(intptr_t)SIG_IGN) < 0) {
        return -1;
    }
    return 0;
}

static int
signal_exec(PyObject *module)
{
    signal_module_state *state = get_state(module);
    PyStructSequence_Desc desc = {
        .name = "signal.struct_siginfo",
        .doc = "struct_siginfo: Result from sigwaitinfo or sigtimedwait.\n\n"
               "Its items can also be read as attributes.",
        .fields = (PyStructSequence_Field *)siginfo_fields,
        .n_in_sequence = 7,
    };
    state->siginfo_type = PyStructSequence_NewType(&desc);
    if (state->siginfo_type == NULL || PyModule_AddType(module, state->siginfo_type) < 0) {
        return -1;
    }
    state->itimer_error = PyErr_NewException("signal.itimer_error", PyExc_OSError, NULL);
    if (PyModule_AddObjectRef(module, "ItimerError", state->itimer_error) < 0
        || add_constants(module) < 0) {
        return -1;
    }
    if (_Py_IsMainInterpreter(_PyInterpreterState_GET()) && signals->sigint_default) {
        /* Now there is an object that can stand for the default handler. */
        PyObject *handler = PyObject_GetAttrString(module, "default_int_handler");
        if (handler == NULL) {
            return -1;
        }
        signals->handlers[SIGINT].func = handler;
        signals->sigint_default = 0;
    }
    return 0;
}

static int
signal_traverse(PyObject *module, visitproc visit, void *arg)
{
    signal_module_state *state = get_state(module);
    Py_VISIT(state->itimer_error);
    Py_VISIT(state->siginfo_type);
    return 0;
}

static int
signal_clear(PyObject *module)
{
    signal_module_state *state = get_state(module);
    Py_CLEAR(state->itimer_error);
    Py_CLEAR(state->siginfo_type);
    return 0;
}

static void
signal_free(void *module)
{
    (void)signal_clear((PyObject *)module);
}

static const PyModuleDef_Slot signal_slots[] = {
    {Py_mod_exec, signal_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(signal_doc,
"Signals of the system: set what they do, wait for them, send them, and timers\n"
"that send them.  A handler written in Python is called with the signal number\n"
"and the frame that was interrupted, in the main thread.");

_Py_SHARED static PyModuleDef signal_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_signal",
    .m_doc = signal_doc,
    .m_size = sizeof(signal_module_state),
    .m_methods = (PyMethodDef *)signal_methods,
    .m_slots = (PyModuleDef_Slot *)signal_slots,
    .m_traverse = signal_traverse,
    .m_clear = signal_clear,
    .m_free = signal_free,
};

PyMODINIT_FUNC
PyInit__signal(void)
{
    return PyModuleDef_Init(&signal_module);
}
