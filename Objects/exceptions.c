/* BaseException, the exception types without fields of their own, and MemoryError.
 *
 * All types are shared static objects; ExceptionGroup, which has two bases, is a heap type of
 * each interpreter.  Types with fields are in Objects/exceptions/: one file per family.  A
 * subtype's struct begins with PyException_HEAD; its tp_clear, tp_traverse and tp_dealloc are
 * written by _PyExc_LIFE (pycore_exceptions.h) from the list of its fields.
 *
 * Invariants: args is always a tuple (NULL only in an instance that tp_new could not finish
 * or that was cleared by the collector); traceback, context and cause are NULL or of their type.
 * MemoryErrors live on a free list of the interpreter so that one can be raised when nothing
 * can be allocated.
 * Written from the library reference (built-in exceptions), PEP 3134, PEP 678, the ABI tables and
 * observed behaviour of 3.12. */

#include "Python.h"
#include "pycore_exceptions.h"      // _PyExc_SIMPLE
#include "pycore_type.h"            // _PyType_Name(), _PyStaticType_InitBuiltin()

static inline PyBaseExceptionObject *
base_exception(PyObject *op)
{
    assert(PyExceptionInstance_Check(op));
    return (PyBaseExceptionObject *)op;
}


/* --------------------------------------------------------------- BaseException */

PyObject *
_PyBaseException_New(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyBaseExceptionObject *self = (PyBaseExceptionObject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    assert(self->dict == NULL && self->traceback == NULL && self->suppress_context == 0);
    self->args = args != NULL ? Py_NewRef(args) : PyTuple_New(0);
    if (self->args == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

int
_PyBaseException_Init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    if (!_PyArg_NoKeywords(Py_TYPE(op)->tp_name, kwargs)) {
        return -1;
    }
    Py_XSETREF(base_exception(op)->args, Py_NewRef(args));
    return 0;
}

int
_PyBaseException_Clear(PyObject *op)
{
    PyBaseExceptionObject *self = (PyBaseExceptionObject *)op;
    Py_CLEAR(self->dict);
    Py_CLEAR(self->args);
    Py_CLEAR(self->notes);
    Py_CLEAR(self->traceback);
    Py_CLEAR(self->cause);
    Py_CLEAR(self->context);
    return 0;
}

int
_PyBaseException_Traverse(PyObject *op, visitproc visit, void *arg)
{
    PyBaseExceptionObject *self = (PyBaseExceptionObject *)op;
    Py_VISIT(self->dict);
    Py_VISIT(self->args);
    Py_VISIT(self->notes);
    Py_VISIT(self->traceback);
    Py_VISIT(self->cause);
    Py_VISIT(self->context);
    return 0;
}

void
_PyBaseException_Dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    /* Chains of contexts can be as long as a program runs. */
    Py_TRASHCAN_BEGIN(op, _PyBaseException_Dealloc)
    _PyBaseException_Clear(op);
    Py_TYPE(op)->tp_free(op);
    Py_TRASHCAN_END
}

PyObject *
_PyBaseException_Str(PyObject *op)
{
    PyObject *args = base_exception(op)->args;
    Py_ssize_t n = args == NULL ? 0 : PyTuple_GET_SIZE(args);
    if (n == 0) {
        return PyUnicode_New(0, 0);
    }
    return PyObject_Str(n == 1 ? PyTuple_GET_ITEM(args, 0) : args);
}

static PyObject *
BaseException_repr(PyObject *op)
{
    PyObject *args = base_exception(op)->args;
    const char *name = _PyType_Name(Py_TYPE(op));
    if (args != NULL && PyTuple_GET_SIZE(args) == 1) {
        return PyUnicode_FromFormat("%s(%R)", name, PyTuple_GET_ITEM(args, 0));
    }
    if (args == NULL) {
        return PyUnicode_FromFormat("%s()", name);
    }
    return PyUnicode_FromFormat("%s%R", name, args);
}

static PyObject *
BaseException_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyBaseExceptionObject *self = base_exception(op);
    if (self->args != NULL && self->dict != NULL) {
        return PyTuple_Pack(3, (PyObject *)Py_TYPE(op), self->args, self->dict);
    }
    return PyTuple_Pack(2, (PyObject *)Py_TYPE(op), self->args);
}

static PyObject *
BaseException_setstate(PyObject *op, PyObject *state)
{
    if (state != Py_None) {
        if (!PyDict_Check(state)) {
            PyErr_SetString(PyExc_TypeError, "state is not a dictionary");
            return NULL;
        }
        PyObject *key, *value;
        Py_ssize_t pos = 0;
        while (PyDict_Next(state, &pos, &key, &value)) {
            /* Setting runs code, which may change the dict. */
            Py_INCREF(key);
            Py_INCREF(value);
            int res = PyObject_SetAttr(op, key, value);
            Py_DECREF(value);
            Py_DECREF(key);
            if (res < 0) {
                return NULL;
            }
        }
    }
    Py_RETURN_NONE;
}

static PyObject *
BaseException_with_traceback(PyObject *op, PyObject *traceback)
{
    if (PyException_SetTraceback(op, traceback) < 0) {
        return NULL;
    }
    return Py_NewRef(op);
}

static PyObject *
BaseException_add_note(PyObject *op, PyObject *note)
{
    if (!PyUnicode_Check(note)) {
        PyErr_Format(PyExc_TypeError, "note must be a str, not '%s'", Py_TYPE(note)->tp_name);
        return NULL;
    }
    PyObject *notes;
    if (_PyObject_LookupAttr(op, &_Py_ID(__notes__), &notes) < 0) {
        return NULL;
    }
    if (notes == NULL) {
        notes = PyList_New(0);
        if (notes == NULL || PyObject_SetAttr(op, &_Py_ID(__notes__), notes) < 0) {
            Py_XDECREF(notes);
            return NULL;
        }
    }
    else if (!PyList_Check(notes)) {
        Py_DECREF(notes);
        PyErr_SetString(PyExc_TypeError, "Cannot add note: __notes__ is not a list");
        return NULL;
    }
    int res = PyList_Append(notes, note);
    Py_DECREF(notes);
    return res < 0 ? NULL : Py_NewRef(Py_None);
}

static PyMethodDef BaseException_methods[] = {
    {"__reduce__", BaseException_reduce, METH_NOARGS, NULL},
    {"__setstate__", BaseException_setstate, METH_O, NULL},
    {"with_traceback", BaseException_with_traceback, METH_O,
     PyDoc_STR("Exception.with_traceback(tb) --\n    set self.__traceback__ to tb and "
               "return self.")},
    {"add_note", BaseException_add_note, METH_O,
     PyDoc_STR("Exception.add_note(note) --\n    add a note to the exception")},
    {NULL, NULL, 0, NULL},
};

static PyObject *
BaseException_get_args(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *args = base_exception(op)->args;
    return Py_NewRef(args != NULL ? args : Py_None);
}

static int
BaseException_set_args(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "args may not be deleted");
        return -1;
    }
    PyObject *args = PySequence_Tuple(value);
    if (args == NULL) {
        return -1;
    }
    Py_XSETREF(base_exception(op)->args, args);
    return 0;
}

static PyObject *
BaseException_get_traceback(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *traceback = base_exception(op)->traceback;
    return Py_NewRef(traceback != NULL ? traceback : Py_None);
}

static int
BaseException_set_traceback(PyObject *op, PyObject *traceback, void *Py_UNUSED(closure))
{
    if (traceback == NULL) {
        PyErr_SetString(PyExc_TypeError, "__traceback__ may not be deleted");
        return -1;
    }
    if (!PyTraceBack_Check(traceback) && traceback != Py_None) {
        PyErr_SetString(PyExc_TypeError, "__traceback__ must be a traceback or None");
        return -1;
    }
    Py_XSETREF(base_exception(op)->traceback,
               traceback == Py_None ? NULL : Py_NewRef(traceback));
    return 0;
}

/* Checks a value for __context__ or __cause__.  *value becomes a new reference or, for
   None, NULL. */
static int
take_related_exception(PyObject **value, const char *name, const char *what)
{
    if (*value == NULL) {
        PyErr_Format(PyExc_TypeError, "%s may not be deleted", name);
        return -1;
    }
    if (*value == Py_None) {
        *value = NULL;
        return 0;
    }
    if (!PyExceptionInstance_Check(*value)) {
        PyErr_Format(PyExc_TypeError, "exception %s must be None or derive from BaseException",
                     what);
        return -1;
    }
    Py_INCREF(*value);
    return 0;
}

static PyObject *
BaseException_get_context(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *context = base_exception(op)->context;
    return Py_NewRef(context != NULL ? context : Py_None);
}

static int
BaseException_set_context(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    if (take_related_exception(&value, "__context__", "context") < 0) {
        return -1;
    }
    PyException_SetContext(op, value);
    return 0;
}

static PyObject *
BaseException_get_cause(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *cause = base_exception(op)->cause;
    return Py_NewRef(cause != NULL ? cause : Py_None);
}

static int
BaseException_set_cause(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    if (take_related_exception(&value, "__cause__", "cause") < 0) {
        return -1;
    }
    PyException_SetCause(op, value);
    return 0;
}

static PyGetSetDef BaseException_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {"args", BaseException_get_args, BaseException_set_args, NULL, NULL},
    {"__traceback__", BaseException_get_traceback, BaseException_set_traceback, NULL, NULL},
    {"__context__", BaseException_get_context, BaseException_set_context,
     PyDoc_STR("exception context"), NULL},
    {"__cause__", BaseException_get_cause, BaseException_set_cause,
     PyDoc_STR("exception cause"), NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef BaseException_members[] = {
    {"__suppress_context__", T_BOOL, offsetof(PyBaseExceptionObject, suppress_context), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

_Py_SHARED PyTypeObject _PyExc_BaseException = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "BaseException",
    .tp_basicsize = sizeof(PyBaseExceptionObject),
    .tp_dealloc = _PyBaseException_Dealloc,
    .tp_repr = BaseException_repr,
    .tp_str = _PyBaseException_Str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = _PyExc_TPFLAGS,
    .tp_doc = PyDoc_STR("Common base class for all exceptions"),
    .tp_traverse = _PyBaseException_Traverse,
    .tp_clear = _PyBaseException_Clear,
    .tp_methods = BaseException_methods,
    .tp_members = BaseException_members,
    .tp_getset = BaseException_getset,
    .tp_dictoffset = offsetof(PyBaseExceptionObject, dict),
    .tp_init = _PyBaseException_Init,
    .tp_new = _PyBaseException_New,
};
PyObject *PyExc_BaseException = (PyObject *)&_PyExc_BaseException;


/* -------------------------------------------------------------------- C access */

PyObject *
PyException_GetTraceback(PyObject *op)
{
    return Py_XNewRef(base_exception(op)->traceback);
}

int
PyException_SetTraceback(PyObject *op, PyObject *traceback)
{
    return BaseException_set_traceback(op, traceback, NULL);
}

PyObject *
PyException_GetCause(PyObject *op)
{
    return Py_XNewRef(base_exception(op)->cause);
}

/* Steals the reference to cause, which may be NULL. */
void
PyException_SetCause(PyObject *op, PyObject *cause)
{
    PyBaseExceptionObject *self = base_exception(op);
    self->suppress_context = 1;
    Py_XSETREF(self->cause, cause);
}

PyObject *
PyException_GetContext(PyObject *op)
{
    return Py_XNewRef(base_exception(op)->context);
}

/* Steals the reference to context, which may be NULL. */
void
PyException_SetContext(PyObject *op, PyObject *context)
{
    Py_XSETREF(base_exception(op)->context, context);
}

PyObject *
PyException_GetArgs(PyObject *op)
{
    return Py_NewRef(base_exception(op)->args);
}

void
PyException_SetArgs(PyObject *op, PyObject *args)
{
    Py_XSETREF(base_exception(op)->args, Py_NewRef(args));
}

const char *
PyExceptionClass_Name(PyObject *op)
{
    assert(PyExceptionClass_Check(op));
    return ((PyTypeObject *)op)->tp_name;
}

int
_PyException_AddNote(PyObject *exc, PyObject *note)
{
    if (!PyExceptionInstance_Check(exc)) {
        PyErr_Format(PyExc_TypeError, "exc must be an exception, not '%s'",
                     Py_TYPE(exc)->tp_name);
        return -1;
    }
    PyObject *res = BaseException_add_note(exc, note);
    Py_XDECREF(res);
    return res == NULL ? -1 : 0;
}


/* -------------------------------------------- types without fields of their own */

#define SIMPLE(NAME, BASE, DOC) \
    _PyExc_SIMPLE(NAME, PyBaseExceptionObject, BASE, BaseException, \
                  _PyBaseException_Init, _PyBaseException_New, DOC)

SIMPLE(Exception, BaseException, "Common base class for all non-exit exceptions.");
SIMPLE(TypeError, Exception, "Inappropriate argument type.");
SIMPLE(StopAsyncIteration, Exception, "Signal the end from iterator.__anext__().");
SIMPLE(GeneratorExit, BaseException, "Request that a generator exit.");
SIMPLE(KeyboardInterrupt, BaseException, "Program interrupted by user.");
SIMPLE(EOFError, Exception, "Read beyond end of file.");
SIMPLE(RuntimeError, Exception, "Unspecified run-time error.");
SIMPLE(RecursionError, RuntimeError, "Recursion limit exceeded.");
SIMPLE(NotImplementedError, RuntimeError, "Method or function hasn't been implemented yet.");
SIMPLE(AssertionError, Exception, "Assertion failed.");
SIMPLE(LookupError, Exception, "Base class for lookup errors.");
SIMPLE(IndexError, LookupError, "Sequence index out of range.");
SIMPLE(ValueError, Exception, "Inappropriate argument value (of correct type).");
SIMPLE(UnicodeError, ValueError, "Unicode related error.");
SIMPLE(ArithmeticError, Exception, "Base class for arithmetic errors.");
SIMPLE(FloatingPointError, ArithmeticError, "Floating point operation failed.");
SIMPLE(OverflowError, ArithmeticError, "Result too large to be represented.");
SIMPLE(ZeroDivisionError, ArithmeticError,
       "Second argument to a division or modulo operation was zero.");
SIMPLE(SystemError, Exception,
       "Internal error in the Python interpreter.\n\n"
       "Please report this to the Python maintainer, along with the traceback,\n"
       "the Python version, and the hardware/OS platform and version.");
SIMPLE(ReferenceError, Exception, "Weak ref proxy used after referent went away.");
SIMPLE(BufferError, Exception, "Buffer error.");
SIMPLE(Warning, Exception, "Base class for warning categories.");
SIMPLE(UserWarning, Warning, "Base class for warnings generated by user code.");
SIMPLE(DeprecationWarning, Warning, "Base class for warnings about deprecated features.");
SIMPLE(PendingDeprecationWarning, Warning,
       "Base class for warnings about features which will be deprecated\nin the future.");
SIMPLE(SyntaxWarning, Warning, "Base class for warnings about dubious syntax.");
SIMPLE(RuntimeWarning, Warning, "Base class for warnings about dubious runtime behavior.");
SIMPLE(FutureWarning, Warning,
       "Base class for warnings about constructs that will change semantically\n"
       "in the future.");
SIMPLE(ImportWarning, Warning,
       "Base class for warnings about probable mistakes in module imports");
SIMPLE(UnicodeWarning, Warning,
       "Base class for warnings about Unicode related problems, mostly\n"
       "related to conversion problems.");
SIMPLE(BytesWarning, Warning,
       "Base class for warnings about bytes and buffer related problems, mostly\n"
       "related to conversion from str or comparing to str.");
SIMPLE(ResourceWarning, Warning, "Base class for warnings about resource usage.");
SIMPLE(EncodingWarning, Warning, "Base class for warnings about encodings.");

/* A lone key is shown by its repr: an empty or odd message would hide it. */
static PyObject *
KeyError_str(PyObject *op)
{
    PyObject *args = base_exception(op)->args;
    if (args != NULL && PyTuple_GET_SIZE(args) == 1) {
        return PyObject_Repr(PyTuple_GET_ITEM(args, 0));
    }
    return _PyBaseException_Str(op);
}

_Py_SHARED PyTypeObject _PyExc_KeyError = {
    _PyExc_TYPE_HEAD(KeyError, PyBaseExceptionObject, _PyExc_LookupError, BaseException,
                     "Mapping key not found."),
    .tp_str = KeyError_str,
    .tp_init = _PyBaseException_Init,
};
PyObject *PyExc_KeyError = (PyObject *)&_PyExc_KeyError;


/* ----------------------------------------------------------------- MemoryError */

/* As many can be raised one inside the other when there is no memory at all. */
#define MEMORY_ERRORS_KEPT 16

/* Free instances have their count at 0 and are linked through `dict`. */
static PyObject *
take_memory_error(struct _exc_state *state)
{
    PyBaseExceptionObject *self = state->memerrors_freelist;
    assert(self != NULL && state->memerrors_numfree > 0);
    state->memerrors_freelist = (PyBaseExceptionObject *)self->dict;
    state->memerrors_numfree--;
    self->dict = NULL;
    self->suppress_context = 0;
    self->args = PyTuple_New(0);        /* the shared one: cannot fail */
    _Py_NewReference((PyObject *)self);
    _PyObject_GC_TRACK((PyObject *)self);
    return (PyObject *)self;
}

/* The exception for when there is no memory at all: part of the interpreter's state, so that it is
 * there when a birth fails at its first allocation. */
static PyBaseExceptionObject *
last_resort(struct _exc_state *state)
{
    PyBaseExceptionObject *last = &state->last_resort.ob;
    if (Py_TYPE(last) == NULL) {
        _Py_SetImmortal((PyObject *)last);
        Py_SET_TYPE((PyObject *)last, &_PyExc_MemoryError);
        last->args = PyTuple_New(0);        /* the shared one: cannot fail */
        assert(last->args != NULL);
    }
    return last;
}

PyObject *
_PyExc_NewMemoryError(PyThreadState *tstate)
{
    struct _exc_state *state = &tstate->interp->exc_state;
    if (state->memerrors_freelist != NULL) {
        return take_memory_error(state);
    }
    PyBaseExceptionObject *last = last_resort(state);
    /* It is used again and again: what the previous use hung on it goes. */
    Py_CLEAR(last->traceback);
    Py_CLEAR(last->context);
    Py_CLEAR(last->cause);
    Py_CLEAR(last->dict);
    return (PyObject *)last;
}

static PyObject *
MemoryError_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    struct _exc_state *state = &_PyInterpreterState_GET()->exc_state;
    if (type != &_PyExc_MemoryError || state->memerrors_freelist == NULL) {
        return _PyBaseException_New(type, args, kwargs);
    }
    PyObject *self = take_memory_error(state);
    Py_XSETREF(base_exception(self)->args, Py_NewRef(args));
    return self;
}

static void
MemoryError_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    _PyBaseException_Clear(op);
    if (Py_IS_TYPE(op, &_PyExc_MemoryError)) {
        struct _exc_state *state = &_PyInterpreterState_GET()->exc_state;
        if (state->memerrors_numfree < MEMORY_ERRORS_KEPT && state->exc_group_type != NULL) {
            ((PyBaseExceptionObject *)op)->dict = (PyObject *)state->memerrors_freelist;
            state->memerrors_freelist = (PyBaseExceptionObject *)op;
            state->memerrors_numfree++;
            return;
        }
    }
    Py_TYPE(op)->tp_free(op);
}

#define MemoryError_traverse _PyBaseException_Traverse
#define MemoryError_clear _PyBaseException_Clear
_Py_SHARED PyTypeObject _PyExc_MemoryError = {
    _PyExc_TYPE_HEAD(MemoryError, PyBaseExceptionObject, _PyExc_Exception, MemoryError,
                     "Out of memory."),
    .tp_init = _PyBaseException_Init,
    .tp_new = MemoryError_new,
};
PyObject *PyExc_MemoryError = (PyObject *)&_PyExc_MemoryError;

static int
fill_memory_errors(struct _exc_state *state)
{
    PyBaseExceptionObject *last = last_resort(state);
    PyObject *made[MEMORY_ERRORS_KEPT];
    int n = 0;
    for (; n < MEMORY_ERRORS_KEPT; n++) {
        made[n] = _PyBaseException_New(&_PyExc_MemoryError, last->args, NULL);
        if (made[n] == NULL) {
            break;
        }
    }
    int complete = n == MEMORY_ERRORS_KEPT;
    while (n > 0) {
        Py_DECREF(made[--n]);   /* on to the free list */
    }
    return complete ? 0 : -1;
}


/* --------------------------------------------------- start and end, the builtins */

#define ADDRESS(NAME) &_PyExc_##NAME,
PyTypeObject *const _PyExc_StaticTypes[] = {
    _PyExc_FOREACH(ADDRESS)
    NULL,
};

PyStatus
_PyExc_InitTypes(PyThreadState *tstate)
{
    for (PyTypeObject *const *type = _PyExc_StaticTypes; *type != NULL; type++) {
        if (_PyStaticType_InitBuiltin(tstate, *type) < 0) {
            return PyStatus_Error("An exception type initialization failed");
        }
    }
    return PyStatus_Ok();
}

PyStatus
_PyExc_InitState(PyThreadState *tstate)
{
    struct _exc_state *state = &tstate->interp->exc_state;
    state->exc_group_type = _PyExc_MakeExceptionGroupType();
    if (state->exc_group_type == NULL) {
        return PyStatus_Error("ExceptionGroup cannot be created");
    }
    if (fill_memory_errors(state) < 0) {
        return PyStatus_NoMemory();
    }
    return PyStatus_Ok();
}

PyObject *
_PyExc_GetExceptionGroupType(PyInterpreterState *interp)
{
    return interp->exc_state.exc_group_type;
}

void
_PyExc_FiniState(PyInterpreterState *interp)
{
    struct _exc_state *state = &interp->exc_state;
    Py_CLEAR(state->exc_group_type);    /* from here on MemoryErrors are freed */
    Py_CLEAR(state->unraisable_args_type);
    while (state->memerrors_freelist != NULL) {
        PyBaseExceptionObject *self = state->memerrors_freelist;
        state->memerrors_freelist = (PyBaseExceptionObject *)self->dict;
        state->memerrors_numfree--;
        PyObject_GC_Del(self);
    }
    assert(state->memerrors_numfree == 0);
    _PyBaseException_Clear((PyObject *)&state->last_resort.ob);
    memset(&state->last_resort, 0, sizeof(state->last_resort));
}

/* ORDER EXCEPTIONS: the names of _PyExc_FOREACH, spelled out for the generator of static
 * strings. */
_Py_ID_DECLARE(BaseException);
_Py_ID_DECLARE(Exception);
_Py_ID_DECLARE(BaseExceptionGroup);
_Py_ID_DECLARE(GeneratorExit);
_Py_ID_DECLARE(KeyboardInterrupt);
_Py_ID_DECLARE(SystemExit);
_Py_ID_DECLARE(ArithmeticError);
_Py_ID_DECLARE(AssertionError);
_Py_ID_DECLARE(AttributeError);
_Py_ID_DECLARE(BufferError);
_Py_ID_DECLARE(EOFError);
_Py_ID_DECLARE(ImportError);
_Py_ID_DECLARE(LookupError);
_Py_ID_DECLARE(MemoryError);
_Py_ID_DECLARE(NameError);
_Py_ID_DECLARE(OSError);
_Py_ID_DECLARE(ReferenceError);
_Py_ID_DECLARE(RuntimeError);
_Py_ID_DECLARE(StopAsyncIteration);
_Py_ID_DECLARE(StopIteration);
_Py_ID_DECLARE(SyntaxError);
_Py_ID_DECLARE(SystemError);
_Py_ID_DECLARE(TypeError);
_Py_ID_DECLARE(ValueError);
_Py_ID_DECLARE(Warning);
_Py_ID_DECLARE(FloatingPointError);
_Py_ID_DECLARE(OverflowError);
_Py_ID_DECLARE(ZeroDivisionError);
_Py_ID_DECLARE(BytesWarning);
_Py_ID_DECLARE(DeprecationWarning);
_Py_ID_DECLARE(EncodingWarning);
_Py_ID_DECLARE(FutureWarning);
_Py_ID_DECLARE(ImportWarning);
_Py_ID_DECLARE(PendingDeprecationWarning);
_Py_ID_DECLARE(ResourceWarning);
_Py_ID_DECLARE(RuntimeWarning);
_Py_ID_DECLARE(SyntaxWarning);
_Py_ID_DECLARE(UnicodeWarning);
_Py_ID_DECLARE(UserWarning);
_Py_ID_DECLARE(BlockingIOError);
_Py_ID_DECLARE(ChildProcessError);
_Py_ID_DECLARE(ConnectionError);
_Py_ID_DECLARE(FileExistsError);
_Py_ID_DECLARE(FileNotFoundError);
_Py_ID_DECLARE(InterruptedError);
_Py_ID_DECLARE(IsADirectoryError);
_Py_ID_DECLARE(NotADirectoryError);
_Py_ID_DECLARE(PermissionError);
_Py_ID_DECLARE(ProcessLookupError);
_Py_ID_DECLARE(TimeoutError);
_Py_ID_DECLARE(IndentationError);
_Py_ID_DECLARE(IndexError);
_Py_ID_DECLARE(KeyError);
_Py_ID_DECLARE(ModuleNotFoundError);
_Py_ID_DECLARE(NotImplementedError);
_Py_ID_DECLARE(RecursionError);
_Py_ID_DECLARE(UnboundLocalError);
_Py_ID_DECLARE(UnicodeError);
_Py_ID_DECLARE(BrokenPipeError);
_Py_ID_DECLARE(ConnectionAbortedError);
_Py_ID_DECLARE(ConnectionRefusedError);
_Py_ID_DECLARE(ConnectionResetError);
_Py_ID_DECLARE(TabError);
_Py_ID_DECLARE(UnicodeDecodeError);
_Py_ID_DECLARE(UnicodeEncodeError);
_Py_ID_DECLARE(UnicodeTranslateError);
_Py_ID_DECLARE(EnvironmentError);
_Py_ID_DECLARE(IOError);

static const struct {
    PyObject *name;
    PyTypeObject *type;
} exception_names[] = {
#define ROW(NAME) {_Py_ID_ADDRESS(NAME), &_PyExc_##NAME},
    _PyExc_FOREACH(ROW)
    {_Py_ID_ADDRESS(EnvironmentError), &_PyExc_OSError},
    {_Py_ID_ADDRESS(IOError), &_PyExc_OSError},
};

int
_PyBuiltins_AddExceptions(PyObject *builtins_module)
{
    PyObject *dict = PyModule_GetDict(builtins_module);
    if (dict == NULL) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(exception_names); i++) {
        if (PyDict_SetItem(dict, exception_names[i].name,
                           (PyObject *)exception_names[i].type) < 0)
        {
            return -1;
        }
    }
    PyObject *group = _PyInterpreterState_GET()->exc_state.exc_group_type;
    assert(group != NULL);
    return PyDict_SetItem(dict, &_Py_ID(ExceptionGroup), group);
}
