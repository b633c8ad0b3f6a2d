/* system.c - the machine and the C library: uname, load, processors, random bytes, messages of
 * errors, system().
 * Written from the library reference (os) and the manual pages.
 */
#include "posix.h"
#include "pycore_private_api.h"

#include <stdlib.h>
#include <sys/random.h>
#include <sys/times.h>
#include <sys/utsname.h>

#include "sig/system.sig.h"

/*sig posix.cpu_count(module)

Return the number of CPUs in the system; return None if indeterminable.

This number is not equivalent to the number of CPUs the current process can
use, which is len(os.sched_getaffinity(0)).
*/
static PyObject *
posix_cpu_count_impl(PyObject *module)
{
    (void)module;
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    if (n >= 1) {
        return PyLong_FromLong(n);
    }
    Py_RETURN_NONE;
}

/*sig posix.getloadavg(module)

Return average recent system load information.

The three floats are the average number of processes that could run in the
last 1, 5 and 15 minutes.
*/
static PyObject *
posix_getloadavg_impl(PyObject *module)
{
    (void)module;
    double load[3];
    if (getloadavg(load, 3) != 3) {
        PyErr_SetString(PyExc_OSError, "Load averages are unobtainable");
        return NULL;
    }
    return Py_BuildValue("ddd", load[0], load[1], load[2]);
}

/*sig posix.uname(module)

Return an object identifying the current operating system.

The object behaves like a tuple with the fields sysname, nodename, release,
version and machine.
*/
static PyObject *
posix_uname_impl(PyObject *module)
{
    struct utsname u;
    int rc;
    UNLOCKED(rc = uname(&u));
    if (rc < 0) {
        return posix_error();
    }
    const char *const values[] = {u.sysname, u.nodename, u.release, u.version, u.machine};
    PyObject *result = PyStructSequence_New(posix_get_state(module)->uname_result);
    for (Py_ssize_t i = 0; result != NULL && i < (Py_ssize_t)Py_ARRAY_LENGTH(values); i++) {
        if (set_field(result, i, PyUnicode_DecodeFSDefault(values[i])) < 0) {
            Py_CLEAR(result);
        }
    }
    return result;
}

/*sig posix.times(module)

Return a collection containing process timing information.

The object behaves like a named tuple with these fields: user, system,
children_user, children_system, elapsed; all floating point numbers in
seconds.
*/
static PyObject *
posix_times_impl(PyObject *module)
{
    struct tms t;
    errno = 0;
    clock_t elapsed = times(&t);
    if (elapsed == (clock_t)-1 && errno != 0) {
        return posix_error();
    }
    double ticks = (double)sysconf(_SC_CLK_TCK);
    const clock_t values[] = {t.tms_utime, t.tms_stime, t.tms_cutime, t.tms_cstime, elapsed};
    PyObject *result = PyStructSequence_New(posix_get_state(module)->times_result);
    for (Py_ssize_t i = 0; result != NULL && i < (Py_ssize_t)Py_ARRAY_LENGTH(values); i++) {
        if (set_field(result, i, PyFloat_FromDouble((double)values[i] / ticks)) < 0) {
            Py_CLEAR(result);
        }
    }
    return result;
}

/*sig posix.strerror(module, code: int, /)

Translate an error code to a message string.
*/
static PyObject *
posix_strerror_impl(PyObject *module, int code)
{
    (void)module;
    const char *message = strerror(code);
    if (message == NULL) {
        PyErr_SetString(PyExc_ValueError, "strerror() argument out of range");
        return NULL;
    }
    return PyUnicode_DecodeLocale(message, "surrogateescape");
}

/*sig posix.urandom(module, size: ssize, /)

Return a bytes object containing random bytes suitable for cryptographic use.
*/
static PyObject *
posix_urandom_impl(PyObject *module, Py_ssize_t size)
{
    (void)module;
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "negative argument not allowed");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes != NULL && _PyOS_URandom(PyBytes_AS_STRING(bytes), size) < 0) {
        Py_CLEAR(bytes);
    }
    return bytes;
}

/*sig posix.getrandom(module, size: ssize, flags: int = 0)

Obtain a series of random bytes.
*/
static PyObject *
posix_getrandom_impl(PyObject *module, Py_ssize_t size, int flags)
{
    (void)module;
    if (size < 0) {
        errno = EINVAL;
        return posix_error();
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes == NULL) {
        return NULL;
    }
    Py_ssize_t n;
    int pending;
    UNLOCKED_RETRY(n, pending, getrandom(PyBytes_AS_STRING(bytes), (size_t)size,
                                         (unsigned)flags));
    if (n < 0) {
        Py_DECREF(bytes);
        return pending ? NULL : posix_error();
    }
    if (n != size) {
        _PyBytes_Resize(&bytes, n);
    }
    return bytes;
}

/*sig posix.system(module, command: path) -> long

Execute the command in a subshell.
*/
static long
posix_system_impl(PyObject *module, PyObject *command)
{
    (void)module;
    long result;
    const char *text = PyBytes_AS_STRING(command);
    if (PySys_Audit("os.system", "(O)", command) < 0) {
        return -1;
    }
    UNLOCKED(result = system(text));
    return result;
}

const PyMethodDef _PyPosix_SystemMethods[] = {
    POSIX_CPU_COUNT_METHODDEF
    POSIX_GETLOADAVG_METHODDEF
    POSIX_UNAME_METHODDEF
    POSIX_TIMES_METHODDEF
    POSIX_STRERROR_METHODDEF
    POSIX_URANDOM_METHODDEF
    POSIX_GETRANDOM_METHODDEF
    POSIX_SYSTEM_METHODDEF
    {NULL, NULL}
};
