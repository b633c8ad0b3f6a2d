/* Exceptions with a few attributes: StopIteration, SystemExit, ImportError, NameError,
 * AttributeError.
 *
 * Each attribute is one object field, NULL for None, set by tp_init from the arguments.
 * Written from the library reference (built-in exceptions) and observed behaviour of 3.12. */

#include "Python.h"
#include "pycore_exceptions.h"      // _PyExc_LIFE
#include "pycore_global_objects.h"  // _PyTuple_EMPTY

/* A member row for an object field. */
#define FIELD(NAME, STRUCT, FIELD, DOC) {NAME, T_OBJECT, offsetof(STRUCT, FIELD), 0, PyDoc_STR(DOC)}
#define END_OF_MEMBERS {NULL, 0, 0, 0, NULL}


/* --------------------------------------------------------------- StopIteration */

#define STOPITERATION_FIELDS(X) X(value)
_PyExc_LIFE(StopIteration, PyStopIterationObject, STOPITERATION_FIELDS)

static int
StopIteration_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PyStopIterationObject *self = (PyStopIterationObject *)op;
    assert(PyObject_TypeCheck(op, &_PyExc_StopIteration));
    if (_PyBaseException_Init(op, args, kwargs) < 0) {
        return -1;
    }
    Py_XSETREF(self->value,
               Py_NewRef(PyTuple_GET_SIZE(args) > 0 ? PyTuple_GET_ITEM(args, 0) : Py_None));
    return 0;
}

static PyMemberDef StopIteration_members[] = {
    FIELD("value", PyStopIterationObject, value, "generator return value"),
    END_OF_MEMBERS,
};

_Py_SHARED PyTypeObject _PyExc_StopIteration = {
    _PyExc_TYPE_HEAD(StopIteration, PyStopIterationObject, _PyExc_Exception, StopIteration,
                     "Signal the end from iterator.__next__()."),
    .tp_members = StopIteration_members,
    .tp_init = StopIteration_init,
};
PyObject *PyExc_StopIteration = (PyObject *)&_PyExc_StopIteration;


/* ------------------------------------------------------------------ SystemExit */

#define SYSTEMEXIT_FIELDS(X) X(code)
_PyExc_LIFE(SystemExit, PySystemExitObject, SYSTEMEXIT_FIELDS)

static int
SystemExit_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PySystemExitObject *self = (PySystemExitObject *)op;
    assert(PyObject_TypeCheck(op, &_PyExc_SystemExit));
    if (_PyBaseException_Init(op, args, kwargs) < 0) {
        return -1;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n > 0) {
        Py_XSETREF(self->code, Py_NewRef(n == 1 ? PyTuple_GET_ITEM(args, 0) : args));
    }
    return 0;
}

static PyMemberDef SystemExit_members[] = {
    FIELD("code", PySystemExitObject, code, "exception code"),
    END_OF_MEMBERS,
};

_Py_SHARED PyTypeObject _PyExc_SystemExit = {
    _PyExc_TYPE_HEAD(SystemExit, PySystemExitObject, _PyExc_BaseException, SystemExit,
                     "Request to exit from the interpreter."),
    .tp_members = SystemExit_members,
    .tp_init = SystemExit_init,
};
PyObject *PyExc_SystemExit = (PyObject *)&_PyExc_SystemExit;


/* ----------------------------------------------------------------- ImportError */

#define IMPORTERROR_FIELDS(X) X(msg) X(name) X(path) X(name_from)
_PyExc_LIFE(ImportError, PyImportErrorObject, IMPORTERROR_FIELDS)

/* Parse keyword-only object arguments: PyArg_ParseTupleAndKeywords on no positional ones. */
#define PARSE_KEYWORDS(KWARGS, FORMAT, NAMES, ...)                              \
    PyArg_ParseTupleAndKeywords(_PyTuple_EMPTY, (KWARGS), (FORMAT), (char **)(NAMES), __VA_ARGS__)

static int
ImportError_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"name", "path", "name_from", NULL};
    PyImportErrorObject *self = (PyImportErrorObject *)op;
    PyObject *name = NULL, *path = NULL, *name_from = NULL;
    assert(PyTuple_Check(args));
    if (_PyBaseException_Init(op, args, NULL) < 0
        || !PARSE_KEYWORDS(kwargs, "|$OOO:ImportError", names, &name, &path, &name_from))
    {
        return -1;
    }
    Py_XSETREF(self->name, Py_XNewRef(name));
    Py_XSETREF(self->path, Py_XNewRef(path));
    Py_XSETREF(self->name_from, Py_XNewRef(name_from));
    PyObject *msg = PyTuple_GET_SIZE(args) == 1 ? PyTuple_GET_ITEM(args, 0) : NULL;
    Py_XSETREF(self->msg, Py_XNewRef(msg));
    return 0;
}

static PyObject *
ImportError_str(PyObject *op)
{
    PyImportErrorObject *self = (PyImportErrorObject *)op;
    if (self->msg != NULL && PyUnicode_CheckExact(self->msg)) {
        return Py_NewRef(self->msg);
    }
    return _PyBaseException_Str(op);
}

/* A copy of the instance dict (or a new one if `fields` says that there is something to add), or
   NULL without an exception if there is no state at all. */
static PyObject *
copy_state(PyObject *op, int fields)
{
    PyObject *dict = ((PyBaseExceptionObject *)op)->dict;
    assert(PyExceptionInstance_Check(op));
    assert(dict == NULL || PyDict_Check(dict));
    if (fields) {
        return dict != NULL ? PyDict_Copy(dict) : PyDict_New();
    }
    return Py_XNewRef(dict);
}

static PyObject *
ImportError_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyImportErrorObject *self = (PyImportErrorObject *)op;
    PyObject *state = copy_state(op, self->name || self->path || self->name_from);
    if (state == NULL) {
        return PyErr_Occurred() ? NULL : PyTuple_Pack(2, (PyObject *)Py_TYPE(op), self->args);
    }
    PyObject *result = NULL;
    if ((self->name == NULL || PyDict_SetItem(state, &_Py_ID(name), self->name) == 0)
        && (self->path == NULL || PyDict_SetItem(state, &_Py_ID(path), self->path) == 0)
        && (self->name_from == NULL
            || PyDict_SetItem(state, &_Py_ID(name_from), self->name_from) == 0))
    {
        result = PyTuple_Pack(3, (PyObject *)Py_TYPE(op), self->args, state);
    }
    Py_DECREF(state);
    return result;
}

static PyMethodDef ImportError_methods[] = {
    {"__reduce__", ImportError_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef ImportError_members[] = {
    FIELD("msg", PyImportErrorObject, msg, "exception message"),
    FIELD("name", PyImportErrorObject, name, "module name"),
    FIELD("path", PyImportErrorObject, path, "module path"),
    FIELD("name_from", PyImportErrorObject, name_from, "name imported from module"),
    END_OF_MEMBERS,
};

_Py_SHARED PyTypeObject _PyExc_ImportError = {
    _PyExc_TYPE_HEAD(ImportError, PyImportErrorObject, _PyExc_Exception, ImportError,
                     "Import can't find module, or can't find name in module."),
    .tp_str = ImportError_str,
    .tp_methods = ImportError_methods,
    .tp_members = ImportError_members,
    .tp_init = ImportError_init,
};
PyObject *PyExc_ImportError = (PyObject *)&_PyExc_ImportError;

_PyExc_SIMPLE(ModuleNotFoundError, PyImportErrorObject, ImportError, ImportError,
              ImportError_init, NULL, "Module not found.");


/* ------------------------------------------------------------------- NameError */

#define NAMEERROR_FIELDS(X) X(name)
_PyExc_LIFE(NameError, PyNameErrorObject, NAMEERROR_FIELDS)

static int
NameError_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"name", NULL};
    PyNameErrorObject *self = (PyNameErrorObject *)op;
    PyObject *name = NULL;
    if (_PyBaseException_Init(op, args, NULL) < 0
        || !PARSE_KEYWORDS(kwargs, "|$O:NameError", names, &name))
    {
        return -1;
    }
    Py_XSETREF(self->name, Py_XNewRef(name));
    return 0;
}

static PyMemberDef NameError_members[] = {
    FIELD("name", PyNameErrorObject, name, "name"),
    END_OF_MEMBERS,
};

_Py_SHARED PyTypeObject _PyExc_NameError = {
    _PyExc_TYPE_HEAD(NameError, PyNameErrorObject, _PyExc_Exception, NameError,
                     "Name not found globally."),
    .tp_str = _PyBaseException_Str,
    .tp_members = NameError_members,
    .tp_init = NameError_init,
};
PyObject *PyExc_NameError = (PyObject *)&_PyExc_NameError;

_PyExc_SIMPLE(UnboundLocalError, PyNameErrorObject, NameError, NameError,
              NameError_init, NULL,
              "Local name referenced but not bound to a value.");


/* -------------------------------------------------------------- AttributeError */

#define ATTRIBUTEERROR_FIELDS(X) X(obj) X(name)
_PyExc_LIFE(AttributeError, PyAttributeErrorObject, ATTRIBUTEERROR_FIELDS)

static int
AttributeError_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"name", "obj", NULL};
    PyAttributeErrorObject *self = (PyAttributeErrorObject *)op;
    PyObject *name = NULL, *obj = NULL;
    if (_PyBaseException_Init(op, args, NULL) < 0
        || !PARSE_KEYWORDS(kwargs, "|$OO:AttributeError", names, &name, &obj))
    {
        return -1;
    }
    Py_XSETREF(self->name, Py_XNewRef(name));
    Py_XSETREF(self->obj, Py_XNewRef(obj));
    return 0;
}

/* The object is left out: it is often one that cannot be pickled. */
static PyObject *
AttributeError_getstate(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyAttributeErrorObject *self = (PyAttributeErrorObject *)op;
    if (self->name == NULL && self->args == NULL) {
        return Py_NewRef(self->dict != NULL ? self->dict : Py_None);
    }
    PyObject *state = copy_state(op, 1);
    if (state == NULL
        || (self->name != NULL && PyDict_SetItem(state, &_Py_ID(name), self->name) < 0)
        || (self->args != NULL && PyDict_SetItem(state, &_Py_ID(args), self->args) < 0))
    {
        Py_XDECREF(state);
        return NULL;
    }
    return state;
}

static PyObject *
AttributeError_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyObject *state = AttributeError_getstate(op, NULL);
    if (state == NULL) {
        return NULL;
    }
    PyObject *result = PyTuple_Pack(3, (PyObject *)Py_TYPE(op),
                                    ((PyAttributeErrorObject *)op)->args, state);
    Py_DECREF(state);
    return result;
}

static PyMethodDef AttributeError_methods[] = {
    {"__getstate__", AttributeError_getstate, METH_NOARGS, NULL},
    {"__reduce__", AttributeError_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef AttributeError_members[] = {
    FIELD("name", PyAttributeErrorObject, name, "attribute name"),
    FIELD("obj", PyAttributeErrorObject, obj, "object"),
    END_OF_MEMBERS,
};

_Py_SHARED PyTypeObject _PyExc_AttributeError = {
    _PyExc_TYPE_HEAD(AttributeError, PyAttributeErrorObject, _PyExc_Exception, AttributeError,
                     "Attribute not found."),
    .tp_str = _PyBaseException_Str,
    .tp_methods = AttributeError_methods,
    .tp_members = AttributeError_members,
    .tp_init = AttributeError_init,
};
PyObject *PyExc_AttributeError = (PyObject *)&_PyExc_AttributeError;
