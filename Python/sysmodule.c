/* The module sys: functions, and the C API that reads and writes its dict.
 *
 * Built in two steps: _PySys_Create() makes what needs no configuration (so that errors can be
 * printed and modules imported), _PySys_UpdateConfig() adds what follows from interp->config.
 * Struct sequences and tables are in sysmodule_info.c, tracing functions in sysmodule_trace.c,
 * audit hooks and output functions in sysmodule_io.c.
 * Written from the library reference (sys), the C API reference ("System Functions") and
 * observed behaviour of 3.12. */
#include "Python.h"
#include "pycore_ceval.h"       // _PyEval_*
#include "pycore_errors.h"      // _PyErr_WriteUnraisableDefaultHook()
#include "pycore_frame.h"       // _PyThreadState_GetFrame()
#include "pycore_heap.h"
#include "pycore_initconfig.h"
#include "pycore_instruments.h" // _Py_CreateMonitoringObject()
#include "pycore_lifecycle.h"
#include "pycore_long.h"        // _PY_LONG_MAX_STR_DIGITS_THRESHOLD
#include "pycore_object.h"
#include "pycore_perf.h"        // _PyPerfTrampoline_Activate()
#include "pycore_private_api.h"
#include "pycore_pystate.h"
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_sysmodule.h"

#include <dlfcn.h>

#include "sig/sysmodule.sig.h"

/* ---- the dict --------------------------------------------------------------------- */

/* Borrowed, or NULL: missing (no error is set). */
PyObject *
_PySys_GetAttr(PyThreadState *tstate, PyObject *name)
{
    PyObject *sysdict = tstate->interp->sysdict;
    if (sysdict == NULL) {
        return NULL;
    }
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *value = PyDict_GetItemWithError(sysdict, name);
    int stage = tstate->interp->streams.stage;
    if (value == NULL && (stage == _Py_STREAMS_LAZY || stage == _Py_STREAMS_MAKING) &&
        _PySys_IsStreamName(name)) {
        value = _PySys_EnsureStreams(tstate) == 0 ? PyDict_GetItemWithError(sysdict, name) : NULL;
        PyErr_Clear();
    }
    else if (value == NULL && _Py_MakeLatePartsFor(tstate, name) != 0) {
        PyErr_Clear();
        value = PyDict_GetItemWithError(sysdict, name);
    }
    PyErr_SetRaisedException(exc);
    return value;
}

PyObject *
PySys_GetObject(const char *name)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *key = PyUnicode_InternFromString(name);
    PyObject *value = key != NULL ? _PySys_GetAttr(tstate, key) : NULL;
    Py_XDECREF(key);
    PyErr_SetRaisedException(exc);
    return value;
}

static int
sys_set_object(PyInterpreterState *interp, PyObject *key, PyObject *value)
{
    PyObject *sysdict = interp->sysdict;
    if (_Py_MakeLatePartsFor(_PyThreadState_GET(), key) < 0) {
        return -1;
    }
    if (value == NULL) {
        int has = PyDict_Contains(sysdict, key);
        return has <= 0 ? has : PyDict_DelItem(sysdict, key);
    }
    return PyDict_SetItem(sysdict, key, value);
}

int
_PySys_SetAttr(PyObject *name, PyObject *value)
{
    return sys_set_object(_PyInterpreterState_GET(), name, value);
}

int
PySys_SetObject(const char *name, PyObject *value)
{
    PyObject *key = PyUnicode_InternFromString(name);
    if (key == NULL) {
        return -1;
    }
    int res = sys_set_object(_PyInterpreterState_GET(), key, value);
    Py_DECREF(key);
    return res;
}

/* ---- hooks -------------------------------------------------------------------------- */

/* Writes repr(o) to sys.stdout, escaping what its encoding does not have. */
static int
display_escaped(PyObject *out, PyObject *o)
{
    int ret = -1;
    PyObject *encoded = NULL, *repr = NULL, *buffer = NULL, *text = NULL, *result = NULL;
    PyObject *encoding = PyObject_GetAttr(out, &_Py_ID(encoding));
    const char *name = encoding != NULL ? PyUnicode_AsUTF8(encoding) : NULL;
    if (name == NULL) {
        goto done;
    }
    repr = PyObject_Repr(o);
    encoded = repr != NULL ? PyUnicode_AsEncodedString(repr, name, "backslashreplace") : NULL;
    if (encoded == NULL) {
        goto done;
    }
    if (_PyObject_LookupAttr(out, &_Py_ID(buffer), &buffer) < 0) {
        goto done;
    }
    if (buffer != NULL) {
        result = PyObject_CallMethodOneArg(buffer, &_Py_ID(write), encoded);
        ret = result != NULL ? 0 : -1;
    }
    else {
        text = PyUnicode_FromEncodedObject(encoded, name, "strict");
        ret = text != NULL ? PyFile_WriteObject(text, out, Py_PRINT_RAW) : -1;
    }
done:
    Py_XDECREF(encoding);
    Py_XDECREF(repr);
    Py_XDECREF(encoded);
    Py_XDECREF(buffer);
    Py_XDECREF(text);
    Py_XDECREF(result);
    return ret;
}

/*sig sys.displayhook(module, object, /)

Print an object to sys.stdout and also save it in builtins._
*/
static PyObject *
sys_displayhook_impl(PyObject *module, PyObject *o)
{
    (void)module;
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *builtins = PyImport_GetModule(&_Py_ID(builtins));
    if (builtins == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_RuntimeError, "lost builtins module");
        }
        return NULL;
    }
    int res = -1;
    if (o == Py_None) {
        res = 0;
        goto done;
    }
    if (PyObject_SetAttr(builtins, &_Py_ID(_), Py_None) != 0) {
        goto done;
    }
    PyObject *out = _PySys_GetAttr(tstate, &_Py_ID(stdout));
    if (out == NULL || out == Py_None) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.stdout");
        goto done;
    }
    Py_INCREF(out);
    res = PyFile_WriteObject(o, out, 0);
    if (res < 0 && PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
        PyErr_Clear();
        res = display_escaped(out, o);
    }
    if (res == 0) {
        res = PyFile_WriteString("\n", out);
    }
    Py_DECREF(out);
    if (res == 0) {
        res = PyObject_SetAttr(builtins, &_Py_ID(_), o);
    }
done:
    Py_DECREF(builtins);
    return res == 0 ? Py_NewRef(Py_None) : NULL;
}

/*sig sys.excepthook(module, exctype, value, traceback, /)

Handle an exception by displaying it with a traceback on sys.stderr.
*/
static PyObject *
sys_excepthook_impl(PyObject *module, PyObject *exctype, PyObject *value, PyObject *traceback)
{
    (void)module;
    PyErr_Display(exctype, value, traceback == Py_None ? NULL : traceback);
    Py_RETURN_NONE;
}

/*sig sys.unraisablehook(module, unraisable, /)

Handle an unraisable exception.

The unraisable argument has the following attributes:

* exc_type: Exception type.
* exc_value: Exception value, can be None.
* exc_traceback: Exception traceback, can be None.
* err_msg: Error message, can be None.
* object: Object causing the exception, can be None.
*/
static PyObject *
sys_unraisablehook_impl(PyObject *module, PyObject *unraisable)
{
    (void)module;
    return _PyErr_WriteUnraisableDefaultHook(unraisable);
}

/* sys.breakpointhook(*args, **kws): calls what $PYTHONBREAKPOINT names (pdb.set_trace). */
PyDoc_STRVAR(breakpointhook_doc,
"breakpointhook(*args, **kws)\n"
"\n"
"This hook function is called by built-in breakpoint().\n");

static PyObject *
sys_breakpointhook(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    (void)self;
    PyInterpreterState *interp = _PyInterpreterState_GET();
    const char *env = _Py_GetEnv(interp->config.use_environment, "PYTHONBREAKPOINT");
    if (env == NULL || *env == '\0') {
        env = "pdb.set_trace";
    }
    else if (strcmp(env, "0") == 0) {
        Py_RETURN_NONE;
    }
    const char *dot = strrchr(env, '.');
    PyObject *modname = dot == NULL ? Py_NewRef(&_Py_ID(builtins))
                      : dot == env ? NULL : PyUnicode_FromStringAndSize(env, dot - env);
    PyObject *module = NULL, *hook = NULL;
    if (modname != NULL) {
        module = PyImport_Import(modname);
        Py_DECREF(modname);
        hook = module != NULL ? PyObject_GetAttrString(module, dot != NULL ? dot + 1 : env) : NULL;
        Py_XDECREF(module);
    }
    if (hook == NULL) {
        if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_ImportError) &&
            !PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return NULL;
        }
        PyErr_Clear();
        if (PyErr_WarnFormat(PyExc_RuntimeWarning, 0,
                             "Ignoring unimportable $PYTHONBREAKPOINT: \"%s\"", env) < 0) {
            return NULL;
        }
        Py_RETURN_NONE;
    }
    PyObject *result = PyObject_Vectorcall(hook, args, (size_t)nargs, keywords);
    Py_DECREF(hook);
    return result;
}

/* ---- exceptions ----------------------------------------------------------------------- */

/*sig sys.exception(module)

Return the current exception.

Return the most recent exception caught by an except clause
in the current stack frame or in an older stack frame, or None
if no such clause exists.
*/
static PyObject *
sys_exception_impl(PyObject *module)
{
    (void)module;
    PyObject *exc = PyErr_GetHandledException();
    return exc != NULL ? exc : Py_NewRef(Py_None);
}

/*sig sys.exc_info(module)

Return current exception information: (type, value, traceback).

Return information about the most recent exception caught by an except
clause in the current stack frame or in an older stack frame.
*/
static PyObject *
sys_exc_info_impl(PyObject *module)
{
    (void)module;
    PyObject *exc = PyErr_GetHandledException();
    if (exc == NULL) {
        return PyTuple_Pack(3, Py_None, Py_None, Py_None);
    }
    PyObject *tb = PyException_GetTraceback(exc);
    PyObject *result = PyTuple_Pack(3, (PyObject *)Py_TYPE(exc), exc, tb != NULL ? tb : Py_None);
    Py_XDECREF(tb);
    Py_DECREF(exc);
    return result;
}

/*sig sys.exit(module, status=None, /)

Exit the interpreter by raising SystemExit(status).

If the status is omitted or None, it defaults to zero (i.e., success).
If the status is an integer, it will be used as the system exit status.
If it is another kind of object, it will be printed and the system
exit status will be one (i.e., failure).
*/
static PyObject *
sys_exit_impl(PyObject *module, PyObject *status)
{
    (void)module;
    PyErr_SetObject(PyExc_SystemExit, status);
    return NULL;
}

/* ---- strings and encodings ---------------------------------------------------------------- */

/*sig sys.getdefaultencoding(module)

Return the current default encoding used by the Unicode implementation.
*/
static PyObject *
sys_getdefaultencoding_impl(PyObject *module)
{
    (void)module;
    _Py_DECLARE_STR(utf_8, "utf-8")
    return Py_NewRef(&_Py_STR(utf_8));
}

/*sig sys.getfilesystemencoding(module)

Return the encoding used to convert Unicode filenames to OS filenames.
*/
static PyObject *
sys_getfilesystemencoding_impl(PyObject *module)
{
    (void)module;
    return PyUnicode_FromWideChar(_PyInterpreterState_GET()->config.filesystem_encoding, -1);
}

/*sig sys.getfilesystemencodeerrors(module)

Return the error mode used for Unicode to OS filename conversion.
*/
static PyObject *
sys_getfilesystemencodeerrors_impl(PyObject *module)
{
    (void)module;
    return PyUnicode_FromWideChar(_PyInterpreterState_GET()->config.filesystem_errors, -1);
}

/*sig sys.intern(module, string: unicode, /)

``Intern'' the given string.

This enters the string in the (global) table of interned strings whose
purpose is to speed up dictionary lookups. Return the string itself or
the previously interned string object with the same value.
*/
static PyObject *
sys_intern_impl(PyObject *module, PyObject *s)
{
    (void)module;
    if (!PyUnicode_CheckExact(s)) {
        PyErr_Format(PyExc_TypeError, "can't intern %.400s", Py_TYPE(s)->tp_name);
        return NULL;
    }
    Py_INCREF(s);
    PyUnicode_InternInPlace(&s);
    return s;
}

/*sig sys.getunicodeinternedsize(module) -> ssize

Return the number of elements of the unicode interned dictionary
*/
static Py_ssize_t
sys_getunicodeinternedsize_impl(PyObject *module)
{
    (void)module;
    return (Py_ssize_t)_PyThreadState_GET()->heap->interned.used;
}

/* ---- limits ---------------------------------------------------------------------------------- */

/*sig sys.setswitchinterval(module, interval: double, /) -> None

Set the ideal thread switching delay inside the Python interpreter.

The actual frequency of switching threads can be lower if the
interpreter executes long sequences of uninterruptible code
(this is implementation-specific and workload-dependent).

The parameter must represent the desired switching delay in seconds
A typical value is 0.005 (5 milliseconds).
*/
static int
sys_setswitchinterval_impl(PyObject *module, double interval)
{
    (void)module;
    if (!(interval > 0.0)) {
        PyErr_SetString(PyExc_ValueError, "switch interval must be strictly positive");
        return -1;
    }
    _PyEval_SetSwitchInterval((unsigned long)(1e6 * interval));
    return 0;
}

/*sig sys.getswitchinterval(module) -> double

Return the current thread switch interval; see sys.setswitchinterval().
*/
static double
sys_getswitchinterval_impl(PyObject *module)
{
    (void)module;
    return 1e-6 * (double)_PyEval_GetSwitchInterval();
}

/*sig sys.setrecursionlimit(module, limit: int, /) -> None

Set the maximum depth of the Python interpreter stack to n.

This limit prevents infinite recursion from causing an overflow of the C
stack and crashing Python.  The highest possible limit is platform-
dependent.
*/
static int
sys_setrecursionlimit_impl(PyObject *module, int new_limit)
{
    (void)module;
    PyThreadState *tstate = _PyThreadState_GET();
    if (new_limit < 1) {
        PyErr_SetString(PyExc_ValueError, "recursion limit must be greater or equal than 1");
        return -1;
    }
    int depth = tstate->py_recursion_limit - tstate->py_recursion_remaining;
    if (depth >= new_limit) {
        PyErr_Format(PyExc_RecursionError,
                     "cannot set the recursion limit to %i at the recursion depth %i: the limit is "
                     "too low", new_limit, depth);
        return -1;
    }
    Py_SetRecursionLimit(new_limit);
    return 0;
}

/*sig sys.getrecursionlimit(module)

Return the current value of the recursion limit.

The recursion limit is the maximum depth of the Python interpreter
stack.  This limit prevents infinite recursion from causing an overflow
of the C stack and crashing Python.
*/
static PyObject *
sys_getrecursionlimit_impl(PyObject *module)
{
    (void)module;
    return PyLong_FromLong(Py_GetRecursionLimit());
}

/*sig sys.set_int_max_str_digits(module, maxdigits: int) -> None

Set the maximum string digits limit for non-binary int<->str conversions.
*/
static int
sys_set_int_max_str_digits_impl(PyObject *module, int maxdigits)
{
    (void)module;
    if (maxdigits != 0 && maxdigits < _PY_LONG_MAX_STR_DIGITS_THRESHOLD) {
        PyErr_Format(PyExc_ValueError, "maxdigits must be 0 or larger than %d",
                     _PY_LONG_MAX_STR_DIGITS_THRESHOLD);
        return -1;
    }
    _PyInterpreterState_GET()->long_state.max_str_digits = maxdigits;
    return 0;
}

/*sig sys.get_int_max_str_digits(module)

Return the maximum string digits limit for non-binary int<->str conversions.
*/
static PyObject *
sys_get_int_max_str_digits_impl(PyObject *module)
{
    (void)module;
    return PyLong_FromLong(_PyInterpreterState_GET()->long_state.max_str_digits);
}

/*sig sys.setdlopenflags(module, flags: int, /) -> None

Set the flags used by the interpreter for dlopen calls.

This is used, for example, when the interpreter loads extension
modules. Among other things, this will enable a lazy resolving of
symbols when importing a module, if called as sys.setdlopenflags(0).
To share symbols across extension modules, call as
sys.setdlopenflags(os.RTLD_GLOBAL).  Symbolic names for the flag
modules can be found in the os module (RTLD_xxx constants, e.g.
os.RTLD_LAZY).
*/
static int
sys_setdlopenflags_impl(PyObject *module, int flags)
{
    (void)module;
    _PyInterpreterState_GET()->imports.dlopenflags = flags;
    return 0;
}

/*sig sys.getdlopenflags(module)

Return the current value of the flags that are used for dlopen calls.

The flag constants are defined in the os module.
*/
static PyObject *
sys_getdlopenflags_impl(PyObject *module)
{
    (void)module;
    return PyLong_FromLong(_PyInterpreterState_GET()->imports.dlopenflags);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static size_t
size_with_header(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    PyObject *method = _PyObject_LookupSpecial(o, &_Py_ID(__sizeof__));
    if (method == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "Type %.100s doesn't define __sizeof__", type->tp_name);
        }
        return (size_t)-1;
    }
    PyObject *result = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (result == NULL) {
        return (size_t)-1;
    }
    Py_ssize_t size = PyLong_AsSsize_t(result);
    Py_DECREF(result);
    if (size == -1 && PyErr_Occurred()) {
        return (size_t)-1;
    }
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "__sizeof__() should return >= 0");
        return (size_t)-1;
    }
    size_t presize = _PyObject_IS_GC(o) ? _PyType_PreHeaderSize(type) : 0;
    return (size_t)size + presize;
}

size_t
_PySys_GetSizeOf(PyObject *o)
{
    return size_with_header(o);
}

/*sig @nosignature sys.getsizeof(module, object, default=NULL)

getsizeof(object[, default]) -> int

Return the size of object in bytes.
*/
static PyObject *
sys_getsizeof_impl(PyObject *module, PyObject *o, PyObject *dflt)
{
    (void)module;
    size_t size = size_with_header(o);
    if (size == (size_t)-1 && PyErr_Occurred()) {
        if (dflt != NULL && PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Clear();
            return Py_NewRef(dflt);
        }
        return NULL;
    }
    return PyLong_FromSize_t(size);
}

/*sig sys.getrefcount(module, object, /) -> ssize

Return the reference count of object.

The count returned is generally one higher than you might expect,
because it includes the (temporary) reference as an argument to
getrefcount().
*/
static Py_ssize_t
sys_getrefcount_impl(PyObject *module, PyObject *object)
{
    (void)module;
    return Py_REFCNT(object);
}

/*sig sys.getallocatedblocks(module) -> ssize

Return the number of memory blocks currently allocated.
*/
static Py_ssize_t
sys_getallocatedblocks_impl(PyObject *module)
{
    (void)module;
    return (Py_ssize_t)_PyHeap_CountBlocks(_PyThreadState_GET()->heap);
}

#ifdef Py_DEBUG
/*sig sys.gettotalrefcount(module) -> ssize

Return the sum of the reference counts of all objects of the process.
*/
static Py_ssize_t
sys_gettotalrefcount_impl(PyObject *module)
{
    (void)module;
    return _Py_GetGlobalRefTotal();
}
#endif

/*sig sys._debugmallocstats(module)

Print debug info to stderr about the state of pymalloc and structseq.

In 3.12 and later, the output is implementation-specific.
*/
static PyObject *
sys__debugmallocstats_impl(PyObject *module)
{
    (void)module;
    if (_PyObject_DebugMallocStats(stderr)) {
        fputc('\n', stderr);
    }
    _PyObject_DebugTypeStats(stderr);
    Py_RETURN_NONE;
}

/*sig sys._clear_type_cache(module)

Clear the internal type lookup cache.
*/
static PyObject *
sys__clear_type_cache_impl(PyObject *module)
{
    (void)module;
    PyType_ClearCache();
    Py_RETURN_NONE;
}

/* ---- frames ---------------------------------------------------------------------------------- */

/*sig sys._getframe(module, depth: int = 0, /)

Return a frame object from the call stack.

If optional integer depth is given, return the frame object that many
calls below the top of the stack.  If that is deeper than the call
stack, ValueError is raised.  The default for depth is zero, returning
the frame at the top of the call stack.

This function should be used for internal and specialized purposes
only.
*/
static PyObject *
sys__getframe_impl(PyObject *module, int depth)
{
    (void)module;
    PyThreadState *tstate = _PyThreadState_GET();
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(tstate);
    for (; frame != NULL && depth > 0; depth--) {
        frame = _PyFrame_GetFirstComplete(frame->previous);
    }
    if (frame == NULL) {
        PyErr_SetString(PyExc_ValueError, "call stack is not deep enough");
        return NULL;
    }
    PyObject *result = Py_XNewRef((PyObject *)_PyFrame_GetFrameObject(frame));
    if (result != NULL && PySys_Audit("sys._getframe", "(O)", result) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

/*sig sys._getframemodulename(module, depth: int = 0)

Return the name of the module for a calling frame.

The default depth returns the module containing the call to this API.
A more typical use in a library will pass a depth of 1 to get the user's
module rather than the library module.

If no frame, module, or name can be found, returns None.
*/
static PyObject *
sys__getframemodulename_impl(PyObject *module, int depth)
{
    (void)module;
    if (PySys_Audit("sys._getframemodulename", "i", depth) < 0) {
        return NULL;
    }
    _PyInterpreterFrame *frame = _PyThreadState_GetFrame(_PyThreadState_GET());
    for (; frame != NULL && depth > 0; depth--) {
        frame = _PyFrame_GetFirstComplete(frame->previous);
    }
    if (frame == NULL || frame->f_funcobj == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *name = PyFunction_GetModule(frame->f_funcobj);
    if (name == NULL) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    return Py_NewRef(name);
}

/*sig sys._current_frames(module)

Return a dict mapping each thread's thread id to its current stack frame.

This function should be used for specialized purposes only.
*/
static PyObject *
sys__current_frames_impl(PyObject *module)
{
    (void)module;
    return _PyThread_CurrentFrames();
}

/*sig sys._current_exceptions(module)

Return a dict mapping each thread's identifier to its current raised exception.

This function should be used for specialized purposes only.
*/
static PyObject *
sys__current_exceptions_impl(PyObject *module)
{
    (void)module;
    return _PyThread_CurrentExceptions();
}

/*sig sys.is_finalizing(module)

Return True if Python is exiting.
*/
static PyObject *
sys_is_finalizing_impl(PyObject *module)
{
    (void)module;
    return PyBool_FromLong(_Py_IsInterpreterFinalizing(_PyInterpreterState_GET()));
}

/* ---- perf trampolines ------------------------------------------------------------------------ */

/*sig sys.activate_stack_trampoline(module, backend: utf8, /)

Activate stack profiler trampoline *backend*.
*/
static PyObject *
sys_activate_stack_trampoline_impl(PyObject *module, const char *backend)
{
    (void)module;
    if (strcmp(backend, "perf") != 0) {
        PyErr_Format(PyExc_ValueError, "invalid backend: %s", backend);
        return NULL;
    }
    if (_PyPerfTrampoline_Activate(_PyThreadState_GET()) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/*sig sys.deactivate_stack_trampoline(module)

Deactivate the current stack profiler trampoline backend.

If no stack profiler is activated, this function has no effect.
*/
static PyObject *
sys_deactivate_stack_trampoline_impl(PyObject *module)
{
    (void)module;
    _PyPerfTrampoline_Deactivate(_PyInterpreterState_GET());
    Py_RETURN_NONE;
}

/*sig sys.is_stack_trampoline_active(module)

Return *True* if a stack profiler trampoline is active.
*/
static PyObject *
sys_is_stack_trampoline_active_impl(PyObject *module)
{
    (void)module;
    return PyBool_FromLong(_PyPerfTrampoline_IsActive(_PyInterpreterState_GET()));
}

/* ---- the module ------------------------------------------------------------------------------ */

const char _PySys_doc[] = PyDoc_STR(
"This module provides access to some objects used or maintained by the\n"
"interpreter and to functions that interact strongly with the interpreter.\n"
"\n"
"Dynamic objects:\n"
"\n"
"argv -- command line arguments; argv[0] is the script pathname if known\n"
"path -- module search path; path[0] is the script directory, else ''\n"
"modules -- dictionary of loaded modules\n"
"\n"
"displayhook -- called to show results in an interactive session\n"
"excepthook -- called to handle any uncaught exception other than SystemExit\n"
"  To customize printing in an interactive session or to install a custom\n"
"  top-level exception handler, assign other functions to replace these.\n"
"\n"
"stdin -- standard input file object; used by input()\n"
"stdout -- standard output file object; used by print()\n"
"stderr -- standard error object; used for error messages\n"
"  By assigning other file objects (or objects that behave like files)\n"
"  to these, it is possible to redirect all of the interpreter's I/O.\n");

static PyMethodDef sys_methods[] = {
    {"breakpointhook", _PyCFunction_CAST(sys_breakpointhook), METH_FASTCALL | METH_KEYWORDS,
     breakpointhook_doc},
    SYS_DISPLAYHOOK_METHODDEF
    SYS_EXCEPTHOOK_METHODDEF
    SYS_UNRAISABLEHOOK_METHODDEF
    SYS_EXCEPTION_METHODDEF
    SYS_EXC_INFO_METHODDEF
    SYS_EXIT_METHODDEF
    SYS_GETDEFAULTENCODING_METHODDEF
    SYS_GETFILESYSTEMENCODING_METHODDEF
    SYS_GETFILESYSTEMENCODEERRORS_METHODDEF
    SYS_INTERN_METHODDEF
    SYS_GETUNICODEINTERNEDSIZE_METHODDEF
    SYS_SETSWITCHINTERVAL_METHODDEF
    SYS_GETSWITCHINTERVAL_METHODDEF
    SYS_SETRECURSIONLIMIT_METHODDEF
    SYS_GETRECURSIONLIMIT_METHODDEF
    SYS_SET_INT_MAX_STR_DIGITS_METHODDEF
    SYS_GET_INT_MAX_STR_DIGITS_METHODDEF
    SYS_SETDLOPENFLAGS_METHODDEF
    SYS_GETDLOPENFLAGS_METHODDEF
    SYS_GETSIZEOF_METHODDEF
    SYS_GETREFCOUNT_METHODDEF
    SYS_GETALLOCATEDBLOCKS_METHODDEF
#ifdef Py_DEBUG
    SYS_GETTOTALREFCOUNT_METHODDEF
#endif
    SYS__DEBUGMALLOCSTATS_METHODDEF
    SYS__CLEAR_TYPE_CACHE_METHODDEF
    SYS__GETFRAME_METHODDEF
    SYS__GETFRAMEMODULENAME_METHODDEF
    SYS__CURRENT_FRAMES_METHODDEF
    SYS__CURRENT_EXCEPTIONS_METHODDEF
    SYS_IS_FINALIZING_METHODDEF
    SYS_ACTIVATE_STACK_TRAMPOLINE_METHODDEF
    SYS_DEACTIVATE_STACK_TRAMPOLINE_METHODDEF
    SYS_IS_STACK_TRAMPOLINE_ACTIVE_METHODDEF
    {NULL, NULL, 0, NULL},
};

_Py_SHARED static PyModuleDef sys_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "sys",
    .m_size = -1,
    .m_methods = sys_methods,
};

/* SET(&_Py_ID(name), new reference): sets it or returns -1 with an error. */
#define SET(NAME, VALUE)                                            \
    do {                                                            \
        PyObject *_value = (VALUE);                                 \
        if (_value == NULL) {                                       \
            return -1;                                              \
        }                                                           \
        int _res = PyDict_SetItem(sysdict, (NAME), _value);        \
        Py_DECREF(_value);                                          \
        if (_res < 0) {                                             \
            return -1;                                              \
        }                                                           \
    } while (0)

/* Copies of the hooks under the names with underscores. */
static int
set_hook_copies(PyObject *sysdict)
{
    PyObject *const hooks[][2] = {
        {&_Py_ID(displayhook), &_Py_ID(__displayhook__)},
        {&_Py_ID(excepthook), &_Py_ID(__excepthook__)},
        {&_Py_ID(breakpointhook), &_Py_ID(__breakpointhook__)},
        {&_Py_ID(unraisablehook), &_Py_ID(__unraisablehook__)},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(hooks); i++) {
        PyObject *hook = PyDict_GetItemWithError(sysdict, hooks[i][0]);
        if (hook == NULL || PyDict_SetItem(sysdict, hooks[i][1], hook) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
sys_init_core(PyThreadState *tstate, PyObject *sysdict)
{
    if (set_hook_copies(sysdict) < 0 || _PySys_InitInfo(tstate, sysdict) < 0) {
        return -1;
    }
    SET(&_Py_ID(flags), _PySys_MakeFlags(tstate));  /* importlib reads it; main sets it again */
    return 0;
}

/* Makes sys with all that needs no configuration. */
PyStatus
_PySys_Create(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    PyObject *modules = PyDict_New();
    if (modules == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    interp->imports.modules = modules;
    interp->imports.dlopenflags = RTLD_NOW;
    PyObject *module = _PyModule_CreateInitialized(&sys_module, PYTHON_API_VERSION);
    if (module == NULL) {
        return _PyStatus_ERR("failed to create a module object");
    }
    interp->sys_module = module;
    PyObject *sysdict = PyModule_GetDict(module);
    interp->sysdict = Py_NewRef(sysdict);
    if (PyDict_SetItem(modules, &_Py_ID(sys), module) < 0 ||
        sys_init_core(tstate, sysdict) < 0) {
        return _PyStatus_ERR("can't initialize sys module");
    }
    PyObject *monitoring = _Py_CreateMonitoringObject();
    if (monitoring == NULL || PyDict_SetItem(sysdict, &_Py_ID(monitoring), monitoring) < 0) {
        Py_XDECREF(monitoring);
        return _PyStatus_ERR("can't make sys.monitoring");
    }
    Py_DECREF(monitoring);
    if (!_Py_IsMainInterpreter(interp) && !_Py_IsBare(&interp->config)
        && !interp->config.verbose)
    {
        return _PyStatus_OK();      /* nothing is printed before there are streams */
    }
    /* Something to print on until the real streams are there. */
    PyObject *err = PyFile_NewStdPrinter(fileno(stderr));
    PyObject *out = PyFile_NewStdPrinter(fileno(stdout));
    if (err == NULL || out == NULL || PyDict_SetItem(sysdict, &_Py_ID(stderr), err) < 0 ||
        PyDict_SetItem(sysdict, &_Py_ID(__stderr__), err) < 0 ||
        PyDict_SetItem(sysdict, &_Py_ID(stdout), out) < 0) {
        Py_XDECREF(err);
        Py_XDECREF(out);
        return _PyStatus_ERR("can't set preliminary stderr");
    }
    Py_DECREF(err);
    Py_DECREF(out);
    return _PyStatus_OK();
}

/* ---- what follows from the configuration ----------------------------------------------------- */

static PyObject *
wstr_or_none(const wchar_t *str)
{
    return str != NULL ? PyUnicode_FromWideChar(str, -1) : Py_NewRef(Py_None);
}

static PyObject *
wstr_or_empty(const wchar_t *str)
{
    return PyUnicode_FromWideChar(str != NULL ? str : L"", -1);
}

/* {name: value or True} of the -X options. */
static PyObject *
create_xoptions(const PyConfig *config)
{
    PyObject *dict = PyDict_New();
    for (Py_ssize_t i = 0; dict != NULL && i < config->xoptions.length; i++) {
        const wchar_t *option = config->xoptions.items[i];
        const wchar_t *equals = wcschr(option, L'=');
        PyObject *name = PyUnicode_FromWideChar(option, equals != NULL ? equals - option : -1);
        PyObject *value = equals != NULL ? PyUnicode_FromWideChar(equals + 1, -1)
                                         : Py_NewRef(Py_True);
        if (name == NULL || value == NULL || PyDict_SetItem(dict, name, value) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(name);
        Py_XDECREF(value);
    }
    return dict;
}

int
_PySys_UpdateConfig(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    PyObject *sysdict = interp->sysdict;
    const PyConfig *config = &interp->config;
    if (config->module_search_paths_set) {
        SET(&_Py_ID(path), _PyWideStringList_AsList(&config->module_search_paths));
    }
    SET(&_Py_ID(executable), wstr_or_empty(config->executable));
    SET(&_Py_ID(_base_executable), wstr_or_empty(config->base_executable));
    SET(&_Py_ID(prefix), wstr_or_empty(config->prefix));
    SET(&_Py_ID(base_prefix), wstr_or_empty(config->base_prefix));
    SET(&_Py_ID(exec_prefix), wstr_or_empty(config->exec_prefix));
    SET(&_Py_ID(base_exec_prefix), wstr_or_empty(config->base_exec_prefix));
    SET(&_Py_ID(platlibdir), wstr_or_empty(config->platlibdir));
    SET(&_Py_ID(pycache_prefix), wstr_or_none(config->pycache_prefix));
    SET(&_Py_ID(_stdlib_dir), wstr_or_none(config->stdlib_dir));
    SET(&_Py_ID(_home), wstr_or_none(config->_is_python_build ? config->stdlib_dir : NULL));
    SET(&_Py_ID(argv), _PyWideStringList_AsList(&config->argv));
    SET(&_Py_ID(orig_argv), _PyWideStringList_AsList(&config->orig_argv));
    SET(&_Py_ID(warnoptions), _PyWideStringList_AsList(&config->warnoptions));
    SET(&_Py_ID(_xoptions), create_xoptions(config));
    if (_Py_IsMainInterpreter(interp)) {
        SET(&_Py_ID(flags), _PySys_MakeFlags(tstate));
    }
    SET(&_Py_ID(dont_write_bytecode), PyBool_FromLong(!config->write_bytecode));
    if (PyErr_Occurred()) {
        return -1;
    }
    return 0;
}

/* Adds methods of the other files of this module; called by _PySys_InitInfo(). */
int
_PySys_AddMethods(PyThreadState *tstate, PyMethodDef *methods)
{
    return PyModule_AddFunctions(tstate->interp->sys_module, methods);
}

/* ---- the old C API for options --------------------------------------------------------------- */

/* The list or dict (`type`) sys.`name`, a borrowed reference; if it is missing or of another type,
 * a new one takes its place.  NULL with an exception. */
static PyObject *
ensure_options(PyObject *name, PyTypeObject *type)
{
    PyObject *options = _PySys_GetAttr(_PyThreadState_GET(), name);
    if (options != NULL && PyObject_TypeCheck(options, type)) {
        return options;
    }
    options = PyObject_CallNoArgs((PyObject *)type);
    if (options == NULL || _PySys_SetAttr(name, options) < 0) {
        Py_XDECREF(options);
        return NULL;
    }
    Py_DECREF(options);
    return options;
}

PyObject *
PySys_GetXOptions(void)
{
    return ensure_options(&_Py_ID(_xoptions), &PyDict_Type);
}

int
PySys_HasWarnOptions(void)
{
    PyObject *options = _PySys_GetAttr(_PyThreadState_GET(), &_Py_ID(warnoptions));
    return options != NULL && PyList_Check(options) && PyList_GET_SIZE(options) > 0;
}

void
PySys_ResetWarnOptions(void)
{
    PyObject *options = _PySys_GetAttr(_PyThreadState_GET(), &_Py_ID(warnoptions));
    if (options != NULL && PyList_Check(options)) {
        PyList_SetSlice(options, 0, PyList_GET_SIZE(options), NULL);
    }
}

void
PySys_AddWarnOptionUnicode(PyObject *option)
{
    PyObject *options = ensure_options(&_Py_ID(warnoptions), &PyList_Type);
    if (options == NULL || PyList_Append(options, option) < 0) {
        PyErr_Clear();
    }
}

void
PySys_AddWarnOption(const wchar_t *s)
{
    PyObject *option = PyUnicode_FromWideChar(s, -1);
    if (option == NULL) {
        PyErr_Clear();
        return;
    }
    PySys_AddWarnOptionUnicode(option);
    Py_DECREF(option);
}

void
PySys_AddXOption(const wchar_t *s)
{
    PyObject *opts = PySys_GetXOptions();
    const wchar_t *equals = wcschr(s, L'=');
    PyObject *name = PyUnicode_FromWideChar(s, equals != NULL ? equals - s : -1);
    PyObject *value = equals != NULL ? PyUnicode_FromWideChar(equals + 1, -1) : Py_NewRef(Py_True);
    if (opts == NULL || name == NULL || value == NULL || PyDict_SetItem(opts, name, value) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(name);
    Py_XDECREF(value);
}

void
PySys_SetPath(const wchar_t *path)
{
    PyObject *list = PyList_New(0);
    for (const wchar_t *p = path; list != NULL;) {
        const wchar_t *colon = wcschr(p, L':');
        PyObject *item = PyUnicode_FromWideChar(p, colon != NULL ? colon - p : -1);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
        if (colon == NULL) {
            break;
        }
        p = colon + 1;
    }
    if (list == NULL || _PySys_SetAttr(&_Py_ID(path), list) < 0) {
        Py_FatalError("can't set sys.path");
    }
    Py_DECREF(list);
}

void
PySys_SetArgvEx(int argc, wchar_t **argv, int updatepath)
{
    wchar_t *empty[] = {L""};
    PyWideStringList list = {.length = argc, .items = argv};
    if (argc < 1 || argv == NULL) {
        list.length = 1;
        list.items = empty;
    }
    PyObject *av = _PyWideStringList_AsList(&list);
    if (av == NULL || _PySys_SetAttr(&_Py_ID(argv), av) < 0) {
        Py_FatalError("can't assign sys.argv");
    }
    Py_DECREF(av);
    if (updatepath) {
        PyObject *path = _PySys_GetAttr(_PyThreadState_GET(), &_Py_ID(path));
        const wchar_t *argv0 = list.items[0];
        const wchar_t *slash = wcscmp(argv0, L"-c") == 0 ? NULL : wcsrchr(argv0, L'/');
        PyObject *path0 = PyUnicode_FromWideChar(argv0, slash == NULL ? 0
                                                 : slash == argv0 ? 1 : slash - argv0);
        if (path0 == NULL || (path != NULL && PyList_Insert(path, 0, path0) < 0)) {
            Py_FatalError("can't prepend path0 to sys.path");
        }
        Py_DECREF(path0);
    }
}

void
PySys_SetArgv(int argc, wchar_t **argv)
{
    PySys_SetArgvEx(argc, argv, !_PyInterpreterState_GET()->config.isolated);
}
