/* The type object and its slot tables, private lookups, and the trashcan that keeps deep
   deallocation from exhausting the C stack.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_OBJECT_H
#  error "do not include this file directly, include object.h"
#endif

#ifndef Py_CPYTHON_OBJECT_H
#define Py_CPYTHON_OBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

/* A name that becomes a str object on first use, one per interpreter. */
typedef struct _Py_Identifier {
    const char *string;  /* its text */
    Py_ssize_t index;    /* in the table of each interpreter, -1 while not given */
} _Py_Identifier;

#define _Py_static_string_init(value) { value, -1 }
#define _Py_static_string(varname, value) \
    static _Py_Identifier varname = _Py_static_string_init(value)
#define _Py_IDENTIFIER(varname) _Py_static_string(PyId_##varname, #varname)

/* ---- Slot tables ---- */

typedef struct {
    binaryfunc nb_add;
    binaryfunc nb_subtract;
    binaryfunc nb_multiply;
    binaryfunc nb_remainder;
    binaryfunc nb_divmod;
    ternaryfunc nb_power;
    unaryfunc nb_negative;
    unaryfunc nb_positive;
    unaryfunc nb_absolute;
    inquiry nb_bool;
    unaryfunc nb_invert;
    binaryfunc nb_lshift;
    binaryfunc nb_rshift;
    binaryfunc nb_and;
    binaryfunc nb_xor;
    binaryfunc nb_or;
    unaryfunc nb_int;
    void *nb_reserved;
    unaryfunc nb_float;
    binaryfunc nb_inplace_add;
    binaryfunc nb_inplace_subtract;
    binaryfunc nb_inplace_multiply;
    binaryfunc nb_inplace_remainder;
    ternaryfunc nb_inplace_power;
    binaryfunc nb_inplace_lshift;
    binaryfunc nb_inplace_rshift;
    binaryfunc nb_inplace_and;
    binaryfunc nb_inplace_xor;
    binaryfunc nb_inplace_or;
    binaryfunc nb_floor_divide;
    binaryfunc nb_true_divide;
    binaryfunc nb_inplace_floor_divide;
    binaryfunc nb_inplace_true_divide;
    unaryfunc nb_index;
    binaryfunc nb_matrix_multiply;
    binaryfunc nb_inplace_matrix_multiply;
} PyNumberMethods;

typedef struct {
    lenfunc sq_length;
    binaryfunc sq_concat;
    ssizeargfunc sq_repeat;
    ssizeargfunc sq_item;
    void *was_sq_slice;
    ssizeobjargproc sq_ass_item;
    void *was_sq_ass_slice;
    objobjproc sq_contains;
    binaryfunc sq_inplace_concat;
    ssizeargfunc sq_inplace_repeat;
} PySequenceMethods;

typedef struct {
    lenfunc mp_length;
    binaryfunc mp_subscript;
    objobjargproc mp_ass_subscript;
} PyMappingMethods;

typedef PySendResult (*sendfunc)(PyObject *, PyObject *, PyObject **);

typedef struct {
    unaryfunc am_await;
    unaryfunc am_aiter;
    unaryfunc am_anext;
    sendfunc am_send;
} PyAsyncMethods;

typedef struct {
    getbufferproc bf_getbuffer;
    releasebufferproc bf_releasebuffer;
} PyBufferProcs;

/* A slot type of old, in no table any more. */
typedef Py_ssize_t printfunc;

struct _typeobject {
    PyObject_VAR_HEAD
    const char *tp_name;              /* with the module: "module.Name" */
    Py_ssize_t tp_basicsize;          /* bytes of an instance */
    Py_ssize_t tp_itemsize;           /* bytes of an item, 0 for a fixed size */
    destructor tp_dealloc;
    Py_ssize_t tp_vectorcall_offset;  /* in the instance, 0 for none */
    getattrfunc tp_getattr;           /* of old; use tp_getattro */
    setattrfunc tp_setattr;           /* of old; use tp_setattro */
    PyAsyncMethods *tp_as_async;
    reprfunc tp_repr;
    PyNumberMethods *tp_as_number;
    PySequenceMethods *tp_as_sequence;
    PyMappingMethods *tp_as_mapping;
    hashfunc tp_hash;
    ternaryfunc tp_call;
    reprfunc tp_str;
    getattrofunc tp_getattro;
    setattrofunc tp_setattro;
    PyBufferProcs *tp_as_buffer;
    unsigned long tp_flags;           /* Py_TPFLAGS_... */
    const char *tp_doc;               /* docstring, or NULL */
    traverseproc tp_traverse;         /* visits the references, for cyclic garbage */
    inquiry tp_clear;                 /* breaks reference cycles */
    richcmpfunc tp_richcompare;
    Py_ssize_t tp_weaklistoffset;     /* in the instance, 0 for none */
    getiterfunc tp_iter;
    iternextfunc tp_iternext;
    PyMethodDef *tp_methods;
    PyMemberDef *tp_members;
    PyGetSetDef *tp_getset;
    PyTypeObject *tp_base;            /* first base */
    PyObject *tp_dict;                /* attributes; of a shared type by PyType_GetDict() */
    descrgetfunc tp_descr_get;
    descrsetfunc tp_descr_set;
    Py_ssize_t tp_dictoffset;         /* in the instance, 0 for none, -1 managed */
    initproc tp_init;
    allocfunc tp_alloc;
    newfunc tp_new;
    freefunc tp_free;
    inquiry tp_is_gc;                 /* for types with both kinds of instances */
    PyObject *tp_bases;               /* tuple */
    PyObject *tp_mro;                 /* tuple */
    PyObject *tp_cache;               /* not used */
    void *tp_subclasses;              /* for a static type an index */
    PyObject *tp_weaklist;            /* for a static type an index */
    destructor tp_del;
    unsigned int tp_version_tag;      /* for caches, 0 for none */
    destructor tp_finalize;           /* before the object is torn down */
    vectorcallfunc tp_vectorcall;     /* for calls of the type itself */
    unsigned char tp_watched;         /* watchers, a bit for each */
};

/* What specialised subscription of instances of a heap type remembers. */
struct _specialization_cache {
    PyObject *getitem;         /* __getitem__, or NULL */
    uint32_t getitem_version;  /* function version of it */
};

/* A type made at run time: the type followed by its own slot tables. */
typedef struct _heaptypeobject {
    PyTypeObject ht_type;
    PyAsyncMethods as_async;
    PyNumberMethods as_number;
    PyMappingMethods as_mapping;
    PySequenceMethods as_sequence;
    PyBufferProcs as_buffer;
    PyObject *ht_name;
    PyObject *ht_slots;
    PyObject *ht_qualname;
    struct _dictkeysobject *ht_cached_keys;
    PyObject *ht_module;
    char *_ht_tpname;  /* storage of tp_name when the type came from a specification */
    struct _specialization_cache _spec_cache;
} PyHeapTypeObject;

#define TYPE_MAX_WATCHERS 8
typedef int (*PyType_WatchCallback)(PyTypeObject *);

PyAPI_DATA(PyTypeObject) _PyNone_Type;
PyAPI_DATA(PyTypeObject) _PyNotImplemented_Type;
PyAPI_DATA(int) _Py_SwappedOp[6];

PyAPI_FUNC(void) PyObject_CallFinalizer(PyObject *);
PyAPI_FUNC(int) PyObject_CallFinalizerFromDealloc(PyObject *);
PyAPI_FUNC(void *) PyObject_GetItemData(PyObject *);
PyAPI_FUNC(int) PyObject_Print(PyObject *, FILE *, int);

PyAPI_FUNC(int) PyType_AddWatcher(PyType_WatchCallback);
PyAPI_FUNC(int) PyType_ClearWatcher(int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyType_GetDict(PyTypeObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) PyType_GetModuleByDef(PyTypeObject *, PyModuleDef *);
PyAPI_FUNC(int) PyType_Unwatch(int, PyObject *);
PyAPI_FUNC(int) PyType_Watch(int, PyObject *);

PyAPI_FUNC(int) PyUnstable_Type_AssignVersionTag(PyTypeObject *);

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(void) _Py_BreakPoint(void);
PyAPI_FUNC(void) _Py_NewReference(PyObject *);
PyAPI_FUNC(void) _Py_NewReferenceNoTotal(PyObject *);
PyAPI_FUNC(void) _PyDebugAllocatorStats(FILE *, const char *, int, size_t);
_Py_NO_RETURN PyAPI_FUNC(void) _PyObject_AssertFailed(PyObject *, const char *, const char *,
    const char *, int, const char *);
PyAPI_FUNC(int) _PyObject_CheckConsistency(PyObject *, int);
PyAPI_FUNC(void) _PyObject_ClearManagedDict(PyObject *);
PyAPI_FUNC(void) _PyObject_DebugTypeStats(FILE *);
PyAPI_FUNC(void) _PyObject_Dump(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_FunctionStr(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_GenericGetAttrWithDict(
    PyObject *, PyObject *, PyObject *, int);
PyAPI_FUNC(int) _PyObject_GenericSetAttrWithDict(PyObject *, PyObject *, PyObject *,
    PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_GetAttrId(PyObject *, _Py_Identifier *);
PyAPI_FUNC(PyObject **) _PyObject_GetDictPtr(PyObject *);
PyAPI_FUNC(int) _PyObject_GetMethod(PyObject *, PyObject *, PyObject **);
PyAPI_FUNC(int) _PyObject_IsAbstract(PyObject *);
PyAPI_FUNC(int) _PyObject_IsFreed(PyObject *);
PyAPI_FUNC(int) _PyObject_LookupAttr(PyObject *, PyObject *, PyObject **);
PyAPI_FUNC(int) _PyObject_LookupAttrId(PyObject *, _Py_Identifier *, PyObject **);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_LookupSpecialId(PyObject *, _Py_Identifier *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_NextNotImplemented(PyObject *);
PyAPI_FUNC(int) _PyObject_SetAttrId(PyObject *, _Py_Identifier *, PyObject *);
PyAPI_FUNC(int) _PyObject_VisitManagedDict(PyObject *, visitproc, void *);
PyAPI_FUNC(int) _PyTrash_begin(PyThreadState *, PyObject *);
PyAPI_FUNC(int) _PyTrash_cond(PyObject *, destructor);
PyAPI_FUNC(void) _PyTrash_end(PyThreadState *);
PyAPI_FUNC(Py_BORROWED PyTypeObject *) _PyType_CalculateMetaclass(PyTypeObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyType_GetDocFromInternalDoc(const char *, const char *);
PyAPI_FUNC(Py_NEWREF PyObject *) _PyType_GetTextSignatureFromInternalDoc(
    const char *, const char *);
PyAPI_FUNC(Py_BORROWED PyObject *) _PyType_Lookup(PyTypeObject *, PyObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) _PyType_LookupId(PyTypeObject *, _Py_Identifier *);
PyAPI_FUNC(const char *) _PyType_Name(PyTypeObject *);

/* The exported function of this name is the core's own. */
#ifndef Py_BUILD_CORE
#  define _PyObject_LookupSpecial _PyObject_LookupSpecialId
#endif

/* ---- Replacing a reference held in a variable ---- */

/* The new value is in place before the old object is released. Steals src. */
#ifdef _Py_TYPEOF
#  define Py_SETREF(dst, src) \
    do { \
        _Py_TYPEOF(dst) *_py_dst_ptr = &(dst); \
        _Py_TYPEOF(dst) _py_old_dst = *_py_dst_ptr; \
        *_py_dst_ptr = (src); \
        Py_DECREF(_py_old_dst); \
    } while (0)
#  define Py_XSETREF(dst, src) \
    do { \
        _Py_TYPEOF(dst) *_py_dst_ptr = &(dst); \
        _Py_TYPEOF(dst) _py_old_dst = *_py_dst_ptr; \
        *_py_dst_ptr = (src); \
        Py_XDECREF(_py_old_dst); \
    } while (0)
#else
#  define Py_SETREF(dst, src) \
    do { \
        PyObject **_py_dst_ptr = _Py_CAST(PyObject **, &(dst)); \
        PyObject *_py_old_dst = *_py_dst_ptr; \
        *_py_dst_ptr = _PyObject_CAST(src); \
        Py_DECREF(_py_old_dst); \
    } while (0)
#  define Py_XSETREF(dst, src) \
    do { \
        PyObject **_py_dst_ptr = _Py_CAST(PyObject **, &(dst)); \
        PyObject *_py_old_dst = *_py_dst_ptr; \
        *_py_dst_ptr = _PyObject_CAST(src); \
        Py_XDECREF(_py_old_dst); \
    } while (0)
#endif

/* ---- Assertions that dump the object ---- */

#ifdef NDEBUG
#  define _PyObject_ASSERT_FROM(obj, expr, msg, filename, lineno, func) ((void)0)
#else
#  define _PyObject_ASSERT_FROM(obj, expr, msg, filename, lineno, func) \
    ((expr) \
        ? (void)(0) \
        : _PyObject_AssertFailed((obj), Py_STRINGIFY(expr), (msg), \
                                 (filename), (lineno), (func)))
#endif
#define _PyObject_ASSERT_WITH_MSG(obj, expr, msg) \
    _PyObject_ASSERT_FROM(obj, expr, msg, __FILE__, __LINE__, __func__)
#define _PyObject_ASSERT(obj, expr) _PyObject_ASSERT_WITH_MSG(obj, expr, NULL)
#define _PyObject_ASSERT_FAILED_MSG(obj, msg) \
    _PyObject_AssertFailed((obj), NULL, (msg), __FILE__, __LINE__, __func__)

/* ---- Trashcan ----
   A deallocator of a container wraps its body in Py_TRASHCAN_BEGIN(op, dealloc) and
   Py_TRASHCAN_END. Too deep inside other deallocations the object is put aside, and the
   outermost level releases it later. */

#define Py_TRASHCAN_BEGIN_CONDITION(op, cond) \
    do { \
        PyThreadState *_tstate = _Py_NULL; \
        if (cond) { \
            _tstate = _PyThreadState_UncheckedGet(); \
            if (_PyTrash_begin(_tstate, _PyObject_CAST(op))) { \
                break; \
            } \
        }

#define Py_TRASHCAN_BEGIN(op, dealloc) \
    Py_TRASHCAN_BEGIN_CONDITION((op), \
        _PyTrash_cond(_PyObject_CAST(op), (destructor)(dealloc)))

#define Py_TRASHCAN_END \
        if (_tstate) { \
            _PyTrash_end(_tstate); \
        } \
    } while (0);

/* The forms of old: using them warns. */
Py_DEPRECATED(3.11) typedef int UsingDeprecatedTrashcanMacro;
#define Py_TRASHCAN_SAFE_BEGIN(op) \
    do { \
        UsingDeprecatedTrashcanMacro _cond = 1; \
        Py_TRASHCAN_BEGIN_CONDITION((op), _cond)
#define Py_TRASHCAN_SAFE_END(op) \
        Py_TRASHCAN_END \
    } while (0);

#ifdef __cplusplus
}
#endif

#endif  /* !Py_CPYTHON_OBJECT_H */
