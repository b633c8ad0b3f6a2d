/* itertoolsmodule.c - the module itertools: its table of types and its state.
 *
 * The iterators themselves are in Modules/itertools/.  Written from the documentation of the
 * module and observed behaviour (pickling, messages).
 */
#include "itertools/itertools.h"
#include "pycore_object.h"      // _Py_SHARED

int
_PyItertools_WarnPickle(void)
{
    return PyErr_WarnEx(PyExc_DeprecationWarning,
                        "Pickle, copy, and deepcopy support will be removed from itertools in "
                        "Python 3.14.", 1);
}

int
_PyItertools_NoKeywords(PyTypeObject *type, const char *name, PyObject *kwds)
{
    if (kwds == NULL || PyDict_GET_SIZE(kwds) == 0) {
        return 0;
    }
    if (type->tp_init == PyBaseObject_Type.tp_init) {
        PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments", name);
        return -1;
    }
    return 0;
}

PyDoc_STRVAR(tee_doc,
"tee($module, iterable, n=2, /)\n--\n\n"
"Returns a tuple of n independent iterators.");

static const PyMethodDef itertools_methods[] = {
    {"tee", (PyCFunction)(void (*)(void))_PyItertools_Tee, METH_FASTCALL, tee_doc},
    {NULL, NULL}
};

static itertools_state *
get_state(PyObject *module)
{
    return (itertools_state *)PyModule_GetState(module);
}

/* Types that other files ask for, with their places in the state. */
static const struct {
    const PyType_Spec *spec;
    Py_ssize_t place;           /* offset in itertools_state */
} kept_types[] = {
    {&_PyItertools_accumulate_spec, offsetof(itertools_state, accumulate_type)},
    {&_PyItertools_chain_spec, offsetof(itertools_state, chain_type)},
    {&_PyItertools_groupby_spec, offsetof(itertools_state, groupby_type)},
    {&_PyItertools__grouper_spec, offsetof(itertools_state, grouper_type)},
    {&_PyItertools_islice_spec, offsetof(itertools_state, islice_type)},
    {&_PyItertools__tee_spec, offsetof(itertools_state, tee_type)},
    {&_PyItertools__tee_dataobject_spec, offsetof(itertools_state, teedataobject_type)},
};

static const PyType_Spec *const other_types[] = {
    &_PyItertools_batched_spec,
    &_PyItertools_combinations_spec,
    &_PyItertools_combinations_with_replacement_spec,
    &_PyItertools_compress_spec,
    &_PyItertools_count_spec,
    &_PyItertools_cycle_spec,
    &_PyItertools_dropwhile_spec,
    &_PyItertools_filterfalse_spec,
    &_PyItertools_pairwise_spec,
    &_PyItertools_permutations_spec,
    &_PyItertools_product_spec,
    &_PyItertools_repeat_spec,
    &_PyItertools_starmap_spec,
    &_PyItertools_takewhile_spec,
    &_PyItertools_zip_longest_spec,
};

static PyTypeObject **
kept_place(PyObject *module, size_t i)
{
    return (PyTypeObject **)((char *)get_state(module) + kept_types[i].place);
}

static PyTypeObject *
add_type(PyObject *module, const PyType_Spec *spec)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, (PyType_Spec *)spec,
                                                                  NULL);
    if (type != NULL && PyModule_AddType(module, type) < 0) {
        Py_CLEAR(type);
    }
    return type;
}

static int
itertools_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(kept_types); i++) {
        PyTypeObject *type = add_type(module, kept_types[i].spec);
        if (type == NULL) {
            return -1;
        }
        *kept_place(module, i) = type;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(other_types); i++) {
        PyTypeObject *type = add_type(module, other_types[i]);
        if (type == NULL) {
            return -1;
        }
        Py_DECREF(type);
    }
    return 0;
}

static int
itertools_traverse(PyObject *module, visitproc visit, void *arg)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(kept_types); i++) {
        Py_VISIT(*kept_place(module, i));
    }
    return 0;
}

static int
itertools_clear(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(kept_types); i++) {
        Py_CLEAR(*kept_place(module, i));
    }
    return 0;
}

static void
itertools_free(void *module)
{
    itertools_clear((PyObject *)module);
}

static const PyModuleDef_Slot itertools_slots[] = {
    {Py_mod_exec, itertools_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(itertools_doc,
"Functional tools for creating and using iterators.\n\
\n\
Infinite iterators:\n\
count(start=0, step=1) --> start, start+step, start+2*step, ...\n\
cycle(p) --> p0, p1, ... plast, p0, p1, ...\n\
repeat(elem [,n]) --> elem, elem, elem, ... endlessly or up to n times\n\
\n\
Iterators terminating on the shortest input sequence:\n\
accumulate(p[, func]) --> p0, p0+p1, p0+p1+p2\n\
batched(p, n) --> [p0, p1, ..., p_n-1], [p_n, p_n+1, ..., p_2n-1], ...\n\
chain(p, q, ...) --> p0, p1, ... plast, q0, q1, ...\n\
chain.from_iterable([p, q, ...]) --> p0, p1, ... plast, q0, q1, ...\n\
compress(data, selectors) --> (d[0] if s[0]), (d[1] if s[1]), ...\n\
dropwhile(pred, seq) --> seq[n], seq[n+1], starting when pred fails\n\
groupby(iterable[, keyfunc]) --> sub-iterators grouped by value of keyfunc(v)\n\
filterfalse(pred, seq) --> elements of seq where pred(elem) is False\n\
islice(seq, [start,] stop [, step]) --> elements from\n\
       seq[start:stop:step]\n\
pairwise(s) --> (s[0],s[1]), (s[1],s[2]), (s[2], s[3]), ...\n\
starmap(fun, seq) --> fun(*seq[0]), fun(*seq[1]), ...\n\
tee(it, n=2) --> (it1, it2 , ... itn) splits one iterator into n\n\
takewhile(pred, seq) --> seq[0], seq[1], until pred fails\n\
zip_longest(p, q, ...) --> (p[0], q[0]), (p[1], q[1]), ...\n\
\n\
Combinatoric generators:\n\
product(p, q, ... [repeat=1]) --> cartesian product\n\
permutations(p[, r])\n\
combinations(p, r)\n\
combinations_with_replacement(p, r)\n\
");

_Py_SHARED struct PyModuleDef _PyItertools_Module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "itertools",
    .m_doc = itertools_doc,
    .m_size = sizeof(itertools_state),
    .m_methods = (PyMethodDef *)itertools_methods,
    .m_slots = (PyModuleDef_Slot *)itertools_slots,
    .m_traverse = itertools_traverse,
    .m_clear = itertools_clear,
    .m_free = itertools_free,
};

PyMODINIT_FUNC
PyInit_itertools(void)
{
    return PyModuleDef_Init(&_PyItertools_Module);
}
