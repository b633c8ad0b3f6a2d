/* message.c - messages with ancillary data: sendmsg(), recvmsg() and their kin.
 *
 * The control buffer of a message is a sequence of items, each a header (level, type, length) with
 * data behind it and padding up to the next.  Descriptors that come in an item of type SCM_RIGHTS
 * are ours from then on: if no result can be made they are closed.
 * See socket.h for what this was written from.
 */
#include "socket.h"

#include <limits.h>
#include <poll.h>
#include <sys/uio.h>

/* The largest control buffer: what a socklen_t holds in all C libraries. */
#define MAX_CONTROL ((size_t)INT_MAX)

/* Bytes of an item without and with the padding behind it; 0 if that is too much. */
static size_t
item_length(size_t data)
{
    return data <= MAX_CONTROL - CMSG_LEN(0) ? CMSG_LEN(data) : 0;
}

static size_t
item_space(size_t data)
{
    return data <= MAX_CONTROL - CMSG_SPACE(1) ? CMSG_SPACE(data) : 0;
}

static PyObject *
size_function(PyObject *args, const char *format, const char *name, size_t (*function)(size_t))
{
    Py_ssize_t length;
    if (!PyArg_ParseTuple(args, format, &length)) {
        return NULL;
    }
    size_t result = length < 0 ? 0 : function((size_t)length);
    if (result == 0) {
        return PyErr_Format(PyExc_OverflowError, "%s() argument out of range", name);
    }
    return PyLong_FromSize_t(result);
}

static const char cmsg_len_doc[] =
"CMSG_LEN(length) -> control message length\n\n"
"Return the size of an ancillary item with that much data, without padding behind it.  Raises\n"
"OverflowError if it is outside the permitted range.";

static PyObject *
socket_cmsg_len(PyObject *Py_UNUSED(module), PyObject *args)
{
    return size_function(args, "n:CMSG_LEN", "CMSG_LEN", item_length);
}

static const char cmsg_space_doc[] =
"CMSG_SPACE(length) -> buffer size\n\n"
"Return how large a buffer recvmsg() needs for an ancillary item with that much data: the sizes\n"
"of several items can be added.  Raises OverflowError if it is outside the permitted range.";

static PyObject *
socket_cmsg_space(PyObject *Py_UNUSED(module), PyObject *args)
{
    return size_function(args, "n:CMSG_SPACE", "CMSG_SPACE", item_space);
}

const PyMethodDef _PySocket_MessageFunctions[] = {
    {"CMSG_LEN", socket_cmsg_len, METH_VARARGS, cmsg_len_doc},
    {"CMSG_SPACE", socket_cmsg_space, METH_VARARGS, cmsg_space_doc},
    {NULL, NULL, 0, NULL}
};

/* --------------------------------------------------------------------- buffers of a message */

/* The exported buffers of an iterable's items. */
typedef struct {
    Py_buffer *views;
    struct iovec *parts;        /* the same memory, for the system */
    Py_ssize_t count;
} scattered;

static void
release_scattered(scattered *s)
{
    for (Py_ssize_t i = 0; i < s->count; i++) {
        PyBuffer_Release(&s->views[i]);
    }
    PyMem_Free(s->views);
    PyMem_Free(s->parts);
}

/* One buffer; `writable` is the message for what is none, or NULL to read. */
static int
export_buffer(PyObject *item, Py_buffer *view, const char *writable)
{
    if (writable == NULL) {
        return PyObject_GetBuffer(item, view, PyBUF_SIMPLE);
    }
    int rc = PyObject_GetBuffer(item, view, PyBUF_WRITABLE);
    if (rc < 0 && (PyErr_ExceptionMatches(PyExc_TypeError)
                   || PyErr_ExceptionMatches(PyExc_BufferError))) {
        PyErr_SetString(PyExc_TypeError, writable);
    }
    return rc;
}

/* Exports all buffers: 0, or -1 with an exception and nothing to release. */
static int
export_scattered(PyObject *iterable, const char *not_iterable, const char *writable,
                 const char *too_long, scattered *s)
{
    *s = (scattered){.count = 0};
    PyObject *items = PySequence_Fast(iterable, not_iterable);
    if (items == NULL) {
        return -1;
    }
    Py_ssize_t n = PySequence_Fast_GET_SIZE(items);
    if (n > INT_MAX) {
        PyErr_SetString(PyExc_OSError, too_long);
        goto error;
    }
    s->views = PyMem_New(Py_buffer, n + 1);
    s->parts = PyMem_New(struct iovec, n + 1);
    if (s->views == NULL || s->parts == NULL) {
        PyErr_NoMemory();
        goto error;
    }
    /* Exporting may run code that changes a list. */
    for (; s->count < n && s->count < PySequence_Fast_GET_SIZE(items); s->count++) {
        Py_buffer *view = &s->views[s->count];
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(items, s->count));
        int rc = export_buffer(item, view, writable);
        Py_DECREF(item);
        if (rc < 0) {
            goto error;
        }
        s->parts[s->count] = (struct iovec){view->buf, (size_t)view->len};
    }
    Py_DECREF(items);
    return 0;
error:
    Py_DECREF(items);
    release_scattered(s);
    return -1;
}

/* ----------------------------------------------------------------------------- sending */

typedef struct {
    struct msghdr header;
    int flags;
} message;

static Py_ssize_t
attempt_sendmsg(int fd, void *arg)
{
    message *m = arg;
    return sendmsg(fd, &m->header, m->flags);
}

static PyObject *
send_message(PySocketSockObject *s, message *m)
{
    Py_ssize_t n = _PySocket_Call(s, POLLOUT, _PySocket_Deadline(s), attempt_sendmsg, m);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

/* An item of ancillary data. */
typedef struct {
    int level;
    int type;
    Py_buffer data;
} ancillary_item;

static void
release_items(ancillary_item *items, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        PyBuffer_Release(&items[i].data);
    }
    PyMem_Free(items);
}

/* The items of sendmsg()'s second argument.  *result for release_items(), NULL for none.  Their
   number, or -1 with an exception. */
static Py_ssize_t
parse_items(PyObject *iterable, ancillary_item **result)
{
    PyObject *sequence = PySequence_Fast(iterable, "sendmsg() argument 2 must be an iterable");
    if (sequence == NULL) {
        return -1;
    }
    Py_ssize_t n = PySequence_Fast_GET_SIZE(sequence), count = 0;
    ancillary_item *items = n > 0 ? PyMem_New(ancillary_item, n) : NULL;
    int failed = n > 0 && items == NULL;
    if (failed) {
        PyErr_NoMemory();
    }
    while (!failed && count < n && count < PySequence_Fast_GET_SIZE(sequence)) {
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(sequence, count));
        ancillary_item *to = &items[count];
        failed = !PyArg_Parse(item, "(iiy*):[sendmsg() ancillary data items]", &to->level,
                              &to->type, &to->data);
        Py_DECREF(item);
        count += !failed;
    }
    Py_DECREF(sequence);
    if (failed) {
        release_items(items, count);
        return -1;
    }
    *result = items;
    return count;
}

/* Puts the items into a new control buffer of the message, for PyMem_Free().  0, or -1 with an
   exception. */
static int
build_control(struct msghdr *header, const ancillary_item *items, Py_ssize_t count)
{
    size_t total = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        size_t space = item_space((size_t)items[i].data.len);
        if (space == 0) {
            PyErr_SetString(PyExc_OSError, "ancillary data item too large");
            return -1;
        }
        total += space;
        if (total > MAX_CONTROL) {
            PyErr_SetString(PyExc_OSError, "too much ancillary data");
            return -1;
        }
    }
    if (total == 0) {
        return 0;
    }
    char *control = PyMem_Calloc(1, total);
    if (control == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    header->msg_control = control;
    header->msg_controllen = total;
    size_t offset = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        struct cmsghdr *to = (struct cmsghdr *)(control + offset);
        size_t length = (size_t)items[i].data.len;
        to->cmsg_level = items[i].level;
        to->cmsg_type = items[i].type;
        to->cmsg_len = CMSG_LEN(length);
        memcpy(CMSG_DATA(to), items[i].data.buf, length);
        offset += CMSG_SPACE(length);
    }
    assert(offset == total);
    return 0;
}

const char _PySocket_sendmsg_doc[] =
"sendmsg(buffers[, ancdata[, flags[, address]]]) -> count\n\n"
"Send the bytes of several buffers as one message, with ancillary data: an iterable of tuples\n"
"(cmsg_level, cmsg_type, cmsg_data).  The flags are as for send(); the address is that of the\n"
"receiver, None if the socket is connected.  Return how many bytes were sent, without the\n"
"ancillary ones.";

PyObject *
_PySocket_sendmsg(PySocketSockObject *s, PyObject *args)
{
    PyObject *buffers, *ancillary = NULL, *to = Py_None, *result = NULL;
    socket_address address;
    scattered data;
    ancillary_item *items = NULL;
    Py_ssize_t count = 0;
    message m = {.flags = 0};
    if (!PyArg_ParseTuple(args, "O|OiO:sendmsg", &buffers, &ancillary, &m.flags, &to)) {
        return NULL;
    }
    if (to != Py_None) {
        if (_PySocket_ParseAddress(s, to, "sendmsg", &address) < 0) {
            return NULL;
        }
        m.header.msg_name = &address.sa;
        m.header.msg_namelen = address.length;
    }
    if (PySys_Audit("socket.sendmsg", "OO", s, to) < 0
        || export_scattered(buffers, "sendmsg() argument 1 must be an iterable", NULL,
                            "sendmsg() argument 1 is too long", &data) < 0) {
        return NULL;
    }
    m.header.msg_iov = data.parts;
    m.header.msg_iovlen = (size_t)data.count;
    if (ancillary != NULL) {
        count = parse_items(ancillary, &items);
    }
    if (count >= 0 && build_control(&m.header, items, count) == 0) {
        result = send_message(s, &m);
    }
    PyMem_Free(m.header.msg_control);
    release_items(items, count);
    release_scattered(&data);
    return result;
}

/* Adds an item to a control buffer that is large enough: where its data goes. */
static void *
add_item(struct msghdr *header, int type, size_t length)
{
    struct cmsghdr *to = (struct cmsghdr *)((char *)header->msg_control + header->msg_controllen);
    to->cmsg_level = SOL_ALG;
    to->cmsg_type = type;
    to->cmsg_len = CMSG_LEN(length);
    header->msg_controllen += CMSG_SPACE(length);
    return CMSG_DATA(to);
}

/* The control buffer of a message to a socket of AF_ALG, for PyMem_Free(); `iv` and `assoclen`
   may be missing (obj NULL, negative).  0, or -1 with an exception. */
static int
build_alg_control(struct msghdr *header, int op, const Py_buffer *iv, int assoclen)
{
    size_t iv_size = iv->obj != NULL ? sizeof(struct af_alg_iv) + (size_t)iv->len : 0;
    if (iv_size > MAX_CONTROL / 2) {
        PyErr_SetString(PyExc_OSError, "ancillary data item too large");
        return -1;
    }
    header->msg_control = PyMem_Calloc(1, CMSG_SPACE(sizeof(uint32_t)) * 2 + CMSG_SPACE(iv_size));
    if (header->msg_control == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *(uint32_t *)add_item(header, ALG_SET_OP, sizeof(uint32_t)) = (uint32_t)op;
    if (iv->obj != NULL) {
        struct af_alg_iv *to = add_item(header, ALG_SET_IV, iv_size);
        to->ivlen = (uint32_t)iv->len;
        memcpy(to->iv, iv->buf, (size_t)iv->len);
    }
    if (assoclen >= 0) {
        *(uint32_t *)add_item(header, ALG_SET_AEAD_ASSOCLEN, sizeof(uint32_t)) =
            (uint32_t)assoclen;
    }
    return 0;
}

/* The numbers of sendmsg_afalg(); NULL for none: 0, or -1 with an exception. */
static int
parse_alg_numbers(PyObject *op_arg, PyObject *assoclen_arg, int *op, int *assoclen)
{
    *op = op_arg != NULL ? _PyLong_AsInt(op_arg) : -1;
    if (*op < 0) {
        PyErr_SetString(PyExc_TypeError, "Invalid or missing argument 'op'");
        return -1;
    }
    *assoclen = -1;
    if (assoclen_arg != NULL) {
        *assoclen = _PyLong_AsInt(assoclen_arg);
        if (*assoclen == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (*assoclen < 0) {
            PyErr_SetString(PyExc_TypeError, "assoclen must be positive");
            return -1;
        }
    }
    return 0;
}

const char _PySocket_sendmsg_afalg_doc[] =
"sendmsg_afalg([msg], *, op[, iv[, assoclen[, flags]]])\n\n"
"Send to a socket of AF_ALG the operation, the initialisation vector, the length of the\n"
"associated data, and data.";

PyObject *
_PySocket_sendmsg_afalg(PySocketSockObject *s, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"msg", "op", "iv", "assoclen", "flags", NULL};
    PyObject *buffers = NULL, *op_arg = NULL, *assoclen_arg = NULL, *result = NULL;
    Py_buffer iv = {.obj = NULL};
    scattered data = {.count = 0};
    message m = {.flags = 0};
    int op, assoclen;
    if (s->sock_family != AF_ALG) {
        PyErr_SetString(PyExc_OSError, "algset is only supported for AF_ALG");
        return NULL;
    }
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O$O!y*O!i:sendmsg_afalg", (char **)names,
                                     &buffers, &PyLong_Type, &op_arg, &iv, &PyLong_Type,
                                     &assoclen_arg, &m.flags)) {
        return NULL;
    }
    if (parse_alg_numbers(op_arg, assoclen_arg, &op, &assoclen) == 0
        && (buffers == NULL
            || export_scattered(buffers, "sendmsg() argument 1 must be an iterable", NULL,
                                "sendmsg() argument 1 is too long", &data) == 0)) {
        m.header.msg_iov = data.parts;
        m.header.msg_iovlen = (size_t)data.count;
        if (build_alg_control(&m.header, op, &iv, assoclen) == 0) {
            result = send_message(s, &m);
        }
        PyMem_Free(m.header.msg_control);
        release_scattered(&data);
    }
    if (iv.obj != NULL) {
        PyBuffer_Release(&iv);
    }
    return result;
}

/* --------------------------------------------------------------------------- receiving */

typedef struct {
    struct msghdr header;
    int flags;
    socklen_t name_room;
    size_t control_room;
} incoming;

static Py_ssize_t
attempt_recvmsg(int fd, void *arg)
{
    incoming *m = arg;
    m->header.msg_namelen = m->name_room;
    m->header.msg_controllen = m->control_room;
    return recvmsg(fd, &m->header, m->flags);
}

/* How much of an item's data lies in the control buffer; -1 if its header does not. */
static Py_ssize_t
item_data_length(const struct msghdr *header, const struct cmsghdr *item)
{
    size_t offset = (size_t)((const char *)item - (const char *)header->msg_control);
    size_t room = header->msg_controllen - offset;
    assert(offset <= header->msg_controllen);
    if (room < CMSG_LEN(0) || item->cmsg_len < CMSG_LEN(0)) {
        return -1;
    }
    return (Py_ssize_t)((item->cmsg_len < room ? item->cmsg_len : room) - CMSG_LEN(0));
}

static void
close_received(const struct msghdr *header)
{
    for (struct cmsghdr *item = CMSG_FIRSTHDR(header); item != NULL;
         item = CMSG_NXTHDR((struct msghdr *)header, item)) {
        Py_ssize_t length = item_data_length(header, item);
        if (length < 0) {
            return;
        }
        if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_RIGHTS) {
            const int *fds = (const int *)CMSG_DATA(item);
            for (size_t i = 0; i < (size_t)length / sizeof(int); i++) {
                close(fds[i]);
            }
        }
    }
}

/* The list of (level, type, data) of a received message. */
static PyObject *
make_items(const struct msghdr *header)
{
    PyObject *list = PyList_New(0);
    for (struct cmsghdr *item = CMSG_FIRSTHDR(header); list != NULL && item != NULL;
         item = CMSG_NXTHDR((struct msghdr *)header, item)) {
        Py_ssize_t length = item_data_length(header, item);
        if ((length < 0 || (size_t)length < item->cmsg_len - CMSG_LEN(0))
            && PyErr_WarnEx(PyExc_RuntimeWarning,
                            "received malformed or improperly-truncated ancillary data", 1) < 0) {
            Py_CLEAR(list);
        }
        if (list == NULL || length < 0) {
            break;
        }
        PyObject *made = Py_BuildValue("iiy#", item->cmsg_level, item->cmsg_type,
                                       CMSG_DATA(item), length);
        if (made == NULL || PyList_Append(list, made) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(made);
    }
    return list;
}

/* Makes the first result of n received bytes: a new reference, or NULL with an exception. */
typedef PyObject *(*data_maker)(Py_ssize_t n, void *arg);

/* The result of a message that was received into `address`: (data, ancdata, msg_flags, address).
   Takes over `data`.  NULL with an exception, which is set already if `data` is NULL. */
static PyObject *
message_result(PySocketSockObject *s, const struct msghdr *header, socket_address *address,
               PyObject *data)
{
    address->length = header->msg_namelen;
    PyObject *items = data != NULL ? make_items(header) : NULL, *result = NULL;
    PyObject *from = items != NULL
                     ? _PySocket_MakeAddress(s->sock_fd, s->sock_proto, address) : NULL;
    if (from != NULL) {
        result = Py_BuildValue("OOiO", data, items, header->msg_flags, from);
    }
    Py_XDECREF(data);
    Py_XDECREF(items);
    Py_XDECREF(from);
    return result;
}

/* Receives a message into the parts: the method's result, or NULL with an exception. */
static PyObject *
receive_message(PySocketSockObject *s, struct iovec *parts, size_t count, int flags,
                Py_ssize_t control_size, data_maker make, void *arg)
{
    socket_address address;
    incoming m = {.flags = flags};
    PyObject *result = NULL;
    if (_PySocket_PrepareAddress(s, &address) < 0) {
        return NULL;
    }
    if (control_size < 0 || (size_t)control_size > MAX_CONTROL) {
        PyErr_SetString(PyExc_ValueError, "invalid ancillary data buffer length");
        return NULL;
    }
    if (control_size > 0) {
        m.header.msg_control = PyMem_Malloc((size_t)control_size);
        if (m.header.msg_control == NULL) {
            return PyErr_NoMemory();
        }
    }
    m.header.msg_iov = parts;
    m.header.msg_iovlen = count;
    m.header.msg_name = &address.sa;
    m.name_room = address.length;
    m.control_room = (size_t)control_size;
    Py_ssize_t n = _PySocket_Call(s, POLLIN, _PySocket_Deadline(s), attempt_recvmsg, &m);
    if (n >= 0) {
        result = message_result(s, &m.header, &address, make(n, arg));
        if (result == NULL) {
            close_received(&m.header);
        }
    }
    PyMem_Free(m.header.msg_control);
    return result;
}

/* Takes the bytes object, which *arg holds, cut to the length. */
static PyObject *
cut_bytes(Py_ssize_t n, void *arg)
{
    PyObject **bytes = arg, *result = *bytes;
    *bytes = NULL;
    if (n != PyBytes_GET_SIZE(result)) {
        (void)_PyBytes_Resize(&result, n);      /* NULL if it fails */
    }
    return result;
}

static PyObject *
count_bytes(Py_ssize_t n, void *Py_UNUSED(arg))
{
    return PyLong_FromSsize_t(n);
}

const char _PySocket_recvmsg_doc[] =
"recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)\n\n"
"Receive up to bufsize bytes, and ancillary data into a buffer of ancbufsize bytes, for which\n"
"CMSG_SPACE() gives the size.  Ancillary data is a list of tuples (cmsg_level, cmsg_type,\n"
"cmsg_data); msg_flags tells what happened to the message; the address is the sender's if the\n"
"socket is not connected.  Descriptors that were received are closed if an exception is raised.";

PyObject *
_PySocket_recvmsg(PySocketSockObject *s, PyObject *args)
{
    Py_ssize_t size, control_size = 0;
    int flags = 0;
    if (!PyArg_ParseTuple(args, "n|ni:recvmsg", &size, &control_size, &flags)) {
        return NULL;
    }
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "negative buffer size in recvmsg()");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes == NULL) {
        return NULL;
    }
    struct iovec part = {PyBytes_AS_STRING(bytes), (size_t)size};
    PyObject *result = receive_message(s, &part, 1, flags, control_size, cut_bytes, &bytes);
    Py_XDECREF(bytes);
    return result;
}

const char _PySocket_recvmsg_into_doc[] =
"recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)\n\n"
"As recvmsg(), but put the data into the buffers of an iterable, one after the other.";

PyObject *
_PySocket_recvmsg_into(PySocketSockObject *s, PyObject *args)
{
    PyObject *buffers;
    Py_ssize_t control_size = 0;
    int flags = 0;
    scattered data;
    if (!PyArg_ParseTuple(args, "O|ni:recvmsg_into", &buffers, &control_size, &flags)
        || export_scattered(buffers, "recvmsg_into() argument 1 must be an iterable",
                            "recvmsg_into() argument 1 must be an iterable of single-segment "
                            "read-write buffers", "recvmsg_into() argument 1 is too long",
                            &data) < 0) {
        return NULL;
    }
    PyObject *result = receive_message(s, data.parts, (size_t)data.count, flags, control_size,
                                       count_bytes, NULL);
    release_scattered(&data);
    return result;
}
