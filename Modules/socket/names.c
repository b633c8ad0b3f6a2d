/* names.c - names of hosts, services and protocols: getaddrinfo() and the C library's databases.
 *
 * All lookups are by functions that any number of threads may call at once, without the GIL.  The
 * reentrant functions of the C library put a record's strings into memory of the caller; a record
 * that does not fit is asked for again with twice as much.
 * See socket.h for what this was written from.
 */
#include "socket.h"

#include <limits.h>
#include <netdb.h>

/* OSError if the C library says that errno has the reason, else gaierror. */
static void
raise_gaierror(socket_state *state, int error)
{
    if (error == EAI_SYSTEM) {
        socket_error();
        return;
    }
    PyObject *value = Py_BuildValue("(is)", error, gai_strerror(error));
    if (value != NULL) {
        PyErr_SetObject(state->gaierror, value);
        Py_DECREF(value);
    }
}

static void
raise_herror(socket_state *state, int error)
{
    PyObject *value = Py_BuildValue("(is)", error, hstrerror(error));
    if (value != NULL) {
        PyErr_SetObject(state->herror, value);
        Py_DECREF(value);
    }
}

/* getaddrinfo() without the GIL: 0 with *result for freeaddrinfo(), or -1 with an exception. */
static int
ask(socket_state *state, const char *host, const char *port, const struct addrinfo *hints,
    struct addrinfo **result)
{
    int error;
    UNLOCKED(error = getaddrinfo(host, port, hints, result));
    if (error != 0) {
        raise_gaierror(state, error);
        return -1;
    }
    return 0;
}

/* ------------------------------------------------------------------ addresses of host names */

/* Takes the first address of a list, which is released. */
static void
take_first(struct addrinfo *list, socket_address *address)
{
    assert(list->ai_addrlen <= sizeof(address->storage));
    memset(address, 0, sizeof(*address));
    memcpy(&address->storage, list->ai_addr, list->ai_addrlen);
    address->length = list->ai_addrlen;
    freeaddrinfo(list);
}

/* The address that stands for all of the machine's own. */
static int
resolve_wildcard(socket_state *state, int family, socket_address *address)
{
    struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_DGRAM,
                             .ai_flags = AI_PASSIVE}, *list;
    if (ask(state, NULL, "0", &hints, &list) < 0) {
        return -1;
    }
    if (list->ai_next != NULL) {
        freeaddrinfo(list);
        PyErr_SetString(PyExc_OSError, "wildcard resolved to multiple address");
        return -1;
    }
    take_first(list, address);
    return 0;
}

static void
set_inet(socket_address *address, struct in_addr value)
{
    memset(address, 0, sizeof(*address));
    address->in.sin_family = AF_INET;
    address->in.sin_addr = value;
    address->length = sizeof(address->in);
}

/* Numbers need no resolver.  Whether `name` was one. */
static int
resolve_number(const char *name, int family, socket_address *address)
{
    struct in_addr in;
    struct in6_addr in6;
    if (family != AF_INET6 && inet_pton(AF_INET, name, &in) == 1) {
        set_inet(address, in);
        return 1;
    }
    if (family != AF_INET && inet_pton(AF_INET6, name, &in6) == 1) {
        memset(address, 0, sizeof(*address));
        address->in6.sin6_family = AF_INET6;
        address->in6.sin6_addr = in6;
        address->length = sizeof(address->in6);
        return 1;
    }
    return 0;
}

int
_PySocket_Resolve(socket_state *state, const char *name, int family, socket_address *address)
{
    assert(family == AF_INET || family == AF_INET6 || family == AF_UNSPEC);
    if (name[0] == '\0') {
        return resolve_wildcard(state, family, address);
    }
    if (strcmp(name, "<broadcast>") == 0 || strcmp(name, "255.255.255.255") == 0) {
        if (family == AF_INET6) {
            PyErr_SetString(PyExc_OSError, "address family mismatched");
            return -1;
        }
        set_inet(address, (struct in_addr){.s_addr = INADDR_BROADCAST});
        return 0;
    }
    if (resolve_number(name, family, address)) {
        return 0;
    }
    struct addrinfo hints = {.ai_family = family}, *list;
    if (ask(state, name, NULL, &hints, &list) < 0) {
        return -1;
    }
    take_first(list, address);
    return 0;
}

/* ---------------------------------------------------------------- databases of the C library */

/* Asks for the record of `key`, with strings in `buf`; *found is NULL if there is none.  0 or an
   error number; *h_error is set by lookups of hosts. */
typedef int (*record_fetch)(const void *key, void *record, char *buf, size_t size, void **found,
                            int *h_error);

/* The memory of the record's strings, for PyMem_RawFree().  NULL: there is no such record if
   *h_error is not negative, else MemoryError is set. */
static char *
lookup(record_fetch fetch, const void *key, void *record, int *h_error)
{
    char *buf = NULL;
    void *found = NULL;
    int rc = ERANGE;
    *h_error = 0;
    Py_BEGIN_ALLOW_THREADS
    for (size_t size = 1024; rc == ERANGE && size <= INT_MAX; size *= 2) {
        char *bigger = PyMem_RawRealloc(buf, size);
        if (bigger == NULL) {
            rc = ENOMEM;
            break;
        }
        buf = bigger;
        rc = fetch(key, record, buf, size, &found, h_error);
    }
    if (rc != 0 || found == NULL) {
        PyMem_RawFree(buf);
        buf = NULL;
    }
    Py_END_ALLOW_THREADS
    if (buf == NULL && (rc == ENOMEM || rc == ERANGE)) {
        PyErr_NoMemory();
        *h_error = -1;
    }
    return buf;
}

static int
fetch_host_by_name(const void *key, void *record, char *buf, size_t size, void **found,
                   int *h_error)
{
    return gethostbyname_r(key, record, buf, size, (struct hostent **)found, h_error);
}

static int
fetch_host_by_address(const void *key, void *record, char *buf, size_t size, void **found,
                      int *h_error)
{
    const socket_address *address = key;
    int is_inet = address->sa.sa_family == AF_INET;
    const void *packed = is_inet ? (const void *)&address->in.sin_addr : &address->in6.sin6_addr;
    socklen_t length = is_inet ? sizeof(struct in_addr) : sizeof(struct in6_addr);
    return gethostbyaddr_r(packed, length, address->sa.sa_family, record, buf, size,
                           (struct hostent **)found, h_error);
}

/* A service or protocol: by name if there is one, else by port. */
typedef struct {
    const char *name;
    int port;                   /* in network order */
    const char *protocol;       /* NULL: any */
} service_key;

static int
fetch_service(const void *key, void *record, char *buf, size_t size, void **found,
              int *Py_UNUSED(h_error))
{
    const service_key *wanted = key;
    if (wanted->name != NULL) {
        return getservbyname_r(wanted->name, wanted->protocol, record, buf, size,
                               (struct servent **)found);
    }
    return getservbyport_r(wanted->port, wanted->protocol, record, buf, size,
                           (struct servent **)found);
}

static int
fetch_protocol(const void *key, void *record, char *buf, size_t size, void **found,
               int *Py_UNUSED(h_error))
{
    return getprotobyname_r(key, record, buf, size, (struct protoent **)found);
}

/* ------------------------------------------------------------------------------------- hosts */

static const char gethostbyname_doc[] =
"gethostbyname(host) -> address\n\n"
"Return the IPv4 address of a host, a string such as '192.0.2.1'.";

static PyObject *
socket_gethostbyname(PyObject *module, PyObject *args)
{
    char *name;
    socket_address address;
    PyObject *result = NULL;
    if (!PyArg_ParseTuple(args, "et:gethostbyname", "idna", &name)) {
        return NULL;
    }
    if (PySys_Audit("socket.gethostbyname", "O", PyTuple_GET_ITEM(args, 0)) == 0
        && _PySocket_Resolve(get_socket_state(module), name, AF_INET, &address) == 0) {
        result = _PySocket_MakeHost(AF_INET, &address.in.sin_addr);
    }
    PyMem_Free(name);
    return result;
}

/* A list of strings of the C library: its addresses if `family` is not 0. */
static PyObject *
make_strings(char *const *strings, int family)
{
    PyObject *list = PyList_New(0);
    for (; list != NULL && strings != NULL && *strings != NULL; strings++) {
        PyObject *item = family != 0 ? _PySocket_MakeHost(family, *strings)
                                     : PyUnicode_DecodeFSDefault(*strings);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    return list;
}

/* (name, aliases, addresses) of a host of the C library. */
static PyObject *
host_result(socket_state *state, record_fetch fetch, const void *key, int family)
{
    struct hostent host;
    int h_error;
    char *buf = lookup(fetch, key, &host, &h_error);
    if (buf == NULL) {
        if (h_error >= 0) {
            raise_herror(state, h_error);
        }
        return NULL;
    }
    PyObject *result = NULL;
    if (host.h_addrtype != family) {
        errno = EAFNOSUPPORT;
        socket_error();
    }
    else {
        PyObject *name = PyUnicode_DecodeFSDefault(host.h_name);
        PyObject *aliases = make_strings(host.h_aliases, 0);
        PyObject *addresses = make_strings(host.h_addr_list, family);
        if (name != NULL && aliases != NULL && addresses != NULL) {
            result = PyTuple_Pack(3, name, aliases, addresses);
        }
        Py_XDECREF(name);
        Py_XDECREF(aliases);
        Py_XDECREF(addresses);
    }
    PyMem_RawFree(buf);
    return result;
}

static const char gethostbyname_ex_doc[] =
"gethostbyname_ex(host) -> (name, aliaslist, addresslist)\n\n"
"Return the true name of a host, its other names and its IPv4 addresses.";

static PyObject *
socket_gethostbyname_ex(PyObject *module, PyObject *args)
{
    socket_state *state = get_socket_state(module);
    char *name;
    socket_address address;
    PyObject *result = NULL;
    if (!PyArg_ParseTuple(args, "et:gethostbyname_ex", "idna", &name)) {
        return NULL;
    }
    if (PySys_Audit("socket.gethostbyname", "O", PyTuple_GET_ITEM(args, 0)) == 0
        && _PySocket_Resolve(state, name, AF_INET, &address) == 0) {
        result = host_result(state, fetch_host_by_name, name, AF_INET);
    }
    PyMem_Free(name);
    return result;
}

static const char gethostbyaddr_doc[] =
"gethostbyaddr(host) -> (name, aliaslist, addresslist)\n\n"
"Return the true name of a host, its other names and its addresses.  The host is given by\n"
"name or by IPv4 or IPv6 address.";

static PyObject *
socket_gethostbyaddr(PyObject *module, PyObject *args)
{
    socket_state *state = get_socket_state(module);
    char *name;
    socket_address address;
    PyObject *result = NULL;
    if (!PyArg_ParseTuple(args, "et:gethostbyaddr", "idna", &name)) {
        return NULL;
    }
    if (PySys_Audit("socket.gethostbyaddr", "O", PyTuple_GET_ITEM(args, 0)) == 0
        && _PySocket_Resolve(state, name, AF_UNSPEC, &address) == 0) {
        int family = address.sa.sa_family;
        if (family == AF_INET || family == AF_INET6) {
            result = host_result(state, fetch_host_by_address, &address, family);
        }
        else {
            PyErr_SetString(PyExc_OSError, "unsupported address family");
        }
    }
    PyMem_Free(name);
    return result;
}

static const char gethostname_doc[] =
"gethostname() -> string\n\n"
"Return the name of this machine.";

static PyObject *
socket_gethostname(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    char name[HOST_NAME_MAX + 2];
    if (PySys_Audit("socket.gethostname", NULL) < 0) {
        return NULL;
    }
    if (gethostname(name, sizeof(name) - 1) < 0) {
        return socket_error();
    }
    name[sizeof(name) - 1] = '\0';
    return PyUnicode_DecodeFSDefault(name);
}

static const char sethostname_doc[] =
"sethostname(name)\n\n"
"Give this machine another name.";

static PyObject *
socket_sethostname(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *name = NULL;
    if (!PyArg_ParseTuple(args, "O&:sethostname", PyUnicode_FSConverter, &name)) {
        return NULL;
    }
    PyObject *result = NULL;
    if (PySys_Audit("socket.sethostname", "O", PyTuple_GET_ITEM(args, 0)) == 0) {
        result = socket_done(sethostname(PyBytes_AS_STRING(name),
                                         (size_t)PyBytes_GET_SIZE(name)));
    }
    Py_DECREF(name);
    return result;
}

/* ------------------------------------------------------------------- services and protocols */

static const char getservbyname_doc[] =
"getservbyname(servicename[, protocolname]) -> integer\n\n"
"Return the port of a service.  The protocol is 'tcp' or 'udp'; any if it is left out.";

static PyObject *
socket_getservbyname(PyObject *Py_UNUSED(module), PyObject *args)
{
    service_key key = {.name = NULL};
    struct servent service;
    int h_error;
    if (!PyArg_ParseTuple(args, "s|s:getservbyname", &key.name, &key.protocol)
        || PySys_Audit("socket.getservbyname", "sz", key.name, key.protocol) < 0) {
        return NULL;
    }
    char *buf = lookup(fetch_service, &key, &service, &h_error);
    if (buf == NULL) {
        if (h_error >= 0) {
            PyErr_SetString(PyExc_OSError, "service/proto not found");
        }
        return NULL;
    }
    PyMem_RawFree(buf);
    return PyLong_FromLong(ntohs((uint16_t)service.s_port));
}

static const char getservbyport_doc[] =
"getservbyport(port[, protocolname]) -> string\n\n"
"Return the name of the service at a port.  The protocol is 'tcp' or 'udp'; any if it is left\n"
"out.";

static PyObject *
socket_getservbyport(PyObject *Py_UNUSED(module), PyObject *args)
{
    service_key key = {.name = NULL};
    struct servent service;
    int port, h_error;
    if (!PyArg_ParseTuple(args, "i|s:getservbyport", &port, &key.protocol)) {
        return NULL;
    }
    if (port < 0 || port > 0xffff) {
        PyErr_SetString(PyExc_OverflowError, "getservbyport: port must be 0-65535.");
        return NULL;
    }
    if (PySys_Audit("socket.getservbyport", "iz", port, key.protocol) < 0) {
        return NULL;
    }
    key.port = htons((uint16_t)port);
    char *buf = lookup(fetch_service, &key, &service, &h_error);
    if (buf == NULL) {
        if (h_error >= 0) {
            PyErr_SetString(PyExc_OSError, "port/proto not found");
        }
        return NULL;
    }
    PyObject *result = PyUnicode_DecodeFSDefault(service.s_name);
    PyMem_RawFree(buf);
    return result;
}

static const char getprotobyname_doc[] =
"getprotobyname(name) -> integer\n\n"
"Return the number of a protocol.";

static PyObject *
socket_getprotobyname(PyObject *Py_UNUSED(module), PyObject *args)
{
    const char *name;
    struct protoent protocol;
    int h_error;
    if (!PyArg_ParseTuple(args, "s:getprotobyname", &name)) {
        return NULL;
    }
    char *buf = lookup(fetch_protocol, name, &protocol, &h_error);
    if (buf == NULL) {
        if (h_error >= 0) {
            PyErr_SetString(PyExc_OSError, "protocol not found");
        }
        return NULL;
    }
    PyMem_RawFree(buf);
    return PyLong_FromLong(protocol.p_proto);
}

/* ---------------------------------------------------------- getaddrinfo() and getnameinfo() */

/* The text of a host for the C library, NULL for None.  *holder is a new reference that keeps it,
   or NULL.  0, or -1 with an exception. */
static int
host_text(PyObject *object, const char **text, PyObject **holder)
{
    *text = NULL;
    *holder = NULL;
    if (object == Py_None) {
        return 0;
    }
    if (PyUnicode_Check(object)) {
        *holder = PyUnicode_AsEncodedString(object, "idna", NULL);
    }
    else if (PyBytes_Check(object)) {
        *holder = Py_NewRef(object);
    }
    else {
        PyErr_SetString(PyExc_TypeError, "getaddrinfo() argument 1 must be string or None");
    }
    if (*holder == NULL) {
        return -1;
    }
    assert(PyBytes_Check(*holder));
    *text = PyBytes_AS_STRING(*holder);
    return 0;
}

/* Likewise of a port. */
static int
port_text(PyObject *object, const char **text, PyObject **holder)
{
    *text = NULL;
    *holder = NULL;
    if (object == Py_None) {
        return 0;
    }
    if (PyLong_CheckExact(object)) {
        *holder = PyObject_Str(object);
    }
    else if (PyUnicode_Check(object) || PyBytes_Check(object)) {
        *holder = Py_NewRef(object);
    }
    else {
        PyErr_SetString(PyExc_OSError, "Int or String expected");
    }
    if (*holder == NULL) {
        return -1;
    }
    *text = PyBytes_Check(*holder) ? PyBytes_AS_STRING(*holder) : PyUnicode_AsUTF8(*holder);
    if (*text == NULL) {
        Py_CLEAR(*holder);
        return -1;
    }
    return 0;
}

/* The list of what getaddrinfo() found. */
static PyObject *
make_infos(const struct addrinfo *info)
{
    PyObject *list = PyList_New(0);
    for (; list != NULL && info != NULL; info = info->ai_next) {
        socket_address address;
        assert(info->ai_addrlen <= sizeof(address.storage));
        memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
        address.length = info->ai_addrlen;
        const char *name = info->ai_canonname != NULL ? info->ai_canonname : "";
        PyObject *made = _PySocket_MakeAddress(-1, -1, &address);
        PyObject *item = made == NULL ? NULL
            : Py_BuildValue("iiisN", info->ai_family, info->ai_socktype, info->ai_protocol, name,
                            made);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    return list;
}

static const char getaddrinfo_doc[] =
"getaddrinfo(host, port [, family, type, proto, flags])\n"
"    -> list of (family, type, proto, canonname, sockaddr)\n\n"
"Return what is needed to create sockets that are connected to a service of a host.";

static PyObject *
socket_getaddrinfo(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"host", "port", "family", "type", "proto", "flags", NULL};
    PyObject *host, *port, *host_holder, *port_holder = NULL, *result = NULL;
    const char *host_name, *port_name;
    struct addrinfo hints = {.ai_family = AF_UNSPEC}, *list;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|iiii:getaddrinfo", (char **)names, &host,
                                     &port, &hints.ai_family, &hints.ai_socktype,
                                     &hints.ai_protocol, &hints.ai_flags)
        || host_text(host, &host_name, &host_holder) < 0) {
        return NULL;
    }
    if (port_text(port, &port_name, &port_holder) == 0
        && PySys_Audit("socket.getaddrinfo", "OOiii", host, port, hints.ai_family,
                       hints.ai_socktype, hints.ai_protocol) == 0
        && ask(get_socket_state(module), host_name, port_name, &hints, &list) == 0) {
        result = make_infos(list);
        freeaddrinfo(list);
    }
    Py_XDECREF(host_holder);
    Py_XDECREF(port_holder);
    return result;
}

/* The numeric address of getnameinfo()'s argument.  0, or -1 with an exception. */
static int
parse_sockaddr(socket_state *state, PyObject *sockaddr, socket_address *address)
{
    const char *host;
    int port;
    unsigned int flowinfo = 0, scope_id = 0;
    if (!PyTuple_Check(sockaddr)) {
        PyErr_SetString(PyExc_TypeError, "getnameinfo() argument 1 must be a tuple");
        return -1;
    }
    if (!PyArg_ParseTuple(sockaddr, "si|II;getnameinfo(): illegal sockaddr argument", &host,
                          &port, &flowinfo, &scope_id)) {
        return -1;
    }
    if (flowinfo > 0xfffff) {
        PyErr_SetString(PyExc_OverflowError, "getnameinfo(): flowinfo must be 0-1048575.");
        return -1;
    }
    if (PySys_Audit("socket.getnameinfo", "(O)", sockaddr) < 0) {
        return -1;
    }
    char port_name[16];
    PyOS_snprintf(port_name, sizeof(port_name), "%d", port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM,
                             .ai_flags = AI_NUMERICHOST}, *list;
    if (ask(state, host, port_name, &hints, &list) < 0) {
        return -1;
    }
    if (list->ai_next != NULL) {
        freeaddrinfo(list);
        PyErr_SetString(PyExc_OSError, "sockaddr resolved to multiple addresses");
        return -1;
    }
    take_first(list, address);
    if (address->sa.sa_family == AF_INET6) {
        address->in6.sin6_flowinfo = htonl(flowinfo);
        address->in6.sin6_scope_id = scope_id;
    }
    else if (PyTuple_GET_SIZE(sockaddr) != 2) {
        PyErr_SetString(PyExc_OSError, "IPv4 sockaddr must be 2 tuple");
        return -1;
    }
    return 0;
}

static const char getnameinfo_doc[] =
"getnameinfo(sockaddr, flags) --> (host, port)\n\n"
"Return the names of the host and the service of an IPv4 or IPv6 address.";

static PyObject *
socket_getnameinfo(PyObject *module, PyObject *args)
{
    socket_state *state = get_socket_state(module);
    PyObject *sockaddr;
    int flags, error;
    socket_address address;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (!PyArg_ParseTuple(args, "Oi:getnameinfo", &sockaddr, &flags)
        || parse_sockaddr(state, sockaddr, &address) < 0) {
        return NULL;
    }
    UNLOCKED(error = getnameinfo(&address.sa, address.length, host, sizeof(host), port,
                                 sizeof(port), flags));
    if (error != 0) {
        raise_gaierror(state, error);
        return NULL;
    }
    PyObject *name = PyUnicode_DecodeFSDefault(host);
    return name != NULL ? Py_BuildValue("Ns", name, port) : NULL;
}

#define FUNCTION(NAME, FLAGS) \
    {#NAME, (PyCFunction)(void (*)(void))socket_ ## NAME, FLAGS, NAME ## _doc}

const PyMethodDef _PySocket_NameFunctions[] = {
    FUNCTION(gethostbyname, METH_VARARGS),
    FUNCTION(gethostbyname_ex, METH_VARARGS),
    FUNCTION(gethostbyaddr, METH_VARARGS),
    FUNCTION(gethostname, METH_NOARGS),
    FUNCTION(sethostname, METH_VARARGS),
    FUNCTION(getservbyname, METH_VARARGS),
    FUNCTION(getservbyport, METH_VARARGS),
    FUNCTION(getprotobyname, METH_VARARGS),
    FUNCTION(getaddrinfo, METH_VARARGS | METH_KEYWORDS),
    FUNCTION(getnameinfo, METH_VARARGS),
    {NULL, NULL, 0, NULL}
};
