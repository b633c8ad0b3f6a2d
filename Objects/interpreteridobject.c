/* InterpreterID: the id of an interpreter as an object that keeps a count of itself in the
   interpreter.

   An interpreter that "requires id references" ends when its last InterpreterID goes.  The
   object holds no pointer: it looks the interpreter up by its id, which is never used twice.

   Written from PEP 554 and the ABI tables.  */

#include "Python.h"
#include "interpreteridobject.h"    // _PyInterpreterID_New()
#include "pycore_interp.h"      // PyInterpreterState
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_pystate.h"     // _PyInterpreterState_LookUpID()

typedef struct {
    PyObject_HEAD
    int64_t id;
    int counted;                /* the interpreter counts this object */
} interpid;

/* New object of the type; `force`: the interpreter need not exist.  NULL with an exception. */
static PyObject *
new_interpid(PyTypeObject *type, int64_t id, int force)
{
    interpid *self = PyObject_New(interpid, type);
    if (self == NULL) {
        return NULL;
    }
    self->id = id;
    self->counted = _PyInterpreterState_IncrefID(id);
    if (!self->counted && !force) {
        Py_DECREF(self);
        PyErr_Format(PyExc_RuntimeError, "unrecognized interpreter ID %lld", (long long)id);
        return NULL;
    }
    return (PyObject *)self;
}

/* Converter "O&": an InterpreterID or an integer that is not negative. */
static int
interpid_converter(PyObject *arg, void *ptr)
{
    int64_t id;
    if (PyObject_TypeCheck(arg, &_PyInterpreterID_Type)) {
        id = ((interpid *)arg)->id;
    }
    else if (PyIndex_Check(arg)) {
        PyObject *index = PyNumber_Index(arg);
        if (index == NULL) {
            return 0;
        }
        id = PyLong_AsLongLong(index);
        Py_DECREF(index);
        if (id == -1 && PyErr_Occurred()) {
            return 0;
        }
        if (id < 0) {
            PyErr_Format(PyExc_ValueError,
                         "interpreter ID must be a non-negative int, got %R", arg);
            return 0;
        }
    }
    else {
        PyErr_Format(PyExc_TypeError, "interpreter ID must be an int, got %.100s",
                     Py_TYPE(arg)->tp_name);
        return 0;
    }
    *(int64_t *)ptr = id;
    return 1;
}

static PyObject *
interpid_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char * const keywords[] = {"id", "force", NULL};
    int64_t id;
    int force = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|$p:InterpreterID.__init__",
                                     (char **)keywords, interpid_converter, &id, &force)) {
        return NULL;
    }
    return new_interpid(type, id, force);
}

static void
interpid_dealloc(PyObject *op)
{
    if (((interpid *)op)->counted) {
        _PyInterpreterState_DecrefID(((interpid *)op)->id);
    }
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
interpid_repr(PyObject *op)
{
    return PyUnicode_FromFormat("%s(%lld)", _PyType_Name(Py_TYPE(op)),
                                (long long)((interpid *)op)->id);
}

static PyObject *
interpid_str(PyObject *op)
{
    return PyUnicode_FromFormat("%lld", (long long)((interpid *)op)->id);
}

static PyObject *
interpid_int(PyObject *op)
{
    return PyLong_FromLongLong(((interpid *)op)->id);
}

static Py_hash_t
interpid_hash(PyObject *op)
{
    PyObject *number = interpid_int(op);
    if (number == NULL) {
        return -1;
    }
    Py_hash_t hash = PyObject_Hash(number);
    Py_DECREF(number);
    return hash;
}

static PyObject *
interpid_richcompare(PyObject *self, PyObject *other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyObject_TypeCheck(self, &_PyInterpreterID_Type)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (PyObject_TypeCheck(other, &_PyInterpreterID_Type)) {
        int equal = ((interpid *)self)->id == ((interpid *)other)->id;
        return PyBool_FromLong((op == Py_EQ) == equal);
    }
    if (!PyNumber_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *number = interpid_int(self);
    if (number == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_RichCompare(number, other, op);
    Py_DECREF(number);
    return result;
}

static PyNumberMethods interpid_as_number = {
    .nb_int = interpid_int,
    .nb_index = interpid_int,
};

_Py_SHARED PyTypeObject _PyInterpreterID_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "InterpreterID",
    .tp_basicsize = sizeof(interpid),
    .tp_dealloc = interpid_dealloc,
    .tp_repr = interpid_repr,
    .tp_as_number = &interpid_as_number,
    .tp_hash = interpid_hash,
    .tp_str = interpid_str,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = PyDoc_STR("An interpreter's id; keeps the interpreter alive."),
    .tp_richcompare = interpid_richcompare,
    .tp_new = interpid_new,
};

/* The id object of an interpreter that exists; NULL with RuntimeError otherwise. */
PyObject *
_PyInterpreterID_New(int64_t id)
{
    return new_interpid(&_PyInterpreterID_Type, id, 0);
}

PyObject *
_PyInterpreterState_GetIDObject(PyInterpreterState *interp)
{
    if (_PyInterpreterState_IDInitref(interp) != 0) {
        return NULL;
    }
    return new_interpid(&_PyInterpreterID_Type, interp->id, 0);
}

/* The number that an int or InterpreterID stands for; -1 with an exception. */
int64_t
_PyInterpreterID_AsInt64(PyObject *requested_id)
{
    int64_t id;
    return interpid_converter(requested_id, &id) ? id : -1;
}

PyInterpreterState *
_PyInterpreterID_LookUp(PyObject *requested_id)
{
    int64_t id;
    if (!interpid_converter(requested_id, &id)) {
        return NULL;
    }
    return _PyInterpreterState_LookUpID(id);
}
