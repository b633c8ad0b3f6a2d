/* Import: sys.modules, the import statement, built-in and frozen modules, start and end.
 *
 * Finding and loading is importlib's work (frozen); here is the fast path for what is imported
 * already, the C API, and the modules that need no file.  importlib._bootstrap comes at start or at
 * the first need (lateparts.c).  importlib._bootstrap_external (finders for
 * files) is installed at start in the main interpreter, elsewhere at the first import that is
 * neither built in nor frozen.
 *
 * State: interp->imports; the table of linked-in modules and the module indexes belong to the
 * process.  Written from the import chapter of the language reference, PEP 302, 451, 489, 3121 and
 * the C API reference ("Importing Modules"). */
#include "Python.h"
#include "pycore_errors.h"
#include "pycore_fileutils.h"
#include "pycore_heap.h"
#include "pycore_import.h"
#include "pycore_initconfig.h"
#include "pycore_lifecycle.h"
#include "pycore_moduleobject.h" // _PyModule_GetDict()
#include "pycore_object.h"
#include "pycore_private_api.h"
#include "pycore_pystate.h"
#include "pycore_strings.h"

#include "marshal.h"

#define IMPORTS(INTERP) (&(INTERP)->imports)

/* ---- sys.modules ------------------------------------------------------------------------ */

PyObject *
_PyImport_GetModules(PyInterpreterState *interp)
{
    return IMPORTS(interp)->modules;
}

PyObject *
PyImport_GetModuleDict(void)
{
    PyObject *modules = _PyImport_GetModules(_PyInterpreterState_GET());
    if (modules == NULL) {
        Py_FatalError("interpreter has no modules dictionary");
    }
    return modules;
}

/* New reference, or NULL (with an error only if the lookup failed). */
static PyObject *
modules_get(PyThreadState *tstate, PyObject *name)
{
    PyObject *modules = _PyImport_GetModules(tstate->interp);
    if (modules == NULL) {
        _PyErr_SetString(tstate, PyExc_RuntimeError, "unable to get sys.modules");
        return NULL;
    }
    if (PyDict_CheckExact(modules)) {
        return Py_XNewRef(PyDict_GetItemWithError(modules, name));
    }
    PyObject *module = PyObject_GetItem(modules, name);
    if (module == NULL && _PyErr_ExceptionMatches(tstate, PyExc_KeyError)) {
        _PyErr_Clear(tstate);
    }
    return module;
}

int
_PyImport_SetModule(PyObject *name, PyObject *module)
{
    return PyObject_SetItem(PyImport_GetModuleDict(), name, module);
}

int
_PyImport_SetModuleString(const char *name, PyObject *module)
{
    return PyMapping_SetItemString(PyImport_GetModuleDict(), name, module);
}

static int
ensure_initialized(PyThreadState *tstate, PyObject *module, PyObject *name)
{
    PyObject *spec;
    if (IMPORTS(tstate->interp)->importlib == NULL) {
        return 0;               /* nobody could have begun an import */
    }
    if (_PyObject_LookupAttr(module, &_Py_ID(__spec__), &spec) < 0) {
        return -1;
    }
    int busy = _PyModuleSpec_IsInitializing(spec);
    Py_XDECREF(spec);
    if (busy == 0) {
        return 0;
    }
    /* Another thread imports it: wait for its module lock. */
    PyObject *value = PyObject_CallMethodOneArg(IMPORTS(tstate->interp)->importlib,
                                                &_Py_ID(_lock_unlock_module), name);
    Py_XDECREF(value);
    return value != NULL ? 0 : -1;
}

/* New reference, or NULL: not imported (no error), or an error. */
PyObject *
PyImport_GetModule(PyObject *name)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *module = modules_get(tstate, name);
    if (module != NULL && module != Py_None && ensure_initialized(tstate, module, name) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}

/* The module of that name, made empty if needed: new reference, or NULL. */
PyObject *
_PyImport_AddModuleObject(PyThreadState *tstate, PyObject *name)
{
    PyObject *module = modules_get(tstate, name);
    if (module != NULL && PyModule_Check(module)) {
        return module;
    }
    Py_XDECREF(module);
    if (_PyErr_Occurred(tstate)) {
        return NULL;
    }
    module = PyModule_NewObject(name);
    if (module == NULL || _PyImport_SetModule(name, module) < 0) {
        Py_XDECREF(module);
        return NULL;
    }
    return module;
}

/* Borrowed from sys.modules. */
PyObject *
PyImport_AddModuleObject(PyObject *name)
{
    PyObject *module = _PyImport_AddModuleObject(_PyThreadState_GET(), name);
    Py_XDECREF(module);
    return module;
}

PyObject *
PyImport_AddModule(const char *name)
{
    PyObject *str = PyUnicode_FromString(name);
    if (str == NULL) {
        return NULL;
    }
    PyObject *module = PyImport_AddModuleObject(str);
    Py_DECREF(str);
    return module;
}

/* Has the interpreter a sys.modules? */
int
_PyImport_IsInitialized(PyInterpreterState *interp)
{
    return _PyImport_GetModules(interp) != NULL;
}

PyObject *
_PyImport_GetModuleId(_Py_Identifier *nameid)
{
    PyObject *name = _PyUnicode_FromId(nameid);     /* borrowed */
    return name != NULL ? PyImport_GetModule(name) : NULL;
}

static void
remove_module(PyThreadState *tstate, PyObject *name)
{
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    if (PyObject_DelItem(_PyImport_GetModules(tstate->interp), name) < 0) {
        _PyErr_Clear(tstate);
    }
    _PyErr_SetRaisedException(tstate, exc);
}

/* ---- the import lock: recursive, one per interpreter ---------------------------------------- */

void
_PyImport_AcquireLock(PyInterpreterState *interp)
{
    struct _import_state *st = IMPORTS(interp);
    unsigned long me = PyThread_get_thread_ident();
    if (st->lock == NULL) {
        st->lock = PyThread_allocate_lock();
        if (st->lock == NULL) {
            return;             /* no lock, no waiting: the GIL still guards the state */
        }
    }
    if (st->lock_owner == me) {
        st->lock_level++;
        return;
    }
    if (st->lock_owner != 0 || !PyThread_acquire_lock(st->lock, 0)) {
        PyThreadState *tstate = PyEval_SaveThread();
        PyThread_acquire_lock(st->lock, WAIT_LOCK);
        PyEval_RestoreThread(tstate);
    }
    st->lock_owner = me;
    st->lock_level = 1;
}

int
_PyImport_ReleaseLock(PyInterpreterState *interp)
{
    struct _import_state *st = IMPORTS(interp);
    unsigned long me = PyThread_get_thread_ident();
    if (st->lock == NULL) {
        return 0;
    }
    if (st->lock_owner != me) {
        return -1;
    }
    if (--st->lock_level == 0) {
        st->lock_owner = 0;
        PyThread_release_lock(st->lock);
    }
    return 1;
}

/* In a forked child: a fresh lock.  BeforeFork took it once; what the thread held before, it still
   holds. */
int
_PyImport_ReInitLock(PyInterpreterState *interp)
{
    struct _import_state *st = IMPORTS(interp);
    if (st->lock == NULL) {
        return 0;
    }
    if (_PyThread_at_fork_reinit(&st->lock) < 0) {
        return -1;
    }
    if (st->lock_level > 1) {
        PyThread_acquire_lock(st->lock, WAIT_LOCK);
        st->lock_owner = PyThread_get_thread_ident();
        st->lock_level--;
    }
    else {
        st->lock_owner = 0;
        st->lock_level = 0;
    }
    return 0;
}

/* ---- modules by index (PEP 3121) ------------------------------------------------------------- */

PyObject *
_PyImport_ModuleByIndex(PyInterpreterState *interp, Py_ssize_t index)
{
    PyObject *list = IMPORTS(interp)->modules_by_index;
    if (index <= 0 || list == NULL || index >= PyList_GET_SIZE(list)) {
        return NULL;
    }
    PyObject *module = PyList_GET_ITEM(list, index);
    return module == Py_None ? NULL : module;
}

/* Borrowed, or NULL without an error. */
PyObject *
PyState_FindModule(PyModuleDef *def)
{
    if (def->m_slots != NULL) {
        return NULL;
    }
    return _PyImport_ModuleByIndex(_PyInterpreterState_GET(), def->m_base.m_index);
}

int
_PyState_AddModule(PyThreadState *tstate, PyObject *module, PyModuleDef *def)
{
    if (def == NULL) {
        _PyErr_BadInternalCall(__FILE__, __LINE__);
        return -1;
    }
    if (def->m_slots != NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError,
                         "PyState_AddModule called on module with slots");
        return -1;
    }
    struct _import_state *st = IMPORTS(tstate->interp);
    if (st->modules_by_index == NULL) {
        st->modules_by_index = PyList_New(0);
        if (st->modules_by_index == NULL) {
            return -1;
        }
    }
    while (PyList_GET_SIZE(st->modules_by_index) <= def->m_base.m_index) {
        if (PyList_Append(st->modules_by_index, Py_None) < 0) {
            return -1;
        }
    }
    return PyList_SetItem(st->modules_by_index, def->m_base.m_index, Py_NewRef(module));
}

int
PyState_AddModule(PyObject *module, PyModuleDef *def)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (def != NULL && def->m_slots == NULL &&
        _PyImport_ModuleByIndex(tstate->interp, def->m_base.m_index) == module) {
        Py_FatalError("module already added");
    }
    return _PyState_AddModule(tstate, module, def);
}

int
PyState_RemoveModule(PyModuleDef *def)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (def->m_slots != NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError,
                         "PyState_RemoveModule called on module with slots");
        return -1;
    }
    if (_PyImport_ModuleByIndex(tstate->interp, def->m_base.m_index) == NULL) {
        Py_FatalError("Module index out of bounds.");
    }
    return PyList_SetItem(IMPORTS(tstate->interp)->modules_by_index, def->m_base.m_index,
                          Py_NewRef(Py_None));
}

/* ---- built-in modules ------------------------------------------------------------------------ */

static const struct _inittab *
find_builtin(PyObject *name)
{
    for (const struct _inittab *row = PyImport_Inittab; row->name != NULL; row++) {
        if (_PyUnicode_EqualToASCIIString(name, row->name)) {
            return row;
        }
    }
    return NULL;
}

/* More built-in modules, before the runtime starts: 0, or -1 without memory. */
int
PyImport_ExtendInittab(struct _inittab *newtab)
{
    if (_PyRuntime.core_initialized) {
        Py_FatalError("PyImport_ExtendInittab() may not be called after Py_Initialize()");
    }
    size_t added = 0, old = 0;
    while (newtab[added].name != NULL) {
        added++;
    }
    if (added == 0) {
        return 0;
    }
    while (PyImport_Inittab[old].name != NULL) {
        old++;
    }
    struct _inittab *table = PyMem_RawMalloc((old + added + 1) * sizeof(*table));
    if (table == NULL) {
        return -1;
    }
    memcpy(table, PyImport_Inittab, old * sizeof(*table));
    memcpy(table + old, newtab, (added + 1) * sizeof(*table));
    if (_PyRuntime.imports.inittab_owned) {
        PyMem_RawFree(PyImport_Inittab);
    }
    PyImport_Inittab = table;
    _PyRuntime.imports.inittab_owned = 1;
    return 0;
}

int
PyImport_AppendInittab(const char *name, PyObject *(*initfunc)(void))
{
    struct _inittab newtab[2] = {{name, initfunc}, {NULL, NULL}};
    return PyImport_ExtendInittab(newtab);
}

/* What an init function returned, finished: a new reference to the module (multi-phase: created,
 * not executed), or NULL with an error.  Takes over `m`. */
PyObject *
_PyImport_FinishInit(PyThreadState *tstate, PyObject *m, PyObject *spec, PyObject *name,
                     PyObject *path)
{
    if (m == NULL) {
        if (!_PyErr_Occurred(tstate)) {
            _PyErr_Format(tstate, PyExc_SystemError,
                          "initialization of %U failed without raising an exception", name);
        }
        return NULL;
    }
    if (_PyErr_Occurred(tstate)) {
        _PyErr_FormatFromCause(PyExc_SystemError,
                               "initialization of %U raised unreported exception", name);
        if (!PyObject_TypeCheck(m, &PyModuleDef_Type)) {
            Py_DECREF(m);
        }
        return NULL;
    }
    if (PyObject_TypeCheck(m, &PyModuleDef_Type)) {
        return PyModule_FromDefAndSpec((PyModuleDef *)m, spec);
    }
    if (!PyModule_Check(m)) {
        _PyErr_Format(tstate, PyExc_SystemError,
                      "initialization of %U did not return an extension module", name);
        Py_DECREF(m);
        return NULL;
    }
    PyModuleDef *def = PyModule_GetDef(m);
    if (def == NULL) {
        _PyErr_Format(tstate, PyExc_SystemError,
                      "initialization of %U did not return an extension module", name);
        Py_DECREF(m);
        return NULL;
    }
    if (path != NULL && PyModule_AddObjectRef(m, "__file__", path) < 0) {
        _PyErr_Clear(tstate);
    }
    assert(def->m_base.m_index > 0);     /* PyModule_Create() gave it */
    if (_PyState_AddModule(tstate, m, def) < 0) {
        Py_DECREF(m);
        return NULL;
    }
    return m;
}

/* New reference (None: no built-in of that name), or NULL with an error. */
PyObject *
_PyImport_CreateBuiltin(PyThreadState *tstate, PyObject *name, PyObject *spec)
{
    PyInterpreterState *interp = tstate->interp;
    if (name == &_Py_ID(sys) || _PyUnicode_EqualToASCIIString(name, "sys")) {
        return Py_NewRef(interp->sys_module);
    }
    if (_PyUnicode_EqualToASCIIString(name, "builtins")) {
        return Py_NewRef(interp->builtins_module);
    }
    const struct _inittab *row = find_builtin(name);
    if (row == NULL || row->initfunc == NULL) {
        Py_RETURN_NONE;
    }
    return _PyImport_FinishInit(tstate, row->initfunc(), spec, name, NULL);
}

/* ---- frozen modules -------------------------------------------------------------------------- */

/* Runs a frozen module and puts it into sys.modules: 1, 0 (no such module), or -1. */
int
PyImport_ImportFrozenModuleObject(PyObject *name)
{
    PyThreadState *tstate = _PyThreadState_GET();
    struct _frozen_info info;
    const char *utf8 = PyUnicode_AsUTF8(name);
    if (utf8 == NULL) {
        return -1;
    }
    if (!_PyFrozen_Lookup(utf8, &info)) {
        return 0;
    }
    PyObject *code = _PyFrozen_GetCode(name, &info);
    PyObject *module = code != NULL ? _PyImport_AddModuleObject(tstate, name) : NULL;
    if (module == NULL) {
        Py_XDECREF(code);
        return -1;
    }
    PyObject *dict = PyModule_GetDict(module);
    int res = -1;
    if (info.is_package) {
        PyObject *path = PyList_New(0);
        int err = path != NULL ? PyDict_SetItem(dict, &_Py_ID(__path__), path) : -1;
        Py_XDECREF(path);
        if (err < 0) {
            goto done;
        }
    }
    if (PyDict_SetItem(dict, &_Py_ID(__builtins__), tstate->interp->builtins) < 0) {
        goto done;
    }
    PyObject *result = PyEval_EvalCode(code, dict, dict);
    if (result == NULL) {
        remove_module(tstate, name);
        goto done;
    }
    Py_DECREF(result);
    PyObject *origname = info.origname == NULL ? Py_NewRef(Py_None)
                                               : PyUnicode_FromString(info.origname);
    if (origname != NULL && PyDict_SetItemString(dict, "__origname__", origname) == 0) {
        res = 1;
    }
    Py_XDECREF(origname);
done:
    Py_DECREF(code);
    Py_DECREF(module);
    return res;
}

int
PyImport_ImportFrozenModule(const char *name)
{
    PyObject *str = PyUnicode_InternFromString(name);
    if (str == NULL) {
        return -1;
    }
    int res = PyImport_ImportFrozenModuleObject(str);
    Py_DECREF(str);
    return res;
}

/* ---- the import statement -------------------------------------------------------------------- */

/* globals[name], borrowed; NULL: missing (no error) or an error. */
static PyObject *
globals_get(PyObject *globals, PyObject *name)
{
    return PyDict_GetItemWithError(globals, name);
}

/* The package that relative names start from: new reference, or NULL with an error. */
static PyObject *
calc_package(PyThreadState *tstate, PyObject *globals)
{
    PyObject *package = globals_get(globals, &_Py_ID(__package__));
    if (package == NULL && _PyErr_Occurred(tstate)) {
        return NULL;
    }
    PyObject *spec = globals_get(globals, &_Py_ID(__spec__));
    if (spec == NULL && _PyErr_Occurred(tstate)) {
        return NULL;
    }
    if (package != NULL && package != Py_None) {
        if (!PyUnicode_Check(package)) {
            _PyErr_SetString(tstate, PyExc_TypeError, "package must be a string");
            return NULL;
        }
        Py_INCREF(package);
        if (spec != NULL && spec != Py_None) {
            PyObject *parent = PyObject_GetAttr(spec, &_Py_ID(parent));
            int equal = parent != NULL ? PyObject_RichCompareBool(package, parent, Py_EQ) : -1;
            Py_XDECREF(parent);
            if (equal < 0 ||
                (equal == 0 && PyErr_WarnEx(PyExc_DeprecationWarning,
                                            "__package__ != __spec__.parent", 1) < 0)) {
                Py_DECREF(package);
                return NULL;
            }
        }
        return package;
    }
    if (spec != NULL && spec != Py_None) {
        PyObject *parent = PyObject_GetAttr(spec, &_Py_ID(parent));
        if (parent != NULL && !PyUnicode_Check(parent)) {
            Py_DECREF(parent);
            _PyErr_SetString(tstate, PyExc_TypeError, "__spec__.parent must be a string");
            return NULL;
        }
        return parent;
    }
    if (PyErr_WarnEx(PyExc_ImportWarning,
                     "can't resolve package from __spec__ or __package__, "
                     "falling back on __name__ and __path__", 1) < 0) {
        return NULL;
    }
    PyObject *name = globals_get(globals, &_Py_ID(__name__));
    if (name == NULL) {
        if (!_PyErr_Occurred(tstate)) {
            _PyErr_SetString(tstate, PyExc_KeyError, "'__name__' not in globals");
        }
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        _PyErr_SetString(tstate, PyExc_TypeError, "__name__ must be a string");
        return NULL;
    }
    int has_path = PyDict_Contains(globals, &_Py_ID(__path__));
    if (has_path < 0) {
        return NULL;
    }
    if (has_path) {
        return Py_NewRef(name);
    }
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, PyUnicode_GET_LENGTH(name), -1);
    if (dot == -2) {
        return NULL;
    }
    if (dot == -1) {
        _PyErr_SetString(tstate, PyExc_ImportError,
                         "attempted relative import with no known parent package");
        return NULL;
    }
    return PyUnicode_Substring(name, 0, dot);
}

/* The absolute name: new reference, or NULL with an error. */
static PyObject *
resolve_name(PyThreadState *tstate, PyObject *name, PyObject *globals, int level)
{
    if (globals == NULL) {
        _PyErr_SetString(tstate, PyExc_KeyError, "'__name__' not in globals");
        return NULL;
    }
    if (!PyDict_Check(globals)) {
        _PyErr_SetString(tstate, PyExc_TypeError, "globals must be a dict");
        return NULL;
    }
    PyObject *package = calc_package(tstate, globals);
    if (package == NULL) {
        return NULL;
    }
    Py_ssize_t last = PyUnicode_GET_LENGTH(package);
    if (last == 0) {
        Py_DECREF(package);
        _PyErr_SetString(tstate, PyExc_ImportError,
                         "attempted relative import with no known parent package");
        return NULL;
    }
    for (int up = 1; up < level; up++) {
        last = PyUnicode_FindChar(package, '.', 0, last, -1);
        if (last < 0) {
            Py_DECREF(package);
            if (last == -1) {
                _PyErr_SetString(tstate, PyExc_ImportError,
                                 "attempted relative import beyond top-level package");
            }
            return NULL;
        }
    }
    PyObject *base = PyUnicode_Substring(package, 0, last);
    Py_DECREF(package);
    if (base == NULL || PyUnicode_GET_LENGTH(name) == 0) {
        return base;
    }
    PyObject *abs_name = PyUnicode_FromFormat("%U.%U", base, name);
    Py_DECREF(base);
    return abs_name;
}

/* Values of external_installed, beside 0. */
enum { EXTERNAL_MADE = 1, EXTERNAL_MAKING };     /* the latter under the import lock */

int
_PyImport_EnsureExternal(PyThreadState *tstate)
{
    PyStatus status = _PyImport_InitExternal(tstate);
    if (_PyStatus_EXCEPTION(status)) {
        if (!_PyErr_Occurred(tstate)) {
            _PyErr_SetFromPyStatus(status);
        }
        return -1;
    }
    return 0;
}

/* Completes importlib when a name is neither built in nor frozen.  0, or -1 with an error. */
static int
ensure_external(PyThreadState *tstate, PyObject *name)
{
    struct _import_state *st = IMPORTS(tstate->interp);
    if (st->external_installed == EXTERNAL_MADE) {
        return 0;
    }
    const char *utf8 = PyUnicode_AsUTF8(name);
    if (utf8 == NULL) {
        return -1;
    }
    const struct _PyFrozenModule *row = _PyFrozen_Find(utf8);
    if (find_builtin(name) != NULL ||
        (row != NULL && strstr(utf8, "importlib") == NULL && _PyFrozen_IsFirst(tstate, row))) {
        return 0;
    }
    return _PyImport_EnsureExternal(tstate);
}

/* -X importtime: before and after an import.  The time of the imports inside it is kept apart; the
   first call prints the header.  Returns what is to be given to show_import_time(). */
static int64_t
start_import_time(struct _import_state *st)
{
    if (!st->time_header_shown) {
        st->time_header_shown = 1;
        fputs("import time: self [us] | cumulative | imported package\n", stderr);
    }
    int64_t outer = st->time_nested;
    st->time_nested = 0;
    st->time_level++;
    return outer;
}

static void
show_import_time(struct _import_state *st, PyObject *abs_name, _PyTime_t cumulative, int64_t outer)
{
    PyObject *exc = PyErr_GetRaisedException();
    const char *name = PyUnicode_AsUTF8(abs_name);
    PyErr_Clear();
    st->time_level--;
    assert(st->time_level >= 0);
    fprintf(stderr, "import time: %9ld | %10ld | %*s%s\n",
            (long)_PyTime_AsMicroseconds(cumulative - st->time_nested, _PyTime_ROUND_CEILING),
            (long)_PyTime_AsMicroseconds(cumulative, _PyTime_ROUND_CEILING),
            2 * st->time_level, "", name != NULL ? name : "?");
    st->time_nested = outer + cumulative;
    PyErr_SetRaisedException(exc);
}

static int
is_importlib_entry(const PyTracebackObject *entry, int *ends_chunk)
{
    PyCodeObject *code = PyFrame_GetCode(entry->tb_frame);
    int res = _PyUnicode_EqualToASCIIString(code->co_filename, "<frozen importlib._bootstrap>")
              || _PyUnicode_EqualToASCIIString(code->co_filename,
                                               "<frozen importlib._bootstrap_external>");
    *ends_chunk = _PyUnicode_EqualToASCIIString(code->co_name, "_call_with_frames_removed");
    Py_DECREF(code);
    return res;
}

/* Takes the entries of importlib out of the pending exception's traceback: all runs of them for an
   ImportError, else the runs up to _call_with_frames_removed(), which importlib calls for this
   purpose.  With -v they stay. */
static void
remove_importlib_frames(PyThreadState *tstate)
{
    if (tstate->interp->config.verbose) {
        return;
    }
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    assert(exc != NULL);
    int all = PyErr_GivenExceptionMatches(exc, PyExc_ImportError);
    PyTracebackObject *head = (PyTracebackObject *)PyException_GetTraceback(exc);
    PyTracebackObject **link = &head, **run = NULL;
    int changed = 0;
    while (*link != NULL) {
        PyTracebackObject *entry = *link;
        int ends_chunk;
        if (!is_importlib_entry(entry, &ends_chunk)) {
            run = NULL;
        }
        else {
            run = run != NULL ? run : link;
            if (all || ends_chunk) {
                Py_XINCREF(entry->tb_next);
                Py_SETREF(*run, entry->tb_next);
                link = run;
                changed = 1;
                continue;
            }
        }
        link = &entry->tb_next;
    }
    if (changed) {
        (void)PyException_SetTraceback(exc, head != NULL ? (PyObject *)head : Py_None);
    }
    Py_XDECREF(head);
    _PyErr_SetRaisedException(tstate, exc);
}

static PyObject *
find_and_load(PyThreadState *tstate, PyObject *abs_name)
{
    PyInterpreterState *interp = tstate->interp;
    struct _import_state *st = IMPORTS(interp);
    if (_Py_LatePartsWait(interp) && _Py_MakeLateParts(tstate) < 0) {
        return NULL;
    }
    if (st->importlib == NULL) {
        /* bare mode: what is linked in, and nothing else */
        const struct _inittab *row = find_builtin(abs_name);
        if (row != NULL) {
            PyObject *spec_dict = PyDict_New();
            PyObject *spec = spec_dict != NULL ? _PyNamespace_New(spec_dict) : NULL;
            Py_XDECREF(spec_dict);
            PyObject *module = NULL;
            if (spec != NULL && PyObject_SetAttr(spec, &_Py_ID(name), abs_name) == 0) {
                module = _PyImport_CreateBuiltin(tstate, abs_name, spec);
            }
            Py_XDECREF(spec);
            if (module != NULL && (_PyImport_SetModule(abs_name, module) < 0 ||
                (PyModule_GetDef(module) != NULL &&
                 PyModule_ExecDef(module, PyModule_GetDef(module)) < 0))) {
                remove_module(tstate, abs_name);
                Py_CLEAR(module);
            }
            return module;
        }
        PyErr_Format(PyExc_ModuleNotFoundError, "No module named %R", abs_name);
        return NULL;
    }
    if (ensure_external(tstate, abs_name) < 0) {
        return NULL;
    }
    PyObject *sys_path = _PySys_GetAttr(tstate, &_Py_ID(path));
    PyObject *meta_path = _PySys_GetAttr(tstate, &_Py_ID(meta_path));
    PyObject *hooks = _PySys_GetAttr(tstate, &_Py_ID(path_hooks));
    if (PySys_Audit("import", "OOOOO", abs_name, Py_None, sys_path != NULL ? sys_path : Py_None,
                    meta_path != NULL ? meta_path : Py_None,
                    hooks != NULL ? hooks : Py_None) < 0) {
        return NULL;
    }
    int timed = interp->config.import_time;
    int64_t outer = 0;
    _PyTime_t start = 0;
    if (timed) {
        outer = start_import_time(st);
        start = _PyTime_GetPerfCounter();
    }
    PyObject *mod = PyObject_CallMethodObjArgs(st->importlib, &_Py_ID(_find_and_load), abs_name,
                                               st->import_func != NULL ? st->import_func : Py_None,
                                               NULL);
    if (timed) {
        show_import_time(st, abs_name, _PyTime_GetPerfCounter() - start, outer);
    }
    return mod;
}

/* What `import a.b.c` binds: the module a.  Takes no references, returns a new one. */
static PyObject *
top_level_of(PyThreadState *tstate, PyObject *name, PyObject *abs_name, PyObject *module, int level)
{
    Py_ssize_t len = PyUnicode_GET_LENGTH(name);
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, len, 1);
    if (level != 0 && len == 0) {
        return Py_NewRef(module);
    }
    if (dot == -2) {
        return NULL;
    }
    if (dot == -1) {
        return Py_NewRef(module);
    }
    if (level == 0) {
        PyObject *front = PyUnicode_Substring(name, 0, dot);
        PyObject *result = front != NULL
            ? PyImport_ImportModuleLevelObject(front, NULL, NULL, NULL, 0) : NULL;
        Py_XDECREF(front);
        return result;
    }
    PyObject *to_return = PyUnicode_Substring(abs_name, 0,
                                              PyUnicode_GET_LENGTH(abs_name) - (len - dot));
    if (to_return == NULL) {
        return NULL;
    }
    PyObject *result = modules_get(tstate, to_return);
    if (result == NULL && !_PyErr_Occurred(tstate)) {
        _PyErr_Format(tstate, PyExc_KeyError, "%R not in sys.modules as expected", to_return);
    }
    Py_DECREF(to_return);
    return result;
}

/* __import__: new reference, or NULL with an error. */
PyObject *
PyImport_ImportModuleLevelObject(PyObject *name, PyObject *globals, PyObject *locals,
                                 PyObject *fromlist, int level)
{
    (void)locals;
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *abs_name = NULL, *mod = NULL, *result = NULL;
    if (name == NULL) {
        _PyErr_SetString(tstate, PyExc_ValueError, "Empty module name");
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        _PyErr_SetString(tstate, PyExc_TypeError, "module name must be a string");
        return NULL;
    }
    if (level < 0) {
        _PyErr_SetString(tstate, PyExc_ValueError, "level must be >= 0");
        return NULL;
    }
    if (level > 0) {
        abs_name = resolve_name(tstate, name, globals, level);
        if (abs_name == NULL) {
            return NULL;
        }
    }
    else {
        if (PyUnicode_GET_LENGTH(name) == 0) {
            _PyErr_SetString(tstate, PyExc_ValueError, "Empty module name");
            return NULL;
        }
        abs_name = Py_NewRef(name);
    }
    mod = modules_get(tstate, abs_name);
    if (mod == NULL && _PyErr_Occurred(tstate)) {
        goto done;
    }
    if (mod != NULL && mod != Py_None) {
        if (ensure_initialized(tstate, mod, abs_name) < 0) {
            goto done;
        }
    }
    else {
        Py_XDECREF(mod);
        mod = find_and_load(tstate, abs_name);
        if (mod == NULL) {
            goto done;
        }
    }
    int has_from = 0;
    if (fromlist != NULL && fromlist != Py_None) {
        has_from = PyObject_IsTrue(fromlist);
        if (has_from < 0) {
            goto done;
        }
    }
    if (!has_from) {
        result = top_level_of(tstate, name, abs_name, mod, level);
        goto done;
    }
    PyObject *path;
    if (_PyObject_LookupAttr(mod, &_Py_ID(__path__), &path) < 0) {
        goto done;
    }
    if (path != NULL) {
        Py_DECREF(path);
        struct _import_state *st = IMPORTS(tstate->interp);
        result = st->importlib == NULL ? Py_NewRef(mod)
            : PyObject_CallMethodObjArgs(st->importlib, &_Py_ID(_handle_fromlist), mod, fromlist,
                                         st->import_func, NULL);
    }
    else {
        result = Py_NewRef(mod);
    }
done:
    Py_XDECREF(abs_name);
    Py_XDECREF(mod);
    if (result == NULL) {
        remove_importlib_frames(tstate);
    }
    return result;
}

PyObject *
PyImport_ImportModuleLevel(const char *name, PyObject *globals, PyObject *locals,
                           PyObject *fromlist, int level)
{
    PyObject *str = PyUnicode_FromString(name);
    if (str == NULL) {
        return NULL;
    }
    PyObject *module = PyImport_ImportModuleLevelObject(str, globals, locals, fromlist, level);
    Py_DECREF(str);
    return module;
}

/* Through the current globals' __import__, which an import hook may have replaced. */
PyObject *
PyImport_Import(PyObject *module_name)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *globals = PyEval_GetGlobals(), *builtins = NULL, *import = NULL, *result = NULL;
    if (globals != NULL) {
        Py_INCREF(globals);
        builtins = PyObject_GetItem(globals, &_Py_ID(__builtins__));
        if (builtins == NULL) {
            _PyErr_Clear(tstate);
        }
    }
    if (builtins == NULL) {
        Py_XDECREF(globals);
        builtins = Py_XNewRef(tstate->interp->builtins);
        if (builtins == NULL) {
            _PyErr_SetString(tstate, PyExc_ImportError, "__import__ not found");
            return NULL;
        }
        globals = PyDict_New();
        if (globals == NULL || PyDict_SetItem(globals, &_Py_ID(__builtins__), builtins) < 0) {
            goto done;
        }
    }
    if (PyDict_Check(builtins)) {
        import = PyObject_GetItem(builtins, &_Py_ID(__import__));
        if (import == NULL) {
            _PyErr_SetObject(tstate, PyExc_KeyError, &_Py_ID(__import__));
        }
    }
    else {
        import = PyObject_GetAttr(builtins, &_Py_ID(__import__));
    }
    if (import == NULL) {
        goto done;
    }
    PyObject *from = PyList_New(0);
    PyObject *r = from == NULL ? NULL
        : PyObject_CallFunction(import, "OOOOi", module_name, globals, globals, from, 0);
    Py_XDECREF(from);
    if (r == NULL) {
        goto done;
    }
    Py_DECREF(r);
    result = modules_get(tstate, module_name);
    if (result == NULL && !_PyErr_Occurred(tstate)) {
        _PyErr_SetObject(tstate, PyExc_KeyError, module_name);
    }
done:
    Py_XDECREF(globals);
    Py_XDECREF(builtins);
    Py_XDECREF(import);
    return result;
}

PyObject *
PyImport_ImportModule(const char *name)
{
    PyObject *str = PyUnicode_FromString(name);
    if (str == NULL) {
        return NULL;
    }
    PyObject *module = PyImport_Import(str);
    Py_DECREF(str);
    return module;
}

PyObject *
PyImport_ImportModuleNoBlock(const char *name)
{
    return PyImport_ImportModule(name);
}

PyObject *
_PyImport_GetModuleAttr(PyObject *modname, PyObject *attrname)
{
    PyObject *module = PyImport_Import(modname);
    if (module == NULL) {
        return NULL;
    }
    PyObject *value = PyObject_GetAttr(module, attrname);
    Py_DECREF(module);
    return value;
}

PyObject *
_PyImport_GetModuleAttrString(const char *modname, const char *attrname)
{
    PyObject *module = PyImport_ImportModule(modname);
    if (module == NULL) {
        return NULL;
    }
    PyObject *value = PyObject_GetAttrString(module, attrname);
    Py_DECREF(module);
    return value;
}

PyObject *
PyImport_ReloadModule(PyObject *module)
{
    PyObject *reload = _PyImport_GetModuleAttrString("importlib", "reload");
    if (reload == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallOneArg(reload, module);
    Py_DECREF(reload);
    return result;
}

/* ---- running code as a module ---------------------------------------------------------------- */

static PyObject *
exec_code_in_module(PyThreadState *tstate, PyObject *name, PyObject *dict, PyObject *code)
{
    PyObject *v = PyEval_EvalCode(code, dict, dict);
    if (v == NULL) {
        remove_module(tstate, name);
        return NULL;
    }
    Py_DECREF(v);
    PyObject *module = modules_get(tstate, name);
    if (module == NULL && !_PyErr_Occurred(tstate)) {
        _PyErr_Format(tstate, PyExc_ImportError, "Loaded module %R not found in sys.modules", name);
    }
    return module;
}

PyObject *
PyImport_ExecCodeModuleObject(PyObject *name, PyObject *co, PyObject *pathname, PyObject *cpathname)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *module = _PyImport_AddModuleObject(tstate, name);
    if (module == NULL) {
        return NULL;
    }
    PyObject *dict = Py_NewRef(PyModule_GetDict(module));
    Py_DECREF(module);
    PyObject *result = NULL;
    int has = PyDict_Contains(dict, &_Py_ID(__builtins__));
    if (has < 0 || (has == 0 && PyDict_SetItem(dict, &_Py_ID(__builtins__),
                                               tstate->interp->builtins) < 0)) {
        goto done;
    }
    PyObject *external = _PyImport_GetModuleAttrString("importlib", "_bootstrap_external");
    if (external == NULL) {
        goto done;
    }
    PyObject *res = PyObject_CallMethodObjArgs(
        external, &_Py_ID(_fix_up_module), dict, name,
        pathname != NULL ? pathname : ((PyCodeObject *)co)->co_filename,
        cpathname != NULL ? cpathname : Py_None, NULL);
    Py_DECREF(external);
    if (res != NULL) {
        Py_DECREF(res);
        result = exec_code_in_module(tstate, name, dict, co);
    }
done:
    Py_DECREF(dict);
    return result;
}

PyObject *
PyImport_ExecCodeModuleWithPathnames(const char *name, PyObject *co, const char *pathname,
                                     const char *cpathname)
{
    PyObject *module = NULL, *path = NULL, *cpath = NULL;
    PyObject *nameobj = PyUnicode_FromString(name);
    if (nameobj == NULL) {
        return NULL;
    }
    if ((cpathname == NULL || (cpath = PyUnicode_DecodeFSDefault(cpathname)) != NULL) &&
        (pathname == NULL || (path = PyUnicode_DecodeFSDefault(pathname)) != NULL)) {
        module = PyImport_ExecCodeModuleObject(nameobj, co, path, cpath);
    }
    Py_DECREF(nameobj);
    Py_XDECREF(path);
    Py_XDECREF(cpath);
    return module;
}

PyObject *
PyImport_ExecCodeModuleEx(const char *name, PyObject *co, const char *pathname)
{
    return PyImport_ExecCodeModuleWithPathnames(name, co, pathname, NULL);
}

PyObject *
PyImport_ExecCodeModule(const char *name, PyObject *co)
{
    return PyImport_ExecCodeModuleWithPathnames(name, co, NULL, NULL);
}

/* The finder for a path entry, from sys.path_importer_cache or sys.path_hooks: new reference (None:
 * no hook takes it), or NULL with an error. */
PyObject *
PyImport_GetImporter(PyObject *path)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *cache = _PySys_GetAttr(tstate, &_Py_ID(path_importer_cache));
    PyObject *hooks = _PySys_GetAttr(tstate, &_Py_ID(path_hooks));
    if (cache == NULL || hooks == NULL || !PyList_Check(hooks) || !PyDict_Check(cache)) {
        _PyErr_SetString(tstate, PyExc_RuntimeError,
                         "sys.path_hooks or sys.path_importer_cache is lost");
        return NULL;
    }
    PyObject *importer = PyDict_GetItemWithError(cache, path);
    if (importer != NULL || _PyErr_Occurred(tstate)) {
        return Py_XNewRef(importer);
    }
    if (PyDict_SetItem(cache, path, Py_None) < 0) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(hooks); i++) {
        PyObject *hook = Py_NewRef(PyList_GET_ITEM(hooks, i));
        importer = PyObject_CallOneArg(hook, path);
        Py_DECREF(hook);
        if (importer != NULL) {
            break;
        }
        if (!_PyErr_ExceptionMatches(tstate, PyExc_ImportError)) {
            return NULL;
        }
        _PyErr_Clear(tstate);
    }
    if (importer == NULL) {
        Py_RETURN_NONE;
    }
    if (PyDict_SetItem(cache, path, importer) < 0) {
        Py_DECREF(importer);
        return NULL;
    }
    return importer;
}

/* ---- magic ----------------------------------------------------------------------------------- */

long
PyImport_GetMagicNumber(void)
{
    return (long)_Py_PYC_MAGIC_WORD;
}

const char *
PyImport_GetMagicTag(void)
{
    PyObject *impl = PySys_GetObject("implementation");
    PyObject *tag = impl != NULL ? PyObject_GetAttr(impl, &_Py_ID(cache_tag)) : NULL;
    const char *text = tag != NULL && PyUnicode_Check(tag) ? PyUnicode_AsUTF8(tag) : NULL;
    Py_XDECREF(tag);            /* sys.implementation keeps it */
    return text;
}

/* ---- start ----------------------------------------------------------------------------------- */

PyStatus
_PyImport_Init(void)
{
    assert(PyImport_Inittab != NULL);
    return _PyStatus_OK();
}

void
_PyImport_Fini(void)
{
    /* The table of built-in modules stays for the next Py_Initialize(), as documented. */
    _PyImport_ForgetExtensions();
}

/* The code of importlib/_bootstrap*.py in an interpreter without frozen modules: compiled from
 * source.  New reference, or NULL with an error. */
static PyObject *
compile_importlib(PyThreadState *tstate, const char *filename, const char *frozen_name)
{
    const wchar_t *stdlib = tstate->interp->config.stdlib_dir;
    char path[4096], name[64];
    char *dir = stdlib != NULL ? _Py_EncodeLocaleRaw(stdlib, NULL) : NULL;
    if (dir == NULL) {
        _PyErr_SetString(tstate, PyExc_ImportError, "the standard library was not found");
        return NULL;
    }
    PyOS_snprintf(path, sizeof(path), "%s/importlib/%s", dir, filename);
    PyOS_snprintf(name, sizeof(name), "<frozen %s>", frozen_name);
    PyMem_RawFree(dir);
    FILE *fp = fopen(path, "rb");
    if (fp == NULL) {
        PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
        return NULL;
    }
    PyObject *code = NULL;
    char *text = NULL;
    long size = fseek(fp, 0, SEEK_END) == 0 ? ftell(fp) : -1;
    if (size >= 0 && fseek(fp, 0, SEEK_SET) == 0) {
        text = PyMem_Malloc((size_t)size + 1);
        if (text == NULL) {
            PyErr_NoMemory();
        }
        else if (fread(text, 1, (size_t)size, fp) == (size_t)size) {
            text[size] = '\0';
            code = Py_CompileString(text, name, Py_file_input);
        }
        else {
            PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
        }
    }
    else {
        PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
    }
    PyMem_Free(text);
    fclose(fp);
    return code;
}

/* Loads importlib's module under its frozen name: new reference, or NULL with an error. */
static PyObject *
load_importlib(PyThreadState *tstate, const char *name, const char *filename, const char *origname)
{
    const struct _PyFrozenModule *row = _PyFrozen_Find(name);
    PyObject *str = PyUnicode_InternFromString(name);
    PyObject *module = NULL;
    if (str == NULL) {
        return NULL;
    }
    if (row != NULL && row->code != NULL) {
        if (PyImport_ImportFrozenModuleObject(str) > 0) {
            module = modules_get(tstate, str);
        }
    }
    else {
        PyObject *code = compile_importlib(tstate, filename, origname);
        module = code != NULL ? _PyImport_AddModuleObject(tstate, str) : NULL;
        if (module != NULL) {
            PyObject *dict = PyModule_GetDict(module);
            PyObject *result = NULL;
            if (PyDict_SetItem(dict, &_Py_ID(__builtins__), tstate->interp->builtins) == 0) {
                result = PyEval_EvalCode(code, dict, dict);
            }
            if (result == NULL) {
                Py_CLEAR(module);
            }
            Py_XDECREF(result);
        }
        Py_XDECREF(code);
    }
    Py_DECREF(str);
    return module;
}

/* _imp as a module that is not yet found by import: new reference, or NULL. */
static PyObject *
bootstrap_imp(PyThreadState *tstate)
{
    PyObject *name = PyUnicode_InternFromString("_imp");
    PyObject *dict = PyDict_New();
    PyObject *spec = dict != NULL ? _PyNamespace_New(dict) : NULL;
    PyObject *module = NULL;
    Py_XDECREF(dict);
    if (name != NULL && spec != NULL && PyObject_SetAttr(spec, &_Py_ID(name), name) == 0) {
        module = _PyImport_CreateBuiltin(tstate, name, spec);
        if (module != NULL && PyModule_ExecDef(module, PyModule_GetDef(module)) < 0) {
            Py_CLEAR(module);
        }
    }
    Py_XDECREF(name);
    Py_XDECREF(spec);
    return module;
}

PyStatus
_PyImport_InitCore(PyThreadState *tstate, int importlib)
{
    PyInterpreterState *interp = tstate->interp;
    struct _import_state *st = IMPORTS(interp);
    st->import_func = Py_XNewRef(PyDict_GetItemWithError(interp->builtins, &_Py_ID(__import__)));
    if (st->import_func == NULL) {
        return _PyStatus_ERR("__import__ not found");
    }
    if (!importlib) {
        return PyDict_SetItem(interp->sysdict, &_Py_ID(modules), st->modules) < 0
            ? _PyStatus_ERR("can't set sys.modules") : _PyStatus_OK();
    }
    PyObject *path = PyList_New(0);
    int failed = path == NULL || PyDict_SetItem(interp->sysdict, &_Py_ID(path), path) < 0;
    Py_XDECREF(path);
    if (failed) {
        return _PyStatus_ERR("can't set sys.path");
    }
    return _PyFrozen_Init(tstate) < 0 ? _PyStatus_ERR("failed to initialize frozen code")
                                      : _PyStatus_OK();
}

/* What importlib finds in sys; a value that is there stays.  0, or -1 with an error. */
static int
set_import_names(PyInterpreterState *interp)
{
    struct {
        PyObject *name, *value;
    } const rows[] = {
        {&_Py_ID(modules), Py_NewRef(IMPORTS(interp)->modules)},
        {&_Py_ID(meta_path), PyList_New(0)},
        {&_Py_ID(path_importer_cache), PyDict_New()},
        {&_Py_ID(path_hooks), PyList_New(0)},
    };
    int res = 0;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(rows); i++) {
        if (rows[i].value == NULL ||
            PyDict_SetDefault(interp->sysdict, rows[i].name, rows[i].value) == NULL) {
            res = -1;
        }
        Py_XDECREF(rows[i].value);
    }
    return res;
}

int
_PyImport_SetMainLoader(PyThreadState *tstate)
{
    struct _import_state *st = IMPORTS(tstate->interp);
    PyObject *module = PyDict_Check(st->modules)
        ? PyDict_GetItemWithError(st->modules, &_Py_ID(__main__)) : NULL;
    if (st->importlib == NULL || module == NULL || !PyModule_Check(module)) {
        return PyErr_Occurred() ? -1 : 0;
    }
    PyObject *dict = _PyModule_GetDict(module);
    PyObject *old = PyDict_GetItemWithError(dict, &_Py_ID(__loader__));
    if (old != NULL ? old != Py_None : PyErr_Occurred() != NULL) {
        return old != NULL ? 0 : -1;        /* the program set another one */
    }
    PyObject *loader = PyObject_GetAttrString(st->importlib, "BuiltinImporter");
    int res = loader != NULL ? PyDict_SetItem(dict, &_Py_ID(__loader__), loader) : -1;
    Py_XDECREF(loader);
    return res;
}

/* importlib._bootstrap, _imp and what the former installs: NULL, or the words of a failure. */
static const char *
install_importlib(PyThreadState *tstate)
{
    struct _import_state *st = IMPORTS(tstate->interp);
    if (set_import_names(tstate->interp) < 0) {
        return "initializing sys.meta_path, sys.path_hooks or path_importer_cache failed";
    }
    st->importlib = load_importlib(tstate, "_frozen_importlib", "_bootstrap.py",
                                   "importlib._bootstrap");
    if (st->importlib == NULL) {
        return "failed to import _frozen_importlib";
    }
    PyObject *imp = bootstrap_imp(tstate);
    if (imp == NULL || _PyImport_SetModule(&_Py_ID(_imp), imp) < 0) {
        Py_XDECREF(imp);
        return "failed to import _imp";
    }
    PyObject *value = PyObject_CallMethod(st->importlib, "_install", "OO",
                                          tstate->interp->sys_module, imp);
    Py_DECREF(imp);
    Py_XDECREF(value);
    return value == NULL || _PyImport_SetMainLoader(tstate) < 0 ? "importlib install failed" : NULL;
}

/* After a failure: the next try finds nothing of this one. */
static void
uninstall_importlib(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    PyObject *const names[] = {
        &_Py_ID(modules), &_Py_ID(meta_path), &_Py_ID(path_importer_cache), &_Py_ID(path_hooks),
    };
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    Py_CLEAR(IMPORTS(interp)->importlib);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        if (PyDict_DelItem(interp->sysdict, names[i]) < 0) {
            _PyErr_Clear(tstate);
        }
    }
    remove_module(tstate, &_Py_ID(_frozen_importlib));
    remove_module(tstate, &_Py_ID(_imp));
    _PyErr_SetRaisedException(tstate, exc);
}

PyStatus
_PyImport_InitImportlib(PyThreadState *tstate)
{
    if (IMPORTS(tstate->interp)->importlib != NULL) {
        return _PyStatus_OK();
    }
    const char *failure = install_importlib(tstate);
    if (failure != NULL) {
        uninstall_importlib(tstate);
        return _PyStatus_ERR(failure);
    }
    return _PyStatus_OK();
}

/* The stdlib's file names CPython's magic number: ours replaces it before any import by path. */
static int
set_magic_number(PyObject *external)
{
    uint32_t word = _Py_PYC_MAGIC_WORD;
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)&word, 4);
    PyObject *raw = PyLong_FromUnsignedLong(word);
    int res = -1;
    if (bytes != NULL && raw != NULL &&
        PyObject_SetAttrString(external, "MAGIC_NUMBER", bytes) == 0 &&
        PyObject_SetAttrString(external, "_RAW_MAGIC_NUMBER", raw) == 0) {
        res = 0;
    }
    Py_XDECREF(bytes);
    Py_XDECREF(raw);
    return res;
}

/* zipimport's hook goes first in sys.path_hooks; a missing zipimport is no error. */
static int
init_zipimport(PyThreadState *tstate)
{
    PyObject *hooks = _PySys_GetAttr(tstate, &_Py_ID(path_hooks));
    PyObject *type = _PyImport_GetModuleAttrString("zipimport", "zipimporter");
    if (type == NULL) {
        if (!_PyErr_ExceptionMatches(tstate, PyExc_ImportError)) {
            return -1;
        }
        _PyErr_Clear(tstate);
        return 0;
    }
    int res = hooks != NULL ? PyList_Insert(hooks, 0, type) : -1;
    Py_DECREF(type);
    return res;
}

/* importlib._bootstrap_external: imported like any frozen module, so that it has its spec; new
 * reference, or NULL with an error. */
static PyObject *
load_external(PyThreadState *tstate)
{
    PyObject *name = &_Py_ID(_frozen_importlib_external);
    if (_PyFrozen_Find("_frozen_importlib_external") == NULL) {
        return load_importlib(tstate, "_frozen_importlib_external", "_bootstrap_external.py",
                              "importlib._bootstrap_external");
    }
    return PyImport_ImportModuleLevelObject(name, NULL, NULL, NULL, 0);
}

static PyStatus
install_external(PyThreadState *tstate)
{
    struct _import_state *st = IMPORTS(tstate->interp);
    PyObject *external = load_external(tstate);
    if (external == NULL || set_magic_number(external) < 0) {
        Py_XDECREF(external);
        return _PyStatus_ERR("external importer setup failed");
    }
    Py_XSETREF(st->importlib_external, external);
    PyObject *value = PyObject_CallMethod(external, "_set_bootstrap_module", "O", st->importlib);
    Py_XDECREF(value);
    if (value != NULL) {
        value = PyObject_CallMethod(external, "_install", "O", st->importlib);
        Py_XDECREF(value);
    }
    if (value == NULL ||
        PyObject_SetAttrString(st->importlib, "_bootstrap_external", external) < 0) {
        return _PyStatus_ERR("external importer setup failed");
    }
    if (init_zipimport(tstate) < 0) {
        return _PyStatus_ERR("initializing zipimport failed");
    }
    if (_PyFrozen_FixImported(tstate) < 0) {
        return _PyStatus_ERR("can't complete the specs of frozen modules");
    }
    return _PyStatus_OK();
}

/* A copy of a list of sys; NULL: there is none, or an error. */
static PyObject *
copy_of_list(PyThreadState *tstate, PyObject *name)
{
    PyObject *list = _PySys_GetAttr(tstate, name);
    return list != NULL && PyList_Check(list) ? PyList_GetSlice(list, 0, PY_SSIZE_T_MAX) : NULL;
}

static void
restore_list(PyThreadState *tstate, PyObject *name, PyObject *copy)
{
    PyObject *list = copy != NULL ? _PySys_GetAttr(tstate, name) : NULL;
    if (list != NULL && PyList_SetSlice(list, 0, PY_SSIZE_T_MAX, copy) < 0) {
        _PyErr_Clear(tstate);
    }
}

/* Under the import lock.  After a failure the lists of finders are as before: it may be tried
 * again. */
static PyStatus
try_install_external(PyThreadState *tstate)
{
    PyObject *finders = copy_of_list(tstate, &_Py_ID(meta_path));
    PyObject *hooks = copy_of_list(tstate, &_Py_ID(path_hooks));
    PyStatus status = _PyErr_Occurred(tstate) ? _PyStatus_NO_MEMORY() : install_external(tstate);
    if (_PyStatus_EXCEPTION(status)) {
        PyObject *exc = _PyErr_GetRaisedException(tstate);
        restore_list(tstate, &_Py_ID(meta_path), finders);
        restore_list(tstate, &_Py_ID(path_hooks), hooks);
        _PyErr_SetRaisedException(tstate, exc);
    }
    Py_XDECREF(finders);
    Py_XDECREF(hooks);
    return status;
}

/* Installs the finders for files once; other threads wait until they are there. */
PyStatus
_PyImport_InitExternal(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    struct _import_state *st = IMPORTS(interp);
    if (st->external_installed == EXTERNAL_MADE || st->importlib == NULL) {
        return _PyStatus_OK();
    }
    _PyImport_AcquireLock(interp);
    if (st->lock == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    PyStatus status = _PyStatus_OK();
    if (!st->external_installed) {      /* making them imports, too */
        st->external_installed = EXTERNAL_MAKING;
        status = try_install_external(tstate);
        st->external_installed = _PyStatus_EXCEPTION(status) ? 0 : EXTERNAL_MADE;
    }
    (void)_PyImport_ReleaseLock(interp);
    return status;
}

/* ---- end ------------------------------------------------------------------------------------- */

/* Names of sys that hold user objects; set to None first. */
static const char *const sys_deletes[] = {
    "path", "argv", "ps1", "ps2", "last_exc", "last_type", "last_value", "last_traceback",
    "path_hooks", "path_importer_cache", "meta_path", "__interactivehook__",
};

static const char *const sys_files[][2] = {
    {"stdin", "__stdin__"},
    {"stdout", "__stdout__"},
    {"stderr", "__stderr__"},
};

static void
clear_sys_names(PyInterpreterState *interp)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(sys_deletes); i++) {
        if (PyDict_SetItemString(interp->sysdict, sys_deletes[i], Py_None) < 0) {
            PyErr_WriteUnraisable(NULL);
        }
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(sys_files); i++) {
        PyObject *original = PyDict_GetItemString(interp->sysdict, sys_files[i][1]);
        if (original == NULL
            && (_Py_IsBare(&interp->config)
                || PyDict_GetItemString(interp->sysdict, sys_files[i][0]) == NULL)) {
            /* Bare mode has no originals; streams that were not made yet still may be. */
            continue;
        }
        if (PyDict_SetItemString(interp->sysdict, sys_files[i][0],
                                 original != NULL ? original : Py_None) < 0) {
            PyErr_WriteUnraisable(NULL);
        }
    }
    if (PyDict_SetItemString(interp->builtins, "_", Py_None) < 0) {
        PyErr_WriteUnraisable(NULL);
    }
}

/* Sets all modules in sys.modules to None; returns a list of (name, weakref) of those that may
 * outlive that, or NULL. */
static PyObject *
release_modules(PyInterpreterState *interp, int verbose)
{
    PyObject *weaklist = PyList_New(0);
    PyObject *modules = _PyImport_GetModules(interp);
    PyObject *keys = PyDict_CheckExact(modules) ? PyDict_Keys(modules) : PySequence_List(modules);
    for (Py_ssize_t i = 0; keys != NULL && i < PyList_GET_SIZE(keys); i++) {
        PyObject *name = PyList_GET_ITEM(keys, i);
        PyObject *module = PyObject_GetItem(modules, name);
        if (module == NULL) {
            PyErr_Clear();
            continue;
        }
        if (PyModule_Check(module) && PyUnicode_Check(name)) {
            if (verbose) {
                PySys_FormatStderr("# cleanup[2] removing %U\n", name);
            }
            PyObject *ref = PyWeakref_NewRef(module, NULL);
            PyObject *pair = ref != NULL ? PyTuple_Pack(2, name, ref) : NULL;
            if (pair == NULL || weaklist == NULL || PyList_Append(weaklist, pair) < 0) {
                PyErr_WriteUnraisable(NULL);
            }
            Py_XDECREF(pair);
            Py_XDECREF(ref);
        }
        Py_DECREF(module);
        if (PyObject_SetItem(modules, name, Py_None) < 0) {
            PyErr_WriteUnraisable(NULL);
        }
    }
    Py_XDECREF(keys);
    if (PyErr_Occurred()) {
        PyErr_WriteUnraisable(NULL);
    }
    return weaklist;
}

/* Modules that are still alive lose their names, the youngest first. */
static void
clear_surviving(PyInterpreterState *interp, PyObject *weaklist, int verbose)
{
    for (Py_ssize_t i = weaklist != NULL ? PyList_GET_SIZE(weaklist) - 1 : -1; i >= 0; i--) {
        PyObject *pair = PyList_GET_ITEM(weaklist, i);
        PyObject *module = Py_NewRef(PyWeakref_GetObject(PyTuple_GET_ITEM(pair, 1)));
        if (module != Py_None && module != interp->sys_module &&
            module != interp->builtins_module) {
            if (verbose) {
                PySys_FormatStderr("# cleanup[3] wiping %U\n", PyTuple_GET_ITEM(pair, 0));
            }
            _PyModule_Clear(module);
        }
        Py_DECREF(module);
    }
}

/* Drops all modules in order: user names of sys, all modules but sys and builtins, then those.
 * Does nothing the second time. */
void
_PyImport_FinalizeModules(PyThreadState *tstate, int verbose)
{
    PyInterpreterState *interp = tstate->interp;
    PyObject *modules = _PyImport_GetModules(interp);
    if (modules == NULL || interp->sysdict == NULL || interp->builtins == NULL) {
        return;
    }
    _PySys_ForgetLazyStreams(tstate);
    _Py_ForgetLateParts(interp);
    clear_sys_names(interp);
    PyObject *weaklist = release_modules(interp, verbose);
    if (PyDict_CheckExact(modules)) {
        PyDict_Clear(modules);
    }
    else {
        PyObject *res = PyObject_CallMethodNoArgs(modules, &_Py_ID(clear));
        if (res == NULL) {
            PyErr_WriteUnraisable(NULL);
        }
        Py_XDECREF(res);
    }
    if (interp->builtins_copy != NULL && PyDict_Update(interp->builtins, interp->builtins_copy) < 0)
    {
        PyErr_Clear();
    }
    Py_CLEAR(IMPORTS(interp)->importlib);
    Py_CLEAR(IMPORTS(interp)->importlib_external);
    Py_CLEAR(IMPORTS(interp)->modules_by_index);
    _PyGC_CollectNoFail(tstate);
    _PyGC_DumpShutdownStats(interp);        /* sys.stderr is still there */
    clear_surviving(interp, weaklist, verbose);
    Py_XDECREF(weaklist);
    if (verbose) {
        PySys_FormatStderr("# cleanup[3] wiping sys, builtins\n");
    }
    _PyModule_ClearDict(interp->sysdict);
    _PyModule_ClearDict(interp->builtins);
    Py_CLEAR(interp->sys_module);
    Py_CLEAR(interp->builtins_module);
    Py_CLEAR(interp->builtins_copy);
    Py_CLEAR(interp->builtin_open);
    Py_CLEAR(interp->builtins);
    Py_CLEAR(interp->sysdict);
    _PyGC_CollectNoFail(tstate);
}

void
_PyImport_FiniCore(PyInterpreterState *interp)
{
    struct _import_state *st = IMPORTS(interp);
    Py_CLEAR(st->import_func);
    Py_CLEAR(st->legacy_copies);
    Py_CLEAR(st->modules_by_index);
    Py_CLEAR(st->importlib);
    Py_CLEAR(st->importlib_external);
    Py_CLEAR(st->modules);
    if (st->lock != NULL) {
        PyThread_free_lock(st->lock);
        st->lock = NULL;
    }
}
