/* The module _thread: locks, thread-local data, starting threads.

   lock     a PyThread_type_lock with a flag that says whether it is held.
   RLock    the same with owner and count; only the owner touches the count.
   _local   an object whose attributes live in a dict per thread.  The dict of the thread that
            looks is found by the object's key in the thread state's dict, which holds a small
            marker object.  The local owns the dicts, through the list of its markers; a marker
            dies with its thread and takes the dict along.

   A new thread gets its start-up record, in raw memory, and a thread state made by its
   parent.  If the interpreter ends before the thread has bound its state, the state's
   on_delete hook releases what the record refers to, and the thread finds the generation
   changed and returns.

   Written from the documentation of _thread and threading.  */

#include "Python.h"
#include "pycore_interp.h"      // PyInterpreterState
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_private_api.h" // _PyErr_Display()
#include "pycore_pystate.h"     // _PyThreadState_New()
#include "pycore_strings.h"     // _Py_ID()
#include "pycore_thread.h"      // _PyThread_AcquireLockWithSignals()
#include "structmember.h"       // PyMemberDef

#include <signal.h>
#include <stddef.h>

typedef struct {
    PyTypeObject *excepthook_type;
    PyTypeObject *lock_type;
    PyTypeObject *rlock_type;
    PyTypeObject *local_type;
    PyTypeObject *marker_type;
} thread_module_state;

static inline thread_module_state *
get_state(PyObject *module)
{
    return (thread_module_state *)PyModule_GetState(module);
}

#define ThreadError PyExc_RuntimeError
#define NO_TIMEOUT (-1 * (_PyTime_t)1000000000)

/* ---- lock --------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyThread_type_lock lock_lock;
    PyObject *in_weakreflist;
    char locked;
} lockobject;

/* Parse (blocking=True, timeout=-1) into a time-out for _PyThread_AcquireLockWithSignals. */
static int
parse_acquire(PyObject *args, PyObject *kwargs, _PyTime_t *timeout)
{
    static const char * const keywords[] = {"blocking", "timeout", NULL};
    int blocking = 1;
    PyObject *timeout_obj = NULL;
    *timeout = NO_TIMEOUT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|pO:acquire", (char **)keywords,
                                     &blocking, &timeout_obj)) {
        return -1;
    }
    if (timeout_obj != NULL
        && _PyTime_FromSecondsObject(timeout, timeout_obj, _PyTime_ROUND_TIMEOUT) < 0) {
        return -1;
    }
    if (!blocking && *timeout != NO_TIMEOUT) {
        PyErr_SetString(PyExc_ValueError,
                        "can't specify a timeout for a non-blocking call");
        return -1;
    }
    if (*timeout < 0 && *timeout != NO_TIMEOUT) {
        PyErr_SetString(PyExc_ValueError, "timeout value must be positive");
        return -1;
    }
    if (!blocking) {
        *timeout = 0;
    }
    else if (*timeout != NO_TIMEOUT
             && _PyTime_AsMicroseconds(*timeout, _PyTime_ROUND_TIMEOUT) > PY_TIMEOUT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "timeout value is too large");
        return -1;
    }
    return 0;
}

PyDoc_STRVAR(acquire_doc,
"acquire(blocking=True, timeout=-1) -> bool\n"
"(acquire_lock() is an obsolete synonym)\n"
"\n"
"Take the lock.  Without arguments, wait until it is free.  With blocking\n"
"false, do not wait; with a timeout, wait at most so many seconds.  Returns\n"
"whether the lock was taken.  The wait can be interrupted by a signal.");

static PyObject *
lock_acquire(lockobject *self, PyObject *args, PyObject *kwargs)
{
    _PyTime_t timeout;
    if (parse_acquire(args, kwargs, &timeout) < 0) {
        return NULL;
    }
    PyLockStatus status = _PyThread_AcquireLockWithSignals(self->lock_lock, timeout);
    if (status == PY_LOCK_INTR) {
        return NULL;
    }
    if (status == PY_LOCK_ACQUIRED) {
        self->locked = 1;
    }
    return PyBool_FromLong(status == PY_LOCK_ACQUIRED);
}

PyDoc_STRVAR(release_doc,
"release()\n"
"(release_lock() is an obsolete synonym)\n"
"\n"
"Release the lock, which must be held, though not by this thread.");

static PyObject *
lock_release(lockobject *self, PyObject *Py_UNUSED(unused))
{
    if (!self->locked) {
        PyErr_SetString(ThreadError, "release unlocked lock");
        return NULL;
    }
    self->locked = 0;
    PyThread_release_lock(self->lock_lock);
    Py_RETURN_NONE;
}

static PyObject *
lock_exit(lockobject *self, PyObject *Py_UNUSED(args))
{
    return lock_release(self, NULL);
}

PyDoc_STRVAR(locked_doc,
"locked() -> bool\n"
"(locked_lock() is an obsolete synonym)\n"
"\n"
"Tell whether the lock is held.");

static PyObject *
lock_locked(lockobject *self, PyObject *Py_UNUSED(unused))
{
    return PyBool_FromLong(self->locked);
}

static PyObject *
lock_repr(lockobject *self)
{
    return PyUnicode_FromFormat("<%s %s object at %p>", self->locked ? "locked" : "unlocked",
                                Py_TYPE(self)->tp_name, self);
}

static PyObject *
lock_at_fork_reinit(lockobject *self, PyObject *Py_UNUSED(unused))
{
    if (_PyThread_at_fork_reinit(&self->lock_lock) < 0) {
        PyErr_SetString(ThreadError, "failed to reinitialize lock at fork");
        return NULL;
    }
    self->locked = 0;
    Py_RETURN_NONE;
}

static int
type_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
lock_dealloc(lockobject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->in_weakreflist != NULL) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    if (self->lock_lock != NULL) {
        /* Destroying a semaphore that is held is not defined. */
        if (self->locked) {
            PyThread_release_lock(self->lock_lock);
        }
        PyThread_free_lock(self->lock_lock);
    }
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static const PyMethodDef lock_methods[] = {
    {"acquire_lock", _PyCFunction_CAST(lock_acquire), METH_VARARGS | METH_KEYWORDS, acquire_doc},
    {"acquire", _PyCFunction_CAST(lock_acquire), METH_VARARGS | METH_KEYWORDS, acquire_doc},
    {"release_lock", _PyCFunction_CAST(lock_release), METH_NOARGS, release_doc},
    {"release", _PyCFunction_CAST(lock_release), METH_NOARGS, release_doc},
    {"locked_lock", _PyCFunction_CAST(lock_locked), METH_NOARGS, locked_doc},
    {"locked", _PyCFunction_CAST(lock_locked), METH_NOARGS, locked_doc},
    {"__enter__", _PyCFunction_CAST(lock_acquire), METH_VARARGS | METH_KEYWORDS, acquire_doc},
    {"__exit__", _PyCFunction_CAST(lock_exit), METH_VARARGS, release_doc},
    {"_at_fork_reinit", _PyCFunction_CAST(lock_at_fork_reinit), METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL}
};

PyDoc_STRVAR(lock_doc,
"A lock: threading.Lock() makes one.  It is taken with acquire() and given back\n"
"with release(), or held for the time of a `with` statement.  It has no owner:\n"
"another thread may release it, and taking it twice waits for ever.");

static const PyMemberDef lock_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(lockobject, in_weakreflist), READONLY, NULL},
    {NULL, 0, 0, 0, NULL}
};

static const PyType_Slot lock_slots[] = {
    {Py_tp_dealloc, lock_dealloc},
    {Py_tp_repr, lock_repr},
    {Py_tp_doc, (void *)lock_doc},
    {Py_tp_methods, (void *)lock_methods},
    {Py_tp_traverse, type_traverse},
    {Py_tp_members, (void *)lock_members},
    {0, NULL}
};

static PyType_Spec lock_spec(void)
{
    return (PyType_Spec){
        .name = "_thread.lock",
        .basicsize = sizeof(lockobject),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION
                 | Py_TPFLAGS_IMMUTABLETYPE,
        .slots = (PyType_Slot *)lock_slots,
    };
}

static lockobject *
new_lock(PyTypeObject *type)
{
    lockobject *self = (lockobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->in_weakreflist = NULL;
    self->locked = 0;
    self->lock_lock = PyThread_allocate_lock();
    if (self->lock_lock == NULL) {
        Py_DECREF(self);
        PyErr_SetString(ThreadError, "can't allocate lock");
        return NULL;
    }
    return self;
}

/* ---- RLock -------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyThread_type_lock rlock_lock;
    unsigned long rlock_owner;      /* ident of the owner while count > 0 */
    unsigned long rlock_count;
    PyObject *in_weakreflist;
} rlockobject;

static inline int
rlock_is_mine(rlockobject *self)
{
    return self->rlock_count > 0 && self->rlock_owner == PyThread_get_thread_ident();
}

PyDoc_STRVAR(rlock_acquire_doc,
"acquire(blocking=True, timeout=-1) -> bool\n"
"\n"
"Take the lock.  If this thread has it already, count up and return True at\n"
"once.  Otherwise wait as a plain lock does.");

static PyObject *
rlock_acquire(rlockobject *self, PyObject *args, PyObject *kwargs)
{
    _PyTime_t timeout;
    if (parse_acquire(args, kwargs, &timeout) < 0) {
        return NULL;
    }
    if (rlock_is_mine(self)) {
        if (self->rlock_count == ULONG_MAX) {
            PyErr_SetString(PyExc_OverflowError, "Internal lock count overflowed");
            return NULL;
        }
        self->rlock_count++;
        Py_RETURN_TRUE;
    }
    PyLockStatus status = _PyThread_AcquireLockWithSignals(self->rlock_lock, timeout);
    if (status == PY_LOCK_INTR) {
        return NULL;
    }
    if (status == PY_LOCK_ACQUIRED) {
        assert(self->rlock_count == 0);
        self->rlock_owner = PyThread_get_thread_ident();
        self->rlock_count = 1;
    }
    return PyBool_FromLong(status == PY_LOCK_ACQUIRED);
}

PyDoc_STRVAR(rlock_release_doc,
"release()\n"
"\n"
"Count down, and release the lock at zero.  Only the owner may call this.");

static PyObject *
rlock_release(rlockobject *self, PyObject *Py_UNUSED(unused))
{
    if (!rlock_is_mine(self)) {
        PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
        return NULL;
    }
    if (--self->rlock_count == 0) {
        self->rlock_owner = 0;
        PyThread_release_lock(self->rlock_lock);
    }
    Py_RETURN_NONE;
}

static PyObject *
rlock_exit(rlockobject *self, PyObject *Py_UNUSED(args))
{
    return rlock_release(self, NULL);
}

PyDoc_STRVAR(rlock_acquire_restore_doc,
"_acquire_restore(state)\n"
"\n"
"For threading.Condition: take the lock and restore count and owner.");

static PyObject *
rlock_acquire_restore(rlockobject *self, PyObject *args)
{
    unsigned long count, owner;
    if (!PyArg_ParseTuple(args, "(kk):_acquire_restore", &count, &owner)) {
        return NULL;
    }
    int taken = PyThread_acquire_lock(self->rlock_lock, NOWAIT_LOCK);
    if (!taken) {
        Py_BEGIN_ALLOW_THREADS
        taken = PyThread_acquire_lock(self->rlock_lock, WAIT_LOCK);
        Py_END_ALLOW_THREADS
    }
    if (!taken) {
        PyErr_SetString(ThreadError, "couldn't acquire lock");
        return NULL;
    }
    assert(self->rlock_count == 0);
    self->rlock_owner = owner;
    self->rlock_count = count;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(rlock_release_save_doc,
"_release_save() -> tuple\n"
"\n"
"For threading.Condition: release the lock whatever the count, and return\n"
"count and owner.");

static PyObject *
rlock_release_save(rlockobject *self, PyObject *Py_UNUSED(unused))
{
    if (self->rlock_count == 0) {
        PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
        return NULL;
    }
    unsigned long count = self->rlock_count, owner = self->rlock_owner;
    PyObject *result = Py_BuildValue("kk", count, owner);
    if (result == NULL) {
        return NULL;
    }
    self->rlock_count = 0;
    self->rlock_owner = 0;
    PyThread_release_lock(self->rlock_lock);
    return result;
}

PyDoc_STRVAR(rlock_recursion_count_doc,
"_recursion_count() -> int\n"
"\n"
"Return how often this thread has taken the lock.");

static PyObject *
rlock_recursion_count(rlockobject *self, PyObject *Py_UNUSED(unused))
{
    return PyLong_FromUnsignedLong(rlock_is_mine(self) ? self->rlock_count : 0);
}

PyDoc_STRVAR(rlock_is_owned_doc,
"_is_owned() -> bool\n"
"\n"
"Tell whether this thread has the lock.");

static PyObject *
rlock_is_owned(rlockobject *self, PyObject *Py_UNUSED(unused))
{
    return PyBool_FromLong(rlock_is_mine(self));
}

static PyObject *
rlock_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    rlockobject *self = (rlockobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->in_weakreflist = NULL;
    self->rlock_owner = 0;
    self->rlock_count = 0;
    self->rlock_lock = PyThread_allocate_lock();
    if (self->rlock_lock == NULL) {
        Py_DECREF(self);
        PyErr_SetString(ThreadError, "can't allocate lock");
        return NULL;
    }
    return (PyObject *)self;
}

static PyObject *
rlock_repr(rlockobject *self)
{
    return PyUnicode_FromFormat("<%s %s object owner=%lu count=%lu at %p>",
                                self->rlock_count ? "locked" : "unlocked",
                                Py_TYPE(self)->tp_name, self->rlock_owner,
                                self->rlock_count, self);
}

static PyObject *
rlock_at_fork_reinit(rlockobject *self, PyObject *Py_UNUSED(unused))
{
    if (_PyThread_at_fork_reinit(&self->rlock_lock) < 0) {
        PyErr_SetString(ThreadError, "failed to reinitialize lock at fork");
        return NULL;
    }
    self->rlock_owner = 0;
    self->rlock_count = 0;
    Py_RETURN_NONE;
}

static void
rlock_dealloc(rlockobject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->in_weakreflist != NULL) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    if (self->rlock_lock != NULL) {
        if (self->rlock_count > 0) {
            PyThread_release_lock(self->rlock_lock);
        }
        PyThread_free_lock(self->rlock_lock);
    }
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static const PyMethodDef rlock_methods[] = {
    {"acquire", _PyCFunction_CAST(rlock_acquire), METH_VARARGS | METH_KEYWORDS,
     rlock_acquire_doc},
    {"release", _PyCFunction_CAST(rlock_release), METH_NOARGS, rlock_release_doc},
    {"_is_owned", _PyCFunction_CAST(rlock_is_owned), METH_NOARGS, rlock_is_owned_doc},
    {"_acquire_restore", _PyCFunction_CAST(rlock_acquire_restore), METH_VARARGS,
     rlock_acquire_restore_doc},
    {"_release_save", _PyCFunction_CAST(rlock_release_save), METH_NOARGS,
     rlock_release_save_doc},
    {"_recursion_count", _PyCFunction_CAST(rlock_recursion_count), METH_NOARGS,
     rlock_recursion_count_doc},
    {"__enter__", _PyCFunction_CAST(rlock_acquire), METH_VARARGS | METH_KEYWORDS,
     rlock_acquire_doc},
    {"__exit__", _PyCFunction_CAST(rlock_exit), METH_VARARGS, rlock_release_doc},
    {"_at_fork_reinit", _PyCFunction_CAST(rlock_at_fork_reinit), METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL}
};

static const PyMemberDef rlock_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(rlockobject, in_weakreflist), READONLY, NULL},
    {NULL, 0, 0, 0, NULL}
};

static const PyType_Slot rlock_slots[] = {
    {Py_tp_dealloc, rlock_dealloc},
    {Py_tp_repr, rlock_repr},
    {Py_tp_methods, (void *)rlock_methods},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_new, rlock_new},
    {Py_tp_members, (void *)rlock_members},
    {Py_tp_traverse, type_traverse},
    {0, NULL}
};

static PyType_Spec rlock_spec(void)
{
    return (PyType_Spec){
        .name = "_thread.RLock",
        .basicsize = sizeof(rlockobject),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
                 | Py_TPFLAGS_IMMUTABLETYPE,
        .slots = (PyType_Slot *)rlock_slots,
    };
}

/* ---- _local ------------------------------------------------------------- */

struct local_s;

/* One thread's part of a local: lies in the thread state's dict. */
typedef struct marker_s {
    PyObject_HEAD
    struct local_s *owner;          /* borrowed; NULL when the local is gone */
    PyObject *dict;                 /* the attributes; owned on behalf of the local */
    PyObject *thread_dict;          /* borrowed: the dict this marker is in */
    struct marker_s *next;          /* list of the owner */
    struct marker_s *prev;
} markerobject;

typedef struct local_s {
    PyObject_HEAD
    PyObject *key;                  /* str, key in thread dicts */
    PyObject *args;                 /* for __init__ in each thread; tuple and dict or NULL */
    PyObject *kwargs;
    PyObject *weakreflist;
    markerobject *markers;          /* all threads' parts, borrowed */
} localobject;

static void
marker_unlink(markerobject *self)
{
    if (self->owner == NULL) {
        return;
    }
    if (self->prev != NULL) {
        self->prev->next = self->next;
    }
    else {
        assert(self->owner->markers == self);
        self->owner->markers = self->next;
    }
    if (self->next != NULL) {
        self->next->prev = self->prev;
    }
    self->owner = NULL;
    self->next = self->prev = NULL;
}

static void
marker_dealloc(markerobject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    marker_unlink(self);
    Py_CLEAR(self->dict);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static const PyType_Slot marker_slots[] = {
    {Py_tp_dealloc, marker_dealloc},
    {Py_tp_doc, "One thread's part of a thread-local object"},
    {0, NULL}
};

static PyType_Spec marker_spec(void)
{
    return (PyType_Spec){
        .name = "_thread._localdummy",
        .basicsize = sizeof(markerobject),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION
                 | Py_TPFLAGS_IMMUTABLETYPE,
        .slots = (PyType_Slot *)marker_slots,
    };
}

/* Make this thread's part.  Returns its dict (borrowed), or NULL with an exception. */
static PyObject *
local_add_part(localobject *self, thread_module_state *state, PyObject *thread_dict)
{
    markerobject *marker = (markerobject *)state->marker_type->tp_alloc(state->marker_type, 0);
    if (marker == NULL) {
        return NULL;
    }
    marker->dict = PyDict_New();
    if (marker->dict == NULL || PyDict_SetItem(thread_dict, self->key, (PyObject *)marker) < 0) {
        Py_DECREF(marker);
        return NULL;
    }
    marker->thread_dict = thread_dict;
    marker->owner = self;
    marker->next = self->markers;
    if (marker->next != NULL) {
        marker->next->prev = marker;
    }
    self->markers = marker;
    PyObject *dict = marker->dict;
    Py_DECREF(marker);              /* the thread's dict has it */
    return dict;
}

static PyModuleDef thread_module;

static thread_module_state *
state_of_type(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &thread_module);
    return module != NULL ? get_state(module) : NULL;
}

static PyObject *
current_thread_dict(void)
{
    PyObject *dict = PyThreadState_GetDict();
    if (dict == NULL) {
        PyErr_SetString(PyExc_SystemError, "Couldn't get thread-state dictionary");
    }
    return dict;
}

/* The dict of this thread (borrowed), made and initialised at the first use; NULL with an
   exception. */
static PyObject *
local_dict(localobject *self)
{
    PyObject *thread_dict = current_thread_dict();
    if (thread_dict == NULL) {
        return NULL;
    }
    markerobject *marker = (markerobject *)PyDict_GetItemWithError(thread_dict, self->key);
    if (marker != NULL) {
        if (marker->dict == NULL) {
            PyErr_SetString(PyExc_SystemError, "thread-local object was cleared");
        }
        return marker->dict;
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    thread_module_state *state = state_of_type(Py_TYPE(self));
    if (state == NULL) {
        return NULL;
    }
    PyObject *dict = local_add_part(self, state, thread_dict);
    if (dict == NULL) {
        return NULL;
    }
    initproc init = Py_TYPE(self)->tp_init;
    if (init != PyBaseObject_Type.tp_init
        && init((PyObject *)self, self->args, self->kwargs) < 0) {
        /* Nobody should see an object that is half initialised. */
        PyObject *exc = PyErr_GetRaisedException();
        if (PyDict_DelItem(thread_dict, self->key) < 0) {
            PyErr_Clear();
        }
        PyErr_SetRaisedException(exc);
        return NULL;
    }
    return dict;
}

static PyObject *
local_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (type->tp_init == PyBaseObject_Type.tp_init
        && ((args != NULL && PyObject_IsTrue(args)) || (kwargs != NULL && PyObject_IsTrue(kwargs))))
    {
        PyErr_SetString(PyExc_TypeError, "Initialization arguments are not supported");
        return NULL;
    }
    thread_module_state *state = state_of_type(type);
    PyObject *thread_dict = current_thread_dict();
    if (state == NULL || thread_dict == NULL) {
        return NULL;
    }
    localobject *self = (localobject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->args = Py_XNewRef(args);
    self->kwargs = Py_XNewRef(kwargs);
    self->key = PyUnicode_FromFormat("thread.local.%p", self);
    if (self->key == NULL || local_add_part(self, state, thread_dict) == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static int
local_traverse(localobject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->args);
    Py_VISIT(self->kwargs);
    for (markerobject *marker = self->markers; marker != NULL; marker = marker->next) {
        Py_VISIT(marker->dict);
    }
    return 0;
}

/* Empty the dicts of all threads and take the markers out of their dicts. */
static void
local_drop_parts(localobject *self)
{
    while (self->markers != NULL) {
        markerobject *marker = self->markers;
        PyObject *thread_dict = marker->thread_dict;
        marker_unlink(marker);
        Py_INCREF(marker);
        Py_INCREF(thread_dict);
        Py_CLEAR(marker->dict);
        if (self->key != NULL && PyDict_DelItem(thread_dict, self->key) < 0) {
            PyErr_Clear();
        }
        Py_DECREF(thread_dict);
        Py_DECREF(marker);
    }
}

static int
local_clear(localobject *self)
{
    Py_CLEAR(self->args);
    Py_CLEAR(self->kwargs);
    local_drop_parts(self);
    return 0;
}

static void
local_dealloc(localobject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    PyObject *exc = PyErr_GetRaisedException();
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    local_clear(self);
    Py_XDECREF(self->key);
    PyErr_SetRaisedException(exc);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static PyObject *
local_getattro(localobject *self, PyObject *name)
{
    PyObject *dict = local_dict(self);
    if (dict == NULL) {
        return NULL;
    }
    if (PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, "__dict__") == 0) {
        return Py_NewRef(dict);
    }
    Py_INCREF(dict);        /* what the lookup runs may end the local */
    PyObject *value = _PyObject_GenericGetAttrWithDict((PyObject *)self, name, dict, 0);
    Py_DECREF(dict);
    return value;
}

static int
local_setattro(localobject *self, PyObject *name, PyObject *value)
{
    PyObject *dict = local_dict(self);
    if (dict == NULL) {
        return -1;
    }
    if (PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, "__dict__") == 0) {
        PyErr_Format(PyExc_AttributeError, "'%.100s' object attribute '%U' is read-only",
                     Py_TYPE(self)->tp_name, name);
        return -1;
    }
    Py_INCREF(dict);
    int rc = _PyObject_GenericSetAttrWithDict((PyObject *)self, name, value, dict);
    Py_DECREF(dict);
    return rc;
}

static const PyMemberDef local_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(localobject, weakreflist), READONLY, NULL},
    {NULL, 0, 0, 0, NULL}
};

static const PyType_Slot local_slots[] = {
    {Py_tp_dealloc, local_dealloc},
    {Py_tp_getattro, local_getattro},
    {Py_tp_setattro, local_setattro},
    {Py_tp_doc, "Thread-local data"},
    {Py_tp_traverse, local_traverse},
    {Py_tp_clear, local_clear},
    {Py_tp_new, local_new},
    {Py_tp_members, (void *)local_members},
    {0, NULL}
};

static PyType_Spec local_spec(void)
{
    return (PyType_Spec){
        .name = "_thread._local",
        .basicsize = sizeof(localobject),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
                 | Py_TPFLAGS_IMMUTABLETYPE,
        .slots = (PyType_Slot *)local_slots,
    };
}

/* ---- Starting threads --------------------------------------------------- */

struct bootstate {
    PyThreadState *tstate;
    uint64_t generation;        /* of tstate, when it was made */
    PyObject *func;             /* NULL once released */
    PyObject *args;
    PyObject *kwargs;
};

static void
boot_release(struct bootstate *boot)
{
    Py_CLEAR(boot->func);
    Py_CLEAR(boot->args);
    Py_CLEAR(boot->kwargs);
}

/* on_delete hook of a state whose thread has not begun yet. */
static void
boot_abandoned(void *boot)
{
    boot_release(boot);
}

static void
thread_run(void *arg)
{
    struct bootstate *boot = arg;
    PyThreadState *tstate = boot->tstate;
    if (!_PyThreadState_BindIfLive(tstate, boot->generation)) {
        PyMem_RawFree(boot);        /* the interpreter ended first; it has released the rest */
        return;
    }
    PyEval_AcquireThread(tstate);
    PyInterpreterState *interp = tstate->interp;
    tstate->on_delete = NULL;
    tstate->on_delete_data = NULL;
    interp->threads.count++;
    PyObject *result = PyObject_Call(boot->func, boot->args, boot->kwargs);
    if (result == NULL) {
        if (PyErr_ExceptionMatches(PyExc_SystemExit)) {
            PyErr_Clear();
        }
        else {
            _PyErr_WriteUnraisableMsg("in thread started by", boot->func);
        }
    }
    else {
        Py_DECREF(result);
    }
    boot_release(boot);
    PyMem_RawFree(boot);
    interp->threads.count--;
    PyThreadState_Clear(tstate);
    _PyThreadState_DeleteCurrent(tstate);
}

static int
may_start_thread(PyInterpreterState *interp)
{
    if (!_PyInterpreterState_HasFeature(interp, Py_RTFLAGS_THREADS)) {
        PyErr_SetString(PyExc_RuntimeError,
                        "thread is not supported for isolated subinterpreters");
        return 0;
    }
    if (__atomic_load_n(&interp->stage, __ATOMIC_RELAXED) >= _INTERP_EXITING) {
        PyErr_SetString(PyExc_RuntimeError, "can't create new thread at interpreter shutdown");
        return 0;
    }
    return 1;
}

PyDoc_STRVAR(start_new_doc,
"start_new_thread(function, args[, kwargs])\n"
"(start_new() is an obsolete synonym)\n"
"\n"
"Start a thread that calls the function with the positional arguments of a\n"
"tuple and the keyword arguments of a dict; return its identifier.  What the\n"
"function returns is ignored; an exception other than SystemExit is printed.");

static PyObject *
thread_start_new_thread(PyObject *Py_UNUSED(module), PyObject *fargs)
{
    PyObject *func, *args, *kwargs = NULL;
    if (!PyArg_UnpackTuple(fargs, "start_new_thread", 2, 3, &func, &args, &kwargs)) {
        return NULL;
    }
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "first arg must be callable");
        return NULL;
    }
    if (!PyTuple_Check(args)) {
        PyErr_SetString(PyExc_TypeError, "2nd arg must be a tuple");
        return NULL;
    }
    if (kwargs != NULL && !PyDict_Check(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "optional 3rd arg must be a dictionary");
        return NULL;
    }
    if (PySys_Audit("_thread.start_new_thread", "OOO", func, args,
                    kwargs != NULL ? kwargs : Py_None) < 0) {
        return NULL;
    }
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (!may_start_thread(interp)) {
        return NULL;
    }
    struct bootstate *boot = PyMem_RawMalloc(sizeof(*boot));
    if (boot == NULL) {
        return PyErr_NoMemory();
    }
    boot->tstate = _PyThreadState_New(interp);
    if (boot->tstate == NULL) {
        PyMem_RawFree(boot);
        return PyErr_NoMemory();
    }
    boot->generation = _PyThreadState_IMPL(boot->tstate)->generation;
    boot->func = Py_NewRef(func);
    boot->args = Py_NewRef(args);
    boot->kwargs = Py_XNewRef(kwargs);
    boot->tstate->on_delete = boot_abandoned;
    boot->tstate->on_delete_data = boot;
    unsigned long ident = PyThread_start_new_thread(thread_run, boot);
    if (ident == PYTHREAD_INVALID_THREAD_ID) {
        PyErr_SetString(ThreadError, "can't start new thread");
        PyThreadState_Clear(boot->tstate);      /* releases what boot refers to */
        PyThreadState_Delete(boot->tstate);
        PyMem_RawFree(boot);
        return NULL;
    }
    return PyLong_FromUnsignedLong(ident);
}

/* ---- Other functions ---------------------------------------------------- */

PyDoc_STRVAR(exit_doc,
"exit()\n"
"(exit_thread() is an obsolete synonym)\n"
"\n"
"Raise SystemExit, which ends the thread quietly unless it is caught.");

static PyObject *
thread_exit(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    PyErr_SetNone(PyExc_SystemExit);
    return NULL;
}

PyDoc_STRVAR(interrupt_doc,
"interrupt_main(signum=signal.SIGINT, /)\n"
"\n"
"Simulate the arrival of a signal; its handler runs in the main thread.");

static PyObject *
thread_interrupt_main(PyObject *Py_UNUSED(module), PyObject *args)
{
    int signum = SIGINT;
    if (!PyArg_ParseTuple(args, "|i:signum", &signum)) {
        return NULL;
    }
    if (PyErr_SetInterruptEx(signum) < 0) {
        PyErr_SetString(PyExc_ValueError, "signal number out of range");
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(allocate_doc,
"allocate_lock() -> lock object\n"
"(allocate() is an obsolete synonym)\n"
"\n"
"Make a lock.");

static PyObject *
thread_allocate_lock(PyObject *module, PyObject *Py_UNUSED(unused))
{
    return (PyObject *)new_lock(get_state(module)->lock_type);
}

PyDoc_STRVAR(get_ident_doc,
"get_ident() -> integer\n"
"\n"
"Return a number that tells this thread from all others that exist now.");

static PyObject *
thread_get_ident(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    return PyLong_FromUnsignedLong(PyThread_get_thread_ident());
}

PyDoc_STRVAR(get_native_id_doc,
"get_native_id() -> integer\n"
"\n"
"Return the number by which the system knows this thread.");

static PyObject *
thread_get_native_id(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    return PyLong_FromUnsignedLong(PyThread_get_thread_native_id());
}

PyDoc_STRVAR(count_doc,
"_count() -> integer\n"
"\n"
"Return the number of threads that were started by start_new_thread() in this\n"
"interpreter and still run.");

static PyObject *
thread_count(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    return PyLong_FromLong(_PyInterpreterState_GET()->threads.count);
}

/* on_delete hook: the thread's state is deleted. */
static void
release_sentinel(void *weakref)
{
    PyObject *wr = weakref;
    PyObject *obj = PyWeakref_GET_OBJECT(wr);
    if (obj != Py_None) {
        lockobject *lock = (lockobject *)obj;
        if (lock->locked) {
            lock->locked = 0;
            PyThread_release_lock(lock->lock_lock);
        }
    }
    Py_DECREF(wr);
}

PyDoc_STRVAR(set_sentinel_doc,
"_set_sentinel() -> lock\n"
"\n"
"For threading: a lock that is released when this thread's state is deleted.");

static PyObject *
thread_set_sentinel(PyObject *module, PyObject *Py_UNUSED(unused))
{
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate->on_delete_data != NULL) {
        /* Set before: after a fork, or by a second call. */
        assert(tstate->on_delete == release_sentinel);
        PyObject *wr = tstate->on_delete_data;
        tstate->on_delete = NULL;
        tstate->on_delete_data = NULL;
        Py_DECREF(wr);
    }
    lockobject *lock = new_lock(get_state(module)->lock_type);
    if (lock == NULL) {
        return NULL;
    }
    PyObject *wr = PyWeakref_NewRef((PyObject *)lock, NULL);
    if (wr == NULL) {
        Py_DECREF(lock);
        return NULL;
    }
    tstate->on_delete_data = wr;
    tstate->on_delete = release_sentinel;
    return (PyObject *)lock;
}

PyDoc_STRVAR(stack_size_doc,
"stack_size([size]) -> size\n"
"\n"
"Return the stack size of new threads, and set another: 0 for the system's,\n"
"or at least 32768 bytes.  A size that cannot be used raises ValueError and\n"
"changes nothing.");

static PyObject *
thread_stack_size(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_ssize_t size = 0;
    if (!PyArg_ParseTuple(args, "|n:stack_size", &size)) {
        return NULL;
    }
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "size must be 0 or a positive value");
        return NULL;
    }
    size_t old = PyThread_get_stacksize();
    int rc = PyThread_set_stacksize((size_t)size);
    if (rc == -1) {
        PyErr_Format(PyExc_ValueError, "size not valid: %zd bytes", size);
        return NULL;
    }
    if (rc == -2) {
        PyErr_SetString(ThreadError, "setting stack size not supported");
        return NULL;
    }
    return PyLong_FromSsize_t((Py_ssize_t)old);
}

PyDoc_STRVAR(daemon_threads_allowed_doc,
"daemon_threads_allowed()\n"
"\n"
"Tell whether this interpreter may have daemon threads.");

static PyObject *
thread_daemon_threads_allowed(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    return PyBool_FromLong(_PyInterpreterState_HasFeature(_PyInterpreterState_GET(),
                                                          Py_RTFLAGS_DAEMON_THREADS));
}

PyDoc_STRVAR(is_main_interpreter_doc,
"_is_main_interpreter()\n"
"\n"
"Tell whether this is the main interpreter.");

static PyObject *
thread_is_main_interpreter(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    return PyBool_FromLong(_Py_IsMainInterpreter(_PyInterpreterState_GET()));
}

/* ---- Uncaught exceptions ------------------------------------------------ */

/* Print "Exception in thread NAME:" and the traceback.  -1 with an exception. */
static int
print_thread_exception(PyObject *file, PyObject *exc_type, PyObject *exc_value,
                       PyObject *exc_tb, PyObject *thread)
{
    if (PyFile_WriteString("Exception in thread ", file) < 0) {
        return -1;
    }
    PyObject *name = NULL;
    if (thread != Py_None
        && _PyObject_LookupAttr(thread, &_Py_ID(name), &name) < 0) {
        return -1;
    }
    if (name == NULL) {
        name = PyUnicode_FromFormat("%lu", PyThread_get_thread_ident());
        if (name == NULL) {
            return -1;
        }
    }
    int rc = PyFile_WriteObject(name, file, Py_PRINT_RAW);
    Py_DECREF(name);
    if (rc < 0) {
        if (thread == Py_None) {
            return -1;
        }
        PyErr_Clear();
        if (PyFile_WriteString("<failed to get thread name>", file) < 0) {
            return -1;
        }
    }
    if (PyFile_WriteString(":\n", file) < 0) {
        return -1;
    }
    _PyErr_Display(file, exc_type, exc_value, exc_tb);
    PyObject *result = PyObject_CallMethod(file, "flush", NULL);
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

PyDoc_STRVAR(excepthook_doc,
"_excepthook((exc_type, exc_value, exc_traceback, thread))\n"
"\n"
"Print an exception that was not caught in a thread.");

static PyObject *
thread_excepthook(PyObject *module, PyObject *args)
{
    thread_module_state *state = get_state(module);
    if (!Py_IS_TYPE(args, state->excepthook_type)) {
        PyErr_SetString(PyExc_TypeError, "_thread.excepthook argument type must be ExceptHookArgs");
        return NULL;
    }
    PyObject *exc_type = PyStructSequence_GET_ITEM(args, 0);
    if (exc_type == PyExc_SystemExit) {
        Py_RETURN_NONE;
    }
    PyObject *exc_value = PyStructSequence_GET_ITEM(args, 1);
    PyObject *exc_tb = PyStructSequence_GET_ITEM(args, 2);
    PyObject *thread = PyStructSequence_GET_ITEM(args, 3);
    PyObject *file = Py_XNewRef(PySys_GetObject("stderr"));
    if (file == NULL || file == Py_None) {
        Py_XDECREF(file);
        if (thread == Py_None) {
            Py_RETURN_NONE;         /* nowhere to print it */
        }
        file = PyObject_GetAttrString(thread, "_stderr");
        if (file == NULL) {
            return NULL;
        }
        if (file == Py_None) {
            return file;
        }
    }
    int rc = print_thread_exception(file, exc_type, exc_value, exc_tb, thread);
    Py_DECREF(file);
    if (rc < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static const PyStructSequence_Field excepthook_fields[] = {
    {"exc_type", "Exception type"},
    {"exc_value", "Exception value"},
    {"exc_traceback", "Exception traceback"},
    {"thread", "Thread"},
    {NULL, NULL}
};

/* ---- The module --------------------------------------------------------- */

static const PyMethodDef thread_methods[] = {
    {"start_new_thread", thread_start_new_thread, METH_VARARGS, start_new_doc},
    {"start_new", thread_start_new_thread, METH_VARARGS, start_new_doc},
    {"daemon_threads_allowed", thread_daemon_threads_allowed, METH_NOARGS,
     daemon_threads_allowed_doc},
    {"allocate_lock", thread_allocate_lock, METH_NOARGS, allocate_doc},
    {"allocate", thread_allocate_lock, METH_NOARGS, allocate_doc},
    {"exit_thread", thread_exit, METH_NOARGS, exit_doc},
    {"exit", thread_exit, METH_NOARGS, exit_doc},
    {"interrupt_main", thread_interrupt_main, METH_VARARGS, interrupt_doc},
    {"get_ident", thread_get_ident, METH_NOARGS, get_ident_doc},
    {"get_native_id", thread_get_native_id, METH_NOARGS, get_native_id_doc},
    {"_count", thread_count, METH_NOARGS, count_doc},
    {"stack_size", thread_stack_size, METH_VARARGS, stack_size_doc},
    {"_set_sentinel", thread_set_sentinel, METH_NOARGS, set_sentinel_doc},
    {"_excepthook", thread_excepthook, METH_O, excepthook_doc},
    {"_is_main_interpreter", thread_is_main_interpreter, METH_NOARGS, is_main_interpreter_doc},
    {NULL, NULL, 0, NULL}
};

static PyTypeObject *
make_type(PyObject *module, PyType_Spec spec)
{
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}

static int
make_types(PyObject *module, thread_module_state *state)
{
    PyStructSequence_Desc desc = {
        .name = "_thread._ExceptHookArgs",
        .doc = "ExceptHookArgs\n\nWhat threading.excepthook is called with.",
        .fields = (PyStructSequence_Field *)excepthook_fields,
        .n_in_sequence = 4,
    };
    state->lock_type = make_type(module, lock_spec());
    state->rlock_type = make_type(module, rlock_spec());
    state->marker_type = make_type(module, marker_spec());
    state->local_type = make_type(module, local_spec());
    if (state->lock_type == NULL || state->rlock_type == NULL || state->marker_type == NULL
        || state->local_type == NULL) {
        return -1;
    }
    state->excepthook_type = PyStructSequence_NewType(&desc);
    return state->excepthook_type != NULL ? 0 : -1;
}

static int
thread_exec(PyObject *module)
{
    thread_module_state *state = get_state(module);
    if (make_types(module, state) < 0
        || PyModule_AddObjectRef(module, "LockType", (PyObject *)state->lock_type) < 0
        || PyModule_AddType(module, state->rlock_type) < 0
        || PyModule_AddType(module, state->local_type) < 0
        || PyModule_AddType(module, state->excepthook_type) < 0
        || PyModule_AddObjectRef(module, "error", ThreadError) < 0)
    {
        return -1;
    }
    /* The longest time-out that a double and a lock can hold: whole seconds. */
    double timeout_max = (double)PY_TIMEOUT_MAX * 1e-6;
    double time_max = _PyTime_AsSecondsDouble(_PyTime_MAX);
    if (time_max < timeout_max) {
        timeout_max = time_max;
    }
    timeout_max = (double)(long long)timeout_max;
    PyObject *value = PyFloat_FromDouble(timeout_max);
    int rc = value != NULL ? PyModule_AddObjectRef(module, "TIMEOUT_MAX", value) : -1;
    Py_XDECREF(value);
    return rc;
}

static int
thread_traverse(PyObject *module, visitproc visit, void *arg)
{
    thread_module_state *state = get_state(module);
    Py_VISIT(state->excepthook_type);
    Py_VISIT(state->lock_type);
    Py_VISIT(state->rlock_type);
    Py_VISIT(state->local_type);
    Py_VISIT(state->marker_type);
    return 0;
}

static int
thread_clear(PyObject *module)
{
    thread_module_state *state = get_state(module);
    Py_CLEAR(state->excepthook_type);
    Py_CLEAR(state->lock_type);
    Py_CLEAR(state->rlock_type);
    Py_CLEAR(state->local_type);
    Py_CLEAR(state->marker_type);
    return 0;
}

static void
thread_free(void *module)
{
    (void)thread_clear((PyObject *)module);
}

PyDoc_STRVAR(thread_doc,
"The primitives of threads: starting them, locks, thread-local data.\n"
"The module threading makes them convenient.");

static const PyModuleDef_Slot thread_slots[] = {
    {Py_mod_exec, thread_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

_Py_SHARED static PyModuleDef thread_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_thread",
    .m_doc = thread_doc,
    .m_size = sizeof(thread_module_state),
    .m_methods = (PyMethodDef *)thread_methods,
    .m_slots = (PyModuleDef_Slot *)thread_slots,
    .m_traverse = thread_traverse,
    .m_clear = thread_clear,
    .m_free = thread_free,
};

PyMODINIT_FUNC
PyInit__thread(void)
{
    return PyModuleDef_Init(&thread_module);
}
