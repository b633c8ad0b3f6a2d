/* object.c - what every object can do: counting, text, comparison, hash, truth, dir(), the
 * trashcan, and dumps for debugging.  Attributes are in object_attr.c; None, NotImplemented and the
 * table of the core's static types in object_types.c.
 *
 * Invariants
 *   - a function returning PyObject * either returns a new reference or sets an exception;
 *   - the trashcan's chain links dead, untracked containers through _gc_prev of their GC head, so
 *     that putting an object aside needs no memory.
 *
 * Written from the C API reference ("Object Protocol"), the data model chapter and observed
 * messages.
 */
#include "Python.h"
#include "pycore_bltin.h"       // _PyEval_GetFrameLocals()
#include "pycore_bytesobject.h" // _PyObject_CallBytes()
#include "pycore_ceval.h"       // _Py_EnterRecursiveCallTstate()
#include "pycore_errors.h"      // _PyErr_Format()
#include "pycore_gc.h"          // PyGC_Head
#include "pycore_object.h"      // _PyObject_Init()
#include "pycore_pymem.h"       // _PyMem_IsPtrFreed()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_type.h"        // _PyType_Lookup()

/* Depth of nested deallocations from which on objects are put aside. */

/* ------------------------------------------------------------------------------- counting */

int
(Py_Is)(PyObject *x, PyObject *y)
{
    return x == y;
}

int
(Py_IsNone)(PyObject *x)
{
    return x == Py_None;
}

int
(Py_IsTrue)(PyObject *x)
{
    return x == Py_True;
}

int
(Py_IsFalse)(PyObject *x)
{
    return x == Py_False;
}

void
Py_IncRef(PyObject *op)
{
    Py_XINCREF(op);
}

void
Py_DecRef(PyObject *op)
{
    Py_XDECREF(op);
}

/* Like Py_IncRef() for an object that is not NULL: what limited-API code calls. */
void
_Py_IncRef(PyObject *op)
{
    Py_INCREF(op);
}

void
_Py_DecRef(PyObject *op)
{
    Py_DECREF(op);
}

PyObject *
(Py_NewRef)(PyObject *op)
{
    return _Py_NewRef(op);
}

PyObject *
(Py_XNewRef)(PyObject *op)
{
    return _Py_XNewRef(op);
}

/* ---------------------------------------------------------------- reference totals (debug) */

#ifdef Py_REF_DEBUG
/* Only the holder of the GIL writes; _Py_GetGlobalRefTotal() of another thread may read. */
void
_Py_AddRefTotal(Py_ssize_t n)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate != NULL) {
        ptrdiff_t total = __atomic_load_n(&tstate->heap->reftotal, __ATOMIC_RELAXED);
        __atomic_store_n(&tstate->heap->reftotal, total + n, __ATOMIC_RELAXED);
    }
}

void
_Py_INCREF_IncRefTotal(void)
{
    _Py_AddRefTotal(1);
}

void
_Py_DECREF_DecRefTotal(void)
{
    _Py_AddRefTotal(-1);
}

/* Aborts: a reference was dropped that did not exist. */
void
_Py_NegativeRefcount(const char *filename, int lineno, PyObject *op)
{
    fprintf(stderr, "%s:%d: ", filename, lineno);
    _PyObject_ASSERT_FAILED_MSG(op, "object has negative ref count");
    Py_UNREACHABLE();
}

/* Aborts: a reference to freed memory was counted.  Nothing of the object can be shown. */
void
_Py_FreedRefcount(PyObject *op)
{
    _Py_FatalErrorFormat(__func__, "object at %p was freed before", (void *)op);
}
#endif

void
_Py_NewReferenceNoTotal(PyObject *op)
{
    op->ob_refcnt = 1;
}

/* Gives an object that was just made, or taken from a free list, its first reference. */
void
_Py_NewReference(PyObject *op)
{
    _PyObject_ASSERT_OWNER(op);
#ifdef Py_REF_DEBUG
    _Py_AddRefTotal(1);
#endif
    op->ob_refcnt = 1;
}

/* Sum of the counted references that debug builds keep per heap, and of what ended heaps left:
   references that were never dropped. */
Py_ssize_t
_Py_GetGlobalRefTotal(void)
{
    _PyProcessLock_Lock(&_PyRuntime.interpreters.lock);
    Py_ssize_t total = (Py_ssize_t)_PyRuntime.interpreters.leaked_references;
    total += __atomic_load_n(&_PyRuntime.process_heap.reftotal, __ATOMIC_RELAXED);
    for (PyInterpreterState *p = _PyRuntime.interpreters.head; p != NULL; p = p->next) {
        if (p->heap == &p->heap_storage) {
            total += __atomic_load_n(&p->heap->reftotal, __ATOMIC_RELAXED);
        }
    }
    _PyProcessLock_Unlock(&_PyRuntime.interpreters.lock);
    return total;
}

PyObject *
PyObject_Init(PyObject *op, PyTypeObject *type)
{
    if (op == NULL) {
        return PyErr_NoMemory();
    }
    _PyObject_Init(op, type);
    return op;
}

PyVarObject *
PyObject_InitVar(PyVarObject *op, PyTypeObject *type, Py_ssize_t size)
{
    if (op == NULL) {
        return (PyVarObject *)PyErr_NoMemory();
    }
    _PyObject_InitVar(op, type, size);
    return op;
}

PyObject *
_PyObject_New(PyTypeObject *type)
{
    PyObject *op = PyObject_Malloc(_PyObject_SIZE(type));
    return PyObject_Init(op, type);
}

PyVarObject *
_PyObject_NewVar(PyTypeObject *type, Py_ssize_t nitems)
{
    PyVarObject *op = PyObject_Malloc(_PyObject_VAR_SIZE(type, nitems));
    return PyObject_InitVar(op, type, nitems);
}

#ifdef Py_DEBUG
/* A deallocator must leave the pending exception as it was. */
static void
check_exception_kept(PyTypeObject *type, PyObject *before, PyObject *after)
{
    if (before != after) {
        const char *what = before == NULL ? "raised an exception"
                           : after == NULL ? "cleared the current exception"
                           : "overrode the current exception";
        fprintf(stderr, "Error: Deallocator of type '%s' %s\n", type->tp_name, what);
        Py_FatalError("a deallocator changed the pending exception");
    }
}
#endif

static void
dealloc_now(PyThreadState *tstate, PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
#ifdef Py_DEBUG
    PyObject *before = tstate != NULL ? tstate->current_exception : NULL;
    Py_XINCREF(before);
    Py_INCREF(type);
    (*type->tp_dealloc)(op);
    if (tstate != NULL) {
        check_exception_kept(type, before, tstate->current_exception);
    }
    Py_XDECREF(before);
    Py_DECREF(type);
#else
    (void)tstate;
    (*type->tp_dealloc)(op);
#endif
}

/* ------------------------------------------------------------------------------- trashcan */

/* In the chain of objects put aside the collector's bits of _gc_prev mean: */
#define TRASH_WAS_TRACKED _PyGC_PREV_MASK_COLLECTING

/* A dead object that the collector does not see joins the chain. */
static void
trash_put(PyThreadState *tstate, PyObject *op)
{
    _PyObject_ASSERT(op, _PyObject_IS_GC(op) && !_PyObject_GC_IS_TRACKED(op));
    _PyObject_ASSERT(op, Py_REFCNT(op) == 0);
    _PyGCHead_SET_PREV(_Py_AS_GC(op), (PyGC_Head *)tstate->trash.delete_later);
    tstate->trash.delete_later = op;
}

/* For _Py_Dealloc(): 1 if op was put aside.  Its deallocator will find it tracked as it was.  On a
 * foreign stack nothing is known about the room. */
static int
trash_put_container(PyThreadState *tstate, PyObject *op)
{
    if (!_Py_StackIsShort(tstate) || !_PyObject_IS_GC(op)) {
        return 0;
    }
    int tracked = _PyObject_GC_IS_TRACKED(op);
    if (tracked) {
        _PyObject_GC_UNTRACK(op);
    }
    trash_put(tstate, op);
    if (tracked) {
        _Py_AS_GC(op)->_gc_prev |= TRASH_WAS_TRACKED;
    }
    return 1;
}

/* For deallocators that begin with the trashcan: 1 if op was put aside. */
int
_PyTrash_begin(PyThreadState *tstate, PyObject *op)
{
    if (tstate->trash.delete_nesting < _Py_TRASHCAN_UNWIND_LEVEL) {
        tstate->trash.delete_nesting++;
        return 0;
    }
    trash_put(tstate, op);
    return 1;
}

/* Releases what was put aside; objects freed on the way join the chain. */
static void
trash_empty(PyThreadState *tstate)
{
    /* Counts as one level, so that nested deallocators do not come here again. */
    tstate->trash.delete_nesting++;
    while (tstate->trash.delete_later != NULL) {
        PyObject *op = tstate->trash.delete_later;
        PyGC_Head *gc = _Py_AS_GC(op);
        tstate->trash.delete_later = (PyObject *)_PyGCHead_PREV(gc);
        _PyObject_ASSERT(op, Py_REFCNT(op) == 0);
        if (gc->_gc_prev & TRASH_WAS_TRACKED) {
            gc->_gc_prev &= ~TRASH_WAS_TRACKED;
            _PyObject_GC_TRACK(op);
        }
        dealloc_now(tstate, op);
        assert(tstate->trash.delete_nesting == 1);
    }
    tstate->trash.delete_nesting--;
}

void
_PyTrash_end(PyThreadState *tstate)
{
    assert(tstate->trash.delete_nesting > 0);
    if (--tstate->trash.delete_nesting == 0 && tstate->trash.delete_later != NULL) {
        trash_empty(tstate);
    }
}

/* A subclass's deallocator that ends in the base's has begun already. */
int
_PyTrash_cond(PyObject *op, destructor dealloc)
{
    return Py_TYPE(op)->tp_dealloc == dealloc;
}

/* Any container can be the link of a long chain: near the end of the C stack it is put aside (see
 * the trashcan below), whatever its deallocator does. */
void
_Py_Dealloc(PyObject *op)
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (!_PyType_IS_GC(Py_TYPE(op)) || tstate == NULL) {
        dealloc_now(tstate, op);
        return;
    }
    if (__builtin_expect(!_Py_StackHasRoom(tstate), 0) && trash_put_container(tstate, op)) {
        return;
    }
    dealloc_now(tstate, op);
    if (__builtin_expect(tstate->trash.delete_later != NULL, 0)
        && tstate->trash.delete_nesting == 0) {
        trash_empty(tstate);
    }
}

/* Calls tp_finalize, at most once for a container. */
void
PyObject_CallFinalizer(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (type->tp_finalize == NULL) {
        return;
    }
    if (_PyType_IS_GC(type) && PyObject_GC_IsFinalized(self)) {
        return;
    }
    type->tp_finalize(self);
    if (_PyType_IS_GC(type)) {
        _PyGC_SET_FINALIZED(self);
    }
}

/* For deallocators.  0: go on; -1: the finalizer brought the object back to life. */
int
PyObject_CallFinalizerFromDealloc(PyObject *self)
{
    if (Py_REFCNT(self) != 0) {
        _PyObject_ASSERT_FAILED_MSG(self,
            "PyObject_CallFinalizerFromDealloc called on object with a non-zero refcount");
    }
    self->ob_refcnt = 1;
    PyObject_CallFinalizer(self);
    _PyObject_ASSERT_WITH_MSG(self, Py_REFCNT(self) > 0, "refcount is too small");
    if (--self->ob_refcnt == 0) {
        return 0;
    }
    _PyObject_ASSERT(self, !_PyType_IS_GC(Py_TYPE(self)) || _PyObject_GC_IS_TRACKED(self));
    return -1;
}

/* ----------------------------------------------------------------------------------- text */

/* Checks what __repr__ or __str__ returned; consumes `res`. */
static PyObject *
check_text(PyThreadState *tstate, PyObject *res, const char *method)
{
    if (res != NULL && !PyUnicode_Check(res)) {
        _PyErr_Format(tstate, PyExc_TypeError, "%s returned non-string (type %.200s)", method,
                      Py_TYPE(res)->tp_name);
        Py_SETREF(res, NULL);
    }
    return res;
}

PyObject *
PyObject_Repr(PyObject *v)
{
    if (PyErr_CheckSignals()) {
        return NULL;
    }
    if (v == NULL) {
        return PyUnicode_FromString("<NULL>");
    }
    if (Py_TYPE(v)->tp_repr == NULL) {
        return PyUnicode_FromFormat("<%s object at %p>", Py_TYPE(v)->tp_name, v);
    }
    PyThreadState *tstate = _PyThreadState_GET();
    assert(!_PyErr_Occurred(tstate));
    if (_Py_EnterRecursiveCallTstate(tstate, " while getting the repr of an object")) {
        return NULL;
    }
    PyObject *res = (*Py_TYPE(v)->tp_repr)(v);
    _Py_LeaveRecursiveCallTstate(tstate);
    return check_text(tstate, res, "__repr__");
}

PyObject *
PyObject_Str(PyObject *v)
{
    if (PyErr_CheckSignals()) {
        return NULL;
    }
    if (v == NULL) {
        return PyUnicode_FromString("<NULL>");
    }
    if (PyUnicode_CheckExact(v)) {
        return Py_NewRef(v);
    }
    if (Py_TYPE(v)->tp_str == NULL) {
        return PyObject_Repr(v);
    }
    PyThreadState *tstate = _PyThreadState_GET();
    assert(!_PyErr_Occurred(tstate));
    if (_Py_EnterRecursiveCallTstate(tstate, " while getting the str of an object")) {
        return NULL;
    }
    PyObject *res = (*Py_TYPE(v)->tp_str)(v);
    _Py_LeaveRecursiveCallTstate(tstate);
    return check_text(tstate, res, "__str__");
}

/* repr() with every non-ASCII character escaped. */
PyObject *
PyObject_ASCII(PyObject *v)
{
    PyObject *repr = PyObject_Repr(v);
    if (repr == NULL || PyUnicode_IS_ASCII(repr)) {
        return repr;
    }
    PyObject *ascii = _PyUnicode_AsASCIIString(repr, "backslashreplace");
    Py_DECREF(repr);
    if (ascii == NULL) {
        return NULL;
    }
    PyObject *res = PyUnicode_DecodeASCII(PyBytes_AS_STRING(ascii), PyBytes_GET_SIZE(ascii),
                                          "strict");
    Py_DECREF(ascii);
    return res;
}

PyObject *
_PyObject_CallBytes(PyObject *v)
{
    PyObject *func = _PyObject_LookupSpecial(v, &_Py_ID(__bytes__));
    if (func == NULL) {
        return NULL;
    }
    PyObject *res = PyObject_CallNoArgs(func);
    Py_DECREF(func);
    if (res != NULL && !PyBytes_Check(res)) {
        PyErr_Format(PyExc_TypeError, "__bytes__ returned non-bytes (type %.200s)",
                     Py_TYPE(res)->tp_name);
        Py_CLEAR(res);
    }
    return res;
}

PyObject *
PyObject_Bytes(PyObject *v)
{
    if (v == NULL) {
        return PyBytes_FromString("<NULL>");
    }
    if (PyBytes_CheckExact(v)) {
        return Py_NewRef(v);
    }
    PyObject *bytes = _PyObject_CallBytes(v);
    return bytes != NULL || PyErr_Occurred() ? bytes : PyBytes_FromObject(v);
}

/* What messages about a call name the callable: "module.qualname()", without "builtins."; str(x)
 * when it has no qualified name.  New reference. */
PyObject *
_PyObject_FunctionStr(PyObject *x)
{
    assert(!PyErr_Occurred());
    PyObject *qualname;
    int rc = _PyObject_LookupAttr(x, &_Py_ID(__qualname__), &qualname);
    if (rc <= 0) {
        return rc < 0 ? NULL : PyObject_Str(x);
    }
    PyObject *module;
    PyObject *res = NULL;
    rc = _PyObject_LookupAttr(x, &_Py_ID(__module__), &module);
    if (rc > 0 && module != Py_None) {
        int same = PyObject_RichCompareBool(module, &_Py_ID(builtins), Py_NE);
        if (same > 0) {
            res = PyUnicode_FromFormat("%S.%S()", module, qualname);
        }
        else if (same == 0) {
            res = PyUnicode_FromFormat("%S()", qualname);
        }
    }
    else if (rc >= 0) {
        res = PyUnicode_FromFormat("%S()", qualname);
    }
    if (rc > 0) {
        Py_DECREF(module);
    }
    Py_DECREF(qualname);
    return res;
}

/* Writes the UTF-8 form of repr() or str(); 0 or -1. */
static int
print_text(PyObject *op, FILE *fp, int flags)
{
    PyObject *s = (flags & Py_PRINT_RAW) ? PyObject_Str(op) : PyObject_Repr(op);
    if (s == NULL) {
        return -1;
    }
    int ret = 0;
    PyObject *t = PyUnicode_AsEncodedString(s, "utf-8", "backslashreplace");
    if (t == NULL) {
        ret = -1;
    }
    else {
        fwrite(PyBytes_AS_STRING(t), 1, (size_t)PyBytes_GET_SIZE(t), fp);
        Py_DECREF(t);
    }
    Py_DECREF(s);
    return ret;
}

int
PyObject_Print(PyObject *op, FILE *fp, int flags)
{
    if (PyErr_CheckSignals()) {
        return -1;
    }
    clearerr(fp);   /* a failure of old must not look like one of this call */
    int ret = 0;
    if (op == NULL) {
        fprintf(fp, "<nil>");
    }
    else if (Py_REFCNT(op) <= 0) {
        fprintf(fp, "<refcnt %zd at %p>", Py_REFCNT(op), (void *)op);
    }
    else {
        ret = print_text(op, fp, flags);
    }
    if (ret == 0 && ferror(fp)) {
        PyErr_SetFromErrno(PyExc_OSError);
        clearerr(fp);
        ret = -1;
    }
    return ret;
}

/* ----------------------------------------------------------------------------- comparison */

/* ORDER RICHCOMPARE: by Py_LT, Py_LE, Py_EQ, Py_NE, Py_GT, Py_GE.  Writable by its ABI. */
int _Py_SwappedOp[6] = {Py_GT, Py_GE, Py_EQ, Py_NE, Py_LT, Py_LE};

static const char op_text[6][3] = {"<", "<=", "==", "!=", ">", ">="};

/* The reflected method goes first if the right operand's type is a subclass that may override. */
static PyObject *
do_richcompare(PyThreadState *tstate, PyObject *v, PyObject *w, int op)
{
    richcmpfunc f;
    PyObject *res;
    int reflected_done = 0;
    if (!Py_IS_TYPE(v, Py_TYPE(w)) && PyType_IsSubtype(Py_TYPE(w), Py_TYPE(v)) &&
        (f = Py_TYPE(w)->tp_richcompare) != NULL)
    {
        reflected_done = 1;
        res = (*f)(w, v, _Py_SwappedOp[op]);
        if (res != Py_NotImplemented) {
            return res;
        }
    }
    if ((f = Py_TYPE(v)->tp_richcompare) != NULL) {
        res = (*f)(v, w, op);
        if (res != Py_NotImplemented) {
            return res;
        }
    }
    if (!reflected_done && (f = Py_TYPE(w)->tp_richcompare) != NULL) {
        res = (*f)(w, v, _Py_SwappedOp[op]);
        if (res != Py_NotImplemented) {
            return res;
        }
    }
    if (op == Py_EQ || op == Py_NE) {   /* the default: identity */
        return Py_NewRef((v == w) == (op == Py_EQ) ? Py_True : Py_False);
    }
    _PyErr_Format(tstate, PyExc_TypeError,
                  "'%s' not supported between instances of '%.100s' and '%.100s'",
                  op_text[op], Py_TYPE(v)->tp_name, Py_TYPE(w)->tp_name);
    return NULL;
}

PyObject *
PyObject_RichCompare(PyObject *v, PyObject *w, int op)
{
    PyThreadState *tstate = _PyThreadState_GET();
    assert(Py_LT <= op && op <= Py_GE);
    if (v == NULL || w == NULL) {
        if (!_PyErr_Occurred(tstate)) {
            PyErr_BadInternalCall();
        }
        return NULL;
    }
    if (_Py_EnterRecursiveCallTstate(tstate, " in comparison")) {
        return NULL;
    }
    PyObject *res = do_richcompare(tstate, v, w, op);
    _Py_LeaveRecursiveCallTstate(tstate);
    return res;
}

/* 1, 0, or -1 with an exception.  An object is equal to itself here, whatever its methods say. */
int
PyObject_RichCompareBool(PyObject *v, PyObject *w, int op)
{
    if (v == w) {
        if (op == Py_EQ) {
            return 1;
        }
        if (op == Py_NE) {
            return 0;
        }
    }
    PyObject *res = PyObject_RichCompare(v, w, op);
    if (res == NULL) {
        return -1;
    }
    int ok = PyBool_Check(res) ? res == Py_True : PyObject_IsTrue(res);
    Py_DECREF(res);
    return ok;
}

/* ----------------------------------------------------------------------------------- hash */

Py_hash_t
PyObject_HashNotImplemented(PyObject *v)
{
    PyErr_Format(PyExc_TypeError, "unhashable type: '%.200s'", Py_TYPE(v)->tp_name);
    return -1;
}

Py_hash_t
PyObject_Hash(PyObject *v)
{
    PyTypeObject *tp = Py_TYPE(v);
    if (tp->tp_hash != NULL) {
        if (__builtin_expect(_Py_StackIsShort(_PyThreadState_GET()), 0)) {
            if (_Py_EnterRecursiveCall(" while hashing an object")) {
                return -1;
            }
            _Py_LeaveRecursiveCall();
        }
        return (*tp->tp_hash)(v);
    }
    /* A type made in C that nobody made ready yet. */
    if (!_PyType_HasFeature(tp, Py_TPFLAGS_READY)) {
        if (PyType_Ready(tp) < 0) {
            return -1;
        }
        if (tp->tp_hash != NULL) {
            return (*tp->tp_hash)(v);
        }
    }
    return PyObject_HashNotImplemented(v);
}

/* ---------------------------------------------------------------------------------- truth */

int
PyObject_IsTrue(PyObject *v)
{
    if (v == Py_True) {
        return 1;
    }
    if (v == Py_False || v == Py_None) {
        return 0;
    }
    PyTypeObject *tp = Py_TYPE(v);
    Py_ssize_t res;
    if (tp->tp_as_number != NULL && tp->tp_as_number->nb_bool != NULL) {
        res = (*tp->tp_as_number->nb_bool)(v);
    }
    else if (tp->tp_as_mapping != NULL && tp->tp_as_mapping->mp_length != NULL) {
        res = (*tp->tp_as_mapping->mp_length)(v);
    }
    else if (tp->tp_as_sequence != NULL && tp->tp_as_sequence->sq_length != NULL) {
        res = (*tp->tp_as_sequence->sq_length)(v);
    }
    else {
        return 1;
    }
    return res > 0 ? 1 : (int)res;
}

int
PyObject_Not(PyObject *v)
{
    int res = PyObject_IsTrue(v);
    return res < 0 ? res : res == 0;
}

int
PyCallable_Check(PyObject *x)
{
    return x != NULL && Py_TYPE(x)->tp_call != NULL;
}

PyObject *
PyObject_SelfIter(PyObject *obj)
{
    return Py_NewRef(obj);
}

/* ---------------------------------------------------------------------------------- dir() */

/* Sorted names of the caller's local variables. */
static PyObject *
dir_locals(void)
{
    PyObject *locals = _PyEval_GetFrameLocals();
    if (locals == NULL) {
        return NULL;
    }
    PyObject *names = PyMapping_Keys(locals);
    Py_DECREF(locals);
    if (names == NULL) {
        return NULL;
    }
    if (!PyList_Check(names)) {
        PyErr_Format(PyExc_TypeError, "dir(): expected keys() of locals to be a list, not '%.200s'",
                     Py_TYPE(names)->tp_name);
        Py_DECREF(names);
        return NULL;
    }
    if (PyList_Sort(names) < 0) {
        Py_DECREF(names);
        return NULL;
    }
    return names;
}

static PyObject *
dir_object(PyObject *obj)
{
    PyObject *func = _PyObject_LookupSpecial(obj, &_Py_ID(__dir__));
    if (func == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "object does not provide __dir__");
        }
        return NULL;
    }
    PyObject *result = PyObject_CallNoArgs(func);
    Py_DECREF(func);
    if (result == NULL) {
        return NULL;
    }
    PyObject *sorted = PySequence_List(result);
    Py_DECREF(result);
    if (sorted != NULL && PyList_Sort(sorted) < 0) {
        Py_CLEAR(sorted);
    }
    return sorted;
}

/* dir(obj), or with NULL the names of the current local variables.  New sorted list. */
PyObject *
PyObject_Dir(PyObject *obj)
{
    return obj == NULL ? dir_locals() : dir_object(obj);
}

/* ------------------------------------------------------------------- guard against cycles */

/* A list in the thread's dict holds the containers whose repr is being made.  0: entered, 1: obj
 * is in there already, -1 error. */
int
Py_ReprEnter(PyObject *obj)
{
    PyObject *dict = PyThreadState_GetDict();
    if (dict == NULL) {     /* no thread state, or no memory: do without the guard */
        return 0;
    }
    PyObject *list = PyDict_GetItemWithError(dict, &_Py_ID(Py_Repr));
    if (list == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        list = PyList_New(0);
        if (list == NULL) {
            return -1;
        }
        int rc = PyDict_SetItem(dict, &_Py_ID(Py_Repr), list);
        Py_DECREF(list);
        if (rc < 0) {
            return -1;
        }
    }
    for (Py_ssize_t i = PyList_GET_SIZE(list); --i >= 0;) {
        if (PyList_GET_ITEM(list, i) == obj) {
            return 1;
        }
    }
    return PyList_Append(list, obj) < 0 ? -1 : 0;
}

void
Py_ReprLeave(PyObject *obj)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *dict = PyThreadState_GetDict();
    PyObject *list = dict == NULL ? NULL : PyDict_GetItemWithError(dict, &_Py_ID(Py_Repr));
    if (list != NULL && PyList_Check(list)) {
        for (Py_ssize_t i = PyList_GET_SIZE(list); --i >= 0;) {
            if (PyList_GET_ITEM(list, i) == obj) {
                PyList_SetSlice(list, i, i + 1, NULL);
                break;
            }
        }
    }
    PyErr_SetRaisedException(exc);
}

/* ------------------------------------------------------------------------------ debugging */

/* True if the object's memory, or its type's, has the byte pattern of freed memory. */
int
_PyObject_IsFreed(PyObject *op)
{
    if (_PyMem_IsPtrFreed(op) || _PyMem_IsPtrFreed(Py_TYPE(op))) {
        return 1;
    }
    return 0;
}

int
_PyObject_CheckConsistency(PyObject *op, int check_content)
{
    _PyObject_ASSERT(op, op != NULL && !_PyObject_IsFreed(op));
    _PyObject_ASSERT(op, Py_REFCNT(op) >= 1);
    _PyType_CheckConsistency(Py_TYPE(op));
    if (PyUnicode_Check(op)) {
        _PyUnicode_CheckConsistency(op, check_content);
    }
    else if (PyDict_Check(op)) {
        _PyDict_CheckConsistency(op, check_content);
    }
    return 1;
}

void
_Py_BreakPoint(void)
{
}

/* Describes an object on stderr.  May be called on broken objects, so that it says little
 * before it runs any method. */
void
_PyObject_Dump(PyObject *op)
{
    if (_PyObject_IsFreed(op)) {
        fprintf(stderr, "<object at %p is freed>\n", (void *)op);
        fflush(stderr);
        return;
    }
    fprintf(stderr, "object address  : %p\n", (void *)op);
    fprintf(stderr, "object refcount : %zd\n", Py_REFCNT(op));
    PyTypeObject *type = Py_TYPE(op);
    fprintf(stderr, "object type     : %p\n", (void *)type);
    fprintf(stderr, "object type name: %s\n", type == NULL ? "NULL" : type->tp_name);
    fprintf(stderr, "object repr     : ");
    fflush(stderr);
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *exc = PyErr_GetRaisedException();
    (void)PyObject_Print(op, stderr, 0);
    fflush(stderr);
    PyErr_SetRaisedException(exc);
    PyGILState_Release(gil);
    fprintf(stderr, "\n");
    fflush(stderr);
}

void
_PyObject_AssertFailed(PyObject *obj, const char *expr, const char *msg, const char *file,
                       int line, const char *function)
{
    fprintf(stderr, "%s:%d: ", file, line);
    if (function != NULL) {
        fprintf(stderr, "%s: ", function);
    }
    if (expr != NULL) {
        fprintf(stderr, "Assertion \"%s\" failed", expr);
    }
    else {
        fprintf(stderr, "Assertion failed");
    }
    if (msg != NULL) {
        fprintf(stderr, ": %s", msg);
    }
    fprintf(stderr, "\n");
    fflush(stderr);
    if (_PyObject_IsFreed(obj)) {
        fprintf(stderr, "<object at %p is freed>\n", (void *)obj);
        fflush(stderr);
    }
    else {
        _PyObject_Dump(obj);
        fprintf(stderr, "\n");
        fflush(stderr);
    }
    Py_FatalError("_PyObject_AssertFailed");
}

void
_Py_FatalRefcountErrorFunc(const char *func, const char *message)
{
    _Py_FatalErrorFunc(func, message);
}

void
_PyObject_DebugTypeStats(FILE *out)
{
    struct _Py_freelists *fl = &_PyThreadState_GET()->heap->freelists;
    _PyDebugAllocatorStats(out, "free PyDictObject", fl->dicts.count, sizeof(PyDictObject));
    _PyDebugAllocatorStats(out, "free PyFloatObject", fl->floats.count, sizeof(PyFloatObject));
    _PyDebugAllocatorStats(out, "free PyListObject", fl->lists.count, sizeof(PyListObject));
    for (int i = 0; i < _Py_TUPLE_MAXSAVESIZE; i++) {
        char name[64];
        PyOS_snprintf(name, sizeof(name), "free %d-sized PyTupleObject", i + 1);
        _PyDebugAllocatorStats(out, name, fl->tuples[i].count,
                               _PyObject_VAR_SIZE(&PyTuple_Type, i + 1));
    }
}
