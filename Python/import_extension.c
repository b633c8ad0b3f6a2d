/* Extension modules: loading shared libraries, and modules with single-phase initialisation.
 *
 * A *legacy* module is one whose init function returns a finished module (PEP 489 calls it
 * single-phase).  Its C statics hold objects, so it may live in one heap only: main's.  Whether a
 * module is legacy shows only when its init function has run; therefore the function runs in the
 * main interpreter when an interpreter with another heap imports a module for the first time.
 * The definition that a modern module gives back is plain C data and serves everybody; a legacy
 * module stays in main and the import is refused.  A table of the process remembers both kinds.
 *
 * The copied dict of a legacy module without state of its own (m_size == -1) is kept in the main
 * interpreter, for all that share its heap.
 *
 * Written from PEP 489, PEP 630, PEP 684, the C API reference ("Initializing C modules") and
 * InternalDocs/import.rst. */

#include "Python.h"
#include "pycore_errors.h"      // _PyErr_Occurred()
#include "pycore_import.h"      // _PyImport_FindInitFunction()
#include "pycore_message.h"     // _PyCrossingError_Take()
#include "pycore_pystate.h"     // _PyThreadState_Attach()

#define IMPORTS(interp) (&(interp)->imports)

/* ---- the table of extension modules ---------------------------------------------------------- */

enum extension_kind { UNKNOWN, MODERN, LEGACY };

/* Recognised by its init function: shared libraries stay loaded. */
struct _known_extension {
    struct _known_extension *next;
    _PyModuleInit init;
    enum extension_kind kind;
};

static enum extension_kind
kind_of(_PyModuleInit init)
{
    struct _imports_runtime_state *rt = &_PyRuntime.imports;
    _PyProcessLock_Lock(&rt->extensions_lock);
    struct _known_extension *ext = rt->extensions;
    while (ext != NULL && ext->init != init) {
        ext = ext->next;
    }
    enum extension_kind kind = ext != NULL ? ext->kind : UNKNOWN;
    _PyProcessLock_Unlock(&rt->extensions_lock);
    return kind;
}

/* 0, or -1 with MemoryError. */
static int
remember(_PyModuleInit init, enum extension_kind kind)
{
    if (kind_of(init) != UNKNOWN) {
        return 0;
    }
    struct _known_extension *ext = PyMem_RawMalloc(sizeof(*ext));
    if (ext == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    ext->init = init;
    ext->kind = kind;
    /* Two threads may add the same row: harmless, the first one is found. */
    struct _imports_runtime_state *rt = &_PyRuntime.imports;
    _PyProcessLock_Lock(&rt->extensions_lock);
    ext->next = rt->extensions;
    rt->extensions = ext;
    _PyProcessLock_Unlock(&rt->extensions_lock);
    return 0;
}

void
_PyImport_ForgetExtensions(void)
{
    struct _known_extension *ext = _PyRuntime.imports.extensions;
    _PyRuntime.imports.extensions = NULL;
    while (ext != NULL) {
        struct _known_extension *next = ext->next;
        PyMem_RawFree(ext);
        ext = next;
    }
}

/* Do this interpreter and main share a heap, and so a lock? */
static int
shares_main_heap(void)
{
    return _PyInterpreterState_GET()->heap == _PyRuntime.main->heap;
}

/* 0 if this interpreter may load legacy modules, or -1 with ImportError. */
int
_PyImport_CheckSubinterpIncompatibleExtensionAllowed(const char *name)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    int override = IMPORTS(interp)->override_multi_interp_extensions_check;
    int check = override != 0 ? override > 0
        : _PyInterpreterState_HasFeature(interp, Py_RTFLAGS_MULTI_INTERP_EXTENSIONS);
    if (!shares_main_heap() || check) {
        PyErr_Format(PyExc_ImportError,
                     "module %s does not support loading in subinterpreters", name);
        return -1;
    }
    return 0;
}

/* Keeps the dict of a legacy module as it is after its init: 0, or -1 with an error. */
static int
keep_legacy_copy(PyObject *key, PyObject *module)
{
    struct _import_state *st = IMPORTS(_PyRuntime.main);
    PyModuleDef *def = PyModule_GetDef(module);
    if (def->m_size != -1 || !shares_main_heap()) {
        return 0;
    }
    PyObject *dict = PyDict_Copy(PyModule_GetDict(module));
    if (dict == NULL) {
        return -1;
    }
    int res = -1;
    if (st->legacy_copies != NULL || (st->legacy_copies = PyDict_New()) != NULL) {
        res = PyDict_SetItem(st->legacy_copies, key, dict);
    }
    Py_DECREF(dict);
    return res;
}

/* Makes a legacy module that was created by hand known under its name: 0, or -1. */
int
_PyImport_FixupExtensionObject(PyObject *mod, PyObject *name, PyObject *filename,
                               PyObject *modules)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyModuleDef *def = mod != NULL && PyModule_Check(mod) ? PyModule_GetDef(mod) : NULL;
    if (def == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyObject *key = PyTuple_Pack(2, filename, name);
    if (key == NULL) {
        return -1;
    }
    int res = -1;
    if (PyObject_SetItem(modules, name, mod) == 0) {
        res = _PyState_AddModule(tstate, mod, def);
        if (res == 0) {
            res = keep_legacy_copy(key, mod);
        }
        if (res < 0) {
            PyObject *exc = _PyErr_GetRaisedException(tstate);
            if (PyObject_DelItem(modules, name) < 0) {
                _PyErr_Clear(tstate);
            }
            _PyErr_SetRaisedException(tstate, exc);
        }
    }
    Py_DECREF(key);
    return res;
}

/* The same for a module that is linked in. */
int
_PyImport_FixupBuiltin(PyObject *mod, const char *name, PyObject *modules)
{
    PyObject *str = PyUnicode_InternFromString(name);
    if (str == NULL) {
        return -1;
    }
    int res = _PyImport_FixupExtensionObject(mod, str, str, modules);
    Py_DECREF(str);
    return res;
}

/* Forgets the copy of a legacy module: 0, or -1. */
int
_PyImport_ClearExtension(PyObject *name, PyObject *filename)
{
    struct _import_state *st = IMPORTS(_PyRuntime.main);
    if (!shares_main_heap()) {
        return 0;
    }
    PyObject *key = PyTuple_Pack(2, filename, name);
    if (key == NULL) {
        return -1;
    }
    int res = st->legacy_copies != NULL ? PyDict_Contains(st->legacy_copies, key) : 0;
    if (res > 0) {
        res = PyDict_DelItem(st->legacy_copies, key);
    }
    Py_DECREF(key);
    return res;
}

/* ---- running the init function --------------------------------------------------------------- */

/* Name of the package being loaded, for modules that give only its last part. */
const char *
_PyImport_ResolveNameWithPackageContext(const char *name)
{
    PyThreadState *tstate = _PyThreadState_GET();
    const char **context = &_PyThreadState_IMPL(tstate)->import_context;
    const char *full = *context;
    if (full != NULL) {
        const char *dot = strrchr(full, '.');
        if (dot != NULL && strcmp(name, dot + 1) == 0) {
            *context = NULL;
            return full;
        }
    }
    return name;
}

static PyObject *
call_init(PyThreadState *tstate, _PyModuleInit init, const char *fullname)
{
    const char **context = &_PyThreadState_IMPL(tstate)->import_context;
    const char *outer = *context;
    *context = strchr(fullname, '.') != NULL ? fullname : NULL;
    PyObject *m = init();
    *context = outer;
    return m;
}

static int
is_legacy(PyObject *m)
{
    return m != NULL && !PyObject_TypeCheck(m, &PyModuleDef_Type);
}

/* In the main interpreter: what a legacy module's init returned is finished and kept there. */
static int
adopt_in_main(PyThreadState *tstate, PyObject *m, _PyModuleInit init, const char *path,
              const char *fullname)
{
    PyObject *name = PyUnicode_FromString(fullname);
    PyObject *file = PyUnicode_DecodeFSDefault(path);
    PyObject *key = name != NULL && file != NULL ? PyTuple_Pack(2, file, name) : NULL;
    int res = -1;
    if (key == NULL) {
        Py_DECREF(m);
    }
    else {
        PyObject *module = _PyImport_FinishInit(tstate, m, NULL, name, file);
        if (module != NULL) {
            res = keep_legacy_copy(key, module);
            if (res == 0) {
                res = remember(init, LEGACY);
            }
            Py_DECREF(module);
        }
    }
    Py_XDECREF(key);
    Py_XDECREF(file);
    Py_XDECREF(name);
    return res;
}

/* Runs the init function in the main interpreter, for an interpreter with a heap of its own:
 * the definition of a modern module, or NULL with an error (the module is a legacy one, or its
 * init failed). */
static PyObject *
call_init_in_main(PyThreadState *tstate, _PyModuleInit init, const char *path,
                  const char *fullname)
{
    PyThreadState *guest = _PyRuntimeState_GetFinalizing(&_PyRuntime) == NULL
                           ? _PyThreadState_New(_PyRuntime.main) : NULL;
    if (guest == NULL) {
        PyErr_Format(PyExc_ImportError, "module %s cannot be loaded: the main interpreter ends",
                     fullname);
        return NULL;
    }
    struct _Py_crossing_error error = {NULL, NULL, NULL};
    int failed = 0;
    _PyThreadState_Bind(guest);
    _PyThreadState_Detach(tstate);
    _PyThreadState_Attach(guest);
    PyObject *m = call_init(guest, init, fullname);
    if (is_legacy(m)) {
        failed = adopt_in_main(guest, m, init, path, fullname) < 0;
        m = NULL;
    }
    else if (m == NULL || remember(init, MODERN) < 0) {
        failed = 1;
    }
    if (_PyErr_Occurred(guest)) {
        failed = 1;
        (void)_PyCrossingError_Take(guest, &error);
    }
    PyThreadState_Clear(guest);
    _PyThreadState_DeleteCurrent(guest);
    _PyThreadState_Attach(tstate);
    if (failed) {
        if (error.type != NULL) {
            _PyCrossingError_Raise(tstate, &error, PyExc_ImportError);
        }
        else {
            PyErr_Format(PyExc_SystemError,
                         "initialization of %s failed without raising an exception", fullname);
        }
        m = NULL;
    }
    else if (m == NULL) {
        (void)_PyImport_CheckSubinterpIncompatibleExtensionAllowed(fullname);
    }
    _PyCrossingError_Clear(&error);
    return m;
}

/* ---- loading --------------------------------------------------------------------------------- */

/* The module from a legacy copy: a new reference, NULL without an error if there is no copy. */
static PyObject *
module_from_copy(PyThreadState *tstate, PyObject *key, PyObject *name)
{
    struct _import_state *st = IMPORTS(_PyRuntime.main);
    if (!shares_main_heap() || st->legacy_copies == NULL) {
        return NULL;
    }
    PyObject *copy = PyDict_GetItemWithError(st->legacy_copies, key);
    if (copy == NULL) {
        return NULL;
    }
    Py_INCREF(copy);
    PyObject *module = _PyImport_AddModuleObject(tstate, name);
    if (module != NULL && PyDict_Update(PyModule_GetDict(module), copy) < 0) {
        Py_CLEAR(module);
    }
    Py_DECREF(copy);
    return module;
}

static PyObject *
load(PyThreadState *tstate, PyObject *spec, PyObject *name, PyObject *path, PyObject *key,
     const char *filename)
{
    const char *fullname = PyUnicode_AsUTF8(name);
    if (fullname == NULL) {
        return NULL;
    }
    PyObject *module = module_from_copy(tstate, key, name);
    if (module != NULL || _PyErr_Occurred(tstate)) {
        return module;
    }
    _PyModuleInit init = _PyImport_FindInitFunction(tstate, name, path);
    if (init == NULL) {
        return NULL;
    }
    enum extension_kind kind = kind_of(init);
    if (kind == LEGACY
        && _PyImport_CheckSubinterpIncompatibleExtensionAllowed(fullname) < 0) {
        return NULL;
    }
    PyObject *m;
    if (kind == UNKNOWN && !shares_main_heap()) {
        m = call_init_in_main(tstate, init, filename, fullname);
        if (m == NULL) {
            return NULL;
        }
    }
    else {
        m = call_init(tstate, init, fullname);
    }
    int legacy = is_legacy(m);
    if (legacy && (remember(init, LEGACY) < 0
                   || _PyImport_CheckSubinterpIncompatibleExtensionAllowed(fullname) < 0)) {
        Py_DECREF(m);
        return NULL;
    }
    module = _PyImport_FinishInit(tstate, m, spec, name, path);
    if (module != NULL && legacy && keep_legacy_copy(key, module) < 0) {
        Py_CLEAR(module);
    }
    return module;
}

/* Loads the shared library that the spec names: new reference to the module, or NULL with an
 * error. */
PyObject *
_PyImport_CreateDynamic(PyThreadState *tstate, PyObject *spec, PyObject *name, PyObject *path)
{
    if (PySys_Audit("import", "OOOOO", name, path, Py_None, Py_None, Py_None) < 0) {
        return NULL;
    }
    PyObject *key = PyTuple_Pack(2, path, name);
    PyObject *filename = PyUnicode_EncodeFSDefault(path);
    PyObject *module = NULL;
    if (key != NULL && filename != NULL) {
        module = load(tstate, spec, name, path, key, PyBytes_AS_STRING(filename));
    }
    Py_XDECREF(filename);
    Py_XDECREF(key);
    return module;
}
