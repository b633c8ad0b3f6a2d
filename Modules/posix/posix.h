/* posix.h - what the files of the module posix share.
 *
 * Each file of Modules/posix/ serves one subject and exports a table of functions, which
 * Modules/posixmodule.c adds to the module.  A path argument is converted to a path_arg; exactly
 * one of `narrow` and `fd` (is_fd) says which file is meant.  Functions of the operating system
 * that may block are called without the GIL; those that a signal can interrupt are called again
 * (PEP 475).
 * Written from the library reference (os), the Linux manual pages and observed behaviour.
 */
#ifndef Py_POSIX_H
#define Py_POSIX_H

#include "Python.h"
#include "pycore_signature.h"   // wrappers of functions

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

typedef struct {
    PyTypeObject *stat_result;
    PyTypeObject *statvfs_result;
    PyTypeObject *terminal_size;
    PyTypeObject *times_result;
    PyTypeObject *uname_result;
    PyTypeObject *sched_param;
    PyTypeObject *waitid_result;
    PyTypeObject *direntry;
    PyTypeObject *scandir_iterator;
    PyObject *struct_rusage;        /* resource.struct_rusage, imported when first needed */
    newfunc structseq_new;          /* how stat_result was made at birth */
} posix_state;

static inline posix_state *
posix_get_state(PyObject *module)
{
    posix_state *state = (posix_state *)PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* ---- arguments (path.c) ---- */

#define PATH_FD 1           /* an integer is a file descriptor */
#define PATH_NULLABLE 2     /* None is the current directory: narrow stays NULL */

typedef struct {
    const char *function;   /* both for messages */
    const char *argument;
    int flags;              /* PATH_* */
    int is_fd;
    int fd;
    const char *narrow;     /* in the encoding of file names; points into `bytes` */
    PyObject *object;       /* what errors and audit events show: str, bytes, int; or NULL */
    PyObject *bytes;
} path_arg;

#define PATH(FUNCTION, ARGUMENT, FLAGS) \
    {.function = #FUNCTION, .argument = #ARGUMENT, .flags = (FLAGS), .fd = -1}

extern int _PyPosix_Path(PyObject *obj, path_arg *path);
extern void _PyPosix_PathDone(path_arg *path);
extern int _PyPosix_DirFd(PyObject *obj, int *fd);
extern int _PyPosix_Pid(PyObject *obj, pid_t *pid);
extern int _PyPosix_Dev(PyObject *obj, dev_t *dev);

static inline int
path_is_bytes(const path_arg *path)
{
    return path->object != NULL && PyBytes_Check(path->object);
}

/* What audit events show of a path. */
static inline PyObject *
path_shown(const path_arg *path)
{
    return path->object != NULL ? path->object : Py_None;
}

/* dir_fd in audit events: -1 for the current directory. */
static inline int
dir_fd_shown(int dir_fd)
{
    return dir_fd == AT_FDCWD ? -1 : dir_fd;
}

/* Refuse combinations: 0, or -1 with ValueError. */
extern int _PyPosix_CheckDirFd(const char *function, const path_arg *path, int dir_fd);
extern int _PyPosix_CheckFollow(const char *function, const path_arg *path, int follow_symlinks);

/* ---- errors: all set OSError from errno and return NULL ---- */

static inline PyObject *
posix_error(void)
{
    return PyErr_SetFromErrno(PyExc_OSError);
}

extern PyObject *_PyPosix_PathError(const path_arg *path);
extern PyObject *_PyPosix_PathError2(const path_arg *path, const path_arg *path2);

/* 0, or -1 with an error set, for functions that are `-> None`. */
static inline int
posix_done(int rc)
{
    return rc < 0 ? (posix_error(), -1) : 0;
}

static inline int
path_done(int rc, const path_arg *path)
{
    return rc < 0 ? (_PyPosix_PathError(path), -1) : 0;
}

/* ---- calls ---- */

#define UNLOCKED(STATEMENT)             \
    do {                                \
        Py_BEGIN_ALLOW_THREADS          \
        STATEMENT;                      \
        Py_END_ALLOW_THREADS            \
    } while (0)

/* Call until no signal interrupts.  PENDING becomes non-zero if a handler raised. */
#define UNLOCKED_RETRY(RC, PENDING, CALL)                                   \
    do {                                                                    \
        (PENDING) = 0;                                                      \
        UNLOCKED((RC) = (CALL));                                            \
    } while ((RC) < 0 && errno == EINTR && !((PENDING) = PyErr_CheckSignals()))

/* As posix_done() for a result of UNLOCKED_RETRY. */
static inline int
retry_done(int rc, int pending)
{
    if (rc >= 0) {
        return 0;
    }
    return pending ? -1 : posix_done(-1);
}

/* ---- between the files ---- */

extern const PyMethodDef _PyPosix_StatMethods[], _PyPosix_FileMethods[], _PyPosix_DirMethods[],
    _PyPosix_FdMethods[], _PyPosix_EnvironMethods[], _PyPosix_ForkMethods[],
    _PyPosix_ExecMethods[], _PyPosix_WaitMethods[], _PyPosix_IdMethods[],
    _PyPosix_SchedMethods[], _PyPosix_TerminalMethods[], _PyPosix_ConfMethods[],
    _PyPosix_SystemMethods[], _PyPosix_XattrMethods[], _PyPosix_TransferMethods[];

extern int _PyPosix_AddStatTypes(PyObject *module);
extern int _PyPosix_AddDirTypes(PyObject *module);
extern int _PyPosix_AddProcessTypes(PyObject *module);
extern int _PyPosix_AddSchedParam(PyObject *module);
extern int _PyPosix_AddEnviron(PyObject *module);
extern int _PyPosix_AddConstants(PyObject *module);
extern int _PyPosix_AddConfNames(PyObject *module);

/* A new struct sequence type, also added to the module: borrowed, or NULL with an error. */
extern PyTypeObject *_PyPosix_AddStructSequence(PyObject *module, const char *name,
                                                const PyStructSequence_Desc *desc,
                                                PyTypeObject **place);
/* Fills field `i`; takes over `value`.  0, or -1 if value is NULL. */
static inline int
set_field(PyObject *seq, Py_ssize_t i, PyObject *value)
{
    if (value == NULL) {
        return -1;
    }
    PyStructSequence_SetItem(seq, i, value);
    return 0;
}

extern PyObject *_PyPosix_StatResult(posix_state *state, const struct stat *st);
/* In resource.c: `type` is its struct_rusage.  New reference, or NULL with an error. */
extern PyObject *_PyPosix_MakeRusage(PyTypeObject *type, const struct rusage *ru);
extern int _PyPosix_SchedParam(posix_state *state, PyObject *obj, int *priority);

/* argv and environment of a new program: NULL-terminated arrays of owned strings. */
extern char **_PyPosix_StringArray(PyObject *seq, Py_ssize_t *count);
extern char **_PyPosix_EnvArray(PyObject *env);
extern void _PyPosix_FreeArray(char **array);

#endif  /* !Py_POSIX_H */
