/* What the files of the module _ssl share.
 *
 * Nouns: a *context* holds the settings of connections (SSL_CTX); a *socket* here is one
 * connection (SSL), over a Python socket or over two memory BIOs; a *guard* is the lock under which
 * one thread at a time works on an SSL.
 */
#ifndef LADON_SSL_H
#define LADON_SSL_H

#include "Python.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <stdbool.h>
#include <stdio.h>

typedef struct {
    PyTypeObject *context_type, *socket_type, *bio_type, *session_type, *certificate_type;
    PyTypeObject *sock_type;    // _socket.socket
    PyObject *error, *verification_error, *zero_return_error, *want_read_error;
    PyObject *want_write_error, *syscall_error, *eof_error;
    BIO_METHOD *socket_method, *memory_method;  // of the BIOs that connections work on
} ssl_state;

/* A lock that its holder may enter again.  holder and depth are read and written with the GIL. */
typedef struct {
    PyThread_type_lock lock;
    unsigned long holder;       // thread, or 0
    int depth;
} ssl_guard;

/* The protocols of contexts: numbers of the module's constants. */
enum protocol {
    PROTOCOL_TLS = 2, PROTOCOL_TLSv1 = 3, PROTOCOL_TLSv1_1 = 4, PROTOCOL_TLSv1_2 = 5,
    PROTOCOL_TLS_CLIENT = 16, PROTOCOL_TLS_SERVER = 17,
};

#define SSL_CIPHERS \
    "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"

enum cert_reqs {CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED};

/* Versions that stand for the lowest and highest one that can be used. */
#define PROTO_MINIMUM_SUPPORTED (-2)
#define PROTO_MAXIMUM_SUPPORTED (-1)

/* Numbers of exceptions beside libssl's SSL_ERROR_*. */
enum {EOF_ERROR = 8, INVALID_ERROR_CODE = 10};

enum encoding {ENCODING_PEM = 1, ENCODING_DER = 2};

typedef struct {
    PyObject_HEAD
    ssl_state *state;           // of the module; lives as long as the type does
    SSL_CTX *ctx;               // owned; NULL in a context whose making failed
    ssl_guard guard;            // of loading keys and of making connections
    enum protocol protocol;
    bool check_hostname, post_handshake_auth;
    unsigned int host_flags;    // X509_CHECK_FLAG_*
    PyObject *sni_callback, *msg_callback;      // or NULL
    PyObject *keylog_filename;  // or NULL
    FILE *keylog;               // or NULL
    unsigned char *alpn;        // the protocols as the extension has them; NULL: none
    size_t alpn_size;
} ssl_context;

typedef struct {
    PyObject_HEAD
    ssl_state *state;
    SSL *ssl;                   // owned; its application data is the object
    ssl_guard guard;
    PyThreadState *released;    // the thread state of a call that runs without the GIL, or NULL
    ssl_context *context;
    PyObject *sock;             // weak reference to the Python socket; NULL: over memory BIOs
    PyObject *incoming, *outgoing;      // the MemoryBIOs, or NULL
    PyObject *owner;            // weak reference, or NULL
    PyObject *server_hostname;  // str, or NULL
    bool server_side;
} ssl_socket;

typedef struct {
    PyObject_HEAD
    ssl_state *state;
    BIO *bio;                   // owned; used with the lock only
    PyThread_type_lock lock;    // held for moments: nobody waits for the GIL with it
    bool eof_written;
} ssl_bio;

typedef struct {
    PyObject_HEAD
    SSL_SESSION *session;       // owned
    ssl_context *context;       // that it belongs to
} ssl_session;

extern struct PyModuleDef _PySSL_Module;
extern PyType_Spec _PySSL_ContextSpec, _PySSL_SocketSpec, _PySSL_BioSpec, _PySSL_SessionSpec;
extern PyType_Spec _PySSL_CertificateSpec;

/* The state of the module of a type (of a class derived from one, too). */
static inline ssl_state *
ssl_state_of(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &_PySSL_Module);
    return module != NULL ? (ssl_state *)PyModule_GetState(module) : NULL;
}

/* --- ssl_guard: here ----------------------------------------------------------------------- */

/* 0, or -1 with MemoryError. */
static inline int
ssl_guard_init(ssl_guard *guard)
{
    guard->lock = PyThread_allocate_lock();
    if (guard->lock == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static inline void
ssl_guard_fini(ssl_guard *guard)
{
    assert(guard->depth == 0);
    if (guard->lock != NULL) {
        PyThread_free_lock(guard->lock);
    }
}

static inline bool
ssl_guard_is_mine(const ssl_guard *guard)
{
    return guard->depth > 0 && guard->holder == PyThread_get_thread_ident();
}

/* With the GIL, which is released while another thread is in. */
static inline void
ssl_guard_enter(ssl_guard *guard)
{
    if (ssl_guard_is_mine(guard)) {
        guard->depth++;
        return;
    }
    if (!PyThread_acquire_lock(guard->lock, NOWAIT_LOCK)) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(guard->lock, WAIT_LOCK);
        Py_END_ALLOW_THREADS
    }
    assert(guard->depth == 0);
    guard->holder = PyThread_get_thread_ident();
    guard->depth = 1;
}

static inline void
ssl_guard_leave(ssl_guard *guard)
{
    assert(ssl_guard_is_mine(guard));
    if (--guard->depth == 0) {
        guard->holder = 0;
        PyThread_release_lock(guard->lock);
    }
}

/* --- ssl_constants.c ----------------------------------------------------------------------- */

int _PySSL_AddConstants(PyObject *module);

/* --- ssl_errors.c -------------------------------------------------------------------------- */

/* How an operation on a connection ended: of its own thread's queue of errors. */
typedef struct {
    int result;                 // what the function returned
    int error;                  // SSL_ERROR_*
    int sys_errno;
    unsigned long code;         // the last error of the queue, or 0
} ssl_outcome;

/* Make the exceptions; 0, or -1 with an exception. */
int _PySSL_AddErrors(PyObject *module);
/* Raise what an operation that failed ended with; NULL. */
PyObject *_PySSL_RaiseOutcome(ssl_socket *self, const ssl_outcome *outcome, int line);
/* Raise SSLError for the last error of the thread's queue, which becomes empty; NULL.  A file that
   could not be opened is OSError, no memory MemoryError. */
PyObject *_PySSL_RaiseQueue(ssl_state *state, int line);
/* Raise SSLError with a number and a text; NULL. */
PyObject *_PySSL_Raise(ssl_state *state, int number, const char *text, int line);

#define RAISE_OUTCOME(SELF, OUTCOME) _PySSL_RaiseOutcome(SELF, OUTCOME, __LINE__)
#define RAISE_QUEUE(STATE) _PySSL_RaiseQueue(STATE, __LINE__)
#define RAISE(STATE, NUMBER, TEXT) _PySSL_Raise(STATE, NUMBER, TEXT, __LINE__)

/* --- ssl_certificate.c --------------------------------------------------------------------- */

/* What getpeercert() tells of a certificate: a new dict, or NULL with an exception. */
PyObject *_PySSL_CertificateDict(ssl_state *state, X509 *cert);
/* Its DER form: new bytes, or NULL with an exception. */
PyObject *_PySSL_CertificateDER(ssl_state *state, X509 *cert);
/* A list of Certificate objects, `first` (or NULL) in front; None without any.  NULL with an
   exception. */
PyObject *_PySSL_CertificateList(ssl_state *state, X509 *first, STACK_OF(X509) *certs);

/* --- ssl_bio.c ----------------------------------------------------------------------------- */

/* Make the state's BIO methods; 0, or -1 with an exception. */
int _PySSL_AddMethods(ssl_state *state);
/* A BIO on a socket's descriptor, or on a MemoryBIO (borrowed); NULL with an exception. */
BIO *_PySSL_SocketBio(ssl_state *state);
BIO *_PySSL_MemoryBio(ssl_state *state, ssl_bio *memory);
/* Set the descriptor that the next operations of a BIO use. */
void _PySSL_SetDescriptor(BIO *bio, int fd);

/* --- ssl_callbacks.c ----------------------------------------------------------------------- */

/* What libssl calls; the first argument's application data is the connection. */
int _PySSL_ServerName(SSL *ssl, int *alert, void *arg);
int _PySSL_SelectProtocol(SSL *ssl, const unsigned char **out, unsigned char *out_size,
                          const unsigned char *in, unsigned int in_size, void *arg);
void _PySSL_Message(int write, int version, int content_type, const void *data, size_t size,
                    SSL *ssl, void *arg);
void _PySSL_Keylog(const SSL *ssl, const char *line);

/* --- ssl_load.c ---------------------------------------------------------------------------- */

/* Methods of contexts that read certificates and keys; new references or NULL. */
PyObject *_PySSL_LoadCertChain(ssl_context *self, PyObject *certfile, PyObject *keyfile,
                               PyObject *password);
PyObject *_PySSL_LoadVerifyLocations(ssl_context *self, PyObject *cafile, PyObject *capath,
                                     PyObject *cadata);
PyObject *_PySSL_LoadDHParams(ssl_context *self, PyObject *path);

/* --- ssl_socket.c -------------------------------------------------------------------------- */

/* A new connection over `sock`, or over two MemoryBIOs; NULL with an exception. */
PyObject *_PySSL_NewSocket(ssl_context *context, PyObject *sock, PyObject *incoming,
                           PyObject *outgoing, bool server_side, PyObject *server_hostname,
                           PyObject *owner, PyObject *session);

/* --- ssl_session.c ------------------------------------------------------------------------- */

/* The session of a connection: a new reference, None without one; NULL with an exception. */
PyObject *_PySSL_GetSession(ssl_socket *self);
/* Let the handshake resume a session; 0, or -1 with an exception. */
int _PySSL_SetSession(ssl_socket *self, PyObject *value);

#endif
