/* The deprecated functions around the path configuration: Py_Set* before the start, Py_Get* after.
 * What was set is read by the path configuration (Modules/getpath.c) where the configuration leaves
 * the field open.  Strings are PyMem_RawMalloc'ed copies.
 * Written from the C API reference ("Process-wide parameters"). */
#include "Python.h"
#include "pycore_initconfig.h"
#include "pycore_private_api.h" // _PyPathConfig_ClearGlobal()
#include "pycore_pystate.h"     // _PyRuntime

static void
set_string(wchar_t **field, const wchar_t *value, const char *func)
{
    PyStatus status = _PyConfig_SetRawString(field, value);
    if (_PyStatus_EXCEPTION(status)) {
        _Py_FatalErrorFunc(func, "out of memory");
    }
}

/* Encoding and error handler of the standard streams, each left alone when NULL: 0; -1 after the
 * start, -2 or -3 for want of memory. */
int
Py_SetStandardStreamEncoding(const char *encoding, const char *errors)
{
    if (_PyRuntime.core_initialized) {
        return -1;
    }
    struct _path_config *early = &_PyRuntime.path_config;
    _Py_ClearStandardStreamEncoding();
    if (encoding != NULL && (early->stdio_encoding = _PyMem_RawStrdup(encoding)) == NULL) {
        return -2;
    }
    if (errors != NULL && (early->stdio_errors = _PyMem_RawStrdup(errors)) == NULL) {
        _Py_ClearStandardStreamEncoding();
        return -3;
    }
    return 0;
}

void
_Py_ClearStandardStreamEncoding(void)
{
    struct _path_config *early = &_PyRuntime.path_config;
    PyMem_RawFree(early->stdio_encoding);
    PyMem_RawFree(early->stdio_errors);
    early->stdio_encoding = early->stdio_errors = NULL;
}

/* Forgets what the functions of this file were given. */
void
_PyPathConfig_ClearGlobal(void)
{
    struct _path_config *paths = &_PyRuntime.path_config;
    wchar_t **const strings[] = {
        &paths->program_full_path, &paths->prefix, &paths->exec_prefix, &paths->stdlib_dir,
        &paths->module_search_path, &paths->program_name, &paths->home,
        &paths->calculated_module_search_path,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(strings); i++) {
        PyMem_RawFree(*strings[i]);
        *strings[i] = NULL;
    }
}

void
Py_SetProgramName(const wchar_t *program_name)
{
    if (program_name != NULL && program_name[0] != L'\0') {
        set_string(&_PyRuntime.path_config.program_name, program_name, __func__);
    }
}

void
Py_SetPythonHome(const wchar_t *home)
{
    set_string(&_PyRuntime.path_config.home, home != NULL && home[0] != L'\0' ? home : NULL,
               __func__);
}

void
Py_SetPath(const wchar_t *path)
{
    set_string(&_PyRuntime.path_config.module_search_path, path, __func__);
}

void
_Py_SetProgramFullPath(const wchar_t *program_full_path)
{
    set_string(&_PyRuntime.path_config.program_full_path, program_full_path, __func__);
}

/* A field of the main interpreter's configuration; NULL before the start. */
static wchar_t *
main_config(wchar_t *value)
{
    return _PyRuntime.core_initialized ? value : NULL;
}

wchar_t *
Py_GetPrefix(void)
{
    return main_config(_PyRuntime.main->config.prefix);
}

wchar_t *
Py_GetExecPrefix(void)
{
    return main_config(_PyRuntime.main->config.exec_prefix);
}

wchar_t *
Py_GetProgramFullPath(void)
{
    return main_config(_PyRuntime.main->config.executable);
}

wchar_t *
Py_GetProgramName(void)
{
    return main_config(_PyRuntime.main->config.program_name);
}

wchar_t *
Py_GetPythonHome(void)
{
    return main_config(_PyRuntime.main->config.home);
}

/* The module search path with colons; kept in the runtime until the next call. */
wchar_t *
Py_GetPath(void)
{
    if (!_PyRuntime.core_initialized) {
        return NULL;
    }
    const PyWideStringList *paths = &_PyRuntime.main->config.module_search_paths;
    size_t size = 1;
    for (Py_ssize_t i = 0; i < paths->length; i++) {
        size += wcslen(paths->items[i]) + 1;
    }
    wchar_t *text = PyMem_RawCalloc(size, sizeof(wchar_t));
    if (text == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < paths->length; i++) {
        if (i > 0) {
            wcscat(text, L":");
        }
        wcscat(text, paths->items[i]);
    }
    PyMem_RawFree(_PyRuntime.path_config.calculated_module_search_path);
    _PyRuntime.path_config.calculated_module_search_path = text;
    return text;
}

/* ---- for users whose library is not found ---------------------------------------------------- */

static void
dump_path(const char *name, const wchar_t *value)
{
    PyObject *str = value != NULL ? PyUnicode_FromWideChar(value, -1) : NULL;
    if (name == NULL) {
        PySys_FormatStderr("    %A,\n", str != NULL ? str : Py_None);
    }
    else if (str != NULL) {
        PySys_FormatStderr("  %s = %A\n", name, str);
    }
    else {
        PySys_FormatStderr("  %s = (not set)\n", name);
    }
    Py_XDECREF(str);
}

void
_PyConfig_DumpPaths(const PyConfig *config)
{
    const struct {
        const char *name;
        int value;
    } flags[] = {
        {"isolated", config->isolated}, {"environment", config->use_environment},
        {"user site", config->user_site_directory}, {"safe_path", config->safe_path},
        {"import site", config->site_import}, {"is in build tree", config->_is_python_build},
    };
    const struct {
        const char *name;
        const wchar_t *value;
    } paths[] = {
        {"stdlib dir", config->stdlib_dir}, {"sys._base_executable", config->base_executable},
        {"sys.base_prefix", config->base_prefix},
        {"sys.base_exec_prefix", config->base_exec_prefix},
        {"sys.platlibdir", config->platlibdir}, {"sys.executable", config->executable},
        {"sys.prefix", config->prefix}, {"sys.exec_prefix", config->exec_prefix},
    };
    PyObject *exc = PyErr_GetRaisedException();
    PySys_FormatStderr("Python path configuration:\n");
    dump_path("PYTHONHOME", config->home);
    dump_path("PYTHONPATH", config->pythonpath_env);
    dump_path("program name", config->program_name);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(flags); i++) {
        PySys_FormatStderr("  %s = %i\n", flags[i].name, flags[i].value);
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(paths); i++) {
        dump_path(paths[i].name, paths[i].value);
    }
    PySys_FormatStderr("  sys.path = [\n");
    for (Py_ssize_t i = 0; i < config->module_search_paths.length; i++) {
        dump_path(NULL, config->module_search_paths.items[i]);
    }
    PySys_FormatStderr("  ]\n");
    PyErr_SetRaisedException(exc);
}
