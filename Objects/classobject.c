/* classobject.c - bound methods, and instancemethod (which makes any callable bind).
 *
 * A call puts the instance in front of the arguments: in place if the caller left a free slot there
 * (PY_VECTORCALL_ARGUMENTS_OFFSET), else in a copy.  Dead methods are kept in a free list.
 *
 * Written from the data model chapter ("Instance methods"), PEP 590, the C API reference ("Instance
 * Method Objects") and observed messages.
 */
#include "Python.h"
#include "pycore_call.h"
#include "pycore_ceval.h"
#include "pycore_freelist.h"    // _Py_FREELIST_POP()
#include "pycore_object.h"      // _PyObject_GC_TRACK()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PyType_Lookup()

#include <string.h>

#include "sig/classobject.sig.h"

#define METHOD(op) ((PyMethodObject *)(op))
#define SMALL_STACK 5

PyObject *
PyMethod_Function(PyObject *im)
{
    if (!PyMethod_Check(im)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return METHOD(im)->im_func;
}

PyObject *
PyMethod_Self(PyObject *im)
{
    if (!PyMethod_Check(im)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return METHOD(im)->im_self;
}

/* Functions look after the C stack themselves; other callables may be methods again. */
static PyObject *
call_function(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (PyFunction_Check(func) || PyCFunction_Check(func)) {
        return _PyObject_VectorcallTstate(tstate, func, args, nargsf, kwnames);
    }
    if (_Py_EnterRecursiveCallTstate(tstate, " while calling a Python object")) {
        return NULL;
    }
    PyObject *result = _PyObject_VectorcallTstate(tstate, func, args, nargsf, kwnames);
    _Py_LeaveRecursiveCallTstate(tstate);
    return result;
}

static PyObject *
method_vectorcall(PyObject *method, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    assert(Py_IS_TYPE(method, &PyMethod_Type));
    PyObject *self = PyMethod_GET_SELF(method);
    PyObject *func = PyMethod_GET_FUNCTION(method);
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    assert(nargs == 0 || args[nargs - 1] != NULL);
    PyObject *result;
    if (nargsf & PY_VECTORCALL_ARGUMENTS_OFFSET) {
        /* The slot in front belongs to us for the time of the call. */
        PyObject **newargs = (PyObject **)args - 1;
        PyObject *tmp = newargs[0];
        newargs[0] = self;
        result = call_function(func, newargs, (size_t)nargs + 1, kwnames);
        newargs[0] = tmp;
        return result;
    }
    Py_ssize_t nkwargs = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    Py_ssize_t totalargs = nargs + nkwargs;
    PyObject *small[SMALL_STACK];
    PyObject **newargs = small;
    if (totalargs > SMALL_STACK - 1) {
        newargs = PyMem_New(PyObject *, totalargs + 1);
        if (newargs == NULL) {
            return PyErr_NoMemory();
        }
    }
    newargs[0] = self;
    if (totalargs > 0) {
        memcpy(newargs + 1, args, (size_t)totalargs * sizeof(PyObject *));
    }
    result = call_function(func, newargs, (size_t)nargs + 1, kwnames);
    if (newargs != small) {
        PyMem_Free(newargs);
    }
    return result;
}

PyObject *
PyMethod_New(PyObject *func, PyObject *self)
{
    if (self == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyMethodObject *im = _Py_FREELIST_POP(PyMethodObject, _PyThreadState_GET(), methods);
    if (im != NULL) {
        /* Counts for the collector as any allocation: CPython keeps no free methods. */
        _PyObject_Init((PyObject *)im, &PyMethod_Type);
        _PyObject_GC_Link((PyObject *)im);
    }
    else {
        im = PyObject_GC_New(PyMethodObject, &PyMethod_Type);
        if (im == NULL) {
            return NULL;
        }
    }
    im->im_weakreflist = NULL;
    im->im_func = Py_NewRef(func);
    im->im_self = Py_NewRef(self);
    im->vectorcall = method_vectorcall;
    _PyObject_GC_TRACK((PyObject *)im);
    return (PyObject *)im;
}

/*sig method.__reduce__(self)
*/
static PyObject *
method___reduce___impl(PyMethodObject *self)
{
    PyObject *funcname = PyObject_GetAttr(self->im_func, &_Py_ID(__name__));
    if (funcname == NULL) {
        return NULL;
    }
    return Py_BuildValue("N(ON)", _PyEval_GetBuiltin(&_Py_ID(getattr)), self->im_self,
                         funcname);
}

static _Py_SHARED PyMethodDef method_methods[] = {
    METHOD___REDUCE___METHODDEF
    {NULL}
};

static _Py_SHARED PyMemberDef method_memberlist[] = {
    {"__func__", _Py_T_OBJECT, offsetof(PyMethodObject, im_func), Py_READONLY,
     PyDoc_STR("the function (or other callable) implementing a method")},
    {"__self__", _Py_T_OBJECT, offsetof(PyMethodObject, im_self), Py_READONLY,
     PyDoc_STR("the instance to which a method is bound")},
    {NULL}
};

/* An attribute of the method type itself, else of the function. */
static PyObject *
get_attribute(PyObject *obj, PyObject *func, PyObject *name)
{
    PyTypeObject *tp = Py_TYPE(obj);
    PyObject *descr = _PyType_Lookup(tp, name);
    if (descr == NULL) {
        return PyObject_GetAttr(func, name);
    }
    descrgetfunc f = Py_TYPE(descr)->tp_descr_get;
    if (f == NULL) {
        return Py_NewRef(descr);
    }
    return f(descr, obj, (PyObject *)tp);
}

static PyObject *
method_getattro(PyObject *obj, PyObject *name)
{
    if (_Py_EnterRecursiveCall(" while getting an attribute")) {
        return NULL;
    }
    PyObject *value = get_attribute(obj, METHOD(obj)->im_func, name);
    _Py_LeaveRecursiveCall();
    return value;
}

static PyObject *
method_get_doc(PyObject *self, void *Py_UNUSED(context))
{
    if (_Py_EnterRecursiveCall(" while getting an attribute")) {
        return NULL;
    }
    PyObject *doc = PyObject_GetAttr(METHOD(self)->im_func, &_Py_ID(__doc__));
    _Py_LeaveRecursiveCall();
    return doc;
}

static _Py_SHARED PyGetSetDef method_getset[] = {
    {"__doc__", method_get_doc, NULL, NULL},
    {NULL}
};

/*sig method.__new__(type, function, instance, /)

Create a bound instance method object.
*/
static PyObject *
method_new_impl(PyTypeObject *Py_UNUSED(type), PyObject *function, PyObject *instance)
{
    if (!PyCallable_Check(function)) {
        PyErr_SetString(PyExc_TypeError, "first argument must be callable");
        return NULL;
    }
    if (instance == NULL || instance == Py_None) {
        PyErr_SetString(PyExc_TypeError, "instance must not be None");
        return NULL;
    }
    return PyMethod_New(function, instance);
}

static void
method_dealloc(PyObject *self)
{
    PyMethodObject *im = METHOD(self);
    _PyObject_GC_UNTRACK(self);
    if (im->im_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_DECREF(im->im_func);
    Py_XDECREF(im->im_self);
    assert(Py_IS_TYPE(self, &PyMethod_Type));
    PyThreadState *tstate = _PyThreadState_GET();
    if (!_Py_FREELIST_PUSH_GC(tstate, methods, self)) {
        PyObject_GC_Del(im);
    }
    else if (tstate->heap->gc.generations[0].count > 0) {
        tstate->heap->gc.generations[0].count--;
    }
}

static PyObject *
method_richcompare(PyObject *self, PyObject *other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyMethod_Check(self) || !PyMethod_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int eq = PyObject_RichCompareBool(METHOD(self)->im_func, METHOD(other)->im_func, Py_EQ);
    if (eq < 0) {
        return NULL;
    }
    eq = eq && METHOD(self)->im_self == METHOD(other)->im_self;
    return PyBool_FromLong(eq == (op == Py_EQ));
}

static PyObject *
method_repr(PyObject *op)
{
    PyMethodObject *a = METHOD(op);
    PyObject *funcname;
    if (_PyObject_LookupAttr(a->im_func, &_Py_ID(__qualname__), &funcname) < 0 ||
        (funcname == NULL &&
         _PyObject_LookupAttr(a->im_func, &_Py_ID(__name__), &funcname) < 0))
    {
        return NULL;
    }
    if (funcname != NULL && !PyUnicode_Check(funcname)) {
        Py_SETREF(funcname, NULL);
    }
    PyObject *result = PyUnicode_FromFormat("<bound method %V of %R>", funcname, "?",
                                            a->im_self);
    Py_XDECREF(funcname);
    return result;
}

static Py_hash_t
method_hash(PyObject *op)
{
    Py_hash_t y = PyObject_Hash(METHOD(op)->im_func);
    if (y == -1) {
        return -1;
    }
    Py_hash_t x = _Py_HashPointer(METHOD(op)->im_self) ^ y;
    return x == -1 ? -2 : x;
}

static int
method_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(METHOD(op)->im_func);
    Py_VISIT(METHOD(op)->im_self);
    return 0;
}

_Py_SHARED PyTypeObject PyMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "method",
    .tp_basicsize = sizeof(PyMethodObject),
    .tp_dealloc = method_dealloc,
    .tp_vectorcall_offset = offsetof(PyMethodObject, vectorcall),
    .tp_repr = method_repr,
    .tp_hash = method_hash,
    .tp_call = PyVectorcall_Call,
    .tp_getattro = method_getattro,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = method_new__doc__,
    .tp_traverse = method_traverse,
    .tp_richcompare = method_richcompare,
    .tp_weaklistoffset = offsetof(PyMethodObject, im_weakreflist),
    .tp_methods = method_methods,
    .tp_members = method_memberlist,
    .tp_getset = method_getset,
    .tp_new = method_new,
};

/* -------------------------------------------------------------------------- instancemethod */

#define IMETHOD(op) ((PyInstanceMethodObject *)(op))

PyObject *
PyInstanceMethod_New(PyObject *func)
{
    PyInstanceMethodObject *method = PyObject_GC_New(PyInstanceMethodObject,
                                                     &PyInstanceMethod_Type);
    if (method == NULL) {
        return NULL;
    }
    method->func = Py_NewRef(func);
    _PyObject_GC_TRACK((PyObject *)method);
    return (PyObject *)method;
}

PyObject *
PyInstanceMethod_Function(PyObject *im)
{
    if (!PyInstanceMethod_Check(im)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyInstanceMethod_GET_FUNCTION(im);
}

static PyObject *
instancemethod_get_doc(PyObject *self, void *Py_UNUSED(context))
{
    return PyObject_GetAttr(IMETHOD(self)->func, &_Py_ID(__doc__));
}

static PyObject *
instancemethod_getattro(PyObject *self, PyObject *name)
{
    return get_attribute(self, IMETHOD(self)->func, name);
}

static void
instancemethod_dealloc(PyObject *self)
{
    _PyObject_GC_UNTRACK(self);
    Py_DECREF(IMETHOD(self)->func);
    PyObject_GC_Del(self);
}

static int
instancemethod_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(IMETHOD(self)->func);
    return 0;
}

static PyObject *
instancemethod_call(PyObject *self, PyObject *arg, PyObject *kw)
{
    return PyObject_Call(IMETHOD(self)->func, arg, kw);
}

static PyObject *
instancemethod_descr_get(PyObject *descr, PyObject *obj, PyObject *Py_UNUSED(type))
{
    PyObject *func = IMETHOD(descr)->func;
    return obj == NULL ? Py_NewRef(func) : PyMethod_New(func, obj);
}

static PyObject *
instancemethod_richcompare(PyObject *self, PyObject *other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyInstanceMethod_Check(self) ||
        !PyInstanceMethod_Check(other))
    {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int eq = PyObject_RichCompareBool(IMETHOD(self)->func, IMETHOD(other)->func, Py_EQ);
    return eq < 0 ? NULL : PyBool_FromLong(eq == (op == Py_EQ));
}

static PyObject *
instancemethod_repr(PyObject *self)
{
    PyObject *func = IMETHOD(self)->func;
    if (func == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *funcname;
    if (_PyObject_LookupAttr(func, &_Py_ID(__name__), &funcname) < 0) {
        return NULL;
    }
    if (funcname != NULL && !PyUnicode_Check(funcname)) {
        Py_SETREF(funcname, NULL);
    }
    PyObject *result = PyUnicode_FromFormat("<instancemethod %V at %p>", funcname, "?", self);
    Py_XDECREF(funcname);
    return result;
}

/*sig instancemethod.__new__(type, function, /)

Bind a function to a class.
*/
static PyObject *
instancemethod_new_impl(PyTypeObject *Py_UNUSED(type), PyObject *function)
{
    if (!PyCallable_Check(function)) {
        PyErr_SetString(PyExc_TypeError, "first argument must be callable");
        return NULL;
    }
    return PyInstanceMethod_New(function);
}

static _Py_SHARED PyMemberDef instancemethod_memberlist[] = {
    {"__func__", _Py_T_OBJECT, offsetof(PyInstanceMethodObject, func), Py_READONLY,
     PyDoc_STR("the function (or other callable) implementing a method")},
    {NULL}
};

static _Py_SHARED PyGetSetDef instancemethod_getset[] = {
    {"__doc__", instancemethod_get_doc, NULL, NULL},
    {NULL}
};

_Py_SHARED PyTypeObject PyInstanceMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "instancemethod",
    .tp_basicsize = sizeof(PyInstanceMethodObject),
    .tp_dealloc = instancemethod_dealloc,
    .tp_repr = instancemethod_repr,
    .tp_call = instancemethod_call,
    .tp_getattro = instancemethod_getattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = instancemethod_new__doc__,
    .tp_traverse = instancemethod_traverse,
    .tp_richcompare = instancemethod_richcompare,
    .tp_members = instancemethod_memberlist,
    .tp_getset = instancemethod_getset,
    .tp_descr_get = instancemethod_descr_get,
    .tp_new = instancemethod_new,
};
