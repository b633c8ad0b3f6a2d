/* What the unit tests of the C API share: Python started in bare mode, values given as Python
 * expressions, and checks of results and exceptions.
 *
 * The tests use the public API only.  Where Python runs already, because the file was built as part
 * of an extension module, nothing is started: so the same tests can be run in any Python 3.12. */
#ifndef LADON_UNIT_CAPI_H
#define LADON_UNIT_CAPI_H

#define PY_SSIZE_T_CLEAN
#include "Python.h"

#include "unit.h"

#include <string.h>

/* Prints the exception that is set, with the place that did not expect it, and clears it. */
static void
capi_unexpected(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    if (PyErr_Occurred()) {
        PyErr_Print();
    }
}

/* Value of a Python expression with the names a, b and c bound to the objects (or NULL). */
static PyObject *
capi_eval(const char *expression, PyObject *a, PyObject *b, PyObject *c)
{
    PyObject *globals = PyDict_New();
    PyObject *value = NULL;
    if (globals != NULL && PyDict_SetItemString(globals, "__builtins__", PyEval_GetBuiltins()) == 0
        && (a == NULL || PyDict_SetItemString(globals, "a", a) == 0)
        && (b == NULL || PyDict_SetItemString(globals, "b", b) == 0)
        && (c == NULL || PyDict_SetItemString(globals, "c", c) == 0)) {
        value = PyRun_String(expression, Py_eval_input, globals, globals);
    }
    Py_XDECREF(globals);
    return value;
}

/* New reference to the value of the expression; the tests' expressions do not fail. */
static PyObject *
V(const char *expression)
{
    PyObject *value = capi_eval(expression, NULL, NULL, NULL);
    if (value == NULL) {
        capi_unexpected(__FILE__, __LINE__, expression);
        exit(2);
    }
    return value;
}

/* Is `value` (consumed) equal in type and repr() to the expression's value? */
static int
capi_equals(PyObject *value, const char *expression, const char *file, int line)
{
    if (value == NULL) {
        capi_unexpected(file, line, "NULL returned");
        return 0;
    }
    if (PyErr_Occurred()) {
        capi_unexpected(file, line, "a result and an exception");
        return 0;
    }
    PyObject *expected = V(expression);
    PyObject *text = PyObject_Repr(value), *wanted = PyObject_Repr(expected);
    int same = Py_TYPE(value) == Py_TYPE(expected) && text != NULL && wanted != NULL &&
               PyUnicode_Compare(text, wanted) == 0;
    if (!same && text != NULL) {
        fprintf(stderr, "%s:%d: got %s\n", file, line, PyUnicode_AsUTF8(text));
    }
    PyErr_Clear();
    Py_XDECREF(text);
    Py_XDECREF(wanted);
    Py_DECREF(expected);
    Py_DECREF(value);
    return same;
}

/* Is the exception set of that type, with that text (NULL: any)?  Clears it. */
static int
capi_raised(PyObject *type, const char *text, const char *file, int line)
{
    PyObject *exc = PyErr_GetRaisedException();
    if (exc == NULL) {
        fprintf(stderr, "%s:%d: no exception\n", file, line);
        return 0;
    }
    PyObject *str = PyObject_Str(exc);
    const char *got = str != NULL ? PyUnicode_AsUTF8(str) : NULL;
    int same = (PyObject *)Py_TYPE(exc) == type &&
               (text == NULL || (got != NULL && strcmp(got, text) == 0));
    if (!same) {
        fprintf(stderr, "%s:%d: got %s: %s\n", file, line, Py_TYPE(exc)->tp_name, got);
    }
    Py_XDECREF(str);
    Py_DECREF(exc);
    return same;
}

/* EQ(new reference, "expression"): same type and repr. */
#define EQ(VALUE, EXPRESSION) CHECK(capi_equals((VALUE), (EXPRESSION), __FILE__, __LINE__))

/* RAISES(failed, type, text): `failed` is true, and that exception is set. */
#define RAISES(FAILED, TYPE, TEXT) \
    do { \
        CHECK(FAILED); \
        CHECK(capi_raised((TYPE), (TEXT), __FILE__, __LINE__)); \
    } while (0)

/* The condition holds and no exception is set. */
#define FINE(EXPR) \
    do { \
        CHECK(EXPR); \
        CHECK(!PyErr_Occurred()); \
        PyErr_Clear(); \
    } while (0)

/* Runs the tests in a Python that is started here if there is none. */
static inline int
capi_run(const struct unit_test *tests, size_t count)
{
    int running = Py_IsInitialized();
    if (!running) {
        PyConfig config;
        PyConfig_InitIsolatedConfig(&config);
        config._install_importlib = 0;
        config.site_import = 0;
        PyStatus status = Py_InitializeFromConfig(&config);
        PyConfig_Clear(&config);
        if (PyStatus_Exception(status)) {
            fprintf(stderr, "no runtime: %s\n", status.err_msg);
            return 2;
        }
    }
    int failed = unit_run(tests, count);
    if (!running && Py_FinalizeEx() < 0) {
        return 2;
    }
    return failed;
}

#define CAPI_MAIN(TESTS) \
    int main(void) { return capi_run(TESTS, sizeof(TESTS) / sizeof(TESTS[0])); }

#endif /* !LADON_UNIT_CAPI_H */
