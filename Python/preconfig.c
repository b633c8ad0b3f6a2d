/* Preconfiguration: locale, UTF-8 mode, memory allocator (PEP 587, PEP 538, PEP 540).
 *
 * Runs before any string can be decoded.  Reads only what it needs from arguments and environment:
 * -E, -I, -X utf8, -X dev; PYTHONUTF8, PYTHONCOERCECLOCALE, PYTHONMALLOC, PYTHONDEVMODE.
 * Written from the "Python Initialization Configuration" reference and the two PEPs. */
#include "Python.h"
#include "pycore_initconfig.h"
#include "pycore_pymem.h"       // _PyMem_SetupAllocators()
#include "pycore_pystate.h"     // _PyRuntime

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>

#define TRY(CALL)                                   \
    do {                                            \
        PyStatus _status = (CALL);                  \
        if (_PyStatus_EXCEPTION(_status)) {         \
            return _status;                         \
        }                                           \
    } while (0)

/* Value of a variable, or NULL if unset, empty or not to be used. */
const char *
_Py_GetEnv(int use_environment, const char *name)
{
    if (!use_environment) {
        return NULL;
    }
    const char *var = getenv(name);
    return var != NULL && var[0] != '\0' ? var : NULL;
}

/* A whole decimal int: 0, or -1. */
int
_Py_str_to_int(const char *str, int *result)
{
    char *end;
    errno = 0;
    long value = strtol(str, &end, 10);
    if (*end != '\0' || errno == ERANGE || value < INT_MIN || value > INT_MAX) {
        return -1;
    }
    *result = (int)value;
    return 0;
}

/* Replaces `list` by the decoded arguments. */
PyStatus
_PyArgv_AsWstrList(const _PyArgv *args, PyWideStringList *list)
{
    if (!args->use_bytes) {
        PyWideStringList source = {.length = args->argc, .items = (wchar_t **)args->wchar_argv};
        return _PyWideStringList_Copy(list, &source) < 0 ? _PyStatus_NO_MEMORY() : _PyStatus_OK();
    }
    PyWideStringList decoded = _PyWideStringList_INIT;
    PyStatus status = _PyStatus_OK();
    for (Py_ssize_t i = 0; i < args->argc && !_PyStatus_EXCEPTION(status); i++) {
        size_t len;
        wchar_t *arg = Py_DecodeLocale(args->bytes_argv[i], &len);
        if (arg == NULL) {
            status = len == (size_t)-2 ? PyStatus_Error("cannot decode command line arguments")
                                       : _PyStatus_NO_MEMORY();
            break;
        }
        status = PyWideStringList_Append(&decoded, arg);
        PyMem_RawFree(arg);
    }
    if (_PyStatus_EXCEPTION(status)) {
        _PyWideStringList_Clear(&decoded);
        return status;
    }
    _PyWideStringList_Clear(list);
    *list = decoded;
    return _PyStatus_OK();
}

/* ---- defaults ------------------------------------------------------------------ */

void
_PyPreConfig_InitCompatConfig(PyPreConfig *config)
{
    memset(config, 0, sizeof(*config));
    config->_config_init = _PyConfig_INIT_COMPAT;
    config->parse_argv = 0;
    config->isolated = -1;
    config->use_environment = -1;
    config->configure_locale = 1;
    config->utf8_mode = 0;
    config->coerce_c_locale = 0;
    config->coerce_c_locale_warn = 0;
    config->dev_mode = -1;
    config->allocator = PYMEM_ALLOCATOR_NOT_SET;
}

void
PyPreConfig_InitPythonConfig(PyPreConfig *config)
{
    _PyPreConfig_InitCompatConfig(config);
    config->_config_init = _PyConfig_INIT_PYTHON;
    config->isolated = 0;
    config->parse_argv = 1;
    config->use_environment = 1;
    /* -1: decided by environment and locale */
    config->coerce_c_locale = -1;
    config->coerce_c_locale_warn = -1;
    config->utf8_mode = -1;
}

void
PyPreConfig_InitIsolatedConfig(PyPreConfig *config)
{
    _PyPreConfig_InitCompatConfig(config);
    config->_config_init = _PyConfig_INIT_ISOLATED;
    config->configure_locale = 0;
    config->isolated = 1;
    config->use_environment = 0;
    config->dev_mode = 0;
}

static void
preconfig_from_config(PyPreConfig *preconfig, const PyConfig *config)
{
    switch (config->_config_init) {
    case _PyConfig_INIT_PYTHON:
        PyPreConfig_InitPythonConfig(preconfig);
        break;
    case _PyConfig_INIT_ISOLATED:
        PyPreConfig_InitIsolatedConfig(preconfig);
        break;
    default:
        _PyPreConfig_InitCompatConfig(preconfig);
        break;
    }
    if (config->parse_argv >= 0) {
        preconfig->parse_argv = config->parse_argv;
    }
    if (config->isolated >= 0) {
        preconfig->isolated = config->isolated;
    }
    if (config->use_environment >= 0) {
        preconfig->use_environment = config->use_environment;
    }
    if (config->dev_mode >= 0) {
        preconfig->dev_mode = config->dev_mode;
    }
}

/* ---- the command line, as far as it matters here ------------------------------------ */

#define BAD_UTF8_MODE INT_MAX   /* until preconfig_init_utf8_mode() */

/* One -X option. */
static void
preconfig_xoption(PyPreConfig *config, const wchar_t *option)
{
    if (wcscmp(option, L"utf8") == 0 || wcscmp(option, L"utf8=1") == 0) {
        config->utf8_mode = 1;
    }
    else if (wcscmp(option, L"utf8=0") == 0) {
        config->utf8_mode = 0;
    }
    else if (wcsncmp(option, L"utf8=", 5) == 0) {
        config->utf8_mode = BAD_UTF8_MODE;
    }
    else if (wcscmp(option, L"dev") == 0) {
        config->dev_mode = 1;
    }
}

/* Scans options up to -c, -m, a file name or "--". */
static void
preconfig_parse_args(PyPreConfig *config, const PyWideStringList *argv)
{
    for (Py_ssize_t i = 1; i < argv->length; i++) {
        const wchar_t *arg = argv->items[i];
        if (arg[0] != L'-' || arg[1] == L'\0' || wcscmp(arg, L"--") == 0) {
            break;
        }
        if (arg[1] == L'-') {
            if (wcscmp(arg, L"--check-hash-based-pycs") == 0) {
                i++;
            }
            continue;
        }
        for (const wchar_t *p = arg + 1; *p != L'\0'; p++) {
            if (*p == L'c' || *p == L'm') {
                return;
            }
            if (*p == L'E') {
                config->use_environment = 0;
            }
            else if (*p == L'I') {
                config->isolated = 1;
            }
            else if (*p == L'X' || *p == L'W') {
                const wchar_t *value = p[1] != L'\0' ? p + 1
                                     : i + 1 < argv->length ? argv->items[++i] : NULL;
                if (*p == L'X' && value != NULL) {
                    preconfig_xoption(config, value);
                }
                break;
            }
        }
    }
}

/* ---- locale ---------------------------------------------------------------------------- */

int
_Py_LegacyLocaleDetected(int warn)
{
    (void)warn;
    const char *locale = setlocale(LC_CTYPE, NULL);
    return locale != NULL && (strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0);
}

char *
_Py_SetLocaleFromEnv(int category)
{
    return setlocale(category, "");
}

#define COERCION_WARNING \
    "Python detected LC_CTYPE=C: LC_CTYPE coerced to %.20s (set another locale or " \
    "PYTHONCOERCECLOCALE=0 to disable this locale coercion behavior).\n"

static const char *const coercion_targets[] = {"C.UTF-8", "C.utf8", "UTF-8"};

int
_Py_IsLocaleCoercionTarget(const char *locale)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(coercion_targets); i++) {
        if (strcmp(locale, coercion_targets[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

/* PEP 538: replaces the C locale by a UTF-8 one.  1 if that worked. */
int
_Py_CoerceLegacyLocale(int warn)
{
    const char *const *targets = coercion_targets;
    char *saved = strdup(setlocale(LC_CTYPE, NULL));
    if (saved == NULL) {
        return 0;
    }
    const char *all = getenv("LC_ALL");
    int done = 0;
    if (all == NULL || *all == '\0') {
        for (size_t i = 0; i < Py_ARRAY_LENGTH(coercion_targets) && !done; i++) {
            if (setlocale(LC_CTYPE, targets[i]) == NULL) {
                continue;
            }
            if (setenv("LC_CTYPE", targets[i], 1) != 0) {
                fprintf(stderr, "Error setting LC_CTYPE, skipping C locale coercion\n");
                break;
            }
            if (warn) {
                fprintf(stderr, COERCION_WARNING, targets[i]);
            }
            setlocale(LC_ALL, "");
            done = 1;
        }
    }
    if (!done) {
        setlocale(LC_CTYPE, saved);
    }
    free(saved);
    return done;
}

#define LEGACY_LOCALE_WARNING \
    "Python runtime initialized with LC_CTYPE=C (a locale with default ASCII encoding), which " \
    "may cause Unicode compatibility problems. Using C.UTF-8, C.utf8, or UTF-8 (if available) " \
    "as alternative Unicode-compatible locales is recommended.\n"

static PyStatus
preconfig_init_utf8_mode(PyPreConfig *config)
{
    if (config->utf8_mode == BAD_UTF8_MODE) {
        return _PyStatus_ERR("invalid -X utf8 option value");
    }
    if (config->utf8_mode >= 0) {
        return _PyStatus_OK();
    }
    const char *env = _Py_GetEnv(config->use_environment, "PYTHONUTF8");
    if (env != NULL) {
        if (strcmp(env, "1") == 0) {
            config->utf8_mode = 1;
        }
        else if (strcmp(env, "0") == 0) {
            config->utf8_mode = 0;
        }
        else {
            return _PyStatus_ERR("invalid PYTHONUTF8 environment variable value");
        }
    }
    if (config->utf8_mode < 0) {
        config->utf8_mode = _Py_LegacyLocaleDetected(0);
    }
    return _PyStatus_OK();
}

/* Coercion: 2 means "asked for even if the variable says nothing". */
static void
preconfig_coerce_locale(PyPreConfig *config)
{
    const char *env = _Py_GetEnv(config->use_environment, "PYTHONCOERCECLOCALE");
    if (env != NULL) {
        if (strcmp(env, "0") == 0 && config->coerce_c_locale < 0) {
            config->coerce_c_locale = 0;
        }
        else if (strcmp(env, "warn") == 0 && config->coerce_c_locale_warn < 0) {
            config->coerce_c_locale_warn = 1;
        }
        else if (config->coerce_c_locale < 0) {
            config->coerce_c_locale = 1;
        }
    }
    if (config->coerce_c_locale_warn < 0) {
        config->coerce_c_locale_warn = 0;
    }
    if (config->coerce_c_locale != 0 && _Py_LegacyLocaleDetected(0)) {
        config->coerce_c_locale = _Py_CoerceLegacyLocale(config->coerce_c_locale_warn) ? 2 : 0;
    }
    else {
        config->coerce_c_locale = 0;
    }
    if (config->coerce_c_locale_warn && _Py_LegacyLocaleDetected(0)) {
        fputs(LEGACY_LOCALE_WARNING, stderr);
    }
}

static PyStatus
preconfig_init_allocator(PyPreConfig *config)
{
    static const struct {
        const char *name;
        int allocator;
    } names[] = {
        {"default", PYMEM_ALLOCATOR_DEFAULT},
        {"debug", PYMEM_ALLOCATOR_DEBUG},
        {"malloc", PYMEM_ALLOCATOR_MALLOC},
        {"malloc_debug", PYMEM_ALLOCATOR_MALLOC_DEBUG},
        {"pymalloc", PYMEM_ALLOCATOR_PYMALLOC},
        {"pymalloc_debug", PYMEM_ALLOCATOR_PYMALLOC_DEBUG},
    };
    const char *env = _Py_GetEnv(config->use_environment, "PYTHONMALLOC");
    if (config->allocator != PYMEM_ALLOCATOR_NOT_SET) {
        return _PyStatus_OK();
    }
    if (env != NULL) {
        for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
            if (strcmp(env, names[i].name) == 0) {
                config->allocator = names[i].allocator;
                return _PyStatus_OK();
            }
        }
        return _PyStatus_ERR("PYTHONMALLOC: unknown allocator");
    }
    if (config->dev_mode > 0) {
        config->allocator = PYMEM_ALLOCATOR_DEBUG;
    }
    return _PyStatus_OK();
}

/* ---- the whole ------------------------------------------------------------------------------ */

static PyStatus
preconfig_read(PyPreConfig *config, const _PyArgv *args)
{
    if (config->parse_argv > 0 && args != NULL) {
        PyWideStringList argv = _PyWideStringList_INIT;
        TRY(_PyArgv_AsWstrList(args, &argv));
        preconfig_parse_args(config, &argv);
        _PyWideStringList_Clear(&argv);
    }
    if (config->isolated < 0) {
        config->isolated = Py_IsolatedFlag;
    }
    if (config->use_environment < 0) {
        config->use_environment = !Py_IgnoreEnvironmentFlag;
    }
    if (config->isolated > 0) {
        config->use_environment = 0;
    }
    if (config->dev_mode < 0) {
        config->dev_mode = _Py_GetEnv(config->use_environment, "PYTHONDEVMODE") != NULL;
    }
    TRY(preconfig_init_utf8_mode(config));
    preconfig_coerce_locale(config);
    return preconfig_init_allocator(config);
}

static PyStatus
preinitialize(const PyPreConfig *source, const _PyArgv *args)
{
    TRY(_PyRuntime_Initialize());
    if (_PyRuntime.preinitialized) {
        return _PyStatus_OK();
    }
    _PyRuntime.preinitializing = 1;
    PyPreConfig config = *source;
    if (config.configure_locale) {
        _Py_SetLocaleFromEnv(LC_CTYPE);
    }
    /* Arguments are decoded with the mode that the source gives, then with the final one. */
    _PyRuntime.preconfig.utf8_mode = config.utf8_mode > 0;
    PyStatus status = preconfig_read(&config, args);
    if (!_PyStatus_EXCEPTION(status) && config.allocator != PYMEM_ALLOCATOR_NOT_SET &&
        _PyMem_SetupAllocators(config.allocator) < 0) {
        status = PyStatus_Error("Unknown PYTHONMALLOC allocator");
    }
    if (!_PyStatus_EXCEPTION(status)) {
        _PyRuntime.preconfig = config;
        Py_UTF8Mode = config.utf8_mode;
        _PyRuntime.preinitialized = 1;
    }
    _PyRuntime.preinitializing = _PyStatus_EXCEPTION(status);   /* reported as the state */
    return status;
}

PyStatus
Py_PreInitializeFromBytesArgs(const PyPreConfig *src_config, Py_ssize_t argc, char **argv)
{
    _PyArgv args = {.use_bytes = 1, .argc = argc, .bytes_argv = argv};
    return preinitialize(src_config, &args);
}

PyStatus
Py_PreInitializeFromArgs(const PyPreConfig *src_config, Py_ssize_t argc, wchar_t **argv)
{
    _PyArgv args = {.use_bytes = 0, .argc = argc, .wchar_argv = argv};
    return preinitialize(src_config, &args);
}

PyStatus
_Py_PreInitializeFromPyArgv(const PyPreConfig *src_config, const _PyArgv *args)
{
    return preinitialize(src_config, args);
}

PyStatus
Py_PreInitialize(const PyPreConfig *src_config)
{
    return preinitialize(src_config, NULL);
}

PyStatus
_Py_PreInitializeFromConfig(const PyConfig *config, const _PyArgv *args)
{
    if (_PyRuntime.preinitialized) {
        return _PyStatus_OK();
    }
    PyPreConfig preconfig;
    preconfig_from_config(&preconfig, config);
    if (args == NULL && config->parse_argv > 0 && config->argv.length > 0) {
        _PyArgv from_config = {
            .use_bytes = 0,
            .argc = config->argv.length,
            .wchar_argv = config->argv.items,
        };
        return preinitialize(&preconfig, &from_config);
    }
    return preinitialize(&preconfig, args);
}
