/* xattr.c - extended attributes of files.
 * Written from the library reference (os) and xattr(7).
 */
#include "posix.h"

#include <linux/limits.h>
#include <sys/xattr.h>

#include "sig/xattr.sig.h"

/* A call that wants a buffer of unknown size: small first, then the largest there is. */
static const size_t buffer_sizes[] = {256, XATTR_SIZE_MAX};

/*sig posix.getxattr(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(getxattr, path, PATH_FD)],
    attribute: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(getxattr, attribute, 0)],
    *, follow_symlinks: bool = True)

Return the value of extended attribute attribute on path.

path may be either a string, a path-like object, or an open file descriptor.
If follow_symlinks is False, and the last element of the path is a symbolic
link, getxattr will examine the symbolic link itself instead of the file the
link points to.
*/
static PyObject *
posix_getxattr_impl(PyObject *module, path_arg *path, path_arg *attribute, int follow_symlinks)
{
    (void)module;
    if (_PyPosix_CheckFollow("getxattr", path, follow_symlinks) < 0
        || PySys_Audit("os.getxattr", "OO", path->object, attribute->object) < 0) {
        return NULL;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(buffer_sizes); i++) {
        size_t size = buffer_sizes[i];
        PyObject *buffer = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
        if (buffer == NULL) {
            return NULL;
        }
        char *value = PyBytes_AS_STRING(buffer);
        const char *name = attribute->narrow;
        ssize_t n;
        UNLOCKED({
            n = path->is_fd ? fgetxattr(path->fd, name, value, size)
                : follow_symlinks ? getxattr(path->narrow, name, value, size)
                                  : lgetxattr(path->narrow, name, value, size);
        });
        if (n >= 0) {
            if ((size_t)n != size) {
                _PyBytes_Resize(&buffer, n);
            }
            return buffer;
        }
        int saved_errno = errno;
        Py_DECREF(buffer);
        errno = saved_errno;
        if (errno != ERANGE) {
            break;
        }
    }
    return _PyPosix_PathError(path);
}

/*sig posix.setxattr(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(setxattr, path, PATH_FD)],
    attribute: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(setxattr, attribute, 0)],
    value: buffer, flags: int = 0, *, follow_symlinks: bool = True) -> None

Set extended attribute attribute on path to value.

path may be either a string, a path-like object,  or an open file descriptor.
If follow_symlinks is False, and the last element of the path is a symbolic
link, setxattr will modify the symbolic link itself instead of the file the
link points to.
*/
static int
posix_setxattr_impl(PyObject *module, path_arg *path, path_arg *attribute, Py_buffer *value,
                    int flags, int follow_symlinks)
{
    (void)module;
    int rc;
    if (_PyPosix_CheckFollow("setxattr", path, follow_symlinks) < 0
        || PySys_Audit("os.setxattr", "OOy#i", path->object, attribute->object, value->buf,
                       value->len, flags) < 0) {
        return -1;
    }
    const char *name = attribute->narrow;
    const void *data = value->buf;
    size_t size = (size_t)value->len;
    UNLOCKED({
        rc = path->is_fd ? fsetxattr(path->fd, name, data, size, flags)
             : follow_symlinks ? setxattr(path->narrow, name, data, size, flags)
                               : lsetxattr(path->narrow, name, data, size, flags);
    });
    return path_done(rc, path);
}

/*sig posix.removexattr(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(removexattr, path, PATH_FD)],
    attribute: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone,
                    PATH(removexattr, attribute, 0)],
    *, follow_symlinks: bool = True) -> None

Remove extended attribute attribute on path.

path may be either a string, a path-like object, or an open file descriptor.
If follow_symlinks is False, and the last element of the path is a symbolic
link, removexattr will modify the symbolic link itself instead of the file the
link points to.
*/
static int
posix_removexattr_impl(PyObject *module, path_arg *path, path_arg *attribute,
                       int follow_symlinks)
{
    (void)module;
    int rc;
    if (_PyPosix_CheckFollow("removexattr", path, follow_symlinks) < 0
        || PySys_Audit("os.removexattr", "OO", path->object, attribute->object) < 0) {
        return -1;
    }
    const char *name = attribute->narrow;
    UNLOCKED({
        rc = path->is_fd ? fremovexattr(path->fd, name)
             : follow_symlinks ? removexattr(path->narrow, name)
                               : lremovexattr(path->narrow, name);
    });
    return path_done(rc, path);
}

/* The names of a list in which each ends with NUL. */
static PyObject *
split_names(const char *text, size_t size)
{
    PyObject *list = PyList_New(0);
    const char *end = text + size;
    while (list != NULL && text < end) {
        size_t length = strnlen(text, (size_t)(end - text));
        PyObject *name = PyUnicode_DecodeFSDefaultAndSize(text, (Py_ssize_t)length);
        if (name == NULL || PyList_Append(list, name) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(name);
        text += length + 1;
    }
    return list;
}

/*sig posix.listxattr(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone,
               PATH(listxattr, path, PATH_FD | PATH_NULLABLE)]
        = c"PATH(listxattr, path, PATH_FD | PATH_NULLABLE)" py"None",
    *, follow_symlinks: bool = True)

Return a list of extended attributes on path.

path may be either None, a string, a path-like object, or an open file
descriptor; None means the current directory.  If follow_symlinks is False,
and the last element of the path is a symbolic link, listxattr will examine
the symbolic link itself instead of the file the link points to.
*/
static PyObject *
posix_listxattr_impl(PyObject *module, path_arg *path, int follow_symlinks)
{
    (void)module;
    if (_PyPosix_CheckFollow("listxattr", path, follow_symlinks) < 0
        || PySys_Audit("os.listxattr", "(O)", path_shown(path)) < 0) {
        return NULL;
    }
    const char *name = path->narrow != NULL ? path->narrow : ".";
    for (size_t i = 0; i < Py_ARRAY_LENGTH(buffer_sizes); i++) {
        size_t size = buffer_sizes[i];
        char *buffer = PyMem_Malloc(size);
        if (buffer == NULL) {
            return PyErr_NoMemory();
        }
        ssize_t n;
        UNLOCKED({
            n = path->is_fd ? flistxattr(path->fd, buffer, size)
                : follow_symlinks ? listxattr(name, buffer, size)
                                  : llistxattr(name, buffer, size);
        });
        int saved_errno = errno;
        PyObject *list = n < 0 ? NULL : split_names(buffer, (size_t)n);
        PyMem_Free(buffer);
        if (n >= 0) {
            return list;
        }
        errno = saved_errno;
        if (errno != ERANGE) {
            break;
        }
    }
    return _PyPosix_PathError(path);
}

const PyMethodDef _PyPosix_XattrMethods[] = {
    POSIX_GETXATTR_METHODDEF
    POSIX_SETXATTR_METHODDEF
    POSIX_REMOVEXATTR_METHODDEF
    POSIX_LISTXATTR_METHODDEF
    {NULL, NULL}
};
