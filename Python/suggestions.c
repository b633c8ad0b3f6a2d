/* "Did you mean": names similar to one that was not found.
 *
 * Candidates are the attributes of the object (AttributeError), the names in the module
 * (ImportError), or the names that the innermost frame of the traceback sees (NameError).  The
 * nearest by edit distance is offered if it is near enough for its length; a change of case
 * costs half of another change.  Work is bounded: long names and long lists are not searched.
 * Written from the What's New pages of 3.10 and 3.12 and observed behaviour of 3.12. */

#include "Python.h"
#include "pycore_errors.h"      // _Py_Offer_Suggestions()
#include "pycore_frame.h"       // PyFrame_GetLocals()
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_sysmodule.h"   // _PySys_GetAttr()

#define MAX_CANDIDATES 750
#define MAX_STRING 40           // of what differs, in bytes
#define MOVE_COST 2
#define CASE_COST 1

static int
substitution_cost(char a, char b)
{
    if (a == b) {
        return 0;
    }
    return Py_TOLOWER(a) == Py_TOLOWER(b) && Py_ISALPHA(a) && Py_ISALPHA(b) ? CASE_COST : MOVE_COST;
}

/* The least cost of editing a to b, or a number above max_cost. */
static Py_ssize_t
edit_cost(const char *a, size_t a_size, const char *b, size_t b_size, size_t max_cost)
{
    while (a_size > 0 && b_size > 0 && a[0] == b[0]) {
        a++, b++, a_size--, b_size--;
    }
    while (a_size > 0 && b_size > 0 && a[a_size - 1] == b[b_size - 1]) {
        a_size--, b_size--;
    }
    if (a_size == 0 || b_size == 0) {
        return (Py_ssize_t)((a_size + b_size) * MOVE_COST);
    }
    if (a_size > MAX_STRING || b_size > MAX_STRING) {
        return (Py_ssize_t)max_cost + 1;
    }
    size_t difference = a_size > b_size ? a_size - b_size : b_size - a_size;
    if (difference * MOVE_COST > max_cost) {
        return (Py_ssize_t)max_cost + 1;
    }
    /* row[j]: cost of editing the part of a read so far to b[:j+1]. */
    assert(a_size <= MAX_STRING && b_size <= MAX_STRING);
    size_t row[MAX_STRING];
    for (size_t j = 0; j < b_size; j++) {
        row[j] = (j + 1) * MOVE_COST;
    }
    for (size_t i = 0; i < a_size; i++) {
        size_t diagonal = i * MOVE_COST;        /* row[j - 1] of the previous round */
        size_t left = (i + 1) * MOVE_COST;
        size_t best = left;
        for (size_t j = 0; j < b_size; j++) {
            size_t cost = diagonal + (size_t)substitution_cost(a[i], b[j]);
            size_t move = Py_MIN(left, row[j]) + MOVE_COST;
            diagonal = row[j];
            left = row[j] = Py_MIN(cost, move);
            best = Py_MIN(best, left);
        }
        if (best > max_cost) {
            return (Py_ssize_t)max_cost + 1;
        }
    }
    return (Py_ssize_t)row[b_size - 1];
}

Py_ssize_t
_Py_UTF8_Edit_Cost(PyObject *a, PyObject *b, Py_ssize_t max_cost)
{
    assert(PyUnicode_Check(a) && PyUnicode_Check(b));
    Py_ssize_t a_size, b_size;
    const char *a_text = PyUnicode_AsUTF8AndSize(a, &a_size);
    const char *b_text = a_text == NULL ? NULL : PyUnicode_AsUTF8AndSize(b, &b_size);
    if (b_text == NULL) {
        return -1;
    }
    if (max_cost == -1) {
        max_cost = MOVE_COST * Py_MAX(a_size, b_size);
    }
    return edit_cost(a_text, (size_t)a_size, b_text, (size_t)b_size, (size_t)max_cost);
}

/* The item of a list of names that is nearest to `name`: new reference, or NULL, with an
   exception for lack of memory only. */
static PyObject *
nearest_name(PyObject *names, PyObject *name)
{
    assert(PyList_Check(names) && PyUnicode_Check(name));
    Py_ssize_t n = PyList_GET_SIZE(names);
    if (n >= MAX_CANDIDATES) {
        return NULL;
    }
    Py_ssize_t name_size;
    const char *name_text = PyUnicode_AsUTF8AndSize(name, &name_size);
    if (name_text == NULL) {
        return NULL;
    }
    Py_ssize_t best_cost = PY_SSIZE_T_MAX;
    PyObject *best = NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = PyList_GET_ITEM(names, i);
        Py_ssize_t size;
        const char *text = PyUnicode_Check(item) ? PyUnicode_AsUTF8AndSize(item, &size) : NULL;
        if (text == NULL) {
            if (PyErr_Occurred()) {
                return NULL;
            }
            continue;
        }
        if (size == name_size && memcmp(text, name_text, (size_t)size) == 0) {
            continue;           /* it was there after all */
        }
        /* No more than a third of the characters may be wrong. */
        Py_ssize_t limit = (name_size + size + 3) * MOVE_COST / 6;
        if (limit >= best_cost) {
            limit = best_cost - 1;
        }
        Py_ssize_t cost = edit_cost(name_text, (size_t)name_size, text, (size_t)size,
                                    (size_t)Py_MAX(limit, 0));
        if (cost <= limit) {
            best = item;
            best_cost = cost;
        }
    }
    return Py_XNewRef(best);
}

/* The nearest of a list of names, which is taken over; NULL stays NULL. */
static PyObject *
nearest_of(PyObject *names, PyObject *name)
{
    PyObject *result = names == NULL ? NULL : nearest_name(names, name);
    Py_XDECREF(names);
    return result;
}


/* ---------------------------------------------------------------------- by exception */

static PyObject *
for_attribute_error(PyAttributeErrorObject *exc)
{
    if (exc->name == NULL || exc->obj == NULL || !PyUnicode_CheckExact(exc->name)) {
        return NULL;
    }
    return nearest_of(PyObject_Dir(exc->obj), exc->name);
}

static PyObject *
for_import_error(PyImportErrorObject *exc)
{
    if (exc->name == NULL || exc->name_from == NULL || !PyUnicode_CheckExact(exc->name_from)) {
        return NULL;
    }
    PyObject *module = PyImport_GetModule(exc->name);
    if (module == NULL) {
        return NULL;
    }
    PyObject *result = nearest_of(PyObject_Dir(module), exc->name_from);
    Py_DECREF(module);
    return result;
}

/* "self.name", if the local self has such an attribute. */
static PyObject *
attribute_of_self(PyObject *locals, PyObject *name)
{
    PyObject *self = PyMapping_GetItemString(locals, "self");
    if (self == NULL) {
        PyErr_Clear();
        return NULL;
    }
    PyObject *value, *result = NULL;
    int res = _PyObject_LookupAttr(self, name, &value);
    Py_DECREF(self);
    if (res > 0) {
        Py_DECREF(value);
        result = PyUnicode_FromFormat("self.%U", name);
    }
    else if (res < 0) {
        PyErr_Clear();
    }
    return result;
}

/* A name that a frame sees. */
static PyObject *
for_frame(PyFrameObject *frame, PyObject *name)
{
    PyObject *locals = PyFrame_GetLocals(frame);
    if (locals == NULL) {
        return NULL;
    }
    PyObject *result = attribute_of_self(locals, name);
    if (result == NULL && !PyErr_Occurred()) {
        result = nearest_of(PySequence_List(locals), name);
    }
    Py_DECREF(locals);
    if (result == NULL && !PyErr_Occurred()) {
        PyObject *globals = PyFrame_GetGlobals(frame);
        result = nearest_of(PySequence_List(globals), name);
        Py_DECREF(globals);
    }
    if (result == NULL && !PyErr_Occurred()) {
        PyObject *builtins = PyFrame_GetBuiltins(frame);
        result = nearest_of(PySequence_List(builtins), name);
        Py_DECREF(builtins);
    }
    return result;
}

/* Whether the name is that of a module of the standard library: 1, 0, -1 with an exception. */
static int
is_stdlib_module(PyObject *name)
{
    PyObject *names = _PySys_GetAttr(_PyThreadState_GET(), &_Py_ID(stdlib_module_names));
    return names != NULL && PyAnySet_Check(names) ? PySequence_Contains(names, name) : 0;
}

/* The whole text to add, as NameError has two kinds of advice. */
static PyObject *
text_for_name_error(PyNameErrorObject *exc)
{
    PyTracebackObject *tb = (PyTracebackObject *)exc->traceback;
    if (exc->name == NULL || tb == NULL || !PyUnicode_CheckExact(exc->name)) {
        return NULL;
    }
    while (tb->tb_next != NULL) {
        tb = tb->tb_next;
    }
    PyObject *name = for_frame(tb->tb_frame, exc->name);
    if (name == NULL && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *text = NULL;
    int is_module = is_stdlib_module(exc->name);
    if (is_module == 0 && name != NULL) {
        text = PyUnicode_FromFormat(". Did you mean: %R?", name);
    }
    else if (is_module > 0 && name != NULL) {
        text = PyUnicode_FromFormat(". Did you mean: %R? Or did you forget to import %R?", name,
                                    exc->name);
    }
    else if (is_module > 0) {
        text = PyUnicode_FromFormat(". Did you forget to import %R?", exc->name);
    }
    Py_XDECREF(name);
    return text;
}

PyObject *
_Py_Offer_Suggestions(PyObject *exception)
{
    assert(!PyErr_Occurred());
    PyObject *name = NULL;
    if (Py_IS_TYPE(exception, (PyTypeObject *)PyExc_AttributeError)) {
        name = for_attribute_error((PyAttributeErrorObject *)exception);
    }
    else if (Py_IS_TYPE(exception, (PyTypeObject *)PyExc_NameError)) {
        return text_for_name_error((PyNameErrorObject *)exception);
    }
    else if (Py_IS_TYPE(exception, (PyTypeObject *)PyExc_ImportError)) {
        name = for_import_error((PyImportErrorObject *)exception);
    }
    if (name == NULL) {
        return NULL;
    }
    PyObject *text = PyUnicode_FromFormat(". Did you mean: %R?", name);
    Py_DECREF(name);
    return text;
}
