/* _testcapi: dict, list, set and frozenset, and the dict of the module sys.
 *
 * Written from the C API reference ("Dictionary Objects", "List Objects", "Set Objects", "System
 * Functions").
 */
#include "wrap.h"
#include "parts.h"

/* (result, next position, key, value), or None at the end. */
static PyObject *
next_item(PyObject *dict, Py_ssize_t position)
{
    PyObject *key, *value;
    int result = PyDict_Next(dict, &position, &key, &value);
    if (result == 0) {
        Py_RETURN_NONE;
    }
    return Py_BuildValue("(inOO)", result, position, key, value);
}

static unsigned long long
dict_version(PyObject *dict)
{
    if (!PyDict_Check(dict)) {
        PyErr_SetString(PyExc_TypeError, "expected a dict");
        return (unsigned long long)-1;
    }
    return ((PyDictObject *)dict)->ma_version_tag;
}

static PyObject *
item_of_known_hash(PyObject *dict, PyObject *key, Py_ssize_t hash)
{
    PyObject *value = _PyDict_GetItem_KnownHash(dict, key, hash);
    if (value == NULL && !PyErr_Occurred()) {
        _PyErr_SetKeyError(key);
    }
    return value;
}

/* PyList_SET_ITEM() does not release what it overwrites, which was to be nothing. */
static void
overwrite_item(PyObject *list, Py_ssize_t index, PyObject *value)
{
    PyObject *old = PyList_GET_ITEM(list, index);
    PyList_SET_ITEM(list, index, Py_XNewRef(value));
    Py_XDECREF(old);
}

static int
set_item(PyObject *list, Py_ssize_t index, PyObject *value)
{
    return PyList_SetItem(list, index, Py_XNewRef(value));
}

#define CONTAINER_CALLS(X) \
    X(1, dict_check, int, PyDict_Check, P) \
    X(1, dict_checkexact, int, PyDict_CheckExact, P) \
    X(0, dict_new, object, PyDict_New) \
    X(1, dictproxy_new, object, PyDictProxy_New, P) \
    X(1, dict_clear, none, PyDict_Clear, O) \
    X(1, dict_copy, object, PyDict_Copy, O) \
    X(2, dict_contains, int, PyDict_Contains, O, O) \
    X(1, dict_size, size, PyDict_Size, O) \
    X(2, dict_getitem, item, PyDict_GetItem, O, O) \
    X(2, dict_getitemwitherror, item, PyDict_GetItemWithError, O, O) \
    X(2, dict_getitemstring, item, PyDict_GetItemString, O, s) \
    X(3, dict_getitem_knownhash, borrowed, item_of_known_hash, P, P, n) \
    X(3, dict_setitem, int, PyDict_SetItem, O, O, O) \
    X(3, dict_setitemstring, int, PyDict_SetItemString, O, s, O) \
    X(2, dict_delitem, int, PyDict_DelItem, O, O) \
    X(2, dict_delitemstring, int, PyDict_DelItemString, O, s) \
    X(3, dict_setdefault, borrowed, PyDict_SetDefault, O, O, O) \
    X(1, dict_keys, object, PyDict_Keys, O) \
    X(1, dict_values, object, PyDict_Values, O) \
    X(1, dict_items, object, PyDict_Items, O) \
    X(2, dict_next, object, next_item, P, n) \
    X(2, dict_update, int, PyDict_Update, O, O) \
    X(3, dict_merge, int, PyDict_Merge, O, O, i) \
    X(3, dict_mergefromseq2, int, PyDict_MergeFromSeq2, O, O, i) \
    X(1, dict_get_version, ulonglong, dict_version, P) \
    X(1, list_check, int, PyList_Check, P) \
    X(1, list_check_exact, int, PyList_CheckExact, P) \
    X(1, list_new, object, PyList_New, n) \
    X(1, list_size, size, PyList_Size, O) \
    X(1, list_get_size, size, PyList_GET_SIZE, P) \
    X(2, list_getitem, borrowed, PyList_GetItem, O, n) \
    X(2, list_get_item, borrowed, PyList_GET_ITEM, P, n) \
    X(3, list_setitem, int, set_item, O, n, O) \
    X(3, list_set_item, none, overwrite_item, P, n, O) \
    X(3, list_insert, int, PyList_Insert, O, n, O) \
    X(2, list_append, int, PyList_Append, O, O) \
    X(3, list_getslice, object, PyList_GetSlice, O, n, n) \
    X(4, list_setslice, int, PyList_SetSlice, O, n, n, O) \
    X(1, list_sort, int, PyList_Sort, O) \
    X(1, list_reverse, int, PyList_Reverse, O) \
    X(1, list_astuple, object, PyList_AsTuple, O) \
    X(1, set_check, int, PySet_Check, P) \
    X(1, set_checkexact, int, PySet_CheckExact, P) \
    X(1, frozenset_check, int, PyFrozenSet_Check, P) \
    X(1, frozenset_checkexact, int, PyFrozenSet_CheckExact, P) \
    X(1, anyset_check, int, PyAnySet_Check, P) \
    X(1, anyset_checkexact, int, PyAnySet_CheckExact, P) \
    X(1, set_new, object, PySet_New, optO) \
    X(1, frozenset_new, object, PyFrozenSet_New, optO) \
    X(1, set_size, size, PySet_Size, O) \
    X(1, set_get_size, size, PySet_GET_SIZE, P) \
    X(2, set_contains, int, PySet_Contains, O, O) \
    X(2, set_add, int, PySet_Add, O, O) \
    X(2, set_discard, int, PySet_Discard, O, O) \
    X(1, set_pop, object, PySet_Pop, O) \
    X(1, set_clear, int, PySet_Clear, O) \
    X(1, sys_getobject, attribute, PySys_GetObject, s) \
    X(2, sys_setobject, int, PySys_SetObject, s, O) \
    X(0, sys_getxoptions, borrowed, PySys_GetXOptions)

CONTAINER_CALLS(WRAP)

static PyMethodDef container_methods[] = {
    CONTAINER_CALLS(WRAP_ROW)
    {NULL}
};

int
_TestCapi_AddContainers(PyObject *module)
{
    return PyModule_AddFunctions(module, container_methods);
}
