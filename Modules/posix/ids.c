/* ids.c - users, groups, processes and sessions by their ids.
 *
 * -1 is "leave it as it is" for the functions that set ids, and is shown as -1, not as the largest
 * unsigned number.
 * Written from the library reference (os), the manual pages and observed messages.
 */
#include "posix.h"
#include "pycore_private_api.h" // _Py_Uid_Converter()

#include <grp.h>
#include <limits.h>

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

/*sig posix.getuid(module)

Return the current process's user id.
*/
static PyObject *
posix_getuid_impl(PyObject *module)
{
    (void)module;
    return _PyLong_FromUid(getuid());
}

/*sig posix.geteuid(module)

Return the current process's effective user id.
*/
static PyObject *
posix_geteuid_impl(PyObject *module)
{
    (void)module;
    return _PyLong_FromUid(geteuid());
}

/*sig posix.getgid(module)

Return the current process's group id.
*/
static PyObject *
posix_getgid_impl(PyObject *module)
{
    (void)module;
    return _PyLong_FromGid(getgid());
}

/*sig posix.getegid(module)

Return the current process's effective group id.
*/
static PyObject *
posix_getegid_impl(PyObject *module)
{
    (void)module;
    return _PyLong_FromGid(getegid());
}

/*sig posix.getpgrp(module)

Return the current process group id.
*/
static PyObject *
posix_getpgrp_impl(PyObject *module)
{
    (void)module;
    return PyLong_FromPid(getpgrp());
}

/*sig posix.setuid(module, uid: conv[_Py_Uid_Converter, uid_t], /) -> None

Set the current process's user id.
*/
static int
posix_setuid_impl(PyObject *module, uid_t uid)
{
    (void)module;
    return posix_done(setuid(uid));
}

/*sig posix.seteuid(module, euid: conv[_Py_Uid_Converter, uid_t], /) -> None

Set the current process's effective user id.
*/
static int
posix_seteuid_impl(PyObject *module, uid_t euid)
{
    (void)module;
    return posix_done(seteuid(euid));
}

/*sig posix.setgid(module, gid: conv[_Py_Gid_Converter, gid_t], /) -> None

Set the current process's group id.
*/
static int
posix_setgid_impl(PyObject *module, gid_t gid)
{
    (void)module;
    return posix_done(setgid(gid));
}

/*sig posix.setegid(module, egid: conv[_Py_Gid_Converter, gid_t], /) -> None

Set the current process's effective group id.
*/
static int
posix_setegid_impl(PyObject *module, gid_t egid)
{
    (void)module;
    return posix_done(setegid(egid));
}

/*sig posix.setreuid(module,
                   ruid: conv[_Py_Uid_Converter, uid_t],
                   euid: conv[_Py_Uid_Converter, uid_t], /) -> None

Set the current process's real and effective user ids.
*/
static int
posix_setreuid_impl(PyObject *module, uid_t ruid, uid_t euid)
{
    (void)module;
    return posix_done(setreuid(ruid, euid));
}

/*sig posix.setregid(module,
                   rgid: conv[_Py_Gid_Converter, gid_t],
                   egid: conv[_Py_Gid_Converter, gid_t], /) -> None

Set the current process's real and effective group ids.
*/
static int
posix_setregid_impl(PyObject *module, gid_t rgid, gid_t egid)
{
    (void)module;
    return posix_done(setregid(rgid, egid));
}

/*sig posix.setresuid(module,
                   ruid: conv[_Py_Uid_Converter, uid_t],
                   euid: conv[_Py_Uid_Converter, uid_t],
                   suid: conv[_Py_Uid_Converter, uid_t], /) -> None

Set the current process's real, effective, and saved user ids.
*/
static int
posix_setresuid_impl(PyObject *module, uid_t ruid, uid_t euid, uid_t suid)
{
    (void)module;
    return posix_done(setresuid(ruid, euid, suid));
}

/*sig posix.setresgid(module,
                   rgid: conv[_Py_Gid_Converter, gid_t],
                   egid: conv[_Py_Gid_Converter, gid_t],
                   sgid: conv[_Py_Gid_Converter, gid_t], /) -> None

Set the current process's real, effective, and saved group ids.
*/
static int
posix_setresgid_impl(PyObject *module, gid_t rgid, gid_t egid, gid_t sgid)
{
    (void)module;
    return posix_done(setresgid(rgid, egid, sgid));
}

/*sig posix.setpgid(module,
                   pid: conv[_PyPosix_Pid, pid_t],
                   pgrp: conv[_PyPosix_Pid, pid_t], /) -> None

Call the system call setpgid(pid, pgrp).
*/
static int
posix_setpgid_impl(PyObject *module, pid_t pid, pid_t pgrp)
{
    (void)module;
    return posix_done(setpgid(pid, pgrp));
}

/*sig posix.setpgrp(module) -> None

Make the current process the leader of its process group.
*/
static int
posix_setpgrp_impl(PyObject *module)
{
    (void)module;
    return posix_done(setpgrp());
}

/*sig posix.setsid(module) -> None

Call the system call setsid().
*/
static int
posix_setsid_impl(PyObject *module)
{
    (void)module;
    return posix_done(setsid());
}

/*sig posix.getpgid(module, pid: conv[_PyPosix_Pid, pid_t])

Call the system call getpgid(), and return the result.
*/
static PyObject *
posix_getpgid_impl(PyObject *module, pid_t pid)
{
    (void)module;
    pid_t result = getpgid(pid);
    return result < 0 ? posix_error() : PyLong_FromPid(result);
}

/*sig posix.getsid(module, pid: conv[_PyPosix_Pid, pid_t], /)

Call the system call getsid(pid) and return the result.
*/
static PyObject *
posix_getsid_impl(PyObject *module, pid_t pid)
{
    (void)module;
    pid_t result = getsid(pid);
    return result < 0 ? posix_error() : PyLong_FromPid(result);
}

/* A tuple of three ids; takes over the references, each of which may be NULL with an error. */
static PyObject *
three_ids(PyObject *real, PyObject *effective, PyObject *saved)
{
    return Py_BuildValue("(NNN)", real, effective, saved);
}

/*sig posix.getresuid(module)

Return a tuple of the current process's real, effective, and saved user ids.
*/
static PyObject *
posix_getresuid_impl(PyObject *module)
{
    (void)module;
    uid_t real, effective, saved;
    if (getresuid(&real, &effective, &saved) < 0) {
        return posix_error();
    }
    return three_ids(_PyLong_FromUid(real), _PyLong_FromUid(effective), _PyLong_FromUid(saved));
}

/*sig posix.getresgid(module)

Return a tuple of the current process's real, effective, and saved group ids.
*/
static PyObject *
posix_getresgid_impl(PyObject *module)
{
    (void)module;
    gid_t real, effective, saved;
    if (getresgid(&real, &effective, &saved) < 0) {
        return posix_error();
    }
    return three_ids(_PyLong_FromGid(real), _PyLong_FromGid(effective), _PyLong_FromGid(saved));
}

/* ---- supplementary groups ---- */

static PyObject *
list_of_groups(const gid_t *groups, int n)
{
    PyObject *list = PyList_New(n);
    for (int i = 0; list != NULL && i < n; i++) {
        PyObject *gid = _PyLong_FromGid(groups[i]);
        if (gid == NULL) {
            Py_CLEAR(list);
        }
        else {
            PyList_SET_ITEM(list, i, gid);
        }
    }
    return list;
}

/*sig posix.getgroups(module)

Return list of supplemental group IDs for the process.
*/
static PyObject *
posix_getgroups_impl(PyObject *module)
{
    (void)module;
    for (;;) {
        int n = getgroups(0, NULL);
        if (n < 0) {
            return posix_error();
        }
        gid_t *groups = PyMem_New(gid_t, n + 1);
        if (groups == NULL) {
            return PyErr_NoMemory();
        }
        int found = n == 0 ? 0 : getgroups(n, groups);
        if (found >= 0) {
            PyObject *list = list_of_groups(groups, found);
            PyMem_Free(groups);
            return list;
        }
        PyMem_Free(groups);
        if (errno != EINVAL) {      /* there are more of them since the first call */
            return posix_error();
        }
    }
}

/*sig posix.setgroups(module, groups, /) -> None

Set the groups of the current process to list.
*/
static int
posix_setgroups_impl(PyObject *module, PyObject *groups)
{
    (void)module;
    if (!PySequence_Check(groups)) {
        PyErr_SetString(PyExc_TypeError, "setgroups argument must be a sequence");
        return -1;
    }
    Py_ssize_t n = PySequence_Size(groups);
    if (n < 0) {
        return -1;
    }
    if (n > NGROUPS_MAX) {
        PyErr_SetString(PyExc_ValueError, "too many groups");
        return -1;
    }
    gid_t *array = PyMem_New(gid_t, n + 1);
    if (array == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int rc = -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = PySequence_GetItem(groups, i);
        if (item == NULL) {
            goto done;
        }
        int ok = PyLong_Check(item);
        if (!ok) {
            PyErr_SetString(PyExc_TypeError, "groups must be integers");
        }
        else {
            ok = _Py_Gid_Converter(item, &array[i]);
        }
        Py_DECREF(item);
        if (!ok) {
            goto done;
        }
    }
    rc = posix_done(setgroups((size_t)n, array));
done:
    PyMem_Free(array);
    return rc;
}

/*sig posix.getgrouplist(module, user: utf8, group: conv[_Py_Gid_Converter, gid_t], /)

Returns a list of groups to which a user belongs.

  user
    username to lookup
  group
    base group id of the user
*/
static PyObject *
posix_getgrouplist_impl(PyObject *module, const char *user, gid_t group)
{
    (void)module;
    int room = 64;
    for (;;) {
        gid_t *groups = PyMem_New(gid_t, room);
        if (groups == NULL) {
            return PyErr_NoMemory();
        }
        int n = room;
        if (getgrouplist(user, group, groups, &n) >= 0) {
            PyObject *list = list_of_groups(groups, n);
            PyMem_Free(groups);
            return list;
        }
        PyMem_Free(groups);
        if (room > INT_MAX / 4) {
            errno = ERANGE;
            return posix_error();
        }
        room = n > room ? n : room * 2;
    }
}

/*sig posix.initgroups(module, username: path, gid: conv[_Py_Gid_Converter, gid_t], /) -> None

Initialize the group access list.

Call the system initgroups() to initialize the group access list with all of
the groups of which the specified username is a member, plus the specified
group id.
*/
static int
posix_initgroups_impl(PyObject *module, PyObject *username, gid_t gid)
{
    (void)module;
    return posix_done(initgroups(PyBytes_AS_STRING(username), gid));
}

/*sig posix.getlogin(module)

Return the actual login name.
*/
static PyObject *
posix_getlogin_impl(PyObject *module)
{
    (void)module;
    char name[LOGIN_NAME_MAX + 1];
    int error = getlogin_r(name, sizeof(name));
    if (error != 0) {
        errno = error;
        return posix_error();
    }
    return PyUnicode_DecodeFSDefault(name);
}

const PyMethodDef _PyPosix_IdMethods[] = {
    POSIX_GETPID_METHODDEF
    POSIX_GETPPID_METHODDEF
    POSIX_GETUID_METHODDEF
    POSIX_GETEUID_METHODDEF
    POSIX_GETGID_METHODDEF
    POSIX_GETEGID_METHODDEF
    POSIX_GETPGRP_METHODDEF
    POSIX_SETUID_METHODDEF
    POSIX_SETEUID_METHODDEF
    POSIX_SETGID_METHODDEF
    POSIX_SETEGID_METHODDEF
    POSIX_SETREUID_METHODDEF
    POSIX_SETREGID_METHODDEF
    POSIX_SETRESUID_METHODDEF
    POSIX_SETRESGID_METHODDEF
    POSIX_SETPGID_METHODDEF
    POSIX_SETPGRP_METHODDEF
    POSIX_SETSID_METHODDEF
    POSIX_GETPGID_METHODDEF
    POSIX_GETSID_METHODDEF
    POSIX_GETRESUID_METHODDEF
    POSIX_GETRESGID_METHODDEF
    POSIX_GETGROUPS_METHODDEF
    POSIX_SETGROUPS_METHODDEF
    POSIX_GETGROUPLIST_METHODDEF
    POSIX_INITGROUPS_METHODDEF
    POSIX_GETLOGIN_METHODDEF
    {NULL, NULL}
};
