/* address.c - addresses of sockets: from Python objects and back.
 *
 * One row of `families` per address family; parse and make are inverse to each other.  An address
 * is made by the family that the system wrote into it, which need not be the socket's.
 * See socket.h for what this was written from.
 */
#include "socket.h"

#include <net/if.h>
#include <stddef.h>
#include <sys/ioctl.h>

typedef struct {
    int family;
    socklen_t size;             /* of its address */
    /* Fills a cleared address, except for the family; its length is `size`.  0, or -1. */
    int (*parse)(PySocketSockObject *s, PyObject *args, const char *caller,
                 socket_address *address);
    PyObject *(*make)(int fd, int proto, const socket_address *address);
} address_family;

static int
check_tuple(PyObject *args, const char *caller, const char *family)
{
    if (!PyTuple_Check(args)) {
        PyErr_Format(PyExc_TypeError, "%s(): %s address must be tuple, not %.500s", caller,
                     family, Py_TYPE(args)->tp_name);
        return -1;
    }
    return 0;
}

/* After PyArg_ParseTuple() failed.  An overflow gets the text "caller(): what". */
static int
arguments_failed(const char *caller, const char *what)
{
    if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
        PyErr_Format(PyExc_OverflowError, "%s(): %s", caller, what);
    }
    return -1;
}

static int
check_range(long value, long max, const char *caller, const char *what)
{
    if (value < 0 || value > max) {
        PyErr_Format(PyExc_OverflowError, "%s(): %s must be 0-%ld.", caller, what, max);
        return -1;
    }
    return 0;
}

/* ------------------------------------------------------------------------- IPv4 and IPv6 */

#define BAD_PORT "port must be 0-65535."
#define MAX_PORT 0xffff
#define MAX_FLOWINFO 0xfffff

/* Converter for "O&": the name of a host as ASCII bytes, in *result a new reference to a bytes or
   str object that holds them.  Names that are not ASCII are encoded by IDNA. */
static int
host_converter(PyObject *object, void *result)
{
    PyObject *holder = NULL, **place = result;
    Py_ssize_t length;
    if (object == NULL) {
        Py_CLEAR(*place);
        return 1;
    }
    if (PyUnicode_Check(object) && PyUnicode_IS_ASCII(object)) {
        holder = Py_NewRef(object);
        length = PyUnicode_GET_LENGTH(object);
    }
    else {
        if (PyUnicode_Check(object)) {
            holder = PyUnicode_AsEncodedString(object, "idna", NULL);
            if (holder == NULL && !PyErr_ExceptionMatches(PyExc_MemoryError)) {
                PyErr_SetString(PyExc_TypeError, "encoding of hostname failed");
            }
        }
        else if (PyBytes_Check(object) || PyByteArray_Check(object)) {
            holder = PyBytes_FromObject(object);
        }
        else {
            PyErr_Format(PyExc_TypeError, "str, bytes or bytearray expected, not %s",
                         Py_TYPE(object)->tp_name);
        }
        if (holder == NULL) {
            return 0;
        }
        length = PyBytes_GET_SIZE(holder);
    }
    const char *text = PyUnicode_Check(holder) ? PyUnicode_AsUTF8(holder)
                                               : PyBytes_AS_STRING(holder);
    if (text == NULL || strlen(text) != (size_t)length) {
        if (text != NULL) {
            PyErr_SetString(PyExc_TypeError, "host name must not contain null character");
        }
        Py_DECREF(holder);
        return 0;
    }
    *place = holder;
    return Py_CLEANUP_SUPPORTED;
}

/* Takes over `host`, of host_converter(), and fills the address. */
static int
resolve_host(PySocketSockObject *s, PyObject *host, int family, socket_address *address)
{
    const char *text = PyUnicode_Check(host) ? PyUnicode_AsUTF8(host) : PyBytes_AS_STRING(host);
    int rc = text != NULL ? _PySocket_Resolve(s->state, text, family, address) : -1;
    Py_DECREF(host);
    return rc;
}

static int
parse_inet(PySocketSockObject *s, PyObject *args, const char *caller, socket_address *address)
{
    PyObject *host = NULL;
    int port;
    if (check_tuple(args, caller, "AF_INET") < 0) {
        return -1;
    }
    if (!PyArg_ParseTuple(args, "O&i;AF_INET address must be a pair (host, port)",
                          host_converter, &host, &port)) {
        return arguments_failed(caller, BAD_PORT);
    }
    if (resolve_host(s, host, AF_INET, address) < 0
        || check_range(port, MAX_PORT, caller, "port") < 0) {
        return -1;
    }
    address->in.sin_port = htons((uint16_t)port);
    return 0;
}

static int
parse_inet6(PySocketSockObject *s, PyObject *args, const char *caller, socket_address *address)
{
    PyObject *host = NULL;
    int port;
    unsigned int flowinfo = 0, scope_id = 0;
    if (check_tuple(args, caller, "AF_INET6") < 0) {
        return -1;
    }
    if (!PyArg_ParseTuple(args, "O&i|II;AF_INET6 address must be a tuple "
                          "(host, port[, flowinfo[, scopeid]])",
                          host_converter, &host, &port, &flowinfo, &scope_id)) {
        return arguments_failed(caller, BAD_PORT);
    }
    if (resolve_host(s, host, AF_INET6, address) < 0
        || check_range(port, MAX_PORT, caller, "port") < 0
        || check_range((long)flowinfo, MAX_FLOWINFO, caller, "flowinfo") < 0) {
        return -1;
    }
    address->in6.sin6_port = htons((uint16_t)port);
    address->in6.sin6_flowinfo = htonl(flowinfo);
    address->in6.sin6_scope_id = scope_id;
    return 0;
}

PyObject *
_PySocket_MakeHost(int family, const void *packed)
{
    char text[INET6_ADDRSTRLEN];
    assert(family == AF_INET || family == AF_INET6);
    if (inet_ntop(family, packed, text, sizeof(text)) == NULL) {
        return socket_error();
    }
    return PyUnicode_FromString(text);
}

static PyObject *
make_inet(int Py_UNUSED(fd), int Py_UNUSED(proto), const socket_address *address)
{
    return Py_BuildValue("Ni", _PySocket_MakeHost(AF_INET, &address->in.sin_addr),
                         ntohs(address->in.sin_port));
}

static PyObject *
make_inet6(int Py_UNUSED(fd), int Py_UNUSED(proto), const socket_address *address)
{
    return Py_BuildValue("NiII", _PySocket_MakeHost(AF_INET6, &address->in6.sin6_addr),
                         ntohs(address->in6.sin6_port), ntohl(address->in6.sin6_flowinfo),
                         address->in6.sin6_scope_id);
}

/* ---------------------------------------------------------------------- Unix domain sockets */

#define PATH_OFFSET offsetof(struct sockaddr_un, sun_path)

/* The empty path asks bind() for an abstract name; a path that begins with a null byte is an
   abstract name, which needs no null byte behind it. */
static int
parse_unix(PySocketSockObject *Py_UNUSED(s), PyObject *args, const char *Py_UNUSED(caller),
           socket_address *address)
{
    Py_buffer path;
    PyObject *bytes = PyUnicode_Check(args) ? PyUnicode_EncodeFSDefault(args) : Py_NewRef(args);
    if (bytes == NULL) {
        return -1;
    }
    int rc = PyObject_GetBuffer(bytes, &path, PyBUF_SIMPLE);
    Py_DECREF(bytes);
    if (rc < 0) {
        return -1;
    }
    size_t length = (size_t)path.len;
    int named = length > 0 && ((const char *)path.buf)[0] != '\0';
    if (length + (size_t)named > sizeof(address->un.sun_path)) {
        PyErr_SetString(PyExc_OSError, "AF_UNIX path too long");
        rc = -1;
    }
    else {
        memcpy(address->un.sun_path, path.buf, length);
        address->length = (socklen_t)(PATH_OFFSET + length + (size_t)named);
    }
    PyBuffer_Release(&path);
    return rc;
}

static PyObject *
make_unix(int Py_UNUSED(fd), int Py_UNUSED(proto), const socket_address *address)
{
    const char *path = address->un.sun_path;
    size_t length = address->length > PATH_OFFSET ? address->length - PATH_OFFSET : 0;
    if (length > sizeof(address->un.sun_path)) {
        length = sizeof(address->un.sun_path);
    }
    if (length > 0 && path[0] == '\0') {
        return PyBytes_FromStringAndSize(path, (Py_ssize_t)length);
    }
    return PyUnicode_DecodeFSDefaultAndSize(path, (Py_ssize_t)strnlen(path, length));
}

/* ---------------------------------------------------------------- families of the kernel */

static int
parse_netlink(PySocketSockObject *Py_UNUSED(s), PyObject *args, const char *caller,
              socket_address *address)
{
    unsigned int pid, groups;
    if (check_tuple(args, caller, "AF_NETLINK") < 0
        || !PyArg_ParseTuple(args, "II;AF_NETLINK address must be a pair (pid, groups)", &pid,
                             &groups)) {
        return -1;
    }
    address->nl.nl_pid = pid;
    address->nl.nl_groups = groups;
    return 0;
}

static PyObject *
make_netlink(int Py_UNUSED(fd), int Py_UNUSED(proto), const socket_address *address)
{
    return Py_BuildValue("II", address->nl.nl_pid, address->nl.nl_groups);
}

/* A pair of unsigned numbers (AF_VSOCK, AF_QIPCRTR). */
static int
parse_pair(PyObject *args, const char *family, unsigned int *first, unsigned int *second)
{
    if (!PyTuple_Check(args)) {
        PyErr_Format(PyExc_TypeError, "getsockaddrarg: %s address must be tuple, not %.500s",
                     family, Py_TYPE(args)->tp_name);
        return -1;
    }
    return PyArg_ParseTuple(args, "II:getsockaddrarg", first, second) ? 0 : -1;
}

static int
parse_vsock(PySocketSockObject *Py_UNUSED(s), PyObject *args, const char *Py_UNUSED(caller),
            socket_address *address)
{
    return parse_pair(args, "AF_VSOCK", &address->vm.svm_cid, &address->vm.svm_port);
}

static PyObject *
make_vsock(int Py_UNUSED(fd), int Py_UNUSED(proto), const socket_address *address)
{
    return Py_BuildValue("II", address->vm.svm_cid, address->vm.svm_port);
}

static int
parse_qipcrtr(PySocketSockObject *Py_UNUSED(s), PyObject *args, const char *Py_UNUSED(caller),
              socket_address *address)
{
    unsigned int node, port;
    if (parse_pair(args, "AF_QIPCRTR", &node, &port) < 0) {
        return -1;
    }
    address->qrtr.sq_node = node;
    address->qrtr.sq_port = port;
    return 0;
}

static PyObject *
make_qipcrtr(int Py_UNUSED(fd), int Py_UNUSED(proto), const socket_address *address)
{
    return Py_BuildValue("II", address->qrtr.sq_node, address->qrtr.sq_port);
}

static int
parse_alg(PySocketSockObject *Py_UNUSED(s), PyObject *args, const char *caller,
          socket_address *address)
{
    const char *type, *name;
    struct sockaddr_alg *alg = &address->alg;
    unsigned short feat = 0, mask = 0;
    if (check_tuple(args, caller, "AF_ALG") < 0
        || !PyArg_ParseTuple(args, "ss|HH;AF_ALG address must be a tuple "
                             "(type, name[, feat[, mask]])", &type, &name, &feat, &mask)) {
        return -1;
    }
    if (strlen(type) >= sizeof(alg->salg_type)) {
        PyErr_SetString(PyExc_ValueError, "AF_ALG type too long.");
        return -1;
    }
    if (strlen(name) >= sizeof(alg->salg_name)) {
        PyErr_SetString(PyExc_ValueError, "AF_ALG name too long.");
        return -1;
    }
    strcpy((char *)alg->salg_type, type);
    strcpy((char *)alg->salg_name, name);
    alg->salg_feat = feat;
    alg->salg_mask = mask;
    return 0;
}

static PyObject *
make_alg(int Py_UNUSED(fd), int Py_UNUSED(proto), const socket_address *address)
{
    const struct sockaddr_alg *alg = &address->alg;
    const char *type = (const char *)alg->salg_type, *name = (const char *)alg->salg_name;
    return Py_BuildValue("s#s#II", type, (Py_ssize_t)strnlen(type, sizeof(alg->salg_type)),
                         name, (Py_ssize_t)strnlen(name, sizeof(alg->salg_name)),
                         (unsigned int)alg->salg_feat, (unsigned int)alg->salg_mask);
}

static int
parse_tipc(PySocketSockObject *Py_UNUSED(s), PyObject *args, const char *caller,
           socket_address *address)
{
    unsigned int kind, v1, v2, v3, scope = TIPC_CLUSTER_SCOPE;
    struct sockaddr_tipc *tipc = &address->tipc;
    if (check_tuple(args, caller, "AF_TIPC") < 0
        || !PyArg_ParseTuple(args, "IIII|I;AF_TIPC address must be a tuple "
                             "(addr_type, v1, v2, v3[, scope])",
                             &kind, &v1, &v2, &v3, &scope)) {
        return -1;
    }
    tipc->scope = (signed char)scope;
    tipc->addrtype = (unsigned char)kind;
    switch (kind) {
    case TIPC_ADDR_NAMESEQ:
        tipc->addr.nameseq.type = v1;
        tipc->addr.nameseq.lower = v2;
        tipc->addr.nameseq.upper = v3;
        return 0;
    case TIPC_ADDR_NAME:
        tipc->addr.name.name.type = v1;
        tipc->addr.name.name.instance = v2;
        return 0;
    case TIPC_ADDR_ID:
        tipc->addr.id.node = v1;
        tipc->addr.id.ref = v2;
        return 0;
    default:
        PyErr_SetString(PyExc_TypeError, "Invalid address type");
        return -1;
    }
}

static PyObject *
make_tipc(int Py_UNUSED(fd), int Py_UNUSED(proto), const socket_address *address)
{
    const struct sockaddr_tipc *tipc = &address->tipc;
    unsigned int v1, v2, v3 = 0;
    switch (tipc->addrtype) {
    case TIPC_ADDR_NAMESEQ:
        v1 = tipc->addr.nameseq.type;
        v2 = tipc->addr.nameseq.lower;
        v3 = tipc->addr.nameseq.upper;
        break;
    case TIPC_ADDR_NAME:
        v1 = tipc->addr.name.name.type;
        v2 = tipc->addr.name.name.instance;
        break;
    case TIPC_ADDR_ID:
        v1 = tipc->addr.id.node;
        v2 = tipc->addr.id.ref;
        break;
    default:
        PyErr_SetString(PyExc_ValueError, "Invalid address type");
        return NULL;
    }
    return Py_BuildValue("IIIIi", (unsigned int)tipc->addrtype, v1, v2, v3, (int)tipc->scope);
}

/* ------------------------------------------------------------- families with interfaces */

/* The index of a network interface, by any socket: 0, or -1 with OSError. */
static int
interface_index(int fd, const char *name, int *index)
{
    struct ifreq request;
    memset(&request, 0, sizeof(request));
    strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
    if (ioctl(fd, SIOCGIFINDEX, &request) < 0) {
        socket_error();
        return -1;
    }
    *index = request.ifr_ifindex;
    return 0;
}

/* The interface's name in `request`; "" for index 0 and for one that is gone. */
static const char *
interface_name(int fd, int index, struct ifreq *request)
{
    memset(request, 0, sizeof(*request));
    request->ifr_ifindex = index;
    if (index == 0 || ioctl(fd, SIOCGIFNAME, request) < 0) {
        return "";
    }
    return request->ifr_name;
}

static int
parse_packet(PySocketSockObject *s, PyObject *args, const char *caller, socket_address *address)
{
    const char *name;
    struct sockaddr_ll *ll = &address->ll;
    int proto, type = 0, hardware = 0, rc = -1;
    Py_buffer mac = {.obj = NULL};
    if (check_tuple(args, caller, "AF_PACKET") < 0) {
        return -1;
    }
    if (!PyArg_ParseTuple(args, "si|iiy*;AF_PACKET address must be a tuple of two to five "
                          "elements", &name, &proto, &type, &hardware, &mac)) {
        return arguments_failed(caller, "address argument out of range");
    }
    if (interface_index(s->sock_fd, name, &ll->sll_ifindex) < 0) {
        goto done;
    }
    if (mac.obj != NULL && mac.len > (Py_ssize_t)sizeof(ll->sll_addr)) {
        PyErr_SetString(PyExc_ValueError, "Hardware address must be 8 bytes or less");
        goto done;
    }
    if (check_range(proto, 0xffff, caller, "proto") < 0) {
        goto done;
    }
    ll->sll_protocol = htons((uint16_t)proto);
    ll->sll_pkttype = (unsigned char)type;
    ll->sll_hatype = (unsigned short)hardware;
    if (mac.obj != NULL) {
        ll->sll_halen = (unsigned char)mac.len;
        memcpy(ll->sll_addr, mac.buf, (size_t)mac.len);
    }
    rc = 0;
done:
    if (mac.obj != NULL) {
        PyBuffer_Release(&mac);
    }
    return rc;
}

static PyObject *
make_packet(int fd, int Py_UNUSED(proto), const socket_address *address)
{
    const struct sockaddr_ll *ll = &address->ll;
    struct ifreq request;
    size_t length = ll->sll_halen;
    if (length > sizeof(ll->sll_addr)) {
        length = sizeof(ll->sll_addr);
    }
    return Py_BuildValue("siiiy#", interface_name(fd, ll->sll_ifindex, &request),
                         ntohs(ll->sll_protocol), (int)ll->sll_pkttype, (int)ll->sll_hatype,
                         ll->sll_addr, (Py_ssize_t)length);
}

/* Takes over `name`, bytes; the empty one stands for all interfaces. */
static int
can_interface(PySocketSockObject *s, PyObject *name, socket_address *address)
{
    Py_ssize_t length = PyBytes_GET_SIZE(name);
    int rc = 0;
    if (length >= IFNAMSIZ) {
        PyErr_SetString(PyExc_OSError, "AF_CAN interface name too long");
        rc = -1;
    }
    else if (length > 0) {
        rc = interface_index(s->sock_fd, PyBytes_AS_STRING(name), &address->can.can_ifindex);
    }
    Py_DECREF(name);
    return rc;
}

static int
parse_can(PySocketSockObject *s, PyObject *args, const char *caller, socket_address *address)
{
    PyObject *name = NULL;
    unsigned long rx_id, tx_id;
    unsigned long long ecu_name;
    unsigned int pgn;
    unsigned char ecu_address;
    int proto = s->sock_proto;
    if (proto != CAN_RAW && proto != CAN_BCM && proto != CAN_ISOTP && proto != CAN_J1939) {
        PyErr_Format(PyExc_OSError, "%s(): unsupported CAN protocol", caller);
        return -1;
    }
    if (check_tuple(args, caller, "AF_CAN") < 0) {
        return -1;
    }
    if (proto == CAN_ISOTP) {
        if (!PyArg_ParseTuple(args, "O&kk", PyUnicode_FSConverter, &name, &rx_id, &tx_id)) {
            return -1;
        }
        address->can.can_addr.tp.rx_id = (canid_t)rx_id;
        address->can.can_addr.tp.tx_id = (canid_t)tx_id;
    }
    else if (proto == CAN_J1939) {
        if (!PyArg_ParseTuple(args, "O&KIB", PyUnicode_FSConverter, &name, &ecu_name, &pgn,
                              &ecu_address)) {
            return -1;
        }
        address->can.can_addr.j1939.name = ecu_name;
        address->can.can_addr.j1939.pgn = pgn;
        address->can.can_addr.j1939.addr = ecu_address;
    }
    else if (!PyArg_ParseTuple(args, "O&;AF_CAN address must be a tuple (interface, )",
                               PyUnicode_FSConverter, &name)) {
        return -1;
    }
    return can_interface(s, name, address);
}

static PyObject *
make_can(int fd, int proto, const socket_address *address)
{
    const struct sockaddr_can *can = &address->can;
    struct ifreq request;
    PyObject *name = PyUnicode_DecodeFSDefault(interface_name(fd, can->can_ifindex, &request));
    if (proto == CAN_ISOTP) {
        return Py_BuildValue("Nkk", name, (unsigned long)can->can_addr.tp.rx_id,
                             (unsigned long)can->can_addr.tp.tx_id);
    }
    if (proto == CAN_J1939) {
        return Py_BuildValue("NKIi", name, (unsigned long long)can->can_addr.j1939.name,
                             (unsigned int)can->can_addr.j1939.pgn,
                             (int)can->can_addr.j1939.addr);
    }
    return Py_BuildValue("(N)", name);
}

/* ------------------------------------------------------------------------------ all families */

static const address_family families[] = {
    {AF_INET, sizeof(struct sockaddr_in), parse_inet, make_inet},
    {AF_INET6, sizeof(struct sockaddr_in6), parse_inet6, make_inet6},
    {AF_UNIX, sizeof(struct sockaddr_un), parse_unix, make_unix},
    {AF_NETLINK, sizeof(struct sockaddr_nl), parse_netlink, make_netlink},
    {AF_PACKET, sizeof(struct sockaddr_ll), parse_packet, make_packet},
    {AF_CAN, sizeof(struct sockaddr_can), parse_can, make_can},
    {AF_VSOCK, sizeof(struct sockaddr_vm), parse_vsock, make_vsock},
    {AF_TIPC, sizeof(struct sockaddr_tipc), parse_tipc, make_tipc},
    {AF_ALG, sizeof(struct sockaddr_alg), parse_alg, make_alg},
    {AF_QIPCRTR, sizeof(struct sockaddr_qrtr), parse_qipcrtr, make_qipcrtr},
    {AF_RDS, sizeof(struct sockaddr_in), parse_inet, make_inet},
};

static const address_family *
find_family(int family)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(families); i++) {
        if (families[i].family == family) {
            assert(families[i].size <= sizeof(struct sockaddr_storage));
            return &families[i];
        }
    }
    return NULL;
}

int
_PySocket_ParseAddress(PySocketSockObject *s, PyObject *object, const char *caller,
                       socket_address *address)
{
    const address_family *family = find_family(s->sock_family);
    if (family == NULL) {
        PyErr_Format(PyExc_OSError, "%s(): bad family", caller);
        return -1;
    }
    memset(address, 0, sizeof(*address));
    address->length = family->size;
    if (family->parse(s, object, caller, address) < 0) {
        return -1;
    }
    /* RDS uses addresses of IPv4. */
    address->sa.sa_family = (sa_family_t)(family->parse == parse_inet ? AF_INET : family->family);
    assert(address->length <= sizeof(address->storage));
    return 0;
}

int
_PySocket_PrepareAddress(PySocketSockObject *s, socket_address *address)
{
    const address_family *family = find_family(s->sock_family);
    if (family == NULL) {
        PyErr_SetString(PyExc_OSError, "getsockaddrlen: bad family");
        return -1;
    }
    memset(address, 0, sizeof(*address));
    address->length = family->size;
    return 0;
}

PyObject *
_PySocket_MakeAddress(int fd, int proto, const socket_address *address)
{
    if (address->length == 0) {
        Py_RETURN_NONE;         /* nothing known: the sender is not bound */
    }
    const address_family *family = find_family(address->sa.sa_family);
    if (family != NULL) {
        return family->make(fd, proto, address);
    }
    return Py_BuildValue("iy#", (int)address->sa.sa_family, address->sa.sa_data,
                         (Py_ssize_t)sizeof(address->sa.sa_data));
}
