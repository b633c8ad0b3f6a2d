/* terminal.c - terminals, their processes and sizes.
 * Written from the library reference (os) and the manual pages.
 */
#include "posix.h"

#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <utmp.h>

#include "sig/terminal.sig.h"

/*sig posix.get_terminal_size(module,
    fd: int = c"fileno(stdout)" py"<unrepresentable>", /)

Return the size of the terminal window as (columns, lines).

The optional argument fd (default standard output) specifies
which file descriptor should be queried.
*/
static PyObject *
posix_get_terminal_size_impl(PyObject *module, int fd)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) < 0) {
        return posix_error();
    }
    PyObject *result = PyStructSequence_New(posix_get_state(module)->terminal_size);
    if (result != NULL && (set_field(result, 0, PyLong_FromLong(size.ws_col)) < 0
                           || set_field(result, 1, PyLong_FromLong(size.ws_row)) < 0)) {
        Py_CLEAR(result);
    }
    return result;
}

/*sig posix.ttyname(module, fd: int, /)

Return the name of the terminal device connected to 'fd'.

  fd
    Integer file descriptor handle.
*/
static PyObject *
posix_ttyname_impl(PyObject *module, int fd)
{
    (void)module;
    char name[PATH_MAX + 1];
    int error = ttyname_r(fd, name, sizeof(name));
    if (error != 0) {
        errno = error;
        return posix_error();
    }
    return PyUnicode_DecodeFSDefault(name);
}

/*sig posix.ctermid(module)

Return the name of the controlling terminal for this process.
*/
static PyObject *
posix_ctermid_impl(PyObject *module)
{
    (void)module;
    char name[L_ctermid];
    const char *result = ctermid(name);
    return result == NULL ? posix_error() : PyUnicode_DecodeFSDefault(result);
}

/*sig posix.openpty(module)

Open a pseudo-terminal.

Return a tuple of (master_fd, slave_fd) containing open file descriptors
for both the master and slave ends.
*/
static PyObject *
posix_openpty_impl(PyObject *module)
{
    (void)module;
    int master, slave;
    if (openpty(&master, &slave, NULL, NULL, NULL) < 0) {
        return posix_error();
    }
    if (fcntl(master, F_SETFD, FD_CLOEXEC) < 0 || fcntl(slave, F_SETFD, FD_CLOEXEC) < 0) {
        posix_error();
        close(master);
        close(slave);
        return NULL;
    }
    return Py_BuildValue("(ii)", master, slave);
}

/*sig posix.login_tty(module, fd: fildes, /) -> None

Prepare the tty of which fd is a file descriptor for a new login session.

Make the calling process a session leader; make the tty the controlling tty,
the stdin, the stdout, and the stderr of the calling process; close fd.
*/
static int
posix_login_tty_impl(PyObject *module, int fd)
{
    (void)module;
    return posix_done(login_tty(fd));
}

/*sig posix.tcgetpgrp(module, fd: int, /)

Return the process group associated with the terminal specified by fd.
*/
static PyObject *
posix_tcgetpgrp_impl(PyObject *module, int fd)
{
    (void)module;
    pid_t pgid = tcgetpgrp(fd);
    return pgid < 0 ? posix_error() : PyLong_FromPid(pgid);
}

/*sig posix.tcsetpgrp(module, fd: int, pgid: conv[_PyPosix_Pid, pid_t], /) -> None

Set the process group associated with the terminal specified by fd.
*/
static int
posix_tcsetpgrp_impl(PyObject *module, int fd, pid_t pgid)
{
    (void)module;
    return posix_done(tcsetpgrp(fd, pgid));
}

const PyMethodDef _PyPosix_TerminalMethods[] = {
    POSIX_GET_TERMINAL_SIZE_METHODDEF
    POSIX_TTYNAME_METHODDEF
    POSIX_CTERMID_METHODDEF
    POSIX_OPENPTY_METHODDEF
    POSIX_LOGIN_TTY_METHODDEF
    POSIX_TCGETPGRP_METHODDEF
    POSIX_TCSETPGRP_METHODDEF
    {NULL, NULL}
};
