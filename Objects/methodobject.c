/* methodobject.c - functions written in C: builtin_function_or_method and builtin_method.
 *
 * The calling convention (METH_ flags) chooses the vectorcall function when the object is made, so
 * that a call goes straight to the C function.  METH_VARARGS functions have none and are called
 * through tp_call.
 *
 * Written from the C API reference ("Common Object Structures": METH_ conventions), PEP 590,
 * PEP 573 and observed messages.
 */
#include "Python.h"
#include "pycore_cfunction.h"   // _Py_CallConvention()
#include "pycore_errors.h"      // _PyErr_Format()
#include "pycore_object.h"      // _PyObject_GC_TRACK()
#include "pycore_pystate.h"     // _PyInterpreterState_GET()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PyType_Name()

/* ------------------------------------------------------------------------------ calling */

PyObject *
_Py_BadCFunctionCall(PyObject *callable, const char *what, Py_ssize_t given)
{
    PyObject *funcstr = _PyObject_FunctionStr(callable);
    if (funcstr != NULL) {
        if (given < 0) {
            PyErr_Format(PyExc_TypeError, "%U takes %s", funcstr, what);
        }
        else {
            PyErr_Format(PyExc_TypeError, "%U takes %s (%zd given)", funcstr, what, given);
        }
        Py_DECREF(funcstr);
    }
    return NULL;
}

/* The vectorcall function for a convention. */
#define VECTORCALL(NAME, CONVENTION)                                                        \
    static PyObject *                                                                       \
    NAME(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)           \
    {                                                                                       \
        PyTypeObject *cls = (CONVENTION) & METH_METHOD ? PyCFunction_GET_CLASS(func) : NULL; \
        return _Py_CallConvention(_PyThreadState_GET(), func, PyCFunction_GET_FUNCTION(func), \
                                  CONVENTION, PyCFunction_GET_SELF(func), cls, args,        \
                                  PyVectorcall_NARGS(nargsf), kwnames);                     \
    }

VECTORCALL(cfunction_noargs, METH_NOARGS)
VECTORCALL(cfunction_o, METH_O)
VECTORCALL(cfunction_fast, METH_FASTCALL)
VECTORCALL(cfunction_fast_keywords, METH_FASTCALL | METH_KEYWORDS)
VECTORCALL(cfunction_method, METH_METHOD | METH_FASTCALL | METH_KEYWORDS)

/* METH_VARARGS, with or without keywords. */
static PyObject *
cfunction_call(PyObject *func, PyObject *args, PyObject *kwargs)
{
    PyThreadState *tstate = _PyThreadState_GET();
    assert(!_PyErr_Occurred(tstate));
    assert(kwargs == NULL || PyDict_Check(kwargs));
    int flags = PyCFunction_GET_FLAGS(func);
    if (!(flags & METH_VARARGS)) {
        return PyVectorcall_Call(func, args, kwargs);
    }
    PyCFunction meth = PyCFunction_GET_FUNCTION(func);
    PyObject *self = PyCFunction_GET_SELF(func);
    PyObject *result;
    if (flags & METH_KEYWORDS) {
        result = ((PyCFunctionWithKeywords)(void (*)(void))meth)(self, args, kwargs);
    }
    else {
        if (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0) {
            /* Unlike in the other conventions, named without its module. */
            return PyErr_Format(PyExc_TypeError, "%.200s() takes no keyword arguments",
                                ((PyCFunctionObject *)func)->m_ml->ml_name);
        }
        result = meth(self, args);
    }
    return _Py_CheckFunctionResult(tstate, func, result, NULL);
}

/* ------------------------------------------------------------------------------ making */

PyObject *
(PyCFunction_New)(PyMethodDef *ml, PyObject *self)
{
    return PyCMethod_New(ml, self, NULL, NULL);
}

PyObject *
(PyCFunction_NewEx)(PyMethodDef *ml, PyObject *self, PyObject *module)
{
    return PyCMethod_New(ml, self, module, NULL);
}

/* The function for the calling convention in *pvectorcall (NULL: tp_call); 0 or -1. */
static int
choose_vectorcall(PyMethodDef *ml, vectorcallfunc *pvectorcall)
{
    switch (ml->ml_flags & _Py_METH_CONVENTION) {
        case METH_VARARGS:
        case METH_VARARGS | METH_KEYWORDS:
            *pvectorcall = NULL;
            return 0;
        case METH_FASTCALL:
            *pvectorcall = cfunction_fast;
            return 0;
        case METH_FASTCALL | METH_KEYWORDS:
            *pvectorcall = cfunction_fast_keywords;
            return 0;
        case METH_NOARGS:
            *pvectorcall = cfunction_noargs;
            return 0;
        case METH_O:
            *pvectorcall = cfunction_o;
            return 0;
        case METH_METHOD | METH_FASTCALL | METH_KEYWORDS:
            *pvectorcall = cfunction_method;
            return 0;
        default:
            PyErr_Format(PyExc_SystemError, "%s() method: bad call flags", ml->ml_name);
            return -1;
    }
}

PyObject *
PyCMethod_New(PyMethodDef *ml, PyObject *self, PyObject *module, PyTypeObject *cls)
{
    vectorcallfunc vectorcall;
    if (choose_vectorcall(ml, &vectorcall) < 0) {
        return NULL;
    }
    PyCFunctionObject *op;
    if (ml->ml_flags & METH_METHOD) {
        if (cls == NULL) {
            PyErr_SetString(PyExc_SystemError,
                            "attempting to create PyCMethod with a METH_METHOD flag but no class");
            return NULL;
        }
        PyCMethodObject *om = PyObject_GC_New(PyCMethodObject, &PyCMethod_Type);
        if (om == NULL) {
            return NULL;
        }
        om->mm_class = (PyTypeObject *)Py_NewRef(cls);
        op = (PyCFunctionObject *)om;
    }
    else {
        if (cls != NULL) {
            PyErr_SetString(PyExc_SystemError,
                            "attempting to create PyCFunction with class but no METH_METHOD flag");
            return NULL;
        }
        op = PyObject_GC_New(PyCFunctionObject, &PyCFunction_Type);
        if (op == NULL) {
            return NULL;
        }
    }
    op->m_weakreflist = NULL;
    op->m_ml = ml;
    op->m_self = Py_XNewRef(self);
    op->m_module = Py_XNewRef(module);
    op->vectorcall = vectorcall;
    _PyObject_GC_TRACK((PyObject *)op);
    return (PyObject *)op;
}

/* ------------------------------------------------------------------------------ accessors */

PyCFunction
PyCFunction_GetFunction(PyObject *op)
{
    if (!PyCFunction_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyCFunction_GET_FUNCTION(op);
}

PyObject *
PyCFunction_GetSelf(PyObject *op)
{
    if (!PyCFunction_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyCFunction_GET_SELF(op);
}

int
PyCFunction_GetFlags(PyObject *op)
{
    if (!PyCFunction_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return PyCFunction_GET_FLAGS(op);
}

PyTypeObject *
PyCMethod_GetClass(PyObject *op)
{
    if (!PyCFunction_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyCFunction_GET_CLASS(op);
}

/* ------------------------------------------------------------------------------ the object */

static void
meth_dealloc(PyObject *self)
{
    PyCFunctionObject *m = (PyCFunctionObject *)self;
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, meth_dealloc);
    if (m->m_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    /* The class goes first: m_ml may lie in it. */
    Py_XDECREF(PyCFunction_GET_CLASS(m));
    Py_XDECREF(m->m_self);
    Py_XDECREF(m->m_module);
    PyObject_GC_Del(self);
    Py_TRASHCAN_END;
}

static int
meth_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyCFunctionObject *m = (PyCFunctionObject *)self;
    Py_VISIT(PyCFunction_GET_CLASS(m));
    Py_VISIT(m->m_self);
    Py_VISIT(m->m_module);
    return 0;
}

static PyObject *
meth_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyCFunctionObject *m = (PyCFunctionObject *)self;
    if (m->m_self == NULL || PyModule_Check(m->m_self)) {
        return PyUnicode_FromString(m->m_ml->ml_name);
    }
    return Py_BuildValue("N(Os)", _PyEval_GetBuiltin(&_Py_ID(getattr)), m->m_self,
                         m->m_ml->ml_name);
}

static PyObject *
meth_get_text_signature(PyObject *self, void *Py_UNUSED(closure))
{
    PyMethodDef *ml = ((PyCFunctionObject *)self)->m_ml;
    return _PyType_GetTextSignatureFromInternalDoc(ml->ml_name, ml->ml_doc);
}

static PyObject *
meth_get_doc(PyObject *self, void *Py_UNUSED(closure))
{
    PyMethodDef *ml = ((PyCFunctionObject *)self)->m_ml;
    return _PyType_GetDocFromInternalDoc(ml->ml_name, ml->ml_doc);
}

static PyObject *
meth_get_name(PyObject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromString(((PyCFunctionObject *)self)->m_ml->ml_name);
}

/* Of a function of a module its name, else "Class.name". */
static PyObject *
meth_get_qualname(PyObject *self, void *Py_UNUSED(closure))
{
    PyCFunctionObject *m = (PyCFunctionObject *)self;
    if (m->m_self == NULL || PyModule_Check(m->m_self)) {
        return PyUnicode_FromString(m->m_ml->ml_name);
    }
    PyObject *type = PyType_Check(m->m_self) ? m->m_self : (PyObject *)Py_TYPE(m->m_self);
    PyObject *type_qualname = PyObject_GetAttr(type, &_Py_ID(__qualname__));
    if (type_qualname == NULL) {
        return NULL;
    }
    PyObject *res = NULL;
    if (!PyUnicode_Check(type_qualname)) {
        PyErr_SetString(PyExc_TypeError,
                        "<method>.__class__.__qualname__ is not a unicode object");
    }
    else {
        res = PyUnicode_FromFormat("%S.%s", type_qualname, m->m_ml->ml_name);
    }
    Py_DECREF(type_qualname);
    return res;
}

static PyObject *
meth_get_self(PyObject *m, void *Py_UNUSED(closure))
{
    if (PyCFunction_GET_SELF(m) == NULL && m == _PyInterpreterState_GET()->builtin_open) {
        /* Its module, _io, takes it over when it is imported. */
        PyObject *module = PyImport_ImportModuleLevelObject(&_Py_ID(_io), NULL, NULL, NULL, 0);
        if (module == NULL) {
            return NULL;
        }
        Py_DECREF(module);
    }
    PyObject *self = PyCFunction_GET_SELF(m);
    return Py_NewRef(self == NULL ? Py_None : self);
}

static PyObject *
meth_repr(PyObject *self)
{
    PyCFunctionObject *m = (PyCFunctionObject *)self;
    if (m->m_self == NULL || PyModule_Check(m->m_self)) {
        return PyUnicode_FromFormat("<built-in function %s>", m->m_ml->ml_name);
    }
    return PyUnicode_FromFormat("<built-in method %s of %s object at %p>", m->m_ml->ml_name,
                                Py_TYPE(m->m_self)->tp_name, m->m_self);
}

static PyObject *
meth_richcompare(PyObject *self, PyObject *other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyCFunction_Check(self) || !PyCFunction_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyCFunctionObject *a = (PyCFunctionObject *)self, *b = (PyCFunctionObject *)other;
    int eq = a->m_self == b->m_self && a->m_ml->ml_meth == b->m_ml->ml_meth;
    return PyBool_FromLong(eq == (op == Py_EQ));
}

static Py_hash_t
meth_hash(PyObject *self)
{
    PyCFunctionObject *a = (PyCFunctionObject *)self;
    Py_hash_t x = _Py_HashPointer(a->m_self) ^ _Py_HashPointer((void *)a->m_ml->ml_meth);
    return x == -1 ? -2 : x;
}

static _Py_SHARED PyMethodDef meth_methods[] = {
    {"__reduce__", meth_reduce, METH_NOARGS, NULL},
    {NULL}
};

static _Py_SHARED PyGetSetDef meth_getsets[] = {
    {"__doc__", meth_get_doc, NULL, NULL},
    {"__name__", meth_get_name, NULL, NULL},
    {"__qualname__", meth_get_qualname, NULL, NULL},
    {"__self__", meth_get_self, NULL, NULL},
    {"__text_signature__", meth_get_text_signature, NULL, NULL},
    {NULL}
};

static _Py_SHARED PyMemberDef meth_members[] = {
    {"__module__", _Py_T_OBJECT, offsetof(PyCFunctionObject, m_module), 0},
    {NULL}
};

_Py_SHARED PyTypeObject PyCFunction_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "builtin_function_or_method",
    .tp_basicsize = sizeof(PyCFunctionObject),
    .tp_dealloc = meth_dealloc,
    .tp_vectorcall_offset = offsetof(PyCFunctionObject, vectorcall),
    .tp_repr = meth_repr,
    .tp_hash = meth_hash,
    .tp_call = cfunction_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_traverse = meth_traverse,
    .tp_richcompare = meth_richcompare,
    .tp_weaklistoffset = offsetof(PyCFunctionObject, m_weakreflist),
    .tp_methods = meth_methods,
    .tp_members = meth_members,
    .tp_getset = meth_getsets,
};

_Py_SHARED PyTypeObject PyCMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "builtin_method",
    .tp_basicsize = sizeof(PyCMethodObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_base = &PyCFunction_Type,
    .tp_dealloc = meth_dealloc,
    .tp_traverse = meth_traverse,
    .tp_call = cfunction_call,
    .tp_vectorcall_offset = offsetof(PyCFunctionObject, vectorcall),
};

/* The old name of PyObject_Call(), kept in the stable ABI: any callable will do. */
PyObject *
PyCFunction_Call(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    return PyObject_Call(callable, args, kwargs);
}
