/* files.c - files by name: create, rename, remove, links, modes, owners, times, the current
 * directory; and normal forms of path names.
 * Written from the library reference (os) and the manual pages of the system calls.
 */
#include "posix.h"
#include "pycore_fileutils.h"
#include "pycore_private_api.h" // _Py_Uid_Converter()

#include "sig/files.sig.h"

/*sig posix.access(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(access, path, 0)],
    mode: int, *, dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None",
    effective_ids: bool = False, follow_symlinks: bool = True) -> bool

Use the real uid/gid to test for access to a path.

  mode
    F_OK to test for existence, or the inclusive-OR of R_OK, W_OK, and X_OK.
  effective_ids
    Use the effective uid/gid instead.
*/
static int
posix_access_impl(PyObject *module, path_arg *path, int mode, int dir_fd, int effective_ids,
                  int follow_symlinks)
{
    (void)module;
    int rc;
    int flags = (follow_symlinks ? 0 : AT_SYMLINK_NOFOLLOW) | (effective_ids ? AT_EACCESS : 0);
    UNLOCKED(rc = faccessat(dir_fd, path->narrow, mode, flags));
    return rc == 0;
}

/*sig posix.chdir(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(chdir, path, PATH_FD)]) -> None

Change the current working directory to the specified path.

The path may be an open file descriptor of a directory.
*/
static int
posix_chdir_impl(PyObject *module, path_arg *path)
{
    (void)module;
    int rc;
    if (PySys_Audit("os.chdir", "(O)", path->object) < 0) {
        return -1;
    }
    UNLOCKED(rc = path->is_fd ? fchdir(path->fd) : chdir(path->narrow));
    return path_done(rc, path);
}

/*sig posix.fchdir(module, fd: fildes) -> None

Change to the directory of the given file descriptor.
*/
static int
posix_fchdir_impl(PyObject *module, int fd)
{
    (void)module;
    int rc, pending;
    if (PySys_Audit("os.chdir", "(i)", fd) < 0) {
        return -1;
    }
    UNLOCKED_RETRY(rc, pending, fchdir(fd));
    return retry_done(rc, pending);
}

/*sig posix.chroot(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(chroot, path, 0)]) -> None

Change root directory to path.
*/
static int
posix_chroot_impl(PyObject *module, path_arg *path)
{
    (void)module;
    int rc;
    UNLOCKED(rc = chroot(path->narrow));
    return path_done(rc, path);
}

/* As bytes: new reference, or NULL with an error. */
static PyObject *
current_directory(void)
{
    char *cwd;
    UNLOCKED(cwd = getcwd(NULL, 0));
    if (cwd == NULL) {
        return errno == ENOMEM ? PyErr_NoMemory() : posix_error();
    }
    PyObject *result = PyBytes_FromString(cwd);
    free(cwd);
    return result;
}

/*sig posix.getcwd(module)

Return a unicode string representing the current working directory.
*/
static PyObject *
posix_getcwd_impl(PyObject *module)
{
    (void)module;
    PyObject *bytes = current_directory();
    if (bytes == NULL) {
        return NULL;
    }
    PyObject *result = PyUnicode_DecodeFSDefaultAndSize(PyBytes_AS_STRING(bytes),
                                                        PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    return result;
}

/*sig posix.getcwdb(module)

Return a bytes string representing the current working directory.
*/
static PyObject *
posix_getcwdb_impl(PyObject *module)
{
    (void)module;
    return current_directory();
}

/* ---- modes, owners, times ---- */

/*sig posix.chmod(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(chmod, path, PATH_FD)],
    mode: int, *, dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None",
    follow_symlinks: bool = True) -> None

Change the access permissions of a file.

  path
    A string, bytes, a path-like object or an open file descriptor.
  dir_fd
    If not None, a descriptor of a directory, to which a relative path is
    relative.
  follow_symlinks
    If False, change a symbolic link itself, where the system can do that.
*/
static int
posix_chmod_impl(PyObject *module, path_arg *path, int mode, int dir_fd, int follow_symlinks)
{
    (void)module;
    int rc;
    if (PySys_Audit("os.chmod", "Oii", path->object, mode, dir_fd_shown(dir_fd)) < 0) {
        return -1;
    }
    if (path->is_fd) {
        UNLOCKED(rc = fchmod(path->fd, (mode_t)mode));
        return path_done(rc, path);
    }
    int flags = follow_symlinks ? 0 : AT_SYMLINK_NOFOLLOW;
    UNLOCKED(rc = fchmodat(dir_fd, path->narrow, (mode_t)mode, flags));
    if (rc < 0 && !follow_symlinks && (errno == ENOTSUP || errno == EOPNOTSUPP)) {
        if (dir_fd != AT_FDCWD) {
            PyErr_SetString(PyExc_ValueError,
                            "chmod: cannot use dir_fd and follow_symlinks together");
        }
        else {
            PyErr_SetString(PyExc_NotImplementedError,
                            "chmod: follow_symlinks unavailable on this platform");
        }
        return -1;
    }
    return path_done(rc, path);
}

/*sig posix.fchmod(module, fd: int, mode: int) -> None

Change the access permissions of the file given by file descriptor fd.
*/
static int
posix_fchmod_impl(PyObject *module, int fd, int mode)
{
    (void)module;
    int rc, pending;
    if (PySys_Audit("os.chmod", "iii", fd, mode, -1) < 0) {
        return -1;
    }
    UNLOCKED_RETRY(rc, pending, fchmod(fd, (mode_t)mode));
    return retry_done(rc, pending);
}

static int
audit_chown(PyObject *file, uid_t uid, gid_t gid, int dir_fd)
{
    return PySys_Audit("os.chown", "OIIi", file, uid, gid, dir_fd_shown(dir_fd));
}

/*sig posix.chown(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(chown, path, PATH_FD)],
    uid: conv[_Py_Uid_Converter, uid_t], gid: conv[_Py_Gid_Converter, gid_t], *,
    dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None",
    follow_symlinks: bool = True) -> None

Change the owner and group id of path to the numeric uid and gid.

  path
    A string, bytes, a path-like object or an open file descriptor.
  dir_fd
    If not None, a descriptor of a directory, to which a relative path is
    relative.
  follow_symlinks
    If False, change a symbolic link itself.
*/
static int
posix_chown_impl(PyObject *module, path_arg *path, uid_t uid, gid_t gid, int dir_fd,
                 int follow_symlinks)
{
    (void)module;
    int rc;
    if (dir_fd != AT_FDCWD && path->is_fd) {
        PyErr_SetString(PyExc_ValueError, "chown: can't specify both dir_fd and fd");
        return -1;
    }
    if (_PyPosix_CheckFollow("chown", path, follow_symlinks) < 0
        || audit_chown(path->object, uid, gid, dir_fd) < 0) {
        return -1;
    }
    if (path->is_fd) {
        UNLOCKED(rc = fchown(path->fd, uid, gid));
    }
    else {
        int flags = follow_symlinks ? 0 : AT_SYMLINK_NOFOLLOW;
        UNLOCKED(rc = fchownat(dir_fd, path->narrow, uid, gid, flags));
    }
    return path_done(rc, path);
}

/*sig posix.lchown(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(lchown, path, 0)],
    uid: conv[_Py_Uid_Converter, uid_t], gid: conv[_Py_Gid_Converter, gid_t]) -> None

Change the owner and group id of path; symbolic links are not followed.
*/
static int
posix_lchown_impl(PyObject *module, path_arg *path, uid_t uid, gid_t gid)
{
    (void)module;
    int rc;
    if (audit_chown(path->object, uid, gid, AT_FDCWD) < 0) {
        return -1;
    }
    UNLOCKED(rc = lchown(path->narrow, uid, gid));
    return path_done(rc, path);
}

/*sig posix.fchown(module, fd: int, uid: conv[_Py_Uid_Converter, uid_t],
                   gid: conv[_Py_Gid_Converter, gid_t]) -> None

Change the owner and group id of the file specified by file descriptor.
*/
static int
posix_fchown_impl(PyObject *module, int fd, uid_t uid, gid_t gid)
{
    (void)module;
    int rc, pending;
    if (PySys_Audit("os.chown", "iIIi", fd, uid, gid, -1) < 0) {
        return -1;
    }
    UNLOCKED_RETRY(rc, pending, fchown(fd, uid, gid));
    return retry_done(rc, pending);
}

/*sig posix.umask(module, mask: int, /) -> long

Set the current numeric umask and return the previous umask.
*/
static long
posix_umask_impl(PyObject *module, int mask)
{
    (void)module;
    return (long)umask((mode_t)mask);
}

/* A whole number of nanoseconds as timespec: 0, or -1 with an error. */
static int
split_nanoseconds(PyObject *ns, struct timespec *t)
{
    int rc = -1;
    PyObject *billion = PyLong_FromLong(1000000000);
    PyObject *pair = billion == NULL ? NULL : PyNumber_Divmod(ns, billion);
    Py_XDECREF(billion);
    if (pair == NULL) {
        return -1;
    }
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
        PyErr_Format(PyExc_TypeError, "%.200s.__divmod__() must return a 2-tuple, not %.200s",
                     _PyType_Name(Py_TYPE(ns)), _PyType_Name(Py_TYPE(pair)));
        goto done;
    }
    t->tv_sec = _PyLong_AsTime_t(PyTuple_GET_ITEM(pair, 0));
    if (t->tv_sec == (time_t)-1 && PyErr_Occurred()) {
        goto done;
    }
    t->tv_nsec = PyLong_AsLong(PyTuple_GET_ITEM(pair, 1));
    if (t->tv_nsec == -1 && PyErr_Occurred()) {
        goto done;
    }
    rc = 0;
done:
    Py_DECREF(pair);
    return rc;
}

/* The two times of utime(): 0, or -1 with an error.  *now is set if none are given. */
static int
get_utimes(PyObject *times, PyObject *ns, struct timespec t[2], int *now)
{
    *now = 0;
    if (times != Py_None && ns != NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "utime: you may specify either 'times' or 'ns' but not both");
        return -1;
    }
    if (times != Py_None) {
        if (!PyTuple_CheckExact(times) || PyTuple_GET_SIZE(times) != 2) {
            PyErr_SetString(PyExc_TypeError,
                            "utime: 'times' must be either a tuple of two ints or None");
            return -1;
        }
        for (int i = 0; i < 2; i++) {
            if (_PyTime_ObjectToTimespec(PyTuple_GET_ITEM(times, i), &t[i].tv_sec,
                                         &t[i].tv_nsec, _PyTime_ROUND_FLOOR) < 0) {
                return -1;
            }
        }
        return 0;
    }
    if (ns == NULL) {
        *now = 1;
        return 0;
    }
    if (!PyTuple_CheckExact(ns) || PyTuple_GET_SIZE(ns) != 2) {
        PyErr_SetString(PyExc_TypeError, "utime: 'ns' must be a tuple of two ints");
        return -1;
    }
    return split_nanoseconds(PyTuple_GET_ITEM(ns, 0), &t[0]) < 0
           || split_nanoseconds(PyTuple_GET_ITEM(ns, 1), &t[1]) < 0 ? -1 : 0;
}

/*sig posix.utime(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(utime, path, PATH_FD)],
    times: object = None, *, ns: object = NULL,
    dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None",
    follow_symlinks: bool = True) -> None

Set the access and modified time of path.

  times
    None for the current time, or a tuple (atime, mtime) in seconds.
  ns
    A tuple (atime_ns, mtime_ns) in nanoseconds; not together with times.
  dir_fd
    If not None, a descriptor of a directory, to which a relative path is
    relative.
  follow_symlinks
    If False, change a symbolic link itself.
*/
static int
posix_utime_impl(PyObject *module, path_arg *path, PyObject *times, PyObject *ns, int dir_fd,
                 int follow_symlinks)
{
    (void)module;
    struct timespec t[2];
    int now, rc;
    if (get_utimes(times, ns, t, &now) < 0
        || _PyPosix_CheckDirFd("utime", path, dir_fd) < 0
        || _PyPosix_CheckFollow("utime", path, follow_symlinks) < 0) {
        return -1;
    }
    if (PySys_Audit("os.utime", "OOOi", path->object, times, ns != NULL ? ns : Py_None,
                    dir_fd_shown(dir_fd)) < 0) {
        return -1;
    }
    if (path->is_fd) {
        UNLOCKED(rc = futimens(path->fd, now ? NULL : t));
    }
    else {
        int flags = follow_symlinks ? 0 : AT_SYMLINK_NOFOLLOW;
        UNLOCKED(rc = utimensat(dir_fd, path->narrow, now ? NULL : t, flags));
    }
    return posix_done(rc);
}

/* ---- create, remove, rename ---- */

/*sig posix.mkdir(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(mkdir, path, 0)],
    mode: int = 511, *, dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None") -> None

Create a directory.

If dir_fd is not None, it is a descriptor of a directory, to which a relative
path is relative.
*/
static int
posix_mkdir_impl(PyObject *module, path_arg *path, int mode, int dir_fd)
{
    (void)module;
    int rc;
    if (PySys_Audit("os.mkdir", "Oii", path->object, mode, dir_fd_shown(dir_fd)) < 0) {
        return -1;
    }
    UNLOCKED(rc = mkdirat(dir_fd, path->narrow, (mode_t)mode));
    return path_done(rc, path);
}

static int
remove_path(const char *event, const path_arg *path, int dir_fd, int flags)
{
    int rc;
    if (PySys_Audit(event, "Oi", path->object, dir_fd_shown(dir_fd)) < 0) {
        return -1;
    }
    UNLOCKED(rc = unlinkat(dir_fd, path->narrow, flags));
    return path_done(rc, path);
}

/*sig posix.rmdir(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(rmdir, path, 0)],
    *, dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None") -> None

Remove a directory.

If dir_fd is not None, it is a descriptor of a directory, to which a relative
path is relative.
*/
static int
posix_rmdir_impl(PyObject *module, path_arg *path, int dir_fd)
{
    (void)module;
    return remove_path("os.rmdir", path, dir_fd, AT_REMOVEDIR);
}

/*sig posix.unlink(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(unlink, path, 0)],
    *, dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None") -> None

Remove a file (same as remove()).

If dir_fd is not None, it is a descriptor of a directory, to which a relative
path is relative.
*/
static int
posix_unlink_impl(PyObject *module, path_arg *path, int dir_fd)
{
    (void)module;
    return remove_path("os.remove", path, dir_fd, 0);
}

/*sig posix.remove(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(remove, path, 0)],
    *, dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None") -> None

Remove a file (same as unlink()).

If dir_fd is not None, it is a descriptor of a directory, to which a relative
path is relative.
*/
static int
posix_remove_impl(PyObject *module, path_arg *path, int dir_fd)
{
    (void)module;
    return remove_path("os.remove", path, dir_fd, 0);
}

static int
rename_path(const path_arg *src, const path_arg *dst, int src_dir_fd, int dst_dir_fd)
{
    int rc;
    if (PySys_Audit("os.rename", "OOii", src->object, dst->object, dir_fd_shown(src_dir_fd),
                    dir_fd_shown(dst_dir_fd)) < 0) {
        return -1;
    }
    UNLOCKED(rc = renameat(src_dir_fd, src->narrow, dst_dir_fd, dst->narrow));
    return rc < 0 ? (_PyPosix_PathError2(src, dst), -1) : 0;
}

/*sig posix.rename(module,
    src: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(rename, src, 0)],
    dst: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(rename, dst, 0)],
    *, src_dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None",
    dst_dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None") -> None

Rename a file or directory.

src_dir_fd and dst_dir_fd, if not None, are descriptors of directories, to
which relative paths are relative.
*/
static int
posix_rename_impl(PyObject *module, path_arg *src, path_arg *dst, int src_dir_fd, int dst_dir_fd)
{
    (void)module;
    return rename_path(src, dst, src_dir_fd, dst_dir_fd);
}

/*sig posix.replace(module,
    src: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(replace, src, 0)],
    dst: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(replace, dst, 0)],
    *, src_dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None",
    dst_dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None") -> None

Rename a file or directory, overwriting the destination.

src_dir_fd and dst_dir_fd, if not None, are descriptors of directories, to
which relative paths are relative.
*/
static int
posix_replace_impl(PyObject *module, path_arg *src, path_arg *dst, int src_dir_fd,
                   int dst_dir_fd)
{
    (void)module;
    return rename_path(src, dst, src_dir_fd, dst_dir_fd);
}

/*sig posix.link(module,
    src: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(link, src, 0)],
    dst: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(link, dst, 0)],
    *, src_dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None",
    dst_dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None",
    follow_symlinks: bool = True) -> None

Create a hard link to a file.

src_dir_fd and dst_dir_fd, if not None, are descriptors of directories, to
which relative paths are relative.  If follow_symlinks is False and src is a
symbolic link, the new name is one of the link itself.
*/
static int
posix_link_impl(PyObject *module, path_arg *src, path_arg *dst, int src_dir_fd, int dst_dir_fd,
                int follow_symlinks)
{
    (void)module;
    int rc;
    if (PySys_Audit("os.link", "OOii", src->object, dst->object, dir_fd_shown(src_dir_fd),
                    dir_fd_shown(dst_dir_fd)) < 0) {
        return -1;
    }
    /* The plain call, which does what the system takes for a link without further wishes. */
    if (src_dir_fd == AT_FDCWD && dst_dir_fd == AT_FDCWD && follow_symlinks) {
        UNLOCKED(rc = link(src->narrow, dst->narrow));
    }
    else {
        int flags = follow_symlinks ? AT_SYMLINK_FOLLOW : 0;
        UNLOCKED(rc = linkat(src_dir_fd, src->narrow, dst_dir_fd, dst->narrow, flags));
    }
    return rc < 0 ? (_PyPosix_PathError2(src, dst), -1) : 0;
}

/*sig posix.symlink(module,
    src: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(symlink, src, 0)],
    dst: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(symlink, dst, 0)],
    target_is_directory: bool = False, *,
    dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None") -> None

Create a symbolic link pointing to src named dst.

target_is_directory has no meaning on this system.  If dir_fd is not None, it
is a descriptor of a directory, to which a relative dst is relative.
*/
static int
posix_symlink_impl(PyObject *module, path_arg *src, path_arg *dst, int target_is_directory,
                   int dir_fd)
{
    (void)module;
    (void)target_is_directory;
    int rc;
    if (PySys_Audit("os.symlink", "OOi", src->object, dst->object, dir_fd_shown(dir_fd)) < 0) {
        return -1;
    }
    UNLOCKED(rc = symlinkat(src->narrow, dir_fd, dst->narrow));
    return rc < 0 ? (_PyPosix_PathError2(src, dst), -1) : 0;
}

/*sig posix.readlink(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(readlink, path, 0)],
    *, dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None")

Return a string representing the path to which the symbolic link points.

If dir_fd is not None, it is a descriptor of a directory, to which a relative
path is relative.
*/
static PyObject *
posix_readlink_impl(PyObject *module, path_arg *path, int dir_fd)
{
    (void)module;
    char target[PATH_MAX + 1];
    ssize_t length;
    UNLOCKED(length = readlinkat(dir_fd, path->narrow, target, PATH_MAX));
    if (length < 0) {
        return _PyPosix_PathError(path);
    }
    return path_is_bytes(path) ? PyBytes_FromStringAndSize(target, length)
                               : PyUnicode_DecodeFSDefaultAndSize(target, length);
}

/*sig posix.mkfifo(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(mkfifo, path, 0)],
    mode: int = 438, *, dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None") -> None

Create a "fifo" (a POSIX named pipe).

If dir_fd is not None, it is a descriptor of a directory, to which a relative
path is relative.
*/
static int
posix_mkfifo_impl(PyObject *module, path_arg *path, int mode, int dir_fd)
{
    (void)module;
    int rc, pending;
    UNLOCKED_RETRY(rc, pending, mkfifoat(dir_fd, path->narrow, (mode_t)mode));
    return retry_done(rc, pending);
}

/*sig posix.mknod(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(mknod, path, 0)],
    mode: int = 384, device: conv[_PyPosix_Dev, dev_t] = 0, *,
    dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None") -> None

Create a node in the file system.

mode gives both the permissions and the kind of node; device is the device
number of a device node.  If dir_fd is not None, it is a descriptor of a
directory, to which a relative path is relative.
*/
static int
posix_mknod_impl(PyObject *module, path_arg *path, int mode, dev_t device, int dir_fd)
{
    (void)module;
    int rc, pending;
    UNLOCKED_RETRY(rc, pending, mknodat(dir_fd, path->narrow, (mode_t)mode, device));
    return retry_done(rc, pending);
}

/*sig posix.truncate(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(truncate, path, PATH_FD)],
    length: long) -> None

Truncate a file, specified by path, to a specific length.

The path may be an open file descriptor.
*/
static int
posix_truncate_impl(PyObject *module, path_arg *path, long length)
{
    (void)module;
    int rc, pending;
    if (PySys_Audit("os.truncate", "Ol", path->object, length) < 0) {
        return -1;
    }
    UNLOCKED_RETRY(rc, pending, path->is_fd ? ftruncate(path->fd, length)
                                            : truncate(path->narrow, length));
    return path->is_fd ? retry_done(rc, pending) : pending ? -1 : path_done(rc, path);
}

/* ---- names ---- */

/*sig posix.fspath(module, path)

Return the file system path representation of the object.

str and bytes are returned unchanged; the result of __fspath__() of other
objects must be one of both.
*/
static PyObject *
posix_fspath_impl(PyObject *module, PyObject *path)
{
    (void)module;
    return PyOS_FSPath(path);
}

/* Normal form, in place; returns the new length.  `out` never passes `in`.  What is in front of
   `base` is not for ".." to take away: the root, or leading ".." of a relative path. */
static Py_ssize_t
normalize(wchar_t *path, Py_ssize_t length)
{
    if (length == 1) {
        return length;          /* "." too */
    }
    Py_ssize_t root = 0;
    while (root < length && path[root] == L'/') {
        root++;
    }
    /* Exactly two leading slashes mean something else than one. */
    Py_ssize_t out = root == 2 ? 2 : root > 0;
    Py_ssize_t base = out, in = root;
    bool absolute = root > 0;
    while (in < length) {
        Py_ssize_t start = in;
        while (in < length && path[in] != L'/') {
            in++;
        }
        Py_ssize_t size = in - start;
        in++;
        if (size == 0 || (size == 1 && path[start] == L'.')) {
            continue;
        }
        bool up = size == 2 && path[start] == L'.' && path[start + 1] == L'.';
        if (up && out > base) {
            while (out > base && path[out - 1] != L'/') {
                out--;
            }
            if (out > base) {
                out--;          /* the separator in front of the removed name */
            }
            continue;
        }
        if (up && absolute) {
            continue;
        }
        if (out > 0 && path[out - 1] != L'/') {
            path[out++] = L'/';
        }
        assert(out <= start);
        wmemmove(path + out, path + start, (size_t)size);
        out += size;
        if (up) {
            base = out;
        }
    }
    return out;
}

/*sig posix._path_normpath(module, path)

Basic path normalization.
*/
static PyObject *
posix__path_normpath_impl(PyObject *module, PyObject *path)
{
    (void)module;
    if (!PyUnicode_Check(path)) {
        PyErr_Format(PyExc_TypeError, "expected 'str', not '%.200s'", Py_TYPE(path)->tp_name);
        return NULL;
    }
    Py_ssize_t length;
    wchar_t *buffer = PyUnicode_AsWideCharString(path, &length);
    if (buffer == NULL) {
        return NULL;
    }
    length = normalize(buffer, length);
    PyObject *result = PyUnicode_FromWideChar(buffer, length);
    PyMem_Free(buffer);
    return result;
}

const PyMethodDef _PyPosix_FileMethods[] = {
    POSIX_ACCESS_METHODDEF
    POSIX_CHDIR_METHODDEF
    POSIX_FCHDIR_METHODDEF
    POSIX_CHROOT_METHODDEF
    POSIX_GETCWD_METHODDEF
    POSIX_GETCWDB_METHODDEF
    POSIX_CHMOD_METHODDEF
    POSIX_FCHMOD_METHODDEF
    POSIX_CHOWN_METHODDEF
    POSIX_LCHOWN_METHODDEF
    POSIX_FCHOWN_METHODDEF
    POSIX_UMASK_METHODDEF
    POSIX_UTIME_METHODDEF
    POSIX_MKDIR_METHODDEF
    POSIX_RMDIR_METHODDEF
    POSIX_UNLINK_METHODDEF
    POSIX_REMOVE_METHODDEF
    POSIX_RENAME_METHODDEF
    POSIX_REPLACE_METHODDEF
    POSIX_LINK_METHODDEF
    POSIX_SYMLINK_METHODDEF
    POSIX_READLINK_METHODDEF
    POSIX_MKFIFO_METHODDEF
    POSIX_MKNOD_METHODDEF
    POSIX_TRUNCATE_METHODDEF
    POSIX_FSPATH_METHODDEF
    POSIX__PATH_NORMPATH_METHODDEF
    {NULL, NULL}
};
