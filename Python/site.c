/* `import site`, and how further interpreters inherit what it did.
 *
 * The main interpreter imports site at its start and records the outcome: sys.path and the
 * prefixes, and the objects that site put into builtins (exit, help, ...).  Another interpreter
 * takes the first over when it is made, the second with the other late parts (lateparts.c); it does
 * not import site at all, which is why sys.modules has no site, os, ... there until somebody
 * imports them.  Its sys.__interactivehook__ imports site when it is called.
 *
 * The outcome is not inherited, and site is imported in each interpreter, when more than site
 * itself ran: source text of .pth files, sitecustomize, usercustomize; or when the site is not the
 * library's.
 * Written from the library reference (site) and observed behaviour of 3.12. */
#include "Python.h"
#include "marshal.h"
#include "pycore_import.h"      // _PyFrozen_Find()
#include "pycore_initconfig.h"
#include "pycore_lifecycle.h"
#include "pycore_pystate.h"
#include "pycore_strings.h"     // _Py_ID()

/* ---- recording, in the main interpreter ------------------------------------------------------ */

/* Did only the library's own site run?  1, 0, or -1 with an error. */
static int
is_plain(PyThreadState *tstate, PyObject *site)
{
    PyObject *modules = _PyImport_GetModules(tstate->interp);
    if (tstate->interp->site.ran_code || !PyDict_Check(modules)) {
        return 0;
    }
    PyObject *const custom[] = {&_Py_ID(sitecustomize), &_Py_ID(usercustomize)};
    for (int i = 0; i < 2; i++) {
        int has = PyDict_Contains(modules, custom[i]);
        if (has != 0) {
            return has < 0 ? -1 : 0;
        }
    }
    PyObject *spec = PyObject_GetAttr(site, &_Py_ID(__spec__));
    PyObject *origin = spec != NULL ? PyObject_GetAttr(spec, &_Py_ID(origin)) : NULL;
    Py_XDECREF(spec);
    if (origin == NULL) {
        return -1;
    }
    int frozen = PyUnicode_Check(origin) && _PyUnicode_EqualToASCIIString(origin, "frozen") &&
                 _PyFrozen_Find("_sitebuiltins") != NULL;
    Py_DECREF(origin);
    return frozen;
}

/* {name: value} of what site may have changed in sys: new reference, or NULL with an error. */
static PyObject *
sys_changes(PyThreadState *tstate)
{
    PyObject *const names[] = {
        &_Py_ID(path), &_Py_ID(prefix), &_Py_ID(exec_prefix), &_Py_ID(_home),
    };
    PyObject *changes = PyDict_New();
    for (size_t i = 0; changes != NULL && i < Py_ARRAY_LENGTH(names); i++) {
        PyObject *value = _PySys_GetAttr(tstate, names[i]);
        if (value != NULL && PyDict_SetItem(changes, names[i], value) < 0) {
            Py_CLEAR(changes);
        }
    }
    return changes;
}

/* {name: (class name, attributes)} of what site added to builtins.  New reference; NULL with an
 * error, or without one if there are other objects than those of _sitebuiltins. */
static PyObject *
builtins_additions(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    PyObject *additions = PyDict_New();
    PyObject *name, *value;
    Py_ssize_t pos = 0;
    while (additions != NULL && PyDict_Next(interp->builtins, &pos, &name, &value)) {
        PyTypeObject *type = Py_TYPE(value);
        if (PyDict_GetItemWithError(interp->builtins_copy, name) == value ||
            name == &_Py_ID(__spec__) || name == &_Py_ID(__loader__) ||
            name == &_Py_ID(__package__)) {
            continue;       /* there at the start, or set by importlib */
        }
        PyObject *module = PyObject_GetAttr((PyObject *)type, &_Py_ID(__module__));
        PyObject *attributes = module != NULL ? PyObject_GetAttr(value, &_Py_ID(__dict__)) : NULL;
        PyObject *row = NULL;
        if (attributes != NULL && PyUnicode_Check(module) &&
            _PyUnicode_EqualToASCIIString(module, "_sitebuiltins")) {
            row = Py_BuildValue("(sO)", type->tp_name, attributes);
        }
        Py_XDECREF(module);
        Py_XDECREF(attributes);
        if (row == NULL || PyDict_SetItem(additions, name, row) < 0) {
            Py_CLEAR(additions);
        }
        Py_XDECREF(row);
    }
    return additions;
}

/* Writes _PyRuntime.site.  No outcome is no error: then every interpreter imports site. */
static void
record_outcome(PyThreadState *tstate, PyObject *site)
{
    PyObject *changes = NULL, *additions = NULL, *both = NULL, *bytes = NULL;
    if (is_plain(tstate, site) > 0) {
        changes = sys_changes(tstate);
        additions = changes != NULL ? builtins_additions(tstate) : NULL;
        both = additions != NULL ? PyTuple_Pack(2, changes, additions) : NULL;
        bytes = both != NULL ? PyMarshal_WriteObjectToString(both, Py_MARSHAL_VERSION) : NULL;
    }
    if (bytes != NULL) {
        char *data = PyMem_RawMalloc((size_t)PyBytes_GET_SIZE(bytes));
        if (data != NULL) {
            memcpy(data, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
            _PyRuntime.site.size = PyBytes_GET_SIZE(bytes);
            __atomic_store_n(&_PyRuntime.site.outcome, data, __ATOMIC_RELEASE);
        }
    }
    PyErr_Clear();
    Py_XDECREF(changes);
    Py_XDECREF(additions);
    Py_XDECREF(both);
    Py_XDECREF(bytes);
}

/* At the end of the runtime. */
void
_PySite_Fini(void)
{
    PyMem_RawFree(_PyRuntime.site.outcome);
    PyMem_RawFree(_PyRuntime.site.path0);
    memset(&_PyRuntime.site, 0, sizeof(_PyRuntime.site));
}

/* ---- sys.path[0] ------------------------------------------------------------------- */

int
_PySite_SetPath0(const wchar_t *path0)
{
    wchar_t *copy = _PyMem_RawWcsdup(path0);
    if (copy == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    wchar_t *old = __atomic_exchange_n(&_PyRuntime.site.path0, copy, __ATOMIC_ACQ_REL);
    PyMem_RawFree(old);         /* set before the program runs: nobody else reads yet */
    return 0;
}

int
_PySite_PrependPath0(PyThreadState *tstate)
{
    const wchar_t *path0 = __atomic_load_n(&_PyRuntime.site.path0, __ATOMIC_ACQUIRE);
    PyObject *path = path0 != NULL ? _PySys_GetAttr(tstate, &_Py_ID(path)) : NULL;
    if (path == NULL || !PyList_Check(path)) {
        return 0;
    }
    PyObject *str = PyUnicode_FromWideChar(path0, -1);
    int res = str != NULL ? PyList_Insert(path, 0, str) : -1;
    Py_XDECREF(str);
    return res;
}

static PyStatus
import_site(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    interp->site.stage = _Py_SITE_DONE;
    interp->site.importing = 1;
    PyObject *site = PyImport_ImportModule("site");
    interp->site.importing = 0;
    if (site == NULL) {
        return _PyStatus_ERR("Failed to import the site module");
    }
    if (_Py_IsMainInterpreter(interp) && _PyRuntime.site.outcome == NULL) {
        record_outcome(tstate, site);
    }
    Py_DECREF(site);
    return _PyStatus_OK();
}

/* ---- inheriting ------------------------------------------------------------------ */

/* The outcome's first or second half: new reference, or NULL with an error. */
static PyObject *
load_outcome(Py_ssize_t half)
{
    const char *data = __atomic_load_n(&_PyRuntime.site.outcome, __ATOMIC_ACQUIRE);
    assert(data != NULL);
    PyObject *both = PyMarshal_ReadObjectFromString(data, _PyRuntime.site.size);
    if (both == NULL) {
        return NULL;
    }
    assert(PyTuple_Check(both) && PyTuple_GET_SIZE(both) == 2);
    PyObject *dict = Py_NewRef(PyTuple_GET_ITEM(both, half));
    Py_DECREF(both);
    return dict;
}

/* Replaces itself by the hook that site makes, and calls that. */
static PyObject *
register_readline(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(unused))
{
    PyObject *site = PyImport_ImportModule("site");
    if (site == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallMethod(site, "enablerlcompleter", NULL);
    Py_DECREF(site);
    if (result == NULL) {
        return NULL;
    }
    Py_DECREF(result);
    PyObject *hook = _PySys_GetAttr(_PyThreadState_GET(), &_Py_ID(__interactivehook__));
    if (hook == NULL || PyCFunction_Check(hook)) {
        PyErr_SetString(PyExc_RuntimeError, "site has set no sys.__interactivehook__");
        return NULL;
    }
    Py_INCREF(hook);
    result = PyObject_CallNoArgs(hook);
    Py_DECREF(hook);
    return result;
}

static const PyMethodDef register_readline_def = {
    "register_readline", register_readline, METH_NOARGS, NULL,
};

/* sys.__interactivehook__, as site sets it unless python is isolated. */
static int
add_interactive_hook(PyInterpreterState *interp)
{
    if (interp->config.isolated) {
        return 0;
    }
    PyObject *hook = PyCFunction_NewEx((PyMethodDef *)&register_readline_def, NULL, &_Py_ID(site));
    int res = hook != NULL ? PyDict_SetItem(interp->sysdict, &_Py_ID(__interactivehook__), hook)
                           : -1;
    Py_XDECREF(hook);
    return res;
}

/* Once in an interpreter, when configured: `import site`, or the part of its outcome that cannot
 * wait. */
PyStatus
_Py_EnsureSite(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    if (interp->site.stage != _Py_SITE_NONE || !interp->config.site_import ||
        _Py_IsBare(&interp->config)) {
        return _PyStatus_OK();
    }
    if (_Py_IsMainInterpreter(interp) ||
        __atomic_load_n(&_PyRuntime.site.outcome, __ATOMIC_ACQUIRE) == NULL) {
        return import_site(tstate);
    }
    PyObject *changes = load_outcome(0);
    if (changes == NULL || PyDict_Update(interp->sysdict, changes) < 0 ||
        add_interactive_hook(interp) < 0) {
        Py_XDECREF(changes);
        return _PyStatus_ERR("can't inherit the outcome of site");
    }
    Py_DECREF(changes);
    interp->site.stage = _Py_SITE_PENDING;
    return _PyStatus_OK();
}

/* An instance as site made it, without its __init__: new reference, or NULL with an error. */
static PyObject *
rebuild(PyObject *module, PyObject *row)
{
    PyObject *type = PyObject_GetAttr(module, PyTuple_GET_ITEM(row, 0));
    PyObject *instance = NULL;
    if (type != NULL && PyType_Check(type)) {
        PyObject *empty = PyTuple_New(0);
        instance = empty != NULL ? ((PyTypeObject *)type)->tp_new((PyTypeObject *)type, empty, NULL)
                                 : NULL;
        Py_XDECREF(empty);
    }
    Py_XDECREF(type);
    PyObject *name, *value;
    Py_ssize_t pos = 0;
    while (instance != NULL && PyDict_Next(PyTuple_GET_ITEM(row, 1), &pos, &name, &value)) {
        if (PyObject_SetAttr(instance, name, value) < 0) {
            Py_CLEAR(instance);
        }
    }
    return instance;
}

/* What site adds to builtins.  0, or -1 with an error. */
int
_PySite_Complete(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    assert(interp->site.stage == _Py_SITE_PENDING);
    interp->site.stage = _Py_SITE_DONE;
    PyObject *additions = load_outcome(1);
    PyObject *module = additions != NULL ? PyImport_ImportModule("_sitebuiltins") : NULL;
    int res = module != NULL ? 0 : -1;
    PyObject *name, *row;
    Py_ssize_t pos = 0;
    while (res == 0 && PyDict_Next(additions, &pos, &name, &row)) {
        PyObject *instance = rebuild(module, row);
        res = instance != NULL ? PyDict_SetItem(interp->builtins, name, instance) : -1;
        Py_XDECREF(instance);
    }
    Py_XDECREF(module);
    Py_XDECREF(additions);
    if (res < 0) {
        interp->site.stage = _Py_SITE_PENDING;
    }
    return res;
}
