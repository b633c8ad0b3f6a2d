/* The configuration API: each round starts Python with other fields set, looks at what they do, and
 * ends it.  Bare mode: no standard library.
 * Written from the C API reference ("Python Initialization Configuration") and PEP 587, 684. */
#include "capi.h"

#include <locale.h>

/* Starts with the configuration and clears it: 1, or 0 with the message printed. */
static int
start(PyConfig *config)
{
    config->_install_importlib = 0;
    config->site_import = 0;
    PyStatus status = Py_InitializeFromConfig(config);
    PyConfig_Clear(config);
    if (PyStatus_Exception(status)) {
        fprintf(stderr, "%s: %s\n", status.func != NULL ? status.func : "?", status.err_msg);
        return 0;
    }
    return 1;
}

static void
test_statuses(struct unit_result *result)
{
    PyStatus ok = PyStatus_Ok(), error = PyStatus_Error("my error"), exit = PyStatus_Exit(5);
    PyStatus memory = PyStatus_NoMemory();
    CHECK(!PyStatus_Exception(ok) && !PyStatus_IsError(ok) && !PyStatus_IsExit(ok));
    CHECK(PyStatus_Exception(error) && PyStatus_IsError(error));
    CHECK(strcmp(error.err_msg, "my error") == 0);
    CHECK(PyStatus_Exception(exit) && PyStatus_IsExit(exit) && exit.exitcode == 5);
    CHECK(PyStatus_IsError(memory) && strcmp(memory.err_msg, "memory allocation failed") == 0);
    PyWideStringList list = {0, NULL};
    CHECK(!PyStatus_Exception(PyWideStringList_Append(&list, L"b")));
    CHECK(!PyStatus_Exception(PyWideStringList_Insert(&list, 0, L"a")));
    CHECK(!PyStatus_Exception(PyWideStringList_Insert(&list, 99, L"c")));
    CHECK(PyStatus_IsError(PyWideStringList_Insert(&list, -1, L"x")));
    CHECK(list.length == 3 && list.items[0][0] == L'a' && list.items[2][0] == L'c');
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    CHECK(!PyStatus_Exception(PyConfig_SetWideStringList(&config, &config.argv, 3, list.items)));
    CHECK(config.argv.length == 3 && config.isolated == 1 && config.parse_argv == 0);
    CHECK(!PyStatus_Exception(PyConfig_SetBytesString(&config, &config.run_command, "pass")));
    CHECK(wcscmp(config.run_command, L"pass") == 0);
    CHECK(!PyStatus_Exception(PyConfig_SetString(&config, &config.run_command, NULL)));
    CHECK(config.run_command == NULL);
    PyConfig_Clear(&config);
    CHECK(config.argv.length == 0 && config.argv.items == NULL);
    PyConfig_InitPythonConfig(&config);
    CHECK(config.isolated == 0 && config.parse_argv == 1 && config.install_signal_handlers == 1);
    PyConfig_Clear(&config);
    for (int i = 0; i < 3; i++) {
        PyMem_RawFree(list.items[i]);
    }
    PyMem_RawFree(list.items);
}

static void
test_isolated(struct unit_result *result)
{
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    if (!start(&config)) {
        CHECK(0);
        return;
    }
    EQ(capi_eval("(lambda f: (f.isolated, f.ignore_environment, f.no_user_site, f.safe_path, "
                 "f.optimize, f.verbose, f.inspect, f.interactive, f.quiet, f.bytes_warning, "
                 "f.hash_randomization, f.dev_mode, f.utf8_mode, f.no_site))"
                 "(__import__('sys').flags)", NULL, NULL, NULL),
       "(1, 1, 1, True, 0, 0, 0, 0, 0, 0, 1, False, 0, 1)");
    EQ(capi_eval("__import__('sys').argv", NULL, NULL, NULL), "['']");
    CHECK(Py_FinalizeEx() == 0 && !Py_IsInitialized());
    CHECK(Py_FinalizeEx() == 0);
}

static void
test_fields(struct unit_result *result)
{
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    wchar_t *argv[] = {L"program", L"-v", L"argument"};
    config.optimization_level = 2;
    config.bytes_warning = 1;
    config.use_hash_seed = 1;
    config.hash_seed = 0;
    config.quiet = 1;
    config.write_bytecode = 0;
    config.int_max_str_digits = 1000;
    config.code_debug_ranges = 0;
    config.warn_default_encoding = 1;
    config.module_search_paths_set = 1;
    config.install_signal_handlers = 0;
    CHECK(!PyStatus_Exception(PyConfig_SetWideStringList(&config, &config.argv, 3, argv)));
    CHECK(!PyStatus_Exception(PyWideStringList_Append(&config.module_search_paths, L"/first")));
    CHECK(!PyStatus_Exception(PyWideStringList_Append(&config.module_search_paths, L"/second")));
    CHECK(!PyStatus_Exception(PyWideStringList_Append(&config.xoptions, L"mine=5")));
    CHECK(!PyStatus_Exception(PyWideStringList_Append(&config.xoptions, L"flag")));
    CHECK(!PyStatus_Exception(PyWideStringList_Append(&config.warnoptions, L"error::UserWarning")));
    CHECK(!PyStatus_Exception(PyConfig_SetString(&config, &config.program_name, L"./my_program")));
    CHECK(!PyStatus_Exception(PyConfig_SetString(&config, &config.executable, L"/my/executable")));
    CHECK(!PyStatus_Exception(PyConfig_SetString(&config, &config.pycache_prefix, L"/cache")));
    CHECK(!PyStatus_Exception(PyConfig_SetString(&config, &config.stdio_encoding, L"latin-1")));
    if (!start(&config)) {
        CHECK(0);
        return;
    }
    EQ(capi_eval("(lambda s: (s.flags.optimize, s.flags.bytes_warning, s.flags.quiet, "
                 "s.flags.hash_randomization, s.dont_write_bytecode, s.flags.warn_default_encoding,"
                 " s.get_int_max_str_digits()))(__import__('sys'))", NULL, NULL, NULL),
       "(2, 1, 1, 0, True, 1, 1000)");
    EQ(capi_eval("(lambda s: (s.argv, s.path, s._xoptions, s.executable, s.pycache_prefix))"
                 "(__import__('sys'))", NULL, NULL, NULL),
       "(['program', '-v', 'argument'], ['/first', '/second'], {'mine': '5', 'flag': True}, "
       "'/my/executable', '/cache')");
    EQ(capi_eval("'error::UserWarning' in __import__('sys').warnoptions", NULL, NULL, NULL),
       "True");
    EQ(capi_eval("__debug__", NULL, NULL, NULL), "False");
    EQ(capi_eval("list((lambda: 0).__code__.co_positions())[1][2:]", NULL, NULL, NULL),
       "(None, None)");
    CHECK(Py_OptimizeFlag == 2 && Py_QuietFlag == 1 && Py_IsolatedFlag == 1);
    CHECK(wcscmp(Py_GetProgramFullPath(), L"/my/executable") == 0);
    CHECK(wcscmp(Py_GetProgramName(), L"./my_program") == 0);
    int argc;
    wchar_t **original;
    Py_GetArgcArgv(&argc, &original);
    CHECK(argc == 3 && wcscmp(original[2], L"argument") == 0);
    CHECK(Py_FinalizeEx() == 0);
}

static void
test_command_line(struct unit_result *result)
{
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    char *argv[] = {"python", "-O", "-q", "-X", "int_max_str_digits=0", "-W", "ignore", "-c",
                    "pass", "one", "-two"};
    CHECK(!PyStatus_Exception(PyConfig_SetBytesArgv(&config, 11, argv)));
    CHECK(!PyStatus_Exception(PyConfig_Read(&config)));
    CHECK(config.optimization_level == 1 && config.quiet == 1 && config.int_max_str_digits == 0);
    CHECK(wcscmp(config.run_command, L"pass\n") == 0 && config.argv.length == 3);
    CHECK(wcscmp(config.argv.items[0], L"-c") == 0 && wcscmp(config.argv.items[2], L"-two") == 0);
    CHECK(config.orig_argv.length == 11);
    if (!start(&config)) {
        CHECK(0);
        return;
    }
    EQ(capi_eval("__import__('sys').argv", NULL, NULL, NULL), "['-c', 'one', '-two']");
    EQ(capi_eval("__import__('sys').orig_argv[1:3]", NULL, NULL, NULL), "['-O', '-q']");
    CHECK(Py_FinalizeEx() == 0);
}

static void
test_early_functions(struct unit_result *result)
{
    CHECK(Py_SetStandardStreamEncoding("latin-1", "backslashreplace") == 0);
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    CHECK(!PyStatus_Exception(PyConfig_Read(&config)));
    CHECK(wcscmp(config.stdio_encoding, L"latin-1") == 0);
    CHECK(wcscmp(config.stdio_errors, L"backslashreplace") == 0);
    if (!start(&config)) {
        CHECK(0);
        return;
    }
    CHECK(Py_SetStandardStreamEncoding("utf-8", NULL) == -1);
    CHECK(Py_FinalizeEx() == 0);
    CHECK(Py_SetStandardStreamEncoding(NULL, NULL) == 0);
}

static void
test_interpreter_config(struct unit_result *result)
{
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    if (!start(&config)) {
        CHECK(0);
        return;
    }
    PyThreadState *main = PyThreadState_Get(), *other = NULL;
    PyInterpreterConfig wrong = {.gil = PyInterpreterConfig_OWN_GIL, .use_main_obmalloc = 1};
    PyStatus status = Py_NewInterpreterFromConfig(&other, &wrong);
    CHECK(PyStatus_IsError(status) && other == NULL && PyThreadState_Get() == main);
    wrong = (PyInterpreterConfig){.gil = 77, .check_multi_interp_extensions = 1};
    status = Py_NewInterpreterFromConfig(&other, &wrong);
    CHECK(PyStatus_IsError(status) && PyThreadState_Get() == main);
    wrong = (PyInterpreterConfig){.gil = PyInterpreterConfig_SHARED_GIL};
    status = Py_NewInterpreterFromConfig(&other, &wrong);
    CHECK(PyStatus_IsError(status) && PyThreadState_Get() == main);
    PyInterpreterConfig strict = {.gil = PyInterpreterConfig_OWN_GIL,
                                  .check_multi_interp_extensions = 1};
    status = Py_NewInterpreterFromConfig(&other, &strict);
    CHECK(!PyStatus_Exception(status) && PyThreadState_Get() == other && other != main);
    CHECK(PyThreadState_GetInterpreter(other) != PyInterpreterState_Main());
    PyObject *value = PyRun_String("__import__('_thread').start_new_thread(print, ())",
                                   Py_eval_input, PyEval_GetBuiltins(), NULL);
    RAISES(value == NULL, PyExc_RuntimeError,
           "thread is not supported for isolated subinterpreters");
    Py_EndInterpreter(other);
    PyThreadState_Swap(main);
    PyInterpreterConfig legacy = {
        .use_main_obmalloc = 1, .allow_fork = 1, .allow_exec = 1, .allow_threads = 1,
        .allow_daemon_threads = 1, .gil = PyInterpreterConfig_SHARED_GIL,
    };
    status = Py_NewInterpreterFromConfig(&other, &legacy);
    CHECK(!PyStatus_Exception(status) && other != NULL);
    EQ(capi_eval("1 + 1", NULL, NULL, NULL), "2");
    Py_EndInterpreter(other);
    PyThreadState_Swap(main);
    other = Py_NewInterpreter();
    CHECK(other != NULL && PyThreadState_Get() == other);
    Py_EndInterpreter(other);
    PyThreadState_Swap(main);
    CHECK(Py_FinalizeEx() == 0);
}

static const struct unit_test tests[] = {
    {"statuses, lists and strings", test_statuses},
    {"isolated configuration", test_isolated},
    {"fields", test_fields},
    {"command line", test_command_line},
    {"functions before the start", test_early_functions},
    {"configuration of interpreters", test_interpreter_config},
};

UNIT_MAIN(tests)
