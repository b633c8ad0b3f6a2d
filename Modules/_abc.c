/* The module _abc: what abc.ABCMeta does, in C.
 *
 * Every ABC has an object of type _abc_data under the name _abc_impl: the registry of virtual
 * subclasses and the caches of subclass tests, all sets of weak references that remove themselves
 * when the class dies.  The negative cache is only valid for the state of all registries, counted
 * by the module's invalidation counter.
 *
 * Written from PEP 3119, PEP 634 (collection flags), the library reference (abc) and observed
 * messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PyType_GetSubclasses()

typedef struct {
    PyTypeObject *data_type;                    /* _abc_data, owned */
    unsigned long long invalidation_counter;    /* grows with every register() */
} abc_state;

typedef struct {
    PyObject_HEAD
    PyObject *registry;         /* set of weak references, or NULL: empty */
    PyObject *cache;            /* likewise: known subclasses */
    PyObject *negative_cache;   /* likewise: known not to be subclasses */
    unsigned long long negative_cache_version;
} abc_data;

#include "sig/_abc.sig.h"

static inline abc_state *
get_state(PyObject *module)
{
    abc_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* ------------------------------------------------------------------------------ _abc_data */

static int
abc_data_traverse(PyObject *op, visitproc visit, void *arg)
{
    abc_data *self = (abc_data *)op;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->registry);
    Py_VISIT(self->cache);
    Py_VISIT(self->negative_cache);
    return 0;
}

static int
abc_data_clear(PyObject *op)
{
    abc_data *self = (abc_data *)op;
    Py_CLEAR(self->registry);
    Py_CLEAR(self->cache);
    Py_CLEAR(self->negative_cache);
    return 0;
}

static void
abc_data_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    PyTypeObject *tp = Py_TYPE(self);
    (void)abc_data_clear(self);
    tp->tp_free(self);
    Py_DECREF(tp);
}

PyDoc_STRVAR(abc_data_doc, "Internal state held by ABC machinery.");

static PyObject *
abc_data_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    abc_data *self = (abc_data *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    abc_state *state = PyType_GetModuleState(type);
    if (state == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    self->negative_cache_version = state->invalidation_counter;
    return (PyObject *)self;
}

static _Py_SHARED PyType_Slot abc_data_slots[] = {
    {Py_tp_doc, (void *)abc_data_doc},
    {Py_tp_new, abc_data_new},
    {Py_tp_dealloc, abc_data_dealloc},
    {Py_tp_traverse, abc_data_traverse},
    {Py_tp_clear, abc_data_clear},
    {0, NULL},
};

static _Py_SHARED PyType_Spec abc_data_spec = {
    .name = "_abc._abc_data",
    .basicsize = sizeof(abc_data),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = abc_data_slots,
};

/* The data of an ABC: new reference. */
static abc_data *
get_data(PyObject *module, PyObject *self)
{
    PyObject *impl = PyObject_GetAttr(self, &_Py_ID(_abc_impl));
    if (impl == NULL) {
        return NULL;
    }
    if (!Py_IS_TYPE(impl, get_state(module)->data_type)) {
        PyErr_SetString(PyExc_TypeError, "_abc_impl is set to a wrong type");
        Py_DECREF(impl);
        return NULL;
    }
    return (abc_data *)impl;
}

/* ------------------------------------------------------------------------------ weak sets */

/* Is there a reference to obj in the set?  1, 0, -1. */
static int
in_weak_set(PyObject *set, PyObject *obj)
{
    if (set == NULL || PySet_GET_SIZE(set) == 0) {
        return 0;
    }
    PyObject *ref = PyWeakref_NewRef(obj, NULL);
    if (ref == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Clear();      /* what cannot be referenced weakly is in no set */
            return 0;
        }
        return -1;
    }
    int res = PySet_Contains(set, ref);
    Py_DECREF(ref);
    return res;
}

/* Callback of the references: `setweakref` leads to the set they are in. */
static PyObject *
destroy_ref(PyObject *setweakref, PyObject *objweakref)
{
    PyObject *set = PyWeakref_GET_OBJECT(setweakref);
    if (set == Py_None) {
        Py_RETURN_NONE;
    }
    Py_INCREF(set);
    int res = PySet_Discard(set, objweakref);
    Py_DECREF(set);
    if (res < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static _Py_SHARED PyMethodDef destroy_def = {"_destroy", destroy_ref, METH_O, NULL};

static int
add_to_weak_set(PyObject **pset, PyObject *obj)
{
    if (*pset == NULL) {
        *pset = PySet_New(NULL);
        if (*pset == NULL) {
            return -1;
        }
    }
    int ret = -1;
    PyObject *set = Py_NewRef(*pset);
    PyObject *wr = PyWeakref_NewRef(set, NULL);
    PyObject *callback = wr == NULL ? NULL : PyCFunction_NewEx(&destroy_def, wr, NULL);
    PyObject *ref = callback == NULL ? NULL : PyWeakref_NewRef(obj, callback);
    if (ref != NULL) {
        ret = PySet_Add(set, ref);
    }
    Py_XDECREF(ref);
    Py_XDECREF(callback);
    Py_XDECREF(wr);
    Py_DECREF(set);
    return ret;
}

/* ------------------------------------------------------------------------- abstract methods */

/* Adds the names in `items` (an iterable of pairs, of the class's dict) that are abstract. */
static int
add_own_abstracts(PyObject *self, PyObject *abstracts)
{
    PyObject *ns = PyObject_GetAttr(self, &_Py_ID(__dict__));
    if (ns == NULL) {
        return -1;
    }
    PyObject *items = PyMapping_Items(ns);      /* always a fresh list */
    Py_DECREF(ns);
    if (items == NULL) {
        return -1;
    }
    int res = 0;
    for (Py_ssize_t pos = 0; res == 0 && pos < PyList_GET_SIZE(items); pos++) {
        PyObject *it = PySequence_Tuple(PyList_GET_ITEM(items, pos));
        if (it == NULL) {
            res = -1;
            break;
        }
        if (PyTuple_GET_SIZE(it) != 2) {
            PyErr_SetString(PyExc_TypeError, "iteration over items() returned item which size "
                            "is not 2");
            res = -1;
        }
        else {
            int is_abstract = _PyObject_IsAbstract(PyTuple_GET_ITEM(it, 1));
            if (is_abstract < 0 ||
                (is_abstract && PySet_Add(abstracts, PyTuple_GET_ITEM(it, 0)) < 0))
            {
                res = -1;
            }
        }
        Py_DECREF(it);
    }
    Py_DECREF(items);
    return res;
}

/* Adds the abstract names of a base that are still abstract in the class. */
static int
add_inherited_abstracts(PyObject *self, PyObject *base, PyObject *abstracts)
{
    PyObject *base_abstracts;
    if (_PyObject_LookupAttr(base, &_Py_ID(__abstractmethods__), &base_abstracts) < 0) {
        return -1;
    }
    if (base_abstracts == NULL) {
        return 0;
    }
    PyObject *iter = PyObject_GetIter(base_abstracts);
    Py_DECREF(base_abstracts);
    if (iter == NULL) {
        return -1;
    }
    PyObject *key;
    int res = 0;
    while (res == 0 && (key = PyIter_Next(iter)) != NULL) {
        PyObject *value;
        res = _PyObject_LookupAttr(self, key, &value) < 0 ? -1 : 0;
        if (res == 0 && value != NULL) {
            int is_abstract = _PyObject_IsAbstract(value);
            Py_DECREF(value);
            if (is_abstract < 0 || (is_abstract && PySet_Add(abstracts, key) < 0)) {
                res = -1;
            }
        }
        Py_DECREF(key);
    }
    Py_DECREF(iter);
    return PyErr_Occurred() ? -1 : res;
}

static int
compute_abstract_methods(PyObject *self)
{
    PyObject *abstracts = PySet_New(NULL);
    if (abstracts == NULL) {
        return -1;
    }
    int ret = -1;
    PyObject *bases = NULL;
    if (add_own_abstracts(self, abstracts) < 0) {
        goto done;
    }
    bases = PyObject_GetAttr(self, &_Py_ID(__bases__));
    if (bases == NULL) {
        goto done;
    }
    if (!PyTuple_Check(bases)) {
        PyErr_SetString(PyExc_TypeError, "__bases__ is not tuple");
        goto done;
    }
    for (Py_ssize_t pos = 0; pos < PyTuple_GET_SIZE(bases); pos++) {
        if (add_inherited_abstracts(self, PyTuple_GET_ITEM(bases, pos), abstracts) < 0) {
            goto done;
        }
    }
    PyObject *frozen = PyFrozenSet_New(abstracts);
    if (frozen != NULL) {
        ret = PyObject_SetAttr(self, &_Py_ID(__abstractmethods__), frozen);
        Py_DECREF(frozen);
    }
done:
    Py_DECREF(abstracts);
    Py_XDECREF(bases);
    return ret;
}

#define COLLECTION_FLAGS (Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_MAPPING)

/* __abc_tpflags__ in the class body says which pattern its instances match. */
static int
take_collection_flags(PyTypeObject *cls)
{
    PyObject *flags = PyDict_GetItemWithError(cls->tp_dict, &_Py_ID(__abc_tpflags__));
    if (flags == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    if (PyLong_CheckExact(flags)) {
        long val = PyLong_AsLong(flags);
        if (val == -1 && PyErr_Occurred()) {
            return -1;
        }
        if ((val & (long)COLLECTION_FLAGS) == (long)COLLECTION_FLAGS) {
            PyErr_SetString(PyExc_TypeError, "__abc_tpflags__ cannot be both "
                            "Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING");
            return -1;
        }
        cls->tp_flags |= (unsigned long)val & COLLECTION_FLAGS;
    }
    return PyDict_DelItem(cls->tp_dict, &_Py_ID(__abc_tpflags__));
}

/*sig _abc._abc_init(module, self, /)

Internal ABC helper for class set-up. Should be never used outside abc module.
*/
static PyObject *
_abc__abc_init_impl(PyObject *module, PyObject *self)
{
    abc_state *state = get_state(module);
    if (compute_abstract_methods(self) < 0) {
        return NULL;
    }
    PyObject *data = abc_data_new(state->data_type, NULL, NULL);
    if (data == NULL) {
        return NULL;
    }
    int res = PyObject_SetAttr(self, &_Py_ID(_abc_impl), data);
    Py_DECREF(data);
    if (res < 0) {
        return NULL;
    }
    if (PyType_Check(self) && take_collection_flags((PyTypeObject *)self) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig _abc._reset_registry(module, self, /)

Internal ABC helper to reset registry of a given class.

Should be only used by refleak.py
*/
static PyObject *
_abc__reset_registry_impl(PyObject *module, PyObject *self)
{
    abc_data *impl = get_data(module, self);
    if (impl == NULL) {
        return NULL;
    }
    if (impl->registry != NULL && PySet_Clear(impl->registry) < 0) {
        Py_DECREF(impl);
        return NULL;
    }
    Py_DECREF(impl);
    Py_RETURN_NONE;
}

/*sig _abc._reset_caches(module, self, /)

Internal ABC helper to reset both caches of a given class.

Should be only used by refleak.py
*/
static PyObject *
_abc__reset_caches_impl(PyObject *module, PyObject *self)
{
    abc_data *impl = get_data(module, self);
    if (impl == NULL) {
        return NULL;
    }
    if ((impl->cache != NULL && PySet_Clear(impl->cache) < 0) ||
        (impl->negative_cache != NULL && PySet_Clear(impl->negative_cache) < 0))
    {
        Py_DECREF(impl);
        return NULL;
    }
    Py_DECREF(impl);
    Py_RETURN_NONE;
}

/*sig _abc._get_dump(module, self, /)

Internal ABC helper for cache and registry debugging.

Return shallow copies of registry, of both caches, and
negative cache version. Don't call this function directly,
instead use ABC._dump_registry() for a nice repr.
*/
static PyObject *
_abc__get_dump_impl(PyObject *module, PyObject *self)
{
    abc_data *impl = get_data(module, self);
    if (impl == NULL) {
        return NULL;
    }
    PyObject *res = Py_BuildValue("NNNK", PySet_New(impl->registry), PySet_New(impl->cache),
                                  PySet_New(impl->negative_cache),
                                  impl->negative_cache_version);
    Py_DECREF(impl);
    return res;
}

/* ------------------------------------------------------------------------------ register() */

/* Registering also passes on which pattern instances match. */
static int
set_collection_flag_recursive(PyTypeObject *child, unsigned long flag)
{
    assert(flag == Py_TPFLAGS_MAPPING || flag == Py_TPFLAGS_SEQUENCE || flag == 0);
    if (PyType_HasFeature(child, Py_TPFLAGS_IMMUTABLETYPE) ||
        (child->tp_flags & COLLECTION_FLAGS) == flag)
    {
        return 0;
    }
    child->tp_flags = (child->tp_flags & ~COLLECTION_FLAGS) | flag;
    PyObject *grandchildren = _PyType_GetSubclasses(child);
    if (grandchildren == NULL) {
        return -1;
    }
    if (Py_EnterRecursiveCall(" while registering a class")) {
        Py_DECREF(grandchildren);
        return -1;
    }
    int res = 0;
    for (Py_ssize_t i = 0; res == 0 && i < PyList_GET_SIZE(grandchildren); i++) {
        PyObject *grandchild = PyList_GET_ITEM(grandchildren, i);
        res = set_collection_flag_recursive((PyTypeObject *)grandchild, flag);
    }
    Py_LeaveRecursiveCall();
    Py_DECREF(grandchildren);
    return res;
}

/*sig _abc._abc_register(module, self, subclass, /)

Internal ABC helper for subclasss registration. Should be never used outside abc module.
*/
static PyObject *
_abc__abc_register_impl(PyObject *module, PyObject *self, PyObject *subclass)
{
    if (!PyType_Check(subclass)) {
        PyErr_SetString(PyExc_TypeError, "Can only register classes");
        return NULL;
    }
    int result = PyObject_IsSubclass(subclass, self);
    if (result != 0) {
        return result > 0 ? Py_NewRef(subclass) : NULL;     /* already one */
    }
    /* The other way round is a cycle that no test would come out of. */
    result = PyObject_IsSubclass(self, subclass);
    if (result > 0) {
        PyErr_SetString(PyExc_RuntimeError, "Refusing to create an inheritance cycle");
    }
    if (result != 0) {
        return NULL;
    }
    abc_data *impl = get_data(module, self);
    if (impl == NULL) {
        return NULL;
    }
    result = add_to_weak_set(&impl->registry, subclass);
    Py_DECREF(impl);
    if (result < 0) {
        return NULL;
    }
    get_state(module)->invalidation_counter++;
    if (PyType_Check(self)) {
        unsigned long flag = PyType_GetFlags((PyTypeObject *)self) & COLLECTION_FLAGS;
        if (flag && set_collection_flag_recursive((PyTypeObject *)subclass, flag) < 0) {
            return NULL;
        }
    }
    return Py_NewRef(subclass);
}

/* ------------------------------------------------------------------------------ the tests */

/* Is the negative cache up to date, and the class in it?  1, 0, -1. */
static int
known_not(PyObject *module, abc_data *impl, PyObject *cls)
{
    if (impl->negative_cache_version != get_state(module)->invalidation_counter) {
        return 0;
    }
    return in_weak_set(impl->negative_cache, cls);
}

static PyObject *
call_subclasscheck(PyObject *self, PyObject *cls)
{
    return PyObject_CallMethodOneArg(self, &_Py_ID(__subclasscheck__), cls);
}

/*sig _abc._abc_instancecheck(module, self, instance, /)

Internal ABC helper for instance checks. Should be never used outside abc module.
*/
static PyObject *
_abc__abc_instancecheck_impl(PyObject *module, PyObject *self, PyObject *instance)
{
    abc_data *impl = get_data(module, self);
    if (impl == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    PyObject *subclass = PyObject_GetAttr(instance, &_Py_ID(__class__));
    if (subclass == NULL) {
        goto end;
    }
    int incache = in_weak_set(impl->cache, subclass);
    if (incache != 0) {
        result = incache > 0 ? Py_NewRef(Py_True) : NULL;
        goto end;
    }
    PyObject *subtype = (PyObject *)Py_TYPE(instance);
    if (subtype == subclass) {
        incache = known_not(module, impl, subclass);
        if (incache < 0) {
            goto end;
        }
        result = incache > 0 ? Py_NewRef(Py_False) : call_subclasscheck(self, subclass);
        goto end;
    }
    result = call_subclasscheck(self, subclass);
    if (result == NULL) {
        goto end;
    }
    int ok = PyObject_IsTrue(result);
    if (ok < 0) {
        Py_CLEAR(result);
    }
    else if (!ok) {
        Py_SETREF(result, call_subclasscheck(self, subtype));
    }
end:
    Py_DECREF(impl);
    Py_XDECREF(subclass);
    return result;
}

/* Is `subclass` derived from one that was registered?  1, 0, -1. */
static int
check_registry(abc_data *impl, PyObject *subclass)
{
    if (impl->registry == NULL || PySet_GET_SIZE(impl->registry) == 0) {
        return 0;
    }
    int ret = in_weak_set(impl->registry, subclass);
    if (ret != 0) {
        if (ret > 0) {
            ret = add_to_weak_set(&impl->cache, subclass) < 0 ? -1 : 1;
        }
        return ret;
    }
    /* A test may change the registry: look through a copy of strong references. */
    PyObject *copy = PySequence_List(impl->registry);
    if (copy == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; ret == 0 && i < PyList_GET_SIZE(copy); i++) {
        PyObject *rkey = PyWeakref_GET_OBJECT(PyList_GET_ITEM(copy, i));
        if (rkey == Py_None) {
            continue;
        }
        Py_INCREF(rkey);
        ret = PyObject_IsSubclass(subclass, rkey);
        Py_DECREF(rkey);
    }
    if (ret > 0 && add_to_weak_set(&impl->cache, subclass) < 0) {
        ret = -1;
    }
    Py_DECREF(copy);
    return ret;
}

/* __subclasshook__: 1 or 0 if it decides, 2 if not, -1. */
static int
ask_hook(PyObject *self, PyObject *subclass)
{
    PyObject *ok = PyObject_CallMethodOneArg(self, &_Py_ID(__subclasshook__), subclass);
    if (ok == NULL) {
        return -1;
    }
    int res = ok == Py_True ? 1 : ok == Py_False ? 0 : ok == Py_NotImplemented ? 2 : -1;
    if (res < 0) {
        PyErr_SetString(PyExc_AssertionError,
                        "__subclasshook__ must return either False, True, or NotImplemented");
    }
    Py_DECREF(ok);
    return res;
}

/* Is it a subclass of one of the ABC's subclasses? */
static int
check_subclasses(PyObject *self, PyObject *subclass)
{
    PyObject *subclasses = PyObject_CallMethod(self, "__subclasses__", NULL);
    if (subclasses == NULL) {
        return -1;
    }
    int res = 0;
    if (!PyList_Check(subclasses)) {
        PyErr_SetString(PyExc_TypeError, "__subclasses__() must return a list");
        res = -1;
    }
    for (Py_ssize_t pos = 0; res == 0 && pos < PyList_GET_SIZE(subclasses); pos++) {
        PyObject *scls = Py_NewRef(PyList_GET_ITEM(subclasses, pos));
        res = PyObject_IsSubclass(subclass, scls);
        Py_DECREF(scls);
    }
    Py_DECREF(subclasses);
    return res;
}

/* The test past the caches; the registry's answer is cached by itself. */
static int
decide(abc_data *impl, PyObject *self, PyObject *subclass)
{
    int res = ask_hook(self, subclass);
    if (res == 2) {
        res = PyType_IsSubtype((PyTypeObject *)subclass, (PyTypeObject *)self);
        if (res == 0) {
            res = check_registry(impl, subclass);
            if (res != 0) {
                return res;
            }
            res = check_subclasses(self, subclass);
        }
    }
    if (res > 0 && add_to_weak_set(&impl->cache, subclass) < 0) {
        return -1;
    }
    if (res == 0 && add_to_weak_set(&impl->negative_cache, subclass) < 0) {
        return -1;
    }
    return res;
}

/*sig _abc._abc_subclasscheck(module, self, subclass, /)

Internal ABC helper for subclasss checks. Should be never used outside abc module.
*/
static PyObject *
_abc__abc_subclasscheck_impl(PyObject *module, PyObject *self, PyObject *subclass)
{
    if (!PyType_Check(subclass)) {
        PyErr_SetString(PyExc_TypeError, "issubclass() arg 1 must be a class");
        return NULL;
    }
    abc_data *impl = get_data(module, self);
    if (impl == NULL) {
        return NULL;
    }
    abc_state *state = get_state(module);
    int res = in_weak_set(impl->cache, subclass);
    if (res == 0) {
        if (impl->negative_cache_version < state->invalidation_counter) {
            if (impl->negative_cache != NULL && PySet_Clear(impl->negative_cache) < 0) {
                res = -1;
            }
            impl->negative_cache_version = state->invalidation_counter;
        }
        else {
            res = in_weak_set(impl->negative_cache, subclass);
            if (res > 0) {
                Py_DECREF(impl);
                Py_RETURN_FALSE;
            }
        }
        if (res == 0) {
            res = decide(impl, self, subclass);
        }
    }
    Py_DECREF(impl);
    return res < 0 ? NULL : PyBool_FromLong(res);
}

/*sig _abc.get_cache_token(module)

Returns the current ABC cache token.

The token is an opaque object (supporting equality testing) identifying the
current version of the ABC cache for virtual subclasses. The token changes
with every call to register() on any ABC.
*/
static PyObject *
_abc_get_cache_token_impl(PyObject *module)
{
    return PyLong_FromUnsignedLongLong(get_state(module)->invalidation_counter);
}

/* ------------------------------------------------------------------------------ the module */

PyDoc_STRVAR(abc_doc, "Module contains faster C implementation of abc.ABCMeta");

static _Py_SHARED PyMethodDef abc_methods[] = {
    _ABC_GET_CACHE_TOKEN_METHODDEF
    _ABC__ABC_INIT_METHODDEF
    _ABC__RESET_REGISTRY_METHODDEF
    _ABC__RESET_CACHES_METHODDEF
    _ABC__GET_DUMP_METHODDEF
    _ABC__ABC_REGISTER_METHODDEF
    _ABC__ABC_INSTANCECHECK_METHODDEF
    _ABC__ABC_SUBCLASSCHECK_METHODDEF
    {NULL}
};

static int
abc_exec(PyObject *module)
{
    abc_state *state = get_state(module);
    state->invalidation_counter = 0;
    state->data_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &abc_data_spec, NULL);
    return state->data_type == NULL ? -1 : 0;
}

static int
abc_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(get_state(module)->data_type);
    return 0;
}

static int
abc_clear(PyObject *module)
{
    Py_CLEAR(get_state(module)->data_type);
    return 0;
}

static void
abc_free(void *module)
{
    (void)abc_clear((PyObject *)module);
}

static _Py_SHARED PyModuleDef_Slot abc_slots[] = {
    {Py_mod_exec, abc_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef abc_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_abc",
    .m_doc = abc_doc,
    .m_size = sizeof(abc_state),
    .m_methods = abc_methods,
    .m_slots = abc_slots,
    .m_traverse = abc_traverse,
    .m_clear = abc_clear,
    .m_free = abc_free,
};

PyMODINIT_FUNC
PyInit__abc(void)
{
    return PyModuleDef_Init(&abc_module);
}
