/* Loading of extension modules: dlopen() and the name of the init function (PEP 489).
 * A name outside ASCII is looked up as PyInitU_<punycode>. */
#include "Python.h"
#include "pycore_buildinfo.h"   // _Py_SOABI
#include "pycore_errors.h"
#include "pycore_import.h"
#include "pycore_object.h"
#include "pycore_pystate.h"

#include <dlfcn.h>

/* ORDER SUFFIXES: the most special one first; abi3 for the stable ABI. */
const char *const _PyImport_DynLoadFiletab[] = {
    "." _Py_SOABI ".so",
#ifdef Py_DEBUG
    ".cpython-312-" _Py_MULTIARCH ".so",    /* release modules fit: no visible struct differs */
#endif
    ".abi3.so",
    ".so",
    NULL,
};

/* "PyInit_" and the encoded last part of the module's name: new bytes, or NULL. */
static PyObject *
init_function_name(PyObject *name)
{
    Py_ssize_t len = PyUnicode_GET_LENGTH(name);
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, len, -1);
    if (dot < -1) {
        return NULL;
    }
    PyObject *last = PyUnicode_Substring(name, dot + 1, len);
    if (last == NULL) {
        return NULL;
    }
    const char *prefix = "PyInit_";
    PyObject *encoded = PyUnicode_AsEncodedString(last, "ascii", NULL);
    if (encoded == NULL && PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
        PyErr_Clear();
        prefix = "PyInitU_";
        encoded = PyUnicode_AsEncodedString(last, "punycode", NULL);
    }
    Py_DECREF(last);
    if (encoded == NULL) {
        return NULL;
    }
    PyObject *symbol = PyBytes_FromFormat("%s%s", prefix, PyBytes_AS_STRING(encoded));
    Py_DECREF(encoded);
    if (symbol == NULL) {
        return NULL;
    }
    for (char *p = PyBytes_AS_STRING(symbol); *p != '\0'; p++) {
        if (*p == '-') {
            *p = '_';
        }
    }
    return symbol;
}

static void
import_error(PyObject *message, PyObject *name, PyObject *path)
{
    if (message != NULL) {
        PyErr_SetImportError(message, name, path);
        Py_DECREF(message);
    }
}

_PyModuleInit
_PyImport_FindInitFunction(PyThreadState *tstate, PyObject *name, PyObject *path)
{
    PyObject *symbol = init_function_name(name);
    PyObject *path_bytes = symbol != NULL ? PyUnicode_EncodeFSDefault(path) : NULL;
    _PyModuleInit init = NULL;
    if (path_bytes == NULL) {
        goto done;
    }
    /* A name without slash would be searched on the loader's path. */
    const char *file = PyBytes_AS_STRING(path_bytes);
    PyObject *with_dir = NULL;
    if (strchr(file, '/') == NULL) {
        with_dir = PyBytes_FromFormat("./%s", file);
        if (with_dir == NULL) {
            goto done;
        }
        file = PyBytes_AS_STRING(with_dir);
    }
    void *handle = dlopen(file, tstate->interp->imports.dlopenflags);
    Py_XDECREF(with_dir);
    if (handle == NULL) {
        const char *error = dlerror();
        import_error(PyUnicode_DecodeLocale(error != NULL ? error : "unknown dlopen() error",
                                            "surrogateescape"), name, path);
        goto done;
    }
    init = (_PyModuleInit)dlsym(handle, PyBytes_AS_STRING(symbol));
    if (init == NULL) {
        import_error(PyUnicode_FromFormat("dynamic module does not define module export function "
                                          "(%s)", PyBytes_AS_STRING(symbol)), name, path);
    }
done:
    Py_XDECREF(symbol);
    Py_XDECREF(path_bytes);
    return init;
}
