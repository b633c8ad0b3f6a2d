/* _posixsubprocess: fork_exec(), by which subprocess starts programs.
 *
 * The parent does everything that needs memory or Python before it forks (struct spawn); the child
 * calls async-signal-safe functions only, but for preexec_fn, which is Python code by the wish
 * of its caller.  Without one the child may be started by vfork(): it then shares the memory of
 * the parent, which waits, so it writes to nothing but its own locals; signals are blocked
 * meanwhile so that no handler runs in it.
 * What fails in the child is told through errpipe_write as "OSError:<errno in hex>:<text>", where
 * the text "noexec" says that it failed before exec.
 *
 * Written from the library reference (subprocess), POSIX, Linux manual pages, what
 * Lib/subprocess.py of 3.12.1 reads from the pipe, and observed behaviour of 3.12.
 */
#include "Python.h"
#include "pycore_fileutils.h"   // _Py_closerange()
#include "pycore_interp.h"      // _INTERP_EXITING
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_private_api.h" // _Py_Uid_Converter()
#include "pycore_pystate.h"     // _PyInterpreterState_GET()

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define MAX_GROUPS 65536

struct spawn {
    /* made from the arguments, to be released */
    char **argv;
    char *const *exec_array;
    char *const *envp;
    PyObject *cwd_bytes;
    PyObject *preexec_args;     /* () if there is a preexec_fn */
    gid_t *groups;
    int *keep;                  /* ascending */
    /* plain */
    Py_ssize_t n_groups;        /* -1: leave the groups alone */
    Py_ssize_t n_keep;
    const char *cwd;
    PyObject *preexec_fn;
    int p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write;
    int close_fds, restore_signals, call_setsid, child_umask;
    pid_t pgid;
    gid_t gid;
    uid_t uid;
    sigset_t *old_mask;         /* to set in the child, or NULL */
};

/* ----------------------------------------------------------------------------- the child */

static void
write_all(int fd, const char *text, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, text, n);
        if (done < 0) {
            if (errno == EINTR) {
                continue;
            }
            return;             /* nobody is left to be told */
        }
        text += done;
        n -= (size_t)done;
    }
}

static void
report(int fd, int err, const char *text)
{
    char hex[2 * sizeof(int) + 1];
    char *p = hex + sizeof(hex);
    unsigned value = (unsigned)err;
    *--p = ':';
    do {
        assert(p > hex);
        *--p = "0123456789ABCDEF"[value & 15];
        value >>= 4;
    } while (value != 0);
    write_all(fd, "OSError:", 8);
    write_all(fd, p, (size_t)(hex + sizeof(hex) - p));
    write_all(fd, text, strlen(text));
}

/* 0, or -1 with errno. */
static int
set_inheritable(int fd)
{
    int flags = fcntl(fd, F_GETFD);
    if (flags < 0) {
        return -1;
    }
    return flags & FD_CLOEXEC ? fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC) : 0;
}

/* Makes `fd` the standard descriptor `target`. */
static int
place(int fd, int target)
{
    if (fd == target) {
        return set_inheritable(fd);
    }
    return fd >= 0 && dup2(fd, target) < 0 ? -1 : 0;
}

static int
close_if_open(int fd)
{
    return fd >= 0 && close(fd) < 0 ? -1 : 0;
}

static int
set_up_descriptors(const struct spawn *s)
{
    for (Py_ssize_t i = 0; i < s->n_keep; i++) {
        /* One that is closed is no error here: the new program will see it. */
        if (s->keep[i] != s->errpipe_write && set_inheritable(s->keep[i]) < 0 && errno != EBADF) {
            return -1;
        }
    }
    if (close_if_open(s->p2cwrite) < 0 || close_if_open(s->c2pread) < 0 ||
        close_if_open(s->errread) < 0 || close_if_open(s->errpipe_read) < 0)
    {
        return -1;
    }
    /* Copies of what the others would overwrite. */
    int out = s->c2pwrite, err = s->errwrite;
    if (out == 0 && (out = fcntl(out, F_DUPFD_CLOEXEC, 3)) < 0) {
        return -1;
    }
    if ((err == 0 || err == 1) && (err = fcntl(err, F_DUPFD_CLOEXEC, 3)) < 0) {
        return -1;
    }
    if (place(s->p2cread, 0) < 0 || place(out, 1) < 0 || place(err, 2) < 0) {
        return -1;
    }
    return 0;
}

static int
set_identity(const struct spawn *s)
{
    if (s->call_setsid && setsid() < 0) {
        return -1;
    }
    if (s->pgid >= 0 && setpgid(0, s->pgid) < 0) {
        return -1;
    }
    if (s->n_groups >= 0 && setgroups((size_t)s->n_groups, s->groups) < 0) {
        return -1;
    }
    if (s->gid != (gid_t)-1 && setregid(s->gid, s->gid) < 0) {
        return -1;
    }
    return s->uid != (uid_t)-1 && setreuid(s->uid, s->uid) < 0 ? -1 : 0;
}

/* Closes what is open from 3 on, but for those to keep. */
static void
close_others(const struct spawn *s)
{
    int start = 3;
    for (Py_ssize_t i = 0; i < s->n_keep; i++) {
        int fd = s->keep[i];
        if (fd < start) {
            continue;
        }
        if (fd > start) {
            _Py_closerange(start, fd - 1);
        }
        start = fd + 1;
    }
    if (syscall(SYS_close_range, (unsigned)start, ~0U, 0) == 0) {
        return;
    }
    long end = sysconf(_SC_OPEN_MAX);
    _Py_closerange(start, end > 0 && end < INT_MAX ? (int)end : 256);
}

/* Returns only if it fails. */
static void
child_main(const struct spawn *s)
{
    const char *text = "noexec";
    if (set_up_descriptors(s) < 0) {
        goto failed;
    }
    if (s->cwd != NULL && chdir(s->cwd) < 0) {
        goto failed;
    }
    if (s->child_umask >= 0) {
        (void)umask((mode_t)s->child_umask);
    }
    if (s->restore_signals) {
        _Py_RestoreSignals();
    }
    if (s->old_mask != NULL && (errno = pthread_sigmask(SIG_SETMASK, s->old_mask, NULL)) != 0) {
        goto failed;
    }
    if (set_identity(s) < 0) {
        goto failed;
    }
    text = "";
    if (s->preexec_fn != NULL) {
        PyObject *res = PyObject_Call(s->preexec_fn, s->preexec_args, NULL);
        if (res == NULL) {
            static const char failure[] = "SubprocessError:0:Exception occurred in preexec_fn.";
            write_all(s->errpipe_write, failure, sizeof(failure) - 1);
            return;
        }
        Py_DECREF(res);
    }
    if (s->close_fds) {
        close_others(s);
    }
    int first_errno = 0;
    for (char *const *path = s->exec_array; *path != NULL; path++) {
        if (s->envp != NULL) {
            execve(*path, s->argv, (char **)s->envp);
        }
        else {
            execv(*path, s->argv);
        }
        if (errno != ENOENT && errno != ENOTDIR && first_errno == 0) {
            first_errno = errno;
        }
    }
    if (first_errno != 0) {
        errno = first_errno;
    }
failed:
    report(s->errpipe_write, errno, text);
}

/* A function of its own, so that a vfork()ed child uses a frame the parent does not return to. */
static pid_t __attribute__((noinline))
start_child(const struct spawn *s, int by_vfork)
{
    pid_t pid = by_vfork ? vfork() : fork();
    if (pid != 0) {
        return pid;
    }
    if (s->preexec_fn != NULL) {
        PyOS_AfterFork_Child();
    }
    child_main(s);
    _exit(255);
}

/* ---------------------------------------------------------------------------- the parent */

static int
cannot(const char *message, PyObject *type)
{
    PyErr_SetString(type, message);
    return -1;
}

static int
read_keep(struct spawn *s, PyObject *tuple)
{
    static const char message[] = "bad value(s) in fds_to_keep";
    s->n_keep = PyTuple_GET_SIZE(tuple);
    s->keep = PyMem_New(int, s->n_keep + 1);
    if (s->keep == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    long previous = -1;
    for (Py_ssize_t i = 0; i < s->n_keep; i++) {
        PyObject *item = PyTuple_GET_ITEM(tuple, i);
        if (!PyLong_Check(item)) {
            return cannot(message, PyExc_ValueError);
        }
        int overflow;
        long fd = PyLong_AsLongAndOverflow(item, &overflow);
        if (overflow || fd < 0 || fd <= previous || fd > INT_MAX) {
            PyErr_Clear();
            return cannot(message, PyExc_ValueError);
        }
        s->keep[i] = (int)fd;
        previous = fd;
    }
    return 0;
}

/* The arguments as C strings; each is an FSConverter's bytes. */
static int
read_argv(struct spawn *s, PyObject *process_args)
{
    PyObject *fast = PySequence_Fast(process_args, "argv must be a tuple");
    if (fast == NULL) {
        return -1;
    }
    Py_ssize_t n = PySequence_Fast_GET_SIZE(fast);
    PyObject *converted = PyTuple_New(n);
    int res = converted == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; res == 0 && i < n; i++) {
        if (PySequence_Fast_GET_SIZE(fast) != n) {
            res = cannot("args changed during iteration", PyExc_RuntimeError);
            break;
        }
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(fast, i)), *bytes;
        if (PyUnicode_FSConverter(item, &bytes)) {
            PyTuple_SET_ITEM(converted, i, bytes);
        }
        else {
            res = -1;
        }
        Py_DECREF(item);
    }
    if (res == 0) {
        s->argv = (char **)_PySequence_BytesToCharpArray(converted);
        res = s->argv == NULL ? -1 : 0;
    }
    Py_XDECREF(converted);
    Py_DECREF(fast);
    return res;
}

static int
read_groups(struct spawn *s, PyObject *list)
{
    s->n_groups = -1;
    if (list == Py_None) {
        return 0;
    }
    if (!PyList_Check(list)) {
        return cannot("setgroups argument must be a list", PyExc_TypeError);
    }
    Py_ssize_t n = PySequence_Size(list);
    if (n < 0) {
        return -1;
    }
    if (n > MAX_GROUPS) {
        return cannot("too many extra_groups", PyExc_ValueError);
    }
    s->groups = PyMem_New(gid_t, n + 1);
    if (s->groups == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = PySequence_GetItem(list, i);
        if (item == NULL) {
            return -1;
        }
        int res = 0;
        if (!PyLong_Check(item)) {
            res = cannot("extra_groups must be integers", PyExc_TypeError);
        }
        else if (!_Py_Gid_Converter(item, &s->groups[i])) {
            res = cannot("invalid group id", PyExc_ValueError);
        }
        Py_DECREF(item);
        if (res < 0) {
            return -1;
        }
    }
    s->n_groups = n;
    return 0;
}

static void
spawn_release(struct spawn *s)
{
    if (s->argv != NULL) {
        _Py_FreeCharPArray(s->argv);
    }
    if (s->exec_array != NULL) {
        _Py_FreeCharPArray(s->exec_array);
    }
    if (s->envp != NULL) {
        _Py_FreeCharPArray(s->envp);
    }
    Py_XDECREF(s->cwd_bytes);
    Py_XDECREF(s->preexec_args);
    PyMem_Free(s->groups);
    PyMem_Free(s->keep);
}

/* Whether this interpreter may do it: 0, or -1 with an error. */
static int
check_state(PyObject *preexec_fn)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (preexec_fn != Py_None) {
        if (interp != PyInterpreterState_Main()) {
            return cannot("preexec_fn not supported within subinterpreters", PyExc_RuntimeError);
        }
        if (__atomic_load_n(&interp->stage, __ATOMIC_RELAXED) >= _INTERP_EXITING) {
            return cannot("preexec_fn not supported at interpreter shutdown",
                          PyExc_RuntimeError);
        }
    }
    if (!_PyInterpreterState_HasFeature(interp, Py_RTFLAGS_EXEC)
        && !_PyInterpreterState_HasFeature(interp, Py_RTFLAGS_FORK)) {
        return cannot("fork not supported for isolated subinterpreters", PyExc_RuntimeError);
    }
    return 0;
}

/* Forks: the id of the child, or -1 with an error. */
static pid_t
launch(struct spawn *s, int allow_vfork)
{
    int by_vfork = allow_vfork && s->preexec_fn == NULL && s->uid == (uid_t)-1 &&
                   s->gid == (gid_t)-1 && s->n_groups < 0;
    sigset_t all, old;
    if (by_vfork) {
        sigfillset(&all);
        if (pthread_sigmask(SIG_BLOCK, &all, &old) != 0) {
            by_vfork = 0;
        }
        else {
            s->old_mask = &old;
        }
    }
    if (s->preexec_fn != NULL) {
        PyOS_BeforeFork();
    }
    pid_t pid = start_child(s, by_vfork);
    int saved_errno = errno;
    if (by_vfork) {
        (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    }
    if (s->preexec_fn != NULL) {
        PyOS_AfterFork_Parent();
    }
    if (pid < 0) {
        errno = saved_errno;
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return pid;
}

PyDoc_STRVAR(fork_exec_doc,
"fork_exec($module, args, executable_list, close_fds, pass_fds, cwd,\n\
          env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite,\n\
          errpipe_read, errpipe_write, restore_signals, call_setsid,\n\
          pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn,\n\
          allow_vfork, /)\n\
--\n\
\n\
Spawn a fresh new child process.\n\
\n\
Fork a child process, close parent file descriptors as appropriate in the\n\
child and duplicate the few that are needed before calling exec() in the\n\
child process.\n\
\n\
If close_fds is True, close file descriptors 3 and higher, except those listed\n\
in the sorted tuple pass_fds.\n\
\n\
The preexec_fn, if supplied, will be called immediately before closing file\n\
descriptors and exec.\n\
\n\
WARNING: preexec_fn is NOT SAFE if your application uses threads.\n\
         It may trigger infrequent, difficult to debug deadlocks.\n\
\n\
If an error occurs in the child process before the exec, it is\n\
serialized and written to the errpipe_write fd per subprocess.py.\n\
\n\
Returns: the child process's PID.\n\
\n\
Raises: Only on an error in the parent process.");

static PyObject *
fork_exec(PyObject *Py_UNUSED(module), PyObject *args)
{
    struct spawn s = {.uid = (uid_t)-1, .gid = (gid_t)-1, .n_groups = -1};
    PyObject *process_args, *executables, *keep, *cwd, *env, *gid, *groups, *uid, *preexec_fn;
    int allow_vfork;
    pid_t pid = -1;
    if (PyTuple_GET_SIZE(args) != 23) {
        return PyErr_Format(PyExc_TypeError, "fork_exec expected 23 arguments, got %zd",
                            PyTuple_GET_SIZE(args));
    }
    if (!PyArg_ParseTuple(args, "OOpO!OOiiiiiiiippiOOOiOp:fork_exec", &process_args, &executables,
                          &s.close_fds, &PyTuple_Type, &keep, &cwd, &env,
                          &s.p2cread, &s.p2cwrite, &s.c2pread, &s.c2pwrite, &s.errread,
                          &s.errwrite, &s.errpipe_read, &s.errpipe_write, &s.restore_signals,
                          &s.call_setsid, &s.pgid, &gid, &groups, &uid, &s.child_umask,
                          &preexec_fn, &allow_vfork))
    {
        return NULL;
    }
    if (check_state(preexec_fn) < 0) {
        return NULL;
    }
    if (s.close_fds && s.errpipe_write < 3) {
        PyErr_SetString(PyExc_ValueError, "errpipe_write must be >= 3");
        return NULL;
    }
    if (read_keep(&s, keep) < 0) {
        goto done;
    }
    s.exec_array = _PySequence_BytesToCharpArray(executables);
    if (s.exec_array == NULL || (process_args != Py_None && read_argv(&s, process_args) < 0)) {
        goto done;
    }
    if (env != Py_None && (s.envp = _PySequence_BytesToCharpArray(env)) == NULL) {
        goto done;
    }
    if (cwd != Py_None) {
        if (!PyUnicode_FSConverter(cwd, &s.cwd_bytes)) {
            goto done;
        }
        s.cwd = PyBytes_AS_STRING(s.cwd_bytes);
    }
    if (read_groups(&s, groups) < 0 ||
        (gid != Py_None && !_Py_Gid_Converter(gid, &s.gid)) ||
        (uid != Py_None && !_Py_Uid_Converter(uid, &s.uid)))
    {
        goto done;
    }
    if (preexec_fn != Py_None) {
        s.preexec_fn = preexec_fn;
        if ((s.preexec_args = PyTuple_New(0)) == NULL) {
            goto done;
        }
    }
    /* No collection between fork and exec. */
    int reenable_gc = s.preexec_fn != NULL && PyGC_Disable();
    pid = launch(&s, allow_vfork);
    if (reenable_gc) {
        PyGC_Enable();
    }
done:
    spawn_release(&s);
    return pid < 0 ? NULL : PyLong_FromPid(pid);
}

static _Py_SHARED PyMethodDef subprocess_methods[] = {
    {"fork_exec", fork_exec, METH_VARARGS, fork_exec_doc},
    {NULL, NULL, 0, NULL}
};

static _Py_SHARED PyModuleDef_Slot subprocess_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef subprocess_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_posixsubprocess",
    .m_doc = "A POSIX helper for the subprocess module.",
    .m_methods = subprocess_methods,
    .m_slots = subprocess_slots,
};

PyMODINIT_FUNC
PyInit__posixsubprocess(void)
{
    return PyModuleDef_Init(&subprocess_module);
}
