/* ssl_context.c - the type _SSLContext: settings of connections.
 *
 * libssl keeps the settings (SSL_CTX); the object has what it has no place for, and the callbacks.
 * A protocol of one version is the general method with both limits at that version.
 *
 * Written from the documentation of ssl.SSLContext, the manual pages SSL_CTX_new(3),
 * SSL_CTX_set_options(3), SSL_CTX_set_verify(3), SSL_CTX_set_min_proto_version(3),
 * SSL_CIPHER_get_name(3), SSL_CTX_sess_number(3) and X509_STORE_get0_objects(3) of OpenSSL 3.0, and
 * observed behaviour.
 */
#include "ssl.h"

#include "pycore_signature.h"   // wrappers

#include <openssl/x509v3.h>

#include "sig/ssl_context.sig.h"

/* ----------------------------------------------------------------------------- birth and death */

static int
warn(const char *what)
{
    return PyErr_WarnFormat(PyExc_DeprecationWarning, 2, "ssl.%s deprecated", what);
}

/* The method of a protocol and the one version that it allows (0: all that are recommended).  NULL
   with an exception. */
static const SSL_METHOD *
protocol_method(int protocol, int *version)
{
    *version = 0;
    switch (protocol) {
    case PROTOCOL_TLS:
        return warn("PROTOCOL_TLS is") == 0 ? TLS_method() : NULL;
    case PROTOCOL_TLS_CLIENT:
        return TLS_client_method();
    case PROTOCOL_TLS_SERVER:
        return TLS_server_method();
    case PROTOCOL_TLSv1:
        *version = TLS1_VERSION;
        return warn("PROTOCOL_TLSv1 is") == 0 ? TLS_method() : NULL;
    case PROTOCOL_TLSv1_1:
        *version = TLS1_1_VERSION;
        return warn("PROTOCOL_TLSv1_1 is") == 0 ? TLS_method() : NULL;
    case PROTOCOL_TLSv1_2:
        *version = TLS1_2_VERSION;
        return warn("PROTOCOL_TLSv1_2 is") == 0 ? TLS_method() : NULL;
    default:
        PyErr_Format(PyExc_ValueError, "invalid or unsupported protocol version %i", protocol);
        return NULL;
    }
}

static bool
has_one_version(const ssl_context *self)
{
    return self->protocol == PROTOCOL_TLSv1 || self->protocol == PROTOCOL_TLSv1_1
           || self->protocol == PROTOCOL_TLSv1_2;
}

/* CERT_NONE turns off what needs a certificate; 0, or -1 with ValueError. */
static int
set_verify_mode(ssl_context *self, enum cert_reqs mode)
{
    static const int modes[] = {
        [CERT_NONE] = SSL_VERIFY_NONE,
        [CERT_OPTIONAL] = SSL_VERIFY_PEER,
        [CERT_REQUIRED] = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
    };
    if (mode == CERT_NONE && self->check_hostname) {
        PyErr_SetString(PyExc_ValueError,
                        "Cannot set verify_mode to CERT_NONE when check_hostname is enabled.");
        return -1;
    }
    SSL_CTX_set_verify(self->ctx, modes[mode], NULL);
    return 0;
}

/* Set what a new context has; 0, or -1 with an exception. */
static int
set_defaults(ssl_context *self, int version)
{
    static const unsigned char session_id_context[] = "Python";
    SSL_CTX *ctx = self->ctx;
    uint64_t options = (SSL_OP_ALL & ~SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS) | SSL_OP_NO_SSLv3
                       | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION;
    SSL_CTX_clear_options(ctx, SSL_CTX_get_options(ctx));
    SSL_CTX_set_options(ctx, options | SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
    SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY
                          | SSL_MODE_RELEASE_BUFFERS);
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
    if (SSL_CTX_set_cipher_list(ctx, SSL_CIPHERS) != 1
        || SSL_CTX_set_min_proto_version(ctx, version != 0 ? version : TLS1_2_VERSION) != 1
        || SSL_CTX_set_max_proto_version(ctx, version) != 1
        || SSL_CTX_set_session_id_context(ctx, session_id_context,
                                          sizeof(session_id_context) - 1) != 1
        || X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_TRUSTED_FIRST) != 1)
    {
        RAISE_QUEUE(self->state);
        return -1;
    }
    self->host_flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    X509_VERIFY_PARAM_set_hostflags(param, self->host_flags);
    self->check_hostname = self->protocol == PROTOCOL_TLS_CLIENT;
    return set_verify_mode(self, self->check_hostname ? CERT_REQUIRED : CERT_NONE);
}

/*sig @nosignature _SSLContext.__new__(type, protocol: int, /)
*/
static PyObject *
_SSLContext_new_impl(PyTypeObject *type, int protocol)
{
    int version;
    ssl_state *state = ssl_state_of(type);
    const SSL_METHOD *method = state != NULL ? protocol_method(protocol, &version) : NULL;
    if (method == NULL) {
        return NULL;
    }
    ssl_context *self = (ssl_context *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->state = state;
    self->protocol = (enum protocol)protocol;
    ERR_clear_error();
    self->ctx = SSL_CTX_new(method);
    if (self->ctx == NULL) {
        RAISE_QUEUE(state);
        Py_CLEAR(self);
    }
    else if (ssl_guard_init(&self->guard) < 0 || set_defaults(self, version) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static int
context_traverse(PyObject *op, visitproc visit, void *arg)
{
    ssl_context *self = (ssl_context *)op;
    Py_VISIT(self->sni_callback);
    Py_VISIT(self->msg_callback);
    Py_VISIT(self->keylog_filename);
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static int
context_clear(PyObject *op)
{
    ssl_context *self = (ssl_context *)op;
    Py_CLEAR(self->sni_callback);
    Py_CLEAR(self->msg_callback);
    return 0;
}

/* libssl may keep the SSL_CTX longer; its callbacks come to the object by a connection only. */
static void
context_dealloc(PyObject *op)
{
    ssl_context *self = (ssl_context *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    context_clear(op);
    Py_CLEAR(self->keylog_filename);
    if (self->keylog != NULL) {
        fclose(self->keylog);
    }
    SSL_CTX_free(self->ctx);
    PyMem_Free(self->alpn);
    ssl_guard_fini(&self->guard);
    type->tp_free(op);
    Py_DECREF(type);
}

/* --------------------------------------------------------------------------------- connections */

/*sig _SSLContext._wrap_socket(self, sock, server_side: int, server_hostname=None, *,
                              owner=None, session=None)
*/
static PyObject *
_SSLContext__wrap_socket_impl(ssl_context *self, PyObject *sock, int server_side,
                              PyObject *server_hostname, PyObject *owner, PyObject *session)
{
    if (!PyObject_TypeCheck(sock, self->state->sock_type)) {
        return PyErr_Format(PyExc_TypeError,
                            "_wrap_socket() argument 'sock' must be _socket.socket, not %.50s",
                            sock == Py_None ? "None" : Py_TYPE(sock)->tp_name);
    }
    return _PySSL_NewSocket(self, sock, NULL, NULL, server_side, server_hostname, owner, session);
}

static bool
expect_bio(ssl_context *self, PyObject *op, const char *name)
{
    if (Py_IS_TYPE(op, self->state->bio_type)) {
        return true;
    }
    PyErr_Format(PyExc_TypeError, "_wrap_bio() argument '%s' must be _ssl.MemoryBIO, not %.50s",
                 name, op == Py_None ? "None" : Py_TYPE(op)->tp_name);
    return false;
}

/*sig _SSLContext._wrap_bio(self, incoming, outgoing, server_side: int, server_hostname=None, *,
                           owner=None, session=None)
*/
static PyObject *
_SSLContext__wrap_bio_impl(ssl_context *self, PyObject *incoming, PyObject *outgoing,
                           int server_side, PyObject *server_hostname, PyObject *owner,
                           PyObject *session)
{
    if (!expect_bio(self, incoming, "incoming") || !expect_bio(self, outgoing, "outgoing")) {
        return NULL;
    }
    return _PySSL_NewSocket(self, NULL, incoming, outgoing, server_side, server_hostname, owner,
                            session);
}

/* ----------------------------------------------------------------------- certificates and keys */

/*sig _SSLContext.load_cert_chain(self, certfile, keyfile=None, password=None)
*/
static PyObject *
_SSLContext_load_cert_chain_impl(ssl_context *self, PyObject *certfile, PyObject *keyfile,
                                 PyObject *password)
{
    return _PySSL_LoadCertChain(self, certfile, keyfile, password);
}

/*sig _SSLContext.load_verify_locations(self, cafile=None, capath=None, cadata=None)
*/
static PyObject *
_SSLContext_load_verify_locations_impl(ssl_context *self, PyObject *cafile, PyObject *capath,
                                       PyObject *cadata)
{
    return _PySSL_LoadVerifyLocations(self, cafile, capath, cadata);
}

/*sig _SSLContext.load_dh_params(self, path, /)
*/
static PyObject *
_SSLContext_load_dh_params_impl(ssl_context *self, PyObject *path)
{
    return _PySSL_LoadDHParams(self, path);
}

/*sig _SSLContext.set_default_verify_paths(self)
*/
static PyObject *
_SSLContext_set_default_verify_paths_impl(ssl_context *self)
{
    int set;
    ERR_clear_error();
    Py_BEGIN_ALLOW_THREADS
    set = SSL_CTX_set_default_verify_paths(self->ctx);
    Py_END_ALLOW_THREADS
    return set == 1 ? Py_NewRef(Py_None) : RAISE_QUEUE(self->state);
}

/*sig _SSLContext.cert_store_stats(self)

Returns quantities of loaded X.509 certificates.

X.509 certificates with a CA extension and certificate revocation lists
inside the context's cert store.

NOTE: Certificates in a capath directory aren't loaded unless they have
been used at least once.
*/
static PyObject *
_SSLContext_cert_store_stats_impl(ssl_context *self)
{
    X509_STORE *store = SSL_CTX_get_cert_store(self->ctx);
    int certs = 0, lists = 0, authorities = 0;
    X509_STORE_lock(store);
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        const X509_OBJECT *object = sk_X509_OBJECT_value(objects, i);
        X509 *cert = X509_OBJECT_get0_X509(object);
        certs += cert != NULL;
        authorities += cert != NULL && X509_check_ca(cert);
        lists += X509_OBJECT_get_type(object) == X509_LU_CRL;
    }
    X509_STORE_unlock(store);
    return Py_BuildValue("{sisisi}", "x509", certs, "crl", lists, "x509_ca", authorities);
}

/*sig _SSLContext.get_ca_certs(self, binary_form: bool = False)

Returns a list of dicts with information of loaded CA certs.

If the optional argument is True, returns a DER-encoded copy of the CA
certificate.

NOTE: Certificates in a capath directory aren't loaded unless they have
been used at least once.
*/
static PyObject *
_SSLContext_get_ca_certs_impl(ssl_context *self, int binary_form)
{
    ERR_clear_error();
    STACK_OF(X509) *certs = X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(self->ctx));
    if (certs == NULL) {
        return RAISE_QUEUE(self->state);
    }
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < sk_X509_num(certs); i++) {
        X509 *cert = sk_X509_value(certs, i);
        if (!X509_check_ca(cert)) {
            continue;
        }
        PyObject *item = binary_form ? _PySSL_CertificateDER(self->state, cert)
                                     : _PySSL_CertificateDict(self->state, cert);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    sk_X509_pop_free(certs, X509_free);
    return list;
}

/* ------------------------------------------------------------------------------------- ciphers */

/*sig _SSLContext.set_ciphers(self, cipherlist: utf8, /)
*/
static PyObject *
_SSLContext_set_ciphers_impl(ssl_context *self, const char *cipherlist)
{
    int set = SSL_CTX_set_cipher_list(self->ctx, cipherlist);
    ERR_clear_error();
    if (set != 1) {
        PyErr_SetString(self->state->error, "No cipher can be selected.");
        return NULL;
    }
    Py_RETURN_NONE;
}

/* The long name of a part of a cipher, or NULL. */
static const char *
part_name(int nid)
{
    return nid != NID_undef ? OBJ_nid2ln(nid) : NULL;
}

/* What get_ciphers() tells of a cipher: a new dict, or NULL with an exception. */
static PyObject *
cipher_dict(const SSL_CIPHER *cipher)
{
    char description[512];
    if (SSL_CIPHER_description(cipher, description, sizeof(description)) == NULL) {
        description[0] = '\0';
    }
    description[strcspn(description, "\r\n")] = '\0';
    int alg_bits, bits = SSL_CIPHER_get_bits(cipher, &alg_bits);
    return Py_BuildValue("{sksssssssisisOszszszsz}",
                         "id", (unsigned long)SSL_CIPHER_get_id(cipher),
                         "name", SSL_CIPHER_get_name(cipher),
                         "protocol", SSL_CIPHER_get_version(cipher),
                         "description", description,
                         "strength_bits", bits,
                         "alg_bits", alg_bits,
                         "aead", SSL_CIPHER_is_aead(cipher) ? Py_True : Py_False,
                         "symmetric", part_name(SSL_CIPHER_get_cipher_nid(cipher)),
                         "digest", part_name(SSL_CIPHER_get_digest_nid(cipher)),
                         "kea", part_name(SSL_CIPHER_get_kx_nid(cipher)),
                         "auth", part_name(SSL_CIPHER_get_auth_nid(cipher)));
}

/*sig _SSLContext.get_ciphers(self)
*/
static PyObject *
_SSLContext_get_ciphers_impl(ssl_context *self)
{
    ERR_clear_error();
    SSL *ssl = SSL_new(self->ctx);
    if (ssl == NULL) {
        return RAISE_QUEUE(self->state);
    }
    STACK_OF(SSL_CIPHER) *ciphers = SSL_get_ciphers(ssl);
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < sk_SSL_CIPHER_num(ciphers); i++) {
        PyObject *dict = cipher_dict(sk_SSL_CIPHER_value(ciphers, i));
        if (dict == NULL || PyList_Append(list, dict) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(dict);
    }
    SSL_free(ssl);
    return list;
}

/*sig _SSLContext.set_ecdh_curve(self, name, /)
*/
static PyObject *
_SSLContext_set_ecdh_curve_impl(ssl_context *self, PyObject *name)
{
    PyObject *bytes;
    if (!PyUnicode_FSConverter(name, &bytes)) {
        return NULL;
    }
    int nid = OBJ_sn2nid(PyBytes_AS_STRING(bytes));
    Py_DECREF(bytes);
    ERR_clear_error();
    if (nid == NID_undef) {
        return PyErr_Format(PyExc_ValueError, "unknown elliptic curve name %R", name);
    }
    return SSL_CTX_set1_groups(self->ctx, &nid, 1) == 1 ? Py_NewRef(Py_None)
                                                        : RAISE_QUEUE(self->state);
}

/* ---------------------------------------------------------------------------------------- ALPN */

/*sig _SSLContext._set_alpn_protocols(self, protos: buffer, /)
*/
static PyObject *
_SSLContext__set_alpn_protocols_impl(ssl_context *self, Py_buffer *protos)
{
    if ((size_t)protos->len > UINT_MAX) {
        return PyErr_Format(PyExc_OverflowError, "protocols longer than %u bytes", UINT_MAX);
    }
    unsigned char *copy = PyMem_Malloc((size_t)protos->len);
    if (copy == NULL || SSL_CTX_set_alpn_protos(self->ctx, protos->buf, (unsigned)protos->len)) {
        PyMem_Free(copy);       /* a list that is not well formed is refused, too */
        ERR_clear_error();
        return PyErr_NoMemory();
    }
    memcpy(copy, protos->buf, (size_t)protos->len);
    PyMem_Free(self->alpn);
    self->alpn = copy;
    self->alpn_size = (size_t)protos->len;
    SSL_CTX_set_alpn_select_cb(self->ctx, _PySSL_SelectProtocol, NULL);
    Py_RETURN_NONE;
}

/* ---------------------------------------------------------------------------------- statistics */

/*sig _SSLContext.session_stats(self)
*/
static PyObject *
_SSLContext_session_stats_impl(ssl_context *self)
{
    SSL_CTX *ctx = self->ctx;
    return Py_BuildValue("{slslslslslslslslslslsl}",
                         "number", SSL_CTX_sess_number(ctx),
                         "connect", SSL_CTX_sess_connect(ctx),
                         "connect_good", SSL_CTX_sess_connect_good(ctx),
                         "connect_renegotiate", SSL_CTX_sess_connect_renegotiate(ctx),
                         "accept", SSL_CTX_sess_accept(ctx),
                         "accept_good", SSL_CTX_sess_accept_good(ctx),
                         "accept_renegotiate", SSL_CTX_sess_accept_renegotiate(ctx),
                         "hits", SSL_CTX_sess_hits(ctx),
                         "misses", SSL_CTX_sess_misses(ctx),
                         "timeouts", SSL_CTX_sess_timeouts(ctx),
                         "cache_full", SSL_CTX_sess_cache_full(ctx));
}

static PyMethodDef context_methods[] = {
    _SSLCONTEXT__WRAP_SOCKET_METHODDEF
    _SSLCONTEXT__WRAP_BIO_METHODDEF
    _SSLCONTEXT_SET_CIPHERS_METHODDEF
    _SSLCONTEXT__SET_ALPN_PROTOCOLS_METHODDEF
    _SSLCONTEXT_LOAD_CERT_CHAIN_METHODDEF
    _SSLCONTEXT_LOAD_DH_PARAMS_METHODDEF
    _SSLCONTEXT_LOAD_VERIFY_LOCATIONS_METHODDEF
    _SSLCONTEXT_SESSION_STATS_METHODDEF
    _SSLCONTEXT_SET_DEFAULT_VERIFY_PATHS_METHODDEF
    _SSLCONTEXT_SET_ECDH_CURVE_METHODDEF
    _SSLCONTEXT_CERT_STORE_STATS_METHODDEF
    _SSLCONTEXT_GET_CA_CERTS_METHODDEF
    _SSLCONTEXT_GET_CIPHERS_METHODDEF
    {NULL}
};

/* ---------------------------------------------------------------------------------- attributes */

/* A value by a format of PyArg_Parse(): false with an exception, as for a deletion (NULL). */
static bool
parse(PyObject *value, const char *format, void *result)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "function takes at least one argument");
        return false;
    }
    return PyArg_Parse(value, format, result);
}

static PyObject *
context_get_check_hostname(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(((ssl_context *)self)->check_hostname);
}

static int
context_set_check_hostname(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    ssl_context *self = (ssl_context *)op;
    int check;
    if (!parse(value, "p", &check)) {
        return -1;
    }
    if (check && SSL_CTX_get_verify_mode(self->ctx) == SSL_VERIFY_NONE
        && set_verify_mode(self, CERT_REQUIRED) < 0)
    {
        return -1;
    }
    self->check_hostname = check;
    return 0;
}

static PyObject *
context_get_host_flags(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromUnsignedLong(((ssl_context *)self)->host_flags);
}

static int
context_set_host_flags(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    ssl_context *self = (ssl_context *)op;
    unsigned int flags;
    if (!parse(value, "I", &flags)) {
        return -1;
    }
    self->host_flags = flags;
    X509_VERIFY_PARAM_set_hostflags(SSL_CTX_get0_param(self->ctx), flags);
    return 0;
}

static PyObject *
context_get_verify_mode(PyObject *op, void *Py_UNUSED(closure))
{
    int mode = SSL_CTX_get_verify_mode(((ssl_context *)op)->ctx);
    if ((mode & SSL_VERIFY_PEER) == 0) {
        return PyLong_FromLong(CERT_NONE);
    }
    return PyLong_FromLong(mode & SSL_VERIFY_FAIL_IF_NO_PEER_CERT ? CERT_REQUIRED : CERT_OPTIONAL);
}

static int
context_set_verify_mode(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    int mode;
    if (!parse(value, "i", &mode)) {
        return -1;
    }
    if (mode != CERT_NONE && mode != CERT_OPTIONAL && mode != CERT_REQUIRED) {
        PyErr_SetString(PyExc_ValueError, "invalid value for verify_mode");
        return -1;
    }
    return set_verify_mode((ssl_context *)self, (enum cert_reqs)mode);
}

static PyObject *
context_get_verify_flags(PyObject *op, void *Py_UNUSED(closure))
{
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(((ssl_context *)op)->ctx);
    return PyLong_FromUnsignedLong(X509_VERIFY_PARAM_get_flags(param));
}

static int
context_set_verify_flags(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    ssl_context *self = (ssl_context *)op;
    unsigned long flags;
    if (!parse(value, "k", &flags)) {
        return -1;
    }
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(self->ctx);
    unsigned long old = X509_VERIFY_PARAM_get_flags(param);
    if (X509_VERIFY_PARAM_clear_flags(param, old & ~flags) != 1
        || X509_VERIFY_PARAM_set_flags(param, flags & ~old) != 1)
    {
        RAISE_QUEUE(self->state);
        return -1;
    }
    return 0;
}

static PyObject *
context_get_options(PyObject *op, void *Py_UNUSED(closure))
{
    return PyLong_FromUnsignedLongLong(SSL_CTX_get_options(((ssl_context *)op)->ctx));
}

static int
context_set_options(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    SSL_CTX *ctx = ((ssl_context *)op)->ctx;
    const uint64_t deprecated = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1
                                | SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3;
    if (value != NULL && !PyLong_Check(value)) {
        PyErr_Format(PyExc_TypeError, "argument must be int, not %.50s",
                     value == Py_None ? "None" : Py_TYPE(value)->tp_name);
        return -1;
    }
    if (!parse(value, "O", &value)) {
        return -1;
    }
    uint64_t options = PyLong_AsUnsignedLongLong(value), old = SSL_CTX_get_options(ctx);
    if (options == (uint64_t)-1 && PyErr_Occurred()) {
        return -1;
    }
    if ((options & ~old & deprecated) != 0 && warn("OP_NO_SSL*/ssl.OP_NO_TLS* options are") < 0) {
        return -1;
    }
    SSL_CTX_clear_options(ctx, old & ~options);
    SSL_CTX_set_options(ctx, options & ~old);
    return 0;
}

/* The limits of versions: the closure of the maximum is not NULL. */
static PyObject *
context_get_version(PyObject *op, void *closure)
{
    ssl_context *self = (ssl_context *)op;
    int version = 0;
    if (!has_one_version(self)) {
        version = closure != NULL ? (int)SSL_CTX_get_max_proto_version(self->ctx)
                                  : (int)SSL_CTX_get_min_proto_version(self->ctx);
    }
    if (version == 0) {
        version = closure != NULL ? PROTO_MAXIMUM_SUPPORTED : PROTO_MINIMUM_SUPPORTED;
    }
    return PyLong_FromLong(version);
}

/* Whether a version may be used: -1 with an exception. */
static int
check_version(long version)
{
    switch (version) {
    case PROTO_MINIMUM_SUPPORTED:
    case PROTO_MAXIMUM_SUPPORTED:
    case TLS1_2_VERSION:
    case TLS1_3_VERSION:
        return 0;
    case SSL3_VERSION:
        return warn("TLSVersion.SSLv3 is");
    case TLS1_VERSION:
        return warn("TLSVersion.TLSv1 is");
    case TLS1_1_VERSION:
        return warn("TLSVersion.TLSv1_1 is");
    default:
        PyErr_Format(PyExc_ValueError, "Unsupported TLS/SSL version 0x%x", (unsigned)version);
        return -1;
    }
}

/* What libssl is told for a limit: 0 means no limit. */
static int
libssl_version(long version, bool maximum)
{
    switch (version) {
    case PROTO_MINIMUM_SUPPORTED:
        return maximum ? TLS1_VERSION : 0;
    case PROTO_MAXIMUM_SUPPORTED:
        return maximum ? 0 : TLS1_3_VERSION;
    default:
        return (int)version;
    }
}

static int
context_set_version(PyObject *op, PyObject *value, void *closure)
{
    ssl_context *self = (ssl_context *)op;
    long version;
    if (!parse(value, "l", &version)) {
        return -1;
    }
    if (version > INT_MAX || version < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "Option is too long");
        return -1;
    }
    if (has_one_version(self)) {
        PyErr_SetString(PyExc_ValueError, "The context's protocol doesn't support modification of "
                                          "highest and lowest version.");
        return -1;
    }
    if (check_version(version) < 0) {
        return -1;
    }
    int number = libssl_version(version, closure != NULL);
    long set = closure != NULL ? SSL_CTX_set_max_proto_version(self->ctx, number)
                               : SSL_CTX_set_min_proto_version(self->ctx, number);
    if (set != 1) {
        ERR_clear_error();
        PyErr_Format(PyExc_ValueError, "Unsupported protocol version 0x%x", (unsigned)version);
        return -1;
    }
    return 0;
}

static PyObject *
context_get_num_tickets(PyObject *op, void *Py_UNUSED(closure))
{
    return PyLong_FromSize_t(SSL_CTX_get_num_tickets(((ssl_context *)op)->ctx));
}

static int
context_set_num_tickets(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    ssl_context *self = (ssl_context *)op;
    long n;
    if (!parse(value, "l", &n)) {
        return -1;
    }
    const char *error = NULL;
    if (n < 0) {
        error = "value must be non-negative";
    }
    else if (self->protocol != PROTOCOL_TLS_SERVER) {
        error = "SSLContext is not a server context.";
    }
    else if (SSL_CTX_set_num_tickets(self->ctx, (size_t)n) != 1) {
        error = "failed to set num tickets.";
    }
    if (error != NULL) {
        PyErr_SetString(PyExc_ValueError, error);
        return -1;
    }
    return 0;
}

static PyObject *
context_get_post_handshake_auth(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(((ssl_context *)self)->post_handshake_auth);
}

static int
context_set_post_handshake_auth(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    int on;
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    if (!parse(value, "p", &on)) {
        return -1;
    }
    ((ssl_context *)self)->post_handshake_auth = on;
    return 0;
}

static PyObject *
context_get_protocol(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(((ssl_context *)self)->protocol);
}

static PyObject *
context_get_security_level(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(SSL_CTX_get_security_level(((ssl_context *)self)->ctx));
}

/* A callback or None, for NULL: 0, or -1 with TypeError. */
static int
replace_callback(PyObject **place, PyObject *value)
{
    if (value == NULL || (value != Py_None && !PyCallable_Check(value))) {
        PyErr_SetString(PyExc_TypeError, "not a callable object");
        return -1;
    }
    Py_XSETREF(*place, value != Py_None ? Py_NewRef(value) : NULL);
    return 0;
}

static PyObject *
context_get_sni_callback(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *callback = ((ssl_context *)self)->sni_callback;
    return Py_NewRef(callback != NULL ? callback : Py_None);
}

static int
context_set_sni_callback(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    ssl_context *self = (ssl_context *)op;
    if (self->protocol == PROTOCOL_TLS_CLIENT) {
        PyErr_SetString(PyExc_ValueError, "sni_callback cannot be set on TLS_CLIENT context");
        return -1;
    }
    if (replace_callback(&self->sni_callback, value) < 0) {
        return -1;
    }
    int (*function)(SSL *, int *, void *) = value != Py_None ? _PySSL_ServerName : NULL;
    SSL_CTX_set_tlsext_servername_callback(self->ctx, function);
    return 0;
}

static PyObject *
context_get_msg_callback(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *callback = ((ssl_context *)self)->msg_callback;
    return Py_NewRef(callback != NULL ? callback : Py_None);
}

static int
context_set_msg_callback(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    ssl_context *self = (ssl_context *)op;
    if (replace_callback(&self->msg_callback, value) < 0) {
        return -1;
    }
    SSL_CTX_set_msg_callback(self->ctx, value != Py_None ? _PySSL_Message : NULL);
    return 0;
}

static PyObject *
context_get_keylog_filename(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *name = ((ssl_context *)self)->keylog_filename;
    return Py_NewRef(name != NULL ? name : Py_None);
}

static int
context_set_keylog_filename(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    ssl_context *self = (ssl_context *)op;
    FILE *file = NULL;
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    if (value != Py_None) {
        file = _Py_fopen_obj(value, "a");
        if (file == NULL) {
            return -1;
        }
        if (fseek(file, 0, SEEK_END) == 0 && ftell(file) == 0) {
            fputs("# TLS secrets log file, generated by OpenSSL / Python\n", file);
            fflush(file);
        }
    }
    FILE *old = self->keylog;
    self->keylog = file;
    SSL_CTX_set_keylog_callback(self->ctx, file != NULL ? _PySSL_Keylog : NULL);
    Py_XSETREF(self->keylog_filename, file != NULL ? Py_NewRef(value) : NULL);
    if (old != NULL) {
        fclose(old);
    }
    return 0;
}

static PyGetSetDef context_getset[] = {
    {"check_hostname", context_get_check_hostname, context_set_check_hostname, NULL, NULL},
    {"_host_flags", context_get_host_flags, context_set_host_flags, NULL, NULL},
    {"minimum_version", context_get_version, context_set_version, NULL, NULL},
    {"maximum_version", context_get_version, context_set_version, NULL, "maximum"},
    {"keylog_filename", context_get_keylog_filename, context_set_keylog_filename, NULL, NULL},
    {"_msg_callback", context_get_msg_callback, context_set_msg_callback, NULL, NULL},
    {"sni_callback", context_get_sni_callback, context_set_sni_callback,
     PyDoc_STR("Set a callback that will be called when a server name is provided by the SSL/TLS "
               "client in the SNI extension.\n\n"
               "If the argument is None then the callback is disabled. The method is called\n"
               "with the SSLSocket, the server name as a string, and the SSLContext object.\n"
               "See RFC 6066 for details of the SNI extension."), NULL},
    {"num_tickets", context_get_num_tickets, context_set_num_tickets,
     PyDoc_STR("Control the number of TLSv1.3 session tickets"), NULL},
    {"options", context_get_options, context_set_options, NULL, NULL},
    {"post_handshake_auth", context_get_post_handshake_auth, context_set_post_handshake_auth,
     NULL, NULL},
    {"protocol", context_get_protocol, NULL, NULL, NULL},
    {"verify_flags", context_get_verify_flags, context_set_verify_flags, NULL, NULL},
    {"verify_mode", context_get_verify_mode, context_set_verify_mode, NULL, NULL},
    {"security_level", context_get_security_level, NULL,
     PyDoc_STR("The current security level"), NULL},
    {NULL}
};

static PyType_Slot context_slots[] = {
    {Py_tp_new, _SSLContext_new},
    {Py_tp_dealloc, context_dealloc},
    {Py_tp_traverse, context_traverse},
    {Py_tp_clear, context_clear},
    {Py_tp_methods, context_methods},
    {Py_tp_getset, context_getset},
    {0, NULL}
};

PyType_Spec _PySSL_ContextSpec = {
    .name = "_ssl._SSLContext",
    .basicsize = sizeof(ssl_context),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = context_slots,
};
