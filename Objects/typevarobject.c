/* typevarobject.c - type variables (TypeVar, ParamSpec, TypeVarTuple), type aliases and Generic:
 * what the syntax of PEP 695 makes and the module typing gives out.
 *
 * Bounds, constraints and alias values of the syntax are functions that are called once, when the
 * value is asked for.  What needs more than C is done by functions of the module typing, which is
 * imported at that time.  Generic is a heap type of each interpreter (its attributes can be set),
 * the others are shared static types.
 *
 * Written from PEP 484, 612, 646, 695, the library reference (typing) and observed messages.
 */
#include "Python.h"
#include "pycore_frame.h"       // _PyInterpreterFrame
#include "pycore_genericalias.h" // _Py_make_parameters()
#include "pycore_interp.h"      // types.generic_type
#include "pycore_object.h"      // _PyObject_GC_TRACK()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _Py_TPFLAGS_LIKE_HEAPTYPE
#include "pycore_typevarobject.h"
#include "pycore_unionobject.h" // _Py_union_type_or()

/* A TypeVar, ParamSpec or TypeVarTuple.  What a kind does not have stays NULL or false: only a
   TypeVar has constraints and computes its bound late, a TypeVarTuple has neither bound nor
   variance. */
typedef struct {
    PyObject_HEAD
    PyObject *name;
    PyObject *bound;                    /* NULL: none, or not computed yet */
    PyObject *evaluate_bound;           /* function that gives it, or NULL */
    PyObject *constraints;              /* tuple, likewise */
    PyObject *evaluate_constraints;
    PyObject *dict;                     /* other attributes: __module__ */
    PyObject *weakreflist;
    bool covariant;
    bool contravariant;
    bool infer_variance;
} typeparamobject;

/* P.args and P.kwargs */
typedef struct {
    PyObject_HEAD
    PyObject *origin;                   /* the ParamSpec */
    PyObject *weakreflist;
} paramspecattrobject;

typedef struct {
    PyObject_HEAD
    PyObject *name;
    PyObject *type_params;              /* tuple or NULL */
    PyObject *compute_value;            /* function, NULL when the value was given */
    PyObject *value;                    /* NULL while not computed */
    PyObject *module;                   /* of aliases made by a call, or NULL */
} typealiasobject;

#include "sig/typevarobject.sig.h"

/* ------------------------------------------------------------------- help from typing */

/* typing.name: new reference. */
static PyObject *
typing_attribute(const char *name)
{
    PyObject *typing = PyImport_ImportModule("typing");
    if (typing == NULL) {
        return NULL;
    }
    PyObject *value = PyObject_GetAttrString(typing, name);
    Py_DECREF(typing);
    return value;
}

/* typing.name(*args): new reference. */
static PyObject *
call_typing(const char *name, PyObject *const *args, size_t nargs)
{
    PyObject *func = typing_attribute(name);
    if (func == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_Vectorcall(func, args, nargs, NULL);
    Py_DECREF(func);
    return result;
}

/* Something usable as a type: what typing makes of it (strings become forward references). */
static PyObject *
type_check(PyObject *arg, const char *msg)
{
    if (Py_IsNone(arg)) {
        return Py_NewRef(Py_TYPE(arg));
    }
    PyObject *message = PyUnicode_FromString(msg);
    if (message == NULL) {
        return NULL;
    }
    PyObject *args[2] = {arg, message};
    PyObject *result = call_typing("_type_check", args, 2);
    Py_DECREF(message);
    return result;
}

/* X | Y with forward references and the like: typing.Union. */
static PyObject *
make_union(PyObject *self, PyObject *other)
{
    PyObject *args[2] = {self, other};
    return call_typing("_make_union", args, 2);
}

/* The module of the function that called: new reference, None if there is none. */
static PyObject *
caller(void)
{
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(_PyThreadState_GET());
    if (frame == NULL || frame->f_funcobj == NULL || !PyFunction_Check(frame->f_funcobj)) {
        Py_RETURN_NONE;
    }
    PyObject *module = PyFunction_GET_MODULE(frame->f_funcobj);
    return Py_NewRef(module == NULL ? Py_None : module);
}

/* typing.Unpack[self] */
static PyObject *
unpack(PyObject *self)
{
    PyObject *unpack = typing_attribute("Unpack");
    if (unpack == NULL) {
        return NULL;
    }
    PyObject *unpacked = PyObject_GetItem(unpack, self);
    Py_DECREF(unpack);
    return unpacked;
}

/* The parameters with every TypeVarTuple unpacked: new tuple. */
static PyObject *
unpack_typevartuples(PyObject *params)
{
    assert(PyTuple_Check(params));
    Py_ssize_t n = PyTuple_GET_SIZE(params);
    PyObject *result = PyTuple_New(n);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        PyObject *param = PyTuple_GET_ITEM(params, i);
        PyObject *item = Py_IS_TYPE(param, &_PyTypeVarTuple_Type) ? unpack(param)
                                                                  : Py_NewRef(param);
        if (item == NULL) {
            Py_CLEAR(result);
        }
        else {
            PyTuple_SET_ITEM(result, i, item);
        }
    }
    return result;
}

/* __mro_entries__ of what is no base class. */
static PyObject *
refuse_subclass(PyObject *self, PyObject *Py_UNUSED(args))
{
    PyErr_Format(PyExc_TypeError, "Cannot subclass an instance of %s",
                 _PyType_Name(Py_TYPE(self)));
    return NULL;
}

static int
check_variance(int covariant, int contravariant, int infer_variance)
{
    if (covariant && contravariant) {
        PyErr_SetString(PyExc_ValueError, "Bivariant types are not supported.");
        return -1;
    }
    if (infer_variance && (covariant || contravariant)) {
        PyErr_SetString(PyExc_ValueError, "Variance cannot be specified with infer_variance.");
        return -1;
    }
    return 0;
}

/* The value of a lazily computed field: new reference; NULL without exception: none. */
static PyObject *
lazy_value(PyObject **value, PyObject *compute)
{
    if (*value == NULL && compute != NULL) {
        PyObject *computed = PyObject_CallNoArgs(compute);
        if (computed == NULL) {
            return NULL;
        }
        Py_XSETREF(*value, computed);
    }
    return Py_XNewRef(*value);
}

/* ------------------------------------------------------------- what the three kinds share */

#define TP(op) ((typeparamobject *)(op))

static void
typeparam_dealloc(PyObject *self)
{
    _PyObject_GC_UNTRACK(self);
    if (TP(self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_TYPE(self)->tp_clear(self);
    Py_DECREF(TP(self)->name);
    Py_TYPE(self)->tp_free(self);
}

static int
typeparam_traverse(PyObject *self, visitproc visit, void *arg)
{
    typeparamobject *tp = TP(self);
    Py_VISIT(tp->bound);
    Py_VISIT(tp->evaluate_bound);
    Py_VISIT(tp->constraints);
    Py_VISIT(tp->evaluate_constraints);
    Py_VISIT(tp->dict);
    return 0;
}

static int
typeparam_clear(PyObject *self)
{
    typeparamobject *tp = TP(self);
    Py_CLEAR(tp->bound);
    Py_CLEAR(tp->evaluate_bound);
    Py_CLEAR(tp->constraints);
    Py_CLEAR(tp->evaluate_constraints);
    Py_CLEAR(tp->dict);
    return 0;
}

/* repr() of a TypeVar or ParamSpec: the name with a mark for its variance. */
static PyObject *
typeparam_repr(PyObject *self)
{
    typeparamobject *tp = TP(self);
    if (tp->infer_variance) {
        return Py_NewRef(tp->name);
    }
    char mark = tp->covariant ? '+' : tp->contravariant ? '-' : '~';
    return PyUnicode_FromFormat("%c%U", mark, tp->name);
}

/* A type parameter of that kind with a name (and __module__, if module is not NULL): new
   reference. */
static typeparamobject *
typeparam_alloc(PyTypeObject *kind, PyObject *name, PyObject *module)
{
    assert(PyUnicode_Check(name));
    typeparamobject *tp = TP(PyType_GenericAlloc(kind, 0));
    if (tp == NULL) {
        return NULL;
    }
    tp->name = Py_NewRef(name);
    if (module != NULL && PyObject_SetAttr((PyObject *)tp, &_Py_ID(__module__), module) < 0) {
        Py_CLEAR(tp);
    }
    return tp;
}

/* The same for a call from Python: its module is that of the caller. */
static typeparamobject *
typeparam_new(PyTypeObject *kind, PyObject *name)
{
    PyObject *module = caller();
    typeparamobject *tp = typeparam_alloc(kind, name, module);
    Py_DECREF(module);
    return tp;
}

static void
set_variance(typeparamobject *tp, int covariant, int contravariant, int infer_variance)
{
    tp->covariant = covariant != 0;
    tp->contravariant = contravariant != 0;
    tp->infer_variance = infer_variance != 0;
}

/*sig typeparam.__reduce__(self)
*/
static PyObject *
typeparam___reduce___impl(typeparamobject *self)
{
    return Py_NewRef(self->name);
}

#define TYPEPARAM_NAME \
    {"__name__", _Py_T_OBJECT, offsetof(typeparamobject, name), Py_READONLY}

#define TYPEPARAM_VARIANCE                                                              \
    {"__covariant__", Py_T_BOOL, offsetof(typeparamobject, covariant), Py_READONLY},    \
    {"__contravariant__", Py_T_BOOL, offsetof(typeparamobject, contravariant), Py_READONLY}, \
    {"__infer_variance__", Py_T_BOOL, offsetof(typeparamobject, infer_variance), Py_READONLY}

#define TYPEPARAM_SLOTS                                     \
    .tp_basicsize = sizeof(typeparamobject),                \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | _Py_TPFLAGS_LIKE_HEAPTYPE, \
    .tp_dealloc = typeparam_dealloc,                        \
    .tp_traverse = typeparam_traverse,                      \
    .tp_clear = typeparam_clear,                            \
    .tp_dictoffset = offsetof(typeparamobject, dict),       \
    .tp_weaklistoffset = offsetof(typeparamobject, weakreflist), \
    .tp_alloc = PyType_GenericAlloc,                        \
    .tp_free = PyObject_GC_Del

/* ------------------------------------------------------------------------------ TypeVar */

static _Py_SHARED PyMemberDef typevar_members[] = {
    TYPEPARAM_NAME,
    TYPEPARAM_VARIANCE,
    {NULL}
};

static PyObject *
typevar_bound(PyObject *self, void *Py_UNUSED(unused))
{
    PyObject *bound = lazy_value(&TP(self)->bound, TP(self)->evaluate_bound);
    if (bound == NULL && !PyErr_Occurred()) {
        Py_RETURN_NONE;
    }
    return bound;
}

static PyObject *
typevar_constraints(PyObject *self, void *Py_UNUSED(unused))
{
    PyObject *constraints = lazy_value(&TP(self)->constraints, TP(self)->evaluate_constraints);
    if (constraints == NULL && !PyErr_Occurred()) {
        return PyTuple_New(0);
    }
    return constraints;
}

static _Py_SHARED PyGetSetDef typevar_getset[] = {
    {"__bound__", typevar_bound, NULL, NULL, NULL},
    {"__constraints__", typevar_constraints, NULL, NULL, NULL},
    {NULL}
};

/*sig typevar.__new__(type, name: unicode, *constraints, bound=None, covariant: bool = False,
                       contravariant: bool = False, infer_variance: bool = False)

Create a TypeVar.
*/
static PyObject *
typevar_new_impl(PyTypeObject *Py_UNUSED(type), PyObject *name, PyObject *constraints,
                 PyObject *bound, int covariant, int contravariant, int infer_variance)
{
    if (check_variance(covariant, contravariant, infer_variance) < 0) {
        return NULL;
    }
    assert(PyTuple_CheckExact(constraints));
    Py_ssize_t n_constraints = PyTuple_GET_SIZE(constraints);
    bound = Py_IsNone(bound) ? NULL : type_check(bound, "Bound must be a type.");
    if (bound == NULL && PyErr_Occurred()) {
        return NULL;
    }
    typeparamobject *tv = NULL;
    if (n_constraints == 1) {
        PyErr_SetString(PyExc_TypeError, "A single constraint is not allowed");
    }
    else if (n_constraints > 0 && bound != NULL) {
        PyErr_SetString(PyExc_TypeError, "Constraints cannot be combined with bound=...");
    }
    else {
        tv = typeparam_new(&_PyTypeVar_Type, name);
    }
    if (tv == NULL) {
        Py_XDECREF(bound);
        return NULL;
    }
    tv->bound = bound;
    tv->constraints = n_constraints == 0 ? NULL : Py_NewRef(constraints);
    set_variance(tv, covariant, contravariant, infer_variance);
    return (PyObject *)tv;
}

/*sig typevar.__typing_subst__(self, arg)
*/
static PyObject *
typevar___typing_subst___impl(typeparamobject *self, PyObject *arg)
{
    PyObject *args[2] = {(PyObject *)self, arg};
    return call_typing("_typevar_subst", args, 2);
}

static _Py_SHARED PyMethodDef typevar_methods[] = {
    TYPEVAR___TYPING_SUBST___METHODDEF
    TYPEPARAM___REDUCE___METHODDEF
    {"__mro_entries__", refuse_subclass, METH_O, NULL},
    {NULL}
};

static _Py_SHARED PyNumberMethods union_as_number = {
    .nb_or = make_union,
};

PyDoc_STRVAR(typevar_doc,
"Type variable.\n"
"\n"
"The preferred way to construct a type variable is via the dedicated\n"
"syntax for generic functions, classes, and type aliases::\n"
"\n"
"    class Sequence[T]:  # T is a TypeVar\n"
"        ...\n"
"\n"
"This syntax can also be used to create bound and constrained type\n"
"variables::\n"
"\n"
"    # S is a TypeVar bound to str\n"
"    class StrSequence[S: str]:\n"
"        ...\n"
"\n"
"    # A is a TypeVar constrained to str or bytes\n"
"    class StrOrBytesSequence[A: (str, bytes)]:\n"
"        ...\n"
"\n"
"However, if desired, reusable type variables can also be constructed\n"
"manually, like so::\n"
"\n"
"   T = TypeVar('T')  # Can be anything\n"
"   S = TypeVar('S', bound=str)  # Can be any subtype of str\n"
"   A = TypeVar('A', str, bytes)  # Must be exactly str or bytes\n"
"\n"
"Type variables exist primarily for the benefit of static type\n"
"checkers.  They serve as the parameters for generic types as well\n"
"as for generic function and type alias definitions.\n"
"\n"
"The variance of type variables is inferred by type checkers when they\n"
"are created through the type parameter syntax and when\n"
"``infer_variance=True`` is passed. Manually created type variables may\n"
"be explicitly marked covariant or contravariant by passing\n"
"``covariant=True`` or ``contravariant=True``. By default, manually\n"
"created type variables are invariant. See PEP 484 and PEP 695 for more\n"
"details.\n");

_Py_SHARED PyTypeObject _PyTypeVar_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "typing.TypeVar",
    TYPEPARAM_SLOTS,
    .tp_doc = typevar_doc,
    .tp_repr = typeparam_repr,
    .tp_as_number = &union_as_number,
    .tp_methods = typevar_methods,
    .tp_members = typevar_members,
    .tp_getset = typevar_getset,
    .tp_new = typevar_new,
};

/* ------------------------------------------------------------------- P.args and P.kwargs */

#define PSA(op) ((paramspecattrobject *)(op))

static void
paramspecattr_dealloc(PyObject *self)
{
    _PyObject_GC_UNTRACK(self);
    if (PSA(self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_XDECREF(PSA(self)->origin);
    Py_TYPE(self)->tp_free(self);
}

static int
paramspecattr_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(PSA(self)->origin);
    return 0;
}

static int
paramspecattr_clear(PyObject *self)
{
    Py_CLEAR(PSA(self)->origin);
    return 0;
}

static PyObject *
paramspecattr_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!Py_IS_TYPE(a, Py_TYPE(b)) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyObject_RichCompare(PSA(a)->origin, PSA(b)->origin, op);
}

static _Py_SHARED PyMemberDef paramspecattr_members[] = {
    {"__origin__", _Py_T_OBJECT, offsetof(paramspecattrobject, origin), Py_READONLY},
    {NULL}
};

static PyObject *
paramspecattr_new(PyTypeObject *type, PyObject *origin)
{
    PyObject *psa = PyType_GenericAlloc(type, 0);
    if (psa != NULL) {
        PSA(psa)->origin = Py_NewRef(origin);
    }
    return psa;
}

static PyObject *
paramspecattr_repr(PyObject *self)
{
    PyObject *origin = PSA(self)->origin;
    const char *what = Py_IS_TYPE(self, &_PyParamSpecArgs_Type) ? "args" : "kwargs";
    if (Py_IS_TYPE(origin, &_PyParamSpec_Type)) {
        return PyUnicode_FromFormat("%U.%s", TP(origin)->name, what);
    }
    return PyUnicode_FromFormat("%R.%s", origin, what);
}

/*sig paramspecargs.__new__(type, origin)

Create a ParamSpecArgs object.
*/
static PyObject *
paramspecargs_new_impl(PyTypeObject *type, PyObject *origin)
{
    return paramspecattr_new(type, origin);
}

/*sig paramspeckwargs.__new__(type, origin)

Create a ParamSpecKwargs object.
*/
static PyObject *
paramspeckwargs_new_impl(PyTypeObject *type, PyObject *origin)
{
    return paramspecattr_new(type, origin);
}

static _Py_SHARED PyMethodDef paramspecattr_methods[] = {
    {"__mro_entries__", refuse_subclass, METH_O, NULL},
    {NULL}
};

#define PARAMSPECATTR_SLOTS                             \
    .tp_basicsize = sizeof(paramspecattrobject),        \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | _Py_TPFLAGS_LIKE_HEAPTYPE, \
    .tp_dealloc = paramspecattr_dealloc,                \
    .tp_traverse = paramspecattr_traverse,              \
    .tp_clear = paramspecattr_clear,                    \
    .tp_repr = paramspecattr_repr,                      \
    .tp_richcompare = paramspecattr_richcompare,        \
    .tp_methods = paramspecattr_methods,                \
    .tp_members = paramspecattr_members,                \
    .tp_weaklistoffset = offsetof(paramspecattrobject, weakreflist), \
    .tp_alloc = PyType_GenericAlloc,                    \
    .tp_free = PyObject_GC_Del

PyDoc_STRVAR(paramspecargs_doc,
"The args for a ParamSpec object.\n"
"\n"
"Given a ParamSpec object P, P.args is an instance of ParamSpecArgs.\n"
"\n"
"ParamSpecArgs objects have a reference back to their ParamSpec::\n"
"\n"
"    >>> P = ParamSpec(\"P\")\n"
"    >>> P.args.__origin__ is P\n"
"    True\n"
"\n"
"This type is meant for runtime introspection and has no special meaning\n"
"to static type checkers.\n");

_Py_SHARED PyTypeObject _PyParamSpecArgs_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "typing.ParamSpecArgs",
    PARAMSPECATTR_SLOTS,
    .tp_doc = paramspecargs_doc,
    .tp_new = paramspecargs_new,
};

PyDoc_STRVAR(paramspeckwargs_doc,
"The kwargs for a ParamSpec object.\n"
"\n"
"Given a ParamSpec object P, P.kwargs is an instance of ParamSpecKwargs.\n"
"\n"
"ParamSpecKwargs objects have a reference back to their ParamSpec::\n"
"\n"
"    >>> P = ParamSpec(\"P\")\n"
"    >>> P.kwargs.__origin__ is P\n"
"    True\n"
"\n"
"This type is meant for runtime introspection and has no special meaning\n"
"to static type checkers.\n");

_Py_SHARED PyTypeObject _PyParamSpecKwargs_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "typing.ParamSpecKwargs",
    PARAMSPECATTR_SLOTS,
    .tp_doc = paramspeckwargs_doc,
    .tp_new = paramspeckwargs_new,
};

/* ------------------------------------------------------------------------------ ParamSpec */

static _Py_SHARED PyMemberDef paramspec_members[] = {
    TYPEPARAM_NAME,
    {"__bound__", _Py_T_OBJECT, offsetof(typeparamobject, bound), Py_READONLY},
    TYPEPARAM_VARIANCE,
    {NULL}
};

static PyObject *
paramspec_args(PyObject *self, void *Py_UNUSED(unused))
{
    return paramspecattr_new(&_PyParamSpecArgs_Type, self);
}

static PyObject *
paramspec_kwargs(PyObject *self, void *Py_UNUSED(unused))
{
    return paramspecattr_new(&_PyParamSpecKwargs_Type, self);
}

static _Py_SHARED PyGetSetDef paramspec_getset[] = {
    {"args", paramspec_args, NULL, PyDoc_STR("Represents positional arguments."), NULL},
    {"kwargs", paramspec_kwargs, NULL, PyDoc_STR("Represents keyword arguments."), NULL},
    {NULL}
};

/*sig paramspec.__new__(type, name: unicode, *, bound=None, covariant: bool = False,
                         contravariant: bool = False, infer_variance: bool = False)

Create a ParamSpec object.
*/
static PyObject *
paramspec_new_impl(PyTypeObject *Py_UNUSED(type), PyObject *name, PyObject *bound,
                   int covariant, int contravariant, int infer_variance)
{
    if (check_variance(covariant, contravariant, infer_variance) < 0) {
        return NULL;
    }
    bound = type_check(bound, "Bound must be a type.");
    if (bound == NULL) {
        return NULL;
    }
    typeparamobject *ps = typeparam_new(&_PyParamSpec_Type, name);
    if (ps == NULL) {
        Py_DECREF(bound);
        return NULL;
    }
    ps->bound = bound;
    set_variance(ps, covariant, contravariant, infer_variance);
    return (PyObject *)ps;
}

/*sig paramspec.__typing_subst__(self, arg)
*/
static PyObject *
paramspec___typing_subst___impl(typeparamobject *self, PyObject *arg)
{
    PyObject *args[2] = {(PyObject *)self, arg};
    return call_typing("_paramspec_subst", args, 2);
}

/*sig paramspec.__typing_prepare_subst__(self, alias, args)
*/
static PyObject *
paramspec___typing_prepare_subst___impl(typeparamobject *self, PyObject *alias, PyObject *args)
{
    PyObject *stack[3] = {(PyObject *)self, alias, args};
    return call_typing("_paramspec_prepare_subst", stack, 3);
}

static _Py_SHARED PyMethodDef paramspec_methods[] = {
    PARAMSPEC___TYPING_SUBST___METHODDEF
    PARAMSPEC___TYPING_PREPARE_SUBST___METHODDEF
    TYPEPARAM___REDUCE___METHODDEF
    {"__mro_entries__", refuse_subclass, METH_O, NULL},
    {NULL}
};

PyDoc_STRVAR(paramspec_doc,
"Parameter specification variable.\n"
"\n"
"The preferred way to construct a parameter specification is via the\n"
"dedicated syntax for generic functions, classes, and type aliases,\n"
"where the use of '**' creates a parameter specification::\n"
"\n"
"    type IntFunc[**P] = Callable[P, int]\n"
"\n"
"For compatibility with Python 3.11 and earlier, ParamSpec objects\n"
"can also be created as follows::\n"
"\n"
"    P = ParamSpec('P')\n"
"\n"
"Parameter specification variables exist primarily for the benefit of\n"
"static type checkers.  They are used to forward the parameter types of\n"
"one callable to another callable, a pattern commonly found in\n"
"higher-order functions and decorators.  They are only valid when used\n"
"in ``Concatenate``, or as the first argument to ``Callable``, or as\n"
"parameters for user-defined Generics. See class Generic for more\n"
"information on generic types.\n"
"\n"
"An example for annotating a decorator::\n"
"\n"
"    def add_logging[**P, T](f: Callable[P, T]) -> Callable[P, T]:\n"
"        '''A type-safe decorator to add logging to a function.'''\n"
"        def inner(*args: P.args, **kwargs: P.kwargs) -> T:\n"
"            logging.info(f'{f.__name__} was called')\n"
"            return f(*args, **kwargs)\n"
"        return inner\n"
"\n"
"    @add_logging\n"
"    def add_two(x: float, y: float) -> float:\n"
"        '''Add two numbers together.'''\n"
"        return x + y\n"
"\n"
"Parameter specification variables can be introspected. e.g.::\n"
"\n"
"    >>> P = ParamSpec(\"P\")\n"
"    >>> P.__name__\n"
"    'P'\n"
"\n"
"Note that only parameter specification variables defined in the global\n"
"scope can be pickled.\n");

_Py_SHARED PyTypeObject _PyParamSpec_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "typing.ParamSpec",
    TYPEPARAM_SLOTS,
    .tp_doc = paramspec_doc,
    .tp_repr = typeparam_repr,
    .tp_as_number = &union_as_number,
    .tp_methods = paramspec_methods,
    .tp_members = paramspec_members,
    .tp_getset = paramspec_getset,
    .tp_new = paramspec_new,
};

/* ------------------------------------------------------------------------- TypeVarTuple */

/* *Ts in a subscript is one item: Unpack[Ts]. */
static PyObject *
typevartuple_iter(PyObject *self)
{
    PyObject *unpacked = unpack(self);
    if (unpacked == NULL) {
        return NULL;
    }
    PyObject *tuple = PyTuple_Pack(1, unpacked);
    Py_DECREF(unpacked);
    if (tuple == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_GetIter(tuple);
    Py_DECREF(tuple);
    return result;
}

static PyObject *
typevartuple_repr(PyObject *self)
{
    return Py_NewRef(TP(self)->name);
}

static _Py_SHARED PyMemberDef typevartuple_members[] = {
    TYPEPARAM_NAME,
    {NULL}
};

/*sig typevartuple.__new__(type, name: unicode)

Create a new TypeVarTuple with the given name.
*/
static PyObject *
typevartuple_new_impl(PyTypeObject *Py_UNUSED(type), PyObject *name)
{
    return (PyObject *)typeparam_new(&_PyTypeVarTuple_Type, name);
}

/*sig typevartuple.__typing_subst__(self, arg)
*/
static PyObject *
typevartuple___typing_subst___impl(typeparamobject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    PyErr_SetString(PyExc_TypeError, "Substitution of bare TypeVarTuple is not supported");
    return NULL;
}

/*sig typevartuple.__typing_prepare_subst__(self, alias, args)
*/
static PyObject *
typevartuple___typing_prepare_subst___impl(typeparamobject *self, PyObject *alias,
                                           PyObject *args)
{
    PyObject *stack[3] = {(PyObject *)self, alias, args};
    return call_typing("_typevartuple_prepare_subst", stack, 3);
}

static _Py_SHARED PyMethodDef typevartuple_methods[] = {
    TYPEVARTUPLE___TYPING_SUBST___METHODDEF
    TYPEVARTUPLE___TYPING_PREPARE_SUBST___METHODDEF
    TYPEPARAM___REDUCE___METHODDEF
    {"__mro_entries__", refuse_subclass, METH_O, NULL},
    {NULL}
};

PyDoc_STRVAR(typevartuple_doc,
"Type variable tuple. A specialized form of type variable that enables\n"
"variadic generics.\n"
"\n"
"The preferred way to construct a type variable tuple is via the\n"
"dedicated syntax for generic functions, classes, and type aliases,\n"
"where a single '*' indicates a type variable tuple::\n"
"\n"
"    def move_first_element_to_last[T, *Ts](tup: tuple[T, *Ts]) -> tuple[*Ts, T]:\n"
"        return (*tup[1:], tup[0])\n"
"\n"
"For compatibility with Python 3.11 and earlier, TypeVarTuple objects\n"
"can also be created as follows::\n"
"\n"
"    Ts = TypeVarTuple('Ts')  # Can be given any name\n"
"\n"
"Just as a TypeVar (type variable) is a placeholder for a single type,\n"
"a TypeVarTuple is a placeholder for an *arbitrary* number of types. For\n"
"example, if we define a generic class using a TypeVarTuple::\n"
"\n"
"    class C[*Ts]: ...\n"
"\n"
"Then we can parameterize that class with an arbitrary number of type\n"
"arguments::\n"
"\n"
"    C[int]       # Fine\n"
"    C[int, str]  # Also fine\n"
"    C[()]        # Even this is fine\n"
"\n"
"For more details, see PEP 646.\n"
"\n"
"Note that only TypeVarTuples defined in the global scope can be\n"
"pickled.\n");

_Py_SHARED PyTypeObject _PyTypeVarTuple_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "typing.TypeVarTuple",
    TYPEPARAM_SLOTS,
    .tp_doc = typevartuple_doc,
    .tp_repr = typevartuple_repr,
    .tp_iter = typevartuple_iter,
    .tp_methods = typevartuple_methods,
    .tp_members = typevartuple_members,
    .tp_new = typevartuple_new,
};

/* ------------------------------------------------------------- for the intrinsics */

PyObject *
_Py_make_typevar(PyObject *name, PyObject *evaluate_bound, PyObject *evaluate_constraints)
{
    typeparamobject *tv = typeparam_alloc(&_PyTypeVar_Type, name, NULL);
    if (tv != NULL) {
        tv->evaluate_bound = Py_XNewRef(evaluate_bound);
        tv->evaluate_constraints = Py_XNewRef(evaluate_constraints);
        tv->infer_variance = true;
    }
    return (PyObject *)tv;
}

PyObject *
_Py_make_paramspec(PyThreadState *Py_UNUSED(tstate), PyObject *name)
{
    typeparamobject *ps = typeparam_alloc(&_PyParamSpec_Type, name, NULL);
    if (ps != NULL) {
        ps->infer_variance = true;
    }
    return (PyObject *)ps;
}

PyObject *
_Py_make_typevartuple(PyThreadState *Py_UNUSED(tstate), PyObject *name)
{
    return (PyObject *)typeparam_alloc(&_PyTypeVarTuple_Type, name, NULL);
}

/* ------------------------------------------------------------------------- type aliases */

#define TA(op) ((typealiasobject *)(op))

static void
typealias_dealloc(PyObject *self)
{
    _PyObject_GC_UNTRACK(self);
    Py_TYPE(self)->tp_clear(self);
    Py_DECREF(TA(self)->name);
    Py_TYPE(self)->tp_free(self);
}

static int
typealias_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(TA(self)->type_params);
    Py_VISIT(TA(self)->compute_value);
    Py_VISIT(TA(self)->value);
    Py_VISIT(TA(self)->module);
    return 0;
}

static int
typealias_clear(PyObject *self)
{
    Py_CLEAR(TA(self)->type_params);
    Py_CLEAR(TA(self)->compute_value);
    Py_CLEAR(TA(self)->value);
    Py_CLEAR(TA(self)->module);
    return 0;
}

static PyObject *
typealias_repr(PyObject *self)
{
    return Py_NewRef(TA(self)->name);
}

static PyObject *
typealias_value(PyObject *self, void *Py_UNUSED(unused))
{
    return lazy_value(&TA(self)->value, TA(self)->compute_value);
}

static PyObject *
typealias_parameters(PyObject *self, void *Py_UNUSED(unused))
{
    if (TA(self)->type_params == NULL) {
        return PyTuple_New(0);
    }
    return unpack_typevartuples(TA(self)->type_params);
}

static PyObject *
typealias_type_params(PyObject *self, void *Py_UNUSED(unused))
{
    PyObject *params = TA(self)->type_params;
    return params == NULL ? PyTuple_New(0) : Py_NewRef(params);
}

static PyObject *
typealias_module(PyObject *self, void *Py_UNUSED(unused))
{
    typealiasobject *ta = TA(self);
    PyObject *module = ta->module;
    if (module == NULL && ta->compute_value != NULL && PyFunction_Check(ta->compute_value)) {
        module = PyFunction_GET_MODULE(ta->compute_value);
    }
    return Py_NewRef(module == NULL ? Py_None : module);
}

static _Py_SHARED PyMemberDef typealias_members[] = {
    {"__name__", _Py_T_OBJECT, offsetof(typealiasobject, name), Py_READONLY},
    {NULL}
};

static _Py_SHARED PyGetSetDef typealias_getset[] = {
    {"__parameters__", typealias_parameters, NULL, NULL, NULL},
    {"__type_params__", typealias_type_params, NULL, NULL, NULL},
    {"__value__", typealias_value, NULL, NULL, NULL},
    {"__module__", typealias_module, NULL, NULL, NULL},
    {NULL}
};

static PyObject *
typealias_alloc(PyObject *name, PyObject *type_params, PyObject *compute_value, PyObject *value,
                PyObject *module)
{
    PyObject *ta = PyType_GenericAlloc(&_PyTypeAlias_Type, 0);
    if (ta != NULL) {
        TA(ta)->name = Py_NewRef(name);
        TA(ta)->type_params = Py_XNewRef(type_params);
        TA(ta)->compute_value = Py_XNewRef(compute_value);
        TA(ta)->value = Py_XNewRef(value);
        TA(ta)->module = Py_XNewRef(module);
    }
    return ta;
}

static PyObject *
typealias_subscript(PyObject *self, PyObject *args)
{
    if (TA(self)->type_params == NULL) {
        PyErr_SetString(PyExc_TypeError, "Only generic type aliases are subscriptable");
        return NULL;
    }
    return Py_GenericAlias(self, args);
}

/*sig typealias.__new__(type, name: unicode, value, *, type_params = NULL)

Create a TypeAliasType.
*/
static PyObject *
typealias_new_impl(PyTypeObject *Py_UNUSED(type), PyObject *name, PyObject *value,
                   PyObject *type_params)
{
    if (type_params != NULL && !PyTuple_Check(type_params)) {
        PyErr_SetString(PyExc_TypeError, "type_params must be a tuple");
        return NULL;
    }
    if (type_params != NULL && PyTuple_GET_SIZE(type_params) == 0) {
        type_params = NULL;
    }
    PyObject *module = caller();
    PyObject *ta = typealias_alloc(name, type_params, NULL, value,
                                   module == Py_None ? NULL : module);
    Py_DECREF(module);
    return ta;
}

/*sig typealias.__reduce__(self)
*/
static PyObject *
typealias___reduce___impl(typealiasobject *self)
{
    return Py_NewRef(self->name);
}

static _Py_SHARED PyMethodDef typealias_methods[] = {
    TYPEALIAS___REDUCE___METHODDEF
    {NULL}
};

static _Py_SHARED PyNumberMethods typealias_as_number = {
    .nb_or = _Py_union_type_or,
};

static _Py_SHARED PyMappingMethods typealias_as_mapping = {
    .mp_subscript = typealias_subscript,
};

PyDoc_STRVAR(typealias_doc,
"Type alias.\n"
"\n"
"Type aliases are created through the type statement::\n"
"\n"
"    type Alias = int\n"
"\n"
"In this example, Alias and int will be treated equivalently by static\n"
"type checkers.\n"
"\n"
"At runtime, Alias is an instance of TypeAliasType. The __name__\n"
"attribute holds the name of the type alias. The value of the type alias\n"
"is stored in the __value__ attribute. It is evaluated lazily, so the\n"
"value is computed only if the attribute is accessed.\n"
"\n"
"Type aliases can also be generic::\n"
"\n"
"    type ListOrSet[T] = list[T] | set[T]\n"
"\n"
"In this case, the type parameters of the alias are stored in the\n"
"__type_params__ attribute.\n"
"\n"
"See PEP 695 for more information.\n");

_Py_SHARED PyTypeObject _PyTypeAlias_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "typing.TypeAliasType",
    .tp_basicsize = sizeof(typealiasobject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = typealias_doc,
    .tp_dealloc = typealias_dealloc,
    .tp_traverse = typealias_traverse,
    .tp_clear = typealias_clear,
    .tp_repr = typealias_repr,
    .tp_as_number = &typealias_as_number,
    .tp_as_mapping = &typealias_as_mapping,
    .tp_methods = typealias_methods,
    .tp_members = typealias_members,
    .tp_getset = typealias_getset,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = typealias_new,
    .tp_free = PyObject_GC_Del,
};

PyObject *
_Py_make_typealias(PyThreadState *Py_UNUSED(tstate), PyObject *args)
{
    assert(PyTuple_Check(args) && PyTuple_GET_SIZE(args) == 3);
    PyObject *name = PyTuple_GET_ITEM(args, 0);
    assert(PyUnicode_Check(name));
    PyObject *type_params = PyTuple_GET_ITEM(args, 1);
    PyObject *compute_value = PyTuple_GET_ITEM(args, 2);
    assert(PyFunction_Check(compute_value));
    return typealias_alloc(name, type_params == Py_None ? NULL : type_params, compute_value,
                           NULL, NULL);
}

/* ------------------------------------------------------------------------------ Generic */

PyDoc_STRVAR(generic_doc,
"Abstract base class for generic types.\n"
"\n"
"On Python 3.12 and newer, generic classes implicitly inherit from\n"
"Generic when they declare a parameter list after the class's name::\n"
"\n"
"    class Mapping[KT, VT]:\n"
"        def __getitem__(self, key: KT) -> VT:\n"
"            ...\n"
"        # Etc.\n"
"\n"
"On older versions of Python, however, generic classes have to\n"
"explicitly inherit from Generic.\n"
"\n"
"After a class has been declared to be generic, it can then be used as\n"
"follows::\n"
"\n"
"    def lookup_name[KT, VT](mapping: Mapping[KT, VT], key: KT, default: VT) -> VT:\n"
"        try:\n"
"            return mapping[key]\n"
"        except KeyError:\n"
"            return default\n");

PyDoc_STRVAR(generic_class_getitem_doc,
"Parameterizes a generic class.\n"
"\n"
"At least, parameterizing a generic class is the *main* thing this\n"
"method does. For example, for some generic class `Foo`, this is called\n"
"when we do `Foo[int]` - there, with `cls=Foo` and `params=int`.\n"
"\n"
"However, note that this method is also called when defining generic\n"
"classes in the first place with `class Foo[T]: ...`.\n");

/* Calls a function of typing with the class in front of the arguments. */
static PyObject *
call_with_class(const char *name, PyObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *func = typing_attribute(name);
    if (func == NULL) {
        return NULL;
    }
    PyObject *method = PyMethod_New(func, cls);
    Py_DECREF(func);
    if (method == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_Call(method, args, kwargs);
    Py_DECREF(method);
    return result;
}

static PyObject *
generic_init_subclass(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    return call_with_class("_generic_init_subclass", cls, args, kwargs);
}

static PyObject *
generic_class_getitem(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    return call_with_class("_generic_class_getitem", cls, args, kwargs);
}

static _Py_SHARED PyMethodDef generic_methods[] = {
    {"__class_getitem__", _PyCFunction_CAST(generic_class_getitem),
     METH_VARARGS | METH_KEYWORDS | METH_CLASS, generic_class_getitem_doc},
    {"__init_subclass__", _PyCFunction_CAST(generic_init_subclass),
     METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     PyDoc_STR("Function to initialize subclasses.")},
    {NULL}
};

static void
generic_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static int
generic_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static _Py_SHARED PyType_Slot generic_slots[] = {
    {Py_tp_doc, (void *)generic_doc},
    {Py_tp_methods, generic_methods},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_free, PyObject_GC_Del},
    {Py_tp_dealloc, generic_dealloc},
    {Py_tp_traverse, generic_traverse},
    {0, NULL},
};

static _Py_SHARED PyType_Spec generic_spec = {
    .name = "typing.Generic",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = generic_slots,
};

/* Generic of this interpreter: borrowed, or NULL with an exception. */
PyObject *
_Py_GetGenericType(PyInterpreterState *interp)
{
    struct types_state *types = &interp->types;
    if (types->generic_type == NULL) {
        types->generic_type = PyType_FromSpec(&generic_spec);
    }
    return types->generic_type;
}

PyObject *
_Py_subscript_generic(PyThreadState *tstate, PyObject *params)
{
    PyObject *generic = _Py_GetGenericType(tstate->interp);
    if (generic == NULL) {
        return NULL;
    }
    params = unpack_typevartuples(params);
    if (params == NULL) {
        return NULL;
    }
    PyObject *args[2] = {generic, params};
    PyObject *result = call_typing("_GenericAlias", args, 2);
    Py_DECREF(params);
    return result;
}
