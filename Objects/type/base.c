/* base.c - the type `object`: its methods, construction with leftover arguments, assignment to
 * __class__, and what copy and pickle ask for (__reduce_ex__, __getstate__).
 *
 * Written from the data model chapter, the pickle documentation ("Pickling Class Instances",
 * protocol 2 and later), PEP 307 and observed messages.
 */
#include "Python.h"
#include "pycore_dict.h"        // _PyObject_IsInstanceDictEmpty()
#include "pycore_errors.h"      // _PyErr_Format()
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_strings.h"     // _Py_ID()
#include "type.h"

#include "sig/base.sig.h"

/* ---------------------------------------------------------------------- __new__ and __init__ */

static int
excess_args(PyObject *args, PyObject *kwds)
{
    return PyTuple_GET_SIZE(args) > 0 || (kwds != NULL && PyDict_Check(kwds) &&
                                          PyDict_GET_SIZE(kwds) > 0);
}

/* Arguments that nobody looks at are an error: here when __init__ is not overridden (or __new__
 * is), in the other function likewise. */
static int
object_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyTypeObject *type = Py_TYPE(self);
    if (excess_args(args, kwds)) {
        if (type->tp_init != object_init) {
            PyErr_SetString(PyExc_TypeError,
                            "object.__init__() takes exactly one argument "
                            "(the instance to initialize)");
            return -1;
        }
        if (type->tp_new == _PyObject_NewPlain) {
            PyErr_Format(PyExc_TypeError,
                         "%.200s.__init__() takes exactly one argument "
                         "(the instance to initialize)", type->tp_name);
            return -1;
        }
    }
    return 0;
}

static PyObject *
refuse_abstract(PyTypeObject *type)
{
    PyObject *abstract_methods = PyObject_GetAttr((PyObject *)type,
                                                  &_Py_ID(__abstractmethods__));
    PyObject *sorted = abstract_methods == NULL ? NULL : PySequence_List(abstract_methods);
    Py_XDECREF(abstract_methods);
    PyObject *sep = NULL, *joined = NULL;
    if (sorted != NULL && PyList_Sort(sorted) == 0) {
        sep = PyUnicode_FromString("', '");
        joined = sep == NULL ? NULL : PyUnicode_Join(sep, sorted);
    }
    if (joined != NULL) {
        Py_ssize_t count = PyList_GET_SIZE(sorted);
        PyErr_Format(PyExc_TypeError,
                     "Can't instantiate abstract class %s without an implementation for "
                     "abstract method%s '%U'",
                     type->tp_name, count > 1 ? "s" : "", joined);
    }
    Py_XDECREF(joined);
    Py_XDECREF(sep);
    Py_XDECREF(sorted);
    return NULL;
}

/* object.__new__ */
PyObject *
_PyObject_NewPlain(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (excess_args(args, kwds)) {
        if (type->tp_new != _PyObject_NewPlain) {
            PyErr_SetString(PyExc_TypeError,
                            "object.__new__() takes exactly one argument "
                            "(the type to instantiate)");
            return NULL;
        }
        if (type->tp_init == object_init) {
            PyErr_Format(PyExc_TypeError, "%.200s() takes no arguments", type->tp_name);
            return NULL;
        }
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_IS_ABSTRACT)) {
        return refuse_abstract(type);
    }
    return type->tp_alloc(type, 0);
}

static void
object_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_free(self);
}

/* ------------------------------------------------------------------------- text, comparison */

static PyObject *
object_repr(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *mod = _PyType_Module(type, NULL);
    if (mod == NULL) {
        PyErr_Clear();
    }
    else if (!PyUnicode_Check(mod)) {
        Py_SETREF(mod, NULL);
    }
    PyObject *name = PyType_GetQualName(type);
    if (name == NULL) {
        Py_XDECREF(mod);
        return NULL;
    }
    PyObject *res;
    if (mod != NULL && !_PyUnicode_Equal(mod, &_Py_ID(builtins))) {
        res = PyUnicode_FromFormat("<%U.%U object at %p>", mod, name, self);
    }
    else {
        res = PyUnicode_FromFormat("<%s object at %p>", type->tp_name, self);
    }
    Py_XDECREF(mod);
    Py_DECREF(name);
    return res;
}

static PyObject *
object_str(PyObject *self)
{
    unaryfunc f = Py_TYPE(self)->tp_repr;
    return (f == NULL ? object_repr : f)(self);
}

static PyObject *
object_richcompare(PyObject *self, PyObject *other, int op)
{
    if (op == Py_EQ) {
        /* Not False for different objects: the other one may know better. */
        return Py_NewRef(self == other ? Py_True : Py_NotImplemented);
    }
    if (op == Py_NE && Py_TYPE(self)->tp_richcompare != NULL) {
        /* By default != is the opposite of ==. */
        PyObject *res = (*Py_TYPE(self)->tp_richcompare)(self, other, Py_EQ);
        if (res != NULL && res != Py_NotImplemented) {
            int ok = PyObject_IsTrue(res);
            Py_DECREF(res);
            return ok < 0 ? NULL : PyBool_FromLong(!ok);
        }
        return res;
    }
    Py_RETURN_NOTIMPLEMENTED;
}

/* ------------------------------------------------------------------------------- __class__ */

static PyObject *
object_get_class(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(Py_TYPE(self));
}

/* Modules may change to subclasses of the module type, though it is a static type. */
static int
both_modules(PyTypeObject *a, PyTypeObject *b)
{
    return PyType_IsSubtype(a, &PyModule_Type) && PyType_IsSubtype(b, &PyModule_Type);
}

/* The values block is keyed by the old class: the new one must find a dict. */
static int
leave_values(PyObject *self, PyTypeObject *oldto)
{
    if (!_PyType_HasFeature(oldto, Py_TPFLAGS_MANAGED_DICT)) {
        return 0;
    }
    PyDictOrValues *dorv = _PyObject_DictOrValuesPointer(self);
    if (_PyDictOrValues_IsValues(*dorv)) {
        PyObject *dict = _PyObject_MakeDictFromInstanceAttributes(
            self, _PyDictOrValues_GetValues(*dorv));
        if (dict == NULL) {
            return -1;
        }
        _PyDictOrValues_SetDict(dorv, dict);
    }
    return 0;
}

int
_PyObject_SetClass(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    PyTypeObject *oldto = Py_TYPE(self);
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "can't delete __class__ attribute");
        return -1;
    }
    if (!PyType_Check(value)) {
        PyErr_Format(PyExc_TypeError, "__class__ must be set to a class, not '%s' object",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    PyTypeObject *newto = (PyTypeObject *)value;
    if (PySys_Audit("object.__setattr__", "OsO", self, "__class__", value) < 0) {
        return -1;
    }
    if (!both_modules(newto, oldto) && (_PyType_HasFeature(newto, Py_TPFLAGS_IMMUTABLETYPE) ||
                                        _PyType_HasFeature(oldto, Py_TPFLAGS_IMMUTABLETYPE)))
    {
        PyErr_Format(PyExc_TypeError,
                     "__class__ assignment only supported for mutable types "
                     "or ModuleType subclasses");
        return -1;
    }
    if (!_PyType_SameLayout(newto, oldto, "__class__") || leave_values(self, oldto) < 0) {
        return -1;
    }
    if (_PyType_HasFeature(newto, Py_TPFLAGS_HEAPTYPE)) {
        Py_INCREF(newto);
    }
    Py_SET_TYPE(self, newto);
    if (_PyType_HasFeature(oldto, Py_TPFLAGS_HEAPTYPE)) {
        Py_DECREF(oldto);
    }
    return 0;
}

static _Py_SHARED PyGetSetDef object_getsets[] = {
    {"__class__", object_get_class, _PyObject_SetClass, PyDoc_STR("the object's class")},
    {NULL}
};

/* ---------------------------------------------------------------------- copying and pickling */

/* copyreg, as sys.modules has it or imported. */
static PyObject *
import_copyreg(void)
{
    PyObject *mod = PyImport_GetModule(&_Py_ID(copyreg));
    if (mod != NULL || PyErr_Occurred()) {
        return mod;
    }
    return PyImport_Import(&_Py_ID(copyreg));
}

static PyObject *
call_copyreg(PyObject *name, PyObject *arg0, PyObject *arg1)
{
    PyObject *copyreg = import_copyreg();
    if (copyreg == NULL) {
        return NULL;
    }
    PyObject *res = PyObject_CallMethodObjArgs(copyreg, name, arg0, arg1, NULL);
    Py_DECREF(copyreg);
    return res;
}

/* Names of the __slots__ of the class and its bases: new list or None. */
static PyObject *
type_slotnames(PyTypeObject *cls)
{
    PyObject *slotnames = PyDict_GetItemWithError(cls->tp_dict, &_Py_ID(__slotnames__));
    if (slotnames != NULL) {
        if (slotnames != Py_None && !PyList_Check(slotnames)) {
            PyErr_Format(PyExc_TypeError, "%.200s.__slotnames__ should be a list or None, "
                         "not %.200s", cls->tp_name, Py_TYPE(slotnames)->tp_name);
            return NULL;
        }
        return Py_NewRef(slotnames);
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    /* It also keeps the list in the class for the next time. */
    slotnames = call_copyreg(&_Py_ID(_slotnames), (PyObject *)cls, NULL);
    if (slotnames != NULL && slotnames != Py_None && !PyList_Check(slotnames)) {
        PyErr_SetString(PyExc_TypeError, "copyreg._slotnames didn't return a list or None");
        Py_CLEAR(slotnames);
    }
    return slotnames;
}

/* Does the object have parts that neither its dict nor its slots show?  Then it cannot be pickled
 * without help. */
static int
has_hidden_state(PyObject *obj, PyObject *slotnames)
{
    PyTypeObject *type = Py_TYPE(obj);
    Py_ssize_t basicsize = PyBaseObject_Type.tp_basicsize;
    if (type->tp_dictoffset > 0) {
        basicsize += sizeof(PyObject *);
    }
    if (type->tp_weaklistoffset > 0) {
        basicsize += sizeof(PyObject *);
    }
    if (slotnames != Py_None) {
        basicsize += (Py_ssize_t)sizeof(PyObject *) * PyList_GET_SIZE(slotnames);
    }
    return type->tp_basicsize > basicsize;
}

/* (state, {slot: value}) if any slot has a value; steals `state`. */
static PyObject *
add_slot_state(PyObject *obj, PyObject *state, PyObject *slotnames)
{
    PyObject *slots = PyDict_New();
    if (slots == NULL) {
        goto error;
    }
    /* The list is seen by others: getattr may change it. */
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(slotnames); i++) {
        PyObject *name = Py_NewRef(PyList_GET_ITEM(slotnames, i));
        PyObject *value;
        int r = _PyObject_LookupAttr(obj, name, &value);
        if (r > 0) {
            r = PyDict_SetItem(slots, name, value);
            Py_DECREF(value);
        }
        Py_DECREF(name);
        if (r < 0) {
            goto error;
        }
    }
    if (PyDict_GET_SIZE(slots) > 0) {
        PyObject *pair = PyTuple_Pack(2, state, slots);
        if (pair == NULL) {
            goto error;
        }
        Py_SETREF(state, pair);
    }
    Py_DECREF(slots);
    return state;
error:
    Py_XDECREF(slots);
    Py_DECREF(state);
    return NULL;
}

/* The instance's dict (None without one or when it is empty) and slots. */
static PyObject *
default_state(PyObject *obj, int required)
{
    if (required && Py_TYPE(obj)->tp_itemsize) {
        PyErr_Format(PyExc_TypeError, "cannot pickle %.200s objects", Py_TYPE(obj)->tp_name);
        return NULL;
    }
    PyObject *state;
    if (_PyObject_IsInstanceDictEmpty(obj)) {
        state = Py_NewRef(Py_None);
    }
    else {
        state = PyObject_GenericGetDict(obj, NULL);
        if (state == NULL) {
            return NULL;
        }
    }
    PyObject *slotnames = type_slotnames(Py_TYPE(obj));
    if (slotnames == NULL) {
        Py_DECREF(state);
        return NULL;
    }
    if (required && has_hidden_state(obj, slotnames)) {
        Py_DECREF(slotnames);
        Py_DECREF(state);
        PyErr_Format(PyExc_TypeError, "cannot pickle '%.200s' object", Py_TYPE(obj)->tp_name);
        return NULL;
    }
    if (slotnames != Py_None && PyList_GET_SIZE(slotnames) > 0) {
        state = add_slot_state(obj, state, slotnames);
    }
    Py_DECREF(slotnames);
    return state;
}

/*sig object.__getstate__(self)

Helper for pickle.
*/
static PyObject *
object___getstate___impl(PyObject *self)
{
    return default_state(self, 0);
}

/* The state by __getstate__(); object's own is told when it must be complete. */
static PyObject *
get_state(PyObject *obj, int required)
{
    PyObject *getstate = PyObject_GetAttr(obj, &_Py_ID(__getstate__));
    if (getstate == NULL) {
        return NULL;
    }
    PyObject *state;
    if (PyCFunction_Check(getstate) && PyCFunction_GET_SELF(getstate) == obj &&
        PyCFunction_GET_FUNCTION(getstate) ==
            (PyCFunction)(void (*)(void))object___getstate__)
    {
        state = default_state(obj, required);
    }
    else {
        state = PyObject_CallNoArgs(getstate);
    }
    Py_DECREF(getstate);
    return state;
}

PyObject *
_PyObject_GetState(PyObject *obj)
{
    return get_state(obj, 0);
}

/* A special method looked up on the instance: what it returned must be of `type`. */
static int
check_newargs(PyObject *value, PyTypeObject *type, const char *what, const char *expected)
{
    if (Py_IS_TYPE(value, type) || PyType_IsSubtype(Py_TYPE(value), type)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "%s a %s, not '%.200s'", what, expected,
                 Py_TYPE(value)->tp_name);
    return -1;
}

/* Arguments for __new__ when unpickling, by __getnewargs_ex__ or __getnewargs__.  Both NULL if
 * there is neither. */
static int
get_newargs(PyObject *obj, PyObject **args, PyObject **kwargs)
{
    *args = *kwargs = NULL;
    PyObject *method = _PyObject_LookupSpecial(obj, &_Py_ID(__getnewargs_ex__));
    if (method != NULL) {
        PyObject *newargs = PyObject_CallNoArgs(method);
        Py_DECREF(method);
        if (newargs == NULL) {
            return -1;
        }
        if (check_newargs(newargs, &PyTuple_Type, "__getnewargs_ex__ should return",
                          "tuple") < 0)
        {
            Py_DECREF(newargs);
            return -1;
        }
        if (PyTuple_GET_SIZE(newargs) != 2) {
            PyErr_Format(PyExc_ValueError,
                         "__getnewargs_ex__ should return a tuple of length 2, not %zd",
                         PyTuple_GET_SIZE(newargs));
            Py_DECREF(newargs);
            return -1;
        }
        PyObject *a = PyTuple_GET_ITEM(newargs, 0), *k = PyTuple_GET_ITEM(newargs, 1);
        if (check_newargs(a, &PyTuple_Type,
                          "first item of the tuple returned by __getnewargs_ex__ must be",
                          "tuple") < 0 ||
            check_newargs(k, &PyDict_Type,
                          "second item of the tuple returned by __getnewargs_ex__ must be",
                          "dict") < 0)
        {
            Py_DECREF(newargs);
            return -1;
        }
        *args = Py_NewRef(a);
        *kwargs = Py_NewRef(k);
        Py_DECREF(newargs);
        return 0;
    }
    if (PyErr_Occurred()) {
        return -1;
    }
    method = _PyObject_LookupSpecial(obj, &_Py_ID(__getnewargs__));
    if (method == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    *args = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (*args == NULL) {
        return -1;
    }
    if (check_newargs(*args, &PyTuple_Type, "__getnewargs__ should return", "tuple") < 0) {
        Py_CLEAR(*args);
        return -1;
    }
    return 0;
}

/* Iterators over the items of list and dict subclasses, else None. */
static int
get_items_iter(PyObject *obj, PyObject **listitems, PyObject **dictitems)
{
    *listitems = *dictitems = NULL;
    *listitems = PyList_Check(obj) ? PyObject_GetIter(obj) : Py_NewRef(Py_None);
    if (*listitems == NULL) {
        return -1;
    }
    if (!PyDict_Check(obj)) {
        *dictitems = Py_NewRef(Py_None);
        return 0;
    }
    PyObject *items = PyObject_CallMethodNoArgs(obj, &_Py_ID(items));
    if (items != NULL) {
        *dictitems = PyObject_GetIter(items);
        Py_DECREF(items);
    }
    if (*dictitems == NULL) {
        Py_CLEAR(*listitems);
        return -1;
    }
    return 0;
}

/* The callable and its arguments that make an empty copy: (newobj, newargs), or -1. */
static int
make_constructor(PyObject *obj, PyObject *args, PyObject *kwargs, PyObject **newobj,
                 PyObject **newargs)
{
    PyObject *copyreg = import_copyreg();
    if (copyreg == NULL) {
        return -1;
    }
    PyObject *cls = (PyObject *)Py_TYPE(obj);
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0) {
        *newobj = PyObject_GetAttr(copyreg, &_Py_ID(__newobj_ex__));
        *newargs = PyTuple_Pack(3, cls, args, kwargs);
    }
    else {
        Py_ssize_t n = args == NULL ? 0 : PyTuple_GET_SIZE(args);
        *newobj = PyObject_GetAttr(copyreg, &_Py_ID(__newobj__));
        *newargs = PyTuple_New(n + 1);
        if (*newargs != NULL) {
            PyTuple_SET_ITEM(*newargs, 0, Py_NewRef(cls));
            for (Py_ssize_t i = 0; i < n; i++) {
                PyTuple_SET_ITEM(*newargs, i + 1, Py_NewRef(PyTuple_GET_ITEM(args, i)));
            }
        }
    }
    Py_DECREF(copyreg);
    if (*newobj == NULL || *newargs == NULL) {
        Py_CLEAR(*newobj);
        Py_CLEAR(*newargs);
        return -1;
    }
    return 0;
}

/* Protocol 2 and later. */
static PyObject *
reduce_newobj(PyObject *obj)
{
    if (Py_TYPE(obj)->tp_new == NULL) {
        PyErr_Format(PyExc_TypeError, "cannot pickle '%.200s' object", Py_TYPE(obj)->tp_name);
        return NULL;
    }
    PyObject *args, *kwargs;
    if (get_newargs(obj, &args, &kwargs) < 0) {
        return NULL;
    }
    PyObject *newobj = NULL, *newargs = NULL, *state = NULL, *listitems = NULL,
             *dictitems = NULL, *result = NULL;
    int hasargs = args != NULL;
    if (make_constructor(obj, args, kwargs, &newobj, &newargs) == 0) {
        /* Without __getnewargs__, everything must be in the state. */
        state = get_state(obj, !(hasargs || PyList_Check(obj) || PyDict_Check(obj)));
        if (state != NULL && get_items_iter(obj, &listitems, &dictitems) == 0) {
            result = PyTuple_Pack(5, newobj, newargs, state, listitems, dictitems);
        }
    }
    Py_XDECREF(args);
    Py_XDECREF(kwargs);
    Py_XDECREF(newobj);
    Py_XDECREF(newargs);
    Py_XDECREF(state);
    Py_XDECREF(listitems);
    Py_XDECREF(dictitems);
    return result;
}

static PyObject *
common_reduce(PyObject *self, int proto)
{
    if (proto >= 2) {
        return reduce_newobj(self);
    }
    PyObject *arg = PyLong_FromLong(proto);
    if (arg == NULL) {
        return NULL;
    }
    PyObject *res = call_copyreg(&_Py_ID(_reduce_ex), self, arg);
    Py_DECREF(arg);
    return res;
}

/*sig object.__reduce__(self)

Helper for pickle.
*/
static PyObject *
object___reduce___impl(PyObject *self)
{
    return common_reduce(self, 0);
}

/*sig object.__reduce_ex__(self, protocol: int, /)

Helper for pickle.
*/
static PyObject *
object___reduce_ex___impl(PyObject *self, int protocol)
{
    /* An overridden __reduce__ goes first. */
    PyObject *reduce;
    if (_PyObject_LookupAttr(self, &_Py_ID(__reduce__), &reduce) < 0) {
        return NULL;
    }
    if (reduce != NULL) {
        PyObject *clsreduce = PyObject_GetAttr((PyObject *)Py_TYPE(self), &_Py_ID(__reduce__));
        if (clsreduce == NULL) {
            Py_DECREF(reduce);
            return NULL;
        }
        PyObject *objreduce = PyDict_GetItemWithError(PyBaseObject_Type.tp_dict,
                                                      &_Py_ID(__reduce__));
        int override = clsreduce != objreduce;
        Py_DECREF(clsreduce);
        if (override) {
            PyObject *res = PyObject_CallNoArgs(reduce);
            Py_DECREF(reduce);
            return res;
        }
        Py_DECREF(reduce);
    }
    return common_reduce(self, protocol);
}

/* ------------------------------------------------------------------------------ the others */

static PyObject *
object_subclasshook(PyObject *Py_UNUSED(cls), PyObject *Py_UNUSED(args))
{
    Py_RETURN_NOTIMPLEMENTED;
}

PyDoc_STRVAR(object_subclasshook_doc,
"Abstract classes can override this to customize issubclass().\n"
"\n"
"This is invoked early on by abc.ABCMeta.__subclasscheck__().\n"
"It should return True, False or NotImplemented.  If it returns\n"
"NotImplemented, the normal algorithm is used.  Otherwise, it\n"
"overrides the normal algorithm (and the outcome is cached).\n");

static PyObject *
object_init_subclass(PyObject *Py_UNUSED(cls), PyObject *Py_UNUSED(arg))
{
    Py_RETURN_NONE;
}

PyDoc_STRVAR(object_init_subclass_doc,
"This method is called when a class is subclassed.\n"
"\n"
"The default implementation does nothing. It may be\n"
"overridden to extend subclasses.\n");

/*sig object.__format__(self, format_spec: unicode, /)

Default object formatter.

Return str(self) if format_spec is empty. Raise TypeError otherwise.
*/
static PyObject *
object___format___impl(PyObject *self, PyObject *format_spec)
{
    if (PyUnicode_GET_LENGTH(format_spec) > 0) {
        PyErr_Format(PyExc_TypeError, "unsupported format string passed to %.200s.__format__",
                     Py_TYPE(self)->tp_name);
        return NULL;
    }
    return PyObject_Str(self);
}

/*sig object.__sizeof__(self)

Size of object in memory, in bytes.
*/
static PyObject *
object___sizeof___impl(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_ssize_t res = 0;
    if (type->tp_itemsize > 0) {
        Py_ssize_t len = Py_SIZE(self);
        res = (len < 0 ? -len : len) * type->tp_itemsize;
    }
    return PyLong_FromSsize_t(res + type->tp_basicsize);
}

/*sig object.__dir__(self)

Default dir() implementation.
*/
static PyObject *
object___dir___impl(PyObject *self)
{
    PyObject *dict;
    if (_PyObject_LookupAttr(self, &_Py_ID(__dict__), &dict) < 0) {
        return NULL;
    }
    if (dict == NULL) {
        dict = PyDict_New();
    }
    else if (!PyDict_Check(dict)) {
        Py_DECREF(dict);
        dict = PyDict_New();
    }
    else {
        Py_SETREF(dict, PyDict_Copy(dict));
    }
    if (dict == NULL) {
        return NULL;
    }
    PyObject *itsclass, *result = NULL;
    int r = _PyObject_LookupAttr(self, &_Py_ID(__class__), &itsclass);
    if (r > 0) {
        r = _PyType_MergeClassDict(dict, itsclass);
        Py_DECREF(itsclass);
    }
    if (r >= 0) {
        result = PyDict_Keys(dict);
    }
    Py_DECREF(dict);
    return result;
}

static _Py_SHARED PyMethodDef object_methods[] = {
    OBJECT___REDUCE_EX___METHODDEF
    OBJECT___REDUCE___METHODDEF
    OBJECT___GETSTATE___METHODDEF
    {"__subclasshook__", object_subclasshook, METH_CLASS | METH_VARARGS,
     object_subclasshook_doc},
    {"__init_subclass__", object_init_subclass, METH_CLASS | METH_NOARGS,
     object_init_subclass_doc},
    OBJECT___FORMAT___METHODDEF
    OBJECT___SIZEOF___METHODDEF
    OBJECT___DIR___METHODDEF
    {NULL}
};

PyDoc_STRVAR(object_doc,
"object()\n--\n\n"
"The base class of the class hierarchy.\n"
"\n"
"When called, it accepts no arguments and returns a new featureless\n"
"instance that has no instance attributes and cannot be given any.\n");

_Py_SHARED PyTypeObject PyBaseObject_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "object",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = object_dealloc,
    .tp_repr = object_repr,
    .tp_hash = (hashfunc)_Py_HashPointer,
    .tp_str = object_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = object_doc,
    .tp_richcompare = object_richcompare,
    .tp_methods = object_methods,
    .tp_getset = object_getsets,
    .tp_init = object_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = _PyObject_NewPlain,
    .tp_free = PyObject_Free,
};
