/* convert.c - byte order, addresses as text and packed, network interfaces by number.
 *
 * See socket.h for what this was written from.
 */
#include "socket.h"

#include <net/if.h>

/* ----------------------------------------------------------------------------- byte order */

/* 16 bits of an argument; -1 with an exception. */
static int
parse_short(PyObject *args, const char *format, const char *name)
{
    int value;
    if (!PyArg_ParseTuple(args, format, &value)) {
        return -1;
    }
    if (value < 0 || value > 0xffff) {
        PyErr_Format(PyExc_OverflowError, value < 0
                     ? "%s: can't convert negative Python int to C 16-bit unsigned integer"
                     : "%s: Python int too large to convert to C 16-bit unsigned integer", name);
        return -1;
    }
    return value;
}

/* The other order of a 32-bit number. */
static PyObject *
swap_long(PyObject *arg)
{
    if (!PyLong_Check(arg)) {
        return PyErr_Format(PyExc_TypeError, "expected int, %s found", Py_TYPE(arg)->tp_name);
    }
    unsigned long value = PyLong_AsUnsignedLong(arg);
    if (value == (unsigned long)-1 && PyErr_Occurred()) {
        return NULL;
    }
    if (value > UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "int larger than 32 bits");
        return NULL;
    }
    return PyLong_FromUnsignedLong(htonl((uint32_t)value));
}

static const char htons_doc[] =
"htons(integer) -> integer\n\n"
"Convert an unsigned 16-bit number from the machine's byte order to that of the network.";

static PyObject *
socket_htons(PyObject *Py_UNUSED(module), PyObject *args)
{
    int value = parse_short(args, "i:htons", "htons");
    return value < 0 ? NULL : PyLong_FromLong(htons((uint16_t)value));
}

static const char ntohs_doc[] =
"ntohs(integer) -> integer\n\n"
"Convert an unsigned 16-bit number from the byte order of the network to the machine's.";

static PyObject *
socket_ntohs(PyObject *Py_UNUSED(module), PyObject *args)
{
    int value = parse_short(args, "i:ntohs", "ntohs");
    return value < 0 ? NULL : PyLong_FromLong(ntohs((uint16_t)value));
}

static const char htonl_doc[] =
"htonl(integer) -> integer\n\n"
"Convert an unsigned 32-bit number from the machine's byte order to that of the network.";

static PyObject *
socket_htonl(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return swap_long(arg);
}

static const char ntohl_doc[] =
"ntohl(integer) -> integer\n\n"
"Convert an unsigned 32-bit number from the byte order of the network to the machine's.";

static PyObject *
socket_ntohl(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return swap_long(arg);
}

/* --------------------------------------------------------------------- packed addresses */

static const char inet_aton_doc[] =
"inet_aton(string) -> bytes\n\n"
"Convert an IPv4 address such as '192.0.2.1' to four bytes in network order.";

static PyObject *
socket_inet_aton(PyObject *Py_UNUSED(module), PyObject *args)
{
    const char *text;
    struct in_addr packed;
    if (!PyArg_ParseTuple(args, "s:inet_aton", &text)) {
        return NULL;
    }
    if (!inet_aton(text, &packed)) {
        PyErr_SetString(PyExc_OSError, "illegal IP address string passed to inet_aton");
        return NULL;
    }
    return PyBytes_FromStringAndSize((const char *)&packed, sizeof(packed));
}

static const char inet_ntoa_doc[] =
"inet_ntoa(packed_ip) -> string\n\n"
"Convert an IPv4 address of four bytes in network order to a string.";

static PyObject *
socket_inet_ntoa(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer packed;
    PyObject *result = NULL;
    if (!PyArg_ParseTuple(args, "y*:inet_ntoa", &packed)) {
        return NULL;
    }
    if (packed.len != sizeof(struct in_addr)) {
        PyErr_SetString(PyExc_OSError, "packed IP wrong length for inet_ntoa");
    }
    else {
        result = _PySocket_MakeHost(AF_INET, packed.buf);
    }
    PyBuffer_Release(&packed);
    return result;
}

/* Bytes of a packed address; 0 if the family has none. */
static Py_ssize_t
packed_size(int family)
{
    return family == AF_INET ? (Py_ssize_t)sizeof(struct in_addr)
         : family == AF_INET6 ? (Py_ssize_t)sizeof(struct in6_addr) : 0;
}

static const char inet_pton_doc[] =
"inet_pton(af, ip) -> bytes\n\n"
"Convert an address of family AF_INET or AF_INET6 from text to bytes in network order.";

static PyObject *
socket_inet_pton(PyObject *Py_UNUSED(module), PyObject *args)
{
    int family;
    const char *text;
    char packed[sizeof(struct in6_addr)];
    if (!PyArg_ParseTuple(args, "is:inet_pton", &family, &text)) {
        return NULL;
    }
    int rc = inet_pton(family, text, packed);
    if (rc < 0) {
        return socket_error();
    }
    if (rc == 0) {
        PyErr_SetString(PyExc_OSError, "illegal IP address string passed to inet_pton");
        return NULL;
    }
    assert(packed_size(family) > 0);
    return PyBytes_FromStringAndSize(packed, packed_size(family));
}

static const char inet_ntop_doc[] =
"inet_ntop(af, packed_ip) -> string\n\n"
"Convert an address of family AF_INET or AF_INET6 from bytes in network order to text.";

static PyObject *
socket_inet_ntop(PyObject *Py_UNUSED(module), PyObject *args)
{
    int family;
    Py_buffer packed;
    PyObject *result = NULL;
    if (!PyArg_ParseTuple(args, "iy*:inet_ntop", &family, &packed)) {
        return NULL;
    }
    if (packed_size(family) == 0) {
        PyErr_Format(PyExc_ValueError, "unknown address family %d", family);
    }
    else if (packed.len != packed_size(family)) {
        PyErr_SetString(PyExc_ValueError, "invalid length of packed IP address string");
    }
    else {
        result = _PySocket_MakeHost(family, packed.buf);
    }
    PyBuffer_Release(&packed);
    return result;
}

/* ---------------------------------------------------------------------- network interfaces */

static const char if_nameindex_doc[] =
"if_nameindex()\n\n"
"Return a list of the network interfaces: tuples (index, name).";

static PyObject *
socket_if_nameindex(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    struct if_nameindex *interfaces;
    UNLOCKED(interfaces = if_nameindex());
    if (interfaces == NULL) {
        return socket_error();
    }
    PyObject *list = PyList_New(0);
    for (struct if_nameindex *i = interfaces; list != NULL && i->if_index != 0; i++) {
        PyObject *name = PyUnicode_DecodeFSDefault(i->if_name);
        PyObject *item = name != NULL ? Py_BuildValue("IN", i->if_index, name) : NULL;
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    if_freenameindex(interfaces);
    return list;
}

static const char if_nametoindex_doc[] =
"if_nametoindex(if_name)\n\n"
"Return the index of the network interface of that name.";

static PyObject *
socket_if_nametoindex(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *name = NULL;
    if (!PyArg_ParseTuple(args, "O&:if_nametoindex", PyUnicode_FSConverter, &name)) {
        return NULL;
    }
    unsigned int index = if_nametoindex(PyBytes_AS_STRING(name));
    Py_DECREF(name);
    if (index == 0) {
        PyErr_SetString(PyExc_OSError, "no interface with this name");
        return NULL;
    }
    return PyLong_FromUnsignedLong(index);
}

static const char if_indextoname_doc[] =
"if_indextoname(if_index)\n\n"
"Return the name of the network interface of that index.";

static PyObject *
socket_if_indextoname(PyObject *Py_UNUSED(module), PyObject *arg)
{
    char name[IF_NAMESIZE];
    unsigned long index = PyLong_AsUnsignedLong(arg);
    if (index == (unsigned long)-1 && PyErr_Occurred()) {
        return NULL;
    }
    if (index > UINT_MAX) {
        errno = ENXIO;          /* no interface has such a number */
        return socket_error();
    }
    if (if_indextoname((unsigned int)index, name) == NULL) {
        return socket_error();
    }
    return PyUnicode_DecodeFSDefault(name);
}

#define FUNCTION(NAME, FLAGS) {#NAME, socket_ ## NAME, FLAGS, NAME ## _doc}

const PyMethodDef _PySocket_ConvertFunctions[] = {
    FUNCTION(htons, METH_VARARGS),
    FUNCTION(ntohs, METH_VARARGS),
    FUNCTION(htonl, METH_O),
    FUNCTION(ntohl, METH_O),
    FUNCTION(inet_aton, METH_VARARGS),
    FUNCTION(inet_ntoa, METH_VARARGS),
    FUNCTION(inet_pton, METH_VARARGS),
    FUNCTION(inet_ntop, METH_VARARGS),
    FUNCTION(if_nameindex, METH_NOARGS),
    FUNCTION(if_nametoindex, METH_VARARGS),
    FUNCTION(if_indextoname, METH_O),
    {NULL, NULL, 0, NULL}
};
