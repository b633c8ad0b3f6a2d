/* The module _queue: SimpleQueue, an unbounded queue between threads.
 *
 * Protocol: items lie in a ring, used under the GIL.  A thread that finds the ring empty takes the
 * lock, and a second try blocks until somebody releases it: put() does, when `taken` says that the
 * lock was taken, and so does a get() that leaves with an item, for the next waiting thread.  The
 * lock may change hands between threads; it belongs to the queue.
 *
 * put() runs no foreign code and blocks on nothing, so it may be called from signal handlers and
 * destructors, even in the middle of another call.
 *
 * Written from the library reference (queue) and observed messages.
 */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"
#include "structmember.h"       // PyMemberDef

#include <stdbool.h>
#include <stddef.h>

#define INITIAL_SIZE 8

typedef struct {
    PyTypeObject *queue_type;
    PyObject *empty_error;
} queue_state;

typedef struct {
    PyObject_HEAD
    PyObject **items;           /* a ring of `allocated` places, a power of two */
    Py_ssize_t allocated, first, count;
    PyThread_type_lock lock;
    bool taken;                 /* the lock is held on behalf of the queue */
    PyObject *weakreflist;
} SimpleQueue;

static struct PyModuleDef queue_module;

static inline queue_state *
get_state(PyObject *module)
{
    queue_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

#include "sig/_queuemodule.sig.h"

/* --- The ring --------------------------------------------------------------------------------- */

/* Change the number of places; 0, or -1 with MemoryError. */
static int
ring_resize(SimpleQueue *self, Py_ssize_t allocated)
{
    assert(allocated >= self->count && (allocated & (allocated - 1)) == 0);
    if ((size_t)allocated > PY_SSIZE_T_MAX / sizeof(PyObject *)) {
        PyErr_NoMemory();
        return -1;
    }
    PyObject **items = PyMem_Malloc((size_t)allocated * sizeof(PyObject *));
    if (items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < self->count; i++) {
        items[i] = self->items[(self->first + i) & (self->allocated - 1)];
    }
    PyMem_Free(self->items);
    self->items = items;
    self->allocated = allocated;
    self->first = 0;
    return 0;
}

static int
ring_put(SimpleQueue *self, PyObject *item)
{
    if (self->count == self->allocated && ring_resize(self, 2 * self->allocated) < 0) {
        return -1;
    }
    self->items[(self->first + self->count++) & (self->allocated - 1)] = Py_NewRef(item);
    return 0;
}

/* The first item; the ring's reference goes to the caller. */
static PyObject *
ring_get(SimpleQueue *self)
{
    assert(self->count > 0);
    PyObject *item = self->items[self->first];
    self->first = (self->first + 1) & (self->allocated - 1);
    self->count--;
    if (self->allocated > INITIAL_SIZE && self->count <= self->allocated / 4
        && ring_resize(self, self->allocated / 2) < 0)
    {
        PyErr_Clear();          /* it stays too large */
    }
    return item;
}

/* --- Life ------------------------------------------------------------------------------------- */

static PyObject *
simplequeue_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    queue_state *state = get_state(PyType_GetModuleByDef(type, &queue_module));
    if (type == state->queue_type || type->tp_init == state->queue_type->tp_init) {
        if (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0) {
            PyErr_SetString(PyExc_TypeError, "SimpleQueue() takes no keyword arguments");
            return NULL;
        }
        if (PyTuple_GET_SIZE(args) != 0) {
            PyErr_SetString(PyExc_TypeError, "SimpleQueue() takes no positional arguments");
            return NULL;
        }
    }
    SimpleQueue *self = (SimpleQueue *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->lock = PyThread_allocate_lock();
    if (self->lock == NULL) {
        PyErr_SetString(PyExc_MemoryError, "can't allocate lock");
        Py_DECREF(self);
        return NULL;
    }
    if (ring_resize(self, INITIAL_SIZE) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static int
simplequeue_traverse(SimpleQueue *self, visitproc visit, void *arg)
{
    for (Py_ssize_t i = 0; i < self->count; i++) {
        Py_VISIT(self->items[(self->first + i) & (self->allocated - 1)]);
    }
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static int
simplequeue_clear(SimpleQueue *self)
{
    /* Items may put others while they go away: those are left to the next time. */
    for (Py_ssize_t n = self->count; n > 0 && self->count > 0; n--) {
        Py_DECREF(ring_get(self));
    }
    return 0;
}

static void
simplequeue_dealloc(SimpleQueue *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    simplequeue_clear(self);
    PyMem_Free(self->items);
    if (self->lock != NULL) {
        if (self->taken) {
            PyThread_release_lock(self->lock);
        }
        PyThread_free_lock(self->lock);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

/* --- Methods ---------------------------------------------------------------------------------- */

static void
wake_one(SimpleQueue *self)
{
    if (self->taken) {
        self->taken = false;
        PyThread_release_lock(self->lock);
    }
}

/*sig _queue.SimpleQueue.put(self, item, block: bool = True, timeout: object = None) -> None

Put the item on the queue.

The optional 'block' and 'timeout' arguments are ignored, as this method
never blocks.  They are provided for compatibility with the Queue class.
*/
static int
_queue_SimpleQueue_put_impl(SimpleQueue *self, PyObject *item, int Py_UNUSED(block),
                            PyObject *Py_UNUSED(timeout))
{
    if (ring_put(self, item) < 0) {
        return -1;
    }
    wake_one(self);
    return 0;
}

/*sig _queue.SimpleQueue.put_nowait(self, item) -> None

Put an item into the queue without blocking.

This is exactly equivalent to `put(item)` and is only provided
for compatibility with the Queue class.
*/
static int
_queue_SimpleQueue_put_nowait_impl(SimpleQueue *self, PyObject *item)
{
    return _queue_SimpleQueue_put_impl(self, item, 0, Py_None);
}

/* When to give up, if *limited.  0, or -1 with an exception. */
static int
parse_timeout(PyObject *timeout, _PyTime_t *deadline, bool *limited)
{
    *limited = timeout != Py_None;
    *deadline = 0;
    if (!*limited) {
        return 0;
    }
    _PyTime_t span;
    if (_PyTime_FromSecondsObject(&span, timeout, _PyTime_ROUND_CEILING) < 0) {
        return -1;
    }
    if (span < 0) {
        PyErr_SetString(PyExc_ValueError, "'timeout' must be a non-negative number");
        return -1;
    }
    if (_PyTime_AsMicroseconds(span, _PyTime_ROUND_CEILING) > PY_TIMEOUT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "timeout value is too large");
        return -1;
    }
    *deadline = _PyDeadline_Init(span);
    return 0;
}

/* Take the lock, waiting for it until the deadline; signals are handled meanwhile.
 * 1, 0 when the time is over, -1 with an exception. */
static int
wait_for_lock(SimpleQueue *self, _PyTime_t deadline, bool limited)
{
    PyLockStatus status = PyThread_acquire_lock_timed(self->lock, 0, 0);
    while (status != PY_LOCK_ACQUIRED) {
        long long microseconds = -1;
        if (limited) {
            _PyTime_t left = _PyDeadline_Get(deadline);
            if (left < 0) {
                return 0;
            }
            microseconds = _PyTime_AsMicroseconds(left, _PyTime_ROUND_CEILING);
        }
        Py_BEGIN_ALLOW_THREADS
        status = PyThread_acquire_lock_timed(self->lock, microseconds, 1);
        Py_END_ALLOW_THREADS
        if (status == PY_LOCK_INTR && Py_MakePendingCalls() < 0) {
            return -1;
        }
        if (status == PY_LOCK_FAILURE && limited) {
            return 0;
        }
    }
    self->taken = true;
    return 1;
}

/*sig _queue.SimpleQueue.get(self, cls: defining_class, block: bool = True,
                             timeout: object = None)

Remove and return an item from the queue.

If optional args 'block' is true and 'timeout' is None (the default),
block if necessary until an item is available. If 'timeout' is
a non-negative number, it blocks at most 'timeout' seconds and raises
the Empty exception if no item was available within that time.
Otherwise ('block' is false), return an item if one is immediately
available, else raise the Empty exception ('timeout' is ignored
in that case).
*/
static PyObject *
_queue_SimpleQueue_get_impl(SimpleQueue *self, PyTypeObject *cls, int block, PyObject *timeout)
{
    _PyTime_t deadline = 0;
    bool limited = false;
    if (block && parse_timeout(timeout, &deadline, &limited) < 0) {
        return NULL;
    }
    while (self->count == 0) {
        int waited = block ? wait_for_lock(self, deadline, limited) : 0;
        if (waited < 0) {
            return NULL;
        }
        if (waited == 0) {
            queue_state *state = PyType_GetModuleState(cls);
            assert(state != NULL);
            PyErr_SetNone(state->empty_error);
            return NULL;
        }
    }
    PyObject *item = ring_get(self);
    wake_one(self);
    return item;
}

/*sig _queue.SimpleQueue.get_nowait(self, cls: defining_class)

Remove and return an item from the queue without blocking.

Only get an item if one is immediately available. Otherwise
raise the Empty exception.
*/
static PyObject *
_queue_SimpleQueue_get_nowait_impl(SimpleQueue *self, PyTypeObject *cls)
{
    return _queue_SimpleQueue_get_impl(self, cls, 0, Py_None);
}

/*sig _queue.SimpleQueue.empty(self) -> bool

Return True if the queue is empty, False otherwise (not reliable!).
*/
static int
_queue_SimpleQueue_empty_impl(SimpleQueue *self)
{
    return self->count == 0;
}

/*sig _queue.SimpleQueue.qsize(self) -> ssize

Return the approximate size of the queue (not reliable!).
*/
static Py_ssize_t
_queue_SimpleQueue_qsize_impl(SimpleQueue *self)
{
    return self->count;
}

static PyMethodDef simplequeue_methods[] = {
    _QUEUE_SIMPLEQUEUE_EMPTY_METHODDEF
    _QUEUE_SIMPLEQUEUE_GET_METHODDEF
    _QUEUE_SIMPLEQUEUE_GET_NOWAIT_METHODDEF
    _QUEUE_SIMPLEQUEUE_PUT_METHODDEF
    _QUEUE_SIMPLEQUEUE_PUT_NOWAIT_METHODDEF
    _QUEUE_SIMPLEQUEUE_QSIZE_METHODDEF
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {NULL}
};

static PyMemberDef simplequeue_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(SimpleQueue, weakreflist), READONLY},
    {NULL}
};

PyDoc_STRVAR(simplequeue_doc,
"SimpleQueue()\n"
"--\n"
"\n"
"Simple, unbounded, reentrant FIFO queue.");

static PyType_Slot simplequeue_slots[] = {
    {Py_tp_dealloc, simplequeue_dealloc},
    {Py_tp_doc, (void *)simplequeue_doc},
    {Py_tp_traverse, simplequeue_traverse},
    {Py_tp_clear, simplequeue_clear},
    {Py_tp_members, simplequeue_members},
    {Py_tp_methods, simplequeue_methods},
    {Py_tp_new, simplequeue_new},
    {0, NULL}
};

static PyType_Spec simplequeue_spec = {
    .name = "_queue.SimpleQueue",
    .basicsize = sizeof(SimpleQueue),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = simplequeue_slots,
};

/* --- The module ------------------------------------------------------------------------------- */

static int
queue_traverse(PyObject *module, visitproc visit, void *arg)
{
    queue_state *state = get_state(module);
    Py_VISIT(state->queue_type);
    Py_VISIT(state->empty_error);
    return 0;
}

static int
queue_clear(PyObject *module)
{
    queue_state *state = get_state(module);
    Py_CLEAR(state->queue_type);
    Py_CLEAR(state->empty_error);
    return 0;
}

static void
queue_free(void *module)
{
    queue_clear((PyObject *)module);
}

static int
queue_exec(PyObject *module)
{
    queue_state *state = get_state(module);
    state->empty_error = PyErr_NewExceptionWithDoc(
        "_queue.Empty", "Exception raised by Queue.get(block=0)/get_nowait().", NULL, NULL);
    if (state->empty_error == NULL
        || PyModule_AddObjectRef(module, "Empty", state->empty_error) < 0)
    {
        return -1;
    }
    state->queue_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &simplequeue_spec, NULL);
    return state->queue_type != NULL ? PyModule_AddType(module, state->queue_type) : -1;
}

static PyModuleDef_Slot queue_slots[] = {
    {Py_mod_exec, queue_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef queue_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_queue",
    .m_doc = PyDoc_STR("C implementation of the Python queue module.\n"
                       "This module is an implementation detail, please do not use it directly."),
    .m_size = sizeof(queue_state),
    .m_slots = queue_slots,
    .m_traverse = queue_traverse,
    .m_clear = queue_clear,
    .m_free = queue_free,
};

PyMODINIT_FUNC
PyInit__queue(void)
{
    return PyModuleDef_Init(&queue_module);
}
