/* Frozen modules: the table's rows, and those that look as if imported from their files.
 *
 * 3.12 has a list of modules that are frozen; their code says "<frozen os>".  More are frozen
 * here (encodings, warnings, ...), and nobody shall see that: their code has the path of the
 * source, which is known when the configuration is (_PyFrozen_SetPaths), and their spec, loader,
 * __file__ and __cached__ are those of an import from that file, from the moment there is a loader
 * for files.  They are used only where that file would be found (_PyFrozen_IsFirst): not when
 * another module of the name stands before it, in the script's folder or $PYTHONPATH, or when there
 * is no library.
 *
 * Code is shared by all interpreters: the file names are written when the main interpreter starts,
 * before there is another one.
 * Written from the library reference (importlib) and observed behaviour of 3.12. */
#include "Python.h"
#include "marshal.h"             // PyMarshal_ReadObjectFromString()
#include "pycore_code.h"
#include "pycore_gc.h"
#include "pycore_heap.h"        // _PyHeap_EnterShared()
#include "pycore_import.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_shared.h"      // _PyShared_BeginWrite()
#include "pycore_strings.h"     // _Py_ID()

#include <sys/stat.h>

const struct _PyFrozenModule *
_PyFrozen_Find(const char *name)
{
    for (const struct _PyFrozenModule *row = _PyFrozen_Modules; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

/* Set by a program that brings frozen modules of its own; part of the ABI, so writable. */
const struct _frozen *PyImport_FrozenModules = NULL;

int
_PyFrozen_Lookup(const char *name, struct _frozen_info *info)
{
    *info = (struct _frozen_info){NULL, _PyFrozen_Find(name), 0, name};
    int essential = strncmp(name, "_frozen_", 8) == 0 || strcmp(name, "zipimport") == 0;
    const struct _frozen *custom = PyImport_FrozenModules;
    while (!essential && custom != NULL && custom->name != NULL) {
        if (strcmp(custom->name, name) == 0) {
            info->custom = custom;
            info->is_package = custom->is_package;
            return 1;
        }
        custom++;
    }
    if (info->row == NULL || info->row->code == NULL) {
        return 0;
    }
    info->is_package = info->row->is_package;
    info->origname = info->row->origname;
    return 1;
}

PyObject *
_PyFrozen_GetCode(PyObject *name, const struct _frozen_info *info)
{
    const struct _frozen *custom = info->custom;
    if (custom == NULL) {
        return Py_NewRef((PyObject *)info->row->code);
    }
    if (custom->code == NULL && custom->get_code == NULL) {
        PyErr_Format(PyExc_ImportError, "Excluded frozen object named %R", name);
        return NULL;
    }
    PyObject *code = custom->get_code != NULL ? custom->get_code()
        : PyMarshal_ReadObjectFromString((const char *)custom->code, custom->size);
    if (code == NULL) {
        PyErr_Clear();
        PyErr_Format(PyExc_ImportError, "Frozen object named %R is invalid", name);
    }
    else if (!PyCode_Check(code)) {
        PyErr_Format(PyExc_TypeError, "frozen object %R is not a code object", name);
        Py_CLEAR(code);
    }
    return code;
}

/* ---- file names ------------------------------------------------------------------- */

static void
set_filename(PyCodeObject *code, PyObject *filename)
{
    code->co_filename = filename;       /* what was there is static or in the process arena */
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *item = PyTuple_GET_ITEM(code->co_consts, i);
        if (PyCode_Check(item)) {
            set_filename((PyCodeObject *)item, filename);
        }
    }
}

/* A shared str: borrowed, or NULL with an error. */
static PyObject *
make_path(PyThreadState *tstate, const wchar_t *stdlib, const char *path)
{
    _PyHeap_EnterShared(tstate);
    PyObject *dir = PyUnicode_FromWideChar(stdlib, -1);
    PyObject *result = dir != NULL ? PyUnicode_FromFormat("%U/%s", dir, path) : NULL;
    Py_XDECREF(dir);
    if (result != NULL) {
        (void)PyObject_Hash(result);
        _Py_SetImmortal(result);
    }
    _PyHeap_LeaveShared(tstate);
    return result;
}

int
_PyFrozen_SetPaths(PyThreadState *tstate)
{
    const wchar_t *stdlib = tstate->interp->config.stdlib_dir;
    assert(_Py_IsMainInterpreter(tstate->interp));
    if (stdlib == NULL) {
        return 0;
    }
    for (const struct _PyFrozenModule *row = _PyFrozen_Modules; row->name != NULL; row++) {
        if (row->path == NULL) {
            continue;
        }
        PyObject *path = PyUnicode_FromFormat("%ls/%s", stdlib, row->path);
        if (path == NULL) {
            return -1;
        }
        int same = _PyUnicode_EQ(row->code->co_filename, path);     /* an earlier start did it */
        Py_DECREF(path);
        if (!same) {
            path = make_path(tstate, stdlib, row->path);
            if (path == NULL) {
                return -1;
            }
            _PyHeap_EnterShared(tstate);
            _PyShared_BeginWrite();
            set_filename(row->code, path);
            _PyShared_EndWrite();
            _PyHeap_LeaveShared(tstate);
        }
    }
    return 0;
}

/* ---- whose file is first -------------------------------------------------------------------- */

static int
has_file(const char *dir, const char *name, const char *suffix)
{
    char path[PATH_MAX];
    int len = PyOS_snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix);
    return len < 0 || (size_t)len >= sizeof(path) || access(path, F_OK) == 0;
}

/* Whether something in the folder could be a module `name`; anything but a folder may have it. */
static int
may_contain(const char *dir, const char *name)
{
    struct stat st;
    dir = *dir != '\0' ? dir : ".";
    if (stat(dir, &st) != 0) {
        return errno != ENOENT;
    }
    if (!S_ISDIR(st.st_mode) || has_file(dir, name, "") || has_file(dir, name, ".py") ||
        has_file(dir, name, ".pyc")) {
        return 1;
    }
    for (const char *const *suffix = _PyImport_DynLoadFiletab; *suffix != NULL; suffix++) {
        if (has_file(dir, name, *suffix)) {
            return 1;
        }
    }
    return 0;
}

/* Whether the row's file is the first of its name in the folders of a path. */
static int
is_first_in(PyObject *path, const struct _PyFrozenModule *row)
{
    const char *leaf = row->name, *below = row->path;
    for (const char *dot; (dot = strchr(leaf, '.')) != NULL; leaf = dot + 1) {
        below = strchr(below, '/') + 1;         /* a package's __path__ leads to its folder */
    }
    const char *file = PyUnicode_AsUTF8(row->code->co_filename);
    size_t dir_len = file != NULL ? strlen(file) - strlen(below) - 1 : 0;
    for (Py_ssize_t i = 0; file != NULL && i < PyList_GET_SIZE(path); i++) {
        PyObject *entry = PyList_GET_ITEM(path, i);
        if (!PyUnicode_Check(entry)) {
            continue;
        }
        const char *dir = PyUnicode_AsUTF8(entry);
        if (dir != NULL && strlen(dir) == dir_len && memcmp(dir, file, dir_len) == 0) {
            return access(file, F_OK) == 0;
        }
        if (dir == NULL || may_contain(dir, leaf)) {
            return 0;
        }
    }
    return 0;
}

/* sys.path, or __path__ of the parent package: new reference, or NULL.  *parent is the name of the
   package, if there should be one. */
static PyObject *
search_path(PyThreadState *tstate, const char *name, PyObject **parent)
{
    const char *dot = strrchr(name, '.');
    *parent = NULL;
    if (dot == NULL) {
        return Py_XNewRef(_PySys_GetAttr(tstate, &_Py_ID(path)));
    }
    PyObject *modules = _PyImport_GetModules(tstate->interp);
    *parent = PyUnicode_FromStringAndSize(name, dot - name);
    PyObject *module = *parent != NULL && PyDict_Check(modules)
        ? PyDict_GetItemWithError(modules, *parent) : NULL;     /* borrowed */
    PyObject *path = NULL;
    if (module != NULL && _PyObject_LookupAttr(module, &_Py_ID(__path__), &path) < 0) {
        PyErr_Clear();
    }
    return path;
}

int
_PyFrozen_IsFirst(PyThreadState *tstate, const struct _PyFrozenModule *row)
{
    if (row->path == NULL || tstate->interp->config.stdlib_dir == NULL) {
        return 1;
    }
    PyObject *parent;
    PyObject *path = search_path(tstate, row->name, &parent);
    int result = 0;
    if (path != NULL) {
        result = PyList_Check(path) && is_first_in(path, row);
    }
    else if (parent != NULL) {
        const char *name = PyUnicode_AsUTF8(parent);
        const struct _PyFrozenModule *package = name != NULL ? _PyFrozen_Find(name) : NULL;
        result = package != NULL && _PyFrozen_IsFirst(tstate, package);
    }
    Py_XDECREF(path);
    Py_XDECREF(parent);
    PyErr_Clear();
    return result;
}

/* ---- specs -------------------------------------------------------------------------- */

/* Makes the spec that of an import from `path`.  The spec stays the same object: importlib is at
 * work with it.  0, or -1 with an error. */
static int
fix_spec(PyObject *external, PyObject *globals, PyObject *spec, PyObject *path)
{
    PyObject *name = PyObject_GetAttr(spec, &_Py_ID(name));
    PyObject *loader = name == NULL ? NULL
        : PyObject_CallMethod(external, "SourceFileLoader", "OO", name, path);
    PyObject *cached = NULL;
    int res = -1;
    if (loader != NULL &&
        PyObject_SetAttr(spec, &_Py_ID(loader), loader) == 0 &&
        PyObject_SetAttr(spec, &_Py_ID(origin), path) == 0 &&
        PyObject_SetAttr(spec, &_Py_ID(loader_state), Py_None) == 0 &&
        PyObject_SetAttr(spec, &_Py_ID(_set_fileattr), Py_True) == 0 &&
        (cached = PyObject_GetAttr(spec, &_Py_ID(cached))) != NULL &&
        PyDict_SetItem(globals, &_Py_ID(__loader__), loader) == 0 &&
        PyDict_SetItem(globals, &_Py_ID(__file__), path) == 0 &&
        PyDict_SetItem(globals, &_Py_ID(__cached__), cached) == 0)
    {
        res = 0;
    }
    Py_XDECREF(name);
    Py_XDECREF(loader);
    Py_XDECREF(cached);
    return res;
}

int
_PyFrozen_FixSpec(PyThreadState *tstate, PyObject *code, PyObject *globals)
{
    PyObject *external = tstate->interp->imports.importlib_external;
    const struct _PyFrozenModule *row = _PyFrozen_Modules;
    while (row->name != NULL && (row->path == NULL || (PyObject *)row->code != code)) {
        row++;
    }
    if (row->name == NULL || external == NULL || tstate->interp->config.stdlib_dir == NULL) {
        return 0;
    }
    PyObject *spec = PyDict_GetItemWithError(globals, &_Py_ID(__spec__));
    if (spec == NULL || spec == Py_None) {
        return PyErr_Occurred() ? -1 : 0;
    }
    Py_INCREF(spec);
    PyObject *origin = PyObject_GetAttr(spec, &_Py_ID(origin));
    int res = origin == NULL ? -1 : 0;
    if (res == 0 && PyUnicode_Check(origin) && _PyUnicode_EqualToASCIIString(origin, "frozen")) {
        res = fix_spec(external, globals, spec, row->code->co_filename);
    }
    Py_XDECREF(origin);
    Py_DECREF(spec);
    return res;
}

int
_PyFrozen_FixImported(PyThreadState *tstate)
{
    PyObject *modules = _PyImport_GetModules(tstate->interp);
    for (const struct _PyFrozenModule *row = _PyFrozen_Modules; row->name != NULL; row++) {
        PyObject *module = row->path != NULL && PyDict_Check(modules)
            ? PyDict_GetItemString(modules, row->name) : NULL;
        if (module != NULL && PyModule_Check(module) &&
            _PyFrozen_FixSpec(tstate, (PyObject *)row->code, PyModule_GetDict(module)) < 0) {
            return -1;
        }
    }
    return 0;
}
