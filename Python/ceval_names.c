/* Names in the evaluation loop: locals that are unbound, namespaces, globals, imports.
 *
 * Helpers of instructions: objects are borrowed, results are new references or NULL with an
 * exception, ints are 0 or -1 with an exception.
 * Written from the language reference (naming and binding, import), the dis documentation and
 * the messages of 3.12. */

#include "Python.h"
#include "pycore_ceval.h"       // prototypes
#include "pycore_dict.h"        // _PyDict_LoadGlobal()
#include "pycore_errors.h"      // _PyErr_Format()
#include "pycore_interp.h"      // imports.import_func
#include "pycore_lifecycle.h"   // _Py_MakeLatePartsFor()
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_strings.h"     // _Py_ID()

/* Raises exc with a message about a name (a str), and stores the name in NameErrors. */
void
_PyEval_FormatExcCheckArg(PyThreadState *tstate, PyObject *exc, const char *format, PyObject *obj)
{
    if (obj == NULL) {
        return;
    }
    const char *name = PyUnicode_AsUTF8(obj);
    if (name == NULL) {
        return;
    }
    _PyErr_Format(tstate, exc, format, name);
    if (exc != PyExc_NameError) {
        return;
    }
    PyObject *value = PyErr_GetRaisedException();
    if (PyErr_GivenExceptionMatches(value, PyExc_NameError)) {
        PyNameErrorObject *e = (PyNameErrorObject *)value;
        if (e->name == NULL) {
            e->name = Py_NewRef(obj);
        }
    }
    PyErr_SetRaisedException(value);
}

#define UNBOUND_LOCAL "cannot access local variable '%s' where it is not associated with a value"
#define UNBOUND_FREE  "cannot access free variable '%s' where it is not associated with a value " \
                      "in enclosing scope"
#define NAME_ERROR    "name '%.200s' is not defined"

void
_PyEval_UnboundLocal(PyThreadState *tstate, _PyInterpreterFrame *frame, int oparg)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    _PyEval_FormatExcCheckArg(tstate, PyExc_UnboundLocalError, UNBOUND_LOCAL,
                              PyTuple_GET_ITEM(co->co_localsplusnames, oparg));
}

void
_PyEval_UnboundDeref(PyThreadState *tstate, PyCodeObject *co, int oparg)
{
    if (_PyErr_Occurred(tstate)) {
        return;
    }
    PyObject *name = PyTuple_GET_ITEM(co->co_localsplusnames, oparg);
    if (oparg < co->co_nlocalsplus - co->co_nfreevars) {
        _PyEval_FormatExcCheckArg(tstate, PyExc_UnboundLocalError, UNBOUND_LOCAL, name);
    }
    else {
        _PyEval_FormatExcCheckArg(tstate, PyExc_NameError, UNBOUND_FREE, name);
    }
}

/* No namespace has the name.  It may be one that was not looked at before: the value from builtins,
 * new reference; else NULL with NameError. */
static PyObject *
missing_name(PyThreadState *tstate, PyObject *builtins, PyObject *name)
{
    int made = builtins == tstate->interp->builtins ? _Py_MakeLatePartsFor(tstate, name) : 0;
    PyObject *value = made > 0 ? PyDict_GetItemWithError(builtins, name) : NULL;
    if (value != NULL) {
        return Py_NewRef(value);
    }
    if (!_PyErr_Occurred(tstate)) {
        _PyEval_FormatExcCheckArg(tstate, PyExc_NameError, NAME_ERROR, name);
    }
    return NULL;
}

/* Value of a key of a namespace in *value (new reference, NULL: no such key). */
static int
namespace_get(PyThreadState *tstate, PyObject *ns, PyObject *name, PyObject **value)
{
    if (PyDict_CheckExact(ns)) {
        *value = Py_XNewRef(PyDict_GetItemWithError(ns, name));
        return *value == NULL && _PyErr_Occurred(tstate) ? -1 : 0;
    }
    *value = PyObject_GetItem(ns, name);
    if (*value == NULL) {
        if (!_PyErr_ExceptionMatches(tstate, PyExc_KeyError)) {
            return -1;
        }
        _PyErr_Clear(tstate);
    }
    return 0;
}

PyObject *
_PyEval_LoadGlobal(PyThreadState *tstate, PyObject *globals, PyObject *builtins, PyObject *name)
{
    PyObject *v;
    if (PyDict_CheckExact(globals) && PyDict_CheckExact(builtins)) {
        v = _PyDict_LoadGlobal((PyDictObject *)globals, (PyDictObject *)builtins, name);
        if (v != NULL) {
            return Py_NewRef(v);
        }
        return _PyErr_Occurred(tstate) ? NULL : missing_name(tstate, builtins, name);
    }
    if (namespace_get(tstate, globals, name, &v) < 0) {
        return NULL;
    }
    if (v == NULL && namespace_get(tstate, builtins, name, &v) < 0) {
        return NULL;
    }
    return v != NULL ? v : missing_name(tstate, builtins, name);
}

PyObject *
_PyEval_LoadFromDictOrGlobals(PyThreadState *tstate, _PyInterpreterFrame *frame, PyObject *ns,
                              PyObject *name)
{
    PyObject *v;
    if (namespace_get(tstate, ns, name, &v) < 0) {
        return NULL;
    }
    if (v != NULL) {
        return v;
    }
    /* Here, unlike in LOAD_GLOBAL, globals is asked as a dict. */
    v = PyDict_GetItemWithError(frame->f_globals, name);
    if (v != NULL) {
        return Py_NewRef(v);
    }
    if (_PyErr_Occurred(tstate) || namespace_get(tstate, frame->f_builtins, name, &v) < 0) {
        return NULL;
    }
    return v != NULL ? v : missing_name(tstate, frame->f_builtins, name);
}

PyObject *
_PyEval_LoadFromDictOrDeref(PyThreadState *tstate, _PyInterpreterFrame *frame, PyObject *ns,
                            int oparg)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    assert(oparg >= 0 && oparg < co->co_nlocalsplus);
    PyObject *v;
    if (namespace_get(tstate, ns, PyTuple_GET_ITEM(co->co_localsplusnames, oparg), &v) < 0) {
        return NULL;
    }
    if (v == NULL) {
        PyObject *cell = PyStackRef_AsPyObjectBorrow(frame->localsplus[oparg]);
        v = Py_XNewRef(PyCell_GET(cell));
        if (v == NULL) {
            _PyEval_UnboundDeref(tstate, co, oparg);
        }
    }
    return v;
}

PyObject *
_PyEval_LoadBuildClass(PyThreadState *tstate, PyObject *builtins)
{
    PyObject *v;
    if (namespace_get(tstate, builtins, &_Py_ID(__build_class__), &v) < 0) {
        return NULL;
    }
    if (v == NULL) {
        _PyErr_SetString(tstate, PyExc_NameError, "__build_class__ not found");
    }
    return v;
}

int
_PyEval_StoreName(PyThreadState *tstate, PyObject *ns, PyObject *name, PyObject *value)
{
    if (ns == NULL) {
        _PyErr_Format(tstate, PyExc_SystemError, "no locals found when storing %R", name);
        return -1;
    }
    if (PyDict_CheckExact(ns)) {
        return PyDict_SetItem(ns, name, value);
    }
    return PyObject_SetItem(ns, name, value);
}

int
_PyEval_DeleteName(PyThreadState *tstate, PyObject *ns, PyObject *name)
{
    if (ns == NULL) {
        _PyErr_Format(tstate, PyExc_SystemError, "no locals when deleting %R", name);
        return -1;
    }
    int err = PyObject_DelItem(ns, name);
    if (err != 0) {
        _PyEval_FormatExcCheckArg(tstate, PyExc_NameError, NAME_ERROR, name);
    }
    return err;
}

int
_PyEval_DeleteGlobal(PyThreadState *tstate, PyObject *globals, PyObject *name)
{
    int err = PyDict_DelItem(globals, name);
    if (err != 0 && _PyErr_ExceptionMatches(tstate, PyExc_KeyError)) {
        _PyEval_FormatExcCheckArg(tstate, PyExc_NameError, NAME_ERROR, name);
    }
    return err;
}

int
_PyEval_SetupAnnotations(PyThreadState *tstate, PyObject *ns)
{
    if (ns == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError, "no locals found when setting up annotations");
        return -1;
    }
    PyObject *ann;
    if (namespace_get(tstate, ns, &_Py_ID(__annotations__), &ann) < 0) {
        return -1;
    }
    if (ann != NULL) {
        Py_DECREF(ann);
        return 0;
    }
    ann = PyDict_New();
    if (ann == NULL) {
        return -1;
    }
    int err = _PyEval_StoreName(tstate, ns, &_Py_ID(__annotations__), ann);
    Py_DECREF(ann);
    return err;
}

/* ---- import -------------------------------------------------------------- */

PyObject *
_PyEval_ImportName(PyThreadState *tstate, _PyInterpreterFrame *frame, PyObject *name,
                   PyObject *fromlist, PyObject *level)
{
    PyObject *func;
    if (namespace_get(tstate, frame->f_builtins, &_Py_ID(__import__), &func) < 0) {
        return NULL;
    }
    if (func == NULL) {
        _PyErr_SetString(tstate, PyExc_ImportError, "__import__ not found");
        return NULL;
    }
    PyObject *locals = frame->f_locals;
    PyObject *res;
    if (func == tstate->interp->imports.import_func) {      /* nobody replaced it */
        Py_DECREF(func);
        int ilevel = _PyLong_AsInt(level);
        if (ilevel == -1 && _PyErr_Occurred(tstate)) {
            return NULL;
        }
        return PyImport_ImportModuleLevelObject(name, frame->f_globals,
                                                locals == NULL ? Py_None : locals, fromlist,
                                                    ilevel);
    }
    PyObject *args[5] = {name, frame->f_globals, locals == NULL ? Py_None : locals, fromlist,
                         level};
    res = PyObject_Vectorcall(func, args, 5, NULL);
    Py_DECREF(func);
    return res;
}

/* True if the module's spec says that its initialisation is under way. */
static int
module_is_initializing(PyObject *module)
{
    PyObject *spec, *flag;
    int res = 0;
    if (_PyObject_LookupAttr(module, &_Py_ID(__spec__), &spec) > 0) {
        if (_PyObject_LookupAttr(spec, &_Py_ID(_initializing), &flag) > 0) {
            res = PyObject_IsTrue(flag);
            Py_DECREF(flag);
        }
        Py_DECREF(spec);
    }
    if (res < 0 || PyErr_Occurred()) {
        PyErr_Clear();
        res = res > 0;
    }
    return res;
}

static void
import_from_error(PyThreadState *tstate, PyObject *v, PyObject *name, PyObject *pkgname)
{
    PyObject *unknown = PyUnicode_FromString("<unknown module name>");
    if (unknown == NULL) {
        return;
    }
    PyObject *shown = pkgname != NULL ? pkgname : unknown;
    PyObject *path = NULL;
    PyObject *message;
    if (pkgname != NULL) {
        path = PyModule_GetFilenameObject(v);
    }
    if (path == NULL) {
        _PyErr_Clear(tstate);
        message = PyUnicode_FromFormat("cannot import name %R from %R (unknown location)",
                                       name, shown);
    }
    else if (module_is_initializing(v)) {
        message = PyUnicode_FromFormat(
            "cannot import name %R from partially initialized module %R (most likely due to a "
            "circular import) (%S)", name, shown, path);
    }
    else {
        message = PyUnicode_FromFormat("cannot import name %R from %R (%S)", name, shown, path);
    }
    Py_DECREF(unknown);
    if (message != NULL) {
        _PyErr_SetImportErrorWithNameFrom(message, pkgname, path, name);
        Py_DECREF(message);
    }
    Py_XDECREF(path);
}

/* from v import name: the attribute, or a submodule that sys.modules has under its full name. */
PyObject *
_PyEval_ImportFrom(PyThreadState *tstate, PyObject *v, PyObject *name)
{
    PyObject *x;
    if (_PyObject_LookupAttr(v, name, &x) != 0) {
        return x;
    }
    PyObject *pkgname;
    if (_PyObject_LookupAttr(v, &_Py_ID(__name__), &pkgname) < 0) {
        return NULL;
    }
    if (pkgname == NULL || !PyUnicode_Check(pkgname)) {
        Py_CLEAR(pkgname);
    }
    else {
        PyObject *fullname = PyUnicode_FromFormat("%U.%U", pkgname, name);
        if (fullname == NULL) {
            Py_DECREF(pkgname);
            return NULL;
        }
        x = PyImport_GetModule(fullname);
        Py_DECREF(fullname);
        if (x != NULL || _PyErr_Occurred(tstate)) {
            Py_DECREF(pkgname);
            return x;
        }
    }
    import_from_error(tstate, v, name, pkgname);
    Py_XDECREF(pkgname);
    return NULL;
}
