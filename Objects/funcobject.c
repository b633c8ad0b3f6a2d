/* funcobject.c - Python functions, and the decorators classmethod and staticmethod.
 *
 * A function's version (func_version) is that of its code, for specialised calls: whoever changes
 * code or defaults sets it to 0, and with the code the cached entry point too.  It is given at
 * need.  Watchers are told before a change.
 *
 * Written from the data model chapter ("User-defined functions"), the C API reference ("Function
 * Objects"), the library reference and observed messages.
 */
#include "Python.h"
#include "pycore_ceval.h"       // _PyEval_BuiltinsFromGlobals()
#include "pycore_code.h"        // co_nfreevars
#include "pycore_global_objects.h" // _PyUnicode_EMPTY
#include "pycore_function.h"    // _PyFunction_GetVersionForCurrentState()
#include "pycore_executable.h"  // cached entry
#include "pycore_heap.h"        // next_func_version
#include "pycore_object.h"      // _PyObject_GC_TRACK()
#include "pycore_ceval.h"       // _PyEval_BuiltinsFromGlobals()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_tuple.h"       // _PyTuple_ITEMS()
#include "pycore_type.h"

#include "sig/funcobject.sig.h"

#define FUNC_MAX_WATCHERS 8

/* ------------------------------------------------------------------------------ watchers */

static const char *
event_name(PyFunction_WatchEvent event)
{
    switch (event) {
#define CASE(op) case PyFunction_EVENT_##op: return "PyFunction_EVENT_" #op;
    PY_FOREACH_FUNC_EVENT(CASE)
#undef CASE
    }
    Py_UNREACHABLE();
}

/* Reports the exception of a watcher. */
static void
report_watcher(PyFunction_WatchEvent event, PyFunctionObject *func)
{
    PyObject *exception = PyErr_GetRaisedException();
    PyObject *context = PyUnicode_FromFormat("%s watcher callback for %R", event_name(event), func);
    if (context == NULL) {
        PyErr_Clear();
    }
    PyErr_SetRaisedException(exception);
    PyErr_WriteUnraisable(context);
    Py_XDECREF(context);
}

static void
notify_watchers(PyInterpreterState *interp, PyFunction_WatchEvent event, PyFunctionObject *func,
                PyObject *new_value)
{
    uint8_t bits = interp->func_state.active_watchers;
    for (int i = 0; bits != 0; i++, bits >>= 1) {
        if ((bits & 1) && interp->func_state.watchers[i] != NULL &&
            interp->func_state.watchers[i](event, func, new_value) < 0)
        {
            report_watcher(event, func);
        }
    }
}

static inline void
handle_func_event(PyFunction_WatchEvent event, PyFunctionObject *func, PyObject *new_value)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (interp->func_state.active_watchers != 0) {
        notify_watchers(interp, event, func, new_value);
    }
}

int
PyFunction_AddWatcher(PyFunction_WatchCallback callback)
{
    struct _func_state *state = &_PyInterpreterState_GET()->func_state;
    for (int i = 0; i < FUNC_MAX_WATCHERS; i++) {
        if (state->watchers[i] == NULL) {
            state->watchers[i] = callback;
            state->active_watchers |= (uint8_t)(1 << i);
            return i;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "no more func watcher IDs available");
    return -1;
}

int
PyFunction_ClearWatcher(int watcher_id)
{
    struct _func_state *state = &_PyInterpreterState_GET()->func_state;
    if (watcher_id < 0 || watcher_id >= FUNC_MAX_WATCHERS) {
        PyErr_Format(PyExc_ValueError, "invalid func watcher ID %d", watcher_id);
        return -1;
    }
    if (state->watchers[watcher_id] == NULL) {
        PyErr_Format(PyExc_ValueError, "no func watcher set for ID %d", watcher_id);
        return -1;
    }
    state->watchers[watcher_id] = NULL;
    state->active_watchers &= (uint8_t)~(1 << watcher_id);
    return 0;
}

/* ------------------------------------------------------------------------------ versions */

uint32_t
_PyFunction_GetVersionForCurrentState(PyFunctionObject *func)
{
    if (func->func_version != 0) {
        return func->func_version;
    }
    if (func->vectorcall != _PyFunction_Vectorcall) {
        return 0;
    }
    /* One number for all functions of a code object: specialised calls read defaults and the
     * closure from the function they call, so that only the code matters. */
    PyInterpreterState *interp = _PyInterpreterState_GET();
    struct _PyCodeRecord *record = _PyCode_GetRecord(interp, (PyCodeObject *)func->func_code);
    if (record == NULL) {
        PyErr_Clear();
        return 0;
    }
    if (record->version == 0) {
        if (interp->heap->next_func_version == 0) {
            return 0;       /* used up */
        }
        record->version = interp->heap->next_func_version++;
    }
    func->func_version = record->version;
    return func->func_version;
}

/* A new function of code that this interpreter knows begins where others have got to. */
static void
recall_code(PyFunctionObject *func)
{
    PyCodeObject *co = (PyCodeObject *)func->func_code;
    struct _PyCodeRecord *record = _PyCode_PeekRecord(_PyInterpreterState_GET(), co);
    if (record == NULL) {
        return;
    }
    func->func_version = record->version;
    if (record->executable != NULL) {
        func->func_entry_tag = (uint64_t)(uintptr_t)co;
        func->func_entry = record->executable->units;
    }
}

/* The code changed: callers that know the old entry point must not use it any more. */
static void
forget_code(PyFunctionObject *func)
{
    func->func_version = 0;
    func->func_entry = NULL;
    func->func_entry_tag = 0;
}

/* ------------------------------------------------------------------------------ making */

/* __module__ from the globals: new reference; NULL without exception: none. */
static PyObject *
module_of_globals(PyObject *globals)
{
    return Py_XNewRef(PyDict_GetItemWithError(globals, &_Py_ID(__name__)));
}

/* The docstring is the first constant, if it is a string. */
static PyObject *
doc_of_code(PyCodeObject *code)
{
    PyObject *consts = code->co_consts;
    if (PyTuple_GET_SIZE(consts) >= 1) {
        PyObject *doc = PyTuple_GET_ITEM(consts, 0);
        if (PyUnicode_Check(doc)) {
            return Py_NewRef(doc);
        }
    }
    return Py_NewRef(Py_None);
}

PyObject *
PyFunction_NewWithQualName(PyObject *code, PyObject *globals, PyObject *qualname)
{
    assert(PyCode_Check(code));
    assert(globals != NULL && PyDict_Check(globals));
    PyThreadState *tstate = _PyThreadState_GET();
    PyCodeObject *code_obj = (PyCodeObject *)code;
    assert(code_obj->co_name != NULL && code_obj->co_qualname != NULL);
    PyObject *module = module_of_globals(globals);
    if (module == NULL && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *builtins = _PyEval_BuiltinsFromGlobals(tstate, globals);     /* borrowed */
    PyFunctionObject *op = builtins == NULL
                           ? NULL : PyObject_GC_New(PyFunctionObject, &PyFunction_Type);
    if (op == NULL) {
        Py_XDECREF(module);
        return NULL;
    }
    op->func_globals = Py_NewRef(globals);
    op->func_builtins = Py_NewRef(builtins);
    op->func_name = Py_NewRef(code_obj->co_name);
    op->func_qualname = Py_NewRef(qualname != NULL ? qualname : code_obj->co_qualname);
    op->func_code = Py_NewRef(code);
    op->func_defaults = NULL;
    op->func_kwdefaults = NULL;
    op->func_closure = NULL;
    op->func_doc = doc_of_code(code_obj);
    op->func_dict = NULL;
    op->func_weakreflist = NULL;
    op->func_module = module;
    op->func_annotations = NULL;
    op->func_typeparams = NULL;
    op->vectorcall = _PyFunction_Vectorcall;
    forget_code(op);
    recall_code(op);
    _PyObject_GC_TRACK((PyObject *)op);
    handle_func_event(PyFunction_EVENT_CREATE, op, NULL);
    return (PyObject *)op;
}

PyObject *
PyFunction_New(PyObject *code, PyObject *globals)
{
    return PyFunction_NewWithQualName(code, globals, NULL);
}

/* ------------------------------------------------------------------------------ C API */

#define CHECK_FUNCTION(op, result)          \
    do {                                    \
        if (!PyFunction_Check(op)) {        \
            PyErr_BadInternalCall();        \
            return (result);                \
        }                                   \
    } while (0)

PyObject *
PyFunction_GetCode(PyObject *op)
{
    CHECK_FUNCTION(op, NULL);
    return ((PyFunctionObject *)op)->func_code;
}

PyObject *
PyFunction_GetGlobals(PyObject *op)
{
    CHECK_FUNCTION(op, NULL);
    return ((PyFunctionObject *)op)->func_globals;
}

PyObject *
PyFunction_GetModule(PyObject *op)
{
    CHECK_FUNCTION(op, NULL);
    return ((PyFunctionObject *)op)->func_module;
}

PyObject *
PyFunction_GetDefaults(PyObject *op)
{
    CHECK_FUNCTION(op, NULL);
    return ((PyFunctionObject *)op)->func_defaults;
}

/* None (or NULL) clears; else of the given type.  New reference in *pvalue; 0 or -1. */
static int
none_or(PyObject *value, PyTypeObject *type, const char *message, PyObject **pvalue)
{
    if (value == Py_None) {
        *pvalue = NULL;
    }
    else if (value != NULL && PyObject_TypeCheck(value, type)) {
        *pvalue = Py_NewRef(value);
    }
    else {
        PyErr_SetString(PyExc_SystemError, message);
        return -1;
    }
    return 0;
}

int
PyFunction_SetDefaults(PyObject *op, PyObject *defaults)
{
    CHECK_FUNCTION(op, -1);
    PyFunctionObject *func = (PyFunctionObject *)op;
    if (none_or(defaults, &PyTuple_Type, "non-tuple default args", &defaults) < 0) {
        return -1;
    }
    handle_func_event(PyFunction_EVENT_MODIFY_DEFAULTS, func, defaults);
    func->func_version = 0;
    Py_XSETREF(func->func_defaults, defaults);
    return 0;
}

void
PyFunction_SetVectorcall(PyFunctionObject *func, vectorcallfunc vectorcall)
{
    assert(func != NULL);
    forget_code(func);
    func->vectorcall = vectorcall;
}

PyObject *
PyFunction_GetKwDefaults(PyObject *op)
{
    CHECK_FUNCTION(op, NULL);
    return ((PyFunctionObject *)op)->func_kwdefaults;
}

int
PyFunction_SetKwDefaults(PyObject *op, PyObject *defaults)
{
    CHECK_FUNCTION(op, -1);
    PyFunctionObject *func = (PyFunctionObject *)op;
    if (none_or(defaults, &PyDict_Type, "non-dict keyword only default args", &defaults) < 0) {
        return -1;
    }
    handle_func_event(PyFunction_EVENT_MODIFY_KWDEFAULTS, func, defaults);
    func->func_version = 0;
    Py_XSETREF(func->func_kwdefaults, defaults);
    return 0;
}

PyObject *
PyFunction_GetClosure(PyObject *op)
{
    CHECK_FUNCTION(op, NULL);
    return ((PyFunctionObject *)op)->func_closure;
}

int
PyFunction_SetClosure(PyObject *op, PyObject *closure)
{
    CHECK_FUNCTION(op, -1);
    if (closure == Py_None) {
        closure = NULL;
    }
    else if (PyTuple_Check(closure)) {
        Py_INCREF(closure);
    }
    else {
        PyErr_Format(PyExc_SystemError, "expected tuple for closure, got '%.100s'",
                     Py_TYPE(closure)->tp_name);
        return -1;
    }
    PyFunctionObject *func = (PyFunctionObject *)op;
    func->func_version = 0;
    Py_XSETREF(func->func_closure, closure);
    return 0;
}

/* Annotations may still be the tuple (name, value, ...) that the compiler made.  Borrowed dict,
 * NULL if there are none (or with an exception). */
static PyObject *
func_get_annotation_dict(PyFunctionObject *op)
{
    if (op->func_annotations == NULL) {
        return NULL;
    }
    if (PyTuple_CheckExact(op->func_annotations)) {
        PyObject *tuple = op->func_annotations;
        PyObject *dict = PyDict_New();
        if (dict == NULL) {
            return NULL;
        }
        assert(PyTuple_GET_SIZE(tuple) % 2 == 0);
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i += 2) {
            if (PyDict_SetItem(dict, PyTuple_GET_ITEM(tuple, i),
                               PyTuple_GET_ITEM(tuple, i + 1)) < 0)
            {
                Py_DECREF(dict);
                return NULL;
            }
        }
        Py_SETREF(op->func_annotations, dict);
    }
    assert(PyDict_Check(op->func_annotations));
    return op->func_annotations;
}

PyObject *
PyFunction_GetAnnotations(PyObject *op)
{
    CHECK_FUNCTION(op, NULL);
    return func_get_annotation_dict((PyFunctionObject *)op);
}

int
PyFunction_SetAnnotations(PyObject *op, PyObject *annotations)
{
    CHECK_FUNCTION(op, -1);
    PyFunctionObject *func = (PyFunctionObject *)op;
    if (none_or(annotations, &PyDict_Type, "non-dict annotations", &annotations) < 0) {
        return -1;
    }
    func->func_version = 0;
    Py_XSETREF(func->func_annotations, annotations);
    return 0;
}

/* ------------------------------------------------------------------------------ attributes */

#define FUNC(op) ((PyFunctionObject *)(op))

static PyObject *
func_get_code(PyObject *op, void *Py_UNUSED(ignored))
{
    if (PySys_Audit("object.__getattr__", "Os", op, "__code__") < 0) {
        return NULL;
    }
    return Py_NewRef(FUNC(op)->func_code);
}

static int
func_set_code(PyObject *op, PyObject *value, void *Py_UNUSED(ignored))
{
    if (value == NULL || !PyCode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__code__ must be set to a code object");
        return -1;
    }
    if (PySys_Audit("object.__setattr__", "OsO", op, "__code__", value) < 0) {
        return -1;
    }
    PyFunctionObject *func = FUNC(op);
    int nfree = ((PyCodeObject *)value)->co_nfreevars;
    Py_ssize_t nclosure = func->func_closure == NULL ? 0 : PyTuple_GET_SIZE(func->func_closure);
    if (nclosure != nfree) {
        PyErr_Format(PyExc_ValueError,
                     "%U() requires a code object with %zd free vars, not %d",
                     func->func_name, nclosure, nfree);
        return -1;
    }
    handle_func_event(PyFunction_EVENT_MODIFY_CODE, func, value);
    forget_code(func);
    Py_XSETREF(func->func_code, Py_NewRef(value));
    return 0;
}

static PyObject *
func_get_name(PyObject *op, void *Py_UNUSED(ignored))
{
    return Py_NewRef(FUNC(op)->func_name);
}

static int
func_set_name(PyObject *op, PyObject *value, void *Py_UNUSED(ignored))
{
    if (value == NULL || !PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__name__ must be set to a string object");
        return -1;
    }
    Py_XSETREF(FUNC(op)->func_name, Py_NewRef(value));
    return 0;
}

static PyObject *
func_get_qualname(PyObject *op, void *Py_UNUSED(ignored))
{
    return Py_NewRef(FUNC(op)->func_qualname);
}

static int
func_set_qualname(PyObject *op, PyObject *value, void *Py_UNUSED(ignored))
{
    if (value == NULL || !PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__qualname__ must be set to a string object");
        return -1;
    }
    Py_XSETREF(FUNC(op)->func_qualname, Py_NewRef(value));
    return 0;
}

static PyObject *
func_get_defaults(PyObject *op, void *Py_UNUSED(ignored))
{
    if (PySys_Audit("object.__getattr__", "Os", op, "__defaults__") < 0) {
        return NULL;
    }
    PyObject *defaults = FUNC(op)->func_defaults;
    return Py_NewRef(defaults == NULL ? Py_None : defaults);
}

/* Deleting and None do the same. */
static int
func_set_defaults(PyObject *op, PyObject *value, void *Py_UNUSED(ignored))
{
    if (value == Py_None) {
        value = NULL;
    }
    if (value != NULL && !PyTuple_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__defaults__ must be set to a tuple object");
        return -1;
    }
    int audit = value != NULL ? PySys_Audit("object.__setattr__", "OsO", op, "__defaults__", value)
                              : PySys_Audit("object.__delattr__", "Os", op, "__defaults__");
    if (audit < 0) {
        return -1;
    }
    handle_func_event(PyFunction_EVENT_MODIFY_DEFAULTS, FUNC(op), value);
    FUNC(op)->func_version = 0;
    Py_XSETREF(FUNC(op)->func_defaults, Py_XNewRef(value));
    return 0;
}

static PyObject *
func_get_kwdefaults(PyObject *op, void *Py_UNUSED(ignored))
{
    if (PySys_Audit("object.__getattr__", "Os", op, "__kwdefaults__") < 0) {
        return NULL;
    }
    PyObject *kwdefaults = FUNC(op)->func_kwdefaults;
    return Py_NewRef(kwdefaults == NULL ? Py_None : kwdefaults);
}

static int
func_set_kwdefaults(PyObject *op, PyObject *value, void *Py_UNUSED(ignored))
{
    if (value == Py_None) {
        value = NULL;
    }
    if (value != NULL && !PyDict_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__kwdefaults__ must be set to a dict object");
        return -1;
    }
    int audit = value != NULL
                ? PySys_Audit("object.__setattr__", "OsO", op, "__kwdefaults__", value)
                : PySys_Audit("object.__delattr__", "Os", op, "__kwdefaults__");
    if (audit < 0) {
        return -1;
    }
    handle_func_event(PyFunction_EVENT_MODIFY_KWDEFAULTS, FUNC(op), value);
    FUNC(op)->func_version = 0;
    Py_XSETREF(FUNC(op)->func_kwdefaults, Py_XNewRef(value));
    return 0;
}

static PyObject *
func_get_annotations(PyObject *op, void *Py_UNUSED(ignored))
{
    if (FUNC(op)->func_annotations == NULL) {
        FUNC(op)->func_annotations = PyDict_New();
        if (FUNC(op)->func_annotations == NULL) {
            return NULL;
        }
    }
    return Py_XNewRef(func_get_annotation_dict(FUNC(op)));
}

static int
func_set_annotations(PyObject *op, PyObject *value, void *Py_UNUSED(ignored))
{
    if (value == Py_None) {
        value = NULL;
    }
    if (value != NULL && !PyDict_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__annotations__ must be set to a dict object");
        return -1;
    }
    FUNC(op)->func_version = 0;
    Py_XSETREF(FUNC(op)->func_annotations, Py_XNewRef(value));
    return 0;
}

static PyObject *
func_get_type_params(PyObject *op, void *Py_UNUSED(ignored))
{
    if (FUNC(op)->func_typeparams == NULL) {
        return PyTuple_New(0);
    }
    assert(PyTuple_Check(FUNC(op)->func_typeparams));
    return Py_NewRef(FUNC(op)->func_typeparams);
}

static int
func_set_type_params(PyObject *op, PyObject *value, void *Py_UNUSED(ignored))
{
    if (value == NULL || !PyTuple_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__type_params__ must be set to a tuple");
        return -1;
    }
    Py_XSETREF(FUNC(op)->func_typeparams, Py_NewRef(value));
    return 0;
}

/* For the compiler's intrinsic: new reference to the function. */
PyObject *
_Py_set_function_type_params(PyThreadState *Py_UNUSED(tstate), PyObject *func,
                             PyObject *type_params)
{
    assert(PyFunction_Check(func) && PyTuple_Check(type_params));
    Py_XSETREF(FUNC(func)->func_typeparams, Py_NewRef(type_params));
    return Py_NewRef(func);
}

#define OFF(x) offsetof(PyFunctionObject, x)

static _Py_SHARED PyMemberDef func_memberlist[] = {
    {"__closure__", _Py_T_OBJECT, OFF(func_closure), Py_READONLY},
    {"__doc__", _Py_T_OBJECT, OFF(func_doc), 0},
    {"__globals__", _Py_T_OBJECT, OFF(func_globals), Py_READONLY},
    {"__module__", _Py_T_OBJECT, OFF(func_module), 0},
    {"__builtins__", _Py_T_OBJECT, OFF(func_builtins), Py_READONLY},
    {NULL}
};

static _Py_SHARED PyGetSetDef func_getsetlist[] = {
    {"__code__", func_get_code, func_set_code},
    {"__defaults__", func_get_defaults, func_set_defaults},
    {"__kwdefaults__", func_get_kwdefaults, func_set_kwdefaults},
    {"__annotations__", func_get_annotations, func_set_annotations},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict},
    {"__name__", func_get_name, func_set_name},
    {"__qualname__", func_get_qualname, func_set_qualname},
    {"__type_params__", func_get_type_params, func_set_type_params},
    {NULL}
};

/* ------------------------------------------------------------------------------ function() */

/* The closure must have one cell for each free variable. */
static int
check_closure(PyCodeObject *code, PyObject *closure)
{
    Py_ssize_t nclosure = 0, nfree = code->co_nfreevars;
    if (!PyTuple_Check(closure)) {
        if (nfree && closure == Py_None) {
            PyErr_SetString(PyExc_TypeError, "arg 5 (closure) must be tuple");
            return -1;
        }
        if (closure != Py_None) {
            PyErr_SetString(PyExc_TypeError, "arg 5 (closure) must be None or tuple");
            return -1;
        }
    }
    else {
        nclosure = PyTuple_GET_SIZE(closure);
    }
    if (nfree != nclosure) {
        PyErr_Format(PyExc_ValueError, "%U requires closure of length %zd, not %zd",
                     code->co_name, nfree, nclosure);
        return -1;
    }
    for (Py_ssize_t i = 0; i < nclosure; i++) {
        PyObject *o = PyTuple_GET_ITEM(closure, i);
        if (!PyCell_Check(o)) {
            PyErr_Format(PyExc_TypeError, "arg 5 (closure) expected cell, found %s",
                         Py_TYPE(o)->tp_name);
            return -1;
        }
    }
    return 0;
}

/*sig function.__new__(type, code: type[&PyCode_Type], globals: dict, name=None, argdefs=None,
                        closure=None)

Create a function object.

  code
    a code object
  globals
    the globals dictionary
  name
    a string that overrides the name from the code object
  argdefs
    a tuple that specifies the default argument values
  closure
    a tuple that supplies the bindings for free variables
*/
static PyObject *
function_new_impl(PyTypeObject *Py_UNUSED(type), PyObject *code, PyObject *globals,
                  PyObject *name, PyObject *argdefs, PyObject *closure)
{
    if (name != Py_None && !PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "arg 3 (name) must be None or string");
        return NULL;
    }
    if (argdefs != Py_None && !PyTuple_Check(argdefs)) {
        PyErr_SetString(PyExc_TypeError, "arg 4 (defaults) must be None or tuple");
        return NULL;
    }
    if (check_closure((PyCodeObject *)code, closure) < 0) {
        return NULL;
    }
    if (PySys_Audit("function.__new__", "O", code) < 0) {
        return NULL;
    }
    PyFunctionObject *newfunc = (PyFunctionObject *)PyFunction_New(code, globals);
    if (newfunc == NULL) {
        return NULL;
    }
    if (name != Py_None) {
        Py_SETREF(newfunc->func_name, Py_NewRef(name));
    }
    if (argdefs != Py_None) {
        newfunc->func_defaults = Py_NewRef(argdefs);
    }
    if (closure != Py_None) {
        newfunc->func_closure = Py_NewRef(closure);
    }
    return (PyObject *)newfunc;
}

static int
func_clear(PyObject *self)
{
    PyFunctionObject *op = FUNC(self);
    forget_code(op);
    Py_CLEAR(op->func_globals);
    Py_CLEAR(op->func_builtins);
    Py_CLEAR(op->func_module);
    Py_CLEAR(op->func_defaults);
    Py_CLEAR(op->func_kwdefaults);
    Py_CLEAR(op->func_doc);
    Py_CLEAR(op->func_dict);
    Py_CLEAR(op->func_closure);
    Py_CLEAR(op->func_annotations);
    Py_CLEAR(op->func_typeparams);
    /* Names and code stay: they are part of no cycle, and code that still runs needs them. */
    Py_SETREF(op->func_name, Py_NewRef(_PyUnicode_EMPTY));
    Py_SETREF(op->func_qualname, Py_NewRef(_PyUnicode_EMPTY));
    return 0;
}

static void
func_dealloc(PyObject *self)
{
    PyFunctionObject *op = FUNC(self);
    assert(Py_REFCNT(op) == 0);
    /* Watchers may look at the function: it is alive once more for that time. */
    if (_PyInterpreterState_GET()->func_state.active_watchers != 0) {
        op->ob_base.ob_refcnt = 1;
        handle_func_event(PyFunction_EVENT_DESTROY, op, NULL);
        if (--op->ob_base.ob_refcnt > 0) {
            return;
        }
    }
    _PyObject_GC_UNTRACK(self);
    if (op->func_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    (void)func_clear(self);
    Py_DECREF(op->func_code);
    Py_DECREF(op->func_name);
    Py_DECREF(op->func_qualname);
    PyObject_GC_Del(op);
}

static PyObject *
func_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<function %U at %p>", FUNC(op)->func_qualname, op);
}

static int
func_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyFunctionObject *f = FUNC(self);
    Py_VISIT(f->func_code);
    Py_VISIT(f->func_globals);
    Py_VISIT(f->func_builtins);
    Py_VISIT(f->func_module);
    Py_VISIT(f->func_defaults);
    Py_VISIT(f->func_kwdefaults);
    Py_VISIT(f->func_doc);
    Py_VISIT(f->func_name);
    Py_VISIT(f->func_dict);
    Py_VISIT(f->func_closure);
    Py_VISIT(f->func_annotations);
    Py_VISIT(f->func_typeparams);
    Py_VISIT(f->func_qualname);
    return 0;
}

static PyObject *
func_descr_get(PyObject *func, PyObject *obj, PyObject *Py_UNUSED(type))
{
    if (obj == Py_None || obj == NULL) {
        return Py_NewRef(func);
    }
    return PyMethod_New(func, obj);
}

_Py_SHARED PyTypeObject PyFunction_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "function",
    .tp_basicsize = sizeof(PyFunctionObject),
    .tp_dealloc = func_dealloc,
    .tp_vectorcall_offset = offsetof(PyFunctionObject, vectorcall),
    .tp_repr = func_repr,
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_doc = function_new__doc__,
    .tp_traverse = func_traverse,
    .tp_clear = func_clear,
    .tp_weaklistoffset = offsetof(PyFunctionObject, func_weakreflist),
    .tp_members = func_memberlist,
    .tp_getset = func_getsetlist,
    .tp_descr_get = func_descr_get,
    .tp_dictoffset = offsetof(PyFunctionObject, func_dict),
    .tp_new = function_new,
};

/* ---------------------------------------------------------- classmethod and staticmethod */

/* Both have the same layout. */
typedef struct {
    PyObject_HEAD
    PyObject *callable;     /* what is decorated; NULL until __init__ */
    PyObject *dict;         /* __dict__ */
} decorator;

#define DECO(op) ((decorator *)(op))

/* Takes __module__, __name__ and so on over from what is decorated. */
static int
copy_attribute(PyObject *wrapper, PyObject *wrapped, PyObject *name)
{
    PyObject *value;
    if (_PyObject_LookupAttr(wrapped, name, &value) < 0) {
        return -1;
    }
    if (value == NULL) {
        return 0;
    }
    int res = PyObject_SetAttr(wrapper, name, value);
    Py_DECREF(value);
    return res;
}

static int
wraps(PyObject *wrapper, PyObject *wrapped)
{
    if (copy_attribute(wrapper, wrapped, &_Py_ID(__module__)) < 0 ||
        copy_attribute(wrapper, wrapped, &_Py_ID(__name__)) < 0 ||
        copy_attribute(wrapper, wrapped, &_Py_ID(__qualname__)) < 0 ||
        copy_attribute(wrapper, wrapped, &_Py_ID(__doc__)) < 0)
    {
        return -1;
    }
    return copy_attribute(wrapper, wrapped, &_Py_ID(__annotations__));
}

static void
deco_dealloc(PyObject *self)
{
    _PyObject_GC_UNTRACK(self);
    Py_XDECREF(DECO(self)->callable);
    Py_XDECREF(DECO(self)->dict);
    Py_TYPE(self)->tp_free(self);
}

static int
deco_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(DECO(self)->dict);
    Py_VISIT(DECO(self)->callable);
    return 0;
}

static int
deco_clear(PyObject *self)
{
    Py_CLEAR(DECO(self)->callable);
    Py_CLEAR(DECO(self)->dict);
    return 0;
}

static int
deco_init(PyObject *self, PyObject *args, PyObject *kwds, const char *name)
{
    PyObject *callable;
    if (kwds != NULL && PyDict_GET_SIZE(kwds) > 0) {
        PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments", name);
        return -1;
    }
    if (!PyArg_UnpackTuple(args, name, 1, 1, &callable)) {
        return -1;
    }
    Py_XSETREF(DECO(self)->callable, Py_NewRef(callable));
    return wraps(self, callable);
}

static PyObject *
deco_new(PyTypeObject *type, PyObject *callable)
{
    PyObject *deco = PyType_GenericAlloc(type, 0);
    if (deco != NULL) {
        DECO(deco)->callable = Py_NewRef(callable);
    }
    return deco;
}

static PyObject *
deco_get_isabstractmethod(PyObject *self, void *Py_UNUSED(closure))
{
    int res = _PyObject_IsAbstract(DECO(self)->callable);
    return res < 0 ? NULL : PyBool_FromLong(res);
}

static _Py_SHARED PyMemberDef deco_memberlist[] = {
    {"__func__", _Py_T_OBJECT, offsetof(decorator, callable), Py_READONLY},
    {"__wrapped__", _Py_T_OBJECT, offsetof(decorator, callable), Py_READONLY},
    {NULL}
};

static _Py_SHARED PyGetSetDef deco_getsetlist[] = {
    {"__isabstractmethod__", deco_get_isabstractmethod, NULL, NULL, NULL},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL}
};

static PyObject *
cm_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyObject *callable = DECO(self)->callable;
    if (callable == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "uninitialized classmethod object");
        return NULL;
    }
    if (type == NULL) {
        type = (PyObject *)Py_TYPE(obj);
    }
    /* A descriptor inside is bound to the class. */
    if (Py_TYPE(callable)->tp_descr_get != NULL) {
        if (_Py_EnterRecursiveCall(" while binding a classmethod")) {
            return NULL;
        }
        PyObject *bound = Py_TYPE(callable)->tp_descr_get(callable, type, type);
        _Py_LeaveRecursiveCall();
        return bound;
    }
    return PyMethod_New(callable, type);
}

static int
cm_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    return deco_init(self, args, kwds, "classmethod");
}

static PyObject *
cm_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<classmethod(%R)>", DECO(self)->callable);
}

PyDoc_STRVAR(classmethod_doc,
"classmethod(function) -> method\n\
\n\
Convert a function to be a class method.\n\
\n\
A class method receives the class as implicit first argument,\n\
just like an instance method receives the instance.\n\
To declare a class method, use this idiom:\n\
\n\
  class C:\n\
      @classmethod\n\
      def f(cls, arg1, arg2, argN):\n\
          ...\n\
\n\
It can be called either on the class (e.g. C.f()) or on an instance\n\
(e.g. C().f()).  The instance is ignored except for its class.\n\
If a class method is called for a derived class, the derived class\n\
object is passed as the implied first argument.\n\
\n\
Class methods are different than C++ or Java static methods.\n\
If you want those, see the staticmethod builtin.");

_Py_SHARED PyTypeObject PyClassMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "classmethod",
    .tp_basicsize = sizeof(decorator),
    .tp_dealloc = deco_dealloc,
    .tp_repr = cm_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = classmethod_doc,
    .tp_traverse = deco_traverse,
    .tp_clear = deco_clear,
    .tp_members = deco_memberlist,
    .tp_getset = deco_getsetlist,
    .tp_descr_get = cm_descr_get,
    .tp_dictoffset = offsetof(decorator, dict),
    .tp_init = cm_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
};

PyObject *
PyClassMethod_New(PyObject *callable)
{
    return deco_new(&PyClassMethod_Type, callable);
}

static PyObject *
sm_descr_get(PyObject *self, PyObject *Py_UNUSED(obj), PyObject *Py_UNUSED(type))
{
    if (DECO(self)->callable == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "uninitialized staticmethod object");
        return NULL;
    }
    return Py_NewRef(DECO(self)->callable);
}

static int
sm_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    return deco_init(self, args, kwds, "staticmethod");
}

static PyObject *
sm_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (DECO(self)->callable == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "uninitialized staticmethod object");
        return NULL;
    }
    return PyObject_Call(DECO(self)->callable, args, kwargs);
}

static PyObject *
sm_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<staticmethod(%R)>", DECO(self)->callable);
}

PyDoc_STRVAR(staticmethod_doc,
"staticmethod(function) -> method\n\
\n\
Convert a function to be a static method.\n\
\n\
A static method does not receive an implicit first argument.\n\
To declare a static method, use this idiom:\n\
\n\
     class C:\n\
         @staticmethod\n\
         def f(arg1, arg2, argN):\n\
             ...\n\
\n\
It can be called either on the class (e.g. C.f()) or on an instance\n\
(e.g. C().f()). Both the class and the instance are ignored, and\n\
neither is passed implicitly as the first argument to the method.\n\
\n\
Static methods in Python are similar to those found in Java or C++.\n\
For a more advanced concept, see the classmethod builtin.");

_Py_SHARED PyTypeObject PyStaticMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "staticmethod",
    .tp_basicsize = sizeof(decorator),
    .tp_dealloc = deco_dealloc,
    .tp_repr = sm_repr,
    .tp_call = sm_call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = staticmethod_doc,
    .tp_traverse = deco_traverse,
    .tp_clear = deco_clear,
    .tp_members = deco_memberlist,
    .tp_getset = deco_getsetlist,
    .tp_descr_get = sm_descr_get,
    .tp_dictoffset = offsetof(decorator, dict),
    .tp_init = sm_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
};

PyObject *
PyStaticMethod_New(PyObject *callable)
{
    return deco_new(&PyStaticMethod_Type, callable);
}
