/* Configuration inside the core: status values, preconfiguration, PyConfig by table.
 * Written from PEP 587 and the "Python Initialization Configuration" reference. */
#ifndef Py_INTERNAL_INITCONFIG_H
#define Py_INTERNAL_INITCONFIG_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#define _PyStatus_OK() ((PyStatus){._type = 0})
#define _PyStatus_ERR(MSG) ((PyStatus){._type = 1, .func = __func__, .err_msg = (MSG)})
#define _PyStatus_NO_MEMORY() _PyStatus_ERR("memory allocation failed")
#define _PyStatus_EXIT(CODE) ((PyStatus){._type = 2, .exitcode = (CODE)})
#define _PyStatus_IS_ERROR(S) ((S)._type == 1)
#define _PyStatus_IS_EXIT(S) ((S)._type == 2)
#define _PyStatus_EXCEPTION(S) ((S)._type != 0)

#define _PyWideStringList_INIT ((PyWideStringList){.length = 0, .items = NULL})

/* Values of _config_init. */
enum {_PyConfig_INIT_COMPAT = 1, _PyConfig_INIT_PYTHON = 2, _PyConfig_INIT_ISOLATED = 3};

/* The arguments of the process, either as bytes or decoded. */
typedef struct {
    Py_ssize_t argc;
    int use_bytes;
    char *const *bytes_argv;
    wchar_t *const *wchar_argv;
} _PyArgv;

/* -- Python/initconfig.c -- */
extern PyStatus _PyConfig_Copy(PyConfig *config, const PyConfig *source);
/* As _PyConfig_Copy, but the strings stay the source's: for interpreters that inherit. */
extern void _PyConfig_Inherit(PyConfig *config, const PyConfig *source);
PyAPI_FUNC(void) _PyConfig_InitCompatConfig(PyConfig *config);
extern PyStatus _PyConfig_Read(PyConfig *config);
/* Copies the flags of the configuration to the deprecated global variables. */
extern void _PyConfig_WriteGlobals(const PyConfig *config);
PyAPI_FUNC(void) _PyWideStringList_Clear(PyWideStringList *list);
PyAPI_FUNC(int) _PyWideStringList_Copy(PyWideStringList *list, const PyWideStringList *source);
PyAPI_FUNC(PyStatus) _PyWideStringList_Extend(PyWideStringList *list,
                                               const PyWideStringList *source);
PyAPI_FUNC(PyObject *) _PyWideStringList_AsList(const PyWideStringList *list);
/* Value of -X name or -X name=value: the text behind `name` ("" or "=value"), or NULL. */
PyAPI_FUNC(const wchar_t *) _Py_get_xoption(const PyWideStringList *xoptions, const wchar_t *name);
PyAPI_FUNC(void) _Py_get_env_flag(int use_environment, int *flag, const char *name);
extern PyStatus _PyConfig_SetRawString(wchar_t **field, const wchar_t *value);

/* -- Python/preconfig.c -- */
PyAPI_FUNC(void) _PyPreConfig_InitCompatConfig(PyPreConfig *config);
PyAPI_FUNC(PyStatus) _Py_PreInitializeFromConfig(const PyConfig *config, const _PyArgv *args);
PyAPI_FUNC(PyStatus) _PyArgv_AsWstrList(const _PyArgv *args, PyWideStringList *list);
PyAPI_FUNC(const char *) _Py_GetEnv(int use_environment, const char *name);
PyAPI_FUNC(int) _Py_str_to_int(const char *str, int *result);
PyAPI_FUNC(PyStatus) _Py_PreInitializeFromPyArgv(const PyPreConfig *src_config,
                                                 const _PyArgv *args);
/* Is `locale` one of those that the C locale is coerced to? */
PyAPI_FUNC(int) _Py_IsLocaleCoercionTarget(const char *locale);

/* -- Python/cmdline.c -- */
extern PyStatus _PyConfig_ParseCommandLine(PyConfig *config);

/* -- pathconfig.c -- */
/* Shows on stderr where modules are looked for, and why: after a start that found no library. */
extern void _PyConfig_DumpPaths(const PyConfig *config);

/* -- Modules/getpath.c -- */
extern PyStatus _PyConfig_InitPathConfig(PyConfig *config);

#endif /* !Py_INTERNAL_INITCONFIG_H */
