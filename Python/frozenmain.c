/* frozenmain.c - Py_FrozenMain(): main() of a program whose modules are frozen into it.
 *
 * The program points PyImport_FrozenModules to its table, which has a module __main__.
 * Written from the C API reference ("Importing Modules", "Python Initialization Configuration"). */
#include "Python.h"
#include "pycore_initconfig.h"  // _PyStatus_EXCEPTION()

#include <unistd.h>

/* Starts Python for the arguments, which it leaves to the program. */
static PyStatus
start(int argc, char **argv)
{
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    config.pathconfig_warnings = 0;     /* there may be no standard library */
    config.parse_argv = 0;
    PyStatus status = PyConfig_SetBytesArgv(&config, argc, argv);
    if (!_PyStatus_EXCEPTION(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    PyConfig_Clear(&config);
    return status;
}

/* Returns the exit status: 0, 1 after an exception, 120 when the end fails. */
int
Py_FrozenMain(int argc, char **argv)
{
    PyStatus status = start(argc, argv);
    if (_PyStatus_EXCEPTION(status)) {
        Py_ExitStatusException(status);
    }
    const PyConfig *config = _PyInterpreterState_GetConfig(PyInterpreterState_Get());
    int inspect = config->inspect > 0;
    int result = 0;
    int found = PyImport_ImportFrozenModule("__main__");
    if (found == 0) {
        Py_FatalError("the __main__ module is not frozen");
    }
    if (found < 0) {
        PyErr_Print();
        result = 1;
    }
    if (inspect && isatty(STDIN_FILENO)) {
        result = PyRun_AnyFile(stdin, "<stdin>") != 0;
    }
    if (Py_FinalizeEx() < 0) {
        result = 120;
    }
    return result;
}
