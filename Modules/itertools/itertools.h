/* itertools.h - what the files of the module itertools share.
 *
 * Iterator structs begin with their owned references, so that birth and death can be written once:
 * ITERTOOL_REFS(NAME, STRUCT, N) defines traverse, clear and dealloc for the first N of them.  A
 * reference that is NULL means "exhausted" or "not there yet".
 */
#ifndef Py_ITERTOOLS_H
#define Py_ITERTOOLS_H

#include "Python.h"
#include "pycore_ceval.h"       // _PyIter_NextNested()
#include "structmember.h"       // PyMemberDef

#include <stdbool.h>

typedef struct {
    PyTypeObject *accumulate_type;
    PyTypeObject *chain_type;
    PyTypeObject *groupby_type;
    PyTypeObject *grouper_type;
    PyTypeObject *islice_type;
    PyTypeObject *tee_type;
    PyTypeObject *teedataobject_type;
} itertools_state;

extern struct PyModuleDef _PyItertools_Module;

/* State by (a subclass of) one of the module's types; NULL with an exception for others. */
static inline itertools_state *
itertools_state_of(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &_PyItertools_Module);
    return module == NULL ? NULL : (itertools_state *)PyModule_GetState(module);
}

/* To be called by all that serves pickling and copying: 0, or -1 if the warning is an error. */
extern int _PyItertools_WarnPickle(void);
/* Refuses keywords for constructors without; a subclass with its own __init__ may have some. */
extern int _PyItertools_NoKeywords(PyTypeObject *type, const char *name, PyObject *kwds);

/* Next item of an iterator: NULL at the end without, or on failure with an exception. */
static inline PyObject *
next_item(PyObject *it)
{
    return _PyIter_NextNested(it);
}

/* At the end of an iterator StopIteration may or may not be set: is something else? */
static inline bool
ended_by_error(void)
{
    if (!PyErr_Occurred()) {
        return false;
    }
    if (PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyErr_Clear();
        return false;
    }
    return true;
}

#define ITERTOOL_REFS_AT(OP) ((PyObject **)((OP) + 1))

#define ITERTOOL_REFS(NAME, STRUCT, N)                                              \
    static_assert(sizeof(STRUCT) >= sizeof(PyObject) + (N) * sizeof(PyObject *),    \
                  "references first");                                              \
    static int                                                                      \
    NAME##_traverse(PyObject *self, visitproc visit, void *arg)                     \
    {                                                                               \
        Py_VISIT(Py_TYPE(self));                                                    \
        for (int i = 0; i < (N); i++) {                                             \
            Py_VISIT(ITERTOOL_REFS_AT(self)[i]);                                    \
        }                                                                           \
        return 0;                                                                   \
    }                                                                               \
                                                                                    \
    static int                                                                      \
    NAME##_clear(PyObject *self)                                                    \
    {                                                                               \
        for (int i = 0; i < (N); i++) {                                             \
            Py_CLEAR(ITERTOOL_REFS_AT(self)[i]);                                    \
        }                                                                           \
        return 0;                                                                   \
    }                                                                               \
                                                                                    \
    static void                                                                     \
    NAME##_dealloc(PyObject *self)                                                  \
    {                                                                               \
        PyTypeObject *type = Py_TYPE(self);                                         \
        PyObject_GC_UnTrack(self);                                                  \
        NAME##_clear(self);                                                         \
        type->tp_free(self);                                                        \
        Py_DECREF(type);                                                            \
    }

/* Slots that nearly all the types have. */
#define ITERTOOL_SLOTS(NAME)                                \
    {Py_tp_dealloc, NAME##_dealloc},                        \
    {Py_tp_getattro, PyObject_GenericGetAttr},              \
    {Py_tp_doc, (void *)NAME##_doc},                        \
    {Py_tp_traverse, NAME##_traverse},                      \
    {Py_tp_clear, NAME##_clear},                            \
    {Py_tp_iter, PyObject_SelfIter},                        \
    {Py_tp_iternext, NAME##_next},                          \
    {Py_tp_new, NAME##_new},                                \
    {Py_tp_free, PyObject_GC_Del}

#define ITERTOOL_SPEC(NAME, STRUCT, FLAGS)                                          \
    const PyType_Spec _PyItertools_##NAME##_spec = {                                \
        .name = "itertools." #NAME,                                                 \
        .basicsize = sizeof(STRUCT),                                                \
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC                            \
                 | Py_TPFLAGS_IMMUTABLETYPE | (FLAGS),                              \
        .slots = (PyType_Slot *)NAME##_slots,                                       \
    }

#define REDUCE_DOC PyDoc_STR("Return state information for pickling.")
#define SETSTATE_DOC PyDoc_STR("Set state information for unpickling.")
#define SIZEOF_DOC PyDoc_STR("Returns size in memory, in bytes.")

/* endless.c */
extern const PyType_Spec _PyItertools_count_spec, _PyItertools_cycle_spec,
    _PyItertools_repeat_spec;
/* filter.c */
extern const PyType_Spec _PyItertools_compress_spec, _PyItertools_dropwhile_spec,
    _PyItertools_takewhile_spec, _PyItertools_filterfalse_spec, _PyItertools_starmap_spec,
    _PyItertools_islice_spec;
/* gather.c */
extern const PyType_Spec _PyItertools_accumulate_spec, _PyItertools_batched_spec,
    _PyItertools_chain_spec, _PyItertools_pairwise_spec, _PyItertools_zip_longest_spec;
/* combine.c */
extern const PyType_Spec _PyItertools_product_spec, _PyItertools_combinations_spec,
    _PyItertools_combinations_with_replacement_spec, _PyItertools_permutations_spec;
/* group.c */
extern const PyType_Spec _PyItertools_groupby_spec, _PyItertools__grouper_spec,
    _PyItertools__tee_spec, _PyItertools__tee_dataobject_spec;
extern PyObject *_PyItertools_Tee(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

#endif /* !Py_ITERTOOLS_H */
