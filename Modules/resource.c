/* resource: limits and use of the resources of processes.
 *
 * A limit is shown as a C long: RLIM_INFINITY is -1.
 * Written from the library reference (resource), getrlimit(2), getrusage(2) and observed messages.
 */
#include "posix/posix.h"        // _PyPosix_MakeRusage()
#include "pycore_object.h"      // _Py_SHARED

#include "sig/resource.sig.h"

typedef struct {
    PyTypeObject *struct_rusage;
} resource_state;

static const PyStructSequence_Field rusage_fields[] = {
    {"ru_utime", "user time used"},
    {"ru_stime", "system time used"},
    {"ru_maxrss", "max. resident set size"},
    {"ru_ixrss", "shared memory size"},
    {"ru_idrss", "unshared data size"},
    {"ru_isrss", "unshared stack size"},
    {"ru_minflt", "page faults not requiring I/O"},
    {"ru_majflt", "page faults requiring I/O"},
    {"ru_nswap", "number of swap outs"},
    {"ru_inblock", "block input operations"},
    {"ru_oublock", "block output operations"},
    {"ru_msgsnd", "IPC messages sent"},
    {"ru_msgrcv", "IPC messages received"},
    {"ru_nsignals", "signals received"},
    {"ru_nvcsw", "voluntary context switches"},
    {"ru_nivcsw", "involuntary context switches"},
    {NULL, NULL}
};

#define RUSAGE_FIELDS 16

static const PyStructSequence_Desc rusage_desc = {
    "resource.struct_rusage",
    "struct_rusage: Result from getrusage.\n\n"
    "A tuple of (utime, stime, maxrss, ixrss, idrss, isrss, minflt, majflt, nswap, inblock,\n"
    "oublock, msgsnd, msgrcv, nsignals, nvcsw, nivcsw), also by attributes of these names with\n"
    "ru_ in front.",
    (PyStructSequence_Field *)rusage_fields, RUSAGE_FIELDS
};

static double
seconds(const struct timeval *t)
{
    return (double)t->tv_sec + (double)t->tv_usec * 1e-6;
}

PyObject *
_PyPosix_MakeRusage(PyTypeObject *type, const struct rusage *ru)
{
    const long counts[] = {
        ru->ru_maxrss, ru->ru_ixrss, ru->ru_idrss, ru->ru_isrss, ru->ru_minflt, ru->ru_majflt,
        ru->ru_nswap, ru->ru_inblock, ru->ru_oublock, ru->ru_msgsnd, ru->ru_msgrcv,
        ru->ru_nsignals, ru->ru_nvcsw, ru->ru_nivcsw
    };
    Py_BUILD_ASSERT(Py_ARRAY_LENGTH(counts) + 2 == RUSAGE_FIELDS);
    PyObject *result = PyStructSequence_New(type);
    for (int i = 0; result != NULL && i < RUSAGE_FIELDS; i++) {
        PyObject *value = i == 0 ? PyFloat_FromDouble(seconds(&ru->ru_utime))
                        : i == 1 ? PyFloat_FromDouble(seconds(&ru->ru_stime))
                        : PyLong_FromLong(counts[i - 2]);
        if (set_field(result, i, value) < 0) {
            Py_CLEAR(result);
        }
    }
    return result;
}

/*sig resource.getrusage(module, who: int, /)

Return the resources that the process (RUSAGE_SELF), its ended children or the calling thread used.
*/
static PyObject *
resource_getrusage_impl(PyObject *module, int who)
{
    struct rusage ru;
    if (getrusage(who, &ru) < 0) {
        if (errno == EINVAL) {
            PyErr_SetString(PyExc_ValueError, "invalid who parameter");
            return NULL;
        }
        return posix_error();
    }
    resource_state *state = PyModule_GetState(module);
    return _PyPosix_MakeRusage(state->struct_rusage, &ru);
}

/* A number that setrlimit() takes: 0, or -1 with an error. */
static int
read_limit(PyObject *obj, rlim_t *limit)
{
    PyObject *index = PyNumber_Index(obj);
    long value = index != NULL ? PyLong_AsLong(index) : -1;
    Py_XDECREF(index);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    *limit = (rlim_t)value;
    return 0;
}

/* The pair (soft, hard) of any sequence or iterable: 0, or -1 with an error. */
static int
read_limits(PyObject *obj, struct rlimit *limits)
{
    PyObject *pair = PySequence_Tuple(obj);
    int rc = -1;
    if (pair != NULL && PyTuple_GET_SIZE(pair) != 2) {
        PyErr_SetString(PyExc_ValueError, "expected a tuple of 2 integers");
    }
    else if (pair != NULL) {
        rc = read_limit(PyTuple_GET_ITEM(pair, 0), &limits->rlim_cur) < 0
             || read_limit(PyTuple_GET_ITEM(pair, 1), &limits->rlim_max) < 0 ? -1 : 0;
    }
    Py_XDECREF(pair);
    return rc;
}

static PyObject *
show_limits(const struct rlimit *limits)
{
    return Py_BuildValue("(ll)", (long)limits->rlim_cur, (long)limits->rlim_max);
}

/* 0, or -1 with ValueError for a number that no resource has. */
static int
check_resource(int resource)
{
    if (resource < 0 || resource >= (int)RLIM_NLIMITS) {
        PyErr_SetString(PyExc_ValueError, "invalid resource specified");
        return -1;
    }
    return 0;
}

/* The error of setrlimit() and prlimit(): NULL. */
static PyObject *
limit_error(void)
{
    if (errno == EINVAL) {
        PyErr_SetString(PyExc_ValueError, "current limit exceeds maximum limit");
    }
    else if (errno == EPERM) {
        PyErr_SetString(PyExc_ValueError, "not allowed to raise maximum limit");
    }
    else {
        posix_error();
    }
    return NULL;
}

/*sig resource.getrlimit(module, resource: int, /)

Return the soft and the hard limit of a resource.
*/
static PyObject *
resource_getrlimit_impl(PyObject *Py_UNUSED(module), int resource)
{
    struct rlimit limits;
    if (check_resource(resource) < 0) {
        return NULL;
    }
    if (getrlimit((__rlimit_resource_t)resource, &limits) < 0) {
        return posix_error();
    }
    return show_limits(&limits);
}

/*sig resource.setrlimit(module, resource: int, limits: object, /)

Set the soft and the hard limit of a resource.
*/
static PyObject *
resource_setrlimit_impl(PyObject *Py_UNUSED(module), int resource, PyObject *obj)
{
    struct rlimit limits;
    if (check_resource(resource) < 0
        || PySys_Audit("resource.setrlimit", "iO", resource, obj) < 0
        || read_limits(obj, &limits) < 0) {
        return NULL;
    }
    if (setrlimit((__rlimit_resource_t)resource, &limits) < 0) {
        return limit_error();
    }
    Py_RETURN_NONE;
}

/*sig resource.prlimit(module, pid: conv[_PyPosix_Pid, pid_t],
                        resource: int, limits: object = None, /)

Return the limits of a resource of a process, and set them if new ones are given.

Process 0 is the calling one.
*/
static PyObject *
resource_prlimit_impl(PyObject *Py_UNUSED(module), pid_t pid, int resource, PyObject *obj)
{
    struct rlimit old, limits;
    if (check_resource(resource) < 0
        || PySys_Audit("resource.prlimit", "iiO", (int)pid, resource, obj) < 0
        || (obj != Py_None && read_limits(obj, &limits) < 0)) {
        return NULL;
    }
    if (prlimit(pid, (enum __rlimit_resource)resource, obj != Py_None ? &limits : NULL, &old) < 0) {
        return limit_error();
    }
    return show_limits(&old);
}

/*sig resource.getpagesize(module) -> int

Return the number of bytes of a page of memory.
*/
static int
resource_getpagesize_impl(PyObject *Py_UNUSED(module))
{
    return (int)sysconf(_SC_PAGESIZE);
}

static _Py_SHARED PyMethodDef resource_methods[] = {
    RESOURCE_GETRUSAGE_METHODDEF
    RESOURCE_GETRLIMIT_METHODDEF
    RESOURCE_SETRLIMIT_METHODDEF
    RESOURCE_PRLIMIT_METHODDEF
    RESOURCE_GETPAGESIZE_METHODDEF
    {NULL, NULL, 0, NULL}
};

#define CONSTANTS(X) X(RLIMIT_AS) X(RLIMIT_CORE) X(RLIMIT_CPU) X(RLIMIT_DATA) X(RLIMIT_FSIZE) \
    X(RLIMIT_MEMLOCK) X(RLIMIT_MSGQUEUE) X(RLIMIT_NICE) X(RLIMIT_NOFILE) X(RLIMIT_NPROC) \
    X(RLIMIT_OFILE) X(RLIMIT_RSS) X(RLIMIT_RTPRIO) X(RLIMIT_RTTIME) X(RLIMIT_SIGPENDING) \
    X(RLIMIT_STACK) X(RLIM_INFINITY) X(RUSAGE_SELF) X(RUSAGE_CHILDREN) X(RUSAGE_THREAD)

#define ADD(NAME) \
    if (PyModule_AddIntConstant(module, #NAME, (long)NAME) < 0) { \
        return -1; \
    }

static int
resource_exec(PyObject *module)
{
    resource_state *state = PyModule_GetState(module);
    state->struct_rusage = PyStructSequence_NewType((PyStructSequence_Desc *)&rusage_desc);
    if (state->struct_rusage == NULL || PyModule_AddType(module, state->struct_rusage) < 0
        || PyModule_AddObjectRef(module, "error", PyExc_OSError) < 0) {
        return -1;
    }
    CONSTANTS(ADD)
    return 0;
}

static int
resource_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((resource_state *)PyModule_GetState(module))->struct_rusage);
    return 0;
}

static int
resource_clear(PyObject *module)
{
    Py_CLEAR(((resource_state *)PyModule_GetState(module))->struct_rusage);
    return 0;
}

static void
resource_free(void *module)
{
    (void)resource_clear(module);
}

static _Py_SHARED PyModuleDef_Slot resource_slots[] = {
    {Py_mod_exec, resource_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef resource_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "resource",
    .m_size = sizeof(resource_state),
    .m_methods = resource_methods,
    .m_slots = resource_slots,
    .m_traverse = resource_traverse,
    .m_clear = resource_clear,
    .m_free = resource_free,
};

PyMODINIT_FUNC
PyInit_resource(void)
{
    return PyModuleDef_Init(&resource_module);
}
