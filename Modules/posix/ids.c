/* ids.c - users, groups, processes and sessions by their ids.
 *
 * -1 is "leave it as it is" for the functions that set ids, and is shown as -1, not as the largest
 * unsigned number.
 * Written from the library reference (os), the manual pages and observed messages.
 */
#include "posix.h"
#include "pycore_private_api.h" // _Py_Uid_Converter()

#include "sig/ids.sig.h"

/* uid_t and gid_t are both 32 bits wide. */
static int
convert_id(PyObject *obj, uint32_t *id, const char *what)
{
    Py_BUILD_ASSERT(sizeof(uid_t) == 4 && sizeof(gid_t) == 4);
    PyObject *index = PyIndex_Check(obj) ? PyNumber_Index(obj) : NULL;
    if (index == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "%s should be integer, not %.200s", what,
                         _PyType_Name(Py_TYPE(obj)));
        }
        return 0;
    }
    int overflow;
    long value = PyLong_AsLongAndOverflow(index, &overflow);
    Py_DECREF(index);
    if (overflow > 0) {
        PyErr_Format(PyExc_OverflowError, "%s is greater than maximum", what);
        return 0;
    }
    if (overflow < 0 || value < -1 || value > (long)UINT32_MAX) {
        PyErr_Format(PyExc_OverflowError, "%s is less than minimum", what);
        return 0;
    }
    *id = (uint32_t)value;
    return 1;
}

int
_Py_Uid_Converter(PyObject *obj, uid_t *uid)
{
    return convert_id(obj, uid, "uid");
}

int
_Py_Gid_Converter(PyObject *obj, gid_t *gid)
{
    return convert_id(obj, gid, "gid");
}

PyObject *
_PyLong_FromUid(uid_t uid)
{
    return uid == (uid_t)-1 ? PyLong_FromLong(-1) : PyLong_FromUnsignedLong(uid);
}

PyObject *
_PyLong_FromGid(gid_t gid)
{
    return gid == (gid_t)-1 ? PyLong_FromLong(-1) : PyLong_FromUnsignedLong(gid);
}

/*sig posix.getpid(module)

Return the current process id.
*/
static PyObject *
posix_getpid_impl(PyObject *module)
{
    (void)module;
    return PyLong_FromPid(getpid());
}

/*sig posix.getppid(module)

Return the parent's process id.

If the parent process has already exited, this is the id of the process that
adopted the current one.
*/
static PyObject *
posix_getppid_impl(PyObject *module)
{
    (void)module;
    return PyLong_FromPid(getppid());
}

const PyMethodDef _PyPosix_IdMethods[] = {
    POSIX_GETPID_METHODDEF
    POSIX_GETPPID_METHODDEF
    {NULL, NULL}
};
