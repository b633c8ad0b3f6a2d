/* The module _weakref: the C part of weakref.
 *
 * Written from the library reference (weakref).
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_weakref.h"     // _PyWeakref_GetListPtr()

#include "sig/_weakref.sig.h"

/*sig _weakref.getweakrefcount(module, object, /) -> ssize

Return the number of weak references to 'object'.
*/
static Py_ssize_t
_weakref_getweakrefcount_impl(PyObject *Py_UNUSED(module), PyObject *object)
{
    if (!PyType_SUPPORTS_WEAKREFS(Py_TYPE(object))) {
        return 0;
    }
    PyWeakReference **list = _PyWeakref_GetListPtr(object);
    return list == NULL ? -1 : _PyWeakref_GetWeakrefCount(*list);
}

static int
is_dead_weakref(PyObject *value)
{
    if (!PyWeakref_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "not a weakref");
        return -1;
    }
    return PyWeakref_GET_OBJECT(value) == Py_None;
}

/*sig _weakref._remove_dead_weakref(module, dct: dict, key, /)

Atomically remove key from dict if it points to a dead weakref.
*/
static PyObject *
_weakref__remove_dead_weakref_impl(PyObject *Py_UNUSED(module), PyObject *dct, PyObject *key)
{
    if (_PyDict_DelItemIf(dct, key, is_dead_weakref) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_KeyError)) {
            return NULL;
        }
        PyErr_Clear();      /* somebody else was faster */
    }
    Py_RETURN_NONE;
}

/*sig _weakref.getweakrefs(module, object, /)

Return a list of all weak reference objects pointing to 'object'.
*/
static PyObject *
_weakref_getweakrefs_impl(PyObject *Py_UNUSED(module), PyObject *object)
{
    PyObject *result = PyList_New(0);
    if (result == NULL || !PyType_SUPPORTS_WEAKREFS(Py_TYPE(object))) {
        return result;
    }
    PyWeakReference **list = _PyWeakref_GetListPtr(object);
    if (list == NULL) {
        Py_DECREF(result);
        return NULL;
    }
    /* Appending never runs the collector in between: no reference can go. */
    for (PyWeakReference *current = *list; current != NULL; current = current->wr_next) {
        if (PyList_Append(result, (PyObject *)current) < 0) {
            Py_DECREF(result);
            return NULL;
        }
    }
    return result;
}

/*sig _weakref.proxy(module, object, callback=None, /)

Create a proxy object that weakly references 'object'.

'callback', if given, is called with a reference to the
proxy when 'object' is about to be finalized.
*/
static PyObject *
_weakref_proxy_impl(PyObject *Py_UNUSED(module), PyObject *object, PyObject *callback)
{
    return PyWeakref_NewProxy(object, callback);
}

static _Py_SHARED PyMethodDef weakref_functions[] = {
    _WEAKREF_GETWEAKREFCOUNT_METHODDEF
    _WEAKREF__REMOVE_DEAD_WEAKREF_METHODDEF
    _WEAKREF_GETWEAKREFS_METHODDEF
    _WEAKREF_PROXY_METHODDEF
    {NULL}
};

static int
weakref_exec(PyObject *module)
{
    if (PyModule_AddObjectRef(module, "ref", (PyObject *)&_PyWeakref_RefType) < 0 ||
        PyModule_AddObjectRef(module, "ReferenceType", (PyObject *)&_PyWeakref_RefType) < 0 ||
        PyModule_AddObjectRef(module, "ProxyType", (PyObject *)&_PyWeakref_ProxyType) < 0)
    {
        return -1;
    }
    return PyModule_AddObjectRef(module, "CallableProxyType",
                                 (PyObject *)&_PyWeakref_CallableProxyType);
}

static _Py_SHARED PyModuleDef_Slot weakref_slots[] = {
    {Py_mod_exec, weakref_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef weakref_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_weakref",
    .m_doc = "Weak-reference support module.",
    .m_size = 0,
    .m_methods = weakref_functions,
    .m_slots = weakref_slots,
};

PyMODINIT_FUNC
PyInit__weakref(void)
{
    return PyModuleDef_Init(&weakref_module);
}
