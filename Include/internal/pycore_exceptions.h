/* What the files of the exception types share: Objects/exceptions.c and
 * the folder Objects/exceptions.  Nobody else needs it. */
#ifndef Py_INTERNAL_EXCEPTIONS_H
#define Py_INTERNAL_EXCEPTIONS_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_errors.h"      // _PyErr_Occurred()
#include "pycore_object.h"      // _Py_SHARED, _PyObject_GC_UNTRACK()
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_strings.h"     // _Py_ID()
#include "structmember.h"       // PyMemberDef, T_OBJECT

/* BaseException's slots, called by those of its subtypes. */
extern PyObject *_PyBaseException_New(PyTypeObject *type, PyObject *args, PyObject *kwargs);
extern int _PyBaseException_Init(PyObject *self, PyObject *args, PyObject *kwargs);
extern int _PyBaseException_Clear(PyObject *self);
extern int _PyBaseException_Traverse(PyObject *self, visitproc visit, void *arg);
extern void _PyBaseException_Dealloc(PyObject *self);
extern PyObject *_PyBaseException_Str(PyObject *self);

#define _PyExc_TPFLAGS                                                          \
    (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC              \
     | Py_TPFLAGS_BASE_EXC_SUBCLASS)

/* Initialisers common to all static exception types; `SLOT` names the functions
   SLOT_dealloc, SLOT_traverse and SLOT_clear. */
#define _PyExc_TYPE_HEAD(NAME, STRUCT, BASE, SLOT, DOC)                         \
    PyVarObject_HEAD_INIT(&PyType_Type, 0)                                      \
    .tp_name = #NAME,                                                           \
    .tp_basicsize = sizeof(STRUCT),                                             \
    .tp_flags = _PyExc_TPFLAGS,                                                 \
    .tp_doc = PyDoc_STR(DOC),                                                   \
    .tp_base = &BASE,                                                           \
    .tp_dictoffset = offsetof(PyBaseExceptionObject, dict),                     \
    .tp_dealloc = SLOT##_dealloc,                                               \
    .tp_traverse = SLOT##_traverse,                                             \
    .tp_clear = SLOT##_clear

#define BaseException_dealloc _PyBaseException_Dealloc
#define BaseException_traverse _PyBaseException_Traverse
#define BaseException_clear _PyBaseException_Clear

/* A type that only differs from its base in name and docstring; NEW is NULL to inherit
   (which types have a __new__ of their own is visible). */
#define _PyExc_SIMPLE(NAME, STRUCT, BASE, SLOT, INIT, NEW, DOC)                 \
    _Py_SHARED PyTypeObject _PyExc_##NAME = {                                   \
        _PyExc_TYPE_HEAD(NAME, STRUCT, _PyExc_##BASE, SLOT, DOC),               \
        .tp_init = INIT,                                                        \
        .tp_new = NEW,                                                          \
    };                                                                          \
    PyObject *PyExc_##NAME = (PyObject *)&_PyExc_##NAME

/* Defines SLOT_clear, SLOT_traverse and SLOT_dealloc for a struct whose own object fields are
   listed by the macro FIELDS(X) as X(field) ... */
#define _PyExc_CLEAR_FIELD(FIELD) Py_CLEAR(self->FIELD);
#define _PyExc_VISIT_FIELD(FIELD) Py_VISIT(self->FIELD);
#define _PyExc_LIFE(SLOT, STRUCT, FIELDS)                                       \
    static int                                                                  \
    SLOT##_clear(PyObject *op)                                                  \
    {                                                                           \
        STRUCT *self = (STRUCT *)op;                                            \
        FIELDS(_PyExc_CLEAR_FIELD)                                              \
        return _PyBaseException_Clear(op);                                      \
    }                                                                           \
                                                                                \
    static int                                                                  \
    SLOT##_traverse(PyObject *op, visitproc visit, void *arg)                   \
    {                                                                           \
        STRUCT *self = (STRUCT *)op;                                            \
        FIELDS(_PyExc_VISIT_FIELD)                                              \
        return _PyBaseException_Traverse(op, visit, arg);                       \
    }                                                                           \
                                                                                \
    static void                                                                 \
    SLOT##_dealloc(PyObject *op)                                                \
    {                                                                           \
        PyObject_GC_UnTrack(op);                                                \
        Py_TRASHCAN_BEGIN(op, SLOT##_dealloc)                                   \
        SLOT##_clear(op);                                                       \
        Py_TYPE(op)->tp_free(op);                                               \
        Py_TRASHCAN_END                                                         \
    }

#define _PyExc_DECLARE(NAME) extern PyTypeObject _PyExc_##NAME;

/* All static exception types, bases before subtypes: the order of _PyExc_StaticTypes. */
#define _PyExc_FOREACH(X)                                                       \
    X(BaseException) X(Exception) X(BaseExceptionGroup) X(GeneratorExit)        \
    X(KeyboardInterrupt) X(SystemExit) X(ArithmeticError) X(AssertionError)     \
    X(AttributeError) X(BufferError) X(EOFError) X(ImportError) X(LookupError)  \
    X(MemoryError) X(NameError) X(OSError) X(ReferenceError) X(RuntimeError)    \
    X(StopAsyncIteration) X(StopIteration) X(SyntaxError) X(SystemError)        \
    X(TypeError) X(ValueError) X(Warning) X(FloatingPointError)                 \
    X(OverflowError) X(ZeroDivisionError) X(BytesWarning)                       \
    X(DeprecationWarning) X(EncodingWarning) X(FutureWarning) X(ImportWarning)  \
    X(PendingDeprecationWarning) X(ResourceWarning) X(RuntimeWarning)           \
    X(SyntaxWarning) X(UnicodeWarning) X(UserWarning) X(BlockingIOError)        \
    X(ChildProcessError) X(ConnectionError) X(FileExistsError)                  \
    X(FileNotFoundError) X(InterruptedError) X(IsADirectoryError)               \
    X(NotADirectoryError) X(PermissionError) X(ProcessLookupError)              \
    X(TimeoutError) X(IndentationError) X(IndexError) X(KeyError)               \
    X(ModuleNotFoundError) X(NotImplementedError) X(RecursionError)             \
    X(UnboundLocalError) X(UnicodeError) X(BrokenPipeError)                     \
    X(ConnectionAbortedError) X(ConnectionRefusedError) X(ConnectionResetError) \
    X(TabError) X(UnicodeDecodeError) X(UnicodeEncodeError)                     \
    X(UnicodeTranslateError)

_PyExc_FOREACH(_PyExc_DECLARE)

/* Objects/exceptions/group.c: a new ExceptionGroup class, or NULL with an exception. */
extern PyObject *_PyExc_MakeExceptionGroupType(void);

#endif /* !Py_INTERNAL_EXCEPTIONS_H */
