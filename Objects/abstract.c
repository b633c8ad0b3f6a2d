/* The protocol of any object: size, items, formatting, instance checks, iteration.
 *
 * Every function dispatches on the slots of the type and gives the error that the language
 * promises when there is none.  A NULL argument is a SystemError (or the exception that made it
 * NULL).  Numbers, sequences with mappings, and buffers are in abstract_*.c.
 * Written from the C API reference (object, iterator protocol), PEP 424, PEP 3119 and the
 * messages of CPython 3.12. */

#include "Python.h"
#include "pycore_abstract.h"    // _PyIndex_Check()
#include "pycore_call.h"        // _PyObject_CallNoArgs()
#include "pycore_ceval.h"       // _Py_EnterRecursiveCallTstate()
#include "pycore_errors.h"      // _PyErr_Format()
#include "pycore_genobject.h"   // _PyGen_FetchStopIterationValue()
#include "pycore_global_objects.h"  // _PyUnicode_EMPTY
#include "pycore_object.h"      // _PyObject_LookupSpecial()
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PyType_Lookup()

/* Objects/unionobject.c */
extern PyTypeObject _PyUnion_Type;
extern PyObject *_Py_union_args(PyObject *self);

#define TYPE_NAME(O) (Py_TYPE(O)->tp_name)

PyObject *
_PyAbstract_NullError(void)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!_PyErr_Occurred(tstate)) {
        _PyErr_SetString(tstate, PyExc_SystemError, "null argument to internal routine");
    }
    return NULL;
}

PyObject *
PyObject_Type(PyObject *o)
{
    return o == NULL ? _PyAbstract_NullError() : Py_NewRef(Py_TYPE(o));
}


/* ------------------------------------------------------------------------ size */

Py_ssize_t
PyObject_Size(PyObject *o)
{
    if (o == NULL) {
        _PyAbstract_NullError();
        return -1;
    }
    PySequenceMethods *seq = Py_TYPE(o)->tp_as_sequence;
    if (seq != NULL && seq->sq_length != NULL) {
        Py_ssize_t len = seq->sq_length(o);
        assert(len >= -1);
        return len;
    }
    return PyMapping_Size(o);
}

#undef PyObject_Length
Py_ssize_t
PyObject_Length(PyObject *o)
{
    return PyObject_Size(o);
}

int
_PyObject_HasLen(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    return (type->tp_as_sequence != NULL && type->tp_as_sequence->sq_length != NULL)
        || (type->tp_as_mapping != NULL && type->tp_as_mapping->mp_length != NULL);
}

/* The length, or what __length_hint__ estimates, or `defaultvalue`; -1 with an exception. */
Py_ssize_t
PyObject_LengthHint(PyObject *o, Py_ssize_t defaultvalue)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (_PyObject_HasLen(o)) {
        Py_ssize_t size = PyObject_Size(o);
        if (size >= 0) {
            return size;
        }
        if (!_PyErr_ExceptionMatches(tstate, PyExc_TypeError)) {
            return -1;
        }
        _PyErr_Clear(tstate);
    }
    PyObject *method = _PyObject_LookupSpecial(o, &_Py_ID(__length_hint__));
    if (method == NULL) {
        return _PyErr_Occurred(tstate) ? -1 : defaultvalue;
    }
    PyObject *result = _PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (result == NULL) {
        if (!_PyErr_ExceptionMatches(tstate, PyExc_TypeError)) {
            return -1;
        }
        _PyErr_Clear(tstate);
        return defaultvalue;
    }
    if (result == Py_NotImplemented) {
        Py_DECREF(result);
        return defaultvalue;
    }
    if (!PyLong_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__length_hint__ must be an integer, not %.100s",
                     TYPE_NAME(result));
        Py_DECREF(result);
        return -1;
    }
    Py_ssize_t hint = PyLong_AsSsize_t(result);
    Py_DECREF(result);
    if (hint < 0) {
        if (!_PyErr_Occurred(tstate)) {
            PyErr_SetString(PyExc_ValueError, "__length_hint__() should return >= 0");
        }
        return -1;
    }
    return hint;
}


/* ----------------------------------------------------------------------- items */

/* cls[key] for a class: __class_getitem__, found as an attribute of the class. */
static PyObject *
type_get_item(PyObject *type, PyObject *key)
{
    if ((PyTypeObject *)type == &PyType_Type) {
        return Py_GenericAlias(type, key);
    }
    PyObject *method;
    if (_PyObject_LookupAttr(type, &_Py_ID(__class_getitem__), &method) < 0) {
        return NULL;
    }
    if (method != NULL && method != Py_None) {
        PyObject *result = PyObject_CallOneArg(method, key);
        Py_DECREF(method);
        return result;
    }
    Py_XDECREF(method);
    PyErr_Format(PyExc_TypeError, "type '%.200s' is not subscriptable",
                 ((PyTypeObject *)type)->tp_name);
    return NULL;
}

PyObject *
PyObject_GetItem(PyObject *o, PyObject *key)
{
    if (o == NULL || key == NULL) {
        return _PyAbstract_NullError();
    }
    PyMappingMethods *map = Py_TYPE(o)->tp_as_mapping;
    if (map != NULL && map->mp_subscript != NULL) {
        PyObject *item = map->mp_subscript(o, key);
        assert((item == NULL) == (PyErr_Occurred() != NULL));
        return item;
    }
    PySequenceMethods *seq = Py_TYPE(o)->tp_as_sequence;
    if (seq != NULL && seq->sq_item != NULL) {
        if (_PyIndex_Check(key)) {
            Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
            if (index == -1 && PyErr_Occurred()) {
                return NULL;
            }
            return PySequence_GetItem(o, index);
        }
        PyErr_Format(PyExc_TypeError, "sequence index must be integer, not '%.200s'",
                     TYPE_NAME(key));
        return NULL;
    }
    if (PyType_Check(o)) {
        return type_get_item(o, key);
    }
    PyErr_Format(PyExc_TypeError, "'%.200s' object is not subscriptable", TYPE_NAME(o));
    return NULL;
}

/* Assignment, or deletion if value is NULL. */
static int
assign_item(PyObject *o, PyObject *key, PyObject *value)
{
    PyMappingMethods *map = Py_TYPE(o)->tp_as_mapping;
    if (map != NULL && map->mp_ass_subscript != NULL) {
        int res = map->mp_ass_subscript(o, key, value);
        assert((res < 0) == (PyErr_Occurred() != NULL));
        return res;
    }
    PySequenceMethods *seq = Py_TYPE(o)->tp_as_sequence;
    if (seq != NULL) {
        if (_PyIndex_Check(key)) {
            Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
            if (index == -1 && PyErr_Occurred()) {
                return -1;
            }
            return value != NULL ? PySequence_SetItem(o, index, value)
                                 : PySequence_DelItem(o, index);
        }
        if (seq->sq_ass_item != NULL) {
            PyErr_Format(PyExc_TypeError, "sequence index must be integer, not '%.200s'",
                         TYPE_NAME(key));
            return -1;
        }
    }
    PyErr_Format(PyExc_TypeError, value != NULL
                 ? "'%.200s' object does not support item assignment"
                 : "'%.200s' object does not support item deletion", TYPE_NAME(o));
    return -1;
}

int
PyObject_SetItem(PyObject *o, PyObject *key, PyObject *value)
{
    if (o == NULL || key == NULL || value == NULL) {
        _PyAbstract_NullError();
        return -1;
    }
    return assign_item(o, key, value);
}

int
PyObject_DelItem(PyObject *o, PyObject *key)
{
    if (o == NULL || key == NULL) {
        _PyAbstract_NullError();
        return -1;
    }
    return assign_item(o, key, NULL);
}

int
PyObject_DelItemString(PyObject *o, const char *key)
{
    if (o == NULL || key == NULL) {
        _PyAbstract_NullError();
        return -1;
    }
    PyObject *name = PyUnicode_FromString(key);
    if (name == NULL) {
        return -1;
    }
    int res = PyObject_DelItem(o, name);
    Py_DECREF(name);
    return res;
}


/* ---------------------------------------------------------------------- format */

/* format(obj, spec); spec may be NULL for "". */
PyObject *
PyObject_Format(PyObject *obj, PyObject *format_spec)
{
    if (format_spec != NULL && !PyUnicode_Check(format_spec)) {
        PyErr_Format(PyExc_SystemError, "Format specifier must be a string, not %.200s",
                     TYPE_NAME(format_spec));
        return NULL;
    }
    if (format_spec == NULL || PyUnicode_GET_LENGTH(format_spec) == 0) {
        if (PyUnicode_CheckExact(obj)) {
            return Py_NewRef(obj);
        }
        if (PyLong_CheckExact(obj)) {
            return PyObject_Str(obj);
        }
    }
    PyObject *spec = format_spec != NULL ? format_spec : _PyUnicode_EMPTY;
    PyObject *method = _PyType_Lookup(Py_TYPE(obj), &_Py_ID(__format__));
    PyObject *result;
    if (method != NULL && PyType_HasFeature(Py_TYPE(method), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        PyObject *args[] = {obj, spec};     /* no bound method is needed */
        Py_INCREF(method);
        result = PyObject_Vectorcall(method, args, 2, NULL);
        Py_DECREF(method);
    }
    else {
        method = _PyObject_LookupSpecial(obj, &_Py_ID(__format__));
        if (method == NULL) {
            if (!PyErr_Occurred()) {
                PyErr_Format(PyExc_TypeError, "Type %.100s doesn't define __format__",
                             TYPE_NAME(obj));
            }
            return NULL;
        }
        result = PyObject_CallOneArg(method, spec);
        Py_DECREF(method);
    }
    if (result != NULL && !PyUnicode_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__format__ must return a str, not %.200s",
                     TYPE_NAME(result));
        Py_CLEAR(result);
    }
    return result;
}


/* ------------------------------------------------------- isinstance, issubclass */

/* cls.__bases__ if it is a tuple: new reference, or NULL, with an exception only for errors
   other than AttributeError. */
static PyObject *
abstract_bases(PyObject *cls)
{
    PyObject *bases;
    (void)_PyObject_LookupAttr(cls, &_Py_ID(__bases__), &bases);
    if (bases != NULL && !PyTuple_Check(bases)) {
        Py_CLEAR(bases);
    }
    return bases;
}

/* Whether cls is reached from derived along __bases__, for objects that are not types: 1, 0, -1. */
static int
abstract_issubclass(PyObject *derived, PyObject *cls)
{
    PyThreadState *tstate = _PyThreadState_GET();
    PyObject *keep = Py_NewRef(derived);
    int result = 0;
    for (;;) {
        if (keep == cls) {
            result = 1;
            break;
        }
        PyObject *bases = abstract_bases(keep);
        if (bases == NULL) {
            result = _PyErr_Occurred(tstate) ? -1 : 0;
            break;
        }
        Py_ssize_t n = PyTuple_GET_SIZE(bases);
        if (n == 1) {           /* go on without recursion */
            Py_SETREF(keep, Py_NewRef(PyTuple_GET_ITEM(bases, 0)));
            Py_DECREF(bases);
            continue;
        }
        if (n > 1 && _Py_EnterRecursiveCallTstate(tstate, " in __issubclass__")) {
            Py_DECREF(bases);
            result = -1;
            break;
        }
        for (Py_ssize_t i = 0; result == 0 && i < n; i++) {
            result = abstract_issubclass(PyTuple_GET_ITEM(bases, i), cls);
        }
        if (n > 1) {
            _Py_LeaveRecursiveCallTstate(tstate);
        }
        Py_DECREF(bases);
        break;
    }
    Py_DECREF(keep);
    return result;
}

/* 1 if cls can be used as a class; else 0 with an exception. */
static int
check_class(PyObject *cls, const char *error)
{
    PyObject *bases = abstract_bases(cls);
    if (bases == NULL) {
        PyThreadState *tstate = _PyThreadState_GET();
        if (!_PyErr_Occurred(tstate)) {
            _PyErr_SetString(tstate, PyExc_TypeError, error);
        }
        return 0;
    }
    Py_DECREF(bases);
    return 1;
}

/* isinstance() without __instancecheck__. */
static int
object_isinstance(PyObject *inst, PyObject *cls)
{
    PyObject *inst_class;
    int result;
    if (PyType_Check(cls)) {
        result = PyObject_TypeCheck(inst, (PyTypeObject *)cls);
        if (result == 0) {
            /* A proxy may claim another class. */
            result = _PyObject_LookupAttr(inst, &_Py_ID(__class__), &inst_class);
            if (result > 0) {
                result = inst_class != (PyObject *)Py_TYPE(inst) && PyType_Check(inst_class)
                    && PyType_IsSubtype((PyTypeObject *)inst_class, (PyTypeObject *)cls);
                Py_DECREF(inst_class);
            }
        }
        return result;
    }
    if (!check_class(cls, "isinstance() arg 2 must be a type, a tuple of types, or a union")) {
        return -1;
    }
    result = _PyObject_LookupAttr(inst, &_Py_ID(__class__), &inst_class);
    if (result > 0) {
        result = abstract_issubclass(inst_class, cls);
        Py_DECREF(inst_class);
    }
    return result;
}

/* Asks the method `name` of the class of cls, if there is one: 1, 0, -1 with an exception, -2
   if there is none. */
static int
ask_class(PyThreadState *tstate, PyObject *cls, PyObject *name, PyObject *arg, const char *where)
{
    PyObject *checker = _PyObject_LookupSpecial(cls, name);
    if (checker == NULL) {
        return _PyErr_Occurred(tstate) ? -1 : -2;
    }
    int result = -1;
    if (!_Py_EnterRecursiveCallTstate(tstate, where)) {
        PyObject *answer = PyObject_CallOneArg(checker, arg);
        _Py_LeaveRecursiveCallTstate(tstate);
        if (answer != NULL) {
            result = PyObject_IsTrue(answer);
            Py_DECREF(answer);
        }
    }
    Py_DECREF(checker);
    return result;
}

static int
recursive_isinstance(PyThreadState *tstate, PyObject *inst, PyObject *cls)
{
    if (Py_IS_TYPE(inst, (PyTypeObject *)cls)) {
        return 1;
    }
    if (PyType_CheckExact(cls)) {   /* type.__instancecheck__ does just this */
        return object_isinstance(inst, cls);
    }
    if (Py_IS_TYPE(cls, &_PyUnion_Type)) {
        cls = _Py_union_args(cls);
    }
    if (PyTuple_Check(cls)) {
        if (_Py_EnterRecursiveCallTstate(tstate, " in __instancecheck__")) {
            return -1;
        }
        int result = 0;
        Py_ssize_t n = PyTuple_GET_SIZE(cls);
        for (Py_ssize_t i = 0; result == 0 && i < n; i++) {
            result = recursive_isinstance(tstate, inst, PyTuple_GET_ITEM(cls, i));
        }
        _Py_LeaveRecursiveCallTstate(tstate);
        return result;
    }
    int result = ask_class(tstate, cls, &_Py_ID(__instancecheck__), inst,
                           " in __instancecheck__");
    return result != -2 ? result : object_isinstance(inst, cls);
}

int
PyObject_IsInstance(PyObject *inst, PyObject *cls)
{
    return recursive_isinstance(_PyThreadState_GET(), inst, cls);
}

/* issubclass() without __subclasscheck__. */
static int
recursive_issubclass(PyObject *derived, PyObject *cls)
{
    if (PyType_Check(cls) && PyType_Check(derived)) {
        return PyType_IsSubtype((PyTypeObject *)derived, (PyTypeObject *)cls);
    }
    if (!check_class(derived, "issubclass() arg 1 must be a class")) {
        return -1;
    }
    if (!Py_IS_TYPE(cls, &_PyUnion_Type)
        && !check_class(cls, "issubclass() arg 2 must be a class, a tuple of classes, or a union"))
    {
        return -1;
    }
    return abstract_issubclass(derived, cls);
}

static int
object_issubclass(PyThreadState *tstate, PyObject *derived, PyObject *cls)
{
    if (PyType_CheckExact(cls)) {
        return derived == cls ? 1 : recursive_issubclass(derived, cls);
    }
    if (Py_IS_TYPE(cls, &_PyUnion_Type)) {
        cls = _Py_union_args(cls);
    }
    if (PyTuple_Check(cls)) {
        if (_Py_EnterRecursiveCallTstate(tstate, " in __subclasscheck__")) {
            return -1;
        }
        int result = 0;
        Py_ssize_t n = PyTuple_GET_SIZE(cls);
        for (Py_ssize_t i = 0; result == 0 && i < n; i++) {
            result = object_issubclass(tstate, derived, PyTuple_GET_ITEM(cls, i));
        }
        _Py_LeaveRecursiveCallTstate(tstate);
        return result;
    }
    int result = ask_class(tstate, cls, &_Py_ID(__subclasscheck__), derived,
                           " in __subclasscheck__");
    return result != -2 ? result : recursive_issubclass(derived, cls);
}

int
PyObject_IsSubclass(PyObject *derived, PyObject *cls)
{
    return object_issubclass(_PyThreadState_GET(), derived, cls);
}

int
_PyObject_RealIsInstance(PyObject *inst, PyObject *cls)
{
    return object_isinstance(inst, cls);
}

int
_PyObject_RealIsSubclass(PyObject *derived, PyObject *cls)
{
    return recursive_issubclass(derived, cls);
}


/* ------------------------------------------------------------------- iteration */

#undef PyIter_Check
int
PyIter_Check(PyObject *obj)
{
    iternextfunc next = Py_TYPE(obj)->tp_iternext;
    return next != NULL && next != &_PyObject_NextNotImplemented;
}

PyObject *
PyObject_GetIter(PyObject *o)
{
    getiterfunc get = Py_TYPE(o)->tp_iter;
    if (get == NULL) {
        if (PySequence_Check(o)) {
            return PySeqIter_New(o);
        }
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not iterable", TYPE_NAME(o));
        return NULL;
    }
    PyObject *iterator = get(o);
    if (iterator != NULL && !PyIter_Check(iterator)) {
        PyErr_Format(PyExc_TypeError, "iter() returned non-iterator of type '%.100s'",
                     TYPE_NAME(iterator));
        Py_CLEAR(iterator);
    }
    return iterator;
}

int
PyAIter_Check(PyObject *obj)
{
    PyAsyncMethods *async = Py_TYPE(obj)->tp_as_async;
    return async != NULL && async->am_anext != NULL
        && async->am_anext != &_PyObject_NextNotImplemented;
}

PyObject *
PyObject_GetAIter(PyObject *o)
{
    PyAsyncMethods *async = Py_TYPE(o)->tp_as_async;
    if (async == NULL || async->am_aiter == NULL) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not an async iterable", TYPE_NAME(o));
        return NULL;
    }
    PyObject *iterator = async->am_aiter(o);
    if (iterator != NULL && !PyAIter_Check(iterator)) {
        PyErr_Format(PyExc_TypeError, "aiter() returned not an async iterator of type '%.100s'",
                     TYPE_NAME(iterator));
        Py_CLEAR(iterator);
    }
    return iterator;
}

/* The next item (new reference); NULL at the end, or with an exception. */
PyObject *
PyIter_Next(PyObject *iter)
{
    PyObject *item = _PyIter_NextNested(iter);
    if (item == NULL) {
        PyThreadState *tstate = _PyThreadState_GET();
        if (_PyErr_Occurred(tstate) && _PyErr_ExceptionMatches(tstate, PyExc_StopIteration)) {
            _PyErr_Clear(tstate);
        }
    }
    return item;
}

PySendResult
PyIter_Send(PyObject *iter, PyObject *arg, PyObject **result)
{
    assert(arg != NULL && result != NULL);
    PyAsyncMethods *async = Py_TYPE(iter)->tp_as_async;
    if (async != NULL && async->am_send != NULL) {
        PySendResult res = async->am_send(iter, arg, result);
        assert((res == PYGEN_ERROR) == (*result == NULL));
        return res;
    }
    if (arg == Py_None && PyIter_Check(iter)) {
        *result = Py_TYPE(iter)->tp_iternext(iter);
    }
    else {
        *result = PyObject_CallMethodOneArg(iter, &_Py_ID(send), arg);
    }
    if (*result != NULL) {
        return PYGEN_NEXT;
    }
    return _PyGen_FetchStopIterationValue(result) == 0 ? PYGEN_RETURN : PYGEN_ERROR;
}


/* ------------------------------------------------------------ argument vectors */

void
_Py_FreeCharPArray(char *const array[])
{
    for (Py_ssize_t i = 0; array[i] != NULL; i++) {
        PyMem_Free(array[i]);
    }
    PyMem_Free((void *)array);
}

/* A NULL-terminated array of copies of the bytes objects in a sequence, for _Py_FreeCharPArray();
   NULL with an exception. */
char *const *
_PySequence_BytesToCharpArray(PyObject *self)
{
    Py_ssize_t argc = PySequence_Size(self);
    if (argc == -1) {
        return NULL;
    }
    assert(argc >= 0);
    if ((size_t)argc > (PY_SSIZE_T_MAX - sizeof(char *)) / sizeof(char *)) {
        PyErr_NoMemory();
        return NULL;
    }
    char **array = PyMem_Calloc((size_t)argc + 1, sizeof(char *));
    if (array == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < argc; i++) {
        PyObject *item = PySequence_GetItem(self, i);
        char *data;
        /* Without a place for the size, embedded NUL bytes are refused. */
        if (item == NULL || PyBytes_AsStringAndSize(item, &data, NULL) < 0) {
            Py_XDECREF(item);
            goto error;
        }
        size_t size = (size_t)PyBytes_GET_SIZE(item) + 1;
        array[i] = PyMem_Malloc(size);
        if (array[i] == NULL) {
            Py_DECREF(item);
            PyErr_NoMemory();
            goto error;
        }
        memcpy(array[i], data, size);
        Py_DECREF(item);
    }
    return array;

error:
    _Py_FreeCharPArray(array);
    return NULL;
}
