/* statics.c - static types: the core's, shared by all interpreters, and those of extension modules,
 * each owned by one heap.
 *
 * Shared static types are made ready once per process under the types lock, with allocations from
 * the process arena; afterwards nothing writes to them.  They survive Py_Finalize().  The number
 * in tp_subclasses (from 1) is the static index: it finds the interpreter's side table
 * (struct static_type_state).  A type is published by the release store of `n_shared`.
 *
 * Static types of extension modules: the first PyType_Ready() keeps a copy of the type and of its
 * suites as they were, in the heap it ran in; the end of the interpreter that owns the heap puts
 * them back, so that a later one can load the module again.  Interpreters that share the heap share
 * the types; the type refuses to be made ready in another heap meanwhile.
 *
 * Written from InternalDocs/objects.rst.
 */
#include "Python.h"
#include "pycore_initconfig.h"  // _PyStatus_OK()
#include "pycore_gc.h"          // struct _gc_heap
#include "pycore_heap.h"        // _PyHeap_EnterShared()
#include "pycore_object.h"      // _PyObject_MakeShared()
#include "pycore_shared.h"      // _Py_IsShared()
#include "pycore_weakref.h"     // _PyWeakref_FiniInterpreter()
#include "type.h"

/* ------------------------------------------------------------------------- shared static types */

static int
is_published(PyTypeObject *type)
{
    uintptr_t index = (uintptr_t)__atomic_load_n(&type->tp_subclasses, __ATOMIC_RELAXED);
    return index != 0 &&
           index <= (uintptr_t)__atomic_load_n(&_PyRuntime.types.n_shared, __ATOMIC_ACQUIRE);
}

/* Makes everything that hangs on a ready type shared. */
static void
share_contents(PyTypeObject *type)
{
    _PyObject_MakeShared(type->tp_dict);
    _PyObject_MakeShared(type->tp_bases);
    _PyObject_MakeShared(type->tp_mro);
    assert(_Py_IsImmortal(type->tp_dict) && _Py_IsImmortal(type->tp_mro));
}

/* Under the types lock, allocating from the process arena. */
static int
init_shared(PyTypeObject *type)
{
    struct types_runtime_state *types = &_PyRuntime.types;
    if (is_published(type)) {
        return 0;
    }
    _PyObject_ASSERT((PyObject *)type, !_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE));
    type->tp_flags |= _Py_TPFLAGS_STATIC_BUILTIN | Py_TPFLAGS_IMMUTABLETYPE;
    if (_PyType_ReadyFull(type) < 0) {
        return -1;
    }
    share_contents(type);
    if (types->n_shared >= _Py_MAX_SHARED_TYPES ||
        types->n_shared + 1 > _Py_MAX_STATIC_TYPE_VERSION)
    {
        Py_FatalError("too many static types: raise _Py_MAX_SHARED_TYPES");
    }
    types->shared[types->n_shared] = type;
    type->tp_subclasses = (void *)(uintptr_t)(types->n_shared + 1);
    type->tp_version_tag = (unsigned int)types->n_shared + 1;
    type->tp_flags |= Py_TPFLAGS_VALID_VERSION_TAG;
    __atomic_store_n(&types->n_shared, types->n_shared + 1, __ATOMIC_RELEASE);
    return 0;
}

int
_PyStaticType_InitBuiltin(PyThreadState *tstate, PyTypeObject *type)
{
    if (is_published(type)) {
        return 0;
    }
    _PyHeap_EnterShared(tstate);
    struct _gc_heap *gc = &tstate->heap->gc;
    if (gc->generations[0].head._gc_next == 0) {
        _PyGC_InitHeap(tstate->heap);
    }
    gc->collecting = 1;         /* nothing in the process arena is ever collected */
    _PyShared_BeginWrite();
    int res = init_shared(type);
    _PyShared_EndWrite();
    _PyHeap_LeaveShared(tstate);
    return res;
}

struct static_type_state *
_PyStaticType_GetState(PyInterpreterState *interp, PyTypeObject *type)
{
    assert(_PyType_IsSharedStatic(type));
    struct types_state *types = &interp->types;
    uintptr_t index = (uintptr_t)type->tp_subclasses;
    assert(index >= 1 && index <= _Py_MAX_SHARED_TYPES);
    index--;
    struct static_type_state **chunk = &types->statics[index / _Py_STATICS_CHUNK];
    if (*chunk == NULL) {
        *chunk = PyMem_Calloc(_Py_STATICS_CHUNK, sizeof(struct static_type_state));
        if (*chunk == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
    }
    return &(*chunk)[index % _Py_STATICS_CHUNK];
}

PyObject **
_PyStaticType_GET_WEAKREFS_LISTPTR(struct static_type_state *state)
{
    assert(state != NULL);
    return &state->weaklist;
}

/* ---------------------------------------------------------- static types of extension modules */

struct static_ext_type {
    struct static_ext_type *next;
    PyTypeObject *type;
    PyTypeObject pristine;
    PyAsyncMethods as_async;    /* the suites' contents; valid where pristine has the suite */
    PyNumberMethods as_number;
    PyMappingMethods as_mapping;
    PySequenceMethods as_sequence;
    PyBufferProcs as_buffer;
};

#define COPY_SUITES(V) V(as_async) V(as_number) V(as_mapping) V(as_sequence) V(as_buffer)

static int
remember_ext_type(struct _heap *heap, PyTypeObject *type)
{
    struct static_ext_type *ext = PyMem_RawCalloc(1, sizeof(*ext));
    if (ext == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    ext->type = type;
    ext->pristine = *type;
#define KEEP(SUITE) if (type->tp_##SUITE != NULL) ext->SUITE = *type->tp_##SUITE;
    COPY_SUITES(KEEP)
#undef KEEP
    ext->next = heap->ext_types;
    heap->ext_types = ext;
    return 0;
}

/* Was the ready static type made ready in this heap?  0 with an error set if not. */
static int
check_ext_type(struct _heap *heap, PyTypeObject *type)
{
    for (struct static_ext_type *ext = heap->ext_types; ext != NULL; ext = ext->next) {
        if (ext->type == type) {
            return 1;
        }
    }
    PyErr_Format(PyExc_ImportError, "static type '%s' is in use by another interpreter",
                 type->tp_name);
    return 0;
}

/* What readying made goes while the type is still immortal: its MRO, descriptors and subclasses
 * hold references to the type, which nothing may take for the last one.  The count stays as it is,
 * too. */
static void
restore_ext_type(struct static_ext_type *ext)
{
    PyTypeObject *type = ext->type;
    assert(_Py_IsImmortal(type));
    if (type->tp_bases != NULL && type->tp_bases != ext->pristine.tp_bases) {
        _PyType_RemoveFromBases(type, type->tp_bases);
    }
    PyObject_ClearWeakRefs((PyObject *)type);
    PyObject *owned[] = {type->tp_dict, type->tp_bases, type->tp_mro, type->tp_cache,
                         type->tp_subclasses};
    PyTypeObject *pristine = &ext->pristine;
    PyObject *kept[] = {pristine->tp_dict, pristine->tp_bases, pristine->tp_mro,
                        pristine->tp_cache, pristine->tp_subclasses};
    *type = *pristine;
    _Py_SetImmortal((PyObject *)type);
#define RESTORE(SUITE) if (type->tp_##SUITE != NULL) *type->tp_##SUITE = ext->SUITE;
    COPY_SUITES(RESTORE)
#undef RESTORE
    for (size_t i = 0; i < Py_ARRAY_LENGTH(owned); i++) {
        if (owned[i] != kept[i]) {
            Py_XDECREF(owned[i]);
        }
    }
    PyMem_RawFree(ext);
}

/* First the attributes go, while all types still work: they may be instances of the others. */
static void
restore_ext_types(struct _heap *heap)
{
    for (struct static_ext_type *ext = heap->ext_types; ext != NULL; ext = ext->next) {
        PyObject *dict = ext->type->tp_dict;
        if (dict != NULL && dict != ext->pristine.tp_dict) {
            PyDict_Clear(dict);
        }
    }
    while (heap->ext_types != NULL) {
        struct static_ext_type *ext = heap->ext_types;
        heap->ext_types = ext->next;
        restore_ext_type(ext);
    }
}

int
PyType_Ready(PyTypeObject *type)
{
    if (_PyType_HasFeature(type, Py_TPFLAGS_READY)) {
        assert(_PyType_CheckConsistency(type));
        if (_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) || _Py_IsShared(type) ||
            check_ext_type(_PyThreadState_GET()->heap, type)) {
            return 0;
        }
        return -1;
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_READYING)) {
        return 0;       /* a cycle: the outer call goes on */
    }
    PyThreadState *tstate = _PyThreadState_GET();
    if (_Py_IsShared(type)) {
        return _PyStaticType_InitBuiltin(tstate, type);
    }
    if (!_PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        if (remember_ext_type(tstate->heap, type) < 0) {
            return -1;
        }
        /* Static types are never freed while their heap lives. */
        _Py_SetImmortal((PyObject *)type);
    }
    return _PyType_ReadyFull(type);
}

/* ----------------------------------------------------------------------------- start and end */

PyStatus
_PyTypes_InitInterpreter(PyThreadState *tstate)
{
    struct types_state *types = &tstate->interp->types;
    types->next_version_tag = _Py_MAX_GLOBAL_TYPE_VERSION + 1;
    return PyStatus_Ok();
}

static void
fini_statics(struct types_state *types)
{
    for (int i = 0; i < _Py_MAX_SHARED_TYPES; i++) {
        struct static_type_state *chunk = types->statics[i / _Py_STATICS_CHUNK];
        if (chunk != NULL) {
            struct static_type_state *state = &chunk[i % _Py_STATICS_CHUNK];
            Py_CLEAR(state->subclasses);
            while (state->weaklist != NULL) {
                _PyWeakref_ClearRef((PyWeakReference *)state->weaklist);
            }
        }
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types->statics); i++) {
        PyMem_Free(types->statics[i]);
        types->statics[i] = NULL;
    }
}

void
_PyTypes_FiniInterpreter(PyInterpreterState *interp)
{
    struct types_state *types = &interp->types;
    Py_CLEAR(types->generic_type);
    if (interp->heap->owner_id == interp->id) {
        restore_ext_types(interp->heap);
    }
    _PyTypes_ClearCache(interp);
    fini_statics(types);
    _PyWeakref_FiniInterpreter(interp);
}
