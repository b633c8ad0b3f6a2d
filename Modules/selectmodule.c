/* select: waiting for events on file descriptors by select(), poll() and epoll.
 *
 * A wait that a signal interrupts goes on with what is left of its timeout (PEP 475).
 * A poll object keeps its descriptors in a dict; the array for poll() is made anew when that
 * changed.
 * An epoll object owns its descriptor until it is closed: epfd is -1 from then on.
 * Written from the library reference (select), Linux manual pages and observed behaviour. */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED

#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

typedef struct {
    PyTypeObject *poll_type;
    PyTypeObject *epoll_type;
} select_state;

typedef struct {
    PyObject_HEAD
    PyObject *dict;             /* fd -> events */
    struct pollfd *fds;         /* of the dict, as it was when `changed` was last 0; or NULL */
    Py_ssize_t nfds;
    int changed;                /* the dict changed since */
    int running;                /* poll() is under way: it uses fds without the GIL */
} poll_object;

typedef struct {
    PyObject_HEAD
    int epfd;                   /* -1 when closed */
} epoll_object;

#define POLL_DEFAULT (POLLIN | POLLPRI | POLLOUT)
#define EPOLL_DEFAULT (EPOLLIN | EPOLLPRI | EPOLLOUT)

#include "sig/selectmodule.sig.h"

/* Whether a wait shall go on: 1 with the rest of the time, 0 if time is over, -1 with an error. */
static int
interrupted(_PyTime_t *timeout, _PyTime_t deadline)
{
    if (PyErr_CheckSignals() < 0) {
        return -1;
    }
    if (*timeout >= 0) {
        *timeout = _PyDeadline_Get(deadline);
        return *timeout >= 0;
    }
    return 1;
}

/* Milliseconds for poll() and epoll_wait(): -1 waits for ever, -2 with an error. */
static int
milliseconds(PyObject *obj, _PyTime_t *timeout, int in_seconds)
{
    *timeout = -1;
    if (obj == Py_None) {
        return -1;
    }
    int res = in_seconds ? _PyTime_FromSecondsObject(timeout, obj, _PyTime_ROUND_TIMEOUT)
                         : _PyTime_FromMillisecondsObject(timeout, obj, _PyTime_ROUND_TIMEOUT);
    if (res < 0) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError, "timeout must be an integer or None");
        }
        return -2;
    }
    _PyTime_t ms = _PyTime_AsMilliseconds(*timeout, _PyTime_ROUND_TIMEOUT);
    if (ms < INT_MIN || ms > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "timeout is too large");
        return -2;
    }
    if (ms < 0) {
        *timeout = -1;
        return -1;
    }
    return (int)ms;
}

/* The descriptors of a list as a set; the largest + 1, or -1 with an error. *seq is the list. */
static int
read_set(PyObject *list, fd_set *set, PyObject **seq)
{
    int top = 0;
    FD_ZERO(set);
    *seq = PySequence_Fast(list, "arguments 1-3 must be sequences");
    if (*seq == NULL) {
        return -1;
    }
    PyObject *pairs = PyList_New(0);
    for (Py_ssize_t i = 0; pairs != NULL && i < PySequence_Fast_GET_SIZE(*seq); i++) {
        PyObject *o = Py_NewRef(PySequence_Fast_GET_ITEM(*seq, i));
        int fd = PyObject_AsFileDescriptor(o);
        if (fd >= FD_SETSIZE || (fd >= 0 && i >= FD_SETSIZE)) {
            PyErr_SetString(PyExc_ValueError, fd >= FD_SETSIZE
                            ? "filedescriptor out of range in select()"
                            : "too many file descriptors in select()");
            fd = -1;
        }
        PyObject *pair = fd < 0 ? NULL : Py_BuildValue("(iO)", fd, o);
        Py_DECREF(o);
        if (pair == NULL || PyList_Append(pairs, pair) < 0) {
            Py_CLEAR(pairs);
        }
        else {
            FD_SET(fd, set);
            top = fd >= top ? fd + 1 : top;
        }
        Py_XDECREF(pair);
    }
    Py_SETREF(*seq, pairs);
    return pairs == NULL ? -1 : top;
}

static PyObject *
ready_list(PyObject *pairs, fd_set *set)
{
    PyObject *res = PyList_New(0);
    for (Py_ssize_t i = 0; res != NULL && i < PyList_GET_SIZE(pairs); i++) {
        PyObject *pair = PyList_GET_ITEM(pairs, i);
        int fd = (int)PyLong_AsLong(PyTuple_GET_ITEM(pair, 0));
        assert(fd >= 0 && fd < FD_SETSIZE);
        if (FD_ISSET(fd, set) && PyList_Append(res, PyTuple_GET_ITEM(pair, 1)) < 0) {
            Py_CLEAR(res);
        }
    }
    return res;
}

/*sig select.select(module, rlist, wlist, xlist, timeout: object = None, /)

Wait until one or more file descriptors are ready for some kind of I/O.

The first three arguments are iterables of file descriptors to be waited for:
rlist -- wait until ready for reading
wlist -- wait until ready for writing
xlist -- wait for an "exceptional condition"
If only one kind of condition is required, pass [] for the other lists.

A file descriptor is either a socket or file object, or a small integer
gotten from a fileno() method call on one of those.

The optional 4th argument specifies a timeout in seconds; it may be
a floating point number to specify fractions of seconds.  If it is absent
or None, the call will never time out.

The return value is a tuple of three lists corresponding to the first three
arguments; each contains the subset of the corresponding file descriptors
that are ready.

*** IMPORTANT NOTICE ***
On Windows, only sockets are supported; on Unix, all file
descriptors can be used.
*/
static PyObject *
select_select_impl(PyObject *Py_UNUSED(module), PyObject *rlist, PyObject *wlist,
                   PyObject *xlist, PyObject *timeout_obj)
{
    PyObject *lists[3] = {rlist, wlist, xlist}, *pairs[3] = {NULL}, *res = NULL;
    fd_set wanted[3], sets[3];
    _PyTime_t timeout = -1, deadline = 0;
    int top = 0, n;
    if (timeout_obj != Py_None) {
        if (_PyTime_FromSecondsObject(&timeout, timeout_obj, _PyTime_ROUND_TIMEOUT) < 0) {
            if (PyErr_ExceptionMatches(PyExc_TypeError)) {
                PyErr_SetString(PyExc_TypeError, "timeout must be a float or None");
            }
            return NULL;
        }
        if (timeout < 0) {
            PyErr_SetString(PyExc_ValueError, "timeout must be non-negative");
            return NULL;
        }
        deadline = _PyDeadline_Init(timeout);
    }
    for (int i = 0; i < 3; i++) {
        int t = read_set(lists[i], &wanted[i], &pairs[i]);
        if (t < 0) {
            goto done;
        }
        top = t > top ? t : top;
    }
    for (;;) {
        struct timeval tv;
        memcpy(sets, wanted, sizeof(sets));
        if (timeout >= 0 && _PyTime_AsTimeval(timeout, &tv, _PyTime_ROUND_TIMEOUT) < 0) {
            goto done;
        }
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = select(top, &sets[0], &sets[1], &sets[2], timeout >= 0 ? &tv : NULL);
        Py_END_ALLOW_THREADS
        if (n >= 0 || errno != EINTR) {
            break;
        }
        int more = interrupted(&timeout, deadline);
        if (more < 0) {
            goto done;
        }
        if (!more) {
            memset(sets, 0, sizeof(sets));
            n = 0;
            break;
        }
    }
    if (n < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        goto done;
    }
    PyObject *r = ready_list(pairs[0], &sets[0]), *w = ready_list(pairs[1], &sets[1]);
    PyObject *x = ready_list(pairs[2], &sets[2]);
    if (r != NULL && w != NULL && x != NULL) {
        res = PyTuple_Pack(3, r, w, x);
    }
    Py_XDECREF(r);
    Py_XDECREF(w);
    Py_XDECREF(x);
done:
    for (int i = 0; i < 3; i++) {
        Py_XDECREF(pairs[i]);
    }
    return res;
}

/* ---------------------------------------------------------------------------------- poll */

static PyObject *
poll_put(poll_object *self, PyObject *fd_obj, unsigned short events, int must_exist)
{
    int fd = PyObject_AsFileDescriptor(fd_obj);
    if (fd < 0) {
        return NULL;
    }
    PyObject *key = PyLong_FromLong(fd), *value = PyLong_FromLong(events), *res = NULL;
    if (key != NULL && value != NULL) {
        int known = must_exist ? PyDict_Contains(self->dict, key) : 1;
        if (known == 0) {
            errno = ENOENT;
            PyErr_SetFromErrno(PyExc_OSError);
        }
        else if (known > 0 && PyDict_SetItem(self->dict, key, value) == 0) {
            self->changed = 1;
            res = Py_NewRef(Py_None);
        }
    }
    Py_XDECREF(key);
    Py_XDECREF(value);
    return res;
}

/*sig poll.register(self, fd,
                    eventmask: ushort = c"POLL_DEFAULT"
                                        py"select.POLLIN | select.POLLPRI | select.POLLOUT", /)

Register a file descriptor with the polling object.

  fd
    either an integer, or an object with a fileno() method returning an int
  eventmask
    an optional bitmask describing the type of events to check for
*/
static PyObject *
poll_register_impl(poll_object *self, PyObject *fd, unsigned short eventmask)
{
    return poll_put(self, fd, eventmask, 0);
}

/*sig poll.modify(self, fd, eventmask: ushort, /)

Modify an already registered file descriptor.

  fd
    either an integer, or an object with a fileno() method returning
    an int
  eventmask
    a bitmask describing the type of events to check for
*/
static PyObject *
poll_modify_impl(poll_object *self, PyObject *fd, unsigned short eventmask)
{
    return poll_put(self, fd, eventmask, 1);
}

/*sig poll.unregister(self, fd: fildes, /)

Remove a file descriptor being tracked by the polling object.
*/
static PyObject *
poll_unregister_impl(poll_object *self, int fd)
{
    PyObject *key = PyLong_FromLong(fd);
    if (key == NULL) {
        return NULL;
    }
    int res = PyDict_DelItem(self->dict, key);
    Py_DECREF(key);
    self->changed = 1;
    return res < 0 ? NULL : Py_NewRef(Py_None);
}

static int
poll_update(poll_object *self)
{
    struct pollfd *fds = PyMem_New(struct pollfd, PyDict_GET_SIZE(self->dict) + 1);
    if (fds == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t pos = 0, n = 0;
    PyObject *key, *value;
    while (PyDict_Next(self->dict, &pos, &key, &value)) {
        fds[n++] = (struct pollfd){.fd = (int)PyLong_AsLong(key),
                                   .events = (short)PyLong_AsLong(value)};
    }
    PyMem_Free(self->fds);
    self->fds = fds;
    self->nfds = n;
    self->changed = 0;
    return 0;
}

/*sig poll.poll(self, timeout: object = None, /)

Polls the set of registered file descriptors.

  timeout
    The maximum time to wait in milliseconds, or else None (or a negative
    value) to wait indefinitely.

Returns a list containing any descriptors that have events or errors to
report, as a list of (fd, event) 2-tuples.
*/
static PyObject *
poll_poll_impl(poll_object *self, PyObject *timeout_obj)
{
    _PyTime_t timeout;
    int ms = milliseconds(timeout_obj, &timeout, 0), n;
    if (ms == -2) {
        return NULL;
    }
    _PyTime_t deadline = timeout >= 0 ? _PyDeadline_Init(timeout) : 0;
    if (self->running) {
        PyErr_SetString(PyExc_RuntimeError, "concurrent poll() invocation");
        return NULL;
    }
    if ((self->changed || self->fds == NULL) && poll_update(self) < 0) {
        return NULL;
    }
    self->running = 1;
    int more = 1;
    do {
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = poll(self->fds, (nfds_t)self->nfds, ms);
        Py_END_ALLOW_THREADS
        if (n >= 0 || errno != EINTR) {
            break;
        }
        n = 0;
        more = interrupted(&timeout, deadline);
        ms = timeout >= 0 ? (int)_PyTime_AsMilliseconds(timeout, _PyTime_ROUND_TIMEOUT) : -1;
    } while (more > 0);
    self->running = 0;
    if (more < 0) {
        return NULL;
    }
    if (n < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    PyObject *res = PyList_New(0);
    for (Py_ssize_t i = 0; res != NULL && n > 0 && i < self->nfds; i++) {
        if (self->fds[i].revents != 0) {
            PyObject *pair = Py_BuildValue("(ii)", self->fds[i].fd,
                                           (int)(unsigned short)self->fds[i].revents);
            if (pair == NULL || PyList_Append(res, pair) < 0) {
                Py_CLEAR(res);
            }
            Py_XDECREF(pair);
        }
    }
    return res;
}

static void
poll_dealloc(poll_object *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyMem_Free(self->fds);
    Py_XDECREF(self->dict);
    PyObject_Free(self);
    Py_DECREF(type);
}

static _Py_SHARED PyMethodDef poll_methods[] = {
    POLL_REGISTER_METHODDEF
    POLL_MODIFY_METHODDEF
    POLL_UNREGISTER_METHODDEF
    POLL_POLL_METHODDEF
    {NULL, NULL, 0, NULL}
};

static _Py_SHARED PyType_Slot poll_slots[] = {
    {Py_tp_dealloc, poll_dealloc},
    {Py_tp_methods, poll_methods},
    {0, NULL}
};

static _Py_SHARED PyType_Spec poll_spec = {
    .name = "select.poll",
    .basicsize = sizeof(poll_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = poll_slots,
};

/*sig select.poll(module)

Returns a polling object.

This object supports registering and unregistering file descriptors, and then
polling them for I/O events.
*/
static PyObject *
select_poll_impl(PyObject *module)
{
    select_state *state = PyModule_GetState(module);
    poll_object *self = PyObject_New(poll_object, state->poll_type);
    if (self == NULL) {
        return NULL;
    }
    self->fds = NULL;
    self->nfds = 0;
    self->changed = 1;
    self->running = 0;
    self->dict = PyDict_New();
    if (self->dict == NULL) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

/* --------------------------------------------------------------------------------- epoll */

/* As many events as one call of epoll.poll() returns by default. */
#define EPOLL_MAX_EVENTS (FD_SETSIZE - 1)

/* The kernel's descriptor; -1 with ValueError when the object is closed. */
static int
epoll_fd(epoll_object *self)
{
    if (self->epfd < 0) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on closed epoll object");
    }
    return self->epfd;
}

/* Closes the descriptor once: 0, or errno. */
static int
epoll_shut(epoll_object *self)
{
    int fd = self->epfd, err = 0;
    if (fd >= 0) {
        self->epfd = -1;
        Py_BEGIN_ALLOW_THREADS
        err = close(fd) < 0 ? errno : 0;
        Py_END_ALLOW_THREADS
    }
    return err;
}

/* A new object that owns `fd`; -1 stands for a new descriptor.  NULL with an error. */
static PyObject *
epoll_make(PyTypeObject *type, int fd)
{
    if (fd == -1) {
        Py_BEGIN_ALLOW_THREADS
        fd = epoll_create1(EPOLL_CLOEXEC);
        Py_END_ALLOW_THREADS
    }
    else if (fd < 0) {
        errno = EBADF;
    }
    if (fd < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    allocfunc alloc = PyType_GetSlot(type, Py_tp_alloc);
    epoll_object *self = (epoll_object *)alloc(type, 0);
    if (self == NULL) {
        close(fd);
        return NULL;
    }
    self->epfd = fd;
    return (PyObject *)self;
}

/*sig @nosignature epoll.__new__(type, sizehint: int = -1, flags: int = 0)

select.epoll(sizehint=-1, flags=0)

Return an object that waits for events on many descriptors.

sizehint is -1 or positive and has no effect; flags is 0 or EPOLL_CLOEXEC.  The
descriptor of the object is never inherited by child processes.
*/
static PyObject *
epoll_new_impl(PyTypeObject *type, int sizehint, int flags)
{
    if (sizehint != -1 && sizehint <= 0) {
        PyErr_SetString(PyExc_ValueError, "negative sizehint");
        return NULL;
    }
    if ((flags & ~EPOLL_CLOEXEC) != 0) {
        PyErr_SetString(PyExc_OSError, "invalid flags");
        return NULL;
    }
    return epoll_make(type, -1);
}

/*sig @classmethod epoll.fromfd(type, fd: int, /)

Create an epoll object from a given control fd.
*/
static PyObject *
epoll_fromfd_impl(PyTypeObject *type, int fd)
{
    return epoll_make(type, fd);
}

/*sig epoll.close(self)

Close the epoll control file descriptor.

Further operations on the epoll object raise an exception.
*/
static PyObject *
epoll_close_impl(epoll_object *self)
{
    int err = epoll_shut(self);
    if (err != 0) {
        errno = err;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

/*sig epoll.fileno(self)

Return the epoll control file descriptor.
*/
static PyObject *
epoll_fileno_impl(epoll_object *self)
{
    int fd = epoll_fd(self);
    return fd < 0 ? NULL : PyLong_FromLong(fd);
}

/* One change of the set of descriptors; None, or NULL with an error. */
static PyObject *
epoll_control(epoll_object *self, int operation, int fd, unsigned int events)
{
    int epfd = epoll_fd(self), rc;
    if (epfd < 0) {
        return NULL;
    }
    struct epoll_event event = {.events = events, .data.fd = fd};
    Py_BEGIN_ALLOW_THREADS
    rc = epoll_ctl(epfd, operation, fd, &event);
    Py_END_ALLOW_THREADS
    return rc < 0 ? PyErr_SetFromErrno(PyExc_OSError) : Py_NewRef(Py_None);
}

/*sig epoll.register(self, fd: fildes,
                     eventmask: uint_mask = c"EPOLL_DEFAULT"
                                            py"select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT")

Registers a new fd or raises an OSError if the fd is already registered.

  fd
    the target file descriptor of the operation
  eventmask
    a bit set composed of the various EPOLL constants

The epoll interface supports all file descriptors that support poll.
*/
static PyObject *
epoll_register_impl(epoll_object *self, int fd, unsigned int eventmask)
{
    return epoll_control(self, EPOLL_CTL_ADD, fd, eventmask);
}

/*sig epoll.modify(self, fd: fildes, eventmask: uint_mask)

Modify event mask for a registered file descriptor.

  fd
    the target file descriptor of the operation
  eventmask
    a bit set composed of the various EPOLL constants
*/
static PyObject *
epoll_modify_impl(epoll_object *self, int fd, unsigned int eventmask)
{
    return epoll_control(self, EPOLL_CTL_MOD, fd, eventmask);
}

/*sig epoll.unregister(self, fd: fildes)

Remove a registered file descriptor from the epoll object.

  fd
    the target file descriptor of the operation
*/
static PyObject *
epoll_unregister_impl(epoll_object *self, int fd)
{
    return epoll_control(self, EPOLL_CTL_DEL, fd, 0);
}

/* The list of (fd, events) of what a wait brought. */
static PyObject *
epoll_events(const struct epoll_event *events, int n)
{
    PyObject *res = PyList_New(n);
    for (int i = 0; res != NULL && i < n; i++) {
        PyObject *pair = Py_BuildValue("(iI)", events[i].data.fd, (unsigned int)events[i].events);
        if (pair == NULL) {
            Py_CLEAR(res);
        }
        else {
            PyList_SET_ITEM(res, i, pair);
        }
    }
    return res;
}

/*sig epoll.poll(self, timeout: object = None, maxevents: int = -1)

Wait for events on the epoll file descriptor.

  timeout
    the maximum time to wait in seconds (as float);
    a timeout of None or -1 makes poll wait indefinitely
  maxevents
    the maximum number of events returned; -1 means no limit

Returns a list containing any descriptors that have events to report,
as a list of (fd, events) 2-tuples.
*/
static PyObject *
epoll_poll_impl(epoll_object *self, PyObject *timeout_obj, int maxevents)
{
    if (epoll_fd(self) < 0) {
        return NULL;
    }
    _PyTime_t timeout;
    int ms = milliseconds(timeout_obj, &timeout, 1), n, more = 1;
    if (ms == -2) {
        return NULL;
    }
    _PyTime_t deadline = timeout >= 0 ? _PyDeadline_Init(timeout) : 0;
    if (maxevents == -1) {
        maxevents = EPOLL_MAX_EVENTS;
    }
    else if (maxevents < 1) {
        PyErr_Format(PyExc_ValueError, "maxevents must be greater than 0, got %d", maxevents);
        return NULL;
    }
    struct epoll_event *events = PyMem_New(struct epoll_event, maxevents);
    if (events == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *res = NULL;
    do {
        int epfd = epoll_fd(self);      /* a signal handler may have closed it */
        if (epfd < 0) {
            goto done;
        }
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = epoll_wait(epfd, events, maxevents, ms);
        Py_END_ALLOW_THREADS
        if (n >= 0 || errno != EINTR) {
            break;
        }
        n = 0;
        more = interrupted(&timeout, deadline);
        ms = timeout >= 0 ? (int)_PyTime_AsMilliseconds(timeout, _PyTime_ROUND_TIMEOUT) : -1;
    } while (more > 0);
    if (n < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
    }
    else if (more >= 0) {
        assert(n <= maxevents);
        res = epoll_events(events, n);
    }
done:
    PyMem_Free(events);
    return res;
}

/*sig epoll.__enter__(self)
*/
static PyObject *
epoll___enter___impl(epoll_object *self)
{
    return epoll_fd(self) < 0 ? NULL : Py_NewRef(self);
}

/*sig epoll.__exit__(self, exc_type: object = None, exc_value: object = None,
                     exc_tb: object = None, /)
*/
static PyObject *
epoll___exit___impl(epoll_object *self, PyObject *Py_UNUSED(exc_type),
                    PyObject *Py_UNUSED(exc_value), PyObject *Py_UNUSED(exc_tb))
{
    return epoll_close_impl(self);
}

static PyObject *
epoll_get_closed(epoll_object *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(self->epfd < 0);
}

static void
epoll_dealloc(epoll_object *self)
{
    PyTypeObject *type = Py_TYPE(self);
    (void)epoll_shut(self);
    freefunc free_object = PyType_GetSlot(type, Py_tp_free);
    free_object(self);
    Py_DECREF(type);
}

static _Py_SHARED PyMethodDef epoll_methods[] = {
    EPOLL_FROMFD_METHODDEF
    EPOLL_CLOSE_METHODDEF
    EPOLL_FILENO_METHODDEF
    EPOLL_MODIFY_METHODDEF
    EPOLL_REGISTER_METHODDEF
    EPOLL_UNREGISTER_METHODDEF
    EPOLL_POLL_METHODDEF
    EPOLL___ENTER___METHODDEF
    EPOLL___EXIT___METHODDEF
    {NULL, NULL, 0, NULL}
};

static _Py_SHARED PyGetSetDef epoll_getset[] = {
    {"closed", (getter)epoll_get_closed, NULL, "True if the epoll handler is closed", NULL},
    {NULL}
};

static _Py_SHARED PyType_Slot epoll_slots[] = {
    {Py_tp_new, epoll_new},
    {Py_tp_dealloc, epoll_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_doc, (char *)epoll_new__doc__},
    {Py_tp_methods, epoll_methods},
    {Py_tp_getset, epoll_getset},
    {0, NULL}
};

static _Py_SHARED PyType_Spec epoll_spec = {
    .name = "select.epoll",
    .basicsize = sizeof(epoll_object),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = epoll_slots,
};

/* -------------------------------------------------------------------------------- module */

static _Py_SHARED PyMethodDef select_methods[] = {
    SELECT_SELECT_METHODDEF
    SELECT_POLL_METHODDEF
    {NULL, NULL, 0, NULL}
};

#define CONSTANTS(X) X(PIPE_BUF) X(POLLIN) X(POLLPRI) X(POLLOUT) X(POLLERR) X(POLLHUP) \
    X(POLLNVAL) X(POLLRDNORM) X(POLLRDBAND) X(POLLWRNORM) X(POLLWRBAND) X(POLLMSG) X(POLLRDHUP) \
    X(EPOLLIN) X(EPOLLPRI) X(EPOLLOUT) X(EPOLLERR) X(EPOLLHUP) X(EPOLLRDHUP) X(EPOLLET) \
    X(EPOLLONESHOT) X(EPOLLEXCLUSIVE) X(EPOLLRDNORM) X(EPOLLRDBAND) X(EPOLLWRNORM) \
    X(EPOLLWRBAND) X(EPOLLMSG) X(EPOLL_CLOEXEC)

#define ADD(NAME) \
    if (PyModule_AddIntConstant(module, #NAME, (long)NAME) < 0) { \
        return -1; \
    }

static int
select_exec(PyObject *module)
{
    select_state *state = PyModule_GetState(module);
    state->poll_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &poll_spec, NULL);
    if (state->poll_type == NULL
        || PyModule_AddObjectRef(module, "error", PyExc_OSError) < 0) {
        return -1;
    }
    state->epoll_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &epoll_spec, NULL);
    if (state->epoll_type == NULL || PyModule_AddType(module, state->epoll_type) < 0) {
        return -1;
    }
    CONSTANTS(ADD)
    return 0;
}

static int
select_traverse(PyObject *module, visitproc visit, void *arg)
{
    select_state *state = PyModule_GetState(module);
    Py_VISIT(state->poll_type);
    Py_VISIT(state->epoll_type);
    return 0;
}

static int
select_clear(PyObject *module)
{
    select_state *state = PyModule_GetState(module);
    Py_CLEAR(state->poll_type);
    Py_CLEAR(state->epoll_type);
    return 0;
}

static void
select_free(void *module)
{
    (void)select_clear(module);
}

static _Py_SHARED PyModuleDef_Slot select_slots[] = {
    {Py_mod_exec, select_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef select_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "select",
    .m_doc = "This module supports asynchronous I/O on multiple file descriptors.\n\n"
             "*** IMPORTANT NOTICE ***\n"
             "On Windows, only sockets are supported; on Unix, all file descriptors.",
    .m_size = sizeof(select_state),
    .m_methods = select_methods,
    .m_slots = select_slots,
    .m_traverse = select_traverse,
    .m_clear = select_clear,
    .m_free = select_free,
};

PyMODINIT_FUNC
PyInit_select(void)
{
    return PyModuleDef_Init(&select_module);
}
