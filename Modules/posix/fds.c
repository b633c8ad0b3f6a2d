/* fds.c - file descriptors: open, read, write, seek, duplicates, pipes, locks, flags.
 *
 * New descriptors are not inheritable (PEP 446).
 * Written from the library reference (os) and the manual pages of the system calls.
 */
#include "posix.h"
#include "pycore_fileutils.h"

#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>

#include "sig/fds.sig.h"

/*sig posix.open(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(open, path, 0)],
    flags: int, mode: int = 511, *,
    dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None") -> int

Open a file for low level IO.  Returns a file descriptor (integer).

If dir_fd is not None, it is a descriptor of a directory, to which a relative
path is relative.
*/
static int
posix_open_impl(PyObject *module, path_arg *path, int flags, int mode, int dir_fd)
{
    (void)module;
    int fd, pending;
    flags |= O_CLOEXEC;
    if (PySys_Audit("open", "OOi", path->object, Py_None, flags) < 0) {
        return -1;
    }
    UNLOCKED_RETRY(fd, pending, openat(dir_fd, path->narrow, flags, (mode_t)mode));
    if (fd < 0) {
        if (!pending) {
            _PyPosix_PathError(path);
        }
        return -1;
    }
    return fd;
}

/*sig posix.close(module, fd: int) -> None

Close a file descriptor.
*/
static int
posix_close_impl(PyObject *module, int fd)
{
    (void)module;
    int rc;
    /* Not called again after EINTR: the descriptor is closed, and may be another one now. */
    UNLOCKED(rc = close(fd));
    return rc < 0 && errno == EINTR ? 0 : posix_done(rc);
}

/*sig posix.closerange(module, fd_low: int, fd_high: int, /)

Closes all file descriptors in [fd_low, fd_high), ignoring errors.
*/
static PyObject *
posix_closerange_impl(PyObject *module, int fd_low, int fd_high)
{
    (void)module;
    if (fd_low < fd_high) {
        UNLOCKED(_Py_closerange(fd_low, fd_high - 1));
    }
    Py_RETURN_NONE;
}

/*sig posix.dup(module, fd: int, /) -> int

Return a duplicate of a file descriptor.
*/
static int
posix_dup_impl(PyObject *module, int fd)
{
    (void)module;
    return _Py_dup(fd);
}

/*sig posix.dup2(module, fd: int, fd2: int, inheritable: bool = True) -> int

Duplicate file descriptor.
*/
static int
posix_dup2_impl(PyObject *module, int fd, int fd2, int inheritable)
{
    (void)module;
    int result;
    if (fd < 0 || fd2 < 0) {
        errno = EBADF;
        return posix_done(-1);
    }
    /* fd == fd2 is an error of dup3() only; dup2() then leaves the flag of fd as it is. */
    if (inheritable || fd == fd2) {
        UNLOCKED(result = dup2(fd, fd2));
        if (result >= 0 && !inheritable && _Py_set_inheritable(fd2, 0, NULL) < 0) {
            return -1;
        }
    }
    else {
        UNLOCKED(result = dup3(fd, fd2, O_CLOEXEC));
    }
    return result < 0 ? posix_done(-1) : result;
}

/*sig posix.lockf(module, fd: int, command: int, length: long, /) -> None

Apply, test or remove a POSIX lock on an open file descriptor.

  fd
    An open file descriptor.
  command
    One of F_LOCK, F_TLOCK, F_ULOCK or F_TEST.
  length
    The number of bytes to lock, starting at the current position.
*/
static int
posix_lockf_impl(PyObject *module, int fd, int command, long length)
{
    (void)module;
    int rc;
    if (PySys_Audit("os.lockf", "iil", fd, command, length) < 0) {
        return -1;
    }
    UNLOCKED(rc = lockf(fd, command, length));
    return posix_done(rc);
}

/*sig posix.lseek(module, fd: int, position: long, whence: int, /) -> long

Set the position of a file descriptor.  Return the new position.

  fd
    An open file descriptor, as returned by os.open().
  position
    Position, interpreted relative to 'whence'.
  whence
    SEEK_SET: from the beginning; SEEK_CUR: from the current position;
    SEEK_END: from the end of the file.
*/
static long
posix_lseek_impl(PyObject *module, int fd, long position, int whence)
{
    (void)module;
    off_t result;
    UNLOCKED(result = lseek(fd, position, whence));
    return result < 0 ? posix_done(-1) : result;
}

/* A read into a new bytes object: `offset` is -1 for read(). */
static PyObject *
read_bytes(int fd, Py_ssize_t length, off_t offset, int positioned)
{
    if (length < 0) {
        errno = EINVAL;
        return posix_error();
    }
    length = Py_MIN(length, SSIZE_MAX - 4096);
    PyObject *buffer = PyBytes_FromStringAndSize(NULL, length);
    if (buffer == NULL) {
        return NULL;
    }
    Py_ssize_t n;
    if (positioned) {
        int pending;
        char *memory = PyBytes_AS_STRING(buffer);
        UNLOCKED_RETRY(n, pending, pread(fd, memory, (size_t)length, offset));
        if (n < 0 && !pending) {
            posix_error();
        }
    }
    else {
        n = _Py_read(fd, PyBytes_AS_STRING(buffer), (size_t)length);
    }
    if (n < 0) {
        Py_DECREF(buffer);
        return NULL;
    }
    if (n != length) {
        _PyBytes_Resize(&buffer, n);
    }
    return buffer;
}

/*sig posix.read(module, fd: int, length: ssize, /)

Read from a file descriptor.  Returns a bytes object.
*/
static PyObject *
posix_read_impl(PyObject *module, int fd, Py_ssize_t length)
{
    (void)module;
    return read_bytes(fd, length, 0, 0);
}

/*sig posix.pread(module, fd: int, length: int, offset: long, /)

Read a number of bytes from a file descriptor starting at a particular offset.

The position of the file descriptor does not change.
*/
static PyObject *
posix_pread_impl(PyObject *module, int fd, int length, long offset)
{
    (void)module;
    return read_bytes(fd, length, offset, 1);
}

/*sig posix.write(module, fd: int, data: buffer, /) -> ssize

Write a bytes object to a file descriptor.
*/
static Py_ssize_t
posix_write_impl(PyObject *module, int fd, Py_buffer *data)
{
    (void)module;
    return _Py_write(fd, data->buf, (size_t)data->len);
}

/*sig posix.pwrite(module, fd: int, buffer: buffer, offset: long, /) -> ssize

Write bytes to a file descriptor starting at a particular offset.

Return the number of bytes written; the position of the file descriptor does
not change.
*/
static Py_ssize_t
posix_pwrite_impl(PyObject *module, int fd, Py_buffer *buffer, long offset)
{
    (void)module;
    Py_ssize_t n;
    int pending;
    UNLOCKED_RETRY(n, pending, pwrite(fd, buffer->buf, (size_t)buffer->len, offset));
    if (n < 0 && !pending) {
        posix_error();
    }
    return n;
}

/*sig posix.fsync(module, fd: fildes) -> None

Force write of fd to disk.
*/
static int
posix_fsync_impl(PyObject *module, int fd)
{
    (void)module;
    int rc, pending;
    UNLOCKED_RETRY(rc, pending, fsync(fd));
    return retry_done(rc, pending);
}

/*sig posix.fdatasync(module, fd: fildes) -> None

Force write of fd to disk without forcing update of metadata.
*/
static int
posix_fdatasync_impl(PyObject *module, int fd)
{
    (void)module;
    int rc, pending;
    UNLOCKED_RETRY(rc, pending, fdatasync(fd));
    return retry_done(rc, pending);
}

/*sig posix.sync(module)

Force write of everything to disk.
*/
static PyObject *
posix_sync_impl(PyObject *module)
{
    (void)module;
    UNLOCKED(sync());
    Py_RETURN_NONE;
}

/*sig posix.ftruncate(module, fd: int, length: long, /) -> None

Truncate a file, specified by file descriptor, to a specific length.
*/
static int
posix_ftruncate_impl(PyObject *module, int fd, long length)
{
    (void)module;
    int rc, pending;
    if (PySys_Audit("os.truncate", "il", fd, length) < 0) {
        return -1;
    }
    UNLOCKED_RETRY(rc, pending, ftruncate(fd, length));
    return retry_done(rc, pending);
}

/* These return the error instead of setting errno: make them like the others. */
static int
by_errno(int error)
{
    if (error == 0) {
        return 0;
    }
    errno = error;
    return -1;
}

/*sig posix.posix_fallocate(module, fd: int, offset: long, length: long, /) -> None

Ensure a file has allocated at least a particular number of bytes on disk.

The range begins at offset and has length bytes.
*/
static int
posix_posix_fallocate_impl(PyObject *module, int fd, long offset, long length)
{
    (void)module;
    int rc, pending;
    UNLOCKED_RETRY(rc, pending, by_errno(posix_fallocate(fd, offset, length)));
    return retry_done(rc, pending);
}

/*sig posix.posix_fadvise(module, fd: int, offset: long, length: long, advice: int, /) -> None

Announce an intention to access data in a specific pattern.

The range begins at offset and has length bytes; advice is one of the
POSIX_FADV_* constants.
*/
static int
posix_posix_fadvise_impl(PyObject *module, int fd, long offset, long length, int advice)
{
    (void)module;
    int rc, pending;
    UNLOCKED_RETRY(rc, pending, by_errno(posix_fadvise(fd, offset, length, advice)));
    return retry_done(rc, pending);
}

/*sig posix.isatty(module, fd: int, /) -> bool

Return True if the fd is connected to a terminal.
*/
static int
posix_isatty_impl(PyObject *module, int fd)
{
    (void)module;
    int result;
    UNLOCKED(result = isatty(fd));
    return result;
}

static PyObject *
two_fds(int rc, const int fds[2])
{
    return rc < 0 ? posix_error() : Py_BuildValue("(ii)", fds[0], fds[1]);
}

/*sig posix.pipe(module)

Create a pipe.

Returns a tuple of two file descriptors: (read_fd, write_fd)
*/
static PyObject *
posix_pipe_impl(PyObject *module)
{
    (void)module;
    int fds[2], rc;
    UNLOCKED(rc = pipe2(fds, O_CLOEXEC));
    return two_fds(rc, fds);
}

/*sig posix.pipe2(module, flags: int, /)

Create a pipe with flags set atomically.

Returns a tuple of two file descriptors: (read_fd, write_fd).  The flags are
O_NONBLOCK and O_CLOEXEC.
*/
static PyObject *
posix_pipe2_impl(PyObject *module, int flags)
{
    (void)module;
    int fds[2];
    int rc = pipe2(fds, flags);
    return two_fds(rc, fds);
}

/*sig posix.get_inheritable(module, fd: int, /) -> bool

Get the close-on-exe flag of the specified file descriptor.
*/
static int
posix_get_inheritable_impl(PyObject *module, int fd)
{
    (void)module;
    return _Py_get_inheritable(fd);
}

/*sig posix.set_inheritable(module, fd: int, inheritable: int, /) -> None

Set the inheritable flag of the specified file descriptor.
*/
static int
posix_set_inheritable_impl(PyObject *module, int fd, int inheritable)
{
    (void)module;
    return _Py_set_inheritable(fd, inheritable, NULL);
}

/*sig posix.get_blocking(module, fd: int, /) -> bool

Get the blocking mode of the file descriptor.

Return False if the O_NONBLOCK flag is set, True if the flag is cleared.
*/
static int
posix_get_blocking_impl(PyObject *module, int fd)
{
    (void)module;
    return _Py_get_blocking(fd);
}

/*sig posix.set_blocking(module, fd: int, blocking: bool, /) -> None

Set the blocking mode of the specified file descriptor.

Set the O_NONBLOCK flag if blocking is False, clear it otherwise.
*/
static int
posix_set_blocking_impl(PyObject *module, int fd, int blocking)
{
    (void)module;
    return _Py_set_blocking(fd, blocking);
}

/*sig posix.device_encoding(module, fd: int)

Return a string describing the encoding of a terminal's file descriptor.

The file descriptor must be attached to a terminal; if it is not, return None.
*/
static PyObject *
posix_device_encoding_impl(PyObject *module, int fd)
{
    (void)module;
    return _Py_device_encoding(fd);
}

/*sig posix.memfd_create(module, name: path,
                   flags: uint_mask = c"MFD_CLOEXEC" py"MFD_CLOEXEC") -> int

Create an anonymous file in memory and return a descriptor of it.
*/
static int
posix_memfd_create_impl(PyObject *module, PyObject *name, unsigned int flags)
{
    (void)module;
    int fd;
    const char *text = PyBytes_AS_STRING(name);
    UNLOCKED(fd = memfd_create(text, flags));
    return fd < 0 ? posix_done(-1) : fd;
}

/*sig posix.eventfd(module, initval: uint,
                   flags: int = c"EFD_CLOEXEC" py"EFD_CLOEXEC") -> int

Creates and returns an event notification file descriptor.
*/
static int
posix_eventfd_impl(PyObject *module, unsigned int initval, int flags)
{
    (void)module;
    int fd;
    UNLOCKED(fd = eventfd(initval, flags));
    return fd < 0 ? posix_done(-1) : fd;
}

/*sig posix.eventfd_read(module, fd: fildes)

Read eventfd value
*/
static PyObject *
posix_eventfd_read_impl(PyObject *module, int fd)
{
    (void)module;
    eventfd_t value;
    int rc;
    UNLOCKED(rc = eventfd_read(fd, &value));
    return rc < 0 ? posix_error() : PyLong_FromUnsignedLongLong(value);
}

/*sig posix.eventfd_write(module, fd: fildes, value: ulonglong) -> None

Write eventfd value.
*/
static int
posix_eventfd_write_impl(PyObject *module, int fd, unsigned long long value)
{
    (void)module;
    int rc;
    UNLOCKED(rc = eventfd_write(fd, value));
    return posix_done(rc);
}

const PyMethodDef _PyPosix_FdMethods[] = {
    POSIX_OPEN_METHODDEF
    POSIX_CLOSE_METHODDEF
    POSIX_CLOSERANGE_METHODDEF
    POSIX_DUP_METHODDEF
    POSIX_DUP2_METHODDEF
    POSIX_LOCKF_METHODDEF
    POSIX_LSEEK_METHODDEF
    POSIX_READ_METHODDEF
    POSIX_PREAD_METHODDEF
    POSIX_WRITE_METHODDEF
    POSIX_PWRITE_METHODDEF
    POSIX_FSYNC_METHODDEF
    POSIX_FDATASYNC_METHODDEF
    POSIX_SYNC_METHODDEF
    POSIX_FTRUNCATE_METHODDEF
    POSIX_POSIX_FALLOCATE_METHODDEF
    POSIX_POSIX_FADVISE_METHODDEF
    POSIX_ISATTY_METHODDEF
    POSIX_PIPE_METHODDEF
    POSIX_PIPE2_METHODDEF
    POSIX_GET_INHERITABLE_METHODDEF
    POSIX_SET_INHERITABLE_METHODDEF
    POSIX_GET_BLOCKING_METHODDEF
    POSIX_SET_BLOCKING_METHODDEF
    POSIX_DEVICE_ENCODING_METHODDEF
    POSIX_MEMFD_CREATE_METHODDEF
    POSIX_EVENTFD_METHODDEF
    POSIX_EVENTFD_READ_METHODDEF
    POSIX_EVENTFD_WRITE_METHODDEF
    {NULL, NULL}
};
