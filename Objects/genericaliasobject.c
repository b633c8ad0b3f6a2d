/* types.GenericAlias: list[int] and its kin (PEP 585, 604, 612, 646).
 *
 * An alias has an origin and arguments; its parameters are the type variables in the arguments,
 * found at first need.  Attributes that are not the alias's own are the origin's.  Written from the
 * library reference ("Generic Alias Type"), the PEPs and observed behaviour of 3.12. */
#include "Python.h"
#include "structmember.h"       // T_OBJECT
#include "pycore_ceval.h"
#include "pycore_genericalias.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_strings.h"
#include "pycore_unionobject.h" // _Py_union_type_or()

typedef struct {
    PyObject_HEAD
    PyObject *origin;
    PyObject *args;             /* tuple */
    PyObject *parameters;       /* tuple, or NULL until asked for */
    PyObject *weakreflist;
    int starred;                /* *tuple[int]: unpacked (PEP 646) */
    vectorcallfunc vectorcall;
} gaobject;

typedef struct {
    PyObject_HEAD
    PyObject *obj;              /* the alias, or NULL when exhausted */
} gaiterobject;

static void
ga_dealloc(PyObject *self)
{
    gaobject *alias = (gaobject *)self;
    PyObject_GC_UnTrack(self);
    if (alias->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_XDECREF(alias->origin);
    Py_XDECREF(alias->args);
    Py_XDECREF(alias->parameters);
    Py_TYPE(self)->tp_free(self);
}

static int
ga_traverse(PyObject *self, visitproc visit, void *arg)
{
    gaobject *alias = (gaobject *)self;
    Py_VISIT(alias->origin);
    Py_VISIT(alias->args);
    Py_VISIT(alias->parameters);
    return 0;
}

/* ---- repr ----------------------------------------------------------------------------------- */

/* As types appear in annotations: module.qualname, "..." for Ellipsis, else repr(). */
int
_Py_typing_type_repr(_PyUnicodeWriter *writer, PyObject *p)
{
    PyObject *qualname = NULL, *module = NULL, *r = NULL, *tmp = NULL;
    if (p == Py_Ellipsis) {
        return _PyUnicodeWriter_WriteASCIIString(writer, "...", 3);
    }
    if (_PyObject_LookupAttr(p, &_Py_ID(__origin__), &tmp) < 0) {
        return -1;
    }
    if (tmp != NULL) {
        Py_DECREF(tmp);
        if (_PyObject_LookupAttr(p, &_Py_ID(__args__), &tmp) < 0) {
            return -1;
        }
        if (tmp != NULL) {
            Py_DECREF(tmp);
            goto use_repr;
        }
    }
    if (_PyObject_LookupAttr(p, &_Py_ID(__qualname__), &qualname) < 0) {
        return -1;
    }
    if (qualname == NULL) {
        goto use_repr;
    }
    if (_PyObject_LookupAttr(p, &_Py_ID(__module__), &module) < 0) {
        Py_DECREF(qualname);
        return -1;
    }
    if (module == NULL || module == Py_None) {
        goto use_repr;
    }
    if (PyUnicode_Check(module) && _PyUnicode_EqualToASCIIString(module, "builtins")) {
        r = PyObject_Str(qualname);
    }
    else {
        r = PyUnicode_FromFormat("%S.%S", module, qualname);
    }
    goto write;
use_repr:
    r = PyObject_Repr(p);
write:
    Py_XDECREF(qualname);
    Py_XDECREF(module);
    if (r == NULL) {
        return -1;
    }
    int res = _PyUnicodeWriter_WriteStr(writer, r);
    Py_DECREF(r);
    return res;
}

/* [a, b] inside the arguments, for ParamSpec. */
static int
ga_repr_list(_PyUnicodeWriter *writer, PyObject *p)
{
    assert(PyList_CheckExact(p));
    if (_PyUnicodeWriter_WriteASCIIString(writer, "[", 1) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(p); i++) {
        PyObject *item = Py_NewRef(PyList_GET_ITEM(p, i));
        int res = i > 0 ? _PyUnicodeWriter_WriteASCIIString(writer, ", ", 2) : 0;
        if (res == 0) {
            res = _Py_typing_type_repr(writer, item);
        }
        Py_DECREF(item);
        if (res < 0) {
            return -1;
        }
    }
    return _PyUnicodeWriter_WriteASCIIString(writer, "]", 1);
}

static PyObject *
ga_repr(PyObject *self)
{
    gaobject *alias = (gaobject *)self;
    Py_ssize_t len = PyTuple_GET_SIZE(alias->args);
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    if ((alias->starred && _PyUnicodeWriter_WriteASCIIString(&writer, "*", 1) < 0) ||
        _Py_typing_type_repr(&writer, alias->origin) < 0 ||
        _PyUnicodeWriter_WriteASCIIString(&writer, "[", 1) < 0) {
        goto error;
    }
    for (Py_ssize_t i = 0; i < len; i++) {
        if (i > 0 && _PyUnicodeWriter_WriteASCIIString(&writer, ", ", 2) < 0) {
            goto error;
        }
        PyObject *p = PyTuple_GET_ITEM(alias->args, i);
        int res = PyList_CheckExact(p) ? ga_repr_list(&writer, p)
                                       : _Py_typing_type_repr(&writer, p);
        if (res < 0) {
            goto error;
        }
    }
    if (len == 0 && _PyUnicodeWriter_WriteASCIIString(&writer, "()", 2) < 0) {
        goto error;
    }
    if (_PyUnicodeWriter_WriteASCIIString(&writer, "]", 1) < 0) {
        goto error;
    }
    return _PyUnicodeWriter_Finish(&writer);
error:
    _PyUnicodeWriter_Dealloc(&writer);
    return NULL;
}

/* ---- parameters ------------------------------------------------------------------------------ */

static Py_ssize_t
tuple_index(PyObject *self, Py_ssize_t len, PyObject *item)
{
    for (Py_ssize_t i = 0; i < len; i++) {
        if (PyTuple_GET_ITEM(self, i) == item) {
            return i;
        }
    }
    return -1;
}

/* Appends to `list` the type variables in `t`, each once.  0, or -1 with an error. */
static int
collect_parameters(PyObject *list, PyObject *t)
{
    if (PyType_Check(t)) {
        return 0;
    }
    PyObject *subst, *subparams = NULL;
    if (PyTuple_Check(t) || PyList_Check(t)) {
        Py_ssize_t n = PySequence_Size(t);
        for (Py_ssize_t i = 0; i < n; i++) {
            PyObject *item = PySequence_GetItem(t, i);
            if (item == NULL || collect_parameters(list, item) < 0) {
                Py_XDECREF(item);
                return -1;
            }
            Py_DECREF(item);
        }
        return 0;
    }
    if (_PyObject_LookupAttr(t, &_Py_ID(__typing_subst__), &subst) < 0) {
        return -1;
    }
    if (subst != NULL) {
        Py_DECREF(subst);
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
            if (PyList_GET_ITEM(list, i) == t) {
                return 0;
            }
        }
        return PyList_Append(list, t);
    }
    if (_PyObject_LookupAttr(t, &_Py_ID(__parameters__), &subparams) < 0) {
        return -1;
    }
    int res = 0;
    if (subparams != NULL && PyTuple_Check(subparams)) {
        for (Py_ssize_t i = 0; res == 0 && i < PyTuple_GET_SIZE(subparams); i++) {
            PyObject *param = PyTuple_GET_ITEM(subparams, i);
            int found = PySequence_Contains(list, param);
            res = found < 0 ? -1 : found ? 0 : PyList_Append(list, param);
        }
    }
    Py_XDECREF(subparams);
    return res;
}

/* The type variables in a tuple of arguments: new tuple, or NULL with an error. */
PyObject *
_Py_make_parameters(PyObject *args)
{
    PyObject *list = PyList_New(0);
    if (list == NULL || collect_parameters(list, args) < 0) {
        Py_XDECREF(list);
        return NULL;
    }
    PyObject *parameters = PyList_AsTuple(list);
    Py_DECREF(list);
    return parameters;
}

/* obj[item] with the type variables of obj replaced: new reference, or NULL. */
static PyObject *
subs_tvars(PyObject *obj, PyObject *params, PyObject *const *argitems, Py_ssize_t nargs)
{
    PyObject *subparams;
    if (_PyObject_LookupAttr(obj, &_Py_ID(__parameters__), &subparams) < 0) {
        return NULL;
    }
    if (subparams == NULL || !PyTuple_Check(subparams) || PyTuple_GET_SIZE(subparams) == 0) {
        Py_XDECREF(subparams);
        return Py_NewRef(obj);
    }
    Py_ssize_t nparams = PyTuple_GET_SIZE(params);
    PyObject *subargs = PyList_New(0);
    for (Py_ssize_t i = 0; subargs != NULL && i < PyTuple_GET_SIZE(subparams); i++) {
        PyObject *arg = PyTuple_GET_ITEM(subparams, i);
        Py_ssize_t iparam = tuple_index(params, nparams, arg);
        int res;
        if (iparam >= 0) {
            PyObject *param = PyTuple_GET_ITEM(params, iparam);
            arg = iparam < nargs ? argitems[iparam] : arg;
            if (Py_TYPE(param)->tp_iter != NULL && PyTuple_Check(arg)) {
                /* a TypeVarTuple takes several */
                res = PyList_SetSlice(subargs, PyList_GET_SIZE(subargs), PyList_GET_SIZE(subargs),
                                      arg);
            }
            else {
                res = PyList_Append(subargs, arg);
            }
        }
        else {
            res = PyList_Append(subargs, arg);
        }
        if (res < 0) {
            Py_CLEAR(subargs);
        }
    }
    Py_DECREF(subparams);
    PyObject *tuple = subargs != NULL ? PyList_AsTuple(subargs) : NULL;
    Py_XDECREF(subargs);
    if (tuple == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_GetItem(obj, tuple);
    Py_DECREF(tuple);
    return result;
}

/* Is it an unpacked tuple type: 1, 0, or -1; *result gets its arguments (a new reference). */
static int
unpacked_tuple_args(PyObject *arg, PyObject **result)
{
    *result = NULL;
    if (_PyGenericAlias_Check(arg) && ((gaobject *)arg)->starred &&
        ((gaobject *)arg)->origin == (PyObject *)&PyTuple_Type) {
        *result = Py_NewRef(((gaobject *)arg)->args);
        return 1;
    }
    if (_PyObject_LookupAttr(arg, &_Py_ID(__typing_unpacked_tuple_args__), result) < 0) {
        return -1;
    }
    if (*result == Py_None) {
        Py_CLEAR(*result);
    }
    return *result != NULL;
}

/* The arguments in brackets as a tuple, unpacked tuples spread: new reference, or NULL. */
static PyObject *
unpack_args(PyObject *item)
{
    PyObject *newargs = PyList_New(0);
    if (newargs == NULL) {
        return NULL;
    }
    int is_tuple = PyTuple_Check(item);
    Py_ssize_t nitems = is_tuple ? PyTuple_GET_SIZE(item) : 1;
    for (Py_ssize_t i = 0; i < nitems; i++) {
        PyObject *arg = is_tuple ? PyTuple_GET_ITEM(item, i) : item, *subargs = NULL;
        int unpacked = PyType_Check(arg) ? 0 : unpacked_tuple_args(arg, &subargs);
        if (unpacked < 0) {
            goto error;
        }
        if (unpacked && PyTuple_Check(subargs) &&
            !(PyTuple_GET_SIZE(subargs) > 0 &&
              PyTuple_GET_ITEM(subargs, PyTuple_GET_SIZE(subargs) - 1) == Py_Ellipsis)) {
            int res = PyList_SetSlice(newargs, PyList_GET_SIZE(newargs), PyList_GET_SIZE(newargs),
                                      subargs);
            Py_DECREF(subargs);
            if (res < 0) {
                goto error;
            }
            continue;
        }
        Py_XDECREF(subargs);
        if (PyList_Append(newargs, arg) < 0) {
            goto error;
        }
    }
    PyObject *tuple = PyList_AsTuple(newargs);
    Py_DECREF(newargs);
    return tuple;
error:
    Py_DECREF(newargs);
    return NULL;
}

/* Lets each parameter prepare the arguments (TypeVarTuple, ParamSpec): new reference, or NULL.
 * Takes over `item`. */
static PyObject *
prepare_args(PyObject *self, PyObject *parameters, PyObject *item)
{
    for (Py_ssize_t i = 0; item != NULL && i < PyTuple_GET_SIZE(parameters); i++) {
        PyObject *prepare;
        if (_PyObject_LookupAttr(PyTuple_GET_ITEM(parameters, i),
                                 &_Py_ID(__typing_prepare_subst__), &prepare) < 0) {
            Py_DECREF(item);
            return NULL;
        }
        if (prepare != NULL && prepare != Py_None) {
            PyObject *args = PyTuple_Check(item) ? Py_NewRef(item) : PyTuple_Pack(1, item);
            Py_SETREF(item, args != NULL
                            ? PyObject_CallFunctionObjArgs(prepare, self, args, NULL) : NULL);
            Py_XDECREF(args);
        }
        Py_XDECREF(prepare);
    }
    return item;
}

/* The new arguments of alias[item]: new tuple, or NULL with an error. */
PyObject *
_Py_subs_parameters(PyObject *self, PyObject *args, PyObject *parameters, PyObject *item)
{
    Py_ssize_t nparams = PyTuple_GET_SIZE(parameters);
    if (nparams == 0) {
        return PyErr_Format(PyExc_TypeError, "%R is not a generic class", self);
    }
    item = unpack_args(item);
    item = item != NULL ? prepare_args(self, parameters, item) : NULL;
    if (item == NULL) {
        return NULL;
    }
    int is_tuple = PyTuple_Check(item);
    Py_ssize_t nitems = is_tuple ? PyTuple_GET_SIZE(item) : 1;
    PyObject *const *argitems = is_tuple ? ((PyTupleObject *)item)->ob_item : &item;
    if (nitems != nparams) {
        PyErr_Format(PyExc_TypeError, "Too %s arguments for %R; actual %zd, expected %zd",
                     nitems > nparams ? "many" : "few", self, nitems, nparams);
        Py_DECREF(item);
        return NULL;
    }
    PyObject *newargs = PyList_New(0);
    for (Py_ssize_t i = 0; newargs != NULL && i < PyTuple_GET_SIZE(args); i++) {
        PyObject *arg = PyTuple_GET_ITEM(args, i), *unpack = NULL, *subst = NULL, *value;
        int spread = 0;
        if (!PyType_Check(arg)) {
            if (_PyObject_LookupAttr(arg, &_Py_ID(__typing_is_unpacked_typevartuple__),
                                     &unpack) < 0 ||
                _PyObject_LookupAttr(arg, &_Py_ID(__typing_subst__), &subst) < 0) {
                Py_XDECREF(unpack);
                Py_CLEAR(newargs);
                break;
            }
            spread = unpack != NULL ? PyObject_IsTrue(unpack) : 0;
            Py_XDECREF(unpack);
        }
        if (PyType_Check(arg)) {
            value = Py_NewRef(arg);
        }
        else if (subst != NULL) {
            Py_ssize_t iparam = tuple_index(parameters, nparams, arg);
            assert(iparam >= 0);
            value = PyObject_CallOneArg(subst, argitems[iparam]);
            Py_DECREF(subst);
        }
        else if (PyTuple_Check(arg) || PyList_Check(arg)) {
            PyObject *inner = PySequence_Tuple(arg);
            value = inner != NULL ? _Py_subs_parameters(self, inner, parameters, item) : NULL;
            Py_XDECREF(inner);
        }
        else {
            value = subs_tvars(arg, parameters, argitems, nitems);
        }
        int res = -1;
        if (value != NULL && spread >= 0) {
            res = spread && PyTuple_Check(value)
                ? PyList_SetSlice(newargs, PyList_GET_SIZE(newargs), PyList_GET_SIZE(newargs),
                                  value)
                : PyList_Append(newargs, value);
        }
        Py_XDECREF(value);
        if (res < 0) {
            Py_CLEAR(newargs);
        }
    }
    Py_DECREF(item);
    PyObject *result = newargs != NULL ? PyList_AsTuple(newargs) : NULL;
    Py_XDECREF(newargs);
    return result;
}

/* 0, or -1 with an error. */
static int
ensure_parameters(gaobject *alias)
{
    if (alias->parameters == NULL) {
        alias->parameters = _Py_make_parameters(alias->args);
    }
    return alias->parameters != NULL ? 0 : -1;
}

static PyObject *
ga_getitem(PyObject *self, PyObject *item)
{
    gaobject *alias = (gaobject *)self;
    if (ensure_parameters(alias) < 0) {
        return NULL;
    }
    PyObject *newargs = _Py_subs_parameters(self, alias->args, alias->parameters, item);
    if (newargs == NULL) {
        return NULL;
    }
    PyObject *res = Py_GenericAlias(alias->origin, newargs);
    if (res != NULL) {
        ((gaobject *)res)->starred = alias->starred;
    }
    Py_DECREF(newargs);
    return res;
}

/* ---- calls, attributes, comparison ----------------------------------------------------------- */

static Py_hash_t
ga_hash(PyObject *self)
{
    gaobject *alias = (gaobject *)self;
    Py_hash_t h0 = PyObject_Hash(alias->origin);
    if (h0 == -1) {
        return -1;
    }
    Py_hash_t h1 = PyObject_Hash(alias->args);
    return h1 == -1 ? -1 : h0 ^ h1;
}

/* The new object learns the alias it was made by; not all can. */
static PyObject *
set_orig_class(PyObject *obj, PyObject *self)
{
    if (obj != NULL && PyObject_SetAttr(obj, &_Py_ID(__orig_class__), self) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError) &&
            !PyErr_ExceptionMatches(PyExc_TypeError)) {
            Py_DECREF(obj);
            return NULL;
        }
        PyErr_Clear();
    }
    return obj;
}

static PyObject *
ga_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    return set_orig_class(PyObject_Call(((gaobject *)self)->origin, args, kwds), self);
}

static PyObject *
ga_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (_Py_EnterRecursiveCall(" while calling a Python object")) {
        return NULL;
    }
    PyObject *obj = PyObject_Vectorcall(((gaobject *)self)->origin, args, nargsf, kwnames);
    _Py_LeaveRecursiveCall();
    return set_orig_class(obj, self);
}

static const char *const attr_exceptions[] = {
    "__class__", "__origin__", "__args__", "__unpacked__", "__parameters__",
    "__typing_unpacked_tuple_args__", "__mro_entries__", "__reduce_ex__", "__reduce__",
    "__copy__", "__deepcopy__",
};

static PyObject *
ga_getattro(PyObject *self, PyObject *name)
{
    if (PyUnicode_Check(name)) {
        for (size_t i = 0; i < Py_ARRAY_LENGTH(attr_exceptions); i++) {
            if (_PyUnicode_EqualToASCIIString(name, attr_exceptions[i])) {
                return PyObject_GenericGetAttr(self, name);
            }
        }
        if (_Py_EnterRecursiveCall(" while getting an attribute")) {
            return NULL;
        }
        PyObject *value = PyObject_GetAttr(((gaobject *)self)->origin, name);
        _Py_LeaveRecursiveCall();
        return value;
    }
    return PyObject_GenericGetAttr(self, name);
}

static PyObject *
ga_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!_PyGenericAlias_Check(b) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    gaobject *aa = (gaobject *)a, *bb = (gaobject *)b;
    int eq = aa->starred == bb->starred;
    if (eq) {
        eq = PyObject_RichCompareBool(aa->origin, bb->origin, Py_EQ);
        if (eq > 0) {
            eq = PyObject_RichCompareBool(aa->args, bb->args, Py_EQ);
        }
    }
    return eq < 0 ? NULL : PyBool_FromLong(eq == (op == Py_EQ));
}

static PyObject *
ga_mro_entries(PyObject *self, PyObject *Py_UNUSED(args))
{
    return PyTuple_Pack(1, ((gaobject *)self)->origin);
}

static PyObject *
ga_instancecheck(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
    PyErr_SetString(PyExc_TypeError, "isinstance() argument 2 cannot be a parameterized generic");
    return NULL;
}

static PyObject *
ga_subclasscheck(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
    PyErr_SetString(PyExc_TypeError, "issubclass() argument 2 cannot be a parameterized generic");
    return NULL;
}

static PyObject *
ga_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    gaobject *alias = (gaobject *)self;
    if (alias->starred) {
        PyObject *plain = Py_GenericAlias(alias->origin, alias->args);
        PyObject *it = plain != NULL ? PyObject_GetIter(plain) : NULL;
        Py_XDECREF(plain);
        PyObject *next = it != NULL
            ? PyObject_GetItem(_PyInterpreterState_GET()->builtins, &_Py_ID(next)) : NULL;
        if (next == NULL) {
            Py_XDECREF(it);
            return NULL;
        }
        return Py_BuildValue("N(N)", next, it);
    }
    return Py_BuildValue("O(OO)", Py_TYPE(alias), alias->origin, alias->args);
}

static PyObject *
ga_dir(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *dir = PyObject_Dir(((gaobject *)self)->origin);
    for (size_t i = 0; dir != NULL && i < Py_ARRAY_LENGTH(attr_exceptions); i++) {
        PyObject *name = PyUnicode_FromString(attr_exceptions[i]);
        int has = name != NULL ? PySequence_Contains(dir, name) : -1;
        if (has < 0 || (!has && PyList_Append(dir, name) < 0)) {
            Py_CLEAR(dir);
        }
        Py_XDECREF(name);
    }
    return dir;
}

static PyMethodDef ga_methods[] = {
    {"__mro_entries__", ga_mro_entries, METH_O, NULL},
    {"__instancecheck__", ga_instancecheck, METH_O, NULL},
    {"__subclasscheck__", ga_subclasscheck, METH_O, NULL},
    {"__reduce__", ga_reduce, METH_NOARGS, NULL},
    {"__dir__", ga_dir, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef ga_members[] = {
    {"__origin__", T_OBJECT, offsetof(gaobject, origin), READONLY, NULL},
    {"__args__", T_OBJECT, offsetof(gaobject, args), READONLY, NULL},
    {"__unpacked__", T_BOOL, offsetof(gaobject, starred), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyObject *
ga_parameters(PyObject *self, void *Py_UNUSED(unused))
{
    gaobject *alias = (gaobject *)self;
    return ensure_parameters(alias) < 0 ? NULL : Py_NewRef(alias->parameters);
}

static PyObject *
ga_unpacked_tuple_args(PyObject *self, void *Py_UNUSED(unused))
{
    gaobject *alias = (gaobject *)self;
    if (alias->starred && alias->origin == (PyObject *)&PyTuple_Type) {
        return Py_NewRef(alias->args);
    }
    Py_RETURN_NONE;
}

static PyGetSetDef ga_properties[] = {
    {"__parameters__", ga_parameters, NULL, "Type variables in the GenericAlias.", NULL},
    {"__typing_unpacked_tuple_args__", ga_unpacked_tuple_args, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* Fills in a fresh object: 1, or 0 with an error. */
static int
setup_ga(gaobject *alias, PyObject *origin, PyObject *args)
{
    if (!PyTuple_Check(args)) {
        args = PyTuple_Pack(1, args);
        if (args == NULL) {
            return 0;
        }
    }
    else {
        Py_INCREF(args);
    }
    alias->origin = Py_NewRef(origin);
    alias->args = args;
    alias->parameters = NULL;
    alias->weakreflist = NULL;
    alias->starred = 0;
    alias->vectorcall = PyVectorcall_Function(origin) != NULL ? ga_vectorcall : NULL;
    return 1;
}

static PyObject *
ga_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (!_PyArg_NoKeywords("GenericAlias", kwds) ||
        !_PyArg_CheckPositional("GenericAlias", PyTuple_GET_SIZE(args), 2, 2)) {
        return NULL;
    }
    gaobject *self = (gaobject *)type->tp_alloc(type, 0);
    if (self != NULL && !setup_ga(self, PyTuple_GET_ITEM(args, 0), PyTuple_GET_ITEM(args, 1))) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static PyNumberMethods ga_as_number = {
    .nb_or = _Py_union_type_or,
};

static PyMappingMethods ga_as_mapping = {
    .mp_subscript = ga_getitem,
};

/* ---- *alias ---------------------------------------------------------------------------------- */

static PyObject *
ga_iternext(gaiterobject *gi)
{
    if (gi->obj == NULL) {
        return NULL;
    }
    gaobject *alias = (gaobject *)gi->obj;
    PyObject *starred = Py_GenericAlias(alias->origin, alias->args);
    if (starred == NULL) {
        return NULL;
    }
    ((gaobject *)starred)->starred = 1;
    Py_CLEAR(gi->obj);
    return starred;
}

static void
ga_iter_dealloc(gaiterobject *gi)
{
    PyObject_GC_UnTrack(gi);
    Py_XDECREF(gi->obj);
    PyObject_GC_Del(gi);
}

static int
ga_iter_traverse(gaiterobject *gi, visitproc visit, void *arg)
{
    Py_VISIT(gi->obj);
    return 0;
}

static int
ga_iter_clear(gaiterobject *gi)
{
    Py_CLEAR(gi->obj);
    return 0;
}

static PyObject *
ga_iter_reduce(gaiterobject *gi, PyObject *Py_UNUSED(ignored))
{
    PyObject *iter = PyObject_GetItem(_PyInterpreterState_GET()->builtins, &_Py_ID(iter));
    if (iter == NULL) {
        return NULL;
    }
    return gi->obj != NULL ? Py_BuildValue("N(O)", iter, gi->obj) : Py_BuildValue("N(())", iter);
}

static PyMethodDef ga_iter_methods[] = {
    {"__reduce__", (PyCFunction)ga_iter_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

_Py_SHARED PyTypeObject _Py_GenericAliasIterType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "generic_alias_iterator",
    .tp_basicsize = sizeof(gaiterobject),
    .tp_dealloc = (destructor)ga_iter_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)ga_iter_traverse,
    .tp_clear = (inquiry)ga_iter_clear,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)ga_iternext,
    .tp_methods = ga_iter_methods,
};

static PyObject *
ga_iter(PyObject *self)
{
    gaiterobject *gi = PyObject_GC_New(gaiterobject, &_Py_GenericAliasIterType);
    if (gi == NULL) {
        return NULL;
    }
    gi->obj = Py_NewRef(self);
    PyObject_GC_Track(gi);
    return (PyObject *)gi;
}

PyDoc_STRVAR(genericalias_doc,
"Represent a PEP 585 generic type\n"
"\n"
"E.g. for t = list[int], t.__origin__ is list and t.__args__ is (int,).");

_Py_SHARED PyTypeObject Py_GenericAliasType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "types.GenericAlias",
    .tp_basicsize = sizeof(gaobject),
    .tp_dealloc = ga_dealloc,
    .tp_vectorcall_offset = offsetof(gaobject, vectorcall),
    .tp_repr = ga_repr,
    .tp_as_number = &ga_as_number,
    .tp_as_mapping = &ga_as_mapping,
    .tp_hash = ga_hash,
    .tp_call = ga_call,
    .tp_getattro = ga_getattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE |
                Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = genericalias_doc,
    .tp_traverse = ga_traverse,
    .tp_richcompare = ga_richcompare,
    .tp_weaklistoffset = offsetof(gaobject, weakreflist),
    .tp_iter = ga_iter,
    .tp_methods = ga_methods,
    .tp_members = ga_members,
    .tp_getset = ga_properties,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = ga_new,
    .tp_free = PyObject_GC_Del,
};

/* origin[args]: new reference, or NULL with an error. */
PyObject *
Py_GenericAlias(PyObject *origin, PyObject *args)
{
    gaobject *alias = (gaobject *)PyType_GenericAlloc(&Py_GenericAliasType, 0);
    if (alias != NULL && !setup_ga(alias, origin, args)) {
        Py_DECREF(alias);
        return NULL;
    }
    return (PyObject *)alias;
}
