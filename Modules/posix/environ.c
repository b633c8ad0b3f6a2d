/* environ.c - the environment of the process.
 * Written from the library reference (os.environ, putenv) and observed messages.
 */
#include "posix.h"

#include "sig/environ.sig.h"

/* A new dict of bytes; of names that occur twice the first counts, as for getenv(). */
static PyObject *
environ_dict(void)
{
    PyObject *dict = PyDict_New();
    if (dict == NULL || environ == NULL) {
        return dict;
    }
    for (char **entry = environ; *entry != NULL; entry++) {
        const char *equals = strchr(*entry, '=');
        if (equals == NULL) {
            continue;
        }
        PyObject *name = PyBytes_FromStringAndSize(*entry, equals - *entry);
        PyObject *value = PyBytes_FromString(equals + 1);
        int failed = name == NULL || value == NULL
                     || PyDict_SetDefault(dict, name, value) == NULL;
        Py_XDECREF(name);
        Py_XDECREF(value);
        if (failed) {
            Py_DECREF(dict);
            return NULL;
        }
    }
    return dict;
}

int
_PyPosix_AddEnviron(PyObject *module)
{
    PyObject *dict = environ_dict();
    if (dict == NULL) {
        return -1;
    }
    int rc = PyModule_AddObjectRef(module, "environ", dict);
    Py_DECREF(dict);
    return rc;
}

/*sig posix.putenv(module, name: path, value: path, /) -> None

Change or add an environment variable.
*/
static int
posix_putenv_impl(PyObject *module, PyObject *name, PyObject *value)
{
    (void)module;
    const char *text = PyBytes_AS_STRING(name);
    if (strchr(text, '=') != NULL) {
        PyErr_SetString(PyExc_ValueError, "illegal environment variable name");
        return -1;
    }
    if (PySys_Audit("os.putenv", "OO", name, value) < 0) {
        return -1;
    }
    return posix_done(setenv(text, PyBytes_AS_STRING(value), 1));
}

/*sig posix.unsetenv(module, name: path, /) -> None

Delete an environment variable.
*/
static int
posix_unsetenv_impl(PyObject *module, PyObject *name)
{
    (void)module;
    if (PySys_Audit("os.unsetenv", "(O)", name) < 0) {
        return -1;
    }
    return posix_done(unsetenv(PyBytes_AS_STRING(name)));
}

const PyMethodDef _PyPosix_EnvironMethods[] = {
    POSIX_PUTENV_METHODDEF
    POSIX_UNSETENV_METHODDEF
    {NULL, NULL}
};
