/* The module syslog: messages for the system's log.
 *
 * The C library has one log for the process, and keeps the address of the name in front of the
 * messages: both are in _PyRuntime.syslog.  The main interpreter opens and closes the log, under
 * its GIL; the others write messages while it is open.  The C library's own lock makes syslog()
 * safe without a GIL, and the old name free when openlog() or closelog() has returned.
 *
 * Written from the manual page syslog(3), the documentation of the module and observed behaviour.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_pystate.h"     // _Py_IsMainInterpreter()
#include "pycore_runtime.h"     // _PyRuntime.syslog
#include "pycore_signature.h"   // wrappers

#include <stdbool.h>
#include <syslog.h>

#include "sig/syslogmodule.sig.h"

static inline bool
log_is_open(void)
{
    return __atomic_load_n(&_PyRuntime.syslog.open, __ATOMIC_ACQUIRE);
}

/* Whether this is the main interpreter: 0, or -1 with RuntimeError. */
static int
check_main(const char *message)
{
    if (!_Py_IsMainInterpreter(_PyInterpreterState_GET())) {
        PyErr_SetString(PyExc_RuntimeError, message);
        return -1;
    }
    return 0;
}

/* The last part of sys.argv[0]: new reference; NULL without an exception if there is none. */
static PyObject *
program_name(void)
{
    PyObject *argv = PySys_GetObject("argv");
    if (argv == NULL || !PyList_Check(argv) || PyList_GET_SIZE(argv) == 0) {
        return NULL;
    }
    PyObject *path = PyList_GET_ITEM(argv, 0);
    if (!PyUnicode_Check(path) || PyUnicode_GET_LENGTH(path) == 0) {
        return NULL;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(path);
    Py_ssize_t slash = PyUnicode_FindChar(path, '/', 0, length, -1);
    assert(slash >= -1 && slash < length);
    return PyUnicode_Substring(path, slash + 1, length);
}

/* Open the log under a name (NULL: the C library's choice): 0, or -1 with an exception. */
static int
open_log(PyObject *ident, long option, long facility)
{
    char *name = NULL;
    if (ident != NULL) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(ident, &size);
        if (text == NULL) {
            return -1;
        }
        name = PyMem_RawMalloc((size_t)size + 1);
        if (name == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        memcpy(name, text, (size_t)size + 1);
    }
    if (PySys_Audit("syslog.openlog", "Oll", ident != NULL ? ident : Py_None, option,
                    facility) < 0)
    {
        PyMem_RawFree(name);
        return -1;
    }
    char *old = _PyRuntime.syslog.ident;
    openlog(name, (int)option, (int)facility);
    _PyRuntime.syslog.ident = name;
    __atomic_store_n(&_PyRuntime.syslog.open, 1, __ATOMIC_RELEASE);
    PyMem_RawFree(old);
    return 0;
}

static int
open_with_defaults(void)
{
    PyObject *ident = program_name();
    int result = ident == NULL && PyErr_Occurred() ? -1 : open_log(ident, 0, LOG_USER);
    Py_XDECREF(ident);
    return result;
}

static void
close_log(void)
{
    __atomic_store_n(&_PyRuntime.syslog.open, 0, __ATOMIC_RELEASE);
    closelog();
    PyMem_RawFree(_PyRuntime.syslog.ident);
    _PyRuntime.syslog.ident = NULL;
}

PyDoc_STRVAR(syslog_doc,
"syslog([priority=LOG_INFO,] message)\n"
"Send the string message to the system logger.");

/* The first argument is the optional one, which no signature can say. */
static PyObject *
syslog_syslog(PyObject *Py_UNUSED(module), PyObject *args)
{
    int priority = LOG_INFO;
    const char *message;
    switch (PyTuple_GET_SIZE(args)) {
    case 1:
        if (!PyArg_ParseTuple(args, "s:syslog", &message)) {
            return NULL;
        }
        break;
    case 2:
        if (!PyArg_ParseTuple(args, "is:syslog", &priority, &message)) {
            return NULL;
        }
        break;
    default:
        PyErr_SetString(PyExc_TypeError, "syslog.syslog requires 1 to 2 arguments");
        return NULL;
    }
    if (PySys_Audit("syslog.syslog", "is", priority, message) < 0) {
        return NULL;
    }
    if (!log_is_open()
        && (check_main("subinterpreter can't use syslog.syslog() until the syslog is opened by "
                       "the main interpreter") < 0
            || open_with_defaults() < 0))
    {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    syslog(priority, "%s", message);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/*sig syslog.openlog(module, ident: unicode = NULL, logoption: long = 0,
                     facility: long = c"LOG_USER" py"LOG_USER") -> None

Set logging options of subsequent syslog() calls.
*/
static int
syslog_openlog_impl(PyObject *Py_UNUSED(module), PyObject *ident, long logoption, long facility)
{
    if (check_main("subinterpreter can't use syslog.openlog()") < 0) {
        return -1;
    }
    PyObject *name = ident != NULL ? Py_NewRef(ident) : program_name();
    int result = name == NULL && PyErr_Occurred() ? -1 : open_log(name, logoption, facility);
    Py_XDECREF(name);
    return result;
}

/*sig syslog.closelog(module) -> None

Reset the syslog module values and call the system library closelog().
*/
static int
syslog_closelog_impl(PyObject *Py_UNUSED(module))
{
    if (check_main("subinterpreter can't use syslog.closelog()") < 0
        || PySys_Audit("syslog.closelog", NULL) < 0)
    {
        return -1;
    }
    if (log_is_open()) {
        close_log();
    }
    return 0;
}

/*sig syslog.setlogmask(module, maskpri: long, /) -> int

Set the priority mask to maskpri and return the previous mask value.
*/
static int
syslog_setlogmask_impl(PyObject *Py_UNUSED(module), long maskpri)
{
    return PySys_Audit("syslog.setlogmask", "l", maskpri) < 0 ? -1 : setlogmask((int)maskpri);
}

/* A mask for a priority, which may be any int: bits are counted as the CPU shifts. */
static inline long
mask_of(long pri)
{
    return (int)(1u << (pri & 31));
}

/*sig syslog.LOG_MASK(module, pri: long, /) -> long

Calculates the mask for the individual priority pri.
*/
static long
syslog_LOG_MASK_impl(PyObject *Py_UNUSED(module), long pri)
{
    return mask_of(pri);
}

/*sig syslog.LOG_UPTO(module, pri: long, /) -> long

Calculates the mask for all priorities up to and including pri.
*/
static long
syslog_LOG_UPTO_impl(PyObject *Py_UNUSED(module), long pri)
{
    return (int)((2u << (pri & 31)) - 1);
}

static const PyMethodDef syslog_functions[] = {
    SYSLOG_OPENLOG_METHODDEF
    SYSLOG_CLOSELOG_METHODDEF
    {"syslog", syslog_syslog, METH_VARARGS, syslog_doc},
    SYSLOG_SETLOGMASK_METHODDEF
    SYSLOG_LOG_MASK_METHODDEF
    SYSLOG_LOG_UPTO_METHODDEF
    {NULL}
};

#define CONSTANT(NAME) {#NAME, NAME}

static const struct {
    const char *name;
    int value;
} constants[] = {
    CONSTANT(LOG_EMERG), CONSTANT(LOG_ALERT), CONSTANT(LOG_CRIT), CONSTANT(LOG_ERR),
    CONSTANT(LOG_WARNING), CONSTANT(LOG_NOTICE), CONSTANT(LOG_INFO), CONSTANT(LOG_DEBUG),
    CONSTANT(LOG_PID), CONSTANT(LOG_CONS), CONSTANT(LOG_NDELAY), CONSTANT(LOG_ODELAY),
    CONSTANT(LOG_NOWAIT), CONSTANT(LOG_PERROR),
    CONSTANT(LOG_KERN), CONSTANT(LOG_USER), CONSTANT(LOG_MAIL), CONSTANT(LOG_DAEMON),
    CONSTANT(LOG_AUTH), CONSTANT(LOG_AUTHPRIV), CONSTANT(LOG_SYSLOG), CONSTANT(LOG_LPR),
    CONSTANT(LOG_NEWS), CONSTANT(LOG_UUCP), CONSTANT(LOG_CRON),
    CONSTANT(LOG_LOCAL0), CONSTANT(LOG_LOCAL1), CONSTANT(LOG_LOCAL2), CONSTANT(LOG_LOCAL3),
    CONSTANT(LOG_LOCAL4), CONSTANT(LOG_LOCAL5), CONSTANT(LOG_LOCAL6), CONSTANT(LOG_LOCAL7),
};

static int
syslog_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

/* The log outlives the module, which may be imported again, but not the main interpreter. */
static void
syslog_free(void *Py_UNUSED(module))
{
    if (_Py_IsFinalizing() && _Py_IsMainInterpreter(_PyInterpreterState_GET()) && log_is_open()) {
        close_log();
    }
}

static const PyModuleDef_Slot syslog_slots[] = {
    {Py_mod_exec, syslog_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef syslog_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "syslog",
    .m_size = 0,
    .m_methods = (PyMethodDef *)syslog_functions,
    .m_slots = (PyModuleDef_Slot *)syslog_slots,
    .m_free = syslog_free,
};

PyMODINIT_FUNC
PyInit_syslog(void)
{
    return PyModuleDef_Init(&syslog_module);
}
