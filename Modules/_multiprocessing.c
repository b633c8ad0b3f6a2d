/* _multiprocessing: SemLock, locks and semaphores that processes share.
 *
 * A SemLock is a named semaphore of POSIX; `count` is how many acquires of this process were not
 * followed by a release, `last_tid` the thread that acquired it last.  A recursive one (kind 0)
 * belongs to that thread while the count is positive, and only the first acquire and the last
 * release touch the semaphore.  Waiting releases the GIL and goes on after signals (PEP 475); a
 * timeout is by the monotonic clock.
 * Written from the library reference (multiprocessing), sem_overview(7) and observed behaviour. */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <semaphore.h>
#include <structmember.h>
#include <time.h>

typedef struct {
    PyTypeObject *type;
} multiprocessing_state;

#define RECURSIVE_MUTEX 0
#define SEMAPHORE 1

typedef struct {
    PyObject_HEAD
    sem_t *handle;              /* ours to close; SEM_FAILED while the object is made */
    unsigned long last_tid;     /* valid if count > 0 */
    int count;
    int maxvalue;               /* releasing beyond it is an error */
    int kind;                   /* RECURSIVE_MUTEX or SEMAPHORE */
    char *name;                 /* for other processes to open; NULL if it is unlinked */
} semlock_object;

#include "sig/_multiprocessing.sig.h"

static PyObject *
os_error(void)
{
    return PyErr_SetFromErrno(PyExc_OSError);
}

/* Whether the current thread acquired it last, and still holds it. */
static int
is_mine(const semlock_object *self)
{
    return self->count > 0 && PyThread_get_thread_ident() == self->last_tid;
}

/* ------------------------------------------------------------------------ birth and death */

/* A new object without semaphore; the name, which may be NULL, is copied.  NULL with an
   exception. */
static semlock_object *
semlock_make(PyTypeObject *type, int kind, int maxvalue, const char *name)
{
    semlock_object *self = (semlock_object *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->handle = SEM_FAILED;
    self->count = 0;
    self->kind = kind;
    self->maxvalue = maxvalue;
    self->name = NULL;
    if (name != NULL) {
        self->name = PyMem_Malloc(strlen(name) + 1);
        if (self->name == NULL) {
            Py_DECREF(self);
            PyErr_NoMemory();
            return NULL;
        }
        strcpy(self->name, name);
    }
    return self;
}

static int
check_kind(int kind)
{
    if (kind != RECURSIVE_MUTEX && kind != SEMAPHORE) {
        PyErr_SetString(PyExc_ValueError, "unrecognized kind");
        return -1;
    }
    return 0;
}

/*sig @nosignature SemLock.__new__(type, kind: int, value: int, maxvalue: int, name: utf8,
                                   unlink: bool)

Semaphore/Mutex type
*/
static PyObject *
semlock_new_impl(PyTypeObject *type, int kind, int value, int maxvalue, const char *name,
                 int unlink)
{
    if (check_kind(kind) < 0) {
        return NULL;
    }
    semlock_object *self = semlock_make(type, kind, maxvalue, unlink ? NULL : name);
    if (self == NULL) {
        return NULL;
    }
    self->handle = sem_open(name, O_CREAT | O_EXCL, 0600, value);
    if (self->handle == SEM_FAILED || (unlink && sem_unlink(name) < 0)) {
        os_error();
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

/* _rebuild(): the semaphore of that name in another process.  The handle is for systems where
   processes pass handles; here it means nothing. */
static PyObject *
semlock_rebuild(PyTypeObject *type, PyObject *args)
{
    unsigned long handle;
    int kind, maxvalue;
    const char *name;
    if (!PyArg_ParseTuple(args, "kiiz:_rebuild", &handle, &kind, &maxvalue, &name)
        || check_kind(kind) < 0) {
        return NULL;
    }
    if (name == NULL) {
        PyErr_SetString(PyExc_ValueError, "a semaphore without a name cannot be rebuilt");
        return NULL;
    }
    semlock_object *self = semlock_make(type, kind, maxvalue, name);
    if (self == NULL) {
        return NULL;
    }
    self->handle = sem_open(name, 0);
    if (self->handle == SEM_FAILED) {
        PyErr_SetFromErrnoWithFilename(PyExc_OSError, name);
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static int
semlock_traverse(semlock_object *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
semlock_dealloc(semlock_object *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->handle != SEM_FAILED) {
        sem_close(self->handle);
    }
    PyMem_Free(self->name);
    type->tp_free(self);
    Py_DECREF(type);
}

/* ------------------------------------------------------------------- acquire and release */

/* Longer timeouts are none. */
#define MAX_TIMEOUT 1e9

/* The time `seconds` from now; one that is over for negative ones and NaN. */
static struct timespec
deadline_after(double seconds)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (seconds > 0) {
        assert(seconds <= MAX_TIMEOUT);
        long whole = (long)seconds;
        end.tv_sec += whole;
        end.tv_nsec += (long)((seconds - (double)whole) * 1e9);
        if (end.tv_nsec >= 1000000000) {
            end.tv_nsec -= 1000000000;
            end.tv_sec++;
        }
    }
    return end;
}

/* Waits for the semaphore: 1 if it was decremented, 0 if time was over, -1 with an exception. */
static int
wait_for(sem_t *handle, const struct timespec *deadline)
{
    for (;;) {
        int rc;
        Py_BEGIN_ALLOW_THREADS
        rc = deadline != NULL ? sem_clockwait(handle, CLOCK_MONOTONIC, deadline)
                              : sem_wait(handle);
        Py_END_ALLOW_THREADS
        if (rc == 0) {
            return 1;
        }
        if (errno == ETIMEDOUT) {
            return 0;
        }
        if (errno != EINTR) {
            os_error();
            return -1;
        }
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
    }
}

/*sig SemLock.acquire(self, block: bool = True, timeout: object = None) -> bool

Acquire the semaphore/lock.
*/
static int
semlock_acquire_impl(semlock_object *self, int block, PyObject *timeout)
{
    struct timespec end;
    int limited = 0, got;
    assert(self->handle != SEM_FAILED);
    if (self->kind == RECURSIVE_MUTEX && is_mine(self)) {
        self->count++;
        return 1;
    }
    if (timeout != Py_None) {
        double seconds = PyFloat_AsDouble(timeout);
        if (seconds == -1.0 && PyErr_Occurred()) {
            return -1;
        }
        limited = !(seconds > MAX_TIMEOUT);
        if (limited) {
            end = deadline_after(seconds);
        }
    }
    do {
        got = sem_trywait(self->handle) == 0;
    } while (!got && errno == EINTR);
    if (!got && errno != EAGAIN) {
        os_error();
        return -1;
    }
    if (!got && block) {
        got = wait_for(self->handle, limited ? &end : NULL);
    }
    if (got > 0) {
        self->count++;
        self->last_tid = PyThread_get_thread_ident();
    }
    return got;
}

/* The semaphore's value, or -1 with OSError. */
static int
semlock_value(semlock_object *self)
{
    int value;
    if (sem_getvalue(self->handle, &value) < 0) {
        os_error();
        return -1;
    }
    return value < 0 ? 0 : value;       /* POSIX lets it count those who wait */
}

/*sig SemLock.release(self) -> None

Release the semaphore/lock.
*/
static int
semlock_release_impl(semlock_object *self)
{
    if (self->kind == RECURSIVE_MUTEX) {
        if (!is_mine(self)) {
            PyErr_SetString(PyExc_AssertionError,
                            "attempt to release recursive lock not owned by thread");
            return -1;
        }
        if (self->count > 1) {
            self->count--;
            return 0;
        }
        assert(self->count == 1);
    }
    else {
        int value = semlock_value(self);
        if (value < 0) {
            return -1;
        }
        if (value >= self->maxvalue) {
            PyErr_SetString(PyExc_ValueError, "semaphore or lock released too many times");
            return -1;
        }
    }
    if (sem_post(self->handle) < 0) {
        os_error();
        return -1;
    }
    self->count--;
    return 0;
}

/*sig SemLock.__enter__(self) -> bool

Enter the semaphore/lock.
*/
static int
semlock___enter___impl(semlock_object *self)
{
    return semlock_acquire_impl(self, 1, Py_None);
}

/*sig SemLock.__exit__(self, exc_type: object = None, exc_value: object = None,
                       exc_tb: object = None, /) -> None

Exit the semaphore/lock.
*/
static int
semlock___exit___impl(semlock_object *self, PyObject *Py_UNUSED(exc_type),
                      PyObject *Py_UNUSED(exc_value), PyObject *Py_UNUSED(exc_tb))
{
    return semlock_release_impl(self);
}

/*sig SemLock._count(self) -> int

Num of `acquire()`s minus num of `release()`s for this process.
*/
static int
semlock__count_impl(semlock_object *self)
{
    return self->count;
}

/*sig SemLock._is_mine(self) -> bool

Whether the lock is owned by this thread.
*/
static int
semlock__is_mine_impl(semlock_object *self)
{
    return is_mine(self);
}

/*sig SemLock._get_value(self) -> int

Get the value of the semaphore.
*/
static int
semlock__get_value_impl(semlock_object *self)
{
    return semlock_value(self);
}

/*sig SemLock._is_zero(self) -> bool

Return whether semaphore has value zero.
*/
static int
semlock__is_zero_impl(semlock_object *self)
{
    int value = semlock_value(self);
    return value < 0 ? -1 : value == 0;
}

/*sig SemLock._after_fork(self) -> None

Rezero the net acquisition count after fork().
*/
static int
semlock__after_fork_impl(semlock_object *self)
{
    self->count = 0;
    return 0;
}

static _Py_SHARED PyMethodDef semlock_methods[] = {
    SEMLOCK_ACQUIRE_METHODDEF
    SEMLOCK_RELEASE_METHODDEF
    SEMLOCK__COUNT_METHODDEF
    SEMLOCK__IS_MINE_METHODDEF
    SEMLOCK__GET_VALUE_METHODDEF
    SEMLOCK__IS_ZERO_METHODDEF
    {"_rebuild", (PyCFunction)semlock_rebuild, METH_VARARGS | METH_CLASS,
     "_rebuild($type, handle, kind, maxvalue, name, /)\n--\n\n"},
    SEMLOCK__AFTER_FORK_METHODDEF
    SEMLOCK___ENTER___METHODDEF
    SEMLOCK___EXIT___METHODDEF
    {NULL, NULL, 0, NULL}
};

static _Py_SHARED PyMemberDef semlock_members[] = {
    {"handle", T_ULONG, offsetof(semlock_object, handle), READONLY, ""},
    {"kind", T_INT, offsetof(semlock_object, kind), READONLY, ""},
    {"maxvalue", T_INT, offsetof(semlock_object, maxvalue), READONLY, ""},
    {"name", T_STRING, offsetof(semlock_object, name), READONLY, ""},
    {NULL, 0, 0, 0, NULL}
};

static _Py_SHARED PyType_Slot semlock_slots[] = {
    {Py_tp_new, semlock_new},
    {Py_tp_dealloc, semlock_dealloc},
    {Py_tp_traverse, semlock_traverse},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_setattro, PyObject_GenericSetAttr},
    {Py_tp_doc, (void *)semlock_new__doc__},
    {Py_tp_methods, semlock_methods},
    {Py_tp_members, semlock_members},
    {0, NULL}
};

static _Py_SHARED PyType_Spec semlock_spec = {
    .name = "_multiprocessing.SemLock",
    .basicsize = sizeof(semlock_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = semlock_slots,
};

/* -------------------------------------------------------------------------------- module */

/*sig _multiprocessing.sem_unlink(module, name: utf8, /) -> None
*/
static int
_multiprocessing_sem_unlink_impl(PyObject *Py_UNUSED(module), const char *name)
{
    if (sem_unlink(name) < 0) {
        os_error();
        return -1;
    }
    return 0;
}

static _Py_SHARED PyMethodDef multiprocessing_methods[] = {
    _MULTIPROCESSING_SEM_UNLINK_METHODDEF
    {NULL, NULL, 0, NULL}
};

static int
multiprocessing_exec(PyObject *module)
{
    multiprocessing_state *state = PyModule_GetState(module);
    state->type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &semlock_spec, NULL);
    if (state->type == NULL || PyModule_AddType(module, state->type) < 0) {
        return -1;
    }
    PyObject *max = PyLong_FromLong(SEM_VALUE_MAX);
    /* The type is immutable for others. */
    int rc = max != NULL ? PyDict_SetItemString(state->type->tp_dict, "SEM_VALUE_MAX", max) : -1;
    Py_XDECREF(max);
    if (rc < 0) {
        return -1;
    }
    PyType_Modified(state->type);
    PyObject *flags = Py_BuildValue("{sisi}", "HAVE_SEM_OPEN", 1, "HAVE_SEM_TIMEDWAIT", 1);
    rc = PyModule_AddObjectRef(module, "flags", flags);
    Py_XDECREF(flags);
    return rc;
}

static int
multiprocessing_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((multiprocessing_state *)PyModule_GetState(module))->type);
    return 0;
}

static int
multiprocessing_clear(PyObject *module)
{
    Py_CLEAR(((multiprocessing_state *)PyModule_GetState(module))->type);
    return 0;
}

static void
multiprocessing_free(void *module)
{
    (void)multiprocessing_clear(module);
}

static _Py_SHARED PyModuleDef_Slot multiprocessing_slots[] = {
    {Py_mod_exec, multiprocessing_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef multiprocessing_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_multiprocessing",
    .m_size = sizeof(multiprocessing_state),
    .m_methods = multiprocessing_methods,
    .m_slots = multiprocessing_slots,
    .m_traverse = multiprocessing_traverse,
    .m_clear = multiprocessing_clear,
    .m_free = multiprocessing_free,
};

PyMODINIT_FUNC
PyInit__multiprocessing(void)
{
    return PyModuleDef_Init(&multiprocessing_module);
}
