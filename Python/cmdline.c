/* The command line of python: options into PyConfig fields, usage texts.
 * Written from "Command line and environment" of the reference and `python3.12 --help*`. */
#include "Python.h"
#include "pycore_initconfig.h"

#include <wchar.h>

#define TRY(CALL)                                   \
    do {                                            \
        PyStatus _status = (CALL);                  \
        if (_PyStatus_EXCEPTION(_status)) {         \
            return _status;                         \
        }                                           \
    } while (0)

static const char usage_line[] =
    "usage: %ls [option] ... [-c cmd | -m mod | file | -] [arg] ...\n";

static const char usage_help[] =
    "Options (and corresponding environment variables):\n"
    "-b     : issue warnings about str(bytes_instance), str(bytearray_instance)\n"
    "         and comparing bytes/bytearray with str. (-bb: issue errors)\n"
    "-B     : don't write .pyc files on import; also PYTHONDONTWRITEBYTECODE=x\n"
    "-c cmd : program passed in as string (terminates option list)\n"
    "-d     : turn on parser debugging output (for experts only, only works on\n"
    "         debug builds); also PYTHONDEBUG=x\n"
    "-E     : ignore PYTHON* environment variables (such as PYTHONPATH)\n"
    "-h     : print this help message and exit (also -? or --help)\n"
    "-i     : inspect interactively after running script; forces a prompt even\n"
    "         if stdin does not appear to be a terminal; also PYTHONINSPECT=x\n"
    "-I     : isolate Python from the user's environment (implies -E and -s)\n"
    "-m mod : run library module as a script (terminates option list)\n"
    "-O     : remove assert and __debug__-dependent statements; add .opt-1 before\n"
    "         .pyc extension; also PYTHONOPTIMIZE=x\n"
    "-OO    : do -O changes and also discard docstrings; add .opt-2 before\n"
    "         .pyc extension\n"
    "-P     : don't prepend a potentially unsafe path to sys.path; also PYTHONSAFEPATH\n"
    "-q     : don't print version and copyright messages on interactive startup\n"
    "-s     : don't add user site directory to sys.path; also PYTHONNOUSERSITE\n"
    "-S     : don't imply 'import site' on initialization\n"
    "-u     : force the stdout and stderr streams to be unbuffered;\n"
    "         this option has no effect on stdin; also PYTHONUNBUFFERED=x\n"
    "-v     : verbose (trace import statements); also PYTHONVERBOSE=x\n"
    "         can be supplied multiple times to increase verbosity\n"
    "-V     : print the Python version number and exit (also --version)\n"
    "         when given twice, print more information about the build\n"
    "-W arg : warning control; arg is action:message:category:module:lineno\n"
    "         also PYTHONWARNINGS=arg\n"
    "-x     : skip first line of source, allowing use of non-Unix forms of #!cmd\n"
    "-X opt : set implementation-specific option\n"
    "--check-hash-based-pycs always|default|never:\n"
    "         control how Python invalidates hash-based .pyc files\n"
    "--help-env      : print help about Python environment variables and exit\n"
    "--help-xoptions : print help about implementation-specific -X options and exit\n"
    "--help-all      : print complete help information and exit\n"
    "Arguments:\n"
    "file   : program read from script file\n"
    "-      : program read from stdin (default; interactive mode if a tty)\n"
    "arg ...: arguments passed to program in sys.argv[1:]\n";

static const char usage_xoptions[] =
    "The following implementation-specific options are available:\n"
    "\n"
    "-X bare: run the script without importlib, site and the standard library\n"
    "\n"
    "-X dev: development mode, with checks that are too expensive for every day:\n"
    "    default warning filter (-W default), debug hooks on memory allocators,\n"
    "    faulthandler, asyncio's debug mode, errors of close() in io destructors;\n"
    "    sets sys.flags.dev_mode. Also PYTHONDEVMODE\n"
    "\n"
    "-X faulthandler: dump the Python traceback on fatal errors;\n"
    "    also PYTHONFAULTHANDLER\n"
    "\n"
    "-X frozen_modules=[on|off]: whether or not frozen modules should be used;\n"
    "    the default is \"on\"\n"
    "\n"
    "-X importtime: show how long each import takes: name, time with and without\n"
    "    nested imports. Threads may mix up the output.\n"
    "    Also PYTHONPROFILEIMPORTTIME\n"
    "\n"
    "-X int_max_str_digits=number: limit the digits of int<->str conversions, so\n"
    "    that untrusted data cannot make them take very long. 0 disables the limit;\n"
    "    the default is sys.int_info.default_max_str_digits.\n"
    "    Also PYTHONINTMAXSTRDIGITS\n"
    "\n"
    "-X no_debug_ranges: leave columns and end lines out of code objects, which\n"
    "    makes them and .pyc files smaller; tracebacks do not underline then.\n"
    "    Also PYTHONNODEBUGRANGES\n"
    "\n"
    "-X perf: names of Python functions for the Linux \"perf\" profiler, where that\n"
    "    is supported; the default is \"off\"\n"
    "\n"
    "-X pycache_prefix=PATH: write .pyc files to a parallel tree with that root\n"
    "    instead of beside the code. Also PYTHONPYCACHEPREFIX\n"
    "\n"
    "-X showrefcount: output the total reference count and number of used memory\n"
    "    blocks at the end and after each interactive statement; debug builds only\n"
    "\n"
    "-X tracemalloc: trace Python memory allocations with the tracemalloc module;\n"
    "    -X tracemalloc=NFRAME keeps NFRAME frames of each traceback (default: 1).\n"
    "    Also PYTHONTRACEMALLOC\n"
    "\n"
    "-X utf8: enable UTF-8 mode for operating system interfaces, whatever the\n"
    "    locale; -X utf8=0 disables it, even where it is the default.\n"
    "    Also PYTHONUTF8\n"
    "\n"
    "-X warn_default_encoding: enable opt-in EncodingWarning for 'encoding=None';\n"
    "    also PYTHONWARNDEFAULTENCODING\n";

static const char usage_env[] =
    "Environment variables that change behavior:\n"
    "PYTHONSTARTUP: file executed on interactive startup (no default)\n"
    "PYTHONPATH   : ':'-separated list of directories that stand before the\n"
    "               default module search path; the result is sys.path\n"
    "PYTHONHOME   : alternate <prefix> directory (or <prefix>:<exec_prefix>);\n"
    "               the default module search path uses <prefix>/lib/pythonX.X\n"
    "PYTHONPLATLIBDIR : override sys.platlibdir\n"
    "PYTHONCASEOK : ignore case in 'import' statements (Windows and macOS)\n"
    "PYTHONUTF8: if set to 1, enable the UTF-8 mode\n"
    "PYTHONIOENCODING: encoding[:errors] used for stdin/stdout/stderr\n"
    "PYTHONFAULTHANDLER: dump the Python traceback on fatal errors\n"
    "PYTHONHASHSEED: 'random', or an integer in the range [0,4294967295] that makes\n"
    "   the hashes of str and bytes objects predictable\n"
    "PYTHONINTMAXSTRDIGITS: limit of the digits when a str is converted to an int\n"
    "   and back; 0 disables it. Bases 2, 4, 8, 16 and 32 are never limited\n"
    "PYTHONMALLOC: set the Python memory allocators; 'debug' installs debug hooks\n"
    "PYTHONMALLOCSTATS: print memory allocator statistics\n"
    "PYTHONCOERCECLOCALE: 0 disables the coercion of the C locale; 'warn' reports\n"
    "   coercion and incompatible locales on stderr\n"
    "PYTHONBREAKPOINT: the callable that breakpoint() calls; 0 disables it\n"
    "PYTHONDEVMODE: enable the development mode\n"
    "PYTHONPYCACHEPREFIX: root directory for bytecode cache (pyc) files\n"
    "PYTHONTRACEMALLOC: trace memory allocations, with that number of frames\n"
    "PYTHONPROFILEIMPORTTIME: show how long each import takes\n"
    "PYTHONWARNDEFAULTENCODING: enable opt-in EncodingWarning for 'encoding=None'\n"
    "PYTHONNODEBUGRANGES: leave columns and end lines out of code objects\n"
    "These variables have equivalent command-line parameters (see --help for details):\n"
    "PYTHONDEBUG             : enable parser debug mode (-d)\n"
    "PYTHONDONTWRITEBYTECODE : don't write .pyc files (-B)\n"
    "PYTHONINSPECT           : inspect interactively after running script (-i)\n"
    "PYTHONINTMAXSTRDIGITS   : limit max digit characters in an int value\n"
    "                          (-X int_max_str_digits=number)\n"
    "PYTHONNOUSERSITE        : disable user site directory (-s)\n"
    "PYTHONOPTIMIZE          : enable level 1 optimizations (-O)\n"
    "PYTHONSAFEPATH          : don't prepend a potentially unsafe path to sys.path (-P)\n"
    "PYTHONUNBUFFERED        : disable stdout/stderr buffering (-u)\n"
    "PYTHONVERBOSE           : trace import statements (-v)\n"
    "PYTHONWARNINGS=arg      : warning control (-W arg)\n";

/* State of the scan; `arg` is the rest of the current argument. */
struct option_scan {
    const PyWideStringList *argv;
    Py_ssize_t index;           /* of the argument that comes next */
    const wchar_t *rest;        /* letters left in a group such as -bE, or NULL */
    const wchar_t *value;       /* argument of the option just returned */
};

enum {OPT_END = -1, OPT_BAD = '_', OPT_CHECK_PYCS = 256, OPT_HELP_ALL, OPT_HELP_ENV, OPT_HELP_X};

/* The next option letter, OPT_END, or OPT_BAD after a message on stderr. */
static int
next_option(struct option_scan *scan)
{
    scan->value = NULL;
    if (scan->rest == NULL || *scan->rest == L'\0') {
        if (scan->index >= scan->argv->length) {
            return OPT_END;
        }
        const wchar_t *arg = scan->argv->items[scan->index];
        if (arg[0] != L'-' || arg[1] == L'\0') {
            return OPT_END;
        }
        scan->index++;
        if (wcscmp(arg, L"--") == 0) {
            return OPT_END;
        }
        if (arg[1] == L'-') {
            scan->rest = NULL;
            static const struct {
                const wchar_t *name;
                int option;
                int has_value;
            } longs[] = {
                {L"--check-hash-based-pycs", OPT_CHECK_PYCS, 1},
                {L"--help", 'h', 0},
                {L"--help-all", OPT_HELP_ALL, 0},
                {L"--help-env", OPT_HELP_ENV, 0},
                {L"--help-xoptions", OPT_HELP_X, 0},
                {L"--version", 'V', 0},
            };
            for (size_t i = 0; i < Py_ARRAY_LENGTH(longs); i++) {
                if (wcscmp(arg, longs[i].name) != 0) {
                    continue;
                }
                if (longs[i].has_value) {
                    if (scan->index >= scan->argv->length) {
                        fprintf(stderr, "Argument expected for the %ls options\n", arg);
                        return OPT_BAD;
                    }
                    scan->value = scan->argv->items[scan->index++];
                }
                return longs[i].option;
            }
            fprintf(stderr, "unknown option %ls\n", arg);
            return OPT_BAD;
        }
        scan->rest = arg + 1;
    }
    wchar_t letter = *scan->rest++;
    static const wchar_t letters[] = L"+bBcdEhiIJm:OPqRsStuvVW:xX:?";
    const wchar_t *known = letter == L':' || letter == L'+' ? NULL : wcschr(letters, letter);
    if (known == NULL || letter == L'J') {
        fprintf(stderr, letter == L'J' ? "-J is reserved for Jython\n" : "Unknown option: -%c\n",
                (char)letter);
        return OPT_BAD;
    }
    if (known[1] == L':' || letter == L'c') {
        if (*scan->rest != L'\0') {
            scan->value = scan->rest;
        }
        else if (scan->index < scan->argv->length) {
            scan->value = scan->argv->items[scan->index++];
        }
        else {
            fprintf(stderr, "Argument expected for the -%c option\n", (char)letter);
            return OPT_BAD;
        }
        scan->rest = NULL;
    }
    return (int)letter;
}

static PyStatus
usage_error(const PyConfig *config)
{
    const wchar_t *program = config->program_name != NULL ? config->program_name : L"python3";
    fprintf(stderr, usage_line, program);
    fputs("Try `python -h' for more information.\n", stderr);
    return _PyStatus_EXIT(2);
}

/* -c takes the command with a final newline. */
static PyStatus
set_command(PyConfig *config, const wchar_t *command)
{
    size_t len = wcslen(command);
    wchar_t *copy = PyMem_RawMalloc((len + 2) * sizeof(wchar_t));
    if (copy == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    memcpy(copy, command, len * sizeof(wchar_t));
    copy[len] = L'\n';
    copy[len + 1] = L'\0';
    PyMem_RawFree(config->run_command);
    config->run_command = copy;
    return _PyStatus_OK();
}

static void
print_help(const PyConfig *config, int option)
{
    if (option == 'h' || option == OPT_HELP_ALL) {
        const wchar_t *program = config->program_name != NULL ? config->program_name
                               : config->argv.length > 0 ? config->argv.items[0] : L"python3";
        printf(usage_line, program);
        fputs(usage_help, stdout);
    }
    if (option == OPT_HELP_ENV || option == OPT_HELP_ALL) {
        if (option == OPT_HELP_ALL) {
            putchar('\n');
        }
        fputs(usage_env, stdout);
    }
    if (option == OPT_HELP_X || option == OPT_HELP_ALL) {
        if (option == OPT_HELP_ALL) {
            putchar('\n');
        }
        fputs(usage_xoptions, stdout);
    }
}

/* Applies one option without own control flow.  OPT_BAD if it is none of those. */
static int
apply_flag(PyConfig *config, int option)
{
    switch (option) {
    case 'b': config->bytes_warning++; break;
    case 'B': config->write_bytecode = 0; break;
    case 'd': config->parser_debug++; break;
    case 'i': config->inspect++; config->interactive++; break;
    case 'E': case 'I': break;              /* preconfiguration */
    case 'R': config->use_hash_seed = 0; config->hash_seed = 0; break;
    case 'O': config->optimization_level++; break;
    case 'P': config->safe_path = 1; break;
    case 'q': config->quiet++; break;
    case 's': config->user_site_directory = 0; break;
    case 'S': config->site_import = 0; break;
    case 't': break;
    case 'u': config->buffered_stdio = 0; break;
    case 'v': config->verbose++; break;
    case 'x': config->skip_source_first_line = 1; break;
    default: return OPT_BAD;
    }
    return 0;
}

/* Replaces sys.argv by what follows the options; argv[0] as documented for -c, -m and files. */
static PyStatus
set_program_argv(PyConfig *config, Py_ssize_t first)
{
    const PyWideStringList *old = &config->argv;
    PyWideStringList rest = {
        .length = first < old->length ? old->length - first : 0,
        .items = old->items + first,
    };
    PyWideStringList argv = _PyWideStringList_INIT;
    PyStatus status = _PyStatus_OK();
    if (config->run_command != NULL) {
        status = PyWideStringList_Append(&argv, L"-c");
    }
    else if (config->run_module != NULL) {
        status = PyWideStringList_Append(&argv, L"-m");
    }
    else if (rest.length == 0) {
        status = PyWideStringList_Append(&argv, L"");
    }
    if (!_PyStatus_EXCEPTION(status)) {
        status = _PyWideStringList_Extend(&argv, &rest);
    }
    if (_PyStatus_EXCEPTION(status)) {
        _PyWideStringList_Clear(&argv);
        return status;
    }
    _PyWideStringList_Clear(&config->argv);
    config->argv = argv;
    return _PyStatus_OK();
}

/* Parses config->argv.  A status of type exit is returned for --help, --version and bad
 * options. */
PyStatus
_PyConfig_ParseCommandLine(PyConfig *config)
{
    struct option_scan scan = {.argv = &config->argv, .index = 1};
    int version = 0;
    if (config->argv.length == 0) {
        return PyWideStringList_Append(&config->argv, L"");
    }
    if (config->program_name == NULL) {
        TRY(_PyConfig_SetRawString(&config->program_name, config->argv.items[0]));
    }
    for (int *const *f = (int *const []){&config->bytes_warning, &config->parser_debug,
             &config->inspect, &config->interactive, &config->optimization_level, &config->quiet,
             &config->verbose, NULL}; *f != NULL; f++) {
        if (**f < 0) {
            **f = 0;
        }
    }
    for (int option; (option = next_option(&scan)) != OPT_END;) {
        switch (option) {
        case 'c':
            TRY(set_command(config, scan.value));
            break;
        case 'm':
            TRY(_PyConfig_SetRawString(&config->run_module, scan.value));
            break;
        case 'h': case '?': case OPT_HELP_ALL: case OPT_HELP_ENV: case OPT_HELP_X:
            print_help(config, option == '?' ? 'h' : option);
            return _PyStatus_EXIT(0);
        case 'V':
            version++;
            break;
        case 'W':
            TRY(PyWideStringList_Append(&config->warnoptions, scan.value));
            break;
        case 'X':
            TRY(PyWideStringList_Append(&config->xoptions, scan.value));
            break;
        case OPT_CHECK_PYCS:
            if (wcscmp(scan.value, L"always") != 0 && wcscmp(scan.value, L"never") != 0 &&
                wcscmp(scan.value, L"default") != 0) {
                fputs("--check-hash-based-pycs must be one of 'default', 'always', or 'never'\n",
                      stderr);
                return usage_error(config);
            }
            TRY(_PyConfig_SetRawString(&config->check_hash_pycs_mode, scan.value));
            break;
        default:
            if (option == OPT_BAD || apply_flag(config, option) == OPT_BAD) {
                return usage_error(config);
            }
            break;
        }
        if (option == 'c' || option == 'm') {
            break;
        }
    }
    if (version > 0) {
        printf("Python %s\n", version >= 2 ? Py_GetVersion() : PY_VERSION);
        return _PyStatus_EXIT(0);
    }
    if (config->run_command == NULL && config->run_module == NULL &&
        scan.index < config->argv.length && wcscmp(config->argv.items[scan.index], L"-") != 0 &&
        config->run_filename == NULL) {
        TRY(_PyConfig_SetRawString(&config->run_filename, config->argv.items[scan.index]));
    }
    return set_program_argv(config, scan.index);
}
