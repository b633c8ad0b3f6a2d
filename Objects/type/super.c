/* super.c - the type super: attribute lookup that starts behind a given class in the MRO.
 *
 * A bound super object knows the class, the object (an instance, or a class), and the class whose
 * MRO is walked.  super() without arguments takes the first two from the caller's frame: the first
 * local variable and the cell __class__.
 *
 * Written from the library reference (super), PEP 3135 and observed messages.
 */
#include "Python.h"
#include "pycore_ceval.h"       // frames
#include "pycore_code.h"        // co_localsplus
#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_strings.h"     // _Py_ID()
#include "type.h"

typedef struct {
    PyObject_HEAD
    PyTypeObject *type;         /* the class to start behind */
    PyObject *obj;              /* the object bound to, or NULL */
    PyTypeObject *obj_type;     /* whose MRO is walked, or NULL */
} superobject;

static _Py_SHARED PyMemberDef super_members[] = {
    {"__thisclass__", _Py_T_OBJECT, offsetof(superobject, type), Py_READONLY,
     PyDoc_STR("the class invoking super()")},
    {"__self__", _Py_T_OBJECT, offsetof(superobject, obj), Py_READONLY,
     PyDoc_STR("the instance invoking super(); may be None")},
    {"__self_class__", _Py_T_OBJECT, offsetof(superobject, obj_type), Py_READONLY,
     PyDoc_STR("the type of the instance invoking super(); may be None")},
    {NULL}
};

static void
super_dealloc(PyObject *self)
{
    superobject *su = (superobject *)self;
    _PyObject_GC_UNTRACK(self);
    Py_XDECREF(su->obj);
    Py_XDECREF(su->type);
    Py_XDECREF(su->obj_type);
    Py_TYPE(self)->tp_free(self);
}

static int
super_traverse(PyObject *self, visitproc visit, void *arg)
{
    superobject *su = (superobject *)self;
    Py_VISIT(su->obj);
    Py_VISIT(su->type);
    Py_VISIT(su->obj_type);
    return 0;
}

static PyObject *
super_repr(PyObject *self)
{
    superobject *su = (superobject *)self;
    const char *name = su->type != NULL ? su->type->tp_name : "NULL";
    if (su->obj_type != NULL) {
        return PyUnicode_FromFormat("<super: <class '%s'>, <%s object>>", name,
                                    su->obj_type->tp_name);
    }
    return PyUnicode_FromFormat("<super: <class '%s'>, NULL>", name);
}

/* The attribute in the classes behind su_type: new reference; NULL without exception: none. */
static PyObject *
lookup_behind(PyTypeObject *su_type, PyTypeObject *su_obj_type, PyObject *name)
{
    PyObject *mro = su_obj_type->tp_mro;
    if (mro == NULL) {
        return NULL;
    }
    assert(PyTuple_Check(mro));
    Py_ssize_t i = 0, n = PyTuple_GET_SIZE(mro);
    while (i < n && PyTuple_GET_ITEM(mro, i) != (PyObject *)su_type) {
        i++;
    }
    i++;
    Py_INCREF(mro);     /* a key's __eq__ may change the order */
    PyObject *res = NULL;
    for (; i < n; i++) {
        PyObject *dict = ((PyTypeObject *)PyTuple_GET_ITEM(mro, i))->tp_dict;
        assert(dict != NULL && PyDict_Check(dict));
        res = Py_XNewRef(PyDict_GetItemWithError(dict, name));
        if (res != NULL || PyErr_Occurred()) {
            break;
        }
    }
    Py_DECREF(mro);
    return res;
}

/* With `method` an unbound method descriptor is given as it is, and *method set. */
static PyObject *
super_lookup(PyTypeObject *su_type, PyObject *su_obj, PyTypeObject *su_obj_type, PyObject *name,
             int *method)
{
    /* super().__class__ is the class of the super object. */
    if (PyUnicode_Check(name) && PyUnicode_GET_LENGTH(name) == 9 &&
        _PyUnicode_Equal(name, &_Py_ID(__class__)))
    {
        return NULL;
    }
    PyObject *res = lookup_behind(su_type, su_obj_type, name);
    if (res == NULL) {
        return NULL;
    }
    if (method != NULL && su_obj != (PyObject *)su_obj_type
        && _PyType_HasFeature(Py_TYPE(res), Py_TPFLAGS_METHOD_DESCRIPTOR))
    {
        *method = 1;
        return res;
    }
    descrgetfunc f = Py_TYPE(res)->tp_descr_get;
    if (f != NULL) {
        /* A class bound to is no instance: class methods get it as the class. */
        PyObject *obj = su_obj == (PyObject *)su_obj_type ? NULL : su_obj;
        Py_SETREF(res, f(res, obj, (PyObject *)su_obj_type));
    }
    return res;
}

static PyObject *
super_getattro(PyObject *self, PyObject *name)
{
    superobject *su = (superobject *)self;
    if (su->obj_type != NULL) {
        PyObject *res = super_lookup(su->type, su->obj, su->obj_type, name, NULL);
        if (res != NULL || PyErr_Occurred()) {
            return res;
        }
    }
    return PyObject_GenericGetAttr(self, name);
}

/* The class whose MRO counts for super(type, obj): new reference, or NULL with TypeError. */
static PyTypeObject *
supercheck(PyTypeObject *type, PyObject *obj)
{
    /* A class: super(type, type2), for class methods. */
    if (PyType_Check(obj) && PyType_IsSubtype((PyTypeObject *)obj, type)) {
        return (PyTypeObject *)Py_NewRef(obj);
    }
    if (PyType_IsSubtype(Py_TYPE(obj), type)) {
        return (PyTypeObject *)Py_NewRef(Py_TYPE(obj));
    }
    /* Proxies say what they stand for by __class__. */
    PyObject *class_attr;
    if (_PyObject_LookupAttr(obj, &_Py_ID(__class__), &class_attr) < 0) {
        return NULL;
    }
    if (class_attr != NULL && PyType_Check(class_attr) &&
        (PyTypeObject *)class_attr != Py_TYPE(obj) &&
        PyType_IsSubtype((PyTypeObject *)class_attr, type))
    {
        return (PyTypeObject *)class_attr;
    }
    Py_XDECREF(class_attr);
    PyErr_SetString(PyExc_TypeError,
                    "super(type, obj): obj must be an instance or subtype of type");
    return NULL;
}

/* super(su_type, su_obj).name without the super object: what LOAD_SUPER_ATTR does. */
PyObject *
_PySuper_Lookup(PyTypeObject *su_type, PyObject *su_obj, PyObject *name, int *method)
{
    PyTypeObject *su_obj_type = supercheck(su_type, su_obj);
    if (su_obj_type == NULL) {
        return NULL;
    }
    PyObject *res = super_lookup(su_type, su_obj, su_obj_type, name, method);
    Py_DECREF(su_obj_type);
    if (res == NULL && !PyErr_Occurred()) {
        /* An attribute of super objects, or none: the object has to answer. */
        PyObject *args[2] = {(PyObject *)su_type, su_obj};
        PyObject *super = PyObject_Vectorcall((PyObject *)&PySuper_Type, args, 2, NULL);
        if (super != NULL) {
            res = PyObject_GenericGetAttr(super, name);
            Py_DECREF(super);
        }
    }
    return res;
}

static PyObject *
super_descr_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    superobject *su = (superobject *)self;
    if (obj == NULL || obj == Py_None || su->obj != NULL) {
        return Py_NewRef(self);     /* bound already, or nothing to bind to */
    }
    if (!Py_IS_TYPE(su, &PySuper_Type)) {
        /* A subclass is made by a call of its class. */
        return PyObject_CallFunctionObjArgs((PyObject *)Py_TYPE(su), su->type, obj, NULL);
    }
    PyTypeObject *obj_type = supercheck(su->type, obj);
    if (obj_type == NULL) {
        return NULL;
    }
    superobject *newobj = (superobject *)PySuper_Type.tp_new(&PySuper_Type, NULL, NULL);
    if (newobj == NULL) {
        Py_DECREF(obj_type);
        return NULL;
    }
    newobj->type = (PyTypeObject *)Py_NewRef(su->type);
    newobj->obj = Py_NewRef(obj);
    newobj->obj_type = obj_type;
    return (PyObject *)newobj;
}

/* ------------------------------------------------------------------- super() in a method */

/* The value of a local variable of the frame, through a cell if it has one: borrowed or NULL. */
static PyObject *
local_or_cell(_PyInterpreterFrame *frame, int i, int is_cell)
{
    PyObject *value = PyStackRef_Materialize(&frame->localsplus[i]);
    if (value != NULL && is_cell && PyCell_Check(value)) {
        return PyCell_GET(value);
    }
    return value;
}

/* First argument of the running function. */
static PyObject *
first_argument(_PyInterpreterFrame *frame, PyCodeObject *co)
{
    if (co->co_argcount == 0) {
        PyErr_SetString(PyExc_RuntimeError, "super(): no arguments");
        return NULL;
    }
    /* An argument that inner functions use lies in a cell, once MAKE_CELL ran. */
    int is_cell = (_PyLocals_GetKind(co->co_localspluskinds, 0) & CO_FAST_CELL) != 0;
    PyObject *obj = local_or_cell(frame, 0, is_cell);
    if (obj == NULL && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_RuntimeError, "super(): arg[0] deleted");
    }
    return obj;
}

/* The free variable __class__ of the running function. */
static PyTypeObject *
class_cell(_PyInterpreterFrame *frame, PyCodeObject *co)
{
    for (int i = co->co_nlocalsplus - co->co_nfreevars; i < co->co_nlocalsplus; i++) {
        PyObject *name = PyTuple_GET_ITEM(co->co_localsplusnames, i);
        assert(PyUnicode_Check(name));
        if (!_PyUnicode_Equal(name, &_Py_ID(__class__))) {
            continue;
        }
        PyObject *cell = PyStackRef_IsNull(frame->localsplus[i])
                         ? NULL : PyStackRef_AsPyObjectBorrow(frame->localsplus[i]);
        if (cell == NULL || !PyCell_Check(cell)) {
            PyErr_SetString(PyExc_RuntimeError, "super(): bad __class__ cell");
            return NULL;
        }
        PyObject *type = PyCell_GET(cell);
        if (type == NULL) {
            PyErr_SetString(PyExc_RuntimeError, "super(): empty __class__ cell");
            return NULL;
        }
        if (!PyType_Check(type)) {
            PyErr_Format(PyExc_RuntimeError, "super(): __class__ is not a type (%s)",
                         Py_TYPE(type)->tp_name);
            return NULL;
        }
        return (PyTypeObject *)type;
    }
    PyErr_SetString(PyExc_RuntimeError, "super(): __class__ cell not found");
    return NULL;
}

/* Both borrowed; 0 or -1. */
static int
args_from_frame(PyTypeObject **ptype, PyObject **pobj)
{
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(_PyThreadState_GET());
    if (frame == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "super(): no current frame");
        return -1;
    }
    PyCodeObject *co = _PyFrame_GetCode(frame);
    *pobj = first_argument(frame, co);
    if (*pobj == NULL) {
        return -1;
    }
    *ptype = class_cell(frame, co);
    return *ptype == NULL ? -1 : 0;
}

static int
super_init_impl(PyObject *self, PyTypeObject *type, PyObject *obj)
{
    superobject *su = (superobject *)self;
    if (type == NULL && args_from_frame(&type, &obj) < 0) {
        return -1;
    }
    PyTypeObject *obj_type = NULL;
    if (obj == Py_None) {
        obj = NULL;
    }
    if (obj != NULL) {
        obj_type = supercheck(type, obj);
        if (obj_type == NULL) {
            return -1;
        }
        Py_INCREF(obj);
    }
    Py_XSETREF(su->type, (PyTypeObject *)Py_NewRef(type));
    Py_XSETREF(su->obj, obj);
    Py_XSETREF(su->obj_type, obj_type);
    return 0;
}

static int
check_type_argument(PyObject *arg)
{
    if (arg != NULL && !PyType_Check(arg)) {
        PyErr_Format(PyExc_TypeError, "super() argument 1 must be a type, not %.200s",
                     Py_TYPE(arg)->tp_name);
        return -1;
    }
    return 0;
}

static int
super_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyObject *type = NULL, *obj = NULL;
    if (kwds != NULL && PyDict_GET_SIZE(kwds) > 0) {
        PyErr_SetString(PyExc_TypeError, "super() takes no keyword arguments");
        return -1;
    }
    if (!PyArg_UnpackTuple(args, "super", 0, 2, &type, &obj) ||
        check_type_argument(type) < 0)
    {
        return -1;
    }
    return super_init_impl(self, (PyTypeObject *)type, obj);
}

static PyObject *
super_vectorcall(PyObject *Py_UNUSED(self), PyObject *const *args, size_t nargsf,
                 PyObject *kwnames)
{
    if (kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0) {
        PyErr_SetString(PyExc_TypeError, "super() takes no keyword arguments");
        return NULL;
    }
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (nargs > 2) {
        PyErr_Format(PyExc_TypeError, "super() expected at most 2 arguments, got %zd", nargs);
        return NULL;
    }
    PyObject *type = nargs > 0 ? args[0] : NULL;
    PyObject *obj = nargs > 1 ? args[1] : NULL;
    if (check_type_argument(type) < 0) {
        return NULL;
    }
    PyObject *su = PySuper_Type.tp_alloc(&PySuper_Type, 0);
    if (su != NULL && super_init_impl(su, (PyTypeObject *)type, obj) < 0) {
        Py_CLEAR(su);
    }
    return su;
}

PyDoc_STRVAR(super_doc,
"super() -> same as super(__class__, <first argument>)\n"
"super(type) -> unbound super object\n"
"super(type, obj) -> bound super object; requires isinstance(obj, type)\n"
"super(type, type2) -> bound super object; requires issubclass(type2, type)\n"
"Typical use to call a cooperative superclass method:\n"
"class C(B):\n"
"    def meth(self, arg):\n"
"        super().meth(arg)\n"
"This works for class methods too:\n"
"class C(B):\n"
"    @classmethod\n"
"    def cmeth(cls, arg):\n"
"        super().cmeth(arg)\n");

_Py_SHARED PyTypeObject PySuper_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "super",
    .tp_basicsize = sizeof(superobject),
    .tp_dealloc = super_dealloc,
    .tp_repr = super_repr,
    .tp_getattro = super_getattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = super_doc,
    .tp_traverse = super_traverse,
    .tp_members = super_members,
    .tp_descr_get = super_descr_get,
    .tp_init = super_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = super_vectorcall,
};
