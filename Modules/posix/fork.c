/* fork.c - new processes by fork(), its hooks, and the end of this process.
 *
 * Between fork() and PyOS_AfterFork_Child() the child runs nothing that needs a lock.
 * Written from the library reference (os), the C API reference (PyOS_BeforeFork) and observed
 * messages.
 */
#include "posix.h"
#include "pycore_interp.h"      // before_forkers
#include "pycore_pystate.h"     // _PyInterpreterState_GET()

#include <pty.h>
#include <signal.h>
#include <stdio.h>

#include "sig/fork.sig.h"

/*sig posix._exit(module, status: int)

Exit to the system with specified status, without normal exit processing.
*/
static PyObject *
posix__exit_impl(PyObject *module, int status)
{
    (void)module;
    _exit(status);
}

/*sig posix.abort(module)

Abort the interpreter immediately.

This function 'dumps core' or otherwise fails in the hardest way possible.
It never returns.
*/
static PyObject *
posix_abort_impl(PyObject *module)
{
    (void)module;
    abort();
}

/* Adds to a list of hooks, which begins as NULL. */
static int
register_hook(PyObject **list, PyObject *func)
{
    if (func == NULL) {
        return 0;
    }
    if (*list == NULL) {
        *list = PyList_New(0);
        if (*list == NULL) {
            return -1;
        }
    }
    return PyList_Append(*list, func);
}

static int
check_hook(const char *name, PyObject *func)
{
    if (func == NULL || PyCallable_Check(func)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "'%s' must be callable, not %.200s", name,
                 _PyType_Name(Py_TYPE(func)));
    return -1;
}

/*sig posix.register_at_fork(module, *, before: object = NULL, after_in_child: object = NULL,
                            after_in_parent: object = NULL) -> None

Register callables to be called when forking a new process.

  before
    Called in the parent before the fork, the last registered one first.
  after_in_child
    Called in the child, in the order of registration.
  after_in_parent
    Called in the parent, in the order of registration.
*/
static int
posix_register_at_fork_impl(PyObject *module, PyObject *before, PyObject *after_in_child,
                            PyObject *after_in_parent)
{
    (void)module;
    if (before == NULL && after_in_child == NULL && after_in_parent == NULL) {
        PyErr_SetString(PyExc_TypeError, "At least one argument is required.");
        return -1;
    }
    if (check_hook("before", before) < 0 || check_hook("after_in_child", after_in_child) < 0
        || check_hook("after_in_parent", after_in_parent) < 0) {
        return -1;
    }
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (register_hook(&interp->before_forkers, before) < 0
        || register_hook(&interp->after_forkers_child, after_in_child) < 0
        || register_hook(&interp->after_forkers_parent, after_in_parent) < 0) {
        return -1;
    }
    return 0;
}

/* The number of threads of this process as the system knows it, or 0. */
static long
count_threads(void)
{
    char text[512];
    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL) {
        return 0;
    }
    size_t n = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[n] = '\0';
    /* The name of the program, in parentheses, may contain anything.  Field 3 is behind it. */
    const char *field = strrchr(text, ')');
    for (int i = 2; field != NULL && i < 20; i++) {
        field = strchr(field + 1, ' ');
    }
    return field == NULL ? 0 : strtol(field, NULL, 10);
}

/* In the parent.  The child is there: a warning that is an error may not hide its id. */
static void
warn_about_threads(const char *function)
{
    if (count_threads() > 1
        && PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                            "This process (pid=%d) is multi-threaded, "
                            "use of %s() may lead to deadlocks in the child.",
                            (int)getpid(), function) < 0) {
        PyErr_Clear();
    }
}

/* Whether this interpreter may fork now: 0, or -1 with an error. */
static int
check_fork(const char *refusal)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (__atomic_load_n(&interp->stage, __ATOMIC_RELAXED) >= _INTERP_EXITING) {
        PyErr_SetString(PyExc_RuntimeError, "can't fork at interpreter shutdown");
        return -1;
    }
    if (!_PyInterpreterState_HasFeature(interp, Py_RTFLAGS_FORK)) {
        PyErr_SetString(PyExc_RuntimeError, refusal);
        return -1;
    }
    return 0;
}

/* The second half of a fork: in the child, in the parent, or after a failure.  0, or -1 with an
   error. */
static int
after_fork(pid_t pid, const char *function)
{
    if (pid == 0) {
        PyOS_AfterFork_Child();
        return 0;
    }
    int saved_errno = errno;
    PyOS_AfterFork_Parent();
    if (pid < 0) {
        errno = saved_errno;
        posix_error();
        return -1;
    }
    warn_about_threads(function);
    return 0;
}

/*sig posix.fork(module)

Fork a child process.

Return 0 to child process and PID of child to parent process.
*/
static PyObject *
posix_fork_impl(PyObject *module)
{
    (void)module;
    if (check_fork("fork not supported for isolated subinterpreters") < 0
        || PySys_Audit("os.fork", NULL) < 0) {
        return NULL;
    }
    PyOS_BeforeFork();
    pid_t pid = fork();
    return after_fork(pid, "fork") < 0 ? NULL : PyLong_FromPid(pid);
}

/*sig posix.forkpty(module)

Fork a new process with a new pseudo-terminal as controlling tty.

Returns a tuple of (pid, master_fd).
Like fork(), return pid of 0 to the child process,
and pid of child to the parent process.
To both, return fd of newly opened pseudo-terminal.
*/
static PyObject *
posix_forkpty_impl(PyObject *module)
{
    (void)module;
    int master = -1;
    if (check_fork("fork not supported for subinterpreters") < 0
        || PySys_Audit("os.forkpty", NULL) < 0) {
        return NULL;
    }
    PyOS_BeforeFork();
    pid_t pid = forkpty(&master, NULL, NULL, NULL);
    if (after_fork(pid, "forkpty") < 0) {
        return NULL;
    }
    return Py_BuildValue("(Ni)", PyLong_FromPid(pid), master);
}

/*sig posix.kill(module, pid: conv[_PyPosix_Pid, pid_t], signal: ssize, /) -> None

Kill a process with a signal.
*/
static int
posix_kill_impl(PyObject *module, pid_t pid, Py_ssize_t signal)
{
    (void)module;
    if (PySys_Audit("os.kill", "in", pid, signal) < 0) {
        return -1;
    }
    if (kill(pid, (int)signal) < 0) {
        return posix_done(-1);
    }
    /* A signal to this process may be here already. */
    return PyErr_CheckSignals();
}

/*sig posix.killpg(module, pgid: conv[_PyPosix_Pid, pid_t], signal: int, /) -> None

Kill a process group with a signal.
*/
static int
posix_killpg_impl(PyObject *module, pid_t pgid, int signal)
{
    (void)module;
    if (PySys_Audit("os.killpg", "ii", pgid, signal) < 0) {
        return -1;
    }
    if (killpg(pgid, signal) < 0) {
        return posix_done(-1);
    }
    return PyErr_CheckSignals();
}

const PyMethodDef _PyPosix_ForkMethods[] = {
    POSIX__EXIT_METHODDEF
    POSIX_ABORT_METHODDEF
    POSIX_REGISTER_AT_FORK_METHODDEF
    POSIX_FORK_METHODDEF
    POSIX_FORKPTY_METHODDEF
    POSIX_KILL_METHODDEF
    POSIX_KILLPG_METHODDEF
    {NULL, NULL}
};
