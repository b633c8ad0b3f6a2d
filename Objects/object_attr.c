/* object_attr.c - attributes of objects: getattr, setattr, the generic implementation that looks
 * at the type's MRO and at the instance's values, and the shortcuts for method calls.
 *
 * Where an instance keeps its attributes (see pycore_dict.h): nowhere; in a values block or dict
 * hanging on the managed word in front of it; or in a dict at tp_dictoffset.
 *
 * Order of the generic lookup: data descriptor of the type, instance, other descriptor of the type,
 * plain value of the type.
 *
 * Written from the data model chapter ("Invoking Descriptors"), the descriptor guide and the C API
 * reference.
 */
#include "Python.h"
#include "pycore_ceval.h"       // _Py_EnterRecursiveCall()
#include "pycore_dict.h"        // _PyObject_DictOrValuesPointer()
#include "pycore_errors.h"      // _PyErr_GetRaisedException()
#include "pycore_object.h"      // _PyObject_LookupSpecial()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PyType_Lookup()
#include "type/type.h"          // _PyType_GetAttroSuppress()

/* -------------------------------------------------------------------------------- errors */

/* Completes a pending AttributeError with the object and the name, for suggestions. */
static void
set_attribute_error_context(PyObject *v, PyObject *name)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return;
    }
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    assert(exc != NULL);
    PyAttributeErrorObject *error = (PyAttributeErrorObject *)exc;
    if (PyErr_GivenExceptionMatches(exc, PyExc_AttributeError) &&
        error->name == NULL && error->obj == NULL)
    {
        error->name = Py_NewRef(name);
        error->obj = Py_NewRef(v);
    }
    _PyErr_SetRaisedException(tstate, exc);
}

static void
raise_no_attribute(PyObject *v, PyObject *name)
{
    PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'",
                 Py_TYPE(v)->tp_name, name);
    set_attribute_error_context(v, name);
}

static int
check_name(PyObject *name)
{
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'",
                     Py_TYPE(name)->tp_name);
        return -1;
    }
    return 0;
}

/* ------------------------------------------------------------------------- the operations */

PyObject *
PyObject_GetAttr(PyObject *v, PyObject *name)
{
    PyTypeObject *tp = Py_TYPE(v);
    if (check_name(name) < 0) {
        return NULL;
    }
    PyObject *result = NULL;
    if (tp->tp_getattro != NULL) {
        result = (*tp->tp_getattro)(v, name);
    }
    else if (tp->tp_getattr != NULL) {
        const char *name_str = PyUnicode_AsUTF8(name);
        if (name_str == NULL) {
            return NULL;
        }
        result = (*tp->tp_getattr)(v, (char *)name_str);
    }
    else {
        PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'",
                     tp->tp_name, name);
    }
    if (result == NULL) {
        set_attribute_error_context(v, name);
    }
    return result;
}

PyObject *
PyObject_GetAttrString(PyObject *v, const char *name)
{
    if (Py_TYPE(v)->tp_getattr != NULL) {
        return (*Py_TYPE(v)->tp_getattr)(v, (char *)name);
    }
    PyObject *w = PyUnicode_InternFromString(name);
    if (w == NULL) {
        return NULL;
    }
    PyObject *res = PyObject_GetAttr(v, w);
    Py_DECREF(w);
    return res;
}

/* Silences an AttributeError: 0, or -1 for any other pending exception. */
static int
missing_or_error(void)
{
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return -1;
        }
        PyErr_Clear();
    }
    return 0;
}

int
_PyObject_LookupAttr(PyObject *v, PyObject *name, PyObject **result)
{
    PyTypeObject *tp = Py_TYPE(v);
    *result = NULL;
    if (check_name(name) < 0) {
        return -1;
    }
    /* These tell a missing attribute apart without making an exception. */
    if (tp->tp_getattro == PyObject_GenericGetAttr) {
        *result = _PyObject_GenericGetAttrWithDict(v, name, NULL, 1);
    }
    else if (tp->tp_getattro == _PyType_GetAttro) {
        *result = _PyType_GetAttroSuppress((PyTypeObject *)v, name, 1);
    }
    else if (tp->tp_getattro != NULL) {
        *result = (*tp->tp_getattro)(v, name);
    }
    else if (tp->tp_getattr != NULL) {
        const char *name_str = PyUnicode_AsUTF8(name);
        if (name_str == NULL) {
            return -1;
        }
        *result = (*tp->tp_getattr)(v, (char *)name_str);
    }
    else {
        return 0;
    }
    return *result != NULL ? 1 : missing_or_error();
}

int
_PyObject_LookupAttrId(PyObject *v, _Py_Identifier *name, PyObject **result)
{
    PyObject *oname = _PyUnicode_FromId(name);
    if (oname == NULL) {
        *result = NULL;
        return -1;
    }
    return _PyObject_LookupAttr(v, oname, result);
}

PyObject *
_PyObject_GetAttrId(PyObject *v, _Py_Identifier *name)
{
    PyObject *oname = _PyUnicode_FromId(name);
    return oname == NULL ? NULL : PyObject_GetAttr(v, oname);
}

int
_PyObject_SetAttrId(PyObject *v, _Py_Identifier *name, PyObject *w)
{
    PyObject *oname = _PyUnicode_FromId(name);
    return oname == NULL ? -1 : PyObject_SetAttr(v, oname, w);
}

/* 1 or 0; all exceptions are swallowed (by its documentation, every one). */
int
PyObject_HasAttr(PyObject *v, PyObject *name)
{
    PyObject *res;
    int rc = _PyObject_LookupAttr(v, name, &res);
    if (rc < 0) {
        PyErr_Clear();
        return 0;
    }
    Py_XDECREF(res);
    return rc;
}

int
PyObject_HasAttrString(PyObject *v, const char *name)
{
    PyObject *res = PyObject_GetAttrString(v, name);
    if (res == NULL) {
        PyErr_Clear();
        return 0;
    }
    Py_DECREF(res);
    return 1;
}

int
PyObject_SetAttr(PyObject *v, PyObject *name, PyObject *value)
{
    PyTypeObject *tp = Py_TYPE(v);
    if (check_name(name) < 0) {
        return -1;
    }
    Py_INCREF(name);
    PyUnicode_InternInPlace(&name);
    int err = -1;
    if (tp->tp_setattro != NULL) {
        err = (*tp->tp_setattro)(v, name, value);
    }
    else if (tp->tp_setattr != NULL) {
        const char *name_str = PyUnicode_AsUTF8(name);
        if (name_str != NULL) {
            err = (*tp->tp_setattr)(v, (char *)name_str, value);
        }
    }
    else {
        const char *how = tp->tp_getattr == NULL && tp->tp_getattro == NULL
                          ? "no attributes" : "only read-only attributes";
        PyErr_Format(PyExc_TypeError, "'%.100s' object has %s (%s .%U)", tp->tp_name, how,
                     value == NULL ? "del" : "assign to", name);
    }
    Py_DECREF(name);
    return err;
}

int
PyObject_SetAttrString(PyObject *v, const char *name, PyObject *w)
{
    if (Py_TYPE(v)->tp_setattr != NULL) {
        return (*Py_TYPE(v)->tp_setattr)(v, (char *)name, w);
    }
    PyObject *s = PyUnicode_InternFromString(name);
    if (s == NULL) {
        return -1;
    }
    int res = PyObject_SetAttr(v, s, w);
    Py_DECREF(s);
    return res;
}

/* True for classes and functions with abstract methods; -1 on error. */
int
_PyObject_IsAbstract(PyObject *obj)
{
    if (obj == NULL) {
        return 0;
    }
    PyObject *isabstract;
    if (_Py_EnterRecursiveCall(" while getting an attribute")) {
        return -1;
    }
    int res = _PyObject_LookupAttr(obj, &_Py_ID(__isabstractmethod__), &isabstract);
    _Py_LeaveRecursiveCall();
    if (res > 0) {
        res = PyObject_IsTrue(isabstract);
        Py_DECREF(isabstract);
    }
    return res;
}

/* Value of tp_iternext that says "not an iterator" to PyIter_Check(). */
PyObject *
_PyObject_NextNotImplemented(PyObject *self)
{
    PyErr_Format(PyExc_TypeError, "'%.200s' object is not iterable", Py_TYPE(self)->tp_name);
    return NULL;
}

/* Bound special method, looked up on the type; NULL without an exception if there is none. */
PyObject *
_PyObject_LookupSpecial(PyObject *self, PyObject *attr)
{
    PyObject *res = _PyType_Lookup(Py_TYPE(self), attr);
    if (res == NULL) {
        return NULL;
    }
    descrgetfunc f = Py_TYPE(res)->tp_descr_get;
    if (f == NULL) {
        return Py_NewRef(res);
    }
    Py_INCREF(res);
    PyObject *bound = f(res, self, (PyObject *)Py_TYPE(self));
    Py_DECREF(res);
    return bound;
}

PyObject *
_PyObject_LookupSpecialId(PyObject *self, _Py_Identifier *attrid)
{
    PyObject *attr = _PyUnicode_FromId(attrid);
    return attr == NULL ? NULL : _PyObject_LookupSpecial(self, attr);
}

/* -------------------------------------------------------------- where instances keep things */

/* The word that holds the dict of an instance, or NULL.  A values block becomes a dict first,
 * since the caller will look through the word. */
PyObject **
_PyObject_GetDictPtr(PyObject *obj)
{
    if (!_PyType_HasFeature(Py_TYPE(obj), Py_TPFLAGS_MANAGED_DICT)) {
        return _PyObject_ComputedDictPointer(obj);
    }
    PyDictOrValues *dorv = _PyObject_DictOrValuesPointer(obj);
    if (_PyDictOrValues_IsValues(*dorv)) {
        PyObject *dict = _PyObject_MakeDictFromInstanceAttributes(
            obj, _PyDictOrValues_GetValues(*dorv));
        if (dict == NULL) {
            PyErr_Clear();
            return NULL;
        }
        _PyDictOrValues_SetDict(dorv, dict);
    }
    return &dorv->dict;
}

/* Replaces the attributes by those in `dict` (a new reference is kept; NULL for none). */
int
_PyObject_SetManagedDict(PyObject *obj, PyObject *dict)
{
    assert(_PyType_HasFeature(Py_TYPE(obj), Py_TPFLAGS_MANAGED_DICT));
    assert(dict == NULL || PyDict_Check(dict));
    PyDictOrValues *dorv = _PyObject_DictOrValuesPointer(obj);
    if (_PyDictOrValues_IsValues(*dorv)) {
        /* Whoever holds a reference to an attribute meanwhile must find the new state. */
        PyObject *old = _PyObject_MakeDictFromInstanceAttributes(
            obj, _PyDictOrValues_GetValues(*dorv));
        if (old == NULL) {
            return -1;
        }
        _PyDictOrValues_SetDict(dorv, Py_XNewRef(dict));
        Py_DECREF(old);
        return 0;
    }
    PyObject *old = _PyDictOrValues_GetDict(*dorv);
    _PyDictOrValues_SetDict(dorv, Py_XNewRef(dict));
    Py_XDECREF(old);
    return 0;
}

/* -------------------------------------------------------------------- generic, reading */

/* The attribute in the instance itself: 1 with a new reference, 0 missing, -1 error. */
static int
instance_lookup(PyObject *obj, PyTypeObject *tp, PyObject *dict, PyObject *name,
                PyObject **presult)
{
    *presult = NULL;
    if (dict == NULL) {
        if (_PyType_HasFeature(tp, Py_TPFLAGS_MANAGED_DICT)) {
            PyDictOrValues *dorv = _PyObject_DictOrValuesPointer(obj);
            if (_PyDictOrValues_IsValues(*dorv)) {
                *presult = _PyObject_GetInstanceAttribute(
                    obj, _PyDictOrValues_GetValues(*dorv), name);
                return *presult != NULL ? 1 : PyErr_Occurred() ? -1 : 0;
            }
            dict = _PyDictOrValues_GetDict(*dorv);
        }
        else if (tp->tp_dictoffset != 0) {
            PyObject **dictptr = _PyObject_ComputedDictPointer(obj);
            dict = dictptr == NULL ? NULL : *dictptr;
        }
        if (dict == NULL) {
            return 0;
        }
    }
    Py_INCREF(dict);    /* a key's __eq__ may replace the instance's dict */
    PyObject *res = PyDict_GetItemWithError(dict, name);
    Py_XINCREF(res);
    Py_DECREF(dict);
    *presult = res;
    return res != NULL ? 1 : PyErr_Occurred() ? -1 : 0;
}

/* Generic getattr.  `dict` replaces the instance's own if it is not NULL.  With `suppress` a
 * missing attribute gives NULL without an exception (also when a descriptor raised it). */
PyObject *
_PyObject_GenericGetAttrWithDict(PyObject *obj, PyObject *name, PyObject *dict, int suppress)
{
    PyTypeObject *tp = Py_TYPE(obj);
    if (check_name(name) < 0) {
        return NULL;
    }
    if (tp->tp_dict == NULL && PyType_Ready(tp) < 0) {
        return NULL;
    }
    PyObject *res = NULL;
    descrgetfunc f = NULL;
    Py_INCREF(name);
    PyObject *descr = Py_XNewRef(_PyType_Lookup(tp, name));
    if (descr != NULL) {
        f = Py_TYPE(descr)->tp_descr_get;
        if (f != NULL && PyDescr_IsData(descr)) {
            res = f(descr, obj, (PyObject *)tp);
            goto done;
        }
    }
    if (instance_lookup(obj, tp, dict, name, &res) != 0) {
        goto done;
    }
    if (f != NULL) {
        res = f(descr, obj, (PyObject *)tp);
    }
    else if (descr != NULL) {
        res = Py_NewRef(descr);
    }
    else if (!suppress) {
        raise_no_attribute(obj, name);
    }
done:
    if (res == NULL && suppress && PyErr_Occurred() &&
        PyErr_ExceptionMatches(PyExc_AttributeError))
    {
        PyErr_Clear();
    }
    Py_XDECREF(descr);
    Py_DECREF(name);
    return res;
}

PyObject *
PyObject_GenericGetAttr(PyObject *obj, PyObject *name)
{
    return _PyObject_GenericGetAttrWithDict(obj, name, NULL, 0);
}

/* Attribute for a call: 1 if *method is an unbound method (new reference) to be called with obj as
 * first argument; 0 if it is an ordinary attribute, or missing (then NULL with an exception). */
int
_PyObject_GetMethod(PyObject *obj, PyObject *name, PyObject **method)
{
    PyTypeObject *tp = Py_TYPE(obj);
    assert(*method == NULL);
    if (tp->tp_getattro != PyObject_GenericGetAttr || !PyUnicode_CheckExact(name)) {
        *method = PyObject_GetAttr(obj, name);
        return 0;
    }
    if (tp->tp_dict == NULL && PyType_Ready(tp) < 0) {
        return 0;
    }
    PyObject *descr = Py_XNewRef(_PyType_Lookup(tp, name));
    descrgetfunc f = NULL;
    int unbound = 0;
    if (descr != NULL) {
        if (_PyType_HasFeature(Py_TYPE(descr), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
            unbound = 1;
        }
        else {
            f = Py_TYPE(descr)->tp_descr_get;
            if (f != NULL && PyDescr_IsData(descr)) {
                *method = f(descr, obj, (PyObject *)tp);
                Py_DECREF(descr);
                return 0;
            }
        }
    }
    PyObject *attr;
    if (instance_lookup(obj, tp, NULL, name, &attr) != 0) {
        *method = attr;
        Py_XDECREF(descr);
        return 0;
    }
    if (unbound) {
        *method = descr;
        return 1;
    }
    if (f != NULL) {
        *method = f(descr, obj, (PyObject *)tp);
        Py_DECREF(descr);
        return 0;
    }
    if (descr != NULL) {
        *method = descr;
        return 0;
    }
    raise_no_attribute(obj, name);
    return 0;
}

/* -------------------------------------------------------------------- generic, writing */

/* No place in the instance for a new attribute. */
static void
raise_not_settable(PyObject *obj, PyTypeObject *tp, PyObject *name, PyObject *descr)
{
    if (descr == NULL) {
        PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'",
                     tp->tp_name, name);
    }
    else {
        PyErr_Format(PyExc_AttributeError, "'%.100s' object attribute '%U' is read-only",
                     tp->tp_name, name);
    }
    set_attribute_error_context(obj, name);
}

/* A KeyError from the dict is an AttributeError of the object. */
static void
key_error_to_attribute_error(PyObject *obj, PyTypeObject *tp, PyObject *name)
{
    if (!PyErr_ExceptionMatches(PyExc_KeyError)) {
        return;
    }
    PyErr_Clear();
    if (PyType_IsSubtype(tp, &PyType_Type)) {
        PyErr_Format(PyExc_AttributeError, "type object '%.50s' has no attribute '%U'",
                     ((PyTypeObject *)obj)->tp_name, name);
    }
    else {
        PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'",
                     tp->tp_name, name);
    }
    set_attribute_error_context(obj, name);
}

/* Stores (NULL: deletes) in the instance's own place.  0 or -1. */
static int
instance_store(PyObject *obj, PyTypeObject *tp, PyObject *name, PyObject *value, PyObject *descr)
{
    PyObject **dictptr;
    if (_PyType_HasFeature(tp, Py_TPFLAGS_MANAGED_DICT)) {
        PyDictOrValues *dorv = _PyObject_DictOrValuesPointer(obj);
        if (dorv->word == 0 && _PyObject_InitializeDict(obj) < 0) {
            return -1;
        }
        if (_PyDictOrValues_IsValues(*dorv)) {
            return _PyObject_StoreInstanceAttribute(obj, _PyDictOrValues_GetValues(*dorv),
                                                    name, value);
        }
        dictptr = &dorv->dict;
    }
    else {
        dictptr = _PyObject_ComputedDictPointer(obj);
    }
    if (dictptr == NULL) {
        raise_not_settable(obj, tp, name, descr);
        return -1;
    }
    int res = _PyObjectDict_SetItem(tp, dictptr, name, value);
    if (res < 0) {
        key_error_to_attribute_error(obj, tp, name);
    }
    return res;
}

int
_PyObject_GenericSetAttrWithDict(PyObject *obj, PyObject *name, PyObject *value, PyObject *dict)
{
    PyTypeObject *tp = Py_TYPE(obj);
    if (check_name(name) < 0) {
        return -1;
    }
    if (tp->tp_dict == NULL && PyType_Ready(tp) < 0) {
        return -1;
    }
    int res;
    Py_INCREF(name);
    Py_INCREF(tp);      /* a descriptor may change the object's class */
    PyObject *descr = Py_XNewRef(_PyType_Lookup(tp, name));
    descrsetfunc f = descr == NULL ? NULL : Py_TYPE(descr)->tp_descr_set;
    if (f != NULL) {
        res = f(descr, obj, value);
    }
    else if (dict == NULL) {
        res = instance_store(obj, tp, name, value, descr);
    }
    else {
        Py_INCREF(dict);
        res = value == NULL ? PyDict_DelItem(dict, name) : PyDict_SetItem(dict, name, value);
        Py_DECREF(dict);
        if (res < 0) {
            key_error_to_attribute_error(obj, tp, name);
        }
    }
    Py_XDECREF(descr);
    Py_DECREF(tp);
    Py_DECREF(name);
    return res;
}

int
PyObject_GenericSetAttr(PyObject *obj, PyObject *name, PyObject *value)
{
    return _PyObject_GenericSetAttrWithDict(obj, name, value, NULL);
}

/* Setter of __dict__. */
int
PyObject_GenericSetDict(PyObject *obj, PyObject *value, void *Py_UNUSED(context))
{
    PyObject **dictptr = _PyObject_GetDictPtr(obj);
    if (dictptr == NULL) {
        if (_PyType_HasFeature(Py_TYPE(obj), Py_TPFLAGS_MANAGED_DICT) &&
            _PyDictOrValues_IsValues(*_PyObject_DictOrValuesPointer(obj)))
        {
            PyErr_NoMemory();       /* the values could not be made a dict */
        }
        else {
            PyErr_SetString(PyExc_AttributeError, "This object has no __dict__");
        }
        return -1;
    }
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "cannot delete __dict__");
        return -1;
    }
    if (!PyDict_Check(value)) {
        PyErr_Format(PyExc_TypeError, "__dict__ must be set to a dictionary, not a '%.200s'",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    Py_XSETREF(*dictptr, Py_NewRef(value));
    return 0;
}
