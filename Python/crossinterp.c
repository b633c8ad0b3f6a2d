/* Data that crosses interpreters: messages (pycore_message.h), the registry of further types
   and the _PyCrossInterpreterData functions of 3.12, exceptions in transit.

   What crosses by itself: shared objects, int, float, complex, str, bytes, tuples of these.
   The 3.12 functions accept less (None, int that fits in a C long, str, bytes), since
   programs ask them what is shareable.  Other types register a function, which either makes
   raw data or keeps the object alive in its interpreter; then releasing it is the business of
   that interpreter, by a pending call.

   The registry is process-wide plain data under its lock.  A heap type is registered for the
   interpreter that it belongs to.

   Written from InternalDocs/interpreters.rst and PEP 554, PEP 734.  */

#include "Python.h"
#include "pycore_breaker.h"     // _PyEval_AddPendingCallToID()
#include "pycore_errors.h"      // _PyErr_GetRaisedException()
#include "pycore_heap.h"        // _PyHeap_AdoptBlock()
#include "pycore_lock.h"        // _PyProcessLock_Lock()
#include "pycore_message.h"     // struct _Py_message
#include "pycore_object.h"      // _Py_NewReference()
#include "pycore_pending.h"     // struct _pending_state
#include "pycore_private_api.h" // _PyLong_AsByteArray()
#include "pycore_pymem.h"       // _PyHeap_Malloc()
#include "pycore_pystate.h"     // _PyThreadState_GET()
#include "pycore_shared.h"      // _Py_IsShared()

/* ---- Flat copies of str and bytes --------------------------------------- */

/* Bytes of the whole object, or 0 if it cannot be copied flat. */
static size_t
flat_size(PyObject *op)
{
    if (PyBytes_CheckExact(op)) {
        return offsetof(PyBytesObject, ob_sval) + (size_t)PyBytes_GET_SIZE(op) + 1;
    }
    assert(PyUnicode_CheckExact(op));
    if (!PyUnicode_IS_COMPACT(op)) {
        return 0;
    }
    size_t head = PyUnicode_IS_ASCII(op) ? sizeof(PyASCIIObject) : sizeof(PyCompactUnicodeObject);
    return head + ((size_t)PyUnicode_GET_LENGTH(op) + 1) * (size_t)PyUnicode_KIND(op);
}

static int
flat_from_object(PyObject *op, struct _Py_message *message)
{
    size_t size = flat_size(op);
    if (size == 0) {
        PyErr_SetString(PyExc_ValueError, "string does not support cross-interpreter data");
        return -1;
    }
    void *block = _PyHeap_Malloc(NULL, size);
    if (block == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(block, op, size);
    message->kind = _Py_MESSAGE_FLAT;
    message->u.bytes.block = block;
    message->u.bytes.size = size;
    return 0;
}

/* Objects of these sizes may be lent.  A smaller one is copied as fast as counted; a larger one
   would keep the holder's lock for long, and has to be copied just as well. */
#define LEND_MIN 1024
#define LEND_MAX (64 * 1024)

/* 1 if the object is lent now, 0 if it has to be copied. */
static int
lend_object(PyThreadState *tstate, PyObject *op, struct _Py_message *message)
{
    size_t size = flat_size(op);
    if (size < LEND_MIN || size > LEND_MAX ||
        __atomic_load_n(&tstate->interp->stage, __ATOMIC_RELAXED) >= _INTERP_EXITING) {
        return 0;
    }
    message->kind = _Py_MESSAGE_LENT;
    message->width = PyBytes_CheckExact(op) ? 0 : (uint8_t)PyUnicode_KIND(op);
    message->ascii = message->width != 0 && PyUnicode_IS_ASCII(op);
    message->u.lent.object = Py_NewRef(op);
    message->u.lent.length = message->width == 0 ? PyBytes_GET_SIZE(op) : PyUnicode_GET_LENGTH(op);
    return 1;
}

/* The sender may be writing to the words in front of the text meanwhile (its reference count, the
 * hash, the cached UTF-8 form), so they are made anew. */
int
_PyMessage_CopyLent(const struct _Py_message *lent, struct _Py_message *flat)
{
    assert(lent->kind == _Py_MESSAGE_LENT);
    Py_ssize_t length = lent->u.lent.length;
    size_t head = lent->width == 0 ? offsetof(PyBytesObject, ob_sval)
                  : lent->ascii ? sizeof(PyASCIIObject) : sizeof(PyCompactUnicodeObject);
    size_t text = lent->width == 0 ? (size_t)length + 1 : ((size_t)length + 1) * lent->width;
    char *block = _PyHeap_Malloc(NULL, head + text);
    if (block == NULL) {
        return -1;
    }
    memset(block, 0, head);
    if (lent->width == 0) {
        PyBytesObject *copy = (PyBytesObject *)block;
        Py_SET_TYPE(copy, &PyBytes_Type);
        Py_SET_SIZE(copy, length);
        _Py_COMP_DIAG_PUSH
        _Py_COMP_DIAG_IGNORE_DEPR_DECLS
        copy->ob_shash = -1;
        _Py_COMP_DIAG_POP
    }
    else {
        PyASCIIObject *copy = (PyASCIIObject *)block;
        Py_SET_TYPE(copy, &PyUnicode_Type);
        copy->length = length;
        copy->hash = -1;
        copy->state.kind = lent->width;
        copy->state.ascii = lent->ascii;
        copy->state.compact = 1;
    }
    memcpy(block + head, (const char *)lent->u.lent.object + head, text);
    flat->kind = _Py_MESSAGE_FLAT;
    flat->u.bytes.block = block;
    flat->u.bytes.size = head + text;
    return 0;
}

/* True if the heap can take the block over as memory of an object: large, and no hook would be
   surprised to see it freed. */
static int
can_adopt(PyThreadState *tstate, size_t size)
{
    return size > _Py_HEAP_SMALL_MAX && _PyMem_FastClasses() != 0
           && tstate->heap->kind == _Py_HEAP_OWN;
}

static PyObject *
flat_to_object(PyThreadState *tstate, struct _Py_message *message)
{
    void *block = message->u.bytes.block;
    size_t size = message->u.bytes.size;
    PyObject *op;
    if (can_adopt(tstate, size)) {
        _PyHeap_AdoptBlock(tstate->heap, block);
        op = block;
    }
    else {
        op = PyObject_Malloc(size);
        if (op != NULL) {
            memcpy(op, block, size);
        }
        _PyHeap_FreeAny(tstate->heap, block);
        if (op == NULL) {
            return PyErr_NoMemory();
        }
    }
    /* Everything in the copy is fine but what belonged to the original. */
    if (PyUnicode_CheckExact(op)) {
        ((PyASCIIObject *)op)->state.interned = SSTATE_NOT_INTERNED;
        if (!PyUnicode_IS_ASCII(op)) {
            ((PyCompactUnicodeObject *)op)->utf8 = NULL;
            ((PyCompactUnicodeObject *)op)->utf8_length = 0;
        }
    }
    _Py_NewReference(op);
    return op;
}

/* ---- Numbers ------------------------------------------------------------ */

static int
int_from_object(PyObject *op, struct _Py_message *message)
{
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(op, &overflow);
    if (!overflow) {
        message->kind = _Py_MESSAGE_INT;
        message->u.number = value;
        return 0;
    }
    size_t bits = _PyLong_NumBits(op);
    if (bits == (size_t)-1 && PyErr_Occurred()) {
        return -1;
    }
    size_t size = bits / 8 + 1;
    unsigned char *bytes = PyMem_RawMalloc(size);
    if (bytes == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (_PyLong_AsByteArray((PyLongObject *)op, bytes, size, 1, 1) < 0) {
        PyMem_RawFree(bytes);
        return -1;
    }
    message->kind = _Py_MESSAGE_BIGINT;
    message->u.bytes.block = bytes;
    message->u.bytes.size = size;
    return 0;
}

/* ---- Tuples ------------------------------------------------------------- */

static int
tuple_from_object(PyThreadState *tstate, PyObject *op, int flags, struct _Py_message *message)
{
    Py_ssize_t count = PyTuple_GET_SIZE(op);
    struct _Py_message *items = PyMem_RawCalloc((size_t)count, sizeof(*items));
    if (items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    message->kind = _Py_MESSAGE_TUPLE;
    message->u.tuple.items = items;
    message->u.tuple.count = count;
    int rc = Py_EnterRecursiveCall(" while sending a tuple");
    if (rc == 0) {
        for (Py_ssize_t i = 0; i < count && rc == 0; i++) {
            rc = _PyMessage_FromObject(tstate, PyTuple_GET_ITEM(op, i), flags, &items[i]);
        }
        Py_LeaveRecursiveCall();
    }
    if (rc != 0) {
        _PyMessage_Clear(message);
        return -1;
    }
    return 0;
}

static PyObject *
tuple_to_object(PyThreadState *tstate, struct _Py_message *message)
{
    Py_ssize_t count = message->u.tuple.count;
    struct _Py_message *items = message->u.tuple.items;
    PyObject *result = PyTuple_New(count);
    for (Py_ssize_t i = 0; i < count && result != NULL; i++) {
        PyObject *item = _PyMessage_ToObject(tstate, &items[i]);
        if (item == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i, item);
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        _PyMessage_Clear(&items[i]);
    }
    PyMem_RawFree(items);
    return result;
}

/* ---- Pickles ------------------------------------------------------------ */

static PyObject *
call_pickle(const char *name, PyObject *arg)
{
    PyObject *module = PyImport_ImportModule("pickle");
    if (module == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallMethod(module, name, "O", arg);
    Py_DECREF(module);
    return result;
}

static int
pickle_from_object(PyObject *op, struct _Py_message *message)
{
    PyObject *data = call_pickle("dumps", op);
    if (data == NULL) {
        return -1;
    }
    if (!PyBytes_CheckExact(data)) {
        PyErr_SetString(PyExc_TypeError, "pickle.dumps() did not return bytes");
        Py_DECREF(data);
        return -1;
    }
    int rc = flat_from_object(data, message);
    Py_DECREF(data);
    if (rc == 0) {
        message->kind = _Py_MESSAGE_PICKLE;
    }
    return rc;
}

static PyObject *
pickle_to_object(PyThreadState *tstate, struct _Py_message *message)
{
    PyObject *data = flat_to_object(tstate, message);
    if (data == NULL) {
        return NULL;
    }
    PyObject *result = call_pickle("loads", data);
    Py_DECREF(data);
    return result;
}

/* ---- Messages ----------------------------------------------------------- */

static int
xid_from_object(PyObject *op, struct _Py_message *message)
{
    _PyCrossInterpreterData *xid = PyMem_RawCalloc(1, sizeof(*xid));
    if (xid == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (_PyObject_GetCrossInterpreterData(op, xid) < 0) {
        PyMem_RawFree(xid);
        return -1;
    }
    message->kind = _Py_MESSAGE_XID;
    message->u.xid = xid;
    return 0;
}

static int
is_shared_atom(PyObject *op)
{
    return _Py_IsShared(op)
           && (op == Py_None || op == Py_Ellipsis || op == Py_NotImplemented
               || PyBool_Check(op) || PyLong_CheckExact(op) || PyUnicode_CheckExact(op)
               || PyBytes_CheckExact(op) || (PyTuple_CheckExact(op) && PyTuple_GET_SIZE(op) == 0));
}

int
_PyMessage_FromObject(PyThreadState *tstate, PyObject *op, int flags,
                      struct _Py_message *message)
{
    message->kind = _Py_MESSAGE_EMPTY;
    if (is_shared_atom(op)) {
        message->kind = _Py_MESSAGE_SHARED;
        message->u.shared = op;
        return 0;
    }
    if (PyLong_CheckExact(op)) {
        return int_from_object(op, message);
    }
    if (PyUnicode_CheckExact(op) || PyBytes_CheckExact(op)) {
        return (flags & _Py_MESSAGE_MAY_LEND) && lend_object(tstate, op, message)
            ? 0 : flat_from_object(op, message);
    }
    if (PyFloat_CheckExact(op)) {
        message->kind = _Py_MESSAGE_FLOAT;
        message->u.real = PyFloat_AS_DOUBLE(op);
        return 0;
    }
    if (PyComplex_CheckExact(op)) {
        message->kind = _Py_MESSAGE_COMPLEX;
        message->u.complex = PyComplex_AsCComplex(op);
        return 0;
    }
    if (PyTuple_CheckExact(op)) {
        return tuple_from_object(tstate, op, flags & ~_Py_MESSAGE_MAY_LEND, message);
    }
    if ((flags & _Py_MESSAGE_MAY_PICKLE) && _PyCrossInterpreterData_Lookup(op) == NULL) {
        return pickle_from_object(op, message);
    }
    return xid_from_object(op, message);
}

PyObject *
_PyMessage_ToObject(PyThreadState *tstate, struct _Py_message *message)
{
    struct _Py_message taken = *message;
    message->kind = _Py_MESSAGE_EMPTY;
    PyObject *result;
    switch (taken.kind) {
    case _Py_MESSAGE_SHARED:
        return Py_NewRef(taken.u.shared);
    case _Py_MESSAGE_INT:
        return PyLong_FromLongLong(taken.u.number);
    case _Py_MESSAGE_BIGINT:
        result = _PyLong_FromByteArray(taken.u.bytes.block, taken.u.bytes.size, 1, 1);
        PyMem_RawFree(taken.u.bytes.block);
        return result;
    case _Py_MESSAGE_FLOAT:
        return PyFloat_FromDouble(taken.u.real);
    case _Py_MESSAGE_COMPLEX:
        return PyComplex_FromCComplex(taken.u.complex);
    case _Py_MESSAGE_FLAT:
        return flat_to_object(tstate, &taken);
    case _Py_MESSAGE_TUPLE:
        return tuple_to_object(tstate, &taken);
    case _Py_MESSAGE_PICKLE:
        return pickle_to_object(tstate, &taken);
    case _Py_MESSAGE_XID:
        result = _PyCrossInterpreterData_NewObject(taken.u.xid);
        (void)_PyCrossInterpreterData_ReleaseAndRawFree(taken.u.xid);
        return result;
    default:
        PyErr_SetString(PyExc_SystemError, "message is empty");
        return NULL;
    }
}

void
_PyMessage_Clear(struct _Py_message *message)
{
    struct _Py_message taken = *message;
    PyThreadState *tstate = _PyThreadState_GET();
    message->kind = _Py_MESSAGE_EMPTY;
    switch (taken.kind) {
    case _Py_MESSAGE_FLAT:
    case _Py_MESSAGE_PICKLE:
        _PyHeap_FreeAny(tstate != NULL ? tstate->heap : NULL, taken.u.bytes.block);
        break;
    case _Py_MESSAGE_LENT:
        Py_DECREF(taken.u.lent.object);
        break;
    case _Py_MESSAGE_BIGINT:
        PyMem_RawFree(taken.u.bytes.block);
        break;
    case _Py_MESSAGE_TUPLE:
        for (Py_ssize_t i = 0; i < taken.u.tuple.count; i++) {
            _PyMessage_Clear(&taken.u.tuple.items[i]);
        }
        PyMem_RawFree(taken.u.tuple.items);
        break;
    case _Py_MESSAGE_XID:
        (void)_PyCrossInterpreterData_ReleaseAndRawFree(taken.u.xid);
        break;
    default:
        break;
    }
}

/* ---- The registry ------------------------------------------------------- */

#define LOCK_REGISTRY() _PyProcessLock_Lock(&_PyRuntime.xidregistry.lock)
#define UNLOCK_REGISTRY() _PyProcessLock_Unlock(&_PyRuntime.xidregistry.lock)

/* The link that points to the item of a type, or NULL.  Called under the lock.  Heap types have one
   address in one interpreter; an item of another interpreter with the same address is stale. */
static struct _xidregitem **
find_item(PyTypeObject *cls, int64_t interp_id)
{
    struct _xidregitem **link = &_PyRuntime.xidregistry.head;
    for (; *link != NULL; link = &(*link)->next) {
        if ((*link)->cls == cls
            && ((*link)->interp_id == -1 || (*link)->interp_id == interp_id)) {
            return link;
        }
    }
    return NULL;
}

static inline int64_t
owner_id_of(PyTypeObject *cls)
{
    return (cls->tp_flags & Py_TPFLAGS_HEAPTYPE) ? _PyInterpreterState_GET()->id : -1;
}

/* 0, or -1 with an exception. */
int
_PyCrossInterpreterData_RegisterClass(PyTypeObject *cls, crossinterpdatafunc getdata)
{
    if (!PyType_Check(cls)) {
        PyErr_Format(PyExc_ValueError, "only classes may be registered");
        return -1;
    }
    if (getdata == NULL) {
        PyErr_Format(PyExc_ValueError, "missing 'getdata' func");
        return -1;
    }
    int64_t id = owner_id_of(cls);
    PyObject *weakref = NULL;
    if (id >= 0) {
        weakref = PyWeakref_NewRef((PyObject *)cls, NULL);
        if (weakref == NULL) {
            return -1;
        }
    }
    struct _xidregitem *fresh = PyMem_RawMalloc(sizeof(*fresh));
    if (fresh == NULL) {
        Py_XDECREF(weakref);
        PyErr_NoMemory();
        return -1;
    }
    PyObject *stale = NULL;
    LOCK_REGISTRY();
    struct _xidregitem **link = find_item(cls, id);
    if (link != NULL && ((*link)->weakref == NULL
                         || PyWeakref_GET_OBJECT((*link)->weakref) == (PyObject *)cls)) {
        (*link)->refcount++;
        (*link)->getdata = getdata;
    }
    else if (link != NULL) {
        /* The type that had this address is gone. */
        stale = (*link)->weakref;
        (*link)->weakref = weakref;
        (*link)->getdata = getdata;
        (*link)->refcount = 1;
        weakref = NULL;
    }
    else {
        *fresh = (struct _xidregitem){_PyRuntime.xidregistry.head, cls, weakref, id, 1, getdata};
        _PyRuntime.xidregistry.head = fresh;
        fresh = NULL;
        weakref = NULL;
    }
    UNLOCK_REGISTRY();
    PyMem_RawFree(fresh);
    Py_XDECREF(weakref);
    Py_XDECREF(stale);
    return 0;
}

/* Take one registration back.  Returns 1 if the type is not registered any more, else 0. */
int
_PyCrossInterpreterData_UnregisterClass(PyTypeObject *cls)
{
    struct _xidregitem *gone = NULL;
    LOCK_REGISTRY();
    struct _xidregitem **link = find_item(cls, owner_id_of(cls));
    if (link != NULL && --(*link)->refcount == 0) {
        gone = *link;
        *link = gone->next;
    }
    UNLOCK_REGISTRY();
    if (gone == NULL) {
        return 0;
    }
    Py_XDECREF(gone->weakref);
    PyMem_RawFree(gone);
    return 1;
}

void
_PyXIDRegistry_ClearInterpreter(PyInterpreterState *interp)
{
    struct _xidregitem *gone = NULL;
    LOCK_REGISTRY();
    struct _xidregitem **link = &_PyRuntime.xidregistry.head;
    while (*link != NULL) {
        struct _xidregitem *item = *link;
        if (item->interp_id == interp->id) {
            *link = item->next;
            item->next = gone;
            gone = item;
        }
        else {
            link = &item->next;
        }
    }
    UNLOCK_REGISTRY();
    while (gone != NULL) {
        struct _xidregitem *next = gone->next;
        Py_XDECREF(gone->weakref);
        PyMem_RawFree(gone);
        gone = next;
    }
}

/* ---- The types that 3.12 shares ----------------------------------------- */

static PyObject *
new_object_from_message(_PyCrossInterpreterData *data)
{
    /* The data may be asked for more than once: what a message loses is put back. */
    struct _Py_message *message = data->data;
    PyThreadState *tstate = _PyThreadState_GET();
    if (message->kind == _Py_MESSAGE_FLAT) {
        size_t size = message->u.bytes.size;
        void *copy = _PyHeap_Malloc(NULL, size);
        if (copy == NULL) {
            return PyErr_NoMemory();
        }
        memcpy(copy, message->u.bytes.block, size);
        struct _Py_message again = *message;
        again.u.bytes.block = copy;
        return flat_to_object(tstate, &again);
    }
    assert(message->kind == _Py_MESSAGE_SHARED || message->kind == _Py_MESSAGE_INT);
    struct _Py_message again = *message;
    return _PyMessage_ToObject(tstate, &again);
}

static void
free_message(void *data)
{
    _PyMessage_Clear(data);
    PyMem_RawFree(data);
}

static int
builtin_getdata(PyThreadState *tstate, PyObject *obj, _PyCrossInterpreterData *data)
{
    if (PyLong_CheckExact(obj)) {
        int overflow;
        (void)PyLong_AsLongAndOverflow(obj, &overflow);
        if (overflow) {
            PyErr_SetString(PyExc_OverflowError, "try sending as bytes");
            return -1;
        }
    }
    struct _Py_message *message = PyMem_RawMalloc(sizeof(*message));
    if (message == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (_PyMessage_FromObject(tstate, obj, 0, message) < 0) {
        PyMem_RawFree(message);
        return -1;
    }
    _PyCrossInterpreterData_Init(data, tstate->interp, message, NULL, new_object_from_message);
    data->free = free_message;
    return 0;
}

/* The function that makes data of the object's exact type, or NULL (without an exception). */
crossinterpdatafunc
_PyCrossInterpreterData_Lookup(PyObject *obj)
{
    PyTypeObject *cls = Py_TYPE(obj);
    if (obj == Py_None || cls == &PyLong_Type || cls == &PyUnicode_Type || cls == &PyBytes_Type) {
        return builtin_getdata;
    }
    crossinterpdatafunc getdata = NULL;
    LOCK_REGISTRY();
    struct _xidregitem **link = find_item(cls, owner_id_of(cls));
    if (link != NULL && ((*link)->weakref == NULL
                         || PyWeakref_GET_OBJECT((*link)->weakref) == (PyObject *)cls)) {
        getdata = (*link)->getdata;
    }
    UNLOCK_REGISTRY();
    return getdata;
}

/* ---- _PyCrossInterpreterData -------------------------------------------- */

void
_PyCrossInterpreterData_Init(_PyCrossInterpreterData *data, PyInterpreterState *interp,
                             void *shared, PyObject *obj, xid_newobjectfunc new_object)
{
    assert(data != NULL && new_object != NULL);
    assert(obj == NULL || interp != NULL);
    *data = (_PyCrossInterpreterData){
        .data = shared,
        .obj = Py_XNewRef(obj),
        .interp = interp != NULL ? PyInterpreterState_GetID(interp) : -1,
        .new_object = new_object,
        .free = NULL,
    };
}

/* With memory of `size` bytes as data, which Clear frees. */
int
_PyCrossInterpreterData_InitWithSize(_PyCrossInterpreterData *data, PyInterpreterState *interp,
                                     const size_t size, PyObject *obj,
                                     xid_newobjectfunc new_object)
{
    assert(size > 0);
    assert(obj == NULL || interp != NULL);
    void *memory = PyMem_RawMalloc(size);
    if (memory == NULL) {
        return -1;
    }
    _PyCrossInterpreterData_Init(data, interp, memory, obj, new_object);
    data->free = PyMem_RawFree;
    return 0;
}

/* Drop data and object.  The caller runs in `interp`, where the object belongs. */
void
_PyCrossInterpreterData_Clear(PyInterpreterState *Py_UNUSED(interp),
                              _PyCrossInterpreterData *data)
{
    if (data->data != NULL) {
        if (data->free != NULL) {
            data->free(data->data);
        }
        data->data = NULL;
    }
    Py_CLEAR(data->obj);
}

PyObject *
_PyCrossInterpreterData_NewObject(_PyCrossInterpreterData *data)
{
    return data->new_object(data);
}

static int
not_shareable(PyObject *obj)
{
    PyErr_Format(PyExc_ValueError, "%S does not support cross-interpreter data", obj);
    return -1;
}

/* 0 if the object can cross, -1 with ValueError if not. */
int
_PyObject_CheckCrossInterpreterData(PyObject *obj)
{
    if (_PyCrossInterpreterData_Lookup(obj) != NULL) {
        return 0;
    }
    return PyErr_Occurred() ? -1 : not_shareable(obj);
}

/* Fill `data` (all zero) from the object.  0, or -1 with an exception. */
int
_PyObject_GetCrossInterpreterData(PyObject *obj, _PyCrossInterpreterData *data)
{
    PyThreadState *tstate = _PyThreadState_GET();
    *data = (_PyCrossInterpreterData){0};
    Py_INCREF(obj);
    crossinterpdatafunc getdata = _PyCrossInterpreterData_Lookup(obj);
    if (getdata == NULL) {
        not_shareable(obj);
        Py_DECREF(obj);
        return -1;
    }
    int rc = getdata(tstate, obj, data);
    Py_DECREF(obj);
    if (rc != 0) {
        return -1;
    }
    if (data->interp < 0) {
        data->interp = tstate->interp->id;
    }
    if (data->new_object == NULL) {
        _PyCrossInterpreterData_Clear(tstate->interp, data);
        PyErr_SetString(PyExc_SystemError, "missing new_object func");
        return -1;
    }
    return 0;
}

static int
release_in_owner(void *arg)
{
    _PyCrossInterpreterData *data = arg;
    _PyCrossInterpreterData_Clear(NULL, data);
    PyMem_RawFree(data);
    return 0;
}

/* Release raw data here and the object where it belongs.  If `owned`, `data` itself is raw
   memory to free.  0; -1: its interpreter is gone, so nothing of its objects was touched. */
static int
release(_PyCrossInterpreterData *data, int owned)
{
    int rc = 0;
    PyThreadState *tstate = _PyThreadState_GET();
    if (data->obj == NULL || (tstate != NULL && tstate->interp->id == data->interp)) {
        /* Raw data can be freed anywhere. */
        _PyCrossInterpreterData_Clear(NULL, data);
    }
    else {
        _PyCrossInterpreterData *copy = PyMem_RawMalloc(sizeof(*copy));
        if (copy != NULL) {
            *copy = *data;
            if (_PyEval_AddPendingCallToID(data->interp, release_in_owner, copy) < 0) {
                /* It ends or has ended: its heap goes with the object. */
                PyMem_RawFree(copy);
                data->obj = NULL;
                _PyCrossInterpreterData_Clear(NULL, data);
                rc = -1;
            }
        }
        data->data = NULL;
        data->obj = NULL;
    }
    if (owned) {
        PyMem_RawFree(data);
    }
    return rc;
}

int
_PyCrossInterpreterData_Release(_PyCrossInterpreterData *data)
{
    return release(data, 0);
}

int
_PyCrossInterpreterData_ReleaseAndRawFree(_PyCrossInterpreterData *data)
{
    return release(data, 1);
}

/* ---- Exceptions --------------------------------------------------------- */

static char *
copy_text(PyObject *str)
{
    if (str == NULL) {
        PyErr_Clear();
        return NULL;
    }
    const char *utf8 = PyUnicode_AsUTF8(str);
    char *copy = utf8 != NULL ? _PyMem_RawStrdup(utf8) : NULL;
    PyErr_Clear();
    Py_DECREF(str);
    return copy;
}

/* traceback.format_exception() joined, or NULL (exception cleared). */
static PyObject *
format_traceback(PyObject *exc)
{
    PyObject *module = PyImport_ImportModule("traceback");
    if (module == NULL) {
        return NULL;
    }
    PyObject *lines = PyObject_CallMethod(module, "format_exception", "O", exc);
    Py_DECREF(module);
    if (lines == NULL) {
        return NULL;
    }
    PyObject *empty = PyUnicode_FromString("");
    PyObject *text = empty != NULL ? PyUnicode_Join(empty, lines) : NULL;
    Py_XDECREF(empty);
    Py_DECREF(lines);
    return text;
}

int
_PyCrossingError_Take(PyThreadState *tstate, struct _Py_crossing_error *error)
{
    PyObject *exc = _PyErr_GetRaisedException(tstate);
    assert(exc != NULL);
    error->type = copy_text(PyObject_Str((PyObject *)Py_TYPE(exc)));
    error->message = copy_text(PyObject_Str(exc));
    error->traceback = copy_text(format_traceback(exc));
    Py_DECREF(exc);
    return error->type != NULL ? 0 : -1;
}

void
_PyCrossingError_Raise(PyThreadState *tstate, struct _Py_crossing_error *error, PyObject *type)
{
    PyObject *exc = NULL;
    PyObject *text = NULL;
    if (error->type == NULL) {
        _PyErr_SetNone(tstate, type);
        return;
    }
    if (error->message != NULL && *error->message != '\0') {
        text = PyUnicode_FromFormat("%s: %s", error->type, error->message);
    }
    else if (error->message != NULL) {
        text = PyUnicode_FromFormat("%s: ", error->type);
    }
    else {
        text = PyUnicode_FromString(error->type);
    }
    if (text != NULL) {
        exc = PyObject_CallOneArg(type, text);
        Py_DECREF(text);
    }
    if (exc == NULL) {
        return;
    }
    if (error->traceback != NULL) {
        /* For those who want to see where it happened: exc.formatted. */
        PyObject *formatted = PyUnicode_FromString(error->traceback);
        if (formatted == NULL || PyObject_SetAttrString(exc, "formatted", formatted) < 0) {
            PyErr_Clear();
        }
        Py_XDECREF(formatted);
    }
    _PyErr_SetObject(tstate, type, exc);
    Py_DECREF(exc);
}

void
_PyCrossingError_Clear(struct _Py_crossing_error *error)
{
    PyMem_RawFree(error->type);
    PyMem_RawFree(error->message);
    PyMem_RawFree(error->traceback);
    *error = (struct _Py_crossing_error){NULL, NULL, NULL};
}
