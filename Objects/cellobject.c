/* cellobject.c - cells: variables that a function shares with those inside it.
 *
 * Written from the C API reference ("Cell Objects"), the library reference (types.CellType) and
 * observed messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _PyObject_GC_TRACK()
#include "pycore_strings.h"     // _Py_ID()

/* A new cell with `obj` (a reference is kept), or empty with NULL. */
PyObject *
PyCell_New(PyObject *obj)
{
    PyCellObject *op = PyObject_GC_New(PyCellObject, &PyCell_Type);
    if (op == NULL) {
        return NULL;
    }
    op->ob_ref = Py_XNewRef(obj);
    _PyObject_GC_TRACK((PyObject *)op);
    return (PyObject *)op;
}

PyDoc_STRVAR(cell_new_doc,
"cell([contents])\n"
"--\n"
"\n"
"Create a new cell object.\n"
"\n"
"  contents\n"
"    the contents of the cell. If not specified, the cell will be empty,\n"
"    and \n further attempts to access its cell_contents attribute will\n"
"    raise a ValueError.");

static PyObject *
cell_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    PyObject *obj = NULL;
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0) {
        PyErr_SetString(PyExc_TypeError, "cell() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_UnpackTuple(args, "cell", 0, 1, &obj)) {
        return NULL;
    }
    return PyCell_New(obj);
}

PyObject *
PyCell_Get(PyObject *op)
{
    if (!PyCell_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return Py_XNewRef(PyCell_GET(op));
}

int
PyCell_Set(PyObject *op, PyObject *value)
{
    if (!PyCell_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyObject *old = PyCell_GET(op);
    PyCell_SET(op, Py_XNewRef(value));
    Py_XDECREF(old);
    return 0;
}

static void
cell_dealloc(PyObject *op)
{
    _PyObject_GC_UNTRACK(op);
    Py_XDECREF(((PyCellObject *)op)->ob_ref);
    PyObject_GC_Del(op);
}

/* Cells compare as their contents; an empty one is less than any other. */
static PyObject *
cell_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!PyCell_Check(a) || !PyCell_Check(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    a = ((PyCellObject *)a)->ob_ref;
    b = ((PyCellObject *)b)->ob_ref;
    if (a != NULL && b != NULL) {
        return PyObject_RichCompare(a, b, op);
    }
    Py_RETURN_RICHCOMPARE(b == NULL, a == NULL, op);
}

static PyObject *
cell_repr(PyObject *self)
{
    PyCellObject *op = (PyCellObject *)self;
    if (op->ob_ref == NULL) {
        return PyUnicode_FromFormat("<cell at %p: empty>", op);
    }
    return PyUnicode_FromFormat("<cell at %p: %.80s object at %p>", op,
                                Py_TYPE(op->ob_ref)->tp_name, op->ob_ref);
}

static int
cell_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((PyCellObject *)op)->ob_ref);
    return 0;
}

static int
cell_clear(PyObject *op)
{
    Py_CLEAR(((PyCellObject *)op)->ob_ref);
    return 0;
}

static PyObject *
cell_get_contents(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *contents = ((PyCellObject *)op)->ob_ref;
    if (contents == NULL) {
        PyErr_SetString(PyExc_ValueError, "Cell is empty");
        return NULL;
    }
    return Py_NewRef(contents);
}

static int
cell_set_contents(PyObject *op, PyObject *obj, void *Py_UNUSED(closure))
{
    Py_XSETREF(((PyCellObject *)op)->ob_ref, Py_XNewRef(obj));
    return 0;
}

static _Py_SHARED PyGetSetDef cell_getsetlist[] = {
    {"cell_contents", cell_get_contents, cell_set_contents, NULL},
    {NULL}
};

_Py_SHARED PyTypeObject PyCell_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "cell",
    .tp_basicsize = sizeof(PyCellObject),
    .tp_dealloc = cell_dealloc,
    .tp_repr = cell_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = cell_new_doc,
    .tp_traverse = cell_traverse,
    .tp_clear = cell_clear,
    .tp_richcompare = cell_richcompare,
    .tp_getset = cell_getsetlist,
    .tp_new = cell_new,
};
