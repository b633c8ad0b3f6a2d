/* fcntl: operations on file descriptors by fcntl(), ioctl(), flock() and record locks.
 *
 * Data for the system is copied to a buffer that has room behind it: an operation that writes there
 * is found by the guard bytes.
 * Written from the library reference (fcntl), POSIX, Linux manual pages and observed behaviour. */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#include "sig/fcntlmodule.sig.h"

#define BUFFER_SIZE 1024

static const char guard[] = "\xfa\x69\xc4\x67\xa3\x6c\x58";

/* Copies an argument; BUFFER_SIZE at most. */
static void
fill(char *buf, const Py_buffer *view)
{
    assert(view->len <= BUFFER_SIZE);
    memcpy(buf, view->buf, (size_t)view->len);
    memcpy(buf + view->len, guard, sizeof(guard));
}

static int
check_guard(const char *buf, Py_ssize_t len)
{
    if (memcmp(buf + len, guard, sizeof(guard)) != 0) {
        PyErr_SetString(PyExc_SystemError, "buffer overflow");
        return -1;
    }
    return 0;
}

/* Repeats `call` while signals interrupt it; async_err is set if a handler raised. */
#define RETRY(res, async_err, call)                                         \
    do {                                                                    \
        Py_BEGIN_ALLOW_THREADS                                              \
        res = (call);                                                       \
        Py_END_ALLOW_THREADS                                                \
    } while (res == -1 && errno == EINTR && !(async_err = PyErr_CheckSignals()))

/* An error of the system, unless a signal handler raised one. */
static PyObject *
failed(int async_err)
{
    return async_err ? NULL : PyErr_SetFromErrno(PyExc_OSError);
}

/*sig fcntl.fcntl(module, fd: fildes, cmd: int, arg: object = c"NULL" py"0", /)

Perform the operation `cmd` on file descriptor fd.

The values used for `cmd` are operating system dependent, and are available
as constants in the fcntl module, using the same names as used in
the relevant C header files.  The argument arg is optional, and
defaults to 0; it may be an int or a string.  If arg is given as a string,
the return value of fcntl is a string of that length, containing the
resulting value put in the arg buffer by the operating system.  The length
of the arg string is not allowed to exceed 1024 bytes.  If the arg given
is an integer or if none is specified, the result value is an integer
corresponding to the return value of the fcntl call in the C code.
*/
static PyObject *
fcntl_fcntl_impl(PyObject *Py_UNUSED(module), int fd, int cmd, PyObject *arg)
{
    int res, async_err = 0;
    if (PySys_Audit("fcntl.fcntl", "iiO", fd, cmd, arg ? arg : Py_None) < 0) {
        return NULL;
    }
    if (arg != NULL && (PyUnicode_Check(arg) || PyObject_CheckBuffer(arg))) {
        Py_buffer view;
        char buf[BUFFER_SIZE + sizeof(guard)];
        if (!PyArg_Parse(arg, "s*", &view)) {
            return NULL;
        }
        Py_ssize_t len = view.len;
        if (len > BUFFER_SIZE) {
            PyBuffer_Release(&view);
            PyErr_SetString(PyExc_ValueError, "fcntl string arg too long");
            return NULL;
        }
        fill(buf, &view);
        PyBuffer_Release(&view);
        RETRY(res, async_err, fcntl(fd, cmd, buf));
        if (res < 0) {
            return failed(async_err);
        }
        return check_guard(buf, len) < 0 ? NULL : PyBytes_FromStringAndSize(buf, len);
    }
    unsigned int value = 0;
    if (arg != NULL && !PyArg_Parse(arg, "I", &value)) {
        return NULL;
    }
    RETRY(res, async_err, fcntl(fd, cmd, (int)value));
    return res < 0 ? failed(async_err) : PyLong_FromLong(res);
}

/* ioctl() with a buffer that Python objects do not see. */
static PyObject *
ioctl_copy(int fd, unsigned int request, Py_buffer *view, int write_back)
{
    char buf[BUFFER_SIZE + sizeof(guard)];
    Py_ssize_t len = view->len;
    if (len > BUFFER_SIZE) {
        PyErr_SetString(PyExc_ValueError, "ioctl string arg too long");
        return NULL;
    }
    fill(buf, view);
    int res;
    Py_BEGIN_ALLOW_THREADS
    res = ioctl(fd, request, buf);
    Py_END_ALLOW_THREADS
    if (res < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (check_guard(buf, len) < 0) {
        return NULL;
    }
    if (write_back) {
        memcpy(view->buf, buf, (size_t)len);
        return PyLong_FromLong(res);
    }
    return PyBytes_FromStringAndSize(buf, len);
}

/* ioctl() that works on a writable buffer: small ones are copied and copied back. */
static PyObject *
ioctl_mutate(int fd, unsigned int request, Py_buffer *view)
{
    if (view->len <= BUFFER_SIZE) {
        return ioctl_copy(fd, request, view, 1);
    }
    int res;
    Py_BEGIN_ALLOW_THREADS
    res = ioctl(fd, request, view->buf);
    Py_END_ALLOW_THREADS
    return res < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(res);
}

/*sig fcntl.ioctl(module, fd: fildes, request: uint_mask, arg: object = c"NULL" py"0",
                  mutate_flag: bool = True, /)

Perform the operation `request` on file descriptor `fd`.

The values used for `request` are operating system dependent, and are available
as constants in the fcntl or termios library modules, using the same names as
used in the relevant C header files.

The argument `arg` is optional, and defaults to 0; it may be an int or a
buffer containing character data (most likely a string or an array).

If the argument is a mutable buffer (such as an array) and if the
mutate_flag argument (which is only allowed in this case) is true then the
buffer is (in effect) passed to the operating system and changes made by
the OS will be reflected in the contents of the buffer after the call has
returned.  The return value is the integer returned by the ioctl system
call.

If the argument is a mutable buffer and the mutable_flag argument is false,
the behavior is as if a string had been passed.

If the argument is an immutable buffer (most likely a string) then a copy
of the buffer is passed to the operating system and the return value is a
string of the same length containing whatever the operating system put in
the buffer.  The length of the arg buffer in this case is not allowed to
exceed 1024 bytes.

If the arg given is an integer or if none is specified, the result value is
an integer corresponding to the return value of the ioctl call in the C
code.
*/
static PyObject *
fcntl_ioctl_impl(PyObject *Py_UNUSED(module), int fd, unsigned int request, PyObject *arg,
                 int mutate_flag)
{
    if (PySys_Audit("fcntl.ioctl", "iIO", fd, request, arg ? arg : Py_None) < 0) {
        return NULL;
    }
    Py_buffer view;
    PyObject *result;
    if (arg != NULL && (PyUnicode_Check(arg) || PyObject_CheckBuffer(arg))) {
        if (PyArg_Parse(arg, "w*:ioctl", &view)) {
            result = mutate_flag ? ioctl_mutate(fd, request, &view)
                                 : ioctl_copy(fd, request, &view, 0);
        }
        else {
            PyErr_Clear();
            if (!PyArg_Parse(arg, "s*:ioctl", &view)) {
                return NULL;
            }
            result = ioctl_copy(fd, request, &view, 0);
        }
        PyBuffer_Release(&view);
        return result;
    }
    int value = 0, res;
    if (arg != NULL && !PyArg_Parse(arg, "i", &value)) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    res = ioctl(fd, request, value);
    Py_END_ALLOW_THREADS
    return res < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(res);
}

/*sig fcntl.flock(module, fd: fildes, operation: int, /)

Perform the lock operation `operation` on file descriptor `fd`.

See the Unix manual page for flock(2) for details (On some systems, this
function is emulated using fcntl()).
*/
static PyObject *
fcntl_flock_impl(PyObject *Py_UNUSED(module), int fd, int operation)
{
    int res, async_err = 0;
    if (PySys_Audit("fcntl.flock", "ii", fd, operation) < 0) {
        return NULL;
    }
    RETRY(res, async_err, flock(fd, operation));
    return res < 0 ? failed(async_err) : Py_NewRef(Py_None);
}

/*sig fcntl.lockf(module, fd: fildes, cmd: int, len: object = c"NULL" py"0",
                  start: object = c"NULL" py"0", whence: int = 0, /)

A wrapper around the fcntl() locking calls.

`fd` is the file descriptor of the file to lock or unlock, and operation is one
of the following values:

    LOCK_UN - unlock
    LOCK_SH - acquire a shared lock
    LOCK_EX - acquire an exclusive lock

When operation is LOCK_SH or LOCK_EX, it can also be bitwise ORed with
LOCK_NB to avoid blocking on lock acquisition.  If LOCK_NB is used and the
lock cannot be acquired, an OSError will be raised and the exception will
have an errno attribute set to EACCES or EAGAIN (depending on the operating
system -- for portability, check for either value).

`len` is the number of bytes to lock, with the default meaning to lock to
EOF.  `start` is the byte offset, relative to `whence`, to that the lock
starts.  `whence` is as with fileobj.seek(), specifically:

    0 - relative to the start of the file (SEEK_SET)
    1 - relative to the current buffer position (SEEK_CUR)
    2 - relative to the end of the file (SEEK_END)
*/
static PyObject *
fcntl_lockf_impl(PyObject *Py_UNUSED(module), int fd, int cmd, PyObject *len, PyObject *start,
                 int whence)
{
    if (PySys_Audit("fcntl.lockf", "iiOOi", fd, cmd, len ? len : Py_None,
                    start ? start : Py_None, whence) < 0)
    {
        return NULL;
    }
    struct flock lock = {.l_whence = (short)whence};
    if (cmd == LOCK_UN) {
        lock.l_type = F_UNLCK;
    }
    else if (cmd & LOCK_SH) {
        lock.l_type = F_RDLCK;
    }
    else if (cmd & LOCK_EX) {
        lock.l_type = F_WRLCK;
    }
    else {
        PyErr_SetString(PyExc_ValueError, "unrecognized lockf argument");
        return NULL;
    }
    if (start != NULL) {
        lock.l_start = PyLong_AsLong(start);
        if (PyErr_Occurred()) {
            return NULL;
        }
    }
    if (len != NULL) {
        lock.l_len = PyLong_AsLong(len);
        if (PyErr_Occurred()) {
            return NULL;
        }
    }
    int res, async_err = 0;
    RETRY(res, async_err, fcntl(fd, cmd & LOCK_NB ? F_SETLK : F_SETLKW, &lock));
    return res < 0 ? failed(async_err) : Py_NewRef(Py_None);
}

static _Py_SHARED PyMethodDef fcntl_methods[] = {
    FCNTL_FCNTL_METHODDEF
    FCNTL_IOCTL_METHODDEF
    FCNTL_FLOCK_METHODDEF
    FCNTL_LOCKF_METHODDEF
    {NULL, NULL, 0, NULL}
};

#define CONSTANTS(X) \
    X(LOCK_SH) X(LOCK_EX) X(LOCK_NB) X(LOCK_UN) X(LOCK_MAND) X(LOCK_READ) X(LOCK_WRITE) \
    X(LOCK_RW) X(F_DUPFD) X(F_DUPFD_CLOEXEC) X(F_GETFD) X(F_SETFD) X(F_GETFL) X(F_SETFL) \
    X(F_GETLK) X(F_SETLK) X(F_SETLKW) X(F_OFD_GETLK) X(F_OFD_SETLK) X(F_OFD_SETLKW) \
    X(F_GETOWN) X(F_SETOWN) X(F_GETSIG) X(F_SETSIG) X(F_RDLCK) X(F_WRLCK) X(F_UNLCK) \
    X(F_EXLCK) X(F_SHLCK) X(F_GETLK64) X(F_SETLK64) X(F_SETLKW64) X(FASYNC) X(F_SETLEASE) \
    X(F_GETLEASE) X(F_NOTIFY) X(DN_ACCESS) X(DN_MODIFY) X(DN_CREATE) X(DN_DELETE) \
    X(DN_RENAME) X(DN_ATTRIB) X(DN_MULTISHOT) X(F_SETPIPE_SZ) X(F_GETPIPE_SZ) X(FICLONE) \
    X(FICLONERANGE) X(F_ADD_SEALS) X(F_GET_SEALS) X(F_SEAL_SEAL) X(F_SEAL_SHRINK) \
    X(F_SEAL_GROW) X(F_SEAL_WRITE) X(FD_CLOEXEC)

#define ROW(NAME) {#NAME, (long)NAME},
static const struct {
    const char *name;
    long value;
} constants[] = {
    CONSTANTS(ROW)
};

static int
fcntl_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static _Py_SHARED PyModuleDef_Slot fcntl_slots[] = {
    {Py_mod_exec, fcntl_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(fcntl_doc,
"This module performs file control and I/O control on file\n\
descriptors.  It is an interface to the fcntl() and ioctl() Unix\n\
routines.  File descriptors can be obtained with the fileno() method of\n\
a file or socket object.");

static _Py_SHARED struct PyModuleDef fcntl_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "fcntl",
    .m_doc = fcntl_doc,
    .m_methods = fcntl_methods,
    .m_slots = fcntl_slots,
};

PyMODINIT_FUNC
PyInit_fcntl(void)
{
    return PyModuleDef_Init(&fcntl_module);
}
