/* sys: struct sequences (flags, version_info, float_info, ...) and the tables of module names.
 *
 * The types are shared static types, made ready once per process.  What is immutable and equal in
 * all interpreters (all but sys.flags and sys.implementation) is made once as well, in the process
 * arena.
 * Written from the library reference and observed behaviour of 3.12. */
#include "Python.h"
#include "pycore_buildinfo.h"   // _Py_CACHE_TAG
#include "pycore_fileutils.h"
#include "pycore_heap.h"         // _PyHeap_EnterShared()
#include "pycore_lifecycle.h"
#include "pycore_long.h"        // _PY_LONG_DEFAULT_MAX_STR_DIGITS
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_pystate.h"
#include "pycore_set.h"          // _PySet_NextEntry()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_structseq.h"   // _PyStructSequence_InitBuiltin()
#include "pycore_sysmodule.h"
#include "pycore_private_api.h"

#include <float.h>
#include <unistd.h>

/* ---- the types --------------------------------------------------------------------- */

_Py_SHARED static PyTypeObject FlagsType;
_Py_SHARED static PyTypeObject VersionInfoType;
_Py_SHARED static PyTypeObject FloatInfoType;
_Py_SHARED static PyTypeObject IntInfoType;
_Py_SHARED static PyTypeObject HashInfoType;
_Py_SHARED static PyTypeObject ThreadInfoType;

static PyStructSequence_Field flags_fields[] = {
    {"debug", "-d"},
    {"inspect", "-i"},
    {"interactive", "-i"},
    {"optimize", "-O or -OO"},
    {"dont_write_bytecode", "-B"},
    {"no_user_site", "-s"},
    {"no_site", "-S"},
    {"ignore_environment", "-E"},
    {"verbose", "-v"},
    {"bytes_warning", "-b"},
    {"quiet", "-q"},
    {"hash_randomization", "-R"},
    {"isolated", "-I"},
    {"dev_mode", "-X dev"},
    {"utf8_mode", "-X utf8"},
    {"warn_default_encoding", "-X warn_default_encoding"},
    {"safe_path", "-P"},
    {"int_max_str_digits", "-X int_max_str_digits"},
    {NULL, NULL},
};

static PyStructSequence_Desc flags_desc = {
    "sys.flags",
    "sys.flags\n\nFlags provided through command line arguments or environment vars.",
    flags_fields,
    18,
};

static PyStructSequence_Field version_info_fields[] = {
    {"major", "Major release number"},
    {"minor", "Minor release number"},
    {"micro", "Patch release number"},
    {"releaselevel", "'alpha', 'beta', 'candidate', or 'final'"},
    {"serial", "Serial release number"},
    {NULL, NULL},
};

static PyStructSequence_Desc version_info_desc = {
    "sys.version_info",
    "sys.version_info\n\nVersion information as a named tuple.",
    version_info_fields,
    5,
};

static PyStructSequence_Field float_info_fields[] = {
    {"max", "DBL_MAX -- maximum representable finite float"},
    {"max_exp", "DBL_MAX_EXP -- maximum int e such that radix**(e-1) is representable"},
    {"max_10_exp", "DBL_MAX_10_EXP -- maximum int e such that 10**e is representable"},
    {"min", "DBL_MIN -- Minimum positive normalized float"},
    {"min_exp", "DBL_MIN_EXP -- minimum int e such that radix**(e-1) is a normalized float"},
    {"min_10_exp", "DBL_MIN_10_EXP -- minimum int e such that 10**e is a normalized float"},
    {"dig", "DBL_DIG -- maximum number of decimal digits that can be faithfully represented in "
            "a float"},
    {"mant_dig", "DBL_MANT_DIG -- mantissa digits"},
    {"epsilon", "DBL_EPSILON -- Difference between 1 and the next representable float"},
    {"radix", "FLT_RADIX -- radix of exponent"},
    {"rounds", "FLT_ROUNDS -- rounding mode used for arithmetic operations"},
    {NULL, NULL},
};

static PyStructSequence_Desc float_info_desc = {
    "sys.float_info",
    "sys.float_info\n\nA named tuple holding information about the float type. It contains low "
    "level\ninformation about the precision and internal representation. Please study\nyour "
    "system's :file:`float.h` for more information.",
    float_info_fields,
    11,
};

static PyStructSequence_Field int_info_fields[] = {
    {"bits_per_digit", "size of a digit in bits"},
    {"sizeof_digit", "size in bytes of the C type used to represent a digit"},
    {"default_max_str_digits", "maximum string conversion digits limitation"},
    {"str_digits_check_threshold", "minimum positive value for int_max_str_digits"},
    {NULL, NULL},
};

static PyStructSequence_Desc int_info_desc = {
    "sys.int_info",
    "sys.int_info\n\nA named tuple that holds information about Python's\ninternal "
    "representation of integers.  The attributes are read only.",
    int_info_fields,
    4,
};

static PyStructSequence_Field hash_info_fields[] = {
    {"width", "width of the type used for hashing, in bits"},
    {"modulus", "prime number giving the modulus on which the hash function is based"},
    {"inf", "value to be used for hash of a positive infinity"},
    {"nan", "value to be used for hash of a nan"},
    {"imag", "multiplier used for the imaginary part of a complex number"},
    {"algorithm", "name of the algorithm for hashing of str, bytes and memoryviews"},
    {"hash_bits", "internal output size of hash algorithm"},
    {"seed_bits", "seed size of hash algorithm"},
    {"cutoff", "small string optimization cutoff"},
    {NULL, NULL},
};

static PyStructSequence_Desc hash_info_desc = {
    "sys.hash_info",
    "hash_info\n\nA named tuple providing parameters used for computing\nhashes. The attributes "
    "are read only.",
    hash_info_fields,
    9,
};

static PyStructSequence_Field thread_info_fields[] = {
    {"name", "name of the thread implementation"},
    {"lock", "name of the lock implementation"},
    {"version", "name and version of the thread library"},
    {NULL, NULL},
};

static PyStructSequence_Desc thread_info_desc = {
    "sys.thread_info",
    "sys.thread_info\n\nA named tuple holding information about the thread implementation.",
    thread_info_fields,
    3,
};

static const struct {
    PyTypeObject *type;
    PyStructSequence_Desc *desc;
    unsigned long flags;
} info_types[] = {
    {&FlagsType, &flags_desc, Py_TPFLAGS_DISALLOW_INSTANTIATION},
    {&VersionInfoType, &version_info_desc, Py_TPFLAGS_DISALLOW_INSTANTIATION},
    {&FloatInfoType, &float_info_desc, 0},
    {&IntInfoType, &int_info_desc, 0},
    {&HashInfoType, &hash_info_desc, 0},
    {&ThreadInfoType, &thread_info_desc, 0},
};

/* ---- the instances -------------------------------------------------------------------- */

/* Steals the items; a NULL among them is an error. */
static PyObject *
make_info(PyTypeObject *type, PyObject *const *items, Py_ssize_t count)
{
    PyObject *info = PyStructSequence_New(type);
    int failed = info == NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        failed |= items[i] == NULL;
        if (info != NULL) {
            PyStructSequence_SetItem(info, i, items[i]);
        }
        else {
            Py_XDECREF(items[i]);
        }
    }
    if (failed) {
        Py_CLEAR(info);
    }
    return info;
}

#define MAKE_INFO(TYPE, ...)                                                    \
    make_info((TYPE), (PyObject *const []){__VA_ARGS__},                        \
              (Py_ssize_t)Py_ARRAY_LENGTH(((PyObject *const []){__VA_ARGS__})))

/* sys.flags from the configuration: new reference, or NULL with an error. */
PyObject *
_PySys_MakeFlags(PyThreadState *tstate)
{
    const PyConfig *config = &tstate->interp->config;
    const int values[] = {
        config->parser_debug, config->inspect, config->interactive, config->optimization_level,
        !config->write_bytecode, !config->user_site_directory, !config->site_import,
        !config->use_environment, config->verbose, config->bytes_warning, config->quiet,
        config->use_hash_seed == 0 || config->hash_seed != 0, config->isolated,
    };
    PyObject *items[18];
    size_t n = 0;
    for (; n < Py_ARRAY_LENGTH(values); n++) {
        items[n] = PyLong_FromLong(values[n]);
    }
    items[n++] = PyBool_FromLong(config->dev_mode);
    items[n++] = PyLong_FromLong(_PyRuntime.preconfig.utf8_mode);
    items[n++] = PyLong_FromLong(config->warn_default_encoding);
    items[n++] = PyBool_FromLong(config->safe_path);
    items[n++] = PyLong_FromLong(tstate->interp->long_state.max_str_digits);
    return make_info(&FlagsType, items, (Py_ssize_t)n);
}

static PyObject *
make_version_info(void)
{
    return MAKE_INFO(&VersionInfoType, PyLong_FromLong(PY_MAJOR_VERSION),
                     PyLong_FromLong(PY_MINOR_VERSION), PyLong_FromLong(PY_MICRO_VERSION),
                     PyUnicode_FromString("final"), PyLong_FromLong(PY_RELEASE_SERIAL));
}

static PyObject *
make_float_info(void)
{
    return MAKE_INFO(&FloatInfoType, PyFloat_FromDouble(DBL_MAX), PyLong_FromLong(DBL_MAX_EXP),
                     PyLong_FromLong(DBL_MAX_10_EXP), PyFloat_FromDouble(DBL_MIN),
                     PyLong_FromLong(DBL_MIN_EXP), PyLong_FromLong(DBL_MIN_10_EXP),
                     PyLong_FromLong(DBL_DIG), PyLong_FromLong(DBL_MANT_DIG),
                     PyFloat_FromDouble(DBL_EPSILON), PyLong_FromLong(FLT_RADIX),
                     PyLong_FromLong(FLT_ROUNDS));
}

static PyObject *
make_int_info(void)
{
    return MAKE_INFO(&IntInfoType, PyLong_FromLong(PyLong_SHIFT), PyLong_FromLong(sizeof(digit)),
                     PyLong_FromLong(_PY_LONG_DEFAULT_MAX_STR_DIGITS),
                     PyLong_FromLong(_PY_LONG_MAX_STR_DIGITS_THRESHOLD));
}

static PyObject *
make_hash_info(void)
{
    const PyHash_FuncDef *def = PyHash_GetFuncDef();
    return MAKE_INFO(&HashInfoType, PyLong_FromLong(8 * sizeof(Py_hash_t)),
                     PyLong_FromSsize_t(_PyHASH_MODULUS), PyLong_FromLong(_PyHASH_INF),
                     PyLong_FromLong(0), PyLong_FromLong(_PyHASH_IMAG),
                     PyUnicode_FromString(def->name), PyLong_FromLong(def->hash_bits),
                     PyLong_FromLong(def->seed_bits), PyLong_FromLong(Py_HASH_CUTOFF));
}

/* Also the C API's PyThread_GetInfo(). */
PyObject *
PyThread_GetInfo(void)
{
    PyObject *version = NULL;
    char buffer[255];
    size_t len = confstr(_CS_GNU_LIBPTHREAD_VERSION, buffer, sizeof(buffer));
    if (len > 1 && len < sizeof(buffer)) {
        version = PyUnicode_DecodeFSDefaultAndSize(buffer, (Py_ssize_t)len - 1);
    }
    if (version == NULL) {
        PyErr_Clear();
        version = Py_NewRef(Py_None);
    }
    return MAKE_INFO(&ThreadInfoType, PyUnicode_FromString("pthread"),
                     PyUnicode_FromString("semaphore"), version);
}

/* ---- module names ---------------------------------------------------------------------------- */

/* Names of the modules linked in, sorted: new tuple, or NULL with an error. */
static PyObject *
make_builtin_module_names(void)
{
    PyObject *list = PyList_New(0);
    for (const struct _inittab *row = PyImport_Inittab; list != NULL && row->name != NULL; row++) {
        PyObject *name = PyUnicode_FromString(row->name);
        if (name == NULL || PyList_Append(list, name) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(name);
    }
    if (list == NULL || PyList_Sort(list) < 0) {
        Py_XDECREF(list);
        return NULL;
    }
    PyObject *names = PyList_AsTuple(list);
    Py_DECREF(list);
    return names;
}

/* sys.stdlib_module_names of 3.12, sorted. */
static const char *const stdlib_module_names[] = {
    "__future__", "_abc", "_aix_support", "_ast", "_asyncio", "_bisect", "_blake2", "_bz2",
    "_codecs", "_codecs_cn", "_codecs_hk", "_codecs_iso2022", "_codecs_jp", "_codecs_kr",
    "_codecs_tw", "_collections", "_collections_abc", "_compat_pickle", "_compression",
    "_contextvars", "_crypt", "_csv", "_ctypes", "_curses", "_curses_panel", "_datetime", "_dbm",
    "_decimal", "_elementtree", "_frozen_importlib", "_frozen_importlib_external", "_functools",
    "_gdbm", "_hashlib", "_heapq", "_imp", "_io", "_json", "_locale", "_lsprof", "_lzma",
    "_markupbase", "_md5", "_msi", "_multibytecodec", "_multiprocessing", "_opcode", "_operator",
    "_osx_support", "_overlapped", "_pickle", "_posixshmem", "_posixsubprocess", "_py_abc",
    "_pydatetime", "_pydecimal", "_pyio", "_pylong", "_queue", "_random", "_scproxy", "_sha1",
    "_sha2", "_sha3", "_signal", "_sitebuiltins", "_socket", "_sqlite3", "_sre", "_ssl", "_stat",
    "_statistics", "_string", "_strptime", "_struct", "_symtable", "_thread", "_threading_local",
    "_tkinter", "_tokenize", "_tracemalloc", "_typing", "_uuid", "_warnings", "_weakref",
    "_weakrefset", "_winapi", "_zoneinfo", "abc", "aifc", "antigravity", "argparse", "array",
    "ast", "asyncio", "atexit", "audioop", "base64", "bdb", "binascii", "bisect", "builtins",
    "bz2", "cProfile", "calendar", "cgi", "cgitb", "chunk", "cmath", "cmd", "code", "codecs",
    "codeop", "collections", "colorsys", "compileall", "concurrent", "configparser", "contextlib",
    "contextvars", "copy", "copyreg", "crypt", "csv", "ctypes", "curses", "dataclasses",
    "datetime", "dbm", "decimal", "difflib", "dis", "doctest", "email", "encodings", "ensurepip",
    "enum", "errno", "faulthandler", "fcntl", "filecmp", "fileinput", "fnmatch", "fractions",
    "ftplib", "functools", "gc", "genericpath", "getopt", "getpass", "gettext", "glob",
    "graphlib", "grp", "gzip", "hashlib", "heapq", "hmac", "html", "http", "idlelib", "imaplib",
    "imghdr", "importlib", "inspect", "io", "ipaddress", "itertools", "json", "keyword",
    "lib2to3", "linecache", "locale", "logging", "lzma", "mailbox", "mailcap", "marshal", "math",
    "mimetypes", "mmap", "modulefinder", "msilib", "msvcrt", "multiprocessing", "netrc", "nis",
    "nntplib", "nt", "ntpath", "nturl2path", "numbers", "opcode", "operator", "optparse", "os",
    "ossaudiodev", "pathlib", "pdb", "pickle", "pickletools", "pipes", "pkgutil", "platform",
    "plistlib", "poplib", "posix", "posixpath", "pprint", "profile", "pstats", "pty", "pwd",
    "py_compile", "pyclbr", "pydoc", "pydoc_data", "pyexpat", "queue", "quopri", "random", "re",
    "readline", "reprlib", "resource", "rlcompleter", "runpy", "sched", "secrets", "select",
    "selectors", "shelve", "shlex", "shutil", "signal", "site", "smtplib", "sndhdr", "socket",
    "socketserver", "spwd", "sqlite3", "sre_compile", "sre_constants", "sre_parse", "ssl", "stat",
    "statistics", "string", "stringprep", "struct", "subprocess", "sunau", "symtable", "sys",
    "sysconfig", "syslog", "tabnanny", "tarfile", "telnetlib", "tempfile", "termios", "textwrap",
    "this", "threading", "time", "timeit", "tkinter", "token", "tokenize", "tomllib", "trace",
    "traceback", "tracemalloc", "tty", "turtle", "turtledemo", "types", "typing", "unicodedata",
    "unittest", "urllib", "uu", "uuid", "venv", "warnings", "wave", "weakref", "webbrowser",
    "winreg", "winsound", "wsgiref", "xdrlib", "xml", "xmlrpc", "zipapp", "zipfile", "zipimport",
    "zlib", "zoneinfo",
};

/* New frozenset, or NULL with an error. */
static PyObject *
make_stdlib_module_names(void)
{
    PyObject *names = PyList_New(Py_ARRAY_LENGTH(stdlib_module_names));
    for (size_t i = 0; names != NULL && i < Py_ARRAY_LENGTH(stdlib_module_names); i++) {
        PyObject *name = PyUnicode_FromString(stdlib_module_names[i]);
        if (name == NULL) {
            Py_CLEAR(names);
            break;
        }
        PyList_SET_ITEM(names, (Py_ssize_t)i, name);
    }
    if (names == NULL) {
        return NULL;
    }
    PyObject *result = PyFrozenSet_New(names);
    Py_DECREF(names);
    return result;
}

/* ---- what all interpreters have -------------------------------------------------------------- */

static PyObject *
make_version(void)
{
    return PyUnicode_FromString(Py_GetVersion());
}

static PyObject *
make_hexversion(void)
{
    return PyLong_FromLong(PY_VERSION_HEX);
}

static PyObject *
make_git(void)
{
    return Py_BuildValue("(szz)", "CPython", _Py_gitidentifier(), _Py_gitversion());
}

static PyObject *
make_empty(void)
{
    return PyUnicode_FromString("");
}

static PyObject *
make_api_version(void)
{
    return PyLong_FromLong(PYTHON_API_VERSION);
}

static PyObject *
make_copyright(void)
{
    return PyUnicode_FromString(Py_GetCopyright());
}

static PyObject *
make_platform(void)
{
    return PyUnicode_FromString(Py_GetPlatform());
}

static PyObject *
make_maxsize(void)
{
    return PyLong_FromSsize_t(PY_SSIZE_T_MAX);
}

static PyObject *
make_maxunicode(void)
{
    return PyLong_FromLong(0x10FFFF);
}

static PyObject *
make_byteorder(void)
{
    return PyUnicode_FromString("little");
}

static PyObject *
make_abiflags(void)
{
    return PyUnicode_FromString(_Py_ABIFLAGS);
}

static PyObject *
make_float_repr_style(void)
{
    return PyUnicode_FromString("short");
}

static PyObject *
make_doc(void)
{
    return PyUnicode_FromString(_PySys_doc);
}

_Py_ID_DECLARE(__doc__);
_Py_ID_DECLARE(version);
_Py_ID_DECLARE(hexversion);
_Py_ID_DECLARE(_git);
_Py_ID_DECLARE(_framework);
_Py_ID_DECLARE(api_version);
_Py_ID_DECLARE(copyright);
_Py_ID_DECLARE(platform);
_Py_ID_DECLARE(maxsize);
_Py_ID_DECLARE(maxunicode);
_Py_ID_DECLARE(byteorder);
_Py_ID_DECLARE(abiflags);
_Py_ID_DECLARE(float_repr_style);
_Py_ID_DECLARE(stdlib_module_names);
_Py_ID_DECLARE(version_info);
_Py_ID_DECLARE(float_info);
_Py_ID_DECLARE(int_info);
_Py_ID_DECLARE(hash_info);
_Py_ID_DECLARE(thread_info);

static const struct {
    PyObject *name;
    PyObject *(*make)(void);
} shared_values[] = {
    {_Py_ID_ADDRESS(__doc__), make_doc},
    {_Py_ID_ADDRESS(version), make_version},
    {_Py_ID_ADDRESS(hexversion), make_hexversion},
    {_Py_ID_ADDRESS(_git), make_git},
    {_Py_ID_ADDRESS(_framework), make_empty},
    {_Py_ID_ADDRESS(api_version), make_api_version},
    {_Py_ID_ADDRESS(copyright), make_copyright},
    {_Py_ID_ADDRESS(platform), make_platform},
    {_Py_ID_ADDRESS(maxsize), make_maxsize},
    {_Py_ID_ADDRESS(maxunicode), make_maxunicode},
    {_Py_ID_ADDRESS(byteorder), make_byteorder},
    {_Py_ID_ADDRESS(abiflags), make_abiflags},
    {_Py_ID_ADDRESS(float_repr_style), make_float_repr_style},
    {_Py_ID_ADDRESS(stdlib_module_names), make_stdlib_module_names},
    {_Py_ID_ADDRESS(version_info), make_version_info},
    {_Py_ID_ADDRESS(float_info), make_float_info},
    {_Py_ID_ADDRESS(int_info), make_int_info},
    {_Py_ID_ADDRESS(hash_info), make_hash_info},
    {_Py_ID_ADDRESS(thread_info), PyThread_GetInfo},
};

_Static_assert(Py_ARRAY_LENGTH(shared_values) == _Py_SYS_SHARED_VALUES, "room in _PyRuntime.sys");

/* Makes an object of the process arena fit for all interpreters: immortal, its hash known, unknown
 * to the collector.  Its items, if any, likewise. */
static void
publish(PyObject *op)
{
    if (_Py_IsImmortal(op)) {
        return;
    }
    if (PyTuple_Check(op)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(op); i++) {
            publish(PyTuple_GET_ITEM(op, i));
        }
    }
    else if (PyFrozenSet_CheckExact(op)) {
        PyObject *item;
        Py_hash_t hash;
        for (Py_ssize_t pos = 0; _PySet_NextEntry(op, &pos, &item, &hash);) {
            publish(item);
        }
    }
    if (PyObject_Hash(op) == -1) {
        PyErr_Clear();
    }
    if (_PyObject_IS_GC(op) && _PyObject_GC_IS_TRACKED(op)) {
        _PyObject_GC_UNTRACK(op);
    }
    _Py_SetImmortal(op);
}

/* Makes the values unless they are there.  Called with the process heap as current heap. */
static int
make_shared_values(struct _sys_runtime_state *st)
{
    if (!st->ready) {
        for (size_t i = 0; i < Py_ARRAY_LENGTH(shared_values); i++) {
            if (st->values[i] == NULL) {
                st->values[i] = shared_values[i].make();
                if (st->values[i] == NULL) {
                    return -1;
                }
                publish(st->values[i]);
            }
        }
        __atomic_store_n(&st->ready, 1, __ATOMIC_RELEASE);
    }
    /* Between two starts of the runtime, an embedder may add modules. */
    if (st->inittab != PyImport_Inittab) {
        PyObject *names = make_builtin_module_names();
        if (names == NULL) {
            return -1;
        }
        publish(names);
        st->builtin_names = names;
        st->inittab = PyImport_Inittab;
    }
    return 0;
}

static int
set_shared_values(PyThreadState *tstate, PyObject *sysdict)
{
    struct _sys_runtime_state *st = &_PyRuntime.sys;
    int res = 0;
    if (_Py_IsMainInterpreter(tstate->interp)) {
        _PyHeap_EnterShared(tstate);
        struct _gc_heap *gc = &tstate->heap->gc;
        if (gc->generations[0].head._gc_next == 0) {
            _PyGC_InitHeap(tstate->heap);
        }
        gc->collecting = 1;         /* nothing in the process arena is ever collected */
        res = make_shared_values(st);
        _PyHeap_LeaveShared(tstate);
    }
    for (size_t i = 0; res == 0 && i < Py_ARRAY_LENGTH(shared_values); i++) {
        res = PyDict_SetItem(sysdict, shared_values[i].name, st->values[i]);
    }
    if (res == 0) {
        res = PyDict_SetItem(sysdict, &_Py_ID(builtin_module_names), st->builtin_names);
    }
    return res;
}

/* sys.implementation: new reference, or NULL with an error. */
static PyObject *
make_implementation(PyObject *sysdict)
{
    PyObject *ns = PyDict_New();
    PyObject *tag = PyUnicode_FromString(_Py_CACHE_TAG);
    PyObject *multiarch = PyUnicode_FromString(_Py_MULTIARCH);
    PyObject *version = PyDict_GetItemWithError(sysdict, &_Py_ID(version_info));
    PyObject *hex = PyDict_GetItemWithError(sysdict, &_Py_ID(hexversion));
    PyObject *result = NULL;
    if (ns != NULL && tag != NULL && multiarch != NULL && version != NULL && hex != NULL &&
        PyDict_SetItem(ns, &_Py_ID(name), &_Py_ID(cpython)) == 0 &&
        PyDict_SetItem(ns, &_Py_ID(cache_tag), tag) == 0 &&
        PyDict_SetItem(ns, &_Py_ID(version), version) == 0 &&
        PyDict_SetItem(ns, &_Py_ID(hexversion), hex) == 0 &&
        PyDict_SetItem(ns, &_Py_ID(_multiarch), multiarch) == 0) {
        result = _PyNamespace_New(ns);
    }
    Py_XDECREF(ns);
    Py_XDECREF(tag);
    Py_XDECREF(multiarch);
    return result;
}

int
_PySys_InitInfo(PyThreadState *tstate, PyObject *sysdict)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(info_types); i++) {
        if (_PyStructSequence_InitBuiltin(tstate, info_types[i].type, info_types[i].desc,
                                          info_types[i].flags) < 0) {
            return -1;
        }
    }
    if (_PySys_InitAsyncGenHooks(tstate) < 0 || set_shared_values(tstate, sysdict) < 0) {
        return -1;
    }
    PyObject *implementation = make_implementation(sysdict);
    if (implementation == NULL ||
        PyDict_SetItem(sysdict, &_Py_ID(implementation), implementation) < 0) {
        Py_XDECREF(implementation);
        return -1;
    }
    Py_DECREF(implementation);
    return _PySys_AddMethods(tstate, _PySys_io_methods) < 0 ||
           _PySys_AddMethods(tstate, _PySys_trace_methods) < 0 ? -1 : 0;
}
