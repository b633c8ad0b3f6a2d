/* Stack references: the one word in which locals and the evaluation stack hold
 * their values.
 *
 * Glossary
 *   owned     the slot holds a counted reference; closing it drops the count
 *   shared    the object is immortal; nothing is counted
 *   borrowed  some local that outlives the reference owns the count (made only
 *             by specialised forms in executables, after a flow analysis)
 *   int       no object at all: a small integer lives in the upper bits of the
 *             word (made only by specialised forms in executables)
 *
 * Nothing outside this header looks at the bits.  Two families of accessors:
 *   - those that cannot box and cannot fail (…Borrow, …IsNull, …Close, …Visit);
 *     they may be used in traverse functions and while unwinding;
 *   - those that may box, allocate and fail (…Materialize…, …TakeObject).
 * Written from the project's design notes (InternalDocs/stackrefs.rst). */
#ifndef Py_INTERNAL_STACKREF_H
#define Py_INTERNAL_STACKREF_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include <stdbool.h>
#include <assert.h>

typedef struct {
    uintptr_t bits;
} _PyStackRef;

/* ORDER TAG: _Py_STACKREF_* are the values of the two low bits. */
#define _Py_STACKREF_OWNED    ((uintptr_t)0)
#define _Py_STACKREF_SHARED   ((uintptr_t)1)
#define _Py_STACKREF_BORROWED ((uintptr_t)2)
#define _Py_STACKREF_INT      ((uintptr_t)3)
#define _Py_STACKREF_MASK     ((uintptr_t)3)

/* "No value": tagged as shared so that closing it needs no test. */
#define PyStackRef_NULL ((_PyStackRef){_Py_STACKREF_SHARED})

static inline bool
PyStackRef_IsNull(_PyStackRef ref)
{
    return ref.bits == _Py_STACKREF_SHARED;
}

static inline bool
PyStackRef_IsInt(_PyStackRef ref)
{
    return (ref.bits & _Py_STACKREF_MASK) == _Py_STACKREF_INT;
}

static inline bool
PyStackRef_IsBorrowed(_PyStackRef ref)
{
    return (ref.bits & _Py_STACKREF_MASK) == _Py_STACKREF_BORROWED;
}

/* True when the slot itself owns a counted reference. */
static inline bool
PyStackRef_IsOwned(_PyStackRef ref)
{
    return (ref.bits & _Py_STACKREF_MASK) == _Py_STACKREF_OWNED;
}

/* ---- accessors that cannot fail ------------------------------------------ */

/* The object, borrowed from the slot; NULL for PyStackRef_NULL. */
static inline PyObject *
PyStackRef_AsPyObjectBorrow(_PyStackRef ref)
{
    assert(!PyStackRef_IsInt(ref));
    return (PyObject *)(ref.bits & ~_Py_STACKREF_MASK);
}

/* Consumes the reference, returns a new reference (NULL for NULL). */
static inline PyObject *
PyStackRef_AsPyObjectSteal(_PyStackRef ref)
{
    assert(!PyStackRef_IsInt(ref));
    PyObject *op = (PyObject *)(ref.bits & ~_Py_STACKREF_MASK);
    if (PyStackRef_IsBorrowed(ref)) {
        Py_INCREF(op);
    }
    return op;
}

/* Returns a new reference and leaves the slot as it is. */
static inline PyObject *
PyStackRef_AsPyObjectNew(_PyStackRef ref)
{
    assert(!PyStackRef_IsInt(ref) && !PyStackRef_IsNull(ref));
    return Py_NewRef((PyObject *)(ref.bits & ~_Py_STACKREF_MASK));
}

/* Takes over the caller's reference. */
static inline _PyStackRef
PyStackRef_FromPyObjectSteal(PyObject *op)
{
    assert(op != NULL);
    return (_PyStackRef){(uintptr_t)op | _Py_STACKREF_OWNED};
}

/* As above; NULL gives PyStackRef_NULL. */
static inline _PyStackRef
PyStackRef_XFromPyObjectSteal(PyObject *op)
{
    return op == NULL ? PyStackRef_NULL : PyStackRef_FromPyObjectSteal(op);
}

/* Makes a reference of its own; the caller keeps the one it has. */
static inline _PyStackRef
PyStackRef_FromPyObjectNew(PyObject *op)
{
    assert(op != NULL);
    if (_Py_IsImmortal(op)) {
        return (_PyStackRef){(uintptr_t)op | _Py_STACKREF_SHARED};
    }
    Py_INCREF(op);
    return (_PyStackRef){(uintptr_t)op | _Py_STACKREF_OWNED};
}

/* For objects known to be immortal (constants of the core). */
static inline _PyStackRef
PyStackRef_FromPyObjectImmortal(PyObject *op)
{
    assert(op != NULL && _Py_IsImmortal(op));
    return (_PyStackRef){(uintptr_t)op | _Py_STACKREF_SHARED};
}

/* Borrowed: the caller has shown that an owner outlives the reference. */
static inline _PyStackRef
PyStackRef_FromPyObjectBorrow(PyObject *op)
{
    assert(op != NULL);
    return (_PyStackRef){(uintptr_t)op | _Py_STACKREF_BORROWED};
}

/* A second reference that counts nothing, to what a local holds. */
static inline _PyStackRef
PyStackRef_Borrow(_PyStackRef ref)
{
    assert(!PyStackRef_IsNull(ref) && !PyStackRef_IsInt(ref));
    uintptr_t counted = ~ref.bits & _Py_STACKREF_SHARED;
    return (_PyStackRef){ref.bits | counted << 1};
}

#define PyStackRef_None  PyStackRef_FromPyObjectImmortal(Py_None)
#define PyStackRef_True  PyStackRef_FromPyObjectImmortal(Py_True)
#define PyStackRef_False PyStackRef_FromPyObjectImmortal(Py_False)

/* Identity with an object that is known to be immortal (None, True, ...),
 * whatever the kind of the reference. */
static inline bool
PyStackRef_IsObject(_PyStackRef ref, PyObject *op)
{
    return !PyStackRef_IsInt(ref) && (PyObject *)(ref.bits & ~_Py_STACKREF_MASK) == op;
}
#define PyStackRef_IsNone(ref)  PyStackRef_IsObject((ref), Py_None)
#define PyStackRef_IsTrue(ref)  PyStackRef_IsObject((ref), Py_True)
#define PyStackRef_IsFalse(ref) PyStackRef_IsObject((ref), Py_False)

/* A second reference to the same value: counted if the first one is. */
static inline _PyStackRef
PyStackRef_DUP(_PyStackRef ref)
{
    if (PyStackRef_IsOwned(ref)) {
        PyObject *op = (PyObject *)ref.bits;
        if (_Py_IsImmortal(op)) {
            return (_PyStackRef){ref.bits | _Py_STACKREF_SHARED};
        }
        Py_INCREF(op);
    }
    else if (PyStackRef_IsBorrowed(ref)) {
        PyObject *op = (PyObject *)(ref.bits & ~_Py_STACKREF_MASK);
        Py_INCREF(op);
        return (_PyStackRef){(uintptr_t)op | _Py_STACKREF_OWNED};
    }
    return ref;
}

/* The slot's reference, which counts from now on if it was borrowed. */
static inline _PyStackRef
PyStackRef_Own(_PyStackRef *slot)
{
    if (PyStackRef_IsBorrowed(*slot)) {
        *slot = PyStackRef_DUP(*slot);
    }
    return *slot;
}

/* Drops the reference.  The slot must be overwritten before anything can look
 * at it again: see PyStackRef_CLEAR. */
static inline void
PyStackRef_CLOSE(_PyStackRef ref)
{
    if (PyStackRef_IsOwned(ref)) {
        Py_DECREF((PyObject *)ref.bits);
    }
}

/* PyStackRef_NULL is closed for nothing; the name says that NULL is expected. */
#define PyStackRef_XCLOSE(ref) PyStackRef_CLOSE(ref)

/* Empties the slot first and drops the reference then (a destructor may look). */
#define PyStackRef_CLEAR(SLOT)                      \
    do {                                            \
        _PyStackRef *_slot = &(SLOT);               \
        _PyStackRef _old = *_slot;                  \
        *_slot = PyStackRef_NULL;                   \
        PyStackRef_CLOSE(_old);                     \
    } while (0)

/* Traverse functions: borrowed entries, ints and NULL do not count. */
#define _Py_VISIT_STACKREF(REF)                                             \
    do {                                                                    \
        _PyStackRef _ref = (REF);                                           \
        if (PyStackRef_IsOwned(_ref)) {                                     \
            int _vret = visit((PyObject *)_ref.bits, arg);                  \
            if (_vret) {                                                    \
                return _vret;                                               \
            }                                                               \
        }                                                                   \
    } while (0)

static inline PyTypeObject *
PyStackRef_TYPE(_PyStackRef ref)
{
    if (PyStackRef_IsInt(ref)) {
        return &PyLong_Type;
    }
    return Py_TYPE(PyStackRef_AsPyObjectBorrow(ref));
}

/* ---- unboxed small ints -------------------------------------------------- */

static inline _PyStackRef
PyStackRef_FromInt(intptr_t value)
{
    assert(value >= INTPTR_MIN / 4 && value <= INTPTR_MAX / 4);
    return (_PyStackRef){((uintptr_t)value << 2) | _Py_STACKREF_INT};
}

static inline intptr_t
PyStackRef_AsInt(_PyStackRef ref)
{
    assert(PyStackRef_IsInt(ref));
    return (intptr_t)ref.bits >> 2;
}

/* ---- accessors that may box and so may fail ------------------------------ */

/* Replaces an unboxed or borrowed entry by an owned one.  Returns the object,
 * borrowed from the slot, or NULL with MemoryError set (the slot is unchanged).
 * Implemented in Python/frame.c. */
extern PyObject *_PyStackRef_MaterializeSlow(_PyStackRef *slot);

static inline PyObject *
PyStackRef_Materialize(_PyStackRef *slot)
{
    if ((slot->bits & _Py_STACKREF_BORROWED) == 0) {   /* owned, shared or NULL */
        return (PyObject *)(slot->bits & ~_Py_STACKREF_MASK);
    }
    return _PyStackRef_MaterializeSlow(slot);
}

/* Consumes the reference in *slot and returns a new reference to the (boxed)
 * object, or NULL with MemoryError set. */
static inline PyObject *
PyStackRef_TakeObject(_PyStackRef *slot)
{
    PyObject *op = PyStackRef_Materialize(slot);
    if (op != NULL) {
        *slot = PyStackRef_NULL;
    }
    return op;
}

/* Makes n entries owned objects in place, and gives the slots as a plain array of objects (an
 * owned reference is the pointer itself).  NULL with MemoryError; the slots stay valid. */
static inline PyObject **
PyStackRef_Objects(_PyStackRef *slots, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!PyStackRef_IsOwned(slots[i])) {
            PyObject *op = PyStackRef_Materialize(&slots[i]);
            if (op == NULL) {
                return NULL;
            }
            slots[i] = PyStackRef_FromPyObjectSteal(op);    /* owned, or immortal */
        }
    }
    return (PyObject **)slots;
}

static inline void
_PyStackRef_CloseArray(_PyStackRef *slots, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        PyStackRef_CLOSE(slots[i]);
    }
}

#endif /* !Py_INTERNAL_STACKREF_H */
