/* pickle: functions and classes are written and read by name.
 *
 * A name is that of a module and, from protocol 4 on, a path of attributes with dots.  Pickles of
 * protocols below 3 have the names of Python 2; the module _compat_pickle says which.
 *
 * Written from the library reference (pickle), PEP 3154 and observed messages.
 */
#include "pickle.h"
#include "pycore_strings.h"     // _Py_ID

_Py_DECLARE_STR(dot, ".");

int
_PyPickle_CheckNoLocals(PyObject *name, PyObject *owner)
{
    PyObject *marker = PyUnicode_FromString("<locals>");
    PyObject *parts = marker != NULL ? PyUnicode_Split(name, &_Py_STR(dot), -1) : NULL;
    int found = parts != NULL ? PySequence_Contains(parts, marker) : -1;
    Py_XDECREF(marker);
    Py_XDECREF(parts);
    if (found > 0) {
        if (owner == NULL) {
            PyErr_Format(PyExc_AttributeError, "Can't pickle local object %R", name);
        }
        else {
            PyErr_Format(PyExc_AttributeError, "Can't pickle local attribute %R on %R", name,
                         owner);
        }
    }
    return found;
}

/* Follow the path; 1, 0: an attribute is missing, or -1 with an exception.  *parent and *found are
 * new references, or NULL. */
static int
lookup_dotted(PyObject *object, PyObject *name, PyObject **parent, PyObject **found)
{
    PyObject *parts = PyUnicode_Split(name, &_Py_STR(dot), -1);
    int result = 1;
    *parent = NULL;
    *found = NULL;
    if (parts == NULL) {
        return -1;
    }
    assert(PyList_GET_SIZE(parts) > 0);
    PyObject *value = Py_NewRef(object);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(parts) && result > 0; i++) {
        Py_XSETREF(*parent, value);
        result = _PyObject_LookupAttr(*parent, PyList_GET_ITEM(parts, i), &value);
    }
    Py_DECREF(parts);
    if (result <= 0) {
        Py_CLEAR(*parent);
        return result;
    }
    *found = value;
    return 1;
}

static void
no_attribute(PyObject *object, PyObject *name)
{
    PyErr_Format(PyExc_AttributeError, "Can't get attribute %R on %R", name, object);
}

PyObject *
_PyPickle_GetDotted(PyObject *object, PyObject *name, PyObject **parent)
{
    PyObject *found;
    if (_PyPickle_CheckNoLocals(name, object) != 0) {
        return NULL;
    }
    if (lookup_dotted(object, name, parent, &found) == 0) {
        no_attribute(object, name);
    }
    return found;
}

/* A module's global, in the way of a protocol. */
static PyObject *
get_global(PyObject *module, PyObject *name, int protocol)
{
    PyObject *found, *parent = NULL;
    if (protocol >= 4) {
        found = _PyPickle_GetDotted(module, name, &parent);
        Py_XDECREF(parent);
    }
    else if (_PyObject_LookupAttr(module, name, &found) == 0) {
        no_attribute(module, name);
    }
    return found;
}

/* --- Which module ----------------------------------------------------------------------------- */

/* Is the object a module's global of that name?  1, 0, or -1. */
static int
is_global_of(PyObject *module_name, PyObject *module, PyObject *object, PyObject *name)
{
    PyObject *parent, *found;
    if (module == Py_None
        || (PyUnicode_Check(module_name)
            && PyUnicode_Compare(module_name, &_Py_ID(__main__)) == 0))
    {
        return 0;
    }
    int result = lookup_dotted(module, name, &parent, &found);
    if (result > 0) {
        result = found == object;
        Py_DECREF(parent);
        Py_DECREF(found);
    }
    return result;
}

/* Look for an object in all modules: new reference; NULL, perhaps without an exception. */
static PyObject *
search_modules(PyObject *object, PyObject *name)
{
    PyObject *modules = PySys_GetObject("modules");
    if (modules == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "unable to get sys.modules");
        return NULL;
    }
    /* Modules may import others when they are asked for an attribute: this list is ours. */
    PyObject *items = PyMapping_Items(modules), *result = NULL;
    for (Py_ssize_t i = 0; items != NULL && i < PyList_GET_SIZE(items); i++) {
        PyObject *pair = PyList_GET_ITEM(items, i);
        if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
            continue;
        }
        PyObject *module_name = PyTuple_GET_ITEM(pair, 0);
        int is_it = is_global_of(module_name, PyTuple_GET_ITEM(pair, 1), object, name);
        if (is_it > 0) {
            result = Py_NewRef(module_name);
        }
        if (is_it != 0) {
            break;
        }
    }
    Py_XDECREF(items);
    return result;
}

PyObject *
_PyPickle_WhichModule(PyObject *object, PyObject *name)
{
    PyObject *module_name;
    if (_PyObject_LookupAttr(object, &_Py_ID(__module__), &module_name) < 0) {
        return NULL;
    }
    if (module_name != NULL && module_name != Py_None) {
        return module_name;
    }
    Py_XDECREF(module_name);
    module_name = search_modules(object, name);
    if (module_name == NULL && !PyErr_Occurred()) {
        /* A last guess: the check whether it is there comes later. */
        module_name = &_Py_ID(__main__);
    }
    return module_name;
}

/* --- Names of Python 2 ------------------------------------------------------------------------ */

/* Replace both names by what a dict has for the pair: 1, 0, or -1 with an exception. */
static int
replace_pair(PyObject *mapping, const char *mapping_name, PyObject **module, PyObject **name)
{
    PyObject *key = PyTuple_Pack(2, *module, *name);
    if (key == NULL) {
        return -1;
    }
    PyObject *pair = PyDict_GetItemWithError(mapping, key);
    Py_DECREF(key);
    if (pair == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
        PyErr_Format(PyExc_RuntimeError, "_compat_pickle.%s values should be 2-tuples, not %.200s",
                     mapping_name, Py_TYPE(pair)->tp_name);
        return -1;
    }
    PyObject *new_module = PyTuple_GET_ITEM(pair, 0), *new_name = PyTuple_GET_ITEM(pair, 1);
    if (!PyUnicode_Check(new_module) || !PyUnicode_Check(new_name)) {
        PyErr_Format(PyExc_RuntimeError, "_compat_pickle.%s values should be pairs of str, "
                     "not (%.200s, %.200s)", mapping_name, Py_TYPE(new_module)->tp_name,
                     Py_TYPE(new_name)->tp_name);
        return -1;
    }
    Py_INCREF(new_name);
    Py_SETREF(*module, Py_NewRef(new_module));
    Py_SETREF(*name, new_name);
    return 1;
}

static int
replace_module(PyObject *mapping, const char *mapping_name, PyObject **module)
{
    PyObject *found = PyDict_GetItemWithError(mapping, *module);
    if (found == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    if (!PyUnicode_Check(found)) {
        PyErr_Format(PyExc_RuntimeError,
                     "_compat_pickle.%s values should be strings, not %.200s", mapping_name,
                     Py_TYPE(found)->tp_name);
        return -1;
    }
    Py_SETREF(*module, Py_NewRef(found));
    return 0;
}

int
_PyPickle_NamesForOld(pickle_state *state, PyObject **module, PyObject **name)
{
    int done = replace_pair(state->reverse_name_mapping, "REVERSE_NAME_MAPPING", module, name);
    if (done != 0) {
        return done < 0 ? -1 : 0;
    }
    return replace_module(state->reverse_import_mapping, "REVERSE_IMPORT_MAPPING", module);
}

int
_PyPickle_NamesFromOld(pickle_state *state, PyObject **module, PyObject **name)
{
    int done = replace_pair(state->name_mapping, "NAME_MAPPING", module, name);
    if (done != 0) {
        return done < 0 ? -1 : 0;
    }
    return replace_module(state->import_mapping, "IMPORT_MAPPING", module);
}

PyObject *
_PyPickle_FindClass(pickle_state *state, PyObject *module_name, PyObject *name, int protocol,
                    bool fix_imports)
{
    PyObject *found = NULL;
    if (PySys_Audit("pickle.find_class", "OO", module_name, name) < 0) {
        return NULL;
    }
    Py_INCREF(module_name);
    Py_INCREF(name);
    if (protocol >= 3 || !fix_imports || _PyPickle_NamesFromOld(state, &module_name, &name) == 0) {
        PyObject *module = PyImport_Import(module_name);
        if (module != NULL) {
            found = get_global(module, name, protocol);
            Py_DECREF(module);
        }
    }
    Py_DECREF(module_name);
    Py_DECREF(name);
    return found;
}
