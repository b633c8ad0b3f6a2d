/* sched.c - scheduling: policies, parameters, processors, priorities, namespaces.
 * Written from the library reference (os) and the manual pages.
 */
#include "posix.h"

#include <sched.h>

#include "sig/sched.sig.h"

static const PyStructSequence_Field sched_param_fields[] = {
    {"sched_priority", "the scheduling priority"},
    {NULL, NULL}
};

static const PyStructSequence_Desc sched_param_desc = {
    "posix.sched_param",
    sched_param_new__doc__,
    (PyStructSequence_Field *)sched_param_fields, 1
};

/*sig sched_param.__new__(type, sched_priority)

Currently has only one field: sched_priority

  sched_priority
    A scheduling parameter.
*/
static PyObject *
sched_param_new_impl(PyTypeObject *type, PyObject *sched_priority)
{
    PyObject *result = PyStructSequence_New(type);
    if (result != NULL) {
        PyStructSequence_SetItem(result, 0, Py_NewRef(sched_priority));
    }
    return result;
}

/* As the constructor takes it, which is not what other struct sequences take. */
static PyObject *
sched_param_reduce(PyObject *self, PyObject *Py_UNUSED(unused))
{
    return Py_BuildValue("(O(O))", Py_TYPE(self), PyStructSequence_GetItem(self, 0));
}

static const PyMethodDef reduce_method = {
    "__reduce__", sched_param_reduce, METH_NOARGS, NULL
};

int
_PyPosix_AddSchedParam(PyObject *module)
{
    PyTypeObject *type = _PyPosix_AddStructSequence(module, "sched_param", &sched_param_desc,
                                                    &posix_get_state(module)->sched_param);
    if (type == NULL) {
        return -1;
    }
    type->tp_new = sched_param_new;
    PyObject *reduce = PyDescr_NewMethod(type, (PyMethodDef *)&reduce_method);
    if (reduce == NULL) {
        return -1;
    }
    int rc = PyObject_SetAttrString((PyObject *)type, "__reduce__", reduce);
    Py_DECREF(reduce);
    return rc;
}

/* The priority of a sched_param: 0, or -1 with an error. */
int
_PyPosix_SchedParam(posix_state *state, PyObject *obj, int *priority)
{
    if (!Py_IS_TYPE(obj, state->sched_param)) {
        PyErr_SetString(PyExc_TypeError, "must have a sched_param object");
        return -1;
    }
    long value = PyLong_AsLong(PyStructSequence_GetItem(obj, 0));
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (value < INT_MIN || value > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "sched_priority out of range");
        return -1;
    }
    *priority = (int)value;
    return 0;
}

/*sig posix.sched_get_priority_max(module, policy: int) -> int

Get the maximum scheduling priority for policy.
*/
static int
posix_sched_get_priority_max_impl(PyObject *module, int policy)
{
    (void)module;
    int result = sched_get_priority_max(policy);
    return result < 0 ? posix_done(-1) : result;
}

/*sig posix.sched_get_priority_min(module, policy: int) -> int

Get the minimum scheduling priority for policy.
*/
static int
posix_sched_get_priority_min_impl(PyObject *module, int policy)
{
    (void)module;
    int result = sched_get_priority_min(policy);
    return result < 0 ? posix_done(-1) : result;
}

/*sig posix.sched_getscheduler(module, pid: conv[_PyPosix_Pid, pid_t], /) -> int

Get the scheduling policy for the process identified by pid.

Passing 0 for pid returns the scheduling policy for the calling process.
*/
static int
posix_sched_getscheduler_impl(PyObject *module, pid_t pid)
{
    (void)module;
    int result = sched_getscheduler(pid);
    return result < 0 ? posix_done(-1) : result;
}

/*sig posix.sched_setscheduler(module, pid: conv[_PyPosix_Pid, pid_t], policy: int,
                             param, /) -> None

Set the scheduling policy for the process identified by pid.

If pid is 0, the calling process is changed.
param is an instance of sched_param.
*/
static int
posix_sched_setscheduler_impl(PyObject *module, pid_t pid, int policy, PyObject *param)
{
    struct sched_param p = {0};
    if (_PyPosix_SchedParam(posix_get_state(module), param, &p.sched_priority) < 0) {
        return -1;
    }
    return posix_done(sched_setscheduler(pid, policy, &p));
}

/*sig posix.sched_getparam(module, pid: conv[_PyPosix_Pid, pid_t], /)

Returns scheduling parameters for the process identified by pid.

If pid is 0, returns parameters for the calling process.
Return value is an instance of sched_param.
*/
static PyObject *
posix_sched_getparam_impl(PyObject *module, pid_t pid)
{
    struct sched_param p;
    if (sched_getparam(pid, &p) < 0) {
        return posix_error();
    }
    PyObject *result = PyStructSequence_New(posix_get_state(module)->sched_param);
    if (result != NULL && set_field(result, 0, PyLong_FromLong(p.sched_priority)) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

/*sig posix.sched_setparam(module, pid: conv[_PyPosix_Pid, pid_t], param, /) -> None

Set scheduling parameters for the process identified by pid.

If pid is 0, sets parameters for the calling process.
param should be an instance of sched_param.
*/
static int
posix_sched_setparam_impl(PyObject *module, pid_t pid, PyObject *param)
{
    struct sched_param p = {0};
    if (_PyPosix_SchedParam(posix_get_state(module), param, &p.sched_priority) < 0) {
        return -1;
    }
    return posix_done(sched_setparam(pid, &p));
}

/*sig posix.sched_rr_get_interval(module, pid: conv[_PyPosix_Pid, pid_t], /) -> double

Return the round-robin quantum for the process identified by pid, in seconds.
*/
static double
posix_sched_rr_get_interval_impl(PyObject *module, pid_t pid)
{
    (void)module;
    struct timespec interval;
    if (sched_rr_get_interval(pid, &interval) < 0) {
        posix_error();
        return -1.0;
    }
    return (double)interval.tv_sec + 1e-9 * (double)interval.tv_nsec;
}

/*sig posix.sched_yield(module) -> None

Voluntarily relinquish the CPU.
*/
static int
posix_sched_yield_impl(PyObject *module)
{
    (void)module;
    int rc;
    UNLOCKED(rc = sched_yield());
    return posix_done(rc);
}

/* A set of processors with room for at least `cpus`; *size in bytes.  NULL with an error. */
static cpu_set_t *
new_cpu_set(int cpus, size_t *size)
{
    assert(cpus > 0);
    *size = CPU_ALLOC_SIZE((size_t)cpus);
    cpu_set_t *set = CPU_ALLOC((size_t)cpus);
    if (set == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    CPU_ZERO_S(*size, set);
    return set;
}

/* The number of a processor: 0, or -1 with an error. */
static int
cpu_number(PyObject *item, int *cpu)
{
    if (!PyLong_Check(item)) {
        PyErr_Format(PyExc_TypeError, "expected an iterator of ints, but iterator yielded %R",
                     Py_TYPE(item));
        return -1;
    }
    long value = PyLong_AsLong(item);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (value < 0) {
        PyErr_SetString(PyExc_ValueError, "negative CPU number");
        return -1;
    }
    if (value > INT_MAX - 1) {
        PyErr_SetString(PyExc_OverflowError, "CPU number too large");
        return -1;
    }
    *cpu = (int)value;
    return 0;
}

/* A set that also has room for `cpu`: the old one is replaced.  0, or -1 with an error. */
static int
grow_cpu_set(cpu_set_t **set, int *cpus, size_t *size, int cpu)
{
    int more = *cpus;
    while (more <= cpu) {
        more = more > INT_MAX / 2 ? INT_MAX : more * 2;
    }
    if (more == *cpus) {
        return 0;
    }
    size_t new_size;
    cpu_set_t *bigger = new_cpu_set(more, &new_size);
    if (bigger == NULL) {
        return -1;
    }
    memcpy(bigger, *set, *size);
    CPU_FREE(*set);
    *set = bigger;
    *cpus = more;
    *size = new_size;
    return 0;
}

#define FIRST_CPUS 1024

/*sig posix.sched_setaffinity(module, pid: conv[_PyPosix_Pid, pid_t], mask, /) -> None

Set the CPU affinity of the process identified by pid to mask.

  pid
    The process ID of the process, 0 for the current one.
  mask
    An iterable of integers identifying CPUs.
*/
static int
posix_sched_setaffinity_impl(PyObject *module, pid_t pid, PyObject *mask)
{
    (void)module;
    int cpus = FIRST_CPUS, cpu, rc = -1;
    size_t size;
    PyObject *item;
    PyObject *iterator = PyObject_GetIter(mask);
    if (iterator == NULL) {
        return -1;
    }
    cpu_set_t *set = new_cpu_set(cpus, &size);
    if (set == NULL) {
        Py_DECREF(iterator);
        return -1;
    }
    while ((item = PyIter_Next(iterator)) != NULL) {
        int failed = cpu_number(item, &cpu) < 0 || grow_cpu_set(&set, &cpus, &size, cpu) < 0;
        Py_DECREF(item);
        if (failed) {
            goto done;
        }
        CPU_SET_S((size_t)cpu, size, set);
    }
    if (!PyErr_Occurred()) {
        rc = posix_done(sched_setaffinity(pid, size, set));
    }
done:
    Py_DECREF(iterator);
    CPU_FREE(set);
    return rc;
}

/*sig posix.sched_getaffinity(module, pid: conv[_PyPosix_Pid, pid_t], /)

Return the affinity of the process identified by pid (or the current process if zero).

The affinity is returned as a set of CPU identifiers.
*/
static PyObject *
posix_sched_getaffinity_impl(PyObject *module, pid_t pid)
{
    (void)module;
    int cpus = FIRST_CPUS;
    size_t size;
    cpu_set_t *set;
    for (;;) {
        set = new_cpu_set(cpus, &size);
        if (set == NULL) {
            return NULL;
        }
        if (sched_getaffinity(pid, size, set) == 0) {
            break;
        }
        int saved_errno = errno;
        CPU_FREE(set);
        if (saved_errno != EINVAL || cpus > INT_MAX / 2) {
            errno = saved_errno;
            return posix_error();
        }
        cpus *= 2;              /* the kernel knows of more processors */
    }
    PyObject *result = PySet_New(NULL);
    int left = CPU_COUNT_S(size, set);
    for (int cpu = 0; result != NULL && left > 0; cpu++) {
        if (!CPU_ISSET_S((size_t)cpu, size, set)) {
            continue;
        }
        left--;
        PyObject *number = PyLong_FromLong(cpu);
        if (number == NULL || PySet_Add(result, number) < 0) {
            Py_CLEAR(result);
        }
        Py_XDECREF(number);
    }
    CPU_FREE(set);
    return result;
}

/*sig posix.nice(module, increment: int, /) -> int

Add increment to the priority of process and return the new priority.
*/
static int
posix_nice_impl(PyObject *module, int increment)
{
    (void)module;
    errno = 0;
    int value = nice(increment);
    return value == -1 && errno != 0 ? posix_done(-1) : value;
}

/*sig posix.getpriority(module, which: int, who: int) -> int

Return program scheduling priority.
*/
static int
posix_getpriority_impl(PyObject *module, int which, int who)
{
    (void)module;
    errno = 0;
    int value = getpriority((__priority_which_t)which, (id_t)who);
    return value == -1 && errno != 0 ? posix_done(-1) : value;
}

/*sig posix.setpriority(module, which: int, who: int, priority: int) -> None

Set program scheduling priority.
*/
static int
posix_setpriority_impl(PyObject *module, int which, int who, int priority)
{
    (void)module;
    return posix_done(setpriority((__priority_which_t)which, (id_t)who, priority));
}

/*sig posix.setns(module, fd: fildes, nstype: int = 0) -> None

Move the calling thread into different namespaces.

  fd
    A file descriptor to a namespace.
  nstype
    Type of namespace.
*/
static int
posix_setns_impl(PyObject *module, int fd, int nstype)
{
    (void)module;
    int rc;
    UNLOCKED(rc = setns(fd, nstype));
    return posix_done(rc);
}

/*sig posix.unshare(module, flags: int) -> None

Disassociate parts of a process (or thread) execution context.

  flags
    Namespaces to be unshared.
*/
static int
posix_unshare_impl(PyObject *module, int flags)
{
    (void)module;
    int rc;
    UNLOCKED(rc = unshare(flags));
    return posix_done(rc);
}

const PyMethodDef _PyPosix_SchedMethods[] = {
    POSIX_SCHED_GET_PRIORITY_MAX_METHODDEF
    POSIX_SCHED_GET_PRIORITY_MIN_METHODDEF
    POSIX_SCHED_GETSCHEDULER_METHODDEF
    POSIX_SCHED_SETSCHEDULER_METHODDEF
    POSIX_SCHED_GETPARAM_METHODDEF
    POSIX_SCHED_SETPARAM_METHODDEF
    POSIX_SCHED_RR_GET_INTERVAL_METHODDEF
    POSIX_SCHED_YIELD_METHODDEF
    POSIX_SCHED_SETAFFINITY_METHODDEF
    POSIX_SCHED_GETAFFINITY_METHODDEF
    POSIX_NICE_METHODDEF
    POSIX_GETPRIORITY_METHODDEF
    POSIX_SETPRIORITY_METHODDEF
    POSIX_SETNS_METHODDEF
    POSIX_UNSHARE_METHODDEF
    {NULL, NULL}
};
