/* The module atexit, and the C callbacks of PyUnstable_AtExit().

   Python callbacks are kept in the interpreter in the order of registration and run in the
   opposite order, once, when the interpreter begins to end.  A callback that is unregistered
   leaves a NULL behind, so that indexes stay valid while others run.  C callbacks run later,
   when no Python code runs any more.

   Written from the documentation of the atexit module.  */

#include "Python.h"
#include "pycore_atexit.h"      // _PyAtExit_Call()
#include "pycore_errors.h"      // _PyErr_NoMemory()
#include "pycore_initconfig.h"  // _PyStatus_OK()
#include "pycore_interp.h"      // struct _atexit_state
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_pystate.h"     // _PyInterpreterState_GET()

struct atexit_py_callback {
    PyObject *func;
    PyObject *args;             /* tuple */
    PyObject *kwargs;           /* dict or NULL */
};

static inline struct _atexit_state *
atexit_state(void)
{
    return &_PyInterpreterState_GET()->atexit;
}

/* The name that the function had before it was public. */
int
_Py_AtExit(PyInterpreterState *interp, atexit_datacallbackfunc func, void *data)
{
    return PyUnstable_AtExit(interp, func, data);
}

/* ---- C callbacks -------------------------------------------------------- */

int
PyUnstable_AtExit(PyInterpreterState *interp, atexit_datacallbackfunc func, void *data)
{
    assert(interp == _PyInterpreterState_GET());
    struct atexit_callback *callback = PyMem_Malloc(sizeof(*callback));
    if (callback == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    callback->func = func;
    callback->data = data;
    callback->next = interp->atexit.ll_callbacks;
    interp->atexit.ll_callbacks = callback;
    return 0;
}

static void
call_c_callbacks(struct _atexit_state *state)
{
    struct atexit_callback *callback;
    while ((callback = state->ll_callbacks) != NULL) {
        state->ll_callbacks = callback->next;
        void (*func)(void *) = callback->func;
        void *data = callback->data;
        PyMem_Free(callback);
        func(data);
    }
}

/* ---- Python callbacks --------------------------------------------------- */

static void
delete_callback(struct _atexit_state *state, int i)
{
    struct atexit_py_callback *callback = state->callbacks[i];
    state->callbacks[i] = NULL;
    Py_DECREF(callback->func);
    Py_DECREF(callback->args);
    Py_XDECREF(callback->kwargs);
    PyMem_Free(callback);
}

static void
forget_callbacks(struct _atexit_state *state)
{
    for (int i = 0; i < state->ncallbacks; i++) {
        if (state->callbacks[i] != NULL) {
            delete_callback(state, i);
        }
    }
    state->ncallbacks = 0;
}

/* Run the callbacks, the newest first, and forget them. */
static void
run_callbacks(struct _atexit_state *state)
{
    assert(!PyErr_Occurred());
    for (int i = state->ncallbacks - 1; i >= 0; i--) {
        struct atexit_py_callback *callback = state->callbacks[i];
        if (callback == NULL) {
            continue;
        }
        PyObject *func = Py_NewRef(callback->func);     /* it may unregister itself */
        PyObject *args = Py_NewRef(callback->args);
        PyObject *kwargs = Py_XNewRef(callback->kwargs);
        PyObject *result = PyObject_Call(func, args, kwargs);
        if (result == NULL) {
            _PyErr_WriteUnraisableMsg("in atexit callback", func);
        }
        else {
            Py_DECREF(result);
        }
        Py_DECREF(func);
        Py_DECREF(args);
        Py_XDECREF(kwargs);
    }
    forget_callbacks(state);
    assert(!PyErr_Occurred());
}

void
_PyAtExit_Call(PyInterpreterState *interp)
{
    run_callbacks(&interp->atexit);
}

PyStatus
_PyAtExit_Init(PyInterpreterState *interp)
{
    struct _atexit_state *state = &interp->atexit;
    if (state->callbacks == NULL) {
        state->callback_len = 8;
        state->ncallbacks = 0;
        state->callbacks = PyMem_New(struct atexit_py_callback *, state->callback_len);
        if (state->callbacks == NULL) {
            return _PyStatus_NO_MEMORY();
        }
    }
    return _PyStatus_OK();
}

void
_PyAtExit_Fini(PyInterpreterState *interp)
{
    struct _atexit_state *state = &interp->atexit;
    forget_callbacks(state);
    PyMem_Free(state->callbacks);
    state->callbacks = NULL;
    state->callback_len = 0;
    call_c_callbacks(state);
}

/* ---- The module --------------------------------------------------------- */

static int
make_room(struct _atexit_state *state)
{
    if (state->ncallbacks < state->callback_len) {
        return 0;
    }
    int length = state->callback_len + 16;
    struct atexit_py_callback **callbacks = state->callbacks;
    callbacks = PyMem_Realloc(callbacks, (size_t)length * sizeof(*callbacks));
    if (callbacks == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    state->callbacks = callbacks;
    state->callback_len = length;
    return 0;
}

PyDoc_STRVAR(atexit_register__doc__,
"register(func, *args, **kwargs) -> func\n"
"\n"
"Register a function to be called with these arguments when the interpreter\n"
"ends.  The function is returned, so that this can be used as a decorator.");

static PyObject *
atexit_register(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) == 0) {
        PyErr_SetString(PyExc_TypeError, "register() takes at least 1 argument (0 given)");
        return NULL;
    }
    PyObject *func = PyTuple_GET_ITEM(args, 0);
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "the first argument must be callable");
        return NULL;
    }
    struct _atexit_state *state = atexit_state();
    if (make_room(state) < 0) {
        return NULL;
    }
    struct atexit_py_callback *callback = PyMem_Malloc(sizeof(*callback));
    if (callback == NULL) {
        return PyErr_NoMemory();
    }
    callback->args = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    if (callback->args == NULL) {
        PyMem_Free(callback);
        return NULL;
    }
    callback->func = Py_NewRef(func);
    callback->kwargs = Py_XNewRef(kwargs);
    state->callbacks[state->ncallbacks++] = callback;
    return Py_NewRef(func);
}

PyDoc_STRVAR(atexit_unregister__doc__,
"unregister(func) -> None\n"
"\n"
"Take back all registrations of a function.");

static PyObject *
atexit_unregister(PyObject *Py_UNUSED(module), PyObject *func)
{
    struct _atexit_state *state = atexit_state();
    for (int i = 0; i < state->ncallbacks; i++) {
        struct atexit_py_callback *callback = state->callbacks[i];
        if (callback == NULL) {
            continue;
        }
        PyObject *other = Py_NewRef(callback->func);
        int equal = PyObject_RichCompareBool(other, func, Py_EQ);
        Py_DECREF(other);
        if (equal < 0) {
            return NULL;
        }
        /* The comparison may have run anything. */
        if (equal && i < state->ncallbacks && state->callbacks[i] == callback) {
            delete_callback(state, i);
        }
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(atexit_clear__doc__,
"_clear() -> None\n"
"\n"
"Forget all registered functions.");

static PyObject *
atexit_clear(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    forget_callbacks(atexit_state());
    Py_RETURN_NONE;
}

PyDoc_STRVAR(atexit_ncallbacks__doc__,
"_ncallbacks() -> int\n"
"\n"
"Return how many functions are registered, those taken back included.");

static PyObject *
atexit_ncallbacks(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    return PyLong_FromLong(atexit_state()->ncallbacks);
}

PyDoc_STRVAR(atexit_run_exitfuncs__doc__,
"_run_exitfuncs() -> None\n"
"\n"
"Run all registered functions; exceptions go to sys.unraisablehook.");

static PyObject *
atexit_run_exitfuncs(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    run_callbacks(atexit_state());
    Py_RETURN_NONE;
}

static const PyMethodDef atexit_methods[] = {
    {"register", _PyCFunction_CAST(atexit_register), METH_VARARGS | METH_KEYWORDS,
     atexit_register__doc__},
    {"_clear", atexit_clear, METH_NOARGS, atexit_clear__doc__},
    {"unregister", atexit_unregister, METH_O, atexit_unregister__doc__},
    {"_run_exitfuncs", atexit_run_exitfuncs, METH_NOARGS, atexit_run_exitfuncs__doc__},
    {"_ncallbacks", atexit_ncallbacks, METH_NOARGS, atexit_ncallbacks__doc__},
    {NULL, NULL, 0, NULL}
};

/* The callbacks are found by the collector through the module. */
static int
atexit_traverse(PyObject *Py_UNUSED(module), visitproc visit, void *arg)
{
    struct _atexit_state *state = atexit_state();
    for (int i = 0; i < state->ncallbacks; i++) {
        struct atexit_py_callback *callback = state->callbacks[i];
        if (callback != NULL) {
            Py_VISIT(callback->func);
            Py_VISIT(callback->args);
            Py_VISIT(callback->kwargs);
        }
    }
    return 0;
}

static int
atexit_tp_clear(PyObject *Py_UNUSED(module))
{
    forget_callbacks(atexit_state());
    return 0;
}

static const PyModuleDef_Slot atexit_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

PyDoc_STRVAR(atexit_doc, "Register functions to be called when the interpreter ends.");

_Py_SHARED static PyModuleDef atexit_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "atexit",
    .m_doc = atexit_doc,
    .m_methods = (PyMethodDef *)atexit_methods,
    .m_slots = (PyModuleDef_Slot *)atexit_slots,
    .m_traverse = atexit_traverse,
    .m_clear = atexit_tp_clear,
};

PyMODINIT_FUNC
PyInit_atexit(void)
{
    return PyModuleDef_Init(&atexit_module);
}
