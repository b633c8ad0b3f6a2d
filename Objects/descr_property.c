/* descr_property.c - property: an attribute with functions for reading, writing and deleting it.
 *
 * prop_name is the name given by __set_name__, for messages.  getter_doc says that the docstring
 * came from the getter, and follows it when a new getter is set.
 *
 * Written from the library reference (property), the descriptor guide and observed messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _PyObject_GC_UNTRACK()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"

typedef struct {
    PyObject_HEAD
    PyObject *prop_get;
    PyObject *prop_set;
    PyObject *prop_del;
    PyObject *prop_doc;
    PyObject *prop_name;
    int getter_doc;
} propertyobject;

#include "sig/descr_property.sig.h"

#define PROP(op) ((propertyobject *)(op))

static _Py_SHARED PyMemberDef property_members[] = {
    {"fget", _Py_T_OBJECT, offsetof(propertyobject, prop_get), Py_READONLY},
    {"fset", _Py_T_OBJECT, offsetof(propertyobject, prop_set), Py_READONLY},
    {"fdel", _Py_T_OBJECT, offsetof(propertyobject, prop_del), Py_READONLY},
    {"__doc__", _Py_T_OBJECT, offsetof(propertyobject, prop_doc), 0},
    {NULL}
};

/* A copy with some of the functions replaced (NULL or None: as before). */
static PyObject *
property_copy(PyObject *old, PyObject *get, PyObject *set, PyObject *del)
{
    propertyobject *pold = PROP(old);
    PyObject *type = PyObject_Type(old);
    if (type == NULL) {
        return NULL;
    }
    if (get == NULL || get == Py_None) {
        get = pold->prop_get != NULL ? pold->prop_get : Py_None;
    }
    if (set == NULL || set == Py_None) {
        set = pold->prop_set != NULL ? pold->prop_set : Py_None;
    }
    if (del == NULL || del == Py_None) {
        del = pold->prop_del != NULL ? pold->prop_del : Py_None;
    }
    PyObject *doc;
    if (pold->getter_doc && get != Py_None) {
        doc = Py_None;      /* taken from the getter again */
    }
    else {
        doc = pold->prop_doc != NULL ? pold->prop_doc : Py_None;
    }
    PyObject *new = PyObject_CallFunctionObjArgs(type, get, set, del, doc, NULL);
    Py_DECREF(type);
    if (new != NULL && PyObject_TypeCheck(new, &PyProperty_Type)) {
        Py_XSETREF(PROP(new)->prop_name, Py_XNewRef(pold->prop_name));
    }
    return new;
}

static PyObject *
property_getter(PyObject *self, PyObject *getter)
{
    return property_copy(self, getter, NULL, NULL);
}

static PyObject *
property_setter(PyObject *self, PyObject *setter)
{
    return property_copy(self, NULL, setter, NULL);
}

static PyObject *
property_deleter(PyObject *self, PyObject *deleter)
{
    return property_copy(self, NULL, NULL, deleter);
}

static PyObject *
property_set_name(PyObject *self, PyObject *args)
{
    if (PyTuple_GET_SIZE(args) != 2) {
        PyErr_Format(PyExc_TypeError,
                     "__set_name__() takes 2 positional arguments but %zd were given",
                     PyTuple_GET_SIZE(args));
        return NULL;
    }
    Py_XSETREF(PROP(self)->prop_name, Py_NewRef(PyTuple_GET_ITEM(args, 1)));
    Py_RETURN_NONE;
}

static _Py_SHARED PyMethodDef property_methods[] = {
    {"getter", property_getter, METH_O,
     PyDoc_STR("Descriptor to obtain a copy of the property with a different getter.")},
    {"setter", property_setter, METH_O,
     PyDoc_STR("Descriptor to obtain a copy of the property with a different setter.")},
    {"deleter", property_deleter, METH_O,
     PyDoc_STR("Descriptor to obtain a copy of the property with a different deleter.")},
    {"__set_name__", property_set_name, METH_VARARGS,
     PyDoc_STR("Method to set name of a property.")},
    {NULL}
};

static void
property_dealloc(PyObject *self)
{
    propertyobject *gs = PROP(self);
    _PyObject_GC_UNTRACK(self);
    Py_XDECREF(gs->prop_get);
    Py_XDECREF(gs->prop_set);
    Py_XDECREF(gs->prop_del);
    Py_XDECREF(gs->prop_doc);
    Py_XDECREF(gs->prop_name);
    Py_TYPE(self)->tp_free(self);
}

/* AttributeError: "property 'x' of 'C' object has no getter". */
static void
raise_no_function(propertyobject *gs, PyObject *obj, const char *what)
{
    PyObject *qualname = PyType_GetQualName(Py_TYPE(obj));
    if (qualname == NULL) {
        return;
    }
    if (gs->prop_name != NULL) {
        PyErr_Format(PyExc_AttributeError, "property %R of %R object has no %s", gs->prop_name,
                     qualname, what);
    }
    else {
        PyErr_Format(PyExc_AttributeError, "property of %R object has no %s", qualname, what);
    }
    Py_DECREF(qualname);
}

static PyObject *
property_descr_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    if (obj == NULL || obj == Py_None) {
        return Py_NewRef(self);
    }
    propertyobject *gs = PROP(self);
    if (gs->prop_get == NULL) {
        raise_no_function(gs, obj, "getter");
        return NULL;
    }
    return PyObject_CallOneArg(gs->prop_get, obj);
}

static int
property_descr_set(PyObject *self, PyObject *obj, PyObject *value)
{
    propertyobject *gs = PROP(self);
    PyObject *func = value == NULL ? gs->prop_del : gs->prop_set;
    if (func == NULL) {
        raise_no_function(gs, obj, value == NULL ? "deleter" : "setter");
        return -1;
    }
    PyObject *res = value == NULL ? PyObject_CallOneArg(func, obj)
                                  : PyObject_CallFunctionObjArgs(func, obj, value, NULL);
    if (res == NULL) {
        return -1;
    }
    Py_DECREF(res);
    return 0;
}

/* The docstring, from the argument or the getter: new reference, NULL for none (or an error). */
static PyObject *
find_doc(propertyobject *self, PyObject *fget, PyObject *doc)
{
    if (doc != NULL && doc != Py_None) {
        return Py_NewRef(doc);
    }
    if (fget == NULL) {
        return NULL;
    }
    PyObject *getter_doc;
    if (_PyObject_LookupAttr(fget, &_Py_ID(__doc__), &getter_doc) < 0) {
        return NULL;
    }
    if (getter_doc == Py_None) {
        Py_CLEAR(getter_doc);
    }
    if (getter_doc != NULL) {
        self->getter_doc = 1;
    }
    return getter_doc;
}

/*sig property.__init__(self, fget=None, fset=None, fdel=None, doc=None)

Property attribute.

  fget
    function to be used for getting an attribute value
  fset
    function to be used for setting an attribute value
  fdel
    function to be used for del'ing an attribute
  doc
    docstring

Typical use is to define a managed attribute x:

class C(object):
    def getx(self): return self._x
    def setx(self, value): self._x = value
    def delx(self): del self._x
    x = property(getx, setx, delx, "I'm the 'x' property.")

Decorators make defining new properties or modifying existing ones easy:

class C(object):
    @property
    def x(self):
        "I am the 'x' property."
        return self._x
    @x.setter
    def x(self, value):
        self._x = value
    @x.deleter
    def x(self):
        del self._x
*/
static int
property_init_impl(propertyobject *self, PyObject *fget, PyObject *fset, PyObject *fdel,
                   PyObject *doc)
{
    fget = fget == Py_None ? NULL : fget;
    fset = fset == Py_None ? NULL : fset;
    fdel = fdel == Py_None ? NULL : fdel;
    Py_XSETREF(self->prop_get, Py_XNewRef(fget));
    Py_XSETREF(self->prop_set, Py_XNewRef(fset));
    Py_XSETREF(self->prop_del, Py_XNewRef(fdel));
    Py_CLEAR(self->prop_doc);
    Py_CLEAR(self->prop_name);
    self->getter_doc = 0;
    PyObject *prop_doc = find_doc(self, fget, doc);
    if (prop_doc == NULL && PyErr_Occurred()) {
        return -1;
    }
    if (Py_IS_TYPE(self, &PyProperty_Type)) {
        self->prop_doc = prop_doc;
        return 0;
    }
    /* A subclass has a __doc__ of its own in the way: the instance's dict gets ours. */
    if (prop_doc == NULL) {
        prop_doc = Py_NewRef(Py_None);
    }
    int err = PyObject_SetAttr((PyObject *)self, &_Py_ID(__doc__), prop_doc);
    Py_DECREF(prop_doc);
    if (err < 0) {
        /* __slots__ without a place for it; the docstring of a getter is not dropped silently. */
        if (!self->getter_doc && PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear();
            return 0;
        }
        return -1;
    }
    return 0;
}

static PyObject *
property_get__isabstractmethod__(PyObject *self, void *Py_UNUSED(closure))
{
    propertyobject *prop = PROP(self);
    PyObject *functions[3] = {prop->prop_get, prop->prop_set, prop->prop_del};
    for (int i = 0; i < 3; i++) {
        int res = _PyObject_IsAbstract(functions[i]);
        if (res != 0) {
            return res < 0 ? NULL : Py_NewRef(Py_True);
        }
    }
    Py_RETURN_FALSE;
}

static _Py_SHARED PyGetSetDef property_getsetlist[] = {
    {"__isabstractmethod__", property_get__isabstractmethod__, NULL, NULL, NULL},
    {NULL}
};

static int
property_traverse(PyObject *self, visitproc visit, void *arg)
{
    propertyobject *pp = PROP(self);
    Py_VISIT(pp->prop_get);
    Py_VISIT(pp->prop_set);
    Py_VISIT(pp->prop_del);
    Py_VISIT(pp->prop_doc);
    Py_VISIT(pp->prop_name);
    return 0;
}

static int
property_clear(PyObject *self)
{
    Py_CLEAR(PROP(self)->prop_doc);
    return 0;
}

_Py_SHARED PyTypeObject PyProperty_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "property",
    .tp_basicsize = sizeof(propertyobject),
    .tp_dealloc = property_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = property_init__doc__,
    .tp_traverse = property_traverse,
    .tp_clear = property_clear,
    .tp_methods = property_methods,
    .tp_members = property_members,
    .tp_getset = property_getsetlist,
    .tp_descr_get = property_descr_get,
    .tp_descr_set = property_descr_set,
    .tp_init = property_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
};
