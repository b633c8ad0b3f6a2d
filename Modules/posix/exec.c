/* exec.c - other programs: execv, execve, posix_spawn.
 *
 * Arguments and environment are arrays of strings that are complete before the call; the
 * environment is that of the caller's mapping, not of the process.
 * Written from the library reference (os), the manual pages and observed messages.
 */
#include "posix.h"
#include "pycore_private_api.h" // _Py_Sigset_Converter()
#include "pycore_pystate.h"     // _PyInterpreterState_GET()

#include <sched.h>
#include <signal.h>
#include <spawn.h>

#include "sig/exec.sig.h"

void
_PyPosix_FreeArray(char **array)
{
    if (array == NULL) {
        return;
    }
    for (char **item = array; *item != NULL; item++) {
        PyMem_Free(*item);
    }
    PyMem_Free(array);
}

/* An own copy of a file name, or NULL with an error. */
static char *
copy_string(PyObject *obj)
{
    PyObject *bytes;
    if (!PyUnicode_FSConverter(obj, &bytes)) {
        return NULL;
    }
    size_t size = (size_t)PyBytes_GET_SIZE(bytes) + 1;
    char *copy = PyMem_Malloc(size);
    if (copy == NULL) {
        PyErr_NoMemory();
    }
    else {
        memcpy(copy, PyBytes_AS_STRING(bytes), size);
    }
    Py_DECREF(bytes);
    return copy;
}

/* The strings of a tuple or list; NULL with an error. */
char **
_PyPosix_StringArray(PyObject *seq, Py_ssize_t *count)
{
    assert(PyTuple_Check(seq) || PyList_Check(seq));
    /* Conversions run Python code, which may change the list. */
    PyObject *tuple = PySequence_Tuple(seq);
    if (tuple == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(tuple);
    char **array = PyMem_Calloc((size_t)n + 1, sizeof(char *));
    if (array == NULL) {
        Py_DECREF(tuple);
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        array[i] = copy_string(PyTuple_GET_ITEM(tuple, i));
        if (array[i] == NULL) {
            _PyPosix_FreeArray(array);
            Py_DECREF(tuple);
            return NULL;
        }
    }
    Py_DECREF(tuple);
    *count = n;
    return array;
}

/* "name=value", or NULL with an error. */
static char *
env_entry(PyObject *name, PyObject *value)
{
    PyObject *name_bytes, *value_bytes;
    if (!PyUnicode_FSConverter(name, &name_bytes)) {
        return NULL;
    }
    if (!PyUnicode_FSConverter(value, &value_bytes)) {
        Py_DECREF(name_bytes);
        return NULL;
    }
    char *entry = NULL;
    const char *text = PyBytes_AS_STRING(name_bytes);
    size_t name_size = (size_t)PyBytes_GET_SIZE(name_bytes);
    size_t value_size = (size_t)PyBytes_GET_SIZE(value_bytes);
    if (name_size == 0 || strchr(text + 1, '=') != NULL) {
        PyErr_SetString(PyExc_ValueError, "illegal environment variable name");
    }
    else if ((entry = PyMem_Malloc(name_size + value_size + 2)) == NULL) {
        PyErr_NoMemory();
    }
    else {
        memcpy(entry, text, name_size);
        entry[name_size] = '=';
        memcpy(entry + name_size + 1, PyBytes_AS_STRING(value_bytes), value_size + 1);
    }
    Py_DECREF(name_bytes);
    Py_DECREF(value_bytes);
    return entry;
}

/* The environment that a mapping describes; NULL with an error. */
char **
_PyPosix_EnvArray(PyObject *env)
{
    char **array = NULL;
    PyObject *values = NULL;
    PyObject *keys = PyMapping_Keys(env);
    if (keys == NULL || (values = PyMapping_Values(env)) == NULL) {
        goto done;
    }
    if (!PyList_Check(keys) || !PyList_Check(values)) {
        PyErr_SetString(PyExc_TypeError, "env.keys() or env.values() is not a list");
        goto done;
    }
    Py_ssize_t n = PyList_GET_SIZE(keys);
    if (PyList_GET_SIZE(values) != n) {
        PyErr_SetString(PyExc_RuntimeError, "environment changed size during iteration");
        goto done;
    }
    array = PyMem_Calloc((size_t)n + 1, sizeof(char *));
    if (array == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        array[i] = env_entry(PyList_GET_ITEM(keys, i), PyList_GET_ITEM(values, i));
        if (array[i] == NULL) {
            _PyPosix_FreeArray(array);
            array = NULL;
            break;
        }
    }
done:
    Py_XDECREF(keys);
    Py_XDECREF(values);
    return array;
}

static int
check_exec(void)
{
    if (!_PyInterpreterState_HasFeature(_PyInterpreterState_GET(), Py_RTFLAGS_EXEC)) {
        PyErr_SetString(PyExc_RuntimeError, "exec not supported for isolated subinterpreters");
        return -1;
    }
    return 0;
}

/* argv of execve() and posix_spawn(), complete; NULL with an error. */
static char **
get_argv(const char *function, PyObject *argv)
{
    if (!PyList_Check(argv) && !PyTuple_Check(argv)) {
        PyErr_Format(PyExc_TypeError, "%s: argv must be a tuple or list", function);
        return NULL;
    }
    Py_ssize_t count;
    char **array = _PyPosix_StringArray(argv, &count);
    if (array == NULL) {
        return NULL;
    }
    if (count == 0 || array[0][0] == '\0') {
        PyErr_Format(PyExc_ValueError,
                     count == 0 ? "%s: argv must not be empty"
                                : "%s: argv first element cannot be empty", function);
        _PyPosix_FreeArray(array);
        return NULL;
    }
    return array;
}

/*sig posix.execv(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(execv, path, 0)], argv, /)

Execute an executable path with arguments, replacing current process.

  path
    Path of executable file.
  argv
    Tuple or list of strings.
*/
static PyObject *
posix_execv_impl(PyObject *module, path_arg *path, PyObject *argv)
{
    (void)module;
    if (check_exec() < 0) {
        return NULL;
    }
    if (!PyList_Check(argv) && !PyTuple_Check(argv)) {
        PyErr_SetString(PyExc_TypeError, "execv() arg 2 must be a tuple or list");
        return NULL;
    }
    if (PySequence_Fast_GET_SIZE(argv) < 1) {
        PyErr_SetString(PyExc_ValueError, "execv() arg 2 must not be empty");
        return NULL;
    }
    Py_ssize_t count;
    char **args = _PyPosix_StringArray(argv, &count);
    if (args == NULL) {
        return NULL;
    }
    if (count < 1 || args[0][0] == '\0') {
        PyErr_SetString(PyExc_ValueError, "execv() arg 2 first element cannot be empty");
    }
    else if (PySys_Audit("os.exec", "OOO", path->object, argv, Py_None) == 0) {
        execv(path->narrow, args);
        posix_error();
    }
    _PyPosix_FreeArray(args);
    return NULL;
}

/*sig posix.execve(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(execve, path, PATH_FD)],
    argv, env)

Execute an executable path with arguments, replacing current process.

  path
    Path of executable file, or an open file descriptor of it.
  argv
    Tuple or list of strings.
  env
    Dictionary of strings mapping to strings.
*/
static PyObject *
posix_execve_impl(PyObject *module, path_arg *path, PyObject *argv, PyObject *env)
{
    (void)module;
    if (check_exec() < 0) {
        return NULL;
    }
    if (!PyList_Check(argv) && !PyTuple_Check(argv)) {
        PyErr_SetString(PyExc_TypeError, "execve: argv must be a tuple or list");
        return NULL;
    }
    if (PySequence_Fast_GET_SIZE(argv) < 1) {
        PyErr_SetString(PyExc_ValueError, "execve: argv must not be empty");
        return NULL;
    }
    if (!PyMapping_Check(env)) {
        PyErr_SetString(PyExc_TypeError, "execve: environment must be a mapping object");
        return NULL;
    }
    char **args = get_argv("execve", argv);
    char **variables = args == NULL ? NULL : _PyPosix_EnvArray(env);
    if (variables != NULL && PySys_Audit("os.exec", "OOO", path->object, argv, env) == 0) {
        if (path->is_fd) {
            errno = EBADF;
            if (path->fd >= 0) {
                fexecve(path->fd, args, variables);
            }
        }
        else {
            execve(path->narrow, args, variables);
        }
        _PyPosix_PathError(path);
    }
    _PyPosix_FreeArray(variables);
    _PyPosix_FreeArray(args);
    return NULL;
}

/* ---- posix_spawn ---- */

enum { SPAWN_OPEN, SPAWN_CLOSE, SPAWN_DUP2 };       /* os.POSIX_SPAWN_* */

/* Functions of the C library that return their error: 0, or -1 with OSError. */
static int
check_error(int error)
{
    if (error != 0) {
        errno = error;
        posix_error();
        return -1;
    }
    return 0;
}

/* Adds one action.  Paths are kept alive in `temporaries`: the C library need not copy them. */
static int
add_file_action(posix_spawn_file_actions_t *actions, PyObject *action, PyObject *temporaries)
{
    PyObject *kind_obj, *path;
    int fd, fd2, flags;
    unsigned long mode;
    if (!PyTuple_Check(action) || PyTuple_GET_SIZE(action) == 0) {
        PyErr_SetString(PyExc_TypeError,
                        "Each file_actions element must be a non-empty tuple");
        return -1;
    }
    long kind = PyLong_AsLong(PyTuple_GET_ITEM(action, 0));
    if (kind == -1 && PyErr_Occurred()) {
        return -1;
    }
    switch (kind) {
    case SPAWN_OPEN:
        if (!PyArg_ParseTuple(action, "OiO&ik;A open file_action tuple must have 5 elements",
                              &kind_obj, &fd, PyUnicode_FSConverter, &path, &flags, &mode)) {
            return -1;
        }
        int rc = PyList_Append(temporaries, path);
        Py_DECREF(path);
        if (rc < 0) {
            return -1;
        }
        return check_error(posix_spawn_file_actions_addopen(actions, fd, PyBytes_AS_STRING(path),
                                                            flags, (mode_t)mode));
    case SPAWN_CLOSE:
        if (!PyArg_ParseTuple(action, "Oi;A close file_action tuple must have 2 elements",
                              &kind_obj, &fd)) {
            return -1;
        }
        return check_error(posix_spawn_file_actions_addclose(actions, fd));
    case SPAWN_DUP2:
        if (!PyArg_ParseTuple(action, "Oii;A dup2 file_action tuple must have 3 elements",
                              &kind_obj, &fd, &fd2)) {
            return -1;
        }
        return check_error(posix_spawn_file_actions_adddup2(actions, fd, fd2));
    default:
        PyErr_SetString(PyExc_TypeError, "Unknown file_actions identifier");
        return -1;
    }
}

static int
add_file_actions(posix_spawn_file_actions_t *actions, PyObject *obj, PyObject *temporaries)
{
    PyObject *seq = PySequence_Fast(obj, "file_actions must be a sequence or None");
    if (seq == NULL) {
        return -1;
    }
    int rc = 0;
    for (Py_ssize_t i = 0; rc == 0 && i < PySequence_Fast_GET_SIZE(seq); i++) {
        PyObject *action = Py_NewRef(PySequence_Fast_GET_ITEM(seq, i));
        rc = add_file_action(actions, action, temporaries);
        Py_DECREF(action);
    }
    Py_DECREF(seq);
    return rc;
}

/* The part of the attributes that is about scheduling. */
static int
set_scheduler(posix_state *state, posix_spawnattr_t *attr, PyObject *scheduler, short *flags)
{
    if (!PyTuple_Check(scheduler) || PyTuple_GET_SIZE(scheduler) != 2) {
        PyErr_SetString(PyExc_TypeError, "A scheduler tuple must have two elements");
        return -1;
    }
    struct sched_param param = {0};
    PyObject *policy_obj = PyTuple_GET_ITEM(scheduler, 0);
    if (_PyPosix_SchedParam(state, PyTuple_GET_ITEM(scheduler, 1), &param.sched_priority) < 0) {
        return -1;
    }
    if (policy_obj != Py_None) {
        int policy = _PyLong_AsInt(policy_obj);
        if (policy == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (check_error(posix_spawnattr_setschedpolicy(attr, policy)) < 0) {
            return -1;
        }
        *flags |= POSIX_SPAWN_SETSCHEDULER;
    }
    *flags |= POSIX_SPAWN_SETSCHEDPARAM;
    return check_error(posix_spawnattr_setschedparam(attr, &param));
}

typedef struct {
    const char *function;
    int search_path;            /* posix_spawnp() */
    const path_arg *path;
    PyObject *argv, *env, *file_actions, *setpgroup;    /* the last: NULL if not given */
    int resetids, setsid;
    PyObject *setsigmask, *setsigdef, *scheduler;
} spawn_args;

/* Fills the attributes: 0, or -1 with an error. */
static int
set_attributes(posix_state *state, posix_spawnattr_t *attr, const spawn_args *a)
{
    sigset_t set;
    short flags = 0;
    if (a->setpgroup != NULL) {
        pid_t group = PyLong_AsPid(a->setpgroup);
        if ((group == (pid_t)-1 && PyErr_Occurred())
            || check_error(posix_spawnattr_setpgroup(attr, group)) < 0) {
            return -1;
        }
        flags |= POSIX_SPAWN_SETPGROUP;
    }
    if (a->resetids) {
        flags |= POSIX_SPAWN_RESETIDS;
    }
    if (a->setsid) {
        flags |= POSIX_SPAWN_SETSID;
    }
    if (a->setsigmask != NULL) {
        if (!_Py_Sigset_Converter(a->setsigmask, &set)
            || check_error(posix_spawnattr_setsigmask(attr, &set)) < 0) {
            return -1;
        }
        flags |= POSIX_SPAWN_SETSIGMASK;
    }
    if (a->setsigdef != NULL) {
        if (!_Py_Sigset_Converter(a->setsigdef, &set)
            || check_error(posix_spawnattr_setsigdefault(attr, &set)) < 0) {
            return -1;
        }
        flags |= POSIX_SPAWN_SETSIGDEF;
    }
    if (a->scheduler != NULL && set_scheduler(state, attr, a->scheduler, &flags) < 0) {
        return -1;
    }
    return check_error(posix_spawnattr_setflags(attr, flags));
}

/* The call itself, once argv and environment are there. */
static PyObject *
spawn_with(posix_state *state, const spawn_args *a, char **argv, char **variables)
{
    PyObject *result = NULL;
    PyObject *temporaries = NULL;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    pid_t pid;
    if (check_error(posix_spawn_file_actions_init(&actions)) < 0) {
        return NULL;
    }
    if (check_error(posix_spawnattr_init(&attr)) < 0) {
        posix_spawn_file_actions_destroy(&actions);
        return NULL;
    }
    if (a->file_actions != NULL && a->file_actions != Py_None) {
        temporaries = PyList_New(0);
        if (temporaries == NULL
            || add_file_actions(&actions, a->file_actions, temporaries) < 0) {
            goto done;
        }
    }
    if (set_attributes(state, &attr, a) < 0
        || PySys_Audit("os.posix_spawn", "OOO", a->path->object, a->argv, a->env) < 0) {
        goto done;
    }
    int error = (a->search_path ? posix_spawnp : posix_spawn)(
        &pid, a->path->narrow, &actions, &attr, argv, variables);
    if (error != 0) {
        errno = error;
        _PyPosix_PathError(a->path);
    }
    else {
        result = PyLong_FromPid(pid);
    }
done:
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    Py_XDECREF(temporaries);
    return result;
}

static PyObject *
spawn(PyObject *module, const spawn_args *a)
{
    if (!PyList_Check(a->argv) && !PyTuple_Check(a->argv)) {
        PyErr_Format(PyExc_TypeError, "%s: argv must be a tuple or list", a->function);
        return NULL;
    }
    if (PySequence_Fast_GET_SIZE(a->argv) < 1) {
        PyErr_Format(PyExc_ValueError, "%s: argv must not be empty", a->function);
        return NULL;
    }
    if (!PyMapping_Check(a->env)) {
        PyErr_Format(PyExc_TypeError, "%s: environment must be a mapping object", a->function);
        return NULL;
    }
    PyObject *result = NULL;
    char **argv = get_argv(a->function, a->argv);
    char **variables = argv == NULL ? NULL : _PyPosix_EnvArray(a->env);
    if (variables != NULL) {
        result = spawn_with(posix_get_state(module), a, argv, variables);
    }
    _PyPosix_FreeArray(variables);
    _PyPosix_FreeArray(argv);
    return result;
}

/*sig posix.posix_spawn(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(posix_spawn, path, 0)],
    argv, env, /, *, file_actions: object = c"NULL" py"()", setpgroup: object = NULL,
    resetids: bool = False, setsid: bool = False, setsigmask: object = c"NULL" py"()",
    setsigdef: object = c"NULL" py"()", scheduler: object = NULL)

Execute the program specified by path in a new process.

  path
    Path of executable file.
  argv
    Tuple or list of strings.
  env
    Dictionary of strings mapping to strings.
  file_actions
    A sequence of file action tuples.
  setpgroup
    The pgroup to use with the POSIX_SPAWN_SETPGROUP flag.
  resetids
    If the value is True the POSIX_SPAWN_RESETIDS will be activated.
  setsid
    If the value is True the POSIX_SPAWN_SETSID flag will be activated.
  setsigmask
    The sigmask to use with the POSIX_SPAWN_SETSIGMASK flag.
  setsigdef
    The sigmask to use with the POSIX_SPAWN_SETSIGDEF flag.
  scheduler
    A tuple with the scheduler policy (optional) and parameters.
*/
static PyObject *
posix_posix_spawn_impl(PyObject *module, path_arg *path, PyObject *argv, PyObject *env,
                       PyObject *file_actions, PyObject *setpgroup, int resetids, int setsid,
                       PyObject *setsigmask, PyObject *setsigdef, PyObject *scheduler)
{
    const spawn_args a = {"posix_spawn", 0, path, argv, env, file_actions, setpgroup, resetids,
                          setsid, setsigmask, setsigdef, scheduler};
    return spawn(module, &a);
}

/*sig posix.posix_spawnp(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(posix_spawnp, path, 0)],
    argv, env, /, *, file_actions: object = c"NULL" py"()", setpgroup: object = NULL,
    resetids: bool = False, setsid: bool = False, setsigmask: object = c"NULL" py"()",
    setsigdef: object = c"NULL" py"()", scheduler: object = NULL)

Execute the program specified by path in a new process, as posix_spawn() does.

A path without slash is searched for in the directories of PATH.
*/
static PyObject *
posix_posix_spawnp_impl(PyObject *module, path_arg *path, PyObject *argv, PyObject *env,
                        PyObject *file_actions, PyObject *setpgroup, int resetids, int setsid,
                        PyObject *setsigmask, PyObject *setsigdef, PyObject *scheduler)
{
    const spawn_args a = {"posix_spawnp", 1, path, argv, env, file_actions, setpgroup, resetids,
                          setsid, setsigmask, setsigdef, scheduler};
    return spawn(module, &a);
}

const PyMethodDef _PyPosix_ExecMethods[] = {
    POSIX_EXECV_METHODDEF
    POSIX_EXECVE_METHODDEF
    POSIX_POSIX_SPAWN_METHODDEF
    POSIX_POSIX_SPAWNP_METHODDEF
    {NULL, NULL}
};
