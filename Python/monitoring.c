/* sys.monitoring: the Python interface of PEP 669.
 *
 * Tools have ids 0 to 5; 6 and 7 are sys.setprofile and sys.settrace.  C_RETURN and C_RAISE go
 * with CALL: a tool that sets the three gets them.
 * Written from the library reference (sys.monitoring), PEP 669, and observed behaviour. */

#include "Python.h"
#include "pycore_instruments.h" // _PyMonitoring_SetEvents()
#include "pycore_namespace.h"   // _PyNamespace_New()
#include "pycore_object.h"      // shared objects
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_signature.h"   // wrappers

#define FIRST_RESERVED_TOOL PY_MONITORING_SYS_PROFILE_ID
#define C_EVENTS ((1u << PY_MONITORING_EVENT_C_RETURN) | (1u << PY_MONITORING_EVENT_C_RAISE))

#include "sig/monitoring.sig.h"

static const struct {
    const char *name;
    int event;
} events_by_name[] = {
    {"PY_START", PY_MONITORING_EVENT_PY_START},
    {"PY_RESUME", PY_MONITORING_EVENT_PY_RESUME},
    {"PY_RETURN", PY_MONITORING_EVENT_PY_RETURN},
    {"PY_YIELD", PY_MONITORING_EVENT_PY_YIELD},
    {"CALL", PY_MONITORING_EVENT_CALL},
    {"LINE", PY_MONITORING_EVENT_LINE},
    {"INSTRUCTION", PY_MONITORING_EVENT_INSTRUCTION},
    {"JUMP", PY_MONITORING_EVENT_JUMP},
    {"BRANCH", PY_MONITORING_EVENT_BRANCH},
    {"STOP_ITERATION", PY_MONITORING_EVENT_STOP_ITERATION},
    {"RAISE", PY_MONITORING_EVENT_RAISE},
    {"EXCEPTION_HANDLED", PY_MONITORING_EVENT_EXCEPTION_HANDLED},
    {"PY_UNWIND", PY_MONITORING_EVENT_PY_UNWIND},
    {"PY_THROW", PY_MONITORING_EVENT_PY_THROW},
    {"RERAISE", PY_MONITORING_EVENT_RERAISE},
    {"C_RETURN", PY_MONITORING_EVENT_C_RETURN},
    {"C_RAISE", PY_MONITORING_EVENT_C_RAISE},
};

static int
check_valid_tool(int tool)
{
    if (tool < 0 || tool >= FIRST_RESERVED_TOOL) {
        PyErr_Format(PyExc_ValueError, "invalid tool %d (must be between 0 and 5)", tool);
        return -1;
    }
    return 0;
}

/* A valid id that use_tool_id() has given out. */
static int
check_tool(PyInterpreterState *interp, int tool)
{
    if (tool >= 0 && tool < FIRST_RESERVED_TOOL && interp->instruments.tool_names[tool] == NULL) {
        PyErr_Format(PyExc_ValueError, "tool %d is not in use", tool);
        return -1;
    }
    return check_valid_tool(tool);
}

/* Takes C_RETURN and C_RAISE, which follow CALL, out of a set.  0, or -1 with ValueError. */
static int
check_c_events(unsigned int *events)
{
    if ((*events & C_EVENTS) && (*events & C_EVENTS) != C_EVENTS) {
        goto fail;
    }
    if ((*events & C_EVENTS) && !(*events & (1u << PY_MONITORING_EVENT_CALL))) {
        goto fail;
    }
    *events &= ~C_EVENTS;
    return 0;
fail:
    PyErr_SetString(PyExc_ValueError, "cannot set C_RETURN or C_RAISE events independently");
    return -1;
}

/*sig monitoring.use_tool_id(module, tool_id: int, name, /)
*/
static PyObject *
monitoring_use_tool_id_impl(PyObject *Py_UNUSED(module), int tool_id, PyObject *name)
{
    if (check_valid_tool(tool_id) < 0) {
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_ValueError, "tool name must be a str");
        return NULL;
    }
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (interp->instruments.tool_names[tool_id] != NULL) {
        PyErr_Format(PyExc_ValueError, "tool %d is already in use", tool_id);
        return NULL;
    }
    interp->instruments.tool_names[tool_id] = Py_NewRef(name);
    Py_RETURN_NONE;
}

/*sig monitoring.free_tool_id(module, tool_id: int, /)
*/
static PyObject *
monitoring_free_tool_id_impl(PyObject *Py_UNUSED(module), int tool_id)
{
    if (check_valid_tool(tool_id) < 0) {
        return NULL;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->interp->instruments.tool_names[tool_id] != NULL
        && _PyMonitoring_SetEvents(tstate, tool_id, 0) < 0) {
        return NULL;
    }
    Py_CLEAR(tstate->interp->instruments.tool_names[tool_id]);
    Py_RETURN_NONE;
}

/*sig monitoring.get_tool(module, tool_id: int, /)
*/
static PyObject *
monitoring_get_tool_impl(PyObject *Py_UNUSED(module), int tool_id)
{
    if (check_valid_tool(tool_id) < 0) {
        return NULL;
    }
    PyObject *name = _PyInterpreterState_GET()->instruments.tool_names[tool_id];
    return Py_NewRef(name == NULL ? Py_None : name);
}

/*sig monitoring.register_callback(module, tool_id: int, event: int, func, /)
*/
static PyObject *
monitoring_register_callback_impl(PyObject *Py_UNUSED(module), int tool_id, int event,
                                  PyObject *func)
{
    if (check_valid_tool(tool_id) < 0) {
        return NULL;
    }
    if (event <= 0 || (event & (event - 1))) {
        PyErr_SetString(PyExc_ValueError,
                        "The callback can only be set for one event at a time");
        return NULL;
    }
    int id = __builtin_ctz((unsigned int)event);
    if (id >= PY_MONITORING_EVENTS) {
        PyErr_Format(PyExc_ValueError, "invalid event %d", event);
        return NULL;
    }
    if (PySys_Audit("sys.monitoring.register_callback", "O", func) < 0) {
        return NULL;
    }
    PyObject *old = _PyMonitoring_RegisterCallback(_PyThreadState_GET(), tool_id, id,
                                                   Py_IsNone(func) ? NULL : func);
    return old != NULL ? old : Py_NewRef(Py_None);
}

/*sig monitoring.get_events(module, tool_id: int, /)
*/
static PyObject *
monitoring_get_events_impl(PyObject *Py_UNUSED(module), int tool_id)
{
    if (check_valid_tool(tool_id) < 0) {
        return NULL;
    }
    PyInterpreterState *interp = _PyInterpreterState_GET();
    unsigned int events = 0;
    for (int e = 0; e < PY_MONITORING_EVENTS; e++) {
        events |= ((interp->instruments.tools[e] >> tool_id) & 1u) << e;
    }
    return PyLong_FromUnsignedLong(events);
}

/*sig monitoring.set_events(module, tool_id: int, event_set: int, /)
*/
static PyObject *
monitoring_set_events_impl(PyObject *Py_UNUSED(module), int tool_id, int event_set)
{
    PyThreadState *tstate = _PyThreadState_GET();
    unsigned int events = (unsigned int)event_set;
    if (check_tool(tstate->interp, tool_id) < 0) {
        return NULL;
    }
    if (event_set < 0 || event_set >= (1 << PY_MONITORING_EVENTS)) {
        PyErr_Format(PyExc_ValueError, "invalid event set 0x%x", event_set);
        return NULL;
    }
    if (check_c_events(&events) < 0) {
        return NULL;
    }
    if (_PyMonitoring_SetEvents(tstate, tool_id, events) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig monitoring.get_local_events(module, tool_id: int, code, /)
*/
static PyObject *
monitoring_get_local_events_impl(PyObject *Py_UNUSED(module), int tool_id, PyObject *code)
{
    if (!PyCode_Check(code)) {
        PyErr_Format(PyExc_TypeError, "code must be a code object");
        return NULL;
    }
    if (check_valid_tool(tool_id) < 0) {
        return NULL;
    }
    return PyLong_FromUnsignedLong(
        _PyMonitoring_GetLocalEvents(_PyThreadState_GET(), (PyCodeObject *)code, tool_id));
}

/*sig monitoring.set_local_events(module, tool_id: int, code, event_set: int, /)
*/
static PyObject *
monitoring_set_local_events_impl(PyObject *Py_UNUSED(module), int tool_id, PyObject *code,
                                 int event_set)
{
    PyThreadState *tstate = _PyThreadState_GET();
    unsigned int events = (unsigned int)event_set;
    if (!PyCode_Check(code)) {
        PyErr_Format(PyExc_TypeError, "code must be a code object");
        return NULL;
    }
    if (check_tool(tstate->interp, tool_id) < 0 || check_c_events(&events) < 0) {
        return NULL;
    }
    if (event_set < 0 || events >= (1u << PY_MONITORING_INSTRUMENTED_EVENTS)) {
        PyErr_Format(PyExc_ValueError, "invalid local event set 0x%x", event_set);
        return NULL;
    }
    if (_PyMonitoring_SetLocalEvents(tstate, (PyCodeObject *)code, tool_id, events) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig monitoring.restart_events(module)
*/
static PyObject *
monitoring_restart_events_impl(PyObject *Py_UNUSED(module))
{
    PyThreadState *tstate = _PyThreadState_GET();
    tstate->interp->instruments.restarts++;
    if (_PyMonitoring_EventsChanged(tstate) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig monitoring._all_events(module)
*/
static PyObject *
monitoring__all_events_impl(PyObject *Py_UNUSED(module))
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    PyObject *res = PyDict_New();
    if (res == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(events_by_name); i++) {
        unsigned int tools = interp->instruments.tools[events_by_name[i].event];
        if (tools == 0) {
            continue;
        }
        PyObject *value = PyLong_FromUnsignedLong(tools);
        int err = value == NULL ? -1 : PyDict_SetItemString(res, events_by_name[i].name, value);
        Py_XDECREF(value);
        if (err < 0) {
            Py_DECREF(res);
            return NULL;
        }
    }
    return res;
}

/* ---- the object ---------------------------------------------------------- */

static PyMethodDef monitoring_methods[] = {
    MONITORING_USE_TOOL_ID_METHODDEF
    MONITORING_FREE_TOOL_ID_METHODDEF
    MONITORING_GET_TOOL_METHODDEF
    MONITORING_REGISTER_CALLBACK_METHODDEF
    MONITORING_GET_EVENTS_METHODDEF
    MONITORING_SET_EVENTS_METHODDEF
    MONITORING_GET_LOCAL_EVENTS_METHODDEF
    MONITORING_SET_LOCAL_EVENTS_METHODDEF
    MONITORING_RESTART_EVENTS_METHODDEF
    MONITORING__ALL_EVENTS_METHODDEF
    {NULL, NULL, 0, NULL},
};

static _Py_SHARED struct PyModuleDef monitoring_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "sys.monitoring",
    .m_size = -1,           /* the core makes it, once for each interpreter */
    .m_methods = monitoring_methods,
};

/* The namespace sys.monitoring.events: new reference or NULL. */
static PyObject *
make_events(void)
{
    PyObject *kwargs = PyDict_New();
    PyObject *res = NULL;
    if (kwargs == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(events_by_name); i++) {
        PyObject *value = PyLong_FromLong(1L << events_by_name[i].event);
        int err = value == NULL ? -1 : PyDict_SetItemString(kwargs, events_by_name[i].name, value);
        Py_XDECREF(value);
        if (err < 0) {
            goto done;
        }
    }
    PyObject *zero = PyLong_FromLong(0);
    if (PyDict_SetItemString(kwargs, "NO_EVENTS", zero) == 0) {
        res = _PyNamespace_New(kwargs);
    }
    Py_DECREF(zero);
done:
    Py_DECREF(kwargs);
    return res;
}

PyObject *
_Py_CreateMonitoringObject(void)
{
    PyObject *mod = _PyModule_CreateInitialized(&monitoring_module, PYTHON_API_VERSION);
    if (mod == NULL) {
        return NULL;
    }
    PyObject *events = make_events();
    int err = events == NULL ? -1 : PyObject_SetAttrString(mod, "events", events);
    Py_XDECREF(events);
    if (err < 0
        || PyObject_SetAttrString(mod, "DISABLE", &_PyInstrumentation_DISABLE) < 0
        || PyObject_SetAttrString(mod, "MISSING", &_PyInstrumentation_MISSING) < 0
        || PyModule_AddIntConstant(mod, "DEBUGGER_ID", 0) < 0
        || PyModule_AddIntConstant(mod, "COVERAGE_ID", 1) < 0
        || PyModule_AddIntConstant(mod, "PROFILER_ID", 2) < 0
        || PyModule_AddIntConstant(mod, "OPTIMIZER_ID", 5) < 0) {
        Py_DECREF(mod);
        return NULL;
    }
    return mod;
}
