/* Configuration of the runtime: PyStatus, PyPreConfig, PyConfig. Read before an interpreter
   exists, so nothing here is an object.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CPYTHON_INITCONFIG_H
#define Py_CPYTHON_INITCONFIG_H

#ifndef Py_LIMITED_API

#include "../pytypedefs.h"
#include <stddef.h>
#include <wchar.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Results of initialisation ---- */

typedef struct {
    enum {
        _PyStatus_TYPE_OK = 0,
        _PyStatus_TYPE_ERROR = 1,
        _PyStatus_TYPE_EXIT = 2
    } _type;
    const char *func;
    const char *err_msg;
    int exitcode;
} PyStatus;

/* ---- Lists of wide strings ---- */

/* items is NULL when length is 0. */
typedef struct {
    Py_ssize_t length;
    wchar_t **items;
} PyWideStringList;

/* ---- Before everything: locale, encoding, allocator ---- */

typedef struct PyPreConfig {
    int _config_init;          /* which defaults it was made with */
    int parse_argv;            /* look at the command line */
    int isolated;              /* neither environment nor user's files */
    int use_environment;       /* read PYTHON... variables */
    int configure_locale;      /* set LC_CTYPE to the user's locale */
    int coerce_c_locale;       /* take a UTF-8 locale for "C"; 2 also for "POSIX" */
    int coerce_c_locale_warn;  /* say so */
    int utf8_mode;             /* UTF-8 mode (PEP 540) */
    int dev_mode;              /* development mode */
    int allocator;             /* a PyMemAllocatorName */
} PyPreConfig;

/* ---- The configuration proper ----
   Integers of -1 are not set yet. Strings are allocated with PyMem_RawMalloc. */

typedef struct PyConfig {
    int _config_init;                      /* which defaults it was made with */
    int isolated;                          /* -I */
    int use_environment;                   /* not -E */
    int dev_mode;                          /* -X dev */
    int install_signal_handlers;           /* at start */
    int use_hash_seed;                     /* hash_seed counts */
    unsigned long hash_seed;               /* of str and bytes; 0 turns randomisation off */
    int faulthandler;                      /* -X faulthandler */
    int tracemalloc;                       /* -X tracemalloc, number of frames */
    int perf_profiling;                    /* -X perf */
    int import_time;                       /* -X importtime */
    int code_debug_ranges;                 /* columns in code objects */
    int show_ref_count;                    /* -X showrefcount */
    int dump_refs;                         /* list objects at exit (a special build) */
    wchar_t *dump_refs_file;               /* where */
    int malloc_stats;                      /* print statistics at exit */
    wchar_t *filesystem_encoding;          /* sys.getfilesystemencoding() */
    wchar_t *filesystem_errors;            /* its error handler */
    wchar_t *pycache_prefix;               /* sys.pycache_prefix */
    int parse_argv;                        /* argv has options of Python */
    PyWideStringList orig_argv;            /* sys.orig_argv */
    PyWideStringList argv;                 /* sys.argv */
    PyWideStringList xoptions;             /* sys._xoptions */
    PyWideStringList warnoptions;          /* sys.warnoptions */
    int site_import;                       /* not -S */
    int bytes_warning;                     /* -b */
    int warn_default_encoding;             /* -X warn_default_encoding */
    int inspect;                           /* -i */
    int interactive;                       /* -i, prompt even if stdin is no terminal */
    int optimization_level;                /* -O */
    int parser_debug;                      /* -d */
    int write_bytecode;                    /* not -B */
    int verbose;                           /* -v */
    int quiet;                             /* -q */
    int user_site_directory;               /* not -s */
    int configure_c_stdio;                 /* buffering and encoding of C's streams */
    int buffered_stdio;                    /* not -u */
    wchar_t *stdio_encoding;               /* of sys.stdin and the others */
    wchar_t *stdio_errors;                 /* error handler of sys.stdin and sys.stdout */
    wchar_t *check_hash_pycs_mode;         /* --check-hash-based-pycs */
    int use_frozen_modules;                /* -X frozen_modules */
    int safe_path;                         /* -P */
    int int_max_str_digits;                /* sys.get_int_max_str_digits() */
    int pathconfig_warnings;               /* warn when the standard library is not found */
    wchar_t *program_name;                 /* how the program was called */
    wchar_t *pythonpath_env;               /* PYTHONPATH */
    wchar_t *home;                         /* PYTHONHOME */
    wchar_t *platlibdir;                   /* sys.platlibdir */
    int module_search_paths_set;           /* module_search_paths counts */
    PyWideStringList module_search_paths;  /* sys.path */
    wchar_t *stdlib_dir;                   /* sys._stdlib_dir */
    wchar_t *executable;                   /* sys.executable */
    wchar_t *base_executable;              /* sys._base_executable */
    wchar_t *prefix;                       /* sys.prefix */
    wchar_t *base_prefix;                  /* sys.base_prefix */
    wchar_t *exec_prefix;                  /* sys.exec_prefix */
    wchar_t *base_exec_prefix;             /* sys.base_exec_prefix */
    int skip_source_first_line;            /* -x */
    wchar_t *run_command;                  /* -c */
    wchar_t *run_module;                   /* -m */
    wchar_t *run_filename;                 /* a script */
    int _install_importlib;                /* import is set up */
    int _init_main;                        /* the second phase of the start is done too */
    int _is_python_build;                  /* runs from its build tree */
} PyConfig;

PyAPI_FUNC(void) Py_GetArgcArgv(int *, wchar_t ***);

PyAPI_FUNC(void) PyConfig_Clear(PyConfig *);
PyAPI_FUNC(void) PyConfig_InitIsolatedConfig(PyConfig *);
PyAPI_FUNC(void) PyConfig_InitPythonConfig(PyConfig *);
PyAPI_FUNC(PyStatus) PyConfig_Read(PyConfig *);
PyAPI_FUNC(PyStatus) PyConfig_SetArgv(PyConfig *, Py_ssize_t, wchar_t *const *);
PyAPI_FUNC(PyStatus) PyConfig_SetBytesArgv(PyConfig *, Py_ssize_t, char *const *);
PyAPI_FUNC(PyStatus) PyConfig_SetBytesString(PyConfig *, wchar_t **, const char *);
PyAPI_FUNC(PyStatus) PyConfig_SetString(PyConfig *, wchar_t **, const wchar_t *);
PyAPI_FUNC(PyStatus) PyConfig_SetWideStringList(PyConfig *, PyWideStringList *, Py_ssize_t,
    wchar_t **);

PyAPI_FUNC(void) PyPreConfig_InitIsolatedConfig(PyPreConfig *);
PyAPI_FUNC(void) PyPreConfig_InitPythonConfig(PyPreConfig *);

PyAPI_FUNC(PyStatus) PyStatus_Error(const char *);
PyAPI_FUNC(int) PyStatus_Exception(PyStatus);
PyAPI_FUNC(PyStatus) PyStatus_Exit(int);
PyAPI_FUNC(int) PyStatus_IsError(PyStatus);
PyAPI_FUNC(int) PyStatus_IsExit(PyStatus);
PyAPI_FUNC(PyStatus) PyStatus_NoMemory(void);
PyAPI_FUNC(PyStatus) PyStatus_Ok(void);

PyAPI_FUNC(PyStatus) PyWideStringList_Append(PyWideStringList *, const wchar_t *);
PyAPI_FUNC(PyStatus) PyWideStringList_Insert(PyWideStringList *, Py_ssize_t, const wchar_t *);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(PyObject *) _PyErr_SetFromPyStatus(PyStatus);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_LIMITED_API */

#endif  /* !Py_CPYTHON_INITCONFIG_H */
