/* The module gc: the collector (Python/gc.c) as Python code sees it.

   What it sets belongs to the interpreter (interp->gc); what it shows of the lists belongs to
   the heap.

   Written from the documentation of the gc module.  */

#include "Python.h"
#include "pycore_gc.h"          // struct _gc_state
#include "pycore_object.h"      // _PyObject_IS_GC()
#include "pycore_pystate.h"     // _PyInterpreterState_GET()
#include "pycore_signature.h"   // wrappers

#include "sig/gcmodule.sig.h"

static inline struct _gc_state *
gc_state(void)
{
    return &_PyInterpreterState_GET()->gc;
}

static inline struct _gc_heap *
gc_heap(void)
{
    return &_PyInterpreterState_GET()->heap->gc;
}

/*sig gc.enable(module)

Switch automatic collection on.
*/
static PyObject *
gc_enable_impl(PyObject *Py_UNUSED(module))
{
    PyGC_Enable();
    Py_RETURN_NONE;
}

/*sig gc.disable(module)

Switch automatic collection off.
*/
static PyObject *
gc_disable_impl(PyObject *Py_UNUSED(module))
{
    PyGC_Disable();
    Py_RETURN_NONE;
}

/*sig gc.isenabled(module)

Tell whether automatic collection is on.
*/
static PyObject *
gc_isenabled_impl(PyObject *Py_UNUSED(module))
{
    return PyBool_FromLong(gc_state()->enabled);
}

/*sig gc.collect(module, generation: int = 2)

Collect a generation and all younger ones; by default, everything.

Returns the number of unreachable objects found.  A number that is no
generation raises ValueError.
*/
static PyObject *
gc_collect_impl(PyObject *Py_UNUSED(module), int generation)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (generation < 0 || generation >= NUM_GENERATIONS) {
        PyErr_SetString(PyExc_ValueError, "invalid generation");
        return NULL;
    }
    return PyLong_FromSsize_t(_PyGC_CollectGeneration(tstate, generation));
}

/*sig gc.set_debug(module, flags: int, /)

Set the debugging flags: a sum of DEBUG_STATS, DEBUG_COLLECTABLE,
DEBUG_UNCOLLECTABLE, DEBUG_SAVEALL, or DEBUG_LEAK.

What they make the collector say goes to sys.stderr.
*/
static PyObject *
gc_set_debug_impl(PyObject *Py_UNUSED(module), int flags)
{
    gc_state()->debug = flags;
    Py_RETURN_NONE;
}

/*sig gc.get_debug(module)

Return the debugging flags.
*/
static PyObject *
gc_get_debug_impl(PyObject *Py_UNUSED(module))
{
    return PyLong_FromLong(gc_state()->debug);
}

PyDoc_STRVAR(gc_set_threshold__doc__,
"set_threshold(threshold0, [threshold1, threshold2]) -> None\n"
"\n"
"Set when the generations are collected.  A threshold0 of zero switches\n"
"automatic collection off.\n");

static PyObject *
gc_set_threshold(PyObject *Py_UNUSED(module), PyObject *args)
{
    struct gc_generation *g = gc_heap()->generations;
    if (!PyArg_ParseTuple(args, "i|ii:set_threshold",
                          &g[0].threshold, &g[1].threshold, &g[2].threshold)) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig gc.get_threshold(module)

Return the three thresholds as a tuple.
*/
static PyObject *
gc_get_threshold_impl(PyObject *Py_UNUSED(module))
{
    struct gc_generation *g = gc_heap()->generations;
    return Py_BuildValue("(iii)", g[0].threshold, g[1].threshold, g[2].threshold);
}

/*sig gc.get_count(module)

Return the three collection counts as a tuple.
*/
static PyObject *
gc_get_count_impl(PyObject *Py_UNUSED(module))
{
    struct gc_generation *g = gc_heap()->generations;
    return Py_BuildValue("(iii)", g[0].count, g[1].count, g[2].count);
}

PyDoc_STRVAR(gc_get_referrers__doc__,
"get_referrers(*objs) -> list\n"
"Return the tracked objects that directly refer to one of the arguments.");

static PyObject *
gc_get_referrers(PyObject *Py_UNUSED(module), PyObject *args)
{
    if (PySys_Audit("gc.get_referrers", "(O)", args) < 0) {
        return NULL;
    }
    return _PyGC_GetReferrers(_PyThreadState_GET(), args);
}

static int
append_referent(PyObject *op, void *list)
{
    return PyList_Append(list, op) < 0;
}

PyDoc_STRVAR(gc_get_referents__doc__,
"get_referents(*objs) -> list\n"
"Return the objects that the arguments directly refer to.");

static PyObject *
gc_get_referents(PyObject *Py_UNUSED(module), PyObject *args)
{
    if (PySys_Audit("gc.get_referents", "(O)", args) < 0) {
        return NULL;
    }
    PyObject *result = PyList_New(0);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        PyObject *op = PyTuple_GET_ITEM(args, i);
        traverseproc traverse = Py_TYPE(op)->tp_traverse;
        if (_PyObject_IS_GC(op) && traverse != NULL
            && traverse(op, append_referent, result)) {
            Py_DECREF(result);
            return NULL;
        }
    }
    return result;
}

/*sig gc.get_objects(module, generation: object = None)

Return the objects tracked by the collector, without the list returned.

With a generation, only the objects in that one.
*/
static PyObject *
gc_get_objects_impl(PyObject *Py_UNUSED(module), PyObject *generation)
{
    Py_ssize_t number = -1;
    if (generation != Py_None) {
        if (!PyIndex_Check(generation)) {
            PyErr_Format(PyExc_TypeError, "argument should be integer or None, not '%.200s'",
                         Py_TYPE(generation)->tp_name);
            return NULL;
        }
        number = PyNumber_AsSsize_t(generation, PyExc_OverflowError);
        if (number == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    if (PySys_Audit("gc.get_objects", "n", number) < 0) {
        return NULL;
    }
    if (number >= NUM_GENERATIONS) {
        PyErr_Format(PyExc_ValueError,
                     "generation parameter must be less than the number of "
                     "available generations (%i)", NUM_GENERATIONS);
        return NULL;
    }
    if (number < -1) {
        PyErr_SetString(PyExc_ValueError, "generation parameter cannot be negative");
        return NULL;
    }
    return _PyGC_GetObjects(_PyThreadState_GET(), (int)number);
}

/*sig gc.get_stats(module)

Return a list of dicts, one per generation, with the numbers of
collections, of objects collected, and of objects found uncollectable.
*/
static PyObject *
gc_get_stats_impl(PyObject *Py_UNUSED(module))
{
    struct gc_generation_stats stats[NUM_GENERATIONS];
    /* The list is made of containers: a copy shows one moment. */
    memcpy(stats, gc_heap()->stats, sizeof(stats));
    PyObject *result = PyList_New(0);
    if (result == NULL) {
        return NULL;
    }
    for (int i = 0; i < NUM_GENERATIONS; i++) {
        PyObject *dict = Py_BuildValue("{snsnsn}", "collections", stats[i].collections,
                                       "collected", stats[i].collected,
                                       "uncollectable", stats[i].uncollectable);
        if (dict == NULL || PyList_Append(result, dict) < 0) {
            Py_XDECREF(dict);
            Py_DECREF(result);
            return NULL;
        }
        Py_DECREF(dict);
    }
    return result;
}

/*sig gc.is_tracked(module, obj, /)

Tell whether the collector tracks the object.

Atoms are not tracked, nor are containers of atoms only.
*/
static PyObject *
gc_is_tracked_impl(PyObject *Py_UNUSED(module), PyObject *obj)
{
    return PyBool_FromLong(PyObject_GC_IsTracked(obj));
}

/*sig gc.is_finalized(module, obj, /)

Tell whether the object's finalizer was called.
*/
static PyObject *
gc_is_finalized_impl(PyObject *Py_UNUSED(module), PyObject *obj)
{
    return PyBool_FromLong(PyObject_GC_IsFinalized(obj));
}

/*sig gc.freeze(module)

Set all tracked objects aside; collections no longer look at them.

Before a fork this keeps their memory shared with the child.
*/
static PyObject *
gc_freeze_impl(PyObject *Py_UNUSED(module))
{
    _PyGC_Freeze(_PyInterpreterState_GET()->heap);
    Py_RETURN_NONE;
}

/*sig gc.unfreeze(module)

Put the objects that were set aside back into the oldest generation.
*/
static PyObject *
gc_unfreeze_impl(PyObject *Py_UNUSED(module))
{
    _PyGC_Unfreeze(_PyInterpreterState_GET()->heap);
    Py_RETURN_NONE;
}

/*sig gc.get_freeze_count(module)

Return the number of objects that are set aside.
*/
static PyObject *
gc_get_freeze_count_impl(PyObject *Py_UNUSED(module))
{
    return PyLong_FromSsize_t(_PyGC_CountFrozen(_PyInterpreterState_GET()->heap));
}

static const PyMethodDef gc_methods[] = {
    GC_ENABLE_METHODDEF
    GC_DISABLE_METHODDEF
    GC_ISENABLED_METHODDEF
    GC_SET_DEBUG_METHODDEF
    GC_GET_DEBUG_METHODDEF
    GC_GET_COUNT_METHODDEF
    {"set_threshold", gc_set_threshold, METH_VARARGS, gc_set_threshold__doc__},
    GC_GET_THRESHOLD_METHODDEF
    GC_COLLECT_METHODDEF
    GC_GET_OBJECTS_METHODDEF
    GC_GET_STATS_METHODDEF
    GC_IS_TRACKED_METHODDEF
    GC_IS_FINALIZED_METHODDEF
    {"get_referrers", gc_get_referrers, METH_VARARGS, gc_get_referrers__doc__},
    {"get_referents", gc_get_referents, METH_VARARGS, gc_get_referents__doc__},
    GC_FREEZE_METHODDEF
    GC_UNFREEZE_METHODDEF
    GC_GET_FREEZE_COUNT_METHODDEF
    {NULL, NULL, 0, NULL}
};

static int
gc_exec(PyObject *module)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (_PyGC_Init(interp) < 0
        || PyModule_AddObjectRef(module, "garbage", interp->gc.garbage) < 0
        || PyModule_AddObjectRef(module, "callbacks", interp->gc.callbacks) < 0)
    {
        return -1;
    }
    if (PyModule_AddIntConstant(module, "DEBUG_STATS", _PyGC_DEBUG_STATS) < 0
        || PyModule_AddIntConstant(module, "DEBUG_COLLECTABLE", _PyGC_DEBUG_COLLECTABLE) < 0
        || PyModule_AddIntConstant(module, "DEBUG_UNCOLLECTABLE", _PyGC_DEBUG_UNCOLLECTABLE) < 0
        || PyModule_AddIntConstant(module, "DEBUG_SAVEALL", _PyGC_DEBUG_SAVEALL) < 0
        || PyModule_AddIntConstant(module, "DEBUG_LEAK", _PyGC_DEBUG_LEAK) < 0)
    {
        return -1;
    }
    return 0;
}

static const PyModuleDef_Slot gc_slots[] = {
    {Py_mod_exec, gc_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(gc_doc,
"Access to the collector of reference cycles: switch it on and off, run it,\n"
"set its thresholds and debugging flags, and ask about tracked objects.");

_Py_SHARED static PyModuleDef gc_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "gc",
    .m_doc = gc_doc,
    .m_methods = (PyMethodDef *)gc_methods,
    .m_slots = (PyModuleDef_Slot *)gc_slots,
};

PyMODINIT_FUNC
PyInit_gc(void)
{
    return PyModuleDef_Init(&gc_module);
}
