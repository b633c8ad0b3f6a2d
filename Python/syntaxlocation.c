/* PyErr_SyntaxLocation*: telling the pending SyntaxError where it happened.
 *
 * Works on any exception: one that is no SyntaxError gets the attributes that the printing of
 * exceptions looks for.  Written from the C API reference and observed behaviour of 3.12. */

#include "Python.h"
#include "pycore_errors.h"      // _PyErr_SetSyntaxLocation()
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_strings.h"     // _Py_ID()

/* Sets an attribute, None for a NULL value (stolen).  Failures are not worth reporting. */
static void
set_attribute(PyObject *exc, PyObject *name, PyObject *value)
{
    if (value == NULL) {
        PyErr_Clear();
        value = Py_NewRef(Py_None);
    }
    if (PyObject_SetAttr(exc, name, value) < 0) {
        PyErr_Clear();
    }
    Py_DECREF(value);
}

static PyObject *
int_or_null(int value)
{
    return value == -1 ? NULL : PyLong_FromLong(value);
}

/* What a SyntaxError has by itself. */
static void
add_missing_attributes(PyObject *exc)
{
    PyObject *value;
    if (_PyObject_LookupAttr(exc, &_Py_ID(msg), &value) < 0) {
        PyErr_Clear();
    }
    else if (value == NULL) {
        set_attribute(exc, &_Py_ID(msg), PyObject_Str(exc));
    }
    else {
        Py_DECREF(value);
    }
    if (_PyObject_LookupAttr(exc, &_Py_ID(print_file_and_line), &value) < 0) {
        PyErr_Clear();
    }
    else if (value == NULL) {
        set_attribute(exc, &_Py_ID(print_file_and_line), NULL);
    }
    else {
        Py_DECREF(value);
    }
}

void
_PyErr_SetSyntaxLocation(PyThreadState *tstate, PyObject *filename, int lineno, int col_offset,
                         int end_lineno, int end_col_offset)
{
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    assert(exc != NULL);
    set_attribute(exc, &_Py_ID(lineno), PyLong_FromLong(lineno));
    set_attribute(exc, &_Py_ID(offset), int_or_null(col_offset));
    set_attribute(exc, &_Py_ID(end_lineno), int_or_null(end_lineno));
    set_attribute(exc, &_Py_ID(end_offset), int_or_null(end_col_offset));
    if (filename != NULL) {
        set_attribute(exc, &_Py_ID(filename), Py_NewRef(filename));
        set_attribute(exc, &_Py_ID(text), PyErr_ProgramTextObject(filename, lineno));
    }
    if (!Py_IS_TYPE(exc, (PyTypeObject *)PyExc_SyntaxError)) {
        add_missing_attributes(exc);
    }
    _PyErr_SetRaisedException(tstate, exc);
}

void
PyErr_SyntaxLocationObject(PyObject *filename, int lineno, int col_offset)
{
    _PyErr_SetSyntaxLocation(_PyThreadState_GET(), filename, lineno, col_offset, lineno, -1);
}

void
PyErr_RangedSyntaxLocationObject(PyObject *filename, int lineno, int col_offset, int end_lineno,
                                 int end_col_offset)
{
    _PyErr_SetSyntaxLocation(_PyThreadState_GET(), filename, lineno, col_offset, end_lineno,
                             end_col_offset);
}

void
PyErr_SyntaxLocationEx(const char *filename, int lineno, int col_offset)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *name = NULL;
    if (filename != NULL) {
        PyObject *exc = _PyErr_GetRaisedException(tstate);
        name = PyUnicode_DecodeFSDefault(filename);
        _PyErr_SetRaisedException(tstate, exc);
    }
    PyErr_SyntaxLocationObject(name, lineno, col_offset);
    Py_XDECREF(name);
}

void
PyErr_SyntaxLocation(const char *filename, int lineno)
{
    PyErr_SyntaxLocationEx(filename, lineno, -1);
}
