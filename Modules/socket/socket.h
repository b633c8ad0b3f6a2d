#ifndef Py_SOCKET_H
#define Py_SOCKET_H
/* socket.h - what the files of the module _socket share.
 *
 * Terms: an *attempt* is one system call of an operation that may have to wait; call.c makes
 * attempts until one succeeds, the time is over or a signal handler raises.  A *deadline* is a
 * time of the monotonic clock; 0 stands for none.
 *
 * A descriptor is read from its object just before each attempt, with the GIL held, because
 * another thread or a signal handler may have closed it.
 *
 * Functions have the calling conventions of CPython's, whose messages for wrong arguments name
 * them; so they parse their arguments themselves and have no text signatures.
 * Written from the library reference (socket), the Linux manual pages (socket(7), ip(7), ipv6(7),
 * unix(7), packet(7), netlink(7), vsock(7), cmsg(3), getaddrinfo(3)), RFC 3542, PEP 475 and
 * observed behaviour.
 */
#define PY_SSIZE_T_CLEAN
#include "../socketmodule.h"  // PySocketSockObject

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/can.h>
#include <linux/if_alg.h>
#include <linux/netlink.h>
#include <linux/qrtr.h>
#include <linux/tipc.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

/* State of the module in one interpreter. */
typedef struct _socket_state {
    PyTypeObject *sock_type;
    PyObject *herror;           /* exception class: lookups of hosts */
    PyObject *gaierror;         /* exception class: getaddrinfo() and getnameinfo() */
    _PyTime_t default_timeout;  /* of new sockets; negative: wait for ever */
} socket_state;

static inline socket_state *
get_socket_state(PyObject *module)
{
    socket_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

static inline PyObject *
socket_error(void)
{
    return PyErr_SetFromErrno(PyExc_OSError);
}

/* None, or NULL with OSError. */
static inline PyObject *
socket_done(int rc)
{
    return rc < 0 ? socket_error() : Py_NewRef(Py_None);
}

#define UNLOCKED(STATEMENT)             \
    do {                                \
        Py_BEGIN_ALLOW_THREADS          \
        STATEMENT;                      \
        Py_END_ALLOW_THREADS            \
    } while (0)

/* An address of any family, with its length in bytes. */
typedef struct {
    union {
        struct sockaddr sa;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un un;
        struct sockaddr_nl nl;
        struct sockaddr_ll ll;
        struct sockaddr_can can;
        struct sockaddr_vm vm;
        struct sockaddr_tipc tipc;
        struct sockaddr_alg alg;
        struct sockaddr_qrtr qrtr;
        struct sockaddr_storage storage;
    };
    socklen_t length;
} socket_address;

/* ---- address.c ---- */

/* The object as an address of the socket's family; `caller` names the method in messages.
   0, or -1 with an exception.  May wait for the resolver. */
extern int _PySocket_ParseAddress(PySocketSockObject *s, PyObject *object, const char *caller,
                                  socket_address *address);
/* Clears the address and makes its length that of the socket's family.  0, or -1 with OSError. */
extern int _PySocket_PrepareAddress(PySocketSockObject *s, socket_address *address);
/* New object; None for an address of length 0.  `fd` serves to look up interfaces.  NULL with an
   exception. */
extern PyObject *_PySocket_MakeAddress(int fd, int proto, const socket_address *address);
/* New str of an IPv4 or IPv6 address in network order; NULL with an exception. */
extern PyObject *_PySocket_MakeHost(int family, const void *packed);

/* ---- call.c ---- */

/* One attempt, without the GIL: a result that is not negative, or -1 with errno. */
typedef Py_ssize_t (*socket_attempt)(int fd, void *arg);

/* The end of an operation that starts now; 0 unless the socket has a timeout. */
extern _PyTime_t _PySocket_Deadline(const PySocketSockObject *s);
/* Makes attempts; waits for `events` (POLLIN or POLLOUT) before each if there is a deadline.
   The result of the attempt, or -1 with an exception (TimeoutError among them). */
extern Py_ssize_t _PySocket_Call(PySocketSockObject *s, short events, _PyTime_t deadline,
                                 socket_attempt attempt, void *arg);
/* Connects: 0, an error number, or -1 with an exception of a signal handler.  EWOULDBLOCK with
   *timed_out set if the time was over. */
extern int _PySocket_Connect(PySocketSockObject *s, const socket_address *address,
                             int *timed_out);
extern void _PySocket_TimedOut(void);
extern int _PySocket_SetBlocking(int fd, int blocking);     /* 0, or -1 with OSError */
/* None is -1.  0, or -1 with an exception. */
extern int _PySocket_ParseTimeout(PyObject *object, _PyTime_t *timeout);
extern PyObject *_PySocket_MakeTimeout(_PyTime_t timeout);

/* ---- names.c ---- */

/* The address of a host name or number in `family`, which may be AF_UNSPEC; the port is 0.
   0, or -1 with an exception. */
extern int _PySocket_Resolve(socket_state *state, const char *name, int family,
                             socket_address *address);

/* ---- object.c ---- */

/* New object that owns `fd`; NULL with an exception, and `fd` is closed. */
extern PyObject *_PySocket_New(socket_state *state, int fd, int family, int type, int proto);
extern PyTypeObject *_PySocket_MakeType(PyObject *module);

/* ---- methods of sockets outside object.c, with their calling conventions ---- */

#define SOCKET_METHODS(X)                                                       \
    X(getsockopt, METH_VARARGS) X(setsockopt, METH_VARARGS)                     \
    X(recv, METH_VARARGS) X(recv_into, METH_VARARGS | METH_KEYWORDS)            \
    X(recvfrom, METH_VARARGS) X(recvfrom_into, METH_VARARGS | METH_KEYWORDS)    \
    X(send, METH_VARARGS) X(sendall, METH_VARARGS) X(sendto, METH_VARARGS)      \
    X(recvmsg, METH_VARARGS) X(recvmsg_into, METH_VARARGS)                      \
    X(sendmsg, METH_VARARGS) X(sendmsg_afalg, METH_VARARGS | METH_KEYWORDS)

#define DECLARE_METHOD(NAME, FLAGS) extern const char _PySocket_ ## NAME ## _doc[];
SOCKET_METHODS(DECLARE_METHOD)
#undef DECLARE_METHOD

extern PyObject *_PySocket_getsockopt(PySocketSockObject *, PyObject *);
extern PyObject *_PySocket_setsockopt(PySocketSockObject *, PyObject *);
extern PyObject *_PySocket_recv(PySocketSockObject *, PyObject *);
extern PyObject *_PySocket_recv_into(PySocketSockObject *, PyObject *, PyObject *);
extern PyObject *_PySocket_recvfrom(PySocketSockObject *, PyObject *);
extern PyObject *_PySocket_recvfrom_into(PySocketSockObject *, PyObject *, PyObject *);
extern PyObject *_PySocket_send(PySocketSockObject *, PyObject *);
extern PyObject *_PySocket_sendall(PySocketSockObject *, PyObject *);
extern PyObject *_PySocket_sendto(PySocketSockObject *, PyObject *);
extern PyObject *_PySocket_recvmsg(PySocketSockObject *, PyObject *);
extern PyObject *_PySocket_recvmsg_into(PySocketSockObject *, PyObject *);
extern PyObject *_PySocket_sendmsg(PySocketSockObject *, PyObject *);
extern PyObject *_PySocket_sendmsg_afalg(PySocketSockObject *, PyObject *, PyObject *);

/* ---- functions of the module, by subject ---- */

/* Tables of names.c, convert.c and message.c. */
extern const PyMethodDef _PySocket_NameFunctions[], _PySocket_ConvertFunctions[],
    _PySocket_MessageFunctions[];

/* ---- socketmodule.c ---- */

extern struct PyModuleDef _PySocket_Module;

/* ---- constants.c ---- */

extern int _PySocket_AddConstants(PyObject *module);        /* 0, or -1 with an exception */

#endif  /* !Py_SOCKET_H */
