/* boolobject.c - the bool type: a subclass of int with two shared instances.
 *
 * Written from the library reference (Boolean Type) and observed messages.
 */
#include "Python.h"
#include "pycore_long.h"        // _PyLong_TRUE_TAG
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_strings.h"     // _Py_ID()

static PyObject *
bool_repr(PyObject *self)
{
    return self == Py_True ? &_Py_ID(True) : &_Py_ID(False);
}

/* True if `ok` is not 0; new reference (of an immortal object). */
PyObject *
PyBool_FromLong(long ok)
{
    return ok ? Py_True : Py_False;
}

PyDoc_STRVAR(bool_doc,
"bool(x) -> bool\n\
\n\
Returns True when the argument x is true, False otherwise.\n\
The builtins True and False are the only two instances of the class bool.\n\
The class bool is a subclass of the class int, and cannot be subclassed.");

static PyObject *
bool_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0) {
        PyErr_SetString(PyExc_TypeError, "bool() takes no keyword arguments");
        return NULL;
    }
    PyObject *x = Py_False;
    if (!PyArg_UnpackTuple(args, "bool", 0, 1, &x)) {
        return NULL;
    }
    int ok = PyObject_IsTrue(x);
    return ok < 0 ? NULL : PyBool_FromLong(ok);
}

static PyObject *
bool_vectorcall(PyObject *Py_UNUSED(type), PyObject *const *args, size_t nargsf,
                PyObject *kwnames)
{
    if (kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0) {
        PyErr_SetString(PyExc_TypeError, "bool() takes no keyword arguments");
        return NULL;
    }
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (nargs > 1) {
        PyErr_Format(PyExc_TypeError, "bool expected at most 1 argument, got %zd", nargs);
        return NULL;
    }
    int ok = nargs == 0 ? 0 : PyObject_IsTrue(args[0]);
    return ok < 0 ? NULL : PyBool_FromLong(ok);
}

static PyObject *
bool_invert(PyObject *self)
{
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "Bitwise inversion '~' on bool is deprecated. This returns the bitwise "
                     "inversion of the underlying int object and is usually not what you expect "
                     "from negating a bool. Use the 'not' operator for boolean negation or "
                     "~int(x) if you really want the bitwise inversion of the underlying int.",
                     1) < 0)
    {
        return NULL;
    }
    return PyLong_Type.tp_as_number->nb_invert(self);
}

/* & | ^ of two bools are bools; with an int they are int's business. */

static PyObject *
bool_and(PyObject *a, PyObject *b)
{
    if (!PyBool_Check(a) || !PyBool_Check(b)) {
        return PyLong_Type.tp_as_number->nb_and(a, b);
    }
    return PyBool_FromLong((a == Py_True) & (b == Py_True));
}

static PyObject *
bool_or(PyObject *a, PyObject *b)
{
    if (!PyBool_Check(a) || !PyBool_Check(b)) {
        return PyLong_Type.tp_as_number->nb_or(a, b);
    }
    return PyBool_FromLong((a == Py_True) | (b == Py_True));
}

static PyObject *
bool_xor(PyObject *a, PyObject *b)
{
    if (!PyBool_Check(a) || !PyBool_Check(b)) {
        return PyLong_Type.tp_as_number->nb_xor(a, b);
    }
    return PyBool_FromLong((a == Py_True) ^ (b == Py_True));
}

/* Only blind decrements by old extension code can bring a count here: repair it. */
static void
bool_dealloc(PyObject *self)
{
    _Py_SetImmortal(self);
}

static _Py_SHARED PyNumberMethods bool_as_number = {
    .nb_invert = bool_invert,
    .nb_and = bool_and,
    .nb_xor = bool_xor,
    .nb_or = bool_or,
};

_Py_SHARED PyTypeObject PyBool_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bool",
    .tp_basicsize = offsetof(PyLongObject, long_value.ob_digit),
    .tp_itemsize = sizeof(digit),
    .tp_dealloc = bool_dealloc,
    .tp_repr = bool_repr,
    .tp_as_number = &bool_as_number,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = bool_doc,
    .tp_base = &PyLong_Type,
    .tp_new = bool_new,
    .tp_vectorcall = bool_vectorcall,
};

_Py_SHARED struct _longobject _Py_FalseStruct = {
    .ob_base = _PyObject_HEAD_INIT(&PyBool_Type),
    .long_value = {.lv_tag = _PyLong_FALSE_TAG, .ob_digit = {0}},
};

_Py_SHARED struct _longobject _Py_TrueStruct = {
    .ob_base = _PyObject_HEAD_INIT(&PyBool_Type),
    .long_value = {.lv_tag = _PyLong_TRUE_TAG, .ob_digit = {1}},
};
