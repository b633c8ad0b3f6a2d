/* _testinternalcapi: internals of the core as Python functions, for CPython's regression tests.
 *
 * What belongs to internals that this core does not have is left out; InternalDocs/capi.rst lists
 * it.
 *
 * Written from what CPython's regression tests call and expect, and from the headers it wraps.
 */
#include "testcapi/wrap.h"
#include "pycore_compile.h"         // _PyCompile_CodeGen()
#include "pycore_fileutils.h"       // _Py_normpath()
#include "pycore_frame.h"           // struct _frame
#include "pycore_gc.h"              // PyGC_Head
#include "pycore_interp.h"          // PyInterpreterState
#include "pycore_private_api.h"     // _PyImport_ClearExtension()

#include "frameobject.h"

/* ---- frames and calls ---- */

static int
recursion_depth(void)
{
    PyThreadState *tstate = PyThreadState_Get();
    return tstate->py_recursion_limit - tstate->py_recursion_remaining;
}

/* The running form of a frame object; NULL with an exception. */
static struct _PyInterpreterFrame *
running_form(PyObject *frame)
{
    if (!PyFrame_Check(frame)) {
        PyErr_SetString(PyExc_TypeError, "argument must be a frame");
        return NULL;
    }
    return ((PyFrameObject *)frame)->f_frame;
}

static PyObject *
frame_code(PyObject *object)
{
    struct _PyInterpreterFrame *frame = running_form(object);
    return frame == NULL ? NULL : PyUnstable_InterpreterFrame_GetCode(frame);
}

static int
frame_lasti(PyObject *object)
{
    struct _PyInterpreterFrame *frame = running_form(object);
    return frame == NULL ? -1 : PyUnstable_InterpreterFrame_GetLasti(frame);
}

static int
frame_line(PyObject *object)
{
    struct _PyInterpreterFrame *frame = running_form(object);
    return frame == NULL ? -1 : PyUnstable_InterpreterFrame_GetLine(frame);
}

#define RECORD_NAME "_testinternalcapi.record"

/* Appends the name of the function to the list that set_eval_frame_record() was given. */
static PyObject *
record_and_eval(PyThreadState *tstate, struct _PyInterpreterFrame *frame, int throwing)
{
    PyObject *dict = PyInterpreterState_GetDict(PyThreadState_GetInterpreter(tstate));
    PyObject *list = dict == NULL ? NULL : PyDict_GetItemString(dict, RECORD_NAME);
    PyCodeObject *code = (PyCodeObject *)PyUnstable_InterpreterFrame_GetCode(frame);
    int failed = list != NULL && PyList_Append(list, code->co_name) < 0;
    Py_DECREF(code);
    if (failed) {
        PyErr_WriteUnraisable(NULL);
    }
    return _PyEval_EvalFrameDefault(tstate, frame, throwing);
}

static PyObject *
eval_frame_default(void)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
    _PyInterpreterState_SetEvalFrameFunc(interp, _PyEval_EvalFrameDefault);
    PyObject *dict = PyInterpreterState_GetDict(interp);
    if (dict != NULL && PyDict_GetItemString(dict, RECORD_NAME) != NULL
        && PyDict_DelItemString(dict, RECORD_NAME) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
eval_frame_record(PyObject *list)
{
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "argument must be a list");
        return NULL;
    }
    PyInterpreterState *interp = PyInterpreterState_Get();
    PyObject *dict = PyInterpreterState_GetDict(interp);
    if (dict == NULL || PyDict_SetItemString(dict, RECORD_NAME, list) < 0) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_RuntimeError, "the interpreter has no dict");
        }
        return NULL;
    }
    _PyInterpreterState_SetEvalFrameFunc(interp, record_and_eval);
    Py_RETURN_NONE;
}

/* ---- pending calls ---- */

static int
call_pending(void *argument)
{
    PyObject *callable = argument;
    PyObject *result = PyObject_CallNoArgs(callable);
    Py_DECREF(callable);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

/* (callable, *, ensure_added=False): whether there was room for the call. */
static PyObject *
pending_threadfunc(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"", "ensure_added", NULL};
    PyObject *callable;
    int ensure_added = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$p:pending_threadfunc", KEYWORDS(names),
                                     &callable, &ensure_added)) {
        return NULL;
    }
    PyInterpreterState *interp = PyInterpreterState_Get();
    int result;
    Py_INCREF(callable);
    do {
        Py_BEGIN_ALLOW_THREADS
        result = _PyEval_AddPendingCall(interp, call_pending, callable, 0);
        Py_END_ALLOW_THREADS
    } while (result < 0 && ensure_added);
    if (result < 0) {
        Py_DECREF(callable);
    }
    return PyBool_FromLong(result == 0);
}

/* Filled in by the interpreter that runs the call. */
struct identification {
    PyThread_type_lock lock;
    int64_t id;
};

static int
identify(void *argument)
{
    struct identification *identification = argument;
    identification->id = PyInterpreterState_GetID(PyInterpreterState_Get());
    PyThread_release_lock(identification->lock);
    return 0;
}

/* The ID of the interpreter that runs a pending call for the interpreter `id`. */
static PyObject *
identify_by_pending_call(PyObject *id)
{
    long long number = PyLong_AsLongLong(id);
    PyInterpreterState *interp = number < 0 ? NULL : _PyInterpreterState_LookUpID(number);
    if (interp == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "interpreter not found");
        }
        return NULL;
    }
    struct identification identification = {.lock = PyThread_allocate_lock(), .id = -1};
    if (identification.lock == NULL) {
        return PyErr_NoMemory();
    }
    PyThread_acquire_lock(identification.lock, WAIT_LOCK);
    Py_BEGIN_ALLOW_THREADS
    while (_PyEval_AddPendingCall(interp, identify, &identification, 0) < 0) {
    }
    PyThread_acquire_lock(identification.lock, WAIT_LOCK);
    PyThread_release_lock(identification.lock);
    Py_END_ALLOW_THREADS
    PyThread_free_lock(identification.lock);
    return PyLong_FromLongLong(identification.id);
}

/* ---- configuration ---- */

static PyObject *
wide_or_none(const wchar_t *text)
{
    return text == NULL ? Py_NewRef(Py_None) : PyUnicode_FromWideChar(text, -1);
}

static PyObject *
wide_list(const PyWideStringList *list)
{
    PyObject *result = PyList_New(list->length);
    for (Py_ssize_t i = 0; result != NULL && i < list->length; i++) {
        PyObject *item = PyUnicode_FromWideChar(list->items[i], -1);
        if (item == NULL) {
            Py_CLEAR(result);
        }
        else {
            PyList_SET_ITEM(result, i, item);
        }
    }
    return result;
}

#define CONFIG_FIELDS(INT, TEXT, LIST) \
    INT(_config_init) INT(isolated) INT(use_environment) INT(dev_mode) \
    INT(install_signal_handlers) INT(use_hash_seed) INT(faulthandler) INT(tracemalloc) \
    INT(perf_profiling) INT(import_time) INT(code_debug_ranges) INT(show_ref_count) \
    INT(dump_refs) TEXT(dump_refs_file) INT(malloc_stats) TEXT(filesystem_encoding) \
    TEXT(filesystem_errors) TEXT(pycache_prefix) INT(parse_argv) LIST(orig_argv) LIST(argv) \
    LIST(xoptions) LIST(warnoptions) INT(site_import) INT(bytes_warning) \
    INT(warn_default_encoding) INT(inspect) INT(interactive) INT(optimization_level) \
    INT(parser_debug) INT(write_bytecode) INT(verbose) INT(quiet) INT(user_site_directory) \
    INT(configure_c_stdio) INT(buffered_stdio) TEXT(stdio_encoding) TEXT(stdio_errors) \
    TEXT(check_hash_pycs_mode) INT(use_frozen_modules) INT(safe_path) INT(int_max_str_digits) \
    INT(pathconfig_warnings) TEXT(program_name) TEXT(pythonpath_env) TEXT(home) \
    TEXT(platlibdir) INT(module_search_paths_set) LIST(module_search_paths) TEXT(stdlib_dir) \
    TEXT(executable) TEXT(base_executable) TEXT(prefix) TEXT(base_prefix) TEXT(exec_prefix) \
    TEXT(base_exec_prefix) INT(skip_source_first_line) TEXT(run_command) TEXT(run_module) \
    TEXT(run_filename) INT(_install_importlib) INT(_init_main) INT(_is_python_build)

/* Sets dict[name] and takes `value`, NULL included: 0, or -1 with an exception. */
static int
set_item(PyObject *dict, const char *name, PyObject *value)
{
    int result = value == NULL ? -1 : PyDict_SetItemString(dict, name, value);
    Py_XDECREF(value);
    return result;
}

static PyObject *
config_dict(void)
{
    const PyConfig *config = &PyInterpreterState_Get()->config;
    PyObject *dict = PyDict_New();
#define INT(name) || set_item(dict, #name, PyLong_FromLong(config->name)) < 0
#define TEXT(name) || set_item(dict, #name, wide_or_none(config->name)) < 0
#define LIST(name) || set_item(dict, #name, wide_list(&config->name)) < 0
    if (dict == NULL || set_item(dict, "hash_seed", PyLong_FromUnsignedLong(config->hash_seed)) < 0
        CONFIG_FIELDS(INT, TEXT, LIST)) {
        Py_XDECREF(dict);
        return NULL;
    }
#undef INT
#undef TEXT
#undef LIST
    return dict;
}

/* Numbers of the configuration may be changed by a dict as config_dict() makes it; strings and
 * lists may belong to another interpreter and must be as they are. */
static PyObject *
set_config_numbers(PyObject *dict)
{
    if (!PyDict_Check(dict)) {
        PyErr_SetString(PyExc_TypeError, "argument must be a dict");
        return NULL;
    }
    PyObject *current = config_dict();
    if (current == NULL) {
        return NULL;
    }
    PyConfig *config = &PyInterpreterState_Get()->config;
    PyConfig numbers = *config;
    PyObject *result = NULL;
    PyObject *value;
#define INT(name) \
    if ((value = PyDict_GetItemString(dict, #name)) == NULL || !i_from(value, &numbers.name)) { \
        goto done; \
    }
#define SAME(name) \
    value = PyDict_GetItemString(dict, #name); \
    if (value == NULL \
        || PyObject_RichCompareBool(value, PyDict_GetItemString(current, #name), Py_EQ) != 1) { \
        goto done; \
    }
    CONFIG_FIELDS(INT, SAME, SAME)
#undef INT
#undef SAME
    *config = numbers;
    result = Py_NewRef(Py_None);
done:
    if (result == NULL && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_ValueError, "a key is missing, or its string or list is another one");
    }
    Py_DECREF(current);
    return result;
}

static PyObject *
interpreter_settings(void)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
    int is_main = interp == PyInterpreterState_Main();
    return Py_BuildValue("{s:k,s:N}", "feature_flags", interp->feature_flags, "own_gil",
                         PyBool_FromLong(is_main || interp->own_gil_used));
}

/* ---- files, names, locales ---- */

static PyObject *
normalized(PyObject *path)
{
    Py_ssize_t size;
    wchar_t *buffer = PyUnicode_AsWideCharString(path, &size);
    if (buffer == NULL) {
        return NULL;
    }
    PyObject *result = PyUnicode_FromWideChar(_Py_normpath(buffer, size), -1);
    PyMem_Free(buffer);
    return result;
}

static PyObject *
forget_extension(PyObject *name, PyObject *filename)
{
    return _PyImport_ClearExtension(name, filename) < 0 ? NULL : Py_NewRef(Py_None);
}

/* Raises what `status` of an ...LocaleEx() function means; returns NULL. */
static PyObject *
locale_error(int status, const char *what, size_t position, const char *reason)
{
    if (status == -1) {
        return PyErr_NoMemory();
    }
    if (status == -2) {
        PyErr_Format(PyExc_RuntimeError, "%s error: pos=%zu, reason=%s", what, position,
                     reason == NULL ? "?" : reason);
    }
    else {
        PyErr_SetString(PyExc_ValueError, "unsupported error handler");
    }
    return NULL;
}

/* (str, locale of this moment, errors). */
static PyObject *
encode_locale(PyObject *text, int current_locale, const char *errors)
{
    wchar_t *wide = PyUnicode_AsWideCharString(text, NULL);
    if (wide == NULL) {
        return NULL;
    }
    char *encoded = NULL;
    size_t position = 0;
    const char *reason = NULL;
    int status = _Py_EncodeLocaleEx(wide, &encoded, &position, &reason, current_locale,
                                    _Py_GetErrorHandler(errors));
    PyMem_Free(wide);
    if (status < 0) {
        return locale_error(status, "encode", position, reason);
    }
    PyObject *result = PyBytes_FromString(encoded);
    PyMem_RawFree(encoded);
    return result;
}

static PyObject *
decode_locale(const char *data, int current_locale, const char *errors)
{
    wchar_t *wide = NULL;
    size_t length = 0;
    const char *reason = NULL;
    int status = _Py_DecodeLocaleEx(data, &wide, &length, &reason, current_locale,
                                    _Py_GetErrorHandler(errors));
    if (status < 0) {
        return locale_error(status, "decode", length, reason);
    }
    PyObject *result = PyUnicode_FromWideChar(wide, (Py_ssize_t)length);
    PyMem_RawFree(wide);
    return result;
}

/* ---- perf maps ---- */

static int
write_entry(PyObject *address, int size, const char *name)
{
    const void *code = PyLong_AsVoidPtr(address);
    return PyErr_Occurred() ? -1 : PyUnstable_WritePerfMapEntry(code, (unsigned int)size, name);
}

/* ---- stages of the compiler ---- */

/* (ast, filename, optimize[, compile mode]). */
static PyObject *
compiler_codegen(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"ast", "filename", "optimize", "compile_mode", NULL};
    PyObject *ast, *filename;
    int optimize, mode = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOi|i:compiler_codegen", KEYWORDS(names), &ast,
                                     &filename, &optimize, &mode)) {
        return NULL;
    }
    return _PyCompile_CodeGen(ast, filename, NULL, optimize, mode);
}

/* (instructions, consts, number of locals). */
static PyObject *
optimize_cfg(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"instructions", "consts", "nlocals", NULL};
    PyObject *instructions, *consts;
    int nlocals;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO!i:optimize_cfg", KEYWORDS(names),
                                     &instructions, &PyList_Type, &consts, &nlocals)) {
        return NULL;
    }
    return _PyCompile_OptimizeCfg(instructions, consts, nlocals);
}

/* An entry of the metadata of a type that is expected; borrowed, NULL with an exception. */
static PyObject *
metadata_object(PyObject *metadata, const char *name, PyTypeObject *type)
{
    PyObject *value = PyDict_GetItemString(metadata, name);
    if (value == NULL || !PyObject_TypeCheck(value, type)) {
        PyErr_Format(PyExc_ValueError, "metadata['%s'] must be a %s", name, type->tp_name);
        return NULL;
    }
    return value;
}

/* The same for a number that is not negative; -1 with an exception. */
static int
metadata_number(PyObject *metadata, const char *name)
{
    PyObject *value = metadata_object(metadata, name, &PyLong_Type);
    int number = value == NULL ? -1 : _PyLong_AsInt(value);
    if (number < 0 && !PyErr_Occurred()) {
        PyErr_Format(PyExc_ValueError, "metadata['%s'] is negative", name);
    }
    return number;
}

/* (filename, instructions, metadata). */
static PyObject *
assemble_code_object(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"filename", "instructions", "metadata", NULL};
    PyObject *filename, *instructions, *metadata;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "UOO!:assemble_code_object", KEYWORDS(names),
                                     &filename, &instructions, &PyDict_Type, &metadata)) {
        return NULL;
    }
    _PyCompile_CodeUnitMetadata unit;
    if ((unit.u_name = metadata_object(metadata, "name", &PyUnicode_Type)) == NULL
        || (unit.u_qualname = metadata_object(metadata, "qualname", &PyUnicode_Type)) == NULL
        || (unit.u_consts = metadata_object(metadata, "consts", &PyDict_Type)) == NULL
        || (unit.u_names = metadata_object(metadata, "names", &PyDict_Type)) == NULL
        || (unit.u_varnames = metadata_object(metadata, "varnames", &PyDict_Type)) == NULL
        || (unit.u_cellvars = metadata_object(metadata, "cellvars", &PyDict_Type)) == NULL
        || (unit.u_freevars = metadata_object(metadata, "freevars", &PyDict_Type)) == NULL
        || (unit.u_fasthidden = metadata_object(metadata, "fasthidden", &PyDict_Type)) == NULL
        || (unit.u_argcount = metadata_number(metadata, "argcount")) < 0
        || (unit.u_posonlyargcount = metadata_number(metadata, "posonlyargcount")) < 0
        || (unit.u_kwonlyargcount = metadata_number(metadata, "kwonlyargcount")) < 0
        || (unit.u_firstlineno = metadata_number(metadata, "firstlineno")) < 0) {
        return NULL;
    }
    return (PyObject *)_PyCompile_Assemble(&unit, filename, instructions);
}

#define INTERNAL_CALLS(X) \
    X(0, get_recursion_depth, int, recursion_depth) \
    X(1, iframe_getcode, object, frame_code, P) \
    X(1, iframe_getlasti, int, frame_lasti, P) \
    X(1, iframe_getline, int, frame_line, P) \
    X(0, set_eval_frame_default, object, eval_frame_default) \
    X(1, set_eval_frame_record, object, eval_frame_record, P) \
    X(1, pending_identify, object, identify_by_pending_call, P) \
    X(0, get_config, object, config_dict) \
    X(1, set_config, object, set_config_numbers, P) \
    X(0, get_interp_settings, object, interpreter_settings) \
    X(1, normalize_path, object, normalized, P) \
    X(2, clear_extension, object, forget_extension, P, P) \
    X(3, EncodeLocaleEx, object, encode_locale, P, i, opts) \
    X(3, DecodeLocaleEx, object, decode_locale, s, i, opts) \
    X(3, write_perf_map_entry, int, write_entry, P, i, s) \
    X(0, perf_map_state_teardown, none, PyUnstable_PerfMapState_Fini)

INTERNAL_CALLS(WRAP)

static PyMethodDef internal_functions[] = {
    INTERNAL_CALLS(WRAP_ROW)
    KEYWORDS_ROW(pending_threadfunc),
    KEYWORDS_ROW(compiler_codegen),
    KEYWORDS_ROW(optimize_cfg),
    KEYWORDS_ROW(assemble_code_object),
    {NULL}
};

static int
internal_exec(PyObject *module)
{
    return PyModule_AddIntConstant(module, "SIZEOF_PYGC_HEAD", sizeof(PyGC_Head));
}

static PyModuleDef_Slot internal_slots[] = {
    {Py_mod_exec, internal_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef internal_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_testinternalcapi",
    .m_size = 0,
    .m_methods = internal_functions,
    .m_slots = internal_slots,
};

PyMODINIT_FUNC
PyInit__testinternalcapi(void)
{
    return PyModuleDef_Init(&internal_module);
}
