/* The pending exception of a thread: setting, fetching, matching, chaining.
 *
 * tstate->current_exception is NULL or a complete exception instance; its type is the
 * instance's type and its traceback is in the instance.  Whoever raises replaces it; nothing
 * else in the core writes it.  The implicit __context__ is set in one place,
 * _PyErr_SetObject(), and never closes a ring: an exception that is already part of the chain
 * is cut out of it first.
 *
 * Ways of raising (string, format, errno, import, syntax location) all end there.
 * Unraisable exceptions are in Python/unraisable.c, printing in Python/display.c.
 * Written from the C API reference (exception handling), PEP 3134, PEP 409, PEP 415 and the
 * messages of CPython 3.12. */

#include "Python.h"
#include "pycore_errors.h"      // _PyErr_SetRaisedException()
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_strings.h"     // _Py_ID()

#include <errno.h>


/* ------------------------------------------------------- the pending exception */

void
_PyErr_SetRaisedException(PyThreadState *tstate, PyObject *exc)
{
    assert(exc == NULL || PyExceptionInstance_Check(exc));
    PyObject *old = tstate->current_exception;
    tstate->current_exception = exc;
    Py_XDECREF(old);
}

PyObject *
PyErr_GetRaisedException(void)
{
    return _PyErr_GetRaisedException(_PyThreadState_GET());
}

void
PyErr_SetRaisedException(PyObject *exc)
{
    _PyErr_SetRaisedException(_PyThreadState_GET(), exc);
}

PyObject *
PyErr_Occurred(void)
{
    return _PyErr_Occurred(_PyThreadState_GET());
}

void
_PyErr_Clear(PyThreadState *tstate)
{
    _PyErr_SetRaisedException(tstate, NULL);
}

void
PyErr_Clear(void)
{
    _PyErr_Clear(_PyThreadState_GET());
}

/* Calls the class with the value as its arguments: a new instance, or NULL with an exception. */
static PyObject *
create_exception(PyThreadState *tstate, PyObject *type, PyObject *value)
{
    PyObject *exc;
    if (value == NULL || value == Py_None) {
        exc = PyObject_CallNoArgs(type);
    }
    else if (PyTuple_Check(value)) {
        exc = PyObject_Call(type, value, NULL);
    }
    else {
        exc = PyObject_CallOneArg(type, value);
    }
    if (exc != NULL && !PyExceptionInstance_Check(exc)) {
        _PyErr_Format(tstate, PyExc_TypeError,
                      "calling %R should have returned an instance of BaseException, not %s",
                      type, Py_TYPE(exc)->tp_name);
        Py_CLEAR(exc);
    }
    return exc;
}

/* 1 if `value` is an instance of the exception class `type`, else 0. */
static inline int
is_instance_of_class(PyObject *value, PyObject *type)
{
    return value != NULL && PyExceptionInstance_Check(value)
        && PyType_IsSubtype(Py_TYPE(value), (PyTypeObject *)type);
}

void
_PyErr_Restore(PyThreadState *tstate, PyObject *type, PyObject *value, PyObject *traceback)
{
    if (type == NULL) {
        assert(value == NULL && traceback == NULL);
        _PyErr_SetRaisedException(tstate, NULL);
        return;
    }
    assert(PyExceptionClass_Check(type));
    if (traceback == Py_None) {
        Py_CLEAR(traceback);
    }
    if (traceback != NULL && !PyTraceBack_Check(traceback)) {
        Py_DECREF(traceback);
        traceback = NULL;
        Py_XSETREF(value, NULL);
        Py_SETREF(type, Py_NewRef(PyExc_TypeError));
        value = PyUnicode_FromString("traceback must be a Traceback or None");
    }
    if (!is_instance_of_class(value, type)) {
        _PyErr_Clear(tstate);
        PyObject *exc = create_exception(tstate, type, value);
        Py_XSETREF(value, exc);
        if (exc == NULL) {
            Py_DECREF(type);
            Py_XDECREF(traceback);
            return;
        }
    }
    Py_XSETREF(((PyBaseExceptionObject *)value)->traceback, traceback);
    Py_DECREF(type);
    _PyErr_SetRaisedException(tstate, value);
}

void
PyErr_Restore(PyObject *type, PyObject *value, PyObject *traceback)
{
    _PyErr_Restore(_PyThreadState_GET(), type, value, traceback);
}

void
_PyErr_Fetch(PyThreadState *tstate, PyObject **p_type, PyObject **p_value, PyObject **p_traceback)
{
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    *p_value = exc;
    *p_type = exc == NULL ? NULL : Py_NewRef(Py_TYPE(exc));
    *p_traceback = exc == NULL ? NULL : Py_XNewRef(((PyBaseExceptionObject *)exc)->traceback);
}

void
PyErr_Fetch(PyObject **p_type, PyObject **p_value, PyObject **p_traceback)
{
    _PyErr_Fetch(_PyThreadState_GET(), p_type, p_value, p_traceback);
}


/* ---------------------------------------------------- raising, with __context__ */

_PyErr_StackItem *
_PyErr_GetTopmostException(PyThreadState *tstate)
{
    _PyErr_StackItem *item = tstate->exc_info;
    while ((item->exc_value == NULL || item->exc_value == Py_None)
           && item->previous_item != NULL)
    {
        item = item->previous_item;
    }
    return item;
}

/* Cuts `value` out of the chain of contexts that starts at `start`, so that it can become
   its new head.  The second pointer walks at half the speed: chains made by hand may be rings. */
static void
break_context_chain(PyObject *start, PyObject *value)
{
    assert(start != value);
    PyObject *o = start, *slow = start;
    int advance = 0;
    PyObject *context;
    while ((context = ((PyBaseExceptionObject *)o)->context) != NULL) {
        if (context == value) {
            PyException_SetContext(o, NULL);
            return;
        }
        o = context;
        if (o == slow) {
            return;
        }
        if (advance) {
            slow = ((PyBaseExceptionObject *)slow)->context;
        }
        advance = !advance;
    }
}

/* Makes the exception that is being handled the context of `value` (borrowed). */
static void
set_implicit_context(PyThreadState *tstate, PyObject *value)
{
    PyObject *handled = _PyErr_GetTopmostException(tstate)->exc_value;
    if (handled == NULL || handled == Py_None || handled == value) {
        return;
    }
    assert(PyExceptionInstance_Check(handled));
    break_context_chain(handled, value);
    PyException_SetContext(value, Py_NewRef(handled));
}

/* Whether `value` is an instance of the exception class, in the view of its metaclass: 1, 0, or -1
   with an exception. */
static int
is_exception_of(PyObject *value, PyObject *type)
{
    if (value == NULL || !PyExceptionInstance_Check(value)) {
        return 0;
    }
    return PyType_CheckExact(type) ? is_instance_of_class(value, type)
                                   : PyObject_IsSubclass((PyObject *)Py_TYPE(value), type);
}

/* The exception that create_exception() has raised, with a note that says what it was to make.  A
   new reference. */
static PyObject *
creation_error(PyThreadState *tstate, PyObject *type, PyObject *value)
{
    assert(_PyErr_Occurred(tstate));
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    PyObject *args = PyObject_Repr(value);
    _PyErr_Clear(tstate);
    PyObject *note = args == NULL
                     ? PyUnicode_FromFormat("Normalization failed: type=%s args=<unknown>",
                                            ((PyTypeObject *)type)->tp_name)
                     : PyUnicode_FromFormat("Normalization failed: type=%s args=%U",
                                            ((PyTypeObject *)type)->tp_name, args);
    Py_XDECREF(args);
    if (note != NULL) {
        (void)_PyException_AddNote(exc, note);
        Py_DECREF(note);
    }
    _PyErr_Clear(tstate);       /* an exception without its note is better than another one */
    return exc;
}

void
_PyErr_SetObject(PyThreadState *tstate, PyObject *exception, PyObject *value)
{
    if (exception != NULL && !PyExceptionClass_Check(exception)) {
        _PyErr_Format(tstate, PyExc_SystemError,
                      "_PyErr_SetObject: exception %R is not a BaseException subclass",
                      exception);
        return;
    }
    if (exception == NULL) {
        assert(value == NULL);
        _PyErr_Clear(tstate);
        return;
    }
    int is_instance = is_exception_of(value, exception);
    if (is_instance < 0) {
        return;
    }
    if (is_instance) {
        Py_INCREF(value);
    }
    else {
        /* The constructor must not run with an exception pending. */
        Py_XINCREF(value);
        _PyErr_Clear(tstate);
        PyObject *exc = create_exception(tstate, exception, value);
        if (exc == NULL) {
            exc = creation_error(tstate, exception, value);
        }
        Py_XDECREF(value);
        value = exc;
    }
    assert(PyExceptionInstance_Check(value));
    set_implicit_context(tstate, value);
    _PyErr_SetRaisedException(tstate, value);
}

void
PyErr_SetObject(PyObject *exception, PyObject *value)
{
    _PyErr_SetObject(_PyThreadState_GET(), exception, value);
}

/* A tuple as the key must stay one argument, so the instance is made here. */
void
_PyErr_SetKeyError(PyObject *key)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *exc = PyObject_CallOneArg(PyExc_KeyError, key);
    if (exc == NULL) {
        return;
    }
    _PyErr_SetObject(tstate, (PyObject *)Py_TYPE(exc), exc);
    Py_DECREF(exc);
}

void
_PyErr_SetNone(PyThreadState *tstate, PyObject *exception)
{
    _PyErr_SetObject(tstate, exception, NULL);
}

void
PyErr_SetNone(PyObject *exception)
{
    _PyErr_SetNone(_PyThreadState_GET(), exception);
}

void
_PyErr_SetString(PyThreadState *tstate, PyObject *exception, const char *string)
{
    PyObject *value = PyUnicode_FromString(string);
    if (value != NULL) {
        _PyErr_SetObject(tstate, exception, value);
        Py_DECREF(value);
    }
}

void
PyErr_SetString(PyObject *exception, const char *string)
{
    _PyErr_SetString(_PyThreadState_GET(), exception, string);
}

PyObject *
_PyErr_FormatV(PyThreadState *tstate, PyObject *exception, const char *format, va_list vargs)
{
    /* %R and %S run Python code, which must not see a pending exception. */
    _PyErr_Clear(tstate);
    PyObject *string = PyUnicode_FromFormatV(format, vargs);
    if (string != NULL) {
        _PyErr_SetObject(tstate, exception, string);
        Py_DECREF(string);
    }
    return NULL;
}

PyObject *
PyErr_FormatV(PyObject *exception, const char *format, va_list vargs)
{
    return _PyErr_FormatV(_PyThreadState_GET(), exception, format, vargs);
}

PyObject *
_PyErr_Format(PyThreadState *tstate, PyObject *exception, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    _PyErr_FormatV(tstate, exception, format, vargs);
    va_end(vargs);
    return NULL;
}

PyObject *
PyErr_Format(PyObject *exception, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    _PyErr_FormatV(_PyThreadState_GET(), exception, format, vargs);
    va_end(vargs);
    return NULL;
}


/* ------------------------------------------------------------------- matching */

int
PyErr_GivenExceptionMatches(PyObject *err, PyObject *exc)
{
    if (err == NULL || exc == NULL) {
        return 0;
    }
    if (PyTuple_Check(exc)) {
        Py_ssize_t n = PyTuple_GET_SIZE(exc);
        for (Py_ssize_t i = 0; i < n; i++) {
            if (PyErr_GivenExceptionMatches(err, PyTuple_GET_ITEM(exc, i))) {
                return 1;
            }
        }
        return 0;
    }
    if (PyExceptionInstance_Check(err)) {
        err = PyExceptionInstance_Class(err);
    }
    if (PyExceptionClass_Check(err) && PyExceptionClass_Check(exc)) {
        return PyType_IsSubtype((PyTypeObject *)err, (PyTypeObject *)exc);
    }
    return err == exc;
}

int
_PyErr_ExceptionMatches(PyThreadState *tstate, PyObject *exc)
{
    return PyErr_GivenExceptionMatches(_PyErr_Occurred(tstate), exc);
}

int
PyErr_ExceptionMatches(PyObject *exc)
{
    return _PyErr_ExceptionMatches(_PyThreadState_GET(), exc);
}


/* -------------------------------------------------------------- normalisation */

/* How often an exception may be replaced by one raised while it was being made. */
#define MAX_NORMALIZE 32

void
_PyErr_NormalizeException(PyThreadState *tstate, PyObject **p_type, PyObject **p_value,
                          PyObject **p_traceback)
{
    for (int depth = 0; ; depth++) {
        PyObject *type = *p_type, *value = *p_value;
        if (type == NULL) {
            return;             /* there was no exception */
        }
        if (value == NULL) {
            value = *p_value = Py_NewRef(Py_None);
        }
        if (!PyExceptionClass_Check(type)) {
            return;
        }
        if (is_instance_of_class(value, type)) {
            PyObject *actual = PyExceptionInstance_Class(value);
            if (actual != type) {
                Py_SETREF(*p_type, Py_NewRef(actual));
            }
            return;
        }
        PyObject *fixed = create_exception(tstate, type, value);
        if (fixed != NULL) {
            Py_SETREF(*p_value, fixed);
            if (!PyType_IsSubtype(Py_TYPE(fixed), (PyTypeObject *)type)
                || (PyObject *)Py_TYPE(fixed) != type)
            {
                Py_SETREF(*p_type, Py_NewRef(Py_TYPE(fixed)));
            }
            return;
        }
        Py_DECREF(type);
        Py_DECREF(value);
        if (depth == MAX_NORMALIZE) {
            _PyErr_SetString(tstate, PyExc_RecursionError,
                             "maximum recursion depth exceeded while normalizing an exception");
        }
        else if (depth > MAX_NORMALIZE + 2) {
            Py_FatalError(PyErr_ExceptionMatches(PyExc_MemoryError)
                          ? "Cannot recover from MemoryErrors while normalizing exceptions."
                          : "Cannot recover from the recursive normalization of an exception.");
        }
        /* The new exception keeps the traceback of the old one if it has none itself. */
        PyObject *new_traceback;
        _PyErr_Fetch(tstate, p_type, p_value, &new_traceback);
        if (new_traceback != NULL) {
            Py_XSETREF(*p_traceback, new_traceback);
        }
    }
}

void
PyErr_NormalizeException(PyObject **p_type, PyObject **p_value, PyObject **p_traceback)
{
    _PyErr_NormalizeException(_PyThreadState_GET(), p_type, p_value, p_traceback);
}


/* ------------------------------------------------------ exceptions being handled */

PyObject *
_PyErr_GetHandledException(PyThreadState *tstate)
{
    PyObject *exc = _PyErr_GetTopmostException(tstate)->exc_value;
    return exc == NULL || exc == Py_None ? NULL : Py_NewRef(exc);
}

PyObject *
PyErr_GetHandledException(void)
{
    return _PyErr_GetHandledException(_PyThreadState_GET());
}

void
_PyErr_SetHandledException(PyThreadState *tstate, PyObject *exc)
{
    Py_XSETREF(tstate->exc_info->exc_value, Py_XNewRef(exc == Py_None ? NULL : exc));
}

void
PyErr_SetHandledException(PyObject *exc)
{
    _PyErr_SetHandledException(_PyThreadState_GET(), exc);
}

void
_PyErr_GetExcInfo(PyThreadState *tstate, PyObject **p_type, PyObject **p_value,
                  PyObject **p_traceback)
{
    PyObject *exc = _PyErr_GetHandledException(tstate);
    *p_value = exc;
    *p_type = exc == NULL ? NULL : Py_NewRef(Py_TYPE(exc));
    *p_traceback = exc == NULL ? NULL : Py_XNewRef(((PyBaseExceptionObject *)exc)->traceback);
}

void
PyErr_GetExcInfo(PyObject **p_type, PyObject **p_value, PyObject **p_traceback)
{
    _PyErr_GetExcInfo(_PyThreadState_GET(), p_type, p_value, p_traceback);
}

void
PyErr_SetExcInfo(PyObject *type, PyObject *value, PyObject *traceback)
{
    PyErr_SetHandledException(value);
    Py_XDECREF(value);
    Py_XDECREF(type);           /* both follow from the value since 3.11 */
    Py_XDECREF(traceback);
}

PyObject *
_PyErr_StackItemToExcInfoTuple(_PyErr_StackItem *item)
{
    PyObject *exc = item->exc_value;
    if (exc == NULL || exc == Py_None) {
        return PyTuple_Pack(3, Py_None, Py_None, Py_None);
    }
    assert(PyExceptionInstance_Check(exc));
    PyObject *traceback = ((PyBaseExceptionObject *)exc)->traceback;
    return PyTuple_Pack(3, (PyObject *)Py_TYPE(exc), exc,
                        traceback != NULL ? traceback : Py_None);
}


/* -------------------------------------------------------------------- chaining */

/* Links the given exception as context of the pending one, or makes it pending. */
void
_PyErr_ChainExceptions1(PyObject *exc)
{
    if (exc == NULL) {
        return;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    if (_PyErr_Occurred(tstate)) {
        PyObject *pending = _PyErr_GetRaisedException(tstate);
        PyException_SetContext(pending, exc);
        _PyErr_SetRaisedException(tstate, pending);
    }
    else {
        _PyErr_SetRaisedException(tstate, exc);
    }
}

void
_PyErr_ChainExceptions(PyObject *type, PyObject *value, PyObject *traceback)
{
    if (type == NULL) {
        return;
    }
    PyThreadState *tstate = _PyThreadState_GET();
    if (!_PyErr_Occurred(tstate)) {
        _PyErr_Restore(tstate, type, value, traceback);
        return;
    }
    PyObject *pending = _PyErr_GetRaisedException(tstate);
    _PyErr_NormalizeException(tstate, &type, &value, &traceback);
    if (traceback != NULL) {
        PyException_SetTraceback(value, traceback);
        Py_DECREF(traceback);
    }
    Py_DECREF(type);
    PyException_SetContext(pending, value);
    _PyErr_SetRaisedException(tstate, pending);
}

/* Gives the pending exception the context it would get if it were raised while the
   exception of `item` (by default the innermost one) is handled. */
void
_PyErr_ChainStackItem(_PyErr_StackItem *item)
{
    PyThreadState *tstate = _PyThreadState_GET();
    assert(_PyErr_Occurred(tstate));
    _PyErr_StackItem *saved = tstate->exc_info;
    if (item != NULL) {
        tstate->exc_info = item;
    }
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    _PyErr_SetObject(tstate, (PyObject *)Py_TYPE(exc), exc);
    Py_DECREF(exc);
    tstate->exc_info = saved;
}

static void
format_from_cause(PyThreadState *tstate, PyObject *exception, const char *format, va_list vargs)
{
    assert(_PyErr_Occurred(tstate));
    PyObject *cause = _PyErr_GetRaisedException(tstate);
    _PyErr_FormatV(tstate, exception, format, vargs);
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    assert(exc != NULL);
    PyException_SetCause(exc, Py_NewRef(cause));
    PyException_SetContext(exc, cause);
    _PyErr_SetRaisedException(tstate, exc);
}

PyObject *
_PyErr_FormatFromCauseTstate(PyThreadState *tstate, PyObject *exception, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    format_from_cause(tstate, exception, format, vargs);
    va_end(vargs);
    return NULL;
}

PyObject *
_PyErr_FormatFromCause(PyObject *exception, const char *format, ...)
{
    va_list vargs;
    va_start(vargs, format);
    format_from_cause(_PyThreadState_GET(), exception, format, vargs);
    va_end(vargs);
    return NULL;
}


/* ------------------------------------------------------------ ready-made errors */

int
PyErr_BadArgument(void)
{
    PyErr_SetString(PyExc_TypeError, "bad argument type for built-in operation");
    return 0;
}

PyObject *
_PyErr_NoMemory(PyThreadState *tstate)
{
    PyObject *exc = _PyExc_NewMemoryError(tstate);
    if (exc != NULL) {
        _PyErr_SetRaisedException(tstate, exc);
    }
    return NULL;
}

PyObject *
PyErr_NoMemory(void)
{
    return _PyErr_NoMemory(_PyThreadState_GET());
}

void
_PyErr_BadInternalCall(const char *filename, int lineno)
{
    PyErr_Format(PyExc_SystemError, "%s:%d: bad argument to internal function", filename, lineno);
}

#undef PyErr_BadInternalCall
void
PyErr_BadInternalCall(void)
{
    PyErr_SetString(PyExc_SystemError, "bad argument to internal function");
}


/* ----------------------------------------------------------------------- errno */

PyObject *
PyErr_SetFromErrnoWithFilenameObjects(PyObject *exc, PyObject *filename, PyObject *filename2)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int number = errno;
    if (number == EINTR && PyErr_CheckSignals() < 0) {
        return NULL;
    }
    PyObject *message = number == 0 ? PyUnicode_FromString("Error")
        : PyUnicode_DecodeLocale(strerror(number), "surrogateescape");
    if (message == NULL) {
        return NULL;
    }
    PyObject *args;
    if (filename == NULL) {
        assert(filename2 == NULL);
        args = Py_BuildValue("(iO)", number, message);
    }
    else if (filename2 == NULL) {
        args = Py_BuildValue("(iOO)", number, message, filename);
    }
    else {
        args = Py_BuildValue("(iOOiO)", number, message, filename, 0, filename2);
    }
    Py_DECREF(message);
    if (args == NULL) {
        return NULL;
    }
    PyObject *value = PyObject_Call(exc, args, NULL);
    Py_DECREF(args);
    if (value != NULL) {
        _PyErr_SetObject(tstate, (PyObject *)Py_TYPE(value), value);
        Py_DECREF(value);
    }
    return NULL;
}

PyObject *
PyErr_SetFromErrnoWithFilenameObject(PyObject *exc, PyObject *filename)
{
    return PyErr_SetFromErrnoWithFilenameObjects(exc, filename, NULL);
}

PyObject *
PyErr_SetFromErrnoWithFilename(PyObject *exc, const char *filename)
{
    PyObject *name = NULL;
    if (filename != NULL) {
        int saved = errno;      /* decoding may change it */
        name = PyUnicode_DecodeFSDefault(filename);
        if (name == NULL) {
            return NULL;
        }
        errno = saved;
    }
    PyErr_SetFromErrnoWithFilenameObjects(exc, name, NULL);
    Py_XDECREF(name);
    return NULL;
}

PyObject *
PyErr_SetFromErrno(PyObject *exc)
{
    return PyErr_SetFromErrnoWithFilenameObjects(exc, NULL, NULL);
}


/* --------------------------------------------------------------------- imports */

static PyObject *
set_import_error(PyObject *exception, PyObject *msg, PyObject *name, PyObject *path,
                 PyObject *from_name)
{
    PyThreadState *tstate = _PyThreadState_GET();
    int is_import_error = PyObject_IsSubclass(exception, PyExc_ImportError);
    if (is_import_error < 0) {
        return NULL;
    }
    if (!is_import_error) {
        _PyErr_SetString(tstate, PyExc_TypeError, "expected a subclass of ImportError");
        return NULL;
    }
    if (msg == NULL) {
        _PyErr_SetString(tstate, PyExc_TypeError, "expected a message argument");
        return NULL;
    }
    PyObject *kwargs = PyDict_New();
    if (kwargs == NULL) {
        return NULL;
    }
    if (PyDict_SetItem(kwargs, &_Py_ID(name), name != NULL ? name : Py_None) == 0
        && PyDict_SetItem(kwargs, &_Py_ID(path), path != NULL ? path : Py_None) == 0
        && PyDict_SetItem(kwargs, &_Py_ID(name_from),
                          from_name != NULL ? from_name : Py_None) == 0)
    {
        PyObject *exc = PyObject_VectorcallDict(exception, &msg, 1, kwargs);
        if (exc != NULL) {
            _PyErr_SetObject(tstate, (PyObject *)Py_TYPE(exc), exc);
            Py_DECREF(exc);
        }
    }
    Py_DECREF(kwargs);
    return NULL;
}

PyObject *
PyErr_SetImportErrorSubclass(PyObject *exception, PyObject *msg, PyObject *name, PyObject *path)
{
    return set_import_error(exception, msg, name, path, NULL);
}

PyObject *
_PyErr_SetImportErrorWithNameFrom(PyObject *msg, PyObject *name, PyObject *path,
                                  PyObject *from_name)
{
    return set_import_error(PyExc_ImportError, msg, name, path, from_name);
}

PyObject *
PyErr_SetImportError(PyObject *msg, PyObject *name, PyObject *path)
{
    return set_import_error(PyExc_ImportError, msg, name, path, NULL);
}


/* ------------------------------------------------------------ new exception types */

PyObject *
PyErr_NewException(const char *name, PyObject *base, PyObject *dict)
{
    PyThreadState *tstate = _PyThreadState_GET();
    const char *dot = strrchr(name, '.');
    if (dot == NULL) {
        _PyErr_SetString(tstate, PyExc_SystemError,
                         "PyErr_NewException: name must be module.class");
        return NULL;
    }
    PyObject *result = NULL, *bases = NULL, *own_dict = NULL;
    if (base == NULL) {
        base = PyExc_Exception;
    }
    if (dict == NULL) {
        dict = own_dict = PyDict_New();
        if (dict == NULL) {
            return NULL;
        }
    }
    int has_module = PyDict_Contains(dict, &_Py_ID(__module__));
    if (has_module < 0) {
        goto done;
    }
    if (!has_module) {
        PyObject *module = PyUnicode_FromStringAndSize(name, (Py_ssize_t)(dot - name));
        if (module == NULL || PyDict_SetItem(dict, &_Py_ID(__module__), module) < 0) {
            Py_XDECREF(module);
            goto done;
        }
        Py_DECREF(module);
    }
    bases = PyTuple_Check(base) ? Py_NewRef(base) : PyTuple_Pack(1, base);
    if (bases != NULL) {
        result = PyObject_CallFunction((PyObject *)&PyType_Type, "sOO", dot + 1, bases, dict);
    }
done:
    Py_XDECREF(bases);
    Py_XDECREF(own_dict);
    return result;
}

PyObject *
PyErr_NewExceptionWithDoc(const char *name, const char *doc, PyObject *base, PyObject *dict)
{
    PyObject *result = NULL, *own_dict = NULL;
    if (dict == NULL) {
        dict = own_dict = PyDict_New();
        if (dict == NULL) {
            return NULL;
        }
    }
    if (doc != NULL) {
        PyObject *text = PyUnicode_FromString(doc);
        if (text == NULL || PyDict_SetItem(dict, &_Py_ID(__doc__), text) < 0) {
            Py_XDECREF(text);
            goto done;
        }
        Py_DECREF(text);
    }
    result = PyErr_NewException(name, base, dict);
done:
    Py_XDECREF(own_dict);
    return result;
}
