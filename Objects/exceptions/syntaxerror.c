/* SyntaxError, IndentationError, TabError.
 *
 * SyntaxError(msg, (filename, lineno, offset, text[, end_lineno, end_offset])); the fields are
 * objects because code sets them to anything.
 * Written from the library reference (SyntaxError) and observed behaviour of 3.12. */

#include "Python.h"
#include "pycore_exceptions.h"      // _PyExc_LIFE
#include "osdefs.h"                 // SEP

#define SYNTAXERROR_FIELDS(X)                                                   \
    X(msg) X(filename) X(lineno) X(offset) X(end_lineno) X(end_offset) X(text)  \
    X(print_file_and_line)
_PyExc_LIFE(SyntaxError, PySyntaxErrorObject, SYNTAXERROR_FIELDS)

/* Fills the fields from the second argument: 0, or -1 with an exception. */
static int
set_location(PySyntaxErrorObject *self, PyObject *details)
{
    PyObject *filename, *lineno, *offset, *text, *end_lineno = NULL, *end_offset = NULL;
    PyObject *info = PySequence_Tuple(details);
    if (info == NULL) {
        return -1;
    }
    int ok = PyArg_ParseTuple(info, "OOOO|OO", &filename, &lineno, &offset, &text,
                              &end_lineno, &end_offset);
    if (ok) {
        Py_XSETREF(self->filename, Py_NewRef(filename));
        Py_XSETREF(self->lineno, Py_NewRef(lineno));
        Py_XSETREF(self->offset, Py_NewRef(offset));
        Py_XSETREF(self->text, Py_NewRef(text));
        Py_XSETREF(self->end_lineno, Py_XNewRef(end_lineno));
        Py_XSETREF(self->end_offset, Py_XNewRef(end_offset));
        if (self->end_lineno != NULL && self->end_offset == NULL) {
            PyErr_SetString(PyExc_TypeError,
                            "end_offset must be provided when end_lineno is provided");
            ok = 0;
        }
    }
    Py_DECREF(info);
    return ok ? 0 : -1;
}

static int
SyntaxError_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PySyntaxErrorObject *self = (PySyntaxErrorObject *)op;
    if (_PyBaseException_Init(op, args, kwargs) < 0) {
        return -1;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n >= 1) {
        Py_XSETREF(self->msg, Py_NewRef(PyTuple_GET_ITEM(args, 0)));
    }
    return n == 2 ? set_location(self, PyTuple_GET_ITEM(args, 1)) : 0;
}

/* The part of a file name behind the last separator: new reference or NULL. */
static PyObject *
basename_of(PyObject *name)
{
    assert(PyUnicode_Check(name));
    Py_ssize_t size = PyUnicode_GET_LENGTH(name);
    Py_ssize_t sep = PyUnicode_FindChar(name, SEP, 0, size, -1);
    if (sep == -2) {
        return NULL;
    }
    return PyUnicode_Substring(name, sep + 1, size);
}

static PyObject *
SyntaxError_str(PyObject *op)
{
    PySyntaxErrorObject *self = (PySyntaxErrorObject *)op;
    assert(PyObject_TypeCheck(op, &_PyExc_SyntaxError));
    PyObject *msg = self->msg != NULL ? self->msg : Py_None;
    int have_lineno = self->lineno != NULL && PyLong_CheckExact(self->lineno);
    int overflow = 0;
    long lineno = have_lineno ? PyLong_AsLongAndOverflow(self->lineno, &overflow) : 0;
    PyObject *filename = NULL;
    if (self->filename != NULL && PyUnicode_Check(self->filename)) {
        filename = basename_of(self->filename);
        if (filename == NULL) {
            return NULL;
        }
    }
    PyObject *result;
    if (filename != NULL && have_lineno) {
        result = PyUnicode_FromFormat("%S (%U, line %ld)", msg, filename, lineno);
    }
    else if (filename != NULL) {
        result = PyUnicode_FromFormat("%S (%U)", msg, filename);
    }
    else if (have_lineno) {
        result = PyUnicode_FromFormat("%S (line %ld)", msg, lineno);
    }
    else {
        result = PyObject_Str(msg);
    }
    Py_XDECREF(filename);
    return result;
}

#define FIELD(NAME, DOC) \
    {#NAME, T_OBJECT, offsetof(PySyntaxErrorObject, NAME), 0, PyDoc_STR(DOC)}

static PyMemberDef SyntaxError_members[] = {
    FIELD(msg, "exception msg"),
    FIELD(filename, "exception filename"),
    FIELD(lineno, "exception lineno"),
    FIELD(offset, "exception offset"),
    FIELD(text, "exception text"),
    FIELD(end_lineno, "exception end lineno"),
    FIELD(end_offset, "exception end offset"),
    FIELD(print_file_and_line, "exception print_file_and_line"),
    {NULL, 0, 0, 0, NULL},
};

_Py_SHARED PyTypeObject _PyExc_SyntaxError = {
    _PyExc_TYPE_HEAD(SyntaxError, PySyntaxErrorObject, _PyExc_Exception, SyntaxError,
                     "Invalid syntax."),
    .tp_str = SyntaxError_str,
    .tp_members = SyntaxError_members,
    .tp_init = SyntaxError_init,
};
PyObject *PyExc_SyntaxError = (PyObject *)&_PyExc_SyntaxError;

_PyExc_SIMPLE(IndentationError, PySyntaxErrorObject, SyntaxError, SyntaxError,
              SyntaxError_init, NULL, "Improper indentation.");
_PyExc_SIMPLE(TabError, PySyntaxErrorObject, IndentationError, SyntaxError,
              SyntaxError_init, NULL, "Improper mixture of spaces and tabs.");
