/* ssl_socket.c - the type _SSLSocket: a connection.
 *
 * Every operation is an *attempt*, one call of libssl without the GIL and with the guard, for an
 * SSL serves one thread at a time.  No attempt waits for the peer (ssl_bio.c), so the guard is held
 * for moments.  What waits, as the Python socket's timeout says, is perform(): it polls the
 * descriptor without the guard and makes the attempt again.  So one thread may read while another
 * writes.  What the Python socket is asked for is read before each attempt; one that is gone or
 * closed is an error.
 *
 * ex_data of the SSL points back to the object (borrowed: the object frees the SSL first).
 *
 * Written from the documentation of ssl.SSLSocket, RFC 5929, the manual pages SSL_read_ex(3),
 * SSL_write_ex(3), SSL_do_handshake(3), SSL_shutdown(3), SSL_get_error(3),
 * SSL_set_SSL_CTX(3), SSL_get_finished(3) and SSL_verify_client_post_handshake(3) of OpenSSL 3.0,
 * and observed behaviour.
 */
#include "ssl.h"

#include "pycore_signature.h"   // wrappers
#include "Modules/socketmodule.h"

#include <openssl/comp.h>
#include <openssl/x509v3.h>

#include <poll.h>

#include "sig/ssl_socket.sig.h"

/* ---------------------------------------------------------------------------------- operations */

/* What an operation works on. */
typedef struct {
    void *data;
    size_t size;
    size_t done;                // how much of it
} transfer;

/* One call of libssl: what it returns. */
typedef int (*attempt)(SSL *ssl, transfer *what);

/* What waits, in messages of timeouts. */
enum operation {HANDSHAKE, READ, WRITE, SHUTDOWN};

/* The Python socket as a new reference, or NULL over memory BIOs; 0, or -1 with an exception. */
static int
get_sock(ssl_socket *self, PySocketSockObject **sock, int line)
{
    *sock = NULL;
    if (self->sock == NULL) {
        return 0;
    }
    PyObject *object = PyWeakref_GetObject(self->sock);
    if (object == Py_None) {
        _PySSL_Raise(self->state, 0, "Underlying socket connection gone", line);
        return -1;
    }
    *sock = (PySocketSockObject *)Py_NewRef(object);
    return 0;
}

/* Make one attempt; 0, or -1 with an exception: of a callback. */
static int
make_attempt(ssl_socket *self, const PySocketSockObject *sock, attempt function, transfer *what,
             ssl_outcome *outcome)
{
    if (ssl_guard_is_mine(&self->guard)) {
        PyErr_SetString(PyExc_RuntimeError,
                        "operation on an SSL connection inside a callback of it");
        return -1;
    }
    ssl_guard_enter(&self->guard);
    if (sock != NULL) {
        _PySSL_SetDescriptor(SSL_get_rbio(self->ssl), sock->sock_fd);
    }
    self->released = PyEval_SaveThread();
    ERR_clear_error();
    errno = 0;
    outcome->result = function(self->ssl, what);
    outcome->sys_errno = errno;
    outcome->error = SSL_get_error(self->ssl, outcome->result);
    outcome->code = ERR_peek_last_error();
    PyThreadState *tstate = self->released;
    self->released = NULL;
    PyEval_RestoreThread(tstate);
    ssl_guard_leave(&self->guard);
    return PyErr_Occurred() ? -1 : 0;
}

static void
raise_timeout(enum operation operation, short events, int line)
{
    if (operation == HANDSHAKE) {
        PyErr_Format(PyExc_TimeoutError, "_ssl.c:%d: The handshake operation timed out", line);
    }
    else {
        bool reads = operation == READ || (operation == SHUTDOWN && events == POLLIN);
        PyErr_Format(PyExc_TimeoutError, "The %s operation timed out", reads ? "read" : "write");
    }
}

/* Wait until the descriptor is ready or a deadline (0: none) is over: 1 or 0; -1 with an
   exception. */
static int
wait_ready(ssl_socket *self, const PySocketSockObject *sock, short events, _PyTime_t deadline)
{
    for (;;) {
        struct pollfd pfd = {.fd = sock->sock_fd, .events = events};
        int n, ms = -1;
        if (pfd.fd < 0) {
            PyErr_SetString(self->state->error, "Underlying socket has been closed.");
            return -1;
        }
        if (deadline != 0) {
            _PyTime_t left = _PyTime_AsMilliseconds(_PyDeadline_Get(deadline),
                                                    _PyTime_ROUND_CEILING);
            ms = left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
        }
        Py_BEGIN_ALLOW_THREADS
        n = poll(&pfd, 1, ms);
        Py_END_ALLOW_THREADS
        if (n > 0) {
            return 1;
        }
        if (n < 0 && errno != EINTR) {
            PyErr_SetFromErrno(PyExc_OSError);
            return -1;
        }
        if (n < 0 && PyErr_CheckSignals() < 0) {
            return -1;
        }
        if (deadline != 0 && _PyDeadline_Get(deadline) <= 0) {
            return 0;
        }
    }
}

/* Make attempts until one does not have to wait, or the socket does not wait, and leave what the
   last ended with in *outcome: whoever calls raises it.  0, or -1 with an exception. */
static int
perform(ssl_socket *self, PySocketSockObject *sock, enum operation operation, attempt function,
        transfer *what, ssl_outcome *outcome)
{
    _PyTime_t timeout = sock != NULL ? sock->sock_timeout : 0;
    _PyTime_t deadline = timeout > 0 ? _PyDeadline_Init(timeout) : 0;
    for (;;) {
        if (make_attempt(self, sock, function, what, outcome) < 0) {
            return -1;
        }
        bool wants_read = outcome->error == SSL_ERROR_WANT_READ;
        if (timeout == 0 || (!wants_read && outcome->error != SSL_ERROR_WANT_WRITE)) {
            return 0;
        }
        short events = wants_read ? POLLIN : POLLOUT;
        int ready = wait_ready(self, sock, events, deadline);
        if (ready == 0) {
            raise_timeout(operation, events, __LINE__);
        }
        if (ready <= 0) {
            return -1;
        }
    }
}

/* ----------------------------------------------------------------------------- birth and death */

/* The name of the peer: what is asked for by SNI, and checked; 0, or -1 with an exception. */
static int
set_server_hostname(ssl_socket *self, const char *name)
{
    size_t size = strlen(name);
    if (size == 0 || name[0] == '.') {
        PyErr_SetString(PyExc_ValueError,
                        "server_hostname cannot be an empty string or start with a leading dot.");
        return -1;
    }
    self->server_hostname = PyUnicode_DecodeASCII(name, (Py_ssize_t)size, NULL);
    if (self->server_hostname == NULL) {
        return -1;
    }
    ERR_clear_error();
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);
    ERR_clear_error();
    /* An address is not for SNI (RFC 6066). */
    bool done = address != NULL || SSL_set_tlsext_host_name(self->ssl, name) == 1;
    if (done && self->context->check_hostname) {
        X509_VERIFY_PARAM *param = SSL_get0_param(self->ssl);
        X509_VERIFY_PARAM_set_hostflags(param, self->context->host_flags);
        done = address != NULL
               ? X509_VERIFY_PARAM_set1_ip(param, ASN1_STRING_get0_data(address),
                                           (size_t)ASN1_STRING_length(address)) == 1
               : X509_VERIFY_PARAM_set1_host(param, name, size) == 1;
    }
    ASN1_OCTET_STRING_free(address);
    if (!done) {
        RAISE_QUEUE(self->state);
        return -1;
    }
    return 0;
}

/* Give the connection what it reads from and writes to; 0, or -1 with an exception. */
static int
set_bios(ssl_socket *self)
{
    ssl_state *state = self->state;
    if (self->sock != NULL) {
        BIO *bio = _PySSL_SocketBio(state);
        if (bio == NULL) {
            return -1;
        }
        SSL_set_bio(self->ssl, bio, bio);
        return 0;
    }
    BIO *incoming = _PySSL_MemoryBio(state, (ssl_bio *)self->incoming);
    BIO *outgoing = incoming != NULL ? _PySSL_MemoryBio(state, (ssl_bio *)self->outgoing) : NULL;
    if (outgoing == NULL) {
        BIO_free(incoming);
        return -1;
    }
    SSL_set_bio(self->ssl, incoming, outgoing);
    return 0;
}

/* Make the SSL; 0, or -1 with an exception. */
static int
make_ssl(ssl_socket *self)
{
    ssl_context *context = self->context;
    ssl_guard_enter(&context->guard);
    ERR_clear_error();
    self->ssl = SSL_new(context->ctx);
    ssl_guard_leave(&context->guard);
    if (self->ssl == NULL || SSL_set_app_data(self->ssl, self) != 1) {
        RAISE_QUEUE(self->state);
        return -1;
    }
    if (context->post_handshake_auth) {
        if (self->server_side) {
            int mode = SSL_get_verify_mode(self->ssl);
            if (mode & SSL_VERIFY_PEER) {
                SSL_set_verify(self->ssl, mode | SSL_VERIFY_POST_HANDSHAKE,
                               SSL_get_verify_callback(self->ssl));
            }
        }
        else {
            SSL_set_post_handshake_auth(self->ssl, 1);
        }
    }
    if (self->server_side) {
        SSL_set_accept_state(self->ssl);
    }
    else {
        SSL_set_connect_state(self->ssl);
    }
    return set_bios(self);
}

/* Set what the caller may leave out (None). */
static int
set_optional(ssl_socket *self, PyObject *server_hostname, PyObject *owner, PyObject *session)
{
    if (server_hostname != Py_None) {
        char *name = NULL;
        if (!PyArg_Parse(server_hostname, "es", "ascii", &name)) {
            return -1;
        }
        int set = set_server_hostname(self, name);
        PyMem_Free(name);
        if (set < 0) {
            return -1;
        }
    }
    if (owner != Py_None) {
        self->owner = PyWeakref_NewRef(owner, NULL);
        if (self->owner == NULL) {
            return -1;
        }
    }
    return session != Py_None ? _PySSL_SetSession(self, session) : 0;
}

PyObject *
_PySSL_NewSocket(ssl_context *context, PyObject *sock, PyObject *incoming, PyObject *outgoing,
                 bool server_side, PyObject *server_hostname, PyObject *owner, PyObject *session)
{
    ssl_state *state = context->state;
    assert((sock == NULL) == (incoming != NULL) && (incoming == NULL) == (outgoing == NULL));
    if (server_side && context->protocol == PROTOCOL_TLS_CLIENT) {
        return RAISE(state, 0, "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context");
    }
    if (!server_side && context->protocol == PROTOCOL_TLS_SERVER) {
        return RAISE(state, 0, "Cannot create a client socket with a PROTOCOL_TLS_SERVER context");
    }
    ssl_socket *self = (ssl_socket *)PyType_GenericAlloc(state->socket_type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->state = state;
    self->context = (ssl_context *)Py_NewRef(context);
    self->server_side = server_side;
    self->incoming = Py_XNewRef(incoming);
    self->outgoing = Py_XNewRef(outgoing);
    if (sock != NULL) {
        self->sock = PyWeakref_NewRef(sock, NULL);
    }
    if ((sock != NULL && self->sock == NULL) || ssl_guard_init(&self->guard) < 0
        || make_ssl(self) < 0 || set_optional(self, server_hostname, owner, session) < 0)
    {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static int
socket_traverse(PyObject *op, visitproc visit, void *arg)
{
    ssl_socket *self = (ssl_socket *)op;
    Py_VISIT(self->context);
    Py_VISIT(self->incoming);
    Py_VISIT(self->outgoing);
    Py_VISIT(Py_TYPE(op));
    return 0;
}

/* Cycles through the object are cleared at its context's callbacks. */
static void
socket_dealloc(PyObject *op)
{
    ssl_socket *self = (ssl_socket *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    SSL_free(self->ssl);        /* uses the BIOs */
    ssl_guard_fini(&self->guard);
    Py_XDECREF(self->context);
    Py_XDECREF(self->sock);
    Py_XDECREF(self->incoming);
    Py_XDECREF(self->outgoing);
    Py_XDECREF(self->owner);
    Py_XDECREF(self->server_hostname);
    type->tp_free(op);
    Py_DECREF(type);
}

/* ---------------------------------------------------------------------- handshake, read, write */

static int
attempt_handshake(SSL *ssl, transfer *Py_UNUSED(what))
{
    return SSL_do_handshake(ssl);
}

static int
attempt_read(SSL *ssl, transfer *what)
{
    return SSL_read_ex(ssl, what->data, what->size, &what->done);
}

static int
attempt_write(SSL *ssl, transfer *what)
{
    return SSL_write_ex(ssl, what->data, what->size, &what->done);
}

/* The peer's notice of the end comes second: the first call sends ours. */
static int
attempt_shutdown(SSL *ssl, transfer *Py_UNUSED(what))
{
    int result = SSL_shutdown(ssl);
    return result == 0 ? SSL_shutdown(ssl) : result;
}

/*sig _SSLSocket.do_handshake(self)
*/
static PyObject *
_SSLSocket_do_handshake_impl(ssl_socket *self)
{
    PySocketSockObject *sock;
    ssl_outcome outcome;
    if (get_sock(self, &sock, __LINE__) < 0) {
        return NULL;
    }
    int failed = perform(self, sock, HANDSHAKE, attempt_handshake, NULL, &outcome);
    Py_XDECREF(sock);
    if (failed) {
        return NULL;
    }
    return outcome.result == 1 ? Py_NewRef(Py_None) : RAISE_OUTCOME(self, &outcome);
}

/* Read into memory: the number of bytes, 0 at the end; -1 with an exception. */
static Py_ssize_t
read_into(ssl_socket *self, void *data, Py_ssize_t size)
{
    PySocketSockObject *sock;
    ssl_outcome outcome;
    transfer what = {data, (size_t)size, 0};
    if (get_sock(self, &sock, __LINE__) < 0) {
        return -1;
    }
    int failed = perform(self, sock, READ, attempt_read, &what, &outcome);
    Py_XDECREF(sock);
    if (failed) {
        return -1;
    }
    if (outcome.result == 1) {
        return (Py_ssize_t)what.done;
    }
    if (outcome.error == SSL_ERROR_ZERO_RETURN
        && SSL_get_shutdown(self->ssl) == SSL_RECEIVED_SHUTDOWN)
    {
        return 0;               /* the peer has finished, we have not */
    }
    RAISE_OUTCOME(self, &outcome);
    return -1;
}

static PyObject *
read_bytes(ssl_socket *self, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "size should not be negative");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes == NULL || size == 0) {
        return bytes;
    }
    Py_ssize_t n = read_into(self, PyBytes_AS_STRING(bytes), size);
    if (n < 0) {
        Py_CLEAR(bytes);
    }
    else if (n != size) {
        _PyBytes_Resize(&bytes, n);
    }
    return bytes;
}

static PyObject *
read_to_buffer(ssl_socket *self, Py_ssize_t size, Py_buffer *view)
{
    if (size <= 0 || size > view->len) {
        size = view->len;
    }
    Py_ssize_t n = size > 0 ? read_into(self, view->buf, size) : 0;
    return n >= 0 ? PyLong_FromSsize_t(n) : NULL;
}

/* read(size, [buffer]): the bytes, or their number with a buffer. */
static PyObject *
socket_read(PyObject *op, PyObject *args)
{
    Py_ssize_t size, n = PyTuple_GET_SIZE(args);
    Py_buffer view;
    if (n == 1) {
        return PyArg_ParseTuple(args, "n:read", &size) ? read_bytes((ssl_socket *)op, size) : NULL;
    }
    if (n != 2) {
        PyErr_SetString(PyExc_TypeError, "_ssl._SSLSocket.read requires 1 to 2 arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "nw*:read", &size, &view)) {
        return NULL;
    }
    PyObject *result = read_to_buffer((ssl_socket *)op, size, &view);
    PyBuffer_Release(&view);
    return result;
}

/*sig _SSLSocket.write(self, b: buffer, /)

Writes the bytes-like object b into the SSL object.

Returns the number of bytes written.
*/
static PyObject *
_SSLSocket_write_impl(ssl_socket *self, Py_buffer *b)
{
    PySocketSockObject *sock;
    ssl_outcome outcome;
    transfer what = {b->buf, (size_t)b->len, 0};
    if (get_sock(self, &sock, __LINE__) < 0) {
        return NULL;
    }
    int failed = -1;
    if (sock != NULL && sock->sock_fd < 0 && sock->sock_timeout > 0) {
        PyErr_SetString(self->state->error, "Underlying socket has been closed.");
    }
    else {
        failed = perform(self, sock, WRITE, attempt_write, &what, &outcome);
    }
    Py_XDECREF(sock);
    if (failed) {
        return NULL;
    }
    return outcome.result == 1 ? PyLong_FromSize_t(what.done) : RAISE_OUTCOME(self, &outcome);
}

/*sig _SSLSocket.shutdown(self)

Does the SSL shutdown handshake with the remote end.
*/
static PyObject *
_SSLSocket_shutdown_impl(ssl_socket *self)
{
    PySocketSockObject *sock;
    ssl_outcome outcome;
    if (get_sock(self, &sock, __LINE__) < 0) {
        return NULL;
    }
    if (sock != NULL && sock->sock_fd < 0) {
        Py_DECREF(sock);
        return RAISE(self->state, 0, "Underlying socket connection gone");
    }
    int failed = perform(self, sock, SHUTDOWN, attempt_shutdown, NULL, &outcome);
    if (!failed && outcome.result < 0) {
        RAISE_OUTCOME(self, &outcome);
        failed = -1;
    }
    if (failed) {
        Py_XDECREF(sock);
        return NULL;
    }
    return sock != NULL ? (PyObject *)sock : Py_NewRef(Py_None);
}

static int
attempt_request(SSL *ssl, transfer *Py_UNUSED(what))
{
    return SSL_verify_client_post_handshake(ssl);
}

/*sig _SSLSocket.verify_client_post_handshake(self)

Initiate TLS 1.3 post-handshake authentication
*/
static PyObject *
_SSLSocket_verify_client_post_handshake_impl(ssl_socket *self)
{
    ssl_outcome outcome;
    if (make_attempt(self, NULL, attempt_request, NULL, &outcome) < 0) {
        return NULL;
    }
    return outcome.result == 1 ? Py_NewRef(Py_None) : RAISE_QUEUE(self->state);
}

/*sig _SSLSocket.pending(self)

Returns the number of already decrypted bytes available for read, pending on the connection.
*/
static PyObject *
_SSLSocket_pending_impl(ssl_socket *self)
{
    ssl_guard_enter(&self->guard);
    int pending = SSL_pending(self->ssl);
    ssl_guard_leave(&self->guard);
    return PyLong_FromLong(pending);
}

/* ------------------------------------------------------------- what is known of the connection */

/*sig _SSLSocket.getpeercert(self, der: bool = False, /)

Returns the certificate for the peer.

If no certificate was provided, returns None.  If a certificate was
provided, but not validated, returns an empty dictionary.  Otherwise
returns a dict containing information about the peer certificate.

If the optional argument is True, returns a DER-encoded copy of the
peer certificate, or None if no certificate was provided.  This will
return the certificate even if it wasn't validated.
*/
static PyObject *
_SSLSocket_getpeercert_impl(ssl_socket *self, int der)
{
    ssl_guard_enter(&self->guard);
    bool finished = SSL_is_init_finished(self->ssl);
    X509 *cert = finished ? SSL_get1_peer_certificate(self->ssl) : NULL;
    int mode = SSL_get_verify_mode(self->ssl);
    ssl_guard_leave(&self->guard);
    if (!finished) {
        PyErr_SetString(PyExc_ValueError, "handshake not done yet");
        return NULL;
    }
    if (cert == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *result;
    if (der) {
        result = _PySSL_CertificateDER(self->state, cert);
    }
    else if ((mode & SSL_VERIFY_PEER) == 0) {
        result = PyDict_New();
    }
    else {
        result = _PySSL_CertificateDict(self->state, cert);
    }
    X509_free(cert);
    return result;
}

/* A copy of a chain (NULL: none); 0, or -1 with MemoryError. */
static int
copy_chain(STACK_OF(X509) *chain, STACK_OF(X509) **copy)
{
    *copy = chain != NULL ? X509_chain_up_ref(chain) : NULL;
    if (chain != NULL && *copy == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

/*sig _SSLSocket.get_verified_chain(self)
*/
static PyObject *
_SSLSocket_get_verified_chain_impl(ssl_socket *self)
{
    STACK_OF(X509) *chain;
    ssl_guard_enter(&self->guard);
    int failed = copy_chain(SSL_get0_verified_chain(self->ssl), &chain);
    ssl_guard_leave(&self->guard);
    PyObject *list = failed ? NULL : _PySSL_CertificateList(self->state, NULL, chain);
    sk_X509_pop_free(chain, X509_free);
    return list;
}

/*sig _SSLSocket.get_unverified_chain(self)
*/
static PyObject *
_SSLSocket_get_unverified_chain_impl(ssl_socket *self)
{
    STACK_OF(X509) *chain;
    X509 *first = NULL;
    ssl_guard_enter(&self->guard);
    int failed = copy_chain(SSL_get_peer_cert_chain(self->ssl), &chain);
    if (self->server_side && chain != NULL) {
        first = SSL_get1_peer_certificate(self->ssl);   /* a server's chain begins behind it */
    }
    ssl_guard_leave(&self->guard);
    PyObject *list = failed ? NULL : _PySSL_CertificateList(self->state, first, chain);
    X509_free(first);
    sk_X509_pop_free(chain, X509_free);
    return list;
}

/* (name, protocol, bits): a new tuple, or NULL with an exception. */
static PyObject *
cipher_tuple(const SSL_CIPHER *cipher)
{
    return Py_BuildValue("zzi", SSL_CIPHER_get_name(cipher), SSL_CIPHER_get_version(cipher),
                         SSL_CIPHER_get_bits(cipher, NULL));
}

/*sig _SSLSocket.cipher(self)
*/
static PyObject *
_SSLSocket_cipher_impl(ssl_socket *self)
{
    ssl_guard_enter(&self->guard);
    const SSL_CIPHER *cipher = SSL_get_current_cipher(self->ssl);   /* static */
    ssl_guard_leave(&self->guard);
    return cipher != NULL ? cipher_tuple(cipher) : Py_NewRef(Py_None);
}

/* The ciphers of the client that the server has as well: a new list, or NULL with an exception. */
static PyObject *
shared_list(STACK_OF(SSL_CIPHER) *clients, STACK_OF(SSL_CIPHER) *servers)
{
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < sk_SSL_CIPHER_num(clients); i++) {
        const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(clients, i);
        if (sk_SSL_CIPHER_find(servers, (SSL_CIPHER *)cipher) < 0) {
            continue;
        }
        PyObject *tuple = cipher_tuple(cipher);
        if (tuple == NULL || PyList_Append(list, tuple) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(tuple);
    }
    return list;
}

/*sig _SSLSocket.shared_ciphers(self)
*/
static PyObject *
_SSLSocket_shared_ciphers_impl(ssl_socket *self)
{
    ssl_guard_enter(&self->guard);
    STACK_OF(SSL_CIPHER) *clients = SSL_get_client_ciphers(self->ssl);
    PyObject *list = clients != NULL ? shared_list(clients, SSL_get_ciphers(self->ssl))
                                     : Py_NewRef(Py_None);
    ssl_guard_leave(&self->guard);
    return list;
}

/*sig _SSLSocket.version(self)
*/
static PyObject *
_SSLSocket_version_impl(ssl_socket *self)
{
    ssl_guard_enter(&self->guard);
    const char *name = SSL_is_init_finished(self->ssl) ? SSL_get_version(self->ssl) : NULL;
    ssl_guard_leave(&self->guard);
    return name != NULL ? PyUnicode_FromString(name) : Py_NewRef(Py_None);
}

/*sig _SSLSocket.selected_alpn_protocol(self)
*/
static PyObject *
_SSLSocket_selected_alpn_protocol_impl(ssl_socket *self)
{
    const unsigned char *name;
    unsigned int size;
    ssl_guard_enter(&self->guard);
    SSL_get0_alpn_selected(self->ssl, &name, &size);
    PyObject *result = name != NULL ? PyUnicode_FromStringAndSize((const char *)name, size)
                                    : Py_NewRef(Py_None);
    ssl_guard_leave(&self->guard);
    return result;
}

/*sig _SSLSocket.compression(self)
*/
static PyObject *
_SSLSocket_compression_impl(ssl_socket *self)
{
    ssl_guard_enter(&self->guard);
    const COMP_METHOD *method = SSL_get_current_compression(self->ssl);
    int nid = method != NULL ? COMP_get_type(method) : NID_undef;
    ssl_guard_leave(&self->guard);
    return nid != NID_undef ? PyUnicode_FromString(OBJ_nid2sn(nid)) : Py_NewRef(Py_None);
}

/*sig _SSLSocket.get_channel_binding(self, cb_type: utf8 = 'tls-unique')

Get channel binding data for current connection.

Raise ValueError if the requested `cb_type` is not supported.  Return bytes
of the data or None if the data is not available (e.g. before the handshake).
Only 'tls-unique' channel binding data from RFC 5929 is supported.
*/
static PyObject *
_SSLSocket_get_channel_binding_impl(ssl_socket *self, const char *cb_type)
{
    if (strcmp(cb_type, "tls-unique") != 0) {
        return PyErr_Format(PyExc_ValueError, "'%s' channel binding type not implemented",
                            cb_type);
    }
    char message[128];
    ssl_guard_enter(&self->guard);
    /* The first Finished message: the client's, but the server's when a session is resumed. */
    bool from_client = !SSL_session_reused(self->ssl);
    size_t size = from_client != self->server_side
                  ? SSL_get_finished(self->ssl, message, sizeof(message))
                  : SSL_get_peer_finished(self->ssl, message, sizeof(message));
    ssl_guard_leave(&self->guard);
    assert(size <= sizeof(message));
    return size > 0 ? PyBytes_FromStringAndSize(message, (Py_ssize_t)size) : Py_NewRef(Py_None);
}

static PyMethodDef socket_methods[] = {
    _SSLSOCKET_DO_HANDSHAKE_METHODDEF
    _SSLSOCKET_WRITE_METHODDEF
    {"read", socket_read, METH_VARARGS,
     PyDoc_STR("read(size, [buffer])\nRead up to size bytes from the SSL socket.")},
    _SSLSOCKET_PENDING_METHODDEF
    _SSLSOCKET_GETPEERCERT_METHODDEF
    _SSLSOCKET_GET_CHANNEL_BINDING_METHODDEF
    _SSLSOCKET_CIPHER_METHODDEF
    _SSLSOCKET_SHARED_CIPHERS_METHODDEF
    _SSLSOCKET_VERSION_METHODDEF
    _SSLSOCKET_SELECTED_ALPN_PROTOCOL_METHODDEF
    _SSLSOCKET_COMPRESSION_METHODDEF
    _SSLSOCKET_SHUTDOWN_METHODDEF
    _SSLSOCKET_VERIFY_CLIENT_POST_HANDSHAKE_METHODDEF
    _SSLSOCKET_GET_UNVERIFIED_CHAIN_METHODDEF
    _SSLSOCKET_GET_VERIFIED_CHAIN_METHODDEF
    {NULL}
};

/* ---------------------------------------------------------------------------------- attributes */

static PyObject *
socket_get_context(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(((ssl_socket *)self)->context);
}

static int
socket_set_context(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    ssl_socket *self = (ssl_socket *)op;
    if (value == NULL || !PyObject_TypeCheck(value, self->state->context_type)) {
        PyErr_SetString(PyExc_TypeError, "The value must be a SSLContext");
        return -1;
    }
    ssl_context *context = (ssl_context *)value, *old = self->context;
    ssl_guard_enter(&self->guard);
    ERR_clear_error();
    bool set = SSL_set_SSL_CTX(self->ssl, context->ctx) != NULL;
    if (set) {
        self->context = (ssl_context *)Py_NewRef(context);
        SSL_set_msg_callback(self->ssl, context->msg_callback != NULL ? _PySSL_Message : NULL);
    }
    ssl_guard_leave(&self->guard);
    if (!set) {
        RAISE_QUEUE(self->state);
        return -1;
    }
    Py_DECREF(old);
    return 0;
}

static PyObject *
socket_get_server_side(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(((ssl_socket *)self)->server_side);
}

static PyObject *
socket_get_server_hostname(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *name = ((ssl_socket *)self)->server_hostname;
    return Py_NewRef(name != NULL ? name : Py_None);
}

static PyObject *
socket_get_owner(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *owner = ((ssl_socket *)self)->owner;
    return Py_NewRef(owner != NULL ? PyWeakref_GetObject(owner) : Py_None);
}

static int
socket_set_owner(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    PyObject *owner = PyWeakref_NewRef(value, NULL);
    if (owner == NULL) {
        return -1;
    }
    Py_XSETREF(((ssl_socket *)self)->owner, owner);
    return 0;
}

static PyObject *
socket_get_session(PyObject *op, void *Py_UNUSED(closure))
{
    ssl_socket *self = (ssl_socket *)op;
    ssl_guard_enter(&self->guard);
    PyObject *session = _PySSL_GetSession(self);
    ssl_guard_leave(&self->guard);
    return session;
}

static int
socket_set_session(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    ssl_socket *self = (ssl_socket *)op;
    ssl_guard_enter(&self->guard);
    int result = _PySSL_SetSession(self, value);
    ssl_guard_leave(&self->guard);
    return result;
}

static PyObject *
socket_get_session_reused(PyObject *op, void *Py_UNUSED(closure))
{
    ssl_socket *self = (ssl_socket *)op;
    ssl_guard_enter(&self->guard);
    int reused = SSL_session_reused(self->ssl);
    ssl_guard_leave(&self->guard);
    return PyBool_FromLong(reused);
}

static PyGetSetDef socket_getset[] = {
    {"context", socket_get_context, socket_set_context,
     PyDoc_STR("_setter_context(ctx)\n"
               "This changes the context associated with the SSLSocket. This is typically\n"
               "used from within a callback function set by the sni_callback\n"
               "on the SSLContext to change the certificate information associated with the\n"
               "SSLSocket before the cryptographic exchange handshake messages\n"), NULL},
    {"server_side", socket_get_server_side, NULL,
     PyDoc_STR("Whether this is a server-side socket."), NULL},
    {"server_hostname", socket_get_server_hostname, NULL,
     PyDoc_STR("The currently set server hostname (for SNI)."), NULL},
    {"owner", socket_get_owner, socket_set_owner,
     PyDoc_STR("The Python-level owner of this object."
               "Passed as \"self\" in servername callback."), NULL},
    {"session", socket_get_session, socket_set_session,
     PyDoc_STR("_setter_session(session)\nGet / set SSLSession."), NULL},
    {"session_reused", socket_get_session_reused, NULL,
     PyDoc_STR("Was the client session reused during handshake?"), NULL},
    {NULL}
};

static PyType_Slot socket_slots[] = {
    {Py_tp_dealloc, socket_dealloc},
    {Py_tp_traverse, socket_traverse},
    {Py_tp_methods, socket_methods},
    {Py_tp_getset, socket_getset},
    {0, NULL}
};

/* Unlike 3.12's it cannot be made by calling the type: it would be nobody's connection. */
PyType_Spec _PySSL_SocketSpec = {
    .name = "_ssl._SSLSocket",
    .basicsize = sizeof(ssl_socket),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = socket_slots,
};
