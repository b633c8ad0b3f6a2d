/* object_types.c - None and NotImplemented, the table of the core's static types, making objects
 * shared, and emptying the free lists of a heap.
 *
 * Written from the library reference ("Built-in Constants"), InternalDocs/objects.rst.
 */
#include "Python.h"
#include "pycore_initconfig.h"  // _PyStatus_OK()
#include "pycore_context.h"     // _PyContext_PrepareTypes()
#include "pycore_errors.h"      // _PyExc_InitTypes()
#include "pycore_freelist.h"    // struct _Py_freelists
#include "pycore_heap.h"        // struct _heap
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_shared.h"      // _Py_IsShared()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PyStaticType_InitBuiltin()

/* ----------------------------------------------------------------------------------- None */

static PyObject *
none_repr(PyObject *Py_UNUSED(op))
{
    return &_Py_ID(None);
}

/* Only unbalanced code gets here: the count is repaired. */
static void
none_dealloc(PyObject *none)
{
    _Py_SetImmortal(none);
}

static PyObject *
none_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) || (kwargs != NULL && PyDict_GET_SIZE(kwargs))) {
        PyErr_SetString(PyExc_TypeError, "NoneType takes no arguments");
        return NULL;
    }
    Py_RETURN_NONE;
}

static int
none_bool(PyObject *Py_UNUSED(v))
{
    return 0;
}

/* The same in every process, so that sets with None in them have a stable order. */
static Py_hash_t
none_hash(PyObject *Py_UNUSED(v))
{
    return 0xFCA86420;
}

/* A type with a tp_hash of its own does not inherit this one. */
static PyObject *
none_richcompare(PyObject *none, PyObject *other, int op)
{
    return PyBaseObject_Type.tp_richcompare(none, other, op);
}

static _Py_SHARED PyNumberMethods none_as_number = {
    .nb_bool = none_bool,
};

_Py_SHARED PyTypeObject _PyNone_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "NoneType",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = none_dealloc,
    .tp_repr = none_repr,
    .tp_as_number = &none_as_number,
    .tp_hash = none_hash,
    .tp_richcompare = none_richcompare,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = none_new,
};

_Py_SHARED PyObject _Py_NoneStruct = _PyObject_HEAD_INIT(&_PyNone_Type);

/* --------------------------------------------------------------------------- NotImplemented */

static PyObject *
notimplemented_repr(PyObject *Py_UNUSED(op))
{
    return &_Py_ID(NotImplemented);
}

static PyObject *
notimplemented_reduce(PyObject *Py_UNUSED(op), PyObject *Py_UNUSED(ignored))
{
    return &_Py_ID(NotImplemented);
}

static PyObject *
notimplemented_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) || (kwargs != NULL && PyDict_GET_SIZE(kwargs))) {
        PyErr_SetString(PyExc_TypeError, "NotImplementedType takes no arguments");
        return NULL;
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static void
notimplemented_dealloc(PyObject *op)
{
    _Py_SetImmortal(op);
}

static int
notimplemented_bool(PyObject *Py_UNUSED(v))
{
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "NotImplemented should not be used in a boolean context", 1) < 0)
    {
        return -1;
    }
    return 1;
}

static _Py_SHARED PyMethodDef notimplemented_methods[] = {
    {"__reduce__", notimplemented_reduce, METH_NOARGS, NULL},
    {NULL}
};

static _Py_SHARED PyNumberMethods notimplemented_as_number = {
    .nb_bool = notimplemented_bool,
};

_Py_SHARED PyTypeObject _PyNotImplemented_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "NotImplementedType",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = notimplemented_dealloc,
    .tp_repr = notimplemented_repr,
    .tp_as_number = &notimplemented_as_number,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_methods = notimplemented_methods,
    .tp_new = notimplemented_new,
};

_Py_SHARED PyObject _Py_NotImplementedStruct = _PyObject_HEAD_INIT(&_PyNotImplemented_Type);

/* ------------------------------------------------------------------------------- the table */

/* All static types of the core but the exceptions (exceptions.c has those), bases first.  Programs
 * that leave parts out (the bootstrap interpreter) link without them: hence the weak references. */
#define STATIC_TYPES(V) \
    V(PyBaseObject_Type) V(PyType_Type) V(PyUnicode_Type) V(PyTuple_Type) V(PyDict_Type) \
    V(PyLong_Type) V(PyBool_Type) V(PyBytes_Type) V(PyByteArray_Type) V(PyFloat_Type) \
    V(PyComplex_Type) V(PyList_Type) V(PySet_Type) V(PyFrozenSet_Type) V(PySuper_Type) \
    V(PyCFunction_Type) V(PyCMethod_Type) V(PyWrapperDescr_Type) V(_PyMethodWrapper_Type) \
    V(PyMethodDescr_Type) V(PyClassMethodDescr_Type) V(PyGetSetDescr_Type) \
    V(PyMemberDescr_Type) V(PyDictProxy_Type) V(PyProperty_Type) V(PyFunction_Type) \
    V(PyClassMethod_Type) V(PyStaticMethod_Type) V(PyMethod_Type) V(PyInstanceMethod_Type) \
    V(PyModule_Type) V(PyModuleDef_Type) V(PyCell_Type) V(_PyWeakref_RefType) \
    V(_PyWeakref_ProxyType) V(_PyWeakref_CallableProxyType) V(_PyNone_Type) \
    V(_PyNotImplemented_Type) V(PyEllipsis_Type) V(PySlice_Type) V(PyRange_Type) \
    V(PyRangeIter_Type) V(PyLongRangeIter_Type) V(PyCode_Type) V(PyFrame_Type) \
    V(PyTraceBack_Type) V(PyGen_Type) V(PyCoro_Type) V(_PyCoroWrapper_Type) \
    V(PyAsyncGen_Type) V(_PyAsyncGenASend_Type) V(_PyAsyncGenAThrow_Type) \
    V(_PyAsyncGenWrappedValue_Type) V(_PyAnextAwaitable_Type) V(PyMemoryView_Type) \
    V(_PyManagedBuffer_Type) V(_PyBufferWrapper_Type) V(PyCapsule_Type) \
    V(_PyNamespace_Type) V(Py_GenericAliasType) V(_Py_GenericAliasIterType) \
    V(_PyUnion_Type) V(PyCallIter_Type) V(PySeqIter_Type) V(PyEnum_Type) \
    V(PyReversed_Type) V(PyFilter_Type) V(PyMap_Type) V(PyZip_Type) V(PyListIter_Type) \
    V(PyListRevIter_Type) V(PyTupleIter_Type) V(PySetIter_Type) V(PyBytesIter_Type) \
    V(PyByteArrayIter_Type) V(_PyUnicodeASCIIIter_Type) V(PyUnicodeIter_Type) \
    V(_PyUnicodeFieldNameIter_Type) V(_PyUnicodeFormatterIter_Type) \
    V(_PyUnicodeEncodingMap_Type) V(_PyMemoryIter_Type) V(_PyLineIterator) \
    V(_PyPositionsIterator) V(PyDictItems_Type) V(PyDictKeys_Type) V(PyDictValues_Type) \
    V(PyDictIterItem_Type) V(PyDictIterKey_Type) V(PyDictIterValue_Type) \
    V(PyDictRevIterItem_Type) V(PyDictRevIterKey_Type) V(PyDictRevIterValue_Type) \
    V(PyODict_Type) V(PyODictItems_Type) V(PyODictKeys_Type) V(PyODictValues_Type) \
    V(PyODictIter_Type) V(PyPickleBuffer_Type) V(PyStdPrinter_Type) V(_PyInterpreterID_Type) \
    V(PyContext_Type) V(PyContextVar_Type) V(PyContextToken_Type) \
    V(_PyContextTokenMissing_Type) V(_PyHamt_Type) V(_PyHamtItems_Type) \
    V(_PyHamtKeys_Type) V(_PyHamtValues_Type) V(_PyHamt_ArrayNode_Type) \
    V(_PyHamt_BitmapNode_Type) V(_PyHamt_CollisionNode_Type) V(_PyLegacyEventHandler_Type) \
    V(_PyTypeVar_Type) V(_PyTypeVarTuple_Type) V(_PyParamSpec_Type) V(_PyParamSpecArgs_Type) \
    V(_PyParamSpecKwargs_Type) V(_PyTypeAlias_Type) \
    V(PySTEntry_Type)

#define DECLARE(NAME) extern PyTypeObject NAME __attribute__((weak));
STATIC_TYPES(DECLARE)
#undef DECLARE

#define ROW(NAME) &NAME,
static PyTypeObject *const static_types[] = {
    STATIC_TYPES(ROW)
};
#undef ROW

static_assert(Py_ARRAY_LENGTH(static_types) + 100 < _Py_MAX_SHARED_TYPES,
              "static types of the core, exceptions and struct sequences must fit");

PyStatus
_PyTypes_InitTypes(PyThreadState *tstate)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(static_types); i++) {
        PyTypeObject *type = static_types[i];
        if (type != NULL && type == &PyContextToken_Type && _PyContext_PrepareTypes(tstate) < 0) {
            return PyStatus_NoMemory();
        }
        if (type != NULL && _PyStaticType_InitBuiltin(tstate, type) < 0) {
            return PyStatus_Error("Can't initialize a static type of the core");
        }
    }
    return _PyExc_InitTypes(tstate);
}

/* The ready types stay for the next Py_Initialize(); what the interpreter kept about them goes. */
void
_PyTypes_FiniTypes(PyInterpreterState *interp)
{
    _PyTypes_ClearCache(interp);
}

/* ------------------------------------------------------------------------------- sharing */

static int
share_member(PyObject *op, void *Py_UNUSED(arg))
{
    _PyObject_MakeShared(op);
    return 0;
}

/* Names of descriptors are no business of the collector: their traverse functions skip them. */
static void
share_descr_names(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    if (type == &PyWrapperDescr_Type || type == &PyMethodDescr_Type ||
        type == &PyClassMethodDescr_Type || type == &PyGetSetDescr_Type ||
        type == &PyMemberDescr_Type)
    {
        PyDescrObject *descr = (PyDescrObject *)op;
        _PyObject_MakeShared(descr->d_name);
        if (descr->d_qualname != NULL) {
            _PyObject_MakeShared(descr->d_qualname);
        }
    }
}

void
_PyObject_MakeShared(PyObject *op)
{
    if (_Py_IsImmortal(op) || PyType_Check(op)) {
        return;         /* a static object, or shared already; types share themselves */
    }
    assert(_PyProcessArena_Contains(op));
    _Py_SetImmortal(op);
    if (PyUnicode_CheckExact(op)) {
        (void)PyObject_Hash(op);
        return;
    }
    share_descr_names(op);
    if (_PyObject_IS_GC(op)) {
        if (_PyObject_GC_IS_TRACKED(op)) {
            _PyObject_GC_UNTRACK(op);
        }
        Py_TYPE(op)->tp_traverse(op, share_member, NULL);
    }
    if (PyDict_CheckExact(op)) {
        /* Keys are visited only when values may be containers: go through them all. */
        Py_ssize_t pos = 0;
        PyObject *key, *value;
        while (PyDict_Next(op, &pos, &key, &value)) {
            _PyObject_MakeShared(key);
            _PyObject_MakeShared(value);
        }
    }
}

/* ----------------------------------------------------------------------------- free lists */

static void
clear_plain(struct _Py_freelist *fl)
{
    void *op;
    while ((op = _PyFreeList_Pop(fl)) != NULL) {
        PyObject_Free(op);
    }
}

static void
clear_gc(struct _Py_freelist *fl)
{
    void *op;
    while ((op = _PyFreeList_Pop(fl)) != NULL) {
        PyObject_Free((char *)op - sizeof(PyGC_Head));
    }
}

void
_PyFreeLists_Clear(struct _heap *heap)
{
    struct _Py_freelists *fl = &heap->freelists;
    clear_plain(&fl->floats);
    clear_plain(&fl->ints);
    for (int i = 0; i < _Py_TUPLE_MAXSAVESIZE; i++) {
        clear_gc(&fl->tuples[i]);
    }
    clear_gc(&fl->lists);
    clear_gc(&fl->list_iters);
    clear_gc(&fl->tuple_iters);
    clear_gc(&fl->dicts);
    clear_plain(&fl->dictkeys);
    clear_gc(&fl->slices);
    clear_plain(&fl->ranges);
    clear_plain(&fl->range_iters);
    clear_gc(&fl->methods);
    clear_gc(&fl->frames);
    clear_gc(&fl->contexts);
    clear_gc(&fl->asyncgen_values);
    clear_gc(&fl->asyncgen_asends);
}
