#ifndef Py_SOCKETMODULE_H
#define Py_SOCKETMODULE_H
/* socketmodule.h - socket objects and the capsule "_socket.CAPI", as other modules (_ssl) see them.
 *
 * The layouts are those of CPython 3.12.
 */
#include "Python.h"

typedef int SOCKET_T;

typedef struct {
    PyObject_HEAD
    SOCKET_T sock_fd;                   /* -1 before it is opened and when it is closed */
    int sock_family;                    /* AF_* */
    int sock_type;                      /* SOCK_* without flags */
    int sock_proto;
    PyObject *(*errorhandler)(void);    /* raises OSError of errno; returns NULL */
    _PyTime_t sock_timeout;             /* of operations; 0: never wait, negative: for ever */
    struct _socket_state *state;        /* of the module; lives as long as the type does */
} PySocketSockObject;

#define PySocket_MODULE_NAME "_socket"
#define PySocket_CAPI_NAME "CAPI"
#define PySocket_CAPSULE_NAME PySocket_MODULE_NAME "." PySocket_CAPI_NAME

/* What the capsule points to.  The references belong to it. */
typedef struct {
    PyTypeObject *Sock_Type;
    PyObject *error;                    /* OSError */
    PyObject *timeout_error;            /* TimeoutError */
} PySocketModule_APIObject;

#endif  /* !Py_SOCKETMODULE_H */
