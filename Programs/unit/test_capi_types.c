/* The C API for making types and modules: PyType_FromSpec and its relatives, static types, members,
 * getters, modules with one and several phases, capsules, buffers and memoryviews, exceptions.
 * Written from the C API reference and by running it in CPython 3.12. */
#include "capi.h"
#include "structmember.h"

#include <errno.h>
#include <stddef.h>

/* ---- a heap type with everything ---- */

typedef struct {
    PyObject_HEAD
    PyObject *dict;
    PyObject *weakrefs;
    PyObject *item;
    char flag;
    int number;
    double real;
    const char *text;
    char inlined[8];
    unsigned char byte;
    long long big;
    Py_ssize_t size;
    PyObject *maybe;
    vectorcallfunc vectorcall;
} Thing;

static PyObject *
thing_get_square(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromLong((long)((Thing *)self)->number * ((Thing *)self)->number);
}

static int
thing_set_square(PyObject *self, PyObject *value, void *closure)
{
    (void)closure;
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "no deleting");
        return -1;
    }
    ((Thing *)self)->number = (int)PyLong_AsLong(value);
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *
thing_noargs(PyObject *self, PyObject *args)
{
    return args == NULL ? Py_NewRef(self) : NULL;
}

static PyObject *
thing_o(PyObject *self, PyObject *arg)
{
    (void)self;
    return Py_NewRef(arg);
}

static PyObject *
thing_varargs(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self;
    return Py_BuildValue("(OO)", args, kwargs != NULL ? kwargs : Py_None);
}

static PyObject *
thing_fastcall(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    (void)self;
    (void)args;
    return Py_BuildValue("(nO)", n, names != NULL ? names : Py_None);
}

static PyObject *
thing_method(PyObject *self, PyTypeObject *cls, PyObject *const *args, Py_ssize_t n,
             PyObject *names)
{
    (void)self;
    (void)args;
    (void)n;
    (void)names;
    return Py_NewRef((PyObject *)cls);
}

static PyObject *
thing_static(PyObject *self, PyObject *arg)
{
    return Py_BuildValue("(iO)", self == NULL, arg);
}

static PyObject *
thing_class(PyObject *cls, PyObject *arg)
{
    (void)arg;
    return Py_NewRef(cls);
}

static PyMethodDef thing_methods[] = {
    {"noargs", thing_noargs, METH_NOARGS, "noargs($self, /)\n--\n\nDoc of noargs."},
    {"o", thing_o, METH_O, NULL},
    {"varargs", (PyCFunction)(void (*)(void))thing_varargs, METH_VARARGS | METH_KEYWORDS, NULL},
    {"fastcall", (PyCFunction)(void (*)(void))thing_fastcall, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"method", (PyCFunction)(void (*)(void))thing_method,
     METH_METHOD | METH_FASTCALL | METH_KEYWORDS, NULL},
    {"static", thing_static, METH_O | METH_STATIC, NULL},
    {"klass", thing_class, METH_NOARGS | METH_CLASS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef thing_members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(Thing, dict), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Thing, weakrefs), READONLY, NULL},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Thing, vectorcall), READONLY, NULL},
    {"item", T_OBJECT, offsetof(Thing, item), 0, "Doc of item."},
    {"maybe", T_OBJECT_EX, offsetof(Thing, maybe), 0, NULL},
    {"flag", T_BOOL, offsetof(Thing, flag), 0, NULL},
    {"number", T_INT, offsetof(Thing, number), 0, NULL},
    {"fixed", T_INT, offsetof(Thing, number), READONLY, NULL},
    {"real", T_DOUBLE, offsetof(Thing, real), 0, NULL},
    {"text", T_STRING, offsetof(Thing, text), 0, NULL},
    {"inlined", T_STRING_INPLACE, offsetof(Thing, inlined), READONLY, NULL},
    {"byte", T_UBYTE, offsetof(Thing, byte), 0, NULL},
    {"big", T_LONGLONG, offsetof(Thing, big), 0, NULL},
    {"size", T_PYSSIZET, offsetof(Thing, size), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef thing_getset[] = {
    {"square", thing_get_square, thing_set_square, "Doc of square.", NULL},
    {"readonly", thing_get_square, NULL, NULL, NULL},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static int
thing_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Thing *)self)->dict);
    Py_VISIT(((Thing *)self)->item);
    Py_VISIT(((Thing *)self)->maybe);
    return 0;
}

static int
thing_clear(PyObject *self)
{
    Py_CLEAR(((Thing *)self)->dict);
    Py_CLEAR(((Thing *)self)->item);
    Py_CLEAR(((Thing *)self)->maybe);
    return 0;
}

static void
thing_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (((Thing *)self)->weakrefs != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    (void)thing_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
thing_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *names)
{
    (void)args;
    (void)names;
    return PyLong_FromLong((long)PyVectorcall_NARGS(nargsf) + ((Thing *)self)->number);
}

static PyObject *
thing_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)args;
    (void)kwargs;
    Thing *self = (Thing *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->vectorcall = thing_vectorcall;
        memcpy(self->inlined, "inside", 7);
    }
    return (PyObject *)self;
}

static PyObject *
thing_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<Thing %d>", ((Thing *)self)->number);
}

static PyObject *
thing_add(PyObject *a, PyObject *b)
{
    if (!PyLong_Check(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    (void)a;
    return PyLong_FromLong(PyLong_AsLong(b) + 1000);
}

static Py_ssize_t
thing_length(PyObject *self)
{
    return ((Thing *)self)->number;
}

static PyObject *
thing_getitem(PyObject *self, Py_ssize_t i)
{
    if (i >= ((Thing *)self)->number || i < 0) {
        PyErr_SetString(PyExc_IndexError, "too far");
        return NULL;
    }
    return PyLong_FromSsize_t(i);
}

static PyType_Slot thing_slots[] = {
    {Py_tp_doc, "Thing(*args)\n--\n\nDoc of Thing."},
    {Py_tp_methods, thing_methods},
    {Py_tp_members, thing_members},
    {Py_tp_getset, thing_getset},
    {Py_tp_traverse, thing_traverse},
    {Py_tp_clear, thing_clear},
    {Py_tp_dealloc, thing_dealloc},
    {Py_tp_new, thing_new},
    {Py_tp_repr, thing_repr},
    {Py_tp_call, PyVectorcall_Call},
    {Py_nb_add, thing_add},
    {Py_sq_length, thing_length},
    {Py_sq_item, thing_getitem},
    {0, NULL},
};

static PyType_Spec thing_spec = {
    .name = "package.module.Thing",
    .basicsize = sizeof(Thing),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
             Py_TPFLAGS_HAVE_VECTORCALL,
    .slots = thing_slots,
};

/* eval(expression) with a = the type, b = an instance. */
#define TEQ(EXPRESSION, EXPECTED) EQ(capi_eval((EXPRESSION), type, thing, NULL), (EXPECTED))
#define TRAISES(EXPRESSION, TYPE, TEXT) \
    RAISES(capi_eval((EXPRESSION), type, thing, NULL) == NULL, (TYPE), (TEXT))

static void
test_heap_type(struct unit_result *result)
{
    PyObject *type = PyType_FromSpec(&thing_spec);
    FINE(type != NULL && PyType_Check(type));
    PyObject *thing = PyObject_CallNoArgs(type);
    FINE(thing != NULL && PyObject_GC_IsTracked(thing));
    TEQ("(a.__name__, a.__qualname__, a.__module__, a.__doc__, a.__text_signature__)",
        "('Thing', 'Thing', 'package.module', 'Doc of Thing.', '(*args)')");
    TEQ("(a.__base__, a.__basicsize__ > 100, a.__dictoffset__ > 0, a.__weakrefoffset__ > 0)",
        "(object, True, True, True)");
    TEQ("(a.noargs.__text_signature__, a.noargs.__doc__, a.o.__doc__)",
        "('($self, /)', 'Doc of noargs.', None)");
    TEQ("b.noargs() is b", "True");
    TEQ("b.o(5)", "5");
    TEQ("b.varargs(1, x=2)", "((1,), {'x': 2})");
    TEQ("b.fastcall(1, 2, x=3)", "(2, ('x',))");
    TEQ("b.method() is a", "True");
    TEQ("type('S', (a,), {})().method() is a", "True");
    TEQ("a.static(5)", "(1, 5)");
    TEQ("b.klass() is a", "True");
    TRAISES("b.noargs(1)", PyExc_TypeError, "Thing.noargs() takes no arguments (1 given)");
    TRAISES("b.o()", PyExc_TypeError, "Thing.o() takes exactly one argument (0 given)");
    TRAISES("b.o(x=1)", PyExc_TypeError, "Thing.o() takes no keyword arguments");
    TRAISES("a.o(5, 6)", PyExc_TypeError,
            "descriptor 'o' for 'package.module.Thing' objects doesn't apply to a 'int' object");
    TRAISES("a.o()", PyExc_TypeError, "unbound method Thing.o() needs an argument");
    TEQ("[setattr(b, 'number', 7), b.number, b.fixed, b.square, len(b), list(b), b(1, 2), b + 1]",
        "[None, 7, 7, 49, 7, [0, 1, 2, 3, 4, 5, 6], 9, 1001]");
    TEQ("[setattr(b, 'square', 3), b.number]", "[None, 3]");
    TEQ("[b.item, b.flag, b.real, b.text, b.inlined, b.byte, b.big, b.size]",
        "[None, False, 0.0, None, 'inside', 0, 0, 0]");
    TEQ("[setattr(b, 'flag', True), setattr(b, 'real', 2), setattr(b, 'big', -2**63), b.flag, "
        "b.real, b.big, setattr(b, 'item', 'x'), b.item, b.__delattr__('item'), b.item]",
        "[None, None, None, True, 2.0, -2**63, None, 'x', None, None]");
    TRAISES("b.maybe", PyExc_AttributeError,
            "'package.module.Thing' object has no attribute 'maybe'");
    TRAISES("setattr(b, 'fixed', 1)", PyExc_AttributeError, "readonly attribute");
    TRAISES("setattr(b, 'text', 'x')", PyExc_TypeError, "readonly attribute");
    TRAISES("setattr(b, 'inlined', 'x')", PyExc_AttributeError, "readonly attribute");
    TRAISES("setattr(b, 'flag', 1)", PyExc_TypeError, "attribute value type must be bool");
    TRAISES("setattr(b, 'number', 'x')", PyExc_TypeError,
            "'str' object cannot be interpreted as an integer");
    TRAISES("setattr(b, 'big', 2**64)", PyExc_OverflowError, "int too big to convert");
    TRAISES("b.__delattr__('number')", PyExc_TypeError, "can't delete numeric/char attribute");
    TRAISES("b.__delattr__('maybe')", PyExc_AttributeError, "maybe");
    TRAISES("setattr(b, 'readonly', 1)", PyExc_AttributeError,
            "attribute 'readonly' of 'package.module.Thing' objects is not writable");
    TRAISES("b.__delattr__('square')", PyExc_AttributeError, "no deleting");
    TRAISES("b[9]", PyExc_IndexError, "too far");
    TRAISES("b + 'x'", PyExc_TypeError,
            "unsupported operand type(s) for +: 'package.module.Thing' and 'str'");
    TEQ("[setattr(b, 'other', 1), b.__dict__, vars(b)]", "[None, {'other': 1}, {'other': 1}]");
    TEQ("repr(b)", "'<Thing 3>'");
    TEQ("[type(a.__dict__[n]).__name__ for n in ('o', 'item', 'square', 'static', 'klass', "
        "'__repr__')]", "['method_descriptor', 'member_descriptor', 'getset_descriptor', "
        "'staticmethod', 'classmethod_descriptor', 'wrapper_descriptor']");
    TEQ("repr(a.__dict__['item'])", "\"<member 'item' of 'package.module.Thing' objects>\"");
    TEQ("repr(a.__dict__['square'])", "\"<attribute 'square' of 'package.module.Thing' objects>\"");
    TEQ("repr(a.o)", "\"<method 'o' of 'package.module.Thing' objects>\"");
    /* The type in C. */
    PyTypeObject *t = (PyTypeObject *)type;
    CHECK(PyType_GetSlot(t, Py_tp_repr) == (void *)thing_repr);
    CHECK(PyType_GetSlot(t, Py_nb_add) == (void *)thing_add);
    CHECK(PyType_GetSlot(t, Py_nb_subtract) == NULL);
    RAISES(PyType_GetSlot(t, 0) == NULL, PyExc_SystemError, NULL);
    RAISES(PyType_GetSlot(t, 1000) == NULL, PyExc_SystemError, NULL);
    EQ(PyType_GetName(t), "'Thing'");
    EQ(PyType_GetQualName(t), "'Thing'");
    CHECK(PyType_HasFeature(t, Py_TPFLAGS_HEAPTYPE) && PyType_IS_GC(t));
    CHECK(PyType_GetFlags(t) & Py_TPFLAGS_BASETYPE);
    RAISES(PyType_GetModule(t) == NULL, PyExc_TypeError,
           "PyType_GetModule: Type 'package.module.Thing' has no associated module");
    /* Weak reference, cycle and collection. */
    PyObject *ref = PyWeakref_NewRef(thing, NULL);
    FINE(PyObject_SetAttrString(thing, "item", thing) == 0);
    Py_DECREF(thing);
    FINE(PyGC_Collect() > 0 && PyWeakref_GetObject(ref) == Py_None);
    Py_DECREF(ref);
    Py_ssize_t left = Py_REFCNT(type);
    CHECK(left > 0);
    Py_DECREF(type);
}

/* ---- variants of PyType_From...: bases, modules, metaclasses, bad specs ---- */

static PyType_Slot no_slots[] = {{0, NULL}};

static PyObject *
meta_marker(PyObject *cls, PyObject *args)
{
    (void)args;
    return Py_BuildValue("(sO)", "meta", cls);
}

static PyMethodDef meta_methods[] = {
    {"marker", meta_marker, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static void
test_from_spec(struct unit_result *result)
{
    PyType_Spec spec = {.name = "plain", .flags = Py_TPFLAGS_DEFAULT, .slots = no_slots};
    PyObject *bases = V("(int,)"), *final = V("(bool,)"), *number = V("5");
    PyObject *type = PyType_FromSpecWithBases(&spec, bases);
    FINE(type != NULL);
    EQ(capi_eval("(a.__mro__[1:], a(7) + 1, a.__basicsize__ == int.__basicsize__)",
                 type, NULL, NULL), "((int, object), 8, True)");
    Py_XDECREF(type);
    RAISES(PyType_FromSpecWithBases(&spec, final) == NULL, PyExc_TypeError,
           "type 'bool' is not an acceptable base type");
    type = PyType_FromSpecWithBases(&spec, (PyObject *)&PyList_Type);
    FINE(type != NULL);
    EQ(capi_eval("a([1, 2])[1]", type, NULL, NULL), "2");
    Py_XDECREF(type);
    PyObject *module = PyModule_New("some.module");
    type = PyType_FromModuleAndSpec(module, &thing_spec, NULL);
    FINE(type != NULL && PyType_GetModule((PyTypeObject *)type) == module);
    FINE(PyType_GetModuleState((PyTypeObject *)type) == NULL);
    RAISES(PyType_GetModuleByDef((PyTypeObject *)type, (PyModuleDef *)&PyModuleDef_Type) == NULL,
           PyExc_TypeError, NULL);
    RAISES(PyType_GetModuleByDef(&PyLong_Type, (PyModuleDef *)&PyModuleDef_Type) == NULL,
           PyExc_TypeError, NULL);
    Py_XDECREF(type);
    Py_DECREF(module);
    PyType_Slot meta_slots[] = {{Py_tp_methods, meta_methods}, {Py_tp_base, &PyType_Type},
                                {0, NULL}};
    PyType_Spec meta_spec = {.name = "m.Meta", .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                             .slots = meta_slots};
    PyObject *meta = PyType_FromSpec(&meta_spec);
    FINE(meta != NULL);
    type = PyType_FromMetaclass((PyTypeObject *)meta, NULL, &thing_spec, NULL);
    FINE(type != NULL && Py_TYPE(type) == (PyTypeObject *)meta);
    EQ(capi_eval("a.marker() == ('meta', a) and type(a()) is a", type, NULL, NULL), "True");
    Py_XDECREF(type);
    RAISES(PyType_FromMetaclass(&PyLong_Type, NULL, &spec, NULL) == NULL, PyExc_TypeError,
           "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass "
           "of the metaclasses of all its bases");
    Py_DECREF(meta);
    /* basicsize below zero: relative to the base, 3.12. */
    PyType_Spec relative = {.name = "m.Relative", .basicsize = -(int)sizeof(long[3]),
                            .flags = Py_TPFLAGS_DEFAULT, .slots = no_slots};
    PyMemberDef members[] = {{"own", T_LONG, sizeof(long), Py_RELATIVE_OFFSET, NULL},
                             {NULL, 0, 0, 0, NULL}};
    PyType_Slot with_member[] = {{Py_tp_members, members}, {0, NULL}};
    relative.slots = with_member;
    type = PyType_FromSpec(&relative);
    FINE(type != NULL);
    PyObject *object = PyObject_CallNoArgs(type);
    FINE(PyType_GetTypeDataSize((PyTypeObject *)type) >= (Py_ssize_t)sizeof(long[3]));
    long *data = PyObject_GetTypeData(object, (PyTypeObject *)type);
    data[0] = data[2] = 1;
    data[1] = 42;
    EQ(PyObject_GetAttrString(object, "own"), "42");
    FINE(PyObject_SetAttrString(object, "own", number) == 0 && data[1] == 5);
    Py_DECREF(object);
    Py_DECREF(type);
    relative.basicsize = 0;
    RAISES(PyType_FromSpec(&relative) == NULL, PyExc_SystemError,
           "Member offset out of range (0..-basicsize)");
    /* Specs that cannot be. */
    PyType_Slot unknown[] = {{5000, (void *)1}, {0, NULL}};
    PyType_Spec bad = {.name = "m.Bad", .flags = Py_TPFLAGS_DEFAULT, .slots = unknown};
    RAISES(PyType_FromSpec(&bad) == NULL, PyExc_RuntimeError, "invalid slot offset");
    bad.slots = no_slots;
    bad.name = NULL;
    RAISES(PyType_FromSpec(&bad) == NULL, PyExc_SystemError,
           "Type spec does not define the name field.");
    bad.name = "m.Bad";
    bad.basicsize = 4;
    RAISES(PyType_FromSpec(&bad) == NULL, PyExc_TypeError, NULL);
    bad.basicsize = 0;
    bad.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_MANAGED_DICT;
    type = PyType_FromSpec(&bad);
    PyErr_Clear();
    Py_XDECREF(type);
    /* Types that refuse instances and attributes. */
    PyType_Spec closed = {.name = "m.Closed", .slots = no_slots,
                          .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION |
                                   Py_TPFLAGS_IMMUTABLETYPE};
    type = PyType_FromSpec(&closed);
    FINE(type != NULL);
    RAISES(PyObject_CallNoArgs(type) == NULL, PyExc_TypeError,
           "cannot create 'm.Closed' instances");
    RAISES(PyObject_SetAttrString(type, "x", number) == -1, PyExc_TypeError,
           "cannot set 'x' attribute of immutable type 'm.Closed'");
    Py_XDECREF(type);
    Py_DECREF(bases);
    Py_DECREF(final);
    Py_DECREF(number);
}

/* ---- a static type, as modules of old have ---- */

typedef struct {
    PyVarObject ob_base;
    int items[1];
} Array;

static PyObject *
array_sum(PyObject *self, PyObject *args)
{
    (void)args;
    long sum = 0;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        sum += ((Array *)self)->items[i];
    }
    return PyLong_FromLong(sum);
}

static PyObject *
array_compare(PyObject *a, PyObject *b, int op)
{
    if (Py_TYPE(a) != Py_TYPE(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_RETURN_RICHCOMPARE(Py_SIZE(a), Py_SIZE(b), op);
}

static int
array_buffer(PyObject *self, Py_buffer *view, int flags)
{
    return PyBuffer_FillInfo(view, self, ((Array *)self)->items,
                             Py_SIZE(self) * (Py_ssize_t)sizeof(int), 1, flags);
}

static PyMethodDef array_methods[] = {
    {"sum", array_sum, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyBufferProcs array_as_buffer = {array_buffer, NULL};

static PyTypeObject array_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "old.Array",
    .tp_basicsize = offsetof(Array, items),
    .tp_itemsize = sizeof(int),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_methods = array_methods,
    .tp_richcompare = array_compare,
    .tp_as_buffer = &array_as_buffer,
};

static void
test_static_type(struct unit_result *result)
{
    FINE(PyType_Ready(&array_type) == 0 && PyType_Ready(&array_type) == 0);
    CHECK(Py_TYPE(&array_type) == &PyType_Type && array_type.tp_base == &PyBaseObject_Type);
    PyObject *type = (PyObject *)&array_type;
    Array *a = PyObject_NewVar(Array, &array_type, 3);
    PyObject *thing = (PyObject *)a;
    a->items[0] = a->items[1] = 1;
    a->items[2] = 40;
    TEQ("b.sum()", "42");
    TEQ("b == b, b != b, b < b, b >= b", "(True, False, False, True)");
    TEQ("b == 5", "False");
    TEQ("bytes(b)[8]", "40");
    TRAISES("hash(b)", PyExc_TypeError, "unhashable type: 'old.Array'");
    TRAISES("b < 5", PyExc_TypeError,
            "'<' not supported between instances of 'old.Array' and 'int'");
    TRAISES("setattr(a, 'x', 1)", PyExc_TypeError,
            "cannot set 'x' attribute of immutable type 'old.Array'");
    TRAISES("a()", PyExc_TypeError, "cannot create 'old.Array' instances");
    TRAISES("b.x", PyExc_AttributeError, "'old.Array' object has no attribute 'x'");
    TEQ("type('Sub', (a,), {'y': 5}).y", "5");
    TEQ("memoryview(b).cast('i').tolist()", "[1, 1, 40]");
    TRAISES("memoryview(b).__setitem__(0, 1)", PyExc_TypeError, "cannot modify read-only memory");
    TEQ("(a.__name__, a.__module__, a.__itemsize__)", "('Array', 'old', 4)");
    Py_DECREF(thing);
}

/* ---- modules ---- */

struct counter {
    int made;
    PyObject *kept;
};

static PyObject *
counter_next(PyObject *module, PyObject *args)
{
    (void)args;
    struct counter *state = PyModule_GetState(module);
    return PyLong_FromLong(++state->made);
}

static PyMethodDef counter_methods[] = {
    {"next", counter_next, METH_NOARGS, "Doc of next."},
    {NULL, NULL, 0, NULL},
};

static int
counter_exec(PyObject *module)
{
    struct counter *state = PyModule_GetState(module);
    state->made = 100;
    state->kept = PyList_New(0);
    return PyModule_AddObjectRef(module, "kept", state->kept);
}

static int
counter_exec_again(PyObject *module)
{
    return PyModule_AddIntConstant(module, "ANSWER", 42) < 0 ||
           PyModule_AddStringConstant(module, "TEXT", "words") < 0 ? -1 : 0;
}

static int
counter_traverse(PyObject *module, visitproc visit, void *arg)
{
    struct counter *state = PyModule_GetState(module);
    Py_VISIT(state->kept);
    return 0;
}

static int
counter_clear(PyObject *module)
{
    struct counter *state = PyModule_GetState(module);
    Py_CLEAR(state->kept);
    return 0;
}

static void
counter_free(void *module)
{
    (void)counter_clear(module);
}

static PyModuleDef_Slot counter_slots[] = {
    {Py_mod_exec, counter_exec},
    {Py_mod_exec, counter_exec_again},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static struct PyModuleDef counter_def = {
    PyModuleDef_HEAD_INIT, "counter", "Doc of counter.", sizeof(struct counter), counter_methods,
    counter_slots, counter_traverse, counter_clear, counter_free,
};

static int
fail_exec(PyObject *module)
{
    (void)module;
    return -1;
}

static PyObject *
make_spec(const char *name)
{
    PyObject *text = PyUnicode_FromString(name);
    PyObject *spec = capi_eval("type('Spec', (), {'name': a, 'origin': None})()", text, NULL, NULL);
    Py_XDECREF(text);
    return spec;
}

static void
test_modules(struct unit_result *result)
{
    CHECK(PyModuleDef_Init(&counter_def) == (PyObject *)&counter_def);
    PyObject *spec = make_spec("pkg.counter");
    PyObject *one = PyModule_FromDefAndSpec(&counter_def, spec);
    PyObject *two = PyModule_FromDefAndSpec(&counter_def, spec);
    FINE(one != NULL && two != NULL && one != two && PyModule_CheckExact(one));
    FINE(PyModule_ExecDef(one, &counter_def) == 0 && PyModule_ExecDef(two, &counter_def) == 0);
    EQ(capi_eval("(a.next(), a.next(), b.next())", one, two, NULL), "(101, 102, 101)");
    EQ(capi_eval("(a.__name__, a.__doc__, a.ANSWER, a.TEXT, a.kept, a.next.__module__, "
                 "a.next.__self__ is a)", one, NULL, NULL),
       "('pkg.counter', 'Doc of counter.', 42, 'words', [], 'pkg.counter', True)");
    CHECK(PyModule_GetDef(one) == &counter_def && PyModule_GetDict(one) != NULL);
    CHECK(strcmp(PyModule_GetName(one), "pkg.counter") == 0);
    EQ(PyModule_GetNameObject(one), "'pkg.counter'");
    RAISES(PyModule_GetFilenameObject(one) == NULL, PyExc_SystemError, "module filename missing");
    RAISES(PyModule_GetState(spec) == NULL, PyExc_TypeError,
           "bad argument type for built-in operation");
    RAISES(PyModule_GetDict(spec) == NULL, PyExc_SystemError, NULL);
    RAISES(PyModule_AddObject(spec, "x", NULL) == -1, PyExc_TypeError,
           "PyModule_AddObjectRef() first argument must be a module");
    RAISES(PyModule_AddObjectRef(one, "x", NULL) == -1, PyExc_SystemError,
           "PyModule_AddObjectRef() must be called with an exception raised if value is NULL");
    PyErr_SetString(PyExc_KeyError, "mine");
    RAISES(PyModule_AddObjectRef(one, "x", NULL) == -1, PyExc_KeyError, "'mine'");
    FINE(PyModule_SetDocString(one, "New doc.") == 0);
    FINE(PyModule_AddType(one, &PyLong_Type) == 0);
    FINE(PyModule_AddFunctions(one, counter_methods) == 0);
    EQ(capi_eval("(a.__doc__, a.int)", one, NULL, NULL), "('New doc.', int)");
    RAISES(PyState_AddModule(one, &counter_def) == -1, PyExc_SystemError,
           "PyState_AddModule called on module with slots");
    Py_DECREF(one);
    Py_DECREF(two);
    /* Definitions that are wrong. */
    PyModuleDef_Slot twice[] = {{Py_mod_create, fail_exec}, {Py_mod_create, fail_exec}, {0, NULL}};
    PyModuleDef_Slot odd[] = {{99, fail_exec}, {0, NULL}};
    PyModuleDef_Slot failing[] = {{Py_mod_exec, fail_exec}, {0, NULL}};
    struct PyModuleDef bad = {PyModuleDef_HEAD_INIT, "bad", NULL, 0, NULL, twice, NULL, NULL, NULL};
    RAISES(PyModule_FromDefAndSpec(&bad, spec) == NULL, PyExc_SystemError,
           "module pkg.counter has multiple create slots");
    bad.m_slots = odd;
    RAISES(PyModule_FromDefAndSpec(&bad, spec) == NULL, PyExc_SystemError,
           "module pkg.counter uses unknown slot ID 99");
    bad.m_slots = failing;
    PyObject *m = PyModule_FromDefAndSpec(&bad, spec);
    FINE(m != NULL);
    RAISES(PyModule_ExecDef(m, &bad) == -1, PyExc_SystemError,
           "execution of module pkg.counter failed without setting an exception");
    Py_DECREF(m);
    bad.m_slots = NULL;
    /* One phase. */
    static struct PyModuleDef old = {
        PyModuleDef_HEAD_INIT, "oldmodule", NULL, 16, NULL, NULL, NULL, NULL, NULL,
    };
    m = PyModule_Create(&old);
    FINE(m != NULL && PyModule_GetState(m) != NULL);
    FINE(PyState_FindModule(&old) == NULL && PyState_AddModule(m, &old) == 0);
    FINE(PyState_FindModule(&old) == m && PyState_RemoveModule(&old) == 0);
    FINE(PyState_FindModule(&old) == NULL);
    Py_DECREF(m);
    RAISES(PyModule_Create(&counter_def) == NULL, PyExc_SystemError,
           "module counter: PyModule_Create is incompatible with m_slots");
    Py_DECREF(spec);
}

/* ---- capsules ---- */

static void
count_destroyed(PyObject *capsule)
{
    ++*(int *)PyCapsule_GetContext(capsule);
}

static void
test_capsule(struct unit_result *result)
{
    int destroyed = 0, value = 5;
    static const char name[] = "some.name";
    PyObject *c = PyCapsule_New(&value, name, count_destroyed);
    FINE(PyCapsule_CheckExact(c) && PyCapsule_IsValid(c, "some.name"));
    FINE(!PyCapsule_IsValid(c, "other") && !PyCapsule_IsValid(Py_None, NULL));
    FINE(PyCapsule_GetPointer(c, "some.name") == &value && PyCapsule_GetName(c) == name);
    RAISES(PyCapsule_GetPointer(c, "other") == NULL, PyExc_ValueError,
           "PyCapsule_GetPointer called with incorrect name");
    RAISES(PyCapsule_GetPointer(Py_None, NULL) == NULL, PyExc_ValueError,
           "PyCapsule_GetPointer called with invalid PyCapsule object");
    RAISES(PyCapsule_New(NULL, NULL, NULL) == NULL, PyExc_ValueError,
           "PyCapsule_New called with null pointer");
    RAISES(PyCapsule_SetPointer(c, NULL) == -1, PyExc_ValueError,
           "PyCapsule_SetPointer called with null pointer");
    FINE(PyCapsule_SetContext(c, &destroyed) == 0 && PyCapsule_GetContext(c) == &destroyed);
    FINE(PyCapsule_GetDestructor(c) == count_destroyed && PyCapsule_SetName(c, NULL) == 0);
    FINE(PyCapsule_GetPointer(c, NULL) == &value && PyCapsule_SetPointer(c, &destroyed) == 0);
    Py_DECREF(c);
    CHECK(destroyed == 1);
    RAISES(PyCapsule_Import("sys.maxsize", 0) == NULL, PyExc_AttributeError,
           "PyCapsule_Import \"sys.maxsize\" is not valid");
    RAISES(PyCapsule_Import("sys.nothing", 0) == NULL, PyExc_AttributeError,
           "module 'sys' has no attribute 'nothing'");
    RAISES(PyCapsule_GetName(Py_None) == NULL, PyExc_ValueError,
           "PyCapsule_GetName called with invalid PyCapsule object");
}

/* ---- buffers ---- */

static void
test_buffers(struct unit_result *result)
{
    PyObject *bytes = V("b'0123456789ab'"), *array = V("bytearray(b'0123456789ab')");
    PyObject *number = V("5"), *shown;
    Py_buffer view;
    FINE(PyObject_CheckBuffer(bytes) && !PyObject_CheckBuffer(number));
    RAISES(PyObject_GetBuffer(number, &view, PyBUF_SIMPLE) == -1, PyExc_TypeError,
           "a bytes-like object is required, not 'int'");
    RAISES(PyObject_GetBuffer(bytes, &view, PyBUF_WRITABLE) == -1, PyExc_BufferError,
           "Object is not writable.");
    FINE(PyObject_GetBuffer(bytes, &view, PyBUF_FULL_RO) == 0);
    CHECK(view.len == 12 && view.itemsize == 1 && view.ndim == 1 && view.readonly == 1);
    CHECK(strcmp(view.format, "B") == 0 && view.shape[0] == 12 && view.strides[0] == 1);
    CHECK(PyBuffer_IsContiguous(&view, 'C') && PyBuffer_IsContiguous(&view, 'A'));
    CHECK(view.obj == bytes);
    PyBuffer_Release(&view);
    CHECK(view.obj == NULL);
    PyBuffer_Release(&view);
    shown = PyMemoryView_FromObject(bytes);
    FINE(PyMemoryView_Check(shown) && PyMemoryView_GET_BUFFER(shown)->len == 12);
    EQ(capi_eval("a.cast('B', (3, 4)).tolist()[1]", shown, NULL, NULL), "[52, 53, 54, 55]");
    EQ(capi_eval("a[::-2].tolist()[:2]", shown, NULL, NULL), "[98, 57]");
    PyObject *strided = capi_eval("a[::2]", shown, NULL, NULL);
    FINE(PyObject_GetBuffer(strided, &view, PyBUF_STRIDED_RO) == 0);
    CHECK(!PyBuffer_IsContiguous(&view, 'C') && view.strides[0] == 2);
    char copy[6];
    FINE(PyBuffer_ToContiguous(copy, &view, 6, 'C') == 0 && memcmp(copy, "02468a", 6) == 0);
    RAISES(PyBuffer_ToContiguous(copy, &view, 5, 'C') == -1, PyExc_ValueError,
           "PyBuffer_ToContiguous: len != view->len");
    Py_ssize_t index = 3;
    CHECK(*(char *)PyBuffer_GetPointer(&view, &index) == '6');
    PyBuffer_Release(&view);
    RAISES(PyObject_GetBuffer(strided, &view, PyBUF_SIMPLE) == -1, PyExc_BufferError,
           "memoryview: underlying buffer is not C-contiguous");
    RAISES(PyMemoryView_GetContiguous(number, PyBUF_READ, 'C') == NULL, PyExc_TypeError,
           "memoryview: a bytes-like object is required, not 'int'");
    PyObject *whole = PyMemoryView_GetContiguous(strided, PyBUF_READ, 'C');
    EQ(capi_eval("bytes(a)", whole, NULL, NULL), "b'02468a'");
    Py_XDECREF(whole);
    RAISES(PyMemoryView_GetContiguous(strided, PyBUF_WRITE, 'C') == NULL, PyExc_BufferError,
           "underlying buffer is not writable");
    Py_DECREF(strided);
    Py_DECREF(shown);
    char memory[] = "memory";
    shown = PyMemoryView_FromMemory(memory, 6, PyBUF_WRITE);
    EQ(capi_eval("(a.__setitem__(0, 77), bytes(a))", shown, NULL, NULL), "(None, b'Memory')");
    Py_DECREF(shown);
    FINE(PyObject_GetBuffer(array, &view, PyBUF_CONTIG) == 0);
    FINE(PyBuffer_FromContiguous(&view, "XY", 2, 'C') == 0);
    PyBuffer_Release(&view);
    EQ(Py_NewRef(array), "bytearray(b'XY23456789ab')");
    FINE(PyObject_CopyData(array, bytes) == 0);
    EQ(Py_NewRef(array), "bytearray(b'0123456789ab')");
    Py_ssize_t shape[2] = {2, 3}, strides[2];
    PyBuffer_FillContiguousStrides(2, shape, strides, 4, 'F');
    CHECK(strides[0] == 4 && strides[1] == 8);
    PyBuffer_FillContiguousStrides(2, shape, strides, 4, 'C');
    CHECK(strides[0] == 12 && strides[1] == 4);
    Py_buffer mine = {.buf = memory, .len = 6, .itemsize = 1, .readonly = 1, .ndim = 1,
                      .format = "b", .shape = (Py_ssize_t[]){6}, .strides = (Py_ssize_t[]){1}};
    shown = PyMemoryView_FromBuffer(&mine);
    EQ(capi_eval("(a[0], a.format, a.readonly, a.obj)", shown, NULL, NULL),
       "(77, 'b', True, None)");
    EQ(capi_eval("a.release()", shown, NULL, NULL), "None");
    RAISES(PyObject_GetBuffer(shown, &view, PyBUF_SIMPLE) == -1, PyExc_ValueError,
           "operation forbidden on released memoryview object");
    Py_DECREF(shown);
    Py_DECREF(bytes);
    Py_DECREF(array);
    Py_DECREF(number);
}

/* ---- exceptions ---- */

static void
test_errors(struct unit_result *result)
{
    PyObject *value = V("('x', 1)"), *type, *val, *tb, *one = V("1");
    PyErr_SetObject(PyExc_KeyError, value);
    CHECK(PyErr_Occurred() == PyExc_KeyError && PyErr_ExceptionMatches(PyExc_LookupError));
    PyErr_Fetch(&type, &val, &tb);
    CHECK(type == PyExc_KeyError && tb == NULL && !PyErr_Occurred());
    PyErr_NormalizeException(&type, &val, &tb);
    CHECK(PyExceptionInstance_Check(val));
    EQ(PyObject_Repr(val), "\"KeyError('x', 1)\"");
    PyErr_Restore(type, val, tb);
    RAISES(PyErr_Occurred() != NULL, PyExc_KeyError, NULL);
    PyErr_SetObject(PyExc_KeyError, one);
    RAISES(1, PyExc_KeyError, "1");
    PyErr_SetNone(PyExc_StopIteration);
    RAISES(1, PyExc_StopIteration, "");
    PyErr_SetString(one, "text");
    RAISES(1, PyExc_SystemError, "_PyErr_SetObject: exception 1 is not a BaseException subclass");
    PyErr_Format(PyExc_ValueError, "%d %s %R", 5, "text", one);
    RAISES(1, PyExc_ValueError, "5 text 1");
    RAISES(PyErr_NoMemory() == NULL, PyExc_MemoryError, "");
    RAISES(PyErr_BadArgument() == 0, PyExc_TypeError, "bad argument type for built-in operation");
    errno = ENOENT;
    RAISES(PyErr_SetFromErrno(PyExc_OSError) == NULL, PyExc_FileNotFoundError,
           "[Errno 2] No such file or directory");
    errno = EACCES;
    RAISES(PyErr_SetFromErrnoWithFilename(PyExc_OSError, "name") == NULL, PyExc_PermissionError,
           "[Errno 13] Permission denied: 'name'");
    errno = EXDEV;
    PyObject *name = V("'a'"), *other = V("'b'");
    RAISES(PyErr_SetFromErrnoWithFilenameObjects(PyExc_OSError, name, other) == NULL, PyExc_OSError,
           "[Errno 18] Invalid cross-device link: 'a' -> 'b'");
    RAISES(PyErr_SetImportError(name, other, NULL) == NULL, PyExc_ImportError, "a");
    RAISES(PyErr_SetImportErrorSubclass(PyExc_KeyError, name, other, NULL) == NULL,
           PyExc_TypeError, "expected a subclass of ImportError");
    /* Context, cause, notes of the state. */
    PyErr_SetString(PyExc_ValueError, "first");
    PyObject *first = PyErr_GetRaisedException();
    CHECK(first != NULL && PyErr_GetRaisedException() == NULL);
    PyErr_SetHandledException(first);
    CHECK(PyErr_GetHandledException() == first && Py_REFCNT(first) >= 2);
    Py_DECREF(first);
    PyErr_SetString(PyExc_TypeError, "second");
    PyObject *second = PyErr_GetRaisedException();
    PyObject *context = PyException_GetContext(second);
    CHECK(context == first);
    Py_XDECREF(context);
    PyErr_SetHandledException(NULL);
    PyException_SetCause(second, Py_NewRef(first));
    PyObject *cause = PyException_GetCause(second);
    CHECK(cause == first && PyException_GetTraceback(second) == NULL);
    Py_XDECREF(cause);
    EQ(PyException_GetArgs(second), "('second',)");
    PyException_SetArgs(second, value);
    EQ(PyObject_Repr(second), "\"TypeError('x', 1)\"");
    RAISES(PyException_SetTraceback(second, one) == -1, PyExc_TypeError,
           "__traceback__ must be a traceback or None");
    CHECK(PyErr_GivenExceptionMatches(second, PyExc_TypeError));
    PyObject *both = PyTuple_Pack(2, PyExc_KeyError, PyExc_TypeError);
    CHECK(PyErr_GivenExceptionMatches(second, both));
    CHECK(!PyErr_GivenExceptionMatches(NULL, both));
    Py_DECREF(both);
    Py_DECREF(first);
    Py_DECREF(second);
    /* New classes. */
    PyObject *cls = PyErr_NewExceptionWithDoc("pkg.MyError", "My doc.", PyExc_ValueError, NULL);
    FINE(cls != NULL && PyExceptionClass_Check(cls));
    EQ(capi_eval("(a.__name__, a.__module__, a.__doc__, a.__base__)", cls, NULL, NULL),
       "('MyError', 'pkg', 'My doc.', ValueError)");
    CHECK(strcmp(PyExceptionClass_Name(cls), "MyError") == 0);
    RAISES(PyErr_NewException("nodot", NULL, NULL) == NULL, PyExc_SystemError,
           "PyErr_NewException: name must be module.class");
    Py_DECREF(cls);
    /* Decoding errors, warnings, interruptions. */
    PyObject *decode = PyUnicodeDecodeError_Create("utf-8", "a\xff", 2, 1, 2, "why");
    Py_ssize_t where;
    FINE(PyUnicodeDecodeError_GetStart(decode, &where) == 0 && where == 1);
    FINE(PyUnicodeDecodeError_GetEnd(decode, &where) == 0 && where == 2);
    EQ(PyUnicodeDecodeError_GetObject(decode), "b'a\\xff'");
    EQ(PyUnicodeDecodeError_GetReason(decode), "'why'");
    EQ(PyCodec_IgnoreErrors(decode), "('', 2)");
    EQ(PyCodec_ReplaceErrors(decode), "('\\ufffd', 2)");
    EQ(PyCodec_BackslashReplaceErrors(decode), "('\\\\xff', 2)");
    FINE(PyUnicodeDecodeError_SetStart(decode, 0) == 0);
    RAISES(PyCodec_StrictErrors(decode) == NULL, PyExc_UnicodeDecodeError, NULL);
    Py_DECREF(decode);
    FINE(PyErr_CheckSignals() == 0);
    Py_DECREF(name);
    Py_DECREF(other);
    Py_DECREF(value);
    Py_DECREF(one);
}

static const struct unit_test tests[] = {
    {"heap type", test_heap_type},
    {"types from specs", test_from_spec},
    {"static type", test_static_type},
    {"modules", test_modules},
    {"capsules", test_capsule},
    {"buffers", test_buffers},
    {"exceptions", test_errors},
};

CAPI_MAIN(tests)
