/* The module _xxsubinterpreters: create, run and destroy interpreters.

   An interpreter made here keeps its first thread state: a run binds it to the calling OS thread.
   So what threading and contextvars hang on the state lasts as long as the interpreter.  What a
   script is given crosses as messages (pycore_message.h), an exception that it does not catch as
   text.

   Written from PEP 554 and the behaviour of 3.12's module.  */

#include "Python.h"
#include "interpreteridobject.h"    // _PyInterpreterID_LookUp()
#include "pycore_errors.h"      // _PyErr_SetString()
#include "pycore_interp.h"      // PyInterpreterState
#include "pycore_message.h"     // _PyMessage_FromObject()
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_private_api.h" // _PyInterpreterState_GetIDObject()
#include "pycore_pystate.h"     // _PyInterpreterState_BeginRun()

typedef struct {
    PyObject *run_failed_error;
} interpreters_state;

static inline interpreters_state *
get_state(PyObject *module)
{
    return (interpreters_state *)PyModule_GetState(module);
}

/* ---- What a script is given --------------------------------------------- */

struct shared_item {
    char *name;                 /* PyMem_RawMalloc'ed UTF-8 */
    struct _Py_message value;
};

struct shared_ns {
    Py_ssize_t count;
    struct shared_item items[1];
};

static void
shared_ns_free(struct shared_ns *ns)
{
    if (ns == NULL) {
        return;
    }
    for (Py_ssize_t i = 0; i < ns->count; i++) {
        PyMem_RawFree(ns->items[i].name);
        _PyMessage_Clear(&ns->items[i].value);
    }
    PyMem_RawFree(ns);
}

static int
fill_item(PyThreadState *tstate, struct shared_item *item, PyObject *pair)
{
    PyObject *name = PyTuple_GET_ITEM(pair, 0);
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "names of shared objects must be str, not %.100s",
                     Py_TYPE(name)->tp_name);
        return -1;
    }
    const char *utf8 = PyUnicode_AsUTF8(name);
    if (utf8 == NULL) {
        return -1;
    }
    item->name = _PyMem_RawStrdup(utf8);
    if (item->name == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return _PyMessage_FromObject(tstate, PyTuple_GET_ITEM(pair, 1), 0, &item->value);
}

/* The items of a mapping as messages; *pns is NULL if there is none.  -1 with an exception. */
static int
shared_ns_from_mapping(PyThreadState *tstate, PyObject *mapping, struct shared_ns **pns)
{
    *pns = NULL;
    if (mapping == NULL || mapping == Py_None) {
        return 0;
    }
    if (!PyDict_Check(mapping)) {
        PyErr_Format(PyExc_TypeError, "shared must be a dict, not %.100s",
                     Py_TYPE(mapping)->tp_name);
        return -1;
    }
    PyObject *items = PyDict_Items(mapping);
    if (items == NULL) {
        return -1;
    }
    Py_ssize_t count = PyList_GET_SIZE(items);
    struct shared_ns *ns = PyMem_RawCalloc(1, sizeof(*ns) + (size_t)count * sizeof(ns->items[0]));
    if (ns == NULL) {
        Py_DECREF(items);
        PyErr_NoMemory();
        return -1;
    }
    ns->count = count;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (fill_item(tstate, &ns->items[i], PyList_GET_ITEM(items, i)) < 0) {
            Py_DECREF(items);
            shared_ns_free(ns);
            return -1;
        }
    }
    Py_DECREF(items);
    *pns = ns;
    return 0;
}

/* Put the objects into a dict of the current interpreter. */
static int
shared_ns_apply(PyThreadState *tstate, struct shared_ns *ns, PyObject *dict)
{
    for (Py_ssize_t i = 0; ns != NULL && i < ns->count; i++) {
        PyObject *value = _PyMessage_ToObject(tstate, &ns->items[i].value);
        if (value == NULL) {
            return -1;
        }
        int rc = PyDict_SetItemString(dict, ns->items[i].name, value);
        Py_DECREF(value);
        if (rc < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- Running ------------------------------------------------------------ */

/* In the target interpreter.  0, or -1 with an exception. */
static int
run_script(PyThreadState *tstate, const char *script, struct shared_ns *shared)
{
    PyObject *main = PyImport_AddModule("__main__");    /* borrowed; made at the first run */
    if (main == NULL) {
        return -1;
    }
    PyObject *ns = Py_NewRef(PyModule_GetDict(main));
    int rc = -1;
    if (shared_ns_apply(tstate, shared, ns) == 0) {
        PyObject *result = PyRun_StringFlags(script, Py_file_input, ns, ns, NULL);
        if (result != NULL) {
            Py_DECREF(result);
            rc = 0;
        }
    }
    Py_DECREF(ns);
    return rc;
}

/* Switch to the interpreter: to the state that is kept for runs (only one can be under way), or to
   a new one.  NULL with an exception. */
static PyThreadState *
enter_interpreter(PyInterpreterState *interp)
{
    PyThreadState *tstate = interp->threads.home;
    if (tstate == NULL) {
        tstate = PyThreadState_New(interp);
    }
    if (tstate == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "cannot make a thread state in the interpreter");
        return NULL;
    }
    PyThreadState_Swap(tstate);
    return tstate;
}

static void
leave_interpreter(PyThreadState *tstate, PyThreadState *save)
{
    if (tstate == tstate->interp->threads.home) {
        PyThreadState_Swap(save);
        return;
    }
    PyThreadState_Clear(tstate);
    PyThreadState_Swap(save);
    PyThreadState_Delete(tstate);
}

static int
run_in_interpreter(PyObject *module, PyInterpreterState *interp, const char *script,
                   PyObject *shareables)
{
    PyThreadState *save = _PyThreadState_GET();
    struct shared_ns *shared;
    struct _Py_crossing_error error = {NULL, NULL, NULL};
    if (shared_ns_from_mapping(save, shareables, &shared) < 0) {
        return -1;
    }
    PyThreadState *tstate = enter_interpreter(interp);
    if (tstate == NULL) {
        shared_ns_free(shared);
        return -1;
    }
    /* Nobody else may: _PyInterpreterState_BeginRun() saw to that. */
    int rc = _PyInterpreterState_SetRunningMain(interp);
    if (rc == 0) {
        rc = run_script(tstate, script, shared);
        _PyInterpreterState_SetNotRunningMain(interp);
    }
    if (rc < 0) {
        (void)_PyCrossingError_Take(tstate, &error);
    }
    leave_interpreter(tstate, save);
    shared_ns_free(shared);
    if (rc < 0) {
        _PyCrossingError_Raise(save, &error, get_state(module)->run_failed_error);
    }
    _PyCrossingError_Clear(&error);
    return rc;
}

/* ---- Functions ---------------------------------------------------------- */

PyDoc_STRVAR(create_doc,
"create() -> ID\n"
"\n"
"Make an interpreter and return its ID, which keeps it alive.");

static PyObject *
interp_create(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"isolated", NULL};
    static const PyInterpreterConfig own = {
        .allow_threads = 1, .check_multi_interp_extensions = 1,
        .gil = PyInterpreterConfig_OWN_GIL,
    };
    static const PyInterpreterConfig legacy = {
        .use_main_obmalloc = 1, .allow_fork = 1, .allow_exec = 1, .allow_threads = 1,
        .allow_daemon_threads = 1, .gil = PyInterpreterConfig_SHARED_GIL,
    };
    int isolated = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$i:create", (char **)keywords, &isolated)) {
        return NULL;
    }
    PyThreadState *save = _PyThreadState_GET();
    PyThreadState *tstate = NULL;
    PyStatus status = Py_NewInterpreterFromConfig(&tstate, isolated ? &own : &legacy);
    if (PyStatus_Exception(status)) {
        if (_PyThreadState_GET() != save) {
            PyThreadState_Swap(save);
        }
        PyErr_Format(PyExc_RuntimeError, "interpreter creation failed: %s",
                     status.err_msg != NULL ? status.err_msg : "exit requested");
        return NULL;
    }
    assert(tstate != NULL);
    /* Until there is an object for it, it counts as running: nobody else may end it. */
    PyInterpreterState *interp = _PyInterpreterState_BeginRun(tstate->interp->id);
    if (interp == NULL) {
        PyErr_Clear();
        leave_interpreter(tstate, save);
        PyErr_SetString(PyExc_RuntimeError, "interpreter creation failed: it was ended");
        return NULL;
    }
    interp->threads.home = tstate;
    leave_interpreter(tstate, save);
    PyObject *id = _PyInterpreterState_GetIDObject(interp);
    _PyInterpreterState_RequireIDRef(interp, 1);
    _PyInterpreterState_EndRun(interp);     /* without an object, that is its end */
    return id;
}

PyDoc_STRVAR(destroy_doc,
"destroy(id)\n"
"\n"
"End an interpreter.  The current one, a running one and an unknown ID raise\n"
"RuntimeError.");

static PyObject *
interp_destroy(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"id", NULL};
    PyObject *id;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:destroy", (char **)keywords, &id)) {
        return NULL;
    }
    int64_t number = _PyInterpreterID_AsInt64(id);
    if (number < 0 || _PyInterpreterState_EndByID(number) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(list_all_doc,
"list_all() -> [ID]\n"
"\n"
"Return the IDs of all interpreters, oldest first.");

static PyObject *
interp_list_all(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    int64_t *numbers;
    Py_ssize_t count = _PyInterpreterState_ListIDs(&numbers);
    if (count < 0) {
        return PyErr_NoMemory();
    }
    PyObject *ids = PyList_New(0);
    for (Py_ssize_t i = 0; i < count && ids != NULL; i++) {
        PyObject *id = _PyInterpreterID_New(numbers[i]);
        if (id == NULL && PyErr_ExceptionMatches(PyExc_RuntimeError)) {
            PyErr_Clear();      /* it ended meanwhile */
            continue;
        }
        if (id == NULL || PyList_Append(ids, id) < 0) {
            Py_CLEAR(ids);
        }
        Py_XDECREF(id);
    }
    PyMem_RawFree(numbers);
    return ids;
}

PyDoc_STRVAR(get_current_doc, "get_current() -> ID\n\nReturn the ID of this interpreter.");

static PyObject *
interp_get_current(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    return _PyInterpreterState_GetIDObject(_PyInterpreterState_GET());
}

PyDoc_STRVAR(get_main_doc, "get_main() -> ID\n\nReturn the ID of the main interpreter.");

static PyObject *
interp_get_main(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    return _PyInterpreterState_GetIDObject(_PyInterpreterState_Main());
}

PyDoc_STRVAR(run_string_doc,
"run_string(id, script, shared)\n"
"\n"
"Run source text in the __main__ module of an interpreter.  The items of the\n"
"dict `shared` become global variables there.  An exception that is not caught\n"
"comes out as RunFailedError.");

static PyObject *
interp_run_string(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"id", "script", "shared", NULL};
    PyObject *id, *code, *shared = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OU|O:run_string", (char **)keywords,
                                     &id, &code, &shared)) {
        return NULL;
    }
    int64_t number = _PyInterpreterID_AsInt64(id);
    if (number < 0) {
        return NULL;
    }
    Py_ssize_t size;
    const char *script = PyUnicode_AsUTF8AndSize(code, &size);
    if (script == NULL) {
        return NULL;
    }
    if (strlen(script) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "source code string cannot contain null bytes");
        return NULL;
    }
    PyInterpreterState *interp = _PyInterpreterState_BeginRun(number);
    if (interp == NULL) {
        return NULL;
    }
    int rc = run_in_interpreter(module, interp, script, shared);
    _PyInterpreterState_EndRun(interp);
    if (rc < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(is_shareable_doc,
"is_shareable(obj) -> bool\n"
"\n"
"Tell whether the object's data may be shared between interpreters.");

static PyObject *
interp_is_shareable(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"obj", NULL};
    PyObject *obj;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:is_shareable", (char **)keywords, &obj)) {
        return NULL;
    }
    if (_PyObject_CheckCrossInterpreterData(obj) == 0) {
        Py_RETURN_TRUE;
    }
    PyErr_Clear();
    Py_RETURN_FALSE;
}

PyDoc_STRVAR(is_running_doc,
"is_running(id) -> bool\n"
"\n"
"Tell whether an interpreter runs a script.");

static PyObject *
interp_is_running(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"id", NULL};
    PyObject *id;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:is_running", (char **)keywords, &id)) {
        return NULL;
    }
    int64_t number = _PyInterpreterID_AsInt64(id);
    int running = number < 0 ? -1 : _PyInterpreterState_IsRunningByID(number);
    return running < 0 ? NULL : PyBool_FromLong(running);
}

/* ---- The module --------------------------------------------------------- */

#define WITH_KEYWORDS(name, func, doc) \
    {name, _PyCFunction_CAST(func), METH_VARARGS | METH_KEYWORDS, doc}

static const PyMethodDef interpreters_methods[] = {
    WITH_KEYWORDS("create", interp_create, create_doc),
    WITH_KEYWORDS("destroy", interp_destroy, destroy_doc),
    {"list_all", interp_list_all, METH_NOARGS, list_all_doc},
    {"get_current", interp_get_current, METH_NOARGS, get_current_doc},
    {"get_main", interp_get_main, METH_NOARGS, get_main_doc},
    WITH_KEYWORDS("is_running", interp_is_running, is_running_doc),
    WITH_KEYWORDS("run_string", interp_run_string, run_string_doc),
    WITH_KEYWORDS("is_shareable", interp_is_shareable, is_shareable_doc),
    {NULL, NULL, 0, NULL}
};

static int
interpreters_exec(PyObject *module)
{
    interpreters_state *state = get_state(module);
    state->run_failed_error = PyErr_NewException("_xxsubinterpreters.RunFailedError",
                                                 PyExc_RuntimeError, NULL);
    if (PyModule_AddObjectRef(module, "RunFailedError", state->run_failed_error) < 0
        || PyModule_AddObjectRef(module, "InterpreterID",
                                 (PyObject *)&_PyInterpreterID_Type) < 0) {
        return -1;
    }
    return 0;
}

static int
interpreters_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(get_state(module)->run_failed_error);
    return 0;
}

static int
interpreters_clear(PyObject *module)
{
    Py_CLEAR(get_state(module)->run_failed_error);
    return 0;
}

static void
interpreters_free(void *module)
{
    (void)interpreters_clear((PyObject *)module);
}

static const PyModuleDef_Slot interpreters_slots[] = {
    {Py_mod_exec, interpreters_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

_Py_SHARED static PyModuleDef interpreters_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_xxsubinterpreters",
    .m_doc = PyDoc_STR("The primitives of interpreters: make, run and end them."),
    .m_size = sizeof(interpreters_state),
    .m_methods = (PyMethodDef *)interpreters_methods,
    .m_slots = (PyModuleDef_Slot *)interpreters_slots,
    .m_traverse = interpreters_traverse,
    .m_clear = interpreters_clear,
    .m_free = interpreters_free,
};

PyMODINIT_FUNC
PyInit__xxsubinterpreters(void)
{
    return PyModuleDef_Init(&interpreters_module);
}
