/* descrobject.c - attributes of C types: method, member, getset and slot-wrapper descriptors and
 * what they give when bound (method-wrapper); mappingproxy and property are in descr_proxy.c and
 * descr_property.c, members of C structs in descr_member.c.
 *
 * Invariants: d_type is the class that the descriptor was made for; every call and access checks
 * that the object is an instance of it, since the C function relies on the layout.  Descriptors of
 * shared types are shared and never written to: their qualified name is then computed each time.
 *
 * Written from the descriptor guide, the C API reference ("Descriptor Objects"), PEP 252, PEP 590
 * and observed messages.
 */
#include "Python.h"
#include "pycore_cfunction.h"   // _Py_CallConvention()
#include "pycore_errors.h"      // _PyErr_Format()
#include "pycore_object.h"      // _PyObject_GC_UNTRACK()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_tuple.h"       // _PyTuple_FromArray()
#include "pycore_type.h"        // _PyType_Lookup()

/* ------------------------------------------------------------------------------ life */

static void
descr_dealloc(PyObject *self)
{
    PyDescrObject *descr = (PyDescrObject *)self;
    _PyObject_GC_UNTRACK(self);
    Py_XDECREF(descr->d_type);
    Py_XDECREF(descr->d_name);
    Py_XDECREF(descr->d_qualname);
    PyObject_GC_Del(self);
}

static int
descr_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyDescrObject *descr = (PyDescrObject *)self;
    Py_VISIT(descr->d_type);
    return 0;
}

static PyObject *
descr_name(PyDescrObject *descr)
{
    return descr->d_name != NULL && PyUnicode_Check(descr->d_name) ? descr->d_name : NULL;
}

static PyObject *
descr_repr(PyDescrObject *descr, const char *format)
{
    return PyUnicode_FromFormat(format, descr_name(descr), "?", descr->d_type->tp_name);
}

static PyObject *
method_repr(PyObject *descr)
{
    return descr_repr((PyDescrObject *)descr, "<method '%V' of '%s' objects>");
}

static PyObject *
member_repr(PyObject *descr)
{
    return descr_repr((PyDescrObject *)descr, "<member '%V' of '%s' objects>");
}

static PyObject *
getset_repr(PyObject *descr)
{
    return descr_repr((PyDescrObject *)descr, "<attribute '%V' of '%s' objects>");
}

static PyObject *
wrapperdescr_repr(PyObject *descr)
{
    return descr_repr((PyDescrObject *)descr, "<slot wrapper '%V' of '%s' objects>");
}

/* ------------------------------------------------------------------------------ binding */

static int
descr_check(PyDescrObject *descr, PyObject *obj)
{
    if (!PyObject_TypeCheck(obj, descr->d_type)) {
        PyErr_Format(PyExc_TypeError,
                     "descriptor '%V' for '%.100s' objects doesn't apply to a '%.100s' object",
                     descr_name(descr), "?", descr->d_type->tp_name, Py_TYPE(obj)->tp_name);
        return -1;
    }
    return 0;
}

static PyObject *
classmethod_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyMethodDescrObject *descr = (PyMethodDescrObject *)self;
    if (type == NULL) {
        if (obj == NULL) {
            PyErr_Format(PyExc_TypeError,
                         "descriptor '%V' for type '%.100s' needs either an object or a type",
                         descr_name((PyDescrObject *)descr), "?", PyDescr_TYPE(descr)->tp_name);
            return NULL;
        }
        type = (PyObject *)Py_TYPE(obj);
    }
    if (!PyType_Check(type)) {
        PyErr_Format(PyExc_TypeError,
                     "descriptor '%V' for type '%.100s' needs a type, not a '%.100s' as arg 2",
                     descr_name((PyDescrObject *)descr), "?", PyDescr_TYPE(descr)->tp_name,
                     Py_TYPE(type)->tp_name);
        return NULL;
    }
    if (!PyType_IsSubtype((PyTypeObject *)type, PyDescr_TYPE(descr))) {
        PyErr_Format(PyExc_TypeError,
                     "descriptor '%V' requires a subtype of '%.100s' but received '%.100s'",
                     descr_name((PyDescrObject *)descr), "?", PyDescr_TYPE(descr)->tp_name,
                     ((PyTypeObject *)type)->tp_name);
        return NULL;
    }
    PyTypeObject *cls = (descr->d_method->ml_flags & METH_METHOD)
                        ? descr->d_common.d_type : NULL;
    return PyCMethod_New(descr->d_method, type, NULL, cls);
}

static PyObject *
method_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyMethodDescrObject *descr = (PyMethodDescrObject *)self;
    if (obj == NULL) {
        return Py_NewRef(descr);
    }
    if (descr_check((PyDescrObject *)descr, obj) < 0) {
        return NULL;
    }
    if (!(descr->d_method->ml_flags & METH_METHOD)) {
        return PyCFunction_NewEx(descr->d_method, obj, NULL);
    }
    if (type != NULL && !PyType_Check(type)) {
        PyErr_Format(PyExc_TypeError, "descriptor '%V' needs a type, not '%s', as arg 2",
                     descr_name((PyDescrObject *)descr), "?", Py_TYPE(type)->tp_name);
        return NULL;
    }
    return PyCMethod_New(descr->d_method, obj, NULL, descr->d_common.d_type);
}

static PyObject *
member_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    PyMemberDescrObject *descr = (PyMemberDescrObject *)self;
    if (obj == NULL) {
        return Py_NewRef(descr);
    }
    if (descr_check((PyDescrObject *)descr, obj) < 0) {
        return NULL;
    }
    if ((descr->d_member->flags & Py_AUDIT_READ) &&
        PySys_Audit("object.__getattr__", "Os", obj, descr->d_member->name) < 0)
    {
        return NULL;
    }
    return PyMember_GetOne((char *)obj, descr->d_member);
}

static PyObject *
getset_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    PyGetSetDescrObject *descr = (PyGetSetDescrObject *)self;
    if (obj == NULL) {
        return Py_NewRef(descr);
    }
    if (descr_check((PyDescrObject *)descr, obj) < 0) {
        return NULL;
    }
    if (descr->d_getset->get != NULL) {
        return descr->d_getset->get(obj, descr->d_getset->closure);
    }
    PyErr_Format(PyExc_AttributeError, "attribute '%V' of '%.100s' objects is not readable",
                 descr_name((PyDescrObject *)descr), "?", PyDescr_TYPE(descr)->tp_name);
    return NULL;
}

static PyObject *
wrapperdescr_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    if (obj == NULL) {
        return Py_NewRef(self);
    }
    if (descr_check((PyDescrObject *)self, obj) < 0) {
        return NULL;
    }
    return PyWrapper_New(self, obj);
}

static int
descr_setcheck(PyDescrObject *descr, PyObject *obj)
{
    assert(obj != NULL);
    return descr_check(descr, obj);
}

static int
member_set(PyObject *self, PyObject *obj, PyObject *value)
{
    PyMemberDescrObject *descr = (PyMemberDescrObject *)self;
    if (descr_setcheck((PyDescrObject *)descr, obj) < 0) {
        return -1;
    }
    return PyMember_SetOne((char *)obj, descr->d_member, value);
}

static int
getset_set(PyObject *self, PyObject *obj, PyObject *value)
{
    PyGetSetDescrObject *descr = (PyGetSetDescrObject *)self;
    if (descr_setcheck((PyDescrObject *)descr, obj) < 0) {
        return -1;
    }
    if (descr->d_getset->set != NULL) {
        return descr->d_getset->set(obj, value, descr->d_getset->closure);
    }
    PyErr_Format(PyExc_AttributeError, "attribute '%V' of '%.100s' objects is not writable",
                 descr_name((PyDescrObject *)descr), "?", PyDescr_TYPE(descr)->tp_name);
    return -1;
}

/* --------------------------------------------------------------------- calling methods unbound */

/* The first argument must be an instance: 0, or -1 with TypeError. */
static int
check_self(PyObject *func, PyObject *const *args, Py_ssize_t nargs)
{
    assert(!PyErr_Occurred());
    if (nargs < 1) {
        PyObject *funcstr = _PyObject_FunctionStr(func);
        if (funcstr != NULL) {
            PyErr_Format(PyExc_TypeError, "unbound method %U needs an argument", funcstr);
            Py_DECREF(funcstr);
        }
        return -1;
    }
    return descr_check((PyDescrObject *)func, args[0]);
}

/* The vectorcall function for a convention that takes an array. */
#define VECTORCALL(NAME, CONVENTION)                                                        \
    static PyObject *                                                                       \
    NAME(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)           \
    {                                                                                       \
        Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);                                      \
        if (check_self(func, args, nargs) < 0) {                                            \
            return NULL;                                                                    \
        }                                                                                   \
        PyMethodDef *ml = ((PyMethodDescrObject *)func)->d_method;                          \
        return _Py_CallConvention(_PyThreadState_GET(), func, ml->ml_meth, CONVENTION,      \
                                  args[0], PyDescr_TYPE(func), args + 1, nargs - 1, kwnames); \
    }

VECTORCALL(method_noargs, METH_NOARGS)
VECTORCALL(method_o, METH_O)
VECTORCALL(method_fast, METH_FASTCALL)
VECTORCALL(method_fast_keywords, METH_FASTCALL | METH_KEYWORDS)
VECTORCALL(method_method, METH_METHOD | METH_FASTCALL | METH_KEYWORDS)

/* The conventions that take a tuple: METH_VARARGS, with or without METH_KEYWORDS. */
static PyObject *
method_varargs(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (check_self(func, args, nargs) < 0) {
        return NULL;
    }
    PyMethodDef *ml = ((PyMethodDescrObject *)func)->d_method;
    bool with_keywords = (ml->ml_flags & METH_KEYWORDS) != 0;
    bool keywords = kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0;
    if (keywords && !with_keywords) {
        return _Py_BadCFunctionCall(func, "no keyword arguments", -1);
    }
    PyObject *argstuple = _PyTuple_FromArray(args + 1, nargs - 1);
    PyObject *kwdict = NULL;
    if (argstuple != NULL && keywords) {
        kwdict = _PyStack_AsDict(args + nargs, kwnames);
    }
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *result = NULL;
    if (argstuple != NULL && (kwdict != NULL || !keywords)
        && !_Py_EnterRecursiveCallTstate(tstate, " while calling a Python object"))
    {
        result = with_keywords
            ? ((PyCFunctionWithKeywords)(void (*)(void))ml->ml_meth)(args[0], argstuple, kwdict)
            : ml->ml_meth(args[0], argstuple);
        _Py_LeaveRecursiveCallTstate(tstate);
    }
    Py_XDECREF(argstuple);
    Py_XDECREF(kwdict);
    return result;
}

/* type.method(cls, ...) of a class method. */
static PyObject *
classmethoddescr_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyMethodDescrObject *descr = (PyMethodDescrObject *)self;
    Py_ssize_t argc = PyTuple_GET_SIZE(args);
    if (argc < 1) {
        PyErr_Format(PyExc_TypeError, "descriptor '%V' of '%.100s' object needs an argument",
                     descr_name((PyDescrObject *)descr), "?", PyDescr_TYPE(descr)->tp_name);
        return NULL;
    }
    PyObject *bound = classmethod_get(self, NULL, PyTuple_GET_ITEM(args, 0));
    if (bound == NULL) {
        return NULL;
    }
    PyObject *res = PyObject_VectorcallDict(bound, ((PyTupleObject *)args)->ob_item + 1,
                                            (size_t)(argc - 1), kwds);
    Py_DECREF(bound);
    return res;
}

/* ------------------------------------------------------------------------------ slot wrappers */

static PyObject *
wrapperdescr_raw_call(PyWrapperDescrObject *descr, PyObject *self, PyObject *args,
                      PyObject *kwds)
{
    wrapperfunc wrapper = descr->d_base->wrapper;
    if (descr->d_base->flags & PyWrapperFlag_KEYWORDS) {
        return ((wrapperfunc_kwds)(void (*)(void))wrapper)(self, args, descr->d_wrapped, kwds);
    }
    if (kwds != NULL && PyDict_GET_SIZE(kwds) > 0) {
        PyErr_Format(PyExc_TypeError, "wrapper %s() takes no keyword arguments",
                     descr->d_base->name);
        return NULL;
    }
    return wrapper(self, args, descr->d_wrapped);
}

static PyObject *
wrapperdescr_call(PyObject *op, PyObject *args, PyObject *kwds)
{
    PyWrapperDescrObject *descr = (PyWrapperDescrObject *)op;
    assert(PyTuple_Check(args));
    Py_ssize_t argc = PyTuple_GET_SIZE(args);
    if (argc < 1) {
        PyErr_Format(PyExc_TypeError, "descriptor '%V' of '%.100s' object needs an argument",
                     descr_name((PyDescrObject *)descr), "?", PyDescr_TYPE(descr)->tp_name);
        return NULL;
    }
    PyObject *self = PyTuple_GET_ITEM(args, 0);
    if (!_PyObject_RealIsSubclass((PyObject *)Py_TYPE(self), (PyObject *)PyDescr_TYPE(descr))) {
        PyErr_Format(PyExc_TypeError,
                     "descriptor '%V' requires a '%.100s' object but received a '%.100s'",
                     descr_name((PyDescrObject *)descr), "?", PyDescr_TYPE(descr)->tp_name,
                     Py_TYPE(self)->tp_name);
        return NULL;
    }
    args = PyTuple_GetSlice(args, 1, argc);
    if (args == NULL) {
        return NULL;
    }
    PyObject *res = wrapperdescr_raw_call(descr, self, args, kwds);
    Py_DECREF(args);
    return res;
}

/* ------------------------------------------------------------------------------ attributes */

/* "Type.name". */
static PyObject *
calculate_qualname(PyDescrObject *descr)
{
    if (descr_name(descr) == NULL) {
        PyErr_SetString(PyExc_TypeError, "<descriptor>.__name__ is not a unicode object");
        return NULL;
    }
    PyObject *type_qualname = PyObject_GetAttr((PyObject *)descr->d_type,
                                               &_Py_ID(__qualname__));
    if (type_qualname == NULL) {
        return NULL;
    }
    PyObject *res = NULL;
    if (!PyUnicode_Check(type_qualname)) {
        PyErr_SetString(PyExc_TypeError,
                        "<descriptor>.__objclass__.__qualname__ is not a unicode object");
    }
    else {
        res = PyUnicode_FromFormat("%S.%S", type_qualname, descr->d_name);
    }
    Py_DECREF(type_qualname);
    return res;
}

static PyObject *
descr_get_qualname(PyObject *self, void *Py_UNUSED(ignored))
{
    PyDescrObject *descr = (PyDescrObject *)self;
    if (_Py_IsImmortal(descr)) {
        return calculate_qualname(descr);
    }
    if (descr->d_qualname == NULL) {
        descr->d_qualname = calculate_qualname(descr);
    }
    return Py_XNewRef(descr->d_qualname);
}

/* Pickled as getattr(type, name). */
static PyObject *
descr_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyDescrObject *descr = (PyDescrObject *)self;
    return Py_BuildValue("N(OO)", _PyEval_GetBuiltin(&_Py_ID(getattr)), descr->d_type,
                         descr->d_name);
}

static PyObject *
method_get_doc(PyObject *self, void *Py_UNUSED(closure))
{
    PyMethodDef *def = ((PyMethodDescrObject *)self)->d_method;
    return _PyType_GetDocFromInternalDoc(def->ml_name, def->ml_doc);
}

static PyObject *
method_get_text_signature(PyObject *self, void *Py_UNUSED(closure))
{
    PyMethodDef *def = ((PyMethodDescrObject *)self)->d_method;
    return _PyType_GetTextSignatureFromInternalDoc(def->ml_name, def->ml_doc);
}

static PyObject *
member_get_doc(PyObject *self, void *Py_UNUSED(closure))
{
    const char *doc = ((PyMemberDescrObject *)self)->d_member->doc;
    return doc == NULL ? Py_NewRef(Py_None) : PyUnicode_FromString(doc);
}

static PyObject *
getset_get_doc(PyObject *self, void *Py_UNUSED(closure))
{
    const char *doc = ((PyGetSetDescrObject *)self)->d_getset->doc;
    return doc == NULL ? Py_NewRef(Py_None) : PyUnicode_FromString(doc);
}

static PyObject *
wrapperdescr_get_doc(PyObject *self, void *Py_UNUSED(closure))
{
    struct wrapperbase *base = ((PyWrapperDescrObject *)self)->d_base;
    return _PyType_GetDocFromInternalDoc(base->name, base->doc);
}

static PyObject *
wrapperdescr_get_text_signature(PyObject *self, void *Py_UNUSED(closure))
{
    struct wrapperbase *base = ((PyWrapperDescrObject *)self)->d_base;
    return _PyType_GetTextSignatureFromInternalDoc(base->name, base->doc);
}

static _Py_SHARED PyMethodDef descr_methods[] = {
    {"__reduce__", descr_reduce, METH_NOARGS, NULL},
    {NULL}
};

static _Py_SHARED PyMemberDef descr_members[] = {
    {"__objclass__", _Py_T_OBJECT, offsetof(PyDescrObject, d_type), Py_READONLY},
    {"__name__", _Py_T_OBJECT, offsetof(PyDescrObject, d_name), Py_READONLY},
    {NULL}
};

static _Py_SHARED PyGetSetDef method_getset[] = {
    {"__doc__", method_get_doc},
    {"__qualname__", descr_get_qualname},
    {"__text_signature__", method_get_text_signature},
    {NULL}
};

static _Py_SHARED PyGetSetDef member_getset[] = {
    {"__doc__", member_get_doc},
    {"__qualname__", descr_get_qualname},
    {NULL}
};

static _Py_SHARED PyGetSetDef getset_getset[] = {
    {"__doc__", getset_get_doc},
    {"__qualname__", descr_get_qualname},
    {NULL}
};

static _Py_SHARED PyGetSetDef wrapperdescr_getset[] = {
    {"__doc__", wrapperdescr_get_doc},
    {"__qualname__", descr_get_qualname},
    {"__text_signature__", wrapperdescr_get_text_signature},
    {NULL}
};

/* ------------------------------------------------------------------------------ the types */

_Py_SHARED PyTypeObject PyMethodDescr_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "method_descriptor",
    .tp_basicsize = sizeof(PyMethodDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_vectorcall_offset = offsetof(PyMethodDescrObject, vectorcall),
    .tp_repr = method_repr,
    .tp_call = PyVectorcall_Call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_traverse = descr_traverse,
    .tp_methods = descr_methods,
    .tp_members = descr_members,
    .tp_getset = method_getset,
    .tp_descr_get = method_get,
};

_Py_SHARED PyTypeObject PyClassMethodDescr_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "classmethod_descriptor",
    .tp_basicsize = sizeof(PyMethodDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_repr = method_repr,
    .tp_call = classmethoddescr_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = descr_traverse,
    .tp_members = descr_members,
    .tp_getset = method_getset,
    .tp_descr_get = classmethod_get,
};

_Py_SHARED PyTypeObject PyMemberDescr_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "member_descriptor",
    .tp_basicsize = sizeof(PyMemberDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_repr = member_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = descr_traverse,
    .tp_methods = descr_methods,
    .tp_members = descr_members,
    .tp_getset = member_getset,
    .tp_descr_get = member_get,
    .tp_descr_set = member_set,
};

_Py_SHARED PyTypeObject PyGetSetDescr_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "getset_descriptor",
    .tp_basicsize = sizeof(PyGetSetDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_repr = getset_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = descr_traverse,
    .tp_members = descr_members,
    .tp_getset = getset_getset,
    .tp_descr_get = getset_get,
    .tp_descr_set = getset_set,
};

_Py_SHARED PyTypeObject PyWrapperDescr_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "wrapper_descriptor",
    .tp_basicsize = sizeof(PyWrapperDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_repr = wrapperdescr_repr,
    .tp_call = wrapperdescr_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_traverse = descr_traverse,
    .tp_methods = descr_methods,
    .tp_members = descr_members,
    .tp_getset = wrapperdescr_getset,
    .tp_descr_get = wrapperdescr_get,
};

/* ------------------------------------------------------------------------------ making them */

static PyDescrObject *
descr_new(PyTypeObject *descrtype, PyTypeObject *type, const char *name)
{
    PyDescrObject *descr = (PyDescrObject *)PyType_GenericAlloc(descrtype, 0);
    if (descr == NULL) {
        return NULL;
    }
    descr->d_type = (PyTypeObject *)Py_XNewRef(type);
    descr->d_name = PyUnicode_InternFromString(name);
    descr->d_qualname = NULL;
    if (descr->d_name == NULL) {
        Py_CLEAR(descr);
    }
    return descr;
}

PyObject *
PyDescr_NewMethod(PyTypeObject *type, PyMethodDef *method)
{
    vectorcallfunc vectorcall;
    switch (method->ml_flags & _Py_METH_CONVENTION) {
        case METH_VARARGS:
        case METH_VARARGS | METH_KEYWORDS:
            vectorcall = method_varargs;
            break;
        case METH_FASTCALL:
            vectorcall = method_fast;
            break;
        case METH_FASTCALL | METH_KEYWORDS:
            vectorcall = method_fast_keywords;
            break;
        case METH_NOARGS:
            vectorcall = method_noargs;
            break;
        case METH_O:
            vectorcall = method_o;
            break;
        case METH_METHOD | METH_FASTCALL | METH_KEYWORDS:
            vectorcall = method_method;
            break;
        default:
            PyErr_Format(PyExc_SystemError, "%s() method: bad call flags", method->ml_name);
            return NULL;
    }
    PyMethodDescrObject *descr;
    descr = (PyMethodDescrObject *)descr_new(&PyMethodDescr_Type, type, method->ml_name);
    if (descr != NULL) {
        descr->d_method = method;
        descr->vectorcall = vectorcall;
    }
    return (PyObject *)descr;
}

PyObject *
PyDescr_NewClassMethod(PyTypeObject *type, PyMethodDef *method)
{
    PyMethodDescrObject *descr;
    descr = (PyMethodDescrObject *)descr_new(&PyClassMethodDescr_Type, type, method->ml_name);
    if (descr != NULL) {
        descr->d_method = method;
    }
    return (PyObject *)descr;
}

PyObject *
PyDescr_NewMember(PyTypeObject *type, PyMemberDef *member)
{
    if (member->flags & Py_RELATIVE_OFFSET) {
        PyErr_SetString(PyExc_SystemError, "PyDescr_NewMember used with Py_RELATIVE_OFFSET");
        return NULL;
    }
    PyMemberDescrObject *descr;
    descr = (PyMemberDescrObject *)descr_new(&PyMemberDescr_Type, type, member->name);
    if (descr != NULL) {
        descr->d_member = member;
    }
    return (PyObject *)descr;
}

PyObject *
PyDescr_NewGetSet(PyTypeObject *type, PyGetSetDef *getset)
{
    PyGetSetDescrObject *descr;
    descr = (PyGetSetDescrObject *)descr_new(&PyGetSetDescr_Type, type, getset->name);
    if (descr != NULL) {
        descr->d_getset = getset;
    }
    return (PyObject *)descr;
}

PyObject *
PyDescr_NewWrapper(PyTypeObject *type, struct wrapperbase *base, void *wrapped)
{
    PyWrapperDescrObject *descr;
    descr = (PyWrapperDescrObject *)descr_new(&PyWrapperDescr_Type, type, base->name);
    if (descr != NULL) {
        descr->d_base = base;
        descr->d_wrapped = wrapped;
    }
    return (PyObject *)descr;
}

/* Has the object a __set__ or __delete__? */
int
PyDescr_IsData(PyObject *ob)
{
    return Py_TYPE(ob)->tp_descr_set != NULL;
}

/* ------------------------------------------------------------------------------ method-wrapper */

typedef struct {
    PyObject_HEAD
    PyWrapperDescrObject *descr;
    PyObject *self;
} wrapperobject;

static void
wrapper_dealloc(PyObject *op)
{
    wrapperobject *wp = (wrapperobject *)op;
    PyObject_GC_UnTrack(op);
    Py_TRASHCAN_BEGIN(op, wrapper_dealloc)
    Py_XDECREF(wp->descr);
    Py_XDECREF(wp->self);
    PyObject_GC_Del(op);
    Py_TRASHCAN_END
}

static int
wrapper_traverse(PyObject *op, visitproc visit, void *arg)
{
    wrapperobject *wp = (wrapperobject *)op;
    Py_VISIT(wp->descr);
    Py_VISIT(wp->self);
    return 0;
}

static PyObject *
wrapper_richcompare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !Py_IS_TYPE(b, &_PyMethodWrapper_Type)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    wrapperobject *wa = (wrapperobject *)a, *wb = (wrapperobject *)b;
    int eq = wa->descr == wb->descr && wa->self == wb->self;
    return PyBool_FromLong(eq == (op == Py_EQ));
}

static Py_hash_t
wrapper_hash(PyObject *op)
{
    wrapperobject *wp = (wrapperobject *)op;
    Py_hash_t x = _Py_HashPointer(wp->self) ^ _Py_HashPointer(wp->descr);
    return x == -1 ? -2 : x;
}

static PyObject *
wrapper_repr(PyObject *op)
{
    wrapperobject *wp = (wrapperobject *)op;
    return PyUnicode_FromFormat("<method-wrapper '%s' of %s object at %p>",
                                wp->descr->d_base->name, Py_TYPE(wp->self)->tp_name, wp->self);
}

static PyObject *
wrapper_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    wrapperobject *wp = (wrapperobject *)op;
    return Py_BuildValue("N(OO)", _PyEval_GetBuiltin(&_Py_ID(getattr)), wp->self,
                         PyDescr_NAME(wp->descr));
}

static PyObject *
wrapper_objclass(PyObject *op, void *Py_UNUSED(ignored))
{
    return Py_NewRef(PyDescr_TYPE(((wrapperobject *)op)->descr));
}

static PyObject *
wrapper_name(PyObject *op, void *Py_UNUSED(ignored))
{
    return PyUnicode_FromString(((wrapperobject *)op)->descr->d_base->name);
}

static PyObject *
wrapper_doc(PyObject *op, void *closure)
{
    return wrapperdescr_get_doc((PyObject *)((wrapperobject *)op)->descr, closure);
}

static PyObject *
wrapper_text_signature(PyObject *op, void *closure)
{
    return wrapperdescr_get_text_signature((PyObject *)((wrapperobject *)op)->descr, closure);
}

static PyObject *
wrapper_qualname(PyObject *op, void *closure)
{
    return descr_get_qualname((PyObject *)((wrapperobject *)op)->descr, closure);
}

static PyObject *
wrapper_call(PyObject *op, PyObject *args, PyObject *kwds)
{
    wrapperobject *wp = (wrapperobject *)op;
    if (_Py_EnterRecursiveCall(" while calling a Python object")) {
        return NULL;
    }
    PyObject *result = wrapperdescr_raw_call(wp->descr, wp->self, args, kwds);
    _Py_LeaveRecursiveCall();
    return result;
}

static _Py_SHARED PyMethodDef wrapper_methods[] = {
    {"__reduce__", wrapper_reduce, METH_NOARGS, NULL},
    {NULL}
};

static _Py_SHARED PyMemberDef wrapper_members[] = {
    {"__self__", _Py_T_OBJECT, offsetof(wrapperobject, self), Py_READONLY},
    {NULL}
};

static _Py_SHARED PyGetSetDef wrapper_getsets[] = {
    {"__objclass__", wrapper_objclass},
    {"__name__", wrapper_name},
    {"__qualname__", wrapper_qualname},
    {"__doc__", wrapper_doc},
    {"__text_signature__", wrapper_text_signature},
    {NULL}
};

_Py_SHARED PyTypeObject _PyMethodWrapper_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "method-wrapper",
    .tp_basicsize = sizeof(wrapperobject),
    .tp_dealloc = wrapper_dealloc,
    .tp_repr = wrapper_repr,
    .tp_hash = wrapper_hash,
    .tp_call = wrapper_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = wrapper_traverse,
    .tp_richcompare = wrapper_richcompare,
    .tp_methods = wrapper_methods,
    .tp_members = wrapper_members,
    .tp_getset = wrapper_getsets,
};

/* A slot wrapper bound to an instance. */
PyObject *
PyWrapper_New(PyObject *d, PyObject *self)
{
    assert(Py_IS_TYPE(d, &PyWrapperDescr_Type));
    PyWrapperDescrObject *descr = (PyWrapperDescrObject *)d;
    assert(_PyObject_RealIsSubclass((PyObject *)Py_TYPE(self), (PyObject *)PyDescr_TYPE(descr)));
    wrapperobject *wp = PyObject_GC_New(wrapperobject, &_PyMethodWrapper_Type);
    if (wp == NULL) {
        return NULL;
    }
    wp->descr = (PyWrapperDescrObject *)Py_NewRef(descr);
    wp->self = Py_NewRef(self);
    _PyObject_GC_TRACK((PyObject *)wp);
    return (PyObject *)wp;
}
