/* _testcapi: calling conventions and vectorcall.
 *
 * Written from the C API reference ("Call Protocol", "Common Object Structures") and PEP 590.
 */
#include "wrap.h"
#include "parts.h"

/* ---- a function for each calling convention: each returns what it was called with ---- */

/* Static methods have no self. */
static PyObject *
or_none(PyObject *object)
{
    return object == NULL ? Py_None : object;
}

/* A new tuple of the arguments. */
static PyObject *
arguments_tuple(PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *result = PyTuple_New(nargs);
    for (Py_ssize_t i = 0; result != NULL && i < nargs; i++) {
        PyTuple_SET_ITEM(result, i, Py_NewRef(args[i]));
    }
    return result;
}

static PyObject *
meth_varargs(PyObject *self, PyObject *args)
{
    return PyTuple_Pack(2, or_none(self), args);
}

static PyObject *
meth_varargs_keywords(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return PyTuple_Pack(3, or_none(self), args, or_none(kwargs));
}

static PyObject *
meth_o(PyObject *self, PyObject *arg)
{
    return PyTuple_Pack(2, or_none(self), arg);
}

static PyObject *
meth_noargs(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(or_none(self));
}

static PyObject *
meth_fastcall(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *tuple = arguments_tuple(args, nargs);
    return tuple == NULL ? NULL : Py_BuildValue("(ON)", or_none(self), tuple);
}

static PyObject *
meth_fastcall_keywords(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *kwargs = PyDict_New();
    Py_ssize_t count = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    for (Py_ssize_t i = 0; kwargs != NULL && i < count; i++) {
        if (PyDict_SetItem(kwargs, PyTuple_GET_ITEM(kwnames, i), args[nargs + i]) < 0) {
            Py_CLEAR(kwargs);
        }
    }
    PyObject *tuple = kwargs == NULL ? NULL : arguments_tuple(args, nargs);
    if (tuple == NULL) {
        Py_XDECREF(kwargs);
        return NULL;
    }
    return Py_BuildValue("(ONN)", or_none(self), tuple, kwargs);
}

#define CONVENTIONS(kind) \
    {"meth_varargs", meth_varargs, METH_VARARGS | kind, NULL}, \
    {"meth_varargs_keywords", _PyCFunction_CAST(meth_varargs_keywords), \
     METH_VARARGS | METH_KEYWORDS | kind, NULL}, \
    {"meth_o", meth_o, METH_O | kind, NULL}, \
    {"meth_noargs", meth_noargs, METH_NOARGS | kind, NULL}, \
    {"meth_fastcall", _PyCFunction_CAST(meth_fastcall), METH_FASTCALL | kind, NULL}, \
    {"meth_fastcall_keywords", _PyCFunction_CAST(meth_fastcall_keywords), \
     METH_FASTCALL | METH_KEYWORDS | kind, NULL}

static PyMethodDef instance_methods[] = {CONVENTIONS(0), {NULL}};
static PyMethodDef class_methods[] = {CONVENTIONS(METH_CLASS), {NULL}};
static PyMethodDef static_methods[] = {CONVENTIONS(METH_STATIC), {NULL}};

static PyType_Slot instance_slots[] = {{Py_tp_methods, instance_methods}, {0, NULL}};
static PyType_Slot class_slots[] = {{Py_tp_methods, class_methods}, {0, NULL}};
static PyType_Slot static_slots[] = {{Py_tp_methods, static_methods}, {0, NULL}};

#define METHODS_SPEC(type_name, type_slots) { \
        .name = "_testcapi." type_name, \
        .basicsize = sizeof(PyObject), \
        .flags = Py_TPFLAGS_DEFAULT, \
        .slots = type_slots, \
    }
static PyType_Spec instance_spec = METHODS_SPEC("MethInstance", instance_slots);
static PyType_Spec class_spec = METHODS_SPEC("MethClass", class_slots);
static PyType_Spec static_spec = METHODS_SPEC("MethStatic", static_slots);

/* ---- calls ---- */

/* The items of a tuple, or no items for NULL: *items and the count; -1 with an exception. */
static Py_ssize_t
call_arguments(PyObject *tuple, PyObject *const **items)
{
    *items = NULL;
    if (tuple == NULL) {
        return 0;
    }
    if (!PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "args must be None or a tuple");
        return -1;
    }
    *items = ((PyTupleObject *)tuple)->ob_item;
    return PyTuple_GET_SIZE(tuple);
}

static PyObject *
fast_call(PyObject *callable, PyObject *args)
{
    PyObject *const *items;
    Py_ssize_t count = call_arguments(args, &items);
    return count < 0 ? NULL : _PyObject_FastCall(callable, items, count);
}

static PyObject *
fast_call_dict(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    PyObject *const *items;
    Py_ssize_t count = call_arguments(args, &items);
    if (count < 0) {
        return NULL;
    }
    if (kwargs != NULL && !PyDict_Check(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "kwargs must be None or a dict");
        return NULL;
    }
    return PyObject_VectorcallDict(callable, items, count, kwargs);
}

static PyObject *
vector_call(PyObject *callable, PyObject *args, PyObject *kwnames)
{
    PyObject *const *items;
    Py_ssize_t count = call_arguments(args, &items);
    if (count < 0) {
        return NULL;
    }
    if (kwnames != NULL) {
        if (!PyTuple_Check(kwnames) || PyTuple_GET_SIZE(kwnames) > count) {
            PyErr_SetString(PyExc_TypeError, "kwnames must be None or a tuple, not above args");
            return NULL;
        }
        count -= PyTuple_GET_SIZE(kwnames);
    }
    return PyObject_Vectorcall(callable, items, count, kwnames);
}

static PyObject *
vectorcall_call(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    if (!PyTuple_Check(args) || (kwargs != NULL && !PyDict_Check(kwargs))) {
        PyErr_SetString(PyExc_TypeError, "args must be a tuple, kwargs None or a dict");
        return NULL;
    }
    return PyVectorcall_Call(callable, args, kwargs);
}

static PyObject *
overriding_vectorcall(PyObject *Py_UNUSED(callable), PyObject *const *Py_UNUSED(args),
                      size_t Py_UNUSED(nargsf), PyObject *Py_UNUSED(kwnames))
{
    return PyUnicode_FromString("overridden");
}

static PyObject *
override_function(PyObject *function)
{
    if (!PyFunction_Check(function)) {
        PyErr_SetString(PyExc_TypeError, "'func' must be a function");
        return NULL;
    }
    PyFunction_SetVectorcall((PyFunctionObject *)function, overriding_vectorcall);
    Py_RETURN_NONE;
}

/* callable("foo", baz="bar"), or callable.f("foo", baz="bar"). */
static PyObject *
call_with_strings(PyObject *callable, int as_method)
{
    PyObject *args[] = {NULL, NULL, callable, PyUnicode_FromString("foo"),
                        PyUnicode_FromString("bar")};
    PyObject *name = PyUnicode_FromString("f");
    PyObject *kwnames = Py_BuildValue("(s)", "baz");
    PyObject *result = NULL;
    if (args[3] != NULL && args[4] != NULL && name != NULL && kwnames != NULL) {
        result = as_method
                 ? PyObject_VectorcallMethod(name, args + 2, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                             kwnames)
                 : PyObject_Vectorcall(callable, args + 3, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                       kwnames);
    }
    Py_XDECREF(args[3]);
    Py_XDECREF(args[4]);
    Py_XDECREF(name);
    Py_XDECREF(kwnames);
    return result;
}

#define call_function_with_strings(callable) call_with_strings(callable, 0)
#define call_method_with_strings(object) call_with_strings(object, 1)

/* ---- types with vectorcall ---- */

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
} vectorcall_object;

typedef struct {
    vectorcall_object base;
    vectorcallfunc vectorcall;
} vectorcall_object2;

static PyObject *
return_true(PyObject *Py_UNUSED(callable), PyObject *const *Py_UNUSED(args),
            size_t Py_UNUSED(nargsf), PyObject *Py_UNUSED(kwnames))
{
    Py_RETURN_TRUE;
}

static PyObject *
return_false(PyObject *Py_UNUSED(callable), PyObject *const *Py_UNUSED(args),
             size_t Py_UNUSED(nargsf), PyObject *Py_UNUSED(kwnames))
{
    Py_RETURN_FALSE;
}

static PyObject *
return_text(PyObject *Py_UNUSED(callable), PyObject *const *Py_UNUSED(args),
            size_t Py_UNUSED(nargsf), PyObject *Py_UNUSED(kwnames))
{
    return PyUnicode_FromString("vectorcall called");
}

static PyObject *
new_with(PyTypeObject *type, vectorcallfunc function)
{
    PyObject *self = type->tp_alloc(type, 0);
    if (self != NULL) {
        ((vectorcall_object *)self)->vectorcall = function;
    }
    return self;
}

static PyObject *
descriptor_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return new_with(type, return_true);
}

static PyObject *
descriptor2_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    PyObject *self = new_with(type, NULL);
    if (self != NULL) {
        ((vectorcall_object2 *)self)->vectorcall = return_false;
    }
    return self;
}

static PyObject *
limited_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return new_with(type, return_text);
}

static PyObject *
descriptor_get(PyObject *self, PyObject *object, PyObject *Py_UNUSED(type))
{
    return object == NULL ? Py_NewRef(self) : PyMethod_New(self, object);
}

static PyObject *
nop_descriptor_get(PyObject *self, PyObject *Py_UNUSED(object), PyObject *Py_UNUSED(type))
{
    return Py_NewRef(self);
}

static PyObject *
nop_descriptor_call(PyObject *Py_UNUSED(self), PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    return Py_NewRef(args);
}

static PyMemberDef vectorcall_members[] = {
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(vectorcall_object, vectorcall), Py_READONLY,
     NULL},
    {NULL}
};

static PyMemberDef vectorcall2_members[] = {
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(vectorcall_object2, vectorcall), Py_READONLY,
     NULL},
    {NULL}
};

static PyType_Slot descriptor_slots[] = {
    {Py_tp_new, descriptor_new},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_descr_get, descriptor_get},
    {Py_tp_members, vectorcall_members},
    {0, NULL}
};

static PyType_Spec descriptor_spec = {
    .name = "_testcapi.MethodDescriptorBase",
    .basicsize = sizeof(vectorcall_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE
             | Py_TPFLAGS_METHOD_DESCRIPTOR | Py_TPFLAGS_HAVE_VECTORCALL,
    .slots = descriptor_slots,
};

static PyType_Slot derived_slots[] = {{0, NULL}};

static PyType_Spec derived_spec = {
    .name = "_testcapi.MethodDescriptorDerived",
    .basicsize = sizeof(vectorcall_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = derived_slots,
};

static PyType_Slot nop_slots[] = {
    {Py_tp_call, nop_descriptor_call},
    {Py_tp_descr_get, nop_descriptor_get},
    {0, NULL}
};

static PyType_Spec nop_spec = {
    .name = "_testcapi.MethodDescriptorNopGet",
    .basicsize = sizeof(vectorcall_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = nop_slots,
};

static PyType_Slot descriptor2_slots[] = {
    {Py_tp_new, descriptor2_new},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_members, vectorcall2_members},
    {0, NULL}
};

static PyType_Spec descriptor2_spec = {
    .name = "_testcapi.MethodDescriptor2",
    .basicsize = sizeof(vectorcall_object2),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_HAVE_VECTORCALL,
    .slots = descriptor2_slots,
};

static PyType_Slot limited_slots[] = {
    {Py_tp_new, limited_new},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_members, vectorcall_members},
    {0, NULL}
};

static PyType_Spec limited_spec = {
    .name = "_testcapi.LimitedVectorCallClass",
    .basicsize = sizeof(vectorcall_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .slots = limited_slots,
};

/* ---- make_vectorcall_class([base]) ---- */

static PyObject *
made_class_call(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return PyUnicode_FromString("tp_call");
}

static PyObject *
made_class_vectorcall(PyObject *Py_UNUSED(self), PyObject *const *Py_UNUSED(args),
                      size_t Py_UNUSED(nargsf), PyObject *Py_UNUSED(kwnames))
{
    return PyUnicode_FromString("vectorcall");
}

/* From now on self is called by vectorcall, through the field that `type` has for it. */
static PyObject *
made_class_set_vectorcall(PyObject *self, PyObject *type)
{
    if (!PyType_Check(type) || !PyObject_TypeCheck(self, (PyTypeObject *)type)
        || ((PyTypeObject *)type)->tp_vectorcall_offset <= 0) {
        PyErr_Format(PyExc_TypeError, "%R is no type of self with vectorcall", type);
        return NULL;
    }
    Py_ssize_t offset = ((PyTypeObject *)type)->tp_vectorcall_offset;
    *(vectorcallfunc *)((char *)self + offset) = made_class_vectorcall;
    Py_RETURN_NONE;
}

static PyMethodDef made_class_methods[] = {
    {"set_vectorcall", made_class_set_vectorcall, METH_O, NULL},
    {NULL}
};

static PyObject *
make_class(PyObject *base)
{
    if (base == NULL) {
        base = (PyObject *)&PyBaseObject_Type;
    }
    if (!PyType_Check(base)) {
        PyErr_SetString(PyExc_TypeError, "base must be a type");
        return NULL;
    }
    Py_ssize_t offset = ((PyTypeObject *)base)->tp_basicsize;
    PyMemberDef members[] = {
        {"__vectorcalloffset__", Py_T_PYSSIZET, offset, Py_READONLY, NULL},
        {NULL}
    };
    PyType_Slot slots[] = {
        {Py_tp_call, made_class_call},
        {Py_tp_methods, made_class_methods},
        {Py_tp_members, members},
        {0, NULL}
    };
    PyType_Spec spec = {
        .name = "_testcapi.VectorcallClass",
        .basicsize = (int)(offset + sizeof(vectorcallfunc)),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_BASETYPE,
        .slots = slots,
    };
    return PyType_FromSpecWithBases(&spec, base);
}

static PyObject *
vectorcall_flag(PyObject *type)
{
    if (!PyType_Check(type)) {
        PyErr_SetString(PyExc_TypeError, "expected a type");
        return NULL;
    }
    return PyBool_FromLong(PyType_HasFeature((PyTypeObject *)type, Py_TPFLAGS_HAVE_VECTORCALL));
}

#define VECTORCALL_CALLS(X) \
    X(2, pyobject_fastcall, object, fast_call, P, O) \
    X(3, pyobject_fastcalldict, object, fast_call_dict, P, O, O) \
    X(3, pyobject_vectorcall, object, vector_call, P, O, O) \
    X(3, pyvectorcall_call, object, vectorcall_call, P, P, optO) \
    X(1, function_setvectorcall, object, override_function, P) \
    X(1, call_vectorcall, object, call_function_with_strings, P) \
    X(1, call_vectorcall_method, object, call_method_with_strings, P) \
    X(1, make_vectorcall_class, object, make_class, optO) \
    X(1, has_vectorcall_flag, object, vectorcall_flag, P)

VECTORCALL_CALLS(WRAP)

static PyMethodDef vectorcall_methods[] = {
    CONVENTIONS(0),
    VECTORCALL_CALLS(WRAP_ROW)
    {NULL}
};

int
_TestCapi_AddVectorcall(PyObject *module)
{
    static PyType_Spec *const specs[] = {
        &instance_spec, &class_spec, &static_spec, &descriptor_spec, &limited_spec,
    };
    static PyType_Spec *const derived_specs[] = {&derived_spec, &nop_spec, &descriptor2_spec};

    for (size_t i = 0; i < Py_ARRAY_LENGTH(specs); i++) {
        if (_TestCapi_AddType(module, specs[i], NULL) < 0) {
            return -1;
        }
    }
    PyObject *base = PyObject_GetAttrString(module, "MethodDescriptorBase");
    if (base == NULL) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(derived_specs); i++) {
        if (_TestCapi_AddType(module, derived_specs[i], (PyTypeObject *)base) < 0) {
            Py_DECREF(base);
            return -1;
        }
    }
    Py_DECREF(base);
    return PyModule_AddFunctions(module, vectorcall_methods);
}
