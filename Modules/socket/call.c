/* call.c - operations of sockets that may have to wait, and timeouts.
 *
 * A socket is in one of three modes by sock_timeout: negative (the system waits), 0 (nobody waits)
 * and positive.  With a positive one the descriptor does not block: the operation waits by poll()
 * until the descriptor is ready, then makes its attempt.  Another thread may have been faster, so
 * an attempt that would block waits again, until the deadline.  A signal whose handler raises
 * nothing never ends an operation (PEP 475); only connect() of a socket that does not wait does.
 * See socket.h for what this was written from.
 */
#include "socket.h"

#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>

#define NO_DEADLINE 0

_PyTime_t
_PySocket_Deadline(const PySocketSockObject *s)
{
    return s->sock_timeout > 0 ? _PyDeadline_Init(s->sock_timeout) : NO_DEADLINE;
}

void
_PySocket_TimedOut(void)
{
    PyErr_SetString(PyExc_TimeoutError, "timed out");
}

/* Milliseconds until the deadline for poll(): rounded up, as many as fit. */
static int
poll_time(_PyTime_t left)
{
    _PyTime_t ms = _PyTime_AsMilliseconds(left, _PyTime_ROUND_CEILING);
    return ms < 0 ? 0 : ms > INT_MAX ? INT_MAX : (int)ms;
}

/* Waits until the descriptor is ready, which a closed one is.  At least one poll() is made, even
   if time is over already.  1 if ready, 0 if time is over, -1 with an exception. */
static int
wait_ready(PySocketSockObject *s, short events, _PyTime_t deadline)
{
    for (;;) {
        struct pollfd pfd = {.fd = s->sock_fd, .events = events};
        if (pfd.fd < 0) {
            return 1;
        }
        int ms = deadline != NO_DEADLINE ? poll_time(_PyDeadline_Get(deadline)) : -1, n;
        UNLOCKED(n = poll(&pfd, 1, ms));
        if (n > 0) {
            return 1;
        }
        if (n < 0 && errno != EINTR) {
            socket_error();
            return -1;
        }
        if (n < 0 && PyErr_CheckSignals() < 0) {
            return -1;
        }
        if (deadline != NO_DEADLINE && _PyDeadline_Get(deadline) <= 0) {
            return 0;
        }
    }
}

Py_ssize_t
_PySocket_Call(PySocketSockObject *s, short events, _PyTime_t deadline, socket_attempt attempt,
               void *arg)
{
    assert(events == POLLIN || events == POLLOUT);
    for (;;) {
        if (deadline != NO_DEADLINE) {
            int ready = wait_ready(s, events, deadline);
            if (ready <= 0) {
                if (ready == 0) {
                    _PySocket_TimedOut();
                }
                return -1;
            }
        }
        int fd = s->sock_fd;
        Py_ssize_t n;
        UNLOCKED(n = attempt(fd, arg));
        if (n >= 0) {
            return n;
        }
        if (errno == EINTR) {
            if (PyErr_CheckSignals() < 0) {
                return -1;
            }
        }
        else if (deadline == NO_DEADLINE || (errno != EAGAIN && errno != EWOULDBLOCK)) {
            socket_error();
            return -1;
        }
        else if (_PyDeadline_Get(deadline) <= 0) {
            _PySocket_TimedOut();
            return -1;
        }
    }
}

/* How a connection that was under way ended: 0 or an error number. */
static int
connect_outcome(int fd)
{
    int err = 0;
    socklen_t size = sizeof(err);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) < 0) {
        err = errno;
    }
    return err == EISCONN ? 0 : err;
}

int
_PySocket_Connect(PySocketSockObject *s, const socket_address *address, int *timed_out)
{
    _PyTime_t deadline = _PySocket_Deadline(s);
    int fd = s->sock_fd, rc;
    *timed_out = 0;
    UNLOCKED(rc = connect(fd, &address->sa, address->length));
    if (rc == 0) {
        return 0;
    }
    int err = errno, wait = 0;
    if (err == EINTR) {
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
        wait = s->sock_timeout != 0;    /* the system goes on connecting */
    }
    else if (err == EINPROGRESS) {
        wait = s->sock_timeout > 0;
    }
    if (!wait) {
        return err;
    }
    int ready = wait_ready(s, POLLOUT, deadline);
    if (ready <= 0) {
        *timed_out = ready == 0;
        return ready == 0 ? EWOULDBLOCK : -1;
    }
    return connect_outcome(s->sock_fd);
}

int
_PySocket_SetBlocking(int fd, int blocking)
{
    int flag = !blocking, rc;
    UNLOCKED(rc = ioctl(fd, FIONBIO, &flag));
    if (rc < 0) {
        socket_error();
    }
    return rc;
}

int
_PySocket_ParseTimeout(PyObject *object, _PyTime_t *timeout)
{
    if (object == Py_None) {
        *timeout = _PyTime_FromSeconds(-1);
        return 0;
    }
    if (_PyTime_FromSecondsObject(timeout, object, _PyTime_ROUND_TIMEOUT) < 0) {
        return -1;
    }
    if (*timeout < 0) {
        PyErr_SetString(PyExc_ValueError, "Timeout value out of range");
        return -1;
    }
    return 0;
}

PyObject *
_PySocket_MakeTimeout(_PyTime_t timeout)
{
    if (timeout < 0) {
        Py_RETURN_NONE;
    }
    return PyFloat_FromDouble(_PyTime_AsSecondsDouble(timeout));
}
