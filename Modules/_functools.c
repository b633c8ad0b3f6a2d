/* _functools.c - partial, reduce, cmp_to_key and the wrapper behind lru_cache.
 *
 * The bounded cache is a dict from keys to links of a circular doubly linked list, ordered from
 * the least to the most recently used.  The list borrows the links; the dict owns them.  Whatever
 * may run Python code (calling the function, comparing keys, releasing results) happens while
 * list and dict agree with each other.
 *
 * Written from the documentation of functools, its pure Python versions' behaviour and observed
 * messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef

#include <stdbool.h>

typedef struct {
    PyObject *kwd_mark;                 /* separates positional from keyword arguments in keys */
    PyTypeObject *partial_type;
    PyTypeObject *keyobject_type;
    PyTypeObject *lru_list_elem_type;
    PyTypeObject *lru_cache_type;
} functools_state;

static inline functools_state *
get_state(PyObject *module)
{
    return (functools_state *)PyModule_GetState(module);
}

static struct PyModuleDef functools_module;

/* State of the module that made the type of `self` or one of its bases. */
static inline functools_state *
state_of_type(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &functools_module);
    return module == NULL ? NULL : get_state(module);
}

typedef struct lru_cache_object lru_cache_object;

#include "sig/_functools.sig.h"

/* ---------------------------------------------------------------------------------- partial */

typedef struct {
    PyObject_HEAD
    PyObject *fn;               /* owned callable */
    PyObject *args;             /* owned exact tuple */
    PyObject *kw;               /* owned dict */
    PyObject *dict;             /* __dict__ */
    PyObject *weakreflist;
    vectorcallfunc vectorcall;  /* NULL: use tp_call */
} partialobject;

static PyObject *partial_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf,
                                    PyObject *kwnames);

/* Vectorcall needs a function that has it, too. */
static void
partial_setvectorcall(partialobject *pto)
{
    pto->vectorcall = PyVectorcall_Function(pto->fn) == NULL ? NULL : partial_vectorcall;
}

static PyObject *
partial_new(PyTypeObject *type, PyObject *args, PyObject *kw)
{
    if (PyTuple_GET_SIZE(args) < 1) {
        PyErr_SetString(PyExc_TypeError, "type 'partial' takes at least one argument");
        return NULL;
    }
    functools_state *state = state_of_type(type);
    if (state == NULL) {
        return NULL;
    }
    PyObject *fn = PyTuple_GET_ITEM(args, 0), *pargs = NULL, *pkw = NULL;
    if (!PyCallable_Check(fn)) {
        PyErr_SetString(PyExc_TypeError, "the first argument must be callable");
        return NULL;
    }
    /* A plain partial of a partial is flattened. */
    if (Py_IS_TYPE(fn, state->partial_type) && type == state->partial_type
        && ((partialobject *)fn)->dict == NULL)
    {
        partialobject *inner = (partialobject *)fn;
        pargs = inner->args;
        pkw = inner->kw;
        fn = inner->fn;
    }
    partialobject *pto = (partialobject *)type->tp_alloc(type, 0);
    if (pto == NULL) {
        return NULL;
    }
    pto->fn = Py_NewRef(fn);
    PyObject *rest = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    if (rest == NULL) {
        goto error;
    }
    pto->args = pargs == NULL ? Py_NewRef(rest) : PySequence_Concat(pargs, rest);
    Py_DECREF(rest);
    if (pto->args == NULL) {
        goto error;
    }
    assert(PyTuple_CheckExact(pto->args));
    pto->kw = pkw == NULL ? PyDict_New() : PyDict_Copy(pkw);
    if (pto->kw == NULL || (kw != NULL && PyDict_Merge(pto->kw, kw, 1) < 0)) {
        goto error;
    }
    partial_setvectorcall(pto);
    return (PyObject *)pto;
error:
    Py_DECREF(pto);
    return NULL;
}

static int
partial_clear(PyObject *self)
{
    partialobject *pto = (partialobject *)self;
    Py_CLEAR(pto->fn);
    Py_CLEAR(pto->args);
    Py_CLEAR(pto->kw);
    Py_CLEAR(pto->dict);
    return 0;
}

static int
partial_traverse(PyObject *self, visitproc visit, void *arg)
{
    partialobject *pto = (partialobject *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(pto->fn);
    Py_VISIT(pto->args);
    Py_VISIT(pto->kw);
    Py_VISIT(pto->dict);
    return 0;
}

static void
partial_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (((partialobject *)self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    partial_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
partial_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    partialobject *pto = (partialobject *)self;
    PyObject *kw;
    if (PyDict_GET_SIZE(pto->kw) == 0) {
        kw = Py_XNewRef(kwargs);
    }
    else {
        kw = PyDict_Copy(pto->kw);
        if (kw == NULL || (kwargs != NULL && PyDict_Merge(kw, kwargs, 1) < 0)) {
            Py_XDECREF(kw);
            return NULL;
        }
    }
    PyObject *result = NULL, *all = PySequence_Concat(pto->args, args);
    if (all != NULL) {
        result = PyObject_Call(pto->fn, all, kw);
        Py_DECREF(all);
    }
    Py_XDECREF(kw);
    return result;
}

/* Calls with the frozen arguments in front of the given ones, when the partial has no keywords of
   its own. */
static PyObject *
call_with_frozen(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    partialobject *pto = (partialobject *)self;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    if (PyDict_GET_SIZE(pto->kw) != 0) {
        /* Keywords may override each other: the general way. */
        PyObject *tuple = PyTuple_New(nargs), *kw = NULL, *result = NULL;
        if (tuple == NULL) {
            return NULL;
        }
        for (Py_ssize_t i = 0; i < nargs; i++) {
            PyTuple_SET_ITEM(tuple, i, Py_NewRef(args[i]));
        }
        bool ok = true;
        if (nkw > 0) {
            kw = PyDict_New();
            ok = kw != NULL;
            for (Py_ssize_t i = 0; ok && i < nkw; i++) {
                ok = PyDict_SetItem(kw, PyTuple_GET_ITEM(kwnames, i), args[nargs + i]) == 0;
            }
        }
        if (ok) {
            result = partial_call(self, tuple, kw);
        }
        Py_DECREF(tuple);
        Py_XDECREF(kw);
        return result;
    }
    Py_ssize_t nfrozen = PyTuple_GET_SIZE(pto->args);
    if (nfrozen == 0) {
        return PyObject_Vectorcall(pto->fn, args, nargsf, kwnames);
    }
    PyObject **frozen = &PyTuple_GET_ITEM(pto->args, 0);
    if (nargs + nkw == 0) {
        return PyObject_Vectorcall(pto->fn, frozen, (size_t)nfrozen, NULL);
    }
    PyObject *small[10], **stack = small;
    Py_ssize_t total = nfrozen + nargs + nkw;
    if (total + 1 > (Py_ssize_t)Py_ARRAY_LENGTH(small)) {
        stack = PyMem_New(PyObject *, total + 1);
        if (stack == NULL) {
            return PyErr_NoMemory();
        }
    }
    /* The arguments stay alive: the caller has those, the partial these, and is kept alive. */
    stack[0] = NULL;
    memcpy(stack + 1, frozen, (size_t)nfrozen * sizeof(PyObject *));
    memcpy(stack + 1 + nfrozen, args, (size_t)(nargs + nkw) * sizeof(PyObject *));
    PyObject *keep = Py_NewRef(pto->args), *fn = Py_NewRef(pto->fn);
    PyObject *result = PyObject_Vectorcall(
        fn, stack + 1, (size_t)(nfrozen + nargs) | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames);
    Py_DECREF(fn);
    Py_DECREF(keep);
    if (stack != small) {
        PyMem_Free(stack);
    }
    return result;
}

static PyObject *
partial_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (Py_EnterRecursiveCall(" while calling a Python object")) {
        return NULL;
    }
    PyObject *result = call_with_frozen(self, args, nargsf, kwnames);
    Py_LeaveRecursiveCall();
    return result;
}

/* Appends ", text" to *acc (owned); steals `text`. */
static int
append_part(PyObject **acc, PyObject *text)
{
    if (text == NULL) {
        return -1;
    }
    PyObject *sum = PyUnicode_FromFormat("%U, %U", *acc, text);
    Py_DECREF(text);
    if (sum == NULL) {
        return -1;
    }
    Py_SETREF(*acc, sum);
    return 0;
}

static PyObject *
partial_repr(PyObject *self)
{
    partialobject *pto = (partialobject *)self;
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered < 0 ? NULL : PyUnicode_FromString("...");
    }
    PyObject *result = NULL, *acc = NULL;
    /* __setstate__() may replace them while repr() runs. */
    PyObject *fn = Py_NewRef(pto->fn), *args = Py_NewRef(pto->args), *kw = Py_NewRef(pto->kw);
    acc = PyUnicode_FromFormat("%R", fn);
    if (acc == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        if (append_part(&acc, PyObject_Repr(PyTuple_GET_ITEM(args, i))) < 0) {
            goto done;
        }
    }
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    while (PyDict_Next(kw, &pos, &key, &value)) {
        /* Keys are not strs if somebody wants it so. */
        Py_INCREF(key);
        Py_INCREF(value);
        int err = append_part(&acc, PyUnicode_FromFormat("%S=%R", key, value));
        Py_DECREF(key);
        Py_DECREF(value);
        if (err < 0) {
            goto done;
        }
    }
    result = PyUnicode_FromFormat("%s(%U)", Py_TYPE(self)->tp_name, acc);
done:
    Py_XDECREF(acc);
    Py_DECREF(fn);
    Py_DECREF(args);
    Py_DECREF(kw);
    Py_ReprLeave(self);
    return result;
}

static PyObject *
partial_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    partialobject *pto = (partialobject *)self;
    return Py_BuildValue("O(O)(OOOO)", Py_TYPE(self), pto->fn, pto->fn, pto->args, pto->kw,
                         pto->dict != NULL ? pto->dict : Py_None);
}

static PyObject *
partial_setstate(PyObject *self, PyObject *state)
{
    partialobject *pto = (partialobject *)self;
    PyObject *fn, *args, *kw, *dict;
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "invalid partial state");
        return NULL;
    }
    if (!PyArg_ParseTuple(state, "OOOO", &fn, &args, &kw, &dict) || !PyCallable_Check(fn)
        || !PyTuple_Check(args) || (kw != Py_None && !PyDict_Check(kw)))
    {
        PyErr_SetString(PyExc_TypeError, "invalid partial state");
        return NULL;
    }
    /* Exact types inside, whatever was given. */
    args = PyTuple_CheckExact(args) ? Py_NewRef(args) : PySequence_Tuple(args);
    if (args == NULL) {
        return NULL;
    }
    if (kw == Py_None) {
        kw = PyDict_New();
    }
    else {
        kw = PyDict_CheckExact(kw) ? Py_NewRef(kw) : PyDict_Copy(kw);
    }
    if (kw == NULL) {
        Py_DECREF(args);
        return NULL;
    }
    Py_SETREF(pto->fn, Py_NewRef(fn));
    Py_SETREF(pto->args, args);
    Py_SETREF(pto->kw, kw);
    Py_XSETREF(pto->dict, dict == Py_None ? NULL : Py_NewRef(dict));
    partial_setvectorcall(pto);
    Py_RETURN_NONE;
}

static const PyMethodDef partial_methods[] = {
    {"__reduce__", partial_reduce, METH_NOARGS, NULL},
    {"__setstate__", partial_setstate, METH_O, NULL},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL, NULL}
};

static const PyMemberDef partial_members[] = {
    {"func", T_OBJECT, offsetof(partialobject, fn), READONLY,
     PyDoc_STR("function object to use in future partial calls")},
    {"args", T_OBJECT, offsetof(partialobject, args), READONLY,
     PyDoc_STR("tuple of arguments to future partial calls")},
    {"keywords", T_OBJECT, offsetof(partialobject, kw), READONLY,
     PyDoc_STR("dictionary of keyword arguments to future partial calls")},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(partialobject, weakreflist), READONLY, NULL},
    {"__dictoffset__", T_PYSSIZET, offsetof(partialobject, dict), READONLY, NULL},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(partialobject, vectorcall), READONLY, NULL},
    {NULL}
};

static const PyGetSetDef partial_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL}
};

PyDoc_STRVAR(partial_doc,
"partial(func, *args, **keywords) - new function with partial application\n\
    of the given arguments and keywords.\n");

static const PyType_Slot partial_slots[] = {
    {Py_tp_dealloc, partial_dealloc},
    {Py_tp_repr, partial_repr},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_setattro, PyObject_GenericSetAttr},
    {Py_tp_doc, (void *)partial_doc},
    {Py_tp_traverse, partial_traverse},
    {Py_tp_clear, partial_clear},
    {Py_tp_methods, (void *)partial_methods},
    {Py_tp_members, (void *)partial_members},
    {Py_tp_getset, (void *)partial_getset},
    {Py_tp_new, partial_new},
    {Py_tp_free, PyObject_GC_Del},
    {Py_tp_call, partial_call},
    {0, NULL}
};

static const PyType_Spec partial_spec = {
    .name = "functools.partial",
    .basicsize = sizeof(partialobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
             | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_HAVE_VECTORCALL,
    .slots = (PyType_Slot *)partial_slots,
};

/* ------------------------------------------------------------------------------ cmp_to_key */

typedef struct {
    PyObject_HEAD
    PyObject *cmp;              /* owned comparison function */
    PyObject *object;           /* owned wrapped value; NULL in what cmp_to_key() returns */
} keyobject;

static int
keyobject_clear(PyObject *self)
{
    Py_CLEAR(((keyobject *)self)->cmp);
    Py_CLEAR(((keyobject *)self)->object);
    return 0;
}

static int
keyobject_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((keyobject *)self)->cmp);
    Py_VISIT(((keyobject *)self)->object);
    return 0;
}

static void
keyobject_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    keyobject_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

/* New wrapper; `object` may be NULL. */
static PyObject *
keyobject_make(PyTypeObject *type, PyObject *cmp, PyObject *object)
{
    keyobject *ko = PyObject_GC_New(keyobject, type);
    if (ko != NULL) {
        ko->cmp = Py_NewRef(cmp);
        ko->object = Py_XNewRef(object);
        PyObject_GC_Track((PyObject *)ko);
    }
    return (PyObject *)ko;
}

static PyObject *
keyobject_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    static const char *const kwlist[] = {"obj", NULL};
    PyObject *object;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "O:K", (char **)kwlist, &object)) {
        return NULL;
    }
    return keyobject_make(Py_TYPE(self), ((keyobject *)self)->cmp, object);
}

static PyObject *
keyobject_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!Py_IS_TYPE(other, Py_TYPE(self))) {
        PyErr_SetString(PyExc_TypeError, "other argument must be K instance");
        return NULL;
    }
    PyObject *x = ((keyobject *)self)->object, *y = ((keyobject *)other)->object;
    if (x == NULL || y == NULL) {
        PyErr_SetString(PyExc_AttributeError, "object");
        return NULL;
    }
    PyObject *args[2] = {x, y};
    PyObject *sign = PyObject_Vectorcall(((keyobject *)self)->cmp, args, 2, NULL);
    if (sign == NULL) {
        return NULL;
    }
    PyObject *result = NULL, *zero = PyLong_FromLong(0);
    if (zero != NULL) {
        result = PyObject_RichCompare(sign, zero, op);
        Py_DECREF(zero);
    }
    Py_DECREF(sign);
    return result;
}

static const PyMemberDef keyobject_members[] = {
    {"obj", T_OBJECT, offsetof(keyobject, object), 0,
     PyDoc_STR("Value wrapped by a key function.")},
    {NULL}
};

static const PyType_Slot keyobject_slots[] = {
    {Py_tp_dealloc, keyobject_dealloc},
    {Py_tp_call, keyobject_call},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, keyobject_traverse},
    {Py_tp_clear, keyobject_clear},
    {Py_tp_richcompare, keyobject_richcompare},
    {Py_tp_members, (void *)keyobject_members},
    {0, NULL}
};

static const PyType_Spec keyobject_spec = {
    .name = "functools.KeyWrapper",
    .basicsize = sizeof(keyobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = (PyType_Slot *)keyobject_slots,
};

/*sig _functools.cmp_to_key(module, mycmp)

Convert a cmp= function into a key= function.

  mycmp
    Function that compares two objects.
*/
static PyObject *
functools_cmp_to_key_impl(PyObject *module, PyObject *mycmp)
{
    return keyobject_make(get_state(module)->keyobject_type, mycmp, NULL);
}

/* ---------------------------------------------------------------------------------- reduce */

PyDoc_STRVAR(functools_reduce_doc,
"reduce(function, iterable[, initial]) -> value\n\
\n\
Apply a function of two arguments cumulatively to the items of a sequence\n\
or iterable, from left to right, so as to reduce the iterable to a single\n\
value.  For example, reduce(lambda x, y: x+y, [1, 2, 3, 4, 5]) calculates\n\
((((1+2)+3)+4)+5).  If initial is present, it is placed before the items\n\
of the iterable in the calculation, and serves as a default when the\n\
iterable is empty.");

static PyObject *
functools_reduce(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("reduce", nargs, 2, 3)) {
        return NULL;
    }
    PyObject *function = args[0], *it = PyObject_GetIter(args[1]), *item;
    if (it == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError, "reduce() arg 2 must support iteration");
        }
        return NULL;
    }
    PyObject *result = nargs > 2 ? Py_NewRef(args[2]) : NULL;
    while ((item = PyIter_Next(it)) != NULL) {
        if (result == NULL) {
            result = item;
            continue;
        }
        PyObject *pair[2] = {result, item};
        PyObject *next = PyObject_Vectorcall(function, pair, 2, NULL);
        Py_DECREF(item);
        Py_SETREF(result, next);
        if (result == NULL) {
            Py_DECREF(it);
            return NULL;
        }
    }
    Py_DECREF(it);
    if (PyErr_Occurred()) {
        Py_XDECREF(result);
        return NULL;
    }
    if (result == NULL) {
        PyErr_SetString(PyExc_TypeError, "reduce() of empty iterable with no initial value");
    }
    return result;
}

/* ------------------------------------------------------------------------------- lru_cache */

/* One entry of the bounded cache.  Links are objects, so that the dict can own them. */
typedef struct lru_list_elem {
    PyObject_HEAD
    struct lru_list_elem *prev, *next;  /* borrowed; neighbours, or the root */
    Py_hash_t hash;
    PyObject *key;                      /* owned */
    PyObject *result;                   /* owned */
} lru_list_elem;

static void
lru_list_elem_dealloc(PyObject *self)
{
    lru_list_elem *link = (lru_list_elem *)self;
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(link->key);
    Py_XDECREF(link->result);
    type->tp_free(self);
    Py_DECREF(type);
}

static const PyType_Slot lru_list_elem_slots[] = {
    {Py_tp_dealloc, lru_list_elem_dealloc},
    {0, NULL}
};

static const PyType_Spec lru_list_elem_spec = {
    .name = "functools._lru_list_elem",
    .basicsize = sizeof(lru_list_elem),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = (PyType_Slot *)lru_list_elem_slots,
};

typedef PyObject *(*lru_wrapper)(lru_cache_object *, PyObject *args, PyObject *kwds);

struct lru_cache_object {
    PyObject_HEAD
    lru_list_elem *newest, *oldest;     /* borrowed ends of the list; NULL if it is empty */
    Py_ssize_t maxsize;                 /* -1: no bound */
    Py_ssize_t misses, hits;
    lru_wrapper wrapper;                /* by kind of cache */
    int typed;                          /* do types belong to keys? */
    PyObject *cache;                    /* owned dict: key -> result, or key -> link */
    PyObject *func;                     /* owned */
    PyTypeObject *elem_type;            /* owned: types of the module that made this */
    PyObject *kwd_mark;                 /* owned */
    PyObject *cache_info_type;          /* owned */
    PyObject *dict;
    PyObject *weakreflist;
};

/* The key of a call: the argument itself if there is one int or str, else a tuple of all.  New
   reference. */
static PyObject *
lru_cache_make_key(lru_cache_object *self, PyObject *args, PyObject *kwds)
{
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    Py_ssize_t nkw = kwds == NULL ? 0 : PyDict_GET_SIZE(kwds);
    if (!self->typed && nkw == 0) {
        if (nargs == 1) {
            PyObject *key = PyTuple_GET_ITEM(args, 0);
            if (PyUnicode_CheckExact(key) || PyLong_CheckExact(key)) {
                return Py_NewRef(key);
            }
        }
        return Py_NewRef(args);
    }
    Py_ssize_t size = nargs + (nkw ? 1 + 2 * nkw : 0);
    if (self->typed) {
        size += nargs + nkw;
    }
    PyObject *key = PyTuple_New(size);
    if (key == NULL) {
        return NULL;
    }
    Py_ssize_t at = 0, pos = 0;
    for (Py_ssize_t i = 0; i < nargs; i++) {
        PyTuple_SET_ITEM(key, at++, Py_NewRef(PyTuple_GET_ITEM(args, i)));
    }
    PyObject *name, *value;
    if (nkw) {
        PyTuple_SET_ITEM(key, at++, Py_NewRef(self->kwd_mark));
        while (PyDict_Next(kwds, &pos, &name, &value)) {
            PyTuple_SET_ITEM(key, at++, Py_NewRef(name));
            PyTuple_SET_ITEM(key, at++, Py_NewRef(value));
        }
    }
    if (self->typed) {
        for (Py_ssize_t i = 0; i < nargs; i++) {
            PyTuple_SET_ITEM(key, at++, Py_NewRef(Py_TYPE(PyTuple_GET_ITEM(args, i))));
        }
        pos = 0;
        while (nkw && PyDict_Next(kwds, &pos, &name, &value)) {
            PyTuple_SET_ITEM(key, at++, Py_NewRef(Py_TYPE(value)));
        }
    }
    assert(at == size);
    return key;
}

static PyObject *
uncached_lru_cache_wrapper(lru_cache_object *self, PyObject *args, PyObject *kwds)
{
    self->misses++;
    return PyObject_Call(self->func, args, kwds);
}

static PyObject *
infinite_lru_cache_wrapper(lru_cache_object *self, PyObject *args, PyObject *kwds)
{
    PyObject *key = lru_cache_make_key(self, args, kwds);
    if (key == NULL) {
        return NULL;
    }
    Py_hash_t hash = PyObject_Hash(key);
    if (hash == -1) {
        Py_DECREF(key);
        return NULL;
    }
    PyObject *result = _PyDict_GetItem_KnownHash(self->cache, key, hash);
    if (result != NULL) {
        self->hits++;
        Py_INCREF(result);
        Py_DECREF(key);
        return result;
    }
    if (PyErr_Occurred()) {
        Py_DECREF(key);
        return NULL;
    }
    self->misses++;
    result = PyObject_Call(self->func, args, kwds);
    if (result != NULL && _PyDict_SetItem_KnownHash(self->cache, key, result, hash) < 0) {
        Py_CLEAR(result);
    }
    Py_DECREF(key);
    return result;
}

static void
lru_extract(lru_cache_object *self, lru_list_elem *link)
{
    if (link->prev != NULL) {
        link->prev->next = link->next;
    }
    else {
        assert(self->oldest == link);
        self->oldest = link->next;
    }
    if (link->next != NULL) {
        link->next->prev = link->prev;
    }
    else {
        assert(self->newest == link);
        self->newest = link->prev;
    }
    link->prev = link->next = NULL;
}

/* At the end of the most recently used. */
static void
lru_append(lru_cache_object *self, lru_list_elem *link)
{
    link->prev = self->newest;
    link->next = NULL;
    if (self->newest != NULL) {
        self->newest->next = link;
    }
    else {
        self->oldest = link;
    }
    self->newest = link;
}

static void
lru_prepend(lru_cache_object *self, lru_list_elem *link)
{
    link->next = self->oldest;
    link->prev = NULL;
    if (self->oldest != NULL) {
        self->oldest->prev = link;
    }
    else {
        self->newest = link;
    }
    self->oldest = link;
}

/* Stores a result under a new link.  Steals `key`; 0 or -1. */
static int
lru_store(lru_cache_object *self, PyObject *key, Py_hash_t hash, PyObject *result)
{
    lru_list_elem *link = PyObject_New(lru_list_elem, self->elem_type);
    if (link == NULL) {
        Py_DECREF(key);
        return -1;
    }
    link->hash = hash;
    link->key = key;
    link->result = Py_NewRef(result);
    link->prev = link->next = NULL;
    /* Comparing keys may run code that clears the cache or adds to it: only afterwards does the
       link join the list. */
    if (_PyDict_SetItem_KnownHash(self->cache, key, (PyObject *)link, hash) < 0) {
        Py_DECREF(link);
        return -1;
    }
    lru_append(self, link);
    Py_DECREF(link);            /* the dict has it */
    return 0;
}

/* The cache is full: throws the oldest entry out and uses its link again.  Steals `key`. */
static int
lru_replace_oldest(lru_cache_object *self, PyObject *key, Py_hash_t hash, PyObject *result)
{
    lru_list_elem *link = self->oldest;
    assert(link != NULL);
    lru_extract(self, link);
    /* The dict may know the entry no longer: finding it compares keys, and that runs code. */
    Py_INCREF(link);
    PyObject *popped = _PyDict_GetItem_KnownHash(self->cache, link->key, link->hash);
    if (popped == (PyObject *)link
        && _PyDict_DelItem_KnownHash(self->cache, link->key, link->hash) == 0)
    {
        /* It is in neither now: fill it anew. */
        PyObject *old_key = link->key, *old_result = link->result;
        link->hash = hash;
        link->key = key;
        link->result = Py_NewRef(result);
        int err = _PyDict_SetItem_KnownHash(self->cache, key, (PyObject *)link, hash);
        if (err == 0) {
            lru_append(self, link);
        }
        Py_DECREF(link);
        Py_DECREF(old_key);
        Py_DECREF(old_result);
        return err;
    }
    if (PyErr_Occurred()) {
        /* It could not be removed: put it back where it was. */
        lru_prepend(self, link);
        Py_DECREF(link);
        Py_DECREF(key);
        return -1;
    }
    /* Somebody removed the entry meanwhile: nothing to replace, and the cache is smaller. */
    Py_DECREF(link);
    Py_DECREF(key);
    return 0;
}

static PyObject *
bounded_lru_cache_wrapper(lru_cache_object *self, PyObject *args, PyObject *kwds)
{
    PyObject *key = lru_cache_make_key(self, args, kwds);
    if (key == NULL) {
        return NULL;
    }
    Py_hash_t hash = PyObject_Hash(key);
    if (hash == -1) {
        Py_DECREF(key);
        return NULL;
    }
    lru_list_elem *link = (lru_list_elem *)_PyDict_GetItem_KnownHash(self->cache, key, hash);
    if (link != NULL) {
        lru_extract(self, link);
        lru_append(self, link);
        self->hits++;
        PyObject *found = Py_NewRef(link->result);
        Py_DECREF(key);
        return found;
    }
    if (PyErr_Occurred()) {
        Py_DECREF(key);
        return NULL;
    }
    self->misses++;
    PyObject *result = PyObject_Call(self->func, args, kwds);
    if (result == NULL) {
        Py_DECREF(key);
        return NULL;
    }
    /* The call may have stored this very key already: then that entry stays. */
    PyObject *there = _PyDict_GetItem_KnownHash(self->cache, key, hash);
    if (there != NULL) {
        Py_DECREF(key);
        return result;
    }
    if (PyErr_Occurred()) {
        Py_DECREF(key);
        Py_DECREF(result);
        return NULL;
    }
    assert(self->maxsize > 0);
    int err;
    if (PyDict_GET_SIZE(self->cache) < self->maxsize || self->oldest == NULL) {
        err = lru_store(self, key, hash, result);
    }
    else {
        err = lru_replace_oldest(self, key, hash, result);
    }
    if (err < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
lru_cache_new(PyTypeObject *type, PyObject *args, PyObject *kw)
{
    static const char *const keywords[] = {"user_function", "maxsize", "typed",
                                           "cache_info_type", NULL};
    PyObject *func, *maxsize_O, *cache_info_type;
    int typed;
    if (!PyArg_ParseTupleAndKeywords(args, kw, "OOpO:lru_cache", (char **)keywords, &func,
                                     &maxsize_O, &typed, &cache_info_type))
    {
        return NULL;
    }
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "the first argument must be callable");
        return NULL;
    }
    functools_state *state = state_of_type(type);
    if (state == NULL) {
        return NULL;
    }
    lru_wrapper wrapper;
    Py_ssize_t maxsize = -1;
    if (maxsize_O == Py_None) {
        wrapper = infinite_lru_cache_wrapper;
    }
    else if (PyIndex_Check(maxsize_O)) {
        maxsize = PyNumber_AsSsize_t(maxsize_O, PyExc_OverflowError);
        if (maxsize == -1 && PyErr_Occurred()) {
            return NULL;
        }
        maxsize = Py_MAX(maxsize, 0);
        wrapper = maxsize == 0 ? uncached_lru_cache_wrapper : bounded_lru_cache_wrapper;
    }
    else {
        PyErr_SetString(PyExc_TypeError, "maxsize should be integer or None");
        return NULL;
    }
    PyObject *cache = PyDict_New();
    if (cache == NULL) {
        return NULL;
    }
    lru_cache_object *self = (lru_cache_object *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_DECREF(cache);
        return NULL;
    }
    self->cache = cache;
    self->wrapper = wrapper;
    self->typed = typed;
    self->func = Py_NewRef(func);
    self->maxsize = maxsize;
    self->elem_type = (PyTypeObject *)Py_NewRef((PyObject *)state->lru_list_elem_type);
    self->kwd_mark = Py_NewRef(state->kwd_mark);
    self->cache_info_type = Py_NewRef(cache_info_type);
    return (PyObject *)self;
}

/* Forgets all entries; the list first, so that it never points to dead links. */
static void
lru_forget(lru_cache_object *self)
{
    self->newest = self->oldest = NULL;
    if (self->cache == NULL) {
        return;
    }
    /* The links live as long as the dict holds them, but nobody must follow their neighbours. */
    Py_ssize_t pos = 0;
    PyObject *key, *value;
    while (self->wrapper == bounded_lru_cache_wrapper
           && PyDict_Next(self->cache, &pos, &key, &value))
    {
        ((lru_list_elem *)value)->prev = ((lru_list_elem *)value)->next = NULL;
    }
}

static int
lru_cache_tp_clear(PyObject *op)
{
    lru_cache_object *self = (lru_cache_object *)op;
    lru_forget(self);
    Py_CLEAR(self->cache);
    Py_CLEAR(self->func);
    Py_CLEAR(self->kwd_mark);
    Py_CLEAR(self->elem_type);
    Py_CLEAR(self->cache_info_type);
    Py_CLEAR(self->dict);
    return 0;
}

static int
lru_cache_tp_traverse(PyObject *op, visitproc visit, void *arg)
{
    lru_cache_object *self = (lru_cache_object *)op;
    Py_VISIT(Py_TYPE(op));
    /* The links are no GC objects: their contents are visited here. */
    for (lru_list_elem *link = self->oldest; link != NULL; link = link->next) {
        Py_VISIT(link->key);
        Py_VISIT(link->result);
        Py_VISIT(Py_TYPE(link));
    }
    Py_VISIT(self->cache);
    Py_VISIT(self->func);
    Py_VISIT(self->kwd_mark);
    Py_VISIT(self->elem_type);
    Py_VISIT(self->cache_info_type);
    Py_VISIT(self->dict);
    return 0;
}

static void
lru_cache_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    if (((lru_cache_object *)op)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    lru_cache_tp_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyObject *
lru_cache_call(PyObject *op, PyObject *args, PyObject *kwds)
{
    lru_cache_object *self = (lru_cache_object *)op;
    if (self->cache == NULL || self->func == NULL) {
        /* The collector has cleared it, and a destructor calls it nevertheless. */
        PyErr_SetString(PyExc_RuntimeError, "lru_cache wrapper is being destroyed");
        return NULL;
    }
    return self->wrapper(self, args, kwds);
}

static PyObject *
lru_cache_descr_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    if (obj == Py_None || obj == NULL) {
        return Py_NewRef(self);
    }
    return PyMethod_New(self, obj);
}

/*sig functools._lru_cache_wrapper.cache_info(self)

Report cache statistics
*/
static PyObject *
lru_cache_cache_info_impl(lru_cache_object *self)
{
    Py_ssize_t size = PyDict_GET_SIZE(self->cache);
    if (self->maxsize == -1) {
        return PyObject_CallFunction(self->cache_info_type, "nnOn", self->hits, self->misses,
                                     Py_None, size);
    }
    return PyObject_CallFunction(self->cache_info_type, "nnnn", self->hits, self->misses,
                                 self->maxsize, size);
}

/*sig functools._lru_cache_wrapper.cache_clear(self)

Clear the cache and cache statistics
*/
static PyObject *
lru_cache_cache_clear_impl(lru_cache_object *self)
{
    lru_forget(self);
    self->hits = self->misses = 0;
    PyDict_Clear(self->cache);
    Py_RETURN_NONE;
}

static PyObject *
lru_cache_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyObject_GetAttrString(self, "__qualname__");
}

static PyObject *
lru_cache_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(self);
}

static const PyMethodDef lru_cache_methods[] = {
    LRU_CACHE_CACHE_INFO_METHODDEF
    LRU_CACHE_CACHE_CLEAR_METHODDEF
    {"__reduce__", lru_cache_reduce, METH_NOARGS, NULL},
    {"__copy__", lru_cache_copy, METH_VARARGS, NULL},
    {"__deepcopy__", lru_cache_copy, METH_VARARGS, NULL},
    {NULL, NULL}
};

static const PyGetSetDef lru_cache_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL}
};

static const PyMemberDef lru_cache_members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(lru_cache_object, dict), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(lru_cache_object, weakreflist), READONLY, NULL},
    {NULL}
};

PyDoc_STRVAR(lru_cache_doc,
"Create a cached callable that wraps another function.\n\
\n\
user_function:      the function being cached\n\
\n\
maxsize:  0         for no caching\n\
          None      for unlimited cache size\n\
          n         for a bounded cache\n\
\n\
typed:    False     cache f(3) and f(3.0) as identical calls\n\
          True      cache f(3) and f(3.0) as distinct calls\n\
\n\
cache_info_type:    namedtuple class with the fields:\n\
                        hits misses currsize maxsize\n");

static const PyType_Slot lru_cache_slots[] = {
    {Py_tp_dealloc, lru_cache_dealloc},
    {Py_tp_call, lru_cache_call},
    {Py_tp_doc, (void *)lru_cache_doc},
    {Py_tp_traverse, lru_cache_tp_traverse},
    {Py_tp_clear, lru_cache_tp_clear},
    {Py_tp_methods, (void *)lru_cache_methods},
    {Py_tp_members, (void *)lru_cache_members},
    {Py_tp_getset, (void *)lru_cache_getset},
    {Py_tp_descr_get, lru_cache_descr_get},
    {Py_tp_new, lru_cache_new},
    {0, NULL}
};

static const PyType_Spec lru_cache_spec = {
    .name = "functools._lru_cache_wrapper",
    .basicsize = sizeof(lru_cache_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_METHOD_DESCRIPTOR | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = (PyType_Slot *)lru_cache_slots,
};

/* ---------------------------------------------------------------------------------- module */

static const PyMethodDef functools_methods[] = {
    {"reduce", (PyCFunction)(void (*)(void))functools_reduce, METH_FASTCALL,
     functools_reduce_doc},
    FUNCTOOLS_CMP_TO_KEY_METHODDEF
    {NULL, NULL}
};

static PyTypeObject *
make_type(PyObject *module, const PyType_Spec *spec)
{
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, (PyType_Spec *)spec, NULL);
}

static int
functools_exec(PyObject *module)
{
    functools_state *state = get_state(module);
    state->kwd_mark = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
    if (state->kwd_mark == NULL
        || (state->partial_type = make_type(module, &partial_spec)) == NULL
        || PyModule_AddType(module, state->partial_type) < 0
        || (state->lru_cache_type = make_type(module, &lru_cache_spec)) == NULL
        || PyModule_AddType(module, state->lru_cache_type) < 0
        || (state->keyobject_type = make_type(module, &keyobject_spec)) == NULL
        || (state->lru_list_elem_type = make_type(module, &lru_list_elem_spec)) == NULL)
    {
        return -1;
    }
    return 0;
}

static int
functools_traverse(PyObject *module, visitproc visit, void *arg)
{
    functools_state *state = get_state(module);
    Py_VISIT(state->kwd_mark);
    Py_VISIT(state->partial_type);
    Py_VISIT(state->keyobject_type);
    Py_VISIT(state->lru_list_elem_type);
    Py_VISIT(state->lru_cache_type);
    return 0;
}

static int
functools_clear(PyObject *module)
{
    functools_state *state = get_state(module);
    Py_CLEAR(state->kwd_mark);
    Py_CLEAR(state->partial_type);
    Py_CLEAR(state->keyobject_type);
    Py_CLEAR(state->lru_list_elem_type);
    Py_CLEAR(state->lru_cache_type);
    return 0;
}

static void
functools_free(void *module)
{
    functools_clear((PyObject *)module);
}

static const PyModuleDef_Slot functools_slots[] = {
    {Py_mod_exec, functools_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(functools_doc, "Tools that operate on functions.");

static _Py_SHARED struct PyModuleDef functools_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_functools",
    .m_doc = functools_doc,
    .m_size = sizeof(functools_state),
    .m_methods = (PyMethodDef *)functools_methods,
    .m_slots = (PyModuleDef_Slot *)functools_slots,
    .m_traverse = functools_traverse,
    .m_clear = functools_clear,
    .m_free = functools_free,
};

PyMODINIT_FUNC
PyInit__functools(void)
{
    return PyModuleDef_Init(&functools_module);
}
