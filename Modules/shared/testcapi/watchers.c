/* _testcapi: watchers of dicts, types, code objects and functions.
 *
 * A watcher is a C function without data of its own, so that what the watchers note is kept once
 * per interpreter: in a capsule in the interpreter's dict.
 *
 * Written from the C API reference (PyDict_AddWatcher(), PyType_AddWatcher(), PyCode_AddWatcher(),
 * PyFunction_AddWatcher()) and from what the tests expect to be noted.
 */
#include "wrap.h"
#include "parts.h"

#define STATE_NAME "_testcapi.watchers"
#define CODE_WATCHERS 2         /* beside the one that raises */
#define FUNCTION_WATCHERS 2
#define MAX_WATCHERS 8          /* of each kind, says the C API */

/* Kinds of dict and type watchers. */
enum {NOTE_EVENT, RAISE_ERROR, NOTE_OTHERWISE};

/* Events noted as long as any watcher of the kind is active. */
struct event_log {
    PyObject *events;           /* list, or NULL without a watcher */
    int watchers;
};

struct code_log {
    int id;                     /* -1: not active */
    int created;
    int destroyed;
};

struct watcher_state {
    struct event_log dicts;
    struct event_log types;
    struct code_log codes[CODE_WATCHERS];
    struct {
        PyObject *callable;     /* NULL: not active */
        int id;
    } functions[FUNCTION_WATCHERS];
};

static void
free_state(PyObject *capsule)
{
    struct watcher_state *state = PyCapsule_GetPointer(capsule, STATE_NAME);
    Py_CLEAR(state->dicts.events);
    Py_CLEAR(state->types.events);
    for (int i = 0; i < FUNCTION_WATCHERS; i++) {
        Py_CLEAR(state->functions[i].callable);
    }
    PyMem_Free(state);
}

/* The state of the interpreter, made at the first call.  NULL with an exception. */
static struct watcher_state *
get_state(void)
{
    PyObject *dict = PyInterpreterState_GetDict(PyInterpreterState_Get());
    if (dict == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the interpreter has no dict");
        return NULL;
    }
    PyObject *capsule = PyDict_GetItemString(dict, STATE_NAME);
    if (capsule != NULL) {
        return PyCapsule_GetPointer(capsule, STATE_NAME);
    }
    struct watcher_state *state = PyMem_Calloc(1, sizeof(*state));
    if (state == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (int i = 0; i < CODE_WATCHERS; i++) {
        state->codes[i].id = -1;
    }
    capsule = PyCapsule_New(state, STATE_NAME, free_state);
    if (capsule == NULL) {
        PyMem_Free(state);
        return NULL;
    }
    int result = PyDict_SetItemString(dict, STATE_NAME, capsule);
    Py_DECREF(capsule);
    return result < 0 ? NULL : state;
}

/* ---- logs ---- */

/* Appends `event` and takes it, NULL included: 0, or -1 with an exception. */
static int
note(struct event_log *log, PyObject *event)
{
    if (event == NULL || log->events == NULL) {
        Py_XDECREF(event);
        return PyErr_Occurred() ? -1 : 0;
    }
    int result = PyList_Append(log->events, event);
    Py_DECREF(event);
    return result;
}

static int
raise_boom(void)
{
    PyErr_SetString(PyExc_RuntimeError, "boom!");
    return -1;
}

/* Makes the log ready for one watcher more: 0, or -1 with an exception. */
static int
open_log(struct event_log *log)
{
    if (log->events == NULL) {
        log->events = PyList_New(0);
    }
    return log->events == NULL ? -1 : 0;
}

/* Counts a watcher that PyX_AddWatcher() has given `id`, an error included. */
static PyObject *
opened(struct event_log *log, int id)
{
    if (id >= 0) {
        log->watchers++;
        return PyLong_FromLong(id);
    }
    if (log->watchers == 0) {
        Py_CLEAR(log->events);
    }
    return NULL;
}

static PyObject *
closed(struct event_log *log, int result)
{
    if (result < 0) {
        return NULL;
    }
    /* It may have been somebody else's watcher. */
    if (log->watchers > 0 && --log->watchers == 0) {
        Py_CLEAR(log->events);
    }
    Py_RETURN_NONE;
}

static PyObject *
noted(struct event_log *log)
{
    if (log->events == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "no watchers active");
        return NULL;
    }
    return Py_NewRef(log->events);
}

/* ---- dicts ---- */

static PyObject *
describe_dict_event(PyDict_WatchEvent event, PyObject *key, PyObject *value)
{
    switch (event) {
    case PyDict_EVENT_ADDED:
        return PyUnicode_FromFormat("new:%S:%S", key, value);
    case PyDict_EVENT_MODIFIED:
        return PyUnicode_FromFormat("mod:%S:%S", key, value);
    case PyDict_EVENT_DELETED:
        return PyUnicode_FromFormat("del:%S", key);
    case PyDict_EVENT_CLONED:
        return PyUnicode_FromString("clone");
    case PyDict_EVENT_CLEARED:
        return PyUnicode_FromString("clear");
    case PyDict_EVENT_DEALLOCATED:
        return PyUnicode_FromString("dealloc");
    }
    PyErr_Format(PyExc_SystemError, "unknown event %d", (int)event);
    return NULL;
}

static int
note_dict_event(PyDict_WatchEvent event, PyObject *Py_UNUSED(dict), PyObject *key, PyObject *value)
{
    struct watcher_state *state = get_state();
    return state == NULL ? -1 : note(&state->dicts, describe_dict_event(event, key, value));
}

static int
note_second(PyDict_WatchEvent Py_UNUSED(event), PyObject *Py_UNUSED(dict), PyObject *Py_UNUSED(key),
            PyObject *Py_UNUSED(value))
{
    struct watcher_state *state = get_state();
    return state == NULL ? -1 : note(&state->dicts, PyUnicode_FromString("second"));
}

static int
refuse_dict_event(PyDict_WatchEvent Py_UNUSED(event), PyObject *Py_UNUSED(dict),
                  PyObject *Py_UNUSED(key), PyObject *Py_UNUSED(value))
{
    return raise_boom();
}

static PyObject *
open_dict_watcher(int kind)
{
    struct watcher_state *state = get_state();
    if (state == NULL || open_log(&state->dicts) < 0) {
        return NULL;
    }
    return opened(&state->dicts, PyDict_AddWatcher(kind == RAISE_ERROR ? refuse_dict_event
                                                   : kind == NOTE_OTHERWISE ? note_second
                                                   : note_dict_event));
}

static PyObject *
close_dict_watcher(int id)
{
    struct watcher_state *state = get_state();
    return state == NULL ? NULL : closed(&state->dicts, PyDict_ClearWatcher(id));
}

static PyObject *
dict_events(void)
{
    struct watcher_state *state = get_state();
    return state == NULL ? NULL : noted(&state->dicts);
}

/* ---- types ---- */

static int
note_type(PyTypeObject *type)
{
    struct watcher_state *state = get_state();
    return state == NULL ? -1 : note(&state->types, Py_NewRef(type));
}

static int
note_type_in_list(PyTypeObject *type)
{
    struct watcher_state *state = get_state();
    return state == NULL ? -1 : note(&state->types, Py_BuildValue("[O]", type));
}

static int
refuse_type(PyTypeObject *Py_UNUSED(type))
{
    return raise_boom();
}

static PyObject *
open_type_watcher(int kind)
{
    struct watcher_state *state = get_state();
    if (state == NULL || open_log(&state->types) < 0) {
        return NULL;
    }
    return opened(&state->types, PyType_AddWatcher(kind == RAISE_ERROR ? refuse_type
                                                   : kind == NOTE_OTHERWISE ? note_type_in_list
                                                   : note_type));
}

static PyObject *
close_type_watcher(int id)
{
    struct watcher_state *state = get_state();
    return state == NULL ? NULL : closed(&state->types, PyType_ClearWatcher(id));
}

static PyObject *
type_events(void)
{
    struct watcher_state *state = get_state();
    return state == NULL ? NULL : noted(&state->types);
}

/* ---- code objects: events are counted ---- */

static int
count_code_event(int which, PyCodeEvent event)
{
    struct watcher_state *state = get_state();
    if (state == NULL) {
        return -1;
    }
    state->codes[which].created += event == PY_CODE_EVENT_CREATE;
    state->codes[which].destroyed += event == PY_CODE_EVENT_DESTROY;
    return 0;
}

static int
count_first(PyCodeEvent event, PyCodeObject *Py_UNUSED(code))
{
    return count_code_event(0, event);
}

static int
count_second(PyCodeEvent event, PyCodeObject *Py_UNUSED(code))
{
    return count_code_event(1, event);
}

static int
refuse_code(PyCodeEvent Py_UNUSED(event), PyCodeObject *Py_UNUSED(code))
{
    return raise_boom();
}

static PyObject *
open_code_watcher(int which)
{
    static const PyCode_WatchCallback callbacks[CODE_WATCHERS + 1] = {
        count_first, count_second, refuse_code,
    };
    struct watcher_state *state = get_state();
    if (state == NULL) {
        return NULL;
    }
    if (which < 0 || which > CODE_WATCHERS) {
        PyErr_Format(PyExc_ValueError, "invalid watcher %d", which);
        return NULL;
    }
    int id = PyCode_AddWatcher(callbacks[which]);
    if (id < 0) {
        return NULL;
    }
    if (which < CODE_WATCHERS) {
        state->codes[which] = (struct code_log){.id = id};
    }
    return PyLong_FromLong(id);
}

static PyObject *
close_code_watcher(int id)
{
    struct watcher_state *state = get_state();
    if (state == NULL || PyCode_ClearWatcher(id) < 0) {
        return NULL;
    }
    for (int i = 0; i < CODE_WATCHERS; i++) {
        if (state->codes[i].id == id) {
            state->codes[i] = (struct code_log){.id = -1};
        }
    }
    Py_RETURN_NONE;
}

/* The log of the watcher `which`; NULL with an exception. */
static struct code_log *
code_log(int which)
{
    struct watcher_state *state = get_state();
    if (state != NULL && (which < 0 || which >= CODE_WATCHERS)) {
        PyErr_Format(PyExc_ValueError, "invalid watcher %d", which);
        return NULL;
    }
    return state == NULL ? NULL : &state->codes[which];
}

static int
created_codes(int which)
{
    struct code_log *log = code_log(which);
    return log == NULL ? -1 : log->created;
}

static int
destroyed_codes(int which)
{
    struct code_log *log = code_log(which);
    return log == NULL ? -1 : log->destroyed;
}

/* ---- functions: events call what Python code has given ---- */

static int
call_function_watcher(int which, PyFunction_WatchEvent event, PyFunctionObject *function,
                      PyObject *value)
{
    struct watcher_state *state = get_state();
    if (state == NULL || state->functions[which].callable == NULL) {
        return state == NULL ? -1 : 0;
    }
    /* A function that goes must not be referred to again. */
    PyObject *subject = event == PyFunction_EVENT_DESTROY ? PyLong_FromVoidPtr(function)
                                                          : Py_NewRef(function);
    if (subject == NULL) {
        return -1;
    }
    PyObject *result = PyObject_CallFunction(state->functions[which].callable, "iNO", (int)event,
                                             subject, value == NULL ? Py_None : value);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

static int
call_first(PyFunction_WatchEvent event, PyFunctionObject *function, PyObject *value)
{
    return call_function_watcher(0, event, function, value);
}

static int
call_second(PyFunction_WatchEvent event, PyFunctionObject *function, PyObject *value)
{
    return call_function_watcher(1, event, function, value);
}

static PyObject *
open_function_watcher(PyObject *callable)
{
    static const PyFunction_WatchCallback callbacks[FUNCTION_WATCHERS] = {call_first, call_second};
    struct watcher_state *state = get_state();
    if (state == NULL) {
        return NULL;
    }
    if (!PyCallable_Check(callable)) {
        PyErr_SetString(PyExc_TypeError, "expected a callable");
        return NULL;
    }
    for (int i = 0; i < FUNCTION_WATCHERS; i++) {
        if (state->functions[i].callable == NULL) {
            int id = PyFunction_AddWatcher(callbacks[i]);
            if (id < 0) {
                return NULL;
            }
            state->functions[i].callable = Py_NewRef(callable);
            state->functions[i].id = id;
            return PyLong_FromLong(id);
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "no free function watchers");
    return NULL;
}

static PyObject *
close_function_watcher(int id)
{
    struct watcher_state *state = get_state();
    if (state == NULL || PyFunction_ClearWatcher(id) < 0) {
        return NULL;
    }
    for (int i = 0; i < FUNCTION_WATCHERS; i++) {
        if (state->functions[i].callable != NULL && state->functions[i].id == id) {
            Py_CLEAR(state->functions[i].callable);
        }
    }
    Py_RETURN_NONE;
}

/* ---- more watchers than there can be ---- */

static int
add_code(void)
{
    return PyCode_AddWatcher(refuse_code);
}

static int
add_function(void)
{
    return PyFunction_AddWatcher(call_first);
}

/* Adds watchers until that fails, and removes them. */
static PyObject *
allocate_too_many(int (*add)(void), int (*clear)(int))
{
    int ids[MAX_WATCHERS];
    int count = 0;
    int id;
    while ((id = add()) >= 0 && count < MAX_WATCHERS) {
        ids[count++] = id;
    }
    PyObject *error = PyErr_GetRaisedException();
    while (count > 0) {
        if (clear(ids[--count]) < 0) {
            PyErr_WriteUnraisable(NULL);
        }
    }
    if (error != NULL) {
        PyErr_SetRaisedException(error);
        return NULL;
    }
    Py_RETURN_NONE;
}

#define too_many_codes() allocate_too_many(add_code, PyCode_ClearWatcher)
#define too_many_functions() allocate_too_many(add_function, PyFunction_ClearWatcher)

#define WATCHER_CALLS(X) \
    X(1, add_dict_watcher, object, open_dict_watcher, i) \
    X(1, clear_dict_watcher, object, close_dict_watcher, i) \
    X(0, get_dict_watcher_events, object, dict_events) \
    X(2, watch_dict, int, PyDict_Watch, i, P) \
    X(2, unwatch_dict, int, PyDict_Unwatch, i, P) \
    X(1, add_type_watcher, object, open_type_watcher, i) \
    X(1, clear_type_watcher, object, close_type_watcher, i) \
    X(0, get_type_modified_events, object, type_events) \
    X(2, watch_type, int, PyType_Watch, i, P) \
    X(2, unwatch_type, int, PyType_Unwatch, i, P) \
    X(1, add_code_watcher, object, open_code_watcher, i) \
    X(1, clear_code_watcher, object, close_code_watcher, i) \
    X(1, get_code_watcher_num_created_events, int, created_codes, i) \
    X(1, get_code_watcher_num_destroyed_events, int, destroyed_codes, i) \
    X(0, allocate_too_many_code_watchers, object, too_many_codes) \
    X(1, add_func_watcher, object, open_function_watcher, P) \
    X(1, clear_func_watcher, object, close_function_watcher, i) \
    X(0, allocate_too_many_func_watchers, object, too_many_functions)

WATCHER_CALLS(WRAP)

static PyMethodDef watcher_methods[] = {
    WATCHER_CALLS(WRAP_ROW)
    {NULL}
};

int
_TestCapi_AddWatchers(PyObject *module)
{
    if (PyModule_AddIntConstant(module, "PYFUNC_EVENT_CREATE", PyFunction_EVENT_CREATE) < 0
        || PyModule_AddIntConstant(module, "PYFUNC_EVENT_DESTROY", PyFunction_EVENT_DESTROY) < 0
        || PyModule_AddIntConstant(module, "PYFUNC_EVENT_MODIFY_CODE",
                                   PyFunction_EVENT_MODIFY_CODE) < 0
        || PyModule_AddIntConstant(module, "PYFUNC_EVENT_MODIFY_DEFAULTS",
                                   PyFunction_EVENT_MODIFY_DEFAULTS) < 0
        || PyModule_AddIntConstant(module, "PYFUNC_EVENT_MODIFY_KWDEFAULTS",
                                   PyFunction_EVENT_MODIFY_KWDEFAULTS) < 0) {
        return -1;
    }
    return PyModule_AddFunctions(module, watcher_methods);
}
