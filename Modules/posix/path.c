/* path.c - arguments of the functions of posix: paths, directory descriptors, ids; and the
 * errors that name them.
 *
 * A path may be a descriptor, and -1 is one like any other: EBADF.  (CPython 3.12 takes it for no
 * path at all: EFAULT, the current directory, or a crash in pathconf().)
 * A path_arg owns `object` and `bytes`; it is emptied by _PyPosix_PathDone() whether or not it
 * was filled.
 * Written from the library reference (os) and observed messages.
 */
#include "posix.h"
#include "pycore_object.h"      // _PyObject_LookupSpecial()
#include "pycore_private_api.h"
#include "pycore_strings.h"     // _Py_ID()

/* A descriptor from an int-like object: 1, or 0 with an error set. */
static int
convert_fd(PyObject *obj, int *fd)
{
    int overflow;
    PyObject *index = PyNumber_Index(obj);
    if (index == NULL) {
        return 0;
    }
    long value = PyLong_AsLongAndOverflow(index, &overflow);
    Py_DECREF(index);
    if (overflow > 0 || value > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "fd is greater than maximum");
        return 0;
    }
    if (overflow < 0 || value < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "fd is less than minimum");
        return 0;
    }
    *fd = (int)value;
    return 1;
}

/* The result of __fspath__, str or bytes: new reference, or NULL, without an exception if the
   object is not path-like. */
static PyObject *
path_of_object(PyObject *obj)
{
    PyObject *func = _PyObject_LookupSpecial(obj, &_Py_ID(__fspath__));
    if (func == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallNoArgs(func);
    Py_DECREF(func);
    if (result != NULL && !PyUnicode_Check(result) && !PyBytes_Check(result)) {
        PyErr_Format(PyExc_TypeError,
                     "expected %.200s.__fspath__() to return str or bytes, not %.200s",
                     _PyType_Name(Py_TYPE(obj)), _PyType_Name(Py_TYPE(result)));
        Py_CLEAR(result);
    }
    return result;
}

static void
wrong_path_type(const path_arg *path, PyObject *obj)
{
    static const char *const wanted[] = {
        "string, bytes or os.PathLike",
        "string, bytes, os.PathLike or integer",
        "string, bytes, os.PathLike or None",
        "string, bytes, os.PathLike, integer or None",
    };
    assert(path->flags >= 0 && path->flags < 4);
    PyErr_Format(PyExc_TypeError, "%s: %s should be %s, not %.200s", path->function,
                 path->argument, wanted[path->flags], _PyType_Name(Py_TYPE(obj)));
}

/* Converter: 1, or 0 with an exception. */
int
_PyPosix_Path(PyObject *obj, path_arg *path)
{
    assert(path->object == NULL && path->bytes == NULL);
    if (obj == Py_None && (path->flags & PATH_NULLABLE)) {
        return 1;
    }
    if (PyUnicode_Check(obj) || PyBytes_Check(obj)) {
        path->object = Py_NewRef(obj);
    }
    else if ((path->flags & PATH_FD) && PyIndex_Check(obj)) {
        if (!convert_fd(obj, &path->fd)) {
            return 0;
        }
        path->is_fd = 1;
        path->object = Py_NewRef(obj);
        return 1;
    }
    else {
        path->object = path_of_object(obj);
        if (path->object == NULL) {
            if (!PyErr_Occurred()) {
                wrong_path_type(path, obj);
            }
            return 0;
        }
    }
    if (PyUnicode_Check(path->object)) {
        if (!PyUnicode_FSConverter(path->object, &path->bytes)) {
            path->bytes = NULL;
            return 0;
        }
    }
    else {
        path->bytes = Py_NewRef(path->object);
    }
    path->narrow = PyBytes_AS_STRING(path->bytes);
    if (strlen(path->narrow) != (size_t)PyBytes_GET_SIZE(path->bytes)) {
        PyErr_Format(PyExc_ValueError, "%s: embedded null character in %s", path->function,
                     path->argument);
        return 0;
    }
    return 1;
}

void
_PyPosix_PathDone(path_arg *path)
{
    path->narrow = NULL;
    Py_CLEAR(path->object);
    Py_CLEAR(path->bytes);
}

/* Converter for dir_fd. */
int
_PyPosix_DirFd(PyObject *obj, int *fd)
{
    if (obj == Py_None) {
        *fd = AT_FDCWD;
        return 1;
    }
    if (PyIndex_Check(obj)) {
        return convert_fd(obj, fd);
    }
    PyErr_Format(PyExc_TypeError, "argument should be integer or None, not %.200s",
                 _PyType_Name(Py_TYPE(obj)));
    return 0;
}

/* Converter for process ids. */
int
_PyPosix_Pid(PyObject *obj, pid_t *pid)
{
    Py_BUILD_ASSERT(sizeof(pid_t) == sizeof(int));
    return PyArg_Parse(obj, "i", pid);
}

/* Converter for device numbers. */
int
_PyPosix_Dev(PyObject *obj, dev_t *dev)
{
    *dev = PyLong_AsUnsignedLongLong(obj);
    return !(*dev == (dev_t)-1 && PyErr_Occurred());
}

int
_PyPosix_CheckDirFd(const char *function, const path_arg *path, int dir_fd)
{
    if (dir_fd == AT_FDCWD || (path->narrow != NULL && !path->is_fd)) {
        return 0;
    }
    PyErr_Format(PyExc_ValueError, "%s: can't specify dir_fd without matching path", function);
    return -1;
}

int
_PyPosix_CheckFollow(const char *function, const path_arg *path, int follow_symlinks)
{
    if (follow_symlinks || !path->is_fd) {
        return 0;
    }
    PyErr_Format(PyExc_ValueError, "%s: cannot use fd and follow_symlinks together", function);
    return -1;
}

PyObject *
_PyPosix_PathError(const path_arg *path)
{
    return PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path->object);
}

PyObject *
_PyPosix_PathError2(const path_arg *path, const path_arg *path2)
{
    return PyErr_SetFromErrnoWithFilenameObjects(PyExc_OSError, path->object, path2->object);
}
