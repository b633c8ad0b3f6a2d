/* The program: Py_Main, Py_BytesMain, Py_RunMain.
 *
 * Runs what the configuration names (-c, -m, a script, a directory or archive, standard input, a
 * prompt) and gives the exit status.
 * Written from "Command line and environment" and the initialisation chapters of the reference. */
#include "Python.h"
#include "pycore_fileutils.h"
#include "pycore_initconfig.h"
#include "pycore_lifecycle.h"
#include "pycore_private_api.h"
#include "pycore_pystate.h"
#include "pycore_strings.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPYRIGHT \
    "Type \"help\", \"copyright\", \"credits\" or \"license\" for more information."

/* ---- start -------------------------------------------------------------------------- */

static PyStatus
pymain_init(const _PyArgv *args)
{
    PyStatus status = _PyRuntime_Initialize();
    if (_PyStatus_EXCEPTION(status)) {
        return status;
    }
    PyPreConfig preconfig;
    PyPreConfig_InitPythonConfig(&preconfig);
    status = args->use_bytes
        ? Py_PreInitializeFromBytesArgs(&preconfig, args->argc, (char **)args->bytes_argv)
        : Py_PreInitializeFromArgs(&preconfig, args->argc, (wchar_t **)args->wchar_argv);
    if (_PyStatus_EXCEPTION(status)) {
        return status;
    }
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    /* The program is a compatibility configuration as to flags left open. */
    config.isolated = _PyRuntime.preconfig.isolated;
    config.use_environment = _PyRuntime.preconfig.use_environment;
    status = args->use_bytes
        ? PyConfig_SetBytesArgv(&config, args->argc, args->bytes_argv)
        : PyConfig_SetArgv(&config, args->argc, args->wchar_argv);
    if (!_PyStatus_EXCEPTION(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    PyConfig_Clear(&config);
    return status;
}

/* ---- the ways to run ------------------------------------------------------------------- */

static int
stdin_is_interactive(const PyConfig *config)
{
    return isatty(fileno(stdin)) || config->interactive;
}

/* Whether there is something to run but what is typed. */
static int
has_program(const PyConfig *config)
{
    return config->run_command != NULL || config->run_filename != NULL
           || config->run_module != NULL;
}

/* Prints the pending exception; 1 with the exit code if it was SystemExit. */
static int
err_print(int *exitcode)
{
    if (PyErr_ExceptionMatches(PyExc_SystemExit)) {
        int code;
        if (_Py_HandleSystemExit(&code)) {
            *exitcode = code;
            return 1;
        }
    }
    if (PyErr_Occurred() == PyExc_KeyboardInterrupt) {     /* not a subclass */
        _PyErr_NoteKeyboardInterrupt(1);
    }
    PyErr_Print();
    *exitcode = 1;
    return 0;
}

/* Puts the script's directory (or "") first on sys.path. */
static int
prepend_sys_path(PyObject *path0)
{
    PyObject *path = _PySys_GetAttr(_PyThreadState_GET(), &_Py_ID(path));
    if (path == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "unable to get sys.path");
        return -1;
    }
    wchar_t *copy = PyUnicode_AsWideCharString(path0, NULL);
    if (copy == NULL || PyList_Insert(path, 0, path0) < 0 || _PySite_SetPath0(copy) < 0) {
        PyMem_Free(copy);
        return -1;
    }
    PyMem_Free(copy);
    return 0;
}

/* What sys.path[0] is to be: new reference in *path0, or NULL there for nothing.  -1 on errors. */
static int
compute_path0(const PyConfig *config, PyObject **path0)
{
    *path0 = NULL;
    const PyWideStringList *argv = &config->argv;
    if (argv->length == 0) {
        return 0;
    }
    const wchar_t *argv0 = argv->items[0];
    wchar_t buf[4096];
    if (config->run_module != NULL) {
        if (_Py_wgetcwd(buf, Py_ARRAY_LENGTH(buf)) == NULL) {
            return 0;
        }
        *path0 = PyUnicode_FromWideChar(buf, -1);
    }
    else if (wcscmp(argv0, L"-c") == 0 || argv0[0] == L'\0' || wcscmp(argv0, L"-") == 0) {
        *path0 = PyUnicode_FromWideChar(L"", 0);
    }
    else {
        const wchar_t *script = argv0;
        if (_Py_wrealpath(argv0, buf, Py_ARRAY_LENGTH(buf)) != NULL) {
            script = buf;
        }
        const wchar_t *slash = wcsrchr(script, L'/');
        Py_ssize_t len = slash == NULL ? 0 : slash == script ? 1 : slash - script;
        *path0 = PyUnicode_FromWideChar(script, len);
    }
    return *path0 != NULL ? 0 : -1;
}

static int
run_command(const wchar_t *command)
{
    PyObject *text = PyUnicode_FromWideChar(command, -1);
    PyObject *bytes = text != NULL ? PyUnicode_AsUTF8String(text) : NULL;
    int res = 1;
    if (text != NULL && PySys_Audit("cpython.run_command", "O", text) < 0) {
        Py_CLEAR(bytes);
    }
    Py_XDECREF(text);
    if (bytes == NULL) {
        fprintf(stderr, "Unable to decode the command from the command line:\n");
        err_print(&res);
        return res;
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags |= PyCF_IGNORE_COOKIE;
    res = PyRun_SimpleStringFlags(PyBytes_AS_STRING(bytes), &flags);
    Py_DECREF(bytes);
    return res != 0;
}

/* runpy._run_module_as_main(name, set_argv0) */
static int
run_module(const wchar_t *name, int set_argv0)
{
    int exitcode = 0;
    PyObject *runpy = NULL, *function = NULL, *module = NULL, *result = NULL;
    module = PyUnicode_FromWideChar(name, -1);
    if (module == NULL || PySys_Audit("cpython.run_module", "O", module) < 0) {
        goto done;
    }
    runpy = PyImport_ImportModule("runpy");
    if (runpy == NULL) {
        fprintf(stderr, "Could not import runpy module\n");
        goto done;
    }
    function = PyObject_GetAttrString(runpy, "_run_module_as_main");
    if (function == NULL) {
        fprintf(stderr, "Could not access runpy._run_module_as_main\n");
        goto done;
    }
    result = PyObject_CallFunction(function, "OO", module, set_argv0 ? Py_True : Py_False);
done:
    if (result == NULL) {
        err_print(&exitcode);
    }
    Py_XDECREF(result);
    Py_XDECREF(module);
    Py_XDECREF(function);
    Py_XDECREF(runpy);
    return exitcode;
}

static int
run_file(const PyConfig *config)
{
    PyObject *filename = PyUnicode_FromWideChar(config->run_filename, -1);
    if (filename == NULL) {
        PyErr_Print();
        return -1;
    }
    int exitcode = 0;
    if (PySys_Audit("cpython.run_file", "O", filename) < 0) {
        err_print(&exitcode);
        Py_DECREF(filename);
        return exitcode;
    }
    FILE *fp = _Py_wfopen(config->run_filename, L"rb");
    struct stat st;
    if (fp == NULL) {
        int err = errno;
        PySys_FormatStderr("%S: can't open file %R: [Errno %d] %s\n",
                           _PySys_GetAttr(_PyThreadState_GET(), &_Py_ID(executable)), filename,
                           err, strerror(err));
        Py_DECREF(filename);
        return 2;
    }
    if (fstat(fileno(fp), &st) == 0 && S_ISDIR(st.st_mode)) {
        fclose(fp);
        PySys_FormatStderr("%S: %R is a directory, cannot continue\n",
                           _PySys_GetAttr(_PyThreadState_GET(), &_Py_ID(executable)), filename);
        Py_DECREF(filename);
        return 1;
    }
    if (config->skip_source_first_line) {
        int ch;
        while ((ch = getc(fp)) != EOF && ch != '\n') {
        }
        if (ch == '\n') {
            (void)ungetc(ch, fp);
        }
    }
    if (Py_MakePendingCalls() == -1) {
        err_print(&exitcode);
        fclose(fp);
        Py_DECREF(filename);
        return exitcode;
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    int res = _PyRun_AnyFileObject(fp, filename, 1, &flags);
    Py_DECREF(filename);
    return res != 0;
}

/* $PYTHONSTARTUP: 0, or 1 with the exit code. */
static int
run_startup(const PyConfig *config, int *exitcode)
{
    const char *startup = _Py_GetEnv(config->use_environment, "PYTHONSTARTUP");
    if (startup == NULL) {
        return 0;
    }
    FILE *fp = fopen(startup, "re");
    if (fp == NULL) {
        int err = errno;
        PySys_WriteStderr("Could not open PYTHONSTARTUP\n");
        errno = err;
        PyErr_SetFromErrnoWithFilename(PyExc_OSError, startup);
        return err_print(exitcode);
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    (void)PyRun_SimpleFileExFlags(fp, startup, 1, &flags);
    PyErr_Clear();
    return 0;
}

/* Lines of a prompt that may come are edited, with history and completion.  Without the modules
 * they are not: no error. */
static void
import_readline(const PyConfig *config)
{
    if (config->isolated || (has_program(config) && !config->inspect)
        || !stdin_is_interactive(config))
    {
        return;
    }
    static const char *const modules[] = {"readline", "rlcompleter"};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(modules); i++) {
        PyObject *module = PyImport_ImportModule(modules[i]);
        if (module == NULL) {
            PyErr_Clear();
        }
        Py_XDECREF(module);
    }
}

static int
run_interactive_hook(int *exitcode)
{
    PyObject *hook = _PySys_GetAttr(_PyThreadState_GET(), &_Py_ID(__interactivehook__));
    if (hook == NULL) {
        return 0;
    }
    PyObject *result = PySys_Audit("cpython.run_interactivehook", "O", hook) < 0
                       ? NULL : PyObject_CallNoArgs(hook);
    if (result == NULL) {
        PySys_WriteStderr("Failed calling sys.__interactivehook__\n");
        return err_print(exitcode);
    }
    Py_DECREF(result);
    return 0;
}

static int
run_stdin(PyConfig *config)
{
    if (stdin_is_interactive(config)) {
        int exitcode;
        config->inspect = 0;
        Py_InspectFlag = 0;
        if (run_startup(config, &exitcode) || run_interactive_hook(&exitcode)) {
            return exitcode;
        }
    }
    int exitcode = 1;
    if (Py_MakePendingCalls() < 0) {
        err_print(&exitcode);
        return exitcode;
    }
    if (PySys_Audit("cpython.run_stdin", NULL) < 0) {
        err_print(&exitcode);
        return exitcode;
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    return PyRun_AnyFileExFlags(stdin, "<stdin>", 0, &flags) != 0;
}

/* -i, or PYTHONINSPECT set meanwhile: a prompt after the program. */
static void
run_repl(PyConfig *config, int *exitcode)
{
    const char *env = _Py_GetEnv(config->use_environment, "PYTHONINSPECT");
    if (!config->inspect && env != NULL) {
        config->inspect = 1;
    }
    if (!(config->inspect && stdin_is_interactive(config))) {
        return;
    }
    config->inspect = 0;
    Py_InspectFlag = 0;
    if (run_interactive_hook(exitcode)) {
        return;
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    *exitcode = PyRun_AnyFileExFlags(stdin, "<stdin>", 0, &flags) != 0;
}

/* If the file is a directory or archive with __main__, puts it on sys.path: 1, 0, or -1. */
static int
main_importer(const PyConfig *config)
{
    PyObject *path0 = PyUnicode_FromWideChar(config->run_filename, -1);
    if (path0 == NULL) {
        return -1;
    }
    PyObject *importer = PyImport_GetImporter(path0);
    if (importer == NULL) {
        Py_DECREF(path0);
        return -1;
    }
    int found = importer != Py_None;
    Py_DECREF(importer);
    if (found && prepend_sys_path(path0) < 0) {
        found = -1;
    }
    Py_DECREF(path0);
    return found;
}

static void
print_header(const PyConfig *config)
{
    if (config->quiet
        || (!config->verbose && (has_program(config) || !stdin_is_interactive(config))))
    {
        return;
    }
    fprintf(stderr, "Python %s on %s\n", Py_GetVersion(), Py_GetPlatform());
    if (config->site_import) {
        fprintf(stderr, "%s\n", COPYRIGHT);
    }
}

static int
run_python(PyThreadState *tstate)
{
    PyConfig *config = &tstate->interp->config;
    int exitcode = 0, has_main = 0;
    int bare = _Py_IsBare(config);
    import_readline(config);        /* before sys.path gets a folder of the user's */
    if (config->run_filename != NULL && !bare) {
        has_main = main_importer(config);
        if (has_main < 0) {
            err_print(&exitcode);
            return exitcode;
        }
    }
    if (!has_main && !config->safe_path && !bare) {
        PyObject *path0;
        int res = compute_path0(config, &path0);
        if (res == 0 && path0 != NULL) {
            res = prepend_sys_path(path0);
        }
        Py_XDECREF(path0);
        if (res < 0) {
            err_print(&exitcode);
            return exitcode;
        }
    }
    print_header(config);
    if (_PyInterpreterState_SetRunningMain(tstate->interp) < 0) {
        err_print(&exitcode);
        return exitcode;
    }
    if (config->run_command != NULL) {
        exitcode = run_command(config->run_command);
    }
    else if (config->run_module != NULL) {
        exitcode = run_module(config->run_module, 1);
    }
    else if (has_main) {
        exitcode = run_module(L"__main__", 0);
    }
    else if (config->run_filename != NULL) {
        exitcode = run_file(config);
    }
    else {
        exitcode = run_stdin(config);
    }
    run_repl(config, &exitcode);
    _PyInterpreterState_SetNotRunningMain(tstate->interp);
    return exitcode;
}

/* ---- end ---------------------------------------------------------------------------------- */

/* Dies by SIGINT, so that the parent sees the cause. */
static int
exit_sigint(void)
{
    if (PyOS_setsig(SIGINT, SIG_DFL) != SIG_ERR) {
        (void)kill(getpid(), SIGINT);
    }
    return SIGINT + 128;
}

int
Py_RunMain(void)
{
    int exitcode = run_python(_PyThreadState_GET());
    if (Py_FinalizeEx() < 0) {
        exitcode = 120;
    }
    if (__atomic_load_n(&_PyRuntime.signals.unhandled_keyboard_interrupt, __ATOMIC_RELAXED)) {
        exitcode = exit_sigint();
    }
    return exitcode;
}

static int
pymain_main(const _PyArgv *args)
{
    PyStatus status = pymain_init(args);
    if (_PyStatus_IS_EXIT(status)) {
        return status.exitcode;
    }
    if (_PyStatus_EXCEPTION(status)) {
        Py_ExitStatusException(status);
    }
    return Py_RunMain();
}

int
Py_Main(int argc, wchar_t **argv)
{
    _PyArgv args = {.argc = argc, .use_bytes = 0, .wchar_argv = argv};
    return pymain_main(&args);
}

int
Py_BytesMain(int argc, char **argv)
{
    _PyArgv args = {.argc = argc, .use_bytes = 1, .bytes_argv = argv};
    return pymain_main(&args);
}
