/* _testcapi: raising, fetching and showing exceptions.
 *
 * Written from the C API reference ("Exception Handling").
 */
#include "wrap.h"
#include "parts.h"

#include <errno.h>

/* ---- raising: each returns NULL ---- */

static PyObject *
set_raised(PyObject *exception)
{
    PyErr_SetRaisedException(Py_XNewRef(exception));
    return NULL;
}

static PyObject *
restore(PyObject *type, PyObject *value, PyObject *traceback)
{
    PyErr_Restore(Py_XNewRef(type), Py_XNewRef(value), Py_XNewRef(traceback));
    return NULL;
}

static PyObject *
set_object(PyObject *type, PyObject *value)
{
    PyErr_SetObject(type, value);
    return NULL;
}

/* The value of the exception that came of it. */
static PyObject *
set_object_and_fetch(PyObject *type, PyObject *value)
{
    PyObject *fetched_type = NULL, *fetched = NULL, *traceback = NULL;
    PyErr_SetObject(type, value);
    PyErr_Fetch(&fetched_type, &fetched, &traceback);
    Py_XDECREF(fetched_type);
    Py_XDECREF(traceback);
    return fetched;
}

static PyObject *
set_string(PyObject *type, const char *text)
{
    PyErr_SetString(type, text);
    return NULL;
}

static PyObject *
set_from_errno(int number, PyObject *type, const char *filename)
{
    errno = number;
    return PyErr_SetFromErrnoWithFilename(type, filename);
}

/* Raises `type` with the arguments 0, 1, ... `count` - 1. */
static PyObject *
raise_with_arguments(PyObject *type, int count)
{
    PyObject *args = PyTuple_New(count);
    for (int i = 0; args != NULL && i < count; i++) {
        PyObject *number = PyLong_FromLong(i);
        if (number == NULL) {
            Py_CLEAR(args);
        }
        else {
            PyTuple_SET_ITEM(args, i, number);
        }
    }
    if (args != NULL) {
        PyErr_SetObject(type, args);
        Py_DECREF(args);
    }
    return NULL;
}

#define raise_no_memory() PyErr_NoMemory()

/* ---- exceptions that nobody can catch ---- */

static PyObject *
write_unraisable(PyObject *exception, PyObject *object)
{
    PyErr_SetRaisedException(Py_XNewRef(exception));
    PyErr_WriteUnraisable(object);
    Py_RETURN_NONE;
}

static PyObject *
write_unraisable_message(PyObject *exception, const char *message, PyObject *object)
{
    PyErr_SetRaisedException(Py_XNewRef(exception));
    _PyErr_WriteUnraisableMsg(message, object);
    Py_RETURN_NONE;
}

/* The name of the function is in the message. */
static PyObject *
_testcapi_fatal_error_impl(const char *message, int release_gil)
{
    if (release_gil) {
        Py_BEGIN_ALLOW_THREADS
        Py_FatalError(message);
        Py_END_ALLOW_THREADS
    }
    Py_FatalError(message);
}

/* ---- the exception being handled ---- */

static PyObject *
set_handled(PyObject *exception)
{
    PyObject *old = PyErr_GetHandledException();
    PyErr_SetHandledException(exception);
    return object_result(old, Py_None);
}

static PyObject *
set_handled_info(PyObject *type, PyObject *value, PyObject *traceback)
{
    PyObject *old_type, *old_value, *old_traceback;
    PyErr_GetExcInfo(&old_type, &old_value, &old_traceback);
    PyErr_SetExcInfo(Py_NewRef(type), Py_NewRef(value), Py_NewRef(traceback));
    return Py_BuildValue("(NNN)", object_result(old_type, Py_None),
                         object_result(old_value, Py_None), object_result(old_traceback, Py_None));
}

/* ---- showing ---- */

static PyObject *
print_exception(PyObject *exception, int legacy)
{
    if (!legacy) {
        PyErr_DisplayException(exception);
        Py_RETURN_NONE;
    }
    PyObject *traceback = NULL;
    if (PyExceptionInstance_Check(exception)) {
        traceback = PyException_GetTraceback(exception);
    }
    PyErr_Display((PyObject *)Py_TYPE(exception), exception, traceback);
    Py_XDECREF(traceback);
    Py_RETURN_NONE;
}

static PyObject *
make_exception_with_doc(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"name", "doc", "base", "dict", NULL};
    const char *name;
    const char *doc = NULL;
    PyObject *base = NULL;
    PyObject *dict = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "s|sOO:make_exception_with_doc", KEYWORDS(names),
                                     &name, &doc, &base, &dict)) {
        return NULL;
    }
    return PyErr_NewExceptionWithDoc(name, doc, base, dict);
}

/* An exception that raises itself while it is made. */
static int
recursing_init(PyObject *self, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    PyErr_SetNone((PyObject *)Py_TYPE(self));
    return -1;
}

static PyType_Slot recursing_slots[] = {
    {Py_tp_init, recursing_init},
    {0, NULL}
};

static PyType_Spec recursing_spec = {
    .name = "_testcapi.RecursingInfinitelyError",
    .basicsize = sizeof(PyBaseExceptionObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = recursing_slots,
};

#define EXCEPTION_CALLS(X) \
    X(1, err_set_raised, object, set_raised, P) \
    X(3, err_restore, object, restore, P, optO, optO) \
    X(2, exc_set_object, object, set_object, P, P) \
    X(2, exc_set_object_fetch, object, set_object_and_fetch, P, P) \
    X(2, err_setstring, object, set_string, O, s) \
    X(3, err_setfromerrnowithfilename, object, set_from_errno, i, O, s) \
    X(2, raise_exception, object, raise_with_arguments, P, i) \
    X(0, raise_memoryerror, object, raise_no_memory) \
    X(2, err_writeunraisable, object, write_unraisable, O, O) \
    X(3, write_unraisable_exc, object, write_unraisable_message, P, s, P) \
    X(2, fatal_error, object, _testcapi_fatal_error_impl, s, opti) \
    X(1, set_exception, object, set_handled, P) \
    X(3, set_exc_info, object, set_handled_info, P, P, P) \
    X(2, exception_print, object, print_exception, P, opti) \
    X(2, traceback_print, int, PyTraceBack_Print, P, P) \
    X(2, unstable_exc_prep_reraise_star, object, PyUnstable_Exc_PrepReraiseStar, P, P)

EXCEPTION_CALLS(WRAP)

static PyMethodDef exception_methods[] = {
    EXCEPTION_CALLS(WRAP_ROW)
    KEYWORDS_ROW(make_exception_with_doc),
    {NULL}
};

int
_TestCapi_AddExceptions(PyObject *module)
{
    PyObject *error = PyErr_NewException("_testcapi.error", NULL, NULL);
    int result = PyModule_AddObjectRef(module, "error", error);
    Py_XDECREF(error);
    if (result < 0
        || _TestCapi_AddType(module, &recursing_spec, (PyTypeObject *)PyExc_Exception) < 0) {
        return -1;
    }
    return PyModule_AddFunctions(module, exception_methods);
}
