/* Objects: the head that each one starts with, reference counts, types, the operations that
   every object has.  Invariant: the low 32 bits of a reference count that are negative as
   an int32_t mean "immortal"; such an object's count is never written again (PEP 683).
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_OBJECT_H
#define Py_OBJECT_H

#include "pytypedefs.h"
#include "pymacro.h"
#include "pystats.h"
#include "pybuffer.h"
#include <assert.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Heads ---- */

/* No build links all objects into a list: nothing stands in front of the count. */
#define _PyObject_HEAD_EXTRA
#define _PyObject_EXTRA_INIT

/* First member of every object, and of every object of varying size. */
#define PyObject_HEAD PyObject ob_base;
#define PyObject_VAR_HEAD PyVarObject ob_base;
#define Py_INVALID_SIZE (Py_ssize_t)-1

/* The count of an immortal object. */
#define _Py_IMMORTAL_REFCNT ((Py_ssize_t)UINT_MAX)

/* Static initialisers. The core's own static objects are immortal from the start. */
#ifdef Py_BUILD_CORE
#  define PyObject_HEAD_INIT(type) {{_Py_IMMORTAL_REFCNT}, (type)},
#else
#  define PyObject_HEAD_INIT(type) {{1}, (type)},
#endif
#define PyVarObject_HEAD_INIT(type, size) {PyObject_HEAD_INIT(type) (size)},

struct _object {
    union {
        Py_ssize_t ob_refcnt;
        uint32_t ob_refcnt_split[2];  /* the half with index PY_BIG_ENDIAN counts */
    };
    PyTypeObject *ob_type;
};

typedef struct {
    PyObject ob_base;
    Py_ssize_t ob_size;  /* number of items */
} PyVarObject;

#define _PyObject_CAST(op) _Py_CAST(PyObject *, (op))
#define _PyVarObject_CAST(op) _Py_CAST(PyVarObject *, (op))

/* The limited API before 3.11 accepts any pointer in the functions below; so does the
   full API. From 3.11 on the limited API wants the right pointer type. */
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 < 0x030b0000
#  define _Py_LAX_POINTERS 1
#endif

/* ---- Identity, type, size ---- */

PyAPI_FUNC(int) Py_Is(PyObject *, PyObject *);

#define Py_Is(x, y) ((x) == (y))

static inline Py_ssize_t
Py_REFCNT(PyObject *ob)
{
    return ob->ob_refcnt;
}

static inline PyTypeObject *
Py_TYPE(PyObject *ob)
{
    return ob->ob_type;
}

/* Number of items of a varying-size object other than int and bool. */
static inline Py_ssize_t
Py_SIZE(PyObject *ob)
{
    return _PyVarObject_CAST(ob)->ob_size;
}

static inline int
Py_IS_TYPE(PyObject *ob, PyTypeObject *type)
{
    return ob->ob_type == type;
}

static inline Py_ALWAYS_INLINE int
_Py_IsImmortal(PyObject *op)
{
    return (int32_t)op->ob_refcnt < 0;
}

/* Setting the count of an immortal object does nothing. */
static inline void
Py_SET_REFCNT(PyObject *ob, Py_ssize_t refcnt)
{
    if (!_Py_IsImmortal(ob)) {
        ob->ob_refcnt = refcnt;
    }
}

static inline void
Py_SET_TYPE(PyObject *ob, PyTypeObject *type)
{
    ob->ob_type = type;
}

static inline void
Py_SET_SIZE(PyVarObject *ob, Py_ssize_t size)
{
    ob->ob_size = size;
}

#ifdef _Py_LAX_POINTERS
#  define Py_REFCNT(ob) Py_REFCNT(_PyObject_CAST(ob))
#  define Py_TYPE(ob) Py_TYPE(_PyObject_CAST(ob))
#  define Py_SIZE(ob) Py_SIZE(_PyObject_CAST(ob))
#  define Py_IS_TYPE(ob, type) Py_IS_TYPE(_PyObject_CAST(ob), (type))
#  define _Py_IsImmortal(op) _Py_IsImmortal(_PyObject_CAST(op))
#  define Py_SET_REFCNT(ob, refcnt) Py_SET_REFCNT(_PyObject_CAST(ob), (refcnt))
#  define Py_SET_TYPE(ob, type) Py_SET_TYPE(_PyObject_CAST(ob), (type))
#  define Py_SET_SIZE(ob, size) Py_SET_SIZE(_PyVarObject_CAST(ob), (size))
#endif

/* ---- Slot functions ---- */

typedef PyObject *(*unaryfunc)(PyObject *);
typedef PyObject *(*binaryfunc)(PyObject *, PyObject *);
typedef PyObject *(*ternaryfunc)(PyObject *, PyObject *, PyObject *);
typedef int (*inquiry)(PyObject *);
typedef Py_ssize_t (*lenfunc)(PyObject *);
typedef PyObject *(*ssizeargfunc)(PyObject *, Py_ssize_t);
typedef PyObject *(*ssizessizeargfunc)(PyObject *, Py_ssize_t, Py_ssize_t);
typedef int (*ssizeobjargproc)(PyObject *, Py_ssize_t, PyObject *);
typedef int (*ssizessizeobjargproc)(PyObject *, Py_ssize_t, Py_ssize_t, PyObject *);
typedef int (*objobjargproc)(PyObject *, PyObject *, PyObject *);

typedef int (*objobjproc)(PyObject *, PyObject *);
typedef int (*visitproc)(PyObject *, void *);
typedef int (*traverseproc)(PyObject *, visitproc, void *);

typedef void (*freefunc)(void *);
typedef void (*destructor)(PyObject *);
typedef PyObject *(*getattrfunc)(PyObject *, char *);
typedef PyObject *(*getattrofunc)(PyObject *, PyObject *);
typedef int (*setattrfunc)(PyObject *, char *, PyObject *);
typedef int (*setattrofunc)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*reprfunc)(PyObject *);
typedef Py_hash_t (*hashfunc)(PyObject *);
typedef PyObject *(*richcmpfunc)(PyObject *, PyObject *, int);
typedef PyObject *(*getiterfunc)(PyObject *);
typedef PyObject *(*iternextfunc)(PyObject *);
typedef PyObject *(*descrgetfunc)(PyObject *, PyObject *, PyObject *);
typedef int (*descrsetfunc)(PyObject *, PyObject *, PyObject *);
typedef int (*initproc)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*newfunc)(PyTypeObject *, PyObject *, PyObject *);
typedef PyObject *(*allocfunc)(PyTypeObject *, Py_ssize_t);
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030c0000
typedef PyObject *(*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *);
#endif

/* ---- Types made from a specification ---- */

typedef struct {
    int slot;     /* Py_tp_... and so on */
    void *pfunc;  /* function or table */
} PyType_Slot;

typedef struct {
    const char *name;    /* with the module: "package.module.Name" */
    int basicsize;       /* 0: inherited; negative: bytes beyond those of the base */
    int itemsize;
    unsigned int flags;  /* Py_TPFLAGS_... */
    PyType_Slot *slots;  /* ended by a slot of 0 */
} PyType_Spec;

/* ---- Type flags ---- */

#ifndef Py_LIMITED_API
/* A static type of the core itself. */
#  define _Py_TPFLAGS_STATIC_BUILTIN (1 << 1)
/* Weak references and the attribute dictionary stand in front of the object. */
#  define Py_TPFLAGS_MANAGED_WEAKREF (1 << 3)
#  define Py_TPFLAGS_MANAGED_DICT (1 << 4)
#  define Py_TPFLAGS_PREHEADER (Py_TPFLAGS_MANAGED_WEAKREF | Py_TPFLAGS_MANAGED_DICT)
/* Instances match sequence, or mapping, patterns. */
#  define Py_TPFLAGS_SEQUENCE (1 << 5)
#  define Py_TPFLAGS_MAPPING (1 << 6)
#endif

/* No instance can be made by calling the type. */
#define Py_TPFLAGS_DISALLOW_INSTANTIATION (1UL << 7)
/* Attributes of the type cannot be set or deleted. */
#define Py_TPFLAGS_IMMUTABLETYPE (1UL << 8)
/* The type object itself is allocated and counted. */
#define Py_TPFLAGS_HEAPTYPE (1UL << 9)
#define Py_TPFLAGS_BASETYPE (1UL << 10)
#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030c0000
#  define Py_TPFLAGS_HAVE_VECTORCALL (1UL << 11)
#  ifndef Py_LIMITED_API
#    define _Py_TPFLAGS_HAVE_VECTORCALL Py_TPFLAGS_HAVE_VECTORCALL
#  endif
#endif
#define Py_TPFLAGS_READY (1UL << 12)
#define Py_TPFLAGS_READYING (1UL << 13)
#define Py_TPFLAGS_HAVE_GC (1UL << 14)
#define Py_TPFLAGS_HAVE_STACKLESS_EXTENSION 0
/* Instances are unbound methods: obj.name(...) may call without a bound method. */
#define Py_TPFLAGS_METHOD_DESCRIPTOR (1UL << 17)
#define Py_TPFLAGS_HAVE_VERSION_TAG (1UL << 18)
#define Py_TPFLAGS_VALID_VERSION_TAG (1UL << 19)
#define Py_TPFLAGS_IS_ABSTRACT (1UL << 20)
/* A lone positional class pattern matches the object itself. */
#define _Py_TPFLAGS_MATCH_SELF (1UL << 22)
/* Items stand at the very end of an instance, also in subclasses. */
#define Py_TPFLAGS_ITEMS_AT_END (1UL << 23)

/* Quick subclass tests of the built-in types. */
#define Py_TPFLAGS_LONG_SUBCLASS (1UL << 24)
#define Py_TPFLAGS_LIST_SUBCLASS (1UL << 25)
#define Py_TPFLAGS_TUPLE_SUBCLASS (1UL << 26)
#define Py_TPFLAGS_BYTES_SUBCLASS (1UL << 27)
#define Py_TPFLAGS_UNICODE_SUBCLASS (1UL << 28)
#define Py_TPFLAGS_DICT_SUBCLASS (1UL << 29)
#define Py_TPFLAGS_BASE_EXC_SUBCLASS (1UL << 30)
#define Py_TPFLAGS_TYPE_SUBCLASS (1UL << 31)

#define Py_TPFLAGS_DEFAULT (Py_TPFLAGS_HAVE_STACKLESS_EXTENSION | 0)
/* Has no effect any more; kept because modules name it. */
#define Py_TPFLAGS_HAVE_FINALIZE (1UL << 0)

/* Operators of rich comparison. */
#define Py_LT 0
#define Py_LE 1
#define Py_EQ 2
#define Py_NE 3
#define Py_GT 4
#define Py_GE 5

/* Flag of PyObject_Print(): str() instead of repr(). */
#define Py_PRINT_RAW 1

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030a0000
/* Result of PyIter_Send(). */
typedef enum {
    PYGEN_RETURN = 0,
    PYGEN_ERROR = -1,
    PYGEN_NEXT = 1
} PySendResult;
#endif

/* ---- Functions ---- */

PyAPI_DATA(PyTypeObject) PyBaseObject_Type;
PyAPI_DATA(PyTypeObject) PySuper_Type;
PyAPI_DATA(PyTypeObject) PyType_Type;
PyAPI_DATA(PyObject) _Py_NoneStruct;
PyAPI_DATA(PyObject) _Py_NotImplementedStruct;

PyAPI_FUNC(void) Py_DecRef(PyObject *);
PyAPI_FUNC(void) Py_IncRef(PyObject *);
PyAPI_FUNC(int) Py_IsNone(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) Py_NewRef(PyObject *);
PyAPI_FUNC(int) Py_ReprEnter(PyObject *);
PyAPI_FUNC(void) Py_ReprLeave(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) Py_XNewRef(PyObject *);

PyAPI_FUNC(int) PyCallable_Check(PyObject *);

PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_ASCII(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_Bytes(PyObject *);
PyAPI_FUNC(void) PyObject_ClearWeakRefs(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_Dir(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_GenericGetAttr(PyObject *, PyObject *);
PyAPI_FUNC(int) PyObject_GenericSetAttr(PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_GetAttr(PyObject *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_GetAttrString(PyObject *, const char *);
PyAPI_FUNC(int) PyObject_HasAttr(PyObject *, PyObject *);
PyAPI_FUNC(int) PyObject_HasAttrString(PyObject *, const char *);
PyAPI_FUNC(Py_hash_t) PyObject_Hash(PyObject *);
PyAPI_FUNC(Py_hash_t) PyObject_HashNotImplemented(PyObject *);
PyAPI_FUNC(int) PyObject_IsTrue(PyObject *);
PyAPI_FUNC(int) PyObject_Not(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_Repr(PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_RichCompare(PyObject *, PyObject *, int);
PyAPI_FUNC(int) PyObject_RichCompareBool(PyObject *, PyObject *, int);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_SelfIter(PyObject *);
PyAPI_FUNC(int) PyObject_SetAttr(PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(int) PyObject_SetAttrString(PyObject *, const char *, PyObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyObject_Str(PyObject *);

PyAPI_FUNC(unsigned int) PyType_ClearCache(void);
PyAPI_FUNC(Py_NEWREF PyObject *) PyType_FromSpec(PyType_Spec *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyType_GenericAlloc(PyTypeObject *, Py_ssize_t);
PyAPI_FUNC(Py_NEWREF PyObject *) PyType_GenericNew(PyTypeObject *, PyObject *, PyObject *);
PyAPI_FUNC(unsigned long) PyType_GetFlags(PyTypeObject *);
PyAPI_FUNC(int) PyType_IsSubtype(PyTypeObject *, PyTypeObject *);
PyAPI_FUNC(void) PyType_Modified(PyTypeObject *);
PyAPI_FUNC(int) PyType_Ready(PyTypeObject *);

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03030000
PyAPI_FUNC(int) PyObject_GenericSetDict(PyObject *, PyObject *, void *);

PyAPI_FUNC(Py_NEWREF PyObject *) PyType_FromSpecWithBases(PyType_Spec *, PyObject *);
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03040000
PyAPI_FUNC(void *) PyType_GetSlot(PyTypeObject *, int);
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x03090000
PyAPI_FUNC(Py_NEWREF PyObject *) PyType_FromModuleAndSpec(PyObject *, PyType_Spec *,
    PyObject *);
PyAPI_FUNC(Py_BORROWED PyObject *) PyType_GetModule(PyTypeObject *);
PyAPI_FUNC(void *) PyType_GetModuleState(PyTypeObject *);
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030b0000
PyAPI_FUNC(Py_NEWREF PyObject *) PyType_GetName(PyTypeObject *);
PyAPI_FUNC(Py_NEWREF PyObject *) PyType_GetQualName(PyTypeObject *);
#endif

#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030c0000
PyAPI_FUNC(void *) PyObject_GetTypeData(PyObject *, PyTypeObject *);

PyAPI_FUNC(Py_NEWREF PyObject *) PyType_FromMetaclass(PyTypeObject *, PyObject *, PyType_Spec *,
    PyObject *);
PyAPI_FUNC(Py_ssize_t) PyType_GetTypeDataSize(PyTypeObject *);
#endif

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(void) _Py_Dealloc(PyObject *);
PyAPI_FUNC(void) _Py_DecRef(PyObject *);
PyAPI_FUNC(void) _Py_IncRef(PyObject *);

#ifndef Py_LIMITED_API
PyAPI_FUNC(Py_NEWREF PyObject *) _PyObject_GetState(PyObject *);
#endif

/* ---- Reference counts ---- */

#if defined(Py_LIMITED_API) && Py_LIMITED_API+0 >= 0x030c0000
/* A stable-ABI module for 3.12 or later does not know how counting works. */
static inline Py_ALWAYS_INLINE void
Py_INCREF(PyObject *op)
{
    _Py_IncRef(op);
}

static inline Py_ALWAYS_INLINE void
Py_DECREF(PyObject *op)
{
    _Py_DecRef(op);
}
#else
/* Debug builds, and extension modules that are compiled for them, refuse to count references to
   another interpreter's objects and to freed ones, and keep the sum of all counts of each heap
   (sys.gettotalrefcount()). */
#ifdef Py_DEBUG
#  define Py_REF_DEBUG 1
PyAPI_FUNC(void) _PyObject_CheckOwner(PyObject *op);
PyAPI_FUNC(void) _Py_INCREF_IncRefTotal(void);
PyAPI_FUNC(void) _Py_DECREF_DecRefTotal(void);
PyAPI_FUNC(void) _Py_NO_RETURN _Py_NegativeRefcount(const char *filename, int lineno,
                                                    PyObject *op);
PyAPI_FUNC(void) _Py_NO_RETURN _Py_FreedRefcount(PyObject *op);
/* The upper half of a count is 0, or all ones after blind decrements of an immortal object; in
   freed memory it has the debug allocator's fill bytes. */
#  define _Py_LIVE_CHECK(op)                                                \
    do {                                                                    \
        if ((op)->ob_refcnt_split[!PY_BIG_ENDIAN] == 0xDDDDDDDDu) {         \
            _Py_FreedRefcount(op);                                          \
        }                                                                   \
    } while (0)
#  define _Py_COUNT_UP(op) (_PyObject_CheckOwner(op), _Py_INCREF_IncRefTotal())
#  define _Py_COUNT_DOWN(op)                                                \
    do {                                                                    \
        _PyObject_CheckOwner(op);                                           \
        if ((op)->ob_refcnt <= 0) {                                         \
            _Py_NegativeRefcount(__FILE__, __LINE__, (op));                 \
        }                                                                   \
        _Py_DECREF_DecRefTotal();                                           \
    } while (0)
#else
#  define _Py_LIVE_CHECK(op) ((void)0)
#  define _Py_COUNT_UP(op) ((void)0)
#  define _Py_COUNT_DOWN(op) ((void)0)
#endif

/* Only the low half is added to; a half that is all ones belongs to an immortal object
   and would wrap. */
static inline Py_ALWAYS_INLINE void
Py_INCREF(PyObject *op)
{
    _Py_LIVE_CHECK(op);
    uint32_t count = op->ob_refcnt_split[PY_BIG_ENDIAN] + 1;
    if (count == 0) {
        return;
    }
    _Py_COUNT_UP(op);
    op->ob_refcnt_split[PY_BIG_ENDIAN] = count;
    _Py_INCREF_STAT_INC();
}

static inline Py_ALWAYS_INLINE void
Py_DECREF(PyObject *op)
{
    _Py_LIVE_CHECK(op);
    if (_Py_IsImmortal(op)) {
        return;
    }
    _Py_COUNT_DOWN(op);
    _Py_DECREF_STAT_INC();
    if (--op->ob_refcnt == 0) {
        _Py_Dealloc(op);
    }
}
#endif

/* The same for a pointer that may be NULL. */
static inline void
Py_XINCREF(PyObject *op)
{
    if (op != _Py_NULL) {
        Py_INCREF(op);
    }
}

static inline void
Py_XDECREF(PyObject *op)
{
    if (op != _Py_NULL) {
        Py_DECREF(op);
    }
}

static inline PyObject *
_Py_NewRef(PyObject *obj)
{
    Py_INCREF(obj);
    return obj;
}

static inline PyObject *
_Py_XNewRef(PyObject *obj)
{
    Py_XINCREF(obj);
    return obj;
}

#ifdef _Py_LAX_POINTERS
#  define Py_INCREF(op) Py_INCREF(_PyObject_CAST(op))
#  define Py_DECREF(op) Py_DECREF(_PyObject_CAST(op))
#  define Py_XINCREF(op) Py_XINCREF(_PyObject_CAST(op))
#  define Py_XDECREF(op) Py_XDECREF(_PyObject_CAST(op))
#  define Py_NewRef(obj) _Py_NewRef(_PyObject_CAST(obj))
#  define Py_XNewRef(obj) _Py_XNewRef(_PyObject_CAST(obj))
#else
#  define Py_NewRef(obj) _Py_NewRef(obj)
#  define Py_XNewRef(obj) _Py_XNewRef(obj)
#endif

/* Forget a reference held in a variable: the variable is NULL before a finalizer that
   the decrement may run can look at it. The argument is evaluated once. */
#ifdef _Py_TYPEOF
#  define Py_CLEAR(op) \
    do { \
        _Py_TYPEOF(op) *_py_var_ptr = &(op); \
        _Py_TYPEOF(op) _py_old_value = *_py_var_ptr; \
        if (_py_old_value != _Py_NULL) { \
            *_py_var_ptr = _Py_NULL; \
            Py_DECREF(_py_old_value); \
        } \
    } while (0)
#else
#  define Py_CLEAR(op) \
    do { \
        PyObject **_py_var_ptr = _Py_CAST(PyObject **, &(op)); \
        PyObject *_py_old_value = *_py_var_ptr; \
        if (_py_old_value != _Py_NULL) { \
            *_py_var_ptr = _Py_NULL; \
            Py_DECREF(_py_old_value); \
        } \
    } while (0)
#endif

/* ---- None, NotImplemented, comparison results ---- */

#define Py_None (&_Py_NoneStruct)
#define Py_IsNone(x) Py_Is((x), Py_None)
#define Py_RETURN_NONE return Py_None

#define Py_NotImplemented (&_Py_NotImplementedStruct)
#define Py_RETURN_NOTIMPLEMENTED return Py_NotImplemented

/* Return the truth of val1 op val2 for C values and a comparison operator. */
#define Py_RETURN_RICHCOMPARE(val1, val2, op) \
    do { \
        switch (op) { \
        case Py_EQ: if ((val1) == (val2)) Py_RETURN_TRUE; Py_RETURN_FALSE; \
        case Py_NE: if ((val1) != (val2)) Py_RETURN_TRUE; Py_RETURN_FALSE; \
        case Py_LT: if ((val1) < (val2)) Py_RETURN_TRUE; Py_RETURN_FALSE; \
        case Py_GT: if ((val1) > (val2)) Py_RETURN_TRUE; Py_RETURN_FALSE; \
        case Py_LE: if ((val1) <= (val2)) Py_RETURN_TRUE; Py_RETURN_FALSE; \
        case Py_GE: if ((val1) >= (val2)) Py_RETURN_TRUE; Py_RETURN_FALSE; \
        default: Py_UNREACHABLE(); \
        } \
    } while (0)

#ifdef __cplusplus
}
#endif

#ifndef Py_LIMITED_API
#  include "cpython/object.h"
#endif

/* ---- Type tests; the full API reads the flags, the limited one asks ---- */

#ifdef __cplusplus
extern "C" {
#endif

static inline int
PyType_HasFeature(PyTypeObject *type, unsigned long feature)
{
#ifdef Py_LIMITED_API
    return (PyType_GetFlags(type) & feature) != 0;
#else
    return (type->tp_flags & feature) != 0;
#endif
}

#define PyType_FastSubclass(type, flag) PyType_HasFeature((type), (flag))

static inline int
PyType_Check(PyObject *op)
{
    return PyType_FastSubclass(Py_TYPE(op), Py_TPFLAGS_TYPE_SUBCLASS);
}

static inline int
PyType_CheckExact(PyObject *op)
{
    return Py_IS_TYPE(op, &PyType_Type);
}

/* Is ob an instance of type or of a subtype? */
static inline int
PyObject_TypeCheck(PyObject *ob, PyTypeObject *type)
{
    return Py_IS_TYPE(ob, type) || PyType_IsSubtype(Py_TYPE(ob), type);
}

#define _PyType_CAST(op) (assert(PyType_Check(op)), _Py_CAST(PyTypeObject *, (op)))

#ifdef _Py_LAX_POINTERS
#  define PyType_Check(op) PyType_Check(_PyObject_CAST(op))
#  define PyType_CheckExact(op) PyType_CheckExact(_PyObject_CAST(op))
#  define PyObject_TypeCheck(ob, type) PyObject_TypeCheck(_PyObject_CAST(ob), (type))
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_OBJECT_H */
