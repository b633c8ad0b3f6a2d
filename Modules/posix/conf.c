/* conf.c - values of the system's configuration: sysconf, pathconf, confstr.
 *
 * Each function takes a number or a name; the names are those of the C headers without the
 * leading underscore, in tables sorted by name.
 * Written from the library reference (os) and the manual pages.
 */
#include "posix.h"

#include <limits.h>

typedef struct {
    const char *name;
    int value;
} conf_name;

#define ROW(NAME) {#NAME, _ ## NAME},

#define PATHCONF_NAMES(X) \
    X(PC_ALLOC_SIZE_MIN) X(PC_ASYNC_IO) X(PC_CHOWN_RESTRICTED) X(PC_FILESIZEBITS) \
    X(PC_LINK_MAX) X(PC_MAX_CANON) X(PC_MAX_INPUT) X(PC_NAME_MAX) X(PC_NO_TRUNC) \
    X(PC_PATH_MAX) X(PC_PIPE_BUF) X(PC_PRIO_IO) X(PC_REC_INCR_XFER_SIZE) \
    X(PC_REC_MAX_XFER_SIZE) X(PC_REC_MIN_XFER_SIZE) X(PC_REC_XFER_ALIGN) X(PC_SOCK_MAXBUF) \
    X(PC_SYMLINK_MAX) X(PC_SYNC_IO) X(PC_VDISABLE)

#define CONFSTR_NAMES(X) \
    X(CS_GNU_LIBC_VERSION) X(CS_GNU_LIBPTHREAD_VERSION) X(CS_LFS64_CFLAGS) \
    X(CS_LFS64_LDFLAGS) X(CS_LFS64_LIBS) X(CS_LFS64_LINTFLAGS) X(CS_LFS_CFLAGS) \
    X(CS_LFS_LDFLAGS) X(CS_LFS_LIBS) X(CS_LFS_LINTFLAGS) X(CS_PATH) \
    X(CS_XBS5_ILP32_OFF32_CFLAGS) X(CS_XBS5_ILP32_OFF32_LDFLAGS) \
    X(CS_XBS5_ILP32_OFF32_LIBS) X(CS_XBS5_ILP32_OFF32_LINTFLAGS) \
    X(CS_XBS5_ILP32_OFFBIG_CFLAGS) X(CS_XBS5_ILP32_OFFBIG_LDFLAGS) \
    X(CS_XBS5_ILP32_OFFBIG_LIBS) X(CS_XBS5_ILP32_OFFBIG_LINTFLAGS) \
    X(CS_XBS5_LP64_OFF64_CFLAGS) X(CS_XBS5_LP64_OFF64_LDFLAGS) X(CS_XBS5_LP64_OFF64_LIBS) \
    X(CS_XBS5_LP64_OFF64_LINTFLAGS) X(CS_XBS5_LPBIG_OFFBIG_CFLAGS) \
    X(CS_XBS5_LPBIG_OFFBIG_LDFLAGS) X(CS_XBS5_LPBIG_OFFBIG_LIBS) \
    X(CS_XBS5_LPBIG_OFFBIG_LINTFLAGS)

#define SYSCONF_NAMES(X) \
    X(SC_2_CHAR_TERM) X(SC_2_C_BIND) X(SC_2_C_DEV) X(SC_2_C_VERSION) X(SC_2_FORT_DEV) \
    X(SC_2_FORT_RUN) X(SC_2_LOCALEDEF) X(SC_2_SW_DEV) X(SC_2_UPE) X(SC_2_VERSION) \
    X(SC_AIO_LISTIO_MAX) X(SC_AIO_MAX) X(SC_AIO_PRIO_DELTA_MAX) X(SC_ARG_MAX) \
    X(SC_ASYNCHRONOUS_IO) X(SC_ATEXIT_MAX) X(SC_AVPHYS_PAGES) X(SC_BC_BASE_MAX) \
    X(SC_BC_DIM_MAX) X(SC_BC_SCALE_MAX) X(SC_BC_STRING_MAX) X(SC_CHARCLASS_NAME_MAX) \
    X(SC_CHAR_BIT) X(SC_CHAR_MAX) X(SC_CHAR_MIN) X(SC_CHILD_MAX) X(SC_CLK_TCK) \
    X(SC_COLL_WEIGHTS_MAX) X(SC_DELAYTIMER_MAX) X(SC_EQUIV_CLASS_MAX) X(SC_EXPR_NEST_MAX) \
    X(SC_FSYNC) X(SC_GETGR_R_SIZE_MAX) X(SC_GETPW_R_SIZE_MAX) X(SC_INT_MAX) X(SC_INT_MIN) \
    X(SC_IOV_MAX) X(SC_JOB_CONTROL) X(SC_LINE_MAX) X(SC_LOGIN_NAME_MAX) X(SC_LONG_BIT) \
    X(SC_MAPPED_FILES) X(SC_MB_LEN_MAX) X(SC_MEMLOCK) X(SC_MEMLOCK_RANGE) \
    X(SC_MEMORY_PROTECTION) X(SC_MESSAGE_PASSING) X(SC_MINSIGSTKSZ) X(SC_MQ_OPEN_MAX) \
    X(SC_MQ_PRIO_MAX) X(SC_NGROUPS_MAX) X(SC_NL_ARGMAX) X(SC_NL_LANGMAX) X(SC_NL_MSGMAX) \
    X(SC_NL_NMAX) X(SC_NL_SETMAX) X(SC_NL_TEXTMAX) X(SC_NPROCESSORS_CONF) \
    X(SC_NPROCESSORS_ONLN) X(SC_NZERO) X(SC_OPEN_MAX) X(SC_PAGESIZE) X(SC_PAGE_SIZE) \
    X(SC_PASS_MAX) X(SC_PHYS_PAGES) X(SC_PII) X(SC_PII_INTERNET) X(SC_PII_INTERNET_DGRAM) \
    X(SC_PII_INTERNET_STREAM) X(SC_PII_OSI) X(SC_PII_OSI_CLTS) X(SC_PII_OSI_COTS) \
    X(SC_PII_OSI_M) X(SC_PII_SOCKET) X(SC_PII_XTI) X(SC_POLL) X(SC_PRIORITIZED_IO) \
    X(SC_PRIORITY_SCHEDULING) X(SC_REALTIME_SIGNALS) X(SC_RE_DUP_MAX) X(SC_RTSIG_MAX) \
    X(SC_SAVED_IDS) X(SC_SCHAR_MAX) X(SC_SCHAR_MIN) X(SC_SELECT) X(SC_SEMAPHORES) \
    X(SC_SEM_NSEMS_MAX) X(SC_SEM_VALUE_MAX) X(SC_SHARED_MEMORY_OBJECTS) X(SC_SHRT_MAX) \
    X(SC_SHRT_MIN) X(SC_SIGQUEUE_MAX) X(SC_SSIZE_MAX) X(SC_STREAM_MAX) \
    X(SC_SYNCHRONIZED_IO) X(SC_THREADS) X(SC_THREAD_ATTR_STACKADDR) \
    X(SC_THREAD_ATTR_STACKSIZE) X(SC_THREAD_DESTRUCTOR_ITERATIONS) X(SC_THREAD_KEYS_MAX) \
    X(SC_THREAD_PRIORITY_SCHEDULING) X(SC_THREAD_PRIO_INHERIT) X(SC_THREAD_PRIO_PROTECT) \
    X(SC_THREAD_PROCESS_SHARED) X(SC_THREAD_SAFE_FUNCTIONS) X(SC_THREAD_STACK_MIN) \
    X(SC_THREAD_THREADS_MAX) X(SC_TIMERS) X(SC_TIMER_MAX) X(SC_TTY_NAME_MAX) \
    X(SC_TZNAME_MAX) X(SC_T_IOV_MAX) X(SC_UCHAR_MAX) X(SC_UINT_MAX) X(SC_UIO_MAXIOV) \
    X(SC_ULONG_MAX) X(SC_USHRT_MAX) X(SC_VERSION) X(SC_WORD_BIT) X(SC_XBS5_ILP32_OFF32) \
    X(SC_XBS5_ILP32_OFFBIG) X(SC_XBS5_LP64_OFF64) X(SC_XBS5_LPBIG_OFFBIG) X(SC_XOPEN_CRYPT) \
    X(SC_XOPEN_ENH_I18N) X(SC_XOPEN_LEGACY) X(SC_XOPEN_REALTIME) \
    X(SC_XOPEN_REALTIME_THREADS) X(SC_XOPEN_SHM) X(SC_XOPEN_UNIX) X(SC_XOPEN_VERSION) \
    X(SC_XOPEN_XCU_VERSION) X(SC_XOPEN_XPG2) X(SC_XOPEN_XPG3) X(SC_XOPEN_XPG4)

static const conf_name pathconf_names[] = {PATHCONF_NAMES(ROW)};
static const conf_name confstr_names[] = {CONFSTR_NAMES(ROW)};
static const conf_name sysconf_names[] = {SYSCONF_NAMES(ROW)};

/* The number that an argument means: 1, or 0 with an error. */
static int
find_name(PyObject *arg, int *value, const conf_name *table, size_t size)
{
    if (PyIndex_Check(arg)) {
        *value = _PyLong_AsInt(arg);
        return !(*value == -1 && PyErr_Occurred());
    }
    if (!PyUnicode_Check(arg)) {
        PyErr_SetString(PyExc_TypeError, "configuration names must be strings or integers");
        return 0;
    }
    const char *name = PyUnicode_AsUTF8(arg);
    if (name == NULL) {
        return 0;
    }
    size_t low = 0, high = size;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, table[middle].name);
        if (order == 0) {
            *value = table[middle].value;
            return 1;
        }
        if (order < 0) {
            high = middle;
        }
        else {
            low = middle + 1;
        }
    }
    PyErr_SetString(PyExc_ValueError, "unrecognized configuration name");
    return 0;
}

static int
pathconf_name(PyObject *arg, int *value)
{
    return find_name(arg, value, pathconf_names, Py_ARRAY_LENGTH(pathconf_names));
}

static int
confstr_name(PyObject *arg, int *value)
{
    return find_name(arg, value, confstr_names, Py_ARRAY_LENGTH(confstr_names));
}

static int
sysconf_name(PyObject *arg, int *value)
{
    return find_name(arg, value, sysconf_names, Py_ARRAY_LENGTH(sysconf_names));
}

#include "sig/conf.sig.h"

/*sig posix.fpathconf(module, fd: fildes, name: conv[pathconf_name, int], /) -> long

Return the configuration limit name for the file descriptor fd.

If there is no limit, return -1.
*/
static long
posix_fpathconf_impl(PyObject *module, int fd, int name)
{
    (void)module;
    errno = 0;
    long limit = fpathconf(fd, name);
    return limit == -1 && errno != 0 ? posix_done(-1) : limit;
}

/*sig posix.pathconf(module,
    path: conv[_PyPosix_Path, path_arg&, _PyPosix_PathDone, PATH(pathconf, path, PATH_FD)],
    name: conv[pathconf_name, int]) -> long

Return the configuration limit name for the file or directory path.

If there is no limit, return -1.  The path may be an open file descriptor.
*/
static long
posix_pathconf_impl(PyObject *module, path_arg *path, int name)
{
    (void)module;
    errno = 0;
    long limit = path->is_fd ? fpathconf(path->fd, name) : pathconf(path->narrow, name);
    if (limit == -1 && errno != 0) {
        if (errno == EINVAL) {
            posix_error();      /* the name does not fit the file: both may be wrong */
        }
        else {
            _PyPosix_PathError(path);
        }
    }
    return limit;
}

/*sig posix.confstr(module, name: conv[confstr_name, int], /)

Return a string-valued system configuration variable.
*/
static PyObject *
posix_confstr_impl(PyObject *module, int name)
{
    (void)module;
    char buffer[256];
    errno = 0;
    size_t size = confstr(name, buffer, sizeof(buffer));
    if (size == 0) {
        if (errno != 0) {
            return posix_error();
        }
        Py_RETURN_NONE;
    }
    if (size <= sizeof(buffer)) {
        return PyUnicode_DecodeFSDefaultAndSize(buffer, (Py_ssize_t)size - 1);
    }
    char *text = PyMem_Malloc(size);
    if (text == NULL) {
        return PyErr_NoMemory();
    }
    confstr(name, text, size);
    PyObject *result = PyUnicode_DecodeFSDefaultAndSize(text, (Py_ssize_t)size - 1);
    PyMem_Free(text);
    return result;
}

/*sig posix.sysconf(module, name: conv[sysconf_name, int], /) -> long

Return an integer-valued system configuration variable.
*/
static long
posix_sysconf_impl(PyObject *module, int name)
{
    (void)module;
    errno = 0;
    long value = sysconf(name);
    return value == -1 && errno != 0 ? posix_done(-1) : value;
}

static int
add_names(PyObject *module, const char *attribute, const conf_name *table, size_t size)
{
    PyObject *dict = PyDict_New();
    if (dict == NULL) {
        return -1;
    }
    for (size_t i = 0; i < size; i++) {
        assert(i == 0 || strcmp(table[i - 1].name, table[i].name) < 0);
        PyObject *value = PyLong_FromLong(table[i].value);
        if (value == NULL || PyDict_SetItemString(dict, table[i].name, value) < 0) {
            Py_XDECREF(value);
            Py_DECREF(dict);
            return -1;
        }
        Py_DECREF(value);
    }
    int rc = PyModule_AddObjectRef(module, attribute, dict);
    Py_DECREF(dict);
    return rc;
}

int
_PyPosix_AddConfNames(PyObject *module)
{
    if (add_names(module, "pathconf_names", pathconf_names,
                  Py_ARRAY_LENGTH(pathconf_names)) < 0
        || add_names(module, "confstr_names", confstr_names,
                     Py_ARRAY_LENGTH(confstr_names)) < 0) {
        return -1;
    }
    return add_names(module, "sysconf_names", sysconf_names, Py_ARRAY_LENGTH(sysconf_names));
}

const PyMethodDef _PyPosix_ConfMethods[] = {
    POSIX_FPATHCONF_METHODDEF
    POSIX_PATHCONF_METHODDEF
    POSIX_CONFSTR_METHODDEF
    POSIX_SYSCONF_METHODDEF
    {NULL, NULL}
};
