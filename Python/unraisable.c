/* Exceptions that nobody can be told of: PyErr_WriteUnraisable() and sys.unraisablehook.
 *
 * The pending exception is taken, described by an UnraisableHookArgs (exc_type, exc_value,
 * exc_traceback, err_msg, object) and passed to the hook; when there is no hook, or it fails, the
 * built-in one prints to sys.stderr.  Nothing raised on the way leaves this file.
 * Written from the library reference (sys.unraisablehook), the C API reference and observed
 * behaviour of 3.12. */

#include "Python.h"
#include "pycore_errors.h"      // _PyErr_WriteUnraisableDefaultHook()
#include "pycore_frame.h"       // _PyThreadState_GetFrame()
#include "pycore_object.h"      // _PyObject_LookupAttr()
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_sysmodule.h"   // _PySys_GetAttr()

static const PyStructSequence_Field args_fields[] = {
    {"exc_type", "Exception type"},
    {"exc_value", "Exception value"},
    {"exc_traceback", "Exception traceback"},
    {"err_msg", "Error message"},
    {"object", "Object causing the exception"},
    {NULL, NULL},
};

PyTypeObject *
_PyErr_GetUnraisableHookArgsType(PyThreadState *tstate)
{
    struct _exc_state *state = &tstate->interp->exc_state;
    if (state->unraisable_args_type == NULL) {
        PyStructSequence_Desc desc = {
            .name = "sys.UnraisableHookArgs",
            .doc = "UnraisableHookArgs\n\nType used to pass arguments to sys.unraisablehook.",
            .fields = (PyStructSequence_Field *)args_fields,
            .n_in_sequence = 5,
        };
        state->unraisable_args_type = PyStructSequence_NewType(&desc);
    }
    return state->unraisable_args_type;
}

/* New hook arguments for an exception; err_msg and obj may be NULL. */
static PyObject *
make_args(PyThreadState *tstate, PyObject *exc, PyObject *err_msg, PyObject *obj)
{
    PyTypeObject *type = _PyErr_GetUnraisableHookArgsType(tstate);
    PyObject *args = type == NULL ? NULL : PyStructSequence_New(type);
    if (args == NULL) {
        return NULL;
    }
    PyObject *traceback = ((PyBaseExceptionObject *)exc)->traceback;
    assert(PyExceptionInstance_Check(exc) && !_PyErr_Occurred(tstate));
    PyStructSequence_SET_ITEM(args, 0, Py_NewRef(Py_TYPE(exc)));
    PyStructSequence_SET_ITEM(args, 1, Py_NewRef(exc));
    PyStructSequence_SET_ITEM(args, 2, Py_NewRef(traceback != NULL ? traceback : Py_None));
    PyStructSequence_SET_ITEM(args, 3, Py_NewRef(err_msg != NULL ? err_msg : Py_None));
    PyStructSequence_SET_ITEM(args, 4, Py_NewRef(obj != NULL ? obj : Py_None));
    return args;
}


/* ------------------------------------------------------------------- built-in hook */

/* "Exception ignored in: <repr>" or the like: 0, or -1 with an exception. */
static int
write_heading(PyObject *err_msg, PyObject *obj, PyObject *file)
{
    int has_msg = err_msg != NULL && err_msg != Py_None;
    if (obj == NULL || obj == Py_None) {
        if (!has_msg) {
            return 0;
        }
        return PyFile_WriteObject(err_msg, file, Py_PRINT_RAW) < 0
            || PyFile_WriteString(":\n", file) < 0 ? -1 : 0;
    }
    if (has_msg) {
        if (PyFile_WriteObject(err_msg, file, Py_PRINT_RAW) < 0
            || PyFile_WriteString(": ", file) < 0)
        {
            return -1;
        }
    }
    else if (PyFile_WriteString("Exception ignored in: ", file) < 0) {
        return -1;
    }
    if (PyFile_WriteObject(obj, file, 0) < 0) {
        PyErr_Clear();
        if (PyFile_WriteString("<object repr() failed>", file) < 0) {
            return -1;
        }
    }
    return PyFile_WriteString("\n", file);
}

/* "module.Type": 0, or -1 with an exception. */
static int
write_type_name(PyObject *exc_type, PyObject *file)
{
    PyObject *module, *qualname = NULL;
    int res = _PyObject_LookupAttr(exc_type, &_Py_ID(__module__), &module);
    if (res < 0 || module == NULL || !PyUnicode_Check(module)) {
        PyErr_Clear();
        res = PyFile_WriteString("<unknown>", file);
    }
    else if (_PyUnicode_EqualToASCIIString(module, "builtins")
             || _PyUnicode_EqualToASCIIString(module, "__main__"))
    {
        res = 0;
    }
    else {
        res = PyFile_WriteObject(module, file, Py_PRINT_RAW) < 0
            || PyFile_WriteString(".", file) < 0 ? -1 : 0;
    }
    Py_XDECREF(module);
    if (res < 0) {
        return -1;
    }
    qualname = PyType_GetQualName((PyTypeObject *)exc_type);
    if (qualname == NULL || !PyUnicode_Check(qualname)) {
        PyErr_Clear();
        res = PyFile_WriteString("<unknown>", file);
    }
    else {
        res = PyFile_WriteObject(qualname, file, Py_PRINT_RAW);
    }
    Py_XDECREF(qualname);
    return res;
}

/* Prints one unraisable exception: 0, or -1 with an exception. */
static int
write_to_file(PyObject *exc_type, PyObject *exc_value, PyObject *exc_tb, PyObject *err_msg,
              PyObject *obj, PyObject *file)
{
    if (write_heading(err_msg, obj, file) < 0) {
        return -1;
    }
    if (exc_tb != NULL && exc_tb != Py_None && PyTraceBack_Print(exc_tb, file) < 0) {
        PyErr_Clear();
    }
    if (exc_type == NULL || exc_type == Py_None) {
        return -1;
    }
    assert(PyExceptionClass_Check(exc_type));
    if (write_type_name(exc_type, file) < 0) {
        return -1;
    }
    if (exc_value != NULL && exc_value != Py_None) {
        if (PyFile_WriteString(": ", file) < 0) {
            return -1;
        }
        if (PyFile_WriteObject(exc_value, file, Py_PRINT_RAW) < 0) {
            PyErr_Clear();
            if (PyFile_WriteString("<exception str() failed>", file) < 0) {
                return -1;
            }
        }
    }
    if (PyFile_WriteString("\n", file) < 0) {
        return -1;
    }
    PyObject *res = PyObject_CallMethodNoArgs(file, &_Py_ID(flush));
    if (res == NULL) {
        return -1;
    }
    Py_DECREF(res);
    return 0;
}

/* Prints to sys.stderr, if there is one. */
static int
write_to_stderr(PyThreadState *tstate, PyObject *exc_type, PyObject *exc_value, PyObject *exc_tb,
                PyObject *err_msg, PyObject *obj)
{
    PyObject *file = _PySys_GetAttr(tstate, &_Py_ID(stderr));
    if (file == NULL || file == Py_None) {
        return 0;
    }
    Py_INCREF(file);            /* the code that is called may replace it */
    int res = write_to_file(exc_type, exc_value, exc_tb, err_msg, obj, file);
    Py_DECREF(file);
    return res;
}

PyObject *
_PyErr_WriteUnraisableDefaultHook(PyObject *args)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyTypeObject *type = _PyErr_GetUnraisableHookArgsType(tstate);
    if (type == NULL) {
        return NULL;
    }
    if (!Py_IS_TYPE(args, type)) {
        _PyErr_SetString(tstate, PyExc_TypeError,
                         "sys.unraisablehook argument type must be UnraisableHookArgs");
        return NULL;
    }
    if (write_to_stderr(tstate, PyStructSequence_GET_ITEM(args, 0),
                        PyStructSequence_GET_ITEM(args, 1), PyStructSequence_GET_ITEM(args, 2),
                        PyStructSequence_GET_ITEM(args, 3), PyStructSequence_GET_ITEM(args, 4)) < 0)
    {
        return NULL;
    }
    Py_RETURN_NONE;
}


/* ----------------------------------------------------------------------- dispatch */

/* An exception raised in C has no traceback yet: where the thread is now is the best guess. */
static void
add_traceback(PyThreadState *tstate, PyObject *exc)
{
    if (((PyBaseExceptionObject *)exc)->traceback != NULL) {
        return;
    }
    PyFrameObject *frame = PyThreadState_GetFrame(tstate);
    if (frame == NULL) {
        return;
    }
    PyObject *traceback = _PyTraceBack_FromFrame(NULL, frame);
    Py_DECREF(frame);
    if (traceback == NULL) {
        _PyErr_Clear(tstate);
        return;
    }
    ((PyBaseExceptionObject *)exc)->traceback = traceback;
}

/* Passes args to sys.unraisablehook.  1 if that is done, 0 if there is no hook, -1 with an
   exception; *hook is a new reference or NULL. */
static int
call_hook(PyThreadState *tstate, PyObject *args, PyObject **hook)
{
    *hook = Py_XNewRef(_PySys_GetAttr(tstate, &_Py_ID(unraisablehook)));
    if (*hook == NULL) {
        _PyErr_Clear(tstate);
        return 0;
    }
    if (PySys_Audit("sys.unraisablehook", "OO", *hook, args) < 0) {
        return -1;
    }
    if (*hook == Py_None) {
        return 0;
    }
    PyObject *res = PyObject_CallOneArg(*hook, args);
    if (res == NULL) {
        return -1;
    }
    Py_DECREF(res);
    return 1;
}

/* Takes the pending exception and reports it.  err_msg_str (may be NULL) goes behind
   "Exception ignored "; obj (may be NULL) is what was at work. */
void
_PyErr_WriteUnraisableMsg(const char *err_msg_str, PyObject *obj)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    if (exc == NULL) {
        return;                 /* nothing to report */
    }
    add_traceback(tstate, exc);
    PyObject *err_msg = NULL, *hook = NULL;
    if (err_msg_str != NULL) {
        err_msg = PyUnicode_FromFormat("Exception ignored %s", err_msg_str);
        if (err_msg == NULL) {
            _PyErr_Clear(tstate);
        }
    }
    int done = 0;
    PyObject *args = make_args(tstate, exc, err_msg, obj);
    if (args == NULL) {
        /* Report the exception itself, without the hook. */
        _PyErr_Clear(tstate);
    }
    else {
        done = call_hook(tstate, args, &hook);
        Py_DECREF(args);
    }
    PyObject *shown_obj = obj;
    assert((done < 0) == (_PyErr_Occurred(tstate) != NULL));
    if (done < 0) {             /* the hook's own exception is the news now */
        Py_SETREF(exc, _PyErr_GetRaisedException(tstate));
        Py_XSETREF(err_msg, PyUnicode_FromString("Exception ignored in sys.unraisablehook"));
        if (err_msg == NULL) {
            _PyErr_Clear(tstate);
        }
        shown_obj = hook;
        done = 0;
    }
    if (!done && write_to_stderr(tstate, (PyObject *)Py_TYPE(exc), exc,
                                 ((PyBaseExceptionObject *)exc)->traceback, err_msg,
                                 shown_obj) < 0)
    {
        _PyErr_Clear(tstate);
    }
    Py_XDECREF(hook);
    Py_XDECREF(err_msg);
    Py_DECREF(exc);
    assert(!_PyErr_Occurred(tstate));
}

void
PyErr_WriteUnraisable(PyObject *obj)
{
    _PyErr_WriteUnraisableMsg(NULL, obj);
}
