/* ssl_bio.c - what connections read from and write to: sockets, and the type MemoryBIO.
 *
 * A connection's BIO on a socket never waits, whatever mode the descriptor is in: ssl_socket.c
 * waits, without the guard, so that a thread that waits for data to read does not keep another from
 * writing.  A connection's BIO on a MemoryBIO passes each call on with the lock of that object,
 * for it runs without the GIL while other threads may use the object.
 *
 * Written from the documentation of ssl.MemoryBIO, the manual pages BIO_meth_new(3), BIO_s_mem(3),
 * BIO_should_retry(3) and BIO_ctrl(3) of OpenSSL 3.0, and observed behaviour.
 */
#include "ssl.h"

#include "pycore_signature.h"   // wrappers

#include <sys/socket.h>

#include "sig/ssl_bio.sig.h"

/* ------------------------------------------------------------------------------------- sockets */

static int
socket_bio_fd(BIO *bio)
{
    return (int)(intptr_t)BIO_get_data(bio);
}

void
_PySSL_SetDescriptor(BIO *bio, int fd)
{
    BIO_set_data(bio, (void *)(intptr_t)fd);
}

static bool
would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static int
socket_bio_read(BIO *bio, char *data, int size)
{
    BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY | BIO_FLAGS_IN_EOF);
    ssize_t n = recv(socket_bio_fd(bio), data, (size_t)size, MSG_DONTWAIT);
    if (n < 0 && would_block()) {
        BIO_set_retry_read(bio);
    }
    else if (n == 0) {
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    }
    return (int)n;
}

static int
socket_bio_write(BIO *bio, const char *data, int size)
{
    BIO_clear_retry_flags(bio);
    ssize_t n = send(socket_bio_fd(bio), data, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && would_block()) {
        BIO_set_retry_write(bio);
    }
    return (int)n;
}

static long
socket_bio_ctrl(BIO *bio, int command, long Py_UNUSED(number), void *Py_UNUSED(pointer))
{
    switch (command) {
    case BIO_CTRL_EOF:
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    case BIO_CTRL_FLUSH:
        return 1;
    default:
        return 0;
    }
}

/* --------------------------------------------------------------------------------- memory BIOs */

static int
memory_bio_read(BIO *bio, char *data, int size)
{
    ssl_bio *memory = BIO_get_data(bio);
    PyThread_acquire_lock(memory->lock, WAIT_LOCK);
    int n = BIO_read(memory->bio, data, size);
    BIO_clear_retry_flags(bio);
    BIO_set_flags(bio, BIO_get_retry_flags(memory->bio));
    PyThread_release_lock(memory->lock);
    return n;
}

static int
memory_bio_write(BIO *bio, const char *data, int size)
{
    ssl_bio *memory = BIO_get_data(bio);
    PyThread_acquire_lock(memory->lock, WAIT_LOCK);
    int n = BIO_write(memory->bio, data, size);
    BIO_clear_retry_flags(bio);
    PyThread_release_lock(memory->lock);
    return n;
}

static long
memory_bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    ssl_bio *memory = BIO_get_data(bio);
    if (command != BIO_CTRL_EOF && command != BIO_CTRL_FLUSH && command != BIO_CTRL_PENDING) {
        return 0;
    }
    PyThread_acquire_lock(memory->lock, WAIT_LOCK);
    long result = BIO_ctrl(memory->bio, command, number, pointer);
    PyThread_release_lock(memory->lock);
    return result;
}

/* ------------------------------------------------------------------------------------- methods */

static BIO_METHOD *
new_method(const char *name, int (*read)(BIO *, char *, int),
           int (*write)(BIO *, const char *, int), long (*ctrl)(BIO *, int, long, void *))
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, name);
    if (method == NULL || !BIO_meth_set_read(method, read) || !BIO_meth_set_write(method, write)
        || !BIO_meth_set_ctrl(method, ctrl))
    {
        BIO_meth_free(method);
        PyErr_NoMemory();
        return NULL;
    }
    return method;
}

int
_PySSL_AddMethods(ssl_state *state)
{
    state->socket_method = new_method("Python socket", socket_bio_read, socket_bio_write,
                                      socket_bio_ctrl);
    if (state->socket_method == NULL) {
        return -1;
    }
    state->memory_method = new_method("Python MemoryBIO", memory_bio_read, memory_bio_write,
                                      memory_bio_ctrl);
    return state->memory_method != NULL ? 0 : -1;
}

static BIO *
new_bio(ssl_state *state, const BIO_METHOD *method, void *data)
{
    BIO *bio = BIO_new(method);
    if (bio == NULL) {
        RAISE_QUEUE(state);
        return NULL;
    }
    BIO_set_data(bio, data);
    BIO_set_init(bio, 1);
    return bio;
}

BIO *
_PySSL_SocketBio(ssl_state *state)
{
    return new_bio(state, state->socket_method, (void *)(intptr_t)-1);
}

BIO *
_PySSL_MemoryBio(ssl_state *state, ssl_bio *memory)
{
    return new_bio(state, state->memory_method, memory);
}

/* ----------------------------------------------------------------------------------- MemoryBIO */

static PyObject *
memory_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (!_PyArg_NoPositional("MemoryBIO", args) || !_PyArg_NoKeywords("MemoryBIO", kwargs)) {
        return NULL;
    }
    ssl_bio *self = (ssl_bio *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->state = PyType_GetModuleState(type);
    assert(self->state != NULL);
    self->lock = PyThread_allocate_lock();
    self->bio = BIO_new(BIO_s_mem());
    if (self->lock == NULL || self->bio == NULL) {
        ERR_clear_error();
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    BIO_set_mem_eof_return(self->bio, -1);      /* empty: try again */
    return (PyObject *)self;
}

static void
memory_dealloc(PyObject *op)
{
    ssl_bio *self = (ssl_bio *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    BIO_free(self->bio);
    if (self->lock != NULL) {
        PyThread_free_lock(self->lock);
    }
    type->tp_free(op);
    Py_DECREF(type);
}

static int
memory_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static size_t
memory_pending(ssl_bio *self)
{
    PyThread_acquire_lock(self->lock, WAIT_LOCK);
    size_t pending = BIO_ctrl_pending(self->bio);
    PyThread_release_lock(self->lock);
    return pending;
}

/*sig MemoryBIO.read(self, size: int = -1, /)

Read up to size bytes from the memory BIO.

If size is not specified, read the entire buffer.
If the return value is an empty bytes instance, this means either
EOF or that no data is available. Use the "eof" property to
distinguish between the two.
*/
static PyObject *
MemoryBIO_read_impl(ssl_bio *self, int size)
{
    size_t pending = memory_pending(self);
    if (size < 0 || (size_t)size > pending) {
        size = (int)Py_MIN(pending, INT_MAX);
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes == NULL || size == 0) {
        return bytes;
    }
    PyThread_acquire_lock(self->lock, WAIT_LOCK);
    int n = BIO_read(self->bio, PyBytes_AS_STRING(bytes), size);
    PyThread_release_lock(self->lock);
    if (n != size) {
        _PyBytes_Resize(&bytes, Py_MAX(n, 0));  /* a connection was faster */
    }
    return bytes;
}

/*sig MemoryBIO.write(self, b: buffer, /)

Writes the bytes b into the memory BIO.

Returns the number of bytes written.
*/
static PyObject *
MemoryBIO_write_impl(ssl_bio *self, Py_buffer *b)
{
    if (b->len > INT_MAX) {
        return PyErr_Format(PyExc_OverflowError, "string longer than %d bytes", INT_MAX);
    }
    if (self->eof_written) {
        PyErr_SetString(self->state->error, "cannot write() after write_eof()");
        return NULL;
    }
    PyThread_acquire_lock(self->lock, WAIT_LOCK);
    ERR_clear_error();
    int n = b->len > 0 ? BIO_write(self->bio, b->buf, (int)b->len) : 0;
    PyThread_release_lock(self->lock);
    return n >= 0 ? PyLong_FromLong(n) : RAISE_QUEUE(self->state);
}

/*sig MemoryBIO.write_eof(self)

Write an EOF marker to the memory BIO.

When all data has been read, the "eof" property will be True.
*/
static PyObject *
MemoryBIO_write_eof_impl(ssl_bio *self)
{
    PyThread_acquire_lock(self->lock, WAIT_LOCK);
    BIO_set_mem_eof_return(self->bio, 0);
    PyThread_release_lock(self->lock);
    self->eof_written = true;
    Py_RETURN_NONE;
}

static PyObject *
memory_get_pending(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromSize_t(memory_pending((ssl_bio *)self));
}

static PyObject *
memory_get_eof(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(((ssl_bio *)self)->eof_written && memory_pending((ssl_bio *)self) == 0);
}

static PyMethodDef memory_methods[] = {
    MEMORYBIO_READ_METHODDEF
    MEMORYBIO_WRITE_METHODDEF
    MEMORYBIO_WRITE_EOF_METHODDEF
    {NULL}
};

static PyGetSetDef memory_getset[] = {
    {"pending", memory_get_pending, NULL,
     PyDoc_STR("The number of bytes pending in the memory BIO."), NULL},
    {"eof", memory_get_eof, NULL, PyDoc_STR("Whether the memory BIO is at EOF."), NULL},
    {NULL}
};

static PyType_Slot memory_slots[] = {
    {Py_tp_new, memory_new},
    {Py_tp_dealloc, memory_dealloc},
    {Py_tp_traverse, memory_traverse},
    {Py_tp_methods, memory_methods},
    {Py_tp_getset, memory_getset},
    {0, NULL}
};

PyType_Spec _PySSL_BioSpec = {
    .name = "_ssl.MemoryBIO",
    .basicsize = sizeof(ssl_bio),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = memory_slots,
};
