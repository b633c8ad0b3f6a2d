/* _imp: what importlib needs from the core.
 *
 * Built-in, frozen and extension modules: find, create, execute; the import lock; the hash of
 * source files.  Written from the use that the standard library's importlib makes of it, and
 * observed behaviour of 3.12. */
#include "Python.h"
#include "pycore_code.h"
#include "pycore_errors.h"
#include "pycore_hash.h"        // _Py_KeyedHash()
#include "pycore_import.h"
#include "pycore_object.h"
#include "pycore_private_api.h"
#include "pycore_pystate.h"
#include "pycore_strings.h"

#include "marshal.h"

#include "sig/_imp.sig.h"

/* ---- the lock --------------------------------------------------------------------------- */

/*sig _imp.lock_held(module)

Return True if the import lock is currently held, else False.

On platforms without threads, return False.
*/
static PyObject *
_imp_lock_held_impl(PyObject *module)
{
    (void)module;
    return PyBool_FromLong(_PyInterpreterState_GET()->imports.lock_owner != 0);
}

/*sig _imp.acquire_lock(module)

Acquires the interpreter's import lock for the current thread.

This lock should be used by import hooks to ensure thread-safety when importing
modules. On platforms without threads, this function does nothing.
*/
static PyObject *
_imp_acquire_lock_impl(PyObject *module)
{
    (void)module;
    _PyImport_AcquireLock(_PyInterpreterState_GET());
    Py_RETURN_NONE;
}

/*sig _imp.release_lock(module)

Release the interpreter's import lock.

On platforms without threads, this function does nothing.
*/
static PyObject *
_imp_release_lock_impl(PyObject *module)
{
    (void)module;
    if (_PyImport_ReleaseLock(_PyInterpreterState_GET()) < 0) {
        PyErr_SetString(PyExc_RuntimeError, "not holding the import lock");
        return NULL;
    }
    Py_RETURN_NONE;
}

/* ---- built-in modules ------------------------------------------------------------------------ */

/*sig _imp.is_builtin(module, name: unicode, /) -> int

Returns True if the module name corresponds to a built-in module.
*/
static int
_imp_is_builtin_impl(PyObject *module, PyObject *name)
{
    (void)module;
    for (const struct _inittab *row = PyImport_Inittab; row->name != NULL; row++) {
        if (_PyUnicode_EqualToASCIIString(name, row->name)) {
            return row->initfunc != NULL ? 1 : -1;
        }
    }
    return 0;
}

/*sig _imp.create_builtin(module, spec, /)

Create an extension module.
*/
static PyObject *
_imp_create_builtin_impl(PyObject *module, PyObject *spec)
{
    (void)module;
    PyObject *name = PyObject_GetAttr(spec, &_Py_ID(name));
    if (name == NULL) {
        return NULL;
    }
    PyObject *mod = _PyImport_CreateBuiltin(_PyThreadState_GET(), name, spec);
    Py_DECREF(name);
    return mod;
}

/* Runs the exec slots of a module made by multi-phase init, once: 0, or -1 with an error. */
static int
exec_extension(PyObject *mod)
{
    if (!PyModule_Check(mod)) {
        return 0;
    }
    PyModuleDef *def = PyModule_GetDef(mod);
    if (def == NULL || def->m_slots == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    if (PyModule_GetState(mod) != NULL) {
        return 0;               /* executed before: reload does nothing */
    }
    return PyModule_ExecDef(mod, def);
}

/*sig _imp.exec_builtin(module, mod, /) -> int

Initialize a built-in module.
*/
static int
_imp_exec_builtin_impl(PyObject *module, PyObject *mod)
{
    (void)module;
    return exec_extension(mod);
}

/*sig _imp.extension_suffixes(module)

Returns the list of file suffixes used to identify extension modules.
*/
static PyObject *
_imp_extension_suffixes_impl(PyObject *module)
{
    (void)module;
    PyObject *list = PyList_New(0);
    for (const char *const *p = _PyImport_DynLoadFiletab; list != NULL && *p != NULL; p++) {
        PyObject *suffix = PyUnicode_FromString(*p);
        if (suffix == NULL || PyList_Append(list, suffix) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(suffix);
    }
    return list;
}

/*sig _imp.create_dynamic(module, spec, file=NULL, /)

Create an extension module.
*/
static PyObject *
_imp_create_dynamic_impl(PyObject *module, PyObject *spec, PyObject *file)
{
    (void)module;
    (void)file;
    PyObject *name = PyObject_GetAttr(spec, &_Py_ID(name));
    PyObject *path = name != NULL ? PyObject_GetAttr(spec, &_Py_ID(origin)) : NULL;
    PyObject *mod = NULL;
    if (path != NULL) {
        mod = _PyImport_CreateDynamic(_PyThreadState_GET(), spec, name, path);
    }
    Py_XDECREF(name);
    Py_XDECREF(path);
    return mod;
}

/*sig _imp.exec_dynamic(module, mod, /) -> int

Initialize an extension module.
*/
static int
_imp_exec_dynamic_impl(PyObject *module, PyObject *mod)
{
    (void)module;
    return exec_extension(mod);
}

/*sig _imp._override_multi_interp_extensions_check(module, override: int, /)

(internal-only) Override PyInterpreterConfig.check_multi_interp_extensions.

(-1: "never", 1: "always", 0: no override)
*/
static PyObject *
_imp__override_multi_interp_extensions_check_impl(PyObject *module, int override)
{
    (void)module;
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (_Py_IsMainInterpreter(interp)) {
        PyErr_SetString(PyExc_RuntimeError, "_imp._override_multi_interp_extensions_check() "
                        "cannot be used in the main interpreter");
        return NULL;
    }
    int old = interp->imports.override_multi_interp_extensions_check;
    interp->imports.override_multi_interp_extensions_check = override;
    return PyLong_FromLong(old);
}

/* ---- frozen modules -------------------------------------------------------------------------- */

/* Modules that must come from frozen code even when -X frozen_modules=off. */
static int
is_essential(const char *name)
{
    static const char *const names[] = {
        "_frozen_importlib", "_frozen_importlib_external", "zipimport", "encodings",
        "encodings.aliases", "encodings.utf_8", "codecs", "io", "abc",
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

static int
use_frozen(const char *name)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    int override = interp->imports.override_frozen_modules;
    if (override != 0) {
        return override > 0 || is_essential(name);
    }
    return interp->config.use_frozen_modules || is_essential(name);
}

/* 1 and the frozen module that import may use, or 0 (never with an error). */
static int
find_frozen(PyObject *name, struct _frozen_info *info)
{
    const char *utf8 = PyUnicode_AsUTF8(name);
    if (utf8 == NULL) {
        PyErr_Clear();
        return 0;
    }
    return _PyFrozen_Lookup(utf8, info) && (info->custom != NULL || use_frozen(utf8));
}

/* Whether a file that is found first hides the module.  Without a path finder none can; import.c
   has asked then. */
static int
is_hidden(PyThreadState *tstate, const struct _frozen_info *info)
{
    return info->custom == NULL && tstate->interp->imports.external_installed &&
           !_PyFrozen_IsFirst(tstate, info->row);
}

static PyObject *
no_such_frozen(PyObject *name)
{
    PyObject *message = PyUnicode_FromFormat("No such frozen object named %R", name);
    if (message != NULL) {
        PyErr_SetImportError(message, name, NULL);
        Py_DECREF(message);
    }
    return NULL;
}

/*sig _imp.find_frozen(module, name: unicode, /, *, withdata: bool = False)

Return info about the corresponding frozen module (if there is one) or None.

The returned info (a 2-tuple):

 * data         the raw marshalled bytes
 * is_package   whether or not it is a package
 * origname     the originally frozen module's name, or None if not
                a stdlib module (this will usually be the same as
                the module's current name)
*/
static PyObject *
_imp_find_frozen_impl(PyObject *module, PyObject *name, int withdata)
{
    (void)module;
    struct _frozen_info info;
    if (!find_frozen(name, &info) || is_hidden(_PyThreadState_GET(), &info)) {
        Py_RETURN_NONE;
    }
    PyObject *data = NULL;
    if (withdata) {
        PyObject *code = _PyFrozen_GetCode(name, &info);
        PyObject *bytes = code != NULL ? PyMarshal_WriteObjectToString(code, Py_MARSHAL_VERSION)
                                       : NULL;
        Py_XDECREF(code);
        data = bytes != NULL ? PyMemoryView_FromObject(bytes) : NULL;
        Py_XDECREF(bytes);
        if (data == NULL) {
            return NULL;
        }
    }
    PyObject *origname = info.origname == NULL ? Py_NewRef(Py_None)
                                               : PyUnicode_FromString(info.origname);
    PyObject *result = origname == NULL ? NULL
        : PyTuple_Pack(3, data != NULL ? data : Py_None, info.is_package ? Py_True : Py_False,
                       origname);
    Py_XDECREF(origname);
    Py_XDECREF(data);
    return result;
}

/*sig _imp.get_frozen_object(module, name: unicode, data=None, /)

Create a code object for a frozen module.
*/
static PyObject *
_imp_get_frozen_object_impl(PyObject *module, PyObject *name, PyObject *data)
{
    (void)module;
    if (data != Py_None) {
        Py_buffer view;
        if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        PyObject *code = NULL;
        if (view.len == 0) {
            PyErr_Format(PyExc_ImportError, "Frozen object named %R is invalid", name);
        }
        else {
            code = PyMarshal_ReadObjectFromString(view.buf, view.len);
            if (code == NULL) {
                PyErr_Clear();
                PyErr_Format(PyExc_ImportError, "Frozen object named %R is invalid", name);
            }
            else if (!PyCode_Check(code)) {
                PyErr_Format(PyExc_TypeError, "frozen object %R is not a code object", name);
                Py_CLEAR(code);
            }
        }
        PyBuffer_Release(&view);
        return code;
    }
    struct _frozen_info info;
    return find_frozen(name, &info) ? _PyFrozen_GetCode(name, &info) : no_such_frozen(name);
}

/*sig _imp.is_frozen(module, name: unicode, /)

Returns True if the module name corresponds to a frozen module.
*/
static PyObject *
_imp_is_frozen_impl(PyObject *module, PyObject *name)
{
    (void)module;
    struct _frozen_info info;
    /* A module that looks as if imported from its file is none of 3.12's frozen ones. */
    return PyBool_FromLong(find_frozen(name, &info)
                           && (info.custom != NULL || info.row->path == NULL));
}

/*sig _imp.is_frozen_package(module, name: unicode, /)

Returns True if the module name is of a frozen package.
*/
static PyObject *
_imp_is_frozen_package_impl(PyObject *module, PyObject *name)
{
    (void)module;
    struct _frozen_info info;
    return find_frozen(name, &info) ? PyBool_FromLong(info.is_package) : no_such_frozen(name);
}

/*sig _imp.init_frozen(module, name: unicode, /)

Initializes a frozen module.
*/
static PyObject *
_imp_init_frozen_impl(PyObject *module, PyObject *name)
{
    (void)module;
    int res = PyImport_ImportFrozenModuleObject(name);
    if (res < 0) {
        return NULL;
    }
    if (res == 0) {
        Py_RETURN_NONE;
    }
    return _PyImport_AddModuleObject(_PyThreadState_GET(), name);
}

/*sig _imp._frozen_module_names(module)

Returns the list of available frozen modules.
*/
static PyObject *
_imp__frozen_module_names_impl(PyObject *module)
{
    (void)module;
    PyObject *list = PyList_New(0);
    for (const struct _PyFrozenModule *row = _PyFrozen_Modules; list != NULL && row->name != NULL;
         row++) {
        if (row->path != NULL) {
            continue;           /* looks as if imported from its file */
        }
        PyObject *name = PyUnicode_FromString(row->name);
        if (name == NULL || PyList_Append(list, name) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(name);
    }
    return list;
}

/*sig _imp._override_frozen_modules_for_tests(module, override: int, /)

(internal-only) Override PyConfig.use_frozen_modules.

(-1: "off", 1: "on", 0: no override)
See frozen_modules() in Lib/test/support/import_helper.py.
*/
static PyObject *
_imp__override_frozen_modules_for_tests_impl(PyObject *module, int override)
{
    (void)module;
    _PyInterpreterState_GET()->imports.override_frozen_modules = override;
    Py_RETURN_NONE;
}

/* ---- code ------------------------------------------------------------------------------------ */

/* Sets co_filename of `co` and of the code in its constants.  The file of an unpickled module moved
 * with it; the objects are fresh from marshal and not published yet. */
static void
update_code_filenames(PyCodeObject *co, PyObject *oldname, PyObject *newname)
{
    if (PyUnicode_Compare(co->co_filename, oldname) != 0) {
        return;
    }
    Py_XSETREF(co->co_filename, Py_NewRef(newname));
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(co->co_consts); i++) {
        PyObject *constant = PyTuple_GET_ITEM(co->co_consts, i);
        if (PyCode_Check(constant)) {
            update_code_filenames((PyCodeObject *)constant, oldname, newname);
        }
    }
}

/*sig _imp._fix_co_filename(module, code: type[&PyCode_Type], path: unicode, /)

Changes code.co_filename to specify the passed-in file path.

  code
    Code object to change.
  path
    File path to use.
*/
static PyObject *
_imp__fix_co_filename_impl(PyObject *module, PyObject *code, PyObject *path)
{
    (void)module;
    PyCodeObject *co = (PyCodeObject *)code;
    if (co->co_state_index == 0 && PyUnicode_Compare(co->co_filename, path) != 0) {
        PyObject *oldname = Py_NewRef(co->co_filename);
        update_code_filenames(co, oldname, path);
        Py_DECREF(oldname);
    }
    Py_RETURN_NONE;
}

/*sig _imp.source_hash(module, key: long, source: buffer)

Hash of a source file, as it stands in checked .pyc files (PEP 552).
*/
static PyObject *
_imp_source_hash_impl(PyObject *module, long key, Py_buffer *source)
{
    (void)module;
    uint64_t hash = _Py_KeyedHash((uint64_t)key, source->buf, source->len);
    return PyBytes_FromStringAndSize((const char *)&hash, sizeof(hash));
}

/* ---- the module ------------------------------------------------------------------------------ */

static PyMethodDef imp_methods[] = {
    _IMP_EXTENSION_SUFFIXES_METHODDEF
    _IMP_LOCK_HELD_METHODDEF
    _IMP_ACQUIRE_LOCK_METHODDEF
    _IMP_RELEASE_LOCK_METHODDEF
    _IMP_FIND_FROZEN_METHODDEF
    _IMP_GET_FROZEN_OBJECT_METHODDEF
    _IMP_IS_FROZEN_PACKAGE_METHODDEF
    _IMP_CREATE_BUILTIN_METHODDEF
    _IMP_INIT_FROZEN_METHODDEF
    _IMP_IS_BUILTIN_METHODDEF
    _IMP_IS_FROZEN_METHODDEF
    _IMP__FROZEN_MODULE_NAMES_METHODDEF
    _IMP__OVERRIDE_FROZEN_MODULES_FOR_TESTS_METHODDEF
    _IMP__OVERRIDE_MULTI_INTERP_EXTENSIONS_CHECK_METHODDEF
    _IMP_CREATE_DYNAMIC_METHODDEF
    _IMP_EXEC_DYNAMIC_METHODDEF
    _IMP_EXEC_BUILTIN_METHODDEF
    _IMP__FIX_CO_FILENAME_METHODDEF
    _IMP_SOURCE_HASH_METHODDEF
    {NULL, NULL, 0, NULL},
};

static int
imp_module_exec(PyObject *module)
{
    const wchar_t *mode = _PyInterpreterState_GET()->config.check_hash_pycs_mode;
    PyObject *pyc_mode = PyUnicode_FromWideChar(mode, -1);
    int res = pyc_mode == NULL ? -1
        : PyModule_AddObjectRef(module, "check_hash_based_pycs", pyc_mode);
    Py_XDECREF(pyc_mode);
    return res;
}

static PyModuleDef_Slot imp_slots[] = {
    {Py_mod_exec, imp_module_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

_Py_SHARED static struct PyModuleDef imp_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_imp",
    .m_doc = "(Extremely) low-level import machinery bits as used by importlib.",
    .m_size = 0,
    .m_methods = imp_methods,
    .m_slots = imp_slots,
};

PyMODINIT_FUNC
PyInit__imp(void)
{
    return PyModuleDef_Init(&imp_module);
}
