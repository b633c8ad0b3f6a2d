/* __build_class__: what a class statement calls.
 *
 *     bases with __mro_entries__ are replaced  ->  the metaclass is found  ->  __prepare__ gives
 *     the namespace  ->  the body runs in it  ->  metaclass(name, bases, namespace, **keywords)
 *     ->  the __class__ cell is checked
 *
 * Written from the data model reference (Customizing class creation), PEP 3115, PEP 560 and
 * PEP 487. */

#include "Python.h"
#include "pycore_bltin.h"       // prototypes
#include "pycore_ceval.h"       // _PyEval_Vector()
#include "pycore_errors.h"      // _PyErr_Format()
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PyType_CalculateMetaclass()

const char _PyBuiltin_BuildClass__doc__[] =
"__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class\n\n"
"Internal helper function used by the class statement.";

/* The bases after PEP 560: `bases` itself (new reference) or a new tuple. */
static PyObject *
update_bases(PyObject *bases)
{
    PyObject *new_bases = NULL;     /* a list, once one base was replaced */
    Py_ssize_t n = PyTuple_GET_SIZE(bases);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *base = PyTuple_GET_ITEM(bases, i);
        PyObject *meth = NULL;
        if (!PyType_Check(base) && _PyObject_LookupAttr(base, &_Py_ID(__mro_entries__),
                                                        &meth) < 0) {
            goto error;
        }
        if (meth == NULL) {
            if (new_bases != NULL && PyList_Append(new_bases, base) < 0) {
                goto error;
            }
            continue;
        }
        PyObject *entries = PyObject_CallOneArg(meth, bases);
        Py_DECREF(meth);
        if (entries == NULL) {
            goto error;
        }
        if (!PyTuple_Check(entries)) {
            PyErr_SetString(PyExc_TypeError, "__mro_entries__ must return a tuple");
            Py_DECREF(entries);
            goto error;
        }
        if (new_bases == NULL) {
            PyObject *head = PyTuple_GetSlice(bases, 0, i);
            new_bases = head == NULL ? NULL : PySequence_List(head);
            Py_XDECREF(head);
            if (new_bases == NULL) {
                Py_DECREF(entries);
                goto error;
            }
        }
        Py_ssize_t end = PyList_GET_SIZE(new_bases);
        int err = PyList_SetSlice(new_bases, end, end, entries);
        Py_DECREF(entries);
        if (err < 0) {
            goto error;
        }
    }
    if (new_bases == NULL) {
        return Py_NewRef(bases);
    }
    PyObject *result = PyList_AsTuple(new_bases);
    Py_DECREF(new_bases);
    return result;
error:
    Py_XDECREF(new_bases);
    return NULL;
}

/* The keyword arguments as a dict (NULL if there are none) and the metaclass among them. */
static int
class_keywords(PyObject *const *values, PyObject *kwnames, PyObject **mkw, PyObject **meta)
{
    *mkw = *meta = NULL;
    if (kwnames == NULL) {
        return 0;
    }
    *mkw = PyDict_New();
    if (*mkw == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(kwnames); i++) {
        if (PyDict_SetItem(*mkw, PyTuple_GET_ITEM(kwnames, i), values[i]) < 0) {
            return -1;
        }
    }
    *meta = PyDict_GetItemWithError(*mkw, &_Py_ID(metaclass));
    if (*meta == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    Py_INCREF(*meta);
    return PyDict_DelItem(*mkw, &_Py_ID(metaclass));
}

/* The most derived metaclass, if meta (owned, may be NULL) is a class.  0 or -1. */
static int
find_metaclass(PyObject **meta, PyObject *bases, int *isclass)
{
    if (*meta == NULL) {
        if (PyTuple_GET_SIZE(bases) == 0) {
            *meta = Py_NewRef((PyObject *)&PyType_Type);
        }
        else {
            *meta = Py_NewRef((PyObject *)Py_TYPE(PyTuple_GET_ITEM(bases, 0)));
        }
        *isclass = 1;
    }
    else {
        *isclass = PyType_Check(*meta);
    }
    if (*isclass) {
        PyTypeObject *winner = _PyType_CalculateMetaclass((PyTypeObject *)*meta, bases);
        if (winner == NULL) {
            return -1;
        }
        if (winner != (PyTypeObject *)*meta) {
            Py_SETREF(*meta, Py_NewRef((PyObject *)winner));
        }
    }
    return 0;
}

static PyObject *
prepare_namespace(PyObject *meta, PyObject *name, PyObject *bases, PyObject *mkw, int isclass)
{
    PyObject *prep;
    if (_PyObject_LookupAttr(meta, &_Py_ID(__prepare__), &prep) < 0) {
        return NULL;
    }
    if (prep == NULL) {
        return PyDict_New();
    }
    PyObject *args[2] = {name, bases};
    PyObject *ns = PyObject_VectorcallDict(prep, args, 2, mkw);
    Py_DECREF(prep);
    if (ns != NULL && !PyMapping_Check(ns)) {
        PyErr_Format(PyExc_TypeError, "%.200s.__prepare__() must return a mapping, not %.200s",
                     isclass ? ((PyTypeObject *)meta)->tp_name : "<metaclass>",
                     Py_TYPE(ns)->tp_name);
        Py_CLEAR(ns);
    }
    return ns;
}

/* type.__new__ must have stored the class in the cell that the body returned. */
static int
check_class_cell(PyObject *cell, PyObject *cls, PyObject *name)
{
    if (cls == NULL || !PyType_Check(cls) || !PyCell_Check(cell)) {
        return 0;
    }
    PyObject *value = PyCell_GET(cell);
    if (value == cls) {
        return 0;
    }
    if (value == NULL) {
        PyErr_Format(PyExc_RuntimeError,
                     "__class__ not set defining %.200R as %.200R. "
                     "Was __classcell__ propagated to type.__new__?", name, cls);
    }
    else {
        PyErr_Format(PyExc_TypeError, "__class__ set to %.200R defining %.200R as %.200R",
                     value, name, cls);
    }
    return -1;
}

PyObject *
_PyBuiltin_BuildClass(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs,
                      PyObject *kwnames)
{
    PyObject *bases = NULL, *orig_bases = NULL, *mkw = NULL, *meta = NULL, *ns = NULL;
    PyObject *cell = NULL, *cls = NULL;
    int isclass = 0;
    if (nargs < 2) {
        PyErr_SetString(PyExc_TypeError, "__build_class__: not enough arguments");
        return NULL;
    }
    PyObject *func = args[0];
    PyObject *name = args[1];
    if (!PyFunction_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "__build_class__: func must be a function");
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "__build_class__: name is not a string");
        return NULL;
    }
    orig_bases = PyTuple_New(nargs - 2);
    if (orig_bases == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 2; i < nargs; i++) {
        PyTuple_SET_ITEM(orig_bases, i - 2, Py_NewRef(args[i]));
    }
    bases = update_bases(orig_bases);
    if (bases == NULL
        || class_keywords(args + nargs, kwnames, &mkw, &meta) < 0
        || find_metaclass(&meta, bases, &isclass) < 0) {
        goto done;
    }
    ns = prepare_namespace(meta, name, bases, mkw, isclass);
    if (ns == NULL) {
        goto done;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    cell = _PyEval_Vector(tstate, (PyFunctionObject *)func, ns, NULL, 0, NULL);
    if (cell == NULL) {
        goto done;
    }
    if (bases != orig_bases
        && PyMapping_SetItemString(ns, "__orig_bases__", orig_bases) < 0) {
        goto done;
    }
    PyObject *margs[3] = {name, bases, ns};
    cls = PyObject_VectorcallDict(meta, margs, 3, mkw);
    if (check_class_cell(cell, cls, name) < 0) {
        Py_CLEAR(cls);
    }
done:
    Py_XDECREF(cell);
    Py_XDECREF(ns);
    Py_XDECREF(meta);
    Py_XDECREF(mkw);
    Py_XDECREF(bases);
    Py_DECREF(orig_bases);
    return cls;
}
