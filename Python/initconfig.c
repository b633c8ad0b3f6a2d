/* PyStatus, PyWideStringList and PyConfig (PEP 587).
 *
 * PyConfig is described by one table, config_fields: copying, clearing and inheriting walk it,
 * so a field is named in one place.  All strings are PyMem_RawMalloc'ed.
 * Written from the "Python Initialization Configuration" reference and the layout table. */
#include "Python.h"
#include "pycore_fileutils.h"   // _Py_GetLocaleEncoding()
#include "pycore_initconfig.h"
#include "pycore_private_api.h" // _Py_ClearArgcArgv()
#include "pycore_pystate.h"     // _PyRuntime

#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>

/* ---- the deprecated global variables (exported data of the ABI) ------------ */

int Py_DebugFlag = 0;
int Py_VerboseFlag = 0;
int Py_QuietFlag = 0;
int Py_InteractiveFlag = 0;
int Py_InspectFlag = 0;
int Py_OptimizeFlag = 0;
int Py_NoSiteFlag = 0;
int Py_BytesWarningFlag = 0;
int Py_FrozenFlag = 0;
int Py_IgnoreEnvironmentFlag = 0;
int Py_DontWriteBytecodeFlag = 0;
int Py_NoUserSiteDirectory = 0;
int Py_UnbufferedStdioFlag = 0;
int Py_HashRandomizationFlag = 0;
int Py_IsolatedFlag = 0;
int Py_UTF8Mode = 0;

/* The file system encoding as of 3.12's exported data: what the default configuration gives. */
const char *Py_FileSystemDefaultEncoding = "utf-8";
const char *Py_FileSystemDefaultEncodeErrors = "surrogateescape";
int Py_HasFileSystemDefaultEncoding = 1;
int _Py_HasFileSystemDefaultEncodeErrors = 1;

/* ---- PyStatus ---------------------------------------------------------------- */

PyStatus
PyStatus_Ok(void)
{
    return _PyStatus_OK();
}

PyStatus
PyStatus_Error(const char *err_msg)
{
    assert(err_msg != NULL);
    return (PyStatus){._type = 1, .err_msg = err_msg};
}

PyStatus
PyStatus_NoMemory(void)
{
    return PyStatus_Error("memory allocation failed");
}

PyStatus
PyStatus_Exit(int exitcode)
{
    return _PyStatus_EXIT(exitcode);
}

int
PyStatus_IsError(PyStatus status)
{
    return _PyStatus_IS_ERROR(status);
}

int
PyStatus_IsExit(PyStatus status)
{
    return _PyStatus_IS_EXIT(status);
}

int
PyStatus_Exception(PyStatus status)
{
    return _PyStatus_EXCEPTION(status);
}

/* Turns a failed status into an exception.  Always returns NULL. */
PyObject *
_PyErr_SetFromPyStatus(PyStatus status)
{
    if (!_PyStatus_IS_ERROR(status)) {
        PyErr_SetString(PyExc_SystemError, "_PyErr_SetFromPyStatus() expects an error PyStatus");
    }
    else if (status.func != NULL) {
        PyErr_Format(PyExc_ValueError, "%s: %s", status.func, status.err_msg);
    }
    else {
        PyErr_Format(PyExc_ValueError, "%s", status.err_msg);
    }
    return NULL;
}

/* ---- PyWideStringList ---------------------------------------------------------- */

void
_PyWideStringList_Clear(PyWideStringList *list)
{
    for (Py_ssize_t i = 0; i < list->length; i++) {
        PyMem_RawFree(list->items[i]);
    }
    PyMem_RawFree(list->items);
    *list = _PyWideStringList_INIT;
}

static wchar_t *
raw_wcsdup(const wchar_t *str)
{
    size_t size = (wcslen(str) + 1) * sizeof(wchar_t);
    wchar_t *copy = PyMem_RawMalloc(size);
    if (copy != NULL) {
        memcpy(copy, str, size);
    }
    return copy;
}

/* 0, or -1 for want of memory. */
int
_PyWideStringList_Copy(PyWideStringList *list, const PyWideStringList *source)
{
    PyWideStringList copy = _PyWideStringList_INIT;
    PyStatus status = _PyWideStringList_Extend(&copy, source);
    if (_PyStatus_EXCEPTION(status)) {
        _PyWideStringList_Clear(&copy);
        return -1;
    }
    _PyWideStringList_Clear(list);
    *list = copy;
    return 0;
}

static PyStatus
copy_list(PyWideStringList *list, const PyWideStringList *source)
{
    return _PyWideStringList_Copy(list, source) < 0 ? _PyStatus_NO_MEMORY() : _PyStatus_OK();
}

PyStatus
PyWideStringList_Insert(PyWideStringList *list, Py_ssize_t index, const wchar_t *item)
{
    if (index < 0) {
        return PyStatus_Error("PyWideStringList_Insert index must be >= 0");
    }
    if (index > list->length) {
        index = list->length;
    }
    wchar_t *copy = raw_wcsdup(item);
    if (copy == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    size_t size = ((size_t)list->length + 1) * sizeof(wchar_t *);
    wchar_t **items = PyMem_RawRealloc(list->items, size);
    if (items == NULL) {
        PyMem_RawFree(copy);
        return _PyStatus_NO_MEMORY();
    }
    memmove(&items[index + 1], &items[index],
            (size_t)(list->length - index) * sizeof(wchar_t *));
    items[index] = copy;
    list->items = items;
    list->length++;
    return _PyStatus_OK();
}

PyStatus
PyWideStringList_Append(PyWideStringList *list, const wchar_t *item)
{
    return PyWideStringList_Insert(list, list->length, item);
}

PyStatus
_PyWideStringList_Extend(PyWideStringList *list, const PyWideStringList *source)
{
    for (Py_ssize_t i = 0; i < source->length; i++) {
        PyStatus status = PyWideStringList_Append(list, source->items[i]);
        if (_PyStatus_EXCEPTION(status)) {
            return status;
        }
    }
    return _PyStatus_OK();
}

/* A new list of str, or NULL with an error set. */
PyObject *
_PyWideStringList_AsList(const PyWideStringList *list)
{
    PyObject *result = PyList_New(list->length);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < list->length; i++) {
        PyObject *item = PyUnicode_FromWideChar(list->items[i], -1);
        if (item == NULL) {
            Py_DECREF(result);
            return NULL;
        }
        PyList_SET_ITEM(result, i, item);
    }
    return result;
}

const wchar_t *
_Py_get_xoption(const PyWideStringList *xoptions, const wchar_t *name)
{
    size_t len = wcslen(name);
    for (Py_ssize_t i = xoptions->length - 1; i >= 0; i--) {
        const wchar_t *option = xoptions->items[i];
        if (wcsncmp(option, name, len) == 0 && (option[len] == L'\0' || option[len] == L'=')) {
            return option + len;
        }
    }
    return NULL;
}

/* ---- PyConfig: the table ------------------------------------------------------------ */

enum field_type {FIELD_INT, FIELD_ULONG, FIELD_WSTR, FIELD_WLIST};

struct config_field {
    const char *name;
    size_t offset;
    enum field_type type;
};

#define FIELD(NAME, TYPE) {#NAME, offsetof(PyConfig, NAME), FIELD_ ## TYPE}

static const struct config_field config_fields[] = {
    FIELD(isolated, INT),
    FIELD(use_environment, INT),
    FIELD(dev_mode, INT),
    FIELD(install_signal_handlers, INT),
    FIELD(use_hash_seed, INT),
    FIELD(hash_seed, ULONG),
    FIELD(faulthandler, INT),
    FIELD(tracemalloc, INT),
    FIELD(perf_profiling, INT),
    FIELD(import_time, INT),
    FIELD(code_debug_ranges, INT),
    FIELD(show_ref_count, INT),
    FIELD(dump_refs, INT),
    FIELD(dump_refs_file, WSTR),
    FIELD(malloc_stats, INT),
    FIELD(filesystem_encoding, WSTR),
    FIELD(filesystem_errors, WSTR),
    FIELD(pycache_prefix, WSTR),
    FIELD(parse_argv, INT),
    FIELD(orig_argv, WLIST),
    FIELD(argv, WLIST),
    FIELD(xoptions, WLIST),
    FIELD(warnoptions, WLIST),
    FIELD(site_import, INT),
    FIELD(bytes_warning, INT),
    FIELD(warn_default_encoding, INT),
    FIELD(inspect, INT),
    FIELD(interactive, INT),
    FIELD(optimization_level, INT),
    FIELD(parser_debug, INT),
    FIELD(write_bytecode, INT),
    FIELD(verbose, INT),
    FIELD(quiet, INT),
    FIELD(user_site_directory, INT),
    FIELD(configure_c_stdio, INT),
    FIELD(buffered_stdio, INT),
    FIELD(stdio_encoding, WSTR),
    FIELD(stdio_errors, WSTR),
    FIELD(check_hash_pycs_mode, WSTR),
    FIELD(use_frozen_modules, INT),
    FIELD(safe_path, INT),
    FIELD(int_max_str_digits, INT),
    FIELD(pathconfig_warnings, INT),
    FIELD(program_name, WSTR),
    FIELD(pythonpath_env, WSTR),
    FIELD(home, WSTR),
    FIELD(platlibdir, WSTR),
    FIELD(module_search_paths_set, INT),
    FIELD(module_search_paths, WLIST),
    FIELD(stdlib_dir, WSTR),
    FIELD(executable, WSTR),
    FIELD(base_executable, WSTR),
    FIELD(prefix, WSTR),
    FIELD(base_prefix, WSTR),
    FIELD(exec_prefix, WSTR),
    FIELD(base_exec_prefix, WSTR),
    FIELD(skip_source_first_line, INT),
    FIELD(run_command, WSTR),
    FIELD(run_module, WSTR),
    FIELD(run_filename, WSTR),
    FIELD(_install_importlib, INT),
    FIELD(_init_main, INT),
    FIELD(_is_python_build, INT),
};

#define FIELD_PTR(CONFIG, FIELD, CTYPE) ((CTYPE *)((char *)(CONFIG) + (FIELD)->offset))

/* Sets a raw string field; NULL empties it. */
PyStatus
_PyConfig_SetRawString(wchar_t **field, const wchar_t *value)
{
    wchar_t *copy = NULL;
    if (value != NULL) {
        copy = raw_wcsdup(value);
        if (copy == NULL) {
            return _PyStatus_NO_MEMORY();
        }
    }
    PyMem_RawFree(*field);
    *field = copy;
    return _PyStatus_OK();
}

void
PyConfig_Clear(PyConfig *config)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(config_fields); i++) {
        const struct config_field *field = &config_fields[i];
        if (field->type == FIELD_WSTR) {
            wchar_t **str = FIELD_PTR(config, field, wchar_t *);
            PyMem_RawFree(*str);
            *str = NULL;
        }
        else if (field->type == FIELD_WLIST) {
            _PyWideStringList_Clear(FIELD_PTR(config, field, PyWideStringList));
        }
    }
}

PyStatus
_PyConfig_Copy(PyConfig *config, const PyConfig *source)
{
    config->_config_init = source->_config_init;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(config_fields); i++) {
        const struct config_field *field = &config_fields[i];
        const void *from = (const char *)source + field->offset;
        PyStatus status = _PyStatus_OK();
        switch (field->type) {
        case FIELD_INT:
            *FIELD_PTR(config, field, int) = *(const int *)from;
            break;
        case FIELD_ULONG:
            *FIELD_PTR(config, field, unsigned long) = *(const unsigned long *)from;
            break;
        case FIELD_WSTR:
            status = _PyConfig_SetRawString(FIELD_PTR(config, field, wchar_t *),
                                            *(wchar_t *const *)from);
            break;
        case FIELD_WLIST:
            status = copy_list(FIELD_PTR(config, field, PyWideStringList), from);
            break;
        }
        if (_PyStatus_EXCEPTION(status)) {
            return status;
        }
    }
    return _PyStatus_OK();
}

void
_PyConfig_Inherit(PyConfig *config, const PyConfig *source)
{
    *config = *source;
}

/* ---- defaults ------------------------------------------------------------------------- */

/* The common part: -1 means "to be worked out from environment and command line". */
static void
config_init_common(PyConfig *config)
{
    memset(config, 0, sizeof(*config));
    config->isolated = -1;
    config->use_environment = -1;
    config->dev_mode = -1;
    config->install_signal_handlers = 1;
    config->use_hash_seed = -1;
    config->faulthandler = -1;
    config->tracemalloc = -1;
    config->perf_profiling = -1;
    config->import_time = -1;
    config->code_debug_ranges = -1;
    config->site_import = -1;
    config->bytes_warning = -1;
    config->warn_default_encoding = 0;
    config->inspect = -1;
    config->interactive = -1;
    config->optimization_level = -1;
    config->parser_debug = -1;
    config->write_bytecode = -1;
    config->verbose = -1;
    config->quiet = -1;
    config->user_site_directory = -1;
    config->configure_c_stdio = 0;
    config->buffered_stdio = -1;
    config->use_frozen_modules = -1;
    config->safe_path = 0;
    config->int_max_str_digits = -1;
    config->pathconfig_warnings = -1;
    config->module_search_paths_set = 0;
    config->_install_importlib = 1;
    config->_init_main = 1;
}

void
_PyConfig_InitCompatConfig(PyConfig *config)
{
    config_init_common(config);
    config->_config_init = _PyConfig_INIT_COMPAT;
}

/* Everything decided, nothing left to environment or command line. */
static void
config_init_decided(PyConfig *config)
{
    config_init_common(config);
    config->isolated = 0;
    config->use_environment = 1;
    config->site_import = 1;
    config->bytes_warning = 0;
    config->inspect = 0;
    config->interactive = 0;
    config->optimization_level = 0;
    config->parser_debug = 0;
    config->write_bytecode = 1;
    config->verbose = 0;
    config->quiet = 0;
    config->user_site_directory = 1;
    config->buffered_stdio = 1;
    config->pathconfig_warnings = 1;
    config->code_debug_ranges = 1;
}

void
PyConfig_InitPythonConfig(PyConfig *config)
{
    config_init_decided(config);
    config->_config_init = _PyConfig_INIT_PYTHON;
    config->configure_c_stdio = 1;
    config->parse_argv = 1;
}

void
PyConfig_InitIsolatedConfig(PyConfig *config)
{
    config_init_decided(config);
    config->_config_init = _PyConfig_INIT_ISOLATED;
    config->isolated = 1;
    config->use_environment = 0;
    config->user_site_directory = 0;
    config->dev_mode = 0;
    config->install_signal_handlers = 0;
    config->use_hash_seed = 0;
    config->tracemalloc = 0;
    config->perf_profiling = 0;
    config->faulthandler = 0;
    config->safe_path = 1;
    config->pathconfig_warnings = 0;
}

/* ---- setters ---------------------------------------------------------------------------- */

/* Decoding needs the preconfiguration: locale and UTF-8 mode. */
static PyStatus
ensure_preinitialized(const PyConfig *config)
{
    return _Py_PreInitializeFromConfig(config, NULL);
}

PyStatus
PyConfig_SetString(PyConfig *config, wchar_t **config_str, const wchar_t *str)
{
    PyStatus status = ensure_preinitialized(config);
    if (_PyStatus_EXCEPTION(status)) {
        return status;
    }
    return _PyConfig_SetRawString(config_str, str);
}

static PyStatus
set_decoded(wchar_t **field, const char *str)
{
    if (str == NULL) {
        return _PyConfig_SetRawString(field, NULL);
    }
    size_t len;
    wchar_t *decoded = Py_DecodeLocale(str, &len);
    if (decoded == NULL) {
        return len == (size_t)-2 ? PyStatus_Error("cannot decode string") : _PyStatus_NO_MEMORY();
    }
    PyMem_RawFree(*field);
    *field = decoded;
    return _PyStatus_OK();
}

PyStatus
PyConfig_SetBytesString(PyConfig *config, wchar_t **config_str, const char *str)
{
    PyStatus status = ensure_preinitialized(config);
    if (_PyStatus_EXCEPTION(status)) {
        return status;
    }
    return set_decoded(config_str, str);
}

PyStatus
PyConfig_SetWideStringList(PyConfig *config, PyWideStringList *list, Py_ssize_t length,
                           wchar_t **items)
{
    PyStatus status = ensure_preinitialized(config);
    if (_PyStatus_EXCEPTION(status)) {
        return status;
    }
    PyWideStringList source = {.length = length, .items = items};
    return copy_list(list, &source);
}

static PyStatus
config_set_argv(PyConfig *config, const _PyArgv *args)
{
    PyStatus status = _Py_PreInitializeFromConfig(config, args);
    if (_PyStatus_EXCEPTION(status)) {
        return status;
    }
    return _PyArgv_AsWstrList(args, &config->argv);
}

PyStatus
PyConfig_SetArgv(PyConfig *config, Py_ssize_t argc, wchar_t *const *argv)
{
    _PyArgv args = {.argc = argc, .use_bytes = 0, .wchar_argv = argv};
    return config_set_argv(config, &args);
}

PyStatus
PyConfig_SetBytesArgv(PyConfig *config, Py_ssize_t argc, char *const *argv)
{
    _PyArgv args = {.argc = argc, .use_bytes = 1, .bytes_argv = argv};
    return config_set_argv(config, &args);
}

/* ---- reading: globals, environment, command line -------------------------------------------- */

/* The compatibility configuration starts from the deprecated global variables. */
static void
config_read_globals(PyConfig *config)
{
#define COPY(FIELD, VALUE) \
    do { if (config->FIELD == -1) { config->FIELD = (VALUE); } } while (0)
    COPY(isolated, Py_IsolatedFlag);
    COPY(use_environment, !Py_IgnoreEnvironmentFlag);
    COPY(bytes_warning, Py_BytesWarningFlag);
    COPY(inspect, Py_InspectFlag);
    COPY(interactive, Py_InteractiveFlag);
    COPY(optimization_level, Py_OptimizeFlag);
    COPY(parser_debug, Py_DebugFlag);
    COPY(verbose, Py_VerboseFlag);
    COPY(quiet, Py_QuietFlag);
    COPY(pathconfig_warnings, !Py_FrozenFlag);
    COPY(buffered_stdio, !Py_UnbufferedStdioFlag);
    COPY(site_import, !Py_NoSiteFlag);
    COPY(write_bytecode, !Py_DontWriteBytecodeFlag);
    COPY(user_site_directory, !Py_NoUserSiteDirectory);
#undef COPY
}

void
_PyConfig_WriteGlobals(const PyConfig *config)
{
    Py_IsolatedFlag = config->isolated;
    Py_IgnoreEnvironmentFlag = !config->use_environment;
    Py_BytesWarningFlag = config->bytes_warning;
    Py_InspectFlag = config->inspect;
    Py_InteractiveFlag = config->interactive;
    Py_OptimizeFlag = config->optimization_level;
    Py_DebugFlag = config->parser_debug;
    Py_VerboseFlag = config->verbose;
    Py_QuietFlag = config->quiet;
    Py_FrozenFlag = !config->pathconfig_warnings;
    Py_UnbufferedStdioFlag = !config->buffered_stdio;
    Py_NoSiteFlag = !config->site_import;
    Py_DontWriteBytecodeFlag = !config->write_bytecode;
    Py_NoUserSiteDirectory = !config->user_site_directory;
    Py_HashRandomizationFlag = !config->use_hash_seed || config->hash_seed != 0;
    Py_UTF8Mode = _PyRuntime.preconfig.utf8_mode;
}

static const char *
config_getenv(const PyConfig *config, const char *name)
{
    return _Py_GetEnv(config->use_environment, name);
}

/* A flag variable: a number counts as its value, any other non-empty text as 1.  The field
 * only grows (command line options count upwards too). */
/* Raises *flag to the number that an environment variable gives; what is no number counts as 1. */
void
_Py_get_env_flag(int use_environment, int *flag, const char *name)
{
    const char *var = _Py_GetEnv(use_environment, name);
    if (var == NULL) {
        return;
    }
    int value;
    if (_Py_str_to_int(var, &value) < 0 || value < 0) {
        value = 1;
    }
    if (*flag < value) {
        *flag = value;
    }
}

static PyStatus
read_env_string(const PyConfig *config, wchar_t **field, const char *name)
{
    const char *var = config_getenv(config, name);
    if (*field != NULL || var == NULL) {
        return _PyStatus_OK();
    }
    return set_decoded(field, var);
}

static PyStatus
config_init_hash_seed(PyConfig *config)
{
    if (config->use_hash_seed >= 0) {
        return _PyStatus_OK();
    }
    const char *text = config_getenv(config, "PYTHONHASHSEED");
    if (text == NULL || strcmp(text, "random") == 0) {
        config->use_hash_seed = 0;
        config->hash_seed = 0;
        return _PyStatus_OK();
    }
    char *end;
    errno = 0;
    unsigned long seed = strtoul(text, &end, 10);
    if (*end != '\0' || seed > 4294967295UL || errno == ERANGE) {
        return _PyStatus_ERR("PYTHONHASHSEED must be \"random\" or an integer in range "
                             "[0; 4294967295]");
    }
    config->use_hash_seed = 1;
    config->hash_seed = seed;
    return _PyStatus_OK();
}

/* A whole wide string as a decimal int: 0, or -1. */
static int
wstr_to_int(const wchar_t *text, int *result)
{
    if (*text == L'\0') {
        return -1;
    }
    wchar_t *end;
    errno = 0;
    long value = wcstol(text, &end, 10);
    if (*end != L'\0' || errno == ERANGE || value < INT_MIN || value > INT_MAX) {
        return -1;
    }
    *result = (int)value;
    return 0;
}

#define INT_MAX_STR_DIGITS_THRESHOLD 640
#define INT_MAX_STR_DIGITS_DEFAULT 4300

static int
valid_str_digits(int value)
{
    return value == 0 || value >= INT_MAX_STR_DIGITS_THRESHOLD;
}

static PyStatus
config_init_int_max_str_digits(PyConfig *config)
{
    int value = -1;
    const char *env = config_getenv(config, "PYTHONINTMAXSTRDIGITS");
    if (env != NULL && (_Py_str_to_int(env, &value) < 0 || !valid_str_digits(value))) {
        return _PyStatus_ERR("PYTHONINTMAXSTRDIGITS: invalid limit; must be >= 640 or 0 for "
                             "unlimited.");
    }
    const wchar_t *option = _Py_get_xoption(&config->xoptions, L"int_max_str_digits");
    if (option != NULL) {
        if (*option != L'=' || wstr_to_int(option + 1, &value) < 0 || !valid_str_digits(value)) {
            return _PyStatus_ERR("-X int_max_str_digits: invalid limit; must be >= 640 or 0 for "
                                 "unlimited.");
        }
    }
    if (config->int_max_str_digits < 0) {
        config->int_max_str_digits = value >= 0 ? value : INT_MAX_STR_DIGITS_DEFAULT;
    }
    return _PyStatus_OK();
}

static PyStatus
config_init_tracemalloc(PyConfig *config)
{
    if (config->tracemalloc >= 0) {
        return _PyStatus_OK();
    }
    int frames = 0;
    const char *env = config_getenv(config, "PYTHONTRACEMALLOC");
    if (env != NULL && (_Py_str_to_int(env, &frames) < 0 || frames < 0)) {
        return _PyStatus_ERR("PYTHONTRACEMALLOC: invalid number of frames");
    }
    const wchar_t *option = _Py_get_xoption(&config->xoptions, L"tracemalloc");
    if (option != NULL) {
        frames = 1;
        if (*option == L'=' && (wstr_to_int(option + 1, &frames) < 0 || frames < 0)) {
            return _PyStatus_ERR("-X tracemalloc=NFRAME: invalid number of frames");
        }
    }
    config->tracemalloc = frames;
    return _PyStatus_OK();
}

/* 1 if an -X option or a non-empty variable asks for it. */
static int
asked_for(const PyConfig *config, const wchar_t *xoption, const char *env)
{
    return _Py_get_xoption(&config->xoptions, xoption) != NULL ||
           config_getenv(config, env) != NULL;
}

static PyStatus
read_frozen_modules(PyConfig *config)
{
    const wchar_t *option = _Py_get_xoption(&config->xoptions, L"frozen_modules");
    if (option != NULL) {
        if (*option == L'\0' || wcscmp(option, L"=") == 0 || wcscmp(option, L"=on") == 0) {
            config->use_frozen_modules = 1;
        }
        else if (wcscmp(option, L"=off") == 0) {
            config->use_frozen_modules = 0;
        }
        else {
            return PyStatus_Error("bad value for option -X frozen_modules "
                                  "(expected \"on\" or \"off\")");
        }
    }
    if (config->use_frozen_modules < 0) {
        config->use_frozen_modules = 1;
    }
    return _PyStatus_OK();
}

#define TRY(CALL)                                   \
    do {                                            \
        PyStatus _status = (CALL);                  \
        if (_PyStatus_EXCEPTION(_status)) {         \
            return _status;                         \
        }                                           \
    } while (0)

/* -X options and the variables that stand beside them. */
static PyStatus
config_read_complex_options(PyConfig *config)
{
    if (config->dev_mode < 0) {
        config->dev_mode = asked_for(config, L"dev", "PYTHONDEVMODE");
    }
    if (config->faulthandler < 0) {
        config->faulthandler = asked_for(config, L"faulthandler", "PYTHONFAULTHANDLER") ||
                               config->dev_mode;
    }
    if (config->import_time < 0) {
        config->import_time = asked_for(config, L"importtime", "PYTHONPROFILEIMPORTTIME");
    }
    if (config->code_debug_ranges != 0) {
        config->code_debug_ranges = !asked_for(config, L"no_debug_ranges",
                                               "PYTHONNODEBUGRANGES");
    }
    if (!config->warn_default_encoding) {
        config->warn_default_encoding = asked_for(config, L"warn_default_encoding",
                                                  "PYTHONWARNDEFAULTENCODING");
    }
    if (config->perf_profiling < 0) {
        const char *env = config_getenv(config, "PYTHONPERFSUPPORT");
        int value = 0;
        config->perf_profiling = _Py_get_xoption(&config->xoptions, L"perf") != NULL
                                 || (env != NULL && _Py_str_to_int(env, &value) == 0 && value != 0);
    }
    const wchar_t *prefix = _Py_get_xoption(&config->xoptions, L"pycache_prefix");
    if (prefix == NULL) {
        TRY(read_env_string(config, &config->pycache_prefix, "PYTHONPYCACHEPREFIX"));
    }
    else if (config->pycache_prefix == NULL && wcslen(prefix) > 1) {    /* empty: none at all */
        TRY(_PyConfig_SetRawString(&config->pycache_prefix, prefix + 1));
    }
    TRY(config_init_tracemalloc(config));
    TRY(config_init_int_max_str_digits(config));
    TRY(read_frozen_modules(config));
    return config_init_hash_seed(config);
}

static PyStatus
config_read_env(PyConfig *config)
{
    _Py_get_env_flag(config->use_environment, &config->parser_debug, "PYTHONDEBUG");
    _Py_get_env_flag(config->use_environment, &config->verbose, "PYTHONVERBOSE");
    _Py_get_env_flag(config->use_environment, &config->optimization_level, "PYTHONOPTIMIZE");
    _Py_get_env_flag(config->use_environment, &config->inspect, "PYTHONINSPECT");
    int dont_write = 0, no_user_site = 0;
    _Py_get_env_flag(config->use_environment, &dont_write, "PYTHONDONTWRITEBYTECODE");
    _Py_get_env_flag(config->use_environment, &no_user_site, "PYTHONNOUSERSITE");
    if (dont_write) {
        config->write_bytecode = 0;
    }
    if (no_user_site) {
        config->user_site_directory = 0;
    }
    if (config_getenv(config, "PYTHONUNBUFFERED") != NULL) {
        config->buffered_stdio = 0;
    }
    if (config_getenv(config, "PYTHONSAFEPATH") != NULL) {
        config->safe_path = 1;
    }
    if (config_getenv(config, "PYTHONMALLOCSTATS") != NULL) {
        config->malloc_stats = 1;
    }
    TRY(read_env_string(config, &config->pythonpath_env, "PYTHONPATH"));
    TRY(read_env_string(config, &config->home, "PYTHONHOME"));
    return read_env_string(config, &config->platlibdir, "PYTHONPLATLIBDIR");
}

/* ---- encodings ------------------------------------------------------------------------------- */

static PyStatus
read_fs_encoding(PyConfig *config)
{
    if (config->filesystem_encoding == NULL) {
        if (_PyRuntime.preconfig.utf8_mode) {
            TRY(_PyConfig_SetRawString(&config->filesystem_encoding, L"utf-8"));
        }
        else {
            wchar_t *encoding = _Py_GetLocaleEncoding();
            if (encoding == NULL) {
                return _PyStatus_NO_MEMORY();
            }
            config->filesystem_encoding = encoding;
        }
    }
    if (config->filesystem_errors == NULL) {
        TRY(_PyConfig_SetRawString(&config->filesystem_errors, L"surrogateescape"));
    }
    return _PyStatus_OK();
}

/* PYTHONIOENCODING=[encoding][:errors], then UTF-8 mode, then the locale. */
static PyStatus
read_stdio_encoding(PyConfig *config)
{
    const struct _path_config *early = &_PyRuntime.path_config;
    if (early->stdio_encoding != NULL) {
        TRY(set_decoded(&config->stdio_encoding, early->stdio_encoding));
    }
    if (early->stdio_errors != NULL) {
        TRY(set_decoded(&config->stdio_errors, early->stdio_errors));
    }
    const char *env = config_getenv(config, "PYTHONIOENCODING");
    if (env != NULL && config->stdio_encoding == NULL && config->stdio_errors == NULL) {
        const char *colon = strchr(env, ':');
        size_t len = colon != NULL ? (size_t)(colon - env) : strlen(env);
        if (len > 0) {
            char *encoding = PyMem_RawMalloc(len + 1);
            if (encoding == NULL) {
                return _PyStatus_NO_MEMORY();
            }
            memcpy(encoding, env, len);
            encoding[len] = '\0';
            PyStatus status = set_decoded(&config->stdio_encoding, encoding);
            PyMem_RawFree(encoding);
            TRY(status);
        }
        if (colon != NULL && colon[1] != '\0') {
            TRY(set_decoded(&config->stdio_errors, colon + 1));
        }
        else if (config->stdio_encoding != NULL) {
            TRY(_PyConfig_SetRawString(&config->stdio_errors, L"strict"));
        }
    }
    if (config->stdio_encoding == NULL) {
        if (_PyRuntime.preconfig.utf8_mode) {
            TRY(_PyConfig_SetRawString(&config->stdio_encoding, L"utf-8"));
            if (config->stdio_errors == NULL) {
                TRY(_PyConfig_SetRawString(&config->stdio_errors, L"surrogateescape"));
            }
        }
        else {
            wchar_t *encoding = _Py_GetLocaleEncoding();
            if (encoding == NULL) {
                return _PyStatus_NO_MEMORY();
            }
            config->stdio_encoding = encoding;
        }
    }
    if (config->stdio_errors == NULL) {
        const char *locale = setlocale(LC_CTYPE, NULL);
        int lenient = locale != NULL &&
            (strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0 ||
             strcmp(locale, "C.UTF-8") == 0 || strcmp(locale, "C.utf8") == 0);
        TRY(_PyConfig_SetRawString(&config->stdio_errors,
                                   lenient ? L"surrogateescape" : L"strict"));
    }
    return _PyStatus_OK();
}

/* ---- warnings -------------------------------------------------------------------------------- */

/* The order matters, later entries win: dev mode, PYTHONWARNINGS, -W, -b. */
static PyStatus
config_complete_warnoptions(PyConfig *config, const PyWideStringList *cmdline)
{
    PyWideStringList all = _PyWideStringList_INIT;
    PyStatus status = _PyStatus_OK();
    if (config->dev_mode) {
        status = PyWideStringList_Append(&all, L"default");
    }
    const char *env = config_getenv(config, "PYTHONWARNINGS");
    if (env != NULL && !_PyStatus_EXCEPTION(status)) {
        wchar_t *text = NULL;
        status = set_decoded(&text, env);
        wchar_t *state = NULL;
        wchar_t *item = text != NULL ? wcstok(text, L",", &state) : NULL;
        while (item != NULL && !_PyStatus_EXCEPTION(status)) {
            status = PyWideStringList_Append(&all, item);
            item = wcstok(NULL, L",", &state);
        }
        PyMem_RawFree(text);
    }
    if (!_PyStatus_EXCEPTION(status)) {
        status = _PyWideStringList_Extend(&all, cmdline);
    }
    if (!_PyStatus_EXCEPTION(status) && config->bytes_warning > 0) {
        status = PyWideStringList_Append(&all, config->bytes_warning > 1
                                         ? L"error::BytesWarning" : L"default::BytesWarning");
    }
    if (!_PyStatus_EXCEPTION(status)) {
        status = copy_list(&config->warnoptions, &all);
    }
    _PyWideStringList_Clear(&all);
    return status;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* What the documentation promises after a successful read. */
static void
config_check(const PyConfig *config)
{
    assert(config->isolated >= 0 && config->use_environment >= 0 && config->dev_mode >= 0);
    assert(config->use_hash_seed >= 0 && config->hash_seed <= 4294967295UL);
    assert(config->optimization_level >= 0 && config->verbose >= 0 && config->quiet >= 0);
    assert(config->filesystem_encoding != NULL && config->filesystem_errors != NULL);
    assert(config->stdio_encoding != NULL && config->stdio_errors != NULL);
    assert(config->check_hash_pycs_mode != NULL && config->argv.length >= 1);
    assert(config->int_max_str_digits == 0 ||
           config->int_max_str_digits >= INT_MAX_STR_DIGITS_THRESHOLD);
    (void)config;
}

/* Flags that nobody set get their defaults. */
static void
config_decide_flags(PyConfig *config)
{
    int *const flags[] = {
        &config->bytes_warning, &config->inspect, &config->interactive,
        &config->optimization_level, &config->parser_debug, &config->verbose, &config->quiet,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(flags); i++) {
        if (*flags[i] < 0) {
            *flags[i] = 0;
        }
    }
    int *const on[] = {
        &config->site_import, &config->write_bytecode, &config->user_site_directory,
        &config->buffered_stdio, &config->pathconfig_warnings,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(on); i++) {
        if (*on[i] < 0) {
            *on[i] = 1;
        }
    }
}

/* The script's name becomes absolute (3.9), unless the current directory is not known. */
static PyStatus
make_run_filename_absolute(PyConfig *config)
{
    wchar_t cwd[PATH_MAX];
    const wchar_t *name = config->run_filename;
    if (name == NULL || name[0] == L'/' || _Py_wgetcwd(cwd, Py_ARRAY_LENGTH(cwd)) == NULL) {
        return _PyStatus_OK();
    }
    size_t size = wcslen(cwd) + 1 + wcslen(name) + 1;
    wchar_t *path = PyMem_RawMalloc(size * sizeof(wchar_t));
    if (path == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    (void)swprintf(path, size, L"%ls/%ls", cwd, name);
    PyMem_RawFree(config->run_filename);
    config->run_filename = path;
    return _PyStatus_OK();
}

/* Works out every field from the command line, the environment and the machine.  The
 * preconfiguration is done first. */
PyStatus
_PyConfig_Read(PyConfig *config)
{
    TRY(_Py_PreInitializeFromConfig(config, NULL));
    config_read_globals(config);
    const PyPreConfig *preconfig = &_PyRuntime.preconfig;
    if (config->isolated < 0) {
        config->isolated = preconfig->isolated;
    }
    if (config->use_environment < 0) {
        config->use_environment = preconfig->use_environment;
    }
    if (config->dev_mode < 0 && preconfig->dev_mode > 0) {
        config->dev_mode = preconfig->dev_mode;
    }
    if (config->orig_argv.length == 0 &&
        !(config->argv.length == 1 && config->argv.items[0][0] == L'\0')) {
        TRY(copy_list(&config->orig_argv, &config->argv));
    }
    PyWideStringList given = _PyWideStringList_INIT;
    TRY(copy_list(&given, &config->warnoptions));
    _PyWideStringList_Clear(&config->warnoptions);
    PyStatus status = _PyStatus_OK();
    if (config->parse_argv == 1) {
        status = _PyConfig_ParseCommandLine(config);
        config->parse_argv = 2;
    }
    else if (config->argv.length == 0) {
        status = PyWideStringList_Append(&config->argv, L"");
    }
    if (!_PyStatus_EXCEPTION(status)) {
        /* options of the command line come first, the embedder's win */
        status = _PyWideStringList_Extend(&config->warnoptions, &given);
    }
    _PyWideStringList_Clear(&given);
    TRY(status);
    TRY(make_run_filename_absolute(config));
    if (config->isolated > 0) {
        config->use_environment = 0;
        config->user_site_directory = 0;
        config->safe_path = 1;
    }
    if (config->use_environment) {
        TRY(config_read_env(config));
    }
    TRY(config_read_complex_options(config));
    config_decide_flags(config);
    PyWideStringList cmdline = _PyWideStringList_INIT;
    TRY(copy_list(&cmdline, &config->warnoptions));
    status = config_complete_warnoptions(config, &cmdline);
    _PyWideStringList_Clear(&cmdline);
    TRY(status);
    if (config->check_hash_pycs_mode == NULL) {
        TRY(_PyConfig_SetRawString(&config->check_hash_pycs_mode, L"default"));
    }
    TRY(read_fs_encoding(config));
    TRY(read_stdio_encoding(config));
    TRY(_PyConfig_InitPathConfig(config));
    config_check(config);
    return _PyStatus_OK();
}

PyStatus
PyConfig_Read(PyConfig *config)
{
    return _PyConfig_Read(config);
}

/* The environment variable, unless the environment is ignored. */
char *
Py_GETENV(const char *name)
{
    return Py_IgnoreEnvironmentFlag ? NULL : getenv(name);
}

/* ---- arguments kept for Py_GetArgcArgv ------------------------------------------------------- */

void
_Py_ClearArgcArgv(void)
{
    _PyWideStringList_Clear(&_PyInterpreterState_Main()->config.orig_argv);
}

/* The original arguments of the main interpreter; borrowed, valid until finalisation. */
void
Py_GetArgcArgv(int *argc, wchar_t ***argv)
{
    const PyWideStringList *list = &_PyInterpreterState_Main()->config.orig_argv;
    if (argc != NULL) {
        *argc = (int)list->length;
    }
    if (argv != NULL) {
        *argv = list->items;
    }
}
