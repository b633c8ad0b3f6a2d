/* wait.c - waiting for child processes, and what their status says.
 * Written from the library reference (os), wait(2) and waitid(2).
 */
#include "posix.h"
#include "pycore_private_api.h" // _PyLong_FromUid()

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "sig/wait.sig.h"

static const PyStructSequence_Field waitid_fields[] = {
    {"si_pid", NULL}, {"si_uid", NULL}, {"si_signo", NULL}, {"si_status", NULL},
    {"si_code", NULL}, {NULL, NULL}
};

static const PyStructSequence_Desc waitid_desc = {
    "posix.waitid_result",
    "waitid_result: Result from waitid.\n\n"
    "A tuple of (si_pid, si_uid, si_signo, si_status, si_code), also by attributes of these\n"
    "names.",
    (PyStructSequence_Field *)waitid_fields, 5
};

int
_PyPosix_AddProcessTypes(PyObject *module)
{
    posix_state *state = posix_get_state(module);
    if (_PyPosix_AddStructSequence(module, "waitid_result", &waitid_desc,
                                   &state->waitid_result) == NULL) {
        return -1;
    }
    return _PyPosix_AddSchedParam(module);
}

/* ---- wait ---- */

/* (pid, status), or the error of a call of the wait family. */
static PyObject *
pid_and_status(pid_t pid, int status, int pending)
{
    if (pid < 0) {
        return pending ? NULL : posix_error();
    }
    return Py_BuildValue("(Ni)", PyLong_FromPid(pid), status);
}

/*sig posix.wait(module)

Wait for completion of a child process.

Returns a tuple of information about the child process:
    (pid, status)
*/
static PyObject *
posix_wait_impl(PyObject *module)
{
    (void)module;
    pid_t pid;
    int status = 0, pending;
    UNLOCKED_RETRY(pid, pending, wait(&status));
    return pid_and_status(pid, status, pending);
}

/*sig posix.waitpid(module, pid: conv[_PyPosix_Pid, pid_t], options: int, /)

Wait for completion of a given child process.

Returns a tuple of information regarding the child process:
    (pid, status)

The options argument is ignored on Windows.
*/
static PyObject *
posix_waitpid_impl(PyObject *module, pid_t pid, int options)
{
    (void)module;
    pid_t found;
    int status = 0, pending;
    UNLOCKED_RETRY(found, pending, waitpid(pid, &status, options));
    return pid_and_status(found, status, pending);
}

/* resource.struct_rusage of the values; new reference or NULL with an error. */
static PyObject *
make_rusage(PyObject *module, const struct rusage *ru)
{
    posix_state *state = posix_get_state(module);
    if (state->struct_rusage == NULL) {
        PyObject *resource = PyImport_ImportModule("resource");
        if (resource == NULL) {
            return NULL;
        }
        PyObject *type = PyObject_GetAttrString(resource, "struct_rusage");
        Py_DECREF(resource);
        if (type == NULL) {
            return NULL;
        }
        Py_XSETREF(state->struct_rusage, type);
    }
    return _PyPosix_MakeRusage((PyTypeObject *)state->struct_rusage, ru);
}

static PyObject *
wait_with_rusage(PyObject *module, pid_t pid, int options)
{
    struct rusage ru;
    pid_t found;
    int status = 0, pending;
    memset(&ru, 0, sizeof(ru));
    UNLOCKED_RETRY(found, pending, wait4(pid, &status, options, &ru));
    if (found < 0) {
        return pending ? NULL : posix_error();
    }
    PyObject *usage = make_rusage(module, &ru);
    if (usage == NULL) {
        return NULL;
    }
    return Py_BuildValue("(NiN)", PyLong_FromPid(found), status, usage);
}

/*sig posix.wait3(module, options: int)

Wait for completion of a child process.

Returns a tuple of information about the child process:
  (pid, status, rusage)
*/
static PyObject *
posix_wait3_impl(PyObject *module, int options)
{
    return wait_with_rusage(module, -1, options);
}

/*sig posix.wait4(module, pid: conv[_PyPosix_Pid, pid_t], options: int)

Wait for completion of a specific child process.

Returns a tuple of information about the child process:
  (pid, status, rusage)
*/
static PyObject *
posix_wait4_impl(PyObject *module, pid_t pid, int options)
{
    return wait_with_rusage(module, pid, options);
}

/*sig posix.waitid(module, idtype: int, id: conv[_PyPosix_Pid, pid_t], options: int, /)

Returns the result of waiting for a process or processes.

  idtype
    Must be one of be P_PID, P_PGID or P_ALL.
  id
    The id to wait on.
  options
    Constructed from the ORing of one or more of WEXITED, WSTOPPED
    or WCONTINUED and additionally may be ORed with WNOHANG or WNOWAIT.

Returns either waitid_result or None if WNOHANG is specified and there are
no children in a waitable state.
*/
static PyObject *
posix_waitid_impl(PyObject *module, int idtype, pid_t id, int options)
{
    siginfo_t si;
    int rc, pending;
    memset(&si, 0, sizeof(si));
    UNLOCKED_RETRY(rc, pending, waitid((idtype_t)idtype, (id_t)id, &si, options));
    if (rc < 0) {
        return pending ? NULL : posix_error();
    }
    if (si.si_pid == 0) {
        Py_RETURN_NONE;
    }
    PyObject *result = PyStructSequence_New(posix_get_state(module)->waitid_result);
    if (result != NULL && (set_field(result, 0, PyLong_FromPid(si.si_pid)) < 0
                           || set_field(result, 1, _PyLong_FromUid(si.si_uid)) < 0
                           || set_field(result, 2, PyLong_FromLong(si.si_signo)) < 0
                           || set_field(result, 3, PyLong_FromLong(si.si_status)) < 0
                           || set_field(result, 4, PyLong_FromLong(si.si_code)) < 0)) {
        Py_CLEAR(result);
    }
    return result;
}

/*sig posix.pidfd_open(module, pid: conv[_PyPosix_Pid, pid_t],
                     flags: uint_mask = 0) -> int

Return a file descriptor referring to the process *pid*.

The descriptor can be used to perform process management without races and
signals.
*/
static int
posix_pidfd_open_impl(PyObject *module, pid_t pid, unsigned int flags)
{
    (void)module;
    int fd = (int)syscall(SYS_pidfd_open, pid, flags);
    return fd < 0 ? posix_done(-1) : fd;
}

/* ---- status ---- */

/*sig posix.WCOREDUMP(module, status: int, /) -> bool

Return True if the process returning status was dumped to a core file.
*/
static int
posix_WCOREDUMP_impl(PyObject *module, int status)
{
    (void)module;
    return !!WCOREDUMP(status);
}

/*sig posix.WIFCONTINUED(module, status: int) -> bool

Return True if a particular process was continued from a job control stop.
*/
static int
posix_WIFCONTINUED_impl(PyObject *module, int status)
{
    (void)module;
    return !!WIFCONTINUED(status);
}

/*sig posix.WIFSTOPPED(module, status: int) -> bool

Return True if the process returning status was stopped.
*/
static int
posix_WIFSTOPPED_impl(PyObject *module, int status)
{
    (void)module;
    return !!WIFSTOPPED(status);
}

/*sig posix.WIFSIGNALED(module, status: int) -> bool

Return True if the process returning status was terminated by a signal.
*/
static int
posix_WIFSIGNALED_impl(PyObject *module, int status)
{
    (void)module;
    return !!WIFSIGNALED(status);
}

/*sig posix.WIFEXITED(module, status: int) -> bool

Return True if the process returning status exited via the exit() system call.
*/
static int
posix_WIFEXITED_impl(PyObject *module, int status)
{
    (void)module;
    return !!WIFEXITED(status);
}

/*sig posix.WEXITSTATUS(module, status: int) -> int

Return the process return code from status.
*/
static int
posix_WEXITSTATUS_impl(PyObject *module, int status)
{
    (void)module;
    return WEXITSTATUS(status);
}

/*sig posix.WTERMSIG(module, status: int) -> int

Return the signal that terminated the process that provided the status value.
*/
static int
posix_WTERMSIG_impl(PyObject *module, int status)
{
    (void)module;
    return WTERMSIG(status);
}

/*sig posix.WSTOPSIG(module, status: int) -> int

Return the signal that stopped the process that provided the status value.
*/
static int
posix_WSTOPSIG_impl(PyObject *module, int status)
{
    (void)module;
    return WSTOPSIG(status);
}

/*sig posix.waitstatus_to_exitcode(module, status: int)

Convert a wait status to an exit code.

If WIFEXITED(status) is true, return WEXITSTATUS(status); if
WIFSIGNALED(status) is true, return -WTERMSIG(status); otherwise raise
ValueError.
*/
static PyObject *
posix_waitstatus_to_exitcode_impl(PyObject *module, int status)
{
    (void)module;
    if (WIFEXITED(status)) {
        return PyLong_FromLong(WEXITSTATUS(status));
    }
    if (WIFSIGNALED(status)) {
        return PyLong_FromLong(-(long)WTERMSIG(status));
    }
    if (WIFSTOPPED(status)) {
        PyErr_Format(PyExc_ValueError, "process stopped by delivery of signal %i",
                     WSTOPSIG(status));
    }
    else {
        PyErr_Format(PyExc_ValueError, "invalid wait status: %i", status);
    }
    return NULL;
}

const PyMethodDef _PyPosix_WaitMethods[] = {
    POSIX_WAIT_METHODDEF
    POSIX_WAITPID_METHODDEF
    POSIX_WAIT3_METHODDEF
    POSIX_WAIT4_METHODDEF
    POSIX_WAITID_METHODDEF
    POSIX_PIDFD_OPEN_METHODDEF
    POSIX_WCOREDUMP_METHODDEF
    POSIX_WIFCONTINUED_METHODDEF
    POSIX_WIFSTOPPED_METHODDEF
    POSIX_WIFSIGNALED_METHODDEF
    POSIX_WIFEXITED_METHODDEF
    POSIX_WEXITSTATUS_METHODDEF
    POSIX_WTERMSIG_METHODDEF
    POSIX_WSTOPSIG_METHODDEF
    POSIX_WAITSTATUS_TO_EXITCODE_METHODDEF
    {NULL, NULL}
};
