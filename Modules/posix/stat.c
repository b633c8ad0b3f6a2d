/* stat.c - status of files: stat, statvfs, their result types, and what takes device numbers
 * apart.
 * Written from the library reference (os) and the manual pages stat(2), statvfs(3), makedev(3).
 */
#include "posix.h"
#include "pycore_fileutils.h"
#include "pycore_private_api.h" // _PyLong_FromUid()

#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "sig/stat.sig.h"

/* ---- stat_result ---- */

enum {
    AT_TIME_INT = 7,        /* three whole seconds, without names */
    AT_TIME_FLOAT = 10,
    AT_TIME_NS = 13,
    AT_BLKSIZE = 16, AT_BLOCKS, AT_RDEV, STAT_FIELDS
};

PyDoc_STRVAR(stat_result_doc,
"stat_result: Result from stat, fstat, or lstat.\n\n"
"A tuple of (mode, ino, dev, nlink, uid, gid, size, atime, mtime, ctime), also by the\n"
"attributes st_mode, st_ino and so on; st_blksize, st_blocks, st_rdev and the times as\n"
"float and in nanoseconds are attributes only.");

/* The seven items that have their name and place in the tuple, then what has only one of both. */
static PyStructSequence_Field *
fill_stat_fields(PyStructSequence_Field *fields)
{
    const PyStructSequence_Field named[STAT_FIELDS] = {
        {"st_mode", "protection bits"},
        {"st_ino", "inode"},
        {"st_dev", "device"},
        {"st_nlink", "number of hard links"},
        {"st_uid", "user ID of owner"},
        {"st_gid", "group ID of owner"},
        {"st_size", "total size, in bytes"},
        {PyStructSequence_UnnamedField, "integer time of last access"},
        {PyStructSequence_UnnamedField, "integer time of last modification"},
        {PyStructSequence_UnnamedField, "integer time of last change"},
        {"st_atime", "time of last access"},
        {"st_mtime", "time of last modification"},
        {"st_ctime", "time of last change"},
        {"st_atime_ns", "time of last access in nanoseconds"},
        {"st_mtime_ns", "time of last modification in nanoseconds"},
        {"st_ctime_ns", "time of last change in nanoseconds"},
        {"st_blksize", "blocksize for filesystem I/O"},
        {"st_blocks", "number of blocks allocated"},
        {"st_rdev", "device type (if inode device)"},
    };
    memcpy(fields, named, sizeof(named));
    fields[STAT_FIELDS] = (PyStructSequence_Field){NULL, NULL};
    return fields;
}

/* A time that a caller of stat_result(...) did not give as float is the whole seconds. */
static PyObject *
stat_result_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *module = PyType_GetModule(type);
    if (module == NULL) {
        return NULL;
    }
    PyObject *result = posix_get_state(module)->structseq_new(type, args, kwds);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < 3; i++) {
        PyObject *given = PyStructSequence_GET_ITEM(result, AT_TIME_FLOAT + i);
        if (given == NULL || given == Py_None) {
            PyObject *whole = PyStructSequence_GET_ITEM(result, AT_TIME_INT + i);
            PyStructSequence_SetItem(result, AT_TIME_FLOAT + i, Py_NewRef(whole));
            Py_XDECREF(given);
        }
    }
    return result;
}

static const PyStructSequence_Field statvfs_fields[] = {
    {"f_bsize", NULL}, {"f_frsize", NULL}, {"f_blocks", NULL}, {"f_bfree", NULL},
    {"f_bavail", NULL}, {"f_files", NULL}, {"f_ffree", NULL}, {"f_favail", NULL},
    {"f_flag", NULL}, {"f_namemax", NULL}, {"f_fsid", NULL}, {NULL, NULL}
};

static const PyStructSequence_Desc statvfs_desc = {
    "os.statvfs_result",
    "statvfs_result: Result from statvfs or fstatvfs.\n\n"
    "A tuple of (bsize, frsize, blocks, bfree, bavail, files, ffree, favail, flag, namemax),\n"
    "also by the attributes f_bsize, f_frsize and so on.",
    (PyStructSequence_Field *)statvfs_fields, 10
};

int
_PyPosix_AddStatTypes(PyObject *module)
{
    posix_state *state = posix_get_state(module);
    PyStructSequence_Field fields[STAT_FIELDS + 1];
    const PyStructSequence_Desc desc = {
        "os.stat_result", stat_result_doc, fill_stat_fields(fields), 10
    };
    PyTypeObject *type = _PyPosix_AddStructSequence(module, "stat_result", &desc,
                                                    &state->stat_result);
    if (type == NULL) {
        return -1;
    }
    /* The type finds its module, and is made by the function above. */
    assert(((PyHeapTypeObject *)type)->ht_module == NULL);
    ((PyHeapTypeObject *)type)->ht_module = Py_NewRef(module);
    state->structseq_new = type->tp_new;
    type->tp_new = stat_result_new;
    if (_PyPosix_AddStructSequence(module, "statvfs_result", &statvfs_desc,
                                   &state->statvfs_result) == NULL) {
        return -1;
    }
    return 0;
}

/* sec * 10**9 + nsec, for any time. */
static PyObject *
whole_nanoseconds(time_t sec, long nsec)
{
    long long ns;
    if (!__builtin_mul_overflow((long long)sec, 1000000000LL, &ns)
        && !__builtin_add_overflow(ns, nsec, &ns)) {
        return PyLong_FromLongLong(ns);
    }
    PyObject *result = NULL, *product = NULL;
    PyObject *seconds = PyLong_FromLongLong(sec);
    PyObject *factor = PyLong_FromLong(1000000000);
    PyObject *rest = PyLong_FromLong(nsec);
    if (seconds != NULL && factor != NULL && rest != NULL) {
        product = PyNumber_Multiply(seconds, factor);
        if (product != NULL) {
            result = PyNumber_Add(product, rest);
        }
    }
    Py_XDECREF(product);
    Py_XDECREF(rest);
    Py_XDECREF(factor);
    Py_XDECREF(seconds);
    return result;
}

static int
set_time(PyObject *result, Py_ssize_t i, const struct timespec *t)
{
    if (set_field(result, AT_TIME_INT + i, PyLong_FromLongLong(t->tv_sec)) < 0
        || set_field(result, AT_TIME_FLOAT + i,
                     PyFloat_FromDouble((double)t->tv_sec + 1e-9 * (double)t->tv_nsec)) < 0) {
        return -1;
    }
    return set_field(result, AT_TIME_NS + i, whole_nanoseconds(t->tv_sec, t->tv_nsec));
}

/* New reference, or NULL with an error. */
PyObject *
_PyPosix_StatResult(posix_state *state, const struct stat *st)
{
    PyObject *result = PyStructSequence_New(state->stat_result);
    if (result == NULL) {
        return NULL;
    }
    if (set_field(result, 0, PyLong_FromLong((long)st->st_mode)) < 0
        || set_field(result, 1, PyLong_FromUnsignedLongLong(st->st_ino)) < 0
        || set_field(result, 2, PyLong_FromLongLong((long long)st->st_dev)) < 0
        || set_field(result, 3, PyLong_FromLong((long)st->st_nlink)) < 0
        || set_field(result, 4, _PyLong_FromUid(st->st_uid)) < 0
        || set_field(result, 5, _PyLong_FromGid(st->st_gid)) < 0
        || set_field(result, 6, PyLong_FromLongLong(st->st_size)) < 0
        || set_time(result, 0, &st->st_atim) < 0
        || set_time(result, 1, &st->st_mtim) < 0
        || set_time(result, 2, &st->st_ctim) < 0
        || set_field(result, AT_BLKSIZE, PyLong_FromLong(st->st_blksize)) < 0
        || set_field(result, AT_BLOCKS, PyLong_FromLong(st->st_blocks)) < 0
        || set_field(result, AT_RDEV, PyLong_FromLongLong((long long)st->st_rdev)) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

/* ---- functions ---- */

static PyObject *
stat_path(PyObject *module, const char *function, const path_arg *path, int dir_fd, int follow)
{
    struct stat st;
    int rc;
    if (_PyPosix_CheckDirFd(function, path, dir_fd) < 0
        || _PyPosix_CheckFollow(function, path, follow) < 0) {
        return NULL;
    }
    if (path->is_fd) {
        UNLOCKED(rc = fstat(path->fd, &st));
    }
    else {
        int flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
        UNLOCKED(rc = fstatat(dir_fd, path->narrow, &st, flags));
    }
    if (rc != 0) {
        return _PyPosix_PathError(path);
    }
    return _PyPosix_StatResult(posix_get_state(module), &st);
}

/*sig posix.stat(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(stat, path, PATH_FD)],
    *, dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None", follow_symlinks: bool = True)

Perform a stat system call on the given path.

  path
    A string, bytes, a path-like object or an open file descriptor.
  dir_fd
    If not None, a descriptor of a directory, to which a relative path is
    relative.
  follow_symlinks
    If False and the path ends in a symbolic link, the link itself is examined.
*/
static PyObject *
posix_stat_impl(PyObject *module, path_arg *path, int dir_fd, int follow_symlinks)
{
    return stat_path(module, "stat", path, dir_fd, follow_symlinks);
}

/*sig posix.lstat(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(lstat, path, 0)],
    *, dir_fd: conv[_PyPosix_DirFd, int] = c"AT_FDCWD" py"None")

Perform a stat system call on the given path, without following symbolic links.

Like stat(path, follow_symlinks=False), but takes no file descriptor.
*/
static PyObject *
posix_lstat_impl(PyObject *module, path_arg *path, int dir_fd)
{
    return stat_path(module, "lstat", path, dir_fd, 0);
}

/*sig posix.fstat(module, fd: int)

Perform a stat system call on the given file descriptor.
*/
static PyObject *
posix_fstat_impl(PyObject *module, int fd)
{
    struct stat st;
    int rc, pending;
    UNLOCKED_RETRY(rc, pending, fstat(fd, &st));
    if (retry_done(rc, pending) < 0) {
        return NULL;
    }
    return _PyPosix_StatResult(posix_get_state(module), &st);
}

static PyObject *
statvfs_result(PyObject *module, const struct statvfs *st)
{
    const unsigned long long values[] = {
        st->f_bsize, st->f_frsize, st->f_blocks, st->f_bfree, st->f_bavail, st->f_files,
        st->f_ffree, st->f_favail, st->f_flag, st->f_namemax, st->f_fsid
    };
    PyObject *result = PyStructSequence_New(posix_get_state(module)->statvfs_result);
    for (Py_ssize_t i = 0; result != NULL && i < (Py_ssize_t)Py_ARRAY_LENGTH(values); i++) {
        if (set_field(result, i, PyLong_FromUnsignedLongLong(values[i])) < 0) {
            Py_CLEAR(result);
        }
    }
    return result;
}

/*sig posix.statvfs(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(statvfs, path, PATH_FD)])

Perform a statvfs system call on the given path or open file descriptor.
*/
static PyObject *
posix_statvfs_impl(PyObject *module, path_arg *path)
{
    struct statvfs st;
    int rc;
    if (path->is_fd) {
        UNLOCKED(rc = fstatvfs(path->fd, &st));
    }
    else {
        UNLOCKED(rc = statvfs(path->narrow, &st));
    }
    return rc != 0 ? _PyPosix_PathError(path) : statvfs_result(module, &st);
}

/*sig posix.fstatvfs(module, fd: int, /)

Perform an fstatvfs system call on the given file descriptor.
*/
static PyObject *
posix_fstatvfs_impl(PyObject *module, int fd)
{
    struct statvfs st;
    int rc, pending;
    UNLOCKED_RETRY(rc, pending, fstatvfs(fd, &st));
    return retry_done(rc, pending) < 0 ? NULL : statvfs_result(module, &st);
}

/*sig posix.major(module, device: conv[_PyPosix_Dev, dev_t], /)

Extract the major number from a raw device number.
*/
static PyObject *
posix_major_impl(PyObject *module, dev_t device)
{
    (void)module;
    return PyLong_FromUnsignedLong(major(device));
}

/*sig posix.minor(module, device: conv[_PyPosix_Dev, dev_t], /)

Extract the minor number from a raw device number.
*/
static PyObject *
posix_minor_impl(PyObject *module, dev_t device)
{
    (void)module;
    return PyLong_FromUnsignedLong(minor(device));
}

/*sig posix.makedev(module, major: int, minor: int, /)

Compose a raw device number from the major and minor device numbers.
*/
static PyObject *
posix_makedev_impl(PyObject *module, int major, int minor)
{
    (void)module;
    return PyLong_FromLongLong((long long)makedev((unsigned)major, (unsigned)minor));
}

const PyMethodDef _PyPosix_StatMethods[] = {
    POSIX_STAT_METHODDEF
    POSIX_LSTAT_METHODDEF
    POSIX_FSTAT_METHODDEF
    POSIX_STATVFS_METHODDEF
    POSIX_FSTATVFS_METHODDEF
    POSIX_MAJOR_METHODDEF
    POSIX_MINOR_METHODDEF
    POSIX_MAKEDEV_METHODDEF
    {NULL, NULL}
};
