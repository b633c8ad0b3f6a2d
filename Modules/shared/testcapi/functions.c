/* _testcapi: functions, frames, generators, code objects, evaluation and tracing.
 *
 * Written from the C API reference ("Function Objects", "Frame Objects", "Code Objects",
 * "Reflection", "Profiling and Tracing", "The Very High Level Layer").
 */
#include "wrap.h"
#include "parts.h"

#include "frameobject.h"

/* ---- frames: each getter wants a frame ---- */

static PyFrameObject *
as_frame(PyObject *object)
{
    if (!PyFrame_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "argument must be a frame");
        return NULL;
    }
    return (PyFrameObject *)object;
}

#define FRAME_GETTER(name, getter) \
    static PyObject * \
    name(PyObject *object) \
    { \
        PyFrameObject *frame = as_frame(object); \
        return frame == NULL ? NULL : object_result(getter(frame), Py_None); \
    }
FRAME_GETTER(frame_locals, PyFrame_GetLocals)
FRAME_GETTER(frame_globals, PyFrame_GetGlobals)
FRAME_GETTER(frame_builtins, PyFrame_GetBuiltins)
FRAME_GETTER(frame_generator, PyFrame_GetGenerator)

static PyObject *
frame_lasti(PyObject *object)
{
    PyFrameObject *frame = as_frame(object);
    if (frame == NULL) {
        return NULL;
    }
    int lasti = PyFrame_GetLasti(frame);
    return lasti < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(lasti);
}

static PyObject *
frame_variable(PyObject *object, PyObject *name)
{
    PyFrameObject *frame = as_frame(object);
    return frame == NULL ? NULL : PyFrame_GetVar(frame, name);
}

static PyObject *
frame_variable_string(PyObject *object, const char *name)
{
    PyFrameObject *frame = as_frame(object);
    return frame == NULL ? NULL : PyFrame_GetVarString(frame, name);
}

static PyObject *
new_frame(PyObject *code, PyObject *globals, PyObject *locals)
{
    if (!PyCode_Check(code) || !PyDict_Check(globals)) {
        PyErr_SetString(PyExc_TypeError, "arguments must be a code object, a dict and locals");
        return NULL;
    }
    return (PyObject *)PyFrame_New(PyThreadState_Get(), (PyCodeObject *)code, globals, locals);
}

/* ---- functions, generators, code ---- */

static PyObject *
generator_code(PyObject *generator)
{
    if (!PyGen_Check(generator)) {
        PyErr_SetString(PyExc_TypeError, "argument must be a generator");
        return NULL;
    }
    return (PyObject *)PyGen_GetCode((PyGenObject *)generator);
}

static PyObject *
empty_code(const char *filename, const char *name, int line)
{
    return (PyObject *)PyCode_NewEmpty(filename, name, line);
}

#define function_name(function) PyUnicode_FromString(PyEval_GetFuncName(function))
#define function_description(function) PyUnicode_FromString(PyEval_GetFuncDesc(function))
#define compile_file(source) Py_CompileString(source, "<string>", Py_file_input)

/* The items of a tuple, NULL if there is none; *count is their number.  -1 with an exception. */
static int
tuple_items(PyObject *tuple, PyObject *const **items, int *count)
{
    *items = NULL;
    *count = 0;
    if (tuple == NULL) {
        return 0;
    }
    if (!PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "must be a tuple");
        return -1;
    }
    *items = ((PyTupleObject *)tuple)->ob_item;
    *count = (int)PyTuple_GET_SIZE(tuple);
    return 0;
}

/* The keys and values of a dict, one after the other; a new reference, NULL with an exception. */
static PyObject *
flattened(PyObject *dict)
{
    PyObject *result = PyTuple_New(2 * PyDict_Size(dict));
    Py_ssize_t position = 0, i = 0;
    PyObject *key, *value;
    while (result != NULL && PyDict_Next(dict, &position, &key, &value)) {
        PyTuple_SET_ITEM(result, i++, Py_NewRef(key));
        PyTuple_SET_ITEM(result, i++, Py_NewRef(value));
    }
    return result;
}

/* (code, globals[, locals, args, kwargs, defaults, kwdefaults, closure]). */
static PyObject *
eval_code_ex(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *code, *globals;
    PyObject *locals = NULL, *positional = NULL, *kwargs = NULL, *defaults = NULL;
    PyObject *kwdefaults = NULL, *closure = NULL;
    PyObject *const *items, *const *default_items;
    int count, default_count;
    if (!PyArg_ParseTuple(args, "O!O!|OOO!OO!O:eval_code_ex", &PyCode_Type, &code, &PyDict_Type,
                          &globals, &locals, &positional, &PyDict_Type, &kwargs, &defaults,
                          &PyDict_Type, &kwdefaults, &closure)
        || tuple_items(positional, &items, &count) < 0
        || tuple_items(defaults, &default_items, &default_count) < 0) {
        return NULL;
    }
    PyObject *pairs = kwargs == NULL ? PyTuple_New(0) : flattened(kwargs);
    if (pairs == NULL) {
        return NULL;
    }
    PyObject *result = PyEval_EvalCodeEx(code, globals, locals, items, count,
                                         ((PyTupleObject *)pairs)->ob_item,
                                         (int)PyTuple_GET_SIZE(pairs) / 2, default_items,
                                         default_count, kwdefaults, closure);
    Py_DECREF(pairs);
    return result;
}

/* ---- tracing ---- */

/* Appends (event, line, argument) to the list. */
static int
record_event(PyObject *list, PyFrameObject *frame, int event, PyObject *arg)
{
    PyObject *line = PyLong_FromLong(PyFrame_GetLineNumber(frame));
    PyObject *item = line == NULL ? NULL
                     : Py_BuildValue("(iNO)", event, line, arg == NULL ? Py_None : arg);
    if (item == NULL) {
        return -1;
    }
    int result = PyList_Append(list, item);
    Py_DECREF(item);
    return result;
}

/* An error ends the tracing: it would not be the last one. */
static int
refuse_event(PyObject *Py_UNUSED(list), PyFrameObject *Py_UNUSED(frame), int Py_UNUSED(event),
             PyObject *Py_UNUSED(arg))
{
    PyEval_SetTrace(NULL, NULL);
    PyErr_SetString(PyExc_Exception, "an exception");
    return -1;
}

static PyObject *
trace_with(Py_tracefunc function, PyObject *list)
{
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "argument must be a list");
        return NULL;
    }
    PyEval_SetTrace(function, list);
    Py_RETURN_NONE;
}

#define trace_and_record(list) trace_with(record_event, list)
#define trace_and_refuse(list) trace_with(refuse_event, list)

#define FUNCTION_CALLS(X) \
    X(1, frame_getlocals, object, frame_locals, P) \
    X(1, frame_getglobals, object, frame_globals, P) \
    X(1, frame_getbuiltins, object, frame_builtins, P) \
    X(1, frame_getgenerator, object, frame_generator, P) \
    X(1, frame_getlasti, object, frame_lasti, P) \
    X(2, frame_getvar, object, frame_variable, P, P) \
    X(2, frame_getvarstring, object, frame_variable_string, P, s) \
    X(3, frame_new, object, new_frame, P, P, P) \
    X(1, function_get_code, borrowed, PyFunction_GetCode, P) \
    X(1, function_get_globals, borrowed, PyFunction_GetGlobals, P) \
    X(1, function_get_module, borrowed, PyFunction_GetModule, P) \
    X(1, function_get_defaults, optional, PyFunction_GetDefaults, P) \
    X(2, function_set_defaults, int, PyFunction_SetDefaults, P, P) \
    X(1, function_get_kw_defaults, optional, PyFunction_GetKwDefaults, P) \
    X(2, function_set_kw_defaults, int, PyFunction_SetKwDefaults, P, P) \
    X(2, set_func_defaults_via_capi, int, PyFunction_SetDefaults, P, P) \
    X(2, set_func_kwdefaults_via_capi, int, PyFunction_SetKwDefaults, P, P) \
    X(1, gen_get_code, object, generator_code, P) \
    X(3, code_newempty, object, empty_code, s, s, i) \
    X(1, eval_get_func_name, object, function_name, P) \
    X(1, eval_get_func_desc, object, function_description, P) \
    X(1, settrace_to_record, object, trace_and_record, P) \
    X(1, settrace_to_error, object, trace_and_refuse, P)

FUNCTION_CALLS(WRAP)
WRAP1(compile_string, object, compile_file, s)     /* C has its name in Python */

static PyMethodDef function_methods[] = {
    FUNCTION_CALLS(WRAP_ROW)
    {"Py_CompileString", _PyCFunction_CAST(compile_string), METH_FASTCALL, NULL},
    VARARGS_ROW(eval_code_ex),
    {NULL}
};

int
_TestCapi_AddFunctions(PyObject *module)
{
    return PyModule_AddFunctions(module, function_methods);
}
