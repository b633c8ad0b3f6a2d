/* The module _warnings and PyErr_Warn*: filters, registries, and where a warning came from.
 *
 * State is per interpreter (struct _warnings_state): the list of filters, the registry for
 * "once" and the default action, made at the first need.  The Python module `warnings` shares them
 * and may replace them: its attributes count when it is imported.  A module's registry (the
 * global __warningregistry__) remembers what was shown; it is emptied when the filters changed,
 * which filters_version tells.
 * Written from the library reference (warnings), the C API reference and observed behaviour of
 * 3.12. */

#include "Python.h"
#include "pycore_errors.h"      // _PyErr_Occurred()
#include "pycore_frame.h"       // _PyThreadState_GetFrame()
#include "pycore_genobject.h"   // _PyErr_WarnUnawaitedCoroutine()
#include "pycore_lifecycle.h"   // _PyWarnings_InitState()
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_signature.h"   // _PyArg_UnpackSignature()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_sysmodule.h"   // _PySys_GetAttr()
#include "pycore_traceback.h"   // _Py_DisplaySourceLine()

#include "sig/_warnings.sig.h"


/* ---------------------------------------------------------------------------- state */

#ifndef Py_DEBUG
/* (action, None, category, module or None, 0) */
static PyObject *
make_filter(PyObject *category, PyObject *action, PyObject *module)
{
    PyObject *zero = PyLong_FromLong(0);
    if (zero == NULL) {
        return NULL;
    }
    PyObject *filter = PyTuple_Pack(5, action, Py_None, category,
                                    module != NULL ? module : Py_None, zero);
    Py_DECREF(zero);
    return filter;
}
#endif

/* The filters of a start without options: a debug build shows everything. */
static PyObject *
make_default_filters(void)
{
#ifdef Py_DEBUG
    return PyList_New(0);
#else
    PyObject *const defaults[5][3] = {
        {PyExc_DeprecationWarning, &_Py_ID(default), &_Py_ID(__main__)},
        {PyExc_DeprecationWarning, &_Py_ID(ignore), NULL},
        {PyExc_PendingDeprecationWarning, &_Py_ID(ignore), NULL},
        {PyExc_ImportWarning, &_Py_ID(ignore), NULL},
        {PyExc_ResourceWarning, &_Py_ID(ignore), NULL},
    };
    PyObject *filters = PyList_New(Py_ARRAY_LENGTH(defaults));
    for (size_t i = 0; filters != NULL && i < Py_ARRAY_LENGTH(defaults); i++) {
        PyObject *filter = make_filter(defaults[i][0], defaults[i][1], defaults[i][2]);
        if (filter == NULL) {
            Py_CLEAR(filters);
            break;
        }
        PyList_SET_ITEM(filters, (Py_ssize_t)i, filter);
    }
    return filters;
#endif
}

int
_PyWarnings_InitState(PyInterpreterState *interp)
{
    struct _warnings_state *state = &interp->warnings;
    if (state->filters == NULL) {
        state->filters = make_default_filters();
        if (state->filters == NULL) {
            return -1;
        }
    }
    if (state->once_registry == NULL) {
        state->once_registry = PyDict_New();
        if (state->once_registry == NULL) {
            return -1;
        }
    }
    if (state->default_action == NULL) {
        state->default_action = Py_NewRef(&_Py_ID(default));
    }
    return 0;
}

void
_PyWarnings_Fini(PyInterpreterState *interp)
{
    Py_CLEAR(interp->warnings.filters);
    Py_CLEAR(interp->warnings.once_registry);
    Py_CLEAR(interp->warnings.default_action);
}

static inline struct _warnings_state *
get_state(PyInterpreterState *interp)
{
    return &interp->warnings;
}

/* An attribute of the module `warnings`: new reference, or NULL, without an exception if there is
   none.  The module is imported only if `import` says so. */
static PyObject *
get_warnings_attr(PyInterpreterState *interp, PyObject *name, int import)
{
    PyObject *module, *value;
    if (interp->finalizing != NULL) {
        return NULL;            /* modules are being taken apart */
    }
    if (import) {
        module = PyImport_Import(&_Py_ID(warnings));
        if (module == NULL) {
            if (PyErr_ExceptionMatches(PyExc_ImportError)) {
                PyErr_Clear();
            }
            return NULL;
        }
    }
    else {
        module = PyImport_GetModule(&_Py_ID(warnings));
        if (module == NULL) {
            return NULL;
        }
    }
    (void)_PyObject_LookupAttr(module, name, &value);
    Py_DECREF(module);
    return value;
}


/* --------------------------------------------------------------------------- filters */

/* Refreshes a field of the state from the module `warnings`, if that is there.  Borrowed, or NULL
   with an exception. */
static PyObject *
refresh(PyInterpreterState *interp, PyObject **field, PyObject *name)
{
    PyObject *value = get_warnings_attr(interp, name, 0);
    if (value == NULL) {
        return PyErr_Occurred() ? NULL : *field;
    }
    Py_XSETREF(*field, value);
    return value;
}

static PyObject *
get_once_registry(PyInterpreterState *interp)
{
    PyObject *registry = refresh(interp, &get_state(interp)->once_registry,
                                 &_Py_ID(onceregistry));
    if (registry != NULL && !PyDict_Check(registry)) {
        PyErr_Format(PyExc_TypeError, "_warnings.onceregistry must be a dict, not '%.200s'",
                     Py_TYPE(registry)->tp_name);
        return NULL;
    }
    return registry;
}

static PyObject *
get_default_action(PyInterpreterState *interp)
{
    PyObject *action = refresh(interp, &get_state(interp)->default_action,
                               &_Py_ID(defaultaction));
    if (action != NULL && !PyUnicode_Check(action)) {
        PyErr_Format(PyExc_TypeError, "_warnings.defaultaction must be a string, not '%.200s'",
                     Py_TYPE(action)->tp_name);
        return NULL;
    }
    return action;
}

/* Whether a filter's pattern (None, a str to be equal to, or a compiled expression) fits. */
static int
pattern_matches(PyObject *pattern, PyObject *text)
{
    if (pattern == Py_None) {
        return 1;
    }
    if (PyUnicode_CheckExact(pattern)) {
        int cmp = PyUnicode_Compare(pattern, text);
        return cmp == -1 && PyErr_Occurred() ? -1 : cmp == 0;
    }
    PyObject *result = PyObject_CallMethodOneArg(pattern, &_Py_ID(match), text);
    if (result == NULL) {
        return -1;
    }
    int truth = PyObject_IsTrue(result);
    Py_DECREF(result);
    return truth;
}

/* 1 with a new reference to the action in *action, 0 if the filter does not apply, -1. */
static int
try_filter(PyObject *item, Py_ssize_t index, PyObject *category, PyObject *text,
           Py_ssize_t lineno, PyObject *module, PyObject **action)
{
    if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 5) {
        PyErr_Format(PyExc_ValueError, "_warnings.filters item %zd isn't a 5-tuple", index);
        return -1;
    }
    PyObject *act = PyTuple_GET_ITEM(item, 0);
    if (!PyUnicode_Check(act)) {
        PyErr_Format(PyExc_TypeError, "action must be a string, not '%.200s'",
                     Py_TYPE(act)->tp_name);
        return -1;
    }
    int res = pattern_matches(PyTuple_GET_ITEM(item, 1), text);
    if (res > 0) {
        res = pattern_matches(PyTuple_GET_ITEM(item, 3), module);
    }
    if (res > 0) {
        res = PyObject_IsSubclass(category, PyTuple_GET_ITEM(item, 2));
    }
    if (res <= 0) {
        return res;
    }
    Py_ssize_t ln = PyLong_AsSsize_t(PyTuple_GET_ITEM(item, 4));
    if (ln == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (ln != 0 && ln != lineno) {
        return 0;
    }
    *action = Py_NewRef(act);
    return 1;
}

/* The action for a warning, and the filter that says so (None for the default action): new
   references.  0, or -1 with an exception. */
static int
find_action(PyInterpreterState *interp, PyObject *category, PyObject *text, Py_ssize_t lineno,
            PyObject *module, PyObject **action, PyObject **filter)
{
    PyObject *filters = refresh(interp, &get_state(interp)->filters, &_Py_ID(filters));
    if (filters == NULL || !PyList_Check(filters)) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "_warnings.filters must be a list");
        }
        return -1;
    }
    Py_INCREF(filters);         /* patterns run code */
    int res = 0;
    for (Py_ssize_t i = 0; res == 0 && i < PyList_GET_SIZE(filters); i++) {
        PyObject *item = Py_NewRef(PyList_GET_ITEM(filters, i));
        res = try_filter(item, i, category, text, lineno, module, action);
        if (res > 0) {
            *filter = item;
        }
        else {
            Py_DECREF(item);
        }
    }
    Py_DECREF(filters);
    if (res != 0) {
        return res < 0 ? -1 : 0;
    }
    PyObject *act = get_default_action(interp);
    if (act == NULL) {
        return -1;
    }
    *action = Py_NewRef(act);
    *filter = Py_NewRef(Py_None);
    return 0;
}


/* ------------------------------------------------------------------------- registries */

/* Whether the registry has the key, after emptying it if the filters changed since.  If not, and
   `set` says so, it has it now.  1, 0, -1. */
static int
already_warned(PyInterpreterState *interp, PyObject *registry, PyObject *key, int set)
{
    assert(PyDict_Check(registry));
    if (key == NULL) {
        return -1;
    }
    long current = get_state(interp)->filters_version;
    PyObject *version = PyDict_GetItemWithError(registry, &_Py_ID(version));   /* borrowed */
    if (version == NULL && PyErr_Occurred()) {
        return -1;
    }
    if (version == NULL || !PyLong_CheckExact(version) || PyLong_AsLong(version) != current) {
        PyErr_Clear();
        PyDict_Clear(registry);
        version = PyLong_FromLong(current);
        if (version == NULL) {
            return -1;
        }
        int res = PyDict_SetItem(registry, &_Py_ID(version), version);
        Py_DECREF(version);
        if (res < 0) {
            return -1;
        }
    }
    else {
        PyObject *known = PyDict_GetItemWithError(registry, key);
        if (known != NULL) {
            int truth = PyObject_IsTrue(known);
            if (truth != 0) {
                return truth;
            }
        }
        else if (PyErr_Occurred()) {
            return -1;
        }
    }
    return set ? PyDict_SetItem(registry, key, Py_True) : 0;
}

/* already_warned() for a text and category wherever they occur. */
static int
already_warned_text(PyInterpreterState *interp, PyObject *registry, PyObject *text,
                    PyObject *category)
{
    assert(text != NULL && PyType_Check(category));     /* `text` may be any object */
    PyObject *key = PyTuple_Pack(2, text, category);
    int res = already_warned(interp, registry, key, 1);
    Py_XDECREF(key);
    return res;
}


/* --------------------------------------------------------------------------- showing */

static void
show_source_line(PyObject *file, PyObject *line)
{
    assert(PyUnicode_Check(line));
    Py_ssize_t i = 0, n = PyUnicode_GET_LENGTH(line);
    while (i < n) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(line, i);
        if (ch != ' ' && ch != '\t' && ch != '\014') {
            break;
        }
        i++;
    }
    PyObject *stripped = PyUnicode_Substring(line, i, n);
    if (stripped != NULL && PyFile_WriteString("  ", file) == 0
        && PyFile_WriteObject(stripped, file, Py_PRINT_RAW) == 0)
    {
        PyFile_WriteString("\n", file);
    }
    Py_XDECREF(stripped);
}

/* Writes to sys.stderr, without the module `warnings`.  Problems are ignored. */
static void
show_warning(PyThreadState *tstate, PyObject *filename, int lineno, PyObject *text,
             PyObject *category, PyObject *sourceline)
{
    PyObject *file = _PySys_GetAttr(tstate, &_Py_ID(stderr));
    PyObject *name = PyObject_GetAttr(category, &_Py_ID(__name__));
    if (name != NULL && file != NULL && file != Py_None) {
        Py_INCREF(file);
        PyObject *head = PyUnicode_FromFormat("%S:%d: %S: %S\n", filename, lineno, name, text);
        if (head != NULL && PyFile_WriteObject(head, file, Py_PRINT_RAW) == 0) {
            if (sourceline != NULL) {
                show_source_line(file, sourceline);
            }
            else {
                _Py_DisplaySourceLine(file, filename, lineno, 2, NULL, NULL);
            }
        }
        Py_XDECREF(head);
        Py_DECREF(file);
    }
    Py_XDECREF(name);
    PyErr_Clear();
}

/* What is known of one warning. */
typedef struct {
    PyObject *category, *text, *message;
    PyObject *filename, *lineno_obj;
    int lineno;
    PyObject *sourceline;       /* or NULL */
    PyObject *source;           /* object that was destroyed, or NULL */
} warning;

/* warnings._showwarnmsg(), or our own way if that module is not there: 0, or -1. */
static int
call_show_warning(PyThreadState *tstate, const warning *w)
{
    PyInterpreterState *interp = tstate->interp;
    /* Where a resource was allocated can only be shown by the module. */
    PyObject *show = get_warnings_attr(interp, &_Py_ID(_showwarnmsg), w->source != NULL);
    if (show == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        show_warning(tstate, w->filename, w->lineno, w->text, w->category, w->sourceline);
        return 0;
    }
    int res = -1;
    PyObject *cls = NULL, *msg = NULL;
    if (!PyCallable_Check(show)) {
        PyErr_SetString(PyExc_TypeError, "warnings._showwarnmsg() must be set to a callable");
        goto done;
    }
    cls = get_warnings_attr(interp, &_Py_ID(WarningMessage), 0);
    if (cls == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_RuntimeError, "unable to get warnings.WarningMessage");
        }
        goto done;
    }
    msg = PyObject_CallFunctionObjArgs(cls, w->message, w->category, w->filename, w->lineno_obj,
                                       Py_None, Py_None,
                                       w->source != NULL ? w->source : Py_None, NULL);
    if (msg != NULL) {
        PyObject *shown = PyObject_CallOneArg(show, msg);
        res = shown == NULL ? -1 : 0;
        Py_XDECREF(shown);
    }
done:
    Py_XDECREF(msg);
    Py_XDECREF(cls);
    Py_DECREF(show);
    return res;
}


/* ------------------------------------------------------------------------ warn_explicit */

/* The module's name that a file name suggests: new reference or NULL. */
static PyObject *
module_for_filename(PyObject *filename)
{
    Py_ssize_t len = PyUnicode_GET_LENGTH(filename);
    if (len == 0) {
        return PyUnicode_FromString("<unknown>");
    }
    if (len >= 3) {
        PyObject *suffix = PyUnicode_Substring(filename, len - 3, len);
        if (suffix == NULL) {
            return NULL;
        }
        int is_py = _PyUnicode_EqualToASCIIString(suffix, ".py");
        Py_DECREF(suffix);
        if (is_py) {
            return PyUnicode_Substring(filename, 0, len - 3);
        }
    }
    return Py_NewRef(filename);
}

/* Does what the action says, apart from showing: 1 to show the warning, 0 not to, -1. */
static int
apply_action(PyInterpreterState *interp, const warning *w, PyObject *action, PyObject *filter,
             PyObject *registry, PyObject *key)
{
    if (_PyUnicode_EqualToASCIIString(action, "error")) {
        PyErr_SetObject(w->category, w->message);
        return -1;
    }
    if (_PyUnicode_EqualToASCIIString(action, "ignore")) {
        return 0;
    }
    if (_PyUnicode_EqualToASCIIString(action, "always")) {
        return 1;
    }
    assert(PyUnicode_Check(action));
    int has_registry = registry != NULL && registry != Py_None;
    if (has_registry && PyDict_SetItem(registry, key, Py_True) < 0) {
        return -1;
    }
    int known = 0;
    if (_PyUnicode_EqualToASCIIString(action, "once")) {
        if (!has_registry) {
            registry = get_once_registry(interp);
            if (registry == NULL) {
                return -1;
            }
        }
        known = already_warned_text(interp, registry, w->text, w->category);
    }
    else if (_PyUnicode_EqualToASCIIString(action, "module")) {
        if (has_registry) {
            known = already_warned_text(interp, registry, w->text, w->category);
        }
    }
    else if (!_PyUnicode_EqualToASCIIString(action, "default")) {
        PyErr_Format(PyExc_RuntimeError, "Unrecognized action (%R) in warnings.filters:\n %R",
                     action, filter);
        return -1;
    }
    return known < 0 ? -1 : !known;
}

/* The rest of warn_explicit(), with text, message, category and module known. */
static int
process_warning(PyThreadState *tstate, warning *w, PyObject *module, PyObject *registry)
{
    PyInterpreterState *interp = tstate->interp;
    PyObject *action = NULL, *filter = NULL;
    assert(w->text != NULL && w->message != NULL && w->lineno_obj != NULL);
    assert(registry == NULL || registry == Py_None || PyDict_Check(registry));
    int res = -1;
    PyObject *key = PyTuple_Pack(3, w->text, w->category, w->lineno_obj);
    if (key == NULL) {
        return -1;
    }
    if (registry != NULL && registry != Py_None) {
        int known = already_warned(interp, registry, key, 0);
        if (known != 0) {
            res = known < 0 ? -1 : 0;
            goto done;
        }
    }
    if (find_action(interp, w->category, w->text, w->lineno, module, &action, &filter) < 0) {
        goto done;
    }
    res = apply_action(interp, w, action, filter, registry, key);
    if (res > 0) {
        res = call_show_warning(tstate, w);
    }
done:
    Py_DECREF(key);
    Py_XDECREF(action);
    Py_XDECREF(filter);
    return res;
}

/* Issues a warning for a place.  `message` is a text or an instance (whose class then counts);
   module, registry, sourceline and source may be NULL.  0, or -1 with an exception. */
static int
warn_explicit(PyThreadState *tstate, PyObject *category, PyObject *message, PyObject *filename,
              int lineno, PyObject *module, PyObject *registry, PyObject *sourceline,
              PyObject *source)
{
    if (module == Py_None) {
        return 0;               /* modules are being taken apart */
    }
    if (registry != NULL && registry != Py_None && !PyDict_Check(registry)) {
        PyErr_SetString(PyExc_TypeError, "'registry' must be a dict or None");
        return -1;
    }
    int is_instance = PyObject_IsInstance(message, PyExc_Warning);
    if (is_instance < 0) {
        return -1;
    }
    warning w = {.filename = filename, .lineno = lineno, .sourceline = sourceline,
                 .source = source == Py_None ? NULL : source};
    int res = -1;
    module = module != NULL ? Py_NewRef(module) : module_for_filename(filename);
    if (module == NULL) {
        return -1;
    }
    if (is_instance) {
        w.text = PyObject_Str(message);
        w.category = (PyObject *)Py_TYPE(message);
        w.message = Py_NewRef(message);
    }
    else {
        w.text = Py_NewRef(message);
        w.category = category;
        w.message = PyObject_CallOneArg(category, message);
    }
    if (w.text != NULL && w.message != NULL) {
        w.lineno_obj = PyLong_FromLong(lineno);
        if (w.lineno_obj != NULL) {
            res = process_warning(tstate, &w, module, registry);
        }
    }
    Py_XDECREF(w.lineno_obj);
    Py_XDECREF(w.message);
    Py_XDECREF(w.text);
    Py_DECREF(module);
    return res;
}


/* ------------------------------------------------------------------- where warn() is called */

/* Frames of the import machinery count as part of the import statement. */
static int
is_internal_file(PyObject *filename)
{
    assert(PyUnicode_Check(filename));
    Py_ssize_t len = PyUnicode_GET_LENGTH(filename);
    Py_ssize_t found = PyUnicode_Find(filename, &_Py_ID(importlib), 0, len, 1);
    if (found >= 0) {
        found = PyUnicode_Find(filename, &_Py_ID(_bootstrap), 0, len, 1);
    }
    if (found == -2) {
        PyErr_Clear();
    }
    return found >= 0;
}

static int
is_skipped_file(PyObject *filename, PyObject *prefixes)
{
    for (Py_ssize_t i = 0; prefixes != NULL && i < PyTuple_GET_SIZE(prefixes); i++) {
        Py_ssize_t found = PyUnicode_Tailmatch(filename, PyTuple_GET_ITEM(prefixes, i), 0,
                                               PY_SSIZE_T_MAX, -1);
        if (found == 1) {
            return 1;
        }
        if (found < 0) {
            PyErr_Clear();
        }
    }
    return 0;
}

static inline _PyInterpreterFrame *
caller_of(_PyInterpreterFrame *frame)
{
    return _PyFrame_GetFirstComplete(frame->previous);
}

/* The next frame outside the import machinery and the skipped files. */
static _PyInterpreterFrame *
external_caller_of(_PyInterpreterFrame *frame, PyObject *prefixes)
{
    do {
        frame = caller_of(frame);
    } while (frame != NULL
             && (is_internal_file(_PyFrame_GetCode(frame)->co_filename)
                 || is_skipped_file(_PyFrame_GetCode(frame)->co_filename, prefixes)));
    return frame;
}

static _PyInterpreterFrame *
find_frame(PyThreadState *tstate, Py_ssize_t stack_level, PyObject *prefixes)
{
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    if (frame == NULL) {
        return NULL;
    }
    if (stack_level <= 0 || is_internal_file(_PyFrame_GetCode(frame)->co_filename)) {
        while (--stack_level > 0 && frame != NULL) {
            frame = caller_of(frame);
        }
    }
    else {
        while (--stack_level > 0 && frame != NULL) {
            frame = external_caller_of(frame, prefixes);
        }
    }
    return frame;
}

/* The registry of a module, made at need: new reference or NULL. */
static PyObject *
get_registry(PyObject *globals)
{
    PyObject *registry = PyDict_GetItemWithError(globals, &_Py_ID(__warningregistry__));
    if (registry != NULL) {
        return Py_NewRef(registry);
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    registry = PyDict_New();
    if (registry != NULL
        && PyDict_SetItem(globals, &_Py_ID(__warningregistry__), registry) < 0)
    {
        Py_CLEAR(registry);
    }
    return registry;
}

/* The place that is warned of, stack_level frames up: new references.  0, or -1. */
static int
find_place(PyThreadState *tstate, Py_ssize_t stack_level, PyObject *prefixes,
           PyObject **filename, int *lineno, PyObject **module, PyObject **registry)
{
    PyObject *globals;
    _PyInterpreterFrame *frame = find_frame(tstate, stack_level, prefixes);
    *registry = *module = NULL;
    if (frame == NULL) {
        globals = tstate->interp->sysdict;
        *filename = PyUnicode_FromString("sys");
        *lineno = 1;
    }
    else {
        globals = frame->f_globals;
        *filename = Py_NewRef(_PyFrame_GetCode(frame)->co_filename);
        *lineno = PyUnstable_InterpreterFrame_GetLine(frame);
    }
    if (*filename == NULL) {
        return -1;
    }
    assert(globals != NULL && PyDict_Check(globals));
    Py_INCREF(globals);
    PyObject *name = PyDict_GetItemWithError(globals, &_Py_ID(__name__));
    if (name != NULL && (PyUnicode_Check(name) || name == Py_None)) {
        *module = Py_NewRef(name);
    }
    else if (!PyErr_Occurred()) {
        *module = PyUnicode_FromString("<string>");
    }
    if (*module != NULL) {
        *registry = get_registry(globals);
    }
    Py_DECREF(globals);
    if (*registry == NULL) {
        Py_XDECREF(*module);
        Py_DECREF(*filename);
        return -1;
    }
    return 0;
}

/* The category to warn with (borrowed): that of an instance, the one given, or UserWarning. */
static PyObject *
get_category(PyObject *message, PyObject *category)
{
    int is_instance = PyObject_IsInstance(message, PyExc_Warning);
    if (is_instance < 0) {
        return NULL;
    }
    if (is_instance) {
        category = (PyObject *)Py_TYPE(message);
    }
    else if (category == NULL || category == Py_None) {
        category = PyExc_UserWarning;
    }
    int is_class = PyType_Check(category) ? PyObject_IsSubclass(category, PyExc_Warning) : 0;
    if (is_class < 0) {
        return NULL;
    }
    if (!is_class) {
        PyErr_Format(PyExc_TypeError, "category must be a Warning subclass, not '%s'",
                     Py_TYPE(category)->tp_name);
        return NULL;
    }
    return category;
}

static int
do_warn(PyThreadState *tstate, PyObject *message, PyObject *category, Py_ssize_t stack_level,
        PyObject *source, PyObject *prefixes)
{
    PyObject *filename, *module, *registry;
    int lineno;
    assert(PyType_Check(category) && !_PyErr_Occurred(tstate));
    assert(prefixes == NULL || PyTuple_Check(prefixes));
    if (tstate->interp->sysdict == NULL) {
        return 0;               /* the interpreter is being taken apart: nobody is left to see it */
    }
    if (find_place(tstate, stack_level, prefixes, &filename, &lineno, &module, &registry) < 0) {
        return -1;
    }
    int res = warn_explicit(tstate, category, message, filename, lineno, module, registry, NULL,
                            source);
    Py_DECREF(filename);
    Py_DECREF(registry);
    Py_DECREF(module);
    return res;
}


/* ------------------------------------------------------------------------- the module */

/*sig _warnings.warn(module, message, category=None, stacklevel: ssize = 1, source=None, *,
                     skip_file_prefixes: tuple = NULL) -> None

Issue a warning, or maybe ignore it or raise an exception.

  message
    Text of the warning message.
  category
    The Warning category subclass. Defaults to UserWarning.
  stacklevel
    How far up the call stack to make this warning appear. A value of 2 for
    example attributes the warning to the caller of the code calling warn().
  source
    If supplied, the destroyed object which emitted a ResourceWarning
  skip_file_prefixes
    An optional tuple of module filename prefixes indicating frames to skip
    during stacklevel computations for stack frame attribution.
*/
static int
warnings_warn_impl(PyObject *module, PyObject *message, PyObject *category,
                   Py_ssize_t stacklevel, PyObject *source, PyObject *skip_file_prefixes)
{
    (void)module;
    category = get_category(message, category);
    if (category == NULL) {
        return -1;
    }
    if (skip_file_prefixes != NULL && PyTuple_GET_SIZE(skip_file_prefixes) > 0) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(skip_file_prefixes); i++) {
            PyObject *prefix = PyTuple_GET_ITEM(skip_file_prefixes, i);
            if (!PyUnicode_Check(prefix)) {
                PyErr_Format(PyExc_TypeError, "Found non-str '%s' in skip_file_prefixes.",
                             Py_TYPE(prefix)->tp_name);
                return -1;
            }
        }
        if (stacklevel < 2) {
            stacklevel = 2;     /* the caller is what is to be skipped */
        }
    }
    else {
        skip_file_prefixes = NULL;
    }
    return do_warn(_PyThreadState_GET(), message, category, stacklevel, source,
                   skip_file_prefixes);
}

/* Line `lineno` as the module's loader gives it: new reference, or NULL, without an exception if
   there is none. */
static PyObject *
source_line_of(PyObject *module_globals, int lineno)
{
    PyObject *loader = NULL, *source = NULL, *lines = NULL, *line = NULL;
    PyObject *external = PyImport_ImportModule("importlib._bootstrap_external");
    if (external == NULL) {
        return NULL;
    }
    loader = PyObject_CallMethodOneArg(external, &_Py_ID(_bless_my_loader), module_globals);
    Py_DECREF(external);
    if (loader == NULL) {
        return NULL;
    }
    PyObject *name = PyDict_GetItemWithError(module_globals, &_Py_ID(__name__));
    if (name == NULL) {
        Py_DECREF(loader);
        return NULL;
    }
    PyObject *get_source;
    Py_INCREF(name);
    int found = _PyObject_LookupAttr(loader, &_Py_ID(get_source), &get_source);
    if (found > 0) {
        source = PyObject_CallOneArg(get_source, name);
        Py_DECREF(get_source);
    }
    Py_DECREF(name);
    Py_DECREF(loader);
    if (source != NULL && source != Py_None) {
        lines = PyUnicode_Splitlines(source, 0);
        line = lines != NULL ? Py_XNewRef(PyList_GetItem(lines, lineno - 1)) : NULL;
    }
    Py_XDECREF(lines);
    Py_XDECREF(source);
    return line;
}

/*sig _warnings.warn_explicit(module, message, category, filename: unicode, lineno: int,
                              module=NULL, registry=None, module_globals=None, source=None) -> None

Issue a warning, or maybe ignore it or raise an exception.
*/
static int
warnings_warn_explicit_impl(PyObject *module, PyObject *message, PyObject *category,
                            PyObject *filename, int lineno, PyObject *mod, PyObject *registry,
                            PyObject *module_globals, PyObject *source)
{
    (void)module;
    PyObject *line = NULL;
    category = get_category(message, category);
    if (category == NULL) {
        return -1;
    }
    if (module_globals != Py_None) {
        if (!PyDict_Check(module_globals)) {
            PyErr_Format(PyExc_TypeError, "module_globals must be a dict, not '%.200s'",
                         Py_TYPE(module_globals)->tp_name);
            return -1;
        }
        line = source_line_of(module_globals, lineno);
        if (line == NULL && PyErr_Occurred()) {
            return -1;
        }
    }
    int res = warn_explicit(_PyThreadState_GET(), category, message, filename, lineno, mod,
                            registry, line, source);
    Py_XDECREF(line);
    return res;
}

/*sig _warnings._filters_mutated(module) -> None
*/
static int
warnings_filters_mutated_impl(PyObject *module)
{
    (void)module;
    get_state(_PyInterpreterState_GET())->filters_version++;
    return 0;
}

static PyMethodDef warnings_methods[] = {
    WARNINGS_WARN_METHODDEF
    WARNINGS_WARN_EXPLICIT_METHODDEF
    WARNINGS_FILTERS_MUTATED_METHODDEF
    {NULL, NULL, 0, NULL},
};

static int
warnings_exec(PyObject *module)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (_PyWarnings_InitState(interp) < 0) {
        return -1;
    }
    struct _warnings_state *state = get_state(interp);
    if (PyModule_AddObjectRef(module, "filters", state->filters) < 0
        || PyModule_AddObjectRef(module, "_onceregistry", state->once_registry) < 0
        || PyModule_AddObjectRef(module, "_defaultaction", state->default_action) < 0)
    {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot warnings_slots[] = {
    {Py_mod_exec, warnings_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

_Py_SHARED static struct PyModuleDef warnings_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_warnings",
    .m_doc = PyDoc_STR("_warnings provides basic warning filtering support.\n"
                       "It is a helper module to speed up interpreter start-up."),
    .m_size = 0,
    .m_methods = warnings_methods,
    .m_slots = warnings_slots,
};

PyMODINIT_FUNC
PyInit__warnings(void)
{
    return PyModuleDef_Init(&warnings_module);
}

PyObject *
_PyWarnings_Init(void)
{
    return PyInit__warnings();
}


/* ------------------------------------------------------------------------------ C API */

/* Warns with a str (borrowed; NULL with an exception fails): 0, or -1 with an exception. */
static int
warn_text(PyObject *category, PyObject *message, Py_ssize_t stack_level, PyObject *source)
{
    if (message == NULL) {
        return -1;
    }
    if (category == NULL) {
        category = PyExc_RuntimeWarning;
    }
    return do_warn(_PyThreadState_GET(), message, category, stack_level, source, NULL);
}

int
PyErr_WarnEx(PyObject *category, const char *text, Py_ssize_t stack_level)
{
    PyObject *message = PyUnicode_FromString(text);
    int res = warn_text(category, message, stack_level, NULL);
    Py_XDECREF(message);
    return res;
}

/* Kept for old extension modules. */
#undef PyErr_Warn
PyAPI_FUNC(int)
PyErr_Warn(PyObject *category, const char *text)
{
    return PyErr_WarnEx(category, text, 1);
}

int
PyErr_WarnFormat(PyObject *category, Py_ssize_t stack_level, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    PyObject *message = PyUnicode_FromFormatV(format, vargs);
    va_end(vargs);
    int res = warn_text(category, message, stack_level, NULL);
    Py_XDECREF(message);
    return res;
}

int
PyErr_ResourceWarning(PyObject *source, Py_ssize_t stack_level, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    PyObject *message = PyUnicode_FromFormatV(format, vargs);
    va_end(vargs);
    int res = warn_text(PyExc_ResourceWarning, message, stack_level, source);
    Py_XDECREF(message);
    return res;
}

int
PyErr_WarnExplicitObject(PyObject *category, PyObject *message, PyObject *filename, int lineno,
                         PyObject *module, PyObject *registry)
{
    if (category == NULL) {
        category = PyExc_RuntimeWarning;
    }
    return warn_explicit(_PyThreadState_GET(), category, message, filename, lineno, module,
                         registry, NULL, NULL);
}

/* The common part of the two functions below, with C strings; message is borrowed. */
static int
warn_explicit_strings(PyObject *category, PyObject *message, const char *filename_str,
                      int lineno, const char *module_str, PyObject *registry)
{
    if (message == NULL) {
        return -1;
    }
    int res = -1;
    PyObject *module = NULL;
    PyObject *filename = PyUnicode_DecodeFSDefault(filename_str);
    if (filename != NULL && module_str != NULL) {
        module = PyUnicode_FromString(module_str);
    }
    if (filename != NULL && (module != NULL || module_str == NULL)) {
        res = PyErr_WarnExplicitObject(category, message, filename, lineno, module, registry);
    }
    Py_XDECREF(module);
    Py_XDECREF(filename);
    return res;
}

int
PyErr_WarnExplicit(PyObject *category, const char *text, const char *filename_str, int lineno,
                   const char *module_str, PyObject *registry)
{
    PyObject *message = PyUnicode_FromString(text);
    int res = warn_explicit_strings(category, message, filename_str, lineno, module_str,
                                    registry);
    Py_XDECREF(message);
    return res;
}

int
PyErr_WarnExplicitFormat(PyObject *category, const char *filename_str, int lineno,
                         const char *module_str, PyObject *registry, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    PyObject *message = PyUnicode_FromFormatV(format, vargs);
    va_end(vargs);
    int res = warn_explicit_strings(category, message, filename_str, lineno, module_str,
                                    registry);
    Py_XDECREF(message);
    return res;
}


/* ------------------------------------------------------------ things never awaited */

/* The warning comes from a finaliser: an exception it becomes cannot be raised. */
void
_PyErr_WarnUnawaitedAgenMethod(PyAsyncGenObject *agen, PyObject *method)
{
    PyObject *exc = PyErr_GetRaisedException();
    if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                         "coroutine method %R of %R was never awaited",
                         method, agen->ag_qualname) < 0)
    {
        PyErr_WriteUnraisable((PyObject *)agen);
    }
    PyErr_SetRaisedException(exc);
}

void
_PyErr_WarnUnawaitedCoroutine(PyObject *coro)
{
    PyObject *exc = PyErr_GetRaisedException();
    int warned = 0;
    /* The Python function can tell where the coroutine was created. */
    PyObject *function = get_warnings_attr(_PyInterpreterState_GET(),
                                           &_Py_ID(_warn_unawaited_coroutine), 1);
    if (function != NULL) {
        PyObject *res = PyObject_CallOneArg(function, coro);
        warned = res != NULL || PyErr_ExceptionMatches(PyExc_RuntimeWarning);
        Py_XDECREF(res);
        Py_DECREF(function);
    }
    if (PyErr_Occurred()) {
        PyErr_WriteUnraisable(coro);
    }
    if (!warned && PyErr_WarnFormat(PyExc_RuntimeWarning, 1, "coroutine '%S' was never awaited",
                                    ((PyCoroObject *)coro)->cr_qualname) < 0)
    {
        PyErr_WriteUnraisable(coro);
    }
    PyErr_SetRaisedException(exc);
}
